"""The rows of tests/acceptance/test_who_may_api.py, and what stands in each address."""

from collections.abc import Callable
from typing import Any

from tests.config.village import Village

#: (name, method): (what guest, stranger, other farmer and owner get for a request without a body, who the owner is)
MAY: dict[tuple[str, str], tuple[str, str]] = {
    ("me", "get"): ("401 200 200 200", "buyer"),
    ("me", "patch"): ("401 422 422 422", "buyer"),
    ("address-list", "get"): ("401 200 200 200", "buyer"),
    ("address-list", "post"): ("401 422 422 422", "buyer"),
    ("address-detail", "get"): ("401 404 404 200", "buyer"),
    ("address-detail", "put"): ("401 404 404 422", "buyer"),
    ("address-detail", "delete"): ("401 404 404 204", "buyer"),
    ("region-list", "get"): ("200 200 200 200", "buyer"),
    ("region-detail", "get"): ("200 200 200 200", "buyer"),
    ("county-list", "get"): ("200 200 200 200", "buyer"),
    ("county-detail", "get"): ("200 200 200 200", "buyer"),
    ("notification-list", "get"): ("401 200 200 200", "buyer"),
    ("notification-unread", "get"): ("401 200 200 200", "buyer"),
    ("notification-read-all", "post"): ("401 422 422 422", "buyer"),
    ("notification-detail", "get"): ("401 404 404 200", "buyer"),
    ("notification-read", "post"): ("401 404 404 200", "buyer"),
}

IN: dict[str, Callable[[Village], list[Any]]] = {
    "address-detail": lambda v: [v.address.pk],
    "region-detail": lambda v: [v.address.province_id],
    "county-detail": lambda v: [v.live.county.slug],
    "notification-detail": lambda v: [v.told.pk],
    "notification-read": lambda v: [v.told.pk],
}
