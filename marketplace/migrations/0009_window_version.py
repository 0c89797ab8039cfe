"""The shop window's version (see models/window.py)."""

from django.db import migrations, models

# Deferred: the row is locked when everything else has been, so whoever moves it waits for nobody while holding it.
# Once in a transaction is enough; what a thousand rows of one import do is seen at one commit.
MOVED = """
CREATE FUNCTION marketplace_window_moved() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF current_setting('chushan.window_moved', true) IS DISTINCT FROM pg_current_xact_id()::text THEN
        INSERT INTO marketplace_window (id, version) VALUES (1, 1)
            ON CONFLICT (id) DO UPDATE SET version = marketplace_window.version + 1;
        PERFORM set_config('chushan.window_moved', pg_current_xact_id()::text, true);
    END IF;
    RETURN NULL;
END $$;
"""

TRIGGERS = """
CREATE CONSTRAINT TRIGGER window_place_changed AFTER UPDATE ON marketplace_shelfplace
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN ((OLD.shown OR NEW.shown) AND OLD.* IS DISTINCT FROM NEW.*)
    EXECUTE FUNCTION marketplace_window_moved();
CREATE CONSTRAINT TRIGGER window_place_gone AFTER DELETE ON marketplace_shelfplace
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (OLD.shown) EXECUTE FUNCTION marketplace_window_moved();
CREATE CONSTRAINT TRIGGER window_listing_changed AFTER UPDATE ON marketplace_listing
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN ((OLD.status, OLD.approved_revision_id, OLD.cover_id, OLD.words, OLD.origin)
          IS DISTINCT FROM (NEW.status, NEW.approved_revision_id, NEW.cover_id, NEW.words, NEW.origin))
    EXECUTE FUNCTION marketplace_window_moved();
CREATE CONSTRAINT TRIGGER window_storefront_changed AFTER UPDATE ON marketplace_storefront
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN ((OLD.story, OLD.photo_id, OLD.slug) IS DISTINCT FROM (NEW.story, NEW.photo_id, NEW.slug))
    EXECUTE FUNCTION marketplace_window_moved();
CREATE CONSTRAINT TRIGGER window_farmer_changed AFTER UPDATE ON accounts_farmer
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN ((OLD.name, OLD.status, OLD.women_led) IS DISTINCT FROM (NEW.name, NEW.status, NEW.women_led))
    EXECUTE FUNCTION marketplace_window_moved();
CREATE CONSTRAINT TRIGGER window_photo_gone AFTER UPDATE ON marketplace_photo
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (OLD.status = 'READY' AND NEW.status <> 'READY')
    EXECUTE FUNCTION marketplace_window_moved();
"""

FORGET = """
DROP TRIGGER window_photo_gone ON marketplace_photo;
DROP TRIGGER window_farmer_changed ON accounts_farmer;
DROP TRIGGER window_storefront_changed ON marketplace_storefront;
DROP TRIGGER window_listing_changed ON marketplace_listing;
DROP TRIGGER window_place_gone ON marketplace_shelfplace;
DROP TRIGGER window_place_changed ON marketplace_shelfplace;
DROP FUNCTION marketplace_window_moved();
"""


class Migration(migrations.Migration):
    dependencies = [("marketplace", "0008_terms_and_photos_shown"), ("accounts", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="Window",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("version", models.BigIntegerField(default=0)),
            ],
        ),
        migrations.RunSQL(MOVED + TRIGGERS, FORGET),
    ]
