//! The table of samples: that of the release, held against one made anew.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use csv::StringRecord;

use super::Release;
use crate::command::Context;
use crate::command::release::tables::SampleTable;
use crate::command::release::{SAMPLES, SAMPLES_PARQUET};
use crate::error::{Error, Result};
use crate::packet::SampleId;
use crate::publish::lists::SPLITS;
use crate::publish::partition::CHALLENGE;
use crate::sink::{OutputRules, RowFormat, parquet_as_csv, parquet_says_besides};

/// What splits.csv tells, and not the captures.
const PLACES: [&str; 3] = ["split", "fold", "group"];

/// A table of samples, as text: every column of every row is compared.
pub(super) struct Told {
    names: Vec<String>,
    rows: BTreeMap<SampleId, StringRecord>,
}

impl Told {
    pub(super) fn read(path: &Path) -> Result<Self> {
        let text = fs::read(path).map_err(|error| Error::from(error).in_file(path))?;
        Self::parse(&text).map_err(|error| error.in_file(path))
    }

    fn parse(text: &[u8]) -> Result<Self> {
        let broken = |error: csv::Error| Error::labels(error.to_string());
        let mut reader = csv::Reader::from_reader(text);
        let names: Vec<String> = reader.headers().map_err(broken)?.iter().map(str::to_owned).collect();
        let mut rows = BTreeMap::new();
        let mut last = None;
        for record in reader.records() {
            let record = record.map_err(broken)?;
            let line = record.position().map_or(0, csv::Position::line);
            let id = record.get(0).and_then(|id| id.parse().ok());
            let id: SampleId = id.ok_or_else(|| Error::labels("no sample id").at_line(line, Some(1)))?;
            if last.replace(id).is_some_and(|last| last >= id) {
                let what = format!("sample {id} has a row already, or rows are not in the order of ids");
                return Err(Error::labels(what).at_line(line, None));
            }
            rows.insert(id, record);
        }
        Ok(Self { names, rows })
    }

    pub(super) fn cell(&self, id: SampleId, name: &str) -> Option<&str> {
        let at = self.names.iter().position(|known| known == name)?;
        self.rows.get(&id)?.get(at)
    }
}

impl Release<'_> {
    /// Checks the table, and that both of its files say the same.
    pub(super) fn table(&self, table: &SampleTable, told: &Told, context: &Context) -> Result<()> {
        let (text, faults) = (table.csv(), context.faults());
        // Of an id of two captures, which is told, there are two rows.
        match Told::parse(&text) {
            Ok(made) => self.rows(&made, told, context),
            Err(_) if faults > 0 => {}
            Err(error) => return Err(error.in_file(self.file(SAMPLES))),
        }
        if context.faults() == faults {
            self.compare(SAMPLES, &text, context)?;
        }
        self.parquet(table, context)
    }

    /// Checks the table as Parquet: what it says besides the rows must be what release writes.
    fn parquet(&self, table: &SampleTable, context: &Context) -> Result<()> {
        if !self.files.of.contains_key(SAMPLES_PARQUET) {
            return Ok(());
        }
        let path = self.file(SAMPLES_PARQUET);
        let wrong = match parquet_as_csv(&path) {
            Ok(rows) if rows == self.read(SAMPLES)? => self.beside_rows(&path, table)?,
            Ok(_) => Some(Error::malformed(format!("it does not say what {SAMPLES} says"))),
            Err(error) => Some(error),
        };
        if let Some(wrong) = wrong {
            context.fault(&wrong.in_file(path));
        }
        Ok(())
    }

    /// What of a Parquet file of the right rows pcapml would not have written. Another version may have packed them otherwise.
    fn beside_rows(&self, path: &Path, table: &SampleTable) -> Result<Option<Error>> {
        let scratch = tempfile::tempdir()?;
        let made = scratch.path().join(SAMPLES_PARQUET);
        table.write(&made, RowFormat::Parquet, &OutputRules::default())?;
        let wrong = |what: &str| Error::malformed(format!("{what}: beside its rows anything may be told"));
        if !self.is_of_this_version() {
            return Ok(parquet_says_besides(path, &made)?.map(wrong));
        }
        let (said, made) = (self.read(SAMPLES_PARQUET)?, fs::read(&made)?);
        let same = said.iter().zip(&made).take_while(|(said, made)| said == made).count();
        Ok((said != made).then(|| {
            wrong(&format!("byte {same} is not what pcapml release writes there"))
                .advise("if either pcapml was built without --locked, it may be that of another library")
        }))
    }

    fn rows(&self, made: &Told, told: &Told, context: &Context) {
        if told.names != made.names {
            let (told, made) = (told.names.join(","), made.names.join(","));
            self.fault(SAMPLES, format!("its columns are {told}, and should be {made}"), context);
            return;
        }
        for id in told.rows.keys().filter(|id| !made.rows.contains_key(id)) {
            self.fault(SAMPLES, format!("no capture holds sample {id}"), context);
        }
        for (id, made_row) in &made.rows {
            let wrong = match told.rows.get(id) {
                Some(row) => self.disagreement(*id, &made.names, [made_row, row]),
                None => Some("it has no row".to_owned()),
            };
            if let Some(wrong) = wrong {
                self.fault(SAMPLES, format!("sample {id}: {wrong}"), context);
            }
        }
    }

    /// What a row says that is not so.
    fn disagreement(&self, id: SampleId, names: &[String], [made, told]: [&StringRecord; 2]) -> Option<String> {
        let is_hidden = self.splits.of(id) == Some(CHALLENGE);
        let mut cells = names.iter().zip(made.iter().zip(told));
        let (name, (made, told)) = cells.find(|(_, (made, told))| made != told)?;
        let from = if PLACES.contains(&name.as_str()) { SPLITS } else { "the capture" };
        Some(match is_hidden && made.is_empty() {
            true => format!("it tells the {name} of a sample of the challenge"),
            false => format!("{SAMPLES} says {name} '{told}', {from} '{made}'"),
        })
    }
}
