"""A robots.txt that did not come whole permits nobody anything, and nothing more is asked.

By hand, with the number of files (each is cut and damaged in some hundred ways):
`python -m tests.signals.test_robots_incomplete 500`
"""

import asyncio
import gzip
import random
import sys
import zlib
from collections.abc import Iterator

import pytest

from crawler.fetch.address_guard import Resolver
from crawler.fetch.client import Fetcher, Limits
from crawler.fetch.content_coding import Content
from crawler.judge.verdicts import judge_visit, robots_state
from crawler.model import Access, Basis, Capture, Decision, Extent, Outcome, Reason, RobotsState
from crawler.parsers.robots.syntax import LIMIT
from crawler.signals import robots_access
from crawler.signals.reading.robots_content import Came, as_read, came, is_partial
from crawler.visit.access import OwnAccess
from crawler.visit.outcome import outcome, stops_the_visit
from tests.factories import bad_server as bad
from tests.factories.bad_server import answer, resets, says, sized

URL = "https://site.example/robots.txt"
US = "OptOutObservatory"
AGENTS = ("GPTBot", "CCBot", "ClaudeBot", "Google-Extended", US)
NAMES = (*AGENTS, "*", "gptbot", "Other")
PATHS = ("/", "", "/works/", "/*", "/$", "/a", "/*.jpg")
CAP = LIMIT + 1


def generated(rng: random.Random) -> bytes:
    """A file of a few groups, with line ends, comments and blank lines as they come."""
    lines: list[str] = []
    for _ in range(rng.randint(1, 4)):
        lines += [f"User-agent: {rng.choice(NAMES)}" for _ in range(rng.randint(1, 2))]
        kinds = ("Disallow", "Disallow", "Allow", "Sitemap", "# note", "Content-Signal")
        lines += [f"{rng.choice(kinds)}: {rng.choice(PATHS)}" for _ in range(rng.randint(0, 3))]
        lines += [""] * rng.randint(0, 1)
    return rng.choice(("\n", "\r\n", "\r")).join(lines).encode()


def came_so(octets: bytes, *codings: bytes, lost: bool = False, cap: int = CAP) -> Capture:
    """The capture of these octets, as `fetch` makes it."""
    content = Content(codings, cap)
    content.feed(octets)
    return Capture(
        "/robots.txt", URL, URL, status=200, body=content.body, truncated=content.full,
        data_loss=lost or content.cut, coding_error=content.coding_error,
        headers=tuple((b"Content-Encoding", coding) for coding in codings),
    )  # fmt: skip


def incomplete(body: bytes, rng: random.Random) -> Iterator[tuple[str, Capture]]:
    """Every way not to get a file whole: its name and what is captured."""
    packed, flat = gzip.compress(body, mtime=0), zlib.compress(body)
    for end in range(len(body)):
        yield f"cut at {end}", came_so(body[:end], lost=True)
        yield f"cap at {end}", came_so(body, cap=end)
        whole = came_so(body[:end])
        ranged = ((b"Content-Range", b"bytes %d-%d/%d" % (end, len(body) - 1, len(body))),)
        yield (
            f"206 from {end}",
            Capture("/robots.txt", URL, URL, status=206, body=body[end:], headers=ranged),
        )
        yield (
            f"206 without a range, {end}",
            Capture("/robots.txt", URL, URL, status=206, body=whole.body),
        )
    for end in range(len(packed)):
        yield f"gzip cut at {end}", came_so(packed[:end], b"gzip")
        if end >= 2:
            yield f"undeclared gzip cut at {end}", came_so(packed[:end])
    for end in range(len(flat)):
        yield f"deflate cut at {end}", came_so(flat[:end], b"deflate")
    for place in rng.sample(range(len(packed) - 8, len(packed)), 4):
        spoilt = packed[:place] + bytes([packed[place] ^ 0x55]) + packed[place + 1 :]
        yield f"checksum or length wrong at {place}", came_so(spoilt, b"gzip")
        yield f"undeclared gzip, wrong at {place}", came_so(spoilt)
    for coding in (b"br", b"zstd", b"compress", b"aes128gcm", b"x-made-up"):
        yield coding.decode(), came_so(body, coding)
    yield "declared twice, done once", came_so(packed, b"gzip", b"gzip")
    yield "declared, not done", came_so(body, b"gzip")
    yield "declared thrice", came_so(body, b"gzip", b"gzip", b"gzip")
    filler = b"# " + b"x" * LIMIT + b"\n"
    yield "beyond 500 KiB", came_so(filler + body)
    yield "the last line over 500 KiB", came_so(body + b"\n" + filler)


def decisions(capture: Capture, reader: str) -> dict[str, Decision]:
    """What a reader answers for each agent, as advice, inspect and the store have it."""
    state = robots_state(capture)
    if state in robots_access.WITHOUT_FILE:
        return dict.fromkeys(AGENTS, robots_access.unavailable(state))
    cut = came(capture) is Came.PART
    access = robots_access.judge(capture.body, AGENTS, cut=cut).access[reader]
    return {agent: access.named.get(agent, access.default) for agent in AGENTS}


def check(body: bytes, rng: random.Random) -> int:
    """Hold every incomplete capture of a file against the law; gives their number."""
    count = 0
    for name, capture in incomplete(body, rng):
        count += 1
        beyond = "500 KiB" in name
        for reader in ("rfc9309", "protego") if beyond else robots_access.READERS:
            for agent, decision in decisions(capture, reader).items():
                assert decision.root is not Access.ALLOWED, (name, reader, agent, body)
        assert not OwnAccess(capture, US).may_fetch("https://site.example/x"), (name, body)
        assert stops_the_visit(capture), (name, body)
        assert outcome([capture])[0] in {Outcome.OK_PARTIAL, Outcome.MALFORMED}, (name, body)
    return count


@pytest.mark.parametrize("seed", range(6))
def test_no_incomplete_file_lets_anybody_in_or_lets_us_go_on(seed):
    rng = random.Random(seed)
    assert check(generated(rng), rng) > 200


OWN = b"User-agent: GPTBot\nDisallow: /\n"
STAR = b"User-agent: *\nDisallow: /\n"


@pytest.mark.parametrize(
    ("body", "root"),
    [
        (OWN, Access.DISALLOWED),  # the rules that came count
        (OWN.strip(), Access.UNMEASURED),  # `Disallow: /` may be the half of `Disallow: /old/`
        (STAR, Access.UNMEASURED),  # a group of its own may be missing (section 2.2.1)
        (OWN + b"Allow: /\n", Access.UNMEASURED),  # a longer Disallow may be (section 2.2.2)
        (b"User-agent: GPTBot\nAllow: /\n", Access.UNMEASURED),
        (b"User-agent: GPTBot\nUser-agent: x", Access.UNMEASURED),
    ],
)
@pytest.mark.parametrize("reader", robots_access.READERS)
def test_what_is_certain_of_a_beginning(body, root, reader):
    assert decisions(came_so(body, lost=True), reader)["GPTBot"].root is root


def test_google_stops_at_500_kib_by_itself():
    late = b"# " + b"x" * LIMIT + b"\n" + OWN
    roots = {
        reader: decisions(came_so(late), reader)["GPTBot"].root for reader in robots_access.READERS
    }
    assert roots == {
        "rfc9309": Access.UNMEASURED,
        "google": Access.ALLOWED,
        "protego": Access.UNMEASURED,
    }
    assert robots_state(came_so(late)) is RobotsState.TOO_LARGE
    answers = [robots_access.answer(late, "GPTBot", "/", each) for each in robots_access.READERS]
    assert [answer.allowed for answer in answers] == [None, True, None]
    assert robots_access.answer(OWN + late, "GPTBot", "/x").allowed is False


def test_a_gzip_file_that_nothing_declares_is_read_with_its_fault():
    packed = gzip.compress(OWN) + gzip.compress(STAR)
    (read,) = [r for r in judge_visit((came_so(packed),)).readings if r.signal == "robots_access"]
    assert "robots-gzip-undeclared" in {defect.code for defect in read.finding.defects}
    found = decisions(came_so(packed), "rfc9309")
    assert found["GPTBot"] == Decision(
        Access.DISALLOWED, Extent.ALL, Basis.OWN, "rfc9309-2.2.2-longest-match", 2, "Disallow: /"
    )
    assert found["CCBot"].basis is Basis.STAR
    assert robots_access.answer(packed, "GPTBot", "/").allowed is False
    assert robots_access.answer(packed[:-3], "CCBot", "/").allowed is None
    assert robots_access.answer(packed[:-3] + b"xyz", "CCBot", "/").allowed is None
    assert not is_partial(came_so(packed))
    bomb = bad.gzip_bomb(8)
    assert len(as_read(came_so(bomb)).body) == CAP


@pytest.mark.parametrize(
    ("value", "fault"),
    [(b"none", True), (b"UTF-8", True), (b"gzip", False), (b"identity", False), (b"br", False)],
)
def test_a_content_encoding_that_is_none_is_a_fault(value, fault):
    body = gzip.compress(OWN) if value == b"gzip" else OWN
    capture = came_so(body, value.lower())
    codes = {defect.code for defect in robots_access.find(capture).defects}
    assert ("robots-content-encoding" in codes) is fault


@pytest.mark.parametrize(
    ("reason", "raw"),
    [
        (Reason.DATA_LOSS, resets(sized(STAR + OWN)[:-5])),
        (Reason.DATA_LOSS, says(sized(OWN)[:-1])),
        (Reason.DATA_LOSS, says(answer(OWN, status=b"206 Partial Content"))),
        (Reason.ROBOTS_UNREAD, says(sized(OWN, b"Content-Encoding: br"))),
        (Reason.ROBOTS_UNREAD, says(sized(gzip.compress(OWN), b"Content-Encoding: gzip, gzip"))),
        (Reason.ROBOTS_UNREAD, says(sized(gzip.compress(OWN)[:-5] + bytes(5)))),
        (Reason.TRUNCATED, says(sized(OWN + b"#" * LIMIT))),
    ],
)
def test_real_connections_that_bring_a_part_end_the_visit(reason, raw):
    async def go() -> Capture:
        async with bad.serving({"site": raw}) as web:
            fetcher = Fetcher(Resolver(web.hosts), Limits(total=3.0), user_agent="test")
            try:
                return await fetcher.fetch(
                    "http://site.test/robots.txt", "/robots.txt", max_bytes=CAP
                )
            finally:
                await fetcher.close()

    capture = asyncio.run(go())
    assert outcome([capture])[1] is reason
    assert stops_the_visit(capture)
    assert not OwnAccess(capture, US).may_fetch("http://site.test/")


if __name__ == "__main__":
    SEED = random.Random(13)
    FILES = int(sys.argv[1])
    print(FILES, "files,", sum(check(generated(SEED), SEED) for _ in range(FILES)), "captures")
