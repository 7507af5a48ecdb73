"""Facts about the door that others measured, or that we asked for with consent."""

import sqlite3
from dataclasses import astuple, dataclass

from crawler.panel.exclusions import DoNotSurvey
from crawler.panel.studies import Study
from crawler.store.database import StoreError, transaction
from crawler.store.facts import now
from crawler.store.forget import tombstones


@dataclass(frozen=True, slots=True)
class About:
    """What is told of a study beside its rows; see `studies` in schema.sql."""

    study: str
    title: str
    method: str
    source: str
    day: str
    made_by: str
    format: str


def put_study(connection: sqlite3.Connection, about: About, study: Study) -> int:
    """Store a study once; returns how many rows are of hosts that asked to be forgotten.

    StoreError for an id that is taken by another file; the same file again changes nothing.
    """
    there = connection.execute(
        "SELECT sha256 FROM studies WHERE study = ?", (about.study,)
    ).fetchone()
    if there and there[0] != study.sha256:
        raise StoreError(f"study {about.study!r} is here already, from another file")
    asked_out = DoNotSurvey(standing=tombstones(connection))
    probes = [probe for probe in study.probes if not asked_out.host(probe.host)]
    if not there:
        with transaction(connection):
            connection.execute(
                "INSERT INTO studies VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (*astuple(about), study.sha256, study.unanswered, now()),
            )
            connection.executemany(
                "INSERT INTO probes VALUES (?, ?, ?, ?, ?, ?, ?)",
                [(about.study, *astuple(probe)) for probe in probes],
            )
            connection.executemany(
                "INSERT INTO compliance_rates VALUES (?, ?, ?, ?, ?, ?, ?)",
                [(about.study, *astuple(rate)) for rate in study.rates],
            )
    return len(study.probes) - len(probes)
