"""Views about readers, operators' own rules, odd names and templates, as the judge writes them."""

import sqlite3
from contextlib import closing

import pytest

from crawler.model import Outcome, Reason, Site
from crawler.panel import reading as panel
from crawler.registry import agents
from crawler.signals import robots_access
from crawler.store import facts
from crawler.store.database import writing
from crawler.wave import judging, rejudge
from tests.store.test_views import captures

TEMPLATE = b"# made for %s\nUser-agent: *\nDisallow: /cart\n\nSitemap: https://%s/sitemap.xml\n"
FILES = {
    "agrees.example": b"User-agent: GPTBot\nDisallow: /\n",
    "list.example": b"User-agent: GPTBot, CCBot\nDisallow: /\n",
    "typo.example": b"User-agent: *\nDisalow: /\n",
    "odd.example": b"User-agent: AI2Bot\nDisallow: /\n",
    "extent.example": b"User-agent: *\nDisalow: /a\n",
    "long.example": b"User-agent: a\n" * 1100 + b"Disallow: /\n" * 1100,
    "apple.example": b"User-agent: Googlebot\nDisallow: /\n",
    "named.example": b"User-agent: Googlebot\nDisallow: /\nUser-agent: Applebot\nAllow: /\n",
    "one.example": TEMPLATE % (b"one", b"one.example"),
    "two.example": (TEMPLATE % (b"two", b"two.example")).replace(b"User-agent", b"user-agent"),
    "sub.two.example": TEMPLATE % (b"sub", b"sub.two.example"),
    "page.example": b"<html><body>Disallow: /cart",
    "error.example": b"<html><body>Disallow: /cart",
    "void.example": b"# nothing\n",
    "blank.example": b"\n\n",
}


@pytest.fixture(scope="module")
def connection(tmp_path_factory):
    """A judged wave of these files, opened read-only."""
    folder = tmp_path_factory.mktemp("robots_views")
    listed = folder / "sites.csv"
    listed.write_text("host,stratum\n" + "".join(f"{host},s\n" for host in FILES))
    path = folder / "survey.db"
    with writing(path) as opened:
        panel_id = facts.put_panel(opened, panel.read(listed))
        wave = facts.open_wave(
            opened,
            "w",
            panel_id,
            seed=0,
            software="test",
            settings={},
            user_agent="test",
            vantage=None,
            ruleset=1,
        )
        visits = [
            facts.Visit(
                Site(host, host, host),
                Outcome.OK,
                Reason.COMPLETE,
                None,
                captures(host, body)[:1],
                "a",
                "b",
            )
            for host, body in FILES.items()
        ]
        facts.put_visits(opened, wave, visits)
    rejudge.judge_wave(path, "w")
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as opened:
        yield opened


def disagreements(connection, host):
    """The view's rows about one site: agent to the roots of the three readers."""
    rows = connection.execute(
        "SELECT agent, rfc9309_root, google_root, protego_root FROM v_reader_disagreements"
        " WHERE host = ?",
        (host,),
    )
    return {agent: roots for agent, *roots in rows}


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("agrees.example", {}),
        ("list.example", {"GPTBot": ["allowed", "disallowed", "allowed"]}),
        ("typo.example", {"*": ["allowed", "disallowed", "disallowed"]}),
        ("extent.example", {"*": ["allowed", "allowed", "allowed"]}),
        ("long.example", {}),  # Protego could not be asked
        ("page.example", {}),
    ],
)
def test_answers_that_depend_on_the_reader_are_listed(connection, host, expected):
    assert disagreements(connection, host) == expected


def test_the_view_holds_exactly_what_the_judge_tells_apart(connection):
    """Each registered agent, by the judge's own answers, against the view's sparse rows."""
    tokens = [agent.token for agent in agents.load().agents]
    for host, body in FILES.items():
        reading = judging.read_body(body)
        found = disagreements(connection, host)
        for token in tokens:
            made = {
                reader: access.named.get(token, access.default)
                for reader, access in reading.access.items()
            }
            roots = {d.root.value for d in made.values()} - {"unmeasured"}
            differ = len(roots) > 1 or made["rfc9309"].extent != made["google"].extent
            own_row = any(token in access.named for access in reading.access.values())
            assert differ == ((token if own_row else "*") in found), (host, token)


def test_extent_and_lines_of_a_disagreement_are_told(connection):
    (row,) = connection.execute(
        "SELECT rfc9309_extent, google_extent, rfc9309_line, google_line"
        " FROM v_reader_disagreements WHERE host = 'typo.example'"
    )
    assert row == ("none", "all", None, 2)


@pytest.mark.parametrize("view", ["v_reader_disagreements", "v_vendor_fallbacks"])
@pytest.mark.parametrize("where", ["wave = 'w' AND host = 'typo.example'", "wave = 'w'", "1"])
def test_policies_are_looked_up_by_key_for_each_site(connection, view, where):
    """Going through the policies for each site would take the square of the sites."""
    plan = connection.execute(f"EXPLAIN QUERY PLAN SELECT * FROM {view} WHERE {where}").fetchall()
    steps = [row[3] for row in plan]
    assert not [step for step in steps if "access_by_agent" in step], steps
    assert not [step for step in steps if step.startswith("SCAN d")], steps


def test_what_an_operators_own_rule_changes_is_apart_from_the_readers(connection):
    rows = connection.execute(
        "SELECT host, agent, follows, root, extent, vendor_root, vendor_extent, line, verification"
        " FROM v_vendor_fallbacks"
    ).fetchall()
    assert rows == [
        ("apple.example", "Applebot", "Googlebot", "allowed", "none", "disallowed", "all", 2)
        + ("unverified",)
    ]
    access = connection.execute(
        "SELECT root, basis FROM v_agent_access"
        " WHERE host = 'apple.example' AND agent = 'Applebot' AND reader = 'rfc9309'"
    ).fetchall()
    assert access == [("allowed", "none")]


def test_names_that_are_no_product_tokens_can_be_queried(connection):
    rows = dict(
        connection.execute(
            "SELECT agent, is_token FROM v_agent_access"
            " WHERE host = 'odd.example' AND reader = 'google'"
        ).fetchall()
    )
    assert (rows["AI2Bot"], rows["img2dataset"], rows["GPTBot"]) == (0, 0, 1)
    assert rows == {a.token: agents.is_product_token(a.token) for a in agents.load().agents}
    lines = connection.execute(
        "SELECT line, quote FROM v_defects WHERE code = 'robots-agent-not-token'"
    ).fetchall()
    assert lines == [(1, "User-agent: AI2Bot")]


def test_sites_with_one_template_are_a_cluster(connection):
    rows = connection.execute(
        "SELECT sites, domains, bodies, agents_named, authorship, example FROM v_template_clusters"
    ).fetchall()
    assert rows == [(3, 2, 3, 0, "unknown", "one.example")]
    joined = connection.execute(
        "SELECT host FROM v_robots JOIN v_template_clusters USING (wave, template) ORDER BY host"
    ).fetchall()
    assert [host for (host,) in joined] == ["one.example", "sub.two.example", "two.example"]
    (void,) = connection.execute("SELECT template FROM v_robots WHERE host = 'void.example'")
    assert void == (None,)


def test_every_reader_of_the_judge_has_its_column(connection):
    columns = {row[1] for row in connection.execute("PRAGMA table_info(v_reader_disagreements)")}
    assert {f"{reader}_root" for reader in robots_access.READERS} <= columns
