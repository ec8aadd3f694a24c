"""The site as one document: read, compared, replaced, and gone back to as it was."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, ConfigDict, Field

from officina.actions import site
from officina.actions.site import edit
from officina.actions.site.versions import digest_of
from officina.api.fields import Instant
from officina.api.identity import ABSENT, Caller, needs
from officina.api.services import Hub, reading, writing
from officina.clock import iso
from officina.errors import NotFound
from officina.store import Tx, site_versions

router = APIRouter(prefix="/site", tags=["site"])

Number = Annotated[int, Path(ge=1, le=2**31 - 1, description="Its number.")]


class Document(BaseModel):
    """The whole site as a file."""

    digest: str = Field(description="Names exactly this site; give it back as `seen`.")
    file: str = Field(description="The site file (TOML). Secrets are references.")


class Wanted(BaseModel):
    """A site file to apply."""

    model_config = ConfigDict(strict=True)  # "yes" is not true

    file: str = Field(description="The site file (TOML); what it does not name stays, unless `prune` says otherwise.")
    prune: bool = Field(default=False, description="Take out what the file does not name.")
    trial: bool = Field(default=False, description="Only say what it would change.")
    seen: str | None = Field(default=None, description="Refuse (409) unless the site still has this digest.")


class Changed(BaseModel):
    """What applying changed."""

    digest: str = Field(description="Of the site as it is now.")
    summary: str = Field(description="`2 added, 1 changed`")
    changes: list[str] = Field(description="Line by line; what merely is not in the file is left out.")


class Version(BaseModel):
    """The site after one change."""

    number: int
    at: Instant
    actor: str
    summary: str = Field(description="What changed, in one line.")
    digest: str


class VersionDocument(Version):
    """The same with the site as it was."""

    file: str = Field(description="The site file (TOML).")


class Versions(BaseModel):
    """Versions, newest first."""

    items: list[Version]


class Seen(BaseModel):
    """What the caller has looked at."""

    seen: str = Field(description="Digest of the site as it is; refused (409) if it is another by now.")


@router.get("", summary="Get the site as a file")
async def get_site(hub: Hub, caller: Caller = needs("site.read")) -> Document:
    """What `officina export` writes; applying it again changes nothing."""
    text = await reading(hub, site.export)
    return Document(digest=digest_of(text), file=text)


@router.put("", summary="Apply a site file", responses={409: {}})
async def put_site(wanted: Wanted, hub: Hub, caller: Caller = needs("site.write")) -> Changed:
    """What `officina apply` does: checked as a whole, applied as a whole, in force with the answer."""
    document = site.parse_sent(wanted.file)

    def change(tx: Tx) -> Changed:
        changes = site.apply(tx, document, actor=caller.actor, at=hub.clock(), prune=wanted.prune, seen=wanted.seen)
        return _changed(tx, changes)

    if wanted.trial:
        return await reading(hub, lambda tx: _changed(tx, site.diff(tx, document, prune=wanted.prune)))
    return await _in_force(hub, await writing(hub, change))


@router.get("/versions", summary="List the versions of the site")
async def list_site_versions(
    hub: Hub,
    caller: Caller = needs("site.read"),
    before: Annotated[int | None, Query(ge=1, le=2**31 - 1, description="Only those older than this number.")] = None,
) -> Versions:
    """At most 50 at a time, newest first."""
    rows = await reading(hub, lambda tx: site_versions.listed(tx, before=before))
    return Versions(items=[Version(**_shown(row)) for row in rows])


@router.get("/versions/{number}", summary="Get the site as it was")
async def get_site_version(number: Number, hub: Hub, caller: Caller = needs("site.read")) -> VersionDocument:
    """With the whole site file."""
    row = await reading(hub, lambda tx: site_versions.get(tx, number))
    if row is None:
        raise NotFound(ABSENT)
    return VersionDocument(**_shown(row), file=row.body)


@router.post("/versions/{number}/revert", summary="Go back to a version of the site", responses={409: {}})
async def revert_site(number: Number, given: Seen, hub: Hub, caller: Caller = needs("site.write")) -> Changed:
    """As a new version; what was added since becomes inactive or is removed."""

    def change(tx: Tx) -> Changed:
        return _changed(tx, edit.go_back(tx, number, seen=given.seen, actor=caller.actor, at=hub.clock()))

    return await _in_force(hub, await writing(hub, change))


async def _in_force(hub: Hub, changed: Changed) -> Changed:
    if hub.supervisor is not None:
        await hub.supervisor.caught_up()
    return changed


def _changed(tx: Tx, changes: site.Changes) -> Changed:
    return Changed(digest=digest_of(site.export(tx)), summary=changes.summary(), changes=changes.lines())


def _shown(row: site_versions.VersionRow) -> dict[str, Any]:
    return {"number": row.number, "at": iso(row.at), "actor": row.actor, "summary": row.summary, "digest": row.digest}
