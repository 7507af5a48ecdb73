"""Each published definition says of one file what its publisher would have said."""

import base64
import gzip
import json
import lzma

import pytest

from crawler.judge.definitions import DEFINITIONS, Quantifier, by_id

AGENTS = ("GPTBot", "CCBot")
ORDER = [definition.id for definition in DEFINITIONS]


def blocking(body: str, agents: tuple[str, ...] = AGENTS) -> set[str]:
    """Ids of the definitions by which a file blocks."""
    return {each.id for each in DEFINITIONS if each.blocks(body.encode(), agents)}


NAME_ONLY = {"mentioned", "named"}
BY_NAME = {
    *NAME_ONLY, "denied", "denied-by-name", "disallow-line-by-name", "empty-disallow-too",
    "first-group",
}  # fmt: skip


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        pytest.param("", set(), id="nothing"),
        pytest.param("# about gptbot", {"mentioned"}, id="a comment"),
        pytest.param("User-agent: gptbot\nAllow: /\n", NAME_ONLY, id="named and let in"),
        pytest.param(
            "User-agent: *\nDisallow: /\n",
            {
                "denied",
                "disallow-without-allow",
                "first-group",
                "whole-panel",
                "kept-from-everything",
            },
            id="everybody",
        ),
        pytest.param(
            "User-agent: GPTBot\nDisallow: /\n",
            {*BY_NAME, "disallow-without-allow", "next-line", "kept-from-everything"},
            id="one by name",
        ),
        pytest.param(
            "User-agent: GPTBot\nUser-agent: CCBot\nDisallow: /\nAllow: /press\n",
            {*BY_NAME, "next-line", "whole-panel"},
            id="a list with an exception",
        ),
        pytest.param(
            "User-agent: GPTBot\nDisallow: /\nAllow: /\n",
            {*NAME_ONLY, "disallow-line-by-name", "next-line"},
            id="Allow cancels",
        ),
        pytest.param(
            "User-agent: *\nDisallow: /\nUser-agent: GPTBot\nAllow: /\n",
            {*NAME_ONLY, "denied", "disallow-without-allow", "first-group", "kept-from-everything"},
            id="one let in again",
        ),
        pytest.param(
            "User-agent: GPTBot\nDisallow:\n",
            {*NAME_ONLY, "empty-disallow-too"},
            id="an empty Disallow, which allows everything",
        ),
        pytest.param(
            "User-agent: GPTBot\nDisallow:\nAllow:\n",
            NAME_ONLY,
            id="both empty",
        ),
        pytest.param(
            "User-agent: GPTBot\nUser-agent: *\nDisallow: /\n",
            {*BY_NAME, "disallow-without-allow", "whole-panel", "kept-from-everything"}
            - {"empty-disallow-too"},
            id="a group shared with everybody",
        ),
        pytest.param(
            "User-agent: GPTBot\nAllow: /press\nUser-agent: GPTBot\nDisallow: /\n",
            {*BY_NAME, "next-line"} - {"first-group"},
            id="two groups of one name",
        ),
        pytest.param(
            "User-agent: gptbot\n\nDisallow: /\n",
            {*BY_NAME, "disallow-without-allow", "kept-from-everything"} - {"empty-disallow-too"},
            id="spelling and a blank line",
        ),
    ],
)
def test_which_definitions_call_a_file_blocking(body: str, expected: set[str]):
    assert blocking(body) == expected


def test_ids_are_unique_and_every_definition_says_what_it_counts():
    assert len(set(ORDER)) == len(ORDER) == 11
    assert all(each.counts and each.source and each.title for each in DEFINITIONS)


def test_the_quantifier_and_the_agents_can_be_chosen_anew():
    body = b"User-agent: GPTBot\nDisallow: /\n"
    denied, whole = by_id("denied"), by_id("whole-panel")
    assert denied.blocks(body, AGENTS)
    assert not denied.blocks(body, AGENTS, Quantifier.ALL)
    assert denied.blocks(body, ("GPTBot",), Quantifier.ALL)
    assert not whole.blocks(body, AGENTS)
    assert whole.blocks(body, AGENTS, Quantifier.ANY)
    assert whole.counts.startswith("Of every agent of the list: the agent may not fetch")


def test_no_agents_are_never_all_blocked():
    assert not by_id("whole-panel").blocks(b"User-agent: *\nDisallow: /\n", ())


def test_an_unknown_definition_is_an_error():
    with pytest.raises(KeyError):
        by_id("nobody")


def test_sides_that_hold_by_construction():
    for body in ("User-agent: *\nDisallow: /a", "User-agent: CCBot\nDisallow: /", "x"):
        found = blocking(body)
        assert ("denied-by-name" in found) <= ("denied" in found)
        assert ("denied-by-name" in found) <= ("named" in found) <= ("mentioned" in found)


# Two labels of one publisher's that the words of its rule alone do not explain, files shortened:
# `yeti` and `Yeti` are two agents to its program, and a comment is part of the path before it.
SPELT = b"User-agent: yeti\nAllow: /\n\nUser-agent: LWNutch\nUser-agent: Yeti\nDisallow: /\n"
COMMENTED = b"User-agent: Yandex\nDisallow: / # blocks access to whole site\n"


@pytest.mark.parametrize(
    ("body", "agent", "blocked"),
    [
        (SPELT, "yeti", False), (SPELT, "Yeti", True), (SPELT, "LWNutch", True),
        (COMMENTED, "Yandex", False),
        (b"\xef\xbb\xbfUser-agent: a\r\nDisallow:\r\n", "a", True),
        (b"Disallow: /\nUser-agent: a\nCrawl-delay: 1\nDisallow /\n", "a", False),
        # Of `*` the first group speaks, also one that names others; of others, any but that.
        (b"User-agent: *\nDisallow: /a\nUser-agent: *\nDisallow:\n", "*", False),
        (b"User-agent: a\nUser-agent: *\nDisallow:\n", "*", True),
        (b"User-agent: a\nUser-agent: *\nDisallow:\n", "a", False),
        (b"User-agent: a\nAllow: /\nUser-agent: a\nDisallow: /\n", "a", True),
    ],
)  # fmt: skip
def test_the_rule_with_an_empty_disallow_reads_letter_by_letter(body, agent, blocked):
    assert by_id("empty-disallow-too").blocks(body, (agent,)) is blocked


def test_a_publishers_table_is_rebuilt_agent_by_agent(corpus):
    """Every label of the captured files of that publisher, `*` included, without an exception."""
    with gzip.open(corpus / "robots" / "robots.jsonl.gz", "rt", encoding="utf-8") as index:
        rows = [row for row in map(json.loads, index) if "avuim" in str(row.get("labels"))]
    wanted = {row["sha256"] for row in rows}
    with lzma.open(corpus / "robots" / "bodies.jsonl.xz", "rt", encoding="utf-8") as lines:
        found = (json.loads(line) for line in lines)
        bodies = {row["sha256"]: row for row in found if row["sha256"] in wanted}
    rule, checked = by_id("empty-disallow-too"), 0
    for row in rows:
        body = _bytes(bodies[row["sha256"]])
        for agent, allowed in row["labels"]["bots"].items():
            assert rule.blocks(body, (agent,)) is not allowed, (row["host"], agent)
            checked += 1
    assert (len(rows), checked) == (685, 7060)


def _bytes(row):
    if "text" in row:
        return row["text"].encode("utf-8", "surrogatepass")
    return row["latin1"].encode("latin-1") if "latin1" in row else base64.b64decode(row["base64"])
