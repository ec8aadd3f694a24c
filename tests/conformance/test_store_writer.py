"""The group commit: what fails fails alone, what is answered is committed, and nothing that waits is forgotten."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select, text

from officina.errors import Conflict, Unavailable
from officina.store import Store, Tx, open_store, places
from officina.store.schema import place
from officina.store.writer import MOST_PER_COMMIT

DEADLINE = 30.0


@contextmanager
def held(store: Store) -> Iterator[None]:
    """While this lasts the writer is busy, so that what is given to it waits and then shares one commit."""
    started, go_on = threading.Event(), threading.Event()

    def hold(tx: Tx) -> None:
        started.set()
        assert go_on.wait(DEADLINE)

    holding = store.writer.submit(hold)
    assert started.wait(DEADLINE)
    try:
        yield
    finally:
        go_on.set()
        holding.result(DEADLINE)


def add(code: str) -> Callable[[Tx], int]:
    return lambda tx: places.add(tx, kind="unit", code=code, name=code)


def codes(store: Store) -> list[str]:
    with store.read() as tx:
        return [row.code for row in places.every(tx)]


class Adding:
    """A batch that adds a place per item; items that contain ``!`` fail in the way that follows it."""

    def __init__(self, expected: int) -> None:
        self.results: dict[str, object] = {}
        self.answers = 0
        self.runs: list[int] = []
        self.finished = threading.Event()
        self.expected = expected

    def run(self, tx: Tx, items: Sequence[str]) -> Sequence[str]:
        self.runs.append(len(items))
        for item in items:
            if item.endswith("!raise"):
                raise ValueError(item)
        tx.insert(place, [{"id": tx.id(), "kind": "unit", "code": item, "name": item} for item in items])
        for item in items:
            if item.endswith("!late"):
                raise Conflict(item)
            if item.endswith("!database"):
                tx.insert(place, [{"id": tx.id(), "kind": "unit", "code": item, "name": item}])
        return [f"added {item}" for item in items]

    def failed(self, tx: Tx, item: str, error: Exception) -> str:
        if "!again" in item:
            raise ValueError("no way to keep it")
        places.add(tx, kind="failed", code=item, name=type(error).__name__)
        return f"failed {item}"

    def done(self, results: list[tuple[str, str | Exception]]) -> None:
        for item, result in results:
            self.answers += 1
            self.results[item] = result
        if self.answers >= self.expected:
            self.finished.set()


def test_a_function_returns_what_it_returned(store: Store) -> None:
    assert store.writer.submit(lambda tx: tx.ids(3)[2]).result(DEADLINE) >= 3
    store.writer.submit(add("oak")).result(DEADLINE)
    assert codes(store) == ["oak"]


def test_a_function_alone_that_fails_leaves_nothing(store: Store) -> None:
    def half(tx: Tx) -> None:
        add("oak")(tx)
        raise Conflict("no")

    with pytest.raises(Conflict):
        store.writer.submit(half).result(DEADLINE)
    assert codes(store) == []


def test_functions_that_share_a_commit_fail_alone(store: Store) -> None:
    def half(tx: Tx) -> None:
        add("lost")(tx)
        tx.touch("orders")
        raise Conflict("no")

    told: list[frozenset[str]] = []
    store.writer.on_commit(told.append)
    with held(store):
        futures: list[Future[object]] = [
            store.writer.submit(fn) for fn in (add("oak"), half, add("oak"), add("elm"), half, add("ash"))
        ]
    outcomes = [type(future.exception(DEADLINE)).__name__ for future in futures]
    assert outcomes[0] == outcomes[3] == outcomes[5] == "NoneType"
    assert outcomes[1] == outcomes[4] == "Conflict"
    assert outcomes[2] in {"IntegrityError", "UniqueViolation"}
    assert codes(store) == ["oak", "elm", "ash"]
    store.writer.submit(lambda tx: None).result(DEADLINE)  # by then the commit before has been told
    assert told == [frozenset({"site"})]


def test_ids_taken_by_what_failed_are_not_given_out_twice(store: Store) -> None:
    def failing(tx: Tx) -> None:
        tx.ids(5)
        raise Conflict("no")

    with held(store):
        futures: list[Future[object]] = []
        for i in range(6):
            futures += [
                store.writer.submit(add(f"a{i}")),
                store.writer.submit(failing),
                store.writer.submit(add(f"b{i}")),
            ]
    for future in futures:
        future.exception(DEADLINE)
    with store.read() as tx:
        ids = [row.id for row in places.every(tx)]
    assert len(ids) == len(set(ids)) == 12


def test_a_cancelled_call_is_not_run(store: Store) -> None:
    with held(store):
        cancelled = store.writer.submit(add("oak"))
        kept = store.writer.submit(add("elm"))
        assert cancelled.cancel()
    kept.result(DEADLINE)
    assert codes(store) == ["elm"]


ITEMS = st.lists(st.sampled_from(["", "", "", "!raise", "!late", "!database", "!raise!again!raise"]), max_size=24)


@pytest.mark.parametrize("mixed", [False, True])
def test_poison_anywhere_in_a_batch_fails_alone(store: Store, mixed: bool) -> None:
    round_ = 0

    @settings(max_examples=20, deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow])
    @given(kinds=ITEMS)
    def poisoned(kinds: list[str]) -> None:
        nonlocal round_
        round_ += 1
        items = [f"{round_}-{i}{kind}" for i, kind in enumerate(kinds)]
        batch = Adding(len(items))
        with held(store):
            for item in items:
                store.writer.enqueue(batch, [item])
            call = store.writer.submit(add(f"{round_}-call")) if mixed else None
        assert not items or batch.finished.wait(DEADLINE)
        if call is not None:
            call.result(DEADLINE)
        assert batch.answers == len(items)
        kept = {
            item: "failed" if kind else "unit" for item, kind in zip(items, kinds, strict=True) if "!again" not in kind
        }
        for item, kind in zip(items, kinds, strict=True):
            if "!again" in kind:
                assert isinstance(batch.results[item], ValueError)
            else:
                assert batch.results[item] == f"{'failed' if kind else 'added'} {item}"
        with store.read() as tx:
            mine = [row for row in places.every(tx) if row.code.startswith(f"{round_}-") and "call" not in row.code]
        assert {row.code: row.kind for row in mine} == kept
        assert len(mine) == len(kept)

    poisoned()


def test_what_waits_together_runs_together(store: Store) -> None:
    batch = Adding(500)
    with held(store):
        for i in range(500):
            store.writer.enqueue(batch, [f"p{i}"])
        assert store.writer.waiting == 500
    assert batch.finished.wait(DEADLINE)
    assert batch.runs == [500]
    assert len(codes(store)) == 500


def test_more_than_one_commit_takes_loses_nothing(store: Store) -> None:
    most = 2 * MOST_PER_COMMIT + 5
    batch = Adding(most)
    with held(store):
        for i in range(most):
            store.writer.enqueue(batch, [f"p{i}"])
        call = store.writer.submit(add("last"))
    assert batch.finished.wait(DEADLINE)
    call.result(DEADLINE)
    assert batch.runs == [MOST_PER_COMMIT, MOST_PER_COMMIT, 5]
    assert len(codes(store)) == most + 1


def test_closing_answers_what_waits_and_refuses_more(database_url: str) -> None:
    store = open_store(database_url)
    batch = Adding(50)
    with held(store):
        futures = [store.writer.submit(add(f"f{i}")) for i in range(10)]
        for i in range(50):
            store.writer.enqueue(batch, [f"b{i}"])
    store.close()
    assert all(future.done() for future in futures)
    assert batch.answers == 50
    with pytest.raises(Unavailable, match="closed"):
        store.writer.submit(add("late"))
    with pytest.raises(Unavailable, match="closed"), store.read():
        pass
    with open_store(database_url) as again:
        assert len(codes(again)) == 60


def test_a_callback_that_fails_ends_nothing(store: Store) -> None:
    class Rude(Adding):
        def done(self, results: list[tuple[str, str | Exception]]) -> None:
            super().done(results)
            raise RuntimeError("rude")

    def rude(topics: frozenset[str]) -> None:
        raise RuntimeError("rude")

    store.writer.on_commit(rude)
    batch = Rude(1)
    store.writer.enqueue(batch, ["oak"])
    assert batch.finished.wait(DEADLINE)
    store.writer.submit(add("elm")).result(DEADLINE)
    assert codes(store) == ["oak", "elm"]


def test_a_transaction_of_ones_own(store: Store) -> None:
    def half(tx: Tx) -> None:
        add("lost")(tx)
        raise Conflict("no")

    told: list[frozenset[str]] = []
    store.writer.on_commit(told.append)
    with pytest.raises(Conflict), store.write() as tx:
        half(tx)
    with store.write() as tx:
        add("oak")(tx)
    assert codes(store) == ["oak"]
    assert told == [frozenset({"site"})]


def test_reading_sees_one_moment_and_cannot_write(store: Store) -> None:
    with store.read() as tx:
        assert places.every(tx) == []
        store.writer.submit(add("oak")).result(DEADLINE)
        assert places.every(tx) == []
    assert codes(store) == ["oak"]
    with pytest.raises((Unavailable, psycopg.errors.ReadOnlySqlTransaction)), store.read() as tx:
        tx.execute(text("DELETE FROM place"))
    assert codes(store) == ["oak"]


def test_many_readers_beside_the_writer(store: Store) -> None:
    failures: list[BaseException] = []

    def reading() -> None:
        try:
            for _ in range(20):
                with store.read() as tx:
                    listed = tx.execute(select(place.c.id)).all()
                    assert len(listed) == tx.execute(select(func.count()).select_from(place)).scalar()
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=reading) for _ in range(12)]
    for thread in threads:
        thread.start()
    futures = [store.writer.submit(add(f"p{i}")) for i in range(50)]
    for thread in threads:
        thread.join(DEADLINE)
    assert failures == []
    assert [future.exception(DEADLINE) for future in futures] == [None] * 50


def test_two_writers_commit_in_the_order_of_their_ids(database_url: str) -> None:
    seen: list[list[int]] = []
    with open_store(database_url) as first, open_store(database_url) as second:

        def writing(store: Store, name: str) -> None:
            for i in range(25):
                store.writer.submit(add(f"{name}{i}")).result(DEADLINE)

        threads = [threading.Thread(target=writing, args=pair) for pair in ((first, "a"), (second, "b"))]
        for thread in threads:
            thread.start()
        while any(thread.is_alive() for thread in threads):
            with first.read() as tx:
                seen.append([row.id for row in places.every(tx)])
        with first.read() as tx:
            last = [row.id for row in places.every(tx)]
    assert len(last) == 50
    # Whoever has seen an id never finds a smaller one that was not there: nothing is overlooked by reading on.
    for ids in seen:
        assert ids == last[: len(ids)]


def test_a_full_disk_refuses_and_the_writer_goes_on(tmp_path: Path, sqlite_url: str) -> None:
    with open_store(sqlite_url) as store:
        with store.write() as tx:
            pages = tx.execute(text("PRAGMA page_count")).scalar()
            tx.execute(text(f"PRAGMA max_page_count = {pages + 4}"))
        batch = Adding(40)
        with held(store):
            for i in range(40):
                store.writer.enqueue(batch, [f"b{i}" + "x" * 2000])
            call = store.writer.submit(add("call"))
        assert batch.finished.wait(DEADLINE)
        assert isinstance(call.exception(DEADLINE), Unavailable)
        assert all(isinstance(result, Unavailable) for result in batch.results.values())
        assert codes(store) == []
        with pytest.raises(Unavailable, match="database or disk is full"), store.write() as tx:
            add("y" * 40_000)(tx)
        with store.write() as tx:
            tx.execute(text("PRAGMA max_page_count = 100000"))
        store.writer.submit(add("oak")).result(DEADLINE)
        assert codes(store) == ["oak"]


def _backend(tx: Tx) -> int:
    return int(tx.execute(text("SELECT pg_backend_pid()")).scalar())


def _terminate(url: str, pid: int) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("SELECT pg_terminate_backend(%s, 5000)", (pid,))


def test_a_server_that_dropped_an_idle_connection_is_not_noticed(postgresql_url: str) -> None:
    with open_store(postgresql_url) as store:
        pid = store.writer.submit(_backend).result(DEADLINE)
        with store.read() as tx:
            reader = _backend(tx)
        _terminate(postgresql_url, pid)
        _terminate(postgresql_url, reader)
        store.writer.submit(add("oak")).result(DEADLINE)
        assert codes(store) == ["oak"]


def test_a_server_that_goes_away_amid_a_transaction(postgresql_url: str) -> None:
    def cut_off(tx: Tx) -> None:
        add("lost")(tx)
        _terminate(postgresql_url, _backend(tx))

    with open_store(postgresql_url) as store:
        batch = Adding(3)
        with held(store):
            for item in ("a", "b", "c"):
                store.writer.enqueue(batch, [item])
            cut = store.writer.submit(cut_off)
            after = store.writer.submit(add("after"))
        assert isinstance(cut.exception(DEADLINE), Unavailable)
        assert isinstance(after.exception(DEADLINE), Unavailable)
        assert batch.finished.wait(DEADLINE)
        assert all(isinstance(result, Unavailable) for result in batch.results.values())
        with pytest.raises(Unavailable), store.write() as tx:
            cut_off(tx)
        assert isinstance(store.writer.submit(cut_off).exception(DEADLINE), Unavailable)
        store.writer.submit(add("oak")).result(DEADLINE)
        assert codes(store) == ["oak"]
