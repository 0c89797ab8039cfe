"""The window's one row was written with its number: let the sequence know, so that none is given out twice."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("marketplace", "0009_window_version")]
    operations = [
        migrations.RunSQL(
            "SELECT setval(pg_get_serial_sequence('marketplace_window', 'id'), (SELECT max(id) FROM marketplace_window))",
            migrations.RunSQL.noop,
        )
    ]
