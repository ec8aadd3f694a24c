"""A message's page leads to what it is about."""

from __future__ import annotations

import re

from playwright.sync_api import expect
from tests.journeys.conftest import SignIn
from tests.journeys.hub import RunningHub
from tests.journeys.test_keyboard import ODD


def written(control_id: str, order: str) -> bytes:
    return ODD.replace(b"ODD-1", control_id.encode()).replace(b"P-4417|F-88120", f"{order}P|{order}F".encode())


def test_the_same_orders_lead_to_the_order_they_repeat(sign_in: SignIn, hub: RunningHub) -> None:
    hub.submit(written("SAME-1", "SAME"))
    again = hub.submit(written("SAME-2", "SAME"))
    assert again.state == "duplicate"
    page = sign_in("ada")
    page.goto(f"{hub.address}/messages/{again.message_id}")
    page.get_by_role("link", name=re.compile(r"order \d+")).click()
    page.wait_for_url(re.compile(r"/orders/\d+$"))
    expect(page.locator("main")).to_contain_text("SAMEF")


def test_a_repetition_leads_to_the_message_it_repeats(sign_in: SignIn, hub: RunningHub) -> None:
    first = hub.submit(written("TWICE-1", "TWICE"))
    again = hub.submit(written("TWICE-1", "TWICE"))
    page = sign_in("ada")
    page.goto(f"{hub.address}/messages/{again.message_id}")
    caused = page.get_by_role("region", name="What it caused")
    expect(caused).to_contain_text("Nothing.")
    caused.get_by_role("link").click()
    page.wait_for_url(f"**/messages/{first.message_id}")


def test_an_order_number_finds_the_messages_that_repeated_it(sign_in: SignIn, hub: RunningHub) -> None:
    for control_id in ("MANY-1", "MANY-2", "MANY-2"):
        hub.submit(written(control_id, "MANY"))
    page = sign_in("ada")
    page.goto(f"{hub.address}/messages?number=MANYF")
    expect(page.locator("[data-rows] tbody .lead")).to_have_text(["Duplicate", "Duplicate", "Accepted"])


def test_a_field_is_lit_in_the_message_and_not_in_the_answer(sign_in: SignIn, hub: RunningHub) -> None:
    sent = hub.submit(ODD.replace(b"ODD-1", b"LIT-1").replace(b"RDE^O11^RDE_O11", b"ORU^R01"))
    page = sign_in("ada")
    page.goto(f"{hub.address}/messages/{sent.message_id}")
    page.locator(".findings a", has_text="MSH-9").click()
    expect(page.locator("#bytes .lit")).to_have_text(["ORU^R01"])
    expect(page.locator(".answer .lit")).to_have_count(0)
    page.locator(".answer .bytes").click()
    expect(page.locator("#bytes .lit")).to_have_text(["ORU^R01"])


def test_only_the_field_that_was_used_says_where_it_went(sign_in: SignIn, hub: RunningHub) -> None:
    sent = hub.submit(written("USED-1", "USED"))
    page = sign_in("ada")
    page.goto(f"{hub.address}/messages/{sent.message_id}")
    expect(page.locator("[data-path='PV1-3.4'] .went")).to_have_text("facility")
    expect(page.locator("[data-path='MSH-4'] .went")).to_have_text("facility (not used)")
