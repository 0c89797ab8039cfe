"""A shop in which everything holds, made through the services; and the planting of what must never be in one."""

import io
from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.utils import timezone
from PIL import Image

from accounts.models import Farmer, FarmerDocument, User, VerificationDecision
from accounts.services import consents
from common.invariants import Check
from config.verify import run
from fund.models import Evidence
from fund.services import giving, grants, programmes
from fund.services.photos import decide_photo
from insights.services.keeping_up import keep_up
from marketplace.models import ListingRevision, ModerationDecision, Photo, Report, Storefront
from marketplace.services import appeals, moderation, reports, storefronts
from marketplace.services.search import index_all
from marketplace.services.sharing import make_link
from marketplace.things import thing_of
from notifications.services import sending, telling
from orders.models import Order, Parcel
from orders.services import parcels, paying, reviews
from payments.services import appealing, cancelling, claiming, paying_out, refunding, settling, sharing
from specialists.services import acting, boxes, pricing
from tests.accounts.signing_in import codes_for
from tests.fund import scene as fund_scene
from tests.live.scene import plan
from tests.make import (
    make_address,
    make_farmer,
    make_finance,
    make_listing,
    make_lot,
    make_moderator,
    make_photo,
    make_user,
)
from tests.marketplace import selling
from tests.orders.making import make_cart, make_order, make_route, post
from tests.payments import claim_scene, offline_scene, on_delivery_scene, payout_scene, scene
from tests.specialists.scene import make_scene
from tests.specialists.test_consents import agree, open_lot, prepare
from tests.specialists.test_consents import post as post_for
from tests.training.making import finish_course, make_course

LATER = timedelta(days=30)


def make_sound_shop() -> None:
    """One of everything that a check looks at: farmers, listings, photos, orders in every state, claims, refunds."""
    make_route()
    buyer, moderator, farmer = make_user("Buyer", email="buyer@example.com"), make_moderator(), make_farmer()
    make_address(buyer, is_default=True)
    _shelves(farmer, moderator)
    _orders(buyer, farmer, moderator)
    _claims(buyer, farmer, moderator)
    _direct()
    _payouts()
    _shared(buyer, farmer)
    _fund(buyer, moderator)
    _helped(buyer, moderator)
    make_cart(buyer, {make_listing(farmer): 1})
    finish_course(farmer.user, make_course())
    telling.send_code(user=buyer, channel="EMAIL", address="buyer@example.com", code="482913")
    put_on_record(moderator)
    while claim := sending.claim_next(now=timezone.now()):
        sending.deliver(claim)
    index_all()
    keep_up(timezone.now())


def _fund(buyer: User, moderator: User) -> None:
    """Gifts that arrived, one for an area; money passed on, granted, paid, given up, returned and given back."""
    one, two, now = fund_scene.make_steward("One"), fund_scene.make_steward("Two"), timezone.now()
    meals = fund_scene.make_programme(one)
    fund_scene.arrived(5000, giver=buyer)
    fund_scene.arrived(3000, "education", buyer)
    allotment = fund_scene.make_allotment(one, 1000, meals, from_area=True)
    programmes.approve_allotment(allotment_id=allotment.pk, actor=two, now=now)
    paid = fund_scene.paid_grant(meals, 2000, one, two)
    photo = make_photo(one, approved_at=None, public_at=None)
    about: dict[str, Any] = {"words": "午餐", "dated_on": now.date(), "added_by": one, "added_at": now}
    decide_photo(
        evidence_id=Evidence.objects.create(grant=paid, photo=photo, **about).pk,
        moderator=moderator,
        is_shown=True,
        now=now,
    )
    grants.report_grant(
        grant_id=fund_scene.paid_grant(meals, 500, one, two).pk, actor=one, report="吃上了", beneficiaries=9, now=now
    )
    back = fund_scene.paid_grant(meals, 300, one, two)
    grants.return_grant(grant_id=back.pk, actor=two, reason="账号错", now=now)
    fund_scene.approve(fund_scene.make_grant(meals, 100, one), two)
    for is_kept in (True, False):  # rounded up: one order is posted, the other cancelled as a whole
        wish = make_order(buyer, {make_listing(): 1}, now=now, round_up_for=meals.account.name)
        parcel = scene.make_paid_order(wish).parcels.get()
        if is_kept:
            post(parcel, now=now)
        else:
            cancelling.cancel_and_refund(parcel_id=parcel.pk, actor=buyer, reason="", now=now)
    gift = fund_scene.arrived(700, giver=buyer)
    undone = giving.prepare_return(gift_id=gift.pk, actor=one, reason="给错了", now=now)
    giving.approve_return(return_id=undone.pk, actor=two, now=now)


def _helped(buyer: User, moderator: User) -> None:
    """All that a specialist does for a household: each kind of act once, two of them taken back; and a paper."""
    here, now = make_scene(), timezone.now()
    both: dict[str, Any] = {"farmer_id": here.farmer.pk, "by": here.helper}
    agree(here)
    listing = make_listing(here.farmer)
    parcel = scene.make_paid_order(make_order(buyer, {listing: 1}, now=now)).parcels.get()
    pricing.ask_price(**both, listing_id=listing.pk, price_fen=4500, now=now)
    code = codes_for(here.farmer.user)[-1]
    pricing.confirm_price(**both, listing_id=listing.pk, code=code, now=timezone.now())
    prepare(here)
    weighed = boxes.weigh_lot_for(**both, lot_id=make_lot(listing).pk, grams=60_000, picked_on=None, now=timezone.now())
    acting.undo_act(act_id=weighed.pk, farmer=here.farmer, now=timezone.now())
    packed = boxes.pack_parcel_for(**both, parcel_id=parcel.pk, grams=5200, now=timezone.now())
    acting.undo_act(act_id=packed.pk, farmer=here.farmer, now=timezone.now())
    boxes.pack_parcel_for(**both, parcel_id=parcel.pk, grams=None, now=timezone.now())
    open_lot(here, listing)
    post_for(here, parcel)
    paper = SimpleUploadedFile("paper.jpg", jpeg(), "image/jpeg")
    other = make_farmer(county=here.farmer.county)
    sent = consents.send_paper(farmer_id=other.pk, specialist=here.helper, paper=paper, now=now)
    consents.accept_paper(consent_id=sent.pk, moderator=moderator, now=timezone.now())


def put_on_record(moderator: User) -> None:
    """What tests.make makes without asking anybody gets the decisions that it stands on, and its photos get files."""
    for farmer in Farmer.objects.filter(decisions=None, status=Farmer.Status.VERIFIED):
        VerificationDecision.objects.create(
            farmer=farmer, decided_by=moderator, verdict="VERIFY", reason="Seen.", decided_at=farmer.verified_at
        )
    for revision in ListingRevision.objects.filter(decisions=None, status=ListingRevision.Status.APPROVED):
        ModerationDecision.objects.create(
            listing=revision.listing,
            revision=revision,
            verdict="APPROVE",
            decided_by=moderator,
            decided_at=revision.submitted_at,
        )
    for photo in Photo.objects.filter(status=Photo.Status.READY):
        for size in photo.sizes:
            if not photo.storage.exists(photo.path(size)):
                photo.storage.save(photo.path(size), ContentFile(webp()))


def jpeg() -> bytes:
    """A small photo of a paper."""
    out = io.BytesIO()
    Image.new("RGB", (16, 12), "white").save(out, "JPEG")
    return out.getvalue()


def webp(**extra: Any) -> bytes:
    """A small picture; `exif=` puts metadata into it."""
    out = io.BytesIO()
    Image.new("RGB", (16, 12), "orange").save(out, "WEBP", **extra)
    return out.getvalue()


def _shelves(farmer: Farmer, moderator: User) -> None:
    plan(listing=make_listing(farmer))
    down = make_listing(farmer)
    moderation.take_down(listing_id=down.pk, moderator=moderator, reason="That is no orange.", now=timezone.now())
    selling.make_draft(farmer)
    selling.submit(farmer)
    told_off = selling.submit(farmer)
    moderation.decide_revision(
        revision_id=told_off.pk, moderator=moderator, verdict="ASK_CHANGE", reason="Which month?", now=timezone.now()
    )
    _complaints(farmer, moderator)
    page = Storefront.objects.get(farmer=farmer)
    proposed_at = timezone.now()
    storefronts.propose_storefront(farmer=farmer, story="三代种橙。", photo=make_photo(farmer.user), now=proposed_at)
    moderation.decide_storefront(
        storefront_id=page.pk,
        proposed_at=proposed_at,
        moderator=moderator,
        verdict="APPROVE",
        reason="",
        now=timezone.now(),
    )
    Photo.objects.create(uploaded_by=farmer.user, uploaded_at=timezone.now(), original="originals/0a1b")
    FarmerDocument.objects.create(
        farmer=farmer,
        file="documents/0a1b2c.pdf",
        media_type="application/pdf",
        original_name="land.pdf",
        uploaded_at=timezone.now(),
    )


def _complaints(farmer: Farmer, moderator: User) -> None:
    """A report that was right, and an appeal that was won against what it led to."""
    now = timezone.now()
    report = reports.report_listing(
        listing_id=make_listing(farmer).pk, reporter=make_user(), guest="", reason="FALSE", words="", now=now
    )
    reports.decide_report(
        report_id=report.pk,
        moderator=moderator,
        status=Report.Status.VALID,
        take_down=True,
        reason="So it is.",
        now=now,
    )
    decision = ModerationDecision.objects.get(listing=report.listing, verdict="TAKE_DOWN")
    appeal = appeals.make_appeal(decision_id=decision.pk, farmer=farmer, words="不是这样的。", now=now)
    appeals.decide_appeal(
        appeal_id=appeal.pk, moderator=make_moderator(), overturn=True, reason="They are right.", now=now
    )


def _shared(buyer: User, farmer: Farmer) -> None:
    """An order of the buyer's that came by somebody's link and arrived well; the sharer used the coupon they got for it."""
    listing, sharer, now = make_listing(farmer), make_user("Sharer"), timezone.now()
    make_address(sharer, phone="+8613900000077", detail="南京路 77 号")
    thing = thing_of("LISTING", listing.pk)
    assert thing
    link = make_link(sharer=sharer, thing=thing, now=now)
    led = make_order(buyer, {listing: 1}, now=now, led_by=link.code)
    _arrived_well(led)
    sharing.follow_settled(parcel_id=led.parcels.get().pk, now=now)
    hers = make_order(sharer, {listing: 1}, now=now, coupon_id=sharer.coupons.get().pk)
    _arrived_well(hers)
    sharing.follow_settled(parcel_id=hers.parcels.get().pk, now=now)


def _arrived_well(order: Order) -> None:
    """Paid, posted, received, and nobody complained."""
    now = timezone.now()
    parcel = scene.make_paid_order(order).parcels.select_related("order__buyer", "farmer__user").get()
    post(parcel, now=now)
    parcels.receive_parcel(parcel_id=parcel.pk, actor=order.buyer, now=now)
    parcels.run_timer(parcel_id=parcel.pk, now=now + timedelta(days=3))


def _paid(buyer: User, farmer: Farmer) -> Parcel:
    order = scene.make_order({make_listing(farmer): 2}, buyer=buyer)
    return scene.make_paid_order(order).parcels.select_related("order__buyer", "farmer__user").get()


def _orders(buyer: User, farmer: Farmer, moderator: User) -> None:
    now = timezone.now()
    scene.make_payment(scene.make_order({make_listing(farmer): 1}, buyer=buyer))
    gone = scene.make_order({make_listing(farmer): 1}, buyer=buyer)
    paying.release_order(order_id=gone.pk, now=gone.pay_by)
    _paid(buyer, farmer)
    _late(_paid(buyer, farmer))
    cancelled = _paid(buyer, farmer)
    refund = cancelling.cancel_and_refund(parcel_id=cancelled.pk, actor=buyer, reason="", now=now)
    refunding.finish_refund(refund_id=refund.pk, now=now)
    _twice(_paid(buyer, farmer).order)
    received = claim_scene.receive(_paid(buyer, farmer))
    for parcel, words in [(received, "很甜"), (claim_scene.receive(_paid(buyer, farmer)), "")]:
        review = reviews.write_review(
            parcel_id=parcel.pk,
            listing_id=parcel.lines.get().listing_id,
            buyer=buyer,
            stars=4,
            words=words,
            uploads=[],
            now=now,
        )
        if words:
            reviews.decide_review(review_id=review.pk, moderator=moderator, shown=True, reason="", now=now)
    reviews.ReviewPhoto.objects.create(review=review, photo=make_photo(buyer))
    reviews.ReviewDecision.objects.create(review=review, shown=True, decided_by=moderator, decided_at=now)
    settled = claim_scene.receive(_paid(buyer, farmer))
    parcels.run_timer(parcel_id=settled.pk, now=now + LATER)
    overlooked = post(_paid(buyer, farmer), now=now)
    parcels.run_timer(parcel_id=overlooked.pk, now=now + LATER)


def _late(parcel: Parcel) -> None:
    parcels.run_timer(parcel_id=parcel.pk, now=timezone.now() + LATER)
    parcels.run_timer(parcel_id=parcel.pk, now=timezone.now() + 2 * LATER)


def _twice(order: Order) -> None:
    """Its buyer pays it a second time."""
    payment = order.payments.get()
    settling.settle(scene.paid_event(payment, event_id="second", trade_number="second"), timezone.now())


def _claims(buyer: User, farmer: Farmer, moderator: User) -> None:
    opened = [claim_scene.claim_on(claim_scene.receive(_paid(buyer, farmer))) for _ in range(5)]
    claim_scene.agree(opened[1])
    claim_scene.decide(claim_scene.dispute(opened[2]), moderator, 1500)
    claiming.withdraw_claim(claim_id=opened[3].pk, buyer=buyer, now=timezone.now())
    parcels.run_timer(parcel_id=opened[4].parcel_id, now=timezone.now() + claim_scene.AFTER_THE_ANSWER)
    claim_scene.count_on(claim_scene.receive(_paid(buyer, farmer)), (1, 10))
    crushed = claim_scene.count_on(claim_scene.receive(_paid(buyer, farmer)), (1, 2), kind="CRUSHED")
    claim_scene.decide(claim_scene.dispute(crushed), moderator, 700, cause="COURIER")
    after = timezone.now() + 2 * claim_scene.AFTER_THE_ANSWER
    appealing.appeal_claim(claim_id=crushed.pk, person=buyer, words="还坏得更多", now=after)
    appealing.decide_claim_appeal(
        claim_id=crushed.pk,
        moderator=make_moderator(),
        more_fen=100,
        cause="COURIER",
        reason="再看一遍",
        now=after,
    )


def _direct() -> None:
    """Paid into the farmer's own code: one that came, of which a part goes back by hand, and one that is said to be paid."""
    came = offline_scene.came(offline_scene.make_direct_order())
    claim_scene.agree(claim_scene.claim_on(claim_scene.receive(scene.first_parcel(came))))
    offline_scene.said(offline_scene.make_direct_order())
    _on_delivery()


def _on_delivery() -> None:
    """To be paid on delivery: one that came, one that was received and is still to be paid, one not taken, one cancelled."""
    on_delivery_scene.came(on_delivery_scene.make_on_the_way())
    parcel = on_delivery_scene.make_on_the_way()
    parcels.receive_parcel(parcel_id=parcel.pk, actor=parcel.order.buyer, now=timezone.now())
    on_delivery_scene.refuse(on_delivery_scene.make_on_the_way())
    gone = scene.first_parcel(on_delivery_scene.make_promised())
    cancelling.cancel_and_refund(parcel_id=gone.pk, actor=gone.order.buyer, reason="", now=timezone.now())


def _payouts() -> None:
    """One that was paid and came back, one that is paid, one that waits for a second person, one given up."""
    one, two = make_finance("One"), make_finance("Two")
    shop = make_farmer()
    for end in [payout_scene.come_back, payout_scene.confirm]:
        payout_scene.make_settled(shop)
        payout = next(each for each in payout_scene.sent(one, two) if each.farmer_id == shop.pk)
        payout_scene.confirm(payout, one)
        if end is payout_scene.come_back:
            payout_scene.come_back(payout, two)
    payout_scene.make_settled(make_farmer())
    batch = payout_scene.prepare(one)
    paying_out.drop_batch(batch_id=batch.pk, actor=two, reason="Wrong day.", now=timezone.now())
    payout_scene.prepare(one)


def sql(*statements: str) -> Callable[[], None]:
    """Statements that no trigger and no reference keeps from being carried out."""

    def plant() -> None:
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL session_replication_role = replica")
            for statement in statements:
                cursor.execute(statement)

    return plant


def without(constraint: str, statement: str) -> Callable[[], None]:
    """A statement that only this constraint ("table.name"; of a UniqueConstraint with a condition, its index) refuses."""
    table, name = constraint.split(".")
    return sql(f"ALTER TABLE {table} DROP CONSTRAINT IF EXISTS {name}", f"DROP INDEX IF EXISTS {name}", statement)


def breaks(checks: Iterable[Check]) -> dict[str, Any]:
    """What is broken, by name: nothing, in a sound shop."""
    results = [run(check, timezone.now()) for check in checks]
    return {result.check.name: result.error or result.breach for result in results if not result.is_clean}
