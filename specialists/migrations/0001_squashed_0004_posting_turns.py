import django.db.models.deletion
import pgtrigger.compiler
from django.conf import settings
from django.db import migrations, models

from common.migrating import CreateModels


class Migration(migrations.Migration):
    replaces = [
        ("specialists", "0001_initial"),
        ("specialists", "0002_prices_by_code"),
        ("specialists", "0003_weighing_changes"),
        ("specialists", "0004_posting_turns"),
    ]

    initial = True

    dependencies = [
        ("accounts", "0001_squashed_0011_weighing_and_packing_acts"),
        ("marketplace", "0001_squashed_0017_photos_taken_away"),
    ]

    operations = [
        CreateModels(
            [
                migrations.CreateModel(
                    name="Visit",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("planned_on", models.DateField()),
                        ("aim", models.CharField(max_length=200)),
                        ("planned_at", models.DateTimeField()),
                        ("done_at", models.DateTimeField(blank=True, null=True)),
                        ("note", models.CharField(blank=True, max_length=1000)),
                        (
                            "done_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "farmer",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="visits", to="accounts.farmer"
                            ),
                        ),
                        (
                            "planned_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["-planned_on", "-pk"],
                        "indexes": [
                            models.Index(
                                condition=models.Q(("done_at__isnull", True)), fields=["planned_on"], name="visit_open"
                            )
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("done_at", None), ("done_by", None), ("note", "")),
                                    models.Q(
                                        ("done_at__isnull", False),
                                        ("done_by__isnull", False),
                                        models.Q(("note", ""), _negated=True),
                                    ),
                                    _connector="OR",
                                ),
                                name="visit_made_is_whole",
                            )
                        ],
                        "triggers": [
                            pgtrigger.compiler.Trigger(
                                name="visit_planned_by_posted",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    func="\n            IF true AND NOT EXISTS (\n                SELECT 1 FROM accounts_posting p WHERE p.county_id = (SELECT f.county_id FROM accounts_farmer f WHERE f.id = NEW.farmer_id) AND p.specialist_id = (NEW.planned_by_id)\n                AND p.starts_on <= ((NEW.planned_at) AT TIME ZONE 'Asia/Shanghai')::date\n                AND (p.ends_on IS NULL OR p.ends_on >= ((NEW.planned_at) AT TIME ZONE 'Asia/Shanghai')::date)\n            ) THEN\n                RAISE EXCEPTION 'nobody works in a county they are not posted to'\n                    USING ERRCODE = 'check_violation', CONSTRAINT = 'visit_planned_by_posted';\n            END IF;\n            RETURN NEW;\n        ",
                                    hash="1b6d21e72b68ca063e6c99c5f91e277b8d2dde81",
                                    operation="INSERT",
                                    pgid="pgtrigger_visit_planned_by_posted_8a97c",
                                    table="specialists_visit",
                                    when="BEFORE",
                                ),
                            ),
                            pgtrigger.compiler.Trigger(
                                name="visit_made_by_posted",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    func="\n            IF NEW.done_at IS NOT NULL AND NOT EXISTS (\n                SELECT 1 FROM accounts_posting p WHERE p.county_id = (SELECT f.county_id FROM accounts_farmer f WHERE f.id = NEW.farmer_id) AND p.specialist_id = (NEW.done_by_id)\n                AND p.starts_on <= ((NEW.done_at) AT TIME ZONE 'Asia/Shanghai')::date\n                AND (p.ends_on IS NULL OR p.ends_on >= ((NEW.done_at) AT TIME ZONE 'Asia/Shanghai')::date)\n            ) THEN\n                RAISE EXCEPTION 'nobody works in a county they are not posted to'\n                    USING ERRCODE = 'check_violation', CONSTRAINT = 'visit_made_by_posted';\n            END IF;\n            RETURN NEW;\n        ",
                                    hash="9e9787bf1338cb703555042b9308f6e8eeeef1ee",
                                    operation="INSERT OR UPDATE",
                                    pgid="pgtrigger_visit_made_by_posted_f71b0",
                                    table="specialists_visit",
                                    when="BEFORE",
                                ),
                            ),
                            pgtrigger.compiler.Trigger(
                                name="visit_plan_fixed",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    condition='WHEN (OLD."farmer_id" IS DISTINCT FROM (NEW."farmer_id") OR OLD."planned_by_id" IS DISTINCT FROM (NEW."planned_by_id") OR OLD."planned_on" IS DISTINCT FROM (NEW."planned_on") OR OLD."aim" IS DISTINCT FROM (NEW."aim") OR OLD."planned_at" IS DISTINCT FROM (NEW."planned_at"))',
                                    func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                                    hash="c54af7cd797b0721b8e0c897f97f14030180dece",
                                    operation="UPDATE",
                                    pgid="pgtrigger_visit_plan_fixed_1b21c",
                                    table="specialists_visit",
                                    when="BEFORE",
                                ),
                            ),
                            pgtrigger.compiler.Trigger(
                                name="visit_note_fixed",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    condition='WHEN (OLD."done_at" IS NOT NULL)',
                                    func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                                    hash="a6226acecda2ffc5b413dcd3a72a0381a1270958",
                                    operation="UPDATE",
                                    pgid="pgtrigger_visit_note_fixed_09ad4",
                                    table="specialists_visit",
                                    when="BEFORE",
                                ),
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="VisitPhoto",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "photo",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="marketplace.photo"
                            ),
                        ),
                        (
                            "visit",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="photo_places",
                                to="specialists.visit",
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["pk"],
                        "abstract": False,
                        "triggers": [
                            pgtrigger.compiler.Trigger(
                                name="append_only",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                                    hash="380d554db8a07424a718f2c788e4ee99fd51936b",
                                    operation="UPDATE OR DELETE",
                                    pgid="pgtrigger_append_only_84cfd",
                                    table="specialists_visitphoto",
                                    when="BEFORE",
                                ),
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="CallNote",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("task", models.CharField(max_length=40)),
                        ("outcome", models.CharField(choices=[("CALLED", "called"), ("DONE", "done")], max_length=6)),
                        ("words", models.CharField(blank=True, max_length=300)),
                        ("at", models.DateTimeField()),
                        (
                            "by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "farmer",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="call_notes",
                                to="accounts.farmer",
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["-at", "-pk"],
                        "abstract": False,
                        "indexes": [models.Index(fields=["task", "-at"], name="call_note_by_task")],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("outcome__in", ["CALLED", "DONE"])), name="call_note_outcome_known"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("task", ""), _negated=True), name="call_note_names_its_task"
                            ),
                        ],
                        "triggers": [
                            pgtrigger.compiler.Trigger(
                                name="append_only",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                                    hash="a73867d2d3a9439c5f8dd1fe970bd93786b436ab",
                                    operation="UPDATE OR DELETE",
                                    pgid="pgtrigger_append_only_d4dc9",
                                    table="specialists_callnote",
                                    when="BEFORE",
                                ),
                            ),
                            pgtrigger.compiler.Trigger(
                                name="note_by_posted",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    func="\n            IF true AND NOT EXISTS (\n                SELECT 1 FROM accounts_posting p WHERE p.county_id = (SELECT f.county_id FROM accounts_farmer f WHERE f.id = NEW.farmer_id) AND p.specialist_id = (NEW.by_id)\n                AND p.starts_on <= ((NEW.at) AT TIME ZONE 'Asia/Shanghai')::date\n                AND (p.ends_on IS NULL OR p.ends_on >= ((NEW.at) AT TIME ZONE 'Asia/Shanghai')::date)\n            ) THEN\n                RAISE EXCEPTION 'nobody works in a county they are not posted to'\n                    USING ERRCODE = 'check_violation', CONSTRAINT = 'note_by_posted';\n            END IF;\n            RETURN NEW;\n        ",
                                    hash="9d6178fe06cd9db11fb2c7cd899ef7efdc49b081",
                                    operation="INSERT",
                                    pgid="pgtrigger_note_by_posted_807f4",
                                    table="specialists_callnote",
                                    when="BEFORE",
                                ),
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="PriceRequest",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("price_fen", models.PositiveIntegerField()),
                        ("asked_at", models.DateTimeField()),
                        ("digest", models.CharField(max_length=64)),
                        ("tries", models.PositiveSmallIntegerField(default=0)),
                        (
                            "farmer",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="price_request",
                                to="accounts.farmer",
                            ),
                        ),
                        (
                            "listing",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE, related_name="+", to="marketplace.listing"
                            ),
                        ),
                        (
                            "specialist",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("tries__lte", 5)), name="price_request_tries_few"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("price_fen__gt", 0), models.Q(("digest", ""), _negated=True)),
                                name="price_request_is_whole",
                            ),
                        ],
                        "triggers": [
                            pgtrigger.compiler.Trigger(
                                name="price_request_by_posted",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    func="\n            IF true AND NOT EXISTS (\n                SELECT 1 FROM accounts_posting p WHERE p.county_id = (SELECT f.county_id FROM accounts_farmer f WHERE f.id = NEW.farmer_id) AND p.specialist_id = (NEW.specialist_id)\n                AND p.starts_on <= ((NEW.asked_at) AT TIME ZONE 'Asia/Shanghai')::date\n                AND (p.ends_on IS NULL OR p.ends_on >= ((NEW.asked_at) AT TIME ZONE 'Asia/Shanghai')::date)\n            ) THEN\n                RAISE EXCEPTION 'nobody works in a county they are not posted to'\n                    USING ERRCODE = 'check_violation', CONSTRAINT = 'price_request_by_posted';\n            END IF;\n            RETURN NEW;\n        ",
                                    hash="0aa3dcf69e2fdd583542f6b6947f040208ef2947",
                                    operation="INSERT",
                                    pgid="pgtrigger_price_request_by_posted_2c60b",
                                    table="specialists_pricerequest",
                                    when="BEFORE",
                                ),
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="PriceChange",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("old_fen", models.PositiveIntegerField()),
                        ("new_fen", models.PositiveIntegerField()),
                        ("asked_at", models.DateTimeField()),
                        ("confirmed_at", models.DateTimeField()),
                        (
                            "act",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="price_change",
                                to="accounts.delegatedact",
                            ),
                        ),
                        (
                            "listing",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="marketplace.listing"
                            ),
                        ),
                    ],
                    options={
                        "abstract": False,
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("confirmed_at__gte", models.F("asked_at"))),
                                name="price_change_after_asking",
                            )
                        ],
                        "triggers": [
                            pgtrigger.compiler.Trigger(
                                name="append_only",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                                    hash="d3aab3991c580751526f8b3838babb5ed737a022",
                                    operation="UPDATE OR DELETE",
                                    pgid="pgtrigger_append_only_22e5b",
                                    table="specialists_pricechange",
                                    when="BEFORE",
                                ),
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="WeighingChange",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("old_packs", models.PositiveIntegerField()),
                        ("new_packs", models.PositiveIntegerField()),
                        (
                            "noted_picked",
                            models.BooleanField(
                                help_text="Whether it said that the harvest was picked, which it was not before."
                            ),
                        ),
                        (
                            "act",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="weighing_change",
                                to="accounts.delegatedact",
                            ),
                        ),
                        (
                            "lot",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="marketplace.lot"
                            ),
                        ),
                    ],
                    options={
                        "abstract": False,
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("new_packs__gt", 0)), name="weighing_change_fills_a_box"
                            )
                        ],
                        "triggers": [
                            pgtrigger.compiler.Trigger(
                                name="append_only",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                                    hash="a8ea05cacddf7c1a37ddc98bbcd39c2cae981cf8",
                                    operation="UPDATE OR DELETE",
                                    pgid="pgtrigger_append_only_ef606",
                                    table="specialists_weighingchange",
                                    when="BEFORE",
                                ),
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="PostingTurn",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("what", models.CharField(choices=[("BEGAN", "began"), ("ENDED", "ended")], max_length=5)),
                        ("day", models.DateField(help_text="Its first day, or its last.")),
                        ("told_at", models.DateTimeField()),
                        (
                            "posting",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="turns", to="accounts.posting"
                            ),
                        ),
                    ],
                    options={
                        "abstract": False,
                        "constraints": [
                            models.UniqueConstraint(
                                models.F("posting"), models.F("what"), models.F("day"), name="posting_turn_once"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("what__in", ["BEGAN", "ENDED"])), name="posting_turn_known"
                            ),
                        ],
                        "triggers": [
                            pgtrigger.compiler.Trigger(
                                name="append_only",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                                    hash="4f7b13a40db99e0b045dcc3efcac53a96c52149f",
                                    operation="UPDATE OR DELETE",
                                    pgid="pgtrigger_append_only_bf672",
                                    table="specialists_postingturn",
                                    when="BEFORE",
                                ),
                            )
                        ],
                    },
                ),
            ]
        ),
        migrations.RunSQL(
            """
            CREATE FUNCTION specialists_price_act_has_its_change() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                IF NOT EXISTS (SELECT FROM specialists_pricechange WHERE act_id = NEW.id) THEN
                    RAISE EXCEPTION 'price act % without the farmer''s code', NEW.id
                        USING ERRCODE = 'check_violation', CONSTRAINT = 'price_act_has_its_change';
                END IF;
                RETURN NULL;
            END $$;
            CREATE CONSTRAINT TRIGGER price_act_has_its_change AFTER INSERT ON accounts_delegatedact
                DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.kind = 'PRICE')
                EXECUTE FUNCTION specialists_price_act_has_its_change();
            """,
            """
            DROP TRIGGER price_act_has_its_change ON accounts_delegatedact;
            DROP FUNCTION specialists_price_act_has_its_change();
            """,
        ),
    ]
