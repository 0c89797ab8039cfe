"""The farmer's way in: what to pack today."""

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_GET

from accounts.http import AuthedRequest


@require_GET
@login_required
def farmer_home(request: AuthedRequest) -> HttpResponse:
    return redirect("orders:parcel_list")
