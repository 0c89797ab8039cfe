"""Planning a broadcast: title, time, and a row for each listing that could lie on the table."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from common.errors import DomainError
from live.models import Broadcast, CommentReport, IngestSession
from live.services.planning import Laid
from marketplace.forms.fields import CountField, YuanField, said
from marketplace.forms.moderation import TakeDownForm
from marketplace.models import Listing


class PlanForm(forms.Form):
    """Cleans to `title`, `planned_for` (None: at once), `minutes` and `table`, a list of Laid.

    `rows` pairs each listing with its three fields: whether it lies on the table, its live price, how many boxes.
    """

    title = forms.CharField(
        label=_("What will you show?"),
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"required": _("Please give it a title.")},
    )
    planned_for = forms.DateTimeField(
        label=_("When?"),
        required=False,
        help_text=_("Leave it empty to go live now."),
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M:%S"],
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        error_messages={"invalid": _("Please give the day and the time.")},
    )
    minutes = forms.TypedChoiceField(
        label=_("How long do the live prices hold?"),
        choices=Broadcast.MINUTES,
        coerce=int,
        initial=60,
        widget=forms.RadioSelect,
        help_text=_("They end with the broadcast, and after this time at the latest."),
    )

    def __init__(self, *args: Any, listings: Sequence[Listing], now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.listings, self.now = listings, now
        local = timezone.localtime(now)
        self.fields["planned_for"].widget.attrs |= {
            "min": local.strftime("%Y-%m-%dT%H:%M"),
            "max": (local + timedelta(days=30)).strftime("%Y-%m-%dT%H:%M"),
        }
        for listing in listings:
            self.fields[f"on-{listing.pk}"] = forms.BooleanField(label=_("Put it on the table"), required=False)
            self.fields[f"price-{listing.pk}"] = YuanField(label=_("Live price, in yuan"), required=False)
            self.fields[f"packs-{listing.pk}"] = CountField(label=_("Boxes for the broadcast"), required=False)

    @property
    def rows(self) -> list[dict[str, Any]]:
        return [
            {"listing": one, **{name: self[f"{name}-{one.pk}"] for name in ("on", "price", "packs")}}
            for one in self.listings
        ]

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        table = []
        for listing in self.listings:
            if not values.get(f"on-{listing.pk}"):
                continue
            price, packs = values.get(f"price-{listing.pk}"), values.get(f"packs-{listing.pk}")
            if price is None and f"price-{listing.pk}" not in self.errors:
                self.add_error(f"price-{listing.pk}", _("Please type the live price."))
            if packs is None and f"packs-{listing.pk}" not in self.errors:
                self.add_error(f"packs-{listing.pk}", _("Please type how many boxes."))
            if price is not None and packs is not None:
                table.append(Laid(listing.pk, price, packs))
        if not table and not any(name.startswith(("price-", "packs-")) for name in self.errors):
            raise ValidationError(_("Please put at least one thing on the table."))
        values["table"] = table
        return values

    def show(self, refused: DomainError) -> None:
        """Put a service's refusal beside what it is about."""
        field = refused.field
        if listing_id := refused.params.get("listing_id"):
            field = f"{field if field in {'price', 'packs'} else 'packs'}-{listing_id}"
        self.add_error(field if field in self.fields else None, said(refused))


class StopForm(TakeDownForm):
    """Why a moderator stops a broadcast: a ready-made reason, own words, or both. Cleans to `reason`."""

    reasons = [
        _("What is shown is not your own harvest."),
        _("Something is promised that may not be promised for food."),
        _("Buyers are led away to pay somewhere else."),
        _("Somebody is insulted, or shown who did not want to be."),
        _("This may not be sold here."),
    ]


class RecorderForm(forms.Form):
    """What a phone's recorder is about to send."""

    format = forms.ChoiceField(
        choices=[one for one in IngestSession.Format.choices if one[0] != IngestSession.Format.STREAM]
    )


class ReportCommentForm(forms.Form):
    """What is wrong with a comment. Cleans to `why`."""

    why = forms.ChoiceField(
        label=_("What is wrong with it?"),
        choices=CommentReport.Why.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Please choose what is wrong.")},
    )


class DecideCommentForm(forms.Form):
    """A moderator's answer to reports of a comment. Cleans to `removal`: why it goes, "" when it stands."""

    removal = forms.ChoiceField(choices=CommentReport.Why.choices, required=False, widget=forms.RadioSelect)
    stands = forms.BooleanField(required=False)

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if values.get("stands"):
            values["removal"] = ""
        elif not values.get("removal") and "removal" not in self.errors:
            self.add_error("removal", _("Please choose what is wrong."))
        return values
