//! Sets of labels, each with a small number.

use std::collections::HashMap;

/// The sets of labels that packets have.
#[derive(Debug)]
pub struct LabelSets {
    names: Vec<String>,
    by_name: HashMap<String, u32>,
    /// Labels by number, in ascending order.
    sets: Vec<Vec<u32>>,
    by_set: HashMap<Vec<u32>, u32>,
}

impl Default for LabelSets {
    fn default() -> Self {
        let none = Vec::new();
        Self {
            names: Vec::new(),
            by_name: HashMap::new(),
            sets: vec![none.clone()],
            by_set: HashMap::from([(none, Self::NONE)]),
        }
    }
}

impl LabelSets {
    /// The empty set: no label.
    pub const NONE: u32 = 0;

    /// The number of the set of these labels; each counts once, and an empty one is none.
    pub fn number<'a>(&mut self, labels: impl IntoIterator<Item = &'a str>) -> u32 {
        let mut set: Vec<u32> =
            labels.into_iter().filter(|label| !label.is_empty()).map(|label| self.label(label)).collect();
        set.sort_unstable();
        set.dedup();
        let next = self.sets.len() as u32;
        *self.by_set.entry(set).or_insert_with_key(|set| {
            self.sets.push(set.clone());
            next
        })
    }

    fn label(&mut self, name: &str) -> u32 {
        if let Some(number) = self.by_name.get(name) {
            return *number;
        }
        let number = self.names.len() as u32;
        self.names.push(name.to_owned());
        self.by_name.insert(name.to_owned(), number);
        number
    }

    /// All labels, in no particular order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.names.iter().map(String::as_str)
    }

    /// The labels of a set, by name.
    pub(super) fn of(&self, set: u32) -> Vec<&str> {
        let mut names: Vec<&str> =
            self.sets[set as usize].iter().map(|label| self.names[*label as usize].as_str()).collect();
        names.sort_unstable();
        names
    }

    /// For each set its place in the order of names: numbers follow from what was read first, names do not.
    pub(super) fn by_name(&self) -> Vec<u32> {
        let mut sets: Vec<u32> = (0..self.sets.len() as u32).collect();
        sets.sort_by_cached_key(|set| self.of(*set));
        let mut order = vec![0; sets.len()];
        for (place, set) in (0..).zip(sets) {
            order[set as usize] = place;
        }
        order
    }
}
