"""`optout signals` and `optout explain`: the reference in a terminal, in a pipe and as JSON."""

import importlib
import json
import subprocess
import sys

import pytest
from click.testing import CliRunner, Result
from rich.console import Console

from crawler.cli import main
from crawler.registry import defects, inventory
from crawler.signals import SIGNALS, coverage
from tests.paths import ROOT


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, arguments)


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the commands believe that they write to a wide terminal."""
    module = importlib.import_module("crawler.cli.signals")
    monkeypatch.setattr(module, "Console", lambda: Console(force_terminal=True, width=200))


def test_every_signal_and_module_has_its_line():
    lines = [line.split("\t") for line in run("signals").output.splitlines()]
    assert lines[0] == ["id", "name", "signal", "status", "carrier", "read in"]
    assert {line[0] for line in lines[1:]} == set(inventory.load().entries)
    assert {line[1] for line in lines[1:]} - {"-"} == {signal.name for signal in SIGNALS}
    assert all(len(line) == 6 for line in lines)
    (unseen,) = [line for line in lines if line[0] == "O2"]
    assert unseen[1:2] + unseen[4:] == ["-", "-", "not visible to a crawler"]
    (file,) = [line for line in lines if line[1] == "tdmrep_file"]
    assert file[3:] == ["community", "file", "/.well-known/tdmrep.json"]


def test_signals_as_json_is_one_object():
    found = json.loads(run("signals", "--json").output)
    listed = {entry["id"]: entry for entry in found["signals"]}
    assert list(listed) == list(inventory.load().entries)
    assert listed["F1"]["coverage"] == "read"
    assert listed["F1"]["modules"][0]["name"] == "tdmrep_file"
    assert listed["A2"]["modules"][0]["name"] == "c2pa_training_mining"
    assert listed["A5"]["coverage"] == "not-read"
    assert "unread" not in listed["A5"]
    for identity, entry in inventory.load().entries.items():
        assert listed[identity]["coverage"] == coverage(entry)


@pytest.mark.usefixtures("terminal")
def test_a_terminal_gets_a_table_and_a_set_page():
    table = run("signals").output
    assert "┃" in table
    assert "tdmrep_file" in table
    page = run("explain", "F1").output
    assert "\x1b[" in page
    assert "## F1" not in page
    assert "F1 TDMRep file" in page
    assert "Mend:" in run("explain", "robots-utf16").output


def test_explain_by_id_and_by_name_in_any_case():
    for name in ("F1", "f1", "tdmrep_file", " TDMREP_FILE "):
        result = run("explain", name)
        assert result.exit_code == 0
        assert result.output.startswith("# F1 TDMRep file\n")
        assert "## Who honours it" in result.output
        assert "### Syntax" in result.output


def test_explain_what_is_not_read():
    assert "- Read by: not read by this version\n" in run("explain", "a5").output
    output = run("explain", "a2").output
    assert "- Read by: not read by this version\n" not in output
    assert "cawg.training-mining" in output
    assert "| Adobe | documented | Firefly |" in output


def test_explain_a_defect():
    entry = defects.load().entries["robots-utf16"]
    output = run("explain", "Robots-UTF16").output
    assert output.startswith("## robots-utf16: The file is UTF-16\n")
    assert f"**Mend:** {entry.mend}\n" in output
    assert "- Reader `google`: " in output
    assert f"- Effect: {entry.effect}\n" in output
    assert "Reader" not in run("explain", "rsl-link-type").output
    found = json.loads(run("explain", "robots-utf16", "--json").output)
    assert (found["id"], found["severity"]) == ("robots-utf16", "voids")


def test_explain_as_json_is_one_object_with_who_honours_it():
    found = json.loads(run("explain", "x_robots_tag", "--json").output)
    assert found["id"] == "H2"
    assert [module["name"] for module in found["modules"]] == ["x_robots_tag"]
    assert "### Syntax" in found["modules"][0]["reference"]
    (microsoft,) = [
        row
        for row in found["honours"]
        if row["operator"] == "Microsoft" and row["family"] == "noarchive"
    ]
    assert (microsoft["value"], microsoft["as_of"], microsoft["verified"]) == (
        "documented",
        "2023-09",
        True,
    )
    assert microsoft["words"] == ["noarchive", "nocache"]


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("tdmrep_flie", "did you mean tdmrep_file"),
        ("robots-utf61", "robots-utf16"),
        ("noarchive", "did you mean H2"),
        ("Content Signals", "did you mean R2"),
        ("c2pa", "did you mean A2"),
        ("zzzz", "`optout signals` lists them"),
        ("", "`optout signals` lists them"),
        ("\x1b[31mF1", "no signal and no defect"),
    ],
)
def test_an_unknown_name_is_refused_with_what_is_near(name: str, hint: str):
    result = run("explain", name)
    assert result.exit_code == 2
    assert hint in result.output
    assert "\x1b" not in result.output


def test_a_pipe_gets_plain_text():
    for arguments in (["signals"], ["explain", "F1"]):
        done = subprocess.run(
            [sys.executable, "-m", "crawler", *arguments],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
        )
        assert "\x1b" not in done.stdout
        assert "F1" in done.stdout
        assert done.stderr == ""
