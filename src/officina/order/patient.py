"""Who an order is for, as one message states it, and what that changes in what the book knows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

CLEAR = '""'
"""HL7 null: the value is to be cleared. An absent key leaves what is there."""


class Identifier(NamedTuple):
    """Type (table 0203), assigning authority ("" until the receiver names the sender), value."""

    type: str
    authority: str
    value: str


class PatientFacts(NamedTuple):
    """``fields``: some of family, given, middle, born_on (YYYY[-MM[-DD]]), sex, address, phone; `CLEAR` clears one."""

    identifiers: tuple[Identifier, ...]
    fields: Mapping[str, str]


def unique(identifiers: Iterable[Identifier]) -> tuple[Identifier, ...]:
    """Without repetitions, in their order."""
    return tuple(dict.fromkeys(identifiers))


def merge(current: Mapping[str, object], facts: PatientFacts) -> dict[str, str]:
    """Only what changes: the new value of each field that differs, "" where HL7 null clears it."""
    return changes(current, facts.fields)


def changes(current: Mapping[str, object], stated: Mapping[str, str]) -> dict[str, str]:
    """Empty leaves unchanged, `CLEAR` empties, anything else replaces."""
    changed = {}
    for key, value in stated.items():
        if value == "":
            continue
        wanted = "" if value == CLEAR else value
        if current.get(key, "") != wanted:
            changed[key] = wanted
    return changed
