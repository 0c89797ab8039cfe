"""What `manage.py check` says about the channels."""

from typing import Any

from notifications.checks import channels_are_set_up


def ids() -> list[str | None]:
    return [found.id for found in channels_are_set_up()]


def test_the_embedded_mode_is_fine_as_it_is() -> None:
    assert ids() == []


def test_a_production_shop_without_a_text_message_provider_is_warned(settings: Any) -> None:
    settings.EMBEDDED, settings.SMS_BACKEND, settings.EMAIL_CHANNEL = False, "", "smtp"

    assert ids() == ["notifications.W001"]


def test_a_production_shop_may_not_use_the_outbox(settings: Any) -> None:
    settings.EMBEDDED, settings.SMS_BACKEND, settings.EMAIL_CHANNEL = False, "outbox", "pigeon"

    assert ids() == ["notifications.E001", "notifications.E002"]
