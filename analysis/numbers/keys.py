"""Says keys of rows in words, as a header declares them: `KEY = words; KEY = words`.

`*` in a key is any text and is put in place of `{}`; `(all)` is the key ''. Without a declaration
the only key is '', and it is called `all`.
"""

import re
from functools import cache

ALL = "(all)"
"""How a header writes the key ''."""

HEADLINES = (
    "complete = every agent of strict8 kept from the root; access:* = {} kept from the root;"
    " use:train = training refused or on conditions; use:search = search refused or on conditions;"
    " use:ai_input = answers to prompts refused or on conditions"
)
"""The keys of headlines that are followed from wave to wave."""


def label(told: str, key: str) -> str:
    """Say a key in words. ValueError for one that is not declared."""
    for pattern, words in _patterns(told):
        if found := re.fullmatch(pattern, key):
            return words.format(*found.groups())
    raise ValueError(f"no words for the key {key!r}")


@cache
def _patterns(told: str) -> tuple[tuple[str, str], ...]:
    """Read the declaration: keys without `*` first."""
    entries = [tuple(entry.split(" = ", 1)) for entry in told.split("; ")] if told else []
    ordered = sorted(entries or [(ALL, "all")], key=lambda entry: "*" in entry[0])
    return tuple(
        ("" if key == ALL else re.escape(key).replace(r"\*", "(.+?)"), words)
        for key, words in ordered
    )
