"""Every fault of the catalogue: mended as told and checked again, or left to people for a reason.

A site with the fault is made of a fixture of the signal that finds it, or of the lines below; its
owner does all that `optout check` tells; the fault is gone, and the site says what is wished.
"""

import asyncio
import gzip
from functools import cache

import pytest

from crawler.checker.single_visit import visit
from crawler.creator.generate import AS_IS
from crawler.creator.mend import mend
from crawler.demo.web import Answer, DemoSite
from crawler.judge.verdicts import judge_visit
from crawler.model import Severity
from crawler.parsers.http import parse_response
from crawler.registry import defects
from crawler.signals import SIGNALS
from tests.factories.demo_fetch import DemoFetch
from tests.factories.demo_mended import mended
from tests.paths import FIXTURES

HOST = "atelier.example"
CONTACT = f"mailto:me@{HOST}"
HTML = ("Content-Type", "text/html; charset=utf-8")
TEXT = ("Content-Type", "text/plain")
POLICY = ("tdm-reservation", "1"), ("tdm-policy", f"https://{HOST}/policy.json")
KINDS = {"txt": "text/plain", "json": "application/json"}
POINTED_TO = {"tdm-policy:": "/policy.json", "rsl:": "/terms.xml", "ai-json:": "/ai.json"}
RULES = "User-agent: GPTBot\nDisallow: /\n"
EVERYBODY = "User-agent: *\nDisallow: /x\n"

ROBOTS = {
    "robots-nul": "User-agent: GPTBot\nDisallow: /\0x\n",
    "robots-bom": f"\ufeff{RULES}",
    "robots-bom-inside": f"{EVERYBODY}\n\ufeff{RULES}",
    "robots-line-break": "User-agent: *\nDisallow: /x\u2028Disallow: /\n",
    "robots-line-joined": "User-agent: PetalBot Disallow: /\nDisallow: /\n",
    "robots-field-prefix": f"{EVERYBODY}DisallowAITraining: /\n",
    "robots-field-misspelt": f"{EVERYBODY}\nUser_agent: GPTBot\nDisallow: /x\n",
    "robots-nbsp": "User-agent: GPTBot\xa0\nDisallow: /\n",
    "robots-zero-width": "User-agent: GPT\u200bBot\nDisallow: /\n",
    "robots-homoglyph": "User-agent: GРTBоt\nDisallow: /\n",
    "robots-dash": "User-agent: Google–Extended\nDisallow: /\n",
    "robots-quotes": 'User-agent: "GPTBot"\nDisallow: /\n',
    "robots-agent-empty": "User-agent:\nDisallow: /\n",
    "robots-agent-list": "User-agent: GPTBot, CCBot\nDisallow: /\n",
    "robots-agent-list-star": "User-agent: *, GPTBot\nDisallow: /\n",
    "robots-agent-wildcard": "User-agent: *GPTBot*\nDisallow: /\n",
    "robots-agent-not-token": "User-agent: AI2Bot\nDisallow: /\n",
    "robots-agent-header": "User-agent: Mozilla/5.0 (compatible; GPTBot/1.2)\nDisallow: /\n",
    "robots-agent-near": "User-agent: Googel-Extended\nDisallow: /\n",
    "robots-agent-nobody": "User-agent: ChatGPT\nDisallow: /\n",
    "robots-agent-retired": "User-agent: Claude-Web\nDisallow: /\n",
    "robots-group-empty": f"{EVERYBODY}\nUser-agent: GPTBot\n",
    "robots-group-crawl-delay-only": f"{EVERYBODY}\nUser-agent: GPTBot\nCrawl-delay: 5\n",
    "robots-groups-contradict": f"{RULES}\nUser-agent: GPTBot\nAllow: /\n",
    "robots-path-without-slash": "User-agent: *\nDisallow: private/\n",
    "robots-path-url": f"User-agent: *\nDisallow: https://{HOST}/private/\n",
    "robots-path-regex": "User-agent: *\nDisallow: ^/private\n",
    "robots-search-with-training": f"{RULES}\nUser-agent: OAI-SearchBot\nDisallow: /\n",
    "robots-googlebot-blocked": "User-agent: Googlebot\nDisallow: /\n",
    "robots-training-open": "User-agent: GPTBot\nDisallow:\n",
}
"""Faults of robots.txt that no fixture has."""

RULE = f'{{"location": "https://{HOST}/", "tdm-reservation": 1}}'
CONTENT = (
    '<content url=""><license><prohibits type="usage">ai-train</prohibits></license></content>'
)
FILES = {
    "tdmrep-location-url": ("/.well-known/tdmrep.json", f"[{RULE}]"),
    "tdmrep-too-many-rules": (
        "/.well-known/tdmrep.json",
        f"[{','.join([RULE.replace(f'https://{HOST}', '')] * 1001)}]",
    ),
    "rsl-content-many": (
        "/",
        '<!doctype html><head><script type="application/rsl+xml">'
        f'<rsl xmlns="https://rslstandard.org/rsl">{CONTENT * 2}</rsl></script></head>',
    ),
}
"""Faults of other files that no fixture has."""

SENT = {
    "robots-gzip-undeclared": Answer(
        "/robots.txt", headers=(TEXT,), body=gzip.compress(RULES.encode(), mtime=0)
    ),
    "robots-content-encoding": Answer(
        "/robots.txt", headers=(TEXT, ("Content-Encoding", "none")), body=RULES.encode()
    ),
}
"""Faults in how robots.txt is sent."""

LEFT_TO_PEOPLE = {
    "robots-line-break": "what the line was meant to be only its author knows",
    "robots-agent-empty": "urllib takes the line for everybody's: without it others would get in",
    "robots-group-split": "Protego and urllib see other groups: to join them would move others",
    "robots-line-joined": "the name is a search engine's, which nobody asked to keep out",
    "rsl-type-twice": "a licence that permits some uses refuses the others: search would go",
    "robots-field-prefix": "Google's reader takes it for a rule: without it others would get in",
    "ai-training-field": "Google's reader takes it for a rule: without it others would get in",
    "ai-training-path": "Google's reader takes it for a rule: without it others would get in",
    "robots-agent-not-token": "the operator chose the name; it is told under what cannot be said",
    "robots-agent-nobody": "a name of nobody harms nobody; who is meant gets a group below",
    "robots-path-without-slash": "which pages were meant only the author knows",
    "robots-path-url": "which pages were meant only the author knows",
    "robots-path-regex": "which pages were meant only the author knows",
    "robots-search-with-training": "whom a file keeps out stays out until somebody asks",
    "robots-googlebot-blocked": "whom a file keeps out stays out until somebody asks",
    "content-usage-grouping": "to move the line would give other crawlers other rules",
    "tdm-policy-unexpected": "the terms are somebody's own, and programs can read them",
    "tdm-policy-no-contact": "the terms are somebody's own, and programs can read them",
    "payment-license-no-challenge": "the price is asked by a service, not by a file",
    "payment-x402-incomplete": "the price is asked by a service, not by a file",
}
NO_SITE = {
    "robots-prose-only": "not by this version",
    "robots-variant-differs": "not by this version",
    "robots-oversize": "a file of that length is not read to its end, so never replaced",
    "robots-line-too-long": "a path of 16,663 octets is what its author wants or nothing",
    "tdm-policy-many": "the terms are somebody's own, and programs can read the first fifty",
}


def sites():
    """Give one site for each fault that a fixture or a line above has."""
    found = {code: _site(_file("/robots.txt", body)) for code, body in ROBOTS.items()}
    found |= {code: _site(_file(path, body)) for code, (path, body) in FILES.items()}
    found |= {code: _site(answer) for code, answer in SENT.items()}
    for signal in SIGNALS:
        for case in sorted((FIXTURES / signal.name).glob("*.http")):
            name = signal.resources[0]
            path = POINTED_TO.get(name, "/" if name == "terms:" else name)
            capture = parse_response(case.read_bytes(), f"https://{HOST}{path}", name)
            codes = {defect.code for defect in signal.find(capture).defects}
            for code in codes - found.keys():
                found[code] = _site(_answer(path, capture), *_pointers(name))
    return found


def _file(path, body):
    kind = HTML if path == "/" else ("Content-Type", KINDS[path.rpartition(".")[2]])
    return Answer(path, headers=(kind,), body=body.encode())


def _answer(path, capture):
    headers = tuple((n.decode("latin-1"), v.decode("latin-1")) for n, v in capture.headers)
    return Answer(path, capture.status, headers, capture.body)


def _pointers(name):
    if name == "tdm-policy:":
        yield Answer("/", headers=(HTML, *POLICY), body=b"<!doctype html><head></head>")
    if name == "rsl:":
        link = f'<https://{HOST}/terms.xml>; rel="license"; type="application/rsl+xml"'
        yield Answer("/", headers=(HTML, ("Link", link)), body=b"<!doctype html><head></head>")
    if name == "ai-json:":
        yield _file("/.well-known/ai.txt", f"Site-Name: Atelier\nSite-URL: https://{HOST}/\n"
                    f"Training: deny\nAI-JSON: https://{HOST}/ai.json\n")  # fmt: skip


def _site(*answers):
    if not any(answer.path == "/" for answer in answers):
        answers = (*answers, Answer("/", headers=(HTML,), body=b"<!doctype html><head></head>"))
    return DemoSite(HOST, answers)


SITES = sites()


def seen(site):
    return asyncio.run(visit(DemoFetch([site]), HOST))


def codes(judged):
    return {d.code for read in judged.readings for d in read.finding.defects}


CATALOGUE = defects.load().entries
MENDABLE = sorted(
    code for code, entry in CATALOGUE.items()
    if entry.severity is not Severity.COSMETIC
    and entry.carrier is not defects.Carrier.WORK  # mended in the work, not on the site
    and code not in LEFT_TO_PEOPLE.keys() | NO_SITE.keys()
)  # fmt: skip


@cache
def round_trip(code):
    """Judge a site, mend it and judge it again."""
    before = seen(SITES[code])
    judged = judge_visit(before.captures)
    mending = mend(before, judged, {}, CONTACT)
    again = judge_visit(seen(mended(SITES[code], before, mending)).captures)
    return judged, mending, again


def says(judged):
    return {v.purpose: v.strict for v in judged.verdicts}


def wished(before, mending):
    """The wish; where there is none, what was said stays."""
    return {p: says(before)[p] if value is AS_IS else value for p, value in mending.wish.items()}


@pytest.mark.parametrize("code", MENDABLE)
def test_doing_what_is_told_ends_a_fault(code):
    judged, mending, again = round_trip(code)
    assert code in codes(judged)
    assert code not in codes(again)
    assert says(again) == wished(judged, mending)


@pytest.mark.parametrize("code", LEFT_TO_PEOPLE)
def test_what_is_left_to_people_is_still_told(code):
    """So that the list grows no longer than it has to be; the site says what is wished."""
    judged, mending, again = round_trip(code)
    assert code in codes(judged)
    assert code in codes(again)
    if code != "robots-group-split":  # that site keeps us out as well, before and after
        assert says(again) == wished(judged, mending)


def test_every_fault_has_a_site_or_a_reason():
    told = {code for code, entry in CATALOGUE.items() if entry.severity is not Severity.COSMETIC}
    assert LEFT_TO_PEOPLE.keys() | NO_SITE.keys() <= told
    assert told - SITES.keys() == NO_SITE.keys()


@pytest.mark.parametrize("form", [gzip.compress, lambda text: text.decode().encode("utf-16")])
def test_a_file_that_lacks_nothing_but_its_form_is_given_as_plain_text(form):
    """Rules that say all that is wished are of no use while collectors cannot read them."""
    plain = _site(_file("/robots.txt", RULES))
    before = seen(plain)
    complete = mended(plain, before, mend(before, judge_visit(before.captures), {}, CONTACT))
    served = seen(complete)
    assert mend(served, judge_visit(served.captures), {}, CONTACT).files == ()
    (text,) = (a.body for a in complete.answers if a.path == "/robots.txt")
    others = [a for a in complete.answers if a.path != "/robots.txt"]
    sent = seen(_site(Answer("/robots.txt", headers=(TEXT,), body=form(text)), *others))
    (file,) = mend(sent, judge_visit(sent.captures), {}, CONTACT).files
    assert (file.name, file.text) == ("robots.txt", text)
