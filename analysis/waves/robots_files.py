"""The robots.txt files of a wave as bytes, and the agents of a list that were known on its day."""

import sqlite3
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from analysis.database import AnalysisError, check_wave

SERVED = ("rules", "empty", "not-robots")


@dataclass(frozen=True, slots=True)
class RobotsFile:
    """What a site has for robots.txt. `body` is empty where there is none, None where unknown.

    Unknown is what was refused, did not come, was cut short, or goes on beyond 500 KiB: it is in
    no denominator.
    """

    host: str
    body: bytes | None


def files(connection: sqlite3.Connection, wave: str) -> Iterator[RobotsFile]:
    """Yield the file of every judged site, by host; raises UnknownWaveError.

    Raises AnalysisError for a database whose bodies were left out.
    """
    check_wave(connection, wave)
    rows = connection.execute(
        "SELECT s.host, j.robots_state,"
        " c.data_loss OR c.truncated OR c.status IS 206, b.content"
        " FROM waves w JOIN current_rulesets r USING (wave_id) JOIN visits v USING (wave_id)"
        " JOIN judgements j ON j.ruleset = r.ruleset AND j.visit_id = v.visit_id"
        " JOIN sites s USING (site_id)"
        " LEFT JOIN captures c ON c.capture_id = j.robots_capture_id"
        " LEFT JOIN bodies b USING (body_id) WHERE w.name = ? ORDER BY s.host",
        (wave,),
    )
    for host, state, cut, content in rows:
        if state == "absent":
            yield RobotsFile(host, b"")
        elif state not in SERVED or cut:
            yield RobotsFile(host, None)
        elif content == b"":
            raise AnalysisError("the bodies were left out of this database: ask the original one")
        else:
            yield RobotsFile(host, zlib.decompress(content) if content else b"")


def agents_of_its_day(connection: sqlite3.Connection, wave: str, panel: str) -> tuple[str, ...]:
    """List the agents of a list of agents that were known on the wave's day; may be none."""
    rows = connection.execute(
        "SELECT d.token FROM waves w JOIN current_rulesets r USING (wave_id)"
        " JOIN wave_agents d ON d.wave_id = w.wave_id AND d.ruleset = r.ruleset"
        " JOIN agent_panels p ON p.ruleset = d.ruleset AND p.agent_id = d.agent_id"
        " WHERE w.name = ? AND p.agent_panel = ? ORDER BY 1",
        (wave, panel),
    )
    return tuple(str(token) for (token,) in rows)
