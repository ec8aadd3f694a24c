"""The filters in force as a list shows them where there is no room for its fields: each with the list without it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

from officina.web.rendering import address

_TOGETHER: Final[Mapping[str, tuple[str, ...]]] = {"when": ("when", "since", "until")}


class Chip(NamedTuple):
    """One filter in words, and the address of the list without it."""

    text: str
    without: str


def of(path: str, query: Mapping[str, str], texts: Mapping[str, str]) -> list[Chip]:
    """The filters that the query has, in the order of their texts."""
    return [
        Chip(text, address(path, query, **dict.fromkeys(_TOGETHER.get(name, (name,)), "")))
        for name, text in texts.items()
        if name in query
    ]
