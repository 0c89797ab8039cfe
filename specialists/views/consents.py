"""A household's consent that its specialist acts for it: by a code from the farmer's phone, or a signed paper."""

from collections.abc import Callable

from allauth.core import ratelimit
from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from accounts.models import Consent, ConsentRequest, Farmer
from accounts.services import consents
from accounts.services.own_codes import TOO_SOON
from common.errors import DomainError, InvalidInput
from specialists.access import PostedRequest, household, posted_required
from specialists.forms import ConsentCodeForm, PaperForm


@never_cache
@require_GET
@posted_required
def consent(request: PostedRequest, pk: int) -> HttpResponse:
    """How it stands, and the two ways to get one."""
    return _show(request, household(request, pk), ConsentCodeForm(), PaperForm())


@require_POST
@posted_required
def consent_code(request: PostedRequest, pk: int) -> HttpResponse:
    """Send the code, or take what the farmer read out."""
    farmer, form = household(request, pk), ConsentCodeForm(request.POST)
    if "send" in request.POST:
        if _try(ConsentCodeForm({}), lambda: _ask(request, farmer), request):
            messages.success(request, _("The code is on its way to %(farmer)s.") % {"farmer": farmer.name})
        return redirect("specialists:consent", pk=farmer.pk)
    if form.is_valid():
        code = form.cleaned_data["code"]
        act = lambda: consents.confirm_consent(  # noqa: E731
            farmer_id=farmer.pk, specialist=request.user, code=code, now=timezone.now()
        )
        if _try(form, act):
            messages.success(request, _("Thank you. %(farmer)s was told.") % {"farmer": farmer.name})
            return redirect("specialists:household_detail", pk=farmer.pk)
    return _show(request, farmer, form, PaperForm(), 422)


@require_POST
@posted_required
def consent_paper(request: PostedRequest, pk: int) -> HttpResponse:
    """A photo of the paper the farmer signed."""
    farmer, form = household(request, pk), PaperForm(request.POST, request.FILES)
    if form.is_valid():
        paper = form.cleaned_data["paper"]
        act = lambda: consents.send_paper(  # noqa: E731
            farmer_id=farmer.pk, specialist=request.user, paper=paper, now=timezone.now()
        )
        if _try(form, act):
            messages.success(
                request, _("Sent. A moderator looks at it, and %(farmer)s was told.") % {"farmer": farmer.name}
            )
            return redirect("specialists:consent", pk=farmer.pk)
    return _show(request, farmer, ConsentCodeForm(), form, 422)


def _ask(request: PostedRequest, farmer: Farmer) -> None:
    if not ratelimit.consume(request, action="request_consent_code", key=str(farmer.pk)):
        raise InvalidInput(TOO_SOON)
    consents.ask_consent(farmer_id=farmer.pk, specialist=request.user, now=timezone.now())


def _try(form: forms.Form, act: Callable[[], object], request: PostedRequest | None = None) -> bool:
    """Do it; a refusal stands beside its field, or above the page where a request is given."""
    try:
        act()
    except DomainError as error:
        if request is not None:
            messages.error(request, error.message)
        else:
            form.add_error(error.field if error.field in form.fields else None, error.message)
        return False
    return True


def _show(
    request: PostedRequest, farmer: Farmer, form: ConsentCodeForm, paper_form: PaperForm, status: int = 200
) -> HttpResponse:
    mine = Consent.objects.filter(farmer=farmer, specialist=request.user)
    context = {
        "farmer": farmer,
        "consent": mine.exclude(state=Consent.State.ENDED).first(),
        "asked": ConsentRequest.objects.filter(farmer=farmer, specialist=request.user).first(),
        "form": form,
        "paper_form": paper_form,
    }
    return render(request, "specialists/consent.html", context, status=status)
