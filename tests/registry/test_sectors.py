"""Occupations to sub-sectors: nine sub-sectors, DCMS's 30 units, every one sourced and marked."""

import pytest

from crawler.demo.web import load_sites
from crawler.registry import sectors
from crawler.registry.fields import RegistryError


def test_the_table_has_the_nine_sub_sectors_and_the_thirty_units():
    table = sectors.load()
    assert len(table.sectors) == 9
    codes = [unit.soc for unit in table.occupations if unit.soc]
    assert len(set(codes)) == len(codes) == 30
    assert {unit.sector for unit in table.occupations} == set(table.sectors)
    for unit in table.occupations:
        assert unit.verified or "secondary" in unit.source or unit.source.startswith("ours")


@pytest.mark.parametrize(
    ("occupation", "sector"),
    [
        ("painter", "arts"),
        ("Singer-Songwriter", "arts"),
        ("CHILDREN'S  writer", "publishing"),
        ("q33231", "screen"),
        ("ceramicist", "crafts"),
        ("graphic designer", "design"),
        ("beekeeper", None),
        ("", None),
    ],
)
def test_an_occupation_leads_to_its_sub_sector(occupation, sector):
    assert sectors.load().of_occupation(occupation) == sector


def test_sub_sectors_go_by_several_names():
    table = sectors.load()
    assert table.sector("Film, TV, video, radio and photography") == "screen"
    assert table.sector("literature") == "publishing"
    assert table.sector("arts") == "arts"
    assert table.sector("beekeeping") is None


def test_the_demo_web_has_creators_of_at_least_seven_sub_sectors():
    table = sectors.load()
    assert len({table.sector(site.sector) for site in load_sites() if site.sector} - {None}) >= 7


FILE = """
version = "2026-11-25"
classification = "c"
[[sector]]
id = "arts"
title = "Arts"
[[occupation]]
title = "Artists"
sector = "arts"
names = ["artist"]
source = "s"
verified = false
"""


def test_a_small_table_is_read():
    table = sectors.parse(FILE.encode())
    assert (table.version, table.of_occupation("ARTIST")) == ("2026-11-25", "arts")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("version", "[", "sectors: not a readable TOML"),
        ('classification = "c"\n', "", "sectors: classification: missing"),
        ('id = "arts"', 'id = "Arts!"', "sector 1: id: 'Arts!' is not a word in small"),
        ('id = "arts"', "id = 1", "sector 1: id: 1 is not a word"),
        ('sector = "arts"', 'sector = "art"', "Artists: sector: no sector 'art'"),
        ('["artist"]', '["artist", "ARTIST"]', "'ARTIST' is listed twice"),
        ("verified", 'soc = "34"\nverified', "occupation 1: soc: '34' is not a code"),
        ("verified", 'wikidata = ["P31"]\nverified', "'P31' is not a Wikidata item"),
        ('title = "Artists"', 'titel = "Artists"', "occupation 1: unknown key 'titel'"),
    ],
)
def test_mistakes_in_the_data_are_errors(old, new, message):
    with pytest.raises(RegistryError, match=message):
        sectors.parse(FILE.replace(old, new, 1).encode())
