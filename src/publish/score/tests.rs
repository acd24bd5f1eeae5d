use super::*;
use crate::packet::SampleId;
use crate::rule::{Predictions, SampleLabels, Splits};

const SETTINGS: Settings =
    Settings { missing: Missing::Wrong, bootstrap: Some(Bootstrap { resamples: 200, seed: 1 }), bins: 10 };

fn labels(rows: &[(u64, &str)]) -> SampleLabels {
    let mut labels = SampleLabels::default();
    rows.iter().for_each(|(id, label)| labels.insert(SampleId(*id), label).unwrap());
    labels
}

fn four() -> SampleLabels {
    labels(&[(1, "a"), (2, "a"), (3, "b"), (4, "c")])
}

fn predictions(text: &str) -> Predictions {
    Predictions::parse(text.as_bytes(), &four()).unwrap()
}

fn splits(rows: &str) -> Splits {
    Splits::parse(format!("sample_id,split,group\n{rows}").as_bytes()).unwrap()
}

#[test]
fn a_missing_prediction_is_wrong_or_does_not_count() {
    let exam = Exam::of(&four(), None, &[], true).unwrap();
    let given = predictions("sample_id,label\n1,a\n2,b\n3,b\n");
    let score = exam.mark("x", &given, &SETTINGS).unwrap();
    assert_eq!((score.samples, score.missing, score.figures[1]), (4, 1, 0.5));
    assert_eq!(score.confusion.names, ["a", "b", "c", "(none)"]);
    assert_eq!(score.averages().micro.precision, 2.0 / 3.0);
    let score = exam.mark("x", &given, &Settings { missing: Missing::Ignored, ..SETTINGS }).unwrap();
    assert_eq!((score.samples, score.missing, score.figures[1]), (3, 1, 2.0 / 3.0));
    assert_eq!(score.confusion.names, ["a", "b"]);
}

#[test]
fn probabilities_say_nothing_where_predictions_are_missing_that_count() {
    let exam = Exam::of(&four(), None, &[], true).unwrap();
    let given = predictions("sample_id,a,b,c\n1,1,0,0\n2,0,1,0\n3,0,1,0\n");
    assert_eq!(exam.mark("x", &given, &SETTINGS).unwrap().calibration, None);
    let score = exam.mark("x", &given, &Settings { missing: Missing::Ignored, ..SETTINGS }).unwrap();
    let calibration = score.calibration.unwrap();
    assert!((calibration.brier - 2.0 / 3.0).abs() < 1e-15 && (calibration.ece - 1.0 / 3.0).abs() < 1e-15);
}

#[test]
fn splits_say_what_is_asked_and_what_belongs_together() {
    let splits = splits("1,test,g\n2,test,g\n3,test,h\n4,train,h\n");
    let test = ["test".to_owned()];
    let exam = Exam::of(&four(), Some(&splits), &test, true).unwrap();
    assert_eq!((exam.len(), exam.has_groups(), exam.alone()), (3, true, 0));
    let score = exam.mark("x", &predictions("sample_id,label\n1,a\n2,a\n3,b\n4,b\n"), &SETTINGS).unwrap();
    assert_eq!((score.groups, score.elsewhere, score.figures), (2, 1, [1.0; 5]));
    assert!(!Exam::of(&four(), Some(&splits), &test, false).unwrap().has_groups());
    let fault = |labels: &SampleLabels, split: &str| {
        Exam::of(labels, Some(&splits), &[split.to_owned()], true).unwrap_err().to_string()
    };
    assert!(
        fault(&four(), "tset")
            .contains("no sample is in the split 'tset'; name one by --split; there are: test, train")
    );
    let lacks = labels(&[(2, "a")]);
    assert!(fault(&lacks, "test").contains("the truth lacks 2 of the samples of the split 'test', the first is 1"));
}

#[test]
fn groups_of_the_labels_fill_what_the_splits_leave_blank() {
    let table = b"sample_id,label,group\n1,a,g\n2,a,g\n3,b,h\n4,c,\n";
    let (labels, _) = SampleLabels::parse(table).unwrap();
    let given = predictions("sample_id,label\n1,a\n2,a\n3,b\n4,b\n");
    let groups = |splits: Option<&Splits>, wanted: &[String], grouped| {
        let exam = Exam::of(&labels, splits, wanted, grouped).unwrap();
        (exam.mark("x", &given, &SETTINGS).unwrap().groups, exam.has_groups(), exam.alone())
    };
    assert_eq!(groups(None, &[], true), (3, true, 1));
    assert_eq!(groups(None, &[], false), (4, false, 0));
    let test = ["test".to_owned()];
    let blank = splits("1,test,\n2,test,\n3,test,\n4,test,\n");
    assert_eq!(groups(Some(&blank), &test, true), (3, true, 1));
    let some = splits("1,test,i\n2,test,\n3,test,i\n4,test,i\n");
    assert_eq!(groups(Some(&some), &test, true), (2, true, 0));
}

#[test]
fn competitors_are_scored_on_what_all_of_them_answer() {
    let settings = Settings { missing: Missing::Ignored, ..SETTINGS };
    let good = predictions("sample_id,label\n1,a\n2,a\n3,a\n4,c\n");
    let lazy = predictions("sample_id,a,b\n3,0,1\n4,1,0\n");
    let mut exam = Exam::of(&four(), None, &[], true).unwrap();
    exam.keep_answered_by_all([&good, &lazy].into_iter()).unwrap();
    assert_eq!((exam.len(), exam.left_out(), exam.classes()), (2, 2, 2));
    let [good, lazy] = [good, lazy].map(|given| exam.mark("x", &given, &settings).unwrap());
    assert_eq!((good.samples, good.missing, good.elsewhere, good.figures[1]), (2, 0, 0, 0.5));
    assert_eq!((lazy.samples, lazy.missing, lazy.elsewhere, lazy.figures[1]), (2, 2, 0, 0.5));
    assert!(lazy.calibration.is_some());
    let other = predictions("sample_id,label\n1,a\n");
    let fault = exam.keep_answered_by_all([&other].into_iter()).unwrap_err().to_string();
    assert!(fault.starts_with("no sample has a prediction in all tables"), "{fault}");
}

#[test]
fn intervals_need_two_groups_and_are_the_same_each_time() {
    let exam = Exam::of(&four(), None, &[], true).unwrap();
    let given = predictions("sample_id,label\n4,c\n3,a\n1,a\n2,a\n");
    let score = exam.mark("x", &given, &SETTINGS).unwrap();
    let Some([_, accuracy, ..]) = score.intervals else { panic!("no intervals") };
    assert!(accuracy.low < 0.75 && accuracy.high == 1.0, "{accuracy:?}");
    assert_eq!(exam.mark("x", &given, &SETTINGS).unwrap(), score);
    let one = splits("1,test,g\n2,test,g\n3,test,g\n4,test,g\n");
    let exam = Exam::of(&four(), Some(&one), &["test".to_owned()], true).unwrap();
    assert_eq!(exam.mark("x", &given, &SETTINGS).unwrap().intervals, None);
}

#[test]
fn equals_share_a_rank_and_keep_their_order() {
    let exam = Exam::of(&four(), None, &[], true).unwrap();
    let mark = |name: &str, text: &str| exam.mark(name, &predictions(text), &SETTINGS).unwrap();
    let scores = [("z", "1,a\n"), ("y", "3,b\n4,c\n"), ("x", "4,c\n3,b\n")];
    let scores = scores.map(|(name, rows)| mark(name, &format!("sample_id,label\n{rows}")));
    let ranked = leaderboard::ranked(scores.to_vec());
    let names: Vec<&str> = ranked.iter().map(|score| score.name.as_str()).collect();
    assert_eq!(names, ["y", "x", "z"]);
    let ranks: Vec<_> = leaderboard::table(&ranked).rows.iter().map(|row| row[0].clone()).collect();
    assert_eq!(ranks, [1, 1, 3].map(crate::table::Value::Count));
}

#[test]
fn what_cannot_be_scored_is_refused() {
    let exam = Exam::of(&four(), None, &[], true).unwrap();
    let fault = |text: &str| exam.mark("x", &predictions(text), &SETTINGS).unwrap_err().to_string();
    assert!(fault("sample_id,label\n").contains("no prediction is for any of the samples"));
    assert!(fault("sample_id,label\n1,(none)\n").contains("a label is '(none)'"));
    assert!(Exam::of(&labels(&[(1, "(none)")]), None, &[], true).is_err());
    assert!(Exam::of(&labels(&[]), None, &[], true).unwrap_err().to_string().contains("nothing to score"));
}
