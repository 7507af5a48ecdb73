"""`optout export`: exact there and back in every format, documented columns, bounded memory."""

import csv
import json
import sqlite3
import sys
import tracemalloc
import zlib
from contextlib import closing

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from analysis.database import AnalysisError, body_text, open_database
from analysis.publish import export
from analysis.publish.export import Format, Type
from crawler.cli import main
from tests.factories import database

ODD = (
    "=1+1", "'=1+1", "''", "'", "+1", "-1", "@SUM(A1)", "\ttab", "\rreturn", "\nline", "＝1",
    'a "quoted", cell', "two\r\nlines", "", " =1", "\u202eright to left", "héllo 日本 🦣", "NULL",
    "nan", "1", "\x1b[31m", None,
)  # fmt: skip


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    """A survey in which every visit's detail is something that a file format trips over."""
    path = tmp_path_factory.mktemp("export") / "survey.db"
    database.build(path)
    with closing(sqlite3.connect(path)) as db, db:
        visits = [row[0] for row in db.execute("SELECT visit_id FROM visits ORDER BY 1")]
        for number, odd in enumerate(ODD):
            table = "visits" if number < len(visits) else "captures"
            place = number % len(visits) + 1
            db.execute(f"UPDATE {table} SET detail = ? WHERE rowid = ?", (odd, place))
    return path


@pytest.fixture
def connection(path):
    with closing(open_database(path)) as opened:
        yield opened


def everything(connection, folder, form):
    return dict(export.export(connection, folder, form, names=list(export.tables(connection))))


def stored(connection, name):
    if name == export.BODY_TEXTS:
        rows = connection.execute("SELECT sha256, size, content FROM bodies ORDER BY 1")
        return [(*row, zlib.decompress(content).decode()) for *row, content in rows]
    return connection.execute(f"SELECT * FROM {name} ORDER BY 1").fetchall()


def same(found, expected):
    """Compare as multisets of rows with the types of their values."""
    assert sorted(map(repr, found)) == sorted(map(repr, expected))


def parsed(path, types):
    """Read a CSV file by its own rules: bare cells are numbers or null, quoted ones text."""
    text = path.read_bytes().decode()
    cell, row, rows, quoted, i = "", [], [], False, 0
    while i < len(text):
        if text[i] == '"':
            quoted, i, cell = True, i + 1, ""
            while not (text[i] == '"' and text[i + 1] != '"'):
                cell, i = cell + text[i], i + 1 + (text[i] == '"')
        elif text[i] == "," or text[i : i + 2] == "\r\n":
            row.append(cell.removeprefix("'") if quoted else types[len(row)](cell))
            if text[i] == "\r":
                rows.append(tuple(row))
                row, i = [], i + 1
            cell, quoted = "", False
        else:
            cell += text[i]
        i += 1
    return rows


READ = {
    Type.INTEGER: lambda cell: int(cell) if cell else None,
    Type.NUMBER: lambda cell: float(cell) if cell else None,
    Type.STRING: lambda cell: {"": None}[cell],
}


def test_csv_gives_back_every_value_and_its_type(connection, tmp_path):
    known = export.tables(connection)
    for path, count in everything(connection, tmp_path, Format.CSV).items():
        columns = known[path.stem].columns
        rows = parsed(path, [READ[column.type] for column in columns])
        assert rows[0] == tuple(column.name for column in columns)
        assert len(rows) == count + 1
        same(rows[1:], stored(connection, path.stem))


def test_ndjson_gives_back_every_value_and_its_type(connection, tmp_path):
    for path, count in everything(connection, tmp_path, Format.NDJSON).items():
        lines = [json.loads(line) for line in path.read_text("utf-8").split("\n")[:-1]]
        assert len(lines) == count
        same([tuple(line.values()) for line in lines], stored(connection, path.stem))


def test_parquet_gives_back_every_value_and_its_type(connection, tmp_path):
    parquet = pytest.importorskip("pyarrow.parquet")
    for path, count in everything(connection, tmp_path, Format.PARQUET).items():
        rows = [tuple(row.values()) for row in parquet.read_table(path).to_pylist()]
        assert len(rows) == count
        same(rows, stored(connection, path.stem))


@pytest.mark.parametrize(
    ("form", "reader"),
    [
        (Format.PARQUET, "read_parquet('{}')"),
        (Format.CSV, "read_csv('{}', allow_quoted_nulls = false)"),
        (Format.NDJSON, "read_json('{}', format = 'newline_delimited')"),
    ],
)
def test_duckdb_reads_each_format(form, reader, connection, tmp_path):
    duckdb = pytest.importorskip("duckdb")
    if form is Format.PARQUET:
        pytest.importorskip("pyarrow")
    (written,) = export.export(connection, tmp_path, form, names=["v_visits"])
    details = duckdb.sql(f"SELECT detail FROM {reader.format(written[0])}").fetchall()
    found = [text.removeprefix("'") if text and form is Format.CSV else text for (text,) in details]
    same(found, [row[0] for row in connection.execute("SELECT detail FROM v_visits")])


def test_no_text_of_a_website_begins_a_cell_as_a_formula(connection, tmp_path):
    for path in everything(connection, tmp_path, Format.CSV):
        with path.open(encoding="utf-8", newline="") as stream:
            for row in csv.reader(stream):
                texts = [cell for cell in row if not cell.lstrip("-").replace(".", "").isdigit()]
                assert not [text for text in texts if text[:1] in "=+-@\t\r\n＝＋－＠" and text]


@given(st.text())
def test_one_quote_is_taken_off_again(text):
    assert export.guarded(text).removeprefix("'") == text


@given(st.lists(st.tuples(st.text(st.characters(codec="utf-8")), st.floats(), st.integers())))
def test_csv_of_anything_is_read_back(tmp_path_factory, rows):
    path = tmp_path_factory.mktemp("any") / "any.csv"
    path.write_text("".join(export.csv_lines(("a", "b", "c"), rows)), "utf-8", newline="")
    expected = [[text, repr(number), repr(count)] for text, number, count in rows]
    assert list(export.read_csv(path)) == [["a", "b", "c"], *expected]


def test_equal_databases_give_equal_files(path, tmp_path):
    for folder in ("one", "two"):
        with closing(open_database(path)) as connection:
            everything(connection, tmp_path / folder, Format.CSV)
    for file in (tmp_path / "one").iterdir():
        assert file.read_bytes() == (tmp_path / "two" / file.name).read_bytes()


def test_only_the_waves_and_tables_asked_for(path, tmp_path):
    asked = ["--table", "v_visits", "--table", "agents", "--wave", database.WAVE]
    arguments = ["export", "--db", str(path), "--to", str(tmp_path), "--format", "ndjson", *asked]
    done = CliRunner().invoke(main, arguments)
    assert done.exit_code == 0, done.output
    assert sorted(file.name for file in tmp_path.iterdir()) == ["agents.ndjson", "v_visits.ndjson"]
    lines = (tmp_path / "v_visits.ndjson").read_text().splitlines()
    assert {json.loads(line)["wave"] for line in lines} == {database.WAVE}
    assert f"{len(lines)} rows" in done.output


def test_without_a_table_the_wide_views_stay_out(connection, tmp_path):
    written = {path.stem for path, _ in export.export(connection, tmp_path, Format.CSV)}
    assert written == set(export.tables(connection)) - export.WIDE
    assert set(export.tables(connection)) >= export.WIDE


@pytest.mark.parametrize("option", ["--table", "--wave"])
def test_what_is_not_there_is_refused(option, path, tmp_path):
    arguments = ["export", "--db", str(path), "--to", str(tmp_path / "out"), option, "nothing"]
    done = CliRunner().invoke(main, arguments)
    assert done.exit_code == 2
    assert "nothing" in done.output


def test_a_missing_library_names_the_remedy(connection, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(AnalysisError, match=r"pip install -e '\.\[export\]'.*csv or ndjson"):
        list(export.export(connection, tmp_path, Format.PARQUET))
    assert not list(tmp_path.iterdir())


def test_a_file_is_complete_or_not_there(tmp_path):
    def broken():
        yield ("a", 1)
        raise sqlite3.OperationalError("disk I/O error")

    table = export.Table("t", (export.Column("a", Type.STRING),), None)
    with pytest.raises(sqlite3.OperationalError):
        export.write(tmp_path / "t.csv", Format.CSV, table, broken())
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("form", list(Format))
def test_memory_does_not_grow_with_the_rows(form, tmp_path, monkeypatch):
    monkeypatch.setattr(export, "BATCH", 1000)
    if form is Format.PARQUET:
        pytest.importorskip("pyarrow")
    columns = (export.Column("a", Type.STRING), export.Column("b", Type.INTEGER))
    table = export.Table("t", columns, None)
    peaks = []
    for size in (2000, 2000, 10_000):  # the first one warms up
        tracemalloc.start()
        export.write(tmp_path / "t", form, table, ((f"row {n}", n) for n in range(size)))
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[2] < 1.5 * peaks[1] + 20_000


def test_bodies_are_exported_as_text(connection, tmp_path):
    known = connection.execute("SELECT count(*) FROM bodies").fetchone()[0]
    ((path, count),) = export.export(connection, tmp_path, Format.NDJSON, names=["body_texts"])
    texts = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    assert count == len(texts) == known > 0
    assert all((row["text"], row["size"]) == ("x", 10) for row in texts)
    assert len({row["sha256"] for row in texts}) == known


def test_a_body_that_was_left_out_has_no_text():
    assert body_text(b"") is None
    assert body_text(None) is None
    assert body_text(zlib.compress(b"caf\xe9")) == "caf\ufffd"
