"""The part of the package that is written in Rust."""

from collections.abc import Callable, Mapping, Sequence
from os import PathLike
from types import TracebackType
from typing import Any, Literal, Self, TypedDict, final, overload

from typing_extensions import Buffer as SupportsBuffer

__all__ = [
    "ArrowStream",
    "Buffer",
    "Dataset",
    "Error",
    "Packet",
    "PacketIterator",
    "Packets",
    "Sample",
    "SampleIterator",
    "Writer",
    "__version__",
    "about",
    "arrow_file",
    "main",
    "options",
    "parse_comment",
    "parse_splits",
    "read_splits",
    "run",
]

__version__: str

class Error(Exception):
    """What is wrong, where, and what to do about it; `str(error)` is what the command line tells."""

    #: The file; None where there is none.
    path: str | None
    #: The place in it: "block 3 (byte 512)", "line 4, column 2"; None where there is none.
    position: str | None
    #: All of it in one line.
    message: str

@final
class Buffer:
    """Memory of a sample, read-only, by the buffer protocol: one-dimensional, contiguous."""

    @property
    def format(self) -> Literal["q", "I", "B", "Q"]:
        """The element as `struct` names it."""

    def __len__(self) -> int:
        """Its size in bytes."""

    def __buffer__(self, flags: int, /) -> memoryview: ...

@final
class ArrowStream:
    """Arrow record batches, which can be taken once."""

    def __arrow_c_stream__(self, requested_schema: object = None) -> Any:
        """The stream as an Arrow PyCapsule; the schema is as it is, whatever is asked for."""

    def raise_failure(self) -> None:
        """Raises what went wrong while the stream was read, if anything did: :class:`Error`, or what Ctrl-C raises."""

@final
class Packet:
    """A packet. It keeps its sample's memory alive."""

    @property
    def ts(self) -> float:
        """Seconds since 1970; nan if the packet has no time. A float holds them to about 0.2 microseconds."""

    @property
    def ts_ns(self) -> int | None:
        """Nanoseconds since 1970."""

    @property
    def raw_bytes(self) -> bytes:
        """The bytes captured, copied when asked for."""

    @property
    def view(self) -> memoryview:
        """The bytes captured, without a copy."""

    @property
    def length(self) -> int:
        """Bytes on the wire."""

    @property
    def captured_length(self) -> int:
        """Bytes captured."""

    @property
    def link_type(self) -> int:
        """The link type; 1 is Ethernet."""

    @property
    def interface(self) -> int:
        """The number of the interface in its section."""

    @property
    def number(self) -> int:
        """The packet's number in its capture, from 1."""

    @property
    def comments(self) -> list[str]:
        """All comments, those that label it among them."""

    @property
    def fields(self) -> dict[str, str]:
        """The sample's fields and the packet's own (in the file `p.dir=fwd`, here `dir`)."""

    def __len__(self) -> int:
        """Bytes captured."""

    def scapy(self) -> Any:
        """The packet as a `scapy.packet.Packet` of the class for its link type (`Raw` where Scapy has none).

        Its `time` and `wirelen` are the packet's. Needs scapy.
        """

    def dpkt(self) -> Any:
        """The packet as an object of dpkt's class for its link type.

        Needs dpkt. Raises `ValueError` for a link type that dpkt has no class for, and `dpkt.UnpackError` as dpkt does.
        """

@final
class PacketIterator:
    """Packets, one after the other."""

    def __iter__(self) -> Self: ...
    def __next__(self) -> Packet: ...
    def __length_hint__(self) -> int: ...

@final
class Packets(Sequence[Packet]):
    """The packets of a sample; a :class:`Packet` is made when it is asked for."""

    def __len__(self) -> int: ...
    @overload
    def __getitem__(self, index: int, /) -> Packet: ...
    @overload
    def __getitem__(self, index: slice, /) -> list[Packet]: ...
    def __iter__(self) -> PacketIterator: ...

@final
class Sample:
    """All packets of a sample, in columns."""

    @property
    def id(self) -> int: ...
    @property
    def label(self) -> str: ...
    @property
    def fields(self) -> dict[str, str]: ...
    @property
    def timestamps(self) -> Buffer: ...
    @property
    def lengths(self) -> Buffer: ...
    @property
    def captured_lengths(self) -> Buffer: ...
    @property
    def interfaces(self) -> Buffer: ...
    @property
    def link_types(self) -> Buffer: ...
    @property
    def numbers(self) -> Buffer: ...
    @property
    def bytes(self) -> Buffer: ...
    @property
    def offsets(self) -> Buffer: ...
    @property
    def packets(self) -> Packets: ...
    def __len__(self) -> int: ...
    def __arrow_c_stream__(self, requested_schema: object = None) -> Any: ...
    def rows(self) -> ArrowStream: ...

@final
class SampleIterator:
    """Samples, one after the other."""

    def __iter__(self) -> Self: ...
    def __next__(self) -> Sample: ...

@final
class Dataset:
    """Labelled captures, as an iterable of their samples."""

    def __new__(
        cls,
        paths: list[str],
        ids: list[int] | None = None,
        labels: list[str] | None = None,
        fields: dict[str, list[str]] | None = None,
        mask: list[str] | None = None,
        enforce: bool = True,
    ) -> Self: ...
    @property
    def masked(self) -> list[str]: ...
    @property
    def enforced(self) -> list[str]: ...
    @property
    def paths(self) -> list[str]: ...
    @property
    def contiguous(self) -> bool: ...
    @property
    def unlabelled(self) -> int: ...
    def __iter__(self) -> SampleIterator: ...
    def __len__(self) -> int: ...
    def get(self, sample_id: int) -> Sample | None: ...
    def sample_ids(self) -> list[int]: ...
    def sample_labels(self) -> list[str]: ...
    def samples(self) -> ArrowStream: ...
    def packets(
        self, batch_size: int, unlabelled: bool = False, comments: bool = False, keep: object = None
    ) -> ArrowStream: ...
    def faults(self) -> list[str]: ...

@final
class Writer:
    """Writes a labelled capture, which gets its name when it is closed; an exception in its `with` leaves none behind.

        with pcapml.Writer("out.pcapng") as writer:
            writer.write(1_700_000_000_000_000_000, b"…", sample_id=7, label="dns", fields={"client": "dig"})

    Raises :class:`Error` if the file exists (unless `force`), and for what the format cannot hold.
    """

    def __new__(cls, path: str | PathLike[str], force: bool = False) -> Self: ...
    def add_interface(self, link_type: int, snap_len: int = 0, name: str | None = None) -> int:
        """Adds an interface; its number. A snap length of 0 is none."""

    def write(
        self,
        ts_ns: int,
        data: SupportsBuffer,
        sample_id: int | None = None,
        label: str | None = None,
        fields: Mapping[str, object] | None = None,
        interface: int = 0,
        length: int | None = None,
        comments: list[str] | None = None,
        samples: Sequence[tuple[int, str] | tuple[int, str, Mapping[str, object] | None]] | None = None,
    ) -> None:
        """Writes a packet.

        `ts_ns` is nanoseconds since 1970, `data` its bytes, `length` how long it was on the wire (by default the bytes
        there are: give it where the packet was cut). `sample_id`, `label` and `fields` couple it with a sample, or
        `samples` with several, `[(7, "dns"), (9, "attack", {"phase": "scan"})]`; without them it has no label. Interface 0
        is made, of Ethernet, if none was added: packets of another `link_type` need
        one of their own, by :meth:`add_interface`. `comments` are notes: one that names a sample, as those do that label
        packets (`7,dns`), is a `ValueError`.
        """

    def close(self) -> None:
        """Ends the capture and gives it its name. To close it twice does nothing."""

    def abort(self) -> None:
        """Gives it up: nothing is left behind."""

    def __enter__(self) -> Self: ...
    def __exit__(
        self,
        exception_type: type[BaseException] | None,
        exception: BaseException | None,
        traceback: TracebackType | None,
        /,
    ) -> None: ...

class Option(TypedDict):
    """An argument of a command."""

    name: str
    short: str | None
    takes: Literal["flag", "one", "many"]
    #: Whether its value may be left out.
    optional_value: bool
    positional: bool
    required: bool
    prints: bool
    #: What its value is.
    holds: Literal["path", "integer", "time", "size", "pair", "text"]
    #: The values that it may have, if they are listed.
    choices: list[str]
    #: The value where it is not given, if that is told.
    default: str | None
    help: str

def run(
    argv: list[str], progress: Callable[[int, int, int | None], object] | None = None
) -> tuple[int, bytes, list[str]]:
    """Runs `pcapml` with these words: the status (0, or 2 if some input was bad), what it printed, and what it told."""

def main(argv: list[str]) -> int:
    """The command itself, on the real standard output and error; `argv` has the program's name first."""

def arrow_file(path: str, keep: object = None) -> ArrowStream:
    """The batches of a file in Arrow's IPC file format; `keep` lives as long as they are read."""

def about() -> dict[str, str]:
    """What every command does, in a sentence."""

def options() -> dict[str, list[Option]]:
    """The arguments of every command."""

def read_splits(path: str) -> dict[int, str]:
    """The split of each sample of a table `sample_id,split`; "none" of those that are in none on purpose."""

def parse_splits(text: str) -> dict[int, str]:
    """The same of a table's text."""

def parse_comment(text: str) -> tuple[int, str, dict[str, str], dict[str, str]] | None:
    """What a comment says, if it labels a packet: id, label, fields of the sample, fields of the packet."""
