"""One pharmacy order as one message states it: plain facts, comparable, without the wire and without the book."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from functools import cached_property
from hashlib import blake2b

import orjson

from officina.compact import canonical, encoded
from officina.order.timing import Timing
from officina.packed import Like, Packed, pack, unpack

Facts = dict[str, object]

# What differs between messages that ask for the same thing.
VOLATILE = frozenset(("control", "order_status", "entered_at", "effective_at"))
# What was handed out: a fact of the order, but no part of what is asked for.
DISPENSED = frozenset(
    ("dispensed_code", "dispensed_text", "dispensed_quantity", "dispensed_units", "dispensed_at", "dispense_number")
)
# Whose numbers they are: EI.1 is unique only within EI.2 to EI.4 (HL7 2.5.1, 2.A.28).
NAMESPACES = {"placer_number": "placer_namespace", "filler_number": "filler_namespace", "prescription_number": ""}
_UNASKED = VOLATILE | DISPENSED | set(NAMESPACES.values())


@dataclass(frozen=True)
class Order:
    """Texts are "" where the message says nothing. Times are ISO 8601 with the offset of the place applied.

    ``stated`` is the drug segment it came from: RXE (encoded), RXO (asked), RXD (dispensed) or "" (the ORC alone).
    ``starts_at`` and ``stops_at`` are the instants of ``start_at`` and ``stop_at``, None where those are none.
    """

    control: str  # ORC-1
    stated: str = ""
    placer_number: str = ""  # ORC-2
    placer_namespace: str = ""  # ORC-2.2
    filler_number: str = ""  # ORC-3
    filler_namespace: str = ""  # ORC-3.2
    prescription_number: str = ""  # RXE-15
    group_number: str = ""  # ORC-4
    order_status: str = ""  # ORC-5
    order_type: str = ""
    drug_code: str = ""
    drug_system: str = ""
    drug_text: str = ""
    strength: str = ""
    strength_units: str = ""
    dose: str = ""
    dose_max: str = ""
    dose_units: str = ""
    form: str = ""
    route: str = ""
    directions: str = ""
    indication: str = ""
    timings: tuple[Timing, ...] = ()
    quantity: str = ""
    quantity_units: str = ""
    refills: str = ""
    refills_remaining: str = ""
    start_at: str = ""
    stop_at: str = ""
    prescriber_id: str = ""
    prescriber: str = ""
    entered_at: str = ""  # ORC-9
    effective_at: str = ""  # ORC-15
    priority: str = ""
    notes: tuple[str, ...] = ()
    components: tuple[Mapping[str, str], ...] = ()
    dispensed_code: str = ""
    dispensed_text: str = ""
    dispensed_quantity: str = ""
    dispensed_units: str = ""
    dispensed_at: str = ""
    dispense_number: str = ""
    starts_at: int | None = None
    stops_at: int | None = None

    @property
    def timing(self) -> Timing | None:
        """The first timing, which is the only one of most orders."""
        return self.timings[0] if self.timings else None

    @property
    def complete(self) -> bool:
        """Whether it states an order as a whole; an ORC alone, or a dispense, speaks of one stated before."""
        return self.stated in ("RXE", "RXO") and bool(self.drug_text or self.drug_code)

    @cached_property
    def dispenses(self) -> bool:
        """Whether it says what was handed out."""
        return not DISPENSED.isdisjoint(self._facts)

    @property
    def reports(self) -> bool:
        """Whether it only tells of a dispense: RXD alone, or with the order it belongs to under RE, as RDS has it."""
        return self.stated == "RXD" or (self.control == "RE" and self.dispenses)

    @classmethod
    def of(cls, control: str, stated: str, values: Mapping[str, object]) -> Order:
        """An order of the fields that say something; much faster than naming all of them, most of which are empty."""
        order = cls.__new__(cls)
        vars(order).update(values, control=control, stated=stated)
        return order

    @classmethod
    def standing(cls, facts: Facts) -> Order:
        """An order as the book has it; ``facts`` are all it knows."""
        order = cls.__new__(cls)
        texts = {name: value for name, value in facts.items() if name in _TEXTS}
        vars(order).update(texts, control=facts.get("control", ""), _facts=facts)
        return order

    def __getstate__(self) -> dict[str, object]:
        """What crosses to another process; there the rest is read from the facts, should anybody ask."""
        own = vars(self)
        made = {"kept": self.kept, "_digest": self._digest, "dispenses": self.dispenses}
        return {name: own[name] for name in _CROSSING if name in own} | made

    @cached_property
    def _facts(self) -> Facts:
        if "kept" in vars(self):  # it crossed
            return facts_of(self.kept)
        found: Facts = {}
        for name, value in vars(self).items():
            if value and name in _TEXTS:
                found[name] = value
        if self.timings:
            found["timings"] = [timing.facts() for timing in self.timings]
        if self.notes:
            found["notes"] = list(self.notes)
        if self.components:
            found["components"] = [dict(component) for component in self.components]
        return found

    def facts(self) -> Facts:
        """What it states, without what is empty; made to be kept as compact JSON."""
        return dict(self._facts)

    @cached_property
    def kept(self) -> Packed:
        """The facts as the book keeps them."""
        return pack(encoded(self._facts), Like.FACTS)

    def seal(self) -> None:
        """Make what the book needs of it now, rather than while the book waits."""
        self.kept, self._digest  # noqa: B018 (each is made once)

    @cached_property
    def _digest(self) -> bytes:
        return digest(self._facts)

    def digest(self) -> bytes:
        """16 bytes that are equal for two orders that ask for the same thing."""
        return self._digest


_TEXTS = frozenset(each.name for each in fields(Order)) - {
    "stated",
    "timings",
    "notes",
    "components",
    "starts_at",
    "stops_at",
}

_CROSSING = (
    "control",
    "stated",
    *NAMESPACES,
    *filter(None, NAMESPACES.values()),
    "drug_code",
    "drug_text",
    "directions",
    "prescriber",
    "starts_at",
    "stops_at",
)


def facts_of(kept: Packed) -> Facts:
    """The facts of what the book keeps."""
    found: Facts = orjson.loads(unpack(kept))
    return found


def digest(facts: Mapping[str, object]) -> bytes:
    """blake2b-128 over the facts that are asked for, as canonical JSON."""
    asked = {key: value for key, value in facts.items() if key not in _UNASKED}
    return blake2b(canonical(asked), digest_size=16).digest()


def carried(order: Order, known: Mapping[str, object]) -> Facts:
    """The facts of an order of the book after a message about it: what the message says, and what of the known stays.

    A dispense adds itself and fills gaps, for the product handed out is not what was asked for. An order stated as a
    whole replaces all but what was handed out and the numbers it does not repeat. Any other (a discontinuation with no
    RXE, say) replaces what it names.
    """
    own = order.facts()
    if order.reports:
        spoken = _only(own, DISPENSED | VOLATILE)
        return {**own, **(_without_dispense(known) if order.dispenses else known), **spoken}
    if order.complete:
        return {**_numbers(own, known), **({} if order.dispenses else _only(known, DISPENSED)), **own}
    return {**known, **own}


def _numbers(own: Facts, known: Mapping[str, object]) -> Facts:
    """The known numbers that the message does not replace, each with its namespace."""
    names = (each for each in NAMESPACES if own.get(each) in (None, known.get(each)))
    return {key: known[key] for name in names for key in (name, NAMESPACES[name]) if key in known}


def _only(facts: Mapping[str, object], names: Iterable[str]) -> Facts:
    return {name: facts[name] for name in names if name in facts}


def _without_dispense(facts: Mapping[str, object]) -> Facts:
    """Two dispenses never mix: the amount of one must not meet the units of another."""
    return {name: value for name, value in facts.items() if name not in DISPENSED}


def steady(facts: Mapping[str, object]) -> Facts:
    """Without what differs between messages that say the same."""
    unsteady = VOLATILE.union(NAMESPACES.values())
    return {name: value for name, value in facts.items() if name not in unsteady}
