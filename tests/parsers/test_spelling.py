"""The one tolerance of all signals: marks around words, and what sets words apart."""

import pytest

from crawler.parsers.spelling import decoded, parts, plain, unquoted


@pytest.mark.parametrize(
    ("value", "meant"),
    [
        ("noai", "noai"),
        ('"noai"', "noai"),
        ("“noai”", "noai"),
        ("“noai”".encode().decode("latin-1"), "noai"),  # as a header line reaches us
        ("\x93noai\x94", "noai"),  # Windows-1252
        ("[noai]", "noai"),
        ("ai-train：no", "ai-train:no"),
        ("“é\u0100”", "é\u0100"),
    ],
)
def test_marks_around_words_are_dropped(value: str, meant: str):
    assert unquoted(value) == meant


def test_text_of_a_page_is_decoded_already():
    assert decoded("noai，noindex") == "noai，noindex"


@pytest.mark.parametrize("mark", [";", "/", "|", "+", "，", "、", "،", "；"])
def test_other_marks_set_words_apart(mark: str):
    assert plain(f"noai{mark}noindex") == "noai,noindex"


def test_addresses_and_dates_stay_whole():
    assert parts("https://a.example/b+c") == ["https://a.example/b+c"]
    date = "unavailable_after: 25 Jun 2031 15:00:00 +0000"
    assert parts(f"{date}; noai") == [date, " noai"]
