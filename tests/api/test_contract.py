"""The OpenAPI document and the running API agree, over real HTTP."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any, NamedTuple

import httpx
import pytest
import schemathesis
import uvicorn
from hypothesis import HealthCheck, Phase, settings
from tests.api.conftest import Hub, prepared
from tests.support.samples import rde_o11

from officina import api
from officina.config import Settings
from officina.store import migrate, open_store
from officina.workflow.rights import PERMISSIONS

DOCUMENT = api.build(SimpleNamespace(settings=Settings())).openapi()  # type: ignore[arg-type]
SCHEMA = schemathesis.openapi.from_dict(DOCUMENT)
OPERATIONS = [(path, method, one) for path, item in DOCUMENT["paths"].items() for method, one in item.items()]


@schemathesis.serializer("application/hl7-v2", "x-application/hl7-v2+er7")
def hl7(context: Any, value: Any) -> bytes:
    """How the generated bodies of a submission are sent: as they are."""
    return value if isinstance(value, bytes) else str(value).encode()


class Served(NamedTuple):
    url: str
    key: str


class Server(uvicorn.Server):
    """Says when it is up."""

    def __init__(self, config: uvicorn.Config, up: threading.Event) -> None:
        super().__init__(config)
        self._up = up

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._up.set()


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A hub with some orders behind a real server; its address and a key that may do everything."""
    url = f"sqlite:///{tmp_path_factory.mktemp('contract') / 'officina.db'}"
    migrate(url)
    with open_store(url) as store, socket.create_server(("127.0.0.1", 0)) as listening:
        hub, up = prepared(store), threading.Event()
        server = Server(uvicorn.Config(hub.app, log_config=None, lifespan="off", timeout_graceful_shutdown=5), up)
        thread = threading.Thread(target=asyncio.run, args=(_serve(hub, server, listening),))
        thread.start()
        assert up.wait(20)
        yield Served(f"http://127.0.0.1:{listening.getsockname()[1]}/api/v1", hub.key().presented)
        server.should_exit = True
        thread.join(20)


async def _serve(hub: Hub, server: Server, listening: socket.socket) -> None:
    hub.intake.attach(asyncio.get_running_loop())
    for number in range(3):
        await hub.receive(f"MSG{number}", placer_number=f"PL-{number}")
    await server.serve([listening])


@SCHEMA.parametrize()
@settings(
    max_examples=12,
    derandomize=True,
    deadline=None,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
def test_the_api_does_what_its_document_says(case: Any, served: Served) -> None:
    case.call_and_validate(
        base_url=served.url,
        headers={"Authorization": f"Bearer {served.key}"},
        excluded_checks=[schemathesis.checks.CHECKS.get_one("positive_data_acceptance")],
    )


@pytest.mark.parametrize(
    ("path", "method", "operation"), OPERATIONS, ids=[one["operationId"] for *_, one in OPERATIONS]
)
def test_every_operation_is_described_and_names_its_permission(path: str, method: str, operation: Any) -> None:
    assert operation["summary"]
    assert operation["description"]
    scopes = {scope for way in operation["security"] for names in way.values() for scope in names}
    assert len(scopes) == 1
    assert scopes <= set(PERMISSIONS)
    assert {"401", "403", "500", "503"} <= set(operation["responses"])
    for parameter in operation.get("parameters", ()):
        assert parameter.get("description"), parameter["name"]


def test_the_document_is_served_to_anyone_and_is_openapi_3_1(served: Served) -> None:
    answer = httpx.get(f"{served.url}/openapi.json")
    assert answer.status_code == 200
    assert answer.json() == DOCUMENT
    assert answer.json()["openapi"].startswith("3.1")


def test_every_member_of_an_object_says_what_it_is_or_is_plain(served: Served) -> None:
    for name, schema in DOCUMENT["components"]["schemas"].items():
        assert schema.get("description"), name


def test_the_reference_page_has_every_operation_and_asks_no_other_server(served: Served) -> None:
    answer = httpx.get(f"{served.url}/reference")
    assert answer.status_code == 200
    for path, method, operation in OPERATIONS:
        assert f'id="{operation["operationId"]}"' in answer.text
        assert f"{method.upper()} /api/v1{path}" in answer.text
    assert "<script" not in answer.text
    assert "http://" not in answer.text.replace("http://hub", "")
    assert "https://" not in answer.text
    assert "default-src 'none'; style-src 'sha256-" in answer.headers["content-security-policy"]


def test_it_serves_the_same_over_a_real_connection(served: Served) -> None:
    with httpx.Client(base_url=served.url, headers={"Authorization": f"Bearer {served.key}"}) as partner:
        raw = rde_o11("REAL1", placer_number="PL-REAL")
        headers = {"Content-Type": "application/hl7-v2"}
        submitted = partner.post("/messages?connector=pharmacy", content=raw, headers=headers).json()
        assert submitted["state"] == "accepted"
        assert partner.get(f"/messages/{submitted['message_id']}/raw").content == raw
