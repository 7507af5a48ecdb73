"""Politeness in one wave: what its visits took from the sites, and whom they spared.

Read from `v_politeness` and `v_excluded`; the same rows are beside the page as CSV.
"""

import csv
import json
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment

from analysis.queries import query
from analysis.safe_text import safe_cell

PAGE = "politeness"
MOST = 20
"""Sites and entries that a table of the page shows."""

SQL = query(__name__, "politeness")
_SPREAD = query(__name__, "politeness_spread")
_TOTALS = query(__name__, "politeness_totals")
_EXCLUDED = query(__name__, "politeness_excluded")
_SHARES = (0.5, 0.9, 0.99, 1.0)
_SPREADS = {
    "requests": "Requests",
    "bytes": "Bytes received",
    "waited": "Seconds that we waited for our turn",
    "shortest_gap": "Shortest pause in seconds between two connections to the domain",
}
_RULES = {
    "DOWNLOAD_DELAY": "Least pause in seconds after a connection to a registrable domain",
    "DOWNLOAD_DELAY_JITTER": "At most that share of it more, by chance",
    "SURVEY_ADDRESS_CONNECTIONS": "Connections to one public address at once",
    "SURVEY_MAX_CRAWL_DELAY": "Longest Crawl-delay kept, in seconds; over it one page is asked",
    "SURVEY_MAX_RETRY_AFTER": "Longest Retry-After waited for, in seconds",
    "SURVEY_RETRY_PAUSES": "Seconds before a further visit after a passing failure",
    "SURVEY_ROBOTS_STAY_OUT": "Statuses of robots.txt that keep us out, besides 429 and 5xx",
    "SURVEY_SITE_REQUESTS": "Most requests to a site",
    "SURVEY_SITE_BYTES": "Most bytes from a site",
    "SURVEY_SITE_SECONDS": "Most seconds with a site, our own pauses apart",
    "SURVEY_COUNTRY": "Country that the requests came from, as configured",
    "SURVEY_IP_FAMILY": "Version of IP",
    "SURVEY_PROXY": "Proxy",
    "NAME_SERVERS": "Name servers asked",
    "SURVEY_CLOAKING_CHECK": "Answers compared with those to a browser's name",
}


@dataclass(frozen=True, slots=True)
class Spread:
    """How one figure is spread over the sites: the values below which these shares lie."""

    label: str
    values: tuple[float | None, ...]


def write(environment: Environment, connection: sqlite3.Connection, wave: str, out: Path) -> None:
    """Write the page into the report's folder, with its query and all of its rows."""
    page = environment.get_template(f"{PAGE}.html").render(_values(connection, wave))
    (out / f"{PAGE}.html").write_text(page, "utf-8")
    (out / "sql" / f"{PAGE}.sql").write_text(SQL, "utf-8")
    with (out / "csv" / f"{PAGE}.csv").open("w", encoding="utf-8", newline="") as stream:
        rows = connection.execute(SQL, {"wave": wave})
        writer = csv.writer(stream)
        writer.writerow(column[0] for column in rows.description)
        writer.writerows(map(safe_cell, row) for row in rows)


def _values(connection: sqlite3.Connection, wave: str) -> dict[str, object]:
    user_agent, stored = connection.execute(
        "SELECT user_agent, settings FROM waves WHERE name = ?", (wave,)
    ).fetchone()
    settings = json.loads(stored)
    rows = connection.cursor()
    rows.row_factory = sqlite3.Row
    bound = {
        "wave": wave,
        "delay": settings.get("DOWNLOAD_DELAY", 0),
        "longest": settings.get("SURVEY_MAX_CRAWL_DELAY", 0),
        "most": MOST,
    }
    totals = rows.execute(_TOTALS, bound).fetchone()
    return {
        "user_agent": user_agent,
        "rules": [(label, _said(settings.get(name))) for name, label in _RULES.items()],
        "totals": totals,
        "shares": _SHARES,
        "spreads": list(_spreads(connection, wave)),
        "excluded": rows.execute(_EXCLUDED, bound).fetchall(),
        "most": rows.execute(f"{SQL} LIMIT :most", bound).fetchall(),
    }


def _said(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "none"
    return "not stated" if value in {None, ""} else str(value)


def _spreads(connection: sqlite3.Connection, wave: str) -> Iterator[Spread]:
    for column, label in _SPREADS.items():
        (known,) = connection.execute(
            f"SELECT count({column}) FROM v_politeness WHERE wave = ?",  # noqa: S608 - our names
            (wave,),
        ).fetchone()
        places = [max(0, round(share * known) - 1) for share in _SHARES]
        query = _SPREAD.format(column=column)
        found = [
            connection.execute(query, {"wave": wave, "place": place}).fetchone() for place in places
        ]
        yield Spread(label, tuple(row[0] if row else None for row in found))
