"""Patients: searched by identifier or by the beginning of their name, always within organisations."""

from __future__ import annotations

import unicodedata


def name_key(family: str, given: str) -> str:
    """What a patient's name is searched by: without case and accents, family name first: ``nowak, anna``."""
    decomposed = unicodedata.normalize("NFKD", f"{family.strip()}, {given.strip()}".casefold())
    return "".join(character for character in decomposed if not unicodedata.combining(character))
