"""From what a message says to pharmacy facts: a patient, a visit and its orders, with the place's time zone applied."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import tzinfo
from typing import Literal, NamedTuple

from officina.message.dates import Unreadable, hl7_datetime
from officina.message.extract import Extract, OrderExtract
from officina.message.finding import Finding
from officina.order import timing
from officina.order.order import Order
from officina.order.patient import CLEAR, Identifier, PatientFacts, unique
from officina.order.visit import VisitFacts
from officina.order.when import Zones, with_zone

_INSTANTS = ("admitted_at", "discharged_at")
_UNTIMED = timing.Timing()[:-2]  # says at most when the order starts and stops
_TIMES = ("entered_at", "effective_at", "dispensed_at")
_BOUNDS: tuple[tuple[Literal["start", "stop"], str, str], ...] = (
    ("start", "start_at", "starts_at"),
    ("stop", "stop_at", "stops_at"),
)


class Assembled(NamedTuple):
    """``findings`` are those of the message and those made here."""

    patient: PatientFacts
    visit: VisitFacts
    orders: tuple[Order, ...]
    findings: tuple[Finding, ...]


def assemble(extract: Extract, zone: tzinfo, authority: str = "") -> Assembled:
    """``zone`` is the time zone of the place the message is routed to; times sent without an offset are local there,
    unless the message has one of its own. ``authority`` is that of patient identifiers that came without one: the
    partner that sent them.
    """
    findings = list(extract.findings)
    zones = Zones.of(zone, extract.offset)
    return Assembled(
        patient=_patient(extract, authority),
        visit=_visit(extract, zones),
        orders=tuple([_order(each, zones, findings) for each in extract.orders]),
        findings=tuple(findings),
    )


def _patient(extract: Extract, authority: str) -> PatientFacts:
    identifiers = [Identifier(each.type, each.authority or authority, each.value) for each in extract.identifiers]
    return PatientFacts(unique(identifiers), extract.patient)


def _visit(extract: Extract, zones: Zones) -> VisitFacts:
    values = extract.visit
    instants: dict[str, int | None] = {}
    for key in _INSTANTS:
        text = values.get(key, "")
        if text == CLEAR:
            instants[key] = None
        elif text and (at := zones.when(text).at) is not None:
            instants[key] = at
    number = values.get("number", "")
    fields = {key: value for key, value in values.items() if key != "number" and key not in _INSTANTS}
    return VisitFacts("" if number == CLEAR else number, fields, instants)


def _order(stated: OrderExtract, zones: Zones, findings: list[Finding]) -> Order:
    values: dict[str, object] = {**_without_null(stated.values)}
    for key in _TIMES:
        if key in values:
            values[key] = with_zone(stated.values[key], zones.times)
    encoded = timing.of_quantity_timing(stated.quantity_timing)
    timings = timing.combine(timing.of_schedules(stated.schedules), encoded)
    asked = timing.of_quantity_timing(stated.requested_timing) if stated.requested_timing else ()
    if said := tuple([each for each in timings if each[:-2] != _UNTIMED]):
        values["timings"] = said
    for name, text_key, instant_key in _BOUNDS:
        if text := _bound((*timings, *asked), name, stated.place, findings):
            values[text_key], values[instant_key] = zones.when(text)
    if "priority" not in values and (priority := _first(timings) or _first(asked)):
        values["priority"] = priority
    if "dose" not in values and len(timings) == 1 and timings[0].dose:
        values["dose"] = timings[0].dose  # where RXE has none, the only schedule's dose is the order's
        if timings[0].dose_units:
            values["dose_units"] = timings[0].dose_units
    if stated.routes:
        values["route"] = "; ".join(dict.fromkeys(stated.routes))
    if stated.notes:
        values["notes"] = tuple(stated.notes)
    if stated.components:
        values["components"] = tuple(map(_without_null, stated.components))
    return Order.of(stated.control, stated.stated, values)


def _first(timings: Sequence[timing.Timing]) -> str:
    for each in timings:
        if each.priority:
            return each.priority
    return ""


def _without_null(stated: dict[str, str]) -> dict[str, str]:
    if CLEAR not in stated.values():
        return stated
    return {key: value for key, value in stated.items() if value != CLEAR}


def _bound(
    timings: Sequence[timing.Timing], name: Literal["start", "stop"], place: str, findings: list[Finding]
) -> str:
    """The first start (or stop) any schedule names; with several schedules this is when the order itself begins."""
    for each in timings:
        text = each.start if name == "start" else each.stop
        if not text:
            continue
        try:
            return hl7_datetime(text)
        except Unreadable:
            reason = f"the {name} of the timing is no date or time HL7 knows; kept as it was sent"
            findings.append(Finding(place, "warning", "unreadable_value", reason))
            return text
    return ""
