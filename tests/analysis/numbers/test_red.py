"""Each indicator by hand on three waves, and wrong queries that must give another number there.

The counts follow from the table in tests/factories/three_waves.py. In MAY robots.txt came whole
from n1 n2 n3 n5, a1 a4 a5 and m1 to m6 (13 sites, weight 16 + 4.5 + 6); a2's was cut; n4 and a3
are not observed. Pages were read of all these but m4 (asks to pay), m5 (keeps us out) and a2.

GPTBot is blocked by its own group at n1 n5 m2 m3 m6, and by `*` at n2 m5 too; ClaudeBot at n5 m2,
and n2 a5 m5; CCBot at n3 n5 m2, and n2 a5 m5. What depends on the registry of agents is worked out
from its file.
"""

import inspect
import re
import sqlite3
import tomllib
from contextlib import closing
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from analysis.database import open_database
from analysis.numbers import indicator, paired, summary
from analysis.numbers.indicator import Share
from analysis.waves import trends
from crawler.signals import RULESET
from tests.analysis.numbers import (
    test_at_the_door,
    test_new_indicators,
    test_reach,
    test_way_out,
    test_work_indicators,
)
from tests.factories import three_waves
from tests.factories.three_waves import FIVE, JAN, MAR, MAY, SWITCH_DAY
from tests.paths import ROOT

AGENTS = tomllib.loads((ROOT / "crawler/registry/agents.toml").read_text("utf-8"))["agent"]
WHOLE, COMPLETE, LOOKED = (13, 26.5), (11, 24.5), (12, 25.5)


def last_day(day: str) -> str:
    """A month ends on the 31st at the latest; only the order matters."""
    return day if len(day) == 10 else f"{day}-31"


def known(agent: dict[str, Any], day: str) -> bool:
    days = [last_day(agent[key]) for key in ("announced", "first_listed") if key in agent]
    return bool(days) and min(days) <= day


def given_up(agent: dict[str, Any], day: str) -> bool:
    return "retired" in agent and last_day(agent["retired"]) <= day


TRAINERS = [
    a for a in AGENTS
    if "train" in a["purposes"] and "operator" in a and known(a, MAY) and not given_up(a, MAY)
]  # fmt: skip
OPERATORS = {a["operator"] for a in TRAINERS}
AMERICAN = {a["operator"] for a in TRAINERS if a.get("country") == "US"}
NAMED = [a for a in AGENTS if "train" in a["purposes"] and "operator" in a
         and re.fullmatch("[A-Za-z_-]+", a["token"])]  # fmt: skip
LISTED = sorted(a["first_listed"] for a in AGENTS if "first_listed" in a)
# An announcement stands before a list; a month counts to its end.
KNOWN_THEN = sum(
    "train" in a["purposes"]
    and last_day(a.get("announced") or a.get("first_listed", "9999-12-31")) <= SWITCH_DAY
    and not given_up(a, SWITCH_DAY)
    for a in AGENTS
)  # fmt: skip


def debt(names: list[str]) -> int:
    """Names of the lists of MAY that are younger than the youngest of these."""
    youngest = max(a["first_listed"] for a in AGENTS if a["token"] in names and "first_listed" in a)
    return sum(youngest < day <= MAY for day in LISTED)


def days(day: str) -> int:
    """From 7 August 2023, when GPTBot was announced."""
    return (date.fromisoformat(day) - date(2023, 8, 7)).days


def of(k: float, n: tuple[int, float], heavy: float) -> tuple[float, float, float, float]:
    return k, n[0], heavy, n[1]


DEBTS = sorted(
    [(debt(["GPTBot"]), w) for w in (4, 1, 1, 1)]  # n1 a5 m3 m6
    + [(debt(["CCBot"]), 4), (debt(list(FIVE)), 4),  # n3 n5
       (debt(["anthropic-ai"]), 1), (debt([a["token"] for a in NAMED]), 1)]  # a1 m2
)  # fmt: skip
REACHED = [(1, 4), (1, 4), (4, 4), (len(OPERATORS), 1), (1, 1), (1, 1)]  # n1 n3 n5 m2 m3 m6
YEARS = (date.fromisoformat(MAY) - date.fromisoformat(MAR)).days / 365.25

# k, n, and both by weight; None: the number has no weights.
SHARES: dict[str, dict[str, tuple[float | None, ...]]] = {
    # A strict statement at n1, n5 and m1 (which allow), a named block at n1 n3 n5 m2 m3 m6.
    "any_signal": {"": of(7, COMPLETE, 16)},
    "named_block": {"GPTBot": of(5, WHOLE, 11), "ClaudeBot": of(2, WHOLE, 5),
                    "CCBot": of(3, WHOLE, 9)},
    "effective_block": {"GPTBot": of(7, WHOLE, 16), "ClaudeBot": of(5, WHOLE, 11),
                        "CCBot": of(6, WHOLE, 15)},
    "explicit_welcome": {"GPTBot": of(1, WHOLE, 1), "ClaudeBot": of(0, WHOLE, 0)},  # a5
    # n1 by header and file, a4's file for a part; n5's header allows.
    "legal_reservation": {"any": of(1, COMPLETE, 4), "part": of(1, COMPLETE, 2.5),
                          "tdmrep_file": of(1, COMPLETE, 4), "tdmrep_header": of(1, COMPLETE, 4),
                          "tdmrep_meta": of(0, COMPLETE, 0)},
    # default: n5 by its platform, m2 by Cloudflare's text; unknown: m3; own: n1 n3 m6.
    "awareness": {"own": of(3, COMPLETE, 9), "default": of(2, COMPLETE, 5),
                  "unknown": of(1, COMPLETE, 1), "silent": of(5, COMPLETE, 9.5)},
    # Name an AI agent: n1 n3 n5 a1 a5 m2 m3 m6.
    "own_decision": {"cloudflare-managed": (1, 8, 1, 17), "unknown": (7, 8, 16, 17)},
    # yes: n1 a1 (alpha), n2 n5 (beta); no: a4; unknown: m3; none: n3 a2 a5 m1 m2 m6.
    "platform_control": {
        "yes": of(4, LOOKED, 13), "no": of(1, LOOKED, 2.5), "unknown": of(1, LOOKED, 1),
        "no platform": of(6, LOOKED, 9), "painter: yes": (1, 2, 1, 3.5),
        "painter: no": (1, 2, 2.5, 3.5), "writer: yes": (2, 2, 8, 8),
    },
    # Files of one's own: m2, and n3 a2 a5 m6; m1 has a hint only.
    "effective_agency": {"yes": of(10, LOOKED, 22), "no": of(1, LOOKED, 2.5),
                         "unknown": of(1, LOOKED, 1), "no platform": of(5, LOOKED, 8),
                         "writer: yes": (2, 2, 8, 8)},
    "skill_level": {"1 switch": of(2, LOOKED, 5), "2 file": of(3, LOOKED, 9),
                    "4 header or meta": of(1, LOOKED, 1), "9 none": of(1, LOOKED, 2.5),
                    "unknown": of(0, LOOKED, 0), "no platform": of(5, LOOKED, 8)},
    "switch_uptake": {"alpha": (1, 2, 4, 5)},  # n1 of n1 a1
    "switch_completeness": {f"alpha {SWITCH_DAY}": (1, KNOWN_THEN, 1, KNOWN_THEN)},
    # n1: itself and the shared network no, its own cdn yes; n3's `www.` yes; n2's friend unknown.
    "sovereignty_gap": {"no": (2, 5, 8, 20), "yes": (2, 5, 8, 20), "unknown": (1, 5, 4, 20)},
    "list_half_life": {
        day: 2 * (sum(listed <= day for listed in LISTED), len(LISTED))
        for day in ("2024-04-01", "2025-01-01")
    },
    "complete_opt_out": {"": of(3, WHOLE, 6)},  # n2 m2 m5
    # m2 keeps all out, FacebookBot's successor too; a1 leaves ClaudeBot in.
    "stale_token": {"anthropic-ai": (1, 1, 1, 1), "any": (1, 2, 1, 2)},
    "broker_leak": {"GPTBot": (3, 7, 6, 16), "ClaudeBot": (0, 5, 0, 11)},  # n1 m3 m6
    # n1 n3 n5 m2 m3 m6 block by name; m2 has `*` in its group.
    "unknown_future": {"": (5, 6, 14, 15)},
    "purpose_mix": {
        "GPTBot>OAI-SearchBot": (4, 7, 10, 16),  # n1 n5 m3 m6
        "OAI-SearchBot>GPTBot": (1, 4, 1, 7),  # a5 of n2 a5 m2 m5
        "ClaudeBot>Claude-SearchBot": (1, 5, 4, 11),  # n5
        "Claude-SearchBot>ClaudeBot": (0, 4, 0, 7), "Google-Extended>Googlebot": (0, 4, 0, 7),
    },
    "collateral": {"OAI-SearchBot": (3, 7, 6, 16), "Claude-SearchBot": (4, 5, 7, 11),
                   "Googlebot": (4, 4, 7, 7)},
    # Those that name an AI agent, and a4 m1, which try to. Miswritten: n3 a4 m1.
    "defect_rate": {"writing": (3, 10, 7.5, 20.5), "robots-broker-open": (3, 10, 6, 20.5),
                    "robots-agent-version": (2, 10, 5, 20.5),
                    "robots-agent-near": (1, 10, 2.5, 20.5),
                    "robots-agent-retired": (1, 10, 1, 20.5)},
    # n1 n3 a1 a4 m1 m3 m6; m1 has two.
    "fault_codes": {"any": of(7, COMPLETE, 14.5), "tdmrep_file:tdmrep-not-json": of(1, COMPLETE, 1),
                    "robots_access:robots-agent-version": of(2, COMPLETE, 5)},
    # Intended: n1 n3 n5 m2 m3 m6 a4. n3 fails with one of two, a4 with all; m1 in a part.
    "ineffective_intent": {"fails": (2, 7, 6.5, 17.5), "all_fail": (1, 7, 2.5, 17.5),
                           "part_fails": (1, 1, 1, 1)},
    "typo_rate": {"": (1, 9, 2.5, 19.5)},
    "void_file": {"any": (1, 3, 1, 7.5), "tdmrep_file": (1, 3, 1, 7.5)},  # m1 of n1 a4 m1
    # Words at n2 and m2, which block all, a1 and m3.
    "prose_only": {"": of(2, COMPLETE, 2)},
    "terms_gap": {"": (1, 3, 1, 6)},
    # Google's parser sees n3's GPTBot; m4 has no file.
    "reader_disagreement": {"any": (1, 12, 4, 25.5), "GPTBot": (1, 12, 4, 25.5),
                            "ClaudeBot": (0, 12, 0, 25.5)},
    "default_dominance": {"": (3, 8, None, None)},  # n1 m3 m6
    "conflict_rate": {"train": of(1, COMPLETE, 4), "search": of(0, COMPLETE, 0),
                      "ai_input": of(0, COMPLETE, 0),
                      "robots_access x tdmrep_header": of(1, COMPLETE, 4)},  # n5
    "variant_mismatch": {"": (1, 3, 4, 6)},  # n3 of n3 a1 m5
    # Of n1: own 1, cdn 2, shared 1; of n2: friend's 1; of n3, which blocks CCBot: `www.` 1.
    "asset_host_gap": {"GPTBot: open": (2, 5, 8, 20), "GPTBot: blocked": (2, 5, 8, 20),
                       "GPTBot: unknown": (1, 5, 4, 20), "ClaudeBot: unknown": (1, 1, 4, 4),
                       "CCBot: open": (1, 2, 4, 8), "CCBot: unknown": (1, 2, 4, 8)},
    "asked_to_pay": {"": (1, 15, 1, 30)},  # m4; n4 never answered
    "observability": {"": (14, 16, 27.5, 34)},
    # n5 default, n1 switch, m3 unknown; n3 m2 m6 on no platform.
    "platform_default": {"default": (1, 6, 4, 15), "switch": (1, 6, 4, 15), "own": (0, 6, 0, 15),
                         "unknown": (1, 6, 1, 15), "no platform": (3, 6, 6, 15)},
    # n1 n3 m3 m6 reach one operator (Common Crawl has no other), n5 three, m2 all.
    "offshore_coverage": {"US": (7 + len(AMERICAN), 6 * len(AMERICAN),
                                 22 + len(AMERICAN), 15 * len(AMERICAN))},
    "licence_routes": {"any": (1, 6, 4, 15), "policy": (1, 6, 4, 15), "rsl": (0, 6, 0, 15),
                       "payment": (0, 6, 0, 15)},
    "definition_spread": {"": (4, 13, None, None)},  # denied 9, next-line 5
    "headline_by_definition": {
        "denied": of(9, WHOLE, 21), "denied-by-name": of(6, WHOLE, 15), "named": of(7, WHOLE, 16),
        "mentioned": of(9, WHOLE, 19.5), "whole-panel": of(3, WHOLE, 6),
    },
    # Blocked in MAR and known in MAY: n1 n3 n5 a4 m2 m5 m6; n3 and a4 let GPTBot in.
    "reversal": {"GPTBot": (2, 7, 6.5, 17.5), "ClaudeBot": (0, 4, 0, 7)},
    # Whole in both waves: those of WHOLE. file: n2 n3 a4 m3.
    "volatility": {
        "file": of(4, WHOLE, 11.5), "any": of(6, WHOLE, 19.5), "gained": of(3, WHOLE, 9),
        "lost": of(3, WHOLE, 10.5), "altered": of(1, WHOLE, 4), "narrowed": of(1, WHOLE, 4),
        "broke": of(1, WHOLE, 4), "moved": of(0, WHOLE, 0), "mended": of(0, WHOLE, 0),
    },
    # n1's header and a1's words; n5's header and a4's file say something else.
    "persistence": {"any": (2, 4, 5, 11.5), "tdmrep_header": (1, 2, 4, 8),
                    "tdmrep_file": (0, 1, 0, 2.5), "robots_prose": (1, 1, 1, 1)},
    # Refuse GPTBot: those of `effective_block`, and a2. n1 was taken in December, m3 in April; m6
    # only after its refusal.
    "after_capture": {"CC-MAIN GPTBot certain": (1, 8, 4, 17),
                      "CC-MAIN GPTBot possible": (2, 8, 5, 17),
                      "CC-MAIN GPTBot unknown": (6, 8, 12, 17)},
    "locked_in": {"CC-MAIN GPTBot certain": (5, 35, None, None),
                  "CC-MAIN GPTBot possible": (23, 35, None, None)},
}  # fmt: skip
# value and weight of each site
SPREADS: dict[str, dict[str, list[tuple[float, float]]]] = {
    # n1 n3 n5 a1 a5 m2 m3 m6
    "agents_named": {"": [(1, 4), (1, 4), (5, 4), (1, 1), (1, 1), (len(NAMED), 1), (1, 1), (1, 1)]},
    "operator_coverage": {"": [(n / len(OPERATORS), weight) for n, weight in REACHED]},
    "maintenance_debt": {"": [*DEBTS]},
    # n1 n5 m2 m3 m6: first seen in MAR, JAN, JAN, MAY, MAR; `*` is no answer to an agent.
    "announcement_lag": {
        "GPTBot, at most": [(days(MAR), 4), (days(JAN), 4), (days(JAN), 1), (days(MAY), 1),
                            (days(MAR), 1)],
        "GPTBot, at least": [(days(JAN), 4), (0, 4), (0, 1), (days(MAR), 1), (days(JAN), 1)],
    },
    # n3 a4 m3 of these and n1 n5 a1 a5 m2 m6; a2's file was cut.
    "edits_per_year": {"": [(1 / YEARS, 4), (1 / YEARS, 2.5), (1 / YEARS, 1), (0, 4), (0, 4),
                            (0, 1), (0, 1), (0, 1), (0, 1)]},
    # n1 three, n2 n3 a1 two, and n5 a2 a4 a5 m1 m2 m3 m6.
    "hosts_to_configure": {"": [(3, 4), (2, 4), (2, 4), (2, 1), (1, 4), (1, 1), (1, 2.5), (1, 1),
                                (1, 1), (1, 1), (1, 1), (1, 1)]},
    "wasted_window": {"CC-MAIN GPTBot certain": [(days(JAN), 4)],
                      "CC-MAIN GPTBot possible": [(days(MAR), 4), (days(MAY), 1)]},
}  # fmt: skip


@pytest.fixture(scope="module")
def survey(tmp_path_factory):
    return three_waves.build(tmp_path_factory.mktemp("red") / "survey.db")


@pytest.fixture(scope="module")
def connection(survey):
    with closing(open_database(survey)) as opened:
        yield opened


def counted(frame, connection, chosen):
    """Rows of the whole panel by key: counts and their weighted share, or the values' figures."""
    rows = [r for r in indicator.measure(connection, frame, chosen).rows if r.stratum == "*"]
    return {row.key: _figures(row) for row in rows}


def _figures(row):
    if isinstance(row, Share):
        return row.k, row.n, row.weighted_share
    return row.n, row.p10, row.median, row.p90, row.mean, row.weighted_mean


def by_hand(name):
    if name in SHARES:
        return {
            key: (k, n, None if heavy is None else heavy / whole)
            for key, (k, n, heavy, whole) in SHARES[name].items()
        }
    return {key: _distribution(values) for key, values in SPREADS[name].items()}


def _distribution(values):
    ordered = sorted(value for value, _ in values)
    n, weight = len(ordered), sum(w for _, w in values)
    tenth, half, ninth = (
        next(v for i, v in enumerate(ordered, 1) if i >= q * n) for q in (0.1, 0.5, 0.9)
    )
    return (n, tenth, half, ninth, sum(ordered) / n, sum(v * w for v, w in values) / weight)


def equal(found, expected):
    """Whether all keys that were worked out have these figures."""
    return all(
        key in found and found[key] == pytest.approx(figures, abs=1e-9)
        for key, figures in expected.items()
    )


KNOWN = {i.name: i for i in indicator.indicators() if i.sql.strip()}


# These have panels of their own, by hand and with a wrong query each, in the modules named below.
ELSEWHERE = {
    "accessibility_cost", "compliance_weighted", "conditions_readable", "erasure_path",
    "mechanisms_needed", "mechanisms_to_add", "metadata_survival", "paid_at_the_door",
    "paper_only", "per_asset_burden", "reach_by_country", "reach_by_signal", "refusal_reach",
    "silent_enforcer", "work_contradictions", "work_only_wishes", "work_readers",
    "work_unprotected", "work_wishes",
}  # fmt: skip
MODULES = (test_at_the_door, test_new_indicators, test_reach, test_way_out, test_work_indicators)


def test_every_indicator_is_worked_out_and_has_a_wrong_query():
    assert set(KNOWN) - ELSEWHERE == {*SHARES, *SPREADS} == set(WRONG)
    there = "".join(inspect.getsource(module) for module in MODULES)
    assert all(f'"{name}"' in there for name in ELSEWHERE)


@pytest.mark.parametrize("name", [*SHARES, *SPREADS])
def test_an_indicator_is_what_was_worked_out(connection, name):
    with indicator.measuring(connection, MAY) as frame:
        assert frame.before == MAR
        found = counted(frame, connection, KNOWN[name])
    expected = by_hand(name)
    assert {key: found.get(key) for key in expected} == {
        key: pytest.approx(figures, abs=1e-9) for key, figures in expected.items()
    }


def other_readers(db):
    """The readers beside RFC 9309 read the opposite everywhere."""
    db.execute(
        "UPDATE robots_access SET root = iif(root = 'allowed', 'disallowed', 'allowed'),"
        " extent = iif(extent = 'all', 'none', 'all'), basis = iif(basis = 'own', 'star', 'own')"
        " WHERE reader <> 'rfc9309' AND root <> 'unmeasured'"
    )


def older_rulesets(db):
    """Older rulesets knew and judged the same things, but each with what is true of another."""
    tables = db.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
    for (table,) in tables:
        columns = db.execute(f"PRAGMA table_info ({table})").fetchall()
        names = [name for _, name, *_ in columns]
        if "ruleset" not in names or table in {"robots_policies", "use_policies"}:
            continue
        keys = [name for _, name, *_, key in columns if key]
        order = "ORDER BY " + ", ".join(keys or names)
        for back in (1, 2):
            cells = ", ".join(
                f"ruleset - {back}" if name == "ruleset"
                else name if name in keys
                else f"lead({name}, {back}, {name}) OVER ({order})"
                for name in names
            )  # fmt: skip
            db.execute(
                f"INSERT OR IGNORE INTO {table} SELECT {cells} FROM {table}"
                " WHERE ruleset = (SELECT max(ruleset) FROM judged_waves)"
            )


def superseded(db):
    """Each page had asked for payment, and was had again; what is superseded is never judged."""
    copied(db, "captures", capture_id="capture_id + 100000", seq="seq + 1000", superseded="1",
           status="iif(status IS NULL, NULL, 402)")  # fmt: skip


def said_twice(db):
    """Each file says all it says, and fails in all it fails, once more further down."""
    copied(db, "statements", seq="seq + 1000")
    copied(db, "defects", seq="seq + 1000")


def asked_on_every_page(db):
    """Who asks to pay asks on each page; of all other pages it is found that they do not."""
    db.execute(
        "INSERT OR IGNORE INTO findings (ruleset, capture_id, signal, outcome)"
        " SELECT f.ruleset, d.capture_id, f.signal, f.outcome FROM findings f"
        " JOIN captures c USING (capture_id) JOIN captures d USING (visit_id)"
        " WHERE f.signal = 'payment_required' AND f.outcome = 'present'"
    )
    db.execute(
        "INSERT OR IGNORE INTO findings (ruleset, capture_id, signal, outcome)"
        " SELECT (SELECT max(ruleset) FROM judged_waves), capture_id, 'payment_required', 'absent'"
        " FROM captures"
    )


def other_purposes(db):
    """On search each site says the opposite of what it says on training."""
    opposite = "iif(preference = 'allowed', 'disallowed', 'allowed')"
    copied(db, "statements", seq="seq + 1000", purpose="'search'", preference=opposite)
    opposite = "iif(preference_strict = 'allowed', 'disallowed', 'allowed')"
    db.execute(
        f"UPDATE verdicts SET preference_strict = {opposite}, preference_lenient = 'disallowed'"
        " WHERE purpose = 'search'"
    )


def other_corpora(db):
    """GPTBot's operator uses another crawl too, and Common Crawl from the first loaded to the last.

    The other crawl took every site at once.
    """
    copied(db, "corpus_users", prefix="'OTHER-'")
    copied(db, "corpus_users", agent="'ClaudeBot'")
    db.execute(
        "UPDATE corpus_users SET first = 'CC-MAIN-2025-51', last = 'CC-MAIN-2026-17'"
        " WHERE prefix = 'CC-MAIN-' AND agent = 'GPTBot'"
    )
    copied(db, "public_captures", collection="'OTHER-' || substr(collection, 9)", pages="99")


def cut_another_way(change):
    def noise(db):
        """What was cut is known by another mark."""
        db.execute(f"UPDATE captures SET {change} WHERE truncated OR data_loss")

    return noise


def copied(db, table, **changed):
    names = [name for _, name, *_ in db.execute(f"PRAGMA table_info ({table})")]
    cells = ", ".join(changed.get(name, name) for name in names)
    db.execute(f"INSERT OR IGNORE INTO {table} SELECT {cells} FROM {table}")


@pytest.mark.parametrize(
    ("noise", "concerned"),
    [
        (other_readers, {"reader_disagreement", "disagreement"}),
        (older_rulesets, set()),
        (superseded, set()),
        (said_twice, set()),
        (asked_on_every_page, {"void_file"}),  # a file with a finding is one that was served
        (other_purposes, {"legal_reservation"}),  # TDMRep knows no purposes
        (other_corpora, set()),
        (cut_another_way("truncated = 1, data_loss = 0"), set()),
        (cut_another_way("truncated = 0, data_loss = 1"), set()),
        (cut_another_way("truncated = 0, data_loss = 0, status = 206"), set()),
    ],
    ids=lambda told: getattr(told, "__name__", ""),
)
def test_what_is_no_part_of_the_question_moves_no_indicator(survey, tmp_path, noise, concerned):
    path = tmp_path / "survey.db"
    with closing(sqlite3.connect(survey)) as db:
        db.execute("VACUUM INTO ?", (str(path),))
    with closing(sqlite3.connect(path)) as db:
        noise(db)
        db.commit()
    with closing(open_database(path)) as opened, indicator.measuring(opened, MAY) as frame:
        found = {
            name: counted(frame, opened, KNOWN[name])
            for name in {*SHARES, *SPREADS} - concerned
        }  # fmt: skip
    assert [name for name, rows in found.items() if not equal(rows, by_hand(name))] == []


# Wrong queries that somebody could have written: what stands there, what would, and the mistake.
# Each must give another number than what was worked out; so the panel tells the two apart.
Swap = tuple[str, str, str]
WRONG: dict[str, list[Swap]] = {
    "any_signal": [
        ("WHERE u.complete", "WHERE u.observed", "what was not read counts as silence"),
        ("AND r.basis = 'own'", "", "a rule for everybody is a signal on AI"),
        ("<> 'unstated'", "= 'disallowed'", "only a refusal is a signal"),
    ],
    "named_block": [
        ("AND r.basis = 'own'", "", "`*` is a name"),
        ("sum(c.sites)", "count(*)", "policies are counted, not sites"),
    ],
    "effective_block": [
        ("r.root = 'disallowed'", "r.root = 'disallowed' AND r.basis = 'own'", "`*` is left out"),
        ("sum(c.sites)", "count(*)", "policies are counted, not sites"),
        ("c.weight", "1.0 AS weight", "sites weigh the same"),
    ],
    "explicit_welcome": [
        ("r.basis = 'own' AND", "", "who says nothing welcomes"),
        ("r.extent = 'none'", "r.root = 'disallowed'", "the reverse"),
    ],
    "legal_reservation": [
        ("iif(st.scope = 'path', 'part', st.signal)", "st.signal", "a part is the whole site"),
        ("AND st.preference <> 'allowed'", "", "a permission reserves"),
        ("FROM complete_cells c", "FROM (SELECT * FROM cells) c", "partly read sites count as no"),
        (" WHERE signal <> 'part'", "", "a part counts as any"),
    ],
    "awareness": [
        ("ai_switch_default <> 'off'", "ai_switch_default = 'x'", "unknown is no default"),
        ("NOT stated AND NOT by_hand", "NOT by_hand AND stated", "a service's text is one's own"),
        ("AND kind <> 'software' AND ai_switch_default = 'on'", "", "any platform decides"),
        ("t.named_blocked > 0", "t.others = 'disallowed'", "`*` speaks about training"),
    ],
    "own_decision": [
        ("AND u.policy_id IN (SELECT policy_id FROM ai_named)", "", "every file is counted"),
        ("count(*) AS sites", "count(DISTINCT u.body_id) AS sites", "bodies, not sites"),
    ],
    "platform_control": [
        ("robots_edit IN ('yes', 'partly')", "robots_edit = 'yes'", "in part is not at all"),
        ("robots_edit = 'no' AND ai_switch = 'no'", "robots_edit <> 'yes'", "unknown is no"),
        ("platform IS NULL OR kind = 'software'", "platform IS NULL", "software is a platform"),
    ],
    "effective_agency": [
        ("platform IS NULL OR kind = 'software' THEN 'yes'", "platform IS NULL THEN 'no'",
         "hosting of one's own is no way"),
        ("WHEN platform IS NULL AND hinted THEN 'unknown'", "WHEN 0 THEN ''", "a hint is nothing"),
        ("(ai_switch, header_edit, meta_edit)", "(ai_switch)", "headers are no way"),
    ],
    "skill_level": [
        ("WHEN ai_switch = 'yes' THEN '1 switch'", "WHEN 0 THEN ''", "a switch is not looked for"),
        ("WHERE creators IN ('', 'known today: ')", "",
         "sites count once more for each kind of creator"),
        ("IN ('yes', 'partly')", "IN ('yes')", "in part is not at all"),
    ],
    "switch_uptake": [
        ("EXISTS (SELECT 1 FROM switched s WHERE s.visit_id = u.visit_id AND s.today = h.today)",
         "u.policy_id IN (SELECT policy_id FROM ai_named)", "any name is the switch's"),
        ("EXISTS (SELECT 1 FROM switched s WHERE s.visit_id = u.visit_id AND s.today = h.today)",
         "1", "all use it"),
    ],
    "switch_completeness": [
        ("count(s.agent_id) AS k", "count(*) AS k", "a list is complete"),
        ("AND p.purpose = 'train'", "", "an agent once for each purpose"),
        ("<= l.day AND", "<= '9999' AND", "today's agents, not those of the day"),
    ],
    "sovereignty_gap": [
        ("('platform', 'shared-cdn')", "('platform')", "a shared network is the creator's"),
        ("WHERE a.images + a.audio + a.videos + a.documents > 0", "", "hosts without works"),
        ("ELSE 'unknown' END AS editable", "ELSE 'no' END AS editable", "unknown is no"),
        ("a.control = 'own' AND c.platform", "a.control = 'x' AND c.platform",
         "what the platform allows is not asked"),
    ],
    "operator_coverage": [
        ("count(DISTINCT operator)", "count(*)", "agents are operators"),
        ("WHERE t.named_blocked > 0 AND t.known", "WHERE t.known", "who blocks nobody counts"),
        ("count(DISTINCT a.operator)", "count(a.operator)", "an operator once an agent"),
    ],
    "list_half_life": [
        ("l.day <= d.day", "l.day >= d.day", "what came later"),
        ("count(*) AS n", "sum(l.day <= '2025-12-31') AS n", "the list of another day"),
    ],
    "complete_opt_out": [
        ("ELSE (SELECT count(*) FROM nameable) END", "ELSE 1 END", "some are all"),
        ("sum(c.sites) AS n", "count(*) AS n", "policies are counted, not sites"),
    ],
    "announcement_lag": [
        ("min(day) AS day", "max(day) AS day", "the last wave for the first"),
        ("AND s.basis = 'own' AS blocked", "AS blocked",
         "`*` answers an announcement"),
        ("(SELECT max(s.day) FROM seen s", "(SELECT min(s.day) FROM seen s", "the first open look"),
    ],
    "stale_token": [
        ("n.state = 'allowed' AS leaves", "1 AS leaves", "a retired name is a fault by itself"),
        ("n.state = 'allowed'", "n.state = 'disallowed'", "the reverse"),
    ],
    "broker_leak": [
        ("AND r.root = 'disallowed' AND", "AND", "among all sites, not those that block"),
        ("b.root = 'allowed'", "b.root = 'disallowed'", "the reverse"),
        ("sum(c.sites) AS n", "count(*) AS n", "policies are counted, not sites"),
    ],
    "unknown_future": [
        ("t.named_blocked > 0 AND", "", "among all sites"),
        ("t.named_blocked > 0", "t.named > 0", "a name that is let in is blocked"),
        ("c.sites * (t.others = 'allowed')", "c.sites", "all admit the next"),
    ],
    "purpose_mix": [
        ("a.state = 'disallowed' AND", "", "among all sites"),
        ("b.state = 'allowed'", "b.state = 'disallowed'", "the reverse"),
        ("JOIN root_access b ON b.policy_id = c.policy_id AND b.agent_id = i.open_id",
         "JOIN root_access b ON b.policy_id = c.policy_id AND b.agent_id = i.blocked_id",
         "the same agent twice"),
    ],
    "collateral": [
        ("a.state = 'disallowed' AND", "", "among all sites"),
        ("b.state = 'disallowed'", "b.basis = 'own' AND b.state = 'disallowed'", "`*` left out"),
    ],
    "agents_named": [
        ("sum(c.sites)", "count(*)", "policies are counted, not sites"),
        ("c.weight", "1.0 AS weight", "sites weigh the same"),
    ],
    "edits_per_year": [
        (" AND NOT t.cut", "", "a cut file shows no edit"),
        ("/ s.years", "", "edits, not edits a year"),
        ("SELECT DISTINCT s.site_id", "SELECT s.site_id", "an edit for each agent"),
        ("OR t.policy_before IN (SELECT policy_id FROM ai_named_before)", "",
         "who took the names away is not counted"),
        ("x.subject LIKE 'access:%' AND", "", "a statement is a rule"),
    ],
    "maintenance_debt": [
        ("AND (l.of_its_day OR key = 'today')", "", "today's list judges the past"),
        ("max(l.first_listed) AS day", "min(l.first_listed) AS day", "the oldest name"),
        ("l.first_listed > d.day", "l.first_listed >= d.day", "the youngest name is missing"),
    ],
    "hosts_to_configure": [
        ("UNION\n  SELECT u.visit_id, substr", "UNION ALL\n  SELECT u.visit_id, substr",
         "an origin twice"),
        ("    AND replace(substr(c.url, instr(c.url, '//') + 2), 'www.', '')\n"
         "      = replace(s.host, 'www.', '') || '/robots.txt'\n", "", "other names' files"),
        ("WHERE EXISTS (SELECT 1 FROM asset_hosts a WHERE a.ruleset = w.ruleset AND a.visit_id ="
         " u.visit_id)", "", "homes that were not read"),
    ],
    "defect_rate": [
        ("u.observed AND NOT u.cut", "u.observed", "a cut file has the faults that came"),
        ("      OR EXISTS (SELECT 1 FROM robots_attempts t\n"
         "                 WHERE t.ruleset = w.ruleset AND t.body_id = u.body_id)", "",
         "who fails to name an agent is left out"),
        ("  WHERE code NOT IN ('robots-broker-open', 'robots-search-with-training',\n"
         "                     'robots-googlebot-blocked', 'robots-training-open',"
         " 'robots-agent-retired',\n                     'robots-variant-differs')", "",
         "choices are faults of writing"),
    ],
    "fault_codes": [
        ("count(DISTINCT visit_id)", "count(*)", "faults are counted, not sites"),
        ("sites, 0 AS of_work FROM complete_cells",
         "sum(sites) AS sites, 0 AS of_work FROM cells GROUP BY 1, 2, 3",
         "partly read sites count as no"),
    ],
    "ineffective_intent": [
        ("t.failed > 0", "t.failed = t.wanted", "one failure is none"),
        ("t.failed = t.wanted", "t.failed > 0", "one failure is all"),
        ("ELSE t.wanted > 0 END", "ELSE 1 END", "who wants nothing attempts"),
    ],
    "typo_rate": [
        ("  AND (n.visit_id IS NOT NULL OR u.policy_id IN (SELECT policy_id FROM ai_named))\n", "",
         "every file is counted"),
        ("n.visit_id IS NOT NULL OR", "", "who misses the only name is left out"),
        ("d.code = 'robots-agent-near'", "d.code LIKE 'robots-agent-%'", "any fault of a name"),
    ],
    "void_file": [
        ("sum(NOT present) AS k", "sum(present) AS k", "the reverse"),
        ("max(NOT present) AS void", "min(present) AS void", "a sound file voids"),
    ],
    "prose_only": [
        ("AND NOT t.blocked", "", "a full block is no answer to machines"),
        ("WHERE u.complete", "WHERE u.observed", "what was not read counts as silence"),
        ("'robots_prose', 'terms_prose'", "'terms_prose'", "comments of robots.txt are left out"),
    ],
    "terms_gap": [
        ("AND NOT t.blocked", "", "a full block is no answer to machines"),
        ("f.signal = 'terms_prose'", "f.signal LIKE '%prose'", "comments are terms"),
    ],
    "reader_disagreement": [
        ("observed AND NOT cut AND robots_state = 'rules'", "observed AND robots_state = 'rules'",
         "readers agree on what did not come"),
        ("observed AND NOT cut AND robots_state = 'rules'", "observed AND NOT cut",
         "no file is read alike"),
        ("own.reader = other.reader", "own.reader = 'rfc9309'", "one reader with itself"),
    ],
    "default_dominance": [
        ("AND policy_id IN (SELECT policy_id FROM ai_named)", "", "every file is counted"),
        ("FROM (SELECT sum(sites) AS sites FROM sizes GROUP BY body_id)",
         "FROM (SELECT sites FROM sizes)", "groups end at the stratum"),
    ],
    "conflict_rate": [
        ("""NOT (k.signal_a = 'robots_access' AND k.signal_b = 'robots_access')
    -- Works are asked for on some sites only: their pairs are counted in work_contradictions.
    AND NOT EXISTS (SELECT 1 FROM signal_resources o WHERE o.ruleset = w.ruleset
                    AND o.resource LIKE 'work:%' AND o.signal IN (k.signal_a, k.signal_b))
    -- Headers of the home page against those of a variant: both are told with their address.
    AND NOT (k.signal_a = k.signal_b AND k.quote_a GLOB 'http*://*' AND k.quote_b GLOB 'http*://*')
""", "1", "a variant's file is a second source"),
        ("FROM complete_cells c", "FROM (SELECT * FROM cells) c", "partly read sites count as no"),
    ],
    "variant_mismatch": [
        ("    AND replace(replace(replace(c.url, 'https://', ''), 'http://', ''), 'www.', '')\n"
         "      = replace(s.host, 'www.', '') || '/robots.txt'\n", "",
         "files of other names are variants"),
        ("FROM compared c LEFT JOIN different d", "FROM compared c JOIN different d",
         "only those that differ are asked"),
    ],
    "asset_host_gap": [
        ("WHEN h.status IN (404, 410) THEN 'open'", "WHEN 0 THEN ''", "no file is unknown"),
        ("ELSE 'unknown' END AS answer", "ELSE 'open' END AS answer", "unknown is open"),
        ("sum(t.works) AS n", "count(*) AS n", "hosts are counted, not works"),
        ("AND r.root = 'disallowed'", "", "among all sites"),
    ],
    "asked_to_pay": [
        ("WHERE EXISTS (SELECT 1 FROM captures c WHERE c.visit_id = u.visit_id"
         " AND c.status IS NOT NULL)", "", "who never answered does not ask"),
        ("u LEFT JOIN asked a USING (visit_id)\nWHERE EXISTS",
         "u LEFT JOIN asked a USING (visit_id)\nWHERE u.complete AND EXISTS",
         "who asks to pay is left out"),
    ],
    "observability": [
        ("sum(observed)", "sum(complete)", "every page must be read"),
        ("FROM units", "FROM units WHERE observed", "the unobserved are left out"),
    ],
    "platform_default": [
        ("WHEN visit_id IN (SELECT visit_id FROM switched WHERE NOT today) THEN 'switch'",
         "WHEN 0 THEN ''", "the switch is not looked for"),
        ("platform IS NULL OR kind = 'software'", "platform IS NULL", "software is a platform"),
        ("ELSE 'unknown' END AS answer", "ELSE 'own' END AS answer", "unknown is the creator's"),
        ("t.named_blocked > 0 OR", "", "rules are no reservation"),
    ],
    "offshore_coverage": [
        ("max(s.state = 'disallowed') AS kept", "sum(s.state = 'disallowed') AS kept",
         "agents are operators"),
        ("t.named_blocked > 0 AND", "", "among all sites"),
        ("SELECT t.policy_id, l.country, l.operator,", "SELECT t.policy_id, l.country, l.agent_id,",
         "agents are operators, below the line too"),
    ],
    "licence_routes": [
        ("t.named_blocked > 0 OR", "", "a rule refuses nothing"),
        ("AND s.preference = 'conditional'", "", "every statement is an offer"),
        ("FROM refusing r CROSS JOIN (VALUES", "FROM units r CROSS JOIN (VALUES", "all sites"),
    ],
    "definition_spread": [
        ("max(sites) - min(sites), max(whole)", "max(sites), max(whole)", "the greatest, no range"),
        ("AND d.quantifier = 'any'", "", "all agents are compared with any"),
    ],
    "headline_by_definition": [
        ("WHERE observed AND NOT cut GROUP", "WHERE observed GROUP", "a cut file counts as no"),
        ("WHERE u.observed AND NOT u.cut\n  GROUP", "WHERE u.observed\n  GROUP", "as yes"),
    ],
    "reversal": [
        ("AND o.root = 'disallowed'", "", "among all sites"),
        ("n.root = 'allowed'", "n.root = 'disallowed'", "the reverse"),
    ],
    "volatility": [
        ("FROM twice WHERE NOT cut GROUP", "FROM twice GROUP", "a cut file is the same"),
        ("body_before IS NOT body_id", "body_before <> 'x'", "each file differs"),
    ],
    "persistence": [
        ("USING (site_id, signal, preference, quote)", "USING (site_id, signal)",
         "other words are the same notice"),
        ("t.visit_before = c.visit_id AND t.complete", "t.visit_id = c.visit_id AND t.complete",
         "this wave is compared with itself"),
    ],
    "after_capture": [
        ("THEN p.first_seen ELSE p.last_seen END), 0) AS certain",
         "THEN '0' ELSE '0' END), 0) AS certain", "any capture was before"),
        ("p.first_seen <= o.first_closed), 0) AS possible", "1), 0) AS possible",
         "captures after the refusal were before"),
        ("ELSE NOT a.possible AND NOT a.everywhere END", "ELSE 0 END", "not searched is not taken"),
        ("'www.' || o.host END", "o.host END", "only the name without www."),
    ],
    "locked_in": [
        ("o.last_open > p.last_seen", "o.first_closed > p.last_seen", "possible is certain"),
        ("p.first_seen <= o.first_closed", "1", "pages after the refusal"),
        ("sum(h.pages) AS n", "count(*) AS n", "sites, not pages"),
    ],
    "wasted_window": [
        ("julianday(last_open)", "julianday(first_closed)", "the later day for the earlier"),
        ("AND first_seen <= first_closed AND last_seen >= announced", "", "later captures"),
        ("SELECT DISTINCT stratum, weight, cluster, host, agent, prefix, verified, 'possible'",
         "SELECT stratum, weight, cluster, host, agent, prefix, verified, 'possible'",
         "a site for each capture"),
    ],
}  # fmt: skip


SWAPS = [
    pytest.param(name, right, wrong, id=f"{name}: {mistake}")
    for name, found in WRONG.items() for right, wrong, mistake in found
]  # fmt: skip


@pytest.mark.parametrize(("name", "right", "wrong"), SWAPS)
def test_a_wrong_query_gives_another_number(connection, name, right, wrong):
    sql = KNOWN[name].sql
    assert right in sql
    with indicator.measuring(connection, MAY) as frame:
        try:
            found = counted(frame, connection, replace(KNOWN[name], sql=sql.replace(right, wrong)))
        except ValueError:
            return  # more sites than there are: it is noticed before it is printed
    assert not equal(found, by_hand(name))


WITHOUT_WEIGHTS = {
    "definition_spread", "list_half_life", "locked_in", "mechanisms_needed", "switch_completeness",
    "default_dominance",
}  # fmt: skip
HEAVY = {"news": 3, "art": 1, "(none)": 2}


def test_a_weighted_number_adds_up_from_its_strata(survey, tmp_path):
    """Where sites of a stratum weigh the same, its counts times that weight make up the whole."""
    path = tmp_path / "survey.db"
    with closing(sqlite3.connect(survey)) as db:
        db.execute("VACUUM INTO ?", (str(path),))
    with closing(sqlite3.connect(path)) as db:
        for stratum, weight in HEAVY.items():
            db.execute(
                "UPDATE panel_sites SET weight = ? WHERE coalesce(stratum, '(none)') = ?",
                (weight, stratum),
            )
        db.commit()
    with closing(open_database(path)) as opened:
        found = indicator.run(opened, MAY)
    held = set()
    for each in found:
        strata = {(row.stratum, row.key): row for row in each.rows}
        for row in (r for r in each.rows if r.stratum == "*"):
            parts = [(w, strata[s, row.key]) for s, w in HEAVY.items() if (s, row.key) in strata]
            if isinstance(row, Share):
                weighted, n = row.weighted_share, sum(w * part.n for w, part in parts)
                k = sum(w * part.k for w, part in parts)
            else:
                weighted, n = row.weighted_mean, sum(w * part.n for w, part in parts)
                k = sum(w * part.n * (part.mean or 0) for w, part in parts)
            if weighted is not None and sum(part.n for _, part in parts) == row.n:
                assert weighted == pytest.approx(k / n), (each.indicator.name, row.key)
                held.add(each.indicator.name)
    assert {*KNOWN} - held == WITHOUT_WEIGHTS | {
        name for name in ELSEWHERE if not any(e.rows for e in found if e.indicator.name == name)
    }


def everything(path):
    """All published numbers of MAY, its pairs with MAR, indicators, and lines over all waves."""
    with closing(open_database(path)) as opened:
        published = {
            (row.definition, row.stratum, row.key): row
            for result in summary.run(opened, MAY).results
            for row in result.rows
        }
        with indicator.measuring(opened, MAY) as frame:
            pairs = paired.run(opened, frame.censuses)
        others = {m.indicator.name: m.rows for m in indicator.run(opened, MAY, sorted(ELSEWHERE))}
        return published, pairs, others, trends.trends(opened, "survey", ruleset=RULESET)


@pytest.mark.parametrize(
    "noise",
    [
        other_readers,
        older_rulesets,
        superseded,
        said_twice,
        cut_another_way("truncated = 1, data_loss = 0"),
        cut_another_way("truncated = 0, data_loss = 1"),
        cut_another_way("truncated = 0, data_loss = 0, status = 206"),
    ],
)
def test_what_is_no_part_of_the_question_moves_no_published_number(survey, tmp_path, noise):
    path = tmp_path / "survey.db"
    with closing(sqlite3.connect(survey)) as db:
        db.execute("VACUUM INTO ?", (str(path),))
    with closing(sqlite3.connect(path)) as db:
        noise(db)
        db.commit()
    for before, after in zip(everything(survey), everything(path), strict=True):
        assert after == before
