"""Making a profile that was tried the one a connector reads by."""

from __future__ import annotations

from typing import TYPE_CHECKING

from officina.actions import site
from officina.errors import Conflict

if TYPE_CHECKING:
    from officina.actions.receive import Candidate
    from officina.store import Tx


def adopt(tx: Tx, connector: str, candidate: Candidate, *, began_with: str, actor: str, at: int) -> site.Changes:
    """Save the profile, the codes mapped with it, and that the connector reads by it; one event ``site.applied``.

    ``began_with`` is the text that was changed. Raises Conflict if it is another one by now, NotFound, `SiteInvalid`.
    """
    document = site.stored_document(tx)
    if site.standing(document, connector).body != began_with:
        raise Conflict(
            "the profile was changed meanwhile by somebody else",
            place="profile",
            remedy="choose the connector again, and make your change to what stands there now",
        )
    rows = site.adopted(document, connector, candidate.body, candidate.codes)
    return site.apply(tx, rows, actor=actor, at=at)
