"""Counts over time as bars on both sides of a line: what went well stands on it, what did not hangs from it. Pure.

Across, a drawing is as wide as its page, so places are parts of a hundred; upwards they are pixels.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final, NamedTuple

TOP: Final = 8.0  # room for the number at the highest line
TALL: Final = 144.0
LEAST: Final = 2.0  # one is never drawn as none
LINES: Final = 4  # about so many, for the scale
BROAD: Final = 0.76  # of a bar, the rest is the gap


class Stack(NamedTuple):
    """One span's counts: those that stand on the line, the first lowest, and the one that hangs from it."""

    above: tuple[tuple[str, int], ...]
    below: tuple[str, int]


class Part(NamedTuple):
    """A rectangle of a bar; ``kind`` is what it counts."""

    kind: str
    y: float
    height: float


class Bar(NamedTuple):
    """``x`` and ``width`` are the span's, ``inner`` the rectangles' own, all of a hundred."""

    x: float
    width: float
    inner_x: float
    inner_width: float
    parts: tuple[Part, ...]


class Line(NamedTuple):
    """A line across, with the number it stands for."""

    y: float
    number: int


class Chart(NamedTuple):
    """``base`` is where the line is that bars stand on, ``lines`` the others of the scale and that one."""

    height: float
    base: float
    bars: tuple[Bar, ...]
    lines: tuple[Line, ...]


def chart(stacks: Sequence[Stack]) -> Chart:
    """Spans of equal length, oldest first."""
    most = max((sum(count for _, count in stack.above) for stack in stacks), default=0)
    least = max((stack.below[1] for stack in stacks), default=0)
    step = _round(math.ceil(max(most, least, 1) / LINES))
    above = max(math.ceil(most / step) * step, step)
    unit = TALL / (above + least)
    base = round(TOP + above * unit, 1)
    width = 100 / max(len(stacks), 1)
    bars = tuple(
        Bar(
            round(number * width, 3),
            round(width, 3),
            round((number + (1 - BROAD) / 2) * width, 3),
            round(width * BROAD, 3),
            _parts(stack, base, unit),
        )
        for number, stack in enumerate(stacks)
    )
    numbers = range(-(least // step) * step, above + 1, step)
    lines = tuple(Line(round(base - number * unit, 1), abs(number)) for number in numbers)
    return Chart(TOP + TALL + LEAST, base, bars, lines)


def _parts(stack: Stack, base: float, unit: float) -> tuple[Part, ...]:
    found, y = [], base
    for kind, count in stack.above:
        if count:
            height = _high(count, unit)
            y = round(y - height, 1)
            found.append(Part(kind, y, height))
    kind, count = stack.below
    return (*found, Part(kind, base, _high(count, unit))) if count else tuple(found)


def _high(count: int, unit: float) -> float:
    return max(round(count * unit, 1), LEAST)


def _round(number: int) -> int:
    """The next of 1, 2, 5, 10, 20, 50 …"""
    size: int = 10 ** (len(str(number)) - 1)
    return next(size * each for each in (1, 2, 5, 10) if size * each >= number)
