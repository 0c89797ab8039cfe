"""Tell me when: asking, taking back, and telling, each wish once."""

from datetime import datetime
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from common.errors import DomainError, InvalidInput, NotAllowed
from common.transactions import use_case
from marketplace.models import Listing, Produce, Wish
from marketplace.queries.wishes import can_be_bought
from marketplace.services.vocabulary import kept_query
from notifications.services import notify

MOST_OPEN = 50
AT_ONCE = 200


class TooManyWishes(DomainError):
    """Nobody waits for so many things."""

    code = "too_many_wishes"
    default_message = _("You are waiting for 50 things already. Please take one back first.")


@use_case
def make_wish(
    *, user: User, now: datetime, listing: Listing | None = None, produce: Produce | None = None, query: str = ""
) -> Wish:
    """Ask to be told when one of the three can be bought. Asking twice makes one wish.

    Raises InvalidInput for a search without words, TooManyWishes.
    """
    query = kept_query(query)
    if not (listing or produce or query):
        raise InvalidInput(_("Please say in a few words what you are looking for."), field="q")
    User.objects.select_for_update(no_key=True).get(pk=user.pk)
    mine = Wish.objects.filter(user=user, told_at=None)
    if there := mine.filter(listing=listing, produce=produce, query=query).first():
        return there
    if mine.count() >= MOST_OPEN:
        raise TooManyWishes
    return Wish.objects.create(user=user, listing=listing, produce=produce, query=query, created_at=now, checked_at=now)


@use_case
def take_back_wish(*, wish_id: int, user: User) -> None:
    """Wait for it no longer. Raises NotAllowed for another's."""
    if not Wish.objects.filter(pk=wish_id, user=user).delete()[0]:
        raise NotAllowed


def due_wishes() -> list[int]:
    """The open wishes to look at, those looked at longest ago first."""
    return list(Wish.objects.filter(told_at=None).order_by("checked_at", "pk").values_list("pk", flat=True)[:AT_ONCE])


@use_case
def grant_wish(*, wish_id: int, now: datetime) -> bool:
    """Tell whoever wished, if it can be bought now; True if they were told by this call. Safe twice and at once."""
    waiting = Wish.objects.filter(pk=wish_id, told_at=None).select_for_update(
        of=("self",), no_key=True, skip_locked=True
    )
    wish = waiting.select_related("user", "listing__produce", "produce").first()
    if wish is None:
        return False
    wish.checked_at = now
    if not (granted := can_be_bought(wish)):
        wish.save(update_fields=["checked_at"])
        return False
    wish.told_at = now
    wish.save(update_fields=["checked_at", "told_at"])
    produce = wish.listing.produce if wish.listing else wish.produce
    notify(
        recipient=wish.user,
        kind="wish_granted",
        about=f"wish:{wish.pk}",
        now=now,
        link=_link(wish),
        what_zh=produce.name_zh if produce else wish.query,
        what_en=produce.name_en if produce else wish.query,
    )
    return granted


def _link(wish: Wish) -> str:
    if wish.listing_id:
        return reverse("marketplace:listing_detail", args=[wish.listing_id])
    if wish.produce:
        return reverse("marketplace:produce_detail", args=[wish.produce.slug])
    return f"{reverse('marketplace:listing_search')}?{urlencode({'q': wish.query})}"
