"""PostgreSQL at driver level (psycopg 3): statements of a transaction are pipelined, sets travel as binary arrays.

It must not know tables other than the roll of ids.
"""

from __future__ import annotations

import select
import struct
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

import psycopg
from psycopg.abc import Buffer
from psycopg.adapt import Dumper
from psycopg.pq import ConnStatus, Format
from sqlalchemy import Table
from sqlalchemy.dialects.postgresql import psycopg as psycopg_dialect
from sqlalchemy.engine.interfaces import Dialect

from officina.errors import OfficinaError, Unavailable
from officina.store.link import Record, Row, as_tuples, columns_of
from officina.store.query import Query, kind_of

CONNECT_SECONDS = 5
# After so many silent seconds either end asks whether the other is still there, and gives it three times five more.
KEEPALIVE_SECONDS = 15
# Whoever is stopped in the middle of a transaction holds up all others, so the server ends it for him. PostgreSQL has
# this from version 17 on.
STALLED_SECONDS = 30
CHANNEL = "officina"
# Ids to take at least at a time: each taking is a round trip, and gaps cost nothing.
BLOCK = 64

_DIALECT: Dialect = psycopg_dialect.dialect()  # type: ignore[no-untyped-call]
_HEAD = struct.Struct(">iiIii")  # dimensions, has nulls, type of element, elements, lower bound
_INT8 = struct.Struct(">iq")
_INT4 = struct.Struct(">ii")
_LENGTH = struct.Struct(">i")
_NULL = _LENGTH.pack(-1)
_OIDS = {"bigint": (20, 1016), "integer": (23, 1007), "text": (25, 1009), "bytea": (17, 1001)}
# Classes of SQLSTATE after which the whole transaction is lost: connection, resources, operator, system, rollback.
_LOST = ("08", "53", "57", "58", "40", "25")


class _Array:
    __slots__ = ("raw",)

    def __init__(self, kind: str, values: Sequence[Any]) -> None:
        elements = _ELEMENTS[kind](values)
        self.raw = _HEAD.pack(1, 1, _OIDS[kind][0], len(values), 1) + b"".join(elements)


class BigintArray(_Array):
    __slots__ = ()


class IntegerArray(_Array):
    __slots__ = ()


class TextArray(_Array):
    __slots__ = ()


class ByteaArray(_Array):
    __slots__ = ()


_ARRAYS: dict[str, type[_Array]] = {
    "bigint": BigintArray,
    "integer": IntegerArray,
    "text": TextArray,
    "bytea": ByteaArray,
}


def _bigints(values: Sequence[Any]) -> list[bytes]:
    pack = _INT8.pack
    return [_NULL if value is None else pack(8, value) for value in values]


def _integers(values: Sequence[Any]) -> list[bytes]:
    pack = _INT4.pack
    return [_NULL if value is None else pack(4, value) for value in values]


def _bytes(values: Sequence[Any]) -> list[bytes]:
    pack = _LENGTH.pack
    return [_NULL if value is None else pack(len(value)) + value for value in values]


def _texts(values: Sequence[Any]) -> list[bytes]:
    return _bytes([None if value is None else _storable(value).encode("utf-8", "replace") for value in values])


def _storable(value: str) -> str:
    return value if "\0" not in value else value.replace("\0", "\ufffd")  # PostgreSQL has no NUL in text


_ELEMENTS = {"bigint": _bigints, "integer": _integers, "text": _texts, "bytea": _bytes}


def _array_dumper(kind: str) -> type[Dumper]:
    class ArrayDumper(Dumper):
        format = Format.BINARY
        oid = _OIDS[kind][1]

        def dump(self, obj: Any) -> Buffer | None:
            raw: bytes = obj.raw
            return raw

    return ArrayDumper


def connect(url: str, *, readonly: bool = False) -> psycopg.Connection[Row]:
    """A connection with the settings of the hub."""
    try:
        connection = psycopg.connect(
            url,
            autocommit=True,
            prepare_threshold=1,
            connect_timeout=CONNECT_SECONDS,
            application_name="officina",
            keepalives_idle=KEEPALIVE_SECONDS,
            keepalives_interval=5,
            keepalives_count=3,
        )
    except psycopg.Error as error:
        raise Unavailable(
            f"PostgreSQL cannot be reached: {str(error).strip()}",
            place="database_url",
            remedy="check the address, and that the server is running and lets this user in",
            code="database_unreachable",
        ) from error
    for kind, array in _ARRAYS.items():
        connection.adapters.register_dumper(array, _array_dumper(kind))
    connection.execute("SET synchronous_commit TO on")
    connection.execute("SET jit TO off")
    for setting, value in (("idle", KEEPALIVE_SECONDS), ("interval", 5), ("count", 3)):
        connection.execute(f"SET tcp_keepalives_{setting} TO {value}".encode())
    if readonly:
        connection.execute("SET default_transaction_read_only TO on")
        connection.execute("SET default_transaction_isolation TO 'repeatable read'")
    else:
        # The writer looks up keys and nothing else. Without statistics, as in the first minutes of a new database,
        # the planner would scan tables that were empty a moment ago.
        for method in ("seqscan", "hashjoin", "mergejoin"):
            connection.execute(f"SET enable_{method} TO off".encode())
    return connection


class PostgresqlLink:
    """A `Link` on a server. Inside a transaction statements are sent ahead; errors show at the next row read."""

    dialect: Dialect = _DIALECT

    def __init__(self, url: str, *, readonly: bool = False) -> None:
        self._url = url
        self._readonly = readonly
        self._connection: psycopg.Connection[Row] | None = self._connect()
        self._pipeline: psycopg.Pipeline | None = None
        self._open: Any = None

    @property
    def connection(self) -> psycopg.Connection[Row]:
        if self._connection is None:
            self._connection = self._connect()
        return self._connection

    def begin(self) -> None:
        if self._connection is not None and not _alive(self._connection):
            self.close()
        self._open = self.connection.pipeline()
        self._pipeline = self._open.__enter__()
        self._control("BEGIN")

    def take_turn(self) -> None:
        """The roll of ids is one row, and whoever writes waits for it; nobody waits to hear that it is his."""
        self._send("SELECT next FROM ticket FOR UPDATE")

    def announce(self, topics: Collection[str], origin: str) -> None:
        notices = TextArray("text", [f"{origin} {topic}" for topic in sorted(topics)])
        self._send(f"SELECT pg_notify('{CHANNEL}', notice) FROM unnest(%s::text[]) AS notice", [notices])

    def commit(self) -> None:
        cursor = self.connection.execute("COMMIT", prepare=False)
        self._leave()
        # A transaction that failed answers COMMIT with ROLLBACK and no error.
        if cursor.statusmessage != "COMMIT":
            raise psycopg.OperationalError("the transaction was rolled back")

    def rollback(self) -> None:
        try:
            self._recover()
            self._control("ROLLBACK")
            self._leave()
        except psycopg.Error:
            self.close()

    def savepoint(self) -> None:
        self._control("SAVEPOINT unit")

    def release(self) -> None:
        self._control("RELEASE SAVEPOINT unit")
        self._sync()

    def rollback_to(self) -> None:
        self._recover()
        self._control("ROLLBACK TO SAVEPOINT unit")
        self._control("RELEASE SAVEPOINT unit")

    def rows(self, sql: str, params: Mapping[str, Any]) -> list[Row]:
        return _fetched(self.connection.execute(sql.encode(), params, binary=True))

    def gather(self, queries: Sequence[Query], bound: Sequence[tuple[str, Mapping[str, Any]]]) -> list[list[Row]]:
        """All are sent before the first answer is waited for."""
        cursors = [self.connection.execute(sql.encode(), params, binary=True) for sql, params in bound]
        return [_fetched(cursor) for cursor in cursors]

    def result(self, sql: str, params: Mapping[str, Any]) -> tuple[Sequence[str], list[Row], int]:
        cursor = self.connection.execute(sql.encode(), params, binary=True)
        rows = _fetched(cursor)
        return [column.name for column in cursor.description or ()], rows, cursor.rowcount

    def bind_set(self, name: str, types: Sequence[str], values: Sequence[Any]) -> Iterator[tuple[str, Any]]:
        if len(types) == 1:
            yield name, _ARRAYS[types[0]](types[0], values)
            return
        columns: Sequence[Sequence[Any]] = list(zip(*values, strict=True)) or [()] * len(types)
        for i, (kind, column) in enumerate(zip(types, columns, strict=True)):
            yield f"{name}_{i}", _ARRAYS[kind](kind, column)

    def run_many(self, sql: str, rows: Sequence[Mapping[str, Any]]) -> None:
        for row in rows:
            self.connection.execute(sql, row)

    def insert(self, table: Table, rows: Sequence[Record]) -> None:
        columns = columns_of(rows[0])
        sql, kinds = _insert_sql(table, columns)
        self._arrays(sql, kinds, as_tuples(rows, columns))

    def update(self, table: Table, rows: Sequence[Record]) -> None:
        columns = columns_of(rows[0])
        sql, kinds = _update_sql(table, columns)
        self._arrays(sql, kinds, as_tuples(rows, columns))

    def reserve(self, count: int) -> range:
        count = max(count, BLOCK)
        row = self.connection.execute(
            "UPDATE ticket SET next = next + %s::bigint RETURNING next", (count,), binary=True
        ).fetchone()
        assert row is not None
        return range(row[0] - count, row[0])

    def unavailable(self, error: BaseException) -> bool:
        if isinstance(error, OfficinaError):
            return error.code == "database_unreachable"
        if not isinstance(error, psycopg.Error):
            return False
        if self._connection is None or self._connection.closed:
            return True
        state = error.sqlstate
        return isinstance(error, psycopg.OperationalError) and (state is None or state[:2] in _LOST)

    def close(self) -> None:
        self._open = self._pipeline = None
        if self._connection is not None:
            connection, self._connection = self._connection, None
            connection.close()

    def _connect(self) -> psycopg.Connection[Row]:
        connection = connect(self._url, readonly=self._readonly)
        if not self._readonly and connection.info.server_version >= 170_000:
            connection.execute(f"SET transaction_timeout TO '{STALLED_SECONDS}s'".encode())
        return connection

    def _arrays(self, sql: str, kinds: Sequence[str], rows: Sequence[Row]) -> None:
        self._send(
            sql, [_ARRAYS[kind](kind, column) for kind, column in zip(kinds, zip(*rows, strict=True), strict=True)]
        )

    def _send(self, sql: str, params: Sequence[Any] | None = None) -> None:
        self.connection.execute(sql.encode(), params)

    def _control(self, sql: str) -> None:
        self.connection.execute(sql.encode(), prepare=False)

    def _sync(self) -> None:
        if self._pipeline is not None:
            self._pipeline.sync()

    def _recover(self) -> None:
        """Read what is left of a failed run of statements, so that the connection listens again."""
        try:
            self._sync()
        except psycopg.Error:
            self._sync()
        # Statements skipped after the failed one were never prepared, though psycopg takes them for prepared.
        self.connection._prepared.clear()

    def _leave(self) -> None:
        opened, self._open, self._pipeline = self._open, None, None
        if opened is not None:
            opened.__exit__(None, None, None)


def _fetched(cursor: psycopg.Cursor[Row]) -> list[Row]:
    try:
        return cursor.fetchall()
    except psycopg.ProgrammingError as error:
        if error.sqlstate is not None:
            raise
        return []  # a statement without rows


def _alive(connection: psycopg.Connection[Row]) -> bool:
    """Whether the server still holds the other end: one that went away has left something to read."""
    pgconn = connection.pgconn
    if connection.closed or pgconn.status != ConnStatus.OK:
        return False
    poll = select.poll()
    poll.register(pgconn.socket, select.POLLIN)
    if not poll.poll(0):
        return True
    try:
        connection.execute("SELECT 1", prepare=False)
    except psycopg.Error:
        return False
    return True


def _quoted(name: str) -> str:
    return f'"{name}"'


def _kinds(table: Table, columns: Sequence[str]) -> tuple[str, ...]:
    return tuple(kind_of(table.c[column].type) for column in columns)


def _unnest(kinds: Sequence[str]) -> str:
    return ", ".join(f"%s::{kind}[]" for kind in kinds)


@lru_cache(256)
def _insert_sql(table: Table, columns: tuple[str, ...]) -> tuple[str, tuple[str, ...]]:
    kinds = _kinds(table, columns)
    names = ", ".join(map(_quoted, columns))
    return f"INSERT INTO {_quoted(table.name)} ({names}) SELECT * FROM unnest({_unnest(kinds)})", kinds


@lru_cache(256)
def _update_sql(table: Table, columns: tuple[str, ...]) -> tuple[str, tuple[str, ...]]:
    kinds = _kinds(table, columns)
    keys = [column.name for column in table.primary_key]
    names = ", ".join(map(_quoted, columns))
    sets = ", ".join(f"{_quoted(column)} = given.{_quoted(column)}" for column in columns if column not in keys)
    where = " AND ".join(f"target.{_quoted(key)} = given.{_quoted(key)}" for key in keys)
    target = f"UPDATE {_quoted(table.name)} AS target SET {sets}"
    return f"{target} FROM unnest({_unnest(kinds)}) AS given({names}) WHERE {where}", kinds
