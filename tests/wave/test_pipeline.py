"""Visits into the database: a visit that cannot be written is a row all the same."""

import asyncio
import sqlite3
from types import SimpleNamespace

import pytest

from crawler.model import Capture, Outcome, Reason, Site
from crawler.store.facts import Visit
from crawler.wave.pipeline import StorePipeline

SITE = Site("a.example", "a.example", "a.example")
HOME = Capture("/", "https://a.example/", "https://a.example/", status=200)
VISIT = Visit(SITE, Outcome.OK, Reason.COMPLETE, None, (HOME,), "2026", "2026")


class Run:
    """Stands for a wave that cannot write some visits."""

    def __init__(self, *faults: Exception):
        self.faults = list(faults)
        self.written: list[Visit] = []

    def put(self, visits):
        if self.faults:
            raise self.faults.pop(0)
        self.written += visits


def process(run):
    troubles = []
    spider = SimpleNamespace(run=run, give_up=troubles.append)
    pipeline = StorePipeline(SimpleNamespace(spider=spider))
    passed_on = asyncio.run(pipeline.process_item(VISIT))
    assert passed_on == (run.written[0] if run.written else passed_on)
    return troubles


def test_a_visit_that_we_cannot_turn_into_rows_is_a_fault_of_ours_and_a_row():
    run = Run(OverflowError("Python int too large"))
    assert process(run) == []
    (visit,) = run.written
    assert (visit.outcome, visit.reason) == (Outcome.INTERNAL_ERROR, Reason.INTERNAL_ERROR)
    assert (visit.detail, visit.captures) == ("OverflowError while storing it", ())


@pytest.mark.parametrize(
    "faults", [[sqlite3.OperationalError("full")], [TypeError("odd"), TypeError("again")]]
)
def test_a_database_that_cannot_be_written_stops_the_crawl(faults):
    run = Run(*faults)
    assert process(run) == [faults[-1]]
    assert run.written == []
