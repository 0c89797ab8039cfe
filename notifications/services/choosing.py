"""How a person wants to be told, and the devices that take notices for them."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, time
from typing import TYPE_CHECKING, Any
from zoneinfo import available_timezones

from django.contrib.auth import get_user_model
from django.utils.translation import gettext_lazy as _

from common.errors import DomainError, InvalidInput
from common.transactions import needs_transaction, use_case
from notifications.channels.webpush import is_push_service
from notifications.groups import ABOUT
from notifications.models import Choices, Delivery, Device

if TYPE_CHECKING:
    from accounts.models import User

DEVICES_MAX = 10
KNOWN = {f"{group}/{channel}" for group in ABOUT for channel in Delivery.Channel}


class TooManyDevices(DomainError):
    """A person has as many devices as one person can need."""

    code = "too_many_devices"
    default_message = _("Notices are on for many devices already. Switch one of them off first.")


@use_case
def save_choices(
    *,
    user: User,
    off: Collection[str],
    quiet_from: time | None,
    quiet_until: time | None,
    never_quiet: bool,
    time_zone: str,
) -> None:
    """Remember what is switched off ("GROUP/CHANNEL"), the quiet hours and their time zone ("": the shop's).

    Raises InvalidInput (field: the group's name, "quiet_until" or "time_zone") when what must be told would have no way
    left, when half of the hours is missing or both are the same, or for a zone nobody knows.
    """
    person = _locked(user)
    wanted = sorted(set(off) & KNOWN)
    here = [
        channel
        for channel, there in [
            (Delivery.Channel.EMAIL, bool(person.email)),
            (Delivery.Channel.SMS, bool(person.phone and person.phone_verified)),
        ]
        if there
    ]
    for group, about in ABOUT.items():
        if about.must and here and all(f"{group}/{channel}" in wanted for channel in here):
            raise InvalidInput(_("This must reach you. Please keep one way on."), field=str(group))
    if (quiet_from is None) != (quiet_until is None):
        raise InvalidInput(_("Please choose both times, or neither."), field="quiet_until")
    if quiet_from is not None and quiet_from == quiet_until:
        raise InvalidInput(_("The two times must differ."), field="quiet_until")
    if time_zone and time_zone not in available_timezones():
        raise InvalidInput(_("Please choose a time zone from the list."), field="time_zone")
    Choices.objects.update_or_create(
        user=person,
        defaults={
            "off": wanted,
            "quiet_from": quiet_from,
            "quiet_until": quiet_until,
            "never_quiet": never_quiet and quiet_from is None,
            "time_zone": time_zone,
        },
    )


@use_case
def add_device(*, user: User, endpoint: str, p256dh: str, auth: str, now: datetime) -> Device:
    """Let this browser take notices for `user`. The same browser again, or for somebody else, moves to them.

    Raises InvalidInput for an address that is no known push service's, TooManyDevices after ten.
    """
    person = _locked(user)
    if len(endpoint) > 1000 or not is_push_service(endpoint) or not _is_key(p256dh, 120) or not _is_key(auth, 40):
        raise InvalidInput(_("This browser's notices can't be used here."), field="endpoint")
    others = Device.objects.filter(user=person).exclude(endpoint=endpoint)
    if others.count() >= DEVICES_MAX:
        raise TooManyDevices
    device, _made = Device.objects.update_or_create(
        endpoint=endpoint, defaults={"user": person, "p256dh": p256dh, "auth": auth, "added_at": now}
    )
    return device


@use_case
def remove_device(*, user: User, device_id: int) -> bool:
    """Send this device no more notices. False (and nothing changed) when it is not `user`'s."""
    return bool(Device.objects.filter(pk=device_id, user_id=user.pk).delete()[0])


@needs_transaction
def forget_devices(*, user_id: int) -> None:
    """Send no device of this person's any more notices; a step."""
    Device.objects.filter(user_id=user_id).delete()


def _locked(user: User) -> Any:
    """The person, held until the end of the transaction: two pages saved at once take turns."""
    return get_user_model()._default_manager.select_for_update(no_key=True).get(pk=user.pk)


def _is_key(value: str, longest: int) -> bool:
    """Whether it looks like a browser's key: base64url and not long."""
    return (
        0 < len(value) <= longest and value.isascii() and value.replace("-", "").replace("_", "").rstrip("=").isalnum()
    )
