"""What the screens let through: headers, tokens, places."""

from __future__ import annotations

import httpx
import pytest
from playwright.sync_api import expect
from tests.journeys.conftest import SignIn
from tests.journeys.hub import PASSWORD, RunningHub

from officina.actions import people
from officina.clock import now
from officina.store import messages, orders, places
from officina.store.messages import MessageFilter
from officina.store.orders import OrderFilter


@pytest.fixture
def elm(hub: RunningHub) -> int:
    """The id of Elm Court, where Ella is a nurse and nowhere else."""
    with hub.hub.store.write() as tx:
        place = next(each for each in places.every(tx) if each.code == "ELM")
        ella = people.add_person(tx, "ella", "Ella Elm", people.hash_password(PASSWORD), actor="system", at=now())
        people.grant(tx, ella, "nurse", place.id, actor="system", at=now())
    return place.id


def client(hub: RunningHub) -> httpx.Client:
    return httpx.Client(base_url=hub.address, follow_redirects=False)


def test_every_answer_keeps_scripts_frames_and_caches_out(hub: RunningHub) -> None:
    with client(hub) as http:
        for address in ("/sign-in", "/nowhere", "/messages", "/static/js/keys.js"):
            headers = http.get(address).headers
            assert headers["content-security-policy"].startswith("default-src 'self';")
            assert "unsafe" not in headers["content-security-policy"]
            assert "frame-ancestors 'none'" in headers["content-security-policy"]
            assert headers["x-content-type-options"] == "nosniff"
            assert headers["referrer-policy"] == "same-origin"
        assert http.get("/sign-in").headers["cache-control"] == "no-store"
        assert http.get("/static/js/keys.js?v=1").headers["cache-control"].endswith("immutable")


def test_the_session_cookie_is_out_of_reach_of_scripts(hub: RunningHub) -> None:
    with client(hub) as http:
        token = http.get("/sign-in").text.partition('name="csrf" value="')[2].partition('"')[0]
        form = {"login": "ada", "password": PASSWORD, "csrf": token, "next": "https://elsewhere.example/"}
        answer = http.post("/sign-in", data=form)
        assert answer.headers["location"] == "/"
        cookie = next(line for line in answer.headers.get_list("set-cookie") if "officina_session" in line)
        assert "HttpOnly" in cookie
        assert "SameSite=lax" in cookie
        assert http.post("/sign-in", data={**form, "csrf": "guessed"}).status_code == 401


def test_nothing_is_posted_without_the_token(sign_in: SignIn, hub: RunningHub) -> None:
    page = sign_in("ada")
    for path in ("/find", "/sign-out"):
        assert page.request.post(hub.address + path, form={"number": "1"}).status == 403
    page.reload()
    expect(page.locator(".person")).to_be_visible()


@pytest.mark.parametrize("wanted", ["//elsewhere.example", "/\\elsewhere.example", "https://elsewhere.example", "\n/x"])
def test_signing_in_leads_nowhere_else(wanted: str) -> None:
    from officina.web.sign_in import local

    assert local(wanted) == ""
    assert local("/messages?state=parked") == "/messages?state=parked"


def test_a_person_of_one_place_sees_that_place(sign_in: SignIn, hub: RunningHub, elm: int) -> None:
    with hub.hub.store.read() as tx:
        known = orders.listed(tx, limit=200)
        elsewhere = next(row.id for row in known if row.place_id != elm)
        here = next(row.id for row in known if row.place_id == elm)
        parked = messages.listed(tx, MessageFilter(state="parked"), limit=1)[0].id
        expected = len(orders.listed(tx, OrderFilter(place_id=elm)))
    page = sign_in("ella")
    page.goto(f"{hub.address}/orders")
    facilities = page.locator("[data-rows] tbody td:nth-child(5)").all_inner_texts()
    assert facilities == ["Elm Court"] * expected
    expect(page.locator(".at-place")).to_have_text("Elm Court")
    assert page.request.get(f"{hub.address}/orders/{here}").status == 200
    for path in (f"/orders/{elsewhere}", f"/messages/{parked}", f"/messages/{parked}/raw"):
        assert page.request.get(hub.address + path).status in (403, 404), path


def test_choosing_a_place_narrows_the_list_by_its_address(sign_in: SignIn, hub: RunningHub) -> None:
    page = sign_in("ada")
    page.goto(f"{hub.address}/orders")
    page.keyboard.press("p")
    for _ in range(5):  # all places, the organisation, its three homes
        page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url("**/orders?place=*")
    assert set(page.locator("[data-rows] tbody td:nth-child(5)").all_inner_texts()) == {"Rowan Lodge"}
    page.keyboard.press("g")
    page.keyboard.press("m")
    page.wait_for_url("**/messages?place=*")
    assert set(page.locator("[data-rows] tbody td:nth-child(6)").all_inner_texts()) == {"ROWAN3"}
