"""RSL licences: what is decided for a path, where a licence stands, and that nothing raises."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.dictionary.signal_reference import FIXTURES
from crawler.judge.verdicts import Rule, judge_visit
from crawler.model import Capture, Failure, Finding, Preference, Reading, Scope, Strictness
from crawler.parsers.http import parse_response
from crawler.signals import MAX_LINKS_OF_A_NAME, links, resources, robots_license, rsl_document
from crawler.signals.reading import readable, rsl

SITE = "https://site.example"
URL = f"{SITE}/licences/all.xml"
OPEN = '<rsl xmlns="https://rslstandard.org/rsl">'
GOOD = (FIXTURES / "rsl_document" / "good.http").read_bytes()


def capture(body: str | bytes, resource: str = "rsl:", **changes) -> Capture:
    content = body.encode() if isinstance(body, str) else body
    return Capture(resource, URL, URL, **{"status": 200, "body": content, **changes})


def content(licences: str, attributes: str = 'url="/"') -> str:
    return f"<content {attributes}>{licences}</content>"


def document(*contents: str) -> str:
    return OPEN + "".join(contents) + "</rsl>"


def usage(permits: str = "", prohibits: str = "", more: str = "") -> str:
    rules = (("permits", permits), ("prohibits", prohibits))
    parts = [f'<{name} type="usage">{words}</{name}>' for name, words in rules if words]
    return f"<license>{''.join(parts)}{more}</license>"


def values(*licences: str, attributes: str = 'url="/"') -> dict[str, str]:
    found = rsl_document.find(capture(document(content("".join(licences), attributes))))
    assert found.outcome is Reading.PRESENT, found
    return {s.purpose: s.preference + " derived" * s.derived for s in found.statements}


ALL = ("train", "search", "ai_input")


def table(train: str | None, search: str | None, ai_input: str | None) -> dict[str, str]:
    words = {"n": "disallowed", "y": "allowed", "c": "conditional"}
    pairs = zip(ALL, (train, search, ai_input), strict=True)
    return {p: words[v[0]] + " derived" * (len(v) > 1) for p, v in pairs if v}


@pytest.mark.parametrize(
    ("licence", "expected"),
    [
        # The rows of the table in the module's docstring.
        (usage(prohibits="ai-train"), table("n", None, None)),
        (usage(prohibits="ai-input"), table(None, None, "n")),
        (usage(prohibits="ai-index"), table(None, None, "nd")),
        (usage(prohibits="ai-index ai-input"), table(None, None, "n")),
        (usage(prohibits="search"), table(None, "n", None)),
        (usage(prohibits="ai-all"), table("n", None, "n")),
        (usage(prohibits="all"), table("n", "n", "n")),
        (usage("ai-train"), table("y", "nd", "nd")),
        (usage("search ai-input"), table("nd", "y", "y")),
        (usage("ai-index"), table("nd", "nd", "nd")),
        (usage("ai-all"), table("y", "nd", "y")),
        (usage("all"), table("y", "y", "y")),
        # Section 3.1.1: a prohibition beats a permission, however wide either is.
        (usage("all", "ai-train"), table("n", "y", "y")),
        (usage("ai-train ai-input", "all"), table("n", "n", "n")),
        # Section 3.7: no payment, an empty one and `free` are free; anything else is a term.
        (usage("all", more='<payment type="free"/>'), table("y", "y", "y")),
        (usage("all", more="<payment/>"), table("y", "y", "y")),
        (usage("all", more="<payment><amount>1</amount></payment>"), table("c", "c", "c")),
        (usage("all", more='<payment type="free"/><payment type="use"/>'), table("c", "c", "c")),
        *((usage("search", more=f'<payment type="{kind}"/>'), table("nd", "c", "nd"))
          for kind in sorted(rsl._PAYMENTS - {"free"})),
        (usage("search", more='<reporting type="audit"/>'), table("nd", "c", "nd")),
        (usage("search", more='<permits type="user">personal</permits>'), table("nd", "c", "nd")),
        (usage("search", more='<prohibits type="geo">EU US</prohibits>'), table("nd", "c", "nd")),
        (usage("search", more='<legal type="warranty">x</legal>'), table("nd", "y", "nd")),
        # Section 3.5: a licence that lists no uses covers all it does not prohibit.
        (usage(more='<payment type="use"/>'), table("cd", "cd", "cd")),
        (usage(prohibits="ai-all", more='<payment type="use"/>'), table("n", "cd", "n")),
        (usage(), {}),
    ],
)  # fmt: skip
def test_the_meaning_of_a_licence(licence: str, expected: dict[str, str]):
    assert values(licence) == expected


def test_offers_add_up_and_prohibitions_do_not():
    free, paid = usage("search"), usage("ai-train", more='<payment type="training"/>')
    assert values(free, paid) == values(paid, free) == table("c", "y", "nd")
    assert values(free, usage(prohibits="ai-train"), paid) == table("n", "y", None)
    assert values(free, usage()) == table(None, "y", None)
    assert values(free, usage(more="<reporting/>")) == table("cd", "y", "cd")


def test_a_licence_server_makes_all_offers_conditional():
    found = values(usage("search"), attributes='url="/" server="https://l.example"')
    assert found == table("nd", "c", "nd")


def selected(body: str, path: str) -> dict[str, str]:
    found = rsl_document.find(capture(body))
    return {s.purpose: s.preference for s in rsl_document.SIGNAL.select(found.statements, path)}


def test_the_nearest_content_holds_whatever_the_order():
    narrow = content(usage(prohibits="ai-train"), 'url="/essays/"')
    narrower = content(usage("all"), 'url="/essays/*.txt$"')
    broad = content(usage("search ai-train"))
    for body in (document(narrow, narrower, broad), document(broad, narrower, narrow)):
        assert selected(body, "/") == {
            "train": "allowed", "search": "allowed", "ai_input": "disallowed",
        }  # fmt: skip
        assert selected(body, "/essays/1.html") == {"train": "disallowed"}
        assert set(selected(body, "/essays/1.txt").values()) == {"allowed"}
        assert selected(body, "/essays/1.txt?x") == {"train": "disallowed"}
    equal = document(broad, content(usage(prohibits="search")))
    assert selected(equal, "/x")["search"] == "disallowed"


@pytest.mark.parametrize(
    ("url", "scope", "path"),
    [
        ("/", Scope.SITE, "/"),
        ("*", Scope.SITE, "*"),
        ("/**", Scope.SITE, "/**"),
        ("https://site.example", Scope.SITE, "/"),
        ("https://WWW.site.example:443/*", Scope.SITE, "/*"),
        ("http://site.example/a?b#c", Scope.PATH, "/a?b"),
        ("http://%73ite.example/a", Scope.PATH, "/a"),
        ("/$", Scope.PATH, "/$"),
        ("/a", Scope.PATH, "/a"),
    ],
)
def test_what_a_url_covers(url: str, scope: Scope, path: str):
    body = document(content(usage("all"), f'url="{url}"'))
    found = rsl_document.find(capture(body))
    assert {(s.scope, s.path) for s in found.statements} == {(scope, path)}


@pytest.mark.parametrize("url", ["https://other.example/", "urn:isbn:1", "http://[/", "mailto:x"])
def test_other_urls_are_not_about_the_site(url: str):
    found = rsl_document.find(capture(document(content(usage("all"), f'url="{url}"'))))
    assert found.statements == ()
    assert [d.code for d in found.defects] == ["rsl-url-foreign"]


@pytest.mark.parametrize(
    ("licence", "code"),
    [
        ("<license><permits>search</permits></license>", "rsl-type"),
        ('<license><permits type="usage"/></license>', "rsl-token"),
        ('<license><permits type="user">robots</permits></license>', "rsl-token"),
        ('<license><permits type="user"/></license>', "rsl-token"),
        ('<license><permits type="geo">de</permits></license>', "rsl-token"),
        ('<license><payment type="Use"/></license>', "rsl-payment"),
        ("<license><payment><price/></payment></license>", "rsl-element"),
    ],
)
def test_words_that_rsl_does_not_have(licence: str, code: str):
    found = rsl_document.find(capture(document(content(licence))))
    assert [d.code for d in found.defects] == [code]
    assert {s.strictness for s in found.statements} <= {Strictness.LENIENT}


def test_a_licence_inside_a_page_is_about_the_page():
    body = document(content(usage(prohibits="ai-train"), 'url=""')).encode()
    found = rsl.read(b"\n" + body, f"{SITE}/a", inline=True, first_line=7)
    assert [(s.scope, s.path, s.line) for s in found.statements] == [(Scope.PAGE, None, 8)]
    assert found.defects == ()
    both = body.replace(b"</rsl>", content(usage("all")).encode() + b"</rsl>")
    many = rsl.read(both, f"{SITE}/a", inline=True, first_line=7)
    assert [(d.code, d.line) for d in many.defects] == [("rsl-content-many", 7)]
    assert {s.strictness for s in many.statements} == {Strictness.LENIENT}


@pytest.mark.parametrize(
    "body",
    [b"", b"<html>rslstandard.org", b"{}", b"<a/>", b'<rsl xmlns="https://other.example/rsl"/>'],
)
def test_what_is_no_attempt_at_rsl(body: bytes):
    assert rsl.read(body, SITE) is None


def test_a_huge_document_is_read_to_a_limit():
    many = document(*(content(usage("all"), f'url="/{n}/"') for n in range(400)))
    found = rsl_document.find(capture(many))
    assert (len(found.statements), found.note) == (rsl.MAX_STATEMENTS, "truncated")
    wrong = document(content(usage("all", more="<x/>" * 100)))
    assert len(rsl_document.find(capture(wrong)).defects) == readable.MAX_DEFECTS


def test_a_guess_is_noted_and_one_that_misses_is_no_fault():
    body = document(content(usage("all")))
    assert rsl_document.find(capture(body, "/license.xml")).note == "guessed"
    missing = rsl_document.find(capture(b"", "/license.xml", status=404))
    assert missing == Finding(Reading.ABSENT, note="missing")


@pytest.mark.parametrize("changes", [{"truncated": True}, {"data_loss": True}, {"status": 206}])
def test_a_cut_document_shows_presence_and_never_absence(changes: dict):
    whole = replace(parse_response(GOOD, URL, "rsl:"), **changes)
    assert (rsl_document.find(whole).outcome, rsl_document.find(whole).note) == (
        Reading.PRESENT,
        "truncated",
    )
    for body in (b"", whole.body[:300], b"<other/>", OPEN.encode() + b"</rsl>"):
        found = rsl_document.find(replace(whole, body=body))
        assert found == Finding(Reading.UNMEASURED, note="truncated")


@pytest.mark.parametrize(
    ("changes", "note"),
    [
        ({"status": None, "failure": Failure.TIMEOUT_TOTAL}, "no_answer"),
        ({"status": 500}, "error_status"),
        ({"status": 402}, "refused"),
        ({"coding_error": True}, "coding_error"),
    ],
)
def test_what_is_no_answer_is_unmeasured(changes: dict, note: str):
    found = rsl_document.find(replace(parse_response(GOOD, URL, "rsl:"), **changes))
    assert found == Finding(Reading.UNMEASURED, note=note)


def test_an_empty_document_is_absent():
    assert rsl_document.find(capture(b" ")) == Finding(Reading.ABSENT, note="not_rsl")


def robots(body: str) -> Capture:
    url = f"{SITE}/robots.txt"
    return Capture("/robots.txt", url, url, status=200, body=body.encode())


@pytest.mark.parametrize(
    ("body", "names"),
    [
        ("License: /all.xml\nUser-agent: GPTBot\nLicense: /gpt.xml\n", ["/all.xml"]),
        ("User-agent: GPTBot\nLicense: /gpt.xml\n", []),
        ("License: /all.xml\nUser-agent: *\nLicense: /star.xml\n", ["/star.xml"]),
        ("License: /a.xml\n" * 2 + "".join(f"License: /{n}.xml\n" for n in range(9)),
         ["/a.xml", "/0.xml", "/1.xml", "/2.xml"]),
    ],
)  # fmt: skip
def test_only_what_robots_names_for_everybody_is_asked_for(body: str, names: list[str]):
    assert [link.url.removeprefix(SITE) for link in links([robots(body)])] == names
    assert len(robots_license.follow(robots(body))) >= min(len(names), MAX_LINKS_OF_A_NAME)


def visit(*further: Capture) -> list[Capture]:
    return [Capture(p, SITE + p, SITE + p, status=404) for p in resources()] + [*further]


def rule(*further: Capture) -> Rule:
    return judge_visit(visit(*further)).verdicts[0].rule


def test_what_nothing_points_to_is_not_missed_and_what_fails_is():
    assert rule() is Rule.NOTHING_STATED
    assert rule(capture(b"", status=404)) is Rule.NOTHING_STATED
    assert rule(capture(b"", status=503)) is Rule.PARTLY_READ
    assert rule(capture(document(content(usage("all"))))) is Rule.SOLE_STATEMENT


def test_a_licence_decides_for_the_home_page_by_its_own_precedence():
    home = content(usage(prohibits="ai-train"), 'url="/$"')
    judged = judge_visit(visit(capture(document(content(usage("all")), home))))
    assert [v.strict for v in judged.verdicts] == [
        Preference.DISALLOWED, Preference.UNSTATED, Preference.UNSTATED,
    ]  # fmt: skip


NESTED = "<payment>" * 28 + "</payment>" * 28
HOSTILE = {
    "contents": document(*[content(usage("all"), 'url="/x"')] * 6600),
    "licences": document(content(usage("search", "ai-train") * 6600)),
    "rules": document(content(usage(more='<permits type="usage">all</permits>' * 19_900))),
    "payments": document(content(usage("all", more='<payment type="use"/>' * 19_900))),
    "nested payments": document(content(usage("all", more=NESTED * 700))),
    "words": document(content(usage("all " * 260_000))),
    "unknown words": document(content(usage("x " * 500_000))),
    "commas": document(content(usage("," * 1_000_000))),
    "unknown elements": document(content("<x/>" * 19_900)),
    "attributes": document(content(usage(), " ".join(f'a{n}=""' for n in range(80_000)))),
    "stars": document(content(usage("all"), f'url="/{"*a" * 500_000}"')),
    "mentions": "<rsl " * 209_000,
}


@pytest.mark.parametrize("kind", HOSTILE)
@pytest.mark.timeout(60)  # a hang guard: `make bench-hostile` measures how the time grows
def test_hostile_documents_are_read_to_their_end(kind: str):
    found = rsl_document.find(capture(HOSTILE[kind]))
    beyond_us = {"attributes"}  # more than our reader of XML takes: nobody knows what it says
    assert (found.outcome is Reading.UNMEASURED) is (kind in beyond_us)
    assert found.outcome is not Reading.ABSENT
    assert len(rsl_document.SIGNAL.select(found.statements, "/a")) <= rsl.MAX_STATEMENTS


PARTS = st.sampled_from(
    [
        *b"""<license> </license> <content~url="/"> <content~url="http://[/"> <content> </content>
        <permits~type="usage"> </permits> <prohibits~type="usage"> </prohibits> <permits~type="geo">
        <permits~type="ai-train"> all ai-train train-ai, search x:y US yes no <payment~type="use"/>
        <payment> </payment> <amount~currency="XBT"> </amount> <x/> <y~xmlns="u"/> <reporting/>
        <!DOCTYPE~rsl> & <!-- -->""".split(),
        *(b"\x00", b"\n", b" "),
    ]
)
LICENCES = st.lists(PARTS, max_size=30).map(
    lambda parts: b"".join(parts).decode().replace("~", " ")
)
WHOLE = st.builds(
    lambda inner, attributes: document(content(f"<license>{inner}</license>", attributes)),
    LICENCES,
    st.sampled_from(['url="/"', 'url="a"', 'url="/a*$"', "", 'url="/" server=""']),
)


@settings(max_examples=300, deadline=None)
@given(body=WHOLE | LICENCES, status=st.sampled_from([200, 206, 404]), inline=st.booleans())
def test_no_licence_makes_it_raise(body: str, status: int, inline: bool):
    found = rsl_document.find(capture(body, status=status))
    rsl_document.SIGNAL.select(found.statements, "/a")
    rsl.read(body.encode(), SITE, inline=inline)
    for statement in found.statements:
        assert len(statement.quote) <= 300
        "".join((statement.quote, statement.path or "")).encode()
    strict = {s.strictness for s in found.statements} == {Strictness.STRICT}
    assert not found.statements or strict == (found.outcome is Reading.PRESENT)
