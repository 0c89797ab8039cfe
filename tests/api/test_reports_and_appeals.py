"""Reports, appeals and figures through the API: what the pages do, with the same rules."""

import pytest

from marketplace.models import Appeal, Listing, Report
from tests.api.asking import Api, as_
from tests.make import in_days, make_farmer, make_listing, make_moderator, make_user
from tests.marketplace.selling import Verdict, decide, submit

pytestmark = pytest.mark.django_db


def test_from_a_guests_report_to_the_shop_without_it():
    listing, desk = make_listing(), as_(make_moderator(), "moderate")
    said = {"reason": "COPIED", "words": "网上的图"}

    first = Api().post(f"listings/{listing.pk}/reports/", said)
    again = Api().post(f"listings/{listing.pk}/reports/", said)
    assert (first.status_code, again.json()["id"]) == (201, first.json()["id"])
    (waiting,) = desk.get("moderation/reports/").json()["results"]
    assert (waiting["by_guest"], "guest" in waiting, "reporter" in waiting) == (True, False, False)
    where = f"moderation/reports/{waiting['id']}/decide/"
    assert desk.post(where, {"status": "INVALID", "take_down": True, "reason": "x"}).status_code == 422
    assert desk.post(where, {"status": "VALID", "take_down": True, "reason": "别人的照片"}).json()["status"] == "VALID"
    assert desk.post(where, {"status": "VALID", "reason": "x"}).json()["code"] == "already_decided"
    assert Api().get(f"listings/{listing.pk}/").status_code == 404


def test_one_sees_what_became_of_ones_own_reports_and_no_others():
    mine, other = make_user(), make_user()
    shop = make_farmer().storefront.slug
    as_(mine).post(f"shops/{shop}/reports/", {"reason": "RUDE"})
    as_(other).post(f"shops/{shop}/reports/", {"reason": "RUDE"})

    (seen,) = as_(mine).get("reports/").json()["results"]

    assert Report.objects.get(pk=seen["id"]).reporter == mine


def test_a_farmer_appeals_once_and_another_moderator_takes_it_back():
    farmer, first = make_farmer(), make_moderator()
    decision = decide(submit(farmer), first, Verdict.REJECT, now=in_days(-1))
    seller = as_(farmer.user, "sell")
    (seen,) = seller.get("sell/decisions/").json()["results"]
    where = f"sell/decisions/{seen['id']}/appeal/"
    assert (seen["id"], seen["appeal"]) == (decision.pk, None)

    assert (
        as_(make_farmer("Neighbour").user, "sell").post(where, {"words": "x"}, Idempotency_Key="a").status_code == 404
    )
    seller.post(where, {"words": "x"})
    assert not Appeal.objects.exists(), "without a key nothing happens"
    made = seller.post(where, {"words": "那是我家的树"}, Idempotency_Key="one")
    same = seller.post(where, {"words": "那是我家的树"}, Idempotency_Key="one")
    assert (made.status_code, same.json()) == (201, made.json())
    assert seller.post(where, {"words": "再说"}, Idempotency_Key="two").json()["code"] == "appealed_already"

    there = f"moderation/appeals/{made.json()['id']}/decide/"
    ruling = {"overturn": True, "reason": "看错了"}
    assert as_(first, "moderate").post(there, ruling).json()["code"] == "own_decision"
    desk = as_(make_moderator(), "moderate")
    assert [each["id"] for each in desk.get("moderation/appeals/").json()["results"]] == [made.json()["id"]]
    assert desk.post(there, ruling).json()["status"] == "OVERTURNED"
    assert Listing.objects.shown().exists()
    figures = desk.get("moderation/figures/").json()
    assert figures["appeals"] == {"UPHELD": 0, "OVERTURNED": 1}
    assert [each["overturned"] for each in figures["moderators"]] == [1, 0]
