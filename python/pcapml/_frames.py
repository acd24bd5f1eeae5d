"""Packets as pandas DataFrames with the columns of the Go project's Python package, and that package's lower level.

A row is a packet. `timestamp` is datetime64[ns, UTC]; `sample_id`, `label`, `direction`, `dst`, `src_ip`, `dst_ip` and
`proto` are string; `src_port`, `dst_port` and `length` are Int64; `raw` has the captured bytes. Any further key of the
comments is a column of its own, of strings, behind those; `meta_` stands before a key that has the name of a column.
"""

from __future__ import annotations

import builtins
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NamedTuple, overload

from . import _native
from ._commands import FUNCTIONS, Done
from ._dataset import Dataset, Sample, tell_masked
from ._headers import decode
from ._needs import need
from ._rows import Rows
from ._source import Source

if TYPE_CHECKING:
    import pandas  # type: ignore[import-untyped, unused-ignore]

    from ._commands import Progress

#: The columns that every frame has, in this order.
COLUMNS = [
    "timestamp",
    "sample_id",
    "label",
    "direction",
    "dst",
    "src_ip",
    "dst_ip",
    "proto",
    "src_port",
    "dst_port",
    "length",
    "raw",
]

#: Keys of comments that are in one of these columns already, or say only how the comment is written.
KNOWN_KEYS = frozenset(("s", "proc", "label", "dir", "d", "dst", "e"))

#: How many packets are in memory at a time while packets are listed.
BATCH = 16384


class Comment(NamedTuple):
    """What a comment says; absent parts are None."""

    sample_id: str | None
    label: str | None
    direction: str | None
    dst: str | None
    #: Every `key=value` of it.
    metadata: dict[str, str]


class Interface(NamedTuple):
    """An interface of a capture: link type, snap length (0: none), seconds of a tick."""

    link_type: int
    snap_len: int = 0
    ts_resol: float = 1e-9


class CapturedPacket(NamedTuple):
    """A packet with its comment, as :func:`iter_packets` gives it."""

    interface_id: int
    #: Nanoseconds since 1970; 0 if the packet has no time.
    ts_ticks: int
    cap_len: int
    orig_len: int
    data: builtins.bytes
    #: The comment that labels it; empty if it has none.
    comment: str
    link_type: int
    ts_resol: float = 1e-9

    @property
    def timestamp(self) -> float:
        """Seconds since 1970."""
        return self.ts_ticks / 1e9

    @property
    def ts_nanos(self) -> int:
        """Nanoseconds since 1970."""
        return self.ts_ticks


def parse_comment(comment: str) -> Comment:
    """Take a packet's comment apart: (sample_id, label, direction, dst, metadata).

    Both forms are understood, `7,dns,client=dig` and `s=7,proc=dig,dir=e,dst=example.com`. Ids are text: they may
    exceed an int64. Of a comment that is a person's note the same parts are given, whatever they mean; labels that pcapml
    escaped (`a%2Cb` with `e=1`) are as they were before.
    """
    metadata, positional = _fields(comment)
    known = _native.parse_comment(comment)
    sample_id = metadata.get("s") or (positional[0] if positional else None)
    label = metadata.get("proc") or metadata.get("label") or (positional[1] if len(positional) > 1 else None)
    if known is not None and "s" not in metadata and len(positional) > 1:
        sample_id, label = str(known[0]), known[1]
    if known is not None and metadata.pop("e", None) is not None:
        metadata.update(known[2])
        metadata.update((f"p.{key}", value) for key, value in known[3].items() if f"p.{key}" in metadata)
    direction = metadata.get("dir") or metadata.get("d") or metadata.get("p.dir")
    return Comment(sample_id, label, direction, metadata.get("dst"), metadata)


def _fields(comment: str) -> tuple[dict[str, str], list[str]]:
    metadata: dict[str, str] = {}
    positional = []
    for field in comment.split(",") if comment else ():
        key, equals, value = field.partition("=")
        if equals:
            metadata[key] = value
        else:
            positional.append(field)
    return metadata, positional


def iter_packets(source: Any) -> Iterator[CapturedPacket]:
    """Every packet of a capture, labelled or not, in the capture's order, as :class:`CapturedPacket`.

    `source` is a path or a binary file object. Fields that the capture disallows are zeroed, times among them;
    `pcapml.open(source, mask=None)` has them. Needs pyarrow.
    """
    for batch in _batches(source, BATCH):
        times = batch.column("timestamp").cast("int64").fill_null(0)
        comments = batch.column("comment").fill_null("")
        names = ("interface", "captured_length", "length", "raw", "link_type")
        interface, captured, length, raw, link_type = (batch.column(name).to_pylist() for name in names)
        columns = (interface, times.to_pylist(), captured, length, raw, comments.to_pylist(), link_type)
        yield from map(CapturedPacket, *columns)


def read_pcapml(source: Any, include_raw: bool = True) -> pandas.DataFrame:
    """All packets of a capture as a `pandas.DataFrame`, a row each, in the capture's order; see this module's text.

    Packets without a label are there too, with sample_id and label `<NA>`. With `include_raw=False` there is no column
    `raw`. Needs pandas and pyarrow.
    """
    need("pandas")
    arrow = need("pyarrow")
    batches = list(_batches(source, BATCH))
    parts = [_decoded(batch) for batch in batches]
    return _frame(arrow.Table.from_batches(parts, None if parts else _no_packets().schema), include_raw)


#: The same under its short name.
read = read_pcapml


@overload
def samples(source: Any) -> Iterator[SampleFrame]: ...
@overload
def samples(
    source: Any,
    *,
    format: str,
    threads: int | None = ...,
    quiet: bool = ...,
    progress: Progress | None = ...,
) -> Done: ...
def samples(source: Any, **options: Any) -> Iterator[SampleFrame] | Done:
    """The samples of a capture, one after the other, each with its packets as a DataFrame: :class:`SampleFrame`.

    With `format="csv"` (and other options of `pcapml samples`) it is that command instead, and gives a
    :class:`pcapml.Done`.
    """
    if options:
        done: Done = FUNCTIONS["samples"](source, **options)
        return done
    return (SampleFrame(sample) for sample in Dataset(source))


class SampleFrame:
    """A sample as the Go project's package has it."""

    def __init__(self, sample: Sample) -> None:
        self._sample = sample
        #: The id, as text.
        self.sample_id = self.sid = str(sample.sample_id)
        self.label = sample.label
        self._df: pandas.DataFrame | None = None

    def __len__(self) -> int:
        """The number of packets."""
        return len(self._sample)

    def __repr__(self) -> str:
        return f"<pcapml.SampleFrame {self.sample_id} {self.label!r}: {len(self)} packets>"

    @property
    def metadata(self) -> dict[str, str]:
        """Every `key=value` of the first packet's comment."""
        return parse_comment(_comment(self._sample.packets[0], self._sample.sample_id)).metadata

    @property
    def df(self) -> pandas.DataFrame:
        """The packets as :func:`read_pcapml` gives them."""
        if self._df is None:
            arrow = need("pyarrow")
            need("pandas")
            comments = [_comment(packet, self._sample.sample_id) for packet in self._sample.packets]
            table = self._sample.to_arrow().append_column("comment", arrow.array(comments, arrow.string()))
            self._df = _frame(arrow.Table.from_batches(map(_decoded, table.combine_chunks().to_batches())), True)
        return self._df

    @property
    def packets(self) -> pandas.DataFrame:
        """The same as :attr:`df`."""
        return self.df


def _comment(packet: Any, sample_id: int) -> str:
    """The comment that puts the packet into the sample."""
    for comment in packet.comments:
        known = _native.parse_comment(comment)
        if known is not None and known[0] == sample_id:
            return str(comment)
    return ""


def _batches(source: Any, size: int) -> Iterator[Any]:
    """All packets of a capture in record batches, with their comments."""
    given = Source(source)
    native = _native.Dataset(given.paths)
    tell_masked(native.enforced, ", ".join(given.paths))
    yield from Rows(lambda: native.packets(size, unlabelled=True, comments=True, keep=given), ", ".join(given.paths))


def _decoded(batch: Any) -> Any:
    """The batch's columns that frames are made of, with what the headers say."""
    headers = decode(batch.column("raw"), batch.column("link_type").to_numpy(zero_copy_only=False))
    kept = ("timestamp", "length", "raw", "comment")
    columns = [*(batch.column(name) for name in kept), *headers]
    return need("pyarrow").RecordBatch.from_arrays(columns, [*kept, *headers._fields])


def _no_packets() -> Any:
    arrow = need("pyarrow")
    types = {"timestamp": arrow.timestamp("ns", "UTC"), "length": arrow.uint32(), "raw": arrow.binary()}
    texts = dict.fromkeys(("comment", "src_ip", "dst_ip", "proto"), arrow.string())
    numbers = dict.fromkeys(("src_port", "dst_port"), arrow.int64())
    return arrow.schema({**types, **texts, **numbers}).empty_table()


def _frame(table: Any, include_raw: bool) -> pandas.DataFrame:
    """The frame of decoded packets."""
    columns = {"timestamp": _times(table.column("timestamp"))}
    columns.update(_of_comments(table.column("comment")))
    columns.update((name, _strings(table.column(name))) for name in ("src_ip", "dst_ip", "proto"))
    columns.update((name, _numbers(table.column(name))) for name in ("src_port", "dst_port", "length"))
    if include_raw:
        columns["raw"] = table.column("raw").to_numpy()
    order = [name for name in COLUMNS if name in columns] + [name for name in columns if name not in COLUMNS]
    frame: pandas.DataFrame = need("pandas").DataFrame({name: columns[name] for name in order}, copy=False)
    return frame


def _of_comments(comments: Any) -> dict[str, Any]:
    """The columns that comments say, each comment taken apart once."""
    arrow = need("pyarrow")
    coded = comments.dictionary_encode().unify_dictionaries()
    rows = [_row(text) for text in (coded.chunk(0).dictionary.to_pylist() if coded.num_chunks else ())]
    names: dict[str, None] = dict.fromkeys(("sample_id", "label", "direction", "dst"))
    names.update((name, None) for row in rows for name in row)
    columns = {}
    for name in names:
        values = arrow.array([row.get(name) for row in rows], arrow.string())
        parts = [values.take(chunk.indices) for chunk in coded.chunks]
        columns[name] = _strings(arrow.chunked_array(parts, arrow.string()))
    return columns


def _row(text: str) -> dict[str, str | None]:
    """What one comment says, by column. A person's note says nothing."""
    known = _native.parse_comment(text)
    if known is None:
        return {}
    sample_id, label, fields, packet_fields = known
    if text[0].isdecimal() and KNOWN_KEYS.isdisjoint(fields):
        # The form that pcapml writes, which is taken apart already.
        row: dict[str, str | None] = {
            "sample_id": str(sample_id),
            "label": label,
            "direction": packet_fields.get("dir"),
        }
        further = fields | {f"p.{key}": value for key, value in packet_fields.items()}
    else:
        comment = parse_comment(text)
        row = {
            "sample_id": comment.sample_id,
            "label": comment.label,
            "direction": comment.direction,
            "dst": comment.dst,
        }
        further = {key: value for key, value in comment.metadata.items() if key not in KNOWN_KEYS}
    row.update((f"meta_{key}" if key in COLUMNS else key, value) for key, value in further.items())
    return row


def _times(column: Any) -> Any:
    pandas, numpy = need("pandas"), need("numpy")
    none = numpy.iinfo("int64").min
    nanoseconds = column.cast("int64").fill_null(none).to_numpy()
    return pandas.Series(nanoseconds.view("datetime64[ns]")).dt.tz_localize("UTC")


def _strings(column: Any) -> Any:
    return need("pandas").StringDtype().__from_arrow__(column)


def _numbers(column: Any) -> Any:
    pandas = need("pandas")
    return pandas.Int64Dtype().__from_arrow__(column.cast("int64"))
