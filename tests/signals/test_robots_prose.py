"""Comments of a robots.txt: which lines are one text, and which sentences reserve."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.model import Capture, Preference, Reading, Strictness
from crawler.signals.robots_prose import MAX_SENTENCES, find

URL = "https://atelier.example/robots.txt"


def read(body: str):
    headers = ((b"Content-Type", b"text/plain"),)
    return find(Capture("/robots.txt", URL, URL, status=200, headers=headers, body=body.encode()))


def said(*lines: str) -> list[tuple[str, int | None]]:
    found = read("\n".join([*lines, "User-agent: *", "Disallow:"]))
    return [(one.preference, one.line) for one in found.statements]


@pytest.mark.parametrize("gap", ["#", "", "# ----", "#\n\n#"])
@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("# The following is prohibited:", "# - text and data mining of these pages"),
        ("# Without our written permission,", "# AI training with our texts"),
        ("# We do not permit", "# the use of our drawings for AI training."),
    ],
)
def test_a_text_goes_on_over_blank_comment_lines(first: str, gap: str, second: str):
    assert said(first, gap, second) == [("disallowed", 1)]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("# Text and data mining.", "# It is forbidden to enter the garden."),
        ("# About AI training", "# Nothing here is for sale without permission"),
        ("# about ai training", "# closed areas, not allowed"),
        ("# The following is prohibited:\nUser-agent: x", "# text and data mining"),
        ("# The following is prohibited:\n# Disallow: /a", "# text and data mining"),
    ],
)
def test_other_texts_stay_apart(first: str, second: str):
    assert said(first, "#", second) == []


@pytest.mark.parametrize(
    "words",
    [
        "Nobody may scrape or data mine this archive.",
        "The use of robots to access or mine data is forbidden.",
        "I do not consent to the use of my drawings in AI training.",
        "Our essays may not be used for training.",
        "L'utilisation de nos textes pour entraîner une IA est soumise à notre accord écrit.",
    ],
)
def test_reservations_in_other_words_are_lenient(words: str):
    (statement,) = read(f"# {words}\nUser-agent: *\nDisallow:\n").statements
    assert statement.preference is Preference.DISALLOWED
    assert (statement.strictness, statement.derived) == (Strictness.LENIENT, True)


def test_an_offer_to_license_is_a_condition():
    words = "# Contact us to use our recordings in machine learning."
    (statement,) = read(words).statements
    assert statement.preference is Preference.CONDITIONAL


@pytest.mark.parametrize(
    "words",
    [
        "We do not use your data to train AI.",
        "Data of our donors may not be used to train AI models.",
        "The gym may not be used for training.",
        "The mine data on these maps may not be sold.",
    ],
)
def test_promises_and_other_trainings_are_none(words: str):
    assert read(f"# {words}").outcome is Reading.ABSENT


def test_sentences_are_bounded():
    body = "# You may not use these texts to train AI models.\n" * (MAX_SENTENCES + 5)
    assert len(read(body).statements) == MAX_SENTENCES


PIECES = ("#", "", "# We do not permit", "# the use of texts for AI training.", "# You may,")


@given(st.lists(st.sampled_from([*PIECES, "User-agent: *", "# Disallow: /", "Allow: / # a"])))
@settings(max_examples=100, deadline=None)
def test_prose_is_never_strict_and_never_allows(lines: list[str]):
    for statement in read("\n".join(lines)).statements:
        assert statement.strictness is Strictness.LENIENT
        assert statement.preference is not Preference.ALLOWED
