"""Authors, title, DOI, version and licences stand in every document of a bundle, and in the forms
that GitHub, Zenodo and journals of data read."""

import csv
import json
import re
import shutil
import subprocess

import pytest
import yaml
from click.testing import CliRunner

from analysis.database import AnalysisError
from analysis.publish import bundle, citing
from crawler import __version__
from crawler.cli import main
from crawler.signals import RULESET
from crawler.store.database import SCHEMA_VERSION
from tests.paths import ROOT
from tests.store.test_views import WAVES, survey

TITLE = "Opt-outs of <makers> & shops: *two* waves"
DOI = "10.5281/zenodo.1234567"
ORCID = "0000-0002-1825-0097"
"""The example of ORCID's own documents: Josiah Carberry, who does not exist."""
AUTHORS = ("--author", f"Carberry, Josiah ({ORCID})", "--author", "Institute of Psychoceramics")
DOCUMENTS = {
    "README.md", "LICENSE.txt", "METHODOLOGY.md", "DATA_ARTICLE.md", "CITATION.cff",
    ".zenodo.json", "datapackage.json", "dataset.jsonld",
}  # fmt: skip
CFF_TYPES = {"software", "dataset"}
ZENODO = {
    "upload_type": str, "publication_date": str, "title": str, "creators": list,
    "description": str, "access_right": str, "license": str, "doi": str, "keywords": list,
    "notes": str, "version": str, "language": str,
}  # fmt: skip
"""Those of https://developers.zenodo.org/#deposit-metadata that we write."""


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    return survey(tmp_path_factory.mktemp("citing"), WAVES)


def publish(path, out, *arguments):
    asked = ["publish", "--db", path, "--out", out, "--no-parquet", *arguments]
    return CliRunner().invoke(main, [str(argument) for argument in asked])


@pytest.fixture(scope="module")
def cited(path, tmp_path_factory):
    out = tmp_path_factory.mktemp("cited") / "bundle"
    done = publish(path, out, *AUTHORS, "--title", TITLE, "--doi", f"https://doi.org/{DOI}")
    assert done.exit_code == 0, done.output
    return out


@pytest.fixture(scope="module")
def anonymous(path, tmp_path_factory):
    out = tmp_path_factory.mktemp("anonymous") / "bundle"
    assert publish(path, out).exit_code == 0
    return out


def plain(text):
    """A document without the escapes of Markdown, JSON and HTML."""
    return re.sub(r"\\(?=\W)", "", text).replace("&lt;", "<").replace("&amp;", "&")


def documents(folder):
    data = (".csv", ".db", ".parquet")
    found = {name for name in bundle.files(folder) if not name.endswith(data)}
    return {name: plain((folder / name).read_text("utf-8")) for name in found - {"DICTIONARY.md"}}


def test_every_document_names_authors_title_doi_version_and_both_licences(cited):
    found = documents(cited)
    assert set(found) == DOCUMENTS
    for name, text in found.items():
        for words in ("Carberry", "Josiah", "Institute of Psychoceramics", TITLE, DOI, [*WAVES][1],
                      "Apache-2.0" if name != "LICENSE.txt" else "Apache License"):  # fmt: skip
            assert words in text, (name, words)
        assert re.search(r"CC[- ]BY[- ]4\.0|licenses/by/4\.0", text), name


def test_the_orcid_stands_wherever_authors_are_listed(cited):
    for name in DOCUMENTS - {"LICENSE.txt", "METHODOLOGY.md"}:
        assert ORCID in documents(cited)[name], name


def test_every_document_that_tells_of_the_method_has_its_version(cited):
    version = f"ruleset {RULESET}, schema {SCHEMA_VERSION}, 2026-"
    for name in DOCUMENTS - {"LICENSE.txt"}:
        assert version in documents(cited)[name], name
    assert documents(cited)["METHODOLOGY.md"].startswith(f"# Methodology\n\nVersion: {version}")


def test_a_bundle_with_a_title_and_a_doi_is_as_published(cited):
    done = CliRunner().invoke(main, ["verify", str(cited)])
    assert done.exit_code == 0, done.output


def test_without_a_doi_none_is_made_up(anonymous):
    for name, text in documents(anonymous).items():
        assert "doi.org" not in text, name
        assert citing.PROGRAM_AUTHORS in text, name
    assert "doi" not in json.loads((anonymous / ".zenodo.json").read_text())
    assert "doi" not in yaml.safe_load((anonymous / "CITATION.cff").read_text())
    assert "id" not in json.loads((anonymous / "datapackage.json").read_text())
    assert "DOI: none yet" in (anonymous / "README.md").read_text()


def checked(citation):
    """By the guide to schema 1.2.0: what is required, and the form of what is there."""
    assert citation["cff-version"] == "1.2.0"
    assert {"authors", "message", "title"} <= set(citation)
    assert citation["type"] in CFF_TYPES
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", citation["date-released"])
    for author in citation["authors"]:
        assert set(author) <= {"family-names", "given-names", "name", "orcid"}
        assert ("name" in author) != ("family-names" in author)
    return citation


def test_the_citation_of_a_bundle_is_read_as_data_with_the_program_as_reference(cited):
    citation = checked(yaml.safe_load((cited / "CITATION.cff").read_text("utf-8")))
    assert (citation["type"], citation["license"]) == ("dataset", "CC-BY-4.0")
    assert (citation["title"], citation["doi"]) == (TITLE, DOI)
    assert citation["authors"] == [
        {"family-names": "Carberry", "given-names": "Josiah",
         "orcid": f"https://orcid.org/{ORCID}"},
        {"name": "Institute of Psychoceramics"},
    ]  # fmt: skip
    (program,) = citation["references"]
    assert (program["type"], program["license"]) == ("software", "Apache-2.0")
    assert program["version"] == __version__


def test_the_citation_of_the_program_is_complete_and_of_this_version():
    text = (ROOT / "CITATION.cff").read_text("utf-8")
    citation = checked(yaml.safe_load(text))
    assert (citation["type"], citation["license"]) == ("software", "Apache-2.0")
    assert citation["version"] == __version__
    assert "CC BY 4.0" in citation["abstract"]
    assert re.search(r"^(# )?doi: 10\.", text, re.MULTILINE), "a place for the DOI"


def test_cffconvert_finds_both_valid(cited):
    cffconvert = shutil.which("cffconvert")
    if cffconvert is None:
        pytest.skip("cffconvert (2021, of an old jsonschema) is run by hand, apart")
    for folder in (ROOT, cited):
        done = subprocess.run(
            [cffconvert, "--validate", "--infile", folder / "CITATION.cff"],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr


def test_zenodo_is_told_what_it_asks_for(cited):
    deposit = json.loads((cited / ".zenodo.json").read_text("utf-8"))
    assert {name: type(value) for name, value in deposit.items()} == ZENODO
    assert (deposit["upload_type"], deposit["access_right"]) == ("dataset", "open")
    assert deposit["creators"] == [
        {"name": "Carberry, Josiah", "orcid": ORCID}, {"name": "Institute of Psychoceramics"}
    ]  # fmt: skip
    assert (deposit["title"], deposit["doi"]) == (TITLE, DOI)


def test_the_data_package_and_the_linked_data_name_persons_as_persons(cited):
    package = json.loads((cited / "datapackage.json").read_text("utf-8"))
    assert package["id"] == f"https://doi.org/{DOI}"
    assert package["contributors"][0] == {
        "title": "Carberry, Josiah", "familyName": "Carberry", "givenName": "Josiah",
        "path": f"https://orcid.org/{ORCID}", "roles": ["author"],
    }  # fmt: skip
    assert package["optout"]["software_license"] == "Apache-2.0"
    linked = json.loads((cited / "dataset.jsonld").read_text("utf-8"))
    assert [each["@type"] for each in linked["creator"]] == ["Person", "Organization"]
    assert linked["identifier"] == f"https://doi.org/{DOI}"


def test_what_a_title_holds_does_nothing_in_a_page(cited):
    for name in ("README.md", "METHODOLOGY.md", "DATA_ARTICLE.md"):
        text = (cited / name).read_text("utf-8")
        assert r"\<makers\> \& shops: \*two\*" in text
        assert "<makers>" not in text


def rows(file):
    with file.open(encoding="utf-8", newline="") as stream:
        return list(csv.reader(stream))


def test_the_description_of_the_variables_has_every_column_of_every_csv(cited):
    head, *described = rows(cited / "variables.csv")
    assert head == ["file", "variable", "type", "description"]
    assert all(all(cells) for cells in described)
    files = [name for name in bundle.files(cited) if name.endswith(".csv")]
    expected = [(name, column) for name in files for column in rows(cited / name)[0]]
    assert sorted(cells[0] + cells[1] for cells in described) == sorted(map("".join, expected))


def test_the_article_has_the_rows_of_the_journal_and_every_file_with_its_rows(cited):
    text = (cited / "DATA_ARTICLE.md").read_text("utf-8")
    for row in ("Subject", "Specific subject area", "Type of data", "Data collection",
                "Data source location", "Data accessibility", "Related research article",
                ):  # fmt: skip
        assert f"| {row} | " in text
    for name in bundle.files(cited):
        if name.endswith(".csv"):
            assert f"`{name}` ({len(rows(cited / name)) - 1} rows)" in text


@pytest.mark.parametrize(
    ("text", "name", "orcid"),
    [
        ("Carberry, Josiah", "Carberry, Josiah", None),
        (f" Carberry, Josiah {ORCID} ", "Carberry, Josiah", ORCID),
        (f"Carberry, Josiah <https://orcid.org/{ORCID}>", "Carberry, Josiah", ORCID),
        ("Institute 0000-0002-1694-233X", "Institute", "0000-0002-1694-233X"),
    ],
)
def test_an_author_is_read_with_and_without_an_orcid(text, name, orcid):
    assert citing.author(text) == citing.Author(name, orcid)


@pytest.mark.parametrize("name", ["Institute", "Institute,", ", Jane"])
def test_a_name_without_two_parts_is_no_persons(name):
    assert citing.Author(name).person is None


@pytest.mark.parametrize("text", ["", "  ", ORCID, "Carberry, Josiah 0000-0002-1825-0098"])
def test_what_is_no_author_is_refused(text):
    with pytest.raises(AnalysisError, match="author"):
        citing.author(text)


@pytest.mark.parametrize("text", [DOI, f"doi:{DOI}", f"https://doi.org/{DOI}", f" {DOI}"])
def test_a_doi_is_read_from_any_form(text):
    assert citing.doi(text) == DOI


@pytest.mark.parametrize("text", ["", "1234567", "https://zenodo.org/records/1", "10.5281/a b"])
def test_what_is_no_doi_is_refused_before_anything_is_written(text, path, tmp_path):
    done = publish(path, tmp_path / "bundle", "--doi", text)
    assert done.exit_code == 2
    assert "no DOI" in done.output
    assert not (tmp_path / "bundle").exists()
