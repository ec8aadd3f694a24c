"""When an alert opens and when it closes: one table of what is watched, and one rule that does not flap. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final, Literal, NamedTuple, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from officina import clock
from officina.workflow import hours
from officina.workflow.hours import Hours

Kind = Literal[
    "connector_failed",
    "queue_depth",
    "queue_age",
    "error_queue",
    "silence",
    "certificate",
    "certificate_last_days",
    "disk",
    "review_age",
]
Move = Literal["opens", "stays_open", "closes", "stays_closed"]
EVERY: Final = "*"
_DAY = 86_400 * clock.SECOND
Key = tuple[str, str]  # kind and subject


class Watched(NamedTuple):
    """One thing that is watched. It opens at ``opens`` and closes at ``closes``; ``falling`` ones open when the reading
    has fallen that far. Without ``opens`` it is watched only where a rule says from when on."""

    title: str
    says: str
    remedy: str
    page: str  # where a person puts it right
    opens: float | None
    closes: float
    urgent: bool = False
    falling: bool = False


_CONNECTORS, _ERRORS = "/connectors", "/deliveries"
_RENEW = "Have the certificate renewed, and put the new files in the place of the old ones."
WATCHED: Final[Mapping[str, Watched]] = MappingProxyType(
    {
        "connector_failed": Watched(
            "Connector does not run",
            "it does not run",
            "Its row under Connectors says why. Nothing is lost: partners keep what they cannot send.",
            _CONNECTORS,
            1,
            0,
            urgent=True,
        ),
        "queue_depth": Watched(
            "Long queue",
            "{:,.0f} deliveries wait",
            "See under Connectors whether its receiver answers; a suspended connector has to be resumed.",
            _CONNECTORS,
            1000,
            500,
        ),
        "queue_age": Watched(
            "Queue stands still",
            "the first delivery waits {:,.0f} minutes",
            "See under Connectors what its receiver answers; test it, and ask its partner whether their system runs.",
            _CONNECTORS,
            60,
            30,
            urgent=True,
        ),
        "error_queue": Watched(
            "Error queue",
            "deliveries in the error queue: {:,.0f}",
            "Open the error queue: correct what was refused and send it again, or give it up with a reason.",
            _ERRORS,
            1,
            0,
        ),
        "silence": Watched(
            "Silence",
            "nothing came for {:,.1f} hours in which messages are expected",
            "Ask the partner whether their system sends, and see under Connectors whether it can reach this hub.",
            _CONNECTORS,
            None,
            0.5,
        ),
        "certificate": Watched("Certificate ends", "", _RENEW, _CONNECTORS, 30, 31, falling=True),
        "certificate_last_days": Watched(
            "Certificate ends within days",
            "",
            _RENEW,
            _CONNECTORS,
            7,
            8,
            urgent=True,
            falling=True,
        ),
        "disk": Watched(
            "Disk nearly full",
            "{:,.0f} % of the disk is free",
            "Make room on the disk that holds the database: a full disk stops the intake.",
            "",
            10,
            12,
            urgent=True,
            falling=True,
        ),
        "review_age": Watched(
            "Order waits for review",
            "an order has waited {:,.1f} hours for a nurse's review",
            "Tell the facility's nurses that their pharmacy's orders wait for them.",
            "/review",
            4,
            4,
            urgent=True,
        ),
    }
)


class RuleSettings(BaseModel):
    """When an alert opens and closes; what is left out is as the table of kinds says."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    opens: float | None = Field(default=None, ge=0, description="the reading at which it opens")
    closes: float | None = Field(
        default=None, ge=0, description="the reading at which it closes; on the good side of `opens`"
    )
    urgent: bool | None = Field(default=None, description="tell it in quiet hours too, and again while nobody answers")
    repeat_minutes: int = Field(
        default=60, ge=0, le=10_080, description="tell an urgent one again after so long; 0: never"
    )
    expected: str = Field(default="", description="silence only: the hours of traffic, like 07:00-19:00; none: always")
    time_zone: str = Field(default="UTC", description="the zone of these hours")

    @model_validator(mode="after")
    def _hours_are_hours(self) -> Self:
        try:
            hours.parse(self.expected or "00:00-00:00", self.time_zone)
        except (KeyError, OSError) as error:
            raise ValueError(f"there is no time zone {self.time_zone}") from error
        return self


class Rule(NamedTuple):
    """What holds for one subject."""

    opens: float
    closes: float
    urgent: bool
    falling: bool
    repeat: int  # microseconds; 0: never
    expected: Hours | None


Rules = Mapping[Key, RuleSettings | None]  # None: not watched


def rule_of(kind: str, settings: RuleSettings | None = None) -> Rule | None:
    """The rule that settings make of a kind's defaults; None where nothing says when it opens. Raises ValueError."""
    watched, given = WATCHED[kind], settings or RuleSettings()
    opens = watched.opens if given.opens is None else given.opens
    if opens is None:
        return None
    closes = given.closes
    if closes is None:  # as far from where it opens as the default is
        closes = watched.closes if given.opens is None else opens * _share(watched)
    if closes < opens if watched.falling else closes > opens:
        raise ValueError(f"it would close at {closes:g}, which is on the bad side of {opens:g}")
    urgent = watched.urgent if given.urgent is None else given.urgent
    repeat = given.repeat_minutes * 60_000_000 if urgent else 0
    return Rule(opens, closes, urgent, watched.falling, repeat, hours.parse(given.expected, given.time_zone))


def _share(watched: Watched) -> float:
    return watched.closes / watched.opens if watched.opens else 0.5


def rule_for(key: Key, rules: Rules) -> Rule | None:
    """What holds for this subject: its own rule, else that for every subject, else the default of its kind."""
    kind, subject = key
    for asked in ((kind, subject), (kind, EVERY)):
        if asked in rules:
            settings = rules[asked]
            return rule_of(kind, settings) if settings is not None else None
    return rule_of(kind)


def move(is_open: bool, reading: float, rule: Rule) -> Move:
    """What a reading makes of an alert. Between the two thresholds it stays as it is, so that it does not flap."""
    sign = -1 if rule.falling else 1
    if is_open:
        return "closes" if sign * reading <= sign * rule.closes and not _bad(reading, rule) else "stays_open"
    return "opens" if _bad(reading, rule) else "stays_closed"


def _bad(reading: float, rule: Rule) -> bool:
    if rule.falling:
        return reading <= rule.opens
    return reading >= rule.opens and reading > 0


def moves(
    open_keys: Iterable[Key], readings: Mapping[Key, float | None], rules: Rules
) -> tuple[dict[Key, Rule], set[Key]]:
    """What opens, with its rule, and what closes. An alert whose subject is not read any more closes; one whose reading
    is None, because it could not be had, stays as it is."""
    standing = set(open_keys)
    opening: dict[Key, Rule] = {}
    closing = standing - readings.keys()
    for key, reading in readings.items():
        rule = rule_for(key, rules)
        if rule is None:
            closing |= standing & {key}
        elif reading is not None:
            came = move(key in standing, reading, rule)
            if came == "opens":
                opening[key] = rule
            elif came == "closes":
                closing.add(key)
    return opening, closing


def in_words(kind: str, reading: float, at: int) -> str:
    """What is wrong at this instant, in a sentence without its subject. It is kept, so it must stay true."""
    if kind.startswith("certificate"):
        end = clock.moment(at + int(reading * _DAY))
        return f"it {'ends' if reading >= 0 else 'ended'} on {end.day} {end:%B %Y}"
    return WATCHED[kind].says.format(reading)
