"""Reads of what is said in rooms, who may not speak, and what was reported."""

from typing import Any

from django.db.models import QuerySet

from live.models import Broadcast, Comment, Mute

MOST_COMMENTS = 50


def comments_with(comments: QuerySet[Comment]) -> QuerySet[Comment]:
    """These with what a line of them shows, the oldest first."""
    return comments.select_related("author", "broadcast__farmer", "answers__author").order_by("said_at", "pk")


def said_in(broadcast: Broadcast) -> dict[str, Any]:
    """`comments` shown lately, the newest first, and the one that is `pinned`; 2 queries."""
    shown = comments_with(broadcast.comments.shown())
    return {
        "comments": list(shown.order_by("-said_at", "-pk")[:MOST_COMMENTS]),
        "pinned": shown.filter(pinned_at__isnull=False).first(),
    }


def muted_by(farmer_id: int) -> list[Mute]:
    """Who says nothing in this farmer's rooms. 1 query."""
    return list(Mute.objects.filter(farmer_id=farmer_id).select_related("person"))


def waiting_reports(most: int = 50) -> list[Comment]:
    """Reported comments about which nobody has decided, the longest waiting first, each with its reports; 2 queries."""
    found = comments_with(Comment.objects.reported()).prefetch_related("reports")
    return list(found[:most])
