"""Three waves of one panel by the real store and judge: 16 sites, three strata, unequal weights.

What each site answered, newest wave first (`-`: as in the wave before it):

| site | weight | MAY | MAR | JAN | else in MAY |
|---|---|---|---|---|---|
| n1 | news 4 | GPT | - | empty | header reserves (MAR too), tdmrep.json with a policy; four works |
| n2 | news 4 | STAR | empty | STAR | terms reserve; one work on a host not asked |
| n3 | news 4 | VERSION | GPT | empty | its `www.` has GPT, and a work |
| n4 | news 4 | down | GPT | - | |
| n5 | news 4 | FIVE | - | GPT | header allows mining (MAR: reserves) |
| a1 | art 1 | OLD | - | - | comment reserves; its http variant has the same file |
| a2 | art 1 | GPT and a slip, cut | GPT | empty | |
| a3 | art 2.5 | refused | GPT | - | |
| a4 | art 2.5 | NEAR | GPT | empty | tdmrep.json for /archive/ (MAR: for /) |
| a5 | art 1 | WELCOME | - | STAR | |
| m1 | - | GOOGLE | - | - | header allows (always); tdmrep.json broken; another name's file |
| m2 | - | SHUT | - | GPT | terms reserve |
| m3 | - | GPT | empty | - | terms reserve |
| m4 | - | no file | - | - | home page only for payment |
| m5 | - | STAR, which keeps us out | - | - | its http variant is the same |
| m6 | - | GPT | - | STAR | |

Platforms are written over it, so that no fact of the registry enters. What follows from the table
is worked out by hand in tests/analysis/numbers/test_red.py.
"""

import sqlite3
from collections.abc import Iterable, Mapping
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from crawler.model import Failure, Outcome, Reason
from crawler.registry import agents
from tests.factories import judged
from tests.factories.database import put
from tests.factories.judged import ROBOTS, TDM, Answers

JAN, MAR, MAY = "2026-01-15", "2026-03-15", "2026-05-15"
PANEL = """host,stratum,weight,creator_type,cluster
n1.example,news,4,writer,press
n2.example,news,4,writer,press
n3.example,news,4,,
n4.example,news,4,,
n5.example,news,4,,
a1.example,art,1,painter,
a2.example,art,1,,
a3.example,art,2.5,,
a4.example,art,2.5,painter,
a5.example,art,1,,
m1.example,,,,
m2.example,,,,
m3.example,,,,
m4.example,,,,
m5.example,,,,
m6.example,,,,
"""

GPT = "User-agent: GPTBot\nDisallow: /\n"
FIVE = ("Bytespider", "imageSpider", "GPTBot", "ClaudeBot", "CCBot")
"""Of four operators: the first two are one's."""
STAR = "User-agent: *\nDisallow: /\n"
WELCOME = "User-agent: GPTBot\nAllow: /\n\n" + STAR
VERSION = "User-agent: GPTBot/1.2\nDisallow: /\n\nUser-agent: CCBot\nDisallow: /\n"
NEAR = "User-agent: ClaudeBott\nDisallow: /\n"
GOOGLE = "User-agent: Googlebot\nDisallow: /\n\nUser-agent: CCBot/2\nDisallow: /art/\n"
WORDS = "We reserve text and data mining within the meaning of Article 4 of Directive 2019/790."
OLD = f"# {WORDS}\nUser-agent: anthropic-ai\nDisallow: /\n"
TRAINERS = [a for a in agents.load().agents if "train" in a.purposes and a.operator]
NAMES = [a.token for a in TRAINERS if agents.is_product_token(a.token)]
"""All that train models and that a robots.txt can name."""

HEADER = b"tdm-reservation"
WORKS = b"""<html><img src="/own.jpg"><img src="https://cdn.n1.example/a.jpg">
<img src="https://cdn.n1.example/b.jpg"><img src="https://res.cloudinary.com/c.jpg">"""
DOWN = Answers(failure=Failure.CONNECT_TIMEOUT, end=(Outcome.UNREACHABLE, Reason.CONNECT_TIMEOUT))
DENIED = Answers(statuses={ROBOTS: 403}, end=(Outcome.DENIED, Reason.HTTP_403))
NO_FILE = Answers({"/": b"<html>"}, end=(Outcome.ABSENT, Reason.ROBOTS_MISSING))
PAY = Answers(
    statuses={"/": 402}, headers=((b"crawler-price", b"USD 0.01"),),
    end=(Outcome.DENIED, Reason.HTTP_402),
)  # fmt: skip


def group(tokens: Iterable[str]) -> str:
    return "".join(f"User-agent: {token}\n" for token in tokens) + "Disallow: /\n"


def site(text: str, more: Mapping[str, bytes] | None = None, **other: object) -> Answers:
    """Give a site with this robots.txt, a home page, and what else is told."""
    return Answers({ROBOTS: text.encode(), "/": b"<html>"} | dict(more or {}), **other)  # type: ignore[arg-type]


def tdmrep(location: str, policy: str = "") -> dict[str, bytes]:
    told = f', "tdm-policy": "{policy}"' if policy else ""
    return {TDM: f'[{{"location": "{location}", "tdm-reservation": 1{told}}}]'.encode()}


TERMS = {"terms:/terms": f"<html><title>Terms of use</title><p>{WORDS}</p>".encode()}
SHUT = "# BEGIN Cloudflare Managed content\n" + group([*NAMES, "*"])
SHUT += "# END Cloudflare Managed Content\n"
RESERVES, ALLOWS = ((HEADER, b"1"),), ((HEADER, b"0"),)
OUT = site(STAR, end=(Outcome.REFUSED_BY_US, Reason.ROBOTS_DISALLOWS_US))
FIRST = {
    "n1": site(""), "n2": site(STAR), "n3": site(""), "n4": site(GPT), "n5": site(GPT),
    "a1": site(OLD), "a2": site(""), "a3": site(GPT), "a4": site(""), "a5": site(STAR),
    "m1": site(GOOGLE, headers=ALLOWS), "m2": site(GPT), "m3": site(""), "m4": NO_FILE, "m5": OUT,
    "m6": site(STAR),
}  # fmt: skip
SECOND = FIRST | {
    "n1": site(GPT, headers=RESERVES), "n2": site(""), "n3": site(GPT),
    "n5": site(group(FIVE), headers=RESERVES), "a2": site(GPT), "a4": site(GPT, tdmrep("/")),
    "a5": site(WELCOME), "m2": site(SHUT), "m6": site(GPT),
}  # fmt: skip
THIRD = SECOND | {
    "n1": site(
        GPT, tdmrep("/", "https://n1.example/policy.json") | {"/": WORKS}, headers=RESERVES,
        elsewhere={"https://cdn.n1.example/robots.txt": None,
                   "https://res.cloudinary.com/robots.txt": STAR.encode()},
    ),
    "n2": site(STAR, TERMS | {"/": b'<html><img src="https://friend.test/a.jpg">'}),
    "n3": site(VERSION, {"/": b'<html><img src="https://www.n3.example/a.jpg">'},
               elsewhere={"https://www.n3.example/robots.txt": GPT.encode()}),
    "n4": DOWN,
    "n5": site(group(FIVE), headers=ALLOWS),
    "a1": site(OLD, elsewhere={"http://a1.example/robots.txt": OLD.encode()}),
    "a2": site(
        GPT + "\nUser-agent: CCBot/2\nDisallow: /\n",
        cut=True, end=(Outcome.OK_PARTIAL, Reason.DATA_LOSS),
    ),
    "a3": DENIED,
    "a4": site(NEAR, tdmrep("/archive/")),
    "m1": site(GOOGLE, {TDM: b'[{"location": "/", "tdm-reservation": 1}'},
               headers=ALLOWS, elsewhere={"https://other.example/robots.txt": STAR.encode()}),
    "m2": site(SHUT, TERMS),
    "m3": site(GPT, TERMS), "m4": PAY,
    "m5": replace(OUT, elsewhere={"http://m5.example/robots.txt": STAR.encode()}),
}  # fmt: skip
WAVES = {JAN: FIRST, MAR: SECOND, MAY: THIRD}

# platform: kind, facts
PLATFORMS = {
    "alpha": ("builder", {"robots_edit": "no", "ai_switch": "yes", "ai_switch_default": "off",
                          "ai_switch_writes": "robots"}),
    "beta": ("portfolio", {"robots_edit": "partly", "ai_switch_default": "on"}),
    "gamma": ("builder", {"robots_edit": "no", "ai_switch": "no", "header_edit": "no",
                          "meta_edit": "no"}),
    "delta": ("shop", {"header_edit": "yes"}),
    "free": ("software", {"robots_edit": "yes"}),
}  # fmt: skip
SHOWN = {
    "n1": "alpha", "a1": "alpha", "n2": "beta", "n5": "beta", "a4": "gamma", "m3": "delta",
    "m2": "free",
}  # fmt: skip
HINTED = {"m1": "alpha"}
SWITCH = ("GPTBot",)
SWITCH_DAY = "2025-12-01"
# host, collection, first and last day, pages; n1 was open in JAN and closed in MAR
PUBLIC = (
    ("n1.example", "CC-MAIN-2025-51", "2025-12-01", "2025-12-09", 5),
    ("n1.example", "CC-MAIN-2026-08", "2026-02-01", "2026-02-09", 7),
    ("n1.example", "CC-MAIN-2026-17", "2026-04-01", "2026-04-09", 9),
    ("www.m3.example", "CC-MAIN-2026-17", "2026-04-01", "2026-04-09", 11),
    ("a5.example", "CC-MAIN-2025-51", "2025-12-01", "2025-12-09", 13),
    ("m6.example", "CC-MAIN-2026-17", "2026-04-01", "2026-04-09", 3),
)


def build(path: Path) -> Path:
    """Write the survey into a new file at `path`."""
    visits = {
        day: {f"{name}.example": made for name, made in sites.items()}
        for day, sites in WAVES.items()
    }
    judged.build(path, visits, PANEL)
    with closing(sqlite3.connect(path)) as db:
        _platforms(db)
        put(db, "corpus_users", prefix="CC-MAIN-", agent="GPTBot", operator="o", statement="s",
            source="s", as_of="2026", verified=1)  # fmt: skip
        for host, collection, first, last, pages in PUBLIC:
            put(db, "public_captures", host=host, collection=collection, first_seen=first,
                last_seen=last, dates="captures", pages=pages, source="s")  # fmt: skip
        db.commit()
    return path


def _platforms(db: sqlite3.Connection) -> None:
    ((ruleset,),) = db.execute("SELECT max(ruleset) FROM rulesets")
    for table in ("site_platforms", "platform_switches", "platform_facts", "platforms"):
        db.execute(f"DELETE FROM {table}")
    for platform, (kind, facts) in PLATFORMS.items():
        put(db, "platforms", ruleset=ruleset, platform=platform, title=platform, kind=kind)
        for cell, value in facts.items():
            put(db, "platform_facts", ruleset=ruleset, platform=platform, as_of="2026-01",
                cell=cell, value=value, verified=1, source="s")  # fmt: skip
    for token in SWITCH:
        db.execute(
            "INSERT INTO platform_switches (ruleset, platform, as_of, agent, agent_id, verified,"
            " source) SELECT ruleset, 'alpha', ?, token, agent_id, 1, 's' FROM agents"
            " WHERE token = ?",
            (SWITCH_DAY, token),
        )
    for strength, shown in (("sure", SHOWN), ("hint", HINTED)):
        for name, platform in shown.items():
            db.execute(
                "INSERT INTO site_platforms (ruleset, visit_id, platform, main, strength, evidence)"
                " SELECT ?, visit_id, ?, 1, ?, '[]' FROM visits JOIN sites USING (site_id)"
                " JOIN waves USING (wave_id) WHERE host = ? AND name = ?",
                (ruleset, platform, strength, f"{name}.example", MAY),
            )
