"""The generated reference: complete, marked, linked, and the same every time."""

import re
from dataclasses import replace

import pytest

from crawler.dictionary.signal_reference import FIXTURES, cases, path, render, section
from crawler.registry import honours, inventory
from crawler.registry.inventory import Coverage
from crawler.signals import SIGNALS, coverage, readers_of

PAGES = render(SIGNALS, FIXTURES)
INDEX = PAGES["README.md"]
ENTRIES = inventory.load().entries
TDM_HEADER = next(signal for signal in SIGNALS if signal.name == "tdmrep_header")


def test_it_is_the_same_every_time():
    assert render(SIGNALS, FIXTURES) == PAGES


def test_the_index_links_to_every_page_and_to_no_other():
    links = re.findall(r"\]\((reference/[^)]+)\)", INDEX)
    assert len(links) == len(ENTRIES)
    assert {"README.md", *links} == set(PAGES)


def test_a_page_is_named_after_its_signal():
    assert path(ENTRIES["F3"]) == "reference/F3-ai-txt-and-ai-json-as-well-known-files.md"


@pytest.mark.parametrize("entry", ENTRIES.values(), ids=lambda entry: entry.id)
def test_every_signal_has_a_row_and_a_page(entry):
    page = PAGES[path(entry)]
    row = f"| {entry.id} | [{entry.title}]({path(entry)}) | {entry.status} | {entry.place} | "
    assert INDEX.count(f"\n{row}") == 1
    assert page.startswith(f"[All signals](../README.md)\n\n# {entry.id} {entry.title}\n")
    assert f"- Status: {entry.status}\n" in page
    assert "## Who honours it" in page
    assert section(entry) in page or readers_of(entry)  # these have the examples besides


@pytest.mark.parametrize("entry", ENTRIES.values(), ids=lambda entry: entry.id)
def test_a_row_says_where_a_signal_is_read_or_that_it_is_not(entry):
    (row,) = re.findall(rf"^\| {entry.id} \| .*$", INDEX, re.MULTILINE)
    last = {
        Coverage.READ: "`",
        Coverage.NOT_READ: "| not read by this version",
        Coverage.NOT_VISIBLE: "| not visible to a crawler",
    }
    assert row.endswith(f"{last[coverage(entry)]} |")
    for signal in readers_of(entry):
        assert f"`{signal.name}` in `{signal.resources[0]}`" in row


def test_a_signal_without_a_module_is_not_read_whatever_the_inventory_says():
    index = render([TDM_HEADER], FIXTURES)["README.md"]
    assert re.search(r"^\| F1 \|.*\| not read by this version \|$", index, re.MULTILINE)
    assert re.search(r"^\| H1 \|.*\| `tdmrep_header` in `/` \|$", index, re.MULTILINE)
    assert re.search(r"^\| A1 \|.*\| not read by this version \|$", index, re.MULTILINE)
    assert re.search(r"^\| O2 \|.*\| not visible to a crawler \|$", index, re.MULTILINE)


def test_several_modules_of_a_signal_stand_on_one_page():
    twin = replace(TDM_HEADER, name="tdmrep_twin", spec="RFC 0", spec_version="2026")
    text = section(ENTRIES["H1"], [TDM_HEADER, twin])
    assert "- Read by: `tdmrep_header`, `tdmrep_twin`\n" in text
    assert "## `tdmrep_header`: " in text
    assert "## `tdmrep_twin`: " in text
    assert "read in `/`: RFC 0, 2026." in text


def test_cross_references_are_dated_and_marked():
    text = section(ENTRIES["A1"])
    assert "- IPTC technique: PLUS Data Mining property in images, number unknown (unver" in text
    assert "- EUIPO taxonomy: technical, file, by our assignment\n" in text
    assert "- AIPREF labels: `train-ai`, `ai-use`, `search`\n" in text
    assert "- EU code of practice: candidate (asked for by" in text
    assert ", as of 2026-06-02 (unverified)\n" in text
    assert "EUIPO" not in section(ENTRIES["F6"])
    assert "- AIPREF labels: none\n" in section(ENTRIES["F6"])
    assert "- AIPREF labels: unknown\n" in section(ENTRIES["A6"])
    assert "IPTC" not in section(ENTRIES["O4"]).split("##")[0]
    numbered = section(replace(ENTRIES["A1"], iptc_number=9))
    assert "property in images, number 9 (unverified)" in numbered


def test_honours_are_dated_sourced_and_marked():
    text = section(ENTRIES["H2"])
    assert "`noarchive`, `nocache`:\n" in text
    assert "| Microsoft | documented |  | Bing Webmaster Blog | 2023-09 |\n" in text
    assert re.search(r"\| Google \| documented \|.*\(unverified\) \| 2026-11-21 \|", text)
    assert "Nothing found, as of 2026-11-21 (unverified): OpenAI, " in text
    assert "Unknown: we have looked at no operator's material" in section(ENTRIES["F6"])


def test_every_value_of_the_matrix_is_explained():
    for stand in honours.Stand:
        assert f"| {stand} | " in INDEX


def test_examples_are_folded_on_the_page_and_not_in_the_terminal():
    page = PAGES[path(ENTRIES["H1"])]
    for case in cases(FIXTURES / "tdmrep_header"):
        assert page.count(f"<details><summary><code>{case.stem}</code>: ") == 1
    assert page.count("<details>") == page.count("\n</details>\n")
    assert "Examples" not in section(ENTRIES["H1"])


@pytest.mark.parametrize("name", PAGES)
def test_code_blocks_are_closed_and_tables_are_whole(name):
    assert PAGES[name].count("\n```") % 2 == 0
    for table in re.findall(r"(?:^\|.*\|\n)+", PAGES[name], re.MULTILINE):
        rows = table.splitlines()
        plain = [re.sub(r"`[^`]*`", "", row) for row in rows]
        assert len({row.count("|") for row in plain}) == 1, rows[0]
