"""The report against the database: same numbers, no request, nothing of a site acts."""

import csv
import itertools
import re
import sqlite3
from contextlib import closing
from html.parser import HTMLParser

import pytest
from click.testing import CliRunner
from lxml import html as lxml_html

from analysis.database import AnalysisError, UnknownWaveError, open_database
from analysis.numbers import indicator, summary
from analysis.numbers.questions import parse, questions
from analysis.report import site as report
from analysis.report.evidence import Evidence
from analysis.safe_text import safe_text
from crawler.cli import main
from tests.factories import database
from tests.factories.database import HOSTILE, SITES, WAVE


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    path = tmp_path_factory.mktemp("survey") / "survey.db"
    database.build(path)
    with closing(sqlite3.connect(path)) as db:
        db.execute("UPDATE visits SET detail = ? WHERE visit_id = 4", (HOSTILE,))
        db.execute("UPDATE panel_sites SET stratum = '=news' WHERE stratum = 'news'")
        db.execute("UPDATE panel_sites SET weight = 1 + site_id % 3")
        db.execute(
            "UPDATE panel_sites SET stratum = ? WHERE stratum IS NULL AND site_id = 14", (HOSTILE,)
        )
        # Files that name agents, so that there are distributions to show.
        db.execute(
            "UPDATE judgements SET robots_capture_id = (SELECT c.capture_id FROM captures c"
            " WHERE c.visit_id = judgements.visit_id AND c.resource = '/robots.txt')"
        )
        db.execute(
            "INSERT INTO robots_bodies SELECT 2, c.body_id, j.policy_id, j.robots_state, 1,"
            " 1 + j.visit_id % 5, 'unknown', NULL FROM judgements j"
            " JOIN captures c ON c.capture_id = j.robots_capture_id WHERE j.ruleset = 2"
        )
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
    front, page = read(out / "index.html"), read(out / "numbers.html")
    # Weights 2 3 1 2 3 1 2, 3 1 2 3 1 2 (and 1 not visited), 3: (14 * 4/9 + 13 * 2/10) / 30.
    assert front.xpath("//li[@id='finding-complete']/p")[0].text.startswith(
        "29.4\xa0% of sites keep"
    )
    (weighted,) = front.xpath("//p[@data-headline='weighted']")
    lead = " ".join(weighted.text_content().split())
    assert "Weighted, but not adjusted: 27.3 %" in lead  # 6 of 22
    assert "Of the sites themselves, 4 of 11 (36.4 %; 15.2–64.6 %)" in lead
    assert "the share would be 20.7–44.8 %" in " ".join(front.text_content().split())  # 6, 13 of 29
    (told,) = front.xpath("//p[@data-headline='sensitivity']")
    said = " ".join(told.text_content().split())
    assert "all 8 of the list strict8 that were known on 2026-11-01" in said
    assert "between 36.4 % (without Amazonbot) and 45.5 % (without GPTBot)" in said
    assert "By the list of today (2026-11-22): 4 of 11 (36.4 %)" in said
    ledger = table(page, "What the wave could see")
    for label, definition in (("Attempted", "attempted"), ("Observed", "observed")):
        row = published[definition].row()
        assert ledger[label][:2] == [str(row.k), str(row.n)]
    assert ledger["Not observed"][:2] == ["3", "14"]
    assert ledger["refused (http_403)"][:2] == ["1", "14"]
    agents = table(page, "Sites that disallow the root, per agent of strict8")
    for agent in database.STRICT8:
        (cells,) = (cells for first, cells in agents.items() if first.startswith(agent))
        shown = [
            f"{row.k} of {row.n}"
            for d in ("agent_blocked", "agent_blocked_named", "agent_blocked_star")
            if (row := published[d].row("*", agent))
        ]
        assert cells[3:] == shown
    signals = table(page, "Sites with each signal")
    assert signals["rsl"][3:] == ["0 of 8", "4", "2"]
    use = table(page, "Sites that reserve a use")
    assert use["training, reserved"][3] == "3 of 8"
    strata = table(page, "Main numbers by stratum")
    assert strata["art"][:2] == ["6 of 7", "5 of 6"]


def test_a_wave_before_all_agents_says_so_and_shows_the_rest(path, tmp_path):
    old = tmp_path / "old.db"
    old.write_bytes(path.read_bytes())
    with closing(sqlite3.connect(old)) as db:
        db.execute("UPDATE waves SET started_at = '2020-01-01T00:00:00Z'")
        db.commit()
    with closing(open_database(old)) as db:
        index = read(report.build(db, WAVE, tmp_path / "old", sites=False))
    assert index.xpath("//li[@id='finding-complete']/p")[0].text == "14 sites were visited"
    text = " ".join(index.text_content().split())
    assert "No agent of the list strict8 is certain to have been known on 2020-01-01" in text
    assert "By the list of today (2026-11-22): 4 of 11 (36.4 %)" in text
    numbers = read(tmp_path / "old" / "numbers.html")
    assert table(numbers, "Sites with each signal")["tdmrep_file"][3] == "1 of 9"


def test_bars_say_their_numbers_in_words(out):
    labels = read(out / "numbers.html").xpath("//*[local-name()='svg']/@aria-label")
    assert "6 of 11, 54.5\xa0%, 95 % interval 28.0–78.7\xa0%" in labels


def signals_of(published, definition, key=""):
    return published[definition].row("*", key).k


def test_signals_page_divides_all_judged_sites(out, connection):
    published = summary.run(connection, WAVE)
    shown = table(read(out / "signals.html"), "Sites per signal")
    for signal in database.SIGNALS:
        row = published["signal_share"].row("*", signal)
        present, malformed, absent, measured, *_, unreadable, unasked = shown[signal]
        assert [present, measured] == [str(row.k), str(row.n)]
        assert int(malformed) == signals_of(published, "signal_malformed", signal)
        assert int(unreadable) == signals_of(published, "signal_unmeasured", f"{signal}:unmeasured")
        assert int(unasked) == signals_of(published, "signal_unmeasured", f"{signal}:unasked")
        assert sum(map(int, (present, malformed, absent, unreadable, unasked))) == 14
    assert shown["tdmrep_file"][:4] == ["1", "1", "7", "9"]


def test_conflicts_page_has_a_cell_per_pair_and_purpose(out):
    shown = table(read(out / "conflicts.html"), "Sites per pair")
    assert shown["tdmrep_file"][0] == "tdmrep_header"
    assert shown["tdmrep_file"][1].startswith("1 of 8")
    assert shown["tdmrep_file"][2:] == ["none", "none"]


def read_back(page):
    """Numbers of the tables of one indicator: (stratum, key) -> field -> number."""
    found = {}
    for row in page.xpath("//section[@aria-labelledby='figures']//tr[@data-key]"):
        numbers = found.setdefault((row.get("data-stratum"), row.get("data-key")), {})
        for cell in row.xpath("td[@data-field]"):
            values = cell.get("data-value").split(" ")
            for field, value in zip(cell.get("data-field").split(), values, strict=True):
                numbers[field] = float(value) if value else None
    return found


COMPUTED = [i.name for i in indicator.indicators() if i.sql]
MORE = ("adjusted_share", "weighted_if_none", "weighted_if_all")
FIELDS = {
    "share": {"k", "n", "share", "low", "high", "weighted_share", "weighted_low", "weighted_high",
              "effective_n", "if_none", "if_all", *MORE},
    "distribution": {"n", "p10", "median", "p90", "mean", "weighted_mean"},
    "extreme": {"k", "n", "share", "low", "high", "weighted_share", "weighted_low",
                "weighted_high", "effective_n", "if_none", "if_all", *MORE},
}  # fmt: skip


@pytest.mark.parametrize("name", COMPUTED)
def test_every_figure_of_an_indicator_equals_the_sql(out, connection, name):
    (measured,) = indicator.run(connection, WAVE, [name])
    shown = read_back(read(out / "indicator" / f"{name}.html"))
    assert set(shown) == {(safe_text(row.stratum), row.key) for row in measured.rows}
    for row in measured.rows:
        numbers = shown[safe_text(row.stratum), row.key]
        assert set(numbers) == FIELDS[measured.indicator.kind]
        assert numbers == {field: getattr(row, field) for field in numbers}


@pytest.mark.parametrize("name", COMPUTED)
def test_the_csv_beside_an_indicator_equals_the_sql(out, connection, name):
    (measured,) = indicator.run(connection, WAVE, [name])
    path = out / "indicator" / f"{name}.csv"
    if not measured.rows:
        assert not path.exists()
        return
    with path.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert len(rows) == len(measured.rows)
    for shown, row in zip(rows, measured.rows, strict=True):
        for field in FIELDS[measured.indicator.kind]:
            value = getattr(row, field)
            assert shown[field] == ("" if value is None else str(value))


def test_words_of_a_figure_are_rounded_from_its_number(out):
    cells = read(out / "indicator" / "effective_block.html").xpath("//td[@data-field='share']")
    assert cells
    for cell in cells:
        assert cell.text == f"{100 * float(cell.get('data-value')):.1f}\xa0%"


def test_charts_say_in_words_what_they_draw(out, connection):
    (measured,) = indicator.run(connection, WAVE, ["effective_block"])
    row = next(r for r in measured.rows if (r.stratum, r.key) == ("*", "GPTBot"))
    (svg,) = read(out / "indicator" / "effective_block.html").xpath("//svg[@role='img']")
    assert svg.find("title").text == measured.indicator.title
    words = f"GPTBot blocked: {row.k} of {row.n}, {100 * row.share:.1f}\xa0%"
    assert words in svg.find("desc").text


def test_every_indicator_says_what_it_counts_or_needs(out):
    for chosen in indicator.indicators():
        page = read(out / "indicator" / f"{chosen.name}.html")
        text = " ".join(page.text_content().split())
        sql = (out / "indicator" / f"{chosen.name}.sql").read_text("utf-8")
        assert chosen.question in text
        assert chosen.title == page.find(".//h1").text
        shown = page.xpath("//section[@aria-labelledby='sql']//pre//text()")
        assert chosen.needs.replace("`", "") in text
        if not chosen.sql:
            assert not shown
        else:
            assert shown == [chosen.sql.strip()]
            assert chosen.sql in sql
            assert chosen.caveat.replace("`", "") in text


def test_each_question_has_a_page_with_its_indicators(out):
    links = read(out / "questions.html").xpath("//main//a/@href")
    assert links == [f"question/{question.name}.html" for question in questions()]
    for question, link in zip(questions(), links, strict=True):
        hrefs = read(out / link).xpath("//main//a/@href")
        assert {f"../indicator/{name}.html" for name in question.indicators} <= set(hrefs)


def test_every_indicator_bears_on_a_question():
    asked = {name for question in questions() for name in question.indicators}
    assert {i.name for i in indicator.indicators()} == asked


QUESTION = """
[[question]]
name = "know"
title = "Do they?"
claim = "Yes."
answer = "No."
says = "This."
cannot = "That."
indicators = ["any_signal"]
differs = "Others."
findings = [{ indicator = "any_signal", key = "", says = "{k} of {n}." }]
"""


def test_a_faulty_question_is_named():
    assert parse(QUESTION)[0].indicators == ("any_signal",)
    for faulty in ('["no_such"]', '["any_signal", "any_signal"]', "[]", '"any_signal"'):
        with pytest.raises(ValueError, match="question know: needs known indicators"):
            parse(QUESTION.replace('["any_signal"]', faulty))
    with pytest.raises(ValueError, match=r"question know: findings of .*conflict"):
        parse(QUESTION.replace('indicator = "any_signal"', 'indicator = "conflict_rate"'))
    with pytest.raises(ValueError, match=r"question know: .*\['cannot'\]"):
        parse(QUESTION.replace('cannot = "That."', ""))


def test_method_names_ruleset_panel_and_readers(out):
    text = " ".join(read(out / "method.html").text_content().split())
    for words in ("Ruleset 2 judged it", "agent list of 2026-11-22", "p" * 64, "rfc9309 1",
                  "Observatory/0.1", "15 read, 15 accepted"):  # fmt: skip
        assert words in text


def test_report_without_sites_has_the_same_numbers_and_no_site(path, out, tmp_path):
    with closing(open_database(path)) as db:
        report.build(db, WAVE, tmp_path / "r")
        report.build(db, WAVE, tmp_path / "r", sites=False)
    assert not list((tmp_path / "r").rglob("site*"))
    for page in (tmp_path / "r").rglob("*.html"):
        assert not [link for link in read(page).xpath("//a/@href") if "site" in link]
    for name in ("summary.json", "indicators.json", "question/work.html"):
        alone = (tmp_path / "r" / name).read_text("utf-8")
        together = (out / name).read_text("utf-8")
        assert alone == together.replace('      <a href="../sites.html">Sites</a>\n', "")


def test_no_sites_is_an_option_of_the_command(path, tmp_path):
    arguments = ["report", "--db", str(path), "--wave", WAVE, "--out", str(tmp_path / "r")]
    done = CliRunner().invoke(main, [*arguments, "--no-sites"])
    assert (done.exit_code, done.output) == (0, f"report: {tmp_path / 'r' / 'index.html'}\n")
    assert not (tmp_path / "r" / f"{WAVE}-r2" / "site").exists()
    CliRunner().invoke(main, arguments)
    assert len(list((tmp_path / "r" / f"{WAVE}-r2" / "site").iterdir())) == len(SITES)


def test_indicators_are_measured_inside_a_transaction_of_the_caller(connection):
    connection.execute("BEGIN")
    indicator.run(connection, WAVE, ["any_signal"])
    assert connection.in_transaction
    assert not connection.execute("SELECT name FROM temp.sqlite_master").fetchall()
    connection.execute("ROLLBACK")
    indicator.run(connection, WAVE, ["any_signal"])
    assert not connection.in_transaction


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
    aggregates = 19 + len(questions()) + len(indicator.indicators())
    assert len(pages) == aggregates + len(SITES)
    for path in pages:
        text = path.read_text("utf-8")
        page = lxml_html.fromstring(text)
        assert not page.xpath("//iframe | //object | //img | //style | //@style")
        if path.name == "search.html":
            scripts = page.xpath("//script")
            assert [script.get("src") for script in scripts] == ["sites-index.js", "search.js"]
            assert not any(script.text for script in scripts)
        else:
            assert not page.xpath("//script | //form")
            assert "script-src" not in page.xpath("//meta[@http-equiv]/@content")[0]
        assert page.xpath("//link[@rel='stylesheet']/@href")[0].removeprefix("../") == "style.css"
        assert not re.search(r"\son\w+=", text)
        assert "default-src 'none'" in page.xpath("//meta[@http-equiv]/@content")[0]
        targets = page.xpath("//@href | //@src")
        assert all(re.fullmatch(r"(\.\./)?[\w/-]*\.?\w*(#[\w-]+)?|data:,", t) for t in targets), (
            targets
        )
    for sheet in out.rglob("*.css"):
        assert not re.search(r"url\(|@import|//", sheet.read_text("utf-8"))


def test_links_lead_somewhere(out):
    for path in out.rglob("*.html"):
        for target in read(path).xpath("//a/@href"):
            name, _, anchor = target.partition("#")
            page = (path.parent / name) if name else path
            assert page.is_file(), (path, target)
            if anchor:
                assert f'id="{anchor}"' in page.read_text("utf-8")


def test_hostile_text_is_escaped_and_visible(out):
    counts = {"site/4.html": 1, "site/8.html": 2, "site/14.html": 4, "site/1.html": 2}
    counts |= {"sites.html": 1, "numbers.html": 2, "indicator/any_signal.html": 2}
    for page, count in counts.items():
        text = (out / page).read_text("utf-8")
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


def test_pages_have_landmarks_captions_scopes_and_headings_in_order(out):
    for path in out.rglob("*.html"):
        reader = Accessibility()
        reader.feed(path.read_text("utf-8"))
        assert reader.tables == reader.captions
        assert reader.unscoped == 0
        assert {"header", "nav", "main", "footer", "h1"} <= reader.seen
        page = read(path)
        assert page.xpath("//a[@class='skip']/@href") == ["#main"]
        levels = [int(h.tag[1]) for h in page.xpath("//h1 | //h2 | //h3")]
        assert levels[0] == 1
        assert levels.count(1) == 1
        assert all(after <= before + 1 for before, after in itertools.pairwise(levels))
        ids = page.xpath("//@id")
        assert len(ids) == len(set(ids))
        assert len(page.xpath("//nav[@aria-label='Report']//@aria-current")) == 1


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
    monkeypatch.setattr("analysis.report.evidence.KNOWN_POLICIES", 2)
    evidence = Evidence(connection, WAVE, 2)
    for site in evidence.sites():
        assert len(evidence.decisions(site["policy_id"])) == 8
        assert len(evidence._decisions) <= 2
