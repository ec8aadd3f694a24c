"""Reading a run of segments by field path: what a whole message and one of its groups have in common.

Segments are found once per path and their fields split once; nothing here writes.
"""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

from officina.wire import charset, element
from officina.wire.delimiters import Delimiters
from officina.wire.element import Levels
from officina.wire.escapes import unescape
from officina.wire.path import Path, PathError, Place

HEADERS = frozenset({"MSH", "FHS", "BHS"})
_LITERAL, _NOTHING = 0, -1  # instead of a component: the field is the delimiters themselves
_MAX_STEPS = 8192
_NO_FIELDS = [""]  # of a segment that is not there: true, so that it is not looked for again

_Step = tuple[str, int, bool, int, int, int]  # head, field, whether it is a first leaf, then numbers from 1
_steps: dict[str, _Step] = {}


class Syntax(NamedTuple):
    """A message's delimiters as declared and as used."""

    delimiters: Delimiters
    levels: Levels


class Source:
    """The lines of one message and their fields, split on demand; shared by all who read it."""

    __slots__ = ("_encoding", "_raw", "delimiters", "levels", "lines", "names", "positions", "split")

    def __init__(self, raw: bytes, encoding: str, names: list[str], lines: list[str], syntax: Syntax) -> None:
        self._raw = raw
        self._encoding = encoding
        self.names = names
        self.lines = lines
        self.delimiters = syntax.delimiters
        self.levels = syntax.levels
        self.split: dict[int, list[str]] = {}
        self.positions: dict[str, list[int]] = {}

    @property
    def encoding(self) -> str:
        """Python's name of the bytes' character set; looked up late for a message that is plain ASCII."""
        if not self._encoding:
            self._encoding = charset.declared_codec(self._raw)[0] or "utf-8"
        return self._encoding

    def declare(self, encoding: str) -> None:
        """From now on the text is to be in this encoding; what was received is no longer asked."""
        self._encoding = encoding

    def fields(self, position: int) -> list[str]:
        """Source texts of a segment's fields: [0] the name, [n] field n, with MSH-1 in its place."""
        fields = self.split.get(position)
        if fields is None:
            fields = self.split[position] = self.lines[position].split(self.delimiters.field)
            if self.names[position] in HEADERS:
                fields.insert(1, self.delimiters.field)
        return fields

    def named(self, name: str) -> list[int]:
        """Positions of the segments of that name."""
        if not self.positions:
            for position, each in enumerate(self.names):
                self.positions.setdefault(each, []).append(position)
        return self.positions.get(name, [])


class Reading:
    """Segments ``first`` to before ``last`` of a message, read by path. Every PathError names the path."""

    __slots__ = ("_first", "_found", "_last", "_levels", "_source", "_spans")

    def __init__(self, source: Source, first: int, last: int) -> None:
        self._source = source
        self._levels = tuple(source.levels)  # read faster than a named tuple
        self._first = first
        self._last = last
        self._found: dict[str, list[str]] = {}
        self._spans: dict[str, list[tuple[int, int]]] = {}

    def get(self, path: str) -> str:
        """The text at the path, unescaped; '' when absent or empty, `""` for the HL7 null.

        A path that stops above a leaf reads the first at each lower level: PID-3 is PID-3[1].1.1.
        """
        # The hottest code of the intake, so it is written out instead of looping over the levels.
        try:
            head, field, plain, repetition, component, subcomponent = _steps[path]
        except KeyError:
            head, field, plain, repetition, component, subcomponent = _step(path)
        fields = self._found.get(head) or self._find(head)
        if field >= len(fields):
            return ""
        text = fields[field]
        if not text or (plain and text.isalnum()):  # no delimiter is a letter or a digit
            return text
        repeats, components, subcomponents, escape = self._levels
        if component < 1:
            return text if component == _LITERAL else ""
        if repeats in text or repetition > 1:
            parts = text.split(repeats, repetition)
            text = parts[repetition - 1] if repetition <= len(parts) else ""
        if components in text or component > 1:
            parts = text.split(components, component)
            text = parts[component - 1] if component <= len(parts) else ""
        if subcomponents in text or subcomponent > 1:
            parts = text.split(subcomponents, subcomponent)
            text = parts[subcomponent - 1] if subcomponent <= len(parts) else ""
        if escape in text:
            return unescape(text, self._source.delimiters, self._source.encoding)
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
        position = self._first_named(head) if len(head) == 3 else self._position(Path.parse(head))
        fields = self._found[head] = _NO_FIELDS if position is None else self._source.fields(position)
        return fields

    def _position(self, address: Path) -> int | None:
        if not address.lead and address.occurrence <= 1:
            return self._first_named(address.segment)
        positions = self._named(address)
        number = max(address.occurrence, 1)
        return positions[number - 1] if number <= len(positions) else None

    def _first_named(self, name: str) -> int | None:
        try:
            return self._source.names.index(name, self._first, self._last)
        except ValueError:
            return None

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
            alone = len(starts) < 2
            spans = [(self._first, self._last)] if alone else list(pairwise([*starts, self._last]))
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
    numbers = [max(number, 1) for number in place[1:]]
    if is_literal(address.segment, place):
        numbers[1] = _LITERAL if max(numbers) == 1 else _NOTHING
    if len(_steps) >= _MAX_STEPS:  # paths come from profiles and people: many the same, never without bound
        _steps.clear()
    repetition, component, subcomponent = numbers
    step = _steps[path] = (address.head, place.field, max(numbers) == 1, repetition, component, subcomponent)
    return step
