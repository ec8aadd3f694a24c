"""What a profile's TOML may hold: tables, texts and words, each refusal naming its key."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence

from officina.errors import Invalid

Toml = Mapping[str, object]


def closed(table: Toml, known: Sequence[str], prefix: str) -> None:
    """Refuses a key that is not known, and names the one that was probably meant."""
    for key in table:
        if key not in known:
            text, remedy = "unknown key", meant(key, known)
            if not remedy:
                text, remedy = f"unknown key; known are {', '.join(known)}", "correct or remove it"
            raise Invalid(text, place=f"{prefix}{key}", remedy=remedy)


def meant(word: str, known: Sequence[str]) -> str:
    """The remedy for a word that is nearly one of those known, "" where none is near."""
    close = difflib.get_close_matches(word, known, n=1)
    return f"did you mean {close[0]}?" if close else ""


def table(body: Toml, key: str, prefix: str = "") -> Toml:
    """The table of this name, empty where there is none."""
    value = body.get(key, {})
    if not isinstance(value, dict):
        raise Invalid("must be a table", place=f"{prefix}{key}")
    return value


def texts(value: object, place: str) -> dict[str, str]:
    """A table of texts."""
    if not isinstance(value, dict):
        raise Invalid("must be a table of texts", place=place)
    for key, text in value.items():
        if not isinstance(text, str):
            raise Invalid("must be a text", place=f"{place}.{key}")
    return dict(value)


def text(body: Toml, key: str, default: str, prefix: str = "") -> str:
    """The text of this name."""
    found = body.get(key, default)
    if not isinstance(found, str):
        raise Invalid("must be a text", place=f"{prefix}{key}")
    return found


def words(value: object, place: str) -> list[str]:
    """A text or a list of texts."""
    found = value if isinstance(value, list) else [value]
    if not all(isinstance(each, str) for each in found):
        raise Invalid("must be a text or a list of texts", place=place)
    return [str(each) for each in found]


def one_of(value: str, known: Sequence[str], place: str) -> str:
    """A word of a closed list."""
    if value not in known:
        raise Invalid(f"must be one of {', '.join(known)}", place=place)
    return value
