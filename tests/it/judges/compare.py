"""Compares labellings by what stands in the captures, and by what is known of every packet, as pcapml compare should."""

import hashlib
import json
import pathlib
import struct
import sys

import pandas as pd
from sklearn.metrics import confusion_matrix, precision_recall_fscore_support

single = pathlib.Path(sys.argv[1])


def packets(path):
    """Each packet of a little-endian pcapng: time in microseconds, captured length, digest, label."""
    data, at, units = pathlib.Path(path).read_bytes(), 0, []
    while at < len(data):
        kind, length = struct.unpack_from("<II", data, at)
        body = data[at + 8:at + length - 4]
        if kind == 1:
            options = dict(walk(body[8:]))
            units.append(10 ** options.get(9, b"\x06")[0])
        if kind == 6:
            interface, high, low, captured, _ = struct.unpack_from("<IIIII", body)
            time = ((high << 32) + low) * 1_000_000 // units[interface]
            comment = dict(walk(body[20 + (captured + 3) // 4 * 4:])).get(1)
            label = comment.decode().split(",")[1] if comment else ""
            yield time, captured, hashlib.sha256(body[20:20 + captured]).hexdigest()[:24], label
        at += length


def walk(options):
    at = 0
    while at + 4 <= len(options):
        code, length = struct.unpack_from("<HH", options, at)
        if code == 0:
            return
        yield code, options[at + 4:at + 4 + length]
        at += 4 + (length + 3) // 4 * 4


KEY = ["ts_us", "caplen", "sha256_24"]
known = pd.read_csv(single / "truth.csv.gz", dtype=str, keep_default_na=False).astype({"ts_us": int, "caplen": int})


def labels(name):
    """What a capture says, packet by packet; of the truth, what its own table says."""
    table = pd.DataFrame(packets(f"{name}.pcapng"), columns=[*KEY, "label"])
    assert not table.duplicated(KEY).any()
    if name == "truth":
        theirs = known[known["label"] != ""][[*KEY, "label"]]
        merged = table.merge(theirs, on=KEY, how="outer", suffixes=("", "_known"))
        assert (merged["label"] == merged["label_known"]).all()
        return theirs
    return table


for name in sys.argv[2:]:
    first, second, kind = name.split("-")
    how = "outer" if kind == "all" else "inner"
    both = labels(first).merge(labels(second), on=KEY, how=how, suffixes=("_truth", "_test"), indicator=True)
    truth, test = both["label_truth"].fillna(""), both["label_test"].fillna("")
    classes = sorted(set(truth) | set(test))
    classes = [label for label in classes if label]
    said = json.loads(pathlib.Path(f"{name}.json").read_text())
    table = pd.read_csv(f"{name}.csv", keep_default_na=False)

    scores = precision_recall_fscore_support(truth, test, labels=classes, zero_division=0)
    assert [row["label"] for row in said["labels"]] == classes
    for at, column in enumerate(["precision", "recall", "f1", "support"]):
        assert all(abs(row[column] - score) < 1e-12 for row, score in zip(said["labels"], scores[at])), column
        written = table.loc[table["row"] == "label", column].astype(float)
        assert (abs(written.to_numpy() - scores[at]) < 1e-12).all(), column
    for average in ["micro", "macro", "weighted"]:
        scores = precision_recall_fscore_support(truth, test, labels=classes, average=average, zero_division=0)
        written = table[(table["row"] == "average") & (table["label"] == average)].iloc[0]
        for column, score in zip(["precision", "recall", "f1"], scores):
            assert abs(said["averages"][average][column] - score) < 1e-12, (average, column)
            assert abs(float(written[column]) - score) < 1e-12, (average, column)

    absent = both["_merge"].map({"left_only": "test", "right_only": "truth", "both": ""}).astype(str)
    shown = {}
    for side, column in [("truth", truth), ("test", test)]:
        shown[side] = column.mask(column == "", "(none)").mask(absent == side, "(absent)")
    matrix = pd.read_csv(f"{name}-matrix.csv", index_col=0, keep_default_na=False)
    assert list(matrix.index) == list(matrix.columns)
    assert set(matrix.index) == set(shown["truth"]) | set(shown["test"])
    expected = confusion_matrix(shown["truth"], shown["test"], labels=list(matrix.index))
    assert (matrix.to_numpy() == expected).all()
    cells = {(cell["truth"], cell["answer"]): cell["packets"] for cell in said["confusion"]}
    assert sum(cells.values()) == len(both) == said["packets"]["compared"]
    assert all(matrix.loc[truth_, test_] == count for (truth_, test_), count in cells.items())
    if kind == "all":
        counts = said["packets"]
        assert counts["matched"] == (both["_merge"] == "both").sum()
        assert counts["only_truth"] == (both["_merge"] == "left_only").sum()
        assert counts["only_test"] == (both["_merge"] == "right_only").sum()
        assert counts["only_test_labelled"] == ((both["_merge"] == "right_only") & (test != "")).sum()

    equal = (truth == test).sum()
    assert equal == said["packets"]["equal"] and abs(equal / len(both) - said["agreement"]) < 1e-12
    either = (truth != "") | (test != "")
    assert said["packets"]["compared_labelled"] == either.sum()
    assert abs((truth == test)[either].mean() - said["agreement_labelled"]) < 1e-12
    wrong = ((truth != "") & (test != "") & (truth != test)).sum()
    more, fewer = ((truth == "") & (test != "")).sum(), ((truth != "") & (test == "")).sum()
    print(f"{name}: {len(both)} compared, {equal} equal, {(truth != '').sum()} labelled in the truth, "
          f"{wrong} wrong, {more} more, {fewer} fewer")
