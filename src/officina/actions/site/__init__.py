"""The site: places, code maps, profiles, connectors and subscriptions, loaded for the hub and kept as a file.

`load_site` is what runs; `diff`, `apply` and `export` are configuration as code. A file says what there is. What it
does not name stays as it is, unless ``prune`` asks to take it out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from officina.actions.site import book, versions
from officina.actions.site.candidate import Standing, adopted, compiled_candidate, standing
from officina.actions.site.changes import Change, Changes, compare
from officina.actions.site.checks import problems, settings_of, settings_problems
from officina.actions.site.document import (
    KINDS,
    CodeMapRow,
    ConnectorRow,
    Document,
    NotifyRow,
    PlaceRow,
    ProfileRow,
    Row,
    SiteInvalid,
    SubscriptionRow,
    dump,
    parse,
    parse_sent,
    read_row,
)
from officina.actions.site.profiles import composing, shipped
from officina.actions.site.snapshot import Connector, Place, Site, load_site
from officina.errors import Conflict, NotFound
from officina.store import events
from officina.store.site import stamp

if TYPE_CHECKING:
    from officina.store import Tx

ROWS: Mapping[str, type[Row]] = {kind.table: kind for kind in KINDS}
Work = Callable[["Tx"], Changes]

__all__ = [
    "ROWS",
    "Change",
    "Changes",
    "CodeMapRow",
    "Connector",
    "ConnectorRow",
    "Document",
    "NotifyRow",
    "Place",
    "PlaceRow",
    "ProfileRow",
    "Row",
    "Site",
    "SiteInvalid",
    "Standing",
    "SubscriptionRow",
    "Work",
    "adopted",
    "apply",
    "compare",
    "compiled_candidate",
    "composing",
    "diff",
    "export",
    "load_site",
    "parse",
    "parse_sent",
    "place_id",
    "read_row",
    "require_sound",
    "settings_of",
    "settings_problems",
    "shipped",
    "stamp",
    "standing",
    "stored_document",
]


def diff(tx: Tx, wanted: Document, *, prune: bool = False) -> Changes:
    """What `apply` would do. Raises `SiteInvalid` if the site would not hold together afterwards."""
    current, _ = book.read(tx)
    return _checked(compare(current, wanted, prune=prune))


def apply(
    tx: Tx, wanted: Document, *, actor: str, at: int, prune: bool = False, seen: str | None = None, why: str = ""
) -> Changes:
    """Makes the site what the file says; one event ``site.applied`` and one version, none if nothing changes.

    ``seen`` is the digest of the site that the caller has looked at. Raises `SiteInvalid`, or Conflict if the site is
    another by now; then nothing has changed.
    """
    current, ids = book.read(tx)
    if seen is not None and seen != versions.digest_of(dump(current)):
        raise Conflict(
            "the site was changed since you looked at it",
            remedy="look at the difference again, then apply",
            code="overtaken",
        )
    changes = _checked(compare(current, wanted, prune=prune))
    if changes:
        versions.begin(tx, at=at)
        book.write(tx, changes, ids, at)
        detail = {"summary": changes.summary(), "changed": [f"{one.act} {one.title}" for one in changes.effective]}
        events.record(tx, at=at, kind="site.applied", subject="site", subject_id=0, actor=actor, detail=detail)
        versions.keep(tx, actor=actor, at=at, summary=why + changes.headline())
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
