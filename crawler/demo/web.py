"""Site files to the demo web: what each invented site answers, and the truth about it.

One TOML file a site, so that a person can read a site in one look. The truth in it is
written from the specifications, never copied from a judge's output: it is what the judge
is compared with.
"""

import csv
import io
import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from importlib.resources import files
from types import MappingProxyType
from typing import Any

from crawler import signals as registry
from crawler.demo.works import work
from crawler.model import Access, Outcome, Preference, Purpose, Reading, Reason, RobotsState

STRICT8 = (
    "Amazonbot",
    "Applebot-Extended",
    "CCBot",
    "ClaudeBot",
    "Google-Extended",
    "GPTBot",
    "meta-externalagent",
    "MistralAI-Training",
)
SIGNALS = (
    "robots_access",
    "robots_content_signal",
    "robots_meta",
    "tdmrep_file",
    "tdmrep_header",
    "tdmrep_meta",
    "x_robots_tag",
)
"""Compared on every site; the others where a site's truth names them, and else not present."""
STRATA = ("creators", "press", "institutions", "platforms", "industry", "faults")
PANEL_COLUMNS = ("host", "stratum", "sector", "creator_type", "country", "platform", "note")
DEFAULT = "default"


class Behaviour(StrEnum):
    """What a site does on the wire once the connection is open."""

    SERVE = "serve"
    SLOW = "slow"  # honest, a second late
    DRIP = "drip"  # a byte now and then, never a whole header
    SILENT = "silent"  # takes the request and says nothing
    RESET = "reset"
    EMPTY_REPLY = "empty_reply"
    BODY_CUT = "body_cut"  # promises more bytes than it sends
    NOT_HTTP = "not_http"
    TLS_FAILURE = "tls_failure"  # answers http, aborts every handshake
    REFUSE = "refuse"  # nothing listens
    NO_SUCH_HOST = "no_such_host"


class Asked(StrEnum):
    """A truth beside the readings: the resource was rightly never requested."""

    UNASKED = "unasked"


@dataclass(frozen=True, slots=True)
class Change:
    """A change that must be found between the two months; kinds and subjects are its own."""

    kind: str
    subject: str
    before: str
    after: str


class SiteFileError(ValueError):
    """A site file that cannot be used; the message names the host and the fault."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer, sent byte for byte; only framing headers are added.

    `host` None stands for the site's own names, `scheme` None for http and https alike.
    """

    path: str
    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    gzip: bool = False
    host: str | None = None
    scheme: str | None = None


@dataclass(frozen=True, slots=True)
class Truth:
    """What a correct survey and a correct strict judge must say about the site."""

    outcome: Outcome
    reason: Reason
    robots: RobotsState
    agents: Mapping[str, Access]
    use: Mapping[Purpose, Preference] = field(default_factory=dict)
    signals: Mapping[str, Reading | Asked] = field(default_factory=dict)
    renditions: Mapping[str, str] = field(default_factory=dict)
    """Paths of pictures that name what they were made from, and what became of its wish."""

    def access(self, agent: str) -> Access:
        """May `agent` fetch the root, as RFC 9309 reads the file?"""
        return self.agents.get(agent, self.agents[DEFAULT])

    def preference(self, purpose: Purpose) -> Preference:
        """Give the site's strict verdict for one purpose."""
        return self.use.get(purpose, Preference.UNSTATED)

    def reading(self, signal: str) -> Reading | Asked:
        """Give the outcome of one signal; a signal the file does not list is absent."""
        return self.signals.get(signal, self.signals.get(DEFAULT, Reading.ABSENT))


MISSING = Answer(
    path="*",
    status=404,
    headers=(("Content-Type", "text/html; charset=utf-8"),),
    body=b"<!doctype html><title>Not found</title><h1>Not found</h1>\n",
)


@dataclass(frozen=True, slots=True)
class DemoSite:
    """One site; `truth` is None for replays of real bodies, about which nothing is known."""

    host: str
    answers: tuple[Answer, ...] = ()
    fallback: Answer = MISSING
    behaviour: Behaviour = Behaviour.SERVE
    schemes: tuple[str, ...] = ("https", "http")
    aliases: tuple[str, ...] = ()
    """Other names with the same answers, such as the `www.` twin."""
    story: str = ""
    stratum: str = ""
    sector: str = ""
    creator_type: str = ""
    country: str = ""
    platform: str = ""
    truth: Truth | None = None
    changes: tuple[Change, ...] = ()
    """What must be found changed in the month that ends here; empty in the first month."""

    @property
    def names(self) -> tuple[str, ...]:
        """Every host name this site answers for, its own first."""
        others = (answer.host for answer in self.answers if answer.host)
        return tuple(dict.fromkeys((self.host, *self.aliases, *others)))

    def answer(self, host: str, path: str, scheme: str) -> Answer:
        """Give what `host` answers for `path`, with its query or else without."""
        own = host == self.host or host in self.aliases
        for wanted in (path, path.partition("?")[0]):
            for answer in self.answers:
                fits = answer.host == host or (answer.host is None and own)
                if fits and answer.path == wanted and answer.scheme in {None, scheme}:
                    return answer
        return self.fallback


def load_sites() -> tuple[DemoSite, ...]:
    """Read the bundled sites, ordered by host; raise `SiteFileError` on a faulty file."""
    return tuple(read_site(text) for text in _texts("sites"))


def second_month() -> tuple[DemoSite, ...]:
    """Read the same sites a month later: most are as they were, some have changed.

    A changed site has a file of its own with only what is new: answers take the place of those
    for the same address, `removed` lists addresses that are gone, `truth` is whole.
    """
    sites = {site.host: site for site in load_sites()}
    for text in _texts("second_month"):
        changed = read_later(sites, text)
        sites[changed.host] = changed
    return tuple(sites.values())


def _texts(folder: str) -> tuple[str, ...]:
    entries = sorted(files("crawler.demo").joinpath(folder).iterdir(), key=lambda e: e.name)
    return tuple(e.read_text(encoding="utf-8") for e in entries if e.name.endswith(".toml"))


def read_later(sites: Mapping[str, DemoSite], text: str) -> DemoSite:
    """Read what changed of one of `sites`; raise `SiteFileError` on a faulty file."""
    table = tomllib.loads(text)
    host = str(table.get("host", "?"))
    try:
        site = sites[host]
        fresh = tuple(_answer(entry) for entry in table.get("answers", []))
        gone = {answer.path for answer in fresh} | set(table.get("removed", ()))
        kept = tuple(answer for answer in site.answers if answer.path not in gone)
        fallback = table.get("fallback")
        return replace(
            site,
            story=table["story"],
            answers=(*kept, *fresh),
            fallback=_answer({"path": "*", **fallback}) if fallback else site.fallback,
            truth=_truth(table["truth"]),
            changes=tuple(
                Change(entry["kind"], subject, entry["before"], entry["after"])
                for entry in table.get("changes", [])
                for subject in entry["subjects"]
            ),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise SiteFileError(f"{host}: {error!r}") from error


def read_site(text: str) -> DemoSite:
    """Read one site file; unknown keys and values outside the vocabularies are errors."""
    table = tomllib.loads(text)
    host = str(table.get("host", "?"))
    try:
        answers = tuple(_answer(entry) for entry in table.pop("answers", []))
        fallback = _answer({"path": "*", **table.pop("fallback")}) if "fallback" in table else None
        truth = _truth(table.pop("truth"))
        table["schemes"] = tuple(table.get("schemes", ("https", "http")))
        table["aliases"] = tuple(table.get("aliases", ()))
        table["behaviour"] = Behaviour(table.get("behaviour", Behaviour.SERVE))
        return DemoSite(**table, answers=answers, fallback=fallback or MISSING, truth=truth)
    except (KeyError, TypeError, ValueError) as error:
        raise SiteFileError(f"{host}: {error!r}") from error


def _answer(entry: Mapping[str, Any]) -> Answer:
    """Build an answer; `padding` puts a repeated line between `body` and `tail`.

    `work` says what is planted in a picture, a sound or a book that is made for the answer.
    """
    entry = dict(entry)
    planted = entry.pop("work", None)
    padding = entry.pop("padding", {"line": "", "times": 0})
    text = entry.pop("body", "") + padding["line"] * padding["times"] + entry.pop("tail", "")
    headers = tuple((str(name), str(value)) for name, value in entry.pop("headers", ()))
    body = work(planted) if planted else text.encode(entry.pop("encode", "utf-8"))
    return Answer(**entry, headers=headers, body=body)


def _truth(table: Mapping[str, Any]) -> Truth:
    signals = table.get("signals", {})
    if unknown := set(signals) - {DEFAULT, *(signal.name for signal in registry.SIGNALS)}:
        raise ValueError(f"unknown signals {sorted(unknown)}")
    agents = {token: Access(value) for token, value in table["agents"].items()}
    if unknown := set(agents) - {DEFAULT, *STRICT8} or {DEFAULT} - set(agents):
        raise ValueError(f"agents: unknown or missing {sorted(unknown)}")
    return Truth(
        outcome=Outcome(table["outcome"]),
        reason=Reason(table["reason"]),
        robots=RobotsState(table["robots"]),
        agents=MappingProxyType(agents),
        use={Purpose(key): Preference(value) for key, value in table.get("use", {}).items()},
        signals={name: _reading(value) for name, value in signals.items()},
        renditions=MappingProxyType(dict(table.get("renditions", {}))),
    )


def _reading(value: str) -> Reading | Asked:
    return Asked.UNASKED if value == Asked.UNASKED else Reading(value)


def panel_csv(sites: Iterable[DemoSite]) -> str:
    """Write the sites as a panel file; the story becomes the note."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(PANEL_COLUMNS)
    for site in sites:
        known = [getattr(site, column) for column in PANEL_COLUMNS if column != "note"]
        writer.writerow([*known, site.story])
    return out.getvalue()


def hosts_file(sites: Iterable[DemoSite], port_for: Callable[[DemoSite], int]) -> str:
    """Write `127.0.0.1:port name …` lines; a site that has no address is left out."""
    return "".join(
        f"127.0.0.1:{port_for(site)} {' '.join(site.names)}\n"
        for site in sites
        if site.behaviour is not Behaviour.NO_SUCH_HOST
    )
