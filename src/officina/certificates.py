"""Certificate files that settings name: readable, and valid for how long?"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal

from pydantic import BaseModel

SOON_DAYS = 30


def files_in(settings: BaseModel, prefix: str) -> Iterator[tuple[str, Path]]:
    """Every file that settings name, with the setting's name; nested tables too."""
    for name in type(settings).model_fields:
        value = getattr(settings, name)
        if isinstance(value, BaseModel):
            yield from files_in(value, f"{prefix}{name}.")
        elif isinstance(value, Path):
            yield f"{prefix}{name}", value


Stamps = tuple[tuple[int, int], ...]


def stamps(settings: BaseModel) -> Stamps:
    """Something else once one of the files that settings name is another."""
    return tuple(_stamp(path) for _, path in files_in(settings, ""))


def _stamp(path: Path) -> tuple[int, int]:
    try:
        found = path.stat()
    except OSError:
        return 0, 0
    return found.st_mtime_ns, found.st_size


def ends(path: Path) -> datetime | None:
    """When the first of a PEM file's certificates ends; None for a private key alone. Raises OSError; ValueError or
    TypeError (the key is encrypted) where it cannot be used."""
    from cryptography import x509
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    pem = path.read_bytes()
    if b"PRIVATE KEY-----" in pem and b"BEGIN CERTIFICATE" not in pem:
        load_pem_private_key(pem, password=None)
        return None
    return min(one.not_valid_after_utc for one in x509.load_pem_x509_certificates(pem))


def problem_of(path: Path, soon_days: int) -> tuple[Literal["ok", "note", "wrong"], str]:
    """A verdict on one PEM file and its reason; of several certificates the first to expire counts."""
    try:
        until = ends(path)
    except OSError as reason:
        return "wrong", f"cannot be read: {reason.strerror}"
    except (ValueError, TypeError):
        return "wrong", "is not a PEM file that can be used without a password"
    if until is None:
        return "ok", "is a readable private key"
    days = (until - datetime.now(UTC)).days
    if days < 0:
        return "wrong", f"expired on {until:%Y-%m-%d}"
    if days < soon_days:
        return "note", f"expires on {until:%Y-%m-%d}, in {days} days"
    return "ok", f"is valid until {until:%Y-%m-%d}"


def days_left(path: Path, at: datetime) -> float | None:
    """Days until a file's first certificate ends; None where it holds none or cannot be read."""
    try:
        until = ends(path)
    except (OSError, ValueError, TypeError):
        return None
    return None if until is None else (until - at) / timedelta(days=1)
