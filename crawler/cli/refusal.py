"""Errors of the user's own making: what is wrong, where, and what to do; exit code 2."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import click

from analysis.safe_text import safe_text


def expected() -> tuple[type[Exception], ...]:
    """The errors of our own modules, which are imported when something failed."""
    from analysis.database import AnalysisError  # noqa: PLC0415
    from crawler.panel.reading import PanelError  # noqa: PLC0415
    from crawler.store.database import StoreError  # noqa: PLC0415

    return PanelError, StoreError, AnalysisError


class Refusal(click.ClickException):
    """Ends a command with a message and exit code 2; site text in it cannot reach a terminal."""

    exit_code = 2

    def format_message(self) -> str:
        """Return the message with control characters made visible."""
        return "\n".join(safe_text(line) for line in self.message.split("\n"))


@contextmanager
def refusing(*more: type[Exception]) -> Iterator[None]:
    """Turn the expected errors of our own modules into a Refusal."""
    try:
        yield
    except Exception as error:
        if isinstance(error, more) or isinstance(error, expected()):  # noqa: SIM101 - in this order
            raise Refusal(str(error)) from error
        raise


@contextmanager
def reading(db: Path) -> Iterator[sqlite3.Connection]:
    """Open a survey database read-only; whatever is wrong with it becomes a Refusal."""
    from analysis.database import open_database  # noqa: PLC0415
    from crawler.store.database import explained  # noqa: PLC0415

    with refusing(), explained(db), closing(open_database(db)) as connection:
        yield connection


def print_json(value: object) -> None:
    """Write one strict JSON document, or one NDJSON line, to standard output."""
    click.echo(json.dumps(value, ensure_ascii=True, allow_nan=False))
