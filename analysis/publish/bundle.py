"""One database as a bundle that can be cited: database, tables, numbers, words and checksums.

Everything but the database is computed from the bundle's own database, so that
`analysis.publish.verify` can compute it again. Equal databases, waves and seed give equal bytes;
Parquet does with the same version of its library, the database with the same version of SQLite.

Left out of `survey.db`: bodies and response headers (third-party text; sizes and hashes stay, and
quotations of at most 300 characters), hosts whose data were removed on request, and the folders of
the files named in a wave's settings. No indicator reads any of these.
"""

import hashlib
import json
import re
import sqlite3
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass, replace
from pathlib import Path, PurePath

from analysis.database import PUBLISHED_ID, AnalysisError, check_wave, open_database
from analysis.numbers import indicator, summary
from analysis.publish import citing, export
from analysis.publish.citing import Facts, Resource
from analysis.publish.export import Column, Format, Row, Table, Type
from analysis.publish.methodology import methodology, origin

DATABASE = "survey.db"
WITH_BODIES = "survey-with-bodies.db"
NUMBERS = "numbers.csv"
SUMS = "SHA256SUMS"
PACKAGE = "datapackage.json"
TABLES = "tables"
VARIABLES = "variables.csv"
NUMBERS_TABLE = "numbers"

_TEXT = (
    "kind", "name", "id", "wave", "panel", "stratum", "key", "outcomes", "before", "title",
    "definition", "numerator", "denominator", "unit", "caveat",
)  # fmt: skip
_INTEGERS = ("ruleset", "k", "n", "told")
FIELDS = (
    "kind", "name", "id", "wave", "panel", "ruleset", "stratum", "key", "k", "n", "share", "low",
    "high", "weighted_share", "weighted_low", "weighted_high", "effective_n", "cluster_low",
    "cluster_high", "template_low", "template_high", "adjusted_share", "told", "if_none", "if_all",
    "weighted_if_none", "weighted_if_all", "p10", "median", "p90", "mean", "weighted_mean",
    "outcomes", "before", "title", "definition", "numerator", "denominator", "unit", "caveat",
)  # fmt: skip
KEY = ("kind", "name", "wave", "stratum", "key")
"""What tells one published number from every other."""

NUMBER_WORDS = {
    "kind": "number (of the results) or indicator (of practicality).",
    "name": "Its id, which is the name of the SQL file that defines it; never renamed.",
    "id": "Number of the indicator in the list of indicators; null for a number.",
    "wave": "Name of the wave.",
    "panel": "Name of the panel.",
    "ruleset": "The ruleset that judged.",
    "stratum": "Stratum of the panel; * is the whole panel.",
    "key": "What the row is about: an agent, a signal, a purpose; empty for all.",
    "k": "How many count; null for the spread of a value.",
    "n": "Of how many.",
    "share": "k of n, in 0 to 1; null where n is 0.",
    "low": "Lower end of the Wilson interval at 95 %; of units inside sites, of a bootstrap over "
    "sites; null for a census and for a count of the registry.",
    "high": "Upper end of that interval.",
    "weighted_share": "The share by the panel's weights.",
    "weighted_low": "Lower end of its interval.",
    "weighted_high": "Upper end of its interval.",
    "effective_n": "Kish's effective sample size of the weights.",
    "cluster_low": "Lower end of the bootstrap over owners, where that was asked for.",
    "cluster_high": "Upper end of the bootstrap over owners.",
    "template_low": "Lower end of the bootstrap over texts of robots.txt; numbers only.",
    "template_high": "Upper end of that bootstrap.",
    "adjusted_share": "The weighted share, with each stratum raised to all of its sites.",
    "told": "Sites outside n whose answer is known to be a yes all the same; numbers only.",
    "if_none": "The share if no unobserved site counted but those told.",
    "if_all": "The share if every unobserved site counted.",
    "weighted_if_none": "The same by the panel's weights.",
    "weighted_if_all": "The same by the panel's weights.",
    "p10": "Tenth percentile of a value.",
    "median": "Median of a value.",
    "p90": "Ninetieth percentile of a value.",
    "mean": "Mean of a value.",
    "weighted_mean": "Mean by the panel's weights.",
    "outcomes": "Attempted sites by outcome, as JSON.",
    "before": "The earlier wave, for an indicator over two.",
    "title": "Title.",
    "definition": "What is measured.",
    "numerator": "What k counts.",
    "denominator": "What n counts.",
    "unit": "Unit of analysis.",
    "caveat": "What it cannot say.",
}


@dataclass(frozen=True, slots=True)
class Request:
    """What a bundle holds and is called; `seed`: bootstrap or not. Without a title it gets one."""

    waves: tuple[str, ...]
    authors: tuple[citing.Author, ...]
    software: str
    title: str | None = None
    doi: str | None = None
    bodies: bool = False
    parquet: bool = True
    seed: int | None = None


VARIABLE_WORDS = {
    "": "Every column of every CSV file.",
    "file": "The file.",
    "variable": "The column.",
    "type": "integer, number or string; an empty cell is null.",
    "description": "What it is.",
}


def numbers_table() -> Table:
    """Describe numbers.csv."""
    return Table(
        NUMBERS_TABLE,
        tuple(
            Column(
                name,
                Type.STRING
                if name in _TEXT
                else Type.INTEGER
                if name in _INTEGERS
                else Type.NUMBER,
            )
            for name in FIELDS
        ),
        "wave",
    )


def numbers(
    connection: sqlite3.Connection, waves: Collection[str], seed: int | None
) -> Iterator[Row]:
    """Yield every published number as a row of `FIELDS`; AnalysisError for an unjudged wave."""
    for wave in waves:
        for result in summary.run(connection, wave, seed=seed).results:
            words = asdict(result.number)
            for row in result.rows:
                yield _row(
                    words | asdict(row), kind="number", name=row.definition, definition=None,
                    cluster_low=row.owner_low, cluster_high=row.owner_high,
                )  # fmt: skip
        for measured in indicator.run(connection, wave, seed=seed):
            words = asdict(measured.indicator) | {"kind": "indicator"}
            for value in measured.rows:
                yield _row(words | asdict(value))


def _row(values: Mapping[str, object], **instead: object) -> Row:
    merged = {**values, **instead}
    return tuple(merged.get(name) for name in FIELDS)  # type: ignore[misc]


def bundled_tables(connection: sqlite3.Connection) -> list[Table]:
    """Give the tables of a bundle: all that can be exported but `WIDE`."""
    return [table for name, table in export.tables(connection).items() if name not in export.WIDE]


def publish(
    connection: sqlite3.Connection,
    out: Path,
    request: Request,
    documents: Mapping[str, str],
    words: Mapping[str, Mapping[str, str]],
) -> Path:
    """Write a bundle into the folder `out`, in place of an earlier one, and return the folder.

    `documents` are texts to put in, by file name; `words` the sentence of each table and column.
    Raises UnknownWaveError, and AnalysisError for a wave that was not judged, a folder that holds
    something else, or Parquet without its library.
    """
    for wave in request.waves:
        check_wave(connection, wave)
    if request.parquet:
        export.pyarrow()
    _prepare(out)
    _copy_database(connection, out, request)
    for name, text in documents.items():
        _write(out, name, text)
    with closing(open_database(out / DATABASE)) as copy, export.one_state(copy):
        resources = list(_write_tables(copy, out, request, words))
        facts = _facts(copy, request)
        _write(out, "METHODOLOGY.md", methodology(copy, facts))
    resources += [_database(DATABASE, "The database, without bodies and response headers.")]
    if request.bodies:
        resources += [_database(WITH_BODIES, "The same with them; third-party text.")]
    _write_documents(out, request, facts, resources, words)
    _write(out, SUMS, "".join(f"{digest(out / name)}  {name}\n" for name in files(out)))
    return out


def _write_documents(
    out: Path,
    request: Request,
    facts: Facts,
    resources: list[Resource],
    words: Mapping[str, Mapping[str, str]],
) -> None:
    """Write all that names title, authors, version, DOI and licences."""
    words = {**words, NUMBERS_TABLE: NUMBER_WORDS, "variables": VARIABLE_WORDS}
    columns = tuple(Column(name, Type.STRING) for name in VARIABLE_WORDS if name)
    table = Table("variables", columns, None)
    listed = Resource(VARIABLES, "csv", "text/csv", VARIABLE_WORDS[""], table)
    told = list(citing.variables([*resources, listed], words))
    listed = replace(listed, rows=export.write(out / VARIABLES, Format.CSV, table, told))
    resources = [*resources, listed]
    licence = citing.LICENCE.format(
        reference=facts.reference, with_bodies=WITH_BODIES, software=facts.software
    )
    _write(out, "LICENSE.txt", licence)
    _write(out, "README.md", citing.readme(facts, resources))
    _write(out, "DATA_ARTICLE.md", citing.article(facts, resources))
    _write(out, "CITATION.cff", citing.citation(facts))
    _write(out, ".zenodo.json", _json(citing.zenodo(facts)))
    _write(out, PACKAGE, _json(_package(out, request, facts, resources, words)))
    _write(out, "dataset.jsonld", _json(_linked_data(out, facts, resources)))


def _prepare(out: Path) -> None:
    if out.exists() and not out.is_dir():
        raise AnalysisError(f"{out}: a file; name a folder for the bundle")
    if out.is_dir() and any(out.iterdir()):
        if not (out / SUMS).is_file():
            raise AnalysisError(f"{out}: holds something that is no bundle; name another folder")
        for name in [*listed_files(out), SUMS]:
            (out / name).unlink(missing_ok=True)
    (out / TABLES).mkdir(parents=True, exist_ok=True)


def _copy_database(connection: sqlite3.Connection, out: Path, request: Request) -> None:
    """Copy by VACUUM INTO, clean the copy, and copy again: deleted text lingers in free pages."""
    work = out / (DATABASE + ".part")
    try:
        work.unlink(missing_ok=True)
        connection.execute("VACUUM INTO ?", (str(work),))
        with closing(sqlite3.connect(work)) as copy:
            copy.executescript("PRAGMA journal_mode = DELETE; PRAGMA foreign_keys = OFF;")
            copy.execute("DELETE FROM tombstones")
            for wave_id, settings in copy.execute("SELECT wave_id, settings FROM waves").fetchall():
                copy.execute(
                    "UPDATE waves SET settings = ? WHERE wave_id = ?",
                    (json.dumps(_without_folders(json.loads(settings))), wave_id),
                )
            copy.commit()
            if request.bodies:
                copy.execute("VACUUM INTO ?", (str(out / WITH_BODIES),))
            copy.execute("UPDATE bodies SET content = x''")
            copy.execute("UPDATE headers SET content = x''")
            # Nobody may judge it again, or survey into it: bodies are there and have no bytes.
            copy.execute(f"PRAGMA application_id = {PUBLISHED_ID}")
            copy.commit()
            copy.execute("VACUUM INTO ?", (str(out / DATABASE),))
    finally:
        work.unlink(missing_ok=True)


def _without_folders(settings: dict[str, object]) -> dict[str, object]:
    return {
        name: PurePath(value).name if isinstance(value, str) and "/" in value else value
        for name, value in settings.items()
    }


def _write_tables(
    copy: sqlite3.Connection,
    out: Path,
    request: Request,
    words: Mapping[str, Mapping[str, str]],
) -> Iterator[Resource]:
    table = numbers_table()
    count = export.write(
        out / NUMBERS, Format.CSV, table, numbers(copy, request.waves, request.seed)
    )
    yield Resource(NUMBERS, "csv", "text/csv", "Every published number.", table, count)
    forms = (Format.CSV, Format.PARQUET) if request.parquet else (Format.CSV,)
    for each in bundled_tables(copy):
        for form in forms:
            path = f"{TABLES}/{each.name}.{form}"
            count = export.write(out / path, form, each, export.rows(copy, each, request.waves))
            media_type = "text/csv" if form is Format.CSV else "application/vnd.apache.parquet"
            yield Resource(path, form, media_type, words[each.name][""], each, count)


def _database(name: str, about: str) -> Resource:
    return Resource(name, "sqlite", "application/vnd.sqlite3", about)


def _facts(copy: sqlite3.Connection, request: Request) -> Facts:
    rows = [origin(copy, wave) for wave in request.waves]
    waves = tuple(
        citing.Wave(
            row["name"], row["panel"], row["source"] or "not stated",
            row["licence"] or "not stated", row["vantage"] or "not stated", row["started_at"],
            row["finished_at"] or row["started_at"], row["visits"],
        )
        for row in rows
    )  # fmt: skip
    listed = ", ".join(request.waves)
    return Facts(
        title=request.title
        or f"Opt-Out Observatory: machine-readable AI and TDM opt-outs, {listed}",
        authors=request.authors,
        doi=request.doi,
        software=request.software,
        waves=waves,
        rulesets=tuple(sorted({row["ruleset"] for row in rows})),
        schema=copy.execute("PRAGMA user_version").fetchone()[0],
        judged=max(row["judged_at"] for row in rows),
    )


def _package(
    out: Path,
    request: Request,
    facts: Facts,
    resources: Sequence[Resource],
    words: Mapping[str, Mapping[str, str]],
) -> dict[str, object]:
    """Describe the bundle as a Data Package (version 2); `optout` is what `verify` goes by."""
    return {
        "$schema": "https://datapackage.org/profiles/2.0/datapackage.json",
        **({"id": facts.address} if facts.address else {}),
        "name": _slug("optout-" + "-".join(request.waves)),
        "title": facts.title,
        "description": facts.about,
        "created": facts.judged,
        "version": facts.version,
        "keywords": list(citing.KEYWORDS),
        "licenses": [citing.CC_BY],
        "contributors": citing.package_contributors(facts),
        "optout": {
            "waves": list(request.waves),
            "rulesets": list(facts.rulesets),
            "seed": request.seed,
            "software": request.software,
            "software_license": citing.CODE_LICENCE,
            "methodology": facts.methodology,
            "cite_as": facts.reference,
        },
        "resources": [_resource(out, resource, words) for resource in resources],
    }


def _resource(
    out: Path, resource: Resource, words: Mapping[str, Mapping[str, str]]
) -> dict[str, object]:
    path = out / resource.path
    described: dict[str, object] = {
        "name": _slug(resource.path.removeprefix(TABLES + "/")),
        "path": resource.path,
        "description": resource.about,
        "format": resource.format,
        "mediatype": resource.media_type,
        "bytes": path.stat().st_size,
        "hash": f"sha256:{digest(path)}",
    }
    if resource.table is None or resource.format != Format.CSV:
        return described | {"type": "file"}  # or readers want a library for each format
    told = words[resource.table.name]
    fields = [
        {"name": column.name, "type": column.type.value, "description": told[column.name]}
        for column in resource.table.columns
    ]
    return described | {
        "type": "table",
        "encoding": "utf-8",
        "dialect": {"lineTerminator": "\r\n", "doubleQuote": True},
        "schema": {"fields": fields, "missingValues": [""]},
    }


def _linked_data(out: Path, facts: Facts, resources: Sequence[Resource]) -> dict[str, object]:
    """Describe the bundle as a schema.org Dataset."""
    return {
        "@context": "https://schema.org/",
        "@type": "Dataset",
        "name": facts.title,
        "description": facts.about,
        "version": facts.version,
        "license": citing.CC_BY["path"],
        "isAccessibleForFree": True,
        "creator": citing.linked_creators(facts),
        "creditText": facts.reference,
        **({"@id": facts.address, "identifier": facts.address} if facts.address else {}),
        "temporalCoverage": facts.time,
        "datePublished": facts.date,
        "dateModified": facts.judged,
        "keywords": list(citing.KEYWORDS),
        "measurementTechnique": f"{facts.software} ({citing.CODE_LICENCE}); see METHODOLOGY.md,"
        f" {facts.methodology}",
        "variableMeasured": sorted(
            {number.title for number in summary.numbers()}
            | {each.title for each in indicator.indicators() if each.sql}
        ),
        "distribution": [
            {
                "@type": "DataDownload",
                "name": resource.path,
                "description": resource.about,
                "contentUrl": resource.path,
                "encodingFormat": resource.media_type,
                "contentSize": f"{(out / resource.path).stat().st_size} B",
                "sha256": digest(out / resource.path),
            }
            for resource in resources
        ],
    }


def _slug(text: str) -> str:
    return re.sub(r"[^a-z0-9._-]+", "-", text.lower()).strip("-")


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=True, allow_nan=False, indent=2) + "\n"


def _write(out: Path, name: str, text: str) -> None:
    (out / name).write_text(text, "utf-8", newline="")


def files(folder: Path) -> list[str]:
    """Name all files of a bundle but the checksums, with `/`, sorted."""
    found = (path for path in folder.rglob("*") if path.is_file() or path.is_symlink())
    names = (path.relative_to(folder).as_posix() for path in found)
    return sorted(name for name in names if name != SUMS)


def listed_files(folder: Path) -> dict[str, str]:
    """Read the checksums by file. AnalysisError for a line that names no file of the folder."""
    found = {}
    for number, line in enumerate((folder / SUMS).read_text("utf-8").splitlines(), start=1):
        match = re.fullmatch(r"([0-9a-f]{64})  ([^/\x00][^\x00]*)", line)
        if match is None or ".." in match[2].split("/"):
            raise AnalysisError(f"{SUMS}, line {number}: not a checksum and a file of the bundle")
        found[match[2]] = match[1]
    return found


def digest(path: Path) -> str:
    """Return the SHA-256 of a file in hexadecimal."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
