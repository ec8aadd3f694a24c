"""The message corpora beside the project, read in place and never copied."""

from __future__ import annotations

import csv
import os
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).resolve().parents[2]
FOLDER = Path(os.environ.get("OFFICINA_CORPORA", ROOT.parent / "shared" / "corpora"))


class Sample(NamedTuple):
    """One file of `hl7v2/MANIFEST.tsv`; ``types`` as its authors name it (``RDE^O11``, ``ADT^A01x2``)."""

    path: str
    types: str
    quirks: str
    raw: bytes


def hl7v2() -> list[Sample]:
    """Every HL7 v2 file. Skips the test where the corpora are absent."""
    manifest = FOLDER / "hl7v2" / "MANIFEST.tsv"
    if not manifest.is_file():
        pytest.skip(f"no message corpora in {FOLDER} (set OFFICINA_CORPORA)")
    with manifest.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    return [Sample(row["path"], row["types"], row["quirks"], (FOLDER / row["path"]).read_bytes()) for row in rows]
