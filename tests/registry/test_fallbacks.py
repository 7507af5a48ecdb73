"""Operators' own rules for crawlers that a file does not name: sourced, and never guessed."""

import pytest

from crawler.registry import agents, fallbacks
from crawler.registry.agents import RegistryError

GOOD = '[[fallback]]\nagent = "a"\nto = "Googlebot"\nsource = "s"\nverification = "unverified"\n'


def test_every_rule_says_who_says_so_and_leads_to_a_known_agent():
    rules = fallbacks.load()
    assert rules["applebot"].to == "Googlebot"
    for name, rule in rules.items():
        assert name == rule.agent.lower()
        assert rule.to != rule.agent
        assert agents.load().by_token(rule.to)
        assert rule.verification is not agents.Verification.UNVERIFIED or (
            "unverified" in rule.source
        )


def test_no_rule_leads_to_an_agent_that_has_one():
    rules = fallbacks.load()
    assert [rule for rule in rules.values() if rule.to.lower() in rules] == []


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("[", "fallbacks: "),
        ("", "fallback"),
        (GOOD + GOOD.replace('"a"', '"A"'), "listed twice"),
        (GOOD + "x = 1\n", "an entry has"),
        (GOOD.replace("unverified", "heard"), "heard"),
        (GOOD.replace("Googlebot", "nobody-at-all"), "no agent is called"),
    ],
)
def test_mistakes_in_the_data_are_errors(content: str, message: str):
    with pytest.raises(RegistryError, match=message):
        fallbacks.parse(content.encode())
