use super::*;

fn truth() -> SampleLabels {
    let mut truth = SampleLabels::default();
    for (id, label) in [(1, "dns"), (2, "web"), (3, "p_dns")] {
        truth.insert(SampleId(id), label).unwrap();
    }
    truth
}

fn read(text: &str) -> Predictions {
    Predictions::parse(text.as_bytes(), &truth()).unwrap()
}

fn label(predictions: &Predictions, id: u64) -> Option<&str> {
    predictions.of(SampleId(id)).map(|prediction| predictions.label(prediction.label))
}

#[test]
fn a_wide_table_has_labels_and_probabilities_by_class() {
    let predictions = read("sample_id,label,web,p_mail,dns,model\n1,dns,0.25,0.25,0.5,rf\n2,dns,0.4,0,0.6,rf\n");
    assert_eq!(
        (label(&predictions, 1), label(&predictions, 2), label(&predictions, 3)),
        (Some("dns"), Some("dns"), None)
    );
    let chances = |id| predictions.of(SampleId(id)).unwrap().chances.unwrap();
    assert_eq!(chances(1), Chances { of_truth: 0.5, of_label: 0.5, highest: 0.5, squares: 0.375 });
    assert_eq!((chances(2).of_truth, chances(2).of_label), (0.4, 0.6));
    assert_eq!(predictions.unused_columns(), ["model"]);
    let plain = read("label,sample_id\nweb,1\n");
    assert!(!plain.has_probabilities() && plain.of(SampleId(1)).unwrap().chances.is_none());
}

#[test]
fn a_column_is_the_class_that_it_is_named_by_before_it_is_a_prefixed_one() {
    let predictions = read("sample_id,p_dns,p_p_dns2\n3,0.7,0.3\n");
    assert_eq!(label(&predictions, 3), Some("p_dns"));
    assert_eq!(predictions.of(SampleId(3)).unwrap().chances.unwrap().of_truth, 0.7);
}

#[test]
fn without_labels_the_most_probable_class_is_it_and_of_equals_the_first_by_name() {
    let wide = read("sample_id,web,dns\n1,0.5,0.5\n2,0.500001,0.499999\n");
    assert_eq!((label(&wide, 1), label(&wide, 2)), (Some("dns"), Some("web")));
    let long = read("sample_id,class,probability\n1,web,0.5\n2,web,0.6\n1,dns,0.5\n2,dns,0.4\n");
    assert_eq!((label(&long, 1), label(&long, 2)), (Some("dns"), Some("web")));
    assert_eq!(long.of(SampleId(2)).unwrap().chances.unwrap().of_truth, 0.6);
}

#[test]
fn rows_of_samples_without_a_label_are_passed_over() {
    let mut truth = truth();
    truth.insert(SampleId(4), "").unwrap();
    for text in ["sample_id,label\n4,dns\n1,dns\n", "sample_id,class,probability\n4,dns,1\n1,dns,1\n"] {
        let predictions = Predictions::parse(text.as_bytes(), &truth).unwrap();
        assert_eq!((predictions.len(), predictions.unjudged(), label(&predictions, 4)), (1, 1, None));
    }
}

#[test]
fn probabilities_are_divided_by_their_sum() {
    let chances = read("sample_id,label,web,dns\n1,dns,0.499,0.499\n").of(SampleId(1)).unwrap().chances.unwrap();
    assert_eq!((chances.of_truth, chances.squares), (0.5, 0.5));
}

#[test]
fn defects_are_named_with_their_place() {
    for (text, said) in [
        ("", "an empty table"),
        ("id,class\n1,a\n", "line 1: no column 'label'"),
        ("label,probability\n", "line 1: no column 'sample_id'"),
        ("sample_id,label\n1,dns\n1,dns\n", "line 3, column 1: sample 1 has a prediction already"),
        ("sample_id,label\n1,dns\n9,dns\n8,dns\n", "line 3: the truth knows no sample 9 (2 rows are of such samples)"),
        ("sample_id,label\n1,\n", "line 2, column 2: no label of sample 1"),
        ("sample_id,label\n1\n", "line 2: 1 columns where the header has 2"),
        ("sample_id,label\n1e3,dns\n", "line 2, column 1: '1e3' is no sample id; ids are whole numbers"),
        ("sample_id,label,dns,web\n1,dns,1.5,0\n", "line 2, column 3: '1.5' is no probability"),
        ("sample_id,label,dns,web\n1,dns,nan,0\n", "line 2, column 3: 'nan' is no probability"),
        ("sample_id,label,dns,web\n1,dns,,1\n", "line 2, column 3: '' is no probability"),
        ("sample_id,label,dns,web\n1,dns,0.5,0.4\n", "line 2: the probabilities are 0.9000 together"),
        (
            "sample_id,label,dns,quic\n1,dns,0.5,0.5\n",
            "the column 'quic' is no class of the truth: if it holds probabilities, name it p_quic",
        ),
        ("sample_id,label,dns,p_web,web\n1,dns,1,0,0\n", "line 1, column 5: two columns of the probability of 'web'"),
        (
            "sample_id,class,probability\n1,a,0.5\n2,a,1\n1,a,0.5\n",
            "line 4, column 2: sample 1 has a probability of 'a'",
        ),
        ("sample_id,class,probability\n1,a,0.5\n", "line 2: of sample 1 the probabilities are 0.5000 together"),
        ("sample_id,class,probability\n1,,0.5\n", "line 2, column 2: no class"),
        ("sample_id,class,probability\n7,a,1\n", "line 2: the truth knows no sample 7; see"),
        ("sample_id,class,probability,label\n", "line 1, column 4: a label beside a class"),
    ] {
        let error = Predictions::parse(text.as_bytes(), &truth()).unwrap_err().to_string();
        assert!(error.contains(said), "{error}");
    }
}
