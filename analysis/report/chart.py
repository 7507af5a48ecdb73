"""Charts as inline SVG: bars, each with its interval as a line over it, and shares over waves.

Positions are percentages of the width and text has its own size, so that one drawing fits a
phone, a desk and paper. Classes are coloured in `style.css`.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

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
    earlier: tuple[float, ...] = ()
    """Values of waves before, drawn as marks on the bar."""


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


@dataclass(frozen=True, slots=True)
class Mark:
    """One wave of a line: its day, its share in 0..1 with the interval, and the ruleset."""

    day: date
    wave: str
    share: float
    low: float | None
    high: float | None
    ruleset: int


HIGH, TOP, WORDS = 180, 14, 30
"""Heights of the field, above and below it, in CSS pixels."""


def line_chart(
    title: str, marks: Sequence[Mark], end: float, tick: Callable[[float], str]
) -> Markup:
    """Draw shares over days from 0 to `end`; between two rulesets no line leads.

    Text alternative: `title`, then day and share of every mark.
    """
    days = [(m.day - marks[0].day).days for m in marks]
    if not days[-1]:  # all of one day: by their order
        days = list(range(len(marks)))
    places = [(5 + 90 * day / max(1, days[-1]), m) for day, m in zip(days, marks, strict=True)]
    spoken = " ".join(f"{m.wave}, {m.day}: {tick(m.share)}." for m in marks)
    rows = [TOP + HIGH * (1 - part) for part in (0, 0.5, 1)]
    parts = [
        Markup('<line class="grid" x1="0" x2="100%" y1="{0:g}" y2="{0:g}"/>\n'
               '<text class="tick" x="0" y="{1:g}">{2}</text>\n').format(y, y - 3, tick(part * end))
        for y, part in zip(rows, (0, 0.5, 1), strict=True)
    ]  # fmt: skip
    for (x, mark), (past, before) in zip(places[1:], places, strict=False):
        if mark.ruleset == before.ruleset:
            parts.append(_stroke("line", past, x, *(_height(m.share, end) for m in (before, mark))))
        else:
            middle = (past + x) / 2
            parts.append(_stroke("break", middle, middle, TOP, TOP + HIGH))
    parts += [_mark(x, mark, end) for x, mark in places]
    ends = ((places[0], "start"), (places[-1], "end"))[: len(places)]
    day = Markup('<text class="tick" x="{:g}%" y="{}" text-anchor="{}">{}</text>\n')
    parts += [day.format(x, TOP + HIGH + 20, anchor, m.day) for (x, m), anchor in ends]
    return Markup(
        '<svg class="chart" width="100%" height="{}" role="img">\n<title>{}</title>\n'
        "<desc>{}</desc>\n{}</svg>"
    ).format(TOP + HIGH + WORDS, safe_text(title), safe_text(spoken), Markup("").join(parts))


def _height(share: float, end: float) -> float:
    return TOP + HIGH * (1 - share / end)


def _stroke(name: str, x1: float, x2: float, y1: float, y2: float) -> Markup:
    line = Markup('<line class="{}" x1="{:.2f}%" x2="{:.2f}%" y1="{:.1f}" y2="{:.1f}"/>\n')
    return line.format(name, x1, x2, y1, y2)


def _mark(x: float, mark: Mark, end: float) -> Markup:
    dot = Markup('<circle class="dot" cx="{:.2f}%" cy="{:.1f}" r="4"/>\n')
    drawn = dot.format(x, _height(mark.share, end))
    if mark.low is None or mark.high is None:
        return drawn
    return drawn + _stroke("whisker", x, x, _height(mark.low, end), _height(mark.high, end))


STANDALONE = (
    "text{font-family:system-ui,'DejaVu Sans',sans-serif;font-size:14px;fill:#1c1d20}"
    ".tick{font-size:12px;fill:#55585f}.track{fill:#e6e6df}.share,.dot{fill:#2f8f88}"
    ".whisker,.earlier{stroke:#1c1d20;stroke-width:1.5}.earlier{stroke-dasharray:2 2}"
    ".grid{stroke:#d9d9d2}.line{stroke:#2f8f88;stroke-width:2}.break{stroke:#8a3b12}"
)
"""Colours of a chart that stands alone, as on paper."""


def standalone(chart: Markup, width: int = 720) -> str:
    """Give a chart of a page as a file of its own, `width` CSS pixels wide."""
    head = f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}"'
    paper = '<rect width="100%" height="100%" fill="#fff"/>'
    text = str(chart).replace('<svg class="chart" width="100%"', head, 1)
    return text.replace("<title>", f"<style>{STANDALONE}</style>\n{paper}\n<title>", 1)


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
    mark = Markup('<line class="earlier" x1="{0:.2f}%" x2="{0:.2f}%" y1="{1}" y2="{2}"/>\n')
    drawn += Markup("").join(
        mark.format(100 * value / end, edge - 2, edge + THICK + 2) for value in bar.earlier
    )
    if bar.low is None or bar.high is None:
        return drawn
    low, high, middle = 100 * bar.low / end, 100 * bar.high / end, edge + THICK / 2
    line = Markup('<line class="whisker" x1="{:.2f}%" x2="{:.2f}%" y1="{:g}" y2="{:g}"/>\n')
    ends = ((low, high, middle, middle), *((x, x, middle - 4, middle + 4) for x in (low, high)))
    return drawn + Markup("").join(line.format(*places) for places in ends)


def _short(label: str) -> str:
    visible = safe_text(label)
    return visible if len(visible) <= LABEL else visible[: LABEL - 1] + "…"
