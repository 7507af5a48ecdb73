"""From announcement to refusal by name, on waves made by hand. GPTBot: 7 August 2023."""

import json
from contextlib import closing

import pytest
from click.testing import CliRunner

from analysis.database import AnalysisError, open_database
from analysis.numbers import indicator, lags
from crawler.cli import main
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
    assert (found.announced, found.sites, found.refused, found.before) == ("2023-08-07", 10, 5, 1)
    # Three of ten in (0, 60], two in (60, 146].
    assert found.quantiles == {"0.1": (0, 60), "0.25": (0, 60), "0.5": (60, 146)}
    assert found.median_gap == 60


def test_shares_come_as_bounds_and_points_with_few_sites_are_withheld(panel):
    found = measured(panel)
    (point,) = found.points
    assert (point.days, point.low, point.high, point.km) == (30, 0.0, pytest.approx(0.3), 0.0)
    assert point.low95 == 0.0
    assert 0.3 <= point.high95 < 0.7
    assert found.withheld == (90, 180, 365, 730)


def test_an_agent_without_a_day_is_refused(panel):
    with pytest.raises(AnalysisError, match="CCBot: the day of its announcement is not known"):
        measured(panel, "CCBot")
    with pytest.raises(AnalysisError, match="no agent 'Nobody'"):
        measured(panel, "Nobody")


def test_the_command_says_the_same(panel):
    base = ["history", "lags", "GPTBot", "--db", str(panel.db), "--wave", "2023-12-31"]
    told = json.loads(CliRunner().invoke(main, [*base, "--json"]).output)
    assert (told["sites"], told["refused"], told["quantiles"]["0.5"]) == (10, 5, [60.0, 146.0])
    text = CliRunner().invoke(main, base).output
    assert "50% of sites: 60 to 146 days" in text
    assert "withheld, fewer than 10 sites under watch: day 90, 180" in text


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
