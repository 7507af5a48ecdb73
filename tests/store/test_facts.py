"""The database: facts in and out, refusal of what is not ours, nothing twice."""

import fcntl
import hashlib
import re
import sqlite3
import tomllib
import zlib
from contextlib import closing
from dataclasses import replace
from importlib import resources

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler import model
from crawler.fetch.usage import Usage
from crawler.model import Capture, Hop, Outcome, Reason, Site
from crawler.store import facts, judgement
from crawler.store.database import (
    APPLICATION_ID,
    SCHEMA_VERSION,
    StoreError,
    connect,
    transaction,
    writing,
)
from crawler.store.forget import _host, forget, tombstones
from crawler.wave import rejudge


def make_panel(path, *hosts):
    file = path / "panel.csv"
    file.write_text("host\n" + "\n".join(hosts) + "\n")
    from crawler.panel import reading

    return reading.read(file)


def capture(resource="/robots.txt", body=b"User-agent: *\nDisallow: /\n", **more):
    url = f"https://a.example{resource}"
    defaults = {
        "status": 200,
        "headers": ((b"X-B", b"1"), (b"x-b", b"2"), (b"Colon", b"a: b")),
        "hops": (Hop(url, 301, "/x"),),
        "size": len(body),
        "started_at": "2026-11-01T00:00:00Z",
    }
    return Capture(resource, url, url, body=body, **(defaults | more))


def visit(host, *captures):
    return facts.Visit(
        Site(host, host, host), Outcome.OK, Reason.COMPLETE, None, captures, "t0", "t1"
    )


def wave_of(connection, panel, name="w"):
    panel_id = facts.put_panel(connection, panel)
    return facts.open_wave(
        connection,
        name,
        panel_id,
        seed=1,
        software="test",
        settings={},
        user_agent="test",
        vantage=None,
        ruleset=1,
    )


@pytest.fixture
def connection(tmp_path):
    with writing(tmp_path / "survey.db") as opened:
        yield opened


def test_a_new_database_is_ours_strict_and_in_wal_mode(connection):
    pragma = lambda name: connection.execute(f"PRAGMA {name}").fetchone()[0]  # noqa: E731
    assert pragma("application_id") == APPLICATION_ID
    assert pragma("user_version") == SCHEMA_VERSION
    assert pragma("journal_mode") == "wal"
    assert pragma("foreign_keys") == 1
    tables = connection.execute(
        "SELECT name, strict FROM pragma_table_list WHERE schema = 'main' AND type = 'table'"
        " AND name NOT LIKE 'sqlite%' AND name NOT LIKE '_sqlite%'"
    ).fetchall()
    assert len(tables) > 20
    assert [name for name, strict in tables if not strict] == []


def test_every_closed_vocabulary_is_checked(connection, tmp_path):
    wave = wave_of(connection, make_panel(tmp_path, "a.example"))
    insert = (
        "INSERT INTO visits (wave_id, site_id, outcome, reason, requests, bytes, started_at,"
        " finished_at) VALUES (?, 1, ?, ?, 0, 0, '', '')"
    )
    for outcome, reason in (("invented", "complete"), ("ok", "invented")):
        with pytest.raises(sqlite3.IntegrityError, match="CHECK"):
            connection.execute(insert, (wave.wave_id, outcome, reason))
    connection.execute(insert, (wave.wave_id, "ok", "complete"))


def test_a_visit_is_stored_whole_and_read_back_equal(connection, tmp_path):
    wave = wave_of(connection, make_panel(tmp_path, "a.example"))
    robots = capture()
    failed = capture("/", status=None, failure=model.Failure.TIMEOUT_TOTAL, body=b"", headers=())
    facts.put_visits(connection, wave, [visit("a.example", robots, failed)])
    (stored,) = judgement.visits(connection, wave)
    assert stored.captures[0].headers == robots.headers
    assert stored.captures[0].hops == robots.hops
    assert stored.captures[0].body == robots.body
    assert stored.captures[1].failure is model.Failure.TIMEOUT_TOTAL
    assert stored.body_ids[1] is None


def test_equal_bodies_are_stored_once(connection, tmp_path):
    wave = wave_of(connection, make_panel(tmp_path, "a.example", "b.example"))
    facts.put_visits(
        connection, wave, [visit("a.example", capture()), visit("b.example", capture())]
    )
    assert connection.execute("SELECT count(*) FROM bodies").fetchone()[0] == 1
    sha = hashlib.sha256(capture().body).hexdigest()
    assert connection.execute("SELECT sha256, size FROM bodies").fetchone() == (sha, 26)


def test_a_visit_stored_again_changes_nothing(connection, tmp_path):
    wave = wave_of(connection, make_panel(tmp_path, "a.example"))
    for _ in range(2):
        facts.put_visits(connection, wave, [visit("a.example", capture())])
    assert connection.execute("SELECT count(*) FROM captures").fetchone()[0] == 1


def test_what_is_pending_is_the_panel_minus_the_visits_in_a_fixed_order(connection, tmp_path):
    hosts = [f"s{n}.example" for n in range(50)]
    wave = wave_of(connection, make_panel(tmp_path, *hosts))
    order = [site.host for site in facts.pending(connection, wave, batch=7)]
    assert sorted(order) == sorted(hosts)
    assert order != hosts
    facts.put_visits(connection, wave, [visit(order[0], capture())])
    assert [site.host for site in facts.pending(connection, wave)] == order[1:]
    assert facts.count_pending(connection, wave) == (50, 1)


def test_a_wave_keeps_its_panel_and_its_seed(connection, tmp_path):
    first = wave_of(connection, make_panel(tmp_path, "a.example"))
    assert wave_of(connection, make_panel(tmp_path, "a.example")) == first
    with pytest.raises(StoreError, match="another version of the panel"):
        wave_of(connection, make_panel(tmp_path, "b.example"))


def test_an_unknown_wave_is_answered_with_the_known_ones(connection, tmp_path):
    with pytest.raises(StoreError, match="waves here: none"):
        facts.find_wave(connection, "x")
    wave_of(connection, make_panel(tmp_path, "a.example"), name="2026-11")
    with pytest.raises(StoreError, match="waves here: 2026-11"):
        facts.find_wave(connection, "2026-12")


def test_refused_and_duplicate_rows_of_a_panel_are_kept(connection, tmp_path):
    file = tmp_path / "dirty.csv"
    file.write_text("host\na.example\nA.EXAMPLE\nnot a host\n")

    from crawler.panel import reading

    facts.put_panel(connection, reading.read(file))
    kinds = connection.execute("SELECT line, kind FROM panel_rejections ORDER BY line").fetchall()
    assert kinds == [(3, "duplicate"), (4, "rejected")]


def test_attempts_are_counted_and_a_visit_to_be_made_again_is_no_visit(connection, tmp_path):
    wave = wave_of(connection, make_panel(tmp_path, "a.example", "b.example"))
    (site,) = [each for each in facts.pending(connection, wave) if each.host == "a.example"]
    assert facts.begin_attempt(connection, wave, site) == facts.Earlier()
    usage = Usage(requests=3, bytes=500, waited=2.5, shortest_gap=1.25, retry_after=9)
    again = replace(visit("a.example"), usage=usage, crawl_delay=4.0, again_at=99.0)
    facts.put_visits(connection, wave, [again])
    assert facts.count_pending(connection, wave) == (2, 0)
    assert [each.host for each in facts.pending(connection, wave)] == ["b.example"]
    assert [(at, each.host) for at, each in facts.due(connection, wave)] == [(99.0, "a.example")]
    earlier = facts.begin_attempt(connection, wave, site)
    assert earlier == facts.Earlier(attempts=1, tries=1, requests=3, bytes=500)
    facts.put_visits(connection, wave, [replace(visit("a.example", capture()), attempt=2)])
    assert facts.due(connection, wave) == []
    assert facts.count_pending(connection, wave) == (2, 1)
    (row,) = connection.execute(
        "SELECT attempts, requests, bytes, waited, shortest_gap, crawl_delay, retry_after"
        " FROM v_politeness"
    ).fetchall()
    assert row == (2, 3 + 2, 500 + 26, 2.5, 1.25, 4.0, 9.0)


def test_what_was_under_way_in_a_crash_comes_last_and_is_counted(connection, tmp_path):
    wave = wave_of(connection, make_panel(tmp_path, *(f"s{n}.example" for n in range(9))))
    order = list(facts.pending(connection, wave))
    for site in order[:2]:
        facts.begin_attempt(connection, wave, site)
    assert list(facts.pending(connection, wave)) == order[2:] + order[:2]
    assert facts.begin_attempt(connection, wave, order[0]).crashes == 1
    facts.interrupt_attempts(connection, wave)  # an orderly stop is no crash
    assert list(facts.pending(connection, wave)) == order
    assert facts.begin_attempt(connection, wave, order[0]) == facts.Earlier(attempts=2)


def test_to_be_forgotten_is_to_be_gone_from_rows_and_from_the_file(tmp_path):
    path = tmp_path / "survey.db"
    secret = b"User-agent: *\nDisallow: /her-private-shelf\nNo machine reading of my poems!\n"
    shared = capture(body=b"User-agent: *\nDisallow: /tmp/\n")
    hers = capture(body=secret, headers=((b"X-Secret", b"her header"),))
    led = capture("/", body=b"<title>her page</title>")
    led = replace(led, final_url="https://www.her.example/")
    with writing(path) as connection:
        wave = wave_of(
            connection, make_panel(tmp_path, "her.example", "www.her.example", "b.example")
        )
        page = capture("/", body=b"<title>his page</title>")
        facts.put_visits(
            connection,
            wave,
            [
                replace(visit("her.example", hers, shared), detail="her words"),
                visit("www.her.example", hers),
                visit("b.example", shared, page, led),
            ],
        )
    rejudge.judge_wave(path, "w")
    with writing(path) as connection:
        gone = forget(connection, ".her.example", "she asked")
        assert (gone.visits, gone.captures, gone.bodies) == (2, 1, 2)
        assert forget(connection, ".her.example", "again").bodies == 0
        assert tombstones(connection)[0].reason == "she asked"
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
        visits = connection.execute("SELECT host, outcome, reason, detail FROM v_visits").fetchall()
        left = connection.execute(
            "SELECT host, resource, failure, status FROM v_captures"
        ).fetchall()
    assert sorted(visits) == [
        ("b.example", "ok", "complete", None),
        ("her.example", "refused_by_us", "forgotten", None),
        ("www.her.example", "refused_by_us", "forgotten", None),
    ]
    assert left == [
        ("b.example", "/robots.txt", None, 200),
        ("b.example", "/", None, 200),
        ("b.example", "/", "excluded", None),
    ]
    written = path.read_bytes()
    for content in (secret, led.body):
        assert zlib.compress(content, facts.COMPRESSION) not in written
    assert b"her-private-shelf" not in written
    assert b"her words" not in written
    assert zlib.compress(page.body, facts.COMPRESSION) in written
    rejudge.judge_wave(path, "w")


def test_addresses_that_are_none_are_nobodys(connection):
    assert _host("https://WWW.Her.example:8443/x") == "www.her.example"
    assert _host("http://[bad") == ""
    assert _host("") == ""


@given(st.text())
def test_any_text_can_be_stored(text):
    with sqlite3.connect(":memory:") as memory:
        (back,) = memory.execute("SELECT ?", (facts.storable(text),)).fetchone()
    assert "\0" not in back
    assert facts.storable(3) == 3


def test_lone_surrogates_do_not_lose_a_batch():
    assert facts.storable("a\ud800b") == "a?b"


@given(
    st.lists(
        st.tuples(
            st.binary(min_size=1).filter(lambda b: not {b":"[0], 10, 13} & set(b)),
            st.binary().filter(lambda b: not {10, 13} & set(b)),
        )
    )
)
def test_header_lines_come_back_as_they_went_in(pairs):
    assert facts.unpack_headers(facts.pack_headers(pairs)) == tuple(pairs)


def test_a_second_writer_is_refused_with_a_reason(tmp_path):
    path = tmp_path / "survey.db"
    with writing(path), pytest.raises(StoreError, match="another optout is writing"), writing(path):
        pass
    with writing(path):
        pass


def test_a_file_of_another_program_is_refused_and_untouched(tmp_path):
    path = tmp_path / "other.db"
    with sqlite3.connect(path) as other:
        other.execute("CREATE TABLE t (x)")
    before = path.read_bytes()
    with pytest.raises(StoreError, match="another program"):
        connect(path)
    assert path.read_bytes() == before


def test_a_newer_schema_is_refused(tmp_path):
    path = tmp_path / "survey.db"
    connect(path).close()
    with sqlite3.connect(path) as newer:
        newer.execute(f"PRAGMA user_version = {SCHEMA_VERSION + 1}")
    with pytest.raises(StoreError, match="newer"):
        connect(path)


def test_what_is_no_database_is_refused(tmp_path):
    path = tmp_path / "text.db"
    path.write_bytes(b"not a database at all" * 100)
    with pytest.raises(StoreError, match="not a SQLite database"):
        connect(path)


def test_a_folder_and_a_missing_folder_are_refused(tmp_path):
    for path in (tmp_path, tmp_path / "no" / "survey.db"):
        with pytest.raises(StoreError, match="not a file in an existing folder"):
            connect(path)
    with pytest.raises(StoreError, match="cannot be opened for writing"), writing(tmp_path):
        pass


def test_a_locked_database_is_explained(tmp_path, monkeypatch):
    path = tmp_path / "survey.db"
    connect(path).close()
    monkeypatch.setattr("crawler.store.database.BUSY_SECONDS", 0.1)
    holder = sqlite3.connect(path, isolation_level=None)
    with writing(path) as connection:
        holder.execute("BEGIN IMMEDIATE")
        with pytest.raises(sqlite3.OperationalError), transaction(connection):
            pass
        holder.execute("ROLLBACK")
    holder.close()


def test_a_full_disk_loses_only_the_transaction_under_way(connection, tmp_path):
    wave = wave_of(connection, make_panel(tmp_path, "a.example", "b.example"))
    facts.put_visits(connection, wave, [visit("a.example", capture())])
    pages = connection.execute("PRAGMA page_count").fetchone()[0]
    connection.execute(f"PRAGMA max_page_count = {pages}")
    big = capture(body=bytes(range(256)) * 4000)
    noise = capture(body=hashlib.shake_256(b"x").digest(400_000))
    with pytest.raises(sqlite3.OperationalError, match="full"):
        facts.put_visits(connection, wave, [visit("b.example", big, noise)])
    connection.execute("PRAGMA max_page_count = 1000000")
    assert facts.count_pending(connection, wave) == (2, 1)
    facts.put_visits(connection, wave, [visit("b.example", big, noise)])
    assert facts.count_pending(connection, wave) == (2, 2)


def test_locks_die_with_their_process(tmp_path):
    path = tmp_path / "survey.db"
    with writing(path):
        pass
    with path.open("rb+") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)


def test_every_column_of_every_researcher_view_has_its_sentence(connection):
    text = resources.files("crawler.dictionary").joinpath("dictionary.toml").read_text("utf-8")
    dictionary = tomllib.loads(text)
    views = {
        row[0]
        for row in connection.execute(
            "SELECT name FROM sqlite_master WHERE name LIKE 'v\\_%' ESCAPE '\\'"
        )
        if not row[0].endswith("_all")
    }
    assert set(dictionary["views"]) == views
    columns = {row[1] for view in views for row in connection.execute(f"PRAGMA table_info({view})")}
    assert set(dictionary["columns"]) == columns


CONTRACT = {
    "v_visits": "wave panel host registrable_domain stratum outcome reason requests bytes"
    " started_at finished_at",
    "v_captures": "wave host resource url final_url hops status failure body_sha256 bytes"
    " truncated fetched_at",
    "v_robots": "wave host state groups agents_named body_sha256 authorship",
    "v_agent_access": "wave host agent operator reader extent root basis line rule",
    "v_signals": "wave host signal url outcome quote line",
    "v_statements": "wave host signal purpose preference strictness agent path scope quote url"
    " line",
    "v_use": "wave host purpose preference_strict preference_lenient rule conflict",
    "v_defects": "wave host signal code severity url line quote effect",
    "v_conflicts": "wave host purpose signal_a quote_a signal_b quote_b",
    "v_cloaking": "wave host resource url status browser_status browser_failure same_body",
    "v_politeness": "wave host attempts requests bytes waited shortest_gap crawl_delay retry_after",
    "v_excluded": "wave host url entry since why",
    "v_reserved": "wave host operator purpose signal agent preference strictness honours verified"
    " as_of quote url line",
    "v_honours": "operator id family honours verified as_of source note",
    "v_changes": "id wave_from wave_to ruleset host kind subject before after",
    "v_definitions": "wave definition title source counts k n",
}


@pytest.mark.parametrize("view", CONTRACT)
def test_the_columns_outsiders_rely_on_are_there(connection, view):
    have = {row[1] for row in connection.execute(f"PRAGMA table_info({view})")}
    assert set(CONTRACT[view].split()) <= have


def later(connection, wave_of_first, name):
    """Another wave of the same panel."""
    return facts.open_wave(
        connection, name, wave_of_first.panel_id, seed=0, software="", settings={}, user_agent="",
        vantage=None, ruleset=1,
    )  # fmt: skip


def test_the_last_whole_answer_of_earlier_waves_is_found_by_its_address(tmp_path):
    from crawler.fetch.conditional import Stored

    tag = ((b"ETag", b'"1"'),)
    with writing(tmp_path / "s.db") as connection:
        waves = [wave_of(connection, make_panel(tmp_path, "a.example", "b.example"), "1")]
        waves += [later(connection, waves[0], name) for name in ("2", "3")]
        site = Site("a.example", "a.example", "a.example")
        kept = capture(body=b"kept", headers=tag, started_at="2026-11-01")
        facts.put_visits(
            connection,
            waves[0],
            [
                visit(
                    "a.example",
                    kept,
                    capture("/cut", truncated=True),
                    capture("/part", data_loss=True),
                    capture("/coded", coding_error=True),
                    capture("/gone", status=404),
                    capture("/failed", failure=model.Failure.CONNECTION_RESET),
                ),
                visit("b.example", capture("/b", body=b"other site")),
            ],
        )
        (origin,) = connection.execute("SELECT min(capture_id) FROM captures").fetchone()
        newer = replace(
            kept, headers=((b"ETag", b'"2"'),), started_at="2026-11-02", revalidated_from=origin
        )
        assert facts.answers(connection, waves[0], site) == {}
        facts.put_visits(connection, waves[1], [visit("a.example", newer)])
        found = facts.answers(connection, waves[2], site)
        assert found == {kept.final_url: Stored(origin, 1, ((b"ETag", b'"2"'),))}
        assert facts.body(connection, 1) == b"kept"
        assert facts.body(connection, 99) is None
        (status,) = connection.execute(
            "SELECT status FROM captures WHERE revalidated_from IS NOT NULL"
        ).fetchone()
        assert status == 304
        read = next(judgement.visits(connection, waves[1])).captures[0]
        assert (read.status, read.body, read.headers) == (200, b"kept", newer.headers)
        # A site that is forgotten has nothing left to ask about.
        forget(connection, "a.example", "asked")
        assert facts.answers(connection, waves[2], site) == {}


def test_what_an_earlier_attempt_brought_is_kept_and_can_be_forgotten(tmp_path):
    path = tmp_path / "s.db"
    with writing(path) as connection:
        wave = wave_of(connection, make_panel(tmp_path, "a.example", "b.example"))
        hers = capture(status=503, body=b"her own words of trouble", headers=((b"X", b"hers"),))
        first = replace(visit("b.example", hers), again_at=1.0)
        facts.put_visits(connection, wave, [first, first])
        assert connection.execute("SELECT count(*) FROM visits").fetchone() == (0,)
        shown = "SELECT host, attempt, status, failure, bytes FROM v_attempt_captures"
        assert connection.execute(shown).fetchall() == [("b.example", 1, 503, None, 24)]
        facts.put_visits(connection, wave, [replace(visit("b.example"), attempt=2)])
        # The address is a.example's: who was led there keeps that, and not what came.
        assert forget(connection, "a.example", "asked").bodies == 1
        assert connection.execute(shown).fetchall() == [("b.example", 1, None, "excluded", 24)]
        forget(connection, "b.example", "asked")
        assert connection.execute(shown).fetchall() == []
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
        assert connection.execute("SELECT count(*) FROM headers").fetchone() == (0,)
    assert b"hers" not in path.read_bytes()


def test_a_database_that_was_half_made_is_made_anew(tmp_path, monkeypatch):
    from crawler.store import database

    whole = list(database.ddl())
    monkeypatch.setattr(database, "ddl", lambda: [*whole[:9], "SELECT * FROM no_such_table"])
    with pytest.raises(StoreError):
        connect(tmp_path / "s.db")
    monkeypatch.undo()
    connect(tmp_path / "s.db").close()


NAMED = r"(REFERENCES \w+) \([^)]*\)"


def test_a_database_of_an_older_schema_is_completed(tmp_path):
    path = tmp_path / "survey.db"
    connect(path).close()
    with sqlite3.connect(path) as older:
        of_new = older.execute("SELECT type, name, sql FROM sqlite_master ORDER BY name").fetchall()
        older.execute("DROP VIEW v_refreshes")
        older.execute("DROP TABLE refreshes")
        older.execute("DROP INDEX access_by_agent")
        older.execute("PRAGMA writable_schema = ON")
        older.create_function("bare", 1, lambda sql: sql and re.sub(NAMED, r"\1", sql))
        older.execute("UPDATE sqlite_master SET sql = bare(sql) WHERE type = 'table'")
        older.execute("DELETE FROM _sqlite_migrations WHERE name <> 'm001_schema'")
        older.execute("PRAGMA user_version = 1")
    connect(path).close()
    with sqlite3.connect(path) as now:
        assert now.execute("PRAGMA user_version").fetchone()[0] == SCHEMA_VERSION
        made = now.execute("SELECT type, name, sql FROM sqlite_master ORDER BY name").fetchall()
        assert now.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    assert made == of_new


def test_every_foreign_key_names_its_column_and_leads_to_a_table(tmp_path):
    with closing(connect(tmp_path / "survey.db")) as connection:
        keys = connection.execute(
            'SELECT m.name, f."table", f."from", f."to" FROM sqlite_master m,'
            " pragma_foreign_key_list(m.name) f WHERE m.type = 'table'"
        ).fetchall()
        assert len(keys) > 70
        assert [key for key in keys if key[3] is None] == []
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
