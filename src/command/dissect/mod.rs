//! `pcapml dissect`: what was said in every sample, as records of conversations, messages, exchanges and logins.

mod dictionary;
mod out;
mod shape;
mod talk;
mod tracker;
mod work;

use std::collections::HashSet;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, RwLock};

use super::features::Explain;
use super::pool::Pool;
use super::sorted::Sorted;
use super::{Context, Target, captures, count, memberships};
use crate::dissect::{Limits, kind_named, kinds};
use crate::error::{Error, Result};
use crate::flow::{Defragmenter, Keying, Observer, Overlap, Rules, TcpEnd, Timeouts};
use crate::packet::LocalNetworks;
use crate::sample::sort::Sorter;
use crate::sink::RowFormat;
use out::Out;
use shape::Shape;
use tracker::{GivenUp, Plan, Tracker};
use work::Work;

pub use dictionary::list;
pub use shape::{Names, Times};
pub(super) use talk::{Assembly, Talk};
pub(super) use tracker::{protocol_name, uid};

/// What to dissect, and how to tell it.
#[derive(Debug, Clone)]
pub struct Request {
    /// Captures, or directories of captures.
    pub inputs: Vec<PathBuf>,
    /// Where records go.
    pub output: Target,
    /// How they are written; by the output's name if not given.
    pub format: Option<RowFormat>,
    /// Only records of these types, or of these protocols; all if empty.
    pub only: Vec<String>,
    /// Whose names fields have.
    pub names: Names,
    /// How times are written in JSON.
    pub times: Times,
    /// What dissectors may keep and tell.
    pub limits: Limits,
    /// What tells conversations apart.
    pub keying: Keying,
    /// Nanoseconds without a packet after which a conversation is over.
    pub idle: i64,
    /// How many conversations may go on at once.
    pub max_flows: usize,
    /// Which bytes count where two segments of TCP hold the same place.
    pub overlap: Overlap,
    /// About how many bytes may wait: in streams for what is missing, in messages and datagrams that are not whole, and as
    /// records for their order.
    pub memory: usize,
    /// Networks that are local.
    pub local: LocalNetworks,
    /// How to show what became of the packets.
    pub explain: Option<Explain>,
    /// Write nothing if an input is faulty.
    pub strict: bool,
}

/// Bytes of one direction that may wait for what is missing before them.
pub(super) const STREAM: usize = 4 << 20;

/// Dissects captures.
///
/// # Errors
/// A type of record that there is not; an input that cannot be opened; an output that cannot be written.
pub fn run(request: &Request, context: &mut Context) -> Result<()> {
    let wanted = wanted(&request.only)?;
    let format = out::format(request, &wanted)?;
    if request.limits.seed_dns && format != RowFormat::JsonLines {
        return Err(Error::request("packet_analysis' form of DNS messages has no columns").advise("write jsonl"));
    }
    if (request.limits.seed_dns || request.limits.dns_messages) && !wanted.contains("dns") {
        return Err(Error::request("no records of the DNS are asked for, and it was said how to tell them")
            .advise("add --only dns, or leave out --dns and --shape"));
    }
    let files = captures::captures(&request.inputs, context)?;
    let rules = context.rules(&request.output, files.iter().map(|file| file.path.clone()).collect());
    rules.check(&request.output.path)?;
    let shape = Shape { format, names: request.names, times: request.times, several: files.len() > 1 };
    let out = Out::create(request, shape, &wanted, context)?;
    let sorter = Sorter::new(request.memory / 2, None, context.threads);
    let records = Sorted::new(sorter, captures::directory(&request.output.path));
    let names = if shape.several { files.iter().map(|file| file.name.clone()).collect() } else { Vec::new() };
    let plan = Plan {
        shape,
        only_conversations: wanted.len() == 1 && wanted.contains("conn"),
        wanted: Arc::new(wanted),
        limits: request.limits.clone(),
        assembly: Assembly { overlap: request.overlap, limit: STREAM.min(request.memory / 4) },
        memory: request.memory / 2,
        local: Arc::new(request.local.clone()),
        captures: Arc::new(names),
        samples: Arc::new(RwLock::default()),
        records: records.clone(),
        given_up: Arc::default(),
    };
    let rules = Rules { ends: TcpEnd::AnotherSyn, ..Rules::default() };
    let timeouts = Timeouts { rules, ..Timeouts::new(request.idle, None) };
    let pool = Pool::new(|| Tracker::new(plan.clone()), timeouts, request.max_flows, context.threads)?;
    let mut work = Work::new(Arc::clone(&plan.samples), Observer::new(request.keying), pool);
    work.defragmenter = Defragmenter::new(request.memory / 8);
    let read = memberships::read(&files, request.strict, context, &mut work);
    let Work { pool, samples, defragmenter, .. } = work;
    // Why a thread stopped is worth more than that it did.
    let accounting = pool.finish().and(read)?;
    context.tell_conflicts(&samples, None);
    context.refuse_faults(request.strict, false)?;
    let evicted = records.counts().evicted;
    let given_up = Arc::clone(&plan.given_up);
    drop(plan);
    let told = out.write(records)?;
    accounting.tell_as("conversations", "conversations", request.explain, context);
    context.note(told);
    context.note_datagrams(defragmenter.counts());
    tell_lacks(evicted, &given_up, context);
    Ok(())
}

/// Says what there was no room for.
fn tell_lacks(evicted: u64, given_up: &GivenUp, context: &Context) {
    context.note_any(evicted, "conversation", "ended for lack of resources: see --max-flows");
    let times = |counted: &AtomicU64| counted.load(Ordering::Relaxed);
    let (bytes, conversations) = (times(&given_up.bytes), times(&given_up.conversations));
    if bytes > 0 {
        context.note(format!("bytes that waited for missing ones were told without them {bytes} times: see --memory"));
    }
    if conversations > 0 {
        let conversations = count(conversations, "conversation");
        context.note(format!(
            "for lack of memory, what was said was not told to the end in {conversations}: see --memory"
        ));
    }
}

/// The types of records that are asked for: by their own names, or by those of protocols.
fn wanted(only: &[String]) -> Result<HashSet<&'static str>> {
    if only.is_empty() {
        return Ok(kinds().into_iter().map(|kind| kind.path).collect());
    }
    let path = |name: &String| match kind_named(name) {
        Some(kind) => Ok(kind.path),
        None => {
            let there: Vec<&str> = kinds().into_iter().map(|kind| kind.path).collect();
            Err(Error::request(format!("there are no records of the type '{name}'")).advise(there.join(", ")))
        }
    };
    only.iter().map(path).collect()
}
