"""No patient's data in addresses, titles, event streams or the error log; nothing asked of another origin."""

from __future__ import annotations

import json
import logging
import re

import httpx
import pytest
from playwright.sync_api import expect
from tests.journeys.conftest import SignIn
from tests.journeys.hub import RunningHub
from tests.journeys.test_keyboard import ODD

from officina.store import events
from officina.store.events import EventFilter
from officina.store.rows import EventRow
from officina.web import order as order_screen

CANARIES = ("Xylophonova", "QX7788990", "Zanzibarmycin")


def canary(control_id: str) -> bytes:
    family, identifier, drug = (text.encode() for text in CANARIES)
    raw = ODD.replace(b"ODD-1", control_id.encode()).replace(b"P-4417|F-88120", f"P{control_id}|F{control_id}".encode())
    raw = raw.replace(b"EXAMPLE", family).replace(b"90210", identifier)
    return raw.replace(b"RXE|^^^20261123080000|", b"RXE|^^^20261123080000|^" + drug)


def seen(text: str) -> list[str]:
    return [word for word in CANARIES if word.casefold() in text.casefold()]


def test_addresses_and_titles_hold_no_patient_data(sign_in: SignIn, hub: RunningHub) -> None:
    hub.submit(canary("CANARY-1"))
    page = sign_in("ada")
    told: list[str] = []
    page.on("request", lambda request: told.append(request.url))
    page.on("framenavigated", lambda frame: told.append(frame.url))
    for text in (CANARIES[1], CANARIES[0]):
        page.keyboard.press("/")
        page.keyboard.type(text)
        with page.expect_navigation(url=re.compile(r"/orders\?patient=\d+$")):
            page.keyboard.press("Enter")
        told.append(page.title())
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/orders/\d+\?patient=\d+$"))
    expect(page.locator(".patient")).to_contain_text(CANARIES[0])
    told.append(page.title())
    page.keyboard.press("m")
    page.wait_for_url(re.compile(r"/messages/\d+$"))
    told.append(page.title())
    assert seen(" ".join(told)) == []


def test_the_stream_says_only_what_changed(sign_in: SignIn, hub: RunningHub) -> None:
    page = sign_in("ada")
    cookies = {each["name"]: each["value"] for each in page.context.cookies()}
    with httpx.stream("GET", f"{hub.address}/live", cookies=cookies, timeout=20) as stream:
        lines = stream.iter_lines()
        assert next(lines) == "retry: 2000"
        hub.submit(canary("CANARY-2"))
        heard: list[str] = []
        while "data: orders" not in heard:
            heard.append(next(lines))
    assert {line for line in heard if line.startswith("data")} <= {"data: messages", "data: orders", "data: deliveries"}
    assert seen(" ".join(heard)) == []


def test_the_stream_is_closed_to_strangers(hub: RunningHub) -> None:
    assert httpx.get(f"{hub.address}/live").status_code == 204


def test_an_unexpected_error_shows_and_logs_nothing_of_a_patient(
    sign_in: SignIn, hub: RunningHub, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError(f"cannot draw {CANARIES[0]}")

    hub.submit(canary("CANARY-3"))
    page = sign_in("ada")
    page.goto(f"{hub.address}/orders")
    monkeypatch.setattr(order_screen.facts, "lines", broken)
    with caplog.at_level(logging.DEBUG):
        page.locator("[data-rows] a.open").first.click()
        expect(page.locator("h1")).to_have_text("Something went wrong here")
    reference = page.locator("code").inner_text()
    assert re.fullmatch(r"[0-9a-f]{8}", reference)
    assert reference in caplog.text
    assert seen(page.content() + caplog.text) == []


def test_looking_at_a_patient_is_written_down(sign_in: SignIn, hub: RunningHub) -> None:
    hub.submit(canary("CANARY-4"))
    page = sign_in("phil")
    page.keyboard.press("/")
    page.keyboard.type("FCANARY-4")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/orders/\d+$"))
    assert {"patient.searched", "order.read"} <= {each.kind for each in looks(hub, "phil")}


def test_a_list_that_names_patients_is_written_down_once(sign_in: SignIn, hub: RunningHub) -> None:
    hub.submit(canary("CANARY-5"))
    page = sign_in("nora")
    before = len(looks(hub, "nora"))
    page.goto(f"{hub.address}/orders?number=FCANARY-5")
    expect(page.locator("[data-rows] tbody tr")).to_have_count(1)
    page.goto(f"{hub.address}/orders")
    expect(page.locator("[data-rows] tbody tr")).to_have_count(50)
    written = looks(hub, "nora")[before:]
    assert [each.kind for each in written] == ["order.listed", "order.listed"]
    assert written[0].patient_id is not None
    assert len(json.loads(written[1].detail or "{}")["patients"]) > 1


def looks(hub: RunningHub, login: str) -> list[EventRow]:
    """What the access log has of a person, oldest first."""
    with hub.hub.store.read() as tx:
        return events.listed(tx, EventFilter(actor=f"person:{login}"), limit=500)[::-1]
