use super::*;
use crate::rule::{SampleRow, Splits};

fn present(samples: &[(u64, &str, u8)]) -> BTreeMap<SampleId, Present> {
    let present = |&(id, label, content): &(u64, &str, u8)| {
        (SampleId(id), Present { label: label.to_owned(), content: [content; 32] })
    };
    samples.iter().map(present).collect()
}

fn table(samples: &[(u64, Option<&str>, u8)]) -> SampleTable {
    let row = |&(id, label, content): &(u64, Option<&str>, u8)| {
        (SampleId(id), SampleRow { label: label.map(str::to_owned), content: Some([content; 32]) })
    };
    SampleTable { rows: samples.iter().map(row).collect() }
}

/// What [`check`] finds.
fn checked(present: &BTreeMap<SampleId, Present>, against: &Against) -> Outcome {
    check(present, against, &against.memberships()).unwrap()
}

fn found(outcome: &Outcome) -> Vec<(Kind, String)> {
    let found = outcome.findings.iter().filter(|finding| finding.count > 0);
    found.map(|finding| (finding.kind, finding.first.join(" "))).collect()
}

fn rows(text: &str) -> Option<Vec<SplitRow>> {
    Some(Splits::rows(format!("sample_id,split\n{text}").as_bytes()).unwrap())
}

#[test]
fn each_difference_is_found_for_what_it_is() {
    let against = Against {
        splits: rows("1,train\n2,train\n3,test\n4,test\n3,train\n7,none\n"),
        samples: Some(table(&[
            (1, Some("a"), 1),
            (2, Some("b"), 2),
            (3, Some("c"), 3),
            (4, Some("d"), 4),
            (7, Some("e"), 7),
        ])),
        lists: vec![("train".to_owned(), vec![SampleId(1), SampleId(4)])],
        ..Against::default()
    };
    let outcome = checked(&present(&[(1, "a", 1), (2, "x", 2), (3, "c", 9), (5, "z", 5), (7, "e", 7)]), &against);
    let expected = [
        (Kind::Overlap, "3 4"),
        (Kind::ListDiffers, "2 3 4"),
        (Kind::Missing, "4"),
        (Kind::Unknown, "5"),
        (Kind::Label, "2"),
        (Kind::Content, "3"),
    ];
    assert_eq!(found(&outcome), expected.map(|(kind, ids)| (kind, ids.to_owned())));
}

#[test]
fn a_part_is_held_against_its_part() {
    let against = Against {
        splits: rows("1,train\n2,test\n3,challenge\n"),
        samples: Some(table(&[(1, Some("a"), 1), (2, Some("b"), 2), (3, None, 3)])),
        challenge: Some(table(&[(3, Some("c"), 0)])),
        asked: vec!["challenge".to_owned()],
        ..Against::default()
    };
    for (label, expected, withheld) in
        [("-", vec![], 1), ("c", vec![], 0), ("d", vec![(Kind::Label, "3".to_owned())], 0)]
    {
        let outcome = checked(&present(&[(3, label, 3)]), &against);
        assert_eq!((found(&outcome), outcome.withheld), (expected, withheld), "{label}");
    }
    let outcome = checked(&present(&[(2, "b", 2)]), &against);
    assert_eq!(found(&outcome), [(Kind::Missing, "3".to_owned()), (Kind::OtherSplit, "2".to_owned())]);
    // A release has the challenge in a capture of its own; who has a part of it lacks the rest.
    let whole = Against { asked: Vec::new(), challenge: None, samples: against.samples.clone(), ..Against::default() };
    let whole = Against { splits: rows("1,train\n2,test\n3,challenge\n4,challenge\n"), ..whole };
    let outcome = checked(&present(&[(1, "a", 1), (2, "b", 2)]), &whole);
    assert_eq!((found(&outcome), outcome.apart), (vec![], 2));
    let outcome = checked(&present(&[(1, "a", 1), (2, "b", 2), (3, "-", 3)]), &whole);
    assert_eq!((found(&outcome), outcome.apart), (vec![(Kind::Missing, "4".to_owned())], 0));
    // Who lacks the challenge's labels can say nothing of them.
    let outcome = checked(&present(&[(3, "d", 3)]), &Against { challenge: None, ..against });
    assert_eq!((found(&outcome), outcome.withheld), (vec![], 1));
}

#[test]
fn without_the_table_its_digest_tells() {
    let text = contents([(SampleId(1), "a", [1; 32]), (SampleId(2), "", [2; 32])].into_iter()).unwrap();
    let against = Against { splits: rows("1,train\n2,challenge\n"), table: Some(digest(&text)), ..Against::default() };
    assert_eq!(found(&checked(&present(&[(1, "a", 1), (2, "secret", 2)]), &against)), []);
    let outcome = checked(&present(&[(1, "b", 1), (2, "secret", 2)]), &against);
    assert_eq!(found(&outcome), [(Kind::Table, "any".to_owned())]);
}

fn kinds(outcome: &Outcome) -> Vec<Kind> {
    outcome.findings.iter().map(|finding| finding.kind).collect()
}

#[test]
fn what_a_table_does_not_tell_is_not_compared() {
    let samples = present(&[(1, "a", 1), (2, "b", 2), (3, "", 3)]);
    let against = |label: [Option<&str>; 3], content: [bool; 3]| {
        let row = |at: usize| SampleRow {
            label: label[at].map(str::to_owned),
            // Nobody's digest.
            content: content[at].then_some([9; 32]),
        };
        let rows = (0..3).map(|at| (SampleId(at as u64 + 1), row(at))).collect();
        Against { samples: Some(SampleTable { rows }), ..Against::default() }
    };
    let ids = [Kind::Missing, Kind::Unknown];
    // No label at all, not even that sample 3 has none.
    let outcome = checked(&samples, &against([None; 3], [true; 3]));
    assert_eq!(kinds(&outcome), [&ids[..], &[Kind::Content]].concat());
    assert_eq!((outcome.untold_labels, outcome.untold_content, outcome.is_partial()), (3, 0, true));
    // No digest.
    let outcome = checked(&samples, &against([Some("a"), Some("b"), None], [false; 3]));
    assert_eq!(kinds(&outcome), [&ids[..], &[Kind::Label]].concat());
    assert_eq!((outcome.untold_labels, outcome.untold_content, outcome.is_partial()), (0, 3, true));
    // Of some samples.
    let outcome = checked(&samples, &against([Some("a"), None, None], [false, true, false]));
    assert_eq!(found(&outcome), [(Kind::Content, "2".to_owned())]);
    assert_eq!((outcome.untold_labels, outcome.untold_content), (1, 2));
}

#[test]
fn ids_that_stand_twice_are_found_in_each_list_alone() {
    let list = |ids: &[u64]| ("train".to_owned(), ids.iter().map(|id| SampleId(*id)).collect());
    let samples = present(&[(1, "a", 1), (2, "b", 2)]);
    let against = Against {
        splits: rows("1,train\n2,train\n2,train\n"),
        lists: vec![list(&[1, 2]), list(&[2, 1, 1])],
        ..Against::default()
    };
    assert_eq!(found(&checked(&samples, &against)), [(Kind::Repeated, "2 1".to_owned())]);
}

#[test]
fn samples_are_parted_by_splits_that_are_some() {
    let against = Against { splits: rows("1,train\n2,test\n3,none\n4,train\n"), ..Against::default() };
    let of = against.memberships();
    let parted = |ids: &[u64]| of.part(ids.iter().map(|id| SampleId(*id)));
    assert_eq!([&[1, 2][..], &[1, 3], &[1, 4], &[1, 9], &[3, 4, 2]].map(parted), [true, false, false, false, true]);
}

#[test]
fn one_is_told_as_one() {
    let all = [Kind::Overlap, Kind::Unparsed, Kind::Content, Kind::Table, Kind::Counts];
    assert_eq!(
        all.map(|kind| kind.counted(1)),
        [
            "1 id in two splits",
            "1 comment that does not parse",
            "1 changed content",
            "1 label or content changed",
            "1 count told otherwise"
        ]
    );
    assert_eq!(all.map(|kind| kind.counted(2))[..2], ["2 ids in two splits", "2 comments that do not parse"]);
}
