"""References of a page to the addresses that they lead to (RFC 3986 section 5.2).

A page has hundreds, nearly all of them a plain path of its own site or a plain address, and
`urllib.parse.urljoin` takes each to pieces three times: those are joined here, all others by it.
"""

import re
from urllib.parse import urljoin

_PATH = r"(?:/[A-Za-z0-9_~%-][A-Za-z0-9._~%-]*+)++/?+(?:\?[A-Za-z0-9._~%=&-]++)?+"
_PLAIN_PATH = re.compile(_PATH)
_PLAIN_ADDRESS = re.compile(rf"https?://[a-z0-9.-]++(?::[0-9]++)?+(?:{_PATH})?+")
_PLAIN_ORIGIN = re.compile(r"https?://[a-z0-9.-]++(?::[0-9]++)?+(?=[/?#]|\Z)")


class Base:
    """What the references of a page are relative to: its address, or what its `base` says."""

    def __init__(self, address: str, base: str = "") -> None:
        """`base` is the `href` of the page's `base`; raises ValueError, as `urljoin` does."""
        self.address = urljoin(address, base)
        origin = _PLAIN_ORIGIN.match(self.address)
        self._origin = origin and origin[0]

    def join(self, reference: str) -> str:
        """The address that a reference leads to, as `urljoin`; raises ValueError: `http://[`."""
        if self._origin and _PLAIN_PATH.fullmatch(reference):
            return self._origin + reference
        if self._origin and _PLAIN_ADDRESS.fullmatch(reference):
            return reference
        return urljoin(self.address, reference)
