"""Every table, column and stored value has its sentence; Datasette shows them."""

import json
import re
import sqlite3
import subprocess
import sys
import tomllib
from contextlib import closing

import pytest
from click.testing import CliRunner

from crawler.cli import main
from crawler.dictionary import codebook, datasette
from tests.paths import ROOT

SENTENCES = ROOT / "crawler" / "dictionary"


def toml(name):
    return tomllib.loads((SENTENCES / name).read_text("utf-8"))


@pytest.fixture(scope="module")
def connection(demo):
    with closing(sqlite3.connect(f"file:{demo / 'survey.db'}?mode=ro", uri=True)) as opened:
        yield opened


def test_every_table_and_column_of_a_real_database_has_its_sentence(connection):
    described = {
        table.name: {c.name: c.about for c in table.columns} for table in codebook.tables()
    }
    listed = connection.execute(
        "SELECT name, type FROM sqlite_master WHERE type IN ('table', 'view')"
        " AND name NOT GLOB 'sqlite_*' AND name NOT GLOB '_*'"
    ).fetchall()
    for name, kind in listed:
        if kind == "view" and (not name.startswith("v_") or name.endswith("_all")):
            assert name not in described
            continue
        columns = [row[1] for row in connection.execute(f"PRAGMA table_info({name})")]
        assert list(described[name]) == columns
        for sentence in described[name].values():
            assert re.fullmatch(r".+[.?]", sentence), (name, sentence)


def test_no_sentence_about_a_table_is_left_over():
    words = toml("tables.toml")
    tables = {t.name: {c.name for c in t.columns} for t in codebook.tables() if t.kind == "table"}
    assert set(words["tables"]) == set(tables)
    assert set(words["columns"]) <= set().union(*tables.values())
    for name, columns in words["only"].items():
        assert set(columns) <= tables[name], name


def test_every_value_of_every_vocabulary_has_its_sentence():
    words = toml("codebook.toml")
    found = {vocabulary.name: vocabulary for vocabulary in codebook.vocabularies()}
    assert set(words) <= set(found)
    for name, sentences in words.items():
        assert {value.value for value in found[name].values} == set(sentences), name
    for vocabulary in found.values():
        assert all(value.about.strip() for value in vocabulary.values), vocabulary.name
        assert len({value.value for value in vocabulary.values}) == len(vocabulary.values)


def values(*names):
    found = {vocabulary.name: vocabulary for vocabulary in codebook.vocabularies()}
    return {value.value for name in names for value in found[name].values}


STORED = {
    "visits.outcome": ("Outcome",),
    "visits.reason": ("Reason",),
    "captures.failure": ("Failure",),
    "findings.outcome": ("Reading",),
    "findings.note": ("Note", "Stance"),
    "findings.signal": ("Signal",),
    "statements.purpose": ("Purpose",),
    "statements.preference": ("Preference",),
    "statements.strictness": ("Strictness",),
    "statements.scope": ("Scope",),
    "statements.stance": ("Stance",),
    "defects.code": ("Defect",),
    "defects.severity": ("Severity",),
    "judgements.robots_state": ("RobotsState",),
    "robots_access.root": ("Access",),
    "robots_access.extent": ("Extent",),
    "robots_access.basis": ("Basis",),
    "robots_access.rule": ("AccessRule",),
    "robots_access.reader": ("Reader",),
    "robots_bodies.authorship": ("Author",),
    "verdicts.rule": ("UseRule",),
    "agents.status": ("AgentStatus",),
    "agents.verification": ("Verification",),
    "agents.honours_robots": ("HonoursRobots",),
    "agent_purposes.purpose": ("AgentPurpose",),
    "honours.honours": ("Stand",),
    "operator_effects.effect": ("Effect",),
    "removal_routes.removes": ("Removes",),
    "removal_routes.covers": ("Covers",),
    "licence_routes.way": ("LicenceWay",),
    "signals.status": ("Status",),
    "inventory.status": ("Status",),
    "inventory.coverage": ("Coverage",),
    "inventory.measure": ("Measure",),
    "inventory.basis": ("MeasureBasis",),
    "inventory.europe": ("Europe",),
    "definitions.definition": ("Definition",),
}


@pytest.mark.parametrize("place", STORED)
def test_what_a_real_survey_stores_is_in_the_codebook(place, connection):
    table, column = place.split(".")
    sql = f"SELECT DISTINCT {column} FROM {table} WHERE {column} IS NOT NULL"
    stored = {value for row in connection.execute(sql) for value in row[0].split(", ")}
    assert stored
    assert stored <= values(*STORED[place])


def test_every_note_and_stance_of_the_fixtures_is_in_the_codebook():
    notes, stances = set(), set()
    for file in (ROOT / "tests" / "signals").rglob("*.json"):
        case = json.loads(file.read_text("utf-8"))
        notes.add(case.get("note"))
        stances |= {statement.get("stance") for statement in case.get("statements", [])}
    assert notes - {None} <= values("Note", "Stance")
    assert stances - {None} <= values("Stance")


def test_a_vocabulary_names_columns_that_are_there():
    columns = {column.name for table in codebook.tables() for column in table.columns}
    for vocabulary in codebook.vocabularies():
        assert set(vocabulary.columns) <= columns, vocabulary.name


def test_the_command_prints_json_and_markdown():
    told = json.loads(CliRunner().invoke(main, ["dictionary", "--json"]).output)
    assert {"ruleset", "tables", "vocabularies"} == set(told)
    page = CliRunner().invoke(main, ["dictionary"]).output
    for table in told["tables"]:
        assert f"### {table['name']}\n" in page
    for vocabulary in told["vocabularies"]:
        assert f"## {vocabulary['name']}\n" in page
    for line in page.splitlines():
        if line.startswith("| "):
            assert len(re.findall(r"(?<!\\)\|", line)) in {3, 4}, line


def test_datasette_yml_is_in_step():
    assert (ROOT / "datasette.yml").read_text("utf-8") == datasette.to_yaml()


def test_facets_are_columns():
    tables = {t.name: {c.name for c in t.columns} for t in codebook.tables()}
    for name, facets in datasette.FACETS.items():
        assert set(facets) <= tables[name], name


def test_canned_queries_run_on_a_real_database(connection):
    queries = datasette.document()["databases"]["survey"]["queries"]
    assert len(queries) > 15
    for name, query in queries.items():
        given = dict.fromkeys(query["params"], "") | {"wave": "demo"}
        rows = connection.execute(query["sql"], given).fetchall()
        assert rows or name in {"conflict_pairs", "dashboard_changes"}, name


ASK = """
import asyncio, json, pathlib, sys
from datasette.app import Datasette
from datasette.utils import parse_metadata

async def answers(database, metadata, addresses):
    words = parse_metadata(pathlib.Path(metadata).read_text("utf-8"))
    opened = Datasette([database], metadata=words, settings={"sql_time_limit_ms": 20_000})
    await opened.invoke_startup()
    got = [await opened.client.get(address) for address in addresses]
    return {a: [g.status_code, g.text] for a, g in zip(addresses, got)}

print(json.dumps(asyncio.run(answers(*sys.argv[1:3], json.load(sys.stdin)))))
"""
HOME, PAGE, ROWS = "/survey", "/survey/v_robots", "/survey/v_robots.json"
QUERY = "/survey/number_observed.json?wave=demo&_shape=array"


def ask(database, addresses):
    """What Datasette itself answers, asked without a server, in a process of its own."""
    pytest.importorskip("datasette")
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", ASK, database, ROOT / "datasette.yml"],
        input=json.dumps(addresses), capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    answers = json.loads(done.stdout)
    assert {a: text for a, (status, text) in answers.items() if status != 200} == {}
    return {address: text for address, (_, text) in answers.items()}


@pytest.fixture(scope="module")
def shown(demo):
    return ask(demo / "survey.db", [HOME, PAGE, ROWS, QUERY])


def test_every_page_of_a_real_database_opens_in_datasette(two_months):
    """Tables, views, every kind of row and every canned query, as a page and as JSON."""
    addresses = ["/", "/survey"]
    with closing(sqlite3.connect(two_months / "survey.db")) as database:
        listed = database.execute("SELECT name, type FROM sqlite_master WHERE sql IS NOT NULL")
        for name, kind in listed.fetchall():
            if kind in {"table", "view"}:
                addresses += [f"/survey/{name}", f"/survey/{name}.json"]
            if kind == "table":
                addresses += rows(database, name)
    queries = datasette.document()["databases"]["survey"]["queries"]
    addresses += [f"/survey/{name}{form}?wave=demo" for name in queries for form in ("", ".json")]
    assert len(ask(two_months / "survey.db", addresses)) == len(set(addresses)) > 400


def rows(database, table):
    """Addresses of a table's first rows; Datasette writes what is no word as `~` and hex."""
    columns = database.execute(
        "SELECT name FROM pragma_table_info(?) WHERE pk ORDER BY pk", [table]
    )
    keys = ", ".join(name for (name,) in columns.fetchall()) or "rowid"
    for row in database.execute(f"SELECT {keys} FROM {table} LIMIT 5"):
        parts = [
            re.sub(r"[^\w-]", lambda m: tilde(m[0]), str(part), flags=re.ASCII) for part in row
        ]
        yield f"/survey/{table}/{','.join(parts)}"


def tilde(character):
    return "".join(f"~{octet:02X}" for octet in character.encode())


def test_datasette_shows_titles_sentences_queries_and_facets(shown):
    assert "number_agent_blocked" in shown[HOME]
    for words in ("One row per wave and site: what the request for robots.txt brought.",
                  "Groups of robots.txt after merging by RFC 9309"):  # fmt: skip
        assert words in shown[PAGE]
    assert json.loads(shown[ROWS])["facet_results"]["state"]["results"]


def test_datasette_answers_a_canned_query(shown, connection):
    found = json.loads(shown[QUERY])
    query = datasette.document()["databases"]["survey"]["queries"]["number_observed"]
    expected = connection.execute(query["sql"], {"wave": "demo"}).fetchall()
    assert [tuple(row.values()) for row in found] == expected
