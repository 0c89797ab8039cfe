"""Where the money goes: the fields, another account, the code for it, and stopping it."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import Farmer
from accounts.payees import FIELD, clean_payee_account
from accounts.services.payees import Payee, is_same
from accounts.services.verification import REASON_LENGTH
from common.errors import InvalidInput


class PayeeFields(forms.Form):
    """An account, checked for slips of the finger."""

    payee_kind = forms.ChoiceField(
        label=_("Where should your money go?"),
        choices=Farmer.PayeeKind.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Please choose one.")},
    )
    payee_name = forms.CharField(
        label=_("Name on the account"),
        help_text=_("Exactly as the bank, Alipay or WeChat has it."),
        min_length=2,
        max_length=60,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages=dict.fromkeys(["required", "min_length"], _("Please type the name on the account.")),
    )
    payee_account = forms.CharField(
        label=_("Card number or account"),
        max_length=64,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}),
        error_messages={"required": _("Please type the card number or account.")},
    )

    def clean(self) -> dict[str, Any]:
        data = self.cleaned_data
        if data.get("payee_kind") and data.get("payee_account"):
            try:
                data["payee_account"] = clean_payee_account(data["payee_kind"], data["payee_account"])
            except InvalidInput as error:
                self.add_error(error.field, error.message)
        return data


class PayeeForm(PayeeFields):
    """Another account than the farmer's present one."""

    def __init__(self, *args: Any, farmer: Farmer, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.farmer = farmer

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if not self.errors and is_same(self.farmer, self.payee()):
            self.add_error(FIELD, _("Your money goes there already."))
        return data

    def payee(self) -> Payee:
        """What was typed, for the service. Only without errors."""
        data = self.cleaned_data
        return Payee(kind=data["payee_kind"], name=data["payee_name"], account=data["payee_account"])


class PayeeCodeForm(forms.Form):
    """The six digits, and the request whose account the farmer saw above them."""

    code = forms.CharField(
        label=_("The 6 digits we sent you"),
        max_length=20,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric", "autofocus": True}),
        error_messages={"required": _("Please type the code we sent you.")},
    )
    seen = forms.CharField(max_length=20, required=False)


class StopForm(forms.Form):
    """Why somebody else than the farmer stops a change."""

    reason = forms.CharField(
        label=_("Reason"),
        max_length=REASON_LENGTH,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": _("Please give a reason: it stays on record.")},
    )
