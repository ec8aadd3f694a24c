"""Whatever a receiver does: each message reaches it, in order, never again after it said that it has it; and what it
did stands beside the attempt, in words and as the bytes that came."""

from __future__ import annotations

from itertools import groupby
from pathlib import Path
from typing import NamedTuple

import pytest
from sqlalchemy import select
from tests.runtime.test_delivery import hub_to, order, rows, states, take_in, until
from tests.support.receivers import Receiver, in_turn

from officina.app import Hub
from officina.store import schema
from officina.wire import er7

IN_TIME = "no answer within 0.3 s"
CLOSED = "the other side closed the connection"


class Told(NamedTuple):
    """An attempt as it stands in the book."""

    result: str
    code: str
    text: str
    answered: bool


TAKEN = Told("accepted", "AA", "", True)


def told(hub: Hub, control_id: str) -> list[Told]:
    """The attempts of the delivery of a message, in their order."""
    with hub.store.read() as tx:
        named = select(schema.message.c.id).where(schema.message.c.control_id == control_id)
        (number,) = [row["id"] for row in tx.execute(named).mappings()]
    found = [row for row in rows(hub, schema.attempt) if row["message_id"] == number]
    return [Told(row["result"], row["code"], row["text"], bool(row["answer"])) for row in found]


def in_order_and_never_after_yes(receiver: Receiver, *control_ids: str) -> None:
    assert [each for each, _ in groupby(receiver.control_ids)] == list(control_ids)
    assert {name for _, name in receiver.taken} >= set(control_ids)
    for count, name in receiver.taken:
        assert name not in receiver.control_ids[count:]


@pytest.mark.parametrize("connection", ["kept", "per_message"])
@pytest.mark.parametrize(
    ("word", "first"),
    [
        ("close", Told("no_answer", "", CLOSED, False)),
        ("half", Told("no_answer", "", CLOSED, False)),
        ("reset", Told("no_answer", "", "Connection reset by peer", False)),
        ("silent", Told("no_answer", "", IN_TIME, False)),
        ("late", Told("no_answer", "", IN_TIME, False)),
        ("drip", Told("no_answer", "", IN_TIME, False)),
        ("wrong", Told("bad_answer", "AA", "the answer names another control id in MSA-2", True)),
        ("nameless", Told("bad_answer", "AA", "the answer names no control id in MSA-2", True)),
        ("bare", Told("bad_answer", "", "there is no MSA-1", True)),
        (
            "garbage",
            Told(
                "bad_answer",
                "",
                "the answer is no message: the message does not begin with an MSH segment",
                True,
            ),
        ),
    ],
)
async def test_what_may_not_have_been_taken_is_sent_once_more_in_its_place(
    tmp_path: Path, word: str, first: Told, connection: str
) -> None:
    more = f', connection = "{connection}"'
    async with Receiver(in_turn(["AA", word])) as receiver, hub_to(receiver, tmp_path, more) as hub:
        await take_in(hub, *[order(number) for number in range(4)])
        await until(hub, lambda: states(hub) == ["delivered"] * 4)
        in_order_and_never_after_yes(receiver, "C0", "C1", "C2", "C3")
        assert told(hub, "C1") == [first, TAKEN]
        assert [told(hub, each) for each in ("C0", "C2", "C3")] == [[TAKEN]] * 3


@pytest.mark.parametrize("word", ["twice", "echo", "pieces", "foreign"])
async def test_an_odd_yes_is_a_yes(tmp_path: Path, word: str) -> None:
    """Two acknowledgements, together or the second with the next one's; one in pieces; one of another version."""
    async with Receiver(in_turn(["AA", word, word, "AA"])) as receiver, hub_to(receiver, tmp_path) as hub:
        await take_in(hub, *[order(number) for number in range(4)])
        await until(hub, lambda: states(hub) == ["delivered"] * 4)
        in_order_and_never_after_yes(receiver, "C0", "C1", "C2", "C3")
        assert receiver.control_ids == ["C0", "C1", "C2", "C3"]
        assert receiver.connections == 1
        assert [told(hub, f"C{number}") for number in range(4)] == [[TAKEN]] * 4


async def test_a_second_yes_is_not_taken_for_the_next_messages_no(tmp_path: Path) -> None:
    async with Receiver(in_turn(["echo", "AR"])) as receiver, hub_to(receiver, tmp_path) as hub:
        await take_in(hub, *[order(number) for number in range(3)])
        await until(hub, lambda: states(hub) == ["delivered", "failed", "delivered"])
        assert receiver.control_ids == ["C0", "C1", "C2"]
        assert receiver.connections == 1


async def test_who_stops_reading_is_given_up_and_asked_again(tmp_path: Path) -> None:
    long = order(1, **{"NTE-3": "x" * 3_000_000})
    async with Receiver(in_turn(["stops"]), small=True) as receiver, hub_to(receiver, tmp_path) as hub:
        await take_in(hub, order(0), long, order(2))
        await until(hub, lambda: states(hub) == ["delivered"] * 3)
        in_order_and_never_after_yes(receiver, "C0", "C1", "C2")
        first, *_, last = told(hub, "C1")
        assert first == Told("no_answer", "", "it stopped reading: not all could be sent within 0.3 s", False)
        assert last == TAKEN
        assert receiver.received[1] == long


async def test_a_refusal_is_told_in_the_receivers_words_and_the_next_goes(tmp_path: Path) -> None:
    async with Receiver(in_turn(["AA", "AR"])) as receiver, hub_to(receiver, tmp_path) as hub:
        await take_in(hub, *[order(number) for number in range(3)])
        await until(hub, lambda: states(hub) == ["delivered", "failed", "delivered"])
        assert told(hub, "C1") == [Told("rejected", "AR", "PID-3: refused as told (AR)", True)]
        [raw] = [bytes(row["answer"]) for row in rows(hub, schema.attempt) if row["result"] == "rejected"]
        assert er7.parse(raw).get("MSA-2") == "C1"  # and as it came
