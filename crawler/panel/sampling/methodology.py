"""The account of a drawn panel: what went in, what was dropped and why, how it was drawn.

Two files are written beside a panel: `<panel>.meta.toml`, which the survey stores with it, and
`<panel>.methodology.md` for people. Whatever comes from an input is escaped for both.
"""

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from analysis.safe_text import safe_text
from crawler.panel.sampling.allocation import Method
from crawler.panel.sampling.draw import Design, Stratum
from crawler.panel.sampling.frame import Rules
from crawler.panel.sampling.sources import Dropped, Kind, Source
from crawler.registry.sectors import Sectors

MOST_REASONS = 30
MOST_UNMAPPED = 20
"""Lines of a table in the account; the rest is counted."""

KINDS = {
    Kind.UNREADABLE: "no readable row, or no public web host",
    Kind.EXCLUDED: "on the do-not-survey list",
    Kind.DUPLICATE: "another row of the same site",
    Kind.RULE: "outside the inclusion rules",
    Kind.CAP: "too many sites of one owner",
}

METHODS = {
    Method.SQUARE_ROOT: "in proportion to the square root of its size (Bankier 1988)",
    Method.PROPORTIONAL: "in proportion to its size",
    Method.EQUAL: "alike",
    Method.NEYMAN: "in proportion to its size times the expected standard deviation (Neyman 1934)",
}

_MARKUP = re.compile(r"([\\`*_\[\]<>#|&~])")


@dataclass(frozen=True, slots=True)
class File:
    """A file other than a list of creators that had a say: what it was for, and its sha256."""

    purpose: str
    name: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Account:
    """Everything that made a panel what it is."""

    name: str
    date: str
    licence: str | None
    about: str | None
    software: str
    suffix_list: str
    sha256: str
    """Of the panel file."""
    sources: tuple[Source, ...]
    files: tuple[File, ...]
    rules: Rules
    design: Design
    sectors: Sectors
    strata: tuple[Stratum, ...]
    dropped: Mapping[Kind, int]
    reasons: Mapping[tuple[Kind, str], int]

    @property
    def rows(self) -> int:
        """Rows of all inputs: dropped ones and the population."""
        return sum(source.rows for source in self.sources)

    @property
    def population(self) -> int:
        """Sites that could be drawn."""
        return sum(stratum.population for stratum in self.strata)

    @property
    def drawn(self) -> int:
        """Sites of the panel."""
        return sum(stratum.drawn for stratum in self.strata)


def counted(dropped: Iterable[Dropped]) -> tuple[dict[Kind, int], dict[tuple[Kind, str], int]]:
    """Count what was dropped by kind, and by reason; reasons that name a site are cut before it."""
    kinds: Counter[Kind] = Counter()
    reasons: Counter[tuple[Kind, str]] = Counter()
    for each in dropped:
        kinds[each.kind] += 1
        if each.kind not in (Kind.DUPLICATE, Kind.CAP):
            reasons[each.kind, each.reason] += 1
    return dict(kinds), dict(sorted(reasons.items(), key=lambda item: (-item[1], item[0])))


def as_json(account: Account) -> dict[str, Any]:
    """Return the account as plain values, in the order in which it is read."""
    design = account.design
    return {
        "name": account.name,
        "date": account.date,
        "sha256": account.sha256,
        "software": account.software,
        "suffix_list": account.suffix_list,
        "inputs": [asdict(source) for source in account.sources],
        "files": [asdict(file) for file in account.files],
        "rules": account.rules.written(),
        "rows": account.rows,
        "dropped": {kind.value: account.dropped.get(kind, 0) for kind in Kind},
        "reasons": [
            {"kind": kind.value, "reason": reason, "rows": count}
            for (kind, reason), count in account.reasons.items()
        ],
        "population": account.population,
        "drawn": account.drawn,
        "seed": design.seed,
        "by": [dimension.value for dimension in design.by],
        "allocation": design.method.value,
        "minimum": design.minimum,
        "strata": [asdict(stratum) | {"weight": stratum.weight} for stratum in account.strata],
    }


def meta_toml(account: Account) -> str:
    """Write what `optout survey` stores with the panel."""
    inputs = ", ".join(f"{s.name} (sha256 {s.sha256})" for s in account.sources)
    values = {
        "name": account.name,
        "source": f"{account.about + ': ' if account.about else ''}{inputs}",
        "licence": account.licence,
        "inclusion_rules": " ".join(account.rules.written()),
        "date": account.date,
        "notes": (
            f"Drawn by {account.software} with seed {account.design.seed}: {account.drawn} of"
            f" {account.population} sites in {len(account.strata)} strata; see the methodology"
            f" beside the panel. The panel's sha256 {account.sha256}"
        ),
    }
    return "".join(f"{key} = {_toml(value)}\n" for key, value in values.items() if value)


def markdown(account: Account) -> str:
    """Write the account for people."""
    return "\n".join(_sections(account)) + "\n"


def _sections(account: Account) -> Iterator[str]:
    design = account.design
    yield f"# How the panel “{_md(account.name)}” was drawn"
    yield ""
    if account.about:
        yield f"What it is drawn from: {_md(account.about)}"
        yield ""
    yield (
        f"{account.drawn} sites were drawn from a population of {account.population},"
        f" on {account.date}, by {_md(account.software)}. The unit is the site, not the person."
    )
    yield ""
    yield from _table(
        ("what", "value"),
        [
            ("panel, sha256", account.sha256),
            ("seed", design.seed),
            ("public suffix list of", account.suffix_list),
            ("table of sub-sectors of", f"{account.sectors.version} (unverified)"),
            ("licence of the panel", account.licence or "not said"),
        ],
    )
    yield "## Inputs"
    yield ""
    yield from _table(
        ("file", "rows", "sha256", "columns that were not kept"),
        [(s.name, s.rows, s.sha256, ", ".join(s.unused) or "none") for s in account.sources],
    )
    if account.files:
        rows = [(file.purpose, file.name, file.sha256) for file in account.files]
        yield from _table(("for", "file", "sha256"), rows)
    yield "## Who belongs to the population"
    yield ""
    yield from (f"- {_md(rule)}" for rule in account.rules.written())
    yield from _told(account)
    yield from _lost(account)
    yield from _allocation(account)


def _told(account: Account) -> Iterator[str]:
    """Say what was understood by the words of the strata."""
    yield ""
    yield (
        "Sub-sectors follow the creative industries of the UK's Department for Culture, Media and"
        " Sport (DCMS); the assignment of occupations to them has not been checked against the"
        " department's publication (unverified). “platform” is a host under a suffix that the"
        " public suffix list's private section has for a platform, “shared” a domain with many"
        " people's pages under paths, “own” every other: a platform that is not on that list"
        " counts as own. Do-not-survey entries that are networks take effect in the survey,"
        " not here: nothing was looked up on the net."
    )
    yield ""
    unmapped: Counter[str] = Counter()
    no_country: Counter[str] = Counter()
    for source in account.sources:
        unmapped.update(source.unmapped)
        no_country.update(source.no_country)
    if no_country:
        yield "Rows whose country could not be read, and is unknown:"
        yield ""
        yield from _table(("reason", "rows"), _most(no_country, MOST_UNMAPPED))
    if not unmapped:
        return
    yield f"Words that the table of sub-sectors does not have: {len(unmapped)}."
    yield ""
    yield from _table(("word", "rows"), _most(unmapped, MOST_UNMAPPED))


def _lost(account: Account) -> Iterator[str]:
    yield "## What was dropped"
    yield ""
    yield f"{account.rows} rows, of which"
    yield ""
    rows: list[Sequence[object]] = [
        (KINDS[kind], account.dropped.get(kind, 0)) for kind in KINDS
    ]  # fmt: skip
    yield from _table(("what", "rows"), [*rows, ("left: the population", account.population)])
    if account.reasons:
        yield (
            "Every dropped row is in the list beside the panel, as it stood: look through it for"
            " people's names before you publish it. By reason:"
        )
        yield ""
        listed = list(account.reasons.items())[:MOST_REASONS]
        yield from _table(
            ("what", "reason", "rows"),
            [(kind.value, reason, count) for (kind, reason), count in listed],
        )
        if (more := len(account.reasons) - len(listed)) > 0:
            yield f"And {more} reasons more."
            yield ""


def _allocation(account: Account) -> Iterator[str]:
    design = account.design
    by = " and ".join(design.by) or "nothing"
    yield "## Strata and weights"
    yield ""
    if design.sample is None:
        yield f"Stratified by {by}. Everyone was taken."
    else:
        yield (
            f"Stratified by {by}. {design.sample} sites were asked for and shared among strata:"
            f" to each {METHODS[design.method]}, at least {design.minimum} where there are as"
            " many, in whole sites by equal proportions (Wright 2012). Within a stratum every"
            " site had the same chance. (References unverified.)"
        )
    yield ""
    yield "A site's weight is the number of sites of the population that it stands for."
    yield ""
    header = ("stratum", "population", "drawn", "weight")
    if design.method is Method.NEYMAN:
        expected = design.expected or {}
        yield from _table(
            (*header, "expected share"),
            [(*_row(s), f"{float(expected.get(s.name, 0.5)):g}") for s in account.strata],
        )
    else:
        yield from _table(header, [_row(s) for s in account.strata])
    yield (
        "The same inputs (rows and files in any order), rules and seed give the same panel to the"
        " byte."
    )


def _row(stratum: Stratum) -> tuple[object, ...]:
    return stratum.name, stratum.population, stratum.drawn, f"{stratum.weight:.4g}"


def _most(counts: Counter[str], most: int) -> list[tuple[str, int]]:
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:most]


def _table(header: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[str]:
    yield f"| {' | '.join(header)} |"
    yield "|" + " --- |" * len(header)
    for row in rows:
        yield f"| {' | '.join(_md(str(cell)) for cell in row)} |"
    yield ""


def _md(text: str) -> str:
    """Escape what Markdown or HTML would act on (CommonMark 0.31, section 2.4)."""
    return _MARKUP.sub(r"\\\1", safe_text(text))


def _toml(text: str) -> str:
    """Write a basic string; without control characters JSON's is one (TOML 1.0, "String")."""
    return json.dumps(safe_text(text), ensure_ascii=False)
