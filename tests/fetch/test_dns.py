"""Why a name has no address: one question to a name server, whose answer may be anything."""

import asyncio
import socket
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.fetch.address_guard import Resolver, Unresolved
from crawler.fetch.dns import Inquiry, Reply, question, read_reply, system_servers, verdict
from crawler.model import Failure


def wire(name: str) -> bytes:
    return b"".join(bytes([len(p)]) + p.encode() for p in name.split(".") if p) + b"\0"


def record(owner: bytes, kind: int, data: bytes) -> bytes:
    return owner + struct.pack("!HHIH", kind, 1, 60, len(data)) + data


def alias(owner: str, target: str) -> bytes:
    return record(wire(owner), 5, wire(target))


def reply(asked: bytes, code: int, *records: bytes) -> bytes:
    """An answer to the message `asked`."""
    counts = struct.pack("!4H", 1, len(records), 0, 0)
    return asked[:2] + struct.pack("!H", 0x8180 | code) + counts + asked[12:] + b"".join(records)


ADDRESS = record(b"\xc0\x0c", 1, bytes([93, 184, 216, 34]))
ANSWERS = {
    "servfail.org": ((2,), Failure.DNS_SERVFAIL),
    "gone.org": ((3,), Failure.DNS_NXDOMAIN),
    "refused.org": ((5,), Failure.DNS_REFUSED),
    "notimp.org": ((4,), Failure.DNS_FAILURE),
    "nodata.org": ((0,), Failure.DNS_NO_ADDRESS),
    "mail-only.org": ((0, record(b"\xc0\x0c", 15, b"\0\1\0")), Failure.DNS_NO_ADDRESS),
    "loop.org": (
        (0, alias("loop.org", "A.loop.org"), alias("a.loop.org", "loop.org")),
        Failure.DNS_CNAME_LOOP,
    ),
    "self.org": ((2, record(b"\xc0\x0c", 5, b"\xc0\x0c")), Failure.DNS_CNAME_LOOP),
    "dangling.org": ((3, alias("dangling.org", "gone.org")), Failure.DNS_NXDOMAIN),
    "back.org": ((0, alias("back.org", "b.org"), ADDRESS), None),
    "silent.org": (None, Failure.DNS_TIMEOUT),
}


class Server(asyncio.DatagramProtocol):
    """Answers as ANSWERS says; before each answer come some that are none."""

    def connection_made(self, transport):
        self.transport = transport

    def datagram_received(self, data, address):
        name = read_question(data)
        told, _ = ANSWERS[name]
        if told is not None:
            other = bytes([data[0] ^ 1]) + data[1:]
            for message in (b"", data, reply(other, 0), reply(data, *told), reply(data, 3)):
                self.transport.sendto(message, address)


def read_question(data: bytes) -> str:
    assert data[2:12] == bytes.fromhex("01000001000000000000")
    assert data[-4:] == bytes.fromhex("00010001")
    labels, place = [], 12
    while size := data[place]:
        labels.append(data[place + 1 : place + 1 + size].decode())
        place += 1 + size
    return ".".join(labels)


async def served(ask, *before):
    """Run `ask` with an Inquiry at our server; `before` are name servers asked first."""
    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(Server, local_addr=("127.0.0.1", 0))
    try:
        server = transport.get_extra_info("sockname")
        return await ask(Inquiry([*before, server], seconds=0.3))
    finally:
        transport.close()


@pytest.mark.parametrize("name", ANSWERS)
def test_each_reason_is_told_from_the_others(name):
    assert asyncio.run(served(lambda inquiry: inquiry.why(name))) is ANSWERS[name][1]


def closed_port() -> tuple[str, int]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind(("127.0.0.1", 0))
        return sock.getsockname()


def test_a_server_that_is_not_there_is_passed_over():
    ask = lambda inquiry: inquiry.why("gone.org")  # noqa: E731
    assert asyncio.run(served(ask, closed_port())) is Failure.DNS_NXDOMAIN


def test_with_no_server_nothing_can_be_said():
    assert asyncio.run(Inquiry([]).why("gone.org")) is None
    assert asyncio.run(Inquiry([closed_port()], seconds=0.3).why("gone.org")) is None


def test_the_guard_asks_for_names_without_address_only():
    asked = []

    async def why(name):
        asked.append(name)
        return Failure.DNS_SERVFAIL if name == "bad.org" else None

    def lookup(name):
        if name == "good.org":
            return ["8.8.8.8"]
        raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure")

    async def go(name):
        return await Resolver(lookup=lookup, why=why).resolve(name, 80)

    assert asyncio.run(go("good.org")) == [("8.8.8.8", 80)]
    for name, failure in (("bad.org", Failure.DNS_SERVFAIL), ("odd.org", Failure.DNS_FAILURE)):
        with pytest.raises(Unresolved) as unresolved:
            asyncio.run(go(name))
        assert unresolved.value.failure is failure
    assert asked == ["bad.org", "odd.org"]


def test_the_machine_tells_its_name_servers(tmp_path):
    path = tmp_path / "resolv.conf"
    path.write_text(
        "# c\nsearch x\nnameserver 127.0.0.53\n nameserver ::1\nnameserver a\nnameserver b"
    )
    assert system_servers(path) == [("127.0.0.53", 53), ("::1", 53), ("a", 53)]
    assert system_servers(tmp_path / "none") == []


@pytest.mark.parametrize("name", ["a..org", "a" * 64 + ".org", ""])
def test_what_is_no_name_is_not_asked(name):
    with pytest.raises(ValueError, match="not a DNS name"):
        question(name, 1)


def test_a_long_way_of_aliases_is_no_loop():
    aliases = {b"a%d.org" % n: b"a%d.org" % (n + 1) for n in range(12)}
    assert verdict("a0.org", Reply(0, aliases, has_address=True)) is None


@pytest.mark.parametrize(
    "rest",
    [
        b"\xc0\x0c" * 3,  # a name that points to itself, as owner
        b"\x3f",  # a label that is longer than the message
        b"\0" + struct.pack("!HHIH", 5, 1, 0, 400),
        record(b"\0", 5, b"\xff\xff"),
    ],
)
def test_a_cut_or_senseless_answer_still_has_its_code(rest):
    message = struct.pack("!6H", 7, 0x8182, 0, 9, 0, 0) + rest
    found = read_reply(message, 7)
    assert found is not None
    assert found.code == 2


@given(st.binary(max_size=200), st.integers(0, 20))
def test_any_bytes_are_an_answer_or_none(rest, answers):
    head = struct.pack("!6H", 7, 0x8180, 1, answers, 0, 0)
    for message in (rest, head + rest):
        found = read_reply(message, 7)
        assert found is None or 0 <= found.code <= 15
