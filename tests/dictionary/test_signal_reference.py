"""The generated reference: complete, marked, linked, and the same every time."""

import re
from dataclasses import replace

import pytest

from crawler.dictionary import signal_reference
from crawler.dictionary.signal_reference import FIXTURES, cases, render, section
from crawler.registry import honours, inventory
from crawler.registry.inventory import Coverage
from crawler.signals import SIGNALS, coverage, readers_of

PAGE = render(SIGNALS, FIXTURES)
ENTRIES = inventory.load().entries
TDM_HEADER = next(signal for signal in SIGNALS if signal.name == "tdmrep_header")


def test_it_is_the_same_every_time():
    assert render(SIGNALS, FIXTURES) == PAGE


def anchors(page: str) -> set[str]:
    """The anchors that GitHub makes of the headings of the second level."""
    headings = re.findall(r"^## (.*)$", page, re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_every_link_of_the_page_has_its_heading():
    links = set(re.findall(r"\]\(#([^)]+)\)", PAGE))
    assert len(links) == len(ENTRIES)
    assert links <= anchors(PAGE)


@pytest.mark.parametrize("entry", ENTRIES.values(), ids=lambda entry: entry.id)
def test_every_signal_has_a_row_and_a_section(entry):
    assert f"| {entry.id} | [{entry.title}](#" in PAGE
    assert PAGE.count(f"\n## {entry.id} {entry.title}\n") == 1
    text = section(entry)
    assert f"- Status: {entry.status}\n" in text
    assert "### Who honours it" in text
    assert text in PAGE or readers_of(entry)  # the page has the examples besides


def test_what_is_not_read_says_so_in_the_table_and_in_a_list_of_its_own():
    unread, invisible = PAGE.index("\n## Not read by"), PAGE.index("\n## Not visible to")
    assert unread < invisible
    for entry in ENTRIES.values():
        place = PAGE.index(f"\n## {entry.id} ")
        expected = {
            Coverage.READ: place < unread,
            Coverage.NOT_READ: unread < place < invisible,
            Coverage.NOT_VISIBLE: invisible < place,
        }
        assert expected[coverage(entry)], entry.id
    assert "| `plus:DataMining`" not in PAGE
    assert re.search(r"^\| A1 \|.*\| not read by this version \|$", PAGE, re.MULTILINE)
    assert re.search(r"^\| O2 \|.*\| not visible to a crawler \|$", PAGE, re.MULTILINE)


def test_a_signal_without_a_module_is_not_read_whatever_the_inventory_says():
    page = render([TDM_HEADER], FIXTURES)
    assert re.search(r"^\| F1 \|.*\| not read by this version \|$", page, re.MULTILINE)
    assert page.index("\n## Not read by") < page.index("\n## F1 ")


def test_several_modules_of_a_signal_stand_in_one_section():
    twin = replace(TDM_HEADER, name="tdmrep_twin", spec="RFC 0", spec_version="2026")
    text = section(ENTRIES["H1"], [TDM_HEADER, twin])
    assert "- Read by: `tdmrep_header`, `tdmrep_twin`\n" in text
    assert "### `tdmrep_header`: " in text
    assert "### `tdmrep_twin`: " in text
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
    assert "IPTC" not in section(ENTRIES["O4"]).split("###")[0]
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
        assert f"| {stand} | " in PAGE


def test_examples_are_on_the_page_and_not_in_the_terminal():
    case = cases(FIXTURES / "tdmrep_header")[0]
    assert f"##### {case.stem}\n" in section(ENTRIES["H1"], fixtures=FIXTURES)
    assert "Examples" not in section(ENTRIES["H1"])


def test_headings_go_down_a_level_and_code_does_not():
    text = "### Syntax\n\n```\n### no heading\n```\n\n### Meaning\n#### Fine\n\ntext ### too\n"
    assert signal_reference._lower(text) == (
        "#### Syntax\n\n```\n### no heading\n```\n\n#### Meaning\n##### Fine\n\ntext ### too\n"
    )


def test_code_blocks_are_closed_and_tables_are_whole():
    assert PAGE.count("\n```") % 2 == 0
    for table in re.findall(r"(?:^\|.*\|\n)+", PAGE, re.MULTILINE):
        rows = table.splitlines()
        plain = [re.sub(r"`[^`]*`", "", row) for row in rows]
        assert len({row.count("|") for row in plain}) == 1, rows[0]
