"""`optout platforms`: what is known of each place, and that the rest is unknown."""

import json

from click.testing import CliRunner, Result

from crawler.cli import main
from crawler.cli.platforms import QUESTIONS
from crawler.registry import platforms


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["platforms", *arguments])


def test_every_cell_is_asked_for():
    assert list(QUESTIONS) == list(platforms.CELLS)


def test_every_platform_has_its_line():
    lines = [line.split("\t") for line in run().output.splitlines()]
    assert lines[0][0] == "id"
    assert [line[0] for line in lines[1:]] == list(platforms.load().entries)
    (squarespace,) = [line for line in lines if line[0] == "squarespace"]
    assert squarespace[3:] == ["no", "yes", "off", "6 of 13"]


def test_all_as_json_is_one_object_in_which_the_unknown_is_null():
    found = json.loads(run("--json").output)
    listed = {entry["id"]: entry for entry in found["platforms"]}
    assert list(listed) == list(platforms.load().entries)
    assert listed["etsy"]["facts"]["ai_switch"] is None
    fact = listed["deviantart"]["facts"]["ai_switch_default"]
    assert (fact["value"], fact["verified"]) == ("on", True)


def test_one_is_explained_with_its_sources():
    output = run(" Squarespace ").output
    assert output.startswith("Squarespace (builder)\n")
    assert "May you set response headers? unknown\n" in output
    assert "as of 2026-11, unverified)" in output
    assert "The switch names, as of 2024-07-25 (Squarespace help 360022347072):" in output
    assert json.loads(run("squarespace", "--json").output)["switches"][0]["as_of"] == "2024-07-25"
    bare = run("wordpress").output
    assert "Sites at" not in bare
    assert "Works come from" not in bare


def test_an_unknown_name_is_answered_with_what_is_near():
    near, far = run("wixx"), run("qqqq")
    assert (near.exit_code, far.exit_code) == (2, 2)
    assert "did you mean wix?" in near.output
    assert "`optout platforms` lists them" in far.output
