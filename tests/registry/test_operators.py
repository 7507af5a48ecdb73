"""Cards of operators: what is known is dated and sourced, the rest unknown."""

from pathlib import Path

import pytest

from crawler.registry import agents, honours, operators, routes
from crawler.registry.fields import RegistryError
from crawler.registry.operators import ANSWERS, CELLS, COUNTRIES, UNKNOWN, Change, Effect

KNOWN = operators.load()
WAYS = routes.load()


def test_there_are_many_cards_and_most_of_what_could_be_known_is_unknown():
    assert len(KNOWN.entries) >= 30
    for card in KNOWN.entries.values():
        assert all(card.state(c) in {UNKNOWN, *ANSWERS} for c in set(CELLS) - set(COUNTRIES))
    assert KNOWN.entries["xai"].state("agents_documented") == UNKNOWN
    assert {card.state("jurisdiction") for card in KNOWN.entries.values()} == {UNKNOWN}


@pytest.mark.parametrize(
    ("card", "cell", "value", "verified"),
    [
        # what the operators' own pages say, and what others tell of them
        ("openai", "robots_user", "no", True),
        ("openai", "training_token", "yes", True),
        ("openai", "removal", "partly", True),
        ("anthropic", "crawl_delay", "yes", True),
        ("anthropic", "robots_user", "yes", True),
        ("amazon", "crawl_delay", "no", True),
        ("google", "robots_user", "no", True),
        ("google", "signed_requests", "partly", True),
        ("microsoft", "training_token", "no", True),
        ("microsoft", "licensing", "yes", False),
        ("mistral", "addresses_published", "partly", True),
        ("meta", "code_of_practice", "no", False),
        ("xai", "code_of_practice", "partly", False),
        ("internet-archive", "removal", "yes", True),
        ("common-crawl", "removal", "partly", False),
        ("bytedance", "robots_training", "no", False),
        ("img2dataset", "robots_training", "no", True),
    ],
)
def test_what_is_known(card: str, cell: str, value: str, verified: bool):
    fact = KNOWN.entries[card].facts[cell]
    assert (fact.value, fact.source.verified) == (value, verified)


def test_an_operator_whose_agents_train_has_a_card_if_a_panel_names_one():
    panels = agents.load().panels
    known = agents.load().by_token
    named = {known(token).operator for token in (*panels["strict8"], *panels["wide12"])}
    assert named <= {card.name for card in KNOWN.entries.values()}


def test_an_agent_that_may_leave_robots_txt_aside_is_said_to_do_so_on_the_card_as_well():
    claims = {agent.token: agent.honours_robots for agent in agents.load().agents}
    told = {b.agent: b.effects for card in KNOWN.entries.values() for b in card.blocking}
    aside = {t for t in told if claims[t] is agents.Honours.USER_TRIGGERED_IGNORES}
    assert aside == {"ChatGPT-User", "Google-Agent", "Perplexity-User", "meta-externalfetcher"}
    assert all(Effect.MAY_BE_IGNORED in told[token] for token in aside)


def agrees(value: str, cells: dict[str, str]) -> bool:
    """Whether a row on robots.txt says what the cells of the same operator's card say."""
    collecting = {cells[c] for c in ("robots_training", "robots_search") if c in cells}
    if value == "documented":
        return collecting <= {"yes"}
    if value == "partly":
        return bool({"no", "partly"} & set(cells.values()))
    if value in {"stated-not", "not-read"}:
        return collecting == {"no"}
    return not cells


def test_what_operators_read_of_robots_txt_is_said_alike_in_both_registries():
    (family,) = (f for f in honours.load().families if f.id == "robots")
    cards = {card.name: card for card in KNOWN.entries.values()}
    told = {
        row.operator: (
            row.value,
            {cell: fact.value for cell, fact in cards[row.operator].facts.items()
             if cell.startswith("robots_")},
        )
        for row in family.rows if row.operator in cards
    }  # fmt: skip
    assert len(told) >= 13
    assert not {name for name, (value, cells) in told.items() if not agrees(value, cells)}
    assert not agrees("documented", {"robots_training": "no"})
    assert not agrees("partly", {"robots_training": "yes"})
    assert not agrees("stated-not", {"robots_search": "yes"})
    assert not agrees("nothing-found", {"robots_user": "yes"})


SOURCE = '[source.page]\ntitle = "a page"\nas_of = "2026-01-02"\nverified = true\n'
CARD = f'version = "2026-12-01"\n{SOURCE}\n[openai]\nname = "OpenAI"\n'
NO_WAYS = routes.parse(b'version = "2026-12-01"\nremoval = {}\nlicence = {}\n')


def parsed(lines: str = "", ways: routes.Routes = NO_WAYS) -> operators.Operator:
    return operators.parse((CARD + lines).encode(), ways).entries["openai"]


def test_a_line_is_read_with_its_source():
    card = parsed(
        'facts.crawl_delay = { value = "no", source = "page", note = "n" }\n'
        'effects.GPTBOT = { value = ["leaves-training"], source = "page" }'
    )
    fact = card.facts["crawl_delay"]
    assert (fact.value, fact.note, fact.source.as_of, fact.source.verified) == (
        "no", "n", "2026-01-02", True,
    )  # fmt: skip
    (blocking,) = card.blocking
    assert (blocking.agent, blocking.effects) == ("GPTBot", (Effect.LEAVES_TRAINING,))
    assert card.state("removal") == UNKNOWN


@pytest.mark.parametrize(
    ("lines", "problem"),
    [
        ('facts.colour = { value = "yes", source = "page" }', "no such cell"),
        ('facts.crawl_delay = { value = "unknown", source = "page" }', "leave the line out"),
        ('facts.crawl_delay = { value = "maybe", source = "page" }', "expected: yes, partly, no"),
        ('facts.seat = { value = "usa", source = "page" }', "two capital letters"),
        ('facts.crawl_delay = { value = "no", source = "hearsay" }', r"no \[source.hearsay\]"),
        ('facts.crawl_delay = { value = "no" }', "source: missing"),
        ('facts.crawl_delay = { value = "no", source = "page", day = "x" }', "unknown key 'day'"),
        ('effects.ClaudeBot = { value = ["leaves-training"], source = "page" }', "no agent of"),
        ('effects.Nobody = { value = ["leaves-training"], source = "page" }', "no agent of"),
        ('effects.GPTBot = { value = ["shrugs"], source = "page" }', "shrugs"),
        ('colour = "red"', "unknown key 'colour'"),
        ('[second]\nname = "OpenAI"', "listed twice"),
        ('[second]\nname = "Nobody"', "no operator"),
        ('[Second]\nname = "Google"', "small letters"),
        ("[third]\n", "name: None"),
        ("[[", "not a TOML file"),
    ],
)
def test_a_fault_is_named_with_its_place(lines: str, problem: str):
    with pytest.raises(RegistryError, match=problem) as caught:
        parsed(lines)
    assert str(caught.value).startswith("operators.toml")


def test_what_has_a_way_cannot_be_said_to_have_none():
    line = 'facts.removal = { value = "no", source = "page" }'
    assert parsed(line).state("removal") == "no"
    with pytest.raises(RegistryError, match=r"routes\.toml has a way"):
        parsed(line, WAYS)


def test_ways_that_nobody_documents_or_that_are_for_persons_only_are_part_of_a_way():
    def removal(way: str) -> str:
        head = 'operator = "OpenAI"\ntitle = "t"\nremoves = "corpus"\nhow = "h"\nsource = "page"\n'
        content = f'version = "2026-12-01"\n{SOURCE}\n[licence]\n[removal.one]\n{head}{way}'
        return parsed(ways=routes.parse(content.encode())).state("removal")

    assert removal('covers = "works"\ndocumented = true') == "yes"
    assert removal('covers = "both"\ndocumented = true') == "yes"
    assert removal('covers = "works"\ndocumented = false') == "partly"
    assert removal('covers = "personal-data"\ndocumented = true') == "partly"


def test_changes_tell_each_cell_that_is_not_what_it_was():
    older = operators.parse(
        (
            CARD
            + 'facts.crawl_delay = { value = "no", source = "page" }\n'
            + 'facts.robots_user = { value = "yes", source = "page" }\n'
            + 'effects.GPTBot = { value = ["leaves-training"], source = "page" }'
        ).encode(),
        NO_WAYS,
    )
    newer = operators.parse(
        (
            CARD
            + 'facts.robots_user = { value = "no", source = "page", note = "new" }\n'
            + 'effects.GPTBot = { value = ["leaves-training"], source = "page" }\n'
            + '[google]\nname = "Google"\nfacts.seat = { value = "US", source = "page" }'
        ).encode(),
        NO_WAYS,
    )
    assert list(operators.changes(older, newer)) == [
        Change("Google", "seat", UNKNOWN, "US"),
        Change("OpenAI", "crawl_delay", "no", UNKNOWN),
        Change("OpenAI", "robots_user", "yes", "no"),
    ]
    assert list(operators.changes(newer, newer)) == []


def test_the_head_of_the_file_says_what_every_cell_and_effect_means():
    text = Path(operators.__file__).with_suffix(".toml").read_text("utf-8")
    head = text.partition("version = ")[0]
    assert all(f"   {cell}" in head or f", {cell}" in head for cell in CELLS)
    assert all(effect in head for effect in Effect)
