"""Somebody lost their number: two people put a new one in, the old one is told and can stop it, and the money waits."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import NumberRecovery, PayeeChange, StaffAct, Tie, User
from accounts.queries import payee_not_before
from accounts.services.recoveries import SecondPersonNeeded, TooEarly, approve_recovery, ask_recovery, drop_recovery
from accounts.services.tokens import find_token, make_token
from common.errors import InvalidInput, NotAllowed, WrongState
from notifications.models import Delivery, Notification
from tests.accounts.signing_in import EN, ZH, ask, codes_for, confirm, forget_minutes, is_signed_in
from tests.make import make_moderator, make_user
from tests.specialists.scene import enter, make_scene

pytestmark = pytest.mark.django_db
OLD, NEW = "+8613912345678", "+8613700137000"
SAID = {"phone": "137 0013 7000", "reason": "手机掉河里了", "proof": "上门看过身份证和果园"}
QUEUE, ME = reverse("accounts:recovery_queue"), reverse("accounts:me")


@pytest.fixture
def scene():
    scene = make_scene()
    User.objects.filter(pk=scene.farmer.user_id).update(phone=OLD)
    scene.farmer.user.refresh_from_db()
    return scene


def wish(scene, by=None, now=None, **changes) -> NumberRecovery:
    said = {"phone": NEW, "reason": "掉河里了", "proof": "上门看过"} | changes
    return ask_recovery(user_id=scene.farmer.user_id, by=by or scene.helper, now=now or timezone.now(), **said)


def later(hours: float = 25):
    return timezone.now() + timedelta(hours=hours)


def phone_of(user: User) -> tuple[str | None, bool]:
    return User.objects.values_list("phone", "phone_verified").get(pk=user.pk)


def test_from_the_households_page_to_signing_in_with_the_new_number(scene, settings):
    settings.NUMBER_RECOVERY_WAIT = timedelta(0)
    farmer, moderator = scene.farmer, make_moderator()
    specialist, desk, stolen = enter(scene.helper), enter(moderator), enter(farmer.user)
    page = reverse("accounts:recovery_ask", args=[farmer.pk])
    assert (
        f'href="{page}"' in specialist.get(reverse("specialists:household_detail", args=[farmer.pk])).content.decode()
    )

    wrong = specialist.post(page, SAID | {"proof": "", "phone": "12"})
    asked = specialist.post(page, SAID)
    recovery = NumberRecovery.objects.get()
    detail = reverse("accounts:recovery_detail", args=[recovery.pk])
    own = specialist.post(detail, {"act": "approve"})
    listed = desk.get(QUEUE).content.decode()
    done = desk.post(detail, {"act": "approve"})

    assert (wrong.status_code, asked["Location"], own.status_code, done["Location"]) == (422, detail, 422, QUEUE)
    assert "手机掉河里了" in wrong.content.decode(), "what was typed is kept"
    assert specialist.get(page).status_code == 200
    assert detail in listed
    assert phone_of(farmer.user) == (NEW, False)
    told = Delivery.objects.filter(notification__kind__startswith="contact_").order_by("pk")
    assert [(each.notification.kind, each.address) for each in told] == [
        ("contact_recovery_asked", OLD), ("contact_changed", OLD),
    ]  # fmt: skip
    assert stolen.get(ME).status_code == 302, "whoever found the phone is out"
    acts = StaffAct.objects.filter(kind__startswith="number_recovery").order_by("pk")
    assert [(act.kind, act.actor) for act in acts] == [
        ("number_recovery_ask", scene.helper), ("number_recovery_approve", moderator),
    ]  # fmt: skip
    assert NEW not in str(list(acts.values())), "no personal data in the record"
    forget_minutes()
    browser = Client()
    ask(browser, "13700137000")
    confirm(browser, codes_for(farmer.user)[-1])
    assert is_signed_in(browser)
    assert phone_of(farmer.user) == (NEW, True)


def test_a_buyer_is_found_by_their_whole_number_and_only_moderators_ask(scene, settings):
    settings.NUMBER_RECOVERY_WAIT = timedelta(0)
    buyer, first, second = make_user("Buyer", phone="+8613600136000"), make_moderator(), make_moderator()
    User.objects.filter(pk=buyer.pk).update(last_login=timezone.now())
    desk = enter(first)

    nobody = desk.post(QUEUE, SAID | {"former": "13600136001"})
    asked = desk.post(QUEUE, SAID | {"former": "136 0013 6000"})
    own = desk.post(asked["Location"], {"act": "approve"}, headers=EN)
    enter(second).post(asked["Location"], {"act": "approve"})

    assert (nobody.status_code, own.status_code) == (422, 422)
    assert "Nobody signs in with this number" in nobody.content.decode()
    assert phone_of(buyer) == (NEW, False)
    for person in (scene.helper, make_user(), make_user(is_staff=True)):
        assert enter(person).post(QUEUE, SAID | {"former": NEW}).status_code == 404


def test_it_takes_a_second_person_and_time_for_the_old_number_to_object(scene):
    first, second, now = make_moderator(), make_moderator(), timezone.now()
    recovery = wish(scene, first)

    for actor, at, error in [
        (first, later(), SecondPersonNeeded),
        (second, now, TooEarly),
        (scene.helper, later(), NotAllowed),
        (scene.farmer.user, later(), NotAllowed),
        (make_user(), later(), NotAllowed),
    ]:
        with pytest.raises(error):
            approve_recovery(recovery_id=recovery.pk, actor=actor, now=at)
    assert phone_of(scene.farmer.user) == (OLD, True)

    approve_recovery(recovery_id=recovery.pk, actor=second, now=later())
    with pytest.raises(WrongState):
        approve_recovery(recovery_id=recovery.pk, actor=second, now=later())
    with pytest.raises(WrongState):
        drop_recovery(recovery_id=recovery.pk, actor=scene.farmer.user, now=later())


@pytest.mark.parametrize(("headers", "words"), [(EN, "Your number is not lost? Stop it."), (ZH, "停掉")])
def test_whoever_has_the_old_number_still_sees_it_and_stops_it(scene, headers, words):
    wish(scene)
    browser = enter(scene.farmer.user)

    page = browser.get(ME, headers=headers).content.decode()
    browser.post(reverse("accounts:recovery_stop"), headers=headers)

    assert words in page
    recovery = NumberRecovery.objects.get()
    assert (recovery.state, recovery.dropped_by) == ("DROPPED", scene.farmer.user)
    assert words not in browser.get(ME, headers=headers).content.decode()
    with pytest.raises(WrongState):
        approve_recovery(recovery_id=recovery.pk, actor=make_moderator(), now=later())
    assert phone_of(scene.farmer.user) == (OLD, True)


def test_who_may_ask_for_whom(scene):
    own, moderator = make_moderator(), make_moderator()
    Tie.objects.create(user=own, farmer=scene.farmer, since=timezone.now())
    for by in (scene.elsewhere, scene.farmer.user, make_user(is_staff=True), own):
        with pytest.raises(NotAllowed):
            wish(scene, by)
    for person in (make_user(is_staff=True), make_moderator(), scene.helper):
        with pytest.raises(WrongState):
            ask_recovery(user_id=person.pk, by=moderator, now=timezone.now(), phone=NEW, reason="x", proof="x")
    make_user("Has it", phone=NEW)
    for changes, field in [
        ({}, "phone"),
        ({"phone": OLD}, "phone"),
        ({"phone": "+8613700137001", "proof": " "}, "proof"),
    ]:
        with pytest.raises(InvalidInput) as refused:
            wish(scene, **changes)
        assert refused.value.field == field
    wish(scene, phone="+8613700137001")
    with pytest.raises(WrongState):
        wish(scene, moderator, phone="+8613700137002")
    assert NumberRecovery.objects.count() == 1


def test_who_only_asked_for_a_code_with_the_new_number_is_nobody_and_who_came_in_meanwhile_keeps_it(scene):
    ask(Client(), "13700137000")
    recovery = wish(scene)
    approve_recovery(recovery_id=recovery.pk, actor=make_moderator(), now=later())
    assert User.objects.get(phone=NEW) == scene.farmer.user

    again = wish(scene, phone="+8613700137001")
    holder = make_user("Came in", phone="+8613700137001")
    with pytest.raises(InvalidInput):
        approve_recovery(recovery_id=again.pk, actor=make_moderator(), now=later())
    assert User.objects.get(phone="+8613700137001") == holder


def test_tokens_and_password_end_and_the_money_stays_where_it_goes(scene, settings):
    user, now = scene.farmer.user, timezone.now()
    user.set_password("a long pass phrase")
    user.save()
    _token, value = make_token(user_id=user.pk, name="x", scopes=["buy"], days=9, now=now)
    terms = {"payee_kind": "BANK", "payee_name": "别人", "payee_account": "6222020000009999995", "asked_at": now}
    assert payee_not_before(user, now) == now + settings.PAYEE_CHANGE_WAIT

    recovery = approve_recovery(recovery_id=wish(scene).pk, actor=make_moderator(), now=later())

    assert find_token(value, later()) is None
    assert not User.objects.get(pk=user.pk).has_usable_password()
    assert payee_not_before(user, later()) == recovery.payee_not_before == recovery.approved_at + timedelta(days=14)
    with pytest.raises(DatabaseError, match="waits after another number"), transaction.atomic():
        PayeeChange.objects.create(farmer=scene.farmer, takes_effect_at=now + timedelta(days=4), **terms)
    PayeeChange.objects.create(farmer=scene.farmer, takes_effect_at=recovery.payee_not_before, **terms)


def test_the_database_holds_it_whoever_writes(scene):
    moderator, recovery = make_moderator(), wish(scene)
    mine = NumberRecovery.objects.filter(pk=recovery.pk)
    signed = {"state": "APPROVED", "approved_at": later(), "payee_not_before": later(99)}
    for change in (
        lambda: mine.update(approved_by=scene.helper, **signed),
        lambda: mine.update(approved_by=scene.farmer.user, **signed),
        lambda: mine.update(approved_by=moderator, **signed | {"approved_at": timezone.now()}),
        lambda: mine.update(phone="+8613700137009"),
        lambda: mine.update(state="APPROVED"),
        mine.delete,
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()
    mine.update(approved_by=moderator, **signed)


def test_who_may_approve_is_told_and_nobody_else(scene):
    asker, other = make_moderator(), make_moderator()

    recovery = wish(scene, by=asker)

    told = Notification.objects.filter(kind="recovery_waits")
    assert [(one.recipient, one.link) for one in told] == [
        (other, reverse("accounts:recovery_detail", args=[recovery.pk]))
    ]
