"""Whom sites can ask about us: asked for once, and kept on this machine."""

import io

import click
import pytest

from crawler.cli import ask


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.fixture
def kept(tmp_path, monkeypatch):
    monkeypatch.setattr(click, "get_app_dir", lambda _: str(tmp_path / "optout"))
    return tmp_path / "optout" / "contact"


def test_it_is_asked_for_once(kept, monkeypatch):
    monkeypatch.setattr("sys.stdin", Terminal())
    monkeypatch.setattr(click, "prompt", lambda _: " me@a.example ")
    assert ask.contact_of({"contact": None}) == "me@a.example"
    monkeypatch.setattr(click, "prompt", None)
    assert ask.contact_of({"contact": None}) == kept.read_text() == "me@a.example"


def test_an_option_goes_first_and_nobody_is_asked_without_a_terminal(kept, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO())
    assert ask.contact_of({"contact": "b@a.example"}) == "b@a.example"
    assert ask.contact_of({"contact": None}) is None
    assert ask.contact_of({"contact": None, "hosts": "hosts"}) is None
    assert not kept.exists()
