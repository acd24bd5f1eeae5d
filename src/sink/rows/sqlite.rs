//! Rows as a database of SQLite, with one table, `rows`.
//!
//! Whole numbers are integers, those above 2^63 and ids text; times and addresses are text as in CSV, lists JSON, the
//! bytes and bits of a packet blobs. SQLite writes only to files that have a name: the database is made beside the output,
//! and copied when it is whole.

use std::fs::File;
use std::io;

use rusqlite::types::{ToSqlOutput, Value, ValueRef};
use rusqlite::{Connection, Statement};
use tempfile::TempPath;

use super::binary::{Cells, Stored, words};
use super::sink::{Format, Written};
use super::target::Target;
use super::text;
use crate::error::{Error, Result};
use crate::sink::output::{forget, plain, remember};
use crate::table::{Column, ColumnKind};

/// How many bytes of rows are inserted at once.
const BATCH: usize = 1 << 20;

/// A database under construction.
pub(super) struct SqliteRows {
    target: Target,
    database: Option<Connection>,
    file: Temporary,
    columns: Vec<Column>,
    insert: String,
    /// Rows that wait, and where each ends.
    rows: Vec<u8>,
    ends: Vec<usize>,
}

impl SqliteRows {
    /// Begins a database of these columns.
    pub(super) fn begin(target: Target, columns: &[Column]) -> Result<Self> {
        let file = temporary(&target).map_err(|error| target.spool_failed(plain(error)))?;
        let database = Connection::open(&file.0).map_err(failed)?;
        // Nobody sees it before it is whole: there is nothing to go back to, and nothing to wait for the disk for.
        database
            .execute_batch("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA locking_mode = EXCLUSIVE;")
            .map_err(failed)?;
        let defined: Vec<String> =
            columns.iter().map(|column| format!("{} {}", quoted(&column.name), affinity(column.kind))).collect();
        database.execute_batch(&format!("CREATE TABLE rows ({}); BEGIN;", defined.join(", "))).map_err(failed)?;
        let places = vec!["?"; columns.len()].join(", ");
        Ok(Self {
            target,
            database: Some(database),
            file,
            columns: columns.to_vec(),
            insert: format!("INSERT INTO rows VALUES ({places})"),
            rows: Vec::new(),
            ends: Vec::new(),
        })
    }

    /// Inserts the rows that wait.
    fn insert(&mut self) -> Result<()> {
        let Some(database) = &self.database else { return Ok(()) };
        let mut statement = database.prepare(&self.insert).map_err(failed)?;
        let mut start = 0;
        for end in self.ends.drain(..) {
            one(&mut statement, &self.columns, &self.rows[start..end])?;
            start = end;
        }
        self.rows.clear();
        Ok(())
    }
}

impl Format for SqliteRows {
    fn row(&mut self, encoded: &[u8]) -> Result<()> {
        self.rows.extend_from_slice(encoded);
        self.ends.push(self.rows.len());
        if self.rows.len() >= BATCH { self.insert() } else { Ok(()) }
    }

    fn finish(mut self: Box<Self>) -> Result<Written> {
        self.insert()?;
        if let Some(database) = self.database.take() {
            database.execute_batch("COMMIT").map_err(failed)?;
            database.close().map_err(|(_, error)| failed(error))?;
        }
        let mut whole = File::open(&self.file.0).map_err(|error| self.target.spool_failed(plain(error)))?;
        io::copy(&mut whole, &mut self.target)?;
        self.target.commit()?;
        Ok(Written::default())
    }
}

/// A file that is gone when it is dropped, and that a signal removes.
struct Temporary(TempPath);

impl Drop for Temporary {
    fn drop(&mut self) {
        forget(&self.0);
    }
}

fn temporary(target: &Target) -> io::Result<Temporary> {
    let mut name = tempfile::Builder::new();
    name.prefix(".pcapml.").suffix(".sqlite.partial");
    let path = name.tempfile_in(target.directory())?.into_temp_path();
    remember(&path);
    Ok(Temporary(path))
}

fn one(statement: &mut Statement, columns: &[Column], encoded: &[u8]) -> Result<()> {
    let mut cells = Cells::of(encoded);
    for (number, column) in (1..).zip(columns) {
        statement.raw_bind_parameter(number, value(column, cells.take()?)).map_err(failed)?;
    }
    cells.end()?;
    statement.raw_execute().map(|_| ()).map_err(failed)
}

/// A cell as SQLite has it.
fn value<'a>(column: &Column, cell: Stored<'a>) -> ToSqlOutput<'a> {
    let owned = |write: &dyn Fn(&mut Vec<u8>)| {
        let mut out = Vec::new();
        write(&mut out);
        ToSqlOutput::Owned(Value::Text(String::from_utf8_lossy(&out).into_owned()))
    };
    match cell {
        Stored::Missing => ToSqlOutput::Owned(Value::Null),
        Stored::Text(text) => ToSqlOutput::Borrowed(ValueRef::Text(text.as_bytes())),
        Stored::Count(number) => match i64::try_from(number) {
            Ok(whole) if column.kind != ColumnKind::Id => ToSqlOutput::Owned(Value::Integer(whole)),
            _ => owned(&|out| text::count(number, out)),
        },
        Stored::Integer(number) => ToSqlOutput::Owned(Value::Integer(number)),
        Stored::Real(number) => ToSqlOutput::Owned(Value::Real(number)),
        Stored::Time(time) => owned(&|out| text::time(time, out)),
        Stored::Address(address) => owned(&|out| text::address(address, out)),
        Stored::Integers(list) => {
            let numbers: Vec<i64> = words(list).map(i64::from_le_bytes).collect();
            owned(&|out| text::integers(&numbers, out))
        }
        Stored::Reals(list) => {
            let numbers: Vec<f64> = words(list).map(f64::from_le_bytes).collect();
            owned(&|out| text::reals(&numbers, out))
        }
        Stored::Bytes(bytes) | Stored::Signs(bytes) => ToSqlOutput::Borrowed(ValueRef::Blob(bytes)),
    }
}

/// What SQLite takes the values of a column for.
fn affinity(kind: ColumnKind) -> &'static str {
    match kind {
        ColumnKind::Count | ColumnKind::Integer => "INTEGER",
        ColumnKind::Real => "REAL",
        ColumnKind::Bytes(_) | ColumnKind::Signs(_) => "BLOB",
        ColumnKind::Text
        | ColumnKind::Time
        | ColumnKind::Id
        | ColumnKind::Address
        | ColumnKind::Integers
        | ColumnKind::Reals => "TEXT",
    }
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// A failure of the library as ours.
fn failed(error: rusqlite::Error) -> Error {
    Error::from(io::Error::other(error))
}
