"""A buyer's browser without a screen: cookies, redirects one at a time, and forms filled in as the page gives them."""

from html.parser import HTMLParser
from urllib.parse import urljoin

import requests
from django.conf import settings
from django.test import Client

from accounts.models import User


class Forms(HTMLParser):
    """The forms of a page: the action (None where it is not posted) and the fields a browser would send untouched."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.forms: list[tuple[str | None, dict[str, str]]] = []
        self._select = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            action = given.get("action", "") if given.get("method", "get").lower() == "post" else None
            self.forms.append((action, {}))
        elif self.forms and tag == "input" and given.get("name"):
            if given.get("type") in {"radio", "checkbox"} and "checked" not in given:
                return
            self.forms[-1][1][given["name"]] = given.get("value", "")
        elif self.forms and tag == "textarea":
            self.forms[-1][1][given["name"]] = ""
        elif tag == "select":
            self._select = given.get("name", "")
        elif self.forms and tag == "option" and self._select and "selected" in given:
            self.forms[-1][1][self._select] = given.get("value", "")


class Browser:
    """One person's connection to the shop at `address`, signed in as `user`, in this session if one is given."""

    def __init__(self, address: str, user: User, session_key: str = "") -> None:
        self.address = address
        self.user = user
        self.http = requests.Session()
        self.http.trust_env = False
        self.http.cookies.set(settings.LANGUAGE_COOKIE_NAME, "en")
        if not session_key:
            client = Client()
            client.force_login(user)
            session_key = client.cookies[settings.SESSION_COOKIE_NAME].value
        self.http.cookies.set(settings.SESSION_COOKIE_NAME, session_key)

    def get(self, path: str) -> requests.Response:
        return self.http.get(urljoin(self.address, path), allow_redirects=False, timeout=60)

    def send_form(self, page: requests.Response, action: str, **filled: str) -> requests.Response:
        """Post the form of `page` whose action contains `action`, with what the page put in it and `filled`."""
        for form_action, fields in Forms(page.text).forms:
            if form_action is not None and action in (form_action or page.url):
                return self.http.post(
                    urljoin(page.url, form_action) if form_action else page.url,
                    data=fields | filled,
                    headers={"Referer": page.url},
                    allow_redirects=False,
                    timeout=60,
                )
        raise AssertionError(f"no form to {action!r} on {page.url} ({page.status_code})")
