"""Making a token."""

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.queries import may_verify
from common.api.permissions import Scope


class TokenForm(forms.Form):
    """What it is called, what it may do, how long it is valid."""

    name = forms.CharField(
        label=_("What is it for?"),
        max_length=60,
        help_text=_("So that you know it again, for instance: stock program of the cooperative."),
        error_messages={"required": _("Please give it a name of up to 60 letters.")},
    )
    scopes = forms.MultipleChoiceField(
        label=_("What may it do?"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Please choose what it may do.")},
    )
    days = forms.TypedChoiceField(
        label=_("How long is it valid?"),
        choices=[(30, _("30 days")), (90, _("90 days")), (365, _("a year"))],
        coerce=int,
        initial=90,
        widget=forms.RadioSelect,
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        """Only what the person may do themselves is offered."""
        super().__init__(*args, **kwargs)
        decides = may_verify(user, timezone.localdate())
        offered = [choice for choice in Scope.choices if decides or choice[0] != Scope.MODERATE]
        self.fields["scopes"].choices = offered  # type: ignore[attr-defined]  # a MultipleChoiceField
