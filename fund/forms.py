"""The forms of the fund: they check shape; the services check truth."""

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import County, Farmer
from fund import queries
from fund.access import handlers
from fund.models import Area, Payee, Programme
from fund.services.giving import LEAST_FEN, MOST_FEN
from fund.services.grants import REPORT_LENGTH, providers
from fund.services.signing import REASON_LENGTH
from marketplace.forms.fields import CountField, YuanField

DAY = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})  # as browsers want it, in any language


class GiveForm(forms.Form):
    """How much, for what, and how the giver wants to be named."""

    amount = YuanField(label=_("How many yuan?"), error_messages={"required": _("Please type how much, such as 20.")})
    purpose = forms.ChoiceField(
        label=_("For which programme or area?"), error_messages={"invalid_choice": _("Please choose what it is for.")}
    )
    shown_name = forms.CharField(
        label=_("Name that everybody may read"),
        required=False,
        max_length=30,
        help_text=_("Leave it empty, and nobody learns who gave."),
    )
    receipt_name = forms.CharField(
        label=_("Name on your receipt"), required=False, max_length=60, help_text=_("Only you see it.")
    )
    email = forms.EmailField(
        label=_("E-mail for the receipt"),
        required=False,
        max_length=200,
        help_text=_("For the receipt alone; we forget it once it is sent."),
    )
    key = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        programmes = [(each.slug, each.local_name) for each in queries.open_purposes(today)]
        areas = [(area.lower(), label) for area, label in Area.choices]
        self.fields["purpose"].choices = [(_("Programmes"), programmes), (_("Areas"), areas)]  # type: ignore[attr-defined]

    def clean_amount(self) -> int | None:
        fen: int | None = self.cleaned_data["amount"]
        if fen is not None and not LEAST_FEN <= fen <= MOST_FEN:
            raise forms.ValidationError(_("Please give between ¥1 and ¥50,000."), code="invalid")
        return fen


class ReasonForm(forms.Form):
    """Why; it stays on record."""

    reason = forms.CharField(label=_("Why?"), max_length=REASON_LENGTH, widget=forms.Textarea(attrs={"rows": 2}))


class ProgrammeForm(forms.Form):
    """A new programme, in both languages."""

    slug = forms.SlugField(
        label=_("Short name for its address"), max_length=24, help_text=_("Small letters, digits and dashes. It stays.")
    )
    area = forms.ChoiceField(label=_("Area"), choices=Area.choices)
    name_zh = forms.CharField(label=_("Name in Chinese"), max_length=60)
    name_en = forms.CharField(label=_("Name in English"), max_length=80)
    purpose_zh = forms.CharField(
        label=_("What it is for, in Chinese"), max_length=300, widget=forms.Textarea(attrs={"rows": 3})
    )
    purpose_en = forms.CharField(
        label=_("What it is for, in English"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("People give for this, so it cannot be changed later."),
    )
    county = forms.ModelChoiceField(
        label=_("For one county"),
        queryset=County.objects.order_by("slug"),
        required=False,
        empty_label=_("all counties"),
    )
    target = YuanField(label=_("How much is wanted, in yuan"), required=False)
    starts_on = forms.DateField(label=_("Open from"), widget=DAY)
    ends_on = forms.DateField(label=_("Open until"), widget=DAY, required=False)
    for_women_led = forms.BooleanField(label=_("Its starter grants go to women-led farms only"), required=False)


class ProgrammeChangeForm(forms.Form):
    """What may change of a programme."""

    owner = forms.ModelChoiceField(label=_("Who answers for it"), queryset=handlers(), empty_label=None)
    is_open = forms.BooleanField(label=_("It is open"), required=False)
    target = YuanField(label=_("How much is wanted, in yuan"), required=False)
    ends_on = forms.DateField(label=_("Open until"), widget=DAY, required=False)


class PayeeForm(forms.Form):
    """An organisation that grants can go to."""

    kind = forms.ChoiceField(
        label=_("What is it?"), choices=[each for each in Payee.Kind.choices if each[0] != Payee.Kind.FARMER]
    )
    name = forms.CharField(label=_("Name that everybody may read"), max_length=60)
    account_kind = forms.ChoiceField(label=_("Account with"), choices=Farmer.PayeeKind.choices)
    account_name = forms.CharField(label=_("Name on the account"), max_length=60)
    account = forms.CharField(label=_("Account number"), max_length=64)


class GrantForm(forms.Form):
    """Of which programme, to whom, how much and what for. Either a payee or the number of a farmer."""

    programme = forms.ModelChoiceField(
        label=_("Programme"), queryset=Programme.objects.filter(is_open=True), empty_label=_("Please choose")
    )
    payee = forms.ModelChoiceField(
        label=_("To an organisation"),
        queryset=Payee.objects.filter(is_open=True, farmer=None),
        required=False,
        empty_label=_("Please choose"),
    )
    farmer = forms.ModelChoiceField(
        label=_("Or to a farmer, by the address of the shop page"),
        queryset=Farmer.objects.verified(),
        to_field_name="storefront__slug",
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text=_("It goes to the farmer's own verified account. The farmer is never named."),
        error_messages={"invalid_choice": _("There is no verified farmer with that shop page.")},
    )
    amount = YuanField(label=_("How many yuan?"))
    purpose = forms.CharField(
        label=_("What is it for?"), max_length=200, help_text=_("Everybody reads this. Name no person.")
    )
    is_starter = forms.BooleanField(label=_("A starter grant for one farm"), required=False)

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if not self.errors and bool(values.get("payee")) == bool(values.get("farmer")):
            self.add_error("payee", forms.ValidationError(_("Please choose to whom it goes: one of the two.")))
        return values


class EvidenceForm(forms.Form):
    """A paper or a photo, what it shows and of which day."""

    paper = forms.FileField(label=_("A paper: photo or PDF"), required=False, help_text=_("Only staff see it."))
    photo = forms.FileField(
        label=_("Or a photo for everybody"),
        required=False,
        widget=forms.ClearableFileInput(attrs={"accept": "image/*"}),
        help_text=_("Shown once a moderator has looked. Where it was taken is removed. Please show no child's face."),
    )
    words = forms.CharField(label=_("What does it show?"), max_length=200)
    dated_on = forms.DateField(label=_("Of which day?"), widget=DAY)

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if bool(values.get("paper")) == bool(values.get("photo")):
            self.add_error("paper", forms.ValidationError(_("Please choose a paper or a photo.")))
        return values


class PayForm(forms.Form):
    """From where and when the transfer was made."""

    gateway = forms.ChoiceField(label=_("Paid from what lies with"))
    paid_on = forms.DateField(label=_("On which day?"), widget=DAY)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["gateway"].choices = [(name, name) for name in providers()]  # type: ignore[attr-defined]


class ReportForm(forms.Form):
    """What became of it, and for how many people."""

    report = forms.CharField(
        label=_("What became of it?"),
        max_length=REPORT_LENGTH,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("Everybody reads this. Name no person."),
    )
    beneficiaries = CountField(label=_("How many people did it reach?"))

    def clean_beneficiaries(self) -> int | None:
        count: int | None = self.cleaned_data["beneficiaries"]
        if count is not None and not 0 <= count <= 10_000_000:
            raise forms.ValidationError(_("Please type a whole number such as 20."), code="invalid")
        return count


class AllotmentForm(forms.Form):
    """Which money becomes whose, and why."""

    SHARE, AREA = "SHARE", "AREA"

    source = forms.ChoiceField(
        label=_("Which money?"),
        choices=[(SHARE, _("the sales' share")), (AREA, _("the area's own money"))],
        widget=forms.RadioSelect,
        initial=SHARE,
    )
    area = forms.ChoiceField(label=_("Area"), choices=Area.choices)
    programme = forms.ModelChoiceField(
        label=_("Programme"),
        queryset=Programme.objects.filter(is_open=True),
        required=False,
        empty_label=_("the area as such"),
    )
    amount = YuanField(label=_("How many yuan?"))
    reason = forms.CharField(
        label=_("Why? Everybody reads this."), max_length=REASON_LENGTH, widget=forms.Textarea(attrs={"rows": 2})
    )
