"""Reports of comments: making one, and a moderator's decision. And when comments are forgotten."""

from datetime import datetime

from django.urls import reverse

from accounts.models import User
from accounts.queries import is_close_to
from accounts.services.acts import record_act
from common.errors import InvalidInput, NotAllowed, WrongState
from common.transactions import use_case
from live.models import Broadcast, Comment, CommentReport
from live.services.commenting import take_away
from marketplace.errors import OwnListing
from notifications.services import notify

AT_ONCE = 5000


@use_case
def report_comment(*, comment_id: int, reporter: User, why: str, now: datetime) -> None:
    """Ask the moderators to look at it. Doing it twice changes nothing.

    Raises NotAllowed for what nobody sees and for one's own, InvalidInput (field "why").
    """
    if why not in CommentReport.Why.values:
        raise InvalidInput(field="why")
    seen = Comment.objects.shown().filter(broadcast__in=Broadcast.objects.shown())
    comment = seen.select_for_update(no_key=True, of=("self",)).filter(pk=comment_id).first()
    if comment is None or comment.author_id == reporter.pk:
        raise NotAllowed
    CommentReport.objects.get_or_create(comment=comment, reporter=reporter, defaults={"why": why, "reported_at": now})


@use_case
def decide_reports(*, comment_id: int, moderator: User, removal: str, now: datetime) -> None:
    """Remove a reported comment for this reason (one of CommentReport.Why), its author is told; or with "" let it stand.

    Raises NotAllowed for who is no moderator, OwnListing for one close to the farmer and about one's own words,
    InvalidInput (field "why"), WrongState when there is nothing to decide (any more).
    """
    if not (moderator.is_active and moderator.is_moderator):
        raise NotAllowed
    if removal and removal not in CommentReport.Why.values:
        raise InvalidInput(field="why")
    found = Comment.objects.select_for_update(no_key=True, of=("self",)).filter(pk=comment_id)
    comment = found.select_related("broadcast__farmer", "author").first()
    if comment is None:
        raise NotAllowed
    if comment.author_id == moderator.pk or is_close_to(moderator, comment.broadcast.farmer):
        raise OwnListing
    if comment.removed_at is not None or not comment.reports.filter(decided_at=None).exists():
        raise WrongState
    comment.reports.filter(decided_at=None).update(decided_at=now)
    record_act(
        actor=moderator,
        kind="comment_remove" if removal else "comment_leave",
        about=f"comment:{comment.pk}",
        now=now,
        reason=removal,
    )
    if removal:
        take_away(comment, moderator, now)
        notify(
            recipient=comment.author,
            kind="comment_removed",
            about=f"comment:{comment.pk}",
            now=now,
            link=reverse("live:broadcast_detail", args=[comment.broadcast_id]),
            text=comment.text,
        )


@use_case
def forget_comments(*, now: datetime) -> int:
    """Delete some of those that were kept for LIVE_KEEP_COMMENTS, with what was reported of them; how many. Safe twice."""
    old = list(Comment.objects.too_old(now).order_by("said_at").values_list("pk", flat=True)[:AT_ONCE])
    Comment.objects.filter(pk__in=old).delete()
    return len(old)
