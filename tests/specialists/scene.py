"""A specialist posted to the county of a household, and one posted elsewhere."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.test import Client
from django.utils import timezone

from accounts.models import County, Farmer, Posting, User
from tests.accounts.signing_in import EN
from tests.make import make_county, make_farmer, make_user


@dataclass
class Scene:
    """`helper` works in the county of `farmer`; `elsewhere` in another, where `foreign` lives."""

    farmer: Farmer
    helper: User
    posting: Posting
    foreign: Farmer
    elsewhere: User


def post_to(user: User, county: County, starts_on: date | None = None, ends_on: date | None = None) -> Posting:
    since = starts_on or timezone.localdate() - timedelta(days=30)
    return Posting.objects.create(specialist=user, county=county, starts_on=since, ends_on=ends_on)


def make_scene() -> Scene:
    here, there = make_county(), make_county("yunnan-yuanyang", name_zh="元阳县", name_en="Yuanyang County")
    helper, elsewhere = make_user("Zhou Zhiyuan"), make_user("Li Elsewhere")
    posting = post_to(helper, here)
    post_to(elsewhere, there)
    return Scene(
        make_farmer(county=here), helper, posting, make_farmer("A household far away", county=there), elsewhere
    )


def enter(person: User, **headers: Any) -> Client:
    client = Client(headers=EN | headers)
    client.force_login(person)
    return client
