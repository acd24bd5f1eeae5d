//! `pcapml release` and `verify`: a directory that others can check, cite and train on.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::{Run, Sandbox, apps, csv_rows, root};

const MANIFEST: &str = "[dataset]\nname = \"apps\"\nversion = \"1.2.0\"\ndescription = \"Sessions | of <clients>\"\n\
    license = \"CC-BY-4.0\"\nurl = \"https://example.org/apps\"\ncite_as = \"@misc{apps}\"\n\
    creators = [{ name = \"Ada\", affiliation = \"Example\" }, { name = \"Lab\", organization = true }]\n\
    date_published = 2026-11-22\ndisallow = [\"ip.addr\"]\n";

/// What is not about releases: small classes, fields that tell labels, what splits at random share.
const ALLOW: [&str; 2] = ["--allow", "all"];

/// Our own dataset, sorted, with lists; ntp's samples are the challenge, so that its label must appear nowhere.
pub(crate) fn prepared() -> Sandbox {
    let sandbox = Sandbox::new();
    let (pcaps, labels) = (apps().join("pcaps"), apps().join("labels.csv"));
    let label = [pcaps.to_str().unwrap(), "--labels", labels.to_str().unwrap(), "--source", "-o", "l.pcapng"];
    sandbox.pcapml(["label"].into_iter().chain(label)).expect(0);
    sandbox.pcapml(["sort", "l.pcapng", "-o", "s.pcapng"]).expect(0);
    let samples = csv_rows(&sandbox.pcapml(["samples", "s.pcapng", "--format", "csv"]).expect(0).out);
    let split = |(number, row): (usize, &BTreeMap<String, String>)| {
        let split = if row["label"] == "ntp" { "challenge" } else { ["train", "test", "none"][number % 3] };
        format!("{},{split}\n", row["sample_id"])
    };
    let rows: String = samples.iter().enumerate().map(split).collect();
    sandbox.write("splits.csv", format!("sample_id,split\n{rows}"));
    sandbox.write("dataset.toml", MANIFEST);
    sandbox
}

pub(crate) fn release(sandbox: &Sandbox, out: &str, more: &[&str]) -> Run {
    let asked = ["release", "s.pcapng", "--splits", "splits.csv", "--manifest", "dataset.toml", "-o", out];
    sandbox.pcapml(asked.into_iter().chain(ALLOW).chain(more.iter().copied()))
}

pub(crate) fn names(directory: &Path) -> Vec<String> {
    let names = fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names.collect::<BTreeSet<_>>().into_iter().collect()
}

fn python() -> PathBuf {
    root().join("target/python/bin/python")
}

fn judge(sandbox: &Sandbox, script: &str) -> String {
    let output = Command::new(python()).args(["-W", "ignore", "-c", script]).current_dir(sandbox.path("")).output();
    let output = output.expect("scripts/judges makes this Python");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn a_release_is_what_others_expect_of_it() {
    let sandbox = prepared();
    let sources = apps().join("pcaps");
    release(&sandbox, "out", &["--sources", sources.to_str().unwrap()]).expect(0).says("90 samples in 14 files");
    assert_eq!(
        names(&sandbox.path("out")),
        [
            "README.md",
            "SHA256SUMS",
            "apps-challenge.pcapng.zst",
            "apps.pcapng.zst",
            "challenge.txt",
            "contents.csv",
            "croissant.json",
            "dataset.toml",
            "lint.json",
            "samples.csv",
            "samples.parquet",
            "splits.csv",
            "test.txt",
            "train.txt",
        ]
    );
    let sums = Command::new("sha256sum").args(["-c", "SHA256SUMS"]).current_dir(sandbox.path("out")).output().unwrap();
    assert!(sums.status.success());
    assert_eq!(String::from_utf8_lossy(&sums.stdout).lines().count(), 13);
    sandbox.pcapml(["verify", "out"]).expect(0).says("13 files and 90 samples are what they are said to be");
    // The captures hold all packets of all samples.
    let count = |file: &str| {
        let path = sandbox.path(file);
        sandbox.tool("zstd", &["-qdf", path.to_str().unwrap(), "-o", sandbox.path("x.pcapng").to_str().unwrap()]);
        let told = sandbox
            .tool("tshark", &["-r", sandbox.path("x.pcapng").to_str().unwrap(), "-T", "fields", "-e", "frame.comment"]);
        told.lines().map(|line| line.split(',').nth(1).unwrap().to_owned()).collect::<Vec<_>>()
    };
    let (main, challenge) = (count("out/apps.pcapng.zst"), count("out/apps-challenge.pcapng.zst"));
    assert_eq!(main.len() + challenge.len(), 3105);
    assert_eq!(challenge.iter().collect::<BTreeSet<_>>(), BTreeSet::from([&"-".to_owned()]));
    let row = &csv_rows(&fs::read_to_string(sandbox.path("out/samples.csv")).unwrap())[0];
    let source = fs::read(sources.join(&row["source"])).unwrap();
    let judged = sha256(&sandbox.write("source", source));
    assert_eq!(row["source_sha256"], judged);
    assert_eq!((row["packets"].as_str(), row["group"].as_str()), (row["packets"].as_str(), ""));
}

fn sha256(path: &Path) -> String {
    let output = Command::new("sha256sum").arg(path).output().unwrap();
    String::from_utf8(output.stdout).unwrap().split(' ').next().unwrap().to_owned()
}

#[test]
fn nothing_in_a_release_tells_the_challenge() {
    let sandbox = prepared();
    release(&sandbox, "out", &["--sources", apps().join("pcaps").to_str().unwrap()]).expect(0);
    let hidden: Vec<String> = csv_rows(&fs::read_to_string(sandbox.path("out/samples.csv")).unwrap())
        .into_iter()
        .filter(|row| row["split"] == "challenge")
        .map(|row| {
            assert_eq!((row["label"].as_str(), row["client"].as_str(), row["source"].as_str()), ("", "", ""));
            row["sample_id"].clone()
        })
        .collect();
    assert_eq!(hidden.len(), 8);
    for name in names(&sandbox.path("out")) {
        let mut bytes = fs::read(sandbox.path("out").join(&name)).unwrap();
        if name.ends_with(".zst") {
            let path = sandbox.path("out").join(&name);
            bytes = sandbox.try_tool("zstd", &["-qdc", path.to_str().unwrap()]).stdout;
        }
        for told in [&b"ntp"[..], b"ntpdate", b"chrony"] {
            assert!(
                !bytes.windows(told.len()).any(|part| part == told),
                "{name} says {}",
                String::from_utf8_lossy(told)
            );
        }
        if name == "lint.json" {
            let text = String::from_utf8(bytes).unwrap();
            assert!(!hidden.iter().any(|id| text.contains(id.as_str())));
        }
    }
}

#[test]
fn the_same_input_gives_the_same_bytes() {
    let sandbox = prepared();
    release(&sandbox, "one", &["--threads", "1"]).expect(0);
    release(&sandbox, "four", &["--threads", "4"]).expect(0);
    for name in names(&sandbox.path("one")) {
        let of = |out: &str| fs::read(sandbox.path(out).join(&name)).unwrap();
        assert!(of("one") == of("four"), "{name} differs");
    }
}

/// mlcroissant validates the description and iterates over its records; pyarrow reads the same from Parquet.
#[test]
fn machines_read_a_release() {
    if !python().exists() {
        eprintln!("SKIPPED: there is no target/python; scripts/judges makes it");
        return;
    }
    let sandbox = prepared();
    release(&sandbox, "out", &[]).expect(0);
    let told = judge(&sandbox, "
import json, mlcroissant as mlc, pyarrow.parquet as pq
d = mlc.Dataset(jsonld='out/croissant.json')
assert not d.metadata.issues.errors and not d.metadata.issues.warnings, d.metadata.issues.report()
assert d.metadata.version == '1.2.0' and d.metadata.license == ['https://spdx.org/licenses/CC-BY-4.0.html'], d.metadata.license
splits = {r['splits/name'].decode() if isinstance(r['splits/name'], bytes) else r['splits/name'] for r in d.records('splits')}
rows = list(d.records('samples'))
t = pq.read_table('out/samples.parquet').to_pylist()
assert len(rows) == len(t) == 90
for r, p in zip(rows, t):
    assert r['samples/sample_id'].decode() == str(p['sample_id'])
    assert r['samples/packets'] == p['packets'] and r['samples/sha256'].decode() == p['sha256']
    assert (r['samples/label'] or b'').decode() == (p['label'] or '')
    # mlcroissant knows microseconds only.
    assert r['samples/first_time'] == p['first_time'].floor('us')
print(sorted(splits), pq.read_schema('out/samples.parquet').field('sample_id').type)
");
    assert_eq!(told, "['challenge', 'test', 'train'] uint64\n");
}

/// Whatever is changed is found, also by who makes SHA256SUMS anew.
#[test]
fn what_is_changed_is_told() {
    let sandbox = prepared();
    release(&sandbox, "out", &[]).expect(0);
    for name in names(&sandbox.path("out")) {
        let path = sandbox.path("out").join(&name);
        let before = fs::read(&path).unwrap();
        let mut after = before.clone();
        after.extend_from_slice(b"\n# 1\n");
        fs::write(&path, after).unwrap();
        let run = sandbox.pcapml(["verify", "out"]);
        assert_ne!(run.status, 0, "{name}");
        assert!(run.err.contains(&name), "{name}: {}", run.err);
        fs::write(&path, before).unwrap();
    }
    sandbox.write("out/more.txt", "x");
    sandbox.pcapml(["verify", "out"]).expect(2).says("SHA256SUMS does not name it");
    fs::remove_file(sandbox.path("out/more.txt")).unwrap();
    let capture = sandbox.path("out/apps.pcapng.zst");
    let table = sandbox.write("map.csv", "old,new\ndns,http\n");
    let map = ["relabel", "out/apps.pcapng.zst", "--map", table.to_str().unwrap(), "-o", "changed.pcapng.zst"];
    sandbox.pcapml(map).expect(0);
    fs::rename(sandbox.path("changed.pcapng.zst"), &capture).unwrap();
    sums_anew(&sandbox.path("out"));
    sandbox.pcapml(["verify", "out"]).expect(2).says("samples.csv says label 'dns', the capture 'http'");
}

pub(crate) fn sums_anew(directory: &Path) {
    let files: Vec<PathBuf> = names(directory).iter().filter(|name| *name != "SHA256SUMS").map(PathBuf::from).collect();
    let output = Command::new("sha256sum").args(&files).current_dir(directory).output().unwrap();
    fs::write(directory.join("SHA256SUMS"), output.stdout).unwrap();
}

#[test]
fn what_cannot_be_released_is_refused() {
    let sandbox = prepared();
    let asked = ["release", "s.pcapng", "--splits", "splits.csv", "--manifest", "dataset.toml", "-o", "out"];
    let deny = ["--deny", "balance-tiny"];
    sandbox.pcapml(asked.into_iter().chain(deny)).expect(1).says("lint finds").says("balance-tiny");
    sandbox.write("dataset.toml", MANIFEST.replace("version", "versoin"));
    release(&sandbox, "out", &[]).expect(1).says("dataset.toml: line 3, column 1: unknown field `versoin`");
    sandbox.write("dataset.toml", MANIFEST);
    let unsorted = ["release", "l2.pcapng", "--splits", "splits.csv", "--manifest", "dataset.toml", "-o", "out"];
    sandbox.pcapml(["sort", "s.pcapng", "--by", "time", "-o", "l2.pcapng"]).expect(0);
    sandbox.pcapml(unsorted.into_iter().chain(ALLOW)).expect(1).says("pcapml sort");
    sandbox.write("splits.csv", "sample_id,split\n999,train\n");
    release(&sandbox, "out", &[]).expect(1).says("1 id not in the capture, the first is 999");
    assert!(!sandbox.path("out").exists());
}
