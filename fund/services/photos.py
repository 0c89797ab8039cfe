"""Photos of grants: a moderator who did not take them decides whether everybody sees them."""

from datetime import datetime

from django.db.models import QuerySet

from accounts.models import User
from accounts.services.acts import record_act
from common.errors import NotAllowed, WrongState
from common.transactions import use_case
from fund.models import Evidence, Grant, PhotoDecision
from marketplace.models import Photo
from marketplace.services.photos import approve_photos


def to_decide(moderator: User) -> QuerySet[Evidence]:
    """What waits for this moderator, oldest first."""
    waiting = Evidence.objects.filter(
        photo__status=Photo.Status.READY, decision=None, grant__state__in=Grant.GIVEN
    ).exclude(added_by=moderator)
    return waiting.select_related("photo", "grant__programme").order_by("pk")


@use_case
def decide_photo(*, evidence_id: int, moderator: User, is_shown: bool, now: datetime) -> PhotoDecision:
    """Show it to everybody, or to nobody else. Raises NotAllowed, WrongState when somebody has decided already."""
    if not (moderator.is_active and moderator.is_moderator):
        raise NotAllowed
    evidence = Evidence.objects.select_for_update(no_key=True, of=("self",)).get(pk=evidence_id)
    if evidence.added_by_id == moderator.pk or evidence.photo is None:
        raise NotAllowed
    if PhotoDecision.objects.filter(evidence=evidence).exists():
        raise WrongState
    decision = PhotoDecision.objects.create(evidence=evidence, decided_by=moderator, decided_at=now, is_shown=is_shown)
    if is_shown:
        approve_photos([evidence.photo], now)
    record_act(
        actor=moderator, kind="grant_photo", about=f"evidence:{evidence.pk}", now=now, new={"is_shown": is_shown}
    )
    return decision
