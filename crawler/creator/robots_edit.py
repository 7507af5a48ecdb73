"""Who is to be kept out, into a robots.txt that goes on meaning the same for everybody else.

The file keeps its octets, order and line ends; groups are added at its end, and lines about use
to everybody's group where there is one: a second group could put an empty `Disallow:` against a
rule of the first. Only what would undo a wish goes: the names of an agent that is to be kept out,
and with them their groups' rules where nobody else is named there. RFC 9309 merges groups of one
name (section 2.2.1), and lets an old `Allow: /` win over a new `Disallow: /` (section 2.2.2).

That the others are untouched is not trusted but compared, name by name, in the lines that
hold: the same lines mean the same for every path. Where they are not the same, because readers
already disagree about where the groups of the file begin, nothing is written.
"""

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from urllib.robotparser import RobotFileParser

from crawler.creator.names import BYSTANDERS
from crawler.model import Access, Capture, Extent, Severity
from crawler.parsers.preference import split_path
from crawler.parsers.robots import google, rfc9309, syntax
from crawler.parsers.robots.paths import STAR
from crawler.parsers.robots.protego import ProtegoPolicy
from crawler.parsers.robots.rfc9309 import Dialect, Policy
from crawler.registry import agents
from crawler.registry.agents import is_product_token
from crawler.signals import robots_content_signal, robots_content_usage, robots_license
from crawler.signals.reading import content_usage
from crawler.signals.reading.content_signal import KEYS
from crawler.signals.reading.readable import quote
from crawler.signals.reading.robots_lines import Field, covers_all, fields, is_not_robots
from crawler.signals.reading.signal import Signal

DIALECTS: tuple[Dialect, ...] = (google.GOOGLE, rfc9309.RFC9309)
"""Google's first: it sees more lines, so its groups are the smaller ones."""

USAGE = {
    "Content-Signal": robots_content_signal.FIELDS,
    "Content-Usage": robots_content_usage.FIELDS,
}
SPEAKING = {
    "Content-Signal": robots_content_signal.SIGNAL,
    "Content-Usage": robots_content_usage.SIGNAL,
}
NOTHING = "Disallow:"
"""A rule that keeps nobody from anything; it ends a list of agents for every reader."""

MOST_PATHS = 6
_OF_THE_FILE = frozenset({b"sitemap", b"site-map", b"host"})
_RULES = (syntax.ALLOW, syntax.DISALLOW)
_PAIR = re.compile(r"[a-z-]+=[a-z-]+")
FULL = "use=full"
OLD = content_usage.GENERAL | content_usage.LEGACY.keys() - KEYS.keys()
"""Keys of earlier drafts, and one that is yes to everything: they do not stay beside a wish."""


class MergeError(ValueError):
    """A file that cannot be added to without changing it for others; says why."""


@dataclass(frozen=True, slots=True)
class Want:
    """What a robots.txt is to say.

    `closed` maps a heading to the names that are kept from everything, `opened` are names that
    must not be kept from the start page, `bystanders` all other names that are known. `usage`
    maps the fields of USAGE to the value for everybody, empty where there is nothing to say.
    """

    closed: Mapping[str, tuple[str, ...]]
    opened: tuple[str, ...] = ()
    bystanders: tuple[str, ...] = ()
    usage: Mapping[str, str] = field(default_factory=dict)
    keys: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """Of each such field the keys that the wish speaks about; others stay as they are."""
    licence: str | None = None
    paths: tuple[str, ...] = ()
    """Where there are any, `closed` are kept from these alone, and their other rules stay."""

    @property
    def names(self) -> tuple[str, ...]:
        """All names to be kept out."""
        return tuple(name for names in self.closed.values() for name in names)


@dataclass(frozen=True, slots=True)
class Merged:
    """The new file, and what was done: names that got a group, lines that were touched or not."""

    body: bytes
    closed: tuple[str, ...]
    opened: tuple[str, ...]
    shielded: tuple[str, ...]
    """Names with a copy of the rules they had: Protego would take them for an added name."""
    removed: tuple[str, ...]
    kept: tuple[str, ...]
    """Lines of the file that say something of their own about use, or name a licence."""
    unreached: tuple[tuple[str, str], ...]
    """Agents and readers that still do not come to the wish."""


def merge_sound(body: bytes, want: Want) -> Merged:
    """Merge, without the fields about use that would fail where they can stand."""
    merged = merge(body, want)
    failing = _own_faults(body, merged.body, want)
    if not failing:
        return merged
    return merge(body, replace(want, usage={**want.usage, **dict.fromkeys(failing, "")}))


def merge(body: bytes, want: Want) -> Merged:
    """Add to a file what a wish needs; raises MergeError where that would touch others."""
    if is_not_robots(body):
        raise MergeError("it is a page, a picture or UTF-16 text, and no robots.txt")
    if len(body) > syntax.LIMIT // 2:
        raise MergeError("it is larger than half of the 500 KiB that crawlers must read")
    if want.paths:
        return _merge_parts(body, want)
    before = Readers(body)
    closing = tuple(name for name in want.names if before.open_to(name))
    opening = tuple(name for name in want.opened if before.closed_to(name))
    rest, removed = _without(body, {name.lower().encode() for name in closing})
    rest, usage, changed, kept = _usage(rest, want)
    others = [name for name in (*want.opened, *want.bystanders) if name not in opening]
    own = groups(rest, rfc9309.RFC9309)
    everybodys = groups(rest, google.GOOGLE).get(STAR, [])
    star = [line.decode("utf-8", "surrogateescape") for line in everybodys]
    shielded = tuple(
        name
        for name in others
        if name.lower().encode() not in own and any(_passes_for(name, new) for new in closing)
    )
    parts = _let_in(opening, own, star)
    parts.append(_group("As before: everybody's rules", shielded, star or [NOTHING]))
    for heading, names in want.closed.items():
        parts.append(_group(heading, [n for n in names if n in closing], ["Disallow: /"]))
    rest, usage = _into_everybodys(rest, usage)
    if usage:
        parts.append(["User-agent: *", *usage, *(star or [NOTHING])])
    after = _joined(rest, [part for part in parts if part])
    unwelcome = {form for name in want.names for form in _forms(name)}
    asked = unwelcome.union(*map(_forms, opening))
    if touched := changed_for(body, after, others, asked):
        who = ", ".join(quote(name) for name in touched)
        raise MergeError(
            f"the rules for {who} would change: readers disagree about where groups begin"
        )
    if silenced := _silenced(body, after, unwelcome):
        who = ", ".join(map(quote, silenced))
        raise MergeError(
            f"what is said to {who} about use would go: readers disagree about where groups begin"
        )
    readers = Readers(after)
    failed = [(name, reader) for name in want.names for reader in readers.open_to(name)]
    failed += [(name, reader) for name in want.opened for reader in readers.closed_to(name)]
    return Merged(after, closing, opening, shielded, removed + changed, kept, tuple(failed))


def _merge_parts(body: bytes, want: Want) -> Merged:
    """Keep names from some paths: groups at the end, which other groups of a name are joined to."""
    policy = rfc9309.read(syntax.parse(body))
    closing = tuple(name for name in want.names if _has_open(policy, name, want.paths))
    own = groups(body, rfc9309.RFC9309)
    star = [line.decode("utf-8", "surrogateescape") for line in own.get(STAR, [])]
    rules = [f"Disallow: {path}" for path in want.paths]
    owners = [name for name in closing if name.lower().encode() in own]
    others = [name for name in closing if name not in owners]
    parts = [
        _group("For these paths; the other rules stand above", owners, rules),
        _group("For these paths; the other rules are everybody's", others, [*star, *rules]),
    ]
    after = _joined(body, [part for part in parts if part])
    asked = {form for name in want.names for form in _forms(name)}
    if touched := changed_for(body, after, (*want.opened, *want.bystanders), asked):
        raise MergeError(f"the rules for {', '.join(map(quote, touched))} would change")
    new = rfc9309.read(syntax.parse(after))
    failed = [(name, "rfc9309") for name in want.names if _has_open(new, name, want.paths)]
    return Merged(after, closing, (), (), (), (), tuple(failed))


def _has_open(policy: Policy, name: str, paths: Collection[str]) -> bool:
    """Whether a name may fetch anything of some paths."""
    asked = (path.replace("*", "x").rstrip("$") for path in paths)
    return any(policy.allowed(name, path)[0] is Access.ALLOWED for path in asked)


def _own_faults(before: bytes, after: bytes, want: Want) -> list[str]:
    """Fields about use that would fail where they can stand, and did not fail before."""
    return [
        name
        for name, signal in SPEAKING.items()
        if want.usage.get(name) and _faults(signal, after) - _faults(signal, before)
    ]


def _faults(signal: Signal, body: bytes) -> set[str]:
    url = "https://site.invalid/robots.txt"
    found = signal.find(Capture("/robots.txt", url, url, status=200, body=body)).defects
    return {defect.code for defect in found if defect.severity is not Severity.COSMETIC}


def _forms(name: str) -> set[str]:
    """What readers take a name for: Google's takes `AI2Bot` for `ai`, a crawler nobody knows."""
    cut = google.GOOGLE.name(name.encode())
    return {name.lower(), *([cut.decode()] if cut else [])}


class Readers:
    """One file by all readers."""

    def __init__(self, body: bytes) -> None:
        file = syntax.parse(body)
        self._policies: dict[str, Policy | ProtegoPolicy] = {
            "rfc9309": rfc9309.read(file),
            "google": google.read(file),
            "protego": ProtegoPolicy(body),
        }

    def open_to(self, name: str) -> tuple[str, ...]:
        """Name the readers that let an agent fetch anything (Protego: the start page)."""
        return tuple(
            reader
            for reader, policy in self._asked(name)
            if (decision := policy.decide(name)).root is Access.ALLOWED
            or decision.extent not in (Extent.ALL, None)
        )

    def closed_to(self, name: str) -> tuple[str, ...]:
        """Name the readers that keep an agent from the start page."""
        return tuple(
            reader
            for reader, policy in self._asked(name)
            if policy.decide(name).root is Access.DISALLOWED
        )

    def _asked(self, name: str) -> Iterator[tuple[str, Policy | ProtegoPolicy]]:
        """Leave out Google's reader for a name with a digit or a dot: it can have none such."""
        for reader, policy in self._policies.items():
            if reader != "google" or is_product_token(name):
                yield reader, policy


Groups = dict[bytes, list[bytes]]
"""Names in lower case to the rules that hold for them, as written, without line ends."""


def groups(body: bytes, dialect: Dialect) -> Groups:
    """Collect the rules of every name in a file, those of all its groups together."""
    file = syntax.parse(body)
    letters = dialect.letters(file)
    found: Groups = {}
    for start, rules, end in syntax.spans(letters):
        lines = [
            file.raws[place].strip(syntax.OUTER)
            for place in range(rules, end)
            if letters[place] in _RULES
        ]
        for name in _names(file, letters, dialect, start, rules).values():
            if name is not None:
                found.setdefault(name, []).extend(lines)
    return found


def _names(
    file: syntax.RobotsFile, letters: bytes, dialect: Dialect, start: int, rules: int
) -> dict[int, bytes | None]:
    """The places of the user-agent lines that open one group, with whom they name."""
    places = (place for place in range(start, rules) if letters[place] == syntax.AGENT)
    return {place: dialect.names[file.raws[place]] for place in places}


def changed_for(
    before: bytes, after: bytes, names: Collection[str], but: Collection[str] = ()
) -> tuple[str, ...]:
    """Name those for whom other rules hold in `after`; `*` is whoever has no group.

    Compared are `names` and every name in either file, except those of `but` (lower case).
    """
    differing: set[bytes] = set()
    for dialect in DIALECTS:
        old, new = groups(before, dialect), groups(after, dialect)
        asked = {STAR, *old, *new, *(name.lower().encode() for name in names)}
        differing |= {name for name in asked if _held(old, name) != _held(new, name)}
    texts = sorted(name.decode("utf-8", "replace") for name in differing)
    return tuple(text for text in texts if text not in but and _can_be_a_name(text))


def noticed(before: bytes, after: bytes) -> tuple[str, ...]:
    """Name the search engines and archives for which Protego or urllib answers otherwise.

    They are asked about the start page and the paths that the rules of `before` begin with. How
    those two form groups is not what RFC 9309 says, so that `changed_for` does not see it.
    """
    rules = (syntax.classify(raw) for raw in syntax.parse(before).raws)
    starts = (
        rule.value.partition(b"*")[0].rstrip(b"$") for rule in rules if rule.kind in syntax.RULES
    )
    paths = [path.decode("utf-8", "replace") for path in dict.fromkeys(starts) if path[:1] == b"/"]
    asked = dict.fromkeys(["/", "/a/page?x=1", *paths[:MOST_PATHS]])
    old, new = _answers(before), _answers(after)
    return tuple(
        name
        for name in BYSTANDERS
        if any(one(name, path) != other(name, path)
               for one, other in zip(old, new, strict=True) for path in asked)
    )  # fmt: skip


def _answers(body: bytes) -> tuple[Callable[[str, str], object], ...]:
    """How urllib and Protego answer a name about a path."""
    parser, protego = RobotFileParser(), ProtegoPolicy(body)
    parser.parse(body.decode("utf-8", "replace").splitlines())
    return parser.can_fetch, lambda name, path: protego.allowed(name, path)[0]


def _silenced(before: bytes, after: bytes, but: Collection[str]) -> list[str]:
    """Name those to whom a field says nothing any more; not `*`, nor those of `but`."""
    gone = set(_told(before)) - set(_told(after))
    return sorted({name for _, name, form in gone if not {name, form} & {"*", *but}})


def _told(body: bytes) -> Iterator[tuple[str, str, str]]:
    """Fields about use, to whom they speak, and what Google's reader makes of that name."""
    for field_name, spellings in USAGE.items():
        for line in fields(body, spellings):
            for agent in line.agents:
                cut = google.GOOGLE.name(agent.encode("utf-8", "replace")) or b""
                yield field_name, agent.lower(), cut.decode()


def _can_be_a_name(text: str) -> bool:
    """Say no to what no crawler is called: `GPTBot, CCBot`, `GPTBot/1.0`."""
    known = agents.load().by_token(text) is not None
    return text == "*" or known or not any(mark in text for mark in ' \t,;/"')


def _held(found: Groups, name: bytes) -> set[bytes]:
    """The rules that hold for a name: its own group's, else everybody's; no empty ones."""
    lines = found[name] if name in found else found.get(STAR, [])
    return {line for line in lines if syntax.value_of(line)}


def _without(body: bytes, names: Collection[bytes]) -> tuple[bytes, tuple[str, ...]]:
    """Take names out of the groups that they have, and groups that are left without any."""
    removed: list[str] = []
    if names and body and not body.endswith((b"\n", b"\r")):
        body += _line_end(syntax.parse(body))  # groups follow it, and its line may have to move
    for dialect in DIALECTS:
        file = syntax.parse(body)
        letters = dialect.letters(file)
        gone: set[int] = set()
        order = list(range(len(file.raws)))
        for start, rules, end in syntax.spans(letters):
            named = _names(file, letters, dialect, start, rules)
            leaving = {place for place, name in named.items() if name in names}
            if len(leaving) == len(named):
                leaving = {place for place in range(start, end) if _is_groups(file.raws[place])}
            else:
                order[start:rules] = _headed(file, start, rules, named.keys() - leaving)
            gone |= leaving
        removed += [file.text(place + 1) for place in sorted(gone)]
        body = _body(file, [file.raws[place] for place in order if place not in gone])
    return body, tuple(quote(text) for text in removed)


def _headed(file: syntax.RobotsFile, start: int, rules: int, staying: Collection[int]) -> list[int]:
    """The places of a list of agents, with the first that stays before other lines of the group.

    Else a Content-Signal between two names would be nobody's, or the group's above, once the
    name over it has gone.
    """
    places, first = list(range(start, rules)), min(staying)
    before = [place for place in places if place < first and _is_groups(file.raws[place])]
    if not before:
        return places
    places.remove(first)
    places.insert(places.index(before[0]), first)
    return places


def _is_groups(raw: bytes) -> bool:
    """Say whether a line belongs to its group and not to the file or a person who reads it."""
    token = syntax.classify(raw)
    about = token.kind in (syntax.Kind.BLANK, syntax.Kind.COMMENT)
    return not about and token.field not in _OF_THE_FILE


def _body(file: syntax.RobotsFile, raws: list[bytes]) -> bytes:
    return file.mark + b"".join(raws)


def _usage(body: bytes, want: Want) -> tuple[bytes, list[str], tuple[str, ...], tuple[str, ...]]:
    """Make lines about use that speak to everybody say the wish, each in its place.

    Gives the body, the lines still to be written, those that were changed, and those that say
    something of their own: about other paths, or to other agents.
    """
    missing: list[str] = []
    changed: list[str] = []
    kept: list[str] = []
    for name, spellings in USAGE.items():
        value = want.usage.get(name, "")
        file = syntax.parse(body)
        lines = fields(body, spellings)
        ours = {line.number: line for line in lines if _is_for_all(line)}
        kept += [line.raw for line in lines if line.number not in ours]
        new = {n: _joined_values(line, value, want.keys.get(name, ())) for n, line in ours.items()}
        wrong = {n for n, line in ours.items() if not (line.exact and _says(line, new[n]))}
        changed += [ours[number].raw for number in wrong]
        raws = [
            _restated(raw, name, new[number]) if number in wrong else raw
            for number, raw in enumerate(file.raws, 1)
        ]
        body = _body(file, raws)
        if value and not ours:
            missing.append(f"{name}: {value}")
    licences = fields(body, robots_license.FIELDS)
    if want.licence and not licences:
        missing.append(f"License: {want.licence}")
    kept += [line.raw for line in licences if want.licence and line.value != want.licence]
    return body, missing, tuple(changed), tuple(quote(raw) for raw in kept)


def _into_everybodys(body: bytes, usage: list[str]) -> tuple[bytes, list[str]]:
    """Put lines about use behind the name of a group that is everybody's alone, to all readers.

    Gives the body, and the lines that found no such group.
    """
    file = syntax.parse(body)
    common = set.intersection(*(_behind_star(file, dialect) for dialect in DIALECTS))
    if not (common and usage):
        return body, usage
    place, end = min(common), _line_end(file)
    added = [_octets(line) + end for line in usage]
    return _body(file, [*file.raws[:place], *added, *file.raws[place:]]), []


def _behind_star(file: syntax.RobotsFile, dialect: Dialect) -> set[int]:
    """The places behind the last user-agent line of groups with rules that name `*` alone."""
    letters = dialect.letters(file)
    return {
        max(named) + 1
        for start, rules, end in syntax.spans(letters)
        if set((named := _names(file, letters, dialect, start, rules)).values()) == {STAR}
        and rules < end
    }


def _is_for_all(line: Field) -> bool:
    return "*" in line.agents and covers_all(split_path(line.value)[0])


def _joined_values(line: Field, value: str, keys: Collection[str]) -> str:
    """The wish, and of the line what the wish does not speak about."""
    said = (part.strip() for part in split_path(line.value)[1].split(","))
    spoken = {*keys, *(part.partition("=")[0].strip() for part in value.split(","))}
    others = [
        part
        for part in said
        if _PAIR.fullmatch(part) and part.partition("=")[0] not in spoken | OLD and part != FULL
    ]
    return ", ".join(filter(None, (value, *others)))


def _says(line: Field, value: str) -> bool:
    said, wished = split_path(line.value)[1].split(","), value.split(",")
    return sorted(map(str.strip, said)) == sorted(map(str.strip, wished))


def _restated(raw: bytes, name: str, value: str) -> bytes:
    """A line about use with another value; none where there is nothing left to say."""
    end = raw[len(raw.rstrip(syntax.ENDINGS)) :]
    return f"{name}: {value}".encode() + end if value else b""


def _passes_for(name: str, added: str) -> bool:
    """Say whether Protego applies an added group to another name: where the name begins so."""
    longer, shorter = name.lower(), added.lower()
    at = longer.find(shorter)
    return at >= 0 and longer != shorter and (at == 0 or not _is_word(longer[at - 1]))


def _is_word(letter: str) -> bool:
    return letter.isalnum() or letter in "-_"


def _let_in(opening: tuple[str, ...], own: Groups, star: list[str]) -> list[list[str]]:
    """Groups that open the start page and leave all other rules as they are."""
    owners = [name for name in opening if name.lower().encode() in own]
    others = [name for name in opening if name not in owners]
    return [
        _group("Let in as wished; the other rules stand above", owners, ["Allow: /"]),
        _group("Let in as wished; the other rules are everybody's", others, [*star, "Allow: /"]),
    ]


def _group(heading: str, names: Collection[str], rules: list[str]) -> list[str]:
    if not names:
        return []
    return [f"# {heading}", *(f"User-agent: {name}" for name in names), *rules]


def _joined(body: bytes, parts: list[list[str]]) -> bytes:
    """Write groups behind a body, with its line ends; an open list of agents is ended first."""
    if not parts:
        return body
    file = syntax.parse(body)
    end = _line_end(file)
    lead = b""
    if file.raws:
        lead = b"" if file.raws[-1].endswith((b"\n", b"\r")) else end
        lead += b"".join(line + end for line in _ending(body)) if _is_open(file) else b""
        lead += end
    written = [end.join(_octets(line) for line in part) + end for part in parts]
    return body + lead + end.join(written)


def _ending(body: bytes) -> list[bytes]:
    """Rules that end an open list of agents and change nothing: what they have, else nothing.

    An empty rule beside others of the same name would be a group that contradicts them; raises
    MergeError for a list of names with different rules, which nothing can end so.
    """
    file = syntax.parse(body)
    held: set[tuple[bytes, ...]] = set()
    for dialect in DIALECTS:
        letters = dialect.letters(file)
        for start, rules, end in syntax.spans(letters)[-1:]:
            names = _names(file, letters, dialect, start, rules).values() if rules == end else ()
            own = groups(body, dialect)
            held |= {tuple(own[name]) for name in names if name is not None}
    if len(held) > 1:
        raise MergeError(
            "its last list of agents has no rules, and some of them have: end it first"
        )
    return [line for lines in held for line in lines] or [NOTHING.encode()]


def _octets(line: str) -> bytes:
    return line.encode("utf-8", "surrogateescape")


def _line_end(file: syntax.RobotsFile) -> bytes:
    first = file.raws[0] if file.raws else b""
    return first[len(first.rstrip(syntax.ENDINGS)) :] or b"\n"


def _is_open(file: syntax.RobotsFile) -> bool:
    """Say whether a reader would take a next user-agent line into the last group."""
    last = (syntax.spans(dialect.letters(file))[-1:] for dialect in DIALECTS)
    return any(rules == end for spans in last for _, rules, end in spans)
