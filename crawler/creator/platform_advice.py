"""The platform that a site lives on to what its creator can and cannot say there.

Pure: what `crawler.judge.hosting` saw and what `platforms.toml` knows, in the words of
`advice.toml`.
A cell that has no line there is told as unknown; what only others tell is marked unverified.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from crawler.creator.wording import say
from crawler.judge.hosting import Sighting
from crawler.model import Access
from crawler.parsers.robots import rfc9309, syntax
from crawler.registry import agents, platforms
from crawler.registry.platforms import UNKNOWN, Fact, Kind, Platform, Strength

MEANS = ("robots_edit", "root_files", "meta_edit", "header_edit")
"""What the mend needs: cells of the registry."""
TERMS = ("terms_ai_platform", "terms_ai_others")
COLLECTORS = "strict8"
NEARLY_ALL = 0.9
"""A platform adds names to its list before we hear of them."""


@dataclass(frozen=True, slots=True)
class Place:
    """What is known of the platform that a site lives on: sentences, each with its own doubt.

    `cannot` says what a creator cannot express there, `settings` where the switches are.
    """

    name: str
    cannot: tuple[str, ...] = ()
    settings: tuple[str, ...] = ()
    switch: str = ""
    """How to turn on the switch against AI, and whom it leaves out; empty where there is none."""
    switched_on: str = ""
    """The day of the switch's list that stands in robots.txt; empty where it does not."""
    closed: frozenset[str] = frozenset()
    """Of MEANS those that the platform does not offer."""


def place_of(sightings: Sequence[Sighting] | None, robots: bytes = b"") -> Place | None:
    """Tell of the main platform of a visit; None where none was seen by more than a hint.

    `robots` shows whether the platform's switch is on.
    """
    main = sightings[0] if sightings else None
    if main is None or main.strength is Strength.HINT:
        return None
    platform = platforms.load().entries[main.platform]
    seen = say(f"place.{main.strength}", name=platform.title, quote=main.evidence[0].quote)
    return Place(
        platform.title, (seen, *_cannot(platform)), tuple(_settings(platform)),
        _turn_on(platform), _day_switched_on(platform, robots),
        frozenset(cell for cell in MEANS if platform.state(cell) == "no"),
    )  # fmt: skip


def _turn_on(platform: Platform) -> str:
    if platform.state("ai_switch") != "yes":
        return ""
    told = [platform.facts["ai_switch"].note or say("place.where_unknown")]
    if platform.switches:
        told.append(_switch(platform))
    return ". ".join(told)


def _day_switched_on(platform: Platform, robots: bytes) -> str:
    """The newest list of the switch of which robots.txt keeps nearly all out by their names."""
    policy = rfc9309.read(syntax.parse(robots))
    for switch in reversed(platform.switches):
        out = [token for token in switch.agents if token.lower().encode() in policy.names
               and policy.decide(token).root is Access.DISALLOWED]  # fmt: skip
        if len(out) >= NEARLY_ALL * len(switch.agents):
            return switch.as_of
    return ""


def _cannot(platform: Platform) -> Iterator[str]:
    for cell in MEANS:
        if platform.state(cell) in ("no", "partly"):
            yield _told(platform, cell)
    unknown = [say(f"place.cells.{c}") for c in MEANS if platform.state(c) == UNKNOWN]
    if unknown:
        yield say("place.unknown", name=platform.title, means=", ".join(unknown))
    if platform.state("image_metadata") in ("stripped", "partly"):
        yield _told(platform, "image_metadata")
    for cell in TERMS:
        if platform.state(cell) not in (UNKNOWN, "silent"):
            yield _told(platform, cell)


def _settings(platform: Platform) -> Iterator[str]:
    for cell in MEANS:
        if platform.state(cell) == "yes":
            yield _told(platform, cell)
    for cell in ("needs_domain", "needs_plan"):
        if platform.state(cell) == "yes":
            yield _told(platform, cell)
    if platform.state("ai_switch") != UNKNOWN:
        yield _told(platform, "ai_switch")
    elif platform.kind not in (Kind.HOSTING, Kind.SOFTWARE):
        yield say("place.switch_unknown", name=platform.title)
    for cell in ("ai_switch_default", "ai_switch_writes"):
        if platform.state(cell) != UNKNOWN:
            yield _told(platform, cell)
    if platform.switches:
        yield _switch(platform)


def _told(platform: Platform, cell: str) -> str:
    fact = platform.facts[cell]
    return say(f"place.{cell}.{fact.value}", name=platform.title) + _doubt(fact)


def _doubt(fact: Fact) -> str:
    dated = say("verified.yes" if fact.verified else "verified.no", as_of=fact.as_of)
    return say("place.doubt", told="; ".join(filter(None, (fact.note, dated))))


def _switch(platform: Platform) -> str:
    """Whom the switch named when that was last known, and which large collectors it left out."""
    last = platform.switches[-1]
    named = {token.lower() for token in last.agents}
    left = [t for t in agents.load().panels[COLLECTORS] if t.lower() not in named]
    dated = say("verified.yes" if last.verified else "verified.no", as_of=last.as_of)
    key = "switch_leaves" if left else "switch_names"
    return say(f"place.{key}", dated=dated, tokens=", ".join(last.agents), left=", ".join(left))
