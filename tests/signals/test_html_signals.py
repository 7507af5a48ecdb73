"""The signals of HTML: where they lead, what they leave to others, and what they survive."""

import json
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.model import Capture, Finding, Preference, Reading, Scope, Strictness
from crawler.signals import data_nosnippet, html_folk, mlnoindex, rsl_html, schema_license
from crawler.signals.reading import html_page, readable
from crawler.signals.reading.licence import is_ordinary

URL = "https://site.example/about/"
RSL = "application/rsl+xml"
SIGNALS = [m.SIGNAL for m in (rsl_html, schema_license, data_nosnippet, mlnoindex, html_folk)]


def capture(body: str | bytes, **changes) -> Capture:
    content = body.encode() if isinstance(body, str) else body
    headers = ((b"Content-Type", b"text/html; charset=utf-8"),)
    return Capture("/", URL, URL, **{"status": 200, "headers": headers, "body": content, **changes})


def block(value: object) -> str:
    return f'<script type="application/ld+json">{json.dumps(value)}</script>'


def followed(signal, html: str) -> list[str]:
    return [link.url for link in signal.follow(capture(html))]


@pytest.mark.parametrize(
    ("href", "address"),
    [
        ("/l.xml", "https://site.example/l.xml"),
        (" l.xml ", "https://site.example/about/l.xml"),
        ("//cdn.example/l", "https://cdn.example/l"),
        ("http://a.example/l", "http://a.example/l"),
        ("", URL),
        ("mailto:me@a.example", None),
        ("javascript:void(0)", None),
        ("http:///l", "http://l/"),
        ("http://[", None),
        ("//[", None),
        ("/a b", "https://site.example/a%20b"),
        ("/\x1b[2J", "https://site.example/%1B[2J"),
        ("//cdn.example:0/l", None),
        ("/\ud800", None),
    ],
)
def test_references_lead_to_web_addresses_or_nowhere(href: str, address: str | None):
    assert html_page.absolute(capture("<p>"), href) == address


def test_references_resolve_against_the_base_of_the_page():
    assert html_page.absolute(capture("<base href=/x/>"), "y") == "https://site.example/x/y"
    for base in ("http://[", "data:,x", "javascript:x"):  # HTML: such a base says nothing
        assert html_page.absolute(capture(f"<base href='{base}'>"), "y") == f"{URL}y"
    assert html_page.absolute(replace(capture("<p>"), final_url="http://["), "y") is None


def test_ordinary_licences_are_told_by_their_host():
    assert is_ordinary("https://creativecommons.org/licenses/by/4.0/")
    assert is_ordinary("https://www.gnu.org/licenses/")
    assert not is_ordinary("https://creativecommons.org.example/")
    assert not is_ordinary("https://[")


def test_rsl_links_are_followed_the_exact_ones_first():
    html = (
        f"<link rel=license href=/licence-2026.xml><link rel=license href=/a.rsl>"
        f"<link rel=alternate type={RSL} href=/b><link rel=license type={RSL} href=/c>"
        f"<link rel=license type={RSL} href=/c><link rel=license type={RSL}>"
        f"<link rel=license type={RSL} href=https://creativecommons.org/x.xml>"
        "<link rel=license href=https://creativecommons.org/rsl.xml>"
        "<link rel=license href=/feed.xml><link rel=license type=text/html href=/rsl.xml>"
    )
    paths = ["c", "b", "licence-2026.xml", "a.rsl"]
    assert followed(rsl_html, html) == [f"https://site.example/{path}" for path in paths]
    assert rsl_html.follow(capture(html, status=404)) == ()
    assert all(link.resource == "rsl:" for link in rsl_html.follow(capture(html)))
    many = "".join(f"<link rel=license type={RSL} href=/{n}>" for n in range(20))
    assert len(followed(rsl_html, many)) == rsl_html.MAX_LINKS


def test_inline_licences_are_given_to_their_reader():
    html = f"<script type={RSL}><rsl/></script><body><script type={RSL}>x</script>"
    both = rsl_html.documents(capture(html + f"<script type={RSL}>\n</script>"))
    assert [(one.text, one.in_head) for one in both] == [("<rsl/>", True), ("x", False)]


def test_terms_are_followed_the_most_particular_first():
    page = {
        "license": ["/licence", "https://creativecommons.org/licenses/by/4.0/", "All rights"],
        "publisher": {"usageInfo": {"@id": "/usage"}},
        "copyrightNotice": "https://a.example/",
    }
    html = block(page) + "<a rel=license href=/licence>x</a><i itemprop=license>mailto:a@b</i>"
    links = [f"https://site.example/{path}" for path in ("usage", "licence")]
    assert followed(schema_license, html) == links
    assert schema_license.follow(capture(html, status=404)) == ()
    assert len(followed(schema_license, block({"license": ["/a", "/b", "/c"]}))) == 2


@pytest.mark.parametrize(
    ("value", "note"),
    [
        ({"license": True}, None),
        ({"license": None}, None),
        ({"license": {}}, None),
        ({"license": {"@type": "CreativeWork"}}, None),
        ({"license": [[]]}, None),
        ({"license": " "}, None),
        ({"LICENSE": "/l"}, "licence_terms"),
        ({"https://schema.org/license": "/l"}, "licence_terms"),
        ({"schema:license": {"url": "/l"}}, "licence_terms"),
        ([[{"a": [{"usageInfo": "/l"}]}]], "licence_terms"),
        ({"copyrightYear": 2026}, "copyright_only"),
        ({"license": "https://creativecommons.org/publicdomain/zero/1.0/"}, "creative_commons"),
        ({"license": "https://www.gnu.org/licenses/"}, "licence_terms"),
        ({"license": "licence.html"}, "licence_terms"),
        ("license", None),
        (7, None),
    ],
)
def test_json_ld_is_read_in_all_its_shapes(value: object, note: str | None):
    found = schema_license.find(capture(block(value)))
    assert (found.note, found.defects) == (note, ())


BAN = "Training of AI models is prohibited."


@pytest.mark.parametrize(
    ("kind", "scope"),
    [
        ("WebPage", Scope.PAGE),
        ("ImageObject", Scope.ASSET),
        (["Thing", "schema:VideoObject"], Scope.ASSET),
        (None, Scope.PAGE),
        ([None, 3], Scope.PAGE),
    ],
)
def test_a_notice_is_about_what_it_is_on(kind: object, scope: Scope):
    found = schema_license.find(capture(block({"@type": kind, "copyrightNotice": BAN})))
    assert [(s.scope, s.stance) for s in found.statements] == [(scope, "ai_training_ban")]


def test_a_notice_in_the_body_is_about_something_on_the_page():
    found = schema_license.find(capture(f"<p itemprop=copyrightNotice>{BAN}</p>"))
    assert [s.scope for s in found.statements] == [Scope.ASSET]


def test_notices_are_read_once_and_to_a_limit():
    same = schema_license.find(capture(block([{"copyrightNotice": BAN}] * 9)))
    assert len(same.statements) == 1
    many = schema_license.find(capture(block([{"creditText": f"{n}: {BAN}"} for n in range(99)])))
    assert len(many.statements) == schema_license.MAX_BANS
    late = block({"creditText": ["x " * schema_license.MAX_WORDS, BAN]})
    assert schema_license.find(capture(late)).statements == ()


def test_a_block_beyond_our_limits_is_unmeasured_and_not_absent():
    deep = '{"license":' * 65 + "1" + "}" * 65
    script = f"<script type=application/ld+json>{deep}</script>"
    found = schema_license.find(capture(script))
    assert (found.outcome, found.note, found.defects) == (Reading.UNMEASURED, "truncated", ())
    with_ban = schema_license.find(capture(script + block({"copyrightNotice": BAN})))
    assert [s.preference for s in with_ban.statements] == [Preference.DISALLOWED]
    assert with_ban.note == "truncated"
    long = schema_license.find(capture(block({"creditText": "x " * schema_license.MAX_WORDS})))
    assert long.note == "truncated"
    many = {"creditText": [str(n) for n in range(schema_license.MAX_FACTS + 1)]}
    assert schema_license.find(capture(block(many))).note == "truncated"


def test_an_inline_licence_is_heard_beside_a_link_and_beyond_our_limits_unmeasured():
    rule = '<license><prohibits type="usage">ai-train</prohibits></license>'
    licence = f'<rsl xmlns="https://rslstandard.org/rsl"><content url="">{rule}</content></rsl>'
    inline = f"<script type={RSL}>{licence}</script>"
    link = f"<link rel=license type={RSL} href=/l.xml>"
    both = rsl_html.find(capture(link + inline))
    assert (both.outcome, both.note) == (Reading.PRESENT, "rsl_licence")
    assert both.statements == rsl_html.find(capture(inline)).statements != ()
    loose = f"<script type={RSL}>{licence.replace('</content>', '</content><x/>')}</script>"
    lenient = rsl_html.find(capture(link + loose))
    assert (lenient.outcome, lenient.note) == (Reading.PRESENT, "rsl_licence")
    assert {s.strictness for s in lenient.statements} == {Strictness.LENIENT}
    deep = "<rsl " + " ".join(f"a{n}=''" for n in range(5000)) + "/>"
    unread = rsl_html.find(capture(f"<script type={RSL}>{deep}</script>"))
    assert (unread.outcome, unread.note, unread.defects) == (Reading.UNMEASURED, "truncated", ())


def test_a_broken_block_without_a_property_of_ours_is_nobodys_fault():
    for text in ("{", '{"name": "licence"', "not JSON"):
        html = f'<script type="application/ld+json">{text}</script>'
        assert schema_license.find(capture(html)) == Finding(Reading.ABSENT)
    html = '<script type="application/ld+json">{"x": "license",}</script>'
    assert schema_license.find(capture(html)) == Finding(Reading.ABSENT)


@pytest.mark.parametrize(
    ("content", "preference"),
    [
        *dict.fromkeys(
            ("no", "Opt-Out", "opt out", "not-permitted", "0", "false"), "disallowed"
        ).items(),
        *dict.fromkeys(("yes", "allowed", "permitted", "OPT IN", "1"), "allowed").items(),
        ("maybe", None),
        ("", None),
    ],
)
def test_words_of_the_folk_meta(content: str, preference: str | None):
    found = html_folk.find(capture(f'<meta name="AI_Training" content="{content}">'))
    assert [s.preference for s in found.statements] == ([preference] if preference else [])


@pytest.mark.parametrize(
    ("content", "scopes"),
    [
        ("noai;noimageai", [Scope.PAGE, Scope.ASSET]),
        ("NoImageAI", [Scope.ASSET]),
        ("index, follow", []),
    ],
)
def test_words_of_the_meta_for_ai_robots(content: str, scopes: list):
    found = html_folk.find(capture(f'<meta name="robots-ai" content="{content}">'))
    assert [s.scope for s in found.statements] == scopes


@pytest.mark.parametrize("name", ["rel.ai", "ai", "ai:summary", "x.llm", "noai-policy"])
def test_metas_that_speak_of_ai_are_recorded(name: str):
    assert html_folk.find(capture(f"<meta name={name} content=x>")).note == "unknown_ai_meta"


@pytest.mark.parametrize("name", ["email", "fair-use", "openai-bot", "noai", "tdm-policy", "mail"])
def test_other_metas_are_not(name: str):
    assert html_folk.find(capture(f"<meta name={name} content=x>")) == Finding(Reading.ABSENT)


def test_parts_of_a_page_are_told_to_a_limit():
    html = "<p>" + "<span data-nosnippet>" * 51
    found = data_nosnippet.find(capture(html))
    assert (len(found.statements), found.note) == (html_page.MAX_STATEMENTS, "truncated")


def test_a_page_is_parsed_once_for_all():
    one = capture("<p>")
    assert html_page.parsed(one) is html_page.parsed(one)


HOSTILE = {
    "objects": block([{"license": "/l"}] * 40_000),
    "nested objects": '<script type="application/ld+json">' + '{"license":' * 60 + "1" + "}" * 60,
    "deep": '<script type="application/ld+json">' + '{"license":' * 50_000,
    "notices": block([{"creditText": f"No AI {n}. " * 40} for n in range(2000)]),
    "bans": block({"copyrightNotice": f"{BAN} " * 20_000}),
    "links": f"<link rel=license type={RSL} href=/rsl.rsl.rsl.rsl>" * 20_000,
    "long address": f"<link rel=license href='/{'rsl.' * 900}'>" * 250,
    "folk": ("<meta name=content-signal content='" + "ai-train=no " * 300 + "'>") * 250,
    "long name": f"<meta name='{'-ai-' * 900}x'>" * 250,
    "marks": "<p>" + "<i mlnoindex data-nosnippet data-pin-nopin>" * 20_000,
}


@pytest.mark.parametrize("kind", HOSTILE)
@pytest.mark.timeout(60)  # a hang guard: `make bench-hostile` measures how the time grows
def test_hostile_pages_are_read_to_their_end_by_all(kind: str):
    page = capture(HOSTILE[kind])
    for signal in SIGNALS:
        found = signal.find(page)
        assert len(found.statements) <= html_page.MAX_STATEMENTS
        assert len(found.defects) <= readable.MAX_DEFECTS


PIECES = st.sampled_from(
    [
        *rb"""
    <meta~name= <meta~property= content= ai-training content-signal robots-ai mlnoindex pinterest
    copyright nopin no yes true false ai-train=no,search=yes noai <link~rel=license href= <a~rel=
    type=application/rsl+xml http://[ /l.xml //[ <base~href= > " ' <p~data-nosnippet> <i~mlnoindex>
    <script~type=application/ld+json> <script~type=application/rsl+xml> </script> {"license": } [ ]
    {"copyrightNotice":"No~AI~training:~it~is~prohibited."} , <body> <i~itemprop=license> </i>
    """.split(),
        *(b"\xff", b"\x00", b"\n", b" ", b"\xe2\x80\xae"),
    ]
)
BODIES = st.binary(max_size=60) | st.lists(PIECES, max_size=25).map(
    lambda pieces: b"".join(pieces).replace(b"~", b" ")
)


@settings(max_examples=200, deadline=None)
@given(BODIES, st.sampled_from([200, 206, 404]))
def test_no_page_makes_a_signal_raise(body: bytes, status: int):
    page = capture(b"<html>" + body, status=status)
    for signal in SIGNALS:
        found = signal.find(page)
        for link in signal.follow(page) if signal.follow else ():
            assert link.url.isprintable()
        for statement in found.statements:
            assert len(statement.quote) <= 300
            assert statement.quote.isprintable()
        strict = any(s.strictness is Strictness.STRICT for s in found.statements)
        assert strict <= (found.outcome is Reading.PRESENT)
