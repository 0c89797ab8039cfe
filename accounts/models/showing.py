"""Whether buyers may see a farmer's name and picture: each choice as it was made, in which words, and by whom."""

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models.farmers import Farmer
from common.models import AppendOnly


class ShowingChoice(AppendOnly):
    """One choice of a farmer's. The newest of a kind holds; `said` is the sentence they agreed to, as it was shown to them."""

    class What(models.TextChoices):
        NAME = "NAME", _("the name")
        PICTURE = "PICTURE", _("the picture")

    farmer = models.ForeignKey(Farmer, models.PROTECT, related_name="showing_choices")
    what = models.CharField(max_length=7, choices=What.choices)
    is_shown = models.BooleanField()
    wording = models.CharField(max_length=12, help_text="Which version of the sentences.")
    said = models.CharField(max_length=400)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    made_at = models.DateTimeField()

    class Meta(AppendOnly.Meta):
        ordering = ["-pk"]
        constraints = [models.CheckConstraint(condition=~Q(said="") & ~Q(wording=""), name="showing_choice_says_what")]
        triggers = [
            *AppendOnly.Meta.triggers,
            pgtrigger.Trigger(
                name="showing_choice_is_ones_own",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                func="""
                    IF NOT EXISTS (
                        SELECT 1 FROM accounts_farmer WHERE id = NEW.farmer_id AND user_id = NEW.made_by_id
                    ) THEN
                        RAISE EXCEPTION 'only farmer % says whether they are shown', NEW.farmer_id
                            USING ERRCODE = 'check_violation', CONSTRAINT = 'showing_choice_is_ones_own';
                    END IF;
                    RETURN NEW;
                """,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.what} of farmer {self.farmer_id}"
