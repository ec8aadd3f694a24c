"""A transaction behaves alike on both databases."""

from __future__ import annotations

from sqlalchemy import select

from officina.store import Store
from officina.store.schema import place


def test_what_is_written_is_read(store: Store) -> None:
    with store.write() as tx:
        tx.insert(place, [{"id": tx.id(), "kind": "organisation", "code": "oak", "name": "Oak"}])
    with store.read() as tx:
        rows = tx.execute(select(place.c.code, place.c.time_zone).where(place.c.code.in_(["oak", "elm"]))).mappings()
    assert rows == [{"code": "oak", "time_zone": "UTC"}]
