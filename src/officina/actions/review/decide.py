"""A nurse decides about an order: the resident's medications follow, and everything that was seen is kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from officina import compact
from officina.actions.notify import notify
from officina.actions.review.listed import Listed
from officina.errors import Conflict, Invalid, NotFound
from officina.order.order import facts_of
from officina.outbound.subscription import Subscription
from officina.packed import Like, pack
from officina.store import events, messages, orders, reviews
from officina.store.rows import DecisionRow, MedicationRow, OrderRow, ReviewRow
from officina.workflow import review
from officina.workflow.order_status import ENDED
from officina.workflow.review import Standing, Verdict

if TYPE_CHECKING:
    from officina.store import Tx


class Asked(NamedTuple):
    """What a nurse decides: about which version, which medication of the list, why, and what was on the screen.

    ``second``: this order needs two nurses.
    """

    order_id: int
    verdict: Verdict
    version: int
    medication_id: int | None = None
    reason: str = ""
    shown: Mapping[str, object] = {}
    second: bool = False


def decide(tx: Tx, asked: Asked, subscriptions: Sequence[Subscription], *, by: str, at: int) -> review.Ruling:
    """Raises NotFound, Conflict (somebody was faster), Invalid, Forbidden."""
    row, order = of_order(tx, asked.order_id)
    if asked.verdict in review.LISTED and not _lives_there(tx, row):
        reason, remedy = "it is for somebody who is no resident of the facility", "admit them first"
        raise Conflict(reason, place="patient_id", remedy=remedy)
    named = _medication(tx, row, asked.medication_id)
    ruling = review.decide(
        Standing(row.version, row.state, row.first_by),  # type: ignore[arg-type]  # the column holds its words
        asked.verdict,
        by=by,
        version=asked.version,
        reason=asked.reason,
        medication=named is not None,
        second=asked.second,
        ended=order.status in ENDED,
    )
    listed = Listed(tx, order, at)
    changed = listed.after(asked.verdict, named) if ruling.counts else named.id if named else None
    _record(tx, asked, row, order, changed, listed.before, by, at)
    note = asked.reason.strip() if ruling.state == "held" else ""
    reviews.update(
        tx,
        [
            {
                "order_id": row.order_id,
                "state": ruling.state,
                "first_by": ruling.first_by,
                "note": note,
                "changed_at": at,
            }
        ],
    )
    _tell(tx, subscriptions, asked, row, ruling, by, at)
    return ruling


def assign(tx: Tx, order_id: int, to: str, *, by: str, at: int) -> None:
    """Leave it to a colleague, whose login ``to`` is; "" takes that back."""
    row, _ = of_order(tx, order_id)
    if row.state == "done":
        raise Conflict("it is decided already", place="order_id", remedy="see who decided it")
    reviews.update(tx, [{"order_id": order_id, "assigned_to": to, "changed_at": at}])
    events.record(
        tx,
        at=at,
        kind="review.assigned",
        subject="order",
        subject_id=order_id,
        actor=by,
        patient_id=row.patient_id,
        place_id=row.place_id,
        detail={"to": to},
    )


def of_order(tx: Tx, order_id: int) -> tuple[ReviewRow, OrderRow]:
    """The review of an order, and the order. Raises NotFound."""
    row, order = reviews.get(tx, order_id), orders.get(tx, order_id)
    if row is None or order is None:
        raise NotFound("no such order is reviewed here", place="order_id")
    return row, order


def _lives_there(tx: Tx, row: ReviewRow) -> bool:
    found = reviews.residents(tx, [row.patient_id]).get(row.patient_id)
    return found is not None and (found.place_id, found.state) == (row.place_id, "admitted")


def _medication(tx: Tx, row: ReviewRow, medication_id: int | None) -> MedicationRow | None:
    """The one of the resident's list that is named. Raises Invalid for somebody else's."""
    if medication_id is None:
        return None
    found = reviews.medication_of(tx, medication_id)
    if found is None or found.patient_id != row.patient_id:
        raise Invalid("is not on this resident's list", place="medication_id", remedy="name one that is")
    return found


def _record(
    tx: Tx,
    asked: Asked,
    row: ReviewRow,
    order: OrderRow,
    medication_id: int | None,
    before: Mapping[str, object] | None,
    by: str,
    at: int,
) -> None:
    message = messages.get(tx, order.message_id)
    reviews.record(
        tx,
        DecisionRow(
            id=tx.id(),
            order_id=row.order_id,
            version=row.version,
            patient_id=row.patient_id,
            place_id=row.place_id,
            at=at,
            by=by,
            kind=asked.verdict,
            medication_id=medication_id,
            message_id=order.message_id,
            message_digest=bytes(message.digest) if message else b"",
            reason=asked.reason.strip(),
            shown=pack(compact.encoded(asked.shown), Like.FACTS),
            before=pack(compact.encoded(before), Like.FACTS) if before is not None else None,
        ),
    )


def _tell(
    tx: Tx,
    subscriptions: Sequence[Subscription],
    asked: Asked,
    row: ReviewRow,
    ruling: review.Ruling,
    by: str,
    at: int,
) -> None:
    """Its reason may name the resident, so it stays with the decision."""
    version = next((each for each in orders.versions(tx, row.order_id) if each.number == row.version), None)
    order_type = str(facts_of(version.facts).get("order_type", "")) if version else ""
    kind = f"review.{asked.verdict}" if ruling.counts or ruling.state != "second" else "review.first"
    notify(
        tx,
        subscriptions,
        at=at,
        kind=kind,
        subject="order",
        subject_id=row.order_id,
        actor=by,
        patient_id=row.patient_id,
        place_id=row.place_id,
        order_type=order_type,
        detail={"version": row.version},
    )
