//! The files that say which sample is for what: lists of ids, `splits.csv`, and the sample table `contents.csv`.
//!
//! Lists and `splits.csv` begin with comments that say what they are of: among them the SHA-256 of the sample table, which
//! names every sample with its label and the digest of its packets. Nothing here says which class a sample of a challenge
//! is of but `challenge_labels.csv`: in the table it has no label, in `splits.csv` no group (captures and hosts are often
//! called by what they are of), and the list counts no classes. FORMAT.md, section 8.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use sha2::{Digest, Sha256};

use super::croissant::hex;
use crate::dataset::ContentDigest;
use crate::error::{Error, Result};
use crate::packet::{Sample, SampleId, is_field_name};
use crate::rule::{CHALLENGE, NO_SPLIT, is_split_name};
use crate::sample::comment;

/// The sample table's name.
pub const CONTENTS: &str = "contents.csv";

/// The table of all splits.
pub const SPLITS: &str = "splits.csv";

/// The labels that are kept back.
pub const CHALLENGE_LABELS: &str = "challenge_labels.csv";

/// What stands in the place of a label that is kept back, as `label --by flow` writes it where there is none.
pub const WITHHELD: &str = "-";

/// The comment that names the dataset.
const DATASET: &str = "dataset";

/// The comment that tells its version.
const VERSION: &str = "version";

/// The comment that names the sample table.
const TABLE: &str = "sample_table_sha256";

/// The comment that names a list's split.
const SPLIT: &str = "split";

/// The comment that says what shaped a list.
const OPTIONS: &str = "options";

/// The comment that says what points depend on.
const SEED: &str = "seed";

/// What lists are of, and how they were made.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Origin {
    /// The dataset's name.
    pub dataset: Option<String>,
    /// Its version.
    pub version: Option<String>,
    /// What else shaped the outcome, in one line.
    pub options: String,
    /// What points depend on, if any were drawn.
    pub seed: Option<u64>,
}

/// A sample that is listed.
#[derive(Debug, Clone, Copy)]
pub struct Listed<'a> {
    /// Its id and label.
    pub sample: &'a Sample,
    /// The digest of its packets.
    pub content: ContentDigest,
    /// The split that it is in.
    pub split: &'a str,
    /// Its fold, if it is in one.
    pub fold: Option<u32>,
    /// The name of its group.
    pub group: &'a str,
}

/// A file to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListFile {
    /// Its name.
    pub name: String,
    /// What it holds.
    pub text: Vec<u8>,
    /// Nobody but its owner is to read it.
    pub secret: bool,
}

/// All files of a partition into these splits; `listed` by ascending id.
///
/// # Errors
/// When a row cannot be written.
pub fn files(splits: &[&str], listed: &[Listed], origin: &Origin) -> Result<Vec<ListFile>> {
    let contents = contents(listed.iter().map(|one| {
        let label = if is_hidden(one) { "" } else { &one.sample.label };
        (one.sample.id, label, one.content)
    }))?;
    let header = head(origin, &digest(&contents));
    let public = |name: &str, text: Vec<u8>| ListFile { name: name.to_owned(), text, secret: false };
    let list = |name: &&str| public(&format!("{name}.txt"), list(&header, name, listed).into_bytes());
    let mut files: Vec<ListFile> = splits.iter().map(list).collect();
    files.push(public(SPLITS, table(&header, splits, listed)?));
    files.push(public(CONTENTS, contents));
    if splits.contains(&CHALLENGE) {
        files.push(ListFile { name: CHALLENGE_LABELS.to_owned(), text: challenge_labels(listed)?, secret: true });
    }
    Ok(files)
}

/// True if nothing may say what the sample is of.
fn is_hidden(one: &Listed) -> bool {
    one.split == CHALLENGE
}

/// The sample table: ids ascending, labels empty where they are kept back.
///
/// # Errors
/// When a row cannot be written.
pub fn contents<'a>(rows: impl Iterator<Item = (SampleId, &'a str, ContentDigest)>) -> Result<Vec<u8>> {
    let rows = rows.map(|(id, label, content)| [id.to_string(), label.to_owned(), hex(&content)]);
    csv(Vec::new(), &["sample_id", "label", "sha256"], rows)
}

/// The SHA-256 of a text, as header comments say it.
pub fn digest(text: &[u8]) -> String {
    hex(&Sha256::digest(text))
}

/// The comments that all lists have.
fn head(origin: &Origin, table: &str) -> String {
    let mut text = String::new();
    put(&mut text, "pcapml-list", "1");
    let optional = [(DATASET, &origin.dataset), (VERSION, &origin.version)];
    for (key, value) in optional.into_iter().filter_map(|(key, value)| Some((key, value.as_ref()?))) {
        put(&mut text, key, value);
    }
    put(&mut text, TABLE, table);
    if !origin.options.is_empty() {
        put(&mut text, OPTIONS, &origin.options);
    }
    if let Some(seed) = origin.seed {
        put(&mut text, SEED, &seed.to_string());
    }
    text
}

/// A comment, in one line whatever it says.
fn put(text: &mut String, key: &str, value: &str) {
    let value: String = value.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    // Writing to a string cannot fail.
    let _ = writeln!(text, "# {key}: {value}");
}

fn list(header: &str, name: &str, listed: &[Listed]) -> String {
    let members: Vec<&Listed> = listed.iter().filter(|one| one.split == name).collect();
    let mut text = header.to_owned();
    put(&mut text, SPLIT, name);
    put(&mut text, "samples", &members.len().to_string());
    if name != CHALLENGE {
        for (class, count) in classes(&members) {
            put(&mut text, "class", &format!("{class},{count}"));
        }
    }
    for one in members {
        let _ = writeln!(text, "{}", one.sample.id);
    }
    text
}

fn table(header: &str, splits: &[&str], listed: &[Listed]) -> Result<Vec<u8>> {
    let mut text = header.to_owned();
    for name in splits.iter().copied().chain([NO_SPLIT]) {
        let members: Vec<&Listed> = listed.iter().filter(|one| one.split == name).collect();
        if name != NO_SPLIT || !members.is_empty() {
            put(&mut text, "samples", &format!("{name},{}", members.len()));
        }
        if name != CHALLENGE {
            for (class, count) in classes(&members) {
                put(&mut text, "class", &format!("{name},{class},{count}"));
            }
        }
    }
    let rows = listed.iter().map(|one| {
        let fold = one.fold.map_or_else(String::new, |fold| fold.to_string());
        let (fold, group) = if is_hidden(one) { (String::new(), "") } else { (fold, one.group) };
        [one.sample.id.to_string(), one.split.to_owned(), fold, group.to_owned()]
    });
    csv(text.into_bytes(), &["sample_id", "split", "fold", "group"], rows)
}

fn challenge_labels(listed: &[Listed]) -> Result<Vec<u8>> {
    let hidden = listed.iter().filter(|one| is_hidden(one));
    let rows = hidden.map(|one| [one.sample.id.to_string(), one.sample.label.clone(), one.group.to_owned()]);
    csv(Vec::new(), &["sample_id", "label", "group"], rows)
}

/// How many samples of each class, as comments write it.
fn classes(members: &[&Listed]) -> BTreeMap<String, u64> {
    let mut classes = BTreeMap::new();
    for one in members {
        *classes.entry(comment::escape(&one.sample.label).into_owned()).or_default() += 1;
    }
    classes
}

/// CSV by RFC 4180 with lines that end as in Unix; a field with a `#` is quoted, for those who take it for a comment.
fn csv<const N: usize>(out: Vec<u8>, names: &[&str], rows: impl Iterator<Item = [String; N]>) -> Result<Vec<u8>> {
    let mut writer = csv::WriterBuilder::new().comment(Some(b'#')).from_writer(out);
    let broken = |error: csv::Error| Error::request(error.to_string());
    writer.write_record(names).map_err(broken)?;
    for row in rows {
        writer.write_record(&row).map_err(broken)?;
    }
    writer.into_inner().map_err(|error| Error::request(error.to_string()))
}

/// What a list says of itself.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListHeader {
    /// The dataset that it is of.
    pub dataset: Option<String>,
    /// That dataset's version.
    pub version: Option<String>,
    /// The SHA-256 of the sample table that it was made with.
    pub table: Option<String>,
    /// The split that it lists.
    pub split: Option<String>,
    /// What shaped it.
    pub options: Option<String>,
    /// What points depend on.
    pub seed: Option<u64>,
}

impl ListHeader {
    /// True if it names a sample table, and this is another one.
    pub fn is_of_another(&self, table: &[u8]) -> bool {
        self.table.as_ref().is_some_and(|told| *told != digest(table))
    }

    /// Reads the comments that a list begins with; nothing is known of one that has none.
    pub fn read(text: &str) -> Self {
        let mut header = Self::default();
        let comments = text.trim_start_matches('\u{feff}').lines().map_while(|line| line.strip_prefix('#'));
        for (key, value) in comments.filter_map(|line| line.split_once(':')) {
            let value = || Some(value.trim().to_owned());
            match key.trim() {
                DATASET => header.dataset = value(),
                VERSION => header.version = value(),
                TABLE => header.table = value(),
                SPLIT => header.split = value(),
                OPTIONS => header.options = value(),
                SEED => header.seed = value().and_then(|seed| seed.parse().ok()),
                _ => {}
            }
        }
        header
    }
}

/// What `pcapml partition` writes as options, in their order.
const OPTION_NAMES: [&str; 7] = ["--by", "--idle-timeout", "--gap", "--ratio", "--stratify", "--folds", "--challenge"];

/// True if these are options as `pcapml partition` writes them. Other text may tell anything, labels of a challenge too.
pub fn are_options(text: &str) -> bool {
    let words: Vec<&str> = text.split(' ').collect();
    let mut known = OPTION_NAMES.iter();
    words.chunks(2).all(|pair| match pair {
        [name, value] => known.any(|known| known == name) && is_option(name, value),
        _ => false,
    })
}

fn is_option(name: &str, value: &str) -> bool {
    let is_field = |text: &str| text.strip_prefix("field:").is_some_and(is_field_name);
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    let is_share =
        |text: &str| text.split_once('=').is_some_and(|(name, share)| is_split_name(name) && is_number(share));
    match name {
        "--by" => ["sample", "flow", "host", "capture", "time"].contains(&value) || is_field(value),
        "--stratify" => value == "label" || is_field(value),
        "--ratio" => value.split(',').all(is_share),
        _ => is_number(value),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_are_those_of_partition() {
        for text in [
            "--by sample --ratio train=70,test=30",
            "--by flow --idle-timeout 120 --ratio train=70,test=30 --stratify label --challenge 20",
            "--by time --gap 0.5 --ratio a=1",
            "--by field:client --ratio train=70.5,test=29.5 --stratify field:os --folds 5",
        ] {
            assert!(are_options(text), "{text}");
        }
        for text in [
            "",
            "--by",
            "--by hand",
            "--by sample --ratio train=70,test=30 7=dns",
            "--by sample  --folds 5",
            "--folds 5 --by sample",
            "--folds 5 --folds 6",
            "--by field:7=dns",
            "--folds dns",
        ] {
            assert!(!are_options(text), "{text}");
        }
    }

    fn sample(id: u64, label: &str) -> Sample {
        Sample { id: SampleId(id), label: label.to_owned(), fields: Vec::new() }
    }

    fn texts(samples: &[(Sample, &str, &str)]) -> BTreeMap<String, String> {
        let mut splits = vec!["train", "test"];
        splits.extend(samples.iter().any(|(_, split, _)| *split == CHALLENGE).then_some(CHALLENGE));
        let listed: Vec<Listed> = samples
            .iter()
            .map(|(sample, split, group)| Listed { sample, content: [0xab; 32], split, fold: None, group })
            .collect();
        let origin = Origin { dataset: Some("a\nb".to_owned()), seed: Some(1), ..Origin::default() };
        let files = files(&splits, &listed, &origin).unwrap();
        files.into_iter().map(|file| (file.name, String::from_utf8(file.text).unwrap())).collect()
    }

    #[test]
    fn nothing_tells_of_a_challenge_but_its_labels() {
        let samples = [
            (sample(1, "dns,\"x\""), "train", "a#1.pcap"),
            (sample(2, "secret"), CHALLENGE, "secret.pcap"),
            (sample(3, "web"), "test", "b"),
        ];
        let texts = texts(&samples);
        let names: Vec<&String> = texts.keys().collect();
        let expected = ["challenge.txt", "challenge_labels.csv", "contents.csv", "splits.csv", "test.txt", "train.txt"];
        assert_eq!(names, expected);
        for (name, text) in texts.iter().filter(|(name, _)| *name != CHALLENGE_LABELS) {
            assert!(!text.contains("secret"), "{name}: {text}");
        }
        assert_eq!(texts[CHALLENGE_LABELS], "sample_id,label,group\n2,secret,secret.pcap\n");
        let sum = "ab".repeat(32);
        let table = format!("sample_id,label,sha256\n1,\"dns,\"\"x\"\"\",{sum}\n2,,{sum}\n3,web,{sum}\n");
        assert_eq!(texts[CONTENTS], table);
        let rows = "sample_id,split,fold,group\n1,train,,\"a#1.pcap\"\n2,challenge,,\n3,test,,b\n";
        assert!(texts[SPLITS].ends_with(rows), "{}", texts[SPLITS]);
        assert!(texts["train.txt"].ends_with("# split: train\n# samples: 1\n# class: dns%2C\"x\",1\n1\n"));
        assert!(texts["challenge.txt"].ends_with("# split: challenge\n# samples: 1\n2\n"));
    }

    #[test]
    fn a_header_reads_back() {
        let texts = texts(&[(sample(1, "web"), "train", "1")]);
        assert!(texts["train.txt"].starts_with("# pcapml-list: 1\n# dataset: a b\n# sample_table_sha256: "));
        let table = Some(digest(texts[CONTENTS].as_bytes()));
        let expected = ListHeader {
            dataset: Some("a b".to_owned()),
            table,
            split: Some("train".to_owned()),
            seed: Some(1),
            ..ListHeader::default()
        };
        assert_eq!(ListHeader::read(&texts["train.txt"]), expected);
        assert_eq!(ListHeader::read("7\n# split: x\n"), ListHeader::default());
    }
}
