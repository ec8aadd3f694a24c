"""A message as a person reads it: segments, fields and components with the standard's names, empty ones left out."""

from __future__ import annotations

import re
from typing import NamedTuple

from officina.wire import names
from officina.wire.delimiters import Delimiters
from officina.wire.er7 import NULL, Message
from officina.wire.escapes import unescape

LONGEST = 4096  # characters of one value that are shown; a scanned document has millions

_HEADERS = ("MSH", "FHS", "BHS")


class SubcomponentView(NamedTuple):
    """``path``: ``PID-5.1.2``; ``text``: unescaped."""

    path: str
    title: str
    text: str


class ComponentView(NamedTuple):
    """``text``: unescaped when it is a leaf, else its source with ``subcomponents`` apart."""

    path: str
    title: str
    text: str
    subcomponents: tuple[SubcomponentView, ...] = ()


class FieldView(NamedTuple):
    """One repetition of a field: ``PID-3``, ``PID-3[2]``. ``text``: unescaped when it is a leaf, else its source.

    ``null``: it is the HL7 null, which clears the value.
    """

    path: str
    title: str
    text: str
    components: tuple[ComponentView, ...] = ()
    null: bool = False


class SegmentView(NamedTuple):
    """``path``: ``PID``, and ``OBX[2]`` where there are several; ``title`` "" when the standard does not know it."""

    name: str
    path: str
    title: str
    fields: tuple[FieldView, ...]


def tree(message: Message, longest: int = LONGEST) -> list[SegmentView]:
    """The segments of the message in order. Values over ``longest`` characters are cut, with an ellipsis."""
    totals: dict[str, int] = {}
    for name in message.names:
        totals[name] = totals.get(name, 0) + 1
    seen: dict[str, int] = {}
    reader = _Reader(message.delimiters, message.encoding, longest)
    views = []
    for segment in message.segments():
        name = segment.name
        seen[name] = seen.get(name, 0) + 1
        path = f"{name}[{seen[name]}]" if totals[name] > 1 else name
        views.append(SegmentView(name, path, names.segment(name), tuple(reader.fields(name, path, segment.fields))))
    return views


def text(message: Message, width: int = 100, color: bool = False) -> str:
    """The tree as lines of at most ``width`` characters where values allow; ``color`` adds ANSI colours.

    Control characters in values are shown as symbols, so that a message cannot steer the terminal.
    """
    lines: list[str] = []
    for segment in tree(message, _LONGEST_LINE):
        if lines:
            lines.append("")
        lines.append(f"{_paint(segment.path, '1;36', color)}  {segment.title}".rstrip())
        for field in segment.fields:
            _lines(lines, 1, field.path, field.title, _shown(field), width, color)
            for component in field.components:
                parts = component.subcomponents
                shown = "" if parts else component.text
                _lines(lines, 2, component.path, component.title, shown, width, color)
                for part in parts:
                    _lines(lines, 3, part.path, part.title, part.text, width, color)
    return "\n".join(lines) + "\n"


def _shown(field: FieldView) -> str:
    if field.null:
        return f"{NULL} (clears the value)"
    return "" if field.components else field.text


class _Reader:
    """Splits the fields of one message's segments."""

    def __init__(self, delimiters: Delimiters, encoding: str, longest: int) -> None:
        self._delimiters = delimiters
        self._encoding = encoding
        self._longest = longest

    def fields(self, name: str, segment_path: str, fields: list[str]) -> list[FieldView]:
        views = []
        for number, source in enumerate(fields[1:], 1):
            title = names.field(name, number)
            if not source:
                continue
            path = f"{segment_path}-{number}"
            if name in _HEADERS and number <= 2:
                views.append(FieldView(path, title.title, source))
                continue
            if name == "OBX" and number == 5:  # its data type is what OBX-2 says
                title = title._replace(type=fields[2])
            repetitions = _split(source, self._delimiters.repetition)
            for place, repetition in enumerate(repetitions, 1):
                if repetition:
                    one = path if len(repetitions) == 1 else f"{path}[{place}]"
                    views.append(self._field(one, title, repetition))
        return views

    def _field(self, path: str, name: names.Name, source: str) -> FieldView:
        parts = _split(source, self._delimiters.component)
        if len(parts) == 1 and not self._deeper(source):
            return FieldView(path, name.title, self._leaf(source), null=source == NULL)
        components = tuple(
            self._component(f"{path}.{number}", names.component(name.type, number), part)
            for number, part in enumerate(parts, 1)
            if part
        )
        return FieldView(path, name.title, self._cut(source), components)

    def _component(self, path: str, name: names.Name, source: str) -> ComponentView:
        parts = _split(source, self._delimiters.subcomponent)
        if len(parts) == 1:
            return ComponentView(path, name.title, self._leaf(source))
        subcomponents = tuple(
            SubcomponentView(f"{path}.{number}", names.component(name.type, number).title, self._leaf(part))
            for number, part in enumerate(parts, 1)
            if part
        )
        return ComponentView(path, name.title, self._cut(source), subcomponents)

    def _deeper(self, source: str) -> bool:
        return bool(self._delimiters.subcomponent) and self._delimiters.subcomponent in source

    def _leaf(self, source: str) -> str:
        return self._cut(unescape(source, self._delimiters, self._encoding))

    def _cut(self, value: str) -> str:
        if len(value) <= self._longest:
            return value
        return f"{value[: self._longest]}… ({len(value):,} characters)"


def _split(source: str, separator: str) -> list[str]:
    return source.split(separator) if separator else [source]


_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_TITLE_WIDTH = 34
_PATH_WIDTH = 19
_LONGEST_LINE = 1200


def _lines(lines: list[str], depth: int, path: str, title: str, value: str, width: int, color: bool) -> None:
    """Appends one element: path, title and value in columns, the value wrapped under itself."""
    head = f"{'  ' * depth}{path}".ljust(_PATH_WIDTH) + " "
    label = title if len(title) <= _TITLE_WIDTH else f"{title[: _TITLE_WIDTH - 1]}…"
    start = len(head) + _TITLE_WIDTH + 2
    pieces = [piece for line in value.split("\n") for piece in _wrapped(line, max(width - start, 20))]
    first = f"{_paint(head, '2', color)}{label.ljust(_TITLE_WIDTH)}  {pieces[0]}"
    lines.append(first.rstrip())
    lines.extend(f"{' ' * start}{piece}".rstrip() for piece in pieces[1:])


def _wrapped(line: str, width: int) -> list[str]:
    shown = _CONTROL.sub(_symbol, line)
    pieces = []
    while len(shown) > width:
        stop = shown.rfind(" ", 1, width + 1)
        stop = stop if stop > 0 else width
        pieces.append(shown[:stop])
        shown = shown[stop:].removeprefix(" ")
    return [*pieces, shown]


def _symbol(found: re.Match[str]) -> str:
    code = ord(found[0])
    if code < 0x20:
        return chr(0x2400 + code)
    return "␡" if code == 0x7F else "�"


def _paint(shown: str, style: str, color: bool) -> str:
    return f"\x1b[{style}m{shown}\x1b[0m" if color else shown
