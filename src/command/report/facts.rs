//! From what was measured to what a page tells.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, HashSet};

use super::census::{CLASSES, Census};
use super::class::ClassStats;
use super::heavy::{Heavy, Seen};
use super::opening::sum_up;
use crate::decode::protocol;
use crate::packet::{FlowKey, LinkType, Sample};
use crate::report::{Class, Facts, Link, Period, QUANTILES, SplitTable, Talker, Talkers, Totals};
use crate::rule::Splits;

/// Rows of a table of talkers.
const TALKERS: usize = 20;

/// How the splits that everybody has are ordered; others follow by name.
const USUAL: [&str; 5] = ["train", "validation", "valid", "test", "challenge"];

/// Makes facts of what was measured; what there is to say of the file is for the caller to add.
pub(super) fn facts(mut census: Census, samples: &[Sample], splits: Option<&Splits>) -> Facts {
    let order = order(&census.classes);
    let (periods, times) = std::mem::take(&mut census.times).finish(census.classes.len());
    let classes = order.iter().map(|&number| class(&census, number, times[number].clone())).collect();
    let names: Vec<String> = (0..census.classes.len()).map(|number| name(&census, number)).collect();
    Facts {
        totals: Totals {
            samples: census.states.len() as u64,
            classes: census.labels() as u64,
            packets: census.all.packets,
            bytes: census.all.bytes,
            unlabelled: census.unlabelled,
            span: census.all.first.zip(census.all.last),
        },
        classes,
        links: links(&census),
        hosts: talkers(&census.hosts, &names, |address| address),
        conversations: talkers(&census.conversations, &names, ends),
        splits: splits.map(|splits| split_table(&census, (samples, splits), &order)),
        notes: notes(&census, &periods),
        periods,
        ..Facts::default()
    }
}

/// Classes by samples, then packets, those of most first; equal ones by name. That of all further labels is the last.
fn order(classes: &[ClassStats]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..classes.len()).collect();
    order.sort_by(|&one, &other| {
        let (a, b) = (&classes[one], &classes[other]);
        let is_rest = (one >= CLASSES).cmp(&(other >= CLASSES));
        is_rest.then((b.samples, b.packets).cmp(&(a.samples, a.packets))).then_with(|| a.name.cmp(&b.name))
    });
    order
}

fn name(census: &Census, number: usize) -> String {
    match &census.classes[number].name {
        _ if number >= CLASSES => format!("({} further labels)", census.further.len()),
        name if name.is_empty() => "(empty label)".to_owned(),
        name => name.clone(),
    }
}

fn class(census: &Census, number: usize, times: Vec<u64>) -> Class {
    let stats = &census.classes[number];
    let parts = QUANTILES as u64 - 1;
    let openings = census.states.iter().filter(|state| state.class == number).map(|state| &state.opening);
    Class {
        name: name(census, number),
        samples: stats.samples,
        packets: stats.packets,
        bytes: stats.bytes,
        sizes: stats.sizes.quantiles(parts),
        gaps: stats.gaps.quantiles(parts),
        gap_count: stats.gaps.total(),
        times,
        opening: sum_up(openings),
        entropy4: stats.entropy(0),
        entropy6: stats.entropy(1),
    }
}

fn links(census: &Census) -> Vec<Link> {
    let mut types: BTreeMap<LinkType, (u64, u64, u64, u64)> = BTreeMap::new();
    for (link, (packets, bytes)) in &census.links {
        types.insert(*link, (*packets, *bytes, 0, 0));
    }
    for class in &census.classes {
        for link in class.links.keys() {
            let (_, _, classes, exclusive) = types.entry(*link).or_default();
            *classes += 1;
            *exclusive += u64::from(class.links.len() == 1);
        }
    }
    let mut links: Vec<Link> = types
        .into_iter()
        .map(|(link, (packets, bytes, classes, exclusive))| Link {
            name: link.to_string(),
            packets,
            bytes,
            classes,
            exclusive,
        })
        .collect();
    links.sort_by_key(|link| Reverse(link.packets));
    links
}

fn talkers<K, N>(heavy: &Heavy<K>, classes: &[String], name: impl Fn(K) -> N) -> Talkers<N>
where
    K: std::hash::Hash + Ord + Copy,
{
    let row = |(who, said): (K, super::heavy::Said)| Talker {
        name: name(who),
        packets: said.packets,
        bytes: said.bytes,
        classes: match said.class {
            Seen::Several => "several".to_owned(),
            Seen::Unknown => "not known".to_owned(),
            Seen::Only(Some(class)) => format!("only {}", classes[class as usize]),
            Seen::Only(None) => "none".to_owned(),
        },
    };
    Talkers { rows: heavy.first(TALKERS).into_iter().map(row).collect(), uncertain: heavy.forgotten() }
}

fn ends(key: FlowKey) -> String {
    let protocol = protocol::name(key.protocol).map_or_else(|| key.protocol.to_string(), str::to_owned);
    let end = |address: std::net::IpAddr, port: Option<u16>| match (address, port) {
        (address, None) => address.to_string(),
        (std::net::IpAddr::V6(address), Some(port)) => format!("[{address}]:{port}"),
        (address, Some(port)) => format!("{address}:{port}"),
    };
    let (low, high) = (key.ports.map(|ports| ports.0), key.ports.map(|ports| ports.1));
    format!("{protocol} {} – {}", end(key.low, low), end(key.high, high))
}

fn split_table(census: &Census, (samples, splits): (&[Sample], &Splits), order: &[usize]) -> SplitTable {
    let ids: HashSet<_> =
        samples.iter().filter(|sample| splits.of(sample.id).is_some()).map(|sample| sample.id).collect();
    let there: BTreeSet<&str> = samples.iter().filter_map(|sample| splits.of(sample.id)).collect();
    let mut names: Vec<&str> = there.into_iter().collect();
    names.sort_by_key(|name| (USUAL.iter().position(|usual| usual == name).unwrap_or(USUAL.len()), *name));
    let mut counts = vec![vec![0; names.len()]; order.len()];
    let mut without = vec![0; order.len()];
    let mut places = vec![0; order.len()];
    for (place, number) in order.iter().enumerate() {
        places[*number] = place;
    }
    for (sample, state) in samples.iter().zip(&census.states) {
        let place = places[state.class];
        match splits.of(sample.id).and_then(|split| names.iter().position(|name| *name == split)) {
            Some(split) => counts[place][split] += 1,
            None => without[place] += 1,
        }
    }
    SplitTable {
        names: names.into_iter().map(str::to_owned).collect(),
        counts,
        without,
        unknown: splits.len().saturating_sub(ids.len()) as u64,
    }
}

fn notes(census: &Census, periods: &[Period]) -> Vec<String> {
    let mut notes = Vec::new();
    let mut tell = |number: u64, said: &str| {
        if number > 0 {
            notes.push(format!("{number} {said}"));
        }
    };
    tell(census.cut, "packets were captured in part: bytes that are missing have no part in the entropy.");
    tell(census.untimed, "packets have no time, or one that is too far from 1970: they are in no chart of times.");
    tell(
        census.backwards,
        "packets are earlier than the one before in their sample: no time between them was counted.",
    );
    tell(
        census.further.len() as u64,
        "labels were met after the first 500: charts and tables show them as one, of 'further labels'.",
    );
    tell(
        periods.len().saturating_sub(1) as u64,
        "pauses are cut out of the chart of traffic over time: each is longer than 15 % of what is left without it and longer ones.",
    );
    notes
}
