"""Messages that waited for the same reason are released together, in the order they came, once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.runtime.test_delivery import order, rows, take_in
from tests.support.hub import SITE, running_hub

from officina.actions import site
from officina.app import Hub
from officina.errors import Conflict, Gone
from officina.runtime.intake import PAGE
from officina.store import retention, schema, worklist
from officina.store.worklist import Cause

MAPPED = '[[code_map]]\ncode = "LATER"\nplace = "OAK"\n'


@pytest.fixture
async def hub(tmp_path: Path) -> AsyncIterator[Hub]:
    async with running_hub(f"sqlite:///{tmp_path / 'officina.db'}", SITE) as running:
        yield running


async def park(hub: Hub, *numbers: int) -> Cause:
    """Messages for a facility nobody has mapped; their cause."""
    await take_in(hub, *[order(number, facility="LATER") for number in numbers])
    return Cause("parked", "facility_unknown", "LATER", hub.supervisor.site().connectors["pharmacy"].id)


async def map_the_code(hub: Hub) -> None:
    document = site.parse(MAPPED)
    hub.store.writer.submit(lambda tx: site.apply(tx, document, actor="system", at=1)).result()
    async with asyncio.timeout(20), hub.bus.subscribe() as watch:
        if "LATER" in hub.supervisor.site().connectors["pharmacy"].routes:
            return
        async for _ in watch:
            if "LATER" in hub.supervisor.site().connectors["pharmacy"].routes:
                return


async def test_what_waits_is_grouped_by_its_cause(hub: Hub) -> None:
    cause = await park(hub, 1, 2, 3)
    await take_in(hub, order(4, facility="ELSEWHERE"), order(5))
    with hub.store.read() as tx:
        found = worklist.groups(tx)
    assert [(group.cause, group.messages) for group in found] == [
        (cause, 3),
        (cause._replace(facility_code="ELSEWHERE"), 1),
    ]


async def test_a_trial_tells_what_would_be_and_changes_nothing(hub: Hub) -> None:
    cause = await park(hub, 1, 2)
    before = await asyncio.to_thread(hub.intake.release, cause, "person:ann", trial=True)
    await map_the_code(hub)
    after = await asyncio.to_thread(hub.intake.release, cause, "person:ann", trial=True)
    assert (before.states, before.orders_new) == ({"parked": 2}, 0)
    assert (after.states, after.orders_new) == ({"accepted": 2}, 2)
    assert [row["state"] for row in rows(hub, schema.message)] == ["parked"] * 2
    assert rows(hub, schema.order) == []


async def test_all_are_released_in_the_order_they_came(hub: Hub) -> None:
    count = PAGE + 50  # more than one transaction
    cause = await park(hub, *range(count))
    first = {"placer_number": "P0", "filler_number": "F0", "prescription_number": "F0"}
    await take_in(hub, order(count, control="DC", facility="LATER", **first))
    await map_the_code(hub)
    found = await asyncio.to_thread(hub.intake.release, cause, "person:ann")
    assert (found.states, found.orders_new, found.orders_changed) == ({"accepted": count + 1}, count, 1)
    assert [row["placer_number"] for row in rows(hub, schema.order)] == [f"P{number}" for number in range(count)]
    assert rows(hub, schema.order)[0]["status"] == "discontinued"  # the last message stopped the first order
    again = await asyncio.to_thread(hub.intake.release, cause, "person:ann")
    assert again.messages == 0


async def test_without_its_connector_nothing_can_be_read(hub: Hub) -> None:
    with pytest.raises(Conflict, match="connector is gone"):
        hub.intake.release(Cause("parked", "facility_unknown", "LATER", 10**9), "person:ann")


async def test_what_is_no_longer_kept_is_left_out_and_counted(hub: Hub) -> None:
    """The first page holds nothing that could be read: the others are released all the same."""
    cause = await park(hub, *range(PAGE + 2))
    with hub.store.write() as tx:
        parked = worklist.members(tx, cause, limit=PAGE + 2)
        retention.drop_bodies(tx, [row.id for row in parked[:PAGE]])
    await map_the_code(hub)

    came = await asyncio.to_thread(hub.intake.release, cause, "person:ann")

    assert (came.states, came.missing, came.orders_new) == ({"accepted": 2}, PAGE, 2)
    again = await asyncio.to_thread(hub.intake.release, cause, "person:ann", trial=True)
    assert (again.messages, again.missing) == (0, PAGE)
    with pytest.raises(Gone, match="no longer kept"):
        await asyncio.to_thread(hub.intake.process_again, parked[0].id, "person:ann")
