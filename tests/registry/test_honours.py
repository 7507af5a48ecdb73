"""Who says that it reads which signal: dated, sourced, named as in the registry of agents."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.registry import agents, honours, inventory
from crawler.registry.fields import RegistryError
from crawler.registry.honours import Stand

ROWS = {(family.id, row.operator): row for family in honours.load().families for row in family.rows}
EVERYWHERE = ("OpenAI", "Anthropic", "Google", "Microsoft", "Amazon", "Apple", "Meta")


@pytest.mark.parametrize(
    ("family", "operator", "value"),
    [
        # signals.md section 15, cell by cell where it says more than "nothing found"
        ("robots", "OpenAI", Stand.DOCUMENTED),
        ("robots", "Meta", Stand.PARTLY),
        ("robots", "Perplexity", Stand.PARTLY),
        ("robots", "open-source tool (rom1504/img2dataset)", Stand.NOT_READ),
        ("robots", "Spawning", Stand.NOTHING_FOUND),
        ("content-signals", "Google", Stand.STATED_NOT),
        ("content-signals", "Cloudflare", Stand.DOCUMENTED),
        ("content-usage", "Google", Stand.NOTHING_FOUND),
        ("rsl", "OpenAI", Stand.NO_STATEMENT),
        ("rsl", "Google", Stand.DECLINED),
        ("rsl", "Microsoft", Stand.NOTHING_FOUND),
        ("rsl", "Cloudflare", Stand.ENDORSED),
        ("ai-training-rules", "Microsoft", Stand.NOTHING_FOUND),
        ("tdmrep", "Spawning", Stand.PARTLY),
        ("noai", "Google", Stand.NOT_READ),
        ("noai", "open-source tool (rom1504/img2dataset)", Stand.PARTLY),
        ("noml", "Google", Stand.NOTHING_FOUND),
        ("noarchive", "Microsoft", Stand.DOCUMENTED),
        ("noarchive", "Amazon", Stand.DOCUMENTED),
        ("noarchive", "Google", Stand.NOT_READ),
        ("snippets", "Google", Stand.DOCUMENTED),
        ("snippets", "Apple", Stand.PARTLY),
        ("ai-txt", "Spawning", Stand.PARTLY),
        ("trust-txt", "OpenAI", Stand.NOTHING_FOUND),
        ("plus-data-mining", "Adobe", Stand.NOTHING_FOUND),
        ("c2pa", "Adobe", Stand.DOCUMENTED),
        ("payment", "Cloudflare", Stand.ENFORCES),
        ("prose", "OpenAI", Stand.CONTESTED),
        ("prose", "LAION", Stand.NOT_READ),
        ("policy-tokens", "Google", Stand.ANNOUNCED),
    ],
)
def test_the_matrix_says_what_is_known(family: str, operator: str, value: Stand):
    assert ROWS[family, operator].value is value


def test_the_seven_large_operators_have_a_row_in_every_family_of_the_matrix():
    families = {family.id for family in honours.load().families} - {"policy-tokens"}
    missing = families - {"data-nosnippet"}
    assert [(f, o) for f in missing for o in EVERYWHERE if (f, o) not in ROWS] == []


def test_rows_are_dated_sourced_and_mostly_unverified():
    assert all(row.source and row.as_of[:2] == "20" for row in ROWS.values())
    assert sum(row.verified for row in ROWS.values()) < len(ROWS) / 10
    silent = [row for row in ROWS.values() if row.value is Stand.NOTHING_FOUND]
    assert not any(row.verified for row in silent)


def test_operators_are_those_of_the_agents_but_for_named_others():
    known = {agent.operator for agent in agents.load().agents}
    assert {operator for _, operator in ROWS} - known == {"Adobe"}


def test_a_signal_may_belong_to_several_families_by_its_words():
    found = {family.id: family.words for family in honours.load().of("H2")}
    assert list(found) == ["noai", "noml", "noarchive", "snippets"]
    assert all(found.values())
    assert [family.id for family in honours.load().of("F1")] == ["tdmrep"]
    assert honours.load().of("F6") == ()


def test_only_signals_of_the_inventory_are_named():
    named = {signal for family in honours.load().families for signal in family.signals}
    assert named <= set(inventory.load().entries)


HEAD = 'version = "2026-01-01"\nothers = ["Adobe"]\n'
FAMILY = '[[family]]\nid = "x"\ntitle = "X"\nsignals = ["H2"]\nsource = "s"\nas_of = "2026-01"\n'


def test_a_good_file_is_read():
    more = (
        'words = ["noai"]\nagents = ["bingbot"]\nnothing_found = ["Adobe"]\n'
        'row = [{ operator = "OpenAI", value = "partly", as_of = "2026-02", verified = true }]\n'
    )
    (family,) = honours.parse((HEAD + FAMILY + more).encode()).families
    first, second = family.rows
    assert (first.operator, first.source, first.as_of) == ("OpenAI", "s", "2026-02")
    assert (first.verified, second.verified) == (True, False)
    assert (second.operator, second.value) == ("Adobe", Stand.NOTHING_FOUND)
    assert (family.words, family.agents) == (("noai",), ("bingbot",))


def row(text: str) -> str:
    return f"{HEAD}{FAMILY}row = [{{ {text} }}]\n"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("[[", r"honours\.toml: not a TOML file"),
        (HEAD, r"honours\.toml: family: missing"),
        (HEAD + "[[family]]\n", r"\[\[family\]\] without id: id: missing"),
        (HEAD + FAMILY + FAMILY, r"honours\.toml: a family's id is listed twice"),
        (HEAD + FAMILY + "colour = 1\n", r"\[\[family\]\] x: unknown key"),
        (HEAD + FAMILY.replace("H2", "Z9"), r"x: signals: 'Z9' is not in inventory\.toml"),
        (HEAD + FAMILY + 'words = ["No AI"]\n', r"x: words: 'No AI' is not a word"),
        (HEAD + FAMILY + 'words = ["NoAI"]\n', r"x: words: 'NoAI' is not a word"),
        (HEAD + FAMILY + 'agents = ["nobody"]\n', r"x: agents: 'nobody' is not in agents"),
        (HEAD + FAMILY + 'nothing_found = ["Nobody"]\n', r"x: Nobody: neither in"),
        (HEAD + FAMILY + 'nothing_found = ["Adobe", "Adobe"]\n', r"says something twice"),
        (row('value = "documented"'), r"row without operator: operator: missing"),
        (row('operator = "OpenAI"'), r"OpenAI: value: missing"),
        (row('operator = "OpenAI", value = "yes"'), r"OpenAI: value: 'yes'"),
        (row('operator = "OpenAI", value = "unknown"'), r"OpenAI: value: 'unknown'"),
        (
            row('operator = "OpenAI", value = "nothing-found", verified = true'),
            r"OpenAI: verified: nobody",
        ),
        (
            row('operator = "Adobe", value = "partly"') + 'nothing_found = ["Adobe"]\n',
            r"Adobe: listed twice",
        ),
        (row('operator = "OpenAI", value = "partly", as_of = "soon"'), r"OpenAI: as_of: 'soon'"),
    ],
)
def test_a_faulty_file_is_refused_with_file_entry_and_field(content: str, message: str):
    with pytest.raises(RegistryError, match=message):
        honours.parse(content.encode())


@given(st.binary(max_size=60) | st.text(max_size=60).map(str.encode))
def test_any_bytes_are_read_or_refused(content: bytes):
    with pytest.raises(RegistryError):
        honours.parse(content)
