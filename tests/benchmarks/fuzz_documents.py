"""Fuzzing of the document readers: `python -m tests.benchmarks.fuzz_documents --count 100000`.

For each reader: good documents mutated, pieces of syntax thrown together, and attacks of random
size (entity expansion, external entities, nesting, floods of attributes and elements, wrong
encodings). Any exception ends the run with the seed of its input. Printed are the outcomes,
the slowest reading, and how much the peak memory of the process grew.
"""

import gc
import random
import re
import resource
import time
from collections import Counter
from collections.abc import Callable

import click

from crawler.dictionary.signal_reference import FIXTURES, cases
from crawler.model import Capture
from crawler.parsers.xmltree import parse_xml
from crawler.signals import rsl_document, tdm_policy
from crawler.signals.reading import rsl

URL = "https://site.example/document"
PIECES = [
    piece.replace(b"~", b" ")
    for piece in rb"""
    <rsl~xmlns="https://rslstandard.org/rsl"> </rsl> <content~url="/"> </content> <license>
    </license> <permits~type="usage"> </permits> <prohibits~type="user"> </prohibits> all search
    ai-train , <payment~type="use"/> <!DOCTYPE~rsl [ <!ENTITY~x~"y"> ]> <!ENTITY~%~p~SYSTEM~"x">
    &x; &amp; &#0; &#x110000; <![CDATA[ ]]> <!-- --> <?xml~version="1.0"~encoding="utf-16"?>
    {"@context": "permission":~[{"action":~"tdm:mine" } ] , \ud800 1e999 true null : " ' < > &
    """.split()
]
WORD = re.compile(rb"[A-Za-z][A-Za-z0-9-]+")
LABELS = ("utf-8", "utf-16", "utf-16-be", "utf-32", "utf-7", "cp037", "latin-1")
Reader = Callable[[bytes], str]


def good(name: str) -> list[bytes]:
    """The bodies of a signal's fixtures."""
    bodies = [case.read_bytes().partition(b"\n\n")[2] for case in cases(FIXTURES / name)]
    return [body for body in bodies if body]


def mutated(chance: random.Random, body: bytes) -> bytes:
    """Words swapped, octets changed, runs cut out or doubled."""
    words = WORD.findall(body)
    octets = bytearray(body)
    for _ in range(chance.randint(1, 3)):
        at, to = sorted(chance.randrange(len(octets) + 1) for _ in "12")
        match chance.randrange(8):
            case 0:
                octets[at : at + 1] = bytes([chance.randrange(256)])
            case 1:
                del octets[at : min(to, at + 40)]
            case 2:
                octets[at:at] = octets[at:to] * chance.randint(1, 3)
            case 3:
                octets[at:at] = chance.choice(PIECES)
            case _ if words:
                octets = octets.replace(chance.choice(words), chance.choice(words), 1)
            case _:
                octets.reverse()
    return bytes(octets[:200_000])


def attack(chance: random.Random) -> bytes:
    """One of the known ways to make a parser expand, recurse, fetch or crawl."""
    n = int(10 ** chance.uniform(0, 4.3))
    laughs = b"".join(b'<!ENTITY l%d "%s">' % (i, b"&l%d;" % (i - 1) * 10) for i in range(1, 9))
    plain = b'<rsl xmlns="https://rslstandard.org/rsl"><content url="/">%s</content></rsl>'
    return chance.choice(
        [
            lambda: b'<!DOCTYPE r [<!ENTITY l0 "ha">' + laughs + b"]><r>" + b"&l8;" * n + b"</r>",
            lambda: b'<!DOCTYPE r [<!ENTITY l "' + b"x" * n + b'">]><r>' + b"&l;" * n + b"</r>",
            lambda: b'<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/hosts">]><rsl>&x;</rsl>',
            lambda: b'<!DOCTYPE r SYSTEM "http://127.0.0.1:9/x.dtd"><rsl/>',
            lambda: plain % (b"<license>" * n),
            lambda: plain % (b"<license><payment>" * n + b"</payment></license>" * n),
            lambda: plain % (b'<license><permits type="usage">all</permits></license>' * n),
            lambda: b"<rsl " + b" ".join(b'a%d=""' % i for i in range(n)) + b"/>",
            lambda: b"<rsl " + b" ".join(b'xmlns:p%d="u"' % i for i in range(n)) + b"/>",
            lambda: plain % (b"x" * n * 40 + b"&" * n),
            lambda: plain.decode().encode(chance.choice(LABELS)),
            lambda: b"<rsl>" + chance.randbytes(n) + b"</rsl>",
            lambda: b'{"permission": ' + b"[" * n + b"]" * n + b"}",
            lambda: b'{"permission": [' + b'{"action": "tdm:mine"},' * n + b"{}]}",
            lambda: b'{"permission": "' + b"\\ud800" * n + b'"}',
            lambda: b'{"@type": ' + b"9" * n + b"}",
        ]
    )()


def made(chance: random.Random, bodies: list[bytes]) -> bytes:
    """The next input: most of them mutants, because those get deepest."""
    kind = chance.random()
    if kind < 0.75:
        return mutated(chance, chance.choice(bodies))
    if kind < 0.9:
        return b" ".join(chance.choice(PIECES) for _ in range(chance.randint(1, 60)))
    return attack(chance)


def capture(name: str, body: bytes) -> Capture:
    headers = ((b"Content-Type", b"application/json"),)
    return Capture(name, URL, URL, status=200, headers=headers, body=body)


def read_licence(body: bytes) -> str:
    """The document, what is selected of it, and the same bytes inside a page."""
    found = rsl_document.find(capture("rsl:", body))
    assert rsl_document.SIGNAL.select is not None
    rsl_document.SIGNAL.select(found.statements, "/essays/1")
    rsl.read(body, URL, inline=True)
    return found.outcome


READERS: dict[str, tuple[str, Reader]] = {
    "xmltree": ("rsl_document", lambda body: parse_xml(body).problem or "read"),
    "rsl": ("rsl_document", read_licence),
    "tdm_policy": (
        "tdm_policy",
        lambda body: tdm_policy.find(capture("tdm-policy:", body)).outcome,
    ),
}


def peak() -> float:
    """Mebibytes of resident memory that the process has had at most."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


@click.command()
@click.option("--count", default=100_000, show_default=True, help="Inputs for each reader.")
@click.option("--seed", default=1, show_default=True)
def main(count: int, seed: int) -> None:
    """Run all readers."""
    for name, (fixtures, read) in READERS.items():
        bodies, results, slowest, before = good(fixtures), Counter[str](), (0.0, 0), 0.0
        for number in range(count):
            body = made(random.Random(f"{seed} {name} {number}"), bodies)
            begun = time.process_time()
            try:
                results[read(body)] += 1
            except Exception as error:
                raise SystemExit(f"{name}, input {number}: {error!r}\n{body[:300]!r}") from error
            slowest = max(slowest, (time.process_time() - begun, len(body)))
            if number == count // 10:
                gc.collect()
                before = peak()
        seconds, size = slowest
        shown = ", ".join(f"{n} {result}" for result, n in results.most_common())
        click.echo(f"{name}: {count} inputs, no exception; {shown}")
        click.echo(f"  slowest {seconds * 1000:.0f} ms for {size / 1024:.0f} KiB")
        click.echo(f"  peak {before:.0f} MiB after a tenth, {peak():.0f} MiB at the end")


if __name__ == "__main__":
    main()
