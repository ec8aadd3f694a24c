"""Every screen in every appearance passes axe, fits its window and keeps the console clean."""

from __future__ import annotations

import pytest
from tests.journeys.conftest import CONTRAST, EVERYTHING, SignIn, problems
from tests.journeys.hub import RunningHub

DESK, PHONE = {"width": 1366, "height": 768}, {"width": 390, "height": 844}


def addresses(hub: RunningHub) -> list[str]:
    with hub.hub.store.read() as tx:
        from officina.store import messages, orders
        from officina.store.messages import MessageFilter

        shown = [
            rows[0].id
            for state in ("accepted", "parked", "rejected", "unreadable", "duplicate")
            if (rows := messages.listed(tx, MessageFilter(state=state), limit=1))
        ]
        changed = max(orders.listed(tx, limit=100), key=lambda row: row.version)
    return [
        "/messages",
        "/messages?state=failed&number=nothing",
        *(f"/messages/{message_id}" for message_id in shown),
        "/orders",
        f"/orders?patient={changed.patient_id}",
        f"/orders/{changed.id}",
        "/worklist",
        "/connectors",
        "/traffic",
        "/rehearsal",
        "/deliveries",
        "/components",
        "/nowhere",
    ]


@pytest.mark.parametrize("look", ["light", "dark", "contrast"])
def test_screens_pass_axe(sign_in: SignIn, hub: RunningHub, look: str) -> None:
    hub.submit(b"this is no message\x00")
    page = sign_in("ada", color_scheme="dark" if look == "dark" else "light")
    page.context.add_cookies([{"name": "officina_theme", "value": look, "url": hub.address}])
    found = {}
    for address in addresses(hub) if look == "light" else ("/components", "/messages", "/orders"):
        page.goto(hub.address + address)
        if wrong := problems(page, EVERYTHING if look == "light" else CONTRAST):
            found[address] = wrong
    assert found == {}


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_nothing_is_wider_than_the_window(sign_in: SignIn, hub: RunningHub, size: dict[str, int]) -> None:
    page = sign_in("ada", viewport=size, has_touch=size is PHONE, is_mobile=size is PHONE)
    for address in addresses(hub):
        page.goto(hub.address + address)
        assert page.evaluate("document.documentElement.scrollWidth") <= size["width"], address


def test_sign_in_passes_axe(sign_in: SignIn, hub: RunningHub) -> None:
    page = sign_in("ada")
    page.context.clear_cookies()
    page.goto(f"{hub.address}/sign-in")
    assert problems(page) == []
    page.keyboard.press("Enter")
    page.wait_for_selector("[aria-invalid=true]")
    assert problems(page) == []
