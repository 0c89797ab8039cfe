"""Papers a farmer may send, and who may read them."""

from django.db.models import QuerySet
from django.http import FileResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import Farmer, FarmerDocument
from accounts.queries import readable_papers
from accounts.services import farmers
from common.api.fields import Input
from common.api.files import FileRenderer
from common.api.permissions import Scope
from common.api.views import ApiViewSet, ListMixin


class PaperOutput(serializers.ModelSerializer):
    """A paper; its content is at /papers/{id}/."""

    class Meta:
        model = FarmerDocument
        fields = ["id", "media_type", "original_name", "uploaded_at"]
        read_only_fields = fields


class PaperInput(Input):
    paper = serializers.FileField(help_text="A photo (JPEG, PNG, WebP) or a PDF, up to 10 MB.")


class OwnPaperViewSet(ListMixin, ApiViewSet):
    """One's own papers: 4 at most, never required."""

    tag = "selling"
    scope = Scope.SELL
    throttle_scope = "upload"
    serializer_class = PaperOutput
    parser_classes = [MultiPartParser]
    keyset = ("-pk",)
    queryset = FarmerDocument.objects.none()

    def get_queryset(self) -> QuerySet[FarmerDocument]:
        return FarmerDocument.objects.filter(farmer__user=self.request.user.pk)

    @extend_schema(request=PaperInput, responses={201: PaperOutput})
    def create(self, request: Request) -> Response:
        """Send one."""
        get_object_or_404(Farmer, user=request.user)
        sent = self.read(PaperInput)
        made = farmers.add_documents(user_id=request.user.pk, files=[sent["paper"]], now=timezone.now())
        return self.show(made[0], status=201)

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, pk: int) -> Response:
        """Take one back."""
        farmers.remove_document(user_id=request.user.pk, document_id=self.get_object().pk)
        return Response(status=204)


class PaperViewSet(ApiViewSet):
    """A paper's content: for its farmer, and for those who decide about them."""

    tag = "selling"
    scope = Scope.READ
    serializer_class = PaperOutput
    pagination_class = None
    renderer_classes = [FileRenderer]
    queryset = FarmerDocument.objects.none()

    @extend_schema(responses={(200, "application/octet-stream"): OpenApiTypes.BINARY})
    def retrieve(self, request: Request, pk: int) -> FileResponse:
        """The file, to keep; never shown inside a page."""
        paper = get_object_or_404(readable_papers(request.user, timezone.localdate()), pk=pk)
        response = FileResponse(
            paper.file.open("rb"),
            as_attachment=True,
            filename=paper.original_name,
            content_type="application/octet-stream",
        )
        response["X-Content-Type-Options"] = "nosniff"
        return response
