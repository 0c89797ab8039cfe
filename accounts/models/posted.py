"""Only a specialist who is posted to a farmer's county that day may do something there: the rule as the database keeps it."""

import pgtrigger
from django.conf import settings


def only_posted(
    name: str,
    *,
    who: str,
    at: str,
    county: str = "SELECT f.county_id FROM accounts_farmer f WHERE f.id = NEW.farmer_id",
    on: pgtrigger.Operation | pgtrigger.Operations = pgtrigger.Insert,
    when: str = "true",
) -> pgtrigger.Trigger:
    """A trigger that refuses a row unless `who` was posted to `county` (its farmer's) on the day of `at` in China.

    All are SQL about NEW; where `when` is not true, nothing is asked.
    """
    return pgtrigger.Trigger(
        name=name,
        operation=on,
        when=pgtrigger.Before,
        func=f"""
            IF {when} AND NOT EXISTS (
                SELECT 1 FROM accounts_posting p WHERE p.county_id = ({county}) AND p.specialist_id = ({who})
                AND p.starts_on <= (({at}) AT TIME ZONE '{settings.TIME_ZONE}')::date
                AND (p.ends_on IS NULL OR p.ends_on >= (({at}) AT TIME ZONE '{settings.TIME_ZONE}')::date)
            ) THEN
                RAISE EXCEPTION 'nobody works in a county they are not posted to'
                    USING ERRCODE = 'check_violation', CONSTRAINT = '{name}';
            END IF;
            RETURN NEW;
        """,  # noqa: S608  # all of it is written in this project, beside the models
    )
