"""The inventory: every signal once, described where nobody reads it, and strict about its data."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.model import Purpose
from crawler.registry import fields, inventory
from crawler.registry.fields import RegistryError
from crawler.registry.inventory import LABELS, Basis, Coverage, Europe, Measure, Status
from crawler.signals import SIGNALS, coverage, readers_of

COUNTS = {"R": 7, "H": 8, "M": 5, "F": 7, "N": 1, "A": 8, "O": 4}
IDS = [f"{letter}{n}" for letter, count in COUNTS.items() for n in range(1, count + 1)]
ENTRIES = inventory.load().entries


def test_every_signal_is_there_once_in_order():
    assert list(ENTRIES) == IDS


def test_every_module_is_of_a_signal_in_the_inventory():
    assert {signal.id for signal in SIGNALS} <= set(IDS)


def test_what_is_not_read_is_described_and_nothing_else():
    unread = {e.id for e in ENTRIES.values() if e.unread is Coverage.NOT_READ}
    invisible = {e.id for e in ENTRIES.values() if e.unread is Coverage.NOT_VISIBLE}
    assert unread == {"A5", "A6"}
    assert invisible == {"O1", "O2", "O3", "O4"}
    assert {e.id for e in ENTRIES.values() if e.reference} == unread | invisible


def test_no_module_reads_what_is_said_to_be_unread():
    assert not any(readers_of(e) for e in ENTRIES.values() if e.unread)


def test_every_unread_signal_names_its_traps_and_what_is_asset_level_its_meaning():
    for entry in ENTRIES.values():
        if entry.reference:
            assert re.search(r"\bTraps?:", entry.reference), entry.id


def test_fences_are_closed():
    for entry in ENTRIES.values():
        assert (entry.reference or "").count("```") % 2 == 0, entry.id


def test_coverage_follows_from_the_modules():
    read = tuple(signal for signal in SIGNALS if signal.id == "F1")
    assert coverage(ENTRIES["F1"]) is Coverage.READ
    assert readers_of(ENTRIES["F1"]) == read
    assert coverage(ENTRIES["F1"], ()) is Coverage.NOT_READ
    assert coverage(ENTRIES["O1"]) is Coverage.NOT_VISIBLE


def test_numbers_of_the_guide_are_unknown_and_all_lists_are_marked():
    assert not any(entry.iptc_number for entry in ENTRIES.values())
    schemes = inventory.load().schemes
    assert list(schemes) == ["iptc", "euipo", "aipref", "europe"]
    assert not any(scheme.verified for scheme in schemes.values())


def test_nothing_is_called_recognised():
    candidates = {e.id for e in ENTRIES.values() if e.europe is Europe.CANDIDATE}
    assert candidates == {"H1", "M2", "F1", "A1", "A2", "A3", "A6"}
    assert [e.id for e in ENTRIES.values() if e.europe is Europe.NAMED] == ["R1"]
    assert "recognised" not in {str(value) for value in Europe}


def test_labels_are_those_of_the_vocabulary():
    assert dict(LABELS) == {
        "train-ai": Purpose.TRAIN,
        "ai-use": Purpose.AI_INPUT,
        "search": Purpose.SEARCH,
    }


HEAD = 'version = "2026-01-01"\n'
SCHEME = (
    '[[scheme]]\nid = "s"\ntitle = "S"\ndate = "2026-01"\nsource = "x"\nnote = "y"\n'
    "verified = true\n"
)
SIGNAL = '[[signal]]\nid = "X1"\ntitle = "T"\nplace = "p"\nscope = "s"\nstatus = "draft"\n'


def test_a_good_file_is_read():
    more = (
        'iptc = "i"\niptc_number = 7\nmeasure = "technical"\nbasis = ["file", "work"]\n'
        'labels = []\neurope = "candidate"\neurope_note = "n"\n'
        'unread = "not-read"\nreference = "r"\n'
    )
    found = inventory.parse((HEAD + SCHEME + SIGNAL + more).encode())
    entry = found.entries["X1"]
    assert (entry.status, entry.measure, entry.labels) == (Status.DRAFT, Measure.TECHNICAL, ())
    assert entry.basis == (Basis.FILE, Basis.WORK)
    assert (entry.iptc_number, entry.unread) == (7, Coverage.NOT_READ)
    assert (found.version, found.schemes["s"].verified) == ("2026-01-01", True)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("[[", r"inventory\.toml: not a TOML file"),
        (HEAD, r"inventory\.toml: scheme: missing"),
        (HEAD + "scheme = 1\nsignal = 1\n", r"inventory\.toml: scheme: .*tables"),
        (HEAD + SCHEME + SCHEME + SIGNAL, r"inventory\.toml: s: listed twice"),
        (HEAD + SCHEME + SIGNAL + SIGNAL, r"inventory\.toml: X1: listed twice"),
        (HEAD + SCHEME + "[[signal]]\n", r"\[\[signal\]\] without id: id: missing"),
        (HEAD + SCHEME + SIGNAL + "colour = 1\n", r"X1: unknown key 'colour'"),
        (HEAD + SCHEME + SIGNAL.replace("draft", "x"), r"X1: status: 'x'"),
        (HEAD + SCHEME + SIGNAL + 'unread = "read"\n', r"X1: unread: leave it out"),
        (HEAD + SCHEME + SIGNAL + 'unread = "not-read"\n', r"X1: reference: goes with unread"),
        (HEAD + SCHEME + SIGNAL + 'reference = "r"\n', r"X1: reference: goes with unread"),
        (HEAD + SCHEME + SIGNAL + "iptc_number = 3\n", r"X1: iptc_number: without iptc"),
        (HEAD + SCHEME + SIGNAL + "iptc_number = true\n", r"X1: iptc_number: True"),
        (HEAD + SCHEME + SIGNAL + "iptc_number = 0\n", r"X1: iptc_number: 0 is not"),
        (HEAD + SCHEME + SIGNAL + 'europe_note = "n"\n', r"X1: europe_note: without europe"),
        (HEAD + SCHEME + SIGNAL + 'europe = "recognised"\n', r"X1: europe: 'recognised'"),
        (HEAD + SCHEME + SIGNAL + 'labels = ["tdm"]\n', r"X1: labels: 'tdm' is not a label"),
        (HEAD + SCHEME + SIGNAL + "basis = []\n", r"X1: basis: \[\] is not a list"),
    ],
)
def test_a_faulty_file_is_refused_with_file_entry_and_field(content: str, message: str):
    with pytest.raises(RegistryError, match=message):
        inventory.parse(content.encode())


@given(st.binary(max_size=60) | st.text(max_size=60).map(str.encode))
def test_any_bytes_are_read_or_refused(content: bytes):
    with pytest.raises(RegistryError):
        inventory.parse(content)


ANYTHING = st.none() | st.booleans() | st.integers() | st.text(max_size=12) | st.lists(st.text())
READERS = [fields.text, fields.texts, fields.flag, fields.day, fields.tables]


@given(ANYTHING | st.dates().map(str))
def test_a_field_is_read_or_refused_and_never_changed(value: object):
    for reader in READERS:
        try:
            found = reader(value)
        except ValueError:
            continue
        assert found == (tuple(value) if isinstance(found, tuple) else value)
