"""Stopped connectors stay so over a restart, what was said is not forgotten, and a queue can always be freed."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from sqlalchemy import delete
from tests.runtime.test_delivery import order, results, rows, sending, set_state, states, take_in, until
from tests.support.hub import running_hub
from tests.support.receivers import Receiver, in_turn

from officina.actions import connectors
from officina.actions.deliver import many
from officina.actions.deliver.aside import set_aside
from officina.app import Hub
from officina.errors import Conflict, Invalid, NotFound
from officina.store import events, schema


async def restarted(url: str, receiver: Receiver, state: connectors.State) -> None:
    async with running_hub(url, sending(receiver.port)) as hub:
        await set_state(hub, state)
        await take_in(hub, order(1))


@pytest.mark.parametrize("state", ["suspended", "inactive"])
async def test_a_connector_that_was_stopped_is_so_after_a_restart(tmp_path: Path, state: connectors.State) -> None:
    """Also where the site file, which says nothing of it, is applied again."""
    url = f"sqlite:///{tmp_path / 'officina.db'}"
    async with Receiver() as receiver:
        await restarted(url, receiver, state)
        async with running_hub(url) as hub:
            assert hub.supervisor.states()["cabinet"].state == state
            await take_in(hub, order(2))
            assert (states(hub), receiver.connections) == (["queued"] * 2, 0)
            await set_state(hub, "active")
            await until(hub, lambda: states(hub) == ["delivered"] * 2)
        assert receiver.control_ids == ["C1", "C2"]


async def test_what_was_tried_and_said_is_known_after_a_restart(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'officina.db'}"
    async with Receiver(lambda number: "AE") as receiver:
        async with running_hub(url, sending(receiver.port)) as hub:
            await take_in(hub, order(1))
            await until(hub, lambda: len(results(hub)) >= 2)
            await set_state(hub, "suspended")
            before = rows(hub, schema.attempt)
        async with running_hub(url) as hub:
            assert rows(hub, schema.attempt) == before
            assert {(each["code"], each["text"]) for each in before} == {("AE", "PID-3: refused as told (AE)")}


async def test_what_no_frame_can_hold_frees_the_queue(tmp_path: Path) -> None:
    async with Receiver() as receiver, running_hub(f"sqlite:///{tmp_path / 'a.db'}", sending(receiver.port)) as hub:
        broken = order(1).replace(b"see care plan.", b"see care plan.\x1c")
        assert (await hub.intake.submit(broken, "pharmacy")).state == "accepted"
        await take_in(hub, order(2))
        await until(hub, lambda: states(hub) == ["failed", "delivered"])
        assert (rows(hub)[0]["reason"], receiver.control_ids) == ("unsendable", ["C2"])


async def test_what_waits_is_set_aside_once_its_connector_is_suspended(tmp_path: Path) -> None:
    async with (
        Receiver(lambda number: "AE") as receiver,
        running_hub(f"sqlite:///{tmp_path / 'a.db'}", sending(receiver.port)) as hub,
    ):
        await take_in(hub, order(1), order(2))
        await receiver.got(2)
        first = int(rows(hub)[0]["id"])
        with pytest.raises(Conflict, match="cabinet is sending"):
            await aside(hub, first)
        await set_state(hub, "suspended")
        await aside(hub, first)
        assert (states(hub), rows(hub)[0]["reason"]) == (["failed", "queued"], "set_aside")
        with pytest.raises(Conflict, match="it is failed"):
            await aside(hub, first)
        with pytest.raises(NotFound):
            await aside(hub, 10**9)
        so_far = len(receiver.received)
        receiver.script = lambda number: "AA"
        await set_state(hub, "active")
        await until(hub, lambda: states(hub) == ["failed", "delivered"])
        assert receiver.control_ids[so_far:] == ["C2"]
        with hub.store.read() as tx:
            (told,) = events.listed(tx, events.EventFilter(subject="delivery", subject_id=first))
        assert (told.kind, told.actor) == ("delivery.set_aside", "person:ann")


async def aside(hub: Hub, number: int) -> None:
    work = hub.store.writer.submit(lambda tx: set_aside(tx, number, actor="person:ann", at=5))
    await asyncio.wrap_future(work)


async def test_several_are_sent_again_or_given_up_and_each_is_audited(tmp_path: Path) -> None:
    script = in_turn(["AR"] * 4)
    async with (
        Receiver(script) as receiver,
        running_hub(f"sqlite:///{tmp_path / 'a.db'}", sending(receiver.port)) as hub,
    ):
        await take_in(hub, *[order(number) for number in range(5)])
        await until(hub, lambda: states(hub) == ["failed"] * 4 + ["delivered"])
        ids = [int(row["id"]) for row in rows(hub)]

        async def done(*chosen: int, reason: str | None = None) -> int:
            def work(tx: object) -> int:
                if reason is None:
                    return many.resubmit(tx, chosen, actor="person:ann", at=5)  # type: ignore[arg-type]
                return many.delete(tx, chosen, actor="person:ann", at=5, reason=reason)  # type: ignore[arg-type]

            return await asyncio.wrap_future(hub.store.writer.submit(work))  # type: ignore[arg-type]

        assert await done(ids[2], ids[0], ids[4]) == 2  # the last is delivered already
        await until(hub, lambda: states(hub) == ["delivered", "failed", "delivered", "failed", "delivered"])
        assert receiver.control_ids[-2:] == ["C0", "C2"]
        with pytest.raises(Invalid):
            await done(ids[1], ids[3], reason=" ")
        assert await done(ids[1], ids[3], reason="sent by fax") == 2
        assert states(hub) == ["delivered", "deleted", "delivered", "deleted", "delivered"]
        with hub.store.read() as tx:
            kinds = [each.kind for number in ids for each in _told(tx, number)]
        assert sorted(kinds) == ["delivery.deleted"] * 2 + ["delivery.resubmitted"] * 2


async def test_what_nothing_is_left_of_does_not_keep_the_others(tmp_path: Path) -> None:
    async with (
        Receiver(in_turn(["AR"] * 2)) as receiver,
        running_hub(f"sqlite:///{tmp_path / 'a.db'}", sending(receiver.port)) as hub,
    ):
        await take_in(hub, order(0), order(1))
        await until(hub, lambda: states(hub) == ["failed"] * 2)
        first, second = rows(hub)
        gone = delete(schema.message_body).where(schema.message_body.c.message_id == first["message_id"])
        hub.store.writer.submit(lambda tx: tx.execute(gone)).result()
        ids = [int(first["id"]), int(second["id"])]
        work = hub.store.writer.submit(lambda tx: many.resubmit(tx, ids, actor="person:ann", at=5))
        assert await asyncio.wrap_future(work) == 1
        await until(hub, lambda: states(hub) == ["failed", "delivered"])


def _told(tx: object, number: int) -> list[events.EventRow]:
    return events.listed(tx, events.EventFilter(subject="delivery", subject_id=number))  # type: ignore[arg-type]
