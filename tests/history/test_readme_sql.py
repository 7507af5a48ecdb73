"""The SQL of the README makes a CSV that `optout history import` reads."""

import re
from datetime import UTC, date, datetime

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from crawler.history.captures_csv import read
from tests.paths import ROOT

duckdb = pytest.importorskip("duckdb")

README = (ROOT / "crawler" / "history" / "README.md").read_text("utf-8")
STATEMENTS = {
    text.split()[1].rstrip(","): text for text in re.findall(r"```sql\n(.*?)```", README, re.DOTALL)
}
FIRST, LAST = "CC-MAIN-2024-10", "CC-MAIN-2024-18"
ROWS = [  # host, status, day, crawl, subset
    ("one.example", 200, 1, FIRST, "warc"),
    ("one.example", 200, 4, FIRST, "warc"),
    ("one.example", 404, 5, FIRST, "warc"),
    ("www.one.example", 200, 2, FIRST, "warc"),
    ("one.example", 200, 9, LAST, "warc"),
    ("one.example", 200, 9, LAST, "robotstxt"),
    ("other.example", 200, 3, FIRST, "warc"),
]
FOUND = [
    ("one.example", FIRST, 1, 4, 2),
    ("one.example", LAST, 9, 9, 1),
    ("www.one.example", FIRST, 2, 2, 1),
]


@pytest.fixture
def index(tmp_path, monkeypatch):
    """A folder with the index in its partitions, and a panel of one site."""
    monkeypatch.chdir(tmp_path)
    for crawl in (FIRST, LAST):
        for subset in ("warc", "robotstxt"):
            folder = tmp_path / f"cc-index/table/cc-main/warc/crawl={crawl}/subset={subset}"
            folder.mkdir(parents=True)
            rows = [row for row in ROWS if row[3:] == (crawl, subset)]
            table = {
                "url_host_name": [row[0] for row in rows],
                "fetch_status": pa.array([row[1] for row in rows], pa.int16()),
                "fetch_time": [datetime(2024, 2, row[2], 10, tzinfo=UTC) for row in rows],
            }
            if rows:
                pq.write_table(pa.table(table), folder / "part-0.parquet")
    (tmp_path / "panel.csv").write_text("host,rank\none.example,1\n")
    return tmp_path


@pytest.mark.parametrize("engine", ["DuckDB", "Athena"])
def test_what_the_statement_writes_is_read(index, engine):
    connection = duckdb.connect()
    statement = STATEMENTS[engine]
    if engine == "Athena":  # what both engines understand; the names of its tables are made here
        connection.sql("CREATE SCHEMA ccindex")
        files = "'cc-index/table/cc-main/warc/*/*/*.parquet', hive_partitioning = true"
        connection.sql(f"CREATE VIEW ccindex.ccindex AS SELECT * FROM read_parquet({files})")
        connection.sql("CREATE TABLE panel AS SELECT * FROM 'panel.csv'")
        statement = f"COPY ({statement}) TO 'captures.csv' (HEADER)"
    connection.sql(statement)
    rows = sorted(
        (c.host, c.collection, c.first_seen, c.last_seen, c.pages)
        for c in read(index / "captures.csv")
    )
    day = lambda number: str(date(2024, 2, number))  # noqa: E731
    assert rows == [(h, c, day(first), day(last), n) for h, c, first, last, n in FOUND]
