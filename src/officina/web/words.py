"""Two texts compared word by word."""

from __future__ import annotations

import re
from difflib import SequenceMatcher
from typing import NamedTuple

_WORD = re.compile(r"\S+")


class Piece(NamedTuple):
    """A run of words; ``how`` is "same", "gone" (only before) or "new" (only after)."""

    how: str
    text: str


def compare(before: str, after: str) -> list[Piece]:
    """The words of both texts in reading order, what is gone before what is new."""
    old, new = _WORD.findall(before), _WORD.findall(after)
    pieces = []
    for change, first, last, start, end in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if change == "equal":
            pieces.append(Piece("same", " ".join(new[start:end])))
            continue
        if first < last:
            pieces.append(Piece("gone", " ".join(old[first:last])))
        if start < end:
            pieces.append(Piece("new", " ".join(new[start:end])))
    return pieces
