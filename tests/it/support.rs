//! What all tests need: the command, a place to work in, the corpus, and the programs that judge.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use pcapml::capture::{Item, Reader};
use sha2::{Digest, Sha256};
use tempfile::TempDir;

/// The root of the repository.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The captures that are not ours, or a message that their tests are skipped.
pub fn corpus() -> Option<PathBuf> {
    match std::env::var_os("PCAPML_CORPUS") {
        Some(path) => {
            let path = fs::canonicalize(root().join(&path)).or_else(|_| fs::canonicalize(&path));
            Some(path.expect("PCAPML_CORPUS names a directory"))
        }
        None => {
            eprintln!("SKIPPED: PCAPML_CORPUS is not set");
            None
        }
    }
}

/// The Python with the libraries that judge, or a message that the test is skipped. Where judges are required, as CI
/// requires them, a test that asked nobody has not passed.
pub fn python() -> Option<PathBuf> {
    let python = root().join("target/python/bin/python");
    if python.exists() {
        return Some(python);
    }
    let why = "there is no target/python; scripts/judges makes it";
    assert!(
        std::env::var_os("PCAPML_JUDGES").is_none_or(|said| said != "required"),
        "PCAPML_JUDGES=required, and {why}"
    );
    eprintln!("SKIPPED: {why}");
    None
}

/// Our own small dataset.
pub fn apps() -> PathBuf {
    root().join("datasets/apps")
}

/// A place to work in.
pub struct Sandbox {
    directory: TempDir,
}

impl Sandbox {
    pub fn new() -> Self {
        Self { directory: tempfile::tempdir().expect("a temporary directory can be made") }
    }

    pub fn path(&self, name: impl AsRef<Path>) -> PathBuf {
        self.directory.path().join(name)
    }

    pub fn write(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, content).unwrap();
        path
    }

    /// Labels our own dataset into a file of this name here, and says where that is.
    pub fn label_apps(&self, name: &str) -> PathBuf {
        let (pcaps, labels) = (apps().join("pcaps"), apps().join("labels.csv"));
        let options: [&OsStr; 6] =
            ["label".as_ref(), pcaps.as_ref(), "--labels".as_ref(), labels.as_ref(), "-o".as_ref(), name.as_ref()];
        self.pcapml(options).expect(0);
        self.path(name)
    }

    /// Runs the command here.
    pub fn pcapml<S: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = S>) -> Run {
        let mut command = self.command();
        command.args(arguments);
        Run::of(&mut command)
    }

    /// The command, to be run here.
    pub fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_pcapml"));
        command.current_dir(self.directory.path()).env_remove("PCAPML_CORPUS");
        command
    }

    /// Runs another program here; its standard output. It must succeed.
    pub fn tool(&self, program: &str, arguments: &[&str]) -> String {
        let output = self.try_tool(program, arguments);
        assert!(output.status.success(), "{program} {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    pub fn try_tool(&self, program: &str, arguments: &[&str]) -> Output {
        Command::new(program)
            .args(arguments)
            .env("TZ", "UTC")
            .current_dir(self.directory.path())
            .output()
            .unwrap_or_else(|error| panic!("{program}: {error}; scripts/test installs it"))
    }

    /// Names of all files here, hidden ones too.
    pub fn files(&self) -> Vec<String> {
        let mut names: Vec<String> = fs::read_dir(self.directory.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
            .collect();
        names.sort();
        names
    }
}

/// What a run of the command came to.
pub struct Run {
    pub status: i32,
    pub out: String,
    pub err: String,
}

impl Run {
    pub fn of(command: &mut Command) -> Self {
        let output = command.output().expect("the command can be started");
        Self {
            status: output.status.code().unwrap_or(-1),
            out: String::from_utf8_lossy(&output.stdout).into_owned(),
            err: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    /// The run, which must have ended with this status.
    #[track_caller]
    pub fn expect(self, status: i32) -> Self {
        assert_eq!(self.status, status, "stderr: {}", self.err);
        self
    }

    /// The run, which must have said this on standard error.
    #[track_caller]
    pub fn says(self, text: &str) -> Self {
        assert!(self.err.contains(text), "'{text}' is not in: {}", self.err);
        self
    }
}

/// What there is to know of a packet, apart from its place.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fact {
    pub time: Option<i128>,
    pub digest: String,
    pub captured: usize,
    pub original: u32,
    pub link_type: u16,
}

/// All packets of a capture: what they are, and their comments. Panics if the capture is faulty.
pub fn packets(path: &Path) -> Vec<(Fact, Vec<String>)> {
    let mut reader = Reader::open(path, 1).unwrap();
    let mut packets = Vec::new();
    while let Some(item) = reader.next_item().unwrap() {
        if let Item::Packet(packet) = item {
            let comments = packet.comments().map(|text| String::from_utf8_lossy(text).into_owned());
            let fact = Fact {
                time: packet.time().map(|time| time.0),
                digest: digest(packet.bytes),
                captured: packet.bytes.len(),
                original: packet.original_length,
                link_type: packet.interface.link_type.0,
            };
            packets.push((fact, comments.collect()));
        }
    }
    packets
}

/// The packets of each sample, by the id in their comments.
pub fn by_sample(path: &Path) -> BTreeMap<String, Vec<Fact>> {
    let mut samples: BTreeMap<String, Vec<Fact>> = BTreeMap::new();
    for (fact, comments) in packets(path) {
        for comment in comments {
            let id = comment.split(',').next().unwrap_or_default().to_owned();
            samples.entry(id).or_default().push(fact.clone());
        }
    }
    samples
}

/// The first 16 hex digits of a SHA-256.
pub fn digest(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

/// A file of the corpus, unpacked if it is in gzip.
pub fn read_text(path: &Path) -> String {
    let bytes = fs::read(path).unwrap();
    if !bytes.starts_with(&[0x1f, 0x8b]) {
        return String::from_utf8(bytes).unwrap();
    }
    let mut text = String::new();
    std::io::Read::read_to_string(&mut flate2::read::GzDecoder::new(bytes.as_slice()), &mut text).unwrap();
    text
}

/// The rows of a CSV, each as a map from its header.
pub fn csv_rows(text: &str) -> Vec<BTreeMap<String, String>> {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    reader.deserialize().map(|row| row.unwrap()).collect()
}
