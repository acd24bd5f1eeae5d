//! The sets of features, one file each.

mod cic;
mod cic_legacy;
mod flows;
mod ipfix;
mod nfstream;
mod pyflowmeter;
mod pyflowmeter_compat;
mod sequences;

use super::Feature;
use super::legacy::{Legacy, Peer, QUIRKS};

/// A set: its name, what it is, and its features. A name that ends in `:` is followed by a number of packets.
pub(super) struct NamedSet {
    pub(super) name: &'static str,
    pub(super) doc: &'static str,
    pub(super) features: &'static [Feature],
}

/// `cic`, with the errors of CICFlowMeter that are asked for.
const CIC_LEGACY: &str = "cic-legacy";

/// `pyflowmeter`, with the errors of PyFlowMeter.
const PYFLOWMETER_COMPAT: &str = "pyflowmeter-compat";

impl NamedSet {
    /// Its name as people type it: `splt:N`.
    pub(super) fn shown(&self) -> String {
        format!("{}{}", self.name, if self.name.ends_with(':') { "N" } else { "" })
    }

    /// Its columns, in order; those of `cic-legacy` with these errors.
    pub(super) fn columns(&self, legacy: Legacy) -> Vec<&'static Feature> {
        match self.name {
            CIC_LEGACY => cic_legacy::features(legacy).collect(),
            PYFLOWMETER_COMPAT => pyflowmeter_compat::features().collect(),
            _ => self.features.iter().collect(),
        }
    }

    /// Whose flows its rows are about.
    pub(super) fn peer(&self, legacy: Legacy) -> Peer {
        match self.name {
            CIC_LEGACY => Peer::CicFlowMeter(legacy),
            PYFLOWMETER_COMPAT => Peer::PyFlowMeter,
            _ => Peer::None,
        }
    }
}

/// The errors of `cic-legacy`: a heading, what it does, the columns that it changes.
pub(super) fn quirks() -> impl Iterator<Item = (String, &'static str, &'static [Feature])> {
    QUIRKS.iter().map(|(quirk, name, doc)| {
        let changed = cic_legacy::CHANGED.iter().find(|(known, _)| known == quirk);
        (format!("{CIC_LEGACY} --legacy {name}"), *doc, changed.map_or(&[][..], |(_, features)| *features))
    })
}

/// What tells flows apart: stands before every set.
pub(super) const IDENTITY: &[Feature] = flows::IDENTITY;

/// All sets.
pub(super) const SETS: &[NamedSet] = &[
    NamedSet { name: "flows", doc: "ends, times, packets, bytes and flags of every flow", features: flows::FEATURES },
    NamedSet { name: "cic", doc: "the 84 columns of CICFlowMeter 4, corrected", features: cic::FEATURES },
    NamedSet { name: "nfstream", doc: "the columns of NFStream 6", features: nfstream::FEATURES },
    NamedSet { name: "pyflowmeter", doc: "the 48 columns of PyFlowMeter, corrected", features: pyflowmeter::FEATURES },
    NamedSet {
        name: PYFLOWMETER_COMPAT,
        doc: "pyflowmeter with PyFlowMeter's errors: the columns that are others than those of pyflowmeter",
        features: pyflowmeter_compat::CHANGED,
    },
    NamedSet {
        name: CIC_LEGACY,
        doc: "cic with the errors of CICFlowMeter, all or those of --legacy, to make published tables again",
        features: &[],
    },
    NamedSet { name: "ipfix", doc: "elements of IPFIX, reverse ones for the way back", features: ipfix::FEATURES },
    NamedSet { name: "splt:", doc: "direction, size and time of the first N packets", features: sequences::SPLT },
    NamedSet {
        name: "ppi:",
        doc: "the same of the first N packets with payload, in CESNET's form",
        features: sequences::PPI,
    },
    NamedSet { name: "entropy", doc: "the entropy of payloads", features: flows::ENTROPY },
];
