"""`optout generate` for a person: what it says, what it writes, and what it refuses."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from crawler.cli import main
from crawler.cli.generate import STANDS
from crawler.registry.honours import Stand

WISHES = ("--train", "no", "--search", "yes", "--ai-input", "no")
TERMS = ("--train", "conditional", "--search", "yes", "--ai-input", "conditional")


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["generate", *arguments])


def test_the_output_teaches():
    found = run(*WISHES, "--site", "atelier.example")
    assert found.exit_code == 0
    for words in (
        "Your wishes: training AI models: no; search: yes; answers of AI systems: no.",
        "robots.txt: Tells crawlers that obey it to stay away",
        "Where: At https://atelier.example/.well-known/tdmrep.json",
        "Cannot: It says nothing about search.",
        "Documented by the operator: OpenAI (not for ChatGPT-User, which a person sets off, unver",
        "No word on it found: ",
        "Amazonbot fetches for several ends (train, search), which you wish differently: kept out",
        "Of the 163 names on the list of 2026-08-22, a copy made 12 months earlier held 56%.",
        "A copy older than 416 days held less than half of them.",
        "Copies that were collected before today stay collected.",
        "Reposts of your work on other sites",
        "Do not apply robots.txt to what a person asks them to fetch",
        "----- robots.txt -----\n# Training AI models: crawlers known on 2026-08-22\n",
    ):
        assert words in found.output, words
    assert found.output.count("  Really Simple Licensing\n") == 1


@pytest.mark.parametrize(
    ("arguments", "asked", "wish"),
    [
        (("nobody but search",), "", ("disallowed", "allowed", "disallowed")),
        (("Everything", "off"), "", ("disallowed", "disallowed", "disallowed")),
        (("--train", "no"), "", ("disallowed", "unstated", "unstated")),
        (("--agent", "GPTBot"), "", ("disallowed", "unstated", "disallowed")),
        (("--folder", "art"), "", ("disallowed", "unstated", "disallowed")),
        ((), "no\nskip\nno\n", ("disallowed", "unstated", "disallowed")),
        ((), "conditional\n\n\nmailto:a@b.example\n", ("conditional", "unstated", "unstated")),
    ],
)
def test_wishes_by_words_flags_and_questions(arguments, asked, wish):
    found = CliRunner().invoke(main, ["generate", *arguments, "--json"], input=asked)
    assert found.exit_code == 0, found.output
    told = json.loads(found.stdout[found.stdout.index("{") :])
    assert tuple(told["wish"].values()) == wish


def test_whoever_answers_nothing_is_told_so():
    found = CliRunner().invoke(main, ["generate"], input="\n\n\n")
    assert found.exit_code == 2
    assert "answer at least one question" in found.output


def test_no_legal_effect_is_claimed():
    words = run(*TERMS, "--contact", "mailto:a@atelier.example", "--site", "a.example").output
    assert "What the files mean in law, in your country or another, is not said here." in words
    for claim in ("legally", "binding", "copyright", "infring", "prohibited by"):
        assert claim not in words.lower()


def test_every_stand_has_plain_words():
    assert set(STANDS) == {stand.value for stand in Stand}


def test_terms_are_said_where_they_can_be():
    found = run(*TERMS, "--contact", "mailto:a@atelier.example", "--site", "atelier.example")
    assert "It knows no terms. For training AI models crawlers are kept out" in found.output
    assert "----- tdm-policy.json -----" in found.output


def test_what_is_left_out_is_explained():
    found = run("--train", "no", "--search", "yes", "--ai-input", "yes")
    assert "TDMRep is left out: it has one switch" in found.output
    assert "----- tdmrep.json -----" not in found.output


def test_a_later_day_than_the_list_is_owned_up_to():
    found = run(*WISHES, "--as-of", "2027-01-01")
    assert "What changed between 2026-08-22 and 2027-01-01 is not known here." in found.output
    young = run(*WISHES, "--as-of", "2024-04-01")
    assert "held" not in young.output
    assert "So repeat this a few times a year" in young.output
    middling = run(*WISHES, "--as-of", "2024-12-01")
    assert "months earlier held" in middling.output


def test_files_are_written_and_never_overwritten(tmp_path: Path):
    folder = tmp_path / "new" / "files"
    found = run(*WISHES, "--out", str(folder))
    assert found.exit_code == 0
    assert "-----" not in found.output
    written = {path.name for path in folder.iterdir()}
    assert {"robots.txt", "tdmrep.json", "license.xml", "READ-ME.txt"} <= written
    assert "What none of this can do:" in (folder / "READ-ME.txt").read_text("utf-8")
    again = run(*WISHES, "--out", str(folder))
    assert again.exit_code == 2
    assert f"{folder / 'robots.txt'}: is there already" in again.output


def test_a_file_is_added_to_and_what_happened_is_told(tmp_path: Path):
    mine = tmp_path / "robots.txt"
    mine.write_bytes(
        b"User-agent: *\r\nDisallow: /cart\r\nContent-Usage: /press/ train-ai=y\r\n"
        b"User-agent: Googlebot\r\nDisallow: /\r\nUser-agent: GPTBot\r\nAllow: /\r\n"
        b"Disalow: /oops\r\nUser-agent: bingbot\r\nDisallow: /*\r\n"
    )
    found = run(*WISHES, "--merge", str(mine))
    assert found.exit_code == 0, found.output
    assert "Let in by groups of their own: bingbot; Googlebot" in found.output
    assert "Not as wished: bingbot, by the reader rfc9309." in found.output
    assert "Lines of your file that gave way: User-agent: GPTBot; Allow: /" in found.output
    assert "speak for themselves, kept: Content-Usage: /press/ train-ai=y" in found.output
    assert "A fault in your file, line 8 (Disalow: /oops)" in found.output
    assert "Mend: " in found.output
    out = tmp_path / "out"
    run(*WISHES, "--merge", str(mine), "--out", str(out))
    assert (
        (out / "robots.txt")
        .read_bytes()
        .startswith(b"User-agent: *\r\nContent-Signal: search=yes, ai-input=no, ai-train=no\r\n")
    )


def test_a_fault_of_the_whole_file_has_no_line(tmp_path: Path):
    mine = tmp_path / "robots.txt"
    mine.write_bytes(b"User-agent: *\nDisallow: /a\0\n")
    assert "A fault in your file, the whole file: NUL" in run(*WISHES, "--merge", str(mine)).output


def test_json_is_one_object():
    found = json.loads(run(*WISHES, "--json").output)
    files = {file["name"]: file for file in found["files"]}
    assert json.loads(files["tdmrep.json"]["text"]) == [{"location": "/", "tdm-reservation": 1}]
    assert files["tdmrep.json"]["says"] == {"train": "disallowed", "ai_input": "disallowed"}
    assert {"family": "robots", "operator": "LAION", "value": "stated-not", "verified": False} in (
        files["robots.txt"]["reach"]
    )
    assert "GPTBot" in found["kept_out"]
    assert found["ageing"][1]["half_life_days"] == 416
    assert found["merge"]["unreached"] == []
    assert found["mends"] == []


def test_json_of_a_merge_tells_the_mends(tmp_path: Path):
    mine = tmp_path / "robots.txt"
    mine.write_bytes(b"User-agent: *\nDisalow: /a\n")
    (mend,) = json.loads(run(*WISHES, "--merge", str(mine), "--json").output)["mends"]
    assert mend["line"] == 2


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--train", "maybe", "--search", "yes", "--ai-input", "no"), "'maybe' is not one of"),
        (("keep", "out"), "keep out: type one of these: nobody but search;"),
        ((*WISHES, "--as-of", "yesterday"), "'yesterday' does not match the format"),
        ((*WISHES, "--as-of", "2019-01-01"), "no list of agents is known of 2019-01-01"),
        (TERMS, "'conditional' needs a contact"),
        ((*WISHES, "--site", "not a site"), "--site not a site: "),
        ((*WISHES, "--policy-url", "terms.html"), "write a whole one"),
        ((*WISHES, "--contact", "x\x1b[31m"), "write mailto:"),
        ((*WISHES, "--merge", "nowhere/robots.txt"), "nowhere/robots.txt: cannot be read: No such"),
    ],
)
def test_refusals_say_what_to_write(arguments: tuple[str, ...], told: str):
    found = run(*arguments)
    assert found.exit_code == 2
    assert told in " ".join(found.output.split())
    assert "\x1b" not in found.output


def test_a_page_is_not_added_to(tmp_path: Path):
    page = tmp_path / "page.html"
    page.write_bytes(b"<!doctype html><html></html>")
    found = run(*WISHES, "--merge", str(page))
    assert found.exit_code == 2
    assert f"{page}: nothing is added: it is a page" in found.output


def test_a_folder_that_cannot_be_made_is_refused(tmp_path: Path):
    (tmp_path / "file").write_bytes(b"")
    found = run(*WISHES, "--out", str(tmp_path / "file" / "below"))
    assert found.exit_code == 2
    assert "cannot be written: " in found.output


def test_help_teaches():
    words = run("--help").output
    assert "An illustrator who wants to be found, but not trained on" in words
    assert "--merge robots.txt" in words
