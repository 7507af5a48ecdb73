"""Where creators publish: what is known of each place is dated and sourced, the rest unknown."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.registry import agents, authors, platforms
from crawler.registry.fields import RegistryError
from crawler.registry.platforms import CELLS, UNKNOWN, Kind, Strength, Suffixes

KNOWN = platforms.load()


def test_there_are_many_places_and_most_of_what_could_be_known_is_unknown():
    assert len(KNOWN.entries) >= 40
    assert {platform.kind for platform in KNOWN.entries.values()} == set(Kind)
    for platform in KNOWN.entries.values():
        assert all(platform.state(cell) in {UNKNOWN, *CELLS[cell]} for cell in CELLS)
    assert KNOWN.entries["etsy"].state("robots_edit") == UNKNOWN


@pytest.mark.parametrize(
    ("platform", "cell", "value", "verified"),
    [
        # agents.md section 4, and what the platforms' own pages say
        ("squarespace", "ai_switch", "yes", True),
        ("squarespace", "robots_edit", "no", False),
        ("wordpress-com", "ai_switch", "yes", True),
        ("wordpress", "ai_switch", "no", True),
        ("shopify", "robots_edit", "yes", True),
        ("shopify", "robots_default", "silent-on-ai", False),
        ("wix", "robots_edit", "yes", True),
        ("substack", "ai_switch", "yes", True),
        ("deviantart", "ai_switch_default", "on", True),
        ("artstation", "ai_switch_default", "off", False),
        ("youtube", "terms_ai_others", "opt-in", False),
        ("github-pages", "header_edit", "no", True),
    ],
)
def test_what_is_known(platform: str, cell: str, value: str, verified: bool):
    fact = KNOWN.entries[platform].facts[cell]
    assert (fact.value, fact.verified) == (value, verified)


def test_what_nobody_found_is_not_called_absent():
    # agents.md: Wix no switch found, Ghost nothing found, Substack's list not found
    assert KNOWN.entries["wix"].state("ai_switch") == UNKNOWN
    assert KNOWN.entries["ghost"].state("ai_switch") == UNKNOWN
    assert not KNOWN.entries["substack"].switches


def test_lists_of_switches_have_the_length_that_is_reported():
    lists = {(p.id, s.as_of): s.agents for p in KNOWN.entries.values() for s in p.switches}
    assert {key: len(names) for key, names in lists.items()} == {
        ("squarespace", "2024-07-25"): 10,
        ("squarespace", "2026-11"): 26,
        ("wordpress-com", "2026-11"): 14,
    }
    for names in lists.values():
        known = sum(agents.load().by_token(name) is not None for name in names)
        assert known >= 0.8 * len(names)


def test_every_platform_that_marks_its_robots_txt_is_here():
    marked = {mark.id for mark in authors.load() if mark.kind == "platform"}
    assert marked <= set(KNOWN.entries)


@pytest.mark.parametrize(
    ("host", "site", "serving"),
    [
        ("me.wixsite.com", "wix", "wix"),
        ("me.wixsite.com:8080", "wix", "wix"),
        ("deep.me.github.io", "github-pages", "github-pages"),
        ("www.squarespace.com", None, None),  # its own site
        ("squarespace.com", None, None),
        ("static1.squarespace.com", "squarespace", "squarespace"),
        ("64.media.tumblr.com", "tumblr", "tumblr"),
        ("www.tumblr.com", "tumblr", "tumblr"),  # listed by its whole name
        ("substack.com", "substack", "substack"),
        ("i.ytimg.com", None, "youtube"),
        ("notwixsite.com", None, None),
        ("com", None, None),
        ("", None, None),
    ],
)
def test_a_host_belongs_to_the_longest_entry(host: str, site: str | None, serving: str | None):
    assert KNOWN.sites.owner(host) == site
    found = KNOWN.serving(host)
    assert (found and found.id) == serving


def test_networks_are_told_apart():
    assert KNOWN.networks.owner("cdn.jsdelivr.net") == "shared"
    assert KNOWN.networks.owner("www.gravatar.com") == "shared"
    assert KNOWN.networks.owner("d1.cloudfront.net") == "tenant"
    assert KNOWN.networks.owner("cloudfront.net") is None


@given(st.text(max_size=40))
def test_any_text_has_an_owner_or_none(host: str):
    assert Suffixes({".a": "x"}, but_www=True).owner(host) in {None, "x"}


HEAD = 'version = "2026-01-01"\nshared_cdns = ["c.example"]\ntenant_cdns = [".t.example"]\n\n'
ONE = '[one]\ntitle = "One"\nkind = "shop"\nsource = "s"\nas_of = "2026-01"\n'  # lines 5 to 9
FACT = 'facts.ai_switch = { value = "yes", source = "s", as_of = "2026-01" }\n'


def test_a_good_file_is_read():
    more = (
        'hosts = [".one.example"]\nassets = ["i.one.example"]\nbuilds = true\n'
        'marks.h = { header = "x-one", strength = "sure", source = "s", as_of = "2026-01" }\n'
        + FACT
        + 'switch.2026-01 = { source = "s", verified = true, agents = ["B"] }\n'
        'switch.2025-01-31 = { source = "s", verified = false, agents = ["A"] }\n'
    )
    read = platforms.parse((HEAD + ONE + more).encode())
    one = read.entries["one"]
    assert (one.title, one.kind, one.builds, one.verified) == ("One", Kind.SHOP, True, False)
    assert (one.marks[0].header, one.marks[0].strength) == ("x-one", Strength.SURE)
    assert one.state("ai_switch") == "yes"
    assert [switch.as_of for switch in one.switches] == ["2025-01-31", "2026-01"]
    assert (read.sites.owner("a.one.example"), read.assets.owner("i.one.example")) == ("one", "one")


def mark(text: str) -> str:
    return f'marks.m = {{ {text}, strength = "sure", source = "s", as_of = "2026-01" }}\n'


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("[[", r"platforms\.toml: not a TOML file"),
        ("", r"platforms\.toml: version: missing"),
        (HEAD + "colour = 1\n", r"platforms\.toml: unknown key"),
        (HEAD + "[A]\n", r"platforms\.toml:5: A: small letters"),
        (HEAD + "[one]\n", r"platforms\.toml:5: one: title: missing"),
        (HEAD + ONE + "colour = 1\n", r"platforms\.toml:5: one: unknown key 'colour'"),
        (HEAD + ONE.replace("shop", "mall"), r"platforms\.toml:7: one: kind: value: 'mall'"),
        (HEAD + ONE + 'hosts = ["*.x"]\n', r"platforms\.toml:10: one: hosts: value: '\*\.x'"),
        (HEAD + ONE + "marks = 1\n", r"platforms\.toml:10: one: marks: write marks\.NAME"),
        (HEAD + ONE + "marks.m = 1\n", r"platforms\.toml:10: one: marks\.m: \{ \.\.\. \}"),
        (HEAD + ONE + mark("generator = false"), r"toml:10: one: marks\.m: one of header"),
        (HEAD + ONE + mark('header = "a", path = "/abc/"'), r"marks\.m: one of header"),
        (HEAD + ONE + mark("generator = true"), r"marks\.m: has: missing"),
        (HEAD + ONE + mark('header = "X-A"'), r"marks\.m: header: 'X-A' is not a text in lower"),
        (HEAD + ONE + mark('path = "abc/"'), r"marks\.m: path: 'abc/' is not a path"),
        (HEAD + ONE + FACT.replace("ai_switch", "aiswitch"), r"toml:10: one: facts\.aiswitch: no"),
        (HEAD + ONE + FACT.replace("yes", "maybe"), r"toml:10: .*: value: 'maybe': expected: yes,"),
        (HEAD + ONE + FACT.replace("yes", "unknown"), r"value: 'unknown': expected: leave"),
        (HEAD + ONE + FACT.replace('"2026-01"', '"soon"'), r"facts\.ai_switch: as_of: 'soon'"),
        (HEAD + ONE + 'switch.2026-01 = { source = "s", verified = true, agents = ["A"] }\n',
         r"toml:5: one: switch: without facts\.ai_switch"),
        (HEAD + ONE + FACT + 'switch.x = { source = "s", verified = true, agents = ["A"] }\n',
         r"toml:11: one: switch\.x: day: 'x'"),
        (HEAD + ONE + 'hosts = ["a.x"]\n\n' + ONE.replace("[one]", "[two]") + 'hosts = ["a.x"]\n',
         r"platforms\.toml:17: two: hosts: a\.x is listed under one as well"),
    ],
)  # fmt: skip
def test_a_faulty_file_is_refused_with_file_line_and_field(content: str, message: str):
    with pytest.raises(RegistryError, match=message):
        platforms.parse(content.encode())


@given(st.binary(max_size=60) | st.text(max_size=60).map(str.encode))
def test_any_bytes_are_read_or_refused(content: bytes):
    with pytest.raises(RegistryError):
        platforms.parse(content)
