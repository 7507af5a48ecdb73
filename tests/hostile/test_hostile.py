"""A survey of a web that means harm: each hazard ends as its row says, and nobody else suffers."""

import contextlib
import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from crawler.model import Outcome, Reason
from tests.factories import bad_server as bad
from tests.factories.bad_server import certificate, paths, resets, says, server_context
from tests.hostile.further import FURTHER
from tests.hostile.hazards import FINE, HAZARDS, HOME_FINE, ROBOTS_FINE
from tests.hostile.strange import STRANGE
from tests.hostile.survey import Surveyed, survey
from tests.hostile.witness import ROBOTS, trespasses

GOOD = [f"good{n}" for n in range(40)]
LIMITS = ("--delay", "0", "--timeout", "2", "--concurrency", "160", "--max-crawl-delay", "0.5")
RETRIES = ("--retry-pauses", "0,0")
CAPTURES = (
    "SELECT host, outcome, reason, resource, url, status, failure, body_sha256"
    " FROM v_visits JOIN v_captures USING (wave, host) WHERE host LIKE 'good%' ORDER BY capture_id"
)
MEMORY = 400 * 1024 * 1024
BY_NAME = {hazard.name: hazard for hazard in (*HAZARDS, *FURTHER, *STRANGE)}


@contextlib.contextmanager
def nobody_listens() -> Iterator[str]:
    with contextlib.closing(socket.socket()) as held:
        held.bind(("127.0.0.1", 0))
        yield f"127.0.0.1:{held.getsockname()[1]} refused.test"


@contextlib.contextmanager
def black_hole() -> Iterator[str]:
    """A listener whose backlog is full drops further SYNs."""
    with contextlib.ExitStack() as stack:
        listener = stack.enter_context(contextlib.closing(socket.socket()))
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        for _ in range(4):
            filler = stack.enter_context(contextlib.closing(socket.socket()))
            filler.setblocking(False)
            filler.connect_ex(listener.getsockname())
        yield f"127.0.0.1:{listener.getsockname()[1]} black-hole.test"


UNWITNESSED = {
    **dict.fromkeys(
        ("hdr-100k", "hdr-999-lines", "hdr-8-interim", "hdr-103-then-ok", "status-text-200k"),
        "Python's client reads fewer or shorter header lines, and no interim answer but 100",
    ),
    **dict.fromkeys(
        ("http-2-text", "http-3-text", "http-lower", "hdr-blank-first", "chunk-lf"),
        "Python's client takes no such status line or chunk; RFC 9112 section 2.2 permits some",
    ),
    **dict.fromkeys(("deflate-raw", "deflate-zlib"), "the witness undoes gzip alone"),
    "robots-unicode-eol": "Protego takes U+2028 for the end of a line, RFC 9309 does not",
    "s205": "205 is a success without a body, so a file without a rule",
    "redir-crlf": "the target is asked as part of the same robots.txt, its blanks encoded",
    "redir-two-locations": "robots.txt is led to a 404, by the first of two lines",
}
"""Hosts of which the witness cannot know, and why."""


def host_of(name: str) -> str:
    return name if name.endswith(".invalid") else f"{name}.test"


@pytest.fixture(scope="module")
def farm(tmp_path_factory) -> tuple[Surveyed, Surveyed, dict[str, int], list[bad.Contact]]:
    """The good sites surveyed alone, then all sites together; and who was connected to."""
    folder = tmp_path_factory.mktemp("hostile")
    (folder / "not").write_text("excluded.test 2026-11-25 asked us by letter\n")
    good = [host_of(name) for name in GOOD]
    sites = {name: hazard.serve for name, hazard in BY_NAME.items() if "." not in name}
    with (
        bad.served(sites | dict.fromkeys(GOOD, FINE)) as web,
        nobody_listens() as refused,
        black_hole() as hole,
    ):
        hosts = [*web.lines, refused, hole]
        alone = survey(folder, hosts, good, *LIMITS, *RETRIES, name="alone")
        everybody = [*good, *map(host_of, BY_NAME), "refused.test", "black-hole.test"]
        options = (*LIMITS, *RETRIES, "--do-not-survey", str(folder / "not"))
        together = survey(folder, hosts, everybody, *options, name="together")
        return alone, together, dict(web.connections), list(web.contacts)


@pytest.fixture(scope="module")
def ends(farm) -> dict[str, tuple[str, str, str, int]]:
    rows = farm[1].rows(
        "SELECT host, outcome, reason, detail, attempts FROM v_visits"
        " JOIN v_politeness USING (wave, host)"
    )
    return {host: tuple(rest) for host, *rest in rows}


def test_there_are_as_many_hazards_as_promised():
    assert len(BY_NAME) == len(HAZARDS) + len(FURTHER) + len(STRANGE) >= 60


def test_the_survey_ends_well_and_every_site_has_its_row(farm):
    for surveyed in farm[:2]:
        assert surveyed.code == 0, surveyed.errors
        assert "Traceback" not in surveyed.errors, surveyed.errors
        assert surveyed.rows("SELECT count(*) FROM panel_sites") == surveyed.rows(
            "SELECT count(DISTINCT site_id) FROM visits"
        )


@pytest.mark.parametrize("name", BY_NAME)
def test_a_hazard_ends_as_its_row_says(name, ends):
    hazard = BY_NAME[name]
    outcome, reason, detail, attempts = ends[host_of(name)]
    expected = (hazard.outcome.value, hazard.reason.value)
    assert (outcome, reason) == expected, f"hazard {hazard.number} {name}: {detail}"
    assert hazard.attempts in {None, attempts}, f"{name}: {attempts} attempts, {detail}"


def test_ports_that_do_not_answer_are_told_apart(ends):
    assert ends["refused.test"][:2] == (Outcome.UNREACHABLE, Reason.CONNECT_REFUSED)
    assert ends["black-hole.test"][:2] == (Outcome.UNREACHABLE, Reason.CONNECT_TIMEOUT)


def test_good_sites_among_bad_ones_are_what_they_are_alone(farm):
    alone, together, *_ = farm
    before, after = (sorted(surveyed.rows(CAPTURES), key=str) for surveyed in (alone, together))
    assert len({host for host, *_ in before}) == 40
    assert {row[1:3] for row in before} == {("ok", "complete")}
    assert after == before


def test_nothing_was_asked_that_another_reader_finds_forbidden(farm):
    assert trespasses(farm[3], UNWITNESSED) == []
    assert len({contact.name for contact in farm[3] if contact.path not in {None, ROBOTS}}) > 200


def test_memory_is_bounded(farm):
    assert farm[1].peak < MEMORY


def test_an_excluded_host_was_never_connected_to(farm):
    assert "excluded" not in farm[2]
    assert farm[1].rows(
        "SELECT host, url, entry, since, why FROM v_excluded ORDER BY 1, 2 DESC"
    ) == [
        ("excluded.test", None, "excluded.test", "2026-11-25", "asked us by letter"),
        ("redir-excluded.test", "http://excluded.test/robots.txt", "excluded.test")
        + ("2026-11-25", "asked us by letter"),
        ("redir-excluded.test", "http://excluded.test/", "excluded.test")
        + ("2026-11-25", "asked us by letter"),
    ]


# Over TLS -----------------------------------------------------------------------------------

ALERT = b"\x15\x03\x03\x00\x02\x02\x28"  # RFC 8446 section 6: a fatal handshake_failure
TLS_HAZARDS = {
    # hazards 87 and 88: a handshake that fails, in each way
    "tls-hang": (says(30.0, ask=False), Reason.TLS_TIMEOUT),
    "tls-rst": (resets(ask=False), Reason.CONNECTION_RESET),
    "tls-alert": (says(ALERT, ask=False), Reason.TLS_FAILURE),
    "tls-fin": (says(ask=False), Reason.TLS_FAILURE),
}
CERTIFIED = {"tls-expired": -1, "tls-unknown-authority": 1}


def test_faults_of_tls_are_recorded_and_a_bad_certificate_loses_no_answer(tmp_path):
    sites = {name: serve for name, (serve, _) in TLS_HAZARDS.items()}
    sites |= dict.fromkeys(CERTIFIED, paths({"/robots.txt": ROBOTS_FINE, "/": HOME_FINE}))
    contexts = {
        name: server_context(certificate(tmp_path, f"{name}.test", days=days))
        for name, days in CERTIFIED.items()
    }
    with bad.served(sites, contexts) as web:
        options = (*LIMITS, "--retry-pauses", "", "--scheme", "https")
        found = survey(tmp_path, web.lines, [f"{name}.test" for name in sites], *options)
    rows = {host: end for host, *end in found.rows("SELECT host, outcome, reason FROM v_visits")}
    for name, (_, reason) in TLS_HAZARDS.items():
        assert rows[f"{name}.test"] == [Outcome.UNREACHABLE, reason], name
    for name in CERTIFIED:
        assert rows[f"{name}.test"] == [Outcome.OK, Reason.COMPLETE], name
    verdicts = dict(found.rows("SELECT DISTINCT host, tls FROM v_captures WHERE tls IS NOT NULL"))
    # Who vouches is looked at before the dates: of two faults the first is told.
    assert verdicts == dict.fromkeys(
        (f"{name}.test" for name in CERTIFIED), "unverified: self-signed certificate"
    )


# Our own process ----------------------------------------------------------------------------


def processes_below(pid: int) -> list[int]:
    tasks = Path(f"/proc/{pid}/task").glob("*/children")
    below = [int(child) for task in tasks for child in task.read_text().split()]
    return [*below, *(further for child in below for further in processes_below(child))]


def listens(pid: int) -> bool:
    """Whether a process has a TCP socket in the state LISTEN (proc(5): 0A)."""
    tables = [Path(f"/proc/{pid}/net/{name}").read_text() for name in ("tcp", "tcp6")]
    rows = [line.split() for table in tables for line in table.splitlines()[1:]]
    listening = {f"socket:[{row[9]}]" for row in rows if row[3] == "0A"}
    found = {str(fd.readlink()) for fd in Path(f"/proc/{pid}/fd").iterdir() if fd.is_symlink()}
    return bool(found & listening)


@pytest.mark.skipif(not Path("/proc/self/net/tcp").exists(), reason="needs /proc")
def test_a_survey_listens_on_no_port(tmp_path):
    told = []

    async def looks(reader, writer):
        ours = processes_below(os.getpid())
        told.extend(
            (b"survey" in Path(f"/proc/{p}/cmdline").read_bytes(), listens(p)) for p in ours
        )
        await HOME_FINE(reader, writer)

    with bad.served({"looks": paths({"/robots.txt": ROBOTS_FINE, "/": looks})}) as web:
        assert listens(os.getpid())  # the farm does: the method works
        found = survey(tmp_path, web.lines, ["looks.test"], *LIMITS)
    assert found.code == 0, found.errors
    assert any(is_survey for is_survey, _ in told)
    assert not any(is_listening for is_survey, is_listening in told if is_survey)


def test_sites_that_are_endless_on_every_path_do_not_take_the_memory(tmp_path):
    """Each is worth 48 files of a megabyte, on the wire or unpacked; 3 MiB of it are taken."""
    endless = bad.drips(bad.answer(b"User-agent: *\nAllow: /\n"), b"<a href=/terms>x</a>" * 400, 0)
    bomb = says(bad.coded(bad.gzip_bomb(64), b"gzip"))
    sites = {f"endless{n}": endless for n in range(30)} | {f"bomb{n}": bomb for n in range(60)}
    with bad.served(sites) as web:
        panel = [f"{name}.test" for name in sites]
        found = survey(tmp_path, web.lines, panel, "--delay", "0", "--retry-pauses", "")
    assert found.code == 0, found.errors
    assert found.peak < MEMORY
    assert found.rows("SELECT DISTINCT outcome, reason FROM v_visits") == [
        ("ok_partial", "site_ceiling")
    ]
