"""The data dictionary and the codebook: every table, column and stored value with its sentence.

Tables, columns and values are read out of the schema and the code; only the sentences are written
by hand, in `dictionary.toml`, `tables.toml`, `codebook.toml` and the registries.
A missing sentence is an error.
"""

import sqlite3
import tomllib
from contextlib import closing
from dataclasses import asdict, dataclass
from functools import cache
from importlib import resources
from typing import Any

from analysis.waves.changes import ChangeKind
from crawler import model
from crawler.judge import verdicts, work_hosts
from crawler.judge.definitions import DEFINITIONS
from crawler.panel import studies
from crawler.parsers.robots.rules import Rule
from crawler.registry import (
    agents,
    authors,
    defects,
    honours,
    inventory,
    operators,
    platforms,
    routes,
)
from crawler.signals import RULESET, SIGNALS
from crawler.signals.reading import reservation, robots_authorship
from crawler.signals.robots_access import READERS
from crawler.store.database import ddl


@dataclass(frozen=True, slots=True)
class Column:
    """One column; `type` is SQLite's, empty where a view computes the value."""

    name: str
    type: str
    about: str


@dataclass(frozen=True, slots=True)
class Table:
    """One table or documented view; `kind` says which."""

    name: str
    kind: str
    about: str
    columns: tuple[Column, ...]


@dataclass(frozen=True, slots=True)
class Value:
    """One value of a closed vocabulary, as stored."""

    value: str
    about: str


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """A closed list of values and the columns that hold them, without their tables."""

    name: str
    about: str
    columns: tuple[str, ...]
    values: tuple[Value, ...]


# Stored words that are no enumeration: of readings that a signal or the judge ends with.
_ACCESS_RULES = (
    *Rule, "rfc9309-2.3.1.3-unavailable", "rfc9309-2.3.1.4-unreachable", "refused-unmeasured",
    "not-read-unmeasured", "cut-short-unmeasured", "not-robots-no-group", "protego-can-fetch",
    "protego-not-asked", "protego-failed", "cpu_cap", "memory_cap", "worker_died",
)  # fmt: skip
_STANCES = (*reservation.Stance, "pay_per_crawl", "rsl_cap", "x402", "payment_scheme", "generative")

_LISTED: tuple[tuple[str, str, tuple[str, ...], Any], ...] = (
    ("Outcome", "How a visit ended.", ("outcome",), model.Outcome),
    ("Reason", "Why a visit ended so.", ("reason",), model.Reason),
    ("Failure", "Why a request brought no complete answer.", ("failure",), model.Failure),
    ("Reading", "How the reading of one signal in one capture ended.", ("outcome",), model.Reading),
    ("Note", "What is special about a reading.", ("note",), None),
    ("Purpose", "What content may be used for.", ("purpose",), model.Purpose),
    (
        "Preference",
        "What is said about a use.",
        ("preference", "preference_strict", "preference_lenient"),
        model.Preference,
    ),
    ("Strictness", "Who understands a statement.", ("strictness",), model.Strictness),
    ("Scope", "What a statement speaks about.", ("scope",), model.Scope),
    ("Stance", "The signal's own class of a statement.", ("stance",), _STANCES),
    ("RobotsState", "What the request for robots.txt brought.", ("state", "robots_state"),
     model.RobotsState),
    ("Access", "May the agent fetch it?",
     ("root", "rfc9309_root", "google_root", "protego_root", "vendor_root"), model.Access),
    ("Extent", "How much of the site is closed to an agent.",
     ("extent", "rfc9309_extent", "google_extent", "vendor_extent"), model.Extent),
    ("Basis", "Which group decided for an agent.", ("basis",), model.Basis),
    ("AccessRule", "What decided on access.", ("rule",), _ACCESS_RULES),
    ("UseRule", "What decided on a use.", ("rule",), verdicts.Rule),
    ("Severity", "What a defect does to the intended effect.", ("severity",), model.Severity),
    ("ChangeKind", "What became of a subject from one wave to the next.", ("kind",), ChangeKind),
    ("AgentPurpose", "What an agent fetches for.", ("purpose",), agents.AgentPurpose),
    ("AgentStatus", "Whether an agent's name is in use.", ("status",), agents.AgentStatus),
    ("Verification", "How near the compilers came to a text.", ("verification",),
     agents.Verification),
    ("HonoursRobots", "What is claimed of an agent and robots.txt.", ("honours_robots",),
     agents.Honours),
    ("Stand", "What is known of an operator and a signal.", ("honours",), honours.Stand),
    ("ProbeClass", "What came back at the door.", ("came", "control"), studies.ProbeClass),
    ("Effect", "What an operator says follows when robots.txt refuses an agent.", ("effect",),
     operators.Effect),
    ("Removes", "What a removal takes something out of.", ("removes",), routes.Removes),
    ("Covers", "Whose removal it is.", ("covers",), routes.Covers),
    ("LicenceWay", "How a licence is come to.", ("way",), routes.Kind),
    ("PlatformKind", "What creators use a platform for.", ("kind", "platform_kind"),
     platforms.Kind),
    ("PlatformStrength", "How surely the marks show a platform.", ("strength",),
     platforms.Strength),
    ("Control", "Whose host it is that serves works.", ("control",), work_hosts.Control),
    ("Status", "How firm the ground is that a signal stands on.", ("status",), inventory.Status),
    ("Coverage", "Whether a signal is looked at.", ("coverage",), inventory.Coverage),
    ("Measure", "Kind of opt-out measure, by the EUIPO study.", ("measure",), inventory.Measure),
    ("MeasureBasis", "What a technical measure is bound to, by the EUIPO study.", ("basis",),
     inventory.Basis),
    ("Europe", "Where a signal stands in the Commission's process.", ("europe",),
     inventory.Europe),
)  # fmt: skip


@cache
def tables() -> tuple[Table, ...]:
    """Give the documented views, then the tables, in the order of the schema."""
    views, facts = _toml("dictionary.toml"), _toml("tables.toml")
    with closing(sqlite3.connect(":memory:")) as connection:
        for statement in ddl():
            connection.execute(statement)
        listed = connection.execute(
            "SELECT name, type FROM sqlite_master WHERE type IN ('table', 'view')"
            " AND name NOT GLOB 'sqlite_*' ORDER BY type DESC, rowid"
        ).fetchall()
        found = []
        for name, kind in listed:
            words = views["columns"] if kind == "view" else _words(views, facts, name)
            about = (views["views"] if kind == "view" else facts["tables"]).get(name)
            if kind == "view" and about is None:
                continue  # a view that others are made of
            info = connection.execute("SELECT name, type FROM pragma_table_info(?)", (name,))
            columns = tuple(Column(column, type_, words[column]) for column, type_ in info)
            found.append(Table(name, kind, about, columns))
    return tuple(found)


def _words(views: dict[str, Any], facts: dict[str, Any], table: str) -> dict[str, str]:
    return {**views["columns"], **facts["columns"], **facts["only"].get(table, {})}


def _toml(name: str) -> dict[str, Any]:
    return tomllib.loads(resources.files("crawler.dictionary").joinpath(name).read_text("utf-8"))


@cache
def vocabularies() -> tuple[Vocabulary, ...]:
    """Give every closed vocabulary that the database stores."""
    words = _toml("codebook.toml")
    listed = tuple(
        Vocabulary(
            name,
            about,
            columns,
            tuple(Value(str(v), words[name][v]) for v in (words[name] if of is None else of)),
        )
        for name, about, columns, of in _LISTED
    )
    return (*listed, *_registered())


def _registered() -> tuple[Vocabulary, ...]:
    """Give the vocabularies whose entries carry their words themselves."""
    entries = defects.load().entries.values()
    marks = {mark.id: mark.title for mark in authors.load()}
    nobody = {
        robots_authorship.UNKNOWN: "No mark tells who wrote it.",
        robots_authorship.MIXED: "Marks of several stand in it.",
    }
    return (
        Vocabulary(
            "Signal", "What is looked for.", ("signal", "signal_a", "signal_b"),
            tuple(Value(s.name, f"{s.title} ({s.id}).") for s in SIGNALS),
        ),
        Vocabulary(
            "Defect", "Ways in which a statement fails.", ("code",),
            tuple(Value(e.id, f"{e.title.rstrip('.')}. {e.effect}") for e in entries),
        ),
        Vocabulary(
            "Definition", "Published definitions of `blocks AI crawlers`.", ("definition",),
            tuple(Value(d.id, d.counts) for d in DEFINITIONS),
        ),
        Vocabulary(
            "Author", "Who wrote a robots.txt, where a mark tells.", ("authorship",),
            tuple(Value(value, about) for value, about in (marks | nobody).items()),
        ),
        Vocabulary(
            "Reader", "By whose reading of robots.txt.", ("reader",),
            tuple(Value(r, about) for r, about in zip(READERS, _READERS, strict=True)),
        ),
    )  # fmt: skip


_READERS = (
    "The letter of RFC 9309; the main reader.",
    "Google's parser.",
    "Protego, which crawlers built on Scrapy use.",
)


def to_document() -> dict[str, object]:
    """Give all of it as one JSON object: `{"ruleset", "tables": [...], "vocabularies": [...]}`."""
    return {
        "ruleset": RULESET,
        "tables": [asdict(table) for table in tables()],
        "vocabularies": [asdict(vocabulary) for vocabulary in vocabularies()],
    }


def to_markdown() -> str:
    """Write all of it as one page."""
    parts = [
        "# Data dictionary\n",
        "Generated from the schema and the code. Views begin with `v_` and show, for each wave, the"
        " newest ruleset that judged it; tables keep every ruleset.\n",
        "## Views\n",
        *(_table(table) for table in tables() if table.kind == "view"),
        "## Tables\n",
        *(_table(table) for table in tables() if table.kind == "table"),
        "# Codebook\n",
        "Values are stored in databases that outlive the code: none is ever renamed or given"
        " another meaning.\n",
        *map(_vocabulary, vocabularies()),
    ]
    return "\n".join(parts)


def _table(table: Table) -> str:
    rows = (f"| `{c.name}` | {c.type.lower()} | {_cell(c.about)} |" for c in table.columns)
    head = f"### {table.name}\n\n{table.about}\n\n| column | type | is |\n|---|---|---|"
    return "\n".join((head, *rows, ""))


def _vocabulary(vocabulary: Vocabulary) -> str:
    held = ", ".join(f"`{column}`" for column in vocabulary.columns)
    about = f"{vocabulary.about} Columns: {held}."
    head = f"## {vocabulary.name}\n\n{about}\n\n| value | means |\n|---|---|"
    rows = (f"| `{_cell(v.value)}` | {_cell(v.about)} |" for v in vocabulary.values)
    return "\n".join((head, *rows, ""))


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
