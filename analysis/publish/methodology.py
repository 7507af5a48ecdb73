"""The methodology page of a bundle: how its numbers were made, and what they cannot say."""

import json
import sqlite3
from collections.abc import Collection, Iterator

from analysis.numbers.indicator import indicators
from analysis.numbers.summary import numbers
from analysis.publish.citing import CODE_LICENCE, DATA_LICENCE, Facts, escaped
from analysis.queries import query
from analysis.waves.changes import earlier_wave

_ORIGIN = query(__name__, "wave_origin")

METHOD = """\
A crawler asked each site of a panel for a fixed list of resources and stored what came back,
unjudged. A program without access to the network then read every stored answer under a numbered
ruleset, which pins its own code, the list of agents and the versions of all parsers. Every number
is one SQL query over that judgement, named in numbers.csv.

## Counting

- A refusal, an error or silence is no answer: such sites are unmeasured, in no share, and never
  counted as permission. `if_none` and `if_all` say what a share would be if none, or all, of them
  counted.
- `n` is what was measured, and differs from number to number. What was cut short could count only
  where it says yes, so it is in no `n`; what it says is in the bounds (`told`).
- Agents are those known on the day of the wave. The complete opt-out also comes by the list of
  today, and without each single agent.
- Intervals of shares are Wilson score intervals at 95 %. They cover chance and nothing else. Works
  and hosts are drawn with their site (bootstrap). A census (all weights 1 as written), how far the
  wave came and what the registry itself holds have no interval.
- Weighted values use the panel's weights with Kish's effective sample size; `adjusted_share` also
  raises each stratum to all of its sites, as if those not measured were like the others. Intervals
  of clusters are a percentile bootstrap, from a recorded seed, over owners or registrable domains,
  or over sites with one text of robots.txt.
- Of works at most three a site are asked for, the largest of each kind on its home page, as the
  robots.txt of their host permits. Kept are their metadata, length and SHA-256, never the work.
  Numbers on works are of works that were asked for and read to the end of their metadata; a survey
  without works has none. That a rendition has lost its metadata is told only where the picture that
  it names as its origin was read too.
- A panel is its name: two waves are compared on the sites common to both.
- Many numbers are given at once. No interval is corrected for that.
- Strict verdicts are published; lenient ones, which only a tolerant reader reaches, are marked.
- "Blocks AI crawlers" has many published definitions: v_definitions has each.

## Limits

- One vantage point and one date a wave. What a site serves to an AI crawler may differ from what
  it served to us.
- robots.txt is asked of the host that the panel names. Where that name does not exist or has no
  address, or where no connection to it could be used, over https or http and after all further
  visits, the name with `www.` in front, or without it, is heard in its place: `url` in v_captures
  tells. Other hosts of a site speak for themselves.
- Whether a crawler obeys is not measured, and no legal effect is claimed.
- A sample stands for its panel, and not for the web.

## Operators, and the door

- Cards of operators say what operators document and what others tell of them, each cell with source
  and day. Nothing there measures what a crawler does.
- What came back at the door to an agent's name is of studies, others' or ours, named in every key
  with their day and method in v_probes and v_compliance. No survey makes such requests, and no
  number mixes them with what visits brought. Others' studies have licences of their own.
- We ask under another name only where the site's owner has given us a token and the site itself
  serves it, which is read again before every single request; each request also bears our own name
  and contact, and stands beside a control of the same minute. Without that nothing is asked.
- A name without the agent's address and signature shows what a server does to names. One that
  verifies agents turns the probe away and lets the agent in, or the reverse.

## What is left out

- Bodies and headers of answers: third-party text. Sizes and SHA-256 hashes stay, and quotations of
  at most 300 characters.
- Sites whose data were removed on request, and the list of them.
- Views that multiply sites by operators, links or captures are in the database and not among the
  tables.

## Reading the files

CSV is RFC 4180 in UTF-8: text is quoted, numbers are not, nothing is null. Text of websites that
begins with a sign that spreadsheets calculate, or with `'`, has one `'` in front; take it off.
The database is SQLite 3. Its columns and values are in DICTIONARY.md.
"""


def methodology(connection: sqlite3.Connection, facts: Facts) -> str:
    """Write the page as Markdown; what a panel or a site says cannot act in it."""
    waves = [wave.name for wave in facts.waves]
    parts = [
        f"# Methodology\n\nVersion: {facts.methodology}. Another ruleset may judge the same answers"
        " otherwise, and\nanother schema keep them otherwise: compare numbers of one version.\n\n"
        f"Of: {escaped(facts.reference)}\n\n"
        f"Licences: data {DATA_LICENCE}, program {CODE_LICENCE}.\n",
        METHOD,
    ]
    for wave in waves:
        parts += _wave(connection, wave)
    parts += ["## Numbers of the results\n", *_numbers()]
    parts += ["## Indicators of practicality\n", *_indicators(connection, waves)]
    parts += [
        "## Made by\n",
        f"{escaped(facts.software)}. `optout verify BUNDLE` computes all of it again.\n",
    ]
    return "\n".join(parts)


def origin(connection: sqlite3.Connection, wave: str) -> sqlite3.Row:
    """Give how a judged wave was made, its panel and the ruleset, as wave_origin.sql names them."""
    cursor = connection.cursor()
    cursor.row_factory = sqlite3.Row
    row: sqlite3.Row = cursor.execute(_ORIGIN, (wave,)).fetchone()
    return row


def _wave(connection: sqlite3.Connection, wave: str) -> Iterator[str]:
    row = origin(connection, wave)
    versions = ", ".join(f"{k} {v}" for k, v in json.loads(row["versions"]).items())
    readers = connection.execute(
        "SELECT reader, version FROM readers WHERE ruleset = ? ORDER BY reader", (row["ruleset"],)
    )
    yield f"## Wave {escaped(wave)}\n"
    facts = {
        "Panel": f"{row['panel']}, SHA-256 {row['sha256']}",
        "Source": row["source"],
        "Licence of the panel": row["licence"],
        "Inclusion rules": row["inclusion_rules"],
        "Lines": f"{row['rows_read']} read, {row['accepted']} accepted, {row['rejected']} rejected,"
        f" {row['duplicates']} duplicates; suffix list {row['suffix_list']}",
        "Time": f"{row['started_at']} to {row['finished_at'] or 'not finished'}",
        "Vantage point": row["vantage"],
        "Crawler": f"{row['software']}, as {row['user_agent']}, seed {row['seed']}",
        "Ruleset": f"{row['ruleset']}, digest {row['digest']}",
        "Judgement": f"{row['visits']} visits, {row['judged_at']}, digest {row['judgement']}",
        "Agents": f"list of {row['agents_version']}, SHA-256 {row['agents_sha256']}",
        "Readers of robots.txt": ", ".join(f"{reader} {version}" for reader, version in readers),
        "Libraries": versions,
    }
    for name, value in facts.items():
        yield f"- {name}: {escaped(value or 'not stated')}"
    yield ""


def _numbers() -> Iterator[str]:
    for number in numbers():
        yield (
            f"- **{number.definition}**: {number.title}. {number.question} k: {number.numerator}."
            f" n: {number.denominator}. {number.caveat}"
        )
    yield ""


def _indicators(connection: sqlite3.Connection, waves: Collection[str]) -> Iterator[str]:
    single = [wave for wave in waves if _earlier(connection, wave) is None]
    for each in indicators():
        if each.sql:
            alone = f" Not computed for {', '.join(map(escaped, single))}: no earlier wave."
            yield (
                f"- **{each.name}** ({each.id}): {each.title}. {each.definition}"
                f" k: {each.numerator}. n: {each.denominator}. {each.caveat}"
                f" Literature: {each.literature}{alone if each.waves and single else ''}"
            )
    yield "\nNot computed, for want of data:\n"
    for each in indicators():
        if not each.sql:
            yield f"- **{each.name}** ({each.id}): {each.question} Needs {each.needs}"
    yield ""


def _earlier(connection: sqlite3.Connection, wave: str) -> str | None:
    row = connection.execute(
        "SELECT ruleset FROM current_rulesets JOIN waves USING (wave_id) WHERE name = ?", (wave,)
    ).fetchone()
    return earlier_wave(connection, wave, row[0])
