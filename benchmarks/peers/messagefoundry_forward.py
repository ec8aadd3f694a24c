"""MessageFoundry's own configuration: one MLLP listener whose messages all go on, unchanged and in order, to a partner.

Nothing to transform: the least work its durable pipeline can be asked to do when it forwards.
"""

from __future__ import annotations

import os
from typing import Any

from messagefoundry import MLLP, Send, handler, inbound, outbound, router

inbound("IB_LOAD_RDE", MLLP(port=int(os.environ["PEER_PORT"])), router="load_router")
outbound("OB_PARTNER", MLLP(host="127.0.0.1", port=int(os.environ["PARTNER_PORT"])))


@router("load_router")
def route(msg: Any) -> list[str]:
    """Every message goes to the one handler."""
    return ["pass_on"]


@handler("pass_on")
def pass_on(msg: Any) -> Send:
    """As it came."""
    return Send("OB_PARTNER", msg)
