"""A price for a household by program: nothing without the code from its own phone, and nothing for who isn't posted there."""

import pytest

from accounts.models import DelegatedAct
from marketplace.models import Listing
from tests.accounts.signing_in import codes_for, wrong
from tests.make import make_listing
from tests.specialists.scene import enter, make_scene
from tests.specialists.test_consents import agree

pytestmark = pytest.mark.django_db


def test_asked_for_and_done_by_the_code_and_by_nobody_else():
    scene = make_scene()
    listing, stranger = make_listing(scene.farmer), enter(scene.elsewhere)
    path = f"/api/v1/households/{scene.farmer.pk}/listings/{listing.pk}/price/"
    client = enter(scene.helper)

    def send(who, address, **sent):
        return who.post(address, sent, content_type="application/json")

    assert send(client, path, price_fen=4500).status_code == 404, "without a consent"
    agree(scene)
    asked = send(client, path, price_fen=4500)
    code = codes_for(scene.farmer.user)[-1]
    refused = send(client, f"{path}code/", code=wrong(code))
    assert [send(stranger, f"{path}code/", code=code).status_code, refused.status_code] == [404, 422]
    assert Listing.objects.get(pk=listing.pk).price_fen == 4980
    done = send(client, f"{path}code/", code=code)

    assert (asked.status_code, asked.json()["price_fen"], done.status_code, done.json()["kind"]) == (
        202,
        4500,
        201,
        "PRICE",
    )
    assert Listing.objects.get(pk=listing.pk).price_fen == 4500
    assert send(client, f"{path}code/", code=code).status_code == 422
    assert DelegatedAct.objects.get().specialist == scene.helper
