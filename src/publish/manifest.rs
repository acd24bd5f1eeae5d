//! What its authors say of a dataset: `dataset.toml`, one table `[dataset]`.
//!
//! ```toml
//! [dataset]
//! name = "apps-2026"
//! version = "1.0.0"
//! description = "Ninety sessions of real clients with real servers"
//! license = "CC-BY-4.0"
//! url = "https://example.org/apps-2026"
//! cite_as = "@misc{apps2026, title={Apps 2026}, year={2026}}"
//! creators = [{ name = "Ada Example", email = "ada@example.org", affiliation = "Example University" }]
//! date_published = 2026-11-22
//! disallow = ["ip.addr", "eth.addr"]
//! ```
//!
//! A key that is not known is an error: a mistyped one would be a fact that is missing without anybody noticing.

use serde::Deserialize;
use sha2::{Digest, Sha256};
use toml::Spanned;
use toml::value::Datetime;

use crate::error::{Error, Result};
use crate::redact::{Field, Mask};

/// What authors say of a dataset.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Manifest {
    /// Its name, which names files too: letters, digits, `.`, `_` and `-`.
    pub name: String,
    /// Its version, by semver.org.
    pub version: String,
    /// What it is.
    pub description: String,
    /// An SPDX id, or an address.
    pub license: String,
    /// Where it is published.
    pub url: String,
    /// How to cite it, as BibTeX or text.
    pub cite_as: Option<String>,
    /// Who made it.
    pub creators: Vec<Creator>,
    /// When it is published: a date of ISO 8601.
    pub date_published: String,
    /// Fields of packets that results may not rest on, by the names of `select --mask`, each once and in their order.
    pub disallow: Vec<String>,
    /// The SHA-256 of the manifest's file.
    pub sha256: [u8; 32],
}

/// Who made a dataset.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Creator {
    /// The name of a person or an organisation.
    pub name: String,
    /// Where to write to.
    pub email: Option<String>,
    /// Where to read of them.
    pub url: Option<String>,
    /// Where a person works.
    pub affiliation: Option<String>,
    /// True for an organisation.
    #[serde(default)]
    pub organization: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    dataset: Written,
}

/// The table as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    name: String,
    version: String,
    description: String,
    license: String,
    url: String,
    cite_as: Option<String>,
    creators: Vec<Creator>,
    date_published: Date,
    #[serde(default)]
    disallow: Vec<Spanned<String>>,
}

/// A date of TOML, or text that is one.
#[derive(Deserialize)]
#[serde(untagged)]
enum Date {
    Toml(Datetime),
    Text(String),
}

impl Manifest {
    /// Reads a manifest.
    ///
    /// # Errors
    /// The first defect, with line and column: what TOML does not allow, a key that is unknown or missing, a value that
    /// does not fit.
    pub fn parse(text: &str) -> Result<Self> {
        let file: File = toml::from_str(text).map_err(|error| located(text, &error))?;
        let written = file.dataset;
        check_disallowed(text, &written.disallow)?;
        let manifest = Self {
            name: written.name,
            version: written.version,
            description: written.description,
            license: written.license,
            url: written.url,
            cite_as: written.cite_as,
            creators: written.creators,
            date_published: match written.date_published {
                Date::Toml(date) => date.to_string(),
                Date::Text(text) => text,
            },
            disallow: Mask::of_names(written.disallow.iter().map(Spanned::get_ref))?.names(),
            sha256: Sha256::digest(text).into(),
        };
        manifest.check().map(|()| manifest)
    }

    fn check(&self) -> Result<()> {
        let fits = |fits: bool, key: &str, value: &str, advice: &str| match fits {
            true => Ok(()),
            false => Err(Error::labels(format!("{key} = '{value}'")).advise(advice)),
        };
        let is_web = self.url.starts_with("https://") || self.url.starts_with("http://");
        fits(
            is_file_name(&self.name),
            "name",
            &self.name,
            "letters, digits, '.', '_' and '-', beginning with a letter",
        )?;
        fits(is_version(&self.version), "version", &self.version, "MAJOR.MINOR.PATCH, as semver.org has it")?;
        fits(!self.description.trim().is_empty(), "description", &self.description, "say what it is")?;
        fits(
            !self.license.trim().is_empty(),
            "license",
            &self.license,
            "an SPDX id such as CC-BY-4.0, or its address",
        )?;
        fits(is_web, "url", &self.url, "an address that begins with https://")?;
        let date = &self.date_published;
        let is_date = date.parse::<jiff::civil::Date>().is_ok();
        fits(is_date, "date_published", date, "a date such as 2026-11-22")?;
        fits(!self.creators.is_empty(), "creators", "", "name who made it: [{ name = \"…\" }]")
    }

    /// The address of its license: of an SPDX id, where SPDX explains it.
    pub fn license_url(&self) -> String {
        match self.license.contains("://") {
            true => self.license.clone(),
            false => format!("https://spdx.org/licenses/{}.html", self.license),
        }
    }
}

/// Sees that what is disallowed can be hidden: readers could not keep a word that they do not know.
fn check_disallowed(text: &str, fields: &[Spanned<String>]) -> Result<()> {
    match fields.iter().find(|field| field.get_ref().parse::<Field>().is_err()) {
        None => Ok(()),
        Some(unknown) => {
            let (line, column) = place(text.get(..unknown.span().start).unwrap_or_default());
            let names = Field::ALL.map(Field::name).join(", ");
            Err(Error::labels(format!("disallow: there is no field '{}'", unknown.get_ref()))
                .at_line(line, Some(column))
                .advise(format!("there are: {names}")))
        }
    }
}

/// A name that is safe in every file system and address.
fn is_file_name(name: &str) -> bool {
    let safe = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
    name.starts_with(|c: char| c.is_ascii_alphabetic()) && name.chars().all(safe) && name.len() <= 100
}

/// Three numbers, and after `-` or `+` what else there is (semver.org 2.0.0).
fn is_version(version: &str) -> bool {
    let core = version.split(['-', '+']).next().unwrap_or_default();
    let numbers: Vec<&str> = core.split('.').collect();
    let is_number = |text: &&str| text.parse::<u64>().is_ok_and(|number| number.to_string() == **text);
    numbers.len() == 3 && numbers.iter().all(is_number)
}

/// What the library says, with its place.
fn located(text: &str, error: &toml::de::Error) -> Error {
    let told =
        Error::labels(error.message().trim()).advise("a manifest is a table [dataset]; see pcapml release --help");
    let Some(before) = error.span().and_then(|span| text.get(..span.start)) else { return told };
    let (line, column) = place(before);
    told.at_line(line, Some(column))
}

/// Line and column of what follows this text.
fn place(before: &str) -> (u64, u64) {
    let line = before.matches('\n').count() as u64 + 1;
    (line, before.rsplit('\n').next().unwrap_or_default().chars().count() as u64 + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    const WHOLE: &str = "[dataset]\nname = \"apps\"\nversion = \"1.0.0\"\ndescription = \"d\"\nlicense = \"CC-BY-4.0\"\n\
        url = \"https://example.org\"\ncreators = [{ name = \"A\" }]\ndate_published = 2026-11-22\n";

    #[test]
    fn a_manifest_is_read() {
        let manifest = Manifest::parse(WHOLE).unwrap();
        assert_eq!((manifest.name.as_str(), manifest.date_published.as_str()), ("apps", "2026-11-22"));
        assert_eq!(manifest.license_url(), "https://spdx.org/licenses/CC-BY-4.0.html");
        let text = WHOLE.replace("2026-11-22", "\"2026-11-22\"");
        assert_eq!(Manifest::parse(&text).unwrap().date_published, "2026-11-22");
    }

    #[test]
    fn what_is_disallowed_can_be_masked() {
        let with = |list: &str| Manifest::parse(&format!("{WHOLE}disallow = [{list}]\n"));
        let manifest = with("\"tcp.port\", \"ip.addr\", \"udp.port\"").unwrap();
        assert_eq!(manifest.disallow, ["ip.addr", "port"]);
        assert!(with("\"ip.adr\"").unwrap_err().to_string().contains("there is no field 'ip.adr'"));
    }

    #[test]
    fn defects_are_told_with_their_place() {
        for (from, to, said) in [
            ("license", "licence", "line 5, column 1: unknown field `licence`"),
            ("url = \"https://example.org\"\n", "", "missing field `url`"),
            ("1.0.0", "1.0", "version = '1.0'"),
            ("1.0.0", "1.00.0", "version = '1.00.0'"),
            ("\"apps\"", "\"../apps\"", "name = '../apps'"),
            ("2026-11-22", "2026-02-30", "line 8, column 18: invalid date"),
            ("2026-11-22", "\"soon\"", "date_published = 'soon'"),
            ("{ name = \"A\" }", "", "creators = ''"),
            ("\"d\"", "\"d", "line 4"),
            (
                "2026-11-22",
                "2026-11-22\ndisallow = [\"ip.addr\", \"ip.adr\"]",
                "line 9, column 24: disallow: there is no field 'ip.adr'",
            ),
        ] {
            let error = Manifest::parse(&WHOLE.replace(from, to)).unwrap_err().to_string();
            assert!(error.contains(said), "{error}");
        }
    }
}
