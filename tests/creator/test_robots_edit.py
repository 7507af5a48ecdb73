"""A wish merged into a robots.txt: what it reaches, and that nobody else notices."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from crawler.creator import robots_edit as module
from crawler.creator.robots_edit import MergeError, Want, changed_for, merge, noticed
from crawler.model import Access
from crawler.parsers.robots import google as robots_google
from crawler.parsers.robots import rfc9309, syntax
from crawler.registry import agents
from crawler.signals.reading.robots_defects import faults
from crawler.signals.reading.robots_lines import fields
from crawler.signals.robots_access import answer

KNOWN = tuple(agent.token for agent in agents.load().agents)
WANT = Want(
    closed={"Training": ("GPTBot", "CCBot", "AI2Bot", "Applebot")},
    opened=("Googlebot", "bingbot"),
    bystanders=("Applebot-Extended", "ClaudeBot"),
    usage={"Content-Signal": "search=yes, ai-train=no", "Content-Usage": "train-ai=n, search=y"},
    licence="https://atelier.example/license.xml",
)
CLOSE = Want(closed={"Training": ("GPTBot",)})
USAGE = Want({}, usage={"Content-Signal": "ai-train=no"})
READERS = ("rfc9309", "google", "protego")
PATHS = (
    "/",
    "/a",
    "/a/page?x=1",
    "/press/kit.pdf",
    "/index.html",
    "/private/",
    "/%70",
    "/é",
    "/x*y",
)
OTHERS = ("somebody", "ClaudeBot", "Bytespider", "Mozilla", "Googlebot-Image", "*")


def lines(*parts: str, end: str = "\n") -> bytes:
    return "".join(part + end for part in parts).encode()


def allowed(body: bytes, agent: str, path: str = "/", reader: str = "rfc9309") -> bool | None:
    return answer(body, agent, path, reader).allowed


def test_an_empty_file_gets_groups_and_lines():
    found = merge(b"", WANT)
    assert found.body == lines(
        "# As before: everybody's rules",
        "User-agent: Applebot-Extended",
        "Disallow:",
        "",
        "# Training",
        "User-agent: GPTBot",
        "User-agent: CCBot",
        "User-agent: AI2Bot",
        "User-agent: Applebot",
        "Disallow: /",
        "",
        "User-agent: *",
        "Content-Signal: search=yes, ai-train=no",
        "Content-Usage: train-ai=n, search=y",
        "License: https://atelier.example/license.xml",
        "Disallow:",
    )
    assert found.closed == ("GPTBot", "CCBot", "AI2Bot", "Applebot")
    assert found.unreached == ()


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_the_octets_of_a_file_stay_and_line_ends_are_its_own(end: str, mark: bytes):
    body = mark + lines("# mine", "User-agent: *", "Disallow: /x", "Sitemap: /s", end=end)
    found = merge(body, Want(WANT.closed, WANT.opened, WANT.bystanders))
    assert found.body.startswith(body + end.encode())
    found = merge(body, WANT)
    added = lines(*(f"{name}: {value}" for name, value in WANT.usage.items()),
                  f"License: {WANT.licence}", end=end)  # fmt: skip
    assert found.body.startswith(body.replace(b"User-agent: *" + end.encode(),
                                              b"User-agent: *" + end.encode() + added))  # fmt: skip
    assert syntax.facts(found.body).endings == {end.encode()}


@pytest.mark.parametrize("rule", ["Disallow: /", "Disallow: /x", "Allow: /"])
def test_everybody_has_one_group(rule: str):
    """A second one would end in an empty Disallow, against what the first one says."""
    found = merge(lines("User-agent: *", "# why", rule), USAGE).body
    assert found == lines("User-agent: *", "Content-Signal: ai-train=no", "# why", rule)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (("User-agent: *", "User-agent: Foo", "Disallow: /"),
         ("", "User-agent: *", "Content-Signal: ai-train=no", "Disallow: /")),
        (("User-agent: *",),
         ("Disallow:", "", "User-agent: *", "Content-Signal: ai-train=no", "Disallow:")),
    ],
)  # fmt: skip
def test_everybodys_second_group_repeats_the_rules_of_the_first(before, after):
    assert merge(lines(*before), USAGE).body == lines(*before, *after)


def test_a_line_about_use_stays_with_whoever_is_left_of_its_group():
    signal = "Content-Signal: ai-train=no"
    head = ("User-agent: *", "Disallow: /x", "")
    body = lines(*head, "User-agent: GPTBot", signal, "# why", "User-agent: Foo", "Disallow: /y")
    found = merge(body, CLOSE)
    assert found.removed == ("User-agent: GPTBot",)
    assert found.body.startswith(lines(*head, "User-agent: Foo", signal, "# why", "Disallow: /y"))
    cut = merge(b"User-agent: GPTBot\nCrawl-delay: 1\nUser-agent: Foo", CLOSE).body
    assert cut.startswith(b"User-agent: Foo\nCrawl-delay: 1\nDisallow:\n")


def test_a_missing_last_line_end_is_added():
    found = merge(b"User-agent: *\nDisallow: /x", CLOSE).body
    assert found.startswith(b"User-agent: *\nDisallow: /x\n\n# Training\n")


@pytest.mark.parametrize(
    "last", ["User-agent: Foo", "User-agent: Foo\nCrawl-delay: 2", "useragent: Foo"]
)
def test_an_open_list_of_agents_at_the_end_is_ended(last: str):
    found = merge(lines("User-agent: *", "Disallow: /x", last), CLOSE).body
    for reader in READERS:
        assert allowed(found, "Foo", "/", reader)
        assert not allowed(found, "GPTBot", "/", reader)


def test_an_open_list_of_who_has_rules_is_ended_by_these():
    body = lines("User-agent: GPTBot", "Disallow: /", "User-agent: GPTBot")
    found = merge(body, Want({"Training": ("CCBot",)}))
    assert found.body.startswith(body + b"Disallow: /\n")


def test_an_open_list_of_names_with_different_rules_is_refused():
    body = lines("User-agent: CCBot", "Disallow: /", "User-agent: *", "User-agent: CCBot")
    with pytest.raises(MergeError, match="its last list of agents has no rules"):
        merge(body, CLOSE)


def test_who_is_left_of_an_open_list_without_a_line_end_keeps_its_line_about_use():
    body = b"User-agent: GPTBot\nContent-Signal: ai-train=yes\nUser-agent: Foo"
    assert merge(body, CLOSE).body.startswith(
        b"User-agent: Foo\nContent-Signal: ai-train=yes\nDisallow:\n"
    )


def test_a_file_whose_line_about_use_would_go_is_refused():
    body = lines(
        "User-agent: GPTBot", "Content-Signal: ai-train=yes", "Disalow: /", "User-agent: Foo"
    )
    with pytest.raises(MergeError, match="what is said to foo about use would go"):
        merge(body, CLOSE)


def test_what_is_there_already_is_not_added_again():
    once = merge(lines("User-agent: *", "Disallow: /x"), WANT).body
    again = merge(once, WANT)
    assert again.body == once
    assert again.closed == again.opened == again.removed == ()


def test_a_group_with_rules_of_its_own_gives_way_and_says_so():
    body = lines(
        "# news", "User-agent: GPTBot", "Allow: /", "# why", "Crawl-delay: 3", "Sitemap: /s.xml",
        "", "User-agent: *", "Disallow: /x",
    )  # fmt: skip
    found = merge(body, CLOSE)
    assert found.removed == ("User-agent: GPTBot", "Allow: /", "Crawl-delay: 3")
    assert found.body.startswith(
        lines("# news", "# why", "Sitemap: /s.xml", "", "User-agent: *", "Disallow: /x")
    )
    assert all(not allowed(found.body, "GPTBot", path, r) for path in PATHS for r in READERS)


def test_a_shared_group_keeps_its_others():
    body = lines("User-agent: GPTBot", "User-agent: Foo", "Allow: /", "Disallow: /x/")
    found = merge(body, CLOSE)
    assert found.removed == ("User-agent: GPTBot",)
    assert allowed(found.body, "Foo")
    assert not allowed(found.body, "Foo", "/x/y")


def test_closing_by_everybodys_rule_is_enough():
    body = lines("User-agent: *", "Disallow: /")
    assert merge(body, CLOSE).body == body


def test_an_exception_from_everybodys_rule_is_none_for_the_unwelcome():
    found = merge(lines("User-agent: *", "Disallow: /", "Allow: /press/"), CLOSE).body
    assert not allowed(found, "GPTBot", "/press/x")
    assert allowed(found, "Foo", "/press/x")


def test_the_welcome_are_let_in_and_keep_all_other_rules():
    body = lines(
        "User-agent: *", "Disallow: /", "Disallow: /x/", "",
        "User-agent: bingbot", "Disallow: /", "Disallow: /y/",
    )  # fmt: skip
    found = merge(body, Want({}, opened=("Googlebot", "bingbot")))
    assert found.opened == ("Googlebot", "bingbot")
    for reader in READERS:
        assert allowed(found.body, "Googlebot", "/", reader)
        assert not allowed(found.body, "Googlebot", "/x/1", reader)
        assert allowed(found.body, "bingbot", "/", reader)
        assert not allowed(found.body, "bingbot", "/y/1", reader)
        assert not allowed(found.body, "Foo", "/", reader)


def test_what_cannot_be_reached_is_named():
    body = lines("User-agent: bingbot", "Disallow: /*")
    assert merge(body, Want({}, opened=("bingbot",))).unreached == (
        ("bingbot", "rfc9309"), ("bingbot", "google"), ("bingbot", "protego"),
    )  # fmt: skip
    stuck = Want({"": ("GPTBot",)}, opened=("GPTBot",))
    assert ("GPTBot", "rfc9309") in merge(b"", stuck).unreached


def test_a_name_that_protego_would_take_along_keeps_its_rules():
    body = lines("User-agent: *", "Disallow: /x/")
    found = merge(body, Want({"Search": ("Applebot",)}, bystanders=("Applebot-Extended", "Foo")))
    assert found.shielded == ("Applebot-Extended",)
    for reader in READERS:
        assert allowed(found.body, "Applebot-Extended", "/", reader)
        assert not allowed(found.body, "Applebot-Extended", "/x/1", reader)
    inner = merge(b"", Want({"": ("Agent",)}, bystanders=("My Agent", "MyAgent", "Agent")))
    assert inner.shielded == ("My Agent",)


def test_lines_about_use_are_mended_in_place():
    body = lines(
        "User-agent: *", "Content-Signal: ai-train=yes", "Content-Usage: search=y,train-ai=n",
        "Content-Usage: /press/ train-ai=y", "License: https://other.example/l.xml", "Disallow: /x",
        "User-agent: Foo", "Content-Signal: ai-train=yes", "Disallow: /y", end="\r\n",
    )  # fmt: skip
    found = merge(body, Want({}, usage=WANT.usage, licence=WANT.licence))
    mended = b"Content-Signal: search=yes, ai-train=no"
    assert found.body == body.replace(b"Content-Signal: ai-train=yes", mended, 1)
    assert found.removed == ("Content-Signal: ai-train=yes",)
    assert found.kept == (
        "Content-Signal: ai-train=yes", "Content-Usage: /press/ train-ai=y",
        "License: https://other.example/l.xml",
    )  # fmt: skip
    assert merge(body, Want({}, usage={})).body == body
    silent = merge(body, Want({}, usage={}, keys={"Content-Signal": {"ai-train"}}))
    assert silent.body == body.replace(b"Content-Signal: ai-train=yes\r\n", b"", 1)


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"<!doctype html><html>", "no robots.txt"),
        (b"# " * syntax.LIMIT, "larger than half"),
        # To Google a rule of Foo stands before GPTBot's list, to the letter none does.
        (
            lines(
                "User-agent: Foo", "Disalow: /a", "User-agent: GPTBot", "Allow: /", "Disallow: /x"
            ),
            "foo would change",
        ),
    ],
)
def test_a_file_that_cannot_be_added_to_is_refused(body: bytes, why: str):
    with pytest.raises(MergeError, match=why):
        merge(body, CLOSE)


def test_changes_are_seen_name_by_name():
    before = lines("User-agent: a", "Disallow: /x", "User-agent: *", "Disallow: /y")
    after = lines("User-agent: a", "Disallow: /z", "User-agent: *", "Disallow: /y")
    assert changed_for(before, after, ()) == ("a",)
    assert changed_for(before, after, (), {"a"}) == ()
    assert changed_for(before, before + lines("User-agent: b", "Disallow:"), ("b",)) == ("b",)
    assert changed_for(before, before + lines("User-agent: 1.0, c", "Disallow:"), ()) == ()


NAMES = [
    "*",
    "GPTBot",
    "gptbot",
    "CCBot",
    "Foo",
    "ClaudeBot",
    "Applebot",
    "Googlebot",
    "GPTBot/1.0",
]
VALUES = ["/", "", "/a", "/a*e$", "/*", "/press/", "/index.htm", "/é", "/%70"]
FIELDS = ["Disallow", "Allow", "Disalow"]
FILES = st.lists(
    st.one_of(
        st.builds("User-agent: {}".format, st.sampled_from(NAMES)),
        st.builds("{}: {}".format, st.sampled_from(FIELDS), st.sampled_from(VALUES)),
        st.sampled_from(
            ["", "# note", "Sitemap: https://a.example/s.xml", "Crawl-delay: 5",
             "Content-Signal: ai-train=yes", "Content-Usage: /press/ train-ai=y"]
        ),
    ),
    max_size=16,
).flatmap(
    lambda rows: st.sampled_from(["\n", "\r", "\r\n"]).map(lambda end: end.join(rows).encode())
)  # fmt: skip


@pytest.fixture(scope="module")
def google():
    """Google's own parser, bound to Python; None where there is no build of it."""
    try:
        from jwm.robotstxt.googlebot import RobotsMatcher
    except ImportError:
        return None
    return RobotsMatcher()


def cells(before: bytes, after: bytes, names: tuple[str, ...], oracle) -> int:
    """Compare names x paths before and after by our matcher and Google's; count the cells."""
    count = 0
    for read in (rfc9309.read, robots_google.read):
        old, new = read(syntax.parse(before)), read(syntax.parse(after))
        for name in names:
            for path in PATHS:
                assert (old.allowed(name, path)[0] is Access.ALLOWED) == (
                    new.allowed(name, path)[0] is Access.ALLOWED
                ), (name, path)
                count += 1
    if oracle is None:
        return count
    for name in names:
        for path in PATHS:
            url = f"https://a.example{path}"
            asked = oracle.OneAgentAllowedByRobots
            assert asked(before, name, url) == asked(after, name, url), (name, path)
            count += 1
    return count


def untouched(found: module.Merged, want: Want, names: tuple[str, ...]) -> tuple[str, ...]:
    """Names the wish did not ask about: Google takes `AI2Bot` for `ai`, which is nobody."""
    touched = {name.lower() for name in (*want.names, *found.opened)}
    return tuple(name for name in names if name.lower() not in touched)


@settings(max_examples=100, deadline=None)
@given(FILES)
def test_nobody_else_notices(google, body: bytes):
    try:
        found = merge(body, WANT)
    except MergeError:
        return
    cells(body, found.body, untouched(found, WANT, (*OTHERS, *NAMES[4:6], "AI2Bot-Dolma")), google)
    policy = rfc9309.read(syntax.parse(found.body))
    for name in WANT.names:
        assert all(policy.allowed(name, path)[0] is Access.DISALLOWED for path in PATHS)
    assert (
        all(policy.allowed(name, "/")[0] is Access.ALLOWED for name in WANT.opened)
        or found.unreached
    )


@settings(max_examples=100, deadline=None)
@example(b"User-agent: GPTBot/1.0\nContent-Signal: ai-train=yes")  # Google hears GPTBot
@given(FILES)
def test_no_line_loses_its_group_and_no_group_is_opposed(body: bytes):
    try:
        found = merge(body, WANT)
    except MergeError:
        return
    spelling = {b"content-signal"}
    homeless = [line for line in fields(body, spelling) if not line.agents]
    assert [line for line in fields(found.body, spelling) if not line.agents] == homeless
    asked = {name.lower().encode() for name in WANT.names}
    before = {a.lower() for line in fields(body, spelling) for a in line.agents}
    before -= {a for a in before if {a.encode(), robots_google.GOOGLE.name(a.encode())} & asked}
    assert before <= {a.lower() for line in fields(found.body, spelling) for a in line.agents}
    opposed = [codes(text).count("robots-groups-contradict") for text in (found.body, body)]
    assert opposed[0] <= opposed[1] + len(found.opened)


def codes(body: bytes) -> list[str]:
    file = syntax.parse(body)
    return [d.code for d in faults(file, syntax.facts(body), rfc9309.read(file))]


def test_nobody_else_notices_in_real_files(google, corpus: Path):
    count = refused = files = 0
    names = (*OTHERS, *KNOWN[::12])
    for body in real_files(corpus):
        try:
            found = merge(body, WANT)
        except MergeError:
            refused += 1
            continue
        files += 1
        count += cells(body, found.body, untouched(found, WANT, names), google)
    assert files > 4 * refused
    assert count > 1000


def real_files(corpus: Path) -> Iterator[bytes]:
    sys.path.insert(0, str(corpus))
    try:
        import load
    finally:
        sys.path.remove(str(corpus))
    bodies = list({load.body_bytes(row) for row in load.rows("robots/bodies.jsonl.xz")})
    yield from sorted(body for body in bodies if len(body) < 20_000)[::800]


@pytest.mark.parametrize(
    ("before", "after", "who"),
    [
        (b"", b"User-agent: GPTBot\nDisallow: /\n", ()),
        # urllib takes a name for all that hold it, Protego for all that begin with it.
        (b"", b"User-agent: Spider\nDisallow: /\n", ("Baiduspider", "360Spider")),
        (b"User-agent: *\nDisallow: /x*y$\n", b"User-agent: *\nDisallow: /\n", ("Googlebot",)),
    ],
)
def test_search_engines_and_archives_are_asked_about_by_other_readers(before, after, who):
    found = noticed(before, after)
    assert set(who) <= set(found)
    assert bool(found) == bool(who)
