"""A small village with one of everything, so that every address of the site has a real record behind it."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import uuid4

from django.core.files.base import ContentFile
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import timezone

from accounts.models import (
    Consent,
    DelegatedAct,
    Farmer,
    FarmerDocument,
    NumberRecovery,
    PayeeChange,
    PayeeRequest,
    Posting,
    User,
)
from accounts.services.invitations import invite
from accounts.services.tokens import make_token
from field.models import Entry, EntryPhoto
from fund.models import Evidence
from fund.services import giving
from marketplace.models import Photo, ShareLink, Storefront, Wish
from marketplace.services import appeals, reports
from notifications.models import Device, Notification, WebhookSubscription
from orders.models import Parcel, PickList
from orders.services import reviews
from orders.services.parcels import receive_parcel
from payments.models import Claim, ClaimPhoto, SandboxTrade
from payments.services import cancel_and_refund, claiming, start_payment
from payments.services.appealing import appeal_claim
from specialists.models import Visit, VisitPhoto
from tests.fund import scene as fund_scene
from tests.live.scene import plan
from tests.make import (
    NOON,
    make_address,
    make_county,
    make_farmer,
    make_finance,
    make_listing,
    make_lot,
    make_moderator,
    make_photo,
    make_user,
)
from tests.marketplace import selling, sheeting
from tests.orders.making import make_cart, make_order, make_parcel, post
from tests.payments import offline_scene, on_delivery_scene, payout_scene, scene
from tests.training.making import finish_course, make_course


@dataclass
class Village:
    """Who is there, and what is whose: `grower` sells, `buyer` buys from them, all others have nothing to do with it."""

    people: dict[str, User] = field(default_factory=dict)
    things: dict[str, Any] = field(default_factory=dict)

    def __getattr__(self, name: str) -> Any:
        return self.things[name]


def make_village() -> Village:
    """People, and records of `buyer` and `grower` in every state that an address needs."""
    here, elsewhere = make_county(), make_county("yunnan-yuanyang", name_zh="元阳县", name_en="Yuanyang County")
    farmer = make_farmer(county=here)
    neighbour = make_farmer("The neighbour's household", county=here)
    specialist = make_user("Specialist elsewhere")
    Posting.objects.create(specialist=specialist, county=elsewhere, starts_on=NOON.date())
    helper = make_user("Specialist here")
    Posting.objects.create(specialist=helper, county=here, starts_on=NOON.date())
    buyer = make_user("Buyer")
    people = {
        "stranger": make_user("Stranger"),
        "neighbour": neighbour.user,
        "specialist": specialist,
        "helper": helper,
        "moderator": make_moderator(),
        "admin": make_user("Admin", is_staff=True),
        "finance": make_finance(),
        "steward": fund_scene.make_steward(),
        "buyer": buyer,
        "grower": farmer.user,
    }
    token, value = make_token(user_id=buyer.pk, name="Program", scopes=["read", "buy"], days=30, now=timezone.now())
    things = {"token": token, "token_value": value, **_payees(farmer, neighbour)}
    return Village(
        people,
        {
            **things,
            **_shelf(farmer, neighbour),
            **_desk(farmer),
            **_talk(farmer, buyer),
            **_direct(buyer, farmer, neighbour),
            "certificate": finish_course(farmer.user, make_course()).certificate,
            **_purchases(buyer, farmer),
            **_looked_after(helper, farmer),
            "entry_photo": _written_down(farmer),
            **_fund(buyer, farmer),
        },
    )


def _fund(buyer: User, farmer: Farmer) -> dict[str, Any]:
    """The buyer gave; of that one grant was paid to a school and one to the grower. More waits for a second person."""
    one, two = fund_scene.make_steward("One"), fund_scene.make_steward("Two")
    programme = fund_scene.make_programme(one)
    gift = fund_scene.arrived(9000, giver=buyer)
    grant = fund_scene.paid_grant(programme, 3000, one, two)
    fund_scene.paid_grant(programme, 1000, one, two, farmer_id=farmer.pk)
    photo = _with_file(make_photo(one, approved_at=None, public_at=None))
    about = {"words": "午餐", "dated_on": NOON.date(), "added_by": one, "added_at": timezone.now()}
    now = timezone.now()
    return {
        "programme": programme,
        "gift": gift,
        "grant": grant,
        "grant_paper": grant.evidence.get(),
        "grant_photo": Evidence.objects.create(grant=grant, photo=photo, **about),
        "allotment": fund_scene.make_allotment(one, 100, programme),
        "gift_return": giving.prepare_return(gift_id=gift.pk, actor=one, reason="给错了", now=now),
    }


def _looked_after(helper: User, farmer: Farmer) -> dict[str, Any]:
    """The grower's specialist plans a visit, and was there before."""
    now, today = timezone.now(), timezone.localdate()
    plan: dict[str, Any] = {"farmer": farmer, "planned_by": helper, "planned_on": today, "planned_at": now}
    made = Visit.objects.create(aim="看果园", done_by=helper, done_at=now, note="果子还要两周。", **plan)
    photo = _with_file(make_photo(helper, approved_at=None, public_at=None, is_confined=True))
    place = VisitPhoto.objects.create(visit=made, photo=photo)
    invitation = invite(by=helper, county_id=farmer.county_id, for_whom="桥头老李", now=now)
    return {
        "visit": Visit.objects.create(aim="教打包", **plan),
        "visit_photo": place,
        "invitation": invitation,
        **_agreed(helper, farmer),
    }


def _written_down(farmer: Farmer) -> EntryPhoto:
    """The grower's phone sent a weighing, with a photo of the scale."""
    entry = Entry.objects.create(
        farmer=farmer, key=uuid4(), by=farmer.user, kind="WEIGHING", digest="0" * 64, state="DONE", about="lot:0",
        link="/sell/", made_at=NOON, received_at=NOON,
    )  # fmt: skip
    photo = _with_file(make_photo(farmer.user, approved_at=None, public_at=None, is_confined=True))
    return EntryPhoto.objects.create(entry=entry, photo=photo)


def _agreed(helper: User, farmer: Farmer) -> dict[str, Any]:
    """The grower lets the specialist act, who did; another's signed paper waits for a moderator."""
    now = timezone.now()
    consent = Consent.objects.create(
        farmer=farmer, specialist=helper, way="CODE", state="STANDS", asked_at=now, given_at=now
    )
    act = DelegatedAct.objects.create(
        consent=consent, farmer=farmer, specialist=helper, kind="LOT", about="lot:0", words="脐橙", at=now
    )
    second = make_user("Second specialist here")
    Posting.objects.create(specialist=second, county=farmer.county, starts_on=NOON.date())
    paper = Consent(
        farmer=farmer, specialist=second, way="PAPER", state="WAITING", asked_at=now, media_type="image/jpeg"
    )
    paper.paper.save("paper.jpg", ContentFile(b"a paper"), save=True)
    picks = PickList.objects.create(
        farmer=farmer,
        day=NOON.date(),
        slot="MORNING",
        items=[],
        parcels=1,
        made_at=now,
        answer_by=now + timedelta(hours=3),
    )
    return {"delegated_act": act, "paper_consent": paper, "pick_list": picks}


def _direct(buyer: User, farmer: Farmer, neighbour: Farmer) -> dict[str, Any]:
    """Orders by the grower's own code: one to be paid, one whose money goes back; a new picture, and one of the neighbour's."""
    offline_scene.make_code(farmer)
    unpaid, paid = (make_order(buyer, {make_listing(farmer): 1}, now=timezone.now()) for _order in range(2))
    for order in (unpaid, paid):
        start_payment(order_id=order.pk, buyer=buyer, now=timezone.now(), gateway="offline")
    offline_scene.came(paid)
    refund = cancel_and_refund(parcel_id=paid.parcels.get().pk, actor=buyer, reason="", now=timezone.now())
    asked = offline_scene.make_code(farmer, state="ASKED")
    _with_file(asked.photo)
    waiting = offline_scene.make_code(neighbour, state="WAITING")
    on_delivery = _on_delivery(buyer, farmer)
    return {"unpaid_direct": unpaid, "direct": refund, "receiving_code": asked, "waiting_code": waiting, **on_delivery}


def _on_delivery(buyer: User, farmer: Farmer) -> dict[str, Any]:
    """The grower offers it: one order that could be promised, one that was, and is on its way."""
    on_delivery_scene.offer(farmer)
    could, was = (make_order(buyer, {make_listing(farmer): 1}, now=timezone.now()) for _order in range(2))
    on_delivery_scene.promise(was)
    post(scene.first_parcel(was), now=timezone.now())
    return {"to_promise": could, "promised": was}


def _payees(farmer: Farmer, neighbour: Farmer) -> dict[str, Any]:
    """The grower was sent a code for another account; one of the neighbour's waits for its time."""
    terms: dict[str, Any] = {"payee_kind": "BANK", "payee_name": "陈桂兰", "payee_account": "6222020000009999995"}
    PayeeRequest.objects.create(farmer=farmer, asked_at=timezone.now(), digest="0" * 64, **terms)
    now, later = timezone.now(), timezone.now() + timedelta(days=3)
    change = PayeeChange.objects.create(farmer=neighbour, asked_at=now, takes_effect_at=later, **terms)
    lost = NumberRecovery.objects.create(
        user=neighbour.user,
        former=str(neighbour.user.phone),
        phone="+8613700137000",
        reason="掉河里了",
        proof="上门看过身份证",
        prepared_by=make_user("Somebody of ours"),
        prepared_at=now,
        not_before=later,
    )
    return {"payee_change": change, "lost": lost}


def _shelf(farmer: Farmer, neighbour: Farmer) -> dict[str, Any]:
    live = make_listing(farmer, words="皮薄汁多。")
    presale = make_lot(
        live, expected_from=(NOON + timedelta(days=9)).date(), expected_until=(NOON + timedelta(days=19)).date()
    )
    return {
        "live": live,
        "lot": live.lots.get(picked_on__isnull=False),
        "presale": presale,
        "their_listing": make_listing(neighbour),
        "storefront": Storefront.objects.get(farmer=farmer),
        "unseen": _with_file(make_photo(farmer.user, approved_at=None, public_at=None)),
        "photo": _with_file(Photo.objects.filter(uploaded_by=farmer.user).order_by("pk")[0]),
    }


def _desk(farmer: Farmer) -> dict[str, Any]:
    """What waits for somebody's decision, and papers."""
    draft = selling.make_draft(farmer)
    waiting = selling.submit(farmer)
    paper = FarmerDocument(farmer=farmer, media_type="application/pdf", original_name="land.pdf", uploaded_at=NOON)
    paper.file.save("land.pdf", ContentFile(b"%PDF-1.4\n%%EOF\n"), save=True)
    rejected = selling.decide(selling.submit(farmer), make_moderator(), selling.Verdict.REJECT, now=timezone.now())
    appealed = selling.decide(selling.submit(farmer), make_moderator(), selling.Verdict.REJECT, now=timezone.now())
    appeal = appeals.make_appeal(decision_id=appealed.pk, farmer=farmer, words="看错了。", now=timezone.now())
    report = reports.report_storefront(
        storefront_id=farmer.storefront.pk, reporter=None, guest="a" * 64, reason="FALSE", words="假的", now=NOON
    )
    sheet = sheeting.send(farmer, sheeting.as_csv(sheeting.rows_of(sheeting.A_ROW)))
    return {
        "draft": draft.listing,
        "waiting": waiting,
        "paper": paper,
        "farmer": farmer,
        "sheet": sheet,
        "rejected": rejected,
        "appeal": appeal,
        "report": report,
    }


def _talk(farmer: Farmer, buyer: User) -> dict[str, Any]:
    """A broadcast, and something said in it that was reported."""
    broadcast = plan(farmer)
    comment = broadcast.comments.create(author=buyer, text="甜吗？", said_at=NOON)
    comment.reports.create(reporter=make_user(), why="OTHER", reported_at=NOON)
    return {
        "broadcast": broadcast,
        "comment": comment,
        "mute": farmer.mutes.create(person=make_user(), muted_at=NOON),
    }


def _purchases(buyer: User, farmer: Farmer) -> dict[str, Any]:
    address, spare = make_address(buyer, is_default=True), make_address(buyer)
    wanted = {make_listing(farmer): 1}
    unpaid = make_order(buyer, wanted)
    to_pack = scene.make_paid_order(make_order(buyer, {make_listing(farmer): 1}, now=timezone.now())).parcels.get()
    claim, appealed = make_claim(buyer, farmer), _appealed(make_claim(buyer, farmer))
    on_the_way = make_parcel(Parcel.State.ON_THE_WAY, buyer=buyer, wanted={make_listing(farmer): 1})
    received = make_parcel(Parcel.State.RECEIVED, buyer=buyer, wanted={make_listing(farmer): 1})
    reviewed = make_parcel(Parcel.State.RECEIVED, buyer=buyer, wanted={make_listing(farmer): 1})
    review = reviews.write_review(
        parcel_id=reviewed.pk,
        listing_id=reviewed.lines.get().listing_id,
        buyer=buyer,
        stars=5,
        words="很甜",
        uploads=[],
        now=NOON + timedelta(days=5),
    )
    start_payment(order_id=unpaid.pk, buyer=buyer, now=NOON)
    cart = make_cart(buyer, {make_listing(farmer): 2})
    return {
        "address": address,
        "spare": spare,
        "unpaid": unpaid,
        "to_pack": to_pack,
        "claim": claim,
        "appealed": appealed,
        "on_the_way": on_the_way,
        "received": received,
        "review": review,
        "line": cart.lines.get(),
        "trade": SandboxTrade.objects.get(reference=unpaid.payments.get().reference),
        "device": Device.objects.create(user=buyer, endpoint="https://fcm.googleapis.com/x", added_at=NOON),
        **_hook(buyer),
        "share_link": ShareLink.objects.create(
            code="8QRSTVWX",
            sharer=buyer,
            kind="LISTING",
            thing_id=unpaid.parcels.get().lines.get().listing_id,
            made_at=NOON,
        ),
        "wish": Wish.objects.create(user=buyer, query="榴莲", created_at=NOON, checked_at=NOON),
        "told": Notification.objects.filter(recipient=buyer).first(),
        "payout": payout_scene.prepare(make_finance("Another")).payouts.get(farmer=farmer),
    }


def _hook(buyer: User) -> dict[str, Any]:
    """Where the buyer's program is told, with one message in its log."""
    hook = WebhookSubscription.objects.create(
        owner=buyer, url="https://example.com/", events=["order.paid"], secret="x", created_at=NOON
    )
    sent = hook.deliveries.create(
        event_id="evt_1", event="order.paid", body="{}", status="SENT", tries_left=8, due_at=NOON, created_at=NOON
    )
    return {"hook": hook, "sent": sent}


def _appealed(claim: Claim) -> Claim:
    """Refused, and appealed against by its buyer."""
    parcel, now = claim.parcel, timezone.now()
    claiming.dispute_claim(claim_id=claim.pk, farmer=parcel.farmer.user, words="发货时好的", offered_fen=None, now=now)
    refused = claiming.decide_claim(claim_id=claim.pk, moderator=make_moderator(), back_fen=0, reason="看不出", now=now)
    appeal_claim(claim_id=claim.pk, person=parcel.order.buyer, words="照片里看得见", now=now)
    return refused


def make_claim(buyer: User, farmer: Farmer) -> Claim:
    """What the buyer says is wrong with a box that came, with a photo that is ready."""
    order = scene.make_paid_order(make_order(buyer, {make_listing(farmer): 1}, now=timezone.now()))
    parcel = post(order.parcels.get(), now=timezone.now())
    receive_parcel(parcel_id=parcel.pk, actor=buyer, now=timezone.now())
    claim = claiming.open_claim(
        parcel_id=parcel.pk, buyer=buyer, kind="SPOILED", words="烂了。", asked_fen=None, uploads=[], now=timezone.now()
    )
    ClaimPhoto.objects.create(claim=claim, photo=_with_file(make_photo(buyer)))
    return claim


def _with_file(photo: Photo) -> Photo:
    for size in photo.sizes:
        photo.storage.save(photo.path(size), ContentFile(b"a picture"))
    return photo


def named_routes(inside: str = "") -> dict[str, str]:
    """Every named address of the site but the administration's and the API's: its name and pattern."""
    found: dict[str, str] = {}
    _walk(get_resolver(), (), "", found)
    return {name: pattern for name, pattern in found.items() if _part_of_site(name, pattern) == inside}


def _part_of_site(name: str, pattern: str) -> str:
    if name.startswith("admin:"):
        return "admin"
    return "api" if pattern.startswith("api/v1/") or name == "api:nothing" else ""


def _walk(resolver: URLResolver, spaces: tuple[str, ...], prefix: str, found: dict[str, str]) -> None:
    for one in resolver.url_patterns:
        pattern = prefix + str(one.pattern)
        if isinstance(one, URLResolver):
            _walk(one, (*spaces, one.namespace) if one.namespace else spaces, pattern, found)
        elif isinstance(one, URLPattern):
            found.setdefault(":".join([*spaces, one.name or pattern]), pattern)
