"""A crowd at the checkout: buyers made a few statements for all, signed in already, who send the form all at once."""

import random
import threading
import uuid
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar
from urllib.parse import urljoin

import requests
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.hashers import make_password
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.db import connection
from django.utils.crypto import get_random_string

from accounts.models import Address, User
from marketplace.models import Listing
from orders.models import Cart, CartLine
from tests.acceptance.browsing import Browser, Forms
from tests.make import in_days, make_shanghai

Who = TypeVar("Who")

SOLD_OUT = ("Sold out", "box is left", "boxes are left", "no longer on sale")
BUSY = "please press the button again"


def all_at_once(people: list[Who], act: Callable[[Who], str]) -> Counter[str]:
    """Everybody in a thread of their own, all let go at the same moment; how many ended how."""
    gate = threading.Barrier(len(people))

    def run(person: Who) -> str:
        try:
            gate.wait(timeout=60)
            return act(person)
        finally:
            connection.close()

    with ThreadPoolExecutor(len(people)) as pool:
        return Counter(pool.map(run, people))


def outcome(browser: Browser, answer: requests.Response) -> str:
    """What the checkout's answer means: "placed", "sold out", "try again", "busy", or its status."""
    if answer.status_code == 302 and answer.headers["Location"].endswith("/pay/"):
        return "placed"
    if answer.status_code == 302 and answer.headers["Location"] == "/cart/":
        answer = browser.get("/cart/")
        if not any(words in answer.text for words in SOLD_OUT):
            return "try again"  # a box came free between the two pages
    if answer.status_code in {200, 409} and any(words in answer.text for words in SOLD_OUT):
        return "sold out"
    return "busy" if answer.status_code == 409 and BUSY in answer.text else str(answer.status_code)


class Buyer:
    """One of a crowd, who knows what stands in the checkout's form and sends it without loading the page once more."""

    def __init__(self, browser: Browser, form: dict[str, str], address: Address) -> None:
        self.browser = browser
        self.number = ""  # of the order, once it is placed
        self._form = form | {"address": str(address.pk)}

    def place_order(self, presses: int = 20) -> str:
        """How it went, as `outcome` says; presses the button again when asked to, so many times at most."""
        filled = self._form | {"checkout_key": str(uuid.uuid4())}
        for _press in range(presses):
            answer = self._post("/checkout/", filled)
            if (said := outcome(self.browser, answer)) != "busy":
                break
        if said == "placed":
            self.number = answer.headers["Location"].split("/")[-3]
        return said

    def go_to_pay(self) -> str:
        """Choose to pay the order: the address of the sandbox provider's page."""
        answer = self._post(f"/orders/{self.number}/pay/", {})
        assert answer.status_code == 302, answer.status_code
        assert "/sandbox-provider/" in answer.headers["Location"], answer.headers["Location"]
        return answer.headers["Location"]

    def pay(self, cashier: str = "") -> None:
        """Pay at the provider's page; its notification goes out when the task next runs."""
        answer = self._post(cashier or self.go_to_pay(), {"decision": "pay"})
        assert answer.status_code == 302, answer.status_code

    def _post(self, path: str, fields: dict[str, str]) -> requests.Response:
        return self.browser.http.post(
            urljoin(self.browser.address, path),
            data={"csrfmiddlewaretoken": self._form["csrfmiddlewaretoken"]} | fields,
            allow_redirects=False,
            timeout=120,
        )


def make_crowd(shop: str, listings: list[Listing], number: int) -> list[Buyer]:
    """So many buyers with an address and one box of each listing in the cart, put in in random order."""
    users = User.objects.bulk_create(
        User(name="Buyer", phone=f"+86137{n:08d}", phone_verified=True, password=make_password(None))
        for n in range(number)
    )
    province, prefecture, county = make_shanghai()
    place = {"province": province, "prefecture": prefecture, "county": county, "detail": "漕溪北路 1 号"}
    to = {"recipient": "王小明", "phone": "+8613900000000", "is_default": True}
    addresses = Address.objects.bulk_create(Address(user=user, **place, **to) for user in users)
    CartLine.objects.bulk_create(
        CartLine(cart=cart, listing=listing, packs=1, price_seen_fen=listing.price_fen or 0)
        for cart in Cart.objects.bulk_create(Cart(user=user) for user in users)
        for listing in random.sample(listings, len(listings))
    )
    browsers = [Browser(shop, user, key) for user, key in zip(users, _signed_in(users), strict=True)]
    form = _checkout_form(browsers)
    return [Buyer(browser, form, address) for browser, address in zip(browsers, addresses, strict=True)]


def _signed_in(users: list[User]) -> list[str]:
    """The keys of a session of each."""
    store = SessionStore()
    sessions = [
        Session(
            session_key=get_random_string(32),
            expire_date=in_days(1),
            session_data=store.encode(
                {
                    SESSION_KEY: str(user.pk),
                    BACKEND_SESSION_KEY: settings.AUTHENTICATION_BACKENDS[0],
                    HASH_SESSION_KEY: user.get_session_auth_hash(),
                }
            ),
        )
        for user in users
    ]
    Session.objects.bulk_create(sessions)
    return [session.session_key for session in sessions]


def _checkout_form(browsers: list[Browser]) -> dict[str, str]:
    """What the first of them finds in it. All carts cost the same; all get this one's token against forgery."""
    page = browsers[0].get("/checkout/")
    form = next(fields for action, fields in Forms(page.text).forms if action == "/checkout/")
    assert "btn buy wide" in page.text, "the checkout takes no order"
    for browser in browsers[1:]:
        browser.http.cookies.set(settings.CSRF_COOKIE_NAME, page.cookies[settings.CSRF_COOKIE_NAME])
    return form
