"""Every signal with words tolerates the same spellings, and reads none of them strictly."""

import pytest

from crawler.model import Preference, Purpose, Strictness
from crawler.parsers.http import parse_response
from crawler.signals import SIGNALS

BY_NAME = {signal.name: signal for signal in SIGNALS}
HEAD = "HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n"
FORMS = ["“{}”", "'{}'", "[{}]", "«{}»", "`{}`"]
CARRIERS = {
    "x_robots_tag": ("/", HEAD + "X-Robots-Tag: {}\r\n\r\n<p>x", "noai"),
    "robots_meta": ("/", HEAD + '\r\n<!doctype html><meta name="robots" content="{}">', "noai"),
    "tdmrep_header": ("/", HEAD + "tdm-reservation: {}\r\n\r\n<p>x", "1"),
    "content_signal_header": ("/", HEAD + "Content-Signal: {}\r\n\r\n<p>x", "ai-train=no"),
    "content_usage_header": ("/", HEAD + "Content-Usage: {}\r\n\r\n<p>x", "train-ai=n"),
    "mlnoindex": ("/", HEAD + '\r\n<!doctype html><meta name="mlnoindex" content="{}">', "true"),
    "html_folk": ("/", HEAD + '\r\n<!doctype html><meta name="ai-training" content="{}">', "no"),
    "robots_content_signal": (
        "/robots.txt",
        "HTTP/1.1 200 OK\r\n\r\nUser-agent: *\nContent-Signal: {}\nAllow: /\n",
        "ai-train=no",
    ),
    "robots_content_usage": (
        "/robots.txt",
        "HTTP/1.1 200 OK\r\n\r\nUser-agent: *\nContent-Usage: {}\nAllow: /\n",
        "train-ai=n",
    ),
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("name", CARRIERS)
def test_marks_around_a_refusal_are_forgiven_everywhere_alike(name: str, form: str):
    path, template, value = CARRIERS[name]
    data = template.replace("{}", form.replace("{}", value)).encode()
    found = BY_NAME[name].find(parse_response(data, f"https://site.example{path}", path))
    said = {(s.purpose, s.preference, s.strictness, s.agent) for s in found.statements}
    assert (Purpose.TRAIN, Preference.DISALLOWED, Strictness.LENIENT, "*") in said
    assert {s.preference for s in found.statements} == {Preference.DISALLOWED}
    assert found.defects
