"""What is sent with a lesson, and with a certificate's code."""

from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from training.models import CODE_LENGTH, Lesson


class AnswersForm(forms.Form):
    """One choice for each of a lesson's questions. What is missing is answered wrongly, so nothing is required here.

    `done_at` is sent by a phone that had no signal when the lesson was done.
    """

    done_at = forms.DateTimeField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, lesson: Lesson, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.questions = list(lesson.questions.all())
        for question in self.questions:
            answers = question.answers.all()
            self.fields[f"question_{question.pk}"] = forms.TypedChoiceField(
                label=question.local_text,
                choices=[(answer.pk, answer.local_text) for answer in answers],
                coerce=int,
                widget=forms.RadioSelect,
                required=False,
            )

    def answers(self) -> dict[int, int]:
        """Question id to answer id."""
        return {question.pk: self.cleaned_data.get(f"question_{question.pk}") or 0 for question in self.questions}

    def mark(self, wrong: set[int]) -> None:
        """Say beside each question that was answered wrongly why another answer is right."""
        for question in self.questions:
            if question.pk in wrong:
                self.add_error(f"question_{question.pk}", question.local_why)

    def done_time(self, now: datetime) -> datetime:
        """When it was done; now, unless the phone says otherwise."""
        return self.cleaned_data.get("done_at") or now


class CodeForm(forms.Form):
    """A certificate's code, as somebody reads it off paper."""

    code = forms.CharField(
        label=_("The code on the certificate"),
        max_length=CODE_LENGTH + 8,
        widget=forms.TextInput({"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}),
    )

    def clean_code(self) -> str:
        code = "".join(letter for letter in self.cleaned_data["code"].upper() if letter.isalnum() and letter.isascii())
        if len(code) != CODE_LENGTH:
            raise forms.ValidationError(_("A code has ten letters and digits. Please look again."))
        return code
