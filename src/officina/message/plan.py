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
        compiled: list[tuple[str, int, tuple[_Step, ...]]] = []
        for key, sources in keys.items():
            steps: list[_Step] = []
            for source in sources:
                slot = slots.setdefault((source.place, source.whole is not None), len(slots))
                steps.append((slot, _chained(source.chain), source.whole, source.path))
            if steps:
                compiled.append((key, steps[0][0] if len(steps) == 1 else -1, tuple(steps)))
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
        for key, only, steps in self._keys:
            if only >= 0 and not values[only]:
                continue
            for slot, transform, whole, path in steps:
                value = values[slot]
                if not value:
                    continue
                if (transform or whole) and value != NULL:
                    value = _transformed(value, transform, whole, cut, (path, key, problems))
                    if not value:
                        continue
                chosen[key] = value
                break
        return chosen


def _transformed(
    value: str, transform: Transform | None, whole: Whole | None, cut: Cut, note: tuple[str, str, list[Problem]]
) -> str:
    try:
        if whole is not None:
            value = whole(value, cut)
        if transform is not None and value:
            return transform(value)
    except Unreadable as reason:
        path, key, problems = note
        problems.append(Problem(path, key, str(reason)))
    return value


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


# Per field, in ascending order: its number; the slot that takes the field where it is plain (-1: none); the leaves of
# its first repetition that have no subcomponent, as (slot, component from 0); all other leaves.
_Walk = tuple[tuple[int, int, tuple[tuple[int, int], ...], tuple[tuple[int, int, int, int], ...], tuple[int, ...]], ...]


def _walks(slots: Mapping[tuple[Place, bool], int]) -> tuple[tuple[str, _Walk], ...]:
    by_segment: dict[str, dict[int, list[tuple[int, Place, bool]]]] = {}
    for (place, whole), slot in slots.items():
        by_segment.setdefault(place.segment, {}).setdefault(place.field, []).append((slot, place, whole))
    return tuple(
        (name, tuple(_field_walk(number, wanted) for number, wanted in sorted(fields.items())))
        for name, fields in by_segment.items()
    )


def _field_walk(
    number: int, wanted: Sequence[tuple[int, Place, bool]]
) -> tuple[int, int, tuple[tuple[int, int], ...], tuple[tuple[int, int, int, int], ...], tuple[int, ...]]:
    components: list[tuple[int, int]] = []
    deeper: list[tuple[int, int, int, int]] = []
    wholes: list[int] = []
    for slot, place, whole in wanted:
        repetition, component, subcomponent = (each or 1 for each in place[2:])
        if whole:
            wholes.append(slot)
        elif repetition == subcomponent == 1:
            components.append((slot, component - 1))
        else:
            deeper.append((slot, repetition, component, subcomponent))
    firsts = [slot for slot, component in components if component == 0] + wholes
    return number, firsts[0] if len(firsts) == 1 else -1, tuple(components), tuple(deeper), tuple(wholes)


def _fill(values: list[str], walk: _Walk, fields: Fields, cut: Cut) -> None:
    count = len(fields)
    for number, first, components, deeper, wholes in walk:
        if number >= count:
            return
        text = fields[number]
        if not text:
            continue
        if first >= 0 and text.isalnum():
            values[first] = text
            continue
        if text == NULL:
            for slot, *_ in (*components, *deeper):
                values[slot] = NULL
            for slot in wholes:
                values[slot] = NULL
            continue
        if components:
            _fill_components(values, components, text, cut)
        for slot in wholes:
            values[slot] = text
        for slot, repetition, component, subcomponent in deeper:
            values[slot] = cut.leaf(text, repetition, component, subcomponent)


def _fill_components(values: list[str], wanted: tuple[tuple[int, int], ...], text: str, cut: Cut) -> None:
    if cut.repetition in text:
        text = text.split(cut.repetition, 1)[0]
    parts = text.split(cut.component)
    count, subcomponent, plain = len(parts), cut.subcomponent, cut.plain
    for slot, component in wanted:
        if component < count:
            part = parts[component]
            if part:
                values[slot] = plain(part.split(subcomponent, 1)[0] if subcomponent in part else part)


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
            read = _transformed(value, transform, None, cut, (source.path, "", problems)) if transform else value
            values.extend(line for line in read.split("\n") if line.strip())
    return values


def _pieces(source: Source, text: str, cut: Cut) -> list[str]:
    place = source.place
    if source.whole is not None:
        return [source.whole(text, cut)]
    if place.repetition:
        return [cut.leaf(text, place.repetition, place.component or 1, place.subcomponent or 1)]
    return [cut.leaf(each, 1, place.component or 1, place.subcomponent or 1) for each in cut.repetitions(text)]
