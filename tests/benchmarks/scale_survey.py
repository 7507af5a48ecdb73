"""A judged survey of any size in two waves, made up, for `scale`: facts and judgement in SQL.

The reference data are the program's own, and its judge reads a thousand robots.txt, whose policies
are copied under other ids; the rest is written set by set. Shares are of sites:

- 5 % are not reached, 3 % refuse, 10 % have no robots.txt, 2 % are read in part;
- about one policy for every 33 sites, few of which serve most; two sites in five have a file of
  their own (another sitemap) under a policy that they share;
- 14 % name AI agents; 0.2 to 5 % carry each other signal; one file in twenty has a fault;
- in the second wave 3 % have another policy, one in fifty of those with a signal has lost it (as
  many have gained it), and another 5 % are not reached;
- a public crawl has looked for every site in eight collections, and has pages of nine in ten.

A site that was reached has a capture of every path that the plan asks of all sites, and one in
five has one of robots.txt on its other name. Left out, since no published number reads them:
headers, bodies of pages, documents behind pointers, attempts, links of the home page.
"""

import random
import sqlite3
from bisect import bisect
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import astuple
from pathlib import Path

from crawler.history import users
from crawler.model import Purpose
from crawler.signals import RULESET, SIGNALS
from crawler.store.database import connect
from crawler.store.facts import Wave
from crawler.store.judgement import JudgementWriter, put_ruleset
from crawler.wave.judging import read_robots
from crawler.wave.rejudge import inputs
from tests.factories.database import put

WAVES = ("2026-11", "2026-12")
ROBOTS, HOME = "/robots.txt", "/"
_FILES = {path for s in SIGNALS for path in s.resources if path.startswith("/")} - {ROBOTS, HOME}
ASKED = (ROBOTS, HOME, *sorted(_FILES), "variant:/robots.txt")
"""Captures of a visit, by `seq`; their ids are 20 * visit_id + seq."""
OK, ABSENT, PARTIAL, REFUSED, FAILED = range(5)
ENDS = (
    (OK, "ok", "complete", "rules"),
    (ABSENT, "absent", "robots_missing", "absent"),
    (PARTIAL, "ok_partial", "resource_unmeasured", "rules"),
    (REFUSED, "denied", "http_403", "refused"),
    (FAILED, "unreachable", "dns_nxdomain", "unreachable"),
)
COLLECTIONS = [
    (
        f"CC-MAIN-{2024 + n // 4}-{10 + 10 * (n % 4)}",
        *(f"{2024 + n // 4}-{3 * (n % 4) + 1:02}-{day}" for day in ("02", "16")),
    )
    for n in range(8)
]
JUDGED = 1000
COPIES = 10_000
MILLION = 1_000_003  # a prime, so that what is drawn by it does not follow the site's number

SILENT, RESERVED, CONDITIONAL, ALLOWED, OPPOSED, NOTHING_READ, PARTLY_READ = range(1, 8)
VERDICTS = {
    SILENT: ("unstated", "nothing-stated", 0),
    RESERVED: ("disallowed", "sole-statement", 0),
    CONDITIONAL: ("conditional", "sole-statement", 0),
    ALLOWED: ("allowed", "sole-statement", 0),
    OPPOSED: ("disallowed", "disallowed-wins", 1),
    NOTHING_READ: ("unstated", "nothing-read", 0),
    PARTLY_READ: ("unstated", "partly-read", 0),
}
CARRIED = (  # signal, where it is read, sites in a million, what it says
    ("tdmrep_header", HOME, 4_000, "disallowed"),
    ("tdmrep_meta", HOME, 3_000, "disallowed"),
    ("tdmrep_file", "/.well-known/tdmrep.json", 5_000, "conditional"),
    ("robots_content_signal", ROBOTS, 30_000, "disallowed"),
    ("robots_meta", HOME, 15_000, "disallowed"),
    ("ai_txt", "/ai.txt", 3_000, "disallowed"),
    ("llms_txt", "/llms.txt", 50_000, "allowed"),
    ("trust_txt", "/trust.txt", 10_000, "allowed"),
    ("rsl_document", "/rsl.xml", 2_000, "conditional"),
    ("payment_required", HOME, 2_000, "conditional"),
    ("terms_prose", HOME, 20_000, "disallowed"),
)


def build(path: Path, sites: int, waves: Sequence[str] = WAVES) -> None:
    """Make the survey in a new file; every later wave differs from the first as the second does."""
    with closing(connect(path)) as db:
        # In WAL mode one transaction of gigabytes is read back ever more slowly.
        db.execute("PRAGMA journal_mode = OFF")
        db.execute("PRAGMA synchronous = OFF")
        db.execute("PRAGMA foreign_keys = OFF")
        db.execute("PRAGMA cache_size = -262144")
        db.execute("BEGIN")
        put_ruleset(db, inputs())
        texts = max(1, sites // 5 // JUDGED) * JUDGED
        _bodies(db, sites, texts)
        _answers(db)
        _panel(db, sites)
        for number, wave in enumerate(waves):
            _wave(db, number, wave, sites, texts)
        _public_captures(db)
        db.execute("COMMIT")


def _texts(count: int) -> Iterator[bytes]:
    """Different files: a few rules for all, and in one of seven a list of AI agents."""
    drawn = random.Random(1)
    tokens = sorted(inputs().agent_ids)
    for n in range(count):
        rules = drawn.choice(("Disallow: /wp-admin/", "Disallow:", "Disallow: /search", "Allow: /"))
        lines = ["User-agent: *", "Disallow: /" if n % 50 == 9 else rules]
        lines += [f"Disallow: /p{n}{extra}/" for extra in range(drawn.randrange(6))]
        if n % 7 == 3:
            named = drawn.sample(tokens, drawn.choice((1, 2, 5, 12, 30)))
            lines += ["", *(f"User-agent: {token}" for token in ("GPTBot", "CCBot", *named))]
            lines += [drawn.choice(("Disallow: /", "Disallow: /", "Allow: /", "Disallow: /art"))]
        yield "\n".join([*lines, f"# {n}", ""]).encode()


def _bodies(db: sqlite3.Connection, sites: int, texts: int) -> None:
    """Write `texts` bodies under policies of their own, then those with another sitemap.

    The judge reads the first ones; the policies of the others are copies under other ids.
    """
    writer = JudgementWriter(db, Wave(0, 0, "", 0), inputs())
    for body_id, text in enumerate(_texts(JUDGED), start=1):
        db.execute("INSERT INTO bodies VALUES (?, ?, ?, x'00')", (body_id, body_id, len(text)))
        writer.put_body(body_id, *read_robots(text))
    _temporary(db, "copies (k)", ((k,) for k in range(1, texts // JUDGED)))
    for table, columns in (
        ("robots_policies", "ruleset, digest || '-' || k"),
        ("robots_access", "reader, agent_id, root, extent, basis, rule, line, rule_text"),
        ("reader_disagreements", "agent_id, rfc9309_root, google_root, protego_root,"
         " rfc9309_extent, google_extent, rfc9309_line, google_line"),
    ):  # fmt: skip
        db.execute(
            f"INSERT INTO {table} SELECT policy_id + k * {COPIES}, {columns} FROM {table}, copies"
        )
    db.execute(
        "WITH RECURSIVE n (n) AS (SELECT ?1 + 1 UNION ALL SELECT n + 1 FROM n WHERE n < ?2)"
        " INSERT INTO bodies SELECT n, n, 100, x'00' FROM n",
        (JUDGED, texts + sites * 2 // 5),
    )
    for table, columns in (
        ("robots_bodies", f"policy_id + {COPIES} * (b.body_id % :texts / {JUDGED}), state, groups,"
         " agents_named, authorship, template || '-' || (b.body_id % :texts)"),
        ("body_definitions", "definition"),
    ):  # fmt: skip
        db.execute(
            f"INSERT INTO {table} SELECT ruleset, b.body_id, {columns} FROM bodies b"
            f" CROSS JOIN {table} r ON r.ruleset = {RULESET}"
            f" AND r.body_id = 1 + b.body_id % {JUDGED} WHERE b.body_id > {JUDGED}",
            {"texts": texts} if ":texts" in columns else {},
        )
    db.execute("UPDATE robots_bodies SET authorship = 'cloudflare' WHERE body_id % 50 = 10")


def _answers(db: sqlite3.Connection) -> None:
    """Write the sets of verdicts, and the policies of sites without a robots.txt to read."""
    for use_policy_id, (preference, rule, conflict) in VERDICTS.items():
        digest = f"{rule} {preference}"
        put(db, "use_policies", use_policy_id=use_policy_id, ruleset=RULESET, digest=digest)
        db.executemany(
            "INSERT INTO verdicts VALUES (?, ?, ?, ?, ?, ?)",
            [(use_policy_id, p, preference, preference, rule, conflict) for p in Purpose],
        )
    for state, root, basis in (("absent", "allowed", "no-file"), ("unknown", "unmeasured", None)):
        policy_id = put(db, "robots_policies", ruleset=RULESET, digest=state)
        extent = "none" if basis else None
        db.executemany(
            "INSERT INTO robots_access VALUES (?, ?, 0, ?, ?, ?, ?, NULL, NULL)",
            [(policy_id, r, root, extent, basis, state) for r in inputs().readers],
        )


def _panel(db: sqlite3.Connection, sites: int) -> None:
    put(db, "panels", panel_id=1, name="scale", sha256="p", suffix_list="x", rows_read=sites,
        accepted=sites, rejected=0, duplicates=0, loaded_at="2026")  # fmt: skip
    db.execute(
        "WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < ?)"
        " INSERT INTO sites SELECT n, 'www.s' || n || '.example', 's' || n || '.example', NULL FROM n",  # noqa: E501
        (sites,),
    )
    db.execute(
        "INSERT INTO panel_sites (panel_id, site_id, stratum, rank, line) SELECT 1, site_id,"
        ' json_extract(\'["news","art","music","shops","science"]\','
        " '$[' || (site_id % 5) || ']'), site_id, site_id FROM sites"
    )


def _wave(db: sqlite3.Connection, number: int, name: str, sites: int, texts: int) -> None:
    """Write one wave. `plan` says of each site how it ended and what it serves."""
    put(db, "waves", wave_id=number + 1, name=name, panel_id=1, seed=1, software="x",
        settings="{}", user_agent="x", plan_ruleset=RULESET, started_at=f"{name}-01")  # fmt: skip
    _temporary(db, "plan (visit_id INTEGER PRIMARY KEY, site_id, end, body_id, uses)",
               _plan(number, sites, texts))  # fmt: skip
    _temporary(db, "ends (end, outcome, reason, state)", ENDS)
    _temporary(db, "asked (seq INTEGER PRIMARY KEY, resource)", enumerate(ASKED))
    _temporary(db, "carried (salt INTEGER PRIMARY KEY, signal, resource, share, preference)",
               ((salt * 77_777, *row) for salt, row in enumerate(CARRIED)))  # fmt: skip
    bound = {"wave": number + 1, "rules": RULESET, "million": MILLION, "number": number}
    for sql in (*FACTS, *JUDGEMENT):
        db.execute(sql, {name: value for name, value in bound.items() if f":{name}" in sql})
    put(db, "judged_waves", wave_id=number + 1, ruleset=RULESET, digest="j", visits=sites,
        judged_at=name)  # fmt: skip


def _public_captures(db: sqlite3.Connection) -> None:
    """Write what a public crawl took of each site, eight collections from January 2024 on."""
    db.executemany("INSERT INTO corpus_users VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                   map(astuple, users.load()))  # fmt: skip
    _temporary(db, "collections (name, first, last)", COLLECTIONS)
    db.execute(
        "INSERT INTO public_captures SELECT host, name, first, last, 'collection',"
        " CASE WHEN (site_id * 7919 + number) % 10 THEN (site_id * 31 + number) % 500 ELSE 0 END,"
        " 1, 0, 0, 0, 'scale', NULL"
        " FROM (SELECT host, site_id FROM sites ORDER BY host)"
        " CROSS JOIN (SELECT *, rowid AS number FROM temp.collections)"
    )


def _temporary(db: sqlite3.Connection, table: str, rows: Iterable[tuple[object, ...]]) -> None:
    name, _, columns = table.partition(" (")
    db.execute(f"DROP TABLE IF EXISTS temp.{name}")
    db.execute(f"CREATE TEMP TABLE {table}")
    marks = ", ".join("?" * (columns.count(",") + 1))
    db.executemany(f"INSERT INTO temp.{name} VALUES ({marks})", rows)


def _plan(number: int, sites: int, texts: int) -> Iterator[tuple[object, ...]]:
    """Yield visits: what a site is like is drawn alike in every wave, what happens to it is not."""
    lasting, passing = random.Random(1), random.Random(10 + number)
    for n in range(sites):
        reached, skew, own, use = (lasting.random() for _ in range(4))
        body_id = 1 + int(texts * skew**2.5)
        if number and passing.random() < 0.03:
            body_id = 1 + passing.randrange(texts)
        elif own < 0.4:
            body_id = texts + 1 + n * 2 // 5
        end = bisect((0.80, 0.90, 0.92, 0.95), reached) % 4
        if passing.random() < 0.05:
            end = FAILED
        # Sites are visited in an order that has nothing to do with their ids.
        site_id = 1 + n * 7919 % sites
        uses = SILENT if use > 0.06 else (RESERVED, CONDITIONAL, ALLOWED, OPPOSED)[int(use * 60)]
        uses = {FAILED: NOTHING_READ, REFUSED: NOTHING_READ, PARTIAL: PARTLY_READ}.get(end, uses)
        yield 1 + n + number * sites, site_id, end, body_id, uses


FACTS = (
    """
    INSERT INTO visits
    SELECT visit_id, :wave, site_id, outcome, reason, NULL, 14, 90000, '2026-11-01T00:00:00Z',
           '2026-11-01T00:00:09Z'
    FROM plan JOIN ends USING (end) ORDER BY visit_id
    """,
    f"""
    INSERT INTO captures (capture_id, visit_id, seq, resource, url, final_url, status,
                          http_version, reason_phrase, failure, body_id, bytes, truncated,
                          data_loss, coding_error, superseded, address, tls, fetched_at, elapsed,
                          first_byte)
    SELECT 20 * visit_id + seq, visit_id, seq, resource, url, url, status, 'HTTP/1.1', 'OK',
           iif(end = {FAILED}, 'dns_nxdomain', NULL),
           iif(seq = 0 AND status = 200, body_id, NULL), 1500, 0, 0, 0, 0, '192.0.2.1', 'verified',
           '2026-11-01T00:00:00Z', 0.2, 0.1
    FROM (SELECT p.*, a.*,
                 iif(seq = {len(ASKED) - 1}, 'https://s' || site_id || '.example/robots.txt',
                     'https://www.s' || site_id || '.example' || resource) AS url,
                 CASE WHEN end = {FAILED} THEN NULL WHEN end = {REFUSED} THEN 403
                      WHEN seq > 1 OR end = {ABSENT} AND seq = 0 THEN 404 ELSE 200 END AS status
          FROM plan p CROSS JOIN asked a
          WHERE CASE WHEN end >= {REFUSED} THEN seq = 0
                     WHEN seq = {len(ASKED) - 1} THEN site_id % 5 = 3 ELSE 1 END)
    ORDER BY visit_id, seq
    """,
)  # fmt: skip
JUDGEMENT = (
    """
    INSERT INTO judgements
    SELECT :rules, p.visit_id, e.state, 20 * p.visit_id,
           CASE e.state WHEN 'rules' THEN b.policy_id ELSE o.policy_id END, p.uses
    FROM plan p CROSS JOIN ends e USING (end)
    CROSS JOIN robots_bodies b ON b.ruleset = :rules AND b.body_id = p.body_id
    CROSS JOIN robots_policies o ON o.ruleset = :rules
      AND o.digest = iif(e.state = 'absent', 'absent', 'unknown')
    ORDER BY p.visit_id
    """,
    f"""
    INSERT INTO findings SELECT :rules, 20 * visit_id, 'robots_access', 'present', NULL
    FROM plan WHERE end IN ({OK}, {PARTIAL})
    """,
    f"""
    INSERT INTO findings SELECT :rules, 20 * p.visit_id, s.signal, 'unmeasured', 'x'
    FROM plan p JOIN signal_resources s ON s.ruleset = :rules AND s.resource = '{ROBOTS}'
    WHERE p.end >= {REFUSED}
    """,
    f"""
    INSERT INTO findings
    SELECT :rules, 20 * p.visit_id + a.seq, c.signal,
           iif((p.site_id + :number) % 31 = 7, 'malformed', 'present'), NULL
    FROM plan p CROSS JOIN carried c JOIN asked a USING (resource)
    WHERE p.end < {REFUSED} AND (p.end <> {ABSENT} OR a.seq > 0)
      AND (p.site_id * 7919 + c.salt + :number * c.share / 50) % :million < c.share
    """,
    f"""
    INSERT OR IGNORE INTO findings
    SELECT :rules, 20 * p.visit_id + a.seq, s.signal, 'unmeasured', 'x'
    FROM plan p JOIN asked a ON a.seq = 2 + p.site_id % {len(ASKED) - 3}
    JOIN signal_resources s ON s.ruleset = :rules AND s.resource = a.resource
    WHERE p.end = {PARTIAL}
    """,
    """
    INSERT INTO statements
    SELECT :rules, f.capture_id, f.signal, 0, 'train', c.preference, 'strict', '*', NULL,
           iif(c.resource = '/', 'page', 'site'), 'what it says', NULL, 0, NULL, NULL
    FROM plan p CROSS JOIN findings f ON f.ruleset = :rules AND f.outcome = 'present'
      AND f.capture_id BETWEEN 20 * p.visit_id AND 20 * p.visit_id + 19
    JOIN carried c USING (signal)
    """,
    """
    INSERT INTO defects
    SELECT :rules, f.capture_id, f.signal, 0, 'code-' || (p.site_id % 17),
           iif(f.outcome = 'malformed', 'voids', 'risks'), 'q', 'e', NULL
    FROM plan p CROSS JOIN findings f ON f.ruleset = :rules AND f.outcome <> 'unmeasured'
      AND f.capture_id BETWEEN 20 * p.visit_id AND 20 * p.visit_id + 19
    WHERE f.outcome = 'malformed' OR p.body_id % 20 = 3
    """,
    f"""
    INSERT INTO conflicts
    SELECT :rules, visit_id, 0, 'train', 'robots_access', 'q', 'tdmrep_header', 'q'
    FROM plan WHERE uses = {OPPOSED}
    """,
    f"""
    INSERT INTO conflicts
    SELECT :rules, visit_id, 1, 'train', 'robots_access', 'q', 'robots_access', 'q'
    FROM plan WHERE end < {REFUSED} AND site_id % 50 = 3
    """,
)
