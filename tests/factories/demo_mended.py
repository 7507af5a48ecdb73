"""A demo site as its owner would leave it who did all that `optout check` told."""

from dataclasses import replace
from urllib.parse import urlsplit

from crawler.creator.mend import Mending, Removal
from crawler.creator.trial import without_quoted
from crawler.demo.web import Answer, DemoSite
from crawler.registry import defects
from crawler.signals.reading.signal import Carrier
from crawler.visit.result import VisitResult

NOTHING_THERE = defects.load().entries["rsl-unreachable"].effect
TYPES = {"txt": "text/plain", "json": "application/json", "xml": "application/rsl+xml"}


def mended(site: DemoSite, visited: VisitResult, mending: Mending) -> DemoSite:
    """Take out, insert and put files in place."""
    answers = list(site.answers)
    for removal in mending.removals:
        path = urlsplit(visited.captures[removal.seq].final_url).path
        answers = [_without(a, removal) if a.path == path else a for a in answers]
    answers = [a for a in answers if a.body is not None]
    nowhere = [urlsplit(r.quote).path for r in mending.removals if r.why == NOTHING_THERE]
    for file in mending.files:
        text = file.text
        if file.name == "head.html":
            answers = [_with_tags(answer, text) for answer in answers]
        elif file.name == "_headers":
            answers = [_with_headers(answer, text.decode()) for answer in answers]
        elif file.path:
            answers = _with_file(site, answers, file.path, text)
        if file.name == "license.xml":  # "Put the licence at the address that is named"
            for path in nowhere:
                answers = _with_file(site, answers, path, text)
    return replace(site, answers=tuple(answers))


def _without(answer: Answer, removal: Removal) -> Answer:
    if removal.carrier not in (Carrier.HEADER, Carrier.HTML):
        return replace(answer, body=None)
    headers = tuple((n.encode("latin-1"), v.encode("latin-1")) for n, v in answer.headers)
    left, body = without_quoted(headers, answer.body, removal.quote, removal.carrier)
    decoded = tuple((n.decode("latin-1"), v.decode("latin-1")) for n, v in left)
    return replace(answer, headers=decoded, body=body)


def _is_page(answer: Answer) -> bool:
    return b"</head>" in answer.body and answer.status == 200


def _with_tags(answer: Answer, tags: bytes) -> Answer:
    if not _is_page(answer):
        return answer
    return replace(answer, body=answer.body.replace(b"</head>", tags + b"</head>", 1))


def _with_headers(answer: Answer, text: str) -> Answer:
    _, _, block = text.partition("/*\n")
    lines = [line[2:] for line in block.partition("\n/")[0].splitlines()]
    added = tuple(tuple(line.split(": ", 1)) for line in lines)
    return replace(answer, headers=answer.headers + added)


def _with_file(site: DemoSite, answers: list[Answer], path: str, text: bytes) -> list[Answer]:
    """At the path of every name of the site, in the place of whatever answered there."""
    kind = TYPES[path.rpartition(".")[2]]
    new = Answer(path, 200, (("Content-Type", kind),), text)
    return [*(replace(new, host=name) for name in site.names),
            *(answer for answer in answers if answer.path != path)]  # fmt: skip
