"""What was read of each work, and whether a rendition has kept what its origin says.

A rendition is compared with the picture that it names as its origin, where both were read to the
end. Where only one of them was, it is unknown: what is not in a rendition need never have been
there. Compared are wishes (signal, purpose and preference) and whether there is a notice of rights.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from crawler.addresses import origin_of
from crawler.judge.work_hosts import AssetHosts, Control, control_of
from crawler.model import Capture, Reading
from crawler.parsers.containers.segment import Extract
from crawler.signals import SIGNALS, rights_notice
from crawler.signals.reading.signal import Carrier
from crawler.signals.reading.work import ORIGIN, WORK, extracted, unread


class Fate(StrEnum):
    """What became of what the origin says. Persisted: never renamed, never given a new meaning."""

    KEPT = "kept"
    LOST = "lost"
    CHANGED = "changed"
    APPEARED = "appeared"
    NONE = "none"  # neither has any
    UNKNOWN = "unknown"  # not both were read to the end


@dataclass(frozen=True, slots=True)
class WorkRead:
    """One work that came, by its place among the captures of the visit.

    `service` and `origin` are None where its address names no origin, `origin_seq` where that was
    not asked for; so are `wish` and `notice`, what became of both, where there is no origin.
    """

    seq: int
    control: Control
    extract: Extract
    service: str | None = None
    origin: str | None = None
    origin_seq: int | None = None
    wish: Fate | None = None
    notice: Fate | None = None


@dataclass(frozen=True, slots=True)
class _Said:
    """What one picture says. `whole`: it was read to the end, by every signal."""

    wishes: frozenset[tuple[str, str, str]]
    notice: bool
    whole: bool


def works_read(captures: Sequence[Capture], assets: AssetHosts | None) -> tuple[WorkRead, ...]:
    """The works of one visit that came, in the order they were asked for."""
    return tuple(_works_read(captures, assets)) if assets and assets.hosts else ()


def _works_read(captures: Sequence[Capture], assets: AssetHosts) -> Iterator[WorkRead]:
    settled = [(seq, c) for seq, c in enumerate(captures) if not c.superseded]
    origins = {c.url: (seq, c) for seq, c in settled if c.resource.startswith(ORIGIN)}
    samples = {sample.url: sample for sample in assets.works}
    for seq, capture in settled:
        if not capture.resource.startswith(WORK) or unread(capture):
            continue
        control = control_of(assets.hosts[0].host, origin_of(capture.final_url))
        extract, sample = extracted(capture), samples.get(capture.url)
        if sample is None or sample.origin is None:
            yield WorkRead(seq, control, extract)
            continue
        at, origin = origins.get(sample.origin, (None, None))
        had, has = _said(origin) if origin else None, _said(capture)
        yield WorkRead(
            seq, control, extract, sample.service, sample.origin, at,
            wish=_fate(had, has, bool(had and had.wishes), bool(has.wishes),
                       same=had is not None and had.wishes == has.wishes),
            notice=_fate(had, has, bool(had and had.notice), has.notice, same=True),
        )  # fmt: skip


def _said(capture: Capture) -> _Said:
    found = {s.name: s.find(capture) for s in SIGNALS if s.carrier is Carrier.WORK}
    return _Said(
        frozenset(
            (name, said.purpose.value, said.preference.value)
            for name, finding in found.items()
            for said in finding.statements
        ),
        found[rights_notice.SIGNAL.name].outcome is Reading.PRESENT,
        unread(capture) is None
        and extracted(capture).problem is None
        and all(finding.outcome is not Reading.UNMEASURED for finding in found.values()),
    )


def _fate(had: _Said | None, has: _Said, before: bool, after: bool, *, same: bool) -> Fate:
    if had is None or not (had.whole and has.whole):
        return Fate.UNKNOWN
    if before and after:
        return Fate.KEPT if same else Fate.CHANGED
    if before or after:
        return Fate.LOST if before else Fate.APPEARED
    return Fate.NONE
