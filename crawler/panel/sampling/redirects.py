"""Which hosts an earlier survey saw answered by another host."""

import sqlite3
from collections.abc import Mapping
from urllib.parse import urlsplit

from analysis.queries import query
from crawler.hosts import HostError, normalise


def read(connection: sqlite3.Connection) -> Mapping[str, str]:
    """Return the host that last answered for each host's home page, where it is another one."""
    found: dict[str, str] = {}
    for host, url in connection.execute(query(__name__, "redirects")):
        try:
            target = normalise(urlsplit(url).netloc).ascii
        except (HostError, ValueError):  # a redirect to an address, or to nonsense
            continue
        found[host] = target
    return {host: target for host, target in found.items() if host != target}
