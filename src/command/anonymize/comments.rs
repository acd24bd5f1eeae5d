//! Comments stay: with other ids, if that is asked for, and not without a word where they hold addresses.

use std::borrow::Cow;

use super::super::Context;
use super::super::named::Named;
use crate::packet::{Packet, SampleId, code, push_option};
use crate::redact::{Ids, Original};
use crate::sample::comment::{self, MAX_COMMENT};

/// The comments of the packets, one after the other.
pub(super) struct Comments {
    ids: Option<Ids>,
    /// Those of the packet before: neighbours mostly have the same.
    last: Vec<Vec<u8>>,
    /// What becomes of them, as options.
    options: Vec<u8>,
    /// The first sample that they name then.
    first: Option<SampleId>,
    /// The addresses that they name.
    named: Named,
    notes: u64,
    too_long: u64,
}

impl Comments {
    /// Comments that get other ids, if there are any.
    pub(super) fn new(ids: Option<Ids>) -> Self {
        Self { ids, last: Vec::new(), options: Vec::new(), first: None, named: Named::default(), notes: 0, too_long: 0 }
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
        self.named.read(self.last.iter().map(Vec::as_slice));
        let mut texts: Vec<_> = self.last.iter().map(|text| self.renamed(text)).collect();
        if self.ids.is_some() {
            // Their order would tell that of the old ids.
            texts.sort_by_key(|(id, _)| *id);
        }
        self.first = texts.iter().find_map(|(id, _)| *id);
        for (_, text) in texts {
            // Ids differ in length, and a comment may be as long as can be: rather none than half of it.
            match text.len() > MAX_COMMENT {
                true => self.too_long += 1,
                false => push_option(&mut self.options, code::OPT_COMMENT, &text),
            }
        }
    }

    /// A comment as it becomes, and the sample that it names then.
    fn renamed<'a>(&self, text: &'a [u8]) -> (Option<SampleId>, Cow<'a, [u8]>) {
        let old = comment::id(text);
        let Some((ids, id)) = self.ids.as_ref().zip(old) else { return (old, Cow::Borrowed(text)) };
        let new = ids.map(id);
        match comment::with_id(text, new) {
            Some(text) => (Some(new), Cow::Owned(text)),
            None => (None, Cow::Borrowed(text)),
        }
    }

    /// The first sample of the current packet, as it is called now, and the options that hold its comments.
    pub(super) fn options(&self) -> (Option<SampleId>, &[u8]) {
        (self.first, &self.options)
    }

    /// True if one of the current packet's holds something that looks like an address.
    pub(super) fn hold_addresses(&self) -> bool {
        self.named.looks_so()
    }

    /// Compares what they hold with the addresses that were replaced in their packet.
    pub(super) fn compare(&mut self, originals: &[Original]) {
        self.named.compare(originals);
    }

    /// Says what of them may tell who somebody is.
    pub(super) fn tell(&self, context: &Context, has_samples: bool) {
        self.named.tell(context);
        if self.notes > 0 {
            let which =
                if self.notes == 1 { "comment that is no label was" } else { "comments that are no labels were" };
            context.note(format!("{} {which} kept: read whether they name anybody", self.notes));
        }
        context.note_any(self.too_long, "label", "dropped: with the new id too long for pcapng");
        if self.ids.is_none() && has_samples {
            context.note(
                "ids were kept: of those made from addresses in rules or flows, guesses can be tried; --ids rekey replaces them",
            );
        }
    }
}
