"""Metrics for Prometheus."""

from __future__ import annotations

import anyio.to_thread
from fastapi import APIRouter, Response

from officina.api.identity import Caller, needs
from officina.api.services import Hub
from officina.errors import Unavailable

router = APIRouter(prefix="/metrics", tags=["metrics"])
CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


@router.get(
    "",
    summary="Get the metrics",
    response_class=Response,
    responses={200: {"content": {CONTENT_TYPE: {"schema": {"type": "string"}}}, "description": "Prometheus's text."}},
)
async def get_metrics(hub: Hub, caller: Caller = needs("connectors.read")) -> Response:
    """Counters since the hub started, and what waits now, by connector: `officina_messages_total`,
    `officina_attempts_total`, `officina_attempt_seconds`, `officina_connector_up`, `officina_queue_deliveries`,
    `officina_queue_oldest_timestamp_seconds`, `officina_error_queue_deliveries`. Give the scraper a key of its own with
    the scope `connectors.read`."""
    metrics = hub.metrics
    if metrics is None:
        raise Unavailable("this process counts nothing")
    return Response(await anyio.to_thread.run_sync(metrics.text), media_type=CONTENT_TYPE)
