"""Where things lie, for tests in every folder."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
FIXTURES = ROOT / "tests" / "signals"
"""One folder a signal: `case.http` and `case.json`."""
CORPUS = ROOT.parent / "shared" / "corpus" / "dev"
"""Real captures, where they are at hand; they are never part of the repository."""
