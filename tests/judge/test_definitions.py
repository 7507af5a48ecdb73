"""Each published definition says of one file what its publisher would have said."""

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
            {*BY_NAME, "disallow-without-allow", "kept-from-everything"},
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
