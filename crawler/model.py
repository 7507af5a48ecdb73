"""The nouns of the Observatory; every other module uses these words and no others.

| noun | is | is not |
|---|---|---|
| Panel | a versioned list of sites: inclusion rules, source, licence, sha256 | a list of URLs |
| Site | one panel entry: the host as asked for, and its registrable domains | a page |
| Wave | one dated run of a panel from one vantage point, settings recorded | "the latest data" |
| Visit | Site x Wave: exactly one outcome, with its reason | optional |
| Capture | one request and everything that came back, unjudged | a parsed thing |
| Body | content-addressed bytes, stored once however many sites serve them | |
| Signal | one way to say something about AI or TDM use | a verdict |
| Finding | what one signal reads in one capture | a boolean |
| Statement | one statement of preference inside a finding, with its evidence | |
| Defect | a fault that changes, or could change, the effect of a statement | a warning text |
| Verdict | what the statements come to for one site and one question, naming its rule | |
| Question | *access* (may agent A fetch path P?) or *use* (may content serve purpose U?) | mixed |
| Preference | `allowed / conditional / disallowed / unstated` | yes or no |
| Ruleset | an integer that pins every input of judgement | a release number |

Values of the enumerations are stored in databases that outlive this code:
a value is never renamed and never given a new meaning; it is retired and another is added.
This module imports nothing of ours.
"""

from dataclasses import dataclass
from enum import StrEnum


class Outcome(StrEnum):
    """How a visit ended (closed list). Only `ok` and `absent` can support "no opt-out here"."""

    OK = "ok"  # robots.txt and home page answered, everything asked for is accounted for
    OK_PARTIAL = "ok_partial"  # answered, but something is cut off or could not be measured
    ABSENT = "absent"  # the site answered properly and has no robots.txt
    DENIED = "denied"  # the site refuses us: 401, 402, 403, 451, challenge page
    RATE_LIMITED = "rate_limited"  # 429
    SERVER_ERROR = "server_error"  # 5xx and statuses that no specification knows
    UNREACHABLE = "unreachable"  # no HTTP answer: name, connection, TLS, time
    REFUSED_BY_US = "refused_by_us"  # we may not or will not ask: robots.txt, private address
    MALFORMED = "malformed"  # an answer that is not readable HTTP or not readable content
    INTERNAL_ERROR = "internal_error"  # a fault of ours; a row, never a gap


class Reason(StrEnum):
    """Why a visit ended as it did (closed list); the first word of a failure is its layer."""

    COMPLETE = "complete"
    # ok or absent
    OFFSITE = "offsite"  # as complete, but the home page is another registrable domain's
    # absent
    ROBOTS_MISSING = "robots_missing"  # 404, 410 or another 4xx that is not a refusal
    ROBOTS_EMPTY = "robots_empty"  # 200 or 204 without a byte
    ROBOTS_NOT_ROBOTS = "robots_not_robots"  # an HTML page or binary where robots.txt should be
    # ok_partial
    TRUNCATED = "truncated"  # our size cap kept a prefix
    DATA_LOSS = "data_loss"  # the body ended too early, or its sender told two lengths
    RESOURCE_UNMEASURED = "resource_unmeasured"  # a file beside robots.txt and home page failed
    HOME_MISSING = "home_missing"  # the home page itself is 404 or 410
    PARKED = "parked"  # a parking service answers in place of a site
    CRAWL_DELAY = "crawl_delay"  # the site asks for longer pauses than we can wait
    # ok_partial, or refused by us where it came before the home page
    SITE_DEADLINE = "site_deadline"  # the site has had all the time that one may take
    SITE_CEILING = "site_ceiling"  # all the requests or bytes that one site may cost
    # denied, rate limited, server error
    HTTP_401 = "http_401"
    HTTP_402 = "http_402"
    HTTP_403 = "http_403"
    HTTP_407 = "http_407"
    HTTP_429 = "http_429"
    HTTP_451 = "http_451"
    HTTP_5XX = "http_5xx"
    CDN_ERROR = "cdn_error"  # an edge server says that the site behind it does not answer
    UNKNOWN_STATUS = "unknown_status"
    CHALLENGE = "challenge"
    # unreachable
    DNS_NXDOMAIN = "dns_nxdomain"
    DNS_NO_ADDRESS = "dns_no_address"
    DNS_SERVFAIL = "dns_servfail"
    DNS_REFUSED = "dns_refused"
    DNS_CNAME_LOOP = "dns_cname_loop"
    DNS_FAILURE = "dns_failure"  # none of the others could be made out
    DNS_TIMEOUT = "dns_timeout"
    CONNECT_REFUSED = "connect_refused"
    CONNECT_TIMEOUT = "connect_timeout"
    CONNECT_FAILED = "connect_failed"
    CONNECTION_RESET = "connection_reset"
    TLS_FAILURE = "tls_failure"
    TLS_TIMEOUT = "tls_timeout"
    TIMEOUT_FIRST_BYTE = "timeout_first_byte"
    TIMEOUT_TOTAL = "timeout_total"
    EMPTY_REPLY = "empty_reply"
    # malformed
    NOT_HTTP = "not_http"
    HEADER_TOO_LARGE = "header_too_large"
    BAD_CONTENT_CODING = "bad_content_coding"
    ROBOTS_UNREAD = "robots_unread"  # robots.txt cannot be read: RFC 9309 section 2.3.1.4
    BAD_REDIRECT = "bad_redirect"
    NOT_MODIFIED = "not_modified"  # 304, and there is nothing that it could stand for
    # refused by us
    ROBOTS_DISALLOWS_US = "robots_disallows_us"
    PRIVATE_ADDRESS = "private_address"
    REDIRECT_LIMIT = "redirect_limit"
    REDIRECT_LOOP = "redirect_loop"
    REDIRECT_SCHEME = "redirect_scheme"
    REDIRECT_DISALLOWED = "redirect_disallowed"  # another origin's robots.txt was not asked
    EXCLUDED = "excluded"  # on the do-not-survey list
    FORGOTTEN = "forgotten"  # was surveyed, and asked to be forgotten
    # internal
    INTERNAL_ERROR = "internal_error"
    INTERNAL_STALL = "internal_stall"  # our process stood still while it waited for the site
    REPEATED_CRASH = "repeated_crash"  # our process ended again and again during the visit


class Failure(StrEnum):
    """Why a request brought no complete HTTP answer (closed list; None means it did)."""

    DNS_NXDOMAIN = "dns_nxdomain"
    DNS_NO_ADDRESS = "dns_no_address"
    DNS_SERVFAIL = "dns_servfail"
    DNS_REFUSED = "dns_refused"
    DNS_CNAME_LOOP = "dns_cname_loop"
    DNS_FAILURE = "dns_failure"
    DNS_TIMEOUT = "dns_timeout"
    CONNECT_REFUSED = "connect_refused"
    CONNECT_TIMEOUT = "connect_timeout"
    CONNECT_FAILED = "connect_failed"
    CONNECTION_RESET = "connection_reset"
    TLS_FAILURE = "tls_failure"
    TLS_TIMEOUT = "tls_timeout"
    TIMEOUT_FIRST_BYTE = "timeout_first_byte"
    TIMEOUT_TOTAL = "timeout_total"
    EMPTY_REPLY = "empty_reply"
    NOT_HTTP = "not_http"
    HEADER_TOO_LARGE = "header_too_large"
    BAD_REDIRECT = "bad_redirect"
    NOT_MODIFIED = "not_modified"
    REDIRECT_LIMIT = "redirect_limit"
    REDIRECT_LOOP = "redirect_loop"
    REDIRECT_SCHEME = "redirect_scheme"
    PRIVATE_ADDRESS = "private_address"
    EXCLUDED = "excluded"
    INTERNAL_ERROR = "internal_error"
    INTERNAL_STALL = "internal_stall"


class Reading(StrEnum):
    """How the reading of one signal in one capture ended."""

    PRESENT = "present"
    ABSENT = "absent"
    MALFORMED = "malformed"  # somebody tried; the strict reading gets nothing out of it
    UNMEASURED = "unmeasured"  # no content to read, or the reader was stopped


class Purpose(StrEnum):
    """What content may be used for: the axis *use*, apart from access."""

    TRAIN = "train"  # training or fine-tuning a model, or building a data set for it
    SEARCH = "search"  # an index that shows links with short excerpts
    AI_INPUT = "ai_input"  # feeding content to a model at answer time


class Preference(StrEnum):
    """A statement's value; `unstated` is never read as `allowed`."""

    ALLOWED = "allowed"
    CONDITIONAL = "conditional"  # on terms: payment, contact, licence
    DISALLOWED = "disallowed"
    UNSTATED = "unstated"


class Strictness(StrEnum):
    """Who reads a statement: everyone to the letter, or only a tolerant reader."""

    STRICT = "strict"
    LENIENT = "lenient"


class Scope(StrEnum):
    """What a statement speaks about; a page's statement says nothing about the site."""

    ASSET = "asset"
    PAGE = "page"
    PATH = "path"
    SITE = "site"


class RobotsState(StrEnum):
    """What the request for robots.txt brought, kept apart from its rules."""

    RULES = "rules"
    EMPTY = "empty"  # no group with a rule: nothing said
    ABSENT = "absent"  # 4xx that RFC 9309 section 2.3.1.3 calls unavailable
    REFUSED = "refused"  # 401, 402, 403, 407, 429, 451 or a challenge page
    UNREACHABLE = "unreachable"  # 5xx, network: RFC 9309 section 2.3.1.4
    NOT_ROBOTS = "not-robots"  # an HTML page or binary in place of the file
    TOO_LARGE = "too-large"  # over 500 KiB; the first 500 KiB are judged
    UNREAD = "unread"  # it did not decode, or holds no rule in the part that came


class Access(StrEnum):
    """May this agent fetch this path?"""

    ALLOWED = "allowed"
    DISALLOWED = "disallowed"
    UNMEASURED = "unmeasured"


class Extent(StrEnum):
    """How much of the site an agent is kept from."""

    ALL = "all"
    ALL_BUT = "all-but"  # everything except named paths
    PARTIAL = "partial"  # some paths
    NONE = "none"


class Basis(StrEnum):
    """Which group decided for an agent."""

    OWN = "own"
    STAR = "star"
    NONE = "none"  # the file has no group that applies
    NO_FILE = "no-file"


class Severity(StrEnum):
    """What a defect does to the intended effect."""

    VOIDS = "voids"  # the statement has no effect
    CHANGES = "changes"  # it says something else than was meant
    RISKS = "risks"  # some readers do not see it
    COSMETIC = "cosmetic"


@dataclass(frozen=True, slots=True)
class Site:
    """One panel entry. `host` is the ASCII (A-label) name, with `:port` where one was given."""

    host: str
    registrable_domain: str | None
    """Under the public (ICANN) suffix rules: `me.github.io` belongs to `github.io`."""
    registrable_domain_private: str | None
    """Under public and private suffix rules: `me.github.io` is a domain of its own."""
    stratum: str | None = None
    sector: str | None = None
    creator_type: str | None = None
    country: str | None = None
    platform: str | None = None
    rank: int | None = None
    weight: float | None = None
    cluster: str | None = None
    note: str | None = None
    line: int | None = None
    """Line of the panel file, counted from 1."""
    consent: str | None = None
    """Token of the owner's consent to being asked under other names; see `visit/consent.py`."""


@dataclass(frozen=True, slots=True)
class Hop:
    """One redirect answer on the way: who answered with what, and where it pointed."""

    url: str
    status: int
    location: str


@dataclass(frozen=True, slots=True)
class Capture:
    """One request and everything that came back, unjudged.

    `resource` is what was asked for (`/robots.txt`), `url` the first address,
    `final_url` the address that answered. `headers` are raw pairs in the order and
    spelling received, duplicates kept. `body` is the content after content-coding
    (at most the cap; `truncated` says the rest was left), `size` the bytes on the wire.
    `started_at` is UTC ISO 8601, `elapsed` seconds.
    """

    resource: str
    url: str
    final_url: str
    hops: tuple[Hop, ...] = ()
    status: int | None = None
    http_version: str | None = None
    reason_phrase: str | None = None
    headers: tuple[tuple[bytes, bytes], ...] = ()
    body: bytes = b""
    size: int = 0
    failure: Failure | None = None
    detail: str | None = None
    truncated: bool = False
    data_loss: bool = False
    coding_error: bool = False
    """The declared content-coding did not decode; `body` holds the bytes as sent."""
    superseded: bool = False
    """A later capture of this resource counts instead (https failed, http answered)."""
    address: str | None = None
    tls: str | None = None
    """`verified`, or the reason why not (the answer is kept all the same); None over http."""
    started_at: str = ""
    elapsed: float = 0.0
    first_byte: float | None = None
    revalidated_from: int | None = None
    """Id of the stored capture that brought the body: the answer was 304, so `status` and
    `body` are those of the earlier answer, `headers` its lines with the 304's put over them."""


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement of preference with its evidence.

    `agent` is a product token or `*`; `path` a pattern as written; `quote` the words
    themselves, at most 300 characters; `line` counts from 1 in the body, None for headers.
    `strictness` is the strictest reader that understands it. `derived` marks a reading
    that is ours and not the specification's. `stance` is a signal's own class of statements
    (`ai_training_ban`), `language` that of prose (BCP 47); None where a signal has neither.
    """

    purpose: Purpose
    preference: Preference
    strictness: Strictness
    scope: Scope
    quote: str
    agent: str = "*"
    path: str | None = None
    line: int | None = None
    derived: bool = False
    stance: str | None = None
    language: str | None = None


@dataclass(frozen=True, slots=True)
class Defect:
    """A fault with its place. `code` is a persisted id; `effect` says what readers make of it."""

    code: str
    severity: Severity
    quote: str
    effect: str
    line: int | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """What one signal reads in one capture. `note` is a short id such as `soft_404`."""

    outcome: Reading
    statements: tuple[Statement, ...] = ()
    defects: tuple[Defect, ...] = ()
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """May one agent fetch, by one robots.txt and one reader.

    `rule` is the persisted id of the rule that decided, `line` and `rule_text` the line
    of the file it rests on (None where no line decided).
    """

    root: Access
    extent: Extent | None
    basis: Basis | None
    rule: str
    line: int | None = None
    rule_text: str | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the statements come to for one purpose; `rule` is the persisted id that decided."""

    purpose: Purpose
    strict: Preference
    lenient: Preference
    rule: str
    conflict: bool = False


@dataclass(frozen=True, slots=True)
class Conflict:
    """Two sources of one site that oppose each other on one purpose, with both quotations."""

    purpose: Purpose
    signal_a: str
    quote_a: str
    signal_b: str
    quote_b: str
