"""Taking a sheet in, agreeing to it, throwing it away. Nothing is read here: a worker does that."""

from datetime import datetime, timedelta

from django.core.files.base import ContentFile
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from accounts.models import Farmer
from common.errors import InvalidInput, NotAllowed, WrongState
from common.transactions import needs_transaction, use_case
from common.wake import wake
from marketplace.models import SheetImport
from marketplace.sheets.reading import MAX_BYTES

RUN = "marketplace.tasks.run_sheets"
SHEETS_PER_DAY = 60


class TooManySheets(InvalidInput):
    """More sheets in a day than anybody needs."""

    code = "too_many_sheets"
    default_message = _("That is a lot of files for one day. Please go on tomorrow.")


@use_case
def take_sheet(*, farmer: Farmer, upload: UploadedFile, now: datetime) -> SheetImport:
    """Keep an uploaded file for a worker to look at. Raises InvalidInput (field "file") for what is too large or empty."""
    size = upload.size or 0
    if size > MAX_BYTES:
        raise InvalidInput(_("The file is too large: at most %(most)s MB."), field="file", most=MAX_BYTES >> 20)
    if not size:
        raise InvalidInput(_("The file is empty."), field="file")
    today = SheetImport.objects.filter(farmer=farmer, uploaded_at__gt=now - timedelta(days=1))
    if today.count() >= SHEETS_PER_DAY:
        raise TooManySheets(field="file")
    name = "".join(char for char in (upload.name or "") if char.isprintable())[-120:]
    sheet = SheetImport(farmer=farmer, uploaded_by_id=farmer.user_id, file_name=name, uploaded_at=now)
    upload.seek(0)
    sheet.file.save("sheet", ContentFile(upload.read()), save=False)
    sheet.save()
    wake(RUN)
    return sheet


@use_case
def confirm_sheet(*, sheet_id: int, farmer: Farmer, now: datetime) -> SheetImport:
    """Save what the preview showed. Asking twice saves once. Raises NotAllowed, WrongState unless it is ready."""
    sheet = _lock(sheet_id, farmer)
    if sheet.status in {SheetImport.Status.SAVING, SheetImport.Status.DONE}:
        return sheet
    if sheet.status != SheetImport.Status.READY:
        raise WrongState
    sheet.status, sheet.confirmed_at = SheetImport.Status.SAVING, now
    sheet.attempts, sheet.claimed_until, sheet.has_moved_on = 0, None, False
    sheet.save(update_fields=["status", "confirmed_at", "attempts", "claimed_until", "has_moved_on"])
    wake(RUN)
    return sheet


@use_case
def drop_sheet(*, sheet_id: int, farmer: Farmer, now: datetime) -> SheetImport:
    """Throw a sheet away before it is saved. Raises NotAllowed, WrongState once it is being saved."""
    sheet = _lock(sheet_id, farmer)
    if sheet.status in {SheetImport.Status.SAVING, SheetImport.Status.DONE}:
        raise WrongState
    sheet.status, sheet.finished_at = SheetImport.Status.DROPPED, now
    sheet.save(update_fields=["status", "finished_at"])
    return sheet


@needs_transaction
def _lock(sheet_id: int, farmer: Farmer) -> SheetImport:
    sheet = SheetImport.objects.select_for_update(no_key=True).filter(pk=sheet_id, farmer=farmer).first()
    if sheet is None:
        raise NotAllowed
    return sheet
