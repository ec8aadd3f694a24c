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


class _Step(NamedTuple):
    """One source of one key, ready to run."""

    slot: int
    transform: Transform | None
    whole: Whole | None
    path: str


class _Wanted(NamedTuple):
    """What is wanted of one field. Components count from 0, in ``deeper`` repetitions and the rest from 1."""

    field: int
    plain: int  # the slot that takes the field as it is where nothing needs cutting, -1 where several want it
    components: tuple[tuple[int, int], ...]
    deeper: tuple[tuple[int, int, int, int], ...]
    wholes: tuple[int, ...]


class _Family(NamedTuple):
    """Keys that must come from one segment; per segment in order of preference its deciding slots and its steps."""

    segments: tuple[tuple[tuple[int, ...], tuple[tuple[str, tuple[_Step, ...]], ...]], ...]
    otherwise: tuple[tuple[str, tuple[_Step, ...]], ...]


class Plan:
    """Reads named values from segments; of several sources of a key the first that is not empty counts.

    ``families`` are pairs (deciding keys, following keys) that are taken from one and the same segment, the first where
    a deciding key has a value: a dose of RXE must never meet the units of RXO.
    """

    __slots__ = ("_blank", "_choices", "_families", "_single", "_walks")

    def __init__(
        self, keys: Mapping[str, Sequence[Source]], families: Sequence[tuple[Sequence[str], Sequence[str]]] = ()
    ) -> None:
        slots: dict[tuple[Place, bool], int] = {}
        steps = {key: _steps(sources, slots) for key, sources in keys.items()}
        grouped = {key for family in families for key in (*family[0], *family[1])}
        free = {key: each for key, each in steps.items() if key not in grouped}
        self._single = tuple((key, *each[0]) for key, each in free.items() if len(each) == 1)
        self._choices = tuple((key, each) for key, each in free.items() if len(each) > 1)
        self._families = tuple(_family(deciding, following, steps) for deciding, following in families)
        self._blank = [""] * len(slots)
        self._walks = _walks(slots)

    def read(self, segments: Segments, cut: Cut, problems: list[Problem]) -> dict[str, str]:
        """The keys that have a value, HL7 null among them; the first segment of each name is read."""
        values = self._blank.copy()
        for name, wanted in self._walks:
            if name in segments:
                _fill(values, wanted, segments[name][0], cut)
        chosen: dict[str, str] = {}
        for key, slot, transform, whole, path in self._single:
            value = values[slot]
            if not value:
                continue
            if transform or whole:
                value = _transformed(value, transform, whole, cut, (path, key, problems))
            if value:
                chosen[key] = value
        _choose(chosen, values, self._choices, cut, problems)
        for family in self._families:
            _choose(chosen, values, _of_one_segment(family, values), cut, problems)
        return chosen

    def read_segment(self, fields: Fields, cut: Cut, problems: list[Problem]) -> dict[str, str]:
        """The same for one segment of a repeating kind."""
        return self.read({fields[0]: (fields,)}, cut, problems)


def _steps(sources: Sequence[Source], slots: dict[tuple[Place, bool], int]) -> tuple[_Step, ...]:
    return tuple(
        _Step(
            slots.setdefault((each.place, each.whole is not None), len(slots)),
            _chained(each.chain),
            each.whole,
            each.path,
        )
        for each in sources
    )


def _family(deciding: Sequence[str], following: Sequence[str], steps: Mapping[str, tuple[_Step, ...]]) -> _Family:
    keys = [key for key in (*deciding, *following) if steps.get(key)]
    names = dict.fromkeys(step.path[:3] for key in deciding for step in steps.get(key, ()))
    segments = []
    for name in names:
        own = [(key, tuple(step for step in steps[key] if step.path.startswith(name))) for key in keys]
        slots = tuple(step.slot for key, each in own if key in deciding for step in each)
        segments.append((slots, tuple((key, each) for key, each in own if each)))
    return _Family(tuple(segments), tuple((key, steps[key]) for key in keys))


def _of_one_segment(family: _Family, values: Sequence[str]) -> tuple[tuple[str, tuple[_Step, ...]], ...]:
    for deciding, steps in family.segments:
        for slot in deciding:
            if values[slot]:
                return steps
    return family.otherwise


def _choose(
    chosen: dict[str, str],
    values: Sequence[str],
    choices: tuple[tuple[str, tuple[_Step, ...]], ...],
    cut: Cut,
    problems: list[Problem],
) -> None:
    for key, steps in choices:
        for slot, transform, whole, path in steps:
            value = values[slot]
            if value and (transform or whole):
                value = _transformed(value, transform, whole, cut, (path, key, problems))
            if value:
                chosen[key] = value
                break


def _transformed(
    value: str, transform: Transform | None, whole: Whole | None, cut: Cut, note: tuple[str, str, list[Problem]]
) -> str:
    if value == NULL:
        return value
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


def _walks(slots: Mapping[tuple[Place, bool], int]) -> tuple[tuple[str, tuple[_Wanted, ...]], ...]:
    by_segment: dict[str, dict[int, list[tuple[int, Place, bool]]]] = {}
    for (place, whole), slot in slots.items():
        by_segment.setdefault(place.segment, {}).setdefault(place.field, []).append((slot, place, whole))
    return tuple(
        (name, tuple(_wanted(number, leaves) for number, leaves in sorted(fields.items())))
        for name, fields in by_segment.items()
    )


def _wanted(number: int, leaves: Sequence[tuple[int, Place, bool]]) -> _Wanted:
    components: list[tuple[int, int]] = []
    deeper: list[tuple[int, int, int, int]] = []
    wholes: list[int] = []
    for slot, place, whole in leaves:
        repetition, component, subcomponent = (each or 1 for each in place[2:])
        if whole:
            wholes.append(slot)
        elif repetition == subcomponent == 1:
            components.append((slot, component - 1))
        else:
            deeper.append((slot, repetition, component, subcomponent))
    firsts = [slot for slot, component in components if component == 0] + wholes
    return _Wanted(number, firsts[0] if len(firsts) == 1 else -1, tuple(components), tuple(deeper), tuple(wholes))


def _fill(values: list[str], walk: tuple[_Wanted, ...], fields: Fields, cut: Cut) -> None:
    count = len(fields)
    for number, first, components, deeper, wholes in walk:
        if number >= count:
            return
        text = fields[number]
        if not text:
            continue
        if first >= 0 and text.isalnum():
            values[first] = text
        elif text == NULL:  # a null field clears all of its components
            for slot in (*(each[0] for each in (*components, *deeper)), *wholes):
                values[slot] = NULL
        else:
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
        if component < count and (part := parts[component]):
            values[slot] = plain(part.split(subcomponent, 1)[0] if subcomponent in part else part)


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
