"""Uploading a photo and asking whether it is ready."""

import uuid

from django.contrib.auth.decorators import login_required
from django.db.models import Q
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST, require_safe

from accounts.models import User
from common.errors import DomainError
from marketplace.models import Photo
from marketplace.services import photos


@require_POST
@login_required
def upload(request: HttpRequest) -> HttpResponse:
    """One file called `photo`; answers with its key, for a page to send along with its form."""
    user = request.user
    file = request.FILES.get("photo")
    if not isinstance(user, User) or file is None:
        return JsonResponse({"error": "", "code": "missing"}, status=422)
    try:
        photo = photos.upload_photo(user=user, upload=file, now=timezone.now())
    except DomainError as error:
        return JsonResponse({"error": error.message, "code": error.code}, status=422)
    key = str(photo.key)
    return JsonResponse({"key": key, "status": reverse("marketplace:photo_status", args=[key])}, status=201)


@require_safe
def copy(request: HttpRequest, key: uuid.UUID, width: int) -> HttpResponse | FileResponse:
    """One clean copy of a photo that is not in public storage: for who uploaded it and moderators until it is approved."""
    photo = get_object_or_404(Photo, key=key, status=Photo.Status.READY, is_confined=False)
    if width not in photo.sizes:
        raise Http404
    if photo.withdrawn_at:
        raise Http404
    if photo.public_at:
        return redirect(photo.url(width))
    user = request.user
    if photo.approved_at is None and not (photo.uploaded_by_id == user.pk or getattr(user, "is_moderator", False)):
        raise Http404
    if not photo.storage.exists(photo.path(width)):
        photo.refresh_from_db()  # it may have been moved since we looked
        if photo.public_at is None:
            raise Http404
        return redirect(photo.url(width))
    response = FileResponse(photo.storage.open(photo.path(width)), content_type="image/webp")
    response["Cache-Control"] = "public, max-age=60" if photo.approved_at else "private, max-age=3600"
    return response


@require_GET
@login_required
def status(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """The photo if it is ready, else its placeholder, which asks again. For who uploaded it, and moderators."""
    user = request.user
    mine = Q(uploaded_by_id=user.pk)
    photo = (
        Photo.objects.filter(key=key, is_confined=False)
        .filter(Q() if getattr(user, "is_moderator", False) else mine)
        .first()
    )
    if photo is None:
        raise Http404
    response = render(request, "marketplace/_photo.html", {"photo": photo})
    response["Cache-Control"] = "no-store"
    return response
