"""Shards of a panel: one domain in one part, and merged parts equal the whole survey."""

import inspect
import json
import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from crawler.cli import main
from crawler.demo.server import serve_sites
from crawler.demo.web import Answer, Behaviour
from crawler.panel import reading
from crawler.panel.shards import Shard, place
from crawler.store import judgement
from crawler.store.database import StoreError, writing
from crawler.store.forget import forget
from crawler.store.join import check_part
from tests.factories import works
from tests.paths import ROOT
from tests.wave.test_resume import HTML, TEXT, Farm, site

BLOCK = b"User-agent: GPTBot\nDisallow: /\nContent-Signal: ai-train=no\n"
OPPOSED = (
    b"User-agent: *\nContent-Signal: ai-train=yes\nDisalow: /\nDisallow: /x\n"
    b"User-agent: CCBot\nDisalow: /\n"
)
RESERVED = (("TDM-Reservation", "1"), ("Content-Type", "text/html"))


def _answers(robots=BLOCK, headers=HTML):
    page = b'<meta http-equiv=refresh content=300><a href="/x/y">'
    return (Answer("/robots.txt", 200, TEXT, robots), Answer("/", 200, headers, page))


WORKS = (
    Answer("/", 200, HTML, b"<img src=/uploads/a-30x20.gif>"),
    Answer("/uploads/a-30x20.gif", 200, (), works.gif()),
    Answer("/uploads/a.gif", 200, (), works.gif(works.gif_xmp(works.XMP))),
)
SITES = [
    *(site(f"plain{n}.test") for n in range(6)),
    *(site(f"block{n}.test", answers=_answers()) for n in range(4)),
    *(site(f"tdm{n}.test", answers=_answers(OPPOSED, RESERVED)) for n in range(2)),
    site("a.family.test"),
    site("b.family.test", answers=(_answers()[0], *WORKS)),
    site("down.test", answers=(Answer("/robots.txt", 503),)),
    site("gone.test", behaviour=Behaviour.REFUSE),
    site("excluded.test"),
]


# The cut ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("domain", "of", "expected"),
    [
        ("a.example", 1, 1),
        ("a.example", 2, 1),
        ("b.example", 7, 7),
        ("xn--bcher-kva.example", 7, 4),
    ],
)
def test_the_place_of_a_domain_never_changes(domain, of, expected):
    """Worked out apart: printf %s DOMAIN | sha256sum, its first 16 digits modulo `of`, plus 1."""
    assert place(domain, of) == expected


@given(st.integers(1, 9999), st.text(max_size=63))
def test_every_domain_is_in_exactly_one_part(of, domain):
    domain = domain.encode("utf-8", "replace").decode()
    assert 1 <= place(domain, of) <= of


@pytest.mark.parametrize(
    "text", ["", "0/2", "3/2", "1", "1/", "a/b", "1/2/3", "-1/2", "01/2", "1/0"]
)
def test_what_is_no_shard_is_refused(text):
    with pytest.raises(ValueError, match="is no shard"):
        Shard.parse(text)


def test_parts_are_the_panel_and_a_domain_is_in_one_of_them(tmp_path):
    file = tmp_path / "p.csv"
    hosts = [f"{name}.site{n}.example" for n in range(30) for name in ("a", "www")]
    file.write_text("host\n" + "\n".join([*hosts, hosts[0], "not a host"]))
    whole = reading.read(file)
    parts = [Shard(n, 4).part(whole) for n in range(1, 5)]
    assert sorted(s.host for part in parts for s in part.sites) == sorted(hosts)
    domains = [{s.registrable_domain for s in part.sites} for part in parts]
    assert sum(map(len, domains)) == 30
    assert min(map(len, domains)) > 0
    for part in parts:
        assert part.sha256 == whole.sha256
        assert part.rows_read == len(part.sites) + 2


def test_a_host_without_a_registrable_domain_is_its_own_whatever_its_port():
    assert Shard(place("co.uk", 9), 9).holds("co.uk:8080", None)


# One survey, whole and in parts -------------------------------------------------


@pytest.fixture(scope="module")
def surveyed(tmp_path_factory):
    """A folder with whole.db, s1.db and s2.db, surveyed over real sockets."""
    folder = tmp_path_factory.mktemp("shards")
    with serve_sites(SITES) as server:
        farm = Farm(server, folder)
        (folder / "not.txt").write_text("excluded.test 2026-11-01 asked\n")
        more = ["--delay", "0", "--seed", "3", "--quiet", "--max-unmeasured", "1"]
        more += ["--do-not-survey", str(folder / "not.txt"), "--retry-pauses", "0.1"]
        runs = [
            subprocess.Popen(
                # What a shard's own judgement says is not merged.
                [w for w in farm.command(db, *more, *part) if part or w != "--no-judge"],
                cwd=ROOT,
                stderr=subprocess.PIPE,
                text=True,
            )
            for db, part in (
                ("whole.db", ()),
                ("s1.db", ("--shard", "1/2")),
                ("s2.db", ("--shard", "2/2")),
            )
        ]
        for run in runs:
            _, errors = run.communicate(timeout=120)
            assert run.returncode == 0, errors
    return folder


@pytest.fixture
def folder(surveyed, tmp_path):
    """Copies to write to."""
    for file in surveyed.glob("*.db*"):
        shutil.copy(file, tmp_path)
    return tmp_path


def merge(folder, *names, into="all.db", more=("--no-judge",)):
    files = [str(folder / name) for name in names]
    return CliRunner().invoke(main, ["merge", *files, "--into", str(folder / into), *more])


# What differs between two runs of one and the same survey.
TIMES = re.compile(
    r".*_at|elapsed|first_byte|waited|shortest_gap|attempt_seconds|version|applied_at"
)
IDS = {
    "panel_id": "SELECT sha256 FROM panels WHERE panel_id = ?",
    "site_id": "SELECT host FROM sites WHERE site_id = ?",
    "wave_id": "SELECT name FROM waves WHERE wave_id = ?",
    "visit_id": "SELECT host FROM visits JOIN sites USING (site_id) WHERE visit_id = ?",
    "body_id": "SELECT sha256 FROM bodies WHERE body_id = ?",
    "headers_id": "SELECT sha256 FROM headers WHERE headers_id = ?",
    "policy_id": "SELECT digest FROM robots_policies WHERE policy_id = ?",
    "use_policy_id": "SELECT digest FROM use_policies WHERE use_policy_id = ?",
    "capture_id": "SELECT host || seq FROM captures JOIN visits USING (visit_id)"
    " JOIN sites USING (site_id) WHERE capture_id = ?",
}
IDS["robots_capture_id"] = IDS["origin_capture_id"] = IDS["capture_id"]


def dump(path):
    """Every row of every table, with names for ids and without times."""
    with closing(sqlite3.connect(path)) as db:
        names = [
            row[0]
            for row in db.execute(
                "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'"
                " AND name NOT LIKE '\\_%' ESCAPE '\\'"
            )
        ]
        return {name: sorted(_rows(db, name), key=repr) for name in names}


FACTS = (
    "panels", "panel_rejections", "sites", "panel_sites", "waves", "visits", "attempts",
    "exclusions", "tombstones", "bodies", "headers", "captures", "attempt_captures",
    "public_captures", "corpus_users", "studies", "probes", "compliance_rates",
)  # fmt: skip


def facts(path):
    """What a merge copies; the rest is judged anew."""
    return {name: rows for name, rows in dump(path).items() if name in FACTS}


def _rows(db, table):
    cursor = db.execute(f"SELECT * FROM {table}")
    names = [column[0] for column in cursor.description]
    for row in cursor.fetchall():
        yield {
            name: _named(db, name, value)
            for name, value in zip(names, row, strict=True)
            # The digest of a judged wave is over the ids of its visits.
            if not TIMES.fullmatch(name) and (table, name) != ("judged_waves", "digest")
        }


def _named(db, name, value):
    if name in IDS and value is not None:
        return db.execute(IDS[name], (value,)).fetchone()[0]
    return value


def test_merged_shards_equal_the_whole_survey(folder):
    assert merge(folder, "s2.db", "s1.db", more=()).exit_code == 0
    whole, merged = dump(folder / "whole.db"), dump(folder / "all.db")
    assert len(whole["visits"]) == len(SITES)
    assert 0 < len(dump(folder / "s1.db")["visits"]) < len(SITES)
    # Nothing here is compared empty, but for what these sites do not have.
    empty = {name for name, rows in whole.items() if not rows}
    of_history = {"public_captures", "corpus_users", "studies", "probes", "compliance_rates"}
    unused = {"panel_rejections", "published_numbers", "site_platforms", "tombstones"}
    assert empty == unused | of_history
    for table, rows in whole.items():
        assert merged[table] == rows, table


def test_what_public_crawls_took_is_merged_once(folder):
    row = "'CC-MAIN-2024-10', '2024-02-20', '2024-03-05', 'collection', 3, 1, 0, 0, 0, 's', 1"
    user = "('CC-MAIN-', 'CCBot', NULL, NULL, 'o', 's', 'u', '2026', 0)"
    for name, host in (("s1.db", "a.example"), ("s2.db", "a.example"), ("s2.db", "b.example")):
        with closing(sqlite3.connect(folder / name)) as db, db:
            db.execute(f"INSERT INTO public_captures VALUES ('{host}', {row})")
            db.execute(f"INSERT OR IGNORE INTO corpus_users VALUES {user}")
    merge(folder, "s1.db", "s2.db", more=())
    with closing(sqlite3.connect(folder / "all.db")) as db:
        hosts = db.execute("SELECT host FROM public_captures").fetchall()
        assert hosts == [("a.example",), ("b.example",)]
        assert db.execute("SELECT count(*) FROM corpus_users").fetchall() == [(1,)]


def test_merging_again_changes_nothing(folder):
    merge(folder, "s1.db", "s2.db", more=())
    before = _bytes(folder / "all.db")
    again = merge(folder, "s1.db", "s2.db", more=())
    assert again.exit_code == 0
    assert f"wave w: 0 visits added, {len(SITES)} in " in again.output
    assert _bytes(folder / "all.db") == before


def _bytes(path):
    """Everything with all its ids and times."""
    with closing(sqlite3.connect(path)) as db:
        return list(db.iterdump())


def test_a_304_points_to_the_capture_that_it_stands_for_wherever_that_is_now(folder):
    """Ids differ in every file; a wave that is not merged leaves 0, which is still a 304."""
    with closing(sqlite3.connect(folder / "s2.db")) as db, db:
        ids = [row[0] for row in db.execute("SELECT capture_id FROM captures ORDER BY 1")]
        db.execute(
            "UPDATE captures SET status = 304, revalidated_from = ? WHERE capture_id = ?",
            (ids[0], ids[-1]),
        )
        db.execute(
            "UPDATE captures SET status = 304, revalidated_from = 999999 WHERE capture_id = ?",
            (ids[-2],),
        )
        expected = [_named(db, "capture_id", ids[0]), 0]
    assert merge(folder, "s1.db", "s2.db").exit_code == 0
    with closing(sqlite3.connect(folder / "all.db")) as db:
        found = db.execute(
            "SELECT revalidated_from FROM captures WHERE status = 304 ORDER BY 1 DESC"
        ).fetchall()
        assert [row[0] and _named(db, "capture_id", row[0]) for row in found] == expected


def test_parts_may_come_one_after_the_other(folder):
    lacking = merge(folder, "s2.db")
    assert lacking.exit_code == 1
    assert "shard 1/2 is missing" in lacking.output
    assert not (folder / "all.db").exists()
    first = merge(folder, "s2.db", more=["--partial", "--no-judge"])
    assert first.exit_code == 0
    assert "merged without: wave 'w': shard 1/2 is missing" in first.output
    assert dump(folder / "all.db")["waves"][0]["settings"].count('"SURVEY_SHARD": "2/2"') == 1
    with closing(sqlite3.connect(folder / "all.db")) as db:
        assert db.execute("SELECT finished_at FROM waves").fetchone() == (None,)
    assert merge(folder, "s1.db", more=["--partial", "--no-judge"]).exit_code == 0
    assert facts(folder / "all.db") == facts(folder / "whole.db")
    with closing(sqlite3.connect(folder / "all.db")) as db:
        assert db.execute("SELECT finished_at IS NULL FROM waves").fetchone() == (0,)


def test_a_shard_that_is_not_finished_is_told(folder):
    with closing(sqlite3.connect(folder / "s1.db")) as db, db:
        db.execute("UPDATE waves SET finished_at = NULL")
    told = merge(folder, "s1.db", "s2.db")
    assert told.exit_code == 1
    assert "s1.db: shard 1/2 is not finished" in told.output


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("UPDATE panels SET sha256 = 'other'", "the panel's sha256 is 'other'"),
        ("UPDATE panels SET suffix_list = '1999'", "the public suffix list is '1999'"),
        ("UPDATE waves SET plan_ruleset = 99", "the ruleset is 99"),
        ("UPDATE waves SET seed = 4", "the seed is 4"),
        ("UPDATE waves SET vantage = 'Oslo'", "the vantage is 'Oslo'"),
        ("UPDATE waves SET user_agent = 'x'", "the User-Agent is 'x'"),
        (
            "UPDATE waves SET settings = json_set(settings, '$.SURVEY_SCHEME', 'https')",
            "SURVEY_SCHEME is 'https', but 'http' in ",
        ),
        (
            "UPDATE waves SET settings = json_set(settings, '$.SURVEY_SHARD', '2/3')",
            "does not belong to shard 2/3",
        ),
        (
            "UPDATE waves SET settings = json_set(settings, '$.SURVEY_SHARD', '')",
            "was not surveyed with --shard",
        ),
        ("UPDATE waves SET name = 'v'", "shard 1/2 is missing"),
        ("DELETE FROM waves", "no wave"),
    ],
)
def test_what_differs_is_named_with_its_file(folder, change, words):
    with closing(sqlite3.connect(folder / "s2.db")) as db, db:
        db.execute(change)
    if change.startswith("DELETE"):
        result = merge(folder, "s2.db")
    else:
        result = merge(folder, "s1.db", "s2.db")
    assert result.exit_code in (1, 2)
    assert words in result.output
    assert "s2.db" in result.output or "shard 1/2 is missing" in words
    assert not (folder / "all.db").exists()


def test_machines_may_differ_in_what_moves_no_answer(folder):
    with closing(sqlite3.connect(folder / "s2.db")) as db, db:
        db.execute("UPDATE waves SET settings = json_set(settings, '$.CONCURRENT_REQUESTS', 7)")
        db.execute("UPDATE waves SET software = 'another Python'")
    for _ in range(2):
        assert merge(folder, "s1.db", "s2.db").exit_code == 0
        (wave,) = dump(folder / "all.db")["waves"]
        assert json.loads(wave["settings"])["CONCURRENT_REQUESTS"] == [128, 7]
        assert wave["software"].startswith("another Python | optout-observatory ")


def test_overlapping_shards_are_refused(folder):
    shutil.copy(folder / "s1.db", folder / "copy.db")
    twice = merge(folder, "s1.db", "s2.db", "copy.db")
    assert (twice.exit_code, "name each shard once" in twice.output) == (2, True)
    itself = merge(folder, "s1.db", "s2.db", into="s1.db")
    assert (itself.exit_code, "one of the shards" in itself.output) == (2, True)
    other = merge(folder, "s1.db", "s2.db", into="whole.db")
    assert other.exit_code == 2
    assert re.search(r"s\d\.db: wave 'w': \S+\.test was visited at", other.output)


@pytest.mark.parametrize("change", ["seed = 4", "panel_id = 2"])
def test_a_wave_of_that_name_that_is_another_is_refused(folder, change):
    merge(folder, "s1.db", "s2.db")
    with closing(sqlite3.connect(folder / "all.db")) as db, db:
        db.execute("INSERT INTO panels SELECT 2, name, 'x', source, licence, inclusion_rules,"
                   " suffix_list, 0, 0, 0, 0, loaded_at FROM panels")  # fmt: skip
        db.execute(f"UPDATE waves SET {change}")
    before = _bytes(folder / "all.db")
    result = merge(folder, "s1.db", "s2.db")
    assert result.exit_code == 2
    assert "in the database to merge into" in result.output
    assert _bytes(folder / "all.db") == before


def test_a_wave_that_is_nowhere_is_answered_with_the_known_ones(folder):
    result = merge(folder, "s1.db", "s2.db", more=["--wave", "x"])
    assert (result.exit_code, "waves there: w" in result.output) == (2, True)


def test_a_file_that_is_no_survey_is_refused(folder):
    (folder / "no.db").write_bytes(b"nothing")
    for name in ("no.db", "nowhere.db"):
        assert merge(folder, "s1.db", name).exit_code == 2
    assert not (folder / "all.db").exists()


KILLED = """
import os, signal, sys
from pathlib import Path
from crawler.cli import main
from crawler.store import join
merge_visit, left = join._merge_visit, [int(sys.argv.pop(1))]
def dying(*arguments):
    left[0] -= 1
    if not left[0]:
        os.kill(os.getpid(), signal.SIGKILL)
    return merge_visit(*arguments)
join._merge_visit = dying
main()
"""


@pytest.mark.parametrize("visit", [2, len(SITES)])
def test_a_merge_that_is_killed_leaves_the_old_state(folder, visit):
    with writing(folder / "all.db"):
        pass
    before = _bytes(folder / "all.db")
    files = [str(folder / name) for name in ("s1.db", "s2.db")]
    done = subprocess.run(
        [sys.executable, "-c", KILLED, str(visit)]
        + ["merge", *files, "--into", str(folder / "all.db")],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        check=False,
    )
    assert done.returncode == -signal.SIGKILL
    assert _bytes(folder / "all.db") == before
    assert merge(folder, "s1.db", "s2.db").exit_code == 0
    assert facts(folder / "all.db") == facts(folder / "whole.db")


def test_what_was_forgotten_on_either_side_stays_forgotten(folder):
    def forget_in(name):
        done = CliRunner().invoke(main, ["forget", "block1.test", "--db", str(folder / name)])
        assert done.exit_code == 0, done.output

    for name in ("s1.db", "s2.db"):  # whichever has it
        forget_in(name)
    merge(folder, "s1.db", "s2.db")
    assert _of_block1(folder) == [("refused_by_us", "forgotten", 0)]
    shutil.copy(folder / "all.db", folder / "forgotten.db")
    for name in ("s1.db", "s2.db"):
        with closing(sqlite3.connect(folder / name)) as db, db:
            db.execute("DELETE FROM tombstones")
    assert merge(folder, "s1.db", "s2.db").exit_code == 0
    assert _bytes(folder / "all.db") == _bytes(folder / "forgotten.db")


def test_what_was_forgotten_after_a_merge_is_forgotten_by_the_next(folder):
    merge(folder, "s1.db", "s2.db")
    assert _of_block1(folder)[0][2] > 0
    for name in ("s1.db", "s2.db"):
        CliRunner().invoke(main, ["forget", "block1.test", "--db", str(folder / name)])
    assert merge(folder, "s1.db", "s2.db").exit_code == 0
    assert _of_block1(folder) == [("refused_by_us", "forgotten", 0)]


def test_nothing_of_judged_sites_is_left_when_they_are_forgotten(folder):
    with writing(folder / "whole.db") as connection:
        for one in SITES:
            assert forget(connection, one.host, "asked").visits == 1
    left = {name for name, rows in dump(folder / "whole.db").items() if rows}
    assert left.isdisjoint({"captures", "bodies", "headers", "findings", "statements", "defects"})
    assert left.isdisjoint({"conflicts", "own_links", "link_access", "refreshes", "judgements"})
    assert left.isdisjoint({"robots_bodies", "robots_access", "reader_disagreements"})


def _of_block1(folder):
    with closing(sqlite3.connect(folder / "all.db")) as db:
        return db.execute(
            "SELECT outcome, reason, (SELECT count(*) FROM captures c"
            " WHERE c.visit_id = v.visit_id) FROM visits v JOIN sites USING (site_id)"
            " WHERE host = 'block1.test'"
        ).fetchall()


# A database holds one part -----------------------------------------------------


@pytest.mark.parametrize(
    ("held", "shard", "words"),
    [
        ("s1.db", "2/2", "holds shard 1/2 of the panel, not shard 2/2"),
        ("s1.db", "", "holds shard 1/2 of the panel, not the whole"),
        ("whole.db", "1/2", "holds the whole of the panel, not shard 1/2"),
    ],
)
def test_a_database_of_another_part_is_refused(folder, held, shard, words):
    file = folder / "farm.csv"
    file.write_text("host\n" + "".join(f"{one.host}\n" for one in SITES))
    arguments = ["survey", str(file), "--wave", "w", "--db", str(folder / held)]
    if shard:
        arguments += ["--shard", shard]
    done = subprocess.run(
        [sys.executable, "-m", "crawler", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert words in done.stderr


def test_a_panel_whose_wave_was_never_opened_is_another_part_too(folder, tmp_path):
    """Our process may have been killed between the two."""
    with closing(sqlite3.connect(folder / "s1.db")) as db, db:
        db.execute("DELETE FROM sites WHERE 0")
        file = tmp_path / "farm.csv"
        file.write_text("host\n" + "".join(f"{one.host}\n" for one in SITES))
        db.execute("UPDATE waves SET panel_id = 0")
        with pytest.raises(StoreError, match="holds another part of the panel, not shard 2/2"):
            check_part(db, 1, Shard(2, 2).part(reading.read(file)), "2/2")
        check_part(db, 1, Shard(1, 2).part(reading.read(file)), "1/2")


def test_the_plan_of_a_shard_is_its_part(tmp_path):
    file = tmp_path / "p.csv"
    file.write_text("host\n" + "".join(f"s{n}.example\n" for n in range(20)))
    told = [
        CliRunner()
        .invoke(main, ["survey", str(file), "--wave", "w", "--dry-run", "--shard", f"{n}/2"])
        .stdout.split()
        for n in (1, 2)
    ]
    hosts = [{url.split("/")[2] for url in urls} for urls in told]
    assert len(hosts[0] | hosts[1]) == 20
    assert not hosts[0] & hosts[1]
    bad = CliRunner().invoke(main, ["survey", str(file), "--wave", "w", "--shard", "3/2"])
    assert (bad.exit_code, "such as 2/4" in bad.output) == (2, True)


def test_every_table_is_fact_or_judgement(folder):
    """A table that a later schema adds is merged, or is forgotten with its ruleset."""
    judged = inspect.getsource(judgement.forget_ruleset)
    rebuilt = {name for name in dump(folder / "whole.db") if f'"{name}"' in judged}
    assert dump(folder / "whole.db").keys() - rebuilt - {"rulesets"} == set(FACTS)
