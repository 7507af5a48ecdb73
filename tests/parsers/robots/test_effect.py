"""Groups are compared by what they answer: held against all short paths, one after another."""

from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.parsers.robots import rfc9309, syntax

PATHS = ["/" + "".join(rest) for length in range(5) for rest in product("ab/", repeat=length)]

RULES = st.lists(
    st.tuples(
        st.sampled_from(["Allow", "Disallow"]),
        st.builds(
            "".join, st.tuples(st.sampled_from(["/", "*", ""]), st.text("ab/*", max_size=3),
                               st.sampled_from(["", "", "$"])),
        ),
    ),
    max_size=5,
)  # fmt: skip


def policy(rules):
    lines = "".join(f"{field}: {pattern}\n" for field, pattern in rules)
    return rfc9309.read(syntax.parse(f"User-agent: *\n{lines}".encode()))


def answers(rules):
    read = policy(rules)
    return [read.allowed("x", path)[0] for path in PATHS]


def keys(rules):
    return policy(rules).effect("x").keys()


@given(RULES, RULES)
@settings(max_examples=300, deadline=None)
def test_equal_effects_are_equal_answers(one, other):
    if keys(one) == keys(other):
        assert answers(one) == answers(other)


@given(RULES, st.randoms(use_true_random=False))
@settings(max_examples=200, deadline=None)
def test_what_the_effect_leaves_out_changes_no_answer(rules, random):
    effect = policy(rules).effect("x")
    kept = [rules[line - 2] for line in effect.values()]
    assert answers(kept) == answers(rules)
    assert keys(kept) == effect.keys()
    shuffled = random.sample(rules, len(rules))
    assert keys(shuffled + rules) == effect.keys()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Disallow: /fish", "Disallow: /fish*"),
        ("Disallow: /a", "Disallow: /a\nDisallow: /ab"),
        ("Disallow: *.pdf", "Disallow: /**.pdf"),
        ("", "Allow: /a"),
        ("Disallow:", "Disallow: a"),
        ("Allow: /a\nDisallow: /a", ""),
        ("Disallow: /a\nAllow: /b", "Disallow: /a"),
    ],
)
def test_other_words_for_the_same(one, other):
    texts = (f"User-agent: *\n{rules}\n".encode() for rules in (one, other))
    first, second = (rfc9309.read(syntax.parse(text)).effect("x").keys() for text in texts)
    assert first == second


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Disallow: */a", "Disallow: /*/a"),
        ("Disallow: /\nAllow: /a", "Disallow: /\nAllow: /a\nDisallow: /ab"),
        ("Disallow: /a*\nAllow: /a", "Disallow: /a\nAllow: /a"),
        ("Disallow: /a", "Disallow: /a$"),
    ],
)
def test_nearly_the_same_words_for_another_thing(one, other):
    texts = (f"User-agent: *\n{rules}\n".encode() for rules in (one, other))
    first, second = (rfc9309.read(syntax.parse(text)).effect("x").keys() for text in texts)
    assert first != second
