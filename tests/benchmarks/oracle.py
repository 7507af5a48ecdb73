"""The `google` reader against Google's own parser, and `rfc9309` against Google by named reason.

By hand: `python -m tests.benchmarks.oracle`. A cell is one body, one agent, one path; Google's
parser (`jwm.robotstxt`) reads the body again for each, which is what takes the time. Every
difference from it is an error of ours and is listed. A cell in which the strict reader
answers otherwise is traced to what Google does differently: one thing at a time is done to
the file, or to the reader, until the strict reader answers as Google does.
"""

import random
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from enum import StrEnum
from functools import cache
from itertools import combinations
from typing import Any

import click

from crawler.model import Access
from crawler.parsers.robots import google as robots_google
from crawler.parsers.robots import rfc9309, syntax
from crawler.parsers.robots.rfc9309 import Policy
from crawler.parsers.robots.syntax import Kind, RobotsFile
from crawler.registry import agents
from tests.benchmarks.bodies import captured, made

TOKENS = tuple(agent.token for agent in agents.load().agents)
FIXED = ("/", "/robots.txt", "/index.html", "/a/page?x=%2f", "/a%2Fb", "/%7Euser/a*b$")
PATHS = 20
SITE = "https://site.invalid"
Cell = tuple[bytes, str, str]


class Reason(StrEnum):
    """What Google's parser does and RFC 9309 does not."""

    FIELD = "field-misspelt"  # takes a misspelt or prolonged field for one of the three
    PREFIX = "field-of-another-spec"  # takes DisallowAITraining for Disallow
    COLON = "no-colon"  # takes two words for field and value
    CUT = "line-cut"  # ends a line at NUL, or at its longest line
    NAME = "name-cut"  # compares the leading letters of a name: `GPTBot/1.0`, `AI2Bot`
    STAR = "star-and-words"  # takes `* everybody` for `*`
    ESCAPES = "escapes"  # decodes no escape, and takes the address as it comes
    INDEX = "index-page"  # reads `Allow: /a/index.html` as `Allow: /a/$`, too
    SELF = "robots-txt-itself"  # has rules for /robots.txt as for any path
    UNNAMED = "unnamed"


FIELDS = {Kind.TYPO: Reason.FIELD, Kind.OTHER: Reason.PREFIX, Kind.NO_COLON: Reason.COLON}


def rewritten(file: RobotsFile, reasons: frozenset[Reason]) -> RobotsFile:
    """Write the lines concerned as Google reads them, in the spelling of RFC 9309."""
    if Reason.CUT in reasons:
        file = robots_google._cut(file)
    return RobotsFile(file.mark, [_line(raw, reasons) for raw in file.raws], file.dropped)


def _line(raw: bytes, reasons: frozenset[Reason]) -> bytes:
    kind, google, _, value, _ = syntax.classify(raw)
    if google is None or google is Kind.OTHER:
        return raw
    if kind is google or FIELDS[kind] in reasons:
        if google is not Kind.USER_AGENT:
            return raw if kind is google else _record(google, value)
        name = robots_google._name(value) or b""
        reason = Reason.STAR if name == b"*" else Reason.NAME
        if value.lower() != name and reason in reasons:
            return _record(google, name)
        return raw if kind is google else _record(google, value)
    return raw


def _record(kind: Kind, value: bytes) -> bytes:
    return kind.encode() + b": " + value + b"\n"


@cache
def dialect(reasons: frozenset[Reason]) -> rfc9309.Dialect:
    """The strict reader with Google's idea of patterns, as far as the reasons go."""
    strict, google = rfc9309.RFC9309, robots_google.GOOGLE
    if Reason.ESCAPES in reasons:
        strict = replace(strict, disallow=google.disallow, allow=google.disallow)
        strict = replace(strict, canonical=google.canonical)
    if Reason.SELF in reasons:
        strict = replace(strict, free=None)
    if Reason.INDEX in reasons:
        plain = strict.allow
        strict = replace(strict, allow=lambda value: (*plain(value), *google.allow(value)[1:]))
    return strict


def reason_of(body: bytes, agent: str, path: str) -> str:
    """Name the least that must be done as Google does for the strict answer to be Google's."""
    file = syntax.parse(body)
    wanted = robots_google.read(file).allowed(agent, path)[0]
    known = [reason for reason in Reason if reason is not Reason.UNNAMED]
    for count in range(1, len(known) + 1):
        for chosen in map(frozenset, combinations(known, count)):
            policy = Policy(file, rewritten(file, chosen), dialect(chosen))
            if policy.allowed(agent, path)[0] is wanted:
                return "+".join(reason for reason in known if reason in chosen)
    return Reason.UNNAMED


def paths_for(body: bytes, chance: random.Random) -> list[str]:
    """Give the fixed paths and some that the body's own rules are about."""
    values = [
        token.value.decode("utf-8", "replace")
        for token in map(syntax.classify, syntax.parse(body).raws)
        if token.google in syntax.RULES
    ]
    chance.shuffle(values)
    own = [_path(value, chance) for value in values[:200]]
    fresh = dict.fromkeys(path for path in own if path not in FIXED)
    return [*FIXED, *fresh][:PATHS]


def _path(value: str, chance: random.Random) -> str:
    """Give a path that a pattern is about: often one it matches, in printable ASCII."""
    filled = re.sub(r"\*", lambda _: chance.choice(("", "x", "a/b")), value.rstrip("$"))
    path = re.sub(r"[^!-~]", "", filled) + chance.choice(("", "", "/", "x", "?q=1"))
    return path if path.startswith("/") else f"/{path}"


NAMES = ("*", "GPTBot", "gptbot/1.0", "* x", "CCBot, GPTBot", "AI2Bot", "Applebot", "", "*\v", "é")
VALUES = ("/", "", "/a", "/a*e$", "/*", "*", "/$", "/index.htm", "/a/index.html", "/é", "/a/%70")
FIELD_NAMES = ("User-agent", "useragent", "Disallow", "Disalow", "Allow", "Allows", "Sitemap")
OTHER_NAMES = ("Content-Signal", "DisallowAITraining", "#", "Crawl-delay", "user_agent")
SEPARATORS = (": ", ":", " ", "\t", " : ", "\v:", " # ")
ENDS = ("\n", "\r", "\r\n")


def invented(chance: random.Random) -> bytes:
    """Write a file that is full of what readers read differently."""
    pick = chance.choice
    lines = []
    for _ in range(chance.randrange(14)):
        name = pick((*FIELD_NAMES, *FIELD_NAMES, *OTHER_NAMES))
        value = pick(NAMES) if "gent" in name else pick(VALUES)
        tail = pick(("", "", "", " # x", "\0b", " y", "\f"))
        lines.append(f"{name}{pick(SEPARATORS[:2] + SEPARATORS)}{value}{tail}")
    mark = pick((b"", b"", b"", b"\xef\xbb\xbf", b"\xef\xbb", b"\xff\xfe"))
    return mark + pick(ENDS).join(lines).encode()


def matcher() -> Any:
    """Google's own parser; ends the program where it cannot be had."""
    try:
        from jwm.robotstxt.googlebot import RobotsMatcher
    except ImportError:
        raise SystemExit("no build of Google's parser here") from None
    return RobotsMatcher()


class Tally:
    """What was asked and what came of it."""

    def __init__(self) -> None:
        self.cells = 0
        self.wrong: list[Cell] = []
        self.reasons: Counter[str] = Counter()
        self.files: Counter[str] = Counter()

    def ask(self, oracle: Any, body: bytes, tokens: Sequence[str], paths: Sequence[str]) -> None:
        """Ask all three readers about every agent and path."""
        file = syntax.parse(body)
        google, strict = robots_google.read(file), rfc9309.read(file)
        seen: dict[tuple[object, ...], str] = {}
        for token in tokens:
            for path in paths:
                self.cells += 1
                told = oracle.OneAgentAllowedByRobots(body, token, SITE + path)
                access, _, _, line = google.allowed(token, path)
                if told is not (access is Access.ALLOWED) or line != (
                    oracle.matching_line() or None
                ):
                    self.wrong.append((body, token, path))
                ours = strict.allowed(token, path)
                if (ours[0] is Access.ALLOWED) is not told:
                    key = (path, line, ours[3], told)
                    seen[key] = reason = seen.get(key) or reason_of(body, token, path)
                    self.reasons[reason] += 1
        self.files.update(set(seen.values()))


def files(invent: int, bodies: int, seed: int) -> Iterator[tuple[str, list[bytes]]]:
    """Give the two sets of files: invented ones, and captured ones (all of them for 0)."""
    chance = random.Random(seed)
    half = invent // 2
    yield (
        "invented",
        [*(invented(chance) for _ in range(half)), *(made(chance) for _ in range(half))],
    )
    found = sorted({body for _, body in captured()})
    yield "captured", found if bodies == 0 else chance.sample(found, min(bodies, len(found)))


def choose(body: bytes, *, named: bool) -> Sequence[str]:
    """Give all agents, or those that a reader might tell from the others and one of these."""
    if not named:
        return TOKENS
    text = body.decode("latin-1").lower()
    starts = {token: re.match(r"[a-z_-]*", token.lower()) for token in TOKENS}
    return ["unnamed-crawler", *(t for t, start in starts.items() if start and start[0] in text)]


@click.command()
@click.option("--invent", default=2000, show_default=True, help="Files to make up.")
@click.option("--bodies", default=500, show_default=True, help="Captured bodies; 0 for all.")
@click.option("--named", is_flag=True, help="Only agents whose name is in the body, and one more.")
@click.option("--seed", default=1, show_default=True)
@click.option("--most", default=64_000, show_default=True, help="Leave out larger bodies.")
def main(invent: int, bodies: int, seed: int, most: int, *, named: bool) -> None:
    """Print cells, differences from Google's parser, and reasons of the strict reader's."""
    oracle = matcher()
    for kind, found in files(invent, bodies, seed):
        tally, chance = Tally(), random.Random(seed)
        asked = [body for body in found if len(body) <= most]
        for body in asked:
            tally.ask(oracle, body, choose(body, named=named), paths_for(body, chance))
        left = len(found) - len(asked)
        click.echo(f"{kind}: {len(asked)} files ({left} larger left out), {tally.cells:,} cells")
        click.echo(f"  not as Google's parser: {len(tally.wrong)}")
        for body, token, path in tally.wrong[:20]:
            click.echo(f"    {token} {path} {body[:300]!r}")
        click.echo(f"  strict reader otherwise: {tally.reasons.total():,} cells")
        for reason, count in tally.reasons.most_common():
            click.echo(f"    {reason:44}{count:>10,} cells{tally.files[reason]:>7} files")


if __name__ == "__main__":
    main()
