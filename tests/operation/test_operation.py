"""Scheduled operation: the files we ship are right, and a run locks, reports and cleans up."""

import fcntl
import json
import logging
import os
import re
import shlex
import shutil
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import UTC, datetime

import click
import pytest
from click.testing import CliRunner

from crawler.cli import main
from crawler.store import metrics as store_metrics
from crawler.wave import json_log
from tests.factories.redis_server import RedisServer, program
from tests.paths import ROOT

FOLDER = ROOT / "crawler" / "operation"
WORKFLOW = ROOT / ".github" / "workflows" / "wave.yml"
SCRIPT = FOLDER / "wave.sh"


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    """A PATH on which `optout` is this checkout."""
    folder = tmp_path_factory.mktemp("bin")
    shim = folder / "optout"
    shim.write_text(f'#!/bin/sh\nPYTHONPATH={ROOT} exec {sys.executable} -m crawler "$@"\n')
    shim.chmod(0o755)
    return f"{folder}:/usr/bin:/bin"


# Commands that the files name exist ------------------------------------------------


def commands(text):
    """Each `optout ...` of a shell text as its words."""
    text = re.sub(r"\\\n\s*", " ", text)
    for line in text.splitlines():
        if line.lstrip().startswith("#"):
            continue
        if found := re.search(r"(?:^\s*|bin/|\|\| )optout (.*)", line):
            yield shlex.split(re.split(r" \|\| |;|>", found[1])[0])


def check(words):
    """Parse as the command line does: an unknown command or option is a UsageError."""
    command = main.commands[words[0]]
    command.make_context(words[0], [word for word in words[1:] if word != "${OPTOUT_OPTIONS:-}"])


PAGE = (FOLDER / "README.md").read_text("utf-8")
README = "\n".join(re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL))


@pytest.mark.parametrize(
    ("text", "least"), [(SCRIPT.read_text(), 2), (WORKFLOW.read_text(), 4), (README, 7)]
)
def test_every_command_and_option_exists(text, least):
    found = list(commands(text))
    assert len(found) >= least
    for words in found:
        check(words)


def test_the_check_of_commands_finds_what_is_wrong():
    for bad in ("survey p.csv --wave w --lock", "backup --db x"):
        with pytest.raises(click.UsageError):
            check(bad.split())
    with pytest.raises(KeyError):
        check(["purge"])


@pytest.mark.skipif(program() is None, reason="no Redis server on this machine")
def test_the_commands_of_the_readme_run_in_their_order(path, tmp_path, monkeypatch, request):
    (tmp_path / "panel.csv").write_text("host\nnobody.example\nno-one.example\n")
    monkeypatch.chdir(tmp_path)
    server = RedisServer(tmp_path)
    server.start()
    request.addfinalizer(server.stop)
    for words in commands(README):
        if words[0] == "survey":  # a crawl takes over its process
            here = [server.url if "redis:" in word else word for word in words]
            here += ["--scheme", "http", "--max-unmeasured", "1", "--retry-pauses", ""]
            done = subprocess.run(["optout", *here, "--no-judge"], env={"PATH": path}, check=False)
            assert done.returncode == 0
        else:
            told = CliRunner().invoke(main, words)
            assert told.exit_code == 0, (words, told.output)
    with closing(sqlite3.connect(tmp_path / "all.db")) as db:
        told = db.execute("SELECT wave, host, reason FROM v_visits ORDER BY 1, 2").fetchall()
    shards, jobs = told[:2], told[2:]
    assert [host for _, host, _ in shards] == ["no-one.example", "nobody.example"]
    assert [row[1:] for row in told if row[1] == "nobody.example"] == [
        ("nobody.example", "forgotten")
    ] * 2
    assert {row[0] for row in jobs} == {"2026-12"}


def test_every_file_and_unit_that_the_readme_names_is_there():
    for name in re.findall(r"crawler/operation/([\w.-]+)", PAGE) + ["optout.cron"]:
        assert (FOLDER / name).is_file(), name
    assert (FOLDER / re.search(r"enable --now (\S+)", README)[1]).is_file()
    assert set(re.findall(r"`(optout\.\w+)`", PAGE)) == {"optout.cron", "optout.logrotate"}
    assert ".github/workflows/wave.yml" in PAGE


# The units, the cron lines, the workflow ---------------------------------------------


def unit(name):
    """Sections of a unit file: name -> {key: values}."""
    sections = {}
    for line in (FOLDER / name).read_text().splitlines():
        if not line or line.startswith("#"):
            continue
        if line.startswith("["):
            current = sections.setdefault(line.strip("[]"), {})
            continue
        key, mark, value = line.partition("=")
        assert mark, line
        current.setdefault(key, []).append(value)
    return sections


def test_the_service_runs_the_script_locked_in():
    service = unit("optout-wave.service")["Service"]
    assert service["ExecStart"] == ["/opt/optout/crawler/operation/wave.sh"]
    assert os.access(SCRIPT, os.X_OK)
    assert service["SuccessExitStatus"] == [re.search(r"exit (75)", SCRIPT.read_text())[1]]
    once = {key: values[0] for key, values in service.items() if len(values) == 1}
    assert once["Type"] == "oneshot"
    assert once["Restart"] == "on-abnormal"
    assert once["NoNewPrivileges"] == once["PrivateTmp"] == once["ProtectHome"] == "yes"
    assert once["ProtectSystem"] == "strict"
    assert once["CapabilityBoundingSet"] == ""
    assert once["MemoryMax"].endswith("G")
    assert once["User"] == once["StateDirectory"] == "optout"


def test_systemd_accepts_the_units(tmp_path):
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd-analyze is not installed")
    for name in ("optout-wave.service", "optout-wave.timer"):
        text = (
            (FOLDER / name)
            .read_text()
            .replace("/opt/optout/crawler/operation/wave.sh", "/bin/true")
        )
        (tmp_path / name).write_text(text)
    done = subprocess.run(
        ["systemd-analyze", "verify", *map(str, sorted(tmp_path.iterdir()))],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")


def settings():
    """NAME -> value of the environment file, as both sh and systemd read it."""
    lines = (FOLDER / "optout.env").read_text().splitlines()
    found = [re.fullmatch(r'([A-Z_]+)="([^"\\$`]*)"', one) for one in lines if one[:1] != "#"]
    assert all(found)
    return {one[1]: one[2] for one in found}


def test_the_settings_are_those_of_the_script():
    used = set(re.findall(r"\$\{(OPTOUT_\w+):", SCRIPT.read_text()))
    assert set(settings()) == used - {"OPTOUT_WAVE"}
    assert settings()["OPTOUT_CONTACT"] == ""
    assert unit("optout-wave.service")["Service"]["EnvironmentFile"] == ["/etc/optout/optout.env"]


FIELDS = ((0, 59), (0, 23), (1, 31), (1, 12), (0, 7))


def schedule(text):
    """Check the five fields of a crontab line: numbers, ranges and stars in their limits."""
    fields = text.split()
    assert len(fields) == 5, text
    for field, (least, most) in zip(fields, FIELDS, strict=True):
        for number in re.findall(r"\d+", field):
            assert least <= int(number) <= most, text
        assert re.fullmatch(r"\*|\d+(-\d+)?", field), text


def test_the_cron_lines_are_whole():
    lines = [one for one in (FOLDER / "optout.cron").read_text().splitlines() if one[:1] != "#"]
    jobs = [line for line in lines if not re.match(r"[A-Z]+=", line)]
    assert len(jobs) == 2
    for line in jobs:
        *when, user, command = line.split(maxsplit=2 if line[0] == "@" else 6)
        if when != ["@reboot"]:
            schedule(" ".join(when))
        assert user == "optout"
        assert "%" not in command  # cron would end the line there
        assert "/opt/optout/crawler/operation/wave.sh" in command
        done = subprocess.run(["sh", "-n", "-c", command], check=False)
        assert done.returncode == 0
    log = re.search(r">>(\S+)", jobs[0])[1]
    assert f"{log} {{" in (FOLDER / "optout.logrotate").read_text()


def test_the_log_is_rotated():
    text = re.sub(r"#.*", "", (FOLDER / "optout.logrotate").read_text())
    (body,) = re.findall(r"\{(.*?)\}", text, re.DOTALL)
    words = {line.split()[0] for line in body.splitlines() if line.strip()}
    assert words >= {"monthly", "rotate", "compress", "missingok", "copytruncate"}


def blocks(text):
    """The tree of a YAML file of plain mappings, lists and literal blocks, all that we write."""
    lines = [
        (len(line) - len(line.lstrip()), line.strip())
        for line in text.splitlines()
        if line.strip() and not line.lstrip().startswith("#")
    ]
    assert "\t" not in text
    return _block(lines, 0)


def _block(lines, indent):
    found = [] if lines[0][1].startswith("- ") else {}
    while lines and lines[0][0] == indent:
        _, line = lines.pop(0)
        if isinstance(found, list):
            assert line.startswith("- "), line
            lines.insert(0, (indent + 2, line[2:]))
            found.append(_block(lines, indent + 2))
            continue
        key, mark, value = line.partition(":")
        assert mark, line
        assert key not in found, line
        assert not value or value[0] == " ", line
        value = value.strip()
        if value == "|":
            inner = []
            while lines and lines[0][0] > indent:
                inner.append(lines.pop(0)[1])
            found[key] = "\n".join(inner)
        elif value or not lines or lines[0][0] <= indent:
            found[key] = value.strip('"')
        else:
            found[key] = _block(lines, lines[0][0])
    assert not lines or lines[0][0] < indent, lines[0]
    return found


def test_the_workflow_is_whole():
    tree = blocks(WORKFLOW.read_text())
    assert list(tree) == ["name", "on", "permissions", "concurrency", "jobs"]
    for one in tree["on"]["schedule"]:
        schedule(one["cron"])
    assert tree["permissions"] == {"contents": "read", "actions": "read"}
    assert tree["concurrency"] == {"group": "wave", "cancel-in-progress": "false"}
    (job,) = tree["jobs"].values()
    assert "vars.OPTOUT_CONTACT" in job["if"]
    scripts = [step["run"] for step in job["steps"] if "run" in step]
    assert len(scripts) == 4
    for script in scripts:
        done = subprocess.run(["bash", "-n", "-c", script], check=False)
        assert done.returncode == 0
        # What an event or a variable holds must never become a part of a script.
        assert "${{" not in script
    done = subprocess.run(["make", "-n", ".venv/base"], cwd=ROOT, stdout=-3, check=False)
    assert done.returncode == 0
    assert 60 * int(re.search(r" (\d)h ", scripts[2])[1]) < int(job["timeout-minutes"]) < 360


# One run -----------------------------------------------------------------------------


@pytest.fixture
def server(tmp_path):
    """The folder of a server, with a panel whose sites are nobody's."""
    (tmp_path / "panel.csv").write_text("host\nnobody.example\n")
    return tmp_path


def wave(folder, path, **more):
    environment = {
        "PATH": path,
        "OPTOUT_CONTACT": "us@survey.example",
        "OPTOUT_FOLDER": str(folder),
        "OPTOUT_PANEL": "panel.csv",
        "OPTOUT_OPTIONS": "--scheme http --no-judge --max-unmeasured 1",
    }
    return subprocess.run(
        [SCRIPT], env=environment | more, capture_output=True, text=True, check=False
    )


def test_a_run_surveys_measures_and_backs_up(server, path):
    (server / "backup").mkdir()
    for day in ("2001-01-01", "2001-02-01", "2001-03-01"):
        (server / "backup" / f"{day}.db").write_bytes(b"")
    done = wave(server, path, OPTOUT_KEEP="2")
    assert done.returncode == 0, done.stderr
    month, day = (datetime.now(UTC).strftime(form) for form in ("%Y-%m", "%Y-%m-%d"))
    names = sorted(file.name for file in (server / "backup").iterdir())
    assert names == ["2001-03-01.db", f"{day}.db"]
    with closing(sqlite3.connect(server / "backup" / names[1])) as db:
        assert db.execute("SELECT wave FROM v_visits").fetchall() == [(month,)]
    assert f'wave="{month}",outcome="unreachable"}} 1\n' in (server / "optout.prom").read_text()
    for line in done.stderr.splitlines():
        assert json.loads(line)["event"] == "progress"


def test_too_many_unmeasured_sites_are_the_exit_code_and_are_backed_up(server, path):
    done = wave(server, path, OPTOUT_OPTIONS="--scheme http --no-judge")
    assert done.returncode == 1
    assert (
        json.loads(done.stderr.splitlines()[-1])["message"]
        == "unmeasured: 1/1 (100.0%) of the sites, where 50% is the limit"
    )
    assert len(list((server / "backup").iterdir())) == 1


def test_what_must_be_mended_by_hand_is_the_exit_code(server, path):
    done = wave(server, path, OPTOUT_PANEL="nowhere.csv")
    assert done.returncode == 2
    assert json.loads(done.stderr)["event"] == "refused"
    assert list((server / "backup").iterdir()) == []
    assert not (server / "optout.prom").exists()
    nobody = wave(server, path, OPTOUT_CONTACT="")
    assert (nobody.returncode, "OPTOUT_CONTACT" in nobody.stderr) == (2, True)


def test_a_second_run_is_refused_while_the_first_has_the_lock(server, path):
    with (server / "wave.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        done = wave(server, path)
    assert done.returncode == 75
    assert "another wave is under way" in done.stderr
    assert not (server / "survey.db").exists()


def test_the_lock_outlives_the_shell_and_ends_with_the_survey(server, tmp_path):
    """A killed shell must not let a second survey in while the first goes on."""
    bin_ = tmp_path / "bin"
    bin_.mkdir()
    (bin_ / "optout").write_text("#!/bin/sh\necho $$ >pid\nexec sleep 60\n")
    (bin_ / "optout").chmod(0o755)
    path = f"{bin_}:/usr/bin:/bin"
    environment = {"PATH": path, "OPTOUT_CONTACT": "x", "OPTOUT_FOLDER": str(server)}
    shell = subprocess.Popen([SCRIPT], env=environment, stderr=subprocess.DEVNULL)
    while not (server / "pid").exists() or not (server / "pid").read_text().strip():
        pass
    shell.kill()
    shell.wait()
    assert wave(server, path).returncode == 75
    os.kill(int((server / "pid").read_text()), signal.SIGKILL)
    with (server / "wave.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)


# Metrics ------------------------------------------------------------------------------


def parse_metrics(text):
    """Read the text format 0.0.4 strictly: name -> {labels: value}; HELP, TYPE, samples."""
    families, name = {}, None
    lines = text.split("\n")
    assert lines.pop() == ""
    while lines:
        line = lines.pop(0)
        if found := re.fullmatch(r"# HELP ([a-z_:][a-z0-9_:]*) (\S.*)", line):
            name = found[1]
            assert name not in families
            families[name] = {}
            assert lines.pop(0) == f"# TYPE {name} gauge"
            continue
        found = re.fullmatch(r"([a-z_:][a-z0-9_:]*)(?:\{(.*)\})? (\S+)", line)
        assert found, line
        assert found[1] == name
        one = r'([a-z_][a-z0-9_]*)="((?:[^"\\]|\\["\\n])*)"'
        assert re.fullmatch(rf"(?:{one}(?:,{one})*)?", found[2] or ""), line
        labels = tuple(re.findall(one, found[2] or ""))
        assert labels not in families[name]
        families[name][labels] = float(found[3])
    return families


def test_metrics_are_those_of_the_wave(demo):
    text = CliRunner().invoke(main, ["metrics", "--db", str(demo / "survey.db")]).output
    found = parse_metrics(text)
    wave_label = ("wave", "demo")
    with closing(sqlite3.connect(demo / "survey.db")) as db:
        outcomes = dict(db.execute("SELECT outcome, count(*) FROM v_visits GROUP BY 1").fetchall())
        began, ended = db.execute(
            "SELECT unixepoch(started_at), unixepoch(finished_at) FROM waves"
        ).fetchone()
        requests, received = db.execute("SELECT sum(requests), sum(bytes) FROM attempts").fetchone()
    visits = found["optout_wave_visits"]
    assert {labels[1][1]: n for labels, n in visits.items() if n} == outcomes
    assert len(visits) == 10
    assert sum(visits.values()) == found["optout_wave_sites"][(wave_label,)]
    assert found["optout_wave_requests"] == {(wave_label,): requests}
    assert found["optout_wave_received_bytes"] == {(wave_label,): received}
    assert int(found["optout_wave_started_timestamp_seconds"][(wave_label,)]) == began
    assert int(found["optout_wave_finished_timestamp_seconds"][(wave_label,)]) == ended
    assert found["optout_database_size_bytes"][()] > 0
    units = ("_bytes", "_seconds", "_sites", "_visits", "_requests")
    assert all(name.startswith("optout_") and name.endswith(units) for name in found)


def test_the_name_of_a_wave_is_escaped_and_an_open_wave_has_no_end(demo, tmp_path):
    shutil.copy(demo / "survey.db", tmp_path / "w.db")
    with closing(sqlite3.connect(tmp_path / "w.db")) as db, db:
        db.execute("UPDATE waves SET name = ?, finished_at = NULL", ('a"b\\c\nd',))
        found = parse_metrics(store_metrics.metrics(db, 'a"b\\c\nd'))
    assert list(found["optout_wave_sites"]) == [(("wave", r"a\"b\\c\nd"),)]
    assert found["optout_wave_finished_timestamp_seconds"] == {}


def test_metrics_are_replaced_at_once(demo, tmp_path, monkeypatch):
    to = tmp_path / "o.prom"
    to.write_text("old")
    arguments = ["metrics", "--db", str(demo / "survey.db"), "--to", str(to)]

    def full(_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(store_metrics.os, "fsync", full)
    failed = CliRunner().invoke(main, arguments)
    assert (failed.exit_code, "No space left" in failed.output) == (2, True)
    assert to.read_text() == "old"
    monkeypatch.undo()
    assert CliRunner().invoke(main, arguments).exit_code == 0
    parse_metrics(to.read_text())
    assert [file.name for file in tmp_path.iterdir()] == ["o.prom"]


def test_metrics_of_an_unknown_wave_are_refused(demo):
    done = CliRunner().invoke(main, ["metrics", "--db", str(demo / "survey.db"), "--wave", "x"])
    assert (done.exit_code, "waves here: demo" in done.output) == (2, True)


# Log --------------------------------------------------------------------------------


def test_a_log_line_is_one_object_and_text_of_sites_cannot_act():
    hostile = 'a\n{"event": "forged"}\x1b[31m\x7f\u202e\ud800"'
    line = json_log.line("log", message=hostile, rate=1.5, outcomes={"ok": 1}, none=None)
    assert line.endswith("\n")
    assert line.count("\n") == 1
    assert line.isascii()
    found = json.loads(line)
    assert found["event"] == "log"
    assert found["message"] == r'a\x0a{"event": "forged"}\x1b[31m\x7f\u202e\ud800"'
    assert found["outcomes"] == {"ok": 1}
    assert datetime.fromisoformat(found["time"]).tzinfo is UTC


def test_records_of_the_log_are_objects_with_their_traceback(capsys):
    logger, handler = logging.getLogger("a.b"), json_log.Handler("WARNING")
    logger.addHandler(handler)
    logger.info("not told")
    try:
        int("from\x1b a site")
    except ValueError:
        logger.exception("visit of %s failed", "x\ny")
    finally:
        logger.removeHandler(handler)
    (line,) = capsys.readouterr().err.splitlines()
    found = json.loads(line)
    assert (found["level"], found["logger"]) == ("ERROR", "a.b")
    assert found["message"] == r"visit of x\x0ay failed"
    assert "ValueError: invalid literal" in found["traceback"]


# Copies -----------------------------------------------------------------------------


def test_a_backup_is_whole_and_holds_one_moment(demo, tmp_path):
    source = tmp_path / "survey.db"
    shutil.copy(demo / "survey.db", source)
    with closing(sqlite3.connect(source, isolation_level=None)) as busy:
        busy.execute("BEGIN IMMEDIATE")  # a survey in the middle of a transaction
        busy.execute("DELETE FROM tombstones")
        busy.execute("UPDATE waves SET name = 'uncommitted'")
        done = CliRunner().invoke(
            main, ["backup", "--db", str(source), "--to", str(tmp_path / "b.db")]
        )
        assert done.exit_code == 0, done.output
        busy.execute("ROLLBACK")
    with (
        closing(sqlite3.connect(tmp_path / "b.db")) as copy,
        closing(sqlite3.connect(source)) as db,
    ):
        assert list(copy.iterdump()) == list(db.iterdump())
        for pragma in ("application_id", "user_version"):
            value = copy.execute(f"PRAGMA {pragma}").fetchone()
            assert value == db.execute(f"PRAGMA {pragma}").fetchone() != (0,)
        assert copy.execute("PRAGMA journal_mode").fetchone() == ("delete",)  # a single file
    assert not (tmp_path / "b.db.part").exists()
    assert CliRunner().invoke(main, ["summary", "--db", str(tmp_path / "b.db")]).exit_code == 0


def test_a_backup_replaces_nothing_and_needs_a_folder(demo, tmp_path):
    (tmp_path / "there").write_text("mine")
    for to, words in (("there", "is there already"), ("no/b.db", "an existing folder")):
        arguments = ["backup", "--db", str(demo / "survey.db"), "--to", str(tmp_path / to)]
        done = CliRunner().invoke(main, arguments)
        assert (done.exit_code, words in done.output) == (2, True)
    assert (tmp_path / "there").read_text() == "mine"


def test_a_backup_that_fails_leaves_nothing_behind(demo, tmp_path):
    shutil.copy(demo / "survey.db", tmp_path / "d.db")
    with (tmp_path / "d.db").open("r+b") as file:
        file.seek(4096 * 40)
        file.write(b"\xff" * 4096 * 40)
    arguments = ["backup", "--db", str(tmp_path / "d.db"), "--to", str(tmp_path / "b.db")]
    done = CliRunner().invoke(main, arguments)
    assert done.exit_code == 2
    assert not list(tmp_path.glob("b.db*"))


def test_vacuum_gives_space_back_and_is_refused_during_a_survey(demo, tmp_path):
    db = tmp_path / "survey.db"
    shutil.copy(demo / "survey.db", db)
    with closing(sqlite3.connect(db)) as connection, connection:
        for table in ("statements", "defects", "findings"):
            connection.execute(f"DELETE FROM {table}")
    before = db.stat().st_size
    with db.open("rb") as survey:
        fcntl.flock(survey, fcntl.LOCK_EX)
        busy = CliRunner().invoke(main, ["vacuum", "--db", str(db)])
    assert (busy.exit_code, "another optout is writing" in busy.output) == (2, True)
    done = CliRunner().invoke(main, ["vacuum", "--db", str(db)])
    assert done.exit_code == 0
    assert db.stat().st_size < before
    assert CliRunner().invoke(main, ["vacuum", "--db", str(tmp_path / "no.db")]).exit_code == 2
    assert not (tmp_path / "no.db").exists()
