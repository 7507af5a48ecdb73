"""Who wrote which lines: marks, copied lists, and that nothing is guessed."""

from datetime import date

import pytest
from hypothesis import given, settings

from crawler.registry import authors as registry
from crawler.registry import timeline
from crawler.registry.authors import AuthorsError
from crawler.signals.reading.robots_authorship import Span, authors, authorship, template
from tests.parsers.robots.test_syntax import BODIES

YOAST = "# START YOAST BLOCK\n# -----\nUser-agent: *\nDisallow:\n# END YOAST BLOCK\n"
MANAGED = "# BEGIN Cloudflare Managed content\nUser-agent: GPTBot\nDisallow: /\n"

PREAMBLE = "# As a condition of accessing this website, you agree to abide by the following\n"


def copied(day: date, drop: int = 0) -> bytes:
    names = sorted(timeline.listed_on(day))[drop:]
    return "\n".join(["", *(f"User-agent: {name}" for name in names), "Disallow: /"]).encode()


@pytest.mark.parametrize(
    ("body", "spans"),
    [
        ("User-agent: *\nDisallow: /", []),
        ("Disallow: /yoast # start yoast block", []),
        (f"\n{YOAST}User-agent: x\n", [(2, 6, "yoast", "2024-05/2026-01")]),
        (MANAGED, [(1, 3, "cloudflare-managed", "2025-07/2026-08")]),
        (f"{PREAMBLE}User-agent: *\n", [(1, 1, "cloudflare-preamble", "2025-09/2026-10")]),
        (
            MANAGED.replace("User-agent", f"{PREAMBLE}User-agent"),  # the markers say more
            [(1, 4, "cloudflare-managed", "2025-07/2026-08")],
        ),
        (
            MANAGED + YOAST,
            [(1, 3, "cloudflare-managed", "2025-07/2026-08"), (4, 8, "yoast", "2024-05/2026-01")],
        ),
        ("User-agent: *\n\n# by wix.com", [(1, 3, "wix", "2019-07/2026-01")]),
        (
            "#x\n# https://darkvisitors.com/agents/gptbot\nUser-agent: GPTBot",
            [(2, 2, "dark-visitors", "2024-05/2026-01")],
        ),
        (
            "# Added by BlockChatGPT Plugin\nUser-agent: GPTBot\nDisallow: /",
            [(1, 3, "block-chatgpt", "2023-08/2026-01")],
        ),
    ],
)
def test_marks_show_their_lines(body: str, spans):
    found = authors(body.encode())
    assert [(s.first_line, s.last_line, s.author, s.dated) for s in found] == spans


@pytest.mark.parametrize("mark", registry.load(), ids=lambda mark: mark.begin.decode())
def test_every_mark_is_found_in_any_case(mark):
    assert authorship(mark.begin.upper() + b"\r\nUser-agent: *") == mark.id


@pytest.mark.parametrize(
    ("body", "author"),
    [
        (b"", "unknown"),
        (YOAST.encode() * 2, "yoast"),
        ((MANAGED + YOAST).encode(), "mixed"),
        (MANAGED.encode() + copied(date(2025, 4, 22)), "mixed"),
    ],
)
def test_one_author_several_or_unknown(body: bytes, author: str):
    assert authorship(body) == author


def test_a_copied_list_is_dated_by_the_version_most_like_it():
    day = date(2025, 4, 22)
    last = len(timeline.listed_on(day)) + 1
    assert authors(copied(day)) == (Span(2, last, "ai-robots-txt", "", "2025-04-22"),)
    assert [span.dated for span in authors(copied(day, drop=2))] == ["2025-04-22"]


@pytest.mark.parametrize(
    "body",
    [
        copied(date(2025, 4, 22), drop=20),
        copied(date(2024, 4, 1), drop=11),
        b"User-agent: a\nDisallow: /\n" * 20,
        "\n".join(f"User-agent: bot-{'x' * n}" for n in range(20)).encode(),
    ],
    ids=["not alike enough", "too few names", "no long group", "other names"],
)
def test_other_lists_are_no_copies(body: bytes):
    assert authors(body) == ()


@given(BODIES)
@settings(max_examples=100, deadline=None)
def test_spans_lie_within_the_file(body: bytes):
    count = len(body.splitlines())
    assert all(
        1 <= s.first_line <= s.last_line <= count for s in authors(body + YOAST.encode()[:0])
    )


GOOD = {
    "id": "x",
    "title": "X",
    "kind": "cdn",
    "begin": "# x",
    "covers": "file",
    "seen": "2024-01/2024-02",
}


def toml(**changes: str) -> bytes:
    rows = [f'{key} = "{value}"' for key, value in (GOOD | changes).items() if value]
    return "\n".join(["[[author]]", "verified = true", *rows]).encode()


def test_a_mark_is_read():
    assert registry.parse(toml(end="# y"))[0].end == b"# y"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"colour": "red"}, "missing or unknown: colour"),
        ({"title": ""}, "missing or unknown: title"),
        ({"seen": "2024"}, "two months"),
        ({"begin": "x"}, "comments in lower case"),
        ({"end": "# Y"}, "comments in lower case"),
        ({"covers": "page"}, "'page' is not a valid"),
    ],
)
def test_mistakes_in_the_data_are_errors(changes, message):
    with pytest.raises(AuthorsError, match=message):
        registry.parse(toml(**changes))


PLAIN = b"User-agent: *\nDisallow: /Cart\n"


@pytest.mark.parametrize(
    "body",
    [
        b"# of this shop\nUser-agent: * # all\n\n  Disallow:/Cart\r\n",
        b"Sitemap: https://a.example/s.xml\nHost: a.example\nuser-agent: *\ndisallow: /cart",
    ],
)
def test_what_differs_from_site_to_site_is_not_the_template(body: bytes):
    assert template(body) == template(PLAIN)


def test_host_names_in_rules_are_not_the_template_and_paths_are():
    one, two = (b"User-agent: *\nDisallow: https://%s.example/a" % host for host in (b"a", b"b"))
    assert template(one) == template(two)
    assert template(PLAIN + b"Disallow: /x") != template(PLAIN)


@pytest.mark.parametrize("body", [b"", b"\n \n", b"# x\n", b"Sitemap: /s.xml\nHost: a"])
def test_nothing_has_no_template(body: bytes):
    assert template(body) is None
