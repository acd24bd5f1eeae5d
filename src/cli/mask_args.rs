//! The options that say which fields of packets are masked.

use std::path::PathBuf;
use std::str::FromStr;

use clap::ValueHint;

use crate::command::Masks;
use crate::redact::{Field, Mask};

/// What `--mask` names.
#[derive(Debug, Clone, Copy)]
pub(super) enum Masked {
    /// A field.
    Field(Field),
    /// The fields that the capture's header disallows.
    Disallowed,
}

impl FromStr for Masked {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        match name {
            "disallowed" => Ok(Self::Disallowed),
            name => name.parse().map(Self::Field),
        }
    }
}

/// Which fields of packets are masked.
#[derive(Debug, Clone, clap::Args)]
pub(super) struct MaskArgs {
    /// Zero these fields in all packets, and the checksums that would tell them
    #[arg(long, value_name = "FIELDS", value_delimiter = ',', long_help = select_help())]
    mask: Vec<Masked>,
    /// Zero the fields that the `disallow` of a manifest (dataset.toml) names
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    mask_from: Option<PathBuf>,
}

impl MaskArgs {
    pub(super) fn masks(&self) -> Masks {
        let field = |masked: &Masked| match masked {
            Masked::Field(field) => Some(*field),
            Masked::Disallowed => None,
        };
        Masks {
            fields: self.mask.iter().filter_map(field).collect(),
            disallowed: self.mask.iter().any(|masked| matches!(masked, Masked::Disallowed)),
            manifest: self.mask_from.clone(),
        }
    }
}

/// All fields, a line each.
fn fields_help() -> String {
    let line = |field: Field| format!("\n{}: {}", field.name(), field.doc().trim_end_matches('.'));
    Field::ALL.into_iter().map(line).collect()
}

fn select_help() -> String {
    format!(
        "Zero these fields in all packets, in tunnels and in what ICMP errors quote too; and with them every checksum that \
         covers them, which would tell them, padding and check sequences behind the packet, and all that is not understood. \
         Lengths stay. What payloads hold is not looked into (addresses in DHCP, tunnels that are not known): `payload` zeroes them. \
         `disallowed` is what the capture's header disallows. Where samples do not stand by id, the order of packets still tells which \
         came first: before frame.time is masked, sort by id (pcapml sort)\n{}",
        fields_help()
    )
}

/// What features may not rest on.
#[derive(Debug, Clone, clap::Args)]
pub(super) struct FeatureMasks {
    /// Let nothing rest on these fields of packets, nor on those that the input disallows
    #[arg(long, value_name = "FIELDS", value_delimiter = ',', value_parser = field_or_former, long_help = features_help())]
    mask: Vec<Mask>,
    /// Let features rest on fields that the input disallows (the `disallow` of its header)
    #[arg(long)]
    allow_disallowed: bool,
}

impl FeatureMasks {
    /// True if fields are named.
    pub(super) fn is_given(&self) -> bool {
        !self.mask.is_empty()
    }

    /// The fields that are named.
    pub(super) fn mask(&self) -> Mask {
        self.mask.iter().fold(Mask::default(), |all, mask| all.with(*mask))
    }

    /// True if fields that are disallowed are taken.
    pub(super) fn allow_disallowed(&self) -> bool {
        self.allow_disallowed
    }
}

fn features_help() -> String {
    format!(
        "Let nothing rest on these fields of packets, nor on those that the input disallows: columns that are one of them are left \
         out, all others are computed as if it were zero. Flows are told apart by what packets hold. In rows of bytes and bits, \
         checksums that cover a masked field and all that is not understood are zero too\n{}",
        fields_help()
    )
}

/// The names by which `bytes:N` had its masks before fields had names.
const FORMER: [(&str, &[Field]); 6] = [
    ("ports", &[Field::Port]),
    ("seq", &[Field::Sequence]),
    ("ttl", &[Field::Ttl]),
    ("id", &[Field::Identification, Field::FlowLabel]),
    ("options", &[Field::Options, Field::TcpOptions]),
    ("tstamp", &[Field::TcpTimestamp]),
];

/// The field of a name, or those of a former one.
fn field_or_former(name: &str) -> Result<Mask, String> {
    match FORMER.iter().find(|(former, _)| *former == name) {
        Some((_, fields)) => Ok(Mask::of(fields)),
        None => name.parse().map(|field| Mask::of(&[field])),
    }
}
