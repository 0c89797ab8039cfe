"""One's links by program: the same for the same thing, counted, and none to what buyers may not see."""

import pytest

from orders.models import RewardChoice
from tests.make import make_listing, make_user
from tests.specialists.scene import enter

pytestmark = pytest.mark.django_db
LINKS = "/api/v1/share-links/"


def test_a_link_is_made_once_and_listed_to_its_sharer_alone(settings):
    listing, client = make_listing(), enter(make_user("Sharer"))

    made, again = (client.post(LINKS, {"kind": "LISTING", "thing": listing.pk}, "application/json") for _twice in "12")
    hidden = client.post(LINKS, {"kind": "LISTING", "thing": listing.pk + 99}, "application/json")
    strange = client.post(LINKS, {"kind": "ORDER", "thing": 1}, "application/json")

    assert [answer.status_code for answer in (made, again, hidden, strange)] == [201, 201, 404, 422]
    assert made.json() == again.json()
    assert made.json()["url"] == f"{settings.SITE_URL}/s/{made.json()['code']}/"
    assert (made.json()["opened"], made.json()["ordered"]) == (0, 0)
    assert [link["code"] for link in client.get(LINKS).json()["results"]] == [made.json()["code"]]
    assert enter(make_user("Another")).get(LINKS).json()["results"] == []


def test_what_becomes_of_rewards_is_ones_own_choice():
    person = make_user("Sharer")
    client = enter(person)
    assert client.get(f"{LINKS}reward/").json() == {"to_fund": False, "reward_basis_points": 100}

    answer = client.post(f"{LINKS}reward/", {"to_fund": True}, "application/json")

    assert answer.json()["to_fund"] is True
    assert RewardChoice.objects.get(person=person).to_fund
