"""From announcement to refusal by name, on waves made by hand. GPTBot: 7 August 2023."""

import json
from contextlib import closing

import pytest
from click.testing import CliRunner

from analysis.database import AnalysisError, open_database
from analysis.numbers import indicator, lags
from analysis.queries import query
from crawler.cli import main
from crawler.registry import agents
from tests.analysis.numbers.test_retroactivity import Panel

OPEN, STAR = "User-agent: *\nDisallow: /private/\n", "User-agent: *\nDisallow: /\n"
NAMED = "User-agent: GPTBot\nDisallow: /\n"


@pytest.fixture(scope="module")
def panel(tmp_path_factory):
    """Twelve sites at day -37, 60 and 146: of s0 to s5 the first three refuse by the second look.

    s6 names it before there was any announcement, s7 keeps all away, s8 was never read.
    """
    panel = Panel(tmp_path_factory.mktemp("lags"))
    hosts = [f"s{number}.example" for number in range(12)]

    def told(*named):
        return {
            host: NAMED if number in {6, *named} else STAR if number == 7 else OPEN
            for number, host in enumerate(hosts)
        } | {"s8.example": ""}

    panel.wave("2023-07-01", told())
    panel.wave("2023-10-06", told(0, 1, 2))
    panel.wave("2023-12-31", told(0, 1, 2, 3, 4))
    return panel


def measured(panel, agent="GPTBot"):
    with closing(open_database(panel.db)) as connection:
        return lags.lags(connection, "2023-12-31", agent)


def test_refusals_lie_between_two_looks(panel):
    found = measured(panel)
    assert (found.announced, found.sites, found.changed, found.left_out) == ("2023-08-07", 10, 5, 1)
    # Three of ten in (0, 60], two in (60, 146].
    assert found.quantiles == {"0.1": (0, 60), "0.25": (0, 60), "0.5": (60, 146)}
    assert found.median_gap == 60


def test_shares_come_as_bounds_and_points_with_few_sites_are_withheld(panel):
    found = measured(panel)
    (point,) = found.points
    assert (point.days, point.low, point.high, point.km) == (30, 0.0, pytest.approx(0.3), 0.0)
    # Three of ten were open before the announcement and closed on day 60: possible by day 30.
    assert (point.certain, point.possible) == (0.0, pytest.approx(0.3))
    assert point.low95 == 0.0
    assert 0.3 <= point.high95 < 0.7
    assert found.withheld == (90, 180, 365, 730)


def test_what_the_looks_alone_say_is_wider_than_the_estimate(tmp_path, monkeypatch):
    monkeypatch.setattr(lags, "SMALLEST", 1)
    panel = waves(
        tmp_path,
        d20230901={"a.example": OPEN, "b.example": OPEN},
        d20231101={"a.example": OPEN, "b.example": NAMED, "c.example": NAMED, "d.example": OPEN},
        d20231201={"a.example": OPEN, "b.example": NAMED, "c.example": NAMED, "d.example": NAMED},
    )
    with closing(open_database(panel.db)) as connection:
        points = lags.lags(connection, "2023-12-01", "GPTBot").points
    # After 7 August 2023: a not by day 116, b in (25, 86], c in (0, 86], d in (86, 116]. c was not
    # looked at before: by day 30 it may have refused, of which Turnbull's estimate gives no sign.
    assert [(p.days, p.certain, p.possible) for p in points] == [(30, 0, 0.5), (90, 0.5, 0.75)]
    assert points[1].low >= points[1].certain
    assert points[1].high <= points[1].possible


def test_an_agent_without_a_day_is_refused(panel):
    with pytest.raises(AnalysisError, match="CCBot: the day of its announcement is not known"):
        measured(panel, "CCBot")
    with pytest.raises(AnalysisError, match="no agent 'Nobody'"):
        measured(panel, "Nobody")


def test_the_command_says_the_same(panel):
    base = ["history", "lags", "GPTBot", "--db", str(panel.db), "--wave", "2023-12-31"]
    told = json.loads(CliRunner().invoke(main, [*base, "--json"]).output)
    assert (told["sites"], told["changed"], told["quantiles"]["0.5"]) == (10, 5, [60.0, 146.0])
    text = CliRunner().invoke(main, base).output
    assert "50% of sites: 60 to 146 days" in text
    assert "withheld, fewer than 10 sites under watch: day 90, 180" in text


# What was done is undone, and what was copied grows old -----------------------------


def waves(folder, **days):
    """A panel of waves by day, `d20240501={host: robots.txt}`."""
    panel = Panel(folder)
    for day, sites in days.items():
        panel.wave(f"{day[1:5]}-{day[5:7]}-{day[7:]}", sites)
    return panel


def test_a_refusal_taken_back_is_waited_for_from_the_day_it_was_seen(tmp_path):
    open_, named, star = OPEN, NAMED, STAR
    panel = waves(
        tmp_path,
        d20240101={"a.example": named, "b.example": named, "c.example": open_, "d.example": named},
        d20240131={"a.example": named, "b.example": open_, "c.example": named, "d.example": named},
        d20240301={"a.example": open_, "b.example": named, "c.example": named, "d.example": ""},
        d20240401={"a.example": open_, "b.example": open_, "c.example": star, "d.example": ""},
    )
    with closing(open_database(panel.db)) as connection:
        found = lags.lags(connection, "2024-04-01", "GPTBot", event=lags.Event.REVERSAL)
        rows = connection.execute(
            query(lags.__name__, "_looks") + query(lags.__name__, "reversals"),
            {"wave": "2024-04-01", "agent": "GPTBot", "later": 1},
        ).fetchall()
    # a: 30 to 60 days; b: the first time counts, 0 to 30; c: seen 31 January, keeps all out by the
    # star now, which is no refusal by name, 30 to 61; d: seen twice, never read again, open-ended.
    assert rows == [
        ("(none)", "2024-01-01", "2024-03-01", "2024-04-01", "2024-01-31"),
        ("(none)", "2024-01-01", "2024-01-31", "2024-04-01", "2024-01-01"),
        ("(none)", "2024-01-31", "2024-04-01", "2024-04-01", "2024-03-01"),
        ("(none)", "2024-01-01", None, "2024-01-31", "2024-01-31"),
    ]
    assert (found.sites, found.changed, found.left_out, found.median_gap) == (4, 3, 0, 30)
    assert found.quantiles["0.25"] == (0, 30)


def listed_by(day):
    return [a.token for a in agents.load().agents if a.first_listed and a.first_listed <= day]


def naming(tokens):
    return "".join(f"User-agent: {token}\n" for token in tokens) + "Disallow: /\n"


def test_a_copied_list_is_old_when_it_names_less_than_half_of_what_is_listed_by_then(tmp_path):
    first, second, third = (listed_by(d) for d in ("2024-05-01", "2024-10-01", "2025-08-01"))
    # Of 30, 52 and 104 names a copy of the first list has 58 % of the second, 29 % of the third.
    assert len(first) / len(second) > 0.5 > len(first) / len(third)
    copy = naming(first)
    panel = waves(
        tmp_path,
        d20240501={"a.example": copy, "b.example": copy, "c.example": naming(first[:9]),
                   "d.example": STAR, "e.example": copy, "f.example": copy},
        d20241001={"a.example": copy, "b.example": copy, "c.example": copy,
                   "d.example": STAR, "e.example": "", "f.example": STAR},
        d20250801={"a.example": copy, "b.example": naming(third), "c.example": copy,
                   "d.example": STAR, "e.example": "", "f.example": copy},
    )  # fmt: skip
    with closing(open_database(panel.db)) as connection:
        found = lags.lags(connection, "2025-08-01", None, event=lags.Event.LIST)
        rows = connection.execute(
            query(lags.__name__, "lists"), {"wave": "2025-08-01", "later": 1}
        ).fetchall()
    # a grew old, b was kept up, c copied later (nine names are no list), d never named anybody,
    # e was not read again, f gave its list up for a star: it names nobody by then.
    assert rows == [
        ("(none)", "2024-05-01", "2025-08-01", "2025-08-01", "2024-10-01"),
        ("(none)", "2024-05-01", None, "2025-08-01", "2025-08-01"),
        ("(none)", "2024-10-01", "2025-08-01", "2025-08-01", "2024-10-01"),
        ("(none)", "2024-05-01", None, "2024-05-01", "2024-05-01"),
        ("(none)", "2024-05-01", "2024-10-01", "2025-08-01", "2024-05-01"),
    ]
    assert (found.sites, found.changed, found.left_out, found.agent) == (4, 3, 1, None)


def test_lists_need_no_agent_and_refusals_need_one(panel):
    base = ["history", "lags", "--db", str(panel.db), "--wave", "2023-12-31"]
    assert "name an AGENT" in CliRunner().invoke(main, base).output
    assert "none for lists" in CliRunner().invoke(main, [*base, "GPTBot", "--of", "list"]).output
    told = CliRunner().invoke(main, [*base, "CCBot", "--of", "reversal"]).output
    assert "CCBot, announced ?: 0 of 0 sites no longer refuse it by name" in told
    told = CliRunner().invoke(main, [*base, "--of", "list"]).output
    assert "lists of agents: 0 of 0 sites name less than half" in told


def of_all(panel, wave):
    """Quantiles of the indicator over all sites: at least, at most, first seen."""
    with closing(open_database(panel.db)) as connection:
        (found,) = indicator.run(connection, wave, ["announcement_lag"])
    rows = {row.key: row for row in found.rows if row.stratum == "*"}
    kinds = [rows[f"GPTBot: {kind}"] for kind in ("at least", "at most", "first seen")]
    assert {(row.n, row.mean, row.weighted_mean) for row in kinds} == {(10, None, None)}
    return [(row.p10, row.median, row.p90) for row in kinds]


LAST = "2023-12-31"


def test_the_indicator_counts_those_that_have_not_refused_and_withholds_what_few_carry(panel):
    # Half of the ten is reached on day 146, when only seven were under watch: withheld.
    assert of_all(panel, LAST) == [(0, None, None), (60, None, None), (60, None, None)]


def test_the_indicator_bounds_a_quantile_by_two_looks(panel, monkeypatch):
    monkeypatch.setattr(lags, "SMALLEST", 7)
    assert of_all(panel, LAST) == [(0, 60, None), (60, 146, None), (60, 146, None)]


def test_the_indicator_of_a_wave_knows_nothing_of_later_waves(panel, monkeypatch):
    monkeypatch.setattr(lags, "SMALLEST", 1)
    assert of_all(panel, "2023-10-06") == [(0, None, None), (60, None, None), (60, None, None)]
