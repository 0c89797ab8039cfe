"""Forms of carts, checkout, parcels and reviews: they check shape; the services check truth."""

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any, cast

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from accounts.models import Address
from orders.models import Parcel
from orders.services.carts import MAX_PACKS
from orders.services.parcels import REASON_LENGTH
from orders.services.placing import NOTE_LENGTH
from orders.services.reviews import MAX_PHOTOS, MAX_WORDS


class PacksForm(forms.Form):
    """How many boxes; 0 takes a line out of the cart."""

    packs = forms.IntegerField(
        label=_("Boxes"),
        min_value=0,
        max_value=MAX_PACKS,
        error_messages={
            "required": _("Please type how many boxes."),
            "invalid": _("Please type a whole number of boxes."),
            "min_value": _("Please choose at least one box."),
            "max_value": _("At most %(limit_value)s boxes can be ordered at once."),
        },
    )


class CheckoutForm(forms.Form):
    """What the button at the end of the checkout sends: what the buyer saw, and their key for placing it once."""

    address = forms.ModelChoiceField(Address.objects.none(), widget=forms.HiddenInput)
    checkout_key = forms.UUIDField(widget=forms.HiddenInput)
    expected_total_fen = forms.IntegerField(widget=forms.HiddenInput)
    round_up = forms.BooleanField(required=False)
    round_up_for = forms.ChoiceField(
        label=_("For what?"),
        required=False,
        error_messages={"invalid_choice": _("That cannot be rounded up for any more. Please look again.")},
    )
    note = forms.CharField(
        label=_("A word to the farmers"),
        required=False,
        max_length=NOTE_LENGTH,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"max_length": _("The note is too long.")},
    )
    coupon = forms.IntegerField(
        required=False, min_value=1, max_value=2**63 - 1, error_messages={"invalid": _("Please choose again.")}
    )

    def __init__(self, *args: Any, choices: Callable[[], Sequence[tuple[str, str]]], **kwargs: Any) -> None:
        """`choices` says what the buyer may round up for; it is asked once, and not where nobody needs to know."""
        super().__init__(*args, **kwargs)
        self.fields["round_up_for"].choices = cache(choices)  # type: ignore[attr-defined]

    @property
    def may_round_up(self) -> bool:
        return any(True for _choice in self.fields["round_up_for"].choices)  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """What is chosen beside a box that is not ticked stops nobody."""
        values = super().clean() or {}
        if not values.get("round_up"):
            self.errors.pop("round_up_for", None)
            values["round_up_for"] = ""
        return values


class PostForm(forms.Form):
    """Courier and tracking number."""

    courier = forms.ChoiceField(
        label=_("Which courier?"),
        choices=Parcel.Courier.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Please choose the courier."), "invalid_choice": _("Please choose the courier.")},
    )
    tracking_number = forms.CharField(
        label=_("Tracking number"),
        max_length=40,
        help_text=_("The long number on the courier's slip."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}),
        error_messages={
            "required": _("Please type the tracking number from the courier's slip."),
            "max_length": _("This is too long for a tracking number."),
        },
    )


class ManyFilesInput(forms.ClearableFileInput):
    allow_multiple_selected = True


class PhotosField(forms.FileField):
    """Several uploads at once, as a list; whether each is a photo is the service's to say."""

    widget = ManyFilesInput(attrs={"accept": "image/*"})

    def clean(self, data: Any, initial: Any = None) -> list[UploadedFile]:
        uploads = data if isinstance(data, list | tuple) else [data]
        return [cast(UploadedFile, super(PhotosField, self).clean(upload, initial)) for upload in uploads if upload]


class ReviewForm(forms.Form):
    """Stars, words, photos."""

    STARS = [(5, _("very good")), (4, _("good")), (3, _("fair")), (2, _("poor")), (1, _("bad"))]

    stars = forms.TypedChoiceField(
        label=_("How was it?"),
        choices=STARS,
        coerce=int,
        widget=forms.RadioSelect,
        error_messages={
            "required": _("Please choose 1 to 5 stars."),
            "invalid_choice": _("Please choose 1 to 5 stars."),
        },
    )
    words = forms.CharField(
        label=_("In your words"),
        required=False,
        max_length=MAX_WORDS,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"max_length": _("Please say it in fewer words.")},
    )
    photos = PhotosField(
        label=_("Photos of what arrived"),
        required=False,
        help_text=format_lazy(_("Up to {most} photos. Where they were taken is removed."), most=MAX_PHOTOS),
    )

    def clean_words(self) -> str:
        return str(self.cleaned_data["words"]).strip()


class ReviewDecisionForm(forms.Form):
    """Show or hide, and why."""

    shown = forms.TypedChoiceField(
        choices=[("1", _("show")), ("0", _("hide"))], coerce=lambda value: value == "1", widget=forms.HiddenInput
    )
    reason = forms.CharField(
        label=_("Reason, if you hide it"),
        required=False,
        max_length=REASON_LENGTH,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
