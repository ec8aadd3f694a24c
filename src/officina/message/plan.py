"""Field paths compiled once, so that reading a message is a walk over lists and not a search by path."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from officina.message.cut import NULL, Cut, Whole
from officina.message.dates import Unreadable
from officina.message.transforms import Transform
from officina.wire.path import Path, PathError

Fields = Sequence[str]  # one segment cut at the field separator: index = field number, 0 = segment name
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


class _Leaf(NamedTuple):
    slot: int
    repetition: int
    component: int
    subcomponent: int
    whole: bool


_Step = tuple[int, Transform | None, Whole | None, str]


class Plan:
    """Reads named values from segments; of several sources of a key the first that is not empty counts."""

    __slots__ = ("_blank", "_keys", "_walks")

    def __init__(self, keys: Mapping[str, Sequence[Source]]) -> None:
        slots: dict[tuple[Place, bool], int] = {}
        compiled: list[tuple[str, tuple[_Step, ...]]] = []
        for key, sources in keys.items():
            steps: list[_Step] = []
            for source in sources:
                slot = slots.setdefault((source.place, source.whole is not None), len(slots))
                steps.append((slot, _chained(source.chain), source.whole, source.path))
            compiled.append((key, tuple(steps)))
        self._keys = tuple(compiled)
        self._blank = [""] * len(slots)
        self._walks = _walks(slots)

    def read(self, segments: Segments, cut: Cut, problems: list[Problem]) -> dict[str, str]:
        """The keys that have a value, HL7 null among them; the first segment of each name is read."""
        values = self._blank.copy()
        for name, walk in self._walks:
            found = segments.get(name)
            if found:
                _fill(values, walk, found[0], cut)
        return self._choose(values, cut, problems)

    def read_segment(self, fields: Fields, cut: Cut, problems: list[Problem]) -> dict[str, str]:
        """The same for one segment of a repeating kind."""
        values = self._blank.copy()
        for name, walk in self._walks:
            if name == fields[0]:
                _fill(values, walk, fields, cut)
        return self._choose(values, cut, problems)

    def _choose(self, values: list[str], cut: Cut, problems: list[Problem]) -> dict[str, str]:
        chosen: dict[str, str] = {}
        for key, steps in self._keys:
            for slot, transform, whole, path in steps:
                value = values[slot]
                if not value:
                    continue
                if value != NULL:
                    try:
                        if whole is not None:
                            value = whole(value, cut)
                        if transform is not None and value:
                            value = transform(value)
                    except Unreadable as reason:
                        problems.append(Problem(path, key, str(reason)))
                    if not value:
                        continue
                chosen[key] = value
                break
        return chosen


def _chained(chain: tuple[Transform, ...]) -> Transform | None:
    if len(chain) <= 1:
        return chain[0] if chain else None

    def each(value: str) -> str:
        for transform in chain:
            if not value:
                break
            value = transform(value)
        return value

    return each


_Walk = tuple[tuple[int, int, tuple[_Leaf, ...]], ...]


def _walks(slots: Mapping[tuple[Place, bool], int]) -> tuple[tuple[str, _Walk], ...]:
    """Per segment, per field in ascending order: the slot that takes the plain field (-1: none), all its leaves."""
    by_segment: dict[str, dict[int, list[_Leaf]]] = {}
    for (place, whole), slot in slots.items():
        leaf = _Leaf(slot, place.repetition or 1, place.component or 1, place.subcomponent or 1, whole)
        by_segment.setdefault(place.segment, {}).setdefault(place.field, []).append(leaf)
    return tuple((name, _walk(fields)) for name, fields in by_segment.items())


def _walk(fields: Mapping[int, list[_Leaf]]) -> _Walk:
    steps = []
    for number, leaves in sorted(fields.items()):
        firsts = [leaf.slot for leaf in leaves if leaf.whole or leaf[1:4] == (1, 1, 1)]
        steps.append((number, firsts[0] if len(firsts) == 1 else -1, tuple(leaves)))
    return tuple(steps)


def _fill(values: list[str], walk: _Walk, fields: Fields, cut: Cut) -> None:
    count = len(fields)
    for number, first, leaves in walk:
        if number >= count:
            return
        text = fields[number]
        if not text:
            continue
        if first >= 0 and text.isalnum():
            values[first] = text
        elif text == NULL:
            for leaf in leaves:
                values[leaf.slot] = NULL
        else:
            for slot, repetition, component, subcomponent, whole in leaves:
                values[slot] = text if whole else cut.leaf(text, repetition, component, subcomponent)


def each_value(source: Source, found: Iterable[Fields], cut: Cut, problems: list[Problem]) -> list[str]:
    """All values of a list key: of every segment, and unless the path names one, of every repetition."""
    place, values = source.place, list[str]()
    transform = _chained(source.chain)
    for fields in found:
        text = fields[place.field] if place.field < len(fields) else ""
        if not text or text == NULL:
            continue
        for value in _pieces(source, text, cut):
            if not value or value == NULL:
                continue
            try:
                read = transform(value) if transform else value
            except Unreadable as reason:
                problems.append(Problem(source.path, "", str(reason)))
                read = value
            values.extend(line for line in read.split("\n") if line.strip())
    return values


def _pieces(source: Source, text: str, cut: Cut) -> list[str]:
    place = source.place
    if source.whole is not None:
        return [source.whole(text, cut)]
    if place.repetition:
        return [cut.leaf(text, place.repetition, place.component or 1, place.subcomponent or 1)]
    return [cut.leaf(each, 1, place.component or 1, place.subcomponent or 1) for each in cut.repetitions(text)]
