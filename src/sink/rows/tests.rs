//! Rows in, text out, read back by other crates; and what the formats promise beside that.

use std::fs;
use std::net::IpAddr;
use std::path::PathBuf;

use proptest::prelude::*;
use serde_json::{Value, json};
use tempfile::TempDir;

use super::*;
use crate::sink::OutputRules;
use crate::table::{Cell, Column, ColumnKind};

const NAMES: &[&str] = &["bit_a", "bit_b"];

/// A column of each kind.
fn columns() -> Vec<Column> {
    [
        ("sample_id", ColumnKind::Id),
        ("label", ColumnKind::Text),
        ("count", ColumnKind::Count),
        ("whole", ColumnKind::Integer),
        ("real", ColumnKind::Real),
        ("time", ColumnKind::Time),
        ("address", ColumnKind::Address),
        ("wholes", ColumnKind::Integers),
        ("reals", ColumnKind::Reals),
        ("bytes", ColumnKind::Bytes(3)),
        ("signs", ColumnKind::Signs(NAMES)),
    ]
    .map(|(name, kind)| Column::new(name, kind, "").of_unit("u"))
    .to_vec()
}

fn full_row() -> Vec<Cell<'static>> {
    vec![
        Cell::Count(u64::MAX),
        Cell::Text("a,\"b\"".into()),
        Cell::Count(7),
        Cell::Integer(i64::MIN),
        Cell::Real(0.1),
        Cell::Time(1_700_000_000_000_123_999),
        Cell::Address("::1".parse().unwrap()),
        Cell::Integers(vec![1, -2].into()),
        Cell::Reals(vec![0.5].into()),
        Cell::Bytes(&[255, 1]),
        Cell::Signs(&[-1, 1]),
    ]
}

fn encoded(shape: &RowShape, cells: &[Cell<'_>]) -> Vec<u8> {
    let mut out = Vec::new();
    shape.encoder().encode(cells, &mut out);
    out
}

fn text(format: RowFormat, undefined: Undefined, cells: &[Cell<'_>]) -> String {
    let shape = RowShape { undefined, ..RowShape::new(format, columns()) };
    String::from_utf8(encoded(&shape, cells)).unwrap()
}

/// A file of these rows, and what was written.
fn file(shape: &RowShape, name: &str, rows: &[Vec<Cell<'_>>]) -> (TempDir, PathBuf, Written) {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join(name);
    let mut sink = RowSink::create(&path, shape, &OutputRules::default()).unwrap();
    rows.iter().for_each(|row| sink.row(&encoded(shape, row)).unwrap());
    let written = sink.finish().unwrap();
    (directory, path, written)
}

#[test]
fn csv_is_as_its_columns_say() {
    let shape = RowShape::new(RowFormat::Csv, columns());
    let (_keep, path, written) = file(&shape, "a.csv", &[full_row(), vec![Cell::Missing; 11]]);
    assert_eq!(written, Written { rows: 2, ..Written::default() });
    assert_eq!(
        fs::read_to_string(path).unwrap(),
        "sample_id,label,count,whole,real,time,address,wholes,reals,bytes_0,bytes_1,bytes_2,bit_a,bit_b\n\
         18446744073709551615,\"a,\"\"b\"\"\",7,-9223372036854775808,0.1,2023-11-14T22:13:20.000123Z,::1,\"[1,-2]\",\
         [0.5],255,1,0,-1,1\n\
         ,,,,,,,,,,,,,\n"
    );
}

#[test]
fn json_is_as_its_columns_say() {
    assert_eq!(
        text(RowFormat::JsonLines, Undefined::Null, &full_row()),
        "{\"sample_id\":\"18446744073709551615\",\"label\":\"a,\\\"b\\\"\",\"count\":7,\"whole\":-9223372036854775808,\
         \"real\":0.1,\"time\":\"2023-11-14T22:13:20.000123Z\",\"address\":\"::1\",\"wholes\":[1,-2],\"reals\":[0.5],\
         \"bytes\":[255,1,0],\"signs\":[-1,1]}\n"
    );
}

#[test]
fn undefined_numbers_are_what_was_asked_for() {
    let nothing = vec![Cell::Missing; 11];
    let csv = |undefined| text(RowFormat::Csv, undefined, &nothing);
    assert_eq!(csv(Undefined::Zero), ",,0,0,0.0,,,,,0,0,0,0,0\n");
    assert_eq!(csv(Undefined::NotANumber), ",,NaN,NaN,NaN,,,,,NaN,NaN,NaN,NaN,NaN\n");
    let json = |undefined| serde_json::from_str::<Value>(&text(RowFormat::JsonLines, undefined, &nothing)).unwrap();
    assert_eq!(json(Undefined::Zero)["bytes"], json!([0, 0, 0]));
    assert_eq!(json(Undefined::Zero)["real"], json!(0.0));
    assert!(json(Undefined::NotANumber).as_object().unwrap().values().all(Value::is_null));
    let mut infinite = nothing;
    infinite[4] = Cell::Real(f64::INFINITY);
    assert_eq!(text(RowFormat::Csv, Undefined::Null, &infinite), ",,,,,,,,,,,,,\n");
}

#[test]
fn texts_are_quoted_where_they_must_be() {
    let shape = RowShape::new(RowFormat::Csv, vec![Column::new("a", ColumnKind::Text, "")]);
    for (cell, line) in [
        (Cell::Text("plain text".into()), "plain text\n"),
        (Cell::Text("".into()), "\"\"\n"),
        // A line without anything in it would be no row.
        (Cell::Missing, "\"\"\n"),
        (Cell::Text(" a".into()), "\" a\"\n"),
        (Cell::Text("a\t".into()), "\"a\t\"\n"),
        (Cell::Text("a\rb".into()), "\"a\rb\"\n"),
        (Cell::Text("a\nb".into()), "\"a\nb\"\n"),
        (Cell::Text("=1+1".into()), "=1+1\n"),
    ] {
        assert_eq!(String::from_utf8(encoded(&shape, &[cell])).unwrap(), line);
    }
    let columns = vec![Column::new("a", ColumnKind::Text, ""); 2];
    let both = encoded(&RowShape::new(RowFormat::Csv, columns), &[Cell::Text("".into()), Cell::Missing]);
    assert_eq!(both, b"\"\",\n");
}

#[test]
fn a_cell_of_another_kind_is_never_written_as_something_else() {
    let (whole, real) = (Column::new("n", ColumnKind::Integer, ""), Column::new("n", ColumnKind::Real, ""));
    for format in [RowFormat::Parquet, RowFormat::Arrow, RowFormat::Npy, RowFormat::Npz] {
        let row = encoded(&RowShape::new(format, vec![whole.clone()]), &[Cell::Integer(3)]);
        let directory = tempfile::tempdir().unwrap();
        let (path, shape) = (directory.path().join("a"), RowShape::new(format, vec![real.clone()]));
        let mut sink = RowSink::create(&path, &shape, &OutputRules::default()).unwrap();
        let error = sink.row(&row).unwrap_err().to_string();
        assert!(error.starts_with("the column 'n' cannot hold Integer(3)"), "{error}");
        for broken in [&row[..1], &[99], &[]] {
            assert!(sink.row(broken).unwrap_err().to_string().starts_with("an encoded row is broken"));
        }
        drop(sink);
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 0);
    }
}

#[test]
fn the_same_rows_give_the_same_bytes() {
    for format in [RowFormat::Csv, RowFormat::JsonLines, RowFormat::Parquet, RowFormat::Arrow, RowFormat::Npz] {
        let metadata = (0..20).map(|n| (format!("key{n}"), n.to_string())).collect();
        let columns = columns();
        let shape = RowShape { metadata, ..RowShape::new(format, columns) };
        let bytes = |threads| {
            let directory = tempfile::tempdir().unwrap();
            let path = directory.path().join("a");
            let rules = OutputRules { threads, ..OutputRules::default() };
            let mut sink = RowSink::create(&path, &shape, &rules).unwrap();
            (0..500).for_each(|_| sink.row(&encoded(&shape, &full_row())).unwrap());
            sink.finish().unwrap();
            fs::read(path).unwrap()
        };
        assert!(bytes(1) == bytes(4), "{format:?}");
    }
}

#[test]
fn arrays_say_what_they_cannot_hold() {
    let directory = tempfile::tempdir().unwrap();
    let create = |format| {
        RowSink::create(&directory.path().join("a"), &RowShape::new(format, columns()), &OutputRules::default())
    };
    let error = create(RowFormat::Npy).err().unwrap().to_string();
    assert!(error.contains("cannot hold the columns sample_id, label, address, wholes, reals; write .npz"), "{error}");
    let sink = create(RowFormat::Npz).unwrap();
    assert_eq!(sink.left_out(), ["count", "whole", "real", "time", "address", "wholes", "reals"]);
}

#[test]
fn arrays_count_what_they_change() {
    let numbers = vec![Column::new("n", ColumnKind::Count, ""), Column::new("i", ColumnKind::Integer, "")];
    let rows = [
        vec![Cell::Count(1 << 53), Cell::Integer(i64::MIN)],
        vec![Cell::Count((1 << 53) + 1), Cell::Integer(i64::MAX)],
        vec![Cell::Count(u64::MAX), Cell::Missing],
    ];
    let (_keep, path, written) = file(&RowShape::new(RowFormat::Npy, numbers), "a.npy", &rows);
    assert_eq!(written, Written { rows: 3, zeros: 0, rounded: 3 });
    assert_eq!(fs::read(path).unwrap().len(), 128 + 3 * 2 * 8);
    let bytes = vec![Column::new("b", ColumnKind::Bytes(2), "")];
    let rows = [vec![Cell::Bytes(&[1])], vec![Cell::Missing]];
    let (_keep, path, written) = file(&RowShape::new(RowFormat::Npy, bytes), "a.npy", &rows);
    assert_eq!(written, Written { rows: 2, zeros: 1, rounded: 0 });
    let bytes = fs::read(path).unwrap();
    assert_eq!(bytes.split_at(128).1, [1, 0, 0, 0]);
    assert!(String::from_utf8_lossy(&bytes).contains("'descr': '|u1', 'fortran_order': False, 'shape': (2, 2), }"));
}

/// A cell of this column, or nothing.
fn cell(kind: ColumnKind) -> BoxedStrategy<Cell<'static>> {
    let real = || any::<u64>().prop_map(f64::from_bits).prop_filter("finite", |value| value.is_finite());
    let known = match kind {
        ColumnKind::Text => any::<String>().prop_map(|text| Cell::Text(text.into())).boxed(),
        ColumnKind::Count | ColumnKind::Id => any::<u64>().prop_map(Cell::Count).boxed(),
        ColumnKind::Integer => any::<i64>().prop_map(Cell::Integer).boxed(),
        ColumnKind::Real => real().prop_map(Cell::Real).boxed(),
        ColumnKind::Time => any::<i64>().prop_map(Cell::Time).boxed(),
        ColumnKind::Address => any::<IpAddr>().prop_map(Cell::Address).boxed(),
        ColumnKind::Integers => {
            prop::collection::vec(any::<i64>(), 0..4).prop_map(|list| Cell::Integers(list.into())).boxed()
        }
        ColumnKind::Reals => prop::collection::vec(real(), 0..4).prop_map(|list| Cell::Reals(list.into())).boxed(),
        ColumnKind::Bytes(_) => prop::sample::select(vec![&[][..], &[7], &[0, 255, 0]]).prop_map(Cell::Bytes).boxed(),
        ColumnKind::Signs(_) => {
            prop::sample::select(vec![[0_i8, -128].as_slice(), &[127, -1]]).prop_map(Cell::Signs).boxed()
        }
    };
    prop_oneof![1 => Just(Cell::Missing), 9 => known].boxed()
}

fn rows() -> impl Strategy<Value = Vec<Vec<Cell<'static>>>> {
    let row: Vec<_> = columns().iter().map(|column| cell(column.kind)).collect();
    prop::collection::vec(row, 1..8)
}

/// What a cell is in CSV, one text for each of its columns.
fn plain(column: &Column, cell: &Cell<'_>) -> Vec<String> {
    let moment = |time: i64| jiff::Timestamp::from_nanosecond(i128::from(time).div_euclid(1_000) * 1_000).unwrap();
    let width = match column.kind {
        ColumnKind::Bytes(count) => count,
        ColumnKind::Signs(names) => names.len(),
        _ => 1,
    };
    let flat = |numbers: Vec<i16>| (0..width).map(|at| numbers.get(at).unwrap_or(&0).to_string()).collect();
    match cell {
        Cell::Missing => vec![String::new(); width],
        Cell::Text(text) => vec![text.to_string()],
        Cell::Count(value) => vec![value.to_string()],
        Cell::Integer(value) => vec![value.to_string()],
        Cell::Time(value) => vec![format!("{:.6}", moment(*value))],
        Cell::Address(value) => vec![value.to_string()],
        Cell::Integers(list) => vec![json!(list).to_string()],
        Cell::Bytes(bytes) => flat(bytes.iter().map(|&byte| byte.into()).collect()),
        Cell::Signs(signs) => flat(signs.iter().map(|&sign| sign.into()).collect()),
        Cell::Real(_) | Cell::Reals(_) => panic!("compared as numbers"),
    }
}

proptest! {
    #[test]
    fn csv_gives_the_cells_back(rows in rows()) {
        let shape = RowShape::new(RowFormat::Csv, columns());
        let (_keep, path, _) = file(&shape, "a.csv", &rows);
        let mut reader = ::csv::Reader::from_path(path).unwrap();
        let records: Vec<::csv::StringRecord> = reader.records().collect::<Result<_, _>>().unwrap();
        prop_assert_eq!(records.len(), rows.len());
        for (record, row) in records.iter().zip(&rows) {
            let mut fields = record.iter();
            for (column, cell) in shape.columns.iter().zip(row) {
                match cell {
                    Cell::Real(value) => {
                        prop_assert_eq!(fields.next().unwrap().parse::<f64>().unwrap().to_bits(), value.to_bits());
                    }
                    Cell::Reals(list) => {
                        let inside = fields.next().unwrap().trim_matches(['[', ']']);
                        let read: Vec<u64> = inside.split_terminator(',').map(|n| n.parse::<f64>().unwrap().to_bits()).collect();
                        prop_assert_eq!(read, list.iter().map(|n| n.to_bits()).collect::<Vec<_>>());
                    }
                    cell => for text in plain(column, cell) {
                        prop_assert_eq!(fields.next(), Some(text.as_str()));
                    }
                }
            }
            prop_assert_eq!(fields.next(), None);
        }
    }

    #[test]
    fn json_gives_the_cells_back(rows in rows()) {
        let shape = RowShape::new(RowFormat::JsonLines, columns());
        let (_keep, path, _) = file(&shape, "a.jsonl", &rows);
        let text = fs::read_to_string(path).unwrap();
        let lines: Vec<&str> = text.split_terminator('\n').collect();
        prop_assert_eq!(lines.len(), rows.len());
        // serde_json reads numbers to within their last bits; the test of CSV is exact, and the digits are the same.
        let near = |read: &Value, value: f64| (read.as_f64().unwrap().to_bits() as i128 - value.to_bits() as i128).abs() <= 4;
        for (line, row) in lines.iter().zip(&rows) {
            let object: Value = serde_json::from_str(line).unwrap();
            prop_assert_eq!(object.as_object().unwrap().len(), row.len());
            for (column, cell) in shape.columns.iter().zip(row) {
                let read = &object[&column.name];
                match cell {
                    Cell::Missing => prop_assert!(read.is_null()),
                    Cell::Real(value) => prop_assert!(near(read, *value), "{} is {}", read, value),
                    Cell::Reals(list) => {
                        let read = read.as_array().unwrap();
                        prop_assert_eq!(read.len(), list.len());
                        prop_assert!(read.iter().zip(&**list).all(|(read, value)| near(read, *value)));
                    }
                    Cell::Count(value) if column.kind == ColumnKind::Count => prop_assert_eq!(read, &json!(value)),
                    Cell::Integer(value) => prop_assert_eq!(read, &json!(value)),
                    Cell::Integers(list) => prop_assert_eq!(read, &json!(list)),
                    Cell::Bytes(_) | Cell::Signs(_) => {
                        let numbers = plain(column, cell).iter().map(|text| text.parse().unwrap()).collect::<Vec<i16>>();
                        prop_assert_eq!(read, &json!(numbers));
                    }
                    cell => prop_assert_eq!(read, &json!(plain(column, cell)[0])),
                }
            }
        }
    }

    #[test]
    fn binary_rows_give_the_cells_back(rows in rows()) {
        use super::binary::{Cells, Stored};
        let shape = RowShape::new(RowFormat::Parquet, columns());
        for row in &rows {
            let bytes = encoded(&shape, row);
            let mut cells = Cells::of(&bytes);
            for cell in row {
                let stored = cells.take().unwrap();
                let same = match (cell, stored) {
                    (Cell::Missing, Stored::Missing) => true,
                    (Cell::Text(a), Stored::Text(b)) => a == b,
                    (Cell::Count(a), Stored::Count(b)) => *a == b,
                    (Cell::Integer(a), Stored::Integer(b)) | (Cell::Time(a), Stored::Time(b)) => *a == b,
                    (Cell::Real(a), Stored::Real(b)) => a.to_bits() == b.to_bits(),
                    (Cell::Address(a), Stored::Address(b)) => *a == b,
                    (Cell::Integers(a), Stored::Integers(b)) => a.iter().flat_map(|n| n.to_le_bytes()).eq(b.iter().copied()),
                    (Cell::Reals(a), Stored::Reals(b)) => a.iter().flat_map(|n| n.to_le_bytes()).eq(b.iter().copied()),
                    (Cell::Bytes(a), Stored::Bytes(b)) => *a == b,
                    (Cell::Signs(a), Stored::Signs(b)) => a.iter().map(|&n| n as u8).eq(b.iter().copied()),
                    _ => false,
                };
                prop_assert!(same, "{:?} became {:?}", cell, stored);
            }
            cells.end().unwrap();
            // Whatever is cut off, reading ends with an error and not with a panic.
            for end in 0..bytes.len() {
                let mut cells = Cells::of(&bytes[..end]);
                prop_assert!((0..row.len()).try_for_each(|_| cells.take().map(drop)).is_err());
            }
        }
    }
}
