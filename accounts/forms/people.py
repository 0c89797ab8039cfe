"""What people choose about themselves."""

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import User


class NameForm(forms.Form):
    """The name a person is greeted by."""

    name = forms.CharField(
        label=_("Your name"),
        max_length=User.NAME_LENGTH,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
        help_text=_("Shown beside your reviews. May stay empty."),
    )
