"""Visits: planned, made, with a note and photos that only the county's specialists see."""

from django.contrib import messages
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from common.errors import DomainError
from marketplace.models import Photo
from marketplace.views.kept_photos import keep_for_next_try, sent_before
from specialists.access import PostedRequest, farmers_in, household, posted_required, visit_of
from specialists.forms import VisitForm, VisitNoteForm
from specialists.models import VisitPhoto
from specialists.services import visits


@require_http_methods(["GET", "POST"])
@posted_required
def visit_plan(request: PostedRequest, pk: int) -> HttpResponse:
    """Say when somebody goes there, and what for."""
    farmer = household(request, pk)
    form = VisitForm(request.POST if request.method == "POST" else None, initial={"planned_on": timezone.localdate()})
    if request.method == "POST" and form.is_valid():
        try:
            visit = visits.plan_visit(farmer_id=farmer.pk, by=request.user, now=timezone.now(), **form.cleaned_data)
        except DomainError as error:
            form.add_error(error.field, error.message)
        else:
            return redirect("specialists:visit_detail", pk=visit.pk)
    context = {"farmer": farmer, "form": form}
    return render(request, "specialists/visit_plan.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@posted_required
def visit_detail(request: PostedRequest, pk: int) -> HttpResponse:
    """A visit; as long as it was not made, with the form that says how it was."""
    visit = visit_of(request, pk)
    form = VisitNoteForm(request.POST, request.FILES) if request.method == "POST" else VisitNoteForm()
    kept = sent_before(request)
    if request.method == "POST" and form.is_valid():
        note, uploads = form.cleaned_data["note"], [*kept, *form.cleaned_data["photos"]]
        try:
            visits.finish_visit(visit_id=visit.pk, by=request.user, note=note, photos=uploads, now=timezone.now())
        except DomainError as error:
            form.add_error(error.field if error.field in form.fields else None, error.message)
        else:
            messages.success(request, _("Saved."))
            return redirect("specialists:household_detail", pk=visit.farmer_id)
    context = {
        "visit": visit,
        "farmer": visit.farmer,
        "form": form,
        "photos": visit.photo_places.select_related("photo"),
        "kept_photos": keep_for_next_try(request, kept, visits.MAX_PHOTOS) if form.errors else [],
    }
    return render(request, "specialists/visit_detail.html", context, status=422 if form.errors else 200)


@require_GET
@posted_required
def visit_photo(request: PostedRequest, pk: int, width: int) -> FileResponse:
    """One clean copy of a visit's photo, at least `width` px wide if there is one; kept by no cache.

    A specialist whose posting ended sees it no more, not even who took it.
    """
    theirs = VisitPhoto.objects.filter(visit__farmer__in=farmers_in(request), photo__status=Photo.Status.READY)
    photo = get_object_or_404(theirs.select_related("photo"), pk=pk).photo
    path = photo.path(photo.size_for(width))
    if not photo.storage.exists(path):
        raise Http404
    response = FileResponse(photo.storage.open(path), content_type="image/webp")
    response["Cache-Control"] = "private, no-store"
    return response
