"""The fund for programs: programmes and figures for everybody, one's own gifts with an Idempotency-Key."""

import pytest
from django.utils import timezone

from payments.models import Gift, Payment
from payments.services import settle
from tests.api.asking import as_
from tests.fund import scene
from tests.make import make_user
from tests.payments.scene import paid_event

pytestmark = pytest.mark.django_db


def test_a_program_gives_pays_and_follows_the_yuan():
    one, two, donor = scene.make_steward("One"), scene.make_steward("Two"), make_user("Donor")
    programme = scene.make_programme(one)
    api, said = as_(donor), {"purpose": "school-meals", "amount_fen": 2000, "shown_name": "王"}

    first = api.post("fund/gifts/", said, Idempotency_Key="one")
    again = api.post("fund/gifts/", said, Idempotency_Key="one")
    assert (first.status_code, first.json()["id"], Gift.objects.count()) == (201, again.json()["id"], 1)
    number = first.json()["id"]
    url = api.post(f"fund/gifts/{number}/payment/", {}, Idempotency_Key="two").json()["url"]
    assert "/sandbox-provider/" in url
    settle(paid_event(Payment.objects.get()), timezone.now())
    grant = scene.paid_grant(programme, 500, one, two)

    found = api.get(f"fund/gifts/{number}/").json()
    assert found["parts"] == [
        {"grant": grant.pk, "programme": "school-meals", "purpose": grant.purpose, "fen": 500},
    ]
    assert (found["waiting_fen"], found["back_fen"]) == (1500, 0)
    assert as_(make_user("Stranger")).get(f"fund/gifts/{number}/").status_code == 404
    paid_already = api.post(f"fund/gifts/{number}/payment/", {}, Idempotency_Key="three")
    assert paid_already.status_code == 409


def test_what_cannot_be_given_is_refused_with_its_field():
    scene.make_programme()
    api = as_(make_user("Donor"))
    for said in ({"purpose": "nowhere", "amount_fen": 2000}, {"purpose": "school-meals", "amount_fen": 5}):
        refused = api.post("fund/gifts/", said, Idempotency_Key=str(said))
        assert refused.status_code == 422
        assert refused.json()["errors"][0]["pointer"].strip("#/") in said
    assert not Gift.objects.exists()


def test_everybody_reads_the_figures(client):
    one, two = scene.make_steward("One"), scene.make_steward("Two")
    programme = scene.make_programme(one)
    scene.arrived(2000)
    scene.arrived(300, "education")
    scene.paid_grant(programme, 500, one, two)

    detail = client.get("/api/v1/fund/programmes/school-meals/").json()
    assert (detail["figures"]["given_fen"], detail["figures"]["granted_fen"], detail["figures"]["there_fen"]) == (
        2000,
        500,
        1500,
    )
    assert len(detail["grants"]) == 1
    assert len(client.get("/api/v1/fund/programmes/").json()["results"]) == 1
    areas = {each["area"]: each for each in client.get("/api/v1/fund/").json()["areas"]}
    assert (areas["EDUCATION"]["figures"]["given_fen"], areas["EDUCATION"]["own_fen"]) == (2300, 300)
    assert len(areas) == 5
