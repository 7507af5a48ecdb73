"""Every computed indicator equals what is worked out by hand on `factory_indicators`.

| site | policy now (before) | use now (before) | else |
|---|---|---|---|
| n1 | NAMED (STAR) | SILENT | two pages of terms forbid; asks for payment; faults |
| n2 | SHUT (NAMED) | RESERVED | header and file (file); a www variant |
| n3 | SHUT (SHUT) | SILENT | an http variant that differs |
| n4 | refused (NAMED) | SILENT | asks for payment |
| a1 | WELCOME (WELCOME) | CONDITIONAL (RESERVED) | file with a policy; prose |
| a2 | CUT (SHUT) | unread (RESERVED) | partial visit |
| a3 | no file (OPEN) | SILENT | |
| a4 | a page (unreachable) | SILENT | |
| m1 | SEARCH (SEARCH) | ALLOWED | names Googlebot only |
| m2 | STAR (STAR) | RESERVED | meta (header); conflicts |
| m3 | PART (PART) | SILENT (RESERVED) | file malformed (sound); terms forbid |
| m4 | unreachable (OPEN) | SILENT | |

Observed: n1 n2 n3, a1 a2 a3 a4, m1 m2 m3. Complete: the same without a2. Sites of news weigh 2.
"""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from analysis.database import open_database
from analysis.numbers import indicator
from analysis.numbers.indicator import Kind, Share
from tests.analysis.numbers import (
    test_at_the_door,
    test_new_indicators,
    test_platform_indicators,
    test_reach,
    test_retroactivity,
    test_way_out,
    test_work_indicators,
)
from tests.factories import indicators
from tests.factories.indicators import BEFORE, WAVE

NONE = "(none)"


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    path = tmp_path_factory.mktemp("values") / "survey.db"
    indicators.build(path)
    return path


@pytest.fixture(scope="module")
def measured(path):
    with closing(open_database(path)) as connection:
        return {m.indicator.name: m for m in indicator.run(connection, WAVE)}


def every(*counts: tuple[str, int, int]) -> dict[tuple[str, str], tuple[int, int]]:
    """Give counts of the whole panel by key."""
    return {("*", key): (k, n) for key, k, n in counts}


# Every key of the whole panel is here; of the strata, some.
SHARES = {
    # Strict statement: n2 a1 m1 m2; a panel agent blocked by name: n1 n2 n3 (a2 not complete).
    "any_signal": {
        ("*", ""): (6, 9), ("news", ""): (3, 3), ("art", ""): (1, 3), (NONE, ""): (2, 3)
    },
    # GPTBot: n1 n2 n3 a2 of 10. The others: not n1, and in a2 nobody knows (n = 9).
    "named_block": every(
        ("GPTBot", 4, 10), ("ClaudeBot", 2, 9), ("CCBot", 2, 9), ("Google-Extended", 2, 9),
        ("Bytespider", 3, 9),  # and a1
    ) | {("news", "GPTBot"): (3, 3), ("art", "GPTBot"): (1, 4), (NONE, "GPTBot"): (0, 3)},
    # And by `*`: m2 all, a1 all but GPTBot.
    "effective_block": every(
        ("GPTBot", 5, 10), ("ClaudeBot", 4, 9), ("CCBot", 4, 9), ("Google-Extended", 4, 9),
        ("Bytespider", 4, 9),
    ) | {("news", "ClaudeBot"): (2, 3), ("art", "ClaudeBot"): (1, 3), (NONE, "ClaudeBot"): (1, 3)},
    # a1 lets GPTBot in everywhere; m3 keeps ClaudeBot from a part.
    "explicit_welcome": every(
        ("GPTBot", 1, 10), ("ClaudeBot", 0, 9), ("CCBot", 0, 9), ("Google-Extended", 0, 9),
        ("Bytespider", 0, 9),
    ),
    # Header n2 (m1 allows), meta m2, file n2 and a1 (m3 malformed).
    "legal_reservation": every(
        ("part", 0, 9), ("any", 3, 9), ("tdmrep_header", 1, 9),
        ("tdmrep_meta", 1, 9), ("tdmrep_file", 2, 9),
    ),
    # AI agents are named by n1 n2 n3 a1 a2 m3; m1 names Googlebot.
    "own_decision": every(("cloudflare", 2, 6), ("unknown", 3, 6), ("mixed", 1, 6))
    | {("news", "cloudflare"): (2, 3), ("art", "cloudflare"): (0, 2)},
    # n2 n3 all five trainers by name, m2 by `*`; a1 lets GPTBot in; a2 is not known.
    "complete_opt_out": {
        ("*", ""): (3, 9), ("news", ""): (2, 3), ("art", ""): (0, 3), (NONE, ""): (1, 3),
        # Only a1 lacks one agent alone; of all that nobody lacks alone the first by name.
        ("*", "most, without GPTBot"): (4, 9), ("art", "most, without GPTBot"): (1, 3),
        ("news", "most, without GPTBot"): (2, 3), ("*", "least, without Bytespider"): (3, 9),
    },
    # anthropic-ai is blocked by n1 n2 n3 a2; n1 leaves ClaudeBot in, of a2 it is not known.
    "stale_token": every(("any", 1, 3), ("anthropic-ai", 1, 3)),
    # GPTBot out and CCBot known: n1 n2 n3 m2; n1 leaves CCBot in. Others: n2 n3 a1 m2.
    "broker_leak": every(
        ("GPTBot", 1, 4), ("ClaudeBot", 0, 4), ("Google-Extended", 0, 4), ("Bytespider", 0, 4)
    ),
    # Named and blocked: n1 n2 n3 a1 (a2: others unknown); a1 shuts `*` too.
    "unknown_future": every(("", 3, 4)),
    "purpose_mix": every(
        ("GPTBot>OAI-SearchBot", 1, 4),  # n1 of n1 n2 n3 m2
        ("OAI-SearchBot>GPTBot", 1, 4),  # a1 of n2 n3 a1 m2
        ("ClaudeBot>Claude-SearchBot", 2, 4),  # n2 n3 of n2 n3 a1 m2
        ("Claude-SearchBot>ClaudeBot", 0, 2),  # of a1 m2
        ("Google-Extended>Googlebot", 2, 4),  # n2 n3 of n2 n3 a1 m2
    ),
    # The rest of the pairs above.
    "collateral": every(("OAI-SearchBot", 3, 4), ("Claude-SearchBot", 2, 4), ("Googlebot", 2, 4)),
    # m1 names no AI agent, and tries to. n1: typo (twice) and BOM, a2: colon, m1: typo; the fault
    # of n2 is cosmetic, that of n3 a choice.
    "defect_rate": every(
        ("writing", 3, 7), ("typo", 2, 7), ("bom", 1, 7), ("no_colon", 1, 7),
        ("robots-broker-open", 1, 7),
    ),
    # Of the nine complete sites: typo n1 m1, BOM n1, the cosmetic order n2; a2 is not complete.
    "fault_codes": every(
        ("any", 4, 9), ("robots_access:robots-broker-open", 1, 9),
        ("robots_access:typo", 2, 9), ("robots_access:bom", 1, 9), ("robots_access:order", 1, 9)
    ),
    # Want a trainer from the root: n1 (GPTBot, and tries ClaudeBot), n2 n3, a1 (Bytespider, and
    # tries CCBot, which `*` blocks), m1 (tries Bytespider). m3 wants two from a part.
    "ineffective_intent": every(("fails", 2, 5), ("all_fail", 1, 5), ("part_fails", 1, 1)),
    # n2 and a1 sound, m3 malformed; pages of terms are no files of their own.
    "void_file": every(("any", 1, 3), ("tdmrep_file", 1, 3)),
    # m3, and n1, which blocks one agent of four; a1 states a condition, a2 is not complete.
    "prose_only": {("*", ""): (2, 9), (NONE, ""): (1, 3), ("news", ""): (1, 3)},
    # Only of NAMED (n1) one reader does not see the groups; 8 sites have rules.
    "reader_disagreement": every(
        ("any", 1, 8), ("GPTBot", 1, 8), ("ClaudeBot", 0, 8), ("CCBot", 0, 8),
        ("Google-Extended", 0, 8), ("Bytespider", 0, 8),
    ),
    # n2 and n3 share a body.
    "default_dominance": {
        ("*", ""): (2, 6), ("news", ""): (2, 3), ("art", ""): (1, 2), (NONE, ""): (1, 1)
    },
    # m2 (the pair in either order, twice); n3's is a variant's, a2 is not complete.
    "conflict_rate": every(
        ("train", 1, 9), ("search", 1, 9), ("ai_input", 0, 9),
        ("robots_access x tdmrep_meta", 1, 9),
    ),
    # Terms forbid at n1 (two pages), m3, a2 (not complete); n1 blocks GPTBot only.
    "terms_gap": every(("", 2, 2)),
    # www of n2, http of n3, which differs; a1's is another name, m1's failed.
    "variant_mismatch": every(("", 1, 2)),
    # n1 (two captures) and n4, which refuses us; m4 never answered.
    "asked_to_pay": {("*", ""): (2, 11), ("news", ""): (2, 4), ("art", ""): (0, 4)},
    "observability": {
        ("*", ""): (10, 12), ("news", ""): (3, 4), ("art", ""): (4, 4), (NONE, ""): (3, 4)
    },
    # Listed on 1 January: 4; 10 March: 2 more; 15 June and 20 July: one each. Googlebot never.
    "list_half_life": every(
        ("2024-02-01", 4, 8), ("2024-03-01", 4, 8), ("2024-04-01", 6, 8), ("2024-05-01", 6, 8),
        ("2024-06-01", 6, 8), ("2024-07-01", 7, 8),
    ),
    # mentioned: n1 n2 n3 a1 a2 m3, and the page of a4 (not the 404 of a3); denied: not m3 a4, m2.
    "headline_by_definition": every(("mentioned", 7, 10), ("denied", 6, 10))
    | {("art", "mentioned"): (3, 4), ("art", "denied"): (2, 4)},
    "definition_spread": {
        ("*", ""): (1, 10), ("news", ""): (0, 3), ("art", ""): (1, 4), (NONE, ""): (0, 3)
    },
    # Blocked before: GPTBot at n1 n2 n3 a2 m2, all still out. The others: n1 n3 a1 m2 (a2 is
    # unknown now), and n1 lets them in.
    "reversal": every(
        ("GPTBot", 0, 5), ("ClaudeBot", 1, 4), ("CCBot", 1, 4), ("Google-Extended", 1, 4),
        ("Bytespider", 1, 4),
    ) | {("news", "ClaudeBot"): (1, 2), ("art", "ClaudeBot"): (0, 1), (NONE, "ClaudeBot"): (0, 1)},
    # Twice observed: n1 n2 n3 a1 a2 a3 m1 m2 m3.
    "volatility": every(
        ("file", 4, 9),  # n1 n2 a2, and a3 took its file away
        ("any", 6, 9),
        ("gained", 1, 9),  # n2
        ("lost", 2, 9),  # n1 access, m3 use
        ("altered", 0, 9), ("widened", 0, 9),
        ("mended", 1, 9),  # n2 tried ClaudeBot in vain, and keeps it out now
        ("narrowed", 1, 9),  # a1 puts a condition in place of the refusal
        ("moved", 2, 9),  # n1 GPTBot from `*` to its own group, m2 from header to meta
        ("author_changed", 3, 9),  # n1 n2 a2
        ("broke", 1, 9),  # m3's file; the typo in n1's robots.txt has no effect
    ),
    # n2's file says the same; a1's words and m2's channel changed, m3's is gone; a2: unknown.
    "persistence": every(("any", 1, 4), ("tdmrep_file", 1, 3), ("tdmrep_header", 0, 1)),
}  # fmt: skip

# n, p10, median, p90, mean, weighted mean
SPREADS = {
    # n1 2, n2 7, n3 7, a1 2, a2 2, m3 1; m1 names Googlebot, m2 has `*` only.
    "agents_named": (6, 1, 2, 7, 21 / 6, (4 + 14 + 14 + 2 + 2 + 1) / 9),
    # Of 5 operators n1 1, n2 and n3 5, a1 all but OpenAI; a2 is not known.
    "operator_coverage": (4, 0.2, 0.8, 1.0, 0.75, (0.4 + 2 + 2 + 0.8) / 7),
    # Later than the youngest name: n1 4, n2 n3 1 (OAI-SearchBot is named), a1 2, a2 4, m3 2.
    "maintenance_debt": (6, 1, 2, 4, 14 / 6, (8 + 2 + 2 + 2 + 4 + 2) / 9),
}


ELSEWHERE = {
    "accessibility_cost", "after_capture", "announcement_lag", "asset_host_gap", "awareness",
    "compliance_weighted", "conditions_readable", "edits_per_year", "effective_agency",
    "erasure_path", "hosts_to_configure", "licence_routes", "locked_in", "mechanisms_needed",
    "mechanisms_to_add", "metadata_survival", "offshore_coverage", "paid_at_the_door",
    "paper_only", "per_asset_burden", "platform_control", "platform_default", "reach_by_country",
    "reach_by_signal", "refusal_reach", "silent_enforcer", "skill_level", "sovereignty_gap",
    "switch_completeness", "switch_uptake", "typo_rate", "wasted_window", "work_contradictions",
    "work_only_wishes", "work_readers", "work_unprotected", "work_wishes",
}  # fmt: skip
"""These have surveys of their own, in the modules that the next test names."""


def test_every_computed_indicator_has_its_values_here_or_there():
    computed = {i.name for i in indicator.indicators() if i.sql}
    assert computed == {*SHARES, *SPREADS, *ELSEWHERE}
    assert not ELSEWHERE & {*SHARES, *SPREADS}
    files = (
        test_at_the_door, test_platform_indicators, test_new_indicators, test_reach,
        test_retroactivity, test_way_out, test_work_indicators,
    )  # fmt: skip
    there = "".join(Path(file.__file__).read_text("utf-8") for file in files)
    assert all(f'"{name}"' in there for name in ELSEWHERE)


@pytest.mark.parametrize("name", SHARES)
def test_shares_are_those_worked_out_by_hand(measured, name):
    found = {(row.stratum, row.key): (row.k, row.n) for row in measured[name].rows}
    assert {place: found.get(place) for place in SHARES[name]} == SHARES[name]
    assert {key for stratum, key in found if stratum == "*"} == {
        key for stratum, key in SHARES[name] if stratum == "*"
    }


@pytest.mark.parametrize("name", SPREADS)
def test_spreads_are_those_worked_out_by_hand(measured, name):
    row = next(row for row in measured[name].rows if row.stratum == "*")
    found = (row.n, row.p10, row.median, row.p90, row.mean, row.weighted_mean)
    assert found == pytest.approx(SPREADS[name])


def test_weights_count_the_sites_of_news_twice(measured):
    row = measured["any_signal"].rows[0]
    assert (row.stratum, row.weighted_share) == ("*", pytest.approx((6 + 3) / (6 + 6)))
    assert row.effective_n == pytest.approx(12**2 / (4 * 3 + 6))


def test_bounds_count_the_unobserved_of_the_panel(measured):
    row = measured["complete_opt_out"].rows[0]
    assert (row.if_none, row.if_all) == pytest.approx((3 / 12, (3 + 3) / 12))


def test_an_extreme_has_no_interval(path):
    with closing(open_database(path)) as connection:
        found = indicator.run(connection, WAVE, ["definition_spread", "any_signal"], seed=1)
    for m in found:
        drawn = m.indicator.kind != Kind.EXTREME
        row = m.rows[0]
        assert [value is not None for value in (row.low, row.weighted_low, row.cluster_low)] == [
            drawn
        ] * 3


def test_an_indicator_over_two_waves_names_the_earlier_one(measured):
    for m in measured.values():
        if not m.rows:
            assert not m.indicator.sql or m.indicator.name in ELSEWHERE
            continue
        assert {row.before for row in m.rows} == {BEFORE if m.indicator.waves else None}


def test_the_first_wave_has_nothing_to_be_compared_with(path):
    with closing(open_database(path)) as connection:
        (found,) = indicator.run(connection, BEFORE, ["reversal"])
    assert found.rows == ()
    assert found.lacks == "needs an earlier wave of the panel, judged by ruleset 4"


def test_a_reversal_is_a_loss_in_the_ledger(path, measured):
    from analysis.waves import changes

    with closing(open_database(path)) as connection:
        lost = [c.subject for c in changes.changes(connection, BEFORE, WAVE, kind="lost")]
    for row in measured["reversal"].rows:
        if row.stratum == "*":
            assert row.k == lost.count(f"access:{row.key}")


def test_the_view_of_definitions_says_what_the_indicator_says(path, measured):
    with closing(sqlite3.connect(path)) as connection:
        rows = connection.execute(
            "SELECT definition, k, n FROM v_definitions WHERE wave = ?", (WAVE,)
        ).fetchall()
    found = measured["headline_by_definition"].rows
    assert sorted(rows) == sorted((r.key, r.k, r.n) for r in found if r.stratum == "*")
    assert all(isinstance(row, Share) for row in found)
