"""Numbers about pages, words and attempts once more from the raw bytes; see test_recomputed.py.

The same months and weights, and `three_waves`; the readers are those of plain_pages and
plain_robots. A page that was refused, failed or cut short says nothing either way.
"""

import itertools
import sqlite3
import zlib
from contextlib import closing
from dataclasses import dataclass

import pytest

from analysis.database import open_database
from analysis.numbers import indicator, summary
from tests.analysis.numbers.test_recomputed import (
    DOCUMENT,
    STRICT8,
    TRAINERS,
    WAVES,
    _state,
    expected,
    heavier,
    path,  # noqa: F401 - a fixture
    same,
)
from tests.factories import plain_pages, three_waves
from tests.factories.plain_robots import _groups, root

TDM, HOME, ROBOTS = "/.well-known/tdmrep.json", "/", "/robots.txt"
AI = {
    agent["token"].lower() for agent in DOCUMENT
    if "first_listed" in agent or {"train", "ai_input", "agent"} & {*agent["purposes"]}
}  # fmt: skip


@dataclass
class Answer:
    """One capture: `whole` where all of it came."""

    status: int | None
    whole: bool
    headers: list
    body: bytes

    @property
    def read(self):
        return self.status is not None and (200 <= self.status < 300 or self.status in {404, 410})

    @property
    def content(self):
        return self.body if self.status is not None and 200 <= self.status < 300 else b""


@dataclass
class Site:
    """All that a site answered in one wave, by resource; `terms`: texts of its pages of terms."""

    stratum: str
    weight: float
    outcome: str
    by: dict
    terms: list
    answered: bool

    @property
    def complete(self):
        return self.outcome in {"ok", "absent"}

    @property
    def robots(self):
        return self.by[ROBOTS].body

    @property
    def rules(self):
        """robots.txt was read as such, and to its end."""
        there = self.by[ROBOTS]
        state = _state(there.status, there.body)
        return state == "read" and there.whole and len(there.body) <= 500 * 1024


def sites(file, wave):
    with closing(sqlite3.connect(file)) as db:
        rows = db.execute(
            "SELECT v.visit_id, coalesce(ps.stratum, '(none)'), coalesce(ps.weight, 1), v.outcome"
            " FROM visits v JOIN waves w USING (wave_id) JOIN panel_sites ps"
            " ON ps.panel_id = w.panel_id AND ps.site_id = v.site_id WHERE w.name = ?", (wave,)
        ).fetchall()  # fmt: skip
        for visit, stratum, weight, outcome in rows:
            found = db.execute(
                "SELECT c.resource, c.status, c.truncated + c.data_loss, h.content, b.content"
                " FROM captures c LEFT JOIN bodies b USING (body_id)"
                " LEFT JOIN headers h USING (headers_id)"
                " WHERE c.visit_id = ? AND c.superseded = 0", (visit,)
            ).fetchall()  # fmt: skip
            answers = [
                (name, Answer(
                    status, not cut and status != 206,
                    plain_pages.headers(zlib.decompress(head).decode("latin-1")) if head else [],
                    zlib.decompress(body) if body else b"",
                )) for name, status, cut, head, body in found
            ]  # fmt: skip
            yield Site(
                stratum, weight, outcome, dict(answers),
                [a.content for name, a in answers if name == "terms:"],
                any(a.status is not None for _, a in answers),
            )  # fmt: skip


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    return three_waves.build(tmp_path_factory.mktemp("small") / "survey.db")


@pytest.fixture(params=[*WAVES, three_waves.MAR, three_waves.MAY])
def surveyed(request):
    """A database, a wave in it, and its sites as read here."""
    name = "path" if request.param in WAVES else "small"
    file = request.getfixturevalue(name)
    return file, request.param, list(sites(file, request.param))


def header(site):
    return plain_pages.in_headers(site.by[HOME].headers) if site.by[HOME].content else set()


def meta(site):
    return plain_pages.in_page(site.by[HOME].content)


def rules(site):
    return plain_pages.in_file(site.by[TDM].content)


def asked(resource):
    return lambda s: resource in s.by and s.by[resource].read and s.by[resource].whole


def present(found, resource):
    """Present, and present although the rest was not read."""
    return lambda s: resource in s.by and bool(found(s))


def reserved(site, channel):
    whole = any(value == 1 and place in {"/", "/*"} for place, value in rules(site))
    # The first rule that matches counts, so that nothing behind one of the whole site does.
    before = itertools.takewhile(lambda rule: rule[0] not in {"/", "/*"}, rules(site))
    part = any(value == 1 for _, value in before)
    told = {
        "tdmrep_header": "1" in header(site), "tdmrep_meta": "1" in meta(site),
        "tdmrep_file": whole, "part": part,
    }  # fmt: skip
    told["any"] = told["tdmrep_header"] or told["tdmrep_meta"] or whole
    return told[channel]


def prose(site):
    words = [*site.terms]
    if site.rules:
        words += plain_pages.comments(site.robots)
    return plain_pages.refuses_mining(words)


def kept_out(site):
    """All agents of strict8 are kept from the root."""
    return site.rules and all(root(site.robots, token)[0] == "disallowed" for token in STRICT8)


def unanswered(site):
    """Words that no machine is told: of the sites with words none has another statement."""
    if not prose(site):
        return False
    assert b"ai-train=no" not in site.robots.lower()  # a yes is no counterpart of the words
    assert b"license:" not in site.robots.lower()
    return not reserved(site, "any") and not kept_out(site)


def tries(site):
    """Each training agent that its file wants out, with whether it may come in all the same."""
    meant = plain_pages.forgiven(site.robots)
    for token in TRAINERS:
        if root(meant, token) == ("disallowed", "own"):
            yield root(site.robots, token)[0] == "allowed"


def complete(site):
    return site.complete


def no(_):
    return False


def questions():
    """Indicator, key, who counts, among whom, and whether its bounds are of attempted sites."""
    for channel in ("any", "part", "tdmrep_header", "tdmrep_meta", "tdmrep_file"):
        yield "legal_reservation", channel, lambda s, c=channel: reserved(s, c), complete, True
    yield "prose_only", "", unanswered, complete, True
    yield (
        "terms_gap",
        "",
        unanswered,
        lambda s: s.complete and plain_pages.refuses_mining(s.terms),
        False,
    )
    yield (
        "asked_to_pay",
        "",
        lambda s: HOME in s.by and plain_pages.asks_to_pay(s.by[HOME].status, s.by[HOME].headers),
        lambda s: s.answered,
        True,
    )
    trying = lambda s: s.rules and any(True for _ in tries(s))  # noqa: E731 - used twice below
    yield "ineffective_intent", "fails", lambda s: any(tries(s)), trying, False
    yield "ineffective_intent", "all_fail", lambda s: all(tries(s)), trying, False


def test_indicators_are_what_the_raw_bytes_say(surveyed):
    file, wave, found = surveyed
    names = sorted({name for name, *_ in questions()})
    with closing(open_database(file)) as connection:
        measured = {m.indicator.name: m.rows for m in indicator.run(connection, wave, names)}
    for name, key, counts, among, bounded in questions():
        # The demo web has faults of many kinds; those of `three_waves` are forgiven here by hand.
        if name == "ineffective_intent" and wave in WAVES:
            continue
        rows = {(row.stratum, row.key): row for row in measured[name]}
        checked = 0
        for stratum, numbers, here, units in expected(found, counts, among, bounded=bounded):
            more = heavier(here, units, counts, no) if bounded else {}
            same(rows[stratum, key], numbers | more, (name, key, stratum))
            checked += 1
        assert checked or wave == three_waves.MAR, (name, key)


def test_agents_named_are_what_the_raw_bytes_say(surveyed):
    file, wave, found = surveyed
    with closing(open_database(file)) as connection:
        (measured,) = indicator.run(connection, wave, ["agents_named"])
    row = next(row for row in measured.rows if row.stratum == "*")
    named = [
        (len({n.decode("latin-1") for names, _ in _groups(s.robots) for n in names} & AI), s.weight)
        for s in found if s.rules
    ]  # fmt: skip
    values = sorted((n, w) for n, w in named if n)
    assert (row.n, row.p10, row.p90) == (
        len(values), values[-(-len(values) // 10) - 1][0], values[-(-len(values) * 9 // 10) - 1][0],
    )  # fmt: skip
    assert row.mean == pytest.approx(sum(n for n, _ in values) / len(values))
    assert row.weighted_mean == pytest.approx(
        sum(n * w for n, w in values) / sum(w for _, w in values)
    )


def test_shares_of_signals_are_what_the_raw_bytes_say(surveyed):
    file, wave, found = surveyed
    with closing(open_database(file)) as connection:
        published = summary.run(connection, wave)["signal_share"]
    for signal, reader, resource in (
        ("tdmrep_header", header, HOME), ("tdmrep_meta", meta, HOME), ("tdmrep_file", rules, TDM),
    ):  # fmt: skip
        counts = present(reader, resource)
        for stratum, numbers, here, units in expected(found, counts, asked(resource), told=counts):
            row = published.row(stratum, signal)
            same(row, numbers | heavier(here, units, counts, counts), (signal, stratum))


def test_the_waves_have_what_is_asked_about(small, path):  # noqa: F811 - the fixture
    found = [s for wave in WAVES for s in sites(path, wave)] + [*sites(small, three_waves.MAY)]
    for counts in (prose, kept_out, lambda s: any(tries(s)), lambda s: not s.answered):
        assert any(counts(s) for s in found if ROBOTS in s.by)
