"""The extensions of robots.txt read their fixtures as specified, and survive everything else."""

import importlib
import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.dictionary.signal_reference import FIXTURES, cases
from crawler.model import Capture, Preference, Reading, Severity, Strictness
from crawler.registry import policy_tokens, prose
from crawler.registry.agents import RegistryError
from crawler.signals import robots_access, robots_license, robots_policy_token
from crawler.signals.reading import robots_lines

MODULES = ("content_signal", "content_usage", "license", "ai_training", "policy_token", "folk")
SIGNALS = {
    f"robots_{name}": importlib.import_module(f"crawler.signals.robots_{name}").SIGNAL
    for name in (*MODULES, "prose")
}
URL = "https://site.example/robots.txt"


def capture(body: bytes | str, **changes) -> Capture:
    content = body.encode() if isinstance(body, str) else body
    return Capture("/robots.txt", URL, URL, **{"status": 200, "body": content, **changes})


def read(name: str, body: bytes | str):
    return SIGNALS[f"robots_{name}"].find(capture(body))


@pytest.mark.parametrize("name", SIGNALS)
def test_every_signal_is_shown_from_good_to_absent(name: str):
    required = {"good", "minimal", "malformed", "lenient_only", "contradictory", "absent"}
    assert required | {"soft_404"} <= {case.stem for case in cases(FIXTURES / name)}
    assert SIGNALS[name].name == name


def held(body: str, agent: str, path: str, name: str) -> dict[str, Preference]:
    """What holds for an agent and a path, after the agent's group is chosen by RFC 9309."""
    signal = SIGNALS[name]
    statements = signal.find(capture(body)).statements
    own = [s for s in statements if s.agent.lower() == agent.lower()]
    named = robots_access.answer(body.encode(), agent, "/").basis == "own"
    group = own if named else [s for s in statements if s.agent == "*"]
    strict = tuple(s for s in group if s.strictness is Strictness.STRICT and not s.derived)
    return {s.purpose: s.preference for s in signal.select(strict, path)}


SIGNAL_KEYS = {"search": "search", "ai-train": "train", "ai-input": "ai_input"}
WORDS = {"yes": "allowed", "no": "disallowed"}


def examples(corpus: Path, name: str) -> list[dict]:
    text = (corpus / "suites" / name).read_text("utf-8")
    return [json.loads(line) for line in text.split("\n") if line]


def test_content_signal_examples_hold(corpus: Path):
    for case in examples(corpus, "examples_content_signals.jsonl"):
        expected = case["expected"]
        found = read("content_signal", case["robots"])
        if expected is None:
            assert found.outcome is Reading.ABSENT
        elif "conflict" in expected:
            assert [d.code for d in found.defects] == ["content-signal-contradiction"]
        elif "malformed" in expected:
            assert found.outcome is Reading.MALFORMED
            meant = {s.purpose: s.preference for s in found.statements}
            intent = expected["author_intent"]
            assert meant == {SIGNAL_KEYS[k]: WORDS[v] for k, v in intent.items()}
        else:
            stated = {SIGNAL_KEYS[k]: WORDS[v] for k, v in expected.items() if v}
            strict = held(case["robots"], case["agent"], "/", "robots_content_signal")
            if case.get("contested", False):
                strict = {s.purpose: s.preference for s in found.statements}
            assert strict == stated, case["id"]


USAGE = {"train-ai": "train", "ai-use": "ai_input", "search": "search"}
ANSWERS = {"allow": "allowed", "disallow": "disallowed"}


def test_aipref_examples_hold(corpus: Path):
    counted = 0
    for case in examples(corpus, "examples_aipref.jsonl"):
        if case["channel"] == "combine":
            continue  # the combination of sources is the judge's
        counted += 1
        value = case.get("input")
        body = case.get("robots") or f"User-agent: *\nContent-Usage: {value}\n"
        agent, path = case.get("agent", "AnyBot"), case.get("path", "/")
        if not robots_access.answer(body.encode(), agent, path).allowed:
            assert case["expected"] is None, case["id"]
            continue
        expected = {USAGE[k]: ANSWERS[v] for k, v in case["expected"].items() if v in ANSWERS}
        assert held(body, agent, path, "robots_content_usage") == expected, case["id"]
    assert counted


def test_longest_path_holds_and_then_the_restrictive_value():
    body = "User-agent: *\nContent-Usage: train-ai=n\nContent-Usage: /a train-ai=y\n"
    twice = body + "Content-Usage: /a train-ai=n\n"
    name = "robots_content_usage"
    assert held(body, "*", "/b", name) == {"train": "disallowed"}
    assert held(body, "*", "/a/x", name) == {"train": "allowed"}
    assert held(twice, "*", "/a/x", name) == {"train": "disallowed"}


def test_allowing_training_wins_a_tie_of_the_abandoned_rules():
    body = "User-agent: *\nDisallowAITraining: /a\nAllowAITraining: /a\nDisallowAITraining: /\n"
    assert held(body, "*", "/a/x", "robots_ai_training") == {"train": "allowed"}
    assert held(body, "*", "/b", "robots_ai_training") == {"train": "disallowed"}


def test_licences_are_followed_and_ordinary_ones_are_not():
    body = (
        "License: https://a.example/l.xml\nLicense: /r.xml\nLicense: //[\nLicense: http://[\n"
        "License: https://creativecommons.org/x\nLicense: https://a.example/l.xml\n"
    )
    links = ("https://a.example/l.xml", "https://site.example/r.xml")
    assert tuple(link.url for link in robots_license.follow(capture(body))) == links
    assert robots_license.follow(capture(body, status=503)) == ()


TOKEN = b"""version = "2026-12-01"
[[policy_token]]
purpose = "train"
spellings = ["Some-Training"]
draft = "d"
announced = "2026-10-30"
operators = [{ name = "G", announced = "2026-10-30" }]
verification = "read"
"""


def test_a_policy_token_works_the_day_its_spelling_is_entered(monkeypatch):
    monkeypatch.setattr(policy_tokens, "load", lambda: policy_tokens.parse(TOKEN))
    body = "User-agent: some-training\nDisallow: /\nAllow: /press\nDisallow:\n"
    found = robots_policy_token.find(capture(body))
    assert found.outcome is Reading.PRESENT
    assert found.defects == ()
    name = "robots_policy_token"
    shown = [(s.agent, s.preference, s.path) for s in found.statements]
    assert shown == [("*", "disallowed", "/"), ("*", "allowed", "/press")]
    selected = SIGNALS[name].select(found.statements, "/press/1")
    assert [s.preference for s in selected] == ["allowed"]


def test_shipped_policy_tokens_guess_no_spelling():
    assert policy_tokens.load().by_spelling == {}
    assert [token.purpose for token in policy_tokens.load().tokens] == ["train"]


@pytest.mark.parametrize(
    "content",
    [
        b"\xff",
        b"",
        TOKEN.replace(b'draft = "d"\n', b""),
        TOKEN.replace(b'["Some-Training"]', b'"x"'),
        TOKEN.replace(b'"train"', b'"paint"'),
        TOKEN.replace(b'["Some-Training"]', b'["a", "A"]'),
    ],
)
def test_faulty_policy_tokens_are_refused(content: bytes):
    with pytest.raises(RegistryError, match="policy tokens"):
        policy_tokens.parse(content)


@pytest.mark.parametrize(
    "content",
    [
        b"\xff",
        b"version = 'x'",
        b"version='x'\nlaws=['A']\ntemplates=['b']\nlanguage=[]",
        b"version='x'\nlaws=[]\ntemplates=['b']\nlanguage=[]",
        b"version='x'\nlaws=['a']\ntemplates=['b']\n[[language]]\ncode='en'",
        b"version='x'\nlaws=['A']\ntemplates=['b']\nsite=['c']\nlanguage=[]",
        b"version='x'\nlaws=['a', 'a']\ntemplates=['b']\nsite=['c']\nlanguage=[]",
    ],
)
def test_faulty_prose_lists_are_refused(content: bytes):
    with pytest.raises(RegistryError, match="prose"):
        prose.parse(content)


def test_prose_in_latin_1_is_read():
    found = read("prose", "# Das Training von KI ist ausdrücklich untersagt.".encode("latin-1"))
    assert found.note == "ai_training_ban"


def test_object_and_refusal_far_apart_are_no_reservation():
    found = read("prose", "# machine learning " + "word " * 80 + "prohibited")
    assert found.outcome is Reading.ABSENT


def test_prose_evidence_is_bounded():
    found = read("prose", "# No AI training: it is prohibited.\n\n" * 100)
    assert len(found.statements) == 20


def test_agents_and_statements_are_bounded_and_star_is_kept():
    agents = "".join(f"User-agent: a{n}\n" for n in range(300)) + "User-agent: *\n"
    found = read("content_signal", agents + "Content-Signal: ai-train=no, search=yes\n" * 9)
    assert (found.note, len(found.statements)) == ("truncated", robots_lines.MAX_STATEMENTS)
    assert found.statements[0].agent == "*"


@pytest.mark.parametrize("name", SIGNALS)
def test_what_is_cut_is_never_absent(name: str):
    found = SIGNALS[name].find(capture("User-agent: *\n", truncated=True))
    assert (found.outcome, found.note) == (Reading.UNMEASURED, "truncated")
    assert SIGNALS[name].find(capture(b"\x89PNG")).note == "not_robots"


def test_mining_and_scraping_words_in_comments_of_a_rule_line_count_alone():
    found = read("prose", "Disallow: /x # AI training\n# is prohibited\n")
    assert found.outcome is Reading.ABSENT


HOSTILE = {
    "signals": b"User-agent: *\n" + b"Content-Signal: ai-train=no\n" * 17_000,
    "usage": b"User-agent: *\nContent-Usage: " + b"train-ai=n," * 45_000,
    "dictionary": b"User-agent: *\n" + b"Content-Usage: train-ai=n;a;b;c\n" * 15_000,
    "blanks": b"User-agent: *\nContent-Signal: a" + b" " * 500_000,
    "agents": b"User-agent: ai-train\n" * 24_000 + b"Content-Signal: search=no",
    "licences": b"License: /l.xml\n" * 31_000,
    "objects": b"# " + b"train machine learning " * 22_000,
    "refusals": b"# train " + b"prohibited " * 45_000,
    "sentences": b"# Train the machine. " * 24_000,
    "comment lines": b"# train ai x\n" * 39_000,
    "marks": b"# except except. A\n" * 26_000,
    "long word": b"# train" + b"n" * 500_000,
}


@pytest.mark.parametrize("kind", HOSTILE)
@pytest.mark.timeout(60)  # a hang guard: `make bench-hostile` measures how the time grows
def test_half_a_megabyte_is_read_to_its_end_by_all(kind: str):
    for signal in SIGNALS.values():
        found = signal.find(capture(HOSTILE[kind]))
        assert len(found.statements) <= robots_lines.MAX_STATEMENTS
        assert (found.note == "truncated") >= (len(found.statements) == robots_lines.MAX_STATEMENTS)


PIECES = st.sampled_from(
    [
        *rb"""
    User-agent:~*~ User-agent:~GPTBot~ User-agent:ai-train~ Content-Signal: Content-Usage: License:
    DisallowAITraining: AllowAITraining: Usage: NoAI: TDM-Reservation: tdm-policy: Noindex: noai
    search=yes ai-train=no use=full train-ai=n ai-use=y;a="b" /p/* *.jpg , ; = : @9e9 @9999999999999
    https://a.example/l.xml http://[ //[ # prohibited machine~learning 44b except
    """.split(),
        *(b"\xff\xfe", b"\xef\xbb\xbf", b"\x00", b"\r", b"\n", b"\n", b"\n", b" "),
    ]
)
BODIES = st.binary(max_size=60) | st.lists(PIECES, max_size=30).map(
    lambda pieces: b"".join(pieces).replace(b"~", b" ")
)


@settings(max_examples=200, deadline=None)
@given(body=BODIES, status=st.sampled_from([200, 206, 404, 503]))
def test_no_body_makes_a_signal_raise(body: bytes, status: int):
    for signal in SIGNALS.values():
        found = signal.find(capture(body, status=status))
        if signal.select:
            signal.select(found.statements, "/p/x")
        if signal.follow:
            signal.follow(capture(body, status=status))
        for statement in found.statements:
            assert len(statement.quote) <= 300
            "".join((statement.quote, statement.agent, statement.path or "")).encode()
        strict = any(s.strictness is Strictness.STRICT for s in found.statements)
        assert not strict or found.outcome is Reading.PRESENT
        if found.outcome is Reading.ABSENT:
            assert {d.severity for d in found.defects} <= {Severity.COSMETIC}
