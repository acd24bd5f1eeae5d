//! `pcapml verify`: what is wrong with a release is found, also by who makes SHA256SUMS anew.

use std::fs;

use crate::release::{prepared, release, sums_anew};
use crate::support::{Sandbox, csv_rows};

/// A release with a challenge, in `out`.
fn released() -> Sandbox {
    let sandbox = prepared();
    release(&sandbox, "out", &[]).expect(0);
    sandbox.pcapml(["verify", "out"]).expect(0);
    let check = ["check", "out/apps.pcapng.zst", "--splits", "out/splits.csv"];
    sandbox.pcapml(check).expect(0).says("none of the 8 samples of the challenge is in it").says("nothing wrong");
    sandbox
}

/// Verifies a release of which one file says something else, all digests being right; then puts the file back.
fn tampered(sandbox: &Sandbox, name: &str, change: impl FnOnce(&str) -> String, said: &str) {
    let path = sandbox.path("out").join(name);
    let before = fs::read_to_string(&path).unwrap();
    let after = change(&before);
    assert_ne!(before, after, "{name}");
    fs::write(&path, after).unwrap();
    checked(sandbox, said);
    fs::write(&path, before).unwrap();
}

fn checked(sandbox: &Sandbox, said: &str) {
    sums_anew(&sandbox.path("out"));
    sandbox.pcapml(["verify", "out"]).expect(2).says(said);
}

/// The id of a sample of a split.
fn sample_of(sandbox: &Sandbox, split: &str) -> String {
    let rows = csv_rows(&fs::read_to_string(sandbox.path("out/samples.csv")).unwrap());
    rows.into_iter().find(|row| row["split"] == split).unwrap()["sample_id"].clone()
}

#[test]
fn a_challenge_tells_nothing() {
    let sandbox = released();
    let challenge = sandbox.path("out/apps-challenge.pcapng.zst");
    let before = fs::read(&challenge).unwrap();
    let select = ["select", "s.pcapng", "--splits", "splits.csv", "--split", "challenge", "-o", "x.pcapng.zst"];
    sandbox.pcapml(select).expect(0);
    fs::rename(sandbox.path("x.pcapng.zst"), &challenge).unwrap();
    sums_anew(&sandbox.path("out"));
    sandbox
        .pcapml(["verify", "out"])
        .expect(2)
        .says("comments that are not 'ID,-': they may tell labels")
        .says("it tells more than its id");
    fs::write(&challenge, before).unwrap();
    // The public capture has a sample of the challenge.
    let public = sandbox.path("out/apps.pcapng.zst");
    let before = fs::read(&public).unwrap();
    sandbox.pcapml(["convert", "s.pcapng", "-o", "y.pcapng.zst"]).expect(0);
    fs::copy(sandbox.path("y.pcapng.zst"), &public).unwrap();
    checked(&sandbox, "it tells the label of sample");
    fs::write(&public, before).unwrap();
    let hidden = sample_of(&sandbox, "challenge");
    let named = |text: &str| text.replacen("sample_id,split\n", "sample_id,split,fold,group\n", 1);
    let rows = |text: &str, row: &str| {
        let lines = text.lines().map(|line| match line.split_once(',') {
            Some((id, _)) if id == hidden => row.to_owned(),
            Some((id, split)) if id != "sample_id" => format!("{id},{split},,"),
            _ => line.to_owned(),
        });
        lines.map(|line| line + "\n").collect::<String>()
    };
    let row = format!("{hidden},challenge,,ntp.pcap");
    if fs::read_to_string(sandbox.path("out/splits.csv")).unwrap().contains("sample_id,split\n") {
        tampered(&sandbox, "splits.csv", |text| rows(&named(text), &row), "it tells the group of sample");
    } else {
        let grouped = |text: &str| text.replace(&format!("{hidden},challenge,,"), &row);
        tampered(&sandbox, "splits.csv", grouped, "it tells the group of sample");
    }
    let classes = |text: &str| format!("# class: ntp,8\n{text}");
    tampered(&sandbox, "challenge.txt", classes, "it counts classes of the challenge");
    sandbox.write("out/answers.csv", "sample_id,label\n");
    checked(&sandbox, "answers.csv: no release of these splits has such a file");
    fs::remove_file(sandbox.path("out/answers.csv")).unwrap();
    checked_right(&sandbox);
}

fn checked_right(sandbox: &Sandbox) {
    sums_anew(&sandbox.path("out"));
    sandbox.pcapml(["verify", "out"]).expect(0);
}

#[test]
fn tables_are_made_anew() {
    let sandbox = released();
    let nonsense = |_: &str| "sample_id,label,sha256\n1,a,\n".to_owned();
    tampered(&sandbox, "contents.csv", nonsense, "contents.csv: it does not say what the captures");
    let other = |text: &str| {
        let line = |line: &str| match line.starts_with("# sample_table_sha256: ") {
            true => format!("# sample_table_sha256: {}\n", "0".repeat(64)),
            false => format!("{line}\n"),
        };
        text.lines().map(line).collect::<String>()
    };
    tampered(&sandbox, "splits.csv", other, "splits.csv: it is of another sample table than contents.csv");
    tampered(&sandbox, "train.txt", other, "train.txt: it is of another sample table than contents.csv");
    let columns = |text: &str| text.replace("sample_id,split", "sample_id,split,answer");
    tampered(&sandbox, "splits.csv", columns, "a column 'answer', which no release has");
    // Whatever stands in a cell of samples.csv.
    let path = sandbox.path("out/samples.csv");
    let before = fs::read_to_string(&path).unwrap();
    let id = sample_of(&sandbox, "train");
    for name in ["fold", "group", "first_time", "last_time", "link_types", "client", "source"] {
        fs::write(&path, changed(&before, &id, name)).unwrap();
        checked(&sandbox, &format!("sample {id}: samples.csv says {name} 'x'"));
    }
    let hidden = sample_of(&sandbox, "challenge");
    for name in ["label", "group", "source", "source_sha256", "rule"] {
        fs::write(&path, changed(&before, &hidden, name)).unwrap();
        checked(&sandbox, &format!("sample {hidden}: it tells the {name} of a sample of the challenge"));
    }
    fs::write(&path, before).unwrap();
    checked_right(&sandbox);
}

/// The table with `x` in a cell.
fn changed(table: &str, id: &str, name: &str) -> String {
    let mut reader = csv::Reader::from_reader(table.as_bytes());
    let names = reader.headers().unwrap().clone();
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(&names).unwrap();
    for record in reader.records() {
        let record = record.unwrap();
        let is_meant = record.get(0) == Some(id);
        let cells = names.iter().zip(&record).map(|(of, cell)| if is_meant && of == name { "x" } else { cell });
        writer.write_record(cells).unwrap();
    }
    String::from_utf8(writer.into_inner().unwrap()).unwrap()
}

#[test]
fn descriptions_describe_the_release() {
    let sandbox = released();
    let name = "croissant.json";
    tampered(&sandbox, name, |_| "{}".to_owned(), "it does not describe 'apps.pcapng.zst'");
    tampered(&sandbox, name, |text| text.replace("1.2.0", "1.3.0"), "its version is not what dataset.toml says");
    tampered(&sandbox, name, |text| text.replace("CC-BY-4.0", "MIT"), "its license is not what dataset.toml says");
    tampered(&sandbox, name, |text| text.replace("\"text/csv\"", "\"a\"").replace(" B\"", "0 B\""), "is not so");
    tampered(&sandbox, name, |text| text.replace("splits/name\": \"test", "splits/name\": \"exam"), "its record sets");
    tampered(&sandbox, "lint.json", |_| "{}".to_owned(), "lint.json: it is not what pcapml lint --format json writes");
    tampered(&sandbox, "lint.json", |_| "[1]".to_owned(), "lint.json: it is not what pcapml lint --format json writes");
    let manifest = |text: &str| text.replace("ip.addr", "eth.addr");
    tampered(&sandbox, "dataset.toml", manifest, "its header says disallow");
    fs::remove_file(sandbox.path("out/lint.json")).unwrap();
    sums_anew(&sandbox.path("out"));
    sandbox.pcapml(["verify", "out"]).says("lint.json: it is not there, and every release of these splits has it");
}

#[test]
fn what_is_no_release_is_asked_after() {
    let sandbox = Sandbox::new();
    sandbox.pcapml(["verify", "nosuch"]).expect(1).says("SHA256SUMS").says("is it a release?");
}
