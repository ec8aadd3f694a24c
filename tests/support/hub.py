"""A whole hub in the test's own loop: real store, real sockets, a site of one's choosing."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

from officina.actions import site
from officina.app import Hub
from officina.config import Settings
from officina.store import Store, migrate, open_store

SITE = """
[[place]]
code = "TREES"
kind = "organisation"
name = "Trees Care"

[[place]]
code = "OAK"
kind = "facility"
name = "Oak House"
parent = "TREES"
time_zone = "America/New_York"

[[code_map]]
code = "OAKS"
place = "OAK"

[[connector]]
name = "pharmacy"
kind = "mllp_listener"
profile = "hl7"
settings = { port = 0 }
"""


@contextmanager
def site_store(url: str, document: str = SITE) -> Iterator[Store]:
    """A migrated store with a site in it."""
    migrate(url)
    with open_store(url) as store:
        with store.write() as tx:
            site.apply(tx, site.parse(document), actor="system", at=1)
        yield store


@asynccontextmanager
async def running_hub(url: str, document: str = SITE, **settings: Any) -> AsyncIterator[Hub]:
    """A hub without its web port: connectors listen, messages are received."""
    with site_store(url, document) as store:
        hub = Hub(Settings(database_url=url, **settings), store)
        await hub.start()
        try:
            yield hub
        finally:
            await hub.stop()


def address(hub: Hub, connector: str = "pharmacy") -> tuple[str, int]:
    """Where a connector listens."""
    host, _, port = hub.supervisor.states()[connector].address.rpartition(":")
    return host, int(port)
