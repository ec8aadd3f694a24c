"""Connectors, the profiles they speak and the subscriptions that use them, as configured."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import delete, insert, select, update

from officina.store.schema import connector, profile, subscription

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


class StoredProfile(NamedTuple):
    """``body`` is TOML as its author wrote it."""

    id: int
    name: str
    body: str
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


def change(tx: Tx, connector_id: int, *, at: int, **values: object) -> None:
    """Set columns of a connector."""
    tx.execute(update(connector).where(connector.c.id == connector_id).values(**values, changed_at=at))
    _touch(tx)


def remove(tx: Tx, connector_id: int) -> None:
    """Remove a connector; its messages keep its id."""
    tx.execute(delete(connector).where(connector.c.id == connector_id))
    _touch(tx)


def profiles(tx: Tx) -> list[StoredProfile]:
    """The profiles of this site, by name; those that ship with the hub are files."""
    return [StoredProfile(*row) for row in tx.execute(select(profile).order_by(profile.c.name))]


def add_profile(tx: Tx, *, name: str, body: str, at: int) -> int:
    row = StoredProfile(tx.id(), name, body, at)
    tx.execute(insert(profile).values(**row._asdict()))
    _touch(tx)
    return row.id


def change_profile(tx: Tx, profile_id: int, *, body: str, at: int) -> None:
    tx.execute(update(profile).where(profile.c.id == profile_id).values(body=body, changed_at=at))
    _touch(tx)


def remove_profile(tx: Tx, profile_id: int) -> None:
    tx.execute(delete(profile).where(profile.c.id == profile_id))
    _touch(tx)


def subscriptions(tx: Tx) -> list[Subscription]:
    """All subscriptions, in the order they were added."""
    return [Subscription(*row) for row in tx.execute(select(subscription).order_by(subscription.c.id))]


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


def change_subscription(tx: Tx, subscription_id: int, **values: object) -> None:
    tx.execute(update(subscription).where(subscription.c.id == subscription_id).values(**values))
    _touch(tx)


def remove_subscription(tx: Tx, subscription_id: int) -> None:
    tx.execute(delete(subscription).where(subscription.c.id == subscription_id))
    _touch(tx)


def _touch(tx: Tx) -> None:
    tx.touch("site")
    tx.touch("connectors")
