"""Connectors and the subscriptions that use them, as configured. Changing them is the work of `site`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import insert, select

from officina.store.schema import connector, subscription
from officina.store.site import ConnectorRow, SubscriptionRow

if TYPE_CHECKING:
    from officina.store.tx import Tx


def every(tx: Tx) -> list[ConnectorRow]:
    """All connectors, by name."""
    return [ConnectorRow(*row) for row in tx.execute(select(connector).order_by(connector.c.name))]


def get(tx: Tx, connector_id: int) -> ConnectorRow | None:
    row = tx.execute(select(connector).where(connector.c.id == connector_id)).first()
    return ConnectorRow(*row) if row else None


def by_name(tx: Tx, name: str) -> ConnectorRow | None:
    row = tx.execute(select(connector).where(connector.c.name == name)).first()
    return ConnectorRow(*row) if row else None


def add(
    tx: Tx, *, name: str, kind: str, at: int, profile: str = "hl7", settings: str = "{}", state: str = "active"
) -> int:
    """Add a connector whose name is free; its id."""
    row = ConnectorRow(tx.id(), name, kind, state, profile, settings, at)
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
    row = SubscriptionRow(tx.id(), name, event, place_id, connector_id, payload, state)
    tx.execute(insert(subscription).values(**row._asdict()))
    _touch(tx)
    return row.id


def _touch(tx: Tx) -> None:
    tx.touch("site")
    tx.touch("connectors")
