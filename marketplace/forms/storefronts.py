"""A farmer's own page."""

from django import forms
from django.utils.translation import gettext_lazy as _


class StorefrontForm(forms.Form):
    story = forms.CharField(
        label=_("Your story"),
        max_length=2000,
        required=False,
        help_text=_("Who you are, what you grow, since when. Buyers read this. Please leave out phone numbers."),
        widget=forms.Textarea(attrs={"rows": 10}),
    )
    photos = forms.FileField(
        label=_("A photo of you or your land"),
        required=False,
        allow_empty_file=True,  # services.photos says it better
        widget=forms.FileInput(attrs={"accept": "image/*"}),
    )
