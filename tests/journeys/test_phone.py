"""On a phone: filters that are folded away still show, and everything that acts is large enough for a finger."""

from __future__ import annotations

import re
from typing import Any

from playwright.sync_api import Page, expect
from tests.journeys.conftest import SignIn
from tests.journeys.hub import RunningHub
from tests.journeys.test_accessibility import PHONE, addresses

TOUCH: dict[str, Any] = {"viewport": PHONE, "has_touch": True, "is_mobile": True}
# Links within a sentence are as high as its line.
SMALL = """[...document.querySelectorAll("button, summary, select, input, a.button, .crumb, .chip, .space a, .sheet a")]
  .filter((each) => each.checkVisibility() && !each.closest(".element, .unseen, .alone"))
  .filter((each) => (each.closest(".filter") ?? each).getBoundingClientRect().height < 43.5)
  .map((each) => each.outerHTML.slice(0, 120))"""


def on_phone(sign_in: SignIn) -> Page:
    return sign_in("ada", **TOUCH)


def test_filters_in_force_are_counted_and_can_be_taken_away(sign_in: SignIn, hub: RunningHub) -> None:
    page = on_phone(sign_in)
    page.goto(f"{hub.address}/messages?state=accepted&facility=OAK01")
    expect(page.locator(".fold summary")).to_have_text("Filters (2)")
    page.locator(".chip", has_text="Facility OAK01").tap()
    page.wait_for_url("**/messages?state=accepted")
    expect(page.locator(".fold summary")).to_have_text("Filters (1)")
    page.locator(".fold summary").tap()
    page.get_by_label("State").select_option("")
    page.wait_for_url("**/messages")
    expect(page.locator(".fold summary")).to_have_text("Filters")
    expect(page.locator(".chip")).to_have_count(0)


def test_the_place_one_looks_at_shows(sign_in: SignIn, hub: RunningHub) -> None:
    page = on_phone(sign_in)
    page.goto(f"{hub.address}/orders")
    page.locator(".places summary").tap()
    page.get_by_role("link", name="Elm Court").tap()
    page.wait_for_url(re.compile(r"/orders\?place=\d+$"))
    page.locator(".chip", has_text="Elm Court").tap()
    page.wait_for_url("**/orders")


def test_the_bytes_are_one_tap_away(sign_in: SignIn, hub: RunningHub) -> None:
    page = on_phone(sign_in)
    page.goto(f"{hub.address}/messages?state=accepted")
    page.locator("[data-rows] a.open").first.tap()
    expect(page.locator("#bytes")).not_to_be_in_viewport()
    page.get_by_role("link", name="Bytes", exact=True).tap()
    expect(page.locator("#bytes")).to_be_in_viewport()


def test_what_acts_is_large_enough_for_a_finger(sign_in: SignIn, hub: RunningHub) -> None:
    page = on_phone(sign_in)
    small = {}
    for address in addresses(hub):
        page.goto(hub.address + address)
        if found := page.evaluate(SMALL):
            small[address] = found
    assert small == {}
