"""Asking under another name: only with consent, looked at before each request, by the log."""

import asyncio
import re
from datetime import date

import pytest

from crawler import settings
from crawler.fetch.address_guard import Resolver
from crawler.fetch.client import Fetcher
from crawler.fetch.limits import Limits
from crawler.model import Capture, Failure
from crawler.panel.exclusions import DoNotSurvey, Exclusion
from crawler.panel.studies import Probe, ProbeClass
from crawler.visit.consent import FILE, Denial
from crawler.wave import door
from crawler.wave.door import Consented, Door, Looked, Refused, control, named, probe_class
from tests.factories import bad_server as bad
from tests.factories.bad_server import answer, redirect

TOKEN = "Xa71-0000-4f2e-9c3d"
CONTACT = "https://observatory.example/contact"
TODAY = date(2026, 12, 1)
PLAIN = b"Content-Type: text/plain"
US = f"{settings.USER_AGENT} (+{CONTACT})"
PAGE = answer(b"<html>", b"Content-Type: text/html")
NONE = answer(b"", status=b"404 Not Found")
FORBIDDEN = answer(b"", status=b"403 Forbidden")


def line(host, **changed):
    said = {"host": host, "token": TOKEN, "until": "2026-12-31", "agents": "*"} | changed
    return "OptOutObservatory " + " ".join(f"{key}={value}" for key, value in said.items())


def file(text, *headers):
    return answer(text.encode(), *(headers or (PLAIN,)))


class Log:
    """A server that keeps path and User-Agent of every request, and answers by both."""

    def __init__(self, consent, doors=None, robots=NONE):
        self.seen = []
        self._consent = consent
        self._doors = doors or {}
        self._robots = robots

    async def serve(self, reader, writer):
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        path = head.split(" ", 2)[1]
        agent = re.search(r"(?im)^user-agent: (.*?)\r$", head)[1]
        host = re.search(r"(?im)^host: (.*?)\r$", head)[1]
        self.seen.append((path, agent))
        if path == FILE:
            asked = sum(path == FILE for path, _ in self.seen)
            writer.write(self._consent(host, asked))
        elif path == "/robots.txt":
            writer.write(self._robots)
        else:
            chosen = (given for name, given in self._doors.items() if name in agent)
            writer.write(next(chosen, PAGE))
        await writer.drain()

    @property
    def strange(self):
        """Requests that did not come under our own plain name."""
        return [(path, agent) for path, agent in self.seen if agent != US]


def ask(log, names=("GPTBot",), token=TOKEN, send=True, exclusions=None):
    async def go():
        async with bad.serving({"a": log.serve}) as web:
            (port,) = re.findall(r":(\d+) ", web.lines[0])
            host = f"a.test:{port}"
            fetcher = Fetcher(Resolver(web.hosts), Limits.scaled(4), user_agent=US)
            asker = Door(fetcher.fetch, CONTACT, exclusions or DoNotSurvey(), today=lambda: TODAY,
                         scheme="http", send=send)  # fmt: skip
            try:
                return host, await asker.ask(Consented(host, token, 7), names)
            finally:
                await fetcher.close()

    return asyncio.run(go())


def granted(host, _):
    return file(line(host))


def test_every_request_under_another_name_stands_right_after_a_look_at_the_consent():
    log = Log(granted, {"ClaudeBot": FORBIDDEN, "CCBot": answer(b"", status=b"402 Pay")})
    host, found = ask(log, ("GPTBot", "ClaudeBot", "CCBot"))
    assert found == [
        Probe(host, "GPTBot", ProbeClass.OK, ProbeClass.OK, 200, 7),
        Probe(host, "ClaudeBot", ProbeClass.REFUSED, ProbeClass.OK, 403, 7),
        Probe(host, "CCBot", ProbeClass.PAYMENT, ProbeClass.OK, 402, 7),
    ]
    assert log.seen[0] == ("/robots.txt", US)
    looked, asked = log.seen[1::2], log.seen[2::2]
    assert looked == [(FILE, US)] * 6
    assert [path for path, _ in asked] == ["/"] * 6
    assert [agent for _, agent in asked] == [
        agent
        for name in ("GPTBot", "ClaudeBot", "CCBot")
        for agent in (control(CONTACT), named(name, CONTACT))
    ]


def test_every_request_says_who_we_are():
    log = Log(granted)
    ask(log, ("GPTBot",))
    assert len(log.strange) == 2
    assert all(settings.USER_AGENT in agent and CONTACT in agent for _, agent in log.seen)


def test_what_is_not_sent_is_only_looked_for():
    log = Log(granted)
    host, found = ask(log, ("GPTBot", "CCBot"), send=False)
    assert found == [Looked(host, "GPTBot"), Looked(host, "CCBot")]
    assert log.strange == []


def moved(to):
    return lambda host, _: redirect(to.replace("HOST", host).encode())


TRICKS = {
    "no file": (lambda *_: NONE, Denial.NO_FILE),
    "a page for every address": (
        lambda host, _: file(line(host), b"Content-Type: text/html"), Denial.NOT_PLAIN),
    "no media type": (lambda host, _: file(line(host), b"X: y"), Denial.NOT_PLAIN),
    "a refusal with the words": (
        lambda host, _: answer(line(host).encode(), PLAIN, status=b"403 Forbidden"),
        Denial.NO_FILE),
    "a part of the file": (
        lambda host, _: answer(line(host).encode(), PLAIN, status=b"206 Partial Content"),
        Denial.NO_FILE),
    "an answer cut short": (
        lambda host, _: file(line(host), PLAIN, b"Content-Length: 900"), Denial.NOT_PLAIN),
    "more than a file": (lambda host, _: file(line(host) + "\n" * 5000), Denial.NOT_PLAIN),
    "a coding that does not decode": (
        lambda host, _: file(line(host), PLAIN, b"Content-Encoding: gzip"), Denial.NOT_PLAIN),
    "another address of the site": (moved("/consent.txt"), Denial.NO_FILE),
    "another site": (moved("http://b.test/"), Denial.NO_FILE),
    "a consent of another site": (lambda *_: file(line("b.test")), Denial.OTHER_HOST),
    "a consent of the whole domain": (lambda *_: file(line("*.test")), Denial.OTHER_HOST),
    "a longer token": (lambda host, _: file(line(host, token=TOKEN + "1")), Denial.OTHER_TOKEN),
    "the beginning of the token": (
        lambda host, _: file(line(host, token=TOKEN[:8])), Denial.OTHER_TOKEN),
    "no token": (lambda host, _: file(line(host, token="")), Denial.OTHER_TOKEN),
    "a day that is over": (
        lambda host, _: file(line(host, until="2026-11-30")), Denial.EXPIRED),
    "no day": (lambda host, _: file(line(host, until="always")), Denial.EXPIRED),
    "another agent": (lambda host, _: file(line(host, agents="CCBot")), Denial.OTHER_AGENT),
    "a comment": (lambda host, _: file("# " + line(host)), Denial.NO_LINE),
    "another surveyor": (
        lambda host, _: file(line(host).replace("OptOut", "Other")), Denial.NO_LINE),
    "said and taken back": (
        lambda host, _: file(line(host) + "\nOptOutObservatory withdrawn"), Denial.AMBIGUOUS),
    "said twice": (lambda host, _: file(line(host) + "\n" + line(host)), Denial.AMBIGUOUS),
    "something we do not know": (
        lambda host, _: file(line(host) + " but=never"), Denial.AMBIGUOUS),
    "look-alike letters": (
        lambda host, _: file(line(host).replace("Xa71", "Xа71")), Denial.NOT_PLAIN),
    "a connection that breaks": (lambda *_: b"", Denial.NO_FILE),
}  # fmt: skip


@pytest.mark.parametrize("trick", TRICKS)
def test_without_consent_nothing_is_asked(trick):
    consent, denial = TRICKS[trick]
    log = Log(consent)
    host, found = ask(log)
    assert found == [Refused(host, "GPTBot", denial)]
    assert log.strange == []
    assert [path for path, _ in log.seen if path != FILE] == ["/robots.txt"]


def test_a_site_without_a_token_is_asked_for_nothing_at_all():
    log = Log(granted)
    host, found = ask(log, ("GPTBot", "CCBot"), token=None)
    assert found == [Refused(host, name, Denial.NO_TOKEN) for name in ("GPTBot", "CCBot")]
    assert log.seen == []


def test_who_asked_not_to_be_surveyed_is_asked_for_nothing_at_all():
    log = Log(granted)
    listed = DoNotSurvey(standing=[Exclusion("a.test", "2026-01-01", "asked")])
    host, found = ask(log, exclusions=listed)
    assert found == [Refused(host, "GPTBot", Denial.EXCLUDED)]
    assert log.seen == []


def test_who_keeps_ourselves_out_is_asked_for_nothing_further():
    ours = answer(b"User-agent: OptOutObservatory\nDisallow: /\n", PLAIN)
    log = Log(granted, robots=ours)
    host, found = ask(log)
    assert found == [Refused(host, "GPTBot", Denial.ROBOTS)]
    assert log.seen == [("/robots.txt", US)]


@pytest.mark.parametrize(("holds", "names"), [(0, []), (1, ["control"]), (2, ["control", "probe"])])
def test_a_consent_that_is_withdrawn_meanwhile_ends_the_asking(holds, names):
    log = Log(lambda host, asked: file(line(host)) if asked <= holds else NONE)
    host, found = ask(log, ("GPTBot", "CCBot"))
    assert found[-1] == Refused(host, "CCBot", Denial.NO_FILE)
    told = {control(CONTACT): "control", named("GPTBot", CONTACT): "probe"}
    assert [told[agent] for _, agent in log.strange] == names


def test_a_redirect_to_where_nobody_consented_is_not_followed():
    log = Log(granted, {"GPTBot": redirect(b"http://b.test/")})
    host, found = ask(log)
    assert found == [Probe(host, "GPTBot", ProbeClass.ERROR, ProbeClass.OK, 302, 7)]
    assert [path for path, agent in log.seen if "GPTBot" in agent] == ["/"]


@pytest.mark.parametrize(
    ("agent", "problem"),
    [
        ("Nobody", "no agent of the registry"),
        ("Kangaroo Bot", "no agent of the registry has this product token"),
        ("GPTBot\r\nCookie: x", "no agent of the registry"),
        ("Google-Extended", "no request carries this name; ask as Googlebot"),
    ],
)
def test_a_name_that_cannot_be_tried_is_refused_before_anything_is_asked(agent, problem):
    log = Log(granted)
    with pytest.raises(ValueError, match=problem):
        ask(log, ("GPTBot", agent))
    assert log.seen == []


def test_nobody_asks_without_a_contact_or_under_many_names():
    with pytest.raises(ValueError, match="whom a site can ask"):
        named("GPTBot", "")
    with pytest.raises(ValueError, match="whom a site can ask"):
        control("line\nbreak")
    with pytest.raises(ValueError, match="at most 8"):
        ask(Log(granted), ["GPTBot"] * 9)


@pytest.mark.parametrize(
    ("capture", "came"),
    [
        ({"status": 200}, ProbeClass.OK),
        ({"status": 401}, ProbeClass.REFUSED),
        ({"status": 403}, ProbeClass.REFUSED),
        ({"status": 451}, ProbeClass.REFUSED),
        ({"status": 402}, ProbeClass.PAYMENT),
        ({"status": 429}, ProbeClass.RATE_LIMITED),
        ({"status": 404}, ProbeClass.ERROR),
        ({"status": 503}, ProbeClass.ERROR),
        ({"failure": Failure.TIMEOUT_FIRST_BYTE}, ProbeClass.ERROR),
        ({"status": 403, "headers": ((b"cf-mitigated", b"challenge"),)}, ProbeClass.CHALLENGE),
    ],
)
def test_the_class_of_what_came(capture, came):
    assert probe_class(Capture("/", "https://a.example/", "https://a.example/", **capture)) is came


def test_a_control_of_another_minute_is_no_control(monkeypatch):
    monkeypatch.setattr(door, "MINUTE", -1.0)
    host, found = ask(Log(granted))
    assert found == [Probe(host, "GPTBot", ProbeClass.OK, None, 200, 7)]
