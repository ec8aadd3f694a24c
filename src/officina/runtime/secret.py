"""Secrets that the site names and the environment holds."""

from __future__ import annotations

import os
import ssl
from pathlib import Path

from officina.errors import Unavailable


def of(variable: str) -> str:
    """The value of an environment variable. Raises Unavailable where it is not set."""
    value = os.environ.get(variable, "")
    if not value:
        raise Unavailable(f"the environment variable {variable} is not set", remedy="set it where the hub is started")
    return value


def trust(ca: Path | None) -> ssl.SSLContext:
    """The context for a server that this authority vouches for, or one the system trusts. Raises Unavailable."""
    try:
        return ssl.create_default_context(cafile=ca)
    except (OSError, ssl.SSLError) as error:
        raise Unavailable(f"{ca} cannot be used: {error.strerror or 'not a PEM file'}") from error
