"""Another phone number or e-mail address to sign in with, and doing without a password."""

from dataclasses import asdict
from datetime import datetime

from allauth.core import ratelimit
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts.contacts import mask_contact, show_phone
from accounts.forms.contacts import ContactCodesForm, ContactForm
from accounts.forms.sign_in import TOO_SOON, may_send_code
from accounts.http import AuthedRequest
from accounts.models import User
from accounts.services import own_codes, own_contact, people
from common.errors import DomainError, InvalidInput, WrongState

KEPT = "contact_asked"


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def contact_change(request: AuthedRequest) -> HttpResponse:
    """What they sign in with now, and a field for another; both codes go out."""
    form = ContactForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid() and _ask(request, form):
        return redirect("accounts:contact_code")
    return render(request, "accounts/contact_change.html", {"form": form}, status=422 if form.errors else 200)


def _ask(request: AuthedRequest, form: ContactForm) -> bool:
    contact, pk = form.cleaned_data["contact"], request.user.pk
    try:
        own_codes.code_goes_to(request.user)
        if not ratelimit.consume(request, action="request_contact_code", key=str(pk)) or not may_send_code(contact):
            raise InvalidInput(TOO_SOON, field="contact")
        asked = own_contact.ask_contact_change(user_id=pk, kind=form.kind, contact=contact, now=timezone.now())
    except DomainError as error:
        form.add_error(error.field, error.message)
        return False
    request.session[KEPT] = asdict(asked) | {"asked_at": asked.asked_at.isoformat()}
    return True


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def contact_code(request: AuthedRequest) -> HttpResponse:
    """Both codes in: from now on they sign in with the new one."""
    kept = request.session.get(KEPT)
    if not kept:
        return redirect("accounts:contact_change")
    asked = own_contact.Asked(**kept | {"asked_at": datetime.fromisoformat(kept["asked_at"])})
    own, new = _own(request.user), show_phone(asked.contact) if asked.kind == "phone" else asked.contact
    form = ContactCodesForm(request.POST if request.method == "POST" else None, own=own, new=new)
    if request.method == "POST" and form.is_valid():
        try:
            own_contact.confirm_contact_change(
                user_id=request.user.pk, asked=asked, now=timezone.now(), **form.cleaned_data
            )
        except WrongState as error:
            del request.session[KEPT]
            messages.error(request, error.message)
            return redirect("accounts:contact_change")
        except DomainError as error:
            form.add_error(error.field, error.message)
        else:
            del request.session[KEPT]
            messages.success(request, _("Done. From now on you sign in with %(contact)s.") % {"contact": new})
            return redirect("accounts:me")
    context = {"form": form, "new": new}
    return render(request, "accounts/contact_code.html", context, status=422 if form.errors else 200)


def _own(user: User) -> str:
    """Where their own code went, as much of it as anybody at this screen may read."""
    try:
        return mask_contact(own_codes.code_goes_to(user)[1])
    except InvalidInput:  # text messages were switched off in the shop since
        return user.masked_phone


@login_required
@require_POST
def password_remove(request: AuthedRequest) -> HttpResponse:
    """Back to codes alone; this browser stays signed in, all others don't."""
    try:
        user = people.remove_password(user_id=request.user.pk)
    except DomainError as error:
        messages.error(request, error.message)
    else:
        update_session_auth_hash(request, user)
        messages.success(request, _("Your password is gone. A code is enough."))
    return redirect("accounts:me")
