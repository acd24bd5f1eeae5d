//! Every conversation its own sample, labelled by whatever else gives labels, or `-`.

use std::collections::BTreeMap;

use super::labeller::{Labeller, Register, SampleNumber, tally_table};
use crate::command::dataset_files::{DatasetFile, Inventory};
use crate::command::{Context, count};
use crate::error::Result;
use crate::flow::{EndReason, Keys, NoFlow, NumberedFlows, Timeouts};
use crate::packet::{Interface, Key, Packet, Sample};
use crate::rule::Ids;
use crate::table::Table;

/// The label of conversations that nothing labels.
const UNKNOWN: &str = "-";

/// Conversations that are remembered at once.
const MAX_FLOWS: usize = 1 << 20;

/// Makes a sample of each conversation; within what another labeller says, if there is one.
pub(super) struct FlowLabeller<'a> {
    labels: Option<Box<dyn Labeller + 'a>>,
    /// Of a directory: the name of the capture that is being read. The same packets may lie in two captures of a
    /// dataset, each with its own label.
    file: Option<String>,
    keys: Keys,
    flows: NumberedFlows,
    register: Register<'a>,
    /// For each conversation, its sample.
    samples: Vec<SampleNumber>,
    /// Conversations that ended because there were too many.
    evicted: u64,
    /// For each sample, its packets and bytes.
    tallies: Vec<(u64, u64)>,
    no_flow: BTreeMap<NoFlow, u64>,
    /// What the other labeller says of the packet at hand.
    said: Vec<SampleNumber>,
}

impl<'a> FlowLabeller<'a> {
    /// Conversations end after `idle` nanoseconds without a packet, and with their capture.
    pub(super) fn new(labels: Option<Box<dyn Labeller + 'a>>, ids: &'a Ids, idle: i64, directory: bool) -> Self {
        Self {
            labels,
            file: directory.then(String::new),
            keys: Keys::default(),
            flows: NumberedFlows::new(Timeouts::new(idle, None), MAX_FLOWS),
            register: Register::new(ids),
            samples: Vec::new(),
            evicted: 0,
            tallies: Vec::new(),
            no_flow: BTreeMap::new(),
            said: Vec::new(),
        }
    }

    /// The sample of a packet's conversation within a group, the sample of the other labeller.
    fn sample(&mut self, group: Option<SampleNumber>, packet: &Packet) -> Result<Option<SampleNumber>> {
        let key = match self.keys.of(packet) {
            Ok(key) => key,
            Err(reason) => {
                *self.no_flow.entry(reason).or_default() += 1;
                return Ok(None);
            }
        };
        let seen = self.keys.observation(packet, &key, group.unwrap_or(SampleNumber::MAX));
        let Some(taken) = self.flows.take(&seen) else { return Ok(None) };
        self.evicted += self.flows.ended().filter(|flow| flow.reason == EndReason::LackOfResources).count() as u64;
        if taken.is_first {
            let start = packet.time().map_or(0, |time| time.0);
            let (label, fields) = match (&self.labels, group) {
                (Some(labels), Some(group)) => {
                    let sample = &labels.samples()[group as usize];
                    (sample.label.as_str(), sample.fields.as_slice())
                }
                _ => (UNKNOWN, [].as_slice()),
            };
            let file = self.file.as_ref().map_or_else(String::new, |file| format!("{file}|"));
            let mut conversation = format!("{file}{key}|{start}");
            // A connection may be opened again within the unit of time.
            for again in 2.. {
                if !self.register.knows(&conversation) {
                    break;
                }
                conversation = format!("{file}{key}|{start}|{again}");
            }
            let sample = self.register.sample(Key::Flow(&conversation), label, fields)?;
            self.samples.push(sample);
            self.tallies.resize(self.register.samples().len(), (0, 0));
        }
        let sample = self.samples[taken.number as usize];
        let (packets, bytes) = &mut self.tallies[sample as usize];
        *packets += 1;
        *bytes += u64::from(packet.original_length);
        Ok(Some(sample))
    }
}

impl Labeller for FlowLabeller<'_> {
    fn samples(&self) -> &[Sample] {
        self.register.samples()
    }

    fn plan(&self, inventory: &Inventory) -> Result<Vec<DatasetFile>> {
        self.labels.as_ref().map_or_else(|| Ok(inventory.captures()), |labels| labels.plan(inventory))
    }

    fn check_capture(&self, file: &DatasetFile) -> Result<()> {
        self.labels.as_ref().map_or(Ok(()), |labels| labels.check_capture(file))
    }

    fn unnamed(&self, inventory: &Inventory) -> Vec<DatasetFile> {
        self.labels.as_ref().map_or_else(Vec::new, |labels| labels.unnamed(inventory))
    }

    /// Conversations do not go on in another file: their labels may not.
    fn next_file(&mut self, file: &DatasetFile) -> Result<()> {
        self.flows.end_all(i64::MIN);
        self.keys.clear();
        if let Some(name) = &mut self.file {
            name.clone_from(&file.name);
        }
        self.labels.as_mut().map_or(Ok(()), |labels| labels.next_file(file))
    }

    fn interface(&mut self, interface: &Interface) -> Result<()> {
        self.labels.as_mut().map_or(Ok(()), |labels| labels.interface(interface))
    }

    fn choose(&mut self, packet: &Packet, chosen: &mut Vec<SampleNumber>) -> Result<()> {
        let Some(labels) = &mut self.labels else {
            chosen.extend(self.sample(None, packet)?);
            return Ok(());
        };
        let mut said = std::mem::take(&mut self.said);
        said.clear();
        labels.choose(packet, &mut said)?;
        for &group in &said {
            chosen.extend(self.sample(Some(group), packet)?);
        }
        self.said = said;
        Ok(())
    }

    fn unlabelled_because(&self) -> &'static str {
        match &self.labels {
            Some(_) => "belonged to no flow, or have no label",
            None => "belonged to no flow",
        }
    }

    fn report(&mut self, context: &Context) -> Result<bool> {
        for (reason, packets) in &self.no_flow {
            context.note(format!("{} that {}: they belong to no flow", count(*packets, "packet"), reason.text()));
        }
        if self.evicted > 0 {
            context.note(format!(
                "about {MAX_FLOWS} flows can go on at once, and there were more: {} cut short",
                count(self.evicted, "flow")
            ));
        }
        self.labels.as_mut().map_or(Ok(false), |labels| labels.report(context))
    }

    fn stats(&self) -> Table {
        tally_table(self.samples(), &self.tallies)
    }
}
