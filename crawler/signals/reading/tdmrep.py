"""The two properties of TDMRep, which file, header and meta share, to statements and defects.

TDMRep section numbers are those of the Final Community Group Report of 10 May 2024.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice

from crawler.addresses import web_address
from crawler.model import Defect, Preference, Purpose, Scope, Severity, Statement, Strictness
from crawler.parsers.spelling import plain
from crawler.signals.reading.readable import quote
from crawler.signals.reading.signal import Link

SPEC = "https://www.w3.org/community/reports/tdmrep/CG-FINAL-tdmrep-20240510/"
SPEC_VERSION = "W3C Community Group Final Report, 10 May 2024"
POLICY = "tdm-policy:"
MAX_LINKS = 10
MAX_URL = 2000
"""Characters of a policy's address that we ask for."""

_URL = re.compile(r"https?://[^\s/?#]+", re.IGNORECASE)
_JOINED = re.compile(r"[\s,;]+")
_YES = frozenset({"1", "true", "yes"})
_NO = frozenset({"0", "false", "no"})
RESERVATION_FIELDS = ("tdm-reservation", "x-tdm-reservation", "tdm_reservation", "tdmreservation")
POLICY_FIELDS = ("tdm-policy", "x-tdm-policy", "tdm_policy", "tdmpolicy")
"""Names of the two header fields: the protocol's own first, then what is written in its place."""
_EFFECTS = {
    "tdm-policy-unusable": (
        "No address that can be fetched: no way to a licence is known, the reservation stands."
    ),
    "tdm-policy-several": "Several addresses are given: readers differ on which one counts.",
    "tdm-policy-alone": "A policy without a reservation reserves nothing.",
    "tdm-reservation-unknown": "Neither 1 nor 0: the property counts as unset.",
    "tdm-reservation-not-exact": "Strict readers know only 1 and 0.",
    "tdm-contradiction": (
        "Both 1 and 0 are given; the more restrictive value is taken, others may differ."
    ),
}


@dataclass(frozen=True, slots=True)
class Claim:
    """One value given to `tdm-reservation`. `misplaced`: only a tolerant reader finds it."""

    value: str
    raw: str
    line: int | None = None
    misplaced: bool = False

    @property
    def strict(self) -> bool | None:
        """Reserved or not by the letter: exactly `1` or `0` once trimmed."""
        return None if self.misplaced else {"1": True, "0": False}.get(self.value.strip())

    @property
    def lenient(self) -> bool | None:
        """Reserved or not by what was probably meant; of several values the restrictive one."""
        return meant(self.value)


def meant(value: str) -> bool | None:
    """`yes`, `"1"`, `true`, and lists of these such as proxies join: what was meant."""
    words = {word.strip().lower() for word in plain(value).split(",")}
    if words <= _NO:
        return False
    return True if words & _YES and words <= _YES | _NO | {""} else None


def decide(
    claims: Sequence[Claim], policies: Sequence[Claim], scope: Scope
) -> tuple[list[Statement], list[Defect]]:
    """What all values found in one place come to: the most restrictive, strict and lenient."""
    defects = [defect for claim in claims for defect in _faults(claim)]
    usable = [policy for policy in policies if is_policy(policy.value)]
    strict = _most_restrictive([claim for claim in claims if claim.strict is not None])
    lenient = _most_restrictive([c for c in claims if c.strict is None and c.lenient is not None])
    if lenient and not lenient.lenient and any(claim.lenient is None for claim in claims):
        lenient = None  # beside a value that nobody understands it is no permission
    if len({claim.strict for claim in claims} - {None}) > 1 and strict:
        defects.append(_contradiction(strict))
    statements: list[Statement] = []
    if strict:
        exact = [policy for policy in usable if not policy.misplaced]
        statements += _stated(strict, exact, Strictness.STRICT, scope)
    if lenient and (strict is None or (lenient.lenient and not strict.strict)):
        statements += _stated(lenient, usable, Strictness.LENIENT, scope)
    return statements, defects + _policy_faults(policies, claims)


def meanings(reserved: bool, *, conditional: bool) -> list[tuple[Purpose, Preference, bool]]:
    """Purpose, preference and whether the reading is derived, for one reservation.

    That `1` covers feeding a model at answer time is how rightsholders read it; the protocol
    does not say so, hence derived. Nothing is said about search.
    """
    if not reserved:
        return [(Purpose.TRAIN, Preference.ALLOWED, False)]
    preference = Preference.CONDITIONAL if conditional else Preference.DISALLOWED
    return [(Purpose.TRAIN, preference, False), (Purpose.AI_INPUT, preference, True)]


def is_policy(value: str) -> bool:
    """True for one http(s) address that can be fetched; nothing else leads to the terms."""
    url = value.strip()
    if len(url) > MAX_URL or not _URL.match(url) or not url.isprintable() or " " in url:
        return False
    return web_address(url) is not None and len(_addresses(url)) == 1


def _addresses(value: str) -> list[str]:
    """One address, or those that two layers set and a proxy joined; none has blanks in it."""
    pieces = [piece for piece in _JOINED.split(value.strip()) if piece]
    return pieces if all(_URL.match(piece) for piece in pieces) else [value.strip()]


def policies_to_read(claims: Sequence[Claim], policies: Sequence[Claim]) -> tuple[Link, ...]:
    """The policies of a reservation; without one a policy should not be processed (section 6)."""
    reserved = any(claim.lenient for claim in claims)
    return policy_links(policy.value for policy in policies if reserved)


def policy_links(urls: Iterable[str]) -> tuple[Link, ...]:
    """The documents to ask for, each once: absolute http(s) addresses, at most `MAX_LINKS`."""
    found = (web_address(one) for url in urls for one in _addresses(url) if is_policy(one))
    return tuple(islice((Link(POLICY, url) for url in dict.fromkeys(found) if url), MAX_LINKS))


def unusable_policy(raw: str, line: int | None) -> Defect:
    """The defect of a policy that no agent can fetch (section 6: the reservation stands)."""
    return _defect("tdm-policy-unusable", Severity.CHANGES, raw, line)


def _stated(
    claim: Claim, policies: Sequence[Claim], strictness: Strictness, scope: Scope
) -> list[Statement]:
    conditional = bool(claim.lenient and policies)
    words = quote(f"{claim.raw} | {policies[0].raw}" if conditional else claim.raw)
    return [
        Statement(purpose, preference, strictness, scope, words, line=claim.line, derived=derived)
        for purpose, preference, derived in meanings(bool(claim.lenient), conditional=conditional)
    ]


def _most_restrictive(claims: Sequence[Claim]) -> Claim | None:
    return next((claim for claim in claims if claim.lenient), claims[0] if claims else None)


def _policy_faults(policies: Sequence[Claim], claims: Sequence[Claim]) -> list[Defect]:
    defects = [unusable_policy(p.raw, p.line) for p in policies if not is_policy(p.value)]
    if len({policy.value.strip() for policy in policies if is_policy(policy.value)}) > 1:
        last = policies[-1]
        defects.append(_defect("tdm-policy-several", Severity.RISKS, last.raw, last.line))
    if policies and not claims:
        first = policies[0]
        defects.append(_defect("tdm-policy-alone", Severity.VOIDS, first.raw, first.line))
    return defects


def _faults(claim: Claim) -> list[Defect]:
    if claim.strict is not None or (claim.misplaced and claim.lenient is not None):
        return []
    code = "tdm-reservation-unknown" if claim.lenient is None else "tdm-reservation-not-exact"
    return [_defect(code, Severity.VOIDS, claim.raw, claim.line)]


def _contradiction(claim: Claim) -> Defect:
    return _defect("tdm-contradiction", Severity.CHANGES, claim.raw, claim.line)


def _defect(code: str, severity: Severity, raw: str, line: int | None) -> Defect:
    return Defect(code, severity, quote(raw), _EFFECTS[code], line)
