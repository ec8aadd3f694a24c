"""The orders of a message enter the book: each is new, a version of one that is there, or nothing new."""

from __future__ import annotations

from itertools import chain

from officina.actions.receive.entry import Entry
from officina.actions.receive.past import Past
from officina.order import match
from officina.order.order import Order
from officina.store.rows import OrderRow, VersionRow
from officina.workflow import order_status

_TEXTS = (
    *("placer_number", "filler_number", "prescription_number"),
    *("drug_code", "drug_text", "directions", "prescriber"),
)


class Orders:
    """Those of one patient. ``fresh``: one of them was not in the book as it is; ``passed_over``: one came too late."""

    def __init__(self, entry: Entry, patient_id: int, visit_id: int | None) -> None:
        self._entry, self._book = entry, entry.book
        self._patient_id, self._visit_id = patient_id, visit_id
        self._past: dict[int, Past] = {}
        self.fresh = self.passed_over = False

    def enter(self, order: Order, place: str) -> None:
        """Enter one order; what it is to the book decides whether it is new, a version, or nothing new."""

        def next_status(current: str, changed: bool) -> str:
            return order_status.after(order.control, current, changed)

        book = self._book
        verdict = match.match(order, self._patient_id, self._candidates(order), next_status)
        for code in verdict.findings:
            self._entry.warn(place, code, "205")
        known = book.orders[verdict.order_id] if verdict.order_id is not None else None
        if known is not None and order.order_type:
            book.order_types[known.id] = order.order_type
        if known is not None and verdict.kind == "duplicate":
            self._entry.tell("order.repeated", "order", known.id, self._patient_id)
            return
        if known is not None and self._is_late(known.id):
            self._pass_over(order, known, place)
            return
        self.fresh = True
        row = self._order_row(order, verdict, known)
        self._note_odd(order, row, known, place)
        self._put(row, verdict.order)
        if known is None:
            self._entry.tell("order.created", "order", row.id, self._patient_id)
        else:
            detail = {"control": order.control, "status": row.status}
            self._entry.tell("order.changed", "order", row.id, self._patient_id, detail)

    def _candidates(self, order: Order) -> list[match.Candidate]:
        found = self._book.candidates(self._entry.routed.organisation_id, self._patient_id, order)
        if self._entry.stored_at is None:
            return found
        self._past |= {each.order_id: self._book.past(each.order_id) for each in found}
        before = [self._past[each.order_id].names(each) for each in found if self._is_late(each.order_id)]
        return [*found, *chain.from_iterable(before)]

    def _is_late(self, order_id: int) -> bool:
        """Whether this message is processed again after newer ones have decided about the order."""
        return order_id in self._past and self._past[order_id].overtook(self._entry.message_id)

    def _pass_over(self, order: Order, known: OrderRow, place: str) -> None:
        """A late message changes no order, and wakes none."""
        self._entry.warn(place, "older_than_current", "205")
        self.passed_over = True
        if (standing := self._past[known.id].completed(order)) is not None:
            self._complete(known, order, standing)
        detail = {"control": order.control, "reason": "older_than_current"}
        self._entry.tell("order.passed_over", "order", known.id, self._patient_id, detail)

    def _complete(self, known: OrderRow, order: Order, standing: Order) -> None:
        """The order stands as it did, and says more."""
        stands = {
            **known._asdict(),
            **_texts(standing),
            "start_at": known.start_at or order.starts_at,
            "stop_at": known.stop_at or order.stops_at,
            "digest": order.digest(),
            "version": known.version + 1,
            "changed_at": self._entry.at,
        }
        self._put(OrderRow(**stands), standing)

    def _put(self, row: OrderRow, standing: Order) -> None:
        book, kept = self._book, standing.kept
        book.put_order(row, kept)
        if standing.order_type:
            book.order_types[row.id] = standing.order_type
        book.versions.append(VersionRow(book.id(), row.id, row.version, self._entry.message_id, self._entry.at, kept))

    def _note_odd(self, order: Order, row: OrderRow, known: OrderRow | None, place: str) -> None:
        """What the table of statuses allows and a person should see all the same."""
        if known is None:
            if order_status.presumes_an_order(order.control):
                self._entry.warn(place, "order_unknown", "204")
        elif known.status in order_status.ENDED and row.status not in order_status.ENDED:
            self._entry.warn(place, "order_revived", "205")

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
            place_id=self._entry.routed.place_id,
            organisation_id=self._entry.routed.organisation_id,
            patient_id=self._patient_id,
            visit_id=self._visit_id or (known.visit_id if known else None),
            **_texts(standing),
            status=status,
            control=order.control,
            start_at=_bound(order, order.starts_at, known.start_at if known else None),
            stop_at=_bound(order, order.stops_at, known.stop_at if known else None),
            digest=digest,
            version=known.version + 1 if known else 1,
            message_id=self._entry.message_id,
            created_at=known.created_at if known else self._entry.at,
            changed_at=self._entry.at,
        )


def _texts(standing: Order) -> dict[str, str]:
    """What an order's row repeats of its facts."""
    return {name: getattr(standing, name) for name in _TEXTS}


def _bound(order: Order, stated: int | None, known: int | None) -> int | None:
    """When the order begins or ends, by the rules of `officina.order.order.carried`."""
    if order.reports:
        return stated if known is None else known
    return known if stated is None and not order.complete else stated
