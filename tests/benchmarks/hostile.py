"""How the time of each reader of hostile bytes grows: half of each hostile input, then all of it.

Linear growth gives a ratio of 2, quadratic 4. Run by hand: `make bench-hostile`.
"""

import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import replace

from rich.console import Console
from rich.table import Table

from crawler.parsers.challenge import parse_challenges
from crawler.parsers.html.reader import read_page
from crawler.parsers.jsontext import parse_json
from crawler.parsers.link import parse_links
from crawler.parsers.robots import rfc9309, syntax
from crawler.parsers.x_robots import parse_x_robots
from crawler.parsers.xmltree import parse_xml
from crawler.signals import rsl_document, tdm_policy
from tests.parsers import test_challenge, test_jsontext, test_link, test_x_robots, test_xmltree
from tests.parsers.html import test_reader, test_text
from tests.parsers.robots import test_rfc9309
from tests.signals import (
    test_file_signals,
    test_html_signals,
    test_robots_defects,
    test_robots_extensions,
    test_rsl,
    test_tdm_policy,
    test_terms_prose,
)

Case = tuple[str, str, bytes, Callable[[bytes], object]]
ROUNDS = 5


def cases() -> Iterator[Case]:  # noqa: PLR0912 - a list
    """Every hostile input of the tests with its reader."""
    for name, page in test_reader.HOSTILE.items():
        yield "html", name, page, read_page
    for name, page in test_text.HOSTILE.items():
        yield "text", name, page, read_page
    for name, words in test_terms_prose.HOSTILE.items():
        yield "terms", name, words.encode(), read_terms
    for name, body in test_html_signals.HOSTILE.items():
        yield "html signals", name, body.encode(), all_signals
    for number, text in enumerate(test_jsontext.HOSTILE):
        yield "json", str(number), text, parse_json
    for name, document in test_xmltree.HOSTILE.items():
        yield "xml", name, document, parse_xml
    for name, licence in test_rsl.HOSTILE.items():
        yield "rsl", name, licence.encode(), lambda b: rsl_document.find(test_rsl.capture(b))
    for name, policy in test_tdm_policy.HOSTILE.items():
        yield "tdm policy", name, policy, lambda b: tdm_policy.find(test_tdm_policy.capture(b))
    for value in test_x_robots.HOSTILE:
        yield "x_robots", value[:4], value.encode(), lambda v: parse_x_robots([v.decode()])
    for piece in test_link.HOSTILE:
        yield (
            "link",
            piece,
            line_of(piece),
            lambda v: parse_links([v.decode()], "https://a.example"),
        )
    for piece in test_challenge.HOSTILE:
        yield "challenge", piece, line_of(piece), lambda v: parse_challenges([v.decode()])
    for name, body in test_robots_extensions.HOSTILE.items():
        yield "robots signals", name, body, read_signals
        yield "robots defects", name, body, test_robots_defects.found
    for name, body in test_file_signals.HOSTILE.items():
        yield "file signals", name, body, read_files
    for name, (body, path) in test_rfc9309.HOSTILE.items():
        yield (
            "robots match",
            name,
            body,
            lambda b, p=path: rfc9309.read(syntax.parse(b)).allowed("b1", p),
        )


def line_of(piece: str) -> bytes:
    """A header line as long as we take one, made of one piece."""
    return (piece * (260_000 // len(piece))).encode()


def read_signals(body: bytes) -> None:
    """All signals of robots.txt over one body."""
    for signal in test_robots_extensions.SIGNALS.values():
        signal.find(test_robots_extensions.capture(body))


def read_terms(body: bytes) -> None:
    """The signal of terms over one page, and what its home page links to."""
    page = test_terms_prose.capture("<title>Terms</title>" + body.decode())
    test_terms_prose.find(page)
    test_terms_prose.follow(replace(page, resource="/"))


def all_signals(body: bytes) -> None:
    """All signals of HTML over one page."""
    for signal in test_html_signals.SIGNALS:
        signal.find(test_html_signals.capture(body))


def read_files(body: bytes) -> None:
    """All signals of files beside robots.txt over one body."""
    for signal in test_file_signals.OWN:
        signal.find(test_file_signals.capture(signal.resources[0], body))


def seconds(read: Callable[[bytes], object], data: bytes) -> float:
    """CPU time of one reading."""
    begun = time.process_time()
    read(data)
    return time.process_time() - begun


def main() -> None:
    """Interleave halves and wholes, and print medians."""
    table = Table("reader", "input", "KiB", "half ms", "whole ms", "ratio")
    for reader, name, data, read in cases():
        half = data[: len(data) // 2]
        pairs = [(seconds(read, half), seconds(read, data)) for _ in range(ROUNDS)]
        first, second = (statistics.median(column) * 1000 for column in zip(*pairs, strict=True))
        ratio = f"{second / first:.1f}" if first > 1 else "-"
        table.add_row(
            reader, name, f"{len(data) / 1024:.0f}", f"{first:.1f}", f"{second:.1f}", ratio
        )
    Console(emoji=False).print(table)


if __name__ == "__main__":
    main()
