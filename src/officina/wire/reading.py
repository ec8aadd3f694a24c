"""Reading a run of segments by field path: what a whole message and one of its groups have in common.

Segments are found once per path and their fields split once; nothing here writes.
"""

from __future__ import annotations

from officina.wire import charset, element
from officina.wire.delimiters import Delimiters
from officina.wire.element import Levels
from officina.wire.escapes import unescape
from officina.wire.path import Path, PathError, Place

HEADERS = frozenset({"MSH", "FHS", "BHS"})
_LITERAL, _NOTHING = -1, -2  # instead of a component: the field is the delimiters themselves
_MAX_STEPS = 8192

_Step = tuple[str, int, int, int, int]
_steps: dict[str, _Step] = {}


class Source:
    """The lines of one message and their fields, split on demand; shared by all who read it."""

    __slots__ = ("_encoding", "_raw", "delimiters", "levels", "lines", "marks", "names", "positions", "split")

    def __init__(self, raw: bytes, encoding: str, names: list[str], lines: list[str], delimiters: Delimiters) -> None:
        self._raw = raw
        self._encoding = encoding
        self.names = names
        self.lines = lines
        self.delimiters = delimiters
        self.levels = Levels.of(delimiters)
        self.marks = (*self.levels, delimiters.escape or element.ABSENT)
        self.split: list[list[str] | None] = [None] * len(names)
        self.positions: dict[str, list[int]] = {}

    @property
    def encoding(self) -> str:
        """Python's name of the bytes' character set; looked up late for a message that is plain ASCII."""
        if not self._encoding:
            self._encoding = charset.declared_codec(self._raw)[0] or "utf-8"
        return self._encoding

    def fields(self, position: int) -> list[str]:
        """Source texts of a segment's fields: [0] the name, [n] field n, with MSH-1 in its place."""
        fields = self.split[position]
        if fields is None:
            fields = self.lines[position].split(self.delimiters.field)
            if self.names[position] in HEADERS:
                fields.insert(1, self.delimiters.field)
            self.split[position] = fields
        return fields

    def named(self, name: str) -> list[int]:
        """Positions of the segments of that name."""
        if not self.positions:
            for position, each in enumerate(self.names):
                self.positions.setdefault(each, []).append(position)
        return self.positions.get(name, [])


class Reading:
    """Segments ``first`` to before ``last`` of a message, read by path. Every PathError names the path."""

    __slots__ = ("_first", "_found", "_last", "_source", "_spans")

    def __init__(self, source: Source, first: int, last: int) -> None:
        self._source = source
        self._first = first
        self._last = last
        self._found: dict[str, list[str]] = {}
        self._spans: dict[str, list[tuple[int, int]]] = {}

    def get(self, path: str) -> str:
        """The text at the path, unescaped; '' when absent or empty, `""` for the HL7 null.

        A path that stops above a leaf reads the first at each lower level: PID-3 is PID-3[1].1.1.
        """
        try:
            head, field, repetition, component, subcomponent = _steps[path]
        except KeyError:
            head, field, repetition, component, subcomponent = _step(path)
        try:
            text = self._found[head][field]
        except KeyError:
            fields = self._find(head)
            if field >= len(fields):
                return ""
            text = fields[field]
        except IndexError:
            return ""
        if not text:
            return text
        # Written out, not looped: this is the hottest code of the intake.
        source = self._source
        repeats, components, subcomponents, mark = source.marks
        if component < 0:
            return text if component == _LITERAL else ""
        if repeats in text:
            parts = text.split(repeats, repetition + 1)
            text = parts[repetition] if repetition < len(parts) else ""
        elif repetition:
            return ""
        if components in text:
            parts = text.split(components, component + 1)
            text = parts[component] if component < len(parts) else ""
        elif component:
            return ""
        if subcomponents in text:
            parts = text.split(subcomponents, subcomponent + 1)
            text = parts[subcomponent] if subcomponent < len(parts) else ""
        elif subcomponent:
            return ""
        if mark in text:
            return unescape(text, source.delimiters, source.encoding)
        return text

    def raw_at(self, path: str) -> str:
        """The source text at the path, escapes and lower delimiters included; `PID-3` gives all its repetitions."""
        address = Path.parse(path)
        position = self._position(address)
        if position is None:
            return ""
        if address.place is None:
            return self._source.lines[position]
        return raw_field(self._source, position, address.place)

    def repetitions(self, path: str) -> list[str]:
        """The source text of each repetition of the field at the path (`PID-3`); [] when it is absent or empty."""
        address = Path.parse(path)
        if address.place is None or any(address.place[1:]):
            raise PathError("repetitions belong to a whole field", place=path, remedy="write it like PID-3")
        text = self.raw_at(path)
        if not text:
            return []
        return [text] if is_literal(address.segment, address.place) else text.split(self._source.levels.repetition)

    def count(self, path: str) -> int:
        """How many there are: segments for `OBX`, repetitions for `PID-3`."""
        address = Path.parse(path)
        if address.place is not None:
            return len(self.repetitions(path))
        return len(self._named(address))

    def segments(self, name: str | None = None) -> list[Segment]:
        """All segments, or those of one name, in order."""
        if name is None:
            return [Segment(self._source, position) for position in range(self._first, self._last)]
        return [Segment(self._source, position) for position in self._named(Path(name))]

    # --- finding ---------------------------------------------------------------------------------------------------

    def _find(self, head: str) -> list[str]:
        """Fields of the segment a path's head names, kept for the next look; a segment found never moves."""
        position = self._position(Path.parse(head))
        fields = [] if position is None else self._source.fields(position)
        self._found[head] = fields
        return fields

    def _position(self, address: Path) -> int | None:
        if not address.lead and address.occurrence <= 1:
            try:
                return self._source.names.index(address.segment, self._first, self._last)
            except ValueError:
                return None
        positions = self._named(address)
        number = max(address.occurrence, 1)
        return positions[number - 1] if number <= len(positions) else None

    def _named(self, address: Path) -> list[int]:
        first, last = self._span(address)
        positions = self._source.named(address.segment)
        if not positions or (first <= positions[0] and positions[-1] < last):
            return positions
        return [position for position in positions if first <= position < last]

    def _span(self, address: Path) -> tuple[int, int]:
        if not address.lead:
            return self._first, self._last
        spans = self._group_spans(address.lead)
        number = max(address.group, 1)
        return spans[number - 1] if number <= len(spans) else (0, 0)

    def _group_spans(self, lead: str) -> list[tuple[int, int]]:
        spans = self._spans.get(lead)
        if spans is None:
            starts = self._named(Path(lead))
            if len(starts) < 2:
                spans = [(self._first, self._last)]
            else:
                spans = list(zip(starts, [*starts[1:], self._last], strict=True))
            self._spans[lead] = spans
        return spans


class Segment:
    """One segment; ``index`` is its place in the message, from 0. Field paths are relative: `3[1].1`."""

    __slots__ = ("_source", "index", "name")

    def __init__(self, source: Source, index: int) -> None:
        self._source = source
        self.index = index
        self.name = source.names[index]

    @property
    def text(self) -> str:
        """The segment as it was written, without its terminator."""
        return self._source.lines[self.index]

    @property
    def fields(self) -> list[str]:
        """Source texts: [0] the name, [n] field n (in MSH, [1] is the field separator)."""
        return list(self._source.fields(self.index))

    def get(self, place: str) -> str:
        """The text at `3[1].1`, as in `Message.get`."""
        where = Place.parse(place)
        if is_literal(self.name, where):
            return self.raw_at(place)
        _, *numbers = where
        leaf = Place(where.field, *(number or 1 for number in numbers))
        source = self._source
        return unescape(raw_field(source, self.index, leaf), source.delimiters, source.encoding)

    def raw_at(self, place: str) -> str:
        """The source text at `3[1].1`, as in `Message.raw_at`."""
        return raw_field(self._source, self.index, Place.parse(place))


def raw_field(source: Source, position: int, place: Place) -> str:
    """The source text of a place in the segment at that position; '' when absent."""
    fields = source.fields(position)
    text = fields[place.field] if place.field < len(fields) else ""
    if is_literal(source.names[position], place):
        return text if max(place[1:]) <= 1 else ""
    return element.raw(text, place, source.levels)


def is_literal(segment: str, place: Place) -> bool:
    """Whether the field is the delimiters themselves (MSH-1, MSH-2), not to be split or unescaped."""
    return place.field <= 2 and segment in HEADERS


def _step(path: str) -> _Step:
    address = Path.parse(path)
    place = address.place
    if place is None:
        raise PathError("a value needs a field", place=path, remedy=f"write it like {path}-1")
    numbers = [max(number - 1, 0) for number in place[1:]]
    if is_literal(address.segment, place):
        numbers[1] = _NOTHING if any(numbers) else _LITERAL
    if len(_steps) >= _MAX_STEPS:  # paths come from profiles and people: many the same, never without bound
        _steps.clear()
    step = _steps[path] = (address.head, place.field, numbers[0], numbers[1], numbers[2])
    return step
