"""Checked addresses become a connection, over TLS where asked, or the reason why not.

TLS is verified first; where only the certificate is at fault the answer is asked for again
without verification and marked, since an expired certificate does not unsay an opt-out.
"""

import asyncio
import errno
import socket
import ssl
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, SupportsIndex

from crawler.fetch.address_guard import Address
from crawler.fetch.http1 import parse_head
from crawler.fetch.limits import Deadline, Failed
from crawler.model import Failure

_BUFFER = 64 * 1024


class Ear(asyncio.StreamReader):
    """A reader that calls `heard` when anything comes, or the end: for while nothing is asked."""

    heard: Callable[[], None] | None = None
    tls: ssl.SSLObject | None = None

    def was_told_the_end(self) -> bool:
        """At the end of the stream: whether the other side said so, or was merely gone.

        Over TLS only close_notify says it (RFC 9112 section 9.8), and asyncio treats both
        alike; a read beyond the end tells them apart, since OpenSSL still waits for more.
        """
        if self.tls is None:
            return True
        try:
            return not self.tls.read(1)
        except ssl.SSLZeroReturnError:
            return True
        except ssl.SSLError:
            return False

    def feed_data(self, data: Iterable[SupportsIndex]) -> None:
        """Take what has come."""
        super().feed_data(data)
        self._tell()

    def feed_eof(self) -> None:
        """Take the end."""
        super().feed_eof()
        self._tell()

    def set_exception(self, exc: Exception) -> None:
        """Take the fault that ended the connection."""
        super().set_exception(exc)
        self._tell()

    def _tell(self) -> None:
        if self.heard is not None:
            self.heard()


Streams = tuple[Ear, asyncio.StreamWriter]


async def streams(sock: socket.socket, **tls: Any) -> Streams:  # noqa: ANN401
    """As asyncio.open_connection, with an Ear."""
    loop = asyncio.get_running_loop()
    reader = Ear(limit=_BUFFER, loop=loop)
    protocol = asyncio.StreamReaderProtocol(reader, loop=loop)
    transport, _ = await loop.create_connection(lambda: protocol, sock=sock, **tls)
    reader.tls = transport.get_extra_info("ssl_object")
    return reader, asyncio.StreamWriter(transport, protocol, reader, loop)


# Addresses come with families alternating: three cover both, and a name with 500 dead
# ones costs no more than three time-outs.
MAX_ADDRESSES = 3
_REMEMBERED_HOSTS = 10_000
_MAX_PROXY_HEAD = 8192
_NOT_REACHED = frozenset({502, 503, 504})
"""By which a proxy says that it is the site that does not answer."""


async def dial(
    addresses: Sequence[Address],
    deadline: Deadline,
    seconds: float,
    proxy: Address | None = None,
) -> tuple[socket.socket, Address]:
    """Connect to the first address that takes us, `seconds` for each; raises Failed.

    A proxy is asked for the numeric address, which the guard has passed: it resolves nothing.
    """
    failures = []
    for address in addresses[:MAX_ADDRESSES]:
        try:
            if proxy is not None:
                return await _through(proxy, address, deadline, seconds), address
            return await _dial_one(address, deadline, seconds), address
        except Failed as failed:
            failures.append(failed)
            if failed.failure is Failure.TIMEOUT_TOTAL:
                break
    # "No route" is about us as often as about them: any other reason says more.
    failures.sort(key=lambda failed: failed.failure is Failure.CONNECT_FAILED)
    raise failures[0]


async def _dial_one(address: Address, deadline: Deadline, seconds: float) -> socket.socket:
    family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_STREAM)
    sock.setblocking(False)
    try:
        with deadline.within(seconds, Failure.CONNECT_TIMEOUT):
            await asyncio.get_running_loop().sock_connect(sock, address)
    except BaseException as error:
        sock.close()
        if isinstance(error, OSError):
            raise _connect_failure(error) from None
        raise
    return sock


async def _through(
    proxy: Address, address: Address, deadline: Deadline, seconds: float
) -> socket.socket:
    """A tunnel to an address (CONNECT, RFC 9110 section 9.3.6)."""
    try:
        sock = await _dial_one(proxy, deadline, seconds)
    except Failed as failed:
        raise Failed(Failure.INTERNAL_ERROR, f"the proxy: {failed.detail}") from None
    try:
        with deadline.within(seconds, Failure.CONNECT_TIMEOUT):
            await _ask_for_tunnel(sock, written(address))
    except BaseException as error:
        sock.close()
        if isinstance(error, OSError):
            raise Failed(Failure.INTERNAL_ERROR, f"the proxy: {error.strerror}") from None
        raise
    return sock


async def _ask_for_tunnel(sock: socket.socket, authority: str) -> None:
    loop = asyncio.get_running_loop()
    request = f"CONNECT {authority} HTTP/1.1\r\nHost: {authority}\r\n\r\n"
    await loop.sock_sendall(sock, request.encode("ascii"))
    head = b""
    # Byte by byte: what follows the head is the site's.
    while not head.endswith(b"\r\n\r\n") and len(head) < _MAX_PROXY_HEAD:
        if not (byte := await loop.sock_recv(sock, 1)):
            break
        head += byte
    answer = parse_head(head)
    if answer is None:
        raise Failed(Failure.INTERNAL_ERROR, "the proxy speaks no HTTP")
    if not 200 <= answer.status <= 299:
        theirs = answer.status in _NOT_REACHED
        failure = Failure.CONNECT_FAILED if theirs else Failure.INTERNAL_ERROR
        raise Failed(failure, f"the proxy says {answer.status}")


def written(address: Address) -> str:
    """An address and its port as URLs have them."""
    host, port = address
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _connect_failure(error: OSError) -> Failed:
    detail = error.strerror or str(error)
    if isinstance(error, ConnectionRefusedError):
        return Failed(Failure.CONNECT_REFUSED, detail)
    if isinstance(error, ConnectionResetError):
        return Failed(Failure.CONNECTION_RESET, detail)
    return Failed(Failure.CONNECT_FAILED, detail)


class Trust:
    """The two ways to speak TLS, and which hosts are known to need the second."""

    def __init__(self, ca_file: Path | None = None) -> None:
        self.verifying = ssl.create_default_context(cafile=ca_file)
        self.accepting = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        self.accepting.minimum_version = ssl.TLSVersion.TLSv1_2
        self.accepting.check_hostname = False
        self.accepting.verify_mode = ssl.CERT_NONE
        # Certificates with keys too weak to verify are among the faults accepted here.
        self.accepting.set_ciphers("DEFAULT:@SECLEVEL=0")
        for context in (self.verifying, self.accepting):
            context.set_alpn_protocols(["http/1.1"])
        self._reasons: dict[str, str] = {}

    def reason(self, host: str) -> str | None:
        """Why this host's certificate did not verify earlier; saves it a handshake."""
        return self._reasons.get(host)

    def distrust(self, host: str, error: ssl.SSLCertVerificationError) -> str:
        """Remember a host and return the reason in the verifier's words."""
        if len(self._reasons) >= _REMEMBERED_HOSTS:
            del self._reasons[next(iter(self._reasons))]
        return self._reasons.setdefault(host, error.verify_message.partition(",")[0])


async def handshake(
    sock: socket.socket, context: ssl.SSLContext, host: str, deadline: Deadline, seconds: float
) -> Streams:
    """Speak TLS on a connected socket; raises SSLCertVerificationError or Failed."""
    try:
        with deadline.within(seconds, Failure.TLS_TIMEOUT):
            return await streams(sock, ssl=context, server_hostname=host)
    except ssl.SSLCertVerificationError:
        raise
    except ssl.SSLError as error:
        raise Failed(Failure.TLS_FAILURE, tls_reason(error)) from None
    except OSError as error:
        if error.errno == errno.ECONNRESET:
            raise Failed(Failure.CONNECTION_RESET, "during the TLS handshake") from None
        raise Failed(Failure.TLS_FAILURE, "closed during the TLS handshake") from None


def tls_reason(error: ssl.SSLError) -> str:
    """The alert or library reason, such as `tlsv1 alert protocol version`."""
    return (error.reason or str(error)).replace("_", " ").lower()
