//! `pcapml features` and `pcapml flows`: a row for each flow, or each packet, of each sample.

mod accounting;
mod captures;
mod packet_pool;
mod packets;
mod pool;
mod rows;
mod tracker;

use std::path::PathBuf;
use std::sync::Arc;

use super::dataset_files::DatasetFile;
use super::{Context, Target};
use crate::capture::{Item, Reader};
use crate::error::{Error, Result};
use crate::feature::{FeatureSet, PacketSet, SetRequest, packet_dictionary};
use crate::flow::{Keying, Observer, Timeouts};
use crate::packet::Packet;
use crate::sample::header::{Header, Order};
use crate::sample::membership::{Runs, Samples};
use crate::sample::sort::Sorter;
use crate::sink::{RowFormat, RowShape, TableFormat, Undefined, write_table};
use crate::table::{Column, ColumnKind, Table, Value};
use accounting::Accounting;
use pool::{Pool, Sorted};
use rows::Prefix;
use tracker::{NO_SAMPLE, Plan};

pub use accounting::Explain;

/// What to compute, of what, and how.
#[derive(Debug, Clone)]
pub struct Request {
    /// Captures, or directories of captures.
    pub inputs: Vec<PathBuf>,
    /// Where rows go.
    pub output: Target,
    /// How rows are written; by the output's name if not given.
    pub format: Option<RowFormat>,
    /// The columns.
    pub set: SetRequest,
    /// What tells flows apart.
    pub keying: Keying,
    /// When flows end.
    pub timeouts: Timeouts,
    /// Gaps of more nanoseconds are idle.
    pub activity: i64,
    /// How many flows may go on at once.
    pub max_flows: usize,
    /// About how many bytes of rows to hold in memory.
    pub memory: usize,
    /// What is written where nothing is defined.
    pub undefined: Undefined,
    /// How to show what became of the packets.
    pub explain: Option<Explain>,
    /// Write nothing if an input is faulty.
    pub strict: bool,
}

/// Computes features.
///
/// # Errors
/// An unknown set; an input that cannot be opened; an output that cannot be written.
pub fn run(request: &Request, context: &mut Context) -> Result<()> {
    if let Some(set) = PacketSet::of(&request.set)? {
        return packets::run(request, set, context);
    }
    let set = Arc::new(FeatureSet::new(&request.set)?);
    let format = rows::format(request)?;
    let captures = captures::captures(&request.inputs)?;
    let inputs = captures.iter().map(|file| file.path.clone()).collect();
    context.rules(&request.output, inputs).check(&request.output.path)?;
    let shape = RowShape { undefined: request.undefined, ..RowShape::new(format, set.columns()) };
    let plan = Plan { limits: set.limits(request.activity), encoder: shape.encoder(), set: Arc::clone(&set) };
    let sorted =
        Sorted::new(Sorter::new(request.memory, None, context.threads), captures::directory(&request.output.path));
    let pool = Pool::new(&plan, request.timeouts, request.max_flows, context.threads, &sorted)?;
    let mut work = Work {
        observer: Observer::new(request.keying),
        pool,
        samples: Samples::default(),
        learned: 0,
        current: Vec::new(),
        last: None,
        latest: i64::MIN,
        accounting: Accounting::default(),
    };
    let read = work.files(&captures, request, context);
    let Work { pool, samples, accounting, .. } = work;
    // Why a thread stopped is worth more than that it did.
    pool.finish().and(read)?;
    if request.strict && context.faults() > 0 {
        return Err(Error::request("nothing was written, because --strict was given"));
    }
    let (flows, evicted) = sorted.counts();
    accounting.tell(flows, request.explain, context);
    if evicted > 0 {
        context.note(format!(
            "{} ended for lack of resources: each of 64 shards has its share of --max-flows {}",
            super::count(evicted, "flow"),
            request.max_flows
        ));
    }
    let names: Vec<String> = captures.into_iter().map(|file| file.name).collect();
    let prefix = Prefix::new(&names, samples.all(), set.bare);
    let sorter = sorted.into_sorter().ok_or_else(|| Error::request("a thread still holds the rows"))?;
    rows::write(request, format, &set, &prefix, sorter, context)
}

/// Captures that are being read.
struct Work {
    observer: Observer,
    pool: Pool,
    samples: Samples,
    /// How many samples the pool knows.
    learned: usize,
    /// The samples of the packet at hand.
    current: Vec<u32>,
    /// The sample of the packet before, where samples stand in runs.
    last: Option<u32>,
    /// The latest time of a packet since all flows were ended.
    latest: i64,
    accounting: Accounting,
}

impl Work {
    fn files(&mut self, captures: &[DatasetFile], request: &Request, context: &Context) -> Result<()> {
        captures::each(captures, request.strict, context, |number, reader, file| {
            self.pool.begin(number)?;
            self.file(reader, file, request, context)?;
            self.end_all()?;
            self.observer.clear();
            Ok(())
        })
    }

    fn file(&mut self, reader: &mut Reader, file: &DatasetFile, request: &Request, context: &Context) -> Result<()> {
        let header = Header::read(reader.section_options());
        let in_runs = matches!(header.as_ref().and_then(|header| header.order), Some(Order::Id | Order::Contiguous));
        let mut runs = Runs::new(header.as_ref());
        self.last = None;
        context.each_item(reader, request.strict, |item| {
            let Item::Packet(packet) = item else { return Ok(()) };
            if let Err(error) = runs.packet(packet) {
                context.fault(&error.in_file(&file.path));
            }
            self.packet(packet, in_runs)
        })
    }

    #[inline]
    fn packet(&mut self, packet: &Packet, in_runs: bool) -> Result<()> {
        self.accounting.read += 1;
        let Self { samples, current, .. } = self;
        current.clear();
        samples.of_packet(packet, |number| current.push(number as u32));
        self.learn()?;
        if self.current.is_empty() {
            self.current.push(NO_SAMPLE);
        }
        if in_runs && self.last.replace(self.current[0]) != Some(self.current[0]) {
            self.end_all()?;
        }
        if let Some(time) = packet.time().and_then(|time| i64::try_from(time.0).ok()) {
            self.accounting.backwards += u64::from(time < self.latest);
            self.latest = self.latest.max(time);
        }
        let mut reason = None;
        for at in 0..self.current.len() {
            match self.observer.observe(packet, self.current[at]) {
                Ok((observation, payload)) => {
                    self.accounting.memberships += 1;
                    self.pool.take(&observation, payload)?;
                }
                Err(outside) => reason = Some(outside),
            }
        }
        match reason {
            Some(reason) => self.accounting.outside(reason),
            None => self.accounting.in_flows += 1,
        }
        Ok(())
    }

    fn end_all(&mut self) -> Result<()> {
        self.pool.end_all(std::mem::replace(&mut self.latest, i64::MIN))
    }

    /// Tells the pool of samples that it does not know.
    fn learn(&mut self) -> Result<()> {
        while let Some(sample) = self.samples.all().get(self.learned) {
            self.pool.learn(&Arc::new(sample.clone()))?;
            self.learned += 1;
        }
        Ok(())
    }
}

/// Lists all features: their sets, names, kinds, units, meanings and sources.
///
/// # Errors
/// When writing fails.
pub fn list(format: TableFormat, context: &mut Context) -> Result<()> {
    let columns = ["set", "name", "kind", "unit", "meaning", "source"];
    let mut rows = Vec::new();
    for (set, _, features) in crate::feature::dictionary() {
        for feature in features {
            let kind = format!("{:?}", feature.kind).to_lowercase();
            let cells = [&set, feature.name, &kind, feature.unit, feature.doc, feature.source];
            rows.push(cells.iter().map(|text| Value::Text((*text).to_owned())).collect());
        }
    }
    rows.extend(packet_dictionary().into_iter().map(|entry| {
        let cells = [&entry.set, &entry.name, &entry.kind, entry.unit, entry.doc, entry.source];
        cells.iter().map(|text| Value::Text((*text).to_owned())).collect()
    }));
    let column = |name: &str| Column::new(name, ColumnKind::Text, "");
    let table = Table { columns: columns.into_iter().map(column).collect(), rows };
    write_table(&table, format, context.tables)
}
