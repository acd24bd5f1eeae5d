//! Labels from a table of packets.

use std::path::Path;

use super::labeller::{Labeller, Register, SampleNumber, tally_table};
use crate::command::dataset_files::{DatasetFile, Inventory};
use crate::command::{Context, count};
use crate::error::{Error, Result, Shown};
use crate::packet::{Key, Packet, Sample};
use crate::rule::{Ids, PacketLabels, PacketRow};
use crate::table::Table;

/// Labels packets by their numbers.
pub(super) struct PacketLabeller<'a> {
    path: &'a Path,
    table: PacketLabels,
    register: Register<'a>,
    /// For each label of the table, its sample.
    samples: Vec<SampleNumber>,
    tallies: Vec<(u64, u64)>,
    /// Rows of the current file that are not used yet.
    rest: Vec<PacketRow>,
    /// Rows whose packets do not exist.
    missing: u64,
    first_missing: Option<u64>,
}

impl<'a> PacketLabeller<'a> {
    pub(super) fn new(path: &'a Path, ids: &'a Ids) -> Result<Self> {
        let table = PacketLabels::read(path)?;
        let mut register = Register::new(ids);
        let sample = |label: &crate::rule::RowLabel| {
            let fields = label.fields.iter().map(|(name, value)| format!("|{name}={value}"));
            let all = || label.label.clone() + &fields.collect::<String>();
            let key = label.key.clone().unwrap_or_else(all);
            register.sample(Key::Key(&key), &label.label, &label.fields).map_err(|error| error.in_file(path))
        };
        let samples = table.labels.iter().map(sample).collect::<Result<Vec<_>>>()?;
        let tallies = vec![(0, 0); register.samples().len()];
        Ok(Self { path, table, register, samples, tallies, rest: Vec::new(), missing: 0, first_missing: None })
    }

    /// Counts the rows that found no packet in the file that has ended.
    fn end_file(&mut self) {
        self.missing += self.rest.len() as u64;
        self.first_missing = self.first_missing.or(self.rest.last().map(|row| row.line));
        self.rest.clear();
    }
}

impl Labeller for PacketLabeller<'_> {
    fn samples(&self) -> &[Sample] {
        self.register.samples()
    }

    fn plan(&self, inventory: &Inventory) -> Result<Vec<DatasetFile>> {
        if self.table.has_rows_without_file() {
            return Err(Error::labels("rows without a file, for a directory of captures")
                .in_file(self.path)
                .advise("add a column 'file', or give one capture"));
        }
        inventory.named(&self.table.files()).map_err(|error| error.in_file(self.path))
    }

    fn unnamed(&self, inventory: &Inventory) -> Vec<DatasetFile> {
        let named = self.table.files();
        inventory.captures().into_iter().filter(|file| !named.contains(&file.name.as_str())).collect()
    }

    fn check_capture(&self, file: &DatasetFile) -> Result<()> {
        let other = self.table.files().into_iter().find(|name| *name != file.name);
        other.map_or(Ok(()), |other| {
            Err(Error::labels(format!("rows for '{other}', and '{}' is to be labelled", file.name))
                .in_file(self.path)
                .advise("give the directory instead of the capture"))
        })
    }

    fn next_file(&mut self, file: &DatasetFile) -> Result<()> {
        self.end_file();
        // Packets come in the order of their numbers: the next row is always the last one here.
        self.rest = self.table.of_file(&file.name).iter().rev().copied().collect();
        Ok(())
    }

    fn choose(&mut self, packet: &Packet, chosen: &mut Vec<SampleNumber>) -> Result<()> {
        while let Some(row) = self.rest.last().copied().filter(|row| row.packet <= packet.number) {
            self.rest.pop();
            if !row.agrees(packet.time()) {
                let time = packet.time().map_or("none".to_owned(), |time| time.to_string());
                let fault = format!("packet {} has another time, {time}: is it another capture?", packet.number);
                return Err(Error::labels(fault).at_line(row.line, None).in_file(self.path));
            }
            let sample = self.samples[row.label as usize];
            if !chosen.contains(&sample) {
                chosen.push(sample);
                let (packets, bytes) = &mut self.tallies[sample as usize];
                *packets += 1;
                *bytes += u64::from(packet.original_length);
            }
        }
        Ok(())
    }

    fn unlabelled_because(&self) -> &'static str {
        "stood in no row of the table"
    }

    fn report(&mut self, context: &Context) -> Result<bool> {
        self.end_file();
        if let Some(line) = self.first_missing {
            context.note(format!(
                "{}: {} of packets that do not exist (first: line {line})",
                Shown(self.path),
                count(self.missing, "row")
            ));
        }
        Ok(self.missing > 0)
    }

    fn stats(&self) -> Table {
        tally_table(self.samples(), &self.tallies)
    }
}
