"""One receiver over MLLP: a message goes out, what it came to comes back. Knows the wire, not what is delivered."""

from __future__ import annotations

from officina.certificates import stamps
from officina.connectors.mllp_sender.client import Client, Target
from officina.connectors.mllp_sender.settings import SenderSettings
from officina.connectors.port import Exchanged
from officina.errors import Invalid, OfficinaError, Unavailable
from officina.wire import answers


class MllpSender:
    """Implements `officina.connectors.port.Sender`. Raises Invalid where a certificate cannot be used."""

    def __init__(self, settings: SenderSettings) -> None:
        self._settings = settings
        tls = settings.tls.context() if settings.tls else None
        name = settings.tls.server_name if settings.tls else ""
        self._target = Target(settings.host, settings.port, tls, name)
        self._stamps = stamps(settings)
        self._client: Client | None = None
        self._settled = b""  # the control id of the message before, which its receiver may answer twice
        self._awaited = ""
        self.secure = tls is not None
        self.peer_ends_at: float | None = None  # as the receiver showed it last; None until then

    @property
    def address(self) -> str:
        return str(self._target)

    async def exchange(self, payload: bytes) -> Exchanged:
        """Sends one message. After anything but an answer to it the connection is dropped: a late answer must not be
        taken for the next message's."""
        wanted = answers.asked(payload)
        got: list[bytes] = []
        self._awaited = wanted.control_id
        try:
            client = await self._connected()
            await client.exchange(payload, wanted.sure, answers.is_last, got)
            said = answers.judge(got, wanted)
        except Unavailable as error:
            await self.close()
            if error.code == "not_connected":
                return Exchanged("unreachable", "", "", error.text, b"")
            said = answers.judge(got, wanted)  # what was answered until then
            return _exchanged(said, got)._replace(result="no_answer", text=error.text)
        except OfficinaError as error:
            return Exchanged("unsendable", "", "", error.text, b"")
        self._settled = wanted.control_id.encode()
        if said.result == "bad_answer" or self._settings.connection == "per_message":
            await self.close()
        return _exchanged(said, got)

    async def test(self) -> None:
        """Opens a connection and closes it. Raises Unavailable with the reason."""
        client = Client(self._target, timeout=self._settings.response_timeout_s)
        await client.open()
        await client.close()

    async def close(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            await client.close()

    async def _connected(self) -> Client:
        client = self._client
        if client is None or not client.connected:
            self._renew()
            client = self._client = Client(
                self._target, timeout=self._settings.response_timeout_s, unawaited=self._repeats
            )
            await client.open()
            self.peer_ends_at = client.peer_ends_at
        return client

    def _renew(self) -> None:
        """A certificate that was renewed holds for new connections."""
        found = stamps(self._settings)
        if self._settings.tls is None or found == self._stamps:
            return
        try:
            self._target = self._target._replace(tls=self._settings.tls.context())
        except Invalid as error:  # it may be half written; its next attempt looks again
            raise Unavailable(error.text, place=error.place, remedy=error.remedy, code="not_connected") from error
        self._stamps = found

    def _repeats(self, payload: bytes) -> bool:
        """Whether this is one more answer to the message before: nobody waits for it, and it says nothing new."""
        if not self._settled or self._settled not in payload:
            return False
        named = answers.answer(payload).control_id
        return named != self._awaited and named.encode() == self._settled


def _exchanged(said: answers.Said, got: list[bytes]) -> Exchanged:
    commit = [each for each in got if answers.is_commit(each)]
    application = [each for each in got if each not in commit]
    last = (application[-1] if application else b"", commit[-1] if commit else b"")
    return Exchanged(said.result, said.code, said.accept_code, said.text, *last)
