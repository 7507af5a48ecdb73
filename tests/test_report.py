"""The report against the database: same numbers, no request, nothing of a site acts."""

import csv
import re
import sqlite3
from contextlib import closing
from html.parser import HTMLParser

import pytest
from lxml import html as lxml_html

from analysis import report, summary
from analysis.database import AnalysisError, UnknownWaveError, open_database
from analysis.evidence import Evidence
from tests import factory_db
from tests.factory_db import HOSTILE, SITES, WAVE


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    path = tmp_path_factory.mktemp("survey") / "survey.db"
    factory_db.build(path)
    with closing(sqlite3.connect(path)) as db:
        db.execute("UPDATE visits SET detail = ? WHERE visit_id = 4", (HOSTILE,))
        db.execute("UPDATE panel_sites SET stratum = '=news' WHERE stratum = 'news'")
        db.commit()
    return path


@pytest.fixture(scope="module")
def out(path, tmp_path_factory):
    out = tmp_path_factory.mktemp("report") / "out"
    with closing(open_database(path)) as db:
        assert report.build(db, WAVE, out) == out / "index.html"
    return out


@pytest.fixture
def connection(path):
    with closing(open_database(path)) as connection:
        yield connection


def read(page):
    return lxml_html.fromstring(page.read_text("utf-8"))


def table(page, caption):
    """Rows of the table whose caption starts so: first cell -> texts of the others."""
    (found,) = (
        t for t in page.iter("table") if t.find("caption").text_content().startswith(caption)
    )
    rows = ([" ".join(c.text_content().split()) for c in row] for row in found.iter("tr"))
    return {first: rest for first, *rest in rows}


def test_index_shows_the_numbers_of_the_sql(out, connection):
    published = summary.run(connection, WAVE)
    page = read(out / "index.html")
    assert page.find(".//h1").text_content().startswith("4 of 11 sites (36.4\xa0%)")
    ledger = table(page, "What the wave could see")
    for label, definition in (("Attempted", "attempted"), ("Observed", "observed")):
        row = published[definition].row()
        assert ledger[label][:2] == [str(row.k), str(row.n)]
    assert ledger["Not observed"][:2] == ["3", "14"]
    assert ledger["denied: http 403"][:2] == ["1", "14"]
    agents = table(page, "Sites that disallow the root, per agent of strict8")
    for agent in factory_db.STRICT8:
        (cells,) = (cells for first, cells in agents.items() if first.startswith(agent))
        shown = [
            f"{row.k} of {row.n}"
            for d in ("agent_blocked", "agent_blocked_named", "agent_blocked_star")
            if (row := published[d].row("*", agent))
        ]
        assert cells[3:] == shown
    signals = table(page, "Sites with each signal")
    assert signals["rsl"][3:] == ["2 of 10", "3", "1"]
    use = table(page, "Sites that reserve a use")
    assert use["train, reserved"][3] == "3 of 8"
    strata = table(page, "Main numbers by stratum")
    assert strata["art"][:2] == ["6 of 7", "5 of 6"]


def test_bars_say_their_numbers_in_words(out):
    labels = read(out / "index.html").xpath("//*[local-name()='svg']/@aria-label")
    assert "6 of 11, 54.5\xa0%, 95 % interval 28.0–78.7\xa0%" in labels


def test_every_site_has_a_line_and_a_page(out):
    links = read(out / "sites.html").xpath("//tbody//a/@href")
    assert sorted(links) == sorted(f"site/{n}.html" for n in range(1, len(SITES) + 1))
    assert all((out / link).is_file() for link in links)
    with (out / "csv" / "sites.csv").open(encoding="utf-8", newline="") as stream:
        rows = {row["host"]: row for row in csv.DictReader(stream)}
    assert len(rows) == len(SITES)
    a1 = rows["a1.example"]
    assert (a1["strict8_blocked"], a1["strict8_measured"], a1["train"]) == ("7", "8", "disallowed")
    # Cut off, but what was read speaks; refused, so silence is no statement.
    assert (rows["a2.example"]["train"], rows["a2.example"]["search"]) == (
        "disallowed",
        "unmeasured",
    )
    assert rows["n4.example"]["train"] == "unmeasured"
    assert rows["n1.example"]["train"] == "unstated"
    assert rows["n1.example"]["stratum"] == "'=news"


def test_site_page_shows_rule_line_quote_and_capture(out):
    page = read(out / "site" / "8.html")
    access = table(page, "What robots.txt answers")
    assert access["GPTBot"] == ["allowed", "none", "own", "allow_root", "8", "Allow: /"]
    assert access["CCBot"] == ["disallowed", "all", "star", "disallow_root", "2", "Disallow: /"]
    verdicts = table(page, "Per purpose")
    assert verdicts["train"] == ["disallowed", "disallowed", "disallowed_wins", "yes"]
    captures = table(page, "Every request")
    home = captures["https://a1.example/"]
    assert home[0] == "200"
    assert home[1] == "301 http://a.example/ → https://b.example/"
    assert len(home[4]) == 64
    assert "cmd|1" in table(page, "What the signals say")["tdmrep_header"][5]
    assert table(page, "Two sources")["train"][1].startswith("tdmrep_file")
    assert table(read(out / "site" / "14.html"), "Faults")["tdmrep_file"][0] == "json_syntax"
    assert "not complete" in read(out / "site" / "4.html").text_content()
    superseded = table(read(out / "site" / "1.html"), "Every request")["https://n1.example/"]
    assert superseded[0] == "tls failure, superseded"


def test_no_page_has_script_or_asks_anybody_for_anything(out):
    pages = list(out.rglob("*.html"))
    assert len(pages) == 2 + len(SITES)
    for path in pages:
        text = path.read_text("utf-8")
        page = lxml_html.fromstring(text)
        assert not page.xpath("//script | //iframe | //object | //img | //form")
        assert not re.search(r"\son\w+=", text)
        assert "default-src 'none'" in page.xpath("//meta[@http-equiv]/@content")[0]
        targets = page.xpath("//@href | //@src")
        assert all(re.fullmatch(r"(\.\./)?[\w/-]*\.?\w*(#\w+)?|data:,", t) for t in targets), (
            targets
        )
        assert "url(" not in text
        assert "@import" not in text


def test_links_lead_somewhere(out):
    for path in out.rglob("*.html"):
        for target in read(path).xpath("//a/@href"):
            name, _, anchor = target.partition("#")
            page = (path.parent / name) if name else path
            assert page.is_file(), (path, target)
            if anchor:
                assert f'id="{anchor}"' in page.read_text("utf-8")


def test_hostile_text_is_escaped_and_visible(out):
    for page, count in (("4.html", 1), ("8.html", 2), ("14.html", 3), ("1.html", 2)):
        text = (out / "site" / page).read_text("utf-8")
        assert (
            text.count("&lt;script&gt;alert(&#34;x&#34;)&lt;/script&gt;\\x1b[31m\\u202e=cmd|1")
            == count
        )
        assert "\x1b" not in text
        assert "\u202e" not in text


class Accessibility(HTMLParser):
    def __init__(self):
        super().__init__()
        self.tables = self.captions = self.unscoped = 0
        self.seen = set()

    def handle_starttag(self, tag, attrs):
        attributes = dict(attrs)
        self.seen.add(tag)
        self.tables += tag == "table"
        self.captions += tag == "caption"
        self.unscoped += tag == "th" and "scope" not in attributes
        if tag == "html":
            assert attributes["lang"] == "en"


@pytest.mark.parametrize("name", ["index.html", "sites.html", "site/8.html"])
def test_pages_have_landmarks_captions_and_scopes(out, name):
    reader = Accessibility()
    reader.feed((out / name).read_text("utf-8"))
    assert reader.tables == reader.captions > 0
    assert reader.unscoped == 0
    assert {"header", "nav", "main", "footer", "h1"} <= reader.seen


def test_every_number_lies_beside_its_sql_and_csv(out):
    for number in summary.numbers():
        assert (out / "sql" / f"{number.definition}.sql").read_text("utf-8") == number.sql
        assert (out / "csv" / f"{number.definition}.csv").is_file()


def test_list_of_sites_is_split_into_pages(path, tmp_path, monkeypatch):
    monkeypatch.setattr(report, "SITES_PER_PAGE", 7)
    with closing(open_database(path)) as db:
        report.build(db, WAVE, tmp_path / "r")
    assert read(tmp_path / "r" / "sites.html").xpath("//a[@rel='next']/@href")[0] == "sites-2.html"
    assert read(tmp_path / "r" / "sites-2.html").xpath("//a[@rel='prev']/@href")[0] == "sites.html"
    assert not (tmp_path / "r" / "sites-3.html").exists()


def test_report_replaces_an_earlier_report_and_nothing_else(path, tmp_path):
    with closing(open_database(path)) as db:
        report.build(db, WAVE, tmp_path / "r")
        report.build(db, "2026-12", tmp_path / "r")
        assert [p.name for p in (tmp_path / "r" / "site").iterdir()] == ["1.html"]
        assert "none is judged yet" in (tmp_path / "r" / "index.html").read_text("utf-8")
        (tmp_path / "thesis").mkdir()
        (tmp_path / "thesis" / "index.html").write_text("mine")
        with pytest.raises(AnalysisError, match="not a report"):
            report.build(db, WAVE, tmp_path / "thesis")
        with pytest.raises(AnalysisError, match="a file"):
            report.build(db, WAVE, tmp_path / "thesis" / "index.html")
        with pytest.raises(UnknownWaveError):
            report.build(db, "1999", tmp_path / "new")
    assert not (tmp_path / "new").exists()


def test_robots_decisions_are_kept_in_bounded_memory(connection, monkeypatch):
    monkeypatch.setattr("analysis.evidence.KNOWN_POLICIES", 2)
    evidence = Evidence(connection, WAVE, 2)
    for site in evidence.sites():
        assert len(evidence.decisions(site["policy_id"])) == 8
        assert len(evidence._decisions) <= 2
