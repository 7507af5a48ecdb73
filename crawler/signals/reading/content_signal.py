"""The values of Content Signals, of the robots.txt line and of the response header alike."""

from collections.abc import Iterator
from dataclasses import dataclass

from crawler.model import Preference, Purpose, Severity, Strictness
from crawler.parsers.preference import meant, signals, tolerant

KEYS = {"search": Purpose.SEARCH, "ai-input": Purpose.AI_INPUT, "ai-train": Purpose.TRAIN}
_LENIENT_KEYS = KEYS | {"train-ai": Purpose.TRAIN, "ai-use": Purpose.AI_INPUT}
_WORDS = {"yes": True, "no": False}
_D, _C, _A = Preference.DISALLOWED, Preference.CONDITIONAL, Preference.ALLOWED
_ORDER = (Purpose.TRAIN, Purpose.AI_INPUT, Purpose.SEARCH)
_USE = {"immediate": (_D, _C, _D), "reference": (_D, _C, _A), "full": (_A, _A, _A)}
EFFECTS = {
    "content-signal-no-group": "Before any user-agent line: the signal speaks to nobody.",
    "content-signal-empty": "No pair of key and value: the line says nothing.",
    "content-signal-value": "A value that the key does not have: it counts as unstated.",
    "content-signal-not-exact": "Strict readers do not know this spelling.",
    "content-signal-contradiction": "One key has both values; we take the restrictive one.",
    "content-signal-unknown-key": "A key without a meaning here.",
}
SEVERITIES = {
    "content-signal-contradiction": Severity.CHANGES,
    "content-signal-unknown-key": Severity.COSMETIC,
}


@dataclass(frozen=True, slots=True)
class Spoken:
    """What one value says about one purpose."""

    purpose: Purpose
    preference: Preference
    strictness: Strictness
    derived: bool = False


def spoken(value: str, *, exact: bool) -> Iterator[Spoken]:
    """Read a value without its path; `exact`: strict readers look where it stands.

    A tolerant reader takes no yes where the value also refuses the purpose, or says something
    of it that nobody understands.
    """
    said = list(_spoken(value, exact=exact))
    doubted = {one.purpose for one in said if one.preference is not _A}
    doubted |= {
        _LENIENT_KEYS[key]
        for key, word in tolerant(value)
        if key in _LENIENT_KEYS and meant(word) is None
    }
    for one in said:
        if not (_doubtful(one) and one.purpose in doubted):
            yield one


def _doubtful(one: Spoken) -> bool:
    return one.strictness is Strictness.LENIENT and one.preference is _A


def _spoken(value: str, *, exact: bool) -> Iterator[Spoken]:
    pairs = signals(value) if exact else []
    strict = {pair for pair in pairs if pair[0] in KEYS and pair[1] in _WORDS}
    stated: set[Purpose] = set()
    for key, word in dict.fromkeys(tolerant(value)):
        answer = meant(word)
        if key not in _LENIENT_KEYS or answer is None:
            continue
        how = Strictness.STRICT if (key, word) in strict else Strictness.LENIENT
        stated.add(_LENIENT_KEYS[key])
        yield Spoken(_LENIENT_KEYS[key], _A if answer else _D, how)
    for key, word in dict.fromkeys(tolerant(value)):
        if key == "use" and word in _USE:
            how = Strictness.STRICT if (key, word) in pairs else Strictness.LENIENT
            for purpose, preference in zip(_ORDER, _USE[word], strict=True):
                if purpose not in stated:
                    yield Spoken(purpose, preference, how, derived=True)


def fault_codes(value: str, *, loose: bool) -> Iterator[str]:
    """What is wrong with a value without its path; `loose`: some of it is read leniently."""
    pairs = list(tolerant(value))
    if not any(word for _, word in pairs):
        yield "content-signal-empty"
        return
    if loose:
        yield "content-signal-not-exact"
    for key, word in pairs:
        known = _USE if key == "use" else None
        if (key in _LENIENT_KEYS and meant(word) is None) or (known and word not in known):
            yield "content-signal-value"
            return
    if any(key not in _LENIENT_KEYS and key != "use" for key, _ in pairs):
        yield "content-signal-unknown-key"
