"""Advice to one screen: a light, who is reached, what is broken, and at most three steps.

The steps stand in the order of what they achieve by the registry of who says that they read what:
robots.txt first, which eleven operators read, a tag only where it reaches one more.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from crawler.answers import Answer, classify
from crawler.creator.generate import File
from crawler.creator.mend import Mending, as_mended, robots_of
from crawler.creator.names import ARCHIVES
from crawler.creator.trial import faults
from crawler.creator.wording import say
from crawler.judge.verdicts import HOME, VisitJudgement, judge_visit
from crawler.model import (
    Access,
    Basis,
    Extent,
    Outcome,
    Preference,
    Purpose,
    Reason,
    RobotsState,
    Severity,
)
from crawler.parsers.robots import rfc9309, syntax
from crawler.registry import agents
from crawler.signals.reading.signal import Carrier
from crawler.visit.result import VisitResult

if TYPE_CHECKING:
    from crawler.creator.advice import Against, Ask, Failing, Operator, Use
    from crawler.creator.platform_advice import Place

ANSWERED = (Outcome.OK, Outcome.OK_PARTIAL, Outcome.ABSENT)
COLLECTORS = "strict8"
UNNAMED = "site.example"
"""The host of files that have no site."""
BEST_KNOWN = ("OpenAI", "Google", "Anthropic", "Meta", "Apple", "Amazon")
"""Operators in the order in which people have heard of them; all others after these."""
SHOWN = 3
MOST_STEPS = 3
WITHOUT_EFFECT = (Severity.VOIDS, Severity.CHANGES)
REFUSALS = (Preference.DISALLOWED, Preference.CONDITIONAL)


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to do; `files` are the names of the texts that it needs."""

    title: str
    how: str
    files: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Screen:
    """What a person sees first; `light` is a key of the table `lights`."""

    light: str
    word: str
    answer: str
    reached: tuple[str, ...] = ()
    broken: tuple[str, ...] = ()
    steps: tuple[Step, ...] = ()
    then: str = ""


@dataclass(frozen=True, slots=True)
class Material:
    """What the screen is made of."""

    visited: VisitResult
    judgement: VisitJudgement
    mending: Mending
    uses: Sequence["Use"]
    operators: Sequence["Operator"]
    failing: Sequence["Failing"]
    against: Sequence["Against"]
    place: "Place | None"
    reason: str
    """Why the site could not be read, in words."""


def screen(made: Material) -> Screen:
    """Put the screen together; what was not read ends it early, without any reassurance."""
    light = _light(made)
    word, answer = say(f"screen.lights.{light}"), say(f"screen.answers.{light}")
    if light == "unread":
        key = _what_to_do(made)
        answer = say(f"screen.answers.{'kept_out' if key == 'kept_out' else 'unread'}",
                     reason=made.reason)  # fmt: skip
        return Screen(light, word, answer, then=say(f"screen.unread.{key}"))
    if light == "some" and _is_unknown(made):
        answer = say("screen.answers.robots_unread")
    steps = tuple(_steps(made))[:MOST_STEPS]
    then = "again" if steps else "done" if light in ("no", "yes") else "nothing_to_do"
    return Screen(
        light, word, answer, tuple(_reached(made)), tuple(_broken(made)), steps,
        say(f"screen.then.{then}"),
    )  # fmt: skip


def _light(made: Material) -> str:
    stand = next(use.stand for use in made.uses if use.purpose is Purpose.TRAIN)
    out = [ask.root is Access.DISALLOWED for ask in _collectors(made)]
    unread = made.visited.outcome not in ANSWERED and all(u.stand == "unknown" for u in made.uses)
    if unread or made.visited.reason is Reason.ROBOTS_DISALLOWS_US or stand == "unknown":
        return "unread"
    if stand.startswith("tries") or made.against:
        return "broken"
    if all(out):
        return "no"
    if made.place and made.place.switched_on:  # its list is the platform's, with all its faults
        return "some"
    if any(fault.severity in WITHOUT_EFFECT for fault in made.failing):
        return "broken"
    if any(out) or stand in ("no", "ask-first"):
        return "some"
    return "yes" if stand == "yes" else "nothing"


def _what_to_do(made: Material) -> str:
    """A key of `screen.unread`, by the first word of the reason."""
    if made.visited.reason is Reason.ROBOTS_DISALLOWS_US:
        return "kept_out"
    kind = made.visited.reason.value.partition("_")[0]
    return kind if kind in ("dns", "challenge", "http") else "other"


# ---- who is reached -------------------------------------------------------------------------


def _collectors(made: Material) -> list["Ask"]:
    panel = agents.load().panels[COLLECTORS]
    return [ask for o in made.operators for ask in o.asks if ask.token in panel]


def _is_unknown(made: Material) -> bool:
    return any(ask.root is Access.UNMEASURED for ask in _collectors(made))


def _reached(made: Material) -> Iterator[str]:
    """Whom robots.txt asks to stay away, by number and the best known names."""
    if made.place and made.place.switched_on:
        yield say("screen.switched_on", name=made.place.name, day=made.place.switched_on)
    asks = _collectors(made)
    if _is_unknown(made):
        yield say("screen.reached.unknown")
        return
    out = [ask for ask in asks if ask.root is Access.DISALLOWED]
    parts = [ask for ask in asks if ask not in out and ask.extent not in (None, Extent.NONE)]
    free = [ask for ask in asks if ask not in out and ask not in parts]
    rules = _rules(made)
    named = [ask for ask in parts if rules.decide(ask.token).basis is Basis.OWN]
    like_all = [ask for ask in parts if ask not in named]
    for key, those in (("out", out), ("parts", named), ("like_all", like_all), ("free", free)):
        if those:
            yield say(
                f"screen.reached.{key}", count=len(those), total=len(asks),
                names=_names(made, those), parts=_parts(made, those),
            )  # fmt: skip
    if made.place and made.place.closed & {"robots_edit"} and free + parts:
        yield say("screen.closed", name=made.place.name)


def _names(made: Material, asks: Sequence["Ask"]) -> str:
    owner = {ask.token: o.name for o in made.operators for ask in o.asks}
    known = [*BEST_KNOWN, *sorted({*owner.values()} - {*BEST_KNOWN})]
    named = sorted(asks, key=lambda ask: known.index(owner[ask.token]))
    shown = ", ".join(f"{ask.token} ({owner[ask.token]})" for ask in named[:SHOWN])
    more = len(named) - SHOWN
    return shown + (say("screen.more", count=more) if more > 0 else "")


def _robots(made: Material) -> syntax.RobotsFile:
    robots = robots_of(made.visited)
    return syntax.parse(robots.body if robots else b"")


def _rules(made: Material) -> rfc9309.Policy:
    return rfc9309.read(_robots(made))


def _parts(made: Material, asks: Sequence["Ask"]) -> str:
    """The paths that crawlers are kept from, as the site has them."""
    policy = _rules(made)
    lines = sorted({line for ask in asks for line in policy.effect(ask.token).values()})
    file = _robots(made)
    found = (file.text(line) for line in lines)
    rules = [rule.partition(":")[2].strip() for rule in found if rule[:1] in "dD"]
    shown = list(dict.fromkeys(filter(None, rules)))
    more = len(shown) - SHOWN
    return ", ".join(shown[:SHOWN]) + (say("screen.more", count=more) if more > 0 else "")


# ---- what is broken -------------------------------------------------------------------------


def _broken(made: Material) -> Iterator[str]:
    told = [
        *(_fault(made, fault) for fault in made.failing),
        *(say("screen.against", one=a.one.quote, other=a.other.quote) for a in made.against),
    ]
    yield from told[:SHOWN]
    if len(told) > SHOWN:
        yield say("screen.more_broken", count=len(told) - SHOWN)


def _fault(made: Material, fault: "Failing") -> str:
    place = fault.evidence[0]
    title = say(f"screen.faults.{fault.severity.value}", title=fault.title.replace("`", ""))
    shown = f' "{_short(place.quote)}"' if place.quote else ""
    return f"{title}{shown} ({_here(made, place.where)})"


def _here(made: Material, where: str) -> str:
    """A place on the site itself without the site's name."""
    return where.replace(f"https://{made.visited.host or UNNAMED}/", "/")


def _short(text: str, most: int = 70) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"


# ---- what to do -----------------------------------------------------------------------------


def _steps(made: Material) -> Iterator[Step]:
    """Everything that is worth a step, what achieves most first."""
    place, files = made.place, {file.name: file for file in made.mending.files}
    refuses = made.mending.wish[Purpose.TRAIN] in REFUSALS
    if place and place.switch and refuses and not place.switched_on:
        yield Step(say("screen.step.switch", name=place.name), place.switch)
    if (robots := files.get("robots.txt")) and not (place and "robots_edit" in place.closed):
        yield Step(say("screen.step.robots"), _about(made, robots), (robots.name,))
    if on_site := [r for r in made.mending.removals if r.carrier is not Carrier.WORK]:
        quotes = [f'"{_short(each.quote)}"' for each in on_site]
        shown = ", ".join(list(dict.fromkeys(quotes))[:SHOWN])
        yield Step(say("screen.step.remove"), shown)
    if (tdm := files.get("tdmrep.json")) and _is_mended(made):
        policy = tuple(name for name in ("tdm-policy.json",) if name in files)
        yield Step(say("screen.step.tdmrep"), _goes_to(made, tdm), (tdm.name, *policy))
    if left := _left(made):
        yield Step(say("screen.step.by_hand"), "; ".join(left[:SHOWN]))
    can_tag = _has_page(made) and not (place and "meta_edit" in place.closed)
    if (head := files.get("head.html")) and refuses and can_tag:
        needs = b"tdm-policy" in head.text and "tdm-policy.json" in files
        more = ("tdm-policy.json",) if needs else ()
        yield Step(say("screen.step.tag"), say("screen.step.tag_how"), (head.name, *more))


def _about(made: Material, robots: File) -> str:
    """Where the file goes, how much of it is new, and how long its list will last."""
    there = robots_of(made.visited)
    old = there.body.splitlines() if there and there.status == 200 else []
    new = [line for line in robots.text.splitlines() if line.strip() and line not in old]
    key = "merged" if old and made.judgement.robots_state is not RobotsState.NOT_ROBOTS else "new"
    told = [say(f"screen.step.{key}", count=len(new))]
    if made.mending.wish[Purpose.SEARCH] is Preference.UNSTATED:
        told.append(say("screen.step.search_stays"))
    closed = made.mending.plan.merged.closed
    if kept := [name for name in closed if name in ARCHIVES]:
        told.append(say("screen.step.archive", names=", ".join(kept)))
    aged = made.mending.plan.aged[0]  # of today's list there always is one of half a year before
    told.append(say("screen.step.lasts", day=aged.day, share=round(aged.share * 100)))
    return " ".join((*told, _goes_to(made, robots)))


def _goes_to(made: Material, file: File) -> str:
    origin = f"https://{made.visited.host}" if made.visited.host else ""
    return say("screen.step.at", url=f"{origin}{file.path}")


def _has_page(made: Material) -> bool:
    """Whether the start page was read: what stands in a page that was not is unknown."""
    return any(c.resource == HOME and not c.superseded and classify(c) is Answer.CONTENT
               for c in made.visited.captures)  # fmt: skip


def _is_mended(made: Material) -> bool:
    """Whether the site has a tdmrep.json, so that ours takes its place."""
    return any(r.signal == "tdmrep_file" and (r.finding.statements or r.finding.defects)
               for r in made.judgement.readings)  # fmt: skip


def _left(made: Material) -> list[str]:
    """Faults that nothing of ours ends: only the author knows what was meant; and works' own."""
    still = faults(judge_visit(as_mended(made.visited, made.mending).captures))
    gone = {code for code, *_ in faults(made.judgement) - still}
    works = (
        f"{_here(made, made.visited.captures[each.seq].url)}: {each.why}"
        for each in made.mending.removals
        if each.carrier is Carrier.WORK
    )
    return [*dict.fromkeys(works)] + [
        f'"{_short(fault.evidence[0].quote)}" ({_here(made, fault.evidence[0].where)})'
        for fault in made.failing
        if fault.severity in WITHOUT_EFFECT and fault.code not in gone and fault.evidence[0].quote
    ]
