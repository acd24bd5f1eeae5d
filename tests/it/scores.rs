//! `pcapml score`, against scikit-learn, and each of its options.

use std::fs;
use std::process::Command;

use crate::support::{Run, Sandbox, csv_rows, python};

/// Random tables: each figure of labels and probabilities, and each end of each interval.
#[test]
fn figures_are_those_of_scikit_learn() {
    let Some(python) = python() else { return };
    let sandbox = Sandbox::new();
    let mut judge = Command::new(python);
    judge.args(["-c", include_str!("judges/score.py"), env!("CARGO_BIN_EXE_pcapml")]);
    assert_eq!(Run::of(judge.current_dir(sandbox.path("."))).expect(0).out, "agreed\n");
}

/// A truth of six samples in two groups of the split test, and one of train.
fn small(sandbox: &Sandbox) {
    sandbox.write("truth.csv", "sample_id,label\n1,dns\n2,dns\n3,web\n4,web\n5,web\n6,mail\n7,web\n");
    let groups = "1,test,g\n2,test,g\n3,test,g\n4,test,h\n5,test,h\n6,test,h\n7,train,i\n";
    sandbox.write("splits.csv", format!("# seed 1\nsample_id,split,group\n{groups}"));
    sandbox.write("good.csv", "sample_id,label\n1,dns\n2,dns\n3,web\n4,web\n5,web\n6,mail\n7,dns\n");
    sandbox.write("fair.csv", "sample_id,label\n1,dns\n2,web\n3,web\n4,web\n5,wbe\n");
    sandbox.write("sub/good.csv", "sample_id,label\n6,mail\n5,web\n4,web\n3,web\n2,dns\n1,dns\n");
}

const SPLIT: [&str; 5] = ["score", "--truth", "truth.csv", "--splits", "splits.csv"];

#[test]
fn a_leaderboard_puts_the_best_first_and_says_how_it_was_made() {
    let sandbox = Sandbox::new();
    small(&sandbox);
    let run =
        sandbox.pcapml(SPLIT.into_iter().chain(["--predictions", "fair.csv", "good.csv", "--format", "markdown"]));
    let run = run
        .expect(0)
        .says("scored: 6 samples of the split test, 3 classes")
        .says("fair: 1 sample without a prediction: counted as wrong (--missing ignore leaves them out)")
        .says("such labels count in macro averages with an F1 of 0:\n    wbe (1)")
        .says("good: 1 prediction of samples that are not scored: left out")
        .says("good: intervals of 2 groups say little");
    let expected = "\
| rank | predictions | macro F1 | accuracy | balanced accuracy | micro F1 | weighted F1 | missing |
| ---: | :--- | :--- | :--- | :--- | :--- | :--- | ---: |
| 1 | good | 1.0000 (1.0000–1.0000) | 1.0000 (1.0000–1.0000) | 1.0000 (1.0000–1.0000) | 1.0000 (1.0000–1.0000) | 1.0000 (1.0000–1.0000) | 0 |
| 2 | fair | 0.3333 (0.2222–0.6667) | 0.5000 (0.3333–0.6667) | 0.3889 (0.2500–0.7500) | 0.5455 (0.4000–0.6667) | 0.5556 (0.4444–0.6667) | 1 |

6 samples of the split test, 3 classes. In parentheses: 95 % bootstrap intervals, 1000 resamples of groups, seed 1. Missing predictions count as wrong.
";
    assert_eq!(run.out, expected);
    // Files of one name are told apart by their paths; equals keep their order and share a rank.
    let predictions = ["--predictions", "good.csv", "--predictions", "sub/good.csv", "--format", "csv"];
    let rows = csv_rows(&sandbox.pcapml(SPLIT.into_iter().chain(predictions)).expect(0).out);
    let told: Vec<_> = rows.iter().map(|row| (row["rank"].as_str(), row["predictions"].as_str())).collect();
    assert_eq!(told, [("1", "good.csv"), ("1", "sub/good.csv")]);
    assert_eq!((rows[0]["macro_f1_low"].as_str(), rows[0]["ece"].as_str()), ("1.0", ""));
    let table = sandbox.pcapml(SPLIT.into_iter().chain(["--predictions", "fair.csv", "good.csv"])).expect(0).out;
    assert!(table.starts_with("rank  predictions  macro F1 "), "{table}");
}

#[test]
fn one_score_is_told_in_full_and_written_where_one_says() {
    let sandbox = Sandbox::new();
    small(&sandbox);
    let files = ["-o", "all.json", "--classes", "classes.csv", "--confusion", "matrix.csv"];
    let options = ["--predictions", "fair.csv", "--bootstrap", "0"];
    sandbox.pcapml(SPLIT.into_iter().chain(options).chain(files)).expect(0);
    let read = |name: &str| fs::read_to_string(sandbox.path(name)).unwrap();
    assert!(read("all.json").contains("\"bootstrap\": null"));
    let matrix = "truth,dns,mail,wbe,web,(none)\ndns,1,0,0,1,0\nmail,0,0,0,0,1\nwbe,0,0,0,0,0\nweb,0,0,1,2,0\n\
                  (none),0,0,0,0,0\n";
    assert_eq!(read("matrix.csv"), matrix);
    let classes = csv_rows(&read("classes.csv"));
    assert_eq!((classes[2]["predictions"].as_str(), classes[2]["label"].as_str()), ("fair", "wbe"));
    assert_eq!((classes[2]["support"].as_str(), classes[2]["f1"].as_str()), ("0", "0.0"));
    sandbox.pcapml(SPLIT.into_iter().chain(options).chain(files)).expect(1).says("the output exists already");
    let run = sandbox.pcapml(SPLIT.into_iter().chain(options)).expect(0);
    let expected = "\
figure               value  low  high
macro F1            0.3333    -     -
accuracy            0.5000    -     -
balanced accuracy   0.3889    -     -
micro F1            0.5455    -     -
weighted F1         0.5556    -     -
micro precision     0.6000    -     -
micro recall        0.5000    -     -
macro precision     0.4167    -     -
macro recall        0.2917    -     -
weighted precision  0.6667    -     -
weighted recall     0.5000    -     -

label  precision  recall      f1  support  predicted  correct
dns       1.0000  0.5000  0.6667        2          1        1
mail      0.0000  0.0000  0.0000        1          0        0
wbe       0.0000  0.0000  0.0000        0          1        0
web       0.6667  0.6667  0.6667        3          3        2

truth  taken for  samples
dns    web              1
mail   (none)           1
web    wbe              1
";
    assert_eq!(run.out, expected);
    let run = sandbox.pcapml(SPLIT.into_iter().chain(options).chain(["--missing", "ignore", "--format", "csv"]));
    let said = "1 sample without a prediction: left out; the figures are of 5 samples, and compare with no others";
    let rows = csv_rows(&run.expect(0).says(said).out);
    assert_eq!((rows[0]["samples"].as_str(), rows[0]["accuracy"].as_str()), ("5", "0.6"));
}

/// One easy answer is no better than two hundred: competitors are scored on the same samples, or not at all.
#[test]
fn a_leaderboard_without_missing_predictions_is_of_what_all_answer() {
    let sandbox = Sandbox::new();
    small(&sandbox);
    sandbox.write("easy.csv", "sample_id,label\n1,dns\n3,dns\n7,dns\n");
    sandbox.write("else.csv", "sample_id,label\n4,web\n");
    let score = |tables: &[&str], format: &str| {
        let options = ["--missing", "ignore", "--format", format, "--predictions"];
        sandbox.pcapml(SPLIT.iter().chain(&options).chain(tables))
    };
    let run = score(&["easy.csv", "good.csv"], "csv").expect(0);
    let run = run
        .says("scored: 2 of 6 samples of the split test, 2 classes: what all tables answer")
        .says("easy: 4 samples without a prediction: left out of the figures of all tables")
        .says("easy: 1 prediction of samples that are not scored: left out")
        .says("good: one group, and so no intervals");
    let told: Vec<_> = csv_rows(&run.out)
        .iter()
        .map(|row| ["rank", "predictions", "samples", "missing", "accuracy"].map(|column| row[column].clone()))
        .collect();
    assert_eq!(told, [["1", "good", "2", "0", "1.0"], ["2", "easy", "2", "4", "0.5"]]);
    let text = score(&["easy.csv", "good.csv"], "markdown").expect(0).out;
    let sentence = "\n2 of 6 samples of the split test, 2 classes. In parentheses: 95 % bootstrap intervals, 1000 resamples of \
                    groups, seed 1. Samples that not every table has a prediction for are left out.\n";
    assert!(text.ends_with(sentence), "{text}");
    score(&["easy.csv", "else.csv"], "csv").expect(1).says("no sample has a prediction in all tables");
    sandbox.write("train.csv", "sample_id,label\n7,dns\n");
    score(&["easy.csv", "train.csv"], "csv").expect(1).says("train.csv: no prediction is for any of the samples");
    // Alone, it is told what it is.
    score(&["else.csv"], "csv")
        .expect(0)
        .says("else: 5 samples without a prediction: left out; the figures are of 1 sample");
    // A capture without groups has no group of one.
    let options = ["score", "--truth", "truth.csv", "--missing", "ignore", "--predictions", "else.csv"];
    sandbox.pcapml(options).expect(0).says("else: one sample, and so no intervals");
}

/// `partition` keeps the groups of a challenge in challenge_labels.csv: they count, with splits or without.
#[test]
fn groups_of_a_challenge_are_those_of_its_labels() {
    let sandbox = Sandbox::new();
    let truth = sandbox.label_apps("truth.pcapng");
    let rows = csv_rows(&sandbox.pcapml(["samples", "truth.pcapng", "--format", "csv"]).expect(0).out);
    sandbox
        .pcapml(["partition", truth.to_str().unwrap(), "-o", "lists", "--by", "host", "--challenge", "40"])
        .expect(0);
    let kept = csv_rows(&fs::read_to_string(sandbox.path("lists/challenge_labels.csv")).unwrap());
    let groups: std::collections::BTreeSet<&str> = kept.iter().map(|row| row["group"].as_str()).collect();
    assert!(groups.len() > 1 && groups.len() < kept.len(), "{groups:?}");
    let given = rows.iter().enumerate().map(|(at, row)| {
        let label = if at % 4 == 0 { "dns" } else { row["label"].as_str() };
        format!("{},{label}\n", row["sample_id"])
    });
    let in_challenge = |line: &String| kept.iter().any(|row| line.starts_with(&format!("{},", row["sample_id"])));
    let given: String = given.filter(in_challenge).collect();
    sandbox.write("given.csv", format!("sample_id,label\n{given}"));
    let score = |more: &[&str]| {
        let fixed = ["score", "--truth", "lists/challenge_labels.csv", "--predictions", "given.csv", "--format", "csv"];
        sandbox.pcapml(fixed.iter().chain(more)).expect(0).out
    };
    let out = score(&[]);
    assert_eq!(csv_rows(&out)[0]["groups"], groups.len().to_string());
    assert_eq!(score(&["--resample", "group"]), out);
    assert_eq!(score(&["--splits", "lists/splits.csv", "--split", "challenge"]), out);
    let rows = kept.iter().map(|row| format!("{},{},{},test\n", row["sample_id"], row["label"], row["group"]));
    sandbox.write("with.csv", format!("sample_id,label,group,split\n{}", rows.collect::<String>()));
    let run = sandbox.pcapml(["score", "--truth", "with.csv", "--predictions", "given.csv", "--format", "csv"]);
    assert_eq!(run.expect(0).out, out);
    let single = csv_rows(&score(&["--resample", "sample"]));
    assert_eq!(single[0]["groups"], kept.len().to_string());
    assert_ne!(single[0]["accuracy_low"], csv_rows(&out)[0]["accuracy_low"]);
}

/// Splits say which sample table they were made with.
#[test]
fn splits_of_another_version_are_told() {
    let sandbox = Sandbox::new();
    sandbox.label_apps("truth.pcapng");
    sandbox.pcapml(["partition", "truth.pcapng", "-o", "lists", "--by", "sample"]).expect(0);
    let contents = fs::read_to_string(sandbox.path("lists/contents.csv")).unwrap();
    let given =
        csv_rows(&contents).iter().map(|row| format!("{},{}\n", row["sample_id"], row["label"])).collect::<String>();
    sandbox.write("given.csv", format!("sample_id,label\n{given}"));
    let score = |truth: &str, splits: &str| {
        sandbox.pcapml(["score", "--truth", truth, "--splits", splits, "--predictions", "given.csv"]).expect(0)
    };
    let said = "the sample table that the splits were made with";
    for truth in ["truth.pcapng", "lists/contents.csv", "given.csv"] {
        let run = score(truth, "lists/splits.csv");
        assert!(!run.err.contains(said) && !run.err.contains("another label"), "{}", run.err);
    }
    let old = contents.replacen(",dns,", ",web,", 2);
    assert_ne!(old, contents);
    sandbox.write("old.csv", &old);
    score("old.csv", "lists/splits.csv").says(&format!("old.csv: not {said}"));
    // With fewer columns, its labels tell.
    let labels =
        csv_rows(&old).iter().map(|row| format!("{},{}\n", row["sample_id"], row["label"])).collect::<String>();
    sandbox.write("labels.csv", format!("sample_id,label\n{labels}"));
    score("labels.csv", "lists/splits.csv").says("2 samples of the truth with another label in lists/contents.csv");
    sandbox.write("lists/contents.csv", &old);
    score("truth.pcapng", "lists/splits.csv").says(&format!("lists/contents.csv: not {said}"));
}

/// Below the header nothing is a comment: a label may begin as one.
#[test]
fn a_label_may_begin_as_a_comment_does() {
    let sandbox = Sandbox::new();
    sandbox.write("t.csv", "# truth\nlabel,sample_id\n#1 fan,1\nb,2\n");
    sandbox.write("g.csv", "# given\nlabel,sample_id\n#1 fan,1\n#1 fan,2\n");
    let run = sandbox.pcapml(["score", "--truth", "t.csv", "--predictions", "g.csv", "--format", "csv"]).expect(0);
    let row = &csv_rows(&run.out)[0];
    assert_eq!((row["samples"].as_str(), row["missing"].as_str(), row["accuracy"].as_str()), ("2", "0", "0.5"));
    sandbox.write("t.csv", "label,sample_id,split\n#1 fan,1,test\nb,2,test\n");
    sandbox
        .pcapml(["score", "--truth", "t.csv", "--predictions", "g.csv"])
        .expect(0)
        .says("2 samples of the split test");
}

#[test]
fn a_labelled_capture_is_a_truth_as_its_table_is() {
    let sandbox = Sandbox::new();
    sandbox.label_apps("truth.pcapng");
    let table = sandbox.pcapml(["samples", "truth.pcapng", "--format", "csv"]).expect(0).out;
    sandbox.write("samples.csv", &table);
    let rows = csv_rows(&table);
    let given = rows.iter().enumerate().map(|(at, row)| {
        let label = if at % 3 == 0 { "dns" } else { row["label"].as_str() };
        format!("{},{label}\n", row["sample_id"])
    });
    sandbox.write("given.csv", format!("sample_id,label\n{}", given.collect::<String>()));
    let score =
        |truth: &str| sandbox.pcapml(["score", "--truth", truth, "--predictions", "given.csv", "--format", "json"]);
    let run = score("truth.pcapng").expect(0).says("intervals are of samples as if they were independent");
    assert_eq!(run.out, score("samples.csv").expect(0).out);
    sandbox.tool("gzip", &["-k", "truth.pcapng"]);
    assert_eq!(run.out, score("truth.pcapng.gz").expect(0).out);
    // A table of samples that tells splits needs no other.
    let splits: String =
        rows.iter().map(|row| format!("{},{},test\n", row["sample_id"], row["label"])).take(10).collect();
    sandbox.write("with.csv", format!("sample_id,label,split\n{splits}99,dns,\n98,,challenge\n"));
    let some = rows.iter().take(10).map(|row| format!("{},{}\n", row["sample_id"], row["label"]));
    sandbox.write("some.csv", format!("sample_id,label\n98,dns\n{}", some.collect::<String>()));
    let run = sandbox.pcapml(["score", "--truth", "with.csv", "--predictions", "some.csv"]);
    run.expect(0)
        .says("1 sample of the truth without a label")
        .says("scored: 10 samples of the split test")
        .says("some: 1 prediction of samples that are not scored: left out");
}

#[test]
fn what_cannot_be_scored_is_said() {
    let sandbox = Sandbox::new();
    small(&sandbox);
    sandbox.write("unknown.csv", "sample_id,label\n1,dns\n77,dns\n78,dns\n");
    sandbox.write("twice.csv", "sample_id,label\n1,dns\n1,web\n");
    sandbox.write("train.csv", "sample_id,label\n7,dns\n");
    sandbox.write("more.csv", "sample_id,split,group\n1,test,g\n8,test,g\n");
    sandbox.write("none.csv", "sample_id,label\n1,unknown\n2,unknown\n");
    sandbox.write("blank.csv", "sample_id,label\n1,\n");
    sandbox.write("tabs.csv", "sample_id\tlabel\n1\tdns\n");
    sandbox.write("out.csv", "sample_id,label\n1,dns\n# 2,dns\n");
    // What is given out of a challenge: the table of a release, and labels as select --labels none leaves them.
    sandbox.write("samples.csv", "sample_id,label,split\n1,,challenge\n2,,challenge\n3,web,test\n");
    sandbox.write("hidden.csv", "sample_id,label\n1,-\n2,-\n");
    sandbox.write("hidden.splits.csv", "sample_id,split\n1,challenge\n2,train\n");
    let kept_back =
        "are kept back, and 2 samples are of one in the truth; who has them names them: --truth challenge_labels.csv";
    sandbox.write("plain.pcap", crate::print::pcap(101, &[vec![0x45; 40]]));
    let both = ["--predictions", "good.csv", "fair.csv"];
    for (arguments, said) in [
        (
            &["--truth", "splits.csv", "--predictions", "good.csv"][..],
            "splits.csv: line 2: no column 'label'; splits do not tell labels: name the labelled capture",
        ),
        (
            &["--truth", "truth.csv", "--predictions", "unknown.csv"],
            "unknown.csv: line 3: the truth knows no sample 77 (2 rows are of such samples)",
        ),
        (&["--truth", "blank.csv", "--predictions", "good.csv"], "no sample has a label"),
        (
            &["--truth", "truth.csv", "--predictions", "tabs.csv"],
            "tabs.csv: line 1: no column 'sample_id'; columns are told apart by commas, and here by tabs",
        ),
        (
            &["--truth", "truth.csv", "--predictions", "out.csv"],
            "out.csv: line 3, column 1: '# 2' is no sample id; comments stand above the header",
        ),
        (
            &["--truth", "truth.csv", "--predictions", "good.csv", "sub/../good.csv"],
            "good.csv: the same predictions twice",
        ),
        (&["--truth", "samples.csv", "--predictions", "good.csv", "--split", "challenge"], kept_back),
        (&["--truth", "hidden.csv", "--predictions", "good.csv"], kept_back),
        (
            &[
                "--truth",
                "hidden.csv",
                "--splits",
                "hidden.splits.csv",
                "--predictions",
                "good.csv",
                "--split",
                "challenge",
                "--split",
                "train",
            ],
            "are kept back, and 1 sample is of one in the truth",
        ),
        (
            &["--truth", "truth.csv", "--predictions", "twice.csv"],
            "twice.csv: line 3, column 1: sample 1 has a prediction already",
        ),
        (
            &["--truth", "truth.csv", "--predictions", "good.csv", "--split", "test"],
            "--split names a split, and there is no table of splits",
        ),
        (
            &["--truth", "truth.csv", "--splits", "splits.csv", "--predictions", "good.csv", "--split", "tset"],
            "there are: test, train",
        ),
        (
            &["--truth", "truth.csv", "--splits", "more.csv", "--predictions", "good.csv"],
            "the truth lacks 1 of the samples of the split 'test', the first is 8",
        ),
        (
            &["--truth", "truth.csv", "--splits", "splits.csv", "--predictions", "train.csv"],
            "train.csv: no prediction is for any of the samples",
        ),
        (&["--truth", "plain.pcap", "--predictions", "good.csv"], "plain.pcap: a pcap file holds no labels"),
        (&["--truth", "absent.csv", "--predictions", "good.csv"], "absent.csv: No such file"),
        (
            &[&["--truth", "truth.csv", "--confusion", "m.csv"], &both[..]].concat(),
            "--confusion is a matrix of one table",
        ),
        (
            &["--truth", "truth.csv", "--predictions", "good.csv", "--bins", "5"],
            "--bins is about probabilities, and there are none",
        ),
        (
            &["--truth", "truth.csv", "--predictions", "good.csv", "--resample", "group"],
            "no sample that is scored has a group; give a column group, in the truth's table or in --splits",
        ),
        (
            &["--truth", "truth.csv", "--predictions", "good.csv", "--bootstrap", "0", "--seed", "3"],
            "--bootstrap 0 makes none",
        ),
        (
            &["--truth", "truth.csv", "--predictions", "good.csv", "-o", "good.csv", "--force"],
            "input and output are the same file",
        ),
    ] {
        sandbox.pcapml(["score"].iter().chain(arguments)).expect(1).says(said);
    }
    let arguments = ["score", "--truth", "none.csv", "--predictions", "none.csv"];
    sandbox.pcapml(arguments).expect(0).says("the truth has one class only: its labels may have been taken out");
    assert!(!sandbox.path("m.csv").exists());
}
