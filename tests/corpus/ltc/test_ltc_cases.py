"""Each case is a message (NAME.hl7) and what the contract makes of it (NAME.json), both written by hand.

A message is kept with LF between its segments, for people; it is read with CR unless its case says ``raw``.
"""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from tests.support.profiles import shipped

from officina import clock
from officina.message.extract import Extract, extract
from officina.message.profile import Profile
from officina.order.assemble import Assembled, assemble
from officina.wire import er7

HERE = Path(__file__).parent
CASES = sorted(each.stem for each in HERE.glob("*.json"))
EXPECTED_KEYS = {
    *("why", "profile", "zone", "raw", "disposition", "reason", "type", "version", "control_id", "sender", "sent_at"),
    *("facility", "patient", "visit", "identifiers", "orders", "findings", "ack_codes"),
    *("admitted", "discharged", "starts", "stops"),
}


@pytest.fixture(scope="module")
def profiles() -> dict[str, Profile]:
    return {name: shipped(name) for name in ("hl7", "ltc", "tracking-orm")}


def instant(text: str | None) -> int | None:
    return None if text is None else clock.instant(datetime.fromisoformat(text))


@pytest.mark.parametrize("name", CASES)
def test_case(name: str, profiles: dict[str, Profile]) -> None:
    case = json.loads((HERE / f"{name}.json").read_text(encoding="utf-8"))
    assert case.keys() <= EXPECTED_KEYS, "a case must not promise what nobody checks"
    raw = (HERE / f"{name}.hl7").read_bytes()
    message = er7.parse(raw if case.get("raw") else raw.replace(b"\n", b"\r"))
    read = extract(message, profiles[case["profile"]])
    assembled = assemble(read, ZoneInfo(case.get("zone", "America/Chicago")))
    check_message(read, case)
    check_facts(assembled, case)


def check_message(read: Extract, case: dict[str, object]) -> None:
    assert read.disposition == case["disposition"]
    assert read.reason == case.get("reason", read.reason if read.disposition == "acknowledgement" else "")
    for key in ("type", "version", "control_id", "sender", "sent_at", "patient", "visit"):
        if key in case:
            assert getattr(read, key) == case[key], key
    if "facility" in case:
        assert read.facility_code == case["facility"]
    if "identifiers" in case:
        assert [list(each) for each in read.identifiers] == case["identifiers"]


def check_facts(assembled: Assembled, case: dict[str, object]) -> None:
    orders = [each.facts() for each in assembled.orders]
    if "orders" in case:
        assert orders == case["orders"]
    if "findings" in case:
        assert [[each.path, each.code] for each in assembled.findings] == case["findings"]
    if "ack_codes" in case:
        assert [each.ack_code for each in assembled.findings if each.severity == "error"] == case["ack_codes"]
    for key, name in (("admitted", "admitted_at"), ("discharged", "discharged_at")):
        if key in case:
            assert assembled.visit.instants[name] == instant(case[key])  # type: ignore[arg-type]
    for key, name in (("starts", "starts_at"), ("stops", "stops_at")):
        if key in case:
            assert [getattr(each, name) for each in assembled.orders] == [instant(each) for each in case[key]]  # type: ignore[attr-defined]


def test_every_message_has_its_case() -> None:
    assert sorted(each.stem for each in HERE.glob("*.hl7")) == CASES
    assert len(CASES) >= 40
