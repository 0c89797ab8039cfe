"""The list, the badge and the outbox: one's own, cheap, and honest about what is sent."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from notifications.models import Notification, OutboxMessage
from notifications.queries import PAGE, unread_count
from notifications.services import notify, send_code
from notifications.tasks import deliver_due
from tests.make import NOON, make_user

pytestmark = pytest.mark.django_db


def tell(user: User, number: int = 1, **fields: Any) -> Notification:
    told = notify(
        recipient=user,
        kind="order_paid",
        about=f"order:{number}",
        now=NOON + timedelta(minutes=fields.pop("minutes", number)),
        number=f"N{number}",
        link=fields.pop("link", f"/orders/N{number}/"),
    )
    assert told is not None
    return told


def signed_in(client: Client, **fields: Any) -> User:
    user = make_user(**fields)
    client.force_login(user)
    client.cookies["django_language"] = "en"
    return user


def test_what_you_were_told_is_listed_newest_first(client: Client) -> None:
    user = signed_in(client)
    for number in (1, 2):
        tell(user, number)

    page = client.get(reverse("notifications:list")).content.decode()

    assert page.index("Order N2 is paid") < page.index("Order N1 is paid")
    assert page.count("New:") == 2


def test_a_long_list_goes_on_where_it_stopped(client: Client) -> None:
    user = signed_in(client)
    for number in range(PAGE + 5):
        tell(user, number, minutes=number // 3)

    first = client.get(reverse("notifications:list"))
    second = client.get(reverse("notifications:list") + first.context["next_page"])

    shown = [item["row"].pk for page in (first, second) for item in page.context["items"]]
    assert len(shown) == len(set(shown)) == PAGE + 5
    assert second.context["next_page"] == ""


@pytest.mark.parametrize("after", ["x", "1-", "-1", "9" * 30 + "-1", "99999999999999999999-1", "1-²", "\x00"])
def test_a_broken_page_key_shows_the_first_page(client: Client, after: str) -> None:
    tell(signed_in(client))

    page = client.get(reverse("notifications:list"), {"after": after})

    assert len(page.context["items"]) == 1


def test_the_list_takes_the_same_queries_however_long(client: Client, django_assert_num_queries: Any) -> None:
    user = signed_in(client)
    tell(user, 1)
    client.get(reverse("notifications:list"))
    with django_assert_num_queries(5):  # session, person, the page, the frame's cart and badge
        client.get(reverse("notifications:list"))
    for number in range(2, 20):
        tell(user, number)
    with django_assert_num_queries(5):
        client.get(reverse("notifications:list"))


def test_opening_one_marks_it_as_read_and_goes_there(client: Client) -> None:
    user = signed_in(client)
    told = tell(user)

    answer = client.get(reverse("notifications:open", args=[told.pk]))

    assert answer["Location"] == "/orders/N1/"
    assert unread_count(user) == 0


def test_a_link_never_leads_elsewhere(client: Client) -> None:
    told = tell(signed_in(client), link="//evil.example/")

    answer = client.get(reverse("notifications:open", args=[told.pk]))

    assert answer["Location"] == reverse("notifications:list")


def test_a_stranger_cannot_open_another_persons(client: Client) -> None:
    user = make_user()
    told = tell(user)
    signed_in(client)

    assert client.get(reverse("notifications:open", args=[told.pk])).status_code == 404
    client.post(reverse("notifications:read"), {"up_to": told.pk})

    assert unread_count(user) == 1
    assert "N1" not in client.get(reverse("notifications:list")).content.decode()


def test_marking_all_leaves_what_came_after_the_page_was_shown(client: Client) -> None:
    user = signed_in(client)
    tell(user, 1)
    seen = tell(user, 2)
    later = tell(user, 3)

    client.post(reverse("notifications:read"), {"up_to": seen.pk})

    assert list(Notification.objects.filter(read_at__isnull=True)) == [later]


@pytest.mark.parametrize("up_to", ["", "x", "-1", "9" * 40])
def test_nonsense_marks_nothing(client: Client, up_to: str) -> None:
    user = signed_in(client)
    tell(user)

    assert client.post(reverse("notifications:read"), {"up_to": up_to}).status_code == 302
    assert unread_count(user) == 1


def test_marking_needs_a_post(client: Client) -> None:
    signed_in(client)

    assert client.get(reverse("notifications:read")).status_code == 405


def test_a_guest_is_asked_to_sign_in(client: Client) -> None:
    assert client.get(reverse("notifications:list")).status_code == 302


def test_the_badge_shows_the_count_and_is_quiet_while_it_stays(client: Client, django_assert_num_queries: Any) -> None:
    user = signed_in(client)
    tell(user)
    url = reverse("notifications:badge")

    first = client.get(url)
    assert "1" in first.content.decode()
    with django_assert_num_queries(3):  # session, person, count
        assert client.get(url, headers={"If-None-Match": first["ETag"]}).status_code == 304
    tell(user, 2)
    assert "2" in client.get(url, headers={"If-None-Match": first["ETag"]}).content.decode()


def test_a_signed_out_page_stops_asking(client: Client) -> None:
    assert client.get(reverse("notifications:badge")).status_code == 286


def test_a_sign_in_code_is_in_the_outbox_and_never_among_the_news(client: Client) -> None:
    user = signed_in(client, email="code@example.com")
    send_code(user=user, channel="EMAIL", address="code@example.com", code="424242")
    deliver_due()

    assert "424242" in client.get(reverse("notifications:outbox")).content.decode()
    assert "424242" not in client.get(reverse("notifications:list")).content.decode()
    assert client.get(reverse("notifications:list")).context["items"] == []
    assert client.get(reverse("notifications:badge")).content.strip() == b""
    told = Notification.objects.get()
    assert client.get(reverse("notifications:open", args=[told.pk])).status_code == 404


def test_the_outbox_finds_an_address(client: Client) -> None:
    for address in ("+8613800001111", "+8613800002222"):
        OutboxMessage.objects.create(channel="SMS", address=address, body=f"for {address}", written_at=NOON)

    page = client.get(reverse("notifications:outbox"), {"address": "138 0000 1111\x00"}).content.decode()

    assert "for +8613800001111" in page
    assert "for +8613800002222" not in page


def test_there_is_no_outbox_outside_the_embedded_mode(client: Client, settings: Any) -> None:
    settings.EMBEDDED = False

    assert client.get(reverse("notifications:outbox")).status_code == 404


def test_staff_can_look_but_not_touch_and_see_no_code(client: Client) -> None:
    staff = make_user(email="staff@example.com", is_staff=True, is_superuser=True)
    send_code(user=staff, channel="EMAIL", address="staff@example.com", code="424242")
    client.force_login(staff)
    told = Notification.objects.get()

    for model in ("notification", "delivery"):
        page = client.get(reverse(f"admin:notifications_{model}_changelist"))
        assert page.status_code == 200
        assert "424242" not in page.content.decode()
    page = client.get(reverse("admin:notifications_notification_change", args=[told.pk]))
    assert page.status_code == 200
    assert "424242" not in page.content.decode()
    assert client.post(reverse("admin:notifications_notification_delete", args=[told.pk])).status_code == 403
    assert Notification.objects.exists()
