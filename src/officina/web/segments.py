"""A message as a tree of named segments and fields, as the screens draw it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from officina.wire import er7
from officina.wire.er7 import NULL


@dataclass(frozen=True, slots=True)
class Element:
    """A field or one of its parts. ``field`` is the path of the whole field; ``depth`` 0 field, 1 part of it."""

    path: str
    field: str
    title: str
    value: str
    depth: int
    went: str = ""

    @property
    def null(self) -> bool:
        return self.value == NULL

    @property
    def anchor(self) -> str:
        return f"f-{self.path}"


@dataclass(frozen=True, slots=True)
class Shown:
    """A segment: ``place`` is ``PID`` or ``OBX[2]``, ``count`` how many of its fields are filled."""

    place: str
    name: str
    title: str
    elements: list[Element] = field(default_factory=list)

    @property
    def count(self) -> str:
        fields = sum(1 for element in self.elements if not element.depth)
        return f"{fields} field{'' if fields == 1 else 's'}"


def of_message(message: er7.Message) -> list[Shown]:
    seen: Counter[str] = Counter()
    shown = []
    for segment in message.segments():
        seen[segment.name] += 1
        place = segment.name if seen[segment.name] == 1 else f"{segment.name}[{seen[segment.name]}]"
        elements = [
            Element(f"{place}-{number}", f"{place}-{number}", "", segment.raw_at(str(number)), 0)
            for number, text in enumerate(segment.fields)
            if number and text
        ]
        shown.append(Shown(place, segment.name, "", elements))
    return shown
