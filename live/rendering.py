"""Pieces of a room as HTML, the same for everybody who reads this language: for pages, polls and events alike."""

import hashlib

from django.template.loader import render_to_string
from django.utils import timezone

from live import queries, talk, watchers
from live.models import Broadcast, Comment


def tagged_table(broadcast: Broadcast) -> tuple[str, str]:
    """A tag of what is shown, and the table."""
    now = timezone.now()
    context = {
        "broadcast": broadcast,
        "places": queries.table_of(broadcast, now),
        "watching": watchers.count(broadcast.pk, now.timestamp()),
    }
    inner = render_to_string("live/_table.html", context)
    tag = hashlib.sha256(inner.encode()).hexdigest()[:12]
    return tag, render_to_string("live/_polled_table.html", {"broadcast": broadcast, "tag": tag, "inner": inner})


def table(broadcast: Broadcast) -> str:
    """What lies on the table now."""
    return tagged_table(broadcast)[1]


def comments(broadcast: Broadcast) -> str:
    """What was said lately, the newest first, under what is pinned."""
    return render_to_string("live/_comments.html", {"broadcast": broadcast, **talk.said_in(broadcast)})


def comment(said: Comment) -> str:
    """One comment as it stands in the list."""
    return render_to_string("live/_comment.html", {"comment": said})


def pinned(said: Comment | None) -> str:
    """What the farmer keeps above the others; "" when nothing is."""
    return render_to_string("live/_pinned.html", {"pinned": said}) if said else ""
