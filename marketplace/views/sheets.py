"""Many listings at once: a template and an export to download, a file to send in, a preview to agree to."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from common.errors import DomainError
from marketplace.forms.fields import show_refusal
from marketplace.forms.sheets import SheetForm
from marketplace.models import SheetImport
from marketplace.queries import sheets
from marketplace.services import imports, photos
from marketplace.services.imports.running import progress_of
from marketplace.sheets import writing
from marketplace.sheets.columns import COLUMNS
from marketplace.sheets.problems import Problem
from marketplace.views.access import FarmerRequest, farmer_required

ROWS_ON_A_PAGE = 50
PHOTOS_AT_A_TIME = 30


@require_http_methods(["GET", "POST"])
@farmer_required
def index(request: FarmerRequest) -> HttpResponse:
    """What one can do with sheets, sending one in, and those sent before."""
    form = SheetForm(request.POST, request.FILES) if request.method == "POST" else SheetForm()
    if request.method == "POST" and form.is_valid():
        try:
            sheet = imports.take_sheet(farmer=request.farmer, upload=form.cleaned_data["file"], now=timezone.now())
            return redirect("marketplace:sheet_detail", sheet.pk)
        except DomainError as error:
            show_refusal(form, error)
    context = {"form": form, "sent": sheets.own_sheets(request.farmer), "columns": COLUMNS}
    return render(request, "marketplace/sheets/index.html", context, status=422 if form.errors else 200)


@require_GET
@farmer_required
@never_cache
def detail(request: FarmerRequest, pk: int) -> HttpResponse:
    """One sheet: how far it is, what is wrong with it, or what it would do. With htmx, only how far it is."""
    sheet = get_object_or_404(SheetImport, pk=pk, farmer=request.farmer)
    done, of = progress_of(sheet) if sheet.status in SheetImport.AT_WORK else (0, 0)
    context: dict[str, Any] = {"sheet": sheet, "done": done, "of": of}
    if request.htmx and sheet.status in SheetImport.AT_WORK:
        return render(request, "marketplace/sheets/_progress.html", context)
    if request.htmx:
        return HttpResponse(headers={"HX-Refresh": "true"})
    context |= _result(sheet, request.GET.get("page", ""))
    return render(request, "marketplace/sheets/detail.html", context)


def _result(sheet: SheetImport, page: str) -> dict[str, Any]:
    what_changes = [entry for entry in sheet.preview if entry["what"] in {"new", "changed"} or entry["notes"]]
    number = int(page) if page.isdecimal() and len(page) < 5 else 1
    start = (max(number, 1) - 1) * ROWS_ON_A_PAGE
    return {
        "problems": [Problem(**said) for said in sheet.problems],
        "entries": what_changes[start : start + ROWS_ON_A_PAGE],
        "next_page": f"?page={number + 1}" if len(what_changes) > start + ROWS_ON_A_PAGE else "",
        "outcome": sheets.outcome_of(sheet) if sheet.status == SheetImport.Status.DONE else None,
    }


@require_POST
@farmer_required
def confirm(request: FarmerRequest, pk: int) -> HttpResponse:
    """Save what the preview showed, once."""
    get_object_or_404(SheetImport, pk=pk, farmer=request.farmer)
    try:
        imports.confirm_sheet(sheet_id=pk, farmer=request.farmer, now=timezone.now())
    except DomainError as error:
        messages.warning(request, error.message)
    return redirect("marketplace:sheet_detail", pk)


@require_POST
@farmer_required
def drop(request: FarmerRequest, pk: int) -> HttpResponse:
    """Throw a sheet away before it is saved."""
    get_object_or_404(SheetImport, pk=pk, farmer=request.farmer)
    try:
        imports.drop_sheet(sheet_id=pk, farmer=request.farmer, now=timezone.now())
        messages.success(request, _("Thrown away. Nothing was saved."))
    except DomainError as error:
        messages.warning(request, error.message)
        return redirect("marketplace:sheet_detail", pk)
    return redirect("marketplace:sheet_list")


@require_GET
@farmer_required
def template(request: FarmerRequest, kind: str) -> HttpResponse:
    """An empty sheet with its columns explained, as CSV or XLSX."""
    if kind == "csv":
        return _file(writing.as_csv([], explained=True), "csv", "chushan-template")
    names = sheets.produce_names()
    data = writing.as_xlsx([], explained=True, produce=names, grades=list(sheets.GRADES.values()))
    return _file(data, "xlsx", "chushan-template")


@require_GET
@farmer_required
def export(request: FarmerRequest, kind: str) -> HttpResponse:
    """All the farmer's listings and harvests, to change and send back, as CSV or XLSX."""
    rows = sheets.export_rows(request.farmer)
    data = writing.as_csv(rows) if kind == "csv" else writing.as_xlsx(rows, grades=list(sheets.GRADES.values()))
    return _file(data, kind, f"chushan-{timezone.localdate():%Y-%m-%d}")


def _file(data: bytes, kind: str, name: str) -> HttpResponse:
    return HttpResponse(
        data,
        content_type=writing.CSV if kind == "csv" else writing.XLSX,
        headers={"Content-Disposition": f'attachment; filename="{name}.{kind}"', "Cache-Control": "no-store"},
    )


@require_http_methods(["GET", "POST"])
@farmer_required
def photo_codes(request: FarmerRequest) -> HttpResponse:
    """The farmer's newest photos with their codes for the sheet; more to upload, many at a time."""
    errors: list[str] = []
    if request.method == "POST":
        uploads = request.FILES.getlist("photos")[:PHOTOS_AT_A_TIME]
        errors = [] if uploads else [_("Please choose at least one photo.")]
        for upload in uploads:
            try:
                photos.upload_photo(user=request.user, upload=upload, now=timezone.now())
            except DomainError as error:
                errors.append(f"{upload.name}: {error.message}")
        if not errors:
            return redirect("marketplace:sheet_photos")
    context = {"own": sheets.newest_photos(request.farmer), "errors": errors, "most": PHOTOS_AT_A_TIME}
    return render(request, "marketplace/sheets/photos.html", context, status=422 if errors else 200)
