"""Features, labels and groups as scikit-learn takes them."""

from __future__ import annotations

import os
import tempfile
from typing import TYPE_CHECKING, Any

from . import _commands
from ._dataset import Dataset
from ._needs import need
from ._splits import read_splits
from ._warn import warn

if TYPE_CHECKING:
    import numpy
    from numpy.typing import NDArray

#: Columns that say where in the capture a row comes from, or when: no feature, and a leak of the label if taken for one.
NOT_FEATURES = frozenset(
    (
        *("first_packet", "last_packet", "packet", "frame.number"),
        *("first_time", "last_time", "time", "frame.time_epoch", "start", "Timestamp"),
        *("flowStartNanoseconds", "flowEndNanoseconds"),
        *(f"{way}_{which}_seen_ms" for way in ("bidirectional", "src2dst", "dst2src") for which in ("first", "last")),
    )
)


def load_xy(
    path: Any, features: Any = "stats", split: str | None = None, splits: Any = None, **options: Any
) -> tuple[NDArray[numpy.float64], NDArray[numpy.str_], NDArray[numpy.uint64]]:
    """X, y and groups of a labelled capture: `model.fit(X, y)`, `GroupKFold().split(X, y, groups)`.

    Parameters
    ----------
    path
        A capture, several, or a :class:`pcapml.Dataset`.
    features
        Sets of features (`"cic"`, `["cic", "stats"]`), as `pcapml features --set` takes them.
    split, splits
        Only samples of this split, by a table `sample_id,split` (its path, or a mapping), which is read as
        `pcapml select --splits` reads it; both or none are given.
    options
        Further options of :func:`pcapml.features`. With `columns` exactly these are taken; without, all numbers but
        places and times of packets in the capture, which would give the label away (those that `cic-legacy` has by
        mistake, in its Idle columns, stay).

    Returns
    -------
    X
        float64[rows, features]; nan where a feature is not defined.
    y
        str[rows], the labels.
    groups
        uint64[rows], the sample ids: rows of one sample (its flows) must not be in training and in test.

    Rows of packets without a label are left out, with a warning that counts them. Needs NumPy. Raises
    :class:`pcapml.Error` as the commands do (for a table of splits with a defect too), and `ValueError` if no sample is in the split, no packet carries a label,
    or no column is a number (as of `splt:N`, which has lists).
    """
    if (split is None) != (splits is None):
        raise ValueError("split and splits are given both, or neither")
    dataset = path if isinstance(path, Dataset) else Dataset(path)
    if split is not None:
        dataset = dataset.select(sorted(one for one, name in read_splits(splits).items() if name == split))
        if not len(dataset):
            raise ValueError(f"no sample is in the split {split!r}")
    matrix, names, labels, groups = _matrix(dataset, features, options)
    if "columns" not in options:
        matrix = matrix[:, [name not in NOT_FEATURES for name in names]]
    if not matrix.shape[1]:
        raise ValueError(f"no column of {features!r} is a number: features() has them as they are")
    # A class of their own they are not, nor a group.
    unlabelled = (labels == "") & (groups == 0)
    if unlabelled.any():
        count = int(unlabelled.sum())
        rows = "1 row" if count == 1 else f"{count} rows"
        warn(f"{rows} of packets without a label left out", UserWarning)
        matrix, labels, groups = (column[~unlabelled] for column in (matrix, labels, groups))
    return matrix, labels, groups


def _matrix(dataset: Dataset, features: Any, options: dict[str, Any]) -> tuple[Any, Any, Any, Any]:
    numpy = need("numpy")
    sets = features if isinstance(features, str) else ",".join(features)
    with tempfile.TemporaryDirectory(prefix="pcapml-") as scratch:
        out = os.path.join(scratch, "rows.npz")
        inputs = dataset._captures(scratch)
        _commands.features(inputs, output=out, set=sets, **dataset._masking(options))
        with numpy.load(out, allow_pickle=False) as rows:
            if "label" not in rows:
                raise ValueError(f"{dataset._names()}: no packet carries a label: pcapml.label() puts them there")
            return rows["x"], rows["columns"], rows["label"], rows["sample_id"]
