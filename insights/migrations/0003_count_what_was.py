"""What was sold before anybody counted is counted like everything else: its lines are noted. In a transaction of its own,
after the triggers, so that nothing falls between and no table is held meanwhile.
"""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("insights", "0002_note_changes")]

    operations = [
        migrations.RunSQL(
            "INSERT INTO insights_change (line_id) SELECT DISTINCT line_id FROM payments_leg WHERE line_id IS NOT NULL",
            migrations.RunSQL.noop,
        )
    ]
