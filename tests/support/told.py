"""Those who are told of alerts: a mail server that speaks SMTP and a web server that takes webhooks, both for real."""

from __future__ import annotations

import asyncio
import base64
import ssl
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Self


class _Server:
    """Listens on a free port; ``came`` is set whenever something has come."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self.came = asyncio.Event()
        self.port = 0
        self._tls = tls

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port, ssl=self._tls)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        await self._server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await self.talk(reader, writer)
        except (ConnectionError, ssl.SSLError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        raise NotImplementedError


class MailServer(_Server):
    """RFC 5321 with STARTTLS or in TLS from the start, and AUTH PLAIN. ``refusing``: it answers 451 to what it is
    given."""

    def __init__(self, starttls: ssl.SSLContext | None = None, tls: ssl.SSLContext | None = None) -> None:
        super().__init__(tls)
        self._starttls = starttls
        self.refusing = False
        self.refused = 0
        self.mails: list[EmailMessage] = []
        self.raw: list[bytes] = []
        self.signed_in: list[bytes] = []
        self.secure: list[bool] = []

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        secure = self._tls is not None
        writer.write(b"220 mail.example ESMTP\r\n")
        while line := (await reader.readline()).strip():
            word = line.split()[0].upper()
            if word == b"EHLO":
                offers = b"250-STARTTLS\r\n" if self._starttls and not secure else b"250-AUTH PLAIN\r\n"
                writer.write(b"250-mail.example\r\n" + offers + b"250 SIZE 1000000\r\n")
            elif word == b"STARTTLS" and self._starttls:
                writer.write(b"220 go\r\n")
                await writer.start_tls(self._starttls)
                secure = True
            elif word == b"AUTH":
                self.signed_in.append(base64.b64decode(line.split()[2]))
                writer.write(b"235 welcome\r\n")
            elif word == b"DATA":
                await self._take(reader, writer, secure)
            elif word == b"QUIT":
                writer.write(b"221 bye\r\n")
                return
            else:  # MAIL, RCPT, RSET
                writer.write(b"250 ok\r\n")
            await writer.drain()

    async def _take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, secure: bool) -> None:
        writer.write(b"354 go on\r\n")
        raw = await reader.readuntil(b"\r\n.\r\n")
        if self.refusing:
            self.refused += 1
            writer.write(b"451 not now\r\n")
        else:
            self.raw.append(raw)
            self.mails.append(message_from_bytes(raw[:-3], policy=policy.default))  # type: ignore[arg-type]
            self.secure.append(secure)
            writer.write(b"250 taken\r\n")
        self.came.set()


class Hook(_Server):
    """Takes POSTs; ``status`` is what it answers, ``got`` the headers and bodies of those it took."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        super().__init__(tls)
        self.status = 204
        self.asked = 0
        self.got: list[tuple[dict[str, str], bytes]] = []

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        lines = [line.partition(":") for line in head.split("\r\n")[1:] if line]
        headers = {name.strip().lower(): value.strip() for name, _, value in lines}
        body = await reader.readexactly(int(headers.get("content-length", "0")))
        self.asked += 1
        if self.status < 300:
            self.got.append((headers, body))
        place = "Location: /elsewhere\r\n" if 300 <= self.status < 400 else ""
        writer.write(f"HTTP/1.1 {self.status} so\r\n{place}Content-Length: 0\r\nConnection: close\r\n\r\n".encode())
        await writer.drain()
        self.came.set()
