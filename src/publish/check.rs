//! Whether a dataset is still what its lists say: each sample there once, in one split, with its label and its packets.
//!
//! A kind of difference that was looked for in no sample is no finding at all, not even one of 0: what the sample table does
//! not tell is not compared, and [`Outcome`] says of how many samples.

mod counts;

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use super::lists::{WITHHELD, contents, digest};
use super::partition::CHALLENGE;
use crate::dataset::ContentDigest;
use crate::error::Result;
use crate::packet::SampleId;
use crate::rule::{NO_SPLIT, SampleTable, SplitRow};
pub use counts::Counts;

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
    /// A packet is of samples of two splits.
    Shared,
    /// A sample stands twice in one list, or in one split of the table.
    Repeated,
    /// A list says otherwise than the table of splits.
    ListDiffers,
    /// The comments of the table of splits tell other numbers than its rows.
    Counts,
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
            Self::Shared => "packets in two splits",
            Self::Repeated => "ids listed twice",
            Self::ListDiffers => "ids listed otherwise",
            Self::Counts => "counts told otherwise",
            Self::Label => "changed labels",
            Self::Content => "changed content",
            Self::Table => "labels or content changed",
        }
    }

    /// So many of them, in words.
    pub fn counted(self, count: u64) -> String {
        let one = |word| match word {
            "ids" | "comments" | "packets" | "counts" | "labels" => &word[..word.len() - 1],
            "do" => "does",
            other => other,
        };
        match count {
            1 => format!("1 {}", self.name().split(' ').map(one).collect::<Vec<_>>().join(" ")),
            several => format!("{several} {}", self.name()),
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
    /// What the comments of the table of splits tell of its rows.
    pub counts: Option<Counts>,
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
    /// True if there was a sample table to compare with, or the digest of one.
    pub compared: bool,
    /// Samples whose labels the sample table does not tell.
    pub untold_labels: u64,
    /// Samples whose packets' digests it does not tell.
    pub untold_content: u64,
}

/// The splits of each sample, by all that names any.
#[derive(Debug, Default)]
pub struct Memberships<'a>(BTreeMap<SampleId, BTreeSet<&'a str>>);

impl Memberships<'_> {
    /// True if nothing says of any sample where it belongs.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// True if of these samples not all are in one split. Those of no split are nobody's.
    pub fn part(&self, samples: impl IntoIterator<Item = SampleId>) -> bool {
        let splits = samples.into_iter().filter_map(|id| self.0.get(&id)).flatten();
        splits.filter(|split| **split != NO_SPLIT).collect::<BTreeSet<_>>().len() > 1
    }

    fn is_hidden(&self, id: SampleId) -> bool {
        self.0.get(&id).is_some_and(|splits| splits.contains(CHALLENGE))
    }
}

impl Against {
    /// The splits of each sample.
    pub fn memberships(&self) -> Memberships<'_> {
        let mut of: BTreeMap<SampleId, BTreeSet<&str>> = BTreeMap::new();
        for row in self.splits.iter().flatten() {
            of.entry(row.id).or_default().insert(split_of(row));
        }
        for (split, ids) in &self.lists {
            for id in ids {
                of.entry(*id).or_default().insert(split);
            }
        }
        Memberships(of)
    }
}

impl Outcome {
    /// True if something was not compared that lists can tell.
    pub fn is_partial(&self) -> bool {
        !self.compared || self.withheld + self.untold_labels + self.untold_content > 0
    }
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

/// Holds a capture against what is said of it; `of` are the splits that this puts samples into.
///
/// # Errors
/// When the sample table cannot be made.
pub fn check(present: &BTreeMap<SampleId, Present>, against: &Against, of: &Memberships) -> Result<Outcome> {
    let mut outcome = Outcome::default();
    if against.splits.is_some() || !against.lists.is_empty() {
        outcome.findings.extend([overlaps(of), repeated(against)]);
    }
    if against.splits.is_some() && !against.lists.is_empty() {
        outcome.findings.push(listed_otherwise(against));
    }
    outcome.findings.extend(miscounted(present, against));
    ids(present, against, of, &mut outcome);
    match &against.samples {
        Some(table) => compared(present, table, (against, of), &mut outcome),
        // The digest is of the challenge's packets too.
        None if outcome.apart > 0 => {}
        None => recomputed(present, against, of, &mut outcome)?,
    }
    Ok(outcome)
}

fn split_of(row: &SplitRow) -> &str {
    row.membership.as_ref().map_or(NO_SPLIT, |membership| &membership.split)
}

fn overlaps(of: &Memberships) -> Finding {
    Finding::of(Kind::Overlap, of.0.iter().filter(|(_, splits)| splits.len() > 1).map(|(id, _)| *id))
}

/// Ids that stand twice where they mean one sample. Of a sample that is in two splits, that is told.
fn repeated(against: &Against) -> Finding {
    let mut met = HashSet::new();
    let rows = against.splits.iter().flatten().filter(|row| !met.insert((row.id, split_of(row)))).map(|row| row.id);
    let mut found = Finding::of(Kind::Repeated, rows);
    for (_, ids) in &against.lists {
        let mut met = HashSet::new();
        ids.iter().filter(|id| !met.insert(**id)).for_each(|id| found.add(id.to_string()));
    }
    found
}

/// Where the comments of the table of splits tell other numbers than its rows; nothing if they tell none.
fn miscounted(present: &BTreeMap<SampleId, Present>, against: &Against) -> Option<Finding> {
    let (counts, rows) = (against.counts.as_ref()?, against.splits.as_ref()?);
    let label = |id: SampleId| {
        let tabled = against.samples.as_ref().and_then(|table| table.rows.get(&id)?.label.as_deref());
        tabled.or_else(|| Some(present.get(&id)?.label.as_str()).filter(|label| *label != WITHHELD))
    };
    let mut found = Finding::of(Kind::Counts, []);
    counts.differing(rows, label).for_each(|one| found.add(one));
    Some(found)
}

/// Ids that stand in a list and not in that split of the table, or the other way round.
fn listed_otherwise(against: &Against) -> Finding {
    let mut table: HashMap<&str, BTreeSet<SampleId>> = HashMap::new();
    for row in against.splits.iter().flatten() {
        table.entry(split_of(row)).or_default().insert(row.id);
    }
    let (mut odd, none) = (BTreeSet::new(), BTreeSet::new());
    for (split, ids) in &against.lists {
        let listed: BTreeSet<SampleId> = ids.iter().copied().collect();
        let tabled = table.get(split.as_str()).unwrap_or(&none);
        odd.extend(listed.symmetric_difference(tabled).copied());
    }
    Finding::of(Kind::ListDiffers, odd)
}

/// The samples of the challenge, if all others may be there and none of these is: a release keeps them apart.
fn apart(present: &BTreeMap<SampleId, Present>, against: &Against, of: &Memberships) -> BTreeSet<SampleId> {
    let challenge: BTreeSet<SampleId> = of.0.keys().copied().filter(|id| of.is_hidden(*id)).collect();
    let is_whole = against.asked.is_empty() && present.keys().any(|id| of.0.contains_key(id));
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
        of.0.get(id).is_some_and(|splits| against.asked.iter().any(|asked| splits.contains(asked.as_str())))
    };
    let tabled = against.samples.iter().flat_map(|table| table.rows.keys());
    let known: BTreeSet<SampleId> = tabled.chain(of.0.keys()).copied().collect();
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

/// Looks for one kind of difference from a table that need not tell all.
struct Comparison {
    found: Finding,
    told: u64,
    untold: u64,
}

impl Comparison {
    fn of(kind: Kind) -> Self {
        Self { found: Finding::of(kind, []), told: 0, untold: 0 }
    }

    /// Takes a sample, and whether it differs, if the table tells.
    fn take(&mut self, id: SampleId, differs: Option<bool>) {
        match differs {
            Some(differs) => {
                self.told += 1;
                if differs {
                    self.found.add(id.to_string());
                }
            }
            None => self.untold += 1,
        }
    }

    /// What was found, if anything was compared.
    fn finding(self) -> Option<Finding> {
        (self.told > 0).then_some(self.found)
    }
}

fn compared(
    present: &BTreeMap<SampleId, Present>,
    table: &SampleTable,
    (against, of): (&Against, &Memberships),
    outcome: &mut Outcome,
) {
    let (mut labels, mut content) = (Comparison::of(Kind::Label), Comparison::of(Kind::Content));
    // A table that has labels says by an empty one that a sample has none, as the capture does.
    let has_labels = table.rows.values().any(|row| row.label.is_some());
    for (id, sample) in present {
        let Some(row) = table.rows.get(id) else { continue };
        let hidden = of.is_hidden(*id);
        let kept_back = || against.challenge.as_ref().and_then(|table| table.rows.get(id)?.label.as_deref());
        // Tables are read without blanks around fields.
        let label = sample.label.trim();
        match row.label.as_deref().or_else(kept_back) {
            _ if hidden && sample.label == WITHHELD => outcome.withheld += 1,
            None if hidden => outcome.withheld += 1,
            None if has_labels && label.is_empty() => labels.take(*id, Some(false)),
            told => labels.take(*id, told.map(|told| told != label)),
        }
        content.take(*id, row.content.map(|told| told != sample.content));
    }
    outcome.compared = true;
    (outcome.untold_labels, outcome.untold_content) = (labels.untold, content.untold);
    outcome.findings.extend([labels.finding(), content.finding()].into_iter().flatten());
}

/// Without the sample table: the table that the capture gives now must have the digest of the one that there was.
fn recomputed(
    present: &BTreeMap<SampleId, Present>,
    against: &Against,
    of: &Memberships,
    outcome: &mut Outcome,
) -> Result<()> {
    let Some(told) = against.table.as_ref().filter(|_| against.asked.is_empty()) else { return Ok(()) };
    let rows = present
        .iter()
        .map(|(id, sample)| (*id, if of.is_hidden(*id) { "" } else { sample.label.as_str() }, sample.content));
    let mut found = Finding::of(Kind::Table, []);
    if digest(&contents(rows)?) != *told {
        found.add("any".to_owned());
    }
    outcome.compared = true;
    // The table has no labels of a challenge.
    outcome.withheld = present.keys().filter(|id| of.is_hidden(**id)).count() as u64;
    outcome.findings.push(found);
    Ok(())
}

#[cfg(test)]
mod tests;
