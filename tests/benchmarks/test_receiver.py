"""The receiver takes and notes everything: it is the other instrument, so it is tested like one."""

from __future__ import annotations

from pathlib import Path

from benchmarks.hub import free_port
from benchmarks.load import Load
from benchmarks.receiver import Receiver


async def test_everything_is_acknowledged_and_noted_once(tmp_path: Path) -> None:
    ports = [free_port(), free_port()]
    with Receiver(ports, tmp_path / "received.tsv") as receiver:
        sent = []
        for number, port in enumerate(ports):
            load = Load("127.0.0.1", port, 3, f"000000{number}")
            load.tally.journal = []
            await load.connect()
            await load.drive(count=50)
            await load.close()
            assert load.tally.errors == {}
            sent += [(port, control_id.decode()) for control_id, _, _ in load.tally.journal]
        received = receiver.stop(100)
    assert sorted((each.port, each.control_id) for each in received) == sorted(sent)
    assert len({each.connection for each in received}) == 6
    assert [each.at for each in received] == sorted(each.at for each in received)
