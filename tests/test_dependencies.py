"""Dependencies are true: shipped code imports every runtime requirement, and nothing else."""

import ast
import re
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

from tests.paths import ROOT

SHIPPED = ("crawler", "spiders", "analysis")
AWAITED: dict[str, str] = {}
"""Required and not imported yet. An entry that is imported fails the test: remove it then."""
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))


def plain(name: str) -> str:
    """A distribution's name as PyPA's specification on names compares it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def named(requirements: list[str]) -> set[str]:
    """The distributions of a list of requirements."""
    return {plain(re.match(r"[\w.-]+", requirement)[0]) for requirement in requirements}


def imported(files: list[Path]) -> set[str]:
    """The distributions that code imports anywhere, also inside functions."""
    modules = set()
    for node in (node for file in files for node in ast.walk(ast.parse(file.read_text("utf-8")))):
        if isinstance(node, ast.Import):
            modules |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            modules.add(node.module.partition(".")[0])
    foreign = modules - set(SHIPPED) - sys.stdlib_module_names
    known = packages_distributions()
    return {plain(distribution) for module in foreign for distribution in known[module]}


RUNTIME = named(PROJECT["project"]["dependencies"]) | {
    name for extra in PROJECT["project"]["optional-dependencies"].values() for name in named(extra)
}
NOTEBOOKS = named(PROJECT["dependency-groups"]["notebooks"])


FILES = [path for folder in SHIPPED for path in (ROOT / folder).rglob("*.py")]
IN_NOTEBOOKS = [path for path in FILES if {"notebooks", "examples"} & set(path.parts)]


def test_shipped_code_imports_every_runtime_requirement():
    assert RUNTIME - imported(FILES) == set(AWAITED)


def test_shipped_code_imports_nothing_that_is_not_required():
    assert imported([path for path in FILES if path not in IN_NOTEBOOKS]) <= RUNTIME
    assert imported(IN_NOTEBOOKS) <= RUNTIME | NOTEBOOKS
