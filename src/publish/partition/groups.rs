//! Which samples must stay together.
//!
//! A [`Group`] has a name that no other sample can change, so that its place stays when the dataset grows. What links
//! samples (flows, captures) makes one group of all that hang together: a link between two groups joins them.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::Group;
use crate::dataset::SampleFacts;
use crate::packet::{Sample, SampleId};

/// A sample, and what is known of it.
pub type Member<'a> = (&'a Sample, &'a SampleFacts);

/// All groups of a dataset.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Groups {
    /// The groups, by name.
    pub groups: Vec<Group>,
    /// Samples that nothing says the group of: each is one by itself.
    pub lone: u64,
}

/// Each sample is a group, named by its id.
pub fn each(members: &[Member]) -> Groups {
    named(members, |number| Some(members[number].0.id.to_string()))
}

/// Samples whose first flows have one initiator, named by its address.
pub fn by_host(members: &[Member]) -> Groups {
    named(members, |number| members[number].1.first_flow().map(|flow| flow.initiator.to_string()))
}

/// Samples with one value of a field, named by it.
pub fn by_field(members: &[Member], field: &str) -> Groups {
    named(members, |number| members[number].0.field(field).map(str::to_owned))
}

/// Samples that share a flow: packets of one 5-tuple less than `idle` nanoseconds apart. Named by the id of the sample
/// whose first packet is the earliest.
pub fn by_flow(members: &[Member], idle: i64) -> Groups {
    let mut flows: Vec<_> = Vec::new();
    for (number, (_, facts)) in members.iter().enumerate() {
        flows.extend(facts.flows.iter().map(|flow| (flow.key, flow.first, flow.last, number)));
    }
    flows.sort_unstable();
    let mut joined = Joined::new(members.len());
    // Of one 5-tuple, by start: what begins before all earlier ones are over is one flow with them.
    let mut open = None;
    for (key, first, last, number) in flows {
        open = match open {
            Some((other, end, before)) if other == key && first <= i64::saturating_add(end, idle) => {
                joined.join(before, number);
                Some((key, last.max(end), number))
            }
            _ => Some((key, last, number)),
        };
    }
    let earliest = |numbers: &[usize]| {
        let key = |&number: &usize| {
            let (sample, facts) = members[number];
            (facts.tally.first.is_none(), facts.tally.first, sample.id)
        };
        numbers.iter().min_by_key(|number| key(number)).map_or(SampleId(0), |&number| members[number].0.id)
    };
    let groups = joined.sets().into_iter().map(|samples| Group::new(earliest(&samples).to_string(), samples));
    let lone = members.iter().filter(|(_, facts)| facts.flows.is_empty()).count() as u64;
    sorted(groups.collect(), lone)
}

/// Samples of one capture, each given the captures that it is of. A sample of several joins them; the group has the name
/// of the first of them.
pub fn by_captures(members: &[Member], captures: &[BTreeSet<String>]) -> Groups {
    let mut joined = Joined::new(members.len());
    let mut first: HashMap<&str, usize> = HashMap::new();
    for (number, captures) in captures.iter().enumerate() {
        for capture in captures {
            joined.join(*first.entry(capture).or_insert(number), number);
        }
    }
    let name = |samples: &[usize]| {
        let smallest = samples.iter().filter_map(|&number| captures[number].first()).min();
        smallest.cloned().unwrap_or_else(|| alone(members[samples[0]].0))
    };
    let groups = joined.sets().into_iter().map(|samples| Group::new(name(&samples), samples));
    let lone = captures.iter().filter(|captures| captures.is_empty()).count() as u64;
    sorted(groups.collect(), lone)
}

/// What a sample is called that is a group by itself for want of a better one.
fn alone(sample: &Sample) -> String {
    format!("sample:{}", sample.id)
}

fn named(members: &[Member], name: impl Fn(usize) -> Option<String>) -> Groups {
    let mut groups: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    let mut lone = 0;
    for (number, (sample, _)) in members.iter().enumerate() {
        let name = name(number).unwrap_or_else(|| {
            lone += 1;
            alone(sample)
        });
        groups.entry(name).or_default().push(number);
    }
    sorted(groups.into_iter().map(|(name, samples)| Group::new(name, samples)).collect(), lone)
}

fn sorted(mut groups: Vec<Group>, lone: u64) -> Groups {
    groups.sort_by(|one, other| one.name.cmp(&other.name));
    Groups { groups, lone }
}

/// Sets that are joined (union-find): each number points to another of its set, up to one that points to itself.
struct Joined(Vec<usize>);

impl Joined {
    fn new(count: usize) -> Self {
        Self((0..count).collect())
    }

    fn root(&mut self, mut number: usize) -> usize {
        while self.0[number] != number {
            // Halving the way keeps the next one short.
            self.0[number] = self.0[self.0[number]];
            number = self.0[number];
        }
        number
    }

    fn join(&mut self, one: usize, other: usize) {
        let (one, other) = (self.root(one), self.root(other));
        self.0[one.max(other)] = one.min(other);
    }

    /// The sets, each in ascending order.
    fn sets(mut self) -> Vec<Vec<usize>> {
        let mut sets: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for number in 0..self.0.len() {
            let root = self.root(number);
            sets.entry(root).or_default().push(number);
        }
        sets.into_values().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dataset::{FlowFacts, Ways};
    use crate::packet::FlowKey;
    use crate::time::Timestamp;
    use proptest::prelude::*;

    const IDLE: i64 = 120;

    fn sample(id: u64, fields: &[(&str, &str)]) -> Sample {
        let fields = fields.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
        Sample { id: SampleId(id), label: "x".to_owned(), fields: fields.collect() }
    }

    /// The flow of a port, from and to these times.
    fn flow(port: u16, first: i64, last: i64) -> FlowFacts {
        let (client, server) = ([10, 0, 0, 1].into(), [10, 0, 0, 2].into());
        let key = FlowKey::new(6, client, server, Some((port, 443)));
        FlowFacts { key, first, last, initiator: client, ways: Ways::default() }
    }

    fn facts(flows: &[FlowFacts]) -> SampleFacts {
        let mut facts = SampleFacts::default();
        facts.tally.first = flows.iter().map(|flow| flow.first).min().map(|first| Timestamp(first.into()));
        facts.flows = flows.to_vec();
        facts
    }

    fn names(groups: &Groups) -> Vec<(&str, Vec<usize>)> {
        groups.groups.iter().map(|group| (group.name.as_str(), group.samples.clone())).collect()
    }

    #[test]
    fn what_shares_a_flow_hangs_together() {
        let samples: Vec<Sample> = (1..=5).map(|id| sample(id, &[])).collect();
        let facts = [
            facts(&[flow(1, 1000, 2000)]),
            // Both of the flow before, and of another one, which began first.
            facts(&[flow(1, 2120, 2200), flow(2, 500, 600)]),
            // The port of the first again, too late.
            facts(&[flow(1, 2321, 2400)]),
            facts(&[flow(2, 550, 560)]),
            facts(&[]),
        ];
        let members: Vec<Member> = samples.iter().zip(&facts).collect();
        let groups = by_flow(&members, IDLE);
        assert_eq!(names(&groups), [("2", vec![0, 1, 3]), ("3", vec![2]), ("5", vec![4])]);
        assert_eq!(groups.lone, 1);
    }

    #[test]
    fn captures_hang_together_by_samples_of_both() {
        let samples: Vec<Sample> = (1..=4).map(|id| sample(id, &[])).collect();
        let facts = vec![SampleFacts::default(); 4];
        let members: Vec<Member> = samples.iter().zip(&facts).collect();
        let captures = [vec!["b"], vec!["b", "a"], vec!["c"], vec![]];
        let captures: Vec<BTreeSet<String>> =
            captures.iter().map(|names| names.iter().map(|name| (*name).to_owned()).collect()).collect();
        let groups = by_captures(&members, &captures);
        assert_eq!(names(&groups), [("a", vec![0, 1]), ("c", vec![2]), ("sample:4", vec![3])]);
        assert_eq!(groups.lone, 1);
    }

    #[test]
    fn fields_group_and_their_lack_does_not() {
        let samples = [sample(1, &[("os", "a")]), sample(2, &[]), sample(3, &[("os", "a")]), sample(4, &[])];
        let facts = vec![SampleFacts::default(); 4];
        let members: Vec<Member> = samples.iter().zip(&facts).collect();
        let groups = by_field(&members, "os");
        assert_eq!(names(&groups), [("a", vec![0, 2]), ("sample:2", vec![1]), ("sample:4", vec![3])]);
        assert_eq!(groups.lone, 2);
    }

    proptest! {
        /// Against the plain way: compare all with all, until nothing more joins.
        #[test]
        fn flows_join_as_the_plain_way_says(
            flows in prop::collection::vec(prop::collection::vec((0_u16..3, 0_i64..2000, 0_i64..100), 0..3), 1..12)
        ) {
            let facts: Vec<SampleFacts> = flows.iter().map(|flows| {
                facts(&flows.iter().map(|&(port, first, length)| flow(port, first, first + length)).collect::<Vec<_>>())
            }).collect();
            let samples: Vec<Sample> = (0..flows.len()).map(|id| sample(id as u64, &[])).collect();
            let members: Vec<Member> = samples.iter().zip(&facts).collect();
            let touches = |one: &FlowFacts, other: &FlowFacts| {
                one.key == other.key && one.first <= other.last + IDLE && other.first <= one.last + IDLE
            };
            let mut group: Vec<usize> = (0..flows.len()).collect();
            for _ in 0..flows.len() {
                for one in 0..flows.len() {
                    for other in 0..flows.len() {
                        if facts[one].flows.iter().any(|a| facts[other].flows.iter().any(|b| touches(a, b))) {
                            let low = group[one].min(group[other]);
                            (group[one], group[other]) = (low, low);
                        }
                    }
                }
            }
            let mut of = vec![0; flows.len()];
            for set in by_flow(&members, IDLE).groups {
                for &number in &set.samples {
                    of[number] = set.samples[0];
                }
            }
            prop_assert_eq!(of, group);
        }
    }
}
