"""Several processes on one PostgreSQL: one writes at a time, and the others hear of what it committed."""

from __future__ import annotations

import select
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sqlalchemy import text

from officina.errors import Unavailable
from officina.store import Store, open_store, postgresql
from officina.store.ear import Ear

DEADLINE_S = 20.0


@pytest.fixture
def pair(postgresql_url: str) -> Iterator[tuple[Store, Store]]:
    """Two processes' stores on one book."""
    with open_store(postgresql_url) as one, open_store(postgresql_url) as other:
        yield one, other


@pytest.fixture
def ear(pair: tuple[Store, Store]) -> Iterator[Ear]:
    made = pair[0].ear()
    assert made is not None
    yield made
    made.close()


def heard(ear: Ear, store: Store) -> frozenset[str]:
    assert select.select([ear], [], [], DEADLINE_S)[0]
    return ear.heard(but_of=store.writer.origin)


def touch(store: Store, *topics: str) -> None:
    with store.write() as tx:
        for topic in topics:
            tx.touch(topic)


def test_a_commit_is_heard_elsewhere_but_not_by_who_made_it(pair: tuple[Store, Store], ear: Ear) -> None:
    one, other = pair
    touch(one, "site")
    touch(other, "orders", "deliveries:7")
    found: frozenset[str] = frozenset()
    while not found:
        found |= heard(ear, one)
    assert found == {"orders", "deliveries:7"}
    other.writer.submit(lambda tx: tx.touch("people")).result(DEADLINE_S)
    assert heard(ear, one) == {"people"}


def test_more_connectors_than_one_notice_holds(pair: tuple[Store, Store], ear: Ear) -> None:
    many = {f"deliveries:{number}" for number in range(3000)}
    touch(pair[1], *many)
    found: set[str] = set()
    while found != many:
        found |= heard(ear, pair[0])


def test_what_was_undone_is_not_heard(pair: tuple[Store, Store], ear: Ear) -> None:
    with pytest.raises(TypeError):
        touch(pair[1], "orders", 7)  # type: ignore[arg-type]  # which cannot be put in order with the other
    touch(pair[1], "people")
    assert heard(ear, pair[0]) == {"people"}


def test_a_server_that_goes_away_is_told(pair: tuple[Store, Store], ear: Ear) -> None:
    with pair[1].write() as tx:
        tx.execute(text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN%'"))
    with pytest.raises(Unavailable):
        listen_on(ear, pair[0])


def listen_on(ear: Ear, store: Store) -> None:
    while True:
        heard(ear, store)


def test_one_file_has_one_process_and_nobody_to_hear(sqlite_url: str) -> None:
    with open_store(sqlite_url) as store:
        assert store.ear() is None


def test_one_looks_only_once_the_other_has_committed(pair: tuple[Store, Store]) -> None:
    """What is looked up and then written stays right, though two processes write."""
    count = text("SELECT count(*) FROM patient_identifier")
    insert = text("INSERT INTO patient_identifier VALUES (1, :value, '', '', 1)")
    waits = text("SELECT count(*) FROM pg_locks WHERE NOT granted")

    def add(store: Store) -> None:
        with store.write() as tx:
            tx.execute(insert, {"value": str(tx.execute(count).scalar())})

    thread = threading.Thread(target=add, args=(pair[1],))
    with pair[0].write() as tx:
        assert tx.execute(count).scalar() == 0
        thread.start()
        while not tx.execute(waits).scalar():
            assert thread.is_alive()
        tx.execute(insert, {"value": "0"})
    thread.join(DEADLINE_S)
    with pair[0].read() as tx:
        assert tx.execute(count).scalar() == 2


def test_who_stops_in_the_middle_holds_nobody_up_for_ever(pair: tuple[Store, Store], monkeypatch: Any) -> None:
    monkeypatch.setattr(postgresql, "STALLED_SECONDS", 1)
    stopped, other = pair
    with pytest.raises(Unavailable):
        stop_within_a_transaction(stopped, meanwhile=lambda: touch(other, "orders"))
    touch(stopped, "people")  # on a new connection


def stop_within_a_transaction(store: Store, meanwhile: Callable[[], None]) -> None:
    with store.write() as tx:
        tx.id()
        meanwhile()
        tx.execute(text("SELECT 1"))
