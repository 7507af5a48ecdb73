"""Whom refusals reach by the operators' own documentation, worked out by hand.

Of the real registry: OpenAI, Anthropic, Google, Amazon, Apple, Common Crawl and Mistral document
robots.txt and have an agent that trains, Meta reads it in part; Microsoft and Amazon noarchive,
Cloudflare Content Signals, Adobe C2PA; Spawning reads TDMRep in part, img2dataset noai in part.
"""

from contextlib import closing

import pytest

from analysis.database import open_database
from analysis.numbers import indicator
from analysis.numbers.mechanisms import smallest
from crawler.registry import agents, honours
from tests.factories import judged
from tests.factories.judged import Answers, robots

DAY = "2026-11-30"
GPT = "User-agent: GPTBot\nDisallow: /\n"
NOARCHIVE = b'<html><meta name="robots" content="noarchive">'
SITES = {
    "a.example": robots(GPT),
    "b.example": robots("User-agent: *\nDisallow: /\n\n" + GPT),
    "c.example": Answers({"/robots.txt": GPT.encode(), "/": NOARCHIVE}),
    "d.example": robots("", headers=((b"X-Robots-Tag", b"noarchive"), (b"tdm-reservation", b"1"))),
    "e.example": robots(""),  # refuses nothing
    "f.example": robots("User-agent: meta-externalagent\nDisallow: /\n"),
    "g.example": robots(GPT, cut=True),  # nobody knows what it names after that
}
CREATORS = "host,creator_type\n" + "".join(
    f"{host},{'poet' if host < 'c' else ''}\n" for host in SITES
)
BY_ROBOTS = {"Anthropic", "Google", "Apple", "Common Crawl Foundation", "Mistral AI"}


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    return judged.build(tmp_path_factory.mktemp("reach") / "survey.db", {DAY: SITES}, CREATORS)


def rows(path, name):
    with closing(open_database(path)) as connection:
        (found,) = indicator.run(connection, DAY, [name])
    return {row.key: row for row in found.rows if row.stratum == "*"}


def test_a_refusal_reaches_who_says_that_it_reads_it(path):
    found = {key: (row.k, row.n) for key, row in rows(path, "refusal_reach").items()}
    assert found["OpenAI sure"] == found["OpenAI possible"] == (3, 5)  # a b c
    assert all(found[f"{name} sure"] == (1, 5) for name in BY_ROBOTS)  # b, by `*`
    assert (found["Amazon sure"], found["Amazon possible"]) == ((1, 5), (3, 5))  # b; c d: of a page
    assert (found["Microsoft sure"], found["Microsoft possible"]) == ((0, 5), (2, 5))  # never b
    assert (found["Meta sure"], found["Meta possible"]) == ((0, 5), (2, 5))  # b f, in part
    assert found["Spawning possible"] == (1, 5)  # d
    assert found["ByteDance possible"] == (0, 5)  # b keeps it out; it documents nothing


def test_a_block_is_not_a_refusal_that_reaches(path):
    """Who counts blocked agents finds ByteDance reached by b, and Microsoft by nothing."""
    found = {key: (row.k, row.n) for key, row in rows(path, "refusal_reach").items()}
    with closing(open_database(path)) as connection:
        blocked = connection.execute(
            "SELECT count(DISTINCT host) FROM v_access WHERE operator = 'ByteDance'"
            " AND root = 'disallowed'"
        ).fetchone()
    assert blocked == (1,)
    assert found["ByteDance possible"][0] == 0


def test_by_which_signal(path):
    found = {key: row.k for key, row in rows(path, "reach_by_signal").items()}
    assert found["anybody by robots"] == 4  # a b c f
    assert found["anybody by noarchive"] == 2
    assert (found["Amazon by robots"], found["Amazon by noarchive"]) == (1, 2)
    assert found["Spawning by tdmrep"] == 1


def test_by_the_country_of_the_operator_and_the_kind_of_creator(path):
    found = {key: (row.k, row.n) for key, row in rows(path, "reach_by_country").items()}
    seats = {a.operator: a.country for a in agents.load().agents if a.country and a.operator}
    american = sum(seats.get(o) == "US" for o in reachable())
    assert found["FR sure"] == (1, 5 * sum(seats.get(o) == "FR" for o in reachable()))
    # OpenAI by a b c, by b also Anthropic Google Apple Amazon and Common Crawl
    assert found["US sure"] == (3 + 5, 5 * american)
    assert found["poet: US sure"] == (1 + 6, 2 * american)
    assert found["poet: US possible"] == (1 + 6 + 1, 2 * american)  # Meta


def trainers():
    return {
        a.operator for a in agents.load().agents
        if "train" in a.purposes and a.operator and not a.retired and a.token != "FacebookBot"
    }  # fmt: skip


def reach_of(*stands):
    """Whom each family reaches, from the registry."""
    return {
        family.id: {
            row.operator for row in family.rows
            if row.value in stands and (family.id != "robots" or row.operator in trainers())
        }
        for family in honours.load().families
        if family.id not in {"snippets", "data-nosnippet", "prose"}
    }  # fmt: skip


def reachable():
    return trainers().union(*(whom for name, whom in reach_of("documented", "partly").items()
                              if name != "robots"))  # fmt: skip


def test_what_would_have_to_be_added_is_what_the_search_finds(path):
    sure, possible = reach_of("documented"), reach_of("documented", "partly")
    everybody = set().union(*sure.values())
    assert len(smallest(sure)[0]) == 4  # robots, noarchive, content-signals, c2pa
    assert len(smallest(possible)[0]) == 5  # and noai
    robots_sure, robots_possible = sure["robots"], possible["robots"]
    said = {
        "a": ({"OpenAI"}, {"OpenAI"}), "b": (robots_sure, robots_possible),
        "c": ({"OpenAI"}, {"OpenAI", "Microsoft", "Amazon"}),
        "d": (set(), {"Microsoft", "Amazon", "Spawning"}), "f": (set(), {"Meta"}),
    }  # fmt: skip
    found = rows(path, "mechanisms_to_add")
    fewest = [len(smallest(sure, everybody - reached)[0]) for reached, _ in said.values()]
    assert fewest == [4, 3, 4, 4, 4]
    assert found["sure"].mean == pytest.approx(sum(fewest) / 5)
    everybody = set().union(*possible.values())
    fewest = [len(smallest(possible, everybody - reached)[0]) for _, reached in said.values()]
    assert fewest == [5, 4, 4, 4, 5]
    assert found["possible"].mean == pytest.approx(sum(fewest) / 5)
    assert (found["poet: possible"].n, found["poet: possible"].mean) == (2, 4.5)
