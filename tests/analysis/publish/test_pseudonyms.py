"""An export with pseudonyms: nothing of a site can be read off, and shares stay countable."""

import csv
import sqlite3
from collections import Counter
from contextlib import closing

import pytest
from click.testing import CliRunner

from crawler.cli import main


def exported(two_months, folder, *more):
    told = ["export", "--db", str(two_months / "survey.db"), "--to", str(folder), "--pseudonyms"]
    done = CliRunner().invoke(main, [*told, *more])
    assert done.exit_code == 0, done.output
    return folder


@pytest.fixture(scope="module")
def folder(two_months, tmp_path_factory):
    return exported(two_months, tmp_path_factory.mktemp("covered"), "--format", "csv")


SECRETS = (
    "SELECT host FROM sites", "SELECT registrable_domain FROM sites", "SELECT url FROM captures",
    "SELECT quote FROM statements WHERE length(quote) > 12", "SELECT hex(sha256) FROM bodies",
    "SELECT origin FROM v_asset_hosts", "SELECT asset_host FROM v_asset_hosts",
    "SELECT started_at FROM visits",
)  # fmt: skip


def test_no_name_address_quotation_hash_or_hour_of_a_site_is_in_any_file(two_months, folder):
    text = "".join(path.read_text("utf-8") for path in sorted(folder.glob("v_*.csv")))
    assert len(text) > 100_000
    with closing(sqlite3.connect(two_months / "survey.db")) as db:
        for sql in SECRETS:
            found = {str(value) for (value,) in db.execute(sql) if value and len(str(value)) > 5}
            assert found, sql
            assert not [word for word in found if word in text], sql


def rows(folder, name):
    with (folder / f"{name}.csv").open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def test_shares_can_be_counted_again_and_tables_joined(two_months, folder):
    visits = {(row["wave"], row["host"]): row for row in rows(folder, "v_visits")}
    use = [row for row in rows(folder, "v_use") if row["purpose"] == "train"]
    assert all((row["wave"], row["host"]) in visits for row in use)
    counted = Counter((row["wave"], row["preference_strict"]) for row in use)
    with closing(sqlite3.connect(two_months / "survey.db")) as db:
        told = db.execute("SELECT wave, preference_strict, count(*) FROM v_use"
                          " WHERE purpose = 'train' GROUP BY 1, 2").fetchall()  # fmt: skip
    assert counted == {(wave, preference): n for wave, preference, n in told}
    months = Counter(host for _, host in visits)
    assert max(months.values()) == 2  # one pseudonym over both waves


def test_two_exports_have_no_pseudonym_in_common(two_months, folder, tmp_path):
    again = exported(two_months, tmp_path / "x", "--table", "v_visits")
    one, other = ({row["host"] for row in rows(f, "v_visits")} for f in (folder, again))
    assert len(one) == len(other) > 100
    assert not one & other


def test_tables_that_would_tell_are_left_out_and_refused(two_months, folder, tmp_path):
    assert not list(folder.glob("v_captures.csv"))
    assert (folder / "agents.csv").is_file()
    told = ["export", "--db", str(two_months / "survey.db"), "--to", str(tmp_path)]
    done = CliRunner().invoke(main, [*told, "--pseudonyms", "--table", "v_captures"])
    assert done.exit_code == 2
    assert "v_captures: its rows would tell which site they are of" in done.output
