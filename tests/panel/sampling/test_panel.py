"""From a population to a panel on disk: draws, weights, the account, and panels compared."""

import csv
import io
import json
import sqlite3
import tomllib
from collections import Counter
from contextlib import closing
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.database import open_database
from crawler.panel import reading as panels
from crawler.panel.exclusions import ExclusionError
from crawler.panel.reading import PanelError
from crawler.panel.sampling import build as building
from crawler.panel.sampling import compare, methodology, redirects
from crawler.panel.sampling.allocation import Method
from crawler.panel.sampling.build import Plan, build
from crawler.panel.sampling.compare import Fault, Group, Move
from crawler.panel.sampling.draw import Design, draw, panel_csv, rejected_csv
from crawler.panel.sampling.frame import Dimension, Place, Rules, Unit
from crawler.panel.sampling.sources import Dropped, Kind
from crawler.registry import sectors
from tests.factories.database import build as build_database
from tests.factories.database import capture_of

EVIL = '=HYPERLINK("http://x.example")'


def units(*sizes):
    return [
        Unit(f"{stratum}{n}.example", f"{stratum}{n}.example", Place.OWN, 1, stratum)
        for stratum, size in sizes
        for n in range(size)
    ]


BY_SECTOR = (Dimension.SECTOR,)


def test_the_first_numbers_of_each_stratum_are_drawn_with_its_weight():
    table, drawn = draw(units(("crafts", 30), ("arts", 10)), Design(1, 8, BY_SECTOR, Method.EQUAL))
    assert [(s.name, s.population, s.drawn, s.weight) for s in table] == [
        ("arts", 10, 4, 2.5), ("crafts", 30, 4, 7.5),
    ]  # fmt: skip
    hosts = [each.unit.host for each in drawn]
    assert hosts == sorted(hosts)
    assert Counter(each.stratum.name for each in drawn) == {"arts": 4, "crafts": 4}


def test_without_a_size_everyone_is_taken():
    table, drawn = draw(units(("arts", 3)), Design(1, by=()))
    assert [(s.name, s.weight) for s in table] == [("all", 1.0)]
    assert len(drawn) == 3


@settings(deadline=None, max_examples=40)
@given(
    st.lists(st.tuples(st.sampled_from("abcd"), st.integers(1, 20)), min_size=1, max_size=4),
    st.integers(8, 40),
    st.sampled_from(Method),
    st.randoms(),
)
def test_weights_add_up_to_the_population_and_order_does_not_count(sizes, sample, method, random):
    population = units(*dict(sizes).items())
    design = Design(3, sample, BY_SECTOR, method)
    _, drawn = draw(population, design)
    text = "".join(panel_csv(drawn))
    rows = list(csv.DictReader(io.StringIO(text)))
    assert len(rows) == min(sample, len(population))
    assert sum(float(row["weight"]) for row in rows) == pytest.approx(len(population))
    random.shuffle(population)
    assert "".join(panel_csv(draw(population, design)[1])) == text


def test_every_site_of_a_stratum_has_the_same_chance():
    population = units(("arts", 10))
    times = Counter(
        each.unit.host
        for seed in range(500)
        for each in draw(population, Design(seed, 4, BY_SECTOR))[1]
    )
    # 200 expected of 500; the standard deviation is 11.
    assert len(times) == 10
    assert all(150 < count < 250 for count in times.values())


def test_a_grown_list_keeps_its_sites():
    before = {each.unit.host for each in draw(units(("arts", 200)), Design(1, 40, BY_SECTOR))[1]}
    after = {each.unit.host for each in draw(units(("arts", 210)), Design(1, 40, BY_SECTOR))[1]}
    assert 30 <= len(before & after) < 40


def test_text_of_an_input_can_neither_act_nor_calculate():
    unit = Unit("k", "a.example", Place.OWN, 2, occupation=EVIL, owner="\x1b[2J", size="@x,\n")
    _, drawn = draw([unit], Design(1, by=(Dimension.SIZE,)))
    (row,) = csv.DictReader(io.StringIO("".join(panel_csv(drawn))))
    assert (row["creator_type"], row["cluster"]) == ("'" + EVIL, r"\x1b[2J")
    assert (row["stratum"], row["note"]) == (r"'@x,\x0a", "2 rows")
    lines = list(rejected_csv([Dropped("-x.csv", 3, Kind.RULE, "+1", "\u202eabc")]))
    assert lines[1] == "'-x.csv,3,rule,'+1,\\u202eabc\n"


# --- the whole way, on disk


LIST = """website,occupation,country,owner,name
https://anna.example/,painter,GB,,Anna
www.anna.example,painter,GB,,Anna
bo.example,poet,IE,,Bo
cy.example,poet,GB,Acme,Cy
di.example,potter,GB,Acme,Di
no.example,potter,GB,,No
not a host,potter,GB,,X
ed.example,beekeeper|<b>,GB,,Ed
far.example,poet,FR,,Far
me.github.io,poet,GB,,Me
"""


def written(tmp_path, text=LIST, name="list.csv"):
    path = tmp_path / name
    path.write_text(text)
    return path


def plan(path, **values):
    rules = Rules(countries=frozenset({"GB", "IE"}), cap=1)
    return Plan(
        **{
            "inputs": (path,),
            "name": "Makers",
            "date": "2026-11-25",
            "rules": rules,
            "design": Design(7, 4, BY_SECTOR, minimum=1),
        }
        | values
    )


@pytest.fixture
def built(tmp_path):
    never = written(tmp_path, ".no.example 2026-11-01 asked\n", "never.txt")
    ranks = written(tmp_path, "5,bo.example\n", "ranks.csv")
    done = build(
        plan(
            written(tmp_path),
            exclude=never,
            ranks=ranks,
            licence="CC0-1.0",
            about="A *list*.",
            redirects={"ed.example": "bo.example"},
        )
    )
    done.write(tmp_path / "out" / "makers.csv")
    return done


def test_the_panel_is_what_the_survey_reads(tmp_path, built):
    panel = panels.read(tmp_path / "out" / "makers.csv", strict=True)
    assert (panel.name, panel.sha256) == ("Makers", built.account.sha256)
    assert (panel.metadata.licence, panel.metadata.date) == ("CC0-1.0", "2026-11-25")
    assert panel.metadata.inclusion_rules == " ".join(built.account.rules.written())
    assert compare.faults(panel) == []
    assert panel.duplicates == ()
    assert sum(site.weight for site in panel.sites) == pytest.approx(built.account.population)
    assert not (tmp_path / "out" / "makers.csv").read_text().count("Anna")
    assert {s.host: s.rank for s in panel.sites}.get("bo.example", 5) == 5


def test_every_row_is_in_the_population_or_in_the_list_of_the_dropped(tmp_path, built):
    account = built.account
    assert (account.rows, account.population, account.drawn) == (10, 4, 4)
    text = (tmp_path / "out" / "makers.rejected.csv").read_text()
    rows = list(csv.DictReader(io.StringIO(text)))
    assert len(rows) == account.rows - account.population
    assert {(row["line"], row["kind"]) for row in rows} >= {
        ("3", "duplicate"), ("7", "excluded"), ("8", "unreadable"), ("9", "duplicate"),
        ("10", "rule"),
    }  # fmt: skip
    assert account.dropped == {
        Kind.UNREADABLE: 1, Kind.EXCLUDED: 1, Kind.DUPLICATE: 2, Kind.RULE: 1, Kind.CAP: 1,
    }  # fmt: skip
    assert account.reasons[Kind.RULE, "country: FR"] == 1
    assert Kind.CAP not in {kind for kind, _ in account.reasons}


def test_the_account_says_how_it_was_done(tmp_path, built):
    text = (tmp_path / "out" / "makers.methodology.md").read_text()
    for words in (
        "# How the panel “Makers” was drawn",
        "What it is drawn from: A \\*list\\*.",
        "4 sites were drawn from a population of 4, on 2026-11-25",
        f"| panel, sha256 | {built.account.sha256} |",
        "| seed | 7 |",
        "| list.csv | 10 |",
        "| do not survey | never.txt |",
        "| ranks | ranks.csv |",
        "| redirects | 1 redirects of an earlier survey |",
        "- The country is one of: GB, IE.",
        "| beekeeper\\|\\<b\\> | 1 |",
        "| rule | country: FR | 1 |",
        "| left: the population | 4 |",
        "square root of its size (Bankier 1988)",
        "(unverified)",
    ):
        assert words in text, words
    for source in built.account.sources:
        assert source.sha256 in text


def test_the_account_is_also_plain_values(built):
    told = json.loads(json.dumps(methodology.as_json(built.account), allow_nan=False))
    assert told["dropped"]["duplicate"] == 2
    assert sum(s["population"] for s in told["strata"]) == told["population"] == 4
    assert sum(s["drawn"] * s["weight"] for s in told["strata"]) == pytest.approx(4)
    assert told["inputs"][0]["unmapped"] == {"beekeeper|<b>": 1}


def test_unread_countries_and_every_row_are_accounted_for(tmp_path):
    rows = "url,country\na.example,Britain\nwww.a.example,\nb.example,🇬🇧\nco.uk,GB\nbit.ly/x,\n"
    rows += '"c.example d.example x",\nhttps://web.archive.org/web/2015/http://b.example/,\n'
    done = build(plan(written(tmp_path, rows), rules=Rules(), design=Design(1, by=())))
    account = done.account
    assert account.rows == account.population + len(done.dropped) == 4 + 5
    assert account.dropped == {Kind.UNREADABLE: 3, Kind.DUPLICATE: 2}
    text = methodology.markdown(account)
    assert "Rows whose country could not be read, and is unknown:" in text
    assert "| country is not two letters (ISO 3166-1): correct it or leave it empty | 1 |" in text


def test_a_short_account(tmp_path):
    done = build(plan(written(tmp_path, "a.example\n"), rules=Rules(), design=Design(1, by=())))
    text = methodology.markdown(done.account)
    assert "Stratified by nothing. Everyone was taken." in text
    assert "Words that the table" not in text
    assert "By reason" not in text
    assert "licence of the panel | not said" in text
    told = tomllib.loads(methodology.meta_toml(done.account))
    assert told.keys() == {"name", "source", "inclusion_rules", "date", "notes"}


def test_many_reasons_are_cut_and_counted(tmp_path, monkeypatch):
    monkeypatch.setattr(methodology, "MOST_REASONS", 2)
    rows = "".join(f"{code.lower()}.example,{code}\n" for code in ("GB", "FR", "DE", "IT", "ES"))
    text = methodology.markdown(build(plan(written(tmp_path, f"host,country\n{rows}"))).account)
    assert "| rule | country: DE | 1 |\n| rule | country: ES | 1 |\n" in text
    assert "country: FR" not in text
    assert "And 2 reasons more." in text


@settings(deadline=None, max_examples=40)
@given(st.text(max_size=30))
def test_any_text_survives_the_metadata(text):
    account = methodology.Account(
        text, "2026-11-25", text, text, "s", "d", "0" * 64, (), (), Rules(), Design(1),
        sectors.load(), (), {}, {},
    )  # fmt: skip
    told = tomllib.loads(methodology.meta_toml(account))
    assert told.get("name", "") == methodology.safe_text(text)


def test_same_seed_and_rows_in_any_order_and_files_give_the_same_bytes(tmp_path):
    head, *rows = LIST.splitlines(keepends=True)
    one = "".join(panel_csv(build(plan(written(tmp_path))).drawn))
    first = written(tmp_path, head + "".join(rows[:4]), "z.csv")
    second = written(tmp_path, head + "".join(reversed(rows[4:])), "a.csv")
    assert "".join(panel_csv(build(plan(first, inputs=(first, second))).drawn)) == one
    others = {
        "".join(panel_csv(build(plan(first, inputs=(first, second), design=Design(
            seed, 3, (), minimum=1))).drawn)) for seed in range(9)
    }  # fmt: skip
    assert len(others) > 2


def test_expected_shares_move_the_sample(tmp_path):
    path = written(tmp_path, "host,sector\n" + "".join(
        f"{s}{n}.example,{s}\n" for s in ("arts", "crafts") for n in range(50)
    ))  # fmt: skip
    shares = written(tmp_path, "stratum,share\narts,0.5\ncrafts,0.02\n", "shares.csv")
    design = Design(1, 32, BY_SECTOR, Method.NEYMAN)
    account = build(plan(path, rules=Rules(), design=design, expected=shares)).account
    # 0.5 to 0.14 in standard deviations
    assert [(s.name, s.drawn) for s in account.strata] == [("arts", 25), ("crafts", 7)]
    text = methodology.markdown(account)
    assert "| crafts | 50 | 7 | 7.143 | 0.02 |" in text
    assert "| expected shares | shares.csv |" in text
    design = Design(1, 32, BY_SECTOR, Method.NEYMAN, expected={"arts": Fraction(1, 2)})
    assert "| 0.5 |" in methodology.markdown(
        build(plan(path, rules=Rules(), design=design)).account
    )
    shares.write_text("stratum,share\nartz,0.5\n")
    with pytest.raises(PanelError, match=r"shares.csv: no stratum 'artz'; there are: arts; crafts"):
        build(plan(path, rules=Rules(), design=design, expected=shares))


def test_nothing_left_is_refused_with_the_first_reason(tmp_path):
    path = written(tmp_path, "host,country\na.example,FR\n")
    with pytest.raises(PanelError, match=r"none of 1 rows is left; .* list.csv:2: country: FR"):
        build(plan(path))


def test_a_published_panel_is_not_overwritten(tmp_path, built):
    out = tmp_path / "out" / "makers.csv"
    out.unlink()
    with pytest.raises(PanelError, match=r"makers.meta.toml: is there already"):
        built.write(out)
    assert not out.exists()


def test_a_faulty_list_of_exclusions_is_refused(tmp_path):
    with pytest.raises(ExclusionError):
        build(plan(written(tmp_path), exclude=written(tmp_path, "x\n", "never.txt")))


def test_redirects_come_from_the_last_answer_of_an_earlier_survey(tmp_path):
    path = tmp_path / "survey.db"
    build_database(path)
    with closing(sqlite3.connect(path)) as db, db:
        for host, url in (
            ("n1", "https://WWW.b.example/x"),
            ("n2", "https://127.0.0.1/"),
            ("n3", "https://elsewhere.example/"),
        ):
            change = "UPDATE captures SET final_url = ? WHERE capture_id = ?"
            db.execute(change, (url, capture_of(db, host, "/")))
        later = "UPDATE captures SET resource = '/', fetched_at = '2026-12' WHERE capture_id = ?"
        db.execute(later, (capture_of(db, "n3", "/.well-known/tdmrep.json"),))
    with closing(open_database(path)) as connection:
        assert redirects.read(connection) == {"n1.example": "www.b.example"}


# --- panels that exist


def read(tmp_path, text, name="panel.csv", meta=None):
    path = written(tmp_path, text, name)
    if meta is not None:
        path.with_suffix(".meta.toml").write_text(meta)
    return panels.read(path)


META = 'source = "s"\nlicence = "l"\ninclusion_rules = "r"\n'


def test_a_panel_is_described_by_all_that_it_says(tmp_path):
    found = compare.describe(
        read(
            tmp_path,
            "host,stratum,sector,country,weight\n"
            "a.example,arts,arts,GB,1\nb.example,arts,arts,,1\nwww.b.example,,crafts,GB,4\n",
        )
    )
    assert (found.sites, found.domains, found.population) == (3, 2, 6)
    assert found.effective == pytest.approx(36 / 18)
    assert found.strata == (Group(None, 1, 4), Group("arts", 2, 2))
    assert found.counts["sector"] == {"arts": 2, "crafts": 1}
    assert list(found.counts["country"].items()) == [("GB", 2), (None, 1)]


def test_a_panel_without_all_weights_has_no_population(tmp_path):
    found = compare.describe(read(tmp_path, "host,weight\na.example,1\nb.example,\n"))
    assert (found.population, found.effective, found.strata[0].weights) == (None, None, None)


def test_a_fit_panel_has_no_fault(tmp_path):
    assert compare.faults(read(tmp_path, "a.example\nb.example\n", meta=META)) == []


def test_faults_are_told_by_line(tmp_path):
    panel = read(
        tmp_path,
        "host,stratum,weight\na.example,x,1\nwww.a.example,x,2\nbad host,x,1\na.example,x,1\n"
        "b.example,x,\nno.example,y,3\n",
        meta=META.replace('licence = "l"\n', ""),
    )
    excluded = {"no.example": "asked us"}.get
    assert compare.faults(panel, excluded) == [
        Fault(None, "the metadata beside the panel does not say its licence"),
        Fault(3, "www.a.example: a.example is already on line 2"),
        Fault(4, "a character or hyphen that no host name may have there: correct the name"),
        Fault(5, "a.example: already on line 2"),
        Fault(6, "b.example: no weight, though others have one"),
        Fault(7, "no.example: on the do-not-survey list: asked us"),
    ]


def test_a_drawn_panel_that_was_edited_is_found_out(tmp_path, built):
    path = tmp_path / "out" / "makers.csv"
    text = path.read_text()
    first = text.splitlines()[1]
    path.write_text(text + first.replace(first.split(",")[0], "zz.example").replace("1.0", "9.0"))
    (whole, line) = compare.faults(panels.read(path))
    assert whole == Fault(None, "changed since it was drawn: its sha256 is not the noted one")
    assert line.problem.startswith("zz.example: not the weight of its stratum (1, line 2)")


def test_two_panels_differ_by_site_stratum_and_weight(tmp_path):
    before = read(
        tmp_path,
        "host,stratum,weight\na.example,x,1\nb.example,x,2\nc.example,x,2\nd.example,,\n",
        "1.csv",
    )
    after = read(
        tmp_path,
        "host,stratum,weight\nb.example,y,3\nc.example,x,2.0000001\nd.example,,1\ne.example,x,1\n",
        "2.csv",
    )
    found = compare.difference(before, after)
    assert (found.added, found.removed, found.same) == (("e.example",), ("a.example",), 1)
    assert found.moved == (Move("b.example", "x", "y"),)
    assert found.weighed == (Move("b.example", 2, 3), Move("d.example", None, 1))
    assert compare.difference(before, before) == compare.Difference((), (), (), (), 4)


def test_nothing_changes_between_a_panel_and_the_same_draw(tmp_path, built):
    path = tmp_path / "out" / "makers.csv"
    again = tmp_path / "again.csv"
    building.Built(built.account, built.drawn, built.dropped).write(again)
    assert again.read_bytes() == path.read_bytes()
    assert compare.difference(panels.read(path), panels.read(again)).same == 4
