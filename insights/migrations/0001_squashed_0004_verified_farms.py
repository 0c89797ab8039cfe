import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from common.migrating import CreateModels


# Whatever changes what a line comes to notes the line, in its own transaction (see models.Change).
# The ledger is append-only, so there are three such things: a leg that names the line; the bank's word that a payout, which
# names its lines in an entry of its own, was paid; and another county or type of the farm. Rows are only added: nobody waits.
NOTE = """
CREATE FUNCTION insights_note_legs() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO insights_change (line_id) SELECT DISTINCT line_id FROM added WHERE line_id IS NOT NULL;
    RETURN NULL;
END $$;

CREATE FUNCTION insights_note_payout() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO insights_change (line_id)
        SELECT DISTINCT leg.line_id FROM payments_entry entry JOIN payments_leg leg ON leg.entry_id = entry.id
        WHERE entry.payout_id = NEW.payout_id AND leg.line_id IS NOT NULL;
    RETURN NULL;
END $$;

CREATE FUNCTION insights_note_farmer() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO insights_change (line_id)
        SELECT line.id FROM orders_orderline line JOIN orders_parcel parcel ON parcel.id = line.parcel_id
        WHERE parcel.farmer_id = NEW.id;
    RETURN NULL;
END $$;

CREATE TRIGGER insights_leg_added AFTER INSERT ON payments_leg
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION insights_note_legs();
CREATE TRIGGER insights_payout_booked AFTER INSERT ON payments_entry
    FOR EACH ROW WHEN (NEW.payout_id IS NOT NULL) EXECUTE FUNCTION insights_note_payout();
CREATE TRIGGER insights_farmer_changed AFTER UPDATE ON accounts_farmer
    FOR EACH ROW WHEN ((OLD.county_id, OLD.kind, OLD.women_led) IS DISTINCT FROM (NEW.county_id, NEW.kind, NEW.women_led))
    EXECUTE FUNCTION insights_note_farmer();
"""

FORGET = """
DROP TRIGGER insights_farmer_changed ON accounts_farmer;
DROP TRIGGER insights_payout_booked ON payments_entry;
DROP TRIGGER insights_leg_added ON payments_leg;
DROP FUNCTION insights_note_farmer();
DROP FUNCTION insights_note_payout();
DROP FUNCTION insights_note_legs();
"""


class Migration(migrations.Migration):
    replaces = [
        ("insights", "0001_roll_ups"),
        ("insights", "0002_note_changes"),
        ("insights", "0003_count_what_was"),
        ("insights", "0004_verified_farms"),
    ]

    initial = True

    dependencies = [
        ("accounts", "0001_squashed_0011_weighing_and_packing_acts"),
        ("marketplace", "0001_squashed_0017_photos_taken_away"),
        ("orders", "0001_squashed_0013_packings_taken_back"),
        ("payments", "0001_squashed_0013_payers"),
    ]

    operations = [
        CreateModels(
            [
                migrations.CreateModel(
                    name="Change",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("line_id", models.BigIntegerField()),
                    ],
                ),
                migrations.CreateModel(
                    name="Month",
                    fields=[
                        ("month", models.DateField(primary_key=True, serialize=False)),
                        ("is_stale", models.BooleanField(db_default=True)),
                        ("is_split", models.BooleanField(db_default=False)),
                        ("is_shown", models.BooleanField(db_default=False)),
                        ("sold_fen", models.BigIntegerField(db_default=0)),
                        ("farmer_fen", models.BigIntegerField(db_default=0)),
                        ("paid_fen", models.BigIntegerField(db_default=0)),
                        ("grams", models.BigIntegerField(db_default=0)),
                        ("packs", models.BigIntegerField(db_default=0)),
                        ("orders", models.PositiveIntegerField(db_default=0)),
                        ("counties", models.PositiveSmallIntegerField(db_default=0)),
                        ("women_sold_fen", models.BigIntegerField(null=True)),
                        ("women_farmer_fen", models.BigIntegerField(null=True)),
                    ],
                    options={
                        "constraints": [
                            models.CheckConstraint(condition=models.Q(("month__day", 1)), name="insights_month_begins")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Progress",
                    fields=[
                        (
                            "id",
                            models.PositiveSmallIntegerField(
                                default=1, editable=False, primary_key=True, serialize=False
                            ),
                        ),
                        ("version", models.BigIntegerField(default=0)),
                        ("verified_farms", models.PositiveIntegerField(null=True)),
                    ],
                    options={
                        "verbose_name_plural": "progress",
                        "constraints": [
                            models.CheckConstraint(condition=models.Q(("id", 1)), name="insights_progress_is_one")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="DayFigure",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("goods_fen", models.BigIntegerField()),
                        ("refund_fen", models.BigIntegerField()),
                        ("farmer_fen", models.BigIntegerField()),
                        ("paid_fen", models.BigIntegerField()),
                        ("grams", models.BigIntegerField()),
                        ("packs", models.BigIntegerField()),
                        ("parcels", models.BigIntegerField()),
                        ("orders", models.BigIntegerField()),
                        ("day", models.DateField()),
                        (
                            "kind",
                            models.CharField(
                                choices=[("HOUSEHOLD", "household"), ("COOPERATIVE", "cooperative")], max_length=12
                            ),
                        ),
                        ("women_led", models.BooleanField()),
                        (
                            "county",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="accounts.county",
                            ),
                        ),
                        (
                            "produce",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="marketplace.produce",
                            ),
                        ),
                    ],
                    options={
                        "indexes": [models.Index(fields=["county", "day"], name="day_figure_by_county")],
                        "constraints": [
                            models.UniqueConstraint(
                                models.F("day"),
                                models.F("county"),
                                models.F("produce"),
                                models.F("kind"),
                                models.F("women_led"),
                                name="day_figure_once",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Group",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("sold_fen", models.BigIntegerField()),
                        ("farmer_fen", models.BigIntegerField()),
                        ("paid_fen", models.BigIntegerField()),
                        ("grams", models.BigIntegerField()),
                        ("packs", models.BigIntegerField()),
                        (
                            "county",
                            models.ForeignKey(
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="accounts.county",
                            ),
                        ),
                        (
                            "produce",
                            models.ForeignKey(
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="marketplace.produce",
                            ),
                        ),
                        (
                            "month",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="groups",
                                to="insights.month",
                            ),
                        ),
                    ],
                    options={
                        "indexes": [
                            models.Index(fields=["county", "month"], name="insights_group_by_county"),
                            models.Index(fields=["produce", "month"], name="insights_group_by_produce"),
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("month", "county", "produce"), name="insights_group_once", nulls_distinct=False
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("county__isnull", False), ("produce", None), _connector="OR"),
                                name="insights_group_of_a_county",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Sale",
                    fields=[
                        ("goods_fen", models.BigIntegerField()),
                        ("refund_fen", models.BigIntegerField()),
                        ("farmer_fen", models.BigIntegerField()),
                        ("paid_fen", models.BigIntegerField()),
                        ("grams", models.BigIntegerField()),
                        ("packs", models.BigIntegerField()),
                        ("parcels", models.BigIntegerField()),
                        ("orders", models.BigIntegerField()),
                        (
                            "line",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                primary_key=True,
                                related_name="+",
                                serialize=False,
                                to="orders.orderline",
                            ),
                        ),
                        ("day", models.DateField()),
                        (
                            "kind",
                            models.CharField(
                                choices=[("HOUSEHOLD", "household"), ("COOPERATIVE", "cooperative")], max_length=12
                            ),
                        ),
                        ("women_led", models.BooleanField()),
                        (
                            "buyer",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "county",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="accounts.county",
                            ),
                        ),
                        (
                            "farmer",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="accounts.farmer",
                            ),
                        ),
                        (
                            "produce",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="marketplace.produce",
                            ),
                        ),
                    ],
                    options={
                        "indexes": [models.Index(fields=["day", "county"], name="sale_by_day")],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("refund_fen__gte", 0), ("refund_fen__lte", models.F("goods_fen"))),
                                name="sale_refund_within_goods",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("farmer_fen__lte", models.F("goods_fen"))),
                                name="sale_farmer_within_goods",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="YearPeople",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("year", models.PositiveSmallIntegerField()),
                        ("households", models.PositiveIntegerField()),
                        ("returning_percent", models.PositiveSmallIntegerField(null=True)),
                        (
                            "county",
                            models.ForeignKey(
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="accounts.county",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name_plural": "people of years",
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("year", "county"), name="insights_year_once", nulls_distinct=False
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("households__gte", 5)), name="insights_five_households"
                            ),
                        ],
                    },
                ),
            ]
        ),
        migrations.RunSQL(NOTE, FORGET),
    ]
