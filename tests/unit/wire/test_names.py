"""Names of segments, fields and components, as the HL7 v2 standard prints them (chapters 2A, 3, 4, 7)."""

from __future__ import annotations

import pytest
from hl7apy import load_library

from officina.wire import names
from officina.wire.dictionary import SEGMENTS


@pytest.mark.parametrize(
    ("path", "title"),
    [
        ("PID", "Patient Identification"),
        ("RXE", "Pharmacy/Treatment Encoded Order"),
        ("ZRX", "Z segment"),
        ("QQQ", ""),
        ("MSH-10", "Message Control ID"),
        ("PID-3", "Patient Identifier List"),
        ("PID-3[2].4.1", "Patient Identifier List, Assigning Authority, Namespace ID"),
        ("PID-5.1", "Patient Name, Family Name"),
        ("PV1-3.4", "Assigned Patient Location, Facility"),
        ("ORC-2.1", "Placer Order Number, Entity Identifier"),
        ("ORC[2]/RXE-2.2", "Give Code, Text"),
        ("RXE-1.2", "Quantity/Timing, Interval"),  # withdrawn in 2.7, still sent
        ("RXE-15", "Prescription Number"),
        ("TQ1-3.1", "Repeat Pattern, Repeat Pattern Code"),
        ("QRD-4", "Query ID"),  # the segment is gone since 2.7
        ("ERR-3", "HL7 Error Code"),
        ("PID-99", ""),
        ("ZRX-1", ""),
    ],
)
def test_titles(path: str, title: str) -> None:
    assert names.title(path) == title


NEEDED = (
    "MSH EVN PID PD1 NK1 PV1 PV2 AL1 DG1 IN1 GT1 ORC RXO RXE RXD RXR RXC RXA RXG TQ1 TQ2 NTE OBR OBX FT1 MSA ERR "
    "QRD QRF FHS BHS BTS FTS SFT"
)
LEAVES = "ST ID IS NM SI DT TM DTM TS TX FT GTS Varies varies CM"


@pytest.mark.parametrize("name", NEEDED.split())
def test_every_field_of_every_version_has_a_name(name: str) -> None:
    assert names.segment(name)
    for version in ("2.1", "2.2", "2.3", "2.3.1", "2.4", "2.5", "2.5.1", "2.6", "2.7", "2.8", "2.8.2"):
        library = load_library(version)
        known = library.segments.SEGMENTS.get(name, ())
        for position, *_ in known[1] if len(known) > 1 else ():
            number = int(position.partition("_")[2])
            assert names.field(name, number).title, f"{name}-{number} in {version}"


def test_every_composite_type_of_a_field_has_components() -> None:
    leaves = set(LEAVES.split())
    missing = set()
    for name in SEGMENTS:
        for number in range(1, 120):
            kind = names.field(name, number).type
            if kind and kind not in leaves and not names.component(kind, 1).title:
                missing.add(f"{name}-{number} {kind}")
    assert missing == set()
