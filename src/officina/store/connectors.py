"""Connectors and the subscriptions that use them, as configured. Changing them is the work of `site`."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import insert, select

from officina.store.schema import connector, subscription

if TYPE_CHECKING:
    from officina.store.tx import Tx


class Connector(NamedTuple):
    """``state`` is active, suspended or inactive; ``settings`` is JSON as its kind defines it."""

    id: int
    name: str
    kind: str
    state: str
    profile: str
    settings: str
    changed_at: int


class Subscription(NamedTuple):
    """``event`` is a kind, or a prefix that ends in ``*``; ``place_id`` None: any."""

    id: int
    name: str
    event: str
    place_id: int | None
    connector_id: int
    payload: str
    state: str


def every(tx: Tx) -> list[Connector]:
    """All connectors, by name."""
    return [Connector(*row) for row in tx.execute(select(connector).order_by(connector.c.name))]


def get(tx: Tx, connector_id: int) -> Connector | None:
    row = tx.execute(select(connector).where(connector.c.id == connector_id)).first()
    return Connector(*row) if row else None


def by_name(tx: Tx, name: str) -> Connector | None:
    row = tx.execute(select(connector).where(connector.c.name == name)).first()
    return Connector(*row) if row else None


def add(
    tx: Tx, *, name: str, kind: str, at: int, profile: str = "hl7", settings: str = "{}", state: str = "active"
) -> int:
    """Add a connector whose name is free; its id."""
    row = Connector(tx.id(), name, kind, state, profile, settings, at)
    tx.execute(insert(connector).values(**row._asdict()))
    _touch(tx)
    return row.id


def add_subscription(
    tx: Tx,
    *,
    name: str,
    event: str,
    connector_id: int,
    payload: str,
    place_id: int | None = None,
    state: str = "active",
) -> int:
    row = Subscription(tx.id(), name, event, place_id, connector_id, payload, state)
    tx.execute(insert(subscription).values(**row._asdict()))
    _touch(tx)
    return row.id


def _touch(tx: Tx) -> None:
    tx.touch("site")
    tx.touch("connectors")
