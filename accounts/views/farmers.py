"""Becoming a farmer: the application, how it stands, and papers."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.documents import MAX_DOCUMENTS
from accounts.forms.farmers import ApplicationForm, DocumentsForm, as_initial
from accounts.forms.places import CountyFields
from accounts.http import AuthedRequest
from accounts.models import Farmer, FarmerDocument
from accounts.services import farmers
from accounts.services.invitations import open_invitation
from accounts.views.invitations import INVITATION_SESSION_KEY, places_of
from common.errors import DomainError


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def farmer_apply(request: AuthedRequest) -> HttpResponse:
    """The application, for new farmers and for those who correct theirs."""
    farmer = Farmer.objects.filter(user=request.user).select_related("county").first()
    if farmer and farmer.status not in farmers.OPEN_TO_CHANGE:
        return redirect("accounts:farmer_status")
    invitation = open_invitation(request.session.get(INVITATION_SESSION_KEY, ""), timezone.now())
    if request.method != "POST":
        form = ApplicationForm(initial=as_initial(farmer) if farmer else places_of(invitation))
    elif "choose" in request.POST:  # without JavaScript: fill the next select
        form = ApplicationForm(initial=request.POST.dict())
    else:
        form = ApplicationForm(request.POST)
        if form.is_valid() and _apply(request, form):
            return redirect("accounts:farmer_status")
    context = {"form": form, "farmer": farmer, "invitation": invitation}
    return render(request, "accounts/farmer_apply.html", context, status=422 if form.errors else 200)


def _apply(request: AuthedRequest, form: ApplicationForm) -> bool:
    try:
        farmers.apply_to_sell(
            user_id=request.user.pk,
            application=form.application(),
            now=timezone.now(),
            invitation=request.session.get(INVITATION_SESSION_KEY, ""),
        )
    except DomainError as error:
        form.add_error(error.field, error.message)
        return False
    request.session.pop(INVITATION_SESSION_KEY, None)
    return True


@login_required
@require_safe
def farmer_status(request: AuthedRequest) -> HttpResponse:
    """Waiting, refused with the reason, verified or suspended; and the papers."""
    farmer = Farmer.objects.filter(user=request.user).select_related("county__province").first()
    if farmer is None:
        return redirect("accounts:farmer_apply")
    return _status_page(request, farmer, DocumentsForm())


def _status_page(request: AuthedRequest, farmer: Farmer, form: DocumentsForm) -> HttpResponse:
    documents = list(FarmerDocument.objects.filter(farmer=farmer).order_by("pk"))
    context = {
        "farmer": farmer,
        "documents": documents,
        "form": form if len(documents) < MAX_DOCUMENTS else None,
        "can_change": farmer.status in farmers.OPEN_TO_CHANGE,
    }
    return render(request, "accounts/farmer_status.html", context, status=422 if form.errors else 200)


@login_required
@require_POST
def document_add(request: AuthedRequest) -> HttpResponse:
    farmer = get_object_or_404(Farmer.objects.select_related("county__province"), user=request.user)
    form = DocumentsForm(request.POST, request.FILES)
    if form.is_valid():
        try:
            farmers.add_documents(user_id=request.user.pk, files=form.cleaned_data["papers"], now=timezone.now())
        except DomainError as error:
            form.add_error(error.field, error.message)
        else:
            messages.success(request, _("Saved."))
            return redirect("accounts:farmer_status")
    return _status_page(request, farmer, form)


@login_required
@require_POST
def document_remove(request: AuthedRequest, pk: int) -> HttpResponse:
    document = get_object_or_404(FarmerDocument, pk=pk, farmer__user=request.user)
    farmers.remove_document(user_id=request.user.pk, document_id=document.pk)
    return redirect("accounts:farmer_status")


@require_safe
def county_choices(request: HttpRequest) -> HttpResponse:
    """The province and county selects of the application. Public facts: no sign-in needed."""
    form = CountyFields(initial=request.GET.dict())
    response = render(request, "accounts/_county_fields.html", {"form": form})
    response["Cache-Control"] = "private, max-age=300"
    return response
