"""`datasette.yml`: what Datasette shows beside a survey database, made from the dictionary.

    optout dictionary --datasette > datasette.yml
    datasette survey.db --immutable survey.db --metadata datasette.yml

Datasette names a database by its file, so these words are found for a file `survey.db`.
"""

import json
import re
from collections.abc import Iterator
from importlib import resources

from analysis.numbers.summary import numbers, shared_sql
from crawler.dictionary import codebook

DATABASE = "survey"

FACETS: dict[str, tuple[str, ...]] = {
    "v_visits": ("wave", "outcome", "reason", "stratum"),
    "v_captures": ("wave", "resource", "status", "failure"),
    "v_robots": ("wave", "state", "authorship", "stratum"),
    "v_agent_access": ("wave", "agent", "reader", "root", "extent"),
    "v_access": ("wave", "agent", "root", "extent", "stratum"),
    "v_signals": ("wave", "signal", "outcome"),
    "v_site_signals": ("wave", "signal", "outcome", "stratum"),
    "v_statements": ("wave", "signal", "purpose", "preference", "strictness"),
    "v_use": ("wave", "purpose", "preference_strict", "conflict"),
    "v_defects": ("wave", "signal", "code", "severity"),
    "v_conflicts": ("wave", "purpose", "signal_a", "signal_b"),
    "v_reserved": ("wave", "operator", "purpose", "honours"),
    "v_honours": ("operator", "family", "honours"),
    "v_operator_facts": ("operator", "cell", "value", "verified"),
    "v_changes": ("wave_to", "kind", "subject"),
    "agents": ("ruleset", "operator", "status"),
    "published_numbers": ("wave", "kind", "name", "stratum"),
    "inventory": ("ruleset", "status", "coverage"),
}


def to_yaml() -> str:
    """Write the whole file."""
    head = "# Generated: optout dictionary --datasette > datasette.yml\n"
    return head + "\n".join(_yaml(document())) + "\n"


def document() -> dict[str, object]:
    """Give titles, descriptions, facets and canned queries as Datasette wants them."""
    return {
        "title": "The Opt-Out Observatory",
        "description": "What websites say to AI and text-and-data-mining crawlers, with evidence."
        " Views that begin with v_ are made for reading; shares leave out what was not measured.",
        "databases": {
            DATABASE: {
                "tables": {table.name: _table(table) for table in codebook.tables()},
                "queries": dict(_queries()),
            }
        },
    }


def _table(table: codebook.Table) -> dict[str, object]:
    words: dict[str, object] = {
        "title": table.name.removeprefix("v_").replace("_", " ").capitalize(),
        "description": table.about,
        "columns": {column.name: column.about for column in table.columns},
    }
    facets = FACETS.get(table.name)
    return words if facets is None else words | {"facets": list(facets)}


def _queries() -> Iterator[tuple[str, dict[str, object]]]:
    """Yield the first queries, then the published numbers, each with the wave to fill in."""
    folder = resources.files("analysis").joinpath("first_queries")
    for file in sorted(folder.iterdir(), key=lambda file: file.name):
        question, sql = _split(file.read_text("utf-8"))
        name = file.name.removesuffix(".sql").lstrip("0123456789_")
        yield name, _query(question, "", sql.replace("= 'demo'", "= :wave"))
    for number in numbers():
        if "signal_asked" in number.sql:
            continue  # the tables of _signals.sql are filled step by step: Datasette makes none
        about = f"{number.question} k: {number.numerator}. n: {number.denominator}. {number.caveat}"
        yield f"number_{number.definition}", _query(number.title, about, _whole(number.sql))


def _query(title: str, about: str, sql: str) -> dict[str, object]:
    return {"title": title, "description": about, "params": ["wave"], "sql": sql.strip()}


def _whole(sql: str) -> str:
    """Put the tables of _sites.sql that a number reads in front of it, as its WITH."""
    own = _split(sql)[1].partition("WITH ")[2]
    tables = re.findall(r"CREATE TEMP TABLE (\w+) AS\n([^;]*);", shared_sql()["_sites.sql"])
    read = own
    for name, select in reversed(tables):
        if re.search(rf"\b{name}\b", read):
            read = f"{name} AS (\n{select}\n),\n{read}"
    return f"WITH {read}"


def _split(text: str) -> tuple[str, str]:
    """Part the comment on top, as words, from the SQL."""
    match = re.match(r"(?:--[^\n]*\n)*", text)
    end = match.end() if match else 0
    return " ".join(line.removeprefix("--").strip() for line in text[:end].splitlines()), text[end:]


def _yaml(value: object, indent: str = "") -> Iterator[str]:
    """Yield the lines of a block mapping; every scalar is a JSON string, or SQL as it stands."""
    if not isinstance(value, dict):
        raise TypeError(f"not a mapping: {value!r}")
    for key, inner in value.items():
        if isinstance(inner, dict):
            yield f"{indent}{key}:"
            yield from _yaml(inner, indent + "  ")
        elif isinstance(inner, str) and "\n" in inner:
            yield f"{indent}{key}: |-"
            yield from (f"{indent}  {line}".rstrip() for line in inner.splitlines())
        else:
            yield f"{indent}{key}: {json.dumps(inner, ensure_ascii=False)}"
