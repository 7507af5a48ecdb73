"""A licence in Really Simple Licensing (RSL), wherever it stands, to statements and defects.

RSL section numbers are those of RSL 1.0 (RSL-SPEC-1.0, December 2025, with errata to August
2026), read through a digest (secondary source, unverified). What is understood:

* a `content` says what it speaks about, each `license` in it is an offer of its own (3.1.1);
* a prohibition beats every permission of the same use (3.1.1, the conservative reading);
* a use that several offers permit is as free as the freest of them;
* where every offer lists the uses it permits, what is not listed is not licensed (3.5): ours,
  so derived;
* an offer that lists none covers all uses (3.5). With terms that is *conditional*, derived;
  without any we leave it unstated, because silence is never read as *allowed*;
* unknown elements and words of RSL's own make a document non-conformant, and then a strict
  reader gets nothing out of it: every statement is lenient.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from crawler.addresses import host_of
from crawler.model import Defect, Preference, Purpose, Scope, Severity, Statement, Strictness
from crawler.parsers.robots.paths import path_of
from crawler.parsers.xmltree import Element, Parsed, parse_xml
from crawler.signals.reading.readable import MAX_STATEMENTS, looks_like_html, quote

SPEC = "https://rslstandard.org/rsl"
SPEC_VERSION = "RSL 1.0, December 2025"
NAMESPACE = "https://rslstandard.org/rsl"

# RSL 1.0 section 3.4.1: the uses, and the narrower ones that each of them covers.
_AI = frozenset({"ai-train", "ai-input", "ai-index", "future AI uses"})
USAGE = {
    "ai-train": frozenset({"ai-train"}),
    "ai-input": frozenset({"ai-input"}),
    "ai-index": frozenset({"ai-index"}),
    "search": frozenset({"search"}),
    "ai-all": _AI,
    "all": _AI | {"search", "other uses"},
}
LEGACY = {  # RSL 0.9 and the drafts of 2025, in the same namespace
    "train-ai": "ai-train",
    "train-genai": "ai-train",
    "ai-use": "ai-input",
}
# What an AI keeps to answer from (`ai-index`) feeds answers, so its prohibition touches
# ai_input; its permission alone does not: to answer with the content is `ai-input`.
PERMITTED = {
    Purpose.TRAIN: frozenset({"ai-train"}),
    Purpose.SEARCH: frozenset({"search"}),
    Purpose.AI_INPUT: frozenset({"ai-input"}),
}
PROHIBITED = PERMITTED | {Purpose.AI_INPUT: frozenset({"ai-input", "ai-index"})}

_USERS = frozenset({"commercial", "non-commercial", "education", "government", "personal"})
_COUNTRY = re.compile(r"[A-Z]{2}")  # ISO 3166-1 alpha-2, or EU
_PAYMENTS = frozenset(
    {"purchase", "subscription", "training", "crawl", "use", "contribution", "attribution", "free"}
)
_CHILDREN = {
    "rsl": frozenset({"content"}),
    "content": frozenset({"license", "alternate", "schema", "copyright", "terms"}),
    "license": frozenset({"permits", "prohibits", "payment", "reporting", "legal"}),
    "payment": frozenset({"standard", "custom", "amount", "accepts"}),
}
_OWN_NAMESPACE = re.compile(r"(?:https?://(?:www\.)?rslstandard\.org(?:/.*)?)?", re.IGNORECASE)
_MENTION = re.compile(rb"rslstandard\.org|<(?:\w{1,20}:)?rsl[\s>]")
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*+:", re.IGNORECASE)
_DAYS = re.compile(r"0*+[1-9][0-9]{0,8}")
_EFFECTS = {
    "rsl-doctype": "A DOCTYPE: safe readers of XML refuse the document, and so do we.",
    "rsl-not-xml": "The document is not XML, or more of it than we read: it says nothing.",
    "rsl-xml-leniency": "Strict readers of XML refuse the document.",
    "rsl-namespace": "Not RSL's namespace: strict readers do not know the document.",
    "rsl-element": "RSL has no such element here: the document does not conform.",
    "rsl-content-missing": "No content element: the document speaks about nothing.",
    "rsl-content-many": "A licence inside a page has exactly one content element.",
    "rsl-license-missing": "A content without licence offers none: the document does not conform.",
    "rsl-url-missing": "No url: strict readers do not know what the terms are about.",
    "rsl-url-not-path": "The url does not begin with a slash: it matches no path.",
    "rsl-url-foreign": "Every url is another site's: the document says nothing about this one.",
    "rsl-type": "The types are usage, user and geo: strict readers do not know this one.",
    "rsl-type-twice": "One element for each type: the document does not conform.",
    "rsl-separator": "Commas between words: RSL 1.0 wants blanks.",
    "rsl-token": "A word that RSL does not have, or none at all.",
    "rsl-legacy-token": "A word of RSL 0.9 that RSL 1.0 does not have.",
    "rsl-payment": "A kind of payment or a currency that RSL 1.0 does not have.",
    "rsl-boolean": "The values are true and false.",
    "rsl-max-age": "Not a number of days: readers fall back to 30.",
    "rsl-contradiction": "Permitted and prohibited at once: it counts as not licensed.",
}
_CONFORMING = {  # faults that leave the document conformant; all others void it
    "rsl-url-foreign": Severity.VOIDS,
    "rsl-max-age": Severity.RISKS,
    "rsl-contradiction": Severity.CHANGES,
}


@dataclass(frozen=True, slots=True)
class Terms:
    """What one licence document or inline licence says; `cut`: more than we read or keep."""

    statements: tuple[Statement, ...]
    defects: tuple[Defect, ...]
    cut: bool = False


def read(xml: bytes, base_url: str, *, inline: bool = False, first_line: int = 1) -> Terms | None:
    """Read a licence; None for bytes that are no attempt at one.

    `base_url` is the address of the site that the licence is about: a path in it is a path
    there, and absolute addresses count where their host is its host (`www.` apart).
    `inline` is for a `script` of a page: there an empty url is that page (Scope.PAGE), and
    `first_line` is the page's line on which the XML begins, which all lines count from.
    """
    parsed = parse_xml(xml)
    if not _is_attempt(parsed, xml):
        return None
    if parsed.unread:
        return Terms((), (), cut=True)
    reader = _Reader(base_url, inline=inline, first_line=first_line)
    if parsed.root is None:
        code = "rsl-doctype" if parsed.problem == "doctype" else "rsl-not-xml"
        raw = f"{parsed.problem}: {xml[:400].decode('utf-8', 'replace')}"
        reader.fault(code, raw, parsed.line)
    else:
        if parsed.leniencies:
            reader.fault("rsl-xml-leniency", ", ".join(parsed.leniencies), None)
        reader.document(parsed.root)
    return reader.terms()


def _is_attempt(parsed: Parsed, xml: bytes) -> bool:
    if parsed.root is None:
        return bool(_MENTION.search(xml)) and not looks_like_html(xml)
    return parsed.root.name == "rsl" and bool(_OWN_NAMESPACE.fullmatch(parsed.root.namespace))


@dataclass(frozen=True, slots=True)
class _Rule:
    """One `permits` or `prohibits`. `uses` are the narrow uses it covers, none of users or places.

    `lists`: it permits what it names and nothing else (section 3.5).
    """

    element: Element
    kind: str
    permitted: bool
    tokens: frozenset[str] = frozenset()
    lists: bool = False

    @property
    def uses(self) -> frozenset[str]:
        return frozenset[str]().union(*(USAGE[token] for token in self.tokens))


@dataclass(frozen=True, slots=True)
class _Offer:
    """One licence; `terms` are the elements that make it conditional."""

    permits: tuple[_Rule, ...]
    prohibits: tuple[_Rule, ...]
    terms: tuple[Element, ...]

    @property
    def lists(self) -> bool:
        return any(rule.lists for rule in self.permits)


@dataclass(frozen=True, slots=True)
class _Said:
    purpose: Purpose
    preference: Preference
    evidence: tuple[Element, ...]
    derived: bool = False


class _Reader:
    """Goes through a document and keeps what it says and what is wrong with it.

    A document conforms as a whole or not at all, so strictness is settled at the end.
    """

    def __init__(self, base_url: str, *, inline: bool, first_line: int) -> None:
        self._host = _host(base_url)
        self._inline = inline
        self._offset = first_line - 1
        self._namespace = NAMESPACE
        self._conforms = True
        self._said: list[tuple[_Said, Scope, str | None]] = []
        self._defects: list[Defect] = []

    def terms(self) -> Terms:
        strictness = Strictness.STRICT if self._conforms else Strictness.LENIENT
        statements = tuple(
            Statement(
                said.purpose,
                said.preference,
                strictness,
                scope,
                quote(" ".join(_shown(element) for element in said.evidence)),
                path=path,
                line=said.evidence[0].line + self._offset,
                derived=said.derived,
            )
            for said, scope, path in self._said[:MAX_STATEMENTS]
        )
        cut = len(self._said) > MAX_STATEMENTS
        return Terms(statements, tuple(self._defects), cut)

    def fault(self, code: str, raw: str, line: int | None) -> None:
        self._conforms &= code in _CONFORMING
        place = None if line is None else line + self._offset
        severity = _CONFORMING.get(code, Severity.VOIDS)
        self._defects.append(Defect(code, severity, quote(raw), _EFFECTS[code], place))

    def _fault(self, code: str, element: Element) -> None:
        self.fault(code, _shown(element), element.line)

    def document(self, root: Element) -> None:
        if root.namespace != NAMESPACE:
            self._namespace = root.namespace
            self.fault("rsl-namespace", f"{_shown(root)} {root.namespace}", root.line)
        if not _DAYS.fullmatch(root.attributes.get("max-age", "30")):
            self._fault("rsl-max-age", root)
        contents = list(self._children(root))
        if not contents:
            self._fault("rsl-content-missing", root)
        if self._inline and len(contents) > 1:
            self._fault("rsl-content-many", root)
        own = [self._content(content) for content in contents]
        if contents and not any(own):
            self._fault("rsl-url-foreign", contents[0])

    def _children(self, element: Element) -> Iterator[Element]:
        """The children that RSL has there; others of its namespace are faults, and not read."""
        for child in element.children:
            if child.namespace != self._namespace:
                continue
            if child.name in _CHILDREN[element.name]:
                yield child
            else:
                self._fault("rsl-element", child)

    def _content(self, content: Element) -> bool:
        """Read one `content`; False where it speaks about another site."""
        if content.attributes.get("encrypted", "false") not in ("true", "false"):
            self._fault("rsl-boolean", content)
        place = self._place(content)
        licences = [child for child in self._children(content) if child.name == "license"]
        if not licences:
            self._fault("rsl-license-missing", content)
        server = (content,) if "server" in content.attributes else ()
        offers = [self._offer(licence, server) for licence in licences]
        if place is None:
            return False
        for element in _contradictory(offers):
            self._fault("rsl-contradiction", element)
        self._said += [(said, *place) for purpose in Purpose for said in _decide(purpose, offers)]
        return True

    def _place(self, content: Element) -> tuple[Scope, str | None] | None:
        """What a `content` speaks about: scope and path pattern; None for another site."""
        url = content.attributes.get("url", "").strip()
        if not url and self._inline:
            return Scope.PAGE, None
        if not url:
            self._fault("rsl-url-missing", content)
        elif _SCHEME.match(url):
            if _host(url) != self._host:
                return None
            url = path_of(url)
        elif url[0] not in "/*":
            self._fault("rsl-url-not-path", content)
            url = f"/{url}"
        whole = url.rstrip("*") in ("", "/")
        return Scope.SITE if whole else Scope.PATH, quote(url or "/")

    def _offer(self, licence: Element, server: tuple[Element, ...]) -> _Offer:
        children = list(self._children(licence))
        grants = [child for child in children if child.name in ("permits", "prohibits")]
        if len({(g.name, g.attributes.get("type")) for g in grants}) < len(grants):
            self._fault("rsl-type-twice", licence)
        rules = [self._rule(grant) for grant in grants]
        terms = [child for child in children if self._is_term(child)]
        terms += [rule.element for rule in rules if rule.kind in ("user", "geo")]
        uses = [rule for rule in rules if rule.kind == "usage"]
        return _Offer(
            tuple(rule for rule in uses if rule.permitted),
            tuple(rule for rule in uses if not rule.permitted),
            (*server, *terms),
        )

    def _rule(self, element: Element) -> _Rule:
        kind, permitted = element.attributes.get("type", ""), element.name == "permits"
        words = element.text.replace(",", " ").split()
        if "," in element.text:
            self._fault("rsl-separator", element)
        if kind in ("user", "geo"):
            self._check(kind, words, element)
            return _Rule(element, kind, permitted)
        if kind == "usage":
            return self._usage(words, element, permitted=permitted)
        self._fault("rsl-type", element)
        if not kind:
            return self._usage(words, element, permitted=permitted)
        if kind in USAGE and words in (["yes"], ["no"]):  # folk: the use where its type should be
            return _Rule(element, "usage", permitted == (words == ["yes"]), frozenset({kind}))
        return _Rule(element, kind, permitted)

    def _usage(self, words: list[str], element: Element, *, permitted: bool) -> _Rule:
        lower = [word.lower() for word in words if ":" not in word]  # `prefix:name` is an extension
        legacy = {LEGACY[word] for word in lower if word in LEGACY}
        known = {word for word in lower if word in USAGE}
        understood = bool(words) and all(word in USAGE or word in LEGACY for word in lower)
        if legacy:
            self._fault("rsl-legacy-token", element)
        if not understood or not known.issubset(words):
            self._fault("rsl-token", element)
        tokens = frozenset(known | legacy)
        return _Rule(element, "usage", permitted, tokens, lists=permitted and understood)

    def _check(self, kind: str, words: list[str], element: Element) -> None:
        known = _USERS.__contains__ if kind == "user" else _COUNTRY.fullmatch
        if not words or not all(known(word) or ":" in word for word in words):
            self._fault("rsl-token", element)

    def _is_term(self, child: Element) -> bool:
        """True for what must be met before a licence holds: any payment that is not free."""
        if child.name != "payment":
            return child.name == "reporting"
        kind = child.attributes.get("type")
        currencies = {part.attributes.get("currency") for part in self._children(child)}
        if kind not in _PAYMENTS | {None} or "XBT" in currencies:
            self._fault("rsl-payment", child)
        if kind is None:  # 3.7 names no default; the collective's own examples leave it out
            return bool(child.children)
        return kind != "free"


def _contradictory(offers: Iterable[_Offer]) -> Iterator[Element]:
    """What permits a use that a prohibition takes back wholly."""
    prohibited = frozenset[str]().union(*(r.uses for offer in offers for r in offer.prohibits))
    for offer in offers:
        for rule in offer.permits:
            if any(USAGE[token] <= prohibited for token in rule.tokens):
                yield rule.element


def _decide(purpose: Purpose, offers: list[_Offer]) -> Iterator[_Said]:
    """What the licences of one content come to for one purpose, if they say anything."""
    prohibiting = [
        rule for offer in offers for rule in offer.prohibits if rule.uses & PROHIBITED[purpose]
    ]
    if prohibiting:
        rule = max(prohibiting, key=lambda rule: bool(rule.uses & PERMITTED[purpose]))
        derived = not rule.uses & PERMITTED[purpose]
        yield _Said(purpose, Preference.DISALLOWED, (rule.element,), derived)
        return
    permitting = [
        (offer.terms, rule)
        for offer in offers
        for rule in offer.permits
        if rule.uses & PERMITTED[purpose]
    ]
    silent = [offer.terms for offer in offers if not offer.lists and offer.terms]
    if permitting:
        terms, rule = min(permitting, key=lambda pair: bool(pair[0]))
        preference = Preference.CONDITIONAL if terms else Preference.ALLOWED
        yield _Said(purpose, preference, (rule.element, *terms))
    elif silent:
        yield _Said(purpose, Preference.CONDITIONAL, silent[0], derived=True)
    elif offers and all(offer.lists for offer in offers):
        element = offers[0].permits[0].element
        yield _Said(purpose, Preference.DISALLOWED, (element,), derived=True)


def _shown(element: Element) -> str:
    """An element in a quotation, as XML writes it, its children only where they are a price."""
    names = list(element.attributes.items())[:8]
    head = element.name + "".join(f' {n.rpartition(" ")[2]}="{v[:200]}"' for n, v in names)
    inner = " ".join(element.text[:400].split())
    if element.name == "payment":
        inner += "".join(_shown(child) for child in element.children[:4])
    return f"<{head}>{inner}</{element.name}>" if inner else f"<{head}>"


def _host(url: str) -> str:
    return host_of(url).removeprefix("www.")
