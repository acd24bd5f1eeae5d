//! What says which samples packets belong to: one implementation for each place that labels come from.

use std::collections::HashMap;

use crate::command::Context;
use crate::command::dataset_files::{DatasetFile, Inventory};
use crate::error::{Error, Result};
use crate::packet::{Interface, Key, Packet, Sample, SampleId};
use crate::rule::Ids;
use crate::table::{Column, ColumnKind, Table, Value};

/// The number of a sample in [`Labeller::samples`].
pub(in crate::command) type SampleNumber = u32;

/// Says which samples packets belong to.
pub(in crate::command) trait Labeller {
    /// The samples so far; their numbers stay.
    fn samples(&self) -> &[Sample];

    /// The captures of a directory that are to be labelled, in order.
    fn plan(&self, inventory: &Inventory) -> Result<Vec<DatasetFile>> {
        Ok(inventory.captures())
    }

    /// Sees that the labels are for this one capture.
    fn check_capture(&self, _file: &DatasetFile) -> Result<()> {
        Ok(())
    }

    /// The captures of a directory that nothing names.
    fn unnamed(&self, _inventory: &Inventory) -> Vec<DatasetFile> {
        Vec::new()
    }

    /// What follows is of this file.
    fn next_file(&mut self, _file: &DatasetFile) -> Result<()> {
        Ok(())
    }

    /// What follows may be of this interface.
    fn interface(&mut self, _interface: &Interface) -> Result<()> {
        Ok(())
    }

    /// Puts the samples of a packet into `chosen`, which is empty, in order.
    fn choose(&mut self, packet: &Packet, chosen: &mut Vec<SampleNumber>) -> Result<()>;

    /// True if each sample's packets will stand in one run.
    fn is_contiguous(&self) -> bool {
        false
    }

    /// Why packets get no label, after "packets": "matched no rule".
    fn unlabelled_because(&self) -> &'static str;

    /// Tells what was odd, when everything was read; true if `--strict` forbids it.
    fn report(&mut self, context: &Context) -> Result<bool>;

    /// What each source of labels did: the table of `--stats`.
    fn stats(&self) -> Table;
}

/// Samples that become known as packets are met.
#[derive(Debug)]
pub(super) struct Register<'a> {
    ids: &'a Ids,
    samples: Vec<Sample>,
    numbers: HashMap<String, SampleNumber>,
    keys: HashMap<SampleId, String>,
}

impl<'a> Register<'a> {
    pub(super) fn new(ids: &'a Ids) -> Self {
        Self { ids, samples: Vec::new(), numbers: HashMap::new(), keys: HashMap::new() }
    }

    pub(super) fn samples(&self) -> &[Sample] {
        &self.samples
    }

    /// True if there is a sample of this key.
    pub(super) fn knows(&self, key: &str) -> bool {
        self.numbers.contains_key(key)
    }

    /// The sample of this key, which is made if there is none.
    ///
    /// # Errors
    /// The key has another label or other fields already, or another key has its id.
    pub(super) fn sample(&mut self, key: Key, label: &str, fields: &[(String, String)]) -> Result<SampleNumber> {
        let (Key::Key(text) | Key::File(text) | Key::Rule(text) | Key::Flow(text)) = key;
        if let Some(&number) = self.numbers.get(text) {
            let known = &self.samples[number as usize];
            if known.label != label || known.fields != fields {
                let (one, other) = (shown(&known.label, &known.fields), shown(label, fields));
                return Err(Error::labels(format!("'{text}' is both {one} and {other}: one sample has one label")));
            }
            return Ok(number);
        }
        let number = self.samples.len() as SampleNumber;
        let id = match self.ids {
            Ids::Hashed { namespace } => SampleId::of(namespace, key),
            Ids::Sequential => SampleId(number.into()),
        };
        if let Some(other) = self.keys.insert(id, text.to_owned()) {
            return Err(
                Error::labels(format!("'{other}' and '{text}' have one id, {id}")).advise("give another --namespace")
            );
        }
        self.numbers.insert(text.to_owned(), number);
        self.samples.push(Sample { id, label: label.to_owned(), fields: fields.to_owned() });
        Ok(number)
    }
}

fn shown(label: &str, fields: &[(String, String)]) -> String {
    let fields: String = fields.iter().map(|(key, value)| format!(",{key}={value}")).collect();
    format!("'{label}{fields}'")
}

/// Packets and bytes of each sample: the table of `--stats` where a sample is all that there is to tell.
pub(super) fn tally_table(samples: &[Sample], tallies: &[(u64, u64)]) -> Table {
    let row = |(at, sample): (usize, &Sample)| {
        let (packets, bytes) = tallies.get(at).copied().unwrap_or_default();
        vec![
            Value::Text(sample.label.clone()),
            Value::Text(sample.id.to_string()),
            Value::Count(packets),
            Value::Count(bytes),
        ]
    };
    Table {
        columns: vec![
            Column::new("label", ColumnKind::Text, "The label of the sample."),
            Column::new("sample_id", ColumnKind::Text, "Its id."),
            Column::new("packets", ColumnKind::Count, "Its packets."),
            Column::new("bytes", ColumnKind::Count, "Their length on the wire, in bytes."),
        ],
        rows: samples.iter().enumerate().map(row).collect(),
    }
}
