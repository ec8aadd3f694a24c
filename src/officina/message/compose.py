"""A message about an event, written in a partner's dialect. Pure: facts in, bytes out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from officina.errors import Invalid
from officina.message.facts import Facts, said
from officina.message.sending import Composed, FieldRule, SegmentRule, Sending, Value
from officina.message.transforms import Transform
from officina.wire.build import Builder, Component, Field, Leaf, Repeat


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
        header=_fields(sending.header, facts, sending.times, None),
    )
    for segment in composed.segments:
        for fields in _segments(segment, facts, sending.times):
            builder.segment(segment.name, fields)
    return builder.encode()


def _segments(rule: SegmentRule, facts: Facts, times: Transform) -> Iterator[dict[int, Field | Repeat]]:
    """The fields of each such segment: one, none, or one for each of what it repeats for."""
    turns: Iterable[int | None] = range(len(facts.get(rule.over, ()))) if rule.over else [None]
    for turn in turns:
        if not rule.optional or _says(rule, facts, turn):
            yield _fields(rule.fields, facts, times, turn)


def _says(rule: SegmentRule, facts: Facts, turn: int | None) -> bool:
    """Whether a fact stands in it: neither constants nor the number of the segment are a reason to send it."""
    names = (name for field in rule.fields for name in field.facts)
    return any(any(said(facts, name, turn)) for name in names if name.key != "number")


def _fields(rules: Iterable[FieldRule], facts: Facts, times: Transform, turn: int | None) -> dict[int, Field | Repeat]:
    found = ((rule.number, _field(rule, facts, times, turn)) for rule in rules)
    return {number: field for number, field in found if field}


def _field(rule: FieldRule, facts: Facts, times: Transform, turn: int | None) -> Repeat | None:
    """As often as what it names is there; where facts belong in it and none says anything, not at all."""
    found: dict[tuple[int, int], list[str]] = {}
    told: list[list[str]] = []
    for at, value in rule.leaves.items():
        texts = _texts(value, facts, times, turn)
        if any(texts):
            found[at] = texts
            if value.facts:
                told.append(texts)
    if not found or (not told and rule.facts):
        return None
    turns = range(max(map(len, told), default=1))
    said_in = (index for index in turns if not told or any(_nth(texts, index) for texts in told))
    return Repeat(*(_parts({at: _nth(texts, index) for at, texts in found.items()}) for index in said_in))


def _texts(value: Value, facts: Facts, times: Transform, turn: int | None) -> list[str]:
    for name in value.facts:
        texts = said(facts, name, turn)
        if any(texts):
            return [value.written(name, text, times) for text in texts]
    return [value.constant]


def _nth(texts: list[str], index: int) -> str:
    """What there is once stands in every repetition."""
    if len(texts) == 1:
        return texts[0]
    return texts[index] if index < len(texts) else ""


def _parts(leaves: Mapping[tuple[int, int], str]) -> list[Component]:
    """Components, those with subcomponents as lists of them."""
    components: list[Component] = [""] * max(at[0] for at in leaves)
    for (component, subcomponent), text in leaves.items():
        if subcomponent > 1 or isinstance(components[component - 1], list):
            components[component - 1] = _within(components[component - 1], subcomponent, text)
        else:
            components[component - 1] = text
    return components


def _within(component: Component, subcomponent: int, text: str) -> list[Leaf]:
    """A component as a list, with this text in its place."""
    parts: list[Leaf] = list(component) if isinstance(component, list) else [str(component)]
    parts += [""] * (subcomponent - len(parts))
    parts[subcomponent - 1] = text
    return parts
