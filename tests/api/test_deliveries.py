"""Queues and error queues over REST: what is in them, what was tried, and what may be done by whom."""

from __future__ import annotations

import pytest
from tests.api.conftest import AT, Hub, both
from tests.support.samples import rde_o11

from officina.actions.deliver import Attempt, Settle, next_outgoing
from officina.actions.leases import Fence
from officina.store import connectors, deliveries, events, intake
from officina.store.rows import DeliveryRow
from officina.workflow.delivery import Limits, Result


class Cabinet:
    """A sender with a queue of one delivery per message, and no courier."""

    def __init__(self, hub: Hub) -> None:
        self.hub = hub
        settings = '{"host":"127.0.0.1","port":1}'
        with hub.store.write() as tx:
            self.id = connectors.add(tx, name="cabinet", kind="mllp_sender", at=AT, settings=settings)

    async def queue(self, control_id: str) -> int:
        message_id = await self.hub.receive(control_id)
        with self.hub.store.write() as tx:
            row = DeliveryRow(tx.id(), 1, 1, self.id, "", "queued", AT, message_id=message_id)
            intake.insert_deliveries(tx, [row])
        return row.id

    def attempt(self, result: Result, code: str = "", text: str = "", answer: bytes = b"") -> None:
        """The first of the queue is tried and that came of it."""
        with self.hub.store.write() as tx:
            (first, *_) = next_outgoing(tx, self.id).outgoing
            attempt = Attempt(first, self.id, AT, 1500, result, code, "", text, answer, b"", Limits(), Fence("", 0))
            Settle(lambda settled: None).run(tx, [attempt])


@pytest.fixture
def cabinet(hub: Hub) -> Cabinet:
    return Cabinet(hub)


@both
async def test_a_failed_delivery_with_its_attempts(hub: Hub, cabinet: Cabinet) -> None:
    first, second = await cabinet.queue("C1"), await cabinet.queue("C2")
    cabinet.attempt("error", "AE", "busy")
    cabinet.attempt("rejected", "AR", "unknown product", b"MSH|...\rMSA|AR|C1")
    async with hub.partner() as partner:
        failed = (await partner.get("/deliveries")).json()["items"]
        queued = (await partner.get("/deliveries", params={"state": "queued"})).json()["items"]
        found = (await partner.get(f"/deliveries/{first}")).json()
    assert [(each["id"], each["state"], each["reason"], each["attempts"]) for each in failed] == [
        (first, "failed", "rejected", 2)
    ]
    assert [each["id"] for each in queued] == [second]
    assert [(each["number"], each["result"], each["code"], each["text"]) for each in found["tried"]] == [
        (2, "rejected", "AR", "unknown product"),
        (1, "error", "AE", "busy"),
    ]
    assert (found["tried"][0]["answer"], found["tried"][0]["took_ms"]) == ("MSH|...\rMSA|AR|C1", 1.5)


async def test_what_a_receiver_said_is_only_for_who_may_read_messages(hub: Hub, cabinet: Cabinet) -> None:
    first = await cabinet.queue("C1")
    cabinet.attempt("rejected", "AR", "Marlowe is unknown", b"MSH|...\rMSA|AR|C1|Marlowe is unknown")
    async with hub.partner(["connectors.read"]) as partner:
        answer = await partner.get(f"/deliveries/{first}")
    assert answer.status_code == 200
    assert "Marlowe" not in answer.text


@both
async def test_sent_again_as_it_was_in_front(hub: Hub, cabinet: Cabinet) -> None:
    first = await cabinet.queue("C1")
    cabinet.attempt("rejected", "AR")
    async with hub.partner() as partner:
        answer = await partner.post(f"/deliveries/{first}/resubmit", json={"front": True})
        again = await partner.post(f"/deliveries/{first}/resubmit", json={})
    assert (answer.status_code, answer.json()["state"], answer.json()["first"]) == (200, "queued", True)
    assert (again.status_code, again.json()["code"]) == (409, "conflict")
    with hub.store.read() as tx:
        (told,) = events.listed(tx, events.EventFilter(kind="delivery.resubmitted"))
    assert told.actor.startswith("key:")


async def test_sent_again_changed(hub: Hub, cabinet: Cabinet) -> None:
    first = await cabinet.queue("C1")
    cabinet.attempt("rejected", "AR")
    changed = rde_o11("C1", **{"PID-5.1": "Corrected"})
    async with hub.partner() as partner:
        nonsense = await partner.post(f"/deliveries/{first}/resubmit", json={"payload": "nonsense"})
        answer = await partner.post(f"/deliveries/{first}/resubmit", json={"payload": changed.decode()})
        sent = await partner.get(f"/messages/{answer.json()['message_id']}")
        raw = await partner.get(f"/messages/{answer.json()['message_id']}/raw")
    assert (nonsense.status_code, [each["parameter"] for each in nonsense.json()["errors"]]) == (422, ["payload"])
    assert raw.content == changed
    assert (sent.json()["direction"], sent.json()["state"]) == ("out", "outgoing")


async def test_changing_what_is_sent_needs_a_right_of_its_own(hub: Hub, cabinet: Cabinet) -> None:
    first = await cabinet.queue("C1")
    cabinet.attempt("rejected", "AR")
    async with hub.partner(["connectors.read", "connectors.control"]) as partner:
        answer = await partner.post(f"/deliveries/{first}/resubmit", json={"payload": rde_o11().decode()})
    assert answer.status_code == 403


@both
async def test_given_up_with_a_reason(hub: Hub, cabinet: Cabinet) -> None:
    first = await cabinet.queue("C1")
    cabinet.attempt("rejected", "AR")
    async with hub.partner() as partner:
        silent = await partner.post(f"/deliveries/{first}/delete", json={"reason": ""})
        answer = await partner.post(f"/deliveries/{first}/delete", json={"reason": "sent by fax"})
    assert (silent.status_code, answer.json()["state"]) == (422, "deleted")
    with hub.store.read() as tx:
        (told,) = events.listed(tx, events.EventFilter(kind="delivery.deleted"))
    assert '"reason":"sent by fax"' in str(told.detail)


@both
async def test_a_connector_shows_its_queue_and_can_be_suspended(hub: Hub, cabinet: Cabinet) -> None:
    await cabinet.queue("C1")
    await cabinet.queue("C2")
    cabinet.attempt("rejected", "AR")
    async with hub.partner() as partner:
        found = (await partner.get("/connectors/cabinet")).json()
        listener = (await partner.get("/connectors/pharmacy")).json()
        suspended = (await partner.post("/connectors/cabinet/state", json={"state": "suspended"})).json()
        again = (await partner.post("/connectors/cabinet/resubmit")).json()
        absent = await partner.post("/connectors/nobody/state", json={"state": "active"})
    assert (found["queue"]["queued"], found["queue"]["failed"]) == (1, 1)
    assert found["queue"]["oldest_at"] is not None
    assert listener["queue"] is None
    assert suspended["state"] == "suspended"
    assert again == {"deliveries": 1}
    assert absent.status_code == 404
    with hub.store.read() as tx:
        assert deliveries.depth(tx, cabinet.id)[:1] == (2,)


@both
async def test_set_aside_while_its_connector_sends_nothing(hub: Hub, cabinet: Cabinet) -> None:
    first = await cabinet.queue("C1")
    async with hub.partner() as partner:
        sending = await partner.post(f"/deliveries/{first}/set-aside")
        await partner.post("/connectors/cabinet/state", json={"state": "suspended"})
        answer = await partner.post(f"/deliveries/{first}/set-aside")
    assert (sending.status_code, sending.json()["code"]) == (409, "conflict")
    assert (answer.json()["state"], answer.json()["reason"]) == ("failed", "set_aside")


async def test_looking_is_not_doing(hub: Hub, cabinet: Cabinet) -> None:
    first = await cabinet.queue("C1")
    async with hub.partner(["connectors.read", "messages.write"]) as partner:
        for path, body in (
            (f"/deliveries/{first}/resubmit", {}),
            (f"/deliveries/{first}/delete", {"reason": "x"}),
            ("/connectors/cabinet/state", {"state": "active"}),
            ("/connectors/cabinet/resubmit", {}),
            ("/connectors/cabinet/test", {}),
        ):
            assert (await partner.post(path, json=body)).status_code == 403
    async with hub.partner(["messages.read"]) as partner:
        assert (await partner.get("/deliveries")).status_code == 403
