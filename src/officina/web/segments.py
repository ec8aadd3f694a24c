"""A message as a tree of named segments and fields, as the screens draw it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from officina.wire import er7, show
from officina.wire.path import Path, PathError


@dataclass(frozen=True, slots=True)
class Element:
    """A field or a part of it. ``field`` is the path of the whole field; ``depth`` 0 for the field itself.

    ``source``: the value is what stands in the message, for its parts follow.
    """

    path: str
    field: str
    title: str
    value: str
    depth: int
    source: bool = False

    @property
    def null(self) -> bool:
        """Whether it is the HL7 null, which clears a value."""
        return self.value == er7.NULL

    @property
    def anchor(self) -> str:
        return f"f-{self.path}"


@dataclass(frozen=True, slots=True)
class Shown:
    """A segment: ``path`` is ``PID`` or ``OBX[2]``, ``count`` says how many of its fields are filled."""

    name: str
    path: str
    title: str
    elements: list[Element]

    @property
    def count(self) -> str:
        fields = len({element.field for element in self.elements})
        return f"{fields} field{'' if fields == 1 else 's'}"


def of_message(message: er7.Message) -> list[Shown]:
    """The segments in order, empty fields left out, each part on a line of its own."""
    return [Shown(each.name, each.path, each.title, list(_elements(each))) for each in show.tree(message)]


def _elements(segment: show.SegmentView) -> Iterator[Element]:
    for field in segment.fields:
        whole = field.path.partition("-")[2].partition("[")[0]
        name = f"{segment.path}-{whole}"
        yield Element(field.path, name, field.title, field.text, 0, bool(field.components))
        for component in field.components:
            parts = component.subcomponents
            yield Element(component.path, name, component.title, component.text, 1, bool(parts))
            for part in parts:
                yield Element(part.path, name, part.title, part.text, 2)


def finder(tree: Sequence[Shown]) -> Callable[[str], str]:
    """A function from a finding's path to the nearest place of the tree: element, else field, else segment, else ""."""
    places = {element.path for segment in tree for element in segment.elements}
    places |= {element.field for segment in tree for element in segment.elements}
    places |= {segment.path for segment in tree}

    def find(path: str) -> str:
        try:
            address = Path.parse(path)
        except PathError:
            return ""
        segment = _segment(tree, address)
        if segment is None:
            return ""
        return next(candidate for candidate in _candidates(segment.path, address) if candidate in places)

    return find


def _segment(tree: Sequence[Shown], address: Path) -> Shown | None:
    within = tree
    if address.lead:
        starts = [number for number, each in enumerate(tree) if each.name == address.lead]
        if len(starts) > 1:
            if address.group > len(starts):
                return None
            ends = [*starts[1:], len(tree)]
            group = max(address.group, 1) - 1
            within = tree[starts[group] : ends[group]]
    named = [each for each in within if each.name == address.segment]
    number = max(address.occurrence, 1)
    return named[number - 1] if number <= len(named) else None


def _candidates(segment: str, address: Path) -> Iterator[str]:
    """From the most exact to the segment itself; a single repetition is not numbered in the tree."""
    place = address.place
    if place is not None:
        field = f"{segment}-{place.field}"
        repeated = f"{field}[{max(place.repetition, 1)}]"
        parts = [f".{number}" for number in (place.component, place.subcomponent) if number]
        for length in range(len(parts), -1, -1):
            tail = "".join(parts[:length])
            yield repeated + tail
            yield field + tail
    yield segment
