"""Cards in the database: the registry's rows, unknown as a value, changes between rulesets."""

import sqlite3
from contextlib import closing

import pytest

from crawler.registry import operators, routes
from crawler.store.database import connect, transaction
from crawler.store.judgement import forget_ruleset, put_ruleset
from crawler.wave.rejudge import inputs
from tests.factories.database import put


@pytest.fixture
def connection(tmp_path):
    with closing(connect(tmp_path / "survey.db")) as opened:
        with transaction(opened):
            put_ruleset(opened, inputs())
        opened.row_factory = sqlite3.Row
        yield opened


def test_the_view_has_every_cell_of_every_card(connection):
    rows = connection.execute("SELECT * FROM v_operator_facts").fetchall()
    cards = operators.load().entries.values()
    assert {(row["operator"], row["cell"]): row["value"] for row in rows} == {
        (card.name, cell): card.state(cell) for card in cards for cell in operators.CELLS
    }
    unsourced = {row["value"] for row in rows if row["source"] is None}
    assert unsourced == {operators.UNKNOWN}


def test_one_row_an_operator_with_all_its_cells(connection):
    wide = {row["operator"]: row for row in connection.execute("SELECT * FROM v_operators")}
    for card in operators.load().entries.values():
        row = wide[card.name]
        named = {cell: cell for cell in operators.CELLS} | {"crawl_delay": "follows_crawl_delay"}
        assert all(row[named[cell]] == card.state(cell) for cell in operators.CELLS)
        assert row["cells_unknown"] == len(operators.CELLS) - len(card.facts)
    assert wide["Amazon"]["reads"] == "noarchive, robots"
    assert wide["Mistral AI"]["effects"] == "MistralAI-Training leaves-training"
    assert wide["Meta"]["effects"].startswith("facebookexternalhit leaves-previews, facebookext")
    assert wide["Timpi"]["effects"] is None
    assert wide["OpenAI"]["agents"] == 8


def test_the_ways_are_those_of_the_registry(connection):
    removals = {row["route"]: row for row in connection.execute("SELECT * FROM v_removal_routes")}
    assert set(removals) == {way.id for way in routes.load().removals}
    assert removals["laion-personal-data"]["corpus"] == "LAION-"
    licences = {row["route"]: row for row in connection.execute("SELECT * FROM v_licence_routes")}
    assert set(licences) == {way.id for way in routes.load().licences}
    assert licences["pay-per-crawl"]["signals"] == '["H6"]'


def test_a_change_is_told_against_the_ruleset_before_that_has_cards(connection):
    now = inputs().ruleset
    for ruleset in (now - 2, now - 1):
        put(connection, "rulesets", ruleset=ruleset, digest="d", versions="{}",
            agents_version="2026-01-01", agents_sha256="a")  # fmt: skip
    put(connection, "operators", ruleset=now - 2, operator="OpenAI", card="openai", version="1")
    connection.execute(
        "INSERT INTO operator_facts SELECT ?, operator, cell,"
        " iif(cell = 'robots_user', 'yes', value), as_of, verified, source, address, note"
        " FROM operator_facts WHERE operator = 'OpenAI' AND cell <> 'seat'",
        (now - 2,),
    )
    changes = connection.execute(
        "SELECT ruleset_from, ruleset_to, cell, before, after FROM v_operator_changes"
        " WHERE operator = 'OpenAI' ORDER BY cell"
    ).fetchall()
    assert [tuple(row) for row in changes] == [
        (now - 2, now, "robots_user", "yes", "no"),
        (now - 2, now, "seat", "unknown", "US"),
    ]


def test_a_ruleset_is_forgotten_with_its_cards(connection):
    with transaction(connection):
        forget_ruleset(connection, inputs().ruleset)
    for table in ("operators", "operator_facts", "operator_effects", "removal_routes"):
        assert connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0] == 0
