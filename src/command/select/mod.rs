//! `pcapml select`: the part of a labelled capture that some samples make up, everything else unchanged; masked, where
//! asked, or without anything that tells their labels.

mod anonymized;
mod strangers;
pub(in crate::command) mod withheld;

use std::collections::{BTreeSet, HashSet};
use std::path::{Path, PathBuf};

use serde_json::{Map, Value};

use super::masking::Masking;
use super::samples::shown_names;
use super::{Context, Masks, Target, count};
use crate::capture::{Block, Format, Item, Rewriter};
use crate::error::{Error, Result};
use crate::packet::{Opt, Options, Packet, Sample, SampleId, code};
use crate::publish::lists::ListHeader;
use crate::rule::{IdList, Membership, NO_SPLIT, Splits};
use crate::sample::fields;
use crate::sample::header::{Header, is_header};
use crate::sample::membership::{Runs, Samples};
use crate::sink::Output;
use withheld::Withheld;
pub use withheld::Withhold;

/// Which samples, and where they go. What is given must all be true of a sample; of several labels, ids or values for
/// one field, one.
#[derive(Debug, Clone)]
pub struct Request {
    /// A labelled capture.
    pub input: PathBuf,
    /// The part of it.
    pub output: Target,
    /// A list of ids, one on a line.
    pub ids: Option<PathBuf>,
    /// Splits and folds of a table.
    pub splits: Option<SplitChoice>,
    /// Labels.
    pub labels: Vec<String>,
    /// Fields and their values.
    pub fields: Vec<(String, String)>,
    /// What is not written, because it tells labels: for a challenge.
    pub withhold: Withhold,
    /// What the output says of itself besides, or instead of, what the input says.
    pub facts: Map<String, Value>,
    /// Fields that are zeroed in their packets.
    pub masks: Masks,
    /// Go on if the capture lacks an id of the list, or has nothing of what was asked for.
    pub allow_missing: bool,
    /// Write nothing if the input is faulty.
    pub strict: bool,
}

/// Samples of these splits and, if any are named, of these folds.
#[derive(Debug, Clone)]
pub struct SplitChoice {
    /// The table `sample_id,split`.
    pub table: PathBuf,
    /// Names of splits; `none` is that of samples that the table leaves out on purpose.
    pub splits: Vec<String>,
    /// Numbers of folds.
    pub folds: Vec<u32>,
}

/// Selects samples.
///
/// # Errors
/// A list of ids with a defect; an id that the capture lacks; an output that cannot be written.
pub fn run(request: &Request, context: &mut Context) -> Result<()> {
    let (wanted, list) = wanted(request)?;
    let mut reader = context.open(&request.input)?;
    if reader.format() != Format::Pcapng {
        return Err(Error::request("a pcap file holds no labels to select by").in_file(&request.input));
    }
    let header = Header::read(reader.section_options());
    // A release sees for itself whether its splits are of its samples.
    if let Some(path) = request.list().filter(|_| request.facts.is_empty()) {
        strangers::tell(path, &list, header.as_ref(), context)?;
    }
    let masks = Some(&request.masks).filter(|masks| !masks.is_empty());
    let masking = masks.map(|masks| Masking::of(masks, &request.input, header.as_ref())).transpose()?;
    let mut inputs = vec![request.input.clone()];
    inputs.extend(request.list().map(Path::to_owned));
    inputs.extend(request.masks.manifest.clone());
    let output = Output::create(&request.output.path, &context.rules(&request.output, inputs))?;
    let mut runs = Runs::new(header.as_ref());
    let out = match request.withhold {
        Withhold::Nothing => Out::Copy(Rewriter::new(output)),
        withhold => {
            let section = withheld::plain(header, &request.facts).options(Options::NONE);
            Out::Anew(Box::new(Withheld::new(output, withhold == Withhold::Labels, &section)))
        }
    };
    let mut selection = Selection {
        request,
        wanted_ids: wanted.as_ref().map(|wanted| wanted.iter().map(|wanted| wanted.id).collect()),
        wanted: wanted.unwrap_or_default(),
        out,
        masking,
        samples: Samples::default(),
        chosen: Vec::new(),
        packets: 0,
        shared: 0,
    };
    context.each_item(&mut reader, request.strict, |item| {
        if let Item::Packet(packet) = item
            && let Err(error) = runs.packet(packet)
        {
            context.fault(&error.in_file(&request.input));
        }
        selection.item(item)
    })?;
    selection.finish(context)
}

impl Request {
    /// The file that names ids.
    fn list(&self) -> Option<&Path> {
        self.ids.as_deref().or(self.splits.as_ref().map(|choice| choice.table.as_path()))
    }
}

/// An id that is asked for, and the line of the list that it stands on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Wanted {
    id: SampleId,
    line: Option<u64>,
}

/// The ids that are asked for, and what their list says of itself; all, if there is none.
fn wanted(request: &Request) -> Result<(Option<Vec<Wanted>>, ListHeader)> {
    if let Some(path) = &request.ids {
        let list = IdList::read(path)?;
        if list.ids.is_empty() {
            return Err(Error::labels("no id is in the list").in_file(path));
        }
        let ids = list.ids.into_iter().map(|(id, line)| Wanted { id, line: Some(line) }).collect();
        return Ok((Some(ids), ListHeader::read(&list.text)));
    }
    let Some(choice) = &request.splits else { return Ok((None, ListHeader::default())) };
    let (table, text) = Splits::read_with_text(&choice.table)?;
    Ok((Some(chosen(choice, &table)?), ListHeader::read(&text)))
}

/// The ids of the splits and folds that are asked for.
fn chosen(choice: &SplitChoice, table: &Splits) -> Result<Vec<Wanted>> {
    for name in &choice.splits {
        let there: BTreeSet<&str> = table.iter().map(|(_, of)| of.split.as_str()).collect();
        if !there.contains(name.as_str()) && name != NO_SPLIT {
            let there: Vec<String> = there.into_iter().map(str::to_owned).collect();
            return Err(Error::labels(format!("no sample is in a split '{name}'"))
                .in_file(&choice.table)
                .advise(format!("there are: {}", shown_names(&there))));
        }
    }
    let folds: BTreeSet<u32> = table.iter().filter_map(|(_, of)| of.fold).collect();
    if let Some(absent) = choice.folds.iter().find(|fold| !folds.contains(fold)) {
        let folds: Vec<String> = folds.iter().map(ToString::to_string).collect();
        let there =
            if folds.is_empty() { "there is none".to_owned() } else { format!("there are: {}", shown_names(&folds)) };
        return Err(Error::labels(format!("no sample is in fold {absent}")).in_file(&choice.table).advise(there));
    }
    let is_chosen = |of: &Membership| {
        let by_split = choice.splits.is_empty() || choice.splits.contains(&of.split);
        by_split && (choice.folds.is_empty() || of.fold.is_some_and(|fold| choice.folds.contains(&fold)))
    };
    let mut ids: Vec<_> =
        table.iter().filter(|(_, of)| is_chosen(of)).map(|(id, _)| Wanted { id, line: None }).collect();
    if choice.splits.iter().any(|name| name == NO_SPLIT) {
        ids.extend(table.left_out().map(|id| Wanted { id, line: None }));
    }
    ids.sort_unstable();
    Ok(ids)
}

/// How the part is written.
enum Out {
    /// Block by block as it stands.
    Copy(Rewriter<Output>),
    /// Anew, without what may tell labels.
    Anew(Box<Withheld<Output>>),
}

struct Selection<'a> {
    request: &'a Request,
    /// The ids that are asked for, with their lines.
    wanted: Vec<Wanted>,
    /// The same as a set, if there is a list.
    wanted_ids: Option<HashSet<SampleId>>,
    out: Out,
    masking: Option<Masking>,
    samples: Samples,
    /// For each sample met, whether it is selected.
    chosen: Vec<bool>,
    packets: u64,
    /// Comments left out of selected packets, because they name samples that are not.
    shared: u64,
}

impl Selection<'_> {
    fn item(&mut self, item: &Item) -> Result<()> {
        let Self { out, masking, request, .. } = self;
        match (item, out, masking) {
            (Item::Packet(packet), ..) => self.packet(packet),
            (_, Out::Anew(out), _) => {
                out.item(item);
                Ok(())
            }
            (Item::Section(block), Out::Copy(out), masking) => section(block, masking.as_mut(), &request.facts, out),
            (Item::Interface(_, block), Out::Copy(out), Some(masking)) => {
                out.interface(block, |option| masking.keeps_of_interface(option))
            }
            (Item::Other(block), Out::Copy(out), Some(masking)) => match masking.keeps_block(block) {
                true => out.block(block),
                false => Ok(()),
            },
            (Item::Interface(_, block) | Item::Other(block), Out::Copy(out), None) => out.block(block),
        }
    }

    fn packet(&mut self, packet: &Packet) -> Result<()> {
        let mut memberships = Vec::new();
        self.samples.of_packet(packet, |number| memberships.push(number));
        // What a sample is decides once, when it is met.
        for sample in &self.samples.all()[self.chosen.len()..] {
            self.chosen.push(is_chosen(self.request, self.wanted_ids.as_ref(), sample));
        }
        memberships.retain(|&number| self.chosen[number]);
        if memberships.is_empty() {
            return Ok(());
        }
        self.packets += 1;
        let Self { out, masking, samples, chosen, shared, request, .. } = self;
        if let Some(masking) = masking {
            masking.comments(packet, |text| samples.of_comment(text).is_none_or(|number| chosen[number]));
        }
        let masked = match masking {
            Some(masking) => masking.packet(packet, &memberships)?,
            None => *packet,
        };
        let is_masked = !request.masks.is_empty();
        // Of a comment: nothing if it is a person's, else whether its sample is selected.
        let mut of_comment = |option: &Opt| {
            let number = (option.code == code::OPT_COMMENT).then(|| samples.of_comment(option.text())).flatten()?;
            *shared += u64::from(!chosen[number]);
            Some(chosen[number])
        };
        match out {
            Out::Copy(out) => out.packet(&masked, |option| {
                of_comment(option).unwrap_or(true) && (!is_masked || Masking::keeps_of_packet(option))
            }),
            Out::Anew(out) if request.withhold == Withhold::Surroundings => out.shown(&masked, of_comment),
            Out::Anew(out) => out.hidden(&masked, |text| {
                let number = samples.of_comment(text).filter(|&number| chosen[number])?;
                Some(samples.all()[number].id)
            }),
        }
    }

    fn finish(self, context: &Context) -> Result<()> {
        let there: HashSet<SampleId> = self.samples.all().iter().map(|sample| sample.id).collect();
        let missing: Vec<_> = self.wanted.iter().filter(|wanted| !there.contains(&wanted.id)).collect();
        if let Some(Wanted { id, line }) = missing.first() {
            let text = format!("{} not in the capture, the first is {id}", count(missing.len() as u64, "id"));
            if !self.request.allow_missing {
                let error = Error::labels(text).in_file(self.request.list().unwrap_or(Path::new("")));
                let error = line.iter().fold(error, |error, &line| error.at_line(line, None));
                return Err(error.advise("give --allow-missing to select the others"));
            }
            context.note(text);
        }
        if !self.request.allow_missing {
            self.check_labels()?;
        }
        let selected = self.chosen.iter().filter(|chosen| **chosen).count() as u64;
        if selected == 0 && !self.request.allow_missing {
            return Err(Error::request("no sample is what was asked for")
                .in_file(&self.request.input)
                .advise("see pcapml samples"));
        }
        if let Some(masking) = &self.masking {
            masking.tell(context);
        }
        match self.out {
            Out::Copy(out) => out.finish()?.commit()?,
            Out::Anew(out) => {
                out.tell(context);
                out.finish()?.commit()?;
            }
        }
        if self.shared > 0 {
            context
                .note(format!("{} left out: they name samples that were not selected", count(self.shared, "comment")));
        }
        context.note(format!(
            "selected {} of {}, {}",
            selected,
            count(self.samples.all().len() as u64, "sample"),
            count(self.packets, "packet")
        ));
        Ok(())
    }
}

impl Selection<'_> {
    /// Sees that every label and field that was asked for exists: a mistyped one must not go unnoticed.
    fn check_labels(&self) -> Result<()> {
        let samples = self.samples.all();
        let absent = |what: String, there: &[String]| {
            Error::request(what)
                .in_file(&self.request.input)
                .advise(format!("there are: {} (--allow-missing goes on)", shown_names(there)))
        };
        for label in &self.request.labels {
            if !samples.iter().any(|sample| sample.label == *label) {
                let there: BTreeSet<String> = samples.iter().map(|sample| sample.label.clone()).collect();
                let there: Vec<String> = there.into_iter().collect();
                return Err(absent(format!("no sample has the label '{label}'"), &there));
            }
        }
        for (key, value) in &self.request.fields {
            let values: BTreeSet<String> =
                samples.iter().filter_map(|sample| sample.field(key)).map(str::to_owned).collect();
            if values.is_empty() {
                return Err(absent(format!("no sample has a field '{key}'"), &fields::names(samples)));
            }
            if !values.contains(value) {
                let there: Vec<String> = values.into_iter().collect();
                return Err(absent(format!("no sample has {key}={value}"), &there));
            }
        }
        Ok(())
    }
}

/// Writes a section; its line says what is masked, and what `facts` add to it.
fn section(
    block: &Block,
    mut masking: Option<&mut Masking>,
    facts: &Map<String, Value>,
    out: &mut Rewriter<Output>,
) -> Result<()> {
    if masking.is_none() && facts.is_empty() {
        return out.section(block, |_| true);
    }
    let masked = masking.as_mut().map(|masking| masking.section(block)).transpose()?;
    let header = masked.or_else(|| Header::read(block.section_options())).unwrap_or_default();
    let comment = header.with(facts).comment();
    out.section_with(block, comment.as_bytes(), |option| {
        let is_line = is_header(option.code, option.text());
        !is_line && masking.as_mut().is_none_or(|masking| masking.keeps_of_section(option))
    })
}

fn is_chosen(request: &Request, wanted: Option<&HashSet<SampleId>>, sample: &Sample) -> bool {
    let by_id = wanted.is_none_or(|wanted| wanted.contains(&sample.id));
    let by_label = request.labels.is_empty() || request.labels.contains(&sample.label);
    // Each field that was named must have one of the values named for it.
    let by_fields = request.fields.iter().all(|(key, _)| {
        let mut values = request.fields.iter().filter(|(other, _)| other == key);
        values.any(|(_, value)| sample.field(key) == Some(value))
    });
    by_id && by_label && by_fields
}
