"""Whom a message is about and where they are: patient, identifiers and visit.

A pharmacy sends many orders for one resident with the same PID and PV1, so what those say is remembered for a while.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from officina.message.cut import NULL, Cut
from officina.message.plan import Plan
from officina.message.source import Problem, Segments

_MOST = 1024  # residents remembered per profile
_LONGEST = 2000  # characters of the segments of one; what is longer is read anew each time


class IdentifierText(NamedTuple):
    """One patient identifier as sent: type (table 0203), authority ("" if not said), value."""

    type: str
    authority: str
    value: str


@dataclass(frozen=True, slots=True)
class IdentifierSource:
    """A field that carries patient identifiers, and the type of those that come without one."""

    segment: str
    field: int
    default_type: str


class About(NamedTuple):
    """The keys of a profile's ``patient`` and ``visit`` that have a value, and the patient's identifiers."""

    patient: dict[str, str]
    identifiers: list[IdentifierText]
    visit: dict[str, str]


class AboutPlan:
    """Reads all of it as one profile says. It has its own memory, so that no profile sees what another one read."""

    __slots__ = ("_known", "_patient", "_segments", "_sources", "_types", "_visit")

    def __init__(
        self, patient: Plan, visit: Plan, sources: Sequence[IdentifierSource], types: Mapping[str, str]
    ) -> None:
        self._patient, self._visit, self._sources, self._types = patient, visit, sources, types
        names = (*patient.segments, *visit.segments, *(each.segment for each in sources))
        self._segments = tuple(dict.fromkeys(names))
        self._known: dict[tuple[object, ...], About] = {}

    def read(self, head: Segments, texts: Mapping[str, str], cut: Cut, problems: list[Problem]) -> About:
        """``head`` and ``texts``: the first segment of each name, cut and whole. The answer is the caller's own."""
        lines = [texts.get(name, "") for name in self._segments]
        key = (cut, *lines)
        about = self._known.get(key)
        if about is None:
            before = len(problems)
            about = self._read(head, cut, problems)
            if len(problems) == before and sum(map(len, lines)) <= _LONGEST:
                if len(self._known) >= _MOST:
                    self._known.clear()
                self._known[key] = about
        return About(about.patient.copy(), about.identifiers.copy(), about.visit.copy())

    def _read(self, head: Segments, cut: Cut, problems: list[Problem]) -> About:
        patient = self._patient.read(head, cut, problems)
        visit = self._visit.read(head, cut, problems)
        return About(patient, self._identifiers(head, cut), visit)

    def _identifiers(self, head: Segments, cut: Cut) -> list[IdentifierText]:
        """From the first of the profile's fields that has any."""
        for source in self._sources:
            segment = head.get(source.segment)
            text = segment[0][source.field] if segment and source.field < len(segment[0]) else ""
            if not text:
                continue
            read = [self._identifier(each, source.default_type, cut) for each in cut.repetitions(text)]
            found = list(dict.fromkeys(each for each in read if each.value and each.value != NULL))
            if found:
                return found
        return []

    def _identifier(self, repetition: str, default: str, cut: Cut) -> IdentifierText:
        """CX: value^check digit^scheme^authority^type^facility.

        Long-term-care senders put the type into component 6, careless ones into 4; there only a type known to table
        0203 or named by the profile counts, since those places are an authority's.
        """
        parts = cut.components(repetition)
        parts += [""] * (6 - len(parts))
        value, authority, stated, facility = parts[0], parts[3], parts[4], parts[5]
        types = self._types
        if stated:
            return IdentifierText(types.get(stated, stated), authority, value)
        if facility in types:
            return IdentifierText(types[facility], authority, value)
        if authority in types:
            return IdentifierText(types[authority], "", value)
        return IdentifierText(default, authority, value)
