"""The list of messages taken away as a file: all of it, as filtered, harmless to a spreadsheet, ready to be sent again,
and noted.
"""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from tests.journeys.conftest import SignIn
from tests.journeys.hub import CONNECTOR, RunningHub
from tests.support.samples import rde_o11

from officina.actions.export import pages
from officina.store import events
from officina.store.events import EventFilter
from officina.wire import batch


def downloaded(page: Page, form: str) -> bytes:
    """What the link at the end of the list gives, by keyboard."""
    page.get_by_role("link", name=f"Download all as {form}").focus()
    with page.expect_download() as coming:
        page.keyboard.press("Enter")
    file = coming.value
    assert file.suggested_filename == f"messages.{form.lower()}"
    return Path(file.path()).read_bytes()


def table(page: Page) -> list[dict[str, str]]:
    return list(csv.DictReader(downloaded(page, "CSV").decode().splitlines()))


def test_the_list_is_taken_away_as_it_is_filtered(
    sign_in: SignIn, hub: RunningHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages, "PAGE", 2)
    ids = [
        hub.submit(rde_o11(control_id=f"EXPORT-{number}", facility="FILE5", **{"PID-5.1": "Zzyzxcanary"})).message_id
        for number in range(5)
    ]
    hub.submit(rde_o11(control_id="EXPORT-OTHER", facility="FILE6"))
    page = sign_in("ada")
    page.goto(f"{hub.address}/messages?facility=FILE5&state=parked")
    rows = table(page)
    assert [int(row["id"]) for row in rows] == ids[::-1]
    assert {(row["state"], row["acknowledgement"], row["place"]) for row in rows} == {("parked", "CA", "")}
    assert "Zzyzxcanary" not in str(rows)
    with hub.hub.store.read() as tx:
        told = events.listed(tx, EventFilter(kind="message.exported"))
    assert all(each.actor.startswith("person:") for each in told)
    details = [json.loads(each.detail) for each in reversed(told)]
    assert [each["messages"] for each in details] == [2, 2, 1]
    assert details[0] == {"as": "csv", "messages": 2, "filters": {"state": "parked", "facility_code": True}}


def test_it_can_be_sent_again_and_read_by_programs(sign_in: SignIn, hub: RunningHub) -> None:
    raws = [rde_o11(control_id=f"AGAIN-{number}", facility="FILE8") for number in range(3)]
    for raw in raws:
        hub.submit(raw)
    page = sign_in("ada")
    page.goto(f"{hub.address}/messages?facility=FILE8")
    replay = batch.split(downloaded(page, "HL7"))
    assert (replay.messages, replay.remarks) == (raws, [])
    lines = [json.loads(line) for line in downloaded(page, "NDJSON").splitlines()]
    assert [line["raw"].encode() for line in lines] == raws


def test_a_profile_is_tried_on_the_messages_of_the_list(sign_in: SignIn, hub: RunningHub) -> None:
    page = sign_in("ada")
    page.goto(f"{hub.address}/messages?state=parked&connector={CONNECTOR}&when=24h")
    page.get_by_role("link", name="Try a profile on these").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/rehearsal?*")
    expect(page.get_by_label("State")).to_have_value("parked")
    expect(page.locator("#body")).to_be_visible()


def test_who_may_not_read_messages_takes_away_the_list_alone(sign_in: SignIn, hub: RunningHub) -> None:
    page = sign_in("nora")
    page.goto(f"{hub.address}/messages")
    expect(page.get_by_role("link", name="Download all as CSV")).to_be_visible()
    expect(page.get_by_role("link", name="Download all as HL7")).to_have_count(0)
    answer = page.request.get(f"{hub.address}/messages/export.hl7")
    assert answer.status == 403


@pytest.mark.parametrize("control_id", ["=1+1", "+44", "-2", "@SUM(A1)"])
def test_what_a_sender_wrote_is_no_formula(sign_in: SignIn, hub: RunningHub, control_id: str) -> None:
    message_id = hub.submit(rde_o11(control_id=control_id, facility="FILE7")).message_id
    page = sign_in("ada")
    page.goto(f"{hub.address}/messages?facility=FILE7")
    found = {row["id"]: row["control_id"] for row in table(page)}
    assert found[str(message_id)] == f"'{control_id}"
