"""Lists stay true by themselves, and still under the pointer."""

from __future__ import annotations

from itertools import count

from playwright.sync_api import Page, expect
from tests.journeys.conftest import SignIn
from tests.journeys.hub import RunningHub
from tests.journeys.test_keyboard import ODD

_number = count(1)


def submit(hub: RunningHub) -> int:
    name = f"LIVE-{next(_number)}".encode()
    raw = ODD.replace(b"ODD-1", name).replace(b"P-4417|F-88120", name + b"P|" + name + b"F")
    return hub.submit(raw).message_id


def first_row(page: Page) -> str:
    return page.locator("[data-rows] tbody tr").first.get_attribute("id") or ""


def open_list(page: Page, hub: RunningHub) -> None:
    page.goto(f"{hub.address}/messages")
    expect(page.locator("[data-pulse]")).to_have_text("Live")


def test_new_messages_announce_themselves_and_move_nothing(sign_in: SignIn, hub: RunningHub) -> None:
    page = sign_in("ada")
    open_list(page, hub)
    before, place = first_row(page), page.locator("#list").bounding_box()
    latest = [submit(hub) for _ in range(3)][-1]
    expect(page.locator(".news")).to_have_text("3 new")
    assert first_row(page) == before
    assert page.locator("#list").bounding_box() == place
    page.keyboard.press("n")
    expect(page.locator(f"#m{latest}")).to_be_visible()
    expect(page.locator(".news")).to_have_count(0)
    assert first_row(page) == f"m{latest}"


def test_followed_news_flow_in_except_under_the_pointer(sign_in: SignIn, hub: RunningHub) -> None:
    page = sign_in("ada")
    open_list(page, hub)
    page.mouse.move(5, 5)
    page.keyboard.press("l")
    expect(page.locator("[data-follow]")).to_have_attribute("aria-pressed", "true")
    page.locator("h1").click()
    expect(page.locator(f"#m{submit(hub)}")).to_be_visible()
    page.locator("[data-rows] tbody tr").nth(2).hover()
    before = first_row(page)
    latest = submit(hub)
    expect(page.locator(".news")).to_have_text("1 new")
    assert first_row(page) == before
    page.mouse.move(5, 5)
    expect(page.locator(f"#m{latest}")).to_be_visible()


def test_news_fit_the_filters(sign_in: SignIn, hub: RunningHub) -> None:
    page = sign_in("ada")
    page.goto(f"{hub.address}/messages?state=unreadable")
    expect(page.locator("[data-pulse]")).to_have_text("Live")
    submit(hub)
    hub.submit(b"not a message at all")
    expect(page.locator(".news")).to_have_text("1 new")


def test_new_orders_announce_themselves(sign_in: SignIn, hub: RunningHub) -> None:
    page = sign_in("nora")
    page.goto(f"{hub.address}/orders")
    expect(page.locator("[data-pulse]")).to_have_text("Live")
    submit(hub)
    expect(page.locator(".news")).to_have_text("1 new")
