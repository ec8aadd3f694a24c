"""The site changes while messages come: every one of them is answered, and an unchanged connector is not touched."""

from __future__ import annotations

import asyncio

from tests.support.hub import SITE, address, running_hub
from tests.support.samples import rde_o11

from officina.actions import site
from officina.actions.site import edit
from officina.actions.site.versions import digest_of
from officina.store import messages

COUNT = 60
CHANGES = (
    '[[code_map]]\ncode = "ELMS"\nplace = "OAK"\n',
    '[[connector]]\nname = "second"\nkind = "mllp_listener"\nsettings = { port = 0 }\n',
    '[[connector]]\nname = "pharmacy"\nkind = "mllp_listener"\nsettings = { port = 0, max_in_flight = 16 }\n',
    '[[profile]]\nname = "own"\nbody = "extends = \'hl7\'"\n[[connector]]\nname = "pharmacy"\nkind = "mllp_listener"\n'
    'profile = "own"\nsettings = { port = 0, max_in_flight = 16 }\n',
)


async def test_no_message_in_flight_is_lost_by_a_change(sqlite_url: str) -> None:
    async with asyncio.timeout(60), running_hub(sqlite_url, SITE) as hub:
        host, port = address(hub)
        reader, writer = await asyncio.open_connection(host, port)
        answered = 0

        async def hear() -> None:
            nonlocal answered
            while answered < COUNT:
                frame = await reader.readuntil(b"\x1c\r")
                assert f"\rMSA|CA|N{answered}\r".encode() in frame
                answered += 1

        hearing = asyncio.create_task(hear())
        for number in range(COUNT):
            writer.write(b"\x0b" + rde_o11(control_id=f"N{number}", facility="OAKS") + b"\x1c\r")
            if number % 15 == 14:
                document = site.parse(CHANGES[number // 15])
                work = hub.store.writer.submit(lambda tx, wanted=document: site.apply(tx, wanted, actor="ann", at=2))
                await asyncio.wrap_future(work)
                await hub.supervisor.caught_up()
                assert address(hub) == (host, port)
        await hearing
        writer.close()
        with hub.store.read() as tx:
            kept = messages.listed(tx, limit=200)
        assert {row.control_id for row in kept} == {f"N{number}" for number in range(COUNT)}
        assert {row.state for row in kept} <= {"accepted", "duplicate"}


async def test_going_back_is_in_force_at_once(sqlite_url: str) -> None:
    async with asyncio.timeout(60), running_hub(sqlite_url, SITE) as hub:
        change = site.parse(CHANGES[0])
        await asyncio.wrap_future(hub.store.writer.submit(lambda tx: site.apply(tx, change, actor="ann", at=2)))
        await hub.supervisor.caught_up()
        assert "ELMS" in hub.supervisor.site().connectors["pharmacy"].routes
        with hub.store.read() as tx:
            seen = digest_of(site.export(tx))
        await asyncio.wrap_future(hub.store.writer.submit(lambda tx: edit.go_back(tx, 1, seen=seen, actor="ann", at=3)))
        await hub.supervisor.caught_up()
        assert "ELMS" not in hub.supervisor.site().connectors["pharmacy"].routes
