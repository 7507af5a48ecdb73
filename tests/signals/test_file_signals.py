"""The files beside robots.txt: what they are, what they say, and what is not one of them."""

import json
from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.dictionary.signal_reference import FIXTURES, cases
from crawler.judge.verdicts import Rule, judge_visit
from crawler.model import Capture, Failure, Finding, Preference, Purpose, Reading, Strictness
from crawler.parsers.http import parse_response
from crawler.parsers.keyvalue import parse
from crawler.signals import SIBLING, SIGNALS, ai_txt, links, resources, trust_txt, well_known_ai_txt
from crawler.signals.reading import file_words, readable
from crawler.signals.reading.ai_txt_kinds import Kind, classify
from crawler.signals.reading.file_words import Meant, meant
from crawler.signals.reading.readable import printable, soft_404
from crawler.signals.reading.signal import Carrier, Link, Signal
from tests.paths import CORPUS

SITE = "https://site.example"
FILES = [signal for signal in SIGNALS if signal.carrier is Carrier.FILE]
NAMES = {
    *("ai_txt", "well_known_ai_txt", "ai_json", "trust_txt", "ai_policy_json"),
    *("agent_permissions_json", "agents_txt", "llms_txt", "agent_card"),
}
OWN = [signal for signal in FILES if signal.name in NAMES]
BY_NAME = {signal.name: signal for signal in FILES}


def name_of(signal: Signal) -> str:
    return signal.name


def capture(resource: str, body: bytes | str = b"", **changes) -> Capture:
    content = body.encode() if isinstance(body, str) else body
    url = SITE + resource
    whole = {"final_url": url, "status": 200, "body": content, **changes}
    return Capture(resource, url, **whole)


def fixture(signal: Signal, case: str = "good") -> Capture:
    data = (FIXTURES / signal.name / f"{case}.http").read_bytes()
    return parse_response(data, SITE + "/x", signal.resources[0])


def test_every_file_has_a_fixture_for_each_way_it_can_end():
    assert {signal.name for signal in OWN} == NAMES
    for signal in OWN:
        stems = {case.stem for case in cases(FIXTURES / signal.name)}
        assert {"soft_404", "refused", "empty", "lenient_only", "contradictory"} <= stems


def test_what_every_site_is_asked_for_is_a_short_list():
    """Each path costs every site a polite second: a new one needs a reason."""
    assert {path for signal in OWN for path in signal.resources if path.startswith("/")} == {
        *("/ai.txt", "/.well-known/ai.txt", "/trust.txt", "/.well-known/trust.txt"),
        *("/.well-known/ai-policy.json", "/.well-known/agent-permissions.json"),
        *("/agents.txt", "/llms.txt", "/.well-known/agent-card.json"),
    }


@pytest.mark.parametrize("signal", OWN, ids=name_of)
@pytest.mark.parametrize(
    ("changes", "note"),
    [
        ({"status": None, "failure": Failure.TIMEOUT_TOTAL}, "no_answer"),
        ({"status": 500}, "error_status"),
        ({"status": 304}, "error_status"),
        *(({"status": status}, "refused") for status in (401, 402, 403, 407, 429, 451)),
        ({"headers": ((b"cf-mitigated", b"challenge"),)}, "refused"),
        ({"coding_error": True}, "coding_error"),
    ],
    ids=str,
)
def test_what_is_no_answer_is_unmeasured(signal: Signal, changes: dict, note: str):
    found = signal.find(replace(fixture(signal), **changes))
    assert found == Finding(Reading.UNMEASURED, note=note)


@pytest.mark.parametrize("signal", OWN, ids=name_of)
@pytest.mark.parametrize("changes", [{"truncated": True}, {"data_loss": True}, {"status": 206}])
def test_a_cut_body_shows_presence_and_never_absence(signal: Signal, changes: dict):
    found = signal.find(replace(fixture(signal), **changes))
    assert (found.outcome, found.note) == (Reading.PRESENT, "truncated")
    for body in (b"", b"Something else", b'{"skills": ["training", "resource_rules'):
        cut = signal.find(replace(fixture(signal), body=body, **changes))
        assert cut == Finding(Reading.UNMEASURED, note="truncated")


def test_a_cut_tdmrep_file_is_unmeasured():
    cut = capture("/.well-known/tdmrep.json", b'[{"location": "/", "tdm-res', truncated=True)
    assert BY_NAME["tdmrep_file"].find(cut) == Finding(Reading.UNMEASURED, note="truncated")


# --- the answer to any address -------------------------------------------------------------


@pytest.mark.parametrize(
    ("file", "sibling"),
    [
        (b"Not found: /ai.txt", b"Not found: /0123456789abcdef.txt"),
        (b"no ai.txt here", b"no 0123456789abcdef.txt here"),
        (b'{"error": 404, "id": "9f1c2a"}', b'{"error": 404, "id": "77ab01"}'),
        (b"request 123 at 10:00:01", b"request 124 at 10:00:02"),
        (b"ok", b"ok"),
        (b"", b""),
    ],
)
def test_a_sibling_that_differs_only_in_what_varies_is_the_same(file: bytes, sibling: bytes):
    one = capture("/ai.txt", file)
    other = capture("/0123456789abcdef.txt", sibling)
    assert soft_404(one, other)
    assert not soft_404(one, replace(other, status=404))
    assert not soft_404(one, replace(other, status=None))
    assert not soft_404(one)


@pytest.mark.parametrize(
    ("file", "sibling"),
    [
        (b"User-Agent: *\nDisallow: /", b"Not found"),
        (b"datatrainingallowed=no", b"datatrainingallowed=yes"),
        (b"a" * 5000 + b"1", b"a" * 5000 + b"2"),
    ],
)
def test_another_answer_beside_it_leaves_a_file_a_file(file: bytes, sibling: bytes):
    assert not soft_404(capture("/ai.txt", file), capture("/0123456789abcdef.txt", sibling))


@pytest.mark.parametrize(
    "path",
    [
        *("/", "", "/index.html", "/home", "/en/", "/en-gb", "/404", "/404.html", "/lander"),
        *("/error", "/not-found", "/page-not-found/", "/pages/404", "/#top"),
    ],
)
def test_a_redirect_to_a_start_or_error_page_is_no_file(path: str):
    body = b"User-Agent: *\nDisallow: /"
    assert soft_404(capture("/ai.txt", body, final_url=f"https://www.site.example{path}"))


@pytest.mark.parametrize(
    "url",
    [
        f"{SITE}/ai.txt",
        "https://www.site.example/ai.txt",
        "https://cdn.example/files/17/ai.txt?v=3",
        f"{SITE}/.well-known/ai.txt",
        f"{SITE}/index.php?file=ai.txt",
        f"{SITE}/policies/ai",
    ],
)
def test_a_redirect_to_a_file_is_a_file(url: str):
    file = capture("/ai.txt", b"User-Agent: *\nDisallow: /", final_url=url)
    assert not soft_404(file)
    assert not soft_404(file, capture("/0.txt", b"no such file"))


def test_a_redirect_that_every_address_takes_is_no_file():
    file = capture("/ai.txt", b"Welcome, visitor 7", final_url=f"{SITE}/welcome")
    sibling = capture("/0.txt", b"Good to see you again", final_url=f"{SITE}/welcome")
    assert soft_404(file, sibling)
    assert not soft_404(file, replace(sibling, final_url=f"{SITE}/elsewhere"))


def test_the_judge_compares_with_the_sibling():
    rules = b"User-Agent: *\nDisallow: /"
    captures = [capture("/ai.txt", rules), capture(f"{SIBLING}/ai.txt", rules)]
    (one,) = [read for read in judge_visit(captures).readings if read.signal == "ai_txt"]
    assert one.finding == Finding(Reading.ABSENT, note="soft_404")
    (alone,) = [read for read in judge_visit(captures[:1]).readings if read.signal == "ai_txt"]
    assert alone.finding.outcome is Reading.PRESENT


def asked(*changed: Capture) -> list[Capture]:
    """All that every site is asked for: pages that say nothing, files that are not there."""
    page = (("Content-Type", "text/html"),)
    headers = tuple((name.encode(), value.encode()) for name, value in page)
    answers = {path: capture(path, status=404) for path in resources()}
    answers |= {"/": capture("/", b"<!doctype html><title>x</title>", headers=headers)}
    answers |= {"/robots.txt": capture("/robots.txt", b"User-agent: *\nDisallow:\n")}
    return list((answers | {one.resource: one for one in changed}).values())


def rule(captures: list[Capture]) -> Rule:
    verdicts = judge_visit(captures).verdicts
    return next(v.rule for v in verdicts if v.purpose is Purpose.TRAIN)


def test_a_document_that_nothing_points_to_leaves_no_doubt():
    assert rule(asked()) is Rule.NOTHING_STATED


def test_a_file_at_one_of_two_addresses_that_could_not_be_read_leaves_doubt():
    assert rule(asked(capture("/trust.txt", status=503))) is Rule.PARTLY_READ


def test_a_document_that_was_pointed_to_and_failed_leaves_doubt():
    twin = capture("ai-json:", status=503)
    assert rule([*asked(), twin]) is Rule.PARTLY_READ


# --- ai.txt: six things of one name ---------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ("User-Agent: *\nDisallow: *.jpg", Kind.SPAWNING),
        ("User-Agent: *\nDisallow: *.jpg, *.png", Kind.SPAWNING),
        ("# Made by Spawning\nUser-Agent: *\nDisallow: /a/", Kind.SPAWNING),
        ("User-Agent: *\nAllow: *", Kind.SPAWNING),
        ("User-Agent: *\nDisallow: /a/", Kind.ROBOTS_COPY),
        ("User-Agent: *\nDisallow: /*.pdf$\nDisallow: /a", Kind.ROBOTS_COPY),
        ("User-Agent: *\nDisallow: /\nSitemap: /s.xml", Kind.ROBOTS_COPY),
        ("User-Agent: *\nDisallow:", Kind.DESCRIPTION),
        ("Training: deny", Kind.DRAFT_CAR),
        ("Indexing: allow\nUse: allow", Kind.DRAFT_CAR),
        ("Training-Deny: /a", Kind.DRAFT_CAR),
        ("Site-Name: a\nSite-URL: b\nTraining: perhaps", Kind.DRAFT_CAR),
        ("Agent: *\n  Training: deny", Kind.DRAFT_CAR),
        ("- Training: deny", Kind.DESCRIPTION),
        ("Site-Name: a\nSite-URL: b", Kind.DESCRIPTION),
        ("Training: perhaps", Kind.DESCRIPTION),
        ("<ai permission='deny'/>", Kind.ARXIV_DSL),
        ("---\nname: a\n---\nb", Kind.PRODUCT),
        ("---------- a", Kind.UNKNOWN),
        ("Name: a\nRole: b\nEmail: c", Kind.PERSONAL),
        ("Name: a\nEmail: c", Kind.DESCRIPTION),
        ("# A title\n\ntext", Kind.DESCRIPTION),
        ("# comment only", Kind.DESCRIPTION),
        ("#hashtag", Kind.UNKNOWN),
        ("ok", Kind.UNKNOWN),
        ('{"a": 1}', Kind.UNKNOWN),
        ("", Kind.UNKNOWN),
    ],
)
def test_a_file_is_classified_by_its_form(body: str, kind: Kind):
    assert classify(parse(body.encode()), body.encode()) is kind


def test_the_default_is_drawn_only_where_another_policy_is_stated():
    names = "Site-Name: a\nSite-URL: https://site.example\n"
    find = well_known_ai_txt.find
    stated = find(capture("", f"{names}Indexing: allow\n"))
    assert [(s.preference, s.derived) for s in stated.statements if s.purpose == "train"] == [
        (Preference.DISALLOWED, True)
    ]
    assert stated.note == "training_by_default"
    assert find(capture("", names)).statements == ()
    cut = find(capture("", f"{names}Indexing: allow\n", truncated=True))
    assert {s.purpose for s in cut.statements} == {Purpose.SEARCH, Purpose.AI_INPUT}
    only_agent = find(capture("", f"{names}Agent: QuietBot\n  Training: allow\n"))
    assert [(s.agent, s.derived) for s in only_agent.statements] == [
        ("QuietBot", False),
        ("*", True),
    ]


def test_the_more_specific_path_wins_and_other_purposes_stay():
    body = (FIXTURES / "well_known_ai_txt" / "good.http").read_bytes().partition(b"\n\n")[2]
    statements = well_known_ai_txt.find(capture("", body)).statements
    select = well_known_ai_txt.SIGNAL.select
    held = {
        path: {s.purpose: s.preference for s in select(statements, path) if s.agent == "*"}
        for path in ("/", "/free/a", "/archive/b")
    }
    index = {Purpose.SEARCH: Preference.ALLOWED, Purpose.AI_INPUT: Preference.ALLOWED}
    assert held == {
        "/": index | {Purpose.TRAIN: Preference.CONDITIONAL},
        "/free/a": index | {Purpose.TRAIN: Preference.ALLOWED},
        "/archive/b": index | {Purpose.TRAIN: Preference.DISALLOWED},
    }


@pytest.mark.parametrize(
    ("path", "preference"),
    [
        ("/picture.jpg", Preference.DISALLOWED),
        ("/text.txt", Preference.ALLOWED),
        ("/page", Preference.DISALLOWED),
    ],
)
def test_the_longest_pattern_of_ai_txt_wins(path: str, preference: Preference):
    body = "User-Agent: *\nDisallow: *.jpg\nAllow: *.txt\nDisallow: /\nDisallow: *"
    statements = ai_txt.find(capture("/ai.txt", body)).statements
    selected = ai_txt.SIGNAL.select(statements, path)
    assert {statement.preference for statement in selected} == {preference}


DRAFT = "Site-Name: a\nSite-URL: https://site.example\nTraining: deny\n"


@pytest.mark.parametrize(
    ("body", "url"),
    [
        (DRAFT, f"{SITE}/.well-known/ai.json"),
        (f"{DRAFT}AI-JSON: /policy/ai.json\n", f"{SITE}/policy/ai.json"),
        (f"{DRAFT}AI-JSON: https://cdn.example/ai.json\n", "https://cdn.example/ai.json"),
        (f"{DRAFT}AI-JSON: ftp://cdn.example/ai.json\n", None),
        (f"{DRAFT}AI-JSON: http://[\n", None),
        ("User-Agent: *\nDisallow: /\n", None),
        ("<html>", None),
    ],
)
def test_the_twin_is_asked_for_only_where_the_text_is_of_the_draft(body: str, url: str | None):
    found = links([capture("/.well-known/ai.txt", body)])
    assert found == ((Link("ai-json:", url),) if url else ())
    assert links([capture("/.well-known/ai.txt", body, status=404)]) == ()


# --- invented words -------------------------------------------------------------------------

YES, NO, TERMS = Preference.ALLOWED, Preference.DISALLOWED, Preference.CONDITIONAL
TRAIN, SEARCH, INPUT = Purpose.TRAIN, Purpose.SEARCH, Purpose.AI_INPUT


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("AI-Training", "no", Meant(TRAIN, NO)),
        ("AITraining", "No", Meant(TRAIN, NO)),
        ("ai_training", "disallowed", Meant(TRAIN, NO)),
        ("Training", "yes", Meant(TRAIN, YES)),
        ("llm-training", "**opt-out**", Meant(TRAIN, NO)),
        ("AI Training", "Not permitted.", Meant(TRAIN, NO)),
        ("Training", "allowed (public pages)", Meant(TRAIN, YES)),
        ("Training", "allowed with attribution", Meant(TRAIN, TERMS)),
        ("Training", "prohibited without written consent", Meant(TRAIN, TERMS)),
        ("AI-Training", "Explicit-Consent-Required", Meant(TRAIN, TERMS)),
        ("Data-Mining", "prohibited", Meant(TRAIN, NO)),
        ("Text-and-Data-Mining", "deny", Meant(TRAIN, NO)),
        ("Model-Fine-Tuning", "denied", Meant(TRAIN, NO)),
        ("Allow-Training", "no", Meant(TRAIN, NO)),
        ("Allow-AI-Training", "true", Meant(TRAIN, YES)),
        ("Allow-RAG", "ask", Meant(INPUT, TERMS)),
        ("training_allowed", "False", Meant(TRAIN, NO)),
        ("trainingNotAllowed", "true", Meant(TRAIN, NO)),
        ("Disallow-AI-Training", "/", Meant(TRAIN, NO, "/")),
        ("Disallow-Training", "/studio/*", Meant(TRAIN, NO, "/studio/*")),
        ("Allow-Train", "/", Meant(TRAIN, YES, "/")),
        ("Disallow-AI-Training", "disallow", Meant(TRAIN, NO)),
        ("Disallow-AI-Training", "true", Meant(TRAIN, NO)),
        ("Disallow-AI-Training", "false", Meant(TRAIN, YES)),
        ("Disallow-AI-Training", "all", Meant(TRAIN, NO)),
        ("No-Training", "allowed with attribution", Meant(TRAIN, TERMS)),
        ("training-opt-out", "true", Meant(TRAIN, NO)),
        ("TDM-Reservation", "1", Meant(TRAIN, NO)),
        ("TDM-Reservation", "0", Meant(TRAIN, YES)),
        ("AI-Search", "yes", Meant(SEARCH, YES)),
        ("Indexing", "allowed", Meant(SEARCH, YES)),
        ("ai-input", "no", Meant(INPUT, NO)),
        ("Grounding", "no", Meant(INPUT, NO)),
        # Not a permission, or not about a use of content.
        ("Training", "Monday to Friday", None),
        ("Corporate Training", "yes", None),
        ("Search", "true", None),
        ("Index", "yes", None),
        ("Search", "https://site.example/search", None),
        ("Disallow-Training", "allow", None),
        ("Disallow-Training", "sometimes", None),
        ("Training", "/courses/", None),
        ("Training-and-Search", "no", None),
        ("AI", "no", None),
        ("Contact", "no", None),
        ("", "no", None),
    ],
)
def test_what_an_invented_line_means(name: str, value: str, expected: Meant | None):
    assert meant(name, value) == expected


def lenient(body: str) -> list[tuple[str, str, str]]:
    found = well_known_ai_txt.find(capture("", body))
    return [(s.agent, s.purpose, s.preference) for s in found.statements]


def test_an_invented_line_is_said_to_the_agents_above_it():
    body = "AI-Training: no\nUser-agent: A\nUser-agent: B\nAllow-Training: yes\nAI-Search: no\n"
    assert lenient(body) == [
        ("*", "train", "disallowed"),
        ("A", "train", "allowed"),
        ("B", "train", "allowed"),
        ("A", "search", "disallowed"),
        ("B", "search", "disallowed"),
    ]


def test_what_stands_under_a_refusing_name_is_left_open():
    for body in (b"prohibited:\n  ai-training: true\n", b"restrictions:\n  training: false\n"):
        assert file_words.read(parse(body)) == ([], [])
    assert lenient("permissions:\n  training: false\nsearch:\n") == [("*", "train", "disallowed")]


def nested(depth: int) -> dict:
    inner: dict = {"training": "deny"}
    for _ in range(depth):
        inner = {"policy": inner}
    return inner


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ({"a": {"training": "deny"}}, [("train", "disallowed")]),
        ({"training": {"allowed": True}}, [("train", "allowed")]),
        ({"training": True, "count": 3, "list": ["training"]}, [("train", "allowed")]),
        ({"agents": {"QuietBot": {"training": "deny"}}}, []),
        ({"rules": {"path": "/a", "training": "deny"}}, []),
        ({"agent": "QuietBot", "training": "deny"}, []),
        ({"blocked": {"training": False}}, []),
        ({"blocked": {"training": "deny"}}, [("train", "disallowed")]),
        (nested(60), [("train", "disallowed")]),
    ],
)
def test_invented_permissions_in_json(value: dict, said: list):
    found = BY_NAME["ai_policy_json"].find(capture("", json.dumps(value)))
    assert [(s.purpose, s.preference) for s in found.statements] == said
    assert all(s.strictness is Strictness.LENIENT and s.derived for s in found.statements)


def test_a_wide_object_is_read_to_a_limit():
    value = {f"part{n}": {"training": "deny"} for n in range(6000)}
    found = BY_NAME["ai_json"].find(capture("", json.dumps(value)))
    assert (len(found.statements), len(found.defects)) == (readable.MAX_STATEMENTS, 50)
    assert found.note == "truncated"


def test_prose_is_read_sentence_by_sentence_to_a_limit():
    ban = "Our pictures may not be used to train AI models."
    found = BY_NAME["llms_txt"].find(capture("", f"# A\n\nFine weather.\n{ban} Thank you!\n"))
    assert [(s.line, s.quote, s.stance) for s in found.statements] == [(3, ban, "ai_training_ban")]
    many = BY_NAME["llms_txt"].find(capture("", f"- {ban}\n" * 50))
    assert len(many.statements) == 20
    scraping = BY_NAME["llms_txt"].find(capture("", "# A\n\nScraping is prohibited.\n"))
    assert scraping.note == "not_an_opt_out"


# --- the other formats ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("datatrainingallowed=no", ("disallowed", "strict")),
        ("DATATRAININGALLOWED=YES", ("allowed", "strict")),
        ("datatrainingallowed=no # ours", ("disallowed", "lenient")),
        ("data-training-allowed=no", ("disallowed", "lenient")),
        ("datatrainingallowed=false", ("disallowed", "lenient")),
        ("datatrainingallowed=no\ndatatrainingallowed=no", ("disallowed", "lenient")),
        ("datatrainingallowed=maybe\ndatatrainingallowed=yes", ("allowed", "lenient")),
        ("- datatrainingallowed: no", ("disallowed", "lenient")),
        ("datatrainingallowed=conditional", None),
        ("#datatrainingallowed=no", None),
    ],
)
def test_the_line_of_trust_txt(body: str, said: tuple[str, str] | None):
    statements = trust_txt.find(capture("/trust.txt", body)).statements
    assert [(s.preference, s.strictness) for s in statements] == ([said] if said else [])


@pytest.mark.parametrize(
    ("domain", "url", "strict"),
    [
        ("site.example", "https://www.site.example/x", True),
        ("WWW.Site.example", f"{SITE}/x", True),
        ("site.example", "https://blog.site.example/x", True),
        ("blog.site.example", f"{SITE}/x", True),
        ("mysite.example", f"{SITE}/x", False),
        ("bücher.example", "https://xn--bcher-kva.example/x", True),
        ("https://site.example", f"{SITE}/x", False),
        ("", f"{SITE}/x", False),
        ("site.example", "http://[/x", False),
    ],
)
def test_a_policy_speaks_for_its_own_domain(domain: str, url: str, strict: bool):
    value = {"version": "1.0", "domain": domain, "permissions": {"training": "block"}}
    file = capture("/.well-known/ai-policy.json", json.dumps(value), final_url=url)
    (statement,) = BY_NAME["ai_policy_json"].find(file).statements
    assert (statement.strictness is Strictness.STRICT) is strict


@pytest.mark.parametrize("bots", [None, [], {}, {"blocked": "A"}, {"blocked": [1, "", " "]}])
def test_bots_that_are_no_list_of_names_say_nothing(bots: object):
    value = {"version": "1.0", "domain": "site.example", "permissions": {"training": "block"}}
    text = json.dumps(value | {"bots": bots})
    (statement,) = BY_NAME["ai_policy_json"].find(capture("", text)).statements
    assert statement.agent == "*"


@pytest.mark.parametrize("said", [None, 1, [], {}, [1]])
def test_a_permission_of_another_type_is_named(said: object):
    value = {"version": "1.0", "domain": "site.example", "permissions": {"training": said}}
    found = BY_NAME["ai_policy_json"].find(capture("", json.dumps(value)))
    assert (found.statements, [d.code for d in found.defects]) == ((), ["ai-policy-value"])


@pytest.mark.parametrize("paths", [None, {"allow": "/a"}, {"deny": [1, ""]}])
def test_paths_of_another_type_say_nothing(paths: object):
    value = {"specVersion": "1", "policies": {"training": "conditional"}, "trainingPaths": paths}
    found = BY_NAME["ai_json"].find(capture("", json.dumps(value)))
    assert [(s.preference, s.path) for s in found.statements] == [(TERMS, None)]


def test_agents_of_another_type_say_nothing():
    value = {"specVersion": "1", "policies": {"training": "deny", "indexing": 3}}
    text = json.dumps(value | {"agents": {"A": [], "B": {"training": 1}}})
    assert len(BY_NAME["ai_json"].find(capture("", text)).statements) == 1
    loose = text.replace('"deny"', '"deny",').replace(",,", ",").replace('3}, "a', '3,}, "a')
    found = BY_NAME["ai_json"].find(capture("", loose))
    assert [s.strictness for s in found.statements] == [Strictness.LENIENT]


HOSTILE = {
    "pairs": b"Training: no\n" * 10_000,
    "groups": b"User-agent: a\n" * 4_000 + b"AI-Training: no\n" * 4_000,
    "blocks": b"".join(b"Agent: a%d\n Training: deny\n" % n for n in range(4_000)),
    "commas": b"User-Agent: *\n" + b"Disallow: *.a,*.b\n" * 4_000,
    "one line": b"User-Agent: *\nDisallow: " + b"*.a," * 30_000,
    "colons": b":" * 500_000,
    "bullets": b"- " * 250_000,
    "name": b"ai-" * 150_000 + b": no",
    "comments": b"a: b" + b"\t#" * 200_000,
    "prose": b"We reserve train ai data mining " * 4_000,
    "exceptions": b"reserve a except b, " * 20_000,
    "object": b"{" + b",".join(b'"a%d":{"training":"deny"}' % n for n in range(4_000)) + b"}",
    "digits": b"1a" * 2_000,
}


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.timeout(60)  # a hang guard: `make bench-hostile` measures how the time grows
def test_hostile_files_are_read_to_their_end_and_bounded(name: str):
    for signal in OWN:
        found = signal.find(capture(signal.resources[0], HOSTILE[name]))
        assert len(found.statements) <= 1200
        assert len(found.defects) <= 110


WORDS = """
Training: Indexing: Scraping: deny allow conditional Training-Allow: /a* Site-Name:~a Site-URL:~b
Agent: User-Agent:~* Disallow: Allow: *.jpg,*.png / * Spawning #~ -~ ** [Agent:~x] Allow-RAG: yes
datatrainingallowed=no AI-Training:~no {"policies":{"training":"deny"}} {"specVersion":"1",
"permissions":{"training": "block" } { , ] "skills":[] "name":"x" resource_rules "agents": null
--- <ai> <html> AI-JSON: http://[ We~reserve~AI~training.
"""
PIECES = st.sampled_from(
    [*WORDS.split(), "\n", "\r", "\n  ", " ", "\x00", "\ufeff", "\u2028", "\u202e", "é"]
)
BODIES = st.binary(max_size=60) | st.lists(PIECES, max_size=25).map(
    lambda pieces: "".join(pieces).replace("~", " ").encode()
)


@settings(max_examples=200, deadline=None)
@given(body=BODIES, status=st.sampled_from([None, 200, 206, 404, 403]), tail=st.text(max_size=9))
def test_no_file_makes_a_signal_raise(body: bytes, status: int | None, tail: str):
    for signal in OWN:
        one = capture(signal.resources[0], body, status=status, final_url=f"{SITE}/{tail}")
        found = signal.find(one)
        if signal.follow:
            assert len(signal.follow(one)) <= 1
        for statement in found.statements:
            texts = (statement.quote, statement.agent, statement.path or "")
            assert all(len(text) <= 300 and printable(text) == text for text in texts)
            assert statement.line is not None
            assert statement.line >= 1
        strict = any(s.strictness is Strictness.STRICT for s in found.statements)
        assert not strict or found.outcome is Reading.PRESENT
        assert not found.statements or strict or found.outcome is Reading.MALFORMED


# --- real files -----------------------------------------------------------------------------

KINDS = {
    "tdmrep.json": "tdmrep_file",
    "ai.txt": "ai_txt",
    "trust.txt": "trust_txt",
    "llms.txt": "llms_txt",
}


def rows(name: str) -> list[dict]:
    if not CORPUS.exists():
        pytest.skip("the shared corpus is not here")
    text = (CORPUS / name).read_text("utf-8", "surrogatepass")
    return [json.loads(line) for line in text.split("\n") if line]


def read(signal: str, text: str) -> Finding:
    return BY_NAME[signal].find(capture(BY_NAME[signal].resources[0], text))


def test_real_files_are_read_as_far_as_they_can_be():
    """One file each: strictly, leniently, malformed without a statement, or not there."""
    counts: Counter[tuple[str, str]] = Counter()
    for row in rows("wellknown/files.jsonl"):
        if signal := KINDS.get(row["kind"]):
            counts[signal, ended(read(signal, row["text"]))] += 1
    assert counts["tdmrep_file", "strict"] >= 7
    assert counts["tdmrep_file", "lenient"] >= 1
    assert (
        counts["tdmrep_file", "malformed"] == 2
    )  # a template, and a permission without a location
    assert counts["llms_txt", "present"] >= 63
    assert counts["llms_txt", "lenient"] >= 4
    assert counts["llms_txt", "strict"] == 0
    assert counts["ai_txt", "absent"] == counts["trust_txt", "absent"] == 1


def ended(found: Finding) -> str:
    if found.outcome is Reading.MALFORMED:
        return "lenient" if found.statements else "malformed"
    return "strict" if found.statements else found.outcome.value


WILD = {
    "s0036": ("tdmrep_file", "lenient"),
    "s0038": ("tdmrep_file", "malformed"),
    "s0039": ("tdmrep_file", "lenient"),
    "s0040": ("tdmrep_file", "malformed"),
    "s0135": ("ai_txt", "absent"),  # a comment whose words are not on the list of prose
    "s0136": ("ai_txt", "strict"),
    "s0137": ("ai_txt", "strict"),
    "s0138": ("ai_txt", "lenient"),
    "s0140": ("ai_txt", "lenient"),
    "s0514": ("tdmrep_file", "strict"),
    "s0554": ("tdmrep_file", "malformed"),
    "s0558": ("tdmrep_file", "strict"),
    "s0559": ("tdmrep_file", "strict"),
    "s0568": ("tdmrep_file", "strict"),
    "s0570": ("tdmrep_file", "strict"),
    "s0571": ("tdmrep_file", "lenient"),
    "s0581": ("trust_txt", "absent"),  # notes on a company, not the format
    "s0582": ("ai_txt", "absent"),  # a product description
    "s0589": ("tdmrep_file", "strict"),
    "s0590": ("tdmrep_file", "strict"),
    "s0594": ("tdmrep_file", "strict"),
}


def test_deployed_files_are_read_as_a_person_reads_them():
    snippets = {row["id"]: row["snippet"] for row in rows("signals/signals_in_the_wild.jsonl")}
    found = {case: ended(read(signal, snippets[case])) for case, (signal, _) in WILD.items()}
    assert found == {case: expected for case, (_, expected) in WILD.items()}
