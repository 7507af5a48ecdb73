"""The inventory, the modules and their fixtures to the reference of the signals.

The index is `crawler/signals/README.md`, because that is what a reader who opens the folder of
the modules is shown; beside it `reference/` has a page a signal.
`python -m crawler.dictionary.signal_reference` writes both; a test fails when they are not up to
date.
`optout explain` shows a page without its examples.
"""

import json
import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from crawler.registry import honours, inventory
from crawler.registry.honours import Family, Row, Stand
from crawler.registry.inventory import Coverage, Entry, Europe
from crawler.signals import SIGNALS, coverage, readers_of
from crawler.signals.reading.readable import printable
from crawler.signals.reading.signal import Signal

MAX_SHOWN = 1200
"""Characters of a response that an example shows."""

FOLDER = Path(__file__).parents[1] / "signals"
FIXTURES = Path(__file__).parents[2] / "tests" / "signals"

COVERAGE = {
    Coverage.READ: "read",
    Coverage.NOT_READ: "not read by this version",
    Coverage.NOT_VISIBLE: "not visible to a crawler",
}
_EUROPE = {
    Europe.NAMED: "named by the code of practice itself",
    Europe.CANDIDATE: "candidate",
    Europe.LATER: "only as a later version of robots.txt, if the IETF adopts it",
}
_HEAD = """\
# The signals

One module a signal, and nothing else: a module reads one way to say something about AI or TDM
use, purely, and its docstring is its public reference. What several signals share is in
`reading/`; a signal never imports a signal, and none fetches or judges.
[CONTRIBUTING.md](../../CONTRIBUTING.md#a-signal) says how to add one.

This page lists every machine-readable way we know of, read or not, and links to a page each:
what it is, how it is written, what it means for each purpose, how it fails, and who says that
they read it. In the terminal `optout signals` lists the signals and `optout explain ID` shows one.

All of it is generated from the modules of this folder, their fixtures in `tests/signals/`, and
the dated data files `inventory.toml` and `honours.toml` in `crawler/registry/`.
Do not edit it: run `python -m crawler.dictionary.signal_reference`.

Purposes are `train` (training a model, or building a data set for it), `search` (an index with
links and short excerpts) and `ai_input` (content given to a model when it answers).
Every example is a test: the finding below a response is what the module must read in it.
A reading is *strict* when it goes by the letter, *lenient* when only a tolerant reader gets it.
*Derived* marks a reading that is ours and not the specification's.
What a signal leaves *unstated* is never read as allowed.
*Unverified* marks what others tell and we have not read in the source itself.
"""
_WHO = """\
## Who would honour it

Each page says which operators document that they read the signal, as of a day.
That is what they say and no measurement of what they do, and no row means that nothing is known.

"""
_STANDS = {
    Stand.DOCUMENTED: "the operator's documentation, or its published program, reads it",
    Stand.PARTLY: "only some of its systems, or some of the meanings",
    Stand.ANNOUNCED: "it says that it will",
    Stand.ENFORCES: "it acts on it against others, for its customers",
    Stand.ENDORSED: "it supports the signal, and does not say that it reads it",
    Stand.STATED_NOT: "it says that it does not",
    Stand.NOT_READ: "its list of what it reads, or its program, leaves it out",
    Stand.DECLINED: "asked, it gave no answer",
    Stand.NO_STATEMENT: "somebody looked for a statement of the operator; there is none",
    Stand.CONTESTED: "whether it must read it is in dispute, also in court",
    Stand.NOTHING_FOUND: "what was searched holds no word on it",
}


def render(signals: Iterable[Signal], fixtures: Path) -> dict[str, str]:
    """Every file of the reference by its path below `crawler/signals/`, the index first.

    `fixtures` holds a folder for each signal.
    """
    signals = list(signals)
    entries = list(inventory.load().entries.values())
    stands = _WHO + _table("value|means", _STANDS.items())
    back = "[All signals](../README.md)\n"
    pages = {path(entry): f"{back}\n{section(entry, signals, fixtures)}" for entry in entries}
    return {"README.md": "\n".join((_HEAD, _index(entries, signals), stands, _schemes())), **pages}


def path(entry: Entry) -> str:
    """Where the page of a signal lies below `crawler/signals/`."""
    words = "-".join(re.findall(r"[a-z0-9]+", entry.title.lower()))
    return f"reference/{entry.id}-{words}.md"


def section(entry: Entry, signals: Iterable[Signal] = SIGNALS, fixtures: Path | None = None) -> str:
    """All about one signal in Markdown; with `fixtures`, the examples too."""
    readers = readers_of(entry, signals)
    modules = [_module(signal, fixtures) for signal in readers]
    reference = f"{entry.reference}\n" if entry.reference else ""
    return "\n".join(
        part
        for part in (
            f"# {entry.id} {entry.title}\n",
            _facts(entry, _names(entry, signals)),
            reference,
            _who(entry),
            *modules,
        )
        if part
    )


def cases(folder: Path) -> list[Path]:
    """The responses of a fixture folder; beside each lies a `.json` with what to find."""
    return sorted(folder.glob("*.http"))


def _table(columns: str, rows: Iterable[Iterable[str]]) -> str:
    names = columns.split("|")
    lines = [names, ["---"] * len(names), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines) + "\n"


def _index(entries: Iterable[Entry], signals: list[Signal]) -> str:
    rows = [
        (e.id, f"[{e.title}]({path(e)})", e.status, e.place, e.scope, _read(e, signals))
        for e in entries
    ]
    return "## All signals\n\n" + _table("id|signal|status|place|scope|read by", rows)


def _read(entry: Entry, signals: Iterable[Signal]) -> str:
    """Each module with the resources that it reads, or why there is none."""
    modules = [f"`{signal.name}` in {_resources(signal)}" for signal in readers_of(entry, signals)]
    return "; ".join(modules) or COVERAGE[coverage(entry, signals)]


def _names(entry: Entry, signals: Iterable[Signal]) -> str:
    names = ", ".join(f"`{signal.name}`" for signal in readers_of(entry, signals))
    return names or COVERAGE[coverage(entry, signals)]


def _resources(signal: Signal) -> str:
    return ", ".join(f"`{resource}`" for resource in signal.resources)


def _schemes() -> str:
    rows = [
        (s.title, s.date, f"{s.source}{_mark(verified=s.verified)}", s.note)
        for s in inventory.load().schemes.values()
    ]
    return "## Cross-references\n\n" + _table("list|date|known from|note", rows)


def _facts(entry: Entry, names: str) -> str:
    facts = {
        "Place": entry.place,
        "Scope": entry.scope,
        "Status": entry.status,
        "Read by": names,
        "IPTC technique": _iptc(entry),
        "EUIPO taxonomy": _euipo(entry),
        "AIPREF labels": _labels(entry),
        "EU code of practice": _europe(entry),
    }
    return "".join(f"- {name}: {fact}\n" for name, fact in facts.items() if fact)


def _iptc(entry: Entry) -> str | None:
    if entry.iptc is None:
        return None
    number = f"number {entry.iptc_number}" if entry.iptc_number else "number unknown"
    return f"{entry.iptc}, {number}{_mark(verified=inventory.load().schemes['iptc'].verified)}"


def _euipo(entry: Entry) -> str | None:
    if entry.measure is None:
        return None
    return f"{', '.join([entry.measure, *entry.basis])}, by our assignment"


def _labels(entry: Entry) -> str | None:
    if entry.labels is None:
        return "unknown"
    return ", ".join(f"`{label}`" for label in entry.labels) or "none"


def _europe(entry: Entry) -> str | None:
    if entry.europe is None:
        return None
    scheme = inventory.load().schemes["europe"]
    note = f" ({entry.europe_note})" if entry.europe_note else ""
    mark = _mark(verified=scheme.verified)
    return f"{_EUROPE[entry.europe]}{note}, as of {scheme.date}{mark}"


def _mark(*, verified: bool) -> str:
    return "" if verified else " (unverified)"


def _who(entry: Entry) -> str:
    families = honours.load().of(entry.id)
    if not families:
        return "## Who honours it\n\nUnknown: we have looked at no operator's material for it.\n"
    return "## Who honours it\n\n" + "\n".join(map(_family, families))


def _family(family: Family) -> str:
    words = ", ".join(f"`{word}`" for word in family.words)
    told = [row for row in family.rows if row.value is not Stand.NOTHING_FOUND]
    silent = [row for row in family.rows if row.value is Stand.NOTHING_FOUND]
    parts = []
    if words:
        parts.append(f"{words}:\n")
    if told:
        parts.append(_table("operator|value|note|known from|as of", map(_cells, told)))
    if silent:
        names = ", ".join(row.operator for row in silent)
        parts.append(f"Nothing found, as of {silent[0].as_of} (unverified): {names}.\n")
    return "\n".join(parts)


def _cells(row: Row) -> Iterator[str]:
    yield row.operator
    yield row.value
    yield row.note or ""
    yield row.source + _mark(verified=row.verified)
    yield row.as_of


def documentation(signal: Signal) -> str:
    """The docstring of a signal's module: its page in the reference."""
    return (sys.modules[signal.find.__module__].__doc__ or "").strip()


def _module(signal: Signal, fixtures: Path | None) -> str:
    examples = "" if fixtures is None else _examples(fixtures / signal.name)
    return (
        f"## `{signal.name}`: {signal.title}\n\n"
        f"{signal.status.capitalize()}, {signal.carrier}, read in {_resources(signal)}:"
        f" {_spec(signal)}.\n\n"
        f"{documentation(signal)}\n{examples}"
    )


def _spec(signal: Signal) -> str:
    if not signal.spec.startswith("https://"):
        return f"{signal.spec}, {signal.spec_version}"
    return f"[{signal.spec_version}]({signal.spec})"


def _examples(folder: Path) -> str:
    return "\n### Examples\n\n" + "\n".join(_example(case) for case in cases(folder))


def _example(case: Path) -> str:
    """One response and what is found in it, folded."""
    response = case.read_bytes().decode("utf-8", "replace").replace("\r\n", "\n")
    expected = json.loads(case.with_suffix(".json").read_text("utf-8"))
    about = f"{expected['about']}\n\n" if "about" in expected else ""
    return (
        f"<details><summary><code>{case.stem}</code>: {expected['outcome']}</summary>\n\n"
        f"{about}{_fenced(response, 'http')}\n{_fenced(_finding(expected), 'text')}\n</details>\n"
    )


def _finding(expected: dict[str, Any]) -> str:
    note = f" ({expected['note']})" if expected["note"] else ""
    return "\n".join(
        [
            expected["outcome"] + note,
            *(_statement(statement) for statement in expected["statements"]),
            *(
                f"defect {d['code']}: {d['severity']}{_line(d['line'])}"
                for d in expected["defects"]
            ),
        ]
    )


def _statement(statement: dict[str, Any]) -> str:
    path = f" {statement['path']}" if statement["path"] else ""
    derived = ", derived" if statement["derived"] else ""
    return (
        f"{statement['purpose']} {statement['preference']} for {statement['agent']}"
        f" ({statement['strictness']}{derived}), {statement['scope']}{path}"
        f"{_line(statement['line'])}: {statement['quote']}"
    )


def _line(line: int | None) -> str:
    return "" if line is None else f", line {line}"


def _fenced(text: str, language: str) -> str:
    """A code block that no content can leave: its fence is longer than any run of backticks."""
    left = len(text) - MAX_SHOWN
    shown = "\n".join(printable(line) for line in re.split("[\r\n]", text[:MAX_SHOWN].rstrip()))
    if left > 0:
        shown += f"\n[{left} more characters]"
    fence = "`" * max(3, 1 + max(map(len, re.findall("`+", shown)), default=0))
    return f"{fence}{language}\n{shown}\n{fence}\n"


def main() -> None:
    """Write the index and the pages beside the modules, and remove pages of earlier titles."""
    pages = FOLDER / "reference"
    pages.mkdir(exist_ok=True)
    for old in pages.glob("*.md"):
        old.unlink()
    for name, text in render(SIGNALS, FIXTURES).items():
        (FOLDER / name).write_text(text, "utf-8")


if __name__ == "__main__":
    main()
