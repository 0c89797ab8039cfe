"""Another phone number or e-mail address: both codes, nobody else's, and the one before is told."""

import threading
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from accounts.services import own_codes, own_contact
from common.errors import InvalidInput, WrongState
from notifications.models import Delivery
from tests.accounts.signing_in import EN, ZH, ask, codes_for, confirm, forget_minutes, is_signed_in, wrong
from tests.make import make_user

CHANGE, CODE, ME = (reverse(f"accounts:{name}") for name in ("contact_change", "contact_code", "me"))
OLD, NEW = "+8613912345678", "+8613800138000"


@pytest.fixture
def user() -> User:
    cache.clear()
    return make_user("Wang", phone=OLD)


@pytest.fixture
def signed_in(client, user) -> Client:
    client.force_login(user)
    return client


def ask_for(client: Client, contact: str = "138 0013 8000", headers: dict[str, str] = EN):
    return client.post(CHANGE, {"contact": contact}, headers=headers)


def type_in(client: Client, own: str, new: str):
    return client.post(CODE, {"own_code": own, "new_code": new}, headers=EN)


def stands(user: User) -> tuple[str | None, str | None, bool]:
    return User.objects.values_list("phone", "email", "phone_verified").get(pk=user.pk)


@pytest.mark.django_db
def test_both_codes_make_a_new_number_theirs_and_the_old_one_is_told(signed_in, user):
    response = ask_for(signed_in)

    assert response.url == CODE
    sent = Delivery.objects.order_by("pk").values_list("channel", "address")
    assert list(sent) == [("SMS", OLD), ("SMS", NEW)]
    assert stands(user) == (OLD, None, True), "nothing changes before both were typed"
    page = signed_in.get(CODE, headers=EN).content.decode()
    assert "139****5678" in page
    assert "138 0013 8000" in page

    own, new = codes_for(user)
    assert type_in(signed_in, own, new).url == ME

    assert stands(user) == (NEW, None, True)
    told = Delivery.objects.get(notification__kind="contact_changed")
    assert (told.address, told.notification.context["contact"]) == (OLD, "138****8000")
    assert signed_in.get(ME).status_code == 200
    assert signed_in.get(CODE).url == CHANGE, "the codes are used up"
    forget_minutes()
    ask(Client(), "13912345678")
    assert User.objects.get(phone=OLD) != user, "the old number is a stranger's now"
    elsewhere = Client()
    ask(elsewhere, "13800138000")
    confirm(elsewhere, codes_for(user)[-1])
    assert is_signed_in(elsewhere)


@pytest.mark.django_db
def test_an_address_is_added_beside_the_number_and_the_former_address_no_longer_gets_in(signed_in, user):
    for number, address in enumerate(["Wang@Example.com", "wang@new.example"]):
        forget_minutes()
        ask_for(signed_in, address)
        own, new = codes_for(user)[-2:]
        assert Delivery.objects.order_by("pk").values_list("address", flat=True)[3 * number] == OLD, "not the mailbox"
        type_in(signed_in, own, new)
    assert stands(user) == (OLD, "wang@new.example", True)

    user.refresh_from_db()
    user.set_password("duck-pond-morning")
    user.save()
    for address, gets_in in (("wang@example.com", False), ("wang@new.example", True)):
        elsewhere = Client()
        elsewhere.post(reverse("account_login"), {"login": address, "password": "duck-pond-morning"})
        assert is_signed_in(elsewhere) is gets_in
    assert Delivery.objects.filter(notification__kind="contact_changed", address="wang@example.com").exists()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("typed", "english", "chinese"),
    [
        ("", "Please type your phone number or e-mail.", "请填写"),
        ("12345", "Please type a mobile number such as 138 0013 8000", "请填写手机号"),
        ("139 1234 5678", "That is the one you have already.", "您现在用的就是这个"),
    ],
)
def test_a_slip_is_said_beside_the_field_and_kept(signed_in, user, typed, english, chinese):
    for headers, words in ((EN, english), (ZH, chinese)):
        forget_minutes()
        response = ask_for(signed_in, typed, headers)

        assert response.status_code == 422
        assert words in response.context["form"]["contact"].errors[0]
        assert response.context["form"]["contact"].value() == typed
    assert codes_for(user) == []


@pytest.mark.django_db
def test_one_code_is_not_enough_and_five_tries_end_it(signed_in, user):
    ask_for(signed_in)
    own, new = codes_for(user)

    refused = type_in(signed_in, own, wrong(new))
    assert refused.status_code == 422
    assert refused.context["form"]["new_code"].errors == [str(own_codes.WRONG_CODE)]
    assert refused.context["form"]["own_code"].value() == own
    assert type_in(signed_in, wrong(own), new).context["form"]["own_code"].errors
    assert type_in(signed_in, new, own).status_code == 422, "each is good for its own place"
    for _more in range(2):
        type_in(signed_in, own, wrong(new))
    assert type_in(signed_in, own, new).url == CHANGE
    assert stands(user) == (OLD, None, True)


@pytest.mark.django_db
def test_codes_are_for_five_minutes_this_session_and_this_contact(signed_in, user):
    now = timezone.now()
    asked = own_contact.ask_contact_change(user_id=user.pk, kind="phone", contact=NEW, now=now)
    own, new = codes_for(user)
    typed = {"own_code": own, "new_code": new}

    with pytest.raises(WrongState):
        late = now + own_codes.CODE_LIFE
        own_contact.confirm_contact_change(user_id=user.pk, asked=asked, now=late, **typed)
    other = own_contact.Asked("phone", "+8613700137000", now, asked.own_digest, asked.new_digest)
    with pytest.raises(InvalidInput):
        own_contact.confirm_contact_change(user_id=user.pk, asked=other, now=now, **typed)
    stranger = make_user()
    with pytest.raises(InvalidInput):
        own_contact.confirm_contact_change(user_id=stranger.pk, asked=asked, now=now, **typed)
    assert type_in(signed_in, own, new).url == CHANGE, "another browser asked for them"
    assert stands(user) == (OLD, None, True)


@pytest.mark.django_db
def test_somebody_elses_is_not_taken_and_who_never_came_in_gives_way(signed_in, user):
    other = make_user("Li", phone=NEW)
    User.objects.filter(pk=other.pk).update(last_login=timezone.now() - timedelta(days=9))
    ask_for(signed_in)

    response = signed_in.post(
        CODE, dict(zip(("own_code", "new_code"), codes_for(user), strict=True)), headers=EN, follow=True
    )
    assert "Somebody signs in with it already." in response.content.decode()
    assert (stands(user)[0], stands(other)[0]) == (OLD, NEW)

    forget_minutes()
    ask(Client(), "13700137000")
    forget_minutes()
    ask_for(signed_in, "13700137000")
    type_in(signed_in, *codes_for(user)[-2:])
    assert stands(user)[0] == "+8613700137000"


@pytest.mark.django_db
def test_texts_to_strangers_are_limited_like_sign_in_codes(signed_in, user):
    ask_for(signed_in)
    again = ask_for(signed_in, "13700137000")
    forget_minutes()
    ask(Client(), "13700137000")
    same = ask_for(signed_in, "13700137000")

    for response in (again, same):
        assert "wait a minute" in response.context["form"]["contact"].errors[0]
    assert len(codes_for(user)) == 2


@pytest.mark.django_db
def test_without_a_password_again_other_browsers_are_signed_out(signed_in, user):
    user.set_password("duck-pond-morning")
    user.save()
    here, elsewhere = Client(), Client()
    here.force_login(user)
    elsewhere.force_login(user)
    assert "Do without a password" in here.get(reverse("account_change_password"), headers=EN).content.decode()

    response = here.post(reverse("accounts:password_remove"), headers=EN, follow=True)

    user.refresh_from_db()
    assert not user.has_usable_password()
    assert "A code is enough." in response.content.decode()
    assert elsewhere.get(ME).status_code == 302


@pytest.mark.django_db
def test_who_can_be_sent_no_code_keeps_the_password(client, settings):
    settings.SMS_BACKEND = ""
    user = make_user(password="duck-pond-morning")
    client.force_login(user)

    client.post(reverse("accounts:password_remove"), headers=EN)

    user.refresh_from_db()
    assert user.check_password("duck-pond-morning")


@pytest.mark.django_db(transaction=True)
def test_two_who_type_both_codes_at_once_for_one_number_end_with_one_owner():
    """Whoever comes second is told, and nobody's number is lost."""
    cache.clear()
    people, now, ends = [make_user(), make_user()], timezone.now(), []
    asked = [own_contact.ask_contact_change(user_id=one.pk, kind="phone", contact=NEW, now=now) for one in people]
    User.objects.update(last_login=now)
    together = threading.Barrier(2)

    def change(one: User, what: own_contact.Asked) -> None:
        own, new = codes_for(one)
        together.wait()
        try:
            own_contact.confirm_contact_change(user_id=one.pk, asked=what, own_code=own, new_code=new, now=now)
            ends.append("mine")
        except WrongState:
            ends.append("taken")
        finally:
            connection.close()

    threads = [threading.Thread(target=change, args=pair) for pair in zip(people, asked, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(ends) == ["mine", "taken"]
    assert User.objects.filter(phone=NEW).count() == 1
