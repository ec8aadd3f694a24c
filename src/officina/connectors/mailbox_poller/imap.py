"""A mail account as a mailbox: each mail holds messages as attachments, or one as its text. IMAP4 in TLS only."""

from __future__ import annotations

import imaplib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any, Final
from urllib.parse import unquote, urlsplit

from officina.connectors.mailbox_poller.settings import PollerSettings
from officina.connectors.port import Item
from officina.errors import Unavailable

TIMEOUT_S: Final = 10.0
PORT: Final = 993


class ImapMailbox:
    """Implements `officina.connectors.port.Mailbox`."""

    def __init__(self, settings: PollerSettings, secret: Callable[[str], str]) -> None:
        self._settings, self._secret = settings, secret
        self._url = urlsplit(settings.location)
        self._tls = settings.context()
        self._folder = unquote(self._url.path.strip("/")) or "INBOX"
        self._server: imaplib.IMAP4_SSL | None = None

    @property
    def address(self) -> str:
        return f"{self._url.hostname}:{self._url.port or PORT}/{self._folder}"

    def look(self) -> list[Item]:
        """In the order in which they came. With "mark", what somebody else has read counts as done."""
        with self._told():
            server = self._signed_in()
            _sure(server.select(_quoted(self._folder)), f"open the folder {self._folder}")
            valid = str(server.response("UIDVALIDITY")[1])
            wanted = ("UNSEEN", "UNDELETED") if self._settings.after == "mark" else ("UNDELETED",)
            found = _sure(server.uid("SEARCH", *wanted), "list mails")
            return [Item(uid.decode("ascii"), valid) for uid in sorted(b" ".join(filter(None, found)).split(), key=int)]

    def fetch(self, item: Item) -> list[bytes]:
        with self._told():
            server = self._signed_in()
            size = _number(_sure(server.uid("FETCH", item.name, "(RFC822.SIZE)"), "give a mail"))
            most = self._settings.max_bytes
            if size > most:
                raise Unavailable(f"a mail of {size} bytes is larger than {most}", remedy="raise max_bytes")
            parts = _sure(server.uid("FETCH", item.name, "(BODY.PEEK[])"), "give a mail")
        raw = next((part[1] for part in parts if isinstance(part, tuple)), None)
        return [] if raw is None else self._payloads(raw)

    def answer(self, item: Item, answers: Sequence[bytes]) -> None:
        pass

    def finish(self, item: Item) -> None:
        with self._told():
            server = self._signed_in()
            if self._settings.after == "mark":
                _sure(server.uid("STORE", item.name, "+FLAGS", "(\\Seen)"), "mark a mail")
                return
            if self._settings.after == "move":
                target, into = _quoted(self._settings.move_to), f"move a mail into {self._settings.move_to}"
                if "MOVE" in server.capabilities:
                    _sure(server.uid("MOVE", item.name, target), into)
                    return
                _sure(server.uid("COPY", item.name, target), into)
            _sure(server.uid("STORE", item.name, "+FLAGS", "(\\Deleted)"), "delete a mail")
            if "UIDPLUS" in server.capabilities:  # a plain EXPUNGE would remove what others have marked
                _sure(server.uid("EXPUNGE", item.name), "delete a mail")

    def close(self) -> None:
        server, self._server = self._server, None
        if server is not None:
            try:
                server.logout()
            except (OSError, imaplib.IMAP4.error):
                server.shutdown()

    def _payloads(self, raw: bytes) -> list[bytes]:
        """The attachments, else the text, else the mail as it came: what is no message is kept and seen as such."""
        mail = message_from_bytes(raw, _class=EmailMessage, policy=policy.default)
        wanted = [part for part in mail.iter_attachments() if self._settings.wants(part.get_filename() or "")]
        text = None if wanted else mail.get_body(("plain",))
        found = [each.get_payload(decode=True) for each in ([text] if text is not None else wanted)]
        return [each for each in found if isinstance(each, bytes) and each.strip()] or [raw]

    def _signed_in(self) -> imaplib.IMAP4_SSL:
        if self._server is None:
            password = self._secret(self._settings.password_env)
            server = imaplib.IMAP4_SSL(
                self._url.hostname or "",
                self._url.port or PORT,
                ssl_context=self._tls,
                timeout=TIMEOUT_S,
            )
            self._server = server
            try:
                server.login(self._settings.user, password)
            except imaplib.IMAP4.abort:
                raise
            except imaplib.IMAP4.error as error:
                raise Unavailable("it refuses the user and password", remedy="see user and password_env") from error
        return self._server

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except imaplib.IMAP4.error as error:  # its words may quote a mail
            self.close()
            raise Unavailable("the mail server broke off, or says what is not IMAP4") from error
        except OSError as error:
            self.close()
            reason = getattr(error, "verify_message", "") or error.strerror or type(error).__name__
            raise Unavailable(f"the mail server cannot be reached: {reason}") from error
        except Unavailable:
            self.close()
            raise


def _sure(answer: tuple[str, list[Any]], what: str) -> list[Any]:
    """What was answered. The server's own words for a refusal stay out: they may quote a subject."""
    status, found = answer
    if status != "OK":
        raise Unavailable(f"the mail server refuses to {what}")
    return found


def _number(found: list[Any]) -> int:
    """The size in `1 (UID 7 RFC822.SIZE 44)`."""
    line = found[0][0] if isinstance(found[0], tuple) else found[0] or b""
    words = line.replace(b"(", b" ").replace(b")", b" ").split()
    return int(words[words.index(b"RFC822.SIZE") + 1]) if b"RFC822.SIZE" in words else 0


def _quoted(name: str) -> str:
    escaped = name.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
