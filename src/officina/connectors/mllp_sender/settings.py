"""Settings of an MLLP sender, as they stand in the site file and in the settings workspace."""

from __future__ import annotations

import ssl
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from officina.errors import Invalid


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class SenderTls(_Model):
    """TLS 1.2 or newer. With ``certificate`` and ``key`` the hub shows its own certificate (mutual TLS)."""

    ca: Path | None = Field(
        default=None,
        description="PEM file with the authority that signs the receiver's certificate; none: the system's",
    )
    certificate: Path | None = Field(default=None, description="PEM file with the hub's certificate and its chain")
    key: Path | None = Field(default=None, description="PEM file with its private key")
    server_name: str = Field(default="", description="name in the receiver's certificate; default: the host")

    def context(self) -> ssl.SSLContext:
        """The client context. Raises Invalid naming the setting whose file cannot be used."""
        try:
            context = ssl.create_default_context(cafile=self.ca)
        except (OSError, ssl.SSLError) as error:
            raise _unusable("tls.ca", str(self.ca), error) from error
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        if self.certificate is not None:
            try:
                context.load_cert_chain(self.certificate, self.key)
            except (OSError, ssl.SSLError) as error:
                raise _unusable("tls.certificate", f"{self.certificate} with {self.key}", error) from error
        return context


class SenderSettings(_Model):
    """One MLLP sender: one receiver, one queue, one message at a time.

    A message stays first in the queue until the receiver has taken it (AA, CA) or refused it (AR, CR: it moves to the
    error queue and the next one goes). Whatever else happens (AE, CE, no connection, no answer, an answer that is
    none) it is sent again after ``retry_interval_s``, unless a limit says otherwise.
    """

    host: str = Field(description="address of the receiver")
    port: int = Field(ge=1, le=65535, description="TCP port of the receiver")
    tls: SenderTls | None = None
    connection: Literal["kept", "per_message"] = Field(
        default="kept", description="kept open between messages, or a new one for each"
    )
    response_timeout_s: float = Field(default=30, gt=0, le=3600, description="longest wait for an answer")
    retry_interval_s: float = Field(default=30, gt=0, le=86400, description="wait after the first failure")
    retry_factor: float = Field(default=1.5, ge=1, le=10, description="how much longer each further wait is")
    retry_most_s: float = Field(default=600, gt=0, le=86400, description="longest wait between two attempts")
    most_attempts: int = Field(
        default=0, ge=0, le=100_000, description="attempts after which a message moves to the error queue; 0: never"
    )
    most_age_s: float = Field(
        default=0, ge=0, description="age at which a message that was tried moves to the error queue; 0: never"
    )
    send_doubtful_again: bool = Field(
        default=True,
        description="send again what may have arrived (no answer, or none that can be read); "
        "receivers know a repeated message by MSH-10. false: to the error queue",
    )
    lanes: Literal["none", "patient", "order"] = Field(
        default="none", description="what must stay in order: all, or only what concerns one patient, or one order"
    )


def _unusable(place: str, file: str, error: OSError) -> Invalid:
    reason = error.strerror or getattr(error, "reason", None) or "not a PEM file"
    return Invalid(
        f"{file}: {reason}", place=place, remedy="name a readable PEM file that fits", code="certificate_unusable"
    )
