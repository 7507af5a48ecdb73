"""A reservation into a tdmrep.json that exists: its rules stay, broken ones become what they meant.

The first rule that matches decides, so rules about a part of the site stand before those about
more, and the reservation of the whole site is the last. A rule that nobody can understand stays as
it is; a file that is no JSON holds nothing that could be kept.
"""

import json
from collections.abc import Collection, Iterator

from crawler.parsers.jsontext import Object, parse_json
from crawler.signals.reading.tdmrep import meant

NAMES = {"location": "location", "path": "location", "tdmreservation": "tdm-reservation",
         "tdmpolicy": "tdm-policy"}  # fmt: skip
"""What properties are called, without marks and capitals, and what they were meant for."""

Rule = dict[str, object]


def merged(body: bytes, ours: Rule, host: str | None, broken: Collection[str] = ()) -> bytes:
    """Give the file with `ours`, a rule for `/`, as the word on everything that no rule is about.

    A rule of the file for the whole site gives way to it; `broken` are addresses of terms that
    nobody can read, to which no rule goes on pointing.
    """
    rules = [each for rule in _rules(parse_json(body).value) for each in _mended(rule, host)]
    for rule in rules:
        if rule.get("tdm-policy") in broken:
            del rule["tdm-policy"]
    partial = [rule for rule in rules if not _is_whole(rule)]
    whole = next((rule for rule in rules if _is_whole(rule)), {})
    return written([*sorted(partial, key=_breadth), {**whole, **ours}])


def written(rules: list[Rule]) -> bytes:
    """A file of rules."""
    return json.dumps(rules, indent=2, ensure_ascii=False).encode() + b"\n"


def _rules(value: object) -> list[Rule]:
    """The rules of a file: of a list, of an object around one, or a single one."""
    if isinstance(value, Object):
        inner = next((one for one in value.values() if isinstance(one, list)), None)
        value = inner if inner and "location" not in value else [value]
    listed = value if isinstance(value, list) else []
    return [dict(rule) for rule in listed if isinstance(rule, Object)]


def _mended(rule: Rule, host: str | None) -> Iterator[Rule]:
    """A rule as it was meant, once for each of its locations; none for another site's."""
    found: Rule = {}
    for name, value in rule.items():
        found.setdefault(NAMES.get(name.lower().replace("_", "").replace("-", ""), name), value)
    reservation = found.get("tdm-reservation")
    if isinstance(reservation, str | bool | float):
        said = meant(str(reservation).removesuffix(".0"))
        found["tdm-reservation"] = reservation if said is None else int(said)
    location = found.get("location", "/")
    for one in location if isinstance(location, list) else [location]:
        if isinstance(one, str) and (path := _path(one, host)):
            yield {**found, "location": path}


def _path(location: str, host: str | None) -> str | None:
    """A location as a path, None where it is another site's."""
    if "://" not in location:
        return location if location.startswith(("/", "*")) else f"/{location}"
    name, _, path = location.partition("://")[2].partition("/")
    own = (host or "").removeprefix("www.")
    return f"/{path}" if name.lower().removeprefix("www.") == own else None


def _is_whole(rule: Rule) -> bool:
    return str(rule.get("location") or "/").rstrip("*") in ("", "/")


def _breadth(rule: Rule) -> int:
    """The longer a location without its wildcards, the less it covers."""
    return -len(str(rule.get("location")).rstrip("*"))
