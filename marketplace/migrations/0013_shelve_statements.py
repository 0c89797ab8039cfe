"""New listings and lots are shelved once for each statement, however many rows it brings: imports come by the thousand."""

from django.db import migrations

ONCE = """
DROP TRIGGER shelve_new_listing ON marketplace_listing;
DROP TRIGGER shelve_new_or_deleted_lot ON marketplace_lot;

CREATE FUNCTION marketplace_shelve_new_listings() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO marketplace_shelfplace
        (listing_id, shown, county_id, province_id, women_led, stock, freshness, standing)
        SELECT id, false, county_id, province_id, false, 0, '0001-01-01', 4000 FROM arrived ORDER BY id;
    PERFORM marketplace_shelve(ARRAY(
        SELECT id FROM arrived WHERE status <> 'DRAFT'
            OR EXISTS (SELECT 1 FROM marketplace_lot lot WHERE lot.listing_id = arrived.id)));
    RETURN NULL;
END $$;

CREATE FUNCTION marketplace_shelve_new_lots() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM marketplace_shelve(ARRAY(SELECT DISTINCT listing_id FROM arrived));
    RETURN NULL;
END $$;

CREATE TRIGGER shelve_new_listings AFTER INSERT ON marketplace_listing
    REFERENCING NEW TABLE AS arrived FOR EACH STATEMENT EXECUTE FUNCTION marketplace_shelve_new_listings();
CREATE TRIGGER shelve_new_lots AFTER INSERT ON marketplace_lot
    REFERENCING NEW TABLE AS arrived FOR EACH STATEMENT EXECUTE FUNCTION marketplace_shelve_new_lots();
CREATE TRIGGER shelve_deleted_lot AFTER DELETE ON marketplace_lot
    FOR EACH ROW EXECUTE FUNCTION marketplace_shelve_lot();
"""

ONE_BY_ONE = """
DROP TRIGGER shelve_deleted_lot ON marketplace_lot;
DROP TRIGGER shelve_new_lots ON marketplace_lot;
DROP TRIGGER shelve_new_listings ON marketplace_listing;
DROP FUNCTION marketplace_shelve_new_lots();
DROP FUNCTION marketplace_shelve_new_listings();
CREATE TRIGGER shelve_new_listing AFTER INSERT ON marketplace_listing
    FOR EACH ROW EXECUTE FUNCTION marketplace_shelve_listing();
CREATE TRIGGER shelve_new_or_deleted_lot AFTER INSERT OR DELETE ON marketplace_lot
    FOR EACH ROW EXECUTE FUNCTION marketplace_shelve_lot();
"""


class Migration(migrations.Migration):
    dependencies = [("marketplace", "0012_reports_decided_once")]
    operations = [migrations.RunSQL(ONCE, ONE_BY_ONE)]
