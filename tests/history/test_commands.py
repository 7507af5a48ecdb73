"""`optout history` import, hosts and robots: what is loaded, once, and errors with their place."""

import gzip
import json
import re
import sqlite3
from contextlib import closing

import pytest
from click.testing import CliRunner

from crawler.cli import main
from crawler.history import users
from crawler.history.captures_csv import day
from crawler.registry import agents
from tests.factories import public_crawl
from tests.factories.archive_server import ArchiveServer
from tests.factories.public_crawl import capture
from tests.factories.public_crawl import warc as made

OPEN, CLOSED = "User-agent: *\nDisallow: /private/\n", "User-agent: CCBot\nDisallow: /\n"
HEADER = "host,collection,first_seen,last_seen,pages\n"
ROW = "a.example,CC-MAIN-2024-10,2024-02-20,2024-03-01,5\n"
CC = "CC-MAIN-2024-10"


def run(*arguments, code=0):
    result = CliRunner().invoke(main, [str(a) for a in arguments])
    assert result.exit_code == code, result.output
    return result


@pytest.fixture
def db(tmp_path):
    path = tmp_path / "survey.db"
    told = [{"domain": f"{host}.example", "robotsTxt": CLOSED} for host in ("a", "www.b", "c")]
    (tmp_path / "now.json").write_text(json.dumps(told))
    run("import", "robots-json", tmp_path / "now.json", "--db", path, "--wave", "now",
        "--date", "2026-06-30")  # fmt: skip
    return path


def rows(db, sql="SELECT host, collection, pages, dates FROM public_captures ORDER BY 1, 2"):
    with closing(sqlite3.connect(db)) as connection:
        return connection.execute(sql).fetchall()


def load(db, text, *more, code=0):
    file = db.parent / "taken.csv"
    file.write_text(text)
    return run("history", "import", file, "--db", db, *more, code=code)


# import ---------------------------------------------------------------------------


def test_a_csv_is_loaded_once(db):
    first = json.loads(load(db, HEADER + ROW, "--json").output)
    assert (first["added"], first["same"]) == (1, 0)
    assert rows(db) == [("a.example", CC, 5, "captures")]
    again = json.loads(load(db, HEADER + ROW, "--json").output)
    assert (again["added"], again["same"], again["differing"]) == (0, 1, 0)
    assert len(rows(db)) == 1


def test_another_number_for_the_same_stays_out_and_is_told(db):
    load(db, HEADER + ROW)
    told = load(db, HEADER + ROW.replace(",5", ",7")).output
    assert "1 say otherwise than what is there, which stays: taken.csv, row 2: a.example" in told
    assert rows(db)[0][2] == 5


def test_times_of_an_index_and_other_columns_are_understood(db):
    load(db, "rank,pages,last_seen,first_seen,collection,host\n"
             "1,3,20240301120000,2024-02-20T10:00:00Z,X,https://M%C3%BCller.example/\n"
             .replace("M%C3%BCller", "Müller"))  # fmt: skip
    assert rows(db, "SELECT host, first_seen, last_seen, row FROM public_captures") == [
        ("xn--mller-kva.example", "2024-02-20", "2024-03-01", 2)
    ]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("host,pages\n", r"taken\.csv, line 1: no column collection, first_seen, last_seen"),
        ("", r"line 1: no column host"),
        (HEADER + ROW + ROW.replace(",5", ",many"), r"line 3: pages 'many': not a number"),
        (HEADER + ROW.replace(",5", ",-1"), r"line 2: pages '-1'"),
        (HEADER + ROW.replace("2024-02-20", "February"), r"line 2: 'February': not a day"),
        (HEADER + ROW.replace("2024-02-20", "2024-02-31"), r"line 2: "),
        (HEADER + ROW.replace("2024-02-20", "2024-05-20"), r"first_seen 2024-05-20 is after"),
        (HEADER + ROW.replace(CC, "no name"), r"collection 'no name'"),
        (HEADER + ROW.replace("a.example", "localhost"), r"line 2: "),
        (HEADER + ROW.replace(",5", ""), r"line 2: more or fewer cells"),
        (HEADER + ROW.replace(",5", ",5,6"), r"line 2: more or fewer cells"),
    ],
)
def test_an_error_has_file_and_line_and_nothing_of_its_batch_is_there(db, text, problem):
    told = load(db, text, code=2).output
    assert re.search(problem, told.replace("\n", " ")), told
    assert not rows(db)


def test_bytes_that_are_no_text_are_told(db):
    (db.parent / "x.csv").write_bytes((HEADER + ROW).encode() + b"\xff\xff")
    told = run("history", "import", db.parent / "x.csv", "--db", db, code=2).output
    assert "not UTF-8" in told


def test_a_dry_run_counts_and_writes_nothing(db):
    assert json.loads(load(db, HEADER + ROW, "--dry-run", "--json").output)["rows"] == 1
    assert not rows(db)


def test_a_forgotten_host_is_removed_and_stays_away(db):
    load(db, HEADER + ROW)
    run("forget", "a.example", "--db", db)
    assert not rows(db)
    assert "1 of hosts that are forgotten" in load(db, HEADER + ROW).output
    assert not rows(db)


def test_days_of_an_index_are_days():
    assert day("2024-02-20") == day("20240220101112") == day("2024-02-20T10:11:12Z")


def test_users_of_crawls_are_agents_of_the_registry_with_a_source():
    known = {agent.token: agent.operator for agent in agents.load().agents}
    for user in users.load():
        assert known[user.agent] == user.operator
        assert user.source.startswith("https://")


# hosts ----------------------------------------------------------------------------


@pytest.fixture
def listed(tmp_path):
    days = {CC: ("2024-02-20T00:00:00", "2024-03-05T00:00:00"),
            "CC-MAIN-2025-05": ("2025-01-12T00:00:00", "2025-01-26T00:00:00")}  # fmt: skip
    told = [{"id": name, "from": first, "to": last} for name, (first, last) in days.items()]
    (tmp_path / "collinfo.json").write_text(json.dumps(told))
    return tmp_path / "collinfo.json"


@pytest.fixture
def index(tmp_path):
    folder = tmp_path / "index"
    public_crawl.host_index(
        folder,
        CC,
        [("a.example", 10, 1, 0, 0, 0), ("www.a.example", 20, 0, 1, 0, 0),
         ("b.example", 30, 0, 0, 1, 0), ("other.example", 99, 1, 0, 0, 0),
         ("c.example", None, None, None, None, None)],
    )  # fmt: skip
    public_crawl.host_index(folder, "CC-MAIN-2025-05", [("a.example", 0, 0, 0, 0, 1)])
    return folder


def hosts(db, index, listed, *more, code=0):
    return run("history", "hosts", "--index", index, "--collections", listed, "--db", db,
               "--wave", "now", "--contact", "t@a.example", *more, code=code)  # fmt: skip


def test_the_panels_hosts_are_taken_with_and_without_www(db, index, listed):
    hosts(db, index, listed)
    assert rows(db) == [
        ("a.example", CC, 10, "collection"), ("a.example", "CC-MAIN-2025-05", 0, "collection"),
        ("b.example", CC, 30, "collection"), ("www.a.example", CC, 20, "collection"),
    ]  # fmt: skip
    found = (
        "SELECT host, captured_host, robots_2xx, robots_5xx FROM v_public_captures ORDER BY 2, 4"
    )
    assert rows(db, found)[:3] == [
        ("a.example", "a.example", 1, 0), ("a.example", "a.example", 0, 1),
        ("www.b.example", "b.example", 0, 0),
    ]  # fmt: skip
    assert "0 rows added, 4 there already" in hosts(db, index, listed).output


def test_only_the_whole_index_says_that_a_host_is_not_there(db, index, listed):
    hosts(db, index, listed, "--whole")
    none = rows(db, "SELECT host FROM public_captures WHERE pages = 0 AND collection = "
                    f"'{CC}' ORDER BY 1")  # fmt: skip
    assert [host for (host,) in none] == ["c.example", "www.b.example", "www.c.example"]
    assert len(rows(db)) == 2 * 6


def test_the_list_of_collections_is_asked_for(db, index, listed):
    with ArchiveServer({"/collinfo.json": [(200, {}, listed.read_bytes())]}) as server:
        run("history", "hosts", "--index", index, "--db", db, "--wave", "now",
            "--contact", "t@a.example", "--cc-index", server.base, "--pause", 0)  # fmt: skip
    assert len(rows(db)) == 4


@pytest.fixture
def served(index, listed):
    """The index on a server, with its list of files; groups of two rows in the first file."""
    first = index / f"crawl={CC}" / "part-0.parquet"
    table = public_crawl.pq.read_table(first).sort_by("surt_host_name")
    public_crawl.pq.write_table(table, first, row_group_size=2)
    paths = [str(file.relative_to(index)) for file in sorted(index.rglob("*.parquet"))]
    answers = {f"/{path}": [(200, {}, (index / path).read_bytes())] for path in paths}
    answers["/v2.paths.gz"] = [(200, {}, gzip.compress("\n".join(paths).encode()))]
    with ArchiveServer(answers) as server:
        yield server


def test_an_index_at_an_address_gives_the_same_rows_and_is_asked_once(
    db, index, listed, served, tmp_path
):
    more = ("--cache", tmp_path / "cache", "--pause", 0)
    hosts(db, served.base + "v2.paths.gz", listed, *more)
    there = rows(db)
    asked = len(served.asked)
    assert "0 rows added, 4 there already" in hosts(db, index, listed).output
    again = hosts(db, served.base + "v2.paths.gz", listed, *more)
    assert "4 there already" in again.output
    # The list is in the cache, and so are all parts; only the two lengths are asked for again.
    assert {headers["Range"] for _, headers in served.asked[asked:]} == {"bytes=0-0"}
    assert [row[2] for row in there] == [10, 0, 30, 20]


def test_groups_of_rows_that_cannot_hold_a_site_are_not_asked_for(db, listed, served, index):
    hosts(db, served.base + f"crawl={CC}/part-0.parquet", listed, "--pause", 0)
    metadata = public_crawl.pq.ParquetFile(index / f"crawl={CC}" / "part-0.parquet").metadata
    places = [metadata.row_group(g).column(0).data_page_offset for g in range(3)]
    asked = [h["Range"].removeprefix("bytes=").split("-") for _, h in served.asked]
    read = [any(int(a) <= place <= int(b) < place + 4000 for a, b in asked[1:]
                if int(a) >= 4) for place in places]  # fmt: skip
    # example,a | example,a,www | example,b | example,c | example,other: the last stands alone.
    assert metadata.num_row_groups == 3
    assert read == [True, True, False]


def test_only_one_collection_of_all_files(db, index, listed, served):
    hosts(db, served.base + "v2.paths.gz", listed, "--pause", 0, "--only", "CC-MAIN-2025-05")
    assert {row[1] for row in rows(db)} == {"CC-MAIN-2025-05"}
    told = hosts(db, served.base + "v2.paths.gz", listed, "--pause", 0, "--dry-run", "--json")
    size = sum(file.stat().st_size for file in index.rglob("*.parquet"))
    assert json.loads(told.output)["bytes"] == size


def test_a_server_that_does_not_give_parts_of_files_is_told(db, listed, index):
    path = f"crawl={CC}/part-0.parquet"
    told = {f"/{path}": [(200, {"raw": ""}, (index / path).read_bytes())]}
    with ArchiveServer(told) as server:
        result = hosts(db, server.base + path, listed, "--pause", 0, code=2)
    assert (
        "part-0.parquet: more than the 1 bytes" in result.output or "asked for 1" in result.output
    )
    told = {f"/{path}": [(200, {"Content-Range": "bytes 0-0/*"}, b"PAR1")]}
    with ArchiveServer(told) as server:
        result = hosts(db, server.base + path, listed, "--pause", 0, code=2)
    assert "part-0.parquet: does not tell its length" in result.output


def test_faults_of_an_index_are_told_with_the_file(db, index, listed, tmp_path):
    (tmp_path / "crawl=CC-MAIN-2024-10").mkdir()
    broken = tmp_path / "crawl=CC-MAIN-2024-10" / "x.parquet"
    broken.write_bytes(b"<html>")
    assert "x.parquet: not a file of Parquet" in hosts(db, broken, listed, code=2).output
    unknown = public_crawl.host_index(tmp_path, "CC-MAIN-1999-01", [("a.example", 1, 1, 0, 0, 0)])
    assert "whose days are known" in hosts(db, unknown, listed, code=2).output
    other = public_crawl.pq.read_table(index / f"crawl={CC}" / "part-0.parquet")
    public_crawl.pq.write_table(other.drop_columns(["fetch_200"]), broken)
    assert "x.parquet: no column fetch_200" in hosts(db, broken, listed, code=2).output
    (tmp_path / "empty").mkdir()
    assert "no file of Parquet" in hosts(db, tmp_path / "empty", listed, code=2).output


def test_a_dry_run_of_hosts_says_the_size(db, index, listed):
    told = json.loads(hosts(db, index, listed, "--dry-run", "--json").output)
    assert told["files"] == 2
    assert not rows(db)


# robots ---------------------------------------------------------------------------


def archive(tmp_path):
    """Common Crawl's index and data for two of the three sites."""
    content = made([
        capture("https://a.example/robots.txt", OPEN.encode()),
        capture("https://www.b.example/robots.txt", CLOSED.encode()),
    ])  # fmt: skip
    from crawler.history import warc

    places = [c.offset for c in warc.read_bytes(content, "x")] + [len(content)]
    answers = {"/x.warc.gz": [(200, {}, content)]}
    for number, host in enumerate(("a.example", "www.b.example")):
        told = {"url": f"https://{host}/robots.txt", "timestamp": "20240220100000", "status": "200",
                "filename": "x.warc.gz", "offset": str(places[number]),
                "length": str(places[number + 1] - places[number])}  # fmt: skip
        path = f"/{CC}-index?url={host}%2Frobots.txt&output=json"
        answers[path] = [(200, {}, json.dumps(told).encode())]
    none = json.dumps({"message": "No Captures found for: x"}).encode()
    return answers | {f"/{CC}-index": [(404, {}, none)]}


def ask(db, server, *more, code=0):
    return run("history", "robots", "--db", db, "--wave", "now", "--collections", CC,
               "--to", db.parent / "past", "--cache", db.parent / "cache", "--pause", 0,
               "--contact", "t@a.example", "--cc-index", server.base, "--cc-data", server.base,
               *more, code=code)  # fmt: skip


ANSWERS = f"""SELECT host, root FROM v_agent_access WHERE wave = '{CC}' AND agent = 'CCBot'
              AND reader = 'rfc9309' ORDER BY host"""


def test_an_archive_is_asked_and_a_wave_made_of_its_answers(db, tmp_path):
    with ArchiveServer(archive(tmp_path)) as server:
        told = json.loads(ask(db, server, "--json").output)
        assert (told["captures"], told["captured"], told["sites"], told["requests"]) == (2, 2, 3, 5)
        assert rows(db, ANSWERS) == [
            ("a.example", "allowed"), ("c.example", "unmeasured"), ("www.b.example", "disallowed")
        ]  # fmt: skip
        again = json.loads(ask(db, server, "--json").output)
        # What was not there is asked for again; what was there is in the cache.
        assert again["requests"] == 1
        assert rows(db, ANSWERS) == rows(db, ANSWERS)


def test_a_broken_answer_ends_the_run_with_its_place_and_makes_no_wave(db, tmp_path):
    answers = archive(tmp_path) | {f"/{CC}-index": [(200, {}, b"<html>too busy</html>")]}
    with ArchiveServer(answers) as server:
        told = ask(db, server, code=2).output
    assert "c.example: not JSON: '<html>too busy" in told
    assert rows(db, "SELECT name FROM waves") == [("now",)]
    assert not list((db.parent / "past").rglob("*.parquet"))


def test_wayback_is_asked_between_two_days(db, tmp_path):
    url = "https://a.example/robots.txt"
    head = ["timestamp", "original", "statuscode", "digest"]
    told = json.dumps([head, ["20240101000000", url, "200", "D"]]).encode()
    answers = {
        "/cdx/search/cdx": [(200, {}, told), (200, {}, b"")],
        f"/web/20240101000000id_/{url}": [(200, {}, CLOSED.encode())],
    }
    with ArchiveServer(answers) as server:
        run("history", "robots", "--db", db, "--wave", "now", "--from", "wayback",
            "--collections", "20240101-20240331", "--as", "ia", "--to", tmp_path / "ia",
            "--pause", 0, "--contact", "t@a.example", "--wayback", server.base)  # fmt: skip
        assert "from=20240101&to=20240331" in server.asked[0][0]
    assert rows(db, ANSWERS.replace(CC, "ia-20240101-20240331")) == [
        ("a.example", "disallowed"), ("c.example", "unmeasured"), ("www.b.example", "unmeasured")
    ]  # fmt: skip


def test_nobody_is_asked_without_a_contact_or_a_panel(db):
    base = ("history", "robots", "--db", db, "--collections", CC, "--to", db.parent / "past")
    assert "name with --wave" in run(*base, code=2).output
    assert "--contact" in run(*base, "--wave", "now", code=2).output
    told = json.loads(run(*base, "--wave", "now", "--contact", "x", "--dry-run", "--json").output)
    assert told["questions"] == 3
