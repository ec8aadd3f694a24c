"""What a decision makes of the resident's list of medications."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING, assert_never

from officina.errors import NotFound
from officina.order.order import facts_of
from officina.order.when import when
from officina.packed import Packed
from officina.store import orders, reviews
from officina.store.rows import MedicationRow, OrderRow
from officina.workflow.review import Verdict

if TYPE_CHECKING:
    from officina.store import Tx


class Listed:
    """The list after a verdict about an order; ``before`` is what undoing puts back: of a medication that was there,
    what it was, and which one is new.
    """

    def __init__(self, tx: Tx, order: OrderRow, at: int) -> None:
        self._tx, self._order, self._at = tx, order, at
        self.before: dict[str, object] | None = None

    def after(self, verdict: Verdict, named: MedicationRow | None) -> int | None:
        """Change the list; the medication that the decision is about."""
        match verdict:
            case "new":
                return self._added(None)
            case "change":
                assert named is not None
                starts_at = self._starts_at
                self._change(named, {"ends_at": max(starts_at, self._at)})
                return self._added(named)
            case "renewal":
                assert named is not None
                renewed = {"facts": self._facts, "order_id": self._order.id, "ends_at": self._order.stop_at}
                self._change(named, renewed)
                return named.id
            case "discontinue":
                if named is None:  # stopped before it ever came to the list
                    return None
                self._change(named, {"ends_at": max(self._effective_at, self._at)})
                return named.id
            case "reject" | "hold" | "resume":
                return named.id if named else None
            case _:
                assert_never(verdict)

    @property
    def _starts_at(self) -> int:
        """When the order says, else now; a start in the past is now, for no dose of it was given yet."""
        return max(self._order.start_at or self._at, self._at)

    @property
    def _effective_at(self) -> int:
        """ORC-15 of what the pharmacy sent, else now."""
        stated = str(facts_of(self._facts).get("effective_at", ""))
        return when(stated, UTC).at or self._at

    @property
    def _facts(self) -> Packed:
        found = orders.versions(self._tx, self._order.id)
        if not found:
            raise NotFound("the order has no version", place="order_id")
        return found[-1].facts

    def _added(self, instead_of: MedicationRow | None) -> int:
        order, number = self._order, self._tx.id()
        row = MedicationRow(
            number,
            order.place_id,
            order.patient_id,
            order.id,
            order.drug_text,
            self._facts,
            self._starts_at,
            order.stop_at,
            self._at,
        )
        reviews.add_medication(self._tx, row)
        self.before = {**(self.before or {}), "added": number}
        return number

    def _change(self, row: MedicationRow, change: dict[str, object]) -> None:
        self.before = {
            "id": row.id,
            "ends_at": row.ends_at,
            "order_id": row.order_id,
            "facts": bytes(row.facts).hex(),
        }
        reviews.change_medication(self._tx, {"id": row.id, "changed_at": self._at, **change})
