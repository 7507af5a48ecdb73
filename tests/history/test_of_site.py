"""`optout check SITE --history`: two sentences, from what is known and from nothing else."""

import json

import pytest
from click.testing import CliRunner

from crawler.cli import main
from tests.analysis.numbers.test_retroactivity import CLOSED, OPEN, Panel


@pytest.fixture
def panel(tmp_path):
    panel = Panel(tmp_path)
    panel.wave("2025-01-02", {"a.example": OPEN, "b.example": CLOSED})
    panel.wave("2026-06-30", {"a.example": CLOSED, "b.example": CLOSED, "o.example": OPEN})
    return panel.taken(
        """
        a.example,CC-MAIN-2024-51,2024-12-01,2024-12-03,10
        www.a.example,CC-MAIN-2024-51,2024-12-02,2024-12-05,5
        a.example,CC-MAIN-2025-26,2025-06-10,2025-06-12,30
        b.example,CC-MAIN-2025-26,2025-06-10,2025-06-12,4
        o.example,CC-MAIN-2025-26,2025-06-10,2025-06-12,4
        n.example,CC-MAIN-2024-51,2024-12-01,2024-12-20,0
        """
    )


def check(panel, host, *more, code=0):
    saved = panel.folder / "saved.http"
    saved.write_bytes(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\nUser-agent: *\n")
    url = ["--url", f"https://{host}/robots.txt"] if host else []
    result = CliRunner().invoke(
        main, ["check", str(saved), *url, "--history", str(panel.db), *more]
    )
    assert result.exit_code == code, result.output
    return result.output


def first(panel, host):
    return json.loads(check(panel, host, "--json"))["history"][0]


def test_who_was_taken_open_and_refused_later(panel):
    assert first(panel, "a.example") == (
        "Public crawls took 45 pages of this site between 2024-12-01 and 2025-06-12"
        " (CC-MAIN-2024-51, CC-MAIN-2025-26); it still let CCBot in on 2025-01-02, and was first"
        " seen to refuse it on 2026-06-30."
    )


def test_who_was_never_seen_open_and_who_never_refused(panel):
    assert "whether it did when it was first taken is not known" in first(panel, "b.example")
    assert "no refusal of CCBot by it is known" in first(panel, "o.example")


def test_none_found_is_not_none_and_nothing_known_is_neither(panel):
    assert "no page of this site was found; of other" in first(panel, "n.example")
    assert "is not known: nothing that is loaded" in first(panel, "x.example")


def test_the_second_sentence_says_what_can_be_done_with_source_and_day(panel):
    text = check(panel, "a.example")
    assert "takes nothing out of earlier ones" in text
    assert "2025-11-04, told by others)" in text


def test_files_without_a_site_have_no_past(panel):
    assert "give its address with --url" in check(panel, None, code=2)
