import common.storage
import datetime
import django.contrib.postgres.constraints
import django.contrib.postgres.fields
import django.contrib.postgres.fields.ranges
import django.db.models.deletion
import django.db.models.expressions
import django.utils.timezone
import pgtrigger.compiler
from django.conf import settings
from django.db import migrations, models

from common.migrating import CreateModels


class Migration(migrations.Migration):
    replaces = [
        ("accounts", "0001_initial"),
        ("accounts", "0002_tokens_and_kept_answers"),
        ("accounts", "0003_staff_acts"),
        ("accounts", "0004_payee_changes"),
        ("accounts", "0005_payee_as_changed"),
        ("accounts", "0006_postings_do_not_overlap"),
        ("accounts", "0007_invitations"),
        ("accounts", "0008_consents"),
        ("accounts", "0009_showing"),
        ("accounts", "0010_price_acts"),
        ("accounts", "0011_weighing_and_packing_acts"),
    ]

    initial = True

    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
    ]

    operations = [
        CreateModels(
            [
                migrations.CreateModel(
                    name="County",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("name_zh", models.CharField(max_length=60)),
                        ("name_en", models.CharField(max_length=80)),
                        ("slug", models.SlugField(max_length=60, unique=True)),
                        ("list_no", models.PositiveSmallIntegerField(unique=True)),
                        ("code", models.CharField(max_length=6)),
                        ("prefecture_zh", models.CharField(max_length=60)),
                        ("prefecture_en", models.CharField(max_length=80)),
                        ("short_zh", models.CharField(max_length=60)),
                        ("short_en", models.CharField(max_length=80)),
                        ("alternative_en", models.CharField(blank=True, max_length=120)),
                        ("latitude", models.FloatField()),
                        ("longitude", models.FloatField()),
                        ("year_lifted", models.PositiveSmallIntegerField()),
                        (
                            "province",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.region"
                            ),
                        ),
                    ],
                    options={
                        "verbose_name_plural": "counties",
                        "ordering": ["list_no"],
                    },
                ),
                migrations.CreateModel(
                    name="User",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("password", models.CharField(max_length=128, verbose_name="password")),
                        ("last_login", models.DateTimeField(blank=True, null=True, verbose_name="last login")),
                        (
                            "is_superuser",
                            models.BooleanField(
                                default=False,
                                help_text="Designates that this user has all permissions without explicitly assigning them.",
                                verbose_name="superuser status",
                            ),
                        ),
                        (
                            "phone",
                            models.CharField(blank=True, max_length=20, null=True, unique=True, verbose_name="phone"),
                        ),
                        ("phone_verified", models.BooleanField(default=False)),
                        (
                            "email",
                            models.EmailField(
                                blank=True, max_length=254, null=True, unique=True, verbose_name="e-mail"
                            ),
                        ),
                        ("name", models.CharField(blank=True, max_length=60, verbose_name="name")),
                        ("language", models.CharField(default="zh-hans", max_length=10)),
                        ("is_staff", models.BooleanField(default=False)),
                        ("is_moderator", models.BooleanField(default=False)),
                        ("is_active", models.BooleanField(default=True)),
                        ("is_demo", models.BooleanField(default=False)),
                        ("joined_at", models.DateTimeField(default=django.utils.timezone.now)),
                        (
                            "groups",
                            models.ManyToManyField(
                                blank=True,
                                help_text="The groups this user belongs to. A user will get all permissions granted to each of their groups.",
                                related_name="user_set",
                                related_query_name="user",
                                to="auth.group",
                                verbose_name="groups",
                            ),
                        ),
                        (
                            "user_permissions",
                            models.ManyToManyField(
                                blank=True,
                                help_text="Specific permissions for this user.",
                                related_name="user_set",
                                related_query_name="user",
                                to="auth.permission",
                                verbose_name="user permissions",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "user",
                        "verbose_name_plural": "users",
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("phone__isnull", False), ("email__isnull", False), _connector="OR"),
                                name="user_has_phone_or_email",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("phone", ""), _negated=True), models.Q(("email", ""), _negated=True)
                                ),
                                name="user_contact_not_empty",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Farmer",
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
                                choices=[("HOUSEHOLD", "household"), ("COOPERATIVE", "cooperative")], max_length=12
                            ),
                        ),
                        (
                            "name",
                            models.CharField(help_text="As buyers see it: “Chen Guilan's household”.", max_length=60),
                        ),
                        ("town", models.CharField(max_length=60)),
                        ("village", models.CharField(max_length=60)),
                        ("women_led", models.BooleanField(default=False)),
                        ("registered_poor", models.BooleanField(default=False)),
                        (
                            "payee_kind",
                            models.CharField(
                                choices=[("BANK", "bank card"), ("ALIPAY", "Alipay"), ("WECHAT", "WeChat Pay")],
                                max_length=8,
                            ),
                        ),
                        ("payee_name", models.CharField(max_length=60)),
                        ("payee_account", models.CharField(max_length=64)),
                        (
                            "status",
                            models.CharField(
                                choices=[
                                    ("WAITING", "waiting to be verified"),
                                    ("VERIFIED", "verified"),
                                    ("REFUSED", "not verified"),
                                    ("SUSPENDED", "suspended"),
                                ],
                                default="WAITING",
                                max_length=10,
                            ),
                        ),
                        ("status_reason", models.CharField(blank=True, max_length=500)),
                        ("applied_at", models.DateTimeField()),
                        ("verified_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "county",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="farmers",
                                to="accounts.county",
                            ),
                        ),
                        (
                            "user",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="farmer",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "own_name",
                            models.CharField(
                                blank=True,
                                db_default="",
                                default="",
                                help_text="Their true name, while buyers may not see it.",
                                max_length=60,
                            ),
                        ),
                        ("shows_name", models.BooleanField(db_default=True, default=True)),
                        ("shows_picture", models.BooleanField(db_default=True, default=True)),
                    ],
                    options={
                        "indexes": [
                            models.Index(
                                condition=models.Q(("status", "WAITING")), fields=["applied_at"], name="farmer_waiting"
                            ),
                            models.Index(fields=["county", "status"], name="farmer_by_county"),
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("status", "VERIFIED"), _negated=True),
                                    ("verified_at__isnull", False),
                                    _connector="OR",
                                ),
                                name="farmer_verified_has_time",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("shows_name", True), models.Q(("own_name", ""), _negated=True), _connector="XOR"
                                ),
                                name="farmer_keeps_own_name",
                            ),
                        ],
                        "triggers": [
                            pgtrigger.compiler.Trigger(
                                name="farmer_payee_as_changed",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    condition="WHEN (OLD.status IN ('VERIFIED', 'SUSPENDED') AND (OLD.payee_kind, OLD.payee_name, OLD.payee_account) IS DISTINCT FROM (NEW.payee_kind, NEW.payee_name, NEW.payee_account))",
                                    func="\n    IF NOT EXISTS (\n        SELECT 1 FROM (\n            SELECT * FROM accounts_payeechange WHERE farmer_id = OLD.id AND state = 'DONE'\n            ORDER BY ended_at DESC, id DESC LIMIT 1\n        ) last\n        WHERE (last.payee_kind, last.payee_name, last.payee_account) = (NEW.payee_kind, NEW.payee_name, NEW.payee_account)\n    ) THEN\n        RAISE EXCEPTION 'another payee for farmer % without a change in force', OLD.id\n            USING ERRCODE = 'check_violation', CONSTRAINT = 'farmer_payee_as_changed';\n    END IF;\n    RETURN NEW;\n",
                                    hash="68757bc6cc8511454c716061f3481e538e12ed09",
                                    operation='UPDATE OF "payee_kind", "payee_name", "payee_account"',
                                    pgid="pgtrigger_farmer_payee_as_changed_d6139",
                                    table="accounts_farmer",
                                    when="BEFORE",
                                ),
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="FarmerDocument",
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
                                max_length=200, storage=common.storage.private_storage, upload_to="documents/"
                            ),
                        ),
                        ("media_type", models.CharField(max_length=40)),
                        ("original_name", models.CharField(max_length=120)),
                        ("uploaded_at", models.DateTimeField()),
                        (
                            "farmer",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="documents",
                                to="accounts.farmer",
                            ),
                        ),
                    ],
                ),
                migrations.CreateModel(
                    name="Posting",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("starts_on", models.DateField()),
                        ("ends_on", models.DateField(blank=True, null=True)),
                        (
                            "county",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="postings",
                                to="accounts.county",
                            ),
                        ),
                        (
                            "specialist",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="postings",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("ends_on__isnull", True), ("ends_on__gte", models.F("starts_on")), _connector="OR"
                                ),
                                name="posting_ends_after_start",
                            ),
                            models.UniqueConstraint(
                                models.F("specialist"), models.F("county"), models.F("starts_on"), name="posting_once"
                            ),
                            django.contrib.postgres.constraints.ExclusionConstraint(
                                expressions=[
                                    (
                                        models.Func(
                                            models.F("specialist"),
                                            models.F("specialist"),
                                            models.Value("[]"),
                                            function="int8range",
                                            output_field=django.contrib.postgres.fields.ranges.BigIntegerRangeField(),
                                        ),
                                        "&&",
                                    ),
                                    (
                                        models.Func(
                                            models.F("county"),
                                            models.F("county"),
                                            models.Value("[]"),
                                            function="int8range",
                                            output_field=django.contrib.postgres.fields.ranges.BigIntegerRangeField(),
                                        ),
                                        "&&",
                                    ),
                                    (
                                        models.Func(
                                            models.F("starts_on"),
                                            models.F("ends_on"),
                                            models.Value("[]"),
                                            function="daterange",
                                            output_field=django.contrib.postgres.fields.ranges.DateRangeField(),
                                        ),
                                        "&&",
                                    ),
                                ],
                                name="posting_does_not_overlap",
                                violation_error_message="This specialist is posted to this county already on some of these days.",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Region",
                    fields=[
                        ("name_zh", models.CharField(max_length=60)),
                        ("name_en", models.CharField(max_length=80)),
                        ("code", models.CharField(max_length=12, primary_key=True, serialize=False)),
                        (
                            "level",
                            models.CharField(
                                choices=[("PROVINCE", "province"), ("PREFECTURE", "prefecture"), ("COUNTY", "county")],
                                max_length=10,
                            ),
                        ),
                        ("is_current", models.BooleanField(default=True)),
                        (
                            "is_virtual",
                            models.BooleanField(
                                default=False, help_text="A placeholder prefecture, e.g. of Beijing's districts."
                            ),
                        ),
                        (
                            "parent",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="children",
                                to="accounts.region",
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["code"],
                        "indexes": [models.Index(fields=["parent", "code"], name="region_by_parent")],
                    },
                ),
                migrations.CreateModel(
                    name="Address",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("recipient", models.CharField(max_length=40)),
                        ("phone", models.CharField(max_length=20)),
                        ("detail", models.CharField(max_length=200)),
                        ("is_default", models.BooleanField(default=False)),
                        ("created_at", models.DateTimeField(auto_now_add=True)),
                        (
                            "user",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="addresses",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "county",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="accounts.region",
                            ),
                        ),
                        (
                            "prefecture",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.region"
                            ),
                        ),
                        (
                            "province",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.region"
                            ),
                        ),
                    ],
                    options={
                        "verbose_name_plural": "addresses",
                        "ordering": ["-is_default", "-pk"],
                        "constraints": [
                            models.UniqueConstraint(
                                models.F("user"), condition=models.Q(("is_default", True)), name="address_one_default"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="VerificationDecision",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "verdict",
                            models.CharField(
                                choices=[("VERIFY", "verified"), ("REFUSE", "refused"), ("SUSPEND", "suspended")],
                                max_length=8,
                            ),
                        ),
                        ("reason", models.CharField(max_length=500)),
                        ("decided_at", models.DateTimeField()),
                        (
                            "decided_by",
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
                                related_name="decisions",
                                to="accounts.farmer",
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["decided_at", "pk"],
                        "abstract": False,
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("reason", ""), _negated=True), name="verification_has_reason"
                            )
                        ],
                        "triggers": [
                            pgtrigger.compiler.Trigger(
                                name="append_only",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                                    hash="da94ff54857ba72d6f06ef71404a7a8f4b39d436",
                                    operation="UPDATE OR DELETE",
                                    pgid="pgtrigger_append_only_9e9dc",
                                    table="accounts_verificationdecision",
                                    when="BEFORE",
                                ),
                            ),
                            pgtrigger.compiler.Trigger(
                                name="not_ones_own",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    func="\n            IF EXISTS (\n                SELECT 1 FROM accounts_farmer f WHERE f.id = (NEW.farmer_id) AND (\n                    f.user_id = NEW.decided_by_id\n                    OR EXISTS (SELECT 1 FROM accounts_tie t WHERE t.farmer_id = f.id AND t.user_id = NEW.decided_by_id)\n                    OR EXISTS (\n                        SELECT 1 FROM accounts_farmer own WHERE own.user_id = NEW.decided_by_id\n                        AND own.payee_kind = f.payee_kind AND own.payee_account = f.payee_account\n                    )\n                )\n            ) THEN\n                RAISE EXCEPTION 'nobody decides about their own' USING ERRCODE = 'check_violation';\n            END IF;\n            RETURN NEW;\n        ",
                                    hash="889086b23407a902889a53c8d2fd74dab3ebb7fd",
                                    operation="INSERT",
                                    pgid="pgtrigger_not_ones_own_8f88f",
                                    table="accounts_verificationdecision",
                                    when="BEFORE",
                                ),
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ApiToken",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("name", models.CharField(max_length=60)),
                        ("prefix", models.CharField(max_length=12)),
                        ("digest", models.CharField(max_length=64, unique=True)),
                        (
                            "scopes",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.CharField(
                                    choices=[
                                        ("read", "see what is mine: orders, addresses, notifications, listings"),
                                        ("buy", "fill the cart, order, pay, say when something is wrong"),
                                        ("sell", "change my listings, stock and prices, post parcels"),
                                        ("moderate", "decide what moderators decide"),
                                    ],
                                    max_length=10,
                                ),
                                size=None,
                            ),
                        ),
                        ("created_at", models.DateTimeField()),
                        ("expires_at", models.DateTimeField()),
                        ("last_used_at", models.DateTimeField(blank=True, null=True)),
                        ("revoked_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "user",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="api_tokens",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["-pk"],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("scopes__contained_by", ["read", "buy", "sell", "moderate"]),
                                    ("scopes__len__gt", 0),
                                ),
                                name="api_token_scopes_known",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("expires_at__gt", models.F("created_at"))),
                                name="api_token_ends_later",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="KeptAnswer",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("key", models.CharField(max_length=255)),
                        ("fingerprint", models.CharField(help_text="SHA-256 of method, path and body.", max_length=64)),
                        ("claim", models.UUIDField()),
                        ("claimed_until", models.DateTimeField()),
                        ("status", models.PositiveSmallIntegerField(default=0)),
                        ("body", models.TextField(blank=True)),
                        ("headers", models.JSONField(default=dict)),
                        ("created_at", models.DateTimeField()),
                        (
                            "user",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "indexes": [models.Index(fields=["created_at"], name="kept_answer_age")],
                        "constraints": [
                            models.UniqueConstraint(models.F("user"), models.F("key"), name="kept_answer_key_once")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="StaffAct",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("at", models.DateTimeField()),
                        (
                            "kind",
                            models.CharField(
                                help_text="What was done: “revision_approve”, “user_change”.", max_length=40
                            ),
                        ),
                        ("about", models.CharField(help_text="To what: “revision:12”.", max_length=80)),
                        ("old", models.JSONField(default=dict)),
                        ("new", models.JSONField(default=dict)),
                        ("reason", models.CharField(blank=True, max_length=500)),
                        (
                            "way",
                            models.CharField(
                                choices=[
                                    ("PAGE", "page"),
                                    ("API", "API"),
                                    ("ADMIN", "administration"),
                                    ("SERVER", "on the server"),
                                ],
                                max_length=6,
                            ),
                        ),
                        ("ip", models.GenericIPAddressField(blank=True, null=True)),
                        (
                            "actor",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["-at", "-pk"],
                        "abstract": False,
                        "indexes": [
                            models.Index(fields=["-at", "-id"], name="act_newest"),
                            models.Index(fields=["actor", "-at"], name="act_by_actor"),
                            models.Index(fields=["about"], name="act_by_thing"),
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("kind", ""), _negated=True), models.Q(("about", ""), _negated=True)
                                ),
                                name="act_says_what",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("way", "SERVER"), ("actor__isnull", False), _connector="OR"),
                                name="act_has_actor",
                            ),
                        ],
                        "triggers": [
                            pgtrigger.compiler.Trigger(
                                name="append_only",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                                    hash="bcacbe15172e91f82761ddeb2f8be756a654e6a2",
                                    operation="UPDATE OR DELETE",
                                    pgid="pgtrigger_append_only_23ea1",
                                    table="accounts_staffact",
                                    when="BEFORE",
                                ),
                            ),
                            pgtrigger.compiler.Trigger(
                                name="no_truncate",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    func="RAISE EXCEPTION 'Cannot truncate %', TG_TABLE_NAME;",
                                    hash="39191256bb6ddc7ffa89ad03184c71018ede6192",
                                    level="STATEMENT",
                                    operation="TRUNCATE",
                                    pgid="pgtrigger_no_truncate_eda5d",
                                    table="accounts_staffact",
                                    when="BEFORE",
                                ),
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Tie",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("note", models.CharField(blank=True, max_length=200)),
                        ("since", models.DateTimeField()),
                        (
                            "farmer",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE, related_name="ties", to="accounts.farmer"
                            ),
                        ),
                        (
                            "user",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="ties",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "constraints": [models.UniqueConstraint(models.F("user"), models.F("farmer"), name="tie_once")],
                    },
                ),
                migrations.CreateModel(
                    name="PayeeRequest",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "payee_kind",
                            models.CharField(
                                choices=[("BANK", "bank card"), ("ALIPAY", "Alipay"), ("WECHAT", "WeChat Pay")],
                                max_length=8,
                            ),
                        ),
                        ("payee_name", models.CharField(max_length=60)),
                        ("payee_account", models.CharField(max_length=64)),
                        ("asked_at", models.DateTimeField()),
                        ("digest", models.CharField(max_length=64)),
                        ("tries", models.PositiveSmallIntegerField(default=0)),
                        (
                            "farmer",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="payee_request",
                                to="accounts.farmer",
                            ),
                        ),
                    ],
                    options={
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("tries__lte", 5)), name="payee_request_tries_few"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="PayeeChange",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "payee_kind",
                            models.CharField(
                                choices=[("BANK", "bank card"), ("ALIPAY", "Alipay"), ("WECHAT", "WeChat Pay")],
                                max_length=8,
                            ),
                        ),
                        ("payee_name", models.CharField(max_length=60)),
                        ("payee_account", models.CharField(max_length=64)),
                        ("asked_at", models.DateTimeField()),
                        ("takes_effect_at", models.DateTimeField()),
                        (
                            "state",
                            models.CharField(
                                choices=[("WAITING", "waits"), ("DONE", "in force"), ("STOPPED", "stopped")],
                                default="WAITING",
                                max_length=8,
                            ),
                        ),
                        ("ended_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "reason",
                            models.CharField(
                                blank=True, help_text="Why it was stopped, if somebody else did.", max_length=500
                            ),
                        ),
                        (
                            "farmer",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="payee_changes",
                                to="accounts.farmer",
                            ),
                        ),
                        (
                            "stopped_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["-pk"],
                        "indexes": [
                            models.Index(
                                condition=models.Q(("state", "WAITING")),
                                fields=["takes_effect_at"],
                                name="payee_change_due",
                            )
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                models.F("farmer"),
                                condition=models.Q(("state", "WAITING")),
                                name="payee_change_one_waiting_per_farmer",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("takes_effect_at__gte", models.F("asked_at"))),
                                name="payee_change_not_backwards",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("ended_at", None), ("reason", ""), ("state", "WAITING"), ("stopped_by", None)
                                    ),
                                    models.Q(
                                        ("ended_at__gte", models.F("takes_effect_at")),
                                        ("reason", ""),
                                        ("state", "DONE"),
                                        ("stopped_by", None),
                                    ),
                                    models.Q(
                                        ("ended_at__isnull", False), ("state", "STOPPED"), ("stopped_by__isnull", False)
                                    ),
                                    _connector="OR",
                                ),
                                name="payee_change_end_is_whole",
                            ),
                        ],
                        "triggers": [
                            pgtrigger.compiler.Trigger(
                                name="payee_change_moves",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    declare="DECLARE _is_valid_transition BOOLEAN;",
                                    func='SELECT CONCAT(OLD."state", \':\', NEW."state") = ANY(\'{WAITING:DONE,WAITING:STOPPED}\'::text[]) INTO _is_valid_transition; IF (_is_valid_transition IS FALSE AND OLD."state" IS DISTINCT FROM NEW."state") THEN RAISE EXCEPTION \'pgtrigger: Invalid transition of field "state" from "%" to "%" on table %\', OLD."state", NEW."state", TG_TABLE_NAME; ELSE RETURN NEW; END IF;',
                                    hash="b05d15d82563d9db27f6a1c291fc08273bf59d5d",
                                    operation="UPDATE",
                                    pgid="pgtrigger_payee_change_moves_f0e19",
                                    table="accounts_payeechange",
                                    when="BEFORE",
                                ),
                            ),
                            pgtrigger.compiler.Trigger(
                                name="payee_change_begins_waiting",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    condition="WHEN (NOT (NEW.\"state\" = 'WAITING'))",
                                    func="RAISE EXCEPTION 'pgtrigger: Cannot insert rows from % table', TG_TABLE_NAME;",
                                    hash="e77c3b3d243d46a0960530e486c093bf95c9f82c",
                                    operation="INSERT",
                                    pgid="pgtrigger_payee_change_begins_waiting_d57b0",
                                    table="accounts_payeechange",
                                    when="BEFORE",
                                ),
                            ),
                            pgtrigger.compiler.Trigger(
                                name="payee_change_terms_fixed",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    condition='WHEN (OLD."farmer_id" IS DISTINCT FROM (NEW."farmer_id") OR OLD."payee_kind" IS DISTINCT FROM (NEW."payee_kind") OR OLD."payee_name" IS DISTINCT FROM (NEW."payee_name") OR OLD."payee_account" IS DISTINCT FROM (NEW."payee_account") OR OLD."asked_at" IS DISTINCT FROM (NEW."asked_at") OR OLD."takes_effect_at" IS DISTINCT FROM (NEW."takes_effect_at"))',
                                    func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                                    hash="88612534295acf5f8650189c3e3353bc9b9cb8a2",
                                    operation="UPDATE",
                                    pgid="pgtrigger_payee_change_terms_fixed_d2a7b",
                                    table="accounts_payeechange",
                                    when="BEFORE",
                                ),
                            ),
                            pgtrigger.compiler.Trigger(
                                name="payee_change_end_fixed",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    condition="WHEN (NOT (OLD.\"state\" = 'WAITING'))",
                                    func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                                    hash="bb069f4b2214ce80b9f16b94184b562400ebb2c7",
                                    operation="UPDATE",
                                    pgid="pgtrigger_payee_change_end_fixed_b0619",
                                    table="accounts_payeechange",
                                    when="BEFORE",
                                ),
                            ),
                            pgtrigger.compiler.Trigger(
                                name="payee_change_never_deleted",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;",
                                    hash="d0ed1cf4800e24b2106f6ecfea4609eb3b51d04c",
                                    operation="DELETE",
                                    pgid="pgtrigger_payee_change_never_deleted_725c1",
                                    table="accounts_payeechange",
                                    when="BEFORE",
                                ),
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Invitation",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("code", models.CharField(max_length=12, unique=True)),
                        ("for_whom", models.CharField(max_length=60)),
                        ("created_at", models.DateTimeField()),
                        ("expires_at", models.DateTimeField()),
                        ("withdrawn_at", models.DateTimeField(blank=True, null=True)),
                        ("used_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "county",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="invitations",
                                to="accounts.county",
                            ),
                        ),
                        (
                            "invited_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="invitations",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "used_by",
                            models.OneToOneField(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="invitation",
                                to="accounts.farmer",
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["-pk"],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("expires_at__gt", models.F("created_at"))),
                                name="invitation_ends_later",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("code", ""), _negated=True), models.Q(("for_whom", ""), _negated=True)
                                ),
                                name="invitation_is_for_somebody",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("used_at", None), ("used_by", None)),
                                    models.Q(
                                        ("used_at__lt", models.F("expires_at")),
                                        ("used_by__isnull", False),
                                        ("withdrawn_at", None),
                                    ),
                                    _connector="OR",
                                ),
                                name="invitation_used_in_time",
                            ),
                        ],
                        "triggers": [
                            pgtrigger.compiler.Trigger(
                                name="invitation_by_posted",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    func="\n            IF true AND NOT EXISTS (\n                SELECT 1 FROM accounts_posting p WHERE p.county_id = (NEW.county_id) AND p.specialist_id = (NEW.invited_by_id)\n                AND p.starts_on <= ((NEW.created_at) AT TIME ZONE 'Asia/Shanghai')::date\n                AND (p.ends_on IS NULL OR p.ends_on >= ((NEW.created_at) AT TIME ZONE 'Asia/Shanghai')::date)\n            ) THEN\n                RAISE EXCEPTION 'nobody works in a county they are not posted to'\n                    USING ERRCODE = 'check_violation', CONSTRAINT = 'invitation_by_posted';\n            END IF;\n            RETURN NEW;\n        ",
                                    hash="7dd7e11f0c4baa3ce4a334f547bc38ce4c5a72b4",
                                    operation="INSERT",
                                    pgid="pgtrigger_invitation_by_posted_e746e",
                                    table="accounts_invitation",
                                    when="BEFORE",
                                ),
                            ),
                            pgtrigger.compiler.Trigger(
                                name="invitation_fixed",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    condition='WHEN (OLD."county_id" IS DISTINCT FROM (NEW."county_id") OR OLD."invited_by_id" IS DISTINCT FROM (NEW."invited_by_id") OR OLD."code" IS DISTINCT FROM (NEW."code") OR OLD."for_whom" IS DISTINCT FROM (NEW."for_whom") OR OLD."created_at" IS DISTINCT FROM (NEW."created_at") OR OLD."expires_at" IS DISTINCT FROM (NEW."expires_at"))',
                                    func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                                    hash="f012ac93bf8782c2707137431db9ca51ad32ba6e",
                                    operation="UPDATE",
                                    pgid="pgtrigger_invitation_fixed_05d9e",
                                    table="accounts_invitation",
                                    when="BEFORE",
                                ),
                            ),
                            pgtrigger.compiler.Trigger(
                                name="invitation_used_once",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    condition='WHEN (OLD."used_at" IS NOT NULL OR OLD."withdrawn_at" IS NOT NULL)',
                                    func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                                    hash="6e048375ae91e1dfee2eeaf065e5e31eb1950a66",
                                    operation="UPDATE",
                                    pgid="pgtrigger_invitation_used_once_d55ac",
                                    table="accounts_invitation",
                                    when="BEFORE",
                                ),
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Consent",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "way",
                            models.CharField(
                                choices=[("CODE", "a code from the farmer's phone"), ("PAPER", "a signed paper")],
                                max_length=5,
                            ),
                        ),
                        (
                            "paper",
                            models.FileField(
                                blank=True,
                                max_length=200,
                                storage=common.storage.private_storage,
                                upload_to="consents/",
                            ),
                        ),
                        ("media_type", models.CharField(blank=True, max_length=40)),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("WAITING", "a moderator looks at the paper"),
                                    ("STANDS", "stands"),
                                    ("ENDED", "ended"),
                                ],
                                max_length=7,
                            ),
                        ),
                        ("asked_at", models.DateTimeField()),
                        ("given_at", models.DateTimeField(blank=True, null=True)),
                        ("ended_at", models.DateTimeField(blank=True, null=True)),
                        ("reason", models.CharField(blank=True, max_length=500)),
                        (
                            "accepted_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "ended_by",
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
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="consents",
                                to="accounts.farmer",
                            ),
                        ),
                        (
                            "specialist",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="consents",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["-pk"],
                        "constraints": [
                            models.UniqueConstraint(
                                models.F("farmer"),
                                models.F("specialist"),
                                condition=models.Q(("state", "ENDED"), _negated=True),
                                name="consent_one_open_for_each",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("accepted_by", None), ("paper", ""), ("way", "CODE")),
                                    models.Q(("way", "PAPER"), models.Q(("paper", ""), _negated=True)),
                                    _connector="OR",
                                ),
                                name="consent_has_its_proof",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("accepted_by", None),
                                        ("ended_at", None),
                                        ("ended_by", None),
                                        ("given_at", None),
                                        ("state", "WAITING"),
                                        ("way", "PAPER"),
                                    ),
                                    models.Q(
                                        ("ended_at", None),
                                        ("ended_by", None),
                                        ("given_at__isnull", False),
                                        ("state", "STANDS"),
                                        models.Q(("way", "CODE"), ("accepted_by__isnull", False), _connector="OR"),
                                    ),
                                    models.Q(
                                        ("ended_at__isnull", False), ("ended_by__isnull", False), ("state", "ENDED")
                                    ),
                                    _connector="OR",
                                ),
                                name="consent_state_is_whole",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("accepted_by", None),
                                    models.Q(("accepted_by", models.F("specialist")), _negated=True),
                                    _connector="OR",
                                ),
                                name="consent_accepted_by_another",
                            ),
                        ],
                        "triggers": [
                            pgtrigger.compiler.Trigger(
                                name="consent_to_posted",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    func="\n            IF true AND NOT EXISTS (\n                SELECT 1 FROM accounts_posting p WHERE p.county_id = (SELECT f.county_id FROM accounts_farmer f WHERE f.id = NEW.farmer_id) AND p.specialist_id = (NEW.specialist_id)\n                AND p.starts_on <= ((NEW.asked_at) AT TIME ZONE 'Asia/Shanghai')::date\n                AND (p.ends_on IS NULL OR p.ends_on >= ((NEW.asked_at) AT TIME ZONE 'Asia/Shanghai')::date)\n            ) THEN\n                RAISE EXCEPTION 'nobody works in a county they are not posted to'\n                    USING ERRCODE = 'check_violation', CONSTRAINT = 'consent_to_posted';\n            END IF;\n            RETURN NEW;\n        ",
                                    hash="31ffb82d7d90136e86b07e7c41afc05ae367d575",
                                    operation="INSERT",
                                    pgid="pgtrigger_consent_to_posted_dd5b8",
                                    table="accounts_consent",
                                    when="BEFORE",
                                ),
                            ),
                            pgtrigger.compiler.Trigger(
                                name="not_ones_own",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    func="\n            IF EXISTS (\n                SELECT 1 FROM accounts_farmer f WHERE f.id = (NEW.farmer_id) AND (\n                    f.user_id = NEW.specialist_id\n                    OR EXISTS (SELECT 1 FROM accounts_tie t WHERE t.farmer_id = f.id AND t.user_id = NEW.specialist_id)\n                    OR EXISTS (\n                        SELECT 1 FROM accounts_farmer own WHERE own.user_id = NEW.specialist_id\n                        AND own.payee_kind = f.payee_kind AND own.payee_account = f.payee_account\n                    )\n                )\n            ) THEN\n                RAISE EXCEPTION 'nobody decides about their own' USING ERRCODE = 'check_violation';\n            END IF;\n            RETURN NEW;\n        ",
                                    hash="e9cadeadd12e9db40abe76239545ced0106d6195",
                                    operation="INSERT",
                                    pgid="pgtrigger_not_ones_own_8323f",
                                    table="accounts_consent",
                                    when="BEFORE",
                                ),
                            ),
                            pgtrigger.compiler.Trigger(
                                name="consent_moves",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    declare="DECLARE _is_valid_transition BOOLEAN;",
                                    func='SELECT CONCAT(OLD."state", \':\', NEW."state") = ANY(\'{WAITING:STANDS,WAITING:ENDED,STANDS:ENDED}\'::text[]) INTO _is_valid_transition; IF (_is_valid_transition IS FALSE AND OLD."state" IS DISTINCT FROM NEW."state") THEN RAISE EXCEPTION \'pgtrigger: Invalid transition of field "state" from "%" to "%" on table %\', OLD."state", NEW."state", TG_TABLE_NAME; ELSE RETURN NEW; END IF;',
                                    hash="66311aca02f15f4857383056414cc417abde1024",
                                    operation="UPDATE",
                                    pgid="pgtrigger_consent_moves_7c0ca",
                                    table="accounts_consent",
                                    when="BEFORE",
                                ),
                            ),
                            pgtrigger.compiler.Trigger(
                                name="consent_fixed",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    condition='WHEN (OLD."farmer_id" IS DISTINCT FROM (NEW."farmer_id") OR OLD."specialist_id" IS DISTINCT FROM (NEW."specialist_id") OR OLD."way" IS DISTINCT FROM (NEW."way") OR OLD."paper" IS DISTINCT FROM (NEW."paper") OR OLD."asked_at" IS DISTINCT FROM (NEW."asked_at"))',
                                    func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                                    hash="233abc2e3d9d52830f3cfe17ad2ee94d115c68df",
                                    operation="UPDATE",
                                    pgid="pgtrigger_consent_fixed_6d7f4",
                                    table="accounts_consent",
                                    when="BEFORE",
                                ),
                            ),
                            pgtrigger.compiler.Trigger(
                                name="consent_end_fixed",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    condition="WHEN (OLD.\"state\" = 'ENDED')",
                                    func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                                    hash="358263a59a0b900252dba416787c3f4e5aa8a08d",
                                    operation="UPDATE",
                                    pgid="pgtrigger_consent_end_fixed_856ce",
                                    table="accounts_consent",
                                    when="BEFORE",
                                ),
                            ),
                            pgtrigger.compiler.Trigger(
                                name="consent_never_deleted",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;",
                                    hash="d9dd675c32a2170742a7a025d8988a4a74c9921a",
                                    operation="DELETE",
                                    pgid="pgtrigger_consent_never_deleted_5f43c",
                                    table="accounts_consent",
                                    when="BEFORE",
                                ),
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ConsentRequest",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("digest", models.CharField(max_length=64)),
                        ("asked_at", models.DateTimeField()),
                        ("tries", models.PositiveSmallIntegerField(default=0)),
                        (
                            "farmer",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE, related_name="+", to="accounts.farmer"
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
                            models.UniqueConstraint(
                                models.F("farmer"), models.F("specialist"), name="consent_request_once"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("tries__lte", 5)), name="consent_request_tries_few"
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="DelegatedAct",
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
                                    ("LISTING", "prepared something to sell"),
                                    ("LOT", "put a harvest on sale"),
                                    ("PARCEL", "posted a parcel"),
                                    ("PRICE", "set another price, with your code"),
                                    ("WEIGHED", "weighed a harvest"),
                                    ("PACKED", "packed a parcel"),
                                ],
                                max_length=7,
                            ),
                        ),
                        ("about", models.CharField(help_text="To what: “lot:12”.", max_length=40)),
                        ("words", models.CharField(help_text="What it was, as the farmer reads it.", max_length=120)),
                        ("at", models.DateTimeField()),
                        ("undone_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "consent",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="acts", to="accounts.consent"
                            ),
                        ),
                        (
                            "farmer",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="delegated_acts",
                                to="accounts.farmer",
                            ),
                        ),
                        (
                            "specialist",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="delegated_acts",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["-at", "-pk"],
                        "indexes": [models.Index(fields=["farmer", "-at"], name="delegated_act_by_farmer")],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("undone_at", None),
                                    models.Q(
                                        ("undone_at__gte", models.F("at")),
                                        (
                                            "undone_at__lte",
                                            django.db.models.expressions.CombinedExpression(
                                                models.F("at"), "+", models.Value(datetime.timedelta(days=1))
                                            ),
                                        ),
                                    ),
                                    _connector="OR",
                                ),
                                name="act_undone_within_a_day",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("undone_at", None), models.Q(("kind", "PARCEL"), _negated=True), _connector="OR"
                                ),
                                name="act_posted_is_not_undone",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("kind__in", ["LISTING", "LOT", "PARCEL", "PRICE", "WEIGHED", "PACKED"])
                                ),
                                name="act_kind_known",
                            ),
                        ],
                        "triggers": [
                            pgtrigger.compiler.Trigger(
                                name="act_needs_consent",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    func="\n    PERFORM 1 FROM accounts_consent c\n        WHERE c.id = NEW.consent_id AND c.farmer_id = NEW.farmer_id AND c.specialist_id = NEW.specialist_id\n        AND c.state = 'STANDS' AND c.given_at <= NEW.at FOR SHARE;\n    IF NOT FOUND THEN\n        RAISE EXCEPTION 'nobody acts for a farmer without a consent that stands'\n            USING ERRCODE = 'check_violation', CONSTRAINT = 'act_needs_consent';\n    END IF;\n    RETURN NEW;\n",
                                    hash="fd801e97cfd6dfe68ebbbc8757814bb654fd7458",
                                    operation="INSERT",
                                    pgid="pgtrigger_act_needs_consent_4ad08",
                                    table="accounts_delegatedact",
                                    when="BEFORE",
                                ),
                            ),
                            pgtrigger.compiler.Trigger(
                                name="act_by_posted",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    func="\n            IF true AND NOT EXISTS (\n                SELECT 1 FROM accounts_posting p WHERE p.county_id = (SELECT f.county_id FROM accounts_farmer f WHERE f.id = NEW.farmer_id) AND p.specialist_id = (NEW.specialist_id)\n                AND p.starts_on <= ((NEW.at) AT TIME ZONE 'Asia/Shanghai')::date\n                AND (p.ends_on IS NULL OR p.ends_on >= ((NEW.at) AT TIME ZONE 'Asia/Shanghai')::date)\n            ) THEN\n                RAISE EXCEPTION 'nobody works in a county they are not posted to'\n                    USING ERRCODE = 'check_violation', CONSTRAINT = 'act_by_posted';\n            END IF;\n            RETURN NEW;\n        ",
                                    hash="4bceb38394c0f6b73ea5d56824f3faad7d8e5899",
                                    operation="INSERT",
                                    pgid="pgtrigger_act_by_posted_cf0b1",
                                    table="accounts_delegatedact",
                                    when="BEFORE",
                                ),
                            ),
                            pgtrigger.compiler.Trigger(
                                name="act_fixed",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    condition='WHEN (OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."consent_id" IS DISTINCT FROM (NEW."consent_id") OR OLD."farmer_id" IS DISTINCT FROM (NEW."farmer_id") OR OLD."specialist_id" IS DISTINCT FROM (NEW."specialist_id") OR OLD."kind" IS DISTINCT FROM (NEW."kind") OR OLD."about" IS DISTINCT FROM (NEW."about") OR OLD."words" IS DISTINCT FROM (NEW."words") OR OLD."at" IS DISTINCT FROM (NEW."at"))',
                                    func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                                    hash="45708b3082bececa67b9e882856e3047a07a2b80",
                                    operation="UPDATE",
                                    pgid="pgtrigger_act_fixed_04391",
                                    table="accounts_delegatedact",
                                    when="BEFORE",
                                ),
                            ),
                            pgtrigger.compiler.Trigger(
                                name="act_undone_once",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    condition='WHEN (OLD."undone_at" IS NOT NULL)',
                                    func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                                    hash="8b7f36d0159ddf18859d8850f990bceef77a0ce1",
                                    operation="UPDATE",
                                    pgid="pgtrigger_act_undone_once_13952",
                                    table="accounts_delegatedact",
                                    when="BEFORE",
                                ),
                            ),
                            pgtrigger.compiler.Trigger(
                                name="act_never_deleted",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;",
                                    hash="0bad218f0d26b8e60b7c0795b376f2996f60b3fc",
                                    operation="DELETE",
                                    pgid="pgtrigger_act_never_deleted_51c4b",
                                    table="accounts_delegatedact",
                                    when="BEFORE",
                                ),
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ShowingChoice",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "what",
                            models.CharField(choices=[("NAME", "the name"), ("PICTURE", "the picture")], max_length=7),
                        ),
                        ("is_shown", models.BooleanField()),
                        ("wording", models.CharField(help_text="Which version of the sentences.", max_length=12)),
                        ("said", models.CharField(max_length=400)),
                        ("made_at", models.DateTimeField()),
                        (
                            "farmer",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="showing_choices",
                                to="accounts.farmer",
                            ),
                        ),
                        (
                            "made_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["-pk"],
                        "abstract": False,
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("said", ""), _negated=True), models.Q(("wording", ""), _negated=True)
                                ),
                                name="showing_choice_says_what",
                            )
                        ],
                        "triggers": [
                            pgtrigger.compiler.Trigger(
                                name="append_only",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                                    hash="6589484a0638b3272c3e55954ece144a0dff7cfc",
                                    operation="UPDATE OR DELETE",
                                    pgid="pgtrigger_append_only_5c2c7",
                                    table="accounts_showingchoice",
                                    when="BEFORE",
                                ),
                            ),
                            pgtrigger.compiler.Trigger(
                                name="showing_choice_is_ones_own",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    func="\n                    IF NOT EXISTS (\n                        SELECT 1 FROM accounts_farmer WHERE id = NEW.farmer_id AND user_id = NEW.made_by_id\n                    ) THEN\n                        RAISE EXCEPTION 'only farmer % says whether they are shown', NEW.farmer_id\n                            USING ERRCODE = 'check_violation', CONSTRAINT = 'showing_choice_is_ones_own';\n                    END IF;\n                    RETURN NEW;\n                ",
                                    hash="42d8e126e54bddcb4aa17503edf0934dc5232b83",
                                    operation="INSERT",
                                    pgid="pgtrigger_showing_choice_is_ones_own_5d0d2",
                                    table="accounts_showingchoice",
                                    when="BEFORE",
                                ),
                            ),
                        ],
                    },
                ),
            ]
        ),
    ]
