"""What the words of robots metas and X-Robots-Tag say about AI use: one table for both.

Each meaning names its source in the table below; where the source speaks for one operator,
the statement is for that operator's crawler and for nobody else.
A word that is not here (`index`, `follow`, `notranslate`) says nothing about any purpose.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

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
_EFFECTS = {
    "robots-folk-token": "No reader is known of this word; noai is the word that some read.",
    "robots-separator": (
        "The words are not set apart by commas: strict readers see one unknown word."
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
    understood = list(dict.fromkeys(found for one in said for found in _words(one)))
    nocache = _nocache(understood)
    statements = dict.fromkeys(
        statement
        for one, word, strictness in understood
        for statement in _statements(one, word, strictness, nocache)
    )
    defects = dict.fromkeys(defect for one, word, _ in understood for defect in _defects(one, word))
    kept = list(statements)[:MAX_STATEMENTS]
    return kept, list(defects)[:MAX_STATEMENTS], len(kept) < len(statements)


_Word = tuple[Said, str, Strictness]


def _words(said: Said) -> Iterator[_Word]:
    """The known words of one directive, each with the strictest reader that finds it."""
    name = _key(said.directive)
    if name in MEANINGS or name in FOLK:
        tolerant = said.misplaced or said.directive.loose or name in FOLK
        yield said, name, Strictness.LENIENT if tolerant else Strictness.STRICT
        return
    for word in dict.fromkeys(name.split(" ")):
        if word in MEANINGS:
            yield said, word, Strictness.LENIENT


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
        strictness
        for said, word, strictness in understood
        if word == "nocache" and said.agent.lower() in ("*", "bingbot")
    }
    return frozenset(found | {Strictness.LENIENT} if found else found)


def _statements(
    said: Said, word: str, strictness: Strictness, nocache: frozenset[Strictness]
) -> Iterator[Statement]:
    for meaning in MEANINGS.get(word, (_TRAIN,)):
        agent = _agent(said.agent, meaning.agent)
        overruled = word == "noarchive" and meaning.agent == "bingbot" and strictness in nocache
        if agent is None or overruled:
            continue
        yield Statement(
            meaning.purpose,
            meaning.preference,
            strictness,
            meaning.scope,
            quote(said.raw),
            agent=agent,
            line=said.line,
            derived=meaning.derived,
        )


def _agent(addressed: str, meant_for: str) -> str | None:
    """Whom a word concerns that is addressed to one and has a meaning for one, or nobody."""
    if addressed == "*":
        return meant_for
    if meant_for == "*" or addressed.lower() == meant_for.lower():
        return addressed
    return None


def _defects(said: Said, word: str) -> Iterator[Defect]:
    if word in FOLK:
        yield _defect("robots-folk-token", Severity.VOIDS, said)
    elif said.directive.loose or word != _key(said.directive):
        yield _defect("robots-separator", Severity.RISKS, said)


def _defect(code: str, severity: Severity, said: Said) -> Defect:
    return Defect(code, severity, quote(said.raw), _EFFECTS[code], said.line)
