"""Patients over REST: found by what is known of them, seen only where they were."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from tests.api.conftest import AT, Hub, both

from officina.store import Tx
from officina.store.patients import name_key
from officina.store.schema import patient, visit

ROW = {"middle": "", "born_on": "1938-04-12", "sex": "F", "address": "", "phone": "", "changed_at": AT}


async def found(partner: httpx.AsyncClient, **wanted: str) -> list[str]:
    answer = await partner.post("/patients/search", json=wanted)
    assert answer.status_code == 200, answer.text
    return [each["family"] for each in answer.json()["items"]]


def add(tx: Tx, patient_id: int, organisation_id: int, family: str, given: str = "Ann") -> None:
    row = {"id": patient_id, "organisation_id": organisation_id, "family": family, "given": given}
    tx.insert(patient, [{**row, **ROW, "name_key": name_key(family, given)}])


@both
async def test_a_patient_is_found_by_name_or_number(hub: Hub) -> None:
    await hub.receive("MSG1")
    await hub.receive("MSG2", patient_id="777", family="Nowák", given="Anna", **{"PID-3[2].1": "1"})
    async with hub.partner() as partner:
        assert await found(partner) == ["Marlowe", "Nowák"]
        assert await found(partner, name="NOWAK") == ["Nowák"]
        assert await found(partner, name="marlowe, ed") == ["Marlowe"]
        assert await found(partner, name="marlowe, anna") == []
        assert await found(partner, identifier="777") == ["Nowák"]
        assert await found(partner, identifier="77") == []


async def test_a_patient_has_identifiers_and_visits(hub: Hub) -> None:
    await hub.receive()
    async with hub.partner() as partner:
        (listed,) = (await partner.post("/patients/search", json={})).json()["items"]
        shown = (await partner.get(f"/patients/{listed['id']}")).json()
    assert (shown["family"], shown["given"], shown["born_on"], shown["sex"]) == ("Marlowe", "Edith", "1938-04-12", "F")
    assert {"type": "PI", "authority": "SUNRISE", "value": "100234"} in shown["identifiers"]
    assert [(each["place_id"], each["room"], each["bed"]) for each in shown["visits"]] == [
        (hub.places["OAKS"], "12", "A")
    ]


@both
async def test_at_a_facility_only_the_patients_it_has_met_are_seen(hub: Hub) -> None:
    await hub.receive("MSG1")
    await hub.receive("MSG2", facility="ASH", patient_id="777", family="Ashby", **{"PID-3[2].1": "1"})
    await hub.receive("MSG3", facility="ELMS", patient_id="888", family="Elmer", **{"PID-3[2].1": "2"})
    async with hub.partner() as everywhere:
        assert await found(everywhere) == ["Ashby", "Elmer", "Marlowe"]
        rows = (await everywhere.post("/patients/search", json={})).json()["items"]
    ids = {row["family"]: row["id"] for row in rows}
    for place, seen in (("oak", ["Ashby", "Marlowe"]), ("OAKS", ["Marlowe"]), ("ELMS", ["Elmer"]), ("WEST", [])):
        async with hub.partner(["patients.read"], place=place) as partner:
            assert await found(partner) == seen
            assert await found(partner, identifier="777") == [each for each in seen if each == "Ashby"]
            for family, patient_id in ids.items():
                expected = 200 if family in seen else 404
                assert (await partner.get(f"/patients/{patient_id}")).status_code == expected


async def test_visits_elsewhere_in_the_organisation_are_not_shown(hub: Hub) -> None:
    await hub.receive("MSG1")
    await hub.receive("MSG2", facility="ASH", visit_number="V2", placer_number="PL-2", filler_number="RX-2")
    async with hub.partner(["patients.read"], place="ASH") as partner:
        (listed,) = (await partner.post("/patients/search", json={})).json()["items"]
        shown = (await partner.get(f"/patients/{listed['id']}")).json()
    assert [each["place_id"] for each in shown["visits"]] == [hub.places["ASH"]]


async def test_pages_follow_names_and_reach_every_patient_of_a_facility_once(hub: Hub) -> None:
    here = []
    with hub.store.write() as tx:
        for number in range(1_200):
            family = f"Family{number:04}"
            add(tx, 10_000_000 + number, hub.places["oak"], family)
            if number % 100 == 7:
                here.append(family)
                where: dict[str, Any] = {"patient_id": 10_000_000 + number, "place_id": hub.places["OAKS"]}
                tx.insert(visit, [{"id": 20_000_000 + number, "changed_at": AT, **where}])
    seen: list[str] = []
    async with hub.partner(["patients.read"], place="OAKS") as partner:
        path = "/patients/search?limit=5"
        while path:
            answer = await partner.post(path.removeprefix("/api/v1"), json={"name": "family"})
            assert answer.status_code == 200, answer.text
            seen += [each["family"] for each in answer.json()["items"]]
            path = answer.json()["next"]
            assert "amily" not in (path or "")
    assert seen == here


async def test_looking_at_a_patient_and_searching_are_audited_without_what_was_searched(hub: Hub) -> None:
    await hub.receive()
    async with hub.partner() as partner:
        (listed,) = (await partner.post("/patients/search", json={"name": "marl"})).json()["items"]
        await partner.get(f"/patients/{listed['id']}")
        log = (await partner.get("/events", params={"audit": "true"})).json()["items"]
    assert [(line["kind"], line["subject_id"], line["detail"]) for line in log[:2]] == [
        ("patient.read", listed["id"], None),
        ("patient.searched", 0, None),
    ]


@pytest.mark.parametrize(
    ("body", "pointer"),
    [({"family": "Marlowe"}, "#/family"), ({"name": "m"}, "#/name"), ({"name": 1}, "#/name"), ([], "#")],
)
async def test_a_search_that_is_not_understood_is_refused_with_a_pointer(hub: Hub, body: object, pointer: str) -> None:
    async with hub.partner() as partner:
        answer = await partner.post("/patients/search", json=body)
    assert answer.status_code == 422
    assert [fault["pointer"] for fault in answer.json()["errors"]] == [pointer]
    assert "Marlowe" not in answer.text
