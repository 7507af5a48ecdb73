"""The agent registry: what ships is complete, and a faulty file is refused with its place."""

import dataclasses
import hashlib
import re
from collections import Counter
from importlib import resources

import pytest

from crawler.registry import agents
from crawler.registry.agents import (
    AgentPurpose,
    AgentStatus,
    Honours,
    RegistryError,
    Verification,
    is_product_token,
    parse,
)

REGISTRY = agents.load()
ENTRY = '[[agent]]\ntoken = "GPTBot"\npurposes = ["train"]\n'


def document(entries: str = ENTRY, head: str = 'version = "2026-11-21"\n') -> bytes:
    return (head + entries).encode()


def test_shipped_registry_holds_every_known_name() -> None:
    assert REGISTRY.version == "2026-11-21"
    assert len(REGISTRY.agents) >= 225  # names stay: the list only grows
    assert Counter(purpose for agent in REGISTRY.agents for purpose in agent.purposes) == {
        "train": 29,
        "search": 41,
        "ai_input": 37,
        "agent": 17,
        "dataset": 39,
        "undocumented": 45,
        "other": 38,
    }
    assert Counter(agent.status for agent in REGISTRY.agents) == {
        "active": 66,
        "deprecated": 9,
        "never-confirmed": 18,
        None: 132,
    }
    assert Counter(agent.verification for agent in REGISTRY.agents) == {
        "read": 5,
        "read-copy": 9,
        "read-excerpt": 7,
        "quoted": 17,
        "cited": 36,
        "unverified": 151,
    }
    assert Counter(agent.honours_robots for agent in REGISTRY.agents) == {
        "yes": 59,
        "no": 6,
        "user-triggered-ignores": 6,
        "unknown": 154,
    }


def test_strict8_is_one_documented_training_control_per_operator() -> None:
    assert REGISTRY.panels["strict8"] == (
        "Amazonbot",
        "Applebot-Extended",
        "CCBot",
        "ClaudeBot",
        "Google-Extended",
        "GPTBot",
        "meta-externalagent",
        "MistralAI-Training",
    )


def test_other_panels_have_the_size_their_name_says_and_wide12_contains_strict8() -> None:
    assert {name: len(tokens) for name, tokens in REGISTRY.panels.items()} == {
        "strict8": 8,
        "wide12": 12,
        "cf8": 8,
        "user-fetch9": 9,
        "ai-search8": 8,
    }
    assert set(REGISTRY.panels["wide12"]) - set(REGISTRY.panels["strict8"]) == {
        "AI2Bot",
        "Bytespider",
        "cohere-training-data-crawler",
        "Webzio-Extended",
    }


def test_agents_are_sorted_and_the_file_is_in_the_same_order() -> None:
    tokens = [agent.token for agent in REGISTRY.agents]
    assert tokens == sorted(tokens, key=str.lower)
    written = resources.files("crawler.registry").joinpath("agents.toml").read_text("utf-8")
    assert re.findall(r'^token = "(.*)"$', written, re.MULTILINE) == tokens


def test_registry_is_pinned_by_the_sha256_of_its_file() -> None:
    content = resources.files("crawler.registry").joinpath("agents.toml").read_bytes()
    assert REGISTRY.sha256 == hashlib.sha256(content).hexdigest()
    assert agents.load() is REGISTRY


def test_registry_cannot_be_changed_by_a_reader() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        REGISTRY.version = "x"  # type: ignore[misc]
    with pytest.raises(TypeError):
        REGISTRY.panels["strict8"] = ()  # type: ignore[index]


@pytest.mark.parametrize("token", ["GPTBot", "gptbot", "GPTBOT"])
def test_tokens_are_found_ignoring_case(token: str) -> None:
    agent = REGISTRY.by_token(token)
    assert agent is not None
    assert (agent.token, agent.operator, agent.announced) == ("GPTBot", "OpenAI", "2023-08-07")
    assert agent.purposes == (AgentPurpose.TRAIN,)
    assert agent.status is AgentStatus.ACTIVE


@pytest.mark.parametrize("token", ["GPT", "GPTBot/1.0", "PerplexityUser", "", "GPTBot "])
def test_only_the_whole_token_finds_an_agent(token: str) -> None:
    assert REGISTRY.by_token(token) is None


def test_control_tokens_name_the_crawler_that_fetches() -> None:
    assert {a.token: a.parent for a in REGISTRY.agents if a.control_token} == {
        "Applebot-Extended": "Applebot",
        "Google-Extended": "Googlebot",
    }


def test_retired_names_lead_to_the_name_to_write_today() -> None:
    retired = {a.token: (a.superseded_by, a.retired) for a in REGISTRY.agents if a.retired}
    assert retired == {
        "anthropic-ai": ("ClaudeBot", "2024-07"),
        "Claude-Web": ("ClaudeBot", "2024-07"),
        "Google-NotebookLM": ("Google-GeminiNotebook", "2026-07"),
        "GoogleAgent-Mariner": ("Google-Agent", "2026-03-20"),
    }


def test_unstated_fields_are_unknown_and_never_a_no() -> None:
    agent = parse(document()).agents[0]
    assert agent.verification is Verification.UNVERIFIED
    assert agent.honours_robots is Honours.UNKNOWN
    assert agent.status is None
    assert agent.operator is None


def test_an_agent_without_documentation_is_unverified_and_the_reverse() -> None:
    for agent in REGISTRY.agents:
        unverified = agent.verification is Verification.UNVERIFIED
        assert unverified == (agent.documentation is None), agent.token


# RFC 9309 section 2.2: identifier = 1*(%x2D / %x41-5A / %x5F / %x61-7A)
@pytest.mark.parametrize(
    ("text", "valid"),
    [
        ("GPTBot", True),
        ("meta-externalagent", True),
        ("_-_", True),
        ("a", True),
        ("", False),
        ("*", False),
        ("AI2Bot", False),
        ("GPTBot/1.0", False),
        ("Kangaroo Bot", False),
        ("bigsur.ai", False),
        ("Perplexity\u2011User", False),
        ("GPTBot\n", False),
        ("Bót", False),
    ],
)
def test_product_tokens_are_letters_hyphen_and_underscore(text: str, valid: bool) -> None:
    assert is_product_token(text) is valid


def test_registry_keeps_the_names_no_strict_parser_can_match() -> None:
    invalid = [agent.token for agent in REGISTRY.agents if not is_product_token(agent.token)]
    assert len(invalid) == 27
    assert {"AI2Bot", "img2dataset", "Kangaroo Bot", "MistralAI-User/1.0"} < set(invalid)


FAULTS = {
    "not TOML": (b"[[agent\n", "not a TOML file: .*line 1"),
    "not UTF-8": (b'version = "\xff"', "not a TOML file"),
    "no version": (document(head=""), "registry: version: None"),
    "no agents": (b'version = "2026-11-21"', r"registry: agent: .* tables are expected"),
    "agents no tables": (document("agent = [1]"), "registry: agent: "),
    "unknown head key": (document(head='version = "2026-11-21"\nx = 1\n'), "registry: .* 'x'"),
    "unknown key": (document(ENTRY + "colour = 1"), r"\[\[agent\]\] 1 \(GPTBot\): .*'colour'"),
    "no token": (document('[[agent]]\npurposes = ["train"]'), r"1 \(no token\): token: missing"),
    "no purposes": (document('[[agent]]\ntoken = "A"'), r"1 \(A\): purposes: missing"),
    "token no text": (document("[[agent]]\ntoken = 1\npurposes = []"), "token: 1 is not a text"),
    "token with blanks": (document(ENTRY.replace("GPTBot", "GPTBot ")), "token: 'GPTBot '"),
    "empty list": (document(ENTRY + "aliases = []"), "aliases: .*leave an empty one out"),
    "repeated item": (document(ENTRY + 'aliases = ["x", "x"]'), "aliases: .* twice"),
    "purpose": (document(ENTRY.replace('"train"', '"fun"')), "purposes: 'fun' is not a valid"),
    "status": (document(ENTRY + 'status = "dead"'), "status: 'dead'"),
    "verification": (document(ENTRY + 'verification = "sure"'), "verification: 'sure'"),
    "honours": (document(ENTRY + 'honours_robots = "maybe"'), "honours_robots: 'maybe'"),
    "country": (document(ENTRY + 'country = "us"'), "country: 'us'"),
    "date form": (document(ENTRY + 'announced = "2023"'), "announced: '2023' is not YYYY"),
    "TOML date": (document(ENTRY + "announced = 2023-08-07"), "announced: .* is not a text"),
    "no such day": (document(ENTRY + 'retired = "2024-02-30"'), "retired: day"),
    "no such month": (document(ENTRY + 'first_listed = "2024-13"'), "first_listed: month"),
    "panel": (document(ENTRY + 'panels = ["strict9"]'), "panels: 'strict9' is not a panel"),
    "flag": (document(ENTRY + 'control_token = "yes"'), "control_token: 'yes'"),
    "unverified absent": (document(ENTRY + 'unverified = ["country"]'), "unverified: 'country'"),
    "twice": (document(ENTRY + ENTRY.replace("GPTBot", "gptbot")), "gptbot: token: listed twice"),
    "superseded by nobody": (
        document(ENTRY + 'superseded_by = "NoBot"'),
        "GPTBot: superseded_by: .*'NoBot'",
    ),
    "parent is nobody": (document(ENTRY + 'parent = "NoBot"'), "GPTBot: parent: .*'NoBot'"),
    "alias is a token": (document(ENTRY + 'aliases = ["GPTBOT"]'), "GPTBot: aliases: 'GPTBOT'"),
}


@pytest.mark.parametrize(("content", "message"), FAULTS.values(), ids=FAULTS.keys())
def test_faulty_file_is_refused_with_the_place_named(content: bytes, message: str) -> None:
    with pytest.raises(RegistryError, match=message):
        parse(content)
