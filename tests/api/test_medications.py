"""A resident's list of medications over REST."""

from __future__ import annotations

import csv
import io

from tests.api.conftest import AT, Hub, both

from officina.clock import SECOND, iso
from officina.store import orders, reviews
from officina.store.rows import MedicationRow

HOUR = 3600 * SECOND


async def a_list(hub: Hub, drug_text: str = "Atorvastatin 20 MG Tab") -> int:
    """A resident with one medication that ended, one that is given and one to come, and one of another house."""
    await hub.receive()
    with hub.store.write() as tx:
        (order,) = orders.listed(tx, orders.OrderFilter())
        facts = orders.versions(tx, order.id)[-1].facts
        times = ((-9, -1), (-2, None), (5, None), (-2, None))
        for place, (starts, ends) in zip(("OAKS", "OAKS", "OAKS", "ASH"), times, strict=True):
            row = MedicationRow(
                id=tx.id(),
                place_id=hub.places[place],
                patient_id=order.patient_id,
                order_id=order.id,
                drug_text=drug_text,
                facts=facts,
                starts_at=AT + starts * HOUR,
                ends_at=None if ends is None else AT + ends * HOUR,
                changed_at=AT,
            )
            reviews.add_medication(tx, row)
        return order.patient_id


@both
async def test_the_list_says_what_is_given_what_ended_and_what_is_to_come(hub: Hub) -> None:
    path = f"/patients/{await a_list(hub)}/medications"
    async with hub.partner(["medications.read"], place="OAKS") as partner:
        listed = (await partner.get(path)).json()
        earlier = (await partner.get(path, params={"at": iso(AT - 8 * HOUR)})).json()
        given = (await partner.get(path, params={"state": "active"})).json()
    assert [each["state"] for each in listed["items"]] == ["ended", "active", "to_come"]
    assert [each["state"] for each in earlier["items"]] == ["active", "to_come", "to_come"]
    assert [each["id"] for each in given["items"]] == [listed["items"][1]["id"]]
    assert given["items"][0]["directions"] == given["items"][0]["facts"]["directions"] != ""


@both
async def test_a_house_sees_its_own_part_and_others_nothing(hub: Hub) -> None:
    path = f"/patients/{await a_list(hub)}/medications"
    for place, seen in ((None, 4), ("oak", 4), ("OAKS", 3)):
        async with hub.partner(["medications.read"], place=place) as partner:
            assert len((await partner.get(path)).json()["items"]) == seen
    async with hub.partner(["medications.read"], place="ELMS") as partner:
        assert (await partner.get(path)).status_code == 404
        assert (await partner.get(f"{path}.csv")).status_code == 404
    async with hub.partner(["patients.read"]) as partner:
        assert (await partner.get(path)).status_code == 403


async def test_the_table_holds_the_list_and_no_formulas(hub: Hub) -> None:
    path = f"/patients/{await a_list(hub, '=1+1')}/medications.csv"
    async with hub.partner(["medications.read"], place="OAKS") as partner:
        answer = await partner.get(path, params={"state": "to_come"})
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    (row,) = csv.DictReader(io.StringIO(answer.text))
    assert (row["state"], row["starts_at"], row["ends_at"]) == ("to_come", iso(AT + 5 * HOUR), "")
    assert not row["drug_text"].startswith("=")


async def test_reading_the_list_is_a_line_in_the_residents_access_log(hub: Hub) -> None:
    patient_id = await a_list(hub)
    async with hub.partner() as partner:
        await partner.get(f"/patients/{patient_id}/medications")
        log = (await partner.get("/events", params={"audit": "true"})).json()["items"]
    assert (log[0]["kind"], log[0]["subject_id"]) == ("patient.read", patient_id)
