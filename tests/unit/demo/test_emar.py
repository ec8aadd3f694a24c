"""The demo's medication record answers as a receiver does, so that the hub's queues have something to show."""

from __future__ import annotations

from datetime import UTC, datetime

from tests.support.samples import rde_o11

from officina.demo.emar import BUSY_EVERY, Emar
from officina.wire import answers

AT = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)


def said(emar: Emar, raw: bytes) -> answers.Said:
    return answers.judge([emar.answer(raw, AT)], answers.asked(raw))


def plain(**overrides: str) -> bytes:
    return rde_o11(**{"MSH-15": "", "MSH-16": "", **overrides})


def test_it_takes_orders_and_is_busy_now_and_then() -> None:
    emar = Emar()
    results = [said(emar, plain()).result for _ in range(BUSY_EVERY + 3)]
    assert results == ["accepted"] * BUSY_EVERY + ["error", "error", "accepted"]


def test_it_refuses_one_drug_and_says_why() -> None:
    found = said(Emar(), plain(drug_text="Warfarin 5 MG Tab"))
    assert (found.result, found.code) == ("rejected", "AR")
    assert found.text == "RXE-2: Orders of this drug need a target INR; none was sent."


def test_what_is_no_message_is_refused() -> None:
    assert b"MSA|AR" in Emar().answer(b"nonsense", AT)
