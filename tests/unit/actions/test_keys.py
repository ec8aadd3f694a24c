"""API keys: shown once, stored as a digest, good for exactly their scopes until they expire or are revoked."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from officina.actions import keys
from officina.clock import SECOND
from officina.errors import Conflict, Invalid, NotFound
from officina.store import Store
from officina.store.schema import api_key, event, place

AT = 1_780_000_000 * SECOND


def create(store: Store, *scopes: str, place_id: int | None = None, expires_at: int | None = None) -> keys.NewKey:
    with store.write() as tx:
        return keys.create_key(
            tx, "Cabinet B", scopes, place_id=place_id, expires_at=expires_at, actor="person:root", at=AT
        )


def known(store: Store, presented: str, at: int = AT) -> keys.KeyIdentity | None:
    with store.read() as tx:
        return keys.authenticate_key(tx, presented, at=at)


@pytest.fixture(autouse=True)
def places(store: Store) -> None:
    with store.write() as tx:
        facility = {"id": 901, "kind": "facility", "parent_id": None, "code": "oak-1", "name": "Oak House"}
        tx.insert(place, [facility, {**facility, "id": 902, "kind": "unit", "parent_id": 901, "code": "b"}])


def test_a_key_is_known_by_what_was_handed_over(store: Store) -> None:
    key = create(store, "orders.read", "messages.write")
    identity = known(store, key.presented)
    assert identity is not None
    assert (identity.name, identity.prefix, identity.actor) == ("Cabinet B", key.prefix, f"key:{key.prefix}")
    assert identity.rights.permissions == {"orders.read", "messages.write"}
    assert identity.rights.places("orders.read") is None


def test_a_key_at_a_place_holds_there_and_below(store: Store) -> None:
    identity = known(store, create(store, "orders.read", place_id=901).presented)
    assert identity is not None
    assert identity.rights.places("orders.read") == {901, 902}


def test_the_secret_is_not_in_the_book(store: Store) -> None:
    key = create(store, "orders.read")
    opening = f"ofc_{key.prefix}_"  # what follows it may have a _ of its own
    assert key.presented.startswith(opening)
    secret = key.presented.removeprefix(opening)
    with store.read() as tx:
        stored = repr(tx.execute(select(api_key)).all()) + repr(tx.execute(select(event)).all())
    assert secret not in stored
    assert secret.encode() not in stored.encode()


@pytest.mark.parametrize(
    "wrong",
    [
        lambda key: "",
        lambda key: key.presented[:-1],
        lambda key: key.presented + "A",
        lambda key: key.presented[:-1] + ("A" if key.presented[-1] != "A" else "B"),
        lambda key: f"ofc_{'0' * 10}_{'A' * 43}",
        lambda key: key.presented.upper(),
        lambda key: key.presented + "\n",
        lambda key: key.presented.replace("ofc_", "ofc-"),
    ],
)
def test_anything_else_is_not_known(store: Store, wrong: object) -> None:
    assert callable(wrong)
    assert known(store, wrong(create(store, "orders.read"))) is None


def test_a_key_expires(store: Store) -> None:
    key = create(store, "orders.read", expires_at=AT + 10)
    assert known(store, key.presented, AT + 9) is not None
    assert known(store, key.presented, AT + 10) is None


def test_a_revoked_key_opens_nothing(store: Store) -> None:
    key, other = create(store, "orders.read"), create(store, "orders.read")
    with store.write() as tx:
        keys.revoke_key(tx, key.prefix, actor="person:root", at=AT)
    assert known(store, key.presented) is None
    assert known(store, other.presented) is not None
    with store.write() as tx, pytest.raises(Conflict):
        keys.revoke_key(tx, key.prefix, actor="person:root", at=AT)
    with store.write() as tx, pytest.raises(NotFound):
        keys.revoke_key(tx, "unknown", actor="person:root", at=AT)


def test_each_change_has_one_audit_line(store: Store) -> None:
    key = create(store, "orders.read", place_id=901)
    with store.write() as tx:
        keys.revoke_key(tx, key.prefix, actor="person:root", at=AT)
    with store.read() as tx:
        lines = tx.execute(select(event.c.kind, event.c.subject_id, event.c.actor, event.c.place_id)).all()
    assert sorted(lines) == [
        ("key.created", key.id, "person:root", 901),
        ("key.revoked", key.id, "person:root", 901),
    ]


@pytest.mark.parametrize(
    ("scopes", "place_id", "pointer", "reason"),
    [
        ([], None, "/scopes", "one or more"),
        (["orders.read", "all"], None, "/scopes", "one or more"),
        (["site.write"], 901, "/scopes", "whole site"),
        (["orders.read"], 12345, "/place_id", "no such place"),
    ],
)
def test_keys_that_are_not_made(
    store: Store, scopes: list[str], place_id: int | None, pointer: str, reason: str
) -> None:
    with pytest.raises(Invalid, match=reason) as refused:
        create(store, *scopes, place_id=place_id)
    assert refused.value.place == pointer


def test_a_key_needs_a_name_and_an_expiry_ahead(store: Store) -> None:
    with pytest.raises(Invalid, match="expiry"):
        create(store, "orders.read", expires_at=AT)
    with store.write() as tx, pytest.raises(Invalid, match="name"):
        keys.create_key(tx, " ", ["orders.read"], actor="system", at=AT)
