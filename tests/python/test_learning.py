"""What machine learning is given: features with labels and groups, and a directory as Hugging Face has it."""

import csv

import numpy as np
import pcapml
import pyarrow.parquet
import pytest
import support
from support import Block, ethernet


@pytest.fixture(scope="module")
def splits(made, samples_csv):
    """A table of splits: of ten samples, one to validate and two to test."""
    path, parts = made / "splits.csv", {}
    for at, sid in enumerate(sorted(samples_csv)):
        parts[sid] = ["test", "validation", "test", *["train"] * 7][at % 10]
    with path.open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["sample_id", "split"])
        rows.writerows(parts.items())
    return path, parts


def test_load_xy(apps, splits, samples_csv):
    path, parts = splits
    seen = {}
    for split in ("train", "validation", "test"):
        x, y, groups = pcapml.load_xy(apps, "cic", split=split, splits=path)
        assert len(x) == len(y) == len(groups) > 0
        assert np.asarray(x).ndim == 2
        assert np.issubdtype(np.asarray(x).dtype, np.number)
        for sid, label in zip(map(int, groups), y, strict=True):
            assert parts[sid] == split
            assert samples_csv[sid]["label"] == label
            seen[sid] = seen.get(sid, 0) + 1
    assert len(seen) == 90
    assert sum(seen.values()) == 127, "a row for each flow"


def test_a_classifier_learns_from_it(apps, splits):
    from sklearn.ensemble import RandomForestClassifier
    from sklearn.model_selection import GroupKFold

    path, _ = splits
    x, y, groups = pcapml.load_xy(apps, "cic", split="train", splits=path)
    x = np.nan_to_num(np.asarray(x, dtype=float))
    train, test = next(GroupKFold(3).split(x, y, groups))
    model = RandomForestClassifier(20, random_state=1).fit(x[train], np.asarray(y)[train])
    assert model.score(x[test], np.asarray(y)[test]) > 0.5


def test_a_split_that_is_not_there(apps, splits):
    with pytest.raises((ValueError, KeyError, pcapml.Error)):
        pcapml.load_xy(apps, "cic", split="tarin", splits=splits[0])


def test_splits_are_what_the_commands_take_them_for(apps, samples_csv, tmp_path):
    ids = sorted(samples_csv)
    groups = {}
    for name, header, ends in (
        ("plain", "sample_id,split", ("", "")),
        ("blanks", "sample_id, split", ("", " ")),
        ("capitals", "Sample_ID,SPLIT", ("", "")),
    ):
        path = tmp_path / f"{name}.csv"
        rows = (f"{one},train{ends[at % 2]}\n" if at % 3 else f" {one},none\n" for at, one in enumerate(ids))
        path.write_text(f"# of a test\n{header}\n{''.join(rows)}")
        groups[name] = {int(one) for one in pcapml.load_xy(apps, "stats", split="train", splits=path)[2]}
        out = tmp_path / f"{name}.pcapng"
        support.pcapml("select", apps, "--splits", path, "--split", "train", "-o", out)
        assert groups[name] == set(pcapml.open(out).sample_ids)
    assert groups["plain"] == groups["blanks"] == groups["capitals"]
    assert len(groups["plain"]) == 60


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([(7, "train"), (8, "Train")], "line 3, column 2: the split 'Train' differs from 'train'"),
        ([(7, "train"), (8, "")], "line 3, column 2: no split of sample 8"),
        ([(7, None)], "differs from 'none'"),
        ([(7, "a,b")], "'a,b' cannot be a split's name"),
    ],
)
def test_splits_that_commands_refuse_are_refused(apps, tmp_path, rows, said):
    path = tmp_path / "splits.csv"
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([("sample_id", "split"), *((one, str(split)) for one, split in rows)])
    for splits in (path, dict(rows)):
        with pytest.raises(pcapml.Error) as raised:
            pcapml.load_xy(apps, "stats", split="train", splits=splits)
        assert said in str(raised.value)
        assert raised.value.path == (str(path) if splits is path else None)


def test_hugging_face_layout(apps, splits, tmp_path, samples_csv):
    path, parts = splits
    out = tmp_path / "dataset"
    pcapml.export_huggingface(apps, out, splits=path)
    files = sorted(file.name for file in (out / "data").iterdir())
    assert [name.partition("-")[0] for name in files] == ["test", "train", "validation"]
    assert files == [f"{split}-00000-of-00001.parquet" for split in ("test", "train", "validation")]
    found, rows = {}, 0
    for name in files:
        table = pyarrow.parquet.read_table(out / "data" / name)
        rows += table.num_rows
        for sid, label in zip(table["sample_id"].to_pylist(), table["label"].to_pylist(), strict=True):
            assert found.setdefault(int(sid), name) == name, "no sample is in two splits"
            assert name.startswith(parts[int(sid)])
            assert label == samples_csv[int(sid)]["label"]
    assert sorted(found) == sorted(samples_csv)
    assert rows in (90, 3105), "a row for each sample or packet"


def test_hugging_face_card(apps, splits, tmp_path):
    """README.md begins with YAML that names each split's files."""
    pcapml.export_huggingface(apps, tmp_path / "dataset", splits=splits[0])
    text = (tmp_path / "dataset" / "README.md").read_text()
    head = text.split("---")[1]
    assert text.startswith("---\n")
    assert "configs:" in head
    for split in ("train", "validation", "test"):
        assert f"split: {split}" in head
        assert f"data/{split}-*" in head or f"data/{split}-00000" in head


def test_packets_without_a_label_are_no_class(write):
    """Nor a group: sample 0 is a sample."""
    blocks = [Block(ethernet(), ["0,a"], 1), Block(ethernet(), ["5,"], 2), Block(ethernet(), [], 3)]
    path = write(blocks)
    with pytest.warns(UserWarning, match="1 row of packets without a label"):
        x, y, groups = pcapml.load_xy(path, "cic")
    assert (len(x), list(y), list(groups)) == (2, ["a", ""], [0, 5])


def test_a_capture_without_labels_has_no_y(write):
    with pytest.raises(ValueError, match="no packet carries a label"):
        pcapml.load_xy(write([Block(ethernet(), [], 3)]))


def test_a_set_of_lists_is_no_matrix(apps):
    with pytest.raises(ValueError, match="splt:5"):
        pcapml.load_xy(apps, "splt:5")


@pytest.fixture(scope="module")
def later(apps, made):
    """Our dataset a month later, and behind another sample."""
    path = made / "later.pcapng"
    with pcapml.Writer(path) as writer:
        writer.write(0, ethernet(), 1, "before")
        for sample in pcapml.open(apps):
            for packet in sample.packets:
                writer.write(packet.ts_ns + 30 * 86400 * 10**9, packet.view, sample.sample_id, sample.label)
    return path


@pytest.mark.parametrize(
    "features", ["stats", "flows", "cic", "nfstream", "pyflowmeter", "ipfix", "entropy", "headers", "bytes:40", "nprint:4"]
)
def test_no_feature_says_when_or_where_a_packet_was_captured(apps, later, features):
    """Captures of a class are made one after the other: such a feature is the label."""
    x, y, groups = pcapml.load_xy(apps, features)
    x_later, y_later, groups_later = pcapml.load_xy(later, features)
    ours = groups_later != 1
    order, order_later = np.argsort(groups, kind="stable"), np.argsort(groups_later[ours], kind="stable")
    assert list(y[order]) == list(y_later[ours][order_later])
    np.testing.assert_array_equal(x[order], x_later[ours][order_later])
