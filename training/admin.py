"""Writing courses. Lessons that somebody has finished cannot be deleted; what anyone changes is on record."""

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.forms.models import BaseInlineFormSet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.admin import StackedInline, TabularInline

from accounts.admin import LookOnly
from accounts.http import signed_in
from accounts.recording import Recorded
from common.errors import DomainError
from training.models import Answer, Certificate, Course, CourseOffer, Lesson, Question
from training.services.videos import PROBLEMS, add_video, check_video


class LessonInline(StackedInline):
    model = Lesson
    extra = 0
    show_change_link = True
    fields = ["position", "name_zh", "name_en", "body_zh", "body_en", "drawing"]


@admin.register(Course)
class CourseAdmin(Recorded):
    list_display = ["name_zh", "name_en", "topic", "position", "is_published", "needed_for_broadcasts"]
    list_filter = ["topic", "is_published"]
    prepopulated_fields = {"slug": ["name_en"]}
    inlines = [LessonInline]


class QuestionInline(StackedInline):
    model = Question
    extra = 0
    show_change_link = True


class LessonForm(forms.ModelForm):
    """A lesson, and perhaps a film for it."""

    video = forms.FileField(
        label=_("Film"),
        required=False,
        widget=forms.FileInput(attrs={"accept": "video/mp4,video/quicktime,video/webm"}),
        help_text=_(
            "MP4, MOV or WebM, up to four minutes. It takes the place of the one before as soon as it is ready."
        ),
    )

    class Meta:
        model = Lesson
        fields = ["course", "position", "name_zh", "name_en", "body_zh", "body_en", "drawing"]

    def clean_video(self) -> UploadedFile | None:
        upload: UploadedFile | None = self.cleaned_data["video"]
        if upload is not None:
            try:
                check_video(upload)
            except DomainError as error:
                raise ValidationError(error.message) from error
        return upload


@admin.register(Lesson)
class LessonAdmin(Recorded):
    list_display = ["course", "position", "name_zh", "name_en"]
    list_filter = ["course"]
    list_select_related = ["course"]
    form = LessonForm
    readonly_fields = ["film_now"]
    inlines = [QuestionInline]

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        if upload := form.cleaned_data.get("video"):
            add_video(lesson=form.instance, upload=upload, by=signed_in(request), now=timezone.now())

    @admin.display(description=_("Film so far"))
    def film_now(self, lesson: Lesson) -> str:
        """The last two that were sent, and what became of them."""
        said = [
            f"{video.get_status_display()} {PROBLEMS.get(video.problem, '')} ({video.added_at:%Y-%m-%d %H:%M} UTC)"
            for video in lesson.videos.all()[:2]
        ]
        return "; ".join(said) or "–"


class OneIsRight(BaseInlineFormSet):
    """A question that nobody can answer would keep everybody from finishing."""

    def clean(self) -> None:
        super().clean()
        kept: list[dict[str, Any]] = [
            form.cleaned_data for form in self.forms if form.cleaned_data and not form.cleaned_data.get("DELETE")
        ]
        if len(kept) < 2 or sum(bool(answer.get("is_right")) for answer in kept) != 1:
            raise ValidationError(_("Please give at least two answers, one of them right."))


class AnswerInline(TabularInline):
    model = Answer
    formset = OneIsRight
    extra = 0


@admin.register(Question)
class QuestionAdmin(Recorded):
    list_display = ["lesson", "position", "text_zh", "text_en"]
    list_select_related = ["lesson"]
    inlines = [AnswerInline]


@admin.register(Certificate)
class CertificateAdmin(LookOnly):
    list_display = ["code", "holder", "course", "county", "issued_at"]
    list_select_related = ["course", "county"]
    search_fields = ["=code"]
    ordering = ["-pk"]


@admin.register(CourseOffer)
class CourseOfferAdmin(LookOnly):
    list_display = ["user", "course", "reason", "offered_at"]
    list_filter = ["reason", "course"]
    list_select_related = ["user", "course"]
    ordering = ["-pk"]
