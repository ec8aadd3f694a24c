"""`user` and `key`: who may come in."""

from __future__ import annotations

import pytest
from tests.unit.cli.conftest import Officina

from officina.actions import keys, people
from officina.clock import now
from officina.errors import Unauthenticated
from officina.store import open_store

SITE = b'[[place]]\ncode = "OAK"\nkind = "organisation"\nname = "Oak Care"\n'
PASSWORD = b"correct horse battery\n"


@pytest.fixture(autouse=True)
def site(officina: Officina) -> None:
    officina("migrate")
    officina("apply", "-", given=SITE)


def url() -> str:
    from officina import config

    return config.load().database_url


def test_an_added_person_can_sign_in_with_the_role_at_the_place(officina: Officina) -> None:
    ran = officina(
        "user", "add", "ann", "--name", "Ann A", "--role", "nurse", "--place", "OAK", "--password-stdin", given=PASSWORD
    )
    assert (ran.code, ran.out) == (0, "ann may sign in as nurse.\n")
    with open_store(url()) as store:
        signed = people.sign_in(store, "ann", PASSWORD.decode().strip(), at=now())
        with store.read() as tx:
            session = people.session_of(tx, signed.token, at=now())
    assert session is not None
    places = session.rights.places("orders.read")
    assert places is not None
    assert len(places) == 1


@pytest.mark.parametrize(
    ("arguments", "given", "code", "said"),
    [
        (("ann", "--role", "nurs"), PASSWORD, 3, "no such role"),
        (("ann", "--role", "nurse", "--place", "ELM"), PASSWORD, 4, "there is no place ELM\n  → known are OAK"),
        (("ann",), b"short\n", 3, "12 to 1024 characters"),
        (("Ann A",), PASSWORD, 3, "a login has"),
    ],
)
def test_what_is_wrong_is_told_and_nobody_is_added(
    officina: Officina, arguments: tuple[str, ...], given: bytes, code: int, said: str
) -> None:
    ran = officina("user", "add", *arguments, "--password-stdin", given=given)
    assert (ran.code, ran.out) == (code, "")
    assert said in ran.err
    assert officina("user", "password", "ann", "--password-stdin", given=PASSWORD).code == 4


def test_a_taken_login_is_a_conflict(officina: Officina) -> None:
    assert officina("user", "add", "ann", "--password-stdin", given=PASSWORD).code == 0
    assert officina("user", "add", "ann", "--password-stdin", given=PASSWORD).code == 5


def test_a_new_password_replaces_the_old_one(officina: Officina) -> None:
    officina("user", "add", "ann", "--password-stdin", given=PASSWORD)
    assert officina("user", "password", "ann", "--password-stdin", given=b"another horse battery\n").code == 0
    with open_store(url()) as store:
        with pytest.raises(Unauthenticated):
            people.sign_in(store, "ann", PASSWORD.decode().strip(), at=now())
        assert people.sign_in(store, "ann", "another horse battery", at=now()).person.login == "ann"


def test_a_key_is_printed_once_listed_without_its_secret_and_revoked(officina: Officina) -> None:
    presented = officina("key", "create", "Cabinet B", "--scope", "orders.read", "--days", "30").out.strip()
    prefix = presented.split("_")[1]
    with open_store(url()) as store, store.read() as tx:
        assert keys.authenticate_key(tx, presented, at=now()) is not None
    listed = officina("key", "list").out
    assert listed.startswith(f"{prefix}  valid until ")
    assert "Cabinet B  orders.read" in listed
    assert presented not in listed
    assert officina("key", "revoke", prefix).code == 0
    assert f"{prefix}  revoked  Cabinet B" in officina("key", "list").out
    assert officina("key", "revoke", prefix).code == 5
    assert officina("key", "revoke", "nosuchkey0").code == 4


def test_an_unknown_scope_is_refused_and_the_known_ones_are_named(officina: Officina) -> None:
    ran = officina("key", "create", "Cabinet B", "--scope", "orders.reed")
    assert ran.code == 3
    assert "orders.read" in ran.err
