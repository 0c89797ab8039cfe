"""A buyer's addresses, and the fragment that fills the region picker."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.forms.addresses import AddressForm, as_initial
from accounts.forms.places import RegionFields
from accounts.http import AuthedRequest
from accounts.queries import addresses_of
from accounts.services import addresses
from common.errors import DomainError


@login_required
@require_safe
def address_list(request: AuthedRequest) -> HttpResponse:
    return render(request, "accounts/address_list.html", {"addresses": addresses_of(request.user)})


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def address_create(request: AuthedRequest) -> HttpResponse:
    """A new address; `next` leads back to where it was needed."""
    return _edit(request, None, {})


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def address_edit(request: AuthedRequest, pk: int) -> HttpResponse:
    address = get_object_or_404(addresses_of(request.user), pk=pk)
    return _edit(request, address.pk, as_initial(address))


def _edit(request: AuthedRequest, pk: int | None, initial: dict[str, Any]) -> HttpResponse:
    if request.method != "POST":
        form = AddressForm(initial=initial)
    elif "choose" in request.POST:  # without JavaScript: fill the next select
        form = AddressForm(initial=request.POST.dict())
    else:
        form = AddressForm(request.POST)
        if form.is_valid() and _save(request, pk, form):
            messages.success(request, _("Address saved."))
            return redirect(_way_back(request))
    context = {"form": form, "address_pk": pk, "next": request.GET.get("next", "")}
    return render(request, "accounts/address_form.html", context, status=422 if form.errors else 200)


def _save(request: AuthedRequest, pk: int | None, form: AddressForm) -> bool:
    try:
        if pk is None:
            addresses.create_address(user_id=request.user.pk, details=form.details())
        else:
            addresses.change_address(user_id=request.user.pk, address_id=pk, details=form.details())
    except DomainError as error:
        form.add_error(error.field, error.message)
        return False
    return True


def _way_back(request: HttpRequest) -> str:
    """`next` if it is a page of ours, else the list."""
    back = request.GET.get("next", "")
    if url_has_allowed_host_and_scheme(back, {request.get_host()}, require_https=request.is_secure()):
        return back
    return reverse("accounts:address_list")


@login_required
@require_POST
def address_delete(request: AuthedRequest, pk: int) -> HttpResponse:
    address = get_object_or_404(addresses_of(request.user), pk=pk)
    addresses.delete_address(user_id=request.user.pk, address_id=address.pk)
    messages.success(request, _("Address deleted. Orders on their way are not affected."))
    return redirect("accounts:address_list")


@login_required
@require_POST
def address_default(request: AuthedRequest, pk: int) -> HttpResponse:
    address = get_object_or_404(addresses_of(request.user), pk=pk)
    try:
        addresses.make_default(user_id=request.user.pk, address_id=address.pk)
    except DomainError as error:
        messages.error(request, error.message)
    return redirect("accounts:address_list")


@require_safe
def region_children(request: HttpRequest) -> HttpResponse:
    """The three selects with what lies inside what is chosen so far. Public facts: no sign-in needed."""
    form = RegionFields(initial=request.GET.dict())
    response = render(request, "accounts/_region_fields.html", {"form": form})
    response["Cache-Control"] = "private, max-age=300"
    return response
