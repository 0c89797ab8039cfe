"""A review that is shown, hidden or changed moves the shop window's version (see marketplace/models/window.py)."""

from django.db import migrations

TRIGGER = """
CREATE CONSTRAINT TRIGGER window_review_changed AFTER UPDATE ON orders_review
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (OLD.* IS DISTINCT FROM NEW.*)
    EXECUTE FUNCTION marketplace_window_moved();
"""


class Migration(migrations.Migration):
    dependencies = [("orders", "0002_not_ones_own"), ("marketplace", "0009_window_version")]

    operations = [migrations.RunSQL(TRIGGER, "DROP TRIGGER window_review_changed ON orders_review")]
