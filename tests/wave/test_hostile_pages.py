"""Pages that are meant to stop a reader, through the worker that judges them."""

from contextlib import closing
from pathlib import Path

import pytest

from crawler.judge.verdicts import VisitJudgement, judge_visit
from crawler.model import Capture, Preference, Purpose
from crawler.wave.judging import read
from crawler.wave.workers import DATA_BYTES, Pool, Stopped

MIB = 1024 * 1024
FROM_FILES = 40 * MIB
"""What of a worker is mapped from files: program and libraries."""
HOSTILE = {
    "nested": b"<div>" * (MIB // 5),
    "nested and closed": b"<b><i>" * 40_000 + b"</b></i>" * 40_000,
    "forty thousand attributes": b"<p " + b" ".join(b"a%d=1" % n for n in range(40_000)) + b">",
    "attributes of a meta": b"<meta name=robots "
    + b" ".join(b"a%d" % n for n in range(40_000))
    + b" content=noai>",
    "unclosed": b"".join(
        b"<a href=/%d><table><select><svg><p><form><b " % n for n in range(20_000)
    ),
    "nothing but <": b"<" * MIB,
    "nothing but <a": b"<a" * (MIB // 2),
    "an open comment": b"<!--" + b"-" * MIB,
    "an open script": b"<script>" + b"<!--<script>" * (MIB // 12),
    "entities": b"&ampamp" * (MIB // 7),
}


def home(body: bytes) -> tuple[Capture, ...]:
    url, typed = "https://a.example/", ((b"Content-Type", b"text/html"),)
    return (Capture("/", url, url, status=200, headers=typed, body=body[:MIB]),)


FINE = home(b"<meta name=robots content=noai><p>Words</p>")


def peak_kb(pid: int) -> int:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM"))


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="needs /proc")
@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_page_is_read_or_stopped_and_harms_no_other_site(name):
    with closing(Pool(read, processes=1)) as pool:
        before, found, after = pool.run([FINE, home(HOSTILE[name]), FINE])
        (worker,) = pool._idle
        assert peak_kb(worker.process.pid) < (DATA_BYTES + FROM_FILES) // 1024
    assert before == after == judge_visit(FINE)
    assert {v.purpose: v.strict for v in before.verdicts} != dict.fromkeys(
        Purpose, Preference.UNSTATED
    )
    ends = {Stopped("cpu_cap"), Stopped("memory_cap")}
    assert isinstance(found, VisitJudgement) or found in ends
    assert found == Stopped("memory_cap") or name != "unclosed"
