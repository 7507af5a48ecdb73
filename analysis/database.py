"""A survey database opened for reading only, or a sentence that says why not."""

import sqlite3
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

APPLICATION_ID = 0x4F50544F  # "OPTO"
PUBLISHED_ID = 0x4F505442  # "OPTB": a published copy without bodies, for reading only
SCHEMA_VERSION = 5
CACHE_KIB = 256 * 1024
"""Pages kept in memory, at most: the judgements and panel of a million sites, not their captures.
With SQLite's own 2 MiB most lookups by site read the file again."""


class AnalysisError(Exception):
    """Nothing can be computed; the message names the file or wave and the remedy."""


class UnknownWaveError(AnalysisError):
    """No wave of that name; `known` lists those there are, oldest first."""

    def __init__(self, wave: str, known: tuple[str, ...]) -> None:
        listed = ", ".join(known) or "none"
        super().__init__(f"no wave {wave!r} in this database; waves here: {listed}")
        self.known = known


def open_database(path: Path) -> sqlite3.Connection:
    """Open read-only. AnalysisError if missing, not SQLite, foreign or of a newer schema."""
    if not path.is_file():
        raise AnalysisError(f"{path}: no such file; run a survey first or name it with --db")
    try:
        try:
            return _opened(path, "mode=ro")
        except sqlite3.OperationalError as error:
            if not _is_archived(path, error):
                raise
            return _opened(path, "mode=ro&immutable=1")
    except sqlite3.Error as error:
        raise AnalysisError(f"{path}: not a readable SQLite database ({error})") from error


def body_text(content: bytes | None) -> str | None:
    """Give `bodies.content` as text: UTF-8, and U+FFFD for what is not; None without a body.

    In SQL on a connection of `open_database`: `SELECT body_text(content) FROM bodies`.
    """
    return zlib.decompress(content).decode("utf-8", "replace") if content else None


def _is_archived(path: Path, error: sqlite3.Error) -> bool:
    """Say whether the file lies complete in a folder that we may not write to.

    SQLite then cannot make the `-shm` file that reading a WAL database takes.
    """
    no_shm = {sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY_DIRECTORY}
    return error.sqlite_errorcode in no_shm and not path.with_name(path.name + "-wal").exists()


def _opened(path: Path, mode: str) -> sqlite3.Connection:
    connection = sqlite3.connect(f"file:{quote(str(path.absolute()))}?{mode}", uri=True)
    try:
        _recognise(connection, path)
        connection.execute(f"PRAGMA cache_size = -{CACHE_KIB}")
        connection.execute("PRAGMA temp_store = MEMORY")  # refused inside a transaction
        connection.create_function("body_text", 1, body_text, deterministic=True)
    except BaseException:
        connection.close()
        raise
    return connection


def _recognise(connection: sqlite3.Connection, path: Path) -> None:
    application_id = connection.execute("PRAGMA application_id").fetchone()[0]
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    if application_id not in {APPLICATION_ID, PUBLISHED_ID}:
        raise AnalysisError(f"{path}: not a survey database of the Observatory")
    if version > SCHEMA_VERSION:
        raise AnalysisError(
            f"{path}: schema {version}, but this program reads up to {SCHEMA_VERSION}; "
            "use the newer optout-observatory that wrote it"
        )


def check_wave(connection: sqlite3.Connection, wave: str) -> None:
    """Raise UnknownWaveError unless the database has a wave of that name."""
    known = tuple(
        str(name) for (name,) in connection.execute("SELECT name FROM waves ORDER BY started_at")
    )
    if wave not in known:
        raise UnknownWaveError(wave, known)


def latest_wave(connection: sqlite3.Connection) -> str:
    """Name the wave that was started last. AnalysisError if there is none."""
    row = connection.execute(
        "SELECT name FROM waves ORDER BY started_at DESC, wave_id DESC LIMIT 1"
    ).fetchone()
    if row is None:
        raise AnalysisError("no wave in this database; run a survey first")
    return str(row[0])


def panel_of(connection: sqlite3.Connection, wave: str) -> str:
    """Name the panel of a wave; raises UnknownWaveError."""
    check_wave(connection, wave)
    row = connection.execute(
        "SELECT p.name FROM waves w JOIN panels p USING (panel_id) WHERE w.name = ?", (wave,)
    )
    return str(row.fetchone()[0])


@contextmanager
def scratch(connection: sqlite3.Connection) -> Iterator[None]:
    """Read one state of the database; temporary tables and views made meanwhile vanish.

    May be nested, also in a transaction of the caller's.
    """
    connection.execute("SAVEPOINT scratch")
    try:
        yield
    finally:
        connection.execute("ROLLBACK TO scratch")
        connection.execute("RELEASE scratch")
