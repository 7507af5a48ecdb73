"""A well-known JSON file to its object, or the finding of a file that holds none."""

from collections.abc import Collection

from crawler.model import Capture, Defect, Finding, Reading, Severity
from crawler.parsers.jsontext import Object, parse_json
from crawler.signals.reading.readable import conclude, is_cut, quote, soft_404, unreadable

_EFFECTS = {
    "json-file-not-json": "The file is not JSON: it says nothing.",
    "json-file-leniency": "Strict JSON readers refuse the file.",
    "json-file-duplicate": "A name stands twice in one object: readers differ on which counts.",
}


def opened(capture: Capture, marks: Collection[bytes]) -> tuple[Object, list[Defect]] | Finding:
    """Give the outermost object and what is wrong with its form.

    `marks` are words in lower case of which a file of this kind has one; text without them
    that is no object is the site's answer to any address.
    """
    if finding := unreadable(capture):
        return finding
    if soft_404(capture):
        return Finding(Reading.ABSENT, note="soft_404")
    cut = is_cut(capture)
    if not capture.body.strip():
        return conclude([], [], cut=cut)
    parsed = parse_json(capture.body)
    if parsed.problem and cut:
        return Finding(Reading.UNMEASURED, note="truncated")
    if parsed.unread:
        return Finding(Reading.UNMEASURED, note="json_limit")
    lowered = capture.body.lower()
    opening = capture.body[:300].decode("utf-8", "replace")
    if parsed.problem and any(mark in lowered for mark in marks):
        return conclude([], [_defect("json-file-not-json", Severity.VOIDS, opening)])
    if not isinstance(parsed.value, Object):
        return Finding(Reading.ABSENT, note="soft_404")
    defects = []
    if parsed.leniencies:
        words = f"{', '.join(parsed.leniencies)}: {opening}"
        defects.append(_defect("json-file-leniency", Severity.VOIDS, words))
    if parsed.value.duplicates:
        names = ", ".join(parsed.value.duplicates)
        defects.append(_defect("json-file-duplicate", Severity.RISKS, names))
    return parsed.value, defects


def _defect(code: str, severity: Severity, raw: str) -> Defect:
    return Defect(code, severity, quote(raw), _EFFECTS[code])


def is_exact(defects: list[Defect]) -> bool:
    """Say whether a strict JSON reader takes the file."""
    return all(defect.code != "json-file-leniency" for defect in defects)
