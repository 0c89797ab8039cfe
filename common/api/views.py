"""The ground every view of the API stands on. docs/api.md says how to add one."""

from typing import Any, TypeVar

from django.http import HttpResponseBase
from django.utils.cache import patch_cache_control, patch_vary_headers
from rest_framework import serializers, viewsets
from rest_framework.request import Request
from rest_framework.response import Response

from common.api.etags import conditional
from common.api.pages import KeysetPagination
from common.api.permissions import Scope, SignedIn

S = TypeVar("S", bound=serializers.BaseSerializer)


class ApiViewSet(viewsets.GenericViewSet):
    """One resource.

    `scope` is what a token needs, `permission_classes` who may at all; `get_queryset` gives only what the person may
    see, so that another's id is 404. `input_class` reads what comes in, `serializer_class` shows what goes out.
    """

    scope: str | None = Scope.READ
    permission_classes = [SignedIn]
    pagination_class: Any = KeysetPagination
    keyset: tuple[str, ...] = ("-pk",)
    lookup_value_converter = "int"

    def read(self, serializer: type[serializers.Serializer], **more: Any) -> dict[str, Any]:
        """What came in, checked for shape. Raises ValidationError, which is a 422 with a pointer to each field."""
        found = serializer(data=self.request.data, context=self.get_serializer_context(), **more)
        found.is_valid(raise_exception=True)
        return dict(found.validated_data)

    def read_query(self, serializer: type[serializers.Serializer]) -> dict[str, Any]:
        """What stands in the address, checked. Raises ValidationError, which is a 422 that names the parameter."""
        found = serializer(data=self.request.query_params, context=self.get_serializer_context())
        found.is_valid(raise_exception=True)
        return dict(found.validated_data)

    def show(self, thing: Any, status: int = 200, **more: Any) -> Response:
        """One thing as the resource shows it; `serializer_class=` for another one."""
        serializer = more.pop("serializer_class", None) or self.get_serializer_class()
        context = self.get_serializer_context()
        return Response(serializer(thing, context=context, **more).data, status=status)

    def paginated(self, queryset: Any, **more: Any) -> Response:
        """One page of a queryset."""
        serializer = more.pop("serializer_class", None) or self.get_serializer_class()
        rows = self.paginate_queryset(queryset)
        return self.get_paginated_response(serializer(rows, many=True, context=self.get_serializer_context()).data)

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Say for whom the answer is and how long it may be kept; tag what was read."""
        response = super().finalize_response(request, response, *args, **kwargs)
        patch_vary_headers(response, ["Accept", "Accept-Language", "Authorization", "Cookie"])
        if not response.has_header("Cache-Control"):
            known = bool(getattr(request, "user", None) and request.user.is_authenticated)
            patch_cache_control(response, private=True, **({"no_store": True} if known else {"no_cache": True}))
        if isinstance(response, Response):
            response.add_post_render_callback(lambda rendered: conditional(request, rendered))
        elif not response.streaming:
            conditional(request, response)
        return response


class ListMixin:
    """GET on the collection: one page of `get_queryset`, filtered."""

    def list(self: Any, request: Request, *args: Any, **kwargs: Any) -> Response:
        return self.paginated(self.filter_queryset(self.get_queryset()))


class RetrieveMixin:
    """GET on one of them."""

    def retrieve(self: Any, request: Request, *args: Any, **kwargs: Any) -> Response:
        return self.show(self.get_object())
