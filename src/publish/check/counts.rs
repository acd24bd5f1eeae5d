//! How many samples of each split and class the comments of a table of splits tell, and how many its rows come to.
//!
//! Whoever moves an id from one row's split to another leaves the comments behind.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use super::split_of;
use crate::packet::SampleId;
use crate::rule::{CHALLENGE, SplitRow};
use crate::sample::comment;

/// What the comments tell.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Counts {
    /// The samples of each split.
    splits: BTreeMap<String, u64>,
    /// Those of each class in a split, the class as comments write it.
    classes: BTreeMap<(String, String), u64>,
}

impl Counts {
    /// Reads the comments that a table of splits begins with; none if they tell no number.
    pub fn read(text: &str) -> Option<Self> {
        let mut counts = Self::default();
        let comments = text.trim_start_matches('\u{feff}').lines().map_while(|line| line.strip_prefix('#'));
        for (key, value) in comments.filter_map(|line| line.split_once(':')) {
            let Some((of, number)) = value.rsplit_once(',') else { continue };
            // A number that is none is no number: the rows will come to another one.
            let number = number.trim().parse().unwrap_or(0);
            match (key.trim(), of.split_once(',')) {
                ("samples", _) => drop(counts.splits.insert(of.trim().to_owned(), number)),
                ("class", Some((split, class))) => {
                    counts.classes.insert((split.trim().to_owned(), class.trim().to_owned()), number);
                }
                _ => {}
            }
        }
        (!counts.splits.is_empty()).then_some(counts)
    }

    /// The splits that are told of.
    pub fn splits(&self) -> impl Iterator<Item = &str> {
        self.splits.keys().map(String::as_str)
    }

    /// Where rows come to other numbers. Classes are counted in splits of which the labels of all samples are known.
    pub(super) fn differing<'a>(
        &self,
        rows: &[SplitRow],
        label: impl Fn(SampleId) -> Option<&'a str>,
    ) -> impl Iterator<Item = String> {
        let mut splits: BTreeMap<String, u64> = BTreeMap::new();
        let mut classes: BTreeMap<(String, String), u64> = BTreeMap::new();
        let mut unknown: BTreeSet<&str> = BTreeSet::from([CHALLENGE]);
        let mut met = HashSet::new();
        for row in rows.iter().filter(|row| met.insert((row.id, split_of(row)))) {
            let split = split_of(row);
            *splits.entry(split.to_owned()).or_default() += 1;
            match label(row.id) {
                Some(label) => {
                    let class = comment::escape(label.trim()).into_owned();
                    *classes.entry((split.to_owned(), class)).or_default() += 1;
                }
                None => drop(unknown.insert(split)),
            }
        }
        let known = |(split, _): &&(String, String)| !self.classes.is_empty() && !unknown.contains(split.as_str());
        let mut odd = differing(&self.splits, &splits, |_| true, Clone::clone);
        odd.extend(differing(&self.classes, &classes, |of| known(&of), |(split, class)| format!("{split},{class}")));
        odd.into_iter()
    }
}

/// What has one number in `said`, and another in `found`, of what is `asked`.
fn differing<K: Ord>(
    said: &BTreeMap<K, u64>,
    found: &BTreeMap<K, u64>,
    asked: impl Fn(&K) -> bool,
    name: impl Fn(&K) -> String,
) -> Vec<String> {
    let number = |of: &BTreeMap<K, u64>, key: &K| of.get(key).copied().unwrap_or(0);
    let keys: BTreeSet<&K> = said.keys().chain(found.keys()).filter(|key| asked(key)).collect();
    let both = keys.into_iter().map(|key| (key, number(said, key), number(found, key)));
    let odd = both.filter(|(_, said, found)| said != found);
    odd.map(|(key, said, found)| format!("{} {found} (said {said})", name(key))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::Splits;

    const TABLE: &str = "\u{feff}# pcapml-list: 1\n# samples: train,2\n# class: train,a%2C,1\n# class: train,b,1\n\
        # samples: test,1\n# class: test,b,1\n# samples: challenge,1\nsample_id,split\n";

    fn odd(rows: &str, labels: &[(u64, &'static str)]) -> Vec<String> {
        let rows = Splits::rows(format!("sample_id,split\n{rows}").as_bytes()).unwrap();
        let label = |id: SampleId| labels.iter().find(|(one, _)| *one == id.0).map(|(_, label)| *label);
        Counts::read(TABLE).unwrap().differing(&rows, label).collect()
    }

    #[test]
    fn what_moved_is_missed_where_it_was() {
        let labels = [(1, "a,"), (2, "b"), (3, "b")];
        let none: [&str; 0] = [];
        assert_eq!(odd("1,train\n2,train\n2,train\n3,test\n4,challenge\n", &labels), none);
        assert_eq!(
            odd("1,test\n2,train\n3,test\n4,challenge\n", &labels),
            ["test 2 (said 1)", "train 1 (said 2)", "test,a%2C 1 (said 0)", "train,a%2C 0 (said 1)"]
        );
        // The numbers are right, and the classes are not.
        assert_eq!(
            odd("1,test\n2,train\n3,train\n4,challenge\n", &labels),
            ["test,a%2C 1 (said 0)", "test,b 0 (said 1)", "train,a%2C 0 (said 1)", "train,b 2 (said 1)"]
        );
        // Of whom nobody knows the class, that may be as it is said.
        assert_eq!(odd("1,train\n2,train\n3,test\n4,dev\n", &labels[..1]), ["challenge 0 (said 1)", "dev 1 (said 0)"]);
    }

    #[test]
    fn a_table_without_numbers_tells_none() {
        assert_eq!(Counts::read("# seed: 1\nsample_id,split\n# samples: train,1\n"), None);
    }
}
