//! What captures disallow, enforced: no column may rest on it.
//!
//! Flows are told apart by their true addresses and ports; what features see of a packet is masked, and columns that are a
//! masked field themselves are left out. What rows were made without stands in the output, as far as its format has a place.

use super::Request;
use crate::capture::{Block, Reader};
use crate::command::Context;
use crate::command::dataset_files::DatasetFile;
use crate::dataset::{disallowed_in, refuse_later};
use crate::error::Result;
use crate::feature::SetRequest;
use crate::redact::{Field, Mask};
use crate::sample::header::Header;

/// What is masked, and what could have been.
#[derive(Debug, Clone, Copy)]
pub(super) struct Enforced {
    /// What features may not rest on.
    pub(super) mask: Mask,
    /// What captures disallow, and is taken because that was asked for.
    taken: Mask,
    /// What no packet of a capture has any more, of that by which flows are told apart.
    gone: Mask,
}

impl Enforced {
    /// What holds for these captures.
    ///
    /// # Errors
    /// A capture that disallows what cannot be masked.
    pub(super) fn of(request: &Request, captures: &[DatasetFile]) -> Result<Self> {
        let paths = || captures.iter().map(|file| &file.path);
        let gone = paths().fold(Mask::default(), |all, path| all.with(gone(path)));
        let disallowed = match disallowed_in(paths()) {
            Err(_) if request.allow_disallowed => Mask::default(),
            found => found?,
        };
        let (enforced, taken) = match request.allow_disallowed {
            true => (Mask::default(), disallowed.without(request.mask)),
            false => (disallowed, Mask::default()),
        };
        Ok(Self { mask: request.mask.with(enforced), taken, gone })
    }

    /// The request for a set that does not show what is masked.
    pub(super) fn set(&self, set: &SetRequest) -> SetRequest {
        SetRequest { masked: self.mask, ..set.clone() }
    }

    /// Sees that a section of a capture disallows nothing that was not known before: a pipe cannot be asked in advance, and
    /// columns cannot be taken back.
    pub(super) fn check(&self, section: &Block, request: &Request) -> Result<()> {
        if request.allow_disallowed {
            return Ok(());
        }
        refuse_later(section, self.mask, |unknown| {
            format!("--mask {} enforces it, --allow-disallowed does not", unknown.names().join(","))
        })
    }

    /// Tells what is masked, and the columns that are left out because of it.
    pub(super) fn tell(&self, hidden: &[String], context: &Context) {
        if !self.mask.is_empty() {
            let without = match hidden {
                [] => String::new(),
                hidden => format!("; left out: {}", hidden.join(", ")),
            };
            context.note(format!("nothing rests on {}, which is masked{without}", self.mask));
        }
        if !self.taken.is_empty() {
            context.note(format!("{} disallowed, and taken nevertheless, as --allow-disallowed says", self.taken));
        }
        if !self.gone.is_empty() {
            context.note(format!("{} masked in the capture itself: flows are told apart without", self.gone));
        }
    }

    /// What the output says of it.
    pub(super) fn note_in(&self, options: &mut serde_json::Value) {
        options["masked"] = self.mask.names().into();
        options["disallowed_but_taken"] = self.taken.names().into();
    }
}

/// The addresses and ports that a capture's header says are zeros in all packets.
fn gone(path: &std::path::Path) -> Mask {
    let header = path.is_file().then(|| Reader::open(path, 1).ok()).flatten();
    let header = header.and_then(|reader| Header::read(reader.section_options()));
    let masked = header.map(|header| header.masked).unwrap_or_default();
    let of_keys = [Field::Address, Field::Port].into_iter();
    of_keys.filter(|field| masked.iter().any(|name| name == field.name())).collect()
}
