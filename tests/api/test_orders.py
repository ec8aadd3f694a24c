"""Orders over REST."""

from __future__ import annotations

from tests.api.conftest import Hub, both


@both
async def test_an_order_has_its_versions_and_its_timeline(hub: Hub) -> None:
    first = await hub.receive("MSG1")
    second = await hub.receive("MSG2", control="XO", quantity="90")
    async with hub.partner() as partner:
        (listed,) = (await partner.get("/orders")).json()["items"]
        order = (await partner.get(f"/orders/{listed['id']}")).json()
    assert (order["placer_number"], order["filler_number"], order["prescription_number"]) == (
        "PL-77812",
        "RX-55120",
        "RX-55120",
    )
    assert (order["version"], order["message_id"], order["status"]) == (2, second, "changed")
    assert [(version["number"], version["message_id"]) for version in order["versions"]] == [(2, second), (1, first)]
    assert [version["facts"]["quantity"] for version in order["versions"]] == ["90", "60"]
    assert next(event["kind"] for event in order["events"]) == "order.created"
    assert {name: listed[name] for name in listed} == {name: order[name] for name in listed}


async def test_lists_filter(hub: Hub) -> None:
    await hub.receive("MSG1")
    await hub.receive("MSG2", facility="ASH", placer_number="PL-2", filler_number="RX-2", prescription_number="RX-2")
    async with hub.partner() as partner:
        later, earlier = (await partner.get("/orders")).json()["items"]
        cases = [
            ({"number": "RX-2"}, [later["id"]]),
            ({"number": "PL-77812"}, [earlier["id"]]),
            ({"number": "RX"}, []),
            ({"status": "active"}, [later["id"], earlier["id"]]),
            ({"status": "cancelled"}, []),
            ({"place_id": str(hub.places["ASH"])}, [later["id"]]),
            ({"patient_id": str(earlier["patient_id"]), "place_id": str(hub.places["OAKS"])}, [earlier["id"]]),
        ]
        for params, expected in cases:
            answer = await partner.get("/orders", params=params)
            assert [order["id"] for order in answer.json()["items"]] == expected, params


@both
async def test_an_order_of_another_place_is_as_if_it_were_not_there(hub: Hub) -> None:
    await hub.receive("MSG1")
    await hub.receive("MSG2", facility="ELMS")
    async with hub.partner() as everywhere:
        elsewhere, here = (await everywhere.get("/orders")).json()["items"]
    async with hub.partner(["orders.read"], place="oak") as partner:
        assert [order["id"] for order in (await partner.get("/orders")).json()["items"]] == [here["id"]]
        asked = {"place_id": str(hub.places["ELMS"])}
        assert (await partner.get("/orders", params=asked)).json()["items"] == []
        hidden, absent = await partner.get(f"/orders/{elsewhere['id']}"), await partner.get("/orders/999999999")
        assert hidden.status_code == absent.status_code == 404
        assert hidden.json() == absent.json()


async def test_reading_an_order_is_one_line_in_the_patients_access_log_and_none_in_its_timeline(hub: Hub) -> None:
    await hub.receive()
    async with hub.partner() as partner:
        (listed,) = (await partner.get("/orders")).json()["items"]
        before = (await partner.get(f"/orders/{listed['id']}")).json()["events"]
        assert (await partner.get(f"/orders/{listed['id']}")).json()["events"] == before
        asked = {"patient_id": str(listed["patient_id"]), "audit": "true"}
        log = (await partner.get("/events", params=asked)).json()["items"]
    assert [(line["kind"], line["subject"], line["detail"]) for line in log] == [
        ("order.read", "patient", {"order": listed["id"]}),
        ("order.read", "patient", {"order": listed["id"]}),
        ("order.listed", "patient", None),
    ]


async def test_a_page_of_orders_is_one_line_of_the_audit_with_whose_they_are(hub: Hub) -> None:
    await hub.receive("MSG1")
    await hub.receive("MSG2", facility="ELMS", placer_number="PL-2", filler_number="RX-2")
    async with hub.partner() as partner:
        listed = (await partner.get("/orders")).json()["items"]
        patients = sorted({order["patient_id"] for order in listed})
        await partner.get("/orders", params={"patient_id": str(patients[0])})
        await partner.get("/orders", params={"number": "nothing"})
        log = (await partner.get("/events", params={"audit": "true"})).json()["items"]
        own = (await partner.get("/events", params={"patient_id": str(patients[0]), "audit": "true"})).json()["items"]
    assert [(line["kind"], line["patient_id"], line["detail"]) for line in log[:2]] == [
        ("order.listed", patients[0], None),
        ("order.listed", None, {"patients": patients}),
    ]
    assert [line["kind"] for line in own] == ["order.listed"]
