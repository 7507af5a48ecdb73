"""`datasette.yml`: what Datasette shows beside a survey database, made from the dictionary.

    optout dictionary --datasette > datasette.yml
    datasette survey.db --immutable survey.db --metadata datasette.yml

Datasette names a database by its file, so these words are found for a file `survey.db`.
"""

import json
import re
from collections.abc import Iterator
from html import escape
from importlib import resources
from importlib.resources.abc import Traversable

from analysis.numbers.summary import numbers, shared_sql
from crawler.dictionary import codebook
from crawler.store.database import ddl

DATABASE = "survey"
NEWEST = (
    "coalesce(nullif(:wave, ''), (SELECT name FROM waves JOIN judged_waves USING (wave_id)"
    " ORDER BY started_at DESC LIMIT 1))"
)
"""A wave to fill in; the newest judged one where none is given, so that links lead to numbers."""

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
    about = (
        "<p>What websites say to AI and text-and-data-mining crawlers, with evidence. Views that"
        " begin with v_ are made for reading; shares leave out what was not measured.</p>"
        + _links(f"{DATABASE}/")
    )
    return {
        "title": "The Opt-Out Observatory",
        "description_html": about,
        "license": "CC BY 4.0 for what is derived; quotations belong to those who wrote them",
        "license_url": "https://creativecommons.org/licenses/by/4.0/",
        "databases": {
            DATABASE: {
                "description_html": about,
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
    """Yield dashboards, first queries and published numbers; the wave is the newest by default."""
    for name, title, about, sql in _dashboards():
        told = {"description_html": f"<p>{escape(about)}</p>{_links()}"}
        yield name, _query(title, told, _whole(sql) if "this_wave" in sql else _with_view(sql))
    for file in _files("first_queries"):
        question, sql = _split(file.read_text("utf-8"))
        yield _bare(file.name), _query(question, {}, sql.replace("= 'demo'", "= :wave"))
    for number in numbers():
        if "signal_asked" in number.sql:
            continue  # the tables of _signals.sql are filled step by step: Datasette makes none
        about = f"{number.question} k: {number.numerator}. n: {number.denominator}. {number.caveat}"
        told = {"description": about}
        yield f"number_{number.definition}", _query(number.title, told, _whole(number.sql))


def _dashboards() -> Iterator[tuple[str, str, str, str]]:
    """Yield name, title, what it answers and SQL of each."""
    for file in _files("dashboards"):
        words, sql = _split(file.read_text("utf-8"))
        title, _, about = words.removeprefix("title: ").partition(" about: ")
        yield f"dashboard_{_bare(file.name)}", title, about, sql


def _links(folder: str = "") -> str:
    """Lead to every dashboard; `folder` is where they are, seen from the page with the links."""
    links = " · ".join(
        f'<a href="{folder}{name}">{escape(title)}</a>' for name, title, *_ in _dashboards()
    )
    return f"<p>Dashboards: {links}</p>"


def _files(folder: str) -> list[Traversable]:
    found = resources.files("analysis").joinpath(folder).iterdir()
    return sorted(found, key=lambda file: file.name)


def _bare(name: str) -> str:
    return name.removesuffix(".sql").lstrip("0123456789_")


def _query(title: str, about: dict[str, str], sql: str) -> dict[str, object]:
    params = [name for name in ("wave", "host", "agent") if f":{name}" in sql]
    sql = sql.strip().replace(":wave", NEWEST)
    return {"title": title, **about, "params": params, "hide_sql": True, "sql": sql}


def _whole(sql: str) -> str:
    """Put the tables of _sites.sql that a number reads in front of it, as its WITH."""
    own = _split(sql)[1].partition("WITH ")[2]
    tables = re.findall(r"CREATE TEMP TABLE (\w+) AS\n([^;]*);", shared_sql()["_sites.sql"])
    read = own
    for name, select in reversed(tables):
        if re.search(rf"\b{name}\b", read):
            read = f"{name} AS (\n{select}\n),\n{read}"
    return f"WITH {read}"


def _with_view(sql: str) -> str:
    """Put the text of v_changes into a query with a `wave_pairs` of its own, for it to read."""
    (view,) = (text for text in ddl() if text.startswith("CREATE VIEW v_changes AS\n"))
    text = view.partition("\n")[2]
    return sql.replace("WITH wave_pairs", f"WITH v_changes AS (\n{text}\n),\nwave_pairs")


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
