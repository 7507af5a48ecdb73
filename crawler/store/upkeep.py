"""Copies of a database while it is in use, and its free space given back."""

import os
import sqlite3
from contextlib import closing
from pathlib import Path

from crawler.store.database import StoreError, explained, writing


def backup(connection: sqlite3.Connection, to: Path) -> int:
    """Copy the state of one moment into a new file, checked and whole; returns its bytes.

    A survey may be writing meanwhile: it is not held up, and what it writes is not copied.
    The copy is compact and a single file. Raises StoreError, and leaves nothing behind.
    """
    if to.exists():
        raise StoreError(f"{to}: is there already; give each backup a name of its own")
    if not to.parent.is_dir():
        raise StoreError(f"{to}: not a file in an existing folder")
    part = to.with_name(to.name + ".part")
    part.unlink(missing_ok=True)
    try:
        with explained(part):
            connection.execute("VACUUM INTO ?", (str(part),))
            _check(part)
        # SQLite may leave the copy to the cache of the system; a backup has to survive a power cut.
        with part.open("rb+") as file:
            os.fsync(file.fileno())
        part.replace(to)
    finally:
        part.unlink(missing_ok=True)
    return to.stat().st_size


def _check(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        (verdict,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    if verdict != "ok":
        raise StoreError(f"{path}: the copy is damaged, so the original may be: {verdict}")


def vacuum(path: Path) -> tuple[int, int]:
    """Rewrite the file without its free pages; returns its bytes before and after.

    Needs free space of up to twice the file's size. Raises StoreError while a survey runs.
    """
    with writing(path) as connection:
        before = _size(connection)
        connection.execute("VACUUM")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return before, _size(connection)


def _size(connection: sqlite3.Connection) -> int:
    row = connection.execute(
        "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size"
    ).fetchone()
    return int(row[0])
