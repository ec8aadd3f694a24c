"""The closed list of transforms a profile may name. Each turns text into text; none reads anything else.

A *whole* transform gets a field's source text with all its repetitions and components and must stand first; the others
get one decoded value. HL7 null (``""``) never reaches a transform: it passes through and clears.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from officina.message.cut import NULL, Cut, Whole
from officina.message.dates import Unreadable, day_first, hl7_date, hl7_datetime

Transform = Callable[[str], str]

_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)", re.ASCII)


def trim(text: str) -> str:
    """Blanks at the ends removed, runs of blanks within made one."""
    return " ".join(text.split())


def number(text: str) -> str:
    """A decimal number as HL7 NM writes it: no sign for plus, no idle zeros (``0.50`` → ``0.5``, ``030`` → ``30``)."""
    if text.isdecimal() and text.isascii() and text[0] != "0":
        return text
    if not _NUMBER.fullmatch(text):
        raise Unreadable("is not a number")
    sign = "-" if text[0] == "-" else ""
    whole, _, fraction = text.lstrip("+-").partition(".")
    whole, fraction = whole.lstrip("0") or "0", fraction.rstrip("0")
    value = f"{whole}.{fraction}" if fraction else whole
    return value if value == "0" else sign + value


def _person(text: str, cut: Cut, at: int) -> str:
    """``Last, First Middle`` from the component where the family name stands; the id is no part of a name."""
    family, given, middle = [*cut.parts(text)[at : at + 3], "", "", ""][:3]
    if middle and middle != NULL:
        given = f"{given} {middle}" if given and given != NULL else middle
    if given == NULL:
        given = ""
    if family and family != NULL:
        return f"{family}, {given}" if given else family
    return given


def name(text: str, cut: Cut) -> str:
    """XPN or a bare ``Last^First^Middle``: ``Last, First Middle``."""
    return _person(text, cut, 0)


def person(text: str, cut: Cut) -> str:
    """XCN ``id^Last^First^Middle``, with or without the id: ``Last, First Middle``."""
    return _person(text, cut, 1)


def address(text: str, cut: Cut) -> str:
    """XAD, first repetition: street, other designation, city, state and postcode, country; commas between."""
    parts = cut.parts(text)[:6]
    if NULL in parts:
        parts = ["" if part == NULL else part for part in parts]
    if len(parts) > 3:
        parts[3:5] = [" ".join(filter(None, parts[3:5]))]
    return ", ".join(filter(None, parts))


def words(text: str, cut: Cut) -> str:
    """Coded elements in words: of each repetition the text (component 2), else the code; joined by ``; ``."""
    if cut.repetition not in text:
        said = cut.plain(text) if cut.component not in text and cut.subcomponent not in text else _said(text, cut)
        return "" if said == NULL else said
    each = (_said(repetition, cut) for repetition in cut.repetitions(text))
    return "; ".join(part for part in each if part and part != NULL)


def _said(repetition: str, cut: Cut) -> str:
    if cut.component not in repetition and cut.subcomponent not in repetition:
        return cut.plain(repetition)
    parts = cut.components(repetition)
    return (parts[1] if len(parts) > 1 else "") or parts[0]


def code_map(entries: Mapping[str, str]) -> Transform:
    """Values exchanged by a map of the profile, letter case aside; a value it does not hold stays as it is."""
    folded = {key.casefold(): value for key, value in entries.items()}

    def mapped(text: str) -> str:
        return folded.get(text.casefold(), text)

    return mapped


def part(number: int, on: str) -> Transform:
    """The ``number``-th piece (from 1) of a value cut at ``on``; "" where there are fewer."""

    def piece(text: str) -> str:
        pieces = text.split(on)
        return pieces[number - 1].strip() if number <= len(pieces) else ""

    return piece


def split(on: str) -> Transform:
    """A value cut at ``on``, one line per piece: a list key takes each line as an entry of its own."""

    def lines(text: str) -> str:
        return "\n".join(piece for piece in (each.strip() for each in text.split(on)) if piece)

    return lines


def strip(marks: str) -> Transform:
    """Every one of these characters removed: ``0071-0155-23`` without ``-``."""
    table = {ord(mark): None for mark in marks}

    def stripped(text: str) -> str:
        return text.translate(table).strip()

    return stripped


# The names a profile uses. Transforms with a parameter are written as a table: {part = 2, on = "/"}, {strip = "-"}.
PLAIN: dict[str, Transform] = {
    "trim": trim,
    "upper": str.upper,
    "lower": str.lower,
    "number": number,
    "date": hl7_date,
    "datetime": hl7_datetime,
    "day_first": day_first,
}
WHOLE: dict[str, Whole] = {"name": name, "person": person, "address": address, "words": words}
WITH_PARAMETER = ("map", "part", "split", "strip")
