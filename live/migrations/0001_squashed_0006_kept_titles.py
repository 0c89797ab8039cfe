import django.db.models.deletion
import pgtrigger.compiler
import uuid
from django.conf import settings
from django.db import migrations, models

from common.migrating import CreateModels


class Migration(migrations.Migration):
    replaces = [
        ("live", "0001_initial"),
        ("live", "0002_reminders"),
        ("live", "0003_stopped_not_ones_own"),
        ("live", "0004_comments"),
        ("live", "0005_streams"),
        ("live", "0006_kept_titles"),
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
                    name="Broadcast",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("key", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                        ("title", models.CharField(max_length=40)),
                        ("planned_for", models.DateTimeField()),
                        (
                            "minutes",
                            models.PositiveSmallIntegerField(
                                choices=[
                                    (30, "half an hour"),
                                    (60, "an hour"),
                                    (120, "two hours"),
                                    (180, "three hours"),
                                ],
                                default=60,
                            ),
                        ),
                        (
                            "status",
                            models.CharField(
                                choices=[
                                    ("PLANNED", "planned"),
                                    ("LIVE", "live now"),
                                    ("ENDED", "over"),
                                    ("STOPPED", "stopped by a moderator"),
                                    ("CALLED_OFF", "called off"),
                                ],
                                default="PLANNED",
                                max_length=10,
                            ),
                        ),
                        ("created_at", models.DateTimeField()),
                        ("started_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "seen_at",
                            models.DateTimeField(blank=True, help_text="When the last piece of video came.", null=True),
                        ),
                        ("ended_at", models.DateTimeField(blank=True, null=True)),
                        ("stop_reason", models.CharField(blank=True, max_length=500)),
                        (
                            "recorded_ms",
                            models.PositiveIntegerField(
                                blank=True, help_text="None until the recording is whole.", null=True
                            ),
                        ),
                        ("recorded_bytes", models.PositiveBigIntegerField(default=0)),
                        (
                            "forgotten_at",
                            models.DateTimeField(blank=True, help_text="When its video was deleted.", null=True),
                        ),
                        (
                            "farmer",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="broadcasts",
                                to="accounts.farmer",
                            ),
                        ),
                        (
                            "stopped_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="stopped_broadcasts",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "stream_key",
                            models.UUIDField(
                                editable=False,
                                help_text="What another program sends under; a secret of the farmer's.",
                                null=True,
                                unique=True,
                            ),
                        ),
                        (
                            "kept_title",
                            models.CharField(
                                blank=True,
                                db_default="",
                                default="",
                                help_text="The one that says a name which is shown nowhere.",
                                max_length=40,
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["-planned_for", "-pk"],
                        "indexes": [
                            models.Index(fields=["status", "planned_for"], name="broadcast_by_status"),
                            models.Index(fields=["farmer", "-planned_for"], name="broadcast_by_farmer"),
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                models.F("farmer"),
                                condition=models.Q(("status", "LIVE")),
                                name="broadcast_one_live_per_farmer",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("title", ""), _negated=True), name="broadcast_has_title"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("started_at", None), ("status__in", ["PLANNED", "CALLED_OFF"])),
                                    models.Q(("ended_at", None), ("started_at", None), ("status", "STOPPED")),
                                    models.Q(("ended_at", None), ("started_at__isnull", False), ("status", "LIVE")),
                                    models.Q(
                                        ("ended_at__gte", models.F("started_at")),
                                        ("started_at__isnull", False),
                                        ("status__in", ["ENDED", "STOPPED"]),
                                    ),
                                    _connector="OR",
                                ),
                                name="broadcast_times_fit_status",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("status", "STOPPED"), _negated=True),
                                    models.Q(("status", "STOPPED"), ("stopped_by__isnull", False)),
                                    _connector="XOR",
                                ),
                                name="broadcast_stopped_by_somebody",
                            ),
                        ],
                        "triggers": [
                            pgtrigger.compiler.Trigger(
                                name="not_ones_own",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    func="\n            IF EXISTS (\n                SELECT 1 FROM accounts_farmer f WHERE f.id = (NEW.farmer_id) AND (\n                    f.user_id = NEW.stopped_by_id\n                    OR EXISTS (SELECT 1 FROM accounts_tie t WHERE t.farmer_id = f.id AND t.user_id = NEW.stopped_by_id)\n                    OR EXISTS (\n                        SELECT 1 FROM accounts_farmer own WHERE own.user_id = NEW.stopped_by_id\n                        AND own.payee_kind = f.payee_kind AND own.payee_account = f.payee_account\n                    )\n                )\n            ) THEN\n                RAISE EXCEPTION 'nobody decides about their own' USING ERRCODE = 'check_violation';\n            END IF;\n            RETURN NEW;\n        ",
                                    hash="5df66369bf92bc223e9ede348fb818c1253795a7",
                                    operation='UPDATE OF "stopped_by_id"',
                                    pgid="pgtrigger_not_ones_own_2ac66",
                                    table="live_broadcast",
                                    when="BEFORE",
                                ),
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="IngestSession",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("key", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                        (
                            "format",
                            models.CharField(
                                choices=[
                                    ("MP4_H264", "video/mp4, H.264"),
                                    ("WEBM_H264", "video/webm, H.264"),
                                    ("WEBM_VP8", "video/webm, VP8"),
                                    ("STREAM", "H.264 from the media server"),
                                ],
                                max_length=10,
                            ),
                        ),
                        ("opened_at", models.DateTimeField()),
                        ("closed_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "outcome",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("REPLACED", "a new recorder took over"),
                                    ("FAILED", "the video could not be read"),
                                    ("ENDED", "the broadcast ended"),
                                ],
                                max_length=10,
                            ),
                        ),
                        (
                            "broadcast",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="sessions",
                                to="live.broadcast",
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["opened_at", "pk"],
                        "constraints": [
                            models.UniqueConstraint(
                                models.F("broadcast"),
                                condition=models.Q(("closed_at", None)),
                                name="ingest_one_open_per_broadcast",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("closed_at", None), ("outcome", "")),
                                    models.Q(("outcome", ""), _negated=True),
                                    _connector="OR",
                                ),
                                name="ingest_has_outcome",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="TableItem",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("position", models.PositiveSmallIntegerField()),
                        (
                            "broadcast",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE, related_name="items", to="live.broadcast"
                            ),
                        ),
                        (
                            "listing",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="marketplace.listing"
                            ),
                        ),
                        (
                            "offer",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="table_item",
                                to="marketplace.offer",
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["position", "pk"],
                        "constraints": [
                            models.UniqueConstraint(
                                models.F("broadcast"), models.F("listing"), name="table_item_listing_once"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Pin",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("pinned_at", models.DateTimeField()),
                        ("at_ms", models.PositiveIntegerField(blank=True, null=True)),
                        (
                            "broadcast",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE, related_name="pins", to="live.broadcast"
                            ),
                        ),
                        (
                            "item",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE, related_name="pins", to="live.tableitem"
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["pinned_at", "pk"],
                        "indexes": [models.Index(fields=["broadcast", "-pinned_at"], name="pin_newest")],
                    },
                ),
                migrations.CreateModel(
                    name="Reminder",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("asked_at", models.DateTimeField()),
                        ("told_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "broadcast",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="reminders",
                                to="live.broadcast",
                            ),
                        ),
                        (
                            "user",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="broadcast_reminders",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "indexes": [
                            models.Index(
                                condition=models.Q(("told_at", None)), fields=["broadcast"], name="reminder_waiting"
                            )
                        ],
                        "constraints": [
                            models.UniqueConstraint(models.F("broadcast"), models.F("user"), name="reminder_once")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Comment",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("text", models.CharField(max_length=100)),
                        ("said_at", models.DateTimeField()),
                        ("pinned_at", models.DateTimeField(blank=True, null=True)),
                        ("removed_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "answers",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="answered_by",
                                to="live.comment",
                            ),
                        ),
                        (
                            "author",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="broadcast_comments",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "broadcast",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="comments",
                                to="live.broadcast",
                            ),
                        ),
                        (
                            "removed_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="removed_comments",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["said_at", "pk"],
                        "indexes": [
                            models.Index(fields=["broadcast", "-said_at"], name="comment_by_broadcast"),
                            models.Index(fields=["author", "-said_at"], name="comment_by_author"),
                            models.Index(fields=["said_at"], name="comment_by_age"),
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("text", ""), _negated=True), name="comment_has_text"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("pinned_at", None), ("removed_at", None), _connector="OR"),
                                name="comment_pinned_is_shown",
                            ),
                            models.UniqueConstraint(
                                models.F("broadcast"),
                                condition=models.Q(("pinned_at__isnull", False)),
                                name="comment_one_pinned",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="CommentReport",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "why",
                            models.CharField(
                                choices=[
                                    ("INSULT", "It insults or threatens somebody."),
                                    ("ADVERT", "It leads buyers away or advertises."),
                                    ("UNTRUE", "It says what is not true."),
                                    ("PRIVATE", "It tells what is private of somebody."),
                                    ("OTHER", "It does not belong here."),
                                ],
                                max_length=8,
                            ),
                        ),
                        ("reported_at", models.DateTimeField()),
                        ("decided_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "comment",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE, related_name="reports", to="live.comment"
                            ),
                        ),
                        (
                            "reporter",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="comment_reports",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["reported_at", "pk"],
                        "indexes": [
                            models.Index(
                                condition=models.Q(("decided_at", None)),
                                fields=["comment"],
                                name="comment_report_waiting",
                            )
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                models.F("comment"), models.F("reporter"), name="comment_report_once"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Mute",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("muted_at", models.DateTimeField()),
                        (
                            "farmer",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE, related_name="mutes", to="accounts.farmer"
                            ),
                        ),
                        (
                            "person",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="mutes",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["-muted_at", "-pk"],
                        "constraints": [
                            models.UniqueConstraint(models.F("farmer"), models.F("person"), name="mute_once")
                        ],
                    },
                ),
            ]
        ),
    ]
