"""How the demo pharmacy's software writes HL7 v2: three homes, three habits, as real installations have.

Written out by hand instead of with `officina.wire`, so that the hub is shown another program's idea of the standard.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from officina.demo.formulary import PRN, SCHEDULES, Drug, directions
from officina.demo.homes import Home, Resident

_ESCAPES = str.maketrans({"\\": "\\E\\", "|": "\\F\\", "^": "\\S\\", "&": "\\T\\", "~": "\\R\\"})
_VERSIONS = {"OAK01": "2.5.1", "ELM02": "2.3", "ROWAN3": "2.4"}


@dataclass(frozen=True, slots=True)
class Prescription:
    """One prescription on the pharmacy's own screen."""

    number: str
    resident: Resident
    drug: Drug
    schedule: str
    dose: str
    entered: datetime
    start: date
    stop: date | None
    quantity: int
    refills: int
    note: str = ""

    def changed(self, **what: object) -> Prescription:
        """The same prescription after a change."""
        return replace(self, **what)  # type: ignore[arg-type]


def text(value: str) -> str:
    """A value with the delimiters escaped (HL7 2.7)."""
    return value.translate(_ESCAPES)


def stamp(at: datetime) -> str:
    """HL7 DTM to the second, without a zone: these systems send none."""
    return at.strftime("%Y%m%d%H%M%S")


def segment(name: str, fields: Mapping[int, str]) -> str:
    """One segment from numbered fields."""
    last = max(fields, default=0)
    return "|".join([name, *(fields.get(number, "") for number in range(1, last + 1))])


def message(segments: Sequence[str]) -> bytes:
    """The bytes as they go out: UTF-8, every segment ended by CR."""
    return "".join(line + "\r" for line in segments).encode()


def header(kind: str, home: Home, control_id: str, at: datetime, *, facility: str | None = None) -> str:
    """MSH of this pharmacy; ``facility`` overrides the home's code."""
    code = home.code if facility is None else facility
    version = _VERSIONS[home.code]
    structure = f"^{kind.replace('^', '_')}" if version >= "2.4" else ""
    tail = "||||||UNICODE UTF-8" if version >= "2.4" else ""
    return rf"MSH|^~\&|CEDARRX|{code}|EMAR|OFFICINA|{stamp(at)}||{kind}{structure}|{control_id}|P|{version}{tail}"


def patient(who: Resident) -> str:
    """PID with the pharmacy's own id (PI) and the social security number (SS), types in component 5."""
    ids = f"{who.social}^^^^SS~{who.pharmacy_id}^^^^PI"
    name = "^".join(map(text, (who.family, who.given, who.middle))).rstrip("^")
    return segment("PID", {1: "1", 3: ids, 5: name, 7: who.born.strftime("%Y%m%d"), 8: who.sex})


def stay(who: Resident, facility: str | None = None) -> str:
    """PV1: nursing station^room^bed^facility code, doctor as a name without a number, admission."""
    place = f"{who.station}^{who.room}^{who.bed}^{who.home.code if facility is None else facility}"
    doctor = f"{text(who.doctor[0])}^{text(who.doctor[1])}"
    return segment("PV1", {1: "1", 2: "N", 3: place, 7: doctor, 44: who.admitted.strftime("%Y%m%d") + "101500"})


def control(code: str, rx: Prescription, at: datetime) -> str:
    """ORC: the prescription number stands in ORC-3, the ordering provider is a name without a number."""
    doctor = f"^{text(rx.resident.doctor[0])}^{text(rx.resident.doctor[1])}"
    return segment("ORC", {1: code, 3: rx.number, 9: stamp(at), 12: doctor})


def encoded(rx: Prescription) -> str:
    """RXE in the LTC dialect: ``BID&08:00,20:00`` in RXE-1, instructions in RXE-7, the number again in RXE-15."""
    drug, schedule = rx.drug, SCHEDULES[rx.schedule]
    timing = f"{schedule.code}&{','.join(schedule.times)}" if schedule.times else schedule.code
    if schedule.pattern[0] in "WM":
        timing = schedule.pattern
    fields = {
        1: timing,
        2: f"{drug.code}^{text(drug.name)}^NDC",
        3: rx.dose,
        5: text(drug.unit),
        6: drug.form,
        7: text(directions(drug, rx.dose, rx.schedule)),
        10: str(rx.quantity),
        11: drug.form,
        12: str(rx.refills),
        15: rx.number,
    }
    return segment("RXE", fields)


def timing(rx: Prescription) -> str:
    """TQ1 in the LTC dialect: dose^form, ``D^1``, hours as a comma list, start and end, S or PRN."""
    schedule = SCHEDULES[rx.schedule]
    fields = {
        1: "1",
        2: f"{rx.dose}^{rx.drug.form}",
        3: schedule.pattern,
        4: ",".join(schedule.times),
        7: rx.start.strftime("%Y%m%d") + "000000",
        8: rx.stop.strftime("%Y%m%d") + "235900" if rx.stop else "",
        9: "PRN" if rx.schedule in PRN else "S",
        11: text(directions(rx.drug, rx.dose, rx.schedule)),
    }
    return segment("TQ1", fields)


def order_group(code: str, rx: Prescription, at: datetime) -> list[str]:
    """The segments of one order, by the habit of the home's installation."""
    lines = [control(code, rx, at), encoded(rx)]
    if rx.resident.home.code != "ELM02":
        lines.append(timing(rx))
    if rx.note:
        lines.append(segment("NTE", {1: "1", 3: text(rx.note)}))
    lines.append(segment("RXR", {1: rx.drug.route}))
    if rx.resident.home.code == "OAK01":
        lines.append(segment("ZPI", {1: "1", 2: f"CART-{rx.resident.station[0]}", 4: "CYCLE FILL"}))
    return lines


def encoded_order(
    control_id: str, at: datetime, orders: Sequence[tuple[str, Prescription]], *, facility: str | None = None
) -> bytes:
    """RDE^O11, or RDE^O01 where the installation is old; one or more orders of one resident."""
    who = orders[0][1].resident
    old = who.home.code == "ELM02"
    head = [header("RDE^O01" if old else "RDE^O11", who.home, control_id, at, facility=facility), patient(who)]
    groups = [line for code, rx in orders for line in order_group(code, rx, at)]
    visit = [stay(who, facility)]
    # The old installation writes PV1 last, in the order in which the contract lists the segments.
    return message([*head, *groups, *visit] if old else [*head, *visit, *groups])


def pharmacy_order(kind: str, control_id: str, at: datetime, rx: Prescription) -> bytes:
    """OMP^O09 or ORM^O01: an order that is not yet encoded, RXO instead of RXE."""
    who = rx.resident
    asked = {
        1: f"{rx.drug.code}^{text(rx.drug.name)}^NDC",
        2: rx.dose,
        4: text(rx.drug.unit),
        5: rx.drug.form,
        7: f"^{text(directions(rx.drug, rx.dose, rx.schedule))}",
        11: str(rx.quantity),
        13: str(rx.refills),
    }
    head = [header(kind, who.home, control_id, at), patient(who), stay(who), control("NW", rx, at)]
    middle = [timing(rx)] if kind == "OMP^O09" else []
    return message([*head, *middle, segment("RXO", asked), segment("RXR", {1: rx.drug.route})])


def dispense(control_id: str, at: datetime, rx: Prescription, fill: int) -> bytes:
    """RDS^O13: what was dispensed on a prescription."""
    who, drug = rx.resident, rx.drug
    product = f"{drug.code}^{text(drug.name)}^NDC"
    given = {
        1: str(fill),
        2: product,
        3: stamp(at),
        4: str(rx.quantity),
        5: drug.form,
        7: rx.number,
        8: str(rx.refills),
    }
    head = [header("RDS^O13", who.home, control_id, at), patient(who), stay(who), control("RE", rx, at)]
    return message([*head, encoded(rx), segment("RXD", given), segment("RXR", {1: drug.route})])


def census(control_id: str, at: datetime, who: Resident) -> bytes:
    """ADT^A08: the resident's record was touched; nothing pharmacies need to send, and they do."""
    event = segment("EVN", {1: "A08", 2: stamp(at)})
    return message([header("ADT^A08", who.home, control_id, at), event, patient(who), stay(who)])
