"""Queries in files: each is there, is asked for by a module beside it, and says what it is."""

import re

import pytest

from analysis.queries import query
from tests.paths import ROOT

ASKED = [
    (module, name)
    for folder in ("analysis", "crawler")
    for module in sorted((ROOT / folder).rglob("*.py"))
    for name in re.findall(r'query\(__name__, "(\w+)"\)', module.read_text("utf-8"))
]


@pytest.mark.parametrize(("module", "name"), ASKED, ids=lambda part: getattr(part, "stem", part))
def test_a_query_stands_beside_its_module_and_says_what_it_is(module, name):
    dotted = ".".join(module.relative_to(ROOT).with_suffix("").parts)
    text = query(dotted, name)
    assert text == module.with_name(f"{name}.sql").read_text("utf-8")
    assert text.startswith("-- ")


def test_every_query_beside_a_module_is_asked_for():
    asked = {module.with_name(f"{name}.sql") for module, name in ASKED}
    beside = {
        file
        for folder in ("analysis/report", "analysis/waves", "analysis/publish", "crawler/cli")
        for file in (ROOT / folder).glob("*.sql")
    }
    assert beside <= asked
    assert len(asked) > 20
