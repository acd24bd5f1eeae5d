//! The body of a message, decoded as it comes, of which the beginning is kept and the rest is counted.

#[cfg(test)]
pub(super) mod tests;

use super::coding::{Codings, Fault};
use crate::dissect::held::Held;

/// What bodies of one conversation may become when they are decoded, in bytes: this much, and
const DECODED: u64 = 4 << 20;

/// so many times their own bytes. Deflate makes at most some thousand of one, Brotli and Zstandard any number; pages make ten.
const EXPANSION: u64 = 256;

/// How much may still be decoded in a conversation.
#[derive(Debug)]
pub(in crate::dissect) struct Budget(u64);

impl Default for Budget {
    fn default() -> Self {
        Self(DECODED)
    }
}

/// A body.
#[derive(Debug, Default)]
pub(in crate::dissect) struct Body {
    codings: Codings,
    kept: Vec<u8>,
    limit: usize,
    length: u64,
    /// Why what follows is not decoded, or not kept.
    fault: Option<&'static str>,
    /// Bytes are missing before what follows.
    holed: bool,
}

impl Body {
    /// One that is encoded so, first coding first, of which so many bytes are kept; and the coding that is not known.
    pub(in crate::dissect) fn new(encodings: &[String], limit: usize) -> Self {
        let codings = Codings::new(encodings);
        let fault = codings.is_none().then_some("unknown_content_coding");
        Self { codings: codings.unwrap_or_default(), limit, fault, ..Self::default() }
    }

    /// Takes bytes as they were transferred.
    pub(in crate::dissect) fn take(&mut self, bytes: &[u8], budget: &mut Budget) {
        let Self { codings, kept, limit, length, .. } = self;
        let mut keep = |decoded: &[u8]| {
            *length += decoded.len() as u64;
            if !self.holed {
                let room = limit.saturating_sub(kept.len()).min(decoded.len());
                kept.extend_from_slice(decoded.get(..room).unwrap_or_default());
            }
        };
        if codings.is_empty() {
            return keep(bytes);
        }
        if self.holed || self.fault.is_some() {
            return;
        }
        budget.0 = budget.0.saturating_add(EXPANSION.saturating_mul(bytes.len() as u64));
        if let Err(fault) = codings.decode(bytes, &mut budget.0, &mut keep) {
            self.fault = Some(match fault {
                Fault::Corrupt => "decoding_failed",
                Fault::TooMuch => "body_expands_too_much",
            });
            self.codings.let_go();
        }
    }

    /// Bytes are missing: they count, where what came is not encoded, and what follows is not kept.
    pub(in crate::dissect) fn gap(&mut self, length: u64) {
        self.holed = true;
        if self.codings.is_empty() {
            self.length = self.length.saturating_add(length);
        }
    }

    /// Nothing more comes: what waits in decoders is taken as it is. True if what was decoded has come to its end.
    pub(in crate::dissect) fn finish(&mut self) -> bool {
        let Self { codings, kept, limit, length, .. } = self;
        codings.finish(&mut |rest: &[u8]| {
            *length += rest.len() as u64;
            let room = limit.saturating_sub(kept.len()).min(rest.len());
            kept.extend_from_slice(rest.get(..room).unwrap_or_default());
        });
        // A character that the limit cuts is left out, lest text look like something else.
        if self.length > self.kept.len() as u64
            && let Err(error) = std::str::from_utf8(&self.kept)
            && error.error_len().is_none()
        {
            self.kept.truncate(error.valid_up_to());
        }
        let is_over = self.codings.is_over();
        self.codings.let_go();
        !self.holed && !self.codings.is_empty() && is_over
    }

    /// True if it is decoded.
    pub(in crate::dissect) fn is_encoded(&self) -> bool {
        !self.codings.is_empty()
    }

    /// Its length, decoded.
    pub(in crate::dissect) fn length(&self) -> u64 {
        self.length
    }

    /// What made no sense.
    pub(in crate::dissect) fn fault(&self) -> Option<&'static str> {
        self.fault.or(self.codings.is_other().then_some("body_is_not_in_its_coding"))
    }

    /// Takes its beginning; none if there is none.
    pub(in crate::dissect) fn kept(&mut self) -> Option<Vec<u8>> {
        Some(std::mem::take(&mut self.kept)).filter(|kept| !kept.is_empty())
    }

    /// Its beginning.
    pub(in crate::dissect) fn seen(&self) -> &[u8] {
        &self.kept
    }
}

impl Held for Body {
    fn held(&self) -> usize {
        self.kept.capacity() + self.codings.held()
    }
}
