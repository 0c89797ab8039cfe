"""There is one window, so its row needs no sequence of numbers."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("marketplace", "0009_window_version")]

    operations = [
        migrations.AlterField(
            model_name="window",
            name="id",
            field=models.PositiveSmallIntegerField(default=1, editable=False, primary_key=True, serialize=False),
        ),
        migrations.AddConstraint(
            model_name="window",
            constraint=models.CheckConstraint(condition=models.Q(("id", 1)), name="window_is_one"),
        ),
    ]
