"""Our politeness, proved from what the servers saw: who was connected to, when, and for what."""

import gzip
import time
from collections import defaultdict
from itertools import pairwise

import pytest

from crawler.hosts import registrable
from crawler.signals import resources
from tests.factories import bad_server as bad
from tests.factories.bad_server import (
    Contact,
    answer,
    by_turns,
    paths,
    redirect,
    resets,
    says,
    sized,
)
from tests.hostile.hazards import FINE, HOME_FINE, HTML, PAGE, ROBOTS_FINE, TDMREP, home, robots
from tests.hostile.survey import Surveyed, survey
from tests.hostile.witness import trespasses

DELAY = 0.25
SLACK = 0.02  # the server sees a connection open and close a little apart from us
ASKS_SLOWLY = 0.6
RETRY_AFTER = 2

DISALLOWS_US = b"User-agent: OptOutObservatory\nDisallow: /\n"
DISALLOWS_ALL = b"User-agent: *\nDisallow: /\n"
LETS_ALL_IN = b"User-agent: *\nAllow: /\n" * 9
LETS_US_IN = b"User-agent: *\nDisallow: /\n\nUser-agent: optoutobservatory\nAllow: /\n"


async def silent(reader, writer) -> None:
    """Take the request and say nothing for as long as anybody listens."""
    await bad.asked(reader)
    await reader.read()


def text(body: bytes) -> bad.Behaviour:
    return says(sized(body, b"Content-Type: text/plain"))


def text_in(coding: bytes, body: bytes) -> bad.Behaviour:
    return says(sized(body, b"Content-Type: text/plain", b"Content-Encoding: " + coding))


def status(line: bytes, *headers: bytes) -> bad.Behaviour:
    return says(answer(DISALLOWS_ALL, *headers, status=line))


# RFC 9309, case by case: what robots.txt answers, and what may be asked for after it.
EVERYTHING = {"/robots.txt", "/", TDMREP}
NOTHING = {"/robots.txt"}
ROBOTS_CASES = {
    "own-group-disallows": (text(DISALLOWS_US), NOTHING),  # section 2.2.1
    "star-disallows": (text(DISALLOWS_ALL), NOTHING),
    "own-group-beats-star": (text(LETS_US_IN), EVERYTHING),
    "longest-match": (text(b"User-agent: *\nDisallow: /\nAllow: /$\n"), {"/robots.txt", "/"}),
    "well-known": (text(b"User-agent: *\nDisallow: /.well-known/\n"), {"/robots.txt", "/"}),
    "missing": (status(b"404 No"), EVERYTHING),  # section 2.3.1.3: unavailable, body not read
    "refused": (status(b"403 No"), EVERYTHING),
    "server-error": (status(b"503 No"), NOTHING),  # section 2.3.1.4: unreachable
    "reset": (resets(), NOTHING),
    "silent": (silent, NOTHING),
    "rate-limited": (status(b"429 Slow"), NOTHING),
    "challenge-503": (status(b"503 Wait", b"cf-mitigated: challenge"), NOTHING),
    "redirected": (says(redirect(b"http://elsewhere.test/robots.txt")), NOTHING),  # 2.3.1.2
    "rule-behind-400-kb": (text(b"#" * 400_000 + b"\n" + DISALLOWS_ALL), NOTHING),  # 2.5
    # What did not come whole may have held the line that forbids: section 2.3.1.4.
    "cut": (resets(sized(LETS_ALL_IN + DISALLOWS_US)[:-9]), NOTHING),
    "cut-to-nothing": (says(sized(DISALLOWS_US)[: -len(DISALLOWS_US)]), NOTHING),
    "brotli": (text_in(b"br", DISALLOWS_US), NOTHING),
    "gzip-twice-said": (text_in(b"gzip, gzip", gzip.compress(LETS_ALL_IN)), NOTHING),
    "gzip-spoilt": (text_in(b"gzip", gzip.compress(LETS_ALL_IN)[:-8] + bytes(8)), NOTHING),
    "gzip-unsaid": (text(gzip.compress(DISALLOWS_US)), NOTHING),
    "gzip-unsaid-open": (text(gzip.compress(LETS_ALL_IN)), EVERYTHING),
    "a-part": (status(b"206 Partial Content", b"Content-Range: bytes 40-79/80"), NOTHING),
    "rule-behind-600-kb": (text(b"#" * 600_000 + b"\n" + DISALLOWS_ALL), NOTHING),
}  # fmt: skip

TWICE = by_turns(says(answer(b"", b"Retry-After: %d" % RETRY_AFTER, status=b"503 Wait")), FINE)
LINKS = b"User-agent: *\nDisallow: /private\nLicense: http://below.asked-out.test/rsl.xml\n"

NO_SIBLING = b"User-agent: *\nDisallow: /.well-known/\nAllow: /.well-known/tdmrep.json\n"
LINKS_TO_CLOSED = b"User-agent: *\nDisallow:\nLicense: http://closed.test/rsl.xml\n"
LINKS_TO_UNREAD = b"User-agent: *\nDisallow:\nLicense: http://unread.test/rsl.xml\n"

SITES = {
    **{name: robots(serve) for name, (serve, _) in ROBOTS_CASES.items()},
    "silent": silent,
    "elsewhere": text(DISALLOWS_ALL),
    # four hosts of one registrable domain, and one that is led there by a redirect
    **{f"{n}.family": robots(says(0.1, sized(b""))) for n in "abcd"},
    "led-there": home(says(redirect(b"http://a.family.test/"))),
    # and six sites whose robots.txt is at a seventh: no slot of Scrapy's knows of that one
    "hub": robots(says(0.15, sized(b""))),
    **{f"led{n}": robots(says(redirect(b"http://hub.test/robots.txt"))) for n in range(6)},
    "slow-please": robots(text(b"User-agent: *\nCrawl-delay: %.1f\n" % ASKS_SLOWLY)),
    "too-slow": robots(text(b"User-agent: *\nCrawl-delay: 86400\n")),
    "in-a-moment": TWICE,
    "not-today": says(answer(b"", b"Retry-After: 86400", status=b"429 Slow")),
    "home-429": home(says(answer(b"", b"Retry-After: 9999", status=b"429 Slow"))),
    # the do-not-survey list: by name, by suffix, by network, by redirect, by link
    "asked-out": FINE,
    "below.asked-out": FINE,
    "to-asked-out": home(says(redirect(b"http://asked-out.test/"))),
    "robots-to-asked-out": robots(says(redirect(b"//below.asked-out.test/robots.txt"))),
    "linking": paths({"/robots.txt": text(LINKS), "/": HOME_FINE}),
    # a file whose sibling is forbidden, and a document that its own host forbids
    "no-sibling": paths({"/robots.txt": text(NO_SIBLING), "/": HOME_FINE, TDMREP: text(b"[]")}),
    "sibling": paths({"/robots.txt": text(b""), "/": HOME_FINE, TDMREP: text(b"[]")}),
    "links-to-closed": paths({"/robots.txt": text(LINKS_TO_CLOSED), "/": HOME_FINE}),
    "closed": paths({"/robots.txt": text(b"User-agent: *\nDisallow: /rsl\n")}, text(b"<rsl/>")),
    "links-to-unread": paths({"/robots.txt": text(LINKS_TO_UNREAD), "/": HOME_FINE}),
    "unread": paths({"/robots.txt": text_in(b"br", b"x")}, text(b"<rsl/>")),
}  # fmt: skip
REDIRECTED = {
    **{f"led{n}": "its rules are at hub.test, whose robots.txt says nothing" for n in range(6)},
    "robots-to-asked-out": "its rules are where we never ask",
}
"""Hosts whose rules another host sends; none of them forbids anything."""
UNLISTED = {"elsewhere", "closed", "unread"}
LIST = ".asked-out.test 2026-11-01 asked us by mail\n127.9.0.0/16 2026-11-02 their network\n"


@pytest.fixture(scope="module")
def seen(tmp_path_factory) -> tuple[Surveyed, dict[str, list[Contact]]]:
    """Every site surveyed at once; the connections of each registrable domain in order."""
    folder = tmp_path_factory.mktemp("polite")
    (folder / "not").write_text(LIST)
    with bad.served(SITES) as web:
        panel = [f"{name}.test" for name in SITES if name not in UNLISTED] + ["in-network.test"]
        hosts = [*web.lines, "127.9.1.1:80 in-network.test"]
        found = survey(
            folder, hosts, panel, "--delay", str(DELAY), "--timeout", "2", "--retry-pauses", "0.5",
            "--max-crawl-delay", "1", "--do-not-survey", str(folder / "not"),
        )  # fmt: skip
        by_domain = defaultdict(list)
        for contact in sorted(web.contacts, key=lambda each: each.opened):
            by_domain[registrable(f"{contact.name}.test")[0]].append(contact)
    assert found.code == 0, found.errors
    return found, by_domain


def test_nothing_was_asked_that_another_reader_finds_forbidden(seen):
    contacts = [contact for several in seen[1].values() for contact in several]
    assert trespasses(contacts, REDIRECTED) == []
    looked_at = {c.name for c in contacts if c.path not in {None, "/robots.txt"}} - set(REDIRECTED)
    assert len(looked_at) > 20  # or the witness has seen nothing


def test_a_sibling_and_a_linked_document_are_asked_where_their_host_lets_us_only(seen):
    assert [path for path in asked(seen, "sibling") if is_sibling(path)]
    assert TDMREP in asked(seen, "no-sibling")
    assert not [path for path in asked(seen, "no-sibling") if is_sibling(path)]
    assert set(asked(seen, "closed")) == NOTHING
    assert set(asked(seen, "unread")) == NOTHING


def is_sibling(path: str | None) -> bool:
    return bool(path) and path.startswith("/.well-known/") and path not in resources()


def asked(seen, name: str) -> list[str | None]:
    return [contact.path for contact in seen[1].get(f"{name}.test", [])]


def test_no_registrable_domain_ever_has_two_of_our_connections(seen):
    for domain, contacts in seen[1].items():
        for one, other in pairwise(contacts):
            assert one.closed <= other.opened + SLACK, f"{domain}: {one} and {other}"
    assert len(seen[1]["family.test"]) >= 4 * 3 + 1
    assert len(seen[1]["hub.test"]) >= 6 + 3


def test_a_pause_lies_between_two_connections_to_a_domain(seen):
    for domain, contacts in seen[1].items():
        for one, other in pairwise(contacts):
            assert other.opened - one.answered >= DELAY - SLACK, f"{domain}: {one} and {other}"


def test_parallel_all_the_same(seen):
    """One domain at a time each, many domains at a time in all: or nothing above is proved."""
    contacts = [contact for each in seen[1].values() for contact in each]
    busy = [sum(c.opened <= x.opened < c.closed for c in contacts) for x in contacts]
    assert max(busy) >= 5


@pytest.mark.parametrize("case", ROBOTS_CASES)
def test_robots_txt_comes_first_and_is_obeyed(case, seen):
    paths_asked = asked(seen, case)
    assert paths_asked[0] == "/robots.txt"
    _, allowed = ROBOTS_CASES[case]
    assert {path for path in paths_asked if path in EVERYTHING} == allowed
    if allowed == NOTHING:
        assert set(paths_asked) == NOTHING


def test_robots_txt_is_asked_for_once_a_visit(seen):
    attempts = dict(seen[0].rows("SELECT host, attempts FROM v_politeness"))
    for name in ROBOTS_CASES:
        assert asked(seen, name).count("/robots.txt") <= attempts[f"{name}.test"]
    assert attempts["server-error.test"] == 2
    assert attempts["refused.test"] == 1


def test_a_crawl_delay_is_kept_and_one_too_long_ends_the_visit_after_one_page(seen):
    contacts = seen[1]["slow-please.test"]
    assert len(contacts) >= 3
    gaps = [other.opened - one.answered for one, other in pairwise(contacts)]
    assert min(gaps) >= ASKS_SLOWLY - SLACK
    contacts = seen[1]["too-slow.test"]
    assert [contact.path for contact in contacts] == ["/robots.txt", "/"]
    assert contacts[1].opened - contacts[0].answered >= 1 - SLACK
    assert seen[0].rows(
        "SELECT outcome, reason, detail FROM v_visits WHERE host = 'too-slow.test'"
    ) == [("ok_partial", "crawl_delay", "86400 s")]


def test_retry_after_is_kept_or_the_site_is_left_alone(seen):
    first, second = seen[1]["in-a-moment.test"][:2]
    assert second.opened - first.answered >= RETRY_AFTER - SLACK
    assert asked(seen, "not-today") == ["/robots.txt"]
    assert asked(seen, "home-429") == ["/robots.txt", "/"]
    ends = dict(seen[0].rows("SELECT host, outcome FROM v_visits"))
    assert ends["in-a-moment.test"] == "ok"
    assert ends["not-today.test"] == ends["home-429.test"] == "rate_limited"


def test_whoever_asked_out_is_never_connected_to(seen):
    assert "asked-out.test" not in seen[1]
    rows = seen[0].rows("SELECT host, url, entry, since, why FROM v_excluded")
    mail = (".asked-out.test", "2026-11-01", "asked us by mail")
    assert set(rows) >= {
        ("asked-out.test", None, *mail),
        ("below.asked-out.test", None, *mail),
        ("to-asked-out.test", "http://asked-out.test/robots.txt", *mail),
        ("robots-to-asked-out.test", "http://below.asked-out.test/robots.txt", *mail),
        ("in-network.test", "http://in-network.test/robots.txt", "127.9.0.0/16", "2026-11-02")
        + ("their network",),
    }
    ends = {host: end for host, *end in seen[0].rows("SELECT host, outcome, reason FROM v_visits")}
    for name in (
        "asked-out",
        "below.asked-out",
        "to-asked-out",
        "robots-to-asked-out",
        "in-network",
    ):
        assert ends[f"{name}.test"] == ["refused_by_us", "excluded"], name
    assert ends["linking.test"][0] in {"ok", "ok_partial"}


def test_the_record_of_our_politeness_is_what_the_servers_saw(seen):
    rows = seen[0].rows("SELECT host, requests, shortest_gap, crawl_delay, retry_after, waited"
                        " FROM v_politeness")  # fmt: skip
    record = {host: rest for host, *rest in rows}
    for name in ("missing", "slow-please", "too-slow", "not-today"):
        assert record[f"{name}.test"][0] == len(seen[1][f"{name}.test"])
    assert record["slow-please.test"][1] >= ASKS_SLOWLY
    assert record["slow-please.test"][2] == ASKS_SLOWLY
    assert record["not-today.test"][3] == 86400
    assert record["asked-out.test"][0] == 0
    gaps = [gap for _, gap, *_ in record.values() if gap is not None]
    assert min(gaps) >= DELAY
    assert record["a.family.test"][4] > DELAY


# Ceilings and forgetting ------------------------------------------------------------------------


def run_scrapy(folder, web, panel: list[str], **settings: object) -> Surveyed:
    """The same survey with settings that the command has no option for."""
    import os
    import subprocess
    import sys

    from tests.hostile.survey import ROOT

    (folder / "hosts").write_text("\n".join(web.lines))
    (folder / "w.csv").write_text("host\n" + "".join(f"{host}\n" for host in panel))
    settings = {
        "SURVEY_DB": folder / "w.db",
        "SURVEY_HOSTS_FILE": folder / "hosts",
        "SURVEY_SCHEME": "http",
        "SURVEY_JUDGE": 0,
        "SURVEY_PROGRESS": 0,
        "SURVEY_RETRY_PAUSES": "",
        "DOWNLOAD_DELAY": 0,
    } | settings
    options = [word for key, value in settings.items() for word in ("-s", f"{key}={value}")]
    done = subprocess.run(
        [sys.executable, "-m", "scrapy", "crawl", "survey", "-a", f"panel={folder / 'w.csv'}"]
        + ["-a", "wave=w", *options],
        cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT)}, capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    return Surveyed(folder / "w.db", done.returncode, done.stderr, 0)


def test_a_site_has_a_ceiling_of_requests_bytes_and_time(tmp_path):
    ceiling = len(resources()) + 3  # what a plain site takes, with two guesses and its `www.`
    drip = says(0.4, sized(PAGE, HTML))
    hops = {"/": says(redirect(b"/a")), "/a": says(redirect(b"/b")), "/b": HOME_FINE}
    sites = {
        "many-requests": paths({"/robots.txt": ROBOTS_FINE, **hops}),
        "many-bytes": paths({"/robots.txt": ROBOTS_FINE, "/": says(sized(bytes(50_000), HTML))}),
        "tarpit": paths({"/robots.txt": says(0.4, sized(b"")), "/": drip}, drip),
        "good": FINE,
    }
    with bad.served(sites) as web:
        found = run_scrapy(
            tmp_path, web, [f"{name}.test" for name in sites],
            SURVEY_SITE_REQUESTS=ceiling, SURVEY_SITE_BYTES=40_000, SURVEY_SITE_SECONDS=0.7,
        )  # fmt: skip
    ends = {host: end for host, *end in found.rows("SELECT host, outcome, reason FROM v_visits")}
    assert ends == {
        "many-requests.test": ["ok_partial", "site_ceiling"],
        "many-bytes.test": ["ok_partial", "site_ceiling"],
        "tarpit.test": ["ok_partial", "site_deadline"],
        "good.test": ["ok", "complete"],
    }, found.errors
    assert len(resources()) < web.connections["many-requests"] <= ceiling
    assert web.connections["tarpit"] == 2


def test_the_list_takes_effect_in_a_wave_that_is_under_way(tmp_path):
    listed = tmp_path / "not"
    listed.write_text("# nobody yet\n")

    async def asks_out(reader, writer):
        """While it answers for robots.txt, its owner has herself put on the list."""
        listed.write_text("leaves.test 2026-11-25 asked us just now\n")
        await says(0.1, sized(b""))(reader, writer)

    with bad.served({"leaves": paths({"/robots.txt": asks_out, "/": HOME_FINE})}) as web:
        found = run_scrapy(tmp_path, web, ["leaves.test"], SURVEY_DO_NOT_SURVEY=listed)
    assert [contact.path for contact in web.contacts] == ["/robots.txt"]
    assert found.rows("SELECT outcome, reason FROM v_visits") == [("refused_by_us", "excluded")]


def test_a_list_that_breaks_in_a_wave_stops_it_and_is_told(tmp_path):
    listed = tmp_path / "not"
    listed.write_text("# nobody yet\n")

    async def breaks(reader, writer):
        listed.write_text("leaves.test\n")
        await says(0.1, sized(b""))(reader, writer)

    with bad.served({"one": paths({"/robots.txt": breaks, "/": HOME_FINE})}) as web:
        found = survey(
            tmp_path, web.lines, ["one.test"], "--delay", "0", "--do-not-survey", str(listed)
        )
    assert found.code == 2
    assert "write entry, date and reason" in found.errors
    assert [contact.path for contact in web.contacts] == ["/robots.txt"]
    assert found.rows("SELECT count(*) FROM visits") == [(0,)]


def test_a_forgotten_site_is_not_asked_by_a_later_survey(tmp_path):
    from click.testing import CliRunner

    from crawler.cli import main

    with bad.served({"gone": FINE, "www.gone": FINE, "stays": FINE}) as web:
        panel = ["gone.test", "www.gone.test", "stays.test"]
        first = survey(tmp_path, web.lines, panel, "--delay", "0")
        told = CliRunner().invoke(main, ["forget", ".gone.test", "--db", str(first.db)])
        assert told.exit_code == 0, told.output
        web.connections.clear()
        again = survey(tmp_path, web.lines, panel, "--delay", "0", "--wave", "later")
    assert set(web.connections) == {"stays"}
    assert again.rows("SELECT wave, host, reason FROM v_visits ORDER BY 1, 2") == [
        ("later", "gone.test", "excluded"),
        ("later", "stays.test", "complete"),
        ("later", "www.gone.test", "excluded"),
        ("w", "gone.test", "forgotten"),
        ("w", "stays.test", "complete"),
        ("w", "www.gone.test", "forgotten"),
    ]
    today = time.strftime("%Y-%m-%d", time.gmtime())
    assert again.rows("SELECT DISTINCT entry, since, why FROM v_excluded") == [
        (".gone.test", today, "asked to be forgotten")
    ]


def test_a_slow_site_keeps_nobody_from_a_second_visit(tmp_path):
    """Its first visit takes longer than the pause after that of a site which was busy."""
    flaky = paths({"/robots.txt": by_turns(resets(), ROBOTS_FINE), "/": HOME_FINE})
    slow = paths({"/robots.txt": ROBOTS_FINE, "/": says(4.0, sized(b"late"))})
    with bad.served({"flaky": flaky, "slow": slow}) as web:
        options = ("--delay", "0", "--retry-pauses", "0.5")
        found = survey(tmp_path, web.lines, ["flaky.test", "slow.test"], *options)
    ((flaky_end, flaky_visits), (slow_end, slow_visits)) = found.rows(
        "SELECT v_visits.finished_at, attempts FROM v_visits JOIN v_politeness USING (wave, host)"
        " ORDER BY host"
    )
    assert (flaky_visits, slow_visits) == (2, 1)
    assert flaky_end < slow_end
