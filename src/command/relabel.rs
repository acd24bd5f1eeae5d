//! `pcapml relabel`: other labels for the samples of a labelled capture; their ids stay.

use std::collections::{HashMap, HashSet};
use std::path::PathBuf;
use std::rc::Rc;

use super::{Context, Target, count, list};
use crate::capture::{Change, Format, Item, Rewriter};
use crate::error::{Error, Result, Shown};
use crate::packet::{Opt, PACKET_FIELD, Sample, code};
use crate::rule::Corrections;
use crate::sample::comment::{self, Form};
use crate::sink::Output;

/// Comments whose new form is remembered.
const MAX_REMEMBERED: usize = 1 << 16;

/// What to relabel.
#[derive(Debug, Clone)]
pub struct Request {
    /// A labelled capture.
    pub input: PathBuf,
    /// What replaces what.
    pub table: PathBuf,
    /// How the table names samples.
    pub by: By,
    /// The relabelled capture.
    pub output: Target,
    /// Write nothing if the input is faulty, or a row of the table applies to nothing.
    pub strict: bool,
}

/// How a table names samples.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    /// By their labels: `old,new`.
    Label,
    /// By their ids: `sampleID,label[,field…]`.
    Id,
}

/// Gives samples other labels. Everything else in the capture stays as it is.
///
/// # Errors
/// A table with a defect; an input without labels; an output that cannot be written.
pub fn run(request: &Request, context: &mut Context) -> Result<()> {
    let corrections = match request.by {
        By::Label => Corrections::of_labels(&request.table)?,
        By::Id => Corrections::of_ids(&request.table)?,
    };
    let mut reader = context.open(&request.input)?;
    let unlabelled = || Error::request("the capture holds no labels").in_file(&request.input);
    if reader.format() != Format::Pcapng {
        return Err(unlabelled().advise("pcap cannot hold any; give the pcapng that pcapml label wrote"));
    }
    let rules = context.rules(&request.output, vec![request.input.clone(), request.table.clone()]);
    let mut out = Rewriter::new(Output::create(&request.output.path, &rules)?);
    let mut labels = Labels::new(&corrections);
    context.each_item(&mut reader, request.strict, |item| match item {
        Item::Section(block) => out.section(block, |_| true),
        Item::Packet(packet) => {
            out.changed_packet(packet, |option| Ok(labels.new_text(option)?.map_or(Change::Keep, Change::To)))
        }
        Item::Interface(_, block) | Item::Other(block) => out.block(block),
    })?;
    if labels.seen == 0 {
        return Err(unlabelled());
    }
    let unused = corrections.unused(&labels.used);
    let what = format!("{}: {} without effect", Shown(&request.table), count(unused.len() as u64, "row"));
    list(&what, unused.iter().cloned(), context);
    context.refuse_faults(request.strict, !unused.is_empty())?;
    out.finish()?.commit()?;
    if labels.used.is_empty() {
        context.fault(
            &Error::request("no row of the table applied: is the table for this capture?").in_file(&request.table),
        );
    }
    context.note(format!("{} of {} changed", labels.changed, count(labels.seen, "comment")));
    Ok(())
}

/// The new comments of a capture.
struct Labels<'a> {
    corrections: &'a Corrections,
    /// For each comment, what it becomes: none if it stays.
    known: HashMap<Vec<u8>, Option<Rc<[u8]>>>,
    used: HashSet<String>,
    seen: u64,
    changed: u64,
}

impl<'a> Labels<'a> {
    fn new(corrections: &'a Corrections) -> Self {
        Self { corrections, known: HashMap::new(), used: HashSet::new(), seen: 0, changed: 0 }
    }

    /// What an option becomes; none if it stays as it is.
    fn new_text(&mut self, option: &Opt) -> Result<Option<Rc<[u8]>>> {
        if option.code != code::OPT_COMMENT || comment::id(option.text()).is_none() {
            return Ok(None);
        }
        self.seen += 1;
        if !self.known.contains_key(option.value) {
            let new = self.corrected(option.text())?;
            if self.known.len() == MAX_REMEMBERED {
                self.known.clear();
            }
            self.known.insert(option.value.to_owned(), new);
        }
        let new = self.known[option.value].clone();
        self.changed += u64::from(new.is_some());
        Ok(new)
    }

    fn corrected(&mut self, text: &[u8]) -> Result<Option<Rc<[u8]>>> {
        let Some(label) = comment::parse(text) else { return Ok(None) };
        let mut sample = label.sample.clone();
        self.corrections.apply(&mut sample, &mut self.used);
        if sample == label.sample {
            return Ok(None);
        }
        let of_packet = label.packet_fields.into_iter().map(|(name, value)| (format!("{PACKET_FIELD}{name}"), value));
        sample.fields.extend(of_packet);
        written(&sample).map(|text| Some(text.into()))
    }
}

fn written(sample: &Sample) -> Result<Vec<u8>> {
    let text = comment::format(sample, Form::Positional).into_bytes();
    match text.len() > comment::MAX_COMMENT {
        true => Err(Error::labels(format!(
            "label and fields of sample {} need {} bytes; a comment holds {}",
            sample.id,
            text.len(),
            comment::MAX_COMMENT
        ))),
        false => Ok(text),
    }
}
