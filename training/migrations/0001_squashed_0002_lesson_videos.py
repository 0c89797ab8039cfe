import django.db.models.deletion
import pgtrigger.compiler
import training.models
import uuid
from django.conf import settings
from django.db import migrations, models

from common.migrating import CreateModels


class Migration(migrations.Migration):
    replaces = [("training", "0001_courses"), ("training", "0002_lesson_videos")]

    initial = True

    dependencies = [
        ("accounts", "0001_squashed_0011_weighing_and_packing_acts"),
    ]

    operations = [
        CreateModels(
            [
                migrations.CreateModel(
                    name="Course",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("name_zh", models.CharField(max_length=60)),
                        ("name_en", models.CharField(max_length=80)),
                        ("slug", models.SlugField(max_length=40, unique=True)),
                        ("position", models.PositiveSmallIntegerField(default=0)),
                        (
                            "topic",
                            models.CharField(
                                choices=[
                                    ("PHOTOS", "photos that sell"),
                                    ("PACKING", "packing"),
                                    ("PRICING", "prices"),
                                    ("BROADCASTS", "broadcasts"),
                                    ("CLAIMS", "claims"),
                                    ("OTHER", "something else"),
                                ],
                                max_length=10,
                            ),
                        ),
                        ("summary_zh", models.CharField(max_length=200)),
                        ("summary_en", models.CharField(max_length=300)),
                        ("is_published", models.BooleanField(default=False)),
                        (
                            "needed_for_broadcasts",
                            models.BooleanField(
                                default=False, help_text="Who has not finished it cannot plan a first broadcast."
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["position", "pk"],
                    },
                ),
                migrations.CreateModel(
                    name="CourseOffer",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "reason",
                            models.CharField(
                                choices=[
                                    ("BRUISED", "A buyer said that something arrived crushed or spoiled."),
                                    ("CLAIMED", "A buyer said that something was wrong."),
                                    ("SENT_BACK", "A moderator asked you to change a listing."),
                                ],
                                max_length=9,
                            ),
                        ),
                        ("offered_at", models.DateTimeField()),
                        (
                            "course",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="offers", to="training.course"
                            ),
                        ),
                        (
                            "user",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="course_offers",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "abstract": False,
                        "constraints": [models.UniqueConstraint(fields=("user", "course"), name="course_offered_once")],
                        "triggers": [
                            pgtrigger.compiler.Trigger(
                                name="append_only",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                                    hash="18999c89426fc73e2ec3a8847cd68f522592dcce",
                                    operation="UPDATE OR DELETE",
                                    pgid="pgtrigger_append_only_9eaec",
                                    table="training_courseoffer",
                                    when="BEFORE",
                                ),
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Lesson",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("name_zh", models.CharField(max_length=60)),
                        ("name_en", models.CharField(max_length=80)),
                        ("position", models.PositiveSmallIntegerField()),
                        ("body_zh", models.TextField(max_length=4000)),
                        ("body_en", models.TextField(max_length=8000)),
                        (
                            "drawing",
                            models.CharField(
                                blank=True,
                                help_text="A file under static/training/.",
                                max_length=60,
                                validators=[training.models.is_a_drawing],
                            ),
                        ),
                        (
                            "course",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="lessons",
                                to="training.course",
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["position"],
                        "constraints": [
                            models.UniqueConstraint(fields=("course", "position"), name="lesson_place_once")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="LessonDone",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("done_at", models.DateTimeField()),
                        ("received_at", models.DateTimeField()),
                        (
                            "lesson",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="done", to="training.lesson"
                            ),
                        ),
                        (
                            "user",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="lessons_done",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "abstract": False,
                        "constraints": [
                            models.UniqueConstraint(fields=("user", "lesson"), name="lesson_done_once"),
                            models.CheckConstraint(
                                condition=models.Q(("done_at__lte", models.F("received_at"))),
                                name="lesson_done_before_received",
                            ),
                        ],
                        "triggers": [
                            pgtrigger.compiler.Trigger(
                                name="append_only",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                                    hash="ba8918f44dba7512843b900a703667c2ee7d5134",
                                    operation="UPDATE OR DELETE",
                                    pgid="pgtrigger_append_only_bc677",
                                    table="training_lessondone",
                                    when="BEFORE",
                                ),
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Question",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("position", models.PositiveSmallIntegerField()),
                        ("text_zh", models.CharField(max_length=200)),
                        ("text_en", models.CharField(max_length=300)),
                        ("why_zh", models.CharField(max_length=300)),
                        ("why_en", models.CharField(max_length=500)),
                        (
                            "lesson",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="questions",
                                to="training.lesson",
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["position"],
                        "constraints": [
                            models.UniqueConstraint(fields=("lesson", "position"), name="question_place_once")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Answer",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("position", models.PositiveSmallIntegerField()),
                        ("text_zh", models.CharField(max_length=120)),
                        ("text_en", models.CharField(max_length=200)),
                        ("is_right", models.BooleanField(default=False)),
                        (
                            "question",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="answers",
                                to="training.question",
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["position"],
                        "constraints": [
                            models.UniqueConstraint(fields=("question", "position"), name="answer_place_once"),
                            models.UniqueConstraint(
                                condition=models.Q(("is_right", True)), fields=("question",), name="answer_right_once"
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Certificate",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("code", models.CharField(max_length=10, unique=True)),
                        ("holder", models.CharField(max_length=60)),
                        ("issued_at", models.DateTimeField()),
                        (
                            "county",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="accounts.county",
                            ),
                        ),
                        (
                            "user",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="certificates",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "course",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="certificates",
                                to="training.course",
                            ),
                        ),
                    ],
                    options={
                        "indexes": [models.Index(fields=["course", "issued_at"], name="certificate_by_course")],
                        "constraints": [models.UniqueConstraint(fields=("user", "course"), name="certificate_once")],
                        "triggers": [
                            pgtrigger.compiler.Trigger(
                                name="append_only",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                                    hash="9405a17f8a551b30c496bba163b8e11d0bce04cf",
                                    operation="UPDATE OR DELETE",
                                    pgid="pgtrigger_append_only_be305",
                                    table="training_certificate",
                                    when="BEFORE",
                                ),
                            ),
                            pgtrigger.compiler.Trigger(
                                name="after_all_lessons",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    func="\n    IF EXISTS (\n        SELECT 1 FROM training_lesson lesson WHERE lesson.course_id = NEW.course_id AND NOT EXISTS (\n            SELECT 1 FROM training_lessondone done WHERE done.lesson_id = lesson.id AND done.user_id = NEW.user_id)\n    ) OR NOT EXISTS (SELECT 1 FROM training_lesson WHERE course_id = NEW.course_id) THEN\n        RAISE EXCEPTION 'user % has not finished course %', NEW.user_id, NEW.course_id\n            USING ERRCODE = 'check_violation', CONSTRAINT = 'certificate_after_all_lessons';\n    END IF;\n    RETURN NEW;\n",
                                    hash="39b44565a54e3887a1c6cb11367a7c42a66e25dd",
                                    operation="INSERT",
                                    pgid="pgtrigger_after_all_lessons_889c8",
                                    table="training_certificate",
                                    when="BEFORE",
                                ),
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="LessonVideo",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("key", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                        (
                            "status",
                            models.CharField(
                                choices=[
                                    ("WAITING", "being prepared"),
                                    ("READY", "shown"),
                                    ("REFUSED", "could not be used"),
                                ],
                                default="WAITING",
                                max_length=7,
                            ),
                        ),
                        ("problem", models.CharField(blank=True, max_length=20)),
                        ("seconds", models.PositiveSmallIntegerField(blank=True, null=True)),
                        ("size", models.PositiveIntegerField(blank=True, help_text="Bytes.", null=True)),
                        ("added_at", models.DateTimeField()),
                        ("attempts", models.PositiveSmallIntegerField(default=0)),
                        ("claimed_until", models.DateTimeField(blank=True, null=True)),
                        (
                            "added_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "lesson",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE, related_name="videos", to="training.lesson"
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["-pk"],
                        "indexes": [
                            models.Index(
                                condition=models.Q(("status", "WAITING")),
                                fields=["added_at"],
                                name="lesson_video_waiting",
                            )
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("problem", ""), ("seconds", None), ("size", None), ("status", "WAITING")),
                                    models.Q(("problem", ""), ("seconds__gt", 0), ("size__gt", 0), ("status", "READY")),
                                    models.Q(
                                        ("seconds", None),
                                        ("size", None),
                                        ("status", "REFUSED"),
                                        models.Q(("problem", ""), _negated=True),
                                    ),
                                    _connector="OR",
                                ),
                                name="lesson_video_state_is_whole",
                            )
                        ],
                    },
                ),
            ]
        ),
    ]
