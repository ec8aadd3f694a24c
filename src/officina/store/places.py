"""Places and what partners call them. Changing them is the work of `site`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from sqlalchemy import insert, select

from officina.store.schema import code_map, place
from officina.store.site import CodeMapRow, PlaceRow

if TYPE_CHECKING:
    from officina.store.tx import Tx


def every(tx: Tx) -> list[PlaceRow]:
    """All places, in the order they were added."""
    return [PlaceRow(*row) for row in tx.execute(select(place).order_by(place.c.id))]


def get(tx: Tx, place_id: int) -> PlaceRow | None:
    row = tx.execute(select(place).where(place.c.id == place_id)).first()
    return PlaceRow(*row) if row else None


def add(
    tx: Tx,
    *,
    kind: str,
    code: str,
    name: str,
    parent_id: int | None = None,
    time_zone: str = "UTC",
    state: str = "active",
) -> int:
    """Add a place whose code is free; its id."""
    row = PlaceRow(tx.id(), kind, parent_id, code, name, time_zone, state)
    tx.execute(insert(place).values(**row._asdict()))
    tx.touch("site")
    return row.id


def organisations(places: list[PlaceRow]) -> dict[int, int]:
    """The organisation of each place: the place itself or the first organisation above it; else the topmost."""
    known = {each.id: each for each in places}
    return {each.id: _organisation(each, known) for each in places}


def _organisation(each: PlaceRow, known: Mapping[int, PlaceRow]) -> int:
    seen: set[int] = set()
    while each.kind != "organisation" and each.id not in seen:
        seen.add(each.id)
        above = known.get(each.parent_id) if each.parent_id is not None else None
        each = above or each
    return each.id


def code_mappings(tx: Tx) -> list[CodeMapRow]:
    return [CodeMapRow(*row) for row in tx.execute(select(code_map).order_by(code_map.c.id))]


def add_code_mapping(tx: Tx, *, source: str, kind: str, code: str, place_id: int) -> int:
    row = CodeMapRow(tx.id(), source, kind, code, place_id)
    tx.execute(insert(code_map).values(**row._asdict()))
    tx.touch("site")
    return row.id
