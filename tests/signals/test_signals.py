"""Every signal reads its fixtures as the specification says, and survives everything else."""

import json
from dataclasses import asdict, replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler import signals
from crawler.dictionary import signal_reference
from crawler.dictionary.signal_reference import FIXTURES, FOLDER, cases, render
from crawler.model import (
    Capture,
    Defect,
    Failure,
    Finding,
    Preference,
    Purpose,
    Reading,
    Scope,
    Severity,
    Statement,
    Strictness,
)
from crawler.parsers.http import parse_response
from crawler.signals import tdmrep_file
from crawler.signals.reading import readable
from crawler.signals.reading.signal import Carrier, Signal

SITE = "https://site.example"
BY_NAME = {signal.name: signal for signal in signals.SIGNALS}
PAGES = [signal for signal in signals.SIGNALS if signal.carrier is Carrier.HTML]
HEADERS = [
    signal
    for signal in signals.SIGNALS
    if signal.carrier is Carrier.HEADER and signal.name != "payment_required"  # reads refusals
]


def names(signal: Signal) -> str:
    return signal.name


def capture_of(signal: Signal, data: bytes) -> Capture:
    name = signal.resources[0]
    return parse_response(data, f"{SITE}/{name.lstrip('/')}", name)


def shown(finding: Finding) -> dict[str, object]:
    """A finding in the shape of the fixtures."""
    return {
        "outcome": finding.outcome,
        "note": finding.note,
        "statements": [stated(statement) for statement in finding.statements],
        "defects": [
            {"code": d.code, "severity": d.severity, "line": d.line} for d in finding.defects
        ],
    }


def stated(statement: Statement) -> dict[str, object]:
    """A statement; stance and language only where the signal has them."""
    fields = asdict(statement)
    optional = ("stance", "language")
    return {k: v for k, v in fields.items() if k not in optional or v is not None}


@pytest.mark.parametrize(
    ("signal", "case"),
    [
        pytest.param(signal, case, id=f"{signal.name}/{case.stem}")
        for signal in signals.SIGNALS
        for case in cases(FIXTURES / signal.name)
    ],
)
def test_fixture_is_read_as_expected(signal: Signal, case: Path):
    expected = json.loads(case.with_suffix(".json").read_text("utf-8"))
    found = shown(signal.find(capture_of(signal, case.read_bytes())))
    assert found == {key: expected[key] for key in found}


def test_modules_tuple_and_folders_agree():
    modules = {path.stem for path in FOLDER.glob("*.py")}
    modules -= {name for name in modules if not has_signal(name)}
    folders = {path.name for path in FIXTURES.iterdir() if path.is_dir()}
    assert modules == set(BY_NAME) == folders
    assert len(BY_NAME) == len(signals.SIGNALS)


def has_signal(module: str) -> bool:
    return "\nSIGNAL = Signal(" in (FOLDER / f"{module}.py").read_text("utf-8")


@pytest.mark.parametrize("signal", signals.SIGNALS, ids=names)
def test_every_signal_is_shown_from_good_to_absent(signal: Signal):
    folder = FIXTURES / signal.name
    assert {path.stem for path in folder.glob("*.json")} == {path.stem for path in cases(folder)}
    if signal.carrier is not Carrier.ROBOTS:
        required = {"good", "minimal", "malformed", "lenient_only", "contradictory", "absent"}
        assert required <= {path.stem for path in cases(folder)}


def test_resources_are_asked_for_once():
    paths = signals.resources()
    assert len(paths) == len(set(paths))
    assert {"/", "/.well-known/tdmrep.json"} <= set(paths)


def reference(folder: Path) -> dict[str, str]:
    """The files of the reference below a folder, by their paths there."""
    files = [folder / "README.md", *folder.glob("reference/*")]
    return {str(file.relative_to(folder)): file.read_text("utf-8") for file in files}


def test_the_reference_is_up_to_date_and_holds_no_page_of_an_earlier_title():
    message = "run python -m crawler.dictionary.signal_reference"
    assert reference(FOLDER) == render(signals.SIGNALS, FIXTURES), message


def test_the_reference_is_written_by_its_command(tmp_path, monkeypatch):
    monkeypatch.setattr(signal_reference, "FOLDER", tmp_path)
    (tmp_path / "reference").mkdir()
    (tmp_path / "reference" / "F1-an-earlier-title.md").touch()
    signal_reference.main()
    assert reference(tmp_path) == reference(FOLDER)


def test_a_site_cannot_leave_its_code_block(tmp_path):
    signal = BY_NAME["tdmrep_header"]
    folder = tmp_path / signal.name
    folder.mkdir()
    (folder / "x.http").write_bytes(b"HTTP/1.1 200 OK\n\n````\n# Hi\x1b[2J" + b"x" * 2000)
    expected = {"outcome": "absent", "note": None, "statements": [], "defects": []}
    (folder / "x.json").write_text(json.dumps(expected))
    page = "\n".join(render([signal], tmp_path).values())
    assert "\n`````http\nHTTP/1.1 200 OK\n" in page
    assert "\x1b" not in page
    assert "more characters]\n`````\n" in page


@pytest.mark.parametrize("signal", [*PAGES, *HEADERS, BY_NAME["tdmrep_file"]], ids=names)
@pytest.mark.parametrize(
    ("changes", "note"),
    [
        ({"status": None, "failure": Failure.TIMEOUT_TOTAL}, "no_answer"),
        ({"status": None}, "no_answer"),
        ({"status": 500}, "error_status"),
        ({"status": 999}, "error_status"),
        ({"status": 304}, "error_status"),
        ({"status": 101}, "error_status"),
        *(({"status": status}, "refused") for status in (401, 402, 403, 407, 429, 451)),
    ],
    ids=str,
)
def test_what_is_no_answer_is_unmeasured(signal: Signal, changes: dict, note: str):
    capture = capture_of(signal, (FIXTURES / signal.name / "good.http").read_bytes())
    found = signal.find(replace(capture, **changes))
    assert found == Finding(Reading.UNMEASURED, note=note)


@pytest.mark.parametrize("signal", [*PAGES, BY_NAME["tdmrep_file"]], ids=names)
@pytest.mark.parametrize("changes", [{"truncated": True}, {"data_loss": True}, {"status": 206}])
def test_a_cut_body_shows_presence_and_never_absence(signal: Signal, changes: dict):
    good = capture_of(signal, (FIXTURES / signal.name / "good.http").read_bytes())
    found = signal.find(replace(good, **changes))
    strictly = any(s.strictness is Strictness.STRICT for s in found.statements)
    there = Reading.PRESENT if strictly or not found.statements else Reading.MALFORMED
    assert (found.outcome, found.note) == (there, "truncated")
    empty = signal.find(replace(good, body=b"", **changes))
    assert empty == Finding(Reading.UNMEASURED, note="truncated")


@pytest.mark.parametrize("signal", PAGES, ids=names)
def test_a_cut_body_that_is_no_page_is_unmeasured(signal: Signal):
    capture = capture_of(signal, b"HTTP/1.1 200 OK\nContent-Type: text/plain\n\nx")
    assert signal.find(capture).outcome is Reading.ABSENT
    assert signal.find(replace(capture, truncated=True)).note == "truncated"


@pytest.mark.parametrize("signal", [*PAGES, BY_NAME["tdmrep_file"]], ids=names)
def test_a_body_that_did_not_decode_is_unmeasured(signal: Signal):
    capture = capture_of(signal, b"HTTP/1.1 200 OK\n\n\x1f\x8b")
    found = signal.find(replace(capture, coding_error=True))
    assert found == Finding(Reading.UNMEASURED, note="coding_error")
    missing = signal.find(replace(capture, coding_error=True, status=404))
    assert missing == Finding(Reading.ABSENT, note="missing")


def test_a_page_longer_than_we_read_is_unmeasured():
    body = b"<!doctype html>" + b" " * (1 << 20)
    capture = Capture("/", SITE, SITE, status=200, body=body)
    for signal in PAGES:
        assert signal.find(capture) == Finding(Reading.UNMEASURED, note="truncated")


def test_soft_404_by_opening_and_by_sibling():
    file = Capture("/x.json", SITE, SITE, status=200, body=b"[]")
    assert not readable.soft_404(file)
    assert not readable.soft_404(file, replace(file, body=b"[1]"))
    assert not readable.soft_404(file, replace(file, status=404))
    assert not readable.soft_404(file, replace(file, status=None))
    assert readable.soft_404(file, file)
    for opening in (b"\xef\xbb\xbf \n<!DOCTYPE html>", b"<html>", b"<div class=x>", b"<!-- -->"):
        assert readable.soft_404(replace(file, body=opening))


def test_quotes_are_short_and_hold_no_control_characters():
    assert readable.quote("a\x00\x1b\x9b\u202e\u2028\ud800é") == "a" + "\ufffd" * 6 + "é"
    assert readable.quote("x" * 300) == "x" * 300
    assert readable.quote("x" * 301) == "x" * 299 + "…"


@pytest.mark.parametrize("count", [50, 51])
def test_of_more_faults_than_are_kept_one_of_each_code_and_the_gravest_stay(count: int):
    grave = Defect("b", Severity.VOIDS, "late", "y", count)
    many = [Defect("a", Severity.COSMETIC, str(n), "x", n) for n in range(count - 1)]
    found = readable.conclude([], [*many, grave])
    assert found.outcome is Reading.MALFORMED
    assert len(found.defects) == readable.MAX_DEFECTS
    assert (found.defects[-1].code == "defects-cut") is (count > 50)
    assert grave in found.defects
    lines = [defect.line for defect in found.defects if defect.line is not None]
    assert lines == sorted(lines)


def test_of_more_statements_than_are_kept_the_rest_is_said_to_be_cut():
    one = Statement(Purpose.TRAIN, Preference.DISALLOWED, Strictness.STRICT, Scope.SITE, "x")
    kept = readable.conclude([one] * readable.MAX_STATEMENTS, [])
    assert (kept.note, len(kept.statements)) == (None, readable.MAX_STATEMENTS)
    more = readable.conclude([one] * (readable.MAX_STATEMENTS + 1), [])
    assert (more.note, len(more.statements)) == ("truncated", readable.MAX_STATEMENTS)


@pytest.mark.parametrize("name", ["llms_txt", "agents_txt", "ai_txt"])
def test_a_text_longer_than_what_is_looked_through_is_never_silent(name: str):
    text = b"Nothing of note.\n" * 4000
    found = BY_NAME[name].find(Capture("", SITE, SITE, status=200, body=text))
    assert (found.outcome, found.note) == (Reading.UNMEASURED, "truncated")


def test_a_file_of_many_rules_is_read_to_a_limit():
    body = json.dumps([{"location": f"/{n}/", "tdm-reservation": 1} for n in range(1001)])
    found = tdmrep_file.find(Capture("", SITE, SITE, status=200, body=body.encode()))
    assert (len(found.statements), found.note) == (2000, "truncated")
    assert [defect.code for defect in found.defects] == ["tdmrep-too-many-rules"]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b'"tdm"', "tdmrep-not-array"),
        (b'[{"location": "/", "tdm-reservation": null}]', "tdmrep-reservation-unknown"),
        (b'[{"location": "/", "tdm-reservation": [1]}]', "tdmrep-reservation-unknown"),
        (b'[{"location": "/", "tdm-reservation": {}}]', "tdmrep-reservation-unknown"),
        (b'[{"location": "/", "tdm-reservation": 1.0}]', "tdmrep-reservation-not-exact"),
        (b'[{"location": "/", "tdm-reservation": 0.5}]', "tdmrep-reservation-unknown"),
        (b'[{"location": "http://[", "tdm-reservation": 1}]', "tdmrep-location-foreign"),
        (b'[{"location": 3, "tdm-reservation": 1}]', "tdmrep-location-type"),
    ],
)
def test_odd_files_are_named(body: bytes, code: str):
    found = tdmrep_file.find(Capture("", SITE, SITE, status=200, body=body))
    assert found.outcome is Reading.MALFORMED
    assert code in {defect.code for defect in found.defects}


def test_a_location_with_the_own_host_in_another_spelling_is_not_foreign():
    body = json.dumps([{"location": SITE.replace("//s", "//%73"), "tdm-reservation": 1}])
    found = tdmrep_file.find(Capture("", SITE, SITE, status=200, body=body.encode()))
    assert "tdmrep-location-foreign" not in {defect.code for defect in found.defects}


@pytest.mark.parametrize("name", ["tdmrep_file", "tdm_policy", "ai_policy_json"])
@pytest.mark.parametrize("text", ['{"tdm": ' * 100 + "1" + "}" * 100, f'["tdm{"x" * 1024**2}"]'])
def test_json_beyond_a_limit_of_ours_is_unmeasured(name: str, text: str):
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n"
    found = BY_NAME[name].find(capture_of(BY_NAME[name], head + text.encode()))
    assert (found.outcome, found.note, found.statements) == (Reading.UNMEASURED, "json_limit", ())


def test_a_pattern_with_wildcards_shadows_only_itself():
    rules = [("/a*b", 1), ("/a*b", 0), ("/a*bc", 0), ("/x$", 1), ("/x", 0), ("/x*", 0)]
    body = json.dumps([{"location": path, "tdm-reservation": value} for path, value in rules])
    found = tdmrep_file.find(Capture("", SITE, SITE, status=200, body=body.encode()))
    lenient = [s.path for s in found.statements if s.strictness is Strictness.LENIENT]
    assert lenient == ["/a*b", "/x*"]


@pytest.mark.parametrize("name", ["robots_meta", "x_robots_tag"])
def test_a_flood_of_bots_is_read_to_a_limit(name: str):
    bots = [f"a{n}bot" for n in range(600)]
    head = "".join(f"X-Robots-Tag: {bot}: noai\n" for bot in bots)
    page = "".join(f"<meta name={bot} content=noai>" for bot in bots)
    data = f"HTTP/1.1 200 OK\nContent-Type: text/html\n{head}\n{page}"
    found = BY_NAME[name].find(capture_of(BY_NAME[name], data.encode()))
    assert len(found.statements) == 500
    assert found.note == "truncated"


HOSTILE = {
    "robots_meta": b"<meta name=robots content='" + b"nocache," * 120_000 + b"'>",
    "tdmrep_meta": b"<meta name=tdm-reservation content=0>" * 28_000,
    "tdmrep_file": b"["
    + b",".join(b'{"location":"/%s%d","tdm-reservation":1}' % (b"a" * 900, n) for n in range(1000))
    + b"]",
}


@pytest.mark.parametrize("name", [*HOSTILE, "x_robots_tag", "tdmrep_header"])
@pytest.mark.timeout(60)  # a hang guard: `make bench-hostile` measures how the time grows
def test_hostile_captures_are_read_to_their_end(name: str):
    values = (
        (b"X-Robots-Tag", b"noarchive, nocache," * 13_000),
        (b"tdm-reservation", b"1," * 130_000 + b"1"),
    )
    headers = ((b"Content-Type", b"text/html"), *values)
    body = HOSTILE.get(name, b"<html>")
    found = BY_NAME[name].find(Capture("/", SITE, SITE, status=200, headers=headers, body=body))
    assert found.statements


PIECES = st.sampled_from(
    [
        *rb"""
    <meta~name=robots~content= <meta~name=tdm-reservation~content=1> noai noarchive,nocache
    <meta~name=tdm-policy~content=http://[> " ' > <!-- --> <script> </script> <template> <svg>
    <![CDATA[ ]]> </ <body> [{"location": "/" ,"tdm-reservation": 1 }] { [ , : \ud800
    max-snippet:0 ~ train-ai=n ai-use=yes /a~ *=noai *;noindex; License~error="x" {"x402Version":1
    </rsl.xml>;rel="license";type=application/rsl+xml USD~0.01
    """.split(),
        *(b"\xff\xfe", b"\xef\xbb\xbf", b"\x00", b"\r", b"\n", b" "),
    ]
)
BODIES = st.binary(max_size=60) | st.lists(PIECES, max_size=25).map(
    lambda pieces: b"".join(pieces).replace(b"~", b" ")
)
NAMES = st.sampled_from(
    [
        *(b"X-Robots-Tag", b"tdm-reservation", b"tdm-policy", b"Content-Type", b"cf-mitigated"),
        *(b"Content-Usage", b"Content-Signal", b"Link", b"WWW-Authenticate", b"crawler-price"),
        *(b"payment-required", b"Robots-Tag", b"Robots", b"x-ai-use"),
    ]
)


@settings(max_examples=200, deadline=None)
@given(
    headers=st.lists(st.tuples(NAMES | st.binary(max_size=9), BODIES), max_size=5),
    body=BODIES,
    status=st.sampled_from([None, 200, 204, 206, 404, 401, 402, 403, 503]),
    html=st.booleans(),
)
def test_no_capture_makes_a_signal_raise(headers, body, status, html):
    pairs = tuple(headers) + (((b"content-type", b"text/html"),) if html else ())
    for signal in signals.SIGNALS:
        url = SITE + signal.resources[0]
        capture = Capture(signal.resources[0], url, url, status=status, headers=pairs, body=body)
        found = signal.find(capture)
        for statement in found.statements:
            assert len(statement.quote) <= 300
            assert statement.line is None or statement.line >= 1
            "".join((statement.quote, statement.agent, statement.path or "")).encode()
        if any(s.strictness is Strictness.STRICT for s in found.statements):
            assert found.outcome is Reading.PRESENT
        elif found.statements:
            assert found.outcome is Reading.MALFORMED
