"""What a nurse sees of a review: the pharmacy's order, whose it is, the resident's list, and what is proposed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from officina.order.order import Facts, facts_of
from officina.store import orders, patients, reviews
from officina.store.rows import MedicationRow, OrderRow, PatientRow, ResidentRow, ReviewRow, VisitRow
from officina.workflow.order_status import ENDED
from officina.workflow.review import Verdict

if TYPE_CHECKING:
    from officina.store import Tx


class Current(NamedTuple):
    """A medication of the resident's list, with its facts."""

    row: MedicationRow
    facts: Facts


class Proposed(NamedTuple):
    """What the order is to the list, which medication it is about, and why, in words."""

    verdict: Verdict
    current: Current | None
    why: str


class Seen(NamedTuple):
    """A review with everything that decides it. ``resident`` is None for somebody the facility does not know."""

    review: ReviewRow
    order: OrderRow
    facts: Facts
    patient: PatientRow | None
    resident: ResidentRow | None
    visit: VisitRow | None
    listed: tuple[Current, ...]
    proposed: Proposed


def seen(tx: Tx, rows: Sequence[ReviewRow], at: int) -> list[Seen]:
    """These reviews, in their order."""
    found = {order.id: order for order in orders.by_ids(tx, [row.order_id for row in rows])}
    whose = {row.patient_id for row in rows}
    known, residents = patients.by_ids(tx, whose), reviews.residents(tx, whose)
    listed = reviews.medications(tx, whose)
    visits = patients.visits_by_ids(tx, (order.visit_id for order in found.values() if order.visit_id))
    result = []
    for row in rows:
        order = found[row.order_id]
        facts = facts_of(orders.versions(tx, order.id)[-1].facts)
        current = tuple(Current(each, facts_of(each.facts)) for each in listed[row.patient_id] if _stands(each, at))
        result.append(
            Seen(
                row,
                order,
                facts,
                known.get(row.patient_id),
                residents.get(row.patient_id),
                visits.get(order.visit_id or 0),
                current,
                _proposed(order, facts, current),
            )
        )
    return result


def _stands(row: MedicationRow, at: int) -> bool:
    return row.ends_at is None or row.ends_at > at


# What differs between an order and its exact renewal.
_RENEWED = frozenset(
    (
        *("control", "order_status", "entered_at", "effective_at", "start_at", "stop_at", "quantity", "refills"),
        *("refills_remaining", "prescription_number", "placer_number", "filler_number", "group_number"),
        *("placer_namespace", "filler_namespace", "quantity_units"),
    )
)


def _proposed(order: OrderRow, facts: Facts, listed: Sequence[Current]) -> Proposed:
    same_order = next((each for each in listed if each.row.order_id == order.id), None)
    if order.status in ENDED:
        return Proposed("discontinue", same_order, "the pharmacy has stopped it")
    same_drug = [each for each in listed if _drug(each.facts) == _drug(facts)]
    alike = [each for each in same_drug if _lasting(each.facts) == _lasting(facts)]
    if len(alike) == 1 and not _stop_lost(alike[0].facts, facts):
        return Proposed("renewal", alike[0], "the same drug, dose, directions and times under a new number")
    if same_order is not None:
        return Proposed("change", same_order, "a newer version of an order on the list")
    if len(same_drug) == 1:
        return Proposed("change", same_drug[0], "the same drug is on the list")
    if same_drug:  # which of them is the nurse's to say: a routine and an as-needed order must not be mixed up
        return Proposed("change", None, "the same drug is on the list more than once")
    return Proposed("new", None, "no such drug is on the list")


def _stop_lost(before: Facts, after: Facts) -> bool:
    """What was to end would go on for ever."""
    return bool(before.get("stop_at")) and not after.get("stop_at")


def _drug(facts: Facts) -> str:
    return str(facts.get("drug_text") or facts.get("drug_code") or "").casefold()


def _lasting(facts: Facts) -> Facts:
    return {name: value for name, value in facts.items() if name not in _RENEWED}
