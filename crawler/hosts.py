"""Turns what people write for a site into the one ASCII host name that everything is keyed by.

Two spellings of one host must meet, and what is no public host name must not be asked:
every refusal says what is wrong and what to write instead.
"""

import functools
import re
import unicodedata
from dataclasses import dataclass
from importlib import resources

import idna
import tldextract

MAX_NAME = 253  # bytes, RFC 1035 section 2.3.4 without the root; also what keeps IDNA cheap

_DEFAULT_PORTS = frozenset({80, 443})
_RESERVED = frozenset({"example", "invalid", "localhost", "test"})  # RFC 2606 section 2
_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://")
_VERSION = re.compile(r"^// VERSION: (\d{4}-\d{2}-\d{2})", re.MULTILINE)


class HostError(ValueError):
    """Not the host of a public site; the message says why and what to write instead."""


@dataclass(frozen=True, slots=True)
class Host:
    """A normalised host: `ascii` is the key (A-labels), `display` the same for people (U-labels).

    Both carry `:port` unless it is 80 or 443.
    """

    ascii: str
    display: str


def normalise(text: str) -> Host:
    """Return the host that `text` (a bare name, or an http(s) URL of its root) means.

    Raises HostError, and nothing else, on everything else. Idempotent on `Host.ascii`.
    """
    name, port = _split(text.strip(" \t\r\n"))
    labels = _labels(name)
    ascii_name = ".".join(labels)
    if len(ascii_name) > MAX_NAME:
        raise HostError(f"longer than {MAX_NAME} bytes in its ASCII form: no DNS name")
    if _NUMBER.fullmatch(labels[-1]):  # WHATWG URL, "ends in a number": 127.1, 0x7f.1, 2130706433
        raise HostError("an IP address, or a number read as one: write the site's name")
    if labels[-1] == "localhost":
        raise HostError("localhost is this machine (RFC 6761): write a public name")
    if len(labels) == 1:
        raise HostError("a single word: write the full name, such as example.org")
    display = ".".join(idna.ulabel(label) if _is_encoded(label) else label for label in labels)
    suffix = "" if port is None or port in _DEFAULT_PORTS else f":{port}"
    return Host(ascii_name + suffix, display + suffix)


@functools.lru_cache(maxsize=4096)
def registrable(host: str) -> tuple[str | None, str | None]:
    """Return the registrable domains of an ASCII host under public, and public and private rules.

    None where the host is itself a suffix. A last label the list does not know counts as a
    suffix, as the list's algorithm wants ("if no rules match, the prevailing rule is *"):
    that covers the reserved names of RFC 2606 and RFC 6761.
    """
    name = host.partition(":")[0]
    found = _suffixes().extract_str(name)
    return _below(found.registry_suffix, name), _below(found.suffix, name)


def ends_in_known_suffix(name: str) -> bool:
    """Say whether a name ends in a listed suffix, or in one that is kept for examples and tests."""
    last = name.rpartition(".")[2].lower()
    return last in _RESERVED or bool(_suffixes().extract_str(name).suffix)


def twin(host: str) -> str | None:
    """Return a registrable domain's `www.` host, or the domain of that; None for other hosts."""
    domain = registrable(host)[0]
    if domain is None or ":" in host:
        return None
    if host == domain:
        return f"www.{host}"
    return domain if host == f"www.{domain}" else None


@functools.cache
def suffix_list_date() -> str:
    """Return the ISO day of the public suffix list that `registrable` uses."""
    snapshot = resources.files("tldextract").joinpath(".tld_set_snapshot").read_text("utf-8")
    version = _VERSION.search(snapshot)
    return version.group(1) if version else "unknown"


def _below(suffix: str, name: str) -> str | None:
    """Return the suffix of `name` with one label more."""
    suffix = suffix or name.rpartition(".")[2]
    owner = name.removesuffix(suffix).removesuffix(".").rpartition(".")[2]
    return f"{owner}.{suffix}" if owner else None


@functools.cache
def _suffixes() -> tldextract.TLDExtract:
    """Build the extractor over the bundled list: no network, no cache directory."""
    return tldextract.TLDExtract(
        suffix_list_urls=(), cache_dir=None, include_psl_private_domains=True
    )


def _split(text: str) -> tuple[str, int | None]:
    """Take scheme, a bare `/` and the port off; refuse every other part of a URL."""
    if scheme := _SCHEME.match(text):
        if scheme.group(1).lower() not in ("http", "https"):
            raise HostError("not a web address: write the bare host name")
        text = text[scheme.end() :]
    for mark, part in (("?", "a query"), ("#", "a fragment")):
        if mark in text:
            raise HostError(f"{part} in a list of sites: write the host name alone")
    authority, _, path = text.partition("/")
    if path:
        raise HostError("a path in a list of sites: write the host name alone")
    if "@" in authority:
        raise HostError("a user name in the address: write the host name alone")
    if authority.startswith("[") or authority.count(":") > 1:
        raise HostError("an IPv6 address: write the site's name")
    name, colon, port = authority.partition(":")
    return name, _port(port) if colon else None


def _port(text: str) -> int:
    if text.isascii() and text.isdigit() and len(text) <= 5 and 0 < int(text) < 65536:
        return int(text)
    raise HostError("the port is not a number from 1 to 65535: correct it or leave it out")


def _labels(name: str) -> list[str]:
    """Return the A-labels of a name, lower case, without the root dot."""
    if not name:
        raise HostError("no host name: write one, such as example.org")
    if len(name.encode("utf-8", "surrogatepass")) > MAX_NAME + 1:  # before IDNA: CVE-2026-45409
        raise HostError(f"longer than {MAX_NAME} bytes: no DNS name")
    if not name.isascii():
        name = _mapped(name)
    labels = name.lower().removesuffix(".").split(".")
    return [_a_label(label) for label in labels]


def _mapped(name: str) -> str:
    """Apply UTS 46: case, width and dots; characters that do not show are refused before it.

    UTS 46 drops some of them silently, and two rows that look alike would be one host.
    """
    for character in name:
        if unicodedata.category(character) in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp"):
            raise HostError(
                f"the invisible or directional character U+{ord(character):04X}: "
                "remove it, or write the xn-- form"
            )
    try:
        return idna.uts46_remap(name)
    except UnicodeError as error:
        raise HostError(f"not a valid international name: {error}") from error


def _a_label(label: str) -> str:
    if not label:
        raise HostError("an empty part between two dots: correct the name")
    if "*" in label:
        raise HostError("a wildcard: list each host")
    if "_" in label:
        raise HostError("an underscore: no host of a web site has one (RFC 1123 section 2.1)")
    if label.isascii() and not _is_encoded(label):
        return _ldh(label)
    try:
        return idna.alabel(label).decode("ascii")
    except UnicodeError as error:
        raise HostError(f"not a valid international name: {error}") from error


def _ldh(label: str) -> str:
    """Check an ASCII label (RFC 1123 section 2.1).

    Hyphens in third and fourth place pass: IDNA 2008 reserves them, yet such hosts answer.
    """
    if _LABEL.fullmatch(label):
        return label
    if len(label) > 63:
        raise HostError("a part longer than 63 bytes: no DNS name")
    raise HostError("a character or hyphen that no host name may have there: correct the name")


def _is_encoded(label: str) -> bool:
    return label.startswith("xn--")
