"""The forms of payments: they check shape; the services check truth."""

from collections.abc import Sequence
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from marketplace.forms.fields import YuanField
from orders.clock import Role
from orders.forms import PhotosField
from orders.models import OrderLine
from payments.models import Claim
from payments.services.claiming import MAX_PHOTOS, MAX_WORDS, REASON_LENGTH
from payments.services.counting import MOST_PIECES, Count


class CancelForm(forms.Form):
    """Why a parcel is cancelled. A farmer or moderator has to say; a buyer may."""

    ASKS: ClassVar[dict[str, Any]] = {
        Role.FARMER: _("Why can't you supply it? The buyer reads this."),
        Role.MODERATOR: _("Why? The buyer and the farmer read this."),
    }

    reason = forms.CharField(
        label=_("Why?"), max_length=200, strip=True, widget=forms.Textarea(attrs={"rows": 3, "maxlength": 200})
    )

    def __init__(self, *args: Any, role: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].required = role in self.ASKS
        self.fields["reason"].label = self.ASKS.get(role, self.fields["reason"].label)


class HowMuchForm(forms.Form):
    """All or a part: cleans to `amount`, the fen of the part, None for all."""

    ALL, PART = "ALL", "PART"

    how_much = forms.ChoiceField(
        widget=forms.RadioSelect,
        error_messages={"required": _("Please choose how much."), "invalid_choice": _("Please choose how much.")},
    )
    amount = YuanField(
        label=_("How much, in yuan?"), error_messages={"required": _("Please type how much, such as 20.")}
    )

    def clean(self) -> dict[str, Any]:
        """What was typed as a part counts only where a part was chosen."""
        values = super().clean() or {}
        if values.get("how_much") != self.PART:
            self.errors.pop("amount", None)
            values["amount"] = None
        elif values.get("amount") is not None and values["amount"] <= 0:
            self.add_error("amount", ValidationError(_("Please type an amount above 0."), code="invalid"))
        return values


class ClaimForm(HowMuchForm):
    """What is wrong, in a choice and in words, with photos, and how much money should come back."""

    kind = forms.ChoiceField(
        label=_("What is wrong?"),
        choices=Claim.Kind.choices,
        widget=forms.RadioSelect,
        error_messages={
            "required": _("Please choose what is wrong."),
            "invalid_choice": _("Please choose what is wrong."),
        },
    )
    words = forms.CharField(
        label=_("What exactly?"),
        max_length=MAX_WORDS,
        help_text=_("How many are bad, and how? The farmer reads this."),
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={
            "required": _("Please say what is wrong: the farmer was not there."),
            "max_length": _("Please say it in fewer words."),
        },
    )
    photos = PhotosField(
        label=_("Photos of what arrived"),
        required=False,
        help_text=format_lazy(
            _("Up to {most}. Only the farmer and our moderators see them. Where they were taken is removed."),
            most=MAX_PHOTOS,
        ),
    )
    field_order = ["kind", "words", "photos", "how_much", "amount"]
    COUNTED = "COUNTED"

    def __init__(self, *args: Any, lines: Sequence[OrderLine], all_of_it: str, **kwargs: Any) -> None:
        """`lines` can be counted; `all_of_it` is what there is to give back, as people read it."""
        super().__init__(*args, **kwargs)
        how_much = self.fields["how_much"]
        how_much.label = _("How much should come back?")
        how_much.initial = self.COUNTED
        how_much.choices = [  # type: ignore[attr-defined]  # a ChoiceField
            (self.COUNTED, _("for what is bad, as I count it")),
            (self.ALL, format_lazy(_("all of it, {amount}"), amount=all_of_it)),
            (self.PART, _("another amount")),
        ]
        self.lines = lines
        for line in lines:
            self.fields[f"bad_{line.pk}"] = _count(_("How many are bad?"), 0)
            self.fields[f"out_of_{line.pk}"] = _count(_("Of how many pieces in all?"), 1)

    @property
    def counting(self) -> list[tuple[OrderLine, forms.BoundField, forms.BoundField]]:
        """Each line with its two fields, for the page."""
        return [(line, self[f"bad_{line.pk}"], self[f"out_of_{line.pk}"]) for line in self.lines]

    def clean(self) -> dict[str, Any]:
        """Cleans to `counts` too: of the lines of which something is bad, if it is to be counted."""
        values = super().clean()
        values["counts"] = []
        if values.get("how_much") != self.COUNTED:
            for line in self.lines:
                for name in (f"bad_{line.pk}", f"out_of_{line.pk}"):
                    self.errors.pop(name, None)
            return values
        for line in self.lines:
            if bad := values.get(f"bad_{line.pk}"):
                values["counts"].append(Count(line.pk, bad, values.get(f"out_of_{line.pk}")))
        if not values["counts"] and not self.errors:
            self.add_error(
                f"bad_{self.lines[0].pk}", ValidationError(_("Please type how many are bad."), code="required")
            )
        return values


def _count(label: Any, least: int) -> forms.IntegerField:
    """A small number, which nobody has to give."""
    return forms.IntegerField(
        label=label,
        required=False,
        min_value=least,
        max_value=MOST_PIECES,
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
        error_messages={"invalid": _("Please type a whole number, such as 3.")},
    )


class DisputeForm(forms.Form):
    """The farmer's side, and what they would give back, if anything."""

    answer = forms.CharField(
        label=_("How do you see it?"),
        max_length=MAX_WORDS,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={
            "required": _("Please say how you see it: buyer and moderator read it."),
            "max_length": _("Please say it in fewer words."),
        },
    )
    offer = YuanField(
        label=_("I would give back, in yuan"),
        required=False,
        help_text=_("If the buyer takes it, the matter is closed at once."),
    )


class DecideForm(HowMuchForm):
    """What a moderator decides, and why."""

    NOTHING = "NOTHING"

    reason = forms.CharField(
        label=_("Why? Buyer and farmer read this."),
        max_length=REASON_LENGTH,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={
            "required": _("Please say why: buyer and farmer read it."),
            "max_length": _("Please say it in fewer words."),
        },
    )
    cause = forms.ChoiceField(
        label=_("Where did it go wrong? Who bears it follows from this."),
        choices=Claim.Cause.choices,
        widget=forms.RadioSelect,
        required=False,
        error_messages={"invalid_choice": _("Please choose where it went wrong.")},
    )
    field_order = ["how_much", "amount", "cause", "reason"]

    def __init__(self, *args: Any, asked_fen: int, asked: str, **kwargs: Any) -> None:
        """`asked` is `asked_fen` as people read it."""
        super().__init__(*args, **kwargs)
        self.asked_fen = asked_fen
        how_much = self.fields["how_much"]
        how_much.label = _("How much goes back to the buyer?")
        how_much.choices = [  # type: ignore[attr-defined]  # a ChoiceField
            (self.ALL, format_lazy(_("all that was asked for, {amount}"), amount=asked)),
            (self.PART, _("a part")),
            (self.NOTHING, _("nothing")),
        ]

    def clean(self) -> dict[str, Any]:
        values = super().clean()
        by_choice = {self.ALL: self.asked_fen, self.NOTHING: 0}
        values["back_fen"] = by_choice.get(values.get("how_much", ""), values.get("amount"))
        if values.get("how_much") in (self.ALL, self.PART) and not values.get("cause") and "cause" not in self.errors:
            self.add_error("cause", ValidationError(_("Please choose where it went wrong."), code="required"))
        values["cause"] = values.get("cause") or Claim.Cause.GROWER
        return values


class AppealForm(forms.Form):
    """Why it should be otherwise."""

    words = forms.CharField(
        label=_("Why should it be otherwise?"),
        max_length=MAX_WORDS,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={
            "required": _("Please say why it should be otherwise."),
            "max_length": _("Please say it in fewer words."),
        },
    )


class DecideAppealForm(DecideForm):
    """What another moderator decides for good: whether more goes back, and who bears all of it."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        how_much = self.fields["how_much"]
        how_much.label = _("Does more go back to the buyer?")
        choices = how_much.choices  # type: ignore[attr-defined]  # a ChoiceField
        kept = choices if self.asked_fen else choices[2:]
        how_much.choices = [  # type: ignore[attr-defined]
            (value, _("nothing more") if value == self.NOTHING else label) for value, label in kept
        ]
        self.fields["cause"].required = True
        self.fields["cause"].error_messages["required"] = _("Please choose where it went wrong.")


class ReasonForm(forms.Form):
    """Why, in a line or two."""

    reason = forms.CharField(
        label=_("Why?"),
        max_length=REASON_LENGTH,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={
            "required": _("Please say why: it stays on record."),
            "max_length": _("Please say it in fewer words."),
        },
    )


class DropForm(ReasonForm):
    """Why a batch is given up before it was sent."""


class CloseForm(ReasonForm):
    """What a difference between a provider's statement and our books turned out to be."""

    difference = forms.IntegerField(min_value=1, max_value=2**62, widget=forms.HiddenInput)


class ReturnForm(ReasonForm):
    """What the bank says about a payout that came back."""

    is_payee_wrong = forms.BooleanField(
        label=_("The account is wrong: pay nothing more to it until the farmer has given another"), required=False
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].label = _("What does the bank say? The farmer reads this.")
