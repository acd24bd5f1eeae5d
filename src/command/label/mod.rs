//! `pcapml label`: couples captures with labels.

use std::path::{Path, PathBuf};

use unicode_normalization::UnicodeNormalization;

use super::dataset_files::{DatasetFile, Inventory};
use super::{Context, Target, count};
use crate::capture::{Dialect, Item, Reader, SnapLen, Source};
use crate::error::{Error, Kind, Result, Shown};
use crate::packet::{Packet, code, push_option};
use crate::rule::{Ids, Matcher, RuleSet};
use crate::sample::comment::{self, Form, Recogniser};
use crate::sample::header::{Header, Order};
use crate::sink::{CaptureFiles, CaptureShape, Container, TableFormat, write_table};
use crate::table::{Column, ColumnKind, Table, Value};

/// The longest namespace, in bytes: it is written into the section header.
const MAX_NAMESPACE: usize = 1_000;

/// How many files or rules are listed by name at the end.
const LISTED: usize = 10;

/// What to do with packets that several rules match.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Match {
    /// The first rule in the file wins.
    First,
    /// The packet belongs to the samples of all of them: one comment each.
    All,
    /// It is an error if they are of different samples.
    Unique,
}

/// Whose readers must understand the output.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Compat {
    /// C++ pcapml 0.3.
    Pcapml03,
    /// The Go pcapml.
    Go,
}

/// What to label, and how.
#[derive(Debug, Clone)]
pub struct Request {
    /// A directory of captures, or one capture.
    pub input: PathBuf,
    /// The labels file.
    pub labels: PathBuf,
    /// The labelled capture.
    pub output: Target,
    /// Packets that several rules match.
    pub matching: Match,
    /// Write packets that no rule matches, without a comment.
    pub keep_unlabeled: bool,
    /// Write nothing if anything is wrong: an input, a rule that matches nothing, a file that no rule names.
    pub strict: bool,
    /// How samples get their ids.
    pub ids: Ids,
    /// Write for an older reader.
    pub compat: Option<Compat>,
    /// One output for each link type.
    pub per_link_type: bool,
    /// Print packets and bytes of each rule, in this format.
    pub stats: Option<TableFormat>,
}

impl Request {
    /// A request with every choice left at its default.
    pub fn new(input: &Path, labels: &Path, output: Target) -> Self {
        Self {
            input: input.to_owned(),
            labels: labels.to_owned(),
            output,
            matching: Match::First,
            keep_unlabeled: false,
            strict: false,
            ids: Ids::Hashed { namespace: String::new() },
            compat: None,
            per_link_type: false,
            stats: None,
        }
    }
}

/// Labels captures.
///
/// # Errors
/// A labels file with a defect; an output that cannot be written; with `strict`, any complaint.
pub fn run(request: &Request, context: &mut Context) -> Result<()> {
    check(request)?;
    let set = RuleSet::read(&request.labels, &request.ids)?;
    let in_labels = |error: Error| match error.kind() {
        Kind::Labels(_) => error.in_file(&request.labels),
        _ => error,
    };
    let mut matcher = Matcher::new(&set).map_err(in_labels)?;
    let comments = comments(&set, request.compat).map_err(in_labels)?;
    let directory = request.input.is_dir();
    let inventory = directory.then(|| Inventory::of(&request.input)).transpose()?;
    let files = match &inventory {
        Some(inventory) => inventory.plan(&set, &matcher).map_err(in_labels)?,
        None => vec![single(&request.input, &set).map_err(in_labels)?],
    };
    if directory {
        context.expect(files.iter().filter_map(|file| std::fs::metadata(&file.path).ok()).map(|file| file.len()).sum());
    }
    let mut inputs: Vec<PathBuf> = files.iter().map(|file| file.path.clone()).collect();
    inputs.push(request.labels.clone());
    let rules = context.rules(&request.output, inputs);
    let mut work = Work::new(request, &set, &comments);
    let mut memory = Vec::new();
    for file in &files {
        let reader = match open(context, file, directory, std::mem::take(&mut memory)) {
            Ok(reader) => reader,
            Err(error) if directory && !request.strict => {
                context.fault(&error);
                continue;
            }
            Err(error) => return Err(error),
        };
        if work.output.is_none() {
            let section = section(request, &set, &reader, directory);
            let shape = shape(request, section);
            work.output = Some(CaptureFiles::create(&request.output.path, rules.clone(), shape)?);
        }
        memory = work.file(file, reader, &mut matcher, context)?;
    }
    let unnamed = match (&inventory, matcher.wants_every_file()) {
        (Some(inventory), false) => inventory.unnamed(&set),
        _ => Vec::new(),
    };
    work.finish(&matcher, &unnamed, context)
}

/// Sees that the request makes sense, before anything is read.
fn check(request: &Request) -> Result<()> {
    let several = request.keep_unlabeled || request.matching == Match::All;
    if request.compat == Some(Compat::Pcapml03) && several {
        return Err(Error::request("pcapml 0.3 reads exactly one comment on every packet")
            .advise("leave out --keep-unlabeled and --match all, or --compat 0.3"));
    }
    if request.stats.is_some() && request.output.path == Path::new("-") {
        return Err(Error::request("the capture and the table of --stats cannot both go to standard output"));
    }
    if let Ids::Hashed { namespace } = &request.ids
        && namespace.len() > MAX_NAMESPACE
    {
        return Err(Error::request(format!("a namespace of {} bytes; the limit is {MAX_NAMESPACE}", namespace.len())));
    }
    if request.input != Path::new("-") {
        std::fs::metadata(&request.input).map_err(|error| Error::from(error).in_file(&request.input))?;
    }
    Ok(())
}

/// The option that labels a packet, for each sample.
fn comments(set: &RuleSet, compat: Option<Compat>) -> Result<Vec<Vec<u8>>> {
    let form = match compat {
        Some(Compat::Go) => Form::Keyed,
        _ => Form::Positional,
    };
    let option = |(sample, &line)| {
        let text = comment::format(sample, form);
        if text.len() > comment::MAX_COMMENT {
            return Err(Error::labels(format!(
                "label and fields need {} bytes; a comment holds {}",
                text.len(),
                comment::MAX_COMMENT
            ))
            .at_line(line, None));
        }
        let mut option = Vec::new();
        push_option(&mut option, code::OPT_COMMENT, text.as_bytes());
        Ok(option)
    };
    set.samples.iter().zip(&set.sample_lines).map(option).collect()
}

/// The one capture that is labelled; its directory is the dataset's root.
fn single(input: &Path, set: &RuleSet) -> Result<DatasetFile> {
    let name: String = input.file_name().unwrap_or_default().to_string_lossy().nfc().collect();
    let other = |rule: &&crate::rule::Rule| rule.selector.file.as_ref().is_some_and(|file| *file != name);
    if let Some(rule) = set.rules.iter().find(other) {
        let file = rule.selector.file.as_deref().unwrap_or_default();
        return Err(Error::labels(format!("the rule is for '{file}', and '{}' is to be labelled", Shown(input)))
            .at_line(rule.line, Some(1))
            .advise("give the directory instead of the capture"));
    }
    Ok(DatasetFile { name, path: input.to_owned() })
}

fn open(context: &Context, file: &DatasetFile, directory: bool, memory: Vec<u8>) -> Result<Reader> {
    match directory {
        // Small files: a thread of its own for each would cost more than it saves.
        true => Reader::new(Source::open(&file.path)?, 1, memory),
        false => context.open(&file.path),
    }
}

/// The options of the output's section header.
fn section(request: &Request, set: &RuleSet, reader: &Reader, directory: bool) -> Vec<u8> {
    let header = Header {
        order: is_contiguous(set, request.matching).then_some(Order::Contiguous),
        dataset: match &request.ids {
            Ids::Hashed { namespace } if !namespace.is_empty() => Some(namespace.clone()),
            _ => None,
        },
        ..Header::default()
    };
    let inherited = match directory {
        true => crate::packet::Options::NONE,
        false => reader.section_options(),
    };
    header.options(inherited)
}

/// True if the rules alone say that each sample's packets will stand in one run: whole files, one sample after the other.
fn is_contiguous(set: &RuleSet, matching: Match) -> bool {
    let whole_files = set.rules.iter().all(|rule| rule.selector.file.is_some() && !rule.selector.is_conditional());
    let mut ended = vec![false; set.samples.len()];
    let in_runs = set.rules.iter().enumerate().all(|(at, rule)| {
        let before = at.checked_sub(1).map(|before| set.rules[before].sample);
        if let Some(before) = before.filter(|&before| before != rule.sample) {
            ended[before] = true;
        }
        !ended[rule.sample]
    });
    whole_files && in_runs && matching != Match::All
}

fn shape(request: &Request, section: Vec<u8>) -> CaptureShape {
    CaptureShape {
        container: Container::Pcapng,
        section,
        snap_len: SnapLen::Unlimited,
        dialect: match request.compat {
            Some(Compat::Pcapml03) => Dialect::Pcapml03,
            _ => Dialect::Pcapng,
        },
        nanoseconds: false,
        per_link_type: request.per_link_type,
        numbered: false,
    }
}

/// What a rule matched.
#[derive(Debug, Clone, Copy, Default)]
struct Tally {
    packets: u64,
    bytes: u64,
}

impl Tally {
    #[inline]
    fn add(&mut self, packet: &Packet) {
        self.packets += 1;
        self.bytes += u64::from(packet.original_length);
    }
}

struct Work<'a> {
    request: &'a Request,
    set: &'a RuleSet,
    comments: &'a [Vec<u8>],
    output: Option<CaptureFiles>,
    /// For each rule.
    matches: Vec<Tally>,
    /// The rules of the current packet, one for each sample.
    chosen: Vec<usize>,
    /// The options that label the current packet, if it belongs to several samples.
    first: Vec<u8>,
    labels: Recogniser,
    labelled: u64,
    unlabelled: u64,
    /// Comments of an earlier labelling.
    replaced: u64,
}

impl<'a> Work<'a> {
    fn new(request: &'a Request, set: &'a RuleSet, comments: &'a [Vec<u8>]) -> Self {
        Self {
            request,
            set,
            comments,
            output: None,
            matches: vec![Tally::default(); set.rules.len()],
            chosen: Vec::new(),
            first: Vec::new(),
            labels: Recogniser::default(),
            labelled: 0,
            unlabelled: 0,
            replaced: 0,
        }
    }

    /// Labels one capture, and gives its buffer back.
    fn file(
        &mut self,
        file: &DatasetFile,
        mut reader: Reader,
        matcher: &mut Matcher,
        context: &Context,
    ) -> Result<Vec<u8>> {
        let Some(mut output) = self.output.take() else {
            return Ok(Vec::new());
        };
        output.next_source();
        matcher.begin(&file.name);
        context.each_item(&mut reader, self.request.strict, |item| match item {
            Item::Section(_) => Ok(()),
            Item::Interface(interface, _) => {
                matcher.prepare(interface.link_type);
                output.interface(interface)
            }
            Item::Packet(packet) => self.packet(packet, matcher, &mut output),
            Item::Other(block) => output.block(block),
        })?;
        self.output = Some(output);
        Ok(reader.into_memory())
    }

    #[inline]
    fn packet(&mut self, packet: &Packet, matcher: &mut Matcher, output: &mut CaptureFiles) -> Result<()> {
        self.choose(packet, matcher)?;
        if self.chosen.is_empty() {
            self.unlabelled += 1;
            if !self.request.keep_unlabeled {
                return Ok(());
            }
        } else {
            self.labelled += 1;
        }
        let comment = |rule: usize| self.comments[self.set.rules[rule].sample].as_slice();
        let first = match self.chosen.as_slice() {
            [] => &[],
            [one] => comment(*one),
            several => {
                self.first = several.iter().flat_map(|&rule| comment(rule)).copied().collect();
                &self.first
            }
        };
        let (replaced, labels) = (&mut self.replaced, &mut self.labels);
        output.packet(packet, first, |option| {
            let old = labels.is_label(option);
            *replaced += u64::from(old);
            !old
        })
    }

    /// The rules that label this packet.
    #[inline]
    fn choose(&mut self, packet: &Packet, matcher: &mut Matcher) -> Result<()> {
        self.chosen.clear();
        if self.request.matching == Match::First {
            if let Some(rule) = matcher.first(packet) {
                self.matches[rule].add(packet);
                self.chosen.push(rule);
            }
            return Ok(());
        }
        for &rule in matcher.all(packet) {
            let rule = rule as usize;
            self.matches[rule].add(packet);
            let sample = self.set.rules[rule].sample;
            if !self.chosen.iter().any(|&earlier| self.set.rules[earlier].sample == sample) {
                self.chosen.push(rule);
            }
        }
        match self.chosen.as_slice() {
            [one, other, ..] if self.request.matching == Match::Unique => Err(self.ambiguous(packet, *one, *other)),
            _ => Ok(()),
        }
    }

    fn ambiguous(&self, packet: &Packet, one: usize, other: usize) -> Error {
        let (one, other) = (&self.set.rules[one], &self.set.rules[other]);
        let shown = |rule: &crate::rule::Rule| {
            format!("line {} ({})", rule.line, rule.selector.shown(&self.set.samples[rule.sample]))
        };
        Error::labels(format!(
            "packet {} ({}) matches two rules: {} and {}",
            packet.number,
            packet.position(),
            shown(one),
            shown(other)
        ))
        .in_file(&self.request.labels)
        .advise("make the rules exclude each other, or choose --match first or all")
    }

    fn finish(mut self, matcher: &Matcher, unnamed: &[DatasetFile], context: &mut Context) -> Result<()> {
        let rejected = self.rejections(matcher, context)?;
        let idle = self.list_idle(&rejected, context);
        let repeats = self.set.repeats.iter().map(|(line, earlier)| format!("line {line}: as line {earlier}"));
        list("rows that repeat an earlier one", repeats, context);
        list_unnamed(unnamed, context);
        if self.request.strict && (idle || !unnamed.is_empty() || context.faults() > 0) {
            return Err(Error::request("nothing was written, because --strict was given"));
        }
        let Some(output) = self.output.take() else {
            return Err(Error::request("no capture could be read; nothing was written"));
        };
        context.note_link_types(output.link_types(), self.request.per_link_type);
        let losses = output.commit()?;
        context.note_losses(losses);
        if self.replaced > 0 {
            context.note(format!("{} of an earlier labelling replaced", count(self.replaced, "comment")));
        }
        let samples = self.set.samples.len() - self.idle_samples();
        let labelled = format!("labelled {} of {}", count(self.labelled, "packet"), count(samples as u64, "sample"));
        let left = match self.request.keep_unlabeled {
            _ if self.unlabelled == 0 => String::new(),
            true => format!("; {} matched no rule and were kept without a label", count(self.unlabelled, "packet")),
            false => format!(
                "; {} matched no rule and were left out (--keep-unlabeled keeps them)",
                count(self.unlabelled, "packet")
            ),
        };
        context.note(labelled + &left);
        if Container::of_name(&self.request.output.path) == Some(Container::Pcap) {
            context.note("the output is pcapng, whatever its name says: pcap holds no labels");
        }
        match self.request.stats {
            Some(format) => write_table(&stats(self.set, &self.matches), format, context.tables),
            None => Ok(()),
        }
    }

    /// Samples that got no packet.
    fn idle_samples(&self) -> usize {
        let mut idle = vec![true; self.set.samples.len()];
        for (rule, tally) in self.set.rules.iter().zip(&self.matches) {
            idle[rule.sample] &= tally.packets == 0;
        }
        idle.into_iter().filter(|idle| *idle).count()
    }

    /// Tells which filters did not apply; one that applied to nothing in the input is an error.
    fn rejections(&self, matcher: &Matcher, context: &Context) -> Result<Vec<usize>> {
        let mut rejected = Vec::new();
        for rejection in matcher.rejections() {
            let rule = &self.set.rules[rejection.rule];
            let filter = rule.selector.filter.as_deref().unwrap_or_default();
            let fault = format!(
                "the filter '{filter}' does not apply to link type {}: {}",
                rejection.link_type, rejection.reason
            );
            if rejection.everywhere {
                return Err(Error::labels(fault)
                    .at_line(rule.line, Some(1))
                    .in_file(&self.request.labels)
                    .advise("the input has no link type to which it does"));
            }
            context.note(format!("{} line {}: {fault}", Shown(&self.request.labels), rule.line));
            rejected.push(rejection.rule);
        }
        Ok(rejected)
    }

    /// Lists rules that matched nothing; true if there are any.
    fn list_idle(&self, rejected: &[usize], context: &Context) -> bool {
        let idle: Vec<usize> = (0..self.matches.len()).filter(|&rule| self.matches[rule].packets == 0).collect();
        let lines = idle.iter().map(|&number| {
            let rule = &self.set.rules[number];
            let why = if rejected.contains(&number) { " (see above)" } else { "" };
            format!("line {}: {}{why}", rule.line, rule.selector.shown(&self.set.samples[rule.sample]))
        });
        let why = "nothing matches, or earlier rules took it";
        list(&format!("{} labelled no packet ({why})", count(idle.len() as u64, "rule")), lines, context);
        !idle.is_empty()
    }
}

fn list_unnamed(unnamed: &[DatasetFile], context: &Context) {
    let what = count(unnamed.len() as u64, "capture");
    let names = unnamed.iter().map(|file| Shown(Path::new(&file.name)).to_string());
    list(&format!("{what} of the directory in no row of the labels file"), names, context);
}

/// Tells a list, the first few of it by name.
fn list(what: &str, items: impl ExactSizeIterator<Item = String>, context: &Context) {
    let total = items.len();
    if total == 0 {
        return;
    }
    let mut text = format!("{what}:");
    for item in items.take(LISTED) {
        text.push_str("\n    ");
        text.push_str(&item);
    }
    if total > LISTED {
        text.push_str(&format!("\n    … and {} more", total - LISTED));
    }
    context.note(text);
}

/// What each rule matched, as a table.
fn stats(set: &RuleSet, matches: &[Tally]) -> Table {
    let row = |(rule, tally): (&crate::rule::Rule, &Tally)| {
        let sample = &set.samples[rule.sample];
        vec![
            Value::Count(rule.line),
            Value::Text(rule.selector.canonical()),
            Value::Text(sample.label.clone()),
            Value::Text(sample.id.to_string()),
            Value::Count(tally.packets),
            Value::Count(tally.bytes),
        ]
    };
    Table {
        columns: vec![
            Column::new("line", ColumnKind::Count, "The rule's line in the labels file."),
            Column::new("rule", ColumnKind::Text, "Its selector, in canonical form."),
            Column::new("label", ColumnKind::Text, "The label of its sample."),
            Column::new("sample_id", ColumnKind::Text, "The id of its sample."),
            Column::new("packets", ColumnKind::Count, "Packets that it labelled."),
            Column::new("bytes", ColumnKind::Count, "Their length on the wire, in bytes."),
        ],
        rows: set.rules.iter().zip(matches).map(row).collect(),
    }
}
