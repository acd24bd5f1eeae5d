//! One function per subcommand: it joins a source, a stage and a sink, and knows no formats itself.
//!
//! Each takes a checked request and a [`Context`]: who is told about faults and progress, how many threads there are,
//! and where tables go. It returns an error if nothing was done; faults of single inputs go to the [`Observer`] while
//! the rest goes on.

mod answers;
mod captures;
mod dataset_files;
mod facts;
mod masking;
mod memberships;
mod named;
mod packet_filter;
mod pool;
mod sorted;

pub mod anonymize;
pub mod cat;
pub mod check;
pub mod compare;
pub mod convert;
pub mod diff;
pub mod dissect;
pub mod export;
pub mod features;
pub mod label;
pub mod lint;
pub mod partition;
pub mod print;
pub mod relabel;
pub mod release;
pub mod report;
pub mod samples;
pub mod score;
pub mod select;
pub mod sort;
pub mod split;
pub mod streams;
pub mod strip;
pub mod summary;
pub mod talkers;
pub mod verify;

use std::cell::Cell;
use std::fmt;
use std::io::Write;
use std::path::{Path, PathBuf};

pub use masking::Masks;

use crate::capture::{Item, Losses, Reader, Source};
use crate::error::{Error, Result, Shown};
use crate::flow::DatagramCounts;
use crate::packet::LinkType;
use crate::publish::words;
use crate::sample::membership::Samples;
use crate::sink::{OutputRules, directory_of};

/// How much memory commands use that can do with any amount, in bytes.
pub const MEMORY: usize = 512 << 20;

/// How often progress is told: every so many items.
const PROGRESS_EVERY: u64 = 1 << 14;

/// Who is told what happens.
pub trait Observer {
    /// An input is bad; the rest goes on.
    fn fault(&self, error: &Error);
    /// Something that a person should know.
    fn note(&self, text: &str);
    /// How far the work is. Called often.
    fn progress(&self, progress: Progress);
    /// True if the work is to be given up. Asked as often.
    fn is_stopped(&self) -> bool {
        false
    }
}

/// How far the work is.
#[derive(Debug, Clone, Copy, Default)]
pub struct Progress {
    /// Packets read.
    pub packets: u64,
    /// Bytes of input read.
    pub bytes: u64,
    /// Bytes of input there are, if that is known.
    pub total: Option<u64>,
}

/// What every command needs besides its request.
pub struct Context<'a> {
    /// Who is told what happens.
    pub observer: &'a dyn Observer,
    /// How many threads may work.
    pub threads: usize,
    /// Where tables go: standard output.
    pub tables: &'a mut dyn Write,
    faults: Cell<u64>,
    done: Cell<Progress>,
}

/// How an output is to be made, for every command that writes one.
#[derive(Debug, Clone)]
pub struct Target {
    /// Where; `-` is standard output.
    pub path: PathBuf,
    /// Replace what is there.
    pub force: bool,
}

impl Target {
    /// True if the output is a file that gets its name at the end, so that it can be begun anew.
    fn is_replaceable(&self) -> bool {
        self.path != Path::new("-") && (!self.path.exists() || self.path.is_file())
    }
}

impl<'a> Context<'a> {
    /// A context without faults so far.
    pub fn new(observer: &'a dyn Observer, threads: usize, tables: &'a mut dyn Write) -> Self {
        Self { observer, threads, tables, faults: Cell::new(0), done: Cell::default() }
    }

    /// How many inputs were bad.
    pub fn faults(&self) -> u64 {
        self.faults.get()
    }

    fn fault(&self, error: &Error) {
        self.faults.set(self.faults.get() + 1);
        self.observer.fault(error);
    }

    fn note(&self, text: impl AsRef<str>) {
        self.observer.note(text.as_ref());
    }

    /// Says what is so of so many things, if there are any.
    fn note_any(&self, number: u64, noun: &str, what: impl fmt::Display) {
        if number > 0 {
            self.note(format!("{} {what}", count(number, noun)));
        }
    }

    fn rules(&self, target: &Target, inputs: Vec<PathBuf>) -> OutputRules {
        OutputRules { force: target.force, threads: self.threads, inputs }
    }

    /// Opens a single input, on which the whole command rests.
    fn open(&self, path: &Path) -> Result<Reader> {
        let source = Source::open(path)?;
        let mut done = self.done.get();
        done.total = source.size().map(|size| done.bytes + size);
        self.done.set(done);
        Reader::new(source, self.threads, Vec::new())
    }

    /// Says how many bytes of input there are to be read in all.
    fn expect(&self, total: u64) {
        self.done.set(Progress { total: Some(total), ..self.done.get() });
    }

    /// How many bytes the capture that was opened last holds, if it is a file and not packed.
    fn expected_size(&self, reader: &Reader) -> Option<u64> {
        self.done.get().total.filter(|_| !reader.is_packed())
    }

    /// Hands every item of a capture to `each`. Where the capture breaks, the fault is told and counted, unless `strict`
    /// makes an error of it.
    fn each_item(&self, reader: &mut Reader, strict: bool, mut each: impl FnMut(&Item) -> Result<()>) -> Result<()> {
        let mut items = 0;
        let before = self.done.get();
        loop {
            match reader.next_item() {
                Ok(Some(item)) => each(&item)?,
                Ok(None) => break,
                Err(error) if strict => return Err(error),
                Err(error) => {
                    self.fault(&error);
                    break;
                }
            }
            items += 1;
            if items % PROGRESS_EVERY == 0 {
                self.observer.progress(before.after(reader));
                self.stop_if_asked()?;
            }
        }
        self.done.set(before.after(reader));
        self.observer.progress(self.done.get());
        self.stop_if_asked()?;
        if reader.repaired_times() {
            self.note(format!(
                "{}: its times are seconds and microseconds in two halves, as pcapml 0.3 wrote them; read as such",
                Shown(reader.name())
            ));
        }
        Ok(())
    }

    fn stop_if_asked(&self) -> Result<()> {
        match self.observer.is_stopped() {
            true => Err(Error::request("stopped")),
            false => Ok(()),
        }
    }

    /// Warns of several link types in one file, which libpcap refuses.
    fn note_link_types(&self, link_types: &[LinkType], apart: bool) {
        if link_types.len() > 1 && !apart {
            let types: Vec<String> = link_types.iter().map(ToString::to_string).collect();
            self.note(format!(
                "the output holds link types {}: tshark reads it, tcpdump stops at the second; --per-linktype writes one file for each",
                types.join(", ")
            ));
        }
    }

    /// With `--strict` nothing is written of input with faults, or where something else was `odd`.
    fn refuse_faults(&self, strict: bool, odd: bool) -> Result<()> {
        match strict && (odd || self.faults() > 0) {
            true => Err(Error::request("nothing was written, because --strict was given")),
            false => Ok(()),
        }
    }

    /// Tells ids that stand for several samples, which is a fault of the input: of this one, if there is only one.
    fn tell_conflicts(&self, samples: &Samples, input: Option<&Path>) {
        for (_, one, other) in samples.conflicts() {
            let conflict = samples::conflict(one, other);
            self.fault(&match input {
                Some(input) => conflict.in_file(input),
                None => conflict,
            });
        }
    }

    /// Says what became of fragments.
    fn note_datagrams(&self, counts: DatagramCounts) {
        let lost = counts.timed_out + counts.unfinished + counts.evicted + counts.overlapping;
        if counts.fragments > 0 {
            self.note(format!(
                "{} put together from {}; {lost} not whole, {} dropped as broken",
                count(counts.whole, "datagram"),
                count(counts.fragments, "fragment"),
                count(counts.broken, "fragment"),
            ));
        }
    }

    /// Says what an output could not hold.
    fn note_losses(&self, losses: Losses) {
        let told = [
            (losses.blocks, "blocks have no place in the output"),
            (losses.options, "packet options (comments, and so labels, among them) have no place in the output"),
            (losses.untimed, "packets have no time; written with the time 0 of their interface"),
            (losses.floored, "times were finer than the output's unit; rounded down"),
            (losses.clamped, "times lie outside 1970 to 2106; moved to the nearest that the output can hold"),
        ];
        for (count, what) in told.into_iter().filter(|(count, _)| *count > 0) {
            self.note(format!("{count} {what}"));
        }
    }
}

impl Progress {
    fn after(self, reader: &Reader) -> Self {
        Self { packets: self.packets + reader.packets(), bytes: self.bytes + reader.consumed(), total: self.total }
    }
}

/// How many files, rules or records are listed by name.
const LISTED: usize = 10;

/// Tells a list, the first few of it by name.
fn list(what: &str, items: impl ExactSizeIterator<Item = String>, context: &Context) {
    listed(what, items, LISTED, context);
}

/// Tells a list, so many of it by name.
fn listed(what: &str, items: impl ExactSizeIterator<Item = String>, most: usize, context: &Context) {
    let total = items.len();
    if total == 0 {
        return;
    }
    let mut text = format!("{what}:");
    for item in items.take(most) {
        text.push_str("\n    ");
        text.push_str(&item);
    }
    if total > most {
        text.push_str(&format!("\n    … and {} more", total - most));
    }
    context.note(text);
}

/// `1 packet`, `2 packets`.
fn count(number: u64, noun: &str) -> String {
    words::count(number, noun)
}

/// The file of this name beside another one, if it is there; nothing is beside standard input.
fn beside(path: &Path, name: &str) -> Option<PathBuf> {
    let beside = (path != Path::new("-")).then(|| directory_of(path).join(name))?;
    Some(beside).filter(|path| path.is_file())
}

/// Opens one of many inputs: a thread of its own for each would cost more than it saves. `memory` is the buffer of the one before.
fn open_one(path: &Path, memory: Vec<u8>) -> Result<Reader> {
    Reader::new(Source::open(path)?, 1, memory)
}
