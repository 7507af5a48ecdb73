"""An attempt fails where somebody wants a training agent out and RFC 9309 lets it in."""

from contextlib import closing

import pytest

from analysis.database import open_database
from analysis.numbers import indicator
from analysis.waves import changes
from tests.factories import judged
from tests.factories.judged import Answers, robots

DAY, LATER = "2026-11-01", "2026-12-01"
SEVEN = ("GPTBot", "ClaudeBot", "CCBot", "Google-Extended", "Applebot-Extended", "Amazonbot",
         "Bytespider")  # fmt: skip
FILES = {
    "h1": "".join(f"User-agent: {name}\n" for name in SEVEN) + "Disallow: /\n",
    "h2": "User-agent: GPTBot\nDisallow: /\n",
    "h3": "User-agent: GPTBot\nAllow: /\n",
    "h4": "User-agent: GPTBot\nCrawl-delay: 10\n",
    "h5": "User-agent: GPTBot\nDisallow: /private/\n",
    "h6": "User-agent: GPTBot/1.2\nDisallow: /\n",
    "h7": "User-agent GPTBot\nDisallow: /\n",
    "h8": "User-agent: BackDoorBot\nDisallow: /\n",
    "h9": "",
    "h10": "User-agent: ClaudeBot\nDisallow: /\n",
}
MORE = {
    # One of two fails.
    "half": "User-agent: GPTBot\nDisallow: /\n\nUser-agent: CCBot/2.0\nDisallow: /\n",
    # Both fail, in two groups with the same fault: one site.
    "both": "User-agent: GPTBot/1\nDisallow: /\n\nUser-agent: CCBot/2\nDisallow: /\n",
    # The attempt does not work, and `*` keeps the agent out all the same.
    "lucky": "User-agent: GPTBot/1.2\nDisallow: /\n\nUser-agent: *\nDisallow: /\n",
    # A retired name beside a working one is no failure.
    "old": "User-agent: anthropic-ai\nUser-agent: GPTBot\nDisallow: /\n",
    # A choice, and a rule for everybody.
    "broker": "User-agent: GPTBot\nDisallow: /\n\nUser-agent: CCBot\nAllow: /\n",
    "everybody": "User-agent: *\nDisallow: /\n",
    # A part of the site only: one that works (h5, too), one that does not.
    "part": "User-agent: GPTBot/1\nDisallow: /art/\n",
}


@pytest.fixture(scope="module")
def connection(tmp_path_factory):
    visits = {f"{name}.example": robots(text) for name, text in (FILES | MORE).items()}
    few = {f"{name}.example": robots(text) for name, text in FILES.items()}
    cut = {"cut.example": robots(FILES["h6"], cut=True)}
    page = {"page.example": robots("<html><pre>User-agent: GPTBot/1\nDisallow: /\n</pre>")}
    folder = tmp_path_factory.mktemp("failure")
    path = judged.build(folder / "survey.db", {DAY: few, LATER: visits | cut | page})
    with closing(open_database(path)) as opened:
        yield opened


def counted(connection, wave, name):
    (found,) = indicator.run(connection, wave, [name])
    rows = {row.key: (row.k, row.n) for row in found.rows if row.stratum == "*"}
    assert rows
    return rows


def test_of_ten_files_five_intend_and_two_fail(connection):
    assert counted(connection, DAY, "ineffective_intent") == {
        "fails": (2, 5), "all_fail": (2, 5), "part_fails": (0, 1),
    }  # fmt: skip


def test_one_that_fails_is_not_all_and_what_is_kept_out_all_the_same_does_not_fail(connection):
    # Intended: those five, and half, both, lucky, old, broker. Failed: h6 h7 half both. Of a part:
    # h5 and part. The cut file and the page count nowhere.
    assert counted(connection, LATER, "ineffective_intent") == {
        "fails": (4, 10), "all_fail": (3, 10), "part_fails": (1, 2),
    }  # fmt: skip


def test_faults_are_of_files_and_choices_are_none(connection):
    found = counted(connection, LATER, "defect_rate")
    # Name an AI agent or try to: all but h8 h9 everybody, the page, and the cut one, whose faults
    # could not be told from those that did not come: 14.
    # Miswritten: h6 h7 half both lucky part.
    assert found["writing"] == (6, 14)
    assert found["robots-agent-version"] == (5, 14)
    assert found["robots-agent-retired"] == (1, 14)
    assert found["robots-broker-open"][0] > 0
    assert not {"any", "voids"} & set(found)


def test_a_retired_name_is_counted_apart(connection):
    assert counted(connection, LATER, "stale_token") == {"any": (1, 1), "anthropic-ai": (1, 1)}


PAIRS = {
    # The fault takes the effect away, and is mended.
    "breaks": (FILES["h2"], FILES["h6"], [("broke", "present", "void")]),
    "mends": (FILES["h7"], FILES["h2"], [("mended", "void", "present")]),
    "page": (FILES["h2"], "<html><p>Not found</p></html>", [("broke", "present", "malformed")]),
    # A faulty line comes to a file that works, and nobody is allowed by it.
    "faulty": (FILES["h2"], FILES["h2"] + "Disalow: /x\n", []),
    "retires": (FILES["h2"], "User-agent: anthropic-ai\n" + FILES["h2"], []),
    # It takes the rule away on purpose; it fails from the start; `*` stands in.
    "leaves": (FILES["h2"], FILES["h3"], []),
    "tries": ("", FILES["h6"], []),
    "stands-in": (FILES["h2"], MORE["lucky"], []),
}


def test_broke_is_a_change_of_effect(tmp_path):
    waves = {
        day: {f"{name}.example": robots(pair[side]) for name, pair in PAIRS.items()}
        for side, day in enumerate((DAY, LATER))
    }
    path = judged.build(tmp_path / "survey.db", waves)
    with closing(open_database(path)) as opened:
        rows = list(changes.changes(opened, DAY, LATER))
    found = {name: [] for name in PAIRS}
    for row in rows:
        if row.subject == "signal:robots_access":
            found[row.host.removesuffix(".example")].append((row.kind, row.before, row.after))
    assert found == {name: pair[2] for name, pair in PAIRS.items()}


def test_a_voided_line_beside_a_sound_one_breaks_nothing(tmp_path):
    sound = b'[{"location": "/", "tdm-reservation": 1}]'
    faulty = b'[{"location": "/", "tdm-reservation": 1}, {"location": "/a", "tdm-reservation": 7}]'
    waves = {
        DAY: {"a.example": Answers({judged.TDM: sound, judged.ROBOTS: b"", "/": b"<html>"})},
        LATER: {"a.example": Answers({judged.TDM: faulty, judged.ROBOTS: b"", "/": b"<html>"})},
    }
    path = judged.build(tmp_path / "survey.db", waves)
    with closing(open_database(path)) as opened:
        voided = opened.execute(
            "SELECT severity FROM v_defects WHERE signal = 'tdmrep_file' AND wave = ?", (LATER,)
        ).fetchall()
        found = [row.kind for row in changes.changes(opened, DAY, LATER)]
    assert ("voids",) in voided
    assert "broke" not in found
