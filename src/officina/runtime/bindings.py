"""Which connectors listen where, as the site has it. Pure: a site in, an answer out."""

from __future__ import annotations

from officina.actions.site import Site
from officina.connectors.mllp_listener import Binding, ListenerSettings, Table
from officina.errors import Conflict


def bindings(site: Site) -> list[Binding]:
    """The connectors of every port that is to be open.

    A suspended one still claims its messages, lest a neighbour take them; but it does not keep a port open alone: a
    sender that cannot connect keeps what it has.
    """
    found = _listeners(site)
    wanted = {each.socket for each in found if not each.suspended}
    return [each for each in found if each.socket in wanted]


def claimant(site: Site, connector: str, raw: bytes) -> str:
    """The connector that asks for this message now, on the port of the one that kept it. Raises Conflict."""
    found = _listeners(site)
    here = next((each.socket for each in found if each.name == connector), None)
    neighbours = [each for each in found if each.socket == here]
    asking = Table(neighbours).find(raw) if neighbours else None
    if asking is None:
        raise Conflict(
            "no connector of its port asks for such a message (MSH-3 to MSH-6)",
            place="message_id",
            remedy="name its sender in the match of a connector, then process it again",
        )
    return asking.name


def _listeners(site: Site) -> list[Binding]:
    return [
        Binding(each.name, each.settings, suspended=each.state == "suspended")
        for each in site.connectors.values()
        if each.state != "inactive" and isinstance(each.settings, ListenerSettings)
    ]
