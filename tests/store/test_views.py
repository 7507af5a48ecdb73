"""The researcher views over a database that the real judge has written."""

import json
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner

from analysis.waves import robots_files
from crawler.cli import main
from crawler.judge.definitions import DEFINITIONS
from crawler.model import Access, Capture, Failure, Outcome, Reason, Site
from crawler.panel import reading as panel
from crawler.registry import agents
from crawler.signals import RULESET, resources, robots_access
from crawler.store import facts
from crawler.store.database import StoreError, writing
from crawler.wave import judging, rejudge

BLOCKS = b"User-agent: GPTBot\nUser-agent: CCBot\nDisallow: /\n\nUser-agent: *\nDisallow: /tmp/\n"
OPEN = b"User-agent: *\nDisallow: /tmp/\n"
TDM = "/.well-known/tdmrep.json"
RESERVED = b'[{"location": "/", "tdm-reservation": 1}]'


def captures(host, robots, *, tdm=None, headers=(), failure=None):
    def one(resource, status=200, body=b"", **more):
        url = f"https://{host}{resource}"
        more = {"started_at": "2026-11-01T00:00:00Z", "size": len(body)} | more
        return Capture(resource, url, url, status=status, body=body, **more)

    if failure is not None:
        return (one("/robots.txt", None, failure=failure),)
    html = ((b"Content-Type", b"text/html"), *headers)
    file = one(TDM, 404) if tdm is None else one(TDM, body=tdm)
    asked = {"/robots.txt", "/", TDM}
    missing = tuple(one(path, 404) for path in resources() if path not in asked)
    return (one("/robots.txt", body=robots), one("/", body=b"<html>", headers=html), file, *missing)


WAVES = {
    "2026-10": {
        "gains.example": captures("gains.example", OPEN),
        "loses.example": captures("loses.example", BLOCKS, tdm=RESERVED),
        "stays.example": captures("stays.example", BLOCKS),
        "fades.example": captures("fades.example", BLOCKS),
    },
    "2026-11": {
        "gains.example": captures("gains.example", BLOCKS, headers=((b"tdm-reservation", b"1"),)),
        "loses.example": captures("loses.example", OPEN),
        "stays.example": captures("stays.example", BLOCKS),
        "fades.example": captures("fades.example", BLOCKS, failure=Failure.CONNECT_TIMEOUT),
    },
}


def survey(folder, waves):
    """Store and judge waves of one panel, each a mapping of host to captures."""
    listed = folder / "panel.csv"
    hosts = next(iter(waves.values()))
    listed.write_text("host,stratum\n" + "".join(f"{host},s\n" for host in hosts))
    with writing(folder / "survey.db") as connection:
        panel_id = facts.put_panel(connection, panel.read(listed))
        for name, visits in waves.items():
            wave = facts.open_wave(
                connection,
                name,
                panel_id,
                seed=0,
                software="test",
                settings={},
                user_agent="test",
                vantage=None,
                ruleset=1,
            )
            started = f"{name}-01T00:00:00Z"
            connection.execute(
                "UPDATE waves SET started_at = ? WHERE wave_id = ?", (started, wave.wave_id)
            )
            facts.put_visits(
                connection,
                wave,
                [
                    facts.Visit(
                        Site(host, host, host), Outcome.OK, Reason.COMPLETE, None, made, "a", "b"
                    )
                    for host, made in visits.items()
                ],
            )
    for name in waves:
        rejudge.judge_wave(folder / "survey.db", name)
    return folder / "survey.db"


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    return survey(tmp_path_factory.mktemp("views"), WAVES)


@pytest.fixture
def connection(path):
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as opened:
        yield opened


def test_access_of_every_agent_by_every_reader_is_what_the_judge_says(connection):
    tokens = [agent.token for agent in agents.load().agents]
    reading = judging.read_body(BLOCKS)
    rows = connection.execute(
        "SELECT reader, agent, root, extent, basis, line FROM v_agent_access"
        " WHERE wave = '2026-11' AND host = 'stays.example'"
    ).fetchall()
    expected = []
    for reader, access in reading.access.items():
        for token in tokens:
            d = access.named.get(token, access.default)
            expected.append((reader, token, d.root, d.extent, d.basis, d.line))
    assert sorted(rows, key=repr) == sorted(expected, key=repr)
    assert len(rows) == 3 * len(tokens)


def test_a_headline_is_counted_under_every_published_definition(connection):
    """Of the later wave three files are known, and two shut GPTBot and CCBot out by name."""
    rows = connection.execute(
        "SELECT definition, k, n FROM v_definitions WHERE wave = '2026-11'"
    ).fetchall()
    blocking = {"mentioned", "named", "denied", "denied-by-name", "disallow-line-by-name"}
    blocking |= {"disallow-without-allow", "next-line", "kept-from-everything"}
    blocking |= {"empty-disallow-too", "first-group"}
    expected = {each.id: 2 if each.id in blocking else 0 for each in DEFINITIONS}
    assert {definition: k for definition, k, _ in rows} == expected
    assert {n for *_, n in rows} == {3}


def test_a_file_of_more_than_500_kib_counts_neither_way(tmp_path):
    """RFC 9309 section 2.5: reading may end there, and what follows could name any agent."""
    comments = b"# a line\n" * 60_000
    sites = {
        "long.example": captures("long.example", BLOCKS + comments),
        "stays.example": captures("stays.example", BLOCKS),
    }
    path = survey(tmp_path, {"2026-11": sites})
    with closing(sqlite3.connect(path)) as connection:
        counted = connection.execute("SELECT DISTINCT k, n FROM v_definitions").fetchall()
        found = connection.execute(
            "SELECT DISTINCT host, whole FROM v_agent_access WHERE agent IN ('GPTBot', 'CCBot')"
            " AND reader = 'rfc9309' ORDER BY 1"
        ).fetchall()
        files = {file.host: file.body for file in robots_files.files(connection, "2026-11")}
    assert set(counted) == {(0, 1), (1, 1)}
    assert found == [("long.example", 0), ("stays.example", 1)]
    assert files == {"long.example": None, "stays.example": BLOCKS}


def test_nothing_is_stored_per_site_and_agent(connection):
    rows = connection.execute("SELECT count(*) FROM robots_access").fetchone()[0]
    assert rows < 50  # 8 visits x 225 agents x 3 readers would be 5,400


def test_what_could_not_be_had_is_unmeasured_for_every_agent(connection):
    rows = connection.execute(
        "SELECT DISTINCT root, extent, basis FROM v_agent_access"
        " WHERE wave = '2026-11' AND host = 'fades.example'"
    ).fetchall()
    assert rows == [(Access.UNMEASURED, None, None)]


def test_a_body_that_was_cut_short_shows_rules_and_never_their_absence():
    """Google counts incomplete data as a server error; we keep what came, and no more."""
    blocked = judging.read_body(BLOCKS).access["rfc9309"].named["GPTBot"]
    assert robots_access.cut_short(blocked) == blocked
    opened = judging.read_body(OPEN).access["rfc9309"].default
    assert robots_access.cut_short(opened).root is Access.UNMEASURED


def test_changes_between_waves_are_named(connection):
    rows = connection.execute(
        "SELECT host, kind, subject, before, after FROM v_changes"
        " WHERE subject IN ('access:GPTBot', 'use:train') ORDER BY host, subject"
    ).fetchall()
    assert rows == [
        ("fades.example", "became_unmeasured", "access:GPTBot", "disallowed", "unmeasured"),
        ("gains.example", "gained", "access:GPTBot", "allowed", "disallowed"),
        ("gains.example", "gained", "use:train", "unstated", "disallowed"),
        ("loses.example", "lost", "access:GPTBot", "disallowed", "allowed"),
        ("loses.example", "lost", "use:train", "disallowed", "unstated"),
    ]


def test_absence_is_spelt_out_and_apart_from_what_was_not_measured(connection):
    rows = connection.execute(
        "SELECT signal, outcome FROM v_signals WHERE wave = '2026-11' AND host = 'stays.example'"
    ).fetchall()
    assert ("tdmrep_file", "absent") in rows
    assert ("robots_access", "present") in rows
    failed = connection.execute(
        "SELECT signal, outcome FROM v_signals WHERE wave = '2026-11' AND host = 'fades.example'"
    ).fetchall()
    assert {outcome for _, outcome in failed} == {"unmeasured"}


def test_statements_carry_words_line_and_place(connection):
    rows = connection.execute(
        "SELECT agent, purpose, preference, quote, line FROM v_statements"
        " WHERE wave = '2026-11' AND host = 'stays.example' AND signal = 'robots_access'"
    ).fetchall()
    assert ("GPTBot", "train", "disallowed", "Disallow: /", 3) in rows
    (row,) = connection.execute(
        "SELECT quote, preference, strictness FROM v_statements"
        " WHERE wave = '2026-10' AND signal = 'tdmrep_file' AND purpose = 'train'"
    ).fetchall()
    assert "tdm-reservation" in row[0]
    assert row[1:] == ("disallowed", "strict")


JUDGEMENT = (
    "judgements",
    "findings",
    "statements",
    "defects",
    "conflicts",
    "robots_bodies",
    "robots_policies",
    "robots_access",
    "reader_disagreements",
    "body_definitions",
    "use_policies",
    "verdicts",
)


def dump(path):
    with closing(sqlite3.connect(path)) as opened:
        return {
            table: opened.execute(f"SELECT * FROM {table} ORDER BY 1, 2, 3").fetchall()
            for table in JUDGEMENT
        }


def test_judging_again_gives_the_same_rows_to_the_byte(path):
    before = dump(path)
    first = [rejudge.judge_wave(path, name).digest for name in WAVES]
    assert dump(path) == before
    again = [
        rejudge.judge_wave(path, name, again=not number).digest for number, name in enumerate(WAVES)
    ]
    assert again == first
    assert dump(path) == before


def test_a_ruleset_number_taken_by_other_inputs_is_refused(path):
    with closing(sqlite3.connect(path)) as opened, opened:
        digest = opened.execute("SELECT digest FROM rulesets").fetchone()[0]
        opened.execute("UPDATE rulesets SET digest = 'other'")
    with pytest.raises(StoreError, match="made from other inputs"):
        rejudge.judge_wave(path, "2026-10")
    with closing(sqlite3.connect(path)) as opened, opened:
        opened.execute("UPDATE rulesets SET digest = ?", (digest,))


@pytest.fixture
def older(path, tmp_path):
    """A copy that also holds ruleset 0: it said "allowed" where there was no file to read."""
    path = Path(shutil.copy(path, tmp_path))
    with closing(sqlite3.connect(path)) as opened, opened:
        opened.execute("INSERT INTO rulesets SELECT 0, digest, versions, 'old', '' FROM rulesets")
        opened.execute("INSERT INTO robots_policies VALUES (999, 0, 'old')")
        opened.execute("INSERT INTO use_policies VALUES (999, 0, 'old')")
        opened.execute(
            "INSERT INTO verdicts VALUES (999, 'train', 'unstated', 'unstated', 'older-rule', 0)"
        )
        opened.execute(
            "INSERT INTO judgements SELECT 0, visit_id, 'absent', NULL, 999, 999 FROM visits"
        )
        opened.execute("INSERT INTO judged_waves SELECT wave_id, 0, 'd', 4, 't' FROM waves")
        for table in ("agents", "agent_purposes"):
            columns = [row[1] for row in opened.execute(f"PRAGMA table_info({table})")][1:]
            listed = ", ".join(columns)
            newest = f"SELECT 0, {listed} FROM {table} WHERE ruleset = {RULESET}"
            opened.execute(f"INSERT INTO {table} {newest}")
        opened.execute(
            "INSERT INTO robots_access VALUES (999, 'rfc9309', 0, 'allowed', 'none', 'no-file',"
            " 'older-rule', NULL, NULL)"
        )
    return path


def test_the_results_of_an_older_ruleset_stay(older):
    rejudge.judge_wave(older, "2026-11")
    with closing(sqlite3.connect(older)) as opened:
        kept = opened.execute("SELECT count(*) FROM judgements WHERE ruleset = 0").fetchone()
        shown = opened.execute("SELECT DISTINCT state FROM v_robots").fetchall()
        every = opened.execute("SELECT DISTINCT ruleset FROM v_robots_all").fetchall()
    assert kept == (8,)
    assert ("absent",) not in shown
    assert sorted(every) == [(0,), (RULESET,)]


def test_what_a_newer_ruleset_moved_is_listed(older):
    result = CliRunner().invoke(
        main, ["diff-rulesets", "0", str(RULESET), "--db", str(older), "--json"]
    )
    moves = [json.loads(line) for line in result.output.splitlines()]
    assert {
        "wave": "2026-11",
        "question": "access:GPTBot",
        "before": "allowed",
        "after": "disallowed",
        "rule_before": "older-rule",
        "rule": "rfc9309-2.2.2-longest-match",
        "sites": 2,
    } in moves
    table = CliRunner().invoke(main, ["diff-rulesets", "0", str(RULESET), "--db", str(older)])
    assert "access:GPTBot" in table.output


def test_moves_are_put_together_by_rule_and_name_hosts_to_look_at(older):
    command = ["diff-rulesets", "0", str(RULESET), "--db", str(older), "--by-rule"]
    moves = [
        json.loads(line)
        for line in CliRunner()
        .invoke(main, [*command, "--examples", "1", "--json"])
        .output.splitlines()
    ]
    counts = {(m["wave"], m["question"], m["before"], m["after"]): m["sites"] for m in moves}
    assert len(counts) == len(moves)
    # Three of 2026-10 and two of 2026-11, however many agents each of them names.
    assert counts["(all)", "access", "allowed", "disallowed"] == 5
    assert counts["(all)", "use", "unstated", "disallowed"] == 2
    assert counts["(all)", "use-lenient", "unstated", "disallowed"] == 2
    assert counts["(all)", "robots", "absent", "rules"] == 7
    assert counts["(all)", "signal:tdmrep_file", "absent", "present"] == 1
    hosts = {m["question"]: m["hosts"] for m in moves if m["after"] in ("disallowed", "present")}
    assert hosts["access"] == ["fades.example"]
    assert hosts["signal:tdmrep_file"] == ["loses.example"]
    table = CliRunner().invoke(main, [*command, "--examples", "2"], env={"COLUMNS": "300"})
    assert "fades.example gains.example" in table.output
    assert "None" not in table.output


def test_the_judge_command_tells_waves_visits_and_digest(path):
    lines = CliRunner().invoke(main, ["judge", "--db", str(path), "--json"]).output.splitlines()
    told = [json.loads(line) for line in lines if line.startswith("{")]
    assert [(t["wave"], t["visits"], t["ruleset"]) for t in told] == [
        ("2026-10", 4, RULESET),
        ("2026-11", 4, RULESET),
    ]
    words = CliRunner().invoke(main, ["judge", "--db", str(path), "--wave", "2026-10"]).output
    assert told[0]["digest"] in words
