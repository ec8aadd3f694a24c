"""Opening the book for one command, and `officina migrate`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final, TypeVar

if TYPE_CHECKING:
    from officina.config import Settings
    from officina.store import Store, Tx

R = TypeVar("R")

ACTOR: Final = "system"  # whoever may run the command line on the hub's machine


def settings() -> Settings:
    """The process settings, as `serve` would see them."""
    from officina import config

    return config.load()


@contextmanager
def opened(chosen: Settings | None = None) -> Iterator[Store]:
    """The store of the settings; its schema must be the one of this version."""
    from officina.store import open_store

    with open_store((chosen or settings()).database_url) as store:
        yield store


def write(store: Store, work: Callable[[Tx], R]) -> R:
    """Run `work` in one transaction and wait for its commit."""
    return store.writer.submit(work).result()


def migrate() -> None:
    """Create the database, or bring its schema to this version. Back it up first."""
    from officina import config
    from officina.store import current
    from officina.store import migrate as bring_up_to_date

    chosen = settings()
    config.prepare(chosen)
    before = current(chosen.database_url)
    after = bring_up_to_date(chosen.database_url)
    print(f"The schema is at revision {after}" + (" already." if before == after else f" (was: {before or 'none'})."))
