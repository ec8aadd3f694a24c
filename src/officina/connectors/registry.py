"""The kinds of connectors: one folder and one line here for each. A kind is imported when it is first asked for."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any, Literal, NamedTuple

from pydantic import BaseModel

from officina.errors import NotFound

_KINDS = {
    "mllp_listener": "officina.connectors.mllp_listener",
    "mllp_sender": "officina.connectors.mllp_sender",
    "mailbox_poller": "officina.connectors.mailbox_poller",
}


class ConnectorKind(NamedTuple):
    """A kind: its name in the site file, its label on the screens, the model of its settings.

    ``factory`` makes what runs all connectors of the kind; what it takes and gives is up to the role (a listener's
    takes an `Intake` and gives a `Listener`; a sender's takes the settings of one connector and gives a
    `port.Sender`; a poller's takes those and a way to look up secrets, and gives a `port.Mailbox`).
    """

    name: str
    label: str
    role: Literal["listener", "poller", "sender", "lookup"]
    settings: type[BaseModel]
    factory: Callable[..., Any]


def kinds() -> tuple[str, ...]:
    """The names of all kinds."""
    return tuple(_KINDS)


def kind(name: str) -> ConnectorKind:
    """The kind of this name. Raises NotFound."""
    module = _KINDS.get(name)
    if module is None:
        raise NotFound(f"there is no connector kind {name!r}", place="kind", remedy=f"use one of {', '.join(_KINDS)}")
    found: ConnectorKind = import_module(module).KIND
    return found
