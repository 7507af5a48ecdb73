"""One connection of the demo web: requests read, behaviours played, answers written as bytes."""

import asyncio
import gzip
import re
import socket
import struct
import time
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus

from crawler.demo.web import Answer, Behaviour

SLOW_SECONDS = 1.0
DRIP_SECONDS = 0.5
BANNER = b"SSH-2.0-OpenSSH_9.6\r\n"
NO_BODY = {204, 304}
_RANGE = re.compile(r"bytes=(\d*)-(\d*)")


@dataclass(frozen=True, slots=True)
class Request:
    """One request as it came in. `time` is Unix seconds, `connection` counts from 1."""

    time: float
    host: str
    path: str
    scheme: str
    user_agent: str
    connection: int
    method: str
    keep_alive: bool
    range: str = ""


AnswerFor = Callable[[Request], tuple[Behaviour, Answer]]


class Conversation:
    """One connection: requests in, the answers of whichever site is addressed out."""

    def __init__(
        self,
        answer_for: AnswerFor,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        scheme: str,
        number: int,
    ) -> None:
        self.answer_for = answer_for
        self.reader = reader
        self.writer = writer
        self.scheme = scheme
        self.number = number

    async def run(self) -> None:
        """Answer request after request until one side has had enough."""
        going = True
        while going:
            head = await self.reader.readuntil(b"\r\n\r\n")
            request = _request(head, self.scheme, self.number)
            behaviour, answer = self.answer_for(request)
            going = await self._act(behaviour, answer, request)

    async def _act(self, behaviour: Behaviour, answer: Answer, request: Request) -> bool:
        """Play one behaviour; True when the connection may go on."""
        match behaviour:
            case Behaviour.SILENT:
                await self.reader.read()
            case Behaviour.RESET:
                self._reset()
            case Behaviour.EMPTY_REPLY:
                pass
            case Behaviour.NOT_HTTP:
                await self._send(BANNER)
            case Behaviour.DRIP:
                await self._drip(wire(answer, request))
            case Behaviour.BODY_CUT:
                await self._send(wire(answer, request, promised=100))
            case _:
                if behaviour is Behaviour.SLOW:
                    await asyncio.sleep(SLOW_SECONDS)
                await self._send(wire(answer, request))
                return request.keep_alive
        return False

    async def _send(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()

    async def _drip(self, data: bytes) -> None:
        for position in range(len(data)):
            await self._send(data[position : position + 1])
            await asyncio.sleep(DRIP_SECONDS)

    def _reset(self) -> None:
        """Close with RST in place of FIN: a lingering time of zero means that to the kernel."""
        connection = self.writer.get_extra_info("socket")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.writer.transport.abort()


def wire(answer: Answer, request: Request, *, promised: int = 0) -> bytes:
    """Write an answer as bytes; `promised` bytes are announced and not sent."""
    body = gzip.compress(answer.body, mtime=0) if answer.gzip else answer.body
    status, headers = answer.status, list(answer.headers)
    asked = _RANGE.fullmatch(request.range)
    if asked and status == 200 and not answer.gzip and body and "".join(asked.groups("")):
        status, length = 206, len(body)
        start = int(asked[1]) if asked[1] else max(0, length - int(asked[2]))
        end = min(int(asked[2]) + 1 if asked[1] and asked[2] else length, length)
        body = body[start:end]
        headers.append(("Content-Range", f"bytes {start}-{end - 1}/{length}"))
    try:
        phrase = HTTPStatus(status).phrase
    except ValueError:
        phrase = "Unknown"
    if answer.gzip:
        headers.append(("Content-Encoding", "gzip"))
    if answer.status not in NO_BODY:
        headers.append(("Content-Length", str(len(body) + promised)))
    if promised or not request.keep_alive:
        headers.append(("Connection", "close"))
    lines = [f"HTTP/1.1 {status} {phrase}", *(f"{name}: {value}" for name, value in headers)]
    head = "\r\n".join([*lines, "", ""]).encode()
    return head if request.method == "HEAD" or answer.status in NO_BODY else head + body


def _request(head: bytes, scheme: str, number: int) -> Request:
    """Read a request head; anything unreadable raises EOFError and ends the connection."""
    first, *lines = head.decode("latin-1").rstrip("\r\n").split("\r\n")
    words = first.split(" ")
    if len(words) != 3:
        raise EOFError(first)
    fields = {
        name.strip().lower(): value.strip()
        for name, _, value in (line.partition(":") for line in lines)
    }
    closing = fields.get("connection", "").lower() == "close" or words[2] == "HTTP/1.0"
    has_body = "content-length" in fields or "transfer-encoding" in fields
    return Request(
        time=time.time(),
        host=fields.get("host", "").partition(":")[0].lower(),
        path=words[1],
        scheme=scheme,
        user_agent=fields.get("user-agent", ""),
        connection=number,
        method=words[0],
        keep_alive=not closing and not has_body,
        range=fields.get("range", ""),
    )
