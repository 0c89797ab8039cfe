from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("insights", "0003_count_what_was")]

    operations = [
        migrations.AddField(
            model_name="progress",
            name="verified_farms",
            field=models.PositiveIntegerField(null=True),
        ),
    ]
