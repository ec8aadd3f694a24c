"""What a trial of a profile found, as it is shown: by kind of difference, a few messages of each at a time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from officina.actions.receive import Released, Tried
from officina.actions.receive.difference import Change
from officina.runtime.trials import Trial
from officina.store import places as book
from officina.web import labels, places, words
from officina.web.rendering import address
from officina.web.trial_words import fate_word, in_words, named
from officina.web.visit import Visit

PAGE: Final = 10  # messages of a kind


class Shown(NamedTuple):
    """A text that differs, word by word."""

    name: str
    pieces: list[words.Piece]


class Line(NamedTuple):
    """A message with what would be different in it; ``more`` is what follows from another fate."""

    tried: Tried
    changes: list[Shown]
    more: list[Shown]


class Section(NamedTuple):
    """Messages that differ in the same way foremost: ``number`` of them, of which ``lines`` are shown, from ``start``.

    ``newer`` and ``older`` lead to those before and after, "" where there are none.
    """

    title: str
    anchor: str
    number: int
    start: int
    lines: list[Line]
    newer: str
    older: str


def effect(found: Released) -> list[tuple[labels.Label, int]]:
    """What processing again would come to, or came to."""
    return [(labels.label("message", state), count) for state, count in sorted(found.states.items())]


def sections(visit: Visit, trial: Trial, query: Mapping[str, str]) -> list[Section]:
    """Each message once, under what weighs most, another fate first; what is shown is noted in the access log."""
    if trial.found is None:
        return []
    grouped: dict[str, list[Tried]] = {}
    for each in trial.found.different:
        if visit.may("messages.raw", each.row.place_id):
            grouped.setdefault(in_words(each.difference.kinds[0]), []).append(each)
    names = {str(row.id): row.name for row in book.every(visit.tx)}
    ordered = sorted(grouped.items(), key=lambda each: (each[1][0].difference.kinds[0].what != "fate", -len(each[1])))
    chosen = places.number_of(visit.query.get("kind", ""))
    here = {**query, "trial": str(trial.id)}
    return [
        _section(visit, number, title, members, names, here, number == chosen)
        for number, (title, members) in enumerate(ordered, 1)
    ]


def _section(
    visit: Visit,
    number: int,
    title: str,
    members: Sequence[Tried],
    names: Mapping[str, str],
    here: Mapping[str, str],
    chosen: bool,
) -> Section:
    start = min(places.number_of(visit.query.get("from", "")) or 0, len(members) - 1) if chosen else 0
    shown = members[start : start + PAGE]
    for each in shown:
        visit.looked_at("message", each.row.id, each.row.patient_id, each.row.place_id)

    def at(place: int) -> str:
        return address("/rehearsal", here, **{"kind": number, "from": place}) + f"#kind-{number}"

    newer = at(max(start - PAGE, 0)) if start else ""
    older = at(start + PAGE) if start + PAGE < len(members) else ""
    return Section(title, f"kind-{number}", len(members), start, [_line(each, names) for each in shown], newer, older)


def _line(tried: Tried, places_by_id: Mapping[str, str]) -> Line:
    shown = [
        (each, Shown(named(each.name), words.compare(*_texts(each, places_by_id)))) for each in tried.difference.changes
    ]
    if tried.difference.kinds[0].what != "fate":
        return Line(tried, [one for _, one in shown], [])
    first = [one for each, one in shown if "." not in each.name]
    return Line(tried, first, [one for each, one in shown if "." in each.name])


def _texts(change: Change, places_by_id: Mapping[str, str]) -> tuple[str, str]:
    if change.name == "place":
        return places_by_id.get(change.old, change.old), places_by_id.get(change.new, change.new)
    if change.name == "reason":
        return labels.reason(change.old), labels.reason(change.new)
    if change.name == "fate":
        return fate_word(change.old), fate_word(change.new)
    return change.old, change.new
