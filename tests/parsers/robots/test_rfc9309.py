"""The strict reader decides as RFC 9309 sections 2.2.1 to 2.2.3 say, sentence by sentence."""

from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.model import Access, Basis, Extent
from crawler.parsers.robots import google, rfc9309, syntax
from crawler.parsers.robots.paths import canonical, match, path_of, pattern_of
from tests.parsers.robots.test_syntax import BODIES


def allowed(body: str, agent: str = "GPTBot", path: str = "/") -> bool:
    access, *_ = rfc9309.read(syntax.parse(body.encode())).allowed(agent, path)
    return access is Access.ALLOWED


def decide(body: str, agent: str = "GPTBot"):
    return rfc9309.read(syntax.parse(body.encode())).decide(agent)


@pytest.mark.parametrize(
    ("value", "agent", "named"),
    [
        pytest.param("GPTBot", "GPTBot", True, id="2.2.1 equal"),
        pytest.param("gptbot", "GPTBOT", True, id="2.2.1 case-insensitive"),
        pytest.param("GPT", "GPTBot", False, id="2.2.1 no beginning"),
        pytest.param("Applebot", "Applebot-Extended", False, id="2.2.1 no prefix"),
        pytest.param("Applebot-Extended", "Applebot", False, id="2.2.1 nor the reverse"),
        pytest.param("bot", "GPTBot", False, id="2.2.1 no substring"),
        pytest.param("GPTBot/1.0", "GPTBot", False, id="2.2 a version is no product-token"),
        pytest.param("GPTBot, CCBot", "GPTBot", False, id="2.2 a list is no product-token"),
        pytest.param("AI2Bot", "ai2bot", True, id="no valid token, compared whole"),
        pytest.param("ChatGPT Agent", "ChatGPT Agent", True, id="no valid token, with a space"),
        pytest.param("* GPTBot", "GPTBot", False, id="2.2 not the token *"),
        pytest.param('"GPTBot"', "GPTBot", False, id="2.2 quotes"),
    ],
)
def test_name_is_the_whole_value(value: str, agent: str, named: bool):
    decision = decide(f"User-agent: {value}\nDisallow: /\n", agent)
    assert (decision.basis is Basis.OWN) is named
    assert (decision.root is Access.DISALLOWED) is named


def test_an_unusable_name_still_opens_a_group():
    assert allowed("User-agent: *\nDisallow: /a\nUser-agent: a b 1.0\nDisallow: /\n")


@pytest.mark.parametrize(
    ("body", "root", "extent", "basis", "rule", "line"),
    [
        ("", "allowed", "none", "none", "rfc9309-2.2.1-no-group", None),
        ("User-agent: x\nDisallow: /", "allowed", "none", "none", "rfc9309-2.2.1-no-group", None),
        ("User-agent: *\n", "allowed", "none", "star", "rfc9309-2.2.2-no-rules", None),
        ("User-agent: *\nDisallow:\n", "allowed", "none", "star", "rfc9309-2.2.2-empty-pattern", 2),
        ("User-agent: *\nAllow:\n", "allowed", "none", "star", "rfc9309-2.2.2-empty-pattern", 2),
        ("User-agent: *\nDisallow: /\n", "disallowed", "all", "star", "longest-match", 2),
        ("User-agent: *\nDisallow: *\n", "disallowed", "all", "star", "longest-match", 2),
        ("User-agent: *\nDisallow: /*$\n", "disallowed", "all", "star", "longest-match", 2),
        ("User-agent: *\nDisallow: /$\n", "disallowed", "partial", "star", "longest-match", 2),
        ("User-agent: *\nDisallow: /a\n", "allowed", "partial", "star", "no-match", None),
        ("User-agent: *\nDisallow: a/\n", "allowed", "none", "star", "no-match", None),
        ("User-agent: *\nDisallow: /\nAllow: /a\n", "disallowed", "all-but", "star", "longest", 2),
        ("User-agent: *\nDisallow: /\nAllow: /$\n", "allowed", "all-but", "star", "longest", 3),
        ("User-agent: *\nDisallow: /\nAllow: /\n", "allowed", "none", "star", "allow-ties", 3),
        ("User-agent: *\nDisallow: /\nAllow: /*\n", "allowed", "none", "star", "longest", 3),
        ("User-agent: *\nDisallow: /*\nAllow: /\n", "disallowed", "all", "star", "longest", 2),
        ("User-agent: *\nDisallow: /***\nAllow: /a\n", "disallowed", "all", "star", "longest", 2),
        (
            "User-agent: *\nDisallow: /\nAllow: /a\nDisallow: /a*\n",
            "disallowed",
            "all",
            "star",
            "longest",
            2,
        ),
        ("User-agent: *\nDisallow: /a\nAllow: /a\n", "allowed", "none", "star", "no-match", None),
        ("User-agent: *\nDisallow: /a\nAllow: /***\n", "allowed", "none", "star", "longest", 3),
        (
            "User-agent: *\nDisallow: /\nUser-agent: GPTBot\n",
            "allowed",
            "none",
            "own",
            "no-ru",
            None,
        ),
        ("User-agent: GPTBot\nDisallow: /\n", "disallowed", "all", "own", "longest-match", 2),
        (
            "User-agent: gptbot\nAllow: /b\nUser-agent: GPTBot\nDisallow: /\nAllow: /a",
            "disallowed",
            "all-but",
            "own",
            "longest-match",
            4,
        ),
        (
            "User-agent: GPTBot\nDisallow: /\nAllow: /a\nUser-agent: GPTBot\nDisallow: /a*\n",
            "disallowed",
            "all",
            "own",
            "longest-match",
            2,
        ),
        (
            "User-agent: GPTBot\nDisallow: /\nAllow: /a*\nUser-agent: GPTBot\nAllow: /a\n",
            "disallowed",
            "all-but",
            "own",
            "longest-match",
            2,
        ),
        (
            "User-agent: GPTBot\nDisallow: /\nDisallow: /a*\nAllow: /b\n"
            "User-agent: GPTBot\nDisallow: /a\n",
            "disallowed",
            "all-but",
            "own",
            "longest-match",
            2,
        ),
        (
            "User-agent: *\n" + "Disallow: a\n" * 5 + "Disallow: /a\n",
            "allowed",
            "partial",
            "star",
            "no-match",
            None,
        ),
    ],
)
def test_decision_about_the_root(body, root, extent, basis, rule, line):
    decision = decide(body)
    assert (decision.root, decision.extent, decision.basis, decision.line) == (
        root,
        extent,
        basis,
        line,
    )
    assert rule in decision.rule
    assert decision.rule_text == (body.split("\n")[line - 1] if line else None)


@pytest.mark.parametrize(
    ("pattern", "path", "matches"),
    [
        pytest.param("/foo/bar?baz=quz", "/foo/bar?baz=quz", True, id="2.2.2 table, row 1"),
        pytest.param(
            "/foo/bar?baz=https://foo.bar",
            "/foo/bar?baz=https%3A%2F%2Ffoo.bar",
            True,
            id="2.2.2 table, row 2",
        ),
        pytest.param("/foo/bar/ツ", "/foo/bar/%E3%83%84", True, id="2.2.2 table, row 3"),
        pytest.param("/foo/bar/%e3%83%84", "/foo/bar/ツ", True, id="2.2.2 table, row 4"),
        pytest.param("/foo/bar/%62%61%7A", "/foo/bar/baz", True, id="2.2.2 table, row 5"),
        pytest.param("/a%2Fb", "/a/b", False, id="2.2.2 reserved stays encoded"),
        pytest.param("/a%2Fb", "/a%2fb", True, id="RFC 3986 6.2.2.1 case of hex digits"),
        pytest.param("/A", "/a", False, id="2.2.2 case-sensitive"),
        pytest.param("/a", "/b/a", False, id="2.2.2 from the first octet"),
        pytest.param("/a b", "/a%20b", True, id="RFC 3986 2.1 no space in a URI"),
        pytest.param(
            "/path/file-with-a-%2A.html", "/path/file-with-a-*.html", True, id="2.2.3 %2A"
        ),
        pytest.param("/path/foo-%24", "/path/foo-$", True, id="2.2.3 %24"),
        pytest.param("/a$b", "/a$b", True, id="2.2.3 $ inside is itself"),
        pytest.param("/a$", "/a", True, id="2.2.3 $ ends"),
        pytest.param("/a$", "/ab", False, id="2.2.3 $ ends, more follows"),
        pytest.param("/a*b$", "/aXbYb", True, id="2.2.3 * and $"),
        pytest.param("/a*ab$", "/ab", False, id="2.2.3 pieces do not overlap"),
        pytest.param("/*.gif$", "/x/y.gif", True, id="2.2.3 * holds slashes"),
        pytest.param("/a*b*c", "/a-c-b", False, id="2.2.3 order"),
        pytest.param("/a*c*b", "/a-x", False, id="2.2.3 piece missing"),
        pytest.param("/a", "/a?x#frag", True, id="fragments are not matched"),
        pytest.param("/a", "https://site.example/a", True, id="a whole address"),
    ],
)
def test_pattern_and_path(pattern: str, path: str, matches: bool):
    assert allowed(f"User-agent: *\nDisallow: {pattern}\n", path=path) is not matches


VALUES = ["".join(letters) for n in range(5) for letters in product("/*$ #:a", repeat=n)]


@pytest.mark.parametrize("reader", [rfc9309, google])
def test_rules_that_are_not_compiled_for_the_root_are_none_about_it(reader):
    """Most rules are left out unread where the root is asked about; here each is read."""
    dialect = {rfc9309: rfc9309.RFC9309, google: google.GOOGLE}[reader]
    for value in [*VALUES, "/index.html", "*/index.htm", "/a/index.html", " / # x", "/\v"]:
        for field, read in (("Disallow", dialect.disallow), ("Allow", dialect.allow)):
            rule = f"{field}:{value}"
            patterns = read(syntax.value_of(rule.encode()))
            about = any(p.live and match(p, b"/") for p in patterns)  # an empty one is, too
            for body in (f"User-agent: *\n{rule}", f"User-agent: *\nAllow: /far\n{rule}\n#"):
                decision = reader.read(syntax.parse(body.encode())).decide("x")
                assert (decision.line is not None) is about, (body, decision)


def test_robots_txt_is_always_allowed():  # section 2.2.2
    assert allowed("User-agent: *\nDisallow: /\n", path="/robots.txt")
    assert not allowed("User-agent: *\nDisallow: /\n", path="/robots.txt2")


def test_a_path_without_any_group_is_allowed():
    assert allowed("User-agent: x\nDisallow: /", path="/a")


@pytest.mark.parametrize(
    ("address", "path"),
    [
        ("", "/"),
        ("a", "/a"),
        ("?q", "/?q"),
        ("http://h", "/"),
        ("http://h?q#f", "/?q"),
        ("//x", "//x"),
        ("//x?u=http://y/", "//x?u=http://y/"),
        ("//x/y://z#f", "//x/y://z"),
        ("HTTP://h//x?u=http://y/", "//x?u=http://y/"),
    ]
    + [("/a://b/c", "/a://b/c")],
)
def test_path_of_an_address(address: str, path: str):
    assert path_of(address) == path


def naive(pattern: bytes, path: bytes) -> bool:
    """Match by trying every split; slow and obviously right."""
    if not pattern:
        return True
    if pattern == b"$":
        return not path
    if pattern[:1] == b"*":
        return any(naive(pattern[1:], path[at:]) for at in range(len(path) + 1))
    return pattern[:1] == path[:1] and naive(pattern[1:], path[1:])


def test_matching_is_what_trying_every_split_finds():
    paths = [b"/" + bytes(p) for n in range(4) for p in product(b"ab/", repeat=n)]
    for letters in product(b"/a*$", repeat=4):
        pattern = bytes((47, *letters)).rstrip(b"\0")
        if b"$" in pattern[:-1]:
            continue
        compiled = pattern_of(pattern)
        assert [match(compiled, p) for p in paths] == [naive(pattern, p) for p in paths], pattern


def test_equal_cores_match_the_same_paths():
    paths = [b"/" + bytes(p) for n in range(4) for p in product(b"ab/", repeat=n)]
    seen: dict[bytes, list[bool]] = {}
    for letters in product(b"/a*$", repeat=4):
        pattern = bytes(letters)
        if b"$" in pattern[:-1] or pattern[0] not in b"/*":
            continue
        compiled = pattern_of(pattern)
        verdicts = [match(compiled, p) for p in paths]
        assert seen.setdefault(compiled.core, verdicts) == verdicts, pattern


@given(st.text("/?%2Ff:a*é $", max_size=12))
@settings(max_examples=200, deadline=None)
def test_comparable_form_is_stable(text: str):
    once = canonical(text.encode())
    if b"%%" not in once:
        assert canonical(once).upper() == canonical(canonical(once)).upper()


@given(BODIES, st.sampled_from(["GPTBot", "*", "", "Ä\ud800", "AI2Bot"]), st.text(max_size=9))
@settings(max_examples=200, deadline=None)
def test_any_bytes_get_an_answer_within_the_file(body: bytes, agent: str, path: str):
    file = syntax.parse(body)
    for policy in (rfc9309.read(file), google.read(file)):
        decision = policy.decide(agent)
        assert decision.root in (Access.ALLOWED, Access.DISALLOWED)
        assert decision.line is None or 1 <= decision.line <= len(file.raws)
        assert (decision.extent is Extent.ALL) <= (decision.root is Access.DISALLOWED)
        root_access, basis, rule, line = policy.allowed(agent, "/")
        assert (root_access, basis, rule, line) == (
            decision.root,
            decision.basis,
            decision.rule,
            decision.line,
        )
        policy.allowed(agent, path)


HOSTILE = {
    "5,000 agents by 5,000 rules": (
        b"".join(b"User-agent: b%d\n" % i for i in range(5000))
        + b"".join(b"Disallow: /p%d\n" % i for i in range(5000)),
        "/p1",
    ),
    "wildcards": (b"User-agent: *\nDisallow: /" + b"*a" * 5000 + b"b\n", "/" + "a" * 20_000),
    "escapes": (b"User-agent: *\nDisallow: /" + b"%41" * 150_000, "/"),
    "empty lines": (b"\r" * 500_000, "/"),
    "colons": (b":" * 500_000, "/"),
}


@pytest.mark.parametrize("kind", HOSTILE)
@pytest.mark.timeout(60)  # a hang guard: `make bench-hostile` measures how the time grows
def test_hostile_files_are_read_to_their_end(kind: str):
    body, path = HOSTILE[kind]
    policy = rfc9309.read(syntax.parse(body))
    for number in range(200):
        policy.decide(f"b{number}")
    access = Access.DISALLOWED if kind == "5,000 agents by 5,000 rules" else Access.ALLOWED
    assert policy.allowed("b1", path)[0] is access
