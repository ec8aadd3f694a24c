"""Leases: which of the hubs on one book does what, until when. The clock is the database's, so hubs' need not agree."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import BigInteger, ColumnElement, bindparam, case, cast, delete, literal_column, select, true, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.elements import ClauseElement

from officina.clock import SECOND
from officina.store.listing import number
from officina.store.query import Query, among, keys
from officina.store.schema import lease

if TYPE_CHECKING:
    from officina.store.tx import Tx

_NOW = {
    "sqlite": "CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER)",
    "postgresql": "CAST(extract(epoch FROM clock_timestamp()) * 1000000 AS bigint)",
}


class LeaseRow(NamedTuple):
    """A lease as it stands. ``left`` are the microseconds until it ends; below 0 it has ended."""

    name: str
    holder: str
    token: int
    left: int


def _now(dialect: str) -> ColumnElement[int]:
    return literal_column(_NOW[dialect], BigInteger())


def _taking(dialect: str) -> ClauseElement:
    """One statement, so that of two that ask at the same moment one gets it."""
    source, (name, token) = keys(dialect, "wanted", ("text", "bigint"))
    until, holder = _now(dialect) + number("span"), bindparam("holder", type_=lease.c.holder.type)
    given = select(name, holder, cast(token, BigInteger) + 1, until).select_from(source).where(true())
    insert = sqlite.insert(lease) if dialect == "sqlite" else postgresql.insert(lease)
    values = insert.from_select(["name", "holder", "token", "until_at"], given)
    kept = lease.c.token == values.excluded.token - 1
    return values.on_conflict_do_update(
        index_elements=["name"],
        set_={
            "holder": values.excluded.holder,
            "token": case((kept, lease.c.token), else_=lease.c.token + 1),
            "until_at": values.excluded.until_at,
        },
        where=kept | (lease.c.until_at < _now(dialect)),
    ).returning(lease.c.name, lease.c.token)


_TAKE = Query("leases.take", _taking, sets={"wanted": ["text", "bigint"]})
_EVERY = Query(
    "leases.every",
    lambda dialect: select(lease.c.name, lease.c.holder, lease.c.token, lease.c.until_at - _now(dialect)),
)
_TOKENS = Query(
    "leases.tokens", select(lease.c.name, lease.c.token).where(among(lease.c.name, "names")), sets={"names": ["text"]}
)
_END = Query(
    "leases.end",
    update(lease)
    .where(lease.c.name == bindparam("name", type_=lease.c.name.type), lease.c.token == number("token"))
    .values(until_at=literal_column("0")),
)
_END_OF = Query(
    "leases.end_of",
    update(lease)
    .where(lease.c.holder == bindparam("of_holder", type_=lease.c.holder.type))
    .values(until_at=literal_column("0"), token=lease.c.token + 1),
)
_DROP = Query(
    "leases.drop",
    lambda dialect: delete(lease).where(lease.c.name.like("hub:%"), lease.c.until_at < _now(dialect) - number("age")),
)


def take(tx: Tx, wanted: Mapping[str, int], *, holder: str, seconds: float) -> dict[str, int]:
    """Take or renew, for so many seconds from now. ``wanted`` names them, each with the token under which it was held,
    0 for one that was not; the answer names those that were got, each with its token from now on.
    """
    rows = tx.all(_TAKE, wanted=list(wanted.items()), holder=holder, span=int(seconds * SECOND)) if wanted else []
    return {name: token for name, token in rows}


def every(tx: Tx) -> list[LeaseRow]:
    return [LeaseRow(*row) for row in tx.all(_EVERY)]


def tokens(tx: Tx, names: Collection[str]) -> dict[str, int]:
    """The tokens under which these were taken last."""
    return {name: token for name, token in tx.all(_TOKENS, names=list(names))} if names else {}


def end(tx: Tx, held: Mapping[str, int]) -> None:
    """Give these back, each unless somebody has taken it since."""
    tx.run(_END, [{"name": name, "token": token} for name, token in held.items()])


def end_of(tx: Tx, holder: str) -> None:
    """Take away all that this holder has; it cannot renew it."""
    tx.change(_END_OF, of_holder=holder)


def drop_hubs(tx: Tx, *, seconds: float) -> int:
    """Forget hubs that have given no sign of life for so long; how many."""
    return tx.change(_DROP, age=int(seconds * SECOND))
