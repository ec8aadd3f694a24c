"""Alerts over REST."""

from __future__ import annotations

from tests.api.conftest import AT, Hub, both

from officina.actions import alerts
from officina.store import alerts as rows


@both
async def test_alerts_are_listed_and_acknowledged(hub: Hub) -> None:
    with hub.store.write() as tx:
        readings = {("error_queue", "cabinet"): 3.0, ("connector_failed", "pharmacy"): 1.0}
        alerts.observe(tx, readings, {}, (), at=AT)
    with hub.store.write() as tx:
        alerts.observe(tx, {("error_queue", "cabinet"): 3.0}, {}, (), at=AT + 1)
    async with hub.partner(["alerts.read", "alerts.acknowledge"]) as partner:
        every = (await partner.get("/alerts")).json()["items"]
        [still] = (await partner.get("/alerts/open")).json()["items"]
        taken = await partner.post(f"/alerts/{still['id']}/acknowledge")
        over = next(each for each in every if each["kind"] == "connector_failed")
        refused = await partner.post(f"/alerts/{over['id']}/acknowledge")
        absent = await partner.post("/alerts/999999/acknowledge")
    assert {each["kind"]: each["closed_at"] is None for each in every} == {
        "error_queue": True,
        "connector_failed": False,
    }
    assert still["text"] == "deliveries in the error queue: 3"
    assert (taken.status_code, taken.json()["acknowledged_by"].partition(":")[0]) == (200, "key")
    assert (refused.status_code, absent.status_code) == (409, 404)
    with hub.store.read() as tx:
        assert rows.unanswered(tx) == (0, False)


async def test_they_need_their_permissions(hub: Hub) -> None:
    async with hub.partner(["connectors.read"]) as partner:
        assert (await partner.get("/alerts")).status_code == 403
    async with hub.partner(["alerts.read"]) as partner:
        assert (await partner.post("/alerts/1/acknowledge")).status_code == 403
