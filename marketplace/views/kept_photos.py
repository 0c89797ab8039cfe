"""Forms with photos among other fields: what was chosen stays chosen when something else in the form is wrong."""

from collections.abc import Sequence

from django.utils import timezone

from accounts.http import AuthedRequest
from marketplace.models import Photo
from marketplace.services import kept_photos


def sent_before(request: AuthedRequest) -> list[Photo]:
    """The photos kept from earlier tries that are still wanted (templates/marketplace/_kept_photos.html)."""
    dropped = set(request.POST.getlist("drop"))
    return kept_photos.kept_photos(request.user, [key for key in request.POST.getlist("photo") if key not in dropped])


def keep_for_next_try(request: AuthedRequest, before: Sequence[Photo], most: int) -> list[Photo]:
    """Those, and what came with this request, for the form that is shown again."""
    uploads: list[kept_photos.Upload] = [*before, *request.FILES.getlist("photos")]
    return kept_photos.keep_photos(user=request.user, uploads=uploads, most=most, now=timezone.now())
