"""Tables of splits: which sample is for training and which for testing, as `sample_id,split` in CSV."""

from __future__ import annotations

import csv
import os
from collections.abc import Mapping
from typing import Any

from ._source import read_ids


def read_splits(given: Any) -> dict[int, str]:
    """The split of each sample: of a CSV with the columns `sample_id` and `split` (others do not count; lines that
    begin with `#` neither), or of a mapping."""
    if isinstance(given, Mapping):
        return dict(zip(read_ids(given), map(str, given.values()), strict=True))
    path = os.fsdecode(given)
    with open(path, encoding="utf-8-sig", newline="") as file:
        rows = csv.DictReader(line for line in file if line.strip() and not line.startswith("#"))
        if not {"sample_id", "split"} <= set(rows.fieldnames or ()):
            raise ValueError(f"{path}: no columns sample_id and split")
        pairs = [(row["sample_id"], row["split"]) for row in rows]
    splits: dict[int, str] = {}
    for sample_id, (_, split) in zip(read_ids(one for one, _ in pairs), pairs, strict=True):
        if splits.setdefault(sample_id, split) != split:
            raise ValueError(f"{path}: sample {sample_id} is in {splits[sample_id]!r} and in {split!r}")
    return splits
