"""The forms of paying on delivery; the services say what is allowed."""

from typing import Self

from django import forms
from django.utils.translation import gettext_lazy as _

from common.money import yuan
from marketplace.forms.fields import YuanField
from payments.models import OnDeliveryTerms


class TermsForm(forms.Form):
    """Whether, and up to how much. `most_fen` is typed in yuan, None for all that the shop allows."""

    is_offered = forms.BooleanField(label=_("Buyers may pay me when the parcel comes"), required=False)
    most_fen = YuanField(label=_("Up to how much for one order?"), required=False, help_text=_("In yuan, postage too."))

    @classmethod
    def of(cls, terms: OnDeliveryTerms | None) -> Self:
        """The form as it was saved last."""
        if terms is None:
            return cls()
        return cls(initial={"is_offered": terms.is_offered, "most_fen": yuan(terms.most_fen)})


class NotTakenForm(forms.Form):
    """Why it was not taken, if somebody wants to say."""

    reason = forms.CharField(
        label=_("Why?"),
        required=False,
        max_length=200,
        strip=True,
        widget=forms.Textarea(attrs={"rows": 2, "maxlength": 200}),
    )
