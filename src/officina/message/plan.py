"""Reading named values from segments: a profile's sources, compiled once into one function without a loop."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from officina.message.cut import NULL, Cut
from officina.message.dates import Unreadable
from officina.message.reader import Families, Read, written
from officina.message.source import Fields, Problem, Source

__all__ = ["Plan", "each_value"]


class Plan:
    """Reads named values from segments; of several sources of a key the first that is not empty counts.

    ``families`` are pairs (deciding keys, following keys) that are taken from one and the same segment, the first where
    a deciding key has a value: a dose of RXE must never meet the units of RXO.
    ``read(segments, cut, problems)`` gives the keys that have a value, HL7 null among them; the first segment of each
    name is read. ``segments`` are the names of those it reads.
    """

    __slots__ = ("read", "segments")

    def __init__(self, keys: Mapping[str, Sequence[Source]], families: Families = ()) -> None:
        self.read: Read = written(keys, families)
        self.segments = frozenset(source.place.segment for sources in keys.values() for source in sources)

    def read_segment(self, fields: Fields, cut: Cut, problems: list[Problem]) -> dict[str, str]:
        """The same for one segment of a repeating kind."""
        return self.read({fields[0]: (fields,)}, cut, problems)


def each_value(source: Source, found: Iterable[Fields], cut: Cut, problems: list[Problem]) -> list[str]:
    """All values of a list key: of every segment, and unless the path names one, of every repetition."""
    number, values = source.place.field, []
    for fields in found:
        text = fields[number] if number < len(fields) else ""
        if not text or text == NULL:
            continue
        for piece in _pieces(source, text, cut):
            value = piece
            if not value or value == NULL:
                continue
            try:
                for transform in source.chain:
                    value = transform(value)
            except Unreadable as reason:
                problems.append(Problem(source.path, "", str(reason)))
            if "\n" in value:
                values += [line for line in value.split("\n") if line.strip()]
            elif value:
                values.append(value)
    return values


def _pieces(source: Source, text: str, cut: Cut) -> Sequence[str]:
    if source.whole is not None:
        return (source.whole(text, cut),)
    place = source.place
    component, subcomponent = place.component or 1, place.subcomponent or 1
    if place.repetition or cut.repetition not in text:
        return (cut.leaf(text, place.repetition or 1, component, subcomponent),)
    return [cut.leaf(each, 1, component, subcomponent) for each in cut.repetitions(text)]
