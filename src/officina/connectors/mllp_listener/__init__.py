"""MLLP listener: receives messages on a port, hands them to the intake and gives its answers back."""

from officina.connectors.mllp_listener.listener import Listener, MllpPort
from officina.connectors.mllp_listener.settings import ListenerSettings, Match, Tls
from officina.connectors.mllp_listener.table import Binding, Table, clashes
from officina.connectors.registry import ConnectorKind

KIND = ConnectorKind("mllp_listener", "MLLP listener", "listener", ListenerSettings, Listener)

__all__ = ["KIND", "Binding", "Listener", "ListenerSettings", "Match", "MllpPort", "Table", "Tls", "clashes"]
