"""Bodies to measure on: the captured corpus where it is at hand, else made ones like it."""

import importlib.util
import random
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

FOLDER = Path(__file__).resolve().parents[3] / "shared" / "corpus" / "dev"
SIZES = (26, 68, 152, 287, 482, 766, 1280, 2250, 4600, 12_000)
"""Octets at the 5th, 15th … 95th percentile of 9,869 domains' files of May 2024."""
NAMES = ("*", "Googlebot", "bingbot", "GPTBot", "CCBot", "AhrefsBot", "MJ12bot", "Mediapartners")
PATHS = ("/", "/wp-admin/", "/search", "/*?sort=", "/cart$", "/admin/", "/tmp/", "", "/*.pdf$")


@cache
def reader() -> ModuleType | None:
    """The corpus' own loader, or None where there is no corpus."""
    if not FOLDER.is_dir():
        return None
    spec = importlib.util.spec_from_file_location("corpus_load", FOLDER / "load.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["corpus_load"] = module
    spec.loader.exec_module(module)
    return module


def captured() -> Iterator[tuple[dict[str, Any], bytes]]:
    """Every capture of the corpus: its row and its body. Needs the corpus."""
    module = reader()
    if module is None:
        raise SystemExit(f"no captured corpus at {FOLDER}")
    yield from module.robots()


def sample(count: int, *, since: str = "", seed: int = 1) -> tuple[str, list[bytes]]:
    """Give what the bodies are and `count` distinct ones, captured `since` a date."""
    chance = random.Random(seed)
    if reader() is None:
        return "made bodies", [made(chance) for _ in range(count)]
    rows = ((row, body) for row, body in captured() if row["kind"] == "robots")
    bodies = sorted({body for row, body in rows if row.get("date", "") >= since})
    return f"captured bodies {since}".strip(), chance.sample(bodies, min(count, len(bodies)))


def made(chance: random.Random) -> bytes:
    """Write a file of a size that real files have."""
    size = chance.choice(SIZES) * chance.uniform(0.7, 1.4)
    lines: list[str] = []
    while sum(map(len, lines)) < size:
        lines += ["", f"User-agent: {chance.choice(NAMES)}"]
        for _ in range(chance.randint(1, 12)):
            path = chance.choice(PATHS) + chance.choice(("", "", f"x{chance.randrange(999)}"))
            lines.append(f"{chance.choice(('Disallow', 'Disallow', 'Allow'))}: {path}")
    return "\n".join(lines).encode()
