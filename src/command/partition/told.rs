//! What a person is told of a partition: the table of its parts, and what should make them think again.

use super::super::samples::shown_names;
use super::super::{Context, count, list};
use super::shared::Parted;
use super::{By, Request, spans};
use crate::dataset::Facts;
use crate::error::{Result, Shown};
use crate::publish::lists::CHALLENGE_LABELS;
use crate::publish::partition::groups::Member;
use crate::publish::partition::{Partition, Place, Reached, dominated, missing_classes, time};
use crate::sink::write_table;
use crate::table::{Column, ColumnKind, Table, Value};

/// A partition, and what it is of.
pub(super) struct Outcome<'a> {
    pub(super) request: &'a Request,
    pub(super) facts: &'a Facts,
    /// The samples by number.
    pub(super) members: &'a [Member<'a>],
    pub(super) partition: &'a Partition,
    /// Samples that are groups by themselves, because nothing says the group of.
    pub(super) lone: u64,
    /// What becomes of packets of several samples.
    pub(super) parted: Parted,
}

/// Prints the table, and tells the rest.
pub(super) fn tell(outcome: &Outcome, context: &mut Context) -> Result<()> {
    let Outcome { request, partition, .. } = outcome;
    let class = |number: usize| outcome.members[number].0.label.as_str();
    let parts = Reached::count(partition, class);
    write_table(&table(partition, &parts), request.format, context.tables)?;
    tell_input(outcome, context);
    for part in &parts {
        tell_part(outcome, part, &parts, context);
    }
    tell_ties(outcome, context);
    tell_shared(outcome, context);
    let heavy = dominated(partition, class);
    let heavy = heavy.iter().map(|(class, group, share)| format!("{class}: {share:.0} % in {group}"));
    list("classes that one group holds most of", heavy.collect::<Vec<_>>().into_iter(), context);
    tell_folds(partition, context);
    if request.plan.challenge.is_some() {
        context.note(format!(
            "{}: what the challenge's samples are; keep it back, and publish them by: \
             pcapml select --splits … --split challenge --labels none",
            Shown(&request.output.join(CHALLENGE_LABELS))
        ));
    }
    Ok(())
}

fn table(partition: &Partition, parts: &[Reached]) -> Table {
    let columns = vec![
        Column::new("split", ColumnKind::Text, "The split."),
        Column::new("groups", ColumnKind::Count, "Groups that were assigned as a whole."),
        Column::new("samples", ColumnKind::Count, "Their samples."),
        Column::new("wanted_percent", ColumnKind::Text, "The share of the samples that was asked for."),
        Column::new("reached_percent", ColumnKind::Text, "The share that was reached."),
        Column::new("classes", ColumnKind::Count, "Classes of which it has samples."),
    ];
    let percent = |share: Option<f64>| Value::from(share.map(|share| format!("{share:.1}")));
    let row = |part: &Reached| {
        vec![
            Value::Text(partition.plan.name(part.place).to_owned()),
            Value::Count(part.groups),
            Value::Count(part.samples),
            percent(part.wanted),
            percent(part.reached),
            Value::Count(part.classes.len() as u64),
        ]
    };
    Table { columns, rows: parts.iter().map(row).collect() }
}

fn tell_input(outcome: &Outcome, context: &Context) {
    let Outcome { request, facts, lone, .. } = *outcome;
    context.note_any(facts.unlabelled.packets, "packet", "of no sample: in no list");
    let unnamed = facts.samples().all().iter().filter(|sample| sample.label.is_empty()).count() as u64;
    context.note_any(unnamed, "sample", "without a label");
    if lone > 0 {
        let what = match &request.by {
            By::Flow(_) | By::Host => "without a flow",
            By::Field(_) => "without the field",
            _ => "of an unknown capture",
        };
        context.note(format!("{} {what}: each a group by itself", count(lone, "sample")));
    }
}

fn tell_part(outcome: &Outcome, part: &Reached, parts: &[Reached], context: &Context) {
    let partition = outcome.partition;
    let name = partition.plan.name(part.place);
    if part.place == Place::None {
        context.note(format!(
            "{} in no split (none in splits.csv): without times, across a cut, or closer to one than the gap",
            count(part.samples, "sample")
        ));
        return;
    }
    if let (true, Some(wanted), Some(reached)) = (part.misses(), part.wanted, part.reached) {
        let why = why_missed(outcome);
        context.note(format!("{name}: {reached:.1} % of the samples instead of {wanted:.1} %: {why}"));
    }
    let missing: Vec<String> = missing_classes(part, parts).into_iter().map(str::to_owned).collect();
    if !missing.is_empty() {
        let classes = if missing.len() == 1 { "class" } else { "classes" };
        context.note(format!("{name}: {} {classes} without a sample: {}", missing.len(), shown_names(&missing)));
    }
}

fn why_missed(outcome: &Outcome) -> String {
    if matches!(outcome.request.by, By::Time(_)) {
        return "samples that begin at one moment stay together, and those across a cut are in no split".to_owned();
    }
    let groups = &outcome.partition.groups;
    let largest = groups.iter().map(|group| group.samples.len()).max().unwrap_or(0);
    format!(
        "there are {}, the largest of {}; another --seed may fit better",
        count(groups.len() as u64, "group"),
        count(largest as u64, "sample"),
    )
}

fn tell_ties(outcome: &Outcome, context: &Context) {
    let Outcome { request, members, .. } = outcome;
    if !matches!(request.by, By::Time(_)) {
        return;
    }
    for (place, samples) in time::ties(&request.plan, &spans(members)) {
        let name = request.plan.name(place);
        context.note_any(
            samples,
            "sample",
            format!("at one moment, at which {name} begins: none of them is before it"),
        );
    }
}

fn tell_shared(outcome: &Outcome, context: &Context) {
    let Parted { packets, first, beyond } = outcome.parted;
    if let Some((one, other)) = first {
        let what = format!(
            "in samples of different splits, such as {one} and {other}: what is learned from is tested on; --by flow keeps \
             together what shares packets of a flow, and label --match first gives each packet one sample"
        );
        context.note_any(packets, "packet", what);
    }
    context.note_any(
        beyond,
        "packet",
        "of several samples: whether these are in one split was not looked at, they are too many",
    );
}

fn tell_folds(partition: &Partition, context: &Context) {
    let Some(folds) = partition.plan.folds else { return };
    let mut sizes = vec![0_u64; folds as usize];
    for (group, assigned) in partition.groups.iter().zip(&partition.assigned) {
        if let Some(fold) = assigned.fold {
            sizes[fold as usize] += group.samples.len() as u64;
        }
    }
    let (least, most) = (sizes.iter().min().unwrap_or(&0), sizes.iter().max().unwrap_or(&0));
    context.note(format!("{folds} folds of {least} to {}", count(*most, "sample")));
}
