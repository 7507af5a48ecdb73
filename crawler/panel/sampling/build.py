"""Builds a panel from files: reads them, makes the population, draws, and writes the account."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from operator import attrgetter
from pathlib import Path

from crawler import __version__
from crawler.hosts import suffix_list_date
from crawler.panel.exclusions import DoNotSurvey
from crawler.panel.reading import PanelError
from crawler.panel.sampling import draw, methodology, sources
from crawler.panel.sampling.draw import Design, Drawn
from crawler.panel.sampling.frame import Known, Platforms, Rules, frame, names_of, platform_of
from crawler.panel.sampling.methodology import Account, File
from crawler.panel.sampling.sources import Dropped, Entry, Source
from crawler.registry import sectors


@dataclass(frozen=True, slots=True)
class Plan:
    """What the user asks for. `date` is an ISO day; `redirects` as `sampling.redirects` reads."""

    inputs: tuple[Path, ...]
    name: str
    date: str
    rules: Rules
    design: Design
    licence: str | None = None
    about: str | None = None
    """One sentence on what the inputs are and where they come from."""
    exclude: Path | None = None
    ranks: Path | None = None
    expected: Path | None = None
    redirects: Mapping[str, str] = field(default_factory=dict)
    platform: Platforms = platform_of


@dataclass(frozen=True, slots=True)
class Built:
    """A panel not yet written. `account.rows == account.population + len(dropped)`."""

    account: Account
    drawn: tuple[Drawn, ...]
    dropped: tuple[Dropped, ...]

    def write(self, path: Path) -> list[Path]:
        """Write the panel and the three files beside it; return their paths.

        PanelError if one is there already: a published panel is never overwritten.
        """
        texts = {
            path: "".join(draw.panel_csv(self.drawn)),
            path.with_suffix(".meta.toml"): methodology.meta_toml(self.account),
            path.with_suffix(".methodology.md"): methodology.markdown(self.account),
            path.with_suffix(".rejected.csv"): "".join(draw.rejected_csv(self.dropped)),
        }
        for each in texts:
            if each.exists():
                raise PanelError(f"{each}: is there already: name another file with --out")
        path.parent.mkdir(parents=True, exist_ok=True)
        for each, text in texts.items():
            each.write_bytes(text.encode())
        return list(texts)


def build(plan: Plan) -> Built:
    """Draw the panel. PanelError, ExclusionError or AllocationError for what cannot be used."""
    table = sectors.load()
    entries, dropped, read = _read(plan.inputs, table)
    files: list[File] = []
    known = _known(plan, entries, files)
    population = frame(entries, plan.rules, known, plan.design.seed)
    dropped = sorted((*dropped, *population.dropped), key=attrgetter("source", "line", "text"))
    if not population.units:
        raise PanelError(
            f"{plan.inputs[0]}: none of {len(dropped)} rows is left; the first:"
            f" {dropped[0].source}:{dropped[0].line}: {dropped[0].reason}"
        )
    design = plan.design
    if plan.expected:
        shares, digest = sources.read_expected(plan.expected)
        _be_known(plan.expected, shares, {u.stratum(design.by) for u in population.units})
        design = replace(design, expected=shares)
        files.append(File("expected shares", plan.expected.name, digest))
    strata, drawn = draw.draw(population.units, design)
    digest = hashlib.sha256("".join(draw.panel_csv(drawn)).encode()).hexdigest()
    kinds, reasons = methodology.counted(dropped)
    account = Account(
        name=plan.name,
        date=plan.date,
        licence=plan.licence,
        about=plan.about,
        software=f"optout {__version__}",
        suffix_list=suffix_list_date(),
        sha256=digest,
        sources=tuple(read),
        files=tuple(files),
        rules=plan.rules,
        design=design,
        sectors=table,
        strata=strata,
        dropped=kinds,
        reasons=reasons,
    )
    return Built(account, drawn, tuple(dropped))


def _read(
    inputs: Sequence[Path], table: sectors.Sectors
) -> tuple[list[Entry], list[Dropped], list[Source]]:
    entries: list[Entry] = []
    dropped: list[Dropped] = []
    read: list[Source] = []
    for path in sources.files(inputs):
        reading = sources.read(path, table)
        entries += reading.entries
        dropped += reading.dropped
        read.append(reading.source)
    return entries, dropped, read


def _known(plan: Plan, entries: Sequence[Entry], files: list[File]) -> Known:
    """Gather what is known of hosts; the files it comes from are added to `files`."""
    never = DoNotSurvey(plan.exclude)
    if plan.exclude:
        digest = hashlib.sha256(plan.exclude.read_bytes()).hexdigest()
        files.append(File("do not survey", plan.exclude.name, digest))
    ranks: dict[str, int] = {}
    if plan.ranks:
        wanted = {name for entry in entries for name in names_of(entry.host)}
        ranks, digest = sources.read_ranks(plan.ranks, wanted)
        files.append(File("ranks", plan.ranks.name, digest))
    if plan.redirects:
        pairs = json.dumps(sorted(plan.redirects.items())).encode()
        found = f"{len(plan.redirects)} redirects of an earlier survey"
        files.append(File("redirects", found, hashlib.sha256(pairs).hexdigest()))

    def excluded(host: str) -> str | None:
        entry = never.host(host)
        return f"{entry.entry} since {entry.since}: {entry.reason}" if entry else None

    return Known(excluded, plan.platform, plan.redirects, ranks)


def _be_known(path: Path, shares: Mapping[str, object], strata: set[str]) -> None:
    for name in shares:
        if name not in strata:
            raise PanelError(f"{path}: no stratum {name!r}; there are: {'; '.join(sorted(strata))}")
