"""Published numbers once more from the raw bytes, by code that shares nothing with the product.

Both months of the demo web, with unequal weights written over it. What a site answered is read
out of `captures` and `bodies`; robots.txt by `tests/factories/plain_robots.py`; the agents out of
the data file. Intervals: the two roots of the score equation, found by bisection.
"""

import base64
import itertools
import json
import lzma
import math
import re
import sqlite3
import tomllib
import zlib
from collections import defaultdict
from contextlib import closing
from dataclasses import dataclass

import pytest
from scipy import optimize

from analysis.database import open_database
from analysis.numbers import indicator, summary
from tests.factories import judged
from tests.factories.judged import Answers
from tests.factories.plain_robots import root
from tests.paths import ROOT

WAVES = ("demo", "demo-2")
REFUSED = {401, 402, 403, 407, 429, 451}
DOCUMENT = tomllib.loads((ROOT / "crawler/registry/agents.toml").read_text("utf-8"))["agent"]
STRICT8 = sorted(a["token"] for a in DOCUMENT if "strict8" in a.get("panels", ()))
PANELS = sorted(a["token"] for a in DOCUMENT if {"strict8", "wide12"} & {*a.get("panels", ())})
TRAINERS = sorted(
    a["token"] for a in DOCUMENT
    if "train" in a["purposes"] and "operator" in a and "retired" not in a
)  # fmt: skip
# RFC 9309 section 2.2.1: only letters, `_` and `-`; no file can name the others.
SEARCH = {"GPTBot": "OAI-SearchBot", "ClaudeBot": "Claude-SearchBot",
          "Google-Extended": "Googlebot", "Applebot-Extended": "Applebot"}  # fmt: skip
NAMEABLE = [token for token in TRAINERS if re.fullmatch("[A-Za-z_-]+", token)]

ASKED = sorted({*PANELS, *TRAINERS, *SEARCH.values(), "NobodyKnowsThisBot"})


@dataclass
class Site:
    """What we know of one visited site: `state` of robots.txt, and its answer to each agent."""

    stratum: str
    weight: float
    outcome: str
    reason: str
    state: str
    cut: bool
    answers: dict

    @property
    def observed(self):
        return self.state in {"read", "absent", "page"}


@pytest.fixture(scope="module")
def path(two_months, tmp_path_factory):
    path = tmp_path_factory.mktemp("weighed") / "survey.db"
    with closing(sqlite3.connect(two_months / "survey.db")) as source:
        source.execute("VACUUM INTO ?", (str(path),))
    with closing(sqlite3.connect(path)) as db:
        db.execute("UPDATE panel_sites SET weight = 0.5 + site_id * 7 % 11 WHERE site_id % 5")
        db.commit()
    return path


@pytest.fixture(scope="module")
def waves(path):
    with closing(sqlite3.connect(path)) as db:
        return {wave: list(_sites(db, wave)) for wave in WAVES}


def _sites(db, wave):
    rows = db.execute(
        "SELECT v.visit_id, ps.stratum, ps.weight, v.outcome, v.reason FROM visits v"
        " JOIN waves w USING (wave_id)"
        " JOIN panel_sites ps ON ps.panel_id = w.panel_id AND ps.site_id = v.site_id"
        " WHERE w.name = ?", (wave,)
    ).fetchall()  # fmt: skip
    for visit, stratum, weight, outcome, reason in rows:
        found = db.execute(
            "SELECT c.status, c.data_loss OR c.truncated, b.content FROM captures c"
            " LEFT JOIN bodies b USING (body_id) WHERE visit_id = ? AND resource = '/robots.txt'"
            " AND superseded = 0",
            (visit,),
        ).fetchall()
        assert len(found) == 1
        status, part, content = found[0]
        body = zlib.decompress(content) if content else b""
        cut = bool(part) or status == 206 or len(body) > 500 * 1024  # RFC 9309 section 2.5
        state = _state(status, body)
        answers = {
            token: root(body, token) if state == "read" else ("allowed", "none") for token in ASKED
        }
        yield Site(stratum, weight or 1.0, outcome, reason, state, cut, answers)


def _state(status, body):
    if status is None or status >= 500:
        return "unreachable"
    if status in REFUSED:
        return "refused"
    if status >= 400:
        return "absent"
    other = (b"\x89PNG", b"\xff\xfe", b"\xfe\xff")  # a picture, UTF-16
    html = body.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"<")
    return "page" if html or body.startswith(other) else "read"


def expected(sites, counts, among, *, told=lambda _: False, bounded=True):
    """Every stratum's k, n, share, interval, weighted and adjusted share and bounds."""
    for stratum in ("*", *sorted({site.stratum for site in sites})):
        here = [site for site in sites if stratum in {"*", site.stratum}]
        units = [site for site in here if among(site)]
        yes = [site for site in units if counts(site)]
        k, n = len(yes), len(units)
        if not n:
            continue
        weight = sum(site.weight for site in units)
        share = math.fsum(site.weight for site in yes) / weight
        size = weight**2 / sum(site.weight**2 for site in units)
        row = {
            "k": k, "n": n, "share": k / n, "weighted_share": share, "effective_n": size,
            **dict(zip(("low", "high"), score(k / n, n), strict=True)),
            **dict(zip(("weighted_low", "weighted_high"), score(share, size), strict=True)),
        }  # fmt: skip
        if bounded:
            sure = k + sum(told(site) for site in here if site not in units)
            row |= {"if_none": sure / len(here), "if_all": (k + len(here) - n) / len(here)}
        yield stratum, row, here, units


def heavier(here, units, counts, told):
    """Adjusted share, and the weighted bounds."""
    parts = defaultdict(lambda: [0.0, 0.0, 0.0])
    for site in here:
        parts[site.stratum][0] += site.weight
    for site in units:
        parts[site.stratum][1] += site.weight
        parts[site.stratum][2] += site.weight * counts(site)
    seen = [part for part in parts.values() if part[1]]
    adjusted = sum(p[0] * p[2] / p[1] for p in seen) / sum(p[0] for p in seen)
    all_of = sum(site.weight for site in here)
    known = [s for s in here if (counts(s) if s in units else told(s))]
    open_ = [s for s in here if s not in units]
    high = sum(s.weight for s in units if counts(s)) + sum(s.weight for s in open_)
    return {
        "adjusted_share": adjusted,
        "weighted_if_none": sum(s.weight for s in known) / all_of,
        "weighted_if_all": high / all_of,
    }


def score(share, n):
    """Where the normal test of the share at 5 % turns over (Wilson), found numerically."""

    def beyond(p):
        return (share - p) ** 2 * n - 1.959963984540054**2 * p * (1 - p)

    low = 0.0 if share < 1e-12 else optimize.brentq(beyond, 0, share - 1e-12, xtol=1e-14)
    high = 1.0 if share > 1 - 1e-12 else optimize.brentq(beyond, share + 1e-12, 1, xtol=1e-14)
    return low, high


def whole(site):
    return site.observed and not site.cut


def out(token, basis=None):
    def counts(site):
        told, by = site.answers[token]
        return site.state == "read" and told == "disallowed" and basis in {None, by}

    return counts


def both(first, second):
    return lambda site: first(site) and second(site)


def every(tokens):
    return lambda site: all(out(token)(site) for token in tokens)


def cut_and(counts):
    return lambda site: site.cut and counts(site)


def questions():
    """Definition, key, who counts, among whom, and who is known to count although cut short."""
    for token in STRICT8:
        for definition, basis in (
            ("agent_blocked", None), ("agent_blocked_named", "own"), ("agent_blocked_star", "star"),
        ):  # fmt: skip
            # Of a cut file only a group of its own can be told.
            told = cut_and(out(token, "own")) if basis != "star" else lambda _: False
            yield definition, token, out(token, basis), whole, told
        others = [other for other in STRICT8 if other != token]
        yield "complete_training_optout_without", token, every(others), whole, lambda _: False
    for definition in ("complete_training_optout", "complete_training_optout_today"):
        yield definition, "", every(STRICT8), whole, lambda _: False
    yield "observed", "", lambda s: s.observed, lambda _: True, lambda _: False
    for state, words in (("absent", "absent"), ("page", "not-robots"), ("refused", "refused"),
                         ("unreachable", "unreachable")):  # fmt: skip
        yield ("robots_state", words, lambda s, state=state: s.state == state, lambda _: True,
               lambda _: False)  # fmt: skip
    yield ("outcomes", "ok:complete", lambda s: (s.outcome, s.reason) == ("ok", "complete"),
           lambda _: True, lambda _: False)  # fmt: skip


def same(row, numbers, place):
    for name, number in numbers.items():
        assert getattr(row, name) == pytest.approx(number, abs=1e-9), (*place, name)


@pytest.mark.parametrize("wave", WAVES)
def test_the_summary_is_what_the_raw_bytes_say(path, waves, wave):
    with closing(open_database(path)) as connection:
        published = summary.run(connection, wave)
    sites = waves[wave]
    checked = set()
    for definition, key, counts, among, told in questions():
        for stratum, numbers, here, units in expected(sites, counts, among, told=told):
            place = (definition, key, stratum)
            row = published[definition].row(stratum, key)
            same(row, numbers | heavier(here, units, counts, told), place)
            checked.add(place)
    assert len({place[:2] for place in checked}) == 4 * len(STRICT8) + 8 == 40
    assert len({site.weight for site in sites}) > 10
    assert any(site.cut for site in sites)
    assert any(not site.observed for site in sites)


def indicators():
    """Indicator, key, who counts, among whom, and whether its bounds are of the attempted sites."""
    for token in PANELS:
        yield "effective_block", token, out(token), whole, True
        yield "named_block", token, out(token, "own"), whole, True
        if token != "CCBot":
            yield (
                "broker_leak",
                token,
                lambda s: not out("CCBot")(s),
                both(whole, out(token)),
                False,
            )
    for shut, other in SEARCH.items():
        yield (
            "purpose_mix", f"{shut}>{other}", lambda s, o=other: not out(o)(s),
            both(whole, out(shut)), False,
        )  # fmt: skip
    yield "complete_opt_out", "", every(NAMEABLE), whole, True
    yield "observability", "", lambda s: s.observed, lambda _: True, False
    yield (
        "unknown_future", "", lambda s: not out("NobodyKnowsThisBot")(s),
        lambda s: whole(s) and any(out(token, "own")(s) for token in TRAINERS), False,
    )  # fmt: skip


@pytest.mark.parametrize("wave", WAVES)
def test_indicators_are_what_the_raw_bytes_say(path, waves, wave):
    names = sorted({name for name, *_ in indicators()})
    with closing(open_database(path)) as connection:
        measured = {m.indicator.name: m.rows for m in indicator.run(connection, wave, names)}
    for name, key, counts, among, bounded in indicators():
        found = {(row.stratum, row.key): row for row in measured[name]}
        for stratum, numbers, here, units in expected(waves[wave], counts, among, bounded=bounded):
            more = heavier(here, units, counts, lambda _: False) if bounded else {}
            same(found[stratum, key], numbers | more, (name, key, stratum))
    assert len(list(indicators())) == 3 * len(PANELS) - 1 + len(SEARCH) + 3 == 42


CAPTURED = "2025-08-15"


@pytest.fixture(scope="module")
def captured(corpus, tmp_path_factory):
    """Real files of robots.txt, every tenth of the captured corpus, as a survey with weights."""
    file = tmp_path_factory.mktemp("captured") / "survey.db"
    with lzma.open(corpus / "robots/bodies.jsonl.xz", "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in itertools.islice(lines, 0, 3000, 10)]
    answers = {
        f"s{number}.example": Answers({"/robots.txt": body(row), "/": b"<html>"})
        for number, row in enumerate(rows)
    }
    panel = "host,stratum,weight\n" + "".join(
        f"{host},{'ab'[number % 2]},{1 + number % 7}\n" for number, host in enumerate(answers)
    )
    return judged.build(file, {CAPTURED: answers}, panel) or file


def body(row):
    if "text" in row:
        return row["text"].encode("utf-8", "surrogatepass")
    return row["latin1"].encode("latin-1") if "latin1" in row else base64.b64decode(row["base64"])


def test_captured_files_are_counted_as_their_bytes_say(captured):
    """Agents that were announced later are no part of that day."""
    with closing(sqlite3.connect(captured)) as db:
        sites = list(_sites(db, CAPTURED))
    names = ["broker_leak", "effective_block", "named_block", "purpose_mix"]
    with closing(open_database(captured)) as connection:
        found = {
            (m.indicator.name, row.stratum, row.key): row
            for m in indicator.run(connection, CAPTURED, names) for row in m.rows
        }  # fmt: skip
    checked = 0
    for name, key, counts, among, bounded in indicators():
        if name not in names or (name, "*", key) not in found:
            continue
        for stratum, numbers, here, units in expected(sites, counts, among, bounded=bounded):
            more = heavier(here, units, counts, lambda _: False) if bounded else {}
            same(found[name, stratum, key], numbers | more, (name, key, stratum))
            checked += 1
    assert checked > 80
