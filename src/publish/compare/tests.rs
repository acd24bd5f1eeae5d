use proptest::collection::vec;
use proptest::prelude::*;

use super::*;
use crate::packet::{ByteOrder, LinkType};
use crate::time::{Resolution, Timestamp};

fn interface(resolution: Resolution) -> Interface {
    Interface {
        number: 0,
        link_type: LinkType(1),
        byte_order: ByteOrder::Little,
        snap_len: 0,
        resolution,
        states_resolution: true,
        offset: 0,
        options: Vec::new(),
    }
}

/// Packets by time, first byte and labels, of an interface with this resolution.
fn take(comparison: &mut Comparison, side: Side, resolution: Resolution, packets: &[(i128, u8, &[&str])]) {
    for (time, byte, labels) in packets {
        let labels = comparison.labels.number(labels.iter().copied());
        let seen = Seen::new(Some(Timestamp(*time)), 1, &[*byte], labels);
        comparison.add(side, &interface(resolution), seen);
    }
}

fn compared(truth: &[(i128, u8, &[&str])], test: &[(i128, u8, &[&str])]) -> Comparison {
    let mut comparison = Comparison::default();
    take(&mut comparison, Side::Truth, Resolution::NANOSECONDS, truth);
    take(&mut comparison, Side::Test, Resolution::NANOSECONDS, test);
    comparison
}

fn counts(outcome: &Outcome, label: &str) -> (u64, u64, u64) {
    let (_, counts) = outcome.labels.iter().find(|(name, _)| name == label).unwrap();
    (counts.support, counts.predicted, counts.correct)
}

#[test]
fn packets_are_matched_by_time_length_and_content() {
    let truth: &[(i128, u8, &[&str])] = &[(1, 1, &["a"]), (2, 1, &["a"]), (2, 2, &["b"]), (3, 1, &[]), (4, 1, &["a"])];
    let test: &[(i128, u8, &[&str])] =
        &[(3, 1, &["b"]), (2, 2, &["b"]), (2, 1, &["b"]), (1, 1, &["a"]), (9, 9, &["c"])];
    let outcome = compared(truth, test).outcome(false);
    assert_eq!((outcome.matched, outcome.sides[0].alone, outcome.sides[1].alone_labelled), (4, 1, 1));
    assert_eq!(
        (counts(&outcome, "a"), counts(&outcome, "b"), counts(&outcome, "c")),
        ((3, 1, 1), (1, 3, 1), (0, 1, 0))
    );
    assert_eq!((outcome.compared, outcome.equal), (6, 2));
    assert_eq!(outcome.confusion.names, ["a", "b", "c", "(none)", "(absent)"]);
    assert_eq!(outcome.confusion.cells[&(0, 4)], 1);
    let outcome = compared(truth, test).outcome(true);
    assert_eq!((counts(&outcome, "a"), outcome.compared, outcome.labels.len()), ((2, 1, 1), 4, 2));
}

#[test]
fn times_are_compared_in_the_coarser_unit() {
    let mut comparison = Comparison::default();
    take(&mut comparison, Side::Truth, Resolution::NANOSECONDS, &[(-1, 1, &["a"]), (5_000_001_999, 1, &["a"])]);
    take(&mut comparison, Side::Test, Resolution::MICROSECONDS, &[(-1_000, 1, &["a"]), (5_000_001_000, 1, &["a"])]);
    let outcome = comparison.outcome(false);
    assert_eq!((outcome.matched, outcome.unit), (2, 1_000));
    assert_eq!(compared(&[(1_999, 1, &["a"])], &[(1_000, 1, &["a"])]).outcome(false).matched, 0);
}

#[test]
fn twins_agree_as_far_as_their_labels_do() {
    let twin = |label: &'static str| -> (i128, u8, &'static [&'static str]) {
        match label {
            "x" => (7, 7, &["x"]),
            "y" => (7, 7, &["y"]),
            _ => (7, 7, &["z"]),
        }
    };
    let outcome =
        compared(&[twin("x"), twin("y"), twin("y")], &[twin("y"), twin("z"), twin("x"), twin("z")]).outcome(false);
    assert_eq!((outcome.equal, outcome.matched, outcome.sides[1].alone), (2, 3, 1));
    assert_eq!((outcome.sides[0].twins, outcome.sides[1].twins, outcome.ambiguous), (3, 4, 3));
    let outcome = compared(&[twin("x"), twin("x")], &[twin("x"), twin("x")]).outcome(false);
    assert_eq!((outcome.equal, outcome.sides[0].twins, outcome.ambiguous), (2, 2, 0));
}

#[test]
fn several_labels_are_a_set_and_each_is_asked_alone() {
    let outcome = compared(&[(1, 1, &["a", "b"]), (2, 1, &["b", "a", "a"])], &[(1, 1, &["b"]), (2, 1, &["a", "b"])]);
    let outcome = { outcome }.outcome(false);
    assert_eq!((outcome.equal, counts(&outcome, "a"), counts(&outcome, "b")), (1, (2, 1, 1), (2, 2, 2)));
    assert_eq!(outcome.confusion.names, ["a + b", "b"]);
}

#[test]
fn sets_that_read_alike_are_told_apart() {
    let outcome = compared(&[(1, 1, &["a + b"]), (2, 1, &["+ b"])], &[(1, 1, &["a", "b"]), (2, 1, &["a", "\"b"])]);
    let outcome = { outcome }.outcome(false);
    assert_eq!(outcome.confusion.names, ["\"\"\"b\" + a", "\"+ b\"", "a + b", "\"a + b\""]);
    let mistakes: u64 = outcome.confusion.mistakes().iter().map(|mistake| mistake.count).sum();
    assert_eq!((mistakes, outcome.compared - outcome.equal), (2, 2));
}

#[test]
fn agreement_of_packets_without_labels_is_told_apart() {
    let outcome = compared(&[(1, 1, &[]), (2, 1, &[]), (3, 1, &["a"]), (4, 1, &["a"])], &[(1, 1, &[]), (4, 1, &["a"])]);
    let outcome = { outcome }.outcome(false);
    assert_eq!((outcome.agreement(), outcome.labelled_agreement()), (0.75, 0.5));
}

/// Packets of one time by length on the wire and bytes: those that differ in bytes only are counted, one by one.
#[test]
fn packets_that_were_cut_and_copies_are_counted() {
    let mut comparison = Comparison::default();
    let mut add = |side, time: Option<i128>, length, bytes: &[u8]| {
        let labels = comparison.labels.number(["a"]);
        let seen = Seen::new(time.map(Timestamp), length, bytes, labels);
        comparison.add(side, &interface(Resolution::NANOSECONDS), seen);
    };
    for (time, length, bytes) in
        [(1, 9, &[1, 2][..]), (1, 9, &[3, 4]), (1, 70_000, &[1, 2]), (2, 9, &[5]), (3, 9, &[6, 6])]
    {
        add(Side::Truth, Some(time), length, bytes);
    }
    // Two cut, one of which there is no other, one copied, and one that is longer on the wire.
    for (time, length, bytes) in
        [(1, 9, &[1][..]), (1, 9, &[3]), (1, 9, &[7]), (1, 70_000, &[1]), (2, 9, &[5]), (2, 9, &[5]), (3, 8, &[6])]
    {
        add(Side::Test, Some(time), length, bytes);
    }
    // Without times nothing is known but the length.
    add(Side::Truth, None, 9, &[8]);
    add(Side::Test, None, 9, &[9]);
    let outcome = comparison.outcome(false);
    assert_eq!((outcome.matched, outcome.altered), (1, 3));
    let [truth, test] = outcome.sides;
    assert_eq!((truth.alone, truth.copies, test.alone, test.copies), (5, 0, 7, 1));
}

#[test]
fn a_shift_of_all_times_is_found() {
    let mut comparison =
        compared(&[(10, 1, &["a"]), (20, 2, &["a"])], &[(110, 1, &["a"]), (120, 2, &["a"]), (5, 3, &[])]);
    assert_eq!(comparison.outcome(false).matched, 0);
    assert_eq!(comparison.shifted(), Shifted { contents: 2, difference: Some(100) });
}

/// The same, plainly: the most pairs of packets of one time and content, agreeing ones first.
fn plain(truth: &[(i128, u8, u8)], test: &[(i128, u8, u8)]) -> (u64, u64) {
    let mut left: Vec<_> = test.to_vec();
    let mut rest = Vec::new();
    let mut agreeing = 0;
    for packet in truth {
        match left.iter().position(|other| other == packet) {
            Some(at) => {
                left.remove(at);
                agreeing += 1;
            }
            None => rest.push(packet),
        }
    }
    let mut matched = agreeing;
    for (time, byte, _) in rest {
        if let Some(at) = left.iter().position(|(its, content, _)| (its, content) == (time, byte)) {
            left.remove(at);
            matched += 1;
        }
    }
    (matched, agreeing)
}

proptest! {
    #[test]
    fn matching_is_what_a_plain_search_finds_in_any_order(
        truth in vec((0_i128..4, 0_u8..3, 0_u8..3), 0..40),
        test in vec((0_i128..4, 0_u8..3, 0_u8..3), 0..40),
        shuffled in any::<u64>(),
    ) {
        const LABELS: [&[&str]; 3] = [&["a"], &["b"], &["c"]];
        let packets = |packets: &[(i128, u8, u8)]| -> Vec<(i128, u8, &'static [&'static str])> {
            packets.iter().map(|(time, byte, label)| (*time, *byte, LABELS[usize::from(*label)])).collect()
        };
        let outcome = compared(&packets(&truth), &packets(&test)).outcome(false);
        let (matched, agreeing) = plain(&truth, &test);
        prop_assert_eq!((outcome.matched, outcome.equal), (matched, agreeing));
        prop_assert_eq!(outcome.matched + outcome.sides[1].alone, test.len() as u64);
        prop_assert_eq!(outcome.confusion.cells.values().sum::<u64>(), outcome.compared);
        // All are as long on the wire.
        let strangers = |mine: &[(i128, u8, u8)], others: &[(i128, u8, u8)], at: i128| {
            let is_other = |packet: &(i128, u8, u8)| others.iter().all(|other| (other.0, other.1) != (packet.0, packet.1));
            mine.iter().filter(|packet| packet.0 == at && is_other(packet)).count() as u64
        };
        let altered = |at: i128| strangers(&truth, &test, at).min(strangers(&test, &truth, at));
        prop_assert_eq!(outcome.altered, (0..4).map(altered).sum::<u64>());
        let copies: Vec<u64> = outcome.sides.iter().map(|side| side.copies).collect();
        let lone = |mine: &[_], others: &[_]| (0..4).map(|at| strangers(mine, others, at)).sum::<u64>();
        let alone = [lone(&truth, &test) + copies[0], lone(&test, &truth) + copies[1]];
        prop_assert_eq!(outcome.sides.map(|side| side.alone), alone);
        // Another order on both sides, which also numbers labels otherwise.
        let (mut truth, mut test) = (packets(&truth), packets(&test));
        let turn = |packets: &mut Vec<_>| { let at = shuffled as usize % (packets.len() + 1); packets.rotate_left(at); packets.reverse(); };
        turn(&mut truth);
        turn(&mut test);
        let again = compared(&truth, &test).outcome(false);
        prop_assert_eq!(again.json(), outcome.json());
    }
}
