"""The same person, twice at the same moment: one user, one farmer, one default address, four papers."""

import io
from functools import partial

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from PIL import Image

from accounts.models import Address, Farmer, FarmerDocument, User
from accounts.services import addresses, farmers, people
from notifications.models import Notification
from tests.concurrency.racing import at_once, names
from tests.make import NOON, make_address, make_county, make_farmer, make_moderator, make_shanghai, make_user

pytestmark = [pytest.mark.concurrency, pytest.mark.django_db(transaction=True)]


def test_a_new_phone_asked_for_eight_times_at_once_is_one_person():
    ask = partial(people.person_to_sign_in, phone="+8613912345678", now=timezone.now())

    results = at_once(*[ask] * 8)

    assert {person.pk for person in results} == {User.objects.get().pk}


def test_an_application_sent_eight_times_at_once_makes_one_farmer_and_tells_once():
    make_moderator()
    person = make_user()
    application = farmers.Application(
        county_id=make_county().pk,
        kind="HOUSEHOLD",
        name="陈桂兰家",
        town="长宁镇",
        village="新村",
        women_led=True,
        registered_poor=False,
        payee_kind="BANK",
        payee_name="陈桂兰",
        payee_account="6222020000001234566",
    )

    results = at_once(*[partial(farmers.apply_to_sell, user_id=person.pk, application=application, now=NOON)] * 8)

    assert names(results) == ["Farmer"] * 8
    assert Farmer.objects.count() == 1
    assert Notification.objects.filter(kind="farmer_applied").count() == 1


def test_eight_addresses_that_all_want_to_be_the_default_leave_one():
    person = make_user()
    province, prefecture, county = make_shanghai()
    details = addresses.AddressDetails(
        recipient="王小明",
        phone="+8613900000000",
        province=province.pk,
        prefecture=prefecture.pk,
        county=county.pk,
        detail="一号",
        is_default=True,
    )

    results = at_once(*[partial(addresses.create_address, user_id=person.pk, details=details)] * 8)

    assert names(results) == ["Address"] * 8
    assert Address.objects.filter(user=person, is_default=True).count() == 1


def test_deleting_all_addresses_at_once_leaves_none_and_breaks_nothing():
    person = make_user()
    kept = [make_address(person, is_default=number == 0) for number in range(6)]

    results = at_once(
        *[partial(addresses.delete_address, user_id=person.pk, address_id=address.pk) for address in kept]
    )

    assert results == [None] * 6
    assert not Address.objects.exists()


def test_papers_sent_at_once_stay_within_four():
    farmer = make_farmer(status=Farmer.Status.WAITING)
    picture = io.BytesIO()
    Image.new("RGB", (9, 9)).save(picture, "PNG")

    results = at_once(
        *[
            partial(
                farmers.add_documents,
                user_id=farmer.user_id,
                files=[SimpleUploadedFile("a.png", picture.getvalue())],
                now=NOON,
            )
            for _ in range(8)
        ]
    )

    assert sorted(names(results)) == ["InvalidInput"] * 4 + ["list"] * 4
    assert FarmerDocument.objects.count() == 4
