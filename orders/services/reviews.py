"""Reviews: buyers write them about what they received, moderators show or hide their words and photos."""

from collections.abc import Sequence
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.queries import is_close_to
from accounts.services.acts import record_act
from common.errors import InvalidInput, NotAllowed, WrongState
from common.transactions import use_case
from marketplace.services.kept_photos import Upload, take_photos
from marketplace.services.photos import approve_photos
from marketplace.services.ratings import add_stars
from notifications.services import notify
from orders.models import OrderLine, Parcel, Review, ReviewDecision, ReviewPhoto

MAX_PHOTOS = 4
MAX_WORDS = 1000
REVIEWABLE = (Parcel.State.RECEIVED, Parcel.State.CLAIMED, Parcel.State.SETTLED)


class AlreadyReviewed(WrongState):
    code = "already_reviewed"
    default_message = _("You have already reviewed this. Thank you!")


@use_case
def write_review(
    *,
    parcel_id: int,
    listing_id: int,
    buyer: User,
    stars: int,
    words: str,
    uploads: Sequence[Upload],
    now: datetime,
) -> Review:
    """One review per parcel and listing, after it was received. Stars count at once; words and photos wait.

    Raises NotAllowed for another's parcel or a listing that is not in it, WrongState before receipt, AlreadyReviewed,
    InvalidInput for stars, too many words or photos, or a photo that can't be read.
    """
    parcel = (
        Parcel.objects.select_for_update(no_key=True, of=("self",))
        .select_related("farmer__user", "order")
        .get(pk=parcel_id)
    )
    line = OrderLine.objects.filter(parcel=parcel, listing_id=listing_id, parcel__order__buyer=buyer).first()
    if line is None:
        raise NotAllowed
    if parcel.state not in REVIEWABLE:
        raise WrongState(_("You can review this once you have received it."))
    if parcel.order.paid_at is None:
        raise WrongState(_("You can review this once the farmer has your money."))
    if parcel.reviews.filter(listing_id=listing_id).exists():
        raise AlreadyReviewed
    _check(stars, words, uploads)
    review = Review.objects.create(
        parcel=parcel,
        listing_id=listing_id,
        buyer=buyer,
        stars=stars,
        words=words,
        status=Review.Status.WAITING if words or uploads else Review.Status.SHOWN,
        written_at=now,
    )
    for photo in take_photos(user=buyer, uploads=uploads, now=now):
        ReviewPhoto.objects.create(review=review, photo=photo)
    add_stars(listing_id=listing_id, stars=stars)
    notify(
        recipient=parcel.farmer.user,
        kind="review_written",
        about=f"review:{review.pk}",
        now=now,
        link=reverse("marketplace:listing_detail", args=[listing_id]),
        stars=stars,
        produce_zh=line.produce_zh,
        produce_en=line.produce_en,
    )
    return review


def _check(stars: int, words: str, uploads: Sequence[Upload]) -> None:
    if not 1 <= stars <= 5:
        raise InvalidInput(_("Please choose 1 to 5 stars."), field="stars")
    if len(words) > MAX_WORDS:
        raise InvalidInput(_("Please say it in fewer words."), field="words")
    if len(uploads) > MAX_PHOTOS:
        raise InvalidInput(_("Please choose at most %(most)s photos."), field="photos", most=MAX_PHOTOS)


def _is_party(moderator: User, review: Review) -> bool:
    return moderator.pk == review.buyer_id or is_close_to(moderator, review.listing.farmer)


@use_case
def decide_review(*, review_id: int, moderator: User, shown: bool, reason: str, now: datetime) -> Review:
    """Show or hide the words and photos of a waiting review; hiding needs a reason, which the buyer reads.

    The first decision stands (WrongState for the second). Nobody decides about their own words or their own produce.
    """
    review = (
        Review.objects.select_for_update(no_key=True, of=("self",))
        .select_related("buyer", "listing__produce", "listing__farmer")
        .get(pk=review_id)
    )
    if not moderator.is_moderator or _is_party(moderator, review):
        raise NotAllowed
    if review.status != Review.Status.WAITING:
        raise WrongState
    reason = reason.strip()
    if not shown and not reason:
        raise InvalidInput(_("Please say why: the buyer reads it."), field="reason")
    ReviewDecision.objects.create(review=review, shown=shown, reason=reason, decided_by=moderator, decided_at=now)
    record_act(
        actor=moderator,
        kind="review_show" if shown else "review_hide",
        about=f"review:{review.pk}",
        now=now,
        old={"status": review.status},
        new={"status": Review.Status.SHOWN if shown else Review.Status.HIDDEN},
        reason=reason,
    )
    if shown:
        approve_photos([place.photo for place in review.photo_places.select_related("photo")], now)
    review.status = Review.Status.SHOWN if shown else Review.Status.HIDDEN
    review.save(update_fields=["status"])
    produce = review.listing.produce
    notify(
        recipient=review.buyer,
        kind="review_shown" if shown else "review_hidden",
        about=f"review:{review.pk}",
        now=now,
        link=reverse("marketplace:listing_detail", args=[review.listing_id]),
        reason=reason,
        **({"produce_zh": produce.name_zh, "produce_en": produce.name_en} if produce else {}),
    )
    return review
