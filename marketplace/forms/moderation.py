"""A moderator's decision and its reason."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from marketplace.models import ModerationDecision, Report

Verdict = ModerationDecision.Verdict
OWN_WORDS = "own"


class ReasonForm(forms.Form):
    """A ready-made reason, one's own words, or both. Cleans to `reason`, as the farmer will read it."""

    ready = forms.ChoiceField(label=_("Reason"), required=False, widget=forms.RadioSelect)
    words = forms.CharField(
        label=_("In your own words"),
        max_length=300,
        required=False,
        help_text=_("The farmer reads this. Say what to do, not only what is wrong."),
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    reasons: list[Any] = [
        _("The photos are too dark or blurred. Please take them by daylight."),
        _("The photos show something else. Please send photos of your own harvest."),
        _("Please leave phone numbers, WeChat and other shops out of the text."),
        _("The weight or the price cannot be right. Please check them."),
        _("The text promises cures or other things that may not be promised for food."),
    ]

    def __init__(self, *args: Any, language: str, **kwargs: Any) -> None:
        """`language` is the farmer's: a ready-made reason is kept as they will read it."""
        super().__init__(*args, **kwargs)
        self.language = language
        field = self.fields["ready"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101
        field.choices = [*((str(index), words) for index, words in enumerate(self.reasons)), (OWN_WORDS, _("Other"))]

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        ready = values.get("ready") or ""
        with override(self.language):
            chosen = str(self.reasons[int(ready)]) if ready.isdecimal() else ""
        values["reason"] = " ".join(part for part in (chosen, values.get("words", "").strip()) if part)
        return values


class DecisionForm(ReasonForm):
    """Approve, ask for a change or reject."""

    verdict = forms.ChoiceField(
        choices=[(v.value, v.label) for v in (Verdict.APPROVE, Verdict.ASK_CHANGE, Verdict.REJECT)]
    )

    def clean(self) -> dict[str, Any]:
        values = super().clean()
        if values.get("verdict") == Verdict.APPROVE:
            values["reason"] = values.get("words", "").strip()
        elif not values["reason"]:
            self.add_error("words", ValidationError(_("Please say why: the farmer will read it."), code="required"))
        return values


class TakeDownForm(ReasonForm):
    """Why a listing goes away."""

    reasons = [
        _("Several buyers got something else than what is shown."),
        _("Several buyers got it spoiled."),
        _("Paid parcels were not posted."),
        _("This may not be sold here."),
    ]

    def clean(self) -> dict[str, Any]:
        values = super().clean()
        if not values["reason"]:
            self.add_error("words", ValidationError(_("Please say why: the farmer will read it."), code="required"))
        return values


class ReportForm(forms.Form):
    """What somebody finds wrong with a page."""

    reason = forms.ChoiceField(label=_("What is wrong?"), choices=Report.Reason.choices, widget=forms.RadioSelect)
    words = forms.CharField(
        label=_("In your own words"),
        max_length=500,
        required=False,
        help_text=_("What did you see? Moderators read this, the farmer does not."),
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class WhyForm(forms.Form):
    """A reason in one's own words, which the other side reads."""

    reason = forms.CharField(
        label=_("Reason"), max_length=300, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )


class JudgementForm(WhyForm):
    """What a report turned out to be. Cleans to `status` and `take_down` too."""

    verdict = forms.ChoiceField(choices=[(name, name) for name in ("VALID_DOWN", "VALID", "INVALID", "MALICIOUS")])

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        verdict = values.get("verdict") or ""
        values["take_down"] = verdict == "VALID_DOWN"
        values["status"] = "VALID" if values["take_down"] else verdict
        return values


class AppealDecisionForm(WhyForm):
    """Whether a decision stands. Cleans to `overturn` too."""

    verdict = forms.ChoiceField(choices=[("OVERTURNED", "OVERTURNED"), ("UPHELD", "UPHELD")])

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        values["overturn"] = values.get("verdict") == "OVERTURNED"
        return values


class AppealForm(forms.Form):
    """Why a farmer thinks that a decision was wrong."""

    words = forms.CharField(
        label=_("Why is it wrong?"),
        max_length=500,
        required=False,
        help_text=_("Say what the moderator could not see. You can appeal once."),
        widget=forms.Textarea(attrs={"rows": 4}),
    )
