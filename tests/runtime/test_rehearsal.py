"""Messages are tried in their order and in pages, and what is processed again is only what had no effect."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from tests.runtime.test_delivery import order, rows, take_in
from tests.support.hub import SITE, running_hub

from officina.actions.receive import Candidate
from officina.app import Hub
from officina.errors import NotFound
from officina.runtime import rehearsal
from officina.store import schema
from officina.store.messages import MessageFilter

SAME = Candidate('extends = "hl7"', {"LATER": "OAK"})


@pytest.fixture
async def hub(database_url: str) -> AsyncIterator[Hub]:
    async with running_hub(database_url, SITE) as running:
        yield running


async def test_more_than_a_page_is_tried_and_leaves_no_trace(hub: Hub) -> None:
    count = rehearsal.PAGE + 5
    await take_in(hub, *[order(number, facility="LATER") for number in range(count)])
    before = {table.name: len(rows(hub, table)) for table in (schema.message, schema.order, schema.event)}
    found = await asyncio.to_thread(hub.intake.rehearse, MessageFilter(), "pharmacy", SAME, most=1000)
    assert (len(found.tried), len(found.gaining), found.same) == (count, count, 0)
    assert (found.effect.states, found.effect.orders_new) == ({"accepted": count}, count)
    assert {each.would for each in found.tried} == {"accepted"}
    assert {table.name: len(rows(hub, table)) for table in (schema.message, schema.order, schema.event)} == before


async def test_the_newest_or_the_oldest_are_taken(hub: Hub) -> None:
    await take_in(hub, *[order(number) for number in range(5)])
    ids = [row["id"] for row in rows(hub, schema.message)]
    for oldest, wanted in ((False, ids[3:]), (True, ids[:2])):
        found = await asyncio.to_thread(hub.intake.rehearse, MessageFilter(), "pharmacy", SAME, most=2, oldest=oldest)
        assert [each.row.id for each in found.tried] == wanted


async def test_what_had_its_effect_is_not_done_again(hub: Hub) -> None:
    await take_in(hub, order(1), order(2, facility="LATER"))
    ids = [row["id"] for row in rows(hub, schema.message)]
    came = await asyncio.to_thread(hub.intake.release_these, ids, "pharmacy", "person:ann")
    assert came.states == {"parked": 1}
    assert [row["version"] for row in rows(hub, schema.order)] == [1]


async def test_a_connector_nobody_knows_is_not_found(hub: Hub) -> None:
    with pytest.raises(NotFound):
        hub.intake.rehearse(MessageFilter(), "nobody", SAME, most=1)
