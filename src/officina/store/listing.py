"""Lists that filter and page: one constant statement per set of filters in use, newest first, by the id.

They page by id: ``before`` an id goes on to older rows, ``after`` one to newer. Nothing counts or skips rows.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from sqlalchemy import BigInteger, ColumnElement, FromClause, Select, Table, bindparam, select

from officina.store.query import Query, first_of_each

if TYPE_CHECKING:
    from officina.store.tx import Tx

R = TypeVar("R", bound=tuple[Any, ...])
Condition = Callable[[FromClause], ColumnElement[bool]]
MOST = 500


def number(name: str) -> ColumnElement[int]:
    """A bound integer."""
    return bindparam(name, type_=BigInteger())


def equals(column: str) -> Condition:
    """The condition that a column has the value of the filter of the same name."""
    return lambda each: each.c[column] == bindparam(column, type_=each.c[column].type)


class Listing(Generic[R]):
    """The list of one table.

    ``conditions`` says what each filter means; ``within`` is the column that a set of ids restricts (what the one who
    asks may see), under the parameter ``within``.
    """

    def __init__(
        self, name: str, table: Table, row: Callable[..., R], conditions: Mapping[str, Condition], *, within: str
    ) -> None:
        self.name = name
        self._table = table
        self._row = row
        self._conditions: dict[str, Condition] = {
            **conditions,
            "before": lambda each: each.c.id < number("before"),
            "after": lambda each: each.c.id > number("after"),
        }
        self._within = within
        self.query: Callable[[frozenset[str]], Query] = cache(self._query)

    def rows(
        self,
        tx: Tx,
        given: Mapping[str, Any],
        *,
        within: Collection[int] | None = None,
        before: int | None = None,
        after: int | None = None,
        limit: int = 50,
    ) -> list[R]:
        """The newest rows that meet every filter given (those that are not None), newest first.

        ``before`` and ``after`` are ids; with ``after`` the rows are those next to it. ``within`` None: everywhere.
        """
        params = {key: value for key, value in given.items() if value is not None}
        params |= {key: value for key, value in (("before", before), ("after", after)) if value is not None}
        if within is not None:
            if not within:
                return []
            params["within"] = list(within)
        query = self.query(frozenset(params))
        rows = [self._row(*row) for row in tx.all(query, **params, limit=min(limit, MOST))]
        return rows if after is None else rows[::-1]

    def _query(self, shape: frozenset[str]) -> Query:
        name = f"{self.name}({', '.join(sorted(shape))})"
        sets = {"within": ["bigint"]} if "within" in shape else {}
        return Query(name, lambda dialect: self._select(dialect, shape), sets=sets)

    def _select(self, dialect: str, shape: frozenset[str]) -> Select[Any]:
        def ordered(each: FromClause) -> list[ColumnElement[Any]]:
            return [each.c.id.asc() if "after" in shape else each.c.id.desc()]

        def conditions(each: FromClause) -> list[ColumnElement[bool]]:
            return [self._conditions[key](each) for key in sorted(shape - {"within"})]

        source: FromClause = self._table
        if "within" not in shape:
            return select(source).where(*conditions(source)).order_by(*ordered(source)).limit(number("limit"))
        source = first_of_each(
            dialect,
            self._table,
            "within",
            "bigint",
            matches=lambda each, value: [each.c[self._within] == value, *conditions(each)],
            order=ordered,
            limit=number("limit"),
        )
        return select(source).order_by(*ordered(source)).limit(number("limit"))
