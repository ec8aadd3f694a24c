"""The MLLP sender over TLS and mutual TLS, and certificates that are renewed while it runs."""

from __future__ import annotations

import ssl
from pathlib import Path

import pytest
import trustme
from tests.support.receivers import Receiver
from tests.support.samples import rde_o11

from officina.connectors.mllp_sender import MllpSender, SenderSettings
from officina.errors import Invalid

PLAIN = {"MSH-15": "", "MSH-16": ""}


class Party:
    """An authority, and what it has issued, as files."""

    def __init__(self, folder: Path) -> None:
        self.authority = trustme.CA()
        self.folder = folder
        self.authority.cert_pem.write_to_path(folder / "authority.pem")

    def server(self, *, mutual: bool = False) -> ssl.SSLContext:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        self.authority.issue_cert("localhost").configure_cert(context)
        if mutual:
            context.verify_mode = ssl.CERT_REQUIRED
            self.authority.configure_trust(context)
        return context

    def issue(self, authority: trustme.CA | None = None) -> None:
        """The hub's own certificate, in the place of the one before."""
        issued = (authority or self.authority).issue_cert("hub.example", common_name="hub")
        issued.private_key_pem.write_to_path(self.folder / "key.pem")
        issued.cert_chain_pems[0].write_to_path(self.folder / "certificate.pem")

    def settings(self, receiver: Receiver, **tls: str) -> SenderSettings:
        named = {name: str(self.folder / file) for name, file in tls.items()}
        given = {"host": "localhost", "port": receiver.port, "connection": "per_message", "tls": named}
        return SenderSettings.model_validate({**given, "response_timeout_s": 10})


@pytest.fixture
def party(tmp_path: Path) -> Party:
    return Party(tmp_path)


OWN = {"ca": "authority.pem", "certificate": "certificate.pem", "key": "key.pem"}


async def asked(sender: MllpSender) -> tuple[str, str]:
    came = await sender.exchange(rde_o11("C1", **PLAIN))
    return came.result, came.text


async def test_a_message_over_tls(party: Party) -> None:
    async with Receiver(tls=party.server()) as receiver:
        sender = MllpSender(party.settings(receiver, ca="authority.pem"))
        assert await asked(sender) == ("accepted", "")
        assert sender.peer_ends_at is not None


async def test_who_is_not_trusted_is_told_nothing(party: Party, tmp_path: Path) -> None:
    trustme.CA().cert_pem.write_to_path(tmp_path / "stranger.pem")
    async with Receiver(tls=party.server()) as receiver:
        result, text = await asked(MllpSender(party.settings(receiver, ca="stranger.pem")))
        assert result == "unreachable"
        assert text.startswith("its certificate is not trusted")
        assert receiver.received == []


async def test_with_mutual_tls_the_hub_shows_its_own_certificate(party: Party) -> None:
    party.issue()
    async with Receiver(tls=party.server(mutual=True)) as receiver:
        assert await asked(MllpSender(party.settings(receiver, **OWN))) == ("accepted", "")
        result, _ = await asked(MllpSender(party.settings(receiver, ca="authority.pem")))
        assert result in ("unreachable", "no_answer")  # in TLS 1.3 the refusal comes after the handshake
        assert len(receiver.received) == 1


async def test_a_renewed_certificate_holds_for_the_next_connection(party: Party) -> None:
    party.issue(trustme.CA())
    async with Receiver(tls=party.server(mutual=True)) as receiver:
        sender = MllpSender(party.settings(receiver, **OWN))
        assert (await asked(sender))[0] in ("unreachable", "no_answer")
        (party.folder / "certificate.pem").write_text("half written")
        result, text = await asked(sender)
        assert result == "unreachable"
        assert "certificate.pem" in text
        party.issue()
        assert await asked(sender) == ("accepted", "")


@pytest.mark.parametrize("missing", ["ca", "certificate"])
async def test_a_certificate_that_cannot_be_used_is_named(party: Party, missing: str) -> None:
    party.issue()
    async with Receiver() as receiver:
        settings = party.settings(receiver, **{**OWN, missing: "absent.pem"})
        with pytest.raises(Invalid) as caught:
            MllpSender(settings)
    assert caught.value.place == f"tls.{missing}"
