//! `pcapml samples`: one row for each sample of a labelled capture.

use std::collections::HashMap;
use std::path::PathBuf;

use super::Context;
use crate::capture::Item;
use crate::error::{Error, Result};
use crate::packet::{Interface, Sample};
use crate::sample::fields;
use crate::sample::header::Header;
use crate::sample::membership::{Runs, Samples};
use crate::sample::tally::Tally;
use crate::sink::{TableFormat, write_table};
use crate::table::{Column, ColumnKind, Table, Value};

/// What to list.
#[derive(Debug, Clone)]
pub struct Request {
    /// A labelled capture.
    pub input: PathBuf,
    /// How.
    pub format: TableFormat,
}

/// What a labelled capture holds.
pub(super) struct Contents {
    pub(super) samples: Samples,
    /// For each sample.
    pub(super) tallies: Vec<Tally>,
    /// Packets without a sample.
    pub(super) unlabelled: Tally,
    /// The names of the interfaces that have one.
    pub(super) interfaces: HashMap<u32, String>,
}

/// Lists the samples.
///
/// # Errors
/// If the capture cannot be opened.
pub fn run(request: &Request, context: &mut Context) -> Result<()> {
    let contents = Contents::read(&request.input, context)?;
    write_table(&contents.table(), request.format, context.tables)
}

impl Contents {
    pub(super) fn read(input: &std::path::Path, context: &Context) -> Result<Self> {
        let mut reader = context.open(input)?;
        let header = Header::read(reader.section_options());
        let mut runs = Runs::new(header.as_ref());
        let mut contents = Self {
            samples: Samples::default(),
            tallies: Vec::new(),
            unlabelled: Tally::default(),
            interfaces: HashMap::new(),
        };
        context.each_item(&mut reader, false, |item| {
            match item {
                Item::Interface(interface, _) => contents.interface(interface),
                Item::Packet(packet) => {
                    if let Err(error) = runs.packet(packet) {
                        context.fault(&error.in_file(input));
                    }
                    contents.packet(packet);
                }
                Item::Section(_) | Item::Other(_) => {}
            }
            Ok(())
        })?;
        context.tell_conflicts(&contents.samples, Some(input));
        if contents.samples.all().is_empty() && contents.unlabelled.packets > 0 {
            context.note("no packet carries a label: pcapml label puts them there");
        }
        if header.is_none() && runs.are_reversed() {
            context.note(
                "samples and their packets stand in reverse, as C++ pcapml 0.3 sorts them: pcapml sort puts them right",
            );
        }
        Ok(contents)
    }

    fn interface(&mut self, interface: &Interface) {
        if let Some(name) = interface.name() {
            self.interfaces.insert(interface.number, name);
        }
    }

    fn packet(&mut self, packet: &crate::packet::Packet) {
        let tallies = &mut self.tallies;
        let mut any = false;
        self.samples.of_packet(packet, |number| {
            any = true;
            if number >= tallies.len() {
                tallies.resize_with(number + 1, Tally::default);
            }
            tallies[number].add(packet);
        });
        if !any {
            self.unlabelled.add(packet);
        }
    }

    fn table(&self) -> Table {
        let keys = fields::names(self.samples.all());
        let mut columns = vec![
            Column::new("sample_id", ColumnKind::Text, "The sample's id, an unsigned 64-bit number."),
            Column::new("label", ColumnKind::Text, "Its class."),
        ];
        let counted = [
            Column::new("packets", ColumnKind::Count, "Packets."),
            Column::new("bytes", ColumnKind::Count, "Their length on the wire, in bytes."),
            Column::new("first_time", ColumnKind::Time, "The time of the earliest packet, in seconds since 1970."),
            Column::new("last_time", ColumnKind::Time, "The time of the latest packet, in seconds since 1970."),
            Column::new("interfaces", ColumnKind::Text, "The interfaces that saw it, by number and name."),
        ];
        let own: Vec<Column> = columns.iter().chain(&counted).cloned().collect();
        columns.extend(field_columns(&keys, &own));
        columns.extend(counted);
        let rows = self.samples.all().iter().zip(&self.tallies).map(|(sample, tally)| {
            let mut row = vec![Value::Text(sample.id.to_string()), Value::Text(sample.label.clone())];
            row.extend(keys.iter().map(|key| sample.field(key).map(str::to_owned).into()));
            row.extend([
                Value::Count(tally.packets),
                Value::Count(tally.bytes),
                tally.first.into(),
                tally.last.into(),
                Value::Text(self.interface_names(tally)),
            ]);
            row
        });
        Table { rows: rows.collect(), columns }
    }

    fn interface_names(&self, tally: &Tally) -> String {
        let name = |number: &u32| match self.interfaces.get(number) {
            Some(name) => format!("{number}:{name}"),
            None => number.to_string(),
        };
        tally.interfaces.iter().map(name).collect::<Vec<_>>().join(" ")
    }
}

/// The fault of one id with two meanings.
pub(super) fn conflict(one: &Sample, other: &Sample) -> Error {
    let shown = |sample: &Sample| crate::sample::comment::format(sample, crate::sample::comment::Form::Positional);
    Error::malformed(format!("one sample id stands for two things: '{}' and '{}'", shown(one), shown(other)))
}

/// Names for a message: the first ten of them.
pub(super) fn shown_names(names: &[String]) -> String {
    const SHOWN: usize = 10;
    match names.len() {
        0 => "none".to_owned(),
        1..=SHOWN => names.join(", "),
        more => format!("{} and {} more", names[..SHOWN].join(", "), more - SHOWN),
    }
}

/// A column for each field. A capture labelled by others may have fields named as our own columns are.
pub(super) fn field_columns(keys: &[String], own: &[Column]) -> Vec<Column> {
    let taken: Vec<&str> = own.iter().map(|column| column.name.as_str()).collect();
    let column = |name| Column::new(name, ColumnKind::Text, "A field of the labels file.");
    fields::column_names(keys, &taken).into_iter().map(column).collect()
}
