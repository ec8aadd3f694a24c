"""The site's configuration as whole tables: places, code maps, profiles, connectors, subscriptions.

They are small (a site has hundreds of rows, not millions), so they are read as they are and compared in memory.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar, cast

from sqlalchemy import Table, delete, func, select

from officina.store import schema

if TYPE_CHECKING:
    from officina.store.tx import Tx


class PlaceRow(NamedTuple):
    """``kind`` organisation, facility, unit or dispensary; ``state`` active or inactive."""

    id: int
    kind: str
    parent_id: int | None
    code: str
    name: str
    time_zone: str
    state: str


class CodeMapRow(NamedTuple):
    """``source`` is a connector's name or ``*``."""

    id: int
    source: str
    kind: str
    code: str
    place_id: int


class ProfileRow(NamedTuple):
    """``body`` is TOML."""

    id: int
    name: str
    body: str
    changed_at: int


class ConnectorRow(NamedTuple):
    """``settings`` is a JSON object. Without a number of days its messages are kept for ever."""

    id: int
    name: str
    kind: str
    state: str
    profile: str
    settings: str
    changed_at: int
    keep_bodies_days: int | None = None
    keep_metadata_days: int | None = None


class SubscriptionRow(NamedTuple):
    """``event`` is an event kind or a prefix ending in ``*``; without a place it concerns them all, without a type of
    orders all of those.
    """

    id: int
    name: str
    event: str
    place_id: int | None
    connector_id: int
    payload: str
    state: str
    order_type: str = ""


class AlertRuleRow(NamedTuple):
    """``settings`` is a JSON object; ``subject`` may be ``*``."""

    id: int
    kind: str
    subject: str
    state: str
    settings: str


class NotifyRow(NamedTuple):
    """``settings`` is a JSON object."""

    id: int
    name: str
    kind: str
    state: str
    settings: str


class SiteRows(NamedTuple):
    """The whole configuration, each table in the order its rows were added."""

    places: list[PlaceRow]
    code_maps: list[CodeMapRow]
    profiles: list[ProfileRow]
    connectors: list[ConnectorRow]
    subscriptions: list[SubscriptionRow]
    alert_rules: list[AlertRuleRow]
    notifies: list[NotifyRow]


SiteRow = PlaceRow | CodeMapRow | ProfileRow | ConnectorRow | SubscriptionRow | AlertRuleRow | NotifyRow
R = TypeVar("R", bound=SiteRow)

TABLES: Mapping[type, Table] = {
    PlaceRow: schema.place,
    CodeMapRow: schema.code_map,
    ProfileRow: schema.profile,
    ConnectorRow: schema.connector,
    SubscriptionRow: schema.subscription,
    AlertRuleRow: schema.alert_rule,
    NotifyRow: schema.notify,
}


def read(tx: Tx) -> SiteRows:
    """Every row of the configuration."""
    return SiteRows(
        places=_rows(tx, PlaceRow),
        code_maps=_rows(tx, CodeMapRow),
        profiles=_rows(tx, ProfileRow),
        connectors=_rows(tx, ConnectorRow),
        subscriptions=_rows(tx, SubscriptionRow),
        alert_rules=_rows(tx, AlertRuleRow),
        notifies=_rows(tx, NotifyRow),
    )


def stamp(tx: Tx) -> tuple[int, int]:
    """Grows with every change of the configuration, whichever process made it."""
    event, connector = schema.event, schema.connector
    of_site = select(func.max(event.c.id)).where(event.c.subject == "site", event.c.subject_id == 0)
    of_connectors = select(func.max(connector.c.changed_at))
    return tx.execute(of_site).scalar() or 0, tx.execute(of_connectors).scalar() or 0


def add(tx: Tx, row: SiteRow) -> None:
    tx.insert(TABLES[type(row)], [row])


def replace(tx: Tx, row: SiteRow) -> None:
    """Overwrite the row that has this id."""
    tx.update(TABLES[type(row)], [row])


def remove(tx: Tx, kind: type[SiteRow], ids: Sequence[int]) -> None:
    table = TABLES[kind]
    tx.execute(delete(table).where(table.c.id.in_(ids)))


def _rows(tx: Tx, kind: type[R]) -> list[R]:
    table, make = TABLES[kind], cast(Any, kind)
    return [make(*row) for row in tx.execute(select(*(table.c[name] for name in make._fields)).order_by(table.c.id))]
