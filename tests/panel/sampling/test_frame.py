"""The population: what is one site, what is dropped and why, in whatever order rows come."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.panel.sampling.frame import (
    Dimension,
    Known,
    Place,
    Rules,
    Unit,
    band,
    frame,
    key_of,
    number,
    platform_of,
)
from crawler.panel.sampling.sources import Entry, Kind


def entries(*hosts, **values):
    return [Entry("l.csv", line, host, **values) for line, host in enumerate(hosts, 2)]


def hosts(found):
    return [unit.host for unit in found.units]


def dropped(found):
    return [(d.text, d.kind.value, d.reason) for d in found.dropped]


def framed(rows, rules=Rules(), known=Known(), seed=1):  # noqa: B008 - both are frozen
    return frame(rows, rules, known, seed)


def test_rows_of_one_registrable_domain_are_one_site():
    found = framed(entries("shop.a.example", "www.a.example", "a.example", "a.example:8080"))
    assert [(unit.host, unit.rows) for unit in found.units] == [("a.example", 4)]
    assert dropped(found)[0] == (
        "shop.a.example", "duplicate", "the same site as a.example (l.csv:4)",
    )  # fmt: skip
    assert len(found.dropped) == 3


def test_neighbours_on_a_platform_are_sites_of_their_own():
    found = framed(entries("me.github.io", "you.github.io", "www.me.github.io", "a.example"))
    assert [(u.host, u.place.value, u.platform) for u in found.units] == [
        ("a.example", "own", None),
        ("me.github.io", "platform", "github-pages"),
        ("you.github.io", "platform", "github-pages"),
    ]


def test_another_list_of_platforms_can_be_put_in():
    def inkpress(host):
        return "inkpress" if host.endswith(".inkpress.example") else None

    rows = entries("me.inkpress.example", "www.you.inkpress.example", "you.inkpress.example")
    found = framed(rows, known=Known(platform=inkpress))
    assert [(u.host, u.place.value, u.platform) for u in found.units] == [
        ("me.inkpress.example", "platform", "inkpress"),
        ("you.inkpress.example", "platform", "inkpress"),
    ]
    assert len(framed(rows).units) == 1


@pytest.mark.parametrize(
    ("host", "platform", "key"),
    [
        ("me.github.io", "github-pages", "me.github.io"),
        ("github.io", "github.io", "github.io"),
        ("me.squarespace.com", "squarespace", "me.squarespace.com"),
        ("www.squarespace.com", None, "squarespace.com"),
        ("me.uk.com", None, "me.uk.com"),
        ("www.me.co.uk", None, "me.co.uk"),
        ("co.uk", None, "co.uk"),
        ("a.example:8080", None, "a.example"),
    ],
)
def test_suffixes_tell_platforms_from_domains(host, platform, key):
    assert platform_of(host) == platform
    assert key_of(host, platform_of) == key


def test_many_people_under_one_domain_share_it():
    rows = [Entry("l.csv", n, "tower.example", path) for n, path in enumerate("abcde")]
    assert framed(rows).units[0].place is Place.SHARED
    assert framed(rows[:4] * 2).units[0].place is Place.OWN


def test_a_site_that_was_redirected_is_the_site_it_was_sent_to():
    known = Known(redirects={"old.example": "www.new.example", "gone.example": "park.example"})
    found = framed(entries("old.example", "new.example", "gone.example"), known=known)
    assert hosts(found) == ["gone.example", "new.example"]
    assert dropped(found) == [
        ("old.example", "duplicate", "the same site as new.example (l.csv:3)")
    ]


def test_redirects_in_a_chain_or_a_ring_end():
    chain = {"a.example": "b.example", "b.example": "c.example", "d.example": "c.example"}
    found = framed(entries("a.example", "d.example", "c.example"), known=Known(redirects=chain))
    assert hosts(found) == ["c.example"]
    ring = {"a.example": "b.example", "b.example": "a.example", "www.e.example": "e.example"}
    found = framed(entries("a.example", "b.example", "www.e.example"), known=Known(redirects=ring))
    assert hosts(found) == ["a.example", "www.e.example"]


def test_who_is_never_asked_is_left_out_and_so_is_who_leads_there():
    def excluded(host):
        return "asked us" if host == "no.example" else None

    known = Known(excluded, redirects={"to.example": "no.example"})
    found = framed(entries("no.example", "to.example", "yes.example"), known=known)
    assert hosts(found) == ["yes.example"]
    assert dropped(found) == [
        ("no.example", "excluded", "asked us"),
        ("to.example", "excluded", "redirected to no.example: asked us"),
    ]


BASE = Entry("l.csv", 2, "a.example", "", "arts", "painter", "GB", None, None, 500)
RULES = [
    (Rules(countries=frozenset({"GB"})), None),
    (Rules(countries=frozenset({"IE"})), "country: GB"),
    (Rules(sectors=frozenset({"arts", "crafts"})), None),
    (Rules(sectors=frozenset({"crafts"})), "sector: arts"),
    (Rules(places=frozenset({Place.OWN})), None),
    (Rules(places=frozenset({Place.PLATFORM})), "place: own"),
    (Rules(suffixes=(".uk", ".example")), None),
    (Rules(suffixes=(".ample",)), "ending of the host"),
    (Rules(lowest_rank=500), None),
    (Rules(lowest_rank=499), "rank: 500"),
]


@pytest.mark.parametrize(("rules", "reason"), RULES)
def test_inclusion_rules_say_what_a_site_has_instead(rules, reason):
    found = framed([BASE], rules)
    assert dropped(found) == ([("a.example", "rule", reason)] if reason else [])
    assert len(found.units) == (reason is None)


def test_what_a_row_does_not_say_meets_no_rule():
    bare = Entry("l.csv", 2, "a.example")
    for rules, reason in (
        (Rules(countries=frozenset({"GB"})), "country: not said"),
        (Rules(sectors=frozenset({"arts"})), "sector: not mapped"),
        (Rules(lowest_rank=9), "rank: none"),
    ):
        assert dropped(framed([bare], rules)) == [("a.example", "rule", reason)]


def test_rows_of_a_site_are_read_together():
    rows = [
        replace(BASE, occupation="sculptor", country=None, rank=None),
        replace(BASE, occupation="poet", country="IE", rank=70),
        replace(BASE, occupation="poet", country="GB", owner="B"),
        replace(BASE, occupation=None, country=None, owner="A", platform="wix"),
    ]
    (unit,) = framed(rows, known=Known(ranks={"a.example": 40})).units
    assert (unit.occupation, unit.country, unit.rank) == ("poet", "GB", 40)
    assert (unit.owner, unit.platform, unit.rows, unit.place) == ("A", "wix", 4, Place.OWN)


def test_ranks_are_looked_up_by_host_and_by_registrable_domain():
    known = Known(ranks={"a.example": 7, "shop.b.example": 9, "b.example": 8})
    found = framed(entries("www.a.example", "shop.b.example", "c.example:81"), known=known)
    assert [unit.rank for unit in found.units] == [7, 8, None]


def test_countries_are_grouped_into_regions():
    rules = Rules(regions={"isles": frozenset({"GB", "IE"})})
    rows = [
        replace(BASE, host="a.example"),
        replace(BASE, host="b.example", country="FR"),
        replace(BASE, host="c.example", country=None),
        replace(BASE, host="d.example", region="Wales"),
    ]
    assert [u.region for u in framed(rows, rules).units] == ["isles", "elsewhere", None, "Wales"]
    assert [u.region for u in framed(rows).units] == ["GB", "FR", None, "Wales"]


def test_a_stratum_is_named_by_what_was_asked():
    unit = Unit("k", "a.example", Place.OWN, 1, "arts", country="GB", region="isles", rank=500)
    assert unit.stratum(tuple(Dimension)) == "arts / own / isles / GB / rank-1k"
    assert unit.stratum(()) == "all"
    assert replace(unit, size="large").stratum((Dimension.SIZE,)) == "large"
    bare = Unit("k", "a.example", Place.SHARED, 1)
    assert bare.stratum(tuple(Dimension)) == "unmapped / shared / unknown / unknown / unranked"


@pytest.mark.parametrize(
    ("rank", "name"),
    [
        (None, "unranked"), (1, "rank-1k"), (1_000, "rank-1k"), (1_001, "rank-10k"),
        (100_000, "rank-100k"), (1_000_000, "rank-1m"), (1_000_001, "rank-beyond"),
    ],
)  # fmt: skip
def test_ranks_fall_into_bands(rank, name):
    assert band(rank) == name


def test_an_owner_has_no_more_sites_than_the_cap():
    rows = [replace(BASE, host=f"{n}.example", owner=("Acme", "ACME")[n % 2]) for n in range(6)]
    rows += entries("x.example", "y.example", "z.example")
    found = framed(rows, Rules(cap=2))
    assert len(found.units) == 2 + 3
    assert [d.kind for d in found.dropped] == [Kind.CAP] * 4
    assert found.dropped[0].reason.lower() == "over 2 sites of acme"
    chosen = {tuple(hosts(framed(rows, Rules(cap=2), seed=seed))) for seed in range(30)}
    assert len(chosen) > 5


def test_the_cap_and_the_draw_choose_independently():
    assert number(1, "cap", "a.example") != number(1, "draw", "a.example")
    assert number(1, "draw", "a.example") != number(2, "draw", "a.example")


def test_the_rules_are_written_out():
    rules = Rules(
        frozenset({"IE", "GB"}), frozenset({"arts"}), frozenset({Place.OWN}), (".uk",), 9, 3
    )
    assert rules.written()[2:] == [
        "The country is one of: GB, IE.",
        "The sector is one of: arts.",
        "The place is one of: own.",
        "The ending of the host is one of: .uk.",
        "The rank is 9 or better.",
        "At most 3 sites of one owner, chosen at random.",
    ]
    assert len(Rules().written()) == 2


NAMES = ("a.example", "www.a.example", "b.example", "me.github.io", "you.github.io", "c.co.uk")
ROWS = st.lists(
    st.builds(
        Entry,
        st.sampled_from(["l.csv", "m.csv"]),
        st.integers(2, 99),
        st.sampled_from(NAMES),
        st.sampled_from("abcdef"),
        st.sampled_from([None, "arts", "crafts"]),
        st.sampled_from([None, "painter", "potter"]),
        st.sampled_from([None, "GB", "IE"]),
        owner=st.sampled_from([None, "o", "O", "p"]),
        rank=st.none() | st.integers(1, 9),
    ),
    max_size=20,
)
REDIRECTS = st.dictionaries(st.sampled_from(NAMES), st.sampled_from(NAMES), max_size=4)
ANY_RULES = st.builds(
    Rules,
    countries=st.sampled_from([frozenset(), frozenset({"GB"})]),
    cap=st.sampled_from([None, 1, 2]),
)


@settings(deadline=None, max_examples=60)
@given(ROWS, ANY_RULES, REDIRECTS, st.integers(0, 3), st.randoms())
def test_rows_add_up_caps_hold_and_order_does_not_count(rows, rules, redirects, seed, random):
    known = Known(redirects=redirects)
    found = frame(rows, rules, known, seed)
    assert len(rows) == len(found.units) + len(found.dropped)
    assert len({unit.key for unit in found.units}) == len(found.units)
    if rules.cap:
        owners = [unit.owner.casefold() for unit in found.units if unit.owner]
        assert all(owners.count(owner) <= rules.cap for owner in owners)
    random.shuffle(rows)
    again = frame(rows, rules, known, seed)
    assert again.units == found.units
    assert sorted(d.kind for d in again.dropped) == sorted(d.kind for d in found.dropped)
