"""The values of AIPREF's Content-Usage: what strict and tolerant readers take from one."""

from collections.abc import Iterator

from crawler.model import Preference, Purpose, Severity
from crawler.parsers.preference import meant, tolerant

LABELS = {"train-ai": Purpose.TRAIN, "ai-use": Purpose.AI_INPUT, "search": Purpose.SEARCH}
LEGACY = {
    "ai": Purpose.TRAIN,  # vocab-01
    "genai": Purpose.TRAIN,  # vocab-01
    "train-genai": Purpose.TRAIN,  # vocab-02, vocab-03
    "inference": Purpose.AI_INPUT,  # vocab-01
    "ai-output": Purpose.AI_INPUT,  # vocab-04
    "ai-train": Purpose.TRAIN,  # Content Signals
    "ai-input": Purpose.AI_INPUT,  # Content Signals
}
GENERAL = frozenset({"tdm", "all", "bots"})  # vocab-01, -02, -03: over all the others
EFFECTS = {
    "content-usage-no-group": "Before any user-agent line: the rule speaks to nobody.",
    "content-usage-grouping": "Parsers of RFC 9309 alone put the line into another group.",
    "content-usage-not-dictionary": "The value does not parse: every preference is unknown.",
    "content-usage-empty": "No label with a value: the line says nothing.",
    "content-usage-value": "The values are y and n: the preference is unknown.",
    "content-usage-legacy-label": "A label that the vocabulary does not have, or no longer.",
    "content-usage-unknown-label": "A label without a meaning here.",
}
SEVERITIES = {
    "content-usage-grouping": Severity.RISKS,
    "content-usage-unknown-label": Severity.COSMETIC,
}


def lenient_labels(value: str) -> dict[Purpose, Preference]:
    """What a value was probably meant to say: own labels before old ones before general ones."""
    pairs = {key: answer for key, word in tolerant(value) if (answer := meant(word)) is not None}
    found: dict[Purpose, Preference] = {}
    for labels in (LABELS, LEGACY):
        given = sorted((pairs[label], labels[label]) for label in labels.keys() & pairs.keys())
        for answer, purpose in given:  # False first: the most restrictive
            found.setdefault(purpose, preference(answer))
    general = {pairs[label] for label in GENERAL & pairs.keys()}
    if general:
        for purpose in Purpose:
            found.setdefault(purpose, preference(min(general)))
    return found


def preference(answer: bool) -> Preference:
    """Allowed or disallowed."""
    return Preference.ALLOWED if answer else Preference.DISALLOWED


def fault_codes(value: str, members: dict[str, bool | None] | None) -> Iterator[str]:
    """What is wrong with a value without its path; `members` are what strict readers get."""
    pairs = dict(tolerant(value))
    if not pairs:
        yield "content-usage-empty"
    elif members is None:
        yield "content-usage-not-dictionary"
    elif any(members.get(label, True) is None for label in LABELS):
        yield "content-usage-value"
    if (LEGACY.keys() | GENERAL) & pairs.keys():
        yield "content-usage-legacy-label"
    elif pairs and not LABELS.keys() & pairs.keys():
        yield "content-usage-unknown-label"
