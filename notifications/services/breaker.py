"""A circuit breaker for each channel, kept in the database so that all senders share it.

After three failures in a row nothing is sent over the channel for half a minute, then one message tries; each further
failure doubles the pause, up to ten minutes. What waits meanwhile loses no attempt and holds up no other channel. A
channel that works but is slow gets one sender at a time, so that it cannot take them all.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection

from common.transactions import needs_transaction, use_case
from notifications.models import ChannelHealth

THRESHOLD = 3
PAUSE = timedelta(seconds=30)
LONGEST_PAUSE = timedelta(minutes=10)
PROBE = timedelta(seconds=60)  # how long everybody else waits for the one that tries
SLOW = timedelta(seconds=2)
SLOW_FOR = timedelta(minutes=1)


@dataclass(frozen=True)
class Health:
    """The channels that are out for now, those that one message may try, those that failed lately, and the slow ones."""

    closed: frozenset[str]
    to_probe: frozenset[str]
    failing: frozenset[str]
    slow: frozenset[str]


def look(now: datetime) -> Health:
    """How the channels are; one small query."""
    rows = list(ChannelHealth.objects.all())
    return Health(
        closed=frozenset(row.channel for row in rows if row.closed_until and row.closed_until > now),
        to_probe=frozenset(row.channel for row in rows if row.closed_until and row.closed_until <= now),
        failing=frozenset(row.channel for row in rows if row.failures),
        slow=frozenset(row.channel for row in rows if row.slow_until and row.slow_until > now),
    )


@needs_transaction
def take_probe(channel: str, now: datetime) -> bool:
    """Be the one that tries a channel whose pause is over; False when another one is."""
    over = ChannelHealth.objects.filter(channel=channel, closed_until__lte=now)
    return bool(over.update(closed_until=now + PROBE))


@use_case
def note_failure(*, channel: str, now: datetime) -> None:
    """One more failure; from the third in a row on the channel pauses, twice as long each time."""
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO notifications_channelhealth AS health (channel, failures) VALUES (%(channel)s, 1)
               ON CONFLICT (channel) DO UPDATE SET
                   failures = health.failures + 1,
                   closed_until = CASE WHEN health.failures + 1 >= %(threshold)s THEN %(now)s + LEAST(
                       %(pause)s * power(2, LEAST(health.failures + 1 - %(threshold)s, 10)), %(longest)s
                   ) * interval '1 second' END""",
            {
                "channel": channel,
                "threshold": THRESHOLD,
                "now": now,
                "pause": PAUSE.total_seconds(),
                "longest": LONGEST_PAUSE.total_seconds(),
            },
        )


@use_case
def note_success(*, channel: str) -> None:
    """It works again."""
    ChannelHealth.objects.filter(channel=channel, failures__gt=0).update(failures=0, closed_until=None)


@use_case
def note_slow(*, channel: str, now: datetime) -> None:
    """One message took long: for a minute one sender at a time is enough for this channel."""
    ChannelHealth.objects.update_or_create(channel=channel, defaults={"slow_until": now + SLOW_FOR})
