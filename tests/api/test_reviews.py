"""Reviews over REST: what waits, deciding about it, and being too late."""

from __future__ import annotations

import httpx
from tests.api.conftest import AT, Hub, both

from officina.actions.residents import admit
from officina.store import reviews, schema


def reviewed(hub: Hub) -> None:
    """The facility's nurses look at each order from now on."""
    with hub.store.write() as tx:
        tx.update(schema.place, [{"id": hub.places["OAKS"], "review": "orders"}])
    hub.follow_site()


def admit_everybody(hub: Hub) -> None:
    """Whoever orders came for is a resident."""
    with hub.store.write() as tx:
        for row in reviews.pending(tx, {hub.places["OAKS"]}):
            admit(tx, row.patient_id, row.place_id, (), by="person:nora", at=AT)


async def waiting(partner: httpx.AsyncClient) -> list[dict[str, object]]:
    return (await partner.get("/reviews")).json()["items"]  # type: ignore[no-any-return]


@both
async def test_what_waits_is_decided_once(hub: Hub) -> None:
    reviewed(hub)
    await hub.receive("MSG1")
    admit_everybody(hub)
    async with hub.partner() as partner:
        (review,) = await waiting(partner)
        assert (review["state"], review["proposed"], review["version"]) == ("open", "new", 1)
        address = f"/reviews/{review['order_id']}/decide"
        decided = await partner.post(address, json={"verdict": "new", "version": 1})
        assert decided.status_code == 200
        assert decided.json()["decisions"][0]["verdict"] == "new"
        assert decided.json()["decisions"][0]["by"].startswith("key:")
        late = await partner.post(address, json={"verdict": "new", "version": 1})
        assert (late.status_code, late.json()["detail"]) == (409, "it is decided already")
        assert await waiting(partner) == []
        undone = await partner.post(f"/reviews/{review['order_id']}/undo")
        assert (undone.json()["state"], undone.json()["decisions"][0]["undone_at"] is not None) == ("open", True)


async def test_a_decision_about_an_older_version_is_refused(hub: Hub) -> None:
    reviewed(hub)
    await hub.receive("MSG1")
    await hub.receive("MSG2", control="XO", quantity="90")
    admit_everybody(hub)
    async with hub.partner() as partner:
        (review,) = await waiting(partner)
        answer = await partner.post(f"/reviews/{review['order_id']}/decide", json={"verdict": "new", "version": 1})
    assert answer.status_code == 409
    assert "version 2" in answer.json()["detail"]


async def test_a_no_needs_a_reason(hub: Hub) -> None:
    reviewed(hub)
    await hub.receive("MSG1")
    async with hub.partner() as partner:
        (review,) = await waiting(partner)
        answer = await partner.post(f"/reviews/{review['order_id']}/decide", json={"verdict": "reject", "version": 1})
    assert answer.status_code == 422
    assert "a reason is needed" in answer.text


async def test_what_waits_elsewhere_is_not_there(hub: Hub) -> None:
    reviewed(hub)
    await hub.receive("MSG1")
    async with hub.partner() as everywhere:
        (review,) = await waiting(everywhere)
    async with hub.partner(("reviews.read", "reviews.write"), place="ASH") as elsewhere:
        assert await waiting(elsewhere) == []
        assert (await elsewhere.get(f"/reviews/{review['order_id']}")).status_code == 404
        answer = await elsewhere.post(f"/reviews/{review['order_id']}/decide", json={"verdict": "new", "version": 1})
        assert answer.status_code == 404
