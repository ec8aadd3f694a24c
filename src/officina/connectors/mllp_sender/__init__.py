"""MLLP sender: gives messages to a partner's listener and waits for the answers."""

from officina.connectors.mllp_sender.sender import MllpSender
from officina.connectors.mllp_sender.settings import SenderSettings, SenderTls
from officina.connectors.registry import ConnectorKind

KIND = ConnectorKind("mllp_sender", "MLLP sender", "sender", SenderSettings, MllpSender)

__all__ = ["KIND", "MllpSender", "SenderSettings", "SenderTls"]
