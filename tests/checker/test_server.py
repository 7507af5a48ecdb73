"""`optout serve`: the path of a person, who may ask, and many tricks against the guard."""

import asyncio
import http.client
import itertools
import json
import re
import socket
import sqlite3
import threading
import time
from contextlib import closing, contextmanager, suppress
from urllib.parse import urlencode

import pytest
from click.testing import CliRunner
from lxml import html as lxml_html

from crawler.checker import server as page
from crawler.checker.checks import Checker
from crawler.cli import main
from crawler.cli.serve import visited
from crawler.demo.server import serve_sites
from crawler.demo.web import Answer, DemoSite, load_sites
from crawler.fetch import address_guard
from crawler.fetch.address_guard import HostsFile, Resolver
from crawler.model import Outcome, Reason
from crawler.visit.result import VisitResult
from crawler.wave import workers

PAINTER = "lena-brandt-painting.example"
UNREAD = (Outcome.UNREACHABLE, Reason.DNS_NXDOMAIN)


class Trap:
    """A listener on loopback that nothing may ever reach."""

    def __init__(self):
        self.sock = socket.create_server(("127.0.0.1", 0))
        self.sock.settimeout(0.05)
        self.port = self.sock.getsockname()[1]

    def reached(self):
        try:
            self.sock.accept()[0].close()
        except TimeoutError:
            return False
        return True


@contextmanager
def serving(hosts="", *, lookup=None, surveyed=None, names=()):
    """The page on a port of its own, in a thread; yields the port."""
    ready, port, loop = threading.Event(), [], asyncio.new_event_loop()

    async def run():
        known = HostsFile.parse(hosts)
        resolver = Resolver(known, ttl=0.0, lookup=lookup or (lambda _: ["127.0.0.1"]))
        checker = Checker(known, "tests@a.example", delay=0.0, timeout=4.0, resolver=resolver)

        def heard(url):
            port.append(int(url.rstrip("/").rpartition(":")[2]))
            ready.set()

        try:
            await page.serve(checker, "127.0.0.1", 0, heard, surveyed=surveyed, hosts=names)
        finally:
            await checker.close()

    task = loop.create_task(run())

    def live():
        with suppress(asyncio.CancelledError):
            loop.run_until_complete(task)
        loop.run_until_complete(loop.shutdown_default_executor())
        loop.close()

    thread = threading.Thread(target=live)
    thread.start()
    assert ready.wait(20)
    try:
        yield port[0]
    finally:
        loop.call_soon_threadsafe(task.cancel)
        thread.join()


class Browser:
    """A person's requests, as a browser would send them."""

    def __init__(self, port):
        self.port = port
        self.own = f"127.0.0.1:{port}"

    def send(self, method, path, form=None, **headers):
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)) as connection:
            body = urlencode(form) if form is not None else None
            sent = {"Host": self.own} | {k.replace("_", "-"): v for k, v in headers.items()}
            connection.request(method, path, body, sent)
            answer = connection.getresponse()
            return answer.status, dict(answer.getheaders()), answer.read().decode()

    def token(self):
        return (
            lxml_html.fromstring(self.send("GET", "/")[2]).xpath("//input[@name='token']")[0].value
        )

    def check(self, site, **form):
        """Fill in the form; gives the status, and the result's address or the page."""
        filled = {"token": self.token(), "site": site} | form
        status, headers, body = self.send("POST", "/check", filled, Origin=f"http://{self.own}")
        return status, headers.get("Location", body)

    def result(self, place):
        for _ in range(200):
            status, _, body = self.send("GET", place)
            if 'http-equiv="refresh"' not in body:
                return status, body
            time.sleep(0.05)
        raise AssertionError(body)


@pytest.fixture(scope="module")
def web():
    with serve_sites(load_sites()) as server:
        yield server.hosts()


@pytest.fixture(scope="module")
def browser(web):
    with serving(web) as port:
        yield Browser(port)


@pytest.fixture(autouse=True)
def _no_limit(monkeypatch):
    monkeypatch.setattr(page, "PER_WINDOW", 10_000)


# ---- the path of a person -------------------------------------------------------------------


def test_a_person_enters_a_site_watches_and_reads(browser):
    status, place = browser.check(PAINTER)
    assert status == 303
    status, body = browser.result(place)
    assert status == 200
    tree = lxml_html.fromstring(body)
    assert tree.find(".//h1").text == PAINTER
    assert (
        "asks 2 of the 8 large AI training crawlers" in tree.xpath("//p[@class='answer']")[0].text
    )
    assert "User-agent: ClaudeBot" in tree.xpath("//pre")[0].text_content()
    for link in tree.xpath("//p[@class='keep']//a/@href"):
        status, headers, kept = browser.send("GET", link)
        assert status == 200
        assert headers["Content-Disposition"].startswith("attachment")
        assert PAINTER in kept
    assert json.loads(kept)["site"] == PAINTER


def test_watching_shows_what_is_asked():
    gate = threading.Event()

    async def slow(site, watch):
        watch(f"https://{site.host}/robots.txt")
        while not gate.is_set():
            await asyncio.sleep(0.01)
        raise RuntimeError("<b>the end</b>")

    found = page.Desk(slow, ["me"])

    async def story():
        token = found._token
        asked = page.Request("POST", "/check", {}, {"host": "me"},
                             {"token": [token], "site": ["a.example"]})  # fmt: skip
        place = dict((await found.answer(asked)).headers)["Location"]
        await asyncio.sleep(0.05)
        look = page.Request("GET", place, {}, {"host": "me"}, {})
        watching = (await found.answer(look)).body
        gate.set()
        await asyncio.sleep(0.1)
        ended = await found.answer(look)
        await found.close()
        return watching, ended

    watching, ended = asyncio.run(story())
    assert "https://a.example/robots.txt" in watching
    assert 'http-equiv="refresh"' in watching
    assert (ended.status, "RuntimeError: &lt;b&gt;the end" in ended.body) == (400, True)


def test_wishes_are_carried_out(browser):
    _, place = browser.check(PAINTER, train="yes", search="", ai_input="nonsense")
    assert "training AI models: yes" in browser.result(place)[1].replace("&#34;", '"')
    _, place = browser.check(PAINTER, train="conditional", contact="telephone")
    status, body = browser.result(place)
    assert (status, "contact &#39;telephone&#39;" in body) == (400, True)


def test_pages_that_are_not_there(browser):
    for path in ("/x", "/check/none", "/survey", "/check/../../etc/passwd"):
        assert browser.send("GET", path)[0] == 404
    _, place = browser.check(PAINTER)
    browser.result(place)
    assert browser.send("GET", place + "/secret")[0] == 404
    assert browser.send("POST", "/x", {"token": browser.token()})[0] == 404
    status, _, body = browser.send("HEAD", "/")
    assert (status, body) == (200, "")


def test_old_results_go(browser, monkeypatch):
    monkeypatch.setattr(page, "KEPT", 1)
    _, first = browser.check(PAINTER)
    browser.result(first)
    browser.result(browser.check(PAINTER)[1])
    assert browser.send("GET", first)[0] == 404


def test_sites_of_a_survey_can_be_opened(demo):
    with closing(sqlite3.connect(f"file:{demo}/survey.db?mode=ro", uri=True,
                                 check_same_thread=False)) as db:  # fmt: skip
        hosts = [row[0] for row in db.execute("SELECT host FROM sites ORDER BY host")]
        with serving(surveyed=lambda host: visited(db, "demo", host), names=hosts) as port:
            desk = Browser(port)
            listed = lxml_html.fromstring(desk.send("GET", "/survey?site=lena")[2])
            (link,) = listed.xpath("//main//li/a/@href")
            status, _, body = desk.send("GET", link)
            assert status == 200
            assert "asks 2 of the 8" in body
            assert json.loads(desk.send("GET", f"{link}/advice.json")[2])["reason"] == "complete"
            assert desk.send("GET", "/survey/nobody.example")[0] == 404
            assert 'href="/survey"' in desk.send("GET", "/")[2]


# ---- who may ask ----------------------------------------------------------------------------


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1", "localhost:1", "", "127.0.0.1:80"])
def test_another_name_is_answered_nothing(browser, host):
    """A name of somebody else's that points to this machine must not open our page."""
    status, _, body = browser.send("GET", "/", Host=host)
    assert status == 421
    assert "token" not in body


def test_this_machine_has_two_names(browser):
    assert browser.send("GET", "/", Host=f"LOCALHOST:{browser.port}")[0] == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec_Fetch_Site": "cross-site"},
        {"Sec_Fetch_Site": "same-site"},
        {"Sec_Fetch_Site": "none"},
    ],
)
def test_other_pages_cannot_make_us_ask(browser, headers):
    form = {"token": browser.token(), "site": PAINTER}
    assert browser.send("POST", "/check", form, **headers)[0] == 403


@pytest.mark.parametrize("token", ["", "x", "\u00e9" * 43])
def test_without_our_token_nothing_is_asked(browser, token):
    assert browser.send("POST", "/check", {"token": token, "site": PAINTER})[0] == 403


def test_a_link_alone_asks_nothing(browser):
    assert browser.send("GET", f"/check?site={PAINTER}&token={browser.token()}")[0] == 404


def test_every_answer_is_locked_down(browser):
    for path in ("/", "/x", "/style.css"):
        headers = browser.send("GET", path)[1]
        policy = headers["Content-Security-Policy"]
        assert policy.startswith("default-src 'none'; style-src 'self';")
        assert "script" not in policy
        assert "frame-ancestors 'none'" in policy
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Cache-Control"] == "no-store"
        assert "Set-Cookie" not in headers


def test_checks_are_few_at_once_and_in_all(monkeypatch):
    async def forever(site, watch):
        await asyncio.sleep(60)

    async def begin(desk):
        form = {"token": [desk._token], "site": ["a.example"]}
        return await desk.answer(page.Request("POST", "/check", {}, {"host": "me"}, form))

    async def story(desk, count):
        found = [await begin(desk) for _ in range(count)]
        await desk.close()
        return found

    found = asyncio.run(story(page.Desk(forever, ["me"]), page.AT_ONCE + page.WAITING + 1))
    assert [a.status for a in found] == [303] * (len(found) - 1) + [429]
    assert ("Retry-After", "60") in found[-1].headers
    monkeypatch.setattr(page, "PER_WINDOW", 2)
    clock = itertools.chain([0, 1, 2, 1000], itertools.repeat(1000))
    monkeypatch.setattr(page, "monotonic", lambda: next(clock))
    found = asyncio.run(story(page.Desk(forever, ["me"]), 4))
    assert [a.status for a in found] == [303, 303, 429, 303]


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"BREW / HTTP/1.1\r\nHost: x\r\n\r\n", b"400"),
        (b"GET / HTTP/1.1\r\n\r\n", b"400"),
        (b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", b"400"),
        (b"POST /check HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n", b"400"),
        (b"POST /check HTTP/1.1\r\nHost: a\r\n\r\n", b"411"),
        (b"POST /check HTTP/1.1\r\nHost: a\r\nContent-Length: 5000\r\n\r\n", b"413"),
        (b"POST /check HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\na", b""),
        (b"GET / HTTP/1.1\r\nX: " + b"a" * 40_000 + b"\r\n\r\n", b""),
        (b"GET / HTTP/1.1\r\nHost: a", b""),
        (b"\x16\x03\x01\r\n\r\n", b"400"),
    ],
)
def test_what_is_no_request_is_answered_shortly_or_not(browser, sent, status):
    with closing(socket.create_connection(("127.0.0.1", browser.port), timeout=20)) as sock:
        try:
            sock.sendall(sent)
            sock.shutdown(socket.SHUT_WR)
            answer = b"".join(iter(lambda: sock.recv(4096), b""))
        except OSError:
            answer = b""
    assert answer[9:12] == status


def test_a_field_too_many_is_no_form(browser):
    form = {f"f{n}": "x" for n in range(30)}
    with pytest.raises((http.client.HTTPException, OSError)):
        browser.send("POST", "/check", form)


def test_who_dawdles_is_dropped(browser, monkeypatch):
    monkeypatch.setattr(page, "PATIENCE", 0.05)
    connect = socket.create_connection(("127.0.0.1", browser.port), timeout=20)
    with closing(connect) as sock, suppress(ConnectionResetError):
        assert sock.recv(10) == b""


def test_connections_are_few(browser, monkeypatch):
    monkeypatch.setattr(page, "MAX_CONNECTIONS", 0)
    with pytest.raises((http.client.HTTPException, OSError)):
        browser.send("GET", "/")


# ---- tricks ---------------------------------------------------------------------------------

ENTERED = [
    "127.0.0.1", "127.1", "2130706433", "0x7f000001", "0x7f.1", "0177.0.0.1", "0.0.0.0", "0",
    "[::1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[64:ff9b::7f00:1]", "[fe80::1]",
    "169.254.169.254", "10.0.0.1", "127.0.0.1.", "localhost", "localhost.", "a.localhost",
    "http://user@127.0.0.1/", "good.example@127.0.0.1", "http://good.example:x@127.0.0.1/",
    "http://good.example\\@127.0.0.1/", "①②⑦.⓪.⓪.①", "127。0。0。1", "file:///etc/passwd",
    "gopher://127.0.0.1/", "http:///etc", "http://a.example\r\nHost: b/", "intranet",
]  # fmt: skip


@pytest.mark.parametrize("site", ENTERED)
def test_no_private_place_can_be_entered(browser, site):
    status, body = browser.check(site)
    if status == 303:  # only the host counts, and it is a public name
        status, body = browser.result(body)
    assert status == 400, body
    assert lxml_html.fromstring(body).xpath("//p[@role='alert']")


RESOLVED = [
    "127.0.0.1", "127.255.255.254", "0.0.0.0", "10.1.2.3", "172.16.0.1", "192.168.1.1",
    "169.254.169.254", "100.64.0.1", "224.0.0.1", "255.255.255.255", "::1", "::",
    "::ffff:127.0.0.1", "::127.0.0.1", "64:ff9b::7f00:1", "64:ff9b:1::7f00:1", "2002:7f00:1::",
    "2001:0:7f00:1::", "fe80::1", "fe80::1%lo", "fc00::1", "fec0::1", "ff02::1",
]  # fmt: skip
"""What a name, or the name that it is an alias of, may resolve to."""


def test_no_name_leads_to_a_private_place(monkeypatch):
    trap = Trap()
    monkeypatch.setattr(address_guard, "PORTS", address_guard.PORTS | {trap.port})
    answers = {f"n{n}.attacker.com": [address] for n, address in enumerate(RESOLVED)}
    with serving(lookup=answers.__getitem__) as port:
        desk = Browser(port)
        for name, addresses in answers.items():
            _, place = desk.check(f"http://{name}:{trap.port}/")
            assert "a private network" in desk.result(place)[1], addresses
    assert not trap.reached()


def test_no_name_server_that_changes_its_mind_leads_there(monkeypatch):
    """First a public address (unreachable from a test), then loopback: each one is looked at."""
    trap = Trap()
    monkeypatch.setattr(address_guard, "PORTS", address_guard.PORTS | {trap.port})
    asked = []

    def lookup(name):
        asked.append(name)
        return ["93.184.216.34"] if len(asked) % 2 else ["127.0.0.1"]

    with serving(lookup=lookup) as port:
        desk = Browser(port)
        for _ in range(3):
            desk.result(desk.check(f"http://rebind.attacker.com:{trap.port}/")[1])
    assert len(asked) >= 3
    assert not trap.reached()


REDIRECTED = [
    "http://127.0.0.1:{p}/", "http://127.1:{p}/", "http://2130706433:{p}/", "http://0x7f000001:{p}/",
    "http://0177.0.0.1:{p}/", "http://0:{p}/", "http://0.0.0.0:{p}/", "http://[::1]:{p}/",
    "http://[::]:{p}/", "http://[::ffff:127.0.0.1]:{p}/", "http://[::ffff:7f00:1]:{p}/",
    "http://[64:ff9b::7f00:1]:{p}/", "http://[::1%25lo]:{p}/", "http://localhost:{p}/",
    "http://localhost.:{p}/", "http://127.0.0.1.:{p}/", "//127.0.0.1:{p}/",
    "http://user@127.0.0.1:{p}/", "http://name.attacker.com:{p}/", "http://①②⑦.⓪.⓪.①:{p}/",
    "https://127.0.0.1:{p}/", "http://t0.example:22/", "file:///etc/passwd",
    "http://t0.example:{p}@127.0.0.1:{p}/", "http://127.0.0.1:{p}\\@t0.example/",
]  # fmt: skip


def test_no_redirect_leads_to_a_private_place(monkeypatch):
    trap = Trap()
    monkeypatch.setattr(address_guard, "PORTS", address_guard.PORTS | {trap.port})
    sites = [
        DemoSite(f"t{n}.example", (
            Answer("/robots.txt", 302, (("Location", place),), host=None),
            Answer("/", 302, (("Location", place),)),
        ))
        for n, place in enumerate(t.format(p=trap.port) for t in REDIRECTED)
    ]  # fmt: skip
    for site in list(sites):
        home_only = (Answer("/robots.txt"), *site.answers[1:])
        sites.append(DemoSite(f"h{site.host}", home_only))
    encoded = [
        DemoSite(s.host, tuple(_utf8(a) for a in s.answers), schemes=("http",)) for s in sites
    ]
    with serve_sites(encoded) as server, serving(server.hosts()) as port:
        desk = Browser(port)
        for site in encoded:
            _, place = desk.check(f"http://{site.host}")
            status, body = desk.result(place)
            assert status == 200
            assert "root:" not in body
    assert not trap.reached()


def _utf8(answer):
    """Header bytes as a server would send an address in UTF-8."""
    headers = tuple((n, v.encode().decode("latin-1")) for n, v in answer.headers)
    return Answer(answer.path, answer.status, headers)


def test_the_trap_notices_a_connection():
    """The trap would be seen: the same tests without a guard would fail."""
    trap = Trap()
    socket.create_connection(("127.0.0.1", trap.port)).close()
    assert trap.reached()


# ---- the command ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("address", "port", "names"),
    [
        ("127.0.0.1", 8043, ("127.0.0.1:8043", "localhost:8043")),
        ("::1", 80, ("[::1]:80", "localhost:80", "[::1]", "localhost")),
        ("192.0.2.7", 81, ("192.0.2.7:81",)),
    ],
)
def test_names_are_those_a_browser_uses(address, port, names):
    assert page.names_of(address, port) == names


def test_faults_of_the_command_are_named(tmp_path, demo):
    def run(*arguments):
        done = CliRunner().invoke(main, ["serve", *map(str, arguments)])
        return done.exit_code, done.output

    with socket.create_server(("127.0.0.1", 0)) as taken:
        code, output = run("--port", taken.getsockname()[1])
        assert (code, "choose another" in output) == (2, True)
        code, output = run("--port", taken.getsockname()[1], "--db", demo / "survey.db")
        assert "choose another" in output
    code, output = run("--db", demo / "survey.db", "--wave", "1999")
    assert (code, "no wave 1999" in output) == (2, True)
    assert run("--contact", "\u00e9")[0] == 2


def test_a_visit_of_a_survey_is_read_back(demo):
    with closing(sqlite3.connect(f"file:{demo}/survey.db?mode=ro", uri=True)) as db:
        found = visited(db, "demo", PAINTER)
        assert isinstance(found, VisitResult)
        assert [c.resource for c in found.captures][:2] == ["/robots.txt", "/"]
        assert visited(db, "demo", "nobody.example") is None


def test_pages_are_accessible(browser):
    _, place = browser.check("two-voices-studio.example")
    browser.result(place)
    for path in ("/", place, "/nothing"):
        tree = lxml_html.fromstring(browser.send("GET", path)[2])
        assert tree.get("lang") == "en"
        assert tree.find(".//title").text
        assert len(tree.xpath("//main")) == len(tree.xpath("//header")) == 1
        assert tree.xpath("//a[@class='skip']/@href") == ["#main"]
        levels = [int(h.tag[1]) for h in tree.xpath("//h1 | //h2 | //h3")]
        assert levels.count(1) == 1
        assert all(after <= before + 1 for before, after in itertools.pairwise(levels))
        ids = tree.xpath("//@id")
        assert len(ids) == len(set(ids))
        for field in tree.xpath("//input[@type!='hidden'] | //select"):
            assert tree.xpath(f"//label[@for='{field.get('id')}']")
        for each in tree.xpath("//@aria-labelledby | //@aria-describedby"):
            assert each in ids
        for area in tree.xpath("//*[@role='region']"):
            assert area.get("aria-label")
        assert not tree.xpath("//script | //@style | //@onclick")
        assert not re.search(r"\son\w+=", path)


def _luminance(colour):
    digits = colour * 2 if len(colour) == 3 else colour
    channels = [int(digits[i : i + 2], 16) / 255 for i in (0, 2, 4)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_colours_contrast_enough():
    """WCAG 2.2, 1.4.3: 4.5 to 1 for text, in both schemes."""
    schemes = re.findall(r":root \{(.*?)\}", page.style(), re.DOTALL)[:2]
    for scheme in schemes:
        colours = dict(re.findall(r"--(\w+): #(\w+)", scheme))
        for front, back in (("ink", "paper"), ("soft", "paper"), ("accent", "paper"),
                            ("warn", "paper"), ("ink", "tint"), ("paper", "accent")):  # fmt: skip
            light, dark = sorted(map(_luminance, (colours[front], colours[back])), reverse=True)
            assert (light + 0.05) / (dark + 0.05) >= 4.5, (front, back)


# ---- hostile pages, and whom we never ask ---------------------------------------------------


def endless(*_):
    while True:
        pass


def test_a_judgement_that_does_not_end_is_ended(monkeypatch):
    """In a process of its own: no time limit in this one could stop a parser."""
    monkeypatch.setattr(page, "JUDGING", 1)
    monkeypatch.setattr(page, "judged", endless)
    desk = page.Desk(None, ["me"], surveyed=lambda host: VisitResult(host, (), *UNREAD))

    async def story():
        try:
            look = page.Request("GET", "/survey/a.example", {}, {"host": "me"}, {})
            return await desk.answer(look)
        finally:
            await desk.close()

    answer = asyncio.run(story())
    assert answer.status == 500
    assert "could not be judged" in answer.body


def test_a_site_that_cannot_be_judged_is_told(monkeypatch):
    async def stopped(*_):
        raise workers.StoppedError("judged: cpu_cap")

    async def visit(site, _):
        return VisitResult(site.host, (), *UNREAD)

    desk = page.Desk(visit, ["me"])
    monkeypatch.setattr(desk._judges, "ask", stopped)

    async def story():
        asked = page.Request("POST", "/check", {}, {"host": "me"},
                             {"token": [desk._token], "site": ["a.example"]})  # fmt: skip
        place = dict((await desk.answer(asked)).headers)["Location"]
        await asyncio.gather(*desk._tasks)
        try:
            return await desk.answer(page.Request("GET", place, {}, {"host": "me"}, {}))
        finally:
            await desk.close()

    assert "could not be judged" in asyncio.run(story()).body


@pytest.mark.parametrize(
    ("written", "contact"),
    [("", None), ("me@a.example", "mailto:me@a.example"), ("https://a.example/@me",) * 2],
)
def test_an_address_is_taken_as_people_write_it(written, contact):
    assert page._contact(written) == contact


def test_whom_nobody_may_ask_is_not_asked(tmp_path):
    never = tmp_path / "never.txt"
    never.write_text(f"{PAINTER} 2026-11-01 asked us not to\n")
    with serve_sites(load_sites()) as server:
        hosts = tmp_path / "hosts"
        hosts.write_text(server.hosts())
        done = CliRunner().invoke(main, ["check", PAINTER, "--hosts", str(hosts), "--delay", "0",
                                         "--do-not-survey", str(never)])  # fmt: skip
    assert done.exit_code == 0, done.output
    assert "on a list of sites that do not want to be asked" in done.stdout


def test_a_list_that_cannot_be_used_is_refused(tmp_path):
    never = tmp_path / "never.txt"
    never.write_text("a.example\n")
    for command in (["check", "a.example"], ["serve", "--port", "0"]):
        done = CliRunner().invoke(main, [*command, "--do-not-survey", str(never)])
        assert done.exit_code == 2
        assert "never.txt" in done.output
