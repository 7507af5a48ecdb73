"""Finished visits into the database, one transaction each; nothing else happens here.

A transaction costs 0.1 ms in WAL mode, so nothing is gained by holding visits back, and
whatever kills the process can only take the visits that are under way.
"""

import sqlite3
from dataclasses import replace
from typing import Self

from scrapy.crawler import Crawler

from crawler.model import Outcome, Reason
from crawler.store.database import StoreError
from crawler.store.facts import Visit
from crawler.wave.run import SurveyRun


class StorePipeline:
    """Writes visits; a write that fails stops the crawl, and nothing is lost.

    A visit that was not written has no row, so the next run asks that site again.
    """

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Build for one crawl."""
        return cls(crawler)

    @property
    def run(self) -> SurveyRun:
        """The open wave that the spider surveys."""
        run: SurveyRun = self.crawler.spider.run  # type: ignore[union-attr]
        return run

    async def process_item(self, item: Visit) -> Visit:
        """Store one finished visit; on failure end the crawl with the reason."""
        try:
            self.run.put([item])
        except (sqlite3.Error, StoreError) as error:
            self.crawler.spider.give_up(error)  # type: ignore[union-attr]
        except Exception as error:  # noqa: BLE001 - a visit we cannot write is a row all the same
            return self._put_fault(item, error)
        return item

    def _put_fault(self, item: Visit, error: Exception) -> Visit:
        """Store a fault of ours in the place of a visit that we cannot turn into rows."""
        fault_of_ours = replace(
            item,
            outcome=Outcome.INTERNAL_ERROR,
            reason=Reason.INTERNAL_ERROR,
            detail=f"{type(error).__name__} while storing it",
            captures=(),
            again_at=None,
        )
        try:
            self.run.put([fault_of_ours])
        except Exception as fault:  # noqa: BLE001 - then the command says so, and nothing is lost
            self.crawler.spider.give_up(fault)  # type: ignore[union-attr]
        return fault_of_ours

    async def close_spider(self) -> None:
        """Close the wave; what cannot be noted any more does no harm, and is told."""
        try:
            self.run.close()
        except sqlite3.Error as error:
            self.crawler.spider.give_up(error)  # type: ignore[union-attr]
