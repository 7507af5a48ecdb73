"""RSL and TDMRep as others publish them: worked examples, and what stands in the wild.

Third-party texts stay beside the checkout; without them these tests are skipped.
"""

import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

from crawler.judge.verdicts import judge_visit
from crawler.model import Capture, Finding, Reading
from crawler.parsers.xmltree import parse_xml
from crawler.signals import (
    robots_access,
    robots_license,
    rsl_document,
    tdm_policy,
    tdmrep_file,
    tdmrep_header,
    tdmrep_meta,
)
from crawler.signals.reading import robots_lines

Row = dict[str, Any]
SITE = "https://site.example"


def rows(corpus: Path, name: str) -> list[Row]:
    return [json.loads(line) for line in (corpus / name).read_text("utf-8").split("\n") if line]


def capture(resource: str, body: str, headers: dict[str, str] | None = None, **more) -> Capture:
    url = SITE + "/" + resource.strip("/:")
    pairs = tuple((k.encode(), v.encode()) for k, v in (headers or {}).items())
    known = {"status": 200, "headers": pairs, "body": body.encode()}
    return Capture(resource, url, url, **known | more)


def page(markup: str) -> Capture:
    body = f"<!doctype html><html><head>{markup}</head></html>"
    return capture("/", body, {"Content-Type": "text/html"})


# --- Worked examples


def test_rsl_examples_hold(corpus: Path):
    cases = rows(corpus, "suites/examples_rsl.jsonl")
    assert len(cases) == 6
    for case in cases:
        (check_robots if "robots" in case else check_licence)(case)


GROUPED_BY_RULE = {"rsl:03"}
"""Two groups of nothing but a License line: by RFC 9309 they are one group, because the line
ends no list of agents; the example groups as Protego does."""


def check_robots(case: Row) -> None:
    expected, agent = case["expected"], case.get("agent", "*")
    found = capture("/robots.txt", case["robots"])
    by_rule = case["id"] in GROUPED_BY_RULE
    lines = robots_lines.fields(found.body, robots_license.FIELDS, rule=by_rule)
    own = [line.value for line in lines if agent in line.agents]
    own = own or [line.value for line in lines if not line.agents]
    assert own == expected["license_urls"], case["id"]
    followed = own if agent == "*" else []  # a group's licence says nothing to the others
    assert [link.url for link in robots_license.follow(found)] == followed
    if "crawl" in expected:
        assert robots_access.answer(found.body, agent, "/").allowed
    # "disallow unless licensed" (rsl:00) is what two signals come to; neither says it alone.


LEGACY = {"rsl:01", "rsl:08"}
"""A word of 0.9 (train-ai) and commas between words: read leniently, by section 4.4."""
VALUES = {
    "rsl:01": {"train": "conditional", "search": "disallowed", "ai_input": "disallowed"},
    "rsl:07": {"train": "disallowed", "search": "conditional", "ai_input": "conditional"},
    "rsl:08": {"train": "conditional", "search": "conditional", "ai_input": "conditional"},
}


def check_licence(case: Row) -> None:
    found = rsl_document.find(own(case["rsl"]))
    assert (found.outcome is Reading.MALFORMED) == (case["id"] in LEGACY)
    assert {s.purpose: s.preference for s in found.statements} == VALUES[case["id"]], case["id"]
    root = parse_xml(case["rsl"].encode()).root
    licence = root.children[0].children[0]
    for name in ("permits", "prohibits"):
        listed = {
            child.attributes["type"]: re.split(r"[\s,]+", child.text.strip())
            for child in licence.children
            if child.name == name
        }
        assert listed == case["expected"].get(name, {})
    payments = [c.attributes["type"] for c in licence.children if c.name == "payment"]
    assert payments == case["expected"]["payment"]


NOT_READ_HERE = {"tdmrep:21", "tdmrep:22", "tdmrep:23"}
"""EPUB and PDF metadata: asset signals, of other modules."""


def test_tdmrep_examples_hold(corpus: Path):
    counted = 0
    for case in rows(corpus, "suites/examples_tdmrep.jsonl"):
        if case["id"] in NOT_READ_HERE:
            continue
        counted += 1
        expected = case["expected"]
        assert reserved(case) == expected["tdm-reservation"], case["id"]
        if expected.get("tdm-policy"):
            assert {link.url for link in followed(case)} >= {expected["tdm-policy"]}, case["id"]
    assert counted == 13


def captures(case: Row) -> list[Capture]:
    found = []
    if "file" in case:
        found.append(capture("/.well-known/tdmrep.json", json.dumps(case["file"])))
    if "headers" in case or "html" in case:
        markup = f"<!doctype html><head>{case.get('html', '')}</head>"
        headers = {"Content-Type": "text/html"} | case.get("headers", {})
        found.append(capture("/", markup, headers))
    return found


def followed(case: Row):
    for found in captures(case):
        for module in (tdmrep_file, tdmrep_header, tdmrep_meta):
            if found.resource in module.SIGNAL.resources:
                yield from module.follow(found)


def reserved(case: Row) -> int | None:
    if "headers" in case or "html" in case:  # the judge ranks the channels
        train = judge_visit(captures(case)).verdicts[0].strict
    else:
        statements = tdmrep_file.find(captures(case)[0]).statements
        chosen = tdmrep_file.select(statements, case["path"])
        train = next((s.preference for s in chosen if s.purpose == "train"), "unstated")
    return {"disallowed": 1, "conditional": 1, "allowed": 0, "unstated": None}[train]


# --- In the wild

FIELD = re.compile(
    r"(tdm-(?:reservation|policy))(?:\"? +\"|\", \"?value\"?: \"|: )([^\"\n]+)", re.IGNORECASE
)
META = re.compile(r"<meta [^>]*name=\"tdm-")


def read(row: Row) -> Finding | None:
    """The finding of the module that a row is for; None where it is no whole signal."""
    snippet, channel = row["snippet"], row["channel"]
    if "rsl" in row["signal"] and "robots" in channel:
        return robots_license.find(capture("/robots.txt", snippet))
    if "<content" in snippet and "</rsl>" in snippet:
        return rsl_document.find(own(snippet))
    if snippet.startswith("<meta") and META.search(snippet):
        return tdmrep_meta.find(page(snippet))
    if ("tdmrep.json" in channel or "file" in channel) and snippet.startswith(("[", "{", "---")):
        return tdmrep_file.find(capture("/.well-known/tdmrep.json", snippet))
    if fields := dict(FIELD.findall(snippet)):
        return tdmrep_header.find(capture("/", "", fields))
    return None


def own(document: str) -> Capture:
    """A document as its own site serves it."""
    host = re.search(r'<content url="(https?://[^/"]+)', document)
    url = host[1] + "/rsl.xml" if host else f"{SITE}/rsl.xml"
    return Capture("rsl:", url, url, status=200, body=document.encode())


def grade(found: Finding | None) -> str:
    if found is None:
        return "no whole signal"
    if found.outcome is Reading.MALFORMED and found.statements:
        return "leniently"
    words = {Reading.PRESENT: "strictly", Reading.MALFORMED: "malformed", Reading.ABSENT: "missed"}
    return words[found.outcome]


CUT = {"s0573", "s0574", "s0578", "s0585"}  # documents that the collection shortened; whole below
FRAGMENT = {  # one line of a file or of a program, which says nothing alone
    *("s0491", "s0493", "s0499", "s0501", "s0502", "s0503", "s0504", "s0515", "s0516", "s0520"),
    *("s0521", "s0522", "s0525", "s0553"),
    "s0022",  # a template that chooses between 1 and 0
    "s0035",  # a Link header with a relation that nobody defines
}
NOT_STRICT = {
    "s0036": "leniently",  # an object, true, no location
    "s0038": "malformed",  # the value 2 of the drafts
    "s0039": "leniently",  # an empty location
    "s0040": "malformed",  # no reservation
    "s0498": "missed",  # a comment in robots.txt that mentions the document
    "s0518": "malformed",  # the line of the policy; the reservation is s0517
    "s0524": "malformed",  # as above; s0523
    "s0554": "malformed",  # a permission without a location
    "s0564": "malformed",  # a template that was never filled in
    "s0571": "leniently",  # an object with underscores
    "s0572": "leniently",  # two lists of uses in one licence: section 3.5 allows one
}


def test_signals_in_the_wild_are_read(corpus: Path):
    wild = rows(corpus, "signals/signals_in_the_wild.jsonl")
    ours = [r for r in wild if re.search("tdm|rsl|license-link", r["signal"])]
    grades = {row["id"]: grade(read(row)) for row in ours}
    assert {i for i, g in grades.items() if g == "no whole signal"} == CUT | FRAGMENT
    strange = {i: g for i, g in grades.items() if g not in ("no whole signal", "strictly")}
    assert strange == NOT_STRICT
    assert Counter(grades.values()) == {
        "strictly": 31, "leniently": 4, "malformed": 6, "missed": 1, "no whole signal": 20,
    }  # fmt: skip


WHOLE_FILES = {
    "w000": "malformed",  # a permission without a location, and not in a list
    "w010": "malformed",  # a template that was never filled in
    "w017": "leniently",  # an object with underscores
    "w018": "leniently",  # two lists of uses in one licence
    "w020": "leniently",  # commas, and types that 1.0 does not have
    "w024": "leniently",  # invented: the use as type, yes and no as values
    "w031": "leniently",  # two lists of uses in one licence
    "w052": "malformed",  # the JSON-LD context of the protocol, no policy
    **{f"w{n:03}": "malformed" for n in range(53, 62)},  # examples with an ellipsis in them
    "w063": "leniently",  # a trailing comma in the specification's own example
}
READERS = {
    "rsl": lambda text: rsl_document.find(own(text)),
    "tdmrep.json": lambda text: tdmrep_file.find(capture("/.well-known/tdmrep.json", text)),
    "tdm-policy": lambda text: tdm_policy.find(
        capture("tdm-policy:", text, {"Content-Type": "application/ld+json"})
    ),
}


def test_whole_files_are_read(corpus: Path):
    files = rows(corpus, "wellknown/files.jsonl")
    kinds = READERS | {"tdmrep.jsonld": READERS["tdm-policy"]}
    grades = {r["id"]: grade(kinds[r["kind"]](r["text"])) for r in files if r["kind"] in kinds}
    assert {i: g for i, g in grades.items() if g != "strictly"} == WHOLE_FILES
    assert Counter(grades.values()) == {"strictly": 10, "leniently": 6, "malformed": 12}
