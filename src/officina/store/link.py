"""What a transaction needs of a database: one connection, driver-level. Two exist: `sqlite` and `postgresql`.

It must not know tables, nouns or who asks.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol

from sqlalchemy import Table
from sqlalchemy.engine.interfaces import Dialect

if TYPE_CHECKING:
    from officina.store.query import Query

Row = tuple[Any, ...]
Record = Mapping[str, object] | tuple[Any, ...]  # a mapping of columns, or a NamedTuple whose fields are columns


class Link(Protocol):
    """One connection. Used by one thread at a time; its owner sees to that."""

    dialect: Dialect

    def begin(self) -> None:
        """Start a transaction, connecting anew if the database went away meanwhile."""

    def take_turn(self) -> None:
        """Have nobody else write until this transaction ends, so that what it reads stays so."""

    def announce(self, topics: Collection[str], origin: str) -> None:
        """Tell other processes, once this is committed, that something of these topics changed."""

    def commit(self) -> None:
        """Make it durable. Any error means: not committed, as far as one can know."""

    def rollback(self) -> None:
        """Undo the transaction; never raises, closes the connection if it must."""

    def savepoint(self) -> None: ...

    def release(self) -> None:
        """Forget the savepoint, and raise whatever statements since then ran into."""

    def rollback_to(self) -> None:
        """Back to the savepoint, which then is forgotten."""

    def rows(self, sql: str, params: Mapping[str, Any]) -> list[Row]:
        """Run one statement; its rows, none if it is not one that has rows."""

    def gather(self, queries: Sequence[Query], bound: Sequence[tuple[str, Mapping[str, Any]]]) -> list[list[Row]]:
        """Run several queries that do not depend on each other, as one exchange with the database; the rows of each.

        ``bound`` are their texts and parameters; parameters of the same name have the same value.
        """

    def result(self, sql: str, params: Mapping[str, Any]) -> tuple[Sequence[str], list[Row], int]:
        """Run one statement: the names of its columns, its rows, the number of rows it changed."""

    def bind_set(self, name: str, types: Sequence[str], values: Sequence[Any]) -> Iterator[tuple[str, Any]]:
        """The driver's parameters for a set of values (one type) or of keys (several types)."""

    def run_many(self, sql: str, rows: Sequence[Mapping[str, Any]]) -> None: ...

    def insert(self, table: Table, rows: Sequence[Record]) -> None: ...

    def update(self, table: Table, rows: Sequence[Record]) -> None: ...

    def reserve(self, count: int) -> range:
        """At least this many ids from the roll."""

    def unavailable(self, error: BaseException) -> bool:
        """Whether the error says that the database is gone, full or busy, so that the whole transaction is lost."""

    def close(self) -> None: ...


def columns_of(record: Record) -> tuple[str, ...]:
    """The columns a record gives."""
    if isinstance(record, Mapping):
        return tuple(record)
    return tuple(record._fields)  # type: ignore[attr-defined]


def as_tuples(rows: Sequence[Record], columns: Sequence[str]) -> Sequence[Row]:
    """The records as tuples in the order of ``columns``; a record that lacks one is an error of the caller."""
    if isinstance(rows[0], Mapping):
        return [tuple([row[column] for column in columns]) for row in rows]  # type: ignore[call-overload]
    return rows  # type: ignore[return-value]
