"""The files of an index: in a folder here, or at an address, where only the parts that are needed
are asked for."""

import io
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from crawler.history import commoncrawl
from crawler.history.client import Service
from crawler.history.errors import HistoryError

LIST = ".paths.gz"
"""How the name of a list of files ends."""


@dataclass(frozen=True, slots=True)
class IndexFile:
    """`where` it lies, for errors and for the folder `crawl=NAME` in it; `size()` is in bytes."""

    where: str
    size: Callable[[], int]
    open: Callable[[], io.IOBase]


def here(path: Path) -> Iterator[IndexFile]:
    """Yield a file, or all files of Parquet in a folder and its folders."""
    found = sorted(path.rglob("*.parquet")) if path.is_dir() else [path]
    if not found:
        raise HistoryError(f"{path}: no file of Parquet in it")
    for each in found:
        yield IndexFile(str(each), partial(os.path.getsize, each), partial(each.open, "rb"))


def there(server: Service, path: str) -> Iterator[IndexFile]:
    """Yield a file of a server, or all that a list of files names, from the server's root on."""
    for each in commoncrawl.files(server, path) if path.endswith(LIST) else [path]:
        where = server.base + each.lstrip("/")
        yield IndexFile(where, partial(server.size, each), partial(_RemoteFile, server, each))


class _RemoteFile(io.RawIOBase):
    """A file of a server, of which each read is a request."""

    def __init__(self, server: Service, path: str) -> None:
        super().__init__()
        self._server, self._path = server, path
        self._length = server.size(path)
        self._at = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._length}[whence]
        self._at = start + offset
        return self._at

    def read(self, size: int = -1, /) -> bytes:
        left = max(self._length - self._at, 0)
        size = left if size < 0 else min(size, left)
        if not size:
            return b""
        content = self._server.get(self._path, part=(self._at, size))
        self._at += size
        return content
