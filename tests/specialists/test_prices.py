"""A price is the farmer's: a specialist may type one, and it holds by the code on the farmer's own phone alone."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.urls import reverse
from django.utils import timezone

from accounts.models import Consent, DelegatedAct
from common.errors import InvalidInput, NotAllowed, WrongState
from specialists.models import PriceChange, PriceRequest
from specialists.services import acting, pricing
from tests.accounts.signing_in import codes_for
from tests.make import make_listing
from tests.specialists.scene import enter, make_scene

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene():
    scene, now = make_scene(), timezone.now()
    user = scene.farmer.user
    user.phone, user.phone_verified = "+8613812340000", True
    user.save()
    Consent.objects.create(
        farmer=scene.farmer, specialist=scene.helper, way="CODE", state="STANDS", asked_at=now, given_at=now
    )
    scene.listing = make_listing(scene.farmer)  # type: ignore[attr-defined]
    return scene


def ask(scene, price_fen=4500, *, by=None, farmer=None, listing=None, now=None):
    return pricing.ask_price(
        farmer_id=(farmer or scene.farmer).pk,
        by=by or scene.helper,
        listing_id=(listing or scene.listing).pk,
        price_fen=price_fen,
        now=now or timezone.now(),
    )


def tell(scene, code, *, by=None, listing=None, now=None):
    return pricing.confirm_price(
        farmer_id=scene.farmer.pk,
        by=by or scene.helper,
        listing_id=(listing or scene.listing).pk,
        code=code,
        now=now or timezone.now(),
    )


def price(scene) -> int:
    scene.listing.refresh_from_db()
    return scene.listing.price_fen


def newest_code(scene) -> str:
    return codes_for(scene.farmer.user)[-1]


def test_from_the_wish_over_the_farmers_phone_to_the_price_and_back(scene):
    client = enter(scene.helper)
    args = [scene.farmer.pk, scene.listing.pk]
    assert client.post(reverse("specialists:price", args=args), {"price": "45.00"}).status_code == 302
    assert price(scene) == 4980, "nothing yet"
    code = newest_code(scene)
    assert code not in client.get(reverse("specialists:price", args=args)).content.decode()
    assert client.post(reverse("specialists:price_code", args=args), {"code": "000000"}).status_code == 422
    assert price(scene) == 4980

    assert client.post(reverse("specialists:price_code", args=args), {"code": code}).status_code == 302

    act = DelegatedAct.objects.get(kind="PRICE")
    assert (price(scene), act.specialist, act.farmer) == (4500, scene.helper, scene.farmer)
    assert "¥49.80 → ¥45.00" in act.words
    assert not PriceRequest.objects.exists()
    assert scene.farmer.user.notifications.filter(kind="done_for_you").count() == 1
    farmer = enter(scene.farmer.user)
    assert "¥49.80 → ¥45.00" in farmer.get(reverse("specialists:helped")).content.decode()
    farmer.post(reverse("specialists:act_undo", args=[act.pk]))
    assert price(scene) == 4980


def test_a_code_is_good_for_its_price_listing_and_specialist_once_and_in_time(scene):
    now, other = timezone.now(), make_listing(scene.farmer)
    ask(scene, now=now)
    first = newest_code(scene)
    with pytest.raises(InvalidInput):
        ask(scene, now=now)  # within the minute
    ask(scene, 4600, now=now + timedelta(minutes=2))
    for wrong in (lambda: tell(scene, first), lambda: tell(scene, newest_code(scene), listing=other)):
        with pytest.raises(InvalidInput):
            wrong()
    with pytest.raises(InvalidInput):
        tell(scene, newest_code(scene), now=now + timedelta(minutes=8))
    assert price(scene) == 4980
    ask(scene, 4700, now=now + timedelta(minutes=9))
    code = newest_code(scene)
    for _try in range(5):
        with pytest.raises(InvalidInput):
            tell(scene, "000000" if code != "000000" else "111111", now=now + timedelta(minutes=9))
    with pytest.raises(InvalidInput):
        tell(scene, code, now=now + timedelta(minutes=9))  # tried too often
    assert price(scene) == 4980
    assert not DelegatedAct.objects.exists()


def test_nobody_else_and_nothing_of_anothers(scene):
    with pytest.raises(NotAllowed):
        ask(scene, by=scene.elsewhere)
    with pytest.raises(NotAllowed):
        ask(scene, farmer=scene.foreign)
    with pytest.raises(NotAllowed):
        ask(scene, listing=make_listing(scene.foreign))
    ask(scene)
    Consent.objects.update(state="ENDED", ended_at=timezone.now(), ended_by=scene.farmer.user)
    with pytest.raises(NotAllowed):
        tell(scene, newest_code(scene))
    assert price(scene) == 4980


def test_a_big_step_waits_for_a_moderator_and_what_the_farmer_set_since_stays(scene):
    ask(scene, 9000)
    act = tell(scene, newest_code(scene))
    assert price(scene) == 4980
    assert scene.listing.revisions.filter(status="WAITING", price_fen=9000).exists()
    acting.undo_act(act_id=act.pk, farmer=scene.farmer, now=timezone.now())
    assert not scene.listing.revisions.filter(status="WAITING").exists()

    ask(scene, 4500, now=timezone.now() + timedelta(minutes=2))
    act = tell(scene, newest_code(scene), now=timezone.now() + timedelta(minutes=2))
    scene.listing.refresh_from_db()
    scene.listing.price_fen = 4700
    scene.listing.save()
    with pytest.raises(WrongState):
        acting.undo_act(act_id=act.pk, farmer=scene.farmer, now=timezone.now() + timedelta(minutes=3))
    assert price(scene) == 4700


def test_postgresql_keeps_no_price_act_without_its_record(scene):
    consent = Consent.objects.get()
    with pytest.raises(IntegrityError, match="without the farmer"), transaction.atomic():
        DelegatedAct.objects.create(
            consent=consent, farmer=scene.farmer, specialist=scene.helper, kind="PRICE", about="listing:1", words="x",
            at=timezone.now(),
        )  # fmt: skip
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    ask(scene)
    tell(scene, newest_code(scene))
    with pytest.raises(DatabaseError, match="Cannot"), transaction.atomic():
        PriceChange.objects.update(new_fen=1)
