"""`optout operators`: every card, one card, what is unknown and what changed."""

import csv
import io
import json
from pathlib import Path

from click.testing import CliRunner, Result

from crawler.cli import main
from crawler.cli.operators import QUESTIONS
from crawler.registry import operators


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["operators", *arguments])


def test_every_cell_is_asked_for():
    assert sorted(QUESTIONS) == sorted(operators.CELLS)


def test_every_operator_has_its_line():
    lines = [line.split("\t") for line in run().output.splitlines()]
    assert lines[0][0] == "id"
    assert [line[0] for line in lines[1:]] == list(operators.load().entries)
    (mistral,) = [line for line in lines if line[0] == "mistral"]
    assert mistral[1:] == ["Mistral AI", "FR", "yes", "yes", "unknown", "unknown", "8 of 16"]


def test_one_card_is_told_with_its_sources():
    output = run("openai").output
    assert output.startswith("OpenAI\n")
    assert "Does it say so where a person asked for the page? no\n" in output
    assert "as of 2025-08-01, unverified)" in output
    assert "    GPTBot: leaves-training\n" in output
    assert "Way: personal data in answers of ChatGPT\n" in output
    assert "    robots: documented (unverified)\n" in output
    assert "nothing-found" not in output
    assert run("OpenAI ").output == output


def test_a_card_as_json_has_null_where_nothing_is_known():
    card = json.loads(run("common-crawl", "--json").output)
    assert card["facts"]["jurisdiction"] is None
    assert card["facts"]["crawl_delay"]["verified"] is True
    assert [agent["token"] for agent in card["agents"]] == ["CCBot"]
    (way,) = card["removals"]
    assert (way["removes"], way["documented"], way["days"]) == ("corpus", False, None)
    assert card["licences"] == []
    (offer,) = json.loads(run("Microsoft", "--json").output)["licences"]
    assert offer["kind"] == "marketplace"


def test_all_cards_as_json_and_every_cell_as_csv():
    told = json.loads(run("--json").output)
    assert [card["id"] for card in told["operators"]] == list(operators.load().entries)
    rows = list(csv.DictReader(io.StringIO(run("--csv").output)))
    assert len(rows) == len(told["operators"]) * len(QUESTIONS)
    cells = {(row["id"], row["cell"]): row for row in rows}
    assert cells["amazon", "crawl_delay"]["value"] == "no"
    assert cells["amazon", "crawl_delay"]["verified"] == "True"
    assert cells["xai", "crawl_delay"]["value"] == "unknown"
    assert cells["xai", "crawl_delay"]["source"] == ""


def test_what_is_unknown_is_counted_by_cell():
    told = json.loads(run("--unknown", "--json").output)
    assert told["unknown"]["jurisdiction"] == told["operators"]
    assert told["unknown"]["seat"] < told["operators"] / 2
    line = run("--unknown").output.splitlines()[1]
    assert line == f"jurisdiction\t{told['operators']} of {told['operators']}\t100%"


def test_what_changed_since_an_older_file(tmp_path: Path):
    written = Path(operators.__file__).with_suffix(".toml").read_text("utf-8")
    older = tmp_path / "operators.toml"
    line = 'facts.crawl_delay = { value = "no", source = "amazon-bots" }\n'
    assert line in written
    older.write_text(
        written.replace(line, "").replace('version = "2026-12-01"', 'version = "2026"')
    )
    assert run("--since", str(older)).exit_code == 2
    older.write_text(written.replace(line, "").replace("2026-12-01", "2026-11-01"))
    assert run("--since", str(older)).output == (
        "1 changes from 2026-11-01 to 2026-12-01\nAmazon: crawl_delay: unknown -> no\n"
    )
    assert json.loads(run("--since", str(older), "--json").output)["changes"] == [
        {"operator": "Amazon", "what": "crawl_delay", "before": "unknown", "after": "no"}
    ]


def test_an_unknown_name_is_answered_with_what_is_near():
    near, far = run("openia"), run("qqqq")
    assert (near.exit_code, far.exit_code) == (2, 2)
    assert "did you mean openai" in near.output
    assert "`optout operators` lists them" in far.output
    assert run("openai", "--csv").exit_code == 2


def test_the_fewest_mechanisms_by_what_is_verified_documented_and_possible():
    rows = map(json.loads, run("--mechanisms", "--json").output.splitlines())
    told = {row["by"]: row for row in rows}
    assert [len(found["sets"][0]) for found in told.values()] == [4, 4, 5]
    assert told["documented"]["sets"] == [["c2pa", "content-signals", "noarchive", "robots"]]
    assert "Mistral AI" in told["verified"]["reached"]
    assert "OpenAI" in told["verified"]["unreached"]  # others tell that it reads robots.txt
    assert "OpenAI" in told["documented"]["reached"]
    assert "ByteDance" in told["possible"]["unreached"]
    lines = run("--mechanisms").output.splitlines()
    assert lines[3].startswith("documented: 4 mechanisms reach ")
    assert lines[4] == "    c2pa, content-signals, noarchive, robots"
