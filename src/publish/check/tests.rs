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
    let outcome =
        check(&present(&[(1, "a", 1), (2, "x", 2), (3, "c", 9), (5, "z", 5), (7, "e", 7)]), &against).unwrap();
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
        let outcome = check(&present(&[(3, label, 3)]), &against).unwrap();
        assert_eq!((found(&outcome), outcome.withheld), (expected, withheld), "{label}");
    }
    let outcome = check(&present(&[(2, "b", 2)]), &against).unwrap();
    assert_eq!(found(&outcome), [(Kind::Missing, "3".to_owned()), (Kind::OtherSplit, "2".to_owned())]);
    // A release has the challenge in a capture of its own; who has a part of it lacks the rest.
    let whole =
        Against { asked: Vec::new(), challenge: None, samples: against.samples.clone(), ..Against::default() };
    let whole = Against { splits: rows("1,train\n2,test\n3,challenge\n4,challenge\n"), ..whole };
    let outcome = check(&present(&[(1, "a", 1), (2, "b", 2)]), &whole).unwrap();
    assert_eq!((found(&outcome), outcome.apart), (vec![], 2));
    let outcome = check(&present(&[(1, "a", 1), (2, "b", 2), (3, "-", 3)]), &whole).unwrap();
    assert_eq!((found(&outcome), outcome.apart), (vec![(Kind::Missing, "4".to_owned())], 0));
    // Who lacks the challenge's labels can say nothing of them.
    let outcome = check(&present(&[(3, "d", 3)]), &Against { challenge: None, ..against }).unwrap();
    assert_eq!((found(&outcome), outcome.withheld), (vec![], 1));
}

#[test]
fn without_the_table_its_digest_tells() {
    let text = contents([(SampleId(1), "a", [1; 32]), (SampleId(2), "", [2; 32])].into_iter()).unwrap();
    let against =
        Against { splits: rows("1,train\n2,challenge\n"), table: Some(digest(&text)), ..Against::default() };
    assert_eq!(found(&check(&present(&[(1, "a", 1), (2, "secret", 2)]), &against).unwrap()), []);
    let outcome = check(&present(&[(1, "b", 1), (2, "secret", 2)]), &against).unwrap();
    assert_eq!(found(&outcome), [(Kind::Table, "any".to_owned())]);
}
