"""Changing one row of the site, or going back: the same checks and the same `apply` as for a file.

Whoever changes something says what they have seen of it, so that nobody overwrites what they have not.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING

from officina.actions.site import apply, book
from officina.actions.site.changes import Changes, parents
from officina.actions.site.document import (
    CodeMapRow,
    ConnectorRow,
    Document,
    Key,
    PlaceRow,
    ProfileRow,
    Row,
    SubscriptionRow,
    key_of,
    parse,
)
from officina.actions.site.versions import digest_of
from officina.errors import Conflict, NotFound
from officina.store import deliveries, site_versions

if TYPE_CHECKING:
    from officina.store import Tx

ABSENT = ""


class Overtaken(Conflict):
    """Somebody else changed it meanwhile. ``now`` is the row as it stands, None if it is gone."""

    code = "overtaken"

    def __init__(self, now: Row | None) -> None:
        super().__init__(
            "somebody changed this since you opened it",
            remedy="compare what it is now with what you want, and save again if that is right",
        )
        self.now = now


def fingerprint(row: Row | None) -> str:
    """What one has seen of a row; "" of one that is not there."""
    return digest_of(json.dumps(asdict(row), sort_keys=True, ensure_ascii=False)) if row else ABSENT


def put(tx: Tx, row: Row, *, seen: str, actor: str, at: int) -> Changes:
    """Adds or changes one row. Raises `Overtaken`, or `SiteInvalid` as `apply` does; then nothing has changed."""
    _unchanged(book.read(tx)[0], row.table, key_of(row), seen)
    return apply(tx, Document([row]), actor=actor, at=at)


def retire(tx: Tx, table: str, key: Key, *, seen: str, actor: str, at: int) -> Changes:
    """Takes one row out of use: a code map or a profile is removed, anything else becomes inactive.

    Raises Conflict with what still uses it.
    """
    current, ids = book.read(tx)
    row = _unchanged(current, table, key, seen)
    if row is None:
        raise NotFound(f"there is no {table} {' '.join(key)}")
    used = list(_users(current, row))
    if isinstance(row, ConnectorRow):
        waiting = deliveries.depth(tx, ids[table, key]).queued
        used += [f"{waiting} deliveries that wait to be sent"] if waiting else []
    if used:
        raise Conflict(
            f"{' '.join(key)} is in use: {', '.join(used)}", place=table, remedy="change or retire these first"
        )
    rest = [each for each in current if (each.table, key_of(each)) != (table, key)]
    return apply(tx, Document(rest), actor=actor, at=at, prune=True)


def go_back(tx: Tx, number: int, *, seen: str, actor: str, at: int) -> Changes:
    """Makes the site what it was at a version, as a new version. What was added since becomes inactive or is removed.

    ``seen`` is the digest of the site as it stands, as whoever decides this has seen it.
    """
    version = site_versions.get(tx, number)
    if version is None:
        raise NotFound(f"there is no version {number}")
    return apply(tx, parse(version.body), actor=actor, at=at, prune=True, seen=seen, why=f"back to version {number}: ")


def _unchanged(current: Document, table: str, key: Key, seen: str) -> Row | None:
    there = current.table(table).get(key)
    if fingerprint(there) != seen:
        raise Overtaken(there)
    return there


def _users(current: Document, row: Row) -> Iterator[str]:
    match row:
        case PlaceRow():
            below = current.of(PlaceRow).values()
            yield from (f"place {each.code}" for each in below if each.parent == row.code and each.state == "active")
            codes = current.of(CodeMapRow).values()
            yield from (f"code {each.code}" for each in codes if each.place == row.code)
            yield from _told(current, "place", row.code)
        case ProfileRow():
            connectors = current.of(ConnectorRow).values()
            yield from (f"connector {each.name}" for each in connectors if each.profile == row.name)
            subscriptions = current.of(SubscriptionRow).values()
            yield from (f"subscription {each.name}" for each in subscriptions if each.payload == row.name)
            profiles = current.of(ProfileRow).values()
            yield from (f"profile {each.name}" for each in profiles if row.name in parents(each))
        case ConnectorRow():
            yield from _told(current, "connector", row.name)
        case _:
            return


def _told(current: Document, column: str, value: str) -> Iterator[str]:
    rows = current.of(SubscriptionRow).values()
    return (f"subscription {each.name}" for each in rows if getattr(each, column) == value and each.state == "active")
