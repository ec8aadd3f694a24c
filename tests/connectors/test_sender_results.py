"""What an MLLP sender makes of what a receiver does, on real sockets."""

from __future__ import annotations

import pytest
from tests.support.receivers import Receiver, in_turn
from tests.support.samples import rde_o11

from officina.connectors.mllp_sender import MllpSender, SenderSettings
from officina.errors import Unavailable

PLAIN = {"MSH-15": "", "MSH-16": ""}
BOTH = {"MSH-15": "AL", "MSH-16": "AL"}
NEITHER = {"MSH-15": "NE", "MSH-16": "NE"}


def to(receiver: Receiver, **values: object) -> MllpSender:
    given = {"host": "127.0.0.1", "port": receiver.port, "response_timeout_s": 0.3, **values}
    return MllpSender(SenderSettings.model_validate(given))


@pytest.mark.parametrize(
    ("asked", "word", "expected"),
    [
        (PLAIN, "AA", ("accepted", "AA", "")),
        (PLAIN, "AE", ("error", "AE", "")),
        (PLAIN, "AR", ("rejected", "AR", "")),
        (BOTH, "CA+AA", ("accepted", "AA", "CA")),
        (BOTH, "CA+AE", ("error", "AE", "CA")),
        (BOTH, "CE", ("error", "", "CE")),
        (BOTH, "CR", ("rejected", "", "CR")),
        (BOTH, "CA", ("no_answer", "", "CA")),  # the application acknowledgement never came
        (BOTH, "AA", ("accepted", "AA", "")),  # a receiver that knows the original mode alone
        (BOTH, "AR", ("rejected", "AR", "")),
        (NEITHER, "silent", ("accepted", "", "")),
    ],
)
async def test_what_is_answered(asked: dict[str, str], word: str, expected: tuple[str, str, str]) -> None:
    async with Receiver(in_turn([word])) as receiver:
        sender = to(receiver)
        came = await sender.exchange(rde_o11("C1", **asked))
        await sender.close()
        await receiver.got(1)
    assert came[:3] == expected


@pytest.mark.parametrize(
    ("word", "result"),
    [
        ("close", "no_answer"),
        ("reset", "no_answer"),
        ("half", "no_answer"),
        ("silent", "no_answer"),
        ("garbage", "bad_answer"),
        ("wrong", "bad_answer"),
        ("nameless", "bad_answer"),
    ],
)
async def test_after_anything_but_an_answer_the_next_message_has_a_connection_of_its_own(
    word: str, result: str
) -> None:
    async with Receiver(in_turn(["AA", word])) as receiver:
        sender = to(receiver)
        came = [(await sender.exchange(rde_o11(f"C{number}", **PLAIN))).result for number in range(3)]
        await sender.close()
    assert came == ["accepted", result, "accepted"]
    assert receiver.connections == 2


async def test_a_late_answer_is_never_booked_to_the_next_message() -> None:
    async with Receiver(in_turn(["late", "AR"])) as receiver:
        sender = to(receiver)
        came = [(await sender.exchange(rde_o11(f"C{number}", **PLAIN))).result for number in range(2)]
        await sender.close()
    assert came[0] == "no_answer"
    assert came[1] != "accepted"


async def test_an_answer_nobody_waits_for_is_dropped() -> None:
    async with Receiver(in_turn(["twice", "AR"])) as receiver:
        sender = to(receiver)
        came = [(await sender.exchange(rde_o11(f"C{number}", **PLAIN))).result for number in range(3)]
        await sender.close()
    assert came == ["accepted", "rejected", "accepted"]


@pytest.mark.parametrize("host", ["a..b", "x" * 70, "no\0host", "127.0.0.1"])
async def test_whom_nobody_can_reach_is_told_in_words(host: str) -> None:
    sender = MllpSender(SenderSettings(host=host, port=1))
    came = await sender.exchange(rde_o11("C1"))
    assert (came.result, came.answer) == ("unreachable", b"")
    assert came.text in ("the name of the host is not known", "Connection refused")
    with pytest.raises(Unavailable) as caught:
        await sender.test()
    assert caught.value.text == came.text


async def test_who_listens_can_be_tested_without_a_message() -> None:
    async with Receiver() as receiver:
        await to(receiver).test()
    assert receiver.received == []
