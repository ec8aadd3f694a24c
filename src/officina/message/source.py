"""Where a value of a profile comes from: a field path, and what is done to the text found there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from officina.message.cut import Whole
from officina.message.transforms import Transform
from officina.wire.path import Path, PathError

Fields = list[str]  # one segment cut at the field separator: index = field number, 0 = segment name
Segments = Mapping[str, Sequence[Fields]]


class Place(NamedTuple):
    """A compiled field path; 0 means that the path stops above that level (and the first is meant)."""

    segment: str
    field: int
    repetition: int
    component: int
    subcomponent: int

    @classmethod
    def parse(cls, path: str) -> Place:
        """``PID-3[1].1.1``; ValueError for anything else."""
        try:
            read = Path.parse(path)
        except PathError as error:
            raise ValueError("is not a field path such as PID-5.1") from error
        if read.place is None or read.occurrence or read.lead:
            raise ValueError("must name a field, and neither an occurrence nor a group of segments")
        return cls(read.segment, *read.place)


class Source(NamedTuple):
    """One place a value may come from, with what is done to it."""

    path: str
    place: Place
    whole: Whole | None
    chain: tuple[Transform, ...]


class Problem(NamedTuple):
    """A value that a transform could not read and that therefore stays as sent."""

    path: str
    key: str
    reason: str
