//! Leaks by counters: numbers that run on from a sample of one split to a sample of another, and tie them together even
//! where addresses are masked.
//!
//! Each rule is built so that chance does not trip it; where it says "by chance", the numbers stand beside the constants.
//! What that misses is named, too: flows too short to show a clock's rate, counters that each connection begins anew. A
//! finding is nearly certain; none is no proof.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::net::IpAddr;

use super::across::{Across, disallowing};
use super::leaks::{conversation, each_flow};
use super::words::some;
use super::{Finding, Rule, Severity, Subject};
use crate::dataset::{Sequence, Span};
use crate::decode::tcp_flag;
use crate::packet::FlowKey;

pub(super) const RULES: &[Rule] = &[
    Rule {
        name: "leak-tcp-sequence",
        severity: Severity::Error,
        doc: "TCP goes on in one split where it stopped in another, by its sequence and acknowledgement numbers: parts of one connection, whatever their addresses.",
        look: sequences,
    },
    Rule {
        name: "leak-ip-id",
        severity: Severity::Error,
        doc: "The IPv4 identification of a host counts on from a sample of one split to one of another, within 10 seconds: neighbours in time of one machine.",
        look: identifications,
    },
    Rule {
        name: "leak-clock",
        severity: Severity::Error,
        doc: "TCP timestamps of several splits run by one clock: the same machine since the same boot, behind whatever addresses.",
        look: clocks,
    },
];

/// How far sequence numbers may have gone on unseen, or be repeated, where addresses and ports are the same too: by chance
/// once in 4,000 for one direction, and both are asked.
const MISSED: u32 = 1 << 20;
const REPEATED: u32 = 1 << 16;

/// Numbers below this were made up: by programs that write captures, or number connections from 0. They agree by nature.
const MADE_UP: u32 = 1 << 20;

/// A sample's part of a connection.
struct Part<'a> {
    sample: usize,
    key: FlowKey,
    first_time: i64,
    sequence: &'a Sequence,
}

fn sequences(subject: &Subject) -> Vec<Finding> {
    let Some(across) = Across::of(subject) else { return Vec::new() };
    let mut parts: Vec<Part> = each_flow(subject)
        .filter_map(|(sample, flow, profile)| {
            let sequence = profile.counters.sequence.as_ref()?;
            Some(Part { sample, key: flow.key, first_time: flow.first, sequence })
        })
        .collect();
    parts.sort_by_key(|part| (part.first_time, part.sample, part.key));
    let links = links(&parts);
    let pairs = links.iter().flat_map(|&(one, other)| {
        let key = (parts[one].key, one, other);
        [(key, parts[one].sample), (key, parts[other].sample)]
    });
    let shared = across.shared(pairs);
    let name = |(key, ..): &(FlowKey, usize, usize)| conversation(key);
    let findings = across.finding(
        shared,
        ["connection that goes on", "connections that go on"],
        name,
        (String::new(), "pcapml partition --by flow; leave sequence numbers out of what models see"),
    );
    disallowing(findings, &["tcp.seq"])
}

/// The parts that go on with an earlier one: of the same ends, nearly; of others, exactly.
fn links(parts: &[Part]) -> Vec<(usize, usize)> {
    let mut links = Vec::new();
    let mut by_key: HashMap<FlowKey, usize> = HashMap::new();
    let mut by_state: HashMap<(u32, u32), usize> = HashMap::new();
    for (at, part) in parts.iter().enumerate() {
        // A connection that opens goes on with none.
        if part.sequence.first_flags & tcp_flag::ACK != 0 && part.sequence.first_flags & tcp_flag::SYN == 0 {
            let near = by_key.get(&part.key).filter(|&&before| goes_on(parts[before].sequence, part.sequence));
            let found = near.or_else(|| by_state.get(&part.sequence.first));
            links.extend(found.filter(|&&before| parts[before].sample != part.sample).map(|&before| (before, at)));
        }
        by_key.insert(part.key, at);
        if let [Some(low), Some(high)] = part.sequence.next
            && low.min(high) >= MADE_UP
        {
            by_state.insert((low, high), at);
            by_state.insert((high, low), at);
        }
    }
    links
}

/// True if a part of a connection begins about where an earlier one of the same ends stopped.
fn goes_on(before: &Sequence, part: &Sequence) -> bool {
    let near = |next: Option<u32>, first: u32| {
        next.is_some_and(|next| first.wrapping_sub(next).wrapping_add(REPEATED) <= MISSED + REPEATED)
    };
    let (sender, receiver) = if part.from_low { (0, 1) } else { (1, 0) };
    near(before.next[sender], part.first.0) && near(before.next[receiver], part.first.1)
}

/// Identifications of a host count on within such a time, and by so much at most. Of two random ones that is so once in
/// 1,000; a host is told to count if it is so three times and for a quarter of its flows that follow one another.
const SHORT: i64 = 10_000_000_000;
const FEW: u16 = 64;
const LEAST_STEPS: usize = 3;

/// One value of a host's counter.
#[derive(Clone, Copy)]
struct Point {
    time: i64,
    value: u16,
    sample: usize,
    flow: usize,
    begins: bool,
}

fn identifications(subject: &Subject) -> Vec<Finding> {
    let Some(across) = Across::of(subject) else { return Vec::new() };
    let mut hosts: BTreeMap<IpAddr, Vec<Point>> = BTreeMap::new();
    for (flow, (sample, facts, profile)) in each_flow(subject).enumerate() {
        for (host, span) in [facts.key.low, facts.key.high].into_iter().zip(profile.counters.identification) {
            let Some(Span { first_time, first, last_time, last }) = span else { continue };
            let points = hosts.entry(host).or_default();
            points.push(Point { time: first_time, value: first, sample, flow, begins: true });
            if last_time > first_time {
                points.push(Point { time: last_time, value: last, sample, flow, begins: false });
            }
        }
    }
    let steps = hosts.into_iter().flat_map(|(host, points)| {
        let steps = counted(points).into_iter();
        steps.flat_map(move |(one, other)| [((host, one), one.1), ((host, one), other)])
    });
    let shared = across.shared(steps);
    let remedy = "pcapml partition --by capture, or --by host, which parts clients and not servers; leave the identification out of what models see";
    let findings = across.finding(
        shared,
        ["step of a host's counter", "steps of hosts' counters"],
        |(host, (value, _))| format!("{host} after the value {value}"),
        (String::new(), remedy),
    );
    disallowing(findings, &["ip.id"])
}

/// The steps from one sample to another of a host that counts: the value and the sample before, and the sample behind.
fn counted(mut points: Vec<Point>) -> Vec<((u16, usize), usize)> {
    // What ends at a time stands before what begins then.
    points.sort_by_key(|point| (point.time, point.begins, point.flow));
    let follow = points.windows(2).filter_map(|pair| match pair {
        [before, point] if point.begins && before.flow != point.flow && point.time - before.time <= SHORT => {
            Some((*before, *point))
        }
        _ => None,
    });
    let follow: Vec<(Point, Point)> = follow.collect();
    let near = |(before, point): &&(Point, Point)| (1..=FEW).contains(&point.value.wrapping_sub(before.value));
    let steps: Vec<_> = follow.iter().filter(near).collect();
    match steps.len() >= LEAST_STEPS && steps.len() * 4 >= follow.len() {
        true => steps.into_iter().map(|(one, other)| ((one.value, one.sample), other.sample)).collect(),
        false => Vec::new(),
    }
}

/// Ticks of a clock of TCP in a second: Linux and Windows have had all of these (RFC 7323, 5.4, allows 1 to 1,000).
const RATES: [u32; 4] = [10, 100, 250, 1000];

/// A rate is measured over this at least, in nanoseconds, and must be a known one within a fifth: packets wait.
const MEASURED: i64 = 500_000_000;

/// Two readings are of one clock if they differ by no more than packets wait (0.1 s) and quartz strays (100 in a million);
/// readings more than an hour apart are not compared, for what they may have strayed.
const WAITED: i64 = 100_000_000;
const STRAY: i64 = 10_000;
const APART: i64 = 3_600_000_000_000;

/// As many chance clocks may be expected, at most, for two readings to be one; otherwise three must agree.
const BY_CHANCE: f64 = 0.01;

/// Readings that are compared with one, at most: of more that are as near, some neighbour is.
const NEIGHBOURS: usize = 64;

/// A clock as a flow shows it.
#[derive(Clone, Copy)]
struct Reading {
    rate: u32,
    /// What it would have shown in 1970, in ticks, modulo 2^32.
    zero: u32,
    first_time: i64,
    last_time: i64,
    sample: usize,
    host: IpAddr,
}

fn clocks(subject: &Subject) -> Vec<Finding> {
    let Some(across) = Across::of(subject) else { return Vec::new() };
    let mut readings: Vec<Reading> = each_flow(subject)
        .flat_map(|(sample, flow, profile)| {
            let hosts = [flow.key.low, flow.key.high].into_iter().zip(profile.counters.stamps);
            hosts.filter_map(move |(host, span)| reading(&span?, sample, host))
        })
        .collect();
    readings.sort_by_key(|reading| (reading.rate, reading.zero, reading.first_time, reading.sample));
    let clusters = clusters(&readings);
    let members = clusters.iter().enumerate();
    let pairs = members.flat_map(|(clock, cluster)| cluster.iter().map(move |&at| (clock, at)));
    let shared = across.shared(pairs.map(|(clock, at)| (clock, readings[at].sample)));
    let hosts = |clock: usize| clusters[clock].iter().map(|&at| readings[at].host).collect::<BTreeSet<_>>();
    let several = shared.groups.iter().filter(|group| hosts(group.key).len() > 1).count();
    let note = match several {
        0 => String::new(),
        _ => format!(", {several} of them behind several addresses, of one machine therefore"),
    };
    let remedy = "pcapml partition --by capture, or --by host, which parts clients and not servers; leave TCP's timestamps out of what models see";
    let name = |clock: &usize| format!("that of {}", some(hosts(*clock).into_iter().map(|host| host.to_string())));
    let findings = across.finding(shared, ["clock", "clocks"], name, (note, remedy));
    disallowing(findings, &["tcp.options.timestamp"])
}

/// The clock that a flow shows, if it shows enough of it.
fn reading(span: &Span<u32>, sample: usize, host: IpAddr) -> Option<Reading> {
    let (elapsed, ticks) = (span.last_time.checked_sub(span.first_time)?, span.last.wrapping_sub(span.first));
    if elapsed < MEASURED {
        return None;
    }
    let measured = f64::from(ticks) / (elapsed as f64 / 1e9);
    let rate = RATES.into_iter().find(|&rate| (measured / f64::from(rate) - 1.0).abs() <= 0.2)?;
    let shown = i128::from(span.last_time) * i128::from(rate) / 1_000_000_000;
    // Modulo 2^32 is meant.
    let zero = span.last.wrapping_sub(shown as u32);
    Some(Reading { rate, zero, first_time: span.first_time, last_time: span.last_time, sample, host })
}

/// The readings, sorted by rate and zero, that are of one clock each; those that are alone, or may be by chance, are not told.
fn clusters(readings: &[Reading]) -> Vec<Vec<usize>> {
    let mut leader: Vec<usize> = (0..readings.len()).collect();
    for (at, reading) in readings.iter().enumerate() {
        for (other, next) in readings.iter().enumerate().skip(at + 1).take(NEIGHBOURS) {
            if tolerance(reading, next).is_some_and(|ticks| f64::from(next.zero - reading.zero) <= ticks) {
                let (one, two) = (find(&leader, at), find(&leader, other));
                leader[one.max(two)] = one.min(two);
            }
        }
    }
    let least = if by_chance(readings) < BY_CHANCE { 2 } else { 3 };
    let mut clusters: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for at in 0..readings.len() {
        clusters.entry(find(&leader, at)).or_default().push(at);
    }
    clusters.retain(|_, cluster| cluster.len() >= least);
    let mut clusters: Vec<_> = clusters.into_values().collect();
    clusters.sort_by_key(|cluster| Reverse(cluster.len()));
    clusters
}

/// How many pairs of readings would agree if all were of clocks that were started at random, at most.
fn by_chance(readings: &[Reading]) -> f64 {
    let mut times: Vec<(u32, i64, i64)> = readings.iter().map(|at| (at.rate, at.first_time, at.last_time)).collect();
    times.sort_unstable();
    let expected = times.iter().enumerate().map(|(at, &(rate, _, until))| {
        let end = times.partition_point(|&(other, from, _)| (other, from) <= (rate, until.saturating_add(APART)));
        let ticks = (WAITED + APART / STRAY) as f64 / 1e9 * f64::from(rate);
        end.saturating_sub(at + 1) as f64 * 2.0 * ticks / f64::from(u32::MAX)
    });
    expected.sum()
}

fn find(leader: &[usize], mut at: usize) -> usize {
    while leader[at] != at {
        at = leader[at];
    }
    at
}

/// By how many ticks two readings of one clock may differ; none if they are too far apart, or tick at other rates.
fn tolerance(one: &Reading, other: &Reading) -> Option<f64> {
    let apart =
        (other.first_time.saturating_sub(one.last_time)).max(one.first_time.saturating_sub(other.last_time)).max(0);
    (one.rate == other.rate && apart <= APART).then(|| {
        let allowed = WAITED + apart / STRAY;
        allowed as f64 / 1e9 * f64::from(one.rate)
    })
}
