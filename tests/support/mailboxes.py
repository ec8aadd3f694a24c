"""Mailboxes that are no folder: a web server that hands out items, and an IMAP4 server, both for real and in TLS."""

from __future__ import annotations

import asyncio
import base64
import json
import re
import ssl

from tests.support.told import _Server


class WebMailbox(_Server):
    """The protocol of docs/howto/poll-a-mailbox.md. ``lists`` and ``status`` may be set to misbehave."""

    def __init__(self, tls: ssl.SSLContext) -> None:
        super().__init__(tls)
        self.items: dict[str, bytes] = {}
        self.finished: list[tuple[str, str]] = []
        self.asked_as: list[str] = []
        self.lists: bytes | None = None
        self.status = 200
        self.cut = 0  # bytes at the end of an item that never come
        self.reported = asyncio.Event()
        self.forgets = False  # what is reported done stays, and the report is never answered

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while line := await reader.readline():
            method, path, _ = line.decode().split()
            headers = {}
            while (header := (await reader.readline()).decode().strip()) and ":" in header:
                name, _, value = header.partition(":")
                headers[name.lower()] = value.strip()
            self.asked_as.append(headers.get("authorization", ""))
            if self.forgets and method != "GET":
                self.reported.set()
                await reader.read()
                return
            status, body = self._answer(method, path)
            kept = body[: len(body) - self.cut] if path != "/box/" and self.cut else body
            kind = b"application/json" if path == "/box/" else b"application/octet-stream"
            head = b"HTTP/1.1 %d X\r\nContent-Type: %b\r\nContent-Length: %d\r\n\r\n" % (status, kind, len(body))
            writer.write(head + kept)
            await writer.drain()
            if kept != body:
                return
            self.came.set()

    def _answer(self, method: str, path: str) -> tuple[int, bytes]:
        if self.status != 200:
            return self.status, b""
        name = path.removeprefix("/box/").removesuffix("/done")
        if method == "GET" and not name:
            return 200, self.lists or json.dumps([{"id": each, "href": each} for each in self.items]).encode()
        if name not in self.items:
            return 404, b""
        if method == "GET":
            return 200, self.items[name]
        self.finished.append((method, name))
        del self.items[name]
        return 204, b""


class ImapServer(_Server):
    """As much of RFC 3501 as a mailbox needs, with UIDPLUS and, if wanted, MOVE; one user: hub, open sesame."""

    def __init__(self, tls: ssl.SSLContext, *, moves: bool = True) -> None:
        super().__init__(tls)
        self.mails: dict[int, bytes] = {}
        self.flags: dict[int, set[str]] = {}
        self.moved: dict[int, str] = {}
        self._capabilities = "IMAP4rev1 UIDPLUS" + (" MOVE" if moves else "")

    def put(self, uid: int, mail: bytes) -> None:
        self.mails[uid], self.flags[uid] = mail, set()

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"* OK ready\r\n")
        while line := (await reader.readline()).decode().strip():
            tag, _, rest = line.partition(" ")
            lines, status = self._answer(rest)
            for each in lines:
                writer.write(b"* " + each + b"\r\n")
            writer.write(f"{tag} {status} done\r\n".encode())
            await writer.drain()
            self.came.set()

    def _answer(self, command: str) -> tuple[list[bytes], str]:
        word = command.split()[0].upper()
        if word == "CAPABILITY":
            return [f"CAPABILITY {self._capabilities}".encode()], "OK"
        if word == "LOGIN":
            return [], "OK" if command == 'LOGIN hub "open sesame"' else "NO"
        if word == "SELECT":
            return [f"{len(self.mails)} EXISTS".encode(), b"OK [UIDVALIDITY 7] valid"], (
                "OK" if command == 'SELECT "INBOX"' else "NO"
            )
        return self._uid(command) if word == "UID" else ([b"BYE"] if word == "LOGOUT" else [], "OK")

    def _uid(self, command: str) -> tuple[list[bytes], str]:
        _, word, rest = command.split(maxsplit=2)
        if word == "SEARCH":
            hidden = {"\\Deleted"} | ({"\\Seen"} if "UNSEEN" in rest else set())
            found = [str(uid) for uid, flags in self.flags.items() if not flags & hidden]
            return [b"SEARCH " + " ".join(found).encode()], "OK"
        uid = int(re.match(r"\d+", rest).group())  # type: ignore[union-attr]
        if uid not in self.mails:
            return [], "OK"
        if "RFC822.SIZE" in rest:
            return [f"1 FETCH (UID {uid} RFC822.SIZE {len(self.mails[uid])})".encode()], "OK"
        if word == "FETCH":
            mail = self.mails[uid]
            return [b"1 FETCH (UID %d BODY[] {%d}\r\n%b)" % (uid, len(mail), mail)], "OK"
        if word == "STORE":
            self.flags[uid] |= set(re.findall(r"\\\w+", rest))
        if word in ("MOVE", "COPY"):
            self.moved[uid] = rest.split(maxsplit=1)[1]
        if word == "MOVE" or (word == "EXPUNGE" and "\\Deleted" in self.flags[uid]):
            del self.mails[uid], self.flags[uid]
        return [], "OK"


def basic(user: str, password: str) -> str:
    """The header of a signed-in request."""
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()
