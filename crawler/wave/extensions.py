"""What happens around a crawl: progress while it runs, judgement when it is over."""

import asyncio
import sys
from collections import Counter
from pathlib import Path
from time import monotonic
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bar
from scrapy import Spider, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import NotConfigured

from crawler.store.facts import Visit
from crawler.wave.json_log import tell
from crawler.wave.rejudge import judge_wave

SECONDS_BETWEEN_LINES = 30.0


class Progress:
    """A bar with rate, time left and outcomes on a terminal; elsewhere a line every 30 s.

    With SURVEY_LOG_JSON the line is an object, also on a terminal.
    """

    def __init__(self, crawler: Crawler) -> None:
        if not crawler.settings.getbool("SURVEY_PROGRESS"):
            raise NotConfigured
        self.outcomes: Counter[str] = Counter()
        self.as_json = crawler.settings.getbool("SURVEY_LOG_JSON")
        self.console = Console(stderr=True)
        self.shows_bar = self.console.is_terminal and not self.as_json
        self.bar = Bar(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[rate]} sites/s"),
            TimeRemainingColumn(),
            TextColumn("{task.fields[outcomes]}"),
            console=self.console,
        )
        crawler.signals.connect(self.opened, signals.spider_opened)
        crawler.signals.connect(self.scraped, signals.item_scraped)
        crawler.signals.connect(self.closed, signals.spider_closed)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Build for one crawl."""
        return cls(crawler)

    def opened(self, spider: Spider) -> None:
        """Start the bar, or the first line."""
        run = spider.run  # type: ignore[attr-defined]
        self.total, self.before = run.total, run.done
        self.begun = self.line_at = monotonic()
        if self.shows_bar:
            self.task = self.bar.add_task(
                f"wave {run.wave.name}",
                total=self.total,
                completed=self.before,
                rate="-",
                outcomes="",
            )
            self.bar.start()
        else:
            self.ticker = asyncio.ensure_future(self.tick())

    def scraped(self, item: Visit) -> None:
        """Count one finished visit."""
        if item.again_at is not None:
            return
        self.outcomes[item.outcome] += 1
        if self.shows_bar:
            self.bar.update(
                self.task, advance=1, rate=f"{self.rate():.1f}", outcomes=self.summary()
            )

    def closed(self) -> None:
        """Take the bar away, or write the last line."""
        if self.shows_bar:
            self.bar.stop()
        else:
            self.ticker.cancel()
            self.write_line()

    async def tick(self) -> None:
        """Write a line every 30 seconds."""
        while True:
            await asyncio.sleep(SECONDS_BETWEEN_LINES)
            self.write_line()

    def rate(self) -> float:
        """Sites finished per second in this run."""
        return self.outcomes.total() / max(monotonic() - self.begun, 1e-9)

    def summary(self) -> str:
        """Outcomes so far, most frequent first."""
        return ", ".join(f"{name} {count}" for name, count in self.outcomes.most_common())

    def write_line(self) -> None:
        """One plain line: done of total, rate, time left, outcomes."""
        done, rate = self.before + self.outcomes.total(), self.rate()
        if self.as_json:
            tell("progress", done=done, total=self.total, rate=rate, outcomes=self.outcomes)
            return
        to_do = self.total - done
        left = f"{to_do / rate:.0f}" if rate > 0 else "?" if to_do else "0"
        line = f"{done}/{self.total} sites, {rate:.1f}/s, {left} s left; {self.summary()}\n"
        sys.stderr.write(line)


class JudgeAfterwards:
    """Judge the wave once the crawl has closed its database; the crawl itself never judges."""

    def __init__(self, crawler: Crawler) -> None:
        if not crawler.settings.getbool("SURVEY_JUDGE"):
            raise NotConfigured
        self.path = Path(crawler.settings["SURVEY_DB"])
        self.quiet = crawler.settings.getbool("SURVEY_LOG_JSON")
        crawler.signals.connect(self.closed, signals.spider_closed)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Build for one crawl."""
        return cls(crawler)

    def closed(self, spider: Spider) -> None:
        """Judge what has been captured so far, unless the store failed.

        Scrapy would log a failure here and go on to exit code 0: it is kept for the command.
        """
        if spider.trouble is not None:  # type: ignore[attr-defined]
            return
        try:
            judge_wave(self.path, spider.run.wave.name, quiet=self.quiet)  # type: ignore[attr-defined]
        except Exception as error:  # noqa: BLE001 - whatever it is, it is told at the end
            spider.trouble = error  # type: ignore[attr-defined]
