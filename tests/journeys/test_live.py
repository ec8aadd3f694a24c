"""Lists stay true by themselves, and still under the pointer."""

from __future__ import annotations

from itertools import count

from playwright.sync_api import Page, expect
from tests.journeys.conftest import SignIn
from tests.journeys.hub import CONNECTOR, DEADLINE_S, RunningHub
from tests.journeys.test_keyboard import ODD
from tests.support.samples import rde_o11

from officina.actions import site
from officina.store import orders
from officina.store.orders import OrderFilter

_number = count(1)


def submit(hub: RunningHub) -> int:
    return hub.submit(written(f"LIVE-{next(_number)}")).message_id


def written(order: str, control: str = "NW", control_id: str = "") -> bytes:
    """A message of an order of its own."""
    raw = ODD.replace(b"ODD-1", (control_id or order).encode()).replace(b"ORC|NW", f"ORC|{control}".encode())
    return raw.replace(b"P-4417|F-88120", f"{order}P|{order}F".encode())


def change(hub: RunningHub, order: str) -> None:
    hub.submit(written(order, "XO", f"{order}-{next(_number)}").replace(b"twice", f"{next(_number)} times".encode()))


def order_id(hub: RunningHub, order: str) -> int:
    with hub.hub.store.read() as tx:
        return orders.listed(tx, OrderFilter(number=f"{order}F"))[0].id


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


def test_followed_news_wait_while_someone_has_scrolled(sign_in: SignIn, hub: RunningHub) -> None:
    page = sign_in("ada")
    open_list(page, hub)
    page.keyboard.press("l")
    page.locator("h1").click()
    page.evaluate("scrollTo(0, 500)")
    latest = submit(hub)
    expect(page.locator(".news")).to_be_in_viewport()
    expect(page.locator(f"#m{latest}")).to_have_count(0)
    page.evaluate("scrollTo(0, 0)")
    expect(page.locator(f"#m{latest}")).to_be_visible()


def test_taking_the_news_leads_to_the_top_under_the_same_address(sign_in: SignIn, hub: RunningHub) -> None:
    page = sign_in("ada")
    page.goto(f"{hub.address}/messages?state=accepted")
    expect(page.locator("[data-pulse]")).to_have_text("Live")
    page.evaluate("scrollTo(0, 500)")
    latest = submit(hub)
    expect(page.locator(".news")).to_be_visible()
    page.keyboard.press("n")
    expect(page.locator(f"#m{latest}")).to_be_in_viewport()
    assert page.url == f"{hub.address}/messages?state=accepted"


def test_a_lost_connection_shows_wherever_one_has_scrolled(sign_in: SignIn, hub: RunningHub) -> None:
    page = sign_in("ada")
    page.route("**/live", lambda route: route.abort())
    page.goto(f"{hub.address}/messages")
    page.evaluate("scrollTo(0, 500)")
    pulse = page.locator("[data-pulse]")
    expect(pulse).to_have_text("Reconnecting")
    expect(pulse).to_be_in_viewport()
    page.unroute("**/live")
    expect(pulse).to_have_text("Live", timeout=DEADLINE_S * 1000)


def test_a_list_that_cannot_be_loaded_says_so_in_its_place(sign_in: SignIn, hub: RunningHub) -> None:
    page = sign_in("ada")
    open_list(page, hub)
    page.route("**/messages?state=parked", lambda route: route.abort())
    page.get_by_label("State").select_option("parked")
    told = page.locator("#list [role=alert]")
    expect(told).to_contain_text("The list could not be loaded")
    expect(told).to_contain_text("The hub does not answer.")
    expect(page.locator("[data-rows]")).to_have_count(0)
    page.unroute("**/messages?state=parked")
    told.get_by_role("button", name="Try again").click()
    expect(page.locator("[data-rows] .lead").first).to_have_text("Parked")
    page.wait_for_url("**/messages?state=parked")


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


def test_an_order_that_changes_on_the_screen_is_announced_and_lit(sign_in: SignIn, hub: RunningHub) -> None:
    hub.submit(written("SEEN"))
    row = f"#o{order_id(hub, 'SEEN')}"
    page = sign_in("nora")
    page.goto(f"{hub.address}/orders")
    expect(page.locator("[data-pulse]")).to_have_text("Live")
    change(hub, "SEEN")
    expect(page.locator(".news")).to_have_text("1 changed")
    expect(page.locator(f"{row} .changed")).to_be_empty()
    submit(hub)
    expect(page.locator(".news")).to_have_text("1 new · 1 changed")
    page.keyboard.press("n")
    expect(page.locator(f"{row} .changed")).to_contain_text("version 2")
    expect(page.locator("tr.fresh")).to_have_count(2)
    assert page.url == f"{hub.address}/orders"


def test_an_older_page_is_told_of_changes_only(sign_in: SignIn, hub: RunningHub) -> None:
    page = sign_in("nora")
    page.goto(f"{hub.address}/orders")
    hub.submit(written("OLDER"))
    number = order_id(hub, "OLDER")
    page.goto(f"{hub.address}/orders?before={number + 1}")
    expect(page.locator("[data-pulse]")).to_have_text("Live")
    submit(hub)
    change(hub, "OLDER")
    expect(page.locator(".news")).to_have_text("1 changed")
    page.keyboard.press("n")
    expect(page.locator(f"#o{number} .changed")).to_contain_text("version 2")
    assert page.url == f"{hub.address}/orders?before={number + 1}"


def test_an_order_on_the_screen_says_that_it_has_changed(sign_in: SignIn, hub: RunningHub) -> None:
    hub.submit(written("OPEN"))
    page = sign_in("phil")
    with page.expect_response("**/live"):
        page.goto(f"{hub.address}/orders/{order_id(hub, 'OPEN')}")
    submit(hub)
    expect(page.locator(".changed-line")).to_be_empty()
    change(hub, "OPEN")
    expect(page.locator(".changed-line")).to_contain_text("This order has changed: version 2.")
    page.keyboard.press("n")
    expect(page.locator("main")).to_contain_text("version 2")
    expect(page.locator(".changed-line")).to_be_empty()


def test_a_message_on_the_screen_says_that_it_was_processed_again(sign_in: SignIn, hub: RunningHub) -> None:
    numbers = {"placer_number": "CP", "filler_number": "CF", "prescription_number": "CR"}
    parked = hub.submit(rde_o11(control_id="CEDAR-1", facility="CEDAR9", **numbers)).message_id
    watching = sign_in("phil")
    with watching.expect_response("**/live"):
        watching.goto(f"{hub.address}/messages/{parked}")
    listed = sign_in("ada")
    listed.goto(f"{hub.address}/messages")
    expect(listed.locator("[data-pulse]")).to_have_text("Live")
    mapped = site.parse(f'[[code_map]]\nsource = "{CONNECTOR}"\ncode = "CEDAR9"\nplace = "OAK"\n')
    hub.hub.store.writer.submit(lambda tx: site.apply(tx, mapped, actor="system", at=1)).result(DEADLINE_S)
    hub.until(lambda: "CEDAR9" in hub.hub.supervisor.site().connectors[CONNECTOR].routes)
    hub.hub.intake.process_again(parked, "person:ada")
    expect(watching.locator(".changed-line")).to_contain_text("This message is now accepted.")
    expect(listed.locator(".news")).to_have_text("1 changed")


def test_a_filter_lights_no_rows(sign_in: SignIn, hub: RunningHub) -> None:
    page = sign_in("ada")
    open_list(page, hub)
    page.get_by_label("State").select_option("ignored")
    page.wait_for_url("**/messages?state=ignored")
    expect(page.locator("tr.fresh")).to_have_count(0)
    submit(hub)
    page.get_by_label("State").select_option("")
    page.wait_for_url("**/messages")
    expect(page.locator("tr.fresh")).to_have_count(0)
