"""What the documentation says is true: generated parts are in step, commands of the README run."""

import os
import re
import subprocess
import sys

import pytest

from crawler.dictionary import signal_reference
from tests.paths import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_generated_parts_of_the_readme_are_in_step(demo):
    done = subprocess.run(
        [sys.executable, "-m", "cogapp", "--check", "--diff", "README.md"],
        cwd=ROOT,
        env=os.environ | {"OPTOUT_DEMO_DB": str(demo / "survey.db"), "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def commands() -> list[str]:
    blocks = re.findall(r"```console\n(.*?)```", README, re.DOTALL)
    return [line.removeprefix("$ ") for block in blocks for line in block.splitlines()]


def test_the_readme_begins_with_survey_and_test():
    assert commands()[:2] == ["make survey", "make test"]


@pytest.mark.parametrize("command", [c for c in commands() if c.startswith("optout ")])
def test_a_command_of_the_readme_runs(command, demo, tmp_path):
    """Run as written, in a folder with a panel; a hosts file stands in for the live web."""
    (tmp_path / "panel.csv").write_text("host\nnobody.example\n")
    (tmp_path / "robots.txt").write_text("User-agent: GPTBot\nDisallow: /\n")
    (tmp_path / "my-site").mkdir()
    (tmp_path / "my-site" / "index.html").write_text("<!doctype html><title>Pictures</title>")
    arguments = command.split()[1:]
    if arguments[0] == "survey":
        arguments += ["--scheme", "http", "--max-unmeasured", "1"]
    else:
        (tmp_path / "survey.db").write_bytes((demo / "survey.db").read_bytes())
    done = subprocess.run(
        [sys.executable, "-m", "crawler", *arguments],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("target", [c.split()[1] for c in commands() if c.startswith("make ")])
def test_a_make_target_of_the_readme_exists(target):
    done = subprocess.run(
        ["make", "--dry-run", target], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    runs = {"survey": "optout demo survey", "test": "pytest", "publish": "optout verify",
            "notebooks": "analysis.notebooks.run"}  # fmt: skip
    assert runs[target] in done.stdout


def test_every_sentence_of_the_signal_reference_is_generated():
    page = ROOT / "crawler" / "signals" / "README.md"
    assert page.read_text("utf-8") == signal_reference.render(
        signal_reference.SIGNALS, ROOT / "tests/signals"
    )


def test_requirements_hold_hashes_and_no_address():
    for file in sorted((ROOT / "requirements").glob("*.txt")):
        text = file.read_text()
        assert "://" not in text, file.name
        assert text.count("--hash=sha256:") >= text.count("=="), file.name
