"""What `optout check` says of the works on a page: where they lie, what they say, who strips it."""

from collections.abc import Iterator, Sequence
from urllib.parse import urlsplit

from crawler.creator.wording import say
from crawler.judge.survival import Fate, WorkRead
from crawler.judge.verdicts import VisitJudgement
from crawler.model import Capture, Purpose, Statement
from crawler.signals import rights_notice
from crawler.signals.reading.readable import quote
from crawler.signals.reading.work import WORK


def told_of_works(captures: Sequence[Capture], judgement: VisitJudgement) -> tuple[str, ...]:
    """One line for each work of the page that was asked for."""
    read = {work.seq: work for work in judgement.works}
    return tuple(
        " ".join(_told(capture, read.get(seq), judgement, seq))
        for seq, capture in enumerate(captures)
        if capture.resource.startswith(WORK) and not capture.superseded
    )


def _told(
    capture: Capture, work: WorkRead | None, judgement: VisitJudgement, seq: int
) -> Iterator[str]:
    kind = capture.resource.removeprefix(WORK).rstrip(":")
    host = urlsplit(capture.final_url).netloc
    place = say(f"works.lies.{work.control}" if work else "works.lies.somewhere", host=host)
    yield say("works.is", kind=say(f"works.kinds.{kind}"), url=quote(capture.url), place=place)
    if work is None or work.extract.problem is not None:
        yield say("works.unread")
        return
    said = [s for r in judgement.readings if r.seq == seq for s in r.finding.statements]
    training = [s for s in said if s.purpose is Purpose.TRAIN]
    yield _wish(training) if training else say("works.says.other" if said else "works.says.nothing")
    if any(
        r.seq == seq and r.signal == rights_notice.SIGNAL.name and r.finding.note == "marked"
        for r in judgement.readings
    ):
        yield say("works.notice")
    for subject, fate in (("wish", work.wish), ("notice", work.notice)):
        if fate in {Fate.LOST, Fate.CHANGED} or (fate is Fate.UNKNOWN and subject == "wish"):
            origin, what = quote(work.origin or ""), say(f"works.what.{subject}")
            yield say(f"works.fate.{fate}", what=what, host=host, origin=origin)


def _wish(training: Sequence[Statement]) -> str:
    values = {statement.preference.value for statement in training}
    value = values.pop() if len(values) == 1 else "both"
    return say(f"works.says.{value}", quote=training[0].quote)
