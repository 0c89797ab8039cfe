import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("live", "0002_reminders"),
    ]

    operations = [
        pgtrigger.migrations.AddTrigger(
            model_name="broadcast",
            trigger=pgtrigger.compiler.Trigger(
                name="not_ones_own",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="\n            IF EXISTS (\n                SELECT 1 FROM accounts_farmer f WHERE f.id = (NEW.farmer_id) AND (\n                    f.user_id = NEW.stopped_by_id\n                    OR EXISTS (SELECT 1 FROM accounts_tie t WHERE t.farmer_id = f.id AND t.user_id = NEW.stopped_by_id)\n                    OR EXISTS (\n                        SELECT 1 FROM accounts_farmer own WHERE own.user_id = NEW.stopped_by_id\n                        AND own.payee_kind = f.payee_kind AND own.payee_account = f.payee_account\n                    )\n                )\n            ) THEN\n                RAISE EXCEPTION 'nobody decides about their own' USING ERRCODE = 'check_violation';\n            END IF;\n            RETURN NEW;\n        ",
                    hash="5df66369bf92bc223e9ede348fb818c1253795a7",
                    operation='UPDATE OF "stopped_by_id"',
                    pgid="pgtrigger_not_ones_own_2ac66",
                    table="live_broadcast",
                    when="BEFORE",
                ),
            ),
        ),
    ]
