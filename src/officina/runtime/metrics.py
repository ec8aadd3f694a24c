"""What the hub counts for Prometheus: messages by state, attempts by result, and what waits.

It holds names of connectors and nothing of what they carry. Counting is on the hot path, so each counter is looked up
once and kept.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from prometheus_client import CollectorRegistry, Counter, Histogram, ProcessCollector, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from officina.runtime.supervisor import Supervisor
from officina.store import Store, alerts, deliveries
from officina.workflow.alert import WATCHED

_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)


class Metrics:
    """The counters of one hub."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        ProcessCollector(registry=self._registry)
        self._messages = Counter(
            "officina_messages",
            "Messages kept, by connector and what became of them",
            ("connector", "state"),
            registry=self._registry,
        )
        self._attempts = Counter(
            "officina_attempts",
            "Attempts to hand a message over, by connector and result",
            ("connector", "result"),
            registry=self._registry,
        )
        self._answered = Histogram(
            "officina_attempt_seconds",
            "From the sending of a message to its answer, or until it was given up",
            ("connector",),
            buckets=_SECONDS,
            registry=self._registry,
        )
        self._known: dict[tuple[str, str], Callable[[], None]] = {}

    def watch(self, store: Store, supervisor: Supervisor) -> None:
        """Have what waits looked up whenever somebody asks."""
        self._registry.register(_Waiting(store, supervisor))

    def message(self, connector: str, state: str) -> None:
        """One more message of this connector is in this state. Called per message: keep it cheap."""
        count = self._known.get((connector, state))
        if count is None:
            count = self._known[connector, state] = self._messages.labels(connector, state).inc
        count()

    def attempt(self, connector: str, result: str, took_s: float) -> None:
        """One more attempt came to this."""
        self._attempts.labels(connector, result).inc()
        self._answered.labels(connector).observe(took_s)

    def messages(self) -> dict[tuple[str, str], int]:
        """How many messages since the start, by connector and state."""
        return _totals(self._messages)

    def attempts(self) -> dict[tuple[str, str], int]:
        """How many attempts since the start, by connector and result."""
        return _totals(self._attempts)

    def text(self) -> bytes:
        """All of it, in the text format of Prometheus. Blocks while the book is asked."""
        return generate_latest(self._registry)


def _totals(counter: Counter) -> dict[tuple[str, str], int]:
    samples = [sample for metric in counter.collect() for sample in metric.samples if sample.name.endswith("_total")]
    return {(connector, became): int(each.value) for each in samples for connector, became in [each.labels.values()]}


class _Waiting(Collector):
    def __init__(self, store: Store, supervisor: Supervisor) -> None:
        self._store, self._supervisor = store, supervisor

    def describe(self) -> list[Metric]:
        return []

    def collect(self) -> Iterator[Metric]:
        running = self._supervisor.states()
        up = GaugeMetricFamily("officina_connector_up", "1: it runs; 0: it does not", labels=("connector",))
        for name, each in running.items():
            up.add_metric([name], 1.0 if each.state == "running" else 0.0)
        yield up
        queued = GaugeMetricFamily(
            "officina_queue_deliveries", "Deliveries that wait (10,000: or more)", labels=("connector",)
        )
        oldest = GaugeMetricFamily(
            "officina_queue_oldest_timestamp_seconds", "When the first that waits was queued", labels=("connector",)
        )
        failed = GaugeMetricFamily(
            "officina_error_queue_deliveries", "Deliveries in the error queue (10,000: or more)", labels=("connector",)
        )
        alerting = GaugeMetricFamily("officina_open_alerts", "Alerts that are open, by kind", labels=("kind",))
        with self._store.read() as tx:
            open_alerts = alerts.counts(tx)
            for kind in WATCHED:
                alerting.add_metric([kind], open_alerts.get(kind, 0))
            for name, number in self._supervisor.senders().items():
                depth = deliveries.depth(tx, number)
                queued.add_metric([name], depth.queued)
                failed.add_metric([name], depth.failed)
                if depth.oldest_at is not None:
                    oldest.add_metric([name], depth.oldest_at / 1_000_000)
        yield from (queued, oldest, failed, alerting)
