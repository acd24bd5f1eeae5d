//! Comments stay: with other ids, if that is asked for, and not without a word where they hold addresses.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};

use super::super::{Context, count, list};
use super::Group;
use crate::error::{Error, Result};
use crate::packet::{PACKET_FIELD, Packet, Sample, SampleId, code, push_option};
use crate::redact::{Ids, Offsets, Original};
use crate::sample::comment::{self, MAX_COMMENT};
use crate::sample::membership::Samples;

/// The comments of the packets, one after the other.
pub(super) struct Comments {
    ids: Option<Ids>,
    /// Those of the packet before: neighbours mostly have the same.
    last: Vec<Vec<u8>>,
    /// What becomes of them, as options.
    options: Vec<u8>,
    /// Addresses that they hold, and in which field of which sample.
    held: Vec<(Original, String, Option<SampleId>)>,
    /// Of each field, packets whose own addresses it holds, and the first sample.
    found: BTreeMap<String, (u64, Option<SampleId>)>,
    notes: u64,
    too_long: u64,
}

impl Comments {
    /// Comments that get other ids, if there are any.
    pub(super) fn new(ids: Option<Ids>) -> Self {
        Self {
            ids,
            last: Vec::new(),
            options: Vec::new(),
            held: Vec::new(),
            found: BTreeMap::new(),
            notes: 0,
            too_long: 0,
        }
    }

    /// Takes those of the next packet.
    pub(super) fn packet(&mut self, packet: &Packet) {
        let same = packet.comments().eq(self.last.iter().map(Vec::as_slice));
        if !same {
            self.last = packet.comments().map(<[u8]>::to_vec).collect();
            self.read();
        }
        self.notes += self.last.iter().filter(|text| comment::id(text).is_none()).count() as u64;
    }

    fn read(&mut self) {
        self.options.clear();
        self.held.clear();
        for text in &self.last {
            let new = self.ids.as_ref().and_then(|ids| comment::with_id(text, ids.map(comment::id(text)?)));
            // Ids differ in length, and a comment may be as long as can be: rather none than half of it.
            match new.as_deref().unwrap_or(text) {
                long if long.len() > MAX_COMMENT => self.too_long += 1,
                text => push_option(&mut self.options, code::OPT_COMMENT, text),
            }
            held(text, &mut self.held);
        }
    }

    /// The options of the current packet that hold them.
    pub(super) fn options(&self) -> &[u8] {
        &self.options
    }

    /// True if one of the current packet's holds something that looks like an address.
    pub(super) fn hold_addresses(&self) -> bool {
        !self.held.is_empty()
    }

    /// Compares what they hold with the addresses that were replaced in their packet.
    pub(super) fn compare(&mut self, originals: &[Original]) {
        for (address, field, id) in &self.held {
            if originals.contains(address) {
                let (packets, _) = self.found.entry(field.clone()).or_insert((0, *id));
                *packets += 1;
            }
        }
    }

    /// Says what of them may tell who somebody is.
    pub(super) fn tell(&self, context: &Context, has_samples: bool) {
        let fields = self.found.iter().map(|(field, (packets, id))| {
            let sample = id.map_or(String::new(), |id| format!(", first of sample {id}"));
            format!("{field}: in {}{sample}", count(*packets, "packet"))
        });
        list("WARNING: comments that were kept name original addresses of their packets", fields, context);
        if self.notes > 0 {
            context.note(format!(
                "{} that are no labels were kept as they are: read whether they name anybody",
                count(self.notes, "comment")
            ));
        }
        if self.too_long > 0 {
            context.note(format!("{} dropped: with the new id too long for pcapng", count(self.too_long, "label")));
        }
        if self.ids.is_none() && has_samples {
            context.note(
                "ids were kept: of those made from addresses in rules or flows, guesses can be tried; --ids rekey replaces them",
            );
        }
    }
}

/// What looks like addresses in a comment, with the names of their fields as the sample is now called.
fn held(text: &[u8], held: &mut Vec<(Original, String, Option<SampleId>)>) {
    if !text.iter().any(|byte| matches!(byte, b'.' | b':' | b'-' | b'%')) {
        return;
    }
    let Some(label) = comment::parse(text) else {
        addresses(&String::from_utf8_lossy(text), |address| held.push((address, "a comment".to_owned(), None)));
        return;
    };
    let Sample { id, label: name, fields } = label.sample;
    let of_packet = label.packet_fields.into_iter().map(|(key, value)| (format!("{PACKET_FIELD}{key}"), value));
    for (key, value) in std::iter::once(("the label".to_owned(), name)).chain(fields).chain(of_packet) {
        addresses(&value, |address| held.push((address, key.clone(), Some(id))));
    }
}

/// Calls `each` for every address in a text.
fn addresses(text: &str, mut each: impl FnMut(Original)) {
    let word = |c: char| !c.is_ascii_hexdigit() && !matches!(c, ':' | '.' | '-');
    for word in text.split(word) {
        match address(word.trim_matches(['.', '-'])) {
            Some(address) => each(address),
            None => word.split('-').filter_map(|part| address(part.trim_matches('.'))).for_each(&mut each),
        }
    }
    // In brackets, with a port behind them.
    text.split('[')
        .skip(1)
        .filter_map(|rest| rest.split(']').next()?.parse().ok())
        .for_each(|ip| each(Original::Ip(ip)));
}

fn address(text: &str) -> Option<Original> {
    let ip = text.parse::<IpAddr>().ok().or_else(|| text.parse::<SocketAddr>().ok().map(|end| end.ip()));
    ip.map(Original::Ip).or_else(|| hardware(text))
}

/// A hardware address: six bytes in hex, with `:` or `-` between them.
fn hardware(text: &str) -> Option<Original> {
    let mut bytes = [0; 6];
    let mut parts = text.split([':', '-']);
    for byte in &mut bytes {
        let part = parts.next().filter(|part| (1..=2).contains(&part.len()))?;
        *byte = u8::from_str_radix(part, 16).ok()?;
    }
    parts.next().is_none().then_some(Original::Hardware(bytes))
}

/// Which packets' times are moved together, and by how much.
pub(super) struct Groups {
    group: Group,
    offsets: Offsets,
    /// Of each sample that was met, in seconds.
    known: Vec<u64>,
}

impl Groups {
    pub(super) fn new(group: Group, offsets: Offsets) -> Self {
        Self { group, offsets, known: Vec::new() }
    }

    /// By how many seconds a packet of these samples is moved. Packets of no sample are a group.
    pub(super) fn seconds(&mut self, samples: &Samples, numbers: &[usize]) -> Result<u64> {
        for sample in &samples.all()[self.known.len()..] {
            let name = name(&self.group, Some(sample));
            self.known.push(self.offsets.seconds(name.as_bytes()));
        }
        let mut seconds = numbers.iter().map(|&number| self.known[number]);
        let first = match seconds.next() {
            Some(first) => first,
            None => self.offsets.seconds(name(&self.group, None).as_bytes()),
        };
        match seconds.all(|other| other == first) {
            true => Ok(first),
            false => Err(Error::request("a packet of several samples, whose times are moved differently")
                .advise("give --shift-times=all, which moves all by as much")),
        }
    }
}

/// What a group is known by.
fn name(group: &Group, sample: Option<&Sample>) -> String {
    match (group, sample) {
        (Group::All, _) => "all".to_owned(),
        (_, None) => "none".to_owned(),
        (Group::Sample, Some(sample)) => format!("sample {}", sample.id),
        (Group::Field(field), Some(sample)) => match sample.field(field) {
            Some(value) => format!("field {value}"),
            None => format!("sample {}", sample.id),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<String> {
        let mut found = Vec::new();
        addresses(text, |address| {
            found.push(match address {
                Original::Ip(ip) => ip.to_string(),
                Original::Hardware(bytes) => format!("{bytes:02x?}"),
            });
        });
        found
    }

    #[test]
    fn addresses_are_found_in_texts() {
        for (text, address) in [
            ("10.0.0.1", "10.0.0.1"),
            ("host 10.0.0.1:443.", "10.0.0.1"),
            ("10.0.0.1-8.8.8.8.pcap", "10.0.0.1"),
            ("2001:db8::1", "2001:db8::1"),
            ("at [2001:db8::1]:443", "2001:db8::1"),
            ("from 00-1B-63-84-45-E6, old", "[00, 1b, 63, 84, 45, e6]"),
            ("00:1b:63:84:45:e6", "[00, 1b, 63, 84, 45, e6]"),
        ] {
            assert!(found(text).contains(&address.to_owned()), "{text}: {:?}", found(text));
        }
        assert_eq!(found("version 1.2.3, 12:30, web-1, ::"), ["::"]);
    }

    #[test]
    fn fields_are_named() {
        let mut found = Vec::new();
        held(b"5,web,host=10.0.0.1,os=linux,p.source=a%2F10.0.0.2.pcap,e=1", &mut found);
        let names: Vec<_> = found.iter().map(|(_, field, id)| (field.as_str(), id.unwrap().0)).collect();
        assert_eq!(names, [("host", 5), ("p.source", 5)]);
    }
}
