"""Another price for a farmer who consented: nothing happens before the code sent to their own phone is told back.

The consent alone allows no price. The code is good for this specialist, this listing and this price only.
"""

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from accounts.models import DelegatedAct, User
from accounts.services.consents import begin_act, record_delegated
from accounts.services.own_codes import WRONG_CODE, check_may_ask, send_own_code, try_own_code
from common.errors import InvalidInput, WrongState
from common.money import show_yuan
from common.transactions import needs_transaction, use_case
from marketplace.services import drafts
from marketplace.services.listings import set_price
from specialists.models import PriceChange, PriceRequest
from specialists.services.words import called

AUDIENCE = "price"  # of the one-time code


@use_case
def ask_price(*, farmer_id: int, by: User, listing_id: int, price_fen: int, now: datetime) -> PriceRequest:
    """Send the farmer a code for this price of a box (fen) of their listing; a wish before it is forgotten.

    Raises NotAllowed without a consent that stands and a posting, or for another's listing; InvalidInput (field "price")
    for one that can't be or is the present one, and within a minute of the last code.
    """
    consent = begin_act(farmer_id=farmer_id, specialist=by, now=now)
    farmer = consent.farmer
    listing = drafts.lock_listing(listing_id, farmer)
    drafts.check_price(price_fen)
    if listing.approved_revision_id is None or listing.price_fen is None:
        raise WrongState
    if listing.price_fen == price_fen:
        raise InvalidInput(_("That is the price already."), field="price")
    former = PriceRequest.objects.filter(farmer=farmer)
    check_may_ask(farmer, former, now)
    former.delete()
    request = PriceRequest(farmer=farmer, specialist=by, listing=listing, price_fen=price_fen, asked_at=now)
    request.digest = send_own_code(
        farmer, AUDIENCE, _subject(request), specialist=str(by), what=called(listing), price=show_yuan(price_fen)
    )
    request.save(force_insert=True)
    return request


def confirm_price(*, farmer_id: int, by: User, listing_id: int, code: str, now: datetime) -> DelegatedAct:
    """The specialist typed the code that the farmer told them: the price holds as if the farmer had set it.

    So a bigger step than the shop allows at once waits for a moderator. A code that is wrong, too old, used or tried too
    often gets the one answer, InvalidInput (field "code"), and counts as a try for good. Raises as `ask_price`.
    """
    act = _confirm(farmer_id=farmer_id, by=by, listing_id=listing_id, code=code, now=now)
    if act is None:
        raise InvalidInput(WRONG_CODE, field="code")
    return act


@use_case
def _confirm(*, farmer_id: int, by: User, listing_id: int, code: str, now: datetime) -> DelegatedAct | None:
    """None for a wrong code, so that the try is committed."""
    consent = begin_act(farmer_id=farmer_id, specialist=by, now=now)
    asked = PriceRequest.objects.select_for_update(no_key=True).filter(farmer=consent.farmer, specialist=by)
    request = asked.filter(listing=listing_id).first()
    if request is None:
        return None
    is_right = try_own_code(request, AUDIENCE, _subject(request), code=code, now=now)
    request.save(update_fields=["tries"])
    if not is_right:
        return None
    listing = drafts.lock_listing(listing_id, consent.farmer)
    before = listing.price_fen
    if before is None:
        raise WrongState
    set_price(listing, request.price_fen, now)
    act = record_delegated(
        consent=consent,
        kind=DelegatedAct.Kind.PRICE,
        about=f"listing:{listing.pk}",
        words=f"{called(listing)}：{show_yuan(before)} → {show_yuan(request.price_fen)}",
        now=now,
    )
    PriceChange.objects.create(
        act=act, listing=listing, old_fen=before, new_fen=request.price_fen, asked_at=request.asked_at, confirmed_at=now
    )
    request.delete()
    return act


@needs_transaction
def take_back_price(act: DelegatedAct, now: datetime) -> None:
    """Set the price as it was before; a step of `undo_act`. Raises WrongState where the farmer has set another since."""
    change = PriceChange.objects.get(act=act)
    listing = drafts.lock_listing(change.listing_id, act.farmer)
    waits = listing.revisions.filter(status__in=["DRAFT", "WAITING"], price_fen=change.new_fen).exists()
    if listing.price_fen != change.new_fen and not waits:
        raise WrongState(_("This can't be undone any more."))
    set_price(listing, change.old_fen, now)


def _subject(request: PriceRequest) -> str:
    """What a code is good for: these two, this listing, this price."""
    return f"{request.farmer_id}:{request.specialist_id}:{request.listing_id}:{request.price_fen}"
