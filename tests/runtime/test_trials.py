"""Trials run one after the other, say how far they are, can be stopped, and are forgotten in time."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator

import pytest
from tests.runtime.test_delivery import order, take_in
from tests.support.hub import SITE, running_hub

from officina.actions.receive import Candidate
from officina.app import Hub
from officina.errors import Invalid
from officina.runtime import trials
from officina.runtime.intake import source_of
from officina.runtime.trials import Trial
from officina.store.messages import MessageFilter

DEADLINE_S = 20.0
OTHER = Candidate('extends = "hl7"', {"LATER": "OAK"})


@pytest.fixture
async def hub(sqlite_url: str) -> AsyncIterator[Hub]:
    async with running_hub(sqlite_url, SITE) as running:
        await take_in(running, *[order(number, facility="LATER") for number in range(5)])
        yield running


def begin(hub: Hub, candidate: Candidate = OTHER) -> Trial:
    rows = hub.intake.to_rehearse(MessageFilter(), "pharmacy", most=100)
    return hub.trials.begin(rows, source_of(hub.supervisor.site(), "pharmacy"), candidate, actor="ada", began="")


async def over(trial: Trial) -> None:
    assert await asyncio.to_thread(trial.over.wait, DEADLINE_S)


async def test_it_is_counted_as_it_goes_and_tells_what_it_found(hub: Hub) -> None:
    trial = begin(hub)
    await over(trial)
    steps = trial.steps
    assert (steps.messages, steps.read, steps.gaining, steps.entered) == (5, 5, 5, 5)
    assert trial.found is not None
    assert trial.found.effect.states == {"accepted": 5}
    assert len(trial.left) == 5
    assert hub.trials.of(trial.id, "ada") is trial
    assert hub.trials.of(trial.id, "phil") is None


async def test_a_stopped_one_reads_no_further(hub: Hub) -> None:
    before = threading.Event()
    hub.trials._thread.submit(before.wait)
    trial = begin(hub)
    trial.steps.stop()
    before.set()
    await over(trial)
    assert trial.found is not None
    assert (trial.steps.read, trial.found.tried) == (0, ())


async def test_a_new_one_takes_the_place_of_the_one_under_way(hub: Hub) -> None:
    before = threading.Event()
    hub.trials._thread.submit(before.wait)
    first, second = begin(hub), begin(hub)
    before.set()
    await over(second)
    assert (first.steps.stopped, first.steps.read) == (True, 0)
    assert (second.steps.stopped, second.steps.read) == (False, 5)


async def test_what_cannot_be_used_is_refused_before_it_begins(hub: Hub) -> None:
    with pytest.raises(Invalid):
        begin(hub, Candidate('extends = "nothing"'))
    with pytest.raises(Invalid):
        begin(hub, Candidate('extends = "hl7"', {"LATER": "NOWHERE"}))


async def test_the_oldest_are_forgotten(hub: Hub) -> None:
    made = []
    for _ in range(trials.KEPT + 2):
        made.append(begin(hub))
        await over(made[-1])
    assert [hub.trials.of(each.id, "ada") is not None for each in made] == [False] * 2 + [True] * trials.KEPT
