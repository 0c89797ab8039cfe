import django.contrib.postgres.fields
import django.db.models.deletion
import pgtrigger.compiler
from django.conf import settings
from django.db import migrations, models

from common.migrating import CreateModels


class Migration(migrations.Migration):
    replaces = [
        ("notifications", "0001_initial"),
        ("notifications", "0002_sms_day"),
        ("notifications", "0003_telling_under_fire"),
        ("notifications", "0004_webhooks"),
        ("notifications", "0005_sms_replies"),
    ]

    initial = True

    dependencies = [
        ("accounts", "0001_squashed_0011_weighing_and_packing_acts"),
    ]

    operations = [
        CreateModels(
            [
                migrations.CreateModel(
                    name="Notification",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("kind", models.CharField(max_length=40)),
                        ("about", models.CharField(help_text="What it is about, e.g. parcel:123.", max_length=60)),
                        ("dedupe_key", models.CharField(max_length=140, unique=True)),
                        ("context", models.JSONField(default=dict)),
                        ("link", models.CharField(blank=True, max_length=200)),
                        ("created_at", models.DateTimeField()),
                        ("read_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "recipient",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="notifications",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["-created_at", "-pk"],
                        "indexes": [
                            models.Index(fields=["recipient", "-created_at"], name="notification_by_person"),
                            models.Index(
                                condition=models.Q(("read_at__isnull", True)),
                                fields=["recipient"],
                                name="notification_unread",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Delivery",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "channel",
                            models.CharField(
                                choices=[("EMAIL", "e-mail"), ("SMS", "text message"), ("PUSH", "notice on the phone")],
                                max_length=5,
                            ),
                        ),
                        ("address", models.CharField(max_length=254)),
                        (
                            "status",
                            models.CharField(
                                choices=[
                                    ("DUE", "to be sent"),
                                    ("SENDING", "being sent"),
                                    ("SENT", "sent"),
                                    ("FAILED", "given up"),
                                    ("DROPPED", "no longer wanted"),
                                ],
                                default="DUE",
                                max_length=7,
                            ),
                        ),
                        ("attempts", models.PositiveSmallIntegerField(default=0)),
                        (
                            "due_at",
                            models.DateTimeField(help_text="When to try next; while SENDING, when the claim lapses."),
                        ),
                        ("sent_at", models.DateTimeField(blank=True, null=True)),
                        ("provider_id", models.CharField(blank=True, max_length=80)),
                        ("last_error", models.CharField(blank=True, max_length=200)),
                        (
                            "notification",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="deliveries",
                                to="notifications.notification",
                            ),
                        ),
                        (
                            "carried_by",
                            models.ForeignKey(
                                blank=True,
                                help_text="The message that tells of this too.",
                                null=True,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="carries",
                                to="notifications.delivery",
                            ),
                        ),
                        (
                            "is_fallback",
                            models.BooleanField(
                                db_default=False,
                                default=False,
                                help_text="Made because another channel did not reach the person.",
                            ),
                        ),
                        (
                            "receipt",
                            models.CharField(
                                blank=True,
                                choices=[("ARRIVED", "arrived"), ("LOST", "did not arrive")],
                                db_default="",
                                max_length=7,
                            ),
                        ),
                        ("receipt_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "receipt_code",
                            models.CharField(
                                blank=True, db_default="", help_text="The provider's own word for it.", max_length=40
                            ),
                        ),
                    ],
                    options={
                        "verbose_name_plural": "deliveries",
                        "indexes": [
                            models.Index(
                                condition=models.Q(("status__in", ["DUE", "SENDING"])),
                                fields=["due_at"],
                                name="delivery_due",
                            )
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                models.F("notification"), models.F("channel"), name="delivery_once_per_channel"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("status", "SENT"), _negated=True),
                                    ("sent_at__isnull", False),
                                    _connector="OR",
                                ),
                                name="delivery_sent_has_time",
                            ),
                            models.UniqueConstraint(
                                models.F("notification"),
                                condition=models.Q(("is_fallback", True)),
                                name="delivery_falls_back_once",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("carried_by__isnull", True),
                                    models.Q(("carried_by", models.F("pk")), _negated=True),
                                    _connector="OR",
                                ),
                                name="delivery_carried_by_another",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("receipt", ""), ("receipt_at__isnull", False), _connector="OR"),
                                name="delivery_receipt_has_time",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="OutboxMessage",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "channel",
                            models.CharField(
                                choices=[("EMAIL", "e-mail"), ("SMS", "text message"), ("PUSH", "notice on the phone")],
                                max_length=5,
                            ),
                        ),
                        ("address", models.CharField(max_length=254)),
                        ("subject", models.CharField(blank=True, max_length=200)),
                        ("body", models.TextField()),
                        ("written_at", models.DateTimeField()),
                        (
                            "delivery",
                            models.OneToOneField(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="outbox_message",
                                to="notifications.delivery",
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["-written_at", "-pk"],
                    },
                ),
                migrations.CreateModel(
                    name="SmsDay",
                    fields=[
                        ("day", models.DateField(primary_key=True, serialize=False)),
                        ("attempts", models.PositiveIntegerField(default=0)),
                    ],
                    options={
                        "verbose_name": "day of text messages",
                        "verbose_name_plural": "days of text messages",
                    },
                ),
                migrations.CreateModel(
                    name="ChannelHealth",
                    fields=[
                        (
                            "channel",
                            models.CharField(
                                choices=[("EMAIL", "e-mail"), ("SMS", "text message"), ("PUSH", "notice on the phone")],
                                max_length=5,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        ("failures", models.PositiveIntegerField(default=0, help_text="Since it last worked.")),
                        (
                            "closed_until",
                            models.DateTimeField(
                                blank=True, help_text="Nothing is sent before; then one tries.", null=True
                            ),
                        ),
                        (
                            "slow_until",
                            models.DateTimeField(blank=True, help_text="Until then one sender at a time.", null=True),
                        ),
                    ],
                    options={
                        "verbose_name_plural": "health of channels",
                    },
                ),
                migrations.CreateModel(
                    name="Choices",
                    fields=[
                        (
                            "user",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.CASCADE,
                                primary_key=True,
                                related_name="choices",
                                serialize=False,
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "off",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.CharField(max_length=20), blank=True, default=list, size=None
                            ),
                        ),
                        ("quiet_from", models.TimeField(blank=True, null=True)),
                        ("quiet_until", models.TimeField(blank=True, null=True)),
                        (
                            "never_quiet",
                            models.BooleanField(default=False, help_text="Not even in the shop's own quiet hours."),
                        ),
                        (
                            "time_zone",
                            models.CharField(blank=True, help_text="IANA name; empty: the shop's.", max_length=40),
                        ),
                    ],
                    options={
                        "verbose_name_plural": "choices",
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("quiet_from__isnull", True), ("quiet_until__isnull", True)),
                                    models.Q(
                                        ("quiet_from__isnull", False),
                                        ("quiet_until__isnull", False),
                                        models.Q(("quiet_from", models.F("quiet_until")), _negated=True),
                                    ),
                                    _connector="OR",
                                ),
                                name="choices_quiet_hours_whole",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Device",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("endpoint", models.CharField(max_length=1000, unique=True)),
                        ("p256dh", models.CharField(max_length=200)),
                        ("auth", models.CharField(max_length=100)),
                        ("added_at", models.DateTimeField()),
                        (
                            "user",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="devices",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                ),
                migrations.CreateModel(
                    name="WebhookSubscription",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("url", models.CharField(max_length=500)),
                        (
                            "events",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.CharField(max_length=40), size=None
                            ),
                        ),
                        ("secret", models.CharField(max_length=80)),
                        ("old_secret", models.CharField(blank=True, max_length=80)),
                        ("old_secret_until", models.DateTimeField(blank=True, null=True)),
                        (
                            "status",
                            models.CharField(
                                choices=[
                                    ("ACTIVE", "switched on"),
                                    ("PAUSED", "paused"),
                                    ("DISABLED", "switched off after too many failures"),
                                ],
                                default="ACTIVE",
                                max_length=8,
                            ),
                        ),
                        ("failing_since", models.DateTimeField(blank=True, null=True)),
                        ("created_at", models.DateTimeField()),
                        (
                            "owner",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="webhooks",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(models.F("owner"), models.F("url"), name="webhook_url_once"),
                            models.CheckConstraint(
                                condition=models.Q(("secret", ""), _negated=True), name="webhook_has_secret"
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="WebhookDelivery",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("event_id", models.CharField(max_length=40)),
                        ("event", models.CharField(max_length=40)),
                        ("body", models.TextField()),
                        (
                            "status",
                            models.CharField(
                                choices=[
                                    ("DUE", "to be sent"),
                                    ("SENDING", "being sent"),
                                    ("SENT", "taken"),
                                    ("FAILED", "given up"),
                                ],
                                default="DUE",
                                max_length=7,
                            ),
                        ),
                        ("attempts", models.PositiveSmallIntegerField(default=0)),
                        ("tries_left", models.PositiveSmallIntegerField()),
                        (
                            "due_at",
                            models.DateTimeField(help_text="When to try next; while SENDING, when the claim lapses."),
                        ),
                        ("created_at", models.DateTimeField()),
                        ("sent_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "subscription",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="deliveries",
                                to="notifications.webhooksubscription",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name_plural": "webhook deliveries",
                        "indexes": [
                            models.Index(
                                condition=models.Q(("status__in", ["DUE", "SENDING"])),
                                fields=["due_at"],
                                name="webhook_due",
                            ),
                            models.Index(fields=["subscription", "-id"], name="webhook_log"),
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                models.F("subscription"), models.F("event_id"), name="webhook_event_once"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="WebhookAttempt",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("number", models.PositiveSmallIntegerField()),
                        ("started_at", models.DateTimeField()),
                        ("milliseconds", models.PositiveIntegerField(default=0)),
                        ("http_status", models.PositiveSmallIntegerField(blank=True, null=True)),
                        ("error", models.CharField(blank=True, max_length=80)),
                        (
                            "answer",
                            models.CharField(blank=True, help_text="The beginning of what it said.", max_length=500),
                        ),
                        (
                            "delivery",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="tries",
                                to="notifications.webhookdelivery",
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["number"],
                        "constraints": [
                            models.UniqueConstraint(
                                models.F("delivery"), models.F("number"), name="webhook_attempt_once"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="SmsReply",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("provider", models.CharField(max_length=20)),
                        ("key", models.CharField(help_text="The provider's name of it.", max_length=80)),
                        ("text", models.CharField(blank=True, max_length=300)),
                        ("sent_at", models.DateTimeField()),
                        ("received_at", models.DateTimeField()),
                        ("answers", models.CharField(blank=True, max_length=40)),
                        (
                            "user",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="sms_replies",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["-pk"],
                        "abstract": False,
                        "indexes": [models.Index(fields=["user", "-received_at"], name="sms_reply_by_user")],
                        "constraints": [
                            models.UniqueConstraint(models.F("provider"), models.F("key"), name="sms_reply_once")
                        ],
                        "triggers": [
                            pgtrigger.compiler.Trigger(
                                name="append_only",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                                    hash="248cec403135778fa9914a5a71b6e4a0212a2321",
                                    operation="UPDATE OR DELETE",
                                    pgid="pgtrigger_append_only_a8850",
                                    table="notifications_smsreply",
                                    when="BEFORE",
                                ),
                            )
                        ],
                    },
                ),
            ]
        ),
    ]
