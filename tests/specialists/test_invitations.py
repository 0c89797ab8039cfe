"""An invitation: one household, some weeks, and it leads the sign-up to that county and that specialist."""

from datetime import timedelta
from functools import partial

import pytest
from django.db import IntegrityError, InternalError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Farmer, Invitation, Posting
from accounts.services.farmers import Application, apply_to_sell
from accounts.services.invitations import invite, withdraw_invitation
from common.errors import NotAllowed, WrongState
from tests.accounts.signing_in import EN
from tests.concurrency.racing import at_once
from tests.make import make_user
from tests.specialists.scene import enter, make_scene

APPLY = reverse("accounts:farmer_apply")
LIST = reverse("specialists:invitation_list")


@pytest.fixture
def scene(db):
    return make_scene()


def invited(scene, **fields):
    return invite(by=scene.helper, county_id=scene.farmer.county_id, for_whom="桥头老李", now=timezone.now(), **fields)


def application(county):
    typed = ("HOUSEHOLD", "老李家", "长宁镇", "新村", False, False, "BANK", "李四", "6222020000001234566")
    return Application(county.pk, *typed)


def join(scene, code, user=None, county=None):
    user = user or make_user("Li")
    application_ = application(county or scene.farmer.county)
    return apply_to_sell(user_id=user.pk, application=application_, now=timezone.now(), invitation=code)


def test_from_the_code_to_the_application(scene):
    specialist = enter(scene.helper)
    made = specialist.post(LIST, {"for_whom": "桥头老李", "county_id": scene.farmer.county_id})
    invitation = Invitation.objects.get()
    shown = specialist.get(made["Location"]).content.decode()
    qr = specialist.get(reverse("specialists:invitation_qr", args=[invitation.pk]))
    guest = Client(headers=EN)

    found = guest.get(
        reverse("accounts:invitation_find"), {"code": f" {invitation.code[:4].lower()}-{invitation.code[4:]}"}
    )
    page = guest.get(found["Location"]).content.decode()
    begun = guest.post(found["Location"])
    newcomer = make_user("Li")
    guest.force_login(newcomer)
    form = guest.get(APPLY)

    assert invitation.code in shown
    assert qr["Content-Type"] == "image/svg+xml"
    assert "Zhou Zhiyuan invites you" in page
    assert "桥头老李" not in page, "a note for the specialist alone"
    assert begun["Location"] == APPLY
    assert form.context["form"].initial["county"] == str(scene.farmer.county_id)
    assert "Zhou Zhiyuan" in form.content.decode()
    typed = {
        "name": "老李家", "kind": "HOUSEHOLD", "province": scene.farmer.county.province_id, "town": "长宁镇",
        "county": scene.farmer.county_id, "village": "新村", "payee_kind": "BANK", "payee_name": "李四",
        "payee_account": "6222020000001234566",
    }  # fmt: skip
    assert guest.post(APPLY, typed).status_code == 302
    farmer = Farmer.objects.get(user=newcomer)
    invitation.refresh_from_db()
    assert (invitation.used_by, farmer.status) == (farmer, "WAITING")
    assert guest.get(found["Location"]).status_code == 404, "one use"
    household = specialist.get(reverse("specialists:household_detail", args=[farmer.pk])).content.decode()
    assert "invited by Zhou Zhiyuan" in household


def over(invitation):
    later = timezone.now() - timedelta(minutes=1)
    with_trigger_off = Invitation.objects.filter(pk=invitation.pk)
    with_trigger_off.delete()
    return Invitation.objects.create(
        county=invitation.county, invited_by=invitation.invited_by, code=invitation.code, for_whom="x",
        created_at=later - timedelta(days=21), expires_at=later,
    )  # fmt: skip


@pytest.mark.parametrize("how", ["over", "withdrawn", "used", "posting ended", "blocked", "wrong county", "wrong code"])
def test_a_code_that_is_not_good_opens_nothing_and_the_application_still_goes_in(scene, how):
    invitation, county, code = invited(scene), scene.farmer.county, ""
    if how == "over":
        over(invitation)
    elif how == "withdrawn":
        withdraw_invitation(invitation_id=invitation.pk, by=scene.helper, now=timezone.now())
    elif how == "used":
        join(scene, invitation.code)
    elif how == "posting ended":
        Posting.objects.filter(pk=scene.posting.pk).update(ends_on=timezone.localdate() - timedelta(days=1))
    elif how == "blocked":
        type(scene.helper).objects.filter(pk=scene.helper.pk).update(is_active=False)
    elif how == "wrong county":
        county = scene.foreign.county
    else:
        code = "AAAAAAAA"

    if how != "wrong county":
        page = Client().get(reverse("accounts:invitation_open", args=[code or invitation.code]))
        assert page.status_code == 404
    newcomer = join(scene, code or invitation.code, county=county)

    assert newcomer.status == "WAITING"
    assert not Invitation.objects.filter(used_by=newcomer).exists()


def test_nobody_invites_to_a_county_they_are_not_posted_to(scene):
    now = timezone.now()
    mine = invited(scene)
    with pytest.raises(NotAllowed):
        invite(by=scene.helper, county_id=scene.foreign.county_id, for_whom="x", now=now)
    with pytest.raises(NotAllowed):
        withdraw_invitation(invitation_id=mine.pk, by=scene.elsewhere, now=now)
    stranger = enter(scene.elsewhere)
    pages = [reverse(f"specialists:invitation_{name}", args=[mine.pk]) for name in ("detail", "qr")]
    assert [stranger.get(page).status_code for page in pages] == [404, 404]
    assert stranger.post(reverse("specialists:invitation_withdraw", args=[mine.pk])).status_code == 404
    with pytest.raises(IntegrityError, match="not posted"), transaction.atomic():
        Invitation.objects.create(
            county=scene.foreign.county, invited_by=scene.helper, code="B", for_whom="x", created_at=now,
            expires_at=now + timedelta(days=1),
        )  # fmt: skip
    join(scene, mine.code)
    with pytest.raises(WrongState):
        withdraw_invitation(invitation_id=mine.pk, by=scene.helper, now=now)
    with pytest.raises(InternalError, match="Cannot update"), transaction.atomic():
        Invitation.objects.filter(pk=mine.pk).update(used_by=None, used_at=None)


@pytest.mark.django_db(transaction=True)
def test_two_who_come_with_one_code_at_once_use_it_once():
    scene = make_scene()
    invitation = invited(scene)
    people = [make_user(f"Li {number}") for number in range(4)]

    results = at_once(*[partial(join, scene, invitation.code, user=person) for person in people])

    assert Farmer.objects.filter(user__in=people).count() == 4, "all may join"
    assert Invitation.objects.filter(used_by__user__in=people).count() == 1
    assert len(results) == 4
