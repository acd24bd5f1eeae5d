//! Rows as other programs read them: pandas, pyarrow, Polars and NumPy, from the environment that `scripts/judges` makes.

use std::fs;
use std::path::Path;
use std::process::Command;

use pcapml::error::Result;
use pcapml::sink::{OutputRules, RowFormat, RowShape, RowSink, Undefined, Written};
use pcapml::table::{Cell, Column, ColumnKind};

use crate::support::{Run, Sandbox, python};

/// Runs a script with these arguments. It must succeed.
#[track_caller]
fn judge(python: &Path, sandbox: &Sandbox, script: &str, arguments: &[&str]) -> String {
    let start = "import sys, json, pathlib, numpy as np, pandas as pd, polars as pl\n\
                 import pyarrow as pa, pyarrow.parquet as pq, pyarrow.feather as feather, pyarrow.dataset as ds\n";
    let mut command = Command::new(python);
    command.arg("-c").arg(format!("{start}{script}")).args(arguments).current_dir(sandbox.path("."));
    Run::of(&mut command).expect(0).out
}

fn write(path: &Path, shape: &RowShape, rows: &[Vec<Cell<'_>>]) -> Result<Written> {
    let mut sink = RowSink::create(path, shape, &OutputRules::default())?;
    let (encoder, mut encoded) = (shape.encoder(), Vec::new());
    for row in rows {
        encoded.clear();
        encoder.encode(row, &mut encoded);
        sink.row(&encoded)?;
    }
    sink.finish()
}

const BITS: &[&str] = &["ip_ver_0", "ip_ver_1"];

/// A column of each kind.
fn columns() -> Vec<Column> {
    let column = |name: &str, kind| Column::new(name, kind, "What it is.").of_unit("unit");
    vec![
        column("sample_id", ColumnKind::Id),
        column("label", ColumnKind::Text),
        column("count", ColumnKind::Count),
        column("whole", ColumnKind::Integer),
        column("real", ColumnKind::Real),
        column("time", ColumnKind::Time),
        column("address", ColumnKind::Address),
        column("wholes", ColumnKind::Integers),
        column("reals", ColumnKind::Reals),
        column("bytes", ColumnKind::Bytes(3)),
        column("bits", ColumnKind::Signs(BITS)),
    ]
}

/// Values at the ends of what their kinds hold, and a row without any.
fn extremes() -> Vec<Vec<Cell<'static>>> {
    let address = |text: &str| Cell::Address(text.parse().unwrap());
    vec![
        vec![
            Cell::Count(u64::MAX),
            Cell::Text("say \"hi\", then\r\nleave \u{1f600}".into()),
            Cell::Count(u64::MAX),
            Cell::Integer(i64::MIN),
            Cell::Real(-0.0),
            Cell::Time(1_700_000_000_000_123_999),
            address("10.0.0.1"),
            Cell::Integers(vec![i64::MIN, i64::MAX].into()),
            Cell::Reals(vec![-0.0, 5e-324].into()),
            Cell::Bytes(&[0, 255]),
            Cell::Signs(&[-1, 127]),
        ],
        vec![
            Cell::Count(1),
            Cell::Text("nul \0 in the middle".into()),
            Cell::Count(0),
            Cell::Integer(i64::MAX),
            Cell::Real(5e-324),
            Cell::Time(-1),
            address("2001:db8::1"),
            Cell::Integers(vec![].into()),
            Cell::Reals(vec![].into()),
            Cell::Bytes(&[1, 2, 3]),
            Cell::Signs(&[-128, 0]),
        ],
        vec![Cell::Missing; 11],
        vec![
            Cell::Count(2),
            Cell::Text("".into()),
            Cell::Count(1 << 53),
            Cell::Integer(-1),
            Cell::Real(1e308),
            Cell::Time(0),
            address("::"),
            Cell::Integers(vec![7].into()),
            Cell::Reals(vec![0.1].into()),
            Cell::Bytes(&[]),
            Cell::Signs(&[0, 1]),
        ],
    ]
}

/// The same rows in Python's words, with `None` for nothing.
const EXPECTED: &str = r#"
rows = [
    [2**64 - 1, 'say "hi", then\r\nleave \U0001f600', 2**64 - 1, -2**63, -0.0, 1700000000000123999, '10.0.0.1',
     [-2**63, 2**63 - 1], [-0.0, 5e-324], [0, 255, 0], [-1, 127]],
    [1, 'nul \0 in the middle', 0, 2**63 - 1, 5e-324, -1, '2001:db8::1', [], [], [1, 2, 3], [-128, 0]],
    [None] * 11,
    [2, '', 2**53, -1, 1e308, 0, '::', [7], [0.1], [0, 0, 0], [0, 1]],
]
names = ['sample_id', 'label', 'count', 'whole', 'real', 'time', 'address', 'wholes', 'reals', 'bytes', 'bits']
def exact(value):
    return value.hex() if isinstance(value, float) else [exact(v) for v in value] if isinstance(value, list) else value
def same(read, expected):
    assert repr(exact(read)) == repr(exact(expected)), f'{read!r} is not {expected!r}'
"#;

fn shape(format: RowFormat) -> RowShape {
    let metadata = vec![("pcapml_version".to_owned(), "1.0".to_owned()), ("options".to_owned(), "-x ü".to_owned())];
    RowShape { metadata, ..RowShape::new(format, columns()) }
}

#[test]
fn tables_of_columns_are_read_exactly() {
    let Some(python) = python() else { return };
    let sandbox = Sandbox::new();
    write(&sandbox.path("a.parquet"), &shape(RowFormat::Parquet), &extremes()).unwrap();
    write(&sandbox.path("a.feather"), &shape(RowFormat::Arrow), &extremes()).unwrap();
    let script = r#"
for name, table in [('parquet', pq.read_table('a.parquet')), ('feather', feather.read_table('a.feather'))]:
    assert table.column_names == names
    table.validate(full=True)
    times = table.column('time')
    assert times.type == pa.timestamp('ns', 'UTC'), times.type
    assert table.column('sample_id').type == pa.uint64() and table.column('count').type == pa.uint64()
    assert table.column('bytes').type == pa.list_(pa.uint8(), 3)
    assert table.column('bits').type == pa.list_(pa.int8(), 2)
    table = table.set_column(5, 'time', times.cast(pa.int64()))
    for read, expected in zip(table.to_pylist(), rows, strict=True):
        same(list(read.values()), expected)
    field = table.schema.field('bits').metadata
    assert field == {b'unit': b'unit', b'definition': b'What it is.', b'names': b'ip_ver_0,ip_ver_1'}, field
    assert table.schema.metadata[b'pcapml_version'] == b'1.0' and table.schema.metadata[b'options'].decode() == '-x ü'
    frame = pl.read_parquet('a.parquet') if name == 'parquet' else pl.read_ipc('a.feather')
    assert frame.schema['bytes'] == pl.Array(pl.UInt8, 3) and frame.schema['time'] == pl.Datetime('ns', 'UTC')
    frame = frame.with_columns(pl.col('time').cast(pl.Int64))
    for read, expected in zip(frame.rows(), rows, strict=True):
        same(list(read), expected)
    assert frame['bits'].drop_nulls().to_numpy().tolist() == [[-1, 127], [-128, 0], [0, 1]]
frame = pd.read_parquet('a.parquet')
assert frame['sample_id'].dtype.kind in 'uf', frame.dtypes
assert str(frame['time'].dtype) == 'datetime64[ns, UTC]', frame.dtypes
assert np.stack(frame['bytes'].dropna()).tolist() == [[0, 255, 0], [1, 2, 3], [0, 0, 0]], frame['bytes']
# A list that is undefined makes pandas' arrays of the others real.
assert np.stack(pd.read_parquet('a.parquet', filters=[('real', '<', 2.0)])['bytes']).dtype == np.uint8
said = pq.ParquetFile('a.parquet').metadata
assert said.metadata[b'pcapml_version'] == b'1.0'
assert said.created_by.startswith('parquet-rs version '), said.created_by
assert all(said.row_group(0).column(at).compression == 'ZSTD' for at in range(said.num_columns))
assert 'RLE_DICTIONARY' in said.row_group(0).column(1).encodings
"#;
    judge(&python, &sandbox, &format!("{EXPECTED}{script}"), &[]);
}

#[test]
fn texts_are_read_exactly() {
    let Some(python) = python() else { return };
    let sandbox = Sandbox::new();
    for name in ["a.csv", "a.csv.gz", "a.csv.zst"] {
        write(&sandbox.path(name), &shape(RowFormat::Csv), &extremes()).unwrap();
    }
    write(&sandbox.path("a.jsonl.gz"), &shape(RowFormat::JsonLines), &extremes()).unwrap();
    let nan = RowShape { undefined: Undefined::NotANumber, ..shape(RowFormat::Csv) };
    write(&sandbox.path("nan.csv"), &nan, &extremes()).unwrap();
    let script = r#"
import csv, gzip, io
flat = names[:9] + ['bytes_0', 'bytes_1', 'bytes_2', 'ip_ver_0', 'ip_ver_1']
def cells(row):
    time = None if row[5] is None else str(np.datetime64(row[5] // 1000, 'us')) + 'Z'
    last = (row[9] or [None] * 3) + (row[10] or [None] * 2)
    return row[:5] + [time] + row[6:9] + last
def read(name, value):
    if value == '' and name != 'label':
        return None
    if name in ('label', 'time', 'address'):
        return value
    return json.loads(value)
for name, open in [('a.csv', open), ('a.csv.gz', gzip.open)]:
    lines = list(csv.reader(open(name, 'rt', encoding='utf-8', newline='')))
    assert lines[0] == flat, lines[0]
    for line, row in zip(lines[1:], rows, strict=True):
        same([read(*cell) for cell in zip(flat, line, strict=True)], ['' if n == 'label' and v is None else v for n, v in zip(flat, cells(row))])
packed = io.BytesIO(pa.input_stream('a.csv.zst', compression='zstd').read())
frame = pd.read_csv(packed, dtype={'sample_id': 'UInt64', 'count': 'UInt64', 'whole': 'Int64'})
assert frame['sample_id'].tolist()[0] == 2**64 - 1 and frame['whole'].tolist()[0] == -2**63
same(frame['real'].dropna().tolist(), [-0.0, 5e-324, 1e308])
assert str(pd.to_datetime(frame['time'])[0]) == '2023-11-14 22:13:20.000123+00:00'
assert frame['label'][0] == rows[0][1] and frame['label'][1] == rows[1][1]
frame = pl.read_csv('a.csv')
assert frame['label'].to_list() == [row[1] for row in rows], frame['label']
for read, row in zip(map(json.loads, gzip.open('a.jsonl.gz', 'rt', encoding='utf-8')), rows, strict=True):
    row = row.copy()
    row[5] = None if row[5] is None else str(np.datetime64(row[5] // 1000, 'us')) + 'Z'
    row[0] = None if row[0] is None else str(row[0])
    same(list(read.items()), list(zip(names, row)))
nan = pd.read_csv('nan.csv')
assert nan.select_dtypes('number').iloc[2].isna().all()
"#;
    judge(&python, &sandbox, &format!("{EXPECTED}{script}"), &[]);
}

#[test]
fn arrays_are_read_without_pickle() {
    let Some(python) = python() else { return };
    let sandbox = Sandbox::new();
    write(&sandbox.path("packets.npz"), &shape(RowFormat::Npz), &extremes()).unwrap();
    let without = |kinds: &[ColumnKind]| -> (Vec<Column>, Vec<Vec<Cell<'static>>>) {
        let kept: Vec<bool> = columns().iter().map(|column| kinds.contains(&column.kind)).collect();
        let rows = extremes()
            .into_iter()
            .map(|row| row.into_iter().zip(&kept).filter(|(_, keep)| **keep).map(|(cell, _)| cell).collect());
        (
            columns().into_iter().zip(&kept).filter(|(_, keep)| **keep).map(|(column, _)| column).collect(),
            rows.collect(),
        )
    };
    use ColumnKind::{Bytes, Count, Id, Integer, Real, Signs, Text, Time};
    for (name, kinds) in [
        ("flows.npz", &[Id, Text, Count, Integer, Real, Time][..]),
        ("bytes.npy", &[Bytes(3)]),
        ("bits.npy", &[Signs(BITS)]),
        ("both.npy", &[Bytes(3), Signs(BITS)]),
        ("mixed.npy", &[Real, Bytes(3)]),
    ] {
        let (columns, rows) = without(kinds);
        let format = RowFormat::of_name(Path::new(name)).unwrap();
        write(&sandbox.path(name), &RowShape::new(format, columns), &rows).unwrap();
    }
    let columns = vec![Column::new("length", Count, ""), Column::new("b", Bytes(2), "")];
    let rows = [vec![Cell::Count(1), Cell::Bytes(&[9])], vec![Cell::Count(2), Cell::Bytes(&[8, 7])]];
    write(&sandbox.path("length.npz"), &RowShape::new(RowFormat::Npz, columns.clone()), &rows).unwrap();
    write(&sandbox.path("none.npz"), &RowShape::new(RowFormat::Npz, columns), &[]).unwrap();
    let script = r#"
flows = np.load('flows.npz')
assert flows.files == ['x', 'columns', 'sample_id', 'label'], flows.files
assert flows['columns'].tolist() == ['count', 'whole', 'real', 'time']
assert flows['sample_id'].dtype == np.uint64 and flows['sample_id'].tolist() == [2**64 - 1, 1, 0, 2]
assert flows['label'].tolist() == [row[1] or '' for row in rows]
x = flows['x']
assert x.shape == (4, 4) and x.dtype == np.float64 and np.isnan(x[2]).all()
same(x[:, 2].tolist()[:2], [-0.0, 5e-324])
assert abs(x[0, 3] - 1700000000.000124) < 1e-6
packets = np.load('packets.npz')
assert packets.files == ['x', 'columns', 'sample_id', 'label'] and packets['x'].dtype == np.int16
assert packets['columns'].tolist() == ['bytes_0', 'bytes_1', 'bytes_2', 'ip_ver_0', 'ip_ver_1']
assert packets['x'].tolist() == [(row[9] or [0] * 3) + (row[10] or [0] * 2) for row in rows]
for name, dtype, at in [('bytes', np.uint8, 9), ('bits', np.int8, 10)]:
    x = np.load(name + '.npy', mmap_mode='r')
    width = len(rows[0][at])
    assert x.dtype == dtype and x.tolist() == [row[at] or [0] * width for row in rows], x
assert np.load('both.npy').tolist() == packets['x'].tolist()
mixed = np.load('mixed.npy')
assert mixed.dtype == np.float64 and mixed[0].tolist() == [-0.0, 0, 255, 0] and np.isnan(mixed[2]).all()
length = np.load('length.npz')
assert length['length'].tolist() == [1, 2] and length['x'].tolist() == [[9, 0], [8, 7]] and length['x'].dtype == np.uint8
none = np.load('none.npz')
assert none['x'].shape == (0, 2) and none['length'].shape == (0,)
"#;
    judge(&python, &sandbox, &format!("{EXPECTED}{script}"), &[]);
}

#[test]
fn many_rows_make_several_groups() {
    let Some(python) = python() else { return };
    let sandbox = Sandbox::new();
    let columns = vec![Column::new("n", ColumnKind::Count, ""), Column::new("b", ColumnKind::Bytes(1_500), "")];
    // What does not get smaller: hashes, which return after more bytes than zstd looks back.
    let noise: Vec<u8> =
        (0..1_000_000_u64).flat_map(|n| xxhash_rust::xxh3::xxh3_64(&n.to_le_bytes()).to_le_bytes()).collect();
    let row = |number: u64| {
        let start = number as usize * 1_500 % (noise.len() - 1_500);
        vec![Cell::Count(number), Cell::Bytes(&noise[start..][..1_500])]
    };
    let rows: Vec<_> = (0..40_000).map(row).collect();
    for format in [RowFormat::Parquet, RowFormat::Arrow, RowFormat::Npz] {
        let name = format!("a.{}", format.extension());
        write(&sandbox.path(name), &RowShape::new(format, columns.clone()), &rows).unwrap();
    }
    let script = r#"
table, groups = pq.read_table('a.parquet'), pq.ParquetFile('a.parquet').metadata.num_row_groups
assert table['n'].to_pylist() == list(range(40000)) and groups > 1, groups
arrow = feather.read_table('a.arrow')
assert arrow.equals(table.replace_schema_metadata(None)) or arrow.equals(table)
x = np.load('a.npz')['x']
b = table['b'].combine_chunks()
assert (b.flatten().to_numpy().reshape(-1, 1500) == x).all()
"#;
    judge(&python, &sandbox, script, &[]);
}

#[test]
fn a_parted_directory_is_one_table_again() {
    let Some(python) = python() else { return };
    let sandbox = Sandbox::new();
    let columns = vec![Column::new("n", ColumnKind::Count, ""), Column::new("label", ColumnKind::Text, "")];
    let labels = ["web", "a/b=c %41", "é \u{1f600}", "", ".."];
    let rows: Vec<_> =
        (0..1_000_u64).map(|n| vec![Cell::Count(n), Cell::Text(labels[n as usize % 5].into())]).collect();
    for format in [RowFormat::Parquet, RowFormat::Csv] {
        let shape = RowShape { partition: Some("label".to_owned()), ..RowShape::new(format, columns.clone()) };
        assert_eq!(write(&sandbox.path(format.extension()), &shape, &rows).unwrap().rows, 1_000);
    }
    assert!(sandbox.path("parquet/label=a%2Fb%3Dc %2541/part-0.parquet").exists());
    let script = r#"
labels = ['web', 'a/b=c %41', 'é \U0001f600', None, '..']
def check(numbers, read):
    assert sorted(zip(numbers, read), key=lambda row: row[0]) == [(n, labels[n % 5]) for n in range(1000)]
table = pq.read_table('parquet')
check(table['n'].to_pylist(), table['label'].to_pylist())
# pandas cannot read a directory in which rows have no value ("Cannot yet unify dictionaries with nulls").
frame = pd.read_parquet('parquet', filters=[('label', 'in', [label for label in labels if label])])
assert sorted(zip(frame['n'], frame['label'])) == [(n, labels[n % 5]) for n in range(1000) if labels[n % 5]]
frame = pl.read_parquet('parquet/**/*.parquet', hive_partitioning=True)
check(frame['n'], frame['label'])
table = ds.dataset('csv', format='csv', partitioning='hive').to_table()
check(table['n'].to_pylist(), table['label'].to_pylist())
"#;
    judge(&python, &sandbox, script, &[]);
}

/// The names of columns of all formats, and as many rows as make some megabytes.
fn large(format: RowFormat) -> RowShape {
    RowShape::new(format, vec![Column::new("n", ColumnKind::Count, ""), Column::new("b", ColumnKind::Bytes(1_000), "")])
}

const ALL: [RowFormat; 6] =
    [RowFormat::Csv, RowFormat::JsonLines, RowFormat::Parquet, RowFormat::Arrow, RowFormat::Npy, RowFormat::Npz];

#[test]
fn a_full_disk_is_told_and_leaves_nothing() {
    let sandbox = Sandbox::new();
    let disk = sandbox.path("disk");
    fs::create_dir(&disk).unwrap();
    let mount = Run::of(Command::new("mount").args(["-t", "tmpfs", "-o", "size=512k", "tmpfs"]).arg(&disk));
    if mount.status != 0 {
        eprintln!("SKIPPED: a small disk cannot be mounted: {}", mount.err);
        return;
    }
    // What cannot be packed.
    let noise: Vec<u8> =
        (0..125_000_u64).flat_map(|n| xxhash_rust::xxh3::xxh3_64(&n.to_le_bytes()).to_le_bytes()).collect();
    let row = |(n, bytes)| vec![Cell::Count(n), Cell::Bytes(bytes)];
    let rows: Vec<_> = (0..).zip(noise.chunks(1_000)).map(row).collect();
    let mut runs = Vec::new();
    for format in ALL {
        for partition in [None, Some("n".to_owned())] {
            let shape = RowShape { partition, ..large(format) };
            let failed = write(&disk.join("out"), &shape, &rows).map_err(|error| error.to_string());
            runs.push((format, failed, fs::read_dir(&disk).unwrap().count()));
        }
    }
    Run::of(Command::new("umount").arg(&disk)).expect(0);
    for (format, failed, left) in runs {
        let error = failed.expect_err("the disk is full");
        assert!(error.matches("disk/out").count() == 1 && !error.contains("partial"), "{format:?}: {error}");
        assert!(error.ends_with("No space left on device"), "{format:?}: {error}");
        assert_eq!(left, 0, "{format:?}");
    }
}

#[test]
fn what_is_there_stays() {
    let sandbox = Sandbox::new();
    sandbox.write("out", "mine");
    sandbox.write("directory/label=web/part-0.csv", "mine");
    for format in ALL {
        let refused = RowSink::create(&sandbox.path("out"), &large(format), &OutputRules::default()).err().unwrap();
        assert!(refused.to_string().contains("the output exists already"), "{refused}");
        let force = OutputRules { force: true, ..OutputRules::default() };
        drop(RowSink::create(&sandbox.path("out"), &large(format), &force).unwrap());
        let parted = RowShape { partition: Some("n".to_owned()), ..large(format) };
        let refused = RowSink::create(&sandbox.path("directory"), &parted, &force).err().unwrap();
        assert!(refused.to_string().contains("the output directory is not empty"), "{refused}");
    }
    assert_eq!(fs::read_to_string(sandbox.path("out")).unwrap(), "mine");
    assert_eq!(sandbox.files(), ["directory", "out"]);
}
