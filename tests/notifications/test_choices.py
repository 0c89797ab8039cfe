"""How people choose to be told: the page, what it keeps, and what can't be switched off."""

from datetime import time
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from common.errors import InvalidInput
from notifications.groups import ABOUT, Group, group_of, is_urgent
from notifications.kinds import TEXTS
from notifications.models import Choices, Delivery, Device
from notifications.reach import Reach
from notifications.services import choosing, notify
from notifications.ways import Reachable, first_ways, ways
from tests.make import NOON, make_farmer, make_user

pytestmark = pytest.mark.django_db

EVERYTHING = Reachable(phone="+8613800000000", email="a@example.com", has_device=True)
PAGE = "notifications:choices"


def at(off: set[str] = frozenset(), **changes: Any) -> Reachable:  # type: ignore[assignment]
    values = {"phone": EVERYTHING.phone, "email": EVERYTHING.email, "has_device": False, "off": off}
    return Reachable(**(values | changes))


def channels(reachable: Reachable, kind: str, audience: str = "") -> list[str]:
    text = TEXTS.get(f"{kind}/{audience}") or TEXTS[kind]
    return [str(channel) for channel in first_ways(reachable, kind, audience, text.reach)]


# --- Groups and ways ---


def test_every_kind_has_a_group_that_people_can_read() -> None:
    groups = {kind: group_of(*kind.split("/")) for kind in TEXTS}

    assert {group for group in groups.values() if group not in ABOUT} == {Group.CODES}
    assert groups["refund_done"] == groups["claim_decided/buyer"] == groups["parcel_settled"] == Group.MONEY
    assert groups["parcel_to_pack"] == groups["parcel_cancelled/farmer"] == Group.PACKING
    assert groups["parcel_late/buyer"] == groups["parcel_posted"] == Group.ORDERS
    assert groups["farmer_suspended"] == groups["listing_taken_down"] == Group.ACCOUNT
    assert group_of("kind_of_next_year") == Group.OTHER


def test_codes_and_what_does_harm_when_late_are_urgent() -> None:
    assert is_urgent("sign_in_code")
    assert is_urgent("parcel_cancelled", "farmer")
    assert not is_urgent("parcel_cancelled", "buyer")


def test_switching_off_one_channel_takes_the_next() -> None:
    assert channels(at(), "parcel_to_pack") == ["SMS"]
    assert channels(at({"PACKING/SMS"}), "parcel_to_pack") == ["EMAIL"]


def test_what_can_be_left_out_can_be_switched_off_entirely() -> None:
    assert channels(at({"ORDERS/SMS", "ORDERS/EMAIL"}), "parcel_posted") == []


@pytest.mark.parametrize("kind", ["refund_done", "parcel_to_pack", "farmer_suspended"])
def test_what_must_be_told_finds_a_way(kind: str) -> None:
    off = {f"{group}/{channel}" for group in ABOUT for channel in Delivery.Channel}

    assert len(channels(at(off), kind)) == 1


def test_a_notice_on_the_phone_comes_instead_and_of_what_must_be_told_besides() -> None:
    assert channels(EVERYTHING, "parcel_posted", "") == ["PUSH"]
    assert ways(EVERYTHING, "parcel_posted", "", Reach.EMAIL_OR_SMS) == ["PUSH", "EMAIL", "SMS"]
    assert channels(EVERYTHING, "parcel_to_pack") == ["SMS", "PUSH"]


def test_what_must_not_be_missed_goes_over_every_channel_switched_off_or_not() -> None:
    kind = "payee_change_asked"

    assert channels(EVERYTHING, kind) == ["SMS", "EMAIL", "PUSH"]
    assert channels(at({f"ACCOUNT/{channel}" for channel in ("SMS", "EMAIL")}), kind) == ["SMS", "EMAIL"]
    assert is_urgent(kind), "at night too"


def test_a_kind_for_the_shop_only_stays_there() -> None:
    assert channels(EVERYTHING, "order_placed") == []


def test_telling_follows_the_choice_at_no_cost(django_assert_num_queries: Any) -> None:
    farmer = make_user(email="f@example.com")
    Choices.objects.create(user=farmer, off=["PACKING/SMS"])
    Device.objects.create(user=farmer, endpoint="https://fcm.googleapis.com/1", added_at=NOON)

    with django_assert_num_queries(2):
        notify(recipient=farmer, kind="parcel_to_pack", about="parcel:1", now=NOON)

    assert sorted(Delivery.objects.values_list("channel", "address")) == [("EMAIL", "f@example.com"), ("PUSH", "")]


# --- Saving ---


def save(user: Any, **changes: Any) -> None:
    choosing.save_choices(
        user=user,
        **{"off": [], "quiet_from": None, "quiet_until": None, "never_quiet": False, "time_zone": ""} | changes,
    )


def test_the_last_way_to_what_must_be_told_can_not_be_switched_off() -> None:
    both, phone_only = make_user(email="a@example.com"), make_user()

    save(both, off=["MONEY/SMS"])
    for user, off in [(both, ["MONEY/SMS", "MONEY/EMAIL"]), (phone_only, ["MONEY/SMS"])]:
        with pytest.raises(InvalidInput) as refused:
            save(user, off=off)
        assert refused.value.field == "MONEY"

    assert Choices.objects.get().off == ["MONEY/SMS"]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"quiet_from": time(22)}, "quiet_until"),
        ({"quiet_from": time(22), "quiet_until": time(22)}, "quiet_until"),
        ({"time_zone": "Mars/Olympus"}, "time_zone"),
    ],
)
def test_hours_and_zones_that_make_no_sense_are_refused(changes: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        save(make_user(), **changes)

    assert refused.value.field == field
    assert not Choices.objects.exists()


def test_the_database_takes_no_half_hours() -> None:
    for fields in ({"quiet_from": time(22)}, {"quiet_from": time(22), "quiet_until": time(22)}):
        with pytest.raises(IntegrityError, match="choices_quiet_hours_whole"), transaction.atomic():
            Choices.objects.create(user=make_user(), **fields)


# --- The page ---


def page(client: Client, user: Any, **posted: Any) -> Any:
    client.force_login(user)
    client.cookies["django_language"] = "en"
    return client.post(reverse(PAGE), posted) if posted else client.get(reverse(PAGE))


def ticks(channels: list[str]) -> dict[str, Any]:
    return {str(group): channels for group in ABOUT}


def test_the_page_shows_everything_on_and_only_what_the_person_has(client: Client) -> None:
    text = page(client, make_user()).content.decode()

    assert 'name="MONEY" value="SMS"' in " ".join(text.split())
    assert 'value="EMAIL"' not in text
    assert 'name="PACKING"' not in text, "who sells nothing is not asked about it"
    assert text.count("checked") == 4 + 1  # the four groups and the quiet hours


def test_a_farmer_is_asked_about_parcels_to_pack(client: Client) -> None:
    assert 'name="PACKING"' in page(client, make_farmer().user).content.decode()


def test_what_is_unticked_is_kept_and_shown(client: Client) -> None:
    user = make_user(email="a@example.com")

    saved = page(
        client,
        user,
        **{**ticks(["SMS", "EMAIL"]), "ORDERS": []},
        quiet="own",
        quiet_from="21:30",
        quiet_until="06:00",
        time_zone="Asia/Urumqi",
    )

    assert saved.status_code == 302
    mine = Choices.objects.get()
    assert mine.off == ["ORDERS/EMAIL", "ORDERS/SMS"]
    assert (mine.quiet_from, mine.quiet_until, mine.time_zone) == (time(21, 30), time(6), "Asia/Urumqi")
    text = page(client, user).content.decode()
    assert 'value="21:30"' in text
    assert 'value="Asia/Urumqi" selected' in text


def test_what_the_page_does_not_show_stays_as_it_was(client: Client) -> None:
    user = make_user()
    Choices.objects.create(user=user, off=["ORDERS/PUSH", "SHOP/EMAIL", "ORDERS/SMS"])

    page(client, user, **ticks(["SMS"]), quiet="shop")

    assert Choices.objects.get().off == ["ORDERS/PUSH", "SHOP/EMAIL"]


def test_a_wrong_choice_is_said_beside_the_field_and_what_was_typed_stays(client: Client) -> None:
    refused = page(
        client, make_user(), **{**ticks(["SMS"]), "MONEY": []}, quiet="own", quiet_from="22:00", quiet_until="07:00"
    )

    text = refused.content.decode()
    assert refused.status_code == 422
    assert "This must reach you. Please keep one way on." in text
    assert 'value="22:00"' in text
    assert not Choices.objects.exists()


def test_half_of_the_hours_is_asked_for(client: Client) -> None:
    for hours in ({"quiet_from": "22:00"}, {"quiet_from": "", "quiet_until": ""}, {"quiet_from": "soon"}):
        assert page(client, make_user(), **ticks(["SMS"]), quiet="own", **hours).status_code == 422
    assert not Choices.objects.exists()


def test_the_page_takes_few_queries_however_many_devices(client: Client, django_assert_max_num_queries: Any) -> None:
    user = make_user()
    for number in range(10):
        Device.objects.create(user=user, endpoint=f"https://fcm.googleapis.com/{number}", added_at=NOON)
    page(client, user)

    with django_assert_max_num_queries(8):
        client.get(reverse(PAGE))
