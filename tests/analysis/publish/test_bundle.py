"""`optout publish` and `optout verify`: what a bundle holds, and that no change goes unnoticed."""

import csv
import hashlib
import json
import shutil
import sqlite3
import zlib
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner

from analysis.database import open_database
from analysis.numbers import indicator, summary
from analysis.publish import bundle
from analysis.publish.verify import Check
from crawler.cli import main
from tests.store.test_views import WAVES, survey

EARLIER, WAVE = WAVES
FOLDER = "/home/somebody/lists"


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    """Two judged waves, with things in it that nobody else should see."""
    path = survey(tmp_path_factory.mktemp("publish"), WAVES)
    with closing(sqlite3.connect(path)) as db, db:
        settings = json.dumps({"SURVEY_HOSTS_FILE": f"{FOLDER}/hosts", "DOWNLOAD_DELAY": 1.0})
        db.execute("UPDATE waves SET settings = ?", (settings,))
        db.execute("INSERT INTO tombstones VALUES ('private.example', '2026-11-01', 'asked')")
        db.execute("UPDATE panels SET source = 'a [list](javascript:alert(1)) <b> | of *ours*'")
        db.execute("UPDATE judged_waves SET judged_at = '2026-11-02T00:00:00Z'")
    return path


def optout(*arguments):
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


@pytest.fixture(scope="module")
def published(path, tmp_path_factory):
    pytest.importorskip("pyarrow")
    out = tmp_path_factory.mktemp("published") / "bundle"
    asked = ("--wave", WAVE, "--wave", EARLIER, "--with-bodies", "--bootstrap", 7)
    done = optout("publish", "--db", path, "--out", out, *asked)
    assert done.exit_code == 0, done.output
    return out


@pytest.fixture
def copied(published, tmp_path):
    return Path(shutil.copytree(published, tmp_path / "bundle"))


def problems(folder):
    return list(Check(folder).problems())


def signed(folder):
    """Write the checksums anew, as somebody would who covers a change up."""
    lines = [f"{bundle.digest(folder / name)}  {name}\n" for name in bundle.files(folder)]
    (folder / "SHA256SUMS").write_text("".join(lines))


def test_a_bundle_is_as_published(published):
    done = optout("verify", published)
    assert done.exit_code == 0, done.output
    check = Check(published)
    assert list(check.problems()) == []
    assert check.verified.parquet
    assert check.verified.numbers > 500
    assert f"{check.verified.files} files, {check.verified.numbers} numbers" in done.output


def test_every_number_of_summary_and_indicators_is_published(published, path):
    """From the database with bodies: the one without them must come to the same."""
    with (published / "numbers.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    found = {tuple(row[name].removeprefix("'") for name in bundle.KEY): row for row in rows}
    assert len(found) == len(rows)
    expected = {}
    with closing(open_database(path)) as connection:
        for wave in (EARLIER, WAVE):
            for result in summary.run(connection, wave, seed=7).results:
                for row in result.rows:
                    expected["number", row.definition, wave, row.stratum, row.key] = row
            for measured in indicator.run(connection, wave, seed=7):
                for row in measured.rows:
                    expected["indicator", row.indicator, wave, row.stratum, row.key] = row
    assert set(found) == set(expected)
    for key, row in expected.items():
        for name in (
            "k", "n", "share", "low", "high", "median", "cluster_low", "before", "weighted_if_all",
            "adjusted_share", "told", "template_high",
        ):  # fmt: skip
            owner = "owner_low" if name == "cluster_low" and key[0] == "number" else name
            value = getattr(row, owner, None)
            assert found[key][name] == ("" if value is None else str(value)), (key, name)
        assert found[key]["denominator"]


def test_equal_databases_give_equal_bytes(published, path, tmp_path):
    asked = ("--wave", WAVE, "--wave", EARLIER, "--with-bodies", "--bootstrap", 7)
    assert optout("publish", "--db", path, "--out", tmp_path / "again", *asked).exit_code == 0
    one, two = bundle.listed_files(published), bundle.listed_files(tmp_path / "again")
    assert one == two


def test_third_party_text_and_private_things_stay_out(published, path):
    with closing(sqlite3.connect(path)) as db:
        stored = [row[0] for row in db.execute("SELECT content FROM bodies WHERE size > 0")]
        stored += [row[0] for row in db.execute("SELECT content FROM headers")]
    raw = (published / "survey.db").read_bytes()
    assert stored
    for content in stored:
        assert content not in raw
    for file in bundle.files(published):
        content = (published / file).read_bytes()
        assert b"private.example" not in content, file
        assert FOLDER.encode() not in content, file
    with closing(sqlite3.connect(published / "survey.db")) as db:
        assert db.execute("SELECT max(length(content)) FROM bodies").fetchone() == (0,)
        assert db.execute("SELECT max(size) FROM bodies").fetchone()[0] > 0
        settings = json.loads(db.execute("SELECT settings FROM waves").fetchone()[0])
    assert settings == {"SURVEY_HOSTS_FILE": "hosts", "DOWNLOAD_DELAY": 1.0}


def test_the_other_database_has_every_body(published):
    with closing(sqlite3.connect(published / "survey-with-bodies.db")) as db:
        rows = db.execute("SELECT sha256, content FROM bodies").fetchall()
    assert rows
    for digest, content in rows:
        assert hashlib.sha256(zlib.decompress(content)).hexdigest() == digest


def test_without_being_asked_there_are_no_bodies(path, tmp_path):
    done = optout("publish", "--db", path, "--out", tmp_path / "b", "--no-parquet")
    assert done.exit_code == 0, done.output
    names = bundle.files(tmp_path / "b")
    assert "survey-with-bodies.db" not in names
    assert not [name for name in names if name.endswith(".parquet")]
    assert problems(tmp_path / "b") == []


def test_nobody_judges_or_surveys_what_has_no_bodies(published, tmp_path):
    shutil.copy(published / "survey.db", tmp_path)
    done = optout("judge", "--db", tmp_path / "survey.db")
    assert done.exit_code == 2
    assert "without bodies" in done.output
    assert optout("summary", "--db", tmp_path / "survey.db").exit_code == 0


def test_a_changed_number_is_named(copied):
    file = copied / "numbers.csv"
    lines = file.read_text("utf-8").splitlines(keepends=True)
    place = next(
        i for i, line in enumerate(lines) if line.startswith(f'"number","observed",,"{WAVE}"')
    )
    assert '"*","",3,4,0.75,' in lines[place]
    lines[place] = lines[place].replace('"*","",3,4,0.75,', '"*","",4,4,1.0,')
    file.write_text("".join(lines), "utf-8", newline="")
    named = f"number observed, wave {WAVE}, stratum *"
    expected = [
        f"numbers.csv: {named}: k is 4, but by the database 3",
        f"numbers.csv: {named}: share is 1.0, but by the database 0.75",
    ]
    assert problems(copied) == [
        "numbers.csv: its checksum is not the one in SHA256SUMS", *expected
    ]  # fmt: skip
    signed(copied)
    assert problems(copied) == expected
    done = optout("verify", copied)
    assert done.exit_code == 1
    assert expected[0] in done.output


def test_a_number_taken_away_or_added_is_named(copied):
    file = copied / "numbers.csv"
    lines = file.read_text("utf-8").splitlines(keepends=True)
    gone = next(line for line in lines if line.startswith('"number","observed"'))
    lines.remove(gone)
    file.write_text("".join([*lines, gone.replace('"observed"', '"invented"')]), newline="")
    signed(copied)
    assert [problem.split(": ", 1)[1].split(", ")[0] for problem in problems(copied)] == [
        "number invented", "number observed"
    ]  # fmt: skip


@pytest.mark.parametrize(
    "name", ["METHODOLOGY.md", "survey-with-bodies.db", "datapackage.json", "LICENSE.txt"]
)
def test_one_changed_byte_is_named(name, copied):
    content = bytearray((copied / name).read_bytes())
    content[-2] ^= 1
    (copied / name).write_bytes(content)
    assert f"{name}: its checksum is not the one in SHA256SUMS" in problems(copied)


def test_one_changed_row_of_the_database_is_named(copied):
    with closing(sqlite3.connect(copied / "survey.db")) as db, db:
        db.execute(
            "UPDATE visits SET outcome = 'denied', reason = 'http_403' WHERE wave_id = 2"
            " AND site_id = (SELECT site_id FROM sites WHERE host = 'stays.example')"
        )
    found = problems(copied)
    assert found[0] == "survey.db: its checksum is not the one in SHA256SUMS"
    signed(copied)
    found = problems(copied)
    assert [line for line in found if line.startswith("numbers.csv: number outcomes, ")]
    assert [line for line in found if line.startswith("v_visits.csv, row ")]
    assert [line for line in found if line.startswith("v_visits.parquet, row ")]


def test_a_row_that_no_number_counts_is_named(copied):
    with closing(sqlite3.connect(copied / "survey.db")) as db, db:
        db.execute("UPDATE captures SET url = 'https://else.example/' WHERE capture_id = 1")
    signed(copied)
    found = problems(copied)
    assert found
    named = {line.split(", row ")[0] for line in found}
    assert named <= {f"{view}.{form}" for view in ("v_captures", "v_robots", "v_statements")
                     for form in ("csv", "parquet")}  # fmt: skip
    assert "but in the database https://else.example/" in found[0]


def test_a_shortened_table_is_named(copied):
    file = copied / "tables" / "v_visits.csv"
    lines = file.read_text("utf-8").splitlines(keepends=True)
    file.write_text("".join(lines[:-1]), "utf-8", newline="")
    signed(copied)
    assert problems(copied) == [
        f"v_visits.csv: the database has more rows than the other, from row {len(lines) - 1}"
    ]


def test_files_that_come_and_go_are_named(copied):
    (copied / "tables" / "agents.csv").unlink()
    (copied / "extra.txt").write_text("")
    found = problems(copied)
    assert "tables/agents.csv: missing" in found
    assert "extra.txt: not in SHA256SUMS" in found


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("survey.db", b"not a database"),
        ("numbers.csv", b"\xff\xfe"),
        ("numbers.csv", b'"a'),
        ("tables/v_visits.csv", b'"a"\r\n"'),
        ("tables/v_visits.parquet", b"PAR1"),
        ("datapackage.json", b"[]"),
        ("datapackage.json", b'{"optout": {"waves": ["no such wave"], "seed": null}}'),
    ],
)
def test_a_damaged_file_is_a_finding_and_no_crash(name, content, copied):
    (copied / name).write_bytes(content)
    signed(copied)
    done = optout("verify", copied)
    assert done.exit_code == 1, done.output
    assert not isinstance(done.exception, Exception)


@pytest.mark.parametrize("name", ["../outside", "/etc/hostname", "a/../../b"])
def test_a_checksum_of_a_file_outside_is_refused(name, copied):
    (copied / "SHA256SUMS").write_text(f"{'0' * 64}  {name}\n")
    done = optout("verify", copied)
    assert done.exit_code == 2
    assert "not a checksum and a file of the bundle" in done.output


def test_a_link_is_not_followed(copied):
    license_file = copied / "LICENSE.txt"
    kept = license_file.rename(copied.parent / "elsewhere")
    license_file.symlink_to(kept)
    assert "LICENSE.txt: a link, not a file" in problems(copied)


def test_what_is_no_bundle_is_refused(tmp_path):
    assert optout("verify", tmp_path).exit_code == 2


def test_a_folder_with_something_else_is_left_alone(path, tmp_path):
    (tmp_path / "thesis.txt").write_text("")
    done = optout("publish", "--db", path, "--out", tmp_path)
    assert done.exit_code == 2
    assert [file.name for file in tmp_path.iterdir()] == ["thesis.txt"]


def test_a_wave_that_is_not_there_is_refused(path, tmp_path):
    done = optout("publish", "--db", path, "--out", tmp_path / "b", "--wave", "never")
    assert done.exit_code == 2
    assert "never" in done.output


def test_the_data_package_describes_every_file_and_column(published):
    """By the rules of Data Package, version 2: what is required, and that it is true."""
    package = json.loads((published / "datapackage.json").read_text())
    assert {licence["name"] for licence in package["licenses"]} == {"CC-BY-4.0"}
    names = [resource["name"] for resource in package["resources"]]
    assert len(set(names)) == len(names)
    for resource in package["resources"]:
        file = published / resource["path"]
        assert file.stat().st_size == resource["bytes"]
        assert f"sha256:{bundle.digest(file)}" == resource["hash"]
        if resource["format"] != "csv":
            continue
        with file.open(encoding="utf-8", newline="") as stream:
            header = next(csv.reader(stream))
        assert [field["name"] for field in resource["schema"]["fields"]] == header
        for field in resource["schema"]["fields"]:
            assert field["type"] in {"integer", "number", "string"}
            assert field["description"]
    tables = {path for path in bundle.files(published) if path.endswith((".csv", ".parquet"))}
    assert tables <= {resource["path"] for resource in package["resources"]}


def test_the_data_package_is_valid_by_frictionless(published):
    frictionless = pytest.importorskip("frictionless", reason="frictionless is run by hand")
    report = frictionless.Package(str(published / "datapackage.json")).validate()
    assert report.valid, report.flatten(["name", "type", "message"])


def test_the_metadata_for_search_engines_and_citation(published):
    linked = json.loads((published / "dataset.jsonld").read_text())
    assert (linked["@context"], linked["@type"]) == ("https://schema.org/", "Dataset")
    assert {each["contentUrl"] for each in linked["distribution"]} <= set(bundle.files(published))
    citation = (published / "CITATION.cff").read_text()
    for line in ('type: "dataset"', 'license: "CC-BY-4.0"', 'date-released: "2026-11-02"',
                 '  - name: "The Opt-Out Observatory authors"'):  # fmt: skip
        assert f"{line}\n" in citation
    assert WAVE in linked["name"]


def test_what_a_panel_says_does_nothing_in_the_methodology(published):
    page = (published / "METHODOLOGY.md").read_text("utf-8")
    assert r"a \[list\](javascript:alert(1)) \<b\> \| of \*ours\*" in page
    for number in summary.numbers():
        assert f"**{number.definition}**" in page
    for each in indicator.indicators():
        assert f"**{each.name}** ({each.id})" in page


def test_the_demo_wave_is_published_and_verified(demo, tmp_path):
    pytest.importorskip("pyarrow")
    out = tmp_path / "bundle"
    done = optout("publish", "--db", demo / "survey.db", "--wave", "demo", "--out", out)
    assert done.exit_code == 0, done.output
    assert optout("verify", out).exit_code == 0
