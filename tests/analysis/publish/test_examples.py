"""The examples in DuckDB, pandas, R and Observable give the same counts as the database."""

import csv
import io
import json
import re
import shutil
import subprocess
import sys
from contextlib import closing

import pytest

from analysis.database import open_database
from analysis.publish import export
from tests.factories import database
from tests.paths import ROOT

EXAMPLES = ROOT / "analysis" / "examples"
SHARES = (
    "SELECT wave, agent, sum(root = 'disallowed') AS k, count(*) AS n FROM v_access"
    " WHERE whole GROUP BY 1, 2 ORDER BY 1, 3 DESC, 2"
)


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    """A folder with the table in each format, and what every example has to say of it."""
    pytest.importorskip("pyarrow")
    folder = tmp_path_factory.mktemp("examples")
    database.build(folder / "survey.db")
    with closing(open_database(folder / "survey.db")) as connection:
        for form in export.Format:
            list(export.export(connection, folder, form, names=["v_access"]))
        expected = connection.execute(SHARES).fetchall()
    assert len({k for _, _, k, _ in expected}) > 2
    return folder, [(wave, agent, k, n, round(k / n, 4)) for wave, agent, k, n in expected]


def ran(folder, *command):
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def read(text):
    head, *rows = csv.reader(io.StringIO(text))
    assert head == ["wave", "agent", "k", "n", "share"]
    return [(wave, agent, int(k), int(n), float(share)) for wave, agent, k, n, share in rows]


def test_duckdb(exported, monkeypatch):
    duckdb = pytest.importorskip("duckdb")
    folder, expected = exported
    monkeypatch.chdir(folder)
    assert duckdb.sql((EXAMPLES / "duckdb.sql").read_text("utf-8")).fetchall() == expected


def test_pandas(exported):
    pytest.importorskip("pandas")
    folder, expected = exported
    assert read(ran(folder, sys.executable, EXAMPLES / "with_pandas.py")) == expected


def test_r(exported):
    rscript = shutil.which("Rscript")
    if rscript is None:
        pytest.skip("no Rscript on this machine (Debian: r-base-core)")
    folder, expected = exported
    assert read(ran(folder, rscript, "--vanilla", EXAMPLES / "with_r.R")) == expected


# What Framework gives its pages: a file's text, d3's grouping and order, and a Plot that draws
# nothing. `rollups` and `ascending` are as https://d3js.org/d3-array has them.
GIVEN = """
import {readFile} from "node:fs/promises";
const FileAttachment = (name) => ({text: () => readFile(name, "utf-8")});
const d3 = {
  ascending: (a, b) => (a < b ? -1 : a > b ? 1 : 0),
  rollups: (rows, reduce, key, ...keys) => {
    const groups = new Map();
    for (const row of rows) groups.set(key(row), [...(groups.get(key(row)) ?? []), row]);
    return [...groups].map(([name, group]) =>
      [name, keys.length ? d3.rollups(group, reduce, ...keys) : reduce(group)]);
  }
};
const drawn = [];
const Plot = new Proxy({}, {get: (_, mark) => (data) => drawn.push([mark, data])});
"""


def test_observable(exported):
    node = shutil.which("node")
    if node is None:
        pytest.skip("no node on this machine")
    folder, expected = exported
    page = (EXAMPLES / "observable.md").read_text("utf-8")
    cells = re.findall(r"^```js\n(.*?)^```$", page, re.DOTALL | re.MULTILINE)
    assert len(cells) == 3
    told = "console.log(JSON.stringify({shares, drawn}));"
    script = folder / "page.mjs"
    script.write_text("\n;".join([GIVEN, *cells, told]), "utf-8")
    found = json.loads(ran(folder, node, script))
    rows = [(*(r[name] for name in ("wave", "agent", "k", "n")), round(r["share"], 4))
            for r in found["shares"]]  # fmt: skip
    assert rows == expected
    (dots,) = [data for mark, data in found["drawn"] if mark == "dot"]
    assert [row["agent"] for row in dots] == [agent for _, agent, k, *_ in expected if k]
