"""A small page for people: enter a site, watch the check, read the result, copy the mend.

It answers on this machine only unless told otherwise, keeps results in memory for a while and
nothing else, and needs no script. What may be fetched is decided where a survey's requests are
(`crawler.fetch.address_guard`); here is decided who may ask for it: only pages of our own, under
the name that we are reached by (another site's page could else send a browser here, also by a name
that it lets point to this machine), and only so often.
"""

import asyncio
import contextlib
import hmac
import json
import re
import secrets
from collections import OrderedDict, deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from http import HTTPStatus
from time import monotonic
from urllib.parse import parse_qs, quote

from crawler.checker.checks import AskError, Checker, Site
from crawler.checker.page import advice_page, files_zip, render, style
from crawler.creator.advice import Advice, advise
from crawler.creator.generate import NO, TERMS, YES, WishError
from crawler.creator.wording import LANGUAGES, language, say, speaking
from crawler.model import Preference, Purpose
from crawler.visit.result import VisitResult
from crawler.wave import workers

MAX_HEAD = 16 * 1024
MAX_BODY = 4 * 1024
PATIENCE = 10.0
"""Seconds that a client may take to ask."""
MAX_CONNECTIONS = 32
AT_ONCE = 2
WAITING = 6
KEPT = 20
"""Results in memory; the oldest goes first."""
PER_WINDOW, WINDOW = 30, 600.0
"""Checks begun in so many seconds."""
PER_ADDRESS = 5
"""Of these one address may begin so many, where anybody may ask."""
JUDGING = 20
"""CPU seconds for one judgement; a hostile page could take hours (`crawler.wave.workers`)."""
WISHES = {"yes": YES, "no": NO, "conditional": TERMS}
SECURITY = (
    ("Content-Security-Policy", "default-src 'none'; style-src 'self'; img-src data:;"
     " form-action 'self'; base-uri 'none'; frame-ancestors 'none'"),
    ("X-Content-Type-Options", "nosniff"),
    ("X-Frame-Options", "DENY"),
    # With `no-referrer` browsers would send `Origin: null` from our own form.
    ("Referrer-Policy", "same-origin"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    ("Cache-Control", "no-store"),
)  # fmt: skip
_REQUEST_LINE = re.compile(r"(GET|HEAD|POST) (/[!-~]*) HTTP/1\.[01]")

Visit = Callable[[Site, Callable[[str], None]], Awaitable[VisitResult]]
Surveyed = Callable[[str], VisitResult | None]
"""Gives a site of a survey by its name; None where there is none."""


@dataclass(frozen=True, slots=True)
class Request:
    """What a browser sent; header names in lower case, the last of repeated ones."""

    method: str
    path: str
    query: Mapping[str, list[str]]
    headers: Mapping[str, str]
    form: Mapping[str, list[str]]
    peer: str = ""
    """The address of who asks; behind a proxy the one that it names last."""

    @property
    def language(self) -> str:
        """What the address asks for, else the first language of the browser that we speak."""
        wanted = self.query.get("lang", []) + self.form.get("lang", [])
        listed = self.headers.get("accept-language", "").split(",")
        spoken = [*wanted, *(part.partition(";")[0].strip()[:2].lower() for part in listed)]
        return next((one for one in spoken if one in LANGUAGES), LANGUAGES[0])

    def text(self, name: str) -> str:
        """One field of the form, empty where it is not there."""
        return self.form.get(name, [""])[0].strip()


@dataclass(frozen=True, slots=True)
class Response:
    """An answer; the security headers are added to every one."""

    status: int
    body: str | bytes = ""
    kind: str = "text/html; charset=utf-8"
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(slots=True)
class Job:
    """One check: what is asked for, what has been asked, what came of it."""

    site: Site
    wishes: Mapping[Purpose, Preference]
    contact: str | None
    language: str
    asked: list[str] = field(default_factory=list)
    advice: Advice | None = None
    error: str | None = None


class Refused(Exception):  # noqa: N818 - an answer
    """A request that is answered with an error page."""

    def __init__(self, status: HTTPStatus, why: str) -> None:
        super().__init__(why)
        self.status = status


def judged(
    visited: VisitResult,
    wishes: Mapping[Purpose, Preference],
    contact: str | None,
    language: str = "en",
) -> Advice | str:
    """Judge a visit; gives what is wrong with the contact in place of an error (for workers)."""
    try:
        with speaking(language):
            return advise(visited, wishes, contact)
    except WishError as error:
        return str(error)


class Desk:
    """The pages and the checks under way; `visit` is how a site is asked.

    `names` are the values of the Host header that are ours. `surveyed` and `hosts` give access
    to a survey's sites. `public`: we are behind a proxy that speaks https under these names, and
    each address may begin PER_ADDRESS checks in WINDOW.
    """

    def __init__(
        self,
        visit: Visit,
        names: Sequence[str],
        *,
        surveyed: Surveyed | None = None,
        hosts: Sequence[str] = (),
        public: bool = False,
    ) -> None:
        self._public = public
        self._by_address: dict[str, deque[float]] = {}
        self._visit = visit
        self._names = frozenset(name.lower() for name in names)
        self._surveyed = surveyed
        self._hosts = tuple(hosts)
        self._token = secrets.token_urlsafe(32)
        self._jobs: OrderedDict[str, Job] = OrderedDict()
        self._tasks: set[asyncio.Task[None]] = set()
        self._free = asyncio.Semaphore(AT_ONCE)
        self._begun: deque[float] = deque()
        self._judges = workers.Desk(AT_ONCE, JUDGING)

    async def answer(self, request: Request) -> Response:
        """Answer one request; what is wrong with it becomes an error page."""
        with speaking(request.language):
            try:
                self._check(request)
                return await self._route(request)
            except Refused as refused:
                return self._page(refused.status, "error.html", message=str(refused))

    def address_of(self, request: Request, peer: str) -> str:
        """Who asks: the connection's other end, or whom our own proxy names last."""
        named = request.headers.get("x-forwarded-for", "") if self._public else ""
        return named.rpartition(",")[2].strip() or peer

    async def close(self) -> None:
        """Drop the checks under way."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._judges.close()

    def _check(self, request: Request) -> None:
        """Refuse what does not come from our own pages (DNS rebinding, cross-site requests)."""
        if request.headers.get("host", "").lower() not in self._names:
            raise Refused(HTTPStatus.MISDIRECTED_REQUEST, say("serve.misdirected"))
        if request.method != "POST":
            return
        site = request.headers.get("sec-fetch-site", "same-origin")
        origin = request.headers.get("origin")
        scheme = "https" if self._public else "http"
        own = {f"{scheme}://{name}" for name in self._names}
        if site != "same-origin" or (origin is not None and origin.lower() not in own):
            raise Refused(HTTPStatus.FORBIDDEN, say("serve.foreign"))
        if not hmac.compare_digest(request.text("token").encode(), self._token.encode()):
            raise Refused(HTTPStatus.FORBIDDEN, say("serve.stale"))

    async def _route(self, request: Request) -> Response:
        parts = request.path.strip("/").split("/")
        if request.method == "POST":
            if request.path != "/check":
                raise Refused(HTTPStatus.NOT_FOUND, say("serve.missing"))
            return self._begin(request)
        match parts:
            case [""]:
                return self._form()
            case ["stored"]:
                return self._page(HTTPStatus.OK, "stored.html", window=int(WINDOW / 60), kept=KEPT)
            case ["style.css"]:
                return Response(200, style(), "text/css; charset=utf-8")
            case ["check", key, *rest] if key in self._jobs:
                with speaking(self._jobs[key].language):
                    return self._result(key, self._jobs[key], rest)
            case ["survey"] if self._surveyed:
                return self._list(request)
            case ["survey", host, *rest] if self._surveyed:
                return await self._of_survey(host, rest)
            case _:
                raise Refused(HTTPStatus.NOT_FOUND, say("serve.missing"))

    def _form(self, status: int = 200, error: str = "", given: str = "") -> Response:
        return self._page(
            HTTPStatus(status), "ask.html", token=self._token, error=error, given=given,
            purposes=tuple(Purpose), words=tuple(WISHES),
        )  # fmt: skip

    def _begin(self, request: Request) -> Response:
        """Start a check, or say why not; the browser is sent to its page."""
        written = request.text("site")
        try:
            site = Site.parse(written)
        except AskError as error:
            return self._form(400, str(error), written)
        self._within_limits(request.peer)
        given = {p: WISHES.get(request.text(p.value)) for p in Purpose}
        wishes = {purpose: value for purpose, value in given.items() if value is not None}
        key = secrets.token_urlsafe(16)
        contact = _contact(request.text("contact"))
        job = self._jobs[key] = Job(site, wishes, contact, request.language)
        while len(self._jobs) > KEPT:
            self._jobs.popitem(last=False)
        task = asyncio.create_task(self._run(job))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return Response(303, headers=(("Location", f"/check/{key}"),))

    def _within_limits(self, peer: str) -> None:
        now = monotonic()
        if self._public:
            self._by_address = {
                one: times for one, times in self._by_address.items() if times[-1] > now - WINDOW
            }
            own = self._by_address.setdefault(peer, deque(maxlen=PER_ADDRESS))
            if len(own) == PER_ADDRESS and own[0] > now - WINDOW:
                raise Refused(HTTPStatus.TOO_MANY_REQUESTS, say("serve.too_many"))
            own.append(now)
        while self._begun and self._begun[0] < now - WINDOW:
            self._begun.popleft()
        if len(self._begun) >= PER_WINDOW or len(self._tasks) >= AT_ONCE + WAITING:
            raise Refused(HTTPStatus.TOO_MANY_REQUESTS, say("serve.too_many"))
        self._begun.append(now)

    async def _run(self, job: Job) -> None:
        """Visit and judge; judging is done elsewhere, the page stays answerable."""
        try:
            async with self._free:
                visited = await self._visit(job.site, job.asked.append)
                found = await self._judge(visited, job.wishes, job.contact, job.language)
            if isinstance(found, Advice):
                job.advice = found
            else:
                job.error = found
        except AskError as error:
            job.error = str(error)
        except Exception as error:  # noqa: BLE001 - the person is told, the page lives on
            job.error = f"{type(error).__name__}: {error}"[:300]

    async def _judge(
        self,
        visited: VisitResult,
        wishes: Mapping[Purpose, Preference],
        contact: str | None,
        language: str,
    ) -> Advice | str:
        """Judge in a process that is ended where it takes too long or too much memory."""
        try:
            return await self._judges.ask(judged, visited, wishes, contact, language)
        except workers.StoppedError:
            return say("serve.too_hard")

    def _result(self, key: str, job: Job, rest: list[str]) -> Response:
        if job.error is not None:
            return self._form(400, job.error, job.site.host)
        if job.advice is None:
            return self._page(
                HTTPStatus.OK, "watch.html", refresh=2, site=job.site.host, asked=job.asked[-100:]
            )
        again = {"token": self._token, "wishes": {p: _word(v) for p, v in job.wishes.items()},
                 "contact": job.contact or ""}  # fmt: skip
        return self._advice(job.advice, f"/check/{key}", rest, again)

    def _advice(
        self, advice: Advice, place: str, rest: list[str], again: Mapping[str, object] | None = None
    ) -> Response:
        match rest:
            case []:
                return Response(200, advice_page(advice, inline=False, links=place, again=again,
                                                 surveys=bool(self._surveyed)))  # fmt: skip
            case ["files.zip"]:
                return _download(files_zip(advice), "application/zip", "files.zip")
            case ["page.html"]:
                return _download(advice_page(advice, inline=True), "text/html", "check.html")
            case ["advice.json"]:
                return _download(json.dumps(asdict(advice)), "application/json", "check.json")
            case _:
                raise Refused(HTTPStatus.NOT_FOUND, say("serve.missing"))

    def _list(self, request: Request) -> Response:
        wanted = request.query.get("site", [""])[0].strip().lower()
        found = [host for host in self._hosts if wanted in host]
        links = [(host, quote(host, safe="")) for host in found[:200]]
        return self._page(
            HTTPStatus.OK, "survey.html", wanted=wanted, found=links, total=len(found)
        )

    async def _of_survey(self, host: str, rest: list[str]) -> Response:
        visited = self._surveyed(host.replace("%3A", ":")) if self._surveyed else None
        if visited is None:
            raise Refused(HTTPStatus.NOT_FOUND, say("serve.missing"))
        found = await self._judge(visited, {}, None, language())
        if isinstance(found, str):
            raise Refused(HTTPStatus.INTERNAL_SERVER_ERROR, found)
        return self._advice(found, f"/survey/{host}", rest)

    def _page(self, status: HTTPStatus, name: str, **context: object) -> Response:
        body = render(name, surveys=bool(self._surveyed), **context)
        retry = (("Retry-After", "60"),) if status == HTTPStatus.TOO_MANY_REQUESTS else ()
        return Response(status, body, headers=retry)


def _contact(written: str) -> str | None:
    """A contact as files need it: people write e-mail addresses without `mailto:`."""
    if "@" in written and ":" not in written:
        return f"mailto:{written}"
    return written or None


def _word(preference: Preference) -> str:
    return next(word for word, value in WISHES.items() if value is preference)


def _download(body: str | bytes, kind: str, name: str) -> Response:
    disposition = ("Content-Disposition", f'attachment; filename="{name}"')
    return Response(200, body, f"{kind}; charset=utf-8", (disposition,))


async def converse(desk: Desk, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Read one request, answer it, and close; a client that dawdles or floods is dropped."""
    head_only = False
    try:
        async with asyncio.timeout(PATIENCE):
            request = await _read(reader)
        peer = writer.get_extra_info("peername")
        request = replace(request, peer=desk.address_of(request, peer[0] if peer else ""))
        head_only = request.method == "HEAD"
        response = await desk.answer(request)
    except Refused as refused:
        response = Response(refused.status, f"{refused}\n", "text/plain; charset=utf-8")
    except (TimeoutError, EOFError, OSError, ValueError):
        writer.transport.abort()
        return
    with contextlib.suppress(OSError, TimeoutError):
        async with asyncio.timeout(PATIENCE):
            writer.write(_wire(response, head_only=head_only))
            await writer.drain()
            writer.close()
            await writer.wait_closed()
    writer.transport.abort()


async def _read(reader: asyncio.StreamReader) -> Request:
    """Read a request; raises Refused, or EOFError and ValueError for what is none."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    first, *lines = head.removesuffix("\r\n\r\n").split("\r\n")
    line = _REQUEST_LINE.fullmatch(first)
    if line is None:
        raise Refused(HTTPStatus.BAD_REQUEST, "not a request that this page knows")
    pairs = [(name.lower(), value.strip()) for name, _, value in (i.partition(":") for i in lines)]
    headers = dict(pairs)
    if sum(name == "host" for name, _ in pairs) != 1 or "transfer-encoding" in headers:
        raise Refused(HTTPStatus.BAD_REQUEST, "one Host and no Transfer-Encoding, please")
    path, _, query = line[2].partition("?")
    body = b""
    if line[1] == "POST":
        length = headers.get("content-length", "")
        if not (length.isascii() and length.isdigit() and len(length) < 9):
            raise Refused(HTTPStatus.LENGTH_REQUIRED, "how long is it?")
        if int(length) > MAX_BODY:
            raise Refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too long")
        body = await reader.readexactly(int(length))
    return Request(line[1], path, _fields(query), headers, _fields(body.decode("utf-8", "replace")))


def _fields(text: str) -> Mapping[str, list[str]]:
    return parse_qs(text, max_num_fields=20)


def _wire(response: Response, *, head_only: bool) -> bytes:
    text = response.body
    body = text if isinstance(text, bytes) else text.encode("utf-8", "replace")
    headers = [
        ("Content-Type", response.kind),
        ("Content-Length", str(len(body))),
        ("Connection", "close"),
        *SECURITY,
        *response.headers,
    ]
    lines = [f"HTTP/1.1 {response.status} {HTTPStatus(response.status).phrase}"]
    lines += [f"{name}: {value}" for name, value in headers]
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + (b"" if head_only else body)


def names_of(address: str, port: int) -> tuple[str, ...]:
    """What a browser may call us: the address itself, and this machine where it is loopback."""
    shown = f"[{address}]" if ":" in address else address
    names = [shown, "localhost"] if address in {"127.0.0.1", "::1"} else [shown]
    return tuple(f"{name}:{port}" for name in names) + (tuple(names) if port == 80 else ())


async def serve(  # noqa: PLR0913 - each is given by an option
    checker: Checker,
    address: str,
    port: int,
    ready: Callable[[str], None],
    *,
    surveyed: Surveyed | None = None,
    hosts: Sequence[str] = (),
    public: str | None = None,
) -> None:
    """Serve until cancelled; `ready` is told our address. Raises OSError for a taken port.

    `public` is the name under which a proxy with https leads everybody here.
    """
    open_now = 0
    desk: Desk

    async def taken(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal open_now
        if open_now >= MAX_CONNECTIONS:
            writer.transport.abort()
            return
        open_now += 1
        try:
            await converse(desk, reader, writer)
        finally:
            open_now -= 1

    server = await asyncio.start_server(taken, address, port, limit=MAX_HEAD)
    taken_port = server.sockets[0].getsockname()[1]
    names = (public,) if public else names_of(address, taken_port)
    desk = Desk(checker.visit, names, surveyed=surveyed, hosts=hosts, public=bool(public))
    ready(f"http://{names_of(address, taken_port)[0]}/")
    try:
        async with server:
            await server.serve_forever()
    finally:
        await desk.close()
