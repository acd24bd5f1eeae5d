//! `pcapml features` and `pcapml flows`: a row for each flow, packet or sample.

pub(super) mod accounting;
mod belonging;
mod dictionary;
pub mod each;
mod enforced;
mod index;
mod packet_pool;
mod packets;
pub mod pkt_analyser;
mod prefix;
mod rows;
mod tracker;
mod twins;
mod units;
mod work;
mod writer;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::captures;
use super::dataset_files::DatasetFile;
use super::memberships;
use super::pool::Pool;
use super::sorted::{FlowCounts, Outlets, Sorted};
use super::{Context, Target, label};
use crate::error::{Error, Result};
use crate::feature::{FeatureSet, PacketSet, Peer, Quirk, SetRequest};
use crate::flow::{Keying, Timeouts};
use crate::redact::{Field, Mask};
use crate::rule::Splits;
use crate::sample::sort::Sorter;
use crate::sink::{RowFormat, RowShape, Undefined};
use accounting::{Accounting, Reason};
use belonging::{Belonging, Labels};
use enforced::Enforced;
use prefix::Prefix;
use tracker::{Plan, Tracker};
use work::Work;

pub use accounting::Explain;
pub(super) use dictionary::escaped;
pub use dictionary::{ListFormat, list};
pub use tracker::RowOrder;

/// What to compute, of what, and how.
#[derive(Debug, Clone)]
pub struct Request {
    /// Captures, or directories of captures.
    pub inputs: Vec<PathBuf>,
    /// Where rows go.
    pub output: Target,
    /// The order of rows.
    pub order: RowOrder,
    /// How rows are written; by the output's name if not given.
    pub format: Option<RowFormat>,
    /// The columns.
    pub set: SetRequest,
    /// What a row is about.
    pub rows: RowUnit,
    /// Of each sample (or capture without), only so many first packets.
    pub first: Option<u64>,
    /// Leave out packets that have the bytes of one of the four before.
    pub dedup: bool,
    /// What labels captures that have none of their own: a labels file, or their names.
    pub label_from: Option<label::Labels>,
    /// The table of the samples' splits.
    pub splits: Option<SplitTable>,
    /// Where the table of packets and their flows goes.
    pub packets: Option<Target>,
    /// The column by whose values the output is parted: a directory of files.
    pub partition: Option<String>,
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
    /// Fields of packets that nothing may rest on, besides those that the captures disallow.
    pub mask: Mask,
    /// Let columns rest on what the captures disallow.
    pub allow_disallowed: bool,
    /// Write nothing if an input is faulty.
    pub strict: bool,
}

impl Request {
    /// A request with every choice left at its default.
    pub fn new(inputs: Vec<PathBuf>, output: Target, set: SetRequest) -> Self {
        Self {
            inputs,
            output,
            order: RowOrder::Start,
            format: None,
            set,
            rows: RowUnit::Flow,
            first: None,
            dedup: false,
            label_from: None,
            splits: None,
            packets: None,
            partition: None,
            keying: Keying::default(),
            timeouts: Timeouts::new(120_000_000_000, None),
            activity: 5_000_000_000,
            max_flows: 10_000_000,
            memory: 16 << 20,
            undefined: Undefined::Null,
            explain: None,
            mask: Mask::default(),
            allow_disallowed: false,
            strict: false,
        }
    }
}

/// Where the samples' splits are told.
#[derive(Debug, Clone)]
pub enum SplitTable {
    /// In a file.
    File(PathBuf),
    /// Here.
    Known(Splits),
}

impl SplitTable {
    fn read(&self) -> Result<Splits> {
        match self {
            Self::File(path) => Splits::read(path),
            Self::Known(splits) => Ok(splits.clone()),
        }
    }
}

/// What a row is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RowUnit {
    /// A packet.
    Packet,
    /// A flow.
    Flow,
    /// A sample: its totals, and its first flow; of packets without a sample, their capture.
    Sample,
}

/// Computes features.
///
/// # Errors
/// An unknown set; an input that cannot be opened; an output that cannot be written.
pub fn run(request: &Request, context: &mut Context) -> Result<()> {
    if PacketSet::of(&request.set)?.is_some() {
        return packets::run(request, context);
    }
    let request = &as_peers_do(request, FeatureSet::new(&request.set)?.peer);
    let format = writer::format(request)?;
    check_rows(request)?;
    let captures = captures::captures(&request.inputs, context)?;
    let enforced = Enforced::of(request, &captures)?;
    let set = Arc::new(FeatureSet::new(&enforced.set(&request.set))?);
    let splits = request.splits.as_ref().map(SplitTable::read).transpose()?;
    check_outputs(request, &captures, context)?;
    let labels = request.label_from.as_ref().map(|from| Labels::of(from, &captures)).transpose()?;
    let belonging = Belonging::of(labels.as_ref())?;
    let shape = RowShape { undefined: request.undefined, ..RowShape::new(format, set.flow_columns()) };
    let plan = Plan {
        limits: set.limits(request.activity),
        encoder: shape.encoder(),
        set: Arc::clone(&set),
        // The order of flows of all samples would tell when each was captured.
        by_unit: request.rows == RowUnit::Sample || enforced.mask.has(Field::Time),
        indexed: request.packets.is_some(),
        order: request.order,
        mask: enforced.mask,
        samples: Arc::default(),
    };
    let outlets = Outlets {
        flows: sorted(request, &request.output.path, context),
        packets: request.packets.as_ref().map(|packets| sorted(request, &packets.path, context)),
    };
    let make = || Tracker::new(plan.clone(), outlets.clone());
    let pool = Pool::new(make, request.timeouts, request.max_flows, context.threads)?;
    let mut work = Work::new((request, enforced), belonging, pool, Arc::clone(&plan.samples), outlets.packets.clone());
    let read = memberships::read(&captures, request.strict, context, &mut work);
    let read = read.and_then(|accounting| work.finish_index().map(|()| accounting));
    let Work { pool, mut belonging, units, twins, .. } = work;
    // Why a thread stopped is worth more than that it did.
    let mut accounting = pool.finish().and(read)?;
    accounting.twins = if request.dedup { 0 } else { twins.packets() };
    let odd = belonging.report(context)?;
    belonging.tell_conflicts(context);
    context.refuse_faults(request.strict, odd)?;
    tell(&accounting, request, outlets.flows.counts(), context);
    enforced.tell(&set.hidden, context);
    let names: Vec<String> = captures.into_iter().map(|file| file.name).collect();
    let prefix = Prefix::new(&names, belonging.samples(), splits.as_ref(), set.bare);
    prefix.tell_splits(context);
    let output = rows::Output { request, enforced, format, set: &set, prefix: &prefix, digest: twins.digest_text() };
    output.write(outlets.flows, units, context)?;
    match request.packets.as_ref().zip(outlets.packets) {
        Some(table) => index::write(table, plan.mask, &names, belonging.samples(), context),
        None => Ok(()),
    }
}

/// Sees that the rows are of what the set is about.
fn check_rows(request: &Request) -> Result<()> {
    let set = FeatureSet::new(&request.set)?;
    match request.rows {
        RowUnit::Packet => {
            Err(Error::request("the set is not about packets").advise("--set bytes:N, nprint:… or headers"))
        }
        RowUnit::Flow if !set.totals().is_empty() => {
            Err(Error::request("the set stats is about samples, not flows").advise("give --rows sample"))
        }
        RowUnit::Sample if request.order == RowOrder::End => {
            Err(Error::request("rows of samples stand in the order of the samples").advise("leave out --order end"))
        }
        RowUnit::Flow | RowUnit::Sample => Ok(()),
    }
}

/// Sees that nothing is written over an input, before anything is read.
fn check_outputs(request: &Request, captures: &[DatasetFile], context: &Context) -> Result<()> {
    if request.partition.is_some() && request.output.path == Path::new("-") {
        return Err(Error::request("--partition makes a directory, and - is standard output"));
    }
    let mut inputs: Vec<PathBuf> = captures.iter().map(|file| file.path.clone()).collect();
    if let Some(SplitTable::File(path)) = &request.splits {
        inputs.push(path.clone());
    }
    if let Some(label::Labels::File(path)) = &request.label_from {
        inputs.push(path.clone());
    }
    if let Some(packets) = &request.packets {
        index::check(&packets.path, &request.output.path)?;
        context.rules(packets, inputs.clone()).check(&packets.path)?;
    }
    context.rules(&request.output, inputs).check(&request.output.path)
}

/// Where rows wait for their order: in memory, then beside the output.
fn sorted(request: &Request, output: &Path, context: &Context) -> Sorted {
    Sorted::new(Sorter::new(request.memory, None, context.threads), captures::directory(output))
}

/// Tells what became of packets and flows.
fn tell(accounting: &Accounting<Reason>, request: &Request, counts: FlowCounts, context: &Context) {
    let FlowCounts { rows, evicted, left_out } = counts;
    accounting.tell(rows + left_out, request.explain, context);
    if left_out > 0 {
        context.note(format!("{} of one packet have no row, as CICFlowMeter has it", super::count(left_out, "flow")));
    }
    if evicted > 0 {
        context.note(format!(
            "{} ended for lack of resources: each of 64 shards has its share of --max-flows {}",
            super::count(evicted, "flow"),
            request.max_flows
        ));
    }
}

/// The request, as the program of which the flows shall be would do it.
fn as_peers_do(request: &Request, peer: Peer) -> Request {
    let undefined = match request.undefined {
        Undefined::Null if peer.has(Quirk::Zeros) => Undefined::Zero,
        chosen => chosen,
    };
    let (keying, timeouts) = (peer.keying(request.keying), peer.timeouts(request.timeouts));
    Request { keying, timeouts, undefined, ..request.clone() }
}
