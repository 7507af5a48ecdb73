"""Which licences anybody may use: they say nothing in the terms of RSL."""

from urllib.parse import urlsplit

_ORDINARY = ("creativecommons.org", "opensource.org", "gnu.org", "spdx.org", "unlicense.org")


def is_ordinary(address: str) -> bool:
    """True for the address of a licence that anybody may use, such as Creative Commons'."""
    try:
        host = urlsplit(address).hostname or ""
    except ValueError:  # `http://[`
        return False
    return any(host == name or host.endswith(f".{name}") for name in _ORDINARY)
