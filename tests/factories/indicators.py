"""A judged survey of two waves in which no indicator is zero: 12 sites, 3 strata, weights.

Written straight into the schema on the pieces of `factory_db`. The expected counts are worked
out by hand in test_indicator_values.py. Traps: a cut file, an error page that another site
serves as its robots.txt, repeated pages of terms, a group for a search engine only, variants of
other names, and an older ruleset that says something else about everything.
"""

import sqlite3
import zlib
from pathlib import Path

from tests.factories.database import (
    OTHER,
    OWN_ALLOW,
    OWN_BLOCK,
    STAR_BLOCK,
    UNMEASURED,
    put,
    schema,
)

BEFORE, WAVE = "2026-11", "2026-12"
RULESET, OLDER = 4, 1

# token, operator, purposes, first listed, retired, superseded by, panels
AGENTS = (
    ("GPTBot", "OpenAI", ["train"], "2024-01-01", None, None, ["strict8", "wide12"]),
    ("ClaudeBot", "Anthropic", ["train"], "2024-03-10", None, None, ["strict8", "wide12"]),
    ("CCBot", "Common Crawl", ["train", "dataset"], "2024-01-01", None, None, ["strict8"]),
    ("OAI-SearchBot", "OpenAI", ["search"], "2024-06-15", None, None, ["ai-search8"]),
    ("Claude-SearchBot", "Anthropic", ["search"], "2024-07-20", None, None, []),
    ("anthropic-ai", "Anthropic", ["train"], "2024-01-01", "2024-07-01", "ClaudeBot", []),
    ("Googlebot", "Google", ["search"], None, None, None, []),
    ("Google-Extended", "Google", ["train"], "2024-01-01", None, None, ["strict8", "wide12"]),
    ("Bytespider", "ByteDance", ["train"], "2024-03-10", None, None, ["wide12"]),
    ("Byte Dance Bot", "ByteDance", ["train"], None, None, None, []),  # no file can name it
)  # fmt: skip
GPT, CLAUDE, CC, OAI_SEARCH, CLAUDE_SEARCH, ANTHROPIC_AI, GOOGLE, EXTENDED, BYTE = range(1, 10)

OWN_PART = ("allowed", "partial", "own", "no_match", 9, "Disallow: /art/")
NO_FILE = ("allowed", "none", "no-file", "no_file", None, None)
OPEN, STAR, NAMED, SHUT, WELCOME, CUT, UNKNOWN, ABSENT, SEARCH, PART = range(1, 11)
POLICIES = {
    OPEN: {0: OTHER},
    STAR: {0: STAR_BLOCK},
    NAMED: {0: OTHER, GPT: OWN_BLOCK, ANTHROPIC_AI: OWN_BLOCK},
    SHUT: {0: OTHER}
    | dict.fromkeys((GPT, CLAUDE, CC, EXTENDED, BYTE, ANTHROPIC_AI, OAI_SEARCH), OWN_BLOCK),
    WELCOME: {0: STAR_BLOCK, GPT: OWN_ALLOW, BYTE: OWN_BLOCK},
    CUT: {0: UNMEASURED, GPT: OWN_BLOCK, ANTHROPIC_AI: OWN_BLOCK},
    UNKNOWN: {0: UNMEASURED},
    ABSENT: {0: NO_FILE},
    SEARCH: {0: OTHER, GOOGLE: OWN_BLOCK},
    PART: {0: OTHER, CLAUDE: OWN_PART},
}
GOOGLE_READS = POLICIES | {NAMED: {0: OTHER}}  # the other reader does not see these groups

# Each policy has a body of the same number; this one is a page. Agents named, author.
PAGE = 20
BODIES = {
    OPEN: (0, "unknown"), STAR: (0, "mixed"), NAMED: (2, "unknown"), SHUT: (7, "cloudflare"),
    WELCOME: (2, "unknown"), CUT: (2, "unknown"), SEARCH: (1, "unknown"), PART: (1, "mixed"),
    PAGE: (0, "unknown"),
}  # fmt: skip
DEFINITIONS = {
    "mentioned": (NAMED, SHUT, WELCOME, CUT, PART, PAGE),
    "denied": (STAR, NAMED, SHUT, WELCOME, CUT),
}

SILENT, RESERVED, CONDITIONAL, ALLOWED, UNREAD = range(1, 6)
USES = {
    SILENT: ("unstated", "unstated", "nothing-stated"),
    RESERVED: ("disallowed", "disallowed", "sole-statement"),
    CONDITIONAL: ("conditional", "conditional", "sole-statement"),
    ALLOWED: ("allowed", "allowed", "sole-statement"),
    UNREAD: ("unstated", "unstated", "partly-read"),
}

SITES = {
    "n1": ("news", 2.0), "n2": ("news", 2.0), "n3": ("news", 2.0), "n4": ("news", 2.0),
    "a1": ("art", None), "a2": ("art", None), "a3": ("art", None), "a4": ("art", None),
    "m1": (None, None), "m2": (None, None), "m3": (None, None), "m4": (None, None),
}  # fmt: skip
OK, LOSS = ("ok", "complete"), ("ok_partial", "data_loss")
DENIED, DOWN = ("denied", "http_403"), ("unreachable", "dns_nxdomain")
MISSING, IN_PLACE = ("absent", "robots_missing"), ("absent", "robots_not_robots")
# outcome, robots state, policy, body, use
VISITS = {
    BEFORE: {
        "n1": (OK, "rules", STAR, STAR, SILENT),
        "n2": (OK, "rules", NAMED, NAMED, RESERVED),
        "n3": (OK, "rules", SHUT, SHUT, SILENT),
        "n4": (OK, "rules", NAMED, NAMED, SILENT),
        "a1": (OK, "rules", WELCOME, WELCOME, RESERVED),
        "a2": (OK, "rules", SHUT, SHUT, RESERVED),
        "a3": (OK, "rules", OPEN, OPEN, SILENT),
        "a4": (DOWN, "unreachable", UNKNOWN, None, UNREAD),
        "m1": (OK, "rules", SEARCH, SEARCH, ALLOWED),
        "m2": (OK, "rules", STAR, STAR, RESERVED),
        "m3": (OK, "rules", PART, PART, RESERVED),
        "m4": (OK, "rules", OPEN, OPEN, SILENT),
    },
    WAVE: {
        "n1": (OK, "rules", NAMED, NAMED, SILENT),
        "n2": (OK, "rules", SHUT, SHUT, RESERVED),
        "n3": (OK, "rules", SHUT, SHUT, SILENT),
        "n4": (DENIED, "refused", UNKNOWN, None, UNREAD),
        "a1": (OK, "rules", WELCOME, WELCOME, CONDITIONAL),
        "a2": (LOSS, "rules", CUT, CUT, UNREAD),
        "a3": (MISSING, "absent", ABSENT, PAGE, SILENT),  # a 404 with the page that a4 serves
        "a4": (IN_PLACE, "not-robots", OPEN, PAGE, SILENT),
        "m1": (OK, "rules", SEARCH, SEARCH, ALLOWED),
        "m2": (OK, "rules", STAR, STAR, RESERVED),
        "m3": (OK, "rules", PART, PART, SILENT),
        "m4": (DOWN, "unreachable", UNKNOWN, None, UNREAD),
    },
}

ROBOTS, HOME, TDM, VARIANT = "/robots.txt", "/", "/.well-known/tdmrep.json", "variant:/robots.txt"
TERMS = "terms:"
# wave, site, resource, signal, outcome, and preference, strictness and words of a statement
FINDINGS = (
    (BEFORE, "n1", ROBOTS, "robots_access", "present", None),
    (WAVE, "n1", ROBOTS, "robots_access", "present", None),
    (BEFORE, "n2", TDM, "tdmrep_file", "present", ("disallowed", "strict", "file 1")),
    (BEFORE, "a1", TDM, "tdmrep_file", "present", ("disallowed", "strict", "file 1")),
    (BEFORE, "a2", HOME, "tdmrep_header", "present", ("disallowed", "strict", "header 1")),
    (BEFORE, "m2", HOME, "tdmrep_header", "present", ("disallowed", "strict", "header 1")),
    (BEFORE, "m3", TDM, "tdmrep_file", "present", ("disallowed", "strict", "file 1")),
    (WAVE, "n1", TERMS, "terms_prose", "malformed", ("disallowed", "lenient", "no mining")),
    (WAVE, "n1", HOME, "payment_required", "present", None),
    (WAVE, "n1", ROBOTS, "payment_required", "present", None),
    (WAVE, "n4", ROBOTS, "payment_required", "present", None),
    (WAVE, "n2", HOME, "tdmrep_header", "present", ("disallowed", "strict", "header 1")),
    (WAVE, "n2", TDM, "tdmrep_file", "present", ("disallowed", "strict", "file 1")),
    (WAVE, "a1", TDM, "tdmrep_file", "present", ("conditional", "strict", "file 1, policy")),
    (WAVE, "a1", ROBOTS, "robots_prose", "malformed", ("disallowed", "lenient", "no AI please")),
    (WAVE, "a2", TERMS, "terms_prose", "malformed", ("disallowed", "lenient", "no mining")),
    (WAVE, "m1", HOME, "tdmrep_header", "present", ("allowed", "strict", "header 0")),
    (WAVE, "m2", HOME, "tdmrep_meta", "present", ("disallowed", "strict", "meta 1")),
    (WAVE, "m3", TDM, "tdmrep_file", "malformed", None),
    (WAVE, "m3", TERMS, "terms_prose", "malformed", ("disallowed", "lenient", "no mining")),
)
# site, code, severity; of /robots.txt in WAVE
DEFECTS = (
    ("n1", "typo", "voids"), ("n1", "typo", "voids"), ("n1", "bom", "risks"),
    ("n2", "order", "cosmetic"), ("n3", "robots-broker-open", "risks"),
    ("a2", "no_colon", "changes"), ("m1", "typo", "voids"),
)  # fmt: skip
# body, agent, whole; what files try and RFC 9309 does not see
ATTEMPTS = (
    (NAMED, CLAUDE, 1),  # which may fetch the root: it fails
    (WELCOME, CC, 1),  # which `*` keeps out all the same
    (SEARCH, BYTE, 1),  # the only attempt of this file
    (SEARCH, GOOGLE, 1),  # which trains nothing
    (PART, GPT, 0),
    (CUT, CLAUDE, 1),  # nobody knows whether it fails
)
# site, purpose, signals; in WAVE
CONFLICTS = (
    ("m2", "train", "tdmrep_meta", "robots_access"),
    ("m2", "train", "robots_access", "tdmrep_meta"),
    ("m2", "search", "tdmrep_meta", "robots_access"),
    ("n3", "train", "robots_access", "robots_access"),  # of a variant
    ("a2", "train", "tdmrep_header", "tdmrep_file"),
)  # fmt: skip
# site, address, status; in WAVE
VARIANTS = (
    ("n2", "https://www.n2.example/robots.txt", 200), ("n3", "http://n3.example/robots.txt", 200),
    ("a1", "https://cdn.example/robots.txt", 200), ("m1", "http://m1.example/robots.txt", 503),
)  # fmt: skip


def build(path: Path) -> None:
    """Write the survey into a new file at `path`."""
    db = sqlite3.connect(path)
    db.executescript(schema())
    db.execute("PRAGMA application_id = 0x4F50544F")
    db.execute("PRAGMA user_version = 1")
    put(db, "panels", panel_id=1, name="makers", sha256="p", suffix_list="x", rows_read=12,
        accepted=12, rejected=0, duplicates=0, loaded_at="2026-11-01")  # fmt: skip
    for line, (name, (stratum, weight)) in enumerate(SITES.items(), start=2):
        site_id = put(db, "sites", host=f"{name}.example", registrable_domain=f"{name}.example")
        put(
            db,
            "panel_sites",
            panel_id=1,
            site_id=site_id,
            stratum=stratum,
            weight=weight,
            line=line,
        )
    for body_id in BODIES:
        put(db, "bodies", body_id=body_id, sha256=str(body_id), size=1, content=zlib.compress(b"x"))
    for wave in (BEFORE, WAVE):
        _wave(db, wave)
    for ruleset in (RULESET, OLDER):
        _reference(db, ruleset)
    _judge(db)
    _misjudge(db)
    db.commit()
    db.close()


def _wave(db: sqlite3.Connection, wave: str) -> None:
    wave_id = put(db, "waves", name=wave, panel_id=1, seed=1, software="x", settings="{}",
                  user_agent="x", plan_ruleset=RULESET,
                  started_at=f"{wave}-01T00:00:00Z")  # fmt: skip
    for site_id, (name, (outcome, _, _, body, _)) in enumerate(VISITS[wave].items(), start=1):
        visit_id = put(db, "visits", wave_id=wave_id, site_id=site_id, outcome=outcome[0],
                       reason=outcome[1], requests=1, bytes=1, started_at="x",
                       finished_at="x")  # fmt: skip
        asked = [ROBOTS] if outcome in {DENIED, DOWN} else [ROBOTS, HOME, TDM, TERMS, TERMS]
        captures = [(resource, f"https://{name}.example{resource}", 200) for resource in asked]
        if wave == WAVE:
            captures += [(VARIANT, url, status) for site, url, status in VARIANTS if site == name]
        for seq, (resource, url, answered) in enumerate(captures):
            status = None if outcome == DOWN else answered
            put(db, "captures", visit_id=visit_id, seq=seq, resource=resource, url=url,
                final_url=url, status=status, body_id=body if resource == ROBOTS else None,
                bytes=1, truncated=0, data_loss=0, coding_error=0, superseded=0,
                fetched_at="x", elapsed=0.1)  # fmt: skip


def _reference(db: sqlite3.Connection, ruleset: int) -> None:
    put(db, "rulesets", ruleset=ruleset, digest="d", versions="{}", agents_version="2026-11-21",
        agents_sha256="a")  # fmt: skip
    for agent_id, (token, operator, purposes, listed, retired, heir, panels) in enumerate(
        AGENTS, 1
    ):
        put(db, "agents", ruleset=ruleset, agent_id=agent_id, token=token, operator=operator,
            verification="read", first_listed=listed if ruleset == RULESET else "2023-01-01",
            retired=retired, superseded_by=heir, is_token=" " not in token)  # fmt: skip
        for purpose in purposes:
            put(db, "agent_purposes", ruleset=ruleset, agent_id=agent_id, purpose=purpose)
        for panel in panels:
            put(db, "agent_panels", ruleset=ruleset, agent_panel=panel, agent_id=agent_id)
    for signal in sorted({row[3] for row in FINDINGS} | {"robots_access"}):
        put(db, "signals", ruleset=ruleset, signal=signal, id="S", title=signal, status="draft",
            spec="s", spec_version="1")  # fmt: skip
    for definition in DEFINITIONS:
        put(db, "definitions", ruleset=ruleset, definition=definition, title=definition,
            source="s", counts="c")  # fmt: skip


def _judge(db: sqlite3.Connection) -> None:
    for policy_id in POLICIES:
        put(db, "robots_policies", policy_id=policy_id, ruleset=RULESET, digest=str(policy_id))
        for reader, policies in (("rfc9309", POLICIES), ("google", GOOGLE_READS)):
            for agent_id, answer in policies[policy_id].items():
                db.execute("INSERT INTO robots_access VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                           (policy_id, reader, agent_id, *answer))  # fmt: skip
    for body_id, (named, author) in BODIES.items():
        put(db, "robots_bodies", ruleset=RULESET, body_id=body_id, state="rules", groups=1,
            policy_id=OPEN if body_id == PAGE else body_id, agents_named=named,
            authorship=author)  # fmt: skip
    for body_id, agent_id, whole in ATTEMPTS:
        put(db, "robots_attempts", ruleset=RULESET, body_id=body_id, agent_id=agent_id,
            whole=whole, reading="mended")  # fmt: skip
    for definition, bodies in DEFINITIONS.items():
        for body_id in bodies:
            put(db, "body_definitions", ruleset=RULESET, body_id=body_id, definition=definition)
    for use_policy_id, verdict in USES.items():
        put(db, "use_policies", use_policy_id=use_policy_id, ruleset=RULESET, digest=str(verdict))
        for purpose in ("train", "search", "ai_input"):
            silent = UNREAD if use_policy_id == UNREAD else SILENT
            said = verdict if purpose == "train" else USES[silent]
            db.execute("INSERT INTO verdicts VALUES (?, ?, ?, ?, ?, 0)",
                       (use_policy_id, purpose, *said))  # fmt: skip
    for wave, visits in VISITS.items():
        for name, (_, state, policy_id, _, use) in visits.items():
            (robots,) = captures_of(db, wave, name, ROBOTS)
            put(db, "judgements", ruleset=RULESET, visit_id=visit_of(db, wave, name),
                robots_state=state, robots_capture_id=robots, policy_id=policy_id,
                use_policy_id=use)  # fmt: skip
    for wave_id in (1, 2):
        put(db, "judged_waves", wave_id=wave_id, ruleset=RULESET, digest="j", visits=12,
            judged_at="x")  # fmt: skip
    _findings(db)


def _findings(db: sqlite3.Connection) -> None:
    for wave, name, resource, signal, outcome, statement in FINDINGS:
        for capture_id in captures_of(db, wave, name, resource):
            key = {"ruleset": RULESET, "capture_id": capture_id, "signal": signal}
            put(db, "findings", **key, outcome=outcome)
            if statement:
                preference, strictness, quote = statement
                put(db, "statements", **key, seq=0, purpose="train", preference=preference,
                    strictness=strictness, agent="*", scope="site", quote=quote,
                    derived=0)  # fmt: skip
    for seq, (name, code, severity) in enumerate(DEFECTS):
        (robots,) = captures_of(db, WAVE, name, ROBOTS)
        put(db, "defects", ruleset=RULESET, capture_id=robots, signal="robots_access", seq=seq,
            code=code, severity=severity, quote="q", effect="e")  # fmt: skip
    for seq, (name, purpose, a, b) in enumerate(CONFLICTS):
        put(db, "conflicts", ruleset=RULESET, visit_id=visit_of(db, WAVE, name), seq=seq,
            purpose=purpose, signal_a=a, quote_a="a", signal_b=b, quote_b="b")  # fmt: skip


def _misjudge(db: sqlite3.Connection) -> None:
    """Judge WAVE by an older ruleset, by which every site says, lacks and contradicts all."""
    put(db, "robots_policies", policy_id=99, ruleset=OLDER, digest="r")
    for agent_id in range(len(AGENTS) + 1):
        answer = OWN_BLOCK if agent_id else STAR_BLOCK
        db.execute("INSERT INTO robots_access VALUES (99, 'rfc9309', ?, ?, ?, ?, ?, ?, ?)",
                   (agent_id, *answer))  # fmt: skip
    put(db, "use_policies", use_policy_id=99, ruleset=OLDER, digest="u")
    db.execute("INSERT INTO verdicts VALUES (99, 'train', 'disallowed', 'disallowed', 'x', 0)")
    for body_id in BODIES:
        put(db, "robots_bodies", ruleset=OLDER, body_id=body_id, policy_id=99, state="rules",
            groups=9, agents_named=9, authorship="older")  # fmt: skip
        put(db, "body_definitions", ruleset=OLDER, body_id=body_id, definition="denied")
    db.execute(
        "INSERT INTO judgements SELECT 1, visit_id, 'rules', NULL, 99, 99 FROM visits"
        " WHERE wave_id = 2"
    )
    db.execute(
        "INSERT INTO findings SELECT 1, capture_id, signal, 'present', NULL FROM captures, signals"
        " WHERE signals.ruleset = 1"
    )
    db.execute(
        "INSERT INTO statements SELECT 1, capture_id, signal, 0, 'train', 'disallowed', 'strict',"
        " '*', NULL, 'site', 'older', NULL, 0, NULL, NULL FROM findings WHERE ruleset = 1"
    )
    db.execute(
        "INSERT INTO defects SELECT 1, capture_id, signal, 0, 'older', 'voids', 'q', 'e', NULL"
        " FROM findings WHERE ruleset = 1"
    )
    db.execute(
        "INSERT INTO conflicts SELECT 1, visit_id, 0, 'train', 'robots_access', 'q',"
        " 'robots_access', 'q' FROM visits"
    )
    put(db, "judged_waves", wave_id=2, ruleset=OLDER, digest="j", visits=12, judged_at="x")


def visit_of(db: sqlite3.Connection, wave: str, name: str) -> int:
    return int(db.execute(
        "SELECT visit_id FROM visits JOIN waves USING (wave_id) JOIN sites USING (site_id)"
        " WHERE name = ? AND host = ?",
        (wave, f"{name}.example"),
    ).fetchone()[0])  # fmt: skip


def captures_of(db: sqlite3.Connection, wave: str, name: str, resource: str) -> list[int]:
    rows = db.execute(
        "SELECT capture_id FROM captures WHERE visit_id = ? AND resource = ?",
        (visit_of(db, wave, name), resource),
    )
    return [row[0] for row in rows]
