"""The published numbers as Datasette runs them, alone, are those that the program publishes."""

import pytest

from analysis.database import open_database
from analysis.numbers import summary
from crawler.dictionary import datasette
from tests.factories import database
from tests.factories.database import WAVE

ALONE = [n for n in summary.numbers() if "signal_asked" not in n.sql]


@pytest.fixture(scope="module")
def connection(tmp_path_factory):
    path = tmp_path_factory.mktemp("datasette") / "survey.db"
    database.build(path)
    opened = open_database(path)
    yield opened
    opened.close()


@pytest.mark.parametrize("number", ALONE, ids=lambda n: n.definition)
def test_a_number_counts_the_same_without_temporary_tables(connection, number):
    published = summary.run(connection, WAVE)[number.definition].rows
    told = dict(datasette._queries())[f"number_{number.definition}"]["sql"]
    rows = connection.execute(told, {"wave": WAVE}).fetchall()
    assert rows
    counted = [row[:6] for row in rows]
    assert counted == [(r.wave, r.panel, r.stratum, r.key, r.k, r.n) for r in published]
