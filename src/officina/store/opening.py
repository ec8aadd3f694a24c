"""Opening a book: the store of a database address, with its writer and its readers."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from officina.errors import OfficinaError, Unavailable
from officina.store.link import Link
from officina.store.tx import Tx
from officina.store.writer import Writer

if TYPE_CHECKING:
    from officina.store.ear import Ear

# Connections that read beside the writer, at most; idle ones are kept.
READERS = {"sqlite": 8, "postgresql": 4}
WAIT_SECONDS = 30.0


class Store:
    """One database. Reading and writing are thread-safe; writing happens one transaction at a time."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.kind = database_kind(url)
        self._readers = _Readers(lambda: connect(url, readonly=True), READERS[self.kind])
        self.writer = Writer(lambda: connect(url))

    def read(self) -> AbstractContextManager[Tx]:
        """A snapshot to read from; writing in it is refused by the database."""
        return self._readers.transaction()

    def write(self) -> AbstractContextManager[Tx]:
        """A transaction of its own on the caller's thread. The hub's hot paths go through `Store.writer`."""
        return self.writer.transaction()

    def ear(self) -> Ear | None:
        """What hears of other processes' commits; None where one process has the book to itself."""
        if self.kind == "sqlite":
            return None
        from officina.store.ear import Ear

        return Ear(self.url)

    def close(self) -> None:
        """Commit and answer what waits, then close every connection."""
        self.writer.close()
        self._readers.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def open_store(url: str) -> Store:
    """The store at ``sqlite:///path`` or ``postgresql://…``, whose schema must be the one of this version."""
    from officina.store.migrate import require_current

    require_current(url)
    return Store(url)


def database_kind(url: str) -> str:
    """``sqlite`` or ``postgresql``; other addresses are refused."""
    kind = url.partition(":")[0]
    if kind == "postgres":
        kind = "postgresql"
    if kind not in READERS or (kind == "sqlite" and not re.match("sqlite:///.", url)):
        raise OfficinaError(
            "this is not the address of a database",
            place="database_url",
            remedy="use sqlite:///path/to/officina.db or postgresql://user@host/database",
            code="database_address",
        )
    return kind


def sqlite_path(url: str) -> Path:
    """``sqlite:///relative`` or ``sqlite:////absolute``."""
    return Path(url.removeprefix("sqlite:///"))


def connect(url: str, *, readonly: bool = False) -> Link:
    """One connection to the database of the address."""
    if database_kind(url) == "sqlite":
        from officina.store.sqlite import SqliteLink

        return SqliteLink(sqlite_path(url), readonly=readonly)
    from officina.store.postgresql import PostgresqlLink

    return PostgresqlLink(url, readonly=readonly)


class _Readers:
    def __init__(self, connect: Callable[[], Link], most: int) -> None:
        self._connect = connect
        self._free = threading.BoundedSemaphore(most)
        self._idle: list[Link] = []  # list.append and pop are atomic
        self._closed = False

    @contextmanager
    def transaction(self) -> Iterator[Tx]:
        if not self._free.acquire(timeout=WAIT_SECONDS):
            raise Unavailable("all connections for reading are in use", place="database")
        try:
            with self._lent() as link:
                yield Tx(link)
        finally:
            self._free.release()

    @contextmanager
    def _lent(self) -> Iterator[Link]:
        if self._closed:
            raise Unavailable("the store is closed")
        try:
            link = self._idle.pop()
        except IndexError:
            link = self._connect()
        try:
            link.begin()
            yield link
            link.commit()
        except BaseException as error:
            gone = not isinstance(error, OfficinaError) and link.unavailable(error)
            link.rollback()
            if gone:
                raise Unavailable(f"the database does not answer: {type(error).__name__}", place="database") from error
            raise
        finally:
            if self._closed:
                link.close()
            else:
                self._idle.append(link)

    def close(self) -> None:
        self._closed = True
        while self._idle:
            self._idle.pop().close()
