"""Field paths: `PID-3[1].1`, `OBX[2]-5`, `RXE-2.2.1`, `ORC[2]/RXE-2.2`. Knows the form of an address, no message."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from officina.errors import OfficinaError

_INDEX = r"(?:\[([1-9]\d{0,6})\])?"
_SEGMENT = rf"([A-Z][A-Z0-9]{{2}}){_INDEX}"
_PLACE = rf"([1-9]\d{{0,3}}){_INDEX}(?:\.([1-9]\d{{0,3}})(?:\.([1-9]\d{{0,3}}))?)?"
_FULL = re.compile(rf"(?:{_SEGMENT}/)?{_SEGMENT}(?:-{_PLACE})?", re.ASCII)
_RELATIVE = re.compile(_PLACE, re.ASCII)


class PathError(OfficinaError):
    """A path is malformed, or the message has no such place to write to."""

    code = "path"


class Place(NamedTuple):
    """Where inside a segment: numbers count from 1; 0 means "not said"."""

    field: int
    repetition: int = 0
    component: int = 0
    subcomponent: int = 0

    @classmethod
    def parse(cls, text: str) -> Place:
        """Read `3[1].1`, the part of a path after the segment."""
        match = _RELATIVE.fullmatch(text)
        if match is None:
            raise _malformed(text, "3[1].1")
        return cls(*(int(number or 0) for number in match.groups()))

    def __str__(self) -> str:
        repetition = f"[{self.repetition}]" if self.repetition else ""
        component = f".{self.component}" if self.component else ""
        subcomponent = f".{self.subcomponent}" if self.subcomponent else ""
        return f"{self.field}{repetition}{component}{subcomponent}"


class Path(NamedTuple):
    """One address in a message: numbers count from 1; 0 means "not said", which reads as the first.

    ``lead`` and ``group`` name a group: the run of segments that starts at the ``group``-th ``lead`` segment.
    """

    segment: str
    occurrence: int = 0
    place: Place | None = None
    lead: str = ""
    group: int = 0

    @classmethod
    def parse(cls, text: str) -> Path:
        """Read a path; raises PathError naming it."""
        return _parse(text)

    @property
    def head(self) -> str:
        """The segment part, `ORC[2]/RXE`."""
        return str(self._replace(place=None))

    def __str__(self) -> str:
        group = f"[{self.group}]" if self.group else ""
        lead = f"{self.lead}{group}/" if self.lead else ""
        occurrence = f"[{self.occurrence}]" if self.occurrence else ""
        place = f"-{self.place}" if self.place else ""
        return f"{lead}{self.segment}{occurrence}{place}"


@lru_cache(maxsize=4096)
def _parse(text: str) -> Path:
    match = _FULL.fullmatch(text)
    if match is None:
        raise _malformed(text, "PID-3[1].1")
    lead, group, segment, occurrence, *numbers = match.groups()
    place = Place(*(int(number or 0) for number in numbers)) if numbers[0] else None
    return Path(segment, int(occurrence or 0), place, lead or "", int(group or 0))


def _malformed(text: str, example: str) -> PathError:
    shown = text if len(text) <= 60 else text[:60] + "…"
    return PathError("this is not a field path", place=shown, remedy=f"write it like {example}")
