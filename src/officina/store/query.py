"""Queries with a name: written once in SQLAlchemy Core, compiled once per database, run at driver level.

The text of a query is constant; what varies is bound. Sets are bound as one parameter: JSON on SQLite, arrays on
PostgreSQL. Every query registers itself in `QUERIES`, which tests/plans explains on both databases.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Integer,
    LargeBinary,
    Subquery,
    Table,
    bindparam,
    column,
    func,
    literal_column,
    select,
    true,
)
from sqlalchemy.engine.interfaces import Dialect
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.elements import ClauseElement
from sqlalchemy.types import BigInteger, NullType, TypeEngine

QUERIES: dict[str, Query] = {}
# Written into the text, not bound: only so do partial indexes serve.
EMPTY: ColumnElement[str] = literal_column("''")
Statement = ClauseElement | Callable[[str], ClauseElement]


def kind_of(type_: TypeEngine[Any]) -> str:
    """The PostgreSQL word for a column's type."""
    if isinstance(type_, BigInteger):
        return "bigint"
    if isinstance(type_, Integer):
        return "integer"
    return "bytea" if isinstance(type_, LargeBinary) else "text"


class Query:
    """One named statement.

    ``statement`` is an expression, or a function from the dialect's name (``sqlite``, ``postgresql``) to one;
    ``sets`` names the parameters that are sets, with the type of their values or the types of their keys.
    """

    def __init__(self, name: str, statement: Statement, *, sets: Mapping[str, Sequence[str]] | None = None) -> None:
        self.name = name
        self.sets = {key: tuple(kinds) for key, kinds in (sets or {}).items()}
        self._statement = statement
        self._texts: dict[str, str] = {}
        self._fixed: dict[str, dict[str, Any]] = {}
        QUERIES[name] = self

    def __repr__(self) -> str:
        return f"Query({self.name})"

    def text(self, dialect: Dialect) -> str:
        """The SQL as the driver gets it."""
        found = self._texts.get(dialect.name)
        return found if found is not None else self._compile(dialect)

    def columns(self, dialect: Dialect) -> tuple[str, ...]:
        """The kinds of its columns; only for a query that selects."""
        statement = self._statement
        expression = statement if isinstance(statement, ClauseElement) else statement(dialect.name)
        return tuple(kind_of(each.type) for each in expression.selected_columns)  # type: ignore[attr-defined]

    def fixed(self, dialect: Dialect) -> dict[str, Any]:
        """The parameters that are part of the statement (limits, words), by name."""
        self.text(dialect)
        return self._fixed[dialect.name]

    def _compile(self, dialect: Dialect) -> str:
        statement = self._statement
        expression = statement if isinstance(statement, ClauseElement) else statement(dialect.name)
        text, params = compiled(expression, dialect)
        self._fixed[dialect.name] = {key: value for key, value in params.items() if value is not None}
        self._texts[dialect.name] = text
        return text


def compiled(expression: ClauseElement, dialect: Dialect) -> tuple[str, dict[str, Any]]:
    """An expression's text and the values it carries."""
    result = expression.compile(dialect=dialect, compile_kwargs={"render_postcompile": True})
    return str(result), dict(result.params or {})


class Asked(NamedTuple):
    """A query with the values of its parameters."""

    query: Query
    params: dict[str, Any]


class among(ColumnElement[bool]):
    """``column`` is one of the values of the set parameter ``name``."""

    inherit_cache = False
    type = NullType()  # type: ignore[assignment]  # a Boolean would be rendered as a comparison with 1

    def __init__(self, left: ColumnElement[Any], name: str) -> None:
        self.left = left
        self.kind = kind_of(left.type)
        self.bind = bindparam(name, type_=NullType())


@compiles(among, "sqlite")
def _among_sqlite(element: among, compiler: SQLCompiler, **kw: Any) -> str:
    value = "from_hex(value)" if element.kind == "bytea" else "value"
    left, bind = compiler.process(element.left, **kw), compiler.process(element.bind, **kw)
    return f"{left} IN (SELECT {value} FROM json_each({bind}))"


@compiles(among, "postgresql")
def _among_postgresql(element: among, compiler: SQLCompiler, **kw: Any) -> str:
    left, bind = compiler.process(element.left, **kw), compiler.process(element.bind, **kw)
    return f"{left} = ANY ({bind}::{element.kind}[])"


class _array(ColumnElement[Any]):
    inherit_cache = False
    type = NullType()

    def __init__(self, name: str, kind: str) -> None:
        self.bind = bindparam(name, type_=NullType())
        self.kind = kind


@compiles(_array)
def _array_sql(element: _array, compiler: SQLCompiler, **kw: Any) -> str:
    return f"{compiler.process(element.bind, **kw)}::{element.kind}[]"


def keys(dialect: str, name: str, kinds: Sequence[str]) -> tuple[FromClause, list[ColumnElement[Any]]]:
    """The set parameter ``name`` as something to select from, and its columns."""
    if dialect == "sqlite":
        source = func.json_each(bindparam(name, type_=NullType())).table_valued("value", name=name)
        if len(kinds) == 1:
            return source, [source.c.value]
        return source, [literal_column(f"json_extract({name}.value, '$[{i}]')") for i in range(len(kinds))]
    names = [f"{name}_{i}" for i in range(len(kinds))] if len(kinds) > 1 else [name]
    arrays = [_array(n, kind) for n, kind in zip(names, kinds, strict=True)]
    derived = func.unnest(*arrays).table_valued(*[column(n) for n in names], name=f"{name}_given").render_derived()
    return derived, [derived.c[n] for n in names]


Matches = Callable[[FromClause, ColumnElement[Any]], Sequence[ColumnElement[bool]]]
Order = Callable[[FromClause], Sequence[ColumnElement[Any]]]


def first_of_each(
    dialect: str, table: Table, name: str, kind: str, *, matches: Matches, order: Order, limit: ColumnElement[Any] | int
) -> Subquery:
    """For each value of the set parameter ``name`` the first rows that match, in an order that an index gives.

    This is how a list stays quick however many values and rows there are: nothing is sorted that is not shown.
    """
    source, (value,) = keys(dialect, name, (kind,))
    candidate = table.alias("candidate")
    wanted = [candidate.c.id] if dialect == "sqlite" else list(candidate.c)
    chosen = select(*wanted).where(*matches(candidate, value)).order_by(*order(candidate)).limit(limit)
    if dialect == "sqlite":  # which has no LATERAL
        joined = source.join(table, table.c.id.in_(chosen.correlate(source)))
        return select(table).select_from(joined).subquery("found")
    each = chosen.lateral("each")
    return select(each).select_from(source.join(each, true())).subquery("found")
