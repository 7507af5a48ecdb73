"""A badly behaved web on loopback: each behaviour is a coroutine with a port of its own."""

import asyncio
import contextlib
import contextvars
import datetime as dt
import gzip
import socket
import ssl
import struct
import threading
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from crawler.fetch.address_guard import HostsFile

Peer = tuple[asyncio.StreamReader, asyncio.StreamWriter]
MOST_KEPT = 1 << 20
Behaviour = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


def kept(write: Callable[[bytes], None], sent: bytearray) -> Callable[[bytes], None]:
    """Write, and keep what is written."""

    def both(data: bytes) -> None:
        sent.extend(data[: max(0, MOST_KEPT - len(sent))])
        write(data)

    return both


@dataclass(slots=True)
class Contact:
    """One connection as the server saw it; times are monotonic, `path` None: nothing asked."""

    name: str
    opened: float
    closed: float = float("inf")
    path: str | None = None
    asked: float | None = None
    sent: bytearray = field(default_factory=bytearray)
    """The first octets that were sent, a megabyte at most."""

    @property
    def answered(self) -> float:
        """A moment before which we cannot have closed it, however late a busy server is."""
        return self.opened if self.asked is None else self.asked


CONTACT: contextvars.ContextVar[Contact] = contextvars.ContextVar("contact")


async def asked(reader: asyncio.StreamReader) -> bytes:
    """The request's head, whole."""
    head = await reader.readuntil(b"\r\n\r\n")
    if contact := CONTACT.get(None):
        contact.path = head.split(b" ", 2)[1].decode("latin-1")
        contact.asked = monotonic()
    return head


def paths(routes: Mapping[str, Behaviour], otherwise: Behaviour | None = None) -> Behaviour:
    """A site: each path behaves in its own way, every other as `otherwise`, or is missing."""
    otherwise = otherwise or says(answer(b"none", status=b"404 Not Found"))

    async def behaviour(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await asked(reader)
        again = asyncio.StreamReader()
        again.feed_data(head)
        path = head.split(b" ", 2)[1].decode("latin-1")
        await routes.get(path, otherwise)(again, writer)

    return behaviour


def by_turns(*behaviours: Behaviour) -> Behaviour:
    """Behave differently each time one is asked; the last behaviour stays."""
    turns = list(behaviours)

    async def behaviour(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await (turns.pop(0) if len(turns) > 1 else turns[0])(reader, writer)

    return behaviour


def says(*parts: bytes | float, ask: bool = True) -> Behaviour:
    """Send the parts in turn (a number is a pause in seconds), then close."""

    async def behaviour(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if ask:
            await asked(reader)
        for part in parts:
            if isinstance(part, bytes):
                writer.write(part)
                await writer.drain()
            else:
                await asyncio.sleep(part)

    return behaviour


def drips(start: bytes, drop: bytes, every: float) -> Behaviour:
    """Send `start` and then `drop` for ever."""

    async def behaviour(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await asked(reader)
        writer.write(start)
        while True:
            writer.write(drop)
            await writer.drain()
            await asyncio.sleep(every)

    return behaviour


def resets(start: bytes = b"", *, ask: bool = True) -> Behaviour:
    """Send `start`, then a TCP reset."""

    async def behaviour(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if ask:
            await asked(reader)
        writer.write(start)
        await writer.drain()
        await asyncio.sleep(0.05 if start else 0)
        sock = writer.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        writer.transport.abort()

    return behaviour


def answer(body: bytes = b"ok", *headers: bytes, status: bytes = b"200 OK") -> bytes:
    """A whole answer that is closed at its end."""
    return b"".join((b"HTTP/1.1 ", status, b"\r\n", *(h + b"\r\n" for h in headers), b"\r\n", body))


def sized(body: bytes, *headers: bytes) -> bytes:
    """A whole answer with its length."""
    return answer(body, b"Content-Length: %d" % len(body), *headers)


def chunked(*chunks: bytes, end: bytes = b"0\r\n\r\n") -> bytes:
    """A whole answer in chunks."""
    body = b"".join(b"%x\r\n%s\r\n" % (len(chunk), chunk) for chunk in chunks) + end
    return answer(body, b"Transfer-Encoding: chunked")


def coded(body: bytes, coding: bytes) -> bytes:
    return sized(body, b"Content-Encoding: " + coding)


def redirect(location: bytes, status: bytes = b"302 Found", body: bytes = b"") -> bytes:
    return answer(body, b"Location: " + location, status=status)


def gzip_bomb(megabytes: int) -> bytes:
    pack = zlib.compressobj(9, zlib.DEFLATED, 31)
    return b"".join(pack.compress(bytes(1 << 20)) for _ in range(megabytes)) + pack.flush()


def twice_gzipped(body: bytes) -> bytes:
    return gzip.compress(gzip.compress(body))


class Web:
    """Running behaviours; `hosts` resolves `<name>.test` to each one's port."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.connections: dict[str, int] = {}
        self.contacts: list[Contact] = []

    @property
    def hosts(self) -> HostsFile:
        return HostsFile.parse("\n".join(self.lines))


@asynccontextmanager
async def serving(
    behaviours: Mapping[str, Behaviour], tls: Mapping[str, ssl.SSLContext] | None = None
) -> AsyncIterator[Web]:
    """Serve every behaviour under its name, over TLS where `tls` has a context for it."""
    web, tasks = Web(), set()

    def handler(name: str, behaviour: Behaviour) -> Behaviour:
        async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            web.connections[name] = web.connections.get(name, 0) + 1
            contact = Contact(name, monotonic())
            web.contacts.append(contact)
            CONTACT.set(contact)
            writer.write = kept(writer.write, contact.sent)
            task = asyncio.current_task()
            tasks.add(task)
            with contextlib.suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
                await behaviour(reader, writer)
                writer.write_eof() if writer.can_write_eof() else writer.close()
                await reader.read()
            contact.closed = monotonic()
            writer.transport.abort()
            tasks.discard(task)

        return handle

    async with contextlib.AsyncExitStack() as stack:
        for name, behaviour in behaviours.items():
            server = await asyncio.start_server(
                handler(name, behaviour), "127.0.0.1", 0, ssl=(tls or {}).get(name)
            )
            stack.push_async_callback(server.wait_closed)
            stack.callback(server.close)
            port = server.sockets[0].getsockname()[1]
            web.lines.append(f"127.0.0.1:{port} {name}.test")
        yield web
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


@contextmanager
def served(
    behaviours: Mapping[str, Behaviour], tls: Mapping[str, ssl.SSLContext] | None = None
) -> Iterator[Web]:
    """As `serving`, in a thread: for surveys that run in a process of their own."""
    loop = asyncio.new_event_loop()
    ready, stop, found = threading.Event(), asyncio.Event(), []

    async def run() -> None:
        async with serving(behaviours, tls) as web:
            found.append(web)
            ready.set()
            await stop.wait()

    thread = threading.Thread(target=lambda: loop.run_until_complete(run()), daemon=True)
    thread.start()
    assert ready.wait(10)
    try:
        yield found[0]
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(10)
        loop.close()


def certificate(folder: Path, name: str, *, days: int = 1) -> Path:
    """A self-signed certificate with its key in one PEM file; negative days: expired."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = dt.datetime.now(dt.UTC)
    built = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=30))
        .not_valid_after(now + dt.timedelta(days=days))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = folder / f"{name}.pem"
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + built.public_bytes(serialization.Encoding.PEM)
    )
    return path


def server_context(pem: Path, *, ask_certificate: bool = False) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    if ask_certificate:
        context.verify_mode = ssl.CERT_REQUIRED
    return context
