"""What a profile reads each field as, so that a message shows where its values go."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from officina.web.labels import spoken

_SECTIONS = ("route", "identifiers", "patient", "visit", "order", "component")
_NUMBERS = re.compile(r"\[\d+\]")


def of_profile(body: Mapping[str, Any]) -> dict[str, str]:
    """From a field path without repetitions (``RXE-2.1``) to what the profile makes of it (``drug code``)."""
    found: dict[str, list[str]] = {}
    for section in _SECTIONS:
        for name, source in body.get(section, {}).items():
            word = "identifier" if section == "identifiers" else name
            if section == "identifiers" and name != "from":
                continue
            for path in _paths(source):
                words = found.setdefault(path, [])
                if word not in words:
                    words.append(word)
    return {path: spoken(", ".join(words)).lower() for path, words in found.items()}


def meaning(meanings: Mapping[str, str], path: str) -> str:
    """What the element at a path of the tree is read as; "" if the profile takes no notice of it."""
    plain = _NUMBERS.sub("", path)
    return meanings.get(plain, "") or meanings.get(plain.removesuffix(".1"), "")


def _paths(source: Any) -> Iterator[str]:
    if isinstance(source, str):
        yield _NUMBERS.sub("", source)
    elif isinstance(source, Mapping):
        yield from _paths(source.get("from", ()))
    else:
        for each in source:
            yield from _paths(each)
