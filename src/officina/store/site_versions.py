"""The site as it was after each change, newest first. What a version means is `actions.site.versions`."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import func, select

from officina.store.schema import site_version

if TYPE_CHECKING:
    from officina.store.tx import Tx


class VersionRow(NamedTuple):
    """The site as a file, who made it so, and what that changed in one line."""

    id: int
    number: int
    at: int
    actor: str
    summary: str
    digest: str
    body: str


def add(tx: Tx, *, at: int, actor: str, summary: str, digest: str, body: str) -> int:
    """Keep a version; its number. Taking the id first lets no other process take the same number."""
    version_id = tx.id()
    number = newest(tx) + 1
    tx.insert(site_version, [VersionRow(version_id, number, at, actor, summary, digest, body)])
    return number


def newest(tx: Tx) -> int:
    """The number of the newest version; 0 if there is none."""
    return tx.execute(select(func.max(site_version.c.number))).scalar() or 0


def get(tx: Tx, number: int) -> VersionRow | None:
    row = tx.execute(select(site_version).where(site_version.c.number == number)).first()
    return VersionRow(*row) if row else None


def listed(tx: Tx, *, before: int | None = None, limit: int = 50) -> list[VersionRow]:
    """Versions, newest first; with ``before`` those older than that number."""
    wanted = select(site_version).order_by(site_version.c.number.desc()).limit(limit)
    if before is not None:
        wanted = wanted.where(site_version.c.number < before)
    return [VersionRow(*row) for row in tx.execute(wanted)]
