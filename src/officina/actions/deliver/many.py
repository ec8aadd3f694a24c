"""Several of the error queue at once, as a person has chosen them; each leaves its own audit line."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from officina.actions.deliver import tend
from officina.actions.deliver.gone import without_bytes
from officina.store import deliveries
from officina.store.rows import DeliveryRow
from officina.workflow.delivery import may_resubmit

if TYPE_CHECKING:
    from officina.store import Tx


def resubmit(tx: Tx, delivery_ids: Iterable[int], *, actor: str, at: int) -> int:
    """Queue them again, where their age puts them; how many. What is not in the error queue any more, and what nothing
    is left of, stays as it is."""
    rows = _failed(tx, delivery_ids)
    gone = {row.id for row in without_bytes(tx, rows)}
    found = [row.id for row in rows if row.id not in gone]
    for number in found:
        tend.resubmit(tx, number, actor=actor, at=at)
    return len(found)


def delete(tx: Tx, delivery_ids: Iterable[int], *, actor: str, at: int, reason: str) -> int:
    """Give them up; how many. Raises Invalid without a reason."""
    found = _failed(tx, delivery_ids)
    for row in found:
        tend.delete(tx, row.id, actor=actor, at=at, reason=reason)
    return len(found)


def _failed(tx: Tx, delivery_ids: Iterable[int]) -> list[DeliveryRow]:
    rows = deliveries.by_ids(tx, delivery_ids)
    return [rows[number] for number in sorted(rows) if may_resubmit(rows[number].state)]
