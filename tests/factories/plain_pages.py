"""A second, small reader of headers, meta elements, tdmrep.json and words: checks by another way.

No code of the project is used. It knows what the demo web has: the TDM Reservation Protocol
(W3C community report, sections 4.1 to 4.3), prices for crawlers, and plain sentences.
"""

import json
import re
from collections.abc import Iterable
from html.parser import HTMLParser

Headers = list[tuple[str, str]]
NAME = "tdm-reservation"
MINING = re.compile(
    r"text[- ]und[- ]data[- ]?mining|text and data mining|train artificial intelligence",
    re.IGNORECASE,
)
REFUSAL = re.compile(r"\bmay not\b|\breserve\w*\b|behält sich", re.IGNORECASE)


def headers(text: str) -> Headers:
    """Split raw header lines into lower-case names and stripped values."""
    pairs = (line.partition(":") for line in text.split("\r\n") if line)
    return [(name.strip().lower(), value.strip()) for name, _, value in pairs]


def in_headers(found: Headers) -> set[str]:
    """Give the values of the header: 1 reserves, 0 does not."""
    return {value for name, value in found if name == NAME} & {"0", "1"}


def in_page(body: bytes) -> set[str]:
    """Give the values of the meta element."""
    page = _Metas()
    page.feed(body.decode("utf-8", "replace"))
    return page.found & {"0", "1"}


class _Metas(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = dict(attrs)
        if tag == "meta" and (told.get("name") or "").lower() == NAME:
            self.found.add((told.get("content") or "").strip())


def in_file(body: bytes) -> list[tuple[str, int]]:
    """Give (location, 0 or 1) of each rule of the file; nothing where it is no JSON list."""
    try:
        rules = json.loads(body)
    except ValueError:
        return []
    return [
        (rule["location"], rule[NAME])
        for rule in (rules if isinstance(rules, list) else [])
        if isinstance(rule, dict) and isinstance(rule.get("location"), str)
        and rule.get(NAME) in (0, 1)
    ]  # fmt: skip


def asks_to_pay(status: int | None, found: Headers) -> bool:
    """Whether a refusal names a price for crawlers."""
    return status == 402 and any(
        name == "crawler-price" and re.fullmatch(r"[A-Z]{3} \d+(\.\d+)?", value)
        for name, value in found
    )


def refuses_mining(texts: Iterable[bytes]) -> bool:
    """Whether a sentence refuses or reserves mining or training."""
    said = (re.sub(r"<[^>]+>", "\n", text.decode("utf-8", "replace")) for text in texts)
    return any(
        MINING.search(line) and REFUSAL.search(line) for text in said for line in text.split("\n")
    )


def comments(body: bytes) -> list[bytes]:
    """Give the comments of a robots.txt, each on its own."""
    return [line.split(b"#", 1)[1] for line in body.splitlines() if b"#" in line]


def forgiven(body: bytes) -> bytes:
    """Mend what somebody likely meant: no colon, a version behind a name, its last letter twice."""
    text = body.decode("utf-8", "replace")
    text = re.sub(r"(?im)^(\s*user-agent)[ \t]+(?!:)", r"\1: ", text)
    text = re.sub(r"(?im)^(\s*(?:dis)?allow)[ \t]+(?=/)", r"\1: ", text)
    text = re.sub(r"(?im)^(\s*user-agent:\s*[a-z_-]+)/\S*", r"\1", text)
    return re.sub(r"(?im)^(\s*user-agent:\s*[a-z_-]*([a-z]))\2[ \t]*$", r"\1", text).encode()
