"""Whose message is it: the connectors of one port, told apart by MSH-3 to MSH-6."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from ipaddress import ip_address
from itertools import combinations
from typing import NamedTuple

from officina.connectors.mllp_listener.settings import ListenerSettings, Match
from officina.errors import Invalid
from officina.wire.acknowledge import Header


class Binding(NamedTuple):
    """A connector: its name and settings. A suspended one claims its messages and takes none."""

    name: str
    settings: ListenerSettings
    suspended: bool = False

    @property
    def socket(self) -> tuple[str, int, str]:
        """What it listens on: connectors for which it is the same share it. Of the free ports (0) each has its own."""
        return self.settings.host, self.settings.port, "" if self.settings.port else self.name


class Clash(NamedTuple):
    """Why two connectors cannot share a machine; ``setting`` is the one of ``other`` that could be another."""

    one: str
    other: str
    setting: str
    text: str
    remedy: str
    code: str


class Limits(NamedTuple):
    """What holds for a connection before a message shows whose it is: the widest of the port's connectors."""

    max_message_bytes: int
    max_connections: int
    max_in_flight: int
    idle_timeout_s: float
    frame_timeout_s: float
    unframed: bool


class Table:
    """The connectors of one port. Immutable: a change of connectors is another table.

    The connector that names most of the four fields wins. A message that no connector asks for is taken by none: read
    as another partner's it would be misunderstood.

    Raises Invalid: ``no_connector``, ``ambiguous_match`` (two connectors could claim the same message equally well),
    ``tls_differs``.
    """

    def __init__(self, bindings: Sequence[Binding]) -> None:
        if not bindings:
            raise Invalid("a port needs a connector", place="port", code="no_connector")
        for one, other in combinations(bindings, 2):
            if clash := _sharing(one, other):
                raise Invalid(clash.text, place=f"{clash.other}.{clash.setting}", remedy=clash.remedy, code=clash.code)
        self.bindings = tuple(bindings)
        self.default = next((each for each in bindings if not each.suspended), bindings[0])
        """The connector in whose name is kept what is nobody's."""
        self._wanted = sorted(((_fields(b.settings.match), b) for b in bindings), key=lambda pair: -len(pair[0]))
        self.single = self._wanted[0][1] if not self._wanted[0][0] else None
        """The connector that takes everything without a look at the message, if there is one."""
        settings = [binding.settings for binding in bindings]
        self.limits = Limits(
            max(each.max_message_bytes for each in settings),
            max(each.max_connections for each in settings),
            max(each.max_in_flight for each in settings),
            max(each.idle_timeout_s for each in settings),
            max(each.frame_timeout_s for each in settings),
            any(each.unframed for each in settings),
        )

    def find(self, payload: bytes) -> Binding | None:
        """The connector of this message, None when none asked for it."""
        if self.single:
            return self.single
        header = Header.salvage(payload)
        component = header.encoding_characters[:1]
        for wanted, binding in self._wanted:
            if all(_same(header[place], value, component) for place, value in wanted):
                return binding
        return None

    def admits(self, address: str) -> bool:
        """A peer at this address may connect, as far as any of the connectors is concerned."""
        return any(admits(binding, address) for binding in self.bindings)


def clashes(bindings: Sequence[Binding]) -> Iterator[Clash]:
    """Every pair of connectors of one machine of which only one can listen, or whose messages nobody could tell apart:
    ``address_overlaps``, ``tls_differs``, ``ambiguous_match``."""
    for one, other in combinations(bindings, 2):
        clash = _sharing(one, other) if one.socket == other.socket else _apart(one, other)
        if clash:
            yield clash


def admits(binding: Binding, address: str) -> bool:
    """This connector takes messages from this address."""
    networks = binding.settings.allow_from
    if not networks:
        return True
    peer = ip_address(address.partition("%")[0])
    mapped = getattr(peer, "ipv4_mapped", None) or peer
    return any(mapped in network for network in networks)


_PLACES = (
    ("sending_application", Header._fields.index("sending_application")),
    ("sending_facility", Header._fields.index("sending_facility")),
    ("receiving_application", Header._fields.index("receiving_application")),
    ("receiving_facility", Header._fields.index("receiving_facility")),
)


def _fields(match: Match) -> tuple[tuple[int, str], ...]:
    return tuple((place, getattr(match, name)) for name, place in _PLACES if getattr(match, name))


def _same(field: object, value: str, component: str) -> bool:
    """The field is the value, or its first component is."""
    return isinstance(field, str) and (field == value or field.partition(component)[0] == value)


def _sharing(one: Binding, other: Binding) -> Clash | None:
    """Why they cannot share a port."""
    port = f"port {other.settings.port}"
    if one.settings.tls != other.settings.tls:
        text = f"connectors {one.name} and {other.name} share {port} with different TLS settings"
        return Clash(one.name, other.name, "tls", text, "give them the same tls or another port", "tls_differs")
    if _ambiguous(one.settings.match, other.settings.match):
        text = f"connectors {one.name} and {other.name} could claim the same message on {port}"
        remedy = "name more of MSH-3 to MSH-6 in one of them, or give it another port"
        return Clash(one.name, other.name, "match", text, remedy, "ambiguous_match")
    return None


def _ambiguous(one: Match, other: Match) -> bool:
    """Some message would fit both equally well."""
    first, second = dict(_fields(one)), dict(_fields(other))
    apart = any(first[place] != second[place] for place in first.keys() & second.keys())
    return not apart and len(first) == len(second)


# Which families of addresses a host stands for as a whole.
_WHOLE: Mapping[str, tuple[int, ...]] = {"": (4, 6), "0.0.0.0": (4,), "::": (6,)}


def _apart(one: Binding, other: Binding) -> Clash | None:
    """Why each cannot have a port of its own: one wants it on all addresses, so the other would find it busy."""
    first, second = one.settings, other.settings
    if not first.port or first.port != second.port:
        return None
    pairs = ((first.host, second.host), (second.host, first.host))
    if not any((6 if ":" in host else 4) in _WHOLE.get(whole, ()) for whole, host in pairs):
        return None
    hosts = f"{first.host or 'all addresses'} and {second.host or 'all addresses'}"
    text = f"connectors {one.name} and {other.name} want port {second.port} on {hosts}, which overlap"
    return Clash(one.name, other.name, "host", text, "give them the same host, or another port", "address_overlaps")
