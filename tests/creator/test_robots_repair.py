"""Broken lines of a robots.txt become what they meant, and nobody else's rules move."""

import pytest

from crawler.creator.robots_repair import meant, repaired, without_dead_lines

AI = ("GPTBot", "CCBot", "Google-Extended", "ClaudeBot", "AI2Bot")


@pytest.mark.parametrize(
    ("line", "lines"),
    [
        ("User-agent: GPTBot, CCBot", ["User-agent: GPTBot", "User-agent: CCBot"]),
        ("User-agent: *, GPTBot", ["User-agent: *", "User-agent: GPTBot"]),
        ("User-agent: Google–Extended", ["User-agent: Google-Extended"]),
        ("User-agent: GPT\u200bBot\xa0", ["User-agent: GPTBot"]),
        ("User-agent: GРTBоt", ["User-agent: GPTBot"]),
        ("User-agent: “GPTBot”", ["User-agent: GPTBot"]),
        ("User-agent: *GPTBot*", ["User-agent: GPTBot"]),
        ("User-agent: GPTBot/1.2", ["User-agent: GPTBot"]),
        ("User-agent: Mozilla/5.0 (compatible; GPTBot/1.2)", ["User-agent: GPTBot"]),
        ("User-agent: Googel-Extended", ["User-agent: Google-Extended"]),
        ("User-agent: Offline Explorer", ["User-agent: Offline", "User-agent: Explorer"]),
        ("User-agent: AI2Bot", ["User-agent: AI2Bot"]),
        ("User_agent: GPTBot", ["User-agent: GPTBot"]),
        ("User-agent：GPTBot", ["User-agent: GPTBot"]),
        ("User-agent GPTBot", ["User-agent: GPTBot"]),
        ("Dissalow: /x", ["Disallow: /x"]),
        ("User-agent: PetalBot Disallow: /", ["User-agent: PetalBot", "Disallow: /"]),
        ("Sitemap: https://a.example/s.xml", []),
        ("Disallow: /a b c", []),
        ("please keep out", []),
    ],
)
def test_what_a_line_meant(line, lines):
    assert meant(f"{line}\r\n".encode()) == lines


def test_a_line_that_is_no_text_means_nothing_that_we_know():
    assert meant(b"User-agent: \xff\xfe\n") == []


@pytest.mark.parametrize(
    ("body", "after", "told"),
    [
        (b"User-agent: GPTBot, CCBot\r\nDisallow: /\r\n",
         b"User-agent: GPTBot\r\nUser-agent: CCBot\r\nDisallow: /\r\n",
         ("User-agent: GPTBot, CCBot",)),
        (b"User-agent: *GPTBot*", b"User-agent: GPTBot\n", ("User-agent: *GPTBot*",)),
        # A search engine in the list: those alone who are to stay away.
        (b"User-agent: GPTBot, Googlebot\nDisallow: /\n", b"User-agent: GPTBot\nDisallow: /\n",
         ("User-agent: GPTBot, Googlebot",)),
        # Search engines alone: their rules do not move unasked.
        (b"User-agent: Googlebot, bingbot\nDisallow: /\n",
         b"User-agent: Googlebot, bingbot\nDisallow: /\n", ()),
        (b"\xef\xbb\xbfUser-agent: *\nAllow: /\n", b"User-agent: *\nAllow: /\n", ()),
        # A search engine that is no agent of the registry.
        (b"User-agent: Daum/4.1\nDisallow: /\n", b"User-agent: Daum/4.1\nDisallow: /\n", ()),
        (b"User-agent: AI2Bot\nDisallow: /\n", b"User-agent: AI2Bot\nDisallow: /\n", ()),
    ],
)  # fmt: skip
def test_files_are_mended(body, after, told):
    assert repaired(body, AI) == (after, told)


def test_lines_without_effect_are_named_when_they_go():
    body = b"User-agent:\nDisallow: /\n\nUser-agent: *\nDisallow: /x\n"
    after, gone = without_dead_lines(body)
    assert after == b"\nUser-agent: *\nDisallow: /x\n"
    assert set(gone) == {"User-agent:", "Disallow: /"}
