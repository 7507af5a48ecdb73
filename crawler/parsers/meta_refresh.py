"""The value of a refresh to a time and an address: WHATWG HTML, shared declarative refresh steps.

https://html.spec.whatwg.org/multipage/document-lifecycle.html#shared-declarative-refresh-steps
The same steps read the `content` of a `meta` and the value of a `Refresh` header field.
"""

import re
from dataclasses import dataclass

MAX_SECONDS = 10**9
"""A longer time is cut to this: thirty years."""

_SPACE = r"[\t\n\f\r ]*+"
_REFRESH = re.compile(
    # Steps 3 to 10: a time, whose fraction nobody reads, then the end or a separator.
    rf"{_SPACE}(?P<whole>[0-9]++|(?=\.))[0-9.]*+(?:\Z|(?=[;,\t\n\f\r ]){_SPACE}[;,]?+{_SPACE})"
    # Step 11: what begins with "u" and is not `url=` belongs to the address.
    rf"(?P<target>(?:[uU][rR][lL]{_SPACE}={_SPACE})?+(?P<quote>[\"']?+)(?P<url>.*+))",
    re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Refresh:
    """Whole seconds, and the address as written, relative or not; None: the page itself."""

    seconds: int
    url: str | None


def parse_refresh(value: str) -> Refresh | None:
    """Read one value; None for one that browsers ignore. Never raises."""
    found = _REFRESH.match(value)
    if not found:
        return None
    seconds, url = _seconds(found["whole"]), found["url"]
    if not found["target"]:
        return Refresh(seconds, None)
    return Refresh(seconds, url.partition(found["quote"])[0] if found["quote"] else url)


def _seconds(digits: str) -> int:
    """A number of any length, which int() does not take."""
    digits = digits.lstrip("0")
    return MAX_SECONDS if len(digits) > 9 else int(digits or "0")
