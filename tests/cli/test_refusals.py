"""Bad input of our own user: a clear message with place and remedy, exit code 2, nothing lost."""

import json
import os
import sqlite3
import subprocess
import sys
from dataclasses import dataclass

import pytest
from click.testing import CliRunner

from crawler.cli import main
from crawler.signals import RULESET
from crawler.store.database import connect, writing
from tests.paths import ROOT


@pytest.fixture
def run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("OPTOUT_CONTACT", raising=False)

    def invoke(*arguments, stdin=None):
        words = [str(argument) for argument in arguments]
        if words[0] == "survey" and "--dry-run" not in words:
            return in_a_process(words)
        return CliRunner().invoke(main, words, input=stdin)

    return invoke


def in_a_process(words):
    """A crawl takes over its process, so it gets one of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "crawler", *words, "--quiet"],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    return Ran(done.returncode, done.stderr)


@dataclass
class Ran:
    """What is asked of a finished command."""

    exit_code: int
    output: str


def refused(result, *words):
    assert result.exit_code == 2, result.output
    assert "Traceback" not in result.output
    for word in words:
        assert word in result.output


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("missing.csv", None, ["missing.csv: no such file"]),
        ("empty.csv", b"", ["empty.csv:1:", "write one host a line"]),
        ("binary.csv", b"host\n\0\1\2", ["binary.csv:2:", "a NUL byte: save the list as UTF-8"]),
        ("latin.csv", b"host\ncaf\xe9.example\n", ["latin.csv:2: not UTF-8"]),
        ("columns.csv", b"host,foo\na.example,1\n", ["columns.csv:1:", "'foo'", "known are host"]),
        ("bad.csv", b"host\nnot a host\n", ["bad.csv:2:", "not a host"]),
    ],
)
def test_a_panel_that_is_none(run, tmp_path, name, content, words):
    if content is not None:
        (tmp_path / name).write_bytes(content)
    refused(run("survey", name, "--wave", "w"), *words)
    assert not (tmp_path / "survey.db").exists()


def test_a_strict_panel_refuses_all(run, tmp_path):
    (tmp_path / "p.csv").write_text("host\na.example\nno host\n")
    refused(run("survey", "p.csv", "--wave", "w", "--strict", "--dry-run"), "p.csv:3:")
    loose = run("survey", "p.csv", "--wave", "w", "--dry-run")
    assert loose.exit_code == 0
    assert "https://a.example/robots.txt" in loose.output
    assert "1 rows refused" in loose.output


def test_strangers_are_not_surveyed_without_a_contact(run, tmp_path):
    (tmp_path / "p.txt").write_text("www.someone-else.org\n")
    refused(run("survey", "p.txt", "--wave", "w"), "--contact")


@pytest.mark.parametrize("contact", ["b\u00fcro@survey.test", "a\r\nX: y"])
def test_a_contact_that_no_header_can_hold(run, tmp_path, contact):
    (tmp_path / "p.txt").write_text("a.example\n")
    refused(run("survey", "p.txt", "--wave", "w", "--contact", contact), "plain ASCII")
    assert not (tmp_path / "survey.db").exists()


def test_a_wave_without_a_name(run, tmp_path):
    (tmp_path / "p.txt").write_text("a.example\n")
    refused(run("survey", "p.txt", "--wave", " ", "--dry-run"), "--wave")


def test_a_hosts_file_with_a_bad_line(run, tmp_path):
    (tmp_path / "p.txt").write_text("a.example\n")
    (tmp_path / "hosts").write_text("127.0.0.1 a.example\nnonsense b.example\n")
    refused(run("survey", "p.txt", "--wave", "w", "--hosts", "hosts"), "hosts:2:")


def test_a_dry_run_leaves_out_who_is_not_surveyed(run, tmp_path):
    (tmp_path / "p.txt").write_text("a.example\nwww.b.example\n")
    (tmp_path / "not").write_text(".b.example 2026-11-25 asked us\n")
    options = ("--wave", "w", "--dry-run", "--do-not-survey", "not")
    told = run("survey", "p.txt", *options).output
    assert "https://a.example/robots.txt" in told
    assert "b.example" not in told
    assert "1 sites on the do-not-survey list" in told
    (tmp_path / "not").write_text("b.example\n")
    refused(run("survey", "p.txt", *options), "not:1:")


@pytest.mark.parametrize(
    ("content", "words"),
    [("a.example\n", "not:1: write entry, date and reason"), ("\x00 2026-01-01 x", "not:1:")],
)
def test_a_do_not_survey_list_with_a_bad_line(run, tmp_path, content, words):
    (tmp_path / "p.txt").write_text("a.example\n")
    (tmp_path / "not").write_text(content)
    refused(run("survey", "p.txt", "--wave", "w", "--do-not-survey", "not"), words)
    assert not (tmp_path / "survey.db").exists()


@pytest.mark.parametrize("pauses", ["soon", "1,-2", "nan", "1e9", "1,1,1,1,1,1"])
def test_pauses_that_are_none(run, tmp_path, pauses):
    (tmp_path / "p.txt").write_text("a.example\n")
    refused(run("survey", "p.txt", "--wave", "w", "--retry-pauses", pauses), "--retry-pauses")


@pytest.mark.parametrize(
    ("host", "words"),
    [("no host", "no host"), ("192.0.2.0/24", "by host name"), ("a.example", "no such file")],
)
def test_whom_to_forget_is_a_host_of_a_database(run, host, words):
    refused(run("forget", host), words)


def foreign(path):
    with sqlite3.connect(path) as other:
        other.execute("CREATE TABLE t (x)")


def newer(path):
    connect(path).close()
    with sqlite3.connect(path) as other:
        other.execute("PRAGMA user_version = 99")


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (foreign, "another program"),
        (newer, "newer"),
        (lambda path: path.write_bytes(b"not a database" * 100), "not a SQLite database"),
        (lambda path: path.mkdir(), "cannot be opened"),
    ],
)
def test_a_database_that_is_not_ours_to_write(run, tmp_path, make, words):
    (tmp_path / "p.txt").write_text("a.example\n")
    make(tmp_path / "survey.db")
    refused(run("survey", "p.txt", "--wave", "w"), words)


@pytest.mark.parametrize("command", ["summary", "indicators", "report"])
@pytest.mark.parametrize("make", [foreign, newer, lambda path: path.write_bytes(b"x" * 2000)])
def test_a_database_that_is_not_ours_to_read(run, tmp_path, make, command):
    make(tmp_path / "survey.db")
    refused(run(command), "survey.db")
    refused(run(command, "--db", "nowhere.db"), "nowhere.db: no such file")


def test_a_database_that_another_survey_writes(run, tmp_path):
    (tmp_path / "p.txt").write_text("a.example\n")
    with writing(tmp_path / "survey.db"):
        refused(run("survey", "p.txt", "--wave", "w"), "another optout is writing")


@pytest.mark.parametrize(
    "arguments",
    [
        ["summary", "--wave", "w9"],
        ["indicators", "--wave", "w9"],
        ["changes", "demo", "w9"],
        ["report", "--wave", "w9"],
        ["judge", "--wave", "w9"],
    ],
)
def test_an_unknown_wave(run, demo, arguments):
    refused(run(*arguments, "--db", demo / "survey.db"), "no wave 'w9'", "waves here: demo")


def test_a_ruleset_that_this_program_does_not_have(run, demo):
    refused(run("judge", "--ruleset", "99", "--db", demo / "survey.db"), "ruleset 99")
    refused(run("judge", "--again", "--wave", "demo", "--db", demo / "survey.db"), "--wave")
    known = f"known: {RULESET}"
    refused(run("diff-rulesets", str(RULESET), "99", "--db", demo / "survey.db"), "99", known)


@pytest.mark.parametrize("line", ["{", '{"body": "x"}', "[]", '{"body_base64": "%", "agent": "a"}'])
def test_a_batch_line_that_is_no_question(run, line):
    refused(run("robots", "--batch", "-", stdin=line + "\n"), "line 1: not a question")


def test_batch_answers_come_in_the_order_of_the_questions(run):
    body = "User-agent: GPTBot\nDisallow: /\n"
    questions = [
        {"body": body, "agent": "GPTBot", "path": "/x", "reader": "rfc9309"},
        {"body": body, "agent": "CCBot", "path": "/", "reader": "google"},
        {"body_base64": "VXNlci1hZ2VudDogKgpEaXNhbGxvdzogLwo=", "agent": "CCBot"},
        {"body": body, "agent": "GPTBot", "reader": "protego"},
    ]
    result = run("robots", "--batch", "-", stdin="\n".join(map(json.dumps, questions)))
    answers = [json.loads(line) for line in result.output.splitlines()]
    assert [a["allowed"] for a in answers] == [False, True, False, False]
    assert answers[0] == {"allowed": False, "line": 2, "basis": "own"}
    assert [a["basis"] for a in answers[1:3]] == ["none", "star"]


def test_inspect_reads_headers_and_metas_of_any_page(run, tmp_path):
    (tmp_path / "page.http").write_bytes(
        b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\ntdm-reservation: 1\r\n\r\n"
        b'<head><meta name="robots" content="noai \x1b[31m"></head>'
    )
    result = run("inspect", "--json", "page.http", "--url", "https://x.example/deep/page.html")
    found = {f["signal"]: f for f in json.loads(result.output)["findings"]}
    assert found["tdmrep_header"]["outcome"] == "present"
    assert found["tdmrep_header"]["statements"][0]["preference"] == "disallowed"
    assert "robots_access" not in found
    assert "\x1b" not in run("inspect", "page.http").output


def test_numbers_for_scripts_are_strict_json_and_csv(run, demo):
    summary = json.loads(run("summary", "--json", "--db", demo / "survey.db").output)
    assert summary["wave"] == "demo"
    assert {n["definition"] for n in summary["numbers"]} >= {"attempted", "agent_blocked"}
    csv = run("summary", "--csv", "--db", demo / "survey.db").output
    assert csv.splitlines()[0].startswith("definition")


def test_a_panel_check_tells_every_row(run, tmp_path):
    (tmp_path / "p.csv").write_text("host\na.example\nA.example.\n*.example\n")
    told = json.loads(run("panel", "check", "p.csv", "--json").output)
    assert (told["rows"], told["accepted"]) == (3, 1)
    assert [(n["line"], n["kind"]) for n in told["notes"]] == [(4, "rejected"), (3, "duplicate")]
