"""Samples for PyTorch: a map-style and an iterable dataset, batches of sequences, weights of classes.

    loader = DataLoader(pcapml.torch.Samples("apps.pcapng"), batch_size=32, shuffle=True, collate_fn=pcapml.torch.collate)

An item is what `transform(sample)` makes of a :class:`pcapml.Sample`; without a transform a dict with

- `times`: float64[n], seconds since the sample's first packet (nan where a packet has no time),
- `sizes`: int64[n], bytes of each packet on the wire,
- `label`: int, the label's place in `classes`,
- `id`: int, the sample's id.
"""

from __future__ import annotations

import os
import random
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from ._dataset import Dataset, Sample
from ._needs import need

torch = need("torch")
data = need("torch.utils.data")


class Samples(data.Dataset):  # type: ignore[misc, name-defined]
    """A map-style dataset: `len()`, and items by their place, in the order of the capture.

    It can be pickled; each process opens the capture for itself, when it first needs it.

    Parameters
    ----------
    path, ids, labels, where, mask
        As in :func:`pcapml.open`; paths only.
    transform
        What makes an item of a :class:`pcapml.Sample`. With worker processes it must be picklable where those are spawned.
    classes
        The labels in the order of their numbers; by default those of the samples, sorted. Give it where training and
        test data are opened by themselves.
    """

    def __init__(
        self,
        path: Any,
        ids: Any = None,
        labels: Any = None,
        where: Any = None,
        transform: Callable[[Sample], Any] | None = None,
        classes: Sequence[str] | None = None,
        mask: Any = "header",
    ) -> None:
        self._opened = _Opened(Dataset(path, ids, labels, where, mask))
        self.transform = transform
        #: The ids of the samples, in order.
        self.sample_ids: list[int] = self._opened.dataset.sample_ids
        #: The label of each sample, in order.
        self.labels: list[str] = self._opened.dataset.sample_labels
        #: The labels in the order of their numbers.
        self.classes: list[str] = list(classes) if classes is not None else sorted(set(self.labels))
        self._numbers = _numbers(self.classes)

    def __len__(self) -> int:
        return len(self.sample_ids)

    def __getitem__(self, index: int) -> Any:
        sample = self._opened.dataset[self.sample_ids[index]]
        return self.transform(sample) if self.transform else _item(sample, self._numbers)


class Stream(data.IterableDataset):  # type: ignore[misc, name-defined]
    """An iterable dataset: samples in the order of the capture, or shuffled within a buffer.

    Every sample goes to exactly one of all workers of all ranks; each of them reads the whole capture and passes over
    what is not its own. Ranks may get numbers of samples that differ by one for each worker.

    Parameters
    ----------
    path, ids, labels, where, mask
        As in :func:`pcapml.open`; paths only.
    transform
        As in :class:`Samples`.
    classes
        As in :class:`Samples`; without it the capture's labels are read first (unless there is a transform).
    shuffle
        How many samples wait in the buffer from which the next is drawn; 0 keeps the order.
    seed
        The order depends on it, the epoch, the rank and the worker, and on nothing else.
    rank, world_size
        This process's place among those that train together; by default as `torch.distributed` says, if it is
        initialised.
    """

    def __init__(
        self,
        path: Any,
        ids: Any = None,
        labels: Any = None,
        where: Any = None,
        transform: Callable[[Sample], Any] | None = None,
        classes: Sequence[str] | None = None,
        shuffle: int = 0,
        seed: int = 0,
        rank: int | None = None,
        world_size: int | None = None,
        mask: Any = "header",
    ) -> None:
        self._opened = _Opened(Dataset(path, ids, labels, where, mask))
        self.transform = transform
        if classes is None and transform is None:
            classes = self._opened.dataset.labels
        #: The labels in the order of their numbers.
        self.classes: list[str] = list(classes or ())
        self._numbers = _numbers(self.classes)
        self.shuffle, self.seed = shuffle, seed
        self._rank, self._world_size = rank, world_size
        # Shared memory: workers that outlive an epoch must hear of the next.
        self._epoch = torch.zeros((), dtype=torch.int64).share_memory_()

    def set_epoch(self, epoch: int) -> None:
        """Shuffle anew: call it before each epoch, with the same number in every rank."""
        self._epoch.fill_(epoch)

    def __iter__(self) -> Iterator[Any]:
        rank, world_size = self._place()
        worker = data.get_worker_info()
        number, workers = (worker.id, worker.num_workers) if worker else (0, 1)
        shard, shards = rank * workers + number, world_size * workers
        mine = (sample for place, sample in enumerate(self._opened.dataset) if place % shards == shard)
        seed = f"{self.seed}/{int(self._epoch)}/{rank}/{number}"
        for sample in _shuffled(mine, self.shuffle, seed) if self.shuffle > 1 else mine:
            yield self.transform(sample) if self.transform else _item(sample, self._numbers)

    def _place(self) -> tuple[int, int]:
        distributed = torch.distributed
        active = distributed.is_available() and distributed.is_initialized()
        rank = self._rank if self._rank is not None else distributed.get_rank() if active else 0
        size = self._world_size if self._world_size is not None else distributed.get_world_size() if active else 1
        if not 0 <= rank < size:
            raise ValueError(f"rank {rank} of {size}")
        return rank, size


def collate(items: Sequence[Any]) -> Any:
    """A batch of items: sequences are padded with zeros to the longest.

    Of dicts, a dict: arrays and tensors become a tensor [batch, longest, …], numbers a tensor [batch] (ids, which may
    exceed an int64, stay a list), everything else a list; `lengths` (int64[batch]) and `mask` (bool[batch, longest],
    True where valid) are those of the first sequence. Of tuples, the same as a tuple with `lengths` and `mask` behind.
    """
    first = items[0]
    if isinstance(first, Mapping):
        columns = {key: [item[key] for item in items] for key in first}
        batch = {key: column if key == "id" else _column(column) for key, column in columns.items()}
        return {**batch, **_lengths(columns.values())}
    columns_of_tuples = list(zip(*items, strict=True))
    return (*map(_column, columns_of_tuples), *_lengths(columns_of_tuples).values())


def class_weights(labels: Iterable[Any], classes: Sequence[Any] | None = None) -> Any:
    """float32[classes]: the weight of each class, n / (classes × samples of it), so that rare classes count as much.

    `labels` has a label (or its number) for each sample; a :class:`Samples` or :class:`pcapml.Dataset` does too.
    `classes` are the labels in the order of the weights, by default those that occur, sorted; one that does not
    occur weighs 0.
    """
    each: Iterable[Any] = labels
    if isinstance(labels, Samples):
        each, classes = labels.labels, labels.classes if classes is None else classes
    elif isinstance(labels, Dataset):
        each = labels.sample_labels
    counts = Counter(map(_plain, each))
    classes = sorted(counts) if classes is None else classes
    occur = sum(1 for one in classes if counts[one])
    total = sum(counts[one] for one in classes)
    weights = [total / (occur * counts[one]) if counts[one] else 0.0 for one in classes]
    return torch.tensor(weights, dtype=torch.float32)


class _Opened:
    """A dataset that each process opens for itself: open files, and their positions, must not be shared by a fork."""

    def __init__(self, dataset: Dataset) -> None:
        self._again = dataset.__reduce__()
        self._dataset: Dataset | None = dataset
        self._process = os.getpid()

    @property
    def dataset(self) -> Dataset:
        dataset = self._dataset if self._process == os.getpid() else None
        if dataset is None:
            make, arguments = self._again
            dataset = self._dataset = make(*arguments)
            self._process = os.getpid()
        return dataset

    def __getstate__(self) -> dict[str, Any]:
        return {"_again": self._again, "_dataset": None, "_process": 0}


def _item(sample: Sample, numbers: Mapping[str, int]) -> dict[str, Any]:
    return {
        "times": torch.from_numpy(_seconds(sample)),
        "sizes": torch.from_numpy(sample.lengths.astype("int64")),
        "label": numbers[sample.label],
        "id": sample.sample_id,
    }


def _seconds(sample: Sample) -> Any:
    numpy = need("numpy")
    times = sample.timestamps
    none = times == numpy.iinfo("int64").min
    begin = times[~none][:1]
    seconds = (times - (begin[0] if len(begin) else 0)) / 1e9
    seconds[none] = numpy.nan
    return seconds


def _numbers(classes: Sequence[str]) -> dict[str, int]:
    return {label: number for number, label in enumerate(classes)}


def _shuffled(samples: Iterator[Sample], size: int, seed: str) -> Iterator[Sample]:
    """Samples in an order drawn from a buffer of `size`; a text as seed is the same on every machine."""
    draw = random.Random(seed)
    waiting: list[Sample] = []
    for sample in samples:
        if len(waiting) < size:
            waiting.append(sample)
            continue
        place = draw.randrange(size)
        yield waiting[place]
        waiting[place] = sample
    draw.shuffle(waiting)
    yield from waiting


def _plain(value: Any) -> Any:
    """A number of NumPy or PyTorch as Python's own."""
    return value.item() if hasattr(value, "item") else value


def _is_sequence(value: Any) -> bool:
    return getattr(value, "ndim", 0) > 0


def _column(values: Sequence[Any]) -> Any:
    first = values[0]
    if _is_sequence(first):
        sequences = [torch.as_tensor(value) for value in values]
        return torch.nn.utils.rnn.pad_sequence(sequences, batch_first=True)
    if isinstance(first, (int, float, bool)) or hasattr(first, "ndim"):
        return torch.as_tensor([_plain(value) for value in values])
    return list(values)


def _lengths(columns: Iterable[Sequence[Any]]) -> dict[str, Any]:
    for column in columns:
        if _is_sequence(column[0]):
            lengths = torch.tensor([len(value) for value in column])
            return {"lengths": lengths, "mask": torch.arange(int(lengths.max()))[None, :] < lengths[:, None]}
    return {}
