"""Every difference between the strict reader and Google's has a name, and each name is right."""

import random

import pytest

from crawler.parsers.robots import google as robots_google
from crawler.parsers.robots import rfc9309, syntax
from tests.benchmarks.oracle import Reason, invented, paths_for, reason_of

CASES = [
    (Reason.FIELD, b"User-agent: *\nDisalow: /a\n", "x", "/a"),
    (Reason.FIELD, b"Useragent: *\nDisallow: /a\n", "x", "/a"),
    (Reason.PREFIX, b"User-agent: *\nDisallowAITraining: /a\n", "x", "/a"),
    (Reason.COLON, b"User-agent: *\nDisallow /a\n", "x", "/a"),
    (Reason.CUT, b"User-agent: *\nDisallow: /a\0b\n", "x", "/a"),
    (Reason.CUT, b"User-agent: *\nDisallow: /a" + b" " * 16_700 + b"b\n", "x", "/a"),
    (Reason.NAME, b"User-agent: GPTBot/1.0\nDisallow: /a\n", "GPTBot", "/a"),
    (Reason.NAME, b"User-agent: AI2Bot\nDisallow: /a\n", "AI2Bot", "/a"),
    (Reason.STAR, b"User-agent: * everybody\nDisallow: /a\n", "x", "/a"),
    (Reason.ESCAPES, b"User-agent: *\nDisallow: /%61\n", "x", "/a"),
    (Reason.ESCAPES, b"User-agent: *\nDisallow: /a%2Fb\n", "x", "/a%2fb"),
    (Reason.INDEX, b"User-agent: *\nDisallow: /a/\nAllow: /a/index.html\n", "x", "/a/"),
    (Reason.SELF, b"User-agent: *\nDisallow: /\n", "x", "/robots.txt"),
    ("field-misspelt+name-cut", b"Useragent: GPTBot/1\nDisallow: /\n", "GPTBot", "/a"),
    ("field-misspelt+star-and-words", b"Useragent: * x\nDisallow: /\n", "x", "/a"),
]


@pytest.mark.parametrize(("reason", "body", "agent", "path"), CASES)
def test_a_difference_is_traced_to_what_google_does(reason, body, agent, path):
    file = syntax.parse(body)
    strict = rfc9309.read(file).allowed(agent, path)[0]
    assert strict is not robots_google.read(file).allowed(agent, path)[0]
    assert reason_of(body, agent, path) == reason


def test_every_name_has_a_case():
    assert {case[0] for case in CASES} >= set(Reason) - {Reason.UNNAMED}


def test_no_difference_in_made_files_is_without_a_name():
    chance = random.Random(2)
    found = 0
    for body in (invented(chance) for _ in range(250)):
        file = syntax.parse(body)
        strict, google = rfc9309.read(file), robots_google.read(file)
        for path in paths_for(body, chance):
            for agent in ("x", "GPTBot", "AI2Bot"):
                if strict.allowed(agent, path)[0] is not google.allowed(agent, path)[0]:
                    found += 1
                    assert reason_of(body, agent, path) != Reason.UNNAMED
    assert found > 100
