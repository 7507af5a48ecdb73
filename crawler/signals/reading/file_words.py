"""Permissions in words that people make up, in files and JSON, to purposes and preferences.

No specification has these lines and no reader is known; a tolerant reader understands
`AI-Training: no`, `Disallow-Training: /` or `training_allowed: false` all the same. A line
counts only when its name holds nothing but one purpose, filler and perhaps a verb, and its
value is a permission; so every statement from here is lenient. The forms were collected from
files in public repositories in November 2026.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

from crawler.model import Defect, Preference, Purpose, Scope, Severity, Statement, Strictness
from crawler.parsers.jsontext import Object
from crawler.parsers.keyvalue import Document, Pair
from crawler.parsers.spelling import unquoted
from crawler.signals.reading.readable import MAX_STATEMENTS, quote

MAX_AGENTS = 50
MAX_NODES = 5000

_EFFECT = "An invented line: no specification has it and no reader of it is known."

# What a word of a name is about. The first table needs no more than a yes or no; the words of
# the second one also name features of a site, so name or value must show a permission.
_CLEAR = dict.fromkeys(("train", "training", "trained", "pretraining", "tdm"), Purpose.TRAIN) | {
    "finetuning": Purpose.TRAIN,
    "rag": Purpose.AI_INPUT,
    "grounding": Purpose.AI_INPUT,
}
_UNCLEAR = (
    dict.fromkeys(("dataset", "datasets", "mining", "fine", "tuning"), Purpose.TRAIN)
    | dict.fromkeys(("inference", "input", "retrieval", "answers", "summary"), Purpose.AI_INPUT)
    | dict.fromkeys(("summarization", "summarisation", "summaries"), Purpose.AI_INPUT)
    | dict.fromkeys(("search", "index", "indexing"), Purpose.SEARCH)
)
_SUBJECTS = _CLEAR | _UNCLEAR
_AI = frozenset({"ai", "llm", "llms", "genai"})
_FILLERS = _AI | {
    *("a", "and", "content", "data", "foundation", "for", "generative", "inclusion", "is"),
    *("language", "large", "machine", "model", "models", "of", "on", "permission", "policy"),
    *("preference", "rights", "status", "text", "the", "to", "usage", "use"),
}
_ALLOW = frozenset({"allow", "allowed", "allows", "permit", "permitted"})
_DENY = frozenset(
    {
        *("block", "blocked", "denied", "deny", "disallow", "disallowed", "forbid", "forbidden"),
        *("no", "not", "optout", "prohibit", "prohibited", "reservation", "reserved"),
    }
)

_YES = frozenset({"yes", "true", "y", "1", "on"})
_NO = frozenset({"no", "false", "n", "0", "off", "none", "never"})
_ALLOWED = frozenset({"allow", "allowed", "permit", "permitted", "granted", "welcome", "opt-in"})
_DENIED = frozenset(
    {
        *("deny", "denied", "disallow", "disallowed", "block", "blocked", "prohibit"),
        *("prohibited", "forbidden", "unauthorized", "not allowed", "not permitted"),
        *("not-allowed", "not-permitted", "opt-out", "opt out", "opted-out", "reserved"),
    }
)
_ON_TERMS = frozenset(
    {"conditional", "ask", "restricted", "limited", "licensed", "license-only", "negotiable"}
)
_TERMS = re.compile(
    r"(?:allow|permit|yes)\w{0,4}[ -](?:with|only|if|for|under)\b"
    r"|(?:no|not|disallow|prohibit|forbid|den)\w{0,5}[ -].{0,60}\b(?:without|unless|except)\b"
    r"|[\w -]{1,60}\brequired\b"
)
_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+")
_AGENT = frozenset({"user-agent", "useragent", "agent", "bot", "crawler"})
_SCOPING = frozenset({"agent", "agents", "bot", "bots", "user-agent", "useragent", "overrides"})
_NARROW = frozenset({"scope", "path", "paths", "location", "resource", "pattern", "selector"})
_SIGNALS = frozenset({"content-signal", "content-signals", "content-usage"})


@dataclass(frozen=True, slots=True)
class Meant:
    """What a line probably means. `path` is a pattern that the value named."""

    purpose: Purpose
    preference: Preference
    path: str | None = None


def meant(name: str, value: str) -> Meant | None:
    """Give what a name and a value mean together, or None for a line about something else."""
    words = set(_words(name))
    subjects = {_SUBJECTS[word] for word in words if word in _SUBJECTS}
    if len(subjects) != 1 or words - _SUBJECTS.keys() - _FILLERS - _ALLOW - _DENY:
        return None
    value = value.strip(" \t_`\"',;")
    value = value.strip("* ") if value.startswith("**") else value
    denies, allows = bool(words & _DENY), bool(words & _ALLOW)
    (purpose,) = subjects
    if value[:1] in ("/", "*") and " " not in value:
        if not (denies or allows) or value.strip("/*").lower() in _NO | _DENIED:
            return None  # `Allow-Training: /no` names no path that anybody meant
        preference = Preference.DISALLOWED if denies else Preference.ALLOWED
        return Meant(purpose, preference, value)
    text = unquoted(value.partition("(")[0]).strip().lower().rstrip(".")
    shown = denies or allows or words & _AI or words & _CLEAR.keys()
    if not shown and text in _YES | _NO:
        return None
    said = permission(text)
    if denies:
        said = _turned(text, said)
    return Meant(purpose, said) if said else None


def permission(text: str) -> Preference | None:
    """Give what a value in lower case means, or None where it is no permission."""
    if text in _YES or text in _ALLOWED:
        return Preference.ALLOWED
    if text in _NO or text in _DENIED:
        return Preference.DISALLOWED
    if text in _ON_TERMS or _TERMS.match(text[:200]):
        return Preference.CONDITIONAL
    return None


def _turned(text: str, said: Preference | None) -> Preference | None:
    """`Disallow-Training: true` denies, `: false` allows, and `: disallow` denies again."""
    if text in _NO:
        return Preference.ALLOWED
    if text in _YES or text in _DENIED or text in {"all", "any"}:
        return Preference.DISALLOWED
    return said if said is Preference.CONDITIONAL else None


def _words(name: str) -> list[str]:
    name = name.replace("opt-out", "optout").replace("opt_out", "optout")
    return [word.lower() for word in _WORD.findall(name[:80])]


def read(document: Document) -> tuple[list[Statement], list[Defect]]:
    """Read all lines of a file; a `User-Agent` or `Agent` line says whom the next ones address."""
    statements: list[Statement] = []
    defects: list[Defect] = []
    agents, naming = ["*"], False
    outer: Pair | None = None
    for pair in document.pairs:
        if pair.name.lower() in _AGENT and pair.value:
            agents = [*agents, quote(pair.value)][-MAX_AGENTS:] if naming else [quote(pair.value)]
            naming = True
            continue
        naming = False
        if not pair.value:
            outer = pair
            continue
        inside = outer if outer is not None and pair.indent > outer.indent else None
        if inside and _turns(inside.name):
            continue
        found = list(_of(pair, inside.name if inside else ""))
        raw = f"{inside.raw} {pair.raw}" if inside else pair.raw
        statements += [_statement(one, agent, raw, pair.line) for one in found for agent in agents]
        if found:
            defects.append(own_words(raw, pair.line))
        if len(statements) > MAX_STATEMENTS:
            break
    return statements, defects


def _of(pair: Pair, outer: str) -> Iterator[Meant]:
    """What a line means; `outer` is the name of the line above that has no value, as in YAML."""
    name = pair.name.lower()
    if name in ("allow", "disallow") and pair.value[:1] not in ("/", "*"):
        # `Allow: training, search`
        named = [meant(f"{name} {word}", "yes") for word in pair.value[:200].split(",")]
        yield from filter(None, named)
    elif name in _SIGNALS:
        parts = [part.partition("=") for part in pair.value[:200].replace(";", ",").split(",")]
        yield from filter(None, (meant(key, word) for key, _, word in parts))
    elif one := meant(pair.name, pair.value) or meant(f"{outer} {pair.name}", pair.value):
        yield one


def in_json(value: Object) -> tuple[list[Statement], list[Defect]]:
    """Read the members of an object and of what it holds, in order of depth.

    What is said to some agents only, or about some paths only, is passed over.
    """
    statements: list[Statement] = []
    defects: list[Defect] = []
    for name, member, line in _members(value):
        if one := meant(name, str(member)):
            shown = member[:200] if isinstance(member, str) else member
            raw = f"{json.dumps(name.strip())}: {json.dumps(shown, ensure_ascii=False)}"
            statements.append(_statement(one, "*", raw, line))
            defects.append(own_words(raw, line))
    return statements, defects


def _members(value: Object) -> Iterator[tuple[str, str | bool, int]]:
    """Texts and truth values with a name that says what they are about, and their line."""
    queue: list[tuple[str, Object]] = [("", value)]
    for outer, node in queue:
        if node.keys() & (_SCOPING | _NARROW):
            continue
        for name, member in node.items():
            full = name if _SUBJECTS.keys() & set(_words(name)) else f"{outer} {name}"
            if isinstance(member, str) or (isinstance(member, bool) and not _turns(outer)):
                yield full[-80:], member, node.line
            elif isinstance(member, Object) and len(queue) < MAX_NODES:
                queue.append((full[-80:], member))


def _turns(outer: str) -> bool:
    """`"restrictions": {"training": false}` may mean either."""
    words = set(_words(outer))
    return bool(words & _DENY) or "restrictions" in words


def _statement(one: Meant, agent: str, raw: str, line: int) -> Statement:
    everywhere = one.path is None or one.path.rstrip("*") in ("", "/")
    return Statement(
        one.purpose,
        one.preference,
        Strictness.LENIENT,
        Scope.SITE if everywhere else Scope.PATH,
        quote(raw),
        agent=agent,
        path=None if one.path is None else quote(one.path),
        line=line,
        derived=True,
    )


def own_words(raw: str, line: int) -> Defect:
    """The defect of a line that only a tolerant reader understands."""
    return Defect("file-own-words", Severity.VOIDS, quote(raw), _EFFECT, line)
