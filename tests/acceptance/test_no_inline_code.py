"""Promise: no page of the shop lets a script or a style stand in it, so words that somebody slipped in can't become one.

Every address of the resolver is asked as everybody there is, and what is refused or missing is a page, too. The
administration has a policy of its own, said below: its templates are Django's and unfold's, and carry inline code.
"""

from collections.abc import Iterator
from html.parser import HTMLParser

import pytest
import time_machine
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from tests.config.addresses import address_of
from tests.config.test_who_may import MAY, WISHES, as_, said
from tests.config.village import Village, make_village, named_routes
from tests.make import NOON, make_user

pytestmark = pytest.mark.django_db

EVERYBODY = ["guest", "specialist", "moderator", "buyer", "grower"]
ITSELF_ALONE = {"script-src": {"'self'"}, "style-src": {"'self'"}, "default-src": {"'none'"}, "base-uri": {"'none'"}}


class Inline(HTMLParser):
    """What a page would run or paint by itself: scripts, styles and handlers that stand in its text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: (value or "").strip().lower() for name, value in attrs}
        if tag == "script" and not given.get("src", "").startswith("/"):
            self.found.append("<script> that is no file of ours")
        if tag == "style":
            self.found.append("<style>")
        for name, value in given.items():
            code = name == "style" or name.startswith(("on", "hx-on", "hx-vars"))
            code |= name in {"href", "src", "action", "formaction"} and value.startswith(("javascript:", "data:text"))
            code |= name.startswith("hx-") and value.startswith(("js:", "javascript:"))
            if code:
                self.found.append(f"<{tag} {name}={value[:40]!r}>")


def policy(response: HttpResponse) -> dict[str, set[str]]:
    """The content security policy, directive by directive; empty where there is none."""
    said_so = response.headers.get("Content-Security-Policy", "")
    return {words[0]: set(words[1:]) for words in (part.split() for part in said_so.split(";")) if words}


def wrong_with(response: HttpResponse) -> list[str]:
    """What of this answer would let inline code run, or is inline code."""
    rules = policy(response)
    wrong = [f"{name} {rules.get(name)}" for name, wanted in ITSELF_ALONE.items() if rules.get(name) != wanted]
    wrong += [f"{name} allows {value}" for name, values in rules.items() for value in values if "unsafe" in value]
    if response.get("Content-Type", "").startswith("text/html") and not response.streaming:
        wrong += Inline(response.content.decode()).found
    return wrong


@pytest.fixture
def village() -> Iterator[Village]:
    """The village of the role tests, on its own day."""
    with time_machine.travel(NOON, tick=True):
        yield make_village()


@pytest.mark.parametrize("who", EVERYBODY)
def test_no_page_carries_or_allows_inline_code(village: Village, who: str) -> None:
    client, pages, found = as_(village, who), 0, {}
    for name in MAY:
        response = client.get(address_of(name, village))
        pages += response.status_code == 200 and response.get("Content-Type", "").startswith("text/html")
        if wrong := wrong_with(response):
            found[name] = wrong

    assert found == {}
    assert set(MAY) == set(named_routes()), "and nothing of the resolver is left out"
    assert pages > 15, "or this looks at nothing"


@pytest.mark.parametrize("who", ["guest", "grower", "moderator"])
def test_neither_does_a_form_that_comes_back_with_what_was_typed(village: Village, who: str) -> None:
    client, bad = as_(village, who), "\"><script>alert(1)</script><b onclick='x' style='y'>"
    found = {}
    for name in MAY:
        response = client.post(address_of(name, village), dict.fromkeys(WISHES, bad) | {"who": bad, "q": bad})
        if wrong := wrong_with(response):
            found[name] = wrong

    assert found == {}


@pytest.mark.parametrize("path", ["/nothing-here/", "/listings/999999/", f"/search/?q={'<script>' * 3}", "/?after=%FF"])
def test_neither_does_a_page_that_says_what_is_wrong(client: Client, path: str) -> None:
    assert wrong_with(client.get(path)) == []


@pytest.mark.parametrize(
    "inline",
    [
        "<script>1</script>", "<script src=https://evil.example/x.js></script>", "<style>p{}</style>", "<p style=x>",
        "<a onclick=x>", "<a href=' JavaScript:x'>", "<a hx-on:click=x>", "<a hx-vals='js:{a: 1}'>",
    ],
)  # fmt: skip
def test_the_look_would_find_it(inline: str) -> None:
    """The control."""
    assert Inline(f"<html>{inline}").found


def test_the_administration_allows_it_to_staff_alone(village: Village) -> None:
    """What its policy still holds: nothing from elsewhere, no frames around it. Everybody else is sent to sign in."""
    staff = Client()
    staff.force_login(make_user("Staff", is_staff=True, is_superuser=True))
    pages = [staff.get(path) for path in _administration()]

    shown = [page for page in pages if page.status_code == 200]
    assert len(shown) > 10
    for page in shown:
        rules = policy(page)
        assert rules["default-src"] == {"'none'"}
        assert rules["frame-ancestors"] == {"'none'"}
        assert rules["script-src"] == {"'self'", "'unsafe-inline'", "'unsafe-eval'"}
        assert rules["style-src"] == {"'self'", "'unsafe-inline'"}
    for path in _administration():
        assert said(as_(village, "buyer").get(path)) == "in"


def _administration() -> Iterator[str]:
    """The lists of the administration, and its first page."""
    yield reverse("admin:index")
    yield from (reverse(name) for name in named_routes("admin") if name.endswith(("_changelist", "_add")))
