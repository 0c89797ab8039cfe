"""The pages for when something is wrong come through even when what broke is what they would show."""

from typing import Any

import pytest
from django.db import connections
from django.test import Client, RequestFactory

from config.errors import server_error


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
def test_while_the_database_is_away_the_page_is_calm_and_says_to_ask_again(monkeypatch: pytest.MonkeyPatch) -> None:
    connections["default"].close()
    monkeypatch.setitem(connections["default"].settings_dict, "HOST", "/nowhere")
    client = Client(raise_request_exception=False)

    page, program = client.get("/"), client.get("/api/v1/listings/")

    monkeypatch.undo()
    assert (page.status_code, page["Retry-After"]) == (503, "2")
    assert b"<h1" in page.content
    assert (program.status_code, program.json().get("code")) == (503, "unavailable"), program.content
    assert program["Retry-After"] == "2"
    assert b"/nowhere" not in page.content + program.content


def test_what_is_our_own_mistake_is_no_reason_to_ask_again(rf: RequestFactory) -> None:
    try:
        raise ValueError
    except ValueError:
        response = server_error(rf.get("/"))

    assert (response.status_code, response.has_header("Retry-After")) == (500, False)
