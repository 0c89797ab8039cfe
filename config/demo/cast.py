"""The people of the demo, first of all the six one can sign in as."""

import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.models import Permission
from django.utils import timezone

from accounts.models import County, Posting, Region, User
from accounts.services.addresses import AddressDetails, create_address
from config.demo import names


@dataclass(frozen=True)
class Login:
    """Somebody one can sign in as."""

    role: str
    phone: str
    email: str
    name: str
    sees: str


LOGINS = [
    Login("buyer", "+8613800000001", "buyer@example.com", "王小明", "orders in every state, a cart"),
    Login("farmer", "+8613800000002", "farmer@example.com", "陈桂兰", "parcels to pack, listings, money"),
    Login(
        "moderator", "+8613800000003", "moderator@example.com", "林静", "listings, reviews and farmers to decide about"
    ),
    Login("specialist", "+8613800000004", "specialist@example.com", "周志远", "a county's farmers and late parcels"),
    Login("admin", "+8613800000005", "admin@example.com", "管理员", "everything, at /admin/; approves payouts"),
    Login(
        "finance",
        "+8613800000006",
        "finance@example.com",
        "吴敏",
        "money and payouts, at /finance/; the admin approves",
    ),
]
BY_ROLE = {login.role: login for login in LOGINS}


@dataclass
class Cast:
    """Everybody but the farmers, who come with their farms."""

    buyer: User
    moderators: list[User]
    specialist: User
    buyers: list[User]


def make_cast(*, buyers: int, county: County, now: datetime, dice: random.Random) -> Cast:
    """Make the people, each with what their part needs. The admin comes last of all (see `make_admin`)."""
    year_ago = now - timedelta(days=365)
    cast = Cast(
        buyer=make_login("buyer", joined_at=now - timedelta(days=58)),
        moderators=[
            make_login("moderator", joined_at=year_ago, is_moderator=True),
            _make(None, name="何文", email="moderator2@example.com", joined_at=year_ago, is_moderator=True),
        ],
        specialist=make_login("specialist", joined_at=year_ago),
        buyers=[_buyer(number, now, dice) for number in range(buyers)],
    )
    make_login("finance", joined_at=year_ago, is_staff=True).user_permissions.add(
        Permission.objects.get(content_type__app_label="payments", codename="handle_payouts")
    )
    Posting.objects.create(
        specialist=cast.specialist, county=county, starts_on=timezone.localdate(now - timedelta(days=300))
    )
    for person in [cast.buyer, *cast.buyers]:
        _give_address(person, dice)
    return cast


def make_login(role: str, *, joined_at: datetime, **fields: Any) -> User:
    """One of the people one can sign in as. English readers see the messages in English."""
    login = BY_ROLE[role]
    return _make(login.phone, name=login.name, email=login.email, joined_at=joined_at, **fields)


def make_steward(number: int, now: datetime) -> User:
    """Somebody who handles the fund: two are needed for every grant. Nobody signs in as them."""
    steward = _make(None, name=f"基金管理员{number}", email=f"fund{number}@example.com", joined_at=now, is_staff=True)
    steward.user_permissions.add(Permission.objects.get(content_type__app_label="fund", codename="handle_fund"))
    return steward


def make_admin(now: datetime) -> User:
    """Made when everything else is there: so that a demo that was interrupted is known by their absence."""
    return make_login("admin", joined_at=now, is_staff=True, is_superuser=True, is_moderator=True)


def _buyer(number: int, now: datetime, dice: random.Random) -> User:
    is_foreign = number % 20 == 7
    name = names.BUYERS_ENGLISH[number // 20 % 3] if is_foreign else names.person(dice).name
    return _make(
        names.phone(number),
        name=name,
        email=f"buyer{number}@example.com" if number % 3 else None,
        language="en" if is_foreign else "zh-hans",
        joined_at=now - timedelta(days=dice.randint(57, 300)),
    )


def _make(phone: str | None, **fields: Any) -> User:
    fields = {"last_login": fields["joined_at"], "phone_verified": phone is not None, "is_demo": True} | fields
    return User.objects.create_user(phone=phone, **fields)


def make_farmers_user(number: int, name: str, *, joined_at: datetime) -> User:
    """The person behind a farm."""
    return _make(names.phone(10_000 + number), name=name, joined_at=joined_at)


def _give_address(person: User, dice: random.Random) -> None:
    county = Region.objects.select_related("parent__parent").get(code=dice.choice(names.BUYER_PLACES))
    prefecture = county.parent
    if prefecture is None or prefecture.parent is None:
        raise RuntimeError(f"{county.code} is not a county")
    create_address(
        user_id=person.pk,
        details=AddressDetails(
            recipient=person.name or "收件人",
            phone=person.phone or "",
            province=prefecture.parent.code,
            prefecture=prefecture.code,
            county=county.code,
            detail=names.street_address(dice),
            is_default=True,
        ),
    )
