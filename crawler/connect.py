"""Checked addresses become a connection, over TLS where asked, or the reason why not.

TLS is verified first; where only the certificate is at fault the answer is asked for again
without verification and marked, since an expired certificate does not unsay an opt-out.
"""

import asyncio
import errno
import socket
import ssl
from collections.abc import Sequence
from pathlib import Path

from crawler.guard import Address
from crawler.limits import Deadline, Failed
from crawler.model import Failure

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]

# Addresses come with families alternating: three cover both, and a name with 500 dead
# ones costs no more than three time-outs.
MAX_ADDRESSES = 3
_REMEMBERED_HOSTS = 10_000


async def dial(
    addresses: Sequence[Address], deadline: Deadline, seconds: float
) -> tuple[socket.socket, Address]:
    """Connect to the first address that takes us, `seconds` for each; raises Failed."""
    failures = []
    for address in addresses[:MAX_ADDRESSES]:
        try:
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
        async with deadline.within(seconds, Failure.CONNECT_TIMEOUT):
            await asyncio.get_running_loop().sock_connect(sock, address)
    except BaseException as error:
        sock.close()
        if isinstance(error, OSError):
            raise _connect_failure(error) from None
        raise
    return sock


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
        async with deadline.within(seconds, Failure.TLS_TIMEOUT):
            return await asyncio.open_connection(sock=sock, ssl=context, server_hostname=host)
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
