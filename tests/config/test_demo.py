"""The demo: whole, true to the shop's own rules, marked as such, made once, and never in a real shop."""

import random
from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import Any

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db.models import Count, F, OuterRef, Q, Subquery, Sum
from django.db.models.functions import Coalesce
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Farmer, StaffAct, User
from common.errors import DomainError
from config.demo import plan
from config.demo.cast import LOGINS
from config.demo.names import card_number, phone
from fund.models import Grant, Programme
from live.models import Broadcast
from marketplace.models import Listing, ListingRevision, Lot, ModerationDecision, Offer, Photo, Produce, Storefront
from notifications import invariants
from notifications.models import Delivery, Notification
from orders.models import Order, Parcel, ParcelEvent, Review
from payments.gateways.offline.desk import in_force
from payments.models import Claim, Gift, Payment, PayoutBatch, Refund
from payments.offline_invariants import OFFLINE
from payments.services import paying_out
from payments.templatetags.money import paid_directly
from tests.breaking import breaks
from tests.make import NOON

FARMERS = 14


def run(*arguments: str) -> str:
    """What `manage.py demo` says."""
    said = StringIO()
    call_command("demo", *arguments, stdout=said)
    return said.getvalue()


@pytest.fixture(scope="module")
def demo(django_db_setup: Any, django_db_blocker: Any) -> Any:
    """A small demo, made once for this module and rolled back after it."""
    from django.test import TestCase

    with django_db_blocker.unblock():
        atomics = TestCase._enter_atomics()  # type: ignore[attr-defined]  # as pytest-django's own class-wide fixture does
        try:
            with time_machine.travel(NOON - timedelta(hours=1), tick=True):  # every test begins at NOON
                run("--farmers", str(FARMERS))
            yield
        finally:
            TestCase._rollback_atomics(atomics)  # type: ignore[attr-defined]


@pytest.fixture
def shop(demo: Any, db: Any) -> None:
    """The demo, and a transaction of the test's own on top of it."""


pytestmark = pytest.mark.usefixtures("shop")


def test_everybody_in_it_is_marked_as_demo() -> None:
    assert User.objects.exists()
    assert not User.objects.filter(is_demo=False).exists()
    assert Farmer.objects.count() == FARMERS


def test_a_broadcast_can_be_watched_again_and_others_are_announced() -> None:
    replay = Broadcast.objects.replays().get()
    client = Client()

    assert replay.recorded_ms > 10_000
    assert replay.pins.count() == replay.items.count() > 1
    assert replay.comments.count() == 4
    playlist = reverse("live:media", args=[replay.key.hex, "replay.m3u8"])
    assert "#EXT-X-ENDLIST" in client.get(playlist).content.decode()
    assert Broadcast.objects.upcoming(timezone.now()).count() == 2


def test_one_can_sign_in_in_every_role() -> None:
    people = {person.phone: person for person in User.objects.filter(phone__in=[login.phone for login in LOGINS])}

    by_role = {login.role: people[login.phone] for login in LOGINS}
    assert by_role["moderator"].is_moderator
    assert by_role["admin"].is_superuser
    assert by_role["farmer"].farmer.status == Farmer.Status.VERIFIED
    assert by_role["specialist"].postings.count() == 1
    assert by_role["buyer"].addresses.filter(is_default=True).exists()
    assert by_role["buyer"].cart.lines.exists()
    said = run("--logins")
    for login in LOGINS:
        assert login.phone.removeprefix("+86") in said


def test_two_of_them_pay_farmers_one_prepares_and_the_other_approves() -> None:
    finance, admin = (User.objects.get(email=f"{role}@example.com") for role in ("finance", "admin"))
    now = timezone.now()

    batch = paying_out.prepare_batch(actor=finance, now=now)
    with pytest.raises(DomainError):
        paying_out.approve_batch(batch_id=batch.pk, actor=finance, now=now)
    paying_out.approve_batch(batch_id=batch.pk, actor=admin, now=now)

    assert PayoutBatch.objects.get(pk=batch.pk).approved_by == admin
    assert batch.payouts.exists()


def test_the_demo_farmer_can_be_paid_directly_by_a_code_that_pays_nobody(settings: Any) -> None:
    settings.PAYMENT_GATEWAY = "sandbox,offline"
    farmer = Farmer.objects.get(user__phone=next(login.phone for login in LOGINS if login.role == "farmer"))
    [code] = in_force(timezone.now())

    assert (code.farmer, code.tries, StaffAct.objects.filter(kind="receiving_code_approve").count()) == (farmer, 1, 1)
    assert paid_directly(farmer.pk) == "too"
    assert breaks(OFFLINE) == {}


def test_nobody_real_can_be_rung_up() -> None:
    known = [login.phone for login in LOGINS]
    others = User.objects.exclude(phone__in=known).exclude(phone=None).values_list("phone", flat=True)

    assert others
    assert all(number.startswith("+86140000") for number in others)
    emails = User.objects.exclude(email=None).values_list("email", flat=True)
    assert all(address.endswith("@example.com") for address in emails)


def test_stock_recounts_from_the_holds() -> None:
    aside = (
        Offer.objects.filter(lot=OuterRef("pk"), closed_at=None).values("lot").annotate(left=Sum("left")).values("left")
    )
    recounted = Lot.objects.annotate(
        held_now=Sum("holds__packs", filter=Q(holds__status="HELD"), default=0) + Coalesce(Subquery(aside), 0),
        sold_now=Sum("holds__packs", filter=Q(holds__status="SOLD"), default=0),
    )

    assert recounted.filter(sold__gt=0).exists()
    assert not recounted.exclude(held=F("held_now"), sold=F("sold_now")).exists()


def test_orders_are_in_every_state_and_each_parcel_came_there_by_the_clock() -> None:
    states = set(Parcel.objects.values_list("state", flat=True))
    assert states >= {"TO_PACK", "ON_THE_WAY", "RECEIVED", "CLAIMED", "SETTLED", "RELEASED", "CANCELLED", "PLACED"}
    assert Parcel.objects.filter(is_late=True, state="TO_PACK").exists()
    for parcel in Parcel.objects.exclude(state="PLACED"):
        last = ParcelEvent.objects.filter(parcel=parcel).order_by("pk").last()
        assert last is not None
        assert last.moved_to == parcel.state


def test_what_was_paid_is_what_the_orders_cost_and_what_was_cancelled_went_back() -> None:
    paid = Payment.objects.filter(status=Payment.Status.SUCCEEDED, order__isnull=False)
    for payment in paid.select_related("order"):
        assert payment.amount_fen == payment.ordered.total_fen
        assert payment.paid_at
    assert set(Order.objects.filter(status__in=["PAID", "CANCELLED"])) == {payment.order for payment in paid}
    cancelled = Parcel.objects.filter(state="CANCELLED")
    for parcel in cancelled:
        assert Refund.objects.get(parcel=parcel, status="DONE").amount_fen == parcel.total_fen
    claims = Claim.objects.filter(state=Claim.State.DECIDED)
    for claim in claims:
        assert (claim.refund.status, claim.refund.amount_fen) == ("DONE", claim.parcel.refunded_fen)
    of_parcels = Refund.objects.filter(parcel__isnull=False)
    assert of_parcels.count() == cancelled.count() + claims.count()


def test_the_fund_has_gifts_and_grants_and_says_that_they_are_made_up() -> None:
    assert Programme.objects.count() == 5
    assert Programme.objects.filter(county__postings__isnull=False).count() == 1
    assert not Programme.objects.filter(is_demo=False).exists()
    assert Gift.objects.filter(status=Gift.Status.PAID).count() > 5
    given = Grant.objects.filter(state__in=Grant.GIVEN)
    assert given.count() >= 3
    assert all(grant.approved_by_id != grant.prepared_by_id and grant.evidence.exists() for grant in given)


def test_one_claim_waits_for_its_farmer_some_for_a_moderator_and_one_is_decided() -> None:
    buyer = next(login for login in LOGINS if login.role == "buyer")
    farmer = next(login for login in LOGINS if login.role == "farmer")
    theirs = Claim.objects.filter(parcel__order__buyer__phone=buyer.phone, parcel__farmer__user__phone=farmer.phone)

    assert theirs.filter(state=Claim.State.OPEN, answered_at=None).exists()
    assert theirs.filter(state=Claim.State.DECIDED).exists()
    assert Claim.objects.for_moderators(timezone.now()).exists()


def test_nothing_shown_went_past_the_moderators() -> None:
    shown = Listing.objects.shown()
    assert shown.count() >= FARMERS
    for listing in shown:
        assert ModerationDecision.objects.filter(revision=listing.approved_revision, verdict="APPROVE").exists()
    waiting = ListingRevision.objects.filter(status="WAITING")
    assert waiting.filter(listing__status="DRAFT").exists()
    assert waiting.filter(listing__status="LIVE").exists()
    assert Farmer.objects.filter(status="WAITING").exists()


def test_no_village_is_shown() -> None:
    for farmer in Farmer.objects.all():
        assert farmer.village not in farmer.name
        assert not farmer.listings.filter(origin__contains=farmer.village).exists()
        assert not Storefront.objects.filter(farmer=farmer, story__contains=farmer.village).exists()


def test_stars_add_up() -> None:
    assert Review.objects.exists()
    for listing in Listing.objects.annotate(stars=Sum("reviews__stars", default=0), count=Count("reviews")):
        assert (listing.rating_sum, listing.rating_count) == (listing.stars, listing.count)


def test_every_picture_is_there_in_every_size() -> None:
    photos = list(Photo.objects.all())
    assert len(photos) >= Listing.objects.count()
    for photo in photos:
        assert photo.status == Photo.Status.READY
        assert photo.sizes
        for width in photo.sizes:
            assert photo.storage.exists(photo.path(width))


def test_nothing_happened_in_the_future_and_nothing_old_is_left_to_send() -> None:
    now = timezone.now()

    assert not Notification.objects.filter(created_at__gt=now).exists()
    assert not ParcelEvent.objects.filter(happened_at__gt=now).exists()
    assert not Parcel.objects.filter(timer_at__lt=Notification.objects.earliest("created_at").created_at).exists()
    assert not Delivery.objects.filter(status="DUE").exists()


def test_messages_stand_as_if_they_had_been_sent() -> None:
    """No code is left in one, among other things."""
    assert breaks(invariants.CHECKS) == {}


def test_only_those_one_can_sign_in_as_have_news() -> None:
    unread = set(Notification.objects.filter(read_at=None).values_list("recipient__phone", flat=True))

    assert unread
    assert unread <= {login.phone for login in LOGINS}


def test_running_it_again_does_nothing() -> None:
    before = [model.objects.count() for model in (User, Listing, Order, Notification)]

    assert "nothing to do" in run()

    assert [model.objects.count() for model in (User, Listing, Order, Notification)] == before


def test_an_interrupted_demo_is_said_to_be_one() -> None:
    User.objects.filter(is_superuser=True).update(phone="+8614000099999")

    assert "interrupted" in run()


def test_a_real_shop_never_gets_demo_people(settings: Any) -> None:
    settings.EMBEDDED = False

    with pytest.raises(CommandError, match="real shop"):
        run()


def test_pages_say_that_it_is_a_demo(client: Client) -> None:
    page = client.get(reverse("marketplace:home"), headers={"Accept-Language": "en"})

    assert page.status_code == 200
    assert "Demo data" in page.content.decode()


@pytest.mark.parametrize("month", range(1, 13))
def test_there_is_enough_to_sell_in_every_month(month: int) -> None:
    produce = {kind.slug: kind for kind in Produce.objects.filter(parent__isnull=False).select_related("parent")}
    today = datetime(2027, month, 15, tzinfo=UTC).date()
    in_season = [each for each in plan.specialities(produce) if plan.season(each, produce[each.produce], today) != ""]

    assert len({each.county for each in in_season}) >= 50
    assert len({each.produce for each in in_season}) >= 12


@pytest.mark.parametrize("hour", [0, 2, 3, 6, 17, 23])
def test_nothing_is_listed_before_it_is_picked_whatever_the_hour(hour: int) -> None:
    """Also not when somebody tries the shop in the night."""
    produce = {kind.slug: kind for kind in Produce.objects.filter(parent__isnull=False).select_related("parent")}
    now = NOON.astimezone(timezone.get_current_timezone()).replace(hour=hour, minute=10)
    today, dice = plan.day_of(now), random.Random(hour)
    early = []
    for each in plan.specialities(produce):
        for offer in plan.offers(each, produce[each.produce], 2, today, dice):
            for ago, harvest, _packs in offer.harvests:
                listed = min(plan.afternoon(now - ago), now - plan.LISTED_BY)
                if harvest.picked_on and harvest.picked_on > timezone.localdate(listed):
                    early.append((each.produce, harvest.picked_on, listed))

    assert early == []


def test_card_numbers_are_of_no_bank_and_phones_of_no_telephone() -> None:
    number = card_number(random.Random(1))
    digits = [int(digit) for digit in reversed(number)]
    luhn = sum(digits[::2]) + sum(sum(divmod(2 * digit, 10)) for digit in digits[1::2])

    assert number.startswith("9")
    assert len(number) == 16
    assert luhn % 10 == 0
    assert phone(7) == "+8614000000007"
