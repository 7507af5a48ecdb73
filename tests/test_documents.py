"""What the documents say is true: generated parts are in step, commands run, links lead on."""

import os
import re
import shlex
import subprocess
import sys

import click
import pytest
import yaml

from crawler.cli import main
from tests.documents import PICTURE, documents
from tests.paths import ROOT

PAGES = {str(path.relative_to(ROOT)): path.read_text("utf-8") for path in documents()}
WRITTEN = {name: text for name, text in PAGES.items() if "signals/reference/" not in name}
BLOCKS = [
    pytest.param(block.replace("$ ", "").splitlines(), id=f"{name}:{number}")
    for name, text in WRITTEN.items()
    for number, block in enumerate(re.findall(r"```console\n(.*?)```", text, re.DOTALL))
]
TARGETS = {
    "survey": "optout demo survey",
    "test": "pytest",
    "publish": "optout verify",
    "notebooks": "analysis.notebooks.run",
    "help": "awk",
}


def test_generated_parts_are_in_step(demo):
    done = subprocess.run(
        [sys.executable, "-m", "tests.documents", "--check", "--diff"],
        cwd=ROOT,
        env=os.environ | {"OPTOUT_DEMO_DB": str(demo / "survey.db")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    checked = {name for name, text in PAGES.items() if f"Checking {ROOT / name}" in done.stdout}
    assert {"analysis/README.md", "crawler/cli/README.md", "crawler/store/README.md"} <= checked


def test_the_readme_is_short_and_begins_with_survey_and_test():
    readme = PAGES["README.md"]
    assert len(readme.splitlines()) <= 200
    assert re.findall(r"^\$ (.*)$", readme, re.MULTILINE)[:2] == ["make survey", "make test"]
    assert PICTURE.stat().st_size <= 150_000


def test_every_folder_that_a_person_opens_has_a_readme():
    packages = [p.parent for r in ("crawler", "analysis") for p in (ROOT / r).glob("*/__init__.py")]
    assert len(packages) >= 20
    rooms = [*packages, *(ROOT / r for r in ("crawler", "analysis", "spiders", "tests"))]
    for room in (*rooms, ROOT / "requirements", ROOT / "crawler" / "operation"):
        assert (room / "README.md").is_file(), room


@pytest.mark.parametrize("block", BLOCKS)
def test_a_console_block_runs(block, demo, tmp_path):
    """Line by line, in a folder with a panel and a site; no name of the live web is resolved."""
    (tmp_path / "panel.csv").write_text("host\nnobody.example\n")
    (tmp_path / "robots.txt").write_text("User-agent: GPTBot\nDisallow: /\n")
    (tmp_path / "my-site").mkdir()
    (tmp_path / "my-site" / "index.html").write_text("<!doctype html><title>Pictures</title>")
    if not block[0].startswith("optout survey"):
        (tmp_path / "survey.db").write_bytes((demo / "survey.db").read_bytes())
    for line in block:
        name, *arguments = shlex.split(line)
        if name == "make":
            assert TARGETS[arguments[0]] in run(["make", "--dry-run", *arguments], ROOT)
        elif name == "docker":  # tests/operation/test_container.py runs what is in the image
            assert arguments == ["compose", "up"]
        elif name == ".venv/bin/python":
            run([sys.executable, *arguments, "-p", "no:cacheprovider"], ROOT)
        else:
            assert name == "optout", f"nothing here runs {line!r}"
            if arguments[0] == "survey":
                arguments += ["--scheme", "http", "--max-unmeasured", "1"]
            run([sys.executable, "-m", "crawler", *arguments], tmp_path)


def run(command, folder):
    """What a command prints; it must succeed."""
    done = subprocess.run(
        command,
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def named_commands():
    """Every `optout ...` and `make ...` in prose and in blocks that are not run line by line."""
    for name, text in WRITTEN.items():
        if name == "crawler/cli/README.md":
            continue  # printed by the commands themselves
        blocks = re.findall(r"```sh\n(.*?)```", text, re.DOTALL)
        lines = [line for block in blocks for line in block.splitlines()]
        for line in [*lines, *re.findall(r"`([^`\n]+)`", text)]:
            found = re.match(r"(?:.* )?(optout|make) ([a-z].*)", line)
            if found:
                yield pytest.param(found[1], shlex.split(found[2]), id=f"{name}: {line}")


@pytest.mark.parametrize(("program", "words"), list(named_commands()))
def test_a_command_that_is_named_exists_with_its_options(program, words):
    if program == "make":
        assert re.search(rf"^{words[0]}:", (ROOT / "Makefile").read_text(), re.MULTILINE)
        return
    command = main
    while isinstance(command, click.Group):
        context = click.Context(command)
        command = command.get_command(context, words[0])
        assert command is not None, words
        words = words[1:]
        if not words:
            break
    known = {option for param in command.params for option in param.opts} | {"--help"}
    assert {word for word in words if word.startswith("--")} <= known


def anchors(text):
    """The anchors that GitHub makes of a page's headings."""
    text = re.sub(r"^```.*?^```$", "", text, flags=re.DOTALL | re.MULTILINE)
    headings = re.findall(r"^#+ (.*)$", text, re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("name", PAGES)
def test_links_within_the_repository_lead_on(name):
    prose = re.sub(r"^```.*?^```$|`[^`\n]*`", "", PAGES[name], flags=re.DOTALL | re.MULTILINE)
    for link in re.findall(r"\]\((?!https?://)([^)#]*)(?:#([^)]*))?\)", prose):
        place = (ROOT / name).parent / link[0] if link[0] else ROOT / name
        assert place.exists(), link
        if link[1]:
            assert link[1] in anchors(place.read_text("utf-8")), link


def test_help_lists_every_target():
    listed = re.findall(r"^  make (\S+) +\S", run(["make", "help"], ROOT), re.MULTILINE)
    (targets,) = re.findall(r"^\.PHONY: (.*)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert sorted(listed) == sorted(targets.split())


def test_pre_commit_runs_what_ci_runs_first_and_fetches_nothing():
    settings = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())
    (local,) = settings["repos"]
    assert local["repo"] == "local"
    first = run(["make", "--dry-run", "test"], ROOT).partition(" -m pytest")[0].splitlines()
    expected = [line for line in first if re.search(r"/(ruff|mypy|lint-imports)\b", line)]
    assert [hook["entry"] for hook in local["hooks"]] == expected


def test_ci_runs_everything_on_the_oldest_and_the_newest_python():
    (job,) = yaml.safe_load((ROOT / ".github/workflows/ci.yml").read_text())["jobs"].values()
    assert job["steps"][-1] == {"run": ".ci/run"}
    oldest = re.search(r'requires-python = ">=(.*)"', (ROOT / "pyproject.toml").read_text())[1]
    assert job["strategy"]["matrix"]["python"] == [oldest, "3.14"]


def test_whoever_reports_a_verdict_is_asked_for_the_file_and_the_line():
    form = yaml.safe_load((ROOT / ".github/ISSUE_TEMPLATE/verdict-is-wrong.yml").read_text())
    required = {field["id"] for field in form["body"] if field["validations"]["required"]}
    assert {"file", "line"} <= required


def test_requirements_hold_hashes_and_no_address():
    for file in sorted((ROOT / "requirements").glob("*.txt")):
        text = file.read_text()
        assert "://" not in text, file.name
        assert text.count("--hash=sha256:") >= text.count("=="), file.name
