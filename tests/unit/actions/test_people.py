"""Signing in: what opens a session, what keeps it, what ends it, and the one audit line of each."""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import pytest
from argon2 import PasswordHasher
from sqlalchemy import select

from officina.actions import people
from officina.actions.people import MINUTE, PasswordHash, SignInLimits
from officina.clock import SECOND
from officina.errors import Conflict, Invalid, NotFound, Unauthenticated
from officina.store import Store, Tx
from officina.store import people as rows
from officina.store.schema import event, person, place, session

AT = 1_780_000_000 * SECOND
PASSWORD = "correct horse battery"
LIMITS = SignInLimits(idle=30 * MINUTE, absolute=12 * 60 * MINUTE, failures=3, lock=15 * MINUTE)
HASHED = people.hash_password(PASSWORD)


class Line(NamedTuple):
    kind: str
    actor: str
    place_id: int | None
    detail: str | None


def audit(store: Store) -> list[Line]:
    columns = (event.c.kind, event.c.actor, event.c.place_id, event.c.detail)
    with store.read() as tx:
        return [Line(*row) for row in tx.execute(select(*columns).order_by(event.c.id))]


def sign_in(store: Store, password: str = PASSWORD, at: int = AT) -> people.SignedIn:
    return people.sign_in(store, "nora", password, at=at, limits=LIMITS)


def session_of(store: Store, token: str, at: int = AT) -> people.Session | None:
    with store.read() as tx:
        return people.session_of(tx, token, at=at, limits=LIMITS)


def write(store: Store, fn: Callable[[Tx], object]) -> None:
    with store.write() as tx:
        fn(tx)


@pytest.fixture
def nora(store: Store) -> int:
    with store.write() as tx:
        tx.insert(
            place,
            [
                {"id": 900, "kind": "organisation", "parent_id": None, "code": "oak", "name": "Oak"},
                {"id": 901, "kind": "facility", "parent_id": 900, "code": "oak-1", "name": "Oak House"},
                {"id": 902, "kind": "unit", "parent_id": 901, "code": "oak-1-b", "name": "Unit B"},
                {"id": 903, "kind": "facility", "parent_id": None, "code": "elm", "name": "Elm Court"},
            ],
        )
        return people.add_person(tx, "Nora", "Nora Quill", HASHED, actor="system", at=AT)


def test_the_right_password_opens_a_session(store: Store, nora: int) -> None:
    signed_in = people.sign_in(store, " NORA ", PASSWORD, at=AT, limits=LIMITS)
    held = session_of(store, signed_in.token)
    assert held is not None
    assert (held.person_id, held.login, held.name, held.actor) == (nora, "nora", "Nora Quill", "person:nora")
    assert held.allows_csrf(signed_in.csrf)
    assert not held.allows_csrf("")
    assert not held.allows_csrf(signed_in.csrf + "é")
    assert held.rights.permissions == frozenset()
    assert [(line.kind, line.actor) for line in audit(store)][1:] == [("person.signed_in", "person:nora")]


def test_neither_token_nor_password_is_in_the_book(store: Store, nora: int) -> None:
    signed_in = sign_in(store)
    with store.read() as tx:
        stored = repr(tx.execute(select(session)).all()) + repr(tx.execute(select(person)).all()) + repr(audit(store))
    assert signed_in.token not in stored
    assert PASSWORD not in stored
    assert "$argon2id$" in stored


def test_a_wrong_login_and_a_wrong_password_are_refused_in_the_same_words(store: Store, nora: int) -> None:
    with pytest.raises(Unauthenticated) as unknown:
        people.sign_in(store, "nobody", PASSWORD, at=AT, limits=LIMITS)
    with pytest.raises(Unauthenticated) as wrong:
        sign_in(store, "wrong")
    assert str(unknown.value) == str(wrong.value) == people.WRONG
    refusals = [(line.kind, line.detail) for line in audit(store)][1:]
    assert refusals == [
        ("person.sign_in_refused", '{"reason":"unknown"}'),
        ("person.sign_in_refused", '{"reason":"password"}'),
    ]


def test_an_unknown_login_costs_a_hash_as_a_wrong_password_does(monkeypatch: pytest.MonkeyPatch) -> None:
    checked: list[str] = []
    verify = PasswordHasher.verify

    def counted(self: PasswordHasher, stored: str, password: str) -> bool:
        checked.append(stored)
        return bool(verify(self, stored, password))

    monkeypatch.setattr(PasswordHasher, "verify", counted)
    assert not people.check_password(None, PASSWORD).right
    parameters = [part.split("$")[1:4] for part in (checked[0], HASHED)]
    assert parameters[0] == parameters[1]


def test_too_many_wrong_passwords_lock_the_login_for_a_while_even_for_the_right_one(store: Store, nora: int) -> None:
    for _ in range(LIMITS.failures - 1):
        with pytest.raises(Unauthenticated, match="wrong"):
            sign_in(store, "wrong")
    with pytest.raises(Unauthenticated, match=r"Try again in 15 minutes\."):
        sign_in(store, "wrong")
    with pytest.raises(Unauthenticated, match=r"Try again in 1 minute\."):
        sign_in(store, PASSWORD, AT + LIMITS.lock - 1)
    assert sign_in(store, PASSWORD, AT + LIMITS.lock).person.id == nora
    reasons = [json.loads(line.detail)["reason"] for line in audit(store) if line.detail]
    assert reasons == ["password", "password", "lock_out", "locked"]


def test_a_right_password_forgets_the_wrong_ones_before_it(store: Store, nora: int) -> None:
    for _ in range(2):
        for _ in range(LIMITS.failures - 1):
            with pytest.raises(Unauthenticated, match="wrong"):
                sign_in(store, "wrong")
        sign_in(store)


def test_guesses_made_at_once_do_not_get_round_the_lock(store: Store, nora: int) -> None:
    def attempt(_: int) -> str:
        with pytest.raises(Unauthenticated) as refused:
            sign_in(store, "wrong")
        return refused.value.text

    with ThreadPoolExecutor(6) as threads:
        texts = list(threads.map(attempt, range(6)))
    assert texts.count(people.WRONG) == LIMITS.failures - 1


def test_a_session_ends_when_it_is_not_used(store: Store, nora: int) -> None:
    token = sign_in(store).token
    assert session_of(store, token, AT + LIMITS.idle - 1) is not None
    assert session_of(store, token, AT + LIMITS.idle) is None


def test_use_renews_a_session_but_not_beyond_its_absolute_end(store: Store, nora: int) -> None:
    token = sign_in(store).token
    fresh = session_of(store, token, AT + MINUTE)
    assert fresh is not None
    assert not fresh.renewal_due
    at = AT
    while at + 20 * MINUTE < AT + LIMITS.absolute:
        at += 20 * MINUTE
        used = session_of(store, token, at)
        assert used is not None
        assert used.renewal_due
        with store.write() as tx:
            people.renew(tx, token, at=at, limits=LIMITS)
    assert session_of(store, token, AT + LIMITS.absolute - 1) is not None
    assert session_of(store, token, AT + LIMITS.absolute) is None


def test_an_ended_session_cannot_be_renewed(store: Store, nora: int) -> None:
    token = sign_in(store).token
    late = AT + LIMITS.idle
    with store.write() as tx:
        people.renew(tx, token, at=late, limits=LIMITS)
    assert session_of(store, token, late) is None


def test_signing_out_ends_the_session_at_once(store: Store, nora: int) -> None:
    token, other = sign_in(store).token, sign_in(store).token
    with store.write() as tx:
        people.sign_out(tx, token, at=AT)
        people.sign_out(tx, "unknown", at=AT)
    assert session_of(store, token) is None
    assert session_of(store, other) is not None
    assert [line.kind for line in audit(store)].count("person.signed_out") == 1


def test_a_new_password_ends_all_sessions_and_lifts_the_lock(store: Store, nora: int) -> None:
    token = sign_in(store).token
    for _ in range(LIMITS.failures):
        with pytest.raises(Unauthenticated):
            sign_in(store, "wrong")
    with store.write() as tx:
        people.set_password(tx, nora, people.hash_password("another long password"), actor="person:root", at=AT)
    assert session_of(store, token) is None
    assert sign_in(store, "another long password").person.id == nora
    assert ("person.password_set", "person:root") in [(line.kind, line.actor) for line in audit(store)]


def test_a_password_changed_during_the_check_voids_it(store: Store, nora: int) -> None:
    with store.read() as tx:
        proof = people.check_password(rows.by_id(tx, nora), PASSWORD)
    assert proof.right
    with store.write() as tx:
        people.set_password(tx, nora, people.hash_password("another long password"), actor="system", at=AT)
    with store.write() as tx:
        assert people.enter(tx, proof, at=AT, limits=LIMITS) == people.Refused(people.WRONG)


def test_who_is_shut_out_is_out_at_once_and_may_come_back(store: Store, nora: int) -> None:
    token = sign_in(store).token
    write(store, lambda tx: people.set_active(tx, nora, False, actor="person:root", at=AT))
    assert session_of(store, token) is None
    with pytest.raises(Unauthenticated, match="wrong"):
        sign_in(store)
    write(store, lambda tx: people.set_active(tx, nora, True, actor="person:root", at=AT))
    assert sign_in(store).person.id == nora


def test_a_hash_with_older_parameters_is_replaced_at_the_next_sign_in(store: Store, nora: int) -> None:
    older = PasswordHash(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD))
    write(store, lambda tx: people.set_password(tx, nora, older, actor="system", at=AT))
    sign_in(store)
    with store.read() as tx:
        stored = rows.by_id(tx, nora)
    assert stored is not None
    assert "m=19456,t=2,p=1" in stored.password_hash
    assert sign_in(store).person.id == nora


def test_a_grant_holds_below_its_place_from_the_next_request_on_and_ends_as_soon(store: Store, nora: int) -> None:
    token = sign_in(store).token
    write(store, lambda tx: people.grant(tx, nora, "nurse", 900, actor="person:root", at=AT))
    held = session_of(store, token)
    assert held is not None
    assert held.rights.places("orders.read") == {900, 901, 902}
    write(store, lambda tx: people.withdraw(tx, nora, "nurse", 900, actor="person:root", at=AT))
    held = session_of(store, token)
    assert held is not None
    assert not held.rights.may("orders.read")
    assert audit(store)[-2:] == [
        Line("person.granted", "person:root", 900, '{"role":"nurse"}'),
        Line("person.withdrawn", "person:root", 900, '{"role":"nurse"}'),
    ]


def test_granting_twice_is_granting_once(store: Store, nora: int) -> None:
    for place_id in (None, None, 901, 901):
        with store.write() as tx:
            people.grant(tx, nora, "auditor", place_id, actor="system", at=AT)
    with store.read() as tx:
        assert rows.grants_of(tx, nora) == [("auditor", None), ("auditor", 901)]
    assert [line.kind for line in audit(store)].count("person.granted") == 2


def test_what_cannot_be_granted_is_refused_with_the_reason(store: Store, nora: int) -> None:
    with store.write() as tx:
        with pytest.raises(Invalid, match="roles are nurse"):
            people.grant(tx, nora, "wizard", actor="system", at=AT)
        with pytest.raises(Invalid, match="no such place"):
            people.grant(tx, nora, "nurse", 12345, actor="system", at=AT)
        with pytest.raises(NotFound):
            people.grant(tx, 12345, "nurse", actor="system", at=AT)
        with pytest.raises(NotFound):
            people.withdraw(tx, nora, "nurse", actor="system", at=AT)


@pytest.mark.parametrize("login", ["", " ", "two words", "../up", "-dash", "x" * 65, "søren"])
def test_logins_that_are_refused(store: Store, login: str) -> None:
    with store.write() as tx, pytest.raises(Invalid) as refused:
        people.add_person(tx, login, "Somebody", HASHED, actor="system", at=AT)
    assert refused.value.place == "/login"


def test_a_login_is_taken_whatever_its_case(store: Store, nora: int) -> None:
    with store.write() as tx, pytest.raises(Conflict):
        people.add_person(tx, "NORA", "Another Nora", HASHED, actor="system", at=AT)


@pytest.mark.parametrize("password", ["", "eleven char", "x" * 1025])
def test_passwords_that_are_refused(password: str) -> None:
    with pytest.raises(Invalid) as refused:
        people.hash_password(password)
    assert refused.value.code == "password_length"
    assert not password or password not in str(refused.value)
