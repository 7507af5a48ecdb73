"""Sentences in three languages: the same names, the same braces, and who has read them."""

import re

import pytest

from crawler.creator.wording import LANGUAGES, language, load, say, speaking

IN_ALL = ("screen", "reasons", "where", "titles")
OTHERS = [one for one in LANGUAGES if one != "en"]


def leaves(table, path=""):
    for key, value in table.items():
        if isinstance(value, dict):
            yield from leaves(value, f"{path}{key}.")
        elif isinstance(value, str):
            yield f"{path}{key}", value


@pytest.mark.parametrize("other", OTHERS)
def test_the_first_screen_is_in_every_language(other):
    spoken = dict(leaves(load(other)))
    for name, english in leaves(load()):
        if name.partition(".")[0] in IN_ALL:
            assert name in spoken
            assert set(re.findall(r"\{\w+\}", spoken[name])) <= set(re.findall(r"\{\w+\}", english))
    assert spoken.keys() <= dict(leaves(load())).keys()


@pytest.mark.parametrize("other", OTHERS)
def test_a_language_says_whether_anybody_has_read_it(other):
    assert load(other)["reviewed"] in (True, False)


def test_what_a_language_lacks_is_said_in_english():
    with speaking("de"):
        assert language() == "de"
        assert say("screen.lights.no") == "sagt nein"
        assert say("limits.law") == load()["limits"]["law"]
        with speaking("xx"):
            assert say("screen.lights.no") == "says no"
    assert language() == "en"
    with pytest.raises(KeyError):
        say("no.such")
