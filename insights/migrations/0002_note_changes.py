"""Whatever changes what a line comes to notes the line, in its own transaction (see models.Change).

The ledger is append-only, so there are three such things: a leg that names the line; the bank's word that a payout, which
names its lines in an entry of its own, was paid; and another county or type of the farm. Rows are only added: nobody waits.
"""

from django.db import migrations

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
    dependencies = [
        ("insights", "0001_roll_ups"),
        ("accounts", "0008_consents"),
        ("orders", "0007_pick_lists"),
        ("payments", "0009_offline"),
    ]

    operations = [migrations.RunSQL(NOTE, FORGET)]
