//! Rows as several NumPy arrays in one file: `x`, the numbers; `columns`, their names; `sample_id` and `label`, if there
//! are such columns.
//!
//! Where there are columns of bytes or bits, `x` holds these alone, in one byte each, so that a million packets stay a
//! gigabyte; a column named `length` then is an array beside it. What finds no place is told by [`left_out`].

use std::io::{self, Write};

use flate2::Crc;

use super::binary::{Cells, Stored, misplaced};
use super::npy::{Matrix, header, is_number};
use super::shape::{flat_names, is_small};
use super::sink::{Format, Written};
use super::spool::Spool;
use super::target::Target;
use super::zip::Archive;
use crate::error::{Error, Result};
use crate::table::{Column, ColumnKind};

/// What becomes of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Matrix,
    SampleId,
    Label,
    Length,
    Nowhere,
}

fn places(columns: &[Column]) -> Vec<Place> {
    let packets = columns.iter().any(|column| is_small(column.kind));
    let place = |column: &Column| match (column.name.as_str(), column.kind) {
        ("sample_id", ColumnKind::Id) => Place::SampleId,
        ("label", ColumnKind::Text) => Place::Label,
        ("length", ColumnKind::Count) if packets => Place::Length,
        (_, kind) if is_small(kind) || (!packets && is_number(kind)) => Place::Matrix,
        _ => Place::Nowhere,
    };
    let mut places: Vec<Place> = columns.iter().map(place).collect();
    // Of two columns of the same name, an archive can hold the first.
    for named in [Place::SampleId, Place::Label, Place::Length] {
        places.iter_mut().filter(|place| **place == named).skip(1).for_each(|place| *place = Place::Nowhere);
    }
    places
}

/// The columns that arrays cannot hold; an error if none is left.
pub(super) fn left_out(columns: &[Column]) -> Result<Vec<String>> {
    let places = places(columns);
    if !places.contains(&Place::Matrix) {
        return Err(Error::request("an array needs columns of numbers, and there are none"));
    }
    let nowhere = columns.iter().zip(places).filter(|(_, place)| *place == Place::Nowhere);
    Ok(nowhere.map(|(column, _)| column.name.clone()).collect())
}

/// An archive of arrays under construction.
pub(super) struct NpzRows {
    target: Target,
    columns: Vec<(Column, Place)>,
    matrix: Matrix,
    values: Spool,
    sample_ids: Spool,
    /// Each label's length in four bytes, and the label.
    labels: Spool,
    longest_label: usize,
    lengths: Spool,
    rows: u64,
    zeros: u64,
}

impl NpzRows {
    /// Begins arrays of these columns.
    pub(super) fn begin(target: Target, columns: &[Column]) -> Result<Self> {
        let columns: Vec<(Column, Place)> = columns.iter().cloned().zip(places(columns)).collect();
        let matrix = columns.iter().filter(|(_, place)| *place == Place::Matrix).map(|(column, _)| column);
        Ok(Self {
            matrix: Matrix::of(matrix),
            values: target.spool()?,
            sample_ids: target.spool()?,
            labels: target.spool()?,
            longest_label: 0,
            lengths: target.spool()?,
            rows: 0,
            zeros: 0,
            columns,
            target,
        })
    }

    /// Puts a cell where it belongs; false if it is not of the column's kind.
    fn put(&mut self, at: usize, cell: Stored<'_>) -> io::Result<bool> {
        let (column, place) = &self.columns[at];
        let number = match cell {
            Stored::Count(number) => number,
            _ => 0,
        };
        match (place, cell) {
            (Place::Matrix, cell) => {
                let Self { matrix, values, .. } = self;
                let (kind, mut fits) = (column.kind, false);
                values.append(|out| fits = matrix.push(kind, cell, out))?;
                return Ok(fits);
            }
            (Place::SampleId, Stored::Count(_) | Stored::Missing) => {
                self.zeros += u64::from(cell == Stored::Missing);
                self.sample_ids.append(|out| out.extend_from_slice(&number.to_le_bytes()))?;
            }
            (Place::Length, Stored::Count(_) | Stored::Missing) => {
                self.zeros += u64::from(cell == Stored::Missing);
                self.lengths.append(|out| out.extend_from_slice(&number.to_le_bytes()))?;
            }
            (Place::Label, Stored::Text(label)) => self.label(label)?,
            (Place::Label, Stored::Missing) => self.label("")?,
            (Place::Nowhere, _) => {}
            _ => return Ok(false),
        }
        Ok(true)
    }

    fn label(&mut self, label: &str) -> io::Result<()> {
        self.longest_label = self.longest_label.max(label.chars().count());
        self.labels.append(|out| {
            out.extend_from_slice(&(label.len() as u32).to_le_bytes());
            out.extend_from_slice(label.as_bytes());
        })
    }

    fn has(&self, place: Place) -> bool {
        self.columns.iter().any(|(_, other)| *other == place)
    }

    /// All arrays, in order.
    fn finished(self) -> (Target, Vec<Array>, Written) {
        let (sample_ids, labels, lengths) =
            (self.has(Place::SampleId), self.has(Place::Label), self.has(Place::Length));
        let names = self.columns.iter().filter(|(_, place)| *place == Place::Matrix);
        let names: Vec<String> = names.flat_map(|(column, _)| flat_names(column)).collect();
        let (head, written) = self.matrix.finish();
        let mut arrays = vec![Array { name: "x.npy", head, body: Body::Values(self.values) }, Array::of_names(&names)];
        let numbers = || header("<u8", &[self.rows]);
        if sample_ids {
            arrays.push(Array { name: "sample_id.npy", head: numbers(), body: Body::Values(self.sample_ids) });
        }
        if labels {
            // NumPy has no texts without any character.
            let width = self.longest_label.max(1);
            let head = header(&format!("<U{width}"), &[self.rows]);
            arrays.push(Array { name: "label.npy", head, body: Body::Texts(self.labels, width) });
        }
        if lengths {
            arrays.push(Array { name: "length.npy", head: numbers(), body: Body::Values(self.lengths) });
        }
        (self.target, arrays, Written { zeros: written.zeros + self.zeros, ..written })
    }
}

impl Format for NpzRows {
    fn row(&mut self, encoded: &[u8]) -> Result<()> {
        let mut cells = Cells::of(encoded);
        for at in 0..self.columns.len() {
            let cell = cells.take()?;
            let put = self.put(at, cell).map_err(|error| self.target.spool_failed(error))?;
            if !put {
                return Err(misplaced(&self.columns[at].0.name, cell));
            }
        }
        self.matrix.end_row();
        self.rows += 1;
        cells.end()
    }

    fn finish(self: Box<Self>) -> Result<Written> {
        let (target, arrays, written) = self.finished();
        let mut archive = Archive::new(target);
        for mut array in arrays {
            let (length, crc) = array.measure().map_err(|error| archive.out().spool_failed(error))?;
            array.write(archive.begin(array.name, length, crc)?)?;
        }
        archive.finish()?.commit()?;
        Ok(written)
    }
}

/// One array of the archive.
struct Array {
    name: &'static str,
    head: Vec<u8>,
    body: Body,
}

/// The values of an array, where they wait.
enum Body {
    Values(Spool),
    /// Texts of at most so many characters.
    Texts(Spool, usize),
    Ready(Vec<u8>),
}

impl Array {
    fn of_names(names: &[String]) -> Self {
        let width = names.iter().map(|name| name.chars().count()).max().unwrap_or(0).max(1);
        let mut values = Vec::new();
        names.iter().for_each(|name| utf32(name, width, &mut values));
        let head = header(&format!("<U{width}"), &[names.len() as u64]);
        Self { name: "columns.npy", head, body: Body::Ready(values) }
    }

    /// Its length and its checksum, which stand before it in the archive.
    fn measure(&mut self) -> io::Result<(u64, u32)> {
        let (mut length, mut crc) = (self.head.len() as u64, Crc::new());
        crc.update(&self.head);
        let mut count = |chunk: &[u8]| {
            crc.update(chunk);
            length += chunk.len() as u64;
            Ok(())
        };
        match &mut self.body {
            Body::Values(spool) => spool.each(count)?,
            Body::Texts(spool, width) => texts(spool, *width, false, count)?,
            Body::Ready(values) => count(values)?,
        }
        Ok((length, crc.sum()))
    }

    fn write(&mut self, out: &mut dyn Write) -> io::Result<()> {
        out.write_all(&self.head)?;
        match &mut self.body {
            Body::Values(spool) => spool.drain(|chunk| out.write_all(chunk)),
            Body::Texts(spool, width) => texts(spool, *width, true, |chunk| out.write_all(chunk)),
            Body::Ready(values) => out.write_all(values),
        }
    }
}

/// Gives the texts to `take`, each in its full width; `last` if they are not needed any more.
fn texts(spool: &mut Spool, width: usize, last: bool, mut take: impl FnMut(&[u8]) -> io::Result<()>) -> io::Result<()> {
    let (mut held, mut out) = (Vec::new(), Vec::new());
    let each = |chunk: &[u8]| {
        held.extend_from_slice(chunk);
        let mut rest = held.as_slice();
        while let Some((text, after)) = next_text(rest) {
            utf32(&String::from_utf8_lossy(text), width, &mut out);
            rest = after;
            if out.len() >= 1 << 20 {
                take(&out)?;
                out.clear();
            }
        }
        let used = held.len() - rest.len();
        held.drain(..used);
        take(&out)?;
        out.clear();
        Ok(())
    };
    if last { spool.drain(each) } else { spool.each(each) }
}

/// The next text of those whose length stands before them, if all of it is there.
fn next_text(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = bytes.split_first_chunk()?;
    rest.split_at_checked(u32::from_le_bytes(*length) as usize)
}

/// Appends a text as NumPy stores it: 32 bits a character, zeros behind the last.
fn utf32(text: &str, width: usize, out: &mut Vec<u8>) {
    let start = out.len();
    out.extend(text.chars().flat_map(|c| u32::from(c).to_le_bytes()));
    out.resize(start + 4 * width, 0);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn column(name: &str, kind: ColumnKind) -> Column {
        Column::new(name, kind, "")
    }

    #[test]
    fn what_finds_no_place_is_told() {
        use ColumnKind::{Address, Bytes, Count, Id, Real, Text};
        let flows = [
            column("sample_id", Id),
            column("label", Text),
            column("flow_id", Id),
            column("src", Address),
            column("length", Count),
            column("rate", Real),
        ];
        assert_eq!(left_out(&flows).unwrap(), ["flow_id", "src"]);
        let packets = [column("label", Text), column("length", Count), column("time", Real), column("b", Bytes(4))];
        assert_eq!(left_out(&packets).unwrap(), ["time"]);
        assert!(left_out(&[column("label", Text)]).is_err());
        let twice = [column("label", Text), column("label", Text), column("rate", Real)];
        assert_eq!(left_out(&twice).unwrap(), ["label"]);
    }
}
