"""What a creator can and cannot say on a platform: as the registry knows it, doubt and all."""

from dataclasses import replace

import pytest

from crawler.creator.platform_advice import MEANS, _cannot, place_of
from crawler.creator.wording import load, say
from crawler.judge.hosting import Evidence, Sighting
from crawler.registry import agents, platforms
from crawler.registry.platforms import CELLS, UNKNOWN, Fact, Strength

PLATFORMS = platforms.load().entries
UNTOLD = {("image_metadata", "kept"), ("needs_domain", "no"), ("needs_plan", "no")}
"""They stand in nobody's way."""
STRICT8 = agents.load().panels["strict8"]


def place(platform, strength=Strength.SURE):
    evidence = Evidence("header", strength, "server: it", 0)
    return place_of([Sighting(platform, strength, (evidence,))])


@pytest.mark.parametrize("sightings", [None, ()])
def test_no_platform_is_no_place(sightings):
    assert place_of(sightings) is None
    assert place("squarespace", Strength.HINT) is None


@pytest.mark.parametrize("platform", PLATFORMS)
def test_every_known_cell_is_told_with_its_date_and_doubt(platform):
    known, found = PLATFORMS[platform], place(platform)
    told = [*found.cannot, *found.settings]
    for cell, fact in known.facts.items():
        if (cell, fact.value) in UNTOLD or cell == "robots_default" or fact.value == "silent":
            continue
        said = say(f"place.{cell}.{fact.value}", name=known.title)
        (line,) = (line for line in told if line.startswith(said + " ("))
        assert fact.as_of in line
        assert ("unverified" in line) is not fact.verified
        if cell in MEANS:  # what one may not do stands under what cannot be said
            assert (line in found.settings) is (fact.value == "yes")


@pytest.mark.parametrize("platform", PLATFORMS)
def test_unknown_is_told_as_unknown(platform):
    known, found = PLATFORMS[platform], place(platform, Strength.LIKELY)
    assert found.cannot[0].startswith(f"Your site seems to be made with {known.title}")
    unknown = [line for line in found.cannot if line.startswith("We do not know whether")]
    missing = [cell for cell in MEANS if known.state(cell) == UNKNOWN]
    assert len(unknown) == bool(missing)
    assert all(load()["place"]["cells"][cell] in unknown[0] for cell in missing)


def test_a_switch_tells_whom_it_leaves_out():
    (line,) = (line for line in place("squarespace").settings if "named these" in line)
    left = line.rpartition(": ")[2]
    assert left == "MistralAI-Training."
    assert set(left.rstrip(".").split(", ")) < set(STRICT8)


def test_a_switch_that_names_all_says_so(monkeypatch):
    everybody = PLATFORMS["squarespace"].switches[-1].agents
    monkeypatch.setattr("crawler.creator.platform_advice.COLLECTORS", "all")
    panels = {"all": everybody}
    monkeypatch.setattr(agents, "load", lambda: type("Registry", (), {"panels": panels}))
    assert not any("left out" in line for line in place("squarespace").settings)


def test_every_value_of_a_told_cell_has_words():
    told = set(load()["place"]) & set(CELLS)
    for cell in told - {"ai_switch", "needs_domain", "needs_plan"}:
        unsaid = {"silent"} if cell.startswith("terms") else set()
        unsaid |= {"no"} if cell in ("meta_edit", "header_edit") else set()
        assert set(CELLS[cell]) - unsaid - set(load()["place"][cell]) == set(), cell


def test_where_all_is_known_nothing_is_unknown():
    facts = {cell: Fact(cell, "yes", "test", "2026-11") for cell in MEANS}
    known = replace(PLATFORMS["squarespace"], facts=facts)
    assert not any("do not know" in line for line in _cannot(known))
