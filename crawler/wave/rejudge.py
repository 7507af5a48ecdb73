"""Judging a stored wave: captures out of the database, the pure judge in workers, rows back in.

One transaction holds a wave's judgement, so readers see the old one or the new one, never half.
"""

import hashlib
import json
import os
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from functools import cache
from importlib import resources
from importlib.metadata import PackageNotFoundError, version
from itertools import product
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import Progress

from crawler import __version__
from crawler.judge.definitions import DEFINITIONS
from crawler.judge.verdicts import stopped_visit
from crawler.registry import agents, fallbacks, honours, inventory, operators, platforms, routes
from crawler.registry.honours import Family
from crawler.registry.inventory import Entry
from crawler.signals import RULESET, coverage, robots_access
from crawler.store import facts, judgement
from crawler.store.database import StoreError, transaction, writing
from crawler.store.judgement import Inputs, JudgementWriter, StoredVisit
from crawler.wave.judging import Beginning, Job, read
from crawler.wave.workers import Pool, Stopped

PINNED = ("protego", "http-sf", "cbor2")
"""Packages whose version can move a verdict; stored with each ruleset. What pypdf and c2pa-python
find in a work is found while it is fetched, and stored: no judgement calls them."""


@dataclass(frozen=True, slots=True)
class Judged:
    """What judging a wave came to. `digest` is equal for equal captures and ruleset."""

    wave: str
    ruleset: int
    digest: str
    visits: int


def installed(package: str) -> str:
    """The version of a package; of one of an extra that is not installed, that it is not there."""
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"


@cache
def inputs() -> Inputs:
    """Everything that this program's ruleset number stands for."""
    registry = agents.load()
    ids = {agent.token: number for number, agent in enumerate(registry.agents, start=1)}
    versions = {"optout-observatory": __version__} | {name: installed(name) for name in PINNED}
    readers = {reader: robots_access.READER_VERSIONS[reader] for reader in robots_access.READERS}
    pinned = {name: versions[name] for name in PINNED}
    digest = hashlib.sha256(
        json.dumps([RULESET, _registry_digest(), pinned, readers], sort_keys=True).encode()
    ).hexdigest()
    return Inputs(
        ruleset=RULESET,
        digest=digest,
        versions=versions,
        agents_version=registry.version,
        agents_sha256=registry.sha256,
        agents=tuple(
            (ids[a.token], a.token, a.operator, a.country, a.status, a.verification)
            + (a.documentation, a.announced, a.first_listed, a.retired, a.superseded_by)
            + (a.honours_robots, agents.is_product_token(a.token))
            for a in registry.agents
        ),
        agent_purposes=tuple((ids[a.token], p) for a in registry.agents for p in a.purposes),
        agent_panels=tuple((p, ids[t]) for p, ts in registry.panels.items() for t in ts),
        agent_fallbacks=tuple(
            (ids[agent.token], ids[rule.to], rule.source, rule.verification)
            for rule in fallbacks.load().values()
            if (agent := registry.by_token(rule.agent))
        ),
        readers=readers,
        definitions=tuple((d.id, d.title, d.source, d.counts, d.quantifier) for d in DEFINITIONS),
        agent_ids=ids,
        inventory=tuple(map(_inventory_row, inventory.load().entries.values())),
        honours=tuple(
            (f.id, row.operator, row.value, row.note, row.source, row.as_of, row.verified)
            for f in honours.load().families
            for row in f.rows
        ),
        honours_signals=tuple(
            row for family in honours.load().families for row in _signal_rows(family)
        ),
        platforms=tuple((p.id, p.title, p.kind) for p in platforms.load().entries.values()),
        platform_facts=tuple(
            (p.id, f.cell, f.value, f.since, f.as_of, f.verified, f.source, f.note)
            for p in platforms.load().entries.values()
            for f in p.facts.values()
        ),
        platform_switches=tuple(
            (p.id, switch.as_of, token, ids.get(known.token) if known else None)
            + (switch.verified, switch.source)
            for p in platforms.load().entries.values()
            for switch in p.switches
            for token in switch.agents
            for known in [registry.by_token(token)]
        ),
        **_operators(ids),
    )


def _operators(ids: Mapping[str, int]) -> dict[str, tuple[tuple[Any, ...], ...]]:
    known, ways = operators.load(), routes.load()
    cards = known.entries.values()
    return {
        "operators": tuple((card.name, card.id, known.version) for card in cards),
        "operator_facts": tuple(
            (card.name, f.cell, f.value, f.source.as_of, f.source.verified, f.source.title)
            + (f.source.address, f.note)
            for card in cards
            for f in card.facts.values()
        ),
        "operator_effects": tuple(
            (card.name, ids[b.agent], effect, b.source.as_of, b.source.verified, b.source.title)
            + (b.note,)
            for card in cards
            for b in card.blocking
            for effect in b.effects
        ),
        "removal_routes": tuple(
            (w.id, w.operator, w.title, w.removes, w.covers, w.corpus, w.how, w.address, w.days)
            + (w.account, w.documented, w.source.as_of, w.source.verified, w.source.title, w.note)
            for w in ways.removals
        ),
        "licence_routes": tuple(
            (w.id, w.title, w.kind, w.operator, w.run_by, w.asks, w.open_to)
            + (json.dumps(w.signals), w.source.as_of, w.source.verified, w.source.title, w.note)
            for w in ways.licences
        ),
    }


def _inventory_row(e: Entry) -> tuple[object, ...]:
    labels = None if e.labels is None else ", ".join(e.labels)
    basis = ", ".join(e.basis) or None
    return (
        (e.id, e.title, e.place, e.scope, e.status, coverage(e), e.iptc, e.measure)
        + (basis, labels, e.europe)
    )  # fmt: skip


def _signal_rows(family: Family) -> Iterator[tuple[str, ...]]:
    for signal, word, agent in product(
        family.signals, family.words or ("",), family.agents or ("*",)
    ):
        yield signal, family.id, word, agent


def _registry_digest() -> str:
    """SHA-256 over every data file of the registry: agents, defects, words, honours."""
    digest = hashlib.sha256()
    files = (file for file in resources.files("crawler.registry").iterdir())
    for file in sorted((f for f in files if f.name.endswith(".toml")), key=lambda f: f.name):
        digest.update(file.name.encode() + file.read_bytes())
    return digest.hexdigest()


Readers = Pool[Any, Any]


def judge_wave(path: Path, name: str, *, again: bool = False, quiet: bool = False) -> Judged:
    """Judge a stored wave under this program's ruleset; the rows of other rulesets stay.

    `again` forgets all that this ruleset number has said in the database first; `quiet` shows
    no progress, as is done where there is no terminal.
    Raises StoreError for an unknown wave or a ruleset number made from other inputs.
    """
    console = Console(stderr=True)
    with writing(path) as connection:
        wave = facts.find_wave(connection, name)
        total = facts.count_pending(connection, wave)[1]
        with transaction(connection):
            if again:
                judgement.forget_ruleset(connection, RULESET)
            judgement.forget_judgement(connection, wave, RULESET)
            try:
                judgement.put_ruleset(connection, inputs())
            except ValueError as error:
                raise StoreError(f"{path}: {error}; judge with --again to replace it") from error
            writer = JudgementWriter(connection, wave, inputs())
            hidden = quiet or not console.is_terminal
            # One pool for both: a worker takes longer to start than to judge fifty visits.
            with (
                closing(Pool(read, _processes(total), weigh=_weight)) as pool,
                Progress(console=console, transient=True, disable=hidden) as progress,
            ):
                _judge_bodies(connection, writer, progress, pool)
                _judge_visits(connection, writer, progress, pool, total)
            digest = writer.finish()
        return Judged(name, RULESET, digest, writer.visits)


def _weight(job: Job) -> int:
    if isinstance(job, Beginning):
        return len(job.body)
    return len(job) if isinstance(job, bytes) else sum(len(capture.body) for capture in job)


def _processes(jobs: int) -> int:
    return max(1, min(os.cpu_count() or 1, jobs // 32))


def _judge_bodies(
    connection: sqlite3.Connection, writer: JudgementWriter, progress: Progress, pool: Readers
) -> None:
    ids = judgement.unread_body_ids(connection, writer.wave, writer.ruleset)
    bodies = judgement.bodies(connection, ids)
    results = progress.track(pool.run(bodies), total=len(ids), description="robots.txt")
    for body_id, result in zip(ids, results, strict=True):
        if isinstance(result, Stopped):
            writer.put_body(body_id, robots_access.stopped(result.reason))
        else:
            writer.put_body(body_id, *result)
    cut = judgement.cut_body_ids(connection, writer.wave)
    parts = pool.run(Beginning(body) for body in judgement.bodies(connection, cut))
    for body_id, part in zip(cut, parts, strict=True):
        stopped = robots_access.stopped(part.reason) if isinstance(part, Stopped) else part
        writer.put_cut_body(body_id, stopped)


def _judge_visits(
    connection: sqlite3.Connection,
    writer: JudgementWriter,
    progress: Progress,
    pool: Readers,
    total: int,
) -> None:
    waiting: list[StoredVisit] = []
    stored = _remember(judgement.visits(connection, writer.wave), waiting)
    results = pool.run(visit.captures for visit in stored)
    for result in progress.track(results, total=total, description="visits"):
        visit = waiting.pop(0)
        if isinstance(result, Stopped):
            writer.put_visit(visit, stopped_visit(visit.captures, result.reason))
        else:
            writer.put_visit(visit, result)


def _remember(visits: Iterable[StoredVisit], waiting: list[StoredVisit]) -> Iterator[StoredVisit]:
    """Keep what is with the workers: results come back in the order they were sent."""
    for visit in visits:
        waiting.append(visit)
        yield visit
