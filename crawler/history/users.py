"""Turns `users.toml` into rows: who is said to use which public crawl. See the head of the file."""

import tomllib
from importlib import resources

from crawler.store.history import CorpusUser


def load() -> tuple[CorpusUser, ...]:
    """Return the rows that this release ships, in the order of the file."""
    text = resources.files("crawler.history").joinpath("users.toml").read_text("utf-8")
    return tuple(
        CorpusUser(
            user["prefix"],
            user["agent"],
            user.get("first"),
            user.get("last"),
            user["operator"],
            user["statement"],
            user["source"],
            user["as_of"],
            user["verified"],
        )
        for user in tomllib.loads(text)["user"]
    )
