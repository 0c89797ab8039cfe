"""Becoming a farmer: the application, and the papers one may add to it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import partial
from uuid import uuid4

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.documents import EXTENSIONS, MAX_DOCUMENTS, check_document, plain_name
from accounts.models import County, Farmer, FarmerDocument, Posting, User
from accounts.payees import clean_payee_account
from accounts.services.invitations import take_invitation
from common.errors import InvalidInput, WrongState
from common.transactions import needs_transaction, use_case
from notifications.services import notify

OPEN_TO_CHANGE = {Farmer.Status.WAITING, Farmer.Status.REFUSED}


@dataclass(frozen=True)
class Application:
    """What a household or cooperative tells about itself. No company licence."""

    county_id: int
    kind: str
    name: str
    town: str
    village: str
    women_led: bool
    registered_poor: bool
    payee_kind: str
    payee_name: str
    payee_account: str


@use_case
def apply_to_sell(*, user_id: int, application: Application, now: datetime, invitation: str = "") -> Farmer:
    """Become a farmer who waits to be verified; or correct the application of one who waits or was refused.

    `invitation` is the code they came with: one that is good and of their county is used up by it.
    Raises InvalidInput for a payee or county that can't be, WrongState for one who is verified or suspended.
    """
    user = User.objects.select_for_update(no_key=True).get(pk=user_id)  # two taps make one farmer
    account = clean_payee_account(application.payee_kind, application.payee_account)
    if not County.objects.filter(pk=application.county_id).exists():
        raise InvalidInput(_("Please choose your county."), field="county")
    farmer = Farmer.objects.select_for_update(no_key=True).filter(user=user).first() or Farmer(user=user)
    if farmer.pk and farmer.status not in OPEN_TO_CHANGE:
        raise WrongState
    is_new_in_queue = not farmer.pk or farmer.status == Farmer.Status.REFUSED
    for field, value in (asdict(application) | {"payee_account": account}).items():
        setattr(farmer, field, value)
    farmer.status, farmer.status_reason, farmer.applied_at = Farmer.Status.WAITING, "", now
    farmer.save()
    if invitation:
        take_invitation(code=invitation, farmer=farmer, now=now)
    if is_new_in_queue:
        _tell_who_decides(farmer, now)
    return farmer


@needs_transaction
def _tell_who_decides(farmer: Farmer, now: datetime) -> None:
    """Moderators, and the specialists posted to the county today."""
    posted = Posting.objects.current(timezone.localdate(now)).filter(county=farmer.county_id, specialist=OuterRef("pk"))
    for person in User.objects.filter(Q(is_moderator=True) | Exists(posted), is_active=True).exclude(pk=farmer.user_id):
        notify(
            recipient=person,
            kind="farmer_applied",
            about=f"farmer:{farmer.pk}",
            occurrence=now.isoformat(),
            now=now,
            link=reverse("accounts:verification_decide", args=[farmer.pk]),
            farmer=farmer.name,
            county_zh=farmer.county.name_zh,
            county_en=farmer.county.name_en,
        )


@use_case
def add_documents(*, user_id: int, files: Sequence[UploadedFile], now: datetime) -> list[FarmerDocument]:
    """Keep papers of a farmer in private storage, all of them or none. At most four altogether.

    Raises InvalidInput (field "papers") for a wrong kind, a broken or too large file, or too many.
    """
    farmer = Farmer.objects.select_for_update(no_key=True).get(user_id=user_id)
    if FarmerDocument.objects.filter(farmer=farmer).count() + len(files) > MAX_DOCUMENTS:
        raise InvalidInput(_("At most %(count)s papers. Remove one first."), field="papers", count=MAX_DOCUMENTS)
    types = [check_document(file) for file in files]
    kept: list[FarmerDocument] = []
    try:
        for file, media_type in zip(files, types, strict=True):
            document = FarmerDocument(farmer=farmer, media_type=media_type, uploaded_at=now)
            document.original_name = plain_name(file.name or "", media_type)
            file.seek(0)
            document.file.save(f"{uuid4().hex}{EXTENSIONS[media_type]}", file, save=False)
            kept.append(document)
            document.save()
    except BaseException:
        for document in kept:  # the rows go with the transaction, the files would not
            document.file.delete(save=False)
        raise
    return kept


@use_case
def remove_document(*, user_id: int, document_id: int) -> None:
    """Take back one's own paper: the row, and once that is committed the file. Another's or none: nothing happens."""
    document = FarmerDocument.objects.select_for_update(of=("self",)).filter(farmer__user_id=user_id, pk=document_id)
    for found in document:
        found.delete()
        transaction.on_commit(partial(found.file.delete, save=False))
