"""A small judged survey: 15 sites of three strata with every state a robots.txt can have.

Written straight into the schema, so that the analysis is tested against the database alone.
The numbers that follow from it are worked out by hand in test_summary.py.
"""

import re
import sqlite3
import zlib
from pathlib import Path

from crawler import model
from tests.paths import ROOT

STORE = ROOT / "crawler" / "store"
WAVE = "2026-11"
STRICT8 = (
    "GPTBot", "ClaudeBot", "Google-Extended", "Applebot-Extended", "meta-externalagent",
    "Amazonbot", "CCBot", "MistralAI-Training",
)  # fmt: skip
AGENTS = (*STRICT8, "Bytespider")
LISTED = {"Amazonbot": "2026-10"}
"""Days on which an agent became known, where it was not before all waves."""
PURPOSES = ("train", "search", "ai_input")
SIGNALS = {
    "robots_access": ("/robots.txt",),
    "robots_meta": ("/",),
    "rsl": ("/", "/robots.txt"),
    "tdmrep_file": ("/.well-known/tdmrep.json",),
    "tdmrep_header": ("/",),
}

HOPS = '[{"url": "http://a.example/", "status": 301, "location": "https://b.example/"}]'
HOSTILE = '<script>alert("x")</script>\x1b[31m\u202e=cmd|1'

OPEN, STAR, TWO_NAMED, ALL_NAMED, UNKNOWN, NO_FILE, WELCOME = range(1, 8)
OTHER = ("allowed", "none", "none", "no_group", None, None)
UNMEASURED = ("unmeasured", None, None, "unmeasured", None, None)
STAR_BLOCK = ("disallowed", "all", "star", "disallow_root", 2, "Disallow: /")
OWN_BLOCK = ("disallowed", "all", "own", "disallow_root", 5, f"Disallow: / # {HOSTILE}")
OWN_ALLOW = ("allowed", "none", "own", "allow_root", 8, "Allow: /")
# Policy -> the answer for every other agent (0), and for agents with a row of their own.
POLICIES = {
    OPEN: {0: OTHER},
    STAR: {0: STAR_BLOCK},
    TWO_NAMED: {0: OTHER, 1: OWN_BLOCK, 2: OWN_BLOCK},
    ALL_NAMED: {0: OTHER} | dict.fromkeys(range(1, 9), OWN_BLOCK),
    UNKNOWN: {0: UNMEASURED},
    NO_FILE: {0: ("allowed", "none", "no-file", "no_file", None, None)},
    WELCOME: {0: STAR_BLOCK, 1: OWN_ALLOW, 9: OWN_BLOCK},
}

SILENT, RESERVED, CONDITIONAL, CONTRADICTORY = range(1, 5)
UNSTATED = ("unstated", "unstated", "nothing_stated", 0)
USES = {
    SILENT: {},
    RESERVED: {"train": ("disallowed", "disallowed", "header", 0)},
    CONDITIONAL: {
        "train": ("conditional", "conditional", "tdmrep_policy", 0),
        "ai_input": ("conditional", "disallowed", "tdmrep_policy", 0),
    },
    CONTRADICTORY: {
        "train": ("disallowed", "disallowed", "disallowed_wins", 1),
        "search": ("allowed", "allowed", "header", 0),
    },
}

ALL = ("/robots.txt", "/", "/.well-known/tdmrep.json")
ROBOTS = ("/robots.txt",)
# host, stratum, outcome, reason, robots state, policy, use policy, resources asked for
SITES = (
    ("n1.example", "news", "ok", "complete", "rules", TWO_NAMED, SILENT, ALL),
    ("n2.example", "news", "ok", "complete", "rules", ALL_NAMED, RESERVED, ALL),
    ("n3.example", "news", "ok", "complete", "rules", STAR, CONDITIONAL, ALL),
    ("n4.example", "news", "denied", "http_403", "refused", UNKNOWN, SILENT, ROBOTS),
    ("n5.example", "news", "unreachable", "dns_nxdomain", "unreachable", UNKNOWN, SILENT, ROBOTS),
    ("n6.example", "news", "absent", "robots_missing", "absent", NO_FILE, SILENT, ALL),
    ("n7.example", "news", "absent", "robots_not_robots", "not-robots", OPEN, SILENT, ALL),
    ("a1.example", "art", "ok", "complete", "rules", WELCOME, CONTRADICTORY, ALL),
    ("a2.example", "art", "ok_partial", "truncated", "rules", ALL_NAMED, RESERVED, ALL),
    ("a3.example", "art", "absent", "robots_empty", "empty", OPEN, SILENT, ALL),
    ("a4.example", "art", "ok_partial", "resource_unmeasured", "rules", OPEN, SILENT, ALL),
    ("a5.example", "art", "refused_by_us", "robots_disallows_us", "rules", STAR, SILENT, ROBOTS),
    ("a6.example", "art", "internal_error", "internal_error", "unreachable", UNKNOWN, SILENT, ()),
    ("m1.example", None, "ok", "complete", "rules", TWO_NAMED, SILENT, ALL),
)
NOT_VISITED = ("a7.example", "art")

# host, resource, signal, outcome
FINDINGS = (
    *((host, "/robots.txt", "robots_access", "present")
      for host in ("n1", "n2", "n3", "a1", "a2", "a5", "m1")),
    *((host, "/robots.txt", signal, "unmeasured")
      for host in ("n4", "n5") for signal in ("robots_access", "rsl")),
    ("n2", "/", "tdmrep_header", "present"),
    ("n2", "/", "rsl", "unmeasured"),
    ("n3", "/", "tdmrep_header", "present"),
    ("a1", "/", "tdmrep_header", "present"),
    ("a1", "/.well-known/tdmrep.json", "tdmrep_file", "present"),
    ("a2", "/", "tdmrep_header", "present"),
    ("a4", "/.well-known/tdmrep.json", "tdmrep_file", "unmeasured"),
    ("a4", "/robots.txt", "rsl", "present"),
    ("a4", "/", "rsl", "unmeasured"),
    ("a5", "/robots.txt", "rsl", "present"),
    ("m1", "/.well-known/tdmrep.json", "tdmrep_file", "malformed"),
)  # fmt: skip


def build(path: Path) -> None:
    """Write the whole survey into a new file at `path`."""
    connection = sqlite3.connect(path)
    connection.executescript(schema())
    connection.execute("PRAGMA application_id = 0x4F50544F")
    connection.execute("PRAGMA user_version = 1")
    _panel(connection)
    for ruleset in (1, 2):
        _reference(connection, ruleset)
    _judge(connection)
    connection.commit()
    connection.execute("PRAGMA foreign_key_check")
    connection.close()


def schema() -> str:
    """Give the DDL with the closed vocabularies filled in, as the store does."""
    text = "".join((STORE / name).read_text("utf-8") for name in ("schema.sql", "views.sql"))
    without_comments = re.sub(r"--[^\n]*", "", text)
    return re.sub(
        r"\{(\w+)\}",
        lambda m: ", ".join(f"'{member}'" for member in getattr(model, m[1])),
        without_comments,
    )


def put(connection: sqlite3.Connection, table: str, **columns: object) -> int:
    names, marks = ", ".join(columns), ", ".join("?" * len(columns))
    sql = f"INSERT INTO {table} ({names}) VALUES ({marks})"
    return connection.execute(sql, tuple(columns.values())).lastrowid or 0


def _panel(db: sqlite3.Connection) -> None:
    put(db, "panels", panel_id=1, name="makers", sha256="p" * 64, suffix_list="2026-11-01",
        rows_read=15, accepted=15, rejected=0, duplicates=0, loaded_at="2026-11-01")  # fmt: skip
    for wave_id, name in ((1, WAVE), (2, "2026-12")):
        put(db, "waves", wave_id=wave_id, name=name, panel_id=1, seed=1, software="0.1",
            settings="{}", user_agent="Observatory/0.1", plan_ruleset=2,
            started_at=f"{name}-01T00:00:00Z")  # fmt: skip
    hosts = [(host, stratum) for host, stratum, *_ in SITES] + [NOT_VISITED]
    for line, (host, stratum) in enumerate(hosts, start=2):
        site_id = put(db, "sites", host=host, registrable_domain=host)
        put(db, "panel_sites", panel_id=1, site_id=site_id, stratum=stratum, line=line)
    for site_id, (host, _, outcome, reason, *_, resources) in enumerate(SITES, start=1):
        visit_id = put(db, "visits", wave_id=1, site_id=site_id, outcome=outcome, reason=reason,
                       requests=len(resources), bytes=100, started_at="2026-11-01T00:00:00Z",
                       finished_at="2026-11-01T00:00:01Z")  # fmt: skip
        for seq, resource in enumerate(resources):
            _capture(db, visit_id, seq, host, resource)
    # https failed, http answered: the failure must not count against n1.
    _capture(db, 1, 9, "n1.example", "/", superseded=1, failure="tls_failure")
    put(db, "visits", wave_id=2, site_id=1, outcome="ok", reason="complete", requests=0, bytes=0,
        started_at="2026-12-01T00:00:00Z", finished_at="2026-12-01T00:00:01Z")  # fmt: skip


def _capture(
    db: sqlite3.Connection, visit_id: int, seq: int, host: str, resource: str,
    *, superseded: int = 0, failure: str | None = None,
) -> int:  # fmt: skip
    digest = f"{visit_id:032x}{seq:032x}"
    body_id = put(db, "bodies", sha256=digest, size=10, content=zlib.compress(b"x"))
    return put(db, "captures", visit_id=visit_id, seq=seq, resource=resource,
               url=f"https://{host}{resource}", final_url=f"https://{host}{resource}",
               hops=HOPS if seq else "[]",
               status=None if failure else 200, failure=failure, body_id=body_id, bytes=10,
               truncated=0, data_loss=0, coding_error=0, superseded=superseded,
               fetched_at="2026-11-01T00:00:00Z", elapsed=0.1)  # fmt: skip


def _reference(db: sqlite3.Connection, ruleset: int) -> None:
    put(db, "rulesets", ruleset=ruleset, digest="d", versions="{}",
        agents_version=f"2026-11-2{ruleset}", agents_sha256="a")  # fmt: skip
    for agent_id, token in enumerate(AGENTS, start=1):
        put(db, "agents", ruleset=ruleset, agent_id=agent_id, token=token,
            operator=f"Operator {agent_id}", verification="read", is_token=1,
            first_listed=LISTED.get(token, "2024-03-27"))  # fmt: skip
        put(db, "agent_panels", ruleset=ruleset, agent_panel="wide12", agent_id=agent_id)
        if token in STRICT8:
            put(db, "agent_panels", ruleset=ruleset, agent_panel="strict8", agent_id=agent_id)
    for signal, resources in SIGNALS.items():
        put(db, "signals", ruleset=ruleset, signal=signal, id="S", title=signal.title(),
            status="draft", spec="https://spec.example/", spec_version="1")  # fmt: skip
        for resource in resources:
            put(db, "signal_resources", ruleset=ruleset, resource=resource, signal=signal)
    for reader in ("rfc9309", "protego"):
        put(db, "readers", ruleset=ruleset, reader=reader, version="1")


def _judge(db: sqlite3.Connection) -> None:
    for policy_id, answers in POLICIES.items():
        put(db, "robots_policies", policy_id=policy_id, ruleset=2, digest=f"r{policy_id}")
        for agent_id, answer in answers.items():
            _access(db, policy_id, "rfc9309", agent_id, answer)
        _access(db, policy_id, "protego", 0, STAR_BLOCK)  # another reader is not counted
    for use_policy_id, verdicts in USES.items():
        put(db, "use_policies", use_policy_id=use_policy_id, ruleset=2, digest=f"u{use_policy_id}")
        for purpose in PURPOSES:
            db.execute("INSERT INTO verdicts VALUES (?, ?, ?, ?, ?, ?)",
                       (use_policy_id, purpose, *verdicts.get(purpose, UNSTATED)))  # fmt: skip
    for visit_id, (_, _, _, _, state, policy, use, _) in enumerate(SITES, start=1):
        put(db, "judgements", ruleset=2, visit_id=visit_id, robots_state=state, policy_id=policy,
            use_policy_id=use)  # fmt: skip
    _superseded_judgement(db)
    put(db, "judged_waves", wave_id=1, ruleset=2, digest="j", visits=14, judged_at="2026-11-02")
    for host, resource, signal, outcome in FINDINGS:
        capture_id = capture_of(db, host, resource)
        put(db, "findings", ruleset=2, capture_id=capture_id, signal=signal, outcome=outcome)
    db.execute("INSERT INTO findings SELECT 2, capture_id, 'tdmrep_header', 'unmeasured', NULL"
               " FROM captures WHERE superseded = 1")  # fmt: skip
    _evidence(db)


def _access(
    db: sqlite3.Connection, policy_id: int, reader: str, agent_id: int, answer: tuple[object, ...]
) -> None:
    db.execute("INSERT INTO robots_access VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
               (policy_id, reader, agent_id, *answer))  # fmt: skip


def _superseded_judgement(db: sqlite3.Connection) -> None:
    """Judge the wave under an older ruleset by which every site blocked everything."""
    put(db, "robots_policies", policy_id=99, ruleset=1, digest="r")
    _access(db, 99, "rfc9309", 0, STAR_BLOCK)
    put(db, "use_policies", use_policy_id=99, ruleset=1, digest="u")
    for visit_id in range(1, len(SITES) + 1):
        put(db, "judgements", ruleset=1, visit_id=visit_id, robots_state="rules", policy_id=99,
            use_policy_id=99)  # fmt: skip
    put(db, "judged_waves", wave_id=1, ruleset=1, digest="j", visits=14, judged_at="2026-11-01")


def _evidence(db: sqlite3.Connection) -> None:
    header = capture_of(db, "a1", "/")
    put(db, "statements", ruleset=2, capture_id=header, signal="tdmrep_header", seq=0,
        purpose="train", preference="disallowed", strictness="strict", agent="*", scope="page",
        quote=f"tdm-reservation: 1 {HOSTILE}", derived=0)  # fmt: skip
    put(db, "defects", ruleset=2, capture_id=capture_of(db, "m1", ALL[2]), signal="tdmrep_file",
        seq=0, code="json_syntax", severity="voids", quote=HOSTILE, effect="nobody reads it",
        line=1)  # fmt: skip
    put(db, "conflicts", ruleset=2, visit_id=8, seq=0, purpose="train", signal_a="tdmrep_header",
        quote_a=HOSTILE, signal_b="tdmrep_file", quote_b='"tdm-reservation": 0')  # fmt: skip


def capture_of(db: sqlite3.Connection, host: str, resource: str) -> int:
    return int(db.execute(
        "SELECT capture_id FROM captures WHERE url = ? AND superseded = 0",
        (f"https://{host}.example{resource}",),
    ).fetchone()[0])  # fmt: skip
