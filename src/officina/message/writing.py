"""Transforms of facts on their way into a message: the times of the book in the forms receivers read."""

from __future__ import annotations

import re
from collections.abc import Mapping

from officina.message.transforms import Transform, trim

# What the book keeps: YYYY[-MM[-DD[THH:MM:SS[.ffffff][+HH:MM]]]]
_ISO = re.compile(
    r"(\d{4})(?:-(\d\d)(?:-(\d\d)(?:T(\d\d):(\d\d):(\d\d)(?:\.(\d{1,6}))?([+-]\d\d:\d\d)?)?)?)?", re.ASCII
)


def stamp(text: str) -> str:
    """ISO 8601 as HL7 has it (2.5.1, 2.A.22), as precise as it is; anything else stays."""
    found = _ISO.fullmatch(text)
    if not found:
        return text
    *parts, fraction, offset = found.groups("")
    tail = f".{fraction[:4]}" if fraction else ""
    return "".join(parts) + tail + offset.replace(":", "")


def local(text: str) -> str:
    """The same without the offset: the clock of the place."""
    found = _ISO.fullmatch(text)
    return stamp(text[: found.start(8)]) if found and found[8] else stamp(text)


def day(text: str) -> str:
    """The day alone."""
    return stamp(text[:10]) if _ISO.fullmatch(text) else text


def day_first(text: str) -> str:
    """``14/09/2021 10:32:41``, or as much of it as is known."""
    found = _ISO.fullmatch(text)
    if not found:
        return text
    year, month, date, hour, minute, second, *_ = found.groups("")
    said = "/".join(filter(None, (date, month, year)))
    return f"{said} {hour}:{minute}:{second}" if hour else said


WRITTEN: Mapping[str, Transform] = {
    "trim": trim,
    "upper": str.upper,
    "lower": str.lower,
    "date": day,
    "local": local,
    "day_first": day_first,
}
