"""Each published definition says of one file what its publisher would have said."""

import pytest

from crawler.judge.definitions import DEFINITIONS

AGENTS = ("GPTBot", "CCBot")
ORDER = [definition.id for definition in DEFINITIONS]


def blocking(body: str, agents: tuple[str, ...] = AGENTS) -> set[str]:
    """Ids of the definitions by which a file blocks."""
    return {each.id for each in DEFINITIONS if each.blocks(body.encode(), agents)}


NAME_ONLY = {"mentioned", "named"}
BY_NAME = {*NAME_ONLY, "denied", "denied-by-name", "disallow-line-by-name"}


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        pytest.param("", set(), id="nothing"),
        pytest.param("# about gptbot", {"mentioned"}, id="a comment"),
        pytest.param("User-agent: gptbot\nAllow: /\n", NAME_ONLY, id="named and let in"),
        pytest.param(
            "User-agent: *\nDisallow: /\n",
            {"denied", "disallow-without-allow", "whole-panel", "kept-from-everything"},
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
            {*NAME_ONLY, "denied", "disallow-without-allow", "kept-from-everything"},
            id="one let in again",
        ),
        pytest.param(
            "User-agent: gptbot\n\nDisallow: /\n",
            {*BY_NAME, "disallow-without-allow", "kept-from-everything"},
            id="spelling and a blank line",
        ),
    ],
)
def test_which_definitions_call_a_file_blocking(body: str, expected: set[str]):
    assert blocking(body) == expected


def test_ids_are_unique_and_every_definition_says_what_it_counts():
    assert len(set(ORDER)) == len(ORDER) == 9
    assert all(each.counts and each.source and each.title for each in DEFINITIONS)


def test_sides_that_hold_by_construction():
    for body in ("User-agent: *\nDisallow: /a", "User-agent: CCBot\nDisallow: /", "x"):
        found = blocking(body)
        assert ("denied-by-name" in found) <= ("denied" in found)
        assert ("denied-by-name" in found) <= ("named" in found) <= ("mentioned" in found)
