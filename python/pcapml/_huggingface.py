"""A directory that Hugging Face's `datasets` loads as it is: Parquet files by split, and a README.md that names them."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections import Counter, defaultdict
from collections.abc import Mapping
from typing import Any

from . import _commands
from ._dataset import Dataset
from ._splits import read_splits

#: How many samples go into one file.
SHARD = 10_000

#: What Hugging Face allows as the name of a split.
SPLIT_NAME = re.compile(r"\w+(\.\w+)*")


def export_huggingface(
    path: Any, out: Any, splits: Any = None, features: Any = "stats", shard: int = SHARD, **options: Any
) -> list[str]:
    """Write a labelled capture as a dataset of Hugging Face: `load_dataset("parquet", …)` or `load_dataset(out)`.

    Parameters
    ----------
    path
        A capture, several, or a :class:`pcapml.Dataset`.
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
        Further options of :func:`pcapml.features`.

    Returns the paths of the Parquet files. Raises :class:`pcapml.Error` as the command does, `ValueError` for a table of
    splits that no sample is in, and `FileExistsError` for a directory that is not empty.
    """
    out = os.fsdecode(out)
    if os.path.isdir(out) and os.listdir(out):
        raise FileExistsError(f"{out}: the directory is not empty")
    dataset = path if isinstance(path, Dataset) else Dataset(path)
    shards = _shards(dataset.sample_ids, None if splits is None else read_splits(splits), shard)
    sets = features if isinstance(features, str) else ",".join(features)
    with tempfile.TemporaryDirectory(prefix="pcapml-") as scratch:
        table, parts = os.path.join(scratch, "splits.csv"), os.path.join(scratch, "parts")
        _write_table(table, shards)
        inputs = dataset._captures(scratch)
        _commands.features(
            inputs, output=parts, set=sets, to="parquet", partition="split", splits=table, quiet=True, **options
        )
        files = _place(parts, out, sorted(set(shards.values())))
    _write_readme(out, shards)
    return files


def _shards(sample_ids: list[int], splits: Mapping[int, str] | None, shard: int) -> dict[int, str]:
    """The name of the file that each sample goes into."""
    by_split: dict[str, list[int]] = defaultdict(list)
    for sample_id in dict.fromkeys(sample_ids):
        split = "train" if splits is None else splits.get(sample_id)
        if split is not None:
            by_split[split].append(sample_id)
    if not by_split:
        raise ValueError("no sample is in a split")
    names = {}
    for split, members in by_split.items():
        if not SPLIT_NAME.fullmatch(split):
            raise ValueError(f"{split!r} cannot be the name of a split: letters, digits and _ only")
        count = -(-len(members) // shard)
        for place, sample_id in enumerate(members):
            names[sample_id] = f"{split}-{place // shard:05}-of-{count:05}"
    return names


def _write_table(path: str, shards: Mapping[int, str]) -> None:
    with open(path, "w", encoding="ascii", newline="\n") as table:
        table.write("sample_id,split\n")
        table.writelines(f"{sample_id},{name}\n" for sample_id, name in shards.items())


def _place(parts: str, out: str, names: list[str]) -> list[str]:
    """Moves the parts into `data`. A file without rows (no flow in its samples) does not exist."""
    os.makedirs(os.path.join(out, "data"), exist_ok=True)
    files = []
    for name in names:
        part = os.path.join(parts, f"split={name}", "part-0.parquet")
        if os.path.exists(part):
            files.append(os.path.join(out, "data", f"{name}.parquet"))
            shutil.move(part, files[-1])
    return files


def _write_readme(out: str, shards: Mapping[int, str]) -> None:
    counts = Counter(name.rpartition("-of-")[0].rpartition("-")[0] for name in shards.values())
    order = sorted(counts, key=lambda split: (("train", "validation", "test") + (split,)).index(split))
    lines = ["---", "configs:", "- config_name: default", "  data_files:"]
    for split in order:
        lines += [f"  - split: {split}", f"    path: data/{split}-*"]
    lines += ["---", "", "# Labelled network traffic", "", "Written by pcapml.", ""]
    lines += ["| split | samples |", "| --- | ---: |", *(f"| {split} | {counts[split]} |" for split in order)]
    with open(os.path.join(out, "README.md"), "w", encoding="utf-8", newline="\n") as readme:
        readme.write("\n".join(lines) + "\n")
