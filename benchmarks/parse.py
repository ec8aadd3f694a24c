"""``python -m benchmarks.parse``: one RDE^O11 of about 700 bytes, parsed, and 20 of its fields read.

Beside python-hl7 and hl7apy in the same process. Every reader gets the same bytes and must give the same 20 values,
decoded and unescaped.
"""

from __future__ import annotations

import argparse
import json
import logging
import time
import timeit
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import hl7
from hl7apy.parser import parse_message
from tests.support.samples import rde_o11

from officina.wire.er7 import parse
from officina.wire.path import Path as FieldPath

_HEADER = ("MSH-3", "MSH-4", "MSH-9.1", "MSH-9.2", "MSH-10")
_PATIENT = ("PID-3.1", "PID-3[2].1", "PID-5.1", "PID-5.2", "PID-7", "PV1-3.1", "PV1-3.4")
_ORDER = ("ORC-1", "ORC-2", "ORC-3", "RXE-2.1", "RXE-2.2", "RXE-7", "RXE-15", "TQ1-3")
PATHS = _HEADER + _PATIENT + _ORDER
ROUNDS = {"officina": 5_000, "python-hl7": 300, "hl7apy": 10}
REPEATS = 7

_ADDRESSES = [FieldPath.parse(path) for path in PATHS]
_NUMBERS = [(each.segment, *(max(number, 1) for number in each.place or ())) for each in _ADDRESSES]
_NAMES = [(each[0].lower(), f"{each[0]}_{each[1]}".lower(), each[2] - 1, each[3]) for each in _NUMBERS]


def officina(raw: bytes) -> list[str]:
    get = parse(raw).get
    return [get(path) for path in PATHS]


def python_hl7(raw: bytes) -> list[str]:
    message = hl7.parse(raw)
    extract = message.extract_field
    return [
        extract(name, 1, field, repetition, component, part) for name, field, repetition, component, part in _NUMBERS
    ]


def hl7apy(raw: bytes) -> list[str]:
    message: Any = parse_message(raw.decode(), find_groups=False)
    values = []
    for segment, field, repetition, component in _NAMES:
        element = getattr(getattr(message, segment), field)[repetition]
        values.append(_hl7apy_text(element, component))
    return values


def _hl7apy_text(field: Any, component: int) -> str:
    named = [child for child in field.children if (child.name or "").endswith(f"_{component}")] or field.children[:1]
    return named[0].to_er7().replace("\\T\\", "&") if named else ""


READERS: dict[str, Callable[[bytes], list[str]]] = {"officina": officina, "python-hl7": python_hl7, "hl7apy": hl7apy}


def measure() -> dict[str, float]:
    """Microseconds for one parse with its 20 reads, by reader: processor time, the best of several rounds."""
    raw = rde_o11()
    logging.disable(logging.ERROR)
    try:
        expected = officina(raw)
        found = {}
        for name, read in READERS.items():
            values = read(raw)
            if values != expected:
                raise AssertionError(f"{name} reads other values: {set(values) ^ set(expected)}")
            spent = timeit.repeat(partial(read, raw), timer=time.process_time, number=ROUNDS[name], repeat=REPEATS)
            found[name] = round(min(spent) / ROUNDS[name] * 1e6, 2)
    finally:
        logging.disable(logging.NOTSET)
    return found


def main() -> None:
    """Print the table; with ``--json FILE`` write the figures too."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.parse", description=__doc__)
    parser.add_argument("--json", type=Path, default=None, help="file for the figures")
    asked = parser.parse_args()
    found = measure()
    print(f"parse {len(rde_o11())} bytes of RDE^O11 and read {len(PATHS)} fields")
    for name, microseconds in found.items():
        print(f"  {name:<12} {microseconds:>10,.1f} µs   {microseconds / found['officina']:>7,.1f} ×")
    if asked.json is not None:
        asked.json.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
