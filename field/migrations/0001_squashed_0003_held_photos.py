import django.db.models.deletion
import pgtrigger.compiler
from django.conf import settings
from django.db import migrations, models

from common.migrating import CreateModels


class Migration(migrations.Migration):
    replaces = [("field", "0001_entries"), ("field", "0002_listings_and_packings"), ("field", "0003_held_photos")]

    initial = True

    dependencies = [
        ("accounts", "0001_squashed_0011_weighing_and_packing_acts"),
        ("marketplace", "0001_squashed_0017_photos_taken_away"),
    ]

    operations = [
        CreateModels(
            [
                migrations.CreateModel(
                    name="Entry",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("key", models.UUIDField()),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("LISTING", "something to sell"),
                                    ("LOT", "new harvest"),
                                    ("WEIGHING", "weighing"),
                                    ("PACKING", "packing"),
                                    ("POSTING", "posting"),
                                ],
                                max_length=8,
                            ),
                        ),
                        (
                            "digest",
                            models.CharField(help_text="Of all that was sent with it, photos too.", max_length=64),
                        ),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("DONE", "done"),
                                    ("REFUSED", "not possible"),
                                    ("CONFLICT", "changed meanwhile"),
                                    ("REPLACED", "withdrawn on the phone"),
                                ],
                                max_length=8,
                            ),
                        ),
                        (
                            "about",
                            models.CharField(blank=True, help_text="What it made or changed: “lot:12”.", max_length=40),
                        ),
                        ("link", models.CharField(blank=True, help_text="Where its writer sees it.", max_length=100)),
                        ("problem", models.CharField(blank=True, help_text="Code of what was wrong.", max_length=40)),
                        ("made_at", models.DateTimeField(help_text="By the phone's clock.")),
                        ("received_at", models.DateTimeField()),
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
                                related_name="entries",
                                to="accounts.farmer",
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["-received_at", "-pk"],
                        "indexes": [models.Index(fields=["farmer", "-received_at"], name="entry_by_farmer")],
                        "constraints": [
                            models.UniqueConstraint(models.F("farmer"), models.F("key"), name="entry_once_per_key"),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("problem", ""), ("state", "DONE"), models.Q(("about", ""), _negated=True)
                                    ),
                                    models.Q(
                                        ("about", ""),
                                        ("state__in", ["REFUSED", "CONFLICT"]),
                                        models.Q(("problem", ""), _negated=True),
                                    ),
                                    models.Q(("about", ""), ("problem", ""), ("state", "REPLACED")),
                                    _connector="OR",
                                ),
                                name="entry_state_is_whole",
                            ),
                        ],
                        "triggers": [
                            pgtrigger.compiler.Trigger(
                                name="entry_fixed",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    condition='WHEN (OLD."farmer_id" IS DISTINCT FROM (NEW."farmer_id") OR OLD."key" IS DISTINCT FROM (NEW."key") OR OLD."by_id" IS DISTINCT FROM (NEW."by_id") OR OLD."kind" IS DISTINCT FROM (NEW."kind") OR OLD."digest" IS DISTINCT FROM (NEW."digest") OR OLD."made_at" IS DISTINCT FROM (NEW."made_at"))',
                                    func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                                    hash="5c2379548bc0cfd4c3787a8e63c2f6c86bfdce71",
                                    operation="UPDATE",
                                    pgid="pgtrigger_entry_fixed_6e58d",
                                    table="field_entry",
                                    when="BEFORE",
                                ),
                            ),
                            pgtrigger.compiler.Trigger(
                                name="entry_end_is_the_end",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    condition="WHEN (OLD.\"state\" IN ('DONE', 'REPLACED'))",
                                    func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                                    hash="2ed7f84e3b83ebdec7566c019b373915e3ec7780",
                                    operation="UPDATE",
                                    pgid="pgtrigger_entry_end_is_the_end_b8cc6",
                                    table="field_entry",
                                    when="BEFORE",
                                ),
                            ),
                            pgtrigger.compiler.Trigger(
                                name="entry_never_deleted",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;",
                                    hash="33edb071ba6de5d991ef7a648b46dc56bb229edc",
                                    operation="DELETE",
                                    pgid="pgtrigger_entry_never_deleted_81cfc",
                                    table="field_entry",
                                    when="BEFORE",
                                ),
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="EntryPhoto",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "entry",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="photo_places",
                                to="field.entry",
                            ),
                        ),
                        (
                            "photo",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="marketplace.photo"
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
                                    hash="6b9bb8ed742528bc5681f0eba838de2af7175a21",
                                    operation="UPDATE OR DELETE",
                                    pgid="pgtrigger_append_only_cc20c",
                                    table="field_entryphoto",
                                    when="BEFORE",
                                ),
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="HeldPhoto",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("digest", models.CharField(max_length=64)),
                        ("received_at", models.DateTimeField()),
                        (
                            "by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "indexes": [models.Index(fields=["received_at"], name="held_photo_by_age")],
                        "constraints": [
                            models.UniqueConstraint(models.F("by"), models.F("digest"), name="held_photo_once")
                        ],
                    },
                ),
            ]
        ),
    ]
