"""What becomes of a farmer's broadcasts when their name is to be shown nowhere (any more), and back."""

from datetime import datetime

from django.db.models import F, Q

from accounts.models import Farmer, ShowingChoice
from accounts.services.showing import says_name, without_name
from common.transactions import needs_transaction
from live.models import Broadcast, Comment
from live.services.planning import TITLE_LENGTH


@needs_transaction
def follow(*, farmer: Farmer, what: str, now: datetime) -> None:
    """Titles that say the name say “a household in …” instead, and come back; a step (settings.AFTER_SHOWING_CHANGES).

    What the farmer or a moderator said in a room with the name in it is removed for good: words said never change. The
    caller holds the farmer.
    """
    if what != ShowingChoice.What.NAME:
        return
    mine = Broadcast.objects.filter(farmer=farmer).select_for_update(no_key=True).order_by("pk")
    if farmer.shows_name:
        mine.exclude(kept_title="").update(title=F("kept_title"), kept_title="")
        return
    for broadcast in mine:
        if says_name(broadcast.title, farmer):
            broadcast.kept_title, broadcast.title = (
                broadcast.title,
                without_name(broadcast.title, farmer)[:TITLE_LENGTH],
            )
            broadcast.save(update_fields=["title", "kept_title"])
    said = Comment.objects.shown().filter(Q(author=farmer.user_id) | Q(author__is_moderator=True), broadcast__in=mine)
    named = [comment.pk for comment in said if says_name(comment.text, farmer)]
    Comment.objects.filter(pk__in=named).update(removed_at=now, removed_by=farmer.user_id, pinned_at=None)
