"""Two texts line by line, as a unified difference with the changed words of a line marked."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Sequence
from typing import Literal, NamedTuple

AROUND = 3
How = Literal["same", "gone", "new", "gap"]


class Piece(NamedTuple):
    how: How
    text: str


class Line(NamedTuple):
    """``how`` gap: lines that are equal were left out here."""

    how: How
    pieces: tuple[Piece, ...] = ()


def lines(old: str, new: str) -> list[Line]:
    """What differs, with a few lines around it; empty if nothing does."""
    before, after = old.splitlines(), new.splitlines()
    found: list[Line] = []
    for group in difflib.SequenceMatcher(a=before, b=after, autojunk=False).get_grouped_opcodes(AROUND):
        if found or group[0][1] > 0:
            found.append(Line("gap"))
        for act, a1, a2, b1, b2 in group:
            if act == "equal":
                found += [Line("same", (Piece("same", text),)) for text in before[a1:a2]]
            else:
                found += _changed(before[a1:a2], after[b1:b2])
    return found


def _changed(gone: Sequence[str], new: Sequence[str]) -> Iterator[Line]:
    """Lines that stand for each other are compared word by word."""
    pairs = [_words(one, other) for one, other in zip(gone, new, strict=False)]
    yield from (Line("gone", pair[0]) for pair in pairs)
    yield from (Line("gone", (Piece("gone", text),)) for text in gone[len(pairs) :])
    yield from (Line("new", pair[1]) for pair in pairs)
    yield from (Line("new", (Piece("new", text),)) for text in new[len(pairs) :])


def _words(old: str, new: str) -> tuple[tuple[Piece, ...], tuple[Piece, ...]]:
    before, after = re.findall(r"\w+|\s+|.", old), re.findall(r"\w+|\s+|.", new)
    left: list[Piece] = []
    right: list[Piece] = []
    for act, a1, a2, b1, b2 in difflib.SequenceMatcher(a=before, b=after, autojunk=False).get_opcodes():
        if a2 > a1:
            left.append(Piece("same" if act == "equal" else "gone", "".join(before[a1:a2])))
        if b2 > b1:
            right.append(Piece("same" if act == "equal" else "new", "".join(after[b1:b2])))
    return tuple(left), tuple(right)
