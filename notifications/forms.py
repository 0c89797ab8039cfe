"""How a person wants to be told."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from notifications.groups import ABOUT, About, Group
from notifications.models import Choices, Delivery
from notifications.webhooks.events import EVENTS

if TYPE_CHECKING:
    from accounts.models import User

ZONES: list[tuple[str, str | Promise]] = [
    ("", _("China (Beijing time)")),
    ("Asia/Urumqi", _("Xinjiang time")),
    ("Asia/Tokyo", _("Japan, Korea")),
    ("Asia/Bangkok", _("Thailand, Vietnam")),
    ("Asia/Dubai", _("Gulf")),
    ("Europe/Berlin", _("Central Europe")),
    ("Europe/London", _("Britain")),
    ("America/New_York", _("America, east")),
    ("America/Los_Angeles", _("America, west")),
    ("Australia/Sydney", _("Australia, east")),
]
QUIET = [("shop", _("As the shop does")), ("own", _("My own hours")), ("never", _("Never: tell me at any hour"))]
SHORT: dict[str, str | Promise] = {"EMAIL": _("E-mail"), "SMS": _("Text message"), "PUSH": _("On the phone")}


class ChoicesForm(forms.Form):
    """A tick for each group and channel that this person has, and their quiet hours."""

    quiet = forms.ChoiceField(label=_("Leave me in peace"), choices=QUIET, widget=forms.RadioSelect)
    quiet_from = forms.TimeField(
        label=_("From"), required=False, widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    )
    quiet_until = forms.TimeField(
        label=_("Until"), required=False, widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    )
    time_zone = forms.ChoiceField(label=_("Where you are"), choices=ZONES, required=False)

    def __init__(self, *args: Any, channels: list[str], groups: list[Group], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.channels, self.shown = channels, groups
        for group in groups:
            self.fields[group] = forms.MultipleChoiceField(
                label=str(ABOUT[group].title),
                choices=[(channel, SHORT[channel]) for channel in channels],
                required=False,
                help_text=_hint(ABOUT[group]),
                widget=forms.CheckboxSelectMultiple,
            )

    def groups(self) -> list[forms.BoundField]:
        """Each group's ticks, for the page."""
        return [self[group] for group in self.shown]

    def choices(self, before: Choices | None) -> dict[str, Any]:
        """What was chosen, for the service. What the page could not show stays as it was. Only after is_valid()."""
        data = self.cleaned_data
        off = {f"{group}/{channel}" for group in self.shown for channel in self.channels if channel not in data[group]}
        shown = {f"{group}/{channel}" for group in self.shown for channel in self.channels}
        kept = set(before.off if before else []) - shown
        own = data["quiet"] == "own"
        return {
            "off": kept | off,
            "quiet_from": data["quiet_from"] if own else None,
            "quiet_until": data["quiet_until"] if own else None,
            "never_quiet": data["quiet"] == "never",
            "time_zone": data["time_zone"],
        }

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if data.get("quiet") == "own" and not (data.get("quiet_from") or data.get("quiet_until") or self.errors):
            self.add_error("quiet_until", _("Please choose both times."))
        return data


def _hint(about: About) -> str:
    """What is in a group, and whether it can be switched off entirely."""
    always = _("One way stays on.")
    return f"{about.hint} {always}" if about.must else str(about.hint)


def channels_of(user: User, has_device: bool) -> list[str]:
    """The channels this person can be told over, and so can choose between."""
    there = [
        (Delivery.Channel.SMS, bool(user.phone and user.phone_verified)),
        (Delivery.Channel.EMAIL, bool(user.email)),
        (Delivery.Channel.PUSH, has_device),
    ]
    return [str(channel) for channel, is_there in there if is_there]


def groups_of(user: User) -> list[Group]:
    """The groups this person can choose about: what only sellers are told is shown to sellers."""
    sells = hasattr(user, "farmer")
    return [group for group in ABOUT if sells or group not in {Group.PACKING, Group.SHOP}]


def as_initial(choices: Choices | None, channels: list[str]) -> dict[str, Any]:
    """The form's values for what is chosen now: everything is on until it is switched off."""
    off = set(choices.off) if choices else set()
    ticks: dict[str, Any] = {
        str(group): [channel for channel in channels if f"{group}/{channel}" not in off]
        for group in Group
        if group in ABOUT
    }
    if choices is None:
        return {**ticks, "quiet": "shop"}
    own = "own" if choices.quiet_from is not None else "shop"
    return {
        **ticks,
        "quiet": "never" if choices.never_quiet else own,
        "quiet_from": choices.quiet_from,
        "quiet_until": choices.quiet_until,
        "time_zone": choices.time_zone,
    }


class WebhookForm(forms.Form):
    """An address of one's own program, and what it wants to hear of."""

    url = forms.CharField(
        label=_("Address"),
        max_length=500,
        widget=forms.TextInput(attrs={"inputmode": "url", "autocomplete": "off", "placeholder": "https://"}),
    )
    events = forms.MultipleChoiceField(
        label=_("What to tell"), choices=list(EVENTS.items()), widget=forms.CheckboxSelectMultiple
    )
