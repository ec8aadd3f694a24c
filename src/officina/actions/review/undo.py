"""Taking a decision back: the list is as it was, and the order waits for a nurse again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson

from officina.actions.review.decide import of_order
from officina.errors import Conflict
from officina.packed import Packed, unpack
from officina.store import events, reviews
from officina.store.rows import DecisionRow

if TYPE_CHECKING:
    from officina.store import Tx


def undo(tx: Tx, order_id: int, *, by: str, at: int) -> None:
    """The newest decision about an order. A medication it added ends now, for a dose may have been given.

    Raises NotFound, Conflict (there is nothing to undo, or the medication was changed by another decision since).
    """
    row, _ = of_order(tx, order_id)
    last = next((each for each in reviews.decisions(tx, order_id) if each.undone_at is None), None)
    if last is None or row.state == "open":
        raise Conflict("there is no decision to take back", place="order_id", remedy="look at its state again")
    _put_back(tx, last, at)
    reviews.mark_undone(tx, last.id, at)
    reviews.update(tx, [{"order_id": order_id, "state": "open", "first_by": "", "note": "", "changed_at": at}])
    events.record(
        tx,
        at=at,
        kind="review.undone",
        subject="order",
        subject_id=order_id,
        actor=by,
        patient_id=row.patient_id,
        place_id=row.place_id,
        detail={"verdict": last.kind},
    )


def _put_back(tx: Tx, last: DecisionRow, at: int) -> None:
    before = orjson.loads(unpack(last.before)) if last.before is not None else {}
    for name in ("id", "added"):
        if name in before:
            _unchanged_since(tx, before[name], last)
    if "added" in before:
        reviews.change_medication(tx, {"id": before["added"], "ends_at": at, "changed_at": at})
    if "id" in before:
        was = {"ends_at": before["ends_at"], "order_id": before["order_id"]}
        facts = Packed(bytes.fromhex(before["facts"]))
        reviews.change_medication(tx, {"id": before["id"], "facts": facts, "changed_at": at, **was})


def _unchanged_since(tx: Tx, medication_id: int, last: DecisionRow) -> None:
    found = reviews.medication_of(tx, medication_id)
    if found is not None and found.changed_at > last.at:
        raise Conflict(
            "the medication was changed since by another decision",
            place="order_id",
            remedy="take that one back first",
        )
