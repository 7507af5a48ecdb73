"""What public crawls took of one site, and what can be done about it now: two sentences."""

import sqlite3
import tomllib
from importlib import resources

from crawler.store.history import names

CRAWLER = "CCBot"
SHOWN = 3
"""Collections that are named one by one."""


def told(connection: sqlite3.Connection, host: str) -> tuple[str, str]:
    """Say what the database knows of a host's captures, and what removal routes there are."""
    return _taken(connection, host), _removal()


def _taken(connection: sqlite3.Connection, host: str) -> str:
    spellings = tuple(names([host])) or (host, host)
    rows = connection.execute(
        "SELECT collection, min(first_seen), max(last_seen), sum(pages) FROM public_captures"
        " WHERE host IN (?, ?) GROUP BY 1 ORDER BY 2",
        spellings,
    ).fetchall()
    if not rows:
        return (
            "Whether public crawls took this site is not known: nothing that is loaded here"
            " says anything about it."
        )
    taken = [row for row in rows if row[3]]
    if not taken:
        return (
            f"In the collections from {rows[0][1]} to {rows[-1][2]} that are loaded here no page"
            " of this site was found; of other collections nothing is known."
        )
    pages = sum(row[3] for row in taken)
    named = ", ".join(row[0] for row in taken[:SHOWN])
    named += f" and {len(taken) - SHOWN} more" if len(taken) > SHOWN else ""
    first, last = taken[0][1], max(row[2] for row in taken)
    return (
        f"Public crawls took {pages} pages of this site between {first} and {last} ({named});"
        f" {_refused(connection, host, first)}."
    )


def _refused(connection: sqlite3.Connection, host: str, first: str) -> str:
    """Say whether the site kept the crawler out when it was first taken, as far as is known."""
    row = connection.execute(
        "SELECT last_open, first_closed FROM v_opt_outs WHERE host = ? AND agent = ?"
        " ORDER BY first_closed DESC LIMIT 1",
        (host, CRAWLER),
    ).fetchone()
    if row is None:
        return f"no refusal of {CRAWLER} by it is known"
    last_open, first_closed = row
    if last_open and first < last_open:
        return (
            f"it still let {CRAWLER} in on {last_open}, and was first seen to refuse it on"
            f" {first_closed}"
        )
    return (
        f"it was first seen to refuse {CRAWLER} on {first_closed}, and whether it did when it was"
        " first taken is not known"
    )


def _removal() -> str:
    text = resources.files("crawler.history").joinpath("users.toml").read_text("utf-8")
    return " ".join(
        f"{each['statement']} ({each['source']}, {each['as_of']}"
        f"{'' if each['verified'] else ', told by others'})"
        for each in tomllib.loads(text)["removal"]
    )
