"""SQLite at driver level: WAL, synchronous=FULL, one connection per link.

It must not know tables other than the roll of ids.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import chain
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import Table
from sqlalchemy.dialects import sqlite as sqlite_dialect
from sqlalchemy.engine.interfaces import Dialect

from officina.errors import OfficinaError, Unavailable
from officina.store.link import Record, Row, as_tuples, columns_of
from officina.store.query import Query

# Bytes. Larger pages would hold messages tighter, but one small commit writes some thirty pages to the log.
PAGE_SIZE = 4096
WRITER_CACHE_KIB = 16_384
READER_CACHE_KIB = 4_096
# Pages of log after which a commit also copies the log into the file, and the size a log is cut back to.
CHECKPOINT_PAGES = 2_000
LOG_LIMIT = 64 * 1024 * 1024
BUSY_MS = 5_000
# Most rows of one INSERT, and the sizes of the larger ones: few, so that the statements stay prepared. 64 rows of 25
# columns are far below the limit of parameters.
CHUNKS = (64, 32, 16)
STATEMENTS = 512

_DIALECT: Dialect = sqlite_dialect.dialect(paramstyle="named")
_LOST = {  # primary result codes after which nothing of the transaction can be saved
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_CORRUPT,
    sqlite3.SQLITE_NOTADB,
    sqlite3.SQLITE_NOMEM,
}


def connect(path: Path, *, readonly: bool = False) -> sqlite3.Connection:
    """A connection with the settings of the hub; the file is created if need be."""
    try:
        connection = sqlite3.connect(
            path, isolation_level=None, check_same_thread=False, cached_statements=STATEMENTS, timeout=BUSY_MS / 1000
        )
        connection.execute(f"PRAGMA page_size={PAGE_SIZE}")
        connection.execute("PRAGMA auto_vacuum=INCREMENTAL")
        connection.execute("PRAGMA journal_mode=WAL")
    except sqlite3.Error as error:
        raise Unavailable(
            f"the SQLite file {path} cannot be opened: {error}",
            place="database_url",
            remedy="check that the folder exists and may be written to",
            code="database_unreachable",
        ) from error
    cache = READER_CACHE_KIB if readonly else WRITER_CACHE_KIB
    for setting in (
        "synchronous=FULL",
        "foreign_keys=ON",
        "temp_store=MEMORY",
        f"cache_size=-{cache}",
        f"wal_autocheckpoint={CHECKPOINT_PAGES}",
        f"journal_size_limit={LOG_LIMIT}",
        f"query_only={'ON' if readonly else 'OFF'}",
    ):
        connection.execute(f"PRAGMA {setting}")
    connection.create_function("from_hex", 1, bytes.fromhex, deterministic=True)
    return connection


class SqliteLink:
    """A `Link` on a file."""

    dialect: Dialect = _DIALECT

    def __init__(self, path: Path, *, readonly: bool = False) -> None:
        self._path = path
        self._readonly = readonly
        self._begin = "BEGIN" if readonly else "BEGIN IMMEDIATE"
        self._connection: sqlite3.Connection | None = connect(path, readonly=readonly)

    @property
    def connection(self) -> sqlite3.Connection:
        if self._connection is None:
            self._connection = connect(self._path, readonly=self._readonly)
        return self._connection

    def begin(self) -> None:
        self.connection.execute(self._begin)

    def take_turn(self) -> None:
        """It has begun with that: BEGIN IMMEDIATE."""

    def announce(self, topics: Collection[str], origin: str) -> None:
        """Nobody listens: one process serves the file."""

    def commit(self) -> None:
        self.connection.execute("COMMIT")

    def rollback(self) -> None:
        try:
            if self.connection.in_transaction:
                self.connection.execute("ROLLBACK")
        except (sqlite3.Error, OfficinaError):
            self.close()

    def savepoint(self) -> None:
        self.connection.execute("SAVEPOINT unit")

    def release(self) -> None:
        self.connection.execute("RELEASE unit")

    def rollback_to(self) -> None:
        self.connection.execute("ROLLBACK TO unit")
        self.connection.execute("RELEASE unit")

    def rows(self, sql: str, params: Mapping[str, Any]) -> list[Row]:
        return self.connection.execute(sql, params).fetchall()

    def gather(self, queries: Sequence[Query], bound: Sequence[tuple[str, Mapping[str, Any]]]) -> list[list[Row]]:
        """One statement with one row, a JSON text per query. Each statement, and each row, gives the interpreter away
        and has to wait to get it back from a busy loop.
        """
        params = {name: value for _, values in bound for name, value in values.items()}
        row = self.connection.execute(gathered_sql(tuple(queries)), params).fetchone()
        return [_rows_of(text, _blobs(query)) for text, query in zip(row, queries, strict=True)]

    def result(self, sql: str, params: Mapping[str, Any]) -> tuple[Sequence[str], list[Row], int]:
        cursor = self.connection.execute(sql, params)
        names = [column[0] for column in cursor.description or ()]
        return names, cursor.fetchall(), cursor.rowcount

    def bind_set(self, name: str, types: Sequence[str], values: Sequence[Any]) -> Iterator[tuple[str, Any]]:
        if types == ("bytea",):
            yield name, _json([value.hex() for value in values])
        else:
            yield name, _json(list(values))

    def run_many(self, sql: str, rows: Sequence[Mapping[str, Any]]) -> None:
        self.connection.executemany(sql, rows)

    def insert(self, table: Table, rows: Sequence[Record]) -> None:
        columns = columns_of(rows[0])
        for chunk in _chunks(as_tuples(rows, columns)):
            sql = _insert_sql(table, columns, len(chunk))
            try:
                self.connection.execute(sql, tuple(chain.from_iterable(chunk)))
            except UnicodeEncodeError:  # text that no database can hold: keep the rows, mark what is lost
                self.connection.execute(sql, tuple(map(_storable, chain.from_iterable(chunk))))

    def update(self, table: Table, rows: Sequence[Record]) -> None:
        columns = columns_of(rows[0])
        keys = [column.name for column in table.primary_key]
        ordered = [column for column in columns if column not in keys] + keys
        dicts = [row if isinstance(row, Mapping) else dict(zip(columns, row, strict=True)) for row in rows]
        self._many(_update_sql(table, tuple(ordered)), as_tuples(dicts, ordered))

    def _many(self, sql: str, rows: Sequence[Row]) -> None:
        connection = self.connection
        before = connection.total_changes
        try:
            connection.executemany(sql, rows)
        except UnicodeEncodeError:  # text that no database can hold: keep the row, mark what is lost
            done = connection.total_changes - before
            connection.executemany(sql, [tuple(map(_storable, row)) for row in rows[done:]])

    def reserve(self, count: int) -> range:
        last: int = self.connection.execute("UPDATE ticket SET next = next + ? RETURNING next", (count,)).fetchone()[0]
        return range(last - count, last)

    def unavailable(self, error: BaseException) -> bool:
        if isinstance(error, sqlite3.Error):
            code = getattr(error, "sqlite_errorcode", None)
            return (code is not None and code & 0xFF in _LOST) or not self.connection.in_transaction
        return False

    def close(self) -> None:
        if self._connection is not None:
            connection, self._connection = self._connection, None
            connection.close()


def _chunks(rows: Sequence[Row]) -> Iterator[Sequence[Row]]:
    """Many rows in one statement: each statement gives the interpreter away and has to wait to get it back."""
    start = 0
    for size in CHUNKS:
        while len(rows) - start >= size:
            yield rows[start : start + size]
            start += size
    if start < len(rows):
        yield rows[start:]


def _json(values: list[Any]) -> str:
    try:
        return orjson.dumps(values).decode()
    except TypeError:  # text that no database can hold is looked for as it is kept
        return orjson.dumps([_clean(value) for value in values]).decode()


def _clean(value: object) -> object:
    return [_storable(part) for part in value] if isinstance(value, tuple) else _storable(value)


def _storable(value: object) -> object:
    return value.encode("utf-8", "replace").decode() if isinstance(value, str) else value


def _quoted(name: str) -> str:
    return f'"{name}"'


@lru_cache(STATEMENTS)
def gathered_sql(queries: tuple[Query, ...]) -> str:
    """JSON has no bytes, so they travel as hexadecimal digits."""
    named, gathered = [], []
    for number, query in enumerate(queries):
        kinds = query.columns(_DIALECT)
        columns = [f"c{i}" for i in range(len(kinds))]
        named.append(f"q{number}({', '.join(columns)}) AS ({query.text(_DIALECT)})")
        values = ", ".join(
            f"hex({name})" if kind == "bytea" else name for name, kind in zip(columns, kinds, strict=True)
        )
        gathered.append(f"(SELECT json_group_array(json_array({values})) FROM q{number})")
    return f"WITH {', '.join(named)} SELECT {', '.join(gathered)}"


@lru_cache(STATEMENTS)
def _blobs(query: Query) -> tuple[int, ...]:
    return tuple(i for i, kind in enumerate(query.columns(_DIALECT)) if kind == "bytea")


def _rows_of(text: str, blobs: tuple[int, ...]) -> list[Row]:
    rows: list[list[Any]] = orjson.loads(text)
    for row in rows:
        for i in blobs:
            row[i] = bytes.fromhex(row[i])
    return [tuple(row) for row in rows]


@lru_cache(STATEMENTS)
def _insert_sql(table: Table, columns: tuple[str, ...], count: int) -> str:
    names = ", ".join(map(_quoted, columns))
    row = f"({', '.join('?' * len(columns))})"
    return f"INSERT INTO {_quoted(table.name)} ({names}) VALUES {', '.join([row] * count)}"


@lru_cache(256)
def _update_sql(table: Table, columns: tuple[str, ...]) -> str:
    keys = [column.name for column in table.primary_key]
    sets = ", ".join(f"{_quoted(column)} = ?" for column in columns if column not in keys)
    where = " AND ".join(f"{_quoted(key)} = ?" for key in keys)
    return f"UPDATE {_quoted(table.name)} SET {sets} WHERE {where}"
