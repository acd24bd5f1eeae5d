//! `pcapml partition`: which samples of a labelled capture are for learning and which for testing, as lists.
//!
//! The capture is read once, for the samples, digests of their packets, and what holds samples together; who goes where
//! is decided by [`crate::publish::partition`], and what the files say by [`crate::publish::lists`]. Samples are ordered by
//! id before anything else, so that the lists are the same in whatever order they stand in the capture.

mod shared;
mod sources;
mod told;

use std::collections::BTreeSet;
use std::fs::OpenOptions;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use super::samples::shown_names;
use super::{Context, facts};
use crate::dataset::{Facts, Wanted};
use crate::error::{Error, Result};
use crate::packet::Sample;
use crate::publish::lists::{self, ListFile, Listed, Origin};
use crate::publish::partition::groups::{self, Groups, Member};
use crate::publish::partition::time::Span;
use crate::publish::partition::{Assignment, Group, Partition, Place, Plan};
use crate::sample::fields;
use crate::sink::{Directory, OutputRules, TableFormat};
use crate::time::Timestamp;
use shared::SharedPackets;
use sources::Sources;
use told::Outcome;

/// What to partition, and how.
#[derive(Debug, Clone)]
pub struct Request {
    /// A labelled capture.
    pub input: PathBuf,
    /// The directory of the lists.
    pub output: PathBuf,
    /// How much goes where.
    pub plan: Plan,
    /// What stays together.
    pub by: By,
    /// What each part is to have its share of.
    pub stratum: Option<Stratum>,
    /// The dataset's name, if not the one that the capture says.
    pub dataset: Option<String>,
    /// The dataset's version, if not the one that the capture says.
    pub version: Option<String>,
    /// How the outcome is printed.
    pub format: TableFormat,
    /// Write nothing if the input is faulty.
    pub strict: bool,
}

/// What stays together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum By {
    /// Each sample is by itself.
    Sample,
    /// Samples of one flow: packets of a 5-tuple that lie less than so many nanoseconds apart.
    Flow(i64),
    /// Samples whose first flow one host began.
    Host,
    /// Samples of one capture file, or else of one interface.
    Capture,
    /// Samples with one value of a field.
    Field(String),
    /// Nothing: splits follow each other in time, at least so many nanoseconds apart.
    Time(i64),
}

/// What each part is to have its share of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stratum {
    /// Each label.
    Label,
    /// Each value of a field.
    Field(String),
}

/// Writes the lists.
///
/// # Errors
/// A capture in which an id stands for two samples, or that has none; a field that no sample has; a directory that is not
/// empty.
pub fn run(request: &Request, context: &mut Context) -> Result<()> {
    let rules = OutputRules { force: false, threads: context.threads, inputs: vec![request.input.clone()] };
    let directory = Directory::create_empty(&request.output, &rules)?;
    let by_flows = matches!(request.by, By::Flow(_) | By::Host);
    let (mut sources, mut shared) = (Sources::default(), SharedPackets::default());
    let wanted = Wanted { content: true, flows: by_flows };
    let facts = facts::read_with(&request.input, wanted, context, |packet, samples| {
        sources.packet(packet);
        shared.packet(samples);
        Ok(())
    })?;
    check(request, &facts)?;
    context.refuse_faults(request.strict, false)?;
    let mut members: Vec<Member> = facts.each().collect();
    members.sort_by_key(|(sample, _)| sample.id);
    let groups = grouped(request, &facts, &members, &sources);
    let partition = partition(request, &members, groups.groups);
    see_that_something_is_learned(request, &partition)?;
    let splits: Vec<&str> = request.plan.parts().into_iter().map(|(place, _)| request.plan.name(place)).collect();
    let files = lists::files(&splits, &listed(&partition, &members), &origin(request, &facts))?;
    write(&files, directory.path()).map_err(|error| Error::from(error).in_file(&request.output))?;
    directory.commit()?;
    let parted = shared.parted(&facts, &members, &partition);
    let outcome =
        Outcome { request, facts: &facts, members: &members, partition: &partition, lone: groups.lone, parted };
    told::tell(&outcome, context)
}

/// Sees that the samples are what a partition can be of.
fn check(request: &Request, facts: &Facts) -> Result<()> {
    let samples = facts.samples().all();
    let wrong = |what: String, advice: String| Err(Error::request(what).in_file(&request.input).advise(advice));
    if !facts.samples().conflicts().is_empty() {
        return wrong(
            "one id stands for two samples: no list of ids could tell them apart".to_owned(),
            "relabel one of them".to_owned(),
        );
    }
    if samples.is_empty() {
        return wrong("the capture holds no labels".to_owned(), "pcapml label puts them there".to_owned());
    }
    let asked = match (&request.by, &request.stratum) {
        (By::Field(by), Some(Stratum::Field(stratum))) => vec![by, stratum],
        (By::Field(field), _) | (_, Some(Stratum::Field(field))) => vec![field],
        _ => Vec::new(),
    };
    let there = |field: &&String| samples.iter().any(|sample| sample.field(field).is_some());
    match asked.into_iter().find(|field| !there(field)) {
        Some(field) => wrong(
            format!("no sample has a field '{field}'"),
            format!("fields here: {}", shown_names(&fields::names(samples))),
        ),
        None => Ok(()),
    }
}

fn grouped(request: &Request, facts: &Facts, members: &[Member], sources: &Sources) -> Groups {
    match &request.by {
        By::Sample | By::Time(_) => groups::each(members),
        By::Flow(idle) => groups::by_flow(members, *idle),
        By::Host => groups::by_host(members),
        By::Field(field) => groups::by_field(members, field),
        By::Capture => {
            let captures = |(sample, of): &Member| -> BTreeSet<String> {
                match sources.of(sample) {
                    captures if captures.is_empty() => {
                        of.tally.interfaces.iter().map(|&number| interface(facts, number)).collect()
                    }
                    captures => captures,
                }
            };
            groups::by_captures(members, &members.iter().map(captures).collect::<Vec<_>>())
        }
    }
}

/// An interface by its name, or else its number.
fn interface(facts: &Facts, number: u32) -> String {
    let name = facts.interface_name(number);
    format!("interface:{}", name.split_once(':').map_or(name.as_str(), |(_, name)| name))
}

fn partition(request: &Request, members: &[Member], groups: Vec<Group>) -> Partition {
    if let By::Time(gap) = request.by {
        return request.plan.cut(groups, &spans(members), gap);
    }
    let stratum = |sample: &'_ Sample| match &request.stratum {
        Some(Stratum::Field(field)) => sample.field(field).unwrap_or_default().to_owned(),
        Some(Stratum::Label) => sample.label.clone(),
        None => String::new(),
    };
    let strata: Vec<String> = members.iter().map(|(sample, _)| stratum(sample)).collect();
    request.plan.deal(groups, |number| &strata[number])
}

/// When samples begin and end.
fn spans(members: &[Member]) -> Vec<Span> {
    members.iter().map(|(sample, of)| (sample.id, of.tally.first.zip(of.tally.last))).collect()
}

/// By time nothing is drawn: where the earliest split is empty, no other seed helps.
fn see_that_something_is_learned(request: &Request, partition: &Partition) -> Result<()> {
    let earliest = request.plan.parts().first().map_or(Place::None, |(place, _)| *place);
    let is_empty = partition.assigned.iter().all(|assigned| assigned.place != earliest);
    match matches!(request.by, By::Time(_)) && is_empty {
        true => Err(Error::request(format!(
            "by time no sample is in {}, the earliest split",
            request.plan.name(earliest)
        ))
        .in_file(&request.input)
        .advise(
            "samples that begin at one moment stay together, and those across a cut, closer to it than the gap, or \
                 without times are in no split: part them --by capture, host or flow",
        )),
        false => Ok(()),
    }
}

fn listed<'a>(partition: &'a Partition, members: &[Member<'a>]) -> Vec<Listed<'a>> {
    let place = |(number, (group, assigned)): (usize, (&'a Group, Assignment))| {
        let (sample, facts) = members[number];
        // Digests were asked for: every sample has one.
        let content = facts.content().unwrap_or_default();
        let split = partition.plan.name(assigned.place);
        Listed { sample, content, split, fold: assigned.fold, group: &group.name }
    };
    partition.of_samples().into_iter().map(place).collect()
}

fn origin(request: &Request, facts: &Facts) -> Origin {
    let header = facts.header.as_ref();
    let version = header.and_then(|header| header.others.get("version")).and_then(|version| version.as_str());
    Origin {
        dataset: request.dataset.clone().or_else(|| header.and_then(|header| header.dataset.clone())),
        version: request.version.clone().or_else(|| version.map(str::to_owned)),
        options: options(request),
        seed: (!matches!(request.by, By::Time(_))).then_some(request.plan.seed),
    }
}

/// What shaped the outcome, as it is typed.
fn options(request: &Request) -> String {
    let Plan { ratio, challenge, folds, .. } = &request.plan;
    let seconds = |length: i64| Timestamp(length.into());
    let by = match &request.by {
        By::Sample => "sample".to_owned(),
        By::Flow(idle) => format!("flow --idle-timeout {}", seconds(*idle)),
        By::Host => "host".to_owned(),
        By::Capture => "capture".to_owned(),
        By::Field(field) => format!("field:{field}"),
        By::Time(gap) => format!("time --gap {}", seconds(*gap)),
    };
    let mut text = format!("--by {by} --ratio {ratio}");
    match &request.stratum {
        Some(Stratum::Label) => text.push_str(" --stratify label"),
        Some(Stratum::Field(field)) => text.push_str(&format!(" --stratify field:{field}")),
        None => {}
    }
    text.push_str(&folds.map_or_else(String::new, |folds| format!(" --folds {folds}")));
    text.push_str(&challenge.map_or_else(String::new, |share| format!(" --challenge {share}")));
    text
}

fn write(files: &[ListFile], directory: &Path) -> std::io::Result<()> {
    for file in files {
        let mode = if file.secret { 0o600 } else { 0o666 };
        let mut out = OpenOptions::new().write(true).create_new(true).mode(mode).open(directory.join(&file.name))?;
        out.write_all(&file.text)?;
    }
    Ok(())
}
