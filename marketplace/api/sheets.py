"""Many listings at once, by the API: the same sheets, the same way."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.idempotency import idempotent, keep
from common.api.files import FileRenderer
from common.api.parsing import TextJSONParser
from common.api.views import ListMixin, RetrieveMixin
from marketplace.api import selling_shapes as shapes
from marketplace.api.farm import FarmViewSet
from marketplace.models import SheetImport
from marketplace.queries import sheets
from marketplace.services import imports
from marketplace.sheets import writing


class SheetViewSet(ListMixin, RetrieveMixin, FarmViewSet):
    """Sheets one sent in. Send, ask until `status` is READY or REFUSED, confirm, ask until it is DONE."""

    serializer_class = shapes.SheetOutput
    parser_classes = [MultiPartParser, TextJSONParser]
    keyset = ("-pk",)
    queryset = SheetImport.objects.none()  # for the schema

    def get_queryset(self) -> QuerySet[SheetImport]:
        return SheetImport.objects.filter(farmer__user=self.request.user.pk).defer("preview")

    @extend_schema(request={"multipart/form-data": shapes.SheetInput}, responses={201: shapes.SheetOutput})
    def create(self, request: Request) -> Response:
        """Send a sheet in. It is looked at; nothing is saved yet."""
        farmer, sent = self.farmer, self.read(shapes.SheetInput)
        return self.show(imports.take_sheet(farmer=farmer, upload=sent["file"], now=timezone.now()), status=201)

    @extend_schema(request=None, responses=shapes.SheetOutput)
    @idempotent
    def confirm(self, request: Request, pk: int) -> Any:
        """Save all of it. 409 unless it is READY."""
        sheet = self.get_object()
        return keep(
            request,
            lambda: imports.confirm_sheet(sheet_id=sheet.pk, farmer=self.farmer, now=timezone.now()),
            self.show,
        )

    @extend_schema(request=None, responses=shapes.SheetOutput)
    def drop(self, request: Request, pk: int) -> Response:
        """Throw it away before it is saved."""
        return self.show(imports.drop_sheet(sheet_id=self.get_object().pk, farmer=self.farmer, now=timezone.now()))


class SheetExportViewSet(FarmViewSet):
    """Everything one sells, as a sheet that can be changed and sent back."""

    pagination_class = None
    renderer_classes = [FileRenderer]

    @extend_schema(responses={(200, "text/csv"): OpenApiTypes.BINARY})
    def retrieve(self, request: Request) -> HttpResponse:
        """CSV in UTF-8."""
        return HttpResponse(writing.as_csv(sheets.export_rows(self.farmer)), content_type=writing.CSV)
