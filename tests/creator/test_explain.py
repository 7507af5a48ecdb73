"""A file explained, and two files compared by what they mean."""

from datetime import date
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.creator.explain import EVERYBODY, Change, Kind, basis_words, changes, explain, words
from crawler.model import Access, Basis, Decision, Extent, RobotsState
from tests.parsers.robots.test_syntax import BODIES

FILE = b"""# START YOAST BLOCK
User-agent: *
Disallow: /wp-admin/
User-agent: GPTBot
User-agent: CCBot
Allow: /press/
Disallow: /
User-agent: ClaudeBot, Bytespider
Disallow: /
"""


def test_named_agents_are_shown_with_operator_purpose_line_and_basis():
    found = explain(FILE, paths=["/press/a"])
    views = {view.token: view for view in found.agents}
    gptbot = views["GPTBot"]
    assert (gptbot.operator, "train" in gptbot.purposes) == ("OpenAI", True)
    assert (gptbot.decision.extent, gptbot.decision.basis) == (Extent.ALL_BUT, Basis.OWN)
    assert (gptbot.decision.line, gptbot.decision.rule_text) == (7, "Disallow: /")
    assert (gptbot.paths[0].allowed, gptbot.paths[0].line) == (True, 6)
    assert gptbot.paths[0].quote == "Allow: /press/"
    assert gptbot.readers == {}
    assert (found.state, found.groups) == (RobotsState.RULES, 3)


def test_an_agent_about_whom_readers_differ_is_shown_with_all_answers():
    (view,) = (view for view in explain(FILE).agents if view.token == "ClaudeBot")
    assert view.readers["rfc9309"] is Access.ALLOWED
    assert view.readers["google"] is Access.DISALLOWED


def test_everybody_else_and_authorship_are_shown():
    found = explain(FILE, paths=["/wp-admin/x"])
    assert found.everybody.token == EVERYBODY
    assert found.everybody.decision.extent is Extent.PARTIAL
    assert [(answer.allowed, answer.line) for answer in found.everybody.paths] == [(False, 3)]
    assert [span.author for span in found.authors] == ["yoast"]


def test_a_fault_comes_with_its_mend():
    (fault,) = (each for each in explain(FILE).faults if each.code == "robots-agent-list")
    assert (fault.line, fault.severity) == (8, "voids")
    assert fault.mend
    assert fault.explanation


def test_agents_asked_for_are_shown_even_if_nobody_knows_them():
    found = explain(FILE, agents=["nobody-knows", "gptbot"], reader="google")
    assert [view.token for view in found.agents] == ["nobody-knows", "gptbot"]
    assert (found.agents[0].operator, found.agents[0].decision.basis) == (None, Basis.STAR)
    assert found.agents[1].operator == "OpenAI"
    assert found.agents[1].decision.root is Access.DISALLOWED


def test_an_unknown_reader_is_an_error():
    with pytest.raises(KeyError):
        explain(b"", reader="nutch")


FALLBACK = b"User-agent: Googlebot\nDisallow: /a\nUser-agent: GPTBot\nDisallow: /\n"


def test_an_operators_own_rule_stands_beside_the_readers_answer():
    view = explain(FALLBACK, agents=["applebot"]).agents[0]
    assert view.decision.basis is Basis.NONE
    assert view.vendor
    assert (view.vendor.rule.to, view.vendor.decision.extent) == ("Googlebot", Extent.PARTIAL)
    assert "unverified" in view.vendor.rule.source
    named = b"User-agent: Applebot\nAllow: /\n"
    assert explain(FALLBACK + named, agents=["Applebot"]).agents[0].vendor is None
    assert explain(b"User-agent: *\nDisallow: /", agents=["Applebot"]).agents[0].vendor is None
    assert explain(FALLBACK, agents=["bingbot"]).agents[0].vendor is None


def test_a_crawler_outside_the_registry_may_have_an_operators_rule():
    view = explain(FALLBACK, agents=["Googlebot-Image"]).agents[0]
    assert view.vendor
    assert view.vendor.rule.to == "Googlebot"


@pytest.mark.parametrize(
    ("name", "token"), [("AI2Bot", False), ("ChatGPT Agent", False), ("GPTBot", True)]
)
def test_names_that_are_no_product_tokens_are_told(name: str, token: bool):
    found = explain(f"User-agent: {name}\nDisallow: /".encode(), agents=[name])
    assert found.agents[0].is_token is token
    assert found.everybody.is_token
    codes = {fault.code for fault in found.faults if fault.line == 1}
    assert ("robots-agent-not-token" in codes) is not token


def test_a_file_is_held_against_the_list_of_a_day():
    day = date(2024, 4, 1)  # 25 names, GPTBot and ClaudeBot among them
    own = explain(
        b"User-agent: GPTBot\nUser-agent: claudebot\nUser-agent: x\nDisallow: /\n", as_of=day
    ).own_day
    assert own
    assert (own.day, own.listed, own.named, own.kept_out) == ("2024-04-01", 25, 2, 2)
    assert own.staleness == 23 / 25
    assert "ccbot" in own.missing
    assert "ccbot" not in own.debt
    assert "meta-externalagent" in own.debt  # listed later
    assert own.most_like
    assert own.known_until > own.day
    everybody = explain(b"User-agent: *\nDisallow: /\n", as_of=day).own_day
    assert everybody
    assert (everybody.named, everybody.kept_out, everybody.most_like) == (0, 25, None)


def test_no_day_is_asked_about_and_a_day_without_a_list_is_an_error():
    assert explain(b"").own_day is None
    with pytest.raises(ValueError, match="no list is known"):
        explain(b"", as_of=date(2020, 1, 1))


def kinds(old: bytes, new: bytes) -> dict[str, Kind]:
    """Subjects of the changes among agents, to their kinds."""
    moved = (Kind.AGENT_GAINED, Kind.AGENT_LOST, Kind.EXCEPTIONS_MOVED, Kind.BASIS_MOVED)
    return {each.subject: each.kind for each in changes(old, new) if each.kind in moved}


ALL = b"User-agent: GPTBot\nDisallow: /\n"
STAR = b"User-agent: *\nDisallow: /\n"


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (ALL, b"# new comment\nUser-Agent:gptbot\n\nDisallow:/ # all\n", {}),
        (b"", ALL, {"GPTBot": Kind.AGENT_GAINED}),
        (ALL, b"", {"GPTBot": Kind.AGENT_LOST}),
        (ALL, ALL + b"Allow: /a\n", {"GPTBot": Kind.AGENT_LOST}),
        (
            ALL + b"Allow: /a\n",
            ALL + b"Allow: /$\n",
            {"GPTBot": Kind.EXCEPTIONS_MOVED},
        ),
        (STAR, STAR + ALL, {"GPTBot": Kind.BASIS_MOVED}),
        (ALL, STAR, {"*": Kind.AGENT_GAINED, "GPTBot": Kind.BASIS_MOVED}),
    ],
    ids=["text only", "gained", "lost", "exception", "start page", "basis", "by name to all"],
)
def test_change_is_one_of_meaning(old: bytes, new: bytes, expected: dict[str, Kind]):
    assert kinds(old, new) == expected


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"USER-AGENT: gptbot\ndisallow: /%7Ea # x\n", b"User-agent: GPTBot\nDisallow:/~a\n"),
        (
            b"User-agent: *\nDisallow: /fish*\nDisallow: /b",
            b"User-agent:*\nDisallow: /b\nDisallow: /fish\n",
        ),
        (
            b"User-agent: GPTBot\nDisallow: /a\n\nUser-agent: gptbot\nDisallow: /b\n",
            b"User-agent: GPTBot\nDisallow: /a\nDisallow: /b\n",
        ),
        (
            b"User-agent: GPTBot/1.0 # old\nDisallow: /\nDisalow: /%7e\n",
            b"user-Agent: gptbot/1.0\nDisallow: /\n# now\nDISALOW: /~\n",
        ),
        (
            b"User-agent: *\nContent-Usage: /%7Ea train-ai=n\nDisallow: /x\n",
            b"# why\nuser-agent: *\ncontent-usage: /~a train-ai=n\nDisallow: /x\n",
        ),
    ],
    ids=["case, escape, comment", "order and stars", "groups merged", "faults", "statements"],
)  # fmt: skip
def test_another_spelling_is_no_change(old: bytes, new: bytes):
    assert changes(old, new) == changes(new, old) == ()


def respelt(rules: dict[str, list[str]], random: Random) -> bytes:
    """Write the same rules in another order, case, escape, with comments, in more groups."""
    groups = []
    for agent, paths in rules.items():
        shuffled = random.sample(paths, len(paths))
        cut = random.randint(1, len(paths))
        groups += [(agent, part) for part in (shuffled[:cut], shuffled[cut:]) if part]
    text = ""
    for agent, paths in random.sample(groups, len(groups)):
        text += f"{random.choice(['User-agent', 'USER-AGENT'])}:{random.choice(['', ' '])}"
        text += f"{random.choice([agent, agent.upper()])} # to {len(paths)}\n"
        for path in paths:
            written = path.replace("~", random.choice(["~", "%7E", "%7e"]))
            text += f"{random.choice(['Disallow', 'disallow'])}: {written}\n"
        text += random.choice(["", "\n", "# so\n"])
    return text.encode()


@given(
    st.dictionaries(
        st.sampled_from(["*", "gptbot", "nobody-knows", "googlebot"]),
        st.lists(st.sampled_from(["/", "/a", "/~b", "/*.pdf", "/c$", "/d?e"]), min_size=1),
        max_size=3,
    ),
    st.randoms(use_true_random=False),
)
@settings(max_examples=100, deadline=None)
def test_rules_spelt_twice_are_no_change(rules: dict[str, list[str]], random: Random):
    assert changes(respelt(rules, random), respelt(rules, random)) == ()


@pytest.mark.parametrize("agent", [b"*", b"GPTBot", b"nobody-knows"])
def test_every_rule_that_comes_or_goes_is_told(agent: bytes):
    old = b"User-agent: %s\nDisallow: /art/\nDisallow: /tmp/\n" % agent
    new = b"User-agent: %s\nDisallow: /tmp/\nDisallow: /pdf/\n" % agent
    moved = Change(Kind.RULES_MOVED, agent.decode(), "Disallow: /art/", "Disallow: /pdf/")
    assert [
        each for each in changes(old, new) if each.subject.lower() == agent.decode().lower()
    ] == [moved]
    less = Change(Kind.RULES_MOVED, agent.decode(), "Disallow: /art/", None)
    assert less in changes(old, b"User-agent: %s\nDisallow: /tmp/\n" % agent)


def test_only_agents_and_paths_that_are_asked_about_are_compared():
    old, new = b"User-agent: *\nDisallow: /a\n", b"User-agent: *\nDisallow: /b\n"
    found = changes(old, new, agents=["GPTBot"], paths=["/a/1", "/c"])
    told = [(each.kind, each.subject, each.before, each.after) for each in found]
    assert told == [
        (Kind.RULES_MOVED, "*", "Disallow: /a", "Disallow: /b"),
        (Kind.PATH_MOVED, "* at /a/1", "disallowed", "allowed"),
        (Kind.RULES_MOVED, "GPTBot", "Disallow: /a", "Disallow: /b"),
        (Kind.PATH_MOVED, "GPTBot at /a/1", "disallowed", "allowed"),
    ]


def test_defects_statements_state_and_authorship_move_too():
    new = FILE.replace(b"ClaudeBot, Bytespider", b"ClaudeBot").replace(b"START YOAST", b"")
    new += b"User-agent: *\nDisallowAITraining: /\n"
    found = {(each.kind, each.subject.partition(":")[0]) for each in changes(FILE, new)}
    assert (Kind.DEFECT_MENDED, "robots-agent-list") in found
    assert (Kind.AUTHORSHIP, "file") in found
    back = {each.kind for each in changes(new, FILE)}
    assert Kind.DEFECT_NEW in back
    assert Kind.STATE in {each.kind for each in changes(b"", FILE)}


def test_policy_tokens_that_come_and_go_are_statements():
    old = b"User-agent: *\nDisallow: /x\n"
    new = old + b"User-agent: DisallowAITraining\nDisallow: /\nDisallowAITraining: /\n"
    there = [each for each in changes(old, new) if each.kind is Kind.STATEMENT_NEW]
    gone = [each for each in changes(new, old) if each.kind is Kind.STATEMENT_GONE]
    assert [each.subject for each in there] == [each.subject for each in gone]
    assert [each.after for each in there] == [each.before for each in gone]


@pytest.mark.parametrize(
    ("root", "extent", "start"),
    [
        (Access.UNMEASURED, None, "unknown"),
        (Access.DISALLOWED, Extent.ALL, "kept out of the whole site"),
        (Access.ALLOWED, Extent.ALL_BUT, "kept out of everything but some paths, the start page"),
        (Access.DISALLOWED, Extent.PARTIAL, "kept out of some paths, the start page"),
        (Access.ALLOWED, Extent.NONE, "may fetch everything"),
        (Access.DISALLOWED, None, "kept out"),
        (Access.ALLOWED, None, "may fetch the start page"),
    ],
)
def test_decisions_have_plain_words(root: Access, extent: Extent | None, start: str):
    assert words(Decision(root, extent, Basis.OWN, "x")).startswith(start)


@pytest.mark.parametrize("basis", [*Basis, None])
def test_every_basis_has_plain_words(basis: Basis | None):
    assert basis_words(Decision(Access.ALLOWED, None, basis, "x")).startswith(("by ", "since "))


@given(BODIES, BODIES)
@settings(max_examples=60, deadline=None)
def test_any_bytes_are_explained_and_compared(old: bytes, new: bytes):
    explain(old, paths=["/a"])
    assert changes(old, old) == ()
    changes(old, new)
