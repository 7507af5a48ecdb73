"""Judgement cannot change silently: all fixture outcomes are pinned to the ruleset number.

When this fails, either a fixture moved by mistake, or the method changed: then raise RULESET,
write a line under *Methodology* in the changelog and run `python -m tests.signals.test_ruleset`.
"""

import hashlib
import json
from dataclasses import asdict
from pathlib import Path

from crawler.judge.verdicts import judge_visit
from crawler.parsers.http import parse_response
from crawler.registry import agents
from crawler.signals import RULESET, SIGNALS
from crawler.wave import judging, rejudge
from tests.paths import FIXTURES

PIN = Path(__file__).parent / "ruleset.json"


def outcomes_digest() -> str:
    """Digest of what every fixture comes to: finding, verdicts, and every agent's access."""
    digest = hashlib.sha256()
    for signal in SIGNALS:
        for case in sorted(FIXTURES.joinpath(signal.name).glob("*.http")):
            name = signal.resources[0]
            url = f"https://site.example/{name.lstrip('/')}"
            capture = parse_response(case.read_bytes(), url, name)
            found = [asdict(signal.find(capture)), asdict(judge_visit([capture]))]
            if signal.name == "robots_access":
                found.append(asdict(judging.read_body(capture.body)))
            digest.update(json.dumps([case.stem, found], sort_keys=True, default=str).encode())
    digest.update(agents.load().sha256.encode())
    return digest.hexdigest()


def test_outcomes_are_those_of_the_ruleset():
    pin = json.loads(PIN.read_text())
    assert pin["ruleset"] == RULESET
    assert pin["digest"] == outcomes_digest(), "judgement moved: raise RULESET (see this file)"


def test_a_ruleset_stands_for_its_inputs():
    inputs = rejudge.inputs()
    assert inputs.ruleset == RULESET
    assert len(inputs.agents) == len(agents.load().agents)
    assert {"strict8", "wide12"} <= {panel for panel, _ in inputs.agent_panels}
    assert set(inputs.versions) >= {"protego", "cbor2", "optout-observatory"}
    assert rejudge.installed("no-such-package") == "not installed"


if __name__ == "__main__":
    PIN.write_text(json.dumps({"ruleset": RULESET, "digest": outcomes_digest()}, indent=2) + "\n")
