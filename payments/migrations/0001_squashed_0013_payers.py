import django.db.models.deletion
import pgtrigger.compiler
import uuid
from django.conf import settings
from django.db import migrations, models

from common.migrating import CreateModels


class Migration(migrations.Migration):
    replaces = [
        ("payments", "0001_initial"),
        ("payments", "0002_guard_refunds"),
        ("payments", "0003_claims"),
        ("payments", "0004_ledger"),
        ("payments", "0005_payouts"),
        ("payments", "0006_differences"),
        ("payments", "0007_claims_by_line"),
        ("payments", "0008_claim_appeals"),
        ("payments", "0009_offline"),
        ("payments", "0010_share_rewards"),
        ("payments", "0011_gifts_and_bound_money"),
        ("payments", "0012_on_delivery"),
        ("payments", "0013_payers"),
    ]

    initial = True

    dependencies = [
        ("accounts", "0001_squashed_0011_weighing_and_packing_acts"),
        ("marketplace", "0001_squashed_0017_photos_taken_away"),
        ("orders", "0001_squashed_0013_packings_taken_back"),
    ]

    operations = [
        CreateModels(
            [
                migrations.CreateModel(
                    name="GatewayMessage",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("gateway", models.CharField(max_length=12)),
                        ("event_id", models.CharField(max_length=64)),
                        ("payload", models.JSONField()),
                        (
                            "outcome",
                            models.CharField(
                                choices=[
                                    ("APPLIED", "applied"),
                                    ("NO_CHANGE", "nothing to do"),
                                    ("QUARANTINED", "does not match, needs a look"),
                                ],
                                max_length=12,
                            ),
                        ),
                        ("note", models.CharField(blank=True, max_length=200)),
                        ("received_at", models.DateTimeField()),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(
                                models.F("gateway"), models.F("event_id"), name="gateway_message_once"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Payment",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("gateway", models.CharField(max_length=12)),
                        ("reference", models.CharField(max_length=32, unique=True)),
                        ("trade_number", models.CharField(blank=True, max_length=64)),
                        ("amount_fen", models.PositiveIntegerField()),
                        (
                            "status",
                            models.CharField(
                                choices=[
                                    ("STARTED", "waiting for the buyer"),
                                    ("SUCCEEDED", "paid"),
                                    ("FAILED", "failed"),
                                    ("CLOSED", "closed unpaid"),
                                    ("TO_REFUND", "paid too late, money goes back"),
                                ],
                                default="STARTED",
                                max_length=10,
                            ),
                        ),
                        ("started_at", models.DateTimeField()),
                        ("paid_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "query_at",
                            models.DateTimeField(blank=True, help_text="When to ask the provider next.", null=True),
                        ),
                        ("queries", models.PositiveSmallIntegerField(default=0)),
                        (
                            "order",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="payments",
                                to="orders.order",
                            ),
                        ),
                        (
                            "gift",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="payments",
                                to="payments.gift",
                            ),
                        ),
                        (
                            "payer_mark",
                            models.CharField(
                                blank=True,
                                db_default="",
                                default="",
                                help_text="Who paid: a keyed hash, only to compare with.",
                                max_length=64,
                            ),
                        ),
                    ],
                    options={
                        "indexes": [
                            models.Index(
                                condition=models.Q(("status", "STARTED")), fields=["query_at"], name="payment_to_query"
                            ),
                            models.Index(
                                condition=models.Q(("payer_mark", ""), _negated=True),
                                fields=["payer_mark"],
                                name="payment_by_payer",
                            ),
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("amount_fen__gt", 0)), name="payment_amount_above_0"
                            ),
                            models.UniqueConstraint(
                                models.F("order"),
                                condition=models.Q(("status", "STARTED")),
                                name="payment_one_live_per_order",
                            ),
                            models.UniqueConstraint(
                                models.F("order"),
                                condition=models.Q(("status", "SUCCEEDED")),
                                name="payment_one_success_per_order",
                            ),
                            models.UniqueConstraint(
                                models.F("gateway"),
                                models.F("trade_number"),
                                condition=models.Q(("trade_number", ""), _negated=True),
                                name="payment_trade_number_once",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("order", None), ("gift", None), _connector="XOR"),
                                name="payment_for_an_order_or_a_gift",
                            ),
                            models.UniqueConstraint(
                                models.F("gift"),
                                condition=models.Q(("status", "STARTED")),
                                name="payment_one_live_per_gift",
                            ),
                            models.UniqueConstraint(
                                models.F("gift"),
                                condition=models.Q(("status", "SUCCEEDED")),
                                name="payment_one_success_per_gift",
                            ),
                        ],
                        "triggers": [
                            pgtrigger.compiler.Trigger(
                                name="payment_terms_fixed",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    condition='WHEN (OLD."order_id" IS DISTINCT FROM (NEW."order_id") OR OLD."gift_id" IS DISTINCT FROM (NEW."gift_id") OR OLD."gateway" IS DISTINCT FROM (NEW."gateway") OR OLD."reference" IS DISTINCT FROM (NEW."reference") OR OLD."amount_fen" IS DISTINCT FROM (NEW."amount_fen"))',
                                    func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                                    hash="293487d20443f2f1ceb92bc097137dad2d3c9106",
                                    operation="UPDATE",
                                    pgid="pgtrigger_payment_terms_fixed_13067",
                                    table="payments_payment",
                                    when="BEFORE",
                                ),
                            ),
                            pgtrigger.compiler.Trigger(
                                name="payment_promised_stays_open",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    condition="WHEN (NEW.\"gateway\" = 'on_delivery' AND NEW.\"status\" IN ('CLOSED', 'FAILED'))",
                                    func="\n    IF EXISTS (SELECT 1 FROM orders_order WHERE id = NEW.order_id AND status = 'PROMISED') THEN\n        RAISE EXCEPTION 'payment % was promised', NEW.id\n            USING ERRCODE = 'check_violation', CONSTRAINT = 'payment_promised_stays_open';\n    END IF;\n    RETURN NEW;\n",
                                    hash="edffd81741400ce139b243e611b8f0411b67058b",
                                    operation='UPDATE OF "status"',
                                    pgid="pgtrigger_payment_promised_stays_open_7ca35",
                                    table="payments_payment",
                                    when="BEFORE",
                                ),
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Refund",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("reference", models.CharField(max_length=40, unique=True)),
                        ("amount_fen", models.PositiveIntegerField()),
                        (
                            "reason",
                            models.CharField(
                                choices=[
                                    ("CANCELLED", "parcel cancelled"),
                                    ("PAID_LATE", "paid after the stock was released"),
                                    ("PAID_TWICE", "paid twice"),
                                    ("CLAIM", "claim agreed or decided"),
                                    ("COUPON", "a coupon of the buyer's"),
                                    ("ROUND_UP", "what was rounded up, of an order that was cancelled"),
                                    ("GIFT", "gift given back"),
                                ],
                                max_length=10,
                            ),
                        ),
                        (
                            "status",
                            models.CharField(
                                choices=[
                                    ("DUE", "to be sent"),
                                    ("SENT", "sent to the provider"),
                                    ("DONE", "back with the buyer"),
                                    ("FAILED", "needs a look"),
                                ],
                                default="DUE",
                                max_length=6,
                            ),
                        ),
                        ("attempts", models.PositiveSmallIntegerField(default=0)),
                        ("next_attempt_at", models.DateTimeField()),
                        ("created_at", models.DateTimeField()),
                        ("done_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "parcel",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="refunds",
                                to="orders.parcel",
                            ),
                        ),
                        (
                            "payment",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="refunds",
                                to="payments.payment",
                            ),
                        ),
                        ("last_error", models.CharField(blank=True, max_length=200)),
                    ],
                    options={
                        "indexes": [
                            models.Index(
                                condition=models.Q(("status__in", ["DUE", "SENT"])),
                                fields=["next_attempt_at"],
                                name="refund_due",
                            )
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("amount_fen__gt", 0)), name="refund_amount_above_0"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("status", "DONE"), _negated=True),
                                    ("done_at__isnull", False),
                                    _connector="OR",
                                ),
                                name="refund_done_has_time",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("reason__in", ["CANCELLED", "CLAIM"]), _negated=True),
                                    ("parcel__isnull", False),
                                    _connector="OR",
                                ),
                                name="refund_names_its_parcel",
                            ),
                            models.UniqueConstraint(
                                models.F("parcel"),
                                condition=models.Q(("reason", "CANCELLED")),
                                name="refund_once_per_cancelled_parcel",
                            ),
                            models.UniqueConstraint(
                                models.F("payment"),
                                condition=models.Q(("reason__in", ["PAID_LATE", "PAID_TWICE"])),
                                name="refund_once_per_unwanted",
                            ),
                            models.UniqueConstraint(
                                models.F("payment"),
                                condition=models.Q(("reason__in", ["ROUND_UP", "GIFT"])),
                                name="refund_once_per_gift_or_round_up",
                            ),
                        ],
                        "triggers": [
                            pgtrigger.compiler.Trigger(
                                name="refund_within_paid",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    declare="DECLARE paid bigint; given bigint;",
                                    func="\n    SELECT amount_fen INTO paid FROM payments_payment WHERE id = NEW.payment_id FOR NO KEY UPDATE;\n    SELECT coalesce(sum(amount_fen), 0) INTO given\n        FROM payments_refund WHERE payment_id = NEW.payment_id AND id <> NEW.id;\n    IF given + NEW.amount_fen > paid THEN\n        RAISE EXCEPTION 'refunds of payment % would exceed what was paid', NEW.payment_id\n            USING ERRCODE = 'check_violation', CONSTRAINT = 'refund_within_paid';\n    END IF;\n    RETURN NEW;\n",
                                    hash="1a109bd83f563cd3d6d5b87eca3b2dcea3209040",
                                    operation='INSERT OR UPDATE OF "amount_fen", "payment_id"',
                                    pgid="pgtrigger_refund_within_paid_c785c",
                                    table="payments_refund",
                                    when="BEFORE",
                                ),
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="SandboxTrade",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("token", models.UUIDField(default=uuid.uuid4, unique=True)),
                        ("reference", models.CharField(max_length=32, unique=True)),
                        ("trade_number", models.CharField(max_length=64, unique=True)),
                        ("subject", models.CharField(max_length=120)),
                        ("amount_fen", models.PositiveIntegerField()),
                        ("refunded_fen", models.PositiveIntegerField(default=0)),
                        ("notify_url", models.URLField()),
                        ("return_url", models.URLField()),
                        (
                            "status",
                            models.CharField(
                                choices=[
                                    ("WAITING", "waiting"),
                                    ("PAID", "paid"),
                                    ("FAILED", "failed"),
                                    ("CLOSED", "closed"),
                                ],
                                default="WAITING",
                                max_length=8,
                            ),
                        ),
                        ("expires_at", models.DateTimeField()),
                        ("created_at", models.DateTimeField()),
                        ("decided_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "notify_at",
                            models.DateTimeField(
                                blank=True, help_text="When to post the notification next.", null=True
                            ),
                        ),
                        ("notify_attempts", models.PositiveSmallIntegerField(default=0)),
                        ("notify_copies", models.PositiveSmallIntegerField(default=1)),
                    ],
                    options={
                        "indexes": [
                            models.Index(
                                condition=models.Q(("notify_at__isnull", False)),
                                fields=["notify_at"],
                                name="sandbox_to_notify",
                            )
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("refunded_fen__lte", models.F("amount_fen"))),
                                name="sandbox_refund_within_paid",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="SandboxRefund",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("reference", models.CharField(max_length=40, unique=True)),
                        ("amount_fen", models.PositiveIntegerField()),
                        ("created_at", models.DateTimeField()),
                        (
                            "trade",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="refunds",
                                to="payments.sandboxtrade",
                            ),
                        ),
                    ],
                ),
                migrations.CreateModel(
                    name="Claim",
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
                                    ("SPOILED", "spoiled or damaged"),
                                    ("CRUSHED", "crushed or wet on the way"),
                                    ("MISSING", "something is missing"),
                                    ("WRONG", "not what I ordered"),
                                    ("OTHER", "something else"),
                                ],
                                max_length=8,
                            ),
                        ),
                        ("words", models.CharField(max_length=1000)),
                        ("asked_fen", models.PositiveIntegerField()),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("OPEN", "waiting for an answer or a decision"),
                                    ("AGREED", "agreed between the two"),
                                    ("DECIDED", "decided by a moderator"),
                                    ("REFUSED", "refused by a moderator"),
                                    ("WITHDRAWN", "taken back by the buyer"),
                                    ("PAID", "small, and paid at once"),
                                ],
                                default="OPEN",
                                max_length=10,
                            ),
                        ),
                        ("opened_at", models.DateTimeField()),
                        (
                            "answer_due",
                            models.DateTimeField(
                                help_text="After this the moderators decide without the farmer's answer."
                            ),
                        ),
                        ("answer", models.CharField(blank=True, max_length=1000)),
                        ("offered_fen", models.PositiveIntegerField(blank=True, null=True)),
                        ("answered_at", models.DateTimeField(blank=True, null=True)),
                        ("decided_fen", models.PositiveIntegerField(blank=True, null=True)),
                        ("decided_at", models.DateTimeField(blank=True, null=True)),
                        ("reason", models.CharField(blank=True, max_length=300)),
                        (
                            "decided_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "parcel",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="claims", to="orders.parcel"
                            ),
                        ),
                        (
                            "refund",
                            models.OneToOneField(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="claim",
                                to="payments.refund",
                            ),
                        ),
                        (
                            "cause",
                            models.CharField(
                                choices=[
                                    ("GROWER", "with the grower"),
                                    ("COURIER", "on the way, with the courier"),
                                    ("PLATFORM", "with us, the platform"),
                                ],
                                db_default="GROWER",
                                default="GROWER",
                                max_length=8,
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["-pk"],
                        "indexes": [
                            models.Index(condition=models.Q(("state", "OPEN")), fields=["opened_at"], name="claim_open")
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                models.F("parcel"),
                                condition=models.Q(("state", "OPEN")),
                                name="claim_one_open_per_parcel",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("asked_fen__gt", 0), models.Q(("words", ""), _negated=True)),
                                name="claim_says_what_and_how_much",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("answer", ""), ("answered_at", None), ("offered_fen", None)),
                                    models.Q(models.Q(("answer", ""), _negated=True), ("answered_at__isnull", False)),
                                    _connector="OR",
                                ),
                                name="claim_answer_has_words_and_time",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("offered_fen", None),
                                    models.Q(("offered_fen__gt", 0), ("offered_fen__lt", models.F("asked_fen"))),
                                    _connector="OR",
                                ),
                                name="claim_offer_below_asked",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("decided_fen", None),
                                    models.Q(("decided_fen__gt", 0), ("decided_fen__lte", models.F("asked_fen"))),
                                    _connector="OR",
                                ),
                                name="claim_decided_within_asked",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("state__in", ["DECIDED", "REFUSED"]), _negated=True),
                                    models.Q(("reason", ""), _negated=True),
                                    _connector="OR",
                                ),
                                name="claim_moderator_says_why",
                            ),
                            models.UniqueConstraint(
                                models.F("parcel"),
                                condition=models.Q(("state", "PAID")),
                                name="claim_one_at_once_per_parcel",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        models.Q(
                                            ("decided_at", None),
                                            ("decided_by", None),
                                            ("decided_fen", None),
                                            ("refund", None),
                                        ),
                                        ("state", "OPEN"),
                                    ),
                                    models.Q(
                                        models.Q(("decided_at__isnull", False), ("decided_by__isnull", False)),
                                        ("decided_fen__isnull", False),
                                        ("refund__isnull", False),
                                        ("state__in", ["AGREED", "DECIDED", "PAID"]),
                                    ),
                                    models.Q(
                                        models.Q(("decided_at__isnull", False), ("decided_by__isnull", False)),
                                        ("decided_fen", None),
                                        ("refund", None),
                                        ("state__in", ["REFUSED", "WITHDRAWN"]),
                                    ),
                                    _connector="OR",
                                ),
                                name="claim_end_is_whole",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("cause", "GROWER"), ("decided_fen__isnull", False), _connector="OR"
                                ),
                                name="claim_cause_of_what_goes_back",
                            ),
                        ],
                        "triggers": [
                            pgtrigger.compiler.Trigger(
                                name="claim_within_parcel",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    declare="DECLARE remaining bigint;",
                                    func="\n    SELECT goods_fen + postage_fen - refunded_fen INTO remaining FROM orders_parcel WHERE id = NEW.parcel_id;\n    IF NEW.asked_fen > remaining THEN\n        RAISE EXCEPTION 'a claim on parcel % asks for more than is left of it', NEW.parcel_id\n            USING ERRCODE = 'check_violation', CONSTRAINT = 'claim_within_parcel';\n    END IF;\n    RETURN NEW;\n",
                                    hash="24a760d85755fadb00049eb8737a8deaae10c43e",
                                    operation="INSERT",
                                    pgid="pgtrigger_claim_within_parcel_dcc9c",
                                    table="payments_claim",
                                    when="BEFORE",
                                ),
                            ),
                            pgtrigger.compiler.Trigger(
                                name="claim_terms_fixed",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    condition='WHEN (OLD."parcel_id" IS DISTINCT FROM (NEW."parcel_id") OR OLD."kind" IS DISTINCT FROM (NEW."kind") OR OLD."words" IS DISTINCT FROM (NEW."words") OR OLD."asked_fen" IS DISTINCT FROM (NEW."asked_fen") OR OLD."opened_at" IS DISTINCT FROM (NEW."opened_at") OR OLD."answer_due" IS DISTINCT FROM (NEW."answer_due"))',
                                    func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                                    hash="5db0f7613b63ad504e47a885e9d21ac60dec3ebb",
                                    operation="UPDATE",
                                    pgid="pgtrigger_claim_terms_fixed_79bd9",
                                    table="payments_claim",
                                    when="BEFORE",
                                ),
                            ),
                            pgtrigger.compiler.Trigger(
                                name="claim_answered_once",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    condition='WHEN (OLD."answered_at" IS NOT NULL AND (OLD."answer" IS DISTINCT FROM (NEW."answer") OR OLD."offered_fen" IS DISTINCT FROM (NEW."offered_fen")))',
                                    func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                                    hash="a6345dca8becc71aaba35070249fa8d08f808caa",
                                    operation="UPDATE",
                                    pgid="pgtrigger_claim_answered_once_3bfc6",
                                    table="payments_claim",
                                    when="BEFORE",
                                ),
                            ),
                            pgtrigger.compiler.Trigger(
                                name="claim_ended_stays",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    condition="WHEN (NOT (OLD.\"state\" = 'OPEN'))",
                                    func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                                    hash="2dbfa30d1ce04a5fa9c72cbe9022b8a9afee8513",
                                    operation="UPDATE",
                                    pgid="pgtrigger_claim_ended_stays_727d4",
                                    table="payments_claim",
                                    when="BEFORE",
                                ),
                            ),
                            pgtrigger.compiler.Trigger(
                                name="claim_never_deleted",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;",
                                    hash="9a2ea380c3507c338787e555494d602dd7b18d44",
                                    operation="DELETE",
                                    pgid="pgtrigger_claim_never_deleted_fcdba",
                                    table="payments_claim",
                                    when="BEFORE",
                                ),
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ClaimPhoto",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "claim",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="photo_places",
                                to="payments.claim",
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
                                    hash="899a415659079e5ae1f36a5e93fb983a669b3769",
                                    operation="UPDATE OR DELETE",
                                    pgid="pgtrigger_append_only_19540",
                                    table="payments_claimphoto",
                                    when="BEFORE",
                                ),
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Account",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("name", models.CharField(max_length=40, unique=True)),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("PROVIDER", "with the payment provider"),
                                    ("FARMER_HELD", "farmers', held until released"),
                                    ("FARMER_DUE", "farmers', to be paid out"),
                                    ("FARMER_PAYOUT", "farmers', put into a payout"),
                                    ("FARMER_DIRECT", "farmers', paid to them directly"),
                                    ("REFUND_DUE", "owed back to buyers"),
                                    ("PLATFORM_HELD", "the platform's part, held"),
                                    ("PLATFORM", "the platform's part"),
                                    ("FUND_HELD", "the fund's part, held"),
                                    ("FUND", "the fund's part"),
                                    ("ROUND_UP_HELD", "rounded up for the fund, held"),
                                    ("FUND_AREA", "the fund's, for one area"),
                                    ("FUND_PROGRAMME", "the fund's, for one programme"),
                                    ("GRANT_DUE", "granted, to be paid"),
                                    ("LOSSES", "losses that the platform bears"),
                                    ("COURIER", "losses that couriers owe"),
                                    ("SHARING", "what rewards for sharing cost us"),
                                    ("COUPONS", "coupons given and not used yet"),
                                ],
                                max_length=16,
                            ),
                        ),
                        (
                            "farmer",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="ledger_accounts",
                                to="accounts.farmer",
                            ),
                        ),
                        (
                            "purpose",
                            models.CharField(
                                blank=True,
                                db_default="",
                                help_text="What the fund's money is bound to: an area or a programme.",
                                max_length=24,
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["name"],
                        "constraints": [
                            models.UniqueConstraint(
                                models.F("farmer"),
                                models.F("kind"),
                                condition=models.Q(("farmer__isnull", False)),
                                name="ledger_account_once_per_farmer",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("farmer__isnull", False), ("kind__startswith", "FARMER")),
                                    models.Q(models.Q(("kind__startswith", "FARMER"), _negated=True), ("farmer", None)),
                                    _connector="OR",
                                ),
                                name="ledger_account_farmer_fits",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("kind__in", ("FUND_AREA", "FUND_PROGRAMME", "GRANT_DUE")),
                                        models.Q(("purpose", ""), _negated=True),
                                    ),
                                    models.Q(
                                        models.Q(
                                            ("kind__in", ("FUND_AREA", "FUND_PROGRAMME", "GRANT_DUE")), _negated=True
                                        ),
                                        ("purpose", ""),
                                    ),
                                    _connector="OR",
                                ),
                                name="ledger_account_purpose_fits",
                            ),
                        ],
                        "triggers": [
                            pgtrigger.compiler.Trigger(
                                name="append_only",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                                    hash="888080335e7d2a4f12577c4565c5df060f0c7419",
                                    operation="UPDATE OR DELETE",
                                    pgid="pgtrigger_append_only_e6b3d",
                                    table="payments_account",
                                    when="BEFORE",
                                ),
                            ),
                            pgtrigger.compiler.Trigger(
                                name="no_truncate",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    func="RAISE EXCEPTION 'Cannot truncate %', TG_TABLE_NAME;",
                                    hash="732ce28359d700198c79b3d078961b40adecf055",
                                    level="STATEMENT",
                                    operation="TRUNCATE",
                                    pgid="pgtrigger_no_truncate_cb1c9",
                                    table="payments_account",
                                    when="BEFORE",
                                ),
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Entry",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("ref", models.CharField(max_length=60, unique=True)),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("PAID", "an order was paid"),
                                    ("UNWANTED", "paid too late or twice"),
                                    ("POSTED", "first part released: the parcel was posted"),
                                    ("SETTLED", "rest released: the parcel was settled"),
                                    ("REFUND", "owed back to the buyer"),
                                    ("REFUNDED", "back with the buyer"),
                                    ("BORNE", "who bears what went back"),
                                    ("PAYOUT", "put into a payout"),
                                    ("PAID_OUT", "paid out to the farmer"),
                                    ("NOT_PAID", "a payout came back"),
                                    ("REWARD", "a reward for sharing"),
                                    ("GIFT", "a gift to the fund"),
                                    ("ROUND_UP", "rounded up at checkout"),
                                    ("ALLOTTED", "the sales' share, given a purpose"),
                                    ("PASSED_ON", "from an area to one of its programmes"),
                                    ("GRANTED", "a grant was approved"),
                                    ("GRANT_PAID", "a grant was paid"),
                                    ("GRANT_BACK", "a grant came back, or was not paid"),
                                    ("GIFT_BACK", "a gift goes back"),
                                    ("REVERSAL", "an entry undone"),
                                ],
                                max_length=10,
                            ),
                        ),
                        ("booked_at", models.DateTimeField()),
                        ("legs", models.PositiveSmallIntegerField()),
                        ("reason", models.CharField(blank=True, max_length=300)),
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
                        (
                            "parcel",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="entries",
                                to="orders.parcel",
                            ),
                        ),
                        (
                            "payment",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="entries",
                                to="payments.payment",
                            ),
                        ),
                        (
                            "refund",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="entries",
                                to="payments.refund",
                            ),
                        ),
                        (
                            "reverses",
                            models.OneToOneField(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="reversed_by",
                                to="payments.entry",
                            ),
                        ),
                        (
                            "payout",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="entries",
                                to="payments.payout",
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["pk"],
                        "abstract": False,
                        "indexes": [models.Index(fields=["booked_at"], name="ledger_entry_by_time")],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("legs__gte", 2)), name="ledger_entry_has_two_legs"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("actor__isnull", False),
                                        ("kind", "REVERSAL"),
                                        ("reverses__isnull", False),
                                        models.Q(("reason", ""), _negated=True),
                                    ),
                                    models.Q(models.Q(("kind", "REVERSAL"), _negated=True), ("reverses", None)),
                                    _connector="OR",
                                ),
                                name="ledger_reversal_is_signed",
                            ),
                        ],
                        "triggers": [
                            pgtrigger.compiler.Trigger(
                                name="append_only",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                                    hash="dff7ef170e1fb52ca49f8bde2e52788fd7eade17",
                                    operation="UPDATE OR DELETE",
                                    pgid="pgtrigger_append_only_28380",
                                    table="payments_entry",
                                    when="BEFORE",
                                ),
                            ),
                            pgtrigger.compiler.Trigger(
                                name="ledger_entry_balances",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    constraint="CONSTRAINT",
                                    declare="DECLARE total bigint; written bigint; announced bigint;",
                                    func="\n    SELECT coalesce(sum(leg.fen), 0), count(*), entry.legs INTO total, written, announced\n        FROM payments_entry entry LEFT JOIN payments_leg leg ON leg.entry_id = entry.id\n        WHERE entry.id = NEW.id GROUP BY entry.legs;\n    IF total <> 0 OR written <> announced THEN\n        RAISE EXCEPTION 'entry % has % of % legs, adding up to % fen', NEW.id, written, announced, total\n            USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_entry_balances';\n    END IF;\n    RETURN NULL;\n",
                                    hash="3db347c9f73ad8fc57187f6ef0efb3e5093b24ff",
                                    operation="INSERT",
                                    pgid="pgtrigger_ledger_entry_balances_56015",
                                    table="payments_entry",
                                    timing="DEFERRABLE INITIALLY DEFERRED",
                                    when="AFTER",
                                ),
                            ),
                            pgtrigger.compiler.Trigger(
                                name="no_truncate",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    func="RAISE EXCEPTION 'Cannot truncate %', TG_TABLE_NAME;",
                                    hash="6f604996f26cf61f9924ef8e20361a958b8bf7e8",
                                    level="STATEMENT",
                                    operation="TRUNCATE",
                                    pgid="pgtrigger_no_truncate_341ea",
                                    table="payments_entry",
                                    when="BEFORE",
                                ),
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Leg",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("fen", models.BigIntegerField()),
                        (
                            "part",
                            models.CharField(
                                blank=True, choices=[("GOODS", "produce"), ("POSTAGE", "postage")], max_length=8
                            ),
                        ),
                        (
                            "account",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="legs", to="payments.account"
                            ),
                        ),
                        (
                            "entry",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="leg_rows",
                                to="payments.entry",
                            ),
                        ),
                        (
                            "line",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="legs",
                                to="orders.orderline",
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["pk"],
                        "abstract": False,
                        "indexes": [models.Index(fields=["account"], include=("fen",), name="ledger_leg_by_account")],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("fen", 0), _negated=True), name="ledger_leg_moves_something"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("line", None), models.Q(("part", ""), _negated=True), _connector="XOR"
                                ),
                                name="ledger_leg_part_of_a_line",
                            ),
                        ],
                        "triggers": [
                            pgtrigger.compiler.Trigger(
                                name="append_only",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                                    hash="dd2cf221ef32ff8ac7c63a630d1bdb60fe1166e6",
                                    operation="UPDATE OR DELETE",
                                    pgid="pgtrigger_append_only_dcdf7",
                                    table="payments_leg",
                                    when="BEFORE",
                                ),
                            ),
                            pgtrigger.compiler.Trigger(
                                name="ledger_leg_balances",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    constraint="CONSTRAINT",
                                    declare="DECLARE total bigint; written bigint; announced bigint;",
                                    func="\n    SELECT coalesce(sum(leg.fen), 0), count(*), entry.legs INTO total, written, announced\n        FROM payments_entry entry LEFT JOIN payments_leg leg ON leg.entry_id = entry.id\n        WHERE entry.id = NEW.entry_id GROUP BY entry.legs;\n    IF total <> 0 OR written <> announced THEN\n        RAISE EXCEPTION 'entry % has % of % legs, adding up to % fen', NEW.entry_id, written, announced, total\n            USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_entry_balances';\n    END IF;\n    RETURN NULL;\n",
                                    hash="bfedd70e7837e413d21f8aca74a75410b1f7d891",
                                    operation="INSERT",
                                    pgid="pgtrigger_ledger_leg_balances_04d2e",
                                    table="payments_leg",
                                    timing="DEFERRABLE INITIALLY DEFERRED",
                                    when="AFTER",
                                ),
                            ),
                            pgtrigger.compiler.Trigger(
                                name="no_truncate",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    func="RAISE EXCEPTION 'Cannot truncate %', TG_TABLE_NAME;",
                                    hash="852dcdac448d50ffa2f9a5a51275fc1a4610b05f",
                                    level="STATEMENT",
                                    operation="TRUNCATE",
                                    pgid="pgtrigger_no_truncate_02e77",
                                    table="payments_leg",
                                    when="BEFORE",
                                ),
                            ),
                            pgtrigger.compiler.Trigger(
                                name="ledger_fund_not_below_nothing",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    condition='WHEN (NEW."fen" > 0)',
                                    declare="DECLARE account_kind text; balance bigint;",
                                    func="\n    SELECT kind INTO account_kind FROM payments_account WHERE id = NEW.account_id;\n    IF account_kind IN ('FUND_AREA', 'FUND_PROGRAMME', 'GRANT_DUE') OR (account_kind = 'FUND' AND EXISTS (\n            SELECT 1 FROM payments_entry entry WHERE entry.id = NEW.entry_id AND entry.kind = 'ALLOTTED')) THEN\n        PERFORM 1 FROM payments_account WHERE id = NEW.account_id FOR NO KEY UPDATE;\n        SELECT coalesce(-sum(fen), 0) INTO balance FROM payments_leg WHERE account_id = NEW.account_id;\n        IF balance < 0 THEN\n            RAISE EXCEPTION 'account % of the fund has % fen too little', NEW.account_id, -balance\n                USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_fund_not_below_nothing';\n        END IF;\n    END IF;\n    RETURN NULL;\n",
                                    hash="18823c1dbf754b5e8356e53ca5bc9eecff874ae7",
                                    operation="INSERT",
                                    pgid="pgtrigger_ledger_fund_not_below_nothing_349bf",
                                    table="payments_leg",
                                    when="AFTER",
                                ),
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Payout",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("reference", models.CharField(max_length=32, unique=True)),
                        ("amount_fen", models.PositiveIntegerField()),
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
                            "state",
                            models.CharField(
                                choices=[
                                    ("WAITING", "being prepared"),
                                    ("SENT", "on its way"),
                                    ("PAID", "paid"),
                                    ("RETURNED", "came back"),
                                    ("DROPPED", "given up before it was sent"),
                                ],
                                default="WAITING",
                                max_length=8,
                            ),
                        ),
                        ("paid_at", models.DateTimeField(blank=True, null=True)),
                        ("returned_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "reason",
                            models.CharField(
                                blank=True, help_text="Why it came back, as the bank says.", max_length=300
                            ),
                        ),
                        (
                            "is_payee_wrong",
                            models.BooleanField(default=False, help_text="It came back because of the account."),
                        ),
                        (
                            "farmer",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="payouts",
                                to="accounts.farmer",
                            ),
                        ),
                        (
                            "batch",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="payouts",
                                to="payments.payoutbatch",
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["pk"],
                        "indexes": [models.Index(fields=["farmer", "-id"], name="payout_by_farmer")],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("amount_fen__gt", 0)), name="payout_amount_above_0"
                            ),
                            models.UniqueConstraint(
                                models.F("batch"), models.F("farmer"), name="payout_once_per_batch_and_farmer"
                            ),
                            models.UniqueConstraint(
                                models.F("farmer"),
                                condition=models.Q(("state__in", ["WAITING", "SENT"])),
                                name="payout_one_under_way_per_farmer",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("paid_at", None),
                                        ("reason", ""),
                                        ("returned_at", None),
                                        ("state__in", ["WAITING", "SENT", "DROPPED"]),
                                    ),
                                    models.Q(
                                        ("paid_at__isnull", False),
                                        ("reason", ""),
                                        ("returned_at", None),
                                        ("state", "PAID"),
                                    ),
                                    models.Q(
                                        ("returned_at__isnull", False),
                                        ("state", "RETURNED"),
                                        models.Q(("reason", ""), _negated=True),
                                    ),
                                    _connector="OR",
                                ),
                                name="payout_end_is_whole",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("is_payee_wrong", False), ("state", "RETURNED"), _connector="OR"),
                                name="payout_wrong_came_back",
                            ),
                        ],
                        "triggers": [
                            pgtrigger.compiler.Trigger(
                                name="payout_moves",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    declare="DECLARE _is_valid_transition BOOLEAN;",
                                    func='SELECT CONCAT(OLD."state", \':\', NEW."state") = ANY(\'{WAITING:SENT,WAITING:DROPPED,SENT:PAID,SENT:RETURNED,PAID:RETURNED}\'::text[]) INTO _is_valid_transition; IF (_is_valid_transition IS FALSE AND OLD."state" IS DISTINCT FROM NEW."state") THEN RAISE EXCEPTION \'pgtrigger: Invalid transition of field "state" from "%" to "%" on table %\', OLD."state", NEW."state", TG_TABLE_NAME; ELSE RETURN NEW; END IF;',
                                    hash="68245ef2ae18390bb57b50d07dd44c7fc756c2a2",
                                    operation="UPDATE",
                                    pgid="pgtrigger_payout_moves_74ee5",
                                    table="payments_payout",
                                    when="BEFORE",
                                ),
                            ),
                            pgtrigger.compiler.Trigger(
                                name="payout_of_a_sent_batch",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    func="\n    IF NEW.state IN ('SENT', 'PAID', 'RETURNED')\n        AND NOT EXISTS (SELECT 1 FROM payments_payoutbatch batch WHERE batch.id = NEW.batch_id AND batch.state = 'SENT')\n    THEN\n        RAISE EXCEPTION 'payout % belongs to a batch that was not sent', NEW.id\n            USING ERRCODE = 'check_violation', CONSTRAINT = 'payout_of_a_sent_batch';\n    END IF;\n    RETURN NEW;\n",
                                    hash="bf5b2ce43eb1826c2060a87f6d678452f39d484e",
                                    operation="INSERT OR UPDATE",
                                    pgid="pgtrigger_payout_of_a_sent_batch_30f5b",
                                    table="payments_payout",
                                    when="BEFORE",
                                ),
                            ),
                            pgtrigger.compiler.Trigger(
                                name="payout_terms_fixed",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    condition='WHEN (OLD."batch_id" IS DISTINCT FROM (NEW."batch_id") OR OLD."farmer_id" IS DISTINCT FROM (NEW."farmer_id") OR OLD."reference" IS DISTINCT FROM (NEW."reference") OR OLD."amount_fen" IS DISTINCT FROM (NEW."amount_fen") OR OLD."payee_kind" IS DISTINCT FROM (NEW."payee_kind") OR OLD."payee_name" IS DISTINCT FROM (NEW."payee_name") OR OLD."payee_account" IS DISTINCT FROM (NEW."payee_account"))',
                                    func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                                    hash="9ae237a4e8545d4e218b138692999c23ef5d8e7e",
                                    operation="UPDATE",
                                    pgid="pgtrigger_payout_terms_fixed_8ec0a",
                                    table="payments_payout",
                                    when="BEFORE",
                                ),
                            ),
                            pgtrigger.compiler.Trigger(
                                name="payout_never_deleted",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;",
                                    hash="ceac266037183ca42a5bd21baf0941efa2afddc9",
                                    operation="DELETE",
                                    pgid="pgtrigger_payout_never_deleted_e5939",
                                    table="payments_payout",
                                    when="BEFORE",
                                ),
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="PayoutBatch",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("PREPARED", "waits for a second person"),
                                    ("APPROVED", "approved, to be sent"),
                                    ("SENT", "with the bank"),
                                    ("DROPPED", "given up before it was sent"),
                                ],
                                default="PREPARED",
                                max_length=8,
                            ),
                        ),
                        ("prepared_at", models.DateTimeField()),
                        ("approved_at", models.DateTimeField(blank=True, null=True)),
                        ("sent_at", models.DateTimeField(blank=True, null=True)),
                        ("dropped_at", models.DateTimeField(blank=True, null=True)),
                        ("reason", models.CharField(blank=True, help_text="Why it was given up.", max_length=300)),
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
                            "prepared_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "sent_by",
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
                        "permissions": [("handle_payouts", "Can prepare, approve and follow payouts")],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("approved_by", None),
                                    models.Q(("approved_by", models.F("prepared_by")), _negated=True),
                                    _connector="OR",
                                ),
                                name="payout_batch_needs_two_people",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        models.Q(
                                            ("approved_at__isnull", True),
                                            ("approved_by__isnull", True),
                                            ("dropped_at__isnull", True),
                                            ("dropped_by__isnull", True),
                                            ("sent_at__isnull", True),
                                            ("sent_by__isnull", True),
                                        ),
                                        ("reason", ""),
                                        ("state", "PREPARED"),
                                    ),
                                    models.Q(
                                        models.Q(
                                            ("approved_at__isnull", False),
                                            ("approved_by__isnull", False),
                                            ("dropped_at__isnull", True),
                                            ("dropped_by__isnull", True),
                                            ("sent_at__isnull", True),
                                            ("sent_by__isnull", True),
                                        ),
                                        ("reason", ""),
                                        ("state", "APPROVED"),
                                    ),
                                    models.Q(
                                        models.Q(
                                            ("approved_at__isnull", False),
                                            ("approved_by__isnull", False),
                                            ("dropped_at__isnull", True),
                                            ("dropped_by__isnull", True),
                                            ("sent_at__isnull", False),
                                            ("sent_by__isnull", False),
                                        ),
                                        ("reason", ""),
                                        ("state", "SENT"),
                                    ),
                                    models.Q(
                                        ("dropped_at__isnull", False),
                                        ("dropped_by__isnull", False),
                                        ("sent_at", None),
                                        ("state", "DROPPED"),
                                        models.Q(("reason", ""), _negated=True),
                                    ),
                                    _connector="OR",
                                ),
                                name="payout_batch_is_signed",
                            ),
                        ],
                        "triggers": [
                            pgtrigger.compiler.Trigger(
                                name="payout_batch_moves",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    declare="DECLARE _is_valid_transition BOOLEAN;",
                                    func='SELECT CONCAT(OLD."state", \':\', NEW."state") = ANY(\'{PREPARED:APPROVED,PREPARED:DROPPED,APPROVED:SENT,APPROVED:DROPPED}\'::text[]) INTO _is_valid_transition; IF (_is_valid_transition IS FALSE AND OLD."state" IS DISTINCT FROM NEW."state") THEN RAISE EXCEPTION \'pgtrigger: Invalid transition of field "state" from "%" to "%" on table %\', OLD."state", NEW."state", TG_TABLE_NAME; ELSE RETURN NEW; END IF;',
                                    hash="a72f51959a38fc61fb5c823d789f2af9ffe25fa8",
                                    operation="UPDATE",
                                    pgid="pgtrigger_payout_batch_moves_85248",
                                    table="payments_payoutbatch",
                                    when="BEFORE",
                                ),
                            ),
                            pgtrigger.compiler.Trigger(
                                name="payout_batch_preparer_fixed",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    condition='WHEN (OLD."prepared_by_id" IS DISTINCT FROM (NEW."prepared_by_id") OR OLD."prepared_at" IS DISTINCT FROM (NEW."prepared_at"))',
                                    func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                                    hash="de0ee100d902363e954ef36227692c9402dc42f5",
                                    operation="UPDATE",
                                    pgid="pgtrigger_payout_batch_preparer_fixed_5caa6",
                                    table="payments_payoutbatch",
                                    when="BEFORE",
                                ),
                            ),
                            pgtrigger.compiler.Trigger(
                                name="payout_batch_approver_fixed",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    condition='WHEN (OLD."approved_by_id" IS NOT NULL AND OLD."approved_by_id" IS DISTINCT FROM (NEW."approved_by_id"))',
                                    func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                                    hash="a4c23ba958fc52ef4c7f9a0882fc5901bfbced3e",
                                    operation="UPDATE",
                                    pgid="pgtrigger_payout_batch_approver_fixed_57f71",
                                    table="payments_payoutbatch",
                                    when="BEFORE",
                                ),
                            ),
                            pgtrigger.compiler.Trigger(
                                name="payout_batch_never_deleted",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;",
                                    hash="d6023d3f9832847c58d1349e0c1a63f422ce6e35",
                                    operation="DELETE",
                                    pgid="pgtrigger_payout_batch_never_deleted_76a48",
                                    table="payments_payoutbatch",
                                    when="BEFORE",
                                ),
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Statement",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("gateway", models.CharField(max_length=12)),
                        ("day", models.DateField()),
                        ("rows", models.PositiveIntegerField()),
                        ("paid_fen", models.PositiveBigIntegerField()),
                        ("refunded_fen", models.PositiveBigIntegerField()),
                        ("refunds", models.JSONField(default=list)),
                        ("compared_at", models.DateTimeField()),
                    ],
                    options={
                        "ordering": ["-day", "gateway"],
                        "constraints": [
                            models.UniqueConstraint(models.F("gateway"), models.F("day"), name="statement_once_per_day")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Difference",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("gateway", models.CharField(max_length=12)),
                        ("day", models.DateField()),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("ONLY_THEIRS", "only the provider has it"),
                                    ("ONLY_OURS", "only we have it"),
                                    ("AMOUNT", "the amount differs"),
                                    ("STATE", "one says that it has moved, the other not"),
                                ],
                                max_length=12,
                            ),
                        ),
                        (
                            "about",
                            models.CharField(
                                choices=[("PAYMENT", "payment"), ("REFUND", "money given back")], max_length=8
                            ),
                        ),
                        ("reference", models.CharField(max_length=64)),
                        ("trade_number", models.CharField(blank=True, max_length=64)),
                        ("theirs_fen", models.PositiveBigIntegerField(blank=True, null=True)),
                        ("ours_fen", models.PositiveBigIntegerField(blank=True, null=True)),
                        ("found_at", models.DateTimeField()),
                        ("closed_at", models.DateTimeField(blank=True, null=True)),
                        ("reason", models.CharField(blank=True, max_length=300)),
                        (
                            "closed_by",
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
                        "ordering": ["day", "pk"],
                        "indexes": [
                            models.Index(
                                condition=models.Q(("closed_at", None)), fields=["day"], name="difference_open"
                            )
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                models.F("gateway"),
                                models.F("day"),
                                models.F("kind"),
                                models.F("about"),
                                models.F("reference"),
                                models.F("trade_number"),
                                name="difference_found_once",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("closed_at", None), ("closed_by", None), ("reason", "")),
                                    models.Q(
                                        ("closed_at__isnull", False),
                                        ("closed_by__isnull", False),
                                        models.Q(("reason", ""), _negated=True),
                                    ),
                                    _connector="OR",
                                ),
                                name="difference_closed_with_reason",
                            ),
                        ],
                        "triggers": [
                            pgtrigger.compiler.Trigger(
                                name="difference_never_deleted",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;",
                                    hash="144ba33818bce09e815e54e72ab724915e91e137",
                                    operation="DELETE",
                                    pgid="pgtrigger_difference_never_deleted_0e3f5",
                                    table="payments_difference",
                                    when="BEFORE",
                                ),
                            ),
                            pgtrigger.compiler.Trigger(
                                name="difference_closed_stays",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    condition='WHEN (OLD."closed_at" IS NOT NULL)',
                                    func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                                    hash="7359f706225746cdb574fcf6735aae4be350650d",
                                    operation="UPDATE",
                                    pgid="pgtrigger_difference_closed_stays_9020d",
                                    table="payments_difference",
                                    when="BEFORE",
                                ),
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ClaimItem",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("unit", models.CharField(choices=[("PACK", "packs"), ("PIECE", "pieces")], max_length=5)),
                        ("bad", models.PositiveIntegerField()),
                        (
                            "out_of",
                            models.PositiveIntegerField(help_text="All that came of the line, in the same unit."),
                        ),
                        ("fen", models.PositiveIntegerField()),
                        (
                            "claim",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="items", to="payments.claim"
                            ),
                        ),
                        (
                            "line",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="claim_items",
                                to="orders.orderline",
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["pk"],
                        "abstract": False,
                        "constraints": [
                            models.UniqueConstraint(
                                models.F("claim"), models.F("line"), name="claim_item_once_per_line"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("bad__gt", 0), ("bad__lte", models.F("out_of")), ("fen__gt", 0)),
                                name="claim_item_counts_something",
                            ),
                        ],
                        "triggers": [
                            pgtrigger.compiler.Trigger(
                                name="append_only",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                                    hash="42fd50428dc56869f4a9d58ceed98ab53ce73b8c",
                                    operation="UPDATE OR DELETE",
                                    pgid="pgtrigger_append_only_2fe20",
                                    table="payments_claimitem",
                                    when="BEFORE",
                                ),
                            ),
                            pgtrigger.compiler.Trigger(
                                name="claim_item_within_line",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    declare="DECLARE packs bigint; total bigint; is_of_it boolean;",
                                    func="\n    SELECT line.packs, line.total_fen, line.parcel_id = claim.parcel_id INTO packs, total, is_of_it\n        FROM orders_orderline line, payments_claim claim WHERE line.id = NEW.line_id AND claim.id = NEW.claim_id;\n    IF NOT is_of_it OR NEW.fen > total OR (NEW.unit = 'PACK' AND NEW.out_of <> packs) THEN\n        RAISE EXCEPTION 'claim % counts what line % does not have', NEW.claim_id, NEW.line_id\n            USING ERRCODE = 'check_violation', CONSTRAINT = 'claim_item_within_line';\n    END IF;\n    RETURN NEW;\n",
                                    hash="0b5245e4593b76afcad7c880988f6bd5f2bbcaf3",
                                    operation="INSERT",
                                    pgid="pgtrigger_claim_item_within_line_17f59",
                                    table="payments_claimitem",
                                    when="BEFORE",
                                ),
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ClaimAppeal",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("words", models.CharField(max_length=1000)),
                        ("made_at", models.DateTimeField()),
                        ("decide_by", models.DateTimeField(help_text="Until when a moderator should have decided.")),
                        (
                            "status",
                            models.CharField(
                                choices=[
                                    ("WAITING", "waiting for another moderator"),
                                    ("UPHELD", "it stays as it was"),
                                    ("CHANGED", "it was changed"),
                                ],
                                default="WAITING",
                                max_length=8,
                            ),
                        ),
                        ("decided_at", models.DateTimeField(blank=True, null=True)),
                        ("reason", models.CharField(blank=True, max_length=300)),
                        (
                            "cause",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("GROWER", "with the grower"),
                                    ("COURIER", "on the way, with the courier"),
                                    ("PLATFORM", "with us, the platform"),
                                ],
                                max_length=8,
                            ),
                        ),
                        ("more_fen", models.PositiveIntegerField(blank=True, null=True)),
                        (
                            "by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "claim",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT, related_name="appeal", to="payments.claim"
                            ),
                        ),
                        (
                            "decided_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
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
                                related_name="appeal",
                                to="payments.refund",
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["made_at", "pk"],
                        "indexes": [
                            models.Index(
                                condition=models.Q(("status", "WAITING")),
                                fields=["made_at"],
                                name="claim_appeal_waiting",
                            )
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("words", ""), _negated=True), name="claim_appeal_says_why"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("cause", ""),
                                        ("decided_at", None),
                                        ("decided_by", None),
                                        ("reason", ""),
                                        ("refund", None),
                                        ("status", "WAITING"),
                                    ),
                                    models.Q(
                                        ("decided_at__gte", models.F("made_at")),
                                        ("decided_by__isnull", False),
                                        models.Q(("status", "WAITING"), _negated=True),
                                        models.Q(("reason", ""), _negated=True),
                                        models.Q(("cause", ""), _negated=True),
                                    ),
                                    _connector="OR",
                                ),
                                name="claim_appeal_end_is_whole",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("more_fen", None), ("refund", None)),
                                    models.Q(("more_fen__gt", 0), ("refund__isnull", False), ("status", "CHANGED")),
                                    _connector="OR",
                                ),
                                name="claim_appeal_gives_what_it_says",
                            ),
                        ],
                        "triggers": [
                            pgtrigger.compiler.Trigger(
                                name="not_ones_own",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    func="\n            IF EXISTS (\n                SELECT 1 FROM accounts_farmer f WHERE f.id = (SELECT parcel.farmer_id FROM payments_claim claim\n    JOIN orders_parcel parcel ON parcel.id = claim.parcel_id WHERE claim.id = NEW.claim_id) AND (\n                    f.user_id = NEW.decided_by_id\n                    OR EXISTS (SELECT 1 FROM accounts_tie t WHERE t.farmer_id = f.id AND t.user_id = NEW.decided_by_id)\n                    OR EXISTS (\n                        SELECT 1 FROM accounts_farmer own WHERE own.user_id = NEW.decided_by_id\n                        AND own.payee_kind = f.payee_kind AND own.payee_account = f.payee_account\n                    )\n                )\n            ) THEN\n                RAISE EXCEPTION 'nobody decides about their own' USING ERRCODE = 'check_violation';\n            END IF;\n            RETURN NEW;\n        ",
                                    hash="80d18e217a08096f010673ed732de97265ad8653",
                                    operation="INSERT OR UPDATE",
                                    pgid="pgtrigger_not_ones_own_4f3a3",
                                    table="payments_claimappeal",
                                    when="BEFORE",
                                ),
                            ),
                            pgtrigger.compiler.Trigger(
                                name="claim_appeal_fair",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    declare="DECLARE state text; decider bigint; left_fen bigint; buyer bigint; grower bigint;",
                                    func="\n    SELECT claim.state, claim.decided_by_id, claim.asked_fen - coalesce(claim.decided_fen, 0), placed.buyer_id, farmer.user_id\n        INTO state, decider, left_fen, buyer, grower\n        FROM payments_claim claim JOIN orders_parcel parcel ON parcel.id = claim.parcel_id\n        JOIN orders_order placed ON placed.id = parcel.order_id JOIN accounts_farmer farmer ON farmer.id = parcel.farmer_id\n        WHERE claim.id = NEW.claim_id;\n    IF state NOT IN ('AGREED', 'DECIDED', 'REFUSED', 'PAID') OR NEW.by_id NOT IN (buyer, grower)\n            OR NEW.decided_by_id IN (decider, buyer, grower) OR NEW.more_fen > left_fen THEN\n        RAISE EXCEPTION 'an appeal on claim % that is not fair', NEW.claim_id\n            USING ERRCODE = 'check_violation', CONSTRAINT = 'claim_appeal_fair';\n    END IF;\n    RETURN NEW;\n",
                                    hash="5a81f0e046a255dd7e4338e1ea07e034c13bb690",
                                    operation="INSERT OR UPDATE",
                                    pgid="pgtrigger_claim_appeal_fair_e082b",
                                    table="payments_claimappeal",
                                    when="BEFORE",
                                ),
                            ),
                            pgtrigger.compiler.Trigger(
                                name="claim_appeal_terms_fixed",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    condition='WHEN (OLD."claim_id" IS DISTINCT FROM (NEW."claim_id") OR OLD."by_id" IS DISTINCT FROM (NEW."by_id") OR OLD."words" IS DISTINCT FROM (NEW."words") OR OLD."made_at" IS DISTINCT FROM (NEW."made_at") OR OLD."decide_by" IS DISTINCT FROM (NEW."decide_by"))',
                                    func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                                    hash="a0e14fbcee047b622d03e7f3465568ae3f8f5f9f",
                                    operation="UPDATE",
                                    pgid="pgtrigger_claim_appeal_terms_fixed_a31e5",
                                    table="payments_claimappeal",
                                    when="BEFORE",
                                ),
                            ),
                            pgtrigger.compiler.Trigger(
                                name="claim_appeal_ended_stays",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    condition="WHEN (NOT (OLD.\"status\" = 'WAITING'))",
                                    func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                                    hash="02f918e616612f2d0685cae34b57a4ed7a9a0182",
                                    operation="UPDATE",
                                    pgid="pgtrigger_claim_appeal_ended_stays_06234",
                                    table="payments_claimappeal",
                                    when="BEFORE",
                                ),
                            ),
                            pgtrigger.compiler.Trigger(
                                name="claim_appeal_never_deleted",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;",
                                    hash="a71c9555212eb794a24ff9d2f0706e85a4164f88",
                                    operation="DELETE",
                                    pgid="pgtrigger_claim_appeal_never_deleted_a8515",
                                    table="payments_claimappeal",
                                    when="BEFORE",
                                ),
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ReceivingCode",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("kind", models.CharField(choices=[("WECHAT", "WeChat"), ("ALIPAY", "Alipay")], max_length=8)),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("ASKED", "waits for your code"),
                                    ("WAITING", "a moderator looks at it"),
                                    ("APPROVED", "approved"),
                                    ("REFUSED", "not approved"),
                                    ("ENDED", "taken away"),
                                ],
                                default="ASKED",
                                max_length=8,
                            ),
                        ),
                        ("asked_at", models.DateTimeField()),
                        ("digest", models.CharField(max_length=64)),
                        ("tries", models.PositiveSmallIntegerField(default=0)),
                        ("decided_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "reason",
                            models.CharField(
                                blank=True, help_text="Why it was not approved, or stopped.", max_length=500
                            ),
                        ),
                        ("takes_effect_at", models.DateTimeField(blank=True, null=True)),
                        ("ended_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "decided_by",
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
                                related_name="receiving_codes",
                                to="accounts.farmer",
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
                        "ordering": ["-pk"],
                        "indexes": [
                            models.Index(
                                condition=models.Q(("state", "WAITING")),
                                fields=["asked_at"],
                                name="receiving_code_waiting",
                            )
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("tries__lte", 5)), name="receiving_code_tries_few"
                            ),
                            models.UniqueConstraint(
                                models.F("farmer"),
                                condition=models.Q(("state__in", ["ASKED", "WAITING"])),
                                name="receiving_code_one_new_per_farmer",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("decided_by", None),
                                        ("ended_at", None),
                                        ("state__in", ["ASKED", "WAITING"]),
                                        ("takes_effect_at", None),
                                    ),
                                    models.Q(
                                        ("decided_by__isnull", False),
                                        ("ended_at", None),
                                        ("state", "APPROVED"),
                                        ("takes_effect_at__isnull", False),
                                    ),
                                    models.Q(
                                        models.Q(("ended_at__isnull", False)),
                                        ("decided_by__isnull", False),
                                        ("state", "REFUSED"),
                                        models.Q(("reason", ""), _negated=True),
                                    ),
                                    models.Q(models.Q(("ended_at__isnull", False)), ("state", "ENDED")),
                                    _connector="OR",
                                ),
                                name="receiving_code_state_is_whole",
                            ),
                        ],
                        "triggers": [
                            pgtrigger.compiler.Trigger(
                                name="receiving_code_moves",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    declare="DECLARE _is_valid_transition BOOLEAN;",
                                    func='SELECT CONCAT(OLD."state", \':\', NEW."state") = ANY(\'{ASKED:WAITING,WAITING:APPROVED,WAITING:REFUSED,APPROVED:REFUSED,ASKED:ENDED,WAITING:ENDED,APPROVED:ENDED}\'::text[]) INTO _is_valid_transition; IF (_is_valid_transition IS FALSE AND OLD."state" IS DISTINCT FROM NEW."state") THEN RAISE EXCEPTION \'pgtrigger: Invalid transition of field "state" from "%" to "%" on table %\', OLD."state", NEW."state", TG_TABLE_NAME; ELSE RETURN NEW; END IF;',
                                    hash="8c6abfd618a4fc24f0edf37b790559da37ec82dc",
                                    operation="UPDATE",
                                    pgid="pgtrigger_receiving_code_moves_888b5",
                                    table="payments_receivingcode",
                                    when="BEFORE",
                                ),
                            ),
                            pgtrigger.compiler.Trigger(
                                name="receiving_code_begins_asked",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    condition="WHEN (NOT (NEW.\"state\" = 'ASKED'))",
                                    func="RAISE EXCEPTION 'pgtrigger: Cannot insert rows from % table', TG_TABLE_NAME;",
                                    hash="a4dab7398ff085372f163a592cfb7ede58b5d183",
                                    operation="INSERT",
                                    pgid="pgtrigger_receiving_code_begins_asked_a3263",
                                    table="payments_receivingcode",
                                    when="BEFORE",
                                ),
                            ),
                            pgtrigger.compiler.Trigger(
                                name="receiving_code_terms_fixed",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    condition='WHEN (OLD."farmer_id" IS DISTINCT FROM (NEW."farmer_id") OR OLD."kind" IS DISTINCT FROM (NEW."kind") OR OLD."photo_id" IS DISTINCT FROM (NEW."photo_id") OR OLD."asked_at" IS DISTINCT FROM (NEW."asked_at") OR OLD."digest" IS DISTINCT FROM (NEW."digest"))',
                                    func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                                    hash="9b83e5135883d8e1e60625f091378bb886b7d8f2",
                                    operation="UPDATE",
                                    pgid="pgtrigger_receiving_code_terms_fixed_f62fe",
                                    table="payments_receivingcode",
                                    when="BEFORE",
                                ),
                            ),
                            pgtrigger.compiler.Trigger(
                                name="receiving_code_never_deleted",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;",
                                    hash="06a136c4dd3575633380e22bd77458e46e513072",
                                    operation="DELETE",
                                    pgid="pgtrigger_receiving_code_never_deleted_26c8c",
                                    table="payments_receivingcode",
                                    when="BEFORE",
                                ),
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="OfflinePayment",
                    fields=[
                        (
                            "payment",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT,
                                primary_key=True,
                                related_name="offline",
                                serialize=False,
                                to="payments.payment",
                            ),
                        ),
                        (
                            "said_at",
                            models.DateTimeField(
                                blank=True, help_text="When the buyer said that they had paid.", null=True
                            ),
                        ),
                        (
                            "closed_at",
                            models.DateTimeField(
                                blank=True, help_text="Since when the code is not shown any more.", null=True
                            ),
                        ),
                        (
                            "code",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="payments",
                                to="payments.receivingcode",
                            ),
                        ),
                    ],
                    options={
                        "indexes": [
                            models.Index(
                                condition=models.Q(("said_at__isnull", False)), fields=["said_at"], name="offline_said"
                            )
                        ],
                        "triggers": [
                            pgtrigger.compiler.Trigger(
                                name="offline_payment_code_fixed",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    condition='WHEN (OLD."payment_id" IS DISTINCT FROM (NEW."payment_id") OR OLD."code_id" IS DISTINCT FROM (NEW."code_id"))',
                                    func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                                    hash="94e40acb7a4a210888d3126a2fa14dc0a8966e56",
                                    operation="UPDATE",
                                    pgid="pgtrigger_offline_payment_code_fixed_fd31b",
                                    table="payments_offlinepayment",
                                    when="BEFORE",
                                ),
                            ),
                            pgtrigger.compiler.Trigger(
                                name="offline_payment_said_once",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    condition='WHEN (OLD."said_at" IS NOT NULL AND OLD."said_at" IS DISTINCT FROM (NEW."said_at"))',
                                    func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                                    hash="702990ac5ac140513436c44b8c05f0de94f92c1b",
                                    operation="UPDATE",
                                    pgid="pgtrigger_offline_payment_said_once_42ab0",
                                    table="payments_offlinepayment",
                                    when="BEFORE",
                                ),
                            ),
                            pgtrigger.compiler.Trigger(
                                name="offline_payment_never_deleted",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;",
                                    hash="18096be20928fe22214eeab64b31d6db275ff1a1",
                                    operation="DELETE",
                                    pgid="pgtrigger_offline_payment_never_deleted_0a9f5",
                                    table="payments_offlinepayment",
                                    when="BEFORE",
                                ),
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="CouponPaid",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "refund",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="coupon_paid",
                                to="payments.refund",
                            ),
                        ),
                        (
                            "use",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT, related_name="paid", to="orders.couponuse"
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
                                    hash="a0354b201819b1919411a05b544050cdac49378a",
                                    operation="UPDATE OR DELETE",
                                    pgid="pgtrigger_append_only_bdfa8",
                                    table="payments_couponpaid",
                                    when="BEFORE",
                                ),
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ShareReward",
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
                                choices=[("COUPON", "a coupon"), ("FUND", "to the fund"), ("NOTHING", "nothing")],
                                max_length=7,
                            ),
                        ),
                        (
                            "why",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("OWN", "it was the sharer's own produce"),
                                    ("RING", "people who lead each other round in a ring"),
                                    ("REFUNDED", "the buyer got it back"),
                                    ("SELF", "the sharer paid for it"),
                                    ("BLOCKED", "the sharer's account is closed"),
                                ],
                                max_length=8,
                            ),
                        ),
                        ("fen", models.PositiveIntegerField()),
                        ("given_at", models.DateTimeField()),
                        (
                            "attribution",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="rewards",
                                to="orders.attribution",
                            ),
                        ),
                        (
                            "coupon",
                            models.OneToOneField(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="reward",
                                to="orders.coupon",
                            ),
                        ),
                        (
                            "parcel",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="share_reward",
                                to="orders.parcel",
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["-pk"],
                        "abstract": False,
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("coupon", None),
                                        ("fen", 0),
                                        ("way", "NOTHING"),
                                        models.Q(("why", ""), _negated=True),
                                    ),
                                    models.Q(("coupon", None), ("fen__gt", 0), ("way", "FUND"), ("why", "")),
                                    models.Q(("coupon__isnull", False), ("fen__gt", 0), ("way", "COUPON"), ("why", "")),
                                    _connector="OR",
                                ),
                                name="share_reward_is_whole",
                            )
                        ],
                        "triggers": [
                            pgtrigger.compiler.Trigger(
                                name="append_only",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                                    hash="7d24389b43fd5a9e171e1dfbca21cc7b303626c3",
                                    operation="UPDATE OR DELETE",
                                    pgid="pgtrigger_append_only_c99b3",
                                    table="payments_sharereward",
                                    when="BEFORE",
                                ),
                            ),
                            pgtrigger.compiler.Trigger(
                                name="share_reward_after_settling",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    func="\n                    IF NOT EXISTS (\n                        SELECT 1 FROM orders_parcel p JOIN orders_attribution a ON a.order_id = p.order_id\n                        WHERE p.id = NEW.parcel_id AND a.id = NEW.attribution_id\n                        AND p.state = 'SETTLED' AND a.refused = ''\n                    ) THEN\n                        RAISE EXCEPTION 'no reward is due for parcel %', NEW.parcel_id\n                            USING ERRCODE = 'check_violation', CONSTRAINT = 'share_reward_after_settling';\n                    END IF;\n                    RETURN NEW;\n                ",
                                    hash="89ef0b6d5f5515d46a24edcae4840c2a0b89dc05",
                                    operation="INSERT",
                                    pgid="pgtrigger_share_reward_after_settling_4e07e",
                                    table="payments_sharereward",
                                    when="BEFORE",
                                ),
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Gift",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("token", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                        (
                            "key",
                            models.UUIDField(
                                help_text="Of the form or request: sent twice it is one gift.", unique=True
                            ),
                        ),
                        ("amount_fen", models.PositiveIntegerField()),
                        (
                            "status",
                            models.CharField(
                                choices=[("UNPAID", "not paid yet"), ("PAID", "arrived")],
                                default="UNPAID",
                                max_length=6,
                            ),
                        ),
                        ("made_at", models.DateTimeField()),
                        ("pay_by", models.DateTimeField()),
                        ("paid_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "account",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="gifts", to="payments.account"
                            ),
                        ),
                        (
                            "giver",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="gifts",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["-pk"],
                        "indexes": [models.Index(fields=["giver", "-id"], name="gift_by_giver")],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("amount_fen__gt", 0)), name="gift_amount_above_0"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("paid_at__isnull", False), ("status", "PAID")),
                                    models.Q(("paid_at", None), ("status", "UNPAID")),
                                    _connector="OR",
                                ),
                                name="gift_paid_has_time",
                            ),
                        ],
                        "triggers": [
                            pgtrigger.compiler.Trigger(
                                name="gift_terms_fixed",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    condition='WHEN (OLD."token" IS DISTINCT FROM (NEW."token") OR OLD."key" IS DISTINCT FROM (NEW."key") OR OLD."giver_id" IS DISTINCT FROM (NEW."giver_id") OR OLD."account_id" IS DISTINCT FROM (NEW."account_id") OR OLD."amount_fen" IS DISTINCT FROM (NEW."amount_fen") OR OLD."made_at" IS DISTINCT FROM (NEW."made_at"))',
                                    func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                                    hash="fe3f71956ef7aacc8756a1e0a8dc558d4995cfc0",
                                    operation="UPDATE",
                                    pgid="pgtrigger_gift_terms_fixed_17cc9",
                                    table="payments_gift",
                                    when="BEFORE",
                                ),
                            ),
                            pgtrigger.compiler.Trigger(
                                name="gift_moves",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    declare="DECLARE _is_valid_transition BOOLEAN;",
                                    func='SELECT CONCAT(OLD."status", \':\', NEW."status") = ANY(\'{UNPAID:PAID}\'::text[]) INTO _is_valid_transition; IF (_is_valid_transition IS FALSE AND OLD."status" IS DISTINCT FROM NEW."status") THEN RAISE EXCEPTION \'pgtrigger: Invalid transition of field "status" from "%" to "%" on table %\', OLD."status", NEW."status", TG_TABLE_NAME; ELSE RETURN NEW; END IF;',
                                    hash="487b3725594738c97674d06511822c818301e5f3",
                                    operation="UPDATE",
                                    pgid="pgtrigger_gift_moves_92cd6",
                                    table="payments_gift",
                                    when="BEFORE",
                                ),
                            ),
                            pgtrigger.compiler.Trigger(
                                name="gift_never_deleted",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;",
                                    hash="c32d049bc328caf48154718c5a41f44109842eba",
                                    operation="DELETE",
                                    pgid="pgtrigger_gift_never_deleted_d2d44",
                                    table="payments_gift",
                                    when="BEFORE",
                                ),
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="OnDeliveryTerms",
                    fields=[
                        (
                            "farmer",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT,
                                primary_key=True,
                                related_name="on_delivery",
                                serialize=False,
                                to="accounts.farmer",
                            ),
                        ),
                        ("is_offered", models.BooleanField(default=False)),
                        (
                            "most_fen",
                            models.PositiveIntegerField(
                                help_text="The most that one order may come to, postage too (fen)."
                            ),
                        ),
                        ("changed_at", models.DateTimeField()),
                    ],
                    options={
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("most_fen__gt", 0)), name="on_delivery_most_above_0"
                            )
                        ],
                    },
                ),
            ]
        ),
    ]
