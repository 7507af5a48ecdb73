"""The demo web: its site files hold together, and its server does on the wire what they say."""

import contextlib
import csv
import gzip
import io
import json
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from crawler.demo import connection as conversation
from crawler.demo.pages import answer_page, index_page
from crawler.demo.server import DemoServer, serve, serve_sites
from crawler.demo.web import (
    PANEL_COLUMNS,
    SIGNALS,
    STRATA,
    STRICT8,
    Answer,
    Asked,
    Behaviour,
    DemoSite,
    SiteFileError,
    hosts_file,
    load_sites,
    panel_csv,
    read_site,
)
from crawler.model import Access, Outcome, Preference, Purpose, Reading, Reason, RobotsState
from crawler.signals.robots_access import UNMEASURED

SITES = load_sites()
BY_HOST = {site.host: site for site in SITES}
TRICKY = DemoSite(
    host="tricky.test",
    answers=(
        Answer(
            "/",
            headers=(("X-Robots-Tag", "noai"), ("x-ROBOTS-tag", "noimageai"), ("A", "1")),
            body=b"<p>hello</p>",
        ),
        Answer("/zipped", body=b"z" * 500, gzip=True),
        Answer("/q?a=1", body=b"with query"),
        Answer("/q", body=b"without query"),
        Answer("/nothing", status=204),
        Answer("/odd", status=999),
        Answer("/only-http", scheme="http", body=b"plain"),
        Answer("/", host="other.test", body=b"other host"),
    ),
    aliases=("www.tricky.test",),
)
REFUSED = DemoSite(host="refused.test", behaviour=Behaviour.REFUSE)
GONE = DemoSite(host="gone.test", behaviour=Behaviour.NO_SUCH_HOST)
PLAIN = DemoSite(host="plain.test", answers=(Answer("/", body=b"plain"),), schemes=("http",))
SECURE = DemoSite(host="secure.test", answers=(Answer("/", body=b"tls"),), schemes=("https",))
ODD = tuple(
    DemoSite(host=f"{behaviour.value.replace('_', '-')}.test", behaviour=behaviour)
    for behaviour in (
        Behaviour.SILENT,
        Behaviour.RESET,
        Behaviour.EMPTY_REPLY,
        Behaviour.NOT_HTTP,
        Behaviour.DRIP,
        Behaviour.BODY_CUT,
        Behaviour.TLS_FAILURE,
        Behaviour.SLOW,
    )
)


@pytest.fixture(scope="module")
def server() -> Iterator[DemoServer]:
    with serve_sites((TRICKY, REFUSED, GONE, PLAIN, SECURE, *ODD)) as running:
        yield running


@pytest.fixture(scope="module")
def demo() -> Iterator[DemoServer]:
    with serve(SITES) as running:
        yield running


def unverified() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def connected(server: DemoServer, host: str, scheme: str) -> socket.socket:
    plain = socket.create_connection(("127.0.0.1", server.port), timeout=3)
    if scheme == "http":
        return plain
    return unverified().wrap_socket(plain, server_hostname=host)


def ask(path: str, host: str, *lines: str, method: str = "GET") -> bytes:
    head = [f"{method} {path} HTTP/1.1", f"Host: {host}", *lines, "", ""]
    return "\r\n".join(head).encode()


def said(server: DemoServer, host: str, path: str = "/", scheme: str = "http") -> bytes:
    """Everything that comes back for one request on a connection of its own."""
    with connected(server, host, scheme) as connection:
        connection.sendall(ask(path, host, "Connection: close"))
        return b"".join(iter(lambda: connection.recv(65536), b""))


# The site files ------------------------------------------------------------------


def test_the_bundle_has_at_least_sixty_four_sites_in_every_stratum() -> None:
    assert len(SITES) >= 64
    assert {site.stratum for site in SITES} == set(STRATA)
    assert {site.behaviour for site in SITES} == set(Behaviour)


def test_every_name_belongs_to_one_site_and_to_a_reserved_domain() -> None:
    names = Counter(name for site in SITES for name in site.names)
    assert max(names.values()) == 1
    # RFC 2606 section 2 reserves both for this use.
    assert all(name.endswith((".example", ".test")) and name.isascii() for name in names)


def test_each_file_is_named_after_its_host() -> None:
    folder = Path(conversation.__file__).parent / "sites"
    assert {path.stem for path in folder.glob("*.toml")} == set(BY_HOST)


@pytest.mark.parametrize("site", SITES, ids=lambda site: site.host)
def test_a_site_has_a_story_and_a_truth_that_is_consistent(site: DemoSite) -> None:
    truth = site.truth
    assert truth is not None
    assert all((site.story, site.sector, site.creator_type, site.country, site.platform))
    unmeasured = truth.robots in UNMEASURED
    access = {truth.access(agent) for agent in STRICT8}
    if truth.reason in {Reason.DATA_LOSS, Reason.TRUNCATED}:  # what was not read permits nothing
        assert Access.ALLOWED not in access
    else:
        assert {answer is Access.UNMEASURED for answer in access} == {unmeasured}
    assert (truth.reading("robots_access") is Reading.UNMEASURED) == unmeasured
    if truth.outcome in {Outcome.UNREACHABLE, Outcome.RATE_LIMITED, Outcome.SERVER_ERROR}:
        others = {truth.reading(name) for name in SIGNALS} - {Reading.UNMEASURED}
        assert others == {Asked.UNASKED}
    if truth.outcome is Outcome.ABSENT:
        assert truth.robots is not RobotsState.RULES
    if any(truth.access(agent) is Access.DISALLOWED for agent in STRICT8):
        assert truth.reading("robots_access") is Reading.PRESENT
    stated = {truth.preference(purpose) for purpose in Purpose} - {Preference.UNSTATED}
    if stated:
        assert Reading.PRESENT in {
            truth.reading(name) for name in {*SIGNALS, *truth.signals} - {"robots_access"}
        }


@pytest.mark.parametrize("reason", [Reason.HTTP_401, Reason.HTTP_402, Reason.HTTP_403])
def test_the_refusals_of_the_closed_list_have_a_site(reason: Reason) -> None:
    assert any(site.truth and site.truth.reason is reason for site in SITES)


# Where Google's parser forgives what RFC 9309 section 2.2 does not define.
FORGIVEN = {
    "hexwort-games.example": "reads the first name of a comma list",
    "missing-colon.example": "accepts two words without a colon",
    "misspelt-field.example": "accepts Disalow",
    "salt-and-lantern-games.example": "cuts the version off the name",
}


REDIRECTED = "five-hops.example"  # its robots.txt answer has no body of its own
WITH_RULES = [
    site
    for site in SITES
    if site.truth and site.truth.robots is RobotsState.RULES and site.host != REDIRECTED
]


@pytest.mark.parametrize("site", WITH_RULES, ids=lambda site: site.host)
def test_access_agrees_with_an_independent_parser_but_for_its_known_tolerance(
    site: DemoSite,
) -> None:
    oracle = pytest.importorskip("jwm.robotstxt.googlebot")
    names = site.names[::-1]  # where the bare name redirects, the rules are at the last one
    if site.host == "www-otherwise.example":
        names = (site.host,)  # its other name has a file of its own
    bodies = [site.answer(name, "/robots.txt", "https").body for name in names]
    text = next(body for body in bodies if body).decode("utf-8", "replace")
    differing = {
        agent
        for agent in STRICT8
        if site.truth is not None
        and site.truth.access(agent) is not Access.UNMEASURED  # the parser knows no cut bodies
        and (site.truth.access(agent) is Access.ALLOWED)
        is not oracle.RobotsMatcher().OneAgentAllowedByRobots(text, agent, f"https://{names[0]}/")
    }
    assert bool(differing) == (site.host in FORGIVEN)


GOOD = """
host = "a.test"
[[answers]]
path = "/"
[fallback]
status = 200
[truth]
outcome = "ok"
reason = "complete"
robots = "rules"
[truth.agents]
default = "allowed"
"""


def test_a_site_file_may_be_short() -> None:
    site = read_site(GOOD)
    assert (site.host, site.fallback.status, site.behaviour) == ("a.test", 200, Behaviour.SERVE)
    assert site.truth is not None
    assert site.truth.reading("robots_meta") is Reading.ABSENT


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('host = "a.test"', 'host = "a.test"\ncolour = "red"'),
        ('path = "/"', 'path = "/"\nstatsu = 200'),
        ('outcome = "ok"', 'outcome = "fine"'),
        ('default = "allowed"', 'GPTBot = "allowed"'),
        ('default = "allowed"', 'default = "allowed"\nGPTBto = "allowed"'),
        ('default = "allowed"', 'default = "allowed"\n[truth.signals]\nnoai = "absent"'),
        ('default = "allowed"', 'default = "allowed"\n[truth.use]\ntrian = "allowed"'),
        ('host = "a.test"', 'host = "a.test"\nbehaviour = "sulk"'),
        ("[truth]", "[other]"),
    ],
)
def test_a_faulty_site_file_is_refused_with_its_host(old: str, new: str) -> None:
    with pytest.raises(SiteFileError, match=r"a\.test"):
        read_site(GOOD.replace(old, new, 1))


def test_the_panel_is_csv_with_one_row_a_site() -> None:
    rows = list(csv.DictReader(io.StringIO(panel_csv(SITES))))
    assert [row["host"] for row in rows] == [site.host for site in SITES]
    assert tuple(rows[0]) == PANEL_COLUMNS
    assert all(row["note"] == BY_HOST[row["host"]].story for row in rows)


def test_the_hosts_file_has_every_name_but_those_without_an_address() -> None:
    sites = (TRICKY, REFUSED, GONE)
    ports = {"tricky.test": 1, "refused.test": 2}
    assert hosts_file(sites, lambda site: ports[site.host]) == (
        "127.0.0.1:1 tricky.test www.tricky.test other.test\n127.0.0.1:2 refused.test\n"
    )


# The wire ------------------------------------------------------------------------


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_header_lines_arrive_byte_for_byte_with_order_case_and_duplicates(
    server: DemoServer, scheme: str
) -> None:
    assert said(server, "tricky.test", scheme=scheme) == (
        b"HTTP/1.1 200 OK\r\nX-Robots-Tag: noai\r\nx-ROBOTS-tag: noimageai\r\nA: 1\r\n"
        b"Content-Length: 12\r\nConnection: close\r\n\r\n<p>hello</p>"
    )


@pytest.mark.parametrize(
    ("path", "host", "body"),
    [
        ("/q?a=1", "tricky.test", b"with query"),
        ("/q?a=2", "tricky.test", b"without query"),
        ("/", "www.tricky.test", b"<p>hello</p>"),
        ("/", "other.test", b"other host"),
        ("/only-http", "tricky.test", b"plain"),
    ],
)
def test_names_paths_and_queries_select_the_answer(
    server: DemoServer, path: str, host: str, body: bytes
) -> None:
    assert said(server, host, path).endswith(b"\r\n\r\n" + body)


@pytest.mark.parametrize(
    ("path", "host", "scheme", "status"),
    [
        ("/missing", "tricky.test", "http", b"404 Not Found"),
        ("/only-http", "tricky.test", "https", b"404 Not Found"),
        ("/q", "other.test", "http", b"404 Not Found"),
        ("/", "stranger.test", "http", b"421 Misdirected Request"),
        ("/nothing", "tricky.test", "http", b"204 No Content"),
        ("/odd", "tricky.test", "http", b"999 Unknown"),
    ],
)
def test_other_requests_get_their_status(
    server: DemoServer, path: str, host: str, scheme: str, status: bytes
) -> None:
    assert said(server, host, path, scheme).startswith(b"HTTP/1.1 " + status + b"\r\n")


def test_a_zipped_answer_says_so_and_unzips(server: DemoServer) -> None:
    head, _, body = said(server, "tricky.test", "/zipped").partition(b"\r\n\r\n")
    assert b"Content-Encoding: gzip" in head
    assert gzip.decompress(body) == b"z" * 500


def test_a_head_request_gets_the_header_alone(server: DemoServer) -> None:
    with connected(server, "tricky.test", "http") as connection:
        connection.sendall(ask("/", "tricky.test", "Connection: close", method="HEAD"))
        answer = b"".join(iter(lambda: connection.recv(65536), b""))
    assert answer.endswith(b"Content-Length: 12\r\nConnection: close\r\n\r\n")


def test_a_connection_serves_several_requests_and_the_log_tells_them_apart(
    server: DemoServer,
) -> None:
    before = len(server.log)
    with connected(server, "tricky.test", "http") as connection:
        for _ in range(2):
            connection.sendall(ask("/", "tricky.test", "User-Agent: Probe/1"))
            while not connection.recv(65536).endswith(b"<p>hello</p>"):
                pass
    said(server, "tricky.test")
    first, second, third = server.log[before:]
    assert first.connection == second.connection != third.connection
    assert (first.host, first.path, first.scheme) == ("tricky.test", "/", "http")
    assert (first.user_agent, third.user_agent) == ("Probe/1", "")
    assert first.time <= second.time <= third.time


@pytest.mark.parametrize("rubbish", [b"\r\n\r\n", b"hello\r\n\r\n", b"x" * 70_000, b"\x16\x03bad"])
def test_rubbish_ends_the_connection_and_not_the_server(server: DemoServer, rubbish: bytes) -> None:
    with connected(server, "tricky.test", "http") as connection:
        connection.sendall(rubbish)
        connection.shutdown(socket.SHUT_WR)
        with contextlib.suppress(ConnectionResetError):
            assert b"HTTP" not in connection.recv(100)
    assert said(server, "tricky.test").startswith(b"HTTP/1.1 200")


def drained(connection: socket.socket) -> None:
    """Read below TLS, where OpenSSL would report a reset as a mere end of file."""
    while socket.socket.recv(connection, 65536):
        pass


# Behaviours ------------------------------------------------------------------------


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_silence_is_silence(server: DemoServer, scheme: str) -> None:
    with connected(server, "silent.test", scheme) as connection:
        connection.sendall(ask("/", "silent.test"))
        connection.settimeout(0.3)
        with pytest.raises(TimeoutError):
            connection.recv(1)


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_reset_is_a_tcp_reset(server: DemoServer, scheme: str) -> None:
    with connected(server, "reset.test", scheme) as connection:
        connection.sendall(ask("/", "reset.test"))
        with pytest.raises(ConnectionResetError):
            drained(connection)


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_an_empty_reply_is_an_orderly_end(server: DemoServer, scheme: str) -> None:
    assert said(server, "empty-reply.test", scheme=scheme) == b""


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_another_protocol_sends_its_banner(server: DemoServer, scheme: str) -> None:
    assert said(server, "not-http.test", scheme=scheme).startswith(b"SSH-")


def test_dripping_never_gets_through_a_header(server: DemoServer) -> None:
    with connected(server, "drip.test", "http") as connection:
        connection.sendall(ask("/", "drip.test"))
        assert connection.recv(100) == b"H"
        assert connection.recv(100) == b"T"


def test_a_cut_body_is_shorter_than_promised(server: DemoServer) -> None:
    head, _, body = said(server, "body-cut.test").partition(b"\r\n\r\n")
    assert f"Content-Length: {len(body) + 100}".encode() in head


def test_slow_is_late_and_fine(server: DemoServer) -> None:
    started = time.monotonic()
    assert b"404 Not Found" in said(server, "slow.test")
    assert time.monotonic() - started >= conversation.SLOW_SECONDS


@pytest.mark.parametrize("host", ["tls-failure.test", "plain.test"])
def test_a_failing_handshake_is_an_alert_and_http_still_answers(
    server: DemoServer, host: str
) -> None:
    with pytest.raises(ssl.SSLError, match="ALERT_HANDSHAKE_FAILURE"):
        connected(server, host, "https")
    assert said(server, host).startswith(b"HTTP/1.1 ")


def test_an_https_only_site_says_nothing_over_http(server: DemoServer) -> None:
    assert said(server, "secure.test") == b""
    assert said(server, "secure.test", scheme="https").endswith(b"tls")


def test_a_refusing_site_points_to_a_closed_port(server: DemoServer) -> None:
    assert f"127.0.0.1:{server.closed_port} refused.test\n" in server.hosts()
    assert "gone.test" not in server.hosts()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", server.port_for(REFUSED)), timeout=3)


# A crowd, and people ------------------------------------------------------------------


def test_two_hundred_open_connections_are_all_answered(server: DemoServer) -> None:
    connections = [connected(server, "tricky.test", "http") for _ in range(200)]
    for connection in connections:
        connection.sendall(ask("/", "tricky.test", "Connection: close"))
    answers = [b"".join(iter(lambda c=c: c.recv(65536), b"")) for c in connections]  # type: ignore[misc]
    for connection in connections:
        connection.close()
    assert all(answer.endswith(b"<p>hello</p>") for answer in answers)


def test_a_hundred_https_clients_at_once(server: DemoServer) -> None:
    with ThreadPoolExecutor(20) as pool:
        answers = pool.map(lambda _: said(server, "tricky.test", scheme="https"), range(100))
    assert all(answer.endswith(b"<p>hello</p>") for answer in answers)


def test_an_ordinary_client_reads_the_bundled_sites(demo: DemoServer) -> None:
    with httpx.Client(verify=unverified(), trust_env=False) as client:
        for site in SITES:
            if site.behaviour is not Behaviour.SERVE:
                continue
            wanted = site.answer(site.host, "/robots.txt", "http")
            answer = client.get(
                f"http://127.0.0.1:{demo.port}/robots.txt", headers={"Host": site.host}
            )
            assert (answer.status_code, answer.content) == (wanted.status, wanted.body)


def test_an_ordinary_client_reads_over_tls_with_a_certificate_for_the_name(
    demo: DemoServer,
) -> None:
    host = "lena-brandt-painting.example"
    with httpx.Client(verify=unverified(), trust_env=False) as client:
        answer = client.get(
            f"https://127.0.0.1:{demo.port}/",
            headers={"Host": host},
            extensions={"sni_hostname": host},
        )
    assert "Lena Brandt" in answer.text
    der = ssl.get_server_certificate(("127.0.0.1", demo.port))
    from cryptography import x509

    names = x509.load_pem_x509_certificate(der.encode()).extensions.get_extension_for_class(
        x509.SubjectAlternativeName
    )
    assert host in names.value.get_values_for_type(x509.DNSName)


def test_a_person_finds_every_site_on_the_index_page(demo: DemoServer) -> None:
    with httpx.Client(base_url=f"http://127.0.0.1:{demo.port}", trust_env=False) as client:
        index = client.get("/").text
        assert all(f"/_site/{site.host}/robots.txt" in index for site in SITES)
        assert "музей-зимняя-гавань" in index
        page = client.get("/_site/lena-brandt-painting.example/robots.txt").text
        assert "User-agent: GPTBot" in page
        assert client.get("/_site/unknown.test/").status_code == 404
        assert client.get("/elsewhere").status_code == 404


def test_no_markup_of_a_site_reaches_the_pages_for_people_unescaped() -> None:
    evil = "<script>alert(1)</script>"
    site = DemoSite(
        host="evil.test",
        answers=(Answer("/", headers=(("X", evil), ("Content-Type", "text/html")), body=b'<p>"'),),
        fallback=Answer("*", body=evil.encode() * 10_000),
        story=evil,
        behaviour=Behaviour.BODY_CUT,
    )
    pages = [answer_page([site], f"/_site/evil.test/{path}") for path in ("", "x", evil)]
    assert not any(evil in (page or evil) for page in [*pages, index_page([site])])
    assert 'sandbox title="https://evil.test/" srcdoc="&lt;p&gt;&quot;"' in (pages[0] or "")
    assert "more bytes are not shown" in (pages[1] or "")
    silent = answer_page([ODD[0]], "/_site/silent.test/")
    assert "<strong>silent</strong>" in (silent or "")


def test_the_log_file_is_ndjson_and_the_port_is_free_afterwards(tmp_path: Path) -> None:
    log_file = tmp_path / "requests.ndjson"
    with serve_sites([TRICKY], log_file=log_file) as running:
        said(running, "tricky.test")
        idle = connected(running, "tricky.test", "http")
    idle.close()
    (line,) = log_file.read_text(encoding="utf-8").splitlines()
    assert json.loads(line)["host"] == "tricky.test"
    with serve_sites([TRICKY], port=running.port) as again:
        assert again.port == running.port
    assert not any(
        thread.name == "demo web" and not thread.daemon for thread in threading.enumerate()
    )


def test_run_serves_until_it_is_interrupted() -> None:
    command = [sys.executable, "-c", "from crawler.demo.server import run; run(0)"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert "http://127.0.0.1:" in process.stdout.readline()
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=10) == 0
