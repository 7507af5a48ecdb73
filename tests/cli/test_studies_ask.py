"""`optout studies ask`: off unless --send, for consenting sites alone, kept as a study of ours."""

import re
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest
from click.testing import CliRunner

from crawler.cli import main
from crawler.store.database import writing
from crawler.store.forget import forget
from tests.factories import bad_server as bad
from tests.wave.test_door import CONTACT, TOKEN, Log, file, line

SOON = (datetime.now(UTC) + timedelta(days=9)).date().isoformat()


@pytest.fixture
def web(tmp_path):
    """Two sites that consent in their files; the panel has a token of `a` only."""
    logs = {name: Log(lambda host, _: file(line(host, until=SOON))) for name in ("a", "b")}
    with bad.served({name: log.serve for name, log in logs.items()}) as served:
        ports = dict(re.findall(r":(\d+) (\w+)", "\n".join(served.lines)))
        hosts = {name: f"{name}.test:{port}" for port, name in ports.items()}
        (tmp_path / "hosts").write_text("\n".join(served.lines))
        (tmp_path / "panel.csv").write_text(
            f"host,consent\n{hosts['a']},{TOKEN}\n{hosts['b']},\n", "utf-8"
        )
        yield tmp_path, hosts, logs


def run(folder, *more):
    options = ("--hosts", folder / "hosts", "--scheme", "http", "--delay", "0", "--agent", "GPTBot",
               "--db", folder / "s.db")  # fmt: skip
    arguments = ("studies", "ask", folder / "panel.csv", *options, *more)
    return CliRunner().invoke(main, list(map(str, arguments)))


def test_nothing_is_sent_without_being_told_to(web):
    folder, hosts, logs = web
    told = run(folder, "--contact", CONTACT)
    assert told.output.splitlines() == [
        f"{hosts['a']} as GPTBot: consents; nothing was sent, for want of --send",
        f"{hosts['b']} as GPTBot: not asked: no-token",
    ]
    assert logs["a"].strange == []
    assert logs["b"].seen == []
    assert not (folder / "s.db").exists()


def test_what_was_asked_is_kept_as_a_study_of_ours(web):
    folder, hosts, logs = web
    told = run(folder, "--contact", CONTACT, "--send", "--study", "december")
    assert told.exit_code == 0, told.output
    assert told.output.startswith(f"{hosts['a']} as GPTBot: ok; control: ok\n")
    assert logs["b"].seen == []
    with closing(sqlite3.connect(folder / "s.db")) as db:
        rows = db.execute("SELECT study, made_by, host, agent, came, control FROM v_probes")
        assert rows.fetchall() == [("december", "us", hosts["a"], "GPTBot", "ok", "ok")]


def test_who_was_forgotten_is_asked_for_nothing(web):
    folder, hosts, logs = web
    with writing(folder / "s.db") as connection:
        forget(connection, "a.test", "asked")
    told = run(folder, "--contact", CONTACT, "--send", "--study", "december")
    assert f"{hosts['a']} as GPTBot: not asked: excluded" in told.output
    assert logs["a"].seen == []


def test_nobody_asks_without_a_contact_a_study_or_a_known_name(web):
    folder, _, logs = web
    assert "--contact" in run(folder).output
    assert "--study" in run(folder, "--contact", CONTACT, "--send").output
    unknown = run(folder, "--contact", CONTACT, "--agent", "Nobody")
    assert (unknown.exit_code, "Nobody: no agent" in unknown.output) == (2, True)
    assert logs["a"].seen == []


def test_a_token_that_is_none_is_no_row_of_a_panel(web):
    folder, hosts, logs = web
    (folder / "panel.csv").write_text(f"host,consent\n{hosts['a']},yes\n{hosts['b']},\n", "utf-8")
    assert hosts["a"] not in run(folder, "--contact", CONTACT).output
    assert logs["a"].seen == []
