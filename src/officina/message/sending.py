"""How a profile has messages composed: which message tells of which event, and what stands in each of its fields.

It reads the table ``[send]`` of a profile once; `officina.message.compose` writes messages by it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from officina.errors import Invalid
from officina.message import checking
from officina.message.checking import Toml
from officina.message.facts import NAMES, REPEATED, Name
from officina.message.source import Place
from officina.message.steps import with_parameter
from officina.message.tables import PROCESSING_ID
from officina.message.transforms import Transform
from officina.message.writing import WRITTEN, local, stamp
from officina.wire import charset, names

SEND_KEYS = ("version", "character_set", "processing", "times", "messages", "fields")
MESSAGE_KEYS = ("structure", "events", "segments")
VALUE_KEYS = ("from", "as", "before", "else", "value")
WRITTEN_WITH = ("map", "part", "strip")
TIMES = ("offset", "local")
_MESSAGE = re.compile(r"[A-Z][A-Z0-9]{2}\^[A-Z][A-Z0-9]{2}", re.ASCII)
_SEGMENT = re.compile(r"(\[?)(\{?)([A-Z][A-Z0-9]{2})(\}?)(\]?)", re.ASCII)
_EVENT = re.compile(r"[a-z_]+\.([a-z_]+|\*)", re.ASCII)
# What the message itself decides: delimiters, time, type, control id, processing id, version, character set.
_OWN = frozenset((1, 2, 7, 9, 10, 11, 12, 18))


class Value(NamedTuple):
    """What stands in one leaf of a field: the first of the ``facts`` that says something, else ``constant``."""

    facts: tuple[Name, ...]
    constant: str = ""
    before: str = ""
    chain: tuple[Transform, ...] = ()

    def written(self, name: Name, text: str, times: Transform) -> str:
        """A fact as it goes out, times as ``times`` has them; what says nothing stays nothing."""
        if not text:
            return ""
        if name.timed and not self.chain:
            text = times(text)
        for transform in self.chain:
            text = transform(text)
        return f"{self.before}{text}" if text else ""


class FieldRule(NamedTuple):
    """One field: component and subcomponent (from 1) to what stands there."""

    number: int
    leaves: Mapping[tuple[int, int], Value]

    @property
    def facts(self) -> list[Name]:
        """All that may stand in it."""
        return [name for value in self.leaves.values() for name in value.facts]


class SegmentRule(NamedTuple):
    """One segment: left out if it says nothing and is ``optional``; one for each of ``over``, "" if it comes once."""

    name: str
    optional: bool
    over: str
    fields: tuple[FieldRule, ...]


class Composed(NamedTuple):
    """A message that tells of some events. ``type`` is MSH-9 as a whole: ``RDE^O11^RDE_O11``."""

    type: str
    events: tuple[str, ...]
    segments: tuple[SegmentRule, ...]

    def tells(self, kind: str) -> bool:
        """Whether it tells of events of this kind."""
        return any(kind.startswith(each[:-1]) if each.endswith("*") else kind == each for each in self.events)


class Sending(NamedTuple):
    """The outgoing half of a dialect; ``header`` are the fields of MSH that the profile decides."""

    version: str
    character_set: str
    processing: str
    offset: bool  # whether times say theirs, or are the clock of the place
    header: tuple[FieldRule, ...]
    messages: tuple[Composed, ...]

    def message(self, kind: str) -> Composed | None:
        """The message that tells of an event of this kind, if there is one."""
        return next((each for each in self.messages if each.tells(kind)), None)

    @property
    def times(self) -> Transform:
        """How times are written."""
        return stamp if self.offset else local

    def tells(self, kind: str) -> bool:
        """Whether there is a message for events of this kind."""
        return self.message(kind) is not None

    @property
    def events(self) -> tuple[str, ...]:
        """All that it tells of."""
        return tuple(event for each in self.messages for event in each.events)


def sending(table: Toml, maps: Mapping[str, Mapping[str, str]]) -> Sending:
    """The table ``[send]`` checked and compiled. Raises Invalid with the key as its place."""
    checking.closed(table, SEND_KEYS, "send.")
    character_set = checking.text(table, "character_set", "UNICODE UTF-8", "send.")
    if not charset.codec(character_set):
        raise Invalid("is not in HL7 table 0211", place="send.character_set", remedy="such as UNICODE UTF-8 or 8859/1")
    processing = checking.text(table, "processing", "P", "send.")
    times = checking.one_of(checking.text(table, "times", "offset", "send."), TIMES, "send.times")
    fields = _fields(checking.table(table, "fields", "send."), maps)
    return Sending(
        version=checking.text(table, "version", "2.5.1", "send."),
        character_set=character_set,
        processing=checking.one_of(processing, PROCESSING_ID, "send.processing"),
        offset=times == "offset",
        header=_header(fields.get("MSH", ())),
        messages=_messages(checking.table(table, "messages", "send."), fields),
    )


# --- fields ----------------------------------------------------------------------------------------------------


def _fields(table: Toml, maps: Mapping[str, Mapping[str, str]]) -> dict[str, tuple[FieldRule, ...]]:
    """By segment, each field with what stands in its parts; "" takes a field away."""
    found: dict[str, dict[int, dict[tuple[int, int], Value]]] = {}
    for path, value in table.items():
        if value in ("", []):  # taken away, or "*": nothing of the extended profile remains
            continue
        place, key = _place(path), f"send.fields.{path}"
        leaves = found.setdefault(place.segment, {}).setdefault(place.field, {})
        at = (place.component or 1, place.subcomponent or 1)
        if at in leaves:
            remedy = 'write it as the extended profile does, or take that one away with ""'
            raise Invalid("another key says what stands there", place=key, remedy=remedy)
        leaves[at] = _value(value, key, maps)
    return {
        segment: tuple(FieldRule(number, rules[number]) for number in sorted(rules)) for segment, rules in found.items()
    }


def _place(path: str) -> Place:
    where = f"send.fields.{path}"
    try:
        place = Place.parse(path)
    except ValueError as error:
        raise Invalid(f"{error}", place=where, remedy="write it like PID-5.1") from error
    if place.repetition:
        remedy = "name the field alone: what a patient has several of repeats it by itself"
        raise Invalid("names a repetition", place=where, remedy=remedy)
    if not names.segment(place.segment):
        raise Invalid(f"HL7 has no segment {place.segment}", place=where, remedy="a segment of your own begins with Z")
    if not place.segment.startswith("Z") and names.field(place.segment, place.field) == names.UNKNOWN:
        raise Invalid(f"{place.segment} has no field {place.field}", place=where, remedy="see the standard's chapters")
    return place


def _value(value: object, key: str, maps: Mapping[str, Mapping[str, str]]) -> Value:
    """A fact, several of which the first that says something counts, or a table of how."""
    if not isinstance(value, dict):
        return Value(_named(value, key))
    checking.closed(value, VALUE_KEYS, f"{key}.")
    if "value" in value:
        checking.closed(value, ("value",), f"{key}.")
        return Value((), checking.text(value, "value", "", f"{key}."))
    if "from" not in value:
        raise Invalid("says nothing", place=key, remedy='write { from = "patient.family" } or { value = "N" }')
    steps = value.get("as", [])
    steps = steps if isinstance(steps, list) else [steps]
    return Value(
        facts=_named(value["from"], f"{key}.from"),
        constant=checking.text(value, "else", "", f"{key}."),
        before=checking.text(value, "before", "", f"{key}."),
        chain=tuple(_step(step, f"{key}.as", maps) for step in steps),
    )


def _named(value: object, key: str) -> tuple[Name, ...]:
    found = checking.words(value, key)
    for name in found:
        if name not in NAMES:
            remedy = checking.meant(name, NAMES) or 'a fact is written like patient.family, a text { value = "N" }'
            raise Invalid(f"there is no fact {name}", place=key, remedy=remedy)
    return tuple(map(Name.of, found))


def _step(step: object, place: str, maps: Mapping[str, Mapping[str, str]]) -> Transform:
    if isinstance(step, str) and step in WRITTEN:
        return WRITTEN[step]
    if isinstance(step, dict) and not step.keys().isdisjoint(WRITTEN_WITH):
        return with_parameter(step, place, maps)
    raise Invalid(
        f"{step!r} is no transform of what is sent; known are {', '.join(WRITTEN)}, map, part, strip", place=place
    )


def _header(fields: Sequence[FieldRule]) -> tuple[FieldRule, ...]:
    for rule in fields:
        if rule.number in _OWN:
            remedy = "version, character_set, processing and times of [send] decide what can be decided"
            raise Invalid("is the message's own", place=f"send.fields.MSH-{rule.number}", remedy=remedy)
    return tuple(fields)


# --- messages --------------------------------------------------------------------------------------------------


def _messages(table: Toml, fields: Mapping[str, tuple[FieldRule, ...]]) -> tuple[Composed, ...]:
    found: list[Composed] = []
    for code, described in table.items():
        if described == "":
            continue
        key = f"send.messages.{code}"
        if not _MESSAGE.fullmatch(code):
            raise Invalid("is no type of message", place=key, remedy="write it like RDE^O11")
        if not isinstance(described, dict):
            raise Invalid("must be a table", place=key)
        composed = _message(code, described, key, fields)
        for other in found:
            if twice := next(filter(other.tells, composed.events), None):
                remedy = "leave it to one of them"
                raise Invalid(f"{other.type} tells of {twice} already", place=f"{key}.events", remedy=remedy)
        found.append(composed)
    return tuple(found)


def _message(code: str, table: Toml, key: str, fields: Mapping[str, tuple[FieldRule, ...]]) -> Composed:
    checking.closed(table, MESSAGE_KEYS, f"{key}.")
    events = tuple(checking.words(table.get("events", []), f"{key}.events"))
    for event in events:
        if not _EVENT.fullmatch(event):
            remedy = "write it like order.created or order.*"
            raise Invalid(f"{event} is no kind of event", place=f"{key}.events", remedy=remedy)
    written = checking.words(table.get("segments", []), f"{key}.segments")
    if not events or not written:
        missing = "segments" if events else "events"
        raise Invalid("is missing", place=f"{key}.{missing}", remedy="see docs/reference/profiles.md")
    structure = checking.text(table, "structure", "", f"{key}.")
    segments = tuple(_segment(each, f"{key}.segments", fields) for each in written)
    return Composed(f"{code}^{structure}".rstrip("^"), events, segments)


def _segment(written: str, key: str, fields: Mapping[str, tuple[FieldRule, ...]]) -> SegmentRule:
    """In the standard's notation (2.5.1, 2.12): ``[RXR]`` may be absent, ``[{NTE}]`` may also repeat."""
    found = _SEGMENT.fullmatch(written)
    if not found or bool(found[1]) != bool(found[5]) or bool(found[2]) != bool(found[4]):
        raise Invalid(f"{written} is no segment", place=key, remedy="write it like PID, [PV1], {ORC} or [{NTE}]")
    name, rules = found[3], fields.get(found[3], ())
    if not rules:
        raise Invalid(f"nothing is said of {name}", place=key, remedy=f"add its fields to [send.fields]: {name}-1 = …")
    roots = _roots(rules)
    if found[2] and len(roots) != 1:
        reason = f"{name} is to repeat, and its fields name {'both ' if roots else 'nothing of '}{_listed(roots)}"
        raise Invalid(reason, place=key, remedy="let it name facts of one of them")
    return SegmentRule(name, bool(found[1]), roots[0] if found[2] else "", rules)


def _roots(rules: Sequence[FieldRule]) -> list[str]:
    roots = {name.root for rule in rules for name in rule.facts}
    return sorted(roots & REPEATED.keys() - {"identifier"})


def _listed(roots: Sequence[str]) -> str:
    return " and ".join(roots) if roots else ", ".join(each for each in REPEATED if each != "identifier")
