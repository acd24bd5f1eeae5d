//! Labels packet by packet: a table `packet,label[,time][,file][,field…][,hash_key]`.
//!
//! Packets are numbered from 1, as Wireshark does. Where a time stands beside the number it must be the packet's own:
//! a table of another capture is found out at its first row.

use std::collections::HashMap;
use std::path::Path;

use super::labelled_rows::{LabelledRows, RowLabel};
use super::selector::relative_path;
use crate::error::{Error, Result};
use crate::time::Timestamp;

/// The names that the column of packet numbers may have.
const NAMES: &[&str] = &["packet", "frame", "number", "frame.number", "no."];

/// A table of packets and their labels.
#[derive(Debug, Default)]
pub struct PacketLabels {
    /// The different labels, in the order in which they first appear.
    pub labels: Vec<RowLabel>,
    /// For each file (empty if the table names none), its packets by number.
    files: HashMap<String, Vec<PacketRow>>,
}

/// What the table says of one packet.
#[derive(Debug, Clone, Copy)]
pub struct PacketRow {
    /// The packet's number, from 1.
    pub packet: u64,
    /// The line in the table.
    pub line: u64,
    /// The number of its label in [`PacketLabels::labels`].
    pub label: u32,
    time: Option<Timestamp>,
    /// The time is written as a whole second, and so speaks of all of it.
    whole_second: bool,
}

impl PacketLabels {
    /// Reads a table.
    ///
    /// # Errors
    /// The first defect, with file, line and column.
    pub fn read(path: &Path) -> Result<Self> {
        let bytes = std::fs::read(path).map_err(|error| Error::from(error).in_file(path))?;
        Self::parse(&bytes).map_err(|error| error.in_file(path))
    }

    fn parse(bytes: &[u8]) -> Result<Self> {
        let mut table = Self::default();
        let mut numbers: HashMap<RowLabel, u32> = HashMap::new();
        LabelledRows::of(bytes, NAMES, &["time", "file"])?.each(|line, cells, label| {
            let place = |column: u64| move |fault: String| Error::labels(fault).at_line(line, Some(column));
            let packet = cells[0].parse().ok().filter(|packet| *packet > 0);
            let packet =
                packet.ok_or_else(|| place(1)(format!("'{}' is no packet number: they begin at 1", cells[0])))?;
            let time = (!cells[1].is_empty()).then(|| Timestamp::parse(cells[1])).transpose().map_err(place(2))?;
            let file = if cells[2].is_empty() { String::new() } else { relative_path(cells[2]).map_err(place(3))? };
            let next = table.labels.len() as u32;
            let number = *numbers.entry(label).or_insert_with_key(|label| {
                table.labels.push(label.clone());
                next
            });
            let (time, whole_second) = time.map_or((None, false), |(time, whole)| (Some(time), whole));
            table.files.entry(file).or_default().push(PacketRow { packet, line, label: number, time, whole_second });
            Ok(())
        })?;
        table.files.values_mut().try_for_each(|rows| order(rows))?;
        if table.files.len() > 1
            && let Some(row) = table.files.get("").and_then(|rows| rows.first())
        {
            return Err(Error::labels("no file, where other rows name one").at_line(row.line, None));
        }
        Ok(table)
    }

    /// What the table says of this file's packets, by their numbers.
    pub fn of_file(&self, file: &str) -> &[PacketRow] {
        let rows = self.files.get(file).or_else(|| self.files.get(""));
        rows.map_or(&[], Vec::as_slice)
    }

    /// The files that the table names, by name.
    pub fn files(&self) -> Vec<&str> {
        let mut files: Vec<&str> = self.files.keys().map(String::as_str).filter(|file| !file.is_empty()).collect();
        files.sort_unstable();
        files
    }

    /// True if some rows name no file.
    pub fn has_rows_without_file(&self) -> bool {
        self.files.contains_key("")
    }
}

fn order(rows: &mut [PacketRow]) -> Result<()> {
    rows.sort_by_key(|row| (row.packet, row.line));
    match rows.windows(2).find(|pair| pair[0].packet == pair[1].packet && pair[0].label != pair[1].label) {
        Some([one, other]) => {
            let fault = format!("packet {} has another label in line {}", one.packet, one.line);
            Err(Error::labels(fault).at_line(other.line, Some(1)))
        }
        _ => Ok(()),
    }
}

impl PacketRow {
    /// True unless the row states another time than the packet's.
    pub fn agrees(&self, time: Option<Timestamp>) -> bool {
        let Some(stated) = self.time else { return true };
        time.is_some_and(|time| match self.whole_second {
            true => time.seconds() == stated.seconds(),
            // Times are often written down to the microsecond.
            false => time == stated || time.0.div_euclid(1_000) == stated.0.div_euclid(1_000) && stated.0 % 1_000 == 0,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_stand_by_packet() {
        let table = PacketLabels::parse(b"packet,label,os,hash_key\n3,web,linux,\n1,web,linux,\n2,dns,,k\n").unwrap();
        let rows: Vec<(u64, u32)> = table.of_file("any.pcap").iter().map(|row| (row.packet, row.label)).collect();
        assert_eq!(rows, [(1, 0), (2, 1), (3, 0)]);
        assert_eq!(PacketLabels::parse(b"7,a\n9,b\n").unwrap().of_file("x").len(), 2);
    }

    #[test]
    fn times_find_out_a_table_of_another_capture() {
        let table = PacketLabels::parse(b"packet,time,file,label\n1,5.000001,a.pcap,x\n2,5,a.pcap,x\n").unwrap();
        let rows = table.of_file("a.pcap");
        assert!(table.of_file("b.pcap").is_empty());
        let agrees = |row: usize, time: i128| rows[row].agrees(Some(Timestamp(time)));
        assert!(agrees(0, 5_000_001_000) && agrees(0, 5_000_001_999) && !agrees(0, 5_000_002_000));
        assert!(agrees(1, 5_999_999_999) && !agrees(1, 6_000_000_000));
        assert!(!rows[0].agrees(None));
    }

    #[test]
    fn defects_are_named() {
        for (table, fault) in [
            ("0,a\n", "line 1, column 1: '0' is no packet number"),
            ("packet,label\n1,a\n1,b\n", "line 3, column 1: packet 1 has another label in line 2"),
            ("packet,time,label\n1,noon,a\n", "line 2, column 2"),
        ] {
            let error = PacketLabels::parse(table.as_bytes()).unwrap_err().to_string();
            assert!(error.contains(fault), "{error}");
        }
    }
}
