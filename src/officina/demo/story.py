"""What happens at the demo pharmacy: new orders, changes, refills, and the mistakes of real life.

Deterministic: the same seed and the same instants give the same bytes. Knows no socket.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import NamedTuple

from officina.demo import dialect
from officina.demo.dialect import Prescription
from officina.demo.formulary import Drug, any_drug
from officina.demo.homes import Resident, residents

_NOTES = {
    "insulin": "Check blood sugar before each dose.",
    "amlodipine": "Hold if systolic BP < 100.",
    "lisinopril": "Hold if systolic BP < 100.",
    "metoprolol": "Hold if systolic BP < 100 or pulse < 55.",
    "digoxin": "Check apical pulse; hold if < 60.",
    "warfarin": "INR due weekly.",
}
_UNKNOWN = ("HAZEL9", "OAK1", "WILLOW")
_BOOK = 400  # prescriptions that are remembered; older ones are never heard of again
_CHANCES = {
    "new": 52,
    "change": 18,
    "refill": 6,
    "stop": 5,
    "dispense": 3,
    "admission": 4,
    "repeat": 3,
    "same_again": 3,
    "unknown_home": 2,
    "malformed": 2,
    "facility_order": 2,
}


class Step(NamedTuple):
    """One message to send, and in a few words without a name what it is."""

    control_id: str
    raw: bytes
    kind: str
    facility: str
    title: str


class Story:
    """The endless sequence. ``began`` numbers the prescriptions, so that a later run writes new ones."""

    def __init__(self, seed: int, began: datetime) -> None:
        self._dice = random.Random(seed)
        self._residents = residents()
        self._run = began.strftime("%y%m%d%H%M%S")
        self._next_number = 600_000 + int(began.timestamp()) % 3_000_000 // 10 * 10
        self._sent = 0
        self._book: list[Prescription] = []
        self._last: list[Step] = []

    def step(self, at: datetime) -> Step:
        """The next message, written at ``at`` (local time of the pharmacy)."""
        self._sent += 1
        tell = self._choose()
        step = tell(f"{self._run}{self._sent:06d}", at)
        self._last = [*self._last[-11:], step]
        return step

    def _choose(self) -> Callable[[str, datetime], Step]:
        chances = _CHANCES if len(self._book) >= 20 else {"new": 9, "admission": 1}
        name = self._dice.choices(list(chances), list(chances.values()))[0]
        tell: Callable[[str, datetime], Step] = getattr(self, f"_{name}")
        return tell

    # --- what a pharmacist does -------------------------------------------------------------------------------
    def _prescribe(self, who: Resident, at: datetime) -> Prescription:
        dice = self._dice
        drug, schedule = any_drug(dice)
        while any(rx.resident is who and rx.drug is drug for rx in self._book):
            drug, schedule = any_drug(dice)
        self._next_number += dice.randint(1, 4)
        short = drug.name.split()[0] in {"amoxicillin", "cephalexin", "nitrofurantoin"}
        rx = Prescription(
            number=str(self._next_number),
            resident=who,
            drug=drug,
            schedule=schedule,
            dose=drug.dose,
            entered=at,
            start=at.date(),
            stop=at.date() + timedelta(days=dice.choice((5, 7, 10))) if short else None,
            quantity=dice.choice((14, 28, 30, 56, 60, 90)),
            refills=0 if short else dice.choice((0, 1, 3, 5, 11)),
            note=_note(drug) if dice.random() < 0.2 else "",
        )
        self._book.append(rx)
        if len(self._book) > _BOOK:
            self._book.pop(0)
        return rx

    def _rewrite(self, rx: Prescription, at: datetime) -> Prescription:
        way = self._dice.choice(("dose", "stop", "schedule", "quantity", "note"))
        if way == "dose":
            return rx.changed(dose="2" if rx.dose == "1" else "1")
        if way == "schedule" and len(rx.drug.codes) > 1:
            return rx.changed(schedule=self._dice.choice([code for code in rx.drug.codes if code != rx.schedule]))
        if way == "note" and not rx.note:
            return rx.changed(note=_note(rx.drug))
        if way != "stop" or rx.resident.home.code == "ELM02":  # that installation has no segment for a stop date
            return rx.changed(quantity=rx.quantity + 14)
        return rx.changed(stop=_later(rx.stop or at.date(), self._dice.randint(3, 21)))

    def _rde(self, control_id: str, at: datetime, code: str, rx: Prescription, title: str) -> Step:
        raw = dialect.encoded_order(control_id, at, [(code, rx)])
        return Step(control_id, raw, f"RDE {code}", rx.resident.home.code, f"{title}: {rx.drug.name}")

    def _new(self, control_id: str, at: datetime) -> Step:
        rx = self._prescribe(self._dice.choice(self._residents), at)
        return self._rde(control_id, at, "NW", rx, "new order")

    def _change(self, control_id: str, at: datetime) -> Step:
        place = self._dice.randrange(len(self._book))
        self._book[place] = self._rewrite(self._book[place], at)
        return self._rde(control_id, at, "XO", self._book[place], "changed order")

    def _refill(self, control_id: str, at: datetime) -> Step:
        return self._rde(control_id, at, "RF", self._dice.choice(self._book), "refill")

    def _stop(self, control_id: str, at: datetime) -> Step:
        rx = self._book.pop(self._dice.randrange(len(self._book)))
        return self._rde(control_id, at, "DC", rx, "discontinued")

    def _dispense(self, control_id: str, at: datetime) -> Step:
        rx = self._dice.choice(self._book)
        raw = dialect.dispense(control_id, at, rx, self._dice.randint(1, 3))
        return Step(control_id, raw, "RDS", rx.resident.home.code, f"dispensed: {rx.drug.name}")

    def _admission(self, control_id: str, at: datetime) -> Step:
        who = self._dice.choice(self._residents)
        if self._dice.random() < 0.25:
            return Step(control_id, dialect.census(control_id, at, who), "ADT", who.home.code, "resident updated")
        orders = [("NW", self._prescribe(who, at)) for _ in range(self._dice.randint(2, 4))]
        raw = dialect.encoded_order(control_id, at, orders)
        return Step(control_id, raw, "RDE NW", who.home.code, f"{len(orders)} orders of one resident")

    def _facility_order(self, control_id: str, at: datetime) -> Step:
        kind = self._dice.choice(("OMP^O09", "ORM^O01"))
        rx = self._prescribe(self._dice.choice([one for one in self._residents if one.home.code != "ELM02"]), at)
        raw = dialect.pharmacy_order(kind, control_id, at, rx)
        return Step(control_id, raw, f"{kind[:3]} NW", rx.resident.home.code, f"order from the home: {rx.drug.name}")

    # --- what goes wrong in real life -------------------------------------------------------------------------
    def _repeat(self, control_id: str, at: datetime) -> Step:
        """An exact duplicate: the sender did not see our answer and sends the very bytes again."""
        earlier = self._dice.choice(self._last)
        return earlier._replace(title="the same message once more")

    def _same_again(self, control_id: str, at: datetime) -> Step:
        """The same order under a new control id, as after an upgrade that sends every profile again."""
        rx = self._dice.choice(self._book)
        raw = dialect.encoded_order(control_id, at, [("NW", rx)])
        return Step(control_id, raw, "RDE NW", rx.resident.home.code, f"same order, new message: {rx.drug.name}")

    def _unknown_home(self, control_id: str, at: datetime) -> Step:
        code = self._dice.choice(_UNKNOWN)
        rx = self._prescribe(self._dice.choice(self._residents), at)
        self._book.pop()
        raw = dialect.encoded_order(control_id, at, [("NW", rx)], facility=code)
        return Step(control_id, raw, "RDE NW", code, f"unknown facility code: {rx.drug.name}")

    def _malformed(self, control_id: str, at: datetime) -> Step:
        who = self._dice.choice(self._residents)
        rx = self._prescribe(who, at)
        self._book.pop()  # it never becomes an order
        lines = dialect.encoded_order(control_id, at, [("NW", rx)]).split(b"\r")[:-1]
        flaw = self._dice.choice(("no PID", "no drug", "broken MSH", "cut off"))
        if flaw == "no PID":
            lines = [line for line in lines if not line.startswith(b"PID")]
        elif flaw == "no drug":
            lines = [line for line in lines if not line.startswith((b"RXE", b"TQ1", b"RXR"))]
        elif flaw == "broken MSH":
            lines[0] = b"MHS" + lines[0][3:]
        else:
            lines = [*lines[:1], lines[1][:17]]
        return Step(control_id, b"".join(line + b"\r" for line in lines), "RDE NW", who.home.code, f"malformed: {flaw}")


def _note(drug: Drug) -> str:
    return _NOTES.get(drug.name.split()[0]) or (
        "Crush and give with apple sauce." if drug.form == "TAB" else "See MAR."
    )


def _later(day: date, days: int) -> date:
    return day + timedelta(days=days)
