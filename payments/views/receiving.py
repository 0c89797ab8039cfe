"""A farmer's own receiving code: sending the picture, the one-time code, taking it away; and the moderators' look at it."""

from allauth.core import ratelimit
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.forms.payees import PayeeCodeForm, StopForm
from accounts.http import AuthedRequest
from accounts.models import Farmer
from accounts.services.own_codes import TOO_SOON
from common.errors import DomainError, InvalidInput
from marketplace.forms.fields import show_refusal
from marketplace.views.access import FarmerRequest, SignedInRequest, farmer_required, moderator_required
from payments import offline_queries
from payments.gateways import configured_names
from payments.gateways.offline import NAME as OFFLINE
from payments.models import ReceivingCode
from payments.offline_forms import ReceivingCodeForm
from payments.services import receiving_codes


@never_cache
@require_http_methods(["GET", "POST"])
@farmer_required
def receiving_code(request: FarmerRequest) -> HttpResponse:
    """What buyers are shown and what waits; POST sends a new picture and, to the farmer's phone, a one-time code."""
    is_sent = request.method == "POST"
    form = ReceivingCodeForm(request.POST, request.FILES) if is_sent else ReceivingCodeForm()
    if is_sent and form.is_valid() and _ask(request, form):
        return redirect("payments:receiving_code_confirm")
    now = timezone.now()
    context = {
        "farmer": request.farmer,
        "form": form,
        "is_possible": request.farmer.status == Farmer.Status.VERIFIED and OFFLINE in configured_names(),
        "shown": offline_queries.shown_code(request.farmer, now),
        "newest": offline_queries.newest_code(request.farmer),
        "now": now,
    }
    return render(request, "payments/receiving_code.html", context, status=422 if form.errors else 200)


def _ask(request: FarmerRequest, form: ReceivingCodeForm) -> bool:
    values = form.cleaned_data
    try:
        if not ratelimit.consume(request, action="request_payee_code", key=str(request.farmer.pk)):
            raise InvalidInput(TOO_SOON)
        receiving_codes.ask_receiving_code(
            user_id=request.user.pk, kind=values["kind"], upload=values["photos"], now=timezone.now()
        )
    except DomainError as error:
        show_refusal(form, error)
        return False
    return True


@never_cache
@require_http_methods(["GET", "POST"])
@farmer_required
def receiving_code_confirm(request: FarmerRequest) -> HttpResponse:
    """The one-time code in: a moderator looks at the picture from now on."""
    asked = ReceivingCode.objects.filter(farmer=request.farmer, state=ReceivingCode.State.ASKED).first()
    if asked is None:
        return redirect("payments:receiving_code")
    form = PayeeCodeForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            receiving_codes.confirm_receiving_code(
                user_id=request.user.pk, pk=asked.pk, code=form.cleaned_data["code"], now=timezone.now()
            )
        except DomainError as error:
            show_refusal(form, error)
        else:
            messages.success(request, _("Thank you. A moderator looks at the picture now."))
            return redirect("payments:receiving_code")
    context = {"form": form, "asked": asked}
    return render(request, "payments/receiving_code_confirm.html", context, status=422 if form.errors else 200)


@require_POST
@farmer_required
def receiving_code_off(request: FarmerRequest) -> HttpResponse:
    """Take every code away, at once."""
    if receiving_codes.end_receiving_codes(user_id=request.user.pk, now=timezone.now()):
        messages.success(request, _("Taken away. Nobody is shown it any more."))
    return redirect("payments:receiving_code")


@never_cache
@login_required
@require_GET
def receiving_code_picture(request: AuthedRequest, pk: int, width: int) -> FileResponse:
    """One clean copy. For its farmer, moderators, and a buyer who is paying by it; kept nowhere: a code may be stopped."""
    photo = get_object_or_404(offline_queries.codes_visible_to(request.user), pk=pk).photo
    path = photo.path(photo.size_for(width)) if photo.sizes else ""
    if not path or not photo.storage.exists(path):
        raise Http404
    return FileResponse(photo.storage.open(path), content_type="image/webp")


@never_cache
@require_GET
@moderator_required
def code_queue(request: SignedInRequest) -> HttpResponse:
    """Receiving codes to look at, and those that can still be stopped."""
    return _show_queue(request)


def _show_queue(request: SignedInRequest, said: StopForm | None = None, about: int = 0) -> HttpResponse:
    """The queue; `said` is what a moderator typed `about` one of them, with what is wrong with it."""
    codes = receiving_codes.to_look_at(request.user, timezone.now())
    forms = [(code, said if said and code.pk == about else StopForm(auto_id=f"c{code.pk}_%s")) for code in codes]
    return render(request, "payments/code_queue.html", {"codes": forms}, status=422 if said else 200)


@require_POST
@moderator_required
def code_decide(request: SignedInRequest, pk: int) -> HttpResponse:
    """Approve one, or refuse or stop it with a reason."""
    now = timezone.now()
    if pk not in {code.pk for code in receiving_codes.to_look_at(request.user, now)}:
        raise Http404
    is_good = request.POST.get("verdict") == "approve"
    form = StopForm(request.POST, auto_id=f"c{pk}_%s")
    if not is_good and not form.is_valid():
        return _show_queue(request, form, pk)
    try:
        if is_good:
            receiving_codes.approve_receiving_code(pk=pk, moderator=request.user, now=now)
        else:
            reason = form.cleaned_data["reason"]
            receiving_codes.refuse_receiving_code(pk=pk, moderator=request.user, reason=reason, now=now)
    except DomainError as error:
        messages.error(request, error.message)
    else:
        messages.success(request, _("Decided. The farmer has been told."))
    return redirect("payments:code_queue")
