//! What a page tells: plain numbers and texts, whatever they were measured with.

use std::net::IpAddr;

use crate::time::Timestamp;

/// Positions of the first packets of a sample that are drawn.
pub const OPENING: usize = 24;

/// Bytes from the first of the IP header on whose entropy is drawn.
pub const POSITIONS: usize = 80;

/// A quantile for each percent, from the least to the greatest.
pub const QUANTILES: usize = 101;

/// Everything that one page shows.
#[derive(Debug, Clone, Default)]
pub struct Facts {
    /// What the dataset is called.
    pub title: String,
    /// What there is to say of the file: names and values, in order.
    pub about: Vec<(String, String)>,
    /// The whole dataset.
    pub totals: Totals,
    /// Labels, those of most samples first, of equal ones those of most packets.
    pub classes: Vec<Class>,
    /// The pieces of time in which there are packets, and how many columns each has; in order.
    pub periods: Vec<Period>,
    /// Link types, those of most packets first.
    pub links: Vec<Link>,
    /// Addresses of most bytes.
    pub hosts: Talkers<IpAddr>,
    /// Conversations of most bytes, named by their ends.
    pub conversations: Talkers<String>,
    /// Which split each class is in, if there are splits.
    pub splits: Option<SplitTable>,
    /// What splits share.
    pub leaks: Vec<Leak>,
    /// What a reviewer would find.
    pub findings: Vec<Finding>,
    /// What a reader must know of how the numbers came about: limits that were met, packets left out.
    pub notes: Vec<String>,
}

impl Facts {
    /// True if the last class stands for all labels that have none of their own.
    pub(super) fn has_rest(&self) -> bool {
        (self.classes.len() as u64) < self.totals.classes
    }

    /// The classes of one label each.
    pub(super) fn single(&self) -> &[Class] {
        let single = self.classes.len() - usize::from(self.has_rest() && !self.classes.is_empty());
        &self.classes[..single]
    }
}

/// Sums of the whole dataset.
#[derive(Debug, Clone, Default)]
pub struct Totals {
    /// Samples.
    pub samples: u64,
    /// Labels; more than there are [`Class`]es, where the last of these is of many.
    pub classes: u64,
    /// Packets of the file.
    pub packets: u64,
    /// Their bytes on the wire.
    pub bytes: u64,
    /// Packets that are in no sample.
    pub unlabelled: u64,
    /// The earliest and the latest time of a packet.
    pub span: Option<(Timestamp, Timestamp)>,
}

/// The samples of one label.
#[derive(Debug, Clone, Default)]
pub struct Class {
    /// The label; what stands for it where it is empty.
    pub name: String,
    /// Samples.
    pub samples: u64,
    /// Packets, once for each sample that they are in.
    pub packets: u64,
    /// Their bytes on the wire.
    pub bytes: u64,
    /// Lengths of packets on the wire, in bytes: [`QUANTILES`] of them, or none.
    pub sizes: Vec<f64>,
    /// Times between packets of a sample, in seconds: as many, or none.
    pub gaps: Vec<f64>,
    /// How many gaps these are.
    pub gap_count: u64,
    /// Packets in each column of [`Facts::periods`].
    pub times: Vec<u64>,
    /// The first packets of its samples, at most [`OPENING`].
    pub opening: Vec<Opening>,
    /// Entropy of bytes from the first one of the IPv4 header on, at most [`POSITIONS`].
    pub entropy4: Vec<Entropy>,
    /// The same from the IPv6 header on.
    pub entropy6: Vec<Entropy>,
}

/// The packets at one position of samples.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Opening {
    /// Samples that have one there whose direction is known.
    pub samples: u64,
    /// How many of those packets the sender of the sample's first packet sent.
    pub outgoing: u64,
    /// Lower quartile, median, upper quartile of lengths: of those that go out positive, of others negative.
    pub quartiles: [i32; 3],
}

/// The bytes at one position of packets.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Entropy {
    /// Packets that reach so far.
    pub packets: u64,
    /// Shannon's entropy of their bytes there, in bits: 0 to 8.
    pub bits: f64,
}

/// A piece of time without long pauses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Period {
    /// When it begins.
    pub start: Timestamp,
    /// When it ends.
    pub end: Timestamp,
    /// Into how many columns it is divided.
    pub columns: usize,
}

/// A link type.
#[derive(Debug, Clone)]
pub struct Link {
    /// Its name in the registry, and number.
    pub name: String,
    /// Packets.
    pub packets: u64,
    /// Their bytes on the wire.
    pub bytes: u64,
    /// How many labels are seen on it.
    pub classes: u64,
    /// How many of those are seen on no other.
    pub exclusive: u64,
}

/// Those who said most.
#[derive(Debug, Clone)]
pub struct Talkers<N> {
    /// The first of them, by bytes.
    pub rows: Vec<Talker<N>>,
    /// How many bytes each may have beyond what is said, because there were too many to count.
    pub uncertain: u64,
}

impl<N> Default for Talkers<N> {
    fn default() -> Self {
        Self { rows: Vec::new(), uncertain: 0 }
    }
}

/// One of those who said most.
#[derive(Debug, Clone)]
pub struct Talker<N> {
    /// Who.
    pub name: N,
    /// Packets.
    pub packets: u64,
    /// Bytes on the wire.
    pub bytes: u64,
    /// In which classes: whether in one alone, and which.
    pub classes: String,
}

/// Samples of each class in each split.
#[derive(Debug, Clone, Default)]
pub struct SplitTable {
    /// The names of splits.
    pub names: Vec<String>,
    /// For each class of [`Facts::classes`], the samples in each split.
    pub counts: Vec<Vec<u64>>,
    /// For each class, the samples that are in no split.
    pub without: Vec<u64>,
    /// Ids that have a split and no packets.
    pub unknown: u64,
}

/// What a leak rule of lint found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leak {
    /// What splits share.
    pub what: String,
    /// How many samples are touched by it.
    pub samples: u64,
    /// What was seen, with examples.
    pub evidence: String,
}

/// What a lint rule found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The rule.
    pub rule: String,
    /// How bad it is.
    pub severity: Severity,
    /// How many samples it is about.
    pub ids: u64,
    /// What was seen.
    pub evidence: String,
    /// What to do.
    pub remedy: String,
}

/// How bad a finding is; the worst first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The dataset should not be published so.
    Error,
    /// Its author should know.
    Warning,
    /// Worth telling.
    Note,
}
