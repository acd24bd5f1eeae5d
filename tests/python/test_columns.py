"""Columns: NumPy arrays on the memory that the reader filled, and the same for Arrow and data frames."""

import gc

import numpy as np
import pandas
import pcapml
import polars
import pyarrow
import pyarrow.parquet
import pytest

DTYPES = {
    "timestamps": np.int64,
    "lengths": np.uint32,
    "captured_lengths": np.uint32,
    "interface": np.uint32,
    "bytes": np.uint8,
    "offsets": np.uint64,
}


@pytest.fixture(scope="module")
def sample(apps):
    return max(pcapml.open(apps), key=len)


@pytest.mark.parametrize("name", DTYPES)
def test_dtypes_and_shapes(sample, name):
    column = getattr(sample, name)
    assert isinstance(column, np.ndarray)
    assert column.ndim == 1
    assert column.dtype.kind == np.dtype(DTYPES[name]).kind
    if name in ("timestamps", "bytes"):
        assert column.dtype == DTYPES[name]
    if name == "bytes":
        assert len(column) == sample.captured_lengths.sum()
    else:
        assert len(column) == len(sample) + (name == "offsets")


@pytest.mark.parametrize("name", DTYPES)
def test_no_copies_and_no_writing(sample, name):
    column, again = getattr(sample, name), getattr(sample, name)
    assert np.shares_memory(column, again)
    assert not column.flags.owndata
    assert column.flags.c_contiguous
    assert not column.flags.writeable
    with pytest.raises(ValueError, match="read-only"):
        column[0] = 0
    with pytest.raises(ValueError, match="cannot set WRITEABLE"):
        column.flags.writeable = True


def test_bytes_and_offsets_are_the_packets(sample):
    assert sample.offsets[0] == 0
    assert np.array_equal(np.diff(sample.offsets.astype(np.int64)), sample.captured_lengths)
    for at in (0, len(sample) // 2, len(sample) - 1):
        assert sample.bytes[sample.offsets[at] : sample.offsets[at + 1]].tobytes() == sample.packets[at].raw_bytes


def test_a_view_is_on_the_same_memory(sample):
    assert np.shares_memory(np.frombuffer(sample.packets[0].view, np.uint8), sample.bytes)
    assert sample.packets[0].view.readonly


# Tables


def test_a_sample_as_a_table(sample):
    table = sample.to_arrow()
    assert isinstance(table, (pyarrow.Table, pyarrow.RecordBatch))
    assert table.num_rows == len(sample)
    assert table.column("timestamp").cast("int64").to_pylist() == sample.timestamps.tolist()
    assert table.column("length").to_pylist() == sample.lengths.tolist()
    assert table.column("raw").to_pylist() == [packet.raw_bytes for packet in sample.packets]


def test_a_sample_as_a_data_frame(sample):
    frame, polar = sample.to_pandas(), sample.to_polars()
    assert isinstance(frame, pandas.DataFrame)
    assert isinstance(polar, polars.DataFrame)
    assert str(frame["timestamp"].dtype) == "datetime64[ns, UTC]"
    assert polar["timestamp"].dtype == polars.Datetime("ns", "UTC")
    assert frame["length"].tolist() == polar["length"].to_list() == sample.lengths.tolist()
    assert frame["raw"].tolist() == polar["raw"].to_list() == [packet.raw_bytes for packet in sample.packets]


def test_the_sample_table(apps, samples_csv):
    table = pyarrow.table(pcapml.open(apps).samples)
    assert table.schema.field("sample_id").type == pyarrow.uint64()
    rows = {row["sample_id"]: row for row in table.to_pylist()}
    assert set(rows) == set(samples_csv)
    for sid, wanted in samples_csv.items():
        row = rows[sid]
        assert (row["label"], row["client"], row["ip"]) == (wanted["label"], wanted["client"], wanted["ip"])
        assert (row["packets"], row["bytes"]) == (int(wanted["packets"]), int(wanted["bytes"]))


# Whole datasets


def packets_of(dataset):
    return [
        (sample.sid, packet.ts_ns, packet.length, packet.raw_bytes) for sample in dataset for packet in sample.packets
    ]


@pytest.mark.parametrize("order", ["apps", "apps_by_time"])
def test_packets_as_batches(request, order):
    dataset = pcapml.open(request.getfixturevalue(order))
    reader = pyarrow.RecordBatchReader.from_stream(dataset.packets(batch_size=500))
    batches = list(reader)
    assert len(batches) > 3
    assert all(batch.num_rows <= 500 for batch in batches)
    table = pyarrow.Table.from_batches(batches)
    found = zip(
        table["sample_id"].to_pylist(),
        table["timestamp"].cast("int64").to_pylist(),
        table["length"].to_pylist(),
        table["raw"].to_pylist(),
        strict=True,
    )
    assert sorted(found) == sorted(packets_of(dataset))


@pytest.mark.parametrize("order", ["apps", "apps_by_time"])
def test_rows_are_taken_as_often_as_one_likes(request, order):
    dataset = pcapml.open(request.getfixturevalue(order))
    for rows, count in (dataset.packets(1000), 3105), (dataset.samples, 90), (dataset.flows(), 127):
        first = pyarrow.table(rows)
        assert first.num_rows == count
        assert pyarrow.table(rows).equals(first)
        assert rows.to_arrow().equals(first)
        assert sum(batch.num_rows for batch in rows) == count
        assert "pcapml.Rows" in repr(rows)


def test_what_reads_rows_may_outlive_all_else(apps):
    """Also the temporary files that a file object and `flows` are read from."""
    with apps.open("rb") as file:
        packets = pyarrow.RecordBatchReader.from_stream(pcapml.open(file).packets(1000))
        flows = pyarrow.RecordBatchReader.from_stream(pcapml.open(apps).flows())
    gc.collect()
    assert packets.read_all().num_rows == 3105
    assert flows.read_all().num_rows == 127


@pytest.mark.parametrize("size", [0, -1])
def test_a_batch_without_rows_is_refused(apps, size):
    """When it is asked for, not when the stream is taken."""
    with pytest.raises(ValueError, match="at least one row"):
        pcapml.open(apps).packets(batch_size=size)


def test_packets_of_chosen_samples(apps):
    dataset = pcapml.open(apps, labels=["dns"])
    table = pyarrow.table(dataset.packets(batch_size=10))
    assert set(table["label"].to_pylist()) == {"dns"}
    assert table.num_rows == sum(map(len, dataset)) == 60


def test_polars_pandas_and_duckdb_take_a_stream(apps):
    dataset = pcapml.open(apps)
    assert polars.DataFrame(dataset.packets(1000)).height == 3105
    assert len(pandas.DataFrame.from_arrow(dataset.packets(1000))) == 3105
    duckdb = pytest.importorskip("duckdb")
    packets = dataset.packets(1000)  # noqa: F841 (duckdb finds it by its name)
    # It asks for the schema first, and for the rows each time that the relation is shown.
    relation = duckdb.sql("select label, count(*) from packets group by label")
    assert "mysql" in str(relation)
    rows = relation.fetchall()
    assert dict(rows)["mysql"] == 564
    assert sum(count for _, count in rows) == 3105


def test_no_copies_into_pyarrow(sample):
    """What pyarrow holds are the buffers that were exported, not new ones."""
    before = pyarrow.total_allocated_bytes()
    table = pyarrow.table(sample)
    assert pyarrow.total_allocated_bytes() == before
    assert table.num_rows == len(sample)


def test_flows_and_features_are_the_commands(apps, tmp_path):
    import support

    dataset = pcapml.open(apps)
    support.pcapml("flows", apps, "-o", tmp_path / "flows.parquet")
    support.pcapml("features", apps, "--set", "cic", "-o", tmp_path / "cic.parquet")
    for stream, file in (dataset.flows(), "flows.parquet"), (dataset.features("cic"), "cic.parquet"):
        ours, theirs = pyarrow.table(stream), pyarrow.parquet.read_table(tmp_path / file)
        assert ours.column_names == theirs.column_names
        assert ours.num_rows == theirs.num_rows == 127
        assert ours.to_pylist() == theirs.to_pylist()


def test_features_of_chosen_samples(apps):
    table = pyarrow.table(pcapml.open(apps, labels=["dns"]).features("cic"))
    assert set(table["label"].to_pylist()) == {"dns"}
    assert table.num_rows > 0
