"""Inviting households: a code each, as letters, link and QR code."""

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.models import Invitation
from accounts.models.invitations import InvitationQuerySet
from accounts.services.invitations import invite, withdraw_invitation
from common.codes import qr_svg
from common.errors import DomainError
from specialists.access import PostedRequest, posted_required
from specialists.forms import InvitationForm

SHOWN = 100


@require_http_methods(["GET", "POST"])
@posted_required
def invitation_list(request: PostedRequest) -> HttpResponse:
    """Those that are open, the newest first, with the form for another."""
    form = InvitationForm(request.POST if request.method == "POST" else None, counties=request.counties)
    if request.method == "POST" and form.is_valid():
        try:
            made = invite(by=request.user, now=timezone.now(), **form.cleaned_data)
        except DomainError as error:
            form.add_error(error.field, error.message)
        else:
            return redirect("specialists:invitation_detail", pk=made.pk)
    found = _theirs(request).open(timezone.now())[:SHOWN]
    context = {"form": form, "invitations": found, "many": len(request.counties) > 1}
    return render(request, "specialists/invitation_list.html", context, status=422 if form.errors else 200)


@require_GET
@posted_required
def invitation_detail(request: PostedRequest, pk: int) -> HttpResponse:
    """One to show to the household: they point their phone at it, or write the letters down."""
    invitation = get_object_or_404(_theirs(request), pk=pk)
    context = {
        "invitation": invitation,
        "is_open": Invitation.objects.open(timezone.now()).filter(pk=pk).exists(),
        "link": _link(invitation),
        "short": f"{settings.SITE_URL}{reverse('accounts:invitation_find')}",
    }
    return render(request, "specialists/invitation_detail.html", context)


@require_GET
@posted_required
def invitation_qr(request: PostedRequest, pk: int) -> HttpResponse:
    """The link as a QR code."""
    link = _link(get_object_or_404(_theirs(request), pk=pk))
    return HttpResponse(qr_svg(link), content_type="image/svg+xml")


@require_POST
@posted_required
def invitation_withdraw(request: PostedRequest, pk: int) -> HttpResponse:
    """Let nobody use it any more."""
    get_object_or_404(_theirs(request), pk=pk)
    try:
        withdraw_invitation(invitation_id=pk, by=request.user, now=timezone.now())
    except DomainError as error:
        messages.error(request, error.message)
    else:
        messages.success(request, _("Taken back."))
    return redirect("specialists:invitation_list")


def _theirs(request: PostedRequest) -> InvitationQuerySet:
    return Invitation.objects.filter(county__in=request.counties).select_related("county", "invited_by", "used_by")


def _link(invitation: Invitation) -> str:
    return f"{settings.SITE_URL}{reverse('accounts:invitation_open', args=[invitation.code])}"
