"""`officina key`: API keys of partners."""

from __future__ import annotations

from typing import Annotated

import typer


def create(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Whose key it is.")],
    scope: Annotated[list[str], typer.Option(help="A permission; may be given several times.")],
    place: Annotated[str, typer.Option(metavar="CODE", help="Valid at and below this place; default: anywhere.")] = "",
    days: Annotated[int | None, typer.Option(min=1, help="Valid so many days; default: until revoked.")] = None,
) -> None:
    """Create an API key. It is printed once and stored only as a digest."""
    from officina import clock
    from officina.actions import keys, site
    from officina.cli.book import ACTOR, opened, write
    from officina.store import Tx

    def work(tx: Tx) -> keys.NewKey:
        at = clock.now()
        expires_at = None if days is None else at + days * 86_400 * clock.SECOND
        place_id = site.place_id(tx, place) if place else None
        return keys.create_key(tx, name, scope, place_id=place_id, expires_at=expires_at, actor=ACTOR, at=at)

    with opened() as store:
        print(write(store, work).presented)


def list_keys() -> None:
    """List all keys: prefix, state, name, scopes. Secrets are not kept, so they cannot be shown."""
    from officina import clock
    from officina.cli.book import opened
    from officina.store import keys

    at = clock.now()
    with opened() as store, store.read() as tx:
        for key in keys.every(tx):
            expired = key.expires_at is not None and key.expires_at <= at
            state = "revoked" if key.revoked_at is not None else "expired" if expired else "valid"
            until = f" until {clock.iso(key.expires_at)[:10]}" if key.expires_at and state == "valid" else ""
            print(f"{key.prefix}  {state}{until}  {key.name}  {key.scopes}")


def revoke(prefix: Annotated[str, typer.Argument(metavar="PREFIX", help="The ten letters after ofc_.")]) -> None:
    """Revoke a key; it opens nothing from now on."""
    from officina import clock
    from officina.actions import keys
    from officina.cli.book import ACTOR, opened, write

    with opened() as store:
        write(store, lambda tx: keys.revoke_key(tx, prefix, actor=ACTOR, at=clock.now()))
    print(f"{prefix} is revoked.")
