"""Setting up the second factor. allauth runs it; here is what it leaves out."""

from typing import Any

from allauth.account.internal.flows.login import record_authentication
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.views import ActivateTOTPView
from django.http import HttpResponse

from accounts.http import signed_in


class ActivateTotpView(ActivateTOTPView):
    """Whoever just proved to hold the app has used it: they are not asked for another code at once."""

    def form_valid(self, form: Any) -> HttpResponse:
        response = super().form_valid(form)
        user = signed_in(self.request)
        factor = Authenticator.objects.get(user=user, type=Authenticator.Type.TOTP)
        record_authentication(self.request, user, "mfa", id=factor.pk, type=factor.type, reauthenticated=True)
        return response

    def form_invalid(self, form: Any) -> HttpResponse:
        return self.render_to_response(self.get_context_data(form=form), status=422)
