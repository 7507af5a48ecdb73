"""Advice on the demo web: the truth, in plain words, and a mend that mends."""

import asyncio
import itertools
import re
from dataclasses import asdict, replace
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.checker.single_visit import visit
from crawler.cli.check import told
from crawler.creator.advice import advise
from crawler.creator.generate import AS_IS, NO, TERMS, YES, WishError
from crawler.creator.mend import mend, robots_of, wish_of
from crawler.creator.platform_advice import Place
from crawler.creator.robots_repair import repaired, without_dead_lines
from crawler.creator.wording import load, say
from crawler.demo.web import Answer, DemoSite, load_sites
from crawler.judge.verdicts import judge_visit
from crawler.model import (
    Access,
    Capture,
    Failure,
    Outcome,
    Preference,
    Purpose,
    Reason,
    RobotsState,
    Severity,
)
from crawler.registry import agents, honours
from crawler.signals import robots_access
from crawler.visit.result import VisitResult
from tests.factories.demo_fetch import DemoFetch
from tests.factories.demo_mended import mended

SITES = {site.host: site for site in load_sites()}
CONTACT = "mailto:me@atelier.example"
STRICT8 = agents.load().panels["strict8"]
STANDS = {"no": "disallowed", "yes": "allowed", "ask-first": "conditional"}


@cache
def visited(host):
    return asyncio.run(visit(DemoFetch(SITES.values()), host))


@cache
def advice(host):
    return advise(visited(host))


def small(robots=None, home=b"<!doctype html><head></head>", headers=(), **files):
    """Advice on a site of one page."""
    answers = [Answer("/", headers=(("Content-Type", "text/html"), *headers), body=home)]
    if robots is not None:
        answers.append(Answer("/robots.txt", body=robots))
    answers += [Answer(f"/{n.replace('__', '.')}", body=b) for n, b in files.items()]
    return asyncio.run(visit(DemoFetch([DemoSite("a.example", tuple(answers))]), "a.example"))


# ---- agreement with the manifest ------------------------------------------------------------


@pytest.mark.parametrize("host", SITES)
def test_advice_agrees_with_the_manifest(host):
    found, truth = advice(host), SITES[host].truth
    assert (found.outcome, found.reason) == (truth.outcome, truth.reason)
    for use in found.uses:
        assert STANDS.get(use.stand, "unstated") == truth.preference(use.purpose)
        # Unknown is never told as a yes, and silence not as unknown.
        assert (use.stand == "yes") == (truth.preference(use.purpose) == "allowed")
    roots = {ask.token: ask.root for operator in found.operators for ask in operator.asks}
    for token in STRICT8:
        assert roots[token] == truth.access(token), token
    measured = [root for root in roots.values() if root is not Access.UNMEASURED]
    if truth.robots in {"refused", "unreachable"}:
        assert measured == []
        assert "unknown" in found.answer


FAULTS = {
    "adaeze-films.example": "robots-allow-cancels",
    "borrowed-metas.example": "folk-meta",
    "broken-tdmrep.example": "tdmrep-json-leniency",
    "en-dash.example": "robots-dash",
    "erik-sandvall-books.example": "tdm-policy-missing",
    "fermata-magazine.example": "tdmrep-not-array",
    "hexwort-games.example": "robots-agent-list",
    "html-for-robots.example": "robots-html",
    "made-up-header.example": "unknown-ai-header",
    "marrow-and-moss-shop.example": "robots-group-crawl-delay-only",
    "missing-colon.example": "robots-no-colon",
    "misspelt-field.example": "robots-field-typo",
    "nbsp-copied.example": "robots-nbsp",
    "nul-bytes.example": "robots-nul",
    "old-quay-architects.example": "robots-quotes",
    "petra-voss-ceramics.example": "robots-agent-retired",
    "radio-karst.example": "tdm-reservation-not-exact",
    "rule-before-agent.example": "robots-rule-without-group",
    "salt-and-lantern-games.example": "robots-agent-version",
    "slow-lens-magazine.example": "tdmrep-shadowed-rule",
    "stadtbibliothek-auental.example": "robots-path-without-slash",
    "starred-name.example": "robots-agent-wildcard",
    "tdm-value-two.example": "tdm-reservation-unknown",
    "tidewater-review.example": "tdmrep-reservation-not-exact",
    "two-voices-studio.example": "robots-groups-contradict",
    "utf16-notepad.example": "robots-utf16",
    "xn--8mry2vrrdn1y.example": "robots-bom",
}
"""From the stories of the sites: the fault that each was made for."""


@pytest.mark.parametrize(("host", "code"), FAULTS.items())
def test_the_fault_of_a_site_is_named_with_its_place_and_mend(host, code):
    (fault,) = (fault for fault in advice(host).failing if fault.code == code)
    assert fault.mend
    assert fault.why
    assert all(host in each.where for each in fault.evidence)


# ---- the mend, applied ----------------------------------------------------------------------

LEFT_TO_PEOPLE = {
    # They are names that the community list has, or names of crawlers that are in the way of
    # search; our own file writes them.
    "robots-agent-not-token", "robots-search-with-training", "robots-googlebot-blocked",
    # They change nothing for anybody, or what they change only their author can know.
    "robots-agent-retired", "robots-nbsp", "tdmrep-shadowed-rule",
    # `Disallow: /` for everybody stands, and so do the lines about use.
    "robots-groups-contradict",
}  # fmt: skip
READABLE = [host for host, site in SITES.items()
            if site.truth.robots not in {"refused", "unreachable", "too-large"}
            and host != "cut-short.example"]  # fmt: skip


def test_doing_what_is_told_gives_the_wish():
    """Every kind of site once: its faults, what it says where, and what came of its files."""
    kinds = {}
    for host in READABLE:
        before = visited(host)
        judged = judge_visit(before.captures)
        kind = {(r.signal, s.purpose, s.preference, s.strictness, s.path) for r in judged.readings
                for s in r.finding.statements}  # fmt: skip
        kind |= {d.code for r in judged.readings for d in r.finding.defects}
        kinds.setdefault((before.reason, judged.robots_state, frozenset(kind)), (before, judged))
    assert len(kinds) > 60
    for before, judged in kinds.values():
        mending = mend(before, judged, {}, CONTACT)
        after = asyncio.run(visit(DemoFetch(with_mended(before, mending)), before.host))
        assert list(what_is_left(judged, mending, after)) == [], before.host


def with_mended(before, mending):
    site = mended(SITES[before.host], before, mending)
    return [site, *(other for other in SITES.values() if other.host != before.host)]


def what_is_left(judged, mending, after):
    """Yield whatever is not as wished; what nobody wishes stays."""
    again = judge_visit(after.captures)
    for was, verdict in zip(judged.verdicts, again.verdicts, strict=True):
        wished = mending.wish[verdict.purpose]
        if verdict.strict is not (was.strict if wished is AS_IS else wished):
            yield verdict
    body = robots_of(after).body
    access = robots_access.judge(body, STRICT8).access["rfc9309"]
    for token in STRICT8:
        root = access.named.get(token, access.default).root
        if mending.wish[Purpose.TRAIN] in (NO, TERMS) and root is not Access.DISALLOWED:
            yield token, root
    for read in again.readings:
        for defect in read.finding.defects:
            if defect.severity is not Severity.COSMETIC and defect.code not in LEFT_TO_PEOPLE:
                yield defect
    # Crawlers that were kept out stay out: nobody asked to let them in.
    yield from (c for c in again.conflicts if c.purpose is not Purpose.SEARCH)
    if after.outcome in (Outcome.OK, Outcome.ABSENT):
        left = mend(after, again, {}, CONTACT)
        yield from (*left.removals, *(file.name for file in left.files))


def test_whoever_asks_to_be_found_lets_the_crawlers_in():
    host = "florian-aster-studio.example"
    before = visited(host)
    unasked = mend(before, judge_visit(before.captures), {}, None)
    assert unasked.wish[Purpose.SEARCH] is AS_IS
    assert unasked.plan.merged.opened == ()
    mending = mend(before, judge_visit(before.captures), {Purpose.SEARCH: YES}, None)
    assert "YouBot" in mending.plan.merged.opened
    after = asyncio.run(visit(DemoFetch(with_mended(before, mending)), host))
    assert not judge_visit(after.captures).conflicts


@pytest.mark.parametrize("host", sorted(SITES.keys() - set(READABLE)))
def test_no_robots_txt_is_written_over_one_that_was_not_read(host):
    found = advice(host)
    assert "robots.txt" not in [piece.name for piece in found.pieces]
    assert say("mend.unread_robots") in found.mend_notes


def test_wishes_go_before_what_the_site_says():
    # It says yes, and a rule in the shadow of that says no.
    judged = judge_visit(visited("slow-lens-magazine.example").captures)
    assert wish_of(judged, {})[Purpose.TRAIN] is NO
    assert wish_of(judged, {Purpose.TRAIN: YES})[Purpose.TRAIN] is YES
    plain = judge_visit(visited("bram-tuinstra-gedichten.example").captures)
    assert wish_of(plain, {})[Purpose.TRAIN] is AS_IS
    assert wish_of(plain, {Purpose.TRAIN: NO})[Purpose.TRAIN] is NO
    contested = judge_visit(visited("rule-against-signal.example").captures)
    assert wish_of(contested, {})[Purpose.TRAIN] is NO


def test_terms_need_somebody_to_come_to_terms_with():
    found = advice("erik-sandvall-books.example")
    assert say("mend.contact") in found.mend_notes
    assert found.wish[Purpose.TRAIN] is NO
    assert (
        advise(visited("erik-sandvall-books.example"), contact=CONTACT).wish[Purpose.TRAIN] is TERMS
    )
    with pytest.raises(WishError):
        advise(visited("erik-sandvall-books.example"), contact="telephone")


def test_terms_of_the_site_itself_are_pointed_to():
    found = advise(visited("offer-on-file.example"), contact=CONTACT)
    (head,) = (piece for piece in found.pieces if piece.name == "head.html")
    assert "https://offer-on-file.example/policy/1" in head.text


def test_a_file_that_cannot_be_added_to_is_left_alone():
    body = b"User-agent: A\nUser agent: CCBot\nDisallow: /x\n" + b"#" * 300_000
    found = advise(small(body))
    assert "robots.txt" not in [piece.name for piece in found.pieces]
    assert any("Nothing can be added to your robots.txt safely" in n for n in found.mend_notes)


@pytest.mark.parametrize("codec", ["utf-16", "utf-16-le", "utf-16-be"])
def test_utf16_is_written_anew_with_its_rules(codec):
    found = advise(small("User-agent: *\nDisallow: /private/\n".encode(codec)))
    (piece,) = (piece for piece in found.pieces if piece.name == "robots.txt")
    assert "Disallow: /private/\n" in piece.text
    assert say("mend.replace") in found.mend_notes


@pytest.mark.parametrize(
    ("body", "after"),
    [
        # A dead rule goes; what it was meant for is said anew.
        (b"Disallow: /\n\nUser-agent: *\nAllow: /\n", b"\nUser-agent: *\nAllow: /\n"),
        # A group of a name that nobody has, rule and all.
        (b"User-agent: *GPTBot*\nDisallow: /\n\nUser-agent: *\nAllow: /\n",
         b"\nUser-agent: *\nAllow: /\n"),
        # Google reads it: to take it out would open the site to Google's crawlers.
        (b"User-agent GPTBot\nDisallow /\n", b"User-agent GPTBot\nDisallow /\n"),
    ],
)  # fmt: skip
def test_dead_lines_go_only_where_nobody_is_touched(body, after):
    assert without_dead_lines(body)[0] == after


# ---- words ----------------------------------------------------------------------------------


def test_no_legal_effect_is_claimed_and_no_wrong_promise_made():
    for host in SITES:
        found = advice(host)
        words = " ".join([found.answer, *found.notes, *found.missing, *found.mend_notes,
                          *found.limits, *(u.words for u in found.uses)]).lower()  # fmt: skip
        for claim in ("legal", "binding", "protected", "guarantee", "infring", "copyright",
                      "safe from", "you are covered", "rights"):  # fmt: skip
            assert claim not in words, (host, claim)
        assert say("limits.law") in found.limits
        assert say("limits.requests") in found.limits


def texts(table):
    for value in table.values():
        yield from texts(value) if isinstance(value, dict) else [value]


def test_jargon_is_explained_where_it_is_used():
    explained = " ".join(word for word, _ in advice("petra-voss-ceramics.example").glossary)
    for term in ("robots.txt", "crawler", "header", "tag", "training", "TDM"):
        assert term in explained
    for word in (" user agent", "syntax", "RFC", "parser", "HTTP", "token", "DNS"):
        for table in ("answer", "notes", "headings", "intro", "uses", "asks", "missing", "limits"):
            told_ = re.sub(r"\{\w+\}", "", " ".join(texts(load()[table])))
            assert word not in told_, (table, word)


def test_every_sentence_that_the_vocabularies_ask_for_is_there():
    for stand in honours.Stand:
        assert "Acme" in say(f"stands.{stand}", name="Acme")
    for purpose in Purpose:
        assert say(f"titles.{purpose}")
        assert say(f"ends.{purpose}")
    assert load()["answer"]["said"].keys() == load()["uses"].keys()


@pytest.mark.parametrize("reason", Reason)
def test_every_reason_has_words(reason):
    found = advise(VisitResult("a.example", (), Outcome.UNREACHABLE, reason))
    assert found.answer.endswith(".")
    assert "_" not in found.answer
    assert "unknown" in found.answer


def test_the_order_is_the_one_promised():
    lines = list(told(advice("two-tongues-studio.example")))
    heads = [line for line, below in itertools.pairwise(lines)
             if re.fullmatch("-+", below) and len(below) == len(line)]  # fmt: skip
    assert heads == list(load()["headings"].values())
    assert lines[2] == advice("two-tongues-studio.example").answer


def test_unverified_is_marked_and_dated():
    rows = [each for operator in advice("lena-brandt-painting.example").operators
            for each in operator.reads]  # fmt: skip
    assert any("unverified" in each.dated for each in rows)
    known = {(f.title, r.operator): r for f in honours.load().families for r in f.rows}
    for operator in advice("lena-brandt-painting.example").operators:
        for each in operator.reads:
            row = known.get((each.family, operator.name))
            if row is None:
                assert (each.value, each.dated) == ("unknown", "")
            else:
                assert row.as_of in each.dated
                assert ("unverified" in each.dated) is not row.verified


def test_families_follow_the_words_that_the_site_uses():
    def families(host):
        return {each.family for each in advice(host).operators[0].reads}

    assert "noai and noimageai" in families("adriatic-broadcast-group.example")
    assert "noml" not in families("adriatic-broadcast-group.example")
    assert "TDM Reservation Protocol" in families("radio-karst.example")


def test_evidence_says_where():
    use = advice("mina-harrow-illustration.example").uses[0]
    assert use.evidence[0].quote.lower().startswith("x-robots-tag:")
    assert use.evidence[0].where.startswith("a header (an invisible line sent with the page)")
    use = advice("kino-am-kanal.example").uses[0]
    assert use.evidence[0].where == "line 6 of the page https://kino-am-kanal.example/"


def test_contradictions_name_both_places():
    (each,) = advice("corriere-della-laguna.example").against
    assert "tdm-reservation: 0" in each.one.quote + each.other.quote
    assert "tdmrep.json" in each.one.where + each.other.where


def test_a_platform_speaks_first_about_what_cannot_be_said():
    place = Place("Shopkeeper", ("No file at the top of a site can be added (unverified).",),
                  ("Settings > Visibility (unverified)",))  # fmt: skip
    found = advise(visited("petra-voss-ceramics.example"), place=place)
    assert found.cannot[0] == place.cannot[0]
    assert found.settings == place.settings


def test_a_server_that_names_itself_gets_its_text():
    found = advise(small(b"", headers=(("Server", "nginx/1.26"),)))
    assert found.server == "nginx"
    assert "----- nginx -----" in list(told(found))
    assert "----- Apache -----" not in list(told(found))
    assert "----- Apache -----" in list(told(advise(small(b""))))


def test_what_opposes_the_wish_is_to_be_taken_out():
    opened = b'<head><meta name="tdm-reservation" content="0"></head>'
    found = advise(small(b"User-agent: *\nContent-Signal: ai-train=no\nAllow: /\n", home=opened))
    (told_,) = found.removals
    assert 'content="0"' in told_
    assert "It says yes about: training AI models" in told_


def test_of_files_without_a_server_headers_are_unknown():
    found = advise(replace(small(b"User-agent: *\nAllow: /\n"), headers=False))
    assert {use.stand for use in found.uses} == {"nothing-read"}
    assert say("notes.files_only") in found.notes


def test_what_was_not_read_is_named():
    assert "the start page" in advice("home-403.example").notes[-1]
    assert not any("unknown" in note for note in advice("petra-voss-ceramics.example").notes)


def test_dead_lines_are_looked_for_three_times():
    """Each round frees the next line: the rest stays, harmless as it was."""
    body = b"User-agent: *A*\nUser-agent: *B*\nUser-agent: *C*\nDisallow: /\n"
    assert without_dead_lines(body)[0] == b""


def test_advice_is_one_json_object():
    told_ = asdict(advice("lena-brandt-painting.example"))
    assert told_["wish"][Purpose.TRAIN] == Preference.DISALLOWED
    assert told_["ruleset"]


def test_a_visit_without_robots_is_no_yes():
    home = replace(small(b""), captures=small(b"").captures[1:2])
    found = advise(home)
    assert "unknown" in found.answer
    assert {ask.root for operator in found.operators for ask in operator.asks} == {
        Access.UNMEASURED
    }


def test_the_platform_of_a_site_is_told():
    found = advice("quiet-loom-textiles.example")
    assert found.cannot[0].startswith("Your site is made with Squarespace")
    assert any("has a switch against AI" in each for each in found.settings)
    assert advice("petra-voss-ceramics.example").settings == ()


def test_no_option_and_no_mark_of_ours_is_shown_to_people():
    for host in SITES:
        found = advise(visited(host), contact=CONTACT)
        lines = [*told(found)]
        pasted = {line for piece in found.pieces for line in piece.text.splitlines()}
        quoted = {each.quote for each in evidence_of(found)}
        for line in lines:
            if line in pasted or any(quote and quote in line for quote in quoted):
                continue
            assert "`" not in line
            assert not re.search(r"(^|\s)--[a-z]", line), line


def evidence_of(found):
    for use in found.uses:
        yield from use.evidence
    for fault in found.failing:
        yield from fault.evidence


def test_words_are_explained_where_they_are_used():
    fault = advice("salt-and-lantern-games.example")
    assert any("product token" in f.effect for f in fault.failing)
    assert "product token" in dict(fault.glossary)
    assert "product token" not in dict(advice("petra-voss-ceramics.example").glossary)


def test_a_name_that_its_operator_chose_is_no_fault_of_the_site():
    own = b"User-agent: AI2Bot\nUser-agent: Offline Explorer\nDisallow: /\n"
    found = advise(small(own))
    (fault,) = (f for f in found.failing if f.code == "robots-agent-not-token")
    assert [each.quote for each in fault.evidence] == ["User-agent: Offline Explorer"]


# ---- any captures ---------------------------------------------------------------------------

BODIES = st.one_of(
    st.binary(max_size=80),
    st.lists(
        st.sampled_from(
            [b"User-agent: *", b"User-agent: GPTBot", b"Disallow: /", b"Allow: /", b"Disallow:",
             b"Content-Signal: ai-train=yes", b"Content-Usage: train-ai=n", b"\xff\x00",
             b'<meta name="tdm-reservation" content="0">', b'<meta name="robots" content="noai">',
             b'[{"location": "/", "tdm-reservation": 1}]', b"Training: allow", b"<html><head>",
             b'<rsl xmlns="https://rslstandard.org/rsl"><content url="/"></content></rsl>']
        ),
        max_size=6,
    ).map(b"\n".join),
)  # fmt: skip
HEADERS = st.lists(
    st.sampled_from(
        [(b"Content-Type", b"text/html"), (b"Content-Type", b"text/plain"),
         (b"Content-Type", b"application/json"), (b"X-Robots-Tag", b"noai"),
         (b"tdm-reservation", b"0"), (b"Content-Usage", b"train-ai=y"), (b"Server", b"nginx"),
         (b"tdm-policy", b"http://["), (b"Link", b'</license.xml>; rel="license"')]
    ),
    max_size=3,
).map(tuple)  # fmt: skip
URLS = ("https://a.example", "https://a.example/x", "http://[")
CAPTURES = st.builds(
    Capture,
    resource=st.sampled_from(
        ["/", "/robots.txt", "/.well-known/tdmrep.json", "/license.xml", "rsl:", "tdm-policy:",
         "terms:", "variant:/robots.txt", "sibling:/ai.txt", "/ai.txt"]
    ),
    url=st.sampled_from(URLS),
    final_url=st.sampled_from(URLS[:2]),
    status=st.sampled_from([200, 200, 200, 301, 402, 403, 404, 429, 500]),
    headers=HEADERS,
    body=BODIES,
    truncated=st.booleans(),
    data_loss=st.booleans(),
    superseded=st.booleans(),
)  # fmt: skip
FAILED = st.builds(
    Capture,
    resource=st.sampled_from(["/", "/robots.txt"]),
    url=st.just(URLS[0]),
    final_url=st.just(URLS[0]),
    failure=st.sampled_from(Failure),
)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.one_of(CAPTURES, FAILED), max_size=5), st.sampled_from(Reason), st.booleans())
def test_any_captures_are_explained_and_unmeasured_is_no_yes(captures, reason, headers):
    """Never raises; and whatever was not read is told as unknown, and as nothing else."""
    seen = VisitResult("a.example", tuple(captures), Outcome.OK_PARTIAL, reason, headers=headers)
    found = advise(seen)
    assert found.answer.endswith(".")
    assert list(told(found))
    judged = judge_visit(captures)
    said = {s.purpose for read in judged.readings for s in read.finding.statements
            if s.preference is Preference.ALLOWED}  # fmt: skip
    for use in found.uses:
        if "yes" in use.stand:
            assert use.purpose in said
    if judged.robots_state in (RobotsState.REFUSED, RobotsState.UNREACHABLE):
        roots = {ask.root for operator in found.operators for ask in operator.asks}
        assert roots == {Access.UNMEASURED}
        assert "robots.txt" not in [piece.name for piece in found.pieces]


def test_who_has_done_all_is_told_that_nothing_is_left():
    before = visited("petra-voss-ceramics.example")
    mending = mend(before, judge_visit(before.captures), {}, CONTACT)
    found = advise(asyncio.run(visit(DemoFetch(with_mended(before, mending)), before.host)))
    assert found.pieces == found.removals == found.missing == ()
    assert say("intro.mend_none") in list(told(found))


def test_both_of_two_opposed_reservations_are_named():
    tags = b'<meta name="tdm-reservation" content="0"><meta name="tdm-reservation" content="1">'
    found = advise(small(b"User-agent: *\nAllow: /\n", home=b"<!doctype html><head>" + tags))
    assert any('content="0"' in each for each in found.removals)
    assert any('content="1"' in each for each in found.removals)


def test_a_second_mark_is_not_made_the_first():
    """To take one of two away would give the line behind it back its meaning."""
    body = b"\xef\xbb\xbf\xef\xbb\xbfUser-agent: GPTBot\nDisallow: /x\n"
    assert repaired(body, ["GPTBot"])[0].startswith(b"\xef\xbb\xbf")


def test_terms_give_way_where_somebody_asks_for_no():
    judged = judge_visit(visited("sabine-okafor-photo.example").captures)
    assert wish_of(judged, {})[Purpose.AI_INPUT] is TERMS
    assert wish_of(judged, {Purpose.TRAIN: NO})[Purpose.AI_INPUT] is NO


def test_a_tdmrep_json_that_was_cut_is_not_written_over():
    seen = small(b"", _well_known=b"")
    cut = Capture(
        "/.well-known/tdmrep.json", *["https://a.example/.well-known/tdmrep.json"] * 2, status=200,
        headers=((b"Content-Type", b"application/json"),), truncated=True,
        body=b'[{"location": "/", "tdm-reservation": 0},',
    )  # fmt: skip
    others = [c for c in seen.captures if c.resource != cut.resource]
    found = advise(replace(seen, captures=(*others, cut)))
    assert "tdmrep.json" not in [piece.name for piece in found.pieces]


def test_where_search_engines_would_notice_no_robots_txt_is_offered(monkeypatch):
    monkeypatch.setattr("crawler.creator.mend.noticed", lambda *_: ("Googlebot",))
    seen = visited("hallmoor-gazette.example")
    found = mend(seen, judge_visit(seen.captures), {}, None)
    assert "robots.txt" not in [file.name for file in found.files]
    why = say("mend.noticed", names="Googlebot")
    assert say("mend.refused_merge", why=why) in found.notes


def test_what_stays_for_search_engines_is_said_only_where_nobody_asked():
    seen, stays = visited("hallmoor-gazette.example"), say("screen.step.search_stays")
    told = {
        asked: any(stays in step.how for step in advise(seen, wishes).screen.steps)
        for asked, wishes in ((False, {}), (True, {Purpose.SEARCH: Preference.DISALLOWED}))
    }
    assert told == {False: True, True: False}
