"""Why a published table says something else than RFC 9309 does on the same files, site by site.

A recipe says how a published set is read and by which rule its publisher labels. For each site and
agent the published label is held against the root by RFC 9309; where they differ, or only one side
knows, one cause is named. The causes of an agent add up to the difference of the two counts.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib import resources
from types import MappingProxyType

from crawler.judge.definitions import Definition, by_id, mentioned, named
from crawler.model import Access, Basis
from crawler.panel.published import Format, LabelFormat
from crawler.parsers.robots import rfc9309, syntax


class Cause(StrEnum):
    """Why the two sides differ on one site and agent."""

    ONLY_MENTIONED = "only-mentioned"  # they block: the name stands there, and no group has it
    OPEN_BY_RULES = "open-by-rules"  # they block: their rule ignores what opens the root
    OTHER_LABEL_BLOCKED = "label-blocked"  # they block, and their rule on this file does not
    THEIRS_ALONE = "theirs-alone"  # they block: what the file says is not known here
    BY_STAR = "by-star"  # we block: `*` keeps the agent out, which their rule does not count
    MISSED = "missed"  # we block: the agent's own group does, and their rule does not see it
    OTHER_LABEL_OPEN = "label-open"  # we block, and their rule on this file does too
    OURS_ALONE = "ours-alone"  # we block: they have no label


THEY_BLOCK = frozenset(
    {Cause.ONLY_MENTIONED, Cause.OPEN_BY_RULES, Cause.OTHER_LABEL_BLOCKED, Cause.THEIRS_ALONE}
)


@dataclass(frozen=True, slots=True)
class Recipe:
    """How one published set is read and judged; `labels` None: it has none that can be read."""

    id: str
    title: str
    source: str
    files: Format
    labels: LabelFormat | None
    definition: Definition
    note: str


@dataclass(frozen=True, slots=True)
class Cell:
    """One site and agent. `cause` None: both say the same, or neither blocks."""

    theirs: bool | None
    ours: bool | None
    cause: Cause | None
    line: int | None = None


def compare(body: bytes | None, agent: str, label: bool | None, definition: Definition) -> Cell:
    """Hold a label against RFC 9309 on a body; None is not known on either side."""
    if body is None:
        return Cell(label, None, Cause.THEIRS_ALONE if label else None)
    decided = rfc9309.read(syntax.parse(body)).decide(agent)
    ours = decided.root is Access.DISALLOWED
    if label is None:
        return Cell(None, ours, Cause.OURS_ALONE if ours else None, decided.line)
    if label == ours:
        return Cell(label, ours, None, decided.line)
    if definition.blocks(body, (agent,)) != label:
        cause = Cause.OTHER_LABEL_BLOCKED if label else Cause.OTHER_LABEL_OPEN
    elif label:
        there = mentioned(body, agent) and not named(body, agent)
        cause = Cause.ONLY_MENTIONED if there else Cause.OPEN_BY_RULES
    else:
        cause = Cause.BY_STAR if decided.basis is Basis.STAR else Cause.MISSED
    return Cell(label, ours, cause, decided.line)


@cache
def recipes() -> Mapping[str, Recipe]:
    """Return the sets that can be replayed, by id. KeyError or ValueError for a faulty file."""
    text = resources.files("crawler.judge").joinpath("replays.toml").read_text("utf-8")
    return MappingProxyType(
        {
            name: Recipe(
                name,
                table["title"],
                table["source"],
                Format(table["files"]),
                LabelFormat(table["labels"]) if "labels" in table else None,
                by_id(table["definition"]),
                table["note"],
            )
            for name, table in tomllib.loads(text).items()
        }
    )
