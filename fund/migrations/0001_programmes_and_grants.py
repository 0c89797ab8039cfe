import common.storage
import django.db.models.deletion
import pgtrigger.compiler
from django.conf import settings
from django.db import migrations, models

from common.migrating import CreateModels


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("accounts", "0008_consents"),
        ("marketplace", "0015_confined_photos"),
        ("payments", "0011_gifts_and_bound_money"),
    ]

    operations = [
        CreateModels(
            [
                migrations.CreateModel(
                    name="Donation",
                    fields=[
                        (
                            "gift",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT,
                                primary_key=True,
                                related_name="donation",
                                serialize=False,
                                to="payments.gift",
                            ),
                        ),
                        ("shown_name", models.CharField(blank=True, max_length=30)),
                        (
                            "receipt_name",
                            models.CharField(blank=True, help_text="On the receipt alone.", max_length=60),
                        ),
                        ("email", models.EmailField(blank=True, max_length=254)),
                        ("english", models.BooleanField(default=False, help_text="The language of the receipt.")),
                        ("receipt_due_at", models.DateTimeField(blank=True, null=True)),
                        ("receipt_tries", models.PositiveSmallIntegerField(default=0)),
                    ],
                    options={
                        "indexes": [
                            models.Index(
                                condition=models.Q(("receipt_due_at__isnull", False)),
                                fields=["receipt_due_at"],
                                name="donation_receipt_due",
                            )
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("receipt_due_at", None), models.Q(("email", ""), _negated=True), _connector="OR"
                                ),
                                name="donation_receipt_has_an_address",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Grant",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("prepared_at", models.DateTimeField()),
                        ("approved_at", models.DateTimeField(blank=True, null=True)),
                        ("dropped_at", models.DateTimeField(blank=True, null=True)),
                        ("why_dropped", models.CharField(blank=True, max_length=300)),
                        ("is_starter", models.BooleanField(default=False, help_text="A start for one farm.")),
                        ("amount_fen", models.PositiveIntegerField()),
                        (
                            "purpose",
                            models.CharField(
                                help_text="What it is for; everybody reads it. Name no person.", max_length=200
                            ),
                        ),
                        (
                            "account_kind",
                            models.CharField(
                                choices=[("BANK", "bank card"), ("ALIPAY", "Alipay"), ("WECHAT", "WeChat Pay")],
                                max_length=8,
                            ),
                        ),
                        ("account_name", models.CharField(max_length=60)),
                        ("account", models.CharField(max_length=64)),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("PREPARED", "waits for a second person"),
                                    ("APPROVED", "approved, to be paid"),
                                    ("PAID", "paid, to be reported on"),
                                    ("REPORTED", "reported on"),
                                    ("RETURNED", "came back"),
                                    ("DROPPED", "given up"),
                                ],
                                default="PREPARED",
                                max_length=8,
                            ),
                        ),
                        ("paid_at", models.DateTimeField(blank=True, null=True)),
                        ("paid_on", models.DateField(blank=True, help_text="When the transfer was made.", null=True)),
                        ("report", models.TextField(blank=True, max_length=2000)),
                        ("beneficiaries", models.PositiveIntegerField(blank=True, null=True)),
                        ("reported_at", models.DateTimeField(blank=True, null=True)),
                        ("returned_at", models.DateTimeField(blank=True, null=True)),
                        ("why_returned", models.CharField(blank=True, max_length=300)),
                        (
                            "approved_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "back_entry",
                            models.OneToOneField(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="grant_back",
                                to="payments.entry",
                            ),
                        ),
                        (
                            "dropped_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "paid_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "paid_entry",
                            models.OneToOneField(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="grant_paid",
                                to="payments.entry",
                            ),
                        ),
                        (
                            "prepared_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "reported_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "reserved_entry",
                            models.OneToOneField(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="grant_reserved",
                                to="payments.entry",
                            ),
                        ),
                        (
                            "returned_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "payee",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="grants", to="fund.payee"
                            ),
                        ),
                        (
                            "programme",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="grants", to="fund.programme"
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["-pk"],
                        "indexes": [models.Index(fields=["programme", "-id"], name="grant_by_programme")],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("approved_by", None),
                                    models.Q(("approved_by", models.F("prepared_by")), _negated=True),
                                    _connector="OR",
                                ),
                                name="grant_needs_two_people",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("state", "PREPARED"),
                                        ("approved_at", None),
                                        ("approved_by", None),
                                        ("dropped_at", None),
                                        ("dropped_by", None),
                                        ("why_dropped", ""),
                                    ),
                                    models.Q(
                                        ("state", "DROPPED"),
                                        ("dropped_at__isnull", False),
                                        ("dropped_by__isnull", False),
                                        models.Q(("why_dropped", ""), _negated=True),
                                        models.Q(
                                            models.Q(("approved_at__isnull", False), ("approved_by__isnull", False)),
                                            models.Q(("approved_at", None), ("approved_by", None)),
                                            _connector="OR",
                                        ),
                                    ),
                                    models.Q(
                                        models.Q(("state__in", ["PREPARED", "DROPPED"]), _negated=True),
                                        ("approved_at__isnull", False),
                                        ("approved_by__isnull", False),
                                        ("dropped_at", None),
                                        ("dropped_by", None),
                                        ("why_dropped", ""),
                                    ),
                                    _connector="OR",
                                ),
                                name="grant_is_signed",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("amount_fen__gt", 0), models.Q(("purpose", ""), _negated=True)),
                                name="grant_says_how_much_and_what_for",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("approved_by", None), ("reserved_entry", None)),
                                    models.Q(("approved_by__isnull", False), ("reserved_entry__isnull", False)),
                                    _connector="OR",
                                ),
                                name="grant_approved_is_reserved",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("paid_by__isnull", False),
                                        ("state__in", ["PAID", "REPORTED", "RETURNED"]),
                                        ("paid_at__isnull", False),
                                        ("paid_entry__isnull", False),
                                        ("paid_on__isnull", False),
                                    ),
                                    models.Q(
                                        ("paid_at", None),
                                        ("paid_by", None),
                                        ("state__in", ["PREPARED", "APPROVED", "DROPPED"]),
                                        ("paid_entry", None),
                                        ("paid_on", None),
                                    ),
                                    _connector="OR",
                                ),
                                name="grant_paid_is_booked",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("beneficiaries", None),
                                        ("report", ""),
                                        ("reported_at", None),
                                        ("reported_by", None),
                                        models.Q(("state", "REPORTED"), _negated=True),
                                    ),
                                    models.Q(
                                        ("beneficiaries__isnull", False),
                                        ("state__in", ["REPORTED", "RETURNED"]),
                                        ("reported_at__isnull", False),
                                        ("reported_by__isnull", False),
                                        models.Q(("report", ""), _negated=True),
                                    ),
                                    _connector="OR",
                                ),
                                name="grant_report_is_whole",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("returned_at__isnull", False),
                                        ("returned_by__isnull", False),
                                        ("state", "RETURNED"),
                                        models.Q(("why_returned", ""), _negated=True),
                                    ),
                                    models.Q(
                                        models.Q(("state", "RETURNED"), _negated=True),
                                        ("returned_at", None),
                                        ("returned_by", None),
                                        ("why_returned", ""),
                                    ),
                                    _connector="OR",
                                ),
                                name="grant_return_is_signed",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("back_entry__isnull", False), ("state", "RETURNED")),
                                    models.Q(
                                        ("approved_by__isnull", False),
                                        ("back_entry__isnull", False),
                                        ("state", "DROPPED"),
                                    ),
                                    models.Q(("approved_by", None), ("back_entry", None), ("state", "DROPPED")),
                                    models.Q(
                                        models.Q(("state__in", ["RETURNED", "DROPPED"]), _negated=True),
                                        ("back_entry", None),
                                    ),
                                    _connector="OR",
                                ),
                                name="grant_that_came_back_is_booked",
                            ),
                        ],
                        "triggers": [
                            pgtrigger.compiler.Trigger(
                                name="grant_begins_prepared",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    condition="WHEN (NOT (NEW.\"state\" = 'PREPARED'))",
                                    func="RAISE EXCEPTION 'pgtrigger: Cannot insert rows from % table', TG_TABLE_NAME;",
                                    hash="0661c4ec1feb5aa869b60442191340d539e04b54",
                                    operation="INSERT",
                                    pgid="pgtrigger_grant_begins_prepared_e7afd",
                                    table="fund_grant",
                                    when="BEFORE",
                                ),
                            ),
                            pgtrigger.compiler.Trigger(
                                name="grant_terms_fixed",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    condition='WHEN (OLD."prepared_by_id" IS DISTINCT FROM (NEW."prepared_by_id") OR OLD."prepared_at" IS DISTINCT FROM (NEW."prepared_at") OR OLD."programme_id" IS DISTINCT FROM (NEW."programme_id") OR OLD."payee_id" IS DISTINCT FROM (NEW."payee_id") OR OLD."is_starter" IS DISTINCT FROM (NEW."is_starter") OR OLD."amount_fen" IS DISTINCT FROM (NEW."amount_fen") OR OLD."purpose" IS DISTINCT FROM (NEW."purpose") OR OLD."account_kind" IS DISTINCT FROM (NEW."account_kind") OR OLD."account_name" IS DISTINCT FROM (NEW."account_name") OR OLD."account" IS DISTINCT FROM (NEW."account"))',
                                    func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                                    hash="6cec1dd27d5c310c48c752663593c83f8f4d4f49",
                                    operation="UPDATE",
                                    pgid="pgtrigger_grant_terms_fixed_8ec21",
                                    table="fund_grant",
                                    when="BEFORE",
                                ),
                            ),
                            pgtrigger.compiler.Trigger(
                                name="grant_approver_fixed",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    condition='WHEN (OLD."approved_by_id" IS NOT NULL AND (OLD."approved_by_id" IS DISTINCT FROM (NEW."approved_by_id") OR OLD."approved_at" IS DISTINCT FROM (NEW."approved_at")))',
                                    func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                                    hash="9eb303d65502582085d06031d7cdf02f9086219f",
                                    operation="UPDATE",
                                    pgid="pgtrigger_grant_approver_fixed_c1a37",
                                    table="fund_grant",
                                    when="BEFORE",
                                ),
                            ),
                            pgtrigger.compiler.Trigger(
                                name="grant_never_deleted",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;",
                                    hash="c4f4fb2066c24bd2a981e206ccec47c03758e772",
                                    operation="DELETE",
                                    pgid="pgtrigger_grant_never_deleted_a85d3",
                                    table="fund_grant",
                                    when="BEFORE",
                                ),
                            ),
                            pgtrigger.compiler.Trigger(
                                name="grant_moves",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    declare="DECLARE _is_valid_transition BOOLEAN;",
                                    func='SELECT CONCAT(OLD."state", \':\', NEW."state") = ANY(\'{PREPARED:APPROVED,PREPARED:DROPPED,APPROVED:PAID,APPROVED:DROPPED,PAID:REPORTED,PAID:RETURNED,REPORTED:RETURNED}\'::text[]) INTO _is_valid_transition; IF (_is_valid_transition IS FALSE AND OLD."state" IS DISTINCT FROM NEW."state") THEN RAISE EXCEPTION \'pgtrigger: Invalid transition of field "state" from "%" to "%" on table %\', OLD."state", NEW."state", TG_TABLE_NAME; ELSE RETURN NEW; END IF;',
                                    hash="d119e98616528474a0722c91fdcb4e988b5b48c5",
                                    operation="UPDATE",
                                    pgid="pgtrigger_grant_moves_cc430",
                                    table="fund_grant",
                                    when="BEFORE",
                                ),
                            ),
                            pgtrigger.compiler.Trigger(
                                name="grant_stands_on",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    func="\n    IF NEW.reserved_entry_id IS NOT NULL AND (\n        SELECT count(*) <> 2\n            OR count(*) FILTER (WHERE leg.fen = NEW.amount_fen AND leg.account_id = programme.account_id) <> 1\n            OR count(*) FILTER (WHERE leg.fen = -NEW.amount_fen AND account.kind = 'GRANT_DUE'\n                                AND account.purpose = programme.slug) <> 1\n        FROM payments_leg leg JOIN payments_account account ON account.id = leg.account_id\n        CROSS JOIN (SELECT * FROM fund_programme WHERE id = NEW.programme_id) programme\n        WHERE leg.entry_id = NEW.reserved_entry_id) THEN\n        RAISE EXCEPTION 'grant % is not reserved as approved', NEW.id\n            USING ERRCODE = 'check_violation', CONSTRAINT = 'grant_reserved_as_approved';\n    END IF;\n    IF NEW.paid_entry_id IS NOT NULL AND (\n        SELECT count(*) <> 2\n            OR count(*) FILTER (WHERE leg.fen = NEW.amount_fen AND account.kind = 'GRANT_DUE') <> 1\n            OR count(*) FILTER (WHERE leg.fen = -NEW.amount_fen AND account.kind = 'PROVIDER') <> 1\n        FROM payments_leg leg JOIN payments_account account ON account.id = leg.account_id\n        WHERE leg.entry_id = NEW.paid_entry_id) THEN\n        RAISE EXCEPTION 'grant % is not paid as approved', NEW.id\n            USING ERRCODE = 'check_violation', CONSTRAINT = 'grant_paid_as_approved';\n    END IF;\n    IF NEW.state IN ('PAID', 'REPORTED', 'RETURNED')\n        AND NOT EXISTS (SELECT 1 FROM fund_evidence WHERE grant_id = NEW.id) THEN\n        RAISE EXCEPTION 'grant % without evidence', NEW.id\n            USING ERRCODE = 'check_violation', CONSTRAINT = 'grant_paid_with_evidence';\n    END IF;\n    RETURN NEW;\n",
                                    hash="7fe99bba87d2f6badfd97ebb283683cd99620463",
                                    operation="INSERT OR UPDATE",
                                    pgid="pgtrigger_grant_stands_on_080d3",
                                    table="fund_grant",
                                    when="BEFORE",
                                ),
                            ),
                            pgtrigger.compiler.Trigger(
                                name="grant_is_traced",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    condition='WHEN (NEW."reserved_entry_id" IS NOT NULL)',
                                    constraint="CONSTRAINT",
                                    func="\n    IF (SELECT coalesce(sum(-trace.fen), 0) FROM fund_trace trace\n        JOIN fund_programme programme ON programme.id = NEW.programme_id AND programme.account_id = trace.account_id\n        WHERE trace.entry_id = NEW.reserved_entry_id) <> NEW.amount_fen\n       OR NEW.back_entry_id IS NOT NULL AND EXISTS (\n            SELECT 1 FROM fund_trace went\n            FULL JOIN (SELECT * FROM fund_trace WHERE entry_id = NEW.back_entry_id) came ON came.origin_id = went.origin_id\n            WHERE (went.entry_id = NEW.reserved_entry_id OR went.id IS NULL)\n              AND coalesce(went.fen, 0) + coalesce(came.fen, 0) <> 0) THEN\n        RAISE EXCEPTION 'grant % is not traced to what was given', NEW.id\n            USING ERRCODE = 'check_violation', CONSTRAINT = 'grant_is_traced';\n    END IF;\n    RETURN NULL;\n",
                                    hash="8c9655454e842eae1d9ae12bb50413f1524b5eeb",
                                    operation="INSERT OR UPDATE",
                                    pgid="pgtrigger_grant_is_traced_a478b",
                                    table="fund_grant",
                                    timing="DEFERRABLE INITIALLY DEFERRED",
                                    when="AFTER",
                                ),
                            ),
                            pgtrigger.compiler.Trigger(
                                name="grant_women_led",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    func="\n    IF EXISTS (SELECT 1 FROM fund_programme WHERE id = NEW.programme_id AND for_women_led) AND NOT EXISTS (\n        SELECT 1 FROM fund_payee payee JOIN accounts_farmer farmer ON farmer.id = payee.farmer_id\n        WHERE payee.id = NEW.payee_id AND farmer.women_led AND farmer.status = 'VERIFIED') AND NEW.is_starter THEN\n        RAISE EXCEPTION 'starter grant % not to a women-led farm', NEW.id\n            USING ERRCODE = 'check_violation', CONSTRAINT = 'grant_starter_to_a_women_led_farm';\n    END IF;\n    RETURN NEW;\n",
                                    hash="a4b5998ae06aa43c355bde7e5587073a7cf2ec81",
                                    operation="INSERT",
                                    pgid="pgtrigger_grant_women_led_32cfa",
                                    table="fund_grant",
                                    when="BEFORE",
                                ),
                            ),
                            pgtrigger.compiler.Trigger(
                                name="not_ones_own",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    func="\n            IF EXISTS (\n                SELECT 1 FROM accounts_farmer f WHERE f.id = (SELECT farmer_id FROM fund_payee WHERE id = NEW.payee_id) AND (\n                    f.user_id = NEW.approved_by_id\n                    OR EXISTS (SELECT 1 FROM accounts_tie t WHERE t.farmer_id = f.id AND t.user_id = NEW.approved_by_id)\n                    OR EXISTS (\n                        SELECT 1 FROM accounts_farmer own WHERE own.user_id = NEW.approved_by_id\n                        AND own.payee_kind = f.payee_kind AND own.payee_account = f.payee_account\n                    )\n                )\n            ) THEN\n                RAISE EXCEPTION 'nobody decides about their own' USING ERRCODE = 'check_violation';\n            END IF;\n            RETURN NEW;\n        ",
                                    hash="b2e7b154a0650eac93600aa4bf8e21c4c4e8cc00",
                                    operation="UPDATE",
                                    pgid="pgtrigger_not_ones_own_673bb",
                                    table="fund_grant",
                                    when="BEFORE",
                                ),
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Evidence",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "file",
                            models.FileField(
                                blank=True,
                                max_length=200,
                                storage=common.storage.private_storage,
                                upload_to="evidence/",
                            ),
                        ),
                        ("media_type", models.CharField(blank=True, max_length=40)),
                        ("original_name", models.CharField(blank=True, max_length=120)),
                        ("words", models.CharField(help_text="What it shows.", max_length=200)),
                        ("dated_on", models.DateField()),
                        ("added_at", models.DateTimeField()),
                        (
                            "added_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "photo",
                            models.OneToOneField(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="evidence",
                                to="marketplace.photo",
                            ),
                        ),
                        (
                            "grant",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="evidence", to="fund.grant"
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["pk"],
                        "abstract": False,
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("photo", None),
                                        models.Q(("file", ""), _negated=True),
                                        models.Q(("media_type", ""), _negated=True),
                                    ),
                                    models.Q(("file", ""), ("photo__isnull", False)),
                                    _connector="OR",
                                ),
                                name="evidence_is_a_paper_or_a_photo",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("words", ""), _negated=True), name="evidence_says_what_it_shows"
                            ),
                        ],
                        "triggers": [
                            pgtrigger.compiler.Trigger(
                                name="append_only",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                                    hash="342df8bdbfef9da3b59b5bcfaed602e8dbc11cf6",
                                    operation="UPDATE OR DELETE",
                                    pgid="pgtrigger_append_only_b7228",
                                    table="fund_evidence",
                                    when="BEFORE",
                                ),
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Payee",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("SCHOOL", "school"),
                                    ("CLINIC", "clinic"),
                                    ("COOPERATIVE", "cooperative"),
                                    ("SUPPLIER", "supplier"),
                                    ("OTHER", "another organisation"),
                                    ("FARMER", "farmer"),
                                ],
                                max_length=12,
                            ),
                        ),
                        (
                            "name",
                            models.CharField(
                                help_text="As everybody may read it; a farmer's is never shown.", max_length=60
                            ),
                        ),
                        (
                            "account_kind",
                            models.CharField(
                                blank=True,
                                choices=[("BANK", "bank card"), ("ALIPAY", "Alipay"), ("WECHAT", "WeChat Pay")],
                                max_length=8,
                            ),
                        ),
                        ("account_name", models.CharField(blank=True, max_length=60)),
                        ("account", models.CharField(blank=True, max_length=64)),
                        ("is_open", models.BooleanField(default=True)),
                        ("added_at", models.DateTimeField()),
                        (
                            "added_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "farmer",
                            models.OneToOneField(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="grant_payee",
                                to="accounts.farmer",
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["name", "pk"],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("account", ""),
                                        ("account_kind", ""),
                                        ("account_name", ""),
                                        ("farmer__isnull", False),
                                        ("kind", "FARMER"),
                                    ),
                                    models.Q(
                                        models.Q(("kind", "FARMER"), _negated=True),
                                        ("farmer", None),
                                        models.Q(("account", ""), _negated=True),
                                        models.Q(("account_name", ""), _negated=True),
                                        models.Q(("account_kind", ""), _negated=True),
                                    ),
                                    _connector="OR",
                                ),
                                name="payee_has_one_account",
                            )
                        ],
                        "triggers": [
                            pgtrigger.compiler.Trigger(
                                name="payee_terms_fixed",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    condition='WHEN (OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."kind" IS DISTINCT FROM (NEW."kind") OR OLD."name" IS DISTINCT FROM (NEW."name") OR OLD."account_kind" IS DISTINCT FROM (NEW."account_kind") OR OLD."account_name" IS DISTINCT FROM (NEW."account_name") OR OLD."account" IS DISTINCT FROM (NEW."account") OR OLD."farmer_id" IS DISTINCT FROM (NEW."farmer_id") OR OLD."added_by_id" IS DISTINCT FROM (NEW."added_by_id") OR OLD."added_at" IS DISTINCT FROM (NEW."added_at"))',
                                    func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                                    hash="767da66460d2d3bf1e3649b98fa367536bb74e2f",
                                    operation="UPDATE",
                                    pgid="pgtrigger_payee_terms_fixed_7475a",
                                    table="fund_payee",
                                    when="BEFORE",
                                ),
                            ),
                            pgtrigger.compiler.Trigger(
                                name="payee_never_deleted",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;",
                                    hash="ffa775fdec5c2bc7fe5ea6b9ec46103be2d639e3",
                                    operation="DELETE",
                                    pgid="pgtrigger_payee_never_deleted_292f8",
                                    table="fund_payee",
                                    when="BEFORE",
                                ),
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="PhotoDecision",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("decided_at", models.DateTimeField()),
                        ("is_shown", models.BooleanField()),
                        (
                            "decided_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "evidence",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT, related_name="decision", to="fund.evidence"
                            ),
                        ),
                    ],
                    options={
                        "abstract": False,
                        "triggers": [
                            pgtrigger.compiler.Trigger(
                                name="append_only",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                                    hash="b7624f6a08b57e6f578d7ca027a8e2ca0c981210",
                                    operation="UPDATE OR DELETE",
                                    pgid="pgtrigger_append_only_af613",
                                    table="fund_photodecision",
                                    when="BEFORE",
                                ),
                            ),
                            pgtrigger.compiler.Trigger(
                                name="photo_decided_by_another",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    func="\n    IF EXISTS (SELECT 1 FROM fund_evidence WHERE id = NEW.evidence_id\n               AND (added_by_id = NEW.decided_by_id OR photo_id IS NULL)) THEN\n        RAISE EXCEPTION 'evidence % is not theirs to decide', NEW.evidence_id\n            USING ERRCODE = 'check_violation', CONSTRAINT = 'photo_decided_by_another';\n    END IF;\n    RETURN NEW;\n",
                                    hash="cdde05ad7df62ce1b9772c528bb70b3f66684ff5",
                                    operation="INSERT",
                                    pgid="pgtrigger_photo_decided_by_another_f78a7",
                                    table="fund_photodecision",
                                    when="BEFORE",
                                ),
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Programme",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("name_zh", models.CharField(max_length=60)),
                        ("name_en", models.CharField(max_length=80)),
                        ("slug", models.SlugField(max_length=24, unique=True)),
                        (
                            "area",
                            models.CharField(
                                choices=[
                                    ("EDUCATION", "education"),
                                    ("HEALTH", "health"),
                                    ("WOMEN", "women"),
                                    ("ECOLOGY", "ecology"),
                                    ("ECOMMERCE", "e-commerce"),
                                ],
                                max_length=10,
                            ),
                        ),
                        ("purpose_zh", models.CharField(max_length=300)),
                        ("purpose_en", models.CharField(max_length=500)),
                        ("target_fen", models.PositiveIntegerField(blank=True, null=True)),
                        ("starts_on", models.DateField()),
                        ("ends_on", models.DateField(blank=True, null=True)),
                        ("is_open", models.BooleanField(default=True)),
                        ("is_demo", models.BooleanField(default=False, help_text="Made up, for trying the shop.")),
                        (
                            "for_women_led",
                            models.BooleanField(
                                default=False, help_text="Its starter grants go to women-led farms alone."
                            ),
                        ),
                        (
                            "account",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="programme",
                                to="payments.account",
                            ),
                        ),
                        (
                            "county",
                            models.ForeignKey(
                                blank=True,
                                help_text="Empty: all counties.",
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="programmes",
                                to="accounts.county",
                            ),
                        ),
                        (
                            "owner",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["area", "pk"],
                        "permissions": [("handle_fund", "Can prepare, approve and follow grants of the fund")],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("area__in", ["EDUCATION", "HEALTH", "WOMEN", "ECOLOGY", "ECOMMERCE"])
                                ),
                                name="programme_area_is_one_of_five",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("ends_on", None), ("ends_on__gte", models.F("starts_on")), _connector="OR"
                                ),
                                name="programme_ends_after_start",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("target_fen", None), ("target_fen__gt", 0), _connector="OR"),
                                name="programme_target_above_0",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("for_women_led", False), ("area", "WOMEN"), _connector="OR"),
                                name="programme_for_women_in_its_area",
                            ),
                        ],
                        "triggers": [
                            pgtrigger.compiler.Trigger(
                                name="programme_has_its_account",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    func="\n    IF NOT EXISTS (SELECT 1 FROM payments_account account WHERE account.id = NEW.account_id\n                   AND account.kind = 'FUND_PROGRAMME' AND account.purpose = NEW.slug) THEN\n        RAISE EXCEPTION 'account % is not of programme %', NEW.account_id, NEW.slug\n            USING ERRCODE = 'check_violation', CONSTRAINT = 'programme_has_its_account';\n    END IF;\n    RETURN NEW;\n",
                                    hash="3c05fecb89bd6ccfda4f7263c5b65e0189bf79a9",
                                    operation="INSERT",
                                    pgid="pgtrigger_programme_has_its_account_49d3d",
                                    table="fund_programme",
                                    when="BEFORE",
                                ),
                            ),
                            pgtrigger.compiler.Trigger(
                                name="programme_terms_fixed",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    condition='WHEN (OLD."slug" IS DISTINCT FROM (NEW."slug") OR OLD."area" IS DISTINCT FROM (NEW."area") OR OLD."purpose_zh" IS DISTINCT FROM (NEW."purpose_zh") OR OLD."purpose_en" IS DISTINCT FROM (NEW."purpose_en") OR OLD."county_id" IS DISTINCT FROM (NEW."county_id") OR OLD."for_women_led" IS DISTINCT FROM (NEW."for_women_led") OR OLD."account_id" IS DISTINCT FROM (NEW."account_id") OR OLD."is_demo" IS DISTINCT FROM (NEW."is_demo"))',
                                    func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                                    hash="fca9c68046c213c770bbc9d311f9f643e8551c48",
                                    operation="UPDATE",
                                    pgid="pgtrigger_programme_terms_fixed_28533",
                                    table="fund_programme",
                                    when="BEFORE",
                                ),
                            ),
                            pgtrigger.compiler.Trigger(
                                name="programme_never_deleted",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;",
                                    hash="c65a4bdfbc8d7353ebf609f756b4334d8ae4aa64",
                                    operation="DELETE",
                                    pgid="pgtrigger_programme_never_deleted_9468b",
                                    table="fund_programme",
                                    when="BEFORE",
                                ),
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Allotment",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("prepared_at", models.DateTimeField()),
                        ("approved_at", models.DateTimeField(blank=True, null=True)),
                        ("dropped_at", models.DateTimeField(blank=True, null=True)),
                        ("why_dropped", models.CharField(blank=True, max_length=300)),
                        (
                            "from_area",
                            models.BooleanField(
                                default=False, help_text="The area's own money; else the sales' share."
                            ),
                        ),
                        (
                            "area",
                            models.CharField(
                                choices=[
                                    ("EDUCATION", "education"),
                                    ("HEALTH", "health"),
                                    ("WOMEN", "women"),
                                    ("ECOLOGY", "ecology"),
                                    ("ECOMMERCE", "e-commerce"),
                                ],
                                max_length=10,
                            ),
                        ),
                        ("amount_fen", models.PositiveIntegerField()),
                        ("reason", models.CharField(max_length=300)),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("PREPARED", "waits for a second person"),
                                    ("APPROVED", "approved"),
                                    ("DROPPED", "given up"),
                                ],
                                default="PREPARED",
                                max_length=8,
                            ),
                        ),
                        (
                            "approved_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "dropped_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "entry",
                            models.OneToOneField(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="allotment",
                                to="payments.entry",
                            ),
                        ),
                        (
                            "prepared_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "to_programme",
                            models.ForeignKey(
                                blank=True,
                                help_text="Empty: the area as such.",
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="allotments",
                                to="fund.programme",
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["-pk"],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("approved_by", None),
                                    models.Q(("approved_by", models.F("prepared_by")), _negated=True),
                                    _connector="OR",
                                ),
                                name="allotment_needs_two_people",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("state", "PREPARED"),
                                        ("approved_at", None),
                                        ("approved_by", None),
                                        ("dropped_at", None),
                                        ("dropped_by", None),
                                        ("why_dropped", ""),
                                    ),
                                    models.Q(
                                        ("state", "DROPPED"),
                                        ("dropped_at__isnull", False),
                                        ("dropped_by__isnull", False),
                                        models.Q(("why_dropped", ""), _negated=True),
                                        models.Q(
                                            models.Q(("approved_at__isnull", False), ("approved_by__isnull", False)),
                                            models.Q(("approved_at", None), ("approved_by", None)),
                                            _connector="OR",
                                        ),
                                    ),
                                    models.Q(
                                        models.Q(("state__in", ["PREPARED", "DROPPED"]), _negated=True),
                                        ("approved_at__isnull", False),
                                        ("approved_by__isnull", False),
                                        ("dropped_at", None),
                                        ("dropped_by", None),
                                        ("why_dropped", ""),
                                    ),
                                    _connector="OR",
                                ),
                                name="allotment_is_signed",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("amount_fen__gt", 0), models.Q(("reason", ""), _negated=True)),
                                name="allotment_says_how_much_and_why",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("from_area", False), ("to_programme__isnull", False), _connector="OR"
                                ),
                                name="allotment_of_an_area_to_a_programme",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("state", "APPROVED"), ("entry", None), _connector="XOR"),
                                name="allotment_approved_is_booked",
                            ),
                        ],
                        "triggers": [
                            pgtrigger.compiler.Trigger(
                                name="allotment_begins_prepared",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    condition="WHEN (NOT (NEW.\"state\" = 'PREPARED'))",
                                    func="RAISE EXCEPTION 'pgtrigger: Cannot insert rows from % table', TG_TABLE_NAME;",
                                    hash="c24c0e930d9b88af469108ea031125b7f7e882ed",
                                    operation="INSERT",
                                    pgid="pgtrigger_allotment_begins_prepared_d0fc5",
                                    table="fund_allotment",
                                    when="BEFORE",
                                ),
                            ),
                            pgtrigger.compiler.Trigger(
                                name="allotment_terms_fixed",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    condition='WHEN (OLD."prepared_by_id" IS DISTINCT FROM (NEW."prepared_by_id") OR OLD."prepared_at" IS DISTINCT FROM (NEW."prepared_at") OR OLD."from_area" IS DISTINCT FROM (NEW."from_area") OR OLD."area" IS DISTINCT FROM (NEW."area") OR OLD."to_programme_id" IS DISTINCT FROM (NEW."to_programme_id") OR OLD."amount_fen" IS DISTINCT FROM (NEW."amount_fen") OR OLD."reason" IS DISTINCT FROM (NEW."reason"))',
                                    func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                                    hash="135a969c6e6983bd6dab0440fe2ae8e66ff1dd2d",
                                    operation="UPDATE",
                                    pgid="pgtrigger_allotment_terms_fixed_029a4",
                                    table="fund_allotment",
                                    when="BEFORE",
                                ),
                            ),
                            pgtrigger.compiler.Trigger(
                                name="allotment_approver_fixed",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    condition='WHEN (OLD."approved_by_id" IS NOT NULL AND (OLD."approved_by_id" IS DISTINCT FROM (NEW."approved_by_id") OR OLD."approved_at" IS DISTINCT FROM (NEW."approved_at")))',
                                    func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                                    hash="30be9a27011a3148a351ce2469c958dcf4dbd660",
                                    operation="UPDATE",
                                    pgid="pgtrigger_allotment_approver_fixed_b2f50",
                                    table="fund_allotment",
                                    when="BEFORE",
                                ),
                            ),
                            pgtrigger.compiler.Trigger(
                                name="allotment_never_deleted",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;",
                                    hash="30b363b431ac17f902a310c3ab379d96b939ba7d",
                                    operation="DELETE",
                                    pgid="pgtrigger_allotment_never_deleted_96080",
                                    table="fund_allotment",
                                    when="BEFORE",
                                ),
                            ),
                            pgtrigger.compiler.Trigger(
                                name="allotment_moves",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    declare="DECLARE _is_valid_transition BOOLEAN;",
                                    func='SELECT CONCAT(OLD."state", \':\', NEW."state") = ANY(\'{PREPARED:APPROVED,PREPARED:DROPPED}\'::text[]) INTO _is_valid_transition; IF (_is_valid_transition IS FALSE AND OLD."state" IS DISTINCT FROM NEW."state") THEN RAISE EXCEPTION \'pgtrigger: Invalid transition of field "state" from "%" to "%" on table %\', OLD."state", NEW."state", TG_TABLE_NAME; ELSE RETURN NEW; END IF;',
                                    hash="f3f89a6f0155466ccec77857449dc5341243efdf",
                                    operation="UPDATE",
                                    pgid="pgtrigger_allotment_moves_0ad45",
                                    table="fund_allotment",
                                    when="BEFORE",
                                ),
                            ),
                            pgtrigger.compiler.Trigger(
                                name="allotment_where_it_may",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    func="\n    IF NEW.to_programme_id IS NOT NULL AND NOT EXISTS (\n            SELECT 1 FROM fund_programme WHERE id = NEW.to_programme_id AND area = NEW.area) THEN\n        RAISE EXCEPTION 'allotment % leaves its area', NEW.id\n            USING ERRCODE = 'check_violation', CONSTRAINT = 'allotment_stays_in_its_area';\n    END IF;\n    IF NEW.entry_id IS NOT NULL AND (\n        SELECT count(*) <> 2\n            OR count(*) FILTER (WHERE leg.fen = NEW.amount_fen AND CASE WHEN NEW.from_area\n                THEN account.kind = 'FUND_AREA' AND account.purpose = NEW.area ELSE account.kind = 'FUND' END) <> 1\n            OR count(*) FILTER (WHERE leg.fen = -NEW.amount_fen AND CASE WHEN NEW.to_programme_id IS NULL\n                THEN account.kind = 'FUND_AREA' AND account.purpose = NEW.area\n                ELSE account.id = (SELECT account_id FROM fund_programme WHERE id = NEW.to_programme_id) END) <> 1\n        FROM payments_leg leg JOIN payments_account account ON account.id = leg.account_id\n        WHERE leg.entry_id = NEW.entry_id) THEN\n        RAISE EXCEPTION 'allotment % is booked otherwise than approved', NEW.id\n            USING ERRCODE = 'check_violation', CONSTRAINT = 'allotment_booked_as_approved';\n    END IF;\n    RETURN NEW;\n",
                                    hash="53f7b71766836d6b6d107ddff88bb3b2eaab03fa",
                                    operation="INSERT OR UPDATE",
                                    pgid="pgtrigger_allotment_where_it_may_d36a4",
                                    table="fund_allotment",
                                    when="BEFORE",
                                ),
                            ),
                            pgtrigger.compiler.Trigger(
                                name="allotment_is_traced",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    condition='WHEN (NEW."entry_id" IS NOT NULL)',
                                    constraint="CONSTRAINT",
                                    func="\n    IF NEW.from_area AND (SELECT coalesce(sum(trace.fen), 0) FROM fund_trace trace\n                          WHERE trace.entry_id = NEW.entry_id AND trace.fen > 0) <> NEW.amount_fen THEN\n        RAISE EXCEPTION 'allotment % is not traced to what was given', NEW.id\n            USING ERRCODE = 'check_violation', CONSTRAINT = 'allotment_is_traced';\n    END IF;\n    RETURN NULL;\n",
                                    hash="9ce6c24ed34306feabf065d130e0e269fe345f94",
                                    operation="INSERT OR UPDATE",
                                    pgid="pgtrigger_allotment_is_traced_f13b9",
                                    table="fund_allotment",
                                    timing="DEFERRABLE INITIALLY DEFERRED",
                                    when="AFTER",
                                ),
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Trace",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("fen", models.BigIntegerField()),
                        (
                            "account",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="payments.account",
                            ),
                        ),
                        (
                            "entry",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="traces", to="payments.entry"
                            ),
                        ),
                        (
                            "origin",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="traces", to="payments.leg"
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["pk"],
                        "abstract": False,
                        "indexes": [
                            models.Index(fields=["account", "origin"], include=("fen",), name="trace_by_account")
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                models.F("entry"), models.F("account"), models.F("origin"), name="trace_once"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("fen", 0), _negated=True), name="trace_moves_something"
                            ),
                        ],
                        "triggers": [
                            pgtrigger.compiler.Trigger(
                                name="append_only",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                                    hash="e834c28b3b11764da1d9e28be72becadcc8e2a16",
                                    operation="UPDATE OR DELETE",
                                    pgid="pgtrigger_append_only_f3dd6",
                                    table="fund_trace",
                                    when="BEFORE",
                                ),
                            ),
                            pgtrigger.compiler.Trigger(
                                name="trace_whole",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    func="\n    IF EXISTS (\n        SELECT 1 FROM (SELECT DISTINCT entry_id FROM written) AS entry\n        JOIN payments_leg leg ON leg.entry_id = entry.entry_id\n        JOIN payments_account account ON account.id = leg.account_id AND account.kind IN ('FUND_AREA', 'FUND_PROGRAMME')\n        LEFT JOIN (SELECT entry_id, account_id, sum(fen) AS fen FROM fund_trace\n                   WHERE entry_id IN (SELECT entry_id FROM written) GROUP BY entry_id, account_id) traced\n            ON traced.entry_id = leg.entry_id AND traced.account_id = leg.account_id\n        GROUP BY leg.entry_id, leg.account_id, traced.fen HAVING coalesce(traced.fen, 0) <> -sum(leg.fen)\n    ) OR EXISTS (\n        SELECT 1 FROM written WHERE NOT EXISTS (\n            SELECT 1 FROM payments_leg leg WHERE leg.entry_id = written.entry_id AND leg.account_id = written.account_id)\n    ) THEN\n        RAISE EXCEPTION 'traces that do not add up to their entries'\n            USING ERRCODE = 'check_violation', CONSTRAINT = 'trace_whole';\n    END IF;\n    IF EXISTS (\n        SELECT 1 FROM (SELECT DISTINCT account_id, origin_id FROM written WHERE fen < 0) taken\n        JOIN payments_leg leg ON leg.id = taken.origin_id\n        JOIN LATERAL (SELECT sum(fen) AS fen FROM fund_trace trace\n                      WHERE trace.account_id = taken.account_id AND trace.origin_id = taken.origin_id) moved ON true\n        WHERE moved.fen + CASE WHEN leg.account_id = taken.account_id THEN -leg.fen ELSE 0 END < 0\n    ) THEN\n        RAISE EXCEPTION 'more went on than came in'\n            USING ERRCODE = 'check_violation', CONSTRAINT = 'trace_within_origin';\n    END IF;\n    RETURN NULL;\n",
                                    hash="100d830eb929dce1488ce71ec16a52eaa5b28762",
                                    level="STATEMENT",
                                    operation="INSERT",
                                    pgid="pgtrigger_trace_whole_709b3",
                                    referencing="REFERENCING NEW TABLE AS written ",
                                    table="fund_trace",
                                    when="AFTER",
                                ),
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="GiftReturn",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("prepared_at", models.DateTimeField()),
                        ("approved_at", models.DateTimeField(blank=True, null=True)),
                        ("dropped_at", models.DateTimeField(blank=True, null=True)),
                        ("why_dropped", models.CharField(blank=True, max_length=300)),
                        ("reason", models.CharField(max_length=300)),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("PREPARED", "waits for a second person"),
                                    ("APPROVED", "approved"),
                                    ("DROPPED", "given up"),
                                ],
                                default="PREPARED",
                                max_length=8,
                            ),
                        ),
                        (
                            "approved_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "dropped_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "entry",
                            models.OneToOneField(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="gift_return",
                                to="payments.entry",
                            ),
                        ),
                        (
                            "gift",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="returns", to="payments.gift"
                            ),
                        ),
                        (
                            "prepared_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "refund",
                            models.OneToOneField(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="gift_return",
                                to="payments.refund",
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["-pk"],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("approved_by", None),
                                    models.Q(("approved_by", models.F("prepared_by")), _negated=True),
                                    _connector="OR",
                                ),
                                name="gift_return_needs_two_people",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("state", "PREPARED"),
                                        ("approved_at", None),
                                        ("approved_by", None),
                                        ("dropped_at", None),
                                        ("dropped_by", None),
                                        ("why_dropped", ""),
                                    ),
                                    models.Q(
                                        ("state", "DROPPED"),
                                        ("dropped_at__isnull", False),
                                        ("dropped_by__isnull", False),
                                        models.Q(("why_dropped", ""), _negated=True),
                                        models.Q(
                                            models.Q(("approved_at__isnull", False), ("approved_by__isnull", False)),
                                            models.Q(("approved_at", None), ("approved_by", None)),
                                            _connector="OR",
                                        ),
                                    ),
                                    models.Q(
                                        models.Q(("state__in", ["PREPARED", "DROPPED"]), _negated=True),
                                        ("approved_at__isnull", False),
                                        ("approved_by__isnull", False),
                                        ("dropped_at", None),
                                        ("dropped_by", None),
                                        ("why_dropped", ""),
                                    ),
                                    _connector="OR",
                                ),
                                name="gift_return_is_signed",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("reason", ""), _negated=True), name="gift_return_says_why"
                            ),
                            models.UniqueConstraint(
                                models.F("gift"),
                                condition=models.Q(("state", "DROPPED"), _negated=True),
                                name="gift_return_once",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("entry__isnull", False), ("refund__isnull", False), ("state", "APPROVED")
                                    ),
                                    models.Q(
                                        models.Q(("state", "APPROVED"), _negated=True),
                                        ("entry", None),
                                        ("refund", None),
                                    ),
                                    _connector="OR",
                                ),
                                name="gift_return_approved_is_booked",
                            ),
                        ],
                        "triggers": [
                            pgtrigger.compiler.Trigger(
                                name="gift_return_begins_prepared",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    condition="WHEN (NOT (NEW.\"state\" = 'PREPARED'))",
                                    func="RAISE EXCEPTION 'pgtrigger: Cannot insert rows from % table', TG_TABLE_NAME;",
                                    hash="8b9937db951ef099be526fc727dbe8d5298d7c90",
                                    operation="INSERT",
                                    pgid="pgtrigger_gift_return_begins_prepared_1e324",
                                    table="fund_giftreturn",
                                    when="BEFORE",
                                ),
                            ),
                            pgtrigger.compiler.Trigger(
                                name="gift_return_terms_fixed",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    condition='WHEN (OLD."prepared_by_id" IS DISTINCT FROM (NEW."prepared_by_id") OR OLD."prepared_at" IS DISTINCT FROM (NEW."prepared_at") OR OLD."gift_id" IS DISTINCT FROM (NEW."gift_id") OR OLD."reason" IS DISTINCT FROM (NEW."reason"))',
                                    func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                                    hash="4e641a1287da827196c9d830f233f62eb2d76ef6",
                                    operation="UPDATE",
                                    pgid="pgtrigger_gift_return_terms_fixed_281e3",
                                    table="fund_giftreturn",
                                    when="BEFORE",
                                ),
                            ),
                            pgtrigger.compiler.Trigger(
                                name="gift_return_approver_fixed",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    condition='WHEN (OLD."approved_by_id" IS NOT NULL AND (OLD."approved_by_id" IS DISTINCT FROM (NEW."approved_by_id") OR OLD."approved_at" IS DISTINCT FROM (NEW."approved_at")))',
                                    func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                                    hash="e7ec49bae5651e93f413be41406af0e94d3f4d6a",
                                    operation="UPDATE",
                                    pgid="pgtrigger_gift_return_approver_fixed_009c5",
                                    table="fund_giftreturn",
                                    when="BEFORE",
                                ),
                            ),
                            pgtrigger.compiler.Trigger(
                                name="gift_return_never_deleted",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;",
                                    hash="0041c315418154398567a103d077dc4bb0dd6b0b",
                                    operation="DELETE",
                                    pgid="pgtrigger_gift_return_never_deleted_efebc",
                                    table="fund_giftreturn",
                                    when="BEFORE",
                                ),
                            ),
                            pgtrigger.compiler.Trigger(
                                name="gift_return_moves",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    declare="DECLARE _is_valid_transition BOOLEAN;",
                                    func='SELECT CONCAT(OLD."state", \':\', NEW."state") = ANY(\'{PREPARED:APPROVED,PREPARED:DROPPED}\'::text[]) INTO _is_valid_transition; IF (_is_valid_transition IS FALSE AND OLD."state" IS DISTINCT FROM NEW."state") THEN RAISE EXCEPTION \'pgtrigger: Invalid transition of field "state" from "%" to "%" on table %\', OLD."state", NEW."state", TG_TABLE_NAME; ELSE RETURN NEW; END IF;',
                                    hash="1dfdef6a4460ecbb9ae9e634466adb153aa7dc27",
                                    operation="UPDATE",
                                    pgid="pgtrigger_gift_return_moves_ed939",
                                    table="fund_giftreturn",
                                    when="BEFORE",
                                ),
                            ),
                        ],
                    },
                ),
            ]
        ),
    ]
