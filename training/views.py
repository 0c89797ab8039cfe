"""Courses, lessons and their questions; certificates that anyone can check; what trainers see."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.http import AuthedRequest, signed_in
from accounts.models import User
from common.codes import qr_svg
from training import queries
from training.errors import NotRightYet
from training.forms import AnswersForm, CodeForm
from training.models import Certificate, Course, Lesson
from training.services.learning import finish_lesson


@require_safe
def course_list(request: HttpRequest) -> HttpResponse:
    """All courses; those first that were offered to the reader and are not finished."""
    offers = list(queries.offers_to(request.user)) if isinstance(request.user, User) else []
    context = {"courses": queries.courses_for(request.user), "offers": offers}
    return render(request, "training/course_list.html", context)


@require_safe
def course_detail(request: HttpRequest, slug: str) -> HttpResponse:
    """A course's lessons, and the certificate of whoever has finished it."""
    course = get_object_or_404(Course.objects.published(), slug=slug)
    lessons = list(course.lessons.all())
    done = queries.done_lessons(request.user, course)
    context = {
        "course": course,
        "lessons": lessons,
        "done": done,
        "next_lesson": next((lesson for lesson in lessons if lesson.pk not in done), None),
        "certificate": Certificate.objects.filter(user=request.user.pk or 0, course=course).first(),
    }
    return render(request, "training/course_detail.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def lesson(request: HttpRequest, slug: str, position: int) -> HttpResponse:
    """One lesson; a POST has its answers looked at. Guests may read it."""
    course = get_object_or_404(Course.objects.published(), slug=slug)
    shown = queries.lesson_with_questions(course, position)
    if shown is None:
        raise Http404
    if request.method == "POST":
        return _answer(request, course, shown)
    return _lesson_page(request, course, shown, AnswersForm(lesson=shown))


@login_required
def _answer(request: HttpRequest, course: Course, shown: Lesson) -> HttpResponse:
    form, now = AnswersForm(request.POST, lesson=shown), timezone.now()
    form.is_valid()  # an answer that is none of the choices is a wrong one
    try:
        outcome = finish_lesson(
            user=signed_in(request),
            lesson_id=shown.pk,
            answers=form.answers(),
            done_at=form.done_time(now),
            now=now,
        )
    except NotRightYet as error:
        form.mark(error.wrong)
        form.add_error(None, error.message)
        return _lesson_page(request, course, shown, form)
    if outcome.certificate:
        messages.success(request, _("Course finished. Here is your certificate."))
        return redirect("training:certificate", code=outcome.certificate.code)
    messages.success(request, _("All right. On to the next one."))
    after = course.lessons.exclude(pk__in=queries.done_lessons(request.user, course)).first()
    return redirect("training:lesson", slug=course.slug, position=after.position if after else 1)


def _lesson_page(request: HttpRequest, course: Course, shown: Lesson, form: AnswersForm) -> HttpResponse:
    context = {
        "course": course,
        "lesson": shown,
        "form": form,
        "asked": [form[f"question_{question.pk}"] for question in form.questions],
        "count": course.lessons.count(),
        "video": queries.film_of(shown),
        "is_done": shown.pk in queries.done_lessons(request.user, course),
    }
    return render(request, "training/lesson.html", context, status=422 if form.errors else 200)


@require_safe
def certificate_find(request: HttpRequest) -> HttpResponse:
    """Where whoever was shown a certificate types its code in."""
    form = CodeForm(request.GET if "code" in request.GET else None)
    if form.is_bound and form.is_valid():
        if Certificate.objects.filter(code=form.cleaned_data["code"]).exists():
            return redirect("training:certificate", code=form.cleaned_data["code"])
        form.add_error("code", _("There is no certificate with this code."))
    return render(request, "training/certificate_find.html", {"form": form}, status=422 if form.errors else 200)


@require_safe
def certificate(request: HttpRequest, code: str) -> HttpResponse:
    """What a code stands for: who finished which course, and when."""
    certificates = Certificate.objects.select_related("course", "county__province", "user__farmer")
    given = get_object_or_404(certificates, code=code.upper())
    is_own = given.user_id == request.user.pk
    context = {"certificate": given, "is_own": is_own, "is_named": is_own or given.holder_is_verified}
    return render(request, "training/certificate.html", context)


@require_safe
def certificate_qr(request: HttpRequest, code: str) -> HttpResponse:
    """The certificate's address as a QR code."""
    given = get_object_or_404(Certificate, code=code.upper())
    address = settings.SITE_URL + reverse("training:certificate", args=[given.code])
    return HttpResponse(
        qr_svg(address), content_type="image/svg+xml", headers={"Cache-Control": "private, max-age=3600"}
    )


@require_safe
@login_required
def figures(request: AuthedRequest) -> HttpResponse:
    """For trainers: who has finished what, by county, and how often buyers complained before and after."""
    today = timezone.localdate()
    if not queries.may_see_figures(request.user, today):
        raise Http404
    courses = list(Course.objects.published())
    counties = queries.trained_counties(request.user, today)
    context = {
        "courses": courses,
        "counties": queries.completion(counties, courses),
        "rates": queries.claim_rates(counties, courses, timezone.now()),
        "days": queries.COMPARED.days,
    }
    return render(request, "training/figures.html", context)
