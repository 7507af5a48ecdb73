"""What every mend keeps, for all demo sites, wishes and captured files.

No yes that nobody asked for, no fault or contradiction of ours, nothing left to propose after it,
and no other rules for search engines and archives, by Google's reader, Protego and urllib.
"""

import asyncio
import sys
from functools import cache
from itertools import product
from urllib.robotparser import RobotFileParser

import pytest

from crawler.checker.single_visit import visit
from crawler.creator.generate import AS_IS, NO, TERMS, YES, plan
from crawler.creator.mend import mend, robots_of
from crawler.creator.names import BYSTANDERS
from crawler.creator.trial import faults, with_files
from crawler.demo.web import Answer, DemoSite, load_sites
from crawler.judge.verdicts import judge_visit
from crawler.model import Purpose
from crawler.parsers.robots import google as robots_google
from crawler.parsers.robots import rfc9309, syntax
from crawler.parsers.robots.protego import ProtegoPolicy
from crawler.registry import agents
from tests.factories.demo_fetch import DemoFetch
from tests.factories.demo_mended import mended

SITES = {site.host: site for site in load_sites()}
CONTACT = "mailto:me@atelier.example"
WISHES = [{}, *({purpose: value} for purpose in Purpose for value in (NO, TERMS, YES))]
WISHES += [
    dict(zip(Purpose, values, strict=True))
    for values in ((NO, YES, NO), (NO, NO, NO), (YES, YES, YES), (NO, YES, TERMS))
]
"""No wish, every wish for one purpose, and those for all three that people have."""
AI = [{}, {Purpose.TRAIN: NO}, {Purpose.TRAIN: NO, Purpose.AI_INPUT: NO},
      {Purpose.TRAIN: TERMS, Purpose.AI_INPUT: TERMS}]  # fmt: skip
"""Wishes that say nothing of search."""
PATHS = ("/", "/a/page?x=1", "/private/x", "/wp-admin/", "/images/a.jpg", "/search", "/%70")


@cache
def visited(host):
    return asyncio.run(visit(DemoFetch(SITES.values()), host))


@cache
def judged(host):
    return judge_visit(visited(host).captures)


def small(robots):
    home = Answer("/", headers=(("Content-Type", "text/html"),), body=b"<!doctype html><head>")
    site = DemoSite("a.example", (home, Answer("/robots.txt", body=robots)))
    return asyncio.run(visit(DemoFetch([site]), "a.example"))


def said_yes(judgement):
    return {v.purpose for v in judgement.verdicts if YES in (v.strict, v.lenient)}


@pytest.mark.parametrize("host", SITES)
def test_no_yes_but_what_was_asked_for_and_no_fault_of_ours(host):
    """No wish for each site, all fourteen for every sixth."""
    before, was = visited(host), judged(host)
    for wishes in WISHES if host in list(SITES)[::6] else [{}]:
        found = mend(before, was, wishes, CONTACT)
        asked = {purpose for purpose, value in wishes.items() if value is YES}
        assert {p for p, v in found.wish.items() if v is YES} == asked
        for file in found.files:
            assert {p for p, v in (file.says or {}).items() if v is YES} <= asked, file.name
        for purpose, value in found.wish.items():
            assert value is not AS_IS or purpose not in wishes
        if wishes:
            continue
        after = judge_visit(with_files(before, found.files).captures)
        assert said_yes(after) <= said_yes(was)


@pytest.mark.parametrize("host", SITES)
@pytest.mark.parametrize("wishes", AI[:2], ids=len)
def test_a_second_check_has_nothing_to_propose(host, wishes):
    """Whoever does all that is told, and checks again with the same wish."""
    before = visited(host)
    found = mend(before, judged(host), wishes, CONTACT)
    others = [site for site in SITES.values() if site.host != host]
    again = asyncio.run(visit(DemoFetch([mended(SITES[host], before, found), *others]), host))
    if again.outcome not in ("ok", "absent"):
        return
    after = judge_visit(again.captures)
    left = mend(again, after, wishes, CONTACT)
    assert [file.name for file in left.files] == []
    assert left.removals == ()
    new = {one[0] for one in faults(after) - faults(judged(host))}
    assert new <= {"conflict"}, new


def readers(body):
    file = syntax.parse(body)
    policies = {"google": robots_google.read(file), "rfc9309": rfc9309.read(file),
                "protego": ProtegoPolicy(body)}  # fmt: skip
    parser = RobotFileParser()
    parser.parse(body.decode("utf-8", "replace").splitlines())
    asked = {name: policy.allowed for name, policy in policies.items()}
    return {"urllib": parser.can_fetch} | {
        name: lambda who, path, ask=ask: ask(who, path)[0] for name, ask in asked.items()
    }


def unasked_changes(before, after):
    """Every reader, bystander and path for which two files differ."""
    old, new = readers(before), readers(after)
    for reader, name, path in product(old, BYSTANDERS, PATHS):
        if old[reader](name, path) != new[reader](name, path):
            yield reader, name, path


def robots_written(robots, wishes):
    before = small(robots)
    found = mend(before, judge_visit(before.captures), wishes, CONTACT)
    return next((file.text for file in found.files if file.name == "robots.txt"), None)


def test_there_are_enough_bystanders():
    assert len(BYSTANDERS) >= 30
    assert len({name.lower() for name in BYSTANDERS}) == len(BYSTANDERS)


def bodies():
    yield from (robots_of(visited(host)).body for host in SITES if robots_of(visited(host)))
    yield from (b"User-agent: *\nDisallow:\n", b"User-agent: Spider\nDisallow: /x\n",
                b"User-agent: GPTBot, CCBot\nDisallow: /\n", b"User-agent: *\nDisallow: /private/\n"
                b"\nUser-agent: Googlebot\nAllow: /private/\n")  # fmt: skip


@pytest.mark.parametrize("wishes", AI, ids=len)
def test_search_engines_and_archives_notice_nothing(wishes):
    written = 0
    for body in sorted({body for body in bodies() if len(body) < 20_000})[len(wishes) % 2 :: 2]:
        after = robots_written(body, wishes)
        written += after is not None
        assert after is None or list(unasked_changes(body, after)) == [], body
    assert written > 25


def test_search_engines_and_archives_notice_nothing_in_captured_files(corpus):
    sys.path.insert(0, str(corpus))
    try:
        import load
    finally:
        sys.path.remove(str(corpus))
    found = {load.body_bytes(row) for row in load.rows("robots/bodies.jsonl.xz")}
    chosen = sorted(body for body in found if len(body) < 20_000)[::400]
    for body, wishes in product(chosen, AI[:2]):
        after = robots_written(body, wishes)
        assert after is None or list(unasked_changes(body, after)) == [], body


@pytest.mark.parametrize("name", ["Spider", "Code", "ExaBot", "AI2Bot", "bigsur.ai", "Cursor"])
def test_names_that_hurt_others_are_never_written(name):
    for wishes in WISHES:
        wish = {purpose: wishes.get(purpose, AS_IS) for purpose in Purpose}
        body = _robots(tuple(wish.items()))
        assert f"User-agent: {name}\n".lower().encode() not in body.lower()


@cache
def _robots(wish):
    from crawler.creator.generate import Statement
    from crawler.registry import timeline

    statement = Statement(dict(wish), timeline.last_day(), CONTACT, site="a.example")
    return next(file.text for file in plan(statement).files if file.name == "robots.txt")


def test_every_name_that_is_written_is_documented_and_a_product_token():
    body = _robots(tuple(dict.fromkeys(Purpose, NO).items()))
    names = [line.partition(b": ")[2].decode() for line in body.splitlines() if b"agent" in line]
    assert len(names) > 40
    for name in set(names) - {"*"}:
        assert agents.is_product_token(name)
        known = agents.load().by_token(name)
        assert known is None or known.documentation or known.status == "active" or (
            name in BYSTANDERS
        ), name  # fmt: skip
