"""New messages from values: fields given by number, escaped, written in the usual delimiters or those asked for.

Knows the form of a message and no profile; which segments and fields belong in it is the caller's affair.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TypeAlias

from officina.errors import Invalid
from officina.wire import charset
from officina.wire.delimiters import Delimiters
from officina.wire.escapes import escape

Leaf: TypeAlias = "str | int | datetime | None"
Component: TypeAlias = "Leaf | Sequence[Leaf]"
Field: TypeAlias = "Leaf | Sequence[Component]"


class Repeat(tuple[Field, ...]):
    """Repetitions of one field: `Repeat(["100234", "", "", "OAKS"], ["900-88-7777"])`."""

    __slots__ = ()

    def __new__(cls, *fields: Field) -> Repeat:
        """Each is what a field without repetitions takes."""
        return super().__new__(cls, fields)


_NAME = re.compile(r"[A-Z][A-Z0-9]{2}")
_NULL = '""'


def stamp(at: datetime) -> str:
    """HL7 date and time to the second (chapter 2A.3, DTM), with the offset when ``at`` has a zone."""
    return at.strftime("%Y%m%d%H%M%S%z")[:19]


class Builder:
    """One message being written, segment by segment.

    A field is text (one leaf, escaped as needed), a sequence of components, each of them text or a sequence of
    subcomponents, or a `Repeat` of those; None and '' are empty, `""` is the HL7 null.
    """

    def __init__(
        self,
        message_type: str,
        *,
        control_id: str,
        at: datetime,
        version: str = "2.5.1",
        sender: Sequence[str] = ("", ""),
        receiver: Sequence[str] = ("", ""),
        processing: str = "P",
        character_set: str = "UNICODE UTF-8",
        header: Mapping[int, Field | Repeat] | None = None,
        delimiters: Delimiters | None = None,
    ) -> None:
        """Begin with MSH. ``message_type`` is MSH-9 in the standard's notation, `RDE^O11^RDE_O11`, whatever the
        delimiters; ``sender`` and ``receiver`` are (application, facility); ``header`` adds or replaces MSH fields.
        """
        self._delimiters = delimiters or Delimiters()
        self._encoding = charset.codec(character_set)
        if not self._encoding:
            raise Invalid("the character set is not in HL7 table 0211", place="MSH-18")
        self._segments: list[str] = []
        fields: dict[int, Field | Repeat] = {
            3: sender[0],
            4: sender[1],
            5: receiver[0],
            6: receiver[1],
            7: at,
            9: message_type.split("^"),
            10: control_id,
            11: processing,
            12: version,
            18: "" if self._encoding == "ascii" else character_set,
        }
        fields |= header or {}
        for number in (1, 2):
            if number in fields:
                raise Invalid("the delimiters are given as delimiters, not as a field", place=f"MSH-{number}")
        separator = self._delimiters.field
        # MSH-1 is the separator itself, so the text after it begins with field 2.
        written = self._fields("MSH", fields)[2:]
        self._segments.append("MSH" + separator + separator.join([self._delimiters.encoding_characters, *written]))

    def segment(self, name: str, fields: Mapping[int, Field | Repeat]) -> Builder:
        """Add a segment; fields are keyed by their number, from 1. Errors name the field."""
        if not _NAME.fullmatch(name) or name == "MSH":
            raise Invalid("this is not the name of a segment to add", place=name)
        self._segments.append(self._delimiters.field.join([name, *self._fields(name, fields)]))
        return self

    def encode(self) -> bytes:
        """The message's bytes, a CR after each segment."""
        return "".join(segment + "\r" for segment in self._segments).encode(self._encoding)

    def _fields(self, name: str, fields: Mapping[int, Field | Repeat]) -> list[str]:
        written = [""] * max(fields, default=0)
        for number, field in fields.items():
            place = f"{name}-{number}"
            if number < 1:
                raise Invalid("fields count from 1", place=place)
            try:
                written[number - 1] = self._field(field)
                written[number - 1].encode(self._encoding)
            except UnicodeEncodeError:
                reason = f"the value has characters that {self._encoding} lacks"
                raise Invalid(reason, place=place) from None
            except ValueError as error:
                raise Invalid(str(error), place=place) from None
        while written and not written[-1]:
            written.pop()
        return written

    def _field(self, field: Field | Repeat) -> str:
        if isinstance(field, Repeat):
            return self._joined([self._field(each) for each in field], self._delimiters.repetition)
        return self._level(field, self._delimiters.component, self._delimiters.subcomponent)

    def _level(self, value: Field | Component, *separators: str) -> str:
        """One level of a field: a leaf, or the parts that the first separator joins."""
        if value is None:
            return ""
        if isinstance(value, datetime):
            return escape(stamp(value), self._delimiters)
        if isinstance(value, (str, int)):
            return value if value == _NULL else escape(str(value), self._delimiters)
        if not separators:
            raise ValueError("a value is nested deeper than subcomponents")
        return self._joined([self._level(part, *separators[1:]) for part in value], separators[0])

    def _joined(self, parts: list[str], separator: str) -> str:
        """The parts without empty ones at the end (chapter 2.6: trailing delimiters may be left out)."""
        while parts and not parts[-1]:
            parts.pop()
        if len(parts) > 1 and not separator:
            raise ValueError("the message declares no delimiter for this level")
        return separator.join(parts)
