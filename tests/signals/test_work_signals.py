"""Signals inside works, beside their fixtures: what is stored, what is missing, what is cut."""

from dataclasses import replace

import pytest

from crawler.judge.verdicts import HOME, Rule, judge_visit
from crawler.model import Capture, Finding, Reading
from crawler.parsers.containers.segment import write
from crawler.parsers.containers.work import extract_whole
from crawler.signals import SIGNALS, c2pa_training_mining, plus_data_mining
from crawler.signals.reading.signal import Carrier
from crawler.signals.reading.work import KINDS, WORKS
from tests.factories import works
from tests.paths import FIXTURES
from tests.signals.work_cases import CASES, Case

OF_WORKS = [signal for signal in SIGNALS if signal.carrier is Carrier.WORK]
URL = "https://site.example/picture"
PROHIBITED = "http://ns.useplus.org/ldf/vocab/DMI-PROHIBITED"


def capture(body: bytes, **more: object) -> Capture:
    return Capture("work:image:", URL, URL, **{"status": 200, "body": body, **more})


@pytest.mark.parametrize(
    ("signal", "name", "case"),
    [(signal, name, case) for signal, cases in CASES.items() for name, case in cases.items()],
)
def test_fixtures_are_what_is_made(signal: str, name: str, case: Case):
    folder = FIXTURES / signal
    assert (folder / f"{name}.http").read_bytes() == case.http()
    assert (folder / f"{name}.json").read_text("utf-8") == case.json()


def test_every_signal_of_works_reads_every_kind():
    assert {signal.name for signal in OF_WORKS} == set(CASES)
    assert all(signal.resources == WORKS for signal in OF_WORKS)
    assert len(KINDS) == len(WORKS)


@pytest.mark.parametrize("signal", OF_WORKS, ids=lambda signal: signal.name)
def test_a_stored_extract_is_read_as_the_work_is(signal):
    for case in CASES[signal.name].values():
        stored = capture(write(extract_whole(case.body)))
        if not case.body.startswith(b'{"optout_work"'):
            assert signal.find(stored) == signal.find(capture(case.body))


@pytest.mark.parametrize("signal", OF_WORKS, ids=lambda signal: signal.name)
def test_what_is_not_there_is_absent_only_where_all_was_read(signal):
    plain = works.jpeg()
    assert signal.find(capture(plain)) == Finding(Reading.ABSENT)
    for changes in ({"truncated": True}, {"data_loss": True}, {"status": 206}):
        cut = signal.find(capture(plain[:10], **changes))
        assert cut == Finding(Reading.UNMEASURED, note="truncated")
    assert signal.find(capture(b"", status=404)).note == "missing"
    assert signal.find(capture(plain, status=403)).outcome is Reading.UNMEASURED


def test_without_the_library_an_assertion_is_unmeasured_and_its_absence_is_seen(monkeypatch):
    monkeypatch.setattr(c2pa_training_mining, "find_spec", lambda _: None)
    signed = works.jpeg(works.app11(works.training()))
    found = c2pa_training_mining.find(capture(signed))
    assert found == Finding(Reading.UNMEASURED, note="no_reader")
    assert c2pa_training_mining.find(capture(works.jpeg())).outcome is Reading.ABSENT


def test_a_crowd_of_assertions_is_read_to_a_limit():
    one = works.assertion({"cawg.data_mining": {"use": "notAllowed"}})
    crowd = works.png(works.chunk(b"caBX", works.store(works.manifest(*[one] * 30))))
    found = c2pa_training_mining.find(capture(crowd))
    assert (len(found.statements), found.note) == (50, "truncated")
    large = works.superbox("cawg.training-mining", works.box(b"cbor", bytes(70_000)))
    found = c2pa_training_mining.find(
        capture(works.png(works.chunk(b"caBX", works.store(works.manifest(large)))))
    )
    assert [defect.code for defect in found.defects] == ["c2pa-not-cbor"]


def test_two_entries_of_different_kinds_do_not_contradict_each_other():
    entries = {
        "cawg.ai_training": {"use": "allowed"},
        "cawg.ai_generative_training": {"use": "notAllowed"},
    }
    signed = works.svg(jumbf=works.store(works.manifest(works.assertion(entries))))
    assert c2pa_training_mining.find(capture(signed)).defects == ()


def test_a_value_in_utf_16_that_cannot_be_read_is_named():
    broken = '<x:xmpmeta xmlns:x="adobe:ns:meta/"><plus:DataMining></x:xmpmeta>'
    packet = works.jpeg(works.app1(broken.encode("utf-16-le")))
    found = plus_data_mining.find(capture(packet))
    assert [defect.code for defect in found.defects] == ["plus-packet-unreadable"]


def test_a_work_decides_nothing_for_the_page():
    html = ((b"Content-Type", b"text/html"),)
    page = replace(capture(b"<title>x</title>", headers=html), resource=HOME)
    reserved = capture(works.jpeg(works.app1(works.XMP)))
    alone, beside = judge_visit([page]), judge_visit([page, reserved])
    assert alone.verdicts == beside.verdicts
    unread = judge_visit([page, replace(reserved, body=b"%PDF-")])
    assert unread.verdicts == alone.verdicts
    assert all(verdict.rule is Rule.PARTLY_READ for verdict in alone.verdicts)


def test_a_work_against_its_page_and_against_robots_txt_makes_conflicts():
    html = ((b"Content-Type", b"text/html"), (b"tdm-reservation", b"1"))
    page = replace(capture(b"<title>x</title>", headers=html), resource=HOME)
    robots = replace(capture(b"User-agent: GPTBot\nDisallow: /\n"), resource="/robots.txt")
    value = "http://ns.useplus.org/ldf/vocab/DMI-ALLOWED"
    allows = capture(works.packet(f"<plus:DataMining>{value}</plus:DataMining>"))
    refuses = capture(works.packet(f"<plus:DataMining>{PROHIBITED}</plus:DataMining>"))
    found = {(c.purpose.value, c.signal_a, c.signal_b)
             for c in judge_visit([robots, page, allows]).conflicts}  # fmt: skip
    assert found == {
        ("train", "plus_data_mining", "tdmrep_header"),
        ("ai_input", "plus_data_mining", "tdmrep_header"),
        ("train", "plus_data_mining", "robots_access"),
    }
    assert judge_visit([robots, page, refuses]).conflicts == ()
    cut = replace(robots, truncated=True)
    assert len(judge_visit([cut, page, allows]).conflicts) == 2
    assert len(judge_visit([page, allows]).conflicts) == 2
