//! What a release says of itself for machines: croissant.json, and what lint found.

use serde_json::Value;

use super::Release;
use super::files::{LINT, README};
use crate::command::Context;
use crate::command::release::CROISSANT;
use crate::command::release::tables::SampleTable;
use crate::error::{Error, Result};
use crate::publish::croissant::{ReleasedFile, croissant};

/// What the manifest says of the dataset.
const FACTS: [&str; 8] = ["name", "version", "description", "license", "url", "creator", "datePublished", "citeAs"];

/// What is said of a file that depends on the file.
const OF_FILES: [&str; 4] = ["name", "contentUrl", "contentSize", "sha256"];

impl Release<'_> {
    /// Checks the descriptions.
    pub(super) fn described(&self, table: &SampleTable, context: &Context) -> Result<()> {
        let splits: Vec<String> = self.members().into_keys().map(str::to_owned).collect();
        let made = croissant(&self.manifest, &self.files_to_describe(), &splits, &table.columns);
        let said = self.json(CROISSANT)?;
        for fact in FACTS.into_iter().filter(|fact| said.get(fact) != made.get(fact)) {
            self.fault(CROISSANT, format!("its {fact} is not what dataset.toml says"), context);
        }
        self.distribution(&said, &made, context);
        if plain(&said["recordSet"]) != plain(&made["recordSet"]) {
            self.fault(CROISSANT, "its record sets are not the splits and the columns of samples.csv", context);
        }
        let is_finding = |finding: &Value| finding["rule"].is_string() && finding["severity"].is_string();
        if !self.json(LINT)?.as_array().is_some_and(|findings| findings.iter().all(is_finding)) {
            self.fault(LINT, "it is not what pcapml lint --format json writes: a list of findings", context);
        }
        Ok(())
    }

    /// All files but those that were written later.
    fn files_to_describe(&self) -> Vec<ReleasedFile> {
        let files = self.files.of.iter().filter(|(name, _)| ![CROISSANT, README].contains(&name.as_str()));
        let describe = |(name, file): (&String, &super::files::File)| ReleasedFile {
            name: name.clone(),
            size: file.size,
            sha256: file.sha256,
            doc: String::new(),
        };
        files.map(describe).collect()
    }

    /// Checks that each file is described once, and as it is.
    fn distribution(&self, said: &Value, made: &Value, context: &Context) {
        let objects = |of: &Value| of["distribution"].as_array().cloned().unwrap_or_default();
        let (said, made) = (objects(said), objects(made));
        let name = |object: &Value| object["contentUrl"].as_str().unwrap_or_default().to_owned();
        for one in &made {
            let of: Vec<&Value> = said.iter().filter(|other| name(other) == name(one)).collect();
            let is_so = matches!(of.as_slice(), [other] if OF_FILES.iter().all(|key| other[key] == one[key]));
            match of.is_empty() {
                true => self.fault(CROISSANT, format!("it does not describe '{}'", name(one)), context),
                false if !is_so => self.fault(CROISSANT, format!("what it says of '{}' is not so", name(one)), context),
                false => {}
            }
        }
        for one in said.iter().filter(|one| !made.iter().any(|other| name(other) == name(one))) {
            self.fault(CROISSANT, format!("it describes '{}', which no release has", name(one)), context);
        }
    }

    fn json(&self, name: &str) -> Result<Value> {
        serde_json::from_slice(&self.read(name)?)
            .map_err(|error| Error::malformed(error.to_string()).in_file(self.file(name)))
    }
}

/// The same without what is told to people, which may read otherwise in another version of pcapml.
fn plain(value: &Value) -> Value {
    match value {
        Value::Array(values) => values.iter().map(plain).collect(),
        Value::Object(facts) => {
            let facts = facts.iter().filter(|(name, _)| *name != "description");
            Value::Object(facts.map(|(name, value)| (name.clone(), plain(value))).collect())
        }
        other => other.clone(),
    }
}
