"""Every notebook runs from top to bottom on the demo survey, into pages that need no network."""

import ast
import re
import subprocess
import sys
from contextlib import closing

import pandas as pd
import pytest
from lxml import html as lxml_html

from analysis.database import AnalysisError, open_database
from analysis.notebooks.run import notebooks
from analysis.notebooks.show import frame, load, table
from analysis.numbers import summary
from tests.paths import ROOT

NAMES = ["1_load_and_look", "2_figure", "3_strata", "4_two_waves", "5_own_definition",
         "6_own_agents", "7_practicality", "8_published_studies", "9_too_late"]  # fmt: skip
FILES = {path.stem: path.read_text("utf-8") for path in notebooks()}


@pytest.fixture(scope="module")
def pages(two_months, tmp_path_factory):
    out = tmp_path_factory.mktemp("notebooks")
    subprocess.run(
        [sys.executable, "-m", "analysis.notebooks.run", "--db", two_months / "survey.db",
         "--out", out],
        check=True,
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
    )  # fmt: skip
    return {page.stem: page.read_text("utf-8") for page in out.iterdir()}


def test_all_are_run_and_show_results(pages):
    assert sorted(pages) == NAMES
    for text in pages.values():
        page = lxml_html.fromstring(text)
        assert page.xpath("//table//td")
        assert not page.xpath("//*[contains(@class, 'output_error')]")


def test_pages_ask_nobody_for_anything(pages):
    for text in pages.values():
        page = lxml_html.fromstring(text)
        assert not page.xpath("//script | //link | //img | //iframe")
        assert all(target.startswith("#") for target in page.xpath("//@href | //@src"))
        assert "default-src 'none'" in page.xpath("//meta[@http-equiv]/@content")[0]


def test_the_changes_of_the_second_month_are_shown(pages):
    assert "hallmoor-gazette.example" in pages["4_two_waves"]
    assert "demo -&gt; demo-2" in pages["4_two_waves"]


def test_the_figures_are_drawings_with_words_beside_them(pages):
    for name in ("2_figure", "6_own_agents"):
        (shown,) = lxml_html.fromstring(pages[name]).xpath("//figure[@role = 'img']")
        assert len(shown.get("aria-label")) > 20
        assert shown.xpath(".//*[local-name() = 'svg']")


def test_the_caption_has_the_published_counts(pages, two_months):
    with closing(open_database(two_months / "survey.db")) as connection:
        rows = summary.run(connection, "demo-2")["agent_blocked"].rows
    counts = [f"{row.key} {row.k}/{row.n}" for row in rows if row.stratum == "*"]
    assert len(counts) == 8
    assert all(count in pages["2_figure"] for count in counts)


def test_one_wave_is_enough(demo):
    """Every notebook runs on the database of a first wave, where nothing can be compared yet."""
    for path in notebooks():
        done = subprocess.run(
            [sys.executable, path], check=False, cwd=ROOT, capture_output=True, text=True,
            env={"OPTOUT_DB": str(demo / "survey.db"), "PYTHONPATH": str(ROOT)},
        )  # fmt: skip
        assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("name", NAMES)
def test_each_opens_with_what_it_answers(name):
    opening = FILES[name].split("# %%")[1]
    assert re.match(r" \[markdown\]\n# # .+\n#\n# \*\*Answers:\*\* [^?]+\?", opening)


@pytest.mark.parametrize("name", NAMES)
def test_none_holds_sql_or_a_threshold(name):
    assert not re.search(r"\b(SELECT|GROUP BY|ORDER BY|WHERE)\b", FILES[name])
    for node in ast.walk(ast.parse(FILES[name])):
        if isinstance(node, ast.Compare):
            sides = [node.left, *node.comparators]
            numbers = [s.value for s in sides if isinstance(s, ast.Constant)]
            assert not [n for n in numbers if isinstance(n, int | float)], ast.unparse(node)


def test_what_a_site_wrote_is_shown_as_text():
    shown = table(pd.DataFrame({"a": ["<b>\x1b[31m", None], "b": [0.12345, None]}))._repr_html_()
    assert "<td>&lt;b&gt;\\x1b[31m</td>" in shown
    assert "<td>–</td>" in shown
    assert "<td>0.123</td>" in shown


def test_a_view_is_loaded_whole_or_in_part_and_nothing_else(demo):
    with closing(open_database(demo / "survey.db")) as connection:
        count = "SELECT count(*) FROM v_visits"
        assert len(load(connection, "v_visits")) == connection.execute(count).fetchone()[0]
        some = load(connection, "v_visits", wave="demo", outcome="absent")
        assert len(some) == connection.execute(f"{count} WHERE outcome = 'absent'").fetchone()[0]
        for name, equal in (("v_nothing", {}), ("bodies; --", {}), ("v_visits", {"1 OR 1": 1})):
            with pytest.raises(AnalysisError, match=r"no table|has no column"):
                load(connection, name, **equal)
        rows = summary.run(connection, "demo")["agent_blocked"].rows
        assert list(frame(rows).k) == [row.k for row in rows]
