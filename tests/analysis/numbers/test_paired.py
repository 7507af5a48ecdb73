"""Families of pairs and the headline's range on the panel of tests/factories/three_waves.py."""

from collections import defaultdict
from contextlib import closing

import pytest

from analysis.database import open_database
from analysis.numbers import indicator, paired, summary
from tests.analysis.numbers.test_red import AGENTS, known
from tests.factories import three_waves
from tests.factories.three_waves import MAY


@pytest.fixture(scope="module")
def connection(tmp_path_factory):
    path = three_waves.build(tmp_path_factory.mktemp("paired") / "survey.db")
    with closing(open_database(path)) as opened:
        yield opened


def test_the_range_without_one_agent_is_of_the_whole_panel(connection):
    """n2 m2 m5 keep all out, and a5 all but GPTBot: 3 of 13, without GPTBot 4 of 13."""
    asked = [a["token"] for a in AGENTS if "strict8" in a.get("panels", ()) and known(a, MAY)]
    least, most = summary.run(connection, MAY).sensitivity()
    assert (least.stratum, least.key, least.k, least.n) == ("*", min(asked), 3, 13)
    assert (most.stratum, most.key, most.k, most.n) == ("*", "GPTBot", 4, 13)


def test_each_stratum_is_a_family_of_its_own(connection):
    """Holm: the least p of m is taken m times, the next m - 1 times, and none falls again."""
    with indicator.measuring(connection, MAY) as frame:
        rows = paired.run(connection, frame.censuses)
    families = defaultdict(list)
    for row in rows:
        families[row.stratum].append(row)
    assert set(families) == {"*", "news", "art", "(none)"}
    for family in families.values():
        least = 0.0
        for place, row in enumerate(sorted(family, key=lambda row: row.p)):
            least = max(least, min(1.0, row.p * (len(family) - place)))
            assert row.adjusted == pytest.approx(least)
    assert any(row.adjusted > row.p for row in rows)
