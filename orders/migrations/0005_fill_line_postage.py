"""Give the lines of older orders their part of the parcel's postage, by weight, to the fen."""

from django.db import migrations

from common.money import split_by_weight


def fill(apps, schema_editor):
    Parcel = apps.get_model("orders", "Parcel")
    OrderLine = apps.get_model("orders", "OrderLine")
    for parcel in Parcel.objects.filter(postage_fen__gt=0).prefetch_related("lines").iterator(chunk_size=500):
        lines = list(parcel.lines.all())
        if lines:
            parts = split_by_weight(parcel.postage_fen, [line.pack_grams * line.packs for line in lines])
            for line, postage_fen in zip(lines, parts, strict=True):
                line.postage_fen = postage_fen
            OrderLine.objects.bulk_update(lines, ["postage_fen"])


class Migration(migrations.Migration):
    dependencies = [("orders", "0004_line_shares")]
    operations = [migrations.RunPython(fill, migrations.RunPython.noop, elidable=True)]
