"""`officina serve`: the hub itself."""

from __future__ import annotations

from typing import Annotated

import typer


def serve(
    host: Annotated[str | None, typer.Option(help="Address of screens and API; default: web_host (127.0.0.1).")] = None,
    port: Annotated[int | None, typer.Option(help="Port of screens and API; default: web_port (8080).")] = None,
    log_format: Annotated[str | None, typer.Option(help="text or json; default: log_format (text).")] = None,
) -> None:
    """Run the hub until it is told to stop (Ctrl-C or SIGTERM)."""
    from officina import app, config

    settings = config.load(web_host=host, web_port=port, log_format=log_format)
    config.prepare(settings)
    app.serve(settings)
