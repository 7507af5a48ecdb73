"""What the words of robots metas and X-Robots-Tag say about AI use: one table for both.

Each meaning names its source in the table below; where the source speaks for one operator,
the statement is for that operator's crawler and for nobody else.
A word that is not here (`index`, `follow`, `notranslate`) says nothing about any purpose.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from typing import NamedTuple

from crawler.model import Defect, Preference, Purpose, Scope, Severity, Statement, Strictness
from crawler.parsers.x_robots import Directive
from crawler.registry import agents
from crawler.signals.reading.readable import quote

MAX_STATEMENTS = 500
"""Kept of one capture; more is an attack, and `cut` says so."""


@dataclass(frozen=True, slots=True)
class Meaning:
    """What one word says to one agent. `derived` marks a reading that no source states."""

    purpose: Purpose
    preference: Preference
    agent: str = "*"
    derived: bool = False
    scope: Scope = Scope.PAGE


_TRAIN = Meaning(Purpose.TRAIN, Preference.DISALLOWED)
_SEARCH = Meaning(Purpose.SEARCH, Preference.DISALLOWED)
_AMAZON = Meaning(Purpose.TRAIN, Preference.DISALLOWED, "Amazonbot")
_GOOGLE = Meaning(Purpose.AI_INPUT, Preference.DISALLOWED, "Googlebot")

MEANINGS: dict[str, tuple[Meaning, ...]] = {
    # DeviantArt, November 2022: not for data sets of third-party AI; says nothing on answers.
    "noai": (_TRAIN,),
    # The same announcement: the images on the page.
    "noimageai": (Meaning(Purpose.TRAIN, Preference.DISALLOWED, scope=Scope.ASSET),),
    # Mojeek's NoML open letter, 25 October 2023: search yes, machine learning no.
    "noml": (_TRAIN, Meaning(Purpose.AI_INPUT, Preference.DISALLOWED, derived=True)),
    # Bing Webmaster Blog, September 2023: neither in chat answers nor for training.
    # Amazon's Amazonbot page: the page is not used for model training.
    "noarchive": (
        Meaning(Purpose.TRAIN, Preference.DISALLOWED, "bingbot"),
        Meaning(Purpose.AI_INPUT, Preference.DISALLOWED, "bingbot"),
        _AMAZON,
    ),
    # The same Bing post: only URL, title and snippet, for answers and for training.
    "nocache": (
        Meaning(Purpose.TRAIN, Preference.CONDITIONAL, "bingbot"),
        Meaning(Purpose.AI_INPUT, Preference.CONDITIONAL, "bingbot"),
    ),
    # Google Search Central, robots meta: no direct input for AI Overviews and AI Mode.
    "nosnippet": (_GOOGLE,),
    "max-snippet:0": (_GOOGLE,),
    # The same page: the length limits what those features may use; "on terms" is our word.
    "max-snippet:n": (
        Meaning(Purpose.AI_INPUT, Preference.CONDITIONAL, "Googlebot", derived=True),
    ),
    # Convention of all search engines: out of the index. Not an AI signal.
    "noindex": (_SEARCH,),
    "none": (_SEARCH,),
    "noimageindex": (Meaning(Purpose.SEARCH, Preference.DISALLOWED, scope=Scope.ASSET),),
}

# Product tokens as they are formed today, beside the registry's: a list misses the next one.
_BOT = re.compile(
    r"(?!.*robots)[\w.-]{0,60}(?:bot|spider|crawler|externalagent|-extended|-user|-ai)[\w-]{0,20}",
    re.ASCII,
)
_OTHER_BOTS = frozenset({"claude-web", "slurp", "yandex", "teoma", "meta-externalfetcher"})
EVERYBODY = frozenset({"robots", "robot", "noai", "noimageai", "noml", "x-robots-tag"})

FOLK = frozenset({"noaitraining", "no-ai", "no ai", "notrain", "disallowaitraining"})
"""Words that authors invented for `noai`; no reader of them is known."""
_KNOWN = MEANINGS.keys() | FOLK
_EFFECTS = {
    "robots-folk-token": "No reader is known of this word; noai is the word that some read.",
    "robots-separator": (
        "The words are not set apart by commas: strict readers see one unknown word."
    ),
    "robots-word-quoted": "Marks stand around the word: strict readers see an unknown word.",
    "robots-word-agent": (
        "A crawler's name stands among the words: strict readers see one unknown word."
    ),
}


@dataclass(frozen=True, slots=True)
class Said:
    """One directive where it stands. `misplaced`: only a tolerant reader looks there."""

    directive: Directive
    agent: str
    raw: str
    line: int | None = None
    misplaced: bool = False


@lru_cache(maxsize=1024)
def is_for_robots(name: str) -> bool:
    """Say whether a name in lower case makes a meta one for robots, all or one."""
    if name in EVERYBODY or name in _OTHER_BOTS or _BOT.fullmatch(name):
        return True
    return agents.load().by_token(name) is not None


def read(said: Sequence[Said]) -> tuple[list[Statement], list[Defect], bool]:
    """Statements and defects of all directives of one capture, and whether some were left."""
    found = (word for _, item in groupby(said, _item) for word in _words(list(item)))
    understood = list(dict.fromkeys(found))
    nocache = _nocache(understood)
    statements = dict.fromkeys(
        statement for word in understood for statement in _statements(word, nocache)
    )
    defects = dict.fromkeys(defect for word in understood for defect in _defects(word))
    kept = list(statements)[:MAX_STATEMENTS]
    return kept, list(defects)[:MAX_STATEMENTS], len(kept) < len(statements)


def _item(said: Said) -> object:
    """What the pieces between two commas have in common; alone where nothing was forgiven."""
    one = said.directive
    return (said.raw, said.line, one.index, one.item) if one.loose else id(said)


class _Word(NamedTuple):
    """A known word, whom it addresses, the strictest reader that finds it, and its fault."""

    said: Said
    word: str
    agent: str
    strictness: Strictness
    fault: str | None = None


def _words(item: list[Said]) -> Iterator[_Word]:
    """The known words between two commas."""
    one = item[0]
    name = _key(one.directive)
    if len(item) == 1 and name in _KNOWN and not one.directive.loose:
        folk = name in FOLK
        how = Strictness.LENIENT if one.misplaced or folk else Strictness.STRICT
        yield _Word(one, name, one.agent, how, "robots-folk-token" if folk else None)
        return
    scopes = _scopes([(said, word) for said in item for word in _split(said.directive)])
    kind = "word-quoted" if len(item) == 1 and name in _KNOWN else "separator"
    for named, words in scopes:
        fault = "robots-word-agent" if named else f"robots-{kind}"
        for said, word in words:
            code = "robots-folk-token" if word in FOLK and not named else fault
            for agent in named or [said.agent]:
                yield _Word(said, word, agent, Strictness.LENIENT, code)


def _split(directive: Directive) -> list[str]:
    """One directive to its words; what is known as a whole is one."""
    name = _key(directive)
    return [name] if name in _KNOWN else re.split(r"[\s:=]+", directive.text)


_Words = list[tuple[Said, str]]


def _scopes(given: _Words) -> list[tuple[list[str], _Words]]:
    """Known words with the crawlers that are named before them, or behind the last of them.

    `GPTBot noai` and `noai GPTBot` were meant for one crawler, and never for everybody.
    """
    scopes: list[tuple[list[str], _Words]] = [([], [])]
    for said, written in given:
        word = written.lower()
        if word in _KNOWN:
            scopes[-1][1].append((said, word))
        elif word not in EVERYBODY and is_for_robots(word):
            if scopes[-1][1] or not scopes[-1][0]:
                scopes.append(([], []))
            scopes[-1][0].append(quote(written))
    names, words = scopes[-1]
    if names and not words:
        scopes[-2:] = [(names, scopes[-2][1])]
    return scopes


def _key(directive: Directive) -> str:
    if directive.name != "max-snippet":
        return directive.name
    number = re.fullmatch(r"[0-9]{1,9}", directive.value or "")
    if not number:
        return ""  # -1 is "no limit"; anything else is no number
    return "max-snippet:n" if int(number[0]) else "max-snippet:0"


def _nocache(understood: Sequence[_Word]) -> frozenset[Strictness]:
    """Which readers find a `nocache` that Bing applies: it then takes noarchive as nocache."""
    found = {
        one.strictness
        for one in understood
        if one.word == "nocache" and one.agent.lower() in ("*", "bingbot")
    }
    return frozenset(found | {Strictness.LENIENT} if found else found)


def _statements(one: _Word, nocache: frozenset[Strictness]) -> Iterator[Statement]:
    for meaning in MEANINGS.get(one.word, (_TRAIN,)):
        agent = _agent(one.agent, meaning.agent)
        bings = one.word == "noarchive" and meaning.agent == "bingbot"
        if agent is None or (bings and one.strictness in nocache):
            continue
        yield Statement(
            meaning.purpose,
            meaning.preference,
            one.strictness,
            meaning.scope,
            quote(one.said.raw),
            agent=agent,
            line=one.said.line,
            derived=meaning.derived,
        )


def _agent(addressed: str, meant_for: str) -> str | None:
    """Whom a word concerns that is addressed to one and has a meaning for one, or nobody."""
    if addressed == "*":
        return meant_for
    if meant_for == "*" or addressed.lower() == meant_for.lower():
        return addressed
    return None


def _defects(one: _Word) -> Iterator[Defect]:
    if one.fault:
        severity = Severity.RISKS if one.fault == "robots-separator" else Severity.VOIDS
        said = one.said
        yield Defect(one.fault, severity, quote(said.raw), _EFFECTS[one.fault], said.line)
