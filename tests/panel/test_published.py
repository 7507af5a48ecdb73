"""Published sets of others as waves: small files of ours in their formats, judged again."""

import gzip
import json
import sqlite3
from contextlib import closing

import pytest
from click.testing import CliRunner

from crawler.cli import main
from crawler.model import Outcome
from crawler.panel import published
from crawler.panel.published import Format, ImportingError, read

BLOCKS = "# ours\nUser-agent: GPTBot\nUser-agent: CCBot\nDisallow: /\n"
MENTIONS = "# GPTBot is welcome\nUser-agent: *\nDisallow: /tmp/\n"
DATE = "2026-06-30T00:00:00Z"


def folder(path):
    for host, text in {"a.example": BLOCKS, "b.example": MENTIONS, "c.example": ""}.items():
        (path / f"{host}.robots.txt").write_text(text)
    (path / "2026-06.json").write_text("[]")
    return path


def table(path):
    quoted = {host: text.replace('"', '""') for host, text in
              {"a.example": BLOCKS, "b.example": MENTIONS, "c.example": ""}.items()}  # fmt: skip
    rows = "".join(f'{n},{h},News,"{text}"\n' for n, (h, text) in enumerate(quoted.items()))
    (path / "agents.csv").write_text(",Website,Category,robots\n" + rows + ',not a host,News,""\n')
    return path / "agents.csv"


def objects(path):
    for host, text in {"a.example": BLOCKS, "b.example": MENTIONS, "c.example": None}.items():
        about = {"domain": host, "bots": [{"name": "*", "allowed": True}]}
        about |= {"robotsTxt": text} if text else {}
        (path / f"{host}.json").write_text(json.dumps(about))
    return path


def rules(path):
    def group(disallow, **more):
        return {"disallow": disallow, "allow": [], "total": len(disallow), "total_allow": 0} | more

    told = [
        {"domain": "a.example", "http_status": 200, "checked_at": "2026-06-29T10:00:00+00:00",
         "category": "news", "rules": {"GPTBot": group(["/"]), "CCBot": group(["/"])}},
        {"domain": "b.example", "http_status": 200, "rules": {"*": group(["/tmp/"])}},
        {"domain": "c.example", "http_status": None, "fetch_error": "timed out", "rules": {}},
        {"domain": "d.example", "http_status": 404, "rules": {}},
        {"domain": "e.example", "http_status": 403, "rules": {}},
    ]  # fmt: skip
    (path / "domains.json").write_text(json.dumps(told))
    return path / "domains.json"


MADE = {
    Format.ROBOTS_FOLDER: folder,
    Format.ROBOTS_CSV: table,
    Format.ROBOTS_JSON: objects,
    Format.RULES_JSON: rules,
}


def optout(*arguments):
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


def load(form, path, db, wave, date="2026-06-30"):
    return optout("import", form, path, "--db", db, "--wave", wave, "--date", date)


@pytest.fixture(scope="module")
def db(tmp_path_factory):
    """Two months of a folder, and the same sites told by rules."""
    db = tmp_path_factory.mktemp("imports") / "survey.db"
    theirs, others = tmp_path_factory.mktemp("theirs"), tmp_path_factory.mktemp("others")
    folder(theirs)
    (theirs / "b.example.robots.txt").write_text(BLOCKS)
    done = [load("robots-folder", theirs, db, "2026-05", "2026-05-31")]
    done += [load("robots-folder", folder(theirs), db, "2026-06")]
    done += [load("rules-json", rules(others), db, "rules")]
    assert [each.exit_code for each in done] == [0, 0, 0], done
    return db


def ask(db, sql, *values):
    with closing(sqlite3.connect(db)) as connection:
        return connection.execute(sql, values).fetchall()


@pytest.mark.parametrize(("wave", "mentioned", "observed"), [("2026-06", 2, 2), ("rules", 1, 3)])
def test_a_published_table_is_recomputed_under_every_definition(wave, mentioned, observed, db):
    """A comment that mentions an agent is gone from rules; that d has no file is told by rules."""
    roots = ask(db, "SELECT host, root FROM v_agent_access WHERE agent = 'GPTBot' AND wave = ?"
                    " AND reader = 'rfc9309' ORDER BY host", wave)  # fmt: skip
    assert roots[:3] == [
        ("a.example", "disallowed"), ("b.example", "allowed"), ("c.example", "unmeasured")
    ]  # fmt: skip
    counted = dict(ask(db, "SELECT definition, k FROM v_definitions WHERE wave = ?", wave))
    assert counted["mentioned"] == mentioned
    assert counted["denied"] == counted["named"] == 1
    assert ask(db, "SELECT DISTINCT n FROM v_definitions WHERE wave = ?", wave) == [(observed,)]


@pytest.mark.parametrize("form", list(Format))
def test_each_format_is_read(form, tmp_path):
    imported = read(MADE[form](tmp_path), form, name="theirs", date=DATE)
    found = {site.host: (outcome, capture) for site, outcome, _, capture in imported.visits}
    assert list(found)[:3] == ["a.example", "b.example", "c.example"]
    assert b"User-agent: GPTBot\n" in found["a.example"][1].body
    assert found["a.example"][0] is Outcome.OK_PARTIAL  # of all else nothing is known
    assert found["c.example"][0] is Outcome.UNREACHABLE
    assert found["c.example"][1].status is None
    assert {capture.detail for _, capture in found.values()} == {"imported"}


def test_what_is_no_host_is_counted(tmp_path):
    panel = read(table(tmp_path), Format.ROBOTS_CSV, name="theirs", date=DATE).panel
    assert panel.rows_read == 4
    assert [rejection.text for rejection in panel.rejections] == ["not a host"]
    assert {site.stratum for site in panel.sites} == {"News"}


def test_statuses_tell_a_missing_file_from_a_refusal(tmp_path):
    visits = read(rules(tmp_path), Format.RULES_JSON, name="theirs", date=DATE).visits
    endings = {site.host: reason.value for site, _, reason, _ in visits}
    assert endings["d.example"] == "resource_unmeasured"
    assert endings["e.example"] == "http_403"
    times = {site.host: capture.started_at for site, _, _, capture in visits}
    assert times["a.example"] == "2026-06-29T10:00:00+00:00"
    assert times["b.example"] == DATE


def test_rules_that_were_cut_short_make_a_body_that_was(tmp_path):
    group = {"disallow": ["/a"], "allow": ["/b\nUser-agent: CCBot"], "total": 300}
    about = {"domain": "a.example", "http_status": 200, "rules": {"*": group, "X": None}}
    (tmp_path / "a.json").write_text(json.dumps(about))
    ((_, _, _, capture),) = read(tmp_path, Format.RULES_JSON, name="t", date=DATE).visits
    assert capture.truncated
    assert capture.body == (
        b"User-agent: *\nDisallow: /a\nAllow: /b User-agent: CCBot\n\nUser-agent: X\nDisallow:"
    )


def test_two_months_of_one_set_are_two_waves_of_one_panel(db):
    assert ask(db, "SELECT count(DISTINCT panel_id) FROM waves WHERE name <> 'rules'") == [(1,)]
    assert ("b.example", "lost", "access:GPTBot") in ask(
        db, "SELECT host, kind, subject FROM v_changes"
    )
    settings, agent = ask(db, "SELECT settings, user_agent FROM waves")[0]
    assert json.loads(settings)["provenance"] == "imported"
    assert agent == "(imported)"


def test_a_wave_is_imported_once(db, tmp_path):
    done = load("robots-folder", folder(tmp_path), db, "2026-06")
    assert done.exit_code == 2
    assert "already" in done.output


@pytest.mark.parametrize(
    ("form", "content"),
    [
        (Format.ROBOTS_FOLDER, ""),
        (Format.ROBOTS_CSV, "a,b\n1,2\n"),
        (Format.ROBOTS_CSV, ""),
        (Format.ROBOTS_JSON, "{"),
        (Format.ROBOTS_JSON, "[1]"),
        (Format.ROBOTS_JSON, "[" * 100_000),
        (Format.RULES_JSON, "[]"),
        (Format.RULES_JSON, "{}"),
    ],
)
def test_another_file_is_refused_with_its_name(form, content, tmp_path):
    file = tmp_path / "file"
    file.write_text(content)
    with pytest.raises(ImportingError, match="file"):
        read(file, form, name="t", date=DATE)


@pytest.mark.parametrize(
    ("status", "outcome"),
    [(429, Outcome.RATE_LIMITED), (503, Outcome.SERVER_ERROR), (301, Outcome.SERVER_ERROR),
     (451, Outcome.DENIED), (410, Outcome.OK_PARTIAL)],
)  # fmt: skip
def test_a_status_is_its_outcome(status, outcome, tmp_path):
    told = [{"domain": name, "http_status": status} for name in ("a.example", "A.example", "co.uk")]
    (tmp_path / "x.json").write_text(json.dumps(told))
    found = read(tmp_path, Format.RULES_JSON, name="t", date=DATE)
    assert [visit[1] for visit in found.visits] == [outcome]
    panel = found.panel
    assert (len(panel.duplicates), len(panel.rejections), panel.rows_read) == (1, 1, 3)


def test_a_file_beyond_the_limit_is_refused_packed_or_not(tmp_path, monkeypatch):
    monkeypatch.setattr(published, "MAX_FILE", 50)
    for content in (b" " * 51, gzip.compress(b" " * 51)):
        (tmp_path / "x.json").write_bytes(content)
        with pytest.raises(ImportingError, match=r"x.json: larger than 50 bytes"):
            read(tmp_path, Format.ROBOTS_JSON, name="t", date=DATE)
    (tmp_path / "x.csv").write_text("host,robots\na.example," + "x" * 51)
    with pytest.raises(ImportingError, match=r"x.csv, line 1: field larger"):
        read(tmp_path / "x.csv", Format.ROBOTS_CSV, name="t", date=DATE)


@pytest.mark.parametrize("form", Format)
def test_a_packed_file_is_read_as_the_plain_one(form, tmp_path):
    plain = MADE[form](tmp_path)
    expected = read(plain, form, name="t", date=DATE)
    files = list(plain.iterdir()) if plain.is_dir() else [plain]
    for file in files:
        file.with_name(f"{file.name}.gz").write_bytes(gzip.compress(file.read_bytes()))
        file.unlink()
    packed = plain if plain.is_dir() else plain.with_name(f"{plain.name}.gz")
    assert read(packed, form, name="t", date=DATE).visits == expected.visits


PACKED = gzip.compress(b'{"domain": "a.example", "robotsTxt": ""}' * 9)


@pytest.mark.parametrize("form", ["robots-csv", "robots-json", "rules-json"])
@pytest.mark.parametrize(
    "content",
    [b"\xff\xfe\n", b"host,robots\n\xff,\n", PACKED[:-9], PACKED[:20] + b"xxxx" + PACKED[24:],
     PACKED[:-8] + bytes(8), b"\x1f\x8b", gzip.compress(b"\xff")],
)  # fmt: skip
def test_a_file_that_cannot_be_read_ends_in_a_sentence_with_its_name(form, content, tmp_path):
    file = tmp_path / "their.file"
    file.write_bytes(content)
    done = optout("import", form, file, "--db", tmp_path / "s.db", "--wave", "w",
                  "--date", "2026-06-30")  # fmt: skip
    assert (done.exit_code, isinstance(done.exception, SystemExit)) == (2, True)
    assert "their.file: " in done.output


def test_a_folder_is_no_table(tmp_path):
    with pytest.raises(ImportingError, match=f"{tmp_path}: cannot be read: Is a directory"):
        read(tmp_path, Format.ROBOTS_CSV, name="t", date=DATE)


def test_half_a_surrogate_pair_is_kept_in_a_body_and_replaced_in_words(tmp_path):
    file = tmp_path / "half.json"
    file.write_text(r"""[{"domain": "a.example", "http_status": 200, "category": "\ud800",
        "rules": {"\ud800": {"disallow": ["/"]}}}, {"domain": "\ud800"}]""")
    done = optout("import", "rules-json", file, "--db", tmp_path / "s.db", "--wave", "w",
                  "--date", "2026-06-30")  # fmt: skip
    assert done.exit_code == 0
    assert "wave w: 2 rows: 1 sites, 1 rejected, 0 duplicates" in done.output
    ((site, _, _, capture),) = read(file, Format.RULES_JSON, name="t", date=DATE).visits
    assert (site.stratum, b"\xed\xa0\x80" in capture.body) == ("?", True)


def test_a_date_that_is_none_is_refused(tmp_path):
    done = optout("import", "robots-json", tmp_path, "--wave", "w", "--date", "June")
    assert done.exit_code == 2
    assert "not a day" in done.output
