"""What stands beside a doubt: nothing that is permitted follows from it, and nothing is lost."""

import pytest

from crawler.model import Capture, Preference, Purpose, Reading, Strictness
from crawler.parsers.http import parse_response
from crawler.signals import SIGNALS
from crawler.signals.reading.robots_lines import Field, Said, refusals_of_nobody

BY_NAME = {signal.name: signal for signal in SIGNALS}


def find(name: str, head: str, body: str = "", **more: object):
    signal = BY_NAME[name]
    resource = signal.resources[0]
    url = f"https://site.example{resource}"
    raw = f"HTTP/1.1 200 OK\r\n{head}\r\n\r\n{body}".encode()
    capture = parse_response(raw, url, resource)
    for key, value in more.items():
        object.__setattr__(capture, key, value)
    return signal.find(capture)


def robots(name: str, body: str):
    return find(name, "Content-Type: text/plain", body)


def said(found) -> set[tuple[Preference, Strictness]]:
    return {(one.preference, one.strictness) for one in found.statements}


def test_beside_a_tdmrep_value_that_nobody_understands_a_permission_is_none():
    found = find("tdmrep_header", 'tdm-reservation: "0"\r\ntdm-reservation: perhaps')
    assert said(found) == set()


def test_a_name_in_front_of_words_that_name_another_keeps_its_own():
    found = find("x_robots_tag", "X-Robots-Tag: noai, GPTBot CCBot noimageai")
    assert {(one.agent, one.strictness) for one in found.statements} == {
        ("*", Strictness.STRICT),
        ("GPTBot", Strictness.LENIENT),
        ("CCBot", Strictness.LENIENT),
    }


def test_content_signal_with_a_doubtful_yes_and_a_no_keeps_the_no():
    found = robots(
        "robots_content_signal",
        "User-agent: *\nContent-Signal: ai-train=no, ai_train=yes, search=perhaps\n",
    )
    assert said(found) == {(Preference.DISALLOWED, Strictness.STRICT)}


def test_a_path_below_a_closed_one_that_is_closed_too_is_none_of_the_preferences():
    found = robots(
        "robots_content_usage",
        "User-agent: *\nDisallow: /a\nDisallow: /a/b/c\nAllow: /a/b\nAllow: /other\n"
        "Content-Usage: /a train-ai=y\n",
    )
    assert [(one.preference, one.path) for one in found.statements] == [
        (Preference.ALLOWED, "/a/b")
    ]


def test_a_page_that_came_in_part_in_place_of_robots_is_unmeasured():
    capture = Capture(
        "/robots.txt", "https://site.example/robots.txt", "https://site.example/robots.txt",
        status=200, body=b"<!doctype html>\n<html><body>\n<p>x\n", truncated=True,
    )  # fmt: skip
    assert BY_NAME["robots_access"].find(capture).outcome is Reading.UNMEASURED
    # Groups and lines on use could stand in the rest of it.
    for name in ("robots_content_signal", "robots_prose", "robots_license"):
        assert BY_NAME[name].find(capture).outcome is Reading.UNMEASURED


@pytest.mark.parametrize("preference", [Preference.ALLOWED, Preference.DISALLOWED])
def test_only_refusals_are_taken_from_lines_that_are_addressed_to_nobody(preference):
    field = Field(1, "Content-Signal", "x", "x", (), exact=True)
    one = Said(field, Purpose.TRAIN, preference, Strictness.STRICT)
    assert len(list(refusals_of_nobody([one]))) == (preference is Preference.DISALLOWED)
