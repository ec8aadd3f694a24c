"""Which hub does what: taken, renewed and given back; and what was done under a lease that another took since."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, NamedTuple

from officina.store import leases
from officina.store.leases import LeaseRow

if TYPE_CHECKING:
    from officina.store import Tx

HUB_KEPT_S = 3600.0  # how long a hub is remembered that gives no sign of life


class Fence(NamedTuple):
    """The right to do something, as it was got. A token of 0 needs no proof: nobody else could have it."""

    lease: str
    token: int


class Kept(NamedTuple):
    """What a hub has after it asked, each with its token; and every lease as it stands."""

    mine: Mapping[str, int]
    every: tuple[LeaseRow, ...]


def keep(tx: Tx, wanted: Mapping[str, int], given_up: Mapping[str, int], *, holder: str, seconds: float) -> Kept:
    """Take or renew what is wanted, as far as nobody else has it, and give back the rest; the others hear of that."""
    if given_up:
        leases.end(tx, given_up)
        tx.touch("leases")
    mine = leases.take(tx, wanted, holder=holder, seconds=seconds)
    leases.drop_hubs(tx, seconds=HUB_KEPT_S)
    return Kept(mine, tuple(leases.every(tx)))


def succeed(tx: Tx, holder: str) -> None:
    """End what a hub of this name has left, which can only be one that is no more."""
    leases.end_of(tx, holder)


def overtaken(tx: Tx, fences: Collection[Fence]) -> frozenset[Fence]:
    """Those of them under which nothing may be entered any more, because another has taken the lease since."""
    asked = {each for each in fences if each.token}
    tokens = leases.tokens(tx, {each.lease for each in asked})
    return frozenset(each for each in asked if tokens.get(each.lease) != each.token)
