"""The values of AIPREF's Content-Usage: what strict and tolerant readers take from one."""

from collections.abc import Iterator, Mapping

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
    "content-usage-disallowed": (
        "The group disallows the path of the rule: what cannot be fetched has no preference."
    ),
    "content-usage-grouping": "Parsers of RFC 9309 alone put the line into another group.",
    "content-usage-not-dictionary": "The value does not parse: every preference is unknown.",
    "content-usage-empty": "No label with a value: the line says nothing.",
    "content-usage-value": "The values are y and n: the preference is unknown.",
    "content-usage-legacy-label": "A label that the vocabulary does not have, or no longer.",
    "content-usage-unknown-label": "A label without a meaning here.",
    "content-usage-contradiction": "One label has both values; the last one counts.",
}
SEVERITIES = {
    "content-usage-contradiction": Severity.CHANGES,
    "content-usage-grouping": Severity.RISKS,
    "content-usage-unknown-label": Severity.COSMETIC,
}


def lenient_labels(value: str) -> dict[Purpose, Preference]:
    """What a value was probably meant to say: own labels before old ones before general ones.

    Of a label that is repeated the refusal counts, and beside a value that is neither yes nor
    no a yes does not: leniency never makes a permission out of a doubt.
    """
    answers: dict[str, set[bool | None]] = {}
    for key, word in tolerant(value):
        answers.setdefault(key, set()).add(meant(word))
    found: dict[Purpose, bool | None] = {}
    for purpose in Purpose:
        for labels in (LABELS, LEGACY, dict.fromkeys(GENERAL, purpose)):
            given = {a for label in answers if labels.get(label) is purpose for a in answers[label]}
            if given:
                found[purpose] = False if False in given else None if None in given else True
                break
    return {key: preference(answer) for key, answer in found.items() if answer is not None}


def lenient_beside(
    strict: Mapping[Purpose, Preference], value: str
) -> Iterator[tuple[Purpose, Preference]]:
    """What tolerant readers take where strict ones take nothing, or a yes over a repeated no."""
    for purpose, given in lenient_labels(value).items():
        hidden = strict.get(purpose) is Preference.ALLOWED and given is Preference.DISALLOWED
        if purpose not in strict or hidden:
            yield purpose, given


def contradicts(value: str) -> bool:
    """Whether one label is given yes and no: the last one counts (RFC 9651 section 3.2)."""
    answers: dict[str, bool] = {}
    given = ((label, meant(word)) for label, word in tolerant(value))
    return any(a is not None and answers.setdefault(label, a) is not a for label, a in given)


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
