"""A refusal that names its terms: a price for crawlers, a licence challenge, payment by x402.

### Syntax

```http
HTTP/1.1 402 Payment Required
crawler-price: USD 0.01
```

```http
HTTP/1.1 401 Unauthorized
WWW-Authenticate: License error="invalid_token"
Link: <https://atelier.example/license.xml>; rel="license"; type="application/rsl+xml"
```

| mechanism | status | sign |
|---|---|---|
| `pay_per_crawl` | 402 | `crawler-price` with currency and amount, or `crawler-error` about it |
| `rsl_cap` | 401, 402, 403, 503 | a challenge of the scheme `License` with `error` |
| `x402` | 402 | JSON with `x402Version` and `accepts`, as body or in `PAYMENT-REQUIRED` |
| `payment_scheme` | 402 | a challenge of the scheme `Payment` |

These are Cloudflare's Pay Per Crawl, the Crawler Authorization Protocol of RSL, x402 (version 1 in
the body, version 2 in the header, there in Base64) and an Internet-Draft of 2026 for HTTP
authentication.

### Meaning

| value | train | ai_input | search |
|---|---|---|---|
| any of the four | conditional (derived) | conditional (derived) | conditional (derived) |

The answer was given to one client, and says nothing about others.
Every statement is for the agent `this-client`, the survey's own crawler, with the note
`this_client_only`, and no verdict about the site rests on it.
The answers are about access; that what is not paid for may not be used either is our reading.
A survey asks as itself only, and never under the name of an AI crawler, so that sites that charge
AI crawlers alone look as if they charged nobody.

### Precedence

None.
All other signals take these answers for refusals: what they would have said is unmeasured.
A licence that the refusal points to is asked for as that of `rsl_header` is.

### Malformed values

A price without a currency, `crawler-` headers without a price, a `License` challenge without
`error` or only a link to a licence beside 401 or 402, and an incomplete x402 object are read
leniently.
A 401, 402, 403 or 503 with nothing of this, and a challenge page, say nothing (`refused`,
`error_status`).
A price on an answer that was given for nothing charges nobody (`price_not_charged`): the origin
servers of Pay Per Crawl set prices in this way.

### Common mistakes

- 402 without a word on how to pay.
- `crawler-price: 0.01`.
- A status of 200 with a price, which no client takes for a refusal.

### Adoption and readers

No figures are known.
Pay Per Crawl is for crawlers that sign their requests (Web Bot Auth); x402 and the draft of the
Payment scheme are for agents that pay by themselves (the draft was read in its abstract only,
unverified).
No AI company has said that it honours RSL (secondary source, unverified).
"""

import base64
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from crawler.model import (
    Capture,
    Defect,
    Finding,
    Preference,
    Purpose,
    Reading,
    Scope,
    Severity,
    Statement,
    Strictness,
)
from crawler.parsers.challenge import Challenge, parse_challenges
from crawler.parsers.http import header_values
from crawler.parsers.jsontext import parse_json
from crawler.signals.reading.readable import conclude, quote, unanswered
from crawler.signals.reading.rsl_links import targets
from crawler.signals.reading.signal import Carrier, Link, Signal, Status

AGENT = "this-client"
"""Stands for whoever sent the request; a capture does not name it, the wave does."""

CAP_STATUSES = frozenset({401, 402, 403, 503})
_PRICE = re.compile(r"[A-Z]{3} [0-9]{1,12}(?:\.[0-9]{1,12})?")
# Of Cloudflare's error codes those that come with status 402.
_PRICE_ERRORS = frozenset(
    {"missingcrawlerprice", "invalidcrawlerexactprice", "invalidcrawlermaxprice"}
)
_EFFECTS = {
    "payment-price-unreadable": "No price with currency and amount: crawlers cannot offer it.",
    "payment-prices-differ": "Two prices: crawlers cannot know which of them to offer.",
    "payment-license-no-error": "The challenge has no `error`: the protocol requires it.",
    "payment-license-no-challenge": "A licence, and no challenge: crawlers see a plain refusal.",
    "payment-x402-incomplete": "Without version and requirements no client can pay.",
}


@dataclass(frozen=True, slots=True)
class Term:
    """One way to get in that the refusal names. `fault`: only a tolerant reader finds it."""

    mechanism: str
    words: str
    fault: str | None = None


def find(capture: Capture) -> Finding:
    """Read the terms of a refusal; all other answers as every signal takes them."""
    terms = _terms(capture)
    if not terms:
        return unanswered(capture) or _uncharged(capture)
    defects = [_defect(term.fault, term.words) for term in terms if term.fault]
    prices = _fields(capture, "crawler-price")
    if len(set(prices)) > 1:
        defects.append(_defect("payment-prices-differ", " | ".join(prices)))
    statements = [one for term in terms for one in _statements(term)]
    return replace(conclude(statements, defects), note="this_client_only")


def follow(capture: Capture) -> tuple[Link, ...]:
    """Name the licences that a refusal with terms points to."""
    return targets(capture) if _terms(capture) else ()


def _terms(capture: Capture) -> list[Term]:
    if capture.failure is not None or capture.status not in CAP_STATUSES:
        return []
    challenges = parse_challenges(header_values(capture.headers, "www-authenticate"))
    found = list(_rsl_cap(capture, challenges))
    if capture.status == 402:
        found += [*_pay_per_crawl(capture), *_x402(capture), *_scheme(capture, challenges)]
    if not found and capture.status in (401, 402) and targets(capture):
        words = " | ".join(_fields(capture, "link"))
        found.append(Term("rsl_cap", words, "payment-license-no-challenge"))
    return found


def _pay_per_crawl(capture: Capture) -> Iterator[Term]:
    names = {key.strip().lower() for key, _ in capture.headers}
    own = sorted(name.decode("latin-1") for name in names if name.startswith(b"crawler-"))
    if not own:
        return
    words = " | ".join(line for name in own for line in _fields(capture, name))
    errors = header_values(capture.headers, "crawler-error")
    prices = header_values(capture.headers, "crawler-price")
    readable = any(_PRICE.fullmatch(price) for price in prices)
    known = not prices and any(error.lower() in _PRICE_ERRORS for error in errors)
    fault = None if readable or known else "payment-price-unreadable"
    yield Term("pay_per_crawl", words, fault)


def _x402(capture: Capture) -> Iterator[Term]:
    """Version 2 has the object in a header, version 1 in the body."""
    values = header_values(capture.headers, "payment-required")
    if values:
        complete: bool | None = _is_complete(_unpacked(values[0])) is True
        words = f"PAYMENT-REQUIRED: {values[0]}"
    else:
        complete = None if capture.coding_error else _is_complete(capture.body)
        words = capture.body[:1000].decode("utf-8", "replace")
    if complete is not None:
        yield Term("x402", words, None if complete else "payment-x402-incomplete")


def _unpacked(value: str) -> bytes:
    try:
        return base64.b64decode(value.encode("latin-1"), validate=True)
    except ValueError:
        return b""


def _is_complete(data: bytes) -> bool | None:
    """Whether JSON is an x402 object with version and requirements; None where it is none."""
    if data.lstrip()[:1] != b"{":
        return None
    found = parse_json(data)
    value = found.value if isinstance(found.value, dict) else {}
    version, accepts = value.get("x402Version"), value.get("accepts")
    if version is None:
        return None
    offers = accepts if isinstance(accepts, list) else []
    complete = type(version) is int and any(isinstance(offer, dict) for offer in offers)
    return complete and not found.leniencies


def _scheme(capture: Capture, challenges: list[Challenge]) -> Iterator[Term]:
    if any(challenge.scheme == "payment" for challenge in challenges):
        yield Term("payment_scheme", " | ".join(_fields(capture, "www-authenticate")))


def _rsl_cap(capture: Capture, challenges: list[Challenge]) -> Iterator[Term]:
    own = [challenge for challenge in challenges if challenge.scheme == "license"]
    if own:
        has_error = any("error" in challenge.parameters for challenge in own)
        fault = None if has_error else "payment-license-no-error"
        yield Term("rsl_cap", " | ".join(_fields(capture, "www-authenticate")), fault)


def _fields(capture: Capture, name: str) -> list[str]:
    return [f"{name}: {value}" for value in header_values(capture.headers, name)]


def _statements(term: Term) -> Iterator[Statement]:
    strictness = Strictness.LENIENT if term.fault else Strictness.STRICT
    for purpose in Purpose:
        yield Statement(
            purpose,
            Preference.CONDITIONAL,
            strictness,
            Scope.PAGE,
            quote(term.words),
            agent=AGENT,
            derived=True,
            stance=term.mechanism,
        )


def _uncharged(capture: Capture) -> Finding:
    """What a price says on an answer that was given all the same."""
    prices = header_values(capture.headers, "crawler-price")
    if any(_PRICE.fullmatch(price) for price in prices):
        return Finding(Reading.PRESENT, note="price_not_charged")
    shown = _fields(capture, "crawler-price")[:1]
    return conclude([], [_defect("payment-price-unreadable", words) for words in shown])


_SEVERITIES = {
    "payment-price-unreadable": Severity.VOIDS,
    "payment-x402-incomplete": Severity.VOIDS,
    "payment-prices-differ": Severity.CHANGES,
}


def _defect(code: str, words: str) -> Defect:
    return Defect(code, _SEVERITIES.get(code, Severity.RISKS), quote(words), _EFFECTS[code])


SIGNAL = Signal(
    name="payment_required",
    title="Payment and licence challenges",
    id="H6",
    spec="https://developers.cloudflare.com/ai-crawl-control/features/pay-per-crawl/",
    spec_version="Pay Per Crawl and RSL 1.0 as of 2026; x402 versions 1 and 2",
    status=Status.VENDOR,
    carrier=Carrier.HEADER,
    resources=("/",),
    find=find,
    follow=follow,
)
