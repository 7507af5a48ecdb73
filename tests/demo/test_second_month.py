"""The demo web a month later: verdicts and the usage of changes equal what was written down."""

import sqlite3
from contextlib import closing

import pytest

from analysis.numbers import indicator
from analysis.waves import changes
from crawler.demo.web import SiteFileError, load_sites, read_later, second_month
from tests.factories.manifest import differences


@pytest.fixture(scope="module")
def connection(two_months):
    with closing(sqlite3.connect(two_months / "survey.db")) as opened:
        yield opened


def test_every_verdict_equals_the_manifest(connection):
    assert list(differences(connection, second_month(), "demo-2")) == []
    assert list(differences(connection, load_sites(), "demo")) == []


def test_the_ledger_holds_every_change_that_was_written_down_and_no_other(connection):
    found = sorted(
        (c.host, c.kind, c.subject, c.before, c.after)
        for c in changes.changes(connection, "demo", "demo-2")
    )
    assert found == sorted(
        (site.host, c.kind, c.subject, c.before, c.after)
        for site in second_month()
        for c in site.changes
    )


def test_the_second_month_has_a_change_of_every_kind():
    kinds = {change.kind for site in second_month() for change in site.changes}
    assert kinds == set(changes.ChangeKind)


def test_a_file_whose_bytes_changed_without_its_meaning_is_in_no_ledger(connection):
    bodies = connection.execute(
        "SELECT DISTINCT body_sha256 FROM v_captures"
        " WHERE host = 'museum-of-small-rivers.example' AND resource = '/robots.txt'"
    ).fetchall()
    assert len(bodies) == 2
    changed = changes.changes(connection, "demo", "demo-2", host="museum-of-small-rivers.example")
    assert list(changed) == []


def test_indicators_over_two_waves_see_the_changes(connection):
    """Of the sites that refused GPTBot only Hallmoor lets it in; one more failed since."""
    (found,) = indicator.run(connection, "demo-2", ["reversal"])
    row = next(r for r in found.rows if (r.stratum, r.key) == ("*", "GPTBot"))
    assert (row.k, row.before) == (1, "demo")


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ('host = "nobody.example"', "nobody.example: KeyError"),
        ('host = "no-robots.example"\nstory = "s"', "no-robots.example: KeyError"),
    ],
)
def test_a_faulty_file_names_its_host(text, fault):
    sites = {site.host: site for site in load_sites()}
    with pytest.raises(SiteFileError, match=fault):
        read_later(sites, text)
