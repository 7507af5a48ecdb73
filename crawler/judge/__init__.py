"""Captures to verdicts, purely. Nothing here fetches, and nothing here writes."""
