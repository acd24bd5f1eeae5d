//! Which samples are wanted.

use std::collections::{HashMap, HashSet};

use crate::packet::{Sample, SampleId};

/// What must be true of a sample, all of it; of several ids, labels, or values for a field, one.
#[derive(Debug, Clone, Default)]
pub struct Selection {
    /// Ids.
    pub ids: Option<HashSet<SampleId>>,
    /// Labels.
    pub labels: Option<HashSet<String>>,
    /// Values of fields.
    pub fields: HashMap<String, HashSet<String>>,
}

impl Selection {
    /// True if it wants this sample.
    pub fn takes(&self, sample: &Sample) -> bool {
        self.ids.as_ref().is_none_or(|ids| ids.contains(&sample.id))
            && self.labels.as_ref().is_none_or(|labels| labels.contains(&sample.label))
            && self.fields.iter().all(|(key, values)| sample.field(key).is_some_and(|value| values.contains(value)))
    }
}
