"""Nobody decides about their own people: the rule as the database keeps it, for every table of decisions."""

import pgtrigger


def not_about_ones_own(
    farmer: str, decider: str = "NEW.decided_by_id", on: pgtrigger.Operation | pgtrigger.Operations = pgtrigger.Insert
) -> pgtrigger.Trigger:
    """A trigger that refuses a decision about the farmer whom the SQL `farmer` names by `decider` or their household.

    The same rule as accounts.queries.is_close_to.
    """
    return pgtrigger.Trigger(
        name="not_ones_own",
        operation=on,
        when=pgtrigger.Before,
        func=f"""
            IF EXISTS (
                SELECT 1 FROM accounts_farmer f WHERE f.id = ({farmer}) AND (
                    f.user_id = {decider}
                    OR EXISTS (SELECT 1 FROM accounts_tie t WHERE t.farmer_id = f.id AND t.user_id = {decider})
                    OR EXISTS (
                        SELECT 1 FROM accounts_farmer own WHERE own.user_id = {decider}
                        AND own.payee_kind = f.payee_kind AND own.payee_account = f.payee_account
                    )
                )
            ) THEN
                RAISE EXCEPTION 'nobody decides about their own' USING ERRCODE = 'check_violation';
            END IF;
            RETURN NEW;
        """,  # noqa: S608  # both are written in this project, beside the models
    )
