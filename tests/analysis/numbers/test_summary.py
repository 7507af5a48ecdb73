"""Every published number against counts made by hand from the table in factory_db."""

import csv
import io
import json
import re
import sqlite3
from collections import Counter
from contextlib import closing

import pytest
from rich.console import Console

from analysis.database import AnalysisError, UnknownWaveError, latest_wave, open_database
from analysis.numbers import summary as summaries
from analysis.safe_text import safe_cell, safe_text
from analysis.statistics import wilson
from analysis.terminal.summary import print_summary
from tests.factories import database
from tests.factories.database import STRICT8, WAVE

OTHER_SIX = tuple(set(STRICT8) - {"GPTBot", "ClaudeBot"})


def spread(counts, n):
    """Keyed counts over one denominator per stratum: {stratum: {key: k}} and {stratum: n}."""
    return {
        (stratum, key): (k, n[stratum])
        for stratum, keys in counts.items()
        for key, k in keys.items()
    }


def agents(gptbot, claudebot, others):
    """Counts of whole panel, (none), art, news per agent, over the measured sites."""
    n = {"*": 11, "(none)": 1, "art": 5, "news": 5}
    columns = {"GPTBot": gptbot, "ClaudeBot": claudebot} | dict.fromkeys(OTHER_SIX, others)
    return {
        (stratum, agent): (ks[i], n[stratum])
        for agent, ks in columns.items()
        for i, stratum in enumerate(n)
    }


def whole(**strata):
    return {
        (stratum.replace("none", "(none)").replace("all", "*"), ""): c
        for stratum, c in strata.items()
    }


AGREED = ["wave", "panel", "stratum", "key", "k", "n"]
ATTEMPTED = {"*": 14, "(none)": 1, "art": 6, "news": 7}
OUTCOMES = {
    "(none)": {"ok:complete": 1},
    "art": {
        "ok:complete": 1, "ok_partial:truncated": 1, "absent:robots_empty": 1,
        "ok_partial:resource_unmeasured": 1, "refused_by_us:robots_disallows_us": 1,
        "internal_error:internal_error": 1,
    },
    "news": {
        "ok:complete": 3, "denied:http_403": 1, "unreachable:dns_nxdomain": 1,
        "absent:robots_missing": 1, "absent:robots_not_robots": 1,
    },
}  # fmt: skip
STATES = {
    "(none)": {"rules": 1},
    "art": {"rules": 4, "empty": 1, "unreachable": 1},
    "news": {"rules": 3, "refused": 1, "unreachable": 1, "absent": 1, "not-robots": 1},
}
UNMEASURED = {
    "(none)": {},
    "art": {"internal_error:internal_error": 1},
    "news": {"denied:http_403": 1, "unreachable:dns_nxdomain": 1},
}


def with_zeros(counts):
    """Every key in every stratum, and the whole panel."""
    keys = {key for cells in counts.values() for key in cells}
    filled = {s: {key: cells.get(key, 0) for key in keys} for s, cells in counts.items()}
    filled["*"] = dict(sum((Counter(cells) for cells in counts.values()), Counter()))
    return spread(filled, ATTEMPTED)


GOLDEN = {
    "attempted": whole(all=(14, 15), none=(1, 1), art=(6, 7), news=(7, 7)),
    "observed": whole(all=(11, 14), none=(1, 1), art=(5, 6), news=(5, 7)),
    "outcomes": with_zeros(OUTCOMES),
    "unmeasured": with_zeros(UNMEASURED),
    "robots_state": with_zeros(STATES),
    # GPTBot: named n1 n2 m1 a2; * n3 a5; a1 lets it in. ClaudeBot: a1 too through *.
    "agent_blocked": agents((6, 1, 2, 3), (7, 1, 3, 3), (5, 0, 3, 2)),
    "agent_blocked_named": agents((4, 1, 1, 2), (4, 1, 1, 2), (2, 0, 1, 1)),
    "agent_blocked_star": agents((2, 0, 1, 1), (3, 0, 2, 1), (3, 0, 2, 1)),
    "complete_training_optout": whole(all=(4, 11), none=(0, 1), art=(2, 5), news=(2, 5)),
    "complete_training_optout_today": whole(all=(4, 11), none=(0, 1), art=(2, 5), news=(2, 5)),
    # a1 closes itself to all but GPTBot: without that agent it is complete.
    "complete_training_optout_without": agents((5, 0, 3, 2), (4, 0, 2, 2), (4, 0, 2, 2)),
    "signal_share": {
        ("*", "robots_access"): (7, 11), ("(none)", "robots_access"): (1, 1),
        ("art", "robots_access"): (3, 5), ("news", "robots_access"): (3, 5),
        ("*", "robots_meta"): (0, 10), ("(none)", "robots_meta"): (0, 1),
        ("art", "robots_meta"): (0, 4), ("news", "robots_meta"): (0, 5),
        # a4 and a5 carry it in robots.txt; their home page was unreadable or unasked, and sites
        # like them without it are in no denominator.
        ("*", "rsl"): (0, 8), ("(none)", "rsl"): (0, 1),
        ("art", "rsl"): (0, 3), ("news", "rsl"): (0, 4),
        ("*", "tdmrep_file"): (1, 9), ("(none)", "tdmrep_file"): (0, 1),
        ("art", "tdmrep_file"): (1, 3), ("news", "tdmrep_file"): (0, 5),
        ("*", "tdmrep_header"): (4, 10), ("(none)", "tdmrep_header"): (0, 1),
        ("art", "tdmrep_header"): (2, 4), ("news", "tdmrep_header"): (2, 5),
    },
    "signal_unmeasured": spread(
        {
            "*": {
                "robots_access:unmeasured": 2, "robots_access:unasked": 1,
                "robots_meta:unmeasured": 0, "robots_meta:unasked": 4,
                "rsl:unmeasured": 4, "rsl:unasked": 2,
                "tdmrep_file:unmeasured": 1, "tdmrep_file:unasked": 4,
                "tdmrep_header:unmeasured": 0, "tdmrep_header:unasked": 4,
            },
            "art": {
                "robots_access:unmeasured": 0, "robots_access:unasked": 1,
                "robots_meta:unmeasured": 0, "robots_meta:unasked": 2,
                "rsl:unmeasured": 1, "rsl:unasked": 2,
                "tdmrep_file:unmeasured": 1, "tdmrep_file:unasked": 2,
                "tdmrep_header:unmeasured": 0, "tdmrep_header:unasked": 2,
            },
            "news": {
                "robots_access:unmeasured": 2, "robots_access:unasked": 0,
                "robots_meta:unmeasured": 0, "robots_meta:unasked": 2,
                "rsl:unmeasured": 3, "rsl:unasked": 0,
                "tdmrep_file:unmeasured": 0, "tdmrep_file:unasked": 2,
                "tdmrep_header:unmeasured": 0, "tdmrep_header:unasked": 2,
            },
            "(none)": {
                f"{signal}:{why}": 0
                for signal in database.SIGNALS for why in ("unmeasured", "unasked")
            },
        },
        ATTEMPTED,
    ),
    # Complete visits only: a2 reserves too but was cut off, so it is in neither count.
    "use_reserved": {
        ("*", "train"): (3, 8), ("(none)", "train"): (0, 1),
        ("art", "train"): (1, 2), ("news", "train"): (2, 5),
        ("*", "search"): (0, 8), ("(none)", "search"): (0, 1),
        ("art", "search"): (0, 2), ("news", "search"): (0, 5),
        ("*", "ai_input"): (1, 8), ("(none)", "ai_input"): (0, 1),
        ("art", "ai_input"): (0, 2), ("news", "ai_input"): (1, 5),
    },
    "use_conflict": {
        ("*", "train"): (1, 8), ("(none)", "train"): (0, 1),
        ("art", "train"): (1, 2), ("news", "train"): (0, 5),
        ("*", "search"): (0, 8), ("(none)", "search"): (0, 1),
        ("art", "search"): (0, 2), ("news", "search"): (0, 5),
        ("*", "ai_input"): (0, 8), ("(none)", "ai_input"): (0, 1),
        ("art", "ai_input"): (0, 2), ("news", "ai_input"): (0, 5),
    },
    # a1 says both by header and by file; eight visits were complete.
    "conflict_pairs": {
        ("*", "train:tdmrep_file:tdmrep_header"): (1, 8),
        ("(none)", "train:tdmrep_file:tdmrep_header"): (0, 1),
        ("art", "train:tdmrep_file:tdmrep_header"): (1, 2),
        ("news", "train:tdmrep_file:tdmrep_header"): (0, 5),
    },
}  # fmt: skip
# m1's file is the only malformed one; the denominators are those of signal_share.
GOLDEN["signal_malformed"] = {
    (stratum, signal): (int(signal == "tdmrep_file" and stratum in {"*", "(none)"}), n)
    for (stratum, signal), (_, n) in GOLDEN["signal_share"].items()
}


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    path = tmp_path_factory.mktemp("survey") / "survey.db"
    database.build(path)
    return path


@pytest.fixture
def connection(path):
    with closing(open_database(path)) as connection:
        yield connection


@pytest.fixture
def summary(connection):
    return summaries.run(connection, WAVE)


def test_every_number_has_a_golden_result():
    assert {number.definition for number in summaries.numbers()} == set(GOLDEN)


@pytest.mark.parametrize("definition", GOLDEN)
def test_number_equals_the_count_by_hand(summary, definition):
    rows = summary[definition].rows
    assert {(row.stratum, row.key): (row.k, row.n) for row in rows} == GOLDEN[definition]
    assert len(rows) == len(GOLDEN[definition])


@pytest.mark.parametrize("number", summaries.numbers(), ids=lambda n: n.definition)
def test_sql_returns_the_agreed_columns_and_needs_only_the_wave(connection, number):
    with summaries.prepared(connection, WAVE):
        cursor = connection.execute(number.sql, {"wave": WAVE})
        names = [column[0] for column in cursor.description]
        assert names in (AGREED, [*AGREED, "told"])
        assert all(row[:2] == (WAVE, "makers") for row in cursor)


@pytest.mark.parametrize("number", summaries.numbers(), ids=lambda n: n.definition)
def test_sql_run_by_hand_gives_the_published_counts(connection, summary, number):
    with summaries.scratch(connection):
        for statement in filter(str.strip, "".join(summaries.shared_sql().values()).split(";\n")):
            connection.execute(statement, {"wave": WAVE})
        by_hand = [row[2:6] for row in connection.execute(number.sql, {"wave": WAVE})]
    published = [(r.stratum, r.key, r.k, r.n) for r in summary[number.definition].rows]
    assert by_hand
    assert published == by_hand


def test_rows_carry_interval_ruleset_and_definition(summary):
    row = summary["agent_blocked"].row("*", "GPTBot")
    assert (row.definition, row.ruleset, row.share) == ("agent_blocked", 2, 6 / 11)
    assert (row.low, row.high) == wilson(6, 11)
    assert (summary.ruleset, summary.agents_version, summary.panel) == (2, "2026-11-22", "makers")


def test_unmeasured_sites_and_measured_sites_add_up(summary):
    for stratum in ("*", *summary.strata()):
        observed = summary["observed"].row(stratum)
        reasons = [r.k for r in summary["unmeasured"].rows if r.stratum == stratum]
        assert sum(reasons) == observed.n - observed.k
        for signal in database.SIGNALS:
            missing = [
                summary["signal_unmeasured"].row(stratum, f"{signal}:{why}").k
                for why in ("unmeasured", "unasked")
            ]
            assert summary["signal_share"].row(stratum, signal).n + sum(missing) == observed.n


def test_numbers_agree_with_the_researcher_views(connection, summary):
    access = connection.execute(
        "SELECT agent, count(*) FILTER (WHERE root = 'disallowed'),"
        " count(*) FILTER (WHERE root <> 'unmeasured') FROM v_agent_access"
        " WHERE wave = ? AND reader = 'rfc9309' GROUP BY agent", (WAVE,)
    )  # fmt: skip
    by_view = {agent: (k, n) for agent, k, n in access if agent in STRICT8}
    rows = [row for row in summary["agent_blocked"].rows if row.stratum == "*"]
    assert {row.key: (row.k, row.n) for row in rows} == by_view


def test_one_row_a_site_and_signal_adds_up_to_the_shares(connection, summary):
    rows = connection.execute(
        "SELECT signal, count(*), sum(whole AND outcome = 'present'), sum(whole),"
        " sum(whole AND outcome = 'malformed'), sum(NOT whole AND outcome = 'present')"
        " FROM v_site_signals WHERE wave = ? GROUP BY 1",
        (WAVE,),
    ).fetchall()
    assert len(rows) == len(database.SIGNALS)
    for signal, sites, present, whole, malformed, told in rows:
        row = summary["signal_share"].row("*", signal)
        assert (sites, present, whole, told) == (14, row.k, row.n, row.told)
        assert malformed == summary["signal_malformed"].row("*", signal).k
    assert summary["signal_share"].row("*", "rsl").told == 2


def test_rows_of_the_main_reader_are_sites(connection, summary):
    counted = connection.execute(
        "SELECT count(*), sum(whole), sum(whole AND root = 'disallowed') FROM v_access"
        " WHERE wave = ? AND agent = 'GPTBot'",
        (WAVE,),
    ).fetchone()
    row = summary["agent_blocked"].row("*", "GPTBot")
    assert counted == (14, row.n, row.k)


def test_wave_that_is_not_judged_has_only_numbers_that_need_no_judgement(connection):
    summary = summaries.run(connection, "2026-12")
    assert summary.ruleset is None
    assert summary["attempted"].row().k == 1
    assert (summary["observed"].row().k, summary["observed"].row().n) == (0, 1)
    assert summary["agent_blocked"].rows == summary["signal_share"].rows == ()
    json.loads(summaries.to_json(summary))
    print_summary(summary, Console(file=io.StringIO()))


def test_denominator_of_zero_has_neither_share_nor_interval(path, tmp_path):
    copy = tmp_path / "copy.db"
    copy.write_bytes(path.read_bytes())
    with closing(sqlite3.connect(copy)) as db:
        db.execute("UPDATE judgements SET policy_id = ?", (database.UNKNOWN,))
        db.commit()
    with closing(open_database(copy)) as db:
        summary = summaries.run(db, WAVE)
    row = summary["complete_training_optout"].row()
    assert (row.k, row.n, row.share, row.low, row.high) == (0, 0, None, None, None)
    json.loads(summaries.to_json(summary))
    out = io.StringIO()
    print_summary(summary, Console(file=out, width=160))
    assert re.search(r"CCBot +│ 0 │ +0 │ +- │ +- │", out.getvalue())


def test_unknown_wave_names_the_known_ones(connection):
    with pytest.raises(UnknownWaveError, match="waves here: 2026-11, 2026-12") as caught:
        summaries.run(connection, "2025-01")
    assert caught.value.known == ("2026-11", "2026-12")


@pytest.mark.parametrize(
    ("sql", "problem"),
    [
        ("SELECT 1;", "header has"),
        ("-- title: a\n-- question: b\nSELECT 1;", "header has"),
    ],
)
def test_sql_without_a_complete_header_is_refused(sql, problem):
    with pytest.raises(ValueError, match=problem):
        summaries._number("x", sql)


def test_json_is_strict_and_holds_every_row(summary):
    def refuse(constant):
        pytest.fail(f"{constant} is not JSON")

    document = json.loads(summaries.to_json(summary), parse_constant=refuse)
    assert (document["wave"], document["ruleset"]) == (WAVE, 2)
    read = {
        number["definition"]: {(r["stratum"], r["key"]): (r["k"], r["n"]) for r in number["rows"]}
        for number in document["numbers"]
    }
    assert read == GOLDEN
    assert all(number["denominator"] and number["title"] for number in document["numbers"])


def test_csv_reads_back_and_can_be_limited(summary):
    rows = list(csv.DictReader(io.StringIO(summaries.to_csv(summary), newline="")))
    assert len(rows) == sum(map(len, GOLDEN.values()))
    assert all(
        GOLDEN[r["definition"]][r["stratum"], r["key"]] == (int(r["k"]), int(r["n"])) for r in rows
    )
    some = summaries.to_csv(summary, {"attempted"})
    assert some.count("\r\n") == 1 + len(GOLDEN["attempted"])


def test_terminal_table_shows_counts_and_nothing_that_acts(summary, path, tmp_path):
    copy = tmp_path / "copy.db"
    copy.write_bytes(path.read_bytes())
    with closing(sqlite3.connect(copy)) as db:
        db.execute("UPDATE panel_sites SET stratum = '\x1b[2J[red]\u202e' WHERE stratum = 'art'")
        db.commit()
    out = io.StringIO()
    with closing(open_database(copy)) as db:
        print_summary(summaries.run(db, WAVE), Console(file=out, width=160))
    text = out.getvalue()
    assert "\\x1b[2J[red]\\u202e" in text
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert "15.2–64.6" in text


def test_safe_text_shows_what_acts_or_hides():
    shown = safe_text("a\x1b[0m\x7f\x9b\u202e\u200b\ufeff\u2028\U000e0041é\n\ud800")
    assert shown == "a\\x1b[0m\\x7f\\x9b\\u202e\\u200b\\ufeff\\u2028\\U000e0041é\\x0a\\ud800"
    assert safe_text("plain") == "plain"


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"])
def test_formula_starts_are_quoted_in_csv(start):
    assert safe_cell(f"{start}cmd|1") == f"'{start}cmd|1"


def test_numbers_and_plain_text_pass_into_csv_unchanged():
    assert [safe_cell(v) for v in (-1.5, "a=b", None)] == [-1.5, "a=b", None]


def test_latest_wave_is_the_one_started_last(connection):
    assert latest_wave(connection) == "2026-12"


def test_database_without_a_wave_says_so():
    with closing(sqlite3.connect(":memory:")) as db:
        db.executescript(database.schema())
        with pytest.raises(AnalysisError, match="no wave"):
            latest_wave(db)


def test_missing_file_is_named(tmp_path):
    with pytest.raises(AnalysisError, match=r"no\.db: no such file"):
        open_database(tmp_path / "no.db")


def test_text_file_is_not_a_database(tmp_path):
    path = tmp_path / "panel.csv"
    path.write_text("host\n" * 1000)
    with pytest.raises(AnalysisError, match="not a readable SQLite database"):
        open_database(path)


def test_foreign_database_is_refused(tmp_path):
    path = tmp_path / "other.db"
    with closing(sqlite3.connect(path)) as db:
        db.execute("CREATE TABLE places (url)")
    with pytest.raises(AnalysisError, match="not a survey database"):
        open_database(path)


def test_archived_wal_database_is_read_where_nothing_may_be_written(path, monkeypatch):
    connect = sqlite3.connect

    def in_a_read_only_folder(name, **options):
        # What SQLite answers for a WAL file when it cannot create the -shm file beside it.
        if "immutable" not in name:
            error = sqlite3.OperationalError("attempt to write a readonly database")
            error.sqlite_errorcode = sqlite3.SQLITE_READONLY_DIRECTORY
            raise error
        return connect(name, **options)

    monkeypatch.setattr(sqlite3, "connect", in_a_read_only_folder)
    with closing(open_database(path)) as db:
        assert summaries.run(db, WAVE).ruleset == 2
    monkeypatch.setattr("pathlib.Path.exists", lambda _: True)  # a -wal file: not complete
    with pytest.raises(AnalysisError, match="attempt to write"):
        open_database(path)


def test_newer_schema_is_refused(path, tmp_path):
    copy = tmp_path / "copy.db"
    copy.write_bytes(path.read_bytes())
    with closing(sqlite3.connect(copy)) as db:
        db.execute("PRAGMA user_version = 99")
    with pytest.raises(AnalysisError, match="schema 99"):
        open_database(copy)


def test_database_is_opened_for_reading_only(connection):
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        connection.execute("DELETE FROM visits")
