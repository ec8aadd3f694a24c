"""Messages written by others: each is read by every profile, and what looks like a pharmacy order becomes one."""

from __future__ import annotations

import csv
import json
import os
from collections import Counter
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from tests.support.profiles import FOLDER, body, shipped

from officina.message.extract import Extract, extract
from officina.message.profile import load
from officina.order.assemble import assemble
from officina.wire import er7

CORPORA = Path(os.environ.get("OFFICINA_CORPORA", Path(__file__).parents[4] / "shared" / "corpora"))
ZONE = ZoneInfo("Europe/London")
# Samples are marked as training or debugging, which they are.
SAMPLES = 'extends = "hl7"\nprocessing = ["P", "T", "D"]'
PHARMACY = ("RDE", "OMP", "RDS")

pytestmark = pytest.mark.skipif(not CORPORA.exists(), reason="the corpora are not here; set OFFICINA_CORPORA")


def messages() -> list[tuple[str, er7.Message]]:
    found = []
    with (CORPORA / "hl7v2" / "MANIFEST.tsv").open(encoding="utf-8", newline="") as manifest:
        for row in csv.DictReader(manifest, delimiter="\t"):
            try:
                found.append((row["path"], er7.parse((CORPORA / row["path"]).read_bytes())))
            except er7.ParseError:
                continue
    return found


@pytest.mark.parametrize("name", sorted(each.stem for each in FOLDER.glob("*.toml")))
def test_every_message_is_read_to_a_verdict(name: str) -> None:
    profile = shipped(name)
    for path, message in messages():
        read = extract(message, profile)
        orders = assemble(read, ZONE).orders
        assert (read.disposition == "order") == bool(orders), path
        assert read.reason or orders, path
        for order in orders:
            assert json.dumps(order.facts())
            assert len(order.digest()) == 16


def test_pharmacy_messages_become_orders() -> None:
    profile = load("others", SAMPLES, body)
    read = {path: extract(message, profile) for path, message in messages()}
    pharmacy = {path: each for path, each in read.items() if each.type.startswith(PHARMACY)}
    assert len(pharmacy) >= 50
    assert [path for path, each in pharmacy.items() if each.disposition != "order"] == []
    assert Counter(each.type for each in pharmacy.values())["RDE^O11"] >= 30
    nameless = [path for path, each in pharmacy.items() for order in each.orders if not _drug(order.values)]
    assert nameless == []


def _drug(values: dict[str, str]) -> str:
    return values.get("drug_text") or values.get("drug_code") or ""


def test_orm_is_taken_where_it_has_an_rx_segment() -> None:
    profile = load("others", SAMPLES, body)
    for path, message in messages():
        read: Extract = extract(message, profile)
        if read.type != "ORM^O01":
            continue
        has_rx = not {"RXO", "RXE", "RXD"}.isdisjoint(message.names)
        expected = ("order", "") if has_rx and read.identifiers else None
        if expected:
            assert (read.disposition, read.reason) == expected, path
        else:
            assert read.disposition == "refuse", path
            assert read.reason in ("no_pharmacy_order", "no_patient_identifier"), path
