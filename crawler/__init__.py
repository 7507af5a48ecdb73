"""The Opt-Out Observatory's crawler: what is asked, what came back, what it comes to.

One direction only: `Site -> Capture -> Finding (Statement, Defect) -> Verdict`.
A crawl records and never judges; judging reads records and never fetches.
The nouns are defined in `crawler.model`.
"""

__version__ = "0.1.0"
