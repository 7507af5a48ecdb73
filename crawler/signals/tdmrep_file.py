"""A file at `/.well-known/tdmrep.json` that reserves text and data mining for parts of a site.

### Syntax

```json
[
  {"location": "/open/*.txt$", "tdm-reservation": 0},
  {"location": "/", "tdm-reservation": 1,
   "tdm-policy": "https://atelier.example/policies/mining.json"}
]
```

The file is a JSON array of objects, with its brackets even around a single object.
`location` is a pattern as in robots.txt: a prefix of the path, `*` for anything, `$` for the end,
case-sensitive, a literal `*` or `$` written `%2A` or `%24`.
`tdm-reservation` is the number `1` (mining is reserved) or `0` (it is not).
`tdm-policy` is optional: the absolute URL that says how to get permission.
The answer must be a 200, at the address or after redirects.

### Meaning

| value | train | ai_input | search |
|---|---|---|---|
| `1` | disallowed | disallowed (derived) | unstated |
| `1` and a policy | conditional | conditional (derived) | unstated |
| `0` | allowed | unstated | unstated |

A path that no rule matches is unset, which is not the same as allowed.
That mining covers feeding a model at answer time is the rightsholders' reading.

### Precedence

The first rule that matches decides, in the order of the file, and not the longest one.
A general rule in front makes the rules after it dead; we name them as shadowed, and keep what
they say as a lenient reading only.
A header or a meta of the page overrides the file.

### Malformed files

Strictly, the file is an array, each object has `location` and the number `1` or `0`.
Our lenient reading also takes a single object, an object that wraps the array, the values `"1"`
and `true`, the names `tdm_reservation` and `tdmReservation`, trailing commas, a byte-order mark,
a full URL of the site itself as location, a list of locations, and the name `path` for it.
Without any location a reservation is taken for the whole site, and a permission for none of it;
a location that is an object or `null` says nothing.
An object that is not understood is named, and does not take the others with it.
An HTML page, or a text that does not mention TDM, is the site's answer to any address
and no file at all.

### Common mistakes

- The file at `/tdmrep.json`, outside `/.well-known/`.
- A single object without the brackets.
- `"location": "/"` as the first of several rules.
- A full URL in `location`.
- A relative `tdm-policy`.
- The file on `www` only.

### Adoption and readers

With the header, 37 of about a million domains in February 2026 (secondary source, unverified).
The community group names scientific publishers (Elsevier, Springer Nature, IEEE, Sage and
others), book publishers (Hachette Livre group, Mondadori, Penguin Random House in Spain and
Germany) and French newspapers as adopters (December 2025).
No operator of a large AI crawler documents that it reads TDMRep (unverified).
It is a candidate in the EU's consultation on opt-out protocols.
"""

from collections.abc import Iterator

from crawler.addresses import host_of
from crawler.model import Capture, Defect, Finding, Reading, Scope, Severity, Statement, Strictness
from crawler.parsers.jsontext import Object, Parsed, parse_json
from crawler.parsers.robots.paths import Pattern, canonical, canonical_uri, match, pattern_of
from crawler.signals.reading.readable import conclude, is_cut, quote, soft_404, unreadable
from crawler.signals.reading.signal import Carrier, Link, Signal, Status
from crawler.signals.reading.tdmrep import (
    SPEC,
    SPEC_VERSION,
    is_policy,
    meanings,
    meant,
    policy_links,
    unusable_policy,
)

MAX_RULES = 1000
_SPELT = {"location": ("path",)}
"""What else a property is called, beside other marks and capitals."""
_EFFECTS = {
    "tdmrep-not-json": "The file is not JSON: it says nothing.",
    "tdmrep-json-leniency": "Strict JSON readers refuse the file.",
    "tdmrep-not-array": "The outermost value is not an array: strict readers take no rule.",
    "tdmrep-too-many-rules": f"Only the first {MAX_RULES} rules are read.",
    "tdmrep-rule-not-object": "The rule is not an object: it says nothing.",
    "tdmrep-duplicate-name": "A name stands twice in one object: readers differ on which counts.",
    "tdmrep-name": "The property is spelt otherwise: strict readers do not know it.",
    "tdmrep-location-missing": "No location: strict readers do not apply the rule.",
    "tdmrep-location-type": "The location is no text: strict readers do not apply the rule.",
    "tdmrep-location-url": "A full URL matches no path: strict readers never apply the rule.",
    "tdmrep-location-foreign": "The location is another site's: the rule says nothing here.",
    "tdmrep-location-not-path": "The location does not begin with a slash: it matches no path.",
    "tdmrep-reservation-missing": "No reservation: the rule says nothing.",
    "tdmrep-reservation-not-exact": "Strict readers know only the numbers 1 and 0.",
    "tdmrep-reservation-unknown": "Neither 1 nor 0: the rule counts as unset.",
    "tdmrep-shadowed-rule": "An earlier rule matches every path of this one: it never applies.",
}


def find(capture: Capture) -> Finding:
    """Read the rules of one file."""
    found = _read(capture)
    if isinstance(found, Finding):
        return found
    cut = is_cut(capture) or found.cut
    return conclude(found.statements, found.defects, cut=cut, most=2 * MAX_RULES)


def follow(capture: Capture) -> tuple[Link, ...]:
    """Name the policies of the rules that reserve."""
    found = _read(capture)
    return () if isinstance(found, Finding) else policy_links(found.policies)


def _read(capture: Capture) -> "Finding | _Reader":
    """The rules of a file, or the finding for what holds none."""
    if finding := unreadable(capture):
        return finding
    if soft_404(capture):
        return Finding(Reading.ABSENT, note="soft_404")
    if not capture.body.strip():
        return conclude([], [], cut=is_cut(capture))
    parsed = parse_json(capture.body)
    if is_cut(capture) and parsed.problem:
        return Finding(Reading.UNMEASURED, note="truncated")
    if parsed.unread:
        return Finding(Reading.UNMEASURED, note="json_limit")
    if not isinstance(parsed.value, list) and b"tdm" not in capture.body.lower():
        return Finding(Reading.ABSENT, note="soft_404")
    if parsed.value == [] and not parsed.leniencies:
        return Finding(Reading.PRESENT, note="no_rules")
    return _Reader(capture.final_url, parsed, capture.body)


class _Reader:
    """Goes through the rules in file order and keeps what they say and what is wrong."""

    def __init__(self, url: str, parsed: Parsed, body: bytes) -> None:
        self.statements: list[Statement] = []
        self.defects: list[Defect] = []
        self.policies: list[str] = []
        self.cut = False
        self._host = _host(url)
        self._prefixes: list[str] = []
        self._patterns: set[str] = set()
        self._exact = not parsed.leniencies
        opening = body[:400].decode("utf-8", "replace")
        if parsed.problem:
            self._fault("tdmrep-not-json", Severity.VOIDS, f"{parsed.problem}: {opening}", None)
            return
        if parsed.leniencies:
            raw = f"{', '.join(parsed.leniencies)}: {opening}"
            self._fault("tdmrep-json-leniency", Severity.VOIDS, raw, None)
        for rule in self._rules(parsed.value, opening):
            self._read(rule)

    def _rules(self, value: object, opening: str) -> list[object]:
        rules = value
        if isinstance(value, Object):
            rules = next((one for one in value.values() if _holds_rules(one)), [value])
        if not isinstance(value, list):
            self._exact = False
            self._fault("tdmrep-not-array", Severity.VOIDS, opening, 1)
        if not isinstance(rules, list):
            return []
        self.cut = len(rules) > MAX_RULES
        if self.cut:
            self._fault("tdmrep-too-many-rules", Severity.RISKS, f"{len(rules)} rules", None)
        return rules[:MAX_RULES]

    def _read(self, rule: object) -> None:
        if not isinstance(rule, Object):
            self._fault("tdmrep-rule-not-object", Severity.VOIDS, _shown(rule), None)
            return
        raw = ", ".join(f'"{name}": {_shown(value)}' for name, value in list(rule.items())[:8])
        before = len(self.defects)
        known = dict(_properties(rule))
        if rule.duplicates:
            self._fault("tdmrep-duplicate-name", Severity.RISKS, raw, rule.line)
            before += 1
        if any(name not in rule for name in known):
            self._fault("tdmrep-name", Severity.VOIDS, raw, rule.line)
        reserved = self._reserved(known, raw, rule.line)
        paths = self._paths(known, raw, rule.line, reserved=bool(reserved))
        if reserved is None or (not reserved and _is_twice(rule)):
            return
        if paths and self._is_shadowed(paths[0]):
            self._fault("tdmrep-shadowed-rule", Severity.VOIDS, raw, rule.line)
        exact = self._exact and len(self.defects) == before
        policy = known.get("tdm-policy")
        usable = isinstance(policy, str) and is_policy(policy)
        if isinstance(policy, str) and reserved:
            self.policies.append(policy)
        self.statements += [
            Statement(
                purpose,
                preference,
                Strictness.STRICT if exact else Strictness.LENIENT,
                Scope.SITE if _covers_all(path) else Scope.PATH,
                quote(raw),
                path=quote(path),
                line=rule.line,
                derived=derived,
            )
            for path in paths
            for purpose, preference, derived in meanings(reserved, conditional=usable)
        ]
        if exact:
            self._remember(paths[0])
        if policy is not None and reserved and not usable:
            self.defects.append(unusable_policy(raw, rule.line))

    def _reserved(self, known: dict[str, object], raw: str, line: int) -> bool | None:
        value = known.get("tdm-reservation")
        if type(value) is int and value in (0, 1):
            return value == 1
        reserved = meant(_shown(value)) if isinstance(value, str | bool | float) else None
        if "tdm-reservation" not in known:
            self._fault("tdmrep-reservation-missing", Severity.VOIDS, raw, line)
        elif reserved is None:
            self._fault("tdmrep-reservation-unknown", Severity.VOIDS, raw, line)
        else:
            self._fault("tdmrep-reservation-not-exact", Severity.VOIDS, raw, line)
        return reserved

    def _paths(self, known: dict[str, object], raw: str, line: int, *, reserved: bool) -> list[str]:
        """The patterns that a tolerant reader applies; none where nobody knows the place.

        A rule without any location is taken for the whole site only where it reserves.
        """
        location = known.get("location")
        if "location" not in known or location == "":
            self._fault("tdmrep-location-missing", Severity.VOIDS, raw, line)
            return ["/"] if reserved else []
        if isinstance(location, str):
            path = self._path(location, raw, line)
            return [] if path is None else [path]
        self._fault("tdmrep-location-type", Severity.VOIDS, raw, line)
        listed = location[:MAX_RULES] if isinstance(location, list) else []
        found = (self._path(one, raw, line) for one in listed if isinstance(one, str) and one)
        return [path for path in found if path is not None]

    def _path(self, location: str, raw: str, line: int) -> str | None:
        """The pattern of one location; None where nobody applies any."""
        if location[0] in "/*":
            return location
        if "://" not in location:
            self._fault("tdmrep-location-not-path", Severity.VOIDS, raw, line)
            return f"/{location}"
        if _host(location) != self._host:
            self._fault("tdmrep-location-foreign", Severity.VOIDS, raw, line)
            return None
        self._fault("tdmrep-location-url", Severity.VOIDS, raw, line)
        return "/" + location.partition("://")[2].partition("/")[2]

    def _is_shadowed(self, path: str) -> bool:
        return path in self._patterns or any(path.startswith(p) for p in self._prefixes)

    def _remember(self, path: str) -> None:
        """A pattern without wildcards in the middle covers whatever begins like it."""
        self._patterns.add(path)
        prefix = path.rstrip("*")
        if "*" not in prefix and not prefix.endswith("$"):
            self._prefixes.append("" if prefix == "/" else prefix)

    def _fault(self, code: str, severity: Severity, raw: str, line: int | None) -> None:
        self.defects.append(Defect(code, severity, quote(raw), _EFFECTS[code], line))


def _holds_rules(value: object) -> bool:
    """Say whether a value is a list of rules, under whatever name it stands."""
    listed = value if isinstance(value, list) else []
    return any(isinstance(one, Object) and dict(_properties(one)) for one in listed[:MAX_RULES])


def _properties(rule: Object) -> Iterator[tuple[str, object]]:
    """The three properties under their own names, however they are spelt; exact ones win."""
    spelt = {_plain(name): name for name in rule}
    for name in ("location", "tdm-reservation", "tdm-policy"):
        others = (name.replace("-", ""), *_SPELT.get(name, ()))
        found = next((spelt[one] for one in others if one in spelt), None)
        found = name if name in rule else found
        if found is not None:
            yield name, rule[found]


def _is_twice(rule: Object) -> bool:
    """The reservation stands there twice; which one counts is not defined: RFC 8259 section 4."""
    return any(_plain(name) == "tdmreservation" for name in rule.duplicates)


def _plain(name: str) -> str:
    return name.lower().replace("_", "").replace("-", "")


def _shown(value: object) -> str:
    """A value in a quotation: as JSON writes it, without walking through what is nested."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float) and value in (0.0, 1.0):
        return str(int(value))
    if isinstance(value, str | int | float):
        return f'"{value[:300]}"' if isinstance(value, str) else str(value)
    if value is None:
        return "null"
    return "[…]" if isinstance(value, list) else "{…}"


def _covers_all(path: str) -> bool:
    return path.rstrip("*") in ("", "/")


def _host(url: str) -> str:
    return host_of(url).removeprefix("www.")


def _pattern(text: str) -> Pattern:
    return pattern_of(canonical(text.encode("utf-8", "replace")))


def select(statements: tuple[Statement, ...], path: str) -> tuple[Statement, ...]:
    """Keep what the first rule that matches a path says, by strict and by tolerant readers."""
    address = canonical_uri(path.encode())
    matching = [s for s in statements if s.path and match(_pattern(s.path), address)]
    strict = [s for s in matching if s.strictness is Strictness.STRICT]
    first = {(s.path, s.line, s.strictness) for s in matching[:1] + strict[:1]}
    return tuple(s for s in matching if (s.path, s.line, s.strictness) in first)


SIGNAL = Signal(
    name="tdmrep_file",
    title="TDMRep file",
    id="F1",
    spec=SPEC,
    spec_version=SPEC_VERSION,
    status=Status.COMMUNITY,
    carrier=Carrier.FILE,
    resources=("/.well-known/tdmrep.json",),
    find=find,
    select=select,
    follow=follow,
)
