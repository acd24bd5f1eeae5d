"""A directory that Hugging Face's `datasets` loads as it is: Parquet files by split, and a README.md that names them."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from typing import Any

from . import _commands
from ._dataset import Dataset
from ._splits import read_splits

#: How many samples go into one file.
SHARD = 10_000


def export_huggingface(
    path: Any, out: Any, splits: Any = None, features: Any = "stats", shard: int = SHARD, **options: Any
) -> list[str]:
    """Write a labelled capture as a dataset of Hugging Face: `load_dataset("parquet", …)` or `load_dataset(out)`.

    It is the command `pcapml export huggingface`, for a :class:`pcapml.Dataset` too.

    Parameters
    ----------
    path
        A capture, several, or a :class:`pcapml.Dataset`, of which the samples chosen are written.
    out
        The directory to make; it must be empty or absent. It gets `data/train-00000-of-00001.parquet` and so on, and a
        README.md with the configuration.
    splits
        A table `sample_id,split` (its path, or a mapping); without it all samples are in `train`. Samples in no split
        are left out.
    features
        The sets of features that make the columns, as `pcapml features --set` takes them.
    shard
        At most so many samples go into one file.
    options
        Further options of the command: `rows`, `first`, `columns`, `mask`, `strict`, `progress`.

    Returns the paths of the Parquet files. Raises :class:`pcapml.Error` as the command does: for a directory that is not
    empty, for a table of splits that no sample is in, and for a split that Hugging Face allows no such name.
    """
    out = os.fsdecode(out)
    dataset = path if isinstance(path, Dataset) else Dataset(path)
    sets = features if isinstance(features, str) else ",".join(features)
    with tempfile.TemporaryDirectory(prefix="pcapml-") as scratch:
        if isinstance(splits, Mapping):
            table = os.path.join(scratch, "splits.csv")
            _write_table(table, read_splits(splits))
            splits = table
        inputs = dataset._captures(scratch)
        _commands.export_huggingface(inputs, out, set=sets, splits=splits, shard=shard, **dataset._masking(options))
    data = os.path.join(out, "data")
    return [os.path.join(data, name) for name in sorted(os.listdir(data))]


def _write_table(path: str, splits: Mapping[int, str]) -> None:
    with open(path, "w", encoding="utf-8", newline="\n") as table:
        table.write("sample_id,split\n")
        table.writelines(f"{sample_id},{split}\n" for sample_id, split in splits.items())
