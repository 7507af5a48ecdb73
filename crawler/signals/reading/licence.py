"""Which licences anybody may use: they say nothing in the terms of RSL."""

from crawler.addresses import host_of

_ORDINARY = ("creativecommons.org", "opensource.org", "gnu.org", "spdx.org", "unlicense.org")


def is_ordinary(address: str) -> bool:
    """True for the address of a licence that anybody may use, such as Creative Commons'."""
    host = host_of(address)
    return any(host == name or host.endswith(f".{name}") for name in _ORDINARY)
