"""Tables of splits: which sample is for training and which for testing, as `sample_id,split` in CSV."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Mapping
from typing import Any

from . import _native
from ._source import read_ids


def read_splits(given: Any) -> dict[int, str]:
    """The split of each sample, of a table or of a mapping, as `pcapml select --splits` reads tables."""
    if not isinstance(given, Mapping):
        return _native.read_splits(os.fsdecode(given))
    text = io.StringIO(newline="")
    table = csv.writer(text, lineterminator="\n")
    table.writerow(("sample_id", "split"))
    table.writerows(zip(read_ids(given), map(str, given.values()), strict=True))
    return _native.parse_splits(text.getvalue())
