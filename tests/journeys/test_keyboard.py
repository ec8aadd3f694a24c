"""What people do at the exchange and with orders, with the keyboard alone."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect
from tests.journeys.conftest import SignIn
from tests.journeys.hub import RunningHub

# One order, the sender's word for the drug missing, so that there is a finding to follow.
ODD = (
    b"MSH|^~\\&|PHARMCO|MAIN|OFFICINA|OAK|20260304050607||RDE^O11^RDE_O11|ODD-1|P|2.5\r"
    b"PID|1||90210^^^PHARMCO^PI||EXAMPLE^ERIKA||19530428|F\r"
    b"PV1|1|I|NORTH^12^B^OAK01\r"
    b"ORC|NW|P-4417|F-88120\r"
    b"RXE|^^^20261123080000||20||MG|TAB|^1 tablet twice a day\r"
    b"ZPI|keep\x0bthis\r"
)


PACE = 60  # milliseconds between two keys of a person; a scanner's follow each other faster
FOCUSED = "document.activeElement.closest('tr')?.id ?? document.activeElement.name ?? ''"


def focused(page: Page) -> str:
    return str(page.evaluate(FOCUSED))


def walk(page: Page, keys: str, row: str) -> None:
    """Presses the keys as a person does, until they have led to a row."""
    page.keyboard.type(keys, delay=PACE)
    page.wait_for_function(f"row => ({FOCUSED}) === row", arg=row)


def test_rows_open_and_messages_are_walked_through(sign_in: SignIn, hub: RunningHub) -> None:
    page = sign_in("ada")
    page.keyboard.press("g")
    page.keyboard.press("m")
    page.wait_for_url("**/messages")
    rows = page.locator("[data-rows] tbody tr")
    first, second = (rows.nth(number).get_attribute("id") or "" for number in (0, 1))
    walk(page, "j", first)
    walk(page, "jkj", second)
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/messages/{second[1:]}")
    page.keyboard.press("[")
    page.wait_for_url(f"**/messages/{first[1:]}")
    page.keyboard.press("]")
    page.wait_for_url(f"**/messages/{second[1:]}")
    page.keyboard.press("u")
    page.wait_for_url("**/messages")


def test_a_filtered_list_is_an_address_and_is_walked_as_filtered(sign_in: SignIn, hub: RunningHub) -> None:
    page = sign_in("ada")
    page.goto(f"{hub.address}/messages")
    page.get_by_label("State").select_option("ignored")
    page.wait_for_url("**/messages?state=ignored")
    states = page.locator("[data-rows] .lead")
    expect(states.first).to_have_text("Ignored")
    assert set(states.all_inner_texts()) == {"Ignored"}
    page.keyboard.press("Escape")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/messages/\d+\?state=ignored"))
    page.keyboard.press("]")
    page.wait_for_load_state()
    expect(page.locator(".title-line .tag")).to_have_text("Ignored")


def test_a_time_that_ends_before_it_begins_says_so(sign_in: SignIn, hub: RunningHub) -> None:
    page = sign_in("ada")
    page.goto(f"{hub.address}/messages?when=between&since=2026-12-02T00:00&until=2026-12-01T00:00")
    expect(page.locator(".empty")).to_contain_text("The time ends before it begins")


def test_going_back_leads_to_the_list_one_came_from(sign_in: SignIn, hub: RunningHub) -> None:
    page = sign_in("ada")
    for address in ("/orders?status=active", "/messages?state=accepted"):
        page.goto(hub.address + address)
        page.get_by_role("link", name=re.compile("^Older")).click()
        page.wait_for_url("**before=*")
        listed = page.url
        page.locator("[data-rows] a.open").first.click()
        page.wait_for_url(re.compile(r"/(orders|messages)/\d+\?"))
        page.keyboard.press("u")
        page.wait_for_url(listed)


@pytest.mark.parametrize("width", [1366, 390])
def test_the_count_of_parked_messages_leads_to_them(sign_in: SignIn, hub: RunningHub, width: int) -> None:
    page = sign_in("ada", viewport={"width": width, "height": 844})
    page.get_by_title("Parked").click()
    page.wait_for_url("**/worklist")
    expect(page.locator("#worklist .tag").first).to_have_text("Parked")


def test_search_finds_by_control_id_order_and_patient(sign_in: SignIn, hub: RunningHub) -> None:
    sent = hub.submit(ODD.replace(b"ODD-1", b"SOUGHT-1").replace(b"88120", b"88199").replace(b"90210", b"90299"))
    page = sign_in("ada")
    page.keyboard.press("/")
    assert focused(page) == "number"
    page.keyboard.type("SOUGHT-1")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/messages/{sent.message_id}")
    page.keyboard.press("/")
    page.keyboard.type("F-88199")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/orders/\d+$"))
    page.keyboard.press("/")
    page.keyboard.type("90299")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/orders\?patient=\d+$"))
    expect(page.locator(".chip")).to_contain_text("EXAMPLE", ignore_case=True)
    page.keyboard.press("/")
    page.keyboard.type("nothing like it")
    page.keyboard.press("Enter")
    page.wait_for_url("**/find")
    expect(page.locator(".empty")).to_contain_text("Nothing carries this number")
    page.keyboard.press("/")
    page.keyboard.type("q")
    page.keyboard.press("Enter")
    expect(page.locator(".empty")).to_contain_text("at least two letters")


def test_search_finds_the_message_of_an_order_that_waits(sign_in: SignIn, hub: RunningHub) -> None:
    lost = ODD.replace(b"ODD-1", b"LOST-1").replace(b"88120", b"88777").replace(b"OAK01", b"NOWHERE")
    sent = hub.submit(lost)
    page = sign_in("ada")
    page.keyboard.press("/")
    page.keyboard.type("F-88777")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/messages/{sent.message_id}")
    expect(page.get_by_text("Parked", exact=True).first).to_be_visible()


def test_a_finding_leads_to_its_field_in_the_tree_and_in_the_bytes(sign_in: SignIn, hub: RunningHub) -> None:
    sent = hub.submit(ODD.replace(b"ODD-1", b"FINDING-1").replace(b"P-4417|F-88120", b"P-5|F-5"))
    page = sign_in("ada")
    page.goto(f"{hub.address}/messages/{sent.message_id}")
    page.locator(".findings a").first.click()
    expect(page.locator(".tree .lit")).to_contain_text("RXE")  # RXE-2 is empty, so its segment is shown
    page.locator(".element[data-path='ORC-1'] .path").click()
    assert page.locator(".bytes .lit").all_inner_texts() == ["NW"]
    expect(page.locator("#bytes .char", has_text="VT")).to_be_visible()
    page.keyboard.press("x")
    expect(page.locator(".hex")).to_contain_text("4d 53 48 7c")
    assert page.locator(".hex").evaluate("hex => hex.scrollWidth <= hex.clientWidth")
    page.keyboard.press("x")
    expect(page.locator("#bytes .bytes")).to_be_visible()


@pytest.mark.parametrize("text", ["SCAN-1", "rxscan"])
def test_what_a_scanner_types_is_looked_for_and_presses_no_key(sign_in: SignIn, hub: RunningHub, text: str) -> None:
    sent = hub.submit(ODD.replace(b"ODD-1", text.encode()).replace(b"P-4417|F-88120", f"{text}P|{text}F".encode()))
    page = sign_in("ada")
    page.goto(f"{hub.address}/messages")
    page.locator("[data-rows] a.open").first.focus()
    page.keyboard.type(f"{text}\n")
    page.wait_for_url(f"**/messages/{sent.message_id}")


def test_help_lists_the_keys_of_the_page(sign_in: SignIn, hub: RunningHub) -> None:
    page = sign_in("ada")
    page.goto(f"{hub.address}/messages")
    page.keyboard.press("?")
    keys = page.locator("dialog[open] .keys")
    expect(keys).to_contain_text("Next row")
    expect(keys).to_contain_text("Filter by number")
    expect(keys).to_contain_text("Show what is new, once something is")
    expect(keys.locator("h3")).to_have_text(["This page", "Moving", "Everywhere"])
    page.keyboard.press("Escape")
    expect(page.locator("dialog[open]")).to_have_count(0)


def test_an_order_tells_its_versions_word_by_word(sign_in: SignIn, hub: RunningHub) -> None:
    order = ODD.replace(b"ODD-1", b"VERSION-1").replace(b"P-4417|F-88120", b"P-7|F-7").replace(b"90210", b"90277")
    hub.submit(order.replace(b"twice a day", b"in the morning"))
    hub.submit(order.replace(b"VERSION-1", b"VERSION-2").replace(b"ORC|NW", b"ORC|XO"))
    page = sign_in("phil")
    page.keyboard.press("/")
    page.keyboard.type("F-7")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/orders/\d+$"))
    expect(page.locator(".timeline li").first).to_contain_text("version 2")
    expect(page.locator("del")).to_have_text("in the morning")
    expect(page.locator("ins")).to_have_text("twice a day")
    expect(page.locator(".patient")).to_contain_text("28 Apr 1953")
    page.keyboard.press("m")
    page.wait_for_url(re.compile(r"/messages/\d+$"))
    expect(page.locator("h1")).to_contain_text("VERSION-2")


def test_appearance_is_kept(sign_in: SignIn, hub: RunningHub) -> None:
    page = sign_in("ada")
    page.locator(".person summary").click()
    page.get_by_role("button", name="Dark").click()
    page.reload()
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
