"""The levels inside a field's source text: repetitions, components, subcomponents. Knows no segment and no message."""

from __future__ import annotations

from typing import NamedTuple

from officina.wire.delimiters import Delimiters
from officina.wire.path import Place

# Stands for a delimiter the message does not have; a lone surrogate is in no decoded text.
ABSENT = "\ud800"


class Levels(NamedTuple):
    """The characters that divide a field, in order of reading, then the escape; ABSENT where the message has none."""

    repetition: str
    component: str
    subcomponent: str
    escape: str

    @classmethod
    def of(cls, delimiters: Delimiters) -> Levels:
        """The levels a message's delimiters give."""
        _, component, repetition, escape, subcomponent, _ = delimiters
        return cls(*(character or ABSENT for character in (repetition, component, subcomponent, escape)))


def part(text: str, separator: str, number: int) -> str:
    """The ``number``-th part (from 1) of a text, '' when there are fewer."""
    if separator not in text:
        return text if number == 1 else ""
    parts = text.split(separator, number)
    return parts[number - 1] if number <= len(parts) else ""


def raw(text: str, place: Place, levels: Levels) -> str:
    """The source text the place names; a number not said takes the whole when it is last, else the first."""
    _, repetition, component, subcomponent = place
    if repetition or component:
        text = part(text, levels.repetition, repetition or 1)
    if component:
        text = part(text, levels.component, component)
    if subcomponent:
        text = part(text, levels.subcomponent, subcomponent)
    return text


def replaced(text: str, place: Place, levels: Levels, value: str) -> str:
    """The field's source text with ``value`` (already escaped) in place of what the place names.

    Raises ValueError when a level is needed that the message's delimiters cannot express.
    """
    _, repetition, component, subcomponent = place
    numbers = [repetition or (1 if component else 0), component, subcomponent]
    return _replaced(text, list(zip(levels, numbers, strict=False)), value)


def _replaced(text: str, steps: list[tuple[str, int]], value: str) -> str:
    if not steps or not steps[0][1]:
        return value
    (separator, number), *deeper = steps
    parts = text.split(separator)
    missing = number - len(parts)
    if missing > 0:
        if separator == ABSENT:
            raise ValueError("the message declares no delimiter for this level")
        parts.extend([""] * missing)
    parts[number - 1] = _replaced(parts[number - 1], deeper, value)
    return separator.join(parts)
