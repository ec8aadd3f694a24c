"""The site: places, code maps, profiles, connectors and subscriptions, loaded for the hub and kept as a file.

`load_site` is what runs; `diff`, `apply` and `export` are configuration as code. A file says what there is. What it
does not name stays as it is, unless ``prune`` asks to take it out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from officina.actions.site import book
from officina.actions.site.candidate import Standing, adopted, compiled_candidate, standing
from officina.actions.site.changes import Change, Changes, compare
from officina.actions.site.checks import problems, settings_of
from officina.actions.site.document import (
    CodeMapRow,
    ConnectorRow,
    Document,
    PlaceRow,
    ProfileRow,
    SiteInvalid,
    SubscriptionRow,
    dump,
    parse,
)
from officina.actions.site.snapshot import Connector, Place, Site, load_site
from officina.errors import NotFound
from officina.store import events
from officina.store.site import stamp

if TYPE_CHECKING:
    from officina.store import Tx

__all__ = [
    "Change",
    "Changes",
    "CodeMapRow",
    "Connector",
    "ConnectorRow",
    "Document",
    "Place",
    "PlaceRow",
    "ProfileRow",
    "Site",
    "SiteInvalid",
    "Standing",
    "SubscriptionRow",
    "adopted",
    "apply",
    "compare",
    "compiled_candidate",
    "diff",
    "export",
    "load_site",
    "parse",
    "place_id",
    "require_sound",
    "settings_of",
    "stamp",
    "standing",
    "stored_document",
]


def diff(tx: Tx, wanted: Document, *, prune: bool = False) -> Changes:
    """What `apply` would do. Raises `SiteInvalid` if the site would not hold together afterwards."""
    current, _ = book.read(tx)
    return _checked(compare(current, wanted, prune=prune))


def apply(tx: Tx, wanted: Document, *, actor: str, at: int, prune: bool = False) -> Changes:
    """Makes the site what the file says; one event ``site.applied``, none if nothing changes.

    Raises `SiteInvalid`, and nothing has changed.
    """
    current, ids = book.read(tx)
    changes = _checked(compare(current, wanted, prune=prune))
    if changes:
        book.write(tx, changes, ids, at)
        detail = {"summary": changes.summary(), "changed": [f"{one.act} {one.title}" for one in changes.effective]}
        events.record(tx, at=at, kind="site.applied", subject="site", subject_id=0, actor=actor, detail=detail)
        tx.touch("site")
        tx.touch("connectors")
    return changes


def export(tx: Tx) -> str:
    """The site as a file; applying it again changes nothing, with or without ``prune``."""
    return dump(stored_document(tx))


def place_id(tx: Tx, code: str) -> int:
    """The id of the place with this code."""
    _, ids = book.read(tx)
    found = ids.get(("place", (code,)))
    if found is None:
        known = ", ".join(key[0] for table, key in ids if table == "place")
        raise NotFound(f"there is no place {code}", place="place", remedy=f"known are {known}" if known else "")
    return found


def stored_document(tx: Tx) -> Document:
    """The site as it stands in the book."""
    return book.read(tx)[0]


def require_sound(document: Document) -> None:
    """Raises `SiteInvalid` with everything that does not hold together."""
    found = problems(document)
    if found:
        raise SiteInvalid(found)


def _checked(changes: Changes) -> Changes:
    require_sound(changes.result)
    return changes
