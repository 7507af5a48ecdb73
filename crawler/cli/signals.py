"""`optout signals` and `optout explain`: the reference, in the terminal."""

from collections.abc import Iterable, Iterator
from dataclasses import asdict
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console
from rich.markdown import Markdown
from rich.table import Table

from crawler.cli.refusal import Refusal, print_json

if TYPE_CHECKING:
    from crawler.registry.defects import Entry as Defect
    from crawler.registry.inventory import Entry
    from crawler.signals.reading.signal import Signal

COLUMNS = ("id", "name", "signal", "status", "carrier", "read in")
AS_JSON = click.option("--json", "as_json", is_flag=True, help="One JSON object.")


@click.command()
@AS_JSON
def signals(as_json: bool) -> None:
    """List every signal that is known of, with what reads it.

    A line each, set apart by tabs, where the output is no terminal.
    """
    from crawler.registry import inventory  # noqa: PLC0415

    known = inventory.load()
    if as_json:
        listed = [_described(entry) for entry in known.entries.values()]
        print_json({"version": known.version, "signals": listed})
        return
    rows = [row for entry in known.entries.values() for row in _rows(entry)]
    console = Console()
    if not console.is_terminal:
        for row in (COLUMNS, *rows):
            click.echo("\t".join(row))
        return
    table = Table(caption="optout explain ID shows one")
    for column in COLUMNS:
        table.add_column(column, overflow="fold", no_wrap=column == "name")
    for row in rows:
        table.add_row(*row)
    console.print(table, markup=False)


@click.command()
@click.argument("name", metavar="SIGNAL")
@AS_JSON
def explain(name: str, as_json: bool) -> None:
    """Show the reference page of a signal, or of a kind of defect.

    SIGNAL is an id (`F1`), the name of a module (`tdmrep_file`) or the code of a defect
    (`tdmrep-shadowed-rule`). The examples are left out: the pages in crawler/signals/reference have
    them.
    """
    from crawler.dictionary import signal_reference  # noqa: PLC0415
    from crawler.registry import defects, inventory  # noqa: PLC0415
    from crawler.signals import SIGNALS, readers_of  # noqa: PLC0415

    wanted = name.strip().lower()
    entries = {entry.id.lower(): entry for entry in inventory.load().entries.values()}
    modules = {signal.name: signal for signal in SIGNALS}
    faults = defects.load().entries
    if wanted in faults:
        _show_defect(faults[wanted], as_json=as_json)
        return
    if wanted in entries:
        entry = entries[wanted]
        readers = readers_of(entry)
    elif wanted in modules:
        entry = entries[modules[wanted].id.lower()]
        readers = (modules[wanted],)
    else:
        raise Refusal(_unknown(name, [*modules, *faults]))
    if as_json:
        print_json(_described(entry, readers) | {"honours": _honours(entry.id)})
    else:
        _show(signal_reference.section(entry, readers))


def _unknown(name: str, known: list[str]) -> str:
    """Say what is near a name that nothing has: what speaks of it, what is spelt like it."""
    from crawler.registry import honours, inventory  # noqa: PLC0415

    wanted = name.strip().lower()
    speaking = [
        entry.id
        for entry in inventory.load().entries.values()
        if wanted in f"{entry.title} {entry.place}".lower()
        or any(wanted in family.words for family in honours.load().of(entry.id))
    ]
    holding = [each for each in known if wanted in each]
    near = dict.fromkeys([*speaking, *get_close_matches(wanted, known), *holding])
    hint = "`optout signals` lists them"
    if wanted and near:
        hint = f"did you mean {', '.join(list(near)[:5])}?"
    return f"{name}: no signal and no defect of that name: {hint}"


def _rows(entry: "Entry") -> Iterator[tuple[str, ...]]:
    from crawler.dictionary.signal_reference import COVERAGE  # noqa: PLC0415
    from crawler.signals import coverage, readers_of  # noqa: PLC0415

    for signal in readers_of(entry):
        resources = ", ".join(signal.resources)
        yield entry.id, signal.name, signal.title, signal.status, signal.carrier, resources
    if not readers_of(entry):
        yield entry.id, "-", entry.title, entry.status, "-", COVERAGE[coverage(entry)]


def _described(entry: "Entry", readers: "Iterable[Signal] | None" = None) -> dict[str, Any]:
    """All that is known of a signal, as JSON; `modules` are those that read it."""
    from crawler.signals import coverage, readers_of  # noqa: PLC0415

    shown = readers_of(entry) if readers is None else readers
    facts = asdict(entry)
    del facts["unread"]
    return facts | {"coverage": coverage(entry), "modules": [_module(signal) for signal in shown]}


def _module(signal: "Signal") -> dict[str, Any]:
    from crawler.dictionary.signal_reference import documentation  # noqa: PLC0415

    names = ("name", "title", "spec", "spec_version", "status", "carrier", "resources")
    facts = {name: getattr(signal, name) for name in names}
    return facts | {"reference": documentation(signal)}


def _honours(identity: str) -> list[dict[str, Any]]:
    from crawler.registry import honours  # noqa: PLC0415

    return [
        {"family": family.id, "words": family.words, **asdict(row)}
        for family in honours.load().of(identity)
        for row in family.rows
    ]


def _show_defect(defect: "Defect", *, as_json: bool) -> None:
    facts = {key: value for key, value in asdict(defect).items() if value is not None}
    if as_json:
        print_json(facts)
        return
    readers = [name for name in ("rfc9309", "google", "protego") if name in facts]
    parts = [
        f"## {defect.id}: {defect.title}",
        f"{defect.explanation}",
        f"- Effect: {defect.effect}\n"
        f"- Severity: {defect.severity}\n- Carrier: {defect.carrier}\n"
        f"- Found by: {defect.detected}\n- Probably meant: {defect.intention}",
        "\n".join(f"- Reader `{name}`: {facts[name]}" for name in readers),
        f"**Mend:** {defect.mend}",
    ]
    _show("\n\n".join(part for part in parts if part) + "\n")


def _show(markdown: str) -> None:
    """Write our own text: set for a terminal, as it is for a pipe."""
    console = Console()
    if console.is_terminal:
        console.print(Markdown(markdown))
    else:
        click.echo(markdown, nl=False)
