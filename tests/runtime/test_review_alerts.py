"""An order that waits too long for a nurse is told, by the code of the facility alone."""

from __future__ import annotations

from tests.runtime.test_delivery import order, take_in, until
from tests.runtime.test_review import REVIEWED, Home
from tests.support.hub import SITE, running_hub

from officina.actions.review import Asked
from officina.store import alerts
from officina.store.rows import AlertRow

MINUTE = 60_000_000


async def later(home: Home, minutes: int) -> list[AlertRow]:
    """The alerts about reviews that stand open after so long."""
    await until(home.hub, home.hub.leases.keeps_house)  # of several hubs one watches
    home.hub.watcher.at = lambda: home.hub.clock() + minutes * MINUTE
    await home.hub.watcher.look()
    return [row for row in home.read(alerts.still_open) if row.kind == "review_age"]


async def test_an_order_that_waits_four_hours_is_told_until_a_nurse_decides(database_url: str) -> None:
    async with running_hub(database_url, REVIEWED) as hub:
        home = Home(hub)
        await take_in(hub, order(1))
        assert await later(home, 239) == []
        (row,) = await later(home, 241)
        assert (row.subject, row.urgent) == ("OAK", 1)
        assert row.text == "an order has waited 4.0 hours for a nurse's review"
        home.admit()
        home.decide(Asked(home.waiting()[0].order_id, "new", 1))
        assert await later(home, 241) == []


async def test_a_facility_may_set_its_own_patience(database_url: str) -> None:
    rule = '[[alert]]\nkind = "review_age"\nsubject = "OAK"\nsettings = { opens = 1 }\n'
    async with running_hub(database_url, REVIEWED + rule) as hub:
        await take_in(hub, order(1))
        assert await later(Home(hub), 59) == []
        assert [row.subject for row in await later(Home(hub), 61)] == ["OAK"]


async def test_where_nobody_reviews_nothing_waits(database_url: str) -> None:
    async with running_hub(database_url, SITE) as hub:
        await take_in(hub, order(1))
        assert await later(Home(hub), 10_000) == []
