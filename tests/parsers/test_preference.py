"""Preference values: RFC 9651 to the letter, and what people write instead."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.parsers.preference import (
    MAX_VALUE,
    conditions,
    dictionary,
    meant,
    signals,
    split_path,
    tolerant,
)


@pytest.mark.parametrize(
    ("value", "labels"),
    [
        ("train-ai=y, search=n", {"train-ai": True, "search": False}),  # vocab 6
        ("train-ai=y, train-ai", {"train-ai": None}),  # vocab 6.6.1: the last one counts
        ('search="n"', {"search": None}),  # a String is no Token
        ("train-ai;allow=n, train-ai=y", {"train-ai": True}),  # vocab 6.6.2
        ("train-ai=no", {"train-ai": None}),
        ("train-ai=(y n)", {"train-ai": None}),
        ("", {}),
        ("train-ai=n,", None),  # RFC 9651 section 4.2.2: trailing comma
        ("Train-AI=n", None),  # RFC 9651 section 4.2.3.3: lower case
        ("train-ai=n search=y", None),
        ("train-ai:n", None),
        ("é=y", None),
        ("a=n," * MAX_VALUE + "a=n", None),
    ],
)
def test_dictionary_is_read_to_the_letter(value: str, labels: dict | None):
    assert dictionary(value) == labels


@pytest.mark.parametrize(
    ("value", "parts"),
    [
        ("/a/ train-ai=n", ("/a/", "train-ai=n")),
        ("/a/\t train-ai=n", ("/a/", "train-ai=n")),
        ("/a", ("/a", "")),
        ("train-ai=n", (None, "train-ai=n")),
        ("*.jpg train-ai=n", ("*.jpg", "train-ai=n")),
        ("", (None, "")),
    ],
)
def test_path_runs_to_the_first_blank(value: str, parts: tuple):
    assert split_path(value) == parts


@pytest.mark.parametrize(
    ("value", "labels"),
    [
        ("ai-use=n;exceptions=cc-cr, train-ai=n", {"ai-use"}),
        ("ai-use=n;exceptions=cc-cr-op;x=1", {"ai-use"}),
        ("ai-use=y;exceptions=cc-cr", set()),  # nothing to except from
        ("ai-use=n;exceptions=cc-by", set()),  # no such signal
        ("ai-use=n;exceptions", set()),
        ("ai-use=(n);exceptions=cc-cr", set()),
        ("Ai-Use=n;exceptions=cc-cr", set()),  # no Dictionary
    ],
)
def test_exceptions_of_creative_commons_belong_to_a_refusal(value: str, labels: set[str]):
    assert conditions(value) == labels


def test_signals_are_pairs_with_commas():
    assert signals("search=yes , ai-train=no x,") == [
        ("search", "yes"),
        ("ai-train", "no x"),
        ("", ""),
    ]


def test_tolerant_reader_takes_any_separator():
    text = "Search = Yes; ai_train:'no' bare \"use\"=full"
    pairs = [("search", "yes"), ("ai-train", "no"), ("bare", ""), ("use", "full")]
    assert list(tolerant(text)) == pairs


@pytest.mark.parametrize(
    ("word", "answer"), [("y", True), ("allow", True), ("0", False), ("deny", False), ("", None)]
)
def test_words_mean_yes_no_or_neither(word: str, answer: bool | None):
    assert meant(word) is answer


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=60) | st.text("ayn=;,\"'?@:*()-. 09", max_size=40))
def test_no_value_makes_a_reader_raise(value: str):
    dictionary(value)
    signals(value)
    split_path(value)
    assert all(isinstance(word, str) for pair in tolerant(value) for word in pair)
