"""Turns `stand_ins.toml` into a lookup: whether an address stands for another one, and why."""

import functools
import tomllib
from collections.abc import Mapping
from importlib import resources

REASONS = {
    "archive": "an archived or translated copy: write the address of the site itself",
    "shortener": "a short link: write the address that it leads to",
    "redirect": "a page that sends visitors on: write the address that it leads to",
}


def reason(host: str, path: str) -> str | None:
    """Say what an address is, by its host in lower case and its path; None: itself.

    The bare host of an entry is a site of its own, a name below it is none.
    """
    listed = _entries()
    labels = host.removeprefix("www.").split(".")
    for start in range(len(labels)):
        name = ".".join(labels[start:])
        first = path.strip("/").partition("/")[0].partition("?")[0]
        if kind := listed.get(f"{name}/{first}") or listed.get(name):
            return REASONS[kind] if start or path.strip("/") else None
    return None


@functools.cache
def _entries() -> Mapping[str, str]:
    text = resources.files("crawler.registry").joinpath("stand_ins.toml").read_text("utf-8")
    return {entry: kind for kind, entries in tomllib.loads(text).items() if kind in REASONS
            for entry in entries}  # fmt: skip
