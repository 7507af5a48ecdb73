"""Who made a bundle, what it is called and where it lies: said once, written into every document.

`CITATION.cff` is read by GitHub and Zotero, `.zenodo.json` by Zenodo, and `DATA_ARTICLE.md` is what
journals of data ask for in their tables. The data are under CC BY 4.0, the program that made them
under Apache-2.0; each of the documents names both.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape

from analysis.database import AnalysisError
from analysis.publish.export import Table
from analysis.safe_text import safe_text

PROGRAM = "Opt-Out Observatory"
PROGRAM_AUTHORS = "The Opt-Out Observatory authors"
CODE_LICENCE = "Apache-2.0"
DATA_LICENCE = "CC-BY-4.0"
CC_BY = {
    "name": DATA_LICENCE,
    "path": "https://creativecommons.org/licenses/by/4.0/",
    "title": "Creative Commons Attribution 4.0",
}
KEYWORDS = ("robots.txt", "AI", "text and data mining", "opt-out", "copyright")
LICENCE = """\
The data: CC BY 4.0
===================

The Creative Commons Attribution 4.0 International licence (CC BY 4.0) covers what is derived in
this bundle: judgements, numbers, tables, dictionary and texts. Cite it as CITATION.cff says:

{reference}

Its words are at https://creativecommons.org/licenses/by/4.0/legalcode

It covers no words of websites. Quotations are given as evidence, are at most 300 characters long
and belong to whoever wrote them, as do all bodies and headers of {with_bodies}, if it is here.

The program: Apache-2.0
=======================

The program that made this bundle ({software}) is no part of it and has a licence of its
own, the Apache License 2.0: https://www.apache.org/licenses/LICENSE-2.0
"""

_ORCID = re.compile(
    r"(?P<name>.*?)[\s<(]*(?:https://orcid\.org/)?(?P<orcid>\d{4}-\d{4}-\d{4}-\d{3}[\dX])[>)]*"
)
_DOI = re.compile(r"(?:https://doi\.org/|doi:)?(10\.\d{4,9}(?:\.\d+)?/[A-Za-z0-9:/_;\-.()\[\]\\]+)")
"""As the schema of CITATION.cff 1.2.0 has it (definition `doi`)."""


@dataclass(frozen=True, slots=True)
class Author:
    """A person where `name` is `Family, Given`, else an organisation; `orcid` without address."""

    name: str
    orcid: str | None = None

    @property
    def person(self) -> tuple[str, str] | None:
        """Family and given names; None for an organisation."""
        family, comma, given = (part.strip() for part in self.name.partition(","))
        return (family, given) if comma and family and given else None


def author(text: str) -> Author:
    """Read `Family, Given`, or a name as it stands, with an ORCID behind it or without.

    AnalysisError where nothing is named, and for an ORCID with a false check digit (ISO 7064
    MOD 11-2, https://support.orcid.org/hc/en-us/articles/360006897674).
    """
    match = _ORCID.fullmatch(text.strip())
    name, orcid = (match["name"], match["orcid"]) if match else (text.strip(), None)
    if not name:
        raise AnalysisError(f"author {text!r}: no name")
    if orcid is not None and not _checked(orcid.replace("-", "")):
        raise AnalysisError(f"author {text!r}: {orcid} is no ORCID, for its last digit is false")
    return Author(name, orcid)


def _checked(digits: str) -> bool:
    total = 0
    for digit in digits[:-1]:
        total = (total + int(digit)) * 2
    return "0123456789X"[(12 - total % 11) % 11] == digits[-1]


def doi(text: str) -> str:
    """Give a DOI as `10.PREFIX/SUFFIX`, also from an address. AnalysisError for what is none."""
    match = _DOI.fullmatch(text.strip())
    if match is None:
        raise AnalysisError(f"{text!r} is no DOI such as 10.5281/zenodo.1234567")
    return match[1]


@dataclass(frozen=True, slots=True)
class Wave:
    """One wave as a journal asks after it; times are UTC, `visits` are the sites asked."""

    name: str
    panel: str
    source: str
    licence: str
    vantage: str
    begun: str
    ended: str
    visits: int


@dataclass(frozen=True, slots=True)
class Facts:
    """What every document of a bundle says alike; times are UTC, `judged` is the newest."""

    title: str
    authors: tuple[Author, ...]
    doi: str | None
    software: str
    waves: tuple[Wave, ...]
    rulesets: tuple[int, ...]
    schema: int
    judged: str

    @property
    def about(self) -> str:
        """One sentence on the data."""
        return (
            "Who opts out of AI and text and data mining in machine-readable form, how, and how"
            " practical that is: verdicts with their evidence, and indicators with intervals."
        )

    @property
    def date(self) -> str:
        """Day of publication: that of the newest judgement, so that equal data are dated alike."""
        return self.judged[:10]

    @property
    def version(self) -> str:
        """Name the waves and the ruleset."""
        waves = "+".join(wave.name for wave in self.waves)
        return f"{waves} (ruleset {', '.join(map(str, self.rulesets))})"

    @property
    def time(self) -> str:
        """From when to when it was asked, as ISO 8601 writes an interval."""
        return f"{min(w.begun for w in self.waves)}/{max(w.ended for w in self.waves)}"

    @property
    def methodology(self) -> str:
        """Version of the methodology: all that its numbers depend on beside the captures."""
        rulesets = ", ".join(map(str, self.rulesets))
        return f"ruleset {rulesets}, schema {self.schema}, {self.date}"

    @property
    def address(self) -> str | None:
        """The DOI as an address."""
        return self.doi and f"https://doi.org/{self.doi}"

    @property
    def reference(self) -> str:
        """One line for a list of references, in the order that DataCite recommends."""
        names = "; ".join(author.name for author in self.authors)
        place = self.address or "no DOI yet"
        return f"{names} ({self.date[:4]}). {self.title}. Version {self.version}. Data set. {place}"


def package_contributors(facts: Facts) -> list[dict[str, object]]:
    """Give the authors as Data Package, version 2, has contributors."""
    found = []
    for each in facts.authors:
        entry: dict[str, object] = {"title": each.name, "roles": ["author"]}
        if each.person:
            entry |= dict(zip(("familyName", "givenName"), each.person, strict=True))
        if each.orcid:
            entry["path"] = f"https://orcid.org/{each.orcid}"
        found.append(entry)
    return found


def linked_creators(facts: Facts) -> list[dict[str, object]]:
    """Give the authors as schema.org has creators."""
    found = []
    for each in facts.authors:
        kind = "Person" if each.person else "Organization"
        entry: dict[str, object] = {"@type": kind, "name": each.name}
        if each.person:
            entry |= dict(zip(("familyName", "givenName"), each.person, strict=True))
        if each.orcid:
            entry["@id"] = f"https://orcid.org/{each.orcid}"
        found.append(entry)
    return found


def citation(facts: Facts) -> str:
    """Write CITATION.cff (1.2.0); a JSON string is a YAML string, whatever a panel is called."""
    program = {
        "type": "software",
        "title": PROGRAM,
        "version": facts.software.rpartition(" ")[2],
        "license": CODE_LICENCE,
        "authors": [{"name": PROGRAM_AUTHORS}],
    }
    entries: dict[str, object] = {
        "cff-version": "1.2.0",
        "message": "If you use these data, please cite them as below.",
        "type": "dataset",
        "title": facts.title,
        "abstract": f"{facts.about} Methodology: {facts.methodology}.",
        "version": facts.version,
        "date-released": facts.date,
        "license": DATA_LICENCE,
        "keywords": list(KEYWORDS),
    }
    if facts.doi:
        entries["doi"] = facts.doi
    lines = [f"{key}: {_yaml(value)}" for key, value in entries.items()]
    lines += ["authors:", *(_item(_cff_author(each)) for each in facts.authors)]
    lines += ["references:", _item(program)]
    return "\n".join(lines) + "\n"


def _cff_author(each: Author) -> dict[str, object]:
    entry: dict[str, object] = (
        dict(zip(("family-names", "given-names"), each.person, strict=True))
        if each.person
        else {"name": each.name}
    )
    return entry | ({"orcid": f"https://orcid.org/{each.orcid}"} if each.orcid else {})


def _item(entry: Mapping[str, object]) -> str:
    return "  - " + "\n    ".join(f"{key}: {_yaml(value)}" for key, value in entry.items())


def _yaml(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def zenodo(facts: Facts) -> dict[str, object]:
    """Describe a deposit as Zenodo reads it (https://developers.zenodo.org/#representation)."""
    described: dict[str, object] = {
        "upload_type": "dataset",
        "title": facts.title,
        "creators": [
            {"name": each.name} | ({"orcid": each.orcid} if each.orcid else {})
            for each in facts.authors
        ],
        "description": f"<p>{escape(facts.about)}</p><p>Methodology: {facts.methodology}.</p>",
        "publication_date": facts.date,
        "version": facts.version,
        "access_right": "open",
        "license": DATA_LICENCE,
        "language": "eng",
        "keywords": list(KEYWORDS),
        "notes": f"Made by {escape(facts.software)}, a program under {CODE_LICENCE}. Quotations of"
        " websites belong to those who wrote them.",
    }
    return described | ({"doi": facts.doi} if facts.doi else {})


@dataclass(frozen=True, slots=True)
class Resource:
    """One file of the bundle; `about` is our Markdown, `table` and `rows` where it holds one."""

    path: str
    format: str
    media_type: str
    about: str
    table: Table | None = None
    rows: int | None = None


def readme(facts: Facts, resources: Sequence[Resource]) -> str:
    """Write what whoever opens the folder reads first."""
    names = "\n".join(f"- {escaped(each.name)}{_orcid(each)}" for each in facts.authors)
    return f"""\
# {escaped(facts.title)}

{facts.about}

{names}

- Version: {escaped(facts.version)}
- Published: {facts.date}
- DOI: {facts.address or "none yet; `optout publish --doi DOI` writes it into every document"}
- Methodology: {facts.methodology}, in [METHODOLOGY.md](METHODOLOGY.md)
- Licences: data {DATA_LICENCE}, program {CODE_LICENCE}, in [LICENSE.txt](LICENSE.txt)

## How to cite

> {escaped(facts.reference)}

[CITATION.cff](CITATION.cff) has it for programs; `.zenodo.json` is for a deposit with Zenodo,
[DATA_ARTICLE.md](DATA_ARTICLE.md) for an article in a journal of data.

## What is here

| file | rows | is |
|---|---|---|
{_files(resources)}

[DICTIONARY.md](DICTIONARY.md) says what every table, column and stored value means, `variables.csv`
the same of every column of a CSV file. `optout verify .` in this folder computes every number and
table again from the database.
"""


def _orcid(each: Author) -> str:
    return f", https://orcid.org/{each.orcid}" if each.orcid else ""


def _files(resources: Sequence[Resource]) -> str:
    return "\n".join(
        f"| `{each.path}` | {'' if each.rows is None else each.rows} | {each.about} |"
        for each in resources
    )


def article(facts: Facts, resources: Sequence[Resource]) -> str:
    """Write what journals of data ask for: the specifications, then each file and what it holds.

    The rows of the first table are those of the "Specifications table" of Data in Brief (template
    of June 2023), the list of files is what Scientific Data asks for under "Data Records".
    """
    rows = {
        "Subject": "Computer Science; Law (choose one of the journal's)",
        "Specific subject area": "Machine-readable reservations of websites against AI training"
        " and text and data mining",
        "Type of data": "Table (CSV, Parquet), database (SQLite 3), text (Markdown)",
        "Data collection": " ".join(map(_collected, facts.waves))
        + f" Made by {facts.software}. METHODOLOGY.md ({facts.methodology}) has the rest.",
        "Data source location": "; ".join(dict.fromkeys(w.vantage for w in facts.waves)),
        "Data accessibility": f"Repository: the one that the DOI names. Data identification"
        f" number: {facts.doi or 'none yet'}. Direct URL: {facts.address or 'none yet'}."
        f" Licence of the data: {DATA_LICENCE}; of the program: {CODE_LICENCE}.",
        "Related research article": "None",
    }
    table = "\n".join(f"| {name} | {escaped(value)} |" for name, value in rows.items())
    files = "\n".join(_record(each) for each in resources if each.format == "csv")
    names = "; ".join(each.name + _orcid(each) for each in facts.authors)
    return f"""\
# Data article: {escaped(facts.title)}

{escaped(names)}

Version {escaped(facts.version)}, {facts.date}.
Please cite as: {escaped(facts.reference)}

## Specifications table

| | |
|---|---|
{table}

## Data records

Parquet files hold the same rows as the CSV file of their name.

{files}
## Description of the variables

`variables.csv` has a row for every column of these files: file, variable, type (integer, number or
string), and what it is. DICTIONARY.md has the closed lists of values besides.

## Limitations

Those of METHODOLOGY.md, under "Limits" and "What is left out".
"""


def _collected(wave: Wave) -> str:
    return (
        f"Wave {wave.name}: {wave.visits} sites of the panel {wave.panel} (source: {wave.source};"
        f" licence: {wave.licence}) were asked from {wave.begun} to {wave.ended}."
    )


def _record(each: Resource) -> str:
    table = each.table
    columns = ", ".join(f"`{column.name}`" for column in table.columns) if table else ""
    return f"- `{each.path}` ({each.rows} rows): {each.about} Columns: {columns}.\n"


def variables(
    resources: Sequence[Resource], words: Mapping[str, Mapping[str, str]]
) -> Iterator[tuple[str, str, str, str]]:
    """Yield file, variable, type and sentence for every column of a CSV file."""
    for each in resources:
        if each.table and each.format == "csv":
            for column in each.table.columns:
                about = words[each.table.name][column.name]
                yield each.path, column.name, column.type.value, about


def escaped(text: str) -> str:
    """Return text of others as Markdown that shows it and does nothing else."""
    return re.sub(r"([\\`*_{}\[\]<>|#!&~])", r"\\\1", safe_text(text))
