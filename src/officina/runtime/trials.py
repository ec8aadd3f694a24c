"""Trials of profiles that a person watches: one at a time in a thread, with how far it is, and it can be stopped.

What they found is kept in this process for a while, so that it can be paged through; a restart forgets it.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import count
from typing import TYPE_CHECKING, Final

from officina.actions.receive import Candidate, Rehearsal, Released, Source
from officina.actions.site import Site
from officina.errors import OfficinaError
from officina.runtime import rehearsal
from officina.runtime.rehearsal import Steps
from officina.store.rows import MessageRow

if TYPE_CHECKING:
    from officina.store import Store

log = logging.getLogger("officina.trials")

KEPT: Final = 8
DEFECT: Final = "a defect of the hub; the log has more about it"


@dataclass
class Trial:
    """``steps`` tells how far it is; ``found`` stands once it is ``over``, unless it went wrong: then ``trouble`` says
    why. ``began`` is the profile's text as it was before; ``untried``: it was to be adopted without a trial;
    ``adopted``, ``came`` and ``released``: what a person had done with it since.
    """

    id: int
    actor: str
    connector: str
    candidate: Candidate
    began: str
    untried: bool
    steps: Steps
    found: Rehearsal | None = None
    trouble: str = ""
    adopted: bool = False
    came: Released | None = None
    released: set[int] = field(default_factory=set)
    over: threading.Event = field(default_factory=threading.Event)

    @property
    def left(self) -> list[int]:
        """The messages that would have an effect now and were not processed again yet, in the order they came."""
        return [each for each in self.found.gaining if each not in self.released] if self.found else []


class Trials:
    """Those of this process; the newest few are kept."""

    def __init__(self, store: Store, site: Callable[[], Site]) -> None:
        self._store, self._site = store, site
        self._numbers = count(1)
        self._kept: dict[int, Trial] = {}
        self._lock = threading.Lock()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="trial")

    def begin(
        self,
        rows: Sequence[MessageRow],
        source: Source,
        candidate: Candidate,
        *,
        actor: str,
        began: str,
        untried: bool = False,
    ) -> Trial:
        """It takes the place of one that this person has under way. Raises Invalid at once where the profile or a code
        cannot be used."""
        site = self._site()
        then = rehearsal.candidate_source(self._store, site, source, candidate)
        trial = Trial(next(self._numbers), actor, source.name, candidate, began, untried, Steps(len(rows)))
        with self._lock:
            for other in self._kept.values():
                if other.actor == actor and not other.over.is_set():
                    other.steps.stop()
            self._kept[trial.id] = trial
            for old in [each for each in self._kept.values() if each.over.is_set()][: max(len(self._kept) - KEPT, 0)]:
                del self._kept[old.id]
        self._thread.submit(self._run, trial, rows, source, then, site)
        return trial

    def of(self, trial_id: int | None, actor: str) -> Trial | None:
        """The trial of this number that this person began."""
        trial = self._kept.get(trial_id or 0)
        return trial if trial is not None and trial.actor == actor else None

    def close(self) -> None:
        """Stops them all; returns once none uses the book any more."""
        for trial in list(self._kept.values()):
            trial.steps.stop()
        self._thread.shutdown()

    def _run(self, trial: Trial, rows: Sequence[MessageRow], now: Source, then: Source, site: Site) -> None:
        trial.steps.begun = True
        try:
            trial.found = rehearsal.rehearse(self._store, site, now, then, rows, trial.steps)
        except OfficinaError as error:
            trial.trouble = error.text
        except Exception:
            log.exception("A trial of a profile ended before its time.")
            trial.trouble = DEFECT
        finally:
            trial.over.set()
