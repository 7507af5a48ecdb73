"""A web of many hosts on loopback, fast enough never to be what is measured.

Every host is a registrable domain of its own. What it serves follows from its number: a
robots.txt of a realistic size, a gzip home page of 60 to 100 KB that no other host has, and
mostly 404s for the well-known files, some of them HTML pages of 20 KB. Pages are put together
from compressed blocks when they are asked for, so twenty thousand hosts need no memory.
"""

import asyncio
import contextlib
import datetime as dt
import functools
import multiprocessing
import random
import re
import socket
import ssl
import struct
import tempfile
import time
import zlib
from collections.abc import Iterator
from multiprocessing.connection import Connection
from pathlib import Path
from typing import NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from crawler.registry import terms_links
from crawler.signals import resources, sibling_path
from tests.benchmarks.bodies import made

SEED = 0
TLD = "farm"  # no suffix that the public suffix list knows, so its children are domains
AUTHORITY = "authority.pem"
BLOCKS = 64
LLMS, TDMREP, TERMS, HTML_404 = 10, 40, 4, 3
"""One host in so many has a llms.txt, a tdmrep.json, a link to its terms, HTML for its 404s."""


def host_of(number: int) -> str:
    return f"site{number}.{TLD}"


def number_of(host: str) -> int:
    """The number in `site17.farm` or `www.site17.farm`, with or without a port."""
    return int(host.partition(f".{TLD}")[0].removeprefix("www.").removeprefix("site"))


def plan(number: int) -> list[tuple[str, str]]:
    """Every (host, path) that a survey asks of one site: what the rivals have to ask, too."""
    host = host_of(number)
    paths = list(resources())
    there = [path for path in paths if path not in {"/robots.txt", "/"} and _is_there(number, path)]
    paths += filter(None, (sibling_path(path, f"{SEED}:{host}") for path in there))
    paths += ["/terms"] if number % TERMS == 0 else list(terms_links.load().paths["en"])
    return [(host, path) for path in paths] + [(f"www.{host}", "/robots.txt")]


def _is_there(number: int, path: str) -> bool:
    wanted = {"/llms.txt": LLMS, "/.well-known/tdmrep.json": TDMREP}
    return path in wanted and number % wanted[path] == 1


class Served(NamedTuple):
    """What the farm counted since it was asked last. `cpu` is in seconds."""

    requests: int
    connections: int
    bytes: int
    cpu: float


class _Pages:
    """Answers by host number and path."""

    def __init__(self) -> None:
        self._random = random.Random(1)
        self._blocks = [_packed(self._block(n)) for n in range(BLOCKS)]
        self._robots = [_open(made(self._random)) for _ in range(BLOCKS)]
        self._short = _answer(b"text/plain", b"Not found\n", b"404 Not Found")
        long = b"<!doctype html><title>Not found</title>" + self._block(BLOCKS) * 3
        self._long = _answer(b"text/html", long[:20_000], b"404 Not Found")
        self._terms = _answer(b"text/html", b"<title>Terms of use</title>" + self._block(0))

    def answer(self, number: int, path: str) -> bytes:
        if path == "/robots.txt":
            body = self._robots[number % BLOCKS]
            # Three of four bodies are like no other: 72 % were, of one host a domain in 2024.
            return _answer(b"text/plain", body + b"\n# %d\n" % number if number % 4 else body)
        if path == "/":
            return self._home(number)
        if path == "/terms" and number % TERMS == 0:
            return self._terms
        if not _is_there(number, path):
            return self._short if number % HTML_404 else self._long
        if path == "/llms.txt":
            return _answer(b"text/plain", b"# Site %d\n\n> What is here.\n" % number)
        return _answer(b"application/json", b'[{"location": "/", "tdm-reservation": 1}]')

    def _home(self, number: int) -> bytes:
        """One gzip member: a head of the page's own, then blocks compressed long ago."""
        terms = b'<a href="/terms">Terms of use</a>' if number % TERMS == 0 else b""
        head = _HEAD % (number, number, number, terms)
        deflate = zlib.compressobj(6, zlib.DEFLATED, -15)
        parts = [deflate.compress(head) + deflate.flush(zlib.Z_FULL_FLUSH)]
        crc, size = zlib.crc32(head), len(head)
        for step in range(7 + number % 6):
            plain, packed = self._blocks[(number * 7 + step * (1 + number % 11)) % BLOCKS]
            crc, size = zlib.crc32(plain, crc), size + len(plain)
            parts.append(packed)
        body = b"".join([b"\x1f\x8b\x08\0\0\0\0\0\0\xff", *parts, b"\x03\0",
                         struct.pack("<II", crc, size)])  # fmt: skip
        return _answer(b"text/html; charset=utf-8", body, coding=b"Content-Encoding: gzip\r\n")

    def _block(self, number: int) -> bytes:
        """About 8 KB of markup as pages have it."""
        parts, size = [], 0
        while size < 8000:
            words = " ".join(self._random.choices(_WORDS, k=self._random.randint(8, 60)))
            item = self._random.randrange(10**6)
            parts.append(
                f'<div class="card c{item % 17}" id="i{number}-{item}"><h3><a href="/a/{item}">'
                f'{words[:40]}</a></h3><img src="/img/{item}.jpg" alt="{words[:12]}" width="320">'
                f"<p>{words}.</p></div>\n"
            )
            size += len(parts[-1])
        return "".join(parts).encode()


_HEAD = b"""<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Site %d</title>
<meta name="viewport" content="width=device-width"><meta name="description" content="Site %d">
<meta property="og:type" content="website"><link rel="stylesheet" href="/s.css">
<script type="application/ld+json">{"@context": "https://schema.org", "@type": "WebSite",
"name": "Site %d"}</script></head><body><nav><a href="/about">About</a>%s</nav>
"""
_WORDS = "".join(
    chr(97 + (i * 7 + i // 26 * 3) % 26) + ("" if i % 5 else " ") for i in range(6000)
).split()


def _open(robots: bytes) -> bytes:
    """The same file, with nothing in it that keeps a survey from what it asks."""
    return re.sub(rb"(?m): /$", b": /private/", robots)


def _packed(plain: bytes) -> tuple[bytes, bytes]:
    deflate = zlib.compressobj(6, zlib.DEFLATED, -15)
    return plain, deflate.compress(plain) + deflate.flush(zlib.Z_FULL_FLUSH)


def _answer(kind: bytes, body: bytes, status: bytes = b"200 OK", coding: bytes = b"") -> bytes:
    return (
        b"HTTP/1.1 %s\r\nServer: farm\r\nContent-Type: %s\r\n%sContent-Length: %d\r\n\r\n"
        % (status, kind, coding, len(body))
    ) + body


class _Server(asyncio.Protocol):
    """Answers requests without bodies, one after another on a kept connection."""

    def __init__(self, pages: _Pages, count: list[int]) -> None:
        self._pages, self._count = pages, count
        self._buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._count[1] += 1

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while (end := self._buffer.find(b"\r\n\r\n")) >= 0:
            head, self._buffer = self._buffer[:end].decode("latin-1"), self._buffer[end + 4 :]
            path = head.split(" ", 2)[1]
            lower = head.lower()
            place = lower.find("\r\nhost:") + 7
            host = lower[place : lower.find("\r", place) if "\r" in lower[place:] else None]
            answer = self._pages.answer(number_of(host.strip()), path)
            self._count[0] += 1
            self._count[2] += len(answer)
            self._transport.write(answer)
            if "connection: close" in lower:
                self._transport.close()


def _serve(listener: socket.socket, pipe: Connection, folder: Path | None) -> None:
    """Run in the farm's process: any word down the pipe is answered with the counts."""
    asyncio.run(_serving(listener, pipe, folder))


async def _serving(listener: socket.socket, pipe: Connection, folder: Path | None) -> None:
    loop, count, over = asyncio.get_running_loop(), [0, 0, 0], asyncio.Event()
    pages = _Pages()
    cpu = time.process_time()

    def told() -> None:
        nonlocal cpu
        try:
            pipe.recv()
        except EOFError:
            over.set()
            return
        now = time.process_time()
        pipe.send(Served(*count, now - cpu))
        count[:], cpu = [0, 0, 0], now

    loop.add_reader(pipe.fileno(), told)
    server = await loop.create_server(
        lambda: _Server(pages, count),
        sock=listener,
        backlog=4096,
        ssl=_certifying(folder) if folder else None,
    )
    pipe.send("ready")
    await over.wait()
    server.close()


def _certifying(folder: Path) -> ssl.SSLContext:
    """Each host shows a certificate of its own, signed by an authority that is left in `folder`."""
    authority, key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    (folder / AUTHORITY).write_bytes(_signed(authority.public_key(), "authority", authority))
    (folder / "key.pem").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )

    @functools.cache
    def showing(host: str) -> ssl.SSLContext:
        (folder / "host.pem").write_bytes(_signed(key.public_key(), host, authority))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(folder / "host.pem", folder / "key.pem")
        return context

    def shown(connection: ssl.SSLObject, host: str | None, _: ssl.SSLContext) -> None:
        connection.context = showing(host or "nobody")

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.sni_callback = shown
    return context


def _signed(
    key: ec.EllipticCurvePublicKey, name: str, authority: ec.EllipticCurvePrivateKey
) -> bytes:
    now = dt.datetime.now(dt.UTC)
    named, issuer = (
        x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, each)]) for each in (name, "authority")
    )
    return (
        x509.CertificateBuilder()
        .subject_name(named)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(name == "authority", None), critical=True)
        .sign(authority, hashes.SHA256())
        .public_bytes(serialization.Encoding.PEM)
    )


class Farm:
    """A running farm; `served()` tells what happened since it was asked last.

    `authority` is the file with the certificate of those who vouch for its hosts, over TLS.
    """

    def __init__(self, port: int, pipe: Connection, authority: Path | None) -> None:
        self.port = port
        self.authority = authority
        self._pipe = pipe

    def served(self) -> Served:
        self._pipe.send("count")
        told: Served = self._pipe.recv()
        return told

    def hosts(self, sites: int) -> str:
        """A hosts file that leads here."""
        return "".join(
            f"127.0.0.1:{self.port} {host_of(n)} www.{host_of(n)}\n" for n in range(sites)
        )


@contextlib.contextmanager
def farm(*, tls: bool = False) -> Iterator[Farm]:
    """Serve, in a process of its own, until the block ends."""
    context = multiprocessing.get_context("spawn")
    with (
        tempfile.TemporaryDirectory() as made,
        socket.create_server(("127.0.0.1", 0), backlog=4096) as listener,
    ):
        folder = Path(made) if tls else None
        ours, theirs = context.Pipe()
        process = context.Process(target=_serve, args=(listener, theirs, folder), daemon=True)
        process.start()
        theirs.close()
        ours.recv()
        try:
            port = listener.getsockname()[1]
            yield Farm(port, ours, folder and folder / AUTHORITY)
        finally:
            ours.close()
            process.join(10)
            if process.is_alive():
                process.terminate()
