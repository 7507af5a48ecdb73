"""The ledger of changes: kinds by the real judge, ids that stay, any two waves, equal rulesets."""

import json
import shutil
import sqlite3
from collections import Counter
from contextlib import closing
from itertools import islice

import pytest
from click.testing import CliRunner

from analysis.database import AnalysisError, UnknownWaveError, open_database
from analysis.waves import changes
from analysis.waves.changes import ChangeKind
from crawler.cli import main
from crawler.model import Capture, Failure, Outcome, Reason, Site
from crawler.panel import reading
from crawler.signals import resources
from crawler.store import facts
from crawler.store.database import writing
from crawler.wave import rejudge
from tests.factories import indicators
from tests.factories.indicators import BEFORE, WAVE, put

NOBODY = b"User-agent: *\nDisallow: /tmp/\n"
GPT = b"User-agent: GPTBot\nDisallow: /\n"
EXCEPTION = b"User-agent: GPTBot\nDisallow: /\nAllow: /press/\n"
TDM = "/.well-known/tdmrep.json"
RESERVED = b'[{"location": "/", "tdm-reservation": 1}]'
HEADER, OPEN_HEADER = ((b"tdm-reservation", b"1"),), ((b"tdm-reservation", b"0"),)


def made(host, robots, *, tdm=None, headers=(), failure=None):
    """Captures of a visit in which everything that is asked for is answered."""
    bodies = {"/robots.txt": robots, "/": b"<html>", TDM: tdm}
    for resource in resources():
        url, body = f"https://{host}{resource}", bodies.get(resource)
        told = {"started_at": "2026-11-01T00:00:00Z"}
        if resource == "/":
            told["headers"] = ((b"Content-Type", b"text/html"), *headers)
        failed = failure if resource == "/robots.txt" else None
        status = None if failed else 200 if body is not None else 404
        yield Capture(resource, url, url, status=status, failure=failed, body=body or b"", **told)


# host: the two visits, and the changes in the order of their ids
SITES = {
    "adds.example": (
        {"robots": NOBODY},
        {"robots": NOBODY + GPT},
        [("gained", "access:GPTBot", "allowed", "disallowed")],
    ),
    "drops.example": (
        {"robots": NOBODY + GPT},
        {"robots": NOBODY},
        [("lost", "access:GPTBot", "disallowed", "allowed")],
    ),
    "widens.example": (
        {"robots": EXCEPTION},
        {"robots": GPT},
        [("widened", "access:GPTBot", "all-but", "all")],
    ),
    "narrows.example": (
        {"robots": GPT},
        {"robots": EXCEPTION},
        [("narrowed", "access:GPTBot", "all", "all-but")],
    ),
    "same.example": ({"robots": GPT}, {"robots": b"# new words\n" + GPT}, []),
    "tidies.example": (
        {"robots": NOBODY},
        {"robots": b"User-agent: *\nDisallow:\n"},
        [("narrowed", "access:*", "partial", "none")],
    ),
    "states.example": (
        {"robots": GPT},
        {"robots": GPT, "headers": HEADER},
        [("gained", "use:train", "unstated", "disallowed")],
    ),
    "retracts.example": (
        {"robots": GPT, "headers": HEADER},
        {"robots": GPT},
        [("lost", "use:train", "disallowed", "unstated")],
    ),
    "turns.example": (
        {"robots": GPT, "headers": OPEN_HEADER},
        {"robots": GPT, "headers": HEADER},
        [("altered", "use:train", "allowed", "disallowed")],
    ),
    "moves.example": (
        {"robots": GPT, "headers": HEADER},
        {"robots": GPT, "tdm": RESERVED},
        [("moved", "use:train", "tdmrep_header", "tdmrep_file")],
    ),
    "adds-channel.example": (
        {"robots": GPT, "headers": HEADER},
        {"robots": GPT, "headers": HEADER, "tdm": RESERVED},
        [],
    ),
    "breaks.example": (
        {"robots": GPT, "tdm": RESERVED},
        {"robots": GPT, "tdm": RESERVED[:-1]},
        [
            ("broke", "signal:tdmrep_file", "present", "malformed"),
            ("lost", "use:train", "disallowed", "unstated"),
        ],
    ),
    "mends.example": (
        {"robots": GPT, "tdm": RESERVED[:-1]},
        {"robots": GPT, "tdm": RESERVED},
        [
            ("mended", "signal:tdmrep_file", "malformed", "present"),
            ("gained", "use:train", "unstated", "disallowed"),
        ],
    ),
}
FAILS = {"robots": GPT, "failure": Failure.CONNECT_TIMEOUT}
VISITS = {host: pair[:2] for host, pair in SITES.items()} | {
    "fades.example": ({"robots": GPT}, FAILS),
    "returns.example": (FAILS, {"robots": GPT}),
}


@pytest.fixture(scope="module")
def judged(tmp_path_factory):
    """A database that the real judge has written, of both visits of every site."""
    folder = tmp_path_factory.mktemp("ledger")
    (folder / "panel.txt").write_text("".join(f"{host}\n" for host in VISITS))
    with writing(folder / "survey.db") as connection:
        panel_id = facts.put_panel(connection, reading.read(folder / "panel.txt"))
        for number, name in enumerate((BEFORE, WAVE)):
            wave = facts.open_wave(connection, name, panel_id, seed=0, software="x", settings={},
                                   user_agent="x", vantage=None, ruleset=1)  # fmt: skip
            connection.execute(
                "UPDATE waves SET started_at = ? WHERE wave_id = ?", (name, wave.wave_id)
            )
            visits = [
                facts.Visit(Site(host, host, host), Outcome.OK, Reason.COMPLETE, None,
                            tuple(made(host, **pair[number])), "a", "b")
                for host, pair in VISITS.items()
            ]  # fmt: skip
            facts.put_visits(connection, wave, visits)
    for name in (BEFORE, WAVE):
        rejudge.judge_wave(folder / "survey.db", name)
    return folder / "survey.db"


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    path = tmp_path_factory.mktemp("ledger") / "survey.db"
    indicators.build(path)
    return path


@pytest.fixture
def connection(path):
    with closing(open_database(path)) as opened:
        yield opened


@pytest.fixture
def copy(path, tmp_path):
    """A copy to write to."""
    with closing(sqlite3.connect(shutil.copy(path, tmp_path))) as opened:
        yield opened


def between(connection, a=BEFORE, b=WAVE, **more):
    return list(changes.changes(connection, a, b, **more))


@pytest.mark.parametrize("host", SITES)
def test_what_the_judge_says_of_two_visits_makes_these_changes(judged, host):
    with closing(open_database(judged)) as connection:
        found = between(connection, host=host)
    told = [(c.kind, c.subject, c.before, c.after) for c in found]
    # TDMRep speaks about mining: what it says on training it says on answers, too.
    assert [change for change in told if change[1] != "use:ai_input"] == SITES[host][2]


@pytest.mark.parametrize(
    ("host", "kind"),
    [("fades.example", "became_unmeasured"), ("returns.example", "became_measured")],
)
def test_a_failed_request_makes_all_agents_unmeasured_and_takes_no_opt_out_away(judged, host, kind):
    with closing(open_database(judged)) as connection:
        found = between(connection, host=host)
    assert {change.kind for change in found} == {kind}
    values = {change.subject: {change.before, change.after} for change in found}
    assert values["access:GPTBot"] == {"disallowed", "unmeasured"}
    assert values["access:CCBot"] == values["access:*"] == {"allowed", "unmeasured"}


def test_the_ledger_of_the_written_survey_is_the_one_worked_out_by_hand(connection):
    found = {}
    for change in between(connection):
        about = change.subject.partition(":")
        found.setdefault((change.host[:2], change.kind.value, about[0]), set()).add(about[2])
    panel_but_gpt = {"ClaudeBot", "CCBot", "Google-Extended", "Bytespider"}
    whole = {*panel_but_gpt, "GPTBot", "*"}
    assert found == {
        # From `*` to groups of its own for two: they are still out, everybody else is in.
        ("n1", "moved", "access"): {"GPTBot", "anthropic-ai"},
        ("n1", "lost", "access"): {*panel_but_gpt, "*"},
        ("n1", "author_changed", "author"): {"/robots.txt"},
        ("n2", "gained", "access"): {*panel_but_gpt, "OAI-SearchBot"},
        ("n2", "author_changed", "author"): {"/robots.txt"},
        ("n2", "mended", "signal"): {"robots_access"},  # it tried ClaudeBot in vain
        ("n4", "became_unmeasured", "access"): {*whole, "anthropic-ai"},
        ("a1", "narrowed", "use"): {"train"},
        # Two names are still known to be out; nothing is known of the rest.
        ("a2", "became_unmeasured", "access"): {*panel_but_gpt, "OAI-SearchBot", "*"},
        ("a2", "became_unmeasured", "use"): {"train"},
        ("a2", "author_changed", "author"): {"/robots.txt"},
        ("a4", "became_measured", "access"): whole,
        ("m2", "moved", "use"): {"train"},
        ("m3", "broke", "signal"): {"tdmrep_file"},
        ("m3", "lost", "use"): {"train"},
        ("m4", "became_unmeasured", "access"): whole,
    }


def test_the_view_holds_the_same_rows_for_consecutive_waves(connection):
    view = connection.execute(
        "SELECT id, wave_from, wave_to, ruleset, host, kind, subject, before, after"
        " FROM v_changes ORDER BY id"
    ).fetchall()
    assert [changes.Change(*row) for row in view] == between(connection)
    assert view


def test_ids_are_unique_ordered_and_the_same_again(connection):
    found = between(connection)
    ids = [change.id for change in found]
    assert ids == sorted(set(ids))
    assert between(connection) == found


def test_pages_join_to_the_whole(connection):
    found, pages, last = between(connection), [], ""
    while page := list(islice(changes.changes(connection, BEFORE, WAVE, after=last), 7)):
        pages += page
        last = page[-1].id
    assert pages == found


def test_a_filtered_ledger_is_a_part_of_the_whole(connection):
    found = between(connection)
    lost = between(connection, kind="lost")
    assert lost == [change for change in found if change.kind is ChangeKind.LOST]
    site = between(connection, host="n1.example")
    assert site == [change for change in found if change.host == "n1.example"]


MIRROR = {
    "gained": "lost", "widened": "narrowed", "broke": "mended",
    "became_measured": "became_unmeasured",
}  # fmt: skip
MIRROR |= {b: a for a, b in MIRROR.items()}


def test_the_way_back_mirrors_every_change(connection):
    there = {(c.host, c.subject): (c.kind, c.before, c.after) for c in between(connection)}
    back = {(c.host, c.subject): (c.kind, c.before, c.after)
            for c in between(connection, WAVE, BEFORE)}  # fmt: skip
    assert back == {
        place: (MIRROR.get(kind, kind), after, before)
        for place, (kind, before, after) in there.items()
    }


def test_a_wave_is_no_different_from_itself(connection):
    assert between(connection, WAVE, WAVE) == []


def test_tallies_count_sites_by_kind_and_subject(connection):
    tallies = changes.tally(connection, BEFORE, WAVE)
    assert (ChangeKind.LOST, "access:CCBot", 1) in {(t.kind, t.subject, t.sites) for t in tallies}
    assert sum(t.sites for t in tallies) == len(between(connection))
    order = list(ChangeKind)
    assert [t.kind for t in tallies] == sorted((t.kind for t in tallies), key=order.index)


def test_nothing_is_left_behind_and_a_transaction_of_the_caller_goes_on(connection):
    connection.execute("BEGIN")
    between(connection)
    stopped = changes.changes(connection, BEFORE, WAVE)
    next(stopped)
    stopped.close()
    assert connection.in_transaction
    connection.execute("ROLLBACK")
    assert connection.execute("SELECT count(*) FROM sqlite_temp_master").fetchone() == (0,)


def test_only_equal_rulesets_are_compared(copy):
    """WAVE was judged by an older ruleset, too, by which everything was shut."""
    assert {change.ruleset for change in between(copy)} == {indicators.RULESET}
    newest = between(copy)
    put(copy, "rulesets", ruleset=5, digest="d", versions="{}", agents_version="x",
        agents_sha256="a")  # fmt: skip
    put(copy, "judged_waves", wave_id=2, ruleset=5, digest="j", visits=12, judged_at="x")
    assert between(copy) == newest
    copy.execute("DELETE FROM judged_waves WHERE wave_id = 1")
    with pytest.raises(AnalysisError, match=r"\('2026-11': none; '2026-12': 1, 4, 5\).*judge"):
        between(copy)
    assert copy.execute("SELECT count(*) FROM v_changes").fetchone() == (0,)


def test_a_wave_that_nobody_judged_does_not_come_between(copy):
    seen = copy.execute("SELECT count(*) FROM v_changes").fetchone()
    put(copy, "waves", name="running", panel_id=1, seed=1, software="x", settings="{}",
        user_agent="x", plan_ruleset=2, started_at="2026-11-15")  # fmt: skip
    assert copy.execute("SELECT count(*) FROM v_changes").fetchone() == seen != (0,)


def test_what_is_not_there_is_refused(connection, copy):
    with pytest.raises(UnknownWaveError, match="waves here: 2026-11, 2026-12"):
        changes.changes(connection, BEFORE, "x")
    with pytest.raises(AnalysisError, match="no site 'x' in the waves"):
        changes.changes(connection, BEFORE, WAVE, host="x")
    copy.execute("DROP VIEW v_changes")
    with pytest.raises(AnalysisError, match="before changes were recorded"):
        between(copy)


def run(*arguments):
    return CliRunner().invoke(main, [str(word) for word in arguments])


def test_the_command_prints_lines_or_objects(path):
    result = run("changes", BEFORE, WAVE, "--db", path, "--json", "--kind", "broke")
    rows = [json.loads(line) for line in result.output.splitlines()]
    assert [(row["host"], row["subject"], row["after"]) for row in rows] == [
        ("m3.example", "signal:tdmrep_file", "malformed"),
    ]
    lines = run("changes", BEFORE, WAVE, "--db", path, "--site", "m3.example").output.splitlines()
    assert lines[0].startswith("m3.example  broke  signal:tdmrep_file: present -> malformed")
    assert lines[-1] == (
        "2 changes from 2026-11 to 2026-12; 12 sites in both panels, 0 joined, 0 left"
    )
    authors = ("changes", BEFORE, WAVE, "--db", path, "--kind", "author_changed")
    first = json.loads(run(*authors, "--json").output.splitlines()[0])
    further = run(*authors, "--after", first["id"])
    assert first["host"] == "n1.example"
    assert "n1.example" not in further.output
    assert "n2.example" in further.output


def test_the_command_refuses_with_what_there_is(path):
    for arguments in (("x", WAVE), (BEFORE, "x")):
        result = run("changes", *arguments, "--db", path)
        assert result.exit_code == 2
        assert "waves here: 2026-11, 2026-12" in result.output


def test_words_of_a_site_cannot_reach_the_terminal(copy, tmp_path):
    copy.execute("UPDATE robots_bodies SET authorship = 'x\x1b[31m' WHERE body_id = 3")
    copy.commit()
    result = run("changes", BEFORE, WAVE, "--db", tmp_path / "survey.db")
    assert "x\\x1b[31m" in result.output
    assert "\x1b" not in result.output


@pytest.mark.parametrize("style", [[], ["--strata", "--bootstrap", "1"]])
def test_indicators_are_tables_with_question_and_caveat(path, style):
    output = run("indicators", "--db", path, *style).output
    assert "I-03 effective_block: Sites that keep each agent out" in output
    assert "Who is blocked, whether named or not?" in output
    assert "caveat: The key is the agent." in output
    assert "wave before: 2026-11" in output
    assert output.index("Not computed") < output.index("I-46 after_capture")
    assert ("clusters 95 %" in output) == bool(style)


def test_indicators_for_scripts(path):
    told = json.loads(run("indicators", "reversal", "--db", path, "--json").output)
    (reversal,) = told["indicators"]
    assert {(row["key"], row["before"]) for row in reversal["rows"]} >= {("CCBot", BEFORE)}
    lines = run("indicators", "reversal", "--db", path, "--csv").output.splitlines()
    assert len(lines) == 1 + len(reversal["rows"])
    told = json.loads(
        run("indicators", "reversal", "--wave", BEFORE, "--db", path, "--json").output
    )
    assert told["indicators"][0]["lacks"].startswith("needs an earlier wave")


def test_an_unknown_indicator_is_refused_with_those_there_are(path):
    result = run("indicators", "x", "--db", path)
    assert result.exit_code == 2
    assert "the indicators are any_signal" in result.output


def test_an_agent_that_nobody_knew_yet_has_no_change_unless_a_file_names_it(copy):
    def subjects():
        return {(c.host, c.subject) for c in between(copy)}

    before = subjects()
    assert ("n1.example", "access:CCBot") in before
    assert ("n2.example", "access:GPTBot") not in before
    copy.execute("UPDATE agents SET first_listed = '2027-01-01' WHERE token IN ('CCBot', 'GPTBot')")
    gone = before - subjects()
    # n1 drops `*`, and n4 and m4 were not reached: no file there names CCBot. n2 names it now.
    assert {subject for _, subject in gone} >= {"access:CCBot"}
    assert ("n1.example", "access:CCBot") in gone
    assert ("n2.example", "access:CCBot") not in gone
    assert ("n1.example", "access:GPTBot") not in gone


def test_kinds_are_counted_in_their_order_and_the_commonest_subject_comes_first(connection):
    counted = Counter((change.kind, change.subject) for change in between(connection))
    told = [(t.kind, t.subject, t.sites) for t in changes.tally(connection, BEFORE, WAVE)]
    order = list(changes.ChangeKind)
    assert told == sorted(
        ((*named, sites) for named, sites in counted.items()),
        key=lambda each: (order.index(each[0]), -each[2], each[1]),
    )
    # In one kind the commonest subject is not the first of the alphabet.
    assert told != sorted(told, key=lambda each: (order.index(each[0]), each[1]))
