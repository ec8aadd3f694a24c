"""Several of the error queue at once, as a person has chosen them; each leaves its own audit line."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from officina.actions.deliver import tend
from officina.store import deliveries
from officina.workflow.delivery import may_resubmit

if TYPE_CHECKING:
    from officina.store import Tx


def resubmit(tx: Tx, delivery_ids: Iterable[int], *, actor: str, at: int) -> int:
    """Queue them again, where their age puts them; how many. What is not in the error queue any more stays as it is."""
    found = _failed(tx, delivery_ids)
    for number in found:
        tend.resubmit(tx, number, actor=actor, at=at)
    return len(found)


def delete(tx: Tx, delivery_ids: Iterable[int], *, actor: str, at: int, reason: str) -> int:
    """Give them up; how many. Raises Invalid without a reason."""
    found = _failed(tx, delivery_ids)
    for number in found:
        tend.delete(tx, number, actor=actor, at=at, reason=reason)
    return len(found)


def _failed(tx: Tx, delivery_ids: Iterable[int]) -> list[int]:
    rows = deliveries.by_ids(tx, delivery_ids)
    return [number for number in sorted(rows) if may_resubmit(rows[number].state)]
