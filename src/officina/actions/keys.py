"""API keys of partners: ``ofc_<prefix>_<secret>``. The secret is shown once; the book keeps its digest."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Collection
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from officina.errors import Conflict, Invalid, NotFound
from officina.store import events, keys, people, places
from officina.workflow.rights import PERMISSIONS, Rights

if TYPE_CHECKING:
    from officina.store import Tx

_FORM = re.compile(r"ofc_([0-9a-z]{10})_([0-9A-Za-z_-]{43})")
_ALPHABET = "0123456789abcdefghijklmnopqrstuvwxyz"
_NOBODY = bytes(32)


class NewKey(NamedTuple):
    """``presented`` is the whole key: hand it over once, then forget it."""

    id: int
    prefix: str
    presented: str


class KeyIdentity(NamedTuple):
    """The partner behind a request."""

    rights: Rights
    name: str
    prefix: str

    @property
    def actor(self) -> str:
        return f"key:{self.prefix}"


def create_key(
    tx: Tx,
    name: str,
    scopes: Collection[str],
    *,
    place_id: int | None = None,
    expires_at: int | None = None,
    actor: str,
    at: int,
) -> NewKey:
    """A key that may do what its scopes (permissions) say, at one place and below it or everywhere."""
    if not name.strip():
        raise Invalid("a key needs a name that tells whose it is", place="/name", code="name_missing")
    unknown = sorted(set(scopes) - PERMISSIONS.keys())
    if unknown or not scopes:
        known = ", ".join(PERMISSIONS)
        raise Invalid(f"scopes must be one or more of {known}", place="/scopes", code="scope_unknown")
    useless = sorted(scope for scope in scopes if not PERMISSIONS[scope].placed) if place_id is not None else []
    if useless:
        reason = f"{', '.join(useless)} concern the whole site and cannot be given at one place"
        raise Invalid(reason, place="/scopes", code="scope_site_wide")
    if place_id is not None and places.get(tx, place_id) is None:
        raise Invalid("no such place", place="/place_id", code="place_unknown")
    if expires_at is not None and expires_at <= at:
        raise Invalid("the expiry has already passed", place="/expires_at", code="expiry_past")
    prefix = "".join(secrets.choice(_ALPHABET) for _ in range(10))
    secret = secrets.token_urlsafe(32)
    key_id = keys.add(
        tx,
        name=name.strip(),
        prefix=prefix,
        digest=_digest(secret),
        scopes=" ".join(sorted(set(scopes))),
        place_id=place_id,
        at=at,
        expires_at=expires_at,
    )
    _record(tx, "key.created", key_id, actor, at, place_id)
    return NewKey(key_id, prefix, f"ofc_{prefix}_{secret}")


def revoke_key(tx: Tx, prefix: str, *, actor: str, at: int) -> None:
    """The key opens nothing from now on."""
    key = keys.by_prefix(tx, prefix)
    if key is None:
        raise NotFound("no key has this prefix", place="/prefix")
    if key.revoked_at is not None:
        raise Conflict("this key is revoked already", place="/prefix", code="key_revoked")
    keys.revoke(tx, key.id, at)
    _record(tx, "key.revoked", key.id, actor, at, key.place_id)


def authenticate_key(tx: Tx, presented: str, *, at: int) -> KeyIdentity | None:
    """Who presents a key; None if it is malformed, unknown, wrong, expired or revoked (it is not told which)."""
    form = _FORM.fullmatch(presented)
    if form is None:
        return None
    prefix, secret = form.groups()
    key = keys.by_prefix(tx, prefix)
    same = hmac.compare_digest(key.digest if key else _NOBODY, _digest(secret))
    if key is None or not same or key.revoked_at is not None or (key.expires_at is not None and at >= key.expires_at):
        return None
    rights = Rights.of_scopes(key.scopes.split(), key.place_id, partial(people.places_below, tx))
    return KeyIdentity(rights, key.name, key.prefix)


def _record(tx: Tx, kind: str, key_id: int, actor: str, at: int, place_id: int | None) -> None:
    events.record(tx, at=at, kind=kind, subject="api_key", subject_id=key_id, actor=actor, place_id=place_id)
    tx.touch("people")


def _digest(secret: str) -> bytes:
    """Secrets are 256 random bits, so one fast hash is enough to make a stolen table useless."""
    return hashlib.sha256(secret.encode()).digest()
