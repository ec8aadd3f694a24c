"""The group commit: one thread takes everything that waits, runs it in one transaction, commits, then answers.

A unit that fails is undone alone. It must not know what the units do.
"""

from __future__ import annotations

import logging
import secrets
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from queue import Empty, SimpleQueue
from typing import Any, Protocol, TypeVar

from officina.errors import OfficinaError, Unavailable
from officina.store.link import Link
from officina.store.tx import Tx

T = TypeVar("T")
R = TypeVar("R")
T_contra = TypeVar("T_contra", contravariant=True)

log = logging.getLogger(__name__)

# Units of one commit: bounds how long the first of them waits for the last.
MOST_PER_COMMIT = 1_000


class Batch(Protocol[T, R]):
    """Work that is done for many items with the same few statements."""

    def run(self, tx: Tx, items: Sequence[T]) -> Sequence[R]:
        """Do it; one result per item. If it raises, it is tried again with fewer items, down to each alone."""

    def failed(self, tx: Tx, item: T, error: Exception) -> R:
        """An item failed alone and is undone: what to keep and to answer."""

    def done(self, results: list[tuple[T, R | Exception]]) -> None:
        """Called on the writer's thread, once per commit: results, or `Unavailable` where nothing was committed."""


class _Call:
    __slots__ = ("fn", "future", "outcome")

    def __init__(self, fn: Callable[[Tx], Any]) -> None:
        self.fn = fn
        self.future: Future[Any] = Future()
        self.outcome: Any = None

    def run(self, tx: Tx) -> None:
        self.outcome = self.fn(tx)

    def fallback(self, tx: Tx, error: Exception) -> None:
        self.outcome = _Failure(error)

    def settle(self) -> None:
        if isinstance(self.outcome, _Failure):
            self.future.set_exception(self.outcome.error)
        else:
            self.future.set_result(self.outcome)

    def lose(self, error: Exception) -> None:
        self.future.set_exception(error)


class _Failure:
    __slots__ = ("error",)

    def __init__(self, error: Exception) -> None:
        self.error = error


class _Items:
    """All items of one batch that wait at the same moment."""

    __slots__ = ("batch", "items", "results")

    def __init__(self, batch: Batch[Any, Any]) -> None:
        self.batch = batch
        self.items: list[Any] = []
        self.results: list[Any] = []

    def run(self, tx: Tx) -> None:
        self.results = self._results(tx, self.items)

    def fallback(self, tx: Tx, error: Exception) -> None:
        """The whole failed: halve until what fails fails alone."""
        self.results = list(self._halved(tx, self.items, error))

    def settle(self) -> None:
        self.batch.done(list(zip(self.items, self.results, strict=True)))

    def lose(self, error: Exception) -> None:
        self.batch.done([(item, error) for item in self.items])

    def _results(self, tx: Tx, items: list[Any]) -> list[Any]:
        results = list(self.batch.run(tx, items))
        if len(results) != len(items):
            raise ValueError(f"{len(results)} results for {len(items)} items")
        return results

    def _halved(self, tx: Tx, items: list[Any], error: Exception) -> Iterator[Any]:
        if len(items) == 1:
            yield self._given_up(tx, items[0], error)
            return
        middle = len(items) // 2
        for half in (items[:middle], items[middle:]):
            try:
                with tx.nested():
                    results = self._results(tx, half)
            except Exception as halved:
                if lost(tx, halved):
                    raise
                yield from self._halved(tx, half, halved)
            else:
                yield from results

    def _given_up(self, tx: Tx, item: Any, error: Exception) -> Any:
        try:
            with tx.nested():
                return self.batch.failed(tx, item, error)
        except Exception as second:
            if lost(tx, second):
                raise
            return second


_Unit = _Call | _Items


def lost(tx: Tx, error: BaseException) -> bool:
    """Whether the whole transaction is lost with this error."""
    return tx.link.unavailable(error)


class Writer:
    """The one that writes. Thread-safe; its thread starts with the first work and ends with `close`."""

    def __init__(self, connect: Callable[[], Link]) -> None:
        self._connect = connect
        self.origin = secrets.token_hex(8)  # by which what it announces is known as its own
        self._link: Link | None = None
        self._queue: SimpleQueue[tuple[Batch[Any, Any], Sequence[Any]] | _Call | None] = SimpleQueue()
        self._writing = threading.Lock()  # who holds it owns the connection
        self._gate = threading.Lock()
        self._closed = False
        self._thread: threading.Thread | None = None
        self._callbacks: list[Callable[[frozenset[str]], None]] = []

    @property
    def waiting(self) -> int:
        """Units that wait for the next commit."""
        return self._queue.qsize()

    def submit(self, fn: Callable[[Tx], R]) -> Future[R]:
        """Run a function in the next commit. What it raises undoes it alone and is what the future raises."""
        call = _Call(fn)
        self._put(call)
        return call.future

    def enqueue(self, batch: Batch[T, R], items: Sequence[T]) -> None:
        """Have items done by a batch in the next commit; the batch hears of them in `Batch.done`."""
        self._put((batch, items))

    def on_commit(self, callback: Callable[[frozenset[str]], None]) -> None:
        """Have the touched topics of each commit told, on the thread that wrote, after those who wait are answered."""
        self._callbacks.append(callback)

    @contextmanager
    def transaction(self) -> Iterator[Tx]:
        """A transaction of its own on the caller's thread: for start-up, the command line and tests."""
        with self._writing:
            link, tx = self._begin()
            try:
                yield tx
                self._finish(link, tx)
            except BaseException as error:
                gone = link.unavailable(error)
                link.rollback()
                if gone and isinstance(error, Exception):
                    raise _unavailable(error, link) from error
                raise
        self._tell(tx)

    def close(self) -> None:
        """Commit what waits, answer it, and end."""
        with self._gate:
            self._closed = True
            thread = self._thread
        if thread is not None:
            self._queue.put(None)
            thread.join()
        with self._writing:
            if self._link is not None:
                self._link.close()
                self._link = None

    def _put(self, unit: tuple[Batch[Any, Any], Sequence[Any]] | _Call) -> None:
        with self._gate:
            if self._closed:
                raise Unavailable("the store is closed")
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="writer", daemon=True)
                self._thread.start()
            self._queue.put(unit)

    def _work(self) -> None:
        going = True
        while going:
            units, going = self._take()
            if units:
                self._write(units)

    def _take(self) -> tuple[list[_Unit], bool]:
        """Wait for work, then take all of it: items of one batch together, in the order they came."""
        units: list[_Unit] = []
        groups: dict[int, _Items] = {}
        got = self._queue.get()
        taken = 0
        while True:
            if got is None:
                return units, False
            if isinstance(got, _Call):
                taken += 1
                if got.future.set_running_or_notify_cancel():
                    units.append(got)
            else:
                batch, items = got
                taken += len(items)
                group = groups.get(id(batch))
                if group is None:
                    group = groups[id(batch)] = _Items(batch)
                    units.append(group)
                group.items += items
            if taken >= MOST_PER_COMMIT:
                break
            try:
                got = self._queue.get_nowait()
            except Empty:
                break
        return units, True

    def _write(self, units: list[_Unit]) -> None:
        try:
            with self._writing:
                tx = self._commit(units)
        except Exception as error:
            loss = _unavailable(error, self._link)
            log.error("Transaction lost, nothing of it was acknowledged: %s", loss.text)
            for unit in units:
                _answer(unit.lose, loss)
            return
        for unit in units:
            _answer(unit.settle)
        self._tell(tx)

    def _commit(self, units: list[_Unit]) -> Tx:
        if len(units) == 1:
            return self._commit_one(units[0])
        link, tx = self._begin()
        try:
            for unit in units:
                self._guarded(tx, unit)
            self._finish(link, tx)
        except BaseException:
            link.rollback()
            raise
        return tx

    def _commit_one(self, unit: _Unit) -> Tx:
        """A unit alone needs no savepoint: the transaction is its own."""
        link, tx = self._begin()
        try:
            unit.run(tx)
            self._finish(link, tx)
            return tx
        except Exception as error:
            gone = link.unavailable(error)
            link.rollback()
            if gone:
                raise
            failure = error
        if isinstance(unit, _Call):
            unit.outcome = _Failure(failure)
            return Tx(link)
        link, tx = self._begin()
        try:
            unit.fallback(tx, failure)
            self._finish(link, tx)
        except BaseException:
            link.rollback()
            raise
        return tx

    def _guarded(self, tx: Tx, unit: _Unit) -> None:
        try:
            with tx.nested():
                unit.run(tx)
        except Exception as error:
            if lost(tx, error):
                raise
            unit.fallback(tx, error)

    def _begin(self) -> tuple[Link, Tx]:
        try:
            link = self._link
            if link is None:
                link = self._link = self._connect()
            link.begin()
            link.take_turn()
        except OfficinaError:
            raise
        except Exception as error:
            loss = _unavailable(error, self._link)
            if self._link is not None:
                self._link.rollback()
            raise loss from error
        return link, Tx(link)

    def _finish(self, link: Link, tx: Tx) -> None:
        if tx.topics:
            link.announce(tx.topics, self.origin)
        link.commit()

    def _tell(self, tx: Tx) -> None:
        if tx.topics:
            topics = frozenset(tx.topics)
            for callback in self._callbacks:
                _answer(callback, topics)


def _unavailable(error: Exception, link: Link | None) -> Unavailable:
    """What those who wait are told. Only what the database says of itself is repeated: other texts may hold values."""
    if isinstance(error, Unavailable):
        return error
    of_itself = link is not None and link.unavailable(error)
    reason = str(error).strip().partition("\n")[0] if of_itself else type(error).__name__
    return Unavailable(
        f"the database could not take it: {reason}",
        place="database",
        remedy="see the log of the hub; what was refused may be sent again",
    )


def _answer(callback: Callable[..., object], *arguments: object) -> None:
    """Nobody's callback may end the thread that writes for all."""
    try:
        callback(*arguments)
    except Exception as error:
        log.error("A callback after a commit failed: %s", type(error).__name__)
