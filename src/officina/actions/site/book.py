"""The site between the book's rows and a site file's: ids and numbers on one side, names on the other."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from officina.actions.site.changes import Change, Changes
from officina.actions.site.document import (
    AlertRow,
    CodeMapRow,
    ConnectorRow,
    Document,
    Key,
    NotifyRow,
    PlaceRow,
    ProfileRow,
    Row,
    SubscriptionRow,
    key_of,
)
from officina.store import site as stored

if TYPE_CHECKING:
    from officina.store import Tx

Ids = dict[tuple[str, Key], int]


def read(tx: Tx) -> tuple[Document, Ids]:
    """The site as a document, and the id of each of its rows."""
    rows = stored.read(tx)
    code = {place.id: place.code for place in rows.places}
    name = {connector.id: connector.name for connector in rows.connectors}
    pairs: list[tuple[int, Row]] = []
    pairs += [
        (one.id, PlaceRow(one.code, one.kind, one.name, code.get(one.parent_id or 0, ""), one.time_zone, one.state))
        for one in rows.places
    ]
    pairs += [(one.id, CodeMapRow(one.code, code[one.place_id], one.source, one.kind)) for one in rows.code_maps]
    pairs += [(one.id, ProfileRow(one.name, one.body)) for one in rows.profiles]
    pairs += [
        (
            one.id,
            ConnectorRow(
                *(one.name, one.kind, one.profile, one.state, json.loads(one.settings)),
                *(one.keep_bodies_days, one.keep_metadata_days),
            ),
        )
        for one in rows.connectors
    ]
    pairs += [
        (
            one.id,
            SubscriptionRow(
                one.name,
                one.event,
                name[one.connector_id],
                one.payload,
                code.get(one.place_id or 0, ""),
                one.order_type,
                one.state,
            ),
        )
        for one in rows.subscriptions
    ]
    pairs += [
        (one.id, AlertRow(one.kind, one.subject, one.state, json.loads(one.settings))) for one in rows.alert_rules
    ]
    pairs += [(one.id, NotifyRow(one.name, one.kind, one.state, json.loads(one.settings))) for one in rows.notifies]
    return Document([row for _, row in pairs]), {(row.table, key_of(row)): row_id for row_id, row in pairs}


def write(tx: Tx, changes: Changes, ids: Ids, at: int) -> None:
    """Write the rows that change; `ids` are those of the rows there are. What points at a row comes after it."""
    known = dict(ids)
    for change in _in_order(changes.effective):
        key = (change.row.table, key_of(change.row))
        if change.act == "add":
            known[key] = tx.ids(1)[0]
            stored.add(tx, _stored(change.row, known, at))
        elif change.act == "remove":
            stored.remove(tx, type(_stored(change.row, known, at)), [known[key]])
        else:
            stored.replace(tx, _stored(change.row, known, at))


def _in_order(changes: Iterable[Change]) -> list[Change]:
    """Tables in the order of their references (which is that of the document), and a new parent before its children."""
    waiting = list(changes)
    new_places = {change.row.code: change for change in waiting if isinstance(change.row, PlaceRow)}
    done: dict[tuple[str, Key], Change] = {}

    def put(change: Change) -> None:
        key = (change.row.table, key_of(change.row))
        if key in done:
            return
        if isinstance(change.row, PlaceRow) and change.row.parent in new_places:
            put(new_places[change.row.parent])
        done[key] = change

    for change in waiting:
        put(change)
    return list(done.values())


def _stored(row: Row, ids: Ids, at: int) -> stored.SiteRow:
    own = ids[row.table, key_of(row)]
    match row:
        case PlaceRow():
            parent_id = ids["place", (row.parent,)] if row.parent else None
            return stored.PlaceRow(own, row.kind, parent_id, row.code, row.name, row.time_zone, row.state)
        case CodeMapRow():
            return stored.CodeMapRow(own, row.source, row.kind, row.code, ids["place", (row.place,)])
        case ProfileRow():
            return stored.ProfileRow(own, row.name, row.body, at)
        case ConnectorRow():
            days = (row.keep_bodies_days, row.keep_metadata_days)
            return stored.ConnectorRow(own, row.name, row.kind, row.state, row.profile, _json(row.settings), at, *days)
        case SubscriptionRow():
            place_id = ids["place", (row.place,)] if row.place else None
            connector_id = ids["connector", (row.connector,)]
            return stored.SubscriptionRow(
                own, row.name, row.event, place_id, connector_id, row.payload, row.state, row.order_type
            )
        case AlertRow():
            return stored.AlertRuleRow(own, row.kind, row.subject, row.state, _json(row.settings))
        case NotifyRow():
            return stored.NotifyRow(own, row.name, row.kind, row.state, _json(row.settings))


def _json(settings: Mapping[str, Any]) -> str:
    return json.dumps(settings, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
