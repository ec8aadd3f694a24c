"""Which patients a set of places has met, by an order or a visit there."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from sqlalchemy import select, union

from officina.store.schema import order, visit

if TYPE_CHECKING:
    from officina.store.tx import Tx


def met(tx: Tx, patient_ids: Collection[int], place_ids: Collection[int]) -> frozenset[int]:
    """Those of the patients who have an order or a visit at one of the places."""
    if not patient_ids or not place_ids:
        return frozenset()
    found = union(
        *[
            select(table.c.patient_id).where(table.c.patient_id.in_(patient_ids), table.c.place_id.in_(place_ids))
            for table in (visit, order)
        ]
    )
    return frozenset(patient_id for (patient_id,) in tx.execute(found))
