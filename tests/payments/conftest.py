"""Fixtures of the payment tests."""

import pytest

from orders.models import Order
from payments.models import Payment
from payments.services import querying, refunding, starting
from tests.make import make_user
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
