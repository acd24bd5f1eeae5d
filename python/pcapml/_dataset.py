"""Datasets and their samples: thin Python around the reader in Rust.

:class:`Dataset` chooses samples and hands them out; :class:`Sample` shows one sample's columns as NumPy arrays, without
copies, and its packets. Packets are the reader's own objects: nothing of Python stands between them and a loop.
"""

from __future__ import annotations

import builtins
import operator
import os
import tempfile
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any

from . import _native
from ._needs import need
from ._rows import Rows
from ._source import Source, Temporary, read_ids
from ._warn import warn

if TYPE_CHECKING:
    import numpy
    import pandas  # type: ignore[import-untyped, unused-ignore]
    import polars
    import pyarrow  # type: ignore[import-untyped, unused-ignore]
    from numpy.typing import NDArray


def open(source: Any, ids: Any = None, labels: Any = None, where: Any = None, mask: Any = "header") -> Dataset:
    """Open one labelled capture, or several, as a dataset of samples.

    Parameters
    ----------
    source
        A path, a binary file object, or a list of those; plain or in gzip, zstd, xz or lz4. A file object is copied
        into a temporary file first.
    ids
        Only samples with these ids: one, a list, or the path of a file with one id a line. A `UserWarning` tells of ids
        that no sample has, once the captures were read.
    labels
        Only samples with this label, or one of these.
    where
        Only samples with these fields, `{"client": "curl", "ip": ["4", "6"]}` (each key must match; of a list one value
        is enough), or for which a function of the :class:`Sample` is true.
    mask
        Which fields are zeroed in packets, with the checksums that would tell them: `"header"`, those that the captures
        disallow (what results may not rest on; a `UserWarning` names them); a name or a list, such as `["ip.addr",
        "tcp.port"]`, these as well; None, none at all. Features rest on none of them either. `frame.time` makes times
        count from the sample's first packet. `pcapml select --help` lists the names.

    Raises
    ------
    pcapml.Error
        If a file is missing or is no capture, or a name is no field's. A file that breaks off is read up to there, and then
        raises; so does one of several sections (as `cat` makes them) where a later one disallows what the first did not.
    """
    return Dataset(source, ids, labels, where, mask)


class Dataset:
    """Samples of one capture or several, in their order. Made by :func:`pcapml.open`.

    Iterating gives a :class:`Sample` after another, each with all of its packets. Captures that say that their samples
    are contiguous (`pcapml sort` and `label` write such) are streamed: one sample at a time is in memory. For others
    the reader first finds out where each sample's packets are. Each iterator reads by itself, also in other threads.

    What is asked of all samples at once (`len()`, :attr:`sample_ids`, :attr:`labels`, :attr:`samples`), and
    `dataset[id]`, reads the captures through, once, and remembers. Python's `list(dataset)`, and `tuple` and `sorted`
    too, ask for the length before they iterate: captures that are streamed are read once by `list(iter(dataset))`,
    not twice.
    """

    __slots__ = ("_fields", "_ids", "_labels", "_mask", "_native", "_source", "_test", "_told", "_told_missing")

    def __init__(
        self, source: Any, ids: Any = None, labels: Any = None, where: Any = None, mask: Any = "header"
    ) -> None:
        self._source = source if isinstance(source, Source) else Source(source)
        self._ids = None if ids is None else read_ids(ids)
        self._labels = None if labels is None else _texts(labels)
        self._test: Callable[[Sample], Any] | None = None
        self._fields: dict[str, list[str]] | None = None
        if callable(where):
            self._test = where
        elif isinstance(where, str):
            raise TypeError(f"where is a dict or a function, not the text {where!r}")
        elif where is not None:
            self._fields = {key: _texts(values) for key, values in dict(where).items()}
        self._told = self._told_missing = False
        #: The fields that are masked; None if even those that are disallowed are not.
        self._mask: list[str] | None = None if mask is None else [] if mask == "header" else _texts(mask)
        self._native = self._open(self._ids)
        if self._mask is not None:
            self._mask = self._native.masked
            tell_masked(self._native.enforced, self._names())

    def _open(self, ids: list[int] | None) -> _native.Dataset:
        return _native.Dataset(
            self._source.paths, ids, self._labels, self._fields, self._mask, enforce=self._mask is not None
        )

    def __iter__(self) -> Iterator[Sample]:
        test = self._test
        missing = self._missable()
        sample = None
        for native in self._native:
            sample = Sample(native)
            missing.discard(sample.sample_id)
            if test is None or test(sample):
                yield sample
        self._tell_missing(missing)
        if sample is None:
            self._tell_unlabelled()

    def __len__(self) -> int:
        """The number of samples chosen. The first time, the captures are read through for it."""
        return len(self._indexed())

    def __getitem__(self, sample_id: int) -> Sample:
        """The sample with this id; `KeyError` if it is not there, or not chosen."""
        try:
            number = _index(sample_id)
        except TypeError:
            raise TypeError(f"dataset[…] takes the id of a sample, a whole number, not {sample_id!r}") from None
        native = self._native.get(number) if 0 <= number < 1 << 64 else None
        self._tell_faults()
        if native is not None:
            sample = Sample(native)
            if self._test is None or self._test(sample):
                return sample
        lacking = "no sample has" if self._everything else "no sample that is chosen has"
        raise KeyError(
            f"{lacking} the id {number}: dataset[…] takes one of `sample_ids`, not a place; "
            "the first sample is next(iter(dataset))"
        )

    def __contains__(self, sample_id: object) -> bool:
        return sample_id in self.sample_ids

    def __repr__(self) -> str:
        return f"<pcapml.Dataset of {self._names()}>"

    def __reduce__(self) -> tuple[Any, ...]:
        if self._source.spooled:
            raise TypeError("a dataset of a file object cannot be pickled; open its path instead")
        where = self._fields if self._test is None else self._test
        return (Dataset, (self._source.paths, self._ids, self._labels, where, self._mask))

    @property
    def paths(self) -> list[str]:
        """The captures."""
        return list(self._source.paths)

    @property
    def masked(self) -> list[str]:
        """The fields that are zeroed in packets; see `mask` of :func:`pcapml.open`."""
        return self._native.masked

    @property
    def contiguous(self) -> bool:
        """Whether the captures can be streamed; otherwise an index is made first."""
        return self._native.contiguous

    @property
    def sample_ids(self) -> list[int]:
        """The ids of the samples chosen, in their order."""
        return self._indexed().sample_ids()

    @property
    def labels(self) -> list[str]:
        """The labels of the samples chosen, each once, sorted."""
        return sorted(set(self.sample_labels))

    @property
    def sample_labels(self) -> list[str]:
        """The label of each sample chosen, in the order of `sample_ids`."""
        return self._indexed().sample_labels()

    @property
    def samples(self) -> Rows:
        """The sample table, a row for each: sample_id (u64), label, a column for each field, packets, bytes,
        captured_bytes (u64), first_time, last_time (timestamp[ns, UTC])."""
        return Rows(self._indexed().samples, f"the samples of {self._names()}")

    @property
    def unlabelled(self) -> int:
        """Packets that are in no sample; known once the captures were read through."""
        return self._native.unlabelled

    @property
    def faults(self) -> list[str]:
        """What was wrong in the captures, as far as they were read. Who asks for samples by id, or for how many there
        are, is warned of it (:class:`pcapml.Faulty`); iterating raises it, after all that could be read."""
        return self._native.faults()

    def select(self, ids: Any) -> Dataset:
        """The dataset of those samples only that are in a list of ids, or in a file with one id a line.

        Ids of the list that the captures lack are left out, with a `UserWarning` once that is known (by an iterator that
        came to its end, or `len()`); those that this dataset did not choose are left out without.
        """
        wanted = read_ids(ids)
        if self._ids is not None:
            before = set(self._ids)
            wanted = [one for one in wanted if one in before]
        where = self._fields if self._test is None else self._test
        return Dataset(self._source, wanted, self._labels, where, self._mask)

    def packets(self, batch_size: int = 65536) -> Rows:
        """A row for each packet: sample_id (u64), label, packet (its number in its capture, from 1), timestamp
        (timestamp[ns, UTC], null without a time), length, captured_length (u32, bytes), interface (u32), link_type
        (u16), raw (binary). At most `batch_size` rows are in a batch, and at least one: `ValueError` otherwise."""
        size = _index(batch_size)
        if size < 1:
            raise ValueError(f"batch_size={size}: a batch has at least one row")
        native = self._chosen()
        return Rows(lambda: native.packets(size, keep=self._source), f"the packets of {self._names()}")

    def flows(self, **options: Any) -> Rows:
        """A row for each flow of each sample. The options are those of `pcapml flows`, as in :func:`pcapml.flows`;
        `features=` takes names of sets, and is then :meth:`features`.

        Where no samples are chosen, flows of packets without a label are there too, with sample_id and label null.
        Where samples are chosen, these are copied into a temporary capture first: `first_packet` and `last_packet` are
        numbers in that copy, and `flow_id`, which depends on them, is another one than of the whole capture.
        """
        sets = options.pop("features", None)
        if sets is not None:
            return self.features(sets, **options)
        return self._rows("flows", options)

    def features(self, *sets: Any, **options: Any) -> Rows:
        """A row for each flow, sample or packet with the columns of named sets: `ds.features("cic")`.

        The options are those of `pcapml features`, as in :func:`pcapml.features`. Where no samples are chosen, rows of
        packets without a label are there too. Where samples are chosen, numbers of packets and ids of flows are those
        of a temporary copy, as in :meth:`flows`.
        """
        if sets:
            options["set"] = ",".join(",".join(_texts(names)) for names in sets)
        return self._rows("features", options)

    def _rows(self, command: str, options: dict[str, Any]) -> Rows:
        from . import _commands

        handle, out = tempfile.mkstemp(prefix="pcapml-", suffix=".arrow")
        os.close(handle)
        kept = Temporary(out)
        with tempfile.TemporaryDirectory(prefix="pcapml-") as scratch:
            inputs = self._captures(scratch)
            options = self._masking(options)
            getattr(_commands, command)(inputs, output=out, to="arrow", force=True, **options)
        return Rows(lambda: _native.arrow_file(kept.path, kept), f"the {command} of {self._names()}")

    def _masking(self, options: dict[str, Any]) -> dict[str, Any]:
        """Options of `features`, with what is masked here."""
        if self._mask is None:
            return {"allow_disallowed": True, **options}
        mask = [*self._mask, *_texts(options.get("mask") or [])]
        return {**options, "mask": mask} if mask else options

    @property
    def _everything(self) -> bool:
        """Whether no samples are chosen."""
        return self._ids is None and self._labels is None and self._fields is None and self._test is None

    def _names(self) -> str:
        paths = self._source.paths
        return ", ".join(paths[:3]) + (f" and {len(paths) - 3} more" if len(paths) > 3 else "")

    def _captures(self, scratch: str) -> list[str]:
        """Captures with the samples chosen and no others: ours, or copies of those samples in `scratch`."""
        if self._everything:
            return self._source.paths
        from . import _commands

        ids = os.path.join(scratch, "ids")
        chosen = self.sample_ids
        with builtins.open(ids, "w", encoding="ascii") as lines:
            lines.writelines(f"{one}\n" for one in chosen)
        these = set(chosen)
        copies = []
        for number, path in enumerate(self._source.paths):
            # Only ids are asked for: whoever reads the copies enforces what they disallow.
            if not these.isdisjoint(_native.Dataset([path], enforce=False).sample_ids()):
                copies.append(os.path.join(scratch, f"{number}.pcapng"))
                # Labels and fields too: an id may stand for two samples of which only one is chosen.
                _commands.select(
                    path,
                    copies[-1],
                    ids=ids,
                    label=self._labels,
                    where=self._fields,
                    allow_missing=True,
                    quiet=True,
                )
        return copies or [_empty(scratch)]

    def _chosen(self) -> _native.Dataset:
        """The reader of the samples chosen; a function as `where` has to see them all first."""
        if self._test is not None:
            chosen = [sample.sample_id for sample in self]
            native = self._open(chosen)
            if len(native) != len(chosen):
                raise ValueError("an id stands for two samples, of which `where` chose one: relabel the other")
            self._ids, self._test, self._native = chosen, None, native
        return self._native

    def _indexed(self) -> _native.Dataset:
        """The same, where it has to know all samples before any is read."""
        native = self._chosen()
        self._tell_faults()
        if missing := self._missable():
            self._tell_missing(missing.difference(native.sample_ids()))
        if not len(native):
            self._tell_unlabelled()
        return native

    def _tell_faults(self) -> None:
        """Warns once if a capture was read in part: a sample may have more packets than are known."""
        if self._told:
            return
        self._told = True
        if faults := self._native.faults():
            from ._commands import Faulty

            warn("; ".join(faults), Faulty)

    def _missable(self) -> set[int]:
        """The ids that samples must have, or a warning follows; whether labels or fields left one out is not known."""
        if self._ids is None or self._told_missing or self._labels is not None or self._fields is not None:
            return set()
        return set(self._ids)

    def _tell_missing(self, missing: set[int]) -> None:
        """Warns once of chosen ids that no sample has: a list of another dataset chooses nothing, without a word."""
        if not missing or self._told_missing:
            return
        self._told_missing = True
        first = ", ".join(map(str, sorted(missing)[:3])) + (f" and {len(missing) - 3} more" if len(missing) > 3 else "")
        text = f"{self._names()}: no sample has the {'id' if len(missing) == 1 else 'ids'} {first}"
        warn(text, UserWarning)

    def _tell_unlabelled(self) -> None:
        """Warns if there is no sample because no packet has a label: whoever opens a plain capture may not know."""
        if self._everything and self._native.unlabelled:
            text = f"{self._names()}: no packet carries a label: pcapml.label() puts them there"
            warn(text, UserWarning)


class Sample:
    """The packets that belong together, with their label. All of them are in memory.

    The columns are NumPy arrays, one element a packet, that share the reader's memory and cannot be written to.
    """

    __slots__ = ("_native",)

    def __init__(self, native: _native.Sample) -> None:
        self._native = native

    def __len__(self) -> int:
        """The number of packets."""
        return len(self._native)

    def __repr__(self) -> str:
        return f"<pcapml.Sample {self.sample_id} {self.label!r}: {len(self)} packets>"

    @property
    def sample_id(self) -> int:
        """The sample's id, an unsigned 64-bit number."""
        return self._native.id

    @property
    def sid(self) -> int:
        """The sample's id, as pcapml_fe calls it."""
        return self._native.id

    @property
    def label(self) -> str:
        """The label."""
        return self._native.label

    @property
    def metadata(self) -> str:
        """The label, as pcapml_fe calls it. :attr:`fields` has the rest."""
        return self._native.label

    @property
    def fields(self) -> dict[str, str]:
        """The fields of the sample. Those of single packets are in `Packet.fields`."""
        return self._native.fields

    @property
    def packets(self) -> _native.Packets:
        """The packets, a sequence of :class:`Packet`."""
        return self._native.packets

    @property
    def timestamps(self) -> NDArray[numpy.int64]:
        """int64[n], nanoseconds since 1970; the smallest int64 where a packet has no time (so that
        `timestamps.view("datetime64[ns]")` has NaT there)."""
        return _column(self._native.timestamps, "int64")

    @property
    def lengths(self) -> NDArray[numpy.uint32]:
        """uint32[n], bytes of each packet on the wire."""
        return _column(self._native.lengths, "uint32")

    @property
    def captured_lengths(self) -> NDArray[numpy.uint32]:
        """uint32[n], bytes of each packet that were captured."""
        return _column(self._native.captured_lengths, "uint32")

    @property
    def interface(self) -> NDArray[numpy.uint32]:
        """uint32[n], the number of the interface in its section."""
        return _column(self._native.interfaces, "uint32")

    @property
    def link_types(self) -> NDArray[numpy.uint32]:
        """uint32[n], the link type (1 is Ethernet)."""
        return _column(self._native.link_types, "uint32")

    @property
    def numbers(self) -> NDArray[numpy.uint64]:
        """uint64[n], the packet's number in its capture, from 1."""
        return _column(self._native.numbers, "uint64")

    @property
    def bytes(self) -> NDArray[numpy.uint8]:
        """uint8[sum of captured lengths], the bytes of all packets one after the other; see :attr:`offsets`."""
        return _column(self._native.bytes, "uint8")

    @property
    def offsets(self) -> NDArray[numpy.uint64]:
        """uint64[n + 1], where packets begin and end: packet i is `bytes[offsets[i]:offsets[i + 1]]`."""
        return _column(self._native.offsets, "uint64")

    def __arrow_c_stream__(self, requested_schema: Any = None) -> Any:
        """The packets as an Arrow PyCapsule: one batch with packet, timestamp, length, captured_length, interface,
        link_type, raw."""
        return self._native.__arrow_c_stream__(requested_schema)

    def _rows(self) -> Rows:
        return Rows(self._native.rows, repr(self))

    def to_arrow(self) -> pyarrow.Table:
        """The packets as a `pyarrow.Table`."""
        return self._rows().to_arrow()

    def to_pandas(self) -> pandas.DataFrame:
        """The packets as a `pandas.DataFrame`."""
        return self._rows().to_pandas()

    def to_polars(self) -> polars.DataFrame:
        """The packets as a `polars.DataFrame`."""
        return self._rows().to_polars()


def tell_masked(fields: list[str], names: str) -> None:
    """Warns that fields are zeroed of which nobody spoke but the captures."""
    if fields:
        text = f"{names}: zeroed, because results may not rest on it: {', '.join(fields)}; mask=None takes all as it is"
        warn(text, UserWarning)


def _column(buffer: Any, dtype: str) -> NDArray[Any]:
    numpy = need("numpy")
    if not buffer:
        # NumPy takes no empty buffer.
        empty: NDArray[Any] = numpy.empty(0, dtype)
        empty.flags.writeable = False
        return empty
    column: NDArray[Any] = numpy.frombuffer(buffer, dtype)
    return column


def _texts(given: Any) -> list[str]:
    if isinstance(given, str) or not hasattr(given, "__iter__"):
        return [str(given)]
    if isinstance(given, (bytes, bytearray)):
        raise TypeError(f"labels and fields are text, not {given!r}")
    return [str(one) for one in given]


def _index(number: Any) -> int:
    return operator.index(number)


def _empty(scratch: str) -> str:
    """A labelled capture without packets."""
    path = os.path.join(scratch, "none.pcapng")
    writer = _native.Writer(path)
    writer.add_interface(1)
    writer.close()
    return path
