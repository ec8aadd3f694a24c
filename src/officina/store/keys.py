"""API keys: found by prefix, known by digest; the secret itself is never here."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import insert, select, update

from officina.store.schema import api_key

if TYPE_CHECKING:
    from officina.store.tx import Tx


class Key(NamedTuple):
    """``scopes`` are permissions separated by blanks; ``place_id`` None: everywhere."""

    id: int
    name: str
    prefix: str
    digest: bytes
    scopes: str
    place_id: int | None
    created_at: int
    expires_at: int | None
    revoked_at: int | None


_KEY = tuple(api_key.c[name] for name in Key._fields)


def by_prefix(tx: Tx, prefix: str) -> Key | None:
    row = tx.execute(select(*_KEY).where(api_key.c.prefix == prefix)).first()
    return Key(*row) if row else None


def every(tx: Tx) -> list[Key]:
    """All keys, oldest first, revoked ones too."""
    return [Key(*row) for row in tx.execute(select(*_KEY).order_by(api_key.c.id))]


def add(
    tx: Tx,
    *,
    name: str,
    prefix: str,
    digest: bytes,
    scopes: str,
    place_id: int | None,
    at: int,
    expires_at: int | None,
) -> int:
    key_id = tx.ids(1)[0]
    row = {"id": key_id, "name": name, "prefix": prefix, "digest": digest, "scopes": scopes, "place_id": place_id}
    tx.execute(insert(api_key).values(**row, created_at=at, expires_at=expires_at))
    return key_id


def revoke(tx: Tx, key_id: int, at: int) -> None:
    tx.execute(update(api_key).where(api_key.c.id == key_id).values(revoked_at=at))
