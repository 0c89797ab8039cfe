"""Regions for addresses, and the 832 counties: public facts, for everybody."""

import django_filters
from django.db.models import QuerySet

from accounts.api.showing import CountyOutput, RegionOutput
from accounts.models import County, Region
from common.api.permissions import Anybody
from common.api.views import ApiViewSet, ListMixin, RetrieveMixin


class RegionFilter(django_filters.FilterSet):
    parent = django_filters.CharFilter(field_name="parent", max_length=12)
    level = django_filters.ChoiceFilter(choices=Region.Level.choices)


class RegionViewSet(ListMixin, RetrieveMixin, ApiViewSet):
    """Provinces, prefectures and counties as addresses use them; `parent` gives what lies inside one."""

    tag = "places"
    scope = None
    permission_classes = [Anybody]
    serializer_class = RegionOutput
    filterset_class = RegionFilter
    keyset = ("code",)
    lookup_field = "code"
    lookup_value_converter = "slug"
    page_size = 100

    def get_queryset(self) -> QuerySet[Region]:
        return Region.objects.filter(is_current=True)


class CountyFilter(django_filters.FilterSet):
    province = django_filters.CharFilter(field_name="province", max_length=12)


class CountyViewSet(ListMixin, RetrieveMixin, ApiViewSet):
    """The 832 counties that sell here."""

    tag = "places"
    scope = None
    permission_classes = [Anybody]
    serializer_class = CountyOutput
    filterset_class = CountyFilter
    keyset = ("list_no",)
    lookup_field = "slug"
    lookup_value_converter = "slug"
    page_size = 100

    def get_queryset(self) -> QuerySet[County]:
        return County.objects.select_related("province")
