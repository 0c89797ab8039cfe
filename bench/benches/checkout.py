"""Buying: listing, into the cart, cart, checkout, place the order, the page to pay on: six requests, real session."""

import re
from urllib.parse import urlencode

from bench.load import Target, Visitor
from bench.shop import Shop

FLOOR = "floor: five bare pages and a bare order"
_TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')
_FIELD = re.compile(r'<input type="hidden" name="(address|checkout_key|expected_total_fen)" value="([^"]*)">')


def _token(html: str) -> str:
    found = _TOKEN.search(html)
    assert found, "no token on the page"
    return found.group(1)


def prepare(shop: Shop) -> list[Target]:
    """Each visitor is a buyer of their own, with an address; they buy different listings."""
    known = shop.ask("bench.people", "checkout")
    listings, offers = known["listings"], known["offers"]

    def buy(visitor: Visitor, number: int) -> None:
        pk = listings[number % len(listings)]
        page = visitor.ask("GET", f"/listings/{pk}/")
        if "csrftoken=" not in visitor.cookies:
            visitor.cookies += f"; csrftoken={page.headers['Set-Cookie'].split('csrftoken=')[1].split(';')[0]}"
        into_cart = {"csrfmiddlewaretoken": _token(page.text), "packs": "1"}
        visitor.ask("POST", f"/cart/add/{pk}/", body=urlencode(into_cart), wanted=302)
        visitor.ask("GET", "/cart/")
        page = visitor.ask("GET", "/checkout/")
        sent = dict(_FIELD.findall(page.text)) | {"csrfmiddlewaretoken": _token(page.text), "note": ""}
        placed = visitor.ask("POST", "/checkout/", body=urlencode(sent), wanted=302)
        visitor.ask("GET", placed.headers["Location"])

    def buy_on_the_floor(visitor: Visitor, number: int) -> None:
        for _ in range(4):
            visitor.ask("GET", "/")
        visitor.ask("POST", f"/order/{1 + number % offers}/", wanted=302)
        visitor.ask("GET", "/")

    return [
        Target(FLOOR, buy_on_the_floor, server="floor"),
        Target("a whole checkout", buy, floor=FLOOR, cookies=known["sessions"]),
    ]
