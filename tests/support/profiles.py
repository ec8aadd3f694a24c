"""The profiles that ship with Officina, for tests that read messages."""

from __future__ import annotations

from pathlib import Path

from officina.message.profile import Profile, load

FOLDER = Path(__file__).parents[2] / "src" / "officina" / "profiles"


def body(name: str) -> str | None:
    """The TOML of a shipped profile, None if there is none of that name."""
    path = FOLDER / f"{name}.toml"
    return path.read_text(encoding="utf-8") if path.exists() else None


def shipped(name: str) -> Profile:
    """A shipped profile, ready for use."""
    text = body(name)
    assert text is not None
    return load(name, text, body)
