"""Place pickers: each select offers what lies inside the one before it. They work without JavaScript.

Without it, a button beside the select sends the form, and the page comes back with the next select filled; with it, htmx
fetches just the fields below.
"""

from itertools import groupby
from typing import Any, cast

from django import forms
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _

from accounts.models.places import speaks_english
from accounts.queries import counties_in, current_regions, provinces_that_sell

NOTHING = ("", _("Please choose"))


def _fetching(url_name: str, inside: str) -> forms.Select:
    """A select whose change fetches the fields below it, in the element `inside`, anew.

    The select itself stays: keys go through its options one by one, and each is a change.
    """
    return forms.Select(
        attrs={
            "hx-get": reverse_lazy(url_name),
            "hx-include": "closest .places",
            "hx-target": f"#{inside}",
            "hx-select": f"#{inside}",
            "hx-swap": "outerHTML",
        }
    )


class PlaceFields(forms.Form):
    """What both pickers do: read what is chosen so far, and fill selects with it."""

    def _chosen(self, name: str) -> str:
        code = str((self.data if self.is_bound else self.initial).get(name) or "")
        return code if code.isascii() and code.isdigit() else ""

    def _offer(self, name: str, choices: list[Any]) -> None:
        field = cast(forms.ChoiceField, self.fields[name])
        field.choices = [NOTHING, *choices]
        if not choices:
            field.widget.attrs["disabled"] = True


class RegionFields(PlaceFields):
    """Province, prefecture and county of an address."""

    province = forms.ChoiceField(
        label=_("Province"),
        widget=_fetching("accounts:region_children", "inside-province"),
        error_messages=dict.fromkeys(["required", "invalid_choice"], _("Please choose a province.")),
    )
    prefecture = forms.ChoiceField(
        label=_("City"),
        widget=_fetching("accounts:region_children", "inside-prefecture"),
        error_messages=dict.fromkeys(["required", "invalid_choice"], _("Please choose a city.")),
    )
    county = forms.ChoiceField(
        label=_("District or county"),
        error_messages=dict.fromkeys(["required", "invalid_choice"], _("Please choose a district or county.")),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._offer("province", [(region.pk, region.local_name) for region in current_regions(None)])
        prefectures = current_regions(self._chosen("province"))
        self._offer("prefecture", [(region.pk, region.local_name) for region in prefectures])
        if len(prefectures) == 1 and not self.is_bound:  # Beijing has but one
            self.initial["prefecture"] = prefectures[0].pk
        is_inside = self._chosen("prefecture") in {region.pk for region in prefectures}
        counties = current_regions(self._chosen("prefecture")) if is_inside else []
        self._offer("county", [(region.pk, region.local_name) for region in counties])
        self.fields["county"].required = bool(counties)


class CountyFields(PlaceFields):
    """One of the 832 counties, by province; its cities are the headings."""

    province = forms.ChoiceField(
        label=_("Province"),
        widget=_fetching("accounts:county_choices", "inside-province"),
        error_messages=dict.fromkeys(["required", "invalid_choice"], _("Please choose your province.")),
    )
    county = forms.ChoiceField(
        label=_("County"),
        help_text=_("Not in the list? Chushan is for the 832 counties that were officially poor until 2020."),
        error_messages=dict.fromkeys(["required", "invalid_choice"], _("Please choose your county.")),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._offer("province", [(region.pk, region.local_name) for region in provinces_that_sell()])
        counties = counties_in(self._chosen("province"))
        prefecture = "prefecture_en" if speaks_english() else "prefecture_zh"
        self._offer(
            "county",
            [
                (city, [(str(county.pk), county.local_name) for county in inside])
                for city, inside in groupby(counties, key=lambda county: getattr(county, prefecture))
            ],
        )
