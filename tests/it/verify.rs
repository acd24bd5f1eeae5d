//! `pcapml verify`: what is wrong with a release is found, also by who makes SHA256SUMS anew.

use std::fs;

use crate::partition::{block_in, section_in};
use crate::release::{prepared, release, sums_anew};
use crate::support::{Sandbox, csv_rows};

/// A release with a challenge, in `out`.
pub(crate) fn released() -> Sandbox {
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
pub(crate) fn sample_of(sandbox: &Sandbox, split: &str) -> String {
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
        .says("is not what pcapml release writes there: it may tell labels of the challenge")
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
    tampered(&sandbox, "challenge.txt", classes, "challenge.txt: line 1, made anew, is '# pcapml-list: 1'");
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
    tampered(&sandbox, "contents.csv", nonsense, "contents.csv: line 2, made anew, is");
    let other = |text: &str| {
        let line = |line: &str| match line.starts_with("# sample_table_sha256: ") {
            true => format!("# sample_table_sha256: {}\n", "0".repeat(64)),
            false => format!("{line}\n"),
        };
        text.lines().map(line).collect::<String>()
    };
    tampered(&sandbox, "splits.csv", other, "splits.csv: line 4, made anew, is '# sample_table_sha256: ");
    tampered(&sandbox, "train.txt", other, "train.txt: line 4, made anew, is '# sample_table_sha256: ");
    let columns = |text: &str| text.replace("sample_id,split", "sample_id,split,answer");
    tampered(&sandbox, "splits.csv", columns, "and there stands 'sample_id,split,answer");
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
    tampered(&sandbox, name, |_| "{}".to_owned(), "croissant.json: line 1, made anew, is '{', and there stands '{}'");
    tampered(&sandbox, name, |text| text.replace("1.2.0", "1.3.0"), "and there stands '  \"version\": \"1.3.0\"'");
    let second = |text: &str| text.replacen("{\n", "{\n  \"name\": \"7 is dns\",\n", 1);
    tampered(&sandbox, name, second, "and there stands '  \"name\": \"7 is dns\",'");
    for (from, to) in [("\"text/csv\"", "\"a\""), ("Its class;", "Its answers;"), ("croissant/1.1", "croissant/9.9")] {
        tampered(&sandbox, name, |text| text.replacen(from, to, 1), "croissant.json: line");
    }
    tampered(
        &sandbox,
        "lint.json",
        |_| "[]\n".to_owned(),
        "lint.json: line 1, made anew, is '[', and there stands '[]'",
    );
    let softer = |text: &str| text.replacen("\"warning\"", "\"note\"", 1);
    tampered(&sandbox, "lint.json", softer, "lint.json: line");
    people(&sandbox);
    let manifest = |text: &str| text.replace("ip.addr", "eth.addr");
    tampered(&sandbox, "dataset.toml", manifest, "its header says disallow");
    fs::remove_file(sandbox.path("out/lint.json")).unwrap();
    sums_anew(&sandbox.path("out"));
    sandbox.pcapml(["verify", "out"]).says("lint.json: it is not there, and every release of these splits has it");
}

/// What README.md says of the release is so; answers of its authors are theirs, but for the challenge.
fn people(sandbox: &Sandbox) {
    let answered = |text: &str| text.replace("*(to be answered by the authors)*", "Twelve volunteers.\n\nThey agreed.");
    let path = sandbox.path("out/README.md");
    let before = fs::read_to_string(&path).unwrap();
    fs::write(&path, answered(&before)).unwrap();
    checked_right(sandbox);
    fs::write(&path, before).unwrap();
    let more = |text: &str| text.replace("| Samples | 90 |", "| Samples | 9000 |");
    tampered(sandbox, "README.md", more, "README.md: it lacks, in its place, '| Samples | 90 |'");
    let silent = |text: &str| {
        text.lines().filter(|line| !line.contains("balance-tiny")).map(|line| format!("{line}\n")).collect()
    };
    tampered(sandbox, "README.md", silent, "README.md: it lacks, in its place, '- **warning** balance-tiny");
    let hidden = sample_of(sandbox, "challenge");
    let answer = |text: &str| format!("{text}\n{hidden}=ntp\n");
    tampered(sandbox, "README.md", answer, &format!("README.md: it tells of sample {hidden} of the challenge"));
    // Of a release of another version, lint is not made anew; the challenge stays untold.
    let path = sandbox.path("out/lint.json");
    let (lint, old) = (fs::read_to_string(&path).unwrap(), before_of(sandbox));
    fs::write(&path, "[]\n").unwrap();
    sums_anew(&sandbox.path("out"));
    let run = sandbox.pcapml(["verify", "out"]);
    run.says("says that it was made with 'pcapml 0.0.1'");
    fs::write(&path, lint).unwrap();
    fs::write(sandbox.path("out/README.md"), old).unwrap();
}

/// Makes README.md say that another version wrote it; what it said before.
fn before_of(sandbox: &Sandbox) -> String {
    let path = sandbox.path("out/README.md");
    let before = fs::read_to_string(&path).unwrap();
    let line = before.lines().find(|line| line.starts_with("| Made with |")).unwrap();
    fs::write(&path, before.replace(line, "| Made with | pcapml 0.0.1 |")).unwrap();
    before
}

/// Rewrites what a capture of the release unpacks to; then puts it back.
fn repacked(sandbox: &Sandbox, name: &str, change: impl FnOnce(Vec<u8>) -> Vec<u8>, said: &str) {
    let path = sandbox.path("out").join(name);
    let packed = path.to_str().unwrap();
    let before = fs::read(&path).unwrap();
    let plain = sandbox.try_tool("zstd", &["-qdc", packed]).stdout;
    let changed = sandbox.write("changed", change(plain));
    sandbox.tool("zstd", &["-qf", changed.to_str().unwrap(), "-o", packed]);
    checked(sandbox, said);
    fs::write(&path, before).unwrap();
}

/// The blocks of a capture: their types and bodies.
fn blocks(capture: &[u8]) -> Vec<(u32, Vec<u8>)> {
    let word = |at: usize| u32::from_le_bytes(capture[at..at + 4].try_into().unwrap());
    let mut at = 0;
    let mut blocks = Vec::new();
    while at < capture.len() {
        let length = word(at + 4) as usize;
        blocks.push((word(at), capture[at + 8..at + length - 4].to_vec()));
        at += length;
    }
    blocks
}

fn joined(blocks: Vec<(u32, Vec<u8>)>) -> Vec<u8> {
    blocks.into_iter().flat_map(|(kind, body)| block_in(u32::to_le_bytes, kind, &body)).collect()
}

/// The same with another body of the first packet; `change` gets it with the place where its options begin.
fn with_packet(capture: &[u8], change: impl Fn(&mut Vec<u8>, usize)) -> Vec<u8> {
    let mut blocks = blocks(capture);
    let (_, body) = blocks.iter_mut().find(|(kind, _)| *kind == 6).unwrap();
    let captured = u32::from_le_bytes(body[12..16].try_into().unwrap()) as usize;
    change(body, (20 + captured).next_multiple_of(4));
    joined(blocks)
}

/// An option in the place of the first.
fn with_option(capture: &[u8], code: u16, value: &[u8]) -> Vec<u8> {
    with_packet(capture, |body, at| {
        let mut option = [code.to_le_bytes(), (value.len() as u16).to_le_bytes()].concat();
        option.extend_from_slice(value);
        option.resize(option.len().next_multiple_of(4), 0);
        body.splice(at..at, option);
    })
}

/// Wherever a capture has room for other bytes than packets and ids, they are found.
#[test]
fn captures_hold_nothing_else() {
    let sandbox = released();
    let (public, challenge) = ("apps.pcapng.zst", "apps-challenge.pcapng.zst");
    let said = "is not what pcapml release writes there: it may tell labels of the challenge";
    for (code, value) in
        [(1, &b"dns"[..]), (2, b"\x01\0\0\0"), (3, b"\x02dns!"), (2988, b"\x01\0\0\0dns"), (0x7777, b"dns")]
    {
        repacked(&sandbox, challenge, |capture| with_option(&capture, code, value), said);
    }
    repacked(&sandbox, public, |capture| with_option(&capture, 1, b"see the last, which is ntp"), said);
    repacked(&sandbox, public, |capture| with_option(&capture, 2988, b"\x01\0\0\0ntp"), said);
    let behind_the_end = |body: &mut Vec<u8>, _| body.extend_from_slice(b"dns!");
    let behind_a_nul = |body: &mut Vec<u8>, at: usize| {
        let length = u16::from_le_bytes([body[at + 2], body[at + 3]]);
        let padded = usize::from(length).next_multiple_of(4);
        body.splice(at + 2..at + 4, (padded as u16 + 4).to_le_bytes());
        body.splice(at + 4 + padded..at + 4 + padded, *b"\0ntp");
    };
    for name in [challenge, public] {
        repacked(&sandbox, name, |capture| with_packet(&capture, behind_the_end), said);
        repacked(&sandbox, name, |capture| with_packet(&capture, behind_a_nul), said);
        let more = |kind: u32, body: &[u8]| {
            let block = block_in(u32::to_le_bytes, kind, body);
            move |capture: Vec<u8>| [capture, block].concat()
        };
        repacked(&sandbox, name, more(4, b"\x01\0\x08\0\x01\x02\x03\x04ntp\0\0\0\0\0"), said);
        repacked(&sandbox, name, more(0x0bad, b"7=ntp\0\0\0"), said);
        repacked(&sandbox, name, more(1, b"\x01\0\0\0\0\0\0\0"), said);
        let section = section_in(u32::to_le_bytes, &[(1, "7=ntp")]);
        repacked(&sandbox, name, |capture| [capture, section].concat(), said);
        // An interface that stands where no packet needs it yet.
        let early = |capture: Vec<u8>| {
            let mut blocks = blocks(&capture);
            let interface = blocks.iter().position(|(kind, _)| *kind == 1).unwrap();
            let again = blocks[interface].clone();
            blocks.insert(interface, again);
            joined(blocks)
        };
        repacked(&sandbox, name, early, said);
    }
    // The padding of a packet, where one is padded.
    let padded = |capture: Vec<u8>| {
        let mut blocks = blocks(&capture);
        let at = |body: &[u8]| 20 + u32::from_le_bytes(body[12..16].try_into().unwrap()) as usize;
        let (_, body) = blocks.iter_mut().find(|(kind, body)| *kind == 6 && at(body) % 4 != 0).unwrap();
        let at = at(body);
        body[at] = b'd';
        joined(blocks)
    };
    repacked(&sandbox, challenge, padded, said);
    // zstd passes over frames of a user's own, and over empty ones.
    let path = sandbox.path("out").join(challenge);
    let before = fs::read(&path).unwrap();
    let skippable = [&[0x50, 0x2a, 0x4d, 0x18, 3, 0, 0, 0][..], b"dns"].concat();
    fs::write(&path, [&before[..], &skippable].concat()).unwrap();
    checked(&sandbox, "it is not one frame of zstd");
    fs::write(&path, before).unwrap();
    checked_right(&sandbox);
}

/// In what order samples and packets stand tells as much as an option.
#[test]
fn captures_stand_by_id() {
    let sandbox = released();
    let reversed = |capture: Vec<u8>| {
        let (mut packets, others): (Vec<_>, Vec<_>) = blocks(&capture).into_iter().partition(|(kind, _)| *kind == 6);
        packets.reverse();
        joined(others.into_iter().chain(packets).collect())
    };
    // The same length, so that lengths of blocks stay true.
    let unsaid = |capture: Vec<u8>| {
        let at = capture.windows(12).position(|part| part == b"\"order\":\"id\"").unwrap();
        [&capture[..at], b"\"order\":\"up\"", &capture[at + 12..]].concat()
    };
    for name in ["apps.pcapng.zst", "apps-challenge.pcapng.zst"] {
        repacked(&sandbox, name, reversed, "its packets do not stand by id and time");
        repacked(&sandbox, name, unsaid, "its header does not say that its samples stand by id");
    }
    checked_right(&sandbox);
}

/// A link is packed as a link: who unpacks it has no file, or another.
#[cfg(unix)]
#[test]
fn a_release_has_no_links() {
    let sandbox = released();
    for name in ["train.txt", "SHA256SUMS"] {
        let (path, elsewhere) = (sandbox.path("out").join(name), sandbox.path("elsewhere"));
        fs::rename(&path, &elsewhere).unwrap();
        std::os::unix::fs::symlink(&elsewhere, &path).unwrap();
        sandbox.pcapml(["verify", "out"]).expect(2).says(&format!("{name}: it is a symbolic link"));
        fs::remove_file(&path).unwrap();
        fs::rename(&elsewhere, &path).unwrap();
    }
    let path = sandbox.path("out/test.txt");
    fs::remove_file(&path).unwrap();
    std::os::unix::fs::symlink(sandbox.path("nowhere"), &path).unwrap();
    sandbox.pcapml(["verify", "out"]).expect(2).says("test.txt: it is a symbolic link").says("and it is not there");
}

/// Lists say what they said when they were made, in the same bytes.
#[test]
fn lists_are_made_anew() {
    let sandbox = released();
    let hidden = sample_of(&sandbox, "challenge");
    let beside = |more: &'static str| {
        let hidden = hidden.clone();
        move |text: &str| text.replace(&format!("{hidden}\n"), &format!("{hidden}{more}\n"))
    };
    tampered(&sandbox, "challenge.txt", beside(" # ntp"), "' # ntp'".trim_start_matches('\''));
    let first = |more: String| move |text: &str| text.replacen("# samples:", &format!("{more}\n# samples:"), 1);
    for name in ["challenge.txt", "splits.csv"] {
        for comment in
            [format!("# answers: {hidden}=ntp"), "# Class: ntp,8".into(), "#class: \"challenge\",ntp,8".into()]
        {
            tampered(&sandbox, name, first(comment.clone()), &format!("there stands '{comment}'"));
        }
        tampered(&sandbox, name, first("# options: 7 is ntp".into()), "there stands '# options: 7 is ntp'");
        tampered(&sandbox, name, first("# seed: 77".into()), ".txt: line");
    }
    let fold = |text: &str| text.replace(&format!("{hidden},challenge,,"), &format!("{hidden},challenge,3,"));
    tampered(&sandbox, "splits.csv", fold, &format!("there stands '{hidden},challenge,3,'"));
    let more = |text: &str| text.replacen("# samples: train,", "# samples: train,1", 1);
    tampered(&sandbox, "splits.csv", more, "there stands '# samples: train,1");
    let class = |text: &str| text.replacen("# class: train,dns,", "# class: train,dns,1", 1);
    tampered(&sandbox, "splits.csv", class, "there stands '# class: train,dns,1");
    let reversed = |text: &str| {
        let (comments, mut ids): (Vec<&str>, Vec<&str>) = text.lines().partition(|line| line.starts_with('#'));
        ids.reverse();
        comments.into_iter().chain(ids).map(|line| format!("{line}\n")).collect()
    };
    tampered(&sandbox, "train.txt", reversed, "train.txt: line");
    checked_right(&sandbox);
}

#[test]
fn what_is_no_release_is_asked_after() {
    let sandbox = Sandbox::new();
    sandbox.pcapml(["verify", "nosuch"]).expect(1).says("SHA256SUMS").says("is it a release?");
}
