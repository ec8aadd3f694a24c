"""A hub's notifier in a process of its own, to be killed: ``python -m tests.support.doomed DATABASE_URL INSTANT``."""

from __future__ import annotations

import asyncio
import sys

from officina.actions import alerts, site
from officina.outbound.retry import Pace
from officina.runtime.bus import Bus
from officina.runtime.notifier import Notifier
from officina.store import open_store


async def main(url: str, at: int) -> None:
    with open_store(url) as store:
        with store.read() as tx:
            found = site.load_site(tx)
        with store.write() as tx:
            alerts.observe(tx, {("queue_age", "cabinet"): 61.0}, found.alert_rules, found.channels, at=at)
        Notifier(store, Bus(), lambda: found, lambda: at, lambda: True, pace=Pace(0.01)).start()
        await asyncio.Event().wait()


asyncio.run(main(sys.argv[1], int(sys.argv[2])))
