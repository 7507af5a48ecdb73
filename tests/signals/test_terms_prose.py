"""Reservations in prose: sentences, terms pages, the home page's footer and its links."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.model import Capture, Preference, Purpose, Reading, Scope, Severity, Strictness
from crawler.registry import languages, prose, terms_links
from crawler.registry.agents import RegistryError
from crawler.signals import MAX_LINKS_OF_A_NAME, links, terms_prose
from crawler.signals.reading.reservation import MAX_SENTENCE, Stance, classify, sentences
from crawler.signals.terms_prose import MAX_FOUND, SIGNAL, find, follow
from tests.signals import terms_eval

HOME = "https://www.site.example/"
BAN = "You may not use our pictures to train AI models."


def capture(html: str, resource: str = "terms:", url: str = HOME, **changes) -> Capture:
    body = html.encode("utf-8", "replace")
    headers = ((b"Content-Type", b"text/html; charset=utf-8"),)
    return Capture(
        resource, url, url, **{"status": 200, "headers": headers, "body": body, **changes}
    )


def terms(html: str):
    return find(capture(f"<title>Terms of use</title>{html}"))


def home(html: str, url: str = HOME) -> Capture:
    return capture(html, "/", url)


def followed(html: str, url: str = HOME) -> list[str]:
    return [link.url for link in follow(home(html, url))]


# Sentences


@pytest.mark.parametrize("half", ["dev", "held"])
def test_sentences_are_told_apart(half: str):
    rows = terms_eval.rows(half)
    assert len(rows) >= 100
    assert {row.language for row in rows} == set(languages.load().codes)
    assert sum(row.label == terms_eval.NONE for row in rows) * 2 >= len(rows) - 5
    assert terms_eval.precision(rows) >= 0.97
    assert terms_eval.recall(rows) >= 0.85
    assert terms_eval.identified(rows) >= 0.95


def test_no_language_is_left_behind():
    found = terms_eval.rows("dev") + terms_eval.rows("held")
    for code in languages.load().codes:
        rows = [row for row in found if row.language == code]
        assert terms_eval.precision(rows) >= 0.9
        assert terms_eval.recall(rows) >= 0.8


def test_the_evaluation_is_printed(capsys, monkeypatch):
    monkeypatch.setattr(terms_eval.Row, "found", Stance.SCRAPING_BAN_ONLY)
    monkeypatch.setattr(languages, "identify", lambda _: "la")
    terms_eval.main()
    printed = capsys.readouterr().out
    assert "recall 0.107" in printed
    assert "taken for la" in printed


def test_the_law_may_stand_beside_the_sentence():
    said = classify(BAN, f"{BAN} See Article 4(3).")
    assert said is not None
    assert (said.stance, said.language) == (Stance.TDM_RESERVATION_CITED_LAW, "en")
    assert classify(BAN, BAN).stance is Stance.AI_TRAINING_BAN


def test_object_and_refusal_must_stand_together():
    assert classify("To train AI models " + "word " * 70 + "is prohibited.") is None
    assert classify("To train AI models " + "word " * 20 + "is prohibited.") is not None


def test_sentences_and_their_places():
    text = "One. Two (see Art. 4). «Three» ends? Yes! no."
    assert list(sentences(text)) == [
        (0, "One."),
        (5, "Two (see Art. 4)."),
        (23, "«Three» ends?"),
        (37, "Yes! no."),
    ]
    assert [len(s) for _, s in sentences("x" * (MAX_SENTENCE + 1))] == [MAX_SENTENCE, 1]
    assert list(sentences("")) == []


@pytest.mark.parametrize(
    "text", ["", "of", "Text and data mining", "1 2 3", "Ez nem a mi nyelvunk"]
)
def test_a_language_that_does_not_stand_out_is_none(text: str):
    assert languages.identify(text) is None


def test_html_lang_is_no_truth():
    found = terms("<html lang=fr><p>Das Training von KI mit unseren Texten ist nicht erlaubt.")
    assert [s.language for s in found.statements] == ["de"]


# Terms pages


def test_a_statement_is_a_lenient_reading_for_the_site():
    (statement,) = terms(f"<p>{BAN}").statements
    assert statement.purpose is Purpose.TRAIN
    assert statement.preference is Preference.DISALLOWED
    assert statement.strictness is Strictness.LENIENT
    assert statement.scope is Scope.SITE
    assert statement.derived


def test_a_lead_reaches_its_list_only():
    html = "<p>We like you. You may not:</p><ul><li>{}</ul><p>{}</p><ul><li>{}</ul>"
    item = "train AI on our texts"
    found = terms(html.format(item, "Be kind.", item + " gladly"))
    assert [s.quote for s in found.statements] == [f"You may not: {item}"]
    assert terms(f"<ul><li>{item}</ul>").outcome is Reading.ABSENT


def test_a_page_of_too_many_sentences_is_cut(monkeypatch):
    monkeypatch.setattr(terms_prose, "MAX_SENTENCES", 2)
    found = terms(f"<p>One. Two. {BAN}")
    assert (found.outcome, found.note) == (Reading.UNMEASURED, "truncated")


def test_evidence_is_bounded_and_said_once():
    html = "".join(f"<p>Part {n}. {BAN} Training AI {n} is prohibited." for n in range(50))
    found = terms(html)
    assert len(found.statements) == MAX_FOUND
    assert len({s.quote for s in found.statements}) == MAX_FOUND


@pytest.mark.parametrize(
    ("html", "note"),
    [
        ("<h1>Copyright</h1>", None),
        ("<p>Legal notice</p>", None),
        ("<h2>Welcome</h2><p>Hello", "soft_404"),
        (f"<h1>{'Terms of use that never end ' * 4}</h1>", "soft_404"),
        ("<footer>Imprint</footer>", "soft_404"),
    ],
)
def test_a_page_must_call_itself_legal(html: str, note: str | None):
    assert find(capture(html)).note == note


def test_a_page_that_is_linked_as_terms_needs_no_heading():
    url, page = f"{HOME}p/7", f"<p>{BAN}</p>"
    assert find(capture(page, url=url)).note == "ai_training_ban"
    assert find(capture(f"<h1>News</h1>{page}", url=url)).note == "soft_404"
    assert find(replace(capture(page, url=url), final_url=HOME)).note == "soft_404"
    assert find(replace(capture(page, url=url), final_url="http://[")).note == "soft_404"
    for path in terms_links.load().paths["en"]:  # tried where nothing is linked
        assert find(capture(page, url=HOME + path[1:])).note == "soft_404"


def test_a_cut_page_is_not_called_another_answer():
    cut = replace(capture("<h1>Welcome</h1>"), truncated=True)
    assert (find(cut).outcome, find(cut).note) == (Reading.UNMEASURED, "truncated")


# The home page


def test_of_the_home_page_headings_and_navigation_are_passed_over():
    assert find(home(f"<h2>{BAN}</h2><nav>{BAN}</nav>")).outcome is Reading.ABSENT
    (statement,) = find(home(f"<p>News</p><footer>{BAN}</footer>")).statements
    assert (statement.scope, statement.line) == (Scope.PAGE, 1)


@pytest.mark.parametrize(
    "words",
    [
        BAN,
        "I do not consent to the use of my drawings for AI training!",
        "Nos contenus sont réservés : la fouille de textes et de données est interdite.",
        "Ich untersage das Training von KI mit meinen Bildern.",
    ],
)
def test_the_body_of_the_home_page_may_speak_for_the_site(words: str):
    (statement,) = find(home(f"<main><p>News</p>\n<p>{words}</p></main>")).statements
    assert (statement.purpose, statement.line) == (Purpose.TRAIN, 2)
    assert statement.strictness is Strictness.LENIENT


@pytest.mark.parametrize(
    "words",
    [
        "Publishers forbid the training of AI models on news.",
        "The ministry prohibits text and data mining of its archive.",
        "Court: training AI on our songs is prohibited, says label",
        "“You may not use our pictures to train AI models,” the painters wrote.",
        "We do not use your data to train AI.",
        "Our donors' data may not be used to train AI models.",
    ],
)
def test_what_the_home_page_reports_or_promises_is_none(words: str):
    assert find(home(f"<main><p>{words}</p></main>")).outcome is Reading.ABSENT


@pytest.mark.parametrize(
    "words",
    [
        "Text and data mining of this website is prohibited.",
        "Data mining of our content is forbidden.",
    ],
)
def test_a_footer_may_speak_about_the_site(words: str):
    (statement,) = find(home(f"<footer>{words}</footer>")).statements
    assert statement.scope is Scope.SITE


@pytest.mark.parametrize("attribute", ["name=copyright", "name=RIGHTS", "property=dcterms.rights"])
def test_a_copyright_meta_is_read(attribute: str):
    (statement,) = find(home(f"\n<meta {attribute} content='{BAN}'>")).statements
    assert (statement.line, statement.scope) == (2, Scope.PAGE)
    assert not find(home(f"<meta {attribute}><meta name=author content='{BAN}'>")).statements


def test_collection_alone_is_no_statement_on_ai():
    found = find(home("<footer>Scraping is prohibited.</footer>"))
    assert (found.outcome, found.note) == (Reading.ABSENT, "scraping_ban_only")
    assert found.statements == ()
    assert [(d.code, d.severity) for d in found.defects] == [
        ("scraping-ban-prose", Severity.COSMETIC)
    ]


# Links


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("Terms of Use", "x"),
        ("", "/terms-of-service.html"),
        ("AGB", "x"),
        ("Conditions générales d’utilisation", "x"),
        ("Aviso legal", "x"),
        ("Note legali", "x"),
        ("Gebruiksvoorwaarden", "x"),
        ("Termos e condições", "x"),
        ("Regulamin", "x"),
        ("Användarvillkor", "x"),
        ("Brugsbetingelser", "x"),
        ("Impressum", "x"),
        ("TDM", "x"),
        ("", "/ai-policy"),
    ],
)
def test_links_to_terms_are_found(text: str, path: str):
    html = f"<p>Hi</p><a href='{path}'>{text}</a>"
    assert followed(html) == [HOME + path.lstrip("/")]


@pytest.mark.parametrize(
    ("href", "url"), [("/té", "t%C3%A9"), ("/a b", "a%20b"), ("/x/../{t}", "%7Bt%7D")]
)
def test_links_are_asked_for_as_browsers_do(href: str, url: str):
    assert followed(f"<p>Hi</p><a href='{href}'>Terms</a>") == [HOME + url]


@pytest.mark.parametrize(
    "anchor",
    [
        "<a href=/p>Privacy policy and terms</a>",
        "<a href=/terms-of-sale>Terms</a>",
        "<a href=https://other.example/terms>Terms</a>",
        "<a href=https://site.example.evil.example/terms>Terms</a>",
        "<a href=mailto:terms@site.example>Terms</a>",
        "<a href='javascript:terms()'>Terms</a>",
        "<a href=#terms>Terms</a>",
        "<a href=http://[>Terms</a>",
        "<a href=//site.example:x/>Terms</a>",
        "<a href=//site.example:0/>Terms</a>",
        "<a href=/terms.pdf>Terms</a>",
        f"<a href=/{'x' * 2000}>Terms</a>",
        f"<a href=/x>{'Terms of a peace that nobody signed ' * 3}</a>",
        "<a href=/2026/the-terms-of-a-peace-that-nobody-ever-signed>Read</a>",
        "<a href=/x>Train terminals</a>",
        "<a>Terms</a>",
    ],
)
def test_other_links_are_not_followed(anchor: str):
    assert followed(f"<html lang=en><p>Hello</p>{anchor}") == [HOME + "terms", HOME + "legal"]


def test_subdomains_are_the_site_and_a_customer_of_a_host_is_not_the_host():
    assert followed("<a href=https://legal.site.example/x>Terms</a>") == [
        "https://legal.site.example/x"
    ]
    url = "https://me.github.io/"
    assert followed("<a href=https://you.github.io/terms>Terms</a>", url) == [
        f"{url}terms",
        f"{url}legal",
    ]
    url = "http://localhost/"
    assert followed("<a href=/x>Terms</a>", url) == ["http://localhost/x"]


def test_the_best_links_come_first_and_few_of_a_kind():
    html = (
        "<base href=/de/><a href=/imprint>Imprint</a><a href=/t1>Terms</a><a href=/c>Copyright</a>"
        "<footer><a href=/t2#top>Terms</a><a href=t3>Terms</a><a href=/t1>Terms</a></footer>"
        "<a href=/tdm>Text and data mining</a><a href=/l>Legal</a>"
    )
    assert followed(html) == [HOME + path for path in ("tdm", "t1", "t2", "c")]
    assert MAX_LINKS_OF_A_NAME == 4


GERMAN = ["impressum", "nutzungsbedingungen"]


@pytest.mark.parametrize(
    ("html", "paths"),
    [
        ("<p>Willkommen auf unserer Seite, wir freuen uns sehr.", GERMAN),
        ("<html lang=pl-PL><p>OK", ["regulamin", "nota-prawna"]),
        ("<html lang=xx><p>OK", ["terms", "legal"]),
        ("<html lang=en><p>Wir sind für Sie da, und das ist gut so.", GERMAN),
    ],
)
def test_usual_addresses_are_tried_where_no_link_is(html: str, paths: list[str]):
    assert followed(html) == [HOME + path for path in paths]


def test_a_base_that_is_no_address_says_nothing_and_a_page_needs_one():
    html = '<html lang=en><base href="http://["><a href=/agb>AGB</a>'
    assert followed(html) == [HOME + "agb"]
    assert followed("<html lang=en><a href=/agb>AGB</a>", "https://[") == []


def test_only_a_readable_home_page_is_followed():
    page = home("<a href=/terms>Terms</a>")
    assert [link.resource for link in follow(page)] == ["terms:"]
    assert follow(replace(page, resource="terms:")) == ()
    assert follow(replace(page, status=404)) == ()
    assert follow(replace(page, headers=(), body=b"text")) == ()
    assert SIGNAL.follow is follow
    assert [link.url for link in links([page])] == [HOME + "terms"]


# Data


def test_every_language_has_words_and_addresses():
    codes = languages.load().codes
    assert tuple(one.code for one in prose.load().languages) == codes
    assert set(terms_links.load().paths) == set(codes)
    assert all(len(paths) <= 2 for paths in terms_links.load().paths.values())
    assert {languages.load().version, terms_links.load().version} == {"2026-11-25"}
    assert prose.load().version == "2026-12-01"


@pytest.mark.parametrize(
    ("spelt", "text", "found"),
    [
        ("ai!", "an ai", True),
        ("ai!", "an aim", False),
        ("train .. ai!", "trained an ai", True),
        ("train .. ai!", "train " + "x" * 70 + " ai", False),
        ("{a|b} c", "b c", True),
        ("reserv", "unreserved", False),
        ("art. 4", "artx 4", False),
        ("wylacznie", prose.fold("Wyłącznie"), True),
    ],
)
def test_the_syntax_of_words(spelt: str, text: str, found: bool):
    assert bool(prose.any_of([spelt]).search(text)) is found


@pytest.mark.parametrize(
    "content",
    [b"\xff", b"", b"version='x'\n[words]\nen='The'", b"version='x'\n[words]\nen=3", b"words=3"],
)
def test_faulty_languages_are_refused(content: bytes):
    with pytest.raises(RegistryError, match="languages"):
        languages.parse(content)


LINKS = b"""version = "x"
skip = ["a"]
kind = [{name = "k", words = ["b"]}]
path = {en = ["/c"]}
"""


@pytest.mark.parametrize(
    "content",
    [b"\xff", b"", LINKS.replace(b"/c", b"c"), LINKS.replace(b'["b"]', b"[]"), b"path=3"],
)
def test_faulty_terms_links_are_refused(content: bytes):
    assert terms_links.parse(LINKS).rank("b", "") == 0
    with pytest.raises(RegistryError, match="terms links"):
        terms_links.parse(content)


# Hostile input

HOSTILE = {
    "objects": "train machine learning " * 11_000,
    "refusals": "<p>train ai " + "prohibited " * 22_000,
    "pairs": "<p>train ai prohibited" * 5_000,
    "exceptions": "<p>ai prohibited except except, " * 8_000,
    "gaps": "train " * 40_000,
    "one word": "train" + "n" * 250_000,
    "items": "<p>You may not:<ul>" + "<li>train ai" * 8_000,
    "leads": "<p>You may not train ai:<ul><li>a</ul>" * 2_500,
    "stops": "Train ai. " * 10_000,
    "blanks": "Train ai." + " " * 250_000 + "x",
    "question marks": "train ai prohibited" + "? " * 120_000 + "x",
    "links": "<a href=/terms>Terms</a>" * 10_000,
    "long links": f"<a href='/{'terms-' * 300}'>Terms</a>" * 130,
    "hosts": "".join(f"<a href=//h{n}.example/terms>Terms</a>" for n in range(5000)),
    "law": "<p>train ai prohibited. " + "44 b " * 50_000,
    "footers": "<footer>train ai prohibited</footer>" * 3_000,
    "metas": "<meta name=copyright content='train ai prohibited'>" * 5_000,
}


@pytest.mark.parametrize("html", HOSTILE.values(), ids=HOSTILE)
@pytest.mark.timeout(60)  # a hang guard: `make bench-hostile` measures how the time grows
def test_hostile_pages_are_read_to_their_end(html: str):
    for resource in SIGNAL.resources:
        found = find(capture(f"<title>Terms</title>{html}", resource))
        assert len(found.statements) <= MAX_FOUND
    assert len(followed(html)) <= MAX_LINKS_OF_A_NAME


PIECES = st.sampled_from(
    [
        *rb"""
    <h1>Terms</h1> <p> <ul> <li> </ul> <footer> </footer> <a~href= /terms //[ # ? Terms Legal </a>
    You~may~not: train~AI is~prohibited. reserve text~and~data~mining except , license~our 44b
    <meta~name=rights~content=' ' > <base~href= > <html~lang=pl> &#55555555555; ? . : (
    """.split(),
        *(b"\xff", b"\xe9", b"\x00", b"\n", b" "),
    ]
)


@settings(max_examples=200, deadline=None)
@given(
    st.binary(max_size=60) | st.lists(PIECES, max_size=30).map(b"".join),
    st.sampled_from(["/", "terms:"]),
    st.sampled_from([HOME, "https://[", "x", "http://\u00e9.example/"]),
    st.sampled_from([None, 200, 206, 404, 503]),
)
def test_no_page_makes_it_raise(body: bytes, resource: str, url: str, status: int | None):
    headers = ((b"content-type", b"text/html"),)
    octets = body.replace(b"~", b" ")
    page = Capture(resource, url, url, status=status, headers=headers, body=octets)
    found = find(page)
    for statement in found.statements:
        assert statement.strictness is Strictness.LENIENT
        assert len(statement.quote) <= 300
        assert statement.line >= 1
        statement.quote.encode()
    for link in follow(page):
        assert link.url.startswith(("http://", "https://"))
