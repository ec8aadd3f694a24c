"""One partner's dialect, as data: TOML read, checked and compiled once. Reference: docs/reference/profiles.md.

It knows the keys an order has and the transforms there are; it reads no file (the caller resolves ``extends``).
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from officina.errors import Invalid
from officina.message import checking
from officina.message.about import AboutPlan, IdentifierSource
from officina.message.checking import Toml
from officina.message.lineage import Entry, entries
from officina.message.plan import Plan
from officina.message.reader import Families
from officina.message.sending import VALUE_KEYS, Sending, sending
from officina.message.source import Place, Source
from officina.message.steps import with_parameter
from officina.message.tables import IDENTIFIER_TYPES, ORDER_CONTROL, PROCESSING_ID
from officina.message.transforms import PLAIN, WHOLE, WITH_PARAMETER, Transform

Disposition = Literal["order", "order-or-refuse", "order-or-ignore", "acknowledgement", "ignore", "refuse"]
ControlRule = Literal["accept", "ignore", "refuse"]
Zone = Literal["message", "place"]

DISPOSITIONS = ("order", "order-or-refuse", "order-or-ignore", "acknowledgement", "ignore", "refuse")
CONTROL_RULES = ("accept", "ignore", "refuse")
ZONES = ("message", "place")
SECTIONS = ("messages", "control", "route", "identifiers", "patient", "visit", "order", "component", "send", "maps")
ROUTE_KEYS = ("facility",)
IDENTIFIER_KEYS = ("from", "default_type", "types")
PATIENT_KEYS = ("family", "given", "middle", "born_on", "sex", "address", "phone")
VISIT_KEYS = ("number", "category", "point_of_care", "room", "bed", "attending", "admitted_at", "discharged_at")
ORDER_KEYS = (
    *("placer_number", "placer_namespace", "filler_number", "filler_namespace", "prescription_number"),
    *("group_number", "order_status", "order_type"),
    *("drug_code", "drug_system", "drug_text", "strength", "strength_units", "dose", "dose_max", "dose_units", "form"),
    *("directions", "indication", "quantity", "quantity_units", "refills", "refills_remaining", "priority"),
    *("prescriber_id", "prescriber", "entered_at", "effective_at"),
    *("dispensed_code", "dispensed_text", "dispensed_quantity", "dispensed_units", "dispensed_at", "dispense_number"),
)
# (deciding keys, following keys) that are taken from one segment
FAMILIES = (
    (("drug_code", "drug_text"), ("drug_system",)),
    (("dose",), ("dose_max", "dose_units")),
    (("quantity",), ("quantity_units",)),
    (("strength",), ("strength_units",)),
    (("prescriber_id", "prescriber"), ()),
)
LIST_KEYS = ("notes", "route")
COMPONENT_KEYS = ("type", "code", "text", "amount", "units")
_LEAF = frozenset(VALUE_KEYS)
_CACHED_TYPES = 512
_LONGEST_TYPE = 16


@dataclass(frozen=True, slots=True)
class Profile:
    """A dialect ready for use; make it with `load`."""

    name: str
    title: str
    zone: Zone
    processing: frozenset[str]
    control: Mapping[str, ControlRule]
    facility: Plan
    about: AboutPlan
    order: Plan
    component: Plan
    lists: tuple[tuple[str, tuple[Source, ...]], ...]
    sending: Sending
    body: Toml  # merged with what it extends
    _messages: Mapping[str, Disposition]
    _seen: dict[str, Disposition] = field(default_factory=dict, repr=False, compare=False)

    def __reduce__(self) -> tuple[Callable[[str, dict[str, object]], Profile], tuple[str, Toml]]:
        """Another process compiles it anew: what is compiled cannot travel."""
        return _compiled, (self.name, self.body)

    def disposition(self, message_type: str) -> Disposition:
        """What becomes of a message of this type (``RDE^O11``): exact entry, else the longest wildcard, else refuse."""
        known = self._seen.get(message_type)
        if known is None:
            known = _lookup(self._messages, message_type)
            if (
                len(self._seen) < _CACHED_TYPES and len(message_type) <= _LONGEST_TYPE
            ):  # senders choose the text, so the memory for it is bounded
                self._seen[message_type] = known
        return known


def load(name: str, body: str, resolve: Callable[[str], str | None]) -> Profile:
    """The profile of a TOML text; ``resolve`` gives the text of the profile it extends, None if there is none.

    Raises `Invalid` with the TOML key as its place.
    """
    return _compiled(name, _merged(_chain(name, body, resolve)))


def resolved(name: str, body: str, resolve: Callable[[str], str | None]) -> list[Entry]:
    """Every key of a profile as it counts, and which of the profiles it extends says so. Raises `Invalid`."""
    chain = _chain(name, body, resolve)
    merged = _merged(chain)
    _compiled(name, merged)
    return entries(merged, chain)


def _compiled(name: str, merged: dict[str, object]) -> Profile:
    """The profile of a text merged with what it extends."""
    checking.closed(merged, ("title", "zone", "processing", *SECTIONS), "")
    maps = {key: checking.texts(value, f"maps.{key}") for key, value in checking.table(merged, "maps").items()}
    order = checking.table(merged, "order")
    read = _Reader(maps)
    lists = {key: order[key] for key in LIST_KEYS if key in order}
    single = {key: value for key, value in order.items() if key not in LIST_KEYS}
    checking.closed(single, ORDER_KEYS, "order.")
    return Profile(
        name=name,
        title=checking.text(merged, "title", ""),
        zone=checking.one_of(checking.text(merged, "zone", "message"), ZONES, "zone"),  # type: ignore[arg-type]
        processing=_processing(merged.get("processing", ["P"])),
        control=_control(checking.table(merged, "control")),
        facility=read.plan(checking.table(merged, "route"), ROUTE_KEYS, "route."),
        about=_about(merged, read),
        order=read.plan(single, ORDER_KEYS, "order.", FAMILIES),
        component=read.plan(checking.table(merged, "component"), COMPONENT_KEYS, "component."),
        lists=tuple((key, read.sources(value, f"order.{key}")) for key, value in lists.items()),
        sending=sending(checking.table(merged, "send"), maps),
        body=merged,
        _messages=_dispositions(checking.table(merged, "messages")),
    )


# --- extending -------------------------------------------------------------------------------------------------


def _chain(name: str, body: str, resolve: Callable[[str], str | None]) -> list[tuple[str, dict[str, object]]]:
    """Name and own keys of a profile, then of the one it extends, and so on."""
    chain: list[tuple[str, dict[str, object]]] = []
    text: str | None = body
    while text is not None:
        own = _toml(name, text)
        parent = own.pop("extends", None)
        chain.append((name, own))
        if parent is None:
            break
        if not isinstance(parent, str):
            raise Invalid("must be the name of a profile", place="extends")
        if any(parent == each for each, _ in chain):
            raise Invalid(f"{parent} extends itself", place="extends", remedy="remove the circle")
        name, text = parent, resolve(parent)
        if text is None:
            raise Invalid(f"there is no profile {parent}", place="extends", remedy="name a profile that exists")
    return chain


def _toml(name: str, text: str) -> dict[str, object]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise Invalid(
            f"the profile {name} is not TOML: {error}", place=name, remedy="correct the line named"
        ) from error


def _merged(chain: Sequence[tuple[str, dict[str, object]]]) -> dict[str, object]:
    *others, (_, merged) = chain
    for _, own in reversed(others):
        merged = _overlay(merged, own)
    return merged


def _overlay(base: Toml, own: Toml) -> dict[str, object]:
    """Tables are laid over each other key by key; a table with its own ``*`` starts afresh; other values replace."""
    result = dict(base)
    for key, value in own.items():
        before = result.get(key)
        if isinstance(value, dict) and isinstance(before, dict) and not _whole(value):
            result[key] = _overlay(before, value)
        elif isinstance(value, dict) and isinstance(before, dict) and key == "identifiers":
            result[key] = {**before, **value}
        else:
            result[key] = value
    return result


def _whole(table: Toml) -> bool:
    """Whether it replaces what it lies over: a source or what stands in a field, or a table that starts afresh."""
    return "*" in table or (table.keys() <= _LEAF and not table.keys().isdisjoint(("from", "value")))


# --- checking --------------------------------------------------------------------------------------------------


def _processing(value: object) -> frozenset[str]:
    words = value if isinstance(value, list) else [value]
    if not words:
        raise Invalid("must name at least one of table 0103", place="processing", remedy='write ["P"]')
    return frozenset(checking.one_of(str(word), PROCESSING_ID, "processing") for word in words)


def _dispositions(table: Toml) -> dict[str, Disposition]:
    result: dict[str, Disposition] = {}
    for key, value in checking.texts(table, "messages").items():
        result[key] = checking.one_of(value, DISPOSITIONS, f"messages.{key}")  # type: ignore[assignment]
    return result


def _lookup(table: Mapping[str, Disposition], message_type: str) -> Disposition:
    if message_type in table:
        return table[message_type]
    fitting = [key for key in table if key.endswith("*") and message_type.startswith(key[:-1])]
    return table[max(fitting, key=len)] if fitting else "refuse"


def _control(table: Toml) -> dict[str, ControlRule]:
    result: dict[str, ControlRule] = {}
    entries = checking.texts(table, "control")
    rest = entries.pop("*", None)
    if rest is not None:
        result = dict.fromkeys(ORDER_CONTROL, checking.one_of(rest, CONTROL_RULES, "control.*"))  # type: ignore[arg-type]
    for key, value in entries.items():
        code = key.upper()
        if code not in ORDER_CONTROL:  # no message would ever meet the rule, and nobody would know
            remedy = checking.meant(code, sorted(ORDER_CONTROL)) or "correct or remove it"
            raise Invalid("is no order control of HL7 table 0119", place=f"control.{key}", remedy=remedy)
        result[code] = checking.one_of(value, CONTROL_RULES, f"control.{key}")  # type: ignore[assignment]
    return result


def _about(merged: Toml, read: _Reader) -> AboutPlan:
    identifiers = checking.table(merged, "identifiers")
    sources = _identifiers(identifiers)
    types = IDENTIFIER_TYPES | checking.texts(identifiers.get("types", {}), "identifiers.types")
    patient = read.plan(checking.table(merged, "patient"), PATIENT_KEYS, "patient.")
    visit = read.plan(checking.table(merged, "visit"), VISIT_KEYS, "visit.")
    return AboutPlan(patient, visit, sources, types)


def _identifiers(table: Toml) -> tuple[IdentifierSource, ...]:
    checking.closed(table, IDENTIFIER_KEYS, "identifiers.")
    paths = table.get("from", [])
    paths = [paths] if isinstance(paths, str) else paths
    if not isinstance(paths, list):
        raise Invalid("must be a field path or a list of them", place="identifiers.from")
    default = table.get("default_type", "PI")
    if not isinstance(default, str):
        raise Invalid("must be a text", place="identifiers.default_type")
    result = []
    for path in paths:
        place = _place(path, "identifiers.from")
        result.append(IdentifierSource(place.segment, place.field, default))
    return tuple(result)


def _place(path: object, place: str) -> Place:
    try:
        if not isinstance(path, str):
            raise ValueError("must be a field path")
        return Place.parse(path)
    except ValueError as error:
        raise Invalid(f"{path!r} {error}", place=place, remedy="write it like PID-5.1 or RXE-2[1].2") from error


class _Reader:
    """Turns the TOML of a key into sources, naming the key in every refusal."""

    def __init__(self, maps: Mapping[str, Mapping[str, str]]) -> None:
        self._maps = maps

    def plan(self, table: Toml, known: Sequence[str], prefix: str, families: Families = ()) -> Plan:
        checking.closed(table, known, prefix)
        return Plan({key: self.sources(value, f"{prefix}{key}") for key, value in table.items()}, families)

    def sources(self, value: object, key: str) -> tuple[Source, ...]:
        """A path, a table with ``from`` and ``as``, or a list of those; "" and [] take the key away."""
        if value in ("", []):
            return ()
        entries = value if isinstance(value, list) else [value]
        result: list[Source] = []
        for entry in entries:
            if isinstance(entry, dict):
                result.extend(self._described(entry, key))
            else:
                result.append(Source(str(entry), _place(entry, key), None, ()))
        return tuple(result)

    def _described(self, entry: Toml, key: str) -> list[Source]:
        checking.closed(entry, ("from", "as"), f"{key}.")
        paths = entry.get("from", [])
        steps = entry.get("as", [])
        steps = steps if isinstance(steps, list) else [steps]
        whole = WHOLE.get(steps[0]) if steps and isinstance(steps[0], str) else None
        chain = tuple(self._transform(step, key) for step in (steps[1:] if whole else steps))
        result = []
        for path in paths if isinstance(paths, list) else [paths]:
            place = _place(path, f"{key}.from")
            if whole and place[2:] != (0, 0, 0):
                raise Invalid(f"{steps[0]} reads a whole field, {path} names a part of one", place=f"{key}.from")
            result.append(Source(str(path), place, whole, chain))
        return result

    def _transform(self, step: object, key: str) -> Transform:
        place = f"{key}.as"
        if isinstance(step, str) and step in PLAIN:
            return PLAIN[step]
        if isinstance(step, str) and step in WHOLE:
            raise Invalid(f"{step} reads a whole field and must stand first", place=place)
        if isinstance(step, dict):
            return with_parameter(step, place, self._maps)
        known = ", ".join((*PLAIN, *WHOLE, *WITH_PARAMETER))
        raise Invalid(f"{step!r} is no transform; known are {known}", place=place)
