//! `pcapml label`: couples captures with labels.
//!
//! [`run`] asks a `Labeller` which samples each packet belongs to; there is one for each place
//! that labels come from.

mod comments;
mod explain;
mod flows;
mod labeller;
mod origins;
mod packets;
mod records;
mod rules;
mod work;

use std::path::{Path, PathBuf};

use super::dataset_files::{DatasetFile, Inventory};
use super::{Context, Target, list};
use crate::capture::{Dialect, Reader, SnapLen};
use crate::error::{Error, Result, Shown};
use crate::packet::Options;
use crate::rule::flow_records::ReadOptions;
use crate::rule::{Ids, Pattern, RuleSet};
use crate::sample::comment::Form;
use crate::sample::header::{Header, Order};
use crate::sink::{CaptureFiles, CaptureShape, Container, TableFormat};
use flows::FlowLabeller;
pub(in crate::command) use labeller::Labeller;
use origins::{CommentLabeller, HostLabeller, InterfaceLabeller};
use packets::PacketLabeller;
use records::RecordLabeller;
use rules::RuleLabeller;
use work::{Work, check_source_field};

/// The longest namespace, in bytes: it is written into the section header.
const MAX_NAMESPACE: usize = 1_000;

/// Filters of more bytes are told to be long.
const LONG_FILTER: usize = 8_192;

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

/// Where labels come from.
#[derive(Debug, Clone)]
pub enum Labels {
    /// A labels file: rules, or a table of files.
    File(PathBuf),
    /// The captures' own names.
    Names(Pattern),
    /// A table of packets.
    Packets(PathBuf),
    /// Flow records.
    Records(FlowsRequest),
    /// The interfaces' names.
    Interfaces,
    /// Comments that somebody wrote.
    Comments(Pattern),
    /// A table of hosts.
    Hosts(PathBuf),
    /// Nothing: every flow is its own sample, labelled `-`.
    None,
}

/// Which flow records, and how to read them.
#[derive(Debug, Clone)]
pub struct FlowsRequest {
    /// The file.
    pub path: PathBuf,
    /// How to read it.
    pub options: ReadOptions,
    /// By how many nanoseconds each record is widened at both ends.
    pub tolerance: i64,
    /// What makes records one sample.
    pub group_by: GroupBy,
    /// Records of one label further apart than this are two windows, in nanoseconds.
    pub gap: i64,
}

/// What makes flow records one sample.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GroupBy {
    /// Each is one.
    Record,
    /// Their label.
    Label,
    /// Their label, as long as there is no gap in time.
    Window,
}

/// What to label, and how.
#[derive(Debug, Clone)]
pub struct Request {
    /// A directory of captures, or one capture.
    pub input: PathBuf,
    /// Where labels come from.
    pub labels: Labels,
    /// Make each flow a sample of its own; flows end after so many nanoseconds without a packet.
    pub flows: Option<i64>,
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
    /// Give each sample a field that names its file.
    pub source: bool,
    /// Print packets and bytes of each rule, in this format.
    pub stats: Option<TableFormat>,
}

impl Request {
    /// A request with every choice left at its default.
    pub fn new(input: &Path, labels: Labels, output: Target) -> Self {
        Self {
            input: input.to_owned(),
            labels,
            flows: None,
            output,
            matching: Match::First,
            keep_unlabeled: false,
            strict: false,
            ids: Ids::Hashed { namespace: String::new() },
            compat: None,
            per_link_type: false,
            source: false,
            stats: None,
        }
    }

    /// Files that are read, and so must not be written.
    fn inputs(&self) -> Vec<PathBuf> {
        match &self.labels {
            Labels::File(path) | Labels::Packets(path) | Labels::Hosts(path) => vec![path.clone()],
            Labels::Records(records) => vec![records.path.clone()],
            _ => Vec::new(),
        }
    }
}

/// Labels captures.
///
/// # Errors
/// A labels file with a defect; an output that cannot be written; with `strict`, any complaint.
pub fn run(request: &Request, context: &mut Context) -> Result<()> {
    check(request)?;
    let place = Place::of(&request.input)?;
    let set = rule_set(request, &place)?;
    if let Some(set) = &set {
        tell_long_filters(set, context);
    }
    let mut labeller = labeller(request, set.as_ref(), context)?;
    label(request, &place, labeller.as_mut(), context)
}

/// Says which rules match one packet of a capture, and why the first of them wins; writes nothing.
///
/// # Errors
/// A labels file with a defect; no such packet.
pub fn explain(request: &Request, packet: &str, context: &mut Context) -> Result<()> {
    check(request)?;
    let place = Place::of(&request.input)?;
    let set = rule_set(request, &place)?
        .ok_or_else(|| Error::request("--explain tells of rules: give --labels or --label-by-name"))?;
    explain::run(request, &place, &set, packet, context)
}

/// Where the captures are.
enum Place {
    Directory(Inventory),
    /// One capture; its directory is the dataset's root.
    Capture(DatasetFile),
}

impl Place {
    fn of(input: &Path) -> Result<Self> {
        if input.is_dir() {
            return Inventory::of(input).map(Self::Directory);
        }
        Ok(Self::Capture(DatasetFile::single(input)))
    }

    fn is_directory(&self) -> bool {
        matches!(self, Self::Directory(_))
    }

    fn captures(&self) -> Vec<DatasetFile> {
        match self {
            Self::Directory(inventory) => inventory.captures(),
            Self::Capture(file) => vec![file.clone()],
        }
    }
}

/// The rules, if labels come from rules.
fn rule_set(request: &Request, place: &Place) -> Result<Option<RuleSet>> {
    match &request.labels {
        Labels::File(path) => {
            let set = RuleSet::read(path, &request.ids)?;
            if let Place::Capture(file) = place {
                check_files(file, &set).map_err(|error| error.in_file(path))?;
            }
            Ok(Some(set))
        }
        Labels::Names(_) => rules_of(request, &place.captures()).map(Some),
        _ => Ok(None),
    }
}

/// The rules of a labels file, or those that the names of these captures are.
pub(in crate::command) fn rules_of(request: &Request, captures: &[DatasetFile]) -> Result<RuleSet> {
    let pattern = match &request.labels {
        Labels::Names(pattern) => pattern,
        Labels::File(path) => return RuleSet::read(path, &request.ids),
        _ => return Err(Error::request("only labels files and names are rules")),
    };
    let named = captures.iter().filter_map(|file| pattern.read(&file.name).map(|named| (file.name.clone(), named)));
    let named: Vec<_> = named.collect();
    if named.is_empty() {
        return Err(Error::request("no capture's name matches the expression of --label-by-name")
            .in_file(&request.input)
            .advise("it is asked about names relative to the directory, such as day1/vpn_chat.pcap"));
    }
    RuleSet::of_files(named, &request.ids)
}

/// Labels by rules, for who wants no labelled capture.
pub(in crate::command) fn by_rules<'a>(request: &'a Request, set: &'a RuleSet) -> Result<Box<dyn Labeller + 'a>> {
    let path = match &request.labels {
        Labels::File(path) => path,
        _ => &request.input,
    };
    Ok(Box::new(RuleLabeller::new(request, path, set)?))
}

/// libpcap's optimiser takes a minute for a thousand hosts in one filter.
fn tell_long_filters(set: &RuleSet, context: &Context) {
    let long = |rule: &&crate::rule::Rule| rule.selector.filter.as_ref().is_some_and(|text| text.len() > LONG_FILTER);
    if let Some(rule) = set.rules.iter().find(long) {
        context.note(format!(
            "the filter in line {} is long, and libpcap's compiler slow with such: rules of one host each with the same \
             hash_key are one sample too, and are looked up at once",
            rule.line
        ));
    }
}

/// Sees that no rule is for another file than the one capture there is.
fn check_files(file: &DatasetFile, set: &RuleSet) -> Result<()> {
    let other = |rule: &&crate::rule::Rule| rule.selector.file.as_ref().is_some_and(|named| *named != file.name);
    let Some(rule) = set.rules.iter().find(other) else {
        return Ok(());
    };
    let named = rule.selector.file.as_deref().unwrap_or_default();
    Err(Error::labels(format!("the rule is for '{named}', and '{}' is to be labelled", Shown(&file.path)))
        .at_line(rule.line, Some(1))
        .advise("give the directory instead of the capture"))
}

fn labeller<'a>(request: &'a Request, set: Option<&'a RuleSet>, context: &Context) -> Result<Box<dyn Labeller + 'a>> {
    let (ids, matching) = (&request.ids, request.matching);
    let labels: Option<Box<dyn Labeller>> = match (&request.labels, set) {
        (Labels::File(_) | Labels::Names(_), Some(set)) => Some(by_rules(request, set)?),
        (Labels::Packets(path), _) => Some(Box::new(PacketLabeller::new(path, ids)?)),
        (Labels::Records(records), _) => Some(Box::new(RecordLabeller::new(records, ids, context)?)),
        (Labels::Interfaces, _) => Some(Box::new(InterfaceLabeller::new(ids))),
        (Labels::Comments(pattern), _) => Some(Box::new(CommentLabeller::new(pattern, matching, ids))),
        (Labels::Hosts(path), _) => Some(Box::new(HostLabeller::new(path, matching, ids)?)),
        (Labels::File(_) | Labels::Names(_) | Labels::None, _) => None,
    };
    match (labels, request.flows) {
        (labels, Some(idle)) => Ok(Box::new(FlowLabeller::new(labels, ids, idle, request.input.is_dir()))),
        (Some(labels), None) => Ok(labels),
        (None, None) => Err(Error::request("nothing says where the labels come from")
            .advise("give --labels, --flows, --by, --label-by-name or --packet-labels")),
    }
}

fn label(request: &Request, place: &Place, labeller: &mut dyn Labeller, context: &mut Context) -> Result<()> {
    let directory = place.is_directory();
    let (files, unnamed) = match place {
        Place::Directory(inventory) => (labeller.plan(inventory)?, labeller.unnamed(inventory)),
        Place::Capture(file) => {
            labeller.check_capture(file)?;
            (vec![file.clone()], Vec::new())
        }
    };
    if directory {
        context.expect(files.iter().filter_map(|file| std::fs::metadata(&file.path).ok()).map(|file| file.len()).sum());
    }
    let mut inputs: Vec<PathBuf> = files.iter().map(|file| file.path.clone()).collect();
    inputs.extend(request.inputs());
    let rules = context.rules(&request.output, inputs);
    let of_flows = request.flows.is_some() || matches!(request.labels, Labels::Records(_));
    let sources = request.source || directory && of_flows;
    if sources {
        check_source_field(labeller)?;
        if let Some(twins) = files.windows(2).find(|twins| twins[0].name == twins[1].name) {
            let fault = format!("two captures have this name: {} and {}", Shown(&twins[0].path), Shown(&twins[1].path));
            return Err(Error::request(fault).advise("rename one of them: samples are told apart by it"));
        }
    }
    let contiguous = labeller.is_contiguous();
    let mut work = Work::new(request, labeller, sources);
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
            let inherited = if directory { Options::NONE } else { reader.section_options() };
            let shape = shape(request, header(request, contiguous).options(inherited));
            work.output = Some(CaptureFiles::create(&request.output.path, rules.clone(), shape)?);
        }
        memory = work.file(file, reader, context)?;
    }
    let names = unnamed.iter().map(|file| Shown(Path::new(&file.name)).to_string());
    let what = super::count(unnamed.len() as u64, "capture");
    let where_to = match request.labels {
        Labels::Names(_) => "whose names do not match",
        _ => "of the directory in no row of the labels",
    };
    list(&format!("{what} {where_to}"), names, context);
    work.finish(!unnamed.is_empty(), context)
}

/// Sees that the request makes sense, before anything is read.
fn check(request: &Request) -> Result<()> {
    let several = request.keep_unlabeled || request.matching == Match::All;
    if request.compat == Some(Compat::Pcapml03) && several {
        return Err(Error::request("pcapml 0.3 reads exactly one comment on every packet")
            .advise("leave out --keep-unlabeled and --match all, or --compat 0.3"));
    }
    if request.flows.is_some() && request.matching == Match::All {
        return Err(Error::request("--by flow makes each flow one sample, and --match all puts packets into several")
            .advise("leave out one of them"));
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

/// The form of comments that the reader understands.
fn form(compat: Option<Compat>) -> Form {
    match compat {
        Some(Compat::Go) => Form::Keyed,
        _ => Form::Positional,
    }
}

fn open(context: &Context, file: &DatasetFile, directory: bool, memory: Vec<u8>) -> Result<Reader> {
    match directory {
        true => super::open_one(&file.path, memory),
        false => context.open(&file.path),
    }
}

/// What the output's section header says.
fn header(request: &Request, contiguous: bool) -> Header {
    Header {
        order: contiguous.then_some(Order::Contiguous),
        dataset: match &request.ids {
            Ids::Hashed { namespace } if !namespace.is_empty() => Some(namespace.clone()),
            _ => None,
        },
        ..Header::default()
    }
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
