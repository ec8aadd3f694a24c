"""What the standard calls a segment, a field, a component. Knows names, never values."""

from __future__ import annotations

from functools import cache, lru_cache
from typing import NamedTuple

from officina.wire.datatypes import DATA_TYPES
from officina.wire.dictionary import SEGMENTS, TITLES
from officina.wire.path import Path

Z_SEGMENT = "Z segment"


class Name(NamedTuple):
    """``type`` is the HL7 data type (``CX``), "" when not known; ``title`` the standard's name, "" when not known."""

    type: str
    title: str


UNKNOWN = Name("", "")


def segment(name: str) -> str:
    """The title of a segment: ``PID`` is Patient Identification, ``ZRX`` a Z segment; "" when not known."""
    return _titles().get(name) or (Z_SEGMENT if name.startswith("Z") else "")


def field(name: str, number: int) -> Name:
    """The name of a field, ``field("PID", 3)``."""
    return _nth(_fields(name), number)


def component(data_type: str, number: int) -> Name:
    """The name of a component of a data type, ``component("CX", 1)``; of its subcomponents by the component's type."""
    return _nth(_components(data_type), number)


def title(path: str) -> str:
    """What stands at a field path in words: ``PID-3[2].4.1`` is Patient Identifier List, Assigning Authority,
    Namespace ID. "" when nothing of it is known. Raises PathError."""
    address = Path.parse(path)
    place = address.place
    if place is None:
        return segment(address.segment)
    names = [field(address.segment, place.field)]
    for number in (place.component, place.subcomponent):
        if number:
            names.append(component(names[-1].type, number))
    return ", ".join(name.title for name in names if name.title)


def _nth(names: tuple[Name, ...], number: int) -> Name:
    return names[number - 1] if 0 < number <= len(names) else UNKNOWN


@cache
def _titles() -> dict[str, str]:
    return {name: text for name, _, text in (entry.partition(" ") for entry in _entries(TITLES))}


@lru_cache(maxsize=512)  # names come from messages: any number of them
def _fields(name: str) -> tuple[Name, ...]:
    return _read(SEGMENTS[name]) if name in SEGMENTS else ()


@lru_cache(maxsize=512)
def _components(data_type: str) -> tuple[Name, ...]:
    return _read(DATA_TYPES[data_type]) if data_type in DATA_TYPES else ()


def _read(text: str) -> tuple[Name, ...]:
    return tuple(Name(kind, title) for kind, _, title in (entry.partition(" ") for entry in _entries(text)))


def _entries(text: str) -> list[str]:
    return [" ".join(entry.split()) for entry in text.split("|")]
