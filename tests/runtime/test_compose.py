"""Partners are told in their own dialect: composed once, kept, sent in order, and never another text on a retry."""

from __future__ import annotations

from pathlib import Path

import hl7
from sqlalchemy import select
from tests.runtime.test_delivery import SENDING, order, rows, states, take_in, until
from tests.support.hub import SITE, running_hub
from tests.support.receivers import Receiver, in_turn

from officina.actions import deliver, site
from officina.app import Hub
from officina.store import events, messages, schema
from officina.wire import er7

OWN = """
[[profile]]
name = "cabinet dialect"
body = '''
extends = "hl7"
[send]
character_set = "8859/1"
[send.fields]
"MSH-6" = "place.partner_code"
'''
"""


def telling(port: int, payload: str = "hl7", event: str = "*", own: str = "") -> str:
    sending = SENDING.replace("PORT", str(port)).replace("MORE", "").replace('"source"', f'"{payload}"')
    return SITE + own + sending.replace('"order.*"', f'"{event}"')


def url(folder: Path) -> str:
    return f"sqlite:///{folder / 'officina.db'}"


def change(hub: Hub, document: str) -> None:
    hub.store.writer.submit(lambda tx: site.apply(tx, site.parse(document), actor="system", at=2)).result()


async def test_each_event_is_told_in_its_order_and_as_it_was_then(tmp_path: Path) -> None:
    async with Receiver() as receiver, running_hub(url(tmp_path), telling(receiver.port)) as hub:
        await take_in(hub, order(1), order(1, **{"MSH-10": "C2", "ORC-1": "XO", "RXE-3": "40"}))
        await until(hub, lambda: states(hub) == ["delivered"] * 3)
        told = [hl7.parse(raw.decode()) for raw in receiver.received]
    assert [str(each.segment("MSH")[9]) for each in told] == ["ADT^A28^ADT_A05", "RDE^O11^RDE_O11", "RDE^O11^RDE_O11"]
    assert [str(each.segment("RXE")[3]) for each in told[1:]] == ["20", "40"]
    assert [str(each.segment("ORC")[1]) for each in told[1:]] == ["NW", "XO"]
    assert {str(each.segment("PID")[5]) for each in told} == {"Marlowe^Edith^J"}
    assert len({str(each.segment("MSH")[10]) for each in told}) == 3
    assert all(len(str(each.segment("MSH")[10])) <= 20 for each in told)


async def test_a_number_without_an_authority_leaves_without_one(tmp_path: Path) -> None:
    async with Receiver() as receiver, running_hub(url(tmp_path), telling(receiver.port, event="order.*")) as hub:
        await take_in(hub, order(1))
        await receiver.got(1)
        message = er7.parse(receiver.received[0])
        found = {message.get(f"PID-3[{n}].1"): message.get(f"PID-3[{n}].4") for n in (1, 2)}
    assert found == {"100234": "SUNRISE", "900-88-7777": ""}


async def test_what_is_sent_again_is_the_same_message(tmp_path: Path) -> None:
    async with (
        Receiver(in_turn(["AE", "close", "silent"])) as receiver,
        running_hub(url(tmp_path), telling(receiver.port, event="order.*")) as hub,
    ):
        await take_in(hub, order(1))
        await until(hub, lambda: states(hub) == ["delivered"])
        assert len(receiver.received) == 4
        assert len(set(receiver.received)) == 1
        (delivery,) = rows(hub)
        with hub.store.read() as tx:
            kept = messages.get(tx, delivery["message_id"])
            assert messages.raw(tx, [delivery["message_id"]])[delivery["message_id"]] == receiver.received[0]
        assert kept is not None
        assert (kept.direction, kept.state, kept.reason, kept.type) == ("out", "outgoing", "composed", "RDE^O11")


async def test_nothing_is_queued_for_what_the_profile_does_not_tell(tmp_path: Path) -> None:
    document = telling(9, "tracking-status").replace("[[subscription]]", '[[subscription]]\nstate = "active"')
    async with running_hub(url(tmp_path), document) as hub:
        await take_in(hub, order(1), order(1, **{"MSH-10": "C2"}))
        with hub.store.read() as tx:
            kinds = [row[0] for row in tx.execute(select(schema.event.c.kind))]
            told = {row["event_id"] for row in rows(hub)}
            about = [each.kind for each in events.by_ids(tx, told).values()]
        assert {"patient.registered", "order.created"} <= set(kinds)
        assert about == ["order.created"]


async def test_what_cannot_be_composed_waits_in_the_error_queue_and_holds_nobody(tmp_path: Path) -> None:
    async with (
        Receiver() as receiver,
        running_hub(url(tmp_path), telling(receiver.port, "cabinet dialect", "order.*", OWN)) as hub,
    ):
        await take_in(hub, order(1, **{"PID-3[1].1": "9", "PID-5.1": "Wałęsa", "MSH-18": "UNICODE UTF-8"}), order(2))
        await until(hub, lambda: states(hub) == ["failed", "delivered"])
        first = rows(hub)[0]
        assert (first["reason"], first["message_id"]) == ("not_composed", None)
        with hub.store.read() as tx:
            (said,) = events.listed(tx, events.EventFilter(subject="delivery", subject_id=first["id"]))
        assert said.kind == "delivery.not_composed"
        assert said.detail is not None
        assert "PID-5" in said.detail
        assert "Wałęsa" not in said.detail

        change(hub, telling(receiver.port, "cabinet dialect", "order.*", OWN.replace("8859/1", "UNICODE UTF-8")))
        await hub.supervisor.caught_up()
        again = first["id"]
        hub.store.writer.submit(lambda tx: deliver.resubmit(tx, again, actor="person:demo", at=3)).result()
        await until(hub, lambda: states(hub) == ["delivered", "delivered"])
        assert er7.parse(receiver.received[-1]).get("PID-5.1") == "Wałęsa"
        assert er7.parse(receiver.received[-1]).get("MSH-18") == "UNICODE UTF-8"


async def test_what_was_queued_is_told_though_nobody_subscribes_any_more(tmp_path: Path) -> None:
    async with Receiver() as receiver:
        suspended = telling(receiver.port, event="order.*").replace(
            'kind = "mllp_sender"', 'kind = "mllp_sender"\nstate = "suspended"'
        )
        async with running_hub(url(tmp_path), suspended) as hub:
            await take_in(hub, order(1))
            ended = telling(receiver.port, event="order.*").replace(
                "[[subscription]]", '[[subscription]]\nstate = "inactive"'
            )
            change(hub, ended)
            await until(hub, lambda: states(hub) == ["delivered"])


async def test_only_orders_of_the_type_are_told(tmp_path: Path) -> None:
    document = telling(9, "tracking-status", "order.*").replace('event = "', 'order_type = "TTO"\nevent = "')
    async with running_hub(url(tmp_path), document) as hub:
        await take_in(
            hub,
            order(1, **{"ORC-29": "TTO"}),
            order(2, **{"ORC-29": "Outpatient"}),
            order(1, **{"MSH-10": "C3", "ORC-1": "DC", "ORC-29": ""}),
        )
        with hub.store.read() as tx:
            about = [each.kind for each in events.by_ids(tx, [row["event_id"] for row in rows(hub)]).values()]
        assert about == ["order.created", "order.changed"]
