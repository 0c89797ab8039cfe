"""Promise: the farmer's first page can be used within 5 seconds on a slow 3G line, on the first visit.

Computed from its bytes and its round trips (bench/weight.py says how), so that a busy machine proves nothing either way.
`python -m bench.weight` prints bytes and seconds of each page, and with --measure what a Chromium on such a line took.
"""

from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.test import Client
from django.utils import timezone

from bench.weight import weigh
from tests.accounts.signing_in import EN
from tests.make import make_farmer, make_listing
from tests.orders.making import make_parcel

pytestmark = pytest.mark.django_db
SECONDS, BYTES = 5.0, 60_000
PAGES = ["/sell/", "/field/", "/field/posting/", "/sell/parcels/"]


def read(address: str) -> bytes:
    """A static file, as it stands in the project."""
    found = finders.find(address.removeprefix("/static/"))
    assert isinstance(found, str), address
    return Path(found).read_bytes()


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_the_first_pages_of_a_farm_are_usable_within_five_seconds(language):
    farmer = make_farmer()
    sold = [make_listing(farmer) for _listing in range(6)]
    for listing in sold[:3]:
        make_parcel(wanted={listing: 1}, now=timezone.now())
    client = Client(headers=EN | {"Accept-Language": language})
    client.force_login(farmer.user)

    weights = {path: weigh(client.get(path).content.decode(), read) for path in PAGES}

    assert {path for path, weight in weights.items() if weight.seconds > SECONDS} == set()
    assert {path: weight.parts for path, weight in weights.items() if weight.total > BYTES} == {}
    assert all(weight.blocking_scripts == 0 and weight.styles <= 3 for weight in weights.values())


def test_the_control_a_page_with_a_big_script_is_not():
    heavy = '<link rel="stylesheet" href="/a.css"><script src="/big.js"></script>'

    weight = weigh(heavy, lambda address: bytes(range(256)) * 4 if address == "/a.css" else _noise(250_000))

    assert weight.seconds > SECONDS
    assert weight.blocking_scripts == 1


def _noise(size: int) -> bytes:
    """What no compression makes smaller, and no script imports from."""
    number, out = 1, bytearray()
    while len(out) < size:
        number = number * 1103515245 + 12345 & 0x7FFFFFFF
        out.append(32 + (number >> 16) % 95)
    return bytes(out)
