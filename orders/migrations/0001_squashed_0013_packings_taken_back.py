import django.db.models.deletion
import django.db.models.expressions
import pgtrigger.compiler
import uuid
from django.conf import settings
from django.db import migrations, models

from common.migrating import CreateModels


# A review that is shown, hidden or changed moves the shop window's version (see marketplace/models/window.py).
TRIGGER = """
CREATE CONSTRAINT TRIGGER window_review_changed AFTER UPDATE ON orders_review
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (OLD.* IS DISTINCT FROM NEW.*)
    EXECUTE FUNCTION marketplace_window_moved();
"""


class Migration(migrations.Migration):
    replaces = [
        ("orders", "0001_initial"),
        ("orders", "0002_not_ones_own"),
        ("orders", "0003_reviews_move_the_window"),
        ("orders", "0004_line_shares"),
        ("orders", "0005_fill_line_postage"),
        ("orders", "0006_live_prices"),
        ("orders", "0007_pick_lists"),
        ("orders", "0008_attributions"),
        ("orders", "0009_coupons"),
        ("orders", "0010_round_up"),
        ("orders", "0011_packings"),
        ("orders", "0012_on_delivery"),
        ("orders", "0013_packings_taken_back"),
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
                    name="Cart",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("token", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                        ("updated_at", models.DateTimeField(auto_now=True)),
                        (
                            "province",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to="accounts.region",
                            ),
                        ),
                        (
                            "user",
                            models.OneToOneField(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="cart",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                ),
                migrations.CreateModel(
                    name="Order",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("number", models.CharField(max_length=20, unique=True)),
                        ("checkout_key", models.UUIDField()),
                        (
                            "status",
                            models.CharField(
                                choices=[
                                    ("UNPAID", "waiting for payment"),
                                    ("PAID", "paid"),
                                    ("RELEASED", "not paid in time"),
                                    ("CANCELLED", "cancelled"),
                                    ("PROMISED", "to be paid on delivery"),
                                    ("REFUSED", "not taken"),
                                ],
                                default="UNPAID",
                                max_length=10,
                            ),
                        ),
                        ("goods_fen", models.PositiveIntegerField()),
                        ("postage_fen", models.PositiveIntegerField()),
                        ("total_fen", models.PositiveIntegerField()),
                        ("recipient", models.CharField(max_length=40)),
                        ("phone", models.CharField(max_length=20)),
                        ("address", models.CharField(help_text="Whole, as the courier needs it.", max_length=300)),
                        ("note", models.CharField(blank=True, max_length=200)),
                        ("placed_at", models.DateTimeField()),
                        ("pay_by", models.DateTimeField()),
                        ("paid_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "buyer",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="orders",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "province",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.region"
                            ),
                        ),
                        ("round_up_fen", models.PositiveSmallIntegerField(db_default=0, default=0)),
                        ("round_up_for", models.CharField(blank=True, db_default="", default="", max_length=40)),
                    ],
                    options={
                        "ordering": ["-placed_at", "-pk"],
                        "indexes": [
                            models.Index(
                                condition=models.Q(("status", "UNPAID")), fields=["pay_by"], name="order_unpaid"
                            ),
                            models.Index(fields=["buyer", "-placed_at"], name="order_by_buyer"),
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                models.F("buyer"), models.F("checkout_key"), name="order_once_per_checkout"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("status", "PAID"), _negated=True),
                                    ("paid_at__isnull", False),
                                    _connector="OR",
                                ),
                                name="order_paid_has_time",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    (
                                        "total_fen",
                                        django.db.models.expressions.CombinedExpression(
                                            django.db.models.expressions.CombinedExpression(
                                                models.F("goods_fen"), "+", models.F("postage_fen")
                                            ),
                                            "+",
                                            models.F("round_up_fen"),
                                        ),
                                    ),
                                    ("total_fen__gt", 0),
                                ),
                                name="order_total_adds_up",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("round_up_fen", 0), ("round_up_for", "")),
                                    models.Q(
                                        ("round_up_fen__gt", 0),
                                        ("round_up_fen__lte", 100),
                                        models.Q(("round_up_for", ""), _negated=True),
                                    ),
                                    _connector="OR",
                                ),
                                name="order_round_up_is_for_something",
                            ),
                        ],
                        "triggers": [
                            pgtrigger.compiler.Trigger(
                                name="order_is_not_placed_promised",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    condition="WHEN (NEW.\"status\" IN ('PROMISED', 'REFUSED'))",
                                    func="RAISE EXCEPTION 'pgtrigger: Cannot insert rows from % table', TG_TABLE_NAME;",
                                    hash="e9e10be130a317b840f01363d73327accdc03317",
                                    operation="INSERT",
                                    pgid="pgtrigger_order_is_not_placed_promised_6dcb6",
                                    table="orders_order",
                                    when="BEFORE",
                                ),
                            ),
                            pgtrigger.compiler.Trigger(
                                name="order_promise_is_kept",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    func="\n    IF (NEW.status = 'PROMISED' AND OLD.status NOT IN ('UNPAID', 'PROMISED'))\n        OR (NEW.status = 'REFUSED' AND OLD.status NOT IN ('PROMISED', 'REFUSED'))\n        OR (OLD.status = 'PROMISED' AND NEW.status IN ('UNPAID', 'RELEASED'))\n        OR (OLD.status = 'REFUSED' AND NEW.status <> 'REFUSED')\n        OR (NEW.status IN ('PROMISED', 'REFUSED') AND (NEW.paid_at IS NOT NULL OR NEW.round_up_fen > 0))\n        OR (NEW.status = 'PROMISED' AND (SELECT count(*) FROM orders_parcel WHERE order_id = NEW.id) <> 1) THEN\n        RAISE EXCEPTION 'order % cannot go from % to %', NEW.id, OLD.status, NEW.status\n            USING ERRCODE = 'check_violation', CONSTRAINT = 'order_promise_is_kept';\n    END IF;\n    RETURN NEW;\n",
                                    hash="c9a357c946dd05e38162cdbd7c00c5dd842399cc",
                                    operation='UPDATE OF "status", "paid_at", "round_up_fen"',
                                    pgid="pgtrigger_order_promise_is_kept_b8862",
                                    table="orders_order",
                                    when="BEFORE",
                                ),
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Parcel",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("number", models.CharField(max_length=24, unique=True)),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("PLACED", "waiting for payment"),
                                    ("RELEASED", "released unpaid"),
                                    ("TO_PACK", "to be packed"),
                                    ("ON_THE_WAY", "on the way"),
                                    ("RECEIVED", "received"),
                                    ("CLAIMED", "claim open"),
                                    ("SETTLED", "settled"),
                                    ("CANCELLED", "cancelled"),
                                    ("REFUSED", "not taken"),
                                ],
                                default="PLACED",
                                max_length=10,
                            ),
                        ),
                        ("goods_fen", models.PositiveIntegerField()),
                        ("postage_fen", models.PositiveIntegerField()),
                        ("weight_grams", models.PositiveIntegerField()),
                        ("refunded_fen", models.PositiveIntegerField(default=0)),
                        (
                            "days_min",
                            models.PositiveSmallIntegerField(help_text="Days on the road, as promised at placement."),
                        ),
                        ("days_max", models.PositiveSmallIntegerField()),
                        ("post_by", models.DateTimeField(blank=True, null=True)),
                        (
                            "is_late",
                            models.BooleanField(
                                default=False, help_text="Not posted in the promised days: on the specialist's list."
                            ),
                        ),
                        (
                            "courier",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("SF", "SF Express"),
                                    ("EMS", "China Post EMS"),
                                    ("YTO", "YTO Express"),
                                    ("ZTO", "ZTO Express"),
                                    ("STO", "STO Express"),
                                    ("YUNDA", "Yunda Express"),
                                    ("JD", "JD Logistics"),
                                    ("JT", "J&T Express"),
                                    ("OTHER", "another courier"),
                                ],
                                max_length=8,
                            ),
                        ),
                        ("tracking_number", models.CharField(blank=True, max_length=40)),
                        ("posted_at", models.DateTimeField(blank=True, null=True)),
                        ("received_at", models.DateTimeField(blank=True, null=True)),
                        ("claim_until", models.DateTimeField(blank=True, null=True)),
                        ("settled_at", models.DateTimeField(blank=True, null=True)),
                        ("timer", models.CharField(blank=True, max_length=20)),
                        ("timer_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "farmer",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="parcels",
                                to="accounts.farmer",
                            ),
                        ),
                        (
                            "order",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="parcels", to="orders.order"
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["pk"],
                        "indexes": [
                            models.Index(
                                condition=models.Q(("timer_at__isnull", False)), fields=["timer_at"], name="parcel_due"
                            ),
                            models.Index(fields=["farmer", "state"], name="parcel_by_farmer"),
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                models.F("order"), models.F("farmer"), name="parcel_one_per_farmer"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    (
                                        "refunded_fen__lte",
                                        django.db.models.expressions.CombinedExpression(
                                            models.F("goods_fen"), "+", models.F("postage_fen")
                                        ),
                                    )
                                ),
                                name="parcel_refund_within_paid",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("state__in", ["ON_THE_WAY"]), _negated=True),
                                    models.Q(
                                        models.Q(("tracking_number", ""), _negated=True), ("posted_at__isnull", False)
                                    ),
                                    _connector="OR",
                                ),
                                name="parcel_posted_has_tracking",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("timer", ""), ("timer_at__isnull", False), _connector="XOR"),
                                name="parcel_timer_has_time",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="OrderLine",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("produce_zh", models.CharField(max_length=60)),
                        ("produce_en", models.CharField(max_length=80)),
                        ("pack_grams", models.PositiveIntegerField()),
                        ("packs", models.PositiveIntegerField()),
                        ("unit_price_fen", models.PositiveIntegerField()),
                        ("total_fen", models.PositiveIntegerField()),
                        (
                            "hold",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="order_line",
                                to="marketplace.hold",
                            ),
                        ),
                        (
                            "listing",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="order_lines",
                                to="marketplace.listing",
                            ),
                        ),
                        (
                            "lot",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="order_lines",
                                to="marketplace.lot",
                            ),
                        ),
                        (
                            "revision",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="marketplace.listingrevision",
                            ),
                        ),
                        (
                            "parcel",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="lines", to="orders.parcel"
                            ),
                        ),
                        ("fund_fen", models.PositiveIntegerField(default=0)),
                        ("platform_fen", models.PositiveIntegerField(default=0)),
                        ("postage_fen", models.PositiveIntegerField(default=0)),
                        (
                            "offer",
                            models.ForeignKey(
                                blank=True,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="order_lines",
                                to="marketplace.offer",
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["pk"],
                        "indexes": [
                            models.Index(
                                condition=models.Q(("offer__isnull", False)),
                                fields=["offer"],
                                name="order_line_by_offer",
                            )
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                models.F("parcel"), models.F("lot"), name="order_line_once_per_lot"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("packs__gt", 0),
                                    (
                                        "total_fen",
                                        django.db.models.expressions.CombinedExpression(
                                            models.F("unit_price_fen"), "*", models.F("packs")
                                        ),
                                    ),
                                ),
                                name="order_line_adds_up",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    (
                                        "total_fen__gte",
                                        django.db.models.expressions.CombinedExpression(
                                            models.F("platform_fen"), "+", models.F("fund_fen")
                                        ),
                                    )
                                ),
                                name="order_line_shares_within_total",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ParcelEvent",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("event", models.CharField(max_length=20)),
                        (
                            "moved_from",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("PLACED", "waiting for payment"),
                                    ("RELEASED", "released unpaid"),
                                    ("TO_PACK", "to be packed"),
                                    ("ON_THE_WAY", "on the way"),
                                    ("RECEIVED", "received"),
                                    ("CLAIMED", "claim open"),
                                    ("SETTLED", "settled"),
                                    ("CANCELLED", "cancelled"),
                                    ("REFUSED", "not taken"),
                                ],
                                max_length=10,
                            ),
                        ),
                        (
                            "moved_to",
                            models.CharField(
                                choices=[
                                    ("PLACED", "waiting for payment"),
                                    ("RELEASED", "released unpaid"),
                                    ("TO_PACK", "to be packed"),
                                    ("ON_THE_WAY", "on the way"),
                                    ("RECEIVED", "received"),
                                    ("CLAIMED", "claim open"),
                                    ("SETTLED", "settled"),
                                    ("CANCELLED", "cancelled"),
                                    ("REFUSED", "not taken"),
                                ],
                                max_length=10,
                            ),
                        ),
                        ("note", models.CharField(blank=True, max_length=300)),
                        ("happened_at", models.DateTimeField()),
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
                                on_delete=django.db.models.deletion.PROTECT, related_name="events", to="orders.parcel"
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["happened_at", "pk"],
                        "abstract": False,
                        "triggers": [
                            pgtrigger.compiler.Trigger(
                                name="append_only",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                                    hash="2ac117db842d04bedefe3d479a4448cbfd5ab72b",
                                    operation="UPDATE OR DELETE",
                                    pgid="pgtrigger_append_only_60b8a",
                                    table="orders_parcelevent",
                                    when="BEFORE",
                                ),
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="PostageRate",
                    fields=[
                        ("zone", models.CharField(max_length=4, primary_key=True, serialize=False)),
                        ("description", models.CharField(max_length=80)),
                        ("first_kg_fen", models.PositiveIntegerField()),
                        ("further_kg_fen", models.PositiveIntegerField()),
                        ("days_min", models.PositiveSmallIntegerField()),
                        ("days_max", models.PositiveSmallIntegerField()),
                        ("cold_days_min", models.PositiveSmallIntegerField()),
                        ("cold_days_max", models.PositiveSmallIntegerField()),
                    ],
                    options={
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("days_min__lte", models.F("days_max"))),
                                name="postage_days_in_order",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="PostageZone",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "destination",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE, related_name="+", to="accounts.region"
                            ),
                        ),
                        (
                            "origin",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE, related_name="+", to="accounts.region"
                            ),
                        ),
                        (
                            "rate",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="zones",
                                to="orders.postagerate",
                            ),
                        ),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(
                                models.F("origin"), models.F("destination"), name="postage_zone_once"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Review",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("stars", models.PositiveSmallIntegerField()),
                        ("words", models.CharField(blank=True, max_length=1000)),
                        (
                            "status",
                            models.CharField(
                                choices=[
                                    ("WAITING", "waiting for a moderator"),
                                    ("SHOWN", "shown"),
                                    ("HIDDEN", "not shown"),
                                ],
                                default="WAITING",
                                max_length=8,
                            ),
                        ),
                        ("written_at", models.DateTimeField()),
                        (
                            "buyer",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="reviews",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "listing",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="reviews",
                                to="marketplace.listing",
                            ),
                        ),
                        (
                            "parcel",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="reviews", to="orders.parcel"
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["-written_at", "-pk"],
                        "indexes": [
                            models.Index(
                                condition=models.Q(("status", "SHOWN")),
                                fields=["listing", "-written_at"],
                                name="review_shown",
                            ),
                            models.Index(
                                condition=models.Q(("status", "WAITING")), fields=["written_at"], name="review_waiting"
                            ),
                        ],
                        "constraints": [
                            models.UniqueConstraint(models.F("parcel"), models.F("listing"), name="review_once"),
                            models.CheckConstraint(
                                condition=models.Q(("stars__gte", 1), ("stars__lte", 5)), name="review_stars_1_to_5"
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ReviewDecision",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("shown", models.BooleanField()),
                        ("reason", models.CharField(blank=True, max_length=500)),
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
                            "review",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="decisions",
                                to="orders.review",
                            ),
                        ),
                    ],
                    options={
                        "abstract": False,
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("shown", True), models.Q(("reason", ""), _negated=True), _connector="OR"
                                ),
                                name="review_hidden_has_reason",
                            )
                        ],
                        "triggers": [
                            pgtrigger.compiler.Trigger(
                                name="append_only",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                                    hash="cc171a5073acb9230a04efb6306f41a3694f7e91",
                                    operation="UPDATE OR DELETE",
                                    pgid="pgtrigger_append_only_75d3c",
                                    table="orders_reviewdecision",
                                    when="BEFORE",
                                ),
                            ),
                            pgtrigger.compiler.Trigger(
                                name="not_ones_own",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    func="\n            IF EXISTS (\n                SELECT 1 FROM accounts_farmer f WHERE f.id = (SELECT l.farmer_id FROM orders_review r JOIN marketplace_listing l ON l.id = r.listing_id\n    WHERE r.id = NEW.review_id) AND (\n                    f.user_id = NEW.decided_by_id\n                    OR EXISTS (SELECT 1 FROM accounts_tie t WHERE t.farmer_id = f.id AND t.user_id = NEW.decided_by_id)\n                    OR EXISTS (\n                        SELECT 1 FROM accounts_farmer own WHERE own.user_id = NEW.decided_by_id\n                        AND own.payee_kind = f.payee_kind AND own.payee_account = f.payee_account\n                    )\n                )\n            ) THEN\n                RAISE EXCEPTION 'nobody decides about their own' USING ERRCODE = 'check_violation';\n            END IF;\n            RETURN NEW;\n        ",
                                    hash="e1db63a0c5d32c00b149cc4bfe9c465da1ee7648",
                                    operation="INSERT",
                                    pgid="pgtrigger_not_ones_own_2ce0d",
                                    table="orders_reviewdecision",
                                    when="BEFORE",
                                ),
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ReviewPhoto",
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
                            "review",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="photo_places",
                                to="orders.review",
                            ),
                        ),
                    ],
                ),
                migrations.CreateModel(
                    name="CartLine",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("packs", models.PositiveIntegerField()),
                        ("price_seen_fen", models.PositiveIntegerField()),
                        ("added_at", models.DateTimeField(auto_now_add=True)),
                        (
                            "cart",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE, related_name="lines", to="orders.cart"
                            ),
                        ),
                        (
                            "listing",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE, related_name="+", to="marketplace.listing"
                            ),
                        ),
                        (
                            "offer",
                            models.ForeignKey(
                                blank=True,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to="marketplace.offer",
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["added_at", "pk"],
                        "constraints": [
                            models.UniqueConstraint(models.F("cart"), models.F("listing"), name="cart_line_once"),
                            models.CheckConstraint(
                                condition=models.Q(("packs__gt", 0), ("packs__lte", 999)), name="cart_line_packs_sane"
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="PickList",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("day", models.DateField()),
                        (
                            "slot",
                            models.CharField(choices=[("MORNING", "morning"), ("EVENING", "evening")], max_length=7),
                        ),
                        (
                            "items",
                            models.JSONField(
                                help_text="[[lot, boxes], …] in the order of the parcels that are due first."
                            ),
                        ),
                        ("parcels", models.PositiveIntegerField()),
                        ("made_at", models.DateTimeField()),
                        ("answer_by", models.DateTimeField(help_text="Without an answer by then, somebody calls.")),
                        ("seen_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "farmer",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="pick_lists",
                                to="accounts.farmer",
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["-pk"],
                        "indexes": [
                            models.Index(
                                condition=models.Q(("seen_at__isnull", True)),
                                fields=["answer_by"],
                                name="pick_list_unanswered",
                            )
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                models.F("farmer"), models.F("day"), models.F("slot"), name="pick_list_once_per_slot"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("slot__in", ["MORNING", "EVENING"])), name="pick_list_slot_known"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("parcels__gt", 0)), name="pick_list_holds_something"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("answer_by__gt", models.F("made_at"))), name="pick_list_leaves_time"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("seen_at", None), ("seen_at__gte", models.F("made_at")), _connector="OR"
                                ),
                                name="pick_list_seen_after_made",
                            ),
                        ],
                        "triggers": [
                            pgtrigger.compiler.Trigger(
                                name="pick_list_fixed",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    condition='WHEN (OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."farmer_id" IS DISTINCT FROM (NEW."farmer_id") OR OLD."day" IS DISTINCT FROM (NEW."day") OR OLD."slot" IS DISTINCT FROM (NEW."slot") OR OLD."items" IS DISTINCT FROM (NEW."items") OR OLD."parcels" IS DISTINCT FROM (NEW."parcels") OR OLD."made_at" IS DISTINCT FROM (NEW."made_at") OR OLD."answer_by" IS DISTINCT FROM (NEW."answer_by"))',
                                    func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                                    hash="0f129e957dde716c915d53195f866c233b99083a",
                                    operation="UPDATE",
                                    pgid="pgtrigger_pick_list_fixed_aec4c",
                                    table="orders_picklist",
                                    when="BEFORE",
                                ),
                            ),
                            pgtrigger.compiler.Trigger(
                                name="pick_list_seen_once",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    condition='WHEN (OLD."seen_at" IS NOT NULL)',
                                    func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                                    hash="1a28d64772c0b79b9d5b49b159c90b00929faa57",
                                    operation="UPDATE",
                                    pgid="pgtrigger_pick_list_seen_once_3afd4",
                                    table="orders_picklist",
                                    when="BEFORE",
                                ),
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Attribution",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "refused",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("SELF", "the sharer's own order, phone or address"),
                                    ("RING", "people who lead each other round in a ring"),
                                ],
                                max_length=4,
                            ),
                        ),
                        ("reward_basis_points", models.PositiveSmallIntegerField()),
                        ("attributed_at", models.DateTimeField()),
                        (
                            "link",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="attributions",
                                to="marketplace.sharelink",
                            ),
                        ),
                        (
                            "order",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="attribution",
                                to="orders.order",
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["-pk"],
                        "abstract": False,
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("reward_basis_points__lte", 10000)),
                                name="attribution_reward_within_goods",
                            )
                        ],
                        "triggers": [
                            pgtrigger.compiler.Trigger(
                                name="append_only",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                                    hash="d276be72e53d70fbeafe85b8b3beb3f99972c7bd",
                                    operation="UPDATE OR DELETE",
                                    pgid="pgtrigger_append_only_e3c4b",
                                    table="orders_attribution",
                                    when="BEFORE",
                                ),
                            ),
                            pgtrigger.compiler.Trigger(
                                name="attribution_to_another",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    condition="WHEN (NEW.\"refused\" = '')",
                                    func="\n                    IF EXISTS (\n                        SELECT 1 FROM orders_order o JOIN marketplace_sharelink l ON l.sharer_id = o.buyer_id\n                        WHERE o.id = NEW.order_id AND l.id = NEW.link_id\n                    ) THEN\n                        RAISE EXCEPTION 'nobody leads themself to order %', NEW.order_id\n                            USING ERRCODE = 'check_violation', CONSTRAINT = 'attribution_to_another';\n                    END IF;\n                    RETURN NEW;\n                ",
                                    hash="4a9f2798a96cdeaf8b294c1ff42ae2ae85318db9",
                                    operation="INSERT",
                                    pgid="pgtrigger_attribution_to_another_d841c",
                                    table="orders_attribution",
                                    when="BEFORE",
                                ),
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Coupon",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("fen", models.PositiveIntegerField()),
                        ("given_at", models.DateTimeField()),
                        (
                            "owner",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="coupons",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["pk"],
                        "abstract": False,
                        "constraints": [
                            models.CheckConstraint(condition=models.Q(("fen__gt", 0)), name="coupon_is_worth_something")
                        ],
                        "triggers": [
                            pgtrigger.compiler.Trigger(
                                name="append_only",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                                    hash="78a342f6424797bae2b91115366278618c1f4247",
                                    operation="UPDATE OR DELETE",
                                    pgid="pgtrigger_append_only_1b043",
                                    table="orders_coupon",
                                    when="BEFORE",
                                ),
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="CouponUse",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("used_at", models.DateTimeField()),
                        ("returned_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "coupon",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="uses", to="orders.coupon"
                            ),
                        ),
                        (
                            "order",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="coupon_use",
                                to="orders.order",
                            ),
                        ),
                        (
                            "parcel",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="coupon_use",
                                to="orders.parcel",
                            ),
                        ),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(
                                models.F("coupon"), condition=models.Q(("returned_at", None)), name="coupon_used_once"
                            )
                        ],
                        "triggers": [
                            pgtrigger.compiler.Trigger(
                                name="coupon_stays_returned",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    condition='WHEN (OLD."returned_at" IS NOT NULL)',
                                    func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                                    hash="5c2a4c99c2f353906f8d7e47c043eb80ea6004e1",
                                    operation="UPDATE",
                                    pgid="pgtrigger_coupon_stays_returned_eae56",
                                    table="orders_couponuse",
                                    when="BEFORE",
                                ),
                            ),
                            pgtrigger.compiler.Trigger(
                                name="coupon_use_fixed",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    condition='WHEN (OLD."coupon_id" IS DISTINCT FROM (NEW."coupon_id") OR OLD."order_id" IS DISTINCT FROM (NEW."order_id") OR OLD."parcel_id" IS DISTINCT FROM (NEW."parcel_id") OR OLD."used_at" IS DISTINCT FROM (NEW."used_at"))',
                                    func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                                    hash="29786ab6d219e35fda29d8a48b4df8163fa4f5c6",
                                    operation="UPDATE",
                                    pgid="pgtrigger_coupon_use_fixed_f2961",
                                    table="orders_couponuse",
                                    when="BEFORE",
                                ),
                            ),
                            pgtrigger.compiler.Trigger(
                                name="coupon_of_ones_own",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    func="\n                    IF NOT EXISTS (\n                        SELECT 1 FROM orders_coupon c JOIN orders_order o ON o.buyer_id = c.owner_id\n                        JOIN orders_parcel p ON p.order_id = o.id\n                        WHERE c.id = NEW.coupon_id AND o.id = NEW.order_id AND p.id = NEW.parcel_id\n                    ) THEN\n                        RAISE EXCEPTION 'coupon % is not of who placed order %', NEW.coupon_id, NEW.order_id\n                            USING ERRCODE = 'check_violation', CONSTRAINT = 'coupon_of_ones_own';\n                    END IF;\n                    RETURN NEW;\n                ",
                                    hash="9607aabf31c750cc39fe39683ed9dbc6447f8f80",
                                    operation="INSERT",
                                    pgid="pgtrigger_coupon_of_ones_own_fc1cc",
                                    table="orders_couponuse",
                                    when="BEFORE",
                                ),
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="RewardChoice",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("to_fund", models.BooleanField(default=False)),
                        (
                            "person",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="reward_choice",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                ),
                migrations.CreateModel(
                    name="Packing",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("grams", models.PositiveIntegerField(blank=True, null=True)),
                        ("packed_at", models.DateTimeField()),
                        (
                            "by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "parcel",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="packings",
                                to="orders.parcel",
                            ),
                        ),
                        ("taken_back_at", models.DateTimeField(blank=True, null=True)),
                    ],
                    options={
                        "abstract": False,
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("grams", None),
                                    models.Q(("grams__gt", 0), ("grams__lte", 1000000)),
                                    _connector="OR",
                                ),
                                name="packing_weight_sane",
                            ),
                            models.UniqueConstraint(
                                models.F("parcel"),
                                condition=models.Q(("taken_back_at", None)),
                                name="packing_stands_once",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("taken_back_at", None),
                                    ("taken_back_at__gte", models.F("packed_at")),
                                    _connector="OR",
                                ),
                                name="packing_taken_back_later",
                            ),
                        ],
                        "triggers": [
                            pgtrigger.compiler.Trigger(
                                name="packing_fixed",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    condition='WHEN (OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."parcel_id" IS DISTINCT FROM (NEW."parcel_id") OR OLD."by_id" IS DISTINCT FROM (NEW."by_id") OR OLD."grams" IS DISTINCT FROM (NEW."grams") OR OLD."packed_at" IS DISTINCT FROM (NEW."packed_at"))',
                                    func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                                    hash="0030953bd6fe5f86a4855883cd06e9742509d2e3",
                                    operation="UPDATE",
                                    pgid="pgtrigger_packing_fixed_ba697",
                                    table="orders_packing",
                                    when="BEFORE",
                                ),
                            ),
                            pgtrigger.compiler.Trigger(
                                name="packing_taken_back_once",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    condition='WHEN (OLD."taken_back_at" IS NOT NULL)',
                                    func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                                    hash="d41935f885d714e4d969ce2377b8785a6683c35c",
                                    operation="UPDATE",
                                    pgid="pgtrigger_packing_taken_back_once_15111",
                                    table="orders_packing",
                                    when="BEFORE",
                                ),
                            ),
                            pgtrigger.compiler.Trigger(
                                name="packing_never_deleted",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;",
                                    hash="201fcdb899bdb1a4009a27bee6acd8b4e5668528",
                                    operation="DELETE",
                                    pgid="pgtrigger_packing_never_deleted_69f35",
                                    table="orders_packing",
                                    when="BEFORE",
                                ),
                            ),
                        ],
                    },
                ),
            ]
        ),
        migrations.RunSQL(TRIGGER, "DROP TRIGGER window_review_changed ON orders_review"),
    ]
