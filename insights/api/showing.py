"""Public figures as programs get them: the same names and numbers as in the downloads. Fen, grams, whole months."""

from typing import Any

from rest_framework import serializers


def _sum(of: str) -> serializers.IntegerField:
    return serializers.IntegerField(allow_null=True, help_text=f"{of} null: withheld.")


class SumsOutput(serializers.Serializer):
    """Sums of money in fen, of weight in grams."""

    sold_fen = _sum("Paid for goods, less what went back.")
    farmer_fen = _sum("What farms keep of it.")
    paid_fen = _sum("What of that has reached them.")
    grams = _sum("Weight of what was sold.")
    packs = _sum("Boxes.")


class MonthOutput(SumsOutput):
    """One month. Withheld where fewer than five farms sold or five buyers bought."""

    month = serializers.CharField(help_text="As 2026-03.")
    sold_fen_year_before = _sum("In the same month of the year before.")


class TotalsOutput(SumsOutput):
    """A whole period: the sums of those of its months that are public."""

    growth_percent = serializers.FloatField(
        allow_null=True, help_text="Against the same months of the year before; null where one of either is withheld."
    )


class NationTotalsOutput(TotalsOutput):
    orders = serializers.IntegerField()
    counties = serializers.IntegerField(help_text="Of the 832, in the month in which they were most.")
    women_fen = _sum("What women-led farms sold.")
    women_percent = serializers.FloatField(allow_null=True)
    households = serializers.IntegerField(allow_null=True, help_text="Farms that sold in `people_year`.")
    verified_farms = serializers.IntegerField(allow_null=True, help_text="All there are, whether they sold or not.")
    people_year = serializers.IntegerField(help_text="People are counted by calendar year.")


class CountyTotalsOutput(TotalsOutput):
    households = serializers.IntegerField(allow_null=True, help_text="Farms that sold in `people_year`.")
    returning_percent = serializers.IntegerField(allow_null=True, help_text="Buyers who came back in `people_year`.")
    people_year = serializers.IntegerField(help_text="People are counted by calendar year.")


class ProduceTotalsOutput(TotalsOutput):
    fen_per_kg = serializers.IntegerField(allow_null=True)


class SpanOutput(serializers.Serializer):
    """The first and the last month, both in it."""

    def get_fields(self) -> dict[str, Any]:
        return {name: serializers.CharField(help_text="As 2026-03.") for name in ("from", "to")}


class AnyFiguresOutput(serializers.Serializer):
    """Under which version something is public, and what its columns mean."""

    version = serializers.IntegerField(help_text="Moves when anything public has moved.")
    definitions = serializers.DictField(
        child=serializers.CharField(), help_text="By column: a `label` of /figures/definitions/."
    )


class PeriodFiguresOutput(AnyFiguresOutput):
    """Some months of something, one by one."""

    period = SpanOutput()
    withheld_months = serializers.IntegerField()
    months = MonthOutput(many=True)


class NationFiguresOutput(PeriodFiguresOutput):
    totals = NationTotalsOutput()


class KindMonthOutput(SumsOutput):
    produce = serializers.CharField(allow_null=True, help_text="A slug; null: the kinds too small to be told apart.")
    month = serializers.CharField(help_text="As 2026-03.")


class ProgrammeThereOutput(serializers.Serializer):
    """A programme of the fund for this county alone: as it stands, whatever the period."""

    programme = serializers.CharField(help_text="Its slug, as in /fund/programmes/.")
    target_fen = serializers.IntegerField(allow_null=True)
    came_fen = serializers.IntegerField(help_text="Given, or allotted by the fund, less what went back.")
    granted_fen = serializers.IntegerField()
    people = serializers.IntegerField(allow_null=True, help_text="Reached, as reported; null: none, or under five.")


class CountyFiguresOutput(PeriodFiguresOutput):
    county = serializers.CharField(help_text="Its slug.")
    totals = CountyTotalsOutput()
    produce = KindMonthOutput(many=True)
    programmes = ProgrammeThereOutput(many=True)


class PlaceFiguresOutput(SumsOutput):
    """A county, as far as it is public over the period."""

    county = serializers.CharField(help_text="Its slug.")
    name = serializers.CharField()
    fen_per_kg = serializers.IntegerField(allow_null=True)


class ProduceFiguresOutput(PeriodFiguresOutput):
    produce = serializers.CharField(help_text="Its slug.")
    totals = ProduceTotalsOutput()
    counties = PlaceFiguresOutput(many=True)


class CountiesFiguresOutput(AnyFiguresOutput):
    period = SpanOutput()
    counties = PlaceFiguresOutput(many=True)


class KindFiguresOutput(SumsOutput):
    """A kind, from the counties where at least five farms sold it in a month."""

    produce = serializers.CharField(help_text="Its slug.")
    name = serializers.CharField()
    fen_per_kg = serializers.IntegerField(allow_null=True)


class KindsFiguresOutput(AnyFiguresOutput):
    period = SpanOutput()
    kinds = KindFiguresOutput(many=True)


class RankOutput(serializers.Serializer):
    """A county's place, by what a farm kept on the average."""

    rank = serializers.IntegerField()
    county = serializers.CharField(help_text="Its slug.")
    name = serializers.CharField()
    households = serializers.IntegerField(help_text="Farms that sold.")
    months = serializers.IntegerField(help_text="How many of the county's months are public.")
    farmer_fen = serializers.IntegerField()
    fen_per_household = serializers.IntegerField()


class LeagueOutput(AnyFiguresOutput):
    year = serializers.IntegerField()
    counties = RankOutput(many=True)


class DefinitionOutput(serializers.Serializer):
    """What a figure means, and since when it means that."""

    name = serializers.CharField()
    label = serializers.CharField(help_text="The name with its version, as figures refer to it.")
    version = serializers.IntegerField()
    since = serializers.DateField()
    title = serializers.CharField()
    says = serializers.CharField()


class DefinitionsOutput(serializers.Serializer):
    figures = DefinitionOutput(many=True)
