"""Rows on their way into a table: a stream of Arrow record batches that pandas, Polars, pyarrow or DuckDB takes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from ._needs import need

if TYPE_CHECKING:
    import pandas  # type: ignore[import-untyped, unused-ignore]
    import polars
    import pyarrow  # type: ignore[import-untyped, unused-ignore]


class Rows:
    """A stream of Arrow record batches, which can be taken once.

    Whatever knows the Arrow PyCapsule interface takes it as it is, without a copy: `pyarrow.table(rows)`,
    `polars.DataFrame(rows)`, `duckdb.sql("select … from rows")`.
    """

    __slots__ = ("_keep", "_stream")

    def __init__(self, stream: Any, keep: Any = None) -> None:
        self._stream = stream
        # Temporary files that the stream reads live as long as this.
        self._keep = keep

    def __arrow_c_stream__(self, requested_schema: Any = None) -> Any:
        """The stream as an Arrow PyCapsule; `RuntimeError` if it was taken already."""
        return self._stream.__arrow_c_stream__(requested_schema)

    def __iter__(self) -> Iterator[pyarrow.RecordBatch]:
        """`pyarrow.RecordBatch` after `pyarrow.RecordBatch`; needs pyarrow."""
        return iter(need("pyarrow").RecordBatchReader.from_stream(self))

    def to_arrow(self) -> pyarrow.Table:
        """All rows as a `pyarrow.Table`."""
        return need("pyarrow").RecordBatchReader.from_stream(self).read_all()

    def to_pandas(self) -> pandas.DataFrame:
        """All rows as a `pandas.DataFrame`."""
        need("pandas")
        frame: pandas.DataFrame = self.to_arrow().to_pandas()
        return frame

    def to_polars(self) -> polars.DataFrame:
        """All rows as a `polars.DataFrame`."""
        frame: polars.DataFrame = need("polars").DataFrame(self)
        return frame
