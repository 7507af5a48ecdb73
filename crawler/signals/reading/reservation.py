"""Whether a sentence reserves, forbids or licenses mining and training.

Two parts must stand in one sentence: an object (mining, training, collection) and a refusal.
Before they are looked for, the clauses that make exceptions are taken out, and sentences are
passed over that deny a prohibition, ask, or speak about the site's own AI, the users' data and
duties, or courses: a word list cannot read, so what it is unsure of it leaves unsaid.
The words are data: `crawler/registry/prose.toml`.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

from crawler.model import Preference
from crawler.registry import languages, prose

WINDOW = 300
"""Characters between object and refusal, at most."""
MAX_SENTENCE = 3000
"""Characters; a longer one is looked at in pieces. Also how much of a text may name the law."""
_END = re.compile(r"(?<=[.!?])[\"'”»)]?\s+(?=[\"'“«(]?[A-ZÀ-ÖØ-ÞŁŚŻŹĆŃ¿¡])")
_QUESTION = re.compile(r"\?[\"'”»)\s]*+$")


class Stance(StrEnum):
    """The class of a sentence, the most telling first. Persisted: never renamed."""

    TDM_RESERVATION_CITED_LAW = "tdm_reservation_cited_law"
    AI_TRAINING_BAN = "ai_training_ban"
    AI_LICENCE_OFFER = "ai_licence_offer"
    SCRAPING_BAN_ONLY = "scraping_ban_only"


ORDER = tuple(Stance)
PREFERENCES = {
    Stance.TDM_RESERVATION_CITED_LAW: Preference.DISALLOWED,
    Stance.AI_TRAINING_BAN: Preference.DISALLOWED,
    Stance.AI_LICENCE_OFFER: Preference.CONDITIONAL,
}
"""For training, all our reading. Of collection alone nothing follows for AI: no statement."""


@dataclass(frozen=True, slots=True)
class Reservation:
    """What a sentence comes to, and the language (BCP 47) whose words said so."""

    stance: Stance
    language: str


def sentences(text: str) -> Iterator[tuple[int, str]]:
    """Each sentence with its place in the text; a long one is cut into pieces."""
    position = 0
    for end in [*(m.end() for m in _END.finditer(text)), len(text)]:
        for start in range(position, end, MAX_SENTENCE):
            yield start, text[start : min(end, start + MAX_SENTENCE)].strip()
        position = end


def classify(sentence: str, text: str = "") -> Reservation | None:
    """Give what a sentence says, or None; `text` around it may name the law."""
    words = prose.load()
    folded = prose.fold(sentence[:MAX_SENTENCE])
    if not words.objects.search(folded) or _QUESTION.search(folded):
        return None
    if words.templates.search(folded) or words.denials.search(folded):
        return None
    own = languages.identify(sentence)
    bare = words.asides.sub(" ", folded)
    tried = [one for one in words.languages if own in (None, one.code)]
    said = {one.code: stance for one in tried if (stance := _stance(folded, bare, one))}
    code = min(said, key=lambda code: ORDER.index(said[code]), default=None)
    if code is None:
        return None
    stance = said[code]
    if stance is Stance.AI_TRAINING_BAN and _cites(folded, text):
        stance = Stance.TDM_RESERVATION_CITED_LAW
    return Reservation(stance, code)


def _cites(folded: str, text: str) -> bool:
    laws = prose.load().laws
    return bool(laws.search(folded) or laws.search(prose.fold(text[:MAX_SENTENCE])))


def _stance(folded: str, bare: str, language: prose.Language) -> Stance | None:
    """The class by one language; `bare` is the sentence without the words to leave out."""
    mining, scraping = language.mining, language.scraping
    if not (mining.search(folded) or scraping.search(folded)):
        return None
    start = language.reserved.search(folded)
    if start and mining.search(folded, start.end()):
        return Stance.AI_TRAINING_BAN
    bare = language.exceptions.sub(" ", bare)
    if _together(bare, mining, language.refusals):
        return Stance.AI_TRAINING_BAN
    if _together(bare, mining, language.offers):
        return Stance.AI_LICENCE_OFFER
    if _together(bare, scraping, language.refusals):
        return Stance.SCRAPING_BAN_ONLY
    return None


def _together(text: str, objects: re.Pattern[str], verbs: re.Pattern[str]) -> bool:
    """Say whether an object and a verb stand within the window: the next one behind each."""
    if not verbs.search(text):
        return False
    spots = sorted(
        (match.start(), is_object)
        for pattern, is_object in ((objects, True), (verbs, False))
        for match in pattern.finditer(text)
    )
    return any(a[1] is not b[1] and b[0] - a[0] <= WINDOW for a, b in pairwise(spots))
