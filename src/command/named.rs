//! Addresses that comments name although their packets lose them: told, field by field.

use std::collections::BTreeMap;

use super::{Context, count, list};
use crate::packet::{PACKET_FIELD, Sample, SampleId};
use crate::redact::{Original, Spelled, hexadecimal, written};
use crate::sample::comment;

/// What the comments of packets name, one packet after the other.
#[derive(Debug, Default)]
pub(super) struct Named {
    /// What the current packet's comments may name.
    held: Vec<Held>,
    /// Of each field, packets whose own addresses it names, and the first sample.
    found: BTreeMap<String, (u64, Option<SampleId>)>,
}

/// A field that looks as if it named addresses.
#[derive(Debug)]
struct Held {
    field: String,
    id: Option<SampleId>,
    spelled: Vec<Spelled>,
}

impl Named {
    /// Takes the comments of the next packets.
    pub(super) fn read<'a>(&mut self, comments: impl Iterator<Item = &'a [u8]>) {
        self.held.clear();
        comments.for_each(|text| self.comment(text));
    }

    fn comment(&mut self, text: &[u8]) {
        let Some(label) = comment::parse(text) else {
            return self.field("a comment".to_owned(), &String::from_utf8_lossy(text), None);
        };
        let Sample { id, label: name, fields } = label.sample;
        let of_packet = label.packet_fields.into_iter().map(|(key, value)| (format!("{PACKET_FIELD}{key}"), value));
        for (key, value) in std::iter::once(("the label".to_owned(), name)).chain(fields).chain(of_packet) {
            self.field(key, &value, Some(id));
        }
    }

    fn field(&mut self, field: String, text: &str, id: Option<SampleId>) {
        let mut spelled = Vec::new();
        written(text, |address| spelled.push(address));
        hexadecimal(text, |address| spelled.push(address));
        if !spelled.is_empty() {
            self.held.push(Held { field, id, spelled });
        }
    }

    /// True if the current packet's comments hold something that looks like an address.
    pub(super) fn looks_so(&self) -> bool {
        !self.held.is_empty()
    }

    /// Compares that with the addresses that the current packet loses.
    pub(super) fn compare(&mut self, lost: &[Original]) {
        for Held { field, id, spelled } in &self.held {
            if lost.iter().any(|original| spelled.iter().any(|spelled| spelled.is_of(*original))) {
                let (packets, _) = self.found.entry(field.clone()).or_insert((0, *id));
                *packets += 1;
            }
        }
    }

    /// Warns of them.
    pub(super) fn tell(&self, context: &Context) {
        let fields = self.found.iter().map(|(field, (packets, id))| {
            let sample = id.map_or(String::new(), |id| format!(", first of sample {id}"));
            format!("{field}: in {}{sample}", count(*packets, "packet"))
        });
        let what = "WARNING: comments that were kept name original addresses of their packets (pcapml samples shows all fields)";
        list(what, fields, context);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_counts_once_for_each_packet_that_it_names() {
        let mut named = Named::default();
        let comments: [&[u8]; 2] =
            [b"5,web,host=10.0.0.1-10_0_0_1,os=linux,p.source=a%2F10.0.0.2.pcap,e=1", b"of 10.0.0.2"];
        named.read(comments.into_iter());
        assert!(named.looks_so());
        let original = |ip: &str| Original::Ip(ip.parse().unwrap());
        named.compare(&[original("10.0.0.1"), original("10.0.0.3")]);
        named.compare(&[original("10.0.0.1"), original("10.0.0.2")]);
        named.compare(&[Original::Hardware([2; 6])]);
        let found: Vec<_> =
            named.found.iter().map(|(field, (packets, id))| (field.as_str(), *packets, id.is_some())).collect();
        assert_eq!(found, [("a comment", 1, false), ("host", 2, true), ("p.source", 1, true)]);
        named.read([b"5,web,os=linux".as_slice()].into_iter());
        assert!(!named.looks_so());
    }
}
