//! A sample: the packets that one id groups, and what is known of them.

use super::SampleId;

/// What a labelled capture says of one sample, the same on every packet of it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Sample {
    /// Its id.
    pub id: SampleId,
    /// Its class; empty where a foreign file names none.
    pub label: String,
    /// Further facts, `key=value`, in the order of the labels file's columns.
    pub fields: Vec<(String, String)>,
}

impl Sample {
    /// The value of this field, if the sample has it.
    pub fn field(&self, key: &str) -> Option<&str> {
        self.fields
            .iter()
            .find(|(name, _)| name == key)
            .map(|(_, value)| value.as_str())
    }
}
