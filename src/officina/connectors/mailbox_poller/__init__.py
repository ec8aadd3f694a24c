"""Mailbox poller: looks into a partner's mailbox (a folder, an HTTPS server, IMAP) and fetches what is new."""

from __future__ import annotations

from collections.abc import Callable

from officina.connectors.mailbox_poller.folder import Folder
from officina.connectors.mailbox_poller.https import HttpsMailbox
from officina.connectors.mailbox_poller.imap import ImapMailbox
from officina.connectors.mailbox_poller.settings import PollerSettings
from officina.connectors.port import Mailbox
from officina.connectors.registry import ConnectorKind


def open_mailbox(settings: PollerSettings, secret: Callable[[str], str]) -> Mailbox:
    """The mailbox of these settings; ``secret`` gives the value behind a name. Nothing is connected yet.

    Raises Invalid where a certificate cannot be used.
    """
    match settings.mailbox:
        case "folder":
            return Folder(settings)
        case "https":
            return HttpsMailbox(settings, secret)
        case "imap":
            return ImapMailbox(settings, secret)


KIND = ConnectorKind("mailbox_poller", "Mailbox poller", "poller", PollerSettings, open_mailbox)

__all__ = ["KIND", "PollerSettings", "open_mailbox"]
