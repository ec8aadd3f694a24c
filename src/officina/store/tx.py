"""A transaction as the rest of the hub sees it: rows in, rows out, ids from the one roll, topics to announce.

It must not know threads, files or which database it is on.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Table
from sqlalchemy.sql.elements import ClauseElement

from officina.store.link import Link, Record, Row, columns_of
from officina.store.query import Asked, Query, compiled


class Result:
    """The rows of a statement, all fetched."""

    __slots__ = ("_rows", "columns", "rowcount")

    def __init__(self, columns: Sequence[str], rows: list[Row], rowcount: int) -> None:
        self.columns = tuple(columns)
        self.rowcount = rowcount
        self._rows = rows

    def __iter__(self) -> Iterator[Row]:
        return iter(self._rows)

    def all(self) -> list[Row]:
        return self._rows

    def first(self) -> Row | None:
        return self._rows[0] if self._rows else None

    def scalar(self) -> Any:
        """The first column of the first row, or None."""
        return self._rows[0][0] if self._rows else None

    def mappings(self) -> list[dict[str, Any]]:
        return [dict(zip(self.columns, row, strict=True)) for row in self._rows]


class Tx:
    """One transaction, or the reading of one snapshot. Not for keeping: it ends with the block that gave it."""

    __slots__ = ("_block", "link", "topics")

    def __init__(self, link: Link) -> None:
        self.link = link
        self._block = range(0)
        self.topics: set[str] = set()

    def execute(self, statement: ClauseElement, params: Mapping[str, Any] | None = None) -> Result:
        """Run a SQLAlchemy Core statement that is built as it is needed (lists with filters)."""
        text, values = compiled(statement, self.link.dialect)
        if params:
            values.update(params)
        return Result(*self.link.result(text, values))

    def all(self, query: Query, **params: Any) -> list[Row]:
        """The rows of a named query. Its set parameters take sequences of values, or of tuples for keys."""
        return self.link.rows(*self._bound(query, params))

    def gather(self, asked: Sequence[Asked]) -> list[list[Row]]:
        """The rows of several named queries; cheaper than asking for one after the other."""
        queries = [each.query for each in asked]
        return self.link.gather(queries, [self._bound(each.query, dict(each.params)) for each in asked])

    def one(self, query: Query, **params: Any) -> Row | None:
        """The first row of a named query, or None."""
        rows = self.link.rows(*self._bound(query, params))
        return rows[0] if rows else None

    def change(self, query: Query, **params: Any) -> int:
        """Run a named query that writes; the number of rows it changed."""
        return self.link.result(*self._bound(query, params))[2]

    def run(self, query: Query, rows: Sequence[Mapping[str, Any]]) -> None:
        """Run a named query once per row of parameters."""
        if rows:
            self.link.run_many(query.text(self.link.dialect), rows)

    def insert(self, table: Table, rows: Sequence[Record]) -> None:
        """Insert rows that all give the same columns; a NamedTuple's fields are its columns."""
        if rows:
            self.link.insert(table, rows)

    def update(self, table: Table, rows: Sequence[Record]) -> None:
        """Update rows by their primary key, which each row gives beside the columns to set."""
        groups: dict[tuple[str, ...], list[Record]] = {}
        for row in rows:
            groups.setdefault(columns_of(row), []).append(row)
        for group in groups.values():
            self.link.update(table, group)

    def ids(self, count: int = 1) -> range:
        """The next ids of the one roll. Gaps are allowed; commits happen in the order of ids."""
        if len(self._block) < count:
            self._block = self.link.reserve(count)
        taken, self._block = self._block[:count], self._block[count:]
        return taken

    def id(self) -> int:
        """One id of the roll."""
        return self.ids(1)[0]

    def touch(self, topic: str) -> None:
        """Announce after the commit that something of this topic changed: messages orders connectors site people."""
        self.topics.add(topic)

    @contextmanager
    def nested(self) -> Iterator[None]:
        """What happens inside is undone alone if it raises."""
        topics = set(self.topics)
        self.link.savepoint()
        try:
            yield
            self.link.release()
        except BaseException as error:
            self._block = range(0)  # the roll goes back with the savepoint, so what was taken of it is void
            self.topics = topics
            if not self.link.unavailable(error):
                self.link.rollback_to()
            raise

    def _bound(self, query: Query, params: dict[str, Any]) -> tuple[str, dict[str, Any]]:
        link = self.link
        text = query.text(link.dialect)
        values = {**query.fixed(link.dialect), **params}
        for name, kinds in query.sets.items():
            values.update(link.bind_set(name, kinds, values.pop(name)))
        return text, values
