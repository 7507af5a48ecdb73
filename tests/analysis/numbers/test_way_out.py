"""What can still be done: ways out of collections, and conditions that a machine can read."""

import json
import sqlite3
from contextlib import closing

import pytest

from analysis.database import open_database
from analysis.numbers import indicator
from crawler.model import Outcome, Reason
from crawler.signals.tdm_policy import POLICY
from tests.factories import judged
from tests.factories.database import put
from tests.factories.judged import ROBOTS, TDM, Answers, robots

DAY = "2026-11-30"
GPT = "User-agent: GPTBot\nDisallow: /\n"
RESERVED = {"location": "/", "tdm-reservation": 1}
RSL = b"""<rsl xmlns="https://rslstandard.org/rsl"><content url="/"><license>
<permits type="usage">ai-train</permits><payment type="purchase"/></license></content></rsl>"""


def tdm(host: str, policy: str, body: bytes) -> Answers:
    rule = json.dumps([RESERVED | {"tdm-policy": f"https://{host}/{policy}"}]).encode()
    return Answers({ROBOTS: b"", "/": b"<html>", TDM: rule, POLICY: body})


SITES = {
    "a.example": robots(GPT),  # no condition
    "b.example": Answers({ROBOTS: b"License: https://b.example/license.xml\n", "/": b"<html>",
                          "/license.xml": RSL}),
    "c.example": robots("License: https://c.example/license.xml\n" + GPT),  # nothing there
    "d.example": tdm("d.example", "terms", b"<!doctype html><html><p>Ask us."),
    "e.example": Answers({ROBOTS: b"", "/": b"<html>", TDM: json.dumps([RESERVED]).encode()}),
    "f.example": tdm("f.example", "policy.json", b"{oh"),  # for machines, and broken
    "g.example": robots(  # read in part: not counted
        "License: https://g.example/l.xml\n", cut=True,
        end=(Outcome.OK_PARTIAL, Reason.DATA_LOSS),
    ),
}  # fmt: skip


@pytest.fixture
def path(tmp_path):
    return judged.build(tmp_path / "survey.db", {DAY: SITES})


def shares(path, name):
    with closing(open_database(path)) as connection:
        (found,) = indicator.run(connection, DAY, [name])
    return {row.key: (row.k, row.n) for row in found.rows if row.stratum == "*"}


def test_conditions_are_read_by_machines_by_people_or_only_pointed_to(path):
    assert shares(path, "conditions_readable") == {
        "readable": (1, 4),  # b
        "for people": (1, 4),  # d
        "pointed to": (2, 4),  # c f
    }


def test_a_reservation_with_an_address_is_no_condition_that_can_be_read(path):
    """Who counts every `conditional` takes d and f for readable."""
    with closing(sqlite3.connect(path)) as db:
        conditional = db.execute(
            "SELECT count(*) FROM v_use WHERE purpose = 'train'"
            " AND preference_strict = 'conditional'"
        ).fetchone()
    assert conditional == (3,)
    assert shares(path, "conditions_readable")["readable"][0] == 1


def captured(path, *rows):
    with closing(sqlite3.connect(path)) as db:
        for host, collection, pages in rows:
            put(db, "public_captures", host=host, collection=collection, first_seen="2024-01-01",
                last_seen="2024-01-09", dates="collection", pages=pages, source="s")  # fmt: skip
        db.commit()


def test_a_way_out_is_asked_for_each_site_that_a_collection_holds(path):
    captured(
        path,
        ("a.example", "CC-MAIN-2024-10", 3),
        ("a.example", "CC-MAIN-2024-18", 3),  # twice: one site
        ("www.b.example", "CC-MAIN-2024-10", 1),
        ("b.example", "web.archive.org", 1),
        ("c.example", "web.archive.org", 1),
        ("d.example", "CC-MAIN-2024-10", 0),  # looked for, and not there
        ("e.example", "LAION-5B", 1),
        ("elsewhere.example", "CC-MAIN-2024-10", 1),
    )
    assert shares(path, "erasure_path") == {
        "CC-MAIN works": (0, 2), "CC-MAIN personal data": (0, 2), "CC-MAIN undocumented": (2, 2),
        "LAION works": (0, 1), "LAION personal data": (1, 1), "LAION undocumented": (0, 1),
        "web.archive.org works": (2, 2), "web.archive.org personal data": (2, 2),
        "web.archive.org undocumented": (0, 2),
        # a b c e: b has a way out of one of two collections, which is no way out
        "any works": (1, 4), "any personal data": (2, 4),
    }  # fmt: skip


def test_an_undocumented_way_is_not_counted_as_one(path):
    """Who counts rows of removal_routes finds a way out of Common Crawl."""
    captured(path, ("a.example", "CC-MAIN-2024-10", 3))
    with closing(sqlite3.connect(path)) as db:
        ways = db.execute("SELECT count(*) FROM v_removal_routes WHERE corpus = 'CC-MAIN-'")
        assert ways.fetchone() == (1,)
    assert shares(path, "erasure_path")["any works"] == (0, 1)


def test_where_no_capture_is_known_nothing_is_said(path):
    assert shares(path, "erasure_path") == {}
