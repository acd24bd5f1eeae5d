//! The options of `release` and `verify`, and the requests that they become.

use std::path::PathBuf;

use clap::ValueHint;

use crate::command::{Target, release, verify};
use crate::publish::lint::Levels;

/// Make a directory of a labelled capture that others can check, cite and train on
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Example:
  pcapml release labelled.pcapng --splits splits/splits.csv --manifest dataset.toml -o apps-1.0.0/
      NAME.pcapng.zst, and NAME-challenge.pcapng.zst without labels if there is a challenge; samples.csv and samples.parquet; \
the lists of ids; lint.json; croissant.json (MLCommons Croissant 1.1); README.md, a datasheet; SHA256SUMS

dataset.toml:
  [dataset]
  name = \"apps\"
  version = \"1.0.0\"
  description = \"Ninety sessions of real clients with real servers\"
  license = \"CC-BY-4.0\"
  url = \"https://example.org/apps\"
  cite_as = \"…\"
  date_published = 2026-11-22
  disallow = [\"ip.addr\", \"eth.addr\"]
  [[dataset.creators]]
  name = \"Ada Example\"
  email = \"ada@example.org\"
  affiliation = \"Example University\"

Every sample needs a row in the table of splits; the split none leaves it out of all. With a challenge, samples must stand by id \
(pcapml sort), and the capture of the others keeps nothing beside its packets that may be of the challenge. Ids are made of \
names of files, rules or flows, which can be guessed: replace them before partition (pcapml anonymize --ids rekey).

What lint calls an error ends it: a benchmark whose splits leak measures the leak. --allow RULE releases it all the same; \
lint.json and README.md tell what lint finds even then.")]
pub struct Release {
    /// A labelled capture
    #[arg(value_hint = ValueHint::FilePath)]
    file: PathBuf,
    /// The table of splits, as partition writes it
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    splits: PathBuf,
    /// What the authors say: name, version, license and so on
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    manifest: PathBuf,
    /// The directory; it may not exist, or must be empty
    #[arg(short, long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    output: PathBuf,
    /// Where the captures lie that samples come from: their names and digests go into the table
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    sources: Option<PathBuf>,
    /// The labels file that made the samples: its rules go into the table
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    labels: Option<PathBuf>,
    /// Findings of this rule or group of lint end the release; may be repeated
    #[arg(long, value_name = "RULE")]
    deny: Vec<String>,
    /// Findings of this rule or group do not; may be repeated
    #[arg(long, value_name = "RULE")]
    allow: Vec<String>,
}

impl Release {
    pub(super) fn request(&self) -> release::Request {
        release::Request {
            input: self.file.clone(),
            output: Target { path: self.output.clone(), force: false },
            splits: self.splits.clone(),
            manifest: self.manifest.clone(),
            sources: self.sources.clone(),
            labels: self.labels.clone(),
            levels: Levels { deny: self.deny.clone(), allow: self.allow.clone() },
        }
    }
}

/// Check a release: digests, captures, lists and tables against each other
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Example:
  pcapml verify apps-1.0.0/
      makes anew, and compares byte by byte: the lists, contents.csv, samples.csv and samples.parquet from the captures and \
splits.csv; croissant.json from dataset.toml and the files; lint.json; with a challenge the captures themselves

Each capture must be one frame of zstd, and no file may be there that a release does not have.

README.md is for its authors to fill in (sha256sum then writes SHA256SUMS anew): what release wrote must stand there, and \
answers are theirs. Only ids of the challenge are looked for, as whole numbers of 10 digits or more, decimal or hexadecimal \
behind 0x: in README.md, lint.json and dataset.toml, in groups and options of splits.csv, and in labels, fields, sources and \
rules of the other samples in samples.csv. Words that tell labels in another way are not found.

Of a release that another version of pcapml made, by README.md and by the captures of a challenge, README.md needs its title \
and tables, lint.json must be a list of findings about samples outside the challenge, and samples.parquet may be packed \
otherwise. The last line says so.

Not checked but for SHA256SUMS: which captures and rules samples come from; the seed and options of the splits, if all lists \
say the same; packets and labels that were changed before the release.")]
pub struct Verify {
    /// A release
    #[arg(value_name = "DIR", value_hint = ValueHint::DirPath)]
    directory: PathBuf,
}

impl Verify {
    pub(super) fn request(&self) -> verify::Request {
        verify::Request { directory: self.directory.clone() }
    }
}
