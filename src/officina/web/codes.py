"""What the codes of an order mean; a code that is not known here is shown as it came."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

ROUTES: Final[Mapping[str, str]] = MappingProxyType(  # HL7 table 0162
    {
        "PO": "by mouth",
        "SL": "under the tongue",
        "IM": "into a muscle",
        "IV": "into a vein",
        "SC": "under the skin",
        "TD": "through the skin",
        "TP": "on the skin",
        "TOP": "on the skin",
        "PR": "into the rectum",
        "OP": "into the eye",
        "OT": "into the ear",
        "NS": "into the nose",
        "IH": "by inhalation",
        "VG": "into the vagina",
    }
)
FORMS: Final[Mapping[str, str]] = MappingProxyType(  # RXE-6 has no table of the standard; these are what senders write
    {
        "TAB": "tablet",
        "CAP": "capsule",
        "SOL": "solution",
        "SUSP": "suspension",
        "SYR": "syrup",
        "ELIX": "elixir",
        "INJ": "injection",
        "PEN": "pen",
        "CRM": "cream",
        "OINT": "ointment",
        "GEL": "gel",
        "LOT": "lotion",
        "PTCH": "patch",
        "SUPP": "suppository",
        "SPR": "spray",
        "INH": "inhaler",
        "NEB": "nebulizer solution",
        "PWD": "powder",
        "GTT": "drops",
    }
)
PRIORITIES: Final[Mapping[str, str]] = MappingProxyType(  # HL7 table 0485
    {
        "S": "scheduled, from a long-term-care pharmacy; stat, from anybody else",
        "A": "as soon as possible",
        "R": "routine",
        "P": "before an operation",
        "C": "call back",
        "T": "critical in time",
        "PRN": "when needed",
    }
)


def meant(code: str, table: Mapping[str, str]) -> str:
    """``by mouth (PO)``: what a code means, and the code."""
    return f"{table[code]} ({code})" if code in table else code
