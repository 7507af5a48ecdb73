"""Signals in response headers: traps of their specifications, and values found in the wild."""

import json
import lzma
import re
from collections import Counter
from pathlib import Path

import pytest

from crawler.judge.verdicts import judge_visit
from crawler.model import Capture, Failure, Preference, Purpose, Reading, Strictness
from crawler.parsers.preference import dictionary
from crawler.signals import (
    content_signal_header,
    content_usage_header,
    header_candidates,
    links,
    payment_required,
    robots_tag_header,
    rsl_header,
    tdmrep_header,
    x_robots_tag,
)

URL = "https://site.example/"
HEADER_SIGNALS = (
    tdmrep_header,
    x_robots_tag,
    content_usage_header,
    content_signal_header,
    rsl_header,
    payment_required,
    robots_tag_header,
    header_candidates,
)


def answer(*lines: tuple[str, str], status: int = 200, **changes) -> Capture:
    """An answer of the home page with these header lines."""
    pairs = tuple((name.encode(), value.encode()) for name, value in lines)
    return Capture("/", URL, URL, **{"status": status, "headers": pairs, **changes})


def robots(body: bytes) -> Capture:
    url = f"{URL}robots.txt"
    return Capture("/robots.txt", url, url, status=200, body=body)


def stated(signal, capture: Capture) -> dict[str, str]:
    """What strict readers get."""
    found = signal.find(capture).statements
    return {s.purpose: s.preference for s in found if s.strictness is Strictness.STRICT}


# What holds beside other signals.


def verdict(purpose: Purpose, *captures: Capture) -> Preference:
    return next(v.strict for v in judge_visit(captures).verdicts if v.purpose is purpose)


REFUSES = b"User-agent: *\nContent-Signal: ai-train=no\n"


def test_the_default_of_a_converter_overrules_nothing():
    everything = answer(("Content-Signal", "ai-train=yes, search=yes, ai-input=yes"))
    assert len(content_signal_header.find(everything).statements) == 3
    assert verdict(Purpose.TRAIN, robots(REFUSES), everything) is Preference.DISALLOWED
    assert verdict(Purpose.TRAIN, robots(b""), everything) is Preference.UNSTATED


def test_a_deliberate_header_speaks_for_its_page():
    header = answer(("Content-Signal", "ai-train=no, search=yes"))
    assert verdict(Purpose.TRAIN, robots(b""), header) is Preference.DISALLOWED


def test_terms_for_this_client_decide_nothing_about_the_site():
    refusal = answer(("crawler-price", "USD 1"), status=402)
    found = payment_required.find(refusal)
    assert {s.agent for s in found.statements} == {"this-client"}
    assert {s.purpose for s in found.statements} == set(Purpose)
    assert all(s.derived and s.preference is Preference.CONDITIONAL for s in found.statements)
    assert verdict(Purpose.TRAIN, robots(b""), refusal) is Preference.UNSTATED
    assert verdict(Purpose.TRAIN, robots(REFUSES), refusal) is Preference.DISALLOWED


# Licences that are followed.

RSL = 'rel="license"; type="application/rsl+xml"'


def followed(*values: str, status: int = 200) -> list[str]:
    return [link.url for link in links([answer(*(("Link", v) for v in values), status=status)])]


def test_licences_are_followed_each_once_and_ordinary_ones_are_not():
    value = f"</a.xml>; {RSL}, <https://site.example/a.xml>; {RSL}, </rsl.xml>; rel=license"
    urls = ["https://site.example/a.xml", "https://site.example/rsl.xml"]
    assert followed(value, f"</b.xml>; {RSL}; anchor=/x", f"<mailto:a@b>; {RSL}") == urls
    assert followed('<https://creativecommons.org/licenses/by/4.0/>; rel="license"') == []


@pytest.mark.parametrize("status", [404, 403, 500])
def test_links_of_other_answers_are_not_followed(status: int):
    assert followed(f"</a.xml>; {RSL}", status=status) == []


def test_a_refusal_with_terms_leads_to_its_licence():
    refusal = answer(
        ("WWW-Authenticate", 'License error="x"'), ("Link", f"</a.xml>; {RSL}"), status=403
    )
    assert [link.url for link in links([refusal])] == ["https://site.example/a.xml"]
    assert rsl_header.follow(refusal) == ()


def test_many_licences_are_followed_to_a_limit():
    capture = answer(*(("Link", f"</{n}.xml>; {RSL}") for n in range(20)))
    assert len(rsl_header.follow(capture)) == rsl_header.MAX_LINKS
    faulty = answer(*(("Link", f"<mailto:{n}>; {RSL}") for n in range(20)))
    assert len(rsl_header.find(faulty).defects) == rsl_header.MAX_LINKS


@pytest.mark.parametrize(
    ("value", "code"),
    [
        (f"<ftp://x.example/x>; {RSL}", "rsl-link-target"),
        (f"<//[>; {RSL}", "rsl-link-syntax"),
        ("</x.rsl>; rel=license", "rsl-link-type"),
        ("</licence.xml>; rel=license; type=text/xml", "rsl-link-type"),
        ("</x>; rel=describedby; type=application/rsl+xml", "rsl-link-relation"),
    ],
)
def test_faults_of_links_are_named(value: str, code: str):
    found = rsl_header.find(answer(("Link", value)))
    assert (found.outcome, [d.code for d in found.defects]) == (Reading.MALFORMED, [code])


def test_an_anchor_of_its_own_page_is_no_other_address():
    assert rsl_header.find(answer(("Link", f"</a>; {RSL}; anchor=#x"))).note == "rsl_licence"


# Terms of a refusal.


@pytest.mark.parametrize(
    ("lines", "status", "expected"),
    [
        ([("crawler-price", "EUR 12")], 402, "strict"),
        ([("crawler-price", "usd 12")], 402, "lenient"),
        ([("crawler-price", "x"), ("crawler-error", "MissingCrawlerPrice")], 402, "lenient"),
        ([("crawler-error", "InvalidCrawlerMaxPrice")], 402, "strict"),
        ([("crawler-error", "Else")], 402, "lenient"),
        ([("crawler-id", "7")], 402, "lenient"),
        ([("crawler-price", "USD 1")], 403, None),
        ([("WWW-Authenticate", "License error=x")], 402, "strict"),
        ([("WWW-Authenticate", "License error=x")], 403, "strict"),
        ([("WWW-Authenticate", "License error=x")], 404, None),
        ([("WWW-Authenticate", "License error=x")], 500, None),
        ([("WWW-Authenticate", 'Bearer realm="License error=x"')], 401, None),
        ([("WWW-Authenticate", "Payment")], 402, "strict"),
        ([("WWW-Authenticate", "Payment")], 401, None),
        ([("Link", f"</a.xml>; {RSL}")], 402, "lenient"),
        ([("Link", f"</a.xml>; {RSL}")], 403, None),
        ([("Link", "</a.xml>; rel=license; type=text/html")], 402, None),
        ([("payment-required", "no base64")], 402, "lenient"),
        ([("payment-required", "e30=")], 402, "lenient"),
        ([], 402, None),
    ],
)
def test_terms_by_status(lines: list[tuple[str, str]], status: int, expected: str | None):
    found = payment_required.find(answer(*lines, status=status))
    assert {s.strictness for s in found.statements} == ({expected} if expected else set())
    if expected:
        assert found.note == "this_client_only"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b' {"x402Version": 1, "accepts": [{}]}', "strict"),
        (b'{"x402Version": 1, "accepts": [{}],}', "lenient"),  # JSON with a trailing comma
        (b'{"x402Version": true, "accepts": [{}]}', "lenient"),
        (b'{"x402Version": 1, "accepts": [1]}', "lenient"),
        (b'{"x402Version": 1}', "lenient"),
        (b'{"accepts": [{}]}', None),
        (b'{"x402Version": 1, "acc', None),
        (b"[1]", None),
        (b"{" * 100, None),
    ],
)
def test_x402_bodies(body: bytes, expected: str | None):
    found = payment_required.find(answer(status=402, body=body))
    assert {s.strictness for s in found.statements} == ({expected} if expected else set())
    if not expected:
        assert (found.outcome, found.note) == (Reading.UNMEASURED, "refused")


def test_what_did_not_decode_or_did_not_come_has_no_terms():
    body = b'{"x402Version": 1, "accepts": [{}]}'
    for changes in ({"coding_error": True}, {"failure": Failure.TIMEOUT_TOTAL}):
        found = payment_required.find(answer(status=402, body=body, **changes))
        assert found.outcome is Reading.UNMEASURED


# Floods.


@pytest.mark.parametrize("signal", HEADER_SIGNALS, ids=lambda signal: signal.SIGNAL.name)
@pytest.mark.timeout(60)  # a hang guard: `make bench-hostile` measures how the time grows
def test_a_flood_of_headers_is_read_to_a_limit(signal):
    values = {
        "Content-Usage": "train-ai=n," * 20_000,
        "Content-Signal": "ai-train=no," * 20_000,
        "Link": f"</a.xml>; {RSL}," * 4_000,
        "WWW-Authenticate": "License " * 30_000,
        "payment-required": "e30=" * 60_000,
        "Robots-Tag": "a=noai;" * 30_000,
    }
    many = [(f"x-ai-{n}", "no") for n in range(900)]
    for status in (200, 402):
        found = signal.find(answer(*values.items(), *many, status=status))
        assert len(found.statements) <= 500
        assert len(found.defects) <= 500
        assert all(len(d.quote) <= 300 for d in found.defects)


@pytest.mark.parametrize(
    ("signal", "name", "value"),
    [
        (content_usage_header, "Content-Usage", "train-ai=n, x=" + "y" * 9000),
        (content_signal_header, "Content-Signal", "ai-train=no, x=" + "y" * 9000),
        (robots_tag_header, "Robots-Tag", "*=noai, " + "y" * 9000),
    ],
)
def test_a_value_longer_than_we_read_is_said_to_be_cut(signal, name: str, value: str):
    assert signal.find(answer((name, value))).note == "truncated"
    silent = signal.find(answer((name, "x" + " " * 9000 + "y")))
    assert silent.outcome is not Reading.ABSENT


# Suites of others and values of the wild, where they are at hand.

USAGE = {"train-ai": Purpose.TRAIN, "ai-use": Purpose.AI_INPUT, "search": Purpose.SEARCH}
KEYS = {"ai-train": Purpose.TRAIN, "ai-input": Purpose.AI_INPUT, "search": Purpose.SEARCH}
WORDS = {"allow": "allowed", "disallow": "disallowed", "yes": "allowed", "no": "disallowed"}


def rows(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_text("utf-8").split("\n") if line]


def test_aipref_values_hold_in_a_header(corpus: Path):
    counted = 0
    for case in rows(corpus / "suites" / "examples_aipref.jsonl"):
        if case["channel"] not in ("http-header", "value"):
            continue
        counted += 1
        expected = {USAGE[k]: WORDS[v] for k, v in case["expected"].items() if v in WORDS}
        capture = answer(("Content-Usage", case["input"]))
        assert stated(content_usage_header, capture) == expected, case["id"]
    assert counted == 6


def test_content_signal_values_hold_in_a_header(corpus: Path):
    counted = 0
    for case in rows(corpus / "suites" / "examples_content_signals.jsonl"):
        lines = [line.partition(": ") for line in case["robots"].split("\n")]
        signals = [(name, value) for name, _, value in lines if name.startswith("Content-S")]
        expected = case["expected"] or {}
        found = content_signal_header.find(answer(*signals))
        meant = {s.purpose: s.preference for s in found.statements}
        counted += 1
        if "conflict" in expected:
            assert "content-signal-contradiction" in {d.code for d in found.defects}
        else:
            expected = expected.get("author_intent", expected)
            assert meant == {KEYS[k]: WORDS[v] for k, v in expected.items() if v}, case["id"]
    assert counted == 8


def test_structured_dictionaries_are_read_as_the_suite_says(corpus: Path):
    """No file of the suite is about dictionaries: each item stands in one as a member's value."""
    counted: Counter[bool] = Counter()
    for path in sorted((corpus / "suites" / "structured-fields").glob("*.json")):
        for case in json.loads(path.read_text("utf-8")):
            if case["header_type"] != "item" or len(case["raw"]) != 1 or case.get("can_fail"):
                continue
            if case["raw"][0] != case["raw"][0].strip() or not case["raw"][0]:
                continue  # blanks and nothing at all mean other things behind `=`
            fails = case.get("must_fail", False)
            counted[fails] += 1
            value = f"x={case['raw'][0]}, train-ai=n"
            assert (dictionary(value) is None) == fails, (path.stem, case["name"])
            found = stated(content_usage_header, answer(("Content-Usage", value)))
            assert found == ({} if fails else {Purpose.TRAIN: "disallowed"}), case["name"]
    assert counted[True] > 100
    assert counted[False] > 100


# Rows of headers that sites and libraries send: who reads them, and how.
_TDM = {"tdmrep_header": "strict"}
_NOAI = {"x_robots_tag": "strict"}
_PLURAL = {"content_signal_header": "lenient"}
_NOBODY: dict[str, str] = {}
WILD = {
    **dict.fromkeys(["s0000", "s0001", "s0002", "s0009", "s0010", "s0030", "s0513", "s0523"], _TDM),
    **dict.fromkeys(["s0041", "s0042", "s0043", "s0048", "s0050", "s0492"], _NOAI),
    **dict.fromkeys(["s0005", "s0008"], _TDM | _NOAI),
    "s0077": {"content_usage_header": "strict"},
    "s0120": {"content_signal_header": "strict"},
    # The plural; s0119 also quotes the site's robots.txt, which is not sent as a header.
    **dict.fromkeys(["s0117", "s0118", "s0119"], _PLURAL),
    "s0491": {"rsl_header": "pointer"},
    "s0524": {"tdmrep_header": "malformed"},  # the policy of a configuration quoted in two rows
    # `Link: rel="tdm-reservation"` is no link and no technique of TDMRep; the other two rows
    # hold a rewrite rule and a comment, and no header.
    **dict.fromkeys(["s0035", "s0493", "s0525"], _NOBODY),
}
CHANNELS = ("header", "vercel.json", "nginx.conf", "_headers")
_SENT = re.compile(
    r"""key"?:\ "(?P<a>[^"]+)",\s*"?value"?:\ ["`](?P<b>[^"`]+)["`]
    |(?:add_header|Header\ set|Header\ always\ set|header\ |\+)\s*(?P<c>[\w-]+)\ "(?P<d>[^"]+)"
    |^(?P<e>[A-Z][\w-]+):\ (?P<f>[^\n(]+?)(?:\ \(header\))?$""",
    re.MULTILINE | re.VERBOSE,
)


def sent(snippet: str) -> list[tuple[str, str]]:
    """The header lines that a snippet of configuration makes a server send."""
    found = (match.groupdict() for match in _SENT.finditer(snippet))
    return [(m["a"] or m["c"] or m["e"], m["b"] or m["d"] or m["f"]) for m in found]


def how(signal, capture: Capture) -> str | None:
    found = signal.find(capture)
    if Strictness.STRICT in {s.strictness for s in found.statements}:
        return "strict"
    if found.outcome is Reading.PRESENT:
        return "pointer"
    if found.statements:
        return "lenient"
    return "malformed" if found.outcome is Reading.MALFORMED else None


def test_headers_of_the_wild_are_read(corpus: Path):
    read = {}
    for row in rows(corpus / "signals" / "signals_in_the_wild.jsonl"):
        if any(channel in row["channel"] for channel in CHANNELS):
            capture = answer(*sent(row["snippet"]))
            found = {s.SIGNAL.name: how(s, capture) for s in HEADER_SIGNALS}
            read[row["id"]] = {name: value for name, value in found.items() if value}
    assert read == WILD


def test_captured_responses_are_read(corpus: Path):
    """Of 208 answers seven have one of these headers, and ten have links of other kinds."""
    counted: Counter[tuple[str, str]] = Counter()
    with lzma.open(corpus / "responses" / "http.jsonl.xz", "rt", encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            pairs = [(name, one) for name, value in row["headers"] for one in value.split("\n")]
            capture = answer(*pairs, status=200)
            for signal in HEADER_SIGNALS:
                if value := how(signal, capture):
                    counted[signal.SIGNAL.name, value] += 1
    assert counted == {("x_robots_tag", "strict"): 7}
