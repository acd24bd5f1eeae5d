//! `pcapml release` and `verify`: a directory that others can check, cite and train on.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use pcapml::capture::{Item, Reader};

use crate::partition::{Order, block_in, interface_in, options_in, section_in};
use crate::support::{Run, Sandbox, apps, csv_rows, packets, python};

pub(crate) const MANIFEST: &str = "[dataset]\nname = \"apps\"\nversion = \"1.2.0\"\ndescription = \"Sessions | of <clients>\"\n\
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

fn judge(python: &Path, sandbox: &Sandbox, script: &str) -> String {
    let output = Command::new(python).args(["-W", "ignore", "-c", script]).current_dir(sandbox.path("")).output();
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
    let Some(python) = python() else { return };
    let sandbox = prepared();
    release(&sandbox, "out", &[]).expect(0);
    let told = judge(&python, &sandbox, "
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

/// What lint finds is told, whatever ends the release or not; of the challenge it knows nothing, and misses nothing.
#[test]
fn what_lint_finds_is_told() {
    let sandbox = prepared();
    let splits = fs::read_to_string(sandbox.path("splits.csv")).unwrap();
    sandbox.write("splits.csv", splits.replace(",none", ",train"));
    release(&sandbox, "out", &[]).expect(0);
    let lint = fs::read_to_string(sandbox.path("out/lint.json")).unwrap();
    assert!(lint.contains("\"balance-tiny\"") && !lint.contains("balance-unsplit"), "{lint}");
    let readme = fs::read_to_string(sandbox.path("out/README.md")).unwrap();
    assert!(readme.contains("balance-tiny") && !readme.contains("balance-unsplit"));
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

/// Names of splits become names of files: none may lead out of the release, or be taken for another.
#[test]
fn a_split_is_called_by_a_plain_name() {
    let sandbox = prepared();
    let table = fs::read_to_string(sandbox.path("splits.csv")).unwrap();
    let outside = sandbox.path("outside");
    for (from, to, said) in [
        (",train\n", ",../../outside\n", "cannot be a split's name".to_owned()),
        (",train\n", &*format!(",{}\n", outside.display()), "cannot be a split's name".to_owned()),
        (",challenge\n", ",Challenge\n", "the split 'Challenge' differs from 'challenge'".to_owned()),
        (",challenge\n", ",CHALLENGE\n", "the split 'CHALLENGE' differs from 'challenge'".to_owned()),
    ] {
        sandbox.write("splits.csv", table.replace(from, to));
        release(&sandbox, "out", &[]).expect(1).says("splits.csv: line ").says(&said);
        assert!(!sandbox.path("out").exists());
    }
    assert!(!outside.with_extension("txt").exists());
}

const LITTLE: Order = u32::to_le_bytes;

/// A packet of this interface and comment; another byte makes another packet.
fn packet(interface: u32, comment: &str, byte: u8) -> Vec<u8> {
    let fixed = [interface, 0, 1000, 60, 60].map(LITTLE).concat();
    block_in(LITTLE, 6, &[fixed, vec![byte; 60], options_in(LITTLE, &[(1, comment)])].concat())
}

/// A capture of four samples, 7 and 9 of the challenge: whatever is theirs, or may be, says so.
fn telling() -> Sandbox {
    let header = "pcapml: {\"format\":1,\"order\":\"id\",\"dataset\":\"d\",\"made_of\":\"secret\"}\nsecret";
    let interface = |name: &str| interface_in(LITTLE, &[(2, name), (3, "of the lab")]);
    let capture = [
        section_in(LITTLE, &[(1, header), (1, "secret"), (2, "secret"), (3, "secret"), (4, "secret")]),
        interface("secret0"),
        interface("web0"),
        interface("secret1"),
        block_in(LITTLE, 4, b"\0\0\0\0secret!!"),
        block_in(LITTLE, 10, b"KSLT\x08\0\0\0secret!!"),
        packet(1, "3,web,a=b", 3),
        packet(0, "7,secret,source=secret.pcap", 7),
        packet(1, "8,web", 8),
        block_in(LITTLE, 5, b"\0\0\0\0secret!!"),
        packet(2, "9,secret2", 9),
        block_in(LITTLE, 0x0BAD, b"\0\0\0\x01secret!!"),
    ];
    let sandbox = Sandbox::new();
    sandbox.write("s.pcapng", capture.concat());
    sandbox.write("splits.csv", "sample_id,split\n3,train\n7,challenge\n8,test\n9,challenge\n");
    sandbox.write("dataset.toml", MANIFEST);
    sandbox
}

/// Unpacks a capture of a release.
pub(crate) fn unpacked(sandbox: &Sandbox, name: &str) -> PathBuf {
    let (packed, plain) = (sandbox.path(name), sandbox.path(format!("{}.pcapng", name.replace('/', "_"))));
    sandbox.tool("zstd", &["-qdf", packed.to_str().unwrap(), "-o", plain.to_str().unwrap()]);
    plain
}

/// What each file of a release says.
fn contents(sandbox: &Sandbox, out: &str) -> BTreeMap<String, Vec<u8>> {
    let of = |name: String| {
        let file = format!("{out}/{name}");
        let bytes = match name.ends_with(".zst") {
            true => fs::read(unpacked(sandbox, &file)),
            false => fs::read(sandbox.path(file)),
        };
        (name, bytes.unwrap())
    };
    names(&sandbox.path(out)).into_iter().map(of).collect()
}

fn tells(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|part| part == text.as_bytes())
}

/// Blocks, names of interfaces, comments and facts that stand beside packets may be of the challenge.
#[test]
fn nothing_beside_packets_tells_the_challenge() {
    let sandbox = telling();
    let run = release(&sandbox, "out", &[]).expect(0);
    for (name, bytes) in contents(&sandbox, "out") {
        assert!(!tells(&bytes, "secret"), "{name}");
    }
    let said = "whose labels are kept back: 0 other options of packets, 9 options of sections and interfaces, 4 blocks, 2 interfaces without packets";
    assert!(run.err.contains(said), "{}", run.err);
    let (public, hidden) =
        (unpacked(&sandbox, "out/apps.pcapng.zst"), unpacked(&sandbox, "out/apps-challenge.pcapng.zst"));
    // What is the public samples' own stays.
    let fields = ["-T", "fields", "-e", "frame.interface_id", "-e", "frame.comment"];
    let shown = |path: &Path| sandbox.tool("tshark", &[&["-r", path.to_str().unwrap()], &fields[..]].concat());
    assert_eq!(shown(&public), "0\t3,web,a=b\n0\t8,web\n");
    let text = fs::read(&public).unwrap();
    assert!(tells(&text, "web0") && !tells(&text, "of the lab"));
    // The challenge's interfaces were two: their numbers would tell 7 from 9.
    assert_eq!(shown(&hidden), "0\t7,-\n0\t9,-\n");
    let bytes: Vec<String> = packets(&hidden).into_iter().map(|(fact, _)| fact.digest).collect();
    let before: Vec<String> = packets(&sandbox.path("s.pcapng")).into_iter().map(|(fact, _)| fact.digest).collect();
    assert_eq!(bytes, [before[1].clone(), before[3].clone()]);
    let mut reader = Reader::open(&hidden, 1).unwrap();
    let mut interfaces = 0;
    while let Some(item) = reader.next_item().unwrap() {
        interfaces += u32::from(matches!(item, Item::Interface(..)));
    }
    assert_eq!(interfaces, 1);
    sandbox.pcapml(["verify", "out"]).expect(0);
    // Without a challenge nothing needs to go.
    sandbox.write("splits.csv", "sample_id,split\n3,train\n7,train\n8,test\n9,test\n");
    release(&sandbox, "all", &[]).expect(0);
    sandbox.pcapml(["verify", "all"]).expect(0);
    let all = fs::read(unpacked(&sandbox, "all/apps.pcapng.zst")).unwrap();
    for kept in ["secret0", "secret!!", "made_of", "secret.pcap"] {
        assert!(tells(&all, kept), "{kept}");
    }
}

/// A person's note may be about any sample, and so may options that nobody knows.
#[test]
fn nothing_beside_labels_tells_the_challenge() {
    let sandbox = telling();
    let capture = fs::read(sandbox.path("s.pcapng")).unwrap();
    let noted = |fixed: &[u32], byte: u8, label: &str| {
        let fixed: Vec<u8> = fixed.iter().copied().flat_map(LITTLE).collect();
        let custom = [LITTLE(0x0009_0bac), LITTLE(1), *b"secr", *b"et\0\0"].concat();
        let flags = [LITTLE(0x0004_0002), LITTLE(1)].concat();
        let comments = options_in(LITTLE, &[(1, label), (1, "7 is secret"), (1, "note\0secret")]);
        block_in(LITTLE, 6, &[fixed, vec![byte; 60], custom, flags, comments].concat())
    };
    let swap = |capture: &[u8], old: Vec<u8>, new: Vec<u8>| {
        let at = capture.windows(old.len()).position(|part| part == old).unwrap();
        [&capture[..at], &new, &capture[at + old.len()..]].concat()
    };
    let public = noted(&[1, 0, 1000, 60, 60], 3, "3,web,a=b");
    let hidden = noted(&[0, 0, 1000, 60, 60], 7, "7,secret,source=secret.pcap");
    let capture = swap(&capture, packet(1, "3,web,a=b", 3), public);
    let capture = swap(&capture, packet(0, "7,secret,source=secret.pcap", 7), hidden);
    sandbox.write("s.pcapng", capture);
    release(&sandbox, "out", &[]).expect(0).says("kept back: 3 other options of packets");
    for (name, bytes) in contents(&sandbox, "out") {
        assert!(!tells(&bytes, "secret"), "{name}");
    }
    let of = |name: &str| {
        let path = unpacked(&sandbox, name);
        let fields = ["-T", "fields", "-e", "frame.comment", "-e", "frame.packet_flags"];
        sandbox.tool("tshark", &[&["-r", path.to_str().unwrap()], &fields[..]].concat())
    };
    // How a packet was received is its own affair, and no label; of a challenge, nothing is told that need not be.
    assert_eq!(of("out/apps.pcapng.zst"), "3,web,a=b\t0x00000001\n8,web\t\n");
    assert_eq!(of("out/apps-challenge.pcapng.zst"), "7,-\t\n9,-\t\n");
    sandbox.pcapml(["verify", "out"]).expect(0);
}

/// Comments and columns of lists that somebody wrote go nowhere: of a challenge they may tell.
#[test]
fn lists_are_written_anew() {
    let sandbox = telling();
    let options = "--by capture --ratio train=70,test=30 --challenge 10";
    let comments = format!("# seed: 7\n# options: {options}\n# class: challenge,secret,2\n# secret\n");
    let rows = "3,train,0,lab,web\n7,challenge,1,secret.pcap,secret\n8,none,,,web\n9,challenge,1,secret.pcap,secret2\n";
    sandbox.write("splits.csv", format!("{comments}sample_id,split,fold,group,label\n{rows}"));
    sandbox.write("challenge.txt", "# secret2: 9\n7 # secret\n9\n");
    sandbox.write("challenge_labels.csv", "sample_id,label\n7,secret\n9,secret2\n");
    release(&sandbox, "out", &[]).expect(0);
    for (name, bytes) in contents(&sandbox, "out") {
        assert!(!tells(&bytes, "secret"), "{name}");
    }
    let read = |name: &str| fs::read_to_string(sandbox.path(format!("out/{name}"))).unwrap();
    let table = sha256(&sandbox.path("out/contents.csv"));
    let head = format!(
        "# pcapml-list: 1\n# dataset: apps\n# version: 1.2.0\n# sample_table_sha256: {table}\n# options: {options}\n# seed: 7\n"
    );
    let counts =
        "# samples: challenge,2\n# samples: train,1\n# class: train,web,1\n# samples: none,1\n# class: none,web,1\n";
    let rows = "sample_id,split,fold,group\n3,train,0,lab\n7,challenge,,\n8,none,,\n9,challenge,,\n";
    assert_eq!(read("splits.csv"), format!("{head}{counts}{rows}"));
    assert_eq!(read("challenge.txt"), format!("{head}# split: challenge\n# samples: 2\n7\n9\n"));
    assert_eq!(read("train.txt"), format!("{head}# split: train\n# samples: 1\n# class: web,1\n3\n"));
    assert!(!sandbox.path("out/challenge_labels.csv").exists());
    sandbox.pcapml(["verify", "out"]).expect(0);
    // Options are partition's, or somebody's own words.
    let told = "# options: 7 is secret, 9 is secret2\n";
    sandbox.write("splits.csv", format!("{told}sample_id,split\n3,train\n7,challenge\n8,none\n9,challenge\n"));
    release(&sandbox, "worded", &[]).expect(0).says("splits.csv: its '# options' are left out");
    for (name, bytes) in contents(&sandbox, "worded") {
        assert!(!tells(&bytes, "secret"), "{name}");
    }
    sandbox.pcapml(["verify", "worded"]).expect(0);
    sandbox.write("challenge.txt", "7\n");
    release(&sandbox, "other", &[]).expect(1).says("challenge.txt: its ids are not those of the split 'challenge'");
}

/// Ids are made of names and rules, and a labels file has an order: neither may say what a challenge's samples are.
#[test]
fn ids_and_order_of_a_challenge_are_told_of() {
    let sandbox = telling();
    let readme = |out: &str| fs::read_to_string(sandbox.path(out).join("README.md")).unwrap();
    release(&sandbox, "out", &[]).expect(0).says("ids may tell the labels of the challenge").says("--ids rekey");
    assert!(readme("out").contains("**Caution**: ids may tell the labels of the challenge"));
    sandbox.write("key", [7; 32]);
    let rekey = ["--key-file", "key", "--ids", "rekey", "-o", "rekeyed.pcapng"];
    sandbox.pcapml(["anonymize", "s.pcapng"].into_iter().chain(rekey)).expect(0);
    fs::rename(sandbox.path("rekeyed.pcapng"), sandbox.path("s.pcapng")).unwrap();
    let samples = csv_rows(&sandbox.pcapml(["samples", "s.pcapng", "--format", "csv"]).expect(0).out);
    let table = |hidden: &str| {
        let split = |label: &str| if label == "web" { "train" } else { hidden };
        let row = |row: &BTreeMap<String, String>| format!("{},{}\n", row["sample_id"], split(&row["label"]));
        format!("sample_id,split\n{}", samples.iter().map(row).collect::<String>())
    };
    sandbox.write("splits.csv", table("challenge"));
    let run = release(&sandbox, "rekeyed", &[]).expect(0);
    assert!(!run.err.contains("ids may tell") && !readme("rekeyed").contains("Caution"), "{}", run.err);
    let header = "pcapml: {\"format\":1,\"order\":\"contiguous\"}";
    let unsorted = [
        section_in(LITTLE, &[(1, header)]),
        interface_in(LITTLE, &[]),
        packet(0, "9,secret2", 9),
        packet(0, "3,web", 3),
    ];
    sandbox.write("s.pcapng", unsorted.concat());
    let table = |hidden: &str| format!("sample_id,split\n3,train\n9,{hidden}\n");
    sandbox.write("splits.csv", table("challenge"));
    release(&sandbox, "unsorted", &[]).expect(1).says("do not stand by id").says("pcapml sort");
    sandbox.write("splits.csv", table("test"));
    release(&sandbox, "open", &[]).expect(0);
    sandbox.pcapml(["sort", "s.pcapng", "-o", "sorted.pcapng"]).expect(0);
    fs::rename(sandbox.path("sorted.pcapng"), sandbox.path("s.pcapng")).unwrap();
    sandbox.write("splits.csv", table("challenge"));
    release(&sandbox, "sorted", &[]).expect(0);
}

/// Whoever names a sample of the challenge may say what it is.
#[test]
fn nothing_that_is_said_of_others_names_the_challenge() {
    let sandbox = Sandbox::new();
    let header = "pcapml: {\"format\":1,\"order\":\"id\"}";
    let capture = |comment: &str| {
        let packets = [packet(0, comment, 3), packet(0, "9000000001,secret", 9)].concat();
        [section_in(LITTLE, &[(1, header)]), interface_in(LITTLE, &[]), packets].concat()
    };
    let splits = |group: &str| format!("sample_id,split,group\n3,train,{group}\n9000000001,challenge,\n");
    let (plain, manifest) = ("3,web,like=9000000002", MANIFEST.to_owned());
    for (comment, group, manifest, said) in [
        (plain, "as 9000000001", manifest.clone(), "splits.csv: sample 3: it tells of sample 9000000001"),
        ("3,web,like=0x218711a01", "a", manifest.clone(), "s.pcapng: sample 3: it tells of sample 9000000001"),
        (plain, "a", manifest.clone() + "# 9000000001 is secret\n", "dataset.toml: it tells of sample 9000000001"),
    ] {
        sandbox.write("s.pcapng", capture(comment));
        sandbox.write("splits.csv", splits(group));
        sandbox.write("dataset.toml", manifest);
        release(&sandbox, "out", &[]).expect(1).says(said).says("leave it out");
        assert!(!sandbox.path("out").exists());
    }
    sandbox.write("dataset.toml", manifest);
    release(&sandbox, "out", &[]).expect(0);
    sandbox.pcapml(["verify", "out"]).expect(0);
}

/// What is learned from must not hold the challenge's packets, labelled.
#[test]
fn packets_of_the_challenge_are_not_released_with_labels() {
    let sandbox = telling();
    let capture = fs::read(sandbox.path("s.pcapng")).unwrap();
    let asked =
        |out: &'static str| ["release", "s.pcapng", "--splits", "splits.csv", "--manifest", "dataset.toml", "-o", out];
    sandbox.pcapml(asked("apart")).expect(0);
    let other = packet(0, "7,secret,source=secret.pcap", 7);
    let at = capture.windows(other.len()).position(|part| part == other).unwrap();
    let with = |block: Vec<u8>| [&capture[..at], &block, &capture[at + other.len()..]].concat();
    // What is sample 3's is sample 7's too: once more, or as one packet of both.
    sandbox.write("s.pcapng", with(packet(0, "7,secret,source=secret.pcap", 3)));
    sandbox.pcapml(asked("out")).expect(1).says("leak-duplicate");
    let fixed = [1, 0, 1000, 60, 60].map(LITTLE).concat();
    let comments = options_in(LITTLE, &[(1, "3,web,a=b"), (1, "7,secret,source=secret.pcap")]);
    sandbox.write("s.pcapng", with(block_in(LITTLE, 6, &[fixed, vec![5; 60], comments].concat())));
    sandbox.pcapml(asked("out")).expect(1).says("leak-packet");
    assert!(!sandbox.path("out").exists());
}

/// What is asked for wrongly is told before captures are written.
#[test]
fn mistakes_are_told_at_once() {
    let sandbox = telling();
    for (more, said) in [
        (&["--deny", "nosuch"][..], "there is no rule or group 'nosuch'"),
        (&["--allow", "nosuch"], "there is no rule or group 'nosuch'"),
        (&["--labels", "nope.csv"], "nope.csv: "),
        (&["--sources", "missing"], "missing: "),
    ] {
        let run = release(&sandbox, "out", more).expect(1).says(said);
        assert!(!run.err.contains("selected"), "{}", run.err);
    }
    let stdin = ["release", "-", "--splits", "splits.csv", "--manifest", "dataset.toml", "-o", "out"];
    sandbox.pcapml(stdin).expect(1).says("reads its capture several times");
    sandbox.write("dataset.toml", MANIFEST.replace("\"ip.addr\"", "\"ip.addr\", \"ip.adr\""));
    let said =
        "dataset.toml: line 10, column 24: disallow: there is no field 'ip.adr'; there are: frame.time, eth.addr";
    release(&sandbox, "out", &[]).expect(1).says(said);
    assert!(!sandbox.path("out").exists());
}

/// Ids that were counted are in every dataset: a list of another one selects something.
#[test]
fn a_list_of_another_dataset_is_told_of() {
    let sandbox = telling();
    release(&sandbox, "out", &[]).expect(0);
    let select = |input: &str, list: &[&str]| {
        sandbox.pcapml(["select", input, "-f", "-o", "x.pcapng"].into_iter().chain(list.iter().copied())).expect(0)
    };
    let own = select("out/apps.pcapng.zst", &["--ids", "out/train.txt"]);
    assert!(!own.err.contains("WARNING"), "{}", own.err);
    // The capture that was released says another name, and no version.
    let said = "WARNING: out/train.txt is of the dataset 'apps', the capture of 'd'";
    let other = select("s.pcapng", &["--ids", "out/train.txt"]).says(said);
    assert!(!other.err.contains("version"), "{}", other.err);
    let list = fs::read_to_string(sandbox.path("out/train.txt")).unwrap();
    sandbox.write("out/train.txt", list.replace("# version: 1.2.0", "# version: 1.1.0"));
    let said = "out/train.txt is of version '1.1.0', the capture of '1.2.0'";
    select("out/apps.pcapng.zst", &["--ids", "out/train.txt"]).says(said);
    let table = fs::read_to_string(sandbox.path("out/contents.csv")).unwrap();
    sandbox.write("out/contents.csv", table.replace("web", "dns"));
    let said = "out/splits.csv is of another sample table than out/contents.csv";
    select("out/apps.pcapng.zst", &["--splits", "out/splits.csv", "--split", "train"]).says(said);
}

/// No sample vanishes because a table forgets it; packets of no sample are counted.
#[test]
fn nothing_is_left_out_without_a_word() {
    let sandbox = telling();
    sandbox.write("splits.csv", "sample_id,split\n3,train\n7,challenge\n");
    let said = "splits.csv: it does not say where 2 samples of the capture belong, the first is 8";
    release(&sandbox, "out", &[]).expect(1).says(said).says("'none'");
    sandbox.write("splits.csv", "sample_id,split\n3,train\n7,challenge\n8,none\n9,none\n");
    let mut capture = fs::read(sandbox.path("s.pcapng")).unwrap();
    capture.extend(block_in(LITTLE, 6, &[[0, 0, 1000, 60, 60].map(LITTLE).concat(), vec![1; 60]].concat()));
    sandbox.write("s.pcapng", capture);
    release(&sandbox, "out", &[]).expect(0).says("1 packet of no sample left out").says("4 samples in");
    let readme = fs::read_to_string(sandbox.path("out/README.md")).unwrap();
    assert!(readme.contains("| Packets left out, of no sample | 1 |"), "{readme}");
}
