"""Times say which zone they are in."""

from __future__ import annotations

import re

from playwright.sync_api import expect
from tests.journeys.conftest import SignIn
from tests.journeys.hub import RunningHub

from officina.store import orders, places
from officina.store.orders import OrderFilter


def test_lists_name_the_zone_of_the_browser(sign_in: SignIn, hub: RunningHub) -> None:
    page = sign_in("ada", timezone_id="Asia/Tokyo")
    page.goto(f"{hub.address}/messages")
    expect(page.locator("th").first).to_have_text("Received JST")
    page.locator("[data-rows] a.open").first.click()
    expect(page.locator("dt").first).to_have_text("Received JST")


def test_a_phone_names_the_zone_below_the_list(sign_in: SignIn, hub: RunningHub) -> None:
    page = sign_in("ada", timezone_id="Asia/Tokyo", viewport={"width": 390, "height": 844})
    page.goto(f"{hub.address}/orders")
    expect(page.locator(".pager .zone")).to_be_visible()
    expect(page.locator(".pager .zone")).to_have_text("Times in JST")


def test_without_scripts_times_are_in_utc_and_say_so(sign_in: SignIn, hub: RunningHub) -> None:
    page = sign_in("ada", timezone_id="Asia/Tokyo", java_script_enabled=False)
    page.goto(f"{hub.address}/messages")
    expect(page.locator("th").first).to_have_text("Received UTC")


def test_an_order_names_the_zone_of_its_place_where_it_is_another(sign_in: SignIn, hub: RunningHub) -> None:
    with hub.hub.store.read() as tx:
        rowan = next(each.id for each in places.every(tx) if each.code == "ROWAN")
        timed = next(row for row in orders.listed(tx, OrderFilter(place_id=rowan)) if row.start_at)
    start = "dt:text-is('Start') + dd"
    abroad = sign_in("ada", timezone_id="Asia/Tokyo")
    abroad.goto(f"{hub.address}/orders/{timed.id}")
    expect(abroad.locator(start)).to_have_text(re.compile(r"\d\d:\d\d C[SD]T$"))
    there = sign_in("ada", timezone_id="America/Chicago")
    there.goto(f"{hub.address}/orders/{timed.id}")
    expect(there.locator(start)).to_have_text(re.compile(r"\d\d:\d\d$"))
