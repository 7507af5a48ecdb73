"""Advice and the pages around it as HTML: no script, nothing from elsewhere, all text escaped."""

import base64
import functools
import hashlib
import io
import zipfile
from collections.abc import Mapping
from importlib import resources

from jinja2 import Environment, FunctionLoader, StrictUndefined
from markupsafe import Markup, escape

from analysis.safe_text import safe_text
from crawler.creator.advice import Advice
from crawler.creator.wording import language, load, say
from crawler.model import Preference, Purpose

CSS = (("analysis.report.templates", "style.css"), ("crawler.checker.pages", "check.css"))


@functools.cache
def style() -> str:
    """The style sheet of all pages: the report's, and what only these pages have."""
    parts = (resources.files(package).joinpath(name) for package, name in CSS)
    return "\n".join(part.read_text("utf-8") for part in parts)


@functools.cache
def _environment() -> Environment:
    folder = resources.files("crawler.checker.pages")
    environment = Environment(
        loader=FunctionLoader(lambda name: folder.joinpath(name).read_text("utf-8")),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_safe,
    )
    environment.globals["say"] = say
    environment.filters["code"] = _code
    return environment


def _safe(value: object) -> object:
    """Site text with what acts or hides written out; lines and tabs of files stay."""
    if not isinstance(value, str) or isinstance(value, Markup):
        return value
    return "".join(c if c in "\n\t" else safe_text(c) for c in value)


def _code(text: str) -> Markup:
    """One of our sentences, with what is to be written literally as code."""
    parts = [escape(_safe(part)) for part in text.split("`")]
    parts[1::2] = [Markup("<code>{}</code>").format(part) for part in parts[1::2]]
    return Markup("").join(parts)


def render(name: str, **context: object) -> str:
    """Fill in one template of `crawler/pages`."""
    usual = {"inline": False, "refresh": None, "surveys": False, "foot": say("labels.foot"),
             "lang": language(), "reviewed": load(language()).get("reviewed", True)}  # fmt: skip
    return _environment().get_template(name).render(usual | context)


def advice_page(advice: Advice, *, inline: bool, **context: object) -> str:
    """One page; `inline`: a file of its own that opens offline, else a page of our server."""
    whole = style()
    digest = base64.b64encode(hashlib.sha256(whole.encode()).digest()).decode()
    return render(
        "check.html",
        advice=advice,
        wish=wish_words(advice.wish),
        servers=[piece for piece in advice.pieces if piece.server],
        inline=inline,
        style=Markup(whole),  # noqa: S704 - our own file
        style_hash=f"'sha256-{digest}'",
        foot=say("labels.judged", ruleset=advice.ruleset, agents=advice.agents_version),
        needed={name for step in advice.screen.steps for name in step.files},
        texts={piece.name: piece for piece in advice.pieces},
        **{"links": None, "again": None, **context},
    )


def files_zip(advice: Advice) -> bytes:
    """The texts of the steps where they go, and a list of the places, in one zip."""
    needed = [name for step in advice.screen.steps for name in step.files]
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        places = []
        for piece in advice.pieces:
            if piece.name in needed:
                name = (piece.path or piece.name).lstrip("/")
                archive.writestr(name, piece.text)
                places.append(f"{name}: {piece.what} {piece.where}")
        archive.writestr("WHERE-TO-PUT-THEM.txt", "\n".join(places) + "\n")
    return stream.getvalue()


def wish_words(wish: Mapping[Purpose, Preference]) -> str:
    """Say which wish the mend is for."""
    parts = (f"{say(f'ends.{p}')}: {say(f'said.{v}')}" for p, v in wish.items())
    return say("mend.wish", wish="; ".join(parts))
