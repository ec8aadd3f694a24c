"""Clients of other makes talk to the listener."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import hl7
import hl7.client
import pytest
from tests.connectors.conftest import OpenPort
from tests.support.intakes import Answering
from tests.support.mllp_clients import install_node_client, run_mllp_send, run_node_client


def message(number: int) -> str:
    return (
        f"MSH|^~\\&|PHARM|HOME 1|OFFICINA|HUB|20260304||RDE^O11^RDE_O11|C-{number}|T|2.5.1\rPID|1||{number}^^^HOME^MR"
    )


@pytest.fixture(scope="session")
def node_client() -> Path:
    try:
        return install_node_client()
    except RuntimeError as error:
        pytest.fail(str(error))


async def test_mllp_send_of_python_hl7(open_port: OpenPort, tmp_path: Path) -> None:
    intake = Answering()
    port = await open_port(intake)
    file = tmp_path / "orders.hl7"
    file.write_bytes("\r\n".join(message(number).replace("\r", "\r\n") for number in (1, 2, 3)).encode())
    out = await run_mllp_send(Path(sys.executable).with_name("mllp_send"), port.number, file, loose=True)
    assert [payload for payload, _ in intake.taken] == [message(number).encode() for number in (1, 2, 3)]
    assert [f"MSA|AA|C-{number}".encode() in out for number in (1, 2, 3)] == [True] * 3


async def test_the_client_of_python_hl7_reads_the_answer(open_port: OpenPort) -> None:
    intake = Answering()
    port = await open_port(intake)

    def send() -> list[bytes]:
        with hl7.client.MLLPClient("127.0.0.1", port.number) as client:
            return [client.send_message(message(number)) for number in (1, 2)]

    answers = await asyncio.to_thread(send)
    read = [hl7.parse(answer.strip(b"\x0b\x1c\r").decode()) for answer in answers]
    assert [str(ack.segment("MSA")) for ack in read] == ["MSA|AA|C-1", "MSA|AA|C-2"]
    assert str(read[0].segment("MSH")[9]) == "ACK^O11^ACK"


@pytest.mark.usefixtures("node_client")
async def test_node_hl7_client_reads_the_answer(open_port: OpenPort) -> None:
    intake = Answering()
    port = await open_port(intake)
    answers = await run_node_client(port.number, [message(1), message(2)])
    assert [payload.rstrip(b"\r") for payload, _ in intake.taken] == [message(1).encode(), message(2).encode()]
    assert [f"MSA|AA|C-{number}" in answer for number, answer in enumerate(answers, 1)] == [True, True]
