//! The sets of features, one file each.

mod cic;
mod flows;
mod ipfix;
mod nfstream;
mod pyflowmeter;
mod sequences;

use super::Feature;

/// A set: its name, what it is, and its features. A name that ends in `:` is followed by a number of packets.
pub(super) struct NamedSet {
    pub(super) name: &'static str,
    pub(super) doc: &'static str,
    pub(super) features: &'static [Feature],
}

/// What tells flows apart: stands before every set.
pub(super) const IDENTITY: &[Feature] = flows::IDENTITY;

/// All sets.
pub(super) const SETS: &[NamedSet] = &[
    NamedSet { name: "flows", doc: "ends, times, packets, bytes and flags of every flow", features: flows::FEATURES },
    NamedSet { name: "cic", doc: "the 84 columns of CICFlowMeter 4, corrected", features: cic::FEATURES },
    NamedSet { name: "nfstream", doc: "the columns of NFStream 6", features: nfstream::FEATURES },
    NamedSet { name: "pyflowmeter", doc: "the 48 columns of PyFlowMeter, corrected", features: pyflowmeter::FEATURES },
    NamedSet { name: "ipfix", doc: "elements of IPFIX, reverse ones for the way back", features: ipfix::FEATURES },
    NamedSet { name: "splt:", doc: "direction, size and time of the first N packets", features: sequences::SPLT },
    NamedSet {
        name: "ppi:",
        doc: "the same of the first N packets with payload, in CESNET's form",
        features: sequences::PPI,
    },
    NamedSet { name: "entropy", doc: "the entropy of payloads", features: flows::ENTROPY },
];
