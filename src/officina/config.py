"""Process settings: what one process needs to know before it can open the book.

Taken from, first found first used: what the caller gives (a command's option), the environment (``OFFICINA_WEB_PORT``,
or ``OFFICINA_WEB_PORT_FILE`` naming a file that holds the value), `officina.toml`, the default. Everything about
partners and places lives in the book itself (`officina.actions.site`) and is not known here.
"""

from __future__ import annotations

import difflib
import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from officina.errors import Invalid

PREFIX = "OFFICINA_"
CONFIG_VARIABLE = "OFFICINA_CONFIG"
CONFIG_FILE = "officina.toml"
OTHER_VARIABLES = {
    CONFIG_VARIABLE: "Path of the settings file; default: `officina.toml` in the working directory, if there is one.",
    "OFFICINA_DEMO_MLLP_PORT": "Port of the HL7 listener of `officina demo`; default: 6000.",
    "OFFICINA_ADDRESS": "Where the hub is that `officina top` looks at; default: web_host and web_port.",
    "OFFICINA_KEY": "API key of `officina top`.",
    "OFFICINA_CORPORA": "Tests only: folder of the message corpora; default: `../shared/corpora`.",
}
DEFAULT_DATABASE_URL = "sqlite:///var/officina.db"

Port = Annotated[int, Field(ge=0, le=65535)]
Count = Annotated[int, Field(ge=1)]


class Settings(BaseModel):
    """The settings of one process; frozen. Field names are the setting names, in `officina.toml` and, upper-cased
    after ``OFFICINA_``, in the environment."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    database_url: str = Field(
        DEFAULT_DATABASE_URL,
        description="The book. `sqlite:///PATH` (embedded) or `postgresql://USER:PASSWORD@HOST/NAME`.",
    )
    web_host: str = Field("127.0.0.1", description="Address the screens and the API listen on.")
    web_port: Port = Field(8080, description="Port the screens and the API listen on; 0 takes any free one.")
    web_certificate: Path | None = Field(None, description="Certificate chain (PEM) for TLS on the web port.")
    web_key: Path | None = Field(None, description="Private key (PEM) of `web_certificate`.")
    web_plain: bool = Field(
        False,
        description="Allow the web port without TLS on an address other than this machine's own: "
        "only behind a proxy that ends TLS.",
    )
    public_url: str = Field(
        "",
        pattern=r"^(https?://[^\s?#]+)?$",
        description="Where people reach the screens, like `https://hub.example.org`: e-mails and webhooks that tell of "
        "an alert link to it there; empty: they link to nothing.",
    )
    request_max_bytes: Count = Field(10_000_000, description="Largest body of one web or API request, in bytes.")
    session_idle_minutes: Count = Field(30, description="A person is signed out after so many minutes unused.")
    session_hours: Count = Field(12, description="A person is signed out so many hours after signing in, used or not.")
    sign_in_attempts: Count = Field(5, description="Wrong passwords in a row that lock an account.")
    sign_in_lock_minutes: Count = Field(15, description="How long a locked account stays locked, in minutes.")
    stop_seconds: Count = Field(
        10, description="How long a stop waits for messages already accepted to be answered, in seconds."
    )
    name: str = Field(
        "",
        max_length=100,
        description="Name of this hub among those on one book, each with its own; default: machine and process. "
        "A hub that starts again under its name goes on at once.",
    )
    lease_seconds: Annotated[int, Field(ge=3)] = Field(
        15,
        description="Several hubs on one book: how long one is silent before another takes over, in seconds.",
    )
    log_format: Literal["text", "json"] = Field("text", description="Form of the log: `text` lines or `json` objects.")
    log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="Least level that is logged.")


def load(environment: Mapping[str, str] | None = None, **given: object) -> Settings:
    """The settings of this process. `given` wins (a value of None counts as not given).

    Raises `Invalid` naming the setting as its author wrote it: ``OFFICINA_WEB_PORT`` or ``officina.toml: web_port``.
    """
    variables = os.environ if environment is None else environment
    values: dict[str, object] = {}
    origin: dict[str, str] = {}
    for source in (_from_file(variables), _from_environment(variables), _from_caller(given)):
        for name, (value, place) in source.items():
            values[name], origin[name] = value, place
    try:
        settings = Settings.model_validate(values)
    except ValidationError as refused:
        raise _explain(refused, origin) from None
    _check_together(settings, origin)
    return settings


def prepare(settings: Settings) -> None:
    """Make the folder of an SQLite book, readable by its owner alone, so that opening it can succeed."""
    path = sqlite_path(settings.database_url)
    if path is None:
        return
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as reason:
        raise Invalid(
            f"the folder {path.parent} cannot be made: {reason.strerror}",
            place="database_url",
            remedy="choose a folder this user may write to",
        ) from None


def sqlite_path(database_url: str) -> Path | None:
    """The file of an SQLite database; None for PostgreSQL or an in-memory database."""
    scheme, _, rest = database_url.partition("://")
    if not scheme.startswith("sqlite"):
        return None
    path = rest.removeprefix("/").partition("?")[0]
    return Path(path) if path and path != ":memory:" else None


def is_loopback(host: str) -> bool:
    """Whether an address can be reached from this machine alone."""
    return host in ("localhost", "::1") or host.startswith("127.")


def unknown_variables(environment: Mapping[str, str] | None = None) -> list[str]:
    """Variables that look like settings but are none: most often a slip of the pen. `officina check` warns of them."""
    variables = os.environ if environment is None else environment
    known = {PREFIX + name.upper() for name in Settings.model_fields}
    known |= {f"{name}_FILE" for name in known} | set(OTHER_VARIABLES)
    return sorted(name for name in variables if name.startswith(PREFIX) and name not in known)


_Found = dict[str, tuple[object, str]]


def _from_caller(given: Mapping[str, object]) -> _Found:
    return {name: (value, name) for name, value in given.items() if value is not None}


def _from_environment(variables: Mapping[str, str]) -> _Found:
    found: _Found = {}
    for name in Settings.model_fields:
        variable = PREFIX + name.upper()
        value, file = variables.get(variable), variables.get(f"{variable}_FILE")
        if value is not None and file is not None:
            raise Invalid("is set twice, directly and by a file", place=variable, remedy="keep one of the two")
        if file is not None:
            found[name] = (_read(Path(file), f"{variable}_FILE").strip(), f"{variable}_FILE")
        elif value is not None:
            found[name] = (value, variable)
    return found


def _from_file(variables: Mapping[str, str]) -> _Found:
    named = variables.get(CONFIG_VARIABLE)
    path = Path(named or CONFIG_FILE)
    if named is None and not path.exists():
        return {}
    try:
        values = tomllib.loads(_read(path, CONFIG_VARIABLE if named else CONFIG_FILE))
    except tomllib.TOMLDecodeError as reason:
        raise Invalid(f"is not TOML: {reason}", place=str(path)) from None
    for key in values:
        if key not in Settings.model_fields:
            raise Invalid("is not a setting", place=f"{path}: {key}", remedy=_similar(key))
    return {key: (value, f"{path}: {key}") for key, value in values.items()}


def _similar(key: str) -> str:
    close = difflib.get_close_matches(key, Settings.model_fields, n=1)
    return f"did you mean {close[0]}?" if close else "docs/reference/settings.md lists them all"


def _read(path: Path, place: str) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as reason:
        why = getattr(reason, "strerror", None) or "it is not UTF-8 text"
        raise Invalid(f"the file {path} cannot be read: {why}", place=place) from None


def _explain(refused: ValidationError, origin: Mapping[str, str]) -> Invalid:
    problem = refused.errors(include_url=False)[0]
    name = str(problem["loc"][0]) if problem["loc"] else ""
    allowed = (Settings.model_fields[name].description or "") if name in Settings.model_fields else _similar(name)
    # The value itself stays out: a setting may be a secret.
    return Invalid(problem["msg"][:1].lower() + problem["msg"][1:], place=origin.get(name, name), remedy=allowed)


def _check_together(settings: Settings, origin: Mapping[str, str]) -> None:
    if (settings.web_certificate is None) != (settings.web_key is None):
        missing = "web_key" if settings.web_key is None else "web_certificate"
        raise Invalid("web_certificate and web_key belong together", place=missing, remedy="give both or neither")
    if not is_loopback(settings.web_host) and settings.web_certificate is None and not settings.web_plain:
        raise Invalid(
            f"{settings.web_host} is reachable from other machines, and there is no TLS",
            place=origin.get("web_host", "web_host"),
            remedy="set web_certificate and web_key, or web_plain = true behind a proxy that ends TLS",
        )
