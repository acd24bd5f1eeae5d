//! What is told of a capture that was anonymised: what was cut, what was dropped, and what may still tell something.

use super::super::{Context, count, list, listed};
use crate::capture::kind;
use crate::redact::{Counts, Payload, written};
use crate::sample::header::Header;

/// What the section's own line may say that names nobody: the format, and how it was anonymised.
const OF_HEADERS: [&str; 2] = ["format", "anonymized"];

/// So many characters of a value are shown.
const SHOWN: usize = 60;

/// Blocks and options that are not in the output, by their names.
#[derive(Debug, Default)]
pub(super) struct Dropped(Vec<(&'static str, u64)>);

impl Dropped {
    /// A block that is no packet, interface or section.
    pub(super) fn block(&mut self, kind: u32) {
        self.add(match kind {
            kind::NAME_RESOLUTION => "name resolution block",
            kind::DECRYPTION_SECRETS => "decryption secrets block",
            kind::INTERFACE_STATISTICS => "interface statistics block",
            kind::SYSTEMD_JOURNAL => "systemd journal block",
            _ => "custom or unknown block",
        });
    }

    /// An option of a section, an interface or a packet.
    pub(super) fn option(&mut self, block: u32, code: u16) {
        self.add(match (block, code) {
            (kind::SECTION_HEADER, 1) => "section comment",
            (kind::SECTION_HEADER, 2) => "hardware (shb_hardware)",
            (kind::SECTION_HEADER, 3) => "operating system (shb_os)",
            (kind::SECTION_HEADER, 4) => "program (shb_userappl)",
            (kind::SECTION_HEADER, _) => "other section option",
            (kind::INTERFACE_DESCRIPTION, 1) => "interface comment",
            (kind::INTERFACE_DESCRIPTION, 2) => "interface name",
            (kind::INTERFACE_DESCRIPTION, 3) => "interface description",
            (kind::INTERFACE_DESCRIPTION, 4..=7) => "interface address",
            (kind::INTERFACE_DESCRIPTION, 11) => "interface filter",
            (kind::INTERFACE_DESCRIPTION, 12 | 15) => "interface system or hardware",
            (kind::INTERFACE_DESCRIPTION, _) => "other interface option",
            (_, 3) => "packet hash",
            _ => "other packet option",
        });
    }

    fn add(&mut self, what: &'static str) {
        match self.0.iter_mut().find(|(known, _)| *known == what) {
            Some((_, count)) => *count += 1,
            None => self.0.push((what, 1)),
        }
    }

    pub(super) fn tell(&self, context: &Context) {
        // There are not so many kinds that some would have to be left out.
        listed("dropped", self.0.iter().map(|(what, times)| format!("{times} × {what}")), usize::MAX, context);
    }
}

/// Says what of the section's own line may name somebody: what we did not put there stays all the same.
pub(super) fn header(context: &Context, header: Option<&Header>) {
    let Some(header) = header else { return };
    let dataset = header.dataset.iter().map(|name| ("dataset", name.clone()));
    let others = header.others.iter().filter(|(key, _)| !OF_HEADERS.contains(&key.as_str()));
    let kept: Vec<_> = dataset.chain(others.map(|(key, value)| (key.as_str(), value.to_string()))).collect();
    let shown = kept.iter().map(|(key, value)| {
        let mut names = false;
        written(value, |_| names = true);
        let address = if names { ", which looks like an address" } else { "" };
        format!("{key}: {}{address}", value.chars().take(SHOWN).collect::<String>())
    });
    listed("kept in the section's own line: read whether it names anybody", shown, usize::MAX, context);
}

/// Says what became of the packets.
pub(super) fn packets(context: &Context, (packets, samples): (u64, u64), counts: &Counts, payload: Payload) {
    let dropped = match counts.payloads {
        0 => String::new(),
        payloads => format!("; dropped {}", count(payloads, "payload")),
    };
    context.note(format!("anonymized {} of {}{dropped}", count(packets, "packet"), count(samples, "sample")));
    let mut cut = counts.cut.clone();
    // The most frequent first; equal ones stay as they were met.
    cut.sort_by_key(|(_, times)| std::cmp::Reverse(*times));
    let reasons = cut.iter().map(|(reason, times)| format!("{}: {reason}", count(*times, "packet")));
    list("cut where they were no longer understood", reasons, context);
    if payload != Payload::Drop && counts.kept > 0 {
        context.note(format!(
            "{} kept their payload: names are replaced in DNS messages and where TLS begins, addresses in DNS and DHCP; all \
             else in them is as it was, and what it tells is yours to judge",
            count(counts.kept, "packet")
        ));
    }
    if counts.split_names > 0 {
        context.note(format!(
            "{} begin a TLS handshake that goes on in the next packet, where its server name may stand as it was",
            counts.split_names
        ));
    }
    context.note_any(counts.stale, "checksum", "of SCTP fragments could not follow their changed ports");
}
