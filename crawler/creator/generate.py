"""A creator's wishes to the files, tags and settings that say them, and what those cannot say.

A channel says a purpose exactly as wished or not at all: what it has no word for is named
(`File.gaps`) and never rounded to something near. robots.txt is the exception that is named
too: it knows no terms, so whoever is welcome on terms only is kept out, as is an agent that
fetches for several purposes when one of them is unwelcome.
"""

import json
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from xml.sax.saxutils import escape

from crawler.creator.names import ARCHIVES, BYSTANDERS, is_documented, is_safe
from crawler.creator.robots_edit import Merged, MergeError, Want, merge_sound, noticed
from crawler.model import Preference, Purpose, Severity
from crawler.parsers.robots import rfc9309, syntax
from crawler.registry import agents, defects, honours, timeline
from crawler.registry.agents import Agent, AgentPurpose, AgentStatus, Honours
from crawler.registry.honours import Family
from crawler.signals import plus_data_mining, tdm_policy, tdmrep_embedded
from crawler.signals.reading import robots_defects, rsl, tdmrep
from crawler.signals.reading.content_signal import KEYS
from crawler.signals.reading.content_usage import LABELS, LEGACY
from crawler.signals.reading.robots_tokens import MEANINGS

Wish = Mapping[Purpose, Preference]
"""One preference for each purpose; `unstated` leaves what is said about it as it is."""

YES, TERMS, NO = Preference.ALLOWED, Preference.CONDITIONAL, Preference.DISALLOWED
AS_IS = Preference.UNSTATED
STRICTEST = (NO, TERMS, YES)
_ORDER = (NO, TERMS, AS_IS, YES)
"""Of an agent's purposes the first decides: let in is whoever is welcome for all of them."""

SERVED_BY: Mapping[AgentPurpose, Purpose] = {
    AgentPurpose.TRAIN: Purpose.TRAIN,
    AgentPurpose.DATASET: Purpose.TRAIN,  # others train on what an archive collects
    AgentPurpose.SEARCH: Purpose.SEARCH,
    AgentPurpose.AI_INPUT: Purpose.AI_INPUT,
    AgentPurpose.AGENT: Purpose.AI_INPUT,  # the page is handed to a model when a person asks
}
"""Which wish speaks about an agent; the purposes left out concern none of them."""

TITLES = {
    Purpose.TRAIN: "training AI models",
    Purpose.SEARCH: "search",
    Purpose.AI_INPUT: "answers of AI systems",
}
# Words of metas and X-Robots-Tag that may be written. Left out: `nosnippet` and `max-snippet`,
# which also take the excerpt from ordinary search, and what `noindex` says already.
WORDS = ("noai", "noimageai", "noml", "noarchive", "nocache", "noindex")
USES = {
    Purpose.TRAIN: "ai-train",
    Purpose.SEARCH: "search",
    Purpose.AI_INPUT: "ai-input ai-index",  # an index to answer from feeds answers
}

# Values of PLUS that are not written: about generative models only, or terms in other properties.
_NARROW = frozenset(
    {
        "DMI-PROHIBITED-GENAIMLTRAINING",
        "DMI-PROHIBITED-SEEEMBEDDEDRIGHTSEXPR",
        "DMI-PROHIBITED-SEELINKEDRIGHTSEXPR",
    }
)

POLICY_PATH = "/tdm-policy.json"
LICENCE_PATH = "/license.xml"
PICTURES = tuple(f"/*.{end}$" for end in ("jpg", "jpeg", "png", "gif", "webp", "avif", "svg"))
"""Paths of pictures by their endings; crawlers read `*` and `$` (RFC 9309 section 2.2.3)."""
TDMREP_PATH = "/.well-known/tdmrep.json"
IN_WORKS = "works.txt"

_ADDRESS = re.compile(r"https?://[A-Za-z0-9.-]+(?::[0-9]{1,5})?(?:/[\w./~%?&=+@,:-]*)?", re.ASCII)
_PLACE = re.compile(r"/[\w./*~%-]*\$?", re.ASCII)
_MAIL = re.compile(r"mailto:[\w.+-]+@[A-Za-z0-9.-]+", re.ASCII)


class WishError(ValueError):
    """A statement of wishes that cannot be carried out; says what is missing or wrong."""


@dataclass(frozen=True, slots=True)
class Statement:
    """What a person wants; `site` is an ASCII host name, `as_of` the day of the list of agents.

    `contact` is a mailto: or https: address, `policy_url` the person's own page of terms.
    """

    wish: Wish
    as_of: date
    contact: str | None = None
    policy_url: str | None = None
    site: str | None = None
    licence_path: str | None = LICENCE_PATH
    """None: no licence is written, and nothing points to one."""
    policy_path: str = POLICY_PATH
    refused: frozenset[Purpose] = frozenset()
    """What the site refuses now: a licence is written whole, and keeps it."""
    paths: tuple[str, ...] = ()
    """Where there are any, the wish is about these alone, not about the whole site."""
    only: tuple[str, ...] = ()
    """Where there are any, the wish is about these agents alone."""
    in_pages: frozenset[str] = frozenset()
    in_headers: frozenset[str] = frozenset()
    """Words and names that stand there already, and are not written twice."""

    def at(self, path: str) -> str:
        """The address of a path, whole where the site is known."""
        return f"https://{self.site}{path}" if self.site else path

    @property
    def is_partial(self) -> bool:
        """True where the wish is not about the whole site and everybody."""
        return bool(self.paths or self.only)

    @property
    def licence(self) -> str | None:
        """The address of the licence, whole where the site is known; None where there is none."""
        return self.at(self.licence_path) if self.licence_path else None

    @property
    def has_terms(self) -> bool:
        """True where anything is welcome on terms."""
        return TERMS in self.wish.values()

    @property
    def policy(self) -> str | None:
        """The address of the terms, None where it is not known."""
        if self.policy_url or not self.site:
            return self.policy_url
        return self.at(self.policy_path)


@dataclass(frozen=True, slots=True)
class File:
    """One file, or text to be put into one.

    `signals` are ids of the inventory, `says` what its signals say to everybody, `gaps` what
    it cannot say of the wish.
    """

    name: str
    text: bytes
    what: str
    where: str
    signals: tuple[str, ...] = ()
    says: Wish | None = None
    gaps: tuple[str, ...] = ()
    path: str | None = None
    """Of a file on the site: where it is put."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One agent, what is wished of it and why; `mixed`: its purposes are wished otherwise."""

    agent: Agent
    preference: Preference
    purpose: Purpose
    mixed: bool


@dataclass(frozen=True, slots=True)
class Mend:
    """A line of the existing file that fails, and what to write instead; 0 is the whole file."""

    line: int
    quote: str
    effect: str
    mend: str


@dataclass(frozen=True, slots=True)
class Aged:
    """How a list ages: which part of the list of `day` a copy made `months` earlier held."""

    day: date
    names: int
    months: int
    share: float
    half_life: int | None
    """Days, see `timeline.half_life`."""


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything for one statement of wishes."""

    files: tuple[File, ...]
    unsaid: tuple[str, ...]
    """Channels that are not written, each with the reason."""
    choices: tuple[Choice, ...]
    left: tuple[str, ...]
    """Names of the day's list that are not addressed, since nobody says what they fetch for."""
    unaddressable: tuple[str, ...]
    merged: Merged
    mends: tuple[Mend, ...]
    aged: tuple[Aged, ...]

    @property
    def mixed(self) -> tuple[Choice, ...]:
        """Agents kept out for one purpose while another one is welcome or negotiable."""
        return tuple(c for c in self.choices if c.mixed)

    def deaf(self, *claims: Honours) -> tuple[str, ...]:
        """Agents to be kept out of which something is claimed about robots.txt."""
        return tuple(
            c.agent.token
            for c in self.choices
            if c.preference in (NO, TERMS) and c.agent.honours_robots in claims
        )


def plan(
    statement: Statement, existing: bytes = b"", let_in: Collection[Purpose] = tuple(Purpose)
) -> Plan:
    """Work out all files; `existing` is the robots.txt to be added to.

    Agents that it keeps out are let in where they are welcome for a purpose of `let_in`; for
    other purposes they stay as they are. Raises WishError, or MergeError of
    `crawler.creator.robots_edit`.
    """
    _check(statement)
    wish = statement.wish
    choices, unaddressable = _choices(wish, statement.as_of)
    if statement.only:
        choices = tuple(_chosen(statement, choices))
    merged = merge_sound(existing, _want(statement, choices, let_in))
    if wish[Purpose.SEARCH] is AS_IS and (touched := noticed(existing, merged.body)):
        raise MergeError(f"the rules for {', '.join(touched)} would change for some programs")
    tdm = None if statement.only else _tdmrep(statement)
    headers = () if statement.is_partial else _headers(statement, tdm)
    files = [
        _robots(statement, merged),
        *_tdm_files(statement, tdm),
        *(_of_whole_pages(statement, tdm) if not statement.is_partial else ()),
        *(_settings(statement, tdm, headers) if headers else ()),
        *(_in_works(statement, tdm) if not statement.is_partial else ()),
    ]
    return Plan(
        tuple(file for file in files if file.text or file.name == "robots.txt"),
        tuple(_unsaid(statement, tdm)),
        choices,
        _left(statement.as_of),
        unaddressable,
        merged,
        tuple(_mends(existing)),
        tuple(_aged(statement.as_of)),
    )


def _of_whole_pages(statement: Statement, tdm: "_Tdm | None") -> Iterator[File]:
    if statement.licence_path:
        yield _licence(statement, statement.licence_path)
    yield _metas(statement, tdm)


def _check(statement: Statement) -> None:
    if statement.wish.keys() != set(Purpose) or not set(_ORDER).issuperset(statement.wish.values()):
        raise WishError("every purpose needs one wish: yes, no, conditional or unstated")
    if not timeline.listed_on(statement.as_of):
        first = timeline.versions()[0][0]
        raise WishError(f"no list of agents is known of {statement.as_of}; the first is of {first}")
    if statement.contact and not (
        _MAIL.fullmatch(statement.contact) or _ADDRESS.fullmatch(statement.contact)
    ):
        raise WishError(
            f"contact {statement.contact!r}: write mailto:name@example.org or a web address"
        )
    if statement.policy_url and not is_address(statement.policy_url):
        raise WishError(
            f"policy address {statement.policy_url!r}: write a whole one, https://example.org/terms"
        )
    for path in statement.paths:
        if not _PLACE.fullmatch(path):
            raise WishError(f"{path!r}: write a path of your site, such as /pictures/")
    if statement.has_terms and not statement.contact:
        raise WishError("'conditional' needs a contact: nobody can agree to terms without one")


def is_address(text: str) -> bool:
    """Whether a text is a web address that files can name."""
    return _ADDRESS.fullmatch(text) is not None


def _choices(wish: Wish, day: date) -> tuple[tuple[Choice, ...], tuple[str, ...]]:
    """The agents that a wish speaks about, and names that robots.txt cannot address safely."""
    found: list[Choice] = []
    unaddressable: list[str] = []
    for agent in _known_on(day):
        purposes = dict.fromkeys(SERVED_BY[p] for p in agent.purposes if p in SERVED_BY)
        if not purposes:
            continue
        strictest = min(purposes, key=lambda purpose: _ORDER.index(wish[purpose]))
        is_engine = agent.token in BYSTANDERS and wish[Purpose.SEARCH] is AS_IS
        if wish[strictest] is AS_IS or is_engine or not is_documented(agent):
            continue
        if not is_safe(agent.token):
            unaddressable.append(agent.token)
            continue
        mixed = len({wish[purpose] for purpose in purposes}) > 1
        found.append(Choice(agent, wish[strictest], strictest, mixed))
    return tuple(found), tuple(unaddressable)


def _chosen(statement: Statement, choices: Sequence[Choice]) -> Iterator[Choice]:
    """The agents that were named, whoever they are: a person who names one means it."""
    known = {choice.agent.token.lower(): choice for choice in choices}
    for name in statement.only:
        if not agents.is_product_token(name):
            raise WishError(f"{name!r} is no name that robots.txt can address: letters, - and _")
        agent = agents.load().by_token(name) or Agent(name, ())
        strictest = min(statement.wish.values(), key=_ORDER.index)
        fallback = Choice(agent, strictest, Purpose.TRAIN, mixed=False)
        yield known.get(name.lower(), fallback)


def _known_on(day: date) -> Iterator[Agent]:
    """Agents on the list of a day, and those that were never listed and known by then."""
    listed, ever = timeline.listed_on(day), timeline.ever()
    for agent in agents.load().agents:
        name = agent.token.lower()
        known = name in listed or (name not in ever and (agent.announced or "") <= str(day))
        if known and agent.status not in (AgentStatus.NEVER_CONFIRMED, AgentStatus.DEPRECATED):
            yield agent


def _left(day: date) -> tuple[str, ...]:
    listed = timeline.listed_on(day)
    return tuple(
        agent.token
        for agent in _known_on(day)
        if agent.token.lower() in listed and not SERVED_BY.keys() & set(agent.purposes)
    )


def _want(statement: Statement, choices: Sequence[Choice], let_in: Collection[Purpose]) -> Want:
    closed = [c for c in choices if c.preference in (NO, TERMS)]
    welcome = (c for c in choices if c.preference is YES and c.purpose in let_in)
    opened = tuple(c.agent.token for c in welcome)
    addressed = {c.agent.token for c in closed} | set(opened)
    day = min(statement.as_of, timeline.last_day())
    known = (*(a.token for a in _known_on(statement.as_of)), *BYSTANDERS)
    others = dict.fromkeys(token for token in known if token not in addressed)
    return Want(
        closed={
            f"{TITLES[p][0].upper()}{TITLES[p][1:]}: crawlers known on {day}": tuple(
                c.agent.token for c in closed if c.purpose is p
            )
            for p in Purpose
        },
        opened=opened,
        bystanders=tuple(token for token in others if agents.is_product_token(token)),
        paths=statement.paths,
        usage={}
        if statement.is_partial
        else {
            "Content-Signal": _pairs(statement.wish, KEYS, ("yes", "no")),
            "Content-Usage": _pairs(statement.wish, LABELS, ("y", "n")),
        },
        keys={name: _spoken_of(statement.wish) for name in ("Content-Signal", "Content-Usage")},
        licence=statement.licence if statement.site and not statement.is_partial else None,
    )


def _pairs(wish: Wish, keys: Mapping[str, Purpose], words: tuple[str, str]) -> str:
    """Keys with their answers, those left out for which only terms would be true."""
    said = ((key, wish[purpose]) for key, purpose in keys.items())
    return ", ".join(f"{k}={words[0] if p is YES else words[1]}" for k, p in said if p in (YES, NO))


def _spoken_of(wish: Wish) -> frozenset[str]:
    """Keys of lines about use, however spelt, for whose purpose something is wished."""
    spelt = (*KEYS.items(), *LABELS.items(), *LEGACY.items())
    return frozenset(key for key, purpose in spelt if wish[purpose] is not AS_IS)


def _said(wish: Wish) -> Wish:
    return {purpose: value for purpose, value in wish.items() if value in (YES, NO)}


def _place(statement: Statement, path: str) -> str:
    return f"https://{statement.site or 'YOUR-SITE'}{path}"


def _robots(statement: Statement, merged: Merged) -> File:
    wish = statement.wish
    gaps = [
        f"It knows no terms. For {TITLES[p]} crawlers are kept out until you take their names out;"
        " the Content-Signal and Content-Usage lines say nothing about it."
        for p in Purpose
        if wish[p] is TERMS
    ]
    if wish[Purpose.SEARCH] in (NO, TERMS):
        gaps.append(
            "It keeps out ordinary search engines, Google and Bing among them: in time your site is"
            " no longer found there."
        )
    gaps.append(
        "Its lines about use (Content-Signal, Content-Usage) speak only to crawlers that it does"
        " not name elsewhere."
    )
    if archives := [name for name in merged.closed if name in ARCHIVES]:
        gaps.append(
            f"{', '.join(archives)} collects for a public archive, from which AI is trained: your"
            " site will be missing from that archive, too."
        )
    if not statement.site and statement.licence:
        gaps.append("It does not point to your licence: that takes the address of your site.")
    return File(
        "robots.txt",
        merged.body,
        "Tells crawlers that obey it to stay away, and says what your content may be used for.",
        f"At {_place(statement, '/robots.txt')}, and again on every other host name that you use.",
        ("R1", "R2", "R3", "R4") if statement.site else ("R1", "R2", "R3"),
        {} if statement.is_partial else _said(wish),
        tuple(gaps),
        "/robots.txt",
    )


@dataclass(frozen=True, slots=True)
class _Tdm:
    """A TDMRep reservation, with the address of the terms where there are any."""

    reserved: bool
    policy: str | None = None

    @property
    def properties(self) -> dict[str, str]:
        """Names and values as in a header or a meta."""
        pairs = {"tdm-reservation": str(int(self.reserved))}
        return pairs | ({"tdm-policy": self.policy} if self.policy else {})

    @property
    def says(self) -> Wish:
        """What our own reading of it is: `tdmrep.meanings`."""
        return {p: v for p, v, _ in tdmrep.meanings(self.reserved, conditional=bool(self.policy))}


def _tdmrep(statement: Statement) -> _Tdm | None:
    """The reservation that says what is wished and nothing else, if there is one."""
    candidates = (_Tdm(False), _Tdm(True), _Tdm(True, statement.policy))
    return next((c for c in candidates if c.says.items() <= statement.wish.items()), None)


def _unsaid(statement: Statement, tdm: _Tdm | None) -> Iterator[str]:
    if statement.is_partial:
        yield (
            "Tags, headers and a licence speak about whole pages and to everybody: they are left"
            " out of a wish for a part of a site or for some crawlers."
        )
    elif not tdm:
        yield _why_no_tdmrep(statement.wish)


def _why_no_tdmrep(wish: Wish) -> str:
    if wish[Purpose.TRAIN] is wish[Purpose.AI_INPUT]:
        return (
            "TDMRep is left out: terms need a whole address, of your site or of your page of terms."
        )
    return (
        "TDMRep is left out: it has one switch for training and answers together, and your wishes"
        " for them differ. To use it, wish the same for both."
    )


def _tdm_files(statement: Statement, tdm: _Tdm | None) -> Iterator[File]:
    if tdm is None:
        return
    silent = [TITLES[p] for p in Purpose if p not in tdm.says]
    rule: dict[str, object] = {"tdm-reservation": int(tdm.reserved)}
    if tdm.policy:
        rule["tdm-policy"] = tdm.policy
    yield File(
        "tdmrep.json",
        _json([{"location": path, **rule} for path in statement.paths or ("/",)]),
        "Says, for the whole site, whether text and data mining is reserved.",
        f"At {_place(statement, TDMREP_PATH)}: the folder's name begins with a dot.",
        ("F1",),
        tdm.says,
        (f"It says nothing about {' and '.join(silent)}.",),
        TDMREP_PATH,
    )
    if tdm.policy and not statement.policy_url:
        yield File(
            "tdm-policy.json",
            _json(_offer(statement, tdm.policy)),
            "Says whom to ask for permission, in a form that machines read.",
            f"At {tdm.policy}",
            ("F1",),
            tdm.says,
            ("It names no price: whoever wants to use your work is told to ask you.",),
            statement.policy_path,
        )


def _offer(statement: Statement, uid: str) -> dict[str, object]:
    contact = statement.contact or ""
    kind = "vcard:hasEmail" if contact.startswith("mailto:") else "vcard:hasURL"
    return {
        "@context": sorted(tdm_policy.CONTEXTS),
        "@type": "Offer",
        "profile": tdm_policy.PROFILE,
        "uid": uid,
        "assigner": {"vcard:fn": statement.site, kind: contact},
        "permission": [
            {"target": statement.at("/"), "action": tdm_policy.ACTION,
             "duty": [{"action": "obtainConsent"}]}
        ],
    }  # fmt: skip


def _json(value: object) -> bytes:
    return json.dumps(value, indent=2).encode() + b"\n"


def _licence(statement: Statement, path: str) -> File:
    """RSL 1.0: each licence is an offer of its own; an explicit prohibition beats them all."""
    wish = {
        purpose: NO if value is AS_IS and purpose in statement.refused else value
        for purpose, value in statement.wish.items()
    }
    by = {value: [USES[p] for p in Purpose if wish[p] is value] for value in STRICTEST}
    plain = [
        f'      <{name} type="usage">{" ".join(uses)}</{name}>'
        for name, uses in (("permits", by[YES]), ("prohibits", by[NO]))
        if uses
    ]
    terms = escape(statement.policy_url or statement.contact or "")
    on_terms = [
        f'      <permits type="usage">{" ".join(by[TERMS])}</permits>',
        f"      <payment><custom>{terms}</custom></payment>",
    ]
    offers = [offer for offer in (plain, on_terms if by[TERMS] else []) if offer]
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f'<rsl xmlns="{rsl.NAMESPACE}">',
        '  <content url="/">',
        *(line for offer in offers for line in ("    <license>", *offer, "    </license>")),
        "  </content>",
        "</rsl>",
    ]
    return File(
        "license.xml",
        "\n".join(lines).encode() + b"\n",
        "A licence in Really Simple Licensing (RSL): what is permitted, refused, or open to terms.",
        f"At {_place(statement, path)}, served as application/rsl+xml.",
        ("F7",),
        {purpose: value for purpose, value in wish.items() if value is not AS_IS},
        ("It is found only where something points to it: the License line in robots.txt, the tag"
         " or the header.",),
        path,
    )  # fmt: skip


def words(wish: Wish) -> tuple[str, ...]:
    """Words of robots metas all of whose meanings are wished."""
    return tuple(
        word for word in WORDS if all(wish[m.purpose] is m.preference for m in MEANINGS[word])
    )


def _word_says(wish: Wish) -> Wish:
    """What those words say to everybody about whole pages."""
    meant = (m for word in words(wish) for m in MEANINGS[word] if m.agent == "*")
    return {m.purpose: m.preference for m in meant}


def _page_gaps(wish: Wish) -> tuple[str, ...]:
    gaps = [
        f"It has no word in use that says {_word(wish[p])} to {TITLES[p]}."
        for p in Purpose
        if p not in _word_says(wish) and wish[p] in (NO, TERMS)
    ]
    if wish[Purpose.SEARCH] is NO:
        gaps.append("A crawler that robots.txt keeps away never sees noindex in the page.")
    return tuple(gaps)


def _word(preference: Preference) -> str:
    return "no" if preference is NO else "conditional"


def _metas(statement: Statement, tdm: _Tdm | None) -> File:
    lines = []
    there = statement.in_pages
    if said := [word for word in words(statement.wish) if word not in there]:
        lines.append(f'<meta name="robots" content="{", ".join(said)}">')
    lines += [
        f'<meta name="{name}" content="{escape(value)}">'
        for name, value in (tdm.properties if tdm else {}).items()
        if name not in there
    ]
    if (licence := statement.licence) and "license" not in there:
        lines.append(f'<link rel="license" type="application/rsl+xml" href="{licence}">')
    signals = [i for i, used in (("M1", True), ("M2", tdm), ("M3", licence)) if used]
    return File(
        "head.html",
        _lines(lines) if lines else b"",
        "Says it inside each page, so that it travels with a copy of the page.",
        "Between <head> and </head> of every page, usually in your site's template.",
        tuple(signals),
        {**_word_says(statement.wish), **(tdm.says if tdm else {})},
        (*_page_gaps(statement.wish), "It speaks about the page that it is in, not about images."),
    )


def _in_works(statement: Statement, tdm: _Tdm | None) -> Iterator[File]:
    """What to set inside works: the value of PLUS that says most of the wish, and nothing else."""
    wish = statement.wish
    fitting = (
        (value, says)
        for value, says in plus_data_mining.MEANINGS.items()
        if says and says.items() <= wish.items() and value not in _NARROW
    )
    value, says = max(fitting, key=lambda pair: len(pair[1]), default=("", {}))
    if not value:
        return
    lines = [
        "# In each picture, sound or film, before it is published (ExifTool 13 or later):",
        f"exiftool -overwrite_original '-XMP-plus:DataMining#={value}' FILE",
    ]
    if value == "DMI-PROHIBITED-SEECONSTRAINT":
        terms = statement.policy or statement.contact
        lines.append(f"exiftool -overwrite_original '-XMP-plus:OtherConstraints={terms}' FILE")
    if tdm:
        lines.append("# In an EPUB 3, among the metadata of its package, which has the attribute")
        lines.append(f'# prefix="tdm: {tdmrep_embedded.EPUB_NAMESPACE}":')
        lines += (
            f'<meta property="{name.replace("-", ":", 1)}">{escape(text)}</meta>'
            for name, text in tdm.properties.items()
        )
    lines.append("# See whether it is still there in the file that visitors get:")
    lines.append("optout inspect FILE")
    yield File(
        "works.txt",
        _lines(lines),
        "Says it inside each work, so that it travels with a copy.",
        "In a terminal, for each file that you publish; not on your server.",
        ("A1", "A3") if tdm else ("A1",),
        says,
        tuple(
            f"The property has no value that says {_word(wish[p])} to {TITLES[p]} beside the rest."
            for p in Purpose
            if p not in says and wish[p] not in {YES, AS_IS}
        )
        + ("Most services that resize pictures take the property out.",),
    )


Headers = tuple[tuple[str, str], ...]


def _headers(statement: Statement, tdm: _Tdm | None) -> Headers:
    found = []
    if usage := _pairs(statement.wish, LABELS, ("y", "n")):
        found.append(("Content-Usage", usage))
    if said := [word for word in words(statement.wish) if word not in statement.in_headers]:
        found.append(("X-Robots-Tag", ", ".join(said)))
    found += list(tdm.properties.items()) if tdm else []
    if licence := statement.licence:
        found.append(("Link", f'<{licence}>; rel="license"; type="application/rsl+xml"'))
    return tuple(pair for pair in found if pair[0].lower() not in statement.in_headers)


def _settings(statement: Statement, tdm: _Tdm | None, headers: Headers) -> Iterator[File]:
    says = {**_word_says(statement.wish), **(tdm.says if tdm else {}), **_said(statement.wish)}
    ours = (("H1", tdm), ("H2", True), ("H3", True), ("H5", statement.licence))
    signals = tuple(signal for signal, used in ours if used)
    path = statement.licence_path
    types: Types = ((path, "application/rsl+xml"),) if path else ()
    if tdm:
        types = (*types, (TDMREP_PATH, "application/json"))
    if tdm and tdm.policy and not statement.policy_url:
        types = (*types, (statement.policy_path, "application/json"))
    places = {
        "nginx.conf": ("nginx", "In the server block. A location block with add_header lines of"
                       " its own drops these: repeat them there.", _nginx),
        "htaccess.txt": ("Apache", "Added to .htaccess at the top of the site; needs mod_headers.",
                         _apache),
        "Caddyfile": ("Caddy", "Inside the block of your site.", _caddy),
        "_headers": ("Netlify", "In the folder that is published.", _netlify),
        "vercel.json": ("Vercel", "At the top of the project; join it with the one you have.",
                        _vercel),
        "cloudflare.txt": ("Cloudflare", "Steps for the dashboard; its menus change (unverified).",
                           _cloudflare),
    }  # fmt: skip
    for name, (server, where, write) in places.items():
        yield File(
            name,
            write(headers, types),
            f"Settings for {server}: say it with every answer, images and files included.",
            f"{where} Take only the file of the server that you use.",
            signals,
            says,
            _page_gaps(statement.wish),
        )


Types = tuple[tuple[str, str], ...]


def _nginx(headers: Headers, types: Types) -> bytes:
    lines = [f"add_header {name} '{value}' always;" for name, value in headers]
    lines += [f"location = {path} {{ types {{ }} default_type {kind}; }}" for path, kind in types]
    return _lines(lines)


def _apache(headers: Headers, types: Types) -> bytes:
    # mod_headers takes a percent sign for the start of a format.
    quoted = ((name, value.replace("%", "%%").replace('"', '\\"')) for name, value in headers)
    lines = [f'Header always add {name} "{value}"' for name, value in quoted]
    for path, kind in types:
        name = path.rpartition("/")[2]
        lines += [f'<Files "{name}">', f"  ForceType {kind}", "</Files>"]
    return _lines(lines)


def _caddy(headers: Headers, types: Types) -> bytes:
    lines = [f"header +{name} `{value}`" for name, value in headers]
    return _lines([*lines, *(f"header {path} Content-Type {kind}" for path, kind in types)])


def _netlify(headers: Headers, types: Types) -> bytes:
    lines = ["/*", *(f"  {name}: {value}" for name, value in headers)]
    for path, kind in types:
        lines += [path, f"  Content-Type: {kind}"]
    return _lines(lines)


def _vercel(headers: Headers, types: Types) -> bytes:
    every = [{"key": name, "value": value} for name, value in headers]
    rules: list[dict[str, object]] = [{"source": "/(.*)", "headers": every}]
    rules += [
        {"source": path, "headers": [{"key": "Content-Type", "value": kind}]}
        for path, kind in types
    ]
    return _json({"headers": rules})


def _cloudflare(headers: Headers, types: Types) -> bytes:
    return _lines(
        [
            "1. Add a rule that changes response headers, for all requests, with these headers:",
            *(f"   {name}: {value}" for name, value in headers),
            "   and one for each of these files, with its Content-Type:",
            *(f"   {path}: {kind}" for path, kind in types),
            "2. If Cloudflare writes a part of your robots.txt (managed robots.txt), switch that",
            "   off or compare: its lines stand above yours and may say something else.",
        ]
    )


def _lines(lines: list[str]) -> bytes:
    return "\n".join(lines).encode() + b"\n"


def _mends(body: bytes) -> Iterator[Mend]:
    file = syntax.parse(body)
    known = defects.load().entries
    for fault in robots_defects.faults(file, syntax.facts(body), rfc9309.read(file)):
        if fault.severity is not Severity.COSMETIC:
            yield Mend(fault.line or 0, fault.quote, fault.effect, known[fault.code].mend)


def reach(file: File, wish: Wish) -> tuple[Family, ...]:
    """The families of signals in a file, with what each operator says of them."""
    said = set(words(wish))
    return tuple(
        family
        for family in honours.load().families
        if set(family.signals) & set(file.signals)
        and (not family.words or said.intersection(family.words))
    )


def _aged(day: date) -> Iterator[Aged]:
    now = min(day, timeline.last_day())
    names, half_life = len(timeline.listed_on(now)), timeline.half_life(now)
    for months in (6, 12, 24):
        years, month = divmod(now.year * 12 + now.month - 1 - months, 12)
        earlier = date(years, month + 1, min(now.day, 28))
        if timeline.listed_on(earlier):
            share = timeline.share_still_covered(earlier, now)
            yield Aged(now, names, months, share, half_life)
