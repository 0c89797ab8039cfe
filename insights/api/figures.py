"""Public figures: the country, counties, kinds of produce, the league. For everybody; the same as on the pages."""

from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import County
from common.api.permissions import Anybody
from common.api.views import ApiViewSet
from insights import tables
from insights.api import showing
from insights.api.asking import PeriodQuery, YearQuery
from insights.definitions import ALL
from insights.models import Month
from insights.periods import Period
from marketplace.models import Produce


class PublicFiguresViewSet(ApiViewSet):
    """Figures that anyone can check: each a sum over at least five farms and five buyers (docs/insights.md)."""

    tag = "figures"
    scope = None
    permission_classes = [Anybody]
    pagination_class = None
    queryset = Month.objects.none()
    serializer_class = showing.NationFiguresOutput

    def _period(self) -> Period:
        period: Period = self.read_query(PeriodQuery)["period"]
        return period

    @extend_schema(parameters=[PeriodQuery], responses=showing.NationFiguresOutput)
    def nation(self, request: Request) -> Response:
        """The whole country over some months."""
        return self.show(tables.nation(self._period()))

    @extend_schema(parameters=[PeriodQuery], responses=showing.CountiesFiguresOutput)
    def counties(self, request: Request) -> Response:
        """All counties of which something is public over some months, most sold first."""
        return self.show(tables.counties(self._period()), serializer_class=showing.CountiesFiguresOutput)

    @extend_schema(parameters=[PeriodQuery], responses=showing.CountyFiguresOutput)
    def county(self, request: Request, slug: str) -> Response:
        """One county over some months, with its produce by month."""
        place = get_object_or_404(County, slug=slug)
        return self.show(tables.county(place, self._period()), serializer_class=showing.CountyFiguresOutput)

    @extend_schema(parameters=[PeriodQuery], responses=showing.KindsFiguresOutput)
    def kinds(self, request: Request) -> Response:
        """All kinds of produce of which something is public over some months, most sold first."""
        return self.show(tables.kinds(self._period()), serializer_class=showing.KindsFiguresOutput)

    @extend_schema(parameters=[PeriodQuery], responses=showing.ProduceFiguresOutput)
    def produce(self, request: Request, slug: str) -> Response:
        """One kind of produce over some months, with the counties it comes from."""
        kind = get_object_or_404(Produce, slug=slug, parent__isnull=False)
        return self.show(tables.produce(kind, self._period()), serializer_class=showing.ProduceFiguresOutput)

    @extend_schema(parameters=[YearQuery], responses=showing.LeagueOutput)
    def league(self, request: Request) -> Response:
        """The counties of a calendar year, by income per farm and not by turnover."""
        year = self.read_query(YearQuery).get("year") or timezone.localdate().year
        return self.show(tables.league(year), serializer_class=showing.LeagueOutput)

    @extend_schema(responses=showing.DefinitionsOutput)
    def definitions(self, request: Request) -> Response:
        """What each figure means, with the version of that."""
        return self.show({"figures": ALL}, serializer_class=showing.DefinitionsOutput)
