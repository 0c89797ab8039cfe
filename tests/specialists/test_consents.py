"""For the farmer, never as the farmer: a consent that stands, a posting that holds, both named, taken back within a day."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, connection, transaction
from django.urls import reverse
from django.utils import timezone

from accounts.models import Consent, ConsentRequest, DelegatedAct, Posting
from accounts.services import consents
from common.errors import InvalidInput, NotAllowed, WrongState
from marketplace.models import Listing, ListingRevision, Lot, Photo
from marketplace.services.lots import Harvest
from notifications.models import Notification
from orders.models import Parcel
from specialists.services import acting
from tests.accounts.signing_in import codes_for, wrong
from tests.make import make_farmer, make_listing, make_moderator, make_produce, make_user
from tests.marketplace.pictures import encoded, picture, upload
from tests.orders.making import make_parcel
from tests.specialists.scene import enter, make_scene, post_to

pytestmark = pytest.mark.django_db
HELPED = reverse("specialists:helped")


@pytest.fixture
def scene():
    return make_scene()


def agree(scene, specialist=None, now=None) -> Consent:
    now, who = now or timezone.now(), specialist or scene.helper
    consents.ask_consent(farmer_id=scene.farmer.pk, specialist=who, now=now)
    code = codes_for(scene.farmer.user)[-1]
    return consents.confirm_consent(farmer_id=scene.farmer.pk, specialist=who, code=code, now=now)


def fresh(grade="FIRST"):
    return Harvest(grade, picked_on=timezone.localdate())


def prepared(**changes):
    values = {
        "produce": make_produce(), "pack_grams": 5000, "packs": 12, "origin": "长宁镇", "words": "自家种的。",
        "keeps_days": 30, "harvest": fresh(),
    } | changes  # fmt: skip
    return acting.Prepared(**values)


def prepare(scene, by=None):
    return acting.prepare_listing(
        farmer_id=scene.farmer.pk, by=by or scene.helper, prepared=prepared(), photos=[], now=timezone.now()
    )


def open_lot(scene, listing, by=None):
    return acting.open_lot_for(
        farmer_id=scene.farmer.pk,
        by=by or scene.helper,
        listing_id=listing.pk,
        packs=7,
        harvest=fresh(),
        now=timezone.now(),
    )


def post(scene, parcel, by=None):
    return acting.post_parcel_for(
        farmer_id=scene.farmer.pk, by=by or scene.helper, parcel_id=parcel.pk, courier="SF",
        tracking_number="SF1234567890123", now=timezone.now(),
    )  # fmt: skip


def told(scene) -> list[str]:
    mine = Notification.objects.filter(recipient=scene.farmer.user).exclude(kind__startswith="parcel_")
    return [one.kind for one in mine.order_by("pk")]


# --- Consent ------------------------------------------------------------------------------------------------------------


def test_from_the_code_on_the_farmers_phone_to_a_consent_that_the_farmer_ends(scene):
    specialist, farmer = enter(scene.helper), enter(scene.farmer.user)
    page, code = (reverse(f"specialists:{name}", args=[scene.farmer.pk]) for name in ("consent", "consent_code"))

    specialist.post(code, {"send": "1"})
    right = codes_for(scene.farmer.user)[-1]
    refused = specialist.post(code, {"code": wrong(right)})
    assert Consent.objects.count() == 0
    taken = specialist.post(code, {"code": f" {right[:3]} {right[3:]}"})
    consent = Consent.objects.get()
    shown = farmer.get(HELPED).content.decode()
    ended = farmer.post(reverse("specialists:consent_end", args=[consent.pk]))

    assert (refused.status_code, taken.status_code, ended.status_code) == (422, 302, 302)
    assert (consent.state, consent.specialist, consent.way) == ("STANDS", scene.helper, "CODE")
    assert "Zhou Zhiyuan" in shown
    assert told(scene) == ["sign_in_code", "consent_given"]
    consent.refresh_from_db()
    assert (consent.state, consent.ended_by) == ("ENDED", scene.farmer.user)
    assert specialist.get(page).status_code == 200
    assert specialist.get(reverse("specialists:parcel_list", args=[scene.farmer.pk])).status_code == 404


def test_codes_are_guessed_five_times_at_most_and_only_by_who_asked(scene):
    now = timezone.now()
    other = make_user("Another specialist")
    post_to(other, scene.farmer.county)
    consents.ask_consent(farmer_id=scene.farmer.pk, specialist=scene.helper, now=now)
    code = codes_for(scene.farmer.user)[-1]

    def confirm(who, text, at=now):
        consents.confirm_consent(farmer_id=scene.farmer.pk, specialist=who, code=text, now=at)

    for who, text, at in [
        (other, code, now),
        (scene.helper, code, now + timedelta(minutes=5)),
        *[(scene.helper, wrong(code), now)] * 5,
        (scene.helper, code, now),
    ]:
        with pytest.raises(InvalidInput):
            confirm(who, text, at)
    with pytest.raises(InvalidInput):
        consents.ask_consent(farmer_id=scene.farmer.pk, specialist=scene.helper, now=now)
    assert ConsentRequest.objects.get().tries == 5
    assert Consent.objects.count() == 0


def test_nobody_asks_in_a_county_they_are_not_posted_to_or_for_their_own_people(scene):
    now = timezone.now()
    own = make_farmer("His own", user=scene.helper, county=scene.farmer.county, payee_account="6222020000009999999")
    for farmer, who in [(scene.foreign, scene.helper), (scene.farmer, scene.elsewhere), (own, scene.helper)]:
        with pytest.raises(NotAllowed):
            consents.ask_consent(farmer_id=farmer.pk, specialist=who, now=now)
    with pytest.raises(DatabaseError, match="not posted"), transaction.atomic():
        Consent.objects.create(
            farmer=scene.foreign, specialist=scene.helper, way="CODE", state="STANDS", asked_at=now, given_at=now
        )


def test_a_paper_lets_nobody_act_before_a_moderator_has_looked(scene):
    specialist, moderator = enter(scene.helper), make_moderator()
    paper = upload(encoded(picture(), "JPEG"))
    broken = specialist.post(
        reverse("specialists:consent_paper", args=[scene.farmer.pk]), {"paper": upload(b"no picture")}
    )
    specialist.post(reverse("specialists:consent_paper", args=[scene.farmer.pk]), {"paper": paper})
    consent = Consent.objects.get()
    with pytest.raises(NotAllowed):
        prepare(scene)
    queue = enter(moderator).get(reverse("specialists:paper_queue")).content.decode()
    people = (scene.farmer.user, moderator, scene.helper, scene.foreign.user)
    seen = [enter(who).get(reverse("specialists:paper", args=[consent.pk])).status_code for who in people]

    enter(moderator).post(reverse("specialists:paper_decide", args=[consent.pk]), {"decision": "accept"})

    assert broken.status_code == 422
    assert f"tel:{scene.farmer.user.phone}" in queue
    assert seen == [200, 200, 404, 404]
    consent.refresh_from_db()
    assert (consent.state, consent.accepted_by) == ("STANDS", moderator)
    assert prepare(scene).kind == "LISTING"
    without_reason = enter(moderator).post(reverse("specialists:paper_decide", args=[consent.pk]), {"decision": "end"})
    consent.refresh_from_db()
    assert (without_reason.status_code, consent.state) == (302, "STANDS")
    consents.end_consent(consent_id=consent.pk, actor=moderator, reason="签名对不上", now=timezone.now())
    with pytest.raises(NotAllowed):
        prepare(scene)


# --- Acts ---------------------------------------------------------------------------------------------------------------


def test_what_is_done_names_both_and_the_farmer_is_told(scene):
    agree(scene)
    listing, parcel = make_listing(scene.farmer), make_parcel(wanted={make_listing(scene.farmer): 1})

    acts = [prepare(scene), open_lot(scene, listing), post(scene, parcel)]

    assert {(act.farmer, act.specialist) for act in acts} == {(scene.farmer, scene.helper)}
    assert told(scene)[-3:] == ["done_for_you"] * 3
    page = enter(scene.farmer.user).get(HELPED).content.decode()
    assert page.count("Zhou Zhiyuan") == 4, "the consent, and each act"
    assert "be unposted" in page
    parcel.refresh_from_db()
    assert (parcel.state, parcel.events.get(event="POST").actor) == ("ON_THE_WAY", scene.helper)
    assert Lot.objects.get(pk=acts[1].about.split(":")[1]).harvested == 7


def test_a_prepared_listing_has_no_price_and_shows_nowhere_until_the_farmer_sends_it(scene):
    agree(scene)
    act = prepare(scene)
    draft = ListingRevision.objects.get(listing_id=act.about.split(":")[1])
    client = enter(scene.farmer.user)

    unpriced = client.post(reverse("marketplace:sell_check", args=[draft.listing_id]))

    assert (draft.price_fen, draft.status, draft.packs) == (None, "DRAFT", 12)
    assert not Listing.objects.shown().exists()
    draft.refresh_from_db()
    assert draft.status == "DRAFT"
    assert unpriced.status_code in (302, 409, 422), "it has no price: nothing is sent on"


def test_undone_within_a_day_by_the_farmer_alone(scene):
    agree(scene)
    listing, parcel = make_listing(scene.farmer), make_parcel(wanted={make_listing(scene.farmer): 1})
    draft, lot, posted = prepare(scene), open_lot(scene, listing), post(scene, parcel)
    now = timezone.now()
    for act, farmer, at in [
        (draft, scene.foreign, now),
        (draft, scene.farmer, now + timedelta(days=1, minutes=1)),
        (posted, scene.farmer, now),
    ]:
        with pytest.raises((NotAllowed, WrongState)):
            acting.undo_act(act_id=act.pk, farmer=farmer, now=at)

    client = enter(scene.farmer.user)
    for act in (draft, lot, posted):
        client.post(reverse("specialists:act_undo", args=[act.pk]))

    assert [DelegatedAct.objects.get(pk=act.pk).undone_at is not None for act in (draft, lot, posted)] == [
        True,
        True,
        False,
    ]
    assert Lot.objects.get(pk=lot.about.split(":")[1]).closed_at is not None
    assert ListingRevision.objects.get(listing_id=draft.about.split(":")[1]).status == "WITHDRAWN"
    assert Parcel.objects.get(pk=parcel.pk).state == "ON_THE_WAY"
    with pytest.raises(WrongState):
        acting.undo_act(act_id=lot.pk, farmer=scene.farmer, now=timezone.now())


@pytest.mark.parametrize("how", ["none", "ended", "posting over", "another specialist", "waiting paper"])
def test_nothing_is_done_without_a_consent_that_stands_and_a_posting_that_holds(scene, how):
    by = scene.helper
    if how != "none":
        consent = agree(scene)
    if how == "ended":
        consents.end_consent(consent_id=consent.pk, actor=scene.farmer.user, now=timezone.now())
    if how == "posting over":
        Posting.objects.filter(pk=scene.posting.pk).update(ends_on=timezone.localdate() - timedelta(days=1))
    if how == "another specialist":
        by = make_user("Another")
        post_to(by, scene.farmer.county)
    if how == "waiting paper":
        by = make_user("Another")
        post_to(by, scene.farmer.county)
        paper = upload(encoded(picture(), "JPEG"))
        consents.send_paper(farmer_id=scene.farmer.pk, specialist=by, paper=paper, now=timezone.now())
    listing, parcel = make_listing(scene.farmer), make_parcel(wanted={make_listing(scene.farmer): 1})
    before = (Lot.objects.count(), ListingRevision.objects.count())

    for act in (lambda: prepare(scene, by), lambda: open_lot(scene, listing, by), lambda: post(scene, parcel, by)):
        with pytest.raises(NotAllowed):
            act()

    assert (Lot.objects.count(), ListingRevision.objects.count()) == before
    assert DelegatedAct.objects.count() == 0
    parcel.refresh_from_db()
    assert parcel.state == "TO_PACK"


def test_anothers_things_are_not_reached_with_ones_own_consent(scene):
    agree(scene)
    theirs, parcel = make_listing(scene.foreign), make_parcel(wanted={make_listing(scene.foreign): 1})
    for act in (lambda: open_lot(scene, theirs), lambda: post(scene, parcel)):
        with pytest.raises(NotAllowed):
            act()


def test_the_database_refuses_what_no_service_would_write(scene):
    consent, now = agree(scene), timezone.now()
    good = {
        "consent": consent, "farmer": scene.farmer, "specialist": scene.helper, "kind": "LOT", "about": "lot:1",
        "words": "x", "at": now,
    }  # fmt: skip
    act = DelegatedAct.objects.create(**good)
    other = make_user("Another")
    post_to(other, scene.farmer.county)
    for changes in (
        {"kind": "PAYEE"},
        {"farmer": make_farmer(county=scene.farmer.county)},
        {"specialist": other},
        {"at": consent.given_at - timedelta(minutes=1)},
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            DelegatedAct.objects.create(**good | changes)
    for field, value in {"words": "y", "specialist": other, "undone_at": now + timedelta(days=2)}.items():
        with pytest.raises(DatabaseError), transaction.atomic():
            DelegatedAct.objects.filter(pk=act.pk).update(**{field: value})
    with pytest.raises(DatabaseError), transaction.atomic():
        act.delete()
    consents.end_consent(consent_id=consent.pk, actor=scene.farmer.user, now=now)
    for refused in (
        lambda: DelegatedAct.objects.create(**good),
        lambda: Consent.objects.filter(pk=consent.pk).update(state="STANDS", ended_at=None, ended_by=None),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            refused()


def test_the_control_without_the_trigger_an_act_needs_no_consent(scene):
    """What holds it is the trigger: disarmed, the same row goes in."""
    consent, now = agree(scene), timezone.now()
    consents.end_consent(consent_id=consent.pk, actor=scene.farmer.user, now=now)
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE accounts_delegatedact DISABLE TRIGGER USER")

    DelegatedAct.objects.create(
        consent=consent, farmer=scene.farmer, specialist=scene.helper, kind="LOT", about="lot:1", words="x", at=now
    )


def test_the_pages_of_what_is_prepared(scene):
    agree(scene)
    client, farmer = enter(scene.helper), scene.farmer
    listing = make_listing(farmer)
    parcel = make_parcel(wanted={listing: 1})
    produce = make_produce()
    typed = {
        "produce": produce.pk, "weight": "10", "unit": "jin", "packs": "12", "when": "today", "grade": "FIRST",
        "origin": "长宁镇", "keeps_days": "", "words": "自家种的。",
    }  # fmt: skip
    listing_page = reverse("specialists:listing_prepare", args=[farmer.pk])
    lot_page = reverse("specialists:lot_open", args=[farmer.pk, listing.pk])
    parcels = reverse("specialists:parcel_list", args=[farmer.pk])
    posting = reverse("specialists:parcel_post", args=[farmer.pk, parcel.number])

    assert [client.get(page).status_code for page in (listing_page, lot_page, parcels)] == [200, 200, 200]
    assert "漕溪北路" not in client.get(parcels).content.decode(), "where it goes is the farmer's to know"
    broken = client.post(listing_page, typed | {"weight": "x", "photos": [upload(encoded(picture(), "JPEG"))]})
    photo = Photo.objects.get(uploaded_by=scene.helper)
    assert (broken.status_code, f'name="photo" value="{photo.key}"' in broken.content.decode()) == (422, True)
    assert client.post(listing_page, typed | {"photo": photo.key}).status_code == 302
    photo.refresh_from_db()
    assert photo.uploaded_by == farmer.user, "it is theirs, to look at and to take out"
    assert photo in ListingRevision.objects.latest("pk").photos.all()
    assert client.post(lot_page, {"packs": "3", "when": "today", "grade": "FIRST"}).status_code == 302
    assert client.post(posting, {"courier": "SF", "tracking_number": ""}).status_code == 422
    assert client.post(posting, {"courier": "SF", "tracking_number": "SF1234567890123"}).status_code == 302
    assert sorted(DelegatedAct.objects.values_list("kind", flat=True)) == ["LISTING", "LOT", "PARCEL"]
