"""Places, connectors and events over REST."""

from __future__ import annotations

import json

from tests.api.conftest import AT, Hub, both

from officina.clock import SECOND, iso
from officina.runtime.supervisor import Running
from officina.store import connectors, traffic
from officina.store.traffic import TrafficRow
from officina.workflow.traffic import BUCKET, bucket


class Supervisor:
    def states(self) -> dict[str, Running]:
        return {
            "pharmacy": Running("failed", "port 6000 is busy", ""),
            "vendor": Running("running", "", "/srv/out", AT + 30 * SECOND, hub="oak-1", looked_at=AT),
            "cabinet": Running("running", "", "127.0.0.1:7", None, AT - 5 * SECOND, 17),
        }


@both
async def test_places_are_those_of_the_caller(hub: Hub) -> None:
    async with hub.partner() as partner:
        everywhere = (await partner.get("/places")).json()["items"]
    assert [place["code"] for place in everywhere] == ["oak", "OAKS", "WEST", "ASH", "elm", "ELMS"]
    assert everywhere[2] == {
        "id": hub.places["WEST"],
        "kind": "unit",
        "parent_id": hub.places["OAKS"],
        "code": "WEST",
        "name": "West",
        "time_zone": "UTC",
        "state": "active",
    }
    async with hub.partner(["places.read"], place="OAKS") as partner:
        assert [place["code"] for place in (await partner.get("/places")).json()["items"]] == ["OAKS", "WEST"]


async def test_connectors_show_what_is_asked_of_them_and_what_they_do(hub: Hub) -> None:
    with hub.store.write() as tx:
        connectors.add(
            tx, name="a/b c", kind="mllp_listener", at=AT, settings=json.dumps({"port": 0}), state="inactive"
        )
    hub.supervisor = Supervisor()
    async with hub.partner(["connectors.read"]) as partner:
        listed = (await partner.get("/connectors")).json()["items"]
        assert [each["name"] for each in listed] == ["a/b c", "pharmacy"]
        one = await partner.get("/connectors/pharmacy")
        assert one.json() == listed[1]
        assert (await partner.get("/connectors/nobody")).status_code == 404
    assert listed[0]["live"] is None
    not_running = {"state": "failed", "reason": "port 6000 is busy", "address": ""}
    assert listed[1]["live"] == {**not_running, "hub": "", "looked_at": None, "next_look_at": None}
    assert (listed[1]["kind"], listed[1]["profile"], listed[1]["settings"]) == ("mllp_listener", "ltc", {"port": 6000})


async def test_a_mailbox_shows_when_it_was_looked_into_and_when_next(hub: Hub) -> None:
    with hub.store.write() as tx:
        settings = json.dumps({"mailbox": "folder", "location": "/srv/out"})
        connectors.add(tx, name="vendor", kind="mailbox_poller", at=AT, settings=settings, state="active")
    hub.supervisor = Supervisor()
    async with hub.partner(["connectors.read"]) as partner:
        shown = (await partner.get("/connectors/vendor")).json()
    assert shown["queue"] is None
    assert (shown["live"]["address"], shown["live"]["hub"]) == ("/srv/out", "oak-1")
    assert shown["live"]["looked_at"] == iso(AT)
    assert shown["live"]["next_look_at"] == iso(AT + 30 * SECOND)


@both
async def test_events_filter(hub: Hub) -> None:
    first = await hub.receive("MSG1")
    await hub.receive("MSG2", placer_number="PL-2", filler_number="RX-2", prescription_number="RX-2")
    async with hub.partner() as partner:
        every = (await partner.get("/events")).json()["items"]
        (order,) = (await partner.get("/orders", params={"number": "RX-55120"})).json()["items"]
        by_message = (await partner.get("/events", params={"message_id": str(first)})).json()["items"]
        asked = {"subject": "order", "subject_id": str(order["id"])}
        by_subject = (await partner.get("/events", params=asked)).json()["items"]
        audit = (await partner.get("/events", params={"audit": "true"})).json()["items"]
    assert [event["id"] for event in every] == sorted((event["id"] for event in every), reverse=True)
    assert {event["message_id"] for event in by_message} == {first}
    assert [event["kind"] for event in by_subject] == ["order.created"]
    assert {event["message_id"] for event in audit} == {None}
    assert "key.created" in {event["kind"] for event in audit}


@both
async def test_the_site_is_read_compared_applied_and_gone_back_to(hub: Hub) -> None:
    async with hub.partner(["site.read", "site.write"]) as partner:
        before = (await partner.get("/site")).json()
        wanted = {
            "file": '[[place]]\ncode="ASH"\nkind="facility"\nname="Ash"\nparent="oak"\n',
            "seen": before["digest"],
        }
        tried = (await partner.put("/site", json={**wanted, "trial": True})).json()
        assert (await partner.get("/site")).json() == before
        applied = (await partner.put("/site", json=wanted)).json()
        assert tried["changes"] == applied["changes"] == ["~ place ASH", '    name: "Ash House" → "Ash"']
        again = await partner.put("/site", json=wanted)
        assert (again.status_code, again.json()["code"]) == (409, "overtaken")
        newest, first = (await partner.get("/site/versions")).json()["items"]
        assert (newest["number"], newest["summary"], newest["digest"]) == (
            2,
            "1 changed: place ASH",
            applied["digest"],
        )
        assert (await partner.get(f"/site/versions/{first['number']}")).json()["file"] == before["file"]
        assert (await partner.get("/site/versions/77")).status_code == 404
        stale = await partner.post("/site/versions/1/revert", json={"seen": before["digest"]})
        assert stale.status_code == 409
        back = await partner.post("/site/versions/1/revert", json={"seen": applied["digest"]})
        assert back.json()["digest"] == before["digest"]
        assert (await partner.get("/site")).json() == before


async def test_a_wrong_site_file_names_every_place_and_reads_no_file(hub: Hub) -> None:
    file = """
[[connector]]
name = "b"
kind = "mllp_listener"
[connector.settings]
port = "many"
max_in_flight = 0
"""
    async with hub.partner() as partner:
        refused = (await partner.put("/site", json={"file": file})).json()
        stolen = await partner.put("/site", json={"file": '[[profile]]\nname="p"\nfile="/etc/hostname"\n'})
    pointers = [each["pointer"] for each in refused["errors"]]
    assert pointers == ["#/connector/0/settings/port", "#/connector/0/settings/max_in_flight"]
    assert (stolen.status_code, stolen.json()["errors"][0]["pointer"]) == (422, "#/profile/0/file")


async def test_changing_the_site_needs_the_permission(hub: Hub) -> None:
    async with hub.partner(["site.read"]) as partner:
        assert (await partner.put("/site", json={"file": ""})).status_code == 403
        assert (await partner.post("/site/versions/1/revert", json={"seen": ""})).status_code == 403
    async with hub.partner(["messages.read"]) as partner:
        assert (await partner.get("/site")).status_code == 403
        assert (await partner.get("/site/versions")).status_code == 403


async def test_connectors_say_how_much_came_and_went_lately(hub: Hub) -> None:
    hub.supervisor = Supervisor()
    await hub.receive("MSG1")
    now = bucket(AT)
    hub.clock.at = now + BUCKET
    with hub.store.write() as tx:
        sender = connectors.add(tx, name="cabinet", kind="mllp_sender", at=AT)
        listener = connectors.by_name(tx, "pharmacy")
        assert listener is not None
        rows = [
            TrafficRow(now, listener.id, 20, 3, 2, 0, 0),
            TrafficRow(now - 20 * BUCKET, listener.id, 9, 0, 0, 0, 0),
            TrafficRow(now, sender, 0, 0, 0, 50, 6),
            TrafficRow(now + BUCKET, sender, 0, 0, 0, 5, 0),
        ]
        traffic.add(tx, rows)
    async with hub.partner(["connectors.read"]) as partner:
        cabinet, pharmacy = [each["activity"] for each in (await partner.get("/connectors")).json()["items"]]
        assert (await partner.get("/connectors/cabinet")).json()["activity"] == cabinet
    assert pharmacy == {
        "received_per_minute": 5.0,
        "sent_per_minute": 0.0,
        "last_hour": [*[0] * 10, 25, 0],
        "last_message_at": iso(AT),
    }
    assert cabinet == {
        "received_per_minute": 0.0,
        "sent_per_minute": 11.0,
        "last_hour": [*[0] * 10, 50, 5],
        "last_message_at": iso(AT - 5 * SECOND),
    }


@both
async def test_traffic_of_a_day_and_of_a_time_asked_for(hub: Hub) -> None:
    now, day = bucket(AT), 24 * 12 * BUCKET
    with hub.store.write() as tx:
        listener = connectors.by_name(tx, "pharmacy")
        assert listener is not None
        rows = [TrafficRow(at, listener.id, 1, 2, 3, 4, 5) for at in (now - day - BUCKET, now - BUCKET, now)]
        traffic.add(tx, [*rows, TrafficRow(now, 10**6, 1, 1, 1, 1, 1)])
    async with hub.partner(["connectors.read"]) as partner:
        found = (await partner.get("/traffic")).json()
        begun = {"since": iso(now + 1), "until": iso(now + BUCKET)}
        of_now = (await partner.get("/traffic", params=begun)).json()["items"]
        long = {"since": iso(now - 8 * day), "until": iso(now)}
        refused = await partner.get("/traffic", params=long)
    assert found["bucket_seconds"] == 300
    assert [each["begins_at"] for each in found["items"]] == [iso(now - BUCKET), iso(now)]
    counts = {"taken": 1, "no_effect": 2, "refused": 3, "sent": 4, "not_sent": 5}
    assert of_now == [{"connector": "pharmacy", "begins_at": iso(now), **counts}]
    assert refused.status_code == 422
    async with hub.partner(["messages.read"]) as partner:
        assert (await partner.get("/traffic")).status_code == 403
