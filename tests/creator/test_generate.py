"""Every wish written out and read again: what each file says, and what it owns up to not saying."""

import json
import re
from datetime import date
from functools import cache
from itertools import product

import pytest

from crawler.creator.generate import (
    AS_IS,
    NO,
    PICTURES,
    SERVED_BY,
    STRICTEST,
    TERMS,
    YES,
    Plan,
    Statement,
    WishError,
    plan,
    reach,
    words,
)
from crawler.creator.robots_edit import MergeError
from crawler.judge.verdicts import judge_visit
from crawler.model import Access, Capture, Preference, Purpose, Reading, Severity, Strictness
from crawler.parsers.robots import google as robots_google
from crawler.parsers.robots import rfc9309, syntax
from crawler.parsers.robots.protego import ProtegoPolicy
from crawler.registry import agents, timeline
from crawler.registry.agents import AgentPurpose, Honours
from crawler.signals import SIGNALS
from crawler.signals.robots_access import answer
from tests.factories import works

TODAY = timeline.last_day()
MAIL = "mailto:rights@atelier.example"
WISHES = [dict(zip(Purpose, values, strict=True)) for values in product(STRICTEST, repeat=3)]
READ_IN = {"robots.txt": "/robots.txt", "tdmrep.json": "/.well-known/tdmrep.json",
           "tdm-policy.json": "tdm-policy:", "license.xml": "rsl:", "head.html": "/",
           "works.txt": "work:image:"}  # fmt: skip
KINDS = {"tdmrep.json": "application/json", "tdm-policy.json": "application/json",
         "license.xml": "application/rsl+xml", "head.html": "text/html"}  # fmt: skip
STATES = {"robots.txt": {"robots_content_signal", "robots_content_usage"}}
SETTINGS = ("nginx.conf", "htaccess.txt", "Caddyfile", "_headers", "vercel.json", "cloudflare.txt")


def shown(wish: dict[Purpose, Preference]) -> str:
    return "-".join(value.value for value in wish.values())


every_wish = pytest.mark.parametrize("wish", WISHES, ids=shown)


def wished(train=NO, search=YES, ai_input=NO) -> dict[Purpose, Preference]:
    return {Purpose.TRAIN: train, Purpose.SEARCH: search, Purpose.AI_INPUT: ai_input}


def made(wish: dict[Purpose, Preference], existing: bytes = b"", **more) -> Plan:
    facts = {"as_of": TODAY, "contact": MAIL, "site": "atelier.example"} | more
    return _plan(tuple(wish.items()), tuple(facts.items()), existing)


@cache
def _plan(wish: tuple, facts: tuple, existing: bytes) -> Plan:
    return plan(Statement(dict(wish), **dict(facts)), existing)


def texts(found: Plan) -> dict[str, bytes]:
    return {file.name: file.text for file in found.files}


def as_exiftool(commands: str) -> bytes:
    """The packet that the commands write: `#=` sets a value by its identifier."""
    (value,) = re.findall(r"-XMP-plus:DataMining#=([A-Z-]+)' FILE", commands)
    terms = "".join(re.findall(r"-XMP-plus:OtherConstraints=(.+)' FILE", commands))
    constraint = f"<plus:OtherConstraints>{terms}</plus:OtherConstraints>" if terms else ""
    return works.packet(f"<plus:DataMining>{works.PLUS}{value}</plus:DataMining>{constraint}")


def capture(name: str, body: bytes, headers: tuple[tuple[bytes, bytes], ...] = ()) -> Capture:
    resource = READ_IN[name]
    path = resource if resource.startswith("/") else f"/{name}"
    if name == "head.html":
        body = b"<!doctype html><html><head>" + body + b"</head><body><p>Hello</p></body></html>"
    if name == "works.txt":
        body = as_exiftool(body.decode())
    kind = (b"Content-Type", KINDS.get(name, "text/plain").encode())
    url = f"https://atelier.example{path}"
    return Capture(resource, url, url, status=200, headers=(kind, *headers), body=body)


def stated(found: list) -> dict[Purpose, set[Preference]]:
    said: dict[Purpose, set[Preference]] = {}
    for statement in found:
        assert statement.strictness is Strictness.STRICT
        said.setdefault(statement.purpose, set()).add(statement.preference)
    return said


def read(one: Capture, only: set[str] | None = None) -> list:
    """Statements of one capture by every signal that reads it; no fault may be in it."""
    statements = []
    for signal in SIGNALS:
        if one.resource in signal.resources and signal.name != "robots_access":
            finding = signal.find(one)
            assert finding.defects == (), (signal.name, finding.defects)
            assert finding.outcome in (Reading.PRESENT, Reading.ABSENT), signal.name
            if only is None or signal.name in only:
                statements += finding.statements
    return statements


def held(wish) -> dict[Purpose, set[Preference]]:
    return {purpose: {value} for purpose, value in wish.items()}


@every_wish
def test_every_file_reads_again_as_what_it_claims(wish):
    found = made(wish)
    for file in found.files:
        if file.name not in SETTINGS:
            everybody = [s for s in read(capture(file.name, file.text)) if s.agent == "*"]
            assert stated(everybody) == held(file.says), file.name
            assert file.says.items() <= wish.items(), file.name
            silent = [p for p in Purpose if p not in file.says and wish[p] is not YES]
            assert not silent or file.gaps, file.name


@every_wish
def test_a_site_with_all_files_is_judged_to_be_the_wish(wish):
    files = texts(made(wish))
    headers = tuple((n.encode(), v.encode()) for n, v in from_netlify(files["_headers"]))
    visit = [
        capture(name, files[name], headers if name == "head.html" else ())
        for name in READ_IN
        if name in files
    ]
    verdicts = judge_visit(visit).verdicts
    assert {verdict.purpose: verdict.strict for verdict in verdicts} == wish
    assert not any(verdict.conflict for verdict in verdicts)


@every_wish
def test_every_reader_keeps_out_whom_the_wish_does(wish):
    found = made(wish)
    body = texts(found)["robots.txt"]
    assert found.merged.unreached == ()
    file = syntax.parse(body)
    strict, google, protego = rfc9309.read(file), robots_google.read(file), ProtegoPolicy(body)
    for choice in found.choices:
        token = choice.agent.token
        wishes = {wish[SERVED_BY[p]] for p in choice.agent.purposes if p in SERVED_BY}
        assert choice.mixed == (len(wishes) > 1)
        access = Access.ALLOWED if wishes == {YES} else Access.DISALLOWED
        assert strict.decide(token).root is protego.decide(token).root is access, token
        assert strict.allowed(token, "/a/page?x=1")[0] is access
        if agents.is_product_token(token):  # no other name can be Google's reader's
            assert google.decide(token).root is access, token
            assert google.allowed(token, "/a/page?x=1")[0] is access
    for policy in (strict, google, protego):
        assert policy.allowed("SomebodyElse", "/a")[0] is Access.ALLOWED


@every_wish
def test_no_line_of_the_robots_txt_fails(wish):
    found = capture("robots.txt", texts(made(wish))["robots.txt"])
    (access,) = [s for s in SIGNALS if s.name == "robots_access"]
    risky = {d.code for d in access.find(found).defects if d.severity is not Severity.COSMETIC}
    # `AI2Bot` is that crawler's name, whatever Google's reader makes of it. The others are
    # about what a file may have been meant to say, and here it was.
    meant = {"robots-agent-not-token"}
    if wish[Purpose.TRAIN] is YES:
        meant |= {"robots-training-open", "robots-broker-open"}
    if wish[Purpose.SEARCH] is not YES:
        meant |= {"robots-search-with-training", "robots-googlebot-blocked"}
    assert risky <= meant


def from_nginx(text: bytes) -> list[tuple[str, str]]:
    return re.findall(r"^add_header (\S+) '([^']*)' always;$", text.decode(), re.MULTILINE)


def from_apache(text: bytes) -> list[tuple[str, str]]:
    found = re.findall(
        r'^Header always add (\S+) "((?:[^"\\]|\\.)*)"$', text.decode(), re.MULTILINE
    )
    return [(name, value.replace('\\"', '"').replace("%%", "%")) for name, value in found]


def from_caddy(text: bytes) -> list[tuple[str, str]]:
    return re.findall(r"^header \+(\S+) `([^`]*)`$", text.decode(), re.MULTILINE)


def from_netlify(text: bytes) -> list[tuple[str, str]]:
    every = text.decode().split("\n/")[0]
    return re.findall(r"^  (\S+): (.*)$", every, re.MULTILINE)


def from_vercel(text: bytes) -> list[tuple[str, str]]:
    rules = json.loads(text)["headers"]
    assert rules[0]["source"] == "/(.*)"
    return [(pair["key"], pair["value"]) for pair in rules[0]["headers"]]


def from_cloudflare(text: bytes) -> list[tuple[str, str]]:
    return re.findall(r"^   ([A-Za-z]\S+): (.*)$", text.decode(), re.MULTILINE)


SERVERS = dict(
    zip(SETTINGS, (from_nginx, from_apache, from_caddy, from_netlify, from_vercel, from_cloudflare),
        strict=True)
)  # fmt: skip


@every_wish
def test_all_servers_send_the_same_headers_and_they_say_the_wish(wish):
    found = made(wish, policy_url="https://atelier.example/terms?a=1&b=%20")
    files = {file.name: file for file in found.files}
    sent = from_nginx(files["nginx.conf"].text)
    headers = tuple((name.encode(), value.encode()) for name, value in sent)
    page = capture("head.html", b"", headers)
    said = stated([s for s in read(page) if s.agent == "*"])
    for name, parse in SERVERS.items():
        assert parse(files[name].text) == sent, name
        assert held(files[name].says) == said, name
    assert files["nginx.conf"].says.items() <= wish.items()


def test_one_switch_for_two_wishes_is_left_out_and_explained():
    found = made(wished(NO, YES, TERMS))
    assert "tdmrep.json" not in texts(found)
    assert "one switch for training and answers" in found.unsaid[0]
    assert b"tdm-reservation" not in b"".join(texts(found).values())
    assert made(wished(NO, YES, NO)).unsaid == ()


def test_terms_need_an_address_for_tdmrep():
    found = made(wished(TERMS, YES, TERMS), site=None)
    assert "of your site" in found.unsaid[0]
    assert "tdmrep.json" not in texts(found)
    assert any("licence" in gap for gap in found.files[0].gaps)
    assert b"License:" not in texts(found)["robots.txt"]
    own = made(wished(TERMS, YES, TERMS), site=None, policy_url="https://atelier.example/terms")
    assert json.loads(texts(own)["tdmrep.json"]) == [
        {"location": "/", "tdm-reservation": 1, "tdm-policy": "https://atelier.example/terms"}
    ]
    assert "tdm-policy.json" not in texts(own)
    assert b"<custom>https://atelier.example/terms</custom>" in texts(own)["license.xml"]


def test_the_policy_names_the_contact():
    offer = json.loads(texts(made(wished(TERMS, YES, TERMS)))["tdm-policy.json"])
    assert offer["uid"] == "https://atelier.example/tdm-policy.json"
    assert offer["assigner"] == {"vcard:fn": "atelier.example", "vcard:hasEmail": MAIL}
    web = made(wished(TERMS, YES, TERMS), contact="https://atelier.example/ask")
    assert b"vcard:hasURL" in texts(web)["tdm-policy.json"]


def test_the_strictest_of_an_agents_wishes_decides_and_is_named():
    found = made(wished(NO, YES, TERMS))
    mixed = {choice.agent.token: choice.purpose for choice in found.mixed}
    assert mixed["Amazonbot"] is Purpose.TRAIN
    assert mixed["DuckAssistBot"] is Purpose.AI_INPUT
    assert answer(texts(found)["robots.txt"], "Amazonbot", "/").allowed is False
    assert made(wished(NO, NO, NO)).mixed == ()


def test_words_say_the_wish_and_nothing_more():
    assert words(wished(NO, YES, YES)) == ("noai", "noimageai")
    assert words(wished(NO, YES, NO)) == ("noai", "noimageai", "noml", "noarchive")
    assert words(wished(TERMS, YES, TERMS)) == ("nocache",)
    assert words(wished(YES, NO, YES)) == ("noindex",)
    assert words(wished(YES, YES, YES)) == ()


def test_noindex_behind_a_closed_door_is_owned_up_to():
    found = {file.name: file for file in made(wished(YES, NO, YES)).files}
    assert any("never sees" in gap for gap in found["head.html"].gaps)


def test_the_list_is_that_of_the_day():
    names = {c.agent.token for c in made(wished(), as_of=date(2024, 6, 1)).choices}
    assert "GPTBot" in names
    assert "MistralAI-Training" not in names  # announced on 2026-07-31, on no list yet
    assert "MistralAI-Training" in {c.agent.token for c in made(wished()).choices}
    assert "Googlebot" in names  # never on the list, whose subject is AI
    known = made(wished()).choices
    assert not [c for c in known if c.agent.status in ("never-confirmed", "deprecated")]


def test_a_list_ages():
    found = made(wished()).aged
    assert [aged.months for aged in found] == [6, 12, 24]
    assert found[0].names == len(timeline.listed_on(TODAY))
    assert found[1].share == timeline.share_still_covered(date(2025, 8, 22), TODAY)
    assert made(wished(), as_of=date(2024, 4, 1)).aged == ()
    assert made(wished(), as_of=date(2030, 1, 31)).aged == found
    leap = made(wished(), as_of=date(2026, 8, 22)).aged
    assert {aged.day for aged in leap} == {TODAY}


def test_who_is_left_alone_and_who_cannot_be_addressed():
    found = made(wished())
    assert "GoogleOther" in found.left
    assert "Kangaroo Bot" in found.unaddressable
    served = {p for c in found.choices for p in c.agent.purposes}
    assert served >= set(SERVED_BY)
    assert not {AgentPurpose.OTHER} & SERVED_BY.keys()


def test_agents_that_do_not_obey_are_known():
    found = made(wished())
    assert "ChatGPT-User" in found.deaf(Honours.USER_TRIGGERED_IGNORES)
    assert found.deaf() == ()
    assert made(wished(YES, YES, YES)).deaf(*Honours) == ()


def test_what_a_file_reaches_is_what_it_says():
    found = made(wished(NO, YES, YES))
    families = {
        file.name: {f.id for f in reach(file, wished(NO, YES, YES))} for file in found.files
    }
    assert {"robots", "content-signals", "content-usage"} <= families["robots.txt"]
    assert "noai" in families["head.html"]
    assert "noml" not in families["head.html"]


def test_faults_of_the_existing_file_come_with_their_mend():
    found = made(wished(), b"User-agent: GPTBot, CCBot\nDisallow: /\n")
    assert [mend.line for mend in found.mends] == [1]
    assert found.mends[0].mend
    assert made(wished(), b"User-agent: a\nDisallow: /\xe9\n").mends == ()  # cosmetic


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"as_of": date(2020, 1, 1)}, "no list of agents is known of 2020-01-01"),
        ({"contact": "me"}, "contact 'me'"),
        ({"contact": "mailto:a@b.example\nAllow: /"}, "contact"),
        ({"policy_url": "/terms"}, "policy address '/terms'"),
        ({"policy_url": "https://a.example/'; return 200; '"}, "policy address"),
        ({"contact": None}, "needs a contact"),
    ],
)
def test_a_statement_that_cannot_be_carried_out_is_refused(change, why):
    with pytest.raises(WishError, match=why):
        made(wished(NO, YES, TERMS), **change)


def test_every_purpose_needs_a_wish():
    with pytest.raises(WishError, match="every purpose"):
        made({Purpose.TRAIN: NO})
    with pytest.raises(WishError, match="every purpose"):
        made(wished(NO, YES, "perhaps"))


# ---- parts of a site, single crawlers -------------------------------------------------------


@pytest.mark.parametrize("existing", [b"", b"User-agent: *\nDisallow: /x\n\nUser-agent: GPTBot\n"
                                      b"Disallow: /private/\n"])  # fmt: skip
@pytest.mark.parametrize(("paths", "inside"), [(("/art/",), "/art/a"), (PICTURES, "/b/a.jpg")])
def test_a_part_of_a_site_is_closed_and_the_rest_is_as_it_was(existing, paths, inside):
    found = made(wished(NO, AS_IS, NO), existing, paths=paths)
    assert [file.name for file in found.files] == ["robots.txt", "tdmrep.json"]
    body = texts(found)["robots.txt"]
    assert found.merged.unreached == ()
    assert b"Content-Signal" not in body
    for token in found.merged.closed:
        for path in ("/", "/x", "/private/a", "/art", inside):
            was = answer(existing, token, path).allowed
            assert answer(body, token, path).allowed is (was and path != inside), (token, path)
    assert answer(body, "Googlebot", inside).allowed
    rules = json.loads(texts(found)["tdmrep.json"])
    assert [rule["location"] for rule in rules] == list(paths)
    again = made(wished(NO, AS_IS, NO), body, paths=paths)
    assert texts(again)["robots.txt"] == body


def test_one_crawler_alone():
    found = made(wished(NO, AS_IS, NO), only=("GPTBot", "SomeNewBot"))
    assert texts(found) == {"robots.txt": texts(found)["robots.txt"]}
    assert found.merged.closed == ("GPTBot", "SomeNewBot")
    assert "whole pages and to everybody" in found.unsaid[0]
    with pytest.raises(WishError, match="is no name"):
        made(wished(NO, AS_IS, NO), only=("a b",))
    with pytest.raises(WishError, match="write a path"):
        made(wished(NO, AS_IS, NO), paths=("art",))


def test_a_part_is_not_closed_where_readers_disagree():
    body = b"User-agent: Foo\nDisallow: /a\n\nUser-agent: Foo\nUser-agent: Bar\n"
    with pytest.raises(MergeError):
        made(wished(NO, AS_IS, NO), body, paths=("/art/",))


def test_a_part_is_not_closed_where_another_crawler_would_be_read_otherwise(monkeypatch):
    monkeypatch.setattr("crawler.creator.robots_edit.changed_for", lambda *_: ["Foo"])
    with pytest.raises(MergeError, match=r"the rules for .*Foo.* would change"):
        made(wished(NO, AS_IS, NO), b"User-agent: *\nDisallow: /x\n", paths=("/art/",))
