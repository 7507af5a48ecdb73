"""Demo sites to a real HTTP and HTTPS server: one loopback port, many names.

The bytes go out as a site's file has them: order, case and duplicates of header lines are
part of what is surveyed, so no HTTP library stands between. A TLS client opens with byte
0x16, which tells the two schemes apart on one port, as a hosts file knows one port a name.
"""

import asyncio
import contextlib
import json
import socket
import ssl
import struct
import threading
from collections.abc import Sequence
from dataclasses import asdict
from itertools import count
from pathlib import Path
from typing import Self, TextIO

from crawler.demo.certificate import server_context
from crawler.demo.connection import Conversation, Request
from crawler.demo.pages import answer_page, index_page
from crawler.demo.web import Answer, Behaviour, DemoSite, hosts_file, load_sites

ADDRESS = "127.0.0.1"
TLS_HANDSHAKE = b"\x16"
MAX_HELLO = 16 * 1024
HANDSHAKE_FAILURE = bytes.fromhex("15 0301 0002 02 28")  # RFC 8446 section 6.2: a fatal alert
TLS_GOODBYE_SECONDS = 1.0  # for a client that never says close_notify
MAX_REQUEST = 64 * 1024
MISDIRECTED = Answer(path="*", status=421)


class DemoServer:
    """Serves sites in a thread of its own while the `with` block runs.

    `port` serves both schemes; `closed_port` is held but refuses connections. `log` holds
    every request in order of arrival and, with `log_file`, is also appended as NDJSON.
    """

    def __init__(
        self, sites: Sequence[DemoSite], *, port: int = 0, log_file: Path | None = None
    ) -> None:
        self.sites = tuple(sites)
        self.log: list[Request] = []
        self._by_name = {name: site for site in self.sites for name in site.names}
        self._without_tls = tuple(
            _server_name(name)
            for name, site in self._by_name.items()
            if site.behaviour is Behaviour.TLS_FAILURE or "https" not in site.schemes
        )
        self._log_file = log_file
        self._log_stream: TextIO | None = None
        self._listener = _bound(port)
        self._listener.listen(1024)
        self._closed = _bound(0)  # bound, never listening: the kernel refuses
        self.port: int = self._listener.getsockname()[1]
        self.closed_port: int = self._closed.getsockname()[1]
        self._connections = count(1)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="demo web", daemon=True)

    def __enter__(self) -> Self:
        self._tls = server_context(tuple(self._by_name))
        if self._log_file:
            self._log_stream = self._log_file.open("a", encoding="utf-8")
        self._accepting = self._loop.create_task(self._accept())
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._accepting.cancel)
        self._thread.join()
        self._loop.close()
        self._listener.close()
        self._closed.close()
        if self._log_stream:
            self._log_stream.close()

    def port_for(self, site: DemoSite) -> int:
        """Give the port that a hosts file names for `site`."""
        return self.closed_port if site.behaviour is Behaviour.REFUSE else self.port

    def hosts(self) -> str:
        """Write the hosts file that leads a survey here."""
        return hosts_file(self.sites, self.port_for)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        with contextlib.suppress(asyncio.CancelledError):
            self._loop.run_until_complete(self._accepting)

    async def _accept(self) -> None:
        """Take connections until cancelled, then drop those that are open."""
        open_connections: set[asyncio.Task[None]] = set()
        try:
            while True:
                connection, _ = await self._loop.sock_accept(self._listener)
                task = self._loop.create_task(self._connection(connection))
                open_connections.add(task)
                task.add_done_callback(open_connections.discard)
        finally:
            for task in open_connections:
                task.cancel()
            await asyncio.gather(*open_connections, return_exceptions=True)
            await asyncio.sleep(0)  # lets the aborted transports close their sockets

    async def _connection(self, connection: socket.socket) -> None:
        number = next(self._connections)
        try:
            opening = await self._opening(connection)
            if any(name in opening for name in self._without_tls):
                connection.send(HANDSHAKE_FAILURE)
                connection.close()
                return
            context = self._tls if opening.startswith(TLS_HANDSHAKE) else None
            reader, writer = await self._streams(connection, context)
        except (OSError, asyncio.CancelledError):
            connection.close()
            return
        scheme = "https" if context else "http"
        try:
            await Conversation(self._answer, reader, writer, scheme, number).run()
            writer.close()
            await writer.wait_closed()
        except (OSError, EOFError, asyncio.LimitOverrunError):
            pass  # the other side left, or spoke something else: as on any day on the web
        finally:
            writer.transport.abort()

    async def _opening(self, connection: socket.socket) -> bytes:
        """Wait for the first bytes and leave them in the socket for whoever reads them."""
        ready = asyncio.Event()
        self._loop.add_reader(connection, ready.set)
        try:
            await ready.wait()
        finally:
            self._loop.remove_reader(connection)
        return connection.recv(MAX_HELLO, socket.MSG_PEEK)

    async def _streams(
        self, connection: socket.socket, context: ssl.SSLContext | None
    ) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        reader = asyncio.StreamReader(limit=MAX_REQUEST)
        protocol = asyncio.StreamReaderProtocol(reader)
        transport, _ = await self._loop.connect_accepted_socket(
            lambda: protocol,
            connection,
            ssl=context,
            ssl_shutdown_timeout=TLS_GOODBYE_SECONDS if context else None,
        )
        return reader, asyncio.StreamWriter(transport, protocol, reader, self._loop)

    def _answer(self, request: Request) -> tuple[Behaviour, Answer]:
        """Log a request and choose what it gets; an address gets the pages for people."""
        self.log.append(request)
        if self._log_stream:
            self._log_stream.write(json.dumps(asdict(request)) + "\n")
            self._log_stream.flush()
        if request.host in {ADDRESS, "localhost"}:
            return Behaviour.SERVE, _people(self.sites, request.path)
        site = self._by_name.get(request.host)
        if site is None:
            return Behaviour.SERVE, MISDIRECTED
        if request.scheme not in site.schemes:
            return Behaviour.EMPTY_REPLY, MISDIRECTED
        return site.behaviour, site.answer(request.host, request.path, request.scheme)


def _people(sites: Sequence[DemoSite], path: str) -> Answer:
    page = index_page(sites) if path == "/" else None
    if path.startswith("/_site/"):
        page = answer_page(sites, path)
    headers = (("Content-Type", "text/html; charset=utf-8"), ("Cache-Control", "no-store"))
    if page is None:
        return Answer(path, 404, headers, b"<!doctype html><title>No such page</title>\n")
    return Answer(path, 200, headers, page.encode())


def _server_name(name: str) -> bytes:
    """Write a name as it stands, readable, in a TLS ClientHello (RFC 6066 section 3)."""
    return struct.pack(">BH", 0, len(name)) + name.encode()


def _bound(port: int) -> socket.socket:
    bound = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    bound.setblocking(False)
    bound.bind((ADDRESS, port))
    return bound


def serve_sites(
    sites: Sequence[DemoSite], *, port: int = 0, log_file: Path | None = None
) -> DemoServer:
    """Serve any sites, for use in a `with` block; port 0 lets the system choose."""
    return DemoServer(sites, port=port, log_file=log_file)


serve = serve_sites


def run(port: int = 8000, *, log_file: Path | None = None) -> None:
    """Serve the bundled sites until the process is interrupted."""
    with (
        serve_sites(load_sites(), port=port, log_file=log_file) as server,
        contextlib.suppress(KeyboardInterrupt),
    ):
        print(f"Demo web: http://{ADDRESS}:{server.port}/  (Ctrl-C ends it)", flush=True)
        threading.Event().wait()
