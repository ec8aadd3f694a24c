"""Several connectors on one port, told apart by MSH-3 to MSH-6."""

from __future__ import annotations

import pytest
from tests.connectors.conftest import OpenPort
from tests.support.intakes import Answering
from tests.support.mllp_clients import Peer

from officina.connectors import registry
from officina.connectors.mllp_listener import Binding, ListenerSettings
from officina.connectors.mllp_listener.table import Table
from officina.errors import NotFound, OfficinaError
from officina.wire import er7


def binding(name: str, **match: str) -> Binding:
    return Binding(name, ListenerSettings.model_validate({"port": 0, "match": match}))


def message(application: str, facility: str = "HOME", receiver: str = "OFFICINA") -> bytes:
    return f"MSH|^~\\&|{application}|{facility}|{receiver}|HUB|2026||RDE^O11|C-1|T|2.5.1\r".encode()


TABLE = Table(
    [
        binding("all"),
        binding("app", sending_application="PHARM"),
        binding("both", sending_application="PHARM", sending_facility="HOME"),
        binding("hub", receiving_facility="HUB", sending_application="OTHER"),
    ]
)


@pytest.mark.parametrize(
    ("payload", "name"),
    [
        (message("PHARM"), "both"),
        (message("PHARM^1.2.3^ISO"), "both"),
        (message("PHARM", "ELSE"), "app"),
        (message("OTHER", "ELSE"), "hub"),
        (message("pharm"), "all"),
        (b"no header", "all"),
    ],
)
def test_the_most_specific_connector_wins(payload: bytes, name: str) -> None:
    found = TABLE.find(payload)
    assert found
    assert found.name == name


def test_who_claims_no_message_gets_none() -> None:
    assert Table([binding("app", sending_application="PHARM")]).find(message("OTHER")) is None


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({}, {}),
        ({"sending_application": "A"}, {"sending_application": "A"}),
        ({"sending_application": "A"}, {"receiving_application": "B"}),
    ],
)
def test_two_that_could_claim_the_same_message_are_refused(one: dict[str, str], other: dict[str, str]) -> None:
    with pytest.raises(OfficinaError) as caught:
        Table([binding("one", **one), binding("other", **other)])
    assert (caught.value.code, caught.value.place) == ("ambiguous_match", "other.match")


def test_one_port_has_one_tls() -> None:
    plain = binding("plain", sending_application="A")
    settings = {
        "port": 0,
        "match": {"sending_application": "B"},
        "tls": {"certificate": "certificate.pem", "key": "key.pem"},
    }
    with pytest.raises(OfficinaError) as caught:
        Table([plain, Binding("secure", ListenerSettings.model_validate(settings))])
    assert (caught.value.code, caught.value.place) == ("tls_differs", "secure.tls")


async def test_a_message_nobody_asked_for_is_taken_by_nobody(open_port: OpenPort) -> None:
    intake = Answering()
    port = await open_port(intake, binding("a", sending_application="A"), binding("b", sending_application="B"))
    async with await Peer.connect(port.number) as peer:
        codes = [er7.parse(await peer.ask(message(application))).get("MSA-1") for application in ("B", "A", "C")]
    assert codes == ["AA", "AA", "AR"]
    assert [origin.connector for _, origin in intake.taken] == ["b", "a"]
    assert [(payload, why.reason) for payload, why in intake.turned_away] == [(message("C"), "no_match")]


async def test_a_suspended_connector_claims_its_messages_and_takes_none(open_port: OpenPort) -> None:
    intake = Answering()
    suspended = binding("a", sending_application="A")._replace(suspended=True)
    port = await open_port(intake, suspended, binding("rest"))
    async with await Peer.connect(port.number) as peer:
        codes = [er7.parse(await peer.ask(message(application))).get("MSA-1") for application in ("A", "B")]
    assert codes == ["AE", "AA"]
    assert [origin.connector for _, origin in intake.taken] == ["rest"]
    assert [why.reason for _, why in intake.turned_away] == ["suspended"]


async def test_connectors_change_under_an_open_connection(open_port: OpenPort) -> None:
    intake = Answering()
    port = await open_port(intake, binding("old"))
    async with await Peer.connect(port.number) as peer:
        await peer.ask(message("A"))
        with pytest.raises(OfficinaError):
            port.set_connectors([binding("x"), binding("y")])
        await peer.ask(message("A"))
        port.set_connectors([binding("new", sending_application="A"), binding("rest")])
        await peer.ask(message("A"))
        await peer.ask(message("B"))
    assert [origin.connector for _, origin in intake.taken] == ["old", "old", "new", "rest"]


async def test_a_connector_on_a_shared_port_keeps_its_own_networks_and_size(open_port: OpenPort) -> None:
    intake = Answering()
    settings = {"port": 0, "match": {"sending_application": "A"}, "allow_from": ["10.0.0.0/8"]}
    small = {"port": 0, "match": {"sending_application": "B"}, "max_message_bytes": 1024}
    port = await open_port(
        intake,
        Binding("far", ListenerSettings.model_validate(settings)),
        Binding("small", ListenerSettings.model_validate(small)),
    )
    async with await Peer.connect(port.number) as peer:
        assert b"MSA|AR|C-1" in await peer.ask(message("A"))
        assert b"MSA|AR|C-1" in await peer.ask(message("B") + b"NTE|" + b"x" * 2000)
        assert b"MSA|AA|C-1" in await peer.ask(message("B"))
    assert len(intake.taken) == 1


def test_the_registry_knows_the_kind() -> None:
    kind = registry.kind("mllp_listener")
    assert (kind.name, kind.role, kind.settings) == ("mllp_listener", "listener", ListenerSettings)
    assert "mllp_listener" in registry.kinds()
    with pytest.raises(NotFound, match="mllp_listener"):
        registry.kind("pigeon")
