"""The catalogue: complete for what the signals report, mendable, and strict about its data."""

import ast
import functools
import importlib
import itertools
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from crawler import signals
from crawler.dictionary.signal_reference import FIXTURES, cases
from crawler.model import Defect, Reading
from crawler.parsers.http import parse_response
from crawler.registry import agents, defects
from crawler.registry.defects import BY_ANY, NOT_DETECTED, Carrier, CatalogueError
from crawler.registry.near import distance, nearest
from crawler.signals.reading.signal import Signal

HERE = Path(signals.__file__).parent
SOURCES = {
    path.stem: path
    for folder in (HERE, HERE / "reading")
    for path in folder.glob("*.py")
    if path.stem != "__init__"
}
BY_NAME = {signal.name: signal for signal in signals.SIGNALS}
MODULES = sorted(SOURCES)
BY_CATALOGUE = {"robots_access", "robots_defects", "robots_intent", "robots_words"}
"""Modules whose severities and effects come from the catalogue itself."""
CODE = re.compile(r"robots(-[a-z0-9]+)+")


@functools.cache
def tree(module: str) -> ast.Module:
    return ast.parse(SOURCES[module].read_text("utf-8"))


def constructions(module: str) -> Iterator[tuple[ast.expr, ast.expr, set[str]]]:
    """Code and effect of each defect that a module makes, and its function's parameters."""
    for function in ast.walk(tree(module)):
        if not isinstance(function, ast.FunctionDef):
            continue
        parameters = {argument.arg for argument in function.args.args}
        for call in ast.walk(function):
            if not isinstance(call, ast.Call):
                continue
            match call.func, call.args:
                case ast.Name("Defect"), [code, _, _, effect, *_]:
                    yield code, effect, parameters
                case ast.Name("Defect"), _:
                    pytest.fail(f"{module}: {ast.unparse(call)}: code or effect by keyword")
                case ast.Name("defect"), [code, _, effect, _]:  # of html_page and robots_lines
                    yield code, effect, parameters


@functools.cache
def effects(module: str) -> dict[str, str]:
    """The codes of a module with the sentence that is stored with each.

    A code is a literal beside a constant, or the effect is `TABLE[code]`: whatever the code is
    there, it is a key of the table. Anything else would hide a code, and fails.
    """
    if module in BY_CATALOGUE:
        return {code: defects.load().entries[code].effect for code in literals(module)}
    folder = "reading." if SOURCES[module].parent.name == "reading" else ""
    loaded = importlib.import_module(f"crawler.signals.{folder}{module}")
    found: dict[str, str] = {}
    for code, effect, parameters in constructions(module):
        match code, effect:
            case ast.Name(), ast.Name(name) if name in parameters:
                continue  # passed through: the callers are looked at too
            case ast.Constant(str(text)), ast.Name(name):
                found[text] = getattr(loaded, name)
            case _, ast.Subscript(ast.Name(name), key) if ast.dump(key) == ast.dump(code):
                found |= getattr(loaded, name)
            case _:
                pytest.fail(f"{module}: {ast.unparse(code)}, {ast.unparse(effect)}: not traceable")
    return found


def literals(module: str) -> set[str]:
    """The codes in modules of which every text of this form is one."""
    texts = (node.value for node in ast.walk(tree(module)) if isinstance(node, ast.Constant))
    return {text for text in texts if isinstance(text, str) and CODE.fullmatch(text)}


def licensed(xml: bytes) -> bytes:
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<!doctype html><head>"
    return head + b'<script type="application/rsl+xml">' + xml + b"</script>"


def header(line: str) -> bytes:
    return f"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n{line}\r\n\r\n<p>x".encode()


def file(kind: str, content: object) -> bytes:
    text = content if isinstance(content, str) else json.dumps(content)
    return f"HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\n\r\n{text}".encode()


RULE = {"location": "/", "tdm-reservation": 1}
MORE = [
    ("robots_tag_header", header("X-Robots: no-ai")),
    ("robots_tag_header", header("X-Robots: noai noimageai")),
    ("robots_tag_header", header("X-Robots: GPTBot noai")),
    ("robots_tag_header", header('X-Robots: "noai"')),
    ("content_signal_header", header("Content-Signal: none")),
    ("content_usage_header", header("Content-Usage: ;")),
    ("tdmrep_file", file("application/json", [RULE] * 1001)),
    ("tdm_policy", file("application/json", {"permission": [{"action": "tdm:mine"}] * 51})),
    ("llms_txt", file("text/plain", "ai-training: no\n" * 51)),
    ("robots_folk", file("text/plain", "User-agent: *\nTDM-Policy: /terms\n")),
    ("robots_folk", file("text/plain", "User-agent: *\nTDM-Reservation: 2\n")),
    (
        "ai_json",
        file(
            "application/json",
            {
                "specVersion": "1.0",
                "policies": {"training": "deny"},
                "agents": {"QuietBot": {"training": "deny"}, "quietbot": {"training": "allow"}},
            },
        ),
    ),
    (
        "rsl_html",
        licensed(
            b'<rsl xmlns="https://rslstandard.org/rsl"><content url="essays/"><license>'
            b'<permits type="usage">all,</permits><payment type="beer"/></license></content>'
            b'<content url="" encrypted="no"/></rsl>'
        ),
    ),
]
"""Answers with the defects that no fixture of the signal has: it shares the reading of them."""


def answers() -> Iterator[tuple[Signal, bytes]]:
    """Every fixture of a signal, those of its namesakes, and licences put into a page."""
    texts = BY_NAME["ai_txt"], BY_NAME["well_known_ai_txt"]
    for signal in signals.SIGNALS:
        for case in cases(FIXTURES / signal.name):
            yield signal, case.read_bytes()
    for signal, other in itertools.permutations(texts):
        yield from ((signal, case.read_bytes()) for case in cases(FIXTURES / other.name))
    for case in cases(FIXTURES / "rsl_document"):
        licence = case.read_bytes().replace(b"\r\n", b"\n").partition(b"\n\n")[2]
        yield BY_NAME["rsl_html"], licensed(licence)
    yield from ((BY_NAME[name], answer) for name, answer in MORE)


@functools.cache
def reported() -> dict[tuple[str, str], set[Defect]]:
    """All defects that signals report in `answers`, by code and signal."""
    found: dict[tuple[str, str], set[Defect]] = {}
    for signal, answer in answers():
        name = signal.resources[0]
        capture = parse_response(answer, f"https://site.example/{name.lstrip('/')}", name)
        for defect in signal.find(capture).defects:
            found.setdefault((defect.code, signal.name), set()).add(defect)
    return found


def test_every_code_has_an_entry_and_every_entry_a_code():
    entries = defects.load().entries
    reserved = {entry.id for entry in entries.values() if entry.detected == NOT_DETECTED}
    codes = {code for module in MODULES for code in effects(module)}
    assert codes == set(entries) - reserved
    assert reserved == {"robots-prose-only", "robots-variant-differs"}


@pytest.mark.parametrize("module", MODULES)
def test_effects_in_modules_are_those_of_the_catalogue(module: str):
    entries = defects.load().entries
    known = effects(module)
    assert known == {code: entries[code].effect for code in known}


def test_signals_report_what_the_catalogue_says_that_they_detect():
    entries = defects.load().entries
    listed = ((e.id, name) for e in entries.values() for name in e.detected.split(", "))
    claimed = {pair for pair in listed if pair[1] not in (NOT_DETECTED, BY_ANY)}
    by_any = {e.id for e in entries.values() if e.detected == BY_ANY}
    faults = {(code, "robots_access") for module in BY_CATALOGUE for code in effects(module)}
    seen = {pair for pair in reported() if pair[0] not in by_any}
    assert by_any == {code for code, _ in reported()} & by_any
    assert {pair for pair in claimed if pair[1] == "robots_access"} == faults
    assert claimed - faults == seen - faults


def test_reported_defects_are_as_grave_as_the_catalogue_says():
    entries = defects.load().entries
    found = {(d.code, d.severity, d.effect) for each in reported().values() for d in each}
    assert found == {(c, entries[c].severity, entries[c].effect) for c, _, _ in found}


SNIPPET = re.compile(r"`([^`]+)`")
IN_LICENCE = ("<prohibits", "<payment")
ELEMENTS = (*IN_LICENCE, "<license>", "<rsl ", "<meta", "<link", "<div")
FIELD = re.compile("(?:Content-|X-|Link|crawler-|tdm-)[^ ]*: ")
PASTED = sorted(
    {
        snippet
        for entry in defects.load().entries.values()
        if entry.carrier in (Carrier.HEADER, Carrier.HTML, Carrier.RSL)
        for snippet in SNIPPET.findall(entry.mend)
        if snippet != '<rsl xmlns="https://rslstandard.org/rsl">'  # a beginning
        if snippet.startswith(ELEMENTS) or FIELD.match(snippet)
    }
)


@pytest.mark.parametrize("snippet", PASTED)
def test_what_a_mend_says_to_paste_is_read_without_a_fault(snippet: str):
    if FIELD.match(snippet):
        answer = header(snippet)
    elif snippet.startswith(("<meta", "<link", "<div")):
        answer = file("text/html", f"<!doctype html><head>{snippet}")
    else:
        inner = f"<license>{snippet}</license>" if snippet.startswith(IN_LICENCE) else snippet
        whole = f'<rsl xmlns="https://rslstandard.org/rsl"><content url="">{inner}</content></rsl>'
        answer = licensed((snippet if snippet.startswith("<rsl") else whole).encode())
    capture = parse_response(answer, "https://site.example/", "/")
    found = [signal.find(capture) for signal in signals.SIGNALS if "/" in signal.resources]
    assert [defect for finding in found for defect in finding.defects] == []
    assert any(finding.outcome is Reading.PRESENT for finding in found)


def test_there_are_enough_kinds_for_robots_and_all_say_what_each_reader_does():
    robots = [e for e in defects.load().entries.values() if e.carrier is Carrier.ROBOTS]
    assert len(robots) >= 30
    assert all(entry.rfc9309 and entry.google and entry.protego for entry in robots)


def test_names_of_the_catalogue_are_no_agents():
    names = defects.load().names
    known = agents.load().by_token
    assert [name for name in names.nobody | names.different if known(name)] == []
    assert all(known(old) and known(new) for old, new in names.replaced.items())


HEAD = 'version = "2026-01-01"\n[names]\nnobody = []\ndifferent = []\nreplaced = {}\n'
GOOD = dict.fromkeys(["detected", "title", "effect", "explanation", "intention", "mend"], "x") | {
    "id": "a-b",
    "carrier": "meta",
    "severity": "voids",
}


def toml(*entries: dict[str, str]) -> bytes:
    parts = [
        "[[defect]]\n" + "\n".join(f'{k} = "{v}"' for k, v in entry.items() if v is not None)
        for entry in entries
    ]
    return (HEAD + "\n".join(parts)).encode()


def test_a_good_catalogue_is_read():
    assert list(defects.parse(toml(GOOD, GOOD | {"id": "c-d"})).entries) == ["a-b", "c-d"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"\xff", "not a TOML file"),
        (HEAD.encode(), "'defect' is missing"),
        (toml(GOOD).replace(b"nobody = []", b""), "'nobody' is missing"),
        (toml(GOOD, GOOD), "a-b: listed twice"),
        (toml(GOOD | {"mend": None}), "missing or unknown: mend"),
        (toml(GOOD | {"id": None}), "an entry without id: missing or unknown: id"),
        (toml(GOOD | {"carrier": "robots"}), "missing or unknown: google, protego, rfc9309"),
        (toml(GOOD | {"hint": "x"}), "missing or unknown: hint"),
        (toml(GOOD | {"title": " x"}), "title: ' x'"),
        (toml(GOOD | {"id": "A_b"}), "A_b: id: small letters"),
        (toml(GOOD | {"severity": "bad"}), "a-b: 'bad' is not a valid Severity"),
    ],
)
def test_mistakes_in_the_data_are_errors(content: bytes, message: str):
    with pytest.raises(CatalogueError, match=message):
        defects.parse(content)


@pytest.mark.parametrize(
    ("name", "token"),
    [
        ("GPT-Bot", "GPTBot"),
        ("Google Extended", "Google-Extended"),
        ("googleextended", "Google-Extended"),
        ("metaexternalagent", "meta-externalagent"),
        ("omigilibot", "omgilibot"),
        ("Amaoznbot", "Amazonbot"),
        ("Google-CloudVertextBot", "Google-CloudVertexBot"),
        ("GPTBot", None),
        ("Bytesipder", None),  # too little but `spider` is left
        ("dotbot", None),
        ("moodlebot", None),
        ("WebZip", None),
        ("jooblebot", None),
        ("a", None),
        ("x" * 41, None),
    ],
)
def test_near_misses_are_told_from_namesakes(name: str, token: str | None):
    assert nearest(name) == token


@pytest.mark.parametrize(
    ("one", "other", "edits"), [("", "ab", 2), ("ab", "ba", 1), ("abc", "adc", 1), ("x", "x", 0)]
)
def test_distance_counts_edits_and_swaps(one: str, other: str, edits: int):
    assert distance(one, other) == edits
