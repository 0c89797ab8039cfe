"""Fixtures of the payment tests."""

import pytest

from orders.models import Order, Parcel
from payments.models import Claim, Payment
from payments.services import querying, refunding, starting
from tests.make import make_moderator, make_user
from tests.payments.claim_scene import claim_on, dispute, make_received
from tests.payments.scene import make_order, make_payment
from tests.payments.stand_in import StandIn


@pytest.fixture
def provider(monkeypatch) -> StandIn:
    """Every call to the gateway goes to a stand-in."""
    stand_in = StandIn()
    for module in (querying, refunding, starting):
        monkeypatch.setattr(module, "get_gateway", lambda name: stand_in)
    return stand_in


@pytest.fixture
def order() -> Order:
    return make_order()


@pytest.fixture
def payment(order) -> Payment:
    return make_payment(order)


@pytest.fixture
def stranger():
    return make_user("Stranger")


@pytest.fixture
def parcel() -> Parcel:
    return make_received()


@pytest.fixture
def claim(parcel) -> Claim:
    return claim_on(parcel)


@pytest.fixture
def moderator():
    return make_moderator()


@pytest.fixture
def waiting(claim) -> Claim:
    """A claim that a moderator has to decide."""
    return dispute(claim)
