//! Whether a dataset is still what its lists say: each sample there once, in one split, with its label and its packets.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::lists::{WITHHELD, contents, digest};
use super::partition::CHALLENGE;
use crate::dataset::ContentDigest;
use crate::error::Result;
use crate::packet::SampleId;
use crate::rule::{NO_SPLIT, SampleTable, SplitRow};

/// What is found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// One id stands for two samples.
    Conflict,
    /// A comment that looks like a label is none.
    Unparsed,
    /// A packet is in no sample.
    Unlabelled,
    /// A sample of the lists is not in the capture.
    Missing,
    /// A sample of the capture is not in the lists.
    Unknown,
    /// A sample of the capture is in a split that was not asked for.
    OtherSplit,
    /// A sample is in two splits.
    Overlap,
    /// A list says otherwise than the table of splits.
    ListDiffers,
    /// A sample has another label.
    Label,
    /// A sample has other packets.
    Content,
    /// A label or a packet of some sample is another.
    Table,
}

impl Kind {
    /// What the column says.
    pub fn name(self) -> &'static str {
        match self {
            Self::Conflict => "conflicting ids",
            Self::Unparsed => "comments that do not parse",
            Self::Unlabelled => "unlabelled packets",
            Self::Missing => "missing ids",
            Self::Unknown => "unknown ids",
            Self::OtherSplit => "ids of other splits",
            Self::Overlap => "ids in two splits",
            Self::ListDiffers => "ids listed otherwise",
            Self::Label => "changed labels",
            Self::Content => "changed content",
            Self::Table => "labels or content changed",
        }
    }
}

/// A kind of finding, and how often there is one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Which.
    pub kind: Kind,
    /// How often.
    pub count: u64,
    /// The first of them.
    pub first: Vec<String>,
}

/// How many findings of a kind are named.
pub const NAMED: usize = 10;

/// A sample as the capture has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Present {
    /// Its label.
    pub label: String,
    /// The digest of its packets.
    pub content: ContentDigest,
}

/// What a capture is held against.
#[derive(Debug, Default)]
pub struct Against {
    /// The table of splits.
    pub splits: Option<Vec<SplitRow>>,
    /// The digest of the sample table that the table of splits says it was made with.
    pub table: Option<String>,
    /// The sample table.
    pub samples: Option<SampleTable>,
    /// The labels of a challenge.
    pub challenge: Option<SampleTable>,
    /// Lists of ids, by the names of their splits.
    pub lists: Vec<(String, Vec<SampleId>)>,
    /// Of these splits the capture holds samples; of all, if none is named.
    pub asked: Vec<String>,
}

/// What the comparison came to.
#[derive(Debug, Default)]
pub struct Outcome {
    /// All kinds that were looked for, those that were not found too.
    pub findings: Vec<Finding>,
    /// Samples whose label is kept back, here or there.
    pub withheld: u64,
    /// Samples of the challenge, if the capture holds none of them: they stand in a capture of their own.
    pub apart: u64,
    /// True if labels were compared, in whatever way.
    pub labels: bool,
}

impl Finding {
    /// A kind, and what it was found of.
    pub fn of(kind: Kind, ids: impl IntoIterator<Item = SampleId>) -> Self {
        let mut found = Self { kind, count: 0, first: Vec::new() };
        ids.into_iter().for_each(|id| found.add(id.to_string()));
        found
    }

    /// One more.
    pub fn add(&mut self, what: String) {
        self.count += 1;
        if self.first.len() < NAMED {
            self.first.push(what);
        }
    }
}

/// Holds a capture against what is said of it.
///
/// # Errors
/// When the sample table cannot be made.
pub fn check(present: &BTreeMap<SampleId, Present>, against: &Against) -> Result<Outcome> {
    let mut outcome = Outcome::default();
    let of = memberships(against);
    if against.splits.is_some() || !against.lists.is_empty() {
        outcome.findings.push(overlaps(&of));
    }
    if against.splits.is_some() && !against.lists.is_empty() {
        outcome.findings.push(listed_otherwise(against));
    }
    ids(present, against, &of, &mut outcome);
    match &against.samples {
        Some(table) => compared(present, table, against, &of, &mut outcome),
        // The digest is of the challenge's packets too.
        None if outcome.apart > 0 => {}
        None => recomputed(present, against, &of, &mut outcome)?,
    }
    Ok(outcome)
}

/// The splits of each sample, by all that names any.
type Memberships<'a> = BTreeMap<SampleId, BTreeSet<&'a str>>;

fn memberships(against: &Against) -> Memberships<'_> {
    let mut of = Memberships::new();
    for row in against.splits.iter().flatten() {
        of.entry(row.id).or_default().insert(split_of(row));
    }
    for (split, ids) in &against.lists {
        for id in ids {
            of.entry(*id).or_default().insert(split);
        }
    }
    of
}

fn split_of(row: &SplitRow) -> &str {
    row.membership.as_ref().map_or(NO_SPLIT, |membership| &membership.split)
}

fn overlaps(of: &Memberships) -> Finding {
    Finding::of(Kind::Overlap, of.iter().filter(|(_, splits)| splits.len() > 1).map(|(id, _)| *id))
}

/// Ids that stand in a list and not in that split of the table, or the other way round.
fn listed_otherwise(against: &Against) -> Finding {
    let mut table: HashMap<&str, BTreeSet<SampleId>> = HashMap::new();
    for row in against.splits.iter().flatten() {
        table.entry(split_of(row)).or_default().insert(row.id);
    }
    let mut odd = BTreeSet::new();
    for (split, ids) in &against.lists {
        let listed: BTreeSet<SampleId> = ids.iter().copied().collect();
        let tabled = table.remove(split.as_str()).unwrap_or_default();
        odd.extend(listed.symmetric_difference(&tabled).copied());
    }
    Finding::of(Kind::ListDiffers, odd)
}

/// The samples of the challenge, if all others may be there and none of these is: a release keeps them apart.
fn apart(present: &BTreeMap<SampleId, Present>, against: &Against, of: &Memberships) -> BTreeSet<SampleId> {
    let challenge = of.iter().filter(|(_, splits)| splits.contains(CHALLENGE)).map(|(id, _)| *id);
    let challenge: BTreeSet<SampleId> = challenge.collect();
    let is_whole = against.asked.is_empty() && present.keys().any(|id| of.contains_key(id));
    match is_whole && !challenge.iter().any(|id| present.contains_key(id)) {
        true => challenge,
        false => BTreeSet::new(),
    }
}

/// Which samples ought to be there, and which are.
fn ids(present: &BTreeMap<SampleId, Present>, against: &Against, of: &Memberships, outcome: &mut Outcome) {
    let apart = apart(present, against, of);
    outcome.apart = apart.len() as u64;
    let in_asked = |id: &SampleId| {
        of.get(id).is_some_and(|splits| against.asked.iter().any(|asked| splits.contains(asked.as_str())))
    };
    let tabled = against.samples.iter().flat_map(|table| table.rows.keys());
    let known: BTreeSet<SampleId> = tabled.chain(of.keys()).copied().collect();
    if known.is_empty() {
        return;
    }
    let expected = known.iter().filter(|id| against.asked.is_empty() || in_asked(id));
    let missing = expected.filter(|id| !present.contains_key(id) && !apart.contains(id));
    let missing: Vec<SampleId> = missing.copied().collect();
    let unknown = present.keys().filter(|id| !known.contains(id)).copied();
    outcome.findings.push(Finding::of(Kind::Missing, missing));
    // A single list does not say that there are no others.
    if against.samples.is_some() || against.splits.is_some() {
        outcome.findings.push(Finding::of(Kind::Unknown, unknown));
    }
    if !against.asked.is_empty() {
        let others = present.keys().filter(|id| known.contains(id) && !in_asked(id)).copied();
        outcome.findings.push(Finding::of(Kind::OtherSplit, others));
    }
}

fn compared(
    present: &BTreeMap<SampleId, Present>,
    table: &SampleTable,
    against: &Against,
    of: &Memberships,
    outcome: &mut Outcome,
) {
    let (mut labels, mut content) = (Finding::of(Kind::Label, []), Finding::of(Kind::Content, []));
    for (id, sample) in present {
        let Some(row) = table.rows.get(id) else { continue };
        let hidden = of.get(id).is_some_and(|splits| splits.contains(CHALLENGE));
        let kept_back = || against.challenge.as_ref().and_then(|table| table.rows.get(id)?.label.as_deref());
        // Tables are read without blanks around fields.
        match row.label.as_deref().or_else(kept_back) {
            _ if hidden && sample.label == WITHHELD => outcome.withheld += 1,
            None if hidden => outcome.withheld += 1,
            label if label.unwrap_or_default() != sample.label.trim() => labels.add(id.to_string()),
            _ => {}
        }
        if row.content.is_some_and(|told| told != sample.content) {
            content.add(id.to_string());
        }
    }
    outcome.labels = true;
    outcome.findings.extend([labels, content]);
}

/// Without the sample table: the table that the capture gives now must have the digest of the one that there was.
fn recomputed(
    present: &BTreeMap<SampleId, Present>,
    against: &Against,
    of: &Memberships,
    outcome: &mut Outcome,
) -> Result<()> {
    let Some(told) = against.table.as_ref().filter(|_| against.asked.is_empty()) else { return Ok(()) };
    let rows = present.iter().map(|(id, sample)| {
        let hidden = of.get(id).is_some_and(|splits| splits.contains(CHALLENGE));
        (*id, if hidden { "" } else { sample.label.as_str() }, sample.content)
    });
    let mut found = Finding::of(Kind::Table, []);
    if digest(&contents(rows)?) != *told {
        found.add("any".to_owned());
    }
    outcome.labels = true;
    outcome.findings.push(found);
    Ok(())
}

#[cfg(test)]
mod tests;
