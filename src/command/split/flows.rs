//! One pcap for each flow of each sample: the flows of `pcapml flows`, with the packets themselves.

use super::parts::{Part, Parts};
use super::{Request, field_columns, lost_options};
use crate::capture::Item;
use crate::command::Context;
use crate::command::dataset_files::DatasetFile;
use crate::command::memberships::{self, Follow};
use crate::decode::protocol;
use crate::error::Result;
use crate::feature::{State, View};
use crate::flow::{Biflow, EndReason, Keying, NumberedFlows, Observer, Outside, Timeouts};
use crate::packet::{Packet, Sample};
use crate::sample::comment::Recogniser;
use crate::sample::fields;
use crate::sample::membership::Samples;
use crate::sink::Directory;
use crate::table::{Column, ColumnKind, Table, Value};
use crate::time::Timestamp;

/// What flows are.
#[derive(Debug, Clone, Copy)]
pub struct FlowRules {
    /// What tells flows apart.
    pub keying: Keying,
    /// When flows end.
    pub timeouts: Timeouts,
    /// How many flows may go on at once.
    pub max_flows: usize,
}

/// Splits a capture into flows.
pub(super) fn run(request: &Request, rules: &FlowRules, context: &mut Context) -> Result<()> {
    let directory = Directory::create(&request.output.path, &context.rules(&request.output, Vec::new()))?;
    let mut split = FlowSplit {
        parts: Parts::new(&directory, request.memory, context),
        samples: Samples::default(),
        recogniser: Recogniser::default(),
        observer: Observer::new(rules.keying),
        table: NumberedFlows::new(rules.timeouts, rules.max_flows),
        flows: Vec::new(),
    };
    let files = [DatasetFile::single(&request.input)];
    let accounting = memberships::read(&files, request.strict, context, &mut split)?;
    context.tell_conflicts(&split.samples, Some(&request.input));
    let evicted = split.flows.iter().filter(|(_, reason)| *reason == EndReason::LackOfResources).count() as u64;
    let (flows, losses) = (split.table.count(), split.parts.losses);
    split.finish(&directory)?;
    context.refuse_faults(request.strict, false)?;
    let others = directory.commit()?;
    context.note_any(others, "file", "in the directory not of this split");
    context.note_losses(losses);
    context.note_any(
        evicted,
        "flow",
        format_args!("ended for lack of resources: there were more than {} at once", rules.max_flows),
    );
    accounting.tell(flows, None, context);
    Ok(())
}

struct FlowSplit {
    /// Flows are their groups.
    parts: Parts,
    samples: Samples,
    recogniser: Recogniser,
    observer: Observer,
    table: NumberedFlows,
    /// All flows, by number, and why they ended; until then, why they would if no more came.
    flows: Vec<(Biflow, EndReason)>,
}

impl Follow for FlowSplit {
    type Reason = Outside;

    fn begin(&mut self, _capture: u64, _file: &DatasetFile) -> Result<()> {
        Ok(())
    }

    fn samples_of(&mut self, packet: &Packet, samples: &mut Vec<u32>) -> Result<()> {
        self.samples.of_packet(packet, |number| samples.push(number as u32));
        Ok(())
    }

    fn take(&mut self, packet: &Packet, sample: u32) -> Result<Result<(), Outside>> {
        let observation = match self.observer.observe(packet, sample) {
            Ok((observation, _)) => observation,
            Err(outside) => return Ok(Err(outside)),
        };
        let Some(taken) = self.table.take(&observation) else { return Ok(Ok(())) };
        if taken.is_first {
            self.flows.push((taken.flow, EndReason::ForcedEnd));
        }
        self.note_ends();
        self.parts.write(taken.number as usize, packet, || stem(&taken.flow)).map(Ok)
    }

    fn done(&mut self, packet: &Packet, outside: Option<(u32, Outside)>) -> Result<()> {
        if outside.is_none() {
            self.parts.losses.options += lost_options(&mut self.recogniser, packet);
        }
        Ok(())
    }

    fn other(&mut self, item: &Item) -> Result<()> {
        self.parts.losses.blocks += u64::from(matches!(item, Item::Other(_)));
        Ok(())
    }

    fn end_all(&mut self, latest: i64) -> Result<()> {
        self.table.end_all(latest);
        self.note_ends();
        Ok(())
    }
}

impl FlowSplit {
    fn note_ends(&mut self) {
        let Self { table, flows, .. } = self;
        table.ended().for_each(|ended| flows[ended.number as usize] = (ended.flow, ended.reason));
    }

    fn finish(self, directory: &Directory) -> Result<()> {
        let (flows, samples) = (self.flows, self.samples.all());
        self.parts.finish(directory, |flow| stem(&flows[flow].0), |parts| metadata(&flows, samples, parts))
    }
}

/// `<start>_<source>_<port>_<destination>_<port>_<protocol>`; of ICMP, type and code stand for the ports.
pub(in crate::command) fn stem(flow: &Biflow) -> String {
    let (key, low) = (&flow.key, flow.forward_is_low);
    let [kind, code] = key.ports.0.to_be_bytes();
    let (from, to) = match key.is_icmp() {
        true => (kind.into(), code.into()),
        false => (key.port(low).unwrap_or(0), key.port(!low).unwrap_or(0)),
    };
    // No name begins like an option, and colons are not for file names.
    let start = Timestamp(flow.start.into()).to_string().replace('-', "before1970-");
    let address = |low: bool| key.address(low).to_string().replace(':', "-");
    format!("{start}_{}_{from}_{}_{to}_{}", address(low), address(!low), protocol_name(key.protocol))
}

/// A protocol's name in a file's name.
fn protocol_name(number: u8) -> String {
    match protocol::name(number) {
        _ if number == protocol::ICMPV6 => "icmpv6".to_owned(),
        Some(name) => name.to_owned(),
        None => format!("ip-{number}"),
    }
}

fn metadata(
    flows: &[(Biflow, EndReason)],
    samples: &[Sample],
    parts: &mut dyn Iterator<Item = (&Part, &str)>,
) -> Table {
    let keys = fields::names(samples);
    let text = |name: &str, doc| Column::new(name, ColumnKind::Text, doc);
    let mut columns = vec![text("File", "The file's name.")];
    if !samples.is_empty() {
        columns.push(text("Label", "The class of the flow's sample."));
        columns.push(text("SampleID", "The id of the flow's sample."));
    }
    columns.extend([
        text("flow_id", "A number of the flow, as pcapml flows has it."),
        text("src_ip", "The initiator's address."),
        Column::new("src_port", ColumnKind::Count, "The initiator's port; 0 where the protocol has none."),
        text("dst_ip", "The responder's address."),
        Column::new("dst_port", ColumnKind::Count, "The responder's port; 0 where the protocol has none."),
        Column::new("protocol", ColumnKind::Count, "The IP protocol number."),
        Column::new("Packets", ColumnKind::Count, "Packets in the file."),
        Column::new("Bytes", ColumnKind::Count, "Their length on the wire, in bytes."),
        Column::new("FirstTimestamp", ColumnKind::Time, "The earliest time, in seconds since 1970."),
        Column::new("LastTimestamp", ColumnKind::Time, "The latest time, in seconds since 1970."),
        text("flow_end_reason", "Why the flow ended."),
    ]);
    columns.extend(field_columns(&keys, &columns));
    let state = State::new(0);
    let row = |(part, name): (&Part, &str)| {
        let (flow, reason) = &flows[part.group];
        let (key, low) = (&flow.key, flow.forward_is_low);
        let sample = samples.get(key.sample as usize);
        let mut row = vec![Value::Text(name.to_owned())];
        if !samples.is_empty() {
            row.push(sample.map(|sample| sample.label.clone()).into());
            row.push(sample.map(|sample| sample.id.to_string()).into());
        }
        row.extend([
            Value::Text(View::new(flow, *reason, sample, &state, 0).id().to_string()),
            Value::Text(key.address(low).to_string()),
            Value::Count(key.port(low).unwrap_or(0).into()),
            Value::Text(key.address(!low).to_string()),
            Value::Count(key.port(!low).unwrap_or(0).into()),
            Value::Count(key.protocol.into()),
            Value::Count(part.tally.packets),
            Value::Count(part.tally.bytes),
            part.tally.first.into(),
            part.tally.last.into(),
            Value::Text(reason.name().to_owned()),
        ]);
        row.extend(keys.iter().map(|key| sample.and_then(|sample| sample.field(key)).map(str::to_owned).into()));
        row
    };
    Table { rows: parts.map(row).collect(), columns }
}
