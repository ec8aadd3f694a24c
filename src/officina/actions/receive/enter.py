"""What a message says enters the book: its patient, its visit and its orders, and the events of that.

Works on the batch's `Book`; writes nothing itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import chain
from typing import TypeVar, cast

from officina import compact
from officina.actions.receive.book import Book
from officina.actions.receive.past import Past
from officina.actions.receive.reading import Reading
from officina.message.finding import Finding
from officina.order import match, patient, visit
from officina.order.order import Order
from officina.order.patient import PatientFacts
from officina.order.visit import VisitFacts
from officina.store.rows import EventRow, OrderRow, PatientRow, VersionRow, VisitRow
from officina.workflow import order_status
from officina.workflow.intake import MessageState

_T = TypeVar("_T")
_PATIENT_FIELDS = ("family", "given", "middle", "born_on", "sex", "address", "phone")
_VISIT_FIELDS = ("category", "point_of_care", "room", "bed", "attending")
_ORDER_TEXTS = (
    *("placer_number", "filler_number", "prescription_number"),
    *("drug_code", "drug_text", "directions", "prescriber"),
)
_WORDS = {
    "identifiers_conflict": "its identifiers belong to different patients; the first was taken and nothing was merged",
    "patient_differs": "name and date of birth both differ from what the book has for this identifier; see who it is",
    "number_of_other_patient": "its number is another patient's already; it was entered as an order of its own",
    "number_of_two_patients": "its number is another patient's too; this one's own order was meant, the other stays",
    "number_reused": "its number is another order's already; it was entered as an order of its own",
    "older_than_current": "newer messages about this order took effect already, so it stays as those left it",
    "order_unknown": "the book has no such order, so nothing was stopped, held or released: find the one that is meant",
    "order_revived": "it had ended and is asked for again with other facts, so it is followed again; is that meant?",
}


class Entry:
    """One message entering the book: ``events`` are what happened, ``patient_id`` is whom it concerns.

    ``stored_at`` is when a message came that is processed again, None for one that comes now. What the book learned
    since then it knows better.
    """

    def __init__(self, book: Book, reading: Reading, message_id: int, stored_at: int | None = None) -> None:
        assembled, routed = reading.assembled, reading.routed
        if assembled is None or routed is None:
            raise ValueError("a message without a state has been routed and assembled")
        self._book, self._reading, self._message_id = book, reading, message_id
        self._at, self._routed, self._stored_at = reading.received_at, routed, stored_at
        self._fresh = self._passed_over = False
        self._past: dict[int, Past] = {}
        self.events: list[EventRow] = []
        self.patient_id = self._patient(assembled.patient)
        self._visit_id = self._visit(assembled.visit)
        several = len(assembled.orders) > 1
        for position, order in enumerate(assembled.orders, start=1):
            self._order(order, f"ORC[{position}]" if several else "ORC")

    @property
    def state(self) -> MessageState:
        return "accepted" if self._fresh or self._passed_over else "duplicate"

    @property
    def reason(self) -> str:
        """Why none of its orders changed the book, "" if one did."""
        return "" if self._fresh else "older_than_current" if self._passed_over else "order_repeated"

    # --- patient and visit -------------------------------------------------------------------------------------

    def _patient(self, facts: PatientFacts) -> int:
        """The patient the identifiers name, made if new, brought up to date if not."""
        book, organisation_id = self._book, self._routed.organisation_id
        found = book.patient_ids(organisation_id, facts.identifiers)
        if len(found) > 1:
            self._warn("PID-3", "identifiers_conflict", "204")
        patient_id = self._known_patient(found[0], facts) if found else self._new_patient(facts)
        book.identify(organisation_id, facts.identifiers, patient_id)
        return patient_id

    def _new_patient(self, facts: PatientFacts) -> int:
        patient_id = self._book.id()
        fields = dict.fromkeys(_PATIENT_FIELDS, "") | patient.merge({}, facts)
        row = PatientRow(patient_id, self._routed.organisation_id, **fields, name_key="", changed_at=self._at)
        self._book.put_patient(row)
        self._tell("patient.registered", "patient", patient_id, patient_id)
        return patient_id

    def _known_patient(self, patient_id: int, facts: PatientFacts) -> int:
        row = self._book.patients[patient_id]
        current = row._asdict()
        changed = self._news(current, patient.merge(current, facts))
        if changed:
            if all(current[name] and changed.get(name) for name in ("family", "born_on")):
                self._warn("PID-5", "patient_differs", "204")
            self._book.put_patient(PatientRow(**{**current, **changed, "changed_at": self._at}))
            self._tell("patient.changed", "patient", patient_id, patient_id, {"fields": sorted(changed)})
        return patient_id

    def _visit(self, facts: VisitFacts) -> int | None:
        if not facts.stated:
            return None
        row = self._book.visit((self.patient_id, self._routed.place_id, facts.number))
        current = row._asdict() if row else {}
        changed = self._news(current, visit.merge(current, facts))
        if row and not changed:
            return row.id
        values: dict[str, object] = {**dict.fromkeys(_VISIT_FIELDS, ""), "admitted_at": None, "discharged_at": None}
        values |= {**current, **changed, "changed_at": self._at}
        if row is None:
            own = {"id": self._book.id(), "patient_id": self.patient_id, "place_id": self._routed.place_id}
            values |= {**own, "number": facts.number}
        new = VisitRow(**values)  # type: ignore[arg-type]  # columns by name, from rows and facts of the same columns
        self._book.put_visit(new)
        return new.id

    def _news(self, current: Mapping[str, object], changed: Mapping[str, _T]) -> dict[str, _T]:
        """A message from before the last change of a row adds only what the row does not have."""
        late = self._stored_at is not None and self._stored_at < cast(int, current.get("changed_at", 0))
        return {name: value for name, value in changed.items() if not (late and current.get(name))}

    # --- orders ------------------------------------------------------------------------------------------------

    def _order(self, order: Order, place: str) -> None:
        """Enter one order; what it is to the book decides whether it is new, a version, or nothing new."""

        def next_status(current: str, changed: bool) -> str:
            return order_status.after(order.control, current, changed)

        book = self._book
        verdict = match.match(order, self.patient_id, self._candidates(order), next_status)
        for code in verdict.findings:
            self._warn(place, code, "205")
        known = book.orders[verdict.order_id] if verdict.order_id is not None else None
        if known is not None and verdict.kind == "duplicate":
            self._tell("order.repeated", "order", known.id, self.patient_id)
            return
        if known is not None and self._is_late(known.id):
            self._pass_over(order, known, place)
            return
        self._fresh = True
        row = self._order_row(order, verdict, known)
        self._note_odd(order, row, known, place)
        self._put(row, verdict.order)
        if known is None:
            self._tell("order.created", "order", row.id, self.patient_id)
        else:
            detail = {"control": order.control, "status": row.status}
            self._tell("order.changed", "order", row.id, self.patient_id, detail)

    def _candidates(self, order: Order) -> list[match.Candidate]:
        found = self._book.candidates(self._routed.organisation_id, self.patient_id, order)
        if self._stored_at is None:
            return found
        self._past |= {each.order_id: self._book.past(each.order_id) for each in found}
        before = [self._past[each.order_id].names(each) for each in found if self._is_late(each.order_id)]
        return [*found, *chain.from_iterable(before)]

    def _is_late(self, order_id: int) -> bool:
        """Whether this message is processed again after newer ones have decided about the order."""
        return order_id in self._past and self._past[order_id].overtook(self._message_id)

    def _pass_over(self, order: Order, known: OrderRow, place: str) -> None:
        """A late message changes no order, and wakes none."""
        self._warn(place, "older_than_current", "205")
        self._passed_over = True
        if (standing := self._past[known.id].completed(order)) is not None:
            self._complete(known, order, standing)
        detail = {"control": order.control, "reason": "older_than_current"}
        self._tell("order.passed_over", "order", known.id, self.patient_id, detail)

    def _complete(self, known: OrderRow, order: Order, standing: Order) -> None:
        """The order stands as it did, and says more."""
        stands = {
            **known._asdict(),
            **_texts(standing),
            "start_at": known.start_at or order.starts_at,
            "stop_at": known.stop_at or order.stops_at,
            "digest": order.digest(),
            "version": known.version + 1,
            "changed_at": self._at,
        }
        self._put(OrderRow(**stands), standing)

    def _put(self, row: OrderRow, standing: Order) -> None:
        book, kept = self._book, standing.kept
        book.put_order(row, kept)
        book.versions.append(VersionRow(book.id(), row.id, row.version, self._message_id, self._at, kept))

    def _note_odd(self, order: Order, row: OrderRow, known: OrderRow | None, place: str) -> None:
        """What the table of statuses allows and a person should see all the same."""
        if known is None:
            if order_status.presumes_an_order(order.control):
                self._warn(place, "order_unknown", "204")
        elif known.status in order_status.ENDED and row.status not in order_status.ENDED:
            self._warn(place, "order_revived", "205")

    def _order_row(self, order: Order, verdict: match.Verdict, known: OrderRow | None) -> OrderRow:
        """The order as it stands after this message; what an incomplete order does not say stays as it was."""
        status: str = order_status.first(order.control)
        digest = verdict.digest
        if known is not None:
            status = order_status.after(order.control, known.status, digest != known.digest)
            if status in order_status.ENDED:
                digest = known.digest  # what was asked for before the end: its late repetition wakes nothing
        standing = verdict.order
        return OrderRow(
            id=known.id if known else self._book.id(),
            place_id=self._routed.place_id,
            organisation_id=self._routed.organisation_id,
            patient_id=self.patient_id,
            visit_id=self._visit_id or (known.visit_id if known else None),
            **_texts(standing),
            status=status,
            control=order.control,
            start_at=_bound(order, order.starts_at, known.start_at if known else None),
            stop_at=_bound(order, order.stops_at, known.stop_at if known else None),
            digest=digest,
            version=known.version + 1 if known else 1,
            message_id=self._message_id,
            created_at=known.created_at if known else self._at,
            changed_at=self._at,
        )

    # --- what is told ------------------------------------------------------------------------------------------

    def _warn(self, path: str, code: str, ack_code: str) -> None:
        self._reading.findings.append(Finding(path, "warning", code, _WORDS[code], ack_code))

    def _tell(
        self, kind: str, subject: str, subject_id: int, patient_id: int, detail: Mapping[str, object] | None = None
    ) -> None:
        self.events.append(
            EventRow(
                id=self._book.id(),
                at=self._at,
                kind=kind,
                subject=subject,
                subject_id=subject_id,
                actor=self._reading.source.actor,
                patient_id=patient_id,
                place_id=self._routed.place_id,
                message_id=self._message_id,
                detail=compact.dumps(detail) if detail else None,
            )
        )


def _texts(standing: Order) -> dict[str, str]:
    """What an order's row repeats of its facts."""
    return {name: getattr(standing, name) for name in _ORDER_TEXTS}


def _bound(order: Order, stated: int | None, known: int | None) -> int | None:
    """When the order begins or ends, by the rules of `officina.order.order.carried`."""
    if order.reports:
        return stated if known is None else known
    return known if stated is None and not order.complete else stated
