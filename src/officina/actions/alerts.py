"""Alerts: opened and closed once as the readings say, acknowledged by people, told once in each way.

What is to be told is entered in the transaction that opens or closes the alert, so that a crash forgets nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from officina.errors import Conflict, NotFound
from officina.outbound.notify import Channel, What
from officina.store import alerts, events
from officina.store.rows import AlertRow, NoticeRow
from officina.workflow.alert import Key, Rule, Rules, in_words, moves, rule_for

if TYPE_CHECKING:
    from officina.store import Tx

SYSTEM = "system"


class Plan(NamedTuple):
    """What readings make of the alerts. Of those that stay open and that nobody has answered, each with its way:
    ``repeats`` are urgent ones to be told again, ``unheard`` those that a way has not been told, as it is new."""

    opening: Mapping[Key, Rule]
    closing: Sequence[AlertRow]
    repeats: Sequence[tuple[AlertRow, Channel]]
    unheard: Sequence[tuple[AlertRow, Channel]]

    def __bool__(self) -> bool:
        return any(self)


class Due(NamedTuple):
    """A notice that may be told now, with its alert."""

    notice: NoticeRow
    alert: AlertRow


def plan(tx: Tx, readings: Mapping[Key, float | None], rules: Rules, channels: Sequence[Channel], *, at: int) -> Plan:
    """What `observe` would do now. Reads only."""
    standing = {(row.kind, row.subject): row for row in alerts.still_open(tx)}
    opening, closing = moves(standing, readings, rules)
    left = [row for key, row in standing.items() if key not in closing and row.acknowledged_at is None]
    known = alerts.notices(tx, [row.id for row in left])
    ending = [standing[key] for key in sorted(closing)]
    return Plan(opening, ending, _repeats(left, known, rules, channels, at), _unheard(left, known, channels))


def observe(
    tx: Tx, readings: Mapping[Key, float | None], rules: Rules, channels: Sequence[Channel], *, at: int
) -> None:
    """Open and close what the readings ask for, with one event each, and enter who is to be told."""
    found = plan(tx, readings, rules, channels, at=at)
    opened = []
    for (kind, subject), rule in sorted(found.opening.items(), key=lambda each: each[0]):
        words = in_words(kind, readings[kind, subject] or 0, at)
        opened.append(AlertRow(tx.id(), kind, subject, words, int(rule.urgent), at))
    alerts.add(tx, opened)
    _enter(tx, "opened", opened, channels, at)
    alerts.update(tx, [{"id": row.id, "closed_at": at} for row in found.closing])
    _enter_closed(tx, found.closing, channels, _drop(tx, found.closing), at)
    for row, channel in found.repeats:
        _enter(tx, "repeated", [row], [channel], at)
    for row, channel in found.unheard:
        _enter(tx, "opened", [row], [channel], at)
    for kind, rows in (("alert.opened", opened), ("alert.closed", found.closing)):
        for row in rows:
            _told(tx, row, kind, SYSTEM, at)
    if found:
        tx.touch("alerts")


def acknowledge(tx: Tx, alert_id: int, *, actor: str, at: int) -> None:
    """A person has taken it on: it is not told any more, until it is over. Raises NotFound, Conflict (it is over)."""
    row = alerts.get(tx, alert_id)
    if row is None:
        raise NotFound("there is no such alert", place="alert_id")
    if row.closed_at is not None:
        raise Conflict("it is over", place="alert_id", remedy="nothing is left to do")
    if row.acknowledged_at is not None:
        return
    alerts.update(tx, [{"id": row.id, "acknowledged_at": at, "acknowledged_by": actor}])
    _drop(tx, [row])
    _told(tx, row, "alert.acknowledged", actor, at)
    tx.touch("alerts")


def due(tx: Tx, at: int) -> list[Due]:
    """The notices that may be told now, in their order."""
    rows = alerts.due(tx, at)
    about = alerts.by_ids(tx, [row.alert_id for row in rows])
    return [Due(row, about[row.alert_id]) for row in rows]


def settle(tx: Tx, notice_id: int, *, at: int, again_at: int | None = None, gone: bool = False) -> None:
    """Enter what telling came to: told; to be tried ``again_at``; or its way is ``gone``."""
    row = alerts.get_notice(tx, notice_id)
    if row is None or (row.state != "waiting" and (gone or again_at is not None)):
        return  # it need not be told any more
    change: dict[str, object] = {"id": notice_id, "state": "told", "told_at": at}
    if gone:
        change = {"id": notice_id, "state": "dropped"}
    elif again_at is not None:
        change = {"id": notice_id, "due_at": again_at, "attempts": row.attempts + 1}
    alerts.update_notices(tx, [change])
    if row.state == "dropped" and row.what != "closed":
        _after_all(tx, row, at)


def _after_all(tx: Tx, row: NoticeRow, at: int) -> None:
    """It was told in the moment in which it ended: then that it is over is told too."""
    about = alerts.get(tx, row.alert_id)
    if about is not None and about.closed_at is not None:
        alerts.add_notices(tx, [NoticeRow(tx.id(), row.alert_id, row.notify, "closed", "waiting", at)])
        tx.touch("alerts")


def _repeats(
    rows: Iterable[AlertRow], known: Iterable[NoticeRow], rules: Rules, channels: Sequence[Channel], at: int
) -> list[tuple[AlertRow, Channel]]:
    """Urgent alerts that were told long enough ago."""
    last = {(each.alert_id, each.notify): each for each in known}
    found = []
    for row in rows:
        rule = rule_for((row.kind, row.subject), rules)
        for channel in channels:
            told_at = last[row.id, channel.name].told_at if (row.id, channel.name) in last else None
            if row.urgent and rule is not None and rule.repeat and told_at is not None and told_at + rule.repeat <= at:
                found.append((row, channel))
    return found


def _unheard(
    rows: Iterable[AlertRow], known: Iterable[NoticeRow], channels: Sequence[Channel]
) -> list[tuple[AlertRow, Channel]]:
    """What opened before the site had this way of telling, or before it was for alerts of this kind."""
    heard = {(each.alert_id, each.notify) for each in known if each.state != "dropped"}
    return [
        (row, each) for row in rows for each in channels if each.wants(row.kind) and (row.id, each.name) not in heard
    ]


def _enter(tx: Tx, what: What, rows: Iterable[AlertRow], channels: Sequence[Channel], at: int) -> None:
    found = []
    for row in rows:
        for each in channels:
            if each.wants(row.kind):
                due_at = each.due(at, urgent=bool(row.urgent) and what != "closed")
                found.append(NoticeRow(tx.id(), row.id, each.name, what, "waiting", due_at))
    alerts.add_notices(tx, found)


def _enter_closed(
    tx: Tx, rows: Iterable[AlertRow], channels: Sequence[Channel], told: set[tuple[int, str]], at: int
) -> None:
    """That it is over is told to whom it was told that it began."""
    for row in rows:
        _enter(tx, "closed", [row], [each for each in channels if (row.id, each.name) in told], at)


def _drop(tx: Tx, rows: Sequence[AlertRow]) -> set[tuple[int, str]]:
    """What was not told of these yet need not be told any more; the alerts and ways of which something was told."""
    known = alerts.notices(tx, [row.id for row in rows])
    alerts.update_notices(tx, [{"id": each.id, "state": "dropped"} for each in known if each.state == "waiting"])
    return {(each.alert_id, each.notify) for each in known if each.state == "told"}


def _told(tx: Tx, row: AlertRow, kind: str, actor: str, at: int) -> None:
    detail = {"alert": row.kind, "about": row.subject}
    events.record(tx, at=at, kind=kind, subject="alert", subject_id=row.id, actor=actor, detail=detail)
