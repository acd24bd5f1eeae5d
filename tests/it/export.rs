//! `pcapml export`: the directory that Hugging Face's library loads.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

use crate::support::{Run, Sandbox, csv_rows, python};

/// The samples of our own dataset, and a table that puts some into three splits.
fn labelled(sandbox: &Sandbox) -> BTreeMap<String, String> {
    sandbox.label_apps("labelled.pcapng");
    let samples = csv_rows(&sandbox.pcapml(["samples", "labelled.pcapng", "--format", "csv"]).expect(0).out);
    let split = |number: usize| ["train", "train", "validation", "test", ""][number % 5].to_owned();
    let of: BTreeMap<String, String> = samples
        .iter()
        .enumerate()
        .map(|(number, row)| (row["sample_id"].clone(), split(number)))
        .filter(|(_, split)| !split.is_empty())
        .collect();
    let lines: String = of.iter().map(|(id, split)| format!("{id},{split}\n")).collect();
    sandbox.write("splits.csv", format!("sample_id,split\n{lines}999,test\n"));
    of
}

fn files(directory: &Path) -> Vec<String> {
    let mut names: Vec<String> =
        fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

const EXPORT: [&str; 4] = ["export", "huggingface", "labelled.pcapng", "-o"];

#[test]
fn each_split_has_its_files_and_the_card_names_them() {
    let sandbox = Sandbox::new();
    labelled(&sandbox);
    let run = sandbox.pcapml(EXPORT.into_iter().chain(["out", "--splits", "splits.csv", "--shard", "20"])).expect(0);
    assert_eq!(
        files(&sandbox.path("out/data")),
        [
            "test-00000-of-00001.parquet",
            "train-00000-of-00002.parquet",
            "train-00001-of-00002.parquet",
            "validation-00000-of-00001.parquet"
        ]
    );
    assert_eq!(files(&sandbox.path("out")), ["README.md", "data"]);
    let card = fs::read_to_string(sandbox.path("out/README.md")).unwrap();
    let head = "---\nconfigs:\n- config_name: default\n  data_files:\n  - split: train\n    path: data/train-*\n  \
                - split: validation\n    path: data/validation-*\n  - split: test\n    path: data/test-*\n---\n";
    assert!(card.starts_with(head), "{card}");
    assert!(card.contains("| train | 36 | 2 |\n| validation | 18 | 1 |\n| test | 18 | 1 |\n"), "{card}");
    for told in ["18 samples in no split: left out", "1 sample of the table of splits not in the input", "72 samples"] {
        assert!(run.err.contains(told), "{told}: {}", run.err);
    }
}

/// pyarrow reads every row of every sample in a split, in the files of that split and with its label.
#[test]
fn pyarrow_finds_each_sample_in_its_split() {
    let Some(python) = python() else { return };
    let sandbox = Sandbox::new();
    let splits = labelled(&sandbox);
    let options = ["out", "--splits", "splits.csv", "--set", "flows", "--shard", "7"];
    sandbox.pcapml(EXPORT.into_iter().chain(options)).expect(0);
    let script = "import pathlib, pyarrow.parquet as pq\nfor file in sorted(pathlib.Path('out/data').iterdir()):\n    \
                  table = pq.read_table(file)\n    assert 'split' not in table.column_names\n    \
                  for row in zip(table['sample_id'].to_pylist(), table['label'].to_pylist()):\n        \
                  print(row[0], row[1], file.name.split('-')[0], sep=',')";
    let mut judge = Command::new(python);
    judge.args(["-c", script]).current_dir(sandbox.path("."));
    let mut found = Run::of(&mut judge).expect(0).out.lines().map(str::to_owned).collect::<Vec<_>>();
    let flows = csv_rows(&sandbox.pcapml(["flows", "labelled.pcapng", "-o", "-"]).expect(0).out);
    let mut expected: Vec<String> = flows
        .iter()
        .filter_map(|row| Some(format!("{},{},{}", row["sample_id"], row["label"], splits.get(&row["sample_id"])?)))
        .collect();
    found.sort();
    expected.sort();
    assert!(found.len() > 90);
    assert_eq!(found, expected);
}

#[test]
fn what_cannot_be_exported_leaves_nothing_behind() {
    let sandbox = Sandbox::new();
    labelled(&sandbox);
    sandbox.write("bad.csv", "sample_id,split\n999,train\n");
    let id = csv_rows(&sandbox.pcapml(["samples", "labelled.pcapng", "--format", "csv"]).expect(0).out)[0]["sample_id"]
        .clone();
    sandbox.write("named.csv", format!("sample_id,split\n{id},to-train\n"));
    fs::create_dir(sandbox.path("full")).unwrap();
    sandbox.write("full/file", "");
    for (options, said) in [
        (["out", "--splits", "bad.csv"], "no sample of the input is in a split"),
        (["out", "--splits", "named.csv"], "'to-train' cannot be the name of a split"),
        (["out", "--set", "none"], "none"),
        (["full", "--set", "stats"], "the output directory is not empty"),
    ] {
        let run = sandbox.pcapml(EXPORT.into_iter().chain(options)).expect(1);
        assert!(run.err.contains(said), "{said}: {}", run.err);
        assert!(!sandbox.path("out").exists());
    }
    assert_eq!(files(&sandbox.path("full")), ["file"]);
    let run = sandbox.pcapml(["export", "huggingface", "-", "-o", "out"]).expect(1);
    assert!(run.err.contains("- can be read only once"), "{}", run.err);
    let left: Vec<String> = files(&sandbox.path(".")).into_iter().filter(|name| name.contains("partial")).collect();
    assert_eq!(left, Vec::<String>::new());
}
