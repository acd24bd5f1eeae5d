//! `pcapml verify`: what stands beside the rows of samples.parquet, releases of another version, and texts that name samples
//! of the challenge. Each change is made by who makes digests, sizes and SHA256SUMS anew.

use std::fs::{self, File};
use std::path::Path;

use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::WriterProperties;
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::release::{names, prepared, release, sums_anew};
use crate::support::{Run, Sandbox, apps, csv_rows};
use crate::verify::{released, sample_of};

const PARQUET: &str = "samples.parquet";

/// The digest of nothing that there is.
const NO_DIGEST: &str = "0000000000000000000000000000000000000000000000000000000000000000";

fn digest(path: &Path) -> String {
    Sha256::digest(fs::read(path).unwrap()).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Makes what is said of the bytes of files right again: in croissant.json, README.md and SHA256SUMS.
fn consistent(directory: &Path) {
    let (machine, people) = (directory.join("croissant.json"), directory.join("README.md"));
    let mut described: Value = serde_json::from_str(&fs::read_to_string(&machine).unwrap()).unwrap();
    let mut readme = fs::read_to_string(&people).unwrap();
    for file in described["distribution"].as_array_mut().unwrap() {
        let Some(name) = file["contentUrl"].as_str().map(str::to_owned) else { continue };
        let size = fs::metadata(directory.join(&name)).unwrap().len();
        let old = file["contentSize"].as_str().unwrap().trim_end_matches(" B").to_owned();
        readme = readme.replace(&format!("| {name} | {old} |"), &format!("| {name} | {size} |"));
        file["contentSize"] = format!("{size} B").into();
        file["sha256"] = digest(&directory.join(&name)).into();
    }
    fs::write(machine, format!("{described:#}\n")).unwrap();
    fs::write(people, readme).unwrap();
    sums_anew(directory);
}

/// Verifies the release with another file in the place of one; then all is as it was.
fn with(sandbox: &Sandbox, name: &str, change: impl FnOnce(&[u8]) -> Vec<u8>) -> Run {
    let directory = sandbox.path("out");
    let before: Vec<_> = names(&directory)
        .into_iter()
        .map(|name| (directory.join(&name), fs::read(directory.join(name)).unwrap()))
        .collect();
    let path = directory.join(name);
    let file = fs::read(&path).unwrap();
    let changed = change(&file);
    assert_ne!(file, changed, "{name}");
    fs::write(path, changed).unwrap();
    consistent(&directory);
    let run = sandbox.pcapml(["verify", "out"]);
    before.into_iter().for_each(|(path, bytes)| fs::write(path, bytes).unwrap());
    run
}

/// The same with another text.
fn with_text(sandbox: &Sandbox, name: &str, change: impl FnOnce(&str) -> String) -> Run {
    with(sandbox, name, |bytes| change(std::str::from_utf8(bytes).unwrap()).into_bytes())
}

/// Makes the release say that another version wrote it, everywhere.
fn by_another_version(sandbox: &Sandbox) {
    let directory = sandbox.path("out");
    let program = format!("pcapml {}", env!("CARGO_PKG_VERSION"));
    let other = format!("pcapml {}", "0".repeat(program.len() - 11) + ".0.1");
    assert_eq!(program.len(), other.len());
    for name in names(&directory).into_iter().filter(|name| name.ends_with(".zst")) {
        let path = directory.join(name);
        let mut capture = sandbox.try_tool("zstd", &["-qdc", path.to_str().unwrap()]).stdout;
        let at = capture.windows(program.len()).position(|bytes| bytes == program.as_bytes()).unwrap();
        capture[at..at + other.len()].copy_from_slice(other.as_bytes());
        let changed = sandbox.write("changed", capture);
        sandbox.tool("zstd", &["-qf", changed.to_str().unwrap(), "-o", path.to_str().unwrap()]);
    }
    let readme = fs::read_to_string(directory.join("README.md")).unwrap();
    fs::write(directory.join("README.md"), readme.replace(&program, &other)).unwrap();
    consistent(&directory);
}

/// The same rows, written by somebody else.
fn rewritten(sandbox: &Sandbox, properties: WriterProperties) -> Vec<u8> {
    let reader =
        ParquetRecordBatchReaderBuilder::try_new(File::open(sandbox.path("out").join(PARQUET)).unwrap()).unwrap();
    let mut bytes = Vec::new();
    let mut writer = ArrowWriter::try_new(&mut bytes, reader.schema().clone(), Some(properties)).unwrap();
    reader.build().unwrap().for_each(|batch| writer.write(&batch.unwrap()).unwrap());
    writer.close().unwrap();
    bytes
}

fn answers() -> WriterProperties {
    let answers = KeyValue::new("answers".to_owned(), "7=ntp".to_owned());
    WriterProperties::builder().set_key_value_metadata(Some(vec![answers])).build()
}

/// The file with more bytes before its footer.
fn with_gap(file: &[u8]) -> Vec<u8> {
    let tail = file.len() - 8;
    let length = u32::from_le_bytes(file[tail..tail + 4].try_into().unwrap()) as usize;
    [&file[..tail - length], b"7=ntp", &file[tail - length..]].concat()
}

#[test]
fn parquet_says_nothing_beside_its_rows() {
    let sandbox = released();
    let said = "is not what pcapml release writes there: beside its rows anything may be told";
    with(&sandbox, PARQUET, with_gap).expect(2).says(said);
    with(&sandbox, PARQUET, |_| rewritten(&sandbox, answers())).expect(2).says(said);
    let plain = || WriterProperties::builder().build();
    with(&sandbox, PARQUET, |_| rewritten(&sandbox, plain())).expect(2).says(said);
    with(&sandbox, PARQUET, |_| b"PAR1".to_vec()).expect(2).says(PARQUET);
    // Another version may pack rows otherwise, and no more.
    by_another_version(&sandbox);
    with(&sandbox, PARQUET, with_gap).expect(2).says("there are bytes in it that belong to no column");
    let answered = with(&sandbox, PARQUET, |_| rewritten(&sandbox, answers()));
    answered.expect(2).says("its metadata is not that of such a table");
    let somebody = WriterProperties::builder().set_created_by("7=ntp".to_owned()).build();
    let written = with(&sandbox, PARQUET, |_| rewritten(&sandbox, somebody));
    written.expect(2).says("its metadata is not that of such a table");
    with(&sandbox, PARQUET, |_| rewritten(&sandbox, plain())).expect(0);
}

/// Where samples come from the table alone tells; that is taken, in both files alike.
#[test]
fn sources_and_rules_are_taken_as_they_are() {
    let sandbox = prepared();
    let (pcaps, labels) = (apps().join("pcaps"), apps().join("labels.csv"));
    let more = ["--sources", pcaps.to_str().unwrap(), "--labels", labels.to_str().unwrap()];
    release(&sandbox, "out", &more).expect(0);
    sandbox.pcapml(["verify", "out"]).expect(0);
    let rows = csv_rows(&fs::read_to_string(sandbox.path("out/samples.csv")).unwrap());
    let digest = &rows.iter().find(|row| row["split"] == "train").unwrap()["source_sha256"];
    let other = |to: &'static str| move |text: &str| text.replace(digest.as_str(), to);
    let said = "samples.parquet: it does not say what samples.csv says";
    with_text(&sandbox, "samples.csv", other(NO_DIGEST)).expect(2).says(said);
    with_text(&sandbox, "samples.csv", other("ntp")).expect(2).says("samples.csv says source_sha256 'ntp'");
}

#[test]
fn of_another_version_what_does_not_depend_on_it_is_checked() {
    let sandbox = released();
    let other = |text: &str| text.replace("| Made with | pcapml ", "| Made with | pcapml 9");
    with_text(&sandbox, "README.md", other).expect(2).says("wrote it, and README.md 'pcapml 9");
    by_another_version(&sandbox);
    let but = "are what they are said to be, but lint.json and README.md were made by another version";
    sandbox.pcapml(["verify", "out"]).expect(0).says("says that it was made with 'pcapml ").says(but);
    with_text(&sandbox, "lint.json", |_| "[]\n".to_owned()).expect(0).says(but);
    with_text(&sandbox, "lint.json", |_| "{\"answers\":\"7 is ntp\"}".to_owned()).expect(2).says("lint.json: its JSON");
    with_text(&sandbox, "lint.json", |_| "{}\n".to_owned()).expect(2).says("lint.json: it is no list of findings");
    let hidden = sample_of(&sandbox, "challenge");
    let about = |text: &str| {
        let mut findings: Value = serde_json::from_str(text).unwrap();
        findings[0]["ids"] = serde_json::json!([hidden]);
        format!("{findings:#}\n")
    };
    with_text(&sandbox, "lint.json", about).expect(2).says("is no id of a sample whose label is told");
    let gone = |text: &str| {
        let made_with = text.lines().find(|line| line.starts_with("| Made with |")).unwrap();
        format!("{made_with}\nAll else is gone. The first is ntp.\n")
    };
    with_text(&sandbox, "README.md", gone).expect(2).says("README.md: it lacks, in its place, '# apps 1.2.0'");
    let more = |text: &str| text.replace("| train | 2", "| train | 92");
    with_text(&sandbox, "README.md", more).expect(2).says("README.md: it lacks, in its place, '| train | ");
    let nameless = |text: &str| text.replace("| Made with |", "| Made by |");
    with_text(&sandbox, "README.md", nameless).expect(2).says("wrote it, and README.md ''");
}

#[test]
fn no_text_names_a_sample_of_the_challenge() {
    let sandbox = released();
    let hidden = sample_of(&sandbox, "challenge");
    let told = format!("it tells of sample {hidden} of the challenge");
    for id in [hidden.clone(), format!("x{hidden}y"), format!("0x{:x}", hidden.parse::<u64>().unwrap())] {
        with_text(&sandbox, "README.md", |text| format!("{text}\n{id} is ntp\n")).expect(2).says(&told);
    }
    let told_of = |of: &str| format!("{of}: {told}");
    let comment = |text: &str| format!("{text}# {hidden}=ntp\n");
    with_text(&sandbox, "dataset.toml", comment).expect(2).says(&told_of("dataset.toml"));
    let id = sample_of(&sandbox, "train");
    let grouped = |text: &str| text.replace(&format!("{id},train,,"), &format!("{id},train,,{hidden}=ntp"));
    with_text(&sandbox, "splits.csv", grouped).expect(2).says(&told_of(&format!("splits.csv: sample {id}")));
    // The rule is the last column.
    let ruled = |text: &str| {
        let rows = text.lines().map(|row| match row.starts_with(&format!("{id},")) {
            true => format!("{row}{hidden}=ntp\n"),
            false => format!("{row}\n"),
        });
        rows.collect::<String>()
    };
    with_text(&sandbox, "samples.csv", ruled).expect(2).says(&told_of(&format!("samples.csv: sample {id}")));
    sandbox.pcapml(["verify", "out"]).expect(0);
}
