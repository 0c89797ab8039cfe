"""What needs a person today, asked from the parcels, claims and lots at that moment; and what was said about it so far.

Nothing of this is stored but the notes: a thing that is no longer so is no longer here. A thing that somebody marked as
done is out of sight for the rest of that day; if it is still so the next morning, it is back.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.db.models import CharField, DateField, Exists, F, OuterRef, QuerySet, Value
from django.db.models.expressions import CombinedExpression
from django.db.models.functions import Cast, Concat
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import Farmer
from marketplace.models import Listing, Lot
from notifications.models import SmsReply
from orders.models import Parcel, PickList
from payments.models import Claim
from specialists.models import CallNote

CLAIM_LAPSES_WITHIN = timedelta(hours=24)
UNSOLD_WITHIN_DAYS = 5
REPLIES_SHOWN = timedelta(days=7)
MOST = 100  # of each kind; whoever has more to do has to begin somewhere


@dataclass
class Call:
    """One thing that needs a person: whose it is, which, from when or until when, and what was noted about it."""

    kind: str
    pk: int
    farmer: Farmer
    thing: Parcel | Claim | Lot | PickList | SmsReply
    at: datetime | date
    notes: list[CallNote] = field(default_factory=list)

    @property
    def task(self) -> str:
        """Its name in CallNote: “late:12”."""
        return f"{self.kind}:{self.pk}"

    @property
    def title(self) -> str | Promise:
        return TITLES[self.kind]


TITLES: dict[str, str | Promise] = {
    "pick": _("No answer to the pick list"),
    "late": _("A parcel is late"),
    "claim": _("A claim is about to go to the moderators unanswered"),
    "unsold": _("A harvest is about to go unsold"),
    "reply": _("They wrote back"),
}


def unanswered_pick_lists(farmers: QuerySet[Farmer], now: datetime) -> list[Call]:
    """The newest list of each farmer that was not answered by its hour, while any of their parcels is still to be posted.

    Nothing has to happen for it to be here: time passing is enough. One query.
    """
    newer = PickList.objects.filter(farmer=OuterRef("farmer"), pk__gt=OuterRef("pk"))
    to_post = Parcel.objects.filter(farmer=OuterRef("farmer"), state=Parcel.State.TO_PACK, post_by__isnull=False)
    lists = PickList.objects.unanswered(now).filter(~Exists(newer), Exists(to_post), farmer__in=farmers)
    lists = lists.select_related("farmer__user", "farmer__county").order_by("answer_by", "pk")[:MOST]
    return [Call("pick", one.pk, one.farmer, one, one.answer_by) for one in lists]


def late_parcels(farmers: QuerySet[Farmer], now: datetime) -> list[Call]:
    """Paid parcels that were not posted in the promised days. One query."""
    late = Parcel.objects.filter(farmer__in=farmers, state=Parcel.State.TO_PACK, is_late=True)
    late = late.select_related("farmer__user", "farmer__county").order_by("post_by", "pk")[:MOST]
    return [Call("late", parcel.pk, parcel.farmer, parcel, parcel.post_by or now) for parcel in late]


def claims_about_to_lapse(farmers: QuerySet[Farmer], now: datetime) -> list[Call]:
    """Open claims the farmer has not answered, with a day or less to do so; then moderators decide without them."""
    claims = Claim.objects.filter(
        parcel__farmer__in=farmers,
        state=Claim.State.OPEN,
        answered_at=None,
        answer_due__gt=now,
        answer_due__lte=now + CLAIM_LAPSES_WITHIN,
    )
    claims = claims.select_related("parcel__farmer__user", "parcel__farmer__county").order_by("answer_due", "pk")[:MOST]
    return [Call("claim", claim.pk, claim.parcel.farmer, claim, claim.answer_due) for claim in claims]


def lots_about_to_go_unsold(farmers: QuerySet[Farmer], now: datetime) -> list[Call]:
    """Picked and open, on sale, with boxes left, and good for at most five days more (the day it was picked + keeping)."""
    today = timezone.localdate(now)
    lots = (
        Lot.objects.open()
        .with_some_left()
        .filter(listing__farmer__in=farmers, listing__status=Listing.Status.LIVE, picked_on__isnull=False)
        .annotate(
            good_until=CombinedExpression(F("picked_on"), "+", F("listing__keeps_days"), output_field=DateField())
        )
        .filter(good_until__gte=today, good_until__lte=today + timedelta(days=UNSOLD_WITHIN_DAYS))
        .select_related("listing__produce", "listing__farmer__user", "listing__farmer__county")
        .order_by("good_until", "pk")[:MOST]
    )
    return [Call("unsold", lot.pk, lot.listing.farmer, lot, lot.good_until) for lot in lots]


def unread_replies(farmers: QuerySet[Farmer], now: datetime) -> list[Call]:
    """What households texted back that is more than a yes, of the last week, until somebody says that it is done. One query."""
    done = CallNote.objects.filter(task=Concat(Value("reply:"), Cast(OuterRef("pk"), CharField())), outcome="DONE")
    replies = SmsReply.objects.filter(user__farmer__in=farmers, answers="", received_at__gte=now - REPLIES_SHOWN)
    replies = replies.filter(~Exists(done)).select_related("user__farmer__user", "user__farmer__county").order_by("pk")
    return [Call("reply", one.pk, one.user.farmer, one, one.received_at) for one in replies[:MOST]]


KINDS: dict[str, Callable[[QuerySet[Farmer], datetime], list[Call]]] = {
    "pick": unanswered_pick_lists,
    "late": late_parcels,
    "claim": claims_about_to_lapse,
    "unsold": lots_about_to_go_unsold,
    "reply": unread_replies,
}


def calls_for(farmers: QuerySet[Farmer], now: datetime) -> list[Call]:
    """All that needs a person among these households, without what is done for today. One query a kind and one more."""
    calls = [call for find in KINDS.values() for call in find(farmers, now)]
    _put_notes(calls)
    midnight = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
    return [call for call in calls if not _is_done(call.notes, midnight)]


def find_call(farmers: QuerySet[Farmer], task: str, now: datetime) -> Call | None:
    """The thing of this name, if it needs a person among these households just now."""
    kind, _colon, pk = task.partition(":")
    if kind not in KINDS:
        return None
    return next((call for call in KINDS[kind](farmers, now) if str(call.pk) == pk), None)


def _put_notes(calls: Sequence[Call]) -> None:
    by_task = {call.task: call for call in calls}
    for note in CallNote.objects.filter(task__in=by_task).select_related("by").order_by("-at", "-pk"):
        by_task[note.task].notes.append(note)


def _is_done(notes: Iterable[CallNote], since: datetime) -> bool:
    return any(note.outcome == CallNote.Outcome.DONE and note.at >= since for note in notes)
