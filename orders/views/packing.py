"""The farmer's parcels: what to pick, pack and post today."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.http import AuthedRequest
from accounts.models import Farmer
from common.errors import DomainError
from orders import clock, queries, timeline
from orders.clock import Event, Role
from orders.forms import PostForm
from orders.models import Packing, Parcel, PickList
from orders.packing import picking_list
from orders.services import parcels, picking

PAGE = 20


@require_GET
@login_required
def parcel_list(request: AuthedRequest) -> HttpResponse:
    """What to pick and pack, then the parcels one by one; below, what was sent."""
    farmer = Farmer.objects.filter(user=request.user).first()
    if farmer is None:
        return redirect("accounts:farmer_apply")
    waiting = list(queries.to_pack(farmer))
    context = {
        "waiting": waiting,
        "picking": picking_list(waiting),
        "unseen": picking.unseen_list(farmer, timezone.now()),
        "sent": queries.sent(farmer)[:PAGE],
        "now": timezone.now(),
    }
    return render(request, "orders/parcel_list.html", context)


@require_POST
@login_required
def pick_list_see(request: AuthedRequest, pk: int) -> HttpResponse:
    """One tap: seen."""
    farmer = get_object_or_404(Farmer, user=request.user)
    get_object_or_404(PickList, pk=pk, farmer=farmer)
    picking.see_pick_list(pick_list_id=pk, farmer=farmer, now=timezone.now())
    messages.success(request, _("Thank you. Nobody needs to call you about it."))
    return redirect("orders:parcel_list")


@require_GET
@login_required
def parcel_detail(request: AuthedRequest, number: str) -> HttpResponse:
    parcel = _own(request, number)
    initial = {"courier": parcel.courier or _usual_courier(parcel), "tracking_number": parcel.tracking_number}
    return _show(request, parcel, PostForm(initial=initial))


@require_http_methods(["GET", "POST"])
@login_required
def parcel_post(request: AuthedRequest, number: str) -> HttpResponse:
    """Courier and tracking number: the first time, or corrected while it is on its way."""
    parcel = _own(request, number)
    if request.method == "GET":
        return redirect("orders:parcel_detail", number=number)
    form = PostForm(request.POST)
    if not form.is_valid():
        return _show(request, parcel, form, 422)
    act = parcels.post_parcel if parcel.state == Parcel.State.TO_PACK else parcels.correct_tracking
    try:
        act(parcel_id=parcel.pk, actor=request.user, now=timezone.now(), **form.cleaned_data)
    except DomainError as error:
        form.add_error(error.field if error.field in form.fields else None, error.message)
        return _show(request, _own(request, number), form, 422 if error.field else 409)
    return redirect("orders:parcel_detail", number=number)


def _own(request: AuthedRequest, number: str) -> Parcel:
    farmer = get_object_or_404(Farmer, user=request.user)
    own = queries.parcels_with_lines().of_farmer(farmer).prefetch_related(queries.events_with_actors())
    return get_object_or_404(own, number=number)


def _usual_courier(parcel: Parcel) -> str:
    """The courier this farmer used last: most use one all year."""
    posted = Parcel.objects.filter(farmer_id=parcel.farmer_id, posted_at__isnull=False).order_by("-posted_at")
    return posted.values_list("courier", flat=True).first() or ""


def _show(request: AuthedRequest, parcel: Parcel, form: PostForm, status: int = 200) -> HttpResponse:
    may = clock.allowed(parcel, {Role.FARMER})
    context = {
        "parcel": parcel,
        "form": form,
        "steps": list(timeline.farmers_steps(parcel)),
        "can_post": Event.POST in may,
        "packing": Packing.objects.standing().select_related("by").filter(parcel=parcel).first(),
        "can_correct": Event.CORRECT in may,
        "can_cancel": Event.CANCEL in may,
        "was_claimed": timeline.was_claimed(parcel),
        "now": timezone.now(),
    }
    return render(request, "orders/parcel_detail.html", context, status=status)
