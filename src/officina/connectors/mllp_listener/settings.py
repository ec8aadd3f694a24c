"""Settings of an MLLP listener, as they stand in the site file and in the settings workspace."""

from __future__ import annotations

import ssl
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, field_validator

from officina.errors import Invalid
from officina.wire import charset
from officina.wire.acknowledge import AckMode


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Tls(_Model):
    """TLS 1.2 or newer. With ``client_ca`` the partner must show a certificate that this authority signed."""

    certificate: Path = Field(description="PEM file with the certificate of this listener and its chain")
    key: Path = Field(description="PEM file with the private key")
    client_ca: Path | None = Field(
        default=None, description="PEM file with the authority that signs partners' certificates"
    )

    def context(self) -> ssl.SSLContext:
        """The server context. Raises Invalid naming the setting whose file cannot be used."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        self.load_chain(context)
        if self.client_ca:
            try:
                context.load_verify_locations(self.client_ca)
            except (OSError, ssl.SSLError) as error:
                raise _unusable("tls.client_ca", str(self.client_ca), error) from error
            context.verify_mode = ssl.CERT_REQUIRED
        return context

    def load_chain(self, context: ssl.SSLContext) -> None:
        """Reads certificate and key into the context, again when they were renewed. Raises Invalid."""
        try:
            context.load_cert_chain(self.certificate, self.key)
        except (OSError, ssl.SSLError) as error:
            raise _unusable("tls.certificate", f"{self.certificate} with {self.key}", error) from error


class Match(_Model):
    """Which messages of a shared port are this connector's; what is left empty matches everything."""

    sending_application: str = Field(default="", description="MSH-3")
    sending_facility: str = Field(default="", description="MSH-4")
    receiving_application: str = Field(default="", description="MSH-5")
    receiving_facility: str = Field(default="", description="MSH-6")


class ListenerSettings(_Model):
    """One MLLP listener.

    Connectors on one port share its TLS settings and are told apart by ``match``. A message that none of them asks for
    is kept, refused (AR) and read by none. Before a message shows whose it is, the widest limit among them holds; then
    its own connector's ``max_message_bytes`` and ``allow_from``.
    """

    host: str = Field(default="127.0.0.1", description="address to listen on; 0.0.0.0 for all")
    port: int = Field(default=6000, ge=0, le=65535, description="TCP port; 0 takes any free one")
    tls: Tls | None = None
    match: Match = Match()
    allow_from: tuple[IPv4Network | IPv6Network, ...] = Field(
        default=(), description="networks that may connect; none: all"
    )
    max_message_bytes: int = Field(
        default=16 * 1024 * 1024, ge=1024, le=256 * 1024 * 1024, description="largest message; a larger one is refused"
    )
    max_connections: int = Field(default=512, ge=1, le=65536, description="connections open at the same time")
    max_in_flight: int = Field(default=128, ge=1, le=4096, description="unanswered messages per connection")
    idle_timeout_s: float = Field(default=600, gt=0, le=86400, description="silence after which a connection is closed")
    frame_timeout_s: float = Field(
        default=30, gt=0, le=3600, description="longest time that one message may take to arrive"
    )
    unframed: bool = Field(default=False, description="accept messages without MLLP framing")
    facility: str = Field(
        default="", description="facility code of messages that name none; without it such messages are parked"
    )
    fallback_charset: str = Field(
        default="cp1252", description="for messages that name no character set and are not UTF-8"
    )
    acknowledgement: AckMode = Field(default=AckMode.AUTO, description="auto follows MSH-15 and MSH-16")

    @field_validator("fallback_charset")
    @classmethod
    def _reads_hl7(cls, name: str) -> str:
        """Looked at here, because the first message that needs it comes at night."""
        if reason := charset.unfit(name):
            raise ValueError(f"{reason}; write one like cp1252 or iso8859-2")
        return name


def _unusable(place: str, file: str, error: OSError) -> Invalid:
    reason = error.strerror or getattr(error, "reason", None) or "not a PEM file"
    return Invalid(
        f"{file}: {reason}", place=place, remedy="name a readable PEM file that fits", code="certificate_unusable"
    )
