"""The pages for when something is wrong come through even when what broke is what they would show."""

from typing import Any

import pytest
from django.db import connections
from django.test import Client


def test_a_wrong_host_gets_a_page_and_not_a_crash(client: Client, settings: Any) -> None:
    settings.ALLOWED_HOSTS = ["shop.example"]

    response = client.get("/", headers={"host": "elsewhere.example"})

    assert response.status_code == 400
    assert b"<h1" in response.content


@pytest.mark.django_db
def test_a_page_that_is_not_there_says_so_in_the_readers_language(client: Client) -> None:
    chinese = client.get("/no-such-page/", headers={"accept-language": "zh-CN"})
    english = client.get("/no-such-page/", headers={"accept-language": "en"})

    assert (chinese.status_code, english.status_code) == (404, 404)
    assert b'lang="en"' in english.content
    assert b'lang="zh' in chinese.content


@pytest.mark.django_db
def test_a_form_from_a_page_left_open_too_long_gets_our_own_page() -> None:
    """Django's own would be English, with inline styles that our content policy refuses."""
    strict = Client(enforce_csrf_checks=True)

    chinese = strict.post("/cart/province/", {"province": "310000"}, headers={"accept-language": "zh-CN"})

    assert chinese.status_code == 403
    assert b'lang="zh' in chinese.content
    assert b"<style" not in chinese.content


@pytest.mark.django_db(transaction=True)
def test_the_database_being_away_shows_the_calm_page(monkeypatch: pytest.MonkeyPatch) -> None:
    connections["default"].close()
    monkeypatch.setitem(connections["default"].settings_dict, "HOST", "/nowhere")
    client = Client(raise_request_exception=False)

    response = client.get("/")

    monkeypatch.undo()
    assert response.status_code == 500
    assert b"<h1" in response.content
    assert b"/nowhere" not in response.content
