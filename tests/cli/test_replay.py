"""One published table replayed from end to end: its difference explained to the last site."""

import json

import pytest
from click.testing import CliRunner

from crawler.cli import main
from crawler.judge.replay import THEY_BLOCK, Cause

FILES = {
    "a.example": "user-agent: gptbot\ndisallow: /\n",
    "b.example": "# we have nothing against gptbot\n",
    "c.example": "user-agent: gptbot\ndisallow: /art\n",
    "d.example": "user-agent: *\ndisallow: /\n",
    "e.example": "user-agent: ccbot\ndisallow: /\n",
    "f.example": "user-agent: gptbot\ndisallow: /\n",
    "g.example": "user-agent: gptbot\ndisallow: /\n",
    "i.example": "",
}
# As the publisher of such a set labels: is the name anywhere in the text? One slip (f), one row
# lost (g), one site whose text is not there (h).
LABELS = {"a": True, "b": True, "c": True, "d": False, "e": False, "f": False, "h": True}


@pytest.fixture(scope="module")
def set_(tmp_path_factory):
    folder = tmp_path_factory.mktemp("samber")
    bodies = folder / "2026-01-robots.txt"
    bodies.mkdir()
    for host, text in FILES.items():
        (bodies / f"{host}.robots.txt").write_text(text)
    labels = folder / "2026-01.json"
    labels.write_text(json.dumps(
        [{"domain": f"{name}.example", "breakdown": {"gptbot": label}}
         for name, label in LABELS.items()]
    ))  # fmt: skip
    loaded = run("import", "robots-folder", bodies, "--db", folder / "s.db", "--wave", "2026-01",
                 "--date", "2026-01-15")  # fmt: skip
    assert loaded.exit_code == 0, loaded.output
    return folder / "s.db", labels


def run(*arguments):
    return CliRunner().invoke(main, list(map(str, arguments)))


def test_the_difference_is_explained_to_the_last_site(set_):
    db, labels = set_
    told = run("replay", "samber", labels, "--db", db, "--sites", "--json").output.splitlines()
    table, *sites = map(json.loads, told)
    # Theirs: a b c h of seven labels. By their rule on these files: a b c f. Ours: a d f g of eight
    # but i, whose text is empty and so not known.
    assert table == {
        "agent": "gptbot", "theirs": 4, "of": 7, "rebuilt": 4, "ours": 4, "of ours": 7,
        "only-mentioned": "+1", "open-by-rules": "+1", "theirs-alone": "+1",
        "by-star": "-1", "label-open": "-1", "ours-alone": "-1",
    }  # fmt: skip
    assert {site["host"][0]: site["cause"] for site in sites} == {
        "b": "only-mentioned", "c": "open-by-rules", "d": "by-star", "f": "label-open",
        "g": "ours-alone", "h": "theirs-alone",
    }  # fmt: skip
    causes = {Cause(site["cause"]) for site in sites}
    signs = [1 if cause in THEY_BLOCK else -1 for cause in causes]
    assert table["theirs"] - table["ours"] == sum(signs) == 0


def test_equal_totals_do_not_hide_that_six_sites_differ(set_):
    """Who compares the two counts finds 4 and 4, and nothing to explain."""
    db, labels = set_
    rows = run("replay", "samber", labels, "--db", db, "--sites").output.splitlines()
    assert len(rows) == 1 + 6
    assert rows[0].startswith("agent gptbot  theirs 4  of 7  rebuilt 4  ours 4")


def test_recipes_are_listed_and_wrong_ones_refused(set_):
    db, labels = set_
    listed = [json.loads(line) for line in run("replay", "--json").output.splitlines()]
    assert [row["definition"] for row in listed if row["recipe"] == "winter"] == ["next-line"]
    assert "ki-zugangsindex" in run("replay").output
    assert "no such recipe" in run("replay", "nobody", labels, "--db", db).output
    assert "not read yet" in run("replay", "dear-robots", labels, "--db", db).output
    assert "name the file" in run("replay", "samber", "--db", db).output
