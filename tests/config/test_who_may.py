"""Who may open what: one row for each address of the site, tried by those whom it does not concern.

`in` is the way to sign in, `join` the way to become a farmer, `->` another redirect; the rest are status codes. Each row
says what a guest, a signed-in stranger, another farmer of the same county and the person it belongs to get for GET, and
what the first three get for POST. The records are buyer's and grower's (tests/config/village.py).
"""

from collections.abc import Iterator
from typing import Any

import pytest
from django.apps import apps
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from accounts.models import Address
from marketplace.models import ListingRevision
from orders.models import Cart, Order, Review
from tests.config.addresses import address_of
from tests.config.field_may import FIELD_MAY
from tests.config.fund_may import FUND_MAY
from tests.config.insights_may import INSIGHTS_MAY
from tests.config.signing_in_may import SIGNING_IN
from tests.config.specialists_may import SPECIALISTS_MAY
from tests.config.training_may import TRAINING_MAY
from tests.config.village import Village, make_village, named_routes
from tests.config.who_may_live import LIVE
from tests.config.who_may_sharing import SHARING
from tests.make import make_address, make_listing
from tests.orders.making import make_cart, make_parcel, total_of

pytestmark = pytest.mark.django_db

#: name: (GET by guest, stranger, other farmer, whose it is; POST by guest, stranger, other farmer; whose it is)
MAY: dict[str, tuple[str, str, str]] = {
    "marketplace:home": ("200 200 200 200", "405 405 405", "buyer"),
    "marketplace:produce_list": ("200 200 200 200", "405 405 405", "buyer"),
    "marketplace:produce_detail": ("200 200 200 200", "405 405 405", "buyer"),
    "marketplace:county_list": ("200 200 200 200", "405 405 405", "buyer"),
    "marketplace:county_detail": ("200 200 200 200", "405 405 405", "buyer"),
    "marketplace:storefront_detail": ("200 200 200 200", "405 405 405", "buyer"),
    "marketplace:listing_search": ("200 200 200 200", "405 405 405", "grower"),
    "marketplace:search_suggest": ("200 200 200 200", "405 405 405", "buyer"),
    "marketplace:wish_list": ("in 200 200 200", "405 405 405", "buyer"),
    "marketplace:wish_create": ("in 200 200 200", "in 422 422", "buyer"),
    "marketplace:wish_delete": ("405 405 405 405", "in 404 404", "buyer"),
    "marketplace:listing_detail": ("200 200 200 200", "405 405 405", "grower"),
    "marketplace:lot_trace": ("200 200 200 200", "405 405 405", "grower"),
    "marketplace:lot_qr": ("200 200 200 200", "405 405 405", "grower"),
    "marketplace:robots": ("200 200 200 200", "405 405 405", "buyer"),
    "marketplace:sitemap": ("200 200 200 200", "200 200 200", "buyer"),
    "marketplace:sitemap_section": ("200 200 200 200", "200 200 200", "buyer"),
    "marketplace:sell_start": ("in join 200 200", "in join 422", "grower"),
    "marketplace:storefront_edit": ("in join 200 200", "in join 422", "grower"),
    "marketplace:listing_list": ("in join 200 200", "405 405 405", "grower"),
    "marketplace:listing_edit": ("in join 404 200", "405 405 405", "grower"),
    "marketplace:sell_change": ("405 405 405 405", "in join 404", "grower"),
    "marketplace:sell_photos": ("in join 404 200", "in join 404", "grower"),
    "marketplace:sell_pack": ("in join 404 200", "in join 404", "grower"),
    "marketplace:sell_harvest": ("in join 404 200", "in join 404", "grower"),
    "marketplace:sell_check": ("in join 404 200", "in join 404", "grower"),
    "marketplace:sell_discard": ("405 405 405 405", "in join 404", "grower"),
    "marketplace:listing_price": ("405 405 405 405", "in join 404", "grower"),
    "marketplace:listing_pause": ("405 405 405 405", "in join 404", "grower"),
    "marketplace:listing_resume": ("405 405 405 405", "in join 404", "grower"),
    "marketplace:listing_repeat": ("405 405 405 405", "in join 404", "grower"),
    "marketplace:lot_create": ("in join 404 200", "in join 404", "grower"),
    "marketplace:lot_stock": ("405 405 405 405", "in join 404", "grower"),
    "marketplace:lot_picked": ("405 405 405 405", "in join 404", "grower"),
    "marketplace:lot_close": ("405 405 405 405", "in join 404", "grower"),
    "marketplace:sheet_list": ("in join 200 200", "in join 422", "grower"),
    "marketplace:sheet_detail": ("in join 404 200", "405 405 405", "grower"),
    "marketplace:sheet_confirm": ("405 405 405 405", "in join 404", "grower"),
    "marketplace:sheet_drop": ("405 405 405 405", "in join 404", "grower"),
    "marketplace:sheet_photos": ("in join 200 200", "in join 422", "grower"),
    "marketplace:sheet_template": ("in join 200 200", "405 405 405", "grower"),
    "marketplace:sheet_export": ("in join 200 200", "405 405 405", "grower"),
    "marketplace:photo_upload": ("405 405 405 405", "in 422 422", "grower"),
    "marketplace:photo_status": ("in 404 404 200", "405 405 405", "grower"),
    "marketplace:photo_copy": ("404 404 404 200", "405 405 405", "grower"),
    "marketplace:moderation_queue": ("in 404 404 200", "405 405 405", "moderator"),
    "marketplace:moderation_revision": ("in 404 404 200", "405 405 405", "moderator"),
    "marketplace:moderation_decide": ("405 405 405 405", "in 404 404", "moderator"),
    "marketplace:moderation_storefront": ("in 404 404 200", "in 404 404", "moderator"),
    "marketplace:listing_take_down": ("in 404 404 200", "in 404 404", "moderator"),
    "marketplace:listing_put_back": ("405 405 405 405", "in 404 404", "moderator"),
    "marketplace:report_listing": ("200 200 200 200", "422 422 422", "buyer"),
    "marketplace:report_storefront": ("200 200 200 200", "422 422 422", "buyer"),
    "marketplace:report_queue": ("in 404 404 200", "405 405 405", "moderator"),
    "marketplace:report_decide": ("405 405 405 405", "in 404 404", "moderator"),
    "marketplace:appeal_create": ("in join 404 200", "in join 404", "grower"),
    "marketplace:appeal_queue": ("in 404 404 200", "405 405 405", "moderator"),
    "marketplace:appeal_decide": ("405 405 405 405", "in 404 404", "moderator"),
    "marketplace:moderation_figures": ("in 404 404 200", "405 405 405", "moderator"),
    "orders:cart": ("200 200 200 200", "405 405 405", "buyer"),
    "orders:cart_province": ("405 405 405 405", "404 404 404", "buyer"),
    "orders:cart_add": ("405 405 405 405", "-> -> ->", "buyer"),
    "orders:cart_change": ("405 405 405 405", "404 404 404", "buyer"),
    "orders:checkout": ("in -> -> 200", "in 422 422", "buyer"),
    "orders:order_list": ("in 200 200 200", "405 405 405", "buyer"),
    "orders:order_detail": ("in 404 404 200", "405 405 405", "buyer"),
    "orders:order_again": ("405 405 405 405", "404 404 404", "buyer"),
    "orders:parcel_receive": ("405 405 405 405", "in 404 404", "buyer"),
    "orders:review_create": ("in 404 404 200", "in 404 404", "buyer"),
    "orders:farmer_home": ("in join 200 200", "405 405 405", "grower"),
    "orders:pick_list_see": ("405 405 405 405", "in 404 404", "grower"),
    "orders:parcel_list": ("in join 200 200", "405 405 405", "grower"),
    "orders:parcel_detail": ("in 404 404 200", "405 405 405", "grower"),
    "orders:parcel_post": ("in 404 404 ->", "in 404 404", "grower"),
    "orders:late_list": ("in 404 404 200", "405 405 405", "specialist"),
    "orders:review_queue": ("in 404 404 200", "405 405 405", "moderator"),
    "orders:review_decide": ("405 405 405 405", "in 404 404", "moderator"),
    **LIVE,
    **SHARING,
    "payments:pay": ("in 404 404 200", "in 404 404", "buyer"),
    "payments:returned": ("in 404 404 200", "in 405 405", "buyer"),
    "payments:offline_pay": ("in 404 404 200", "in 404 404", "buyer"),
    "payments:offline_answer": ("in join 404 200", "in join 404", "grower"),
    "payments:offline_returned": ("405 405 405 405", "in join 404", "grower"),
    "payments:promise": ("in 404 404 200", "in 404 404", "buyer"),
    "payments:not_taken": ("in 404 404 200", "in 404 404", "buyer"),
    "payments:on_delivery_answer": ("in join 404 200", "in join 404", "grower"),
    "payments:on_delivery_terms": ("in join 200 200", "in join ->", "grower"),
    "payments:receiving_code": ("in join 200 200", "in join 422", "grower"),
    "payments:receiving_code_confirm": ("in join -> 200", "in join ->", "grower"),
    "payments:receiving_code_off": ("405 405 405 405", "in join ->", "grower"),
    "payments:receiving_code_picture": ("in 404 404 200", "in 405 405", "grower"),
    "payments:code_queue": ("in 404 404 200", "405 405 405", "moderator"),
    "payments:code_decide": ("405 405 405 405", "in 404 404", "moderator"),
    "payments:parcel_cancel": ("in 404 404 200", "in 404 404", "buyer"),
    "payments:claim_detail": ("in 404 404 200", "in 405 405", "buyer"),
    "payments:claim_create": ("in 404 404 200", "in 404 404", "buyer"),
    "payments:claim_agree": ("405 405 405 405", "in 404 404", "grower"),
    "payments:claim_dispute": ("405 405 405 405", "in 404 404", "grower"),
    "payments:claim_accept": ("405 405 405 405", "in 404 404", "buyer"),
    "payments:claim_withdraw": ("405 405 405 405", "in 404 404", "buyer"),
    "payments:claim_appeal": ("405 405 405 405", "in 404 404", "buyer"),
    "payments:claim_photo": ("in 404 404 200", "in 405 405", "grower"),
    "payments:claim_queue": ("in 404 404 200", "405 405 405", "moderator"),
    "payments:claim_decide": ("in 404 404 200", "in 404 404", "moderator"),
    "payments:farm_money": ("in join 200 200", "405 405 405", "grower"),
    "payments:farm_statement": ("in join 200 200", "405 405 405", "grower"),
    "payments:farm_statement_pdf": ("in join 200 200", "405 405 405", "grower"),
    "payments:finance": ("in 404 404 200", "405 405 405", "finance"),
    "payments:entry_list": ("in 404 404 200", "405 405 405", "finance"),
    "payments:entry_detail": ("in 404 404 200", "in 404 404", "finance"),
    "payments:payout_list": ("in 404 404 200", "405 405 405", "finance"),
    "payments:payout_prepare": ("405 405 405 405", "in 404 404", "finance"),
    "payments:payout_batch": ("in 404 404 200", "405 405 405", "finance"),
    "payments:payout_approve": ("405 405 405 405", "in 404 404", "finance"),
    "payments:payout_drop": ("405 405 405 405", "in 404 404", "finance"),
    "payments:payout_file": ("405 405 405 405", "in 404 404", "finance"),
    "payments:payout_confirm_rest": ("405 405 405 405", "in 404 404", "finance"),
    "payments:payout_detail": ("in 404 404 200", "in 404 404", "finance"),
    "payments:payout_confirm": ("405 405 405 405", "in 404 404", "finance"),
    "payments:difference_list": ("in 404 404 200", "in 404 404", "finance"),
    "payments:wechat_who": ("in 404 404 404", "405 405 405", "buyer"),
    "payments:notify": ("405 405 405 405", "415 415 415", "buyer"),
    "payments:sandbox_cashier": ("200 200 200 200", "200 200 200", "buyer"),
    **SPECIALISTS_MAY,
    **FIELD_MAY,
    **TRAINING_MAY,
    **FUND_MAY,
    **SIGNING_IN,
    **INSIGHTS_MAY,
    "accounts:me": ("in 200 200 200", "in 200 200", "buyer"),
    "accounts:contact_change": ("in 200 200 200", "in 422 422", "buyer"),
    "accounts:contact_code": ("in -> -> ->", "in -> ->", "buyer"),
    "accounts:sign_out_everywhere": ("in 405 405 405", "in -> ->", "buyer"),
    "accounts:password_remove": ("in 405 405 405", "in -> ->", "buyer"),
    "accounts:address_list": ("in 200 200 200", "in 405 405", "buyer"),
    "accounts:address_create": ("in 200 200 200", "in 422 422", "buyer"),
    "accounts:address_edit": ("in 404 404 200", "in 404 404", "buyer"),
    "accounts:address_delete": ("in 405 405 405", "in 404 404", "buyer"),
    "accounts:address_default": ("in 405 405 405", "in 404 404", "buyer"),
    "accounts:region_children": ("200 200 200 200", "405 405 405", "buyer"),
    "accounts:county_choices": ("200 200 200 200", "405 405 405", "buyer"),
    "accounts:farmer_apply": ("in 200 -> 200", "in 422 ->", "buyer"),
    "accounts:invitation_find": ("200 200 200 200", "405 405 405", "buyer"),
    "accounts:invitation_open": ("200 200 200 200", "join join join", "buyer"),
    "accounts:farmer_status": ("in join 200 200", "in 405 405", "grower"),
    "accounts:document_add": ("in 405 405 405", "in 404 ->", "grower"),
    "accounts:document_remove": ("in 405 405 405", "in 404 404", "grower"),
    "accounts:farmer_document": ("in 404 404 200", "in 405 405", "grower"),
    "accounts:payee_change": ("in join 200 200", "in join ->", "grower"),
    "accounts:payee_code": ("in join -> 200", "in join ->", "grower"),
    "accounts:payee_stop": ("in 405 405 405", "in join ->", "grower"),
    "accounts:payee_stop_for": ("in 405 405 405", "in 404 404", "moderator"),
    "accounts:recovery_ask": ("in 404 404 200", "in 404 404", "moderator"),
    "accounts:recovery_queue": ("in 404 404 200", "in 404 404", "moderator"),
    "accounts:recovery_detail": ("in 404 404 200", "in 404 404", "moderator"),
    "accounts:recovery_stop": ("in 405 405 405", "in -> ->", "buyer"),
    "accounts:verification_queue": ("in 404 404 200", "in 405 405", "moderator"),
    "accounts:verification_decide": ("in 404 404 200", "in 404 404", "moderator"),
    "accounts:act_list": ("in 404 404 200", "in 405 405", "admin"),
    "accounts:second_step_go_on": ("in 404 404 ->", "in 405 405", "moderator"),
    "accounts:tie_declare": ("in 405 405 405", "in 404 404", "moderator"),
    "notifications:list": ("in 200 200 200", "405 405 405", "buyer"),
    "notifications:read": ("405 405 405 405", "in -> ->", "buyer"),
    "notifications:badge": ("286 200 200 200", "405 405 405", "buyer"),
    "notifications:open": ("in 404 404 ->", "405 405 405", "buyer"),
    "notifications:choices": ("in 200 200 200", "in 422 422", "buyer"),
    "notifications:device_add": ("in 405 405 405", "in 422 422", "buyer"),
    "notifications:device_remove": ("in 405 405 405", "in 404 404", "buyer"),
    "notifications:aliyun_reports": ("405 405 405 405", "404 404 404", "buyer"),
    "notifications:sms_replies": ("405 405 405 405", "404 404 404", "buyer"),
    "notifications:webhook_list": ("in 200 200 200", "in 422 422", "buyer"),
    "notifications:webhook_detail": ("in 404 404 200", "405 405 405", "buyer"),
    "notifications:webhook_test": ("405 405 405 405", "in 404 404", "buyer"),
    "notifications:webhook_secret": ("405 405 405 405", "in 404 404", "buyer"),
    "notifications:webhook_pause": ("405 405 405 405", "in 404 404", "buyer"),
    "notifications:webhook_resume": ("405 405 405 405", "in 404 404", "buyer"),
    "notifications:webhook_remove": ("405 405 405 405", "in 404 404", "buyer"),
    "notifications:webhook_replay": ("405 405 405 405", "in 404 404", "buyer"),
    "notifications:outbox": ("200 200 200 200", "405 405 405", "buyer"),
    "accounts:token_list": ("in 200 200 200", "in 422 422", "buyer"),
    "accounts:token_revoke": ("405 405 405 405", "in 404 404", "buyer"),
    "api:index": ("200 200 200 200", "405 405 405", "buyer"),
    "api:schema": ("200 200 200 200", "405 405 405", "buyer"),
    "language": ("-> -> -> ->", "405 405 405", "buyer"),
    "health_live": ("200 200 200 200", "405 405 405", "buyer"),
    "health_ready": ("200 200 200 200", "405 405 405", "buyer"),
    "metrics": ("404 404 404 404", "405 405 405", "buyer"),
    "media": ("200 200 200 200", "405 405 405", "buyer"),
}

REFUSED = {"in", "join", "403", "404", "405", "415"}
#: What would be a real wish nearly everywhere, if it were heard.
WISHES = {
    "packs": "3", "left": "0", "price": "1.00", "picked_on": "2026-11-23", "courier": "SF", "decision": "pay",
    "tracking_number": "SF0000000000000", "verdict": "approve", "reason": "不为什么", "shown": "0", "stars": "1",
    "words": "假的", "note": "", "name": "Somebody else", "recipient": "赵六", "detail": "假路 1 号",
}  # fmt: skip


@pytest.fixture
def village() -> Village:
    return make_village()


def as_(village: Village, who: str) -> Client:
    client = Client()
    if who != "guest":
        village.people[who].refresh_from_db()  # signed out everywhere meanwhile, perhaps
        client.force_login(village.people[who])
    return client


def said(response: HttpResponse) -> str:
    """The answer in the table's words."""
    if response.status_code not in (301, 302):
        return str(response.status_code)
    target = response["Location"]
    doors = [reverse(name) + "?" for name in ("account_request_login_code", "account_login", "admin:login")]
    if target.startswith(tuple(doors)):
        return "in"
    return "join" if target == reverse("accounts:farmer_apply") else "->"


def everything() -> dict[str, list[Any]]:
    """Every row of every model of ours, to see that nothing changed."""
    labels = ["accounts", "marketplace", "orders", "payments", "fund", "live", "notifications", "specialists", "field"]
    models = [model for label in labels for model in apps.get_app_config(label).get_models()]
    return {model.__name__: list(model._default_manager.order_by("pk").values_list()) for model in models}


def test_every_address_has_its_row_here():
    routes = set(named_routes())
    assert routes - set(MAY) == set(), "addresses without a row: say who may"
    assert set(MAY) - routes == set(), "rows of addresses that are gone"


@pytest.mark.parametrize(("column", "who"), list(enumerate(["guest", "stranger", "neighbour", "owner"])))
def test_what_people_get_to_see(village, column, who):
    got, expected = {}, {}
    clients = {name: as_(village, name) for name in ("guest", *village.people)}
    for name, (get, _post, owner) in MAY.items():
        expected[name] = get.split()[column]
        got[name] = said(clients[owner if who == "owner" else who].get(address_of(name, village)))

    assert got == expected


@pytest.mark.parametrize(("column", "who"), list(enumerate(["guest", "stranger", "neighbour"])))
def test_what_people_get_to_do(village, column, who):
    client, before = as_(village, who), everything()
    refused = {name: post.split()[column] for name, (_get, post, _owner) in MAY.items()}
    refused = {name: answer for name, answer in refused.items() if answer in REFUSED}

    got = {name: said(client.post(address_of(name, village), WISHES)) for name in refused}

    assert got == refused
    after = everything()
    assert [table for table in before if before[table] != after[table]] == [], "a refused request changed something"


@pytest.mark.parametrize(("column", "who"), list(enumerate(["guest", "stranger", "neighbour"])))
def test_what_is_not_refused_answers_as_the_table_says(village, column, who):
    """Forms that are one's own: sent empty, they are refused with a message, or go on to a page of one's own."""
    answers = {name: post.split()[column] for name, (_get, post, _owner) in MAY.items()}
    heard = {name: answer for name, answer in answers.items() if answer not in REFUSED}

    got = {name: said(as_(village, who).post(address_of(name, village))) for name in heard}

    assert got == heard


@pytest.mark.parametrize("who", ["guest", "stranger", "neighbour", "buyer", "moderator", "specialist"])
def test_the_administration_is_for_staff(village, who):
    """Moderators without `is_staff` have their desk, not the administration."""
    client = as_(village, who)
    own_way = {"admin:login", "admin:logout"}

    got = {name: said(client.get(path)) for name, path in _administration() if name not in own_way}

    assert len(got) > 20
    assert set(got.values()) == {"in"}


def _administration() -> Iterator[tuple[str, str]]:
    samples = {"object_id": "1", "content_type_id": "1", "app_label": "accounts", "url": "anything"}
    for name, pattern in named_routes("admin").items():
        if name.count("/"):
            continue  # the way an old address leads to the new one
        wanted = [key for key in samples if f":{key}>" in pattern or f"<{key}>" in pattern]
        yield name, reverse(name, kwargs={key: samples[key] for key in wanted})


# --- Ids inside ids, and ids in forms ---------------------------------------------------------------------------------


def test_my_parcel_and_your_listing_make_no_review(village):
    client = as_(village, "buyer")
    sent = {"stars": "1", "words": "没买过"}

    response = client.post(
        reverse("orders:review_create", args=[village.received.number, village.their_listing.pk]), sent
    )
    foreign = make_parcel("RECEIVED")
    theirs = client.post(reverse("orders:review_create", args=[foreign.number, foreign.lines.get().listing_id]), sent)

    assert (response.status_code, theirs.status_code) == (404, 404)
    assert Review.objects.count() == 1, "the one that was there"


def test_nobody_orders_to_anothers_address_or_out_of_anothers_cart(village):
    stranger = village.people["stranger"]
    client, cart = as_(village, "stranger"), make_cart(stranger, {make_listing(): 1})
    mine = make_address(stranger)
    sent = {"checkout_key": "6f1c0f3c-4f0e-4a3f-9a55-3d1f6f2b7a10", "expected_total_fen": total_of(cart), "note": ""}

    refused = client.post(reverse("orders:checkout"), sent | {"address": village.address.pk})
    placed = client.post(reverse("orders:checkout"), sent | {"address": mine.pk, "cart": village.line.cart_id})

    assert refused.status_code == 422
    assert placed.status_code == 302
    assert Order.objects.get(buyer=stranger).recipient == mine.recipient
    assert village.line.cart.lines.count() == 1


def test_a_line_of_anothers_cart_cannot_be_changed_with_a_cart_of_ones_own(village):
    client = as_(village, "stranger")
    make_cart(village.people["stranger"], {make_listing(): 1})

    response = client.post(reverse("orders:cart_change", args=[village.line.pk]), {"packs": "0"})

    assert response.status_code == 404
    assert Cart.objects.get(pk=village.line.cart_id).lines.get().packs == village.line.packs


def test_anothers_photo_is_left_out_of_ones_own_listing_and_shop(village):
    client, key = as_(village, "neighbour"), str(village.photo.key)

    started = client.post(reverse("marketplace:sell_start"), {"produce": village.live.produce_id, "photo": key})
    client.post(reverse("marketplace:storefront_edit"), {"story": "我家在山上。", "photo": key})

    shop = village.people["neighbour"].farmer.storefront
    draft = ListingRevision.objects.filter(listing__farmer=shop.farmer).latest("pk")
    assert started.status_code == 302
    assert list(draft.photos.all()) == []
    assert shop.proposed_photo is None


def test_a_farmer_cannot_post_pack_or_cancel_what_was_not_paid(village):
    """An unpaid order's parcel, its buyer and where it goes are nothing to the farmer yet."""
    client, number = as_(village, "grower"), village.unpaid.parcels.get().number
    names = ("orders:parcel_detail", "orders:parcel_post", "payments:parcel_cancel")

    got = {name: client.post(reverse(name, args=[number]), WISHES).status_code for name in names[1:]}

    assert got == {"orders:parcel_post": 404, "payments:parcel_cancel": 404}
    assert client.get(reverse(names[0], args=[number])).status_code == 404


def test_the_default_address_of_another_stays(village):
    as_(village, "stranger").post(reverse("accounts:address_default", args=[village.spare.pk]))

    assert Address.objects.get(pk=village.address.pk).is_default
