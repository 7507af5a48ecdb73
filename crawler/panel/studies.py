"""What others measured at the door: published probe results and rates of compliance.

Each format is read as its authors write it; nothing of theirs comes with this program. These are
observations of their makers, dated and with their method, and are never mixed with ours: a row
says which study it is of.

| format | is | by |
|---|---|---|
| `probes-jsonl` | a JSON object a line: `domain`, `ua_label`, `class`, `status` | HasData |
| `probes-csv` | columns `host`, `agent`, `class`, and perhaps `control`, `status` | many |
| `verdicts-csv` | columns `host`, `agent`, `verdict`: allow, refuse, pay, unknown | Crawl Census |
| `rates-csv` | columns `agent`, `directive`, `obeyed`, `n`, and perhaps `traffic` | Kim et al. |

A class is what came back to the name of an agent: ok, refused, payment, challenge, rate-limited or
error. The control is what came back to a plain browser, in a column or in rows (`browser`
and others in CONTROLS); where there is none it is not known, and nothing is concluded from such a
probe. A name in a request proves nothing about who sends it: a server that checks addresses or
signatures answers a probe otherwise than the agent itself.
"""

import csv
import hashlib
import io
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from crawler.hosts import HostError, normalise
from crawler.registry import agents

MAX_FILE = 64 << 20
CONTROLS = frozenset({"browser", "chrome", "control", "human"})


class StudyError(ValueError):
    """The file is not of the format; the message says which file, which line and what is wrong."""


class StudyFormat(StrEnum):
    """What can be read; see the table above."""

    PROBES_JSONL = "probes-jsonl"
    PROBES_CSV = "probes-csv"
    VERDICTS_CSV = "verdicts-csv"
    RATES_CSV = "rates-csv"


class ProbeClass(StrEnum):
    """What came back."""

    OK = "ok"
    REFUSED = "refused"
    PAYMENT = "payment"
    CHALLENGE = "challenge"
    RATE_LIMITED = "rate-limited"
    ERROR = "error"


_CLASSES: Mapping[str, ProbeClass] = {
    **{str(value): value for value in ProbeClass},
    "blocked": ProbeClass.REFUSED,
    "blocked-payment": ProbeClass.PAYMENT,
    "captcha": ProbeClass.CHALLENGE,
    "ratelimited": ProbeClass.RATE_LIMITED,
    "server_error": ProbeClass.ERROR,
    "unreachable": ProbeClass.ERROR,
}
_VERDICTS: Mapping[str, ProbeClass | None] = {
    "allow": ProbeClass.OK,
    "refuse": ProbeClass.REFUSED,
    "pay": ProbeClass.PAYMENT,
    "unknown": None,  # not probed, or without an answer: no row
    "disallow": None,  # robots.txt says so: nobody knocked
}
DIRECTIVES = ("disallow", "disallow-all", "crawl-delay")


@dataclass(frozen=True, slots=True)
class Probe:
    """What one site answered to one name; None: not known. `line` is that of the file."""

    host: str
    agent: str
    came: ProbeClass
    control: ProbeClass | None
    status: int | None
    line: int


@dataclass(frozen=True, slots=True)
class Rate:
    """How often an agent obeyed a directive: `obeyed` of `n`; `traffic` is its share, 0 to 1."""

    agent: str
    directive: str
    obeyed: int
    n: int
    traffic: float | None
    line: int


@dataclass(frozen=True, slots=True)
class Study:
    """One file, read. `unanswered`: rows that tell of no answer and were left out."""

    sha256: str
    probes: tuple[Probe, ...] = ()
    rates: tuple[Rate, ...] = ()
    unanswered: int = 0


def parse(content: bytes, form: StudyFormat, name: str) -> Study:
    """Read a file's bytes. Raises StudyError that names the file and the line."""
    if len(content) > MAX_FILE:
        raise StudyError(f"{name}: larger than {MAX_FILE >> 20} MB")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise StudyError(f"{name}:{line}: not UTF-8") from error
    digest = hashlib.sha256(content).hexdigest()
    if form is StudyFormat.RATES_CSV:
        return Study(digest, rates=tuple(_rates(text, name)))
    rows = _PROBES[form](text, name)
    read = [_probe(row, name) for row in rows]
    answered = [probe for probe in read if probe is not None]
    return Study(
        digest,
        probes=tuple(_controlled(answered, name)),
        unanswered=len(read) - len(answered),
    )


@dataclass(frozen=True, slots=True)
class _Row:
    """A row of probes before it is looked at: its fields as texts, missing ones empty."""

    line: int
    host: str
    agent: str
    came: str
    control: str
    status: str
    classes: Mapping[str, ProbeClass | None]


def _of_csv(text: str, name: str, column: str) -> Iterator[_Row]:
    for line, row in _table(text, name, ("host", "agent", column)):
        control, status = row.get("control") or "", row.get("status") or ""
        classes = _VERDICTS if column == "verdict" else _CLASSES
        yield _Row(line, row["host"], row["agent"], row[column], control, status, classes)


def _of_jsonl(text: str, name: str) -> Iterator[_Row]:
    for line, written in enumerate(text.split("\n"), 1):
        if not written.strip():
            continue
        try:
            row = json.loads(written)
        except (ValueError, RecursionError) as error:
            raise StudyError(f"{name}:{line}: not JSON") from error
        if not isinstance(row, dict):
            raise StudyError(f"{name}:{line}: an object is expected")
        fields = [row.get(key) for key in ("domain", "ua_label", "class")]
        for key, value in zip(("domain", "ua_label", "class"), fields, strict=True):
            if not isinstance(value, str):
                raise StudyError(f"{name}:{line}: {key}: a text is expected")
        status = row.get("status")
        host, agent, came = map(str, fields)
        yield _Row(line, host, agent, came, "", "" if status is None else str(status), _CLASSES)


_PROBES: Mapping[StudyFormat, Callable[[str, str], Iterator[_Row]]] = {
    StudyFormat.PROBES_JSONL: _of_jsonl,
    StudyFormat.PROBES_CSV: lambda text, name: _of_csv(text, name, "class"),
    StudyFormat.VERDICTS_CSV: lambda text, name: _of_csv(text, name, "verdict"),
}


def _table(text: str, name: str, needed: tuple[str, ...]) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield the rows of a CSV with their lines; the last line of a row that has several."""
    reader = csv.DictReader(io.StringIO(text), strict=True)
    try:
        missing = [column for column in needed if column not in (reader.fieldnames or ())]
        if missing:
            raise StudyError(f"{name}:1: no column {', '.join(missing)}")
        for row in reader:
            if None in row or None in row.values():
                raise StudyError(f"{name}:{reader.line_num}: not as many fields as the first line")
            yield reader.line_num, {key: value.strip() for key, value in row.items()}
    except csv.Error as error:
        line = min(reader.line_num, text.count("\n")) + 1  # the one that was being read
        raise StudyError(f"{name}:{line}: {error}") from error


def _probe(row: _Row, name: str) -> Probe | None:
    place = f"{name}:{row.line}"
    try:
        host = normalise(row.host).ascii
    except HostError as error:
        raise StudyError(f"{place}: {row.host!r} is no host: {error}") from error
    if not row.agent:
        raise StudyError(f"{place}: no agent")
    came = _class(row.came, row.classes, place)
    if came is None:
        return None
    control = _class(row.control, _CLASSES, place) if row.control else None
    return Probe(host, _agent(row.agent), came, control, _status(row.status, place), row.line)


def _class(word: str, known: Mapping[str, ProbeClass | None], place: str) -> ProbeClass | None:
    word = word.strip().lower()
    if word.startswith("other-") and word.removeprefix("other-").isdigit():
        return ProbeClass.ERROR  # a status that the publisher puts in no class
    if word not in known:
        raise StudyError(f"{place}: {word!r} is no class; known are {', '.join(known)}")
    return known[word]


def _status(text: str, place: str) -> int | None:
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and 100 <= int(text) <= 599):
        raise StudyError(f"{place}: {text!r} is no status")
    return int(text)


def _agent(label: str) -> str:
    """Spell an agent as the registry does, where it knows the name."""
    known = agents.load().by_token(label)
    return known.token if known else label


def _controlled(probes: list[Probe], name: str) -> Iterator[Probe]:
    """Put the rows of controls beside the others; what is told twice must be told alike."""
    told: dict[tuple[str, str], Probe] = {}
    controls: dict[str, Probe] = {}
    for probe in probes:
        first = told.setdefault((probe.host, probe.agent.lower()), probe)
        if (first.came, first.control) != (probe.came, probe.control):
            raise StudyError(
                f"{name}:{probe.line}: {probe.agent} at {probe.host} is otherwise in line"
                f" {first.line}"
            )
        if probe.agent.lower() in CONTROLS:
            beside = controls.setdefault(probe.host, probe)
            if beside.came is not probe.came:
                raise StudyError(f"{name}:{probe.line}: another control than in line {beside.line}")
    for probe in told.values():
        if probe.agent.lower() not in CONTROLS:
            there = controls.get(probe.host)
            yield probe if there is None else replace(probe, control=there.came)


def _rates(text: str, name: str) -> Iterator[Rate]:
    seen: dict[tuple[str, str], int] = {}
    for line, row in _table(text, name, ("agent", "directive", "obeyed", "n")):
        place = f"{name}:{line}"
        agent, directive = _agent(row["agent"]), row["directive"].lower()
        if not agent:
            raise StudyError(f"{place}: no agent")
        if directive not in DIRECTIVES:
            known = ", ".join(DIRECTIVES)
            raise StudyError(f"{place}: {directive!r} is no directive; known are {known}")
        if (agent, directive) in seen:
            first = seen[agent, directive]
            raise StudyError(f"{place}: {agent} and {directive} are in line {first} as well")
        seen[agent, directive] = line
        obeyed, n = _count(row["obeyed"], "obeyed", place), _count(row["n"], "n", place)
        if obeyed > n or not n:
            raise StudyError(f"{place}: obeyed {obeyed} of {n}")
        yield Rate(agent, directive, obeyed, n, _share(row.get("traffic") or "", place), line)


def _count(text: str, column: str, place: str) -> int:
    if not (text.isascii() and text.isdigit()) or len(text) > 15:
        raise StudyError(f"{place}: {column}: {text!r} is no count")
    return int(text)


def _share(text: str, place: str) -> float | None:
    if not text:
        return None
    try:
        value = float(text)
    except ValueError as error:
        raise StudyError(f"{place}: traffic: {text!r} is no share") from error
    if not 0 <= value <= 1:
        raise StudyError(f"{place}: traffic: {text!r} is no share of 0 to 1")
    return value
