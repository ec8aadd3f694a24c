"""Messages leave: in order, once the receiver has them never again, and whatever a receiver does, none is lost."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from tests.support.hub import SITE, address, running_hub
from tests.support.mllp_clients import Peer
from tests.support.receivers import Receiver, in_turn
from tests.support.samples import rde_o11

from officina.actions import connectors, deliver
from officina.app import Hub
from officina.errors import Conflict, Invalid
from officina.store import deliveries, events, schema
from officina.wire import er7

DEADLINE_S = 20.0
SENDING = """
[[connector]]
name = "cabinet"
kind = "mllp_sender"
profile = "hl7"
settings = { host = "127.0.0.1", port = PORT, retry_interval_s = 0.02, response_timeout_s = 0.3 MORE }

[[subscription]]
name = "orders to the cabinet"
event = "order.*"
connector = "cabinet"
payload = "source"
"""


def sending(port: int, more: str = "") -> str:
    return SITE + SENDING.replace("PORT", str(port)).replace("MORE", more)


@asynccontextmanager
async def hub_to(receiver: Receiver, folder: Path, more: str = "") -> AsyncIterator[Hub]:
    async with running_hub(f"sqlite:///{folder / 'officina.db'}", sending(receiver.port, more)) as running:
        yield running


def order(number: int, **overrides: str) -> bytes:
    own = {"placer_number": f"P{number}", "filler_number": f"F{number}", "prescription_number": f"F{number}"}
    return rde_o11(control_id=f"C{number}", **{"MSH-15": "", "MSH-16": "", **own, **overrides})


async def take_in(hub: Hub, *raws: bytes) -> None:
    async with await Peer.connect(address(hub)[1]) as peer:
        peer.send(*raws)
        for _ in raws:
            assert er7.parse(await peer.answer()).get("MSA-1") == "AA"


def rows(hub: Hub, table: Any = schema.delivery) -> list[dict[str, Any]]:
    with hub.store.read() as tx:
        return tx.execute(select(table).order_by(table.c.id)).mappings()


def states(hub: Hub) -> list[str]:
    return [row["state"] for row in rows(hub)]


def results(hub: Hub) -> list[str]:
    return [row["result"] for row in rows(hub, schema.attempt)]


async def until(hub: Hub, holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(DEADLINE_S), hub.bus.subscribe() as watch:
        if holds():
            return
        async for _ in watch:
            if holds():
                return


async def test_what_is_taken_in_goes_out_in_order_byte_for_byte(tmp_path: Path) -> None:
    raws = [order(number) for number in range(40)]
    async with Receiver() as receiver, hub_to(receiver, tmp_path) as hub:
        await take_in(hub, *raws)
        await until(hub, lambda: states(hub) == ["delivered"] * 40)
        assert receiver.received == raws
        assert receiver.connections == 1
        (first, *_) = rows(hub, schema.attempt)
        assert (first["result"], first["code"], first["number"]) == ("accepted", "AA", 1)
        assert b"MSA|AA|C0" in bytes(first["answer"])


async def test_a_connection_for_each_message(tmp_path: Path) -> None:
    async with Receiver() as receiver, hub_to(receiver, tmp_path, ', connection = "per_message"') as hub:
        await take_in(hub, *[order(number) for number in range(3)])
        await until(hub, lambda: states(hub) == ["delivered"] * 3)
        assert receiver.connections == 3


async def test_a_message_with_several_orders_goes_out_once(tmp_path: Path) -> None:
    two = order(1) + order(2).partition(b"\rORC|")[2].join([b"ORC|", b""])
    async with Receiver() as receiver, hub_to(receiver, tmp_path) as hub:
        await take_in(hub, two, order(3))
        await until(hub, lambda: states(hub) == ["delivered"] * 2)
        assert receiver.received == [two, order(3)]
        assert len(rows(hub, schema.order)) == 3


@pytest.mark.parametrize("code", ["AR", "CR"])
async def test_what_is_refused_moves_to_the_error_queue_and_the_next_goes(tmp_path: Path, code: str) -> None:
    async with Receiver(in_turn([code])) as receiver, hub_to(receiver, tmp_path) as hub:
        await take_in(hub, order(1), order(2))
        await until(hub, lambda: states(hub) == ["failed", "delivered"])
        assert receiver.control_ids == ["C1", "C2"]
        assert rows(hub)[0]["reason"] == "rejected"
        attempt = rows(hub, schema.attempt)[0]
        assert (attempt["code"] or attempt["accept_code"], attempt["text"]) == (
            code,
            f"PID-3: refused as told ({code})",
        )


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["AE", "CE"], ["error", "error"]),
        (["close"], ["no_answer"]),
        (["reset"], ["no_answer"]),
        (["half"], ["no_answer"]),
        (["garbage"], ["bad_answer"]),
        (["wrong"], ["bad_answer"]),
        (["nameless"], ["bad_answer"]),
        (["silent"], ["no_answer"]),
        (["late"], ["no_answer"]),
    ],
)
async def test_what_may_not_have_arrived_stays_first_and_is_sent_again(
    tmp_path: Path, words: list[str], expected: list[str]
) -> None:
    async with Receiver(in_turn(words)) as receiver, hub_to(receiver, tmp_path) as hub:
        await take_in(hub, order(1), order(2))
        await until(hub, lambda: states(hub) == ["delivered"] * 2)
        assert receiver.control_ids == ["C1"] * (len(words) + 1) + ["C2"]
        assert receiver.received[0] == receiver.received[-2] == order(1)  # MSH-7 and MSH-10 as they were
        assert results(hub) == [*expected, "accepted", "accepted"]


async def test_a_second_answer_is_not_taken_for_the_next_messages(tmp_path: Path) -> None:
    async with Receiver(in_turn(["twice", "AR"])) as receiver, hub_to(receiver, tmp_path) as hub:
        await take_in(hub, order(1), order(2), order(3))
        await until(hub, lambda: states(hub) == ["delivered", "failed", "delivered"])
        assert receiver.control_ids == ["C1", "C2", "C3"]


async def test_commit_and_application_acknowledgement_are_told_apart(tmp_path: Path) -> None:
    asked = {"MSH-15": "AL", "MSH-16": "AL"}
    async with Receiver(in_turn(["CA+AA", "CA+AR"])) as receiver, hub_to(receiver, tmp_path) as hub:
        async with await Peer.connect(address(hub)[1]) as peer:
            peer.send(order(1, **asked), order(2, **asked))
            for _ in range(4):
                await peer.answer()
        await until(hub, lambda: states(hub) == ["delivered", "failed"])
        tried = rows(hub, schema.attempt)
        assert [(row["accept_code"], row["code"]) for row in tried] == [("CA", "AA"), ("CA", "AR")]
        assert [(b"|CA|" in row["accept_answer"], b"|CA|" in row["answer"]) for row in tried] == [(True, False)] * 2


async def test_a_commit_is_kept_where_no_application_acknowledgement_follows(tmp_path: Path) -> None:
    asked = {"MSH-15": "AL", "MSH-16": "AL"}
    async with Receiver(in_turn(["CA", "CA+AA"])) as receiver, hub_to(receiver, tmp_path) as hub:
        async with await Peer.connect(address(hub)[1]) as peer:
            peer.send(order(1, **asked))
            for _ in range(2):
                await peer.answer()
        await until(hub, lambda: states(hub) == ["delivered"])
        first, second = rows(hub, schema.attempt)
        assert (first["result"], first["accept_code"], first["code"]) == ("no_answer", "CA", "")
        assert (b"|CA|" in first["accept_answer"], first["answer"]) == (True, b"")
        assert (second["accept_code"], second["code"]) == ("CA", "AA")


async def test_a_receiver_of_the_original_mode_alone_takes_what_asks_for_both(tmp_path: Path) -> None:
    async with Receiver() as receiver, hub_to(receiver, tmp_path) as hub:
        async with await Peer.connect(address(hub)[1]) as peer:
            peer.send(order(1, **{"MSH-15": "AL", "MSH-16": "AL"}))
            await peer.answers(2)
        await until(hub, lambda: states(hub) == ["delivered"])
        assert results(hub) == ["accepted"]


async def test_a_partner_that_is_away_delays_no_other(tmp_path: Path) -> None:
    async with Receiver() as receiver:
        site = sending(receiver.port) + SENDING.replace("cabinet", "away").replace("PORT", "1").replace("MORE", "")
        async with running_hub(f"sqlite:///{tmp_path / 'officina.db'}", site) as hub:
            await take_in(hub, *[order(number) for number in range(5)])
            await until(hub, lambda: states(hub).count("delivered") == 5)
            assert receiver.control_ids == [f"C{number}" for number in range(5)]
            await until(hub, lambda: "unreachable" in results(hub))
            running = hub.supervisor.states()["away"]
            assert (running.state, running.reason) == ("running", "Connection refused")


@pytest.mark.parametrize(
    ("more", "reason"),
    [(", most_attempts = 3", "too_many_attempts"), (", most_age_s = 0.05", "too_old")],
)
async def test_a_limit_frees_the_queue_of_what_never_gets_through(tmp_path: Path, more: str, reason: str) -> None:
    always: Callable[[int], str] = lambda number: "AE" if number < 3 or reason == "too_old" else "AA"  # noqa: E731
    async with Receiver(always) as receiver, hub_to(receiver, tmp_path, more) as hub:
        await take_in(hub, order(1))
        await until(hub, lambda: states(hub) == ["failed"])
        assert rows(hub)[0]["reason"] == reason
        assert set(receiver.control_ids) == {"C1"}


async def test_what_is_doubtful_can_be_left_to_a_person(tmp_path: Path) -> None:
    async with (
        Receiver(in_turn(["close"])) as receiver,
        hub_to(receiver, tmp_path, ", send_doubtful_again = false") as hub,
    ):
        await take_in(hub, order(1), order(2))
        await until(hub, lambda: states(hub) == ["failed", "delivered"])
        assert (rows(hub)[0]["reason"], receiver.control_ids) == ("doubtful", ["C1", "C2"])


async def test_one_patients_trouble_holds_only_that_patients_messages(tmp_path: Path) -> None:
    def script(number: int) -> str:
        return "AE" if er7.parse(receiver.received[number]).get("PID-3.1") == "TROUBLE" else "AA"

    async with Receiver(script) as receiver, hub_to(receiver, tmp_path, ', lanes = "patient"') as hub:
        trouble = {"PID-3[1].1": "TROUBLE", "PID-3[2].1": "900-00-0000", "PID-5.1": "Trouble", "PID-7": "19500101"}
        await take_in(hub, order(1, **trouble), order(2), order(3, **trouble), order(4))
        await until(hub, lambda: sorted(states(hub)) == ["delivered", "delivered", "queued", "queued"])
        assert "C3" not in receiver.control_ids  # it stays behind the patient's first
        receiver.script = lambda number: "AA"
        await until(hub, lambda: states(hub) == ["delivered"] * 4)
        assert [each for each in receiver.control_ids if each in ("C2", "C4")] == ["C2", "C4"]


async def test_suspended_sends_nothing_and_goes_on_where_it_was(tmp_path: Path) -> None:
    async with Receiver() as receiver, hub_to(receiver, tmp_path) as hub:
        await set_state(hub, "suspended")
        await take_in(hub, order(1), order(2))
        assert (states(hub), receiver.received) == (["queued"] * 2, [])
        await set_state(hub, "active")
        await until(hub, lambda: states(hub) == ["delivered"] * 2)
        assert receiver.control_ids == ["C1", "C2"]


async def set_state(hub: Hub, state: connectors.State) -> None:
    number = hub.supervisor.site().connectors["cabinet"].id
    hub.store.writer.submit(lambda tx: connectors.set_state(tx, number, state, actor="person:ann", at=1)).result()
    await until(hub, lambda: hub.supervisor.states()["cabinet"].state == ("running" if state == "active" else state))


async def test_a_queue_goes_on_after_a_restart(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'officina.db'}"
    async with Receiver(lambda number: "AE") as receiver:
        async with running_hub(url, sending(receiver.port)) as hub:
            await take_in(hub, order(1), order(2))
            await receiver.got(1)
        receiver.script = lambda number: "AA"
        async with running_hub(url, sending(receiver.port)) as hub:
            await until(hub, lambda: states(hub) == ["delivered"] * 2)
        assert receiver.control_ids[-2:] == ["C1", "C2"]


class TestErrorQueue:
    async def failed(self, hub: Hub) -> int:
        await until(hub, lambda: "failed" in states(hub))
        return next(int(row["id"]) for row in rows(hub) if row["state"] == "failed")

    async def test_sent_again_as_it_was(self, tmp_path: Path) -> None:
        async with Receiver(in_turn(["AR"])) as receiver, hub_to(receiver, tmp_path) as hub:
            await take_in(hub, order(1))
            number = await self.failed(hub)
            hub.store.writer.submit(lambda tx: deliver.resubmit(tx, number, actor="person:ann", at=5)).result()
            await until(hub, lambda: states(hub) == ["delivered"])
            assert receiver.received == [order(1), order(1)]
            with hub.store.read() as tx:
                (told,) = events.listed(tx, events.EventFilter(subject="delivery", subject_id=number))
                attempts = deliveries.attempts(tx, number)
            assert (told.kind, told.actor) == ("delivery.resubmitted", "person:ann")
            assert [each.number for each in attempts] == [2, 1]

    async def test_sent_again_changed(self, tmp_path: Path) -> None:
        changed = order(1, **{"PID-5.1": "Corrected"})
        async with Receiver(in_turn(["AR"])) as receiver, hub_to(receiver, tmp_path) as hub:
            await take_in(hub, order(1))
            number = await self.failed(hub)
            before = rows(hub)[0]["message_id"]
            hub.store.writer.submit(
                lambda tx: deliver.resubmit(tx, number, actor="person:ann", at=5, payload=changed)
            ).result()
            await until(hub, lambda: states(hub) == ["delivered"])
            assert receiver.received == [order(1), changed]
            assert [row["message_id"] == before for row in rows(hub, schema.attempt)] == [True, False]

    async def test_what_is_no_message_is_not_sent(self, tmp_path: Path) -> None:
        async with Receiver(in_turn(["AR"])) as receiver, hub_to(receiver, tmp_path) as hub:
            await take_in(hub, order(1))
            number = await self.failed(hub)
            with pytest.raises(Invalid, match="MSH"):
                hub.store.writer.submit(
                    lambda tx: deliver.resubmit(tx, number, actor="person:ann", at=5, payload=b"nonsense")
                ).result()

    async def test_its_age_decides_its_place_unless_a_person_says_front(self, tmp_path: Path) -> None:
        async with Receiver(in_turn(["AA", "AR"])) as receiver, hub_to(receiver, tmp_path) as hub:
            await take_in(hub, order(1), order(2))
            number = await self.failed(hub)
            receiver.script = lambda number: "AE"
            await take_in(hub, order(3), order(4))
            await receiver.got(3)
            hub.store.writer.submit(
                lambda tx: deliver.resubmit(tx, number, actor="person:ann", at=5, front=True)
            ).result()
            receiver.script = lambda number: "AA"
            await until(hub, lambda: states(hub) == ["delivered"] * 4)
            assert receiver.control_ids[-2:] == ["C3", "C4"]

    async def test_given_up_with_a_reason(self, tmp_path: Path) -> None:
        async with Receiver(in_turn(["AR"])) as receiver, hub_to(receiver, tmp_path) as hub:
            await take_in(hub, order(1))
            number = await self.failed(hub)

            def delete(reason: str) -> None:
                hub.store.writer.submit(
                    lambda tx: deliver.delete(tx, number, actor="person:ann", at=5, reason=reason)
                ).result()

            with pytest.raises(Invalid):
                delete(" ")
            delete("sent by fax")
            assert states(hub) == ["deleted"]
            with pytest.raises(Conflict):
                delete("again")

    async def test_all_of_it_in_its_order(self, tmp_path: Path) -> None:
        async with Receiver(in_turn(["AR"] * 3)) as receiver, hub_to(receiver, tmp_path) as hub:
            await take_in(hub, order(1), order(2), order(3))
            await until(hub, lambda: states(hub) == ["failed"] * 3)
            connector_id = rows(hub)[0]["connector_id"]
            count = hub.store.writer.submit(
                lambda tx: deliver.resubmit_all(tx, connector_id, actor="person:ann", at=5)
            ).result()
            await until(hub, lambda: states(hub) == ["delivered"] * 3)
            assert (count, receiver.control_ids[3:]) == (3, ["C1", "C2", "C3"])
