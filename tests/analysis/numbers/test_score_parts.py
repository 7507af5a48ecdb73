"""Each part of the practicality score on panels where nobody, everybody and a half manages."""

import sqlite3
from contextlib import closing

import pytest

from analysis.database import open_database
from analysis.numbers import indicator
from analysis.numbers.practicality import parts, scores
from tests.factories import judged
from tests.factories.database import put
from tests.factories.judged import ROBOTS, Answers, robots

DAY = "2026-11-01"
GPT = "User-agent: GPTBot\nDisallow: /\n"
SILENT = robots("")
NO_MINING = b"<html><title>Terms of use</title><p>We reserve the use of our content for text and " \
    b"data mining and for the training of AI within the meaning of Article 4 of Directive (EU) " \
    b"2019/790.</p>"  # fmt: skip
EVERYBODY = "User-agent: *\nDisallow: /\n"


def work(robots_there: bytes | None, **more) -> Answers:
    """Give a site that refuses GPTBot, with one picture on another host with this robots.txt."""
    page = b'<html><img src="https://pictures.test/a.jpg">'
    return Answers(
        {ROBOTS: GPT.encode(), "/": page},
        elsewhere={"https://pictures.test/robots.txt": robots_there}, **more,
    )  # fmt: skip


def terms(text: str) -> Answers:
    return Answers({ROBOTS: text.encode(), "/": b"<html>", "terms:/terms": NO_MINING})


def measured(path, visits):
    judged.build(path, {DAY: visits})
    with closing(open_database(path)) as connection:
        return indicator.run(connection, DAY, sorted({part.indicator for part in parts()}))


def value(path, part, visits):
    found = next(s for s in scores(measured(path, visits)) if s.stratum == "*")
    return next((v.value, v.n) for v in found.values if v.part.name == part)


FAILS, WORKS = robots("User-agent: GPTBot/1\nDisallow: /\n"), robots(GPT)
UNHEARD, HEARD = terms(""), terms(EVERYBODY)
LEFT_OUT, COVERED = work(None), work(GPT.encode())
UNKNOWN = Answers({ROBOTS: GPT.encode(), "/": b'<html><img src="https://nobody.test/a.jpg">'})
# part: panels, with the value and what it rests on
PANELS = {
    "effect": [
        ([FAILS, SILENT], (0, 1)), ([WORKS, SILENT], (1, 1)),
        ([FAILS, WORKS, WORKS, WORKS, SILENT], (0.75, 4)), ([SILENT], (None, 0)),
    ],
    "terms": [
        ([UNHEARD, SILENT], (0, 1)), ([HEARD, SILENT], (1, 1)),
        ([UNHEARD, HEARD, UNHEARD, UNHEARD], (0.25, 4)), ([SILENT], (None, 0)),
    ],
    "assets": [
        ([LEFT_OUT, SILENT], (0, 1)), ([COVERED, SILENT], (1, 1)),
        # A host that was not asked is in no denominator.
        ([LEFT_OUT, UNKNOWN], (0, 1)), ([SILENT], (None, 0)),
    ],
}  # fmt: skip
CASES = [(part, *case) for part, cases in PANELS.items() for case in cases]


@pytest.mark.parametrize(("part", "sites", "expected"), CASES)
def test_a_part_is_what_the_panel_manages(tmp_path, part, sites, expected):
    visits = {f"s{number}.example": made for number, made in enumerate(sites)}
    assert value(tmp_path / "survey.db", part, visits) == expected


def test_works_on_a_host_that_refuses_are_the_share_that_is_covered(tmp_path):
    page = b'<html><img src="https://a.test/1.jpg"><img src="https://b.test/1.jpg">' \
        b'<img src="https://b.test/2.jpg"><img src="https://b.test/3.jpg">'  # fmt: skip
    there = {"https://a.test/robots.txt": None, "https://b.test/robots.txt": GPT.encode()}
    visits = {"s.example": Answers({ROBOTS: GPT.encode(), "/": page}, elsewhere=there)}
    assert value(tmp_path / "survey.db", "assets", visits) == (0.75, 4)


def test_reach_is_the_share_of_operators_on_average_of_those_that_refuse(tmp_path):
    shut = robots("User-agent: GPTBot\nUser-agent: *\nDisallow: /\n")
    everyone, _ = value(tmp_path / "all.db", "reach", {"a.example": shut, "b.example": SILENT})
    assert everyone == 1
    one, sites = value(tmp_path / "one.db", "reach", {"a.example": WORKS, "b.example": SILENT})
    both, two = value(tmp_path / "two.db", "reach", {"a.example": WORKS, "b.example": shut})
    assert (sites, two) == (1, 2)
    assert 0 < one < 0.2  # one operator of the many
    assert both == pytest.approx((1 + one) / 2)
    assert value(tmp_path / "no.db", "reach", {"a.example": SILENT}) == (None, 0)


CLOSED = {"robots_edit": "no", "ai_switch": "no", "header_edit": "no", "meta_edit": "no"}
PLATFORMS = {
    "closed": ("builder", CLOSED), "editable": ("builder", CLOSED | {"meta_edit": "yes"}),
    "untold": ("builder", {"robots_edit": "no"}), "software": ("software", {}),
}  # fmt: skip


@pytest.mark.parametrize(
    ("on", "expected"),
    [
        (["closed"], (0, 1)),
        (["editable"], (1, 1)),
        (["closed", "editable", "editable"], (2 / 3, 3)),
        # Hosting of their own counts as a way, software that runs anywhere as well.
        ([None, "closed"], (0.5, 2)),
        (["software", "closed"], (0.5, 2)),
        # What the registry does not know is in no denominator, and a hint is no platform.
        (["untold", "closed"], (0, 1)),
        (["closed?", "editable"], (1, 1)),
        (["untold"], (None, 0)),
    ],
)
def test_agency_is_a_way_on_a_platform_or_hosting_of_ones_own(tmp_path, on, expected):
    path = tmp_path / "survey.db"
    judged.build(path, {DAY: {f"s{number}.example": SILENT for number in range(len(on))}})
    with sqlite3.connect(path) as db:
        ((ruleset,),) = db.execute("SELECT max(ruleset) FROM rulesets")
        for platform, (kind, facts) in PLATFORMS.items():
            put(db, "platforms", ruleset=ruleset, platform=platform, title=platform, kind=kind)
            for cell, told in facts.items():
                put(db, "platform_facts", ruleset=ruleset, platform=platform, cell=cell,
                    value=told, as_of="2026-01", verified=1, source="s")  # fmt: skip
        for visit_id, name in enumerate(on, start=1):
            if name:
                put(db, "site_platforms", ruleset=ruleset, visit_id=visit_id, main=1,
                    platform=name.removesuffix("?"), evidence="[]",
                    strength="hint" if name.endswith("?") else "sure")  # fmt: skip
    db.close()
    with closing(open_database(path)) as connection:
        found = indicator.run(connection, DAY, sorted({part.indicator for part in parts()}))
    panel = next(s for s in scores(found) if s.stratum == "*")
    (agency,) = [v for v in panel.values if v.part.name == "agency"]
    assert (agency.value and pytest.approx(agency.value), agency.n) == expected
