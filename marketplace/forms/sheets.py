"""Sending a sheet in."""

from django import forms
from django.utils.translation import gettext_lazy as _


class SheetForm(forms.Form):
    """One CSV or XLSX file. What is in it is looked at by a worker, not here."""

    file = forms.FileField(
        label=_("Your file"),
        help_text=_("XLSX or CSV, from Excel or WPS. At most 4 MB and 2,000 rows."),
        allow_empty_file=True,
        widget=forms.FileInput(attrs={"accept": ".xlsx,.csv,text/csv"}),
        error_messages={"required": _("Please choose a file.")},
    )
