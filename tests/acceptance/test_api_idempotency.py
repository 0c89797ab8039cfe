"""Asking the API twice does a thing once: repeated, at the same time, and with a process killed in between.

IDEMPOTENCY_THREADS (50) makes the crowds smaller or bigger.
"""

import os
import subprocess
import sys
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone
from rest_framework.response import Response
from rest_framework.test import APIRequestFactory, force_authenticate

from accounts.api.idempotency import idempotent, keep
from accounts.models import KeptAnswer, User
from accounts.services import answers
from accounts.tasks import sweep_kept_answers
from common.api.views import ApiViewSet
from common.transactions import ending_with, use_case
from config.embedded import BASE_DIR
from marketplace.models import Hold, Listing
from notifications.models import Notification
from orders.models import Order
from orders.pricing import price_cart
from tests.api.asking import as_, token_for
from tests.concurrency.racing import at_once
from tests.make import make_address, make_listing, make_user
from tests.orders.making import SHANGHAI, make_cart

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.concurrency]
THREADS = int(os.environ.get("IDEMPOTENCY_THREADS", "50"))


@pytest.fixture(autouse=True)
def no_limits(settings):
    settings.API_LIMITS = dict.fromkeys(settings.API_LIMITS, 10**6)


@pytest.fixture
def buyer():
    return make_user("Buyer")


def checkout(buyer: User, packs: int = 2) -> tuple[Listing, dict[str, Any]]:
    """A cart to order, and what to send for it."""
    listing = make_listing(packs=20)
    cart, address = make_cart(buyer, {listing: packs}), make_address(buyer)
    total = price_cart(list(cart.lines.all()), province=SHANGHAI, now=timezone.now()).total_fen
    return listing, {"address": address.pk, "expected_total_fen": total}


def held(listing: Listing) -> int:
    return sum(lot.held for lot in listing.lots.all())


def test_the_same_key_and_body_get_the_same_answer_and_one_order(buyer):
    listing, body = checkout(buyer)
    api = as_(buyer)

    first = api.post("orders/", body, Idempotency_Key="one")
    again = api.post("orders/", dict(reversed(body.items())), Idempotency_Key="one", Accept_Language="en")

    assert first.status_code == again.status_code == 201
    assert first.content == again.content, "byte for byte"
    assert again["Idempotency-Replayed"] == "true"
    assert not first.has_header("Idempotency-Replayed")
    assert Order.objects.count() == 1
    assert held(listing) == 2


def test_the_same_key_with_another_body_is_refused(buyer):
    _listing, body = checkout(buyer)
    api = as_(buyer)
    api.post("orders/", body, Idempotency_Key="one")

    other = api.post("orders/", body | {"note": "more"}, Idempotency_Key="one")

    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
    assert Order.objects.count() == 1


def test_anothers_key_is_another(buyer):
    stranger = make_user("Stranger")
    (_one, body), (_two, theirs) = checkout(buyer), checkout(stranger)

    mine = as_(buyer).post("orders/", body, Idempotency_Key="one")
    other = as_(stranger).post("orders/", theirs, Idempotency_Key="one")

    assert (mine.status_code, other.status_code) == (201, 201)
    assert Order.objects.count() == 2


@pytest.mark.parametrize(
    ("key", "code"),
    [(None, "idempotency_key_missing"), ("x" * 256, "idempotency_key_bad"), ("ключ", "idempotency_key_bad")],
)
def test_a_key_is_needed_and_has_to_be_one(buyer, key, code):
    _listing, body = checkout(buyer)
    headers = {} if key is None else {"Idempotency_Key": key}

    response = as_(buyer).post("orders/", body, **headers)

    assert (response.status_code, response.json()["code"]) == (400, code)
    assert not KeptAnswer.objects.exists()


def test_failed_validation_keeps_nothing_and_the_key_stays_good(buyer):
    _listing, body = checkout(buyer)
    api = as_(buyer)

    wrong = api.post("orders/", body | {"address": "here"}, Idempotency_Key="one")

    assert wrong.status_code == 422
    assert not KeptAnswer.objects.exists()
    assert api.post("orders/", body, Idempotency_Key="one").status_code == 201


def test_what_the_shop_refuses_is_kept_like_what_it_does(buyer):
    _listing, body = checkout(buyer)
    api = as_(buyer)
    wrong = body | {"expected_total_fen": 1}

    first = api.post("orders/", wrong, Idempotency_Key="one")
    again = api.post("orders/", wrong, Idempotency_Key="one")

    assert (first.status_code, first.json()["code"]) == (409, "price_changed")
    assert first.json()["params"]["total_fen"] == body["expected_total_fen"]
    assert (again.content, again["Content-Type"]) == (first.content, first["Content-Type"])


def test_a_mistake_of_ours_is_not_kept(buyer, monkeypatch):
    _listing, body = checkout(buyer)
    api = as_(buyer)
    api.client.raise_request_exception = False
    with monkeypatch.context() as broken:
        broken.setattr("orders.services.placing.place_order", lambda **_: 1 / 0)
        first = api.post("orders/", body, Idempotency_Key="one")

    assert (first.status_code, first["Content-Type"]) == (500, "application/problem+json")
    assert api.post("orders/", body, Idempotency_Key="one").status_code == 201


def test_many_at_once_with_one_key_place_one_order(buyer):
    listing, body = checkout(buyer)
    token = token_for(buyer)
    apis = [as_(buyer)] if THREADS == 1 else [_program(token) for _ in range(THREADS)]

    results = at_once(*[partial(api.post, "orders/", body, Idempotency_Key="one") for api in apis])

    codes = sorted({(one.status_code, one.json().get("code", "")) for one in results})
    assert set(codes) <= {(201, ""), (409, "request_in_progress")}
    assert (201, "") in codes
    assert len({one.content for one in results if one.status_code == 201}) == 1
    assert Order.objects.count() == 1
    assert (held(listing), Hold.objects.count()) == (2, 1)


def _program(token: str) -> Any:
    from tests.api.asking import Api

    return Api(token)


# --- An effect that has no key of its own: here the kept answer is the only guard ------------------------------------


@use_case
def tell(user: User, key: str) -> Notification:
    """Writes a row each time it is called."""
    count = Notification.objects.count()
    return Notification.objects.create(
        recipient=user,
        kind="x",
        about="x",
        dedupe_key=f"{key}-{count}-{os.urandom(4).hex()}",
        created_at=timezone.now(),
    )


class Probe(ApiViewSet):
    @idempotent
    def create(self, request: Any) -> Any:
        return keep(request, lambda: tell(request.user, "probe"), lambda row: Response({"id": row.pk}, status=201))


def ask_probe(user: User, key: str = "one") -> Any:
    request = APIRequestFactory().post("/probe/", {}, format="json", headers={"Idempotency-Key": key})
    force_authenticate(request, user=user)
    response = Probe.as_view({"post": "create"})(request)
    if hasattr(response, "render"):
        response.render()
    return response


def test_many_at_once_do_once_what_nothing_else_guards(buyer):
    results = at_once(*[partial(ask_probe, buyer)] * THREADS)

    assert {one.status_code for one in results} <= {201, 409}
    assert Notification.objects.count() == 1


def test_control_without_the_claim_it_happens_more_than_once(buyer, monkeypatch):
    """The guard taken out: everybody is told that the request is theirs to work on."""

    def everybody(**asked: Any) -> answers.Claim:
        made = KeptAnswer.objects.create(
            user_id=asked["user_id"], key=os.urandom(8).hex(), fingerprint="", claim=os.urandom(16).hex(),
            claimed_until=asked["now"], created_at=asked["now"],
        )  # fmt: skip
        made.refresh_from_db()
        return answers.Claim(made.pk, made.claim)

    monkeypatch.setattr(answers, "claim_key", everybody)

    at_once(*[partial(ask_probe, buyer)] * 5)

    assert Notification.objects.count() == 5


def test_somebody_thought_dead_who_wakes_up_cannot_commit(buyer):
    now = timezone.now()
    ask = partial(answers.claim_key, user_id=buyer.pk, key="one", fingerprint="f")
    slow = ask(now=now)
    with pytest.raises(answers.KeyInUse):
        ask(now=now + timedelta(seconds=59))
    quick = ask(now=now + timedelta(seconds=61))
    with ending_with(lambda _made: answers.save_answer(quick, status=201, body="{}", headers={})):
        tell(buyer, "quick")

    with (
        pytest.raises(answers.ClaimLost),
        ending_with(lambda _made: answers.save_answer(slow, status=201, body="{}", headers={})),
    ):
        tell(buyer, "slow")

    assert [row.dedupe_key.split("-")[0] for row in Notification.objects.all()] == ["quick"]


# --- kill -9 --------------------------------------------------------------------------------------------------------

KILLED = """
import os, signal, sys, json
import django
django.setup()
from accounts.services import answers
from orders.api import buying
from orders.services import placing
from tests.api.asking import Api

def die(*args, **kwargs):
    os.kill(os.getpid(), signal.SIGKILL)

point, token, body = sys.argv[1], sys.argv[2], json.loads(sys.argv[3])
if point == "claimed":
    placing.place_order = die
elif point == "done, not committed":
    save = answers.save_answer
    answers.save_answer = lambda *args, **kwargs: (save(*args, **kwargs), die())
elif point == "committed, not answered":
    keep = buying.keep
    buying.keep = lambda *args: (keep(*args), die())
Api(token).post("orders/", body, Idempotency_Key="one")
"""


@pytest.mark.parametrize("point", ["claimed", "done, not committed", "committed, not answered"])
def test_a_process_killed_at_any_point_leaves_one_order_after_asking_again(buyer, point):
    listing, body = checkout(buyer)
    token = token_for(buyer)
    command = [sys.executable, "-c", KILLED, point, token, __import__("json").dumps(body)]
    name = connection.settings_dict["NAME"]
    env = os.environ | {"DJANGO_SETTINGS_MODULE": "tests.settings", "DEV_DB_NAME": name}

    killed = subprocess.run(command, cwd=BASE_DIR, env=env, check=False, timeout=60)
    after_kill = Order.objects.count()
    again = as_(buyer).post("orders/", body, Idempotency_Key="one")
    if point != "committed, not answered":
        assert (again.status_code, again.json()["code"]) == (409, "request_in_progress"), "its claim has not lapsed"
        KeptAnswer.objects.update(claimed_until=timezone.now())
        again = as_(buyer).post("orders/", body, Idempotency_Key="one")

    assert killed.returncode == -9
    assert after_kill == (1 if point == "committed, not answered" else 0)
    assert again.status_code == 201
    assert Order.objects.get().number == again.json()["number"]
    assert held(listing) == 2


def test_answers_are_kept_for_a_day_and_then_forgotten(buyer):
    now = timezone.now()
    for hours in (25, 47, 49):
        KeptAnswer.objects.create(
            user=buyer, key=str(hours), fingerprint="", claim=os.urandom(16).hex(), claimed_until=now, status=200,
            created_at=now - timedelta(hours=hours),
        )  # fmt: skip

    sweep_kept_answers()

    assert set(KeptAnswer.objects.values_list("key", flat=True)) == {"25", "47"}
