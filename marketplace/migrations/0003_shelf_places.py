"""The shelf: a narrow row per listing, and the triggers that keep it (see models/shelf.py)."""

import django.db.models.deletion
from django.db import migrations, models


SHELVE = """
CREATE FUNCTION marketplace_shelve(ids bigint[]) RETURNS void LANGUAGE plpgsql
    SET enable_seqscan TO off SET enable_hashjoin TO off SET enable_mergejoin TO off AS $$
BEGIN
    -- First the lock, in the order of listings; then, with a snapshot taken after it, the reading: whoever waited here
    -- sees what the other has committed.
    PERFORM 1 FROM marketplace_shelfplace WHERE listing_id = ANY(ids) ORDER BY listing_id FOR NO KEY UPDATE;
    UPDATE marketplace_shelfplace place SET
        shown = listing.status = 'LIVE' AND farmer.status = 'VERIFIED',
        produce_id = listing.produce_id,
        county_id = listing.county_id,
        province_id = listing.province_id,
        women_led = farmer.women_led,
        stock = CASE WHEN lots.picked_on IS NOT NULL THEN 2 WHEN lots.expected_from IS NOT NULL THEN 1 ELSE 0 END,
        picked_on = lots.picked_on,
        expected_from = lots.expected_from,
        freshness = coalesce(lots.picked_on, '0001-01-01'),
        fen_per_kg = listing.price_fen::bigint * 1000 / listing.pack_grams,
        standing = (listing.rating_sum + 12) * 1000 / (listing.rating_count + 3),
        live_since = listing.live_since
    FROM marketplace_listing listing
    JOIN accounts_farmer farmer ON farmer.id = listing.farmer_id
    CROSS JOIN LATERAL (
        SELECT max(lot.picked_on) AS picked_on,
               min(lot.expected_from) FILTER (WHERE lot.picked_on IS NULL) AS expected_from
        FROM marketplace_lot lot
        WHERE lot.listing_id = listing.id AND lot.closed_at IS NULL AND lot.harvested > lot.sold + lot.held
    ) lots
    WHERE place.listing_id = listing.id AND listing.id = ANY(ids);
END $$;
"""

TRIGGERS = """
CREATE FUNCTION marketplace_shelve_listing() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO marketplace_shelfplace
            (listing_id, shown, county_id, province_id, women_led, stock, freshness, standing)
            VALUES (NEW.id, false, NEW.county_id, NEW.province_id, false, 0, '0001-01-01', 4000);
        IF NEW.status = 'DRAFT' THEN
            RETURN NULL;
        END IF;
    END IF;
    PERFORM marketplace_shelve(ARRAY[NEW.id]);
    RETURN NULL;
END $$;

CREATE FUNCTION marketplace_shelve_lot() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM marketplace_shelve(ARRAY[CASE WHEN TG_OP = 'DELETE' THEN OLD.listing_id ELSE NEW.listing_id END]);
    RETURN NULL;
END $$;

CREATE FUNCTION marketplace_shelve_farmer() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM marketplace_shelve(ARRAY(SELECT id FROM marketplace_listing WHERE farmer_id = NEW.id));
    RETURN NULL;
END $$;

CREATE TRIGGER shelve_new_listing AFTER INSERT ON marketplace_listing
    FOR EACH ROW EXECUTE FUNCTION marketplace_shelve_listing();
CREATE TRIGGER shelve_listing AFTER UPDATE ON marketplace_listing FOR EACH ROW WHEN (
    (OLD.status, OLD.farmer_id, OLD.produce_id, OLD.county_id, OLD.province_id, OLD.price_fen, OLD.pack_grams,
     OLD.rating_sum, OLD.rating_count, OLD.live_since)
    IS DISTINCT FROM
    (NEW.status, NEW.farmer_id, NEW.produce_id, NEW.county_id, NEW.province_id, NEW.price_fen, NEW.pack_grams,
     NEW.rating_sum, NEW.rating_count, NEW.live_since)
) EXECUTE FUNCTION marketplace_shelve_listing();
CREATE TRIGGER shelve_new_or_deleted_lot AFTER INSERT OR DELETE ON marketplace_lot
    FOR EACH ROW EXECUTE FUNCTION marketplace_shelve_lot();
CREATE TRIGGER shelve_lot AFTER UPDATE ON marketplace_lot FOR EACH ROW WHEN (
    (OLD.picked_on, OLD.expected_from, OLD.closed_at, OLD.harvested > OLD.sold + OLD.held)
    IS DISTINCT FROM
    (NEW.picked_on, NEW.expected_from, NEW.closed_at, NEW.harvested > NEW.sold + NEW.held)
) EXECUTE FUNCTION marketplace_shelve_lot();
CREATE TRIGGER shelve_farmer AFTER UPDATE ON accounts_farmer FOR EACH ROW WHEN (
    (OLD.status, OLD.women_led) IS DISTINCT FROM (NEW.status, NEW.women_led)
) EXECUTE FUNCTION marketplace_shelve_farmer();
"""

FILL = """
INSERT INTO marketplace_shelfplace (listing_id, shown, county_id, province_id, women_led, stock, freshness, standing)
    SELECT id, false, county_id, province_id, false, 0, '0001-01-01', 4000 FROM marketplace_listing;
SELECT marketplace_shelve(ARRAY(SELECT id FROM marketplace_listing));
"""

FORGET = """
DROP TRIGGER shelve_farmer ON accounts_farmer;
DROP TRIGGER shelve_lot ON marketplace_lot;
DROP TRIGGER shelve_new_or_deleted_lot ON marketplace_lot;
DROP TRIGGER shelve_listing ON marketplace_listing;
DROP TRIGGER shelve_new_listing ON marketplace_listing;
DROP FUNCTION marketplace_shelve_farmer();
DROP FUNCTION marketplace_shelve_lot();
DROP FUNCTION marketplace_shelve_listing();
DROP FUNCTION marketplace_shelve(bigint[]);
"""


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0001_initial"),
        ("marketplace", "0002_photo_claims_and_packs_typed"),
    ]

    operations = [
        migrations.CreateModel(
            name="ShelfPlace",
            fields=[
                (
                    "listing",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="place",
                        serialize=False,
                        to="marketplace.listing",
                    ),
                ),
                ("shown", models.BooleanField(default=False, help_text="Approved, on sale, of a verified farmer.")),
                ("women_led", models.BooleanField(default=False)),
                (
                    "stock",
                    models.PositiveSmallIntegerField(choices=[(0, "Nothing"), (1, "Presale"), (2, "Now")], default=0),
                ),
                ("picked_on", models.DateField(help_text="The latest harvest there is some left of.", null=True)),
                ("expected_from", models.DateField(help_text="The next harvest one can order ahead.", null=True)),
                ("freshness", models.DateField(help_text="picked_on, or the year 1 without one: to sort by.")),
                ("fen_per_kg", models.BigIntegerField(null=True)),
                (
                    "standing",
                    models.IntegerField(
                        default=4000, help_text="1000 × the mean of stars, three buyers' 4 counted in."
                    ),
                ),
                ("live_since", models.DateTimeField(null=True)),
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
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="marketplace.produce",
                    ),
                ),
                (
                    "province",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.region",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("shown", True)), fields=["-live_since", "-listing"], name="place_newest"
                    ),
                    models.Index(
                        condition=models.Q(("shown", True)),
                        fields=["produce", "-live_since", "-listing"],
                        name="place_by_produce",
                    ),
                    models.Index(
                        condition=models.Q(("shown", True)),
                        fields=["county", "-live_since", "-listing"],
                        name="place_by_county",
                    ),
                    models.Index(
                        condition=models.Q(("shown", True)),
                        fields=["province", "-live_since", "-listing"],
                        name="place_by_province",
                    ),
                    models.Index(
                        condition=models.Q(("shown", True)), fields=["-freshness", "-listing"], name="place_freshest"
                    ),
                    models.Index(
                        condition=models.Q(("shown", True)), fields=["fen_per_kg", "-listing"], name="place_cheapest"
                    ),
                    models.Index(
                        condition=models.Q(("shown", True)), fields=["-standing", "-listing"], name="place_best_rated"
                    ),
                    models.Index(
                        condition=models.Q(("shown", True), ("women_led", True)),
                        fields=["-live_since", "-listing"],
                        name="place_women_led",
                    ),
                    models.Index(
                        condition=models.Q(("shown", True), ("stock", 1)),
                        fields=["-live_since", "-listing"],
                        name="place_presale",
                    ),
                ],
            },
        ),
        migrations.RunSQL(SHELVE + TRIGGERS, FORGET),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
    ]
