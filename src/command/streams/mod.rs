//! `pcapml streams`: what both sides of every conversation over TCP and UDP sent, as bytes: in files, or in JSON Lines.

mod files;
mod lines;
mod work;

use std::path::PathBuf;

use super::dissect::STREAM;
use super::{Context, Target, count};
use crate::error::{Error, Result};
use crate::flow::{EndReason, Keying, Observer, Overlap, Rules, TcpEnd, Timeouts};
use crate::sink::Directory;
use files::Files;
use lines::Lines;
use work::{Out, Work};

/// What to put together, and where to.
#[derive(Debug, Clone)]
pub struct Request {
    /// A capture; labelled or not.
    pub input: PathBuf,
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

/// Puts the streams of a capture together.
///
/// # Errors
/// If the input cannot be opened, or the output cannot be written.
pub fn run(request: &Request, context: &mut Context) -> Result<()> {
    let mut reader = context.open(&request.input)?;
    let rules = context.rules(&request.output, vec![request.input.clone()]);
    let directory = match request.form {
        Form::Files => Some(Directory::create(&request.output.path, &rules)?),
        Form::Lines(_) => None,
    };
    let out = match (&directory, request.form) {
        (Some(directory), _) => Out::Files(Box::new(Files::new(directory, request.memory / 4, context.threads))),
        (None, Form::Lines(mode)) => Out::Lines(Box::new(Lines::create(request, mode, &rules)?)),
        (None, Form::Files) => return Err(Error::request("files need a directory")),
    };
    // As dissect has them, so that records of both are about the same conversations.
    let rules = Rules { ends: TcpEnd::AnotherSyn, ..Rules::default() };
    let timeouts = Timeouts { rules, ..Timeouts::new(request.idle, None) };
    let mut work = Work::new(Observer::new(request.keying), timeouts, request, STREAM.min(request.memory / 8), out);
    work.read(&mut reader, request, context)?;
    context.tell_conflicts(&work.samples, Some(&request.input));
    context.refuse_faults(request.strict, false)?;
    tell(&work, request, context);
    let conversations = work.conversations;
    let Work { out, samples, .. } = work;
    match out {
        Out::Files(files) => files.finish(samples.all(), directory.as_ref())?,
        Out::Lines(lines) => lines.finish()?,
    }
    let others = directory.map_or(Ok(0), Directory::commit)?;
    if others > 0 {
        context.note(format!("{} in the directory not of this run", count(others, "file")));
    }
    context.note(count(conversations, "conversation"));
    Ok(())
}

/// Says what became of the packets.
fn tell(work: &Work, request: &Request, context: &Context) {
    work.accounting.tell_as("conversations", "conversations", None, context);
    context.note_datagrams(work.defragmenter.counts());
    if work.given_up > 0 {
        context.note(format!(
            "bytes that waited for missing ones were told without them {} times: see --memory",
            work.given_up
        ));
    }
    let evicted = work.ends.get(&EndReason::LackOfResources.number()).copied().unwrap_or(0);
    if evicted > 0 {
        context.note(format!(
            "{} ended for lack of resources: there were more than {} at once",
            count(evicted, "conversation"),
            request.max_flows
        ));
    }
}
