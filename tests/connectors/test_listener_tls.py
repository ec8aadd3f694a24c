"""The MLLP listener over TLS and mutual TLS."""

from __future__ import annotations

import ssl
from pathlib import Path

import pytest
import trustme
from tests.connectors.conftest import OpenPort
from tests.support.intakes import Answering
from tests.support.mllp_clients import Peer

from officina.connectors.mllp_listener import Binding, ListenerSettings, MllpPort, Tls
from officina.errors import OfficinaError

ORDER = b"MSH|^~\\&|PHARM|HOME|OFFICINA|HUB|20260304||RDE^O11^RDE_O11|C-1|T|2.5.1\rPID|1\r"


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="module")
def tls(authority: trustme.CA, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    folder = tmp_path_factory.mktemp("tls")
    server = authority.issue_cert("localhost")
    server.private_key_pem.write_to_path(folder / "key.pem")
    for blob in server.cert_chain_pems:
        blob.write_to_path(folder / "certificate.pem", append=True)
    authority.cert_pem.write_to_path(folder / "authority.pem")
    return {"certificate": str(folder / "certificate.pem"), "key": str(folder / "key.pem")}


def client_context(authority: trustme.CA, name: str = "") -> ssl.SSLContext:
    context = ssl.create_default_context()
    authority.configure_trust(context)
    if name:
        authority.issue_cert("pharmacy.example", common_name=name).configure_cert(context)
    return context


def mutual(tls: dict[str, str]) -> dict[str, str]:
    return {**tls, "client_ca": str(Path(tls["key"]).with_name("authority.pem"))}


async def test_a_message_over_tls(open_port: OpenPort, tls: dict[str, str], authority: trustme.CA) -> None:
    intake = Answering()
    port = await open_port(intake, tls=tls)
    async with await Peer.connect(port.number, tls=client_context(authority)) as peer:
        assert b"MSA|AA|C-1" in await peer.ask(ORDER)
    assert intake.taken[0][1].identity == ""


async def test_a_renewed_certificate_holds_for_new_connections(
    open_port: OpenPort, tls: dict[str, str], authority: trustme.CA
) -> None:
    intake = Answering()
    port = await open_port(intake, tls=tls)
    context = client_context(authority)
    async with await Peer.connect(port.number, tls=context) as old:
        renewed = authority.issue_cert("localhost")
        renewed.private_key_pem.write_to_path(tls["key"])
        renewed.cert_chain_pems[0].write_to_path(tls["certificate"])
        port.set_connectors(port.table.bindings)
        async with await Peer.connect(port.number, tls=context) as new:
            serials = [peer.writer.get_extra_info("peercert")["serialNumber"] for peer in (old, new)]
            assert serials[0] != serials[1]
            assert b"MSA|AA|C-1" in await old.ask(ORDER)
            assert b"MSA|AA|C-1" in await new.ask(ORDER)


async def test_stopping_tells_a_tls_peer_and_is_quick(
    open_port: OpenPort, tls: dict[str, str], authority: trustme.CA
) -> None:
    port = await open_port(Answering(), tls=tls)
    async with await Peer.connect(port.number, tls=client_context(authority)) as peer:
        await peer.ask(ORDER)
        assert await port.stop(10.0) == 0
        await peer.closed()


async def test_mutual_tls_names_the_peer(open_port: OpenPort, tls: dict[str, str], authority: trustme.CA) -> None:
    intake = Answering()
    port = await open_port(intake, tls=mutual(tls))
    async with await Peer.connect(port.number, tls=client_context(authority, "Home Pharmacy")) as peer:
        assert b"MSA|AA|C-1" in await peer.ask(ORDER)
    assert intake.taken[0][1].identity == "Home Pharmacy"


@pytest.mark.parametrize("stranger", [False, True], ids=["without a certificate", "of another authority"])
async def test_mutual_tls_refuses(
    open_port: OpenPort, tls: dict[str, str], authority: trustme.CA, stranger: bool
) -> None:
    intake = Answering()
    port = await open_port(intake, tls=mutual(tls))
    context = client_context(authority)
    if stranger:
        trustme.CA().issue_cert("pharmacy.example").configure_cert(context)
    with pytest.raises((ssl.SSLError, ConnectionError, EOFError)):
        async with await Peer.connect(port.number, tls=context) as peer:
            await peer.ask(ORDER)
    assert intake.taken == []


def test_nothing_older_than_tls_1_2(tls: dict[str, str]) -> None:
    assert Tls.model_validate(tls).context().minimum_version == ssl.TLSVersion.TLSv1_2


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"certificate": "/nowhere/certificate.pem"}, "tls.certificate"),
        ({"key": __file__}, "tls.certificate"),
        ({"client_ca": __file__}, "tls.client_ca"),
    ],
)
async def test_a_file_that_cannot_be_used_is_named(tls: dict[str, str], change: dict[str, str], place: str) -> None:
    settings = ListenerSettings.model_validate({"port": 0, "tls": {**tls, **change}})
    with pytest.raises(OfficinaError) as caught:
        await MllpPort([Binding("pharmacy", settings)], Answering()).start()
    assert (caught.value.code, caught.value.place) == ("certificate_unusable", place)
    assert next(iter(change.values())) in caught.value.text
