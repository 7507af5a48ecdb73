"""Opening a survey database: a new one, ours of this schema, or a clear refusal.

A file is recognised by `application_id` and `user_version` before anything is written.
WAL with `synchronous=NORMAL` survives `kill -9` with every committed row; the last commits
before a power cut may be missing and are then simply surveyed again.
"""

import fcntl
import os
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from importlib import resources
from pathlib import Path
from typing import IO

import sqlite_utils
from sqlite_utils.migrations import Migrations

from crawler import model

APPLICATION_ID = 0x4F50544F  # "OPTO"
PUBLISHED_ID = 0x4F505442  # "OPTB": a bundle's copy, whose bodies were left out
SCHEMA_VERSION = 5
BUSY_SECONDS = 10

migrations = Migrations("optout")


class StoreError(Exception):
    """The database cannot be used; the message says why and what to do."""


@migrations()
def m001_schema(db: sqlite_utils.Database) -> None:
    """Create every table and view of `schema.sql` and `views.sql`."""
    for statement in ddl():
        db.conn.execute(statement)


@migrations()
def m002_refreshes(db: sqlite_utils.Database) -> None:
    """Add what an older database lacks, `refreshes` among it, and make its views anew."""
    _add_what_lacks(db)


@migrations()
def m003_days_keys_and_words(db: sqlite_utils.Database) -> None:
    """Bring an older database to schema 3, in place: nothing but the text of tables changes.

    New are tables and views that know the day of a wave, the values that closed lists have gained,
    and foreign keys that name their columns, without which Datasette cannot show a table. Text is
    replaced in the schema itself (https://sqlite.org/lang_altertable.html, section 7: changes that
    do not affect the content on disk).
    """
    if "quantifier" not in {column.name for column in db["definitions"].columns}:
        db.conn.execute("ALTER TABLE definitions ADD COLUMN quantifier TEXT NOT NULL DEFAULT 'any'")
        db.conn.execute(
            "UPDATE definitions SET quantifier = 'all' WHERE definition = 'whole-panel'"
        )
    tables = {
        statement.split(maxsplit=3)[2]: statement
        for statement in ddl()
        if statement.startswith("CREATE TABLE")
    }
    (version,) = db.conn.execute("PRAGMA schema_version").fetchone()
    db.conn.execute("PRAGMA writable_schema = ON")
    db.conn.executemany(
        "UPDATE sqlite_master SET sql = ? WHERE type = 'table' AND name = ?",
        [(statement, name) for name, statement in tables.items()],
    )
    db.conn.execute(f"PRAGMA schema_version = {version + 1}")
    db.conn.execute("PRAGMA writable_schema = RESET")
    _add_what_lacks(db)


@migrations()
def m004_public_captures(db: sqlite_utils.Database) -> None:
    """Add the tables of public captures and the views over them."""
    _add_what_lacks(db)


@migrations()
def m005_works(db: sqlite_utils.Database) -> None:
    """Add the works that were read, and views that count a work only where one was asked for."""
    _add_what_lacks(db)


def _add_what_lacks(db: sqlite_utils.Database) -> None:
    for view in db.view_names():
        db.conn.execute(f"DROP VIEW {view}")
    there = {name for (name,) in db.conn.execute("SELECT name FROM sqlite_master")}
    for statement in ddl():
        if statement.split(maxsplit=3)[2] not in there:
            db.conn.execute(statement)


def ddl() -> Iterator[str]:
    """Yield each statement of the schema, closed vocabularies filled in from the model."""
    for name in ("schema.sql", "views.sql"):
        text = resources.files("crawler.store").joinpath(name).read_text("utf-8")
        text = re.sub(r"--[^\n]*", "", text)
        text = re.sub(r"\{(\w+)\}", lambda m: _vocabulary(m[1]), text)
        yield from (part.strip() for part in text.split(";") if part.strip())


def _vocabulary(enum_name: str) -> str:
    return ", ".join(f"'{member}'" for member in getattr(model, enum_name))


def connect(path: Path) -> sqlite3.Connection:
    """Open for writing; create and migrate as needed.

    Raises StoreError for a file that is not ours, newer than this program, read-only,
    locked by another program or on a full disk.
    """
    if path.is_dir() or not path.parent.is_dir():
        raise StoreError(f"{path}: not a file in an existing folder")
    connection = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None)
    try:
        with explained(path):
            _recognise(connection, path)
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = NORMAL")
            connection.execute("PRAGMA foreign_keys = ON")
            _migrate(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def _recognise(connection: sqlite3.Connection, path: Path) -> None:
    application_id = connection.execute("PRAGMA application_id").fetchone()[0]
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    tables = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
    if application_id == 0 and tables == 0:
        return
    if application_id == PUBLISHED_ID:
        raise StoreError(
            f"{path}: a published copy without bodies, for reading only; use the database that it"
            " was made from, or a bundle with bodies"
        )
    if application_id != APPLICATION_ID:
        raise StoreError(f"{path}: a database of another program; name a new file with --db")
    if version > SCHEMA_VERSION:
        raise StoreError(
            f"{path}: schema {version}, but this program knows {SCHEMA_VERSION}; "
            "use the newer optout-observatory that wrote it"
        )


def _migrate(connection: sqlite3.Connection) -> None:
    db = sqlite_utils.Database(connection)
    if not migrations.pending(db):
        return
    # All or nothing: a schema without its marks would be taken for another program's.
    with transaction(connection):
        migrations.apply(db)
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")


@contextmanager
def explained(path: Path) -> Iterator[None]:
    """Turn SQLite's own words into ours: what is wrong with which file, and the remedy."""
    try:
        yield
    except sqlite3.Error as error:
        raise StoreError(f"{path}: {_remedy(error)}") from error


REMEDIES = (
    ("locked", "another program is writing to it; wait for it or stop it"),
    ("readonly", "it cannot be written; check the permissions of the file and its folder"),
    ("unable to open", "it cannot be opened; check the path and its permissions"),
    ("full", "the disk is full; free some space and run the same command again, nothing is lost"),
    ("disk i/o", "the disk reports an error; check space and quota, then run the command again"),
    ("not a database", "not a SQLite database; name another file with --db"),
    ("malformed", "the file is damaged; restore a backup (PRAGMA integrity_check tells where)"),
)


def _remedy(error: sqlite3.Error) -> str:
    text = str(error).lower()
    for sign, remedy in REMEDIES:
        if sign in text:
            return remedy
    return f"SQLite says: {error}"


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """One write transaction; IMMEDIATE, or a reader-turned-writer fails at once when busy."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        # SQLITE_FULL and SQLITE_IOERR have rolled back already.
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


@contextmanager
def writing(path: Path) -> Iterator[sqlite3.Connection]:
    """Open for writing as the only writer; a second survey or judge on the file is refused.

    The lock is advisory (`flock`) and dies with the process, so no stale lock can remain.
    It sits on the database itself, which SQLite locks by other means (`fcntl`).
    """
    with _only_writer(path), closing(connect(path)) as connection, explained(path):
        yield connection


@contextmanager
def _only_writer(path: Path) -> Iterator[IO[bytes]]:
    try:
        # The descriptor must outlive the connection: closing it would drop SQLite's own locks.
        handle = os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o644), "rb+")
    except OSError as error:
        raise StoreError(f"{path}: cannot be opened for writing ({error.strerror})") from error
    with handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise StoreError(
                f"{path}: another optout is writing to it; let it finish or stop it first"
            ) from error
        yield handle
