"""The demo pharmacy's story: deterministic, legible, and with every kind of trouble in it."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from officina.demo.homes import HOMES, residents
from officina.demo.story import Step, Story
from officina.wire import er7

BEGAN = datetime(2026, 3, 2, 9, 0, 0, tzinfo=UTC)


def told(seed: int, count: int) -> list[Step]:
    story = Story(seed, BEGAN)
    return [story.step(BEGAN + timedelta(seconds=2 * number)) for number in range(count)]


def test_the_same_seed_tells_the_same_story_byte_for_byte() -> None:
    assert told(7, 400) == told(7, 400)


def test_another_seed_tells_another_story() -> None:
    assert [step.raw for step in told(7, 50)] != [step.raw for step in told(8, 50)]


def test_a_later_run_writes_new_prescription_numbers() -> None:
    later = Story(1, BEGAN + timedelta(hours=2))
    number = er7.parse(later.step(BEGAN).raw).get("RXE-15")
    assert number
    assert number not in {er7.parse(step.raw).get("RXE-15") for step in told(1, 300) if step.raw[:3] == b"MSH"}


def test_forty_residents_live_in_three_homes_and_stay_the_same() -> None:
    first, second = residents(), residents()
    assert first == second
    assert len({one.pharmacy_id for one in first}) == 40
    assert {one.home.code for one in first} == {"OAK01", "ELM02", "ROWAN3"}
    assert all(one.social[0] == "9" for one in first)  # numbers that were never issued


def test_every_kind_of_trouble_comes_up() -> None:
    steps = told(1, 1500)
    titles = Counter(step.title.split(":")[0] for step in steps)
    wanted = {
        "new order",
        "changed order",
        "refill",
        "discontinued",
        "dispensed",
        "resident updated",
        "order from the home",
        "the same message once more",
        "same order, new message",
        "unknown facility code",
        "malformed",
        "3 orders of one resident",
    }
    assert wanted <= set(titles)
    assert titles["new order"] > 0.4 * len(steps)


def test_the_first_messages_are_orders_that_fill_a_screen() -> None:
    assert {step.kind for step in told(1, 15)} <= {"RDE NW", "ADT"}


def test_a_repeat_is_the_same_bytes_and_a_second_profile_is_not() -> None:
    steps = told(1, 800)
    repeats = [step for step in steps if step.title == "the same message once more"]
    assert repeats
    for step in repeats:
        assert sum(step.raw == other.raw for other in steps) >= 2
    control_ids = {step.control_id for step in steps if step.title.startswith("same order, new message")}
    assert len(control_ids) == len([s for s in steps if s.title.startswith("same order, new message")])


def test_well_formed_messages_read_back_as_the_contract_lays_them_out() -> None:
    codes = {home.code for home in HOMES}
    for step in told(3, 300):
        if step.title.startswith(("malformed", "unknown", "the same")):
            continue
        message = er7.parse(step.raw)
        assert message.get("MSH-10") == step.control_id
        assert message.get("PV1-3.4") in codes
        assert message.get("PID-3[2].5") == "PI"
        assert not message.warnings
        if step.kind.startswith("RDE"):
            assert message.get("RXE-15") == message.get("ORC-3")


@pytest.mark.parametrize("flaw", ["no PID", "no drug", "broken MSH", "cut off"])
def test_malformed_messages_are_malformed_as_they_say(flaw: str) -> None:
    step = next(step for step in told(5, 4000) if step.title == f"malformed: {flaw}")
    whole = flaw in {"no drug", "broken MSH"}
    assert (b"\rORC|" in step.raw) == (whole or flaw == "no PID")
    assert (b"\rPV1|" in step.raw) == (whole or flaw == "no PID")
    if flaw == "broken MSH":
        with pytest.raises(er7.ParseError):
            er7.parse(step.raw)
    if flaw == "no drug":
        assert b"RXE|" not in step.raw
