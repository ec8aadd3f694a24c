"""Numbers over time as drawings: where each bar stands and what it says. Pure; the templates draw them as SVG."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

WIDTH: Final = 4  # of a bar, with a gap of one unit
HEIGHT: Final = 20


class Bar(NamedTuple):
    """A rectangle in the units of its drawing."""

    x: int
    y: float
    height: float


class Sparkline(NamedTuple):
    """Bars beside each other, the highest as high as the drawing; ``text`` says the same in words."""

    width: int
    bars: tuple[Bar, ...]
    text: str


def sparkline(counts: Sequence[int], minutes: int) -> Sparkline:
    """``counts`` are those of equal spans that last ``minutes`` together, oldest first."""
    most = max(counts, default=0)
    bars = []
    for number, count in enumerate(counts):
        if count:
            height = max(round(HEIGHT * count / most, 1), 1.0)  # one is never drawn as none
            bars.append(Bar(number * (WIDTH + 1), HEIGHT - height, height))
    span = f"in the last {minutes} minutes"
    text = f"{sum(counts):,} {span}, at most {most:,} in {minutes // len(counts)}" if most else f"nothing {span}"
    return Sparkline(max(len(counts) * (WIDTH + 1) - 1, 0), tuple(bars), text)
