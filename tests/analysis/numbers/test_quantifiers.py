"""A part is not the whole, one agent is not all, and what was not answered is not no."""

from contextlib import closing

import pytest

from analysis.database import open_database
from analysis.numbers import indicator, summary
from crawler.model import Failure, Outcome, Reason
from crawler.registry import agents
from tests.factories import judged
from tests.factories.judged import ROBOTS, TDM, Answers, robots

DAY = "2026-11-25"
GPT = "User-agent: GPTBot\nDisallow: /\n"
WORDS = b"<html><title>Terms of use</title><p>We reserve the use of our content for text and " \
    b"data mining within the meaning of Article 4 of Directive (EU) 2019/790.</p>"  # fmt: skip
MAJOR = "".join(f"User-agent: {token}\n" for token in agents.load().panels["strict8"])
TRAINERS = [a for a in agents.load().agents if "train" in a.purposes and a.operator]
NAMEABLE = "".join(f"User-agent: {a.token}\n" for a in TRAINERS if agents.is_product_token(a.token))


def reserving(path: bytes) -> Answers:
    rule = b'[{"location": "%s", "tdm-reservation": 1}]' % path
    return Answers({ROBOTS: b"", "/": b"<html>", TDM: rule})


def with_terms(text: str) -> Answers:
    return Answers({ROBOTS: text.encode(), "/": b"<html>", "terms:/terms": WORDS})


DOWN = Answers(failure=Failure.CONNECT_TIMEOUT, end=(Outcome.UNREACHABLE, Reason.CONNECT_TIMEOUT))
PANELS = {
    # A tdmrep.json for /archive/ is no reservation of the site.
    "legal_reservation": (
        [reserving(b"/"), reserving(b"/archive/"), robots("")],
        {"any": (1, 3), "part": (1, 3), "tdmrep_file": (1, 3), "tdmrep_header": (0, 3),
         "tdmrep_meta": (0, 3)},
    ),
    # A refusal of all training is not matched by a rule for one agent.
    "terms_gap": (
        [with_terms(""), with_terms(GPT), with_terms(MAJOR + "Disallow: /\n"), robots(GPT)],
        {"": (2, 3)},
    ),
    "prose_only": (
        [with_terms(""), with_terms(GPT), with_terms("User-agent: *\nDisallow: /\n"), robots(GPT)],
        {"": (2, 4)},
    ),
    # An agent that no file can name is not missing in any; one that can be named is.
    "complete_opt_out": (
        [robots(NAMEABLE + "Disallow: /\n"), robots(MAJOR + "Disallow: /\n"),
         robots("User-agent: *\nDisallow: /\n"), robots("User-agent: *\nDisallow: /\n\n"
                                                        "User-agent: GPTBot\nAllow: /\n")],
        {"": (2, 4), "least, without Amazonbot": (2, 4), "most, without GPTBot": (3, 4)},
    ),
    # A site that never answered may ask for payment.
    "asked_to_pay": ([robots(""), robots(GPT), DOWN], {"": (0, 2)}),
}  # fmt: skip


def counted(path, name, sites):
    judged.build(path, {DAY: {f"s{n}.example": made for n, made in enumerate(sites)}})
    with closing(open_database(path)) as connection:
        (found,) = indicator.run(connection, DAY, [name])
    rows = [row for row in found.rows if row.stratum == "*"]
    assert rows
    return rows


@pytest.mark.parametrize("name", PANELS)
def test_shares(tmp_path, name):
    sites, expected = PANELS[name]
    rows = counted(tmp_path / "survey.db", name, sites)
    assert {row.key: (row.k, row.n) for row in rows} == expected


def test_files_that_name_no_ai_agent_are_not_counted(tmp_path):
    google = "User-agent: Googlebot\nDisallow: /a\n\n"
    sites = [robots(google), robots(google + GPT), robots(google + MAJOR + "Disallow: /\n")]
    (row,) = counted(tmp_path / "survey.db", "agents_named", sites)
    assert (row.n, row.p10, row.p90) == (2, 1, 8)


def test_prose_is_present_where_it_says_something(tmp_path):
    prose = "# We reserve text and data mining under Article 4 of Directive (EU) 2019/790.\n"
    answers = {"a": with_terms(""), "b": robots(prose), "c": robots("")}
    sites = {f"{name}.example": made for name, made in answers.items()}
    judged.build(tmp_path / "survey.db", {DAY: sites})
    with closing(open_database(tmp_path / "survey.db")) as connection:
        numbers = summary.run(connection, DAY)
        listed = connection.execute(
            "SELECT host, signal, outcome FROM v_site_signals WHERE signal LIKE '%prose'"
            " AND outcome = 'present' ORDER BY 1"
        ).fetchall()
    for signal in ("robots_prose", "terms_prose"):
        assert numbers["signal_share"].row(key=signal).k == 1
        assert numbers["signal_malformed"].row(key=signal).k == 0
    assert listed == [
        ("a.example", "terms_prose", "present"), ("b.example", "robots_prose", "present"),
    ]  # fmt: skip


def test_one_of_several_is_enough(tmp_path):
    old = "User-agent: anthropic-ai\nUser-agent: ClaudeBot\nUser-agent: FacebookBot\nDisallow: /\n"
    kept_up = "User-agent: anthropic-ai\nUser-agent: ClaudeBot\nDisallow: /\n"
    rows = counted(tmp_path / "old.db", "stale_token", [robots(old), robots(kept_up)])
    assert {row.key: (row.k, row.n) for row in rows} == {
        "any": (1, 2), "anthropic-ai": (0, 2), "FacebookBot": (1, 1),
    }  # fmt: skip
    void = {
        ROBOTS: b"",
        "/": b"<html>",
        TDM: b'[{"location": "/", "tdm-reservation": 1}',
        "/ai.txt": b"User-Agent: *\nDisallow: /\n",
    }
    sound = void | {TDM: b'[{"location": "/", "tdm-reservation": 1}]'}
    rows = counted(tmp_path / "void.db", "void_file", [Answers(void), Answers(sound)])
    found = {row.key: (row.k, row.n) for row in rows}
    assert found["any"] == (1, 2)
    assert found["tdmrep_file"] == (1, 2)
    assert found["ai_txt"] == (0, 2)
