"""Indicators on platforms and hosts of works, worked out by hand on the survey of `factory_db`."""

import sqlite3

import numpy as np
import pytest

from analysis.database import open_database
from analysis.numbers import indicator
from tests.factories import database
from tests.factories.database import OPEN, SITES, WAVE, put

VISITS = {host.removesuffix(".example"): n for n, (host, *_) in enumerate(SITES, start=1)}
# platform: kind, facts
PLATFORMS = {
    "sq": ("builder", {"robots_edit": "no", "ai_switch": "yes", "ai_switch_default": "off",
                       "ai_switch_writes": "robots"}),
    "wx": ("builder", {"robots_edit": "partly"}),
    "zz": ("portfolio", {"header_edit": "yes"}),
    "da": ("portfolio", {"ai_switch": "yes", "ai_switch_default": "on",
                         "ai_switch_writes": "page"}),
    "no": ("builder", {"robots_edit": "no", "ai_switch": "no", "header_edit": "no",
                       "meta_edit": "no"}),
    "wp": ("software", {"robots_edit": "yes"}),
}  # fmt: skip
SHOWN = {"n1": "sq", "n2": "sq", "n3": "sq", "n6": "wx", "n7": "zz", "a1": "da", "a2": "wp",
         "a3": "no"}  # fmt: skip
READ = (*SHOWN, "a4", "m1")
"""Sites whose home page was read; a4 has a mere hint of sq, m1 nothing."""
# site, host, control, works
HOSTS = (
    ("n1", "n1.example", "own", 2),
    ("n1", "cdn.sq.test", "platform", 3),
    ("n6", "n6.example", "own", 1),
    ("n6", "img.n6.example", "domain", 1),
    ("n6", "friend.test", "unknown", 1),
    ("n7", "n7.example", "own", 1),
    ("a2", "a2.example", "own", 1),
    ("a2", "d1.tenant.test", "tenant-cdn", 1),
    ("m1", "shared.test", "shared-cdn", 1),
)


@pytest.fixture(scope="module")
def connection(tmp_path_factory):
    path = tmp_path_factory.mktemp("platforms") / "survey.db"
    build(path)
    opened = open_database(path)
    yield opened
    opened.close()


def build(path):
    """Write the survey of `factory_db` with platforms and hosts of works."""
    database.build(path)
    with sqlite3.connect(path) as db:
        _platforms(db)
        _sites(db)
        _answers(db)
    db.close()


def _platforms(db):
    for platform, (kind, facts) in PLATFORMS.items():
        put(db, "platforms", ruleset=2, platform=platform, title=platform, kind=kind)
        for cell, value in facts.items():
            put(db, "platform_facts", ruleset=2, platform=platform, cell=cell, value=value,
                as_of="2026-01", verified=0, source="s")  # fmt: skip
    for agent_id, agent in ((1, "GPTBot"), (2, "ClaudeBot"), (None, "Oddbot")):
        put(db, "platform_switches", ruleset=2, platform="sq", as_of="2026-01", agent=agent,
            agent_id=agent_id, verified=0, source="s")  # fmt: skip
    for agent_id in (1, 2, 3, 4, 5, 7):
        put(db, "agent_purposes", ruleset=2, agent_id=agent_id, purpose="train")
    days = {1: "2023-08-07", 2: "2023-05", 3: "2026-01-31", 4: "2026-02-01", 7: "2020-01-01"}
    for agent_id, day in days.items():
        db.execute("UPDATE agents SET announced = ? WHERE ruleset = 2 AND agent_id = ?",
                   (day, agent_id))  # fmt: skip
    db.execute("UPDATE agents SET retired = '2025-01-01' WHERE ruleset = 2 AND agent_id = 7")
    db.execute("UPDATE agents SET first_listed = NULL WHERE ruleset = 2 AND agent_id = 5")


def _sites(db):
    for host, platform in SHOWN.items():
        _shown(db, host, platform, "likely")
    _shown(db, "a4", "sq", "hint")
    for host, creator in (("n1", "poet"), ("n2", "poet"), ("n3", "painter")):
        db.execute("UPDATE panel_sites SET creator_type = ? WHERE site_id = ?",
                   (creator, VISITS[host]))  # fmt: skip
    own = [(site, f"{site}.example", "own", 0) for site in READ]
    listed = {(site, host): (control, works) for site, host, control, works in (*own, *HOSTS)}
    for (site, host), (control, works) in listed.items():
        put(db, "asset_hosts", ruleset=2, visit_id=VISITS[site], origin=f"https://{host}",
            host=host, control=control, images=works, audio=0, videos=0, documents=0,
            example="x")  # fmt: skip


def _shown(db, host, platform, strength):
    put(db, "site_platforms", ruleset=2, visit_id=VISITS[host], platform=platform, main=1,
        strength=strength, evidence="[]")  # fmt: skip


def _answers(db):
    body = _asked(db, "n1", "https://cdn.sq.test/robots.txt", 200)
    put(db, "robots_bodies", ruleset=2, body_id=body, policy_id=OPEN, state="rules", groups=0,
        agents_named=0, authorship="unknown")  # fmt: skip
    _asked(db, "a2", "https://d1.tenant.test/robots.txt", 404)
    _asked(db, "m1", "https://shared.test/robots.txt", 503)
    _asked(db, "n2", "https://www.n2.example/robots.txt", 200)
    _asked(db, "n3", "https://www.n3.example/robots.txt", 200, "https://n3.example/robots.txt")


def _asked(db, site, url, status, final_url=None):
    seq = 20 + len(url)
    body_id = put(db, "bodies", sha256=url, size=1, content=b"x")
    put(db, "captures", visit_id=VISITS[site], seq=seq, resource="variant:/robots.txt", url=url,
        final_url=final_url or url, status=status, body_id=body_id, bytes=1, truncated=0,
        data_loss=0, coding_error=0, superseded=0, fetched_at="2026", elapsed=0.1)  # fmt: skip
    return body_id


def shares(connection, name):
    (found,) = indicator.run(connection, WAVE, [name])
    return {row.key: (row.k, row.n) for row in found.rows if row.stratum == "*"}


def test_platform_control(connection):
    # yes: n1 n2 n3 (switch), n6 (partly), a1 (switch); no: a3; unknown: n7; none: a2 a4 m1.
    assert shares(connection, "platform_control") == {
        "yes": (5, 10), "no": (1, 10), "unknown": (1, 10), "no platform": (3, 10),
        "poet: yes": (2, 2), "poet: no": (0, 2), "poet: unknown": (0, 2),
        "poet: no platform": (0, 2), "painter: yes": (1, 1), "painter: no": (0, 1),
        "painter: unknown": (0, 1), "painter: no platform": (0, 1),
    }  # fmt: skip


def test_effective_agency(connection):
    found = shares(connection, "effective_agency")
    assert [found[key] for key in ("yes", "no", "unknown", "no platform")] == [
        (8, 10),  # n1 n2 n3 n6 n7 a1; a2 and m1 are on hosting of their own
        (1, 10),  # a3
        (1, 10),  # a4, where a platform is only hinted at
        (2, 10),  # a2 m1, counted as a way
    ]


def test_skill_level(connection):
    assert shares(connection, "skill_level") == {
        "1 switch": (4, 10),  # n1 n2 n3 a1
        "2 file": (2, 10),  # n6 a2
        "4 header or meta": (1, 10),  # n7
        "9 none": (1, 10),  # a3
        "unknown": (0, 10),
        "no platform": (2, 10),  # a4 m1
    }


def test_switch_uptake(connection):
    # n1 and n2 name both crawlers; n3 keeps everybody out by `*`, which is no switch.
    assert shares(connection, "switch_uptake") == {"sq": (2, 3)}


def test_switch_completeness(connection):
    # Known by the end of January 2026: GPTBot, ClaudeBot, Google-Extended. Applebot-Extended came
    # later, CCBot was retired, meta-externalagent bears no date.
    assert shares(connection, "switch_completeness") == {"sq 2026-01": (2, 3)}


def test_sovereignty_gap(connection):
    # no: both of n1, the shared one of m1; unknown: friend, n7 itself, the tenant's;
    # yes: n6 and its pictures, a2 itself.
    assert shares(connection, "sovereignty_gap") == {
        "no": (3, 9), "unknown": (3, 9), "yes": (3, 9),
    }  # fmt: skip


def test_hosts_are_drawn_with_their_site(connection):
    """`no`: n1 2 of 2, n6 0 of 3, n7 0 of 1, a2 0 of 2, m1 1 of 1; the sites are drawn again."""
    sites = np.array([(2, 2), (0, 3), (0, 1), (0, 2), (1, 1)])
    drawn = sites[np.random.default_rng(9).integers(0, 5, (20_000, 5))].sum(1)
    expected = np.quantile(drawn[:, 0] / drawn[:, 1], (0.025, 0.975))
    (found,) = indicator.run(connection, WAVE, ["sovereignty_gap"])
    row = next(row for row in found.rows if (row.stratum, row.key) == ("*", "no"))
    assert (row.low, row.high) == pytest.approx(tuple(expected), abs=0.03)
    assert (row.weighted_low, row.weighted_high) == (row.low, row.high)
    assert row.cluster_low is row.effective_n is None
    (owned,) = indicator.run(connection, WAVE, ["sovereignty_gap"], seed=4)
    again = next(row for row in owned.rows if (row.stratum, row.key) == ("*", "no"))
    assert (again.cluster_low, again.cluster_high) == (again.low, again.high)  # an owner a site
    assert (again.k, again.n) == (row.k, row.n)


def test_the_list_of_a_platform_is_no_sample(connection):
    (found,) = indicator.run(connection, WAVE, ["switch_completeness"], seed=4)
    for row in found.rows:
        assert row.low is row.high is row.weighted_low is row.cluster_low is None
    assert found.rows


def test_hosts_to_configure(connection):
    # 3: n6; 2: n1, a2, m1, and n2 with `www.`; 1: n3 (its `www.` leads home), n7, a1, a3, a4.
    (found,) = indicator.run(connection, WAVE, ["hosts_to_configure"])
    row = next(row for row in found.rows if row.stratum == "*")
    assert (row.n, row.median, row.p90) == (10, 1, 2)
    assert row.mean == pytest.approx(1.6)


def test_asset_host_gap(connection):
    # GPTBot is blocked by n1 (2 own, 3 on an open host), a2 (1 own, 1 on a host without a file)
    # and m1 (1 on a host that failed); Google-Extended by a2 of these. CCBot was given up, and
    # of meta-externalagent nobody knows a day.
    found = shares(connection, "asset_host_gap")
    assert [found[f"GPTBot: {a}"] for a in ("open", "blocked", "unknown")] == [
        (4, 8), (3, 8), (1, 8),
    ]  # fmt: skip
    assert [found[f"Google-Extended: {a}"] for a in ("open", "blocked", "unknown")] == [
        (1, 2), (1, 2), (0, 2),
    ]  # fmt: skip
    assert not {"CCBot: open", "meta-externalagent: open"} & set(found)


def test_platform_default(connection):
    # switch: n1 n2; own: n3 (reserved by TDMRep); default: a1; no platform: a2 m1.
    assert shares(connection, "platform_default") == {
        "default": (1, 6), "switch": (2, 6), "own": (1, 6), "unknown": (0, 6),
        "no platform": (2, 6),
    }  # fmt: skip


def test_the_views_say_the_same(connection):
    rows = connection.execute(
        "SELECT asset_host, editable FROM v_asset_hosts WHERE works > 0 AND editable = 'no'"
    ).fetchall()
    assert sorted(rows) == [
        ("cdn.sq.test", "no"), ("n1.example", "no"), ("shared.test", "no"),
    ]  # fmt: skip
    assert connection.execute(
        "SELECT platform_title, robots_edit, meta_edit FROM v_platforms WHERE host = 'n6.example'"
    ).fetchall() == [("wx", "partly", "unknown")]
    assert connection.execute(
        "SELECT count(*) FROM v_platform_facts WHERE platform_id = 'sq'"
    ).fetchone() == (4,)
