"""Works that are read in a process with limits: large ones, and those that libraries open."""

from dataclasses import replace

from crawler.model import Capture
from crawler.visit.works import is_for_worker, kept
from crawler.wave.workers import READ_IN_THREAD, Desk, StoppedError


async def read_apart(desk: Desk, first: Capture, second: Capture | None) -> Capture | None:
    """What is kept of a work, or that its reading was stopped; None for one to read in a thread."""
    if not is_for_worker(first, second, READ_IN_THREAD):
        return None
    try:
        return await desk.ask(kept, first, second)
    except StoppedError as stopped:
        return replace(first, body=b"", detail=str(stopped), truncated=True)
