"""The worklist over REST: causes, a trial, and the release."""

from __future__ import annotations

from tests.api.conftest import Hub, both

from officina.store import events, places


@both
async def test_a_cause_is_removed_and_its_messages_released(hub: Hub) -> None:
    for number in (1, 2):
        own = {name: f"N{number}" for name in ("placer_number", "filler_number", "prescription_number")}
        await hub.receive(f"M{number}", facility="NOWHERE", **own)
    async with hub.partner() as partner:
        (item,) = (await partner.get("/worklist")).json()["items"]
        cause = item["cause"]
        trial = (await partner.post("/worklist/release", json={"cause": cause, "trial": True})).json()
    assert (cause["state"], cause["reason"], cause["facility_code"]) == ("parked", "facility_unknown", "NOWHERE")
    assert item["messages"] == 2
    effect = {"orders_new": 0, "orders_changed": 0, "missing": 0}
    assert trial == {"messages": 2, "states": {"parked": 2}, **effect, "trial": True}
    with hub.store.write() as tx:
        places.add_code_mapping(tx, source="*", kind="facility", code="NOWHERE", place_id=hub.places["ASH"])
    hub.follow_site()
    async with hub.partner() as partner:
        done = (await partner.post("/worklist/release", json={"cause": cause})).json()
        left = (await partner.get("/worklist")).json()["items"]
    assert done == {"messages": 2, "states": {"accepted": 2}, **effect, "orders_new": 2, "trial": False}
    assert left == []
    with hub.store.read() as tx:
        told = events.listed(tx, events.EventFilter(kind="message.processed_again"))
    assert {each.actor.partition(":")[0] for each in told} <= {"key"}


async def test_the_worklist_is_for_who_may_see_everything(hub: Hub) -> None:
    await hub.receive("M1", facility="NOWHERE")
    cause = {"state": "parked", "reason": "facility_unknown", "facility_code": "NOWHERE", "connector_id": 1}
    async with hub.partner(["messages.read", "messages.write"], "OAKS") as partner:
        assert (await partner.get("/worklist")).status_code == 403
        assert (await partner.post("/worklist/release", json={"cause": cause})).status_code == 403
    async with hub.partner(["messages.read"]) as partner:
        assert (await partner.get("/worklist")).status_code == 200
        assert (await partner.post("/worklist/release", json={"cause": cause})).status_code == 403


async def test_a_connector_that_is_gone_is_a_conflict(hub: Hub) -> None:
    cause = {"state": "parked", "reason": "facility_unknown", "facility_code": "NOWHERE", "connector_id": 10**9}
    async with hub.partner() as partner:
        answer = await partner.post("/worklist/release", json={"cause": cause})
    assert (answer.status_code, answer.json()["code"]) == (409, "conflict")
