"""Labels and the packing sheet as PDF files."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request

from accounts.models import Farmer
from common.api.fields import Input, TextField
from common.api.files import FileRenderer
from common.api.permissions import Scope
from common.api.views import ApiViewSet
from orders import queries
from orders.views.labels import MOST, pdf

PAPERS = [("a6", "one label on each page"), ("a4", "four labels on each page")]


class LabelQuery(Input):
    """On which paper, and for which parcel."""

    paper = serializers.ChoiceField(PAPERS, default="a6")
    parcel = TextField(max_length=20, required=False, default="", help_text="One parcel's number; else all to post.")


class LabelViewSet(ApiViewSet):
    """Labels of the parcels one has to post, the most urgent first: where each goes, and its number as a QR code."""

    tag = "selling"
    scope = Scope.SELL
    pagination_class = None
    renderer_classes = [FileRenderer]

    @extend_schema(parameters=[LabelQuery], responses={(200, "application/pdf"): OpenApiTypes.BINARY})
    def retrieve(self, request: Request) -> HttpResponse:
        """At most 200 at a time; 404 for a parcel that is not to be posted."""
        from orders import labels

        sent = self.read_query(LabelQuery)
        waiting = queries.to_pack(get_object_or_404(Farmer, user=request.user.pk))
        if sent["parcel"]:
            get_object_or_404(waiting, number=sent["parcel"])
            waiting = waiting.filter(number=sent["parcel"])
        return pdf(labels.labels_pdf(list(waiting[:MOST]), on_a4=sent["paper"] == "a4"), f"labels-{sent['paper']}.pdf")


class PackingSheetViewSet(ApiViewSet):
    """What there is to pack, to print and tick off."""

    tag = "selling"
    scope = Scope.SELL
    pagination_class = None
    renderer_classes = [FileRenderer]

    @extend_schema(responses={(200, "application/pdf"): OpenApiTypes.BINARY})
    def retrieve(self, request: Request) -> HttpResponse:
        """All parcels to post, at most 200; nobody's address is on it."""
        from orders import labels

        farmer = get_object_or_404(Farmer, user=request.user.pk)
        return pdf(labels.sheet_pdf(farmer, list(queries.to_pack(farmer)[:MOST])), "packing.pdf")
