//! `pcapml streams`: what both sides of every conversation over TCP and UDP sent, as bytes: in files, or in JSON Lines.

mod files;
mod lines;
mod work;

use std::path::PathBuf;

use super::{Context, Target, captures, count, memberships};
use crate::error::Result;
use crate::flow::{Keying, Overlap};
use crate::sink::Directory;
use files::Files;
use lines::Lines;
use work::{Counts, Out, Work};

/// What to put together, and where to.
#[derive(Debug, Clone)]
pub struct Request {
    /// Captures, or directories of captures; labelled or not.
    pub inputs: Vec<PathBuf>,
    /// The directory, or the file.
    pub output: Target,
    /// How streams are told.
    pub form: Form,
    /// What tells conversations apart.
    pub keying: Keying,
    /// Nanoseconds without a packet after which a conversation is over.
    pub idle: i64,
    /// How many conversations may go on at once.
    pub max_flows: usize,
    /// Only packets that pass this filter of libpcap.
    pub filter: Option<String>,
    /// Which bytes count where two segments of TCP hold the same place.
    pub overlap: Overlap,
    /// About how many bytes may wait: in streams for what is missing, and for being written.
    pub memory: usize,
    /// Write nothing if the input is faulty.
    pub strict: bool,
}

/// How streams are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// A file for each direction, and a table of them.
    Files,
    /// JSON Lines: a record for each of these.
    Lines(Mode),
}

/// What a record is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// A conversation.
    Session,
    /// What came at once: the new bytes of a segment, or a datagram.
    Chunk,
    /// What one side sent before the other one spoke.
    Exchange,
}

/// Puts the streams of captures together.
///
/// # Errors
/// An input that cannot be opened; a filter that libpcap rejects; an output that cannot be written.
pub fn run(request: &Request, context: &mut Context) -> Result<()> {
    let files = captures::captures(&request.inputs, context)?;
    let names = if files.len() > 1 { files.iter().map(|file| file.name.clone()).collect() } else { Vec::new() };
    let rules = context.rules(&request.output, files.iter().map(|file| file.path.clone()).collect());
    let (out, directory) = match request.form {
        Form::Files => {
            let directory = Directory::create(&request.output.path, &rules)?;
            let files = Files::new(&directory, request.memory / 4, context.threads, names);
            (Out::Files(Box::new(files)), Some(directory))
        }
        Form::Lines(mode) => (Out::Lines(Box::new(Lines::create(request, mode, names, &rules)?)), None),
    };
    let mut work = Work::new(request, out)?;
    let accounting = memberships::read(&files, request.strict, context, &mut work)?;
    context.tell_conflicts(&work.samples, None);
    context.refuse_faults(request.strict, false)?;
    accounting.tell_as("conversations", "conversations", None, context);
    context.note_datagrams(work.defragmenter.counts());
    work.filter.tell(context);
    let counts = work.talks.counts;
    tell_lacks(counts, request, context);
    match work.talks.out {
        Out::Files(files) => files.finish(work.samples.all(), directory.as_ref())?,
        Out::Lines(lines) => lines.finish()?,
    }
    let others = directory.map_or(Ok(0), Directory::commit)?;
    context.note_any(others, "file", "in the directory not of this run");
    context.note(count(counts.conversations, "conversation"));
    Ok(())
}

/// Says what there was no room for.
fn tell_lacks(counts: Counts, request: &Request, context: &Context) {
    if counts.given_up > 0 {
        context.note(format!(
            "bytes that waited for missing ones were told without them {} times: see --memory",
            counts.given_up
        ));
    }
    context.note_any(
        counts.evicted,
        "conversation",
        format_args!("ended for lack of resources: there were more than {} at once", request.max_flows),
    );
}
