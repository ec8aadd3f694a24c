"""A message about an event, written in a partner's dialect. Pure: facts in, bytes out."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from officina.errors import Invalid
from officina.message.facts import Facts, said
from officina.message.sending import Composed, FieldRule, SegmentRule, Sending, Value
from officina.message.transforms import Transform
from officina.wire.build import Builder, Field, Repeat


def compose(sending: Sending, composed: Composed, facts: Facts, *, control_id: str, at: datetime) -> bytes:
    """The message. ``at`` is MSH-7, in the zone it is written in.

    Raises Invalid with the field as its place where a value cannot be written in the character set.
    """
    try:
        return _encoded(sending, composed, facts, control_id, at, "ASCII")
    except Invalid:  # MSH-18 is said where it is needed: not all receivers know what to make of it
        return _encoded(sending, composed, facts, control_id, at, sending.character_set)


def _encoded(
    sending: Sending, composed: Composed, facts: Facts, control_id: str, at: datetime, character_set: str
) -> bytes:
    builder = Builder(
        composed.type,
        control_id=control_id,
        at=at if sending.offset else at.replace(tzinfo=None),
        version=sending.version,
        processing=sending.processing,
        character_set=character_set,
        header={rule.number: _field(rule, facts, sending.times, None) for rule in sending.header},
    )
    for segment in composed.segments:
        for fields in _segments(segment, facts, sending.times):
            builder.segment(segment.name, fields)
    return builder.encode()


def _segments(rule: SegmentRule, facts: Facts, times: Transform) -> list[dict[int, Field | Repeat]]:
    """The fields of each such segment: one, none, or one for each of what it repeats for."""
    turns: list[int | None] = [*range(len(facts.get(rule.over, ())))] if rule.over else [None]
    if rule.optional:
        turns = [turn for turn in turns if _says(rule, facts, turn)]
    return [{field.number: _field(field, facts, times, turn) for field in rule.fields} for turn in turns]


def _says(rule: SegmentRule, facts: Facts, turn: int | None) -> bool:
    """Whether a fact stands in it: neither constants nor the number of the segment are a reason to send it."""
    names = (name for field in rule.fields for value in field.leaves.values() for name in value.facts)
    return any(any(said(facts, name, turn)) for name in names if not name.endswith(".number"))


def _field(rule: FieldRule, facts: Facts, times: Transform, turn: int | None) -> Repeat:
    """As often as what it names is there; where facts belong in it and none says anything, not at all."""
    found = {at: _texts(value, facts, times, turn) for at, value in rule.leaves.items()}
    told = [texts for at, texts in found.items() if rule.leaves[at].facts]  # their constants too, where they have one
    count = max(map(len, told), default=1)
    return Repeat(
        *(
            _parts({at: _nth(texts, index) for at, texts in found.items()})
            for index in range(count)
            if not told or any(_nth(texts, index) for texts in told)
        )
    )


def _texts(value: Value, facts: Facts, times: Transform, turn: int | None) -> list[str]:
    for name in value.facts:
        texts = [value.written(name, text, times) for text in said(facts, name, turn)]
        if any(texts):
            return texts
    return [value.constant] if value.constant or not value.facts else []


def _nth(texts: list[str], index: int) -> str:
    """What there is once stands in every repetition."""
    if len(texts) == 1:
        return texts[0]
    return texts[index] if index < len(texts) else ""


def _parts(leaves: Mapping[tuple[int, int], str]) -> list[list[str]]:
    """Components, each a list of its subcomponents."""
    components = [[""] * _most(leaves, number) for number in range(1, max(at[0] for at in leaves) + 1)]
    for (component, subcomponent), text in leaves.items():
        components[component - 1][subcomponent - 1] = text
    return components


def _most(leaves: Mapping[tuple[int, int], str], component: int) -> int:
    return max((at[1] for at in leaves if at[0] == component), default=1)
