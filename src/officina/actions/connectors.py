"""Starting, suspending and retiring connectors. What a connector is configured to be is `actions.site`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from officina.actions.site import versions
from officina.errors import NotFound
from officina.store import events, site

if TYPE_CHECKING:
    from officina.store import Tx

State = Literal["active", "suspended", "inactive"]


def set_state(tx: Tx, connector_id: int, state: State, *, actor: str, at: int) -> None:
    """``suspended``: it stays configured and takes nothing until it is active again; the supervisor follows the
    commit. Asking for the state it is in changes nothing."""
    row = next((one for one in site.read(tx).connectors if one.id == connector_id), None)
    if row is None:
        raise NotFound("no such connector", place="/connector_id")
    if row.state == state:
        return
    versions.begin(tx, at=at)
    site.replace(tx, row._replace(state=state, changed_at=at))
    detail = {"from": row.state, "to": state}
    events.record(
        tx, at=at, kind="connector.state_set", subject="connector", subject_id=row.id, actor=actor, detail=detail
    )
    versions.keep(tx, actor=actor, at=at, summary=f"connector {row.name}: {row.state} → {state}")
    tx.touch("site")
    tx.touch("connectors")
