//! What became of a dataset from one version to the next, and how its version is to say so.
//!
//! The step is that of MLCommons Croissant: major where data that was there is another now, minor where data was added,
//! patch where no sample changed. <https://docs.mlcommons.org/croissant/docs/croissant-spec.html>, "Dataset versions".

use std::collections::{BTreeMap, HashMap};

use crate::dataset::ContentDigest;
use crate::packet::SampleId;

/// A sample in one version, as far as it is known.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct State {
    /// Its label.
    pub label: Option<String>,
    /// The digest of its packets.
    pub content: Option<ContentDigest>,
    /// Its fields.
    pub fields: Option<BTreeMap<String, String>>,
}

/// All samples of one version.
pub type States = BTreeMap<SampleId, State>;

/// How the version changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    /// No sample changed.
    Patch,
    /// Something was added.
    Minor,
    /// Something is another.
    Major,
}

/// What may become of a sample.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Change {
    /// It is gone.
    Removed,
    /// It has another label.
    Relabelled,
    /// It has other packets.
    Content,
    /// It has another value of a field, or a field less.
    FieldChanged,
    /// It is new.
    Added,
    /// It has a new field.
    FieldAdded,
}

/// A change of a sample.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Changed {
    /// What.
    pub change: Change,
    /// Of which sample.
    pub id: SampleId,
    /// What there was.
    pub old: Option<String>,
    /// What there is.
    pub new: Option<String>,
}

/// All changes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Diff {
    /// By kind, then id.
    pub changes: Vec<Changed>,
    /// Samples of both versions with the same label and packets, and the same fields if those are known.
    pub unchanged: u64,
    /// Samples of both versions whose labels, or packets, one of them does not tell.
    pub unknown: u64,
    /// Those whose fields one of them does not tell.
    pub unknown_fields: u64,
    /// Removed samples whose packets are those of an added one: its id changed.
    pub renamed: u64,
}

impl Step {
    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Patch => "patch",
            Self::Minor => "minor",
            Self::Major => "major",
        }
    }

    /// The version after this one, if it is `major.minor.patch`.
    pub fn after(self, version: &str) -> Option<String> {
        let numbers: Option<Vec<u64>> = version.split('.').map(|part| part.parse().ok()).collect();
        let [major, minor, patch]: [u64; 3] = numbers?.try_into().ok()?;
        Some(match self {
            Self::Patch => format!("{major}.{minor}.{}", patch.checked_add(1)?),
            Self::Minor => format!("{major}.{}.0", minor.checked_add(1)?),
            Self::Major => format!("{}.0.0", major.checked_add(1)?),
        })
    }
}

impl Change {
    /// All kinds, the gravest first.
    pub const ALL: [Self; 6] =
        [Self::Removed, Self::Relabelled, Self::Content, Self::FieldChanged, Self::Added, Self::FieldAdded];

    /// What the column says.
    pub fn name(self) -> &'static str {
        match self {
            Self::Removed => "removed",
            Self::Relabelled => "relabelled",
            Self::Content => "content changed",
            Self::FieldChanged => "field changed",
            Self::Added => "added",
            Self::FieldAdded => "field added",
        }
    }

    /// The step that it asks for.
    pub fn step(self) -> Step {
        match self {
            Self::Removed | Self::Relabelled | Self::Content | Self::FieldChanged => Step::Major,
            Self::Added | Self::FieldAdded => Step::Minor,
        }
    }
}

impl Diff {
    /// Compares two versions.
    pub fn of(old: &States, new: &States) -> Self {
        let mut diff = Self::default();
        for (id, before) in old {
            match new.get(id) {
                Some(after) => diff.sample(*id, before, after),
                None => diff.put(Change::Removed, *id, before.label.clone(), None),
            }
        }
        for (id, after) in new.iter().filter(|(id, _)| !old.contains_key(id)) {
            diff.put(Change::Added, *id, None, after.label.clone());
        }
        diff.renamed = diff.renamed(old, new);
        diff.changes.sort();
        diff
    }

    fn put(&mut self, change: Change, id: SampleId, old: Option<String>, new: Option<String>) {
        self.changes.push(Changed { change, id, old, new });
    }

    fn sample(&mut self, id: SampleId, before: &State, after: &State) {
        let known = self.changes.len();
        match (&before.label, &after.label) {
            (Some(old), Some(new)) if old.trim() != new.trim() => {
                self.put(Change::Relabelled, id, Some(old.clone()), Some(new.clone()));
            }
            _ => {}
        }
        let contents = before.content.zip(after.content);
        if contents.is_some_and(|(old, new)| old != new) {
            self.put(Change::Content, id, None, None);
        }
        if let (Some(old), Some(new)) = (&before.fields, &after.fields) {
            self.fields(id, old, new);
        }
        let is_unknown = contents.is_none() || before.label.is_none() || after.label.is_none();
        self.unchanged += u64::from(self.changes.len() == known && !is_unknown);
        self.unknown += u64::from(is_unknown);
        self.unknown_fields += u64::from(before.fields.is_none() || after.fields.is_none());
    }

    fn fields(&mut self, id: SampleId, old: &BTreeMap<String, String>, new: &BTreeMap<String, String>) {
        let shown = |key: &str, value: &String| format!("{key}={value}");
        for (key, before) in old {
            let after = new.get(key);
            if after != Some(before) {
                self.put(Change::FieldChanged, id, Some(shown(key, before)), after.map(|after| shown(key, after)));
            }
        }
        for (key, after) in new.iter().filter(|(key, _)| !old.contains_key(*key)) {
            self.put(Change::FieldAdded, id, None, Some(shown(key, after)));
        }
    }

    fn renamed(&self, old: &States, new: &States) -> u64 {
        let of = |change: Change| self.changes.iter().filter(move |changed| changed.change == change);
        let mut added: HashMap<ContentDigest, u64> = HashMap::new();
        for content in of(Change::Added).filter_map(|changed| new.get(&changed.id)?.content) {
            *added.entry(content).or_default() += 1;
        }
        let mut renamed = 0;
        for content in of(Change::Removed).filter_map(|changed| old.get(&changed.id)?.content) {
            if let Some(left) = added.get_mut(&content).filter(|left| **left > 0) {
                *left -= 1;
                renamed += 1;
            }
        }
        renamed
    }

    /// The step that the gravest change asks for; nothing where a graver one than those that are known is possible.
    pub fn step(&self) -> Option<Step> {
        let known = self.changes.iter().map(|changed| changed.change.step()).max().unwrap_or(Step::Patch);
        (self.unknown == 0 || known == Step::Major).then_some(known)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Told<'a> = (u64, &'a str, u8, &'a [(&'a str, &'a str)]);

    fn states(samples: &[Told]) -> States {
        let state = |&(id, label, content, fields): &Told| {
            let fields = fields.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
            let label = Some(label.to_owned()).filter(|label| !label.is_empty());
            (SampleId(id), State { label, content: Some([content; 32]), fields: Some(fields.collect()) })
        };
        samples.iter().map(state).collect()
    }

    #[test]
    fn each_change_is_told_and_the_gravest_decides() {
        let old =
            states(&[(1, "a", 1, &[("os", "x")]), (2, "b", 2, &[("os", "x")]), (3, "c", 3, &[]), (4, "d", 4, &[])]);
        let new =
            states(&[(1, "a", 1, &[("os", "y"), ("k", "v")]), (2, "x", 2, &[]), (3, "c", 9, &[]), (5, "e", 4, &[])]);
        let diff = Diff::of(&old, &new);
        let told: Vec<_> = diff.changes.iter().map(|changed| (changed.change, changed.id.0)).collect();
        let expected = [
            (Change::Removed, 4),
            (Change::Relabelled, 2),
            (Change::Content, 3),
            (Change::FieldChanged, 1),
            (Change::FieldChanged, 2),
            (Change::Added, 5),
            (Change::FieldAdded, 1),
        ];
        assert_eq!(told, expected);
        assert_eq!((diff.step(), diff.renamed, diff.unchanged, diff.unknown), (Some(Step::Major), 1, 0, 0));
        let more = Diff::of(&new, &new.clone().into_iter().chain(states(&[(8, "z", 8, &[])])).collect());
        assert_eq!((more.step(), more.unchanged), (Some(Step::Minor), 4));
        assert_eq!(Diff::of(&new, &new).step(), Some(Step::Patch));
    }

    #[test]
    fn what_is_not_told_is_not_compared() {
        let (old, new) = (states(&[(1, "", 1, &[])]), states(&[(1, "a", 1, &[])]));
        let diff = Diff::of(&old, &new);
        assert_eq!((diff.step(), diff.unchanged, diff.unknown, diff.unknown_fields), (None, 0, 1, 0));
        assert_eq!(diff.changes, []);
        // What is added could be the least of it; what is removed is grave enough.
        let more = states(&[(1, "a", 1, &[]), (2, "b", 2, &[])]);
        assert_eq!(Diff::of(&old, &more).step(), None);
        assert_eq!(Diff::of(&more, &old).step(), Some(Step::Major));
        let mut table = more.clone();
        table.values_mut().for_each(|state| state.fields = None);
        let diff = Diff::of(&more, &table);
        assert_eq!((diff.step(), diff.unchanged, diff.unknown_fields), (Some(Step::Patch), 2, 2));
    }

    #[test]
    fn versions_step() {
        for (step, next) in [(Step::Patch, "1.2.4"), (Step::Minor, "1.3.0"), (Step::Major, "2.0.0")] {
            assert_eq!(step.after("1.2.3").as_deref(), Some(next));
        }
        for odd in ["", "1.2", "2024-01", "1.2.3.4", "1.2.x", "1.2.18446744073709551615"] {
            assert_eq!(Step::Patch.after(odd), None, "{odd}");
        }
    }
}
