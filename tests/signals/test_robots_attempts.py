"""What a robots.txt tries: wishes that the strict reader does not see, and what is none."""

import pytest

from crawler.signals.reading.robots_words import field_meant
from crawler.wave.judging import read_body

ROOT, PART = True, False
GPT = "User-agent: GPTBot\n"
TRIED = {
    "version": ("User-agent: GPTBot/1.2\nDisallow: /", {"GPTBot": ROOT}),
    "no colon": ("User-agent GPTBot\nDisallow: /", {"GPTBot": ROOT}),
    "no colon in the rule": (GPT + "Disallow /", {"GPTBot": ROOT}),
    "list": ("User-agent: GPTBot, CCBot\nDisallow: /", {"GPTBot": ROOT, "CCBot": ROOT}),
    "list with *": ("User-agent: *, CCBot\nDisallow: /", {"CCBot": ROOT}),
    "near": ("User-agent: ClaudeBott\nDisallow: /", {"ClaudeBot": ROOT}),
    "field misspelt": ("User-agant: GPTBot\nDisallow: /", {"GPTBot": ROOT}),
    "field of Google": (GPT + "Disalow: /", {"GPTBot": ROOT}),
    "joined": ("User-agent: GPTBot Disallow: /", {"GPTBot": ROOT}),
    "quotes": ('User-agent: "GPTBot"\nDisallow: /', {"GPTBot": ROOT}),
    "wildcard": ("User-agent: GPTBot*\nDisallow: /", {"GPTBot": ROOT}),
    "homoglyph": ("User-agent: GРТBot\nDisallow: /", {"GPTBot": ROOT}),
    "dash": ("User-agent: Google–Extended\nDisallow: /", {"Google-Extended": ROOT}),
    "no-break space": ("User-agent:\xa0GPTBot\nDisallow: /", {"GPTBot": ROOT}),
    "byte order mark inside": ("# x\n\ufeffUser-agent: GPTBot\nDisallow: /", {"GPTBot": ROOT}),
    "line break of few readers": ("User-agent: GPTBot\x0bDisallow: /", {"GPTBot": ROOT}),
    "header": (
        "User-agent: Mozilla/5.0 (compatible; GPTBot/1.2; +https://openai.com/gptbot)\nDisallow: /",
        {"GPTBot": ROOT},
    ),
    "Allow cancels": (GPT + "Disallow: /\nAllow: /", {"GPTBot": ROOT}),
    "part": ("User-agent: GPTBot/2\nDisallow: /art/", {"GPTBot": PART}),
    "path without slash": (GPT + "Disallow: art/", {"GPTBot": PART}),
    "root meant, part seen": (GPT + "Disallow: /a\nDisalow: /", {"GPTBot": ROOT}),
    "a comment behind": ("User-agent: GPTBot/2 # OpenAI\nDisallow: / # all", {"GPTBot": ROOT}),
    "another field between": (
        "User-agent: GPTBot/2\nCrawl-delay: 3\nHost: a.example\nDisallow: /", {"GPTBot": ROOT},
    ),
    "two groups, one sound": (
        "User-agent: CCBot\nDisallow: /\n\nUser-agent: GPTBot/2\nDisallow: /\n", {"GPTBot": ROOT},
    ),
}  # fmt: skip
NOT_TRIED = {
    "sound": GPT + "Disallow: /",
    "invitation": GPT + "Allow: /",
    "crawl delay alone": GPT + "Crawl-delay: 5",
    "empty group": GPT,
    "delay beside *": "User-agent: *\nDisallow: /\n\n" + GPT + "Crawl-delay: 3",
    "part that is seen": GPT + "Disallow: /private/",
    "part seen, another meant": GPT + "Disallow: /private/\nDisalow: /x/",
    "all but the home page": GPT + "Disallow: /\nAllow: /$",
    "no AI agent": "User-agent: BackDoorBot/1.0\nDisallow: /",
    "nobody's name": "User-agent: OpenAI-Bot\nDisallow: /",
    "retired": "User-agent: anthropic-ai\nDisallow: /",
    "a name that begins another": "User-agent: Yandex\nDisallow: /",
    "contradiction": GPT + "Disallow: /\n\n" + GPT + "Allow: /",
    "before any group": "Disallow: /\n\n" + GPT + "Allow: /a",
    "everybody, misspelt": "User-agent: *\nDisalow: /",
    "address": GPT + "Disallow: https://a.example/",
    "regular expression": GPT + "Disallow: ^/.*",
    "statement on use": GPT + "Content-Signal: ai-train=no",
    "page": "<html><body><pre>User-agent: GPTBot/1\nDisallow: /</pre>",
    "nothing": "",
    "words": "We like GPTBot.\nAllow me to say so: disallow nothing.",
}


@pytest.mark.parametrize("case", TRIED)
def test_a_wish_is_found_behind_a_fault(case):
    text, tried = TRIED[case]
    found = read_body(text.encode()).attempts
    assert {token: attempt.whole for token, attempt in found.items()} == tried


@pytest.mark.parametrize("case", NOT_TRIED)
def test_no_wish_is_made_up(case):
    assert read_body(NOT_TRIED[case].encode()).attempts == {}


@pytest.mark.parametrize("coding", ["utf-16-le", "utf-16-be", "utf-16"])
def test_a_file_that_no_reader_can_read_has_its_wishes_too(coding):
    found = read_body("User-agent: GPTBot\r\nDisallow: /\r\n".encode(coding)).attempts
    assert {token: attempt.reading for token, attempt in found.items()} == {"GPTBot": "mended"}


def test_the_reading_that_sees_it_is_told():
    readings = [read_body(TRIED[case][0].encode()).attempts for case in ("version", "near")]
    assert [found.popitem()[1].reading for found in map(dict, readings)] == ["google", "mended"]


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("User-Agent", "user-agent"), ("useragent", "user-agent"), ("Dissalow", "disallow"),
        ("Alow", "allow"), ("Sitemap", None), ("Crawl-delay", None), ("Größe", None),
        ("Name", None),
    ],
)  # fmt: skip
def test_fields_are_recognised(written, meant):
    assert field_meant(written) == meant
