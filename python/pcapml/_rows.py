"""Rows on their way into a table: Arrow record batches that pandas, Polars, pyarrow or DuckDB takes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from ._needs import need

if TYPE_CHECKING:
    import pandas  # type: ignore[import-untyped, unused-ignore]
    import polars
    import pyarrow  # type: ignore[import-untyped, unused-ignore]

    from ._native import ArrowStream


class Rows:
    """Arrow record batches. They can be taken any number of times, each time from the beginning.

    Whatever knows the Arrow PyCapsule interface takes them as they are, without a copy: `pyarrow.table(rows)`,
    `polars.DataFrame(rows)`, `duckdb.sql("select … from rows")`. Where a capture is faulty, the methods raise
    :class:`pcapml.Error` after what could be read; other libraries raise their own errors, with the same text.
    """

    __slots__ = ("_make", "_of", "_ready")

    def __init__(self, make: Callable[[], ArrowStream], of: str) -> None:
        self._make = make
        # Made now, so that what cannot be read is told where it is asked for.
        self._ready = [make()]
        self._of = of

    def __repr__(self) -> str:
        return f"<pcapml.Rows of {self._of}: to_pandas(), to_polars(), to_arrow(), or record batches one by one>"

    def __arrow_c_stream__(self, requested_schema: Any = None) -> Any:
        """The stream as an Arrow PyCapsule."""
        return self._stream().__arrow_c_stream__(requested_schema)

    def __iter__(self) -> Iterator[pyarrow.RecordBatch]:
        """`pyarrow.RecordBatch` after `pyarrow.RecordBatch`; needs pyarrow."""
        reader = need("pyarrow").RecordBatchReader
        stream = self._stream()
        with _errors_of(stream):
            yield from reader.from_stream(stream)

    def to_arrow(self) -> pyarrow.Table:
        """All rows as a `pyarrow.Table`."""
        reader = need("pyarrow").RecordBatchReader
        stream = self._stream()
        with _errors_of(stream):
            return reader.from_stream(stream).read_all()

    def to_pandas(self) -> pandas.DataFrame:
        """All rows as a `pandas.DataFrame`."""
        need("pandas")
        frame: pandas.DataFrame = self.to_arrow().to_pandas()
        return frame

    def to_polars(self) -> polars.DataFrame:
        """All rows as a `polars.DataFrame`."""
        make = need("polars").DataFrame
        stream = self._stream()
        with _errors_of(stream):
            frame: polars.DataFrame = make(stream)
        return frame

    def _stream(self) -> ArrowStream:
        try:
            return self._ready.pop()
        except IndexError:
            return self._make()


@contextmanager
def _errors_of(stream: ArrowStream) -> Iterator[None]:
    """The reader's own error, with path and position, where a library has only its text."""
    try:
        yield
    except Exception:
        stream.raise_failure()
        raise
