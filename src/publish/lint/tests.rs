//! Rules, asked about captures that are made up here: what is planted is found, and nothing is found where nothing is.

use proptest::prelude::*;

use super::*;
use crate::dataset::{Profiles, Wanted};
use crate::packet::{ByteOrder, Interface, LinkType, Options, Packet, code, push_option};
use crate::time::Resolution;

/// A labelled capture under construction.
#[derive(Default)]
struct Made {
    packets: Vec<(u64, String, Vec<u8>)>,
    splits: Vec<(u64, &'static str)>,
    /// The names of interfaces, which see packets in turn; one whose name is empty, if there are none.
    interfaces: Vec<&'static str>,
}

/// A TCP segment, as far as rules look.
#[derive(Clone, Copy)]
struct Segment {
    from: [u8; 4],
    to: [u8; 4],
    ports: (u16, u16),
    identification: u16,
    numbers: (u32, u32),
    flags: u8,
    stamp: Option<u32>,
    payload: &'static [u8],
}

const PLAIN: Segment = Segment {
    from: [198, 51, 100, 1],
    to: [203, 0, 113, 1],
    ports: (40_000, 443),
    identification: 0,
    numbers: (0, 0),
    flags: 0x18,
    stamp: None,
    payload: b"",
};

impl Segment {
    fn bytes(self) -> Vec<u8> {
        let options =
            self.stamp.map_or(Vec::new(), |stamp| [&[1, 1, 8, 10][..], &stamp.to_be_bytes(), &[0, 0, 0, 9]].concat());
        let header = 20 + options.len();
        let length = (20 + header + self.payload.len()) as u16;
        let [p0, p1] = [self.ports.0, self.ports.1].map(u16::to_be_bytes);
        let mut bytes = vec![0x45, 0];
        bytes.extend(length.to_be_bytes());
        bytes.extend(self.identification.to_be_bytes());
        bytes.extend([0, 0, 64, 6, 0, 0]);
        bytes.extend([self.from, self.to].concat());
        bytes.extend([p0, p1].concat());
        bytes.extend([self.numbers.0.to_be_bytes(), self.numbers.1.to_be_bytes()].concat());
        bytes.extend([(header as u8) << 2, self.flags, 1, 0, 0, 0, 0, 0]);
        bytes.extend(options);
        bytes.extend(self.payload);
        bytes
    }
}

const SECOND: u64 = 1_000_000_000;

impl Made {
    /// A sample of a label in a split; its packets at times in nanoseconds.
    fn sample(&mut self, id: u64, label: &str, split: &'static str, packets: &[(u64, Vec<u8>)]) {
        for (time, bytes) in packets {
            self.packets.push((1_600_000_000 * SECOND + time, format!("{id},{label}"), bytes.clone()));
        }
        self.splits.push((id, split));
    }

    /// What is found.
    fn findings(&self) -> Vec<Finding> {
        let mut facts = Facts::new(Wanted { content: false, flows: true });
        let mut profiles = Profiles::default();
        let names = if self.interfaces.is_empty() { &[""] } else { self.interfaces.as_slice() };
        let interfaces: Vec<Interface> = (0..).zip(names).map(|(number, name)| interface(number, name)).collect();
        interfaces.iter().for_each(|interface| facts.interface(interface));
        for (number, (time, comment, bytes)) in (1..).zip(&self.packets) {
            let mut options = Vec::new();
            comment.split('|').for_each(|text| push_option(&mut options, code::OPT_COMMENT, text.as_bytes()));
            let packet = Packet {
                number,
                place: (number, 0),
                interface: &interfaces[(number - 1) as usize % interfaces.len()],
                raw_time: Some(*time),
                bytes,
                original_length: bytes.len() as u32,
                drops: None,
                options: Options::trusted(&options, ByteOrder::Little),
                block: &[],
            };
            facts.packet(&packet);
            let (samples, flows) = facts.current();
            profiles.packet(&packet, samples, flows);
        }
        let rows: String = self.splits.iter().map(|(id, split)| format!("{id},{split}\n")).collect();
        let splits = Splits::parse(format!("sample_id,split\n{rows}").as_bytes()).unwrap();
        let subject = Subject {
            facts: &facts,
            profiles: &profiles.each,
            capture: &profiles.capture,
            splits: Some(&splits),
            threshold: 0.3,
            kept: Kept::default(),
        };
        lint(&subject, &Levels::default())
    }

    /// What a rule finds.
    fn found(&self, rule: &str) -> Option<Finding> {
        self.findings().into_iter().find(|finding| finding.rule == rule)
    }
}

fn interface(number: u32, name: &str) -> Interface {
    let mut options = Vec::new();
    push_option(&mut options, code::IF_NAME, name.as_bytes());
    Interface {
        number,
        link_type: LinkType(101),
        byte_order: ByteOrder::Little,
        snap_len: 0,
        resolution: Resolution::NANOSECONDS,
        states_resolution: true,
        offset: 0,
        options,
    }
}

fn ids(finding: &Finding) -> Vec<u64> {
    finding.ids.iter().map(|id| id.0).collect()
}

#[test]
fn samples_of_test_are_touched_by_train_and_validation_alone() {
    let mut made = Made::default();
    let at = |from: u8, port: u16| vec![(0, Segment { from: [10, 0, 0, from], ports: (port, 80), ..PLAIN }.bytes())];
    made.sample(1, "a", "Train", &at(1, 1));
    made.sample(2, "a", "test", &at(1, 2));
    made.sample(3, "a", "validation", &at(2, 3));
    made.sample(4, "b", "test", &at(2, 4));
    // Neither is learned from.
    made.sample(5, "b", "test", &at(3, 5));
    made.sample(6, "b", "challenge", &at(3, 6));
    let found = made.found("leak-host").unwrap();
    assert_eq!(ids(&found), [2, 4]);
    assert_eq!(
        found.evidence,
        "2 clients are in several splits, 2 of them with private addresses, which may be other machines in other networks; \
         2 of 3 (66.7 %) samples of test share one with what is learned from; labels: a 1, b 1; \
         the most common: 10.0.0.1 (Train 1, test 1), 10.0.0.2 (validation 1, test 1)"
    );
}

#[test]
fn folds_are_learned_from_for_each_other() {
    let mut made = Made::default();
    for (id, split, from) in [(1, "0", 1), (2, "1", 1), (3, "2", 2), (4, "2", 2)] {
        made.sample(id, "a", split, &[(0, Segment { from: [10, 0, 0, from], ..PLAIN }.bytes())]);
    }
    let found = made.found("leak-host").unwrap();
    assert_eq!(ids(&found), [1, 2]);
    assert!(
        found.evidence.contains("1 of 1 (100.0 %) samples of 0, 1 of 1 (100.0 %) samples of 1 share one with another")
    );
}

#[test]
fn evidence_does_not_grow_with_splits() {
    let mut made = Made::default();
    let mut names: Vec<String> = (0..300).map(|at| format!("split{at}")).collect();
    names[0] = "train".to_owned();
    for (at, name) in names.iter().enumerate() {
        for of in 0..40 {
            let (id, one) = ((at * 40 + of) as u64, at == 0);
            let payload: &[u8] = if one { b"" } else { b"a longer payload" };
            // One client and one server, and two labels whose shares differ.
            let segment = Segment { ports: (id as u16, 80), payload, ..PLAIN }.bytes();
            made.sample(id, if one == (of < 8) { "web" } else { "mail" }, name.clone().leak(), &[(id, segment)]);
        }
        let id = 100_000 + at as u64;
        made.sample(
            id,
            name.clone().leak(),
            name.clone().leak(),
            &[(id, Segment { ports: (1, at as u16), ..PLAIN }.bytes())],
        );
    }
    let found = made.findings();
    for rule in ["leak-host", "balance-missing", "balance-drift", "balance-shift"] {
        assert!(found.iter().any(|finding| finding.rule == rule), "{rule}");
    }
    for finding in found {
        assert!(finding.evidence.len() < 1000, "{} {}", finding.rule, finding.evidence);
    }
}

#[test]
fn what_is_in_no_split_on_purpose_is_not_forgotten() {
    let mut made = Made::default();
    for (id, split) in [(1, "train"), (2, "none"), (3, "test")] {
        made.sample(id, "a", split, &[(id, Segment { from: [10, 0, 0, id as u8], ..PLAIN }.bytes())]);
    }
    assert_eq!(made.found("balance-unsplit"), None);
    made.splits.pop();
    made.splits.push((4, "test"));
    let found = made.found("balance-unsplit").unwrap();
    assert_eq!(ids(&found), [3]);
    assert_eq!(
        found.evidence,
        "1 of 3 (33.3 %) samples have no split; 1 of 2 (50.0 %) ids of the table of splits are not in the capture"
    );
}

#[test]
fn captures_on_both_sides_are_found_by_the_files_that_packets_name() {
    let mut made = Made::default();
    let at =
        |from: u8| vec![(u64::from(from), Segment { from: [10, 0, 0, from], to: [11, 0, 0, from], ..PLAIN }.bytes())];
    made.sample(1, "a,source=one.pcap", "train", &at(1));
    made.sample(2, "a,source=two.pcap", "test", &at(2));
    assert_eq!(made.found("leak-capture"), None);
    made.packets[1].1.push_str(",p.source=one.pcap");
    let found = made.found("leak-capture").unwrap();
    assert_eq!(ids(&found), [2]);
    assert!(found.evidence.ends_with("the most common: one.pcap (train 1, test 1)"), "{}", found.evidence);
}

#[test]
fn one_capture_may_give_most_of_a_class() {
    let mut made = Made::default();
    for at in 0..30 {
        let from = [10, 0, 0, at as u8];
        // Of ten mails, six; of ten chats, half; of ten webs, those of no file that is named.
        let label = match at {
            0..6 => "mail,source=one.pcap",
            6..10 => "mail,source=two.pcap",
            10..15 => "chat,source=one.pcap",
            15..20 => "chat,source=two.pcap",
            _ => "web",
        };
        made.sample(at, label, "train", &[(at, Segment { from, ..PLAIN }.bytes())]);
    }
    let found = made.found("balance-capture").unwrap();
    assert_eq!(ids(&found), [0, 1, 2, 3, 4, 5]);
    let evidence = "one capture gives most of 1 of 3 (33.3 %) classes: mail: 6 of 10 (60.0 %) in one.pcap";
    assert_eq!(found.evidence, evidence);
}

#[test]
fn ids_of_several_meanings_are_one_finding() {
    let mut made = Made::default();
    for (at, (id, label)) in [(7, "a"), (7, "b"), (8, "a"), (8, "a,os=x"), (9, "a")].into_iter().enumerate() {
        made.sample(id, label, "train", &[(at as u64, PLAIN.bytes())]);
    }
    let found = made.found("ids-conflict").unwrap();
    assert_eq!(ids(&found), [7, 8]);
    assert_eq!(found.evidence, "2 ids of several meanings: 7 is both 'a' and 'b'; 8 is both 'a' and 'a,os=x'");
}

#[test]
fn interfaces_with_names_are_told_apart() {
    let mut made = Made::default();
    for at in 0..4 {
        let split = if at < 2 { "train" } else { "test" };
        made.sample(at, "a", split, &[(at, Segment { from: [10, 0, 0, at as u8], ..PLAIN }.bytes())]);
    }
    assert_eq!(made.found("leak-interface"), None);
    made.interfaces = vec!["eth0"];
    assert_eq!(made.found("leak-interface"), None);
    made.interfaces = vec!["eth0", "", "lab:", ""];
    assert_eq!(made.found("leak-interface"), None, "each has one packet");
    made.interfaces = vec!["eth0", ""];
    assert_eq!(made.found("leak-interface"), None, "one has a name");
    made.interfaces = vec!["eth0", "eth1", "eth2"];
    let found = made.found("leak-interface").unwrap();
    assert!(found.evidence.ends_with("the most common: 0:eth0 (train 1, test 1)"), "{}", found.evidence);
    assert_eq!(ids(&found), [3]);
}

/// Five labels, each recorded on two days, of which the window tells each; the day and the label are in the file's name.
fn two_days(splits: impl Fn(u64) -> &'static str) -> Made {
    let mut made = Made::default();
    for at in 0..200 {
        let (label, day) = (["a", "b", "c", "d", "e"][at as usize % 5], 1 + at / 5 % 2);
        let ports = (40_000 + at as u16 * 37, 443);
        let mut bytes = Segment { from: [10, 0, 0, at as u8], ports, ..PLAIN }.bytes();
        bytes[34] = at as u8 % 5;
        made.sample(at, &format!("{label},source=day{day}-{label}.pcap"), splits(at), &[(at * SECOND, bytes)]);
    }
    made
}

#[test]
fn what_holds_on_another_day_is_asked_of_another_day() {
    let found = two_days(|_| "none").found("shortcut-window").unwrap();
    assert!(
        found.evidence.starts_with(
            "the initiator's TCP window alone tells the label of 100.0 % of 200 samples, guessing the most frequent one \
             20.0 %; with the 10 source files kept apart, 100.0 % of the 200 whose label several have (guessing 20.0 %); such"
        ),
        "{}",
        found.evidence
    );
    assert!(found.remedy.starts_with("it holds where it was not learned"), "{}", found.remedy);
}

#[test]
fn few_samples_of_labels_in_several_files_say_little() {
    let mut made = two_days(|_| "none");
    made.packets.iter_mut().for_each(|(_, comment, _)| *comment = comment.replace("day2", "day1"));
    let found = made.found("shortcut-window").unwrap();
    let lone = "; no labels are in several source files, so that nothing says whether it holds elsewhere";
    assert!(found.evidence.contains(lone), "{}", found.evidence);
    assert!(found.remedy.starts_with("record each label in several source files"), "{}", found.remedy);
    for at in 200..220 {
        let source = if at < 210 { "day1-x" } else { "day2-x" };
        let bytes = Segment { from: [10, 0, 1, at as u8], ..PLAIN }.bytes();
        made.sample(at, &format!("x,source={source}.pcap"), "none", &[(at * SECOND, bytes)]);
    }
    let found = made.found("shortcut-window").unwrap();
    let few = "; the labels of only 20 are in several source files, too few to say whether it holds elsewhere";
    assert!(found.evidence.contains(few), "{}", found.evidence);
    assert!(found.remedy.starts_with("record more of each label in several source files"), "{}", found.remedy);
}

#[test]
fn splits_to_learn_from_and_to_score_are_known_by_all_their_names() {
    let told = |names: [&'static str; 3]| {
        let found = two_days(|at| names[at as usize / 5 % 3]).found("shortcut-window").unwrap();
        found.evidence.split("; learned from ").nth(1).map(|text| text.split("; such").next().unwrap().to_owned())
    };
    let of = |text: &str| Some(format!("{text} (guessing 20.0 %)"));
    assert_eq!(told(["train", "test", "test"]), of("train, 100.0 % of test"));
    assert_eq!(told(["Training", "dev", "Test"]), of("Training, 100.0 % of Test"));
    assert_eq!(told(["TRAIN", "challenge", "holdout"]), of("TRAIN, 100.0 % of challenge, holdout"));
    // Nobody learns from one of these, or nobody is scored.
    assert_eq!(told(["0", "1", "2"]), None);
    assert_eq!(told(["train", "valid", "val"]), None);
}

#[test]
fn connections_go_on_whatever_their_addresses() {
    let part = |numbers, payload| Segment { numbers, payload, ..PLAIN };
    let (first, second) = ((0x8000_0000, 0x9000_0000), (0x8000_0005, 0x9000_0000));
    let mut made = Made::default();
    made.sample(1, "a", "train", &[(0, part(first, b"hello").bytes())]);
    made.sample(
        2,
        "a",
        "test",
        &[(SECOND, Segment { from: [9, 9, 9, 9], ports: (7, 8), ..part(second, b"!") }.bytes())],
    );
    assert_eq!(ids(&made.found("leak-tcp-sequence").unwrap()), [2]);
    assert_eq!(made.found("leak-tcp-sequence").unwrap().disallow, ["tcp.seq"]);
    // Of other ends, a byte that was missed is another connection; of the same, it is not.
    let mut other = Made::default();
    other.sample(1, "a", "train", &[(0, part(first, b"hello").bytes())]);
    other.sample(
        2,
        "a",
        "test",
        &[(1, Segment { from: [9, 9, 9, 9], ..part((second.0 + 1, second.1), b"!") }.bytes())],
    );
    assert_eq!(other.found("leak-tcp-sequence"), None);
    other.sample(3, "a", "test", &[(2, part((second.0 + 1, second.1), b"!").bytes())]);
    assert_eq!(ids(&other.found("leak-tcp-sequence").unwrap()), [3]);
    assert_eq!(ids(&other.found("time-cut").unwrap()), [1, 3]);
    // Numbers that a program made up agree by nature, and what opens goes on with nothing.
    let mut made_up = Made::default();
    made_up.sample(1, "a", "train", &[(0, part((100, 200), b"hello").bytes())]);
    made_up.sample(2, "a", "test", &[(1, Segment { from: [9, 9, 9, 9], ..part((105, 200), b"!") }.bytes())]);
    made_up.sample(3, "a", "test", &[(2, Segment { flags: 2, ..part((105, 200), b"") }.bytes())]);
    assert_eq!(made_up.found("leak-tcp-sequence"), None);
    assert_eq!(made_up.found("time-cut"), None);
}

#[test]
fn counters_of_hosts_run_on() {
    let mut made = Made::default();
    for at in 0..8 {
        let split = if at % 2 == 0 { "train" } else { "test" };
        let segment =
            Segment { ports: (1000 + at as u16, 80), identification: 65_530_u16.wrapping_add(at as u16 * 3), ..PLAIN };
        made.sample(at, "a", split, &[(at * SECOND, segment.bytes())]);
    }
    assert_eq!(ids(&made.found("leak-ip-id").unwrap()), [1, 3, 5, 7]);
    // The same, a minute apart each.
    let mut slow = Made { splits: made.splits.clone(), ..Made::default() };
    let packets = made.packets.iter().zip(0..);
    slow.packets =
        packets.map(|((time, text, bytes), at)| (time + at * 60 * SECOND, text.clone(), bytes.clone())).collect();
    assert_eq!(slow.found("leak-ip-id"), None);
}

/// A flow of two segments, two seconds apart, of a host with a clock.
fn ticking(from: [u8; 4], port: u16, start: u64, stamps: (u32, u32)) -> Vec<(u64, Vec<u8>)> {
    let segment = |stamp| Segment { from, ports: (port, 443), stamp: Some(stamp), ..PLAIN }.bytes();
    vec![(start, segment(stamps.0)), (start + 2 * SECOND, segment(stamps.1))]
}

#[test]
fn one_clock_behind_two_addresses_is_one_machine() {
    let clock = |seconds: u64, late: u32| (seconds as u32 * 1000).wrapping_add(4_294_000_000 + late);
    let flow = |from, port, at: u64, late| ticking(from, port, at * SECOND, (clock(at, late), clock(at + 2, late)));
    let mut made = Made::default();
    made.sample(1, "a", "train", &flow([10, 0, 0, 1], 1, 0, 0));
    made.sample(2, "a", "test", &flow([10, 0, 0, 2], 2, 600, 50));
    // Another machine, which was started ten seconds later.
    made.sample(3, "a", "test", &flow([10, 0, 0, 3], 3, 300, 10_000));
    let found = made.found("leak-clock").unwrap();
    assert_eq!(ids(&found), [2]);
    assert!(found.evidence.contains("1 of them behind several addresses"), "{}", found.evidence);
    // Two hours later, quartz may have strayed too far.
    let mut late = Made::default();
    late.sample(1, "a", "train", &flow([10, 0, 0, 1], 1, 0, 0));
    late.sample(2, "a", "test", &flow([10, 0, 0, 2], 2, 7200, 0));
    assert_eq!(late.found("leak-clock"), None);
}

#[test]
fn copies_are_found_however_they_were_changed() {
    let of =
        |segment: Segment, time| vec![(time, Segment { identification: 7, payload: b"secret", ..segment }.bytes())];
    let mut made = Made::default();
    made.sample(1, "a", "train", &of(PLAIN, 0));
    made.sample(2, "b", "test", &of(PLAIN, 5));
    made.sample(3, "a", "test", &of(Segment { from: [9, 9, 9, 9], to: [8, 8, 8, 8], ports: (5, 6), ..PLAIN }, 9));
    made.sample(4, "a", "test", &of(Segment { numbers: (1, 0), ..PLAIN }, 9));
    assert_eq!(ids(&made.found("leak-duplicate").unwrap()), [2]);
    assert_eq!(ids(&made.found("leak-masked").unwrap()), [2, 3]);
    assert_eq!(ids(&made.found("duplicate-sample").unwrap()), [1, 2]);
    assert_eq!(ids(&made.found("duplicate-masked").unwrap()), [1, 2, 3]);
    let ceilings: Vec<Finding> =
        made.findings().into_iter().filter(|finding| finding.rule == "duplicate-label").collect();
    assert_eq!(ceilings.len(), 2);
    // Of three that look the same, one carries another label, and there are four.
    assert!(ceilings.iter().all(|finding| finding.evidence.contains("right in 75.0 % of cases at best")));
}

#[test]
fn what_has_several_comments_is_in_several_samples() {
    let mut made = Made::default();
    made.sample(1, "a", "train", &[(0, PLAIN.bytes())]);
    made.sample(2, "a", "test", &[(1, Segment { payload: b"x", ..PLAIN }.bytes())]);
    assert_eq!(made.found("leak-packet"), None);
    made.packets[0].1 = "1,a|2,a".to_owned();
    assert_eq!(ids(&made.found("duplicate-packet").unwrap()), [1, 2]);
    assert_eq!(ids(&made.found("leak-packet").unwrap()), [2]);
}

#[test]
fn sizes_tell_from_four_payloads_on() {
    let shape = |from: u8, packets: usize| -> Vec<_> {
        let segment = |at: usize| Segment {
            from: [10, 0, 0, from],
            identification: u16::from(from) * 50 + at as u16,
            payload: [&b"aa"[..], b"bbbb"][at % 2],
            ..PLAIN
        };
        (0..packets).map(|at| (at as u64, segment(at).bytes())).collect()
    };
    let mut made = Made::default();
    made.sample(1, "a", "train", &shape(1, 3));
    made.sample(2, "a", "test", &shape(2, 3));
    assert_eq!(made.found("leak-shape"), None);
    made.sample(3, "a", "train", &shape(3, 4));
    made.sample(4, "a", "test", &shape(4, 4));
    made.sample(5, "a", "test", &shape(5, 5));
    assert_eq!(ids(&made.found("leak-shape").unwrap()), [4]);
    assert_eq!(ids(&made.found("duplicate-shape").unwrap()), [3, 4]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    /// Hosts of their own, with random counters and clocks: nothing ties them, however many there are.
    #[test]
    fn chance_leaks_nothing(seeds in prop::collection::vec((any::<u32>(), any::<u32>(), any::<u32>(), any::<u16>()), 200)) {
        let mut made = Made::default();
        for (at, (clock, sequence, acknowledgement, identification)) in seeds.into_iter().enumerate() {
            let from = [11, 0, (at >> 8) as u8, at as u8];
            let segment = |stamp, identification| Segment {
                from,
                to: [12, 0, (at >> 8) as u8, at as u8],
                ports: (1024 + at as u16, 443),
                identification,
                numbers: (sequence | 1 << 30, acknowledgement | 1 << 30),
                stamp: Some(stamp),
                payload: b"same",
                ..PLAIN
            };
            let start = at as u64 * SECOND;
            let packets = [
                (start, segment(clock | 1, identification).bytes()),
                (start + 2 * SECOND, segment((clock | 1).wrapping_add(2000), identification.wrapping_add(1)).bytes()),
            ];
            made.sample(at as u64, "a", ["train", "test"][at % 2], &packets);
        }
        let leaks: Vec<_> = made.findings().into_iter().filter(|finding| finding.rule.starts_with("leak-")).collect();
        prop_assert!(leaks.is_empty(), "{leaks:?}");
    }
}
