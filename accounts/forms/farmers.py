"""Becoming a farmer, and deciding about one."""

from typing import Any, cast

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from accounts.documents import check_document
from accounts.forms.payees import PayeeFields
from accounts.forms.places import CountyFields
from accounts.models import Farmer, VerificationDecision
from accounts.services.farmers import Application
from accounts.services.verification import REASON_LENGTH
from common.errors import InvalidInput


class ApplicationForm(PayeeFields, CountyFields):
    """Who grows it and where, and where the money goes."""

    name = forms.CharField(
        label=_("Name that buyers see"),
        help_text=_("Such as “Chen Guilan's household” or “Longtan Fruit Cooperative”."),
        min_length=2,
        max_length=60,
        error_messages=dict.fromkeys(["required", "min_length"], _("Please type a name.")),
    )
    kind = forms.ChoiceField(
        label=_("You are a"),
        choices=Farmer.Kind.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Please choose one.")},
    )
    town = forms.CharField(
        label=_("Town or township"), max_length=60, error_messages={"required": _("Please type your town.")}
    )
    village = forms.CharField(
        label=_("Village"),
        max_length=60,
        help_text=_("Only those who verify you see it."),
        error_messages={"required": _("Please type your village.")},
    )
    women_led = forms.BooleanField(label=_("A woman leads this household or cooperative"), required=False)
    registered_poor = forms.BooleanField(
        label=_("We were registered as poor (jiandang lika)"),
        help_text=_("Private: nobody but those who verify you sees it. It helps us to see that help arrives."),
        required=False,
    )

    field_order = ["name", "kind", "province", "county", "town", "village"]

    def application(self) -> Application:
        """What was typed, for the service. Only after is_valid()."""
        values = {name: value for name, value in self.cleaned_data.items() if name not in {"province", "county"}}
        return Application(county_id=int(self.cleaned_data["county"]), **values)


def as_initial(farmer: Farmer) -> dict[str, Any]:
    """The form's values for a farmer who corrects the application."""
    same = [
        "name",
        "kind",
        "town",
        "village",
        "women_led",
        "registered_poor",
        "payee_kind",
        "payee_name",
        "payee_account",
    ]
    places = {"province": farmer.county.province_id, "county": str(farmer.county_id)}
    return {name: getattr(farmer, name) for name in same} | places


class ManyFiles(forms.FileInput):
    allow_multiple_selected = True


class ManyFilesField(forms.FileField):
    """Several files at once, each checked."""

    def clean(self, data: Any, initial: Any = None) -> list[UploadedFile]:
        files = data if isinstance(data, list | tuple) else [data]
        return [cast(UploadedFile, super(ManyFilesField, self).clean(file, initial)) for file in files]


class DocumentsForm(forms.Form):
    """Papers that help those who verify; never required."""

    papers = ManyFilesField(
        label=_("Papers"),
        help_text=_("Photos (JPEG, PNG, WebP) or PDF, up to 10 MB each, 4 at most."),
        widget=ManyFiles(attrs={"accept": "image/jpeg,image/png,image/webp,application/pdf", "multiple": True}),
        error_messages={"required": _("Please choose a photo or PDF."), "empty": _("That file is empty.")},
    )

    def clean_papers(self) -> list[UploadedFile]:
        files: list[UploadedFile] = self.cleaned_data["papers"]
        for file in files:
            try:
                check_document(file)
            except InvalidInput as error:
                self.add_error("papers", error.message)
        return files


class VerdictForm(forms.Form):
    """A decision about a farmer, with its reason."""

    verdict = forms.ChoiceField(choices=VerificationDecision.Verdict.choices)
    seen = forms.CharField(help_text="When the application that was looked at was sent.")
    reason = forms.CharField(
        label=_("Reason"),
        max_length=REASON_LENGTH,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": _("Please give a reason: it stays on record.")},
    )
