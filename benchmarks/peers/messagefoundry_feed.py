"""MessageFoundry's own configuration: one MLLP listener; the router takes the message and sends it nowhere.

Nothing to transform and no destination: the least work its durable pipeline can be asked to do.
"""

from __future__ import annotations

import os
from typing import Any

from messagefoundry import MLLP, inbound, router

inbound("IB_LOAD_RDE", MLLP(port=int(os.environ["PEER_PORT"])), router="load_router")


@router("load_router")
def route(msg: Any) -> list[str]:
    """Every message is stored and goes no further."""
    return []
