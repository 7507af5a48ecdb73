"""Interval charts as inline SVG: horizontal bars, each with its interval as a line over it.

Positions are percentages of the width and text has its own size, so that one drawing fits a
phone, a desk and paper. Classes are coloured in `style.css`.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from analysis.safe_text import safe_text

LINE, THICK, AXIS = 19, 12, 26
"""Heights of a line of text, of a bar and of the axis, in CSS pixels."""
ROOM = 50
"""Characters that fit into one line on a phone; figures that do not go below their label."""
LABEL = 44
"""Characters of a label that are drawn; the table beside the chart has all of them."""


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar. `value` None: nothing was measured. `figures` says the numbers in words."""

    label: str
    value: float | None
    low: float | None
    high: float | None
    figures: str


def interval_chart(
    title: str, description: str, bars: Sequence[Bar], end: float, tick: Callable[[float], str]
) -> Markup:
    """Draw bars from 0 to `end`, at least as high as every `high`; `tick` writes axis labels.

    Text alternative: `title`, then `description` and the figures of every bar.
    """
    lines = 2 if any(len(_short(bar.label)) + len(bar.figures) > ROOM for bar in bars) else 1
    row = LINE * lines + THICK + 13
    height = row * len(bars) + AXIS
    spoken = " ".join([description, *(f"{bar.label}: {bar.figures}." for bar in bars)])
    return Markup(
        '<svg class="chart" width="100%" height="{}" role="img">\n'
        "<title>{}</title>\n<desc>{}</desc>\n{}{}</svg>"
    ).format(
        height,
        safe_text(title),
        safe_text(spoken),
        _axis(end, height, tick),
        Markup("").join(_bar(bar, row * place, lines, end) for place, bar in enumerate(bars)),
    )


def round_up(highest: float) -> float:
    """Give the smallest end of an axis, 1, 2.5 or 5 times a power of ten, that holds `highest`."""
    if highest <= 0:
        return 1.0
    power = 10.0 ** math.floor(math.log10(highest))
    return next(end for step in (1, 2.5, 5, 10, 25) if (end := step * power) >= highest)


def _axis(end: float, height: int, tick: Callable[[float], str]) -> Markup:
    bottom = height - AXIS
    line = Markup('<line class="grid" x1="{0}%" x2="{0}%" y1="0" y2="{1}"/>\n')
    text = Markup('<text class="tick" x="{}%" y="{}" text-anchor="{}">{}</text>\n')
    places = ((0, "start"), (50, "middle"), (100, "end"))
    return Markup("").join(
        line.format(x, bottom) + text.format(x, height - 8, anchor, tick(end * x / 100))
        for x, anchor in places
    )


def _bar(bar: Bar, top: int, lines: int, end: float) -> Markup:
    first = top + 17
    last, edge = first + LINE * (lines - 1), top + LINE * lines + 5
    beside = Markup('x="100%" text-anchor="end"') if lines == 1 else Markup('x="0"')
    text = Markup(
        '<text class="label" x="0" y="{}">{}</text>\n'
        '<text class="figures" {} y="{}">{}</text>\n'
        '<rect class="track" x="0" y="{}" width="100%" height="{}"/>\n'
    ).format(first, _short(bar.label), beside, last, safe_text(bar.figures), edge, THICK)
    if bar.value is None:
        return text
    share = Markup('<rect class="share" x="0" y="{}" width="{:.2f}%" height="{}"/>\n')
    drawn = text + share.format(edge, 100 * bar.value / end, THICK)
    if bar.low is None or bar.high is None:
        return drawn
    low, high, middle = 100 * bar.low / end, 100 * bar.high / end, edge + THICK / 2
    line = Markup('<line class="whisker" x1="{:.2f}%" x2="{:.2f}%" y1="{:g}" y2="{:g}"/>\n')
    ends = ((low, high, middle, middle), *((x, x, middle - 4, middle + 4) for x in (low, high)))
    return drawn + Markup("").join(line.format(*places) for places in ends)


def _short(label: str) -> str:
    visible = safe_text(label)
    return visible if len(visible) <= LABEL else visible[: LABEL - 1] + "…"
