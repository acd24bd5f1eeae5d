"""What a dataset is read from: paths, or file objects that are copied into temporary files.

A dataset is read several times (for its index, by each iterator), so a file object, which can be read once, is spooled
first. A :class:`Source` keeps its temporary files until nothing refers to it any more.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import weakref
from collections.abc import Iterable
from typing import Any


class Source:
    """Paths of captures, and the temporary files among them."""

    __slots__ = ("__weakref__", "paths", "spooled")

    def __init__(self, given: Any) -> None:
        #: The paths, in the order given.
        self.paths: list[str] = []
        #: Whether a path is that of a temporary file, which only this process has.
        self.spooled = False
        for one in _each(given):
            self.paths.append(self._path(one))
        if not self.paths:
            raise ValueError("no capture is given")

    def _path(self, one: Any) -> str:
        if hasattr(one, "read"):
            return self._spool(one)
        return os.fsdecode(os.fspath(one))

    def _spool(self, file: Any) -> str:
        with tempfile.NamedTemporaryFile(prefix="pcapml-", suffix=".pcapng", delete=False) as copy:
            removed_with(self, copy.name)
            self.spooled = True
            # What is compressed stays so: the reader tells by the first bytes.
            shutil.copyfileobj(file, copy, 1 << 20)
        return copy.name


def _each(given: Any) -> Iterable[Any]:
    if isinstance(given, (str, bytes, os.PathLike)) or hasattr(given, "read"):
        return (given,)
    return tuple(given)


class Temporary:
    """A temporary file that is there as long as this is."""

    __slots__ = ("__weakref__", "path")

    def __init__(self, path: str) -> None:
        self.path = path
        removed_with(self, path)


def removed_with(owner: Any, path: str) -> None:
    """Remove a file when nothing refers to its owner any more."""
    weakref.finalize(owner, _remove, path, os.getpid())


def _remove(path: str, process: int) -> None:
    # A forked child has the owner too, and must not take the file away from its parent.
    if process != os.getpid():
        return
    try:
        os.unlink(path)
    except FileNotFoundError:
        pass


def read_ids(given: Any) -> list[int]:
    """Sample ids: one, a list, or a file with one on a line, where blank lines and what follows a `#` do not count."""
    if isinstance(given, (str, bytes, os.PathLike)):
        with open(given, encoding="utf-8-sig") as lines:
            return _ids_of_lines(lines, os.fsdecode(given))
    return [_id(one) for one in (given if hasattr(given, "__iter__") else (given,))]


def _ids_of_lines(lines: Iterable[str], path: str) -> list[int]:
    ids: list[int] = []
    for number, line in enumerate(lines, 1):
        text = line.partition("#")[0].strip()
        if not text or (not ids and text.lower() in ("sampleid", "sample_id")):
            continue
        try:
            ids.append(_id(text))
        except ValueError as error:
            raise ValueError(f"{path}: line {number}: {error}") from None
    return ids


def _id(one: Any) -> int:
    text = str(one)
    # Python's int() takes more than an id is made of: signs, blanks, underscores, digits of other scripts.
    if not (text.isascii() and text.isdecimal()) or int(text) >= 1 << 64:
        raise ValueError(f"{one!r} is no sample id")
    return int(text)
