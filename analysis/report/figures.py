"""Charts as files to take away: SVG, and PNG with the font of a package, equal on every machine."""

from importlib import resources
from importlib.util import find_spec
from pathlib import Path

from markupsafe import Markup

from analysis.report.chart import standalone

FONT = "Source Sans Pro"
ZOOM = 2.0
"""Pixels of a PNG for each of the SVG."""


def can_paint() -> bool:
    """Say whether PNG can be written: the extra `report` is installed."""
    return all(find_spec(name) is not None for name in ("resvg_py", "font_source_sans_pro"))


def write(chart: Markup, stem: Path) -> None:
    """Write a chart as `stem`.svg, and .png where that can be done."""
    svg = standalone(chart)
    stem.with_suffix(".svg").write_text(svg, "utf-8")
    if can_paint():
        stem.with_suffix(".png").write_bytes(_painted(svg))


def _painted(svg: str) -> bytes:
    import font_source_sans_pro  # noqa: PLC0415 - an extra
    import resvg_py  # noqa: PLC0415

    font = resources.files(font_source_sans_pro).joinpath("files", "SourceSansPro-Regular.ttf")
    with resources.as_file(font) as path:
        return bytes(
            resvg_py.svg_to_bytes(
                svg_string=svg,
                zoom=ZOOM,
                skip_system_fonts=True,
                font_files=[str(path)],
                font_family=FONT,
                sans_serif_family=FONT,
            )
        )
