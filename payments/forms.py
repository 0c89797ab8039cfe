"""The form of payments."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _


class CancelForm(forms.Form):
    """Why a parcel is cancelled. A farmer has to say; a buyer may."""

    reason = forms.CharField(
        label=_("Why?"), max_length=200, strip=True, widget=forms.Textarea(attrs={"rows": 3, "maxlength": 200})
    )

    def __init__(self, *args: Any, is_farmer: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].required = is_farmer
        if is_farmer:
            self.fields["reason"].label = _("Why can't you supply it? The buyer reads this.")
