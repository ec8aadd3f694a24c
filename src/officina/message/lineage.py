"""Where the parts of a profile stand: in which of the profiles it extends, and in which line of a text."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

_HEADER = re.compile(r"\s*\[\s*([^\[\]]+?)\s*\]")
_KEY = re.compile(r"""\s*((?:[\w.*-]+|"[^"]*"|'[^']*'|\s*\.\s*)+?)\s*=""")


class Entry(NamedTuple):
    """One key of a profile as it counts, and the name of the profile that says so."""

    key: str
    value: object
    profile: str


def entries(merged: Mapping[str, object], chain: Sequence[tuple[str, Mapping[str, object]]]) -> list[Entry]:
    """Every key of a merged profile. ``chain`` are name and own text of the profile and of those it extends."""
    found = []
    for path, value in _leaves((), merged):
        origin = next((name for name, own in chain if _at(own, path) is not None), chain[-1][0])
        found.append(Entry(dotted(path), value, origin))
    return found


def dotted(path: Sequence[str]) -> str:
    """``messages."RDE^O11"``, as TOML writes a key."""
    return ".".join(part if re.fullmatch(r"[\w-]+", part) else f'"{part}"' for part in path)


def line_of(text: str, place: str) -> int | None:
    """The line, from 1, where a key stands that an error names (``order.drug_code.as``); None if it is not there.

    A key below that one, such as ``as``, may stand in the same line, so the nearest key above it is taken.
    """
    wanted = place
    while wanted:
        for number, key in _keys(text):
            if key == wanted:
                return number
        wanted = wanted.rpartition(".")[0]
    return None


def _keys(text: str) -> Iterator[tuple[int, str]]:
    table = ""
    for number, line in enumerate(text.splitlines(), 1):
        if header := _HEADER.match(line):
            table = _bare(header[1])
            yield number, table
        elif key := _KEY.match(line):
            yield number, f"{table}.{_bare(key[1])}" if table else _bare(key[1])


def _bare(key: str) -> str:
    return re.sub(r"\s*\.\s*", ".", key).replace('"', "").replace("'", "")


def _leaves(path: tuple[str, ...], value: object) -> Iterator[tuple[tuple[str, ...], object]]:
    if isinstance(value, Mapping) and (path == ("identifiers",) or "from" not in value):
        for key, inner in value.items():
            yield from _leaves((*path, key), inner)
    elif path:
        yield path, value


def _at(own: object, path: Sequence[str]) -> object:
    for key in path:
        if not isinstance(own, Mapping) or key not in own:
            return None
        own = own[key]
    return own
