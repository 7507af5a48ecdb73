"""`optout watch`: only what changed in meaning is told."""

import json

import pytest
from click.testing import CliRunner
from lxml import etree

from crawler.cli import main
from crawler.cli.watch import atom, changes
from crawler.demo.server import serve_sites
from crawler.demo.web import Answer, DemoSite

HOST = "a.example"
HOME = Answer("/", headers=(("Content-Type", "text/html"),), body=b"<!doctype html><head>")


def run(folder, robots, *arguments):
    site = DemoSite(HOST, (HOME, Answer("/robots.txt", body=robots)))
    with serve_sites([site]) as server:
        (folder / "hosts").write_text(server.hosts())
        return CliRunner().invoke(main, [
            "watch", HOST, "--hosts", str(folder / "hosts"), "--delay", "0",
            "--state", str(folder / "state.json"), *map(str, arguments),
        ])  # fmt: skip


def test_only_what_changed_in_meaning_is_told(tmp_path):
    closed = b"User-agent: GPTBot\nDisallow: /\n"
    first = run(tmp_path, closed)
    assert (first.exit_code, first.output) == (0, "")
    again = run(tmp_path, b"# new words\n" + closed.lower())
    assert (again.exit_code, again.output) == (0, "")
    mail, feed = tmp_path / "mail.txt", tmp_path / "feed.xml"
    opened = run(tmp_path, b"User-agent: *\nAllow: /\n", "--mail", mail, "--feed", feed)
    assert opened.exit_code == 1
    assert "a.example: GPTBot: was disallowed, is allowed" in opened.output
    assert mail.read_text().startswith("Subject: Opt-out changed: a.example\n\n")
    tree = etree.fromstring(feed.read_bytes())
    assert len(tree.findall("{*}entry")) == 1
    told = run(tmp_path, closed, "--json")
    found = json.loads(told.stdout)
    assert "GPTBot: was allowed, is disallowed" in found["changes"]
    assert told.exit_code == 1


NOW = {"light": "no", "roots": {"GPTBot": "disallowed"}, "broken": [], "steps": []}


def test_what_could_not_be_read_is_no_change_and_a_new_crawler_is_one():
    assert list(changes(None, NOW)) == []
    assert list(changes(NOW, NOW | {"light": "unread", "roots": {}})) == []
    grown = NOW | {"roots": NOW["roots"] | {"NewBot": "allowed"}, "broken": ["x"], "steps": ["y"]}
    assert list(changes(NOW, grown)) == [
        "NewBot is new, and not asked to stay away", "broken now: x", "to do: y"
    ]  # fmt: skip
    assert list(changes(grown, NOW)) == ["works again: x"]


def test_text_of_sites_is_escaped_in_a_feed():
    news = [{"site": "<a>", "at": "2026-12-01T00:00:00+00:00", "changes": ["<b>\x1b"]}]
    etree.fromstring(atom(news, "2026-12-01T00:00:00+00:00").encode())


@pytest.mark.parametrize("arguments", [[], ["me@a.example"], ["a.example"]])
def test_what_cannot_be_watched_is_said(arguments, tmp_path):
    done = CliRunner().invoke(main, ["watch", *arguments, "--state", str(tmp_path / "s")])
    assert done.exit_code == 2


def test_a_state_that_is_none_is_refused(tmp_path):
    (tmp_path / "state.json").write_text("no")
    assert run(tmp_path, b"").exit_code == 2
