"""The catalogue: complete for what the signals report, mendable, and strict about its data."""

import re
from pathlib import Path

import pytest

from crawler.registry import agents, defects
from crawler.registry.defects import NOT_DETECTED, Carrier, CatalogueError
from crawler.registry.near import distance, nearest

SIGNALS = Path(__file__).parents[1] / "crawler" / "signals"
COVERED = [
    "robots_defects",
    "robots_words",
    "robots_intent",
    "robots_meta",
    "robots_tokens",
    "x_robots_tag",
    "tdmrep",
    "tdmrep_file",
    "tdmrep_header",
    "tdmrep_meta",
]
NOT_CODES = {"tdm-reservation", "tdm-policy", "robots-tag", "tdm-"}


def emitted() -> set[str]:
    texts = [SIGNALS.joinpath(f"{name}.py").read_text("utf-8") for name in COVERED]
    return set(re.findall(r'"((?:robots|tdm|tdmrep)-[a-z0-9-]+)"', " ".join(texts))) - NOT_CODES


def test_every_code_has_an_entry_and_every_entry_a_code():
    entries = defects.load().entries
    reserved = {entry.id for entry in entries.values() if entry.detected == NOT_DETECTED}
    assert emitted() == set(entries) - reserved
    assert reserved == {"robots-prose-only", "robots-variant-differs"}


def test_there_are_enough_kinds_for_robots_and_all_say_what_each_reader_does():
    robots = [e for e in defects.load().entries.values() if e.carrier is Carrier.ROBOTS]
    assert len(robots) >= 30
    assert all(entry.rfc9309 and entry.google and entry.protego for entry in robots)


def test_detecting_signals_exist():
    names = {n.strip() for e in defects.load().entries.values() for n in e.detected.split(",")}
    assert all(SIGNALS.joinpath(f"{name}.py").is_file() for name in names - {NOT_DETECTED})


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
