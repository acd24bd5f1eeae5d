//! Which samples a packet belongs to.
//!
//! A capture may hold a hundred thousand samples and a hundred million packets: [`Samples`] gives each distinct sample a
//! small number and recognises the comment of the packet before, and of earlier packets, without reading it again.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::comment;
use super::header::{Header, Order};
use crate::error::{Error, Result};
use crate::packet::{Packet, Sample, SampleId};
use crate::time::Timestamp;

/// Bytes of comments that are remembered whole. Comments with fields of their own packet (`p.dir=…`) would fill memory.
const REMEMBERED: usize = 16 << 20;

/// The samples met so far, numbered in the order of their first packets.
#[derive(Debug, Default)]
pub struct Samples {
    samples: Vec<Sample>,
    /// The first sample of each id.
    by_id: HashMap<SampleId, usize>,
    /// Samples whose id another had before: there should be none.
    further: BTreeMap<Sample, usize>,
    by_comment: HashMap<Box<[u8]>, Option<usize>>,
    remembered: usize,
    last: (Vec<u8>, Option<usize>),
    /// The samples of the current packet.
    current: Vec<usize>,
}

impl Samples {
    /// The sample that a comment names, if it names one.
    pub fn of_comment(&mut self, text: &[u8]) -> Option<usize> {
        if self.last.0 == text {
            return self.last.1;
        }
        let number = match self.by_comment.get(text) {
            Some(&number) => number,
            None => self.read(text),
        };
        self.last.0.clear();
        self.last.0.extend_from_slice(text);
        self.last.1 = number;
        number
    }

    fn read(&mut self, text: &[u8]) -> Option<usize> {
        let number = comment::parse(text).map(|label| self.number(label.sample));
        if number.is_some() && self.remembered + text.len() < REMEMBERED {
            self.remembered += text.len();
            self.by_comment.insert(text.into(), number);
        }
        number
    }

    /// The number of this sample; it is a new one if it was not met before.
    pub fn number(&mut self, sample: Sample) -> usize {
        let next = self.samples.len();
        let first = *self.by_id.entry(sample.id).or_insert(next);
        match self.samples.get(first) {
            Some(known) if *known == sample => return first,
            Some(_) => {}
            None => {
                self.add(sample);
                return next;
            }
        }
        if let Some(&number) = self.further.get(&sample) {
            return number;
        }
        self.further.insert(sample.clone(), next);
        self.add(sample);
        next
    }

    /// There may be millions: what was reserved and not used goes back.
    fn add(&mut self, mut sample: Sample) {
        sample.label.shrink_to_fit();
        sample.fields.shrink_to_fit();
        self.samples.push(sample);
    }

    /// Calls `each` with the number of every sample that the packet belongs to, in the order of its comments.
    pub fn of_packet(&mut self, packet: &Packet, mut each: impl FnMut(usize)) {
        self.current.clear();
        for text in packet.comments() {
            // Two comments may name one sample; the packet is in it once.
            if let Some(number) = self.of_comment(text).filter(|number| !self.current.contains(number)) {
                self.current.push(number);
                each(number);
            }
        }
    }

    /// All samples met, by number.
    pub fn all(&self) -> &[Sample] {
        &self.samples
    }

    /// Ids that stand for more than one label or set of fields, with the two first of each, by ascending id.
    pub fn conflicts(&self) -> Vec<(SampleId, &Sample, &Sample)> {
        let mut first: HashMap<SampleId, &Sample> = HashMap::new();
        let mut conflicts = HashMap::new();
        for sample in &self.samples {
            let earlier = *first.entry(sample.id).or_insert(sample);
            if earlier != sample {
                conflicts.entry(sample.id).or_insert((earlier, sample));
            }
        }
        let mut conflicts: Vec<_> = conflicts.into_iter().map(|(id, (a, b))| (id, a, b)).collect();
        conflicts.sort_by_key(|&(id, ..)| id);
        conflicts
    }
}

/// The id of the first sample that a packet belongs to.
#[inline]
pub fn first_id(packet: &Packet) -> Option<SampleId> {
    packet.comments().find_map(comment::id)
}

/// Watches whether samples stand in the order that a capture's header promises, or in none that anybody would want.
#[derive(Debug, Default)]
pub struct Runs {
    contiguous: bool,
    current: Option<(SampleId, Option<Timestamp>)>,
    ended: HashSet<SampleId>,
    /// Steps to a later and to an earlier packet of the same sample.
    forwards: u64,
    backwards: u64,
    /// Steps to a higher and to a lower id.
    ascents: u64,
    descents: u64,
}

impl Runs {
    /// A watch over a capture whose header says this.
    pub fn new(header: Option<&Header>) -> Self {
        Self { contiguous: header.and_then(|header| header.order).is_some_and(Order::is_contiguous), ..Self::default() }
    }

    /// Takes the next packet.
    ///
    /// # Errors
    /// The first time that a sample comes back although the header promises that none does.
    pub fn packet(&mut self, packet: &Packet) -> Result<()> {
        let Some(id) = first_id(packet) else { return Ok(()) };
        let time = packet.time();
        let mut comes_back = false;
        match self.current.replace((id, time)) {
            Some((before, earlier)) if before == id => {
                self.forwards += u64::from(time > earlier);
                self.backwards += u64::from(time < earlier);
            }
            Some((before, _)) => {
                self.ascents += u64::from(id > before);
                self.descents += u64::from(id < before);
                if self.contiguous {
                    self.ended.insert(before);
                    comes_back = self.ended.contains(&id);
                }
            }
            None => {}
        }
        if comes_back {
            self.contiguous = false;
            return Err(Error::malformed(format!(
                "sample {id} comes back although the file says that each sample stands in one run"
            ))
            .at(packet.position())
            .advise("sort it: pcapml sort"));
        }
        Ok(())
    }

    /// True if ids and times mostly run backwards, as C++ pcapml 0.3 sorts them.
    pub fn are_reversed(&self) -> bool {
        self.backwards > 2 * self.forwards && self.descents >= self.ascents
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_number_for_one_sample_whatever_its_packets_add() {
        let mut samples = Samples::default();
        assert_eq!(samples.of_comment(b"5,web,p.dir=fwd"), Some(0));
        assert_eq!(samples.of_comment(b"6,web"), Some(1));
        assert_eq!(samples.of_comment(b"5,web,p.dir=bwd"), Some(0));
        assert_eq!(samples.of_comment(b"a note"), None);
        assert!(samples.conflicts().is_empty());
        assert_eq!(samples.of_comment(b"5,mail"), Some(2));
        assert_eq!(samples.conflicts().len(), 1);
    }
}
