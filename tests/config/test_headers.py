"""What every answer says beside its page: who may keep it, what its scripts may use, that it is what it says it is."""

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.urls import reverse

from tests.config.addresses import address_of
from tests.config.test_who_may import MAY
from tests.config.village import Village, make_village

pytestmark = pytest.mark.django_db

SHARED = {  # pages of the shop window that a shared cache may keep for guests, and public files
    "marketplace:home", "marketplace:produce_list", "marketplace:produce_detail", "marketplace:county_list",
    "insights:nation", "insights:definitions", "insights:county_list", "insights:county", "insights:produce_list",
    "insights:produce", "insights:league", "insights:nation_data", "insights:county_data", "insights:produce_data",
    "insights:league_data", "insights:counties_data", "insights:kinds_data",
    "marketplace:county_detail", "marketplace:storefront_detail", "marketplace:listing_search", "marketplace:lot_trace",
    "marketplace:lot_qr", "media", "api:schema", "field:manifest",
}  # fmt: skip


PUBLIC_FILES = {
    "media", "marketplace:lot_qr", "marketplace:robots", "marketplace:sitemap", "marketplace:sitemap_section",
    "api:schema", "field:manifest",
}  # fmt: skip


@pytest.fixture
def village() -> Village:
    return make_village()


def test_no_page_of_somebody_signed_in_may_be_kept_by_a_shared_cache(village, client):
    open_to_caches, kept = set(), set()
    for name, (_get, _post, owner) in MAY.items():
        client.force_login(village.people[owner])
        response = client.get(address_of(name, village))
        rule = response.headers.get("Cache-Control", "")
        if response.status_code == 405:
            continue
        if "private" not in rule and "no-store" not in rule:
            open_to_caches.add(name)
        if "no-store" not in rule:
            kept.add(name)

    assert open_to_caches <= PUBLIC_FILES
    assert not {name for name in kept if name.startswith(("accounts:", "payments:", "orders:"))} - {
        "accounts:region_children",  # public facts
        "accounts:county_choices",
        "payments:claim_photo",  # a phone on a weak signal needn't load it twice
    }


def test_what_a_shared_cache_may_keep_for_guests_is_the_shop_window_alone(village, client):
    shared = set()
    for name in MAY:
        response = client.get(address_of(name, village))
        if "public" in response.headers.get("Cache-Control", ""):
            shared.add(name)
            assert not response.cookies, name

    assert shared <= SHARED
    assert len(shared) > 5, "or the check looks at nothing"


def test_a_guest_with_a_cart_gets_pages_of_their_own(village, client):
    client.post(reverse("orders:cart_add", args=[village.live.pk]), {"packs": "1"})

    for name in ("marketplace:home", "orders:cart"):
        assert "private" in client.get(reverse(name))["Cache-Control"]


@pytest.mark.parametrize("path", ["/", "/cart/", "/accounts/login/code/", "/nothing-here/", "/health/live"])
def test_every_answer_keeps_browsers_from_guessing_framing_and_spying(client, path):
    headers = client.get(path).headers

    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "strict-origin-when-cross-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "camera=()" in headers["Permissions-Policy"]
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert "default-src 'none'" in headers["Content-Security-Policy"]


def test_photos_are_sent_as_pictures_and_nothing_else(client):
    name = storages["default"].save("photos/ab/abcdef/320.webp", ContentFile(b"<script>alert(1)</script>"))

    headers = client.get(f"/media/{name}").headers

    assert headers["Content-Type"] == "image/webp"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "script-src 'self'" in headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    "path",
    [
        "../settings.py", "photos/../../private/documents/x.webp", "photos/%2e%2e/%2e%2e/secret_key.webp", "/etc/passwd",
        "photos//etc/passwd.webp", "photos/a%00.webp", "photos/..%5c..%5cx.webp", "photos/" + "x" * 3000 + ".webp",
        "documents/land.pdf", "photos/", "photos", "photos/x.svg", "photos/x.webp.html",
    ],
)  # fmt: skip
def test_media_leads_nowhere_but_to_photos(client, path):
    assert client.get(f"/media/{path}").status_code in (400, 404)


def test_a_null_byte_in_an_address_is_dropped(client):
    assert client.get("/orders/?after=%00").status_code == 302
    assert client.get("/cart/?province=%0%00031%000000").status_code == 200
    assert client.get("/search/?q=%2500").context["query"] == "%00", "what only looks like one stays"
