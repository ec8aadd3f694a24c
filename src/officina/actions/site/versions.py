"""What every change of the site leaves behind: the whole site as a file, which can be gone back to."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from officina.actions.site import book
from officina.actions.site.document import dump
from officina.store import site_versions

if TYPE_CHECKING:
    from officina.store import Tx

BEFORE = "as it was before versions were kept"


def digest_of(text: str) -> str:
    """By which one who edits says what they have seen."""
    return hashlib.sha256(text.encode()).hexdigest()


def begin(tx: Tx, *, at: int) -> None:
    """Before the first change of a site that has no version yet, keeps what there is."""
    if not site_versions.newest(tx) and (text := dump(book.read(tx)[0])):
        site_versions.add(tx, at=at, actor="system", summary=BEFORE, digest=digest_of(text), body=text)


def keep(tx: Tx, *, actor: str, at: int, summary: str) -> int:
    """Keeps the site as it stands now; the version's number."""
    text = dump(book.read(tx)[0])
    return site_versions.add(tx, at=at, actor=actor, summary=summary, digest=digest_of(text), body=text)
